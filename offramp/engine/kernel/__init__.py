"""The compiled kernel: a crisis written out as a Python module that Numba compiles.

It makes the same decisions as the reference interpreter, to the bit; `tests/test_kernel.py` holds
it to that on every case and on random crises.
"""

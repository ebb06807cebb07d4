"""What it means that two values which hold arrays are equal.

The `==` that a dataclass writes for itself compares arrays as if they were numbers and raises
ValueError, on Python 3.13 even where a value is compared with itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np


class ByValue:
    """A frozen dataclass with arrays among its fields: equal if it is of the same class and every
    field is the same. To be written `@dataclass(frozen=True, eq=False)`, so that this `==` is not
    replaced. Such a value has no hash, for an array has none.
    """

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        named = [f.name for f in fields(self) if f.compare]  # type: ignore[arg-type]
        return all(same(getattr(self, name), getattr(other, name)) for name in named)

    __hash__ = None  # type: ignore[assignment]


def same(a: Any, b: Any) -> bool:
    """Whether two values are the same, arrays in them element by element. Arrays are the same if
    type and shape are too; what is not a number (NaN) is the same as itself."""
    if a is b:
        return True
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return (
            isinstance(a, np.ndarray)
            and isinstance(b, np.ndarray)
            and a.dtype == b.dtype
            and np.array_equal(a, b, equal_nan=a.dtype.kind in "fc")
        )
    if isinstance(a, tuple | list) and type(a) is type(b):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    return bool(a == b)

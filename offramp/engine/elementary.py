"""Exponential, logarithm and normal quantile with the same bits on every machine.

The C library's `exp` differs in the last bit between platforms, and a die compared with a
probability that differs in the last bit now and then sends a world down another road. The
functions here use only operations that IEEE 754 rounds in one way: + - * / and square root,
comparisons, and exact handling of powers of two. One source serves plain Python and, through
`compiled`, Numba (without `fastmath`, so nothing is reordered or fused).

Accuracy is in ulps, units in the last place of the true result (0.5 is perfect rounding). The
worst cases were sought among 6 * 10^7 arguments per function in extended precision and confirmed
with mpmath at 200 bits; for the quantile, among 9 * 10^5 with mpmath alone.

The shape is that of fdlibm (Ng 1993 at Sun): reduction in two parts (Cody and Waite 1980) and
a rational or polynomial kernel; coefficients are our own minimax fits (Remez exchange, 300 bits).
The quantile is Wichura's (1988) algorithm AS 241. Muller (2016), Elementary Functions, explains
every step.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from types import FunctionType
from typing import Any

import numpy as np

_INV_LN2 = 1.4426950408889634
_LN2 = 0.6931471805599453
_LN2_HI = 0.6931471805598903  # 42 bits: exact times any exponent
_LN2_LO = 5.497923018708371e-14
_LN2_HI27 = 0.693147175014019  # 27 bits: exact times a fraction of 26 bits
_LN2_LO27 = 5.5459262969660605e-09
_ROUND = 6755399441055744.0  # 1.5 * 2^52: adding and subtracting it rounds to an integer
_ROUND26 = 100663296.0  # 1.5 * 2^26: the same to a multiple of 2^-26
_TINY = 2.2250738585072014e-308  # 2^-1022, the smallest normal number
_HUGE = 1.7976931348623157e308
_UNDERFLOW = 5.421010862427522e-20  # 2^-64
_SQRT_HALF = 0.7071067811865476

# The two exact primitives, in the form that is quick in plain Python. `compiled` puts the bit
# views below in their place; a test shows that the values are the same.
_power: Callable[[float], float] = {
    float(k): math.ldexp(1.0, k) for k in range(-1022, 1024)
}.__getitem__
_frexp: Callable[[float], tuple[float, float]] = math.frexp
_sqrt = math.sqrt


def _power_bits(n: float) -> Any:
    """2^n for an integer -1022 <= n <= 1023: n + 1023 shifted into the exponent's place."""
    return np.int64(np.float64(n + 6755399441056767.0).view(np.int64) << 52).view(np.float64)


def _frexp_bits(x: float) -> Any:
    """(m, k) with x = m 2^k and 1/2 <= m < 1, for finite x > 0."""
    tiny = x < 2.2250738585072014e-308
    y = x * 18014398509481984.0 if tiny else x
    bits = np.float64(y).view(np.int64)
    k = float((bits >> 52) - 1022)
    m = np.int64((bits & 0xFFFFFFFFFFFFF) | 0x3FE0000000000000).view(np.float64)
    return m, (k - 54.0 if tiny else k)


def exp(x: float) -> float:
    """e^x. Above 700 it is exp(700), below -745.14 it is 0 (and so for NaN).

    Worst case found: 0.93 ulp (0.75 where the result is subnormal). exp(0) = 1.
    """
    x = x if x > -746.0 else -746.0
    x = x if x < 700.0 else 700.0
    n = (x * _INV_LN2 + _ROUND) - _ROUND
    hi = x - n * _LN2_HI
    lo = n * _LN2_LO
    r = hi - lo
    t = r * r
    c = r - t * (
        0.16666666666666588
        + t
        * (
            -0.002777777777688539
            + t * (6.613756284824591e-05 + t * (-1.653386222243988e-06 + t * 4.13664954751558e-08))
        )
    )
    y = 1.0 - ((lo - r * c / (2.0 - c)) - hi)
    if n < -1021.0:
        return y * _power(n + 64.0) * _UNDERFLOW
    return y * _power(n)


def exp2(x: float) -> float:
    """2^x. Above 1023 it is 2^1023, below -1075 it is 0 (and so for NaN).

    Worst case found: 0.93 ulp (0.75 where the result is subnormal). Exact at integers.
    """
    x = x if x > -1076.0 else -1076.0
    x = x if x < 1023.0 else 1023.0
    n = (x + _ROUND) - _ROUND
    f = x - n
    g = (f + _ROUND26) - _ROUND26
    hi = g * _LN2_HI27
    lo = (g - f) * _LN2 - g * _LN2_LO27
    r = hi - lo
    t = r * r
    c = r - t * (
        0.16666666666666588
        + t
        * (
            -0.002777777777688539
            + t * (6.613756284824591e-05 + t * (-1.653386222243988e-06 + t * 4.13664954751558e-08))
        )
    )
    y = 1.0 - ((lo - r * c / (2.0 - c)) - hi)
    if n < -1021.0:
        return y * _power(n + 64.0) * _UNDERFLOW
    return y * _power(n)


def expm1(x: float) -> float:
    """e^x - 1, without cancellation near 0; -expm1(-rate) is the chance of an event in a day.

    Made for x <= 0; it holds up to 700 and stays there above, and is -1 far below 0 (and for
    NaN). Worst case found: 0.95 ulp for x <= 0, 1.7 above. expm1(0) = 0.
    """
    x = x if x > -700.0 else -700.0
    x = x if x < 700.0 else 700.0
    n = (x * _INV_LN2 + _ROUND) - _ROUND
    hi = x - n * _LN2_HI
    lo = n * _LN2_LO
    r = hi - lo
    t = r * r
    c = r - t * (
        0.16666666666666588
        + t
        * (
            -0.002777777777688539
            + t * (6.613756284824591e-05 + t * (-1.653386222243988e-06 + t * 4.13664954751558e-08))
        )
    )
    scale = _power(n)
    return scale * (hi - (lo - r * c / (2.0 - c))) + (scale - 1.0)


def log(x: float) -> float:
    """The natural logarithm for x > 0, subnormal numbers included; -700 for 0, below, and NaN.

    The logarithms of numbers below exp(-700) are below -700 (down to -744.44), so the function
    is monotone on x > 0 and steps up at 0. Worst case found: 0.86 ulp. log(1) = 0.
    """
    if not x > 0.0:
        return -700.0
    m, k = _frexp(x if x < _HUGE else _HUGE)
    if m < _SQRT_HALF:
        m = m + m
        k = k - 1.0
    f = m - 1.0
    s = f / (2.0 + f)
    z = s * s
    tail = z * (
        0.6666666666666735
        + z
        * (
            0.3999999999940746
            + z
            * (
                0.28571428744146815
                + z
                * (
                    0.2222219837799192
                    + z * (0.1818357518869048 + z * (0.15313755192007616 + z * 0.14799071684191778))
                )
            )
        )
    )
    half = 0.5 * f * f
    return k * _LN2_HI - ((half - (s * (half + tail) + k * _LN2_LO)) - f)


def logistic(x: float) -> float:
    """1 / (1 + e^-x), between 0 and 1, without overflow; 0 for NaN.

    Worst case found: 2.4 ulp. logistic(0) = 1/2.
    """
    e = exp(x if x < 0.0 else -x)
    return (1.0 if x >= 0.0 else e) / (1.0 + e)


def normal_quantile(p: float) -> float:
    """The number below which a standard normal variable falls with probability p.

    Odd about 1/2 to the last bit wherever 1 - p is exact (every p that is a multiple of 2^-53).
    Below 2^-1022 the argument counts as 2^-1022 and p >= 1 as its mirror image, so the result
    stays within 37.6 of 0. Wichura (1988), Applied Statistics 37, 477-484, routine PPND16.
    Worst case found: 6.8 ulp, 0.9 on average; so neighbouring arguments, a few floats apart, may
    be a few ulps out of order.
    """
    q = p - 0.5
    if -0.425 <= q <= 0.425:
        r = 0.180625 - q * q
        a = 2509.0809287301227 * r + 33430.57558358813
        a = a * r + 67265.7709270087
        a = a * r + 45921.95393154987
        a = a * r + 13731.69376550946
        a = a * r + 1971.5909503065513
        a = a * r + 133.14166789178438
        a = a * r + 3.3871328727963665
        b = 5226.495278852854 * r + 28729.085735721943
        b = b * r + 39307.89580009271
        b = b * r + 21213.794301586597
        b = b * r + 5394.196021424751
        b = b * r + 687.1870074920579
        b = b * r + 42.31333070160091
        b = b * r + 1.0
        return q * a / b
    s = p if q < 0.0 else 1.0 - p
    r = _sqrt(-log(s if s > _TINY else _TINY))
    if r <= 5.0:
        r = r - 1.6
        a = 0.0007745450142783414 * r + 0.022723844989269184
        a = a * r + 0.2417807251774506
        a = a * r + 1.2704582524523684
        a = a * r + 3.6478483247632045
        a = a * r + 5.769497221460691
        a = a * r + 4.630337846156546
        a = a * r + 1.4234371107496835
        b = 1.0507500716444169e-09 * r + 0.0005475938084995345
        b = b * r + 0.015198666563616457
        b = b * r + 0.14810397642748008
        b = b * r + 0.6897673349851
        b = b * r + 1.6763848301838038
        b = b * r + 2.053191626637759
        b = b * r + 1.0
    else:
        r = r - 5.0
        a = 2.0103343992922881e-07 * r + 2.7115555687434876e-05
        a = a * r + 0.0012426609473880784
        a = a * r + 0.026532189526576124
        a = a * r + 0.29656057182850487
        a = a * r + 1.7848265399172913
        a = a * r + 5.463784911164114
        a = a * r + 6.657904643501103
        b = 2.0442631033899397e-15 * r + 1.421511758316446e-07
        b = b * r + 1.8463183175100548e-05
        b = b * r + 0.0007868691311456133
        b = b * r + 0.014875361290850615
        b = b * r + 0.1369298809227358
        b = b * r + 0.599832206555888
        b = b * r + 1.0
    return -(a / b) if q < 0.0 else a / b


def added(values: Iterable[float]) -> float:
    """The sum from left to right, as compiled code adds.

    The built-in `sum` of floats keeps the lost digits since Python 3.12, and so gives other bits
    there than in 3.11.
    """
    total = 0.0
    for value in values:
        total += value
    return total


def compiled(decorate: Callable[[Any], Any]) -> dict[str, Any]:
    """The functions above under a decorator such as `numba.njit(forceinline=True)`.

    Each is rebuilt over a namespace of its own, where it finds the decorated versions of what it
    calls, and bit views for powers of two. Leave `fastmath` off, all of it: also `contract`
    alone changes bits.
    """
    space: dict[str, Any] = dict(globals())
    for name, function in (
        ("_power", _power_bits),
        ("_frexp", _frexp_bits),
        *((f.__name__, f) for f in FUNCTIONS),
    ):
        space[name] = decorate(FunctionType(function.__code__, space, name))
    return {f.__name__: space[f.__name__] for f in FUNCTIONS}


FUNCTIONS: tuple[Callable[[float], float], ...] = (
    exp,
    exp2,
    expm1,
    log,
    logistic,
    normal_quantile,
)

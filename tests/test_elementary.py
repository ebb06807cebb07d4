"""Elementary functions: accuracy against mpmath, identities, limits, same bits when compiled."""

from __future__ import annotations

import ast
import inspect
import itertools
import math
import random
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

from offramp.engine import choice, elementary, learning, world
from offramp.engine.elementary import exp, exp2, expm1, log, logistic, normal_quantile

LN2 = math.log(2.0)
TAIL = 1.0 - 2.0**-53


def either(dice: random.Random) -> float:
    return dice.choice((-1.0, 1.0))


def close(dice: random.Random, x: float) -> float:
    """A number near x, at any relative distance from 2^-8 to 2^-52."""
    return x * (1.0 + either(dice) * math.pow(2.0, dice.uniform(-52.0, -8.0)))


# Per function: generators of arguments, each aimed at one hard region, and the bound in ulps
# (the worst ever found, rounded up a little; see the docstrings).
Region = Callable[[random.Random], float]
ACCURACY: dict[str, tuple[float, dict[str, Region]]] = {
    "exp": (
        1.0,
        {
            "core": lambda d: d.uniform(-1.1, 1.1),
            "wide": lambda d: d.uniform(-708.0, 700.0),
            "near multiples of ln2/2": lambda d: close(d, d.randint(-2000, 2000) * LN2 / 2),
            "tiny": lambda d: either(d) * 2.0 ** d.uniform(-1070.0, 0.0),
            "subnormal result": lambda d: d.uniform(-745.1, -708.3),
        },
    ),
    "exp2": (
        1.0,
        {
            "half-lives": lambda d: -1.0 / d.uniform(0.3, 2000.0),
            "wide": lambda d: d.uniform(-1022.0, 1023.0),
            "near half integers": lambda d: close(d, d.randint(-2040, 2040) / 2),
            "subnormal result": lambda d: d.uniform(-1074.0, -1022.0),
        },
    ),
    "expm1": (
        1.0,
        {
            "core": lambda d: -d.uniform(0.0, 1.1),
            "wide": lambda d: -d.uniform(0.0, 60.0),
            "near multiples of ln2/2": lambda d: close(d, -d.randint(1, 80) * LN2 / 2),
            "tiny": lambda d: -(2.0 ** d.uniform(-1022.0, 0.0)),
        },
    ),
    "log": (
        1.0,
        {
            "core": lambda d: d.uniform(0.5, 2.0),
            "wide": lambda d: 2.0 ** d.uniform(-1022.0, 1023.9),
            "near 1": lambda d: close(d, 1.0),
            "near roots of 2": lambda d: close(d, 2.0 ** (d.randint(-9, 9) + 0.5)),
            "subnormal": lambda d: 2.0 ** d.uniform(-1074.0, -1022.0),
        },
    ),
    "logistic": (
        2.5,
        {
            "core": lambda d: d.uniform(-4.0, 4.0),
            "wide": lambda d: d.uniform(-708.0, 60.0),
            "tiny": lambda d: either(d) * 2.0 ** d.uniform(-60.0, 0.0),
            "subnormal result": lambda d: d.uniform(-745.0, -708.0),
        },
    ),
    "normal_quantile": (
        7.0,
        {
            "dice": lambda d: (d.getrandbits(52) + 0.5) * 2.0**-52,
            "tail": lambda d: 2.0 ** d.uniform(-37.0, -3.0),
            "far tail": lambda d: 2.0 ** d.uniform(-1022.0, -36.0),
            "near half": lambda d: 0.5 + either(d) * 2.0 ** d.uniform(-52.0, -2.0),
            "seam of the centre": lambda d: close(d, d.choice((0.075, 0.925))),
            "seam of the tail": lambda d: close(d, math.exp(-25.0)),
        },
    ),
}
CASES = [(name, region) for name, (_, regions) in ACCURACY.items() for region in regions]
SAMPLES = {"normal_quantile": 1500}


def arguments(name: str, region: str, count: int) -> Iterator[float]:
    dice = random.Random(f"{name} {region}")
    draw = ACCURACY[name][1][region]
    return (draw(dice) for _ in range(count))


def truth(mp: Any, name: str, x: float, y: float) -> Any:
    """The true value, at the precision of the context."""
    z = mp.mpf(x)
    if name == "exp":
        return mp.exp(z)
    if name == "exp2":
        return mp.mpf(2) ** z
    if name == "expm1":
        return mp.expm1(z)
    if name == "log":
        return mp.log(z)
    if name == "logistic":
        return 1 / (1 + mp.exp(-z))
    # One Newton step from y: the distance is 1e-15, so what it leaves is of the order 1e-29.
    at, half = mp.mpf(y), mp.sqrt(2)
    gap = mp.erfc(-at / half) / 2 - z if x < 0.5 else (1 - z) - mp.erfc(at / half) / 2
    return at - gap / (mp.exp(-at * at / 2) / mp.sqrt(2 * mp.pi))


@pytest.mark.parametrize(("name", "region"), CASES)
def test_error_in_ulps(name: str, region: str) -> None:
    mp = pytest.importorskip("mpmath", reason="mpmath gives the true values").mp.clone()
    mp.prec = 160
    worst, where = 0.0, 0.0
    for x in arguments(name, region, SAMPLES.get(name, 4000)):
        y = getattr(elementary, name)(x)
        t = truth(mp, name, x, y)
        error = float(abs(mp.mpf(y) - t) / math.ulp(float(t)))
        if error > worst:
            worst, where = error, x
    print(f"{name}, {region}: {worst:.3f} ulp at {where!r}")
    assert worst < ACCURACY[name][0], where


def test_exact_values() -> None:
    assert exp(0.0) == exp(-0.0) == 1.0
    assert expm1(0.0) == 0.0
    assert log(1.0) == 0.0
    assert logistic(0.0) == 0.5
    assert normal_quantile(0.5) == 0.0
    for k in range(-1074, 1024):
        assert exp2(float(k)) == math.ldexp(1.0, k)
    assert all(log(2.0**k) == pytest.approx(k * LN2, rel=2e-16) for k in range(-1022, 1024))


def test_the_quantile_is_odd_to_the_last_bit() -> None:
    dice = random.Random(1)
    for _ in range(20000):
        p = dice.getrandbits(dice.randint(1, 53)) * 2.0**-53
        assert normal_quantile(1.0 - p) == -normal_quantile(p), p


def test_limits() -> None:
    inf = math.inf
    assert exp(-745.2) == exp(-1e308) == exp(-inf) == exp(math.nan) == 0.0
    assert exp(-745.1) == 5e-324
    assert exp(700.0) == exp(701.0) == exp(1e308) == exp(inf) == pytest.approx(math.exp(700.0))
    assert exp2(-1075.1) == exp2(-1e308) == exp2(-inf) == 0.0
    assert exp2(1e308) == exp2(inf) == 2.0**1023
    assert expm1(-40.0) == expm1(-1e308) == expm1(-inf) == -1.0
    assert expm1(-5e-324) == -5e-324
    assert expm1(-1e-300) == -1e-300
    assert expm1(inf) == pytest.approx(math.exp(700.0))
    assert log(0.0) == log(-0.0) == log(-1.0) == log(-inf) == log(math.nan) == -700.0
    assert log(5e-324) == math.log(5e-324)
    assert log(inf) == log(1.7976931348623157e308) == 709.782712893384
    assert logistic(-1e308) == logistic(-inf) == 0.0
    assert logistic(40.0) == logistic(1e308) == logistic(inf) == 1.0
    assert normal_quantile(0.0) == normal_quantile(-inf) == -normal_quantile(1.0)
    assert -37.6 < normal_quantile(0.0) < -37.5
    assert normal_quantile(2.0**-53) == -normal_quantile(TAIL) == pytest.approx(-8.20953615160139)
    for f in elementary.FUNCTIONS:
        for x in extremes():
            assert math.isfinite(f(x)), (f.__name__, x)


def extremes() -> list[float]:
    """Zeros, seams and both ends of the range, with their neighbours."""
    seams = [
        0.0,
        0.075,
        0.425,
        0.5,
        0.925,
        1.0,
        2.0**-0.5,
        2.0**0.5,
        LN2 / 2,
        LN2,
        700.0,
        707.5,
        708.4,
        745.13,
        746.0,
        1021.5,
        1022.0,
        1023.0,
        1074.0,
        1075.0,
        1076.0,
        2.0**-1022,
        2.0**-53,
        math.exp(-25.0),
        5e-324,
        1e300,
        1.7976931348623157e308,
    ]
    around = [y for x in seams for y in (math.nextafter(x, 0.0), x, math.nextafter(x, math.inf))]
    finite = [x for x in around if math.isfinite(x)]
    return finite + [-x for x in finite]


@pytest.mark.parametrize(
    ("f", "low", "high"),
    [
        (exp, -750.0, 705.0),
        (exp, -1.0, 1.0),
        (exp2, -1080.0, 1030.0),
        (exp2, -1.0, 0.0),
        (expm1, -40.0, 0.0),
        (expm1, -0.5, 0.0),
        (log, 0.0, 3.0),
        (log, 0.0, 1e308),
        (logistic, -40.0, 40.0),
        (logistic, -1.0, 1.0),
        (normal_quantile, 0.0, 1.0),
        (normal_quantile, 0.0, 1e-9),
    ],
)
def test_monotone(f: Callable[[float], float], low: float, high: float) -> None:
    dice = random.Random(2)
    values = [f(x) for x in sorted(dice.uniform(low, high) for _ in range(20000))]
    assert all(a <= b for a, b in itertools.pairwise(values))


def test_monotone_between_neighbours() -> None:
    """Also at the seams of the reduction, one float apart."""
    dice = random.Random(3)
    for f in (exp, exp2, expm1, log):
        for _ in range(20000):
            x = close(dice, dice.randint(1, 80) * LN2 / 2)
            x = x if f is log else -x
            assert f(x) <= f(math.nextafter(x, math.inf)), (f.__name__, x)


def inputs(name: str, count: int) -> list[float]:
    """Arguments from all regions, the extremes, and any bits at all in the range of floats."""
    regions = list(ACCURACY[name][1])
    each = count // (len(regions) + 1)
    out = [x for region in regions for x in arguments(name, region, each)]
    dice = random.Random(name)
    while len(out) < count:
        out.append(either(dice) * 2.0 ** dice.uniform(-1074.0, 1023.9))
    return [*out, *extremes(), math.inf, -math.inf, math.nan]


def test_bit_views_are_the_tables() -> None:
    """The two exact primitives, in their two forms, both as plain Python."""
    for k in range(-1022, 1024):
        assert elementary._power_bits(float(k)) == elementary._power(float(k))
    for x in inputs("log", 20000):
        if 0.0 < x < math.inf:
            assert elementary._frexp_bits(x) == elementary._frexp(x), x


@pytest.mark.parametrize("name", list(ACCURACY))
def test_compiled_is_the_same_to_the_last_bit(name: str) -> None:
    numba = pytest.importorskip("numba", reason="numba is not installed: nothing to compare with")
    np = pytest.importorskip("numpy")
    f = elementary.compiled(numba.njit(forceinline=True, error_model="numpy"))[name]

    @numba.njit(error_model="numpy")  # type: ignore[untyped-decorator]
    def block(x: Any, out: Any) -> None:
        for i in range(x.size):
            out[i] = f(x[i])

    plain = inputs(name, 100_000)
    x = np.array(plain)
    out = np.empty_like(x)
    block(x, out)
    expected = np.array([getattr(elementary, name)(v) for v in plain])
    wrong = np.flatnonzero(out.view(np.int64) != expected.view(np.int64))
    assert wrong.size == 0, x[wrong[:5]]
    assembly = "".join(block.inspect_asm().values()).lower()
    assert "fmadd" not in assembly
    assert "fmsub" not in assembly
    assert "fmla" not in assembly


def test_sums_are_added_from_left_to_right() -> None:
    """The built-in sum gives 1.0 here since Python 3.12, and 0.0 before."""
    assert elementary.added([1e16, 1.0, -1e16]) == 0.0


@pytest.mark.parametrize("module", [choice, learning, world], ids=lambda m: m.__name__)
def test_the_engine_adds_nothing_with_the_built_in_sum(module: ModuleType) -> None:
    """It would make a world's bytes depend on the version of Python."""
    tree = ast.parse(inspect.getsource(module))
    called = [n.func for n in ast.walk(tree) if isinstance(n, ast.Call)]
    assert not [f for f in called if isinstance(f, ast.Name) and f.id == "sum"]

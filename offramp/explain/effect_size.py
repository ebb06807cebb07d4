"""How large an effect is, and whether it can be told from none, in pairs of worlds.

Both arms throw the same dice, so worlds come in pairs and the error is that of their differences.
How large an effect is must not depend on its unit: Cohen's d (Cohen 1988, Statistical Power
Analysis for the Behavioral Sciences), the difference over the pooled standard deviation of the two
arms; for a yes or no the log odds ratio times sqrt(3)/pi, which is on the same scale (Chinn 2000,
Statistics in Medicine 19), with half a world added to each cell (Haldane 1956; Gart and Zweifel
1967, Biometrika 54). The spread is that of the model's worlds, what nobody knows included: the
wider the priors, the smaller every d.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LOGIT = math.sqrt(3) / math.pi  # a logistic distribution of scale 1 has an sd of pi/sqrt(3)
ERRORS = 2.0  # Monte Carlo errors beyond which a difference is not chance
TAIL = 0.5 * math.erfc(ERRORS / math.sqrt(2))  # how often chance alone goes so far, one way
CHANGED = 10  # worlds that must differ between the arms: fewer rest on a handful of dice
PAIRS = 20  # pairs of worlds below which nothing is said
LEAST = {"weak": 0.0, "moderate": 0.2, "strong": 0.5, "decisive": 0.8}  # least |d| (Cohen 1988)
LITTLE = 0.5  # |d| of a little effect stays below it, with its error (what is called medium)
NONE = 0.1  # |d| of no effect: half of what is called small ...
MARGIN = 0.2  # ... and with its error below this (equivalence; Schuirmann 1987, Lakens 2017)


@dataclass(frozen=True)
class Effect:
    """What turning the cause does, over pairs of worlds that throw the same dice.

    difference, error    E[Y | high] - E[Y | low], and its Monte Carlo error
    size, size_error     d and its error; d is infinite where neither arm varies and they differ
    high, low            the two means
    worlds, changed      pairs counted, and those in which Y differs
    varies               whether Y takes more than one value in the worlds of both arms
    """

    difference: float
    error: float
    size: float
    size_error: float
    high: float
    low: float
    worlds: int
    changed: int
    varies: bool


@dataclass(frozen=True)
class Verdict:
    """`reason` says why a claim fails. `stronger`: the class that was found where it is above the
    one that was said. `edge`: the size is within two errors of the bound that decided."""

    holds: bool
    reason: str = ""
    stronger: str = ""
    edge: bool = False

    @property
    def note(self) -> str:
        """What else a reader should know."""
        notes = [f"stronger than said ({self.stronger})"] if self.stronger else []
        return "; ".join([*notes, *(["within its error of the bound"] if self.edge else [])])


def paired(high: NDArray[np.float64], low: NDArray[np.float64], yes_no: bool) -> Effect | None:
    """The effect in pairs of worlds, one row each; None without a pair."""
    n = len(high)
    if n == 0:
        return None
    change = high - low
    both = np.concatenate([high, low])
    ends = (float(both.min()), float(both.max()))
    size, error, size_error = (_yes_no if yes_no else _number)(high, low)
    return Effect(
        difference=float(change.mean()),
        error=error,
        size=size,
        size_error=size_error,
        high=float(high.mean()),
        low=float(low.mean()),
        worlds=n,
        changed=int(np.count_nonzero(change)),
        varies=ends[0] < ends[1],
    )


def _yes_no(high: NDArray[np.float64], low: NDArray[np.float64]) -> tuple[float, float, float]:
    """d from the odds; the error of the difference; the error of d by the delta method.

    Both errors count one pseudo-pair of each sign, so that what was never seen to change has one.
    """
    n, ups, downs = len(high), int(high.sum()), int(low.sum())
    odds = [math.log((k + 0.5) / (n - k + 0.5)) for k in (ups, downs)]
    mean = (ups - downs) / (n + 2)
    error = math.sqrt((float(np.abs(high - low).sum()) + 2) / (n + 2) - mean**2) / math.sqrt(n)
    p, q = (ups + 1) / (n + 2), (downs + 1) / (n + 2)
    together = float((high * low).sum()) / (n + 2) - p * q
    p_var, q_var = p * (1 - p), q * (1 - q)
    variance = max(0.0, (1 / p_var + 1 / q_var - 2 * together / (p_var * q_var)) / (n + 2))
    return LOGIT * (odds[0] - odds[1]), error, LOGIT * math.sqrt(variance)


def _number(high: NDArray[np.float64], low: NDArray[np.float64]) -> tuple[float, float, float]:
    """The same for numbers and dates. Where neither arm varies, d is 0 or infinite."""
    n, difference = len(high), float((high - low).mean())
    if n < 2:
        return math.copysign(math.inf, difference) if difference else 0.0, math.inf, math.inf
    error = float((high - low).std(ddof=1)) / math.sqrt(n)
    pooled = math.sqrt((float(high.var(ddof=1)) + float(low.var(ddof=1))) / 2)
    # A spread of rounding noise is none.
    if pooled <= 1e-9 * max(1.0, abs(high).max(), abs(low).max()):
        return math.copysign(math.inf, difference) if difference else 0.0, error, 0.0
    return difference / pooled, error, error / pooled


def strength_of(size: float) -> str:
    """The strongest class whose least |d| is reached."""
    return next(name for name in reversed(LEAST) if abs(size) >= LEAST[name])


def verdict(effect: Effect | None, sign: str, strength: str) -> Verdict:
    """Whether the effect bears a claim out. `sign` is +, - or none; `strength` one of LEAST, or
    little: an effect that is there and is not large."""
    if effect is None:
        return Verdict(False, "no world meets the condition in both arms")
    if effect.worlds < PAIRS:
        return Verdict(
            False, f"only {effect.worlds} worlds meet the condition in both arms: too few"
        )
    return _nothing(effect) if sign == "none" else _something(effect, sign, strength)


def _nothing(e: Effect) -> Verdict:
    if not e.varies:
        return Verdict(
            False,
            "the effect is the same in every world of both arms: none could be measured",
        )
    if abs(e.size) >= NONE:
        return Verdict(False, f"there is an effect: d = {number(e.size)}, beyond {number(NONE)}")
    reach = abs(e.size) + ERRORS * e.size_error
    if reach > MARGIN:
        return Verdict(
            False,
            f"cannot be decided: with its error d could be {number(reach)}, beyond "
            f"{number(MARGIN)}; more worlds, or an effect that is less rare",
        )
    return Verdict(True)


def _something(e: Effect, sign: str, strength: str) -> Verdict:
    if e.changed == 0:
        return Verdict(False, f"no effect: not one of {e.worlds} worlds changes")
    measured = f"{number(e.difference, True)} with an error of {number(e.error)}"
    if e.changed < CHANGED:
        return Verdict(
            False,
            f"cannot be decided: only {e.changed} of {e.worlds} worlds change, and "
            f"{CHANGED} are needed ({measured})",
        )
    if abs(e.difference) <= ERRORS * e.error:
        return Verdict(False, f"not distinguishable from 0: {measured}")
    if (e.difference > 0) != (sign == "+"):
        return Verdict(False, f"wrong sign: {measured}")
    if strength == "little":
        return _little(e)
    least = LEAST[strength]
    edge = least > 0 and abs(abs(e.size) - least) <= ERRORS * e.size_error
    if abs(e.size) < least:
        why = f"too weak: d = {number(e.size)}, where {strength} needs {number(least)}"
        return Verdict(False, why, "", edge)
    found = strength_of(e.size)
    return Verdict(True, "", found if found != strength else "", edge)


def _little(e: Effect) -> Verdict:
    """An effect whose sign is right: whether its size is below a bound, beyond its error."""
    edge = abs(abs(e.size) - LITTLE) <= ERRORS * e.size_error
    if abs(e.size) >= LITTLE:
        why = f"too strong: d = {number(e.size)}, where little stays below {number(LITTLE)}"
        return Verdict(False, why, "", edge)
    reach = abs(e.size) + ERRORS * e.size_error
    if reach >= LITTLE:
        return Verdict(
            False,
            f"cannot be decided: with its error d could be {number(reach)}, where little stays "
            f"below {number(LITTLE)}; more worlds may decide it",
            "",
            edge,
        )
    return Verdict(True)


def number(x: float, sign: bool = False) -> str:
    """Two or three digits that count, for words: .031, 2.4, 150."""
    if math.isinf(x):
        return "beyond any" if x > 0 else "below any"
    places = 0 if abs(x) >= 100 else 1 if abs(x) >= 10 else 2 if abs(x) >= 0.1 else 3
    return f"{x:{'+' if sign else ''}.{places}f}"

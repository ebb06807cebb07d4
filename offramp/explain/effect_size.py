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
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

LOGIT = math.sqrt(3) / math.pi  # a logistic distribution of scale 1 has an sd of pi/sqrt(3)
ERRORS = 2.0  # Monte Carlo errors beyond which a difference is not chance
TAIL = 0.5 * math.erfc(ERRORS / math.sqrt(2))  # how often chance alone goes so far, one way
CHANGED = 10  # worlds that must differ between the arms: fewer rest on a handful of dice
RESTS = 30  # the same of an integral, whose worlds all differ, by the effective number of them
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
    varies               whether Y takes more than one value in the worlds of all arms
    beside               the two means of a second pair of arms, whose difference is taken off
    effective            of an integral: how many worlds its difference rests on, the square of the
                         sum of sizes over the sum of squares; None for what is counted
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
    beside: tuple[float, float] | None = None
    effective: float | None = None


By = Literal["", "structure", "size", "untold"]


@dataclass(frozen=True)
class Verdict:
    """`reason` says why a claim fails, `by` of what kind that is: the structure (no effect, or the
    other way), the size (too weak, or there where none should be), or that it cannot be told from
    so many worlds; '' where it holds. `stronger`: the class that was found where it is above the
    one that was said. `edge`: the size is within two errors of the bound that decided."""

    holds: bool
    reason: str = ""
    by: By = ""
    stronger: str = ""
    edge: bool = False

    @property
    def note(self) -> str:
        """What else a reader should know."""
        notes = [f"stronger than said ({self.stronger})"] if self.stronger else []
        return "; ".join([*notes, *(["within its error of the bound"] if self.edge else [])])


def paired(high: Numbers, low: Numbers, yes_no: bool) -> Effect | None:
    """The effect in pairs of worlds, one row each; None without a pair."""
    return measured((high, low), yes_no)


def measured(arms: tuple[Numbers, ...], yes_no: bool) -> Effect | None:
    """The effect in worlds of the same dice, one row a world; None without a world.

    arms  high and low; with two pairs of them also the high and low that stand beside these, and
          the effect is the difference of both differences, world by world
    """
    n = len(arms[0])
    if n == 0:
        return None
    change = contrast(arms)
    lowest, highest = min(float(x.min()) for x in arms), max(float(x.max()) for x in arms)
    size, error, size_error = (_yes_no if yes_no else _number)(arms, change)
    means = [float(x.mean()) for x in arms]
    return Effect(
        difference=float(change.mean()),
        error=error,
        size=size,
        size_error=size_error,
        high=means[0],
        low=means[1],
        worlds=n,
        changed=int(np.count_nonzero(change)),
        varies=lowest < highest,
        beside=(means[2], means[3]) if len(arms) > 2 else None,
    )


def integrated(
    arms: tuple[Numbers, ...], counts: tuple[Numbers, ...] | None = None
) -> Effect | None:
    """The same of expected counts (with the `counts` themselves, whose spread d is read on, so that
    no effect grows by being measured better) or, without `counts`, of the probability in each
    world that something happens."""
    n = len(arms[0])
    if n == 0:
        return None
    change = contrast(arms)
    error = float(change.std(ddof=1)) / math.sqrt(n) if n > 1 else math.inf
    size, size_error = _probabilities(arms) if counts is None else _spread(change, error, counts)
    squares, means = float((change * change).sum()), [float(x.mean()) for x in arms]
    ends = [(float(x.min()), float(x.max())) for x in (*arms, *(counts or ()))]
    between = counts is None and any(0.0 < p < 1.0 for p in means)
    return Effect(
        difference=float(change.mean()),
        error=error,
        size=size,
        size_error=size_error,
        high=means[0],
        low=means[1],
        worlds=n,
        changed=int(np.count_nonzero(change)),
        varies=between or min(a for a, _ in ends) < max(b for _, b in ends),
        beside=(means[2], means[3]) if len(arms) > 2 else None,
        effective=float(abs(change).sum()) ** 2 / squares if squares else 0.0,
    )


def _probabilities(arms: tuple[Numbers, ...]) -> tuple[float, float]:
    """d from the odds of the mean probabilities, and its error by the delta method. Half a world is
    added to each cell only where an arm is sure, for then there are no odds."""
    n, signs = len(arms[0]), np.array([1.0, -1.0, -1.0, 1.0])[: len(arms)]
    p = np.array([float(x.mean()) for x in arms])
    half = 0.5 / n if np.any((p <= 0.0) | (p >= 1.0)) else 0.0
    odds = [math.log((x + half) / (1.0 - x + half)) for x in p.tolist()]
    slope = signs / ((p + half) * (1.0 - p + half))
    apart = np.array([x - x.mean() for x in arms])
    variance = float(slope @ (apart @ apart.T) @ slope) / n / max(1, n - 1)
    size = LOGIT * sum(s * x for s, x in zip(signs.tolist(), odds, strict=True))
    return size, LOGIT * math.sqrt(max(0.0, variance))


def _spread(change: Numbers, error: float, counts: tuple[Numbers, ...]) -> tuple[float, float]:
    """d and its error, over the pooled spread of the counts; where none of them varies, over that
    of half an event seen in one world."""
    n, difference = len(change), float(change.mean())
    if n < 2 or not np.any(change != contrast(counts)):  # nothing of it is up to chance
        return _number(counts, contrast(counts))[::2]
    pooled = math.sqrt(sum(float(x.var(ddof=1)) for x in counts) / len(counts))
    pooled = max(pooled, math.sqrt(0.5 / n)) if pooled < 1e-9 else pooled
    return difference / pooled, error / pooled


def contrast(arms: tuple[Numbers, ...]) -> Numbers:
    """High less low; of two pairs the first's difference less the second's."""
    first = arms[0] - arms[1]
    return first if len(arms) == 2 else first - (arms[2] - arms[3])


def _yes_no(arms: tuple[Numbers, ...], change: Numbers) -> tuple[float, float, float]:
    """d from the odds; the error of the difference; the error of d by the delta method.

    Both errors count one pseudo-world of each sign, so that what was never seen to change has one.
    """
    n, k = len(change), len(arms)
    pseudo = np.array([(1.0, 0.0), (0.0, 1.0), (0.0, 1.0), (1.0, 0.0)])[:k]
    signs = np.array([1.0, -1.0, -1.0, 1.0])[:k]
    ups = [float(x.sum()) for x in arms]
    odds = [math.log((up + 0.5) / (n - up + 0.5)) for up in ups]
    farthest = k // 2  # what a pseudo-world adds to the change, or takes from it
    mean = float(change.sum()) / (n + 2)
    squares = float((change * change).sum()) + 2 * farthest**2
    error = math.sqrt(squares / (n + 2) - mean**2) / math.sqrt(n)
    whole = np.concatenate([np.array(arms), pseudo], axis=1)
    p = whole.sum(axis=1) / (n + 2)
    together = whole @ whole.T / (n + 2) - np.outer(p, p)
    slope = signs / (p * (1 - p))
    variance = max(0.0, float(slope @ together @ slope) / (n + 2))
    size = LOGIT * sum(s * x for s, x in zip(signs.tolist(), odds, strict=True))
    return size, error, LOGIT * math.sqrt(variance)


def _number(arms: tuple[Numbers, ...], change: Numbers) -> tuple[float, float, float]:
    """The same for numbers and dates. Where no arm varies, d is 0 or infinite."""
    n, difference = len(change), float(change.mean())
    if n < 2:
        return math.copysign(math.inf, difference) if difference else 0.0, math.inf, math.inf
    error = float(change.std(ddof=1)) / math.sqrt(n)
    pooled = math.sqrt(sum(float(x.var(ddof=1)) for x in arms) / len(arms))
    # A spread of rounding noise is none.
    if pooled <= 1e-9 * max(1.0, *(float(abs(x).max()) for x in arms)):
        return math.copysign(math.inf, difference) if difference else 0.0, error, 0.0
    return difference / pooled, error, error / pooled


def strength_of(size: float) -> str:
    """The strongest class whose least |d| is reached."""
    return next(name for name in reversed(LEAST) if abs(size) >= LEAST[name])


def verdict(effect: Effect | None, sign: str, strength: str) -> Verdict:
    """Whether the effect bears a claim out. `sign` is +, - or none; `strength` one of LEAST, or
    little: an effect that is there and is not large."""
    if effect is None:
        return Verdict(False, "no world meets the condition in both arms", "untold")
    if effect.worlds < PAIRS:
        return Verdict(
            False,
            f"only {effect.worlds} worlds meet the condition in both arms: too few",
            "untold",
        )
    return _nothing(effect) if sign == "none" else _something(effect, sign, strength)


def _nothing(e: Effect) -> Verdict:
    if not e.varies:
        return Verdict(
            False,
            "the effect is the same in every world of both arms: none could be measured",
            "structure",
        )
    if abs(e.size) >= NONE:
        return Verdict(
            False, f"there is an effect: d = {number(e.size)}, beyond {number(NONE)}", "size"
        )
    reach = abs(e.size) + ERRORS * e.size_error
    if reach > MARGIN:
        return Verdict(
            False,
            f"cannot be decided: with its error d could be {number(reach)}, beyond "
            f"{number(MARGIN)}; more worlds, or an effect that is less rare",
            "untold",
        )
    return Verdict(True)


def _something(e: Effect, sign: str, strength: str) -> Verdict:
    if e.changed == 0:
        return Verdict(False, f"no effect: not one of {e.worlds} worlds changes", "structure")
    measured = f"{number(e.difference, True)} with an error of {number(e.error)}"
    if e.effective is not None and e.effective < RESTS:
        return Verdict(
            False,
            f"cannot be decided: it rests on {e.effective:.0f} of {e.worlds} worlds, and {RESTS} "
            f"are needed ({measured})",
            "untold",
        )
    if e.effective is None and e.changed < CHANGED:
        return Verdict(
            False,
            f"cannot be decided: only {e.changed} of {e.worlds} worlds change, and "
            f"{CHANGED} are needed ({measured})",
            "untold",
        )
    if abs(e.difference) <= ERRORS * e.error:
        return Verdict(False, f"not distinguishable from 0: {measured}", "untold")
    if (e.difference > 0) != (sign == "+"):
        return Verdict(False, f"wrong sign: {measured}", "structure")
    if strength == "little":
        return _little(e)
    least = LEAST[strength]
    edge = least > 0 and abs(abs(e.size) - least) <= ERRORS * e.size_error
    if abs(e.size) < least:
        why = f"too weak: d = {number(e.size)}, where {strength} needs {number(least)}"
        return Verdict(False, why, "size", edge=edge)
    found = strength_of(e.size)
    return Verdict(True, stronger=found if found != strength else "", edge=edge)


def _little(e: Effect) -> Verdict:
    """An effect whose sign is right: whether its size is below a bound, beyond its error."""
    edge = abs(abs(e.size) - LITTLE) <= ERRORS * e.size_error
    if abs(e.size) >= LITTLE:
        why = f"too strong: d = {number(e.size)}, where little stays below {number(LITTLE)}"
        return Verdict(False, why, "size", edge=edge)
    reach = abs(e.size) + ERRORS * e.size_error
    if reach >= LITTLE:
        return Verdict(
            False,
            f"cannot be decided: with its error d could be {number(reach)}, where little stays "
            f"below {number(LITTLE)}; more worlds may decide it",
            "untold",
            edge=edge,
        )
    return Verdict(True)


def number(x: float, sign: bool = False) -> str:
    """Two or three digits that count, for words: .031, 2.4, 150."""
    if math.isinf(x):
        return "beyond any" if x > 0 else "below any"
    places = 0 if abs(x) >= 100 else 1 if abs(x) >= 10 else 2 if abs(x) >= 0.1 else 3
    return f"{x:{'+' if sign else ''}.{places}f}"

"""Worlds weighed anew: other priors of some unknowns, on worlds that were simulated already.

A world in which an unknown is x counts q(x) / p(x) times as much under the prior q as under p, by
which it was drawn; of several unknowns the product (importance sampling; Kahn and Marshall 1953,
Operations Research 1). Nothing is simulated. The arithmetic is short, so that a page can do it too,
to the same digits (docs/python.md has it in full; tests/weighed.json has worked numbers):

    between a .. b     1 / (b - a) inside, 0 outside
    normal             exp(-z^2 / 2) / s,  z = (x - m) / s
    scale, share       the same of log x, of log (x / (1 - x)); what x itself adds is alike in both
    among              the value's own probability

m is the middle of the transformed ends, and s their distance over 2 * 1.2815515655446004, the 90%
point of a standard normal. The weights w give a share sum(w y) / sum(w), which is worth
(sum w)^2 / sum w^2 worlds (Kish 1965); that over the number of worlds is the effective share.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from offramp.engine.ensemble import Ensemble
from offramp.engine.plan import Plan, Prior
from offramp.errors import Unanswerable

Floats = NDArray[np.float64]

Z90 = 1.2815515655446004
FLOOR = 0.25  # of the worlds: below, too few count for an answer


def weights_under(laid: Plan, ensemble: Ensemble, priors: Mapping[str, Prior]) -> Floats:
    """How much each world counts (worlds,) under other priors of some unknowns, by name; 1 in all.

    Raises Unanswerable where a new prior reaches beyond the old one, so that no world was drawn
    there; where unknowns of one die would have to part; and below FLOOR.
    """
    weights = np.ones(ensemble.worlds)
    for name, new in priors.items():
        place = laid.layout.unknowns.get(name)
        if place is None:
            raise Unanswerable(f"the case has no unknown '{name}'")
        old = laid.priors[place]
        together = [p.name for p in laid.priors if p.dice == old.dice and p.name != name]
        if together:
            raise Unanswerable(
                f"'{name}' is drawn together with {', '.join(together)}: simulate the case with "
                "the new prior instead"
            )
        weights = weights * ratio(old, new, ensemble.unknowns[:, place])
    share = effective_share(weights)
    if share < FLOOR:
        raise Unanswerable(
            f"the new priors leave {share:.0%} of the worlds' worth, below {FLOOR:.0%}: simulate "
            "the case with them instead"
        )
    return np.asarray(weights / weights.sum())


def effective_share(weights: Floats) -> float:
    """How many equal weights these are worth, as a share of their number (Kish 1965)."""
    squares = float((weights * weights).sum())
    return float(weights.sum()) ** 2 / squares / len(weights) if squares else 0.0


def ratio(old: Prior, new: Prior, x: Floats) -> Floats:
    """How many times as likely each draw is under the new prior. Raises Unanswerable for a prior of
    another kind, or one that reaches beyond the old."""
    if old.kind != new.kind or len(old.chances) != len(new.chances):
        raise Unanswerable(f"'{old.name}' is drawn by '{old.kind}', and not by '{new.kind}'")
    if old.kind == "among":
        if any(q > 0.0 and p == 0.0 for p, q in zip(old.chances, new.chances, strict=True)):
            raise Unanswerable(f"no world was drawn with every value that '{old.name}' now has")
        some = [q / p if p else 0.0 for p, q in zip(old.chances, new.chances, strict=True)]
        return np.asarray(np.array(some)[x.astype(int)], float)
    if old.kind == "between":
        if new.a < old.a or new.b > old.b:
            raise Unanswerable(
                f"'{old.name}' was drawn between {old.a:g} and {old.b:g}; a wider range needs new "
                "worlds"
            )
        if new.a == new.b:
            raise Unanswerable(f"'{old.name}' as one number needs new worlds: set it in the case")
        inside = (x >= new.a) & (x <= new.b)
        return np.where(inside, (old.b - old.a) / (new.b - new.a), 0.0)
    t = _scale(old.kind, x)
    (m, s), (n, r) = _normal(old), _normal(new)
    return np.asarray(np.exp(((t - m) / s) ** 2 / 2.0 - ((t - n) / r) ** 2 / 2.0) * (s / r))


def _scale(kind: str, x: Floats) -> Floats:
    """The draws on the scale on which they are normal."""
    if kind == "scale":
        return np.log(x)
    return np.log(x / (1.0 - x)) if kind == "share" else x


def _normal(prior: Prior) -> tuple[float, float]:
    """Mean and standard deviation on that scale."""
    low, high = _scale(prior.kind, np.array([prior.a, prior.b])).tolist()
    if not math.isfinite(low) or not math.isfinite(high) or low >= high:
        raise Unanswerable(
            f"'{prior.name}' cannot be drawn from {prior.a:g} .. {prior.b:g} ({prior.kind})"
        )
    return (low + high) / 2.0, (high - low) / (2.0 * Z90)

"""A share of worlds in log-odds, and what differs between islands as its error.

What reports do to an answer adds up in log-odds, where it does not in probabilities. Every
posterior here has the same number of islands, and each island has its own pull on each log-odds
(the delta method), so the error of a sum is that of the sum of its pulls. It is believed to be no
less than that of as many independent worlds, for each goes on by dice of its own. A sum is news
where it is beyond its 99% bound by Student's t: many answers are looked at every day.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.answers.conditioned import Onward
from offramp.answers.forecast import in_each
from offramp.engine.by_value import ByValue
from offramp.filter.islands import bound
from offramp.filter.posterior import Posterior

Floats = NDArray[np.float64]
Key = tuple[str, str]  # a question's id and an option, '' of yes or no

LEVEL = 0.99  # of the bound beyond which a sum is news


@dataclass(frozen=True, eq=False, kw_only=True)
class Odds(ByValue):
    """A share of worlds in log-odds, with half a world added to each side (Haldane 1956).
    `pulls` (islands,) are what each island adds: the root of the sum of squares of what several
    add is the standard error of a sum. `least` is the error below which none is believed: that of
    as many independent worlds, since each goes on by dice of its own."""

    share: float | None
    log_odds: float
    pulls: Floats
    least: float

    @property
    def error(self) -> float:
        """Standard error of the share."""
        p = 1.0 / (1.0 + math.exp(-self.log_odds))
        return p * (1.0 - p) * summed([(1.0, self)])[1]


def odds_of(
    hit: NDArray[np.bool_], met: NDArray[np.bool_], of: NDArray[np.int64], islands: int
) -> Odds:
    """`of` is the island of each world."""
    yes = np.bincount(of[met & hit], minlength=islands).astype(float)
    all_ = np.bincount(of[met], minlength=islands).astype(float)
    total = float(all_.sum())
    if total == 0.0:
        return Odds(share=None, log_odds=math.nan, pulls=np.zeros(islands), least=math.inf)
    p, smooth = yes.sum() / total, (yes.sum() + 0.5) / (total + 1.0)
    slope, parts = 1.0 / (smooth * (1.0 - smooth)), all_ / total
    left = 1.0 - 2.0 * parts + float(parts @ parts)
    alone = left <= 1e-12  # an island that has all the worlds tells nothing of errors
    pulls = slope * (yes - p * all_) / total / np.sqrt(np.where(alone, 1.0, left))
    return Odds(
        share=float(p),
        log_odds=math.log(smooth / (1.0 - smooth)),
        pulls=pulls,
        least=math.inf if alone.any() else math.sqrt(slope / total),
    )


def views(p: Posterior, ahead: Onward) -> dict[Key, Odds]:
    """What the worlds say of each yes or no and of each option."""
    laid, islands, out = p.filter.plan, len(p.islands), dict[Key, Odds]()
    for w in ahead.watched:
        q = w.question
        if not (q.binary or q.kind_of == "choice"):
            continue
        ensemble = ahead.others.get(q.id, ahead.ensemble)
        met, values = in_each(laid, w, ensemble)
        assert ensemble.islands is not None
        for k, option in enumerate(q.names if q.kind_of == "choice" else ("",)):
            hit = values == k if option else values != 0.0
            out[q.id, option] = odds_of(hit, met, ensemble.islands, islands)
    return out


def summed(terms: Sequence[tuple[float, Odds]]) -> tuple[float, float]:
    """A sum of log-odds with factors, and its standard error."""
    value = math.fsum(c * o.log_odds for c, o in terms)
    pulls = sum((c * o.pulls for c, o in terms), np.zeros(len(terms[0][1].pulls)))
    least = math.sqrt(sum((c * o.least) ** 2 for c, o in terms))
    return value, max(least, math.sqrt(float(pulls @ pulls)))


def beyond(value: float, error: float, islands: int) -> bool:
    return math.isfinite(error) and abs(value) > bound(error, islands, LEVEL)

"""A crisis and others that differ from it in one thing each, in the same worlds: free ones, or
those of a posterior weighed anew for each."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from offramp.answers.columns import Column
from offramp.answers.forecast import Watch, in_each, watches
from offramp.case.case import Case
from offramp.engine.blocks.worlds import load_all, simulate_all
from offramp.engine.by_value import ByValue
from offramp.engine.ensemble import Ensemble
from offramp.engine.plan import plan
from offramp.engine.run import Progress, RunSpec, asked_only
from offramp.explain.diff import error_of, influence
from offramp.filter.posterior import Posterior, futures_under
from offramp.filter.reweigh import reweighed_by, variant_filters
from offramp.filter.store import written
from offramp.language.crisis import Crisis


@dataclass(frozen=True, eq=False)
class Reading(ByValue):
    """A question in each of some worlds, with the worlds."""

    column: Column
    worlds: Ensemble

    @property
    def mean(self) -> float | None:
        """None where no world meets the condition."""
        met = self.column.met
        return float(self.column.values[met].mean()) if met.any() else None


Row = tuple[Reading, ...]  # a question each


def freely(
    asked: Case,
    crises: Sequence[Crisis],
    worlds: int,
    seed: int,
    threads: int | None = None,
    progress: Progress | None = None,
) -> list[Row]:
    """A row for each of the crises, in worlds that throw the same dice."""
    watched, monitors = watches(asked, asked.crisis.first)
    jobs = tuple(asked_only(c, monitors, seed) for c in crises)
    runs = simulate_all(jobs, worlds, threads, progress)
    return [_row(asked.crisis, watched, e) for e in runs]


def among_reports(
    asked: Case,
    p: Posterior,
    crises: Sequence[Crisis],
    threads: int | None = None,
    progress: Progress | None = None,
) -> Iterator[Row | str]:
    """The same of worlds conditioned on reports, each weighed anew (`filter/reweigh.py`); why not,
    where it leads too far from them. The first of the crises is that of the posterior."""
    watched, monitors = watches(asked, asked.crisis.first)
    job = RunSpec(asked.crisis, monitors, p.filter.seed)
    lasts = (1 + max(m.last for m in monitors),)
    filters = variant_filters(p.filter, crises[1:], written)
    for place, onward in enumerate(load_all(crises)):
        known, refused = p, ""
        if place:
            anew = reweighed_by(p, filters[place - 1], threads)
            known, refused = anew.posterior, anew.refusal()
        if refused:
            yield refused
        else:
            ahead = futures_under(known, job, (onward,), threads=threads, lasts=lasts)
            yield _row(asked.crisis, watched, ahead[0])
        if progress:
            progress(1)


def _row(crisis: Crisis, watched: Sequence[Watch], e: Ensemble) -> Row:
    columns = (Column(w.question, (w.first, w.last), *in_each(plan(crisis), w, e)) for w in watched)
    return tuple(Reading(c, e) for c in columns)


def difference(before: Reading, after: Reading) -> tuple[float, float]:
    """Of two means, with its standard error: by the same dice world by world, or by what differs
    between islands of worlds, each against itself. Some world must meet the condition in both."""
    old, new = before.mean, after.mean
    assert old is not None
    assert new is not None
    a, b = (
        influence(r.column.values, r.column.met, mean) for r, mean in ((before, old), (after, new))
    )
    one, other = before.worlds.islands, after.worlds.islands
    if one is None or other is None:
        return new - old, error_of(b - a)
    islands = 1 + max(int(one.max()), int(other.max()))
    apart = np.bincount(other, b, islands) / len(b) - np.bincount(one, a, islands) / len(a)
    lived = np.count_nonzero(np.bincount(one, minlength=islands))
    if lived < 2:
        return new - old, math.inf
    variance = float((apart * apart).sum()) * lived / (lived - 1)
    return new - old, math.sqrt(max(variance, 1.0 / len(a) ** 2))

"""Worlds with all that a watcher sees in them, and in which of them a question is open still."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from offramp.answers.forecast import Watch, in_each, watches
from offramp.case.case import Case
from offramp.engine.blocks import worlds as blocks
from offramp.engine.by_value import ByValue
from offramp.engine.ensemble import Ensemble
from offramp.engine.plan import Plan, plan
from offramp.engine.run import Progress, asked_only
from offramp.explain.signs_seen import DAY, asked, course
from offramp.explain.visible import Seen
from offramp.filter.posterior import Posterior, futures
from offramp.language.questions import Question

Mask = NDArray[np.bool_]
Ints = NDArray[np.int64]

STEPS = 10  # evenings on which it is looked
GROUPS = 32  # of free worlds, which have no islands


def evenings(before: dt.date, days: int, last: dt.date) -> tuple[dt.date, ...]:
    """The day before the watch begins, and the evenings on which it is looked: some ten."""
    span = min(days, (last - before).days)
    step = max(1, -(-span // STEPS))
    return tuple(before + DAY * n for n in (0, *range(step, span, step), span))


@dataclass(frozen=True, eq=False)
class Worlds(ByValue):
    """Worlds with all that is seen in them.

    days     the evenings, without the day before
    courses  (worlds, days) of each thing
    half     which of them are measured (the others choose), group by group
    """

    plan: Plan
    ensemble: Ensemble
    days: tuple[dt.date, ...]
    things: tuple[Seen, ...]
    courses: tuple[NDArray[np.float32], ...]
    watched: dict[str, tuple[Watch, dict[dt.date, Watch]]]
    group: Ints
    half: Mask


def lived(
    case: Case,
    questions: tuple[Question, ...],
    things: tuple[Seen, ...],
    grid: tuple[dt.date, ...],
    p: Posterior | None,
    worlds: int,
    seed: int,
    threads: int | None,
    progress: Progress | None,
) -> Worlds:
    """The worlds, lived to the last day that a question or a sign wants."""
    crisis = case.crisis
    whole, monitors = watches(replace(case, questions=questions), crisis.first)
    places = {m: k for k, m in enumerate(monitors)}
    watched = dict[str, tuple[Watch, dict[dt.date, Watch]]]()
    for w in whole:
        q, so_far = w.question, dict[dt.date, Watch]()
        for day in grid[1:]:
            if q.first <= day < q.last:
                own = replace(case, questions=(replace(q, last=day),))
                (cut,), more = watches(own, crisis.first)
                at = {a: places.setdefault(more[k], len(places)) for a, k in cut.atoms.items()}
                so_far[day] = replace(cut, atoms=at)
        watched[q.id] = w, so_far
    wanted = asked(case, things, grid)
    for a in wanted:
        for span in a.spans:
            places.setdefault(span.monitor, len(places))
    job = asked_only(crisis, tuple(places), seed)
    if p is None:
        e = blocks.simulate(job, worlds, threads, progress, None)
        group: Ints = np.arange(e.worlds) % GROUPS
    else:
        e = futures(p, job, worlds=worlds, threads=threads, progress=progress)
        assert e.islands is not None
        group = by_size(e.islands)
    return Worlds(
        plan=plan(crisis),
        ensemble=e,
        days=grid[1:],
        things=things,
        courses=tuple(course(a, grid, places, e) for a in wanted),
        watched=watched,
        group=group // 2,
        half=group % 2 == 1,
    )


def by_size(islands: Ints) -> Ints:
    """Islands numbered anew, the largest first, so that even and odd ones have alike many."""
    names, place, n = np.unique(islands, return_inverse=True, return_counts=True)
    rank = np.empty(len(names), np.int64)
    rank[np.argsort(-n, kind="stable")] = np.arange(len(names))
    return rank[place.reshape(-1)]


@dataclass(frozen=True, eq=False)
class Open(ByValue):
    """A question in the worlds: where its condition is met, where it comes true, and on which
    evenings it is open still (worlds, days)."""

    met: Mask
    yes: Mask
    still: Mask


def opened(w: Worlds, question: str) -> Open:
    """Where a question is open: not where its answer so far can no longer change, which is told by
    all worlds. One that never turns from yes to no is answered by a yes, one that never turns from
    no to yes by a no; of any other nothing is answered before its last day."""
    watch, so_far = w.watched[question]
    met, values = in_each(w.plan, watch, w.ensemble)
    yes = values != 0.0
    paths = {d: in_each(w.plan, c, w.ensemble)[1] != 0.0 for d, c in so_far.items()}
    turns = [*paths.values(), yes]
    up = not any((a & ~b & met).any() for a, b in pairwise(turns))
    down = not any((~a & b & met).any() for a, b in pairwise(turns))
    still = np.ones((len(yes), len(w.days)), bool)
    for k, day in enumerate(w.days):
        if day >= watch.last:
            still[:, k] = False
        elif day in paths:
            still[:, k] = ~((up & paths[day]) | (down & ~paths[day]))
    return Open(met, yes, still)


def asks(q: Question, thing: Seen) -> bool:
    """Whether a question or its condition asks of the thing, or of how the same event turns out
    otherwise."""
    names = {name for _, name in q.atoms}
    if thing.quantity:
        return thing.what in names
    return any(name == thing.event or name.rpartition(".")[0] == thing.event for name in names)


def may_be(q: Question, thing: Seen, evening: dt.date) -> bool:
    """Whether what is seen of a thing by an evening is news: nothing of what the question counts
    towards its answer is."""
    return evening < q.first or not asks(q, thing)

"""Worlds that go on: from one evening to the next, from an earlier one, or anew.

The worlds of an evening go on with the reports of the next day, as if they had been simulated in
one run (`filter/store.py`), where the next day knows nothing more of the days before. What came
late, or tells of days before, sends them back to an earlier evening.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from offramp.answers.conditioned import Onward, island_layout, onward
from offramp.case.case import Case
from offramp.case.record import History, Report
from offramp.engine.plan import plan
from offramp.engine.run import Progress
from offramp.filter.known import schedule, shared
from offramp.filter.posterior import FEWEST, Impossible, Posterior
from offramp.filter.store import key, posterior, prepare

COUNTED = ("event", "quantity")  # kinds of rows that worlds are conditioned on


@dataclass(frozen=True, kw_only=True)
class Trail:
    """Where the worlds of an evening come from: `stops` are the earlier evenings on which they
    stopped, `began` is the day on which they were last simulated from the first morning, and
    `fresh` how many independent worlds each unknown's posterior was worth then."""

    day: dt.date
    stops: tuple[dt.date, ...]
    began: dt.date
    fresh: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Stand:
    """The worlds of an evening; `why` is why they did not go on from the evening before."""

    trail: Trail
    posterior: Posterior
    why: str


@dataclass(frozen=True, kw_only=True)
class Job:
    """What every filter here has in common."""

    case: Case
    history: History
    worlds: int
    seed: int
    threads: int | None = None
    progress: Progress | None = None

    def lived(
        self, day: dt.date, stops: tuple[dt.date, ...], history: History | None = None
    ) -> Posterior:
        """Worlds as of a day, which stopped on earlier evenings."""
        laid = plan(self.case.crisis)
        known = schedule(laid, history or self.history, day, False, stops)
        f = prepare(laid, known, self.seed)
        islands, size = island_layout(self.worlds)
        return posterior(f, islands, size, (f.schedule.last,), self.threads, self.progress)

    def onward(self, p: Posterior, day: dt.date, only: Iterable[str] | None = None) -> Onward:
        """The worlds gone on to the end of the course, with all questions or some."""
        case = self.case
        if only is not None:
            names = set(only)
            case = replace(case, questions=tuple(q for q in case.questions if q.id in names))
        return onward(case, p, day, self.seed, self.threads)


def anew(job: Job, day: dt.date, why: str = "") -> Stand:
    """Worlds as of a day, simulated from the first morning without a stop."""
    p = job.lived(day, ())
    return Stand(trail=Trail(day=day, stops=(), began=day, fresh=p.worths()), posterior=p, why=why)


def next_stand(job: Job, before: Trail, day: dt.date) -> Stand:
    """The worlds of the next evening: gone on from the one before, from an earlier one where a
    report reaches beyond it, or started anew; that too where most of the days lie after that
    evening, since a run without stops may look further ahead."""
    evenings, first = (*before.stops, before.day), job.case.crisis.first
    stops = shared(plan(job.case.crisis), job.history, day, evenings)
    why = "" if before.day in stops else late(job, before.day, day)
    if stops and (before.day in stops or day - stops[-1] < stops[-1] - first):
        try:
            p = job.lived(day, stops)
            tired = worn(p, before.fresh)
        except Impossible:
            tired = "no world that was kept agrees with the reports"
        if not tired:
            return Stand(trail=replace(before, day=day, stops=stops), posterior=p, why=why)
        why = tired
    return anew(job, day, why)


def worn(p: Posterior, fresh: Mapping[str, float]) -> str:
    """Why worlds are to be started anew; '' where they are good enough."""
    if p.refusal():
        return f"no posterior is given: {p.refusal()}"
    for name, worth in p.worths().items():
        if worth < FEWEST <= fresh.get(name, 0.0):
            return (
                f"the posterior of {name} is worth {math.floor(worth)} independent worlds, fewer "
                f"than {FEWEST:.0f}, and was worth {fresh[name]:.0f} when they began"
            )
    return ""


def late(job: Job, evening: dt.date, day: dt.date) -> str:
    """Which reports are known now of days that an evening had behind it."""
    laid, old = plan(job.case.crisis), before_rows(job.history, evening)
    rows = [
        r
        for r in fresh_rows(job.history, evening, day)
        if not shared(laid, replace(job.history, reports=(*old, r)), day, (evening,))
    ]
    ids = ", ".join(r.id for r in rows[:4]) + (" and others" if len(rows) > 4 else "")
    return f"{ids or 'the record'}: of days up to {evening}, and not known then"


def before_rows(history: History, day: dt.date) -> tuple[Report, ...]:
    """Rows that could be used by a day."""
    return tuple(r for r in history.reports if max(r.known_since, r.last) <= day)


def fresh_rows(history: History, then: dt.date, now: dt.date) -> tuple[Report, ...]:
    """Rows that could be used since: known after the one day and by the other."""
    return tuple(r for r in history.reports if then < max(r.known_since, r.last) <= now)


def key_of(job: Job, trail: Trail) -> str:
    """A hash of all that the worlds of an evening follow from."""
    laid = plan(job.case.crisis)
    return key(laid.crisis, schedule(laid, job.history, trail.day, False, trail.stops), job.seed)

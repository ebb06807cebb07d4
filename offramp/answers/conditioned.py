"""Answers of worlds conditioned on the reports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from offramp.answers.forecast import Forecast, Unasked, Watch, answered, arms_of, watches
from offramp.answers.resolve import Outcome
from offramp.answers.wording import percent, value
from offramp.case.case import Case
from offramp.case.record import History, Report
from offramp.engine.blocks.worlds import load as laid_out
from offramp.engine.by_value import ByValue
from offramp.engine.ensemble import Ensemble
from offramp.engine.plan import plan, quantile
from offramp.engine.run import Progress, RunSpec
from offramp.filter.islands import shares
from offramp.filter.known import lead, schedule
from offramp.filter.particles import ISLAND
from offramp.filter.posterior import FEWEST, Posterior, futures_traced, handover
from offramp.filter.store import posterior, prepare
from offramp.language.crisis import Crisis
from offramp.language.edits import edited, idle
from offramp.language.questions import Question
from offramp.text.cells import table

POINTS = (0.1, 0.5, 0.9)
LEAST_ISLANDS = 8  # so that the spread between them means something


@dataclass(frozen=True)
class Learned:
    """An unknown before and after the reports: 10, 50 and 90% points; of named values the
    probabilities, in the order of `options`. `worth` is how many independent worlds its posterior
    is worth; where that is too few, `after` is empty."""

    name: str
    title: str
    options: tuple[str, ...]
    before: tuple[float, ...]
    after: tuple[float, ...]
    worth: float


@dataclass(frozen=True)
class Conditioned:
    """A case as of a day. `forecast` is None where `refused` says why. `decided`: the questions
    that the reports known by then had decided already, by their ids, where somebody looked."""

    case: str
    model_sha256: str
    assessment: str
    as_of: dt.date
    reports: tuple[Report, ...]
    posterior: Posterior
    forecast: Forecast | None
    refused: str
    learned: tuple[Learned, ...]
    decided: Mapping[str, Outcome] = field(default_factory=dict)

    @property
    def unmixed(self) -> str:
        """Which unknowns are not reported, and why; '' where all are."""
        return "" if self.refused else self.posterior.unmixed()

    def __repr__(self) -> str:
        return (
            f"<Conditioned {self.case} as of {self.as_of} ({self.assessment}): "
            f"log evidence {self.posterior.days[-1].log_evidence:.2f}>"
        )

    def _repr_html_(self) -> str:
        last = self.posterior.days[-1]
        caption = (
            f"{self.case} as of {self.as_of} ({self.assessment}): log evidence "
            f"{last.log_evidence:.2f}, Monte Carlo error {last.mc_error:.2f}"
        )
        if self.refused:
            return table(caption, ("refused",), [(self.refused,)])
        rows = [(u.title, _points(u, u.before), _points(u, u.after)) for u in self.learned]
        headings = ("unknown (10 / 50 / 90% points)", "before the reports", "after them")
        shown = table(caption, headings, rows, ".learned")
        return shown + (self.forecast._repr_html_() if self.forecast else "")


def _points(u: Learned, points: tuple[float, ...]) -> str:
    """What is known of an unknown, in words; named values with their probabilities."""
    if not points:
        return "not mixed"
    if u.options:
        return ", ".join(f"{o} {percent(p)}" for o, p in zip(u.options, points, strict=True))
    return " / ".join(value(p, "") for p in points)


def island_layout(worlds: int) -> tuple[int, int]:
    """How many islands of how many worlds make at least so many worlds."""
    islands = max(LEAST_ISLANDS, -(-worlds // ISLAND))
    return islands, -(-worlds // islands)


def condition(
    case: Case,
    history: History,
    as_of: dt.date,
    worlds: int,
    seed: int,
    threads: int | None = None,
    progress: Progress | None = None,
    per_episode: bool = False,
    assessment: str = "case",
) -> Conditioned:
    """Lives the case through the reports known by `as_of`, and answers its open questions.

    Raises `Impossible` where no world agrees with a day's reports.
    """
    return sweep(case, history, (as_of,), worlds, seed, threads, progress, per_episode, assessment)[
        0
    ]


def posterior_of(
    case: Case,
    history: History,
    as_of: dt.date,
    worlds: int,
    seed: int,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Posterior:
    """Worlds conditioned on the reports known by a day. Raises Impossible where none could."""
    laid = plan(case.crisis)
    f = prepare(laid, schedule(laid, history, as_of, False, (as_of,)), seed)
    islands, size = island_layout(worlds)
    place = (as_of - case.crisis.first).days
    return posterior(f, islands, size, (place,), threads, progress)


def sweep(
    case: Case,
    history: History,
    days: tuple[dt.date, ...],
    worlds: int,
    seed: int,
    threads: int | None = None,
    progress: Progress | None = None,
    per_episode: bool = False,
    assessment: str = "case",
) -> tuple[Conditioned, ...]:
    """The same as of several days. One filter serves all days up to which no report that it uses
    was still unknown; the others get one of their own."""
    laid = plan(case.crisis)
    islands, size = island_layout(worlds)
    out: dict[dt.date, Conditioned] = {}
    for last, group in filters(case, history, days):
        planned = schedule(laid, history, last, per_episode, group)
        f = prepare(laid, planned, seed)
        places = {day: (day - case.crisis.first).days for day in group}
        p = posterior(f, islands, size, places.values(), threads, progress)
        for day, place in places.items():
            known = history.known_by(day)
            out[day] = answers(case, p.until(place), day, known, seed, threads, assessment)
    return tuple(out[day] for day in days)


def filters(
    case: Case, history: History, days: tuple[dt.date, ...]
) -> list[tuple[dt.date, tuple[dt.date, ...]]]:
    """The filters that some days want: until which day each runs, and the days that it serves."""
    laid = plan(case.crisis)
    leads = {e.event.name: lead(e) for e in laid.events if e.takes is not None}
    return together(history, days, leads)


def together(
    history: History, days: tuple[dt.date, ...], leads: Mapping[str, int]
) -> list[tuple[dt.date, tuple[dt.date, ...]]]:
    """Days that one filter may serve, with the last of each group: as of a day it uses the very
    reports that a filter up to the group's last day has used by then. `leads`: days from the
    decision of a move to its deed; a report of the deed is used from the decision on."""

    def used(by: dt.date, until: dt.date) -> set[str]:
        return {
            r.id
            for r in history.known_by(by)
            if r.first - dt.timedelta(leads.get(r.what, 0)) <= until
        }

    groups: list[list[dt.date]] = []
    for day in sorted(set(days)):
        for group in groups:
            if all(used(day, early) == used(early, early) for early in group):
                group.append(day)
                break
        else:
            groups.append([day])
    return [(group[-1], tuple(group)) for group in groups]


def answers(
    case: Case,
    p: Posterior,
    as_of: dt.date,
    known: tuple[Report, ...],
    seed: int,
    threads: int | None,
    assessment: str,
    refused: str | None = None,
) -> Conditioned:
    """What the worlds of a posterior answer. `refused`: why nothing, where that is known better
    than by the posterior itself."""
    refused = p.refusal() if refused is None else refused
    forecast = None if refused else onward(case, p, as_of, seed, threads).forecast(case, known)
    return Conditioned(
        case=case.id,
        model_sha256=case.model_sha256,
        assessment=assessment,
        as_of=as_of,
        reports=known,
        posterior=p,
        forecast=forecast,
        refused=refused,
        learned=() if refused else learned(case, p),
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class Onward(ByValue):
    """The worlds of a posterior gone on from the day of the reports, with what is still open.

    watched   the questions that are asked of them
    others    the worlds of questions that suppose something, by their ids
    unasked   those whose `if:` can no longer begin
    traces    the worlds' courses, where they were wanted: (worlds, days, shown)
    """

    as_of: dt.date
    watched: tuple[Watch, ...]
    ensemble: Ensemble
    others: Mapping[str, Ensemble]
    unasked: tuple[Unasked, ...]
    traces: NDArray[np.uint8] | None

    def forecast(self, case: Case, known: tuple[Report, ...]) -> Forecast:
        """What they answer; `known` are the reports that they have lived."""
        lived = sum(r.kind in ("event", "quantity") for r in known)
        watched = list(self.watched)
        found = answered(case, watched, self.ensemble, case.crisis.first, self.others)
        return replace(found, as_of=self.as_of, reports=lived, unasked=self.unasked)


def onward(
    case: Case,
    p: Posterior,
    as_of: dt.date,
    seed: int,
    threads: int | None = None,
    traced: bool = False,
) -> Onward:
    """Goes on from a posterior of the day `as_of` to the end of the course."""
    watched, monitors = watches(case, case.crisis.first)
    job = RunSpec(case.crisis, monitors, seed)
    still_open = [w for w in watched if w.last > as_of]
    late = {w.question.id: too_late(w.question, case.crisis, as_of) for w in still_open}
    ways = {}
    for arm in arms_of(w.question for w in still_open if not late[w.question.id]):
        laid = plan(edited(case.crisis, arm.edits))
        try:
            handover(p.filter.plan, laid)
        except ValueError as error:
            late |= dict.fromkeys(arm.questions, str(error))
        else:
            ways[arm] = laid_out(laid)
    windows = {w.question.id: (w.last - case.crisis.first).days for w in still_open}
    # Of what a question supposes nothing is shown beyond its window.
    lasts = (job.lasts, *(1 + max(windows[id] for id in arm.questions) for arm in ways))
    tapes = (None, *ways.values())
    ran, traces = futures_traced(p, job, tapes, p.last, threads=threads, lasts=lasts, traced=traced)
    return Onward(
        as_of=as_of,
        watched=tuple(w for w in still_open if not late[w.question.id]),
        ensemble=ran[0],
        others={id: e for arm, e in zip(ways, ran[1:], strict=True) for id in arm.questions},
        unasked=tuple(
            Unasked(q.id, q.text, q.where, late[q.id])
            for q in (w.question for w in still_open)
            if late[q.id]
        ),
        traces=traces,
    )


def too_late(q: Question, crisis: Crisis, as_of: dt.date) -> str:
    """Why what a question supposes can no longer begin on the morning after a day; '' where it
    can."""
    found = (idle(e, crisis, as_of + dt.timedelta(1)) for e in q.supposes)
    return next((why for why, _ in (x for x in found if x is not None)), "")


def learned(case: Case, p: Posterior) -> tuple[Learned, ...]:
    """What the reports say of each unknown. `before` is the prior, by its quantiles."""
    laid, day = p.filter.plan, p.last
    clouds = [i.clouds[day] for i in p.islands if day in i.clouds]
    parts = shares(np.array([c.log_evidence for c in clouds]))
    weights = np.concatenate([s * c.weights for s, c in zip(parts, clouds, strict=True)])
    values = np.concatenate([c.unknowns for c in clouds])
    worths, out = p.worths(), []
    for k, (unknown, prior) in enumerate(zip(case.crisis.unknowns, laid.priors, strict=True)):
        x, own = values[:, k], worths[prior.name]
        if unknown.options:
            names = tuple(o.name for o in unknown.options)
            after = tuple(float(weights[x == j].sum()) for j in range(len(names)))
            found = after if own >= FEWEST else ()
            out.append(
                Learned(
                    name=unknown.name,
                    title=unknown.title,
                    options=names,
                    before=prior.chances,
                    after=found,
                    worth=own,
                )
            )
            continue
        order = np.argsort(x, kind="stable")
        total = np.cumsum(weights[order])
        places = [min(len(x) - 1, int(np.searchsorted(total, q))) for q in POINTS]
        points = [float(x[order[i]]) for i in places]
        before = tuple(quantile(prior.kind, prior.a, prior.b, q) for q in POINTS)
        found = tuple(points) if own >= FEWEST else ()
        out.append(
            Learned(
                name=unknown.name,
                title=unknown.title,
                options=(),
                before=before,
                after=found,
                worth=own,
            )
        )
    return tuple(out)

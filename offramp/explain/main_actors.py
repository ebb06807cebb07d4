"""Whose choices the answers turn on, and the morning on which one choice of each is taken apart.

The worlds of a forecast are split by how often each move was made, as `essentials.py` splits them
by unknowns: that tells on whose moves an answer turns, though not why, since what goes before a
move is split with it. A move that few worlds can make on any morning is passed over, so that none
is shown which only follows from what was asked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from offramp.answers.forecast import Forecast, Support, Watch, in_each
from offramp.case.case import Case
from offramp.engine.choice import NO_TYPE, Mindset
from offramp.engine.plan import Agenda, Occurrence, Plan, plan
from offramp.engine.reported import Reported
from offramp.engine.run import Progress
from offramp.engine.world import dated, opening
from offramp.explain.decided import chosen
from offramp.explain.essentials import Shift, between
from offramp.explain.motives import LOOKED_AT, Choice, Move, choice, drawn_of, mornings_of
from offramp.filter.impossible import mornings
from offramp.filter.posterior import Posterior
from offramp.language.crisis import Event

ACTORS = 3  # of whom a choice is taken apart
MOST = 0.5  # share of worlds that must be able to make the move that morning
MONTH = 31  # mornings of a free run that are looked at


@dataclass(frozen=True, kw_only=True)
class Turning:
    """A move on which an answer turns.

    times  the worlds are split by whether it is made more often than that: the median over worlds,
           or one less than the most where no world is above the median
    shift  from the answer in the other worlds to the one in these
    asked  whether the question asks about the move itself
    """

    actor: str
    event: str
    question: str
    times: int
    shift: Shift
    asked: bool


@dataclass(frozen=True, kw_only=True)
class Apart:
    """A choice taken apart, and why this one: `move` is the one of `choice` on which an answer
    turns."""

    turning: Turning
    choice: Choice

    @property
    def move(self) -> Move:
        return next(m for m in self.choice.moves if m.event == self.turning.event)


def turnings(
    case: Case, f: Forecast, asked: Sequence[Watch], spared: Collection[str] = ()
) -> tuple[Turning, ...]:
    """The moves of all actors but the spared on which an answer turns beyond three errors: those of
    the first question first; of one question by how many errors its answers differ."""
    rest, laid, out = Support(case), plan(case.crisis), list[Turning]()
    for w in asked:
        e, near = f.worlds_of(w.question.id), set(rest.behind(w.question))
        met, value = in_each(laid, w, e)
        own = list[Turning]()
        for k, event in enumerate(case.crisis.events):
            if not event.alone or event.by in spared or f"event {event.name}" not in near:
                continue
            often = e.counts[:, k]
            times = split_at(often[met])
            up, down = met & (often > times), met & (often <= times)
            if times < 0 or not up.any() or not down.any():
                continue
            shift = between((value != 0.0).astype(float), down, up, e)
            if shift.news:
                own.append(_turning(event, w, times, shift))
        out += sorted(own, key=lambda t: -abs(t.shift.difference) / t.shift.error)
    return tuple(out)


def split_at(often: NDArray[np.int64]) -> int:
    """The median, or where no world is above it one less than the most; -1 for what never is."""
    return min(int(np.median(often)), int(often.max()) - 1) if len(often) else -1


def _turning(event: Event, w: Watch, times: int, shift: Shift) -> Turning:
    return Turning(
        actor=event.by or "",
        event=event.name,
        question=w.question.id,
        times=times,
        shift=shift,
        asked=event.name in asked_about(w),
    )


def asked_about(w: Watch) -> set[str]:
    """The names that a question's conditions count or date: events, and those of their outcomes
    without the outcome too."""
    names = {name for function, name in w.question.atoms if function in ("count", "first")}
    return names | {name.rpartition(".")[0] for name in names}


def apart(
    case: Case,
    p: Posterior,
    found: Sequence[Turning],
    since: int,
    seed: int,
    progress: Progress | None = None,
) -> tuple[Apart, ...]:
    """One choice of each main actor, taken apart: of at most `ACTORS` the first of the moves found
    that most of the worlds looked at can make, on the morning from the day `since` on, counted from
    the first, with the most openings for it; of several the first. The posterior has kept the
    worlds of all these days. `progress` hears of each world that is lived again."""
    f, names = p.filter, list(dict.fromkeys(t.event for t in found))
    able, open_ = openings(p, names, since, progress)
    lived, out = dict[int, list[tuple[Reported, Mindset]]](), list[Apart]()
    for t in found:
        k = names.index(t.event)
        day = int(np.where(able[k] > MOST, open_[k], -1.0).argmax())
        taken = t.actor in [x.turning.actor for x in out]
        # What the record has on that day may have been decided on another, and is told elsewhere.
        if taken or able[k, day] <= MOST or chosen(f.plan, f.schedule, t.actor, day).day != day:
            continue
        if day not in lived:
            lived[day] = mornings_of(p, day, LOOKED_AT)
        date = f.plan.crisis.first + dt.timedelta(day)
        one = Apart(turning=t, choice=choice(case, p, t.actor, date, seed, lived=lived[day]))
        if progress:
            progress(LOOKED_AT)
        if one.move.available > MOST:  # of the very worlds that are told of, too
            out.append(one)
        if len(out) == ACTORS:
            break
    return tuple(out)


def openings(
    p: Posterior, moves: Sequence[str], since: int, progress: Progress | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of each move on each morning, from the first to the posterior's last: the share of worlds in
    which it can be made, and the mean over worlds of the probability that it can and its agenda has
    an opening; both (moves, days), 0 before the day `since`."""
    laid = p.filter.plan
    places = [_place(laid, name) for name in moves]
    able = np.zeros((len(moves), p.last + 1))
    open_ = np.zeros_like(able)
    worlds = drawn_of(p, p.last, LOOKED_AT)
    for cloud, number in worlds:
        lived = islice(enumerate(mornings(p.filter, cloud, number)), since, p.last + 1)
        for day, (r, m) in lived:
            for k, (event, agenda) in enumerate(places):
                if dated(r.world, m, agenda) is None and m.available(event, m.now, NO_TYPE):
                    able[k, day] += 1.0
                    open_[k, day] += opening(m, agenda)
        if progress:
            progress(1)
    return able / len(worlds), open_ / len(worlds)


def _place(laid: Plan, name: str) -> tuple[Occurrence, Agenda]:
    """A move, and the agenda on which it is chosen."""
    event = next(e for e in laid.events if e.event.name == name)
    agendas = (a for mind in laid.minds for a in mind.agendas)
    return event, next(a for a in agendas if event.index in a.moves)

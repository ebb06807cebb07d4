"""What each actor may do on one morning, and with which odds: the sizes of a case, before anything
is forecast.

The log-odds of a move against doing nothing are a sum of parts times the actor's precision
(`motives.py`), so each part multiplies the odds by a factor: at a precision of 1.2 a cost of 1
leaves exp(-1.2) = .30 of them, which makes the move 3.3 times rarer.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from offramp.case.case import Case
from offramp.engine.choice import Mindset
from offramp.engine.plan import Plan, plan
from offramp.engine.world import World, create, morning, one_day, tick
from offramp.explain.motives import LOOKED_AT, Faces, faces, mornings_of
from offramp.filter.posterior import Posterior


@dataclass(frozen=True)
class Odds:
    """`actors`: those that choose anything, in the order of the file. Each figure is a mean over
    so many worlds; `as_of` is the last day whose reports these know, None for worlds without."""

    case: str
    model_sha256: str
    assessment: str
    date: dt.date
    seed: int
    worlds: int
    actors: tuple[Faces, ...]
    as_of: dt.date | None = None

    def __repr__(self) -> str:
        moves = sum(len(a.moves) for a in self.actors)
        return (
            f"<Odds of {self.case} on {self.date}: {moves} moves of {len(self.actors)} actors, "
            f"{self.worlds} worlds>"
        )


def odds(
    case: Case, date: dt.date, seed: int, p: Posterior | None, assessment: str = "case"
) -> Odds:
    """The moves of all actors on a morning: in worlds of a posterior that has kept that day, or,
    without one, in worlds that know no report."""
    laid = plan(case.crisis) if p is None else p.filter.plan
    day = (date - case.crisis.first).days
    if p is None:
        mornings = [_free(laid, seed, number, day) for number in range(LOOKED_AT)]
    else:
        mornings = [(r.world, m) for r, m in mornings_of(p, day, LOOKED_AT)]
    return Odds(
        case=case.id,
        model_sha256=case.model_sha256,
        assessment=assessment,
        date=date,
        seed=seed,
        worlds=len(mornings),
        actors=tuple(
            faces(case, laid, mind, mornings, day, {}) for mind in laid.minds if mind.agendas
        ),
        as_of=None if p is None else p.days[-1].date,
    )


def _free(laid: Plan, seed: int, number: int, day: int) -> tuple[World, Mindset]:
    """A world on the morning of a day, lived by the reference interpreter."""
    world = create(laid, seed, number)
    for d in range(day):
        world.day = d
        one_day(world)
    world.day = day
    if day > 0:
        tick(world)
    return world, morning(world)

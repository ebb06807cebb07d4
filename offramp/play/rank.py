"""How a game came out for its actors, beside the model's own play: futures of the world that was
played in which the model decides for everybody, from the morning on which the seats took over.

A game is one draw: its dice count as much as its decisions, and so does what others decided.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from offramp.answers.sampling import mc_error
from offramp.case.case import Case
from offramp.engine.blocks.resumed import going_on
from offramp.engine.plan import plan
from offramp.engine.run import RunSpec
from offramp.engine.world import create, live
from offramp.play.ahead import finals, seed_after, worths
from offramp.play.game import Beginning

EQUAL = 1e-9  # worths nearer than this are the same sum in another order


@dataclass(frozen=True, kw_only=True)
class Rank:
    """What `worlds` games of the model alone were worth to an actor, by the weights of the world
    that was played: the mean and sd of the change, and the share that was worth less than the game
    (ties count half) with its Monte Carlo error."""

    actor: str
    worlds: int
    mean: float
    sd: float
    below: float
    mc_error: float


def ranks(
    case: Case, begins: Beginning, days: int, changes: Mapping[str, float], worlds: int
) -> tuple[Rank, ...]:
    """For each actor whose worth changed by so much over the `days` days (at least one) of a game
    whose crisis nobody changed."""
    start = (begins.first - case.crisis.first).days
    last = start + days - 1
    world = create(plan(case.crisis), begins.seed, begins.number)
    for _ in live(world, start):
        pass
    until = case.crisis.until(case.crisis.first + dt.timedelta(last))
    job = RunSpec(until, finals(case, last), seed_after(begins, start - 1))
    model = going_on(world, job, range(worlds), lived=start > 0)
    before = np.array([world.s]), np.array([world.unknowns])
    found = []
    for mind in world.plan.minds:
        if mind.actor.name not in changes:
            continue
        own = worths(mind, model.atoms, model.unknowns, float(last))
        own -= worths(mind, *before, float(start))
        change = changes[mind.actor.name]
        same = np.abs(own - change) <= EQUAL
        below = float(((own < change) & ~same).sum() + same.sum() / 2)
        found.append(
            Rank(
                actor=mind.actor.name,
                worlds=worlds,
                mean=float(own.mean()),
                sd=float(own.std()),
                below=below / worlds,
                mc_error=mc_error(below, worlds),
            )
        )
    return tuple(found)

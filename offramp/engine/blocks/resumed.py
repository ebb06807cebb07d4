"""Worlds that go on from the evening of one, or from before its first day: the same past, new dice
from the next day on.

The state of a world of the reference interpreter is written into the slots of the compiled program
(`days.Writer` says which are there for longer than a day). With the same dice both go on to the
same bytes.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from offramp.engine.blocks.days import NEVER, Writer
from offramp.engine.blocks.worlds import BLOCK, Recorder, advance, load, wide
from offramp.engine.ensemble import Ensemble, merge
from offramp.engine.noise import world_keys
from offramp.engine.run import RunSpec
from offramp.engine.world import World, evening


def going_on(world: World, job: RunSpec, numbers: range, lived: bool = True) -> Ensemble:
    """So many worlds that go on from the evening of `world.day`, each with the dice of (job.seed,
    its number), to the last day of the run. `job` says what is watched: only days that are still
    to come; counts of events are of these days. `lived`: the world has lived that day, and is not
    one that stands before its first."""
    loaded = load(world.plan)
    slots, values = standing(world, lived)
    parts = []
    for start in range(0, len(numbers), BLOCK):
        some = tuple(numbers[start : start + BLOCK])
        width = wide(len(some))
        memory = loaded.memory(width)
        memory[slots] = values[:, None]
        kept = Recorder.empty(loaded.plan, job, len(some))
        advance(
            t=loaded.tape,
            kept=kept,
            memory=memory.reshape(-1),
            width=width,
            keys=world_keys(job.seed, some),
            first=world.day + lived,
            lasts=job.lasts,
        )
        parts.append(kept.ensemble(job.seed, some))
    return merge(parts)


def standing(world: World, lived: bool = True) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The state of a world in the evening, as slots of its program and their values."""
    w = Writer(world.plan)
    found: dict[int, float] = dict(zip(w.s, world.s, strict=True))
    count = len(world.plan.quantities)
    found |= {slot: evening(world, count + k, lived) for k, slot in enumerate(w.gauges)}
    found |= dict(zip(w.u, world.unknowns, strict=True))
    found |= {slot: world.types[k][t][i] for (k, t, i), slot in w.own.items()}
    found |= {slot: world.moods[index] for index, slot in w.mood.items()}
    for slots, learner in zip(w.weights, world.learners, strict=True):
        found |= dict(zip(slots, learner.weights, strict=True))
    for event, slot in w.ready.items():
        found[slot] = min(world.ready.get(event, 0.0), NEVER)
    found |= dict.fromkeys(w.underway.values(), -1.0)
    for order, u in enumerate(world.underway):
        event = u.event.index
        found[w.underway[event]], found[w.order[event]] = float(u.arrives), float(order)
        for belief, lesson in u.lessons.items():
            found |= dict(zip(w.lessons[event, belief], lesson, strict=True))
    found[w.decided] = float(len(world.underway))
    for index, slot in w.opened.items():
        learner = world.learners[index]
        episode = learner.episode
        found[slot] = -1.0 if episode is None else episode.opened
        found[w.scored[index]] = float(learner.scored)
        if episode is not None:
            found |= dict(zip(w.quiet[index], episode.silence, strict=True))
    assert all(math.isfinite(x) for x in found.values())
    return np.array(list(found), np.int64), np.array(list(found.values()))

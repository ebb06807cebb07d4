"""Two worlds that race the same exponentials: the Gumbel coupling as it is defined, in Python.

Nothing here is given afterwards: both worlds are lived from the first day, and those in which the
first one is as reported are kept. What `history/twins.py` makes of the reports must agree.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from offramp.engine.choice import Mindset
from offramp.engine.plan import Occurrence, Plan
from offramp.engine.world import (
    Decision,
    Today,
    World,
    along,
    arriving,
    bodies,
    create,
    dated,
    done,
    due,
    effects,
    happens,
    learn,
    morning,
    opening,
    possible,
    strikes,
    tick,
)


class Noise:
    """One day's exponentials and thresholds by name, the same for whoever asks."""

    def __init__(self, seed: int, world: int, day: int) -> None:
        self.key, self.known = (seed, world, day), dict[str, float]()
        self.rng = np.random.default_rng(self.key)

    def exponential(self, name: str) -> float:
        return self.known.setdefault(name, float(self.rng.exponential()))

    def uniform(self, name: str) -> float:
        return self.known.setdefault(name, float(self.rng.random()))


def first(noise: Noise, name: str, runners: list[tuple[str, float]]) -> int:
    arrivals = [
        noise.exponential(f"{name} {runner}") / p if p > 0 else np.inf for runner, p in runners
    ]
    return int(np.argmin(arrivals))


def turns_out(world: World, m: Mindset, e: Occurrence, lessons: dict, noise: Noise) -> Today:
    branches = m.chances(e, m.now.s)
    if len(branches) < 2:
        return happens(world, m, e, lessons)
    k = first(noise, f"outcome {e.dice}", [(b.name, p) for b, p in branches])
    return happens(world, m, e, lessons, branches[k][0].name)


def day(world: World, noise: Noise) -> None:
    if world.day > 0:
        tick(world)
    m = morning(world)
    today = [*calendar(world, m, noise), *chosen(world, m, noise), *bodies(world, m)]
    effects(world, m, today)
    learn(world, m, today)


def calendar(world: World, m: Mindset, noise: Noise) -> Iterator[Today]:
    for u in arriving(world):
        yield turns_out(world, m, u.event, u.lessons, noise)
    for e in world.plan.events:
        if due(world, m, e):
            yield turns_out(world, m, e, {}, noise)
    for e in world.plan.events:
        if e.rate is not None:
            struck = noise.uniform(f"hazard {e.dice}") < strikes(m, e)
            if struck and possible(m, e):
                yield turns_out(world, m, e, {}, noise)


def chosen(world: World, m: Mindset, noise: Noise) -> Iterator[Today]:
    """On each agenda one race, dated choices and nothing among the runners; words by thresholds."""
    decisions = []
    for mind in world.plan.minds:
        for agenda in mind.agendas:
            events = [world.plan.events[move] for move in agenda.all]
            fixed, now = dated(world, m, agenda), opening(m, agenda)
            policy = m.choice(agenda, world.moods[mind.index])
            acts = [now * m.agreed(e, p) for p, e in zip(policy, events, strict=False)]
            acts += [0.0] * len(agenda.dated)
            if fixed is not None:
                acts = [float(e is fixed) for e in events]
            runners = [("nothing", 1.0 - sum(acts))]
            runners += [(e.event.name, p) for e, p in zip(events, acts, strict=True)]
            k = first(noise, f"choice {agenda.dice}", runners)
            if k > 0:
                deed = events[k - 1]
                words = tuple(
                    world.plan.events[w]
                    for w in deed.words
                    if noise.uniform(f"with {deed.dice} {w}") < along(m, deed, world.plan.events[w])
                )
                decisions.append(Decision(agenda, deed, words))
    yield from done(world, m, decisions, lambda e, lessons: turns_out(world, m, e, lessons, noise))


def pair(actual: Plan, edited: Plan, seed: int, number: int) -> tuple[World, World]:
    """World `number` as it is and under the edit, after the crisis's last day."""
    both = create(actual, seed, number), create(edited, seed, number)
    for today in range(actual.crisis.days):
        noise = Noise(seed, number, today)
        for world in both:
            world.day = today
            day(world, noise)
    return both

"""Moves of worlds that leave alone what they are drawn from.

Each is a step of Metropolis and Hastings whose proposal is reversible with respect to the prior, so
that a proposal is accepted by the probability of the reports alone:

constants  a random part of the unknowns and moods by a step in their normal scores
           (preconditioned Crank-Nicolson; Cotter, Roberts, Stuart and White 2013), and a few of the
           disputed days drawn afresh
recent     by lot, new noise for some stretches of days, or some disputed days drawn afresh; only
           from some morning on, mostly a late one

Nothing is fitted to the worlds that are moved: a proposal that knows where they are accepts too
much, and forgets how unlikely they were (docs/decisions/12). One number is adapted, the length of
the step of constants, from the move before. A recent move changes nothing before its morning, so
worlds are simulated again from there; constants change the first day, and are moved no more often
than keeps the cost of it within so many times the days so far, unless few of them are left.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offramp.engine.noise import Keys, named_keys, uniforms
from offramp.engine.schedule import IMPOSSIBLE, NO_CHANCE
from offramp.filter.simulator import Floats, Simulator, Worlds, ours

RECENT = 1  # recent moves each time that worlds were drawn anew
BUDGET = 10.0  # times the days so far that moves from the first day may take,
MOST = 6  # moves of constants at once; or, whatever it costs,
AGAIN = 3.0  # as many for each time that distinct constants have halved
ENOUGH = 0.25  # from this share of the worlds
PART = 0.25  # share of the unknowns and moods that move at once
DAYS = 0.1  # share of the disputed days that are drawn afresh with them
FRESH = 0.3  # share of the later stretches that get new noise; of the later days drawn afresh
LATE = 1.5  # a morning so many days ago is chosen as often as days to the power of minus this
WHOLE, LATER = "from the first day", "from a later morning"
TAIL = 1e-12  # of the normal distribution, left out on each side


@dataclass
class Mover:
    """Moves an island's worlds. `beta` is the length of a step of constants, 1 an independent
    draw; `tally` and `cost` say how often moves were tried and taken, and how many world-days
    they took, by kind."""

    simulator: Simulator
    island: int
    beta: float = 0.6
    named: int = 1
    tally: dict[str, tuple[int, int]] = field(default_factory=dict)
    cost: dict[str, int] = field(default_factory=dict)

    def memory(self) -> dict[str, Any]:
        """What later moves hang on, as plain values."""
        return {
            "beta": self.beta,
            "named": self.named,
            "tally": {kind: list(hits) for kind, hits in self.tally.items()},
            "cost": dict(self.cost),
        }

    def remember(self, memory: dict[str, Any]) -> None:
        """Goes on from what another had in memory."""
        self.beta, self.named = memory["beta"], memory["named"]
        self.tally = {kind: (hits, tries) for kind, (hits, tries) in memory["tally"].items()}
        self.cost = dict(memory["cost"])

    def accepted(self) -> dict[str, float]:
        return {kind: taken / tried for kind, (taken, tried) in self.tally.items()}

    def moved(self, worlds: Worlds, starts: list[int], day: int, power: float, what: str) -> Worlds:
        """The worlds after moves, aiming at the reports up to yesterday and a power of those of
        `day`. `starts` are the first days of the stretches, `what` names the dice."""
        aim = Aim(tuple(starts), day, power)
        for n in range(RECENT):
            worlds = self.recent(worlds, aim, f"{what} recent {n}")
        for n in range(self.sweeps(worlds, day)):
            worlds = self.constants(worlds, aim, f"{what} constants {n}")
        return worlds

    def sweeps(self, worlds: Worlds, day: int) -> int:
        """How often constants are moved: what the budget has left, a few at most, or as many as
        make good that few distinct ones are left."""
        lived = worlds.number * (day + 1)
        left = (BUDGET * lived - self.cost.get(WHOLE, 0)) / lived
        distinct = len(np.unique(worlds.names))
        lost = math.log2(max(1.0, ENOUGH * worlds.number / distinct))
        return max(min(MOST, math.floor(left)), math.ceil(AGAIN * lost))

    # ---- kinds ---------------------------------------------------------------------------

    def constants(self, worlds: Worlds, aim: Aim, what: str) -> Worlds:
        n, prepaid = worlds.number, self.simulator.f.prepaid
        keys, old = named_keys(self.simulator.f.seed, what, n), worlds.quantiles
        undated = len(old) - len(prepaid.since)
        if undated == 0:
            return worlds
        shares = np.where(prepaid.first <= aim.day, DAYS, 0.0)
        one = (uniforms(keys, "one") * undated).astype(np.int64)
        quantiles = old.copy()
        for k in range(len(old)):
            u = uniforms(keys, f"fresh {k}")
            if k < undated:
                some, new = (uniforms(keys, f"part {k}") < PART) | (one == k), self.step(old[k], u)
            else:
                some, new = uniforms(keys, f"part {k}") < shares[k - undated], u
            quantiles[k] = np.where(some, new, old[k])
        proposed = replace(
            worlds,
            quantiles=quantiles,
            dates=self.simulator.dates(quantiles),
            names=np.arange(n) + n * self.named,
        )
        self.named += 1
        worlds, taken = self.decided(worlds, proposed, aim, 0, keys)
        self.counted("constants", taken, np.ones(n, bool))
        self.beta = adapted(self.beta, float(taken.mean()))
        return worlds

    def step(self, old: Floats, u: Floats) -> Floats:
        """Quantiles a step away: reversible with respect to the uniform distribution."""
        z = math.sqrt(1.0 - self.beta**2) * ours(3, old) + self.beta * ours(3, u)
        return np.clip(normal(z), TAIL, 1.0 - TAIL)

    def recent(self, worlds: Worlds, aim: Aim, what: str) -> Worlds:
        n, f = worlds.number, self.simulator.f
        keys = named_keys(f.seed, what, n)
        since = aim.morning(float(uniforms(keys[:1], "morning")[0]))
        dated = self.dated_since(aim, since)
        lot = (uniforms(keys, "lot") < 0.5) & bool(dated)
        own, fresh = worlds.keys.copy(), named_keys(f.seed, f"{what} keys", n)
        for k in range(since, len(aim.starts)):
            some = (uniforms(keys, f"stretch {k}") < FRESH) | (k == since)
            own[k] = np.where(some & ~lot, fresh, own[k])
        quantiles = worlds.quantiles.copy()
        undated = len(quantiles) - len(f.dates)
        one = (uniforms(keys, "one") * len(dated)).astype(np.int64)
        for place, k in enumerate(dated):
            some = (uniforms(keys, f"day {k}") < FRESH) | (one == place)
            u = uniforms(keys, f"fresh {k}")
            quantiles[undated + k] = np.where(some & lot, u, quantiles[undated + k])
        proposed = replace(
            worlds, keys=own, quantiles=quantiles, dates=self.simulator.dates(quantiles)
        )
        worlds, taken = self.decided(worlds, proposed, aim, since, keys)
        self.counted("noise", taken, ~lot)
        self.counted("days", taken, lot)
        return worlds

    def dated_since(self, aim: Aim, since: int) -> list[int]:
        """The disputed reports whose day no world can feel before the morning of a stretch, and
        which it may feel by now."""
        prepaid = self.simulator.f.prepaid
        return [
            k
            for k, first in enumerate(prepaid.first.tolist())
            if first <= aim.day and (since == 0 or prepaid.since[k] >= aim.starts[since])
        ]

    # ---- Metropolis and Hastings -----------------------------------------------------------

    def decided(
        self, worlds: Worlds, proposed: Worlds, aim: Aim, since: int, keys: Keys
    ) -> tuple[Worlds, NDArray[np.bool_]]:
        """The proposed worlds, simulated from the morning of stretch `since`, where they are
        accepted; and where that is."""
        before = self.simulator.world_days
        proposed = replace(proposed, memory=np.zeros_like(worlds.memory))
        proposed = self.simulator.again(proposed, list(aim.starts), aim.day, since)
        kind = WHOLE if since == 0 else LATER
        self.cost[kind] = self.cost.get(kind, 0) + self.simulator.world_days - before
        ratio = target(proposed, aim.power) - target(worlds, aim.power)
        taken = ours(1, uniforms(keys, "accept")) < ratio
        return worlds.where(taken, proposed), taken

    def counted(self, kind: str, taken: NDArray[np.bool_], of: NDArray[np.bool_]) -> None:
        hits, tries = self.tally.get(kind, (0, 0))
        if of.any():
            self.tally[kind] = (hits + int((taken & of).sum()), tries + int(of.sum()))


@dataclass(frozen=True)
class Aim:
    """What moves aim at: the reports up to the day before `day` and a power of those of it; and
    the first days of the stretches of noise so far."""

    starts: tuple[int, ...]
    day: int
    power: float

    def morning(self, u: float) -> int:
        """A stretch, late ones more often, from a uniform number."""
        ages = self.day + 1.0 - np.array(self.starts, float)
        sums = np.cumsum(ages**-LATE)
        return int(np.searchsorted(sums, u * sums[-1], side="right"))


def adapted(beta: float, accepted: float) -> float:
    """A bolder or a more careful step, towards a quarter of the proposals taken."""
    factor = 1.25 if accepted > 0.3 else 0.8 if accepted < 0.2 else 1.0
    return min(1.0, max(0.05, beta * factor))


def target(worlds: Worlds, power: float) -> Floats:
    """The log of what is aimed at: all reports up to yesterday, and a power of today's."""
    possible = worlds.today > IMPOSSIBLE
    alive = possible & (worlds.before > IMPOSSIBLE)
    return np.where(alive, worlds.before + power * worlds.today, NO_CHANCE)


def normal(z: Floats) -> Floats:
    """The normal distribution function."""
    return np.array([0.5 * math.erfc(-x * math.sqrt(0.5)) for x in z.tolist()])

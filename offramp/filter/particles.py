"""Worlds conditioned on reports: a particle filter whose moves leave its target alone.

Day by day each world is multiplied by the probability of the day's reports in it (`engine/
reported.py`). When the effective size falls below half, worlds are drawn anew by their weights and
then moved (`moves.py`; resample-move: Gilks and Berzuini 2001; iterated batch importance sampling:
Chopin 2002). A day that would leave less than half is taken in by powers of its probability
(tempering; Del Moral, Doucet and Jasra 2006), and reports of a disputed day are paid in advance
(`prepaid.py`).

Islands of worlds do this by themselves (Vergé, Dubarry, Del Moral and Moulines 2015): their
evidence is independent, so what differs between them measures every Monte Carlo error
(`islands.py`); each is one block of the machine and one task for a core, and its bytes depend on
seed and number alone. Of noise only keys are kept, one a world and stretch of days; any world can
be simulated again from them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from offramp.engine.noise import Keys, named_keys, uniforms, world_keys
from offramp.engine.schedule import IMPOSSIBLE, NO_CHANCE
from offramp.filter.moves import Mover
from offramp.filter.simulator import (
    Evening,
    Filter,
    Floats,
    Island,
    Morning,
    Particles,
    Places,
    Simulator,
    Worlds,
    features,
    ours,
)

REVISION = 2  # of the filter; 1 moved worlds by a fit to themselves, and was biased (decision 12)
ISLAND = 256  # worlds
STAGES = 40  # powers of one day's probability, at most


def mean_of(log_weights: Floats) -> tuple[float, Floats]:
    """The logarithm of the mean weight, and the weights that sum to 1. Sums are rounded once
    (fsum), so that they do not hang on the machine."""
    top = float(log_weights.max())
    if top < IMPOSSIBLE:
        return -math.inf, np.full(len(log_weights), 1.0 / len(log_weights))
    w = ours(0, log_weights - top)
    total = math.fsum(w.tolist())
    return top + math.log(total / len(w)), w / total


def effective(weights: Floats) -> float:
    return 1.0 / math.fsum((weights * weights).tolist())


def drawn(weights: Floats, die: float, count: int) -> Places:
    """Systematic resampling: `count` places, each as often as its weight says, one more or less."""
    sums = np.cumsum(weights)
    points = (np.arange(count) + die) / count
    return np.searchsorted(sums / sums[-1], points, side="right").astype(np.int64)


def run_island(
    f: Filter,
    number: int,
    size: int = ISLAND,
    snapshots: frozenset[int] = frozenset(),
    stop: Places | None = None,
    progress: Callable[[int], None] | None = None,
    moving: bool = True,
    earlier: Island | None = None,
) -> Island:
    """Simulates an island's worlds through the schedule; keeps its cloud on the days of
    `snapshots` and on the last. Without `moving` worlds are only weighed and drawn anew.

    `earlier`: the same island as it stood on the evening of one of the schedule's stops, by the
    filter of `Schedule.until` that day, with its `evening`. Only the days after it are simulated,
    and what comes out is the same to the last bit; no snapshot lies before it. Of a disputed report
    that is new to the file and stands before an older one, the dice have other names than in one
    run: what comes out is then another draw of the same.
    """
    return _Run(f, number, size, stop, moving).through(snapshots, progress, earlier)


class _Run:
    def __init__(
        self, f: Filter, number: int, size: int, stop: Places | None, moving: bool
    ) -> None:
        self.f, self.number, self.size = f, number, size
        self.simulator = Simulator(f, size, stop)
        self.starts = [0]
        self.renewed: list[int] = []
        self.mover = Mover(self.simulator, number) if moving else None

    def through(
        self,
        snapshots: frozenset[int],
        progress: Callable[[int], None] | None,
        earlier: Island | None = None,
    ) -> Island:
        f, last, n = self.f, self.f.schedule.last, self.size
        keys = world_keys(f.seed, range(self.number * n, (self.number + 1) * n))
        clouds = dict[int, Particles]()
        so_far, means, squares, logs = list[float](), list[Floats](), list[Floats](), list[float]()
        if earlier is None:
            worlds, log_weights, evidence = self.simulator.first_worlds(keys), np.zeros(n), 0.0
        else:
            worlds, log_weights, evidence = self.goes_on(earlier, keys)
            so_far += earlier.log_evidence
            means += list(earlier.means)
            squares += list(earlier.squares)
            logs += earlier.log_likelihood.tolist()
            if progress:
                progress(len(so_far))
        died, breath = None, None
        for day in range(len(so_far), last + 1):
            morning = worlds
            worlds = self.simulator.live(worlds, day)
            worlds, log_weights, evidence = self.weigh(worlds, log_weights, evidence, day)
            # What is owed in advance is not owed any more: the evidence of the day itself.
            true = log_weights + f.prepaid.owed(worlds.dates, day)
            more, weights = mean_of(true)
            if more == -math.inf or evidence == -math.inf:
                died, breath = day, self.cloud(morning, weights, day, -math.inf)
                break
            so_far.append(evidence + more)
            x = features(f.plan, self.unknowns(worlds))
            means.append(weights @ x)
            squares.append(weights @ (x * x))
            own = worlds.memory[f.log_weight, :n]
            logs.append(float(weights[weights > 0.0] @ own[weights > 0.0]))
            if day in snapshots or day == last:
                clouds[day] = self.cloud(worlds, weights, day, so_far[-1])
            if day < last and day in self.renewed[-1:]:
                worlds = self.onward(worlds, day + 1)
            if progress:
                progress(1)
        accepted = self.mover.accepted() if self.mover else {}
        moved = self.mover.cost if self.mover else {}
        passes = {"once": self.simulator.world_days - sum(moved.values()), **moved}
        return Island(
            number=self.number,
            log_evidence=tuple(so_far),
            means=np.array(means),
            squares=np.array(squares),
            log_likelihood=np.array(logs),
            renewed=tuple(self.renewed),
            accepted=accepted,
            passes={k: v / n for k, v in passes.items()},
            clouds=clouds,
            died=died,
            last_breath=breath,
            evening=None if died is not None else self.evening(worlds, log_weights, evidence),
        )

    def evening(self, worlds: Worlds, log_weights: Floats, evidence: float) -> Evening | None:
        if self.mover is None:
            return None
        return Evening(
            log_weights=log_weights,
            evidence=evidence,
            reported=worlds.before + worlds.today,
            names=worlds.names,
            origins=worlds.origins,
            world_days=self.simulator.world_days,
            mover=self.mover.memory(),
        )

    def goes_on(self, earlier: Island, first: Keys) -> tuple[Worlds, Floats, float]:
        """An earlier filter's worlds on the morning after its last evening."""
        day, evening = len(earlier.log_evidence) - 1, earlier.evening
        if evening is None or self.mover is None:
            raise ValueError("an island goes on from an evening that was kept, and is moved")
        cloud = earlier.clouds[day]
        worlds = self.simulator.evening_worlds(cloud, evening, first)
        self.starts, self.renewed = list(cloud.starts), list(earlier.renewed)
        self.mover.remember(evening.mover)
        if day in self.renewed[-1:]:
            worlds = self.onward(worlds, day + 1)
        return worlds, evening.log_weights, evening.evidence

    def unknowns(self, worlds: Worlds) -> Floats:
        layout = self.f.tape.layout
        first, count = layout.first_unknown, layout.unknowns
        return worlds.memory[first : first + count, : self.size].T.copy()

    def cloud(self, worlds: Worlds, weights: Floats, day: int, log_evidence: float) -> Particles:
        own = worlds.memory[self.f.log_weight, : self.size].copy()
        return Particles(
            day=day,
            log_evidence=log_evidence,
            weights=weights,
            log_likelihood=own,
            quantiles=worlds.quantiles,
            starts=tuple(self.starts),
            keys=worlds.keys,
            unknowns=self.unknowns(worlds),
        )

    # ---- weighing ------------------------------------------------------------------------

    def weigh(
        self, worlds: Worlds, log_weights: Floats, evidence: float, day: int
    ) -> tuple[Worlds, Floats, float]:
        """Takes the day's reports in, at once if half of the worlds bear it, else by powers."""
        power = 0.0
        possible = worlds.today > IMPOSSIBLE
        if not possible.all():
            log_weights = np.where(possible, log_weights, NO_CHANCE)
            more, weights = mean_of(log_weights)
            if more == -math.inf:
                return worlds, log_weights, -math.inf
            if effective(weights) < self.size / 2:
                evidence += more
                worlds = self.renew(worlds, weights, day, 0.0)
                log_weights = np.zeros(self.size)
        today = np.where(worlds.today > IMPOSSIBLE, worlds.today, 0.0)
        for _ in range(STAGES):
            whole = log_weights + (1.0 - power) * today
            _, weights = mean_of(whole)
            if effective(weights) >= self.size / 2:
                return worlds, whole, evidence
            step = self.step(log_weights, today, 1.0 - power)
            more, weights = mean_of(log_weights + step * today)
            evidence += more
            power = power + step
            worlds = self.renew(worlds, weights, day, power)
            log_weights = np.zeros(self.size)
            today = np.where(worlds.today > IMPOSSIBLE, worlds.today, 0.0)
        return worlds, log_weights + (1.0 - power) * today, evidence

    def step(self, log_weights: Floats, today: Floats, most: float) -> float:
        """The power by which the effective size falls to half."""
        low, high = 0.0, most
        for _ in range(40):
            middle = (low + high) / 2
            _, weights = mean_of(log_weights + middle * today)
            low, high = (middle, high) if effective(weights) >= self.size / 2 else (low, middle)
        return max(low, most / STAGES)

    # ---- drawing anew --------------------------------------------------------------------

    def onward(self, worlds: Worlds, day: int) -> Worlds:
        """Copies throw dice of their own from a morning on."""
        keys = named_keys(self.f.seed, f"island {self.number} from day {day}", self.size)
        self.starts.append(day)
        lasting = worlds.memory[self.f.lasting, : self.size]
        return replace(
            worlds,
            keys=np.concatenate([worlds.keys, keys[None, :]]),
            mornings=(*worlds.mornings, Morning(lasting, np.arange(self.size))),
        )

    def renew(self, worlds: Worlds, weights: Floats, day: int, power: float) -> Worlds:
        """Draws worlds anew by their weights, then moves them."""
        self.renewed.append(day)
        what = f"island {self.number} renewed {len(self.renewed)}"
        die = float(uniforms(named_keys(self.f.seed, what, 1), "which")[0])
        worlds = worlds.take(drawn(weights, die, self.size))
        if self.mover:
            worlds = self.mover.moved(worlds, self.starts, day, power, what)
        return worlds

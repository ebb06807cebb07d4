"""Worlds among reports, weighed and renewed: a particle filter with moves.

Day by day each world is multiplied by the probability of the day's reports in it (`engine/
reported.py`). When the effective size falls below half, worlds are drawn anew by their weights
and then moved: other draws of what is constant (unknowns, moods, disputed dates), or new noise for
some stretches of days, accepted by Metropolis and Hastings on the probability of all reports so far
(resample-move: Gilks and Berzuini 2001; iterated batch importance sampling: Chopin 2002). A day
that would kill more than half is taken in by powers of its probability (tempering; Del Moral,
Doucet and Jasra 2006). It is SMC^2 (Chopin, Jacob and Papaspiliopoulos 2013) with one path a
draw, which suffices because nearly all that moves here is reported, and forced.

Islands of worlds do this by themselves (Vergé, Dubarry, Del Moral and Moulines 2015): their
evidence is independent, so its spread is a Monte Carlo error (honest while it is small); each is
one block of the machine and one task for a core, and its bytes depend on seed and number alone. Of
noise only keys are kept, one a world and stretch of days; any world can be lived again from them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from offramp.engine.blocks import machinery
from offramp.engine.blocks.reported import ReportedProgram, program
from offramp.engine.blocks.tape import Tape, tape
from offramp.engine.blocks.worlds import Kept, advance, wide
from offramp.engine.by_value import ByValue
from offramp.engine.noise import Keys, mix, named_keys, site, uniforms, world_keys
from offramp.engine.plan import Plan
from offramp.engine.schedule import IMPOSSIBLE, NO_CHANCE, Schedule

Floats = NDArray[np.float64]

ISLAND = 1024  # worlds: a block of the machine
MOVES = 2  # after worlds were drawn anew
FRESH = 4.0  # where worlds are to be used, one in so many at least is a draw of its own, or
REFRESHED = 3  # so many moves are made for that
STAGES = 40  # powers of one day's probability, at most
PRIOR_VARIANCE = math.pi**2 / 3  # of the log-odds of a uniform number
SHRUNK = 0.1  # share of the prior's variance in that of the proposals, lest a poor cloud stay poor


@dataclass(frozen=True)
class Filter:
    """What all islands share: the crisis laid out, the schedule, and the tape of its days."""

    plan: Plan
    schedule: Schedule
    written: ReportedProgram
    tape: Tape
    seed: int


def prepare(plan: Plan, schedule: Schedule, seed: int) -> Filter:
    """Writes the days of a schedule out, once for all islands."""
    written = program(plan, schedule)
    return Filter(plan, schedule, written, tape(written.program), seed)


@dataclass(frozen=True, eq=False)
class Cloud(ByValue):
    """An island's worlds at the end of a day.

    weights    sum to 1
    quantiles  (draws, worlds): the uniform numbers of what is constant, in the order of `names`
    keys       (stretches, worlds); stretch k begins on the day starts[k]
    unknowns   (worlds, unknowns)
    """

    day: int
    log_evidence: float
    weights: Floats
    quantiles: Floats
    starts: tuple[int, ...]
    keys: Keys
    unknowns: Floats


@dataclass(frozen=True)
class Island:
    """Per day, from the first: log evidence so far, and the sum of squared weights of distinct
    worlds (its inverse is the effective size). `died` is the day on which no world was left."""

    number: int
    log_evidence: tuple[float, ...]
    concentration: tuple[float, ...]
    renewed: tuple[int, ...]
    accepted: float
    clouds: dict[int, Cloud]
    died: int | None
    last_breath: Cloud | None  # the worlds on the morning of the day on which none was left


@dataclass(eq=False)
class _Worlds:
    """An island's worlds as they live. `before` and `today` are the log weights of the reports up
    to yesterday, and of today's."""

    memory: Floats  # (slots, width)
    quantiles: Floats
    keys: Keys
    before: Floats
    today: Floats
    names: NDArray[np.int64]  # worlds of one name are copies

    def take(self, which: NDArray[np.int64]) -> _Worlds:
        n = len(which)
        memory = self.memory.copy()
        memory[:, :n] = self.memory[:, which]
        return _Worlds(
            memory, self.quantiles[:, which], self.keys[:, which], self.before[which],
            self.today[which], self.names[which],
        )  # fmt: skip


@dataclass
class _Tally:
    beta: float = 0.6  # of a step from the cloud's middle: 1 forgets where it began
    share: float = 0.5  # of the stretches that get new noise
    tried: int = 0
    taken: int = 0
    renewed: list[int] = field(default_factory=list)


def ours(function: int, x: Floats) -> Floats:
    """exp (0), log (1), logistic (2) or the normal quantile (3), the same bits everywhere."""
    flat = np.ascontiguousarray(x, np.float64).reshape(-1)
    out = np.empty_like(flat)
    machinery.machine().elementwise(function, flat, out)
    return out.reshape(x.shape)


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


def run_island(
    f: Filter, number: int, size: int = ISLAND, snapshots: frozenset[int] = frozenset(),
    moves: int = MOVES, stop: NDArray[np.int64] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Island:  # fmt: skip
    """Lives an island's worlds through the schedule; keeps its cloud on the days of `snapshots`
    and on the last."""
    return _Run(f, number, size, moves, stop).through(snapshots, progress)


class _Run:
    def __init__(
        self, f: Filter, number: int, size: int, moves: int, stop: NDArray[np.int64] | None
    ) -> None:
        self.f, self.number, self.size, self.moves, self.stop = f, number, size, moves, stop
        self.width = wide(size)
        self.places = np.array(list(f.written.given.values()), np.int64)
        self.starts = [0]
        self.tally = _Tally()
        self.named = size

    def name(self, what: str) -> str:
        return f"island {self.number} {what}"

    def through(self, snapshots: frozenset[int], progress: Callable[[int], None] | None) -> Island:
        last = self.f.schedule.last
        first = self.first_worlds()
        worlds, log_weights, evidence = first, np.zeros(self.size), 0.0
        so_far, squares, clouds = list[float](), list[float](), dict[int, Cloud]()
        died, breath = None, None
        for day in range(last + 1):
            morning = (worlds.quantiles, worlds.keys, worlds.before)
            self.live(worlds, day)
            worlds, log_weights, evidence = self.weigh(worlds, log_weights, evidence, day)
            more, weights = mean_of(log_weights)
            if more == -math.inf or evidence == -math.inf:
                died = day
                breath = Cloud(day, -math.inf, weights, morning[0], tuple(self.starts), morning[1],
                               self.unknowns(worlds))  # fmt: skip
                break
            used = day in snapshots or day == last
            if used and self.squares(worlds, weights) * self.size > FRESH:
                evidence += more
                worlds = self.renew(worlds, weights, day, 1.0, REFRESHED, noise=0.0)
                log_weights = np.zeros(self.size)
                more, weights = mean_of(log_weights)
            so_far.append(evidence + more)
            squares.append(self.squares(worlds, weights))
            worlds.before, worlds.today = worlds.before + worlds.today, np.zeros(self.size)
            if used:
                clouds[day] = Cloud(
                    day, so_far[-1], weights, worlds.quantiles.copy(), tuple(self.starts),
                    worlds.keys.copy(), self.unknowns(worlds),
                )  # fmt: skip
            if progress:
                progress(1)
        t = self.tally
        return Island(
            self.number, tuple(so_far), tuple(squares), tuple(t.renewed),
            t.taken / t.tried if t.tried else 1.0, clouds, died, breath,
        )  # fmt: skip

    # ---- living --------------------------------------------------------------------------

    def first_worlds(self) -> _Worlds:
        f, n = self.f, self.size
        keys = world_keys(f.seed, range(self.number * n, (self.number + 1) * n))
        quantiles = np.array([uniforms(keys, name) for name in f.written.given]).reshape(-1, n)
        worlds = _Worlds(
            np.zeros((f.tape.slots, self.width)), quantiles, keys[None, :].copy(), np.zeros(n),
            np.zeros(n), np.arange(n),
        )  # fmt: skip
        self.awake(worlds)
        return worlds

    def awake(self, worlds: _Worlds) -> None:
        """Their first morning."""
        worlds.memory[:] = 0.0
        worlds.memory[self.places, : self.size] = worlds.quantiles
        self.advance(worlds, worlds.keys[0], -1, 0)

    def advance(self, worlds: _Worlds, keys: Keys, first: int, lasts: int) -> None:
        kept = Kept.nothing(self.f.plan, self.size)
        memory = worlds.memory.reshape(-1)
        advance(self.f.tape, kept, memory, self.width, keys, first, lasts, self.stop)
        if self.stop is not None and self.stop[0] != 0:
            raise KeyboardInterrupt

    def live(self, worlds: _Worlds, day: int) -> None:
        self.advance(worlds, np.ascontiguousarray(worlds.keys[-1]), day, day + 1)
        worlds.today = self.log_weight(worlds) - worlds.before

    def log_weight(self, worlds: _Worlds) -> Floats:
        return worlds.memory[self.f.written.log_weight, : self.size].copy()

    def unknowns(self, worlds: _Worlds) -> Floats:
        first, count = self.f.written.program.unknowns
        return worlds.memory[first : first + count, : self.size].T.copy()

    def again(self, worlds: _Worlds, day: int) -> None:
        """Lives the worlds anew from the first morning to the end of a day."""
        self.awake(worlds)
        for first, end, keys in self.stretches(worlds, day):
            self.advance(worlds, keys, first, end)
        worlds.before = self.log_weight(worlds)
        (_, _, keys), *_ = self.stretches(worlds, day + 1)[-1:]
        self.advance(worlds, keys, day, day + 1)
        worlds.today = self.log_weight(worlds) - worlds.before

    def stretches(self, worlds: _Worlds, days: int) -> list[tuple[int, int, Keys]]:
        """First day, day after the last, and keys of each stretch within the first `days`."""
        ends = [*self.starts[1:], days]
        return [
            (first, min(end, days), np.ascontiguousarray(worlds.keys[k]))
            for k, (first, end) in enumerate(zip(self.starts, ends, strict=True))
            if first < min(end, days)
        ]

    # ---- weighing ------------------------------------------------------------------------

    def weigh(
        self, worlds: _Worlds, log_weights: Floats, evidence: float, day: int
    ) -> tuple[_Worlds, Floats, float]:
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

    def squares(self, worlds: _Worlds, weights: Floats) -> float:
        """Copies count once, with the weight of all of them."""
        _, place = np.unique(worlds.names, return_inverse=True)
        together = np.bincount(place, weights)
        return math.fsum((together * together).tolist())

    # ---- renewing ------------------------------------------------------------------------

    def renew(
        self, worlds: _Worlds, weights: Floats, day: int, power: float, moves: int | None = None,
        noise: float = 0.5,
    ) -> _Worlds:  # fmt: skip
        """Draws worlds anew by their weights (systematic resampling), then moves them. Copies
        throw dice of their own from tomorrow on."""
        t = self.tally
        t.renewed.append(day)
        what = self.name(f"renewed {len(t.renewed)}")
        die = float(uniforms(named_keys(self.f.seed, what, 1), "which")[0])
        points = (np.arange(self.size) + die) / self.size
        which = np.minimum(np.searchsorted(np.cumsum(weights), points), self.size - 1)
        worlds = worlds.take(which)
        fresh = named_keys(self.f.seed, f"{what} keys", self.size)
        if self.starts[-1] == day + 1:
            worlds.keys[-1] = fresh
        else:
            worlds.keys = np.concatenate([worlds.keys, fresh[None, :]])
            self.starts.append(day + 1)
        for move in range(self.moves if moves is None else moves):
            worlds = self.move(worlds, day, power, f"{what} move {move}", noise)
        return worlds

    def move(
        self, worlds: _Worlds, day: int, power: float, what: str, renoised: float
    ) -> _Worlds:
        """One step of Metropolis and Hastings. Most worlds get other draws, by a step reversible
        with respect to the normal that fits the cloud (preconditioned Crank-Nicolson; Cotter,
        Roberts, Stuart and White 2013), and keep their noise; a share `renoised` keeps its draws
        and gets new noise for some stretches of days. The length of both steps is adapted."""
        f, n, t = self.f, self.size, self.tally
        keys = named_keys(f.seed, what, n)
        x = logits(worlds.quantiles)
        middle, root, inverse = fitted(x)
        z = np.array([ours(3, uniforms(keys, f"normal {k}")) for k in range(len(x))])
        step = np.einsum("ij,jn->in", root, z.reshape(len(x), n))
        away = x - middle
        y = middle + math.sqrt(1.0 - t.beta**2) * away + t.beta * step
        proposed = _Worlds(
            np.zeros_like(worlds.memory), np.clip(ours(2, y), 1e-15, 1.0 - 1e-15),
            worlds.keys.copy(), np.zeros(n), np.zeros(n), np.arange(n) + self.named,
        )  # fmt: skip
        self.named += n
        past = int((np.array(self.starts) <= day).sum())
        fresh = uniforms(keys, "noise") < renoised
        noise = named_keys(f.seed, f"{what} noise", n)
        some = int(mix(site(what)) % past)
        for k in range(past):
            hit = fresh & ((uniforms(keys, f"stretch {k}") < t.share) | (k == some))
            proposed.keys[k, hit] = noise[hit]
        proposed.quantiles = np.where(fresh, worlds.quantiles, proposed.quantiles)
        proposed.names = np.where(fresh, worlds.names, proposed.names)
        self.again(proposed, day)
        ratio = (
            target(proposed, power) - target(worlds, power)
            + log_prior(logits(proposed.quantiles)) - log_prior(x)
            + log_normal(x, middle, inverse)
            - log_normal(logits(proposed.quantiles), middle, inverse)
        )  # fmt: skip
        taken = ours(1, uniforms(keys, "accept")) < ratio
        t.tried += n
        t.taken += int(taken.sum())
        t.beta = adapted(t.beta, taken[~fresh], 0.05)
        t.share = adapted(t.share, taken[fresh], 0.01)
        memory = worlds.memory
        memory[:, :n] = np.where(taken, proposed.memory[:, :n], memory[:, :n])
        return _Worlds(
            memory, np.where(taken, proposed.quantiles, worlds.quantiles),
            np.where(taken, proposed.keys, worlds.keys),
            np.where(taken, proposed.before, worlds.before),
            np.where(taken, proposed.today, worlds.today),
            np.where(taken, proposed.names, worlds.names),
        )  # fmt: skip


def adapted(scale: float, taken: NDArray[np.bool_], least: float) -> float:
    """A bolder or a more careful step, towards a quarter of the proposals taken."""
    rate = float(taken.mean()) if len(taken) else 0.25
    factor = 1.25 if rate > 0.3 else 0.8 if rate < 0.2 else 1.0
    return min(1.0, max(least, scale * factor))


def target(worlds: _Worlds, power: float) -> Floats:
    """The log of what is aimed at: all reports up to yesterday, and a power of today's."""
    possible = worlds.today > IMPOSSIBLE
    alive = possible & (worlds.before > IMPOSSIBLE)
    return np.where(alive, worlds.before + power * worlds.today, NO_CHANCE)


def logits(u: Floats) -> Floats:
    return ours(1, u) - ours(1, 1.0 - u)


def fitted(x: Floats) -> tuple[Floats, Floats, Floats]:
    """Mean (draws, 1), root of the covariance, and its inverse, of the cloud's log-odds."""
    middle = x.mean(axis=1, keepdims=True)
    away = x - middle
    covariance = (1.0 - SHRUNK) * np.einsum("in,jn->ij", away, away) / x.shape[1]
    covariance += SHRUNK * PRIOR_VARIANCE * np.eye(len(x))
    root = np.linalg.cholesky(covariance)
    return middle, root, np.linalg.inv(root)


def log_normal(x: Floats, middle: Floats, inverse: Floats) -> Floats:
    """The log density of the fitted normal, up to a constant."""
    z = np.einsum("ij,jn->in", inverse, x - middle)
    return np.asarray(-0.5 * (z * z).sum(axis=0))


def log_prior(x: Floats) -> Floats:
    """The log density of log-odds of uniform numbers: standard logistic, each by itself."""
    return np.asarray((-np.abs(x) - 2.0 * ours(1, 1.0 + ours(0, -np.abs(x)))).sum(axis=0))

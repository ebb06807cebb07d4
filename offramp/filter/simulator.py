"""Worlds of one island as arrays, and the machine that simulates them among reports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offramp.engine.blocks import machinery
from offramp.engine.blocks.report_days import program
from offramp.engine.blocks.tape import Tape, tape
from offramp.engine.blocks.worlds import NOTHING, Recorder, advance, wide
from offramp.engine.by_value import ByValue
from offramp.engine.noise import Keys, uniforms
from offramp.engine.plan import Plan
from offramp.engine.schedule import Schedule
from offramp.filter.prepaid import Prepaid, prepaid
from offramp.language.crisis import Crisis

Floats = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True, eq=False, kw_only=True)
class Written(ByValue):
    """The days of a schedule on a tape, and the slots that the filter fills or reads: those of the
    uniform numbers of what is constant (`given`, each shown by the die of `dice`), of the days of
    disputed reports, and of a world's log weight."""

    tape: Tape
    dice: tuple[str, ...]
    given: Places
    dates: Places
    log_weight: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Filter(ByValue):
    """What all islands share: the crisis laid out, the schedule, its days as they are written,
    what is paid in advance, and the slots that last from one day to the next. Where the tape is
    common to the crisis and another one, `beside`, `inputs` are what the crisis gives to it."""

    plan: Plan
    schedule: Schedule
    seed: int
    prepaid: Prepaid
    tape: Tape
    dice: tuple[str, ...]
    given: Places
    dates: Places
    log_weight: int
    lasting: Places
    inputs: Floats = field(default_factory=NOTHING.copy)
    beside: Crisis | None = None

    def memory(self, width: int) -> Floats:
        """A block's memory (slots, width) before the first morning."""
        return self.tape.memory(width, self.inputs)


def written(plan: Plan, schedule: Schedule) -> Written:
    """Writes the days of a schedule out. Pure."""
    found = program(plan, schedule)
    return Written(
        tape=tape(found.program),
        dice=tuple(found.given),
        given=np.array(list(found.given.values()), np.int64),
        dates=np.array(list(found.dates.values()), np.int64),
        log_weight=found.log_weight,
    )


def prepare(
    plan: Plan,
    schedule: Schedule,
    seed: int,
    write: Callable[[Plan, Schedule], Written] = written,
) -> Filter:
    """Has the days of a schedule written out, once for all islands, by `write`.

    Raises ValueError where an earlier as-of day lies within the days of a report, or between a
    reported deed and its decision: such a report was not known on that day, and needs a filter of
    its own (`conditioned.together`).
    """
    for s in schedule.sightings:
        days = [day for day, _ in s.days()]
        first, last_day = min(days) - schedule.lead(s.event), max(days)
        if any(first <= stop < last_day for stop in schedule.stops):
            raise ValueError(f"report {s.id} reaches beyond an as-of day on which it is used")
    w = write(plan, schedule)
    first, count = w.tape.layout.first_daily, w.tape.layout.daily
    daily = np.arange(first, first + count)
    lasting = np.setdiff1d(np.arange(w.tape.slots), np.concatenate([daily, w.given, w.dates]))
    return Filter(
        plan=plan,
        schedule=schedule,
        seed=seed,
        prepaid=prepaid(plan, schedule),
        tape=w.tape,
        dice=w.dice,
        given=w.given,
        dates=w.dates,
        log_weight=w.log_weight,
        lasting=lasting,
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class Particles(ByValue):
    """An island's worlds at the end of a day.

    weights        sum to 1
    log_likelihood (worlds,): the log probability of all reports so far in each world
    quantiles      (draws, worlds): the uniform numbers of what is constant, in order of `names`
    keys           (stretches, worlds); stretch k begins on the day starts[k]
    unknowns       (worlds, unknowns)
    """

    day: int
    log_evidence: float
    weights: Floats
    log_likelihood: Floats
    quantiles: Floats
    starts: tuple[int, ...]
    keys: Keys
    unknowns: Floats


@dataclass(frozen=True, eq=False, kw_only=True)
class Evening(ByValue):
    """What an island must know of its last evening, beside its cloud, to go on from it as if it had
    never stopped: its worlds themselves are simulated again from their keys.

    log_weights  (worlds,): since worlds were last drawn anew; `evidence` the log of what came
                 before
    reported     (worlds,): the log weight of the reports so far, what is owed in advance included
    names        worlds of one name share what is constant; `origins` is from which world of the
                 first morning each comes
    world_days   how many were simulated so far; `mover` what moves remember (`Mover.memory`)
    """

    log_weights: Floats
    evidence: float
    reported: Floats
    names: Places
    origins: Places
    world_days: int
    mover: dict[str, Any]


@dataclass(frozen=True, eq=False, kw_only=True)
class Island(ByValue):
    """`log_evidence` per day, from the first, of all reports so far; `means` and `squares` (days,
    columns) those of the columns of `features`, and `log_likelihood` (days,) the mean of the
    worlds' own; `renewed` are the days on which worlds were drawn anew; `accepted` the share of
    moves taken, by kind; `passes` the days that its worlds were simulated, by what for. `died` is
    the day on which no world was left, `last_breath` the worlds on its morning; `evening` that of
    the last day, where one was left and worlds are moved."""

    number: int
    log_evidence: tuple[float, ...]
    means: Floats
    squares: Floats
    log_likelihood: Floats
    renewed: tuple[int, ...]
    accepted: dict[str, float]
    passes: dict[str, float]
    clouds: dict[int, Particles]
    died: int | None
    last_breath: Particles | None
    evening: Evening | None = None


@dataclass(frozen=True, eq=False)
class Morning(ByValue):
    """What lasts of worlds (lasting slots, some), on the morning of a day; world i is in column
    `of[i]`. Worlds that are drawn anew share columns; nothing is copied."""

    memory: Floats
    of: Places

    def take(self, which: Places) -> Morning:
        return Morning(self.memory, self.of[which])

    def where(self, taken: NDArray[np.bool_], other: Morning) -> Morning:
        """The other's worlds where they are taken."""
        both = np.where(taken, other.memory[:, other.of], self.memory[:, self.of])
        return Morning(both, np.arange(len(self.of)))


@dataclass(frozen=True, eq=False, kw_only=True)
class Worlds(ByValue):
    """An island's worlds. `before` and `today` are the log weights of the reports up to yesterday
    and of today's; worlds of one name share what is constant; `origins` is from which world of the
    first morning each comes. `mornings[k]` is that of the first day of stretch k."""

    memory: Floats  # (slots, width)
    quantiles: Floats
    dates: Floats  # (disputed reports, worlds): the day on which each falls
    keys: Keys
    before: Floats
    today: Floats
    names: Places
    origins: Places
    mornings: tuple[Morning, ...]

    @property
    def number(self) -> int:
        return len(self.names)

    def take(self, which: Places) -> Worlds:
        memory = self.memory.copy()
        memory[:, : len(which)] = self.memory[:, which]
        return Worlds(
            memory=memory,
            quantiles=self.quantiles[:, which],
            dates=self.dates[:, which],
            keys=self.keys[:, which],
            before=self.before[which],
            today=self.today[which],
            names=self.names[which],
            origins=self.origins[which],
            mornings=tuple(m.take(which) for m in self.mornings),
        )

    def where(self, taken: NDArray[np.bool_], other: Worlds) -> Worlds:
        """The other's worlds where they are taken."""
        n = self.number
        memory = self.memory.copy()
        memory[:, :n] = np.where(taken, other.memory[:, :n], memory[:, :n])
        return Worlds(
            memory=memory,
            quantiles=np.where(taken, other.quantiles, self.quantiles),
            dates=np.where(taken, other.dates, self.dates),
            keys=np.where(taken, other.keys, self.keys),
            before=np.where(taken, other.before, self.before),
            today=np.where(taken, other.today, self.today),
            names=np.where(taken, other.names, self.names),
            origins=self.origins,  # a move has no other
            mornings=tuple(
                a if a is b else a.where(taken, b)
                for a, b in zip(self.mornings, other.mornings, strict=True)
            ),
        )


class Simulator:
    """Simulates an island's worlds among reports. `starts[k]` is the first day of stretch k."""

    def __init__(self, f: Filter, size: int, stop: Places | None) -> None:
        self.f, self.size, self.stop = f, size, stop
        self.width = wide(size)
        self.world_days = 0

    def first_worlds(self, keys: Keys) -> Worlds:
        """Worlds of the prior on their first morning."""
        f, n = self.f, self.size
        quantiles = np.array([uniforms(keys, name) for name in f.dice]).reshape(-1, n)
        nothing = np.zeros(n)
        empty = Worlds(
            memory=f.memory(self.width),
            quantiles=quantiles,
            dates=self.dates(quantiles),
            keys=keys[None, :],
            before=nothing,
            today=nothing,
            names=np.arange(n),
            origins=np.arange(n),
            mornings=(),
        )
        self.awake(empty)
        morning = Morning(empty.memory[f.lasting, :n], np.arange(n))
        return replace(empty, mornings=(morning,))

    def evening_worlds(self, cloud: Particles, evening: Evening, first: Keys) -> Worlds:
        """The worlds of an earlier filter's last evening (`Schedule.until`), simulated again by
        this one. `first` are the keys of the island's first morning: by them the days are drawn of
        disputed reports that the earlier filter did not know."""
        f, n = self.f, self.size
        disputed = [s for s in f.schedule.sightings if s.day is None]
        undated = len(f.dice) - len(disputed)
        known = iter(cloud.quantiles[undated:])
        own = first[evening.origins]
        rows = [
            next(known) if max(d for d, _ in s.days()) <= cloud.day else uniforms(own, name)
            for s, name in zip(disputed, f.dice[undated:], strict=True)
        ]
        quantiles = np.array([*cloud.quantiles[:undated], *rows]).reshape(-1, n)
        worlds = Worlds(
            memory=f.memory(self.width),
            quantiles=quantiles,
            dates=self.dates(quantiles),
            keys=cloud.keys,
            before=evening.reported,
            today=np.zeros(n),
            names=evening.names,
            origins=evening.origins,
            mornings=(),
        )
        lived = self.again(worlds, list(cloud.starts), cloud.day, 0)
        self.world_days = evening.world_days
        return replace(lived, before=evening.reported, today=np.zeros(n))

    def dates(self, quantiles: Floats) -> Floats:
        """The days on which disputed reports fall: the last rows of the quantiles are theirs."""
        own = quantiles[len(quantiles) - len(self.f.dates) :]
        return self.f.prepaid.dates(own)

    def awake(self, worlds: Worlds) -> None:
        """Their first morning, into their memory."""
        worlds.memory[:] = self.f.memory(self.width)
        worlds.memory[self.f.given, : self.size] = worlds.quantiles
        self.advance(worlds, worlds.keys[0], -1, 0)

    def advance(self, worlds: Worlds, keys: Keys, first: int, end: int) -> None:
        kept = Recorder.nothing(self.f.plan, self.size)
        memory, keys = worlds.memory.reshape(-1), np.ascontiguousarray(keys)
        advance(
            t=self.f.tape,
            kept=kept,
            memory=memory,
            width=self.width,
            keys=keys,
            first=first,
            lasts=end,
            stop=self.stop,
        )
        self.world_days += self.size * max(0, end - max(0, first))
        if self.stop is not None and self.stop[0] != 0:
            raise KeyboardInterrupt

    def log_weight(self, worlds: Worlds, day: int) -> Floats:
        """Of the reports up to the end of a day, what is still owed in advance included."""
        own = worlds.memory[self.f.log_weight, : self.size]
        return own - self.f.prepaid.owed(worlds.dates, day)

    def live(self, worlds: Worlds, day: int) -> Worlds:
        """One day more, on the keys of the last stretch."""
        before = worlds.before + worlds.today
        self.advance(worlds, worlds.keys[-1], day, day + 1)
        return replace(worlds, before=before, today=self.log_weight(worlds, day) - before)

    def again(self, worlds: Worlds, starts: list[int], day: int, since: int) -> Worlds:
        """The same worlds simulated anew from the morning of stretch `since` to the end of a day:
        from their quantiles where that is the first."""
        n, f = self.size, self.f
        mornings = list(worlds.mornings[:since])
        if since == 0:
            self.awake(worlds)
        else:
            kept = worlds.mornings[since]
            worlds.memory[:] = 0.0
            worlds.memory[f.lasting, :n] = kept.memory[:, kept.of]
            worlds.memory[f.given, :n] = worlds.quantiles
            worlds.memory[f.dates, :n] = worlds.dates
        ends = [*starts[1:], day + 1]
        before = np.zeros(n)
        for k in range(since, len(starts)):
            if k == since > 0:
                mornings.append(worlds.mornings[k])
            else:
                mornings.append(Morning(worlds.memory[f.lasting, :n], np.arange(n)))
            first, end = starts[k], min(ends[k], day + 1)
            if first <= day < end:
                self.advance(worlds, worlds.keys[k], first, day)
                before = self.log_weight(worlds, day - 1)
                first = day
            if first < end:
                self.advance(worlds, worlds.keys[k], first, end)
        today = self.log_weight(worlds, day) - before
        return replace(worlds, before=before, today=today, mornings=tuple(mornings))


def features(plan: Plan, unknowns: Floats) -> Floats:
    """What is watched of unknowns (worlds, unknowns) for whether islands agree: a number as it is,
    of named values whether it is each. (worlds, columns), in the order of `featured`."""
    columns = []
    for k, prior in enumerate(plan.priors):
        x = unknowns[:, k]
        columns += [x == j for j in range(len(prior.chances))] if prior.chances else [x]
    return np.array(columns, float).reshape(-1, len(unknowns)).T


def featured(plan: Plan) -> tuple[int, ...]:
    """Of each column of `features`, which unknown it is of."""
    return tuple(k for k, prior in enumerate(plan.priors) for _ in (prior.chances or ("itself",)))


def ours(function: int, x: Floats) -> Floats:
    """exp (0), log (1), logistic (2) or the normal quantile (3), the same bits everywhere."""
    flat = np.ascontiguousarray(x, np.float64).reshape(-1)
    out = np.empty_like(flat)
    machinery.machine().elementwise(function, flat, out)
    return out.reshape(x.shape)

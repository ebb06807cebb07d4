"""Worlds conditioned on the reports, and the same worlds but for an edit.

Abduction: the worlds of a posterior, with the noise that made them live the reports. Action: the
edited crisis takes over on a day. Prediction: both go on side by side to the last day of the run,
the edited one with what is known of the noise (Pearl 2009, Causality, chapter 7; Oberst and Sontag
2019 for choices; `engine/blocks/twins.py`). Two more arms have the same mornings and new dice from
that day on, one as it is and one but for it: the independent coupling. It forgets the reports of
later days, so its two arms are to be compared with each other, and tell whether a difference can
be seen without the coupling.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from offramp.engine.blocks.coupled import but_for, telling, telling_reported
from offramp.engine.blocks.days import program
from offramp.engine.blocks.tape import Tape, tape
from offramp.engine.blocks.threads import side_by_side
from offramp.engine.blocks.worlds import BLOCK, Recorder, advance, wide
from offramp.engine.by_value import ByValue
from offramp.engine.ensemble import Ensemble, merge
from offramp.engine.noise import Keys, named_keys
from offramp.engine.plan import Plan, plan
from offramp.engine.run import STORIES, Progress, RunSpec
from offramp.filter.islands import shares
from offramp.filter.posterior import Handover, Posterior, copied, draw, handover
from offramp.filter.simulator import Filter, Floats, Particles
from offramp.language.crisis import Crisis


@dataclass(frozen=True)
class Twins:
    """Four ensembles of the same worlds in the same order: as it was, but for the edit under the
    Gumbel coupling, and from that morning on with new noise, without the edit and with it."""

    actual: Ensemble
    coupled: Ensemble
    renewed: Ensemble
    independent: Ensemble


@dataclass(frozen=True, eq=False, kw_only=True)
class _Tapes(ByValue):
    """The tapes of all arms; pairs of slots, from the teller's to the hearer's; how the edited
    crisis takes over."""

    reported: Tape
    free: Tape
    edited: Tape
    alone: Tape
    plain: Tape
    given: NDArray[np.int64]
    from_reported: tuple[NDArray[np.int64], NDArray[np.int64]]
    from_free: tuple[NDArray[np.int64], NDArray[np.int64]]
    passed: Handover
    ordinary: int  # the first so many slots are alike in all programs of the crisis as it is


def _tapes(f: Filter, edited: Plan) -> _Tapes:
    reported, told = telling_reported(f.plan, f.schedule)
    free = telling(f.plan)
    other, heard = but_for(edited, f.plan, told)
    plain = program(f.plan)
    pairs = [
        (np.array([found[k] for k in heard]), np.array([heard[k] for k in heard]))
        for found in (told, free.told)
    ]
    return _Tapes(
        reported=tape(reported.program),
        free=tape(free.program),
        edited=tape(other),
        alone=tape(program(edited)),
        plain=tape(plain),
        given=np.array(list(reported.given.values()), np.int64),
        from_reported=pairs[0],
        from_free=pairs[1],
        passed=handover(f.plan, edited),
        ordinary=len(plain.slots),
    )


def twins(
    p: Posterior,
    crisis: Crisis,
    job: RunSpec,
    day: int,
    worlds: int | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Twins:
    """Lives the posterior's worlds again, and but for the edit that made `crisis`, from the morning
    of `day` on. `job` says what is watched; both crises have the same elements in the same order.

    Worlds are of equal weight, drawn as in `posterior.futures`. Raises ValueError where the edited
    crisis cannot take over (`posterior.handover`).
    """
    f = p.filter
    edited = plan(crisis)
    tapes = _tapes(f, edited)
    last = f.schedule.last
    whole = [(k, i.clouds[last]) for k, i in enumerate(p.islands) if last in i.clouds]
    logs = np.array([c.log_evidence for _, c in whole])
    n = worlds or sum(len(c.weights) for _, c in whole)
    drawn = draw(f, [c for _, c in whole], shares(logs), n, last)
    parts: list[tuple[Particles, NDArray[np.int64]]] = []
    for (_, cloud), which in zip(whole, drawn, strict=True):
        parts += [(cloud, which[a : a + BLOCK]) for a in range(0, len(which), BLOCK)]
    keys = named_keys(f.seed, f"after day {last}", n)
    others = named_keys(f.seed, f"but for it, from day {day}", n)
    starts = np.cumsum([0, *(len(which) for _, which in parts)])
    stop, lock = np.zeros(1, np.int64), threading.Lock()

    def lived(number: int) -> tuple[Ensemble, ...]:
        cloud, which = parts[number]
        a = int(starts[number])
        told = STORIES // len(parts) + (number < STORIES % len(parts))
        pair = _Pair(
            tapes=tapes,
            f=f,
            edited=edited,
            job=job,
            day=day,
            worlds=len(which),
            told=min(told, len(which)),
            stop=stop,
        )
        pair.live(cloud, which, keys[a : a + len(which)], others[a : a + len(which)])
        if progress:
            with lock:
                progress(len(which))
        numbers = tuple(range(a, a + len(which)))
        return pair.ensembles(f.seed, numbers)

    found = side_by_side(lived, len(parts), threads, stop)
    islands = np.concatenate([np.full(len(w), k) for (k, _), w in zip(whole, drawn, strict=True)])
    effective = min(float(n), p.on(last).ess)
    arms = [
        replace(merge([row[k] for row in found]), islands=islands, effective=effective)
        for k in range(4)
    ]
    return Twins(*arms)


@dataclass(eq=False, kw_only=True)
class _Pair:
    """A block of worlds in all arms; each arm has a memory and what is kept of it."""

    tapes: _Tapes
    f: Filter
    edited: Plan
    job: RunSpec
    day: int
    worlds: int
    told: int
    stop: NDArray[np.int64]

    def __post_init__(self) -> None:
        self.width = wide(self.worlds)
        self.actual = Recorder.empty(self.f.plan, self.job, self.worlds, self.told)
        self.coupled = self.renewed = self.independent = self.actual

    def memory(self, t: Tape) -> Floats:
        return np.zeros((t.slots, self.width))

    def step(
        self, t: Tape, kept: Recorder, memory: Floats, keys: Keys, first: int, end: int
    ) -> None:
        advance(
            t=t,
            kept=kept,
            memory=memory.reshape(-1),
            width=self.width,
            keys=keys,
            first=first,
            lasts=end,
            stop=self.stop,
        )

    def live(self, cloud: Particles, which: NDArray[np.int64], after: Keys, others: Keys) -> None:
        t, last, days = self.tapes, self.f.schedule.last, self.job.lasts
        own = np.ascontiguousarray(cloud.keys[:, which])
        memory = self.memory(t.reported)
        memory[t.given, : len(which)] = cloud.quantiles[:, which]
        self.step(t.reported, self.actual, memory, own[0], -1, 0)
        coupled = alone = again = memory
        for day, keys in self.keys_of(cloud, own, after, last, days):
            if day == self.day:
                coupled = t.passed.memory(memory, self.memory(t.edited))
                alone = t.passed.memory(memory, self.memory(t.alone))
                again = memory[: t.ordinary].copy()
                self.renewed = copied(self.actual)
                self.coupled = replace(copied(self.actual), plan=self.edited)
                self.independent = replace(copied(self.actual), plan=self.edited)
            if day == last + 1:
                free = self.memory(t.free)
                free[: t.ordinary] = memory[: t.ordinary]
                memory = free
            reported = day <= last
            teller = t.reported if reported else t.free
            self.step(teller, self.actual, memory, keys, day, day + 1)
            if day >= self.day:
                told, heard = t.from_reported if reported else t.from_free
                coupled[heard] = memory[told]
                self.step(t.edited, self.coupled, coupled, keys, day, day + 1)
        self.step(t.alone, self.independent, alone, others, self.day, days)
        self.step(t.plain, self.renewed, again, others, self.day, days)

    def keys_of(
        self, cloud: Particles, own: Keys, after: Keys, last: int, days: int
    ) -> Iterator[tuple[int, Keys]]:
        """Each day with the keys of the stretch in which it falls."""
        for day in range(days):
            if day > last:
                yield day, after
            else:
                yield day, own[max(k for k, first in enumerate(cloud.starts) if first <= day)]

    def ensembles(self, seed: int, numbers: tuple[int, ...]) -> tuple[Ensemble, ...]:
        arms = (self.actual, self.coupled, self.renewed, self.independent)
        return tuple(kept.ensemble(seed, numbers) for kept in arms)

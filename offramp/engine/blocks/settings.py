"""Worlds whose unknowns are given, as quantiles of their priors: any setting, on any dice.

Every unknown is drawn by inversion, so that one number in (0, 1) decides it (`world.draw`). The
first morning here takes that number from a slot instead of from the world's key; the slots stand
behind those of the ordinary program, so that the days that follow are lived by the ordinary tape
in the same memory. Moods and all later dice hang on the key as ever: the same quantiles on other
keys are the same beliefs about the crisis under other luck. Quantiles equal to those that the keys
show give the free run's bytes.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from offramp.engine.blocks import machinery
from offramp.engine.blocks.days import Program, Writer
from offramp.engine.blocks.graph import Node
from offramp.engine.blocks.tape import Tape, tape
from offramp.engine.blocks.threads import side_by_side
from offramp.engine.blocks.worlds import BLOCK, Loaded, Recorder, advance, load, wide
from offramp.engine.by_value import ByValue
from offramp.engine.ensemble import Ensemble, merge
from offramp.engine.noise import Keys, uniforms
from offramp.engine.plan import Plan
from offramp.engine.run import Progress, RunSpec

Floats = NDArray[np.float64]
SMALLEST = 2.0**-53  # the least number that a die shows, and 1 less the greatest


@dataclass(frozen=True, eq=False)
class Settable(ByValue):
    """A crisis laid out for worlds of given unknowns.

    dice     what decides the unknowns, one name a column of quantiles: unknowns of one die move
             together
    of       per die, the unknowns (their places in the crisis) that it decides
    morning  the first morning, which reads the quantiles
    places   the slot of each die's quantile
    """

    loaded: Loaded
    dice: tuple[str, ...]
    of: tuple[tuple[int, ...], ...]
    morning: Tape
    places: NDArray[np.int64]

    @property
    def plan(self) -> Plan:
        return self.loaded.plan

    def shown(self, keys: Keys) -> Floats:
        """The quantiles that the dice of these worlds show, (worlds, dice)."""
        columns = [uniforms(keys, f"unknown {name}") for name in self.dice]
        return np.column_stack(columns) if columns else np.zeros((len(keys), 0))


def settable(plan: Plan, keep: bool = True) -> Settable:
    """Lays the crisis out; `keep` as in `worlds.load`."""
    machinery.machine()
    writer = _Writer(plan)
    written = tape(writer.program())
    of = tuple(
        tuple(i for i, x in enumerate(plan.priors) if x.dice == name) for name in writer.given
    )
    places = np.array(list(writer.given.values()), np.int64)
    return Settable(load(plan, keep), tuple(writer.given), of, written, places)


class _Writer(Writer):
    """Only the first morning, with the dice of unknowns in slots behind all others."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        names = dict.fromkeys(x.dice for x in plan.priors)
        self.given = {name: self.slots.some([f"quantile of {name}"])[0] for name in names}

    def first_die(self, name: str) -> Node:
        what, _, own = name.partition(" ")
        return self.slot(self.given[own]) if what == "unknown" else self.die(name)

    def program(self) -> Program:
        return replace(super().program(), day=())


def lived(
    s: Settable,
    job: RunSpec,
    quantiles: Floats,
    keys: Keys,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Ensemble:
    """Worlds of given unknowns and dice, on all cores; the same bytes for any number of threads.

    quantiles  (worlds, dice), each in [0, 1]; the ends count as the farthest that dice show
    keys       (worlds,); worlds of one key throw the same dice

    Raises ValueError for quantiles of another shape or outside [0, 1].
    """
    wanted = (len(keys), len(s.dice))
    if quantiles.shape != wanted:
        raise ValueError(f"quantiles of shape {quantiles.shape}; these worlds want {wanted}")
    if not np.all((quantiles >= 0.0) & (quantiles <= 1.0)):
        raise ValueError("a quantile lies between 0 and 1")
    inside = np.clip(quantiles, SMALLEST, 1.0 - SMALLEST)
    cores = max(1, threads or os.cpu_count() or 1)
    size = max(1, min(BLOCK, -(-len(keys) // cores)))
    stop = np.zeros(1, np.int64)

    def some(number: int) -> Ensemble:
        start = number * size
        own = np.ascontiguousarray(keys[start : start + size])
        kept = Recorder.empty(s.plan, job, len(own))
        width = wide(len(own))
        memory = np.zeros((s.morning.slots, width))
        memory[s.places, : len(own)] = inside[start : start + len(own)].T
        flat, ordinary = memory.reshape(-1), s.loaded.tape
        advance(
            t=s.morning, kept=kept, memory=flat, width=width, keys=own, first=-1, lasts=0, stop=stop
        )
        advance(
            t=ordinary,
            kept=kept,
            memory=flat[: ordinary.slots * width],
            width=width,
            keys=own,
            first=0,
            lasts=job.lasts,
            stop=stop,
        )
        if progress:
            progress(len(own))
        return kept.ensemble(job.seed, tuple(range(start, start + len(own))))

    return merge(side_by_side(some, -(-len(keys) // size), cores, stop))


def in_turn(
    parts: list[tuple[Floats, Keys]], live: Callable[[Floats, Keys], Ensemble]
) -> list[Ensemble]:
    """Several groups of worlds as one run, so that small groups too keep all cores busy. Of each
    its rows; the bands are those of all together."""
    if not parts:
        return []
    whole = live(np.concatenate([q for q, _ in parts]), np.concatenate([k for _, k in parts]))
    ends = np.cumsum([0, *(len(k) for _, k in parts)])
    return [_rows(whole, a, b) for a, b in pairwise(ends.tolist())]


def _rows(e: Ensemble, first: int, end: int) -> Ensemble:
    """Some worlds of many, numbered anew; their bands stay those of all."""
    rows = slice(first, end)
    return replace(
        e,
        numbers=tuple(range(end - first)),
        atoms=e.atoms[rows],
        unknowns=e.unknowns[rows],
        counts=e.counts[rows],
    )

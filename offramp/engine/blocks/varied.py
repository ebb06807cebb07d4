"""Worlds in each of which many numbers have another value: one tape, and inputs for every world.

Variants of a crisis share a tape whose inputs are what they differ in (`variants.py`). A block's
memory holds a row of each input, a place a world, so that worlds side by side may be of as many
variants as there are worlds.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.engine.blocks import machinery
from offramp.engine.blocks.threads import side_by_side
from offramp.engine.blocks.variants import shared
from offramp.engine.blocks.worlds import BLOCK, Loaded, Recorder, advance, load_all, wide
from offramp.engine.by_value import ByValue
from offramp.engine.ensemble import Ensemble, merge
from offramp.engine.noise import Keys
from offramp.engine.run import Progress, RunSpec
from offramp.language.crisis import Crisis
from offramp.text.diagnostics import Span

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Varied(ByValue):
    """A crisis laid out for worlds in which each of some numbers is at one of two values.

    low, high  (inputs,): what all inputs are with every number low, with every number high
    number     (inputs,): the place of the number that an input stands for
    """

    loaded: Loaded
    low: Floats
    high: Floats
    number: NDArray[np.int64]


def varied(crisis: Crisis, low: Crisis, high: Crisis, places: tuple[Span, ...]) -> Varied:
    """`low` and `high` are the crisis with the numbers at `places` turned, all down and all up.

    Raises ValueError where the three differ in more than that.
    """
    machinery.machine()
    loaded = load_all([crisis, low, high])
    common = shared([crisis, low, high])
    order = {(place,): k for k, place in enumerate(places)}
    if len(loaded[0].inputs) != len(common.stands) or not set(common.stands) <= set(order):
        raise ValueError("these crises differ in more than numbers in formulas")
    number = np.array([order[x] for x in common.stands if isinstance(x, tuple)], np.int64)
    return Varied(loaded[0], loaded[1].inputs, loaded[2].inputs, number)


def lived(
    v: Varied,
    job: RunSpec,
    up: Flags,
    keys: Keys,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Ensemble:
    """Worlds on all cores, the same bytes for any number of threads. `up` (worlds, numbers): which
    numbers are high in each; `keys` (worlds,)."""
    cores, tape = max(1, threads or os.cpu_count() or 1), v.loaded.tape
    size = max(1, min(BLOCK, -(-len(keys) // cores)))
    first, count = tape.inputs.tolist()
    stop = np.zeros(1, np.int64)

    def some(block: int) -> Ensemble:
        start = block * size
        own = np.ascontiguousarray(keys[start : start + size])
        kept = Recorder.empty(v.loaded.plan, job, len(own))
        width = wide(len(own))
        memory = tape.memory(width, v.low)
        chosen = up[start : start + len(own)][:, v.number]
        memory[first : first + count, : len(own)] = np.where(chosen, v.high, v.low).T
        advance(
            t=tape,
            kept=kept,
            memory=memory.reshape(-1),
            width=width,
            keys=own,
            first=-1,
            lasts=job.lasts,
            stop=stop,
        )
        if progress:
            progress(len(own))
        return kept.ensemble(job.seed, tuple(range(start, start + len(own))))

    return merge(side_by_side(some, -(-len(keys) // size), cores, stop))

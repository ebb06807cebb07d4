"""Worlds with their days: on which days chosen events happened, and how chosen quantities went."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from offramp.engine.blocks import machinery
from offramp.engine.blocks.days import branch_codes
from offramp.engine.blocks.worlds import BLOCK, Kept, advance, load, wide
from offramp.engine.by_value import ByValue
from offramp.engine.noise import world_keys
from offramp.engine.plan import Occurrence, plan
from offramp.engine.run import Job, Progress, bins_of


@dataclass(frozen=True, eq=False)
class Histories(ByValue):
    """Worlds 0 to n-1 of a seed.

    happened  by event, or `event.outcome`: (worlds, days), whether it happened on the day
    values    by quantity: (worlds, days), its value at the end of the day
    atoms     (worlds, monitors), as in Ensemble
    """

    happened: dict[str, NDArray[np.bool_]]
    values: dict[str, NDArray[np.float64]]
    atoms: NDArray[np.float64]


def histories(
    job: Job,
    worlds: int,
    events: Sequence[tuple[str, str]] = (),
    quantities: Sequence[str] = (),
    threads: int | None = None,
    progress: Progress | None = None,
) -> Histories:
    """The same worlds as `simulate`, with the days of some events (name, and outcome or '') and
    the courses of some quantities. Memory: a byte a world, day and event; eight a world, day and
    quantity."""
    machinery.machine()
    laid = plan(job.crisis)
    loaded = load(laid)
    numbered = {e.event.name: e for e in laid.events}
    kept_quantities = tuple(laid.layout.states[name] for name in quantities)
    bins = max((bins_of(laid, i) for i in kept_quantities), default=1)
    columns = [(numbered[n].index, _code(numbered[n], outcome)) for n, outcome in events]

    def lived(start: int) -> tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.float64]]:
        numbers = tuple(range(start, min(start + size, worlds)))
        kept = Kept.empty(laid, job, len(numbers), len(numbers))
        kept = replace(
            kept,
            shown=kept_quantities,
            bands=np.zeros((len(kept_quantities), job.crisis.days, bins), np.int64),
            series=np.zeros((len(numbers), job.crisis.days, len(kept_quantities))),
        )
        tape, width = loaded.tape, wide(len(numbers))
        memory = np.zeros(tape.slots * width)
        advance(tape, kept, memory, width, world_keys(job.seed, numbers), -1, job.crisis.days)
        days = [
            kept.logs[:, :, event] == code if code else kept.logs[:, :, event] > 0
            for event, code in columns
        ]
        if progress:
            progress(len(numbers))
        made = np.array(days, bool).reshape(len(days), len(numbers), job.crisis.days)
        return made, kept.series.transpose(2, 0, 1).copy(), kept.atoms

    cores = max(1, threads or os.cpu_count() or 1)
    size = max(1, min(BLOCK, -(-worlds // cores)))
    with ThreadPoolExecutor(cores) as pool:
        parts = list(pool.map(lived, range(0, worlds, size)))
    happened = np.concatenate([p[0] for p in parts], axis=1)
    values = np.concatenate([p[1] for p in parts], axis=1)
    return Histories(
        {f"{n}.{o}" if o else n: happened[k] for k, (n, o) in enumerate(events)},
        {name: values[k] for k, name in enumerate(quantities)},
        np.concatenate([p[2] for p in parts]),
    )


def _code(event: Occurrence, outcome: str) -> int:
    """What the log has of an outcome; 0 for any. The rest, where chances leave one, is nameless."""
    if not outcome:
        return 0
    codes = branch_codes(event)
    return codes[outcome if outcome in codes else ""] + 1

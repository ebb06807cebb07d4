"""Large runs, kept on disk."""

from __future__ import annotations

import os
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from offramp.api.common import Named, Progress, Steps, case_of
from offramp.errors import Mistake, Needs
from offramp.extras import install

if TYPE_CHECKING:
    from offramp.case.case import Case
    from offramp.engine.run import RunSpec
    from offramp.runs.manifest import Manifest


def run(
    case: Named,
    worlds: int,
    *,
    out: str | Path | None = None,
    seed: int = 1,
    shard: tuple[int, int] = (1, 1),
    threads: int | None = None,
    reference: bool = False,
    keep: Iterable[str] = (),
    progress: Progress | None = None,
) -> Path:
    """Simulates many worlds and keeps them in a folder, which is the result; a run cut short goes
    on where it was. The bytes depend on the case, `worlds` and `seed` alone (docs/runs.md).

    out    default: a new folder named after case, seed and worlds
    shard  only the i-th of n parts
    keep   quantities of which every day of every world is kept too, as `trajectories`

    Raises Needs without zarr, Mistake for a quantity that the case lacks, Refused where the folder
    holds something else.
    """
    if find_spec("zarr") is None:
        raise Needs(f"this needs zarr: {install('runs')}")
    if not 1 <= shard[0] <= shard[1] <= worlds:
        raise Mistake(f"{worlds} worlds have no part {shard[0]} of {shard[1]}", "shard")
    from offramp.engine.blocks.machinery import available
    from offramp.runs.live import Way
    from offramp.runs.live import run as simulate

    read = case_of(case)
    job, manifest = described(read, worlds, seed, shard, keep)
    folder = Path(out or default_name(read.id, seed, worlds, shard))
    way = Way(available() and not reference, threads or os.cpu_count() or 1)
    simulate(job, manifest, way, folder, progress=Steps(progress, len(manifest.numbers)))
    return folder


def described(
    case: Case, worlds: int, seed: int, shard: tuple[int, int], keep: Iterable[str]
) -> tuple[RunSpec, Manifest]:
    """What is to be simulated, and what the run will be. Raises Mistake as `run` does."""
    from offramp.answers.forecast import unsupposed, watches
    from offramp.engine.run import RunSpec
    from offramp.runs.keep import daily, in_order
    from offramp.runs.manifest import describe

    crisis = case.crisis
    kept = in_order(crisis, (keep,) if isinstance(keep, str) else keep)
    watched = (*watches(unsupposed(case), crisis.first)[1], *daily(crisis, kept))
    job = RunSpec(crisis, watched, seed)
    return job, describe(case, job, worlds, shard, kept)


def default_name(case: str, seed: int, worlds: int, shard: tuple[int, int]) -> str:
    i, n = shard
    return f"{case}-seed{seed}-{worlds}" + (f"-shard{i}of{n}" if n > 1 else "")

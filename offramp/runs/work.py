"""Living worlds: the one place that knows which engine does it."""

from __future__ import annotations

import functools
import pickle
import threading
import time
import zlib
from collections.abc import Callable

from offramp.engine.blocks import worlds as blocks
from offramp.engine.ensemble import Ensemble
from offramp.engine.plan import plan
from offramp.engine.run import STORIES, RunSpec, run_chunk
from offramp.version import __version__

Worker = Callable[[tuple[int, ...]], Ensemble]


class Stopped(RuntimeError):
    """No more worlds can be simulated, through no fault of the run; the message says why."""


def worker(job: RunSpec, compiled: bool) -> Worker:
    """What lives worlds of a job, given their numbers (consecutive, in order).

    Stories are kept of the first twelve. Before the machine is trusted, the reference interpreter
    lives those twelve too: should a bit differ, `Stopped` is raised.
    """
    if not compiled:
        laid = plan(job.crisis)
        return lambda numbers: run_chunk(laid, job, range(numbers[0], numbers[-1] + 1))
    loaded = blocks.load(plan(job.crisis))
    try:
        blocks.check(loaded, job, STORIES, job.lasts)
    except blocks.Differs as error:
        raise Stopped(f"{error} `--reference` runs it without the machine") from None
    return lambda numbers: blocks.block(loaded, job, numbers, max(0, STORIES - numbers[0]))


def timed(live: Worker, worlds: range) -> tuple[Ensemble, float]:
    """The worlds, and the seconds that they took."""
    began = time.perf_counter()
    return live(tuple(worlds)), time.perf_counter() - began


def packed(job: RunSpec) -> bytes:
    """A job for another process: tens of kilobytes, so that every task can carry it."""
    return zlib.compress(pickle.dumps(job), 1)


def elsewhere(job: bytes, version: str, compiled: bool, worlds: range) -> tuple[Ensemble, float]:
    """`timed` in another process, perhaps on another machine: the crisis is laid out, compiled
    and checked once per process. Raises `Stopped` where another version of Offramp is installed."""
    if version != __version__:
        raise Stopped(
            f"a worker runs Offramp {__version__}, and this is {version}: install the same version "
            "everywhere"
        )
    with _one_at_a_time:
        live = _ready(job, compiled)
    return timed(live, worlds)


_one_at_a_time = threading.Lock()  # threads of one worker wait for one compilation


@functools.lru_cache(maxsize=2)
def _ready(job: bytes, compiled: bool) -> Worker:
    return worker(pickle.loads(zlib.decompress(job)), compiled)

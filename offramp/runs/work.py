"""Living worlds: the one place that knows which engine does it."""

from __future__ import annotations

import functools
import pickle
import threading
import time
import zlib
from collections.abc import Callable

from offramp import __version__
from offramp.engine.ensemble import Ensemble, merge
from offramp.engine.kernel import compiled as kernel
from offramp.engine.plan import plan
from offramp.engine.run import STORIES, Job, run_chunk

Worker = Callable[[tuple[int, ...]], Ensemble]


class Stopped(RuntimeError):
    """No more worlds can be lived, through no fault of the run; the message says why."""


def worker(job: Job, compiled: bool) -> Worker:
    """What lives worlds of a job, given their numbers (consecutive, in order).

    The first twelve are always told by the reference interpreter, since stories are kept of them;
    the others go through the kernel if `compiled`. Before it is trusted, the kernel lives those
    twelve too: should a bit differ, `Stopped` is raised. Compiles the crisis, which takes a while.
    """
    laid = plan(job.crisis)

    def reference(numbers: tuple[int, ...]) -> Ensemble:
        return run_chunk(laid, job, range(numbers[0], numbers[-1] + 1))

    if not compiled:
        return reference
    module = kernel.load(laid)
    first = tuple(range(STORIES))
    if not kernel.same(reference(first), kernel.block(module, laid, job, first)):
        raise Stopped(
            "the compiled kernel and the reference differ in the first worlds; please report this "
            "case. `--reference` runs it without the kernel"
        )

    def live(numbers: tuple[int, ...]) -> Ensemble:
        told = tuple(n for n in numbers if n < STORIES)
        rest = numbers[len(told) :]
        parts = [reference(told)] if told else []
        return merge([*parts, kernel.block(module, laid, job, rest)] if rest else parts)

    return live


def timed(live: Worker, worlds: range) -> tuple[Ensemble, float]:
    """The worlds, and the seconds that they took."""
    began = time.perf_counter()
    return live(tuple(worlds)), time.perf_counter() - began


def packed(job: Job) -> bytes:
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

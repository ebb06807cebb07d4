"""Worlds through the compiled kernel: the same bytes as the reference interpreter, many times
faster once compiled. Needs Numba (the extra `fast`)."""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import os
import platform
import sys
import tempfile
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from types import ModuleType

import numpy as np

from offramp import __version__
from offramp.engine import elementary, formulas
from offramp.engine.ensemble import Ensemble, merge
from offramp.engine.kernel.emit import branch_codes, emit
from offramp.engine.plan import Plan, plan
from offramp.engine.run import STORIES, Job, Progress, band_of, bins_of, run_chunk

BLOCK = 64  # worlds a call: enough to forget the cost of a call, few enough to show progress
FUNCTIONS = {"count": 0, "first": 1, "highest": 2, "lowest": 3, "final": 4, "initial": 5}


def available() -> bool:
    """Whether Numba is installed."""
    return importlib.util.find_spec("numba") is not None


def load(laid: Plan, compiled: bool = True) -> ModuleType:
    """The crisis as a module. Compiled code is kept in the cache, under a hash of all that it was
    made from; where the cache cannot be written, it lives in memory only."""
    text = emit(laid, __version__, compiled)
    key = hashlib.sha256("\n".join([text, *_makers()]).encode("utf-8")).hexdigest()[:24]
    name = f"offramp_model_{key}"
    if name in sys.modules:
        return sys.modules[name]
    path = _written(text, name)
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _makers() -> list[str]:
    """What else the machine code depends on: our own helpers, Python, Numba and the machine."""
    numba = importlib.util.find_spec("numba")
    made = [inspect.getsource(elementary), inspect.getsource(formulas)]
    if numba is not None:
        from importlib.metadata import version

        made.append(version("numba"))
    return [*made, sys.version, platform.machine(), platform.processor()]


def cache_folder() -> Path:
    """OFFRAMP_CACHE, or the user's cache folder."""
    own = os.environ.get("OFFRAMP_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(own) if own else Path(base) / "offramp"


def _written(text: str, name: str) -> Path:
    """The module's file: in the cache, whole or not at all, or else in a temporary folder."""
    for folder in (cache_folder(), Path(tempfile.gettempdir()) / f"offramp-{os.getpid()}"):
        path = folder / name / "model.py"
        try:
            if path.is_file() and path.read_text(encoding="utf-8") == text:
                return path
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".py")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            os.replace(temporary, path)
            return path
        except OSError:
            continue
    raise OSError("neither the cache nor a temporary folder can be written")


def simulate(
    job: Job, worlds: int, threads: int | None = None, progress: Progress | None = None,
    seconds: float | None = None,
) -> Ensemble:  # fmt: skip
    """Worlds 0 to `worlds`-1, as `run.simulate` gives them, byte for byte.

    The first few go through the reference interpreter, for their stories, and through the kernel
    too: should the two ever differ, nothing is answered. `seconds` does not count compiling.
    """
    laid = plan(job.crisis)
    told = run_chunk(laid, job, range(min(STORIES, worlds)))
    module = load(laid)
    again = block(module, laid, job, told.numbers)
    if not same(told, again):
        raise RuntimeError("the compiled kernel and the reference differ: please report this case")
    if progress:
        progress(told.worlds)
    parts = [told, *_rest(module, laid, job, worlds, threads, progress, seconds)]
    return merge(parts)


def _rest(
    module: ModuleType, laid: Plan, job: Job, worlds: int, threads: int | None,
    progress: Progress | None, seconds: float | None,
) -> list[Ensemble]:  # fmt: skip
    """The other worlds, on threads: compiled code lets go of Python's lock."""
    cores = max(1, threads or os.cpu_count() or 1)
    deadline = None if seconds is None else time.monotonic() + seconds
    starts = iter(range(STORIES, worlds, BLOCK))
    parts: list[Ensemble] = []
    with ThreadPoolExecutor(cores) as pool:
        running: set[Future[Ensemble]] = set()
        late = False
        try:
            while True:
                while len(running) < 2 * cores and not late:
                    start = next(starts, None)
                    if start is None:
                        break
                    numbers = tuple(range(start, min(start + BLOCK, worlds)))
                    running.add(pool.submit(block, module, laid, job, numbers))
                if not running:
                    return parts
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    parts.append(future.result())
                    if progress:
                        progress(parts[-1].worlds)
                late = deadline is not None and time.monotonic() > deadline
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def block(module: ModuleType, laid: Plan, job: Job, numbers: tuple[int, ...]) -> Ensemble:
    """Some worlds through the kernel, without stories."""
    crisis = laid.crisis
    shown = [laid.layout.states[name] for name in crisis.show]
    bins = [bins_of(laid, i) for i in shown]
    atoms = np.zeros((len(numbers), len(job.monitors)))
    unknowns = np.zeros((len(numbers), len(laid.priors)))
    counts = np.zeros((len(numbers), len(laid.events)), np.int64)
    bands = np.zeros((len(shown), crisis.days, max(bins, default=1)), np.int64)
    collided = np.zeros(len(laid.quantities), np.int64)
    module.run_range(
        job.seed, np.array(numbers, np.int64), watched(laid, job), atoms, unknowns, counts,
        np.array(shown, np.int64), np.array(bins, np.int64), bands, collided,
    )  # fmt: skip
    return Ensemble(
        crisis.first, crisis.days, job.seed, numbers,
        {
            crisis.states[i].name: band_of(laid, i, bands[k, :, : bins[k]].copy())
            for k, i in enumerate(shown)
        },
        (), atoms, unknowns, counts,
        tuple(
            (crisis.states[i].name, int(n)) for i, n in enumerate(collided) if n
        ),
    )  # fmt: skip


def watched(laid: Plan, job: Job) -> np.ndarray:
    """The monitors as rows of numbers: function, event, branch, quantity, first and last day."""
    rows = []
    for m in job.monitors:
        event = -1 if m.event is None else m.event
        branch = -1 if m.outcome is None else branch_codes(laid.events[event])[m.outcome]
        quantity = -1 if m.quantity is None else m.quantity
        rows.append([FUNCTIONS[m.function], event, branch, quantity, m.first, m.last])
    return np.array(rows, np.int64).reshape(-1, 6)


def same(a: Ensemble, b: Ensemble) -> bool:
    """Whether two ensembles of the same worlds agree to the last bit (stories aside)."""
    return (
        a.numbers == b.numbers
        and a.atoms.tobytes() == b.atoms.tobytes()
        and a.unknowns.tobytes() == b.unknowns.tobytes()
        and a.counts.tobytes() == b.counts.tobytes()
        and sorted(a.collisions) == sorted(b.collisions)
        and all(np.array_equal(a.bands[k].counts, b.bands[k].counts) for k in a.bands)
    )

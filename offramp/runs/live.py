"""A run, from its first world to its results: chunks in any order, on threads, processes or a
cluster; what is done is kept."""

from __future__ import annotations

import datetime as dt
import platform
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial, reduce
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from multiprocessing import get_context
from operator import add
from pathlib import Path

from offramp.engine.ensemble import Ensemble
from offramp.engine.run import STORIES, Job, Progress, undisturbed
from offramp.runs import chunks, results
from offramp.runs.folder import kept, occupied, said
from offramp.runs.manifest import Manifest, Refused
from offramp.runs.size import SLACK, Estimate, chunk_size, estimate
from offramp.runs.work import Stopped, elsewhere, packed, timed, worker
from offramp.text import plain_json
from offramp.text.files import read_regular, there, write_whole
from offramp.version import __version__

PROBE = 64  # worlds lived before the rest, to see how long one takes
SLOW_PROBE = 4  # the same, for the reference
LIBRARIES = ("numpy", "numba", "llvmlite", "zarr", "numcodecs", "distributed")


@dataclass(frozen=True)
class Way:
    """How to run, which changes no byte of the results: with the kernel or the reference, on how
    many threads (processes, for the reference), on which cluster ('local', or a scheduler's
    address), in chunks of how many worlds (None: as many as take about a second)."""

    compiled: bool
    threads: int
    cluster: str | None = None
    chunk: int | None = None


Lived = Future[tuple[Ensemble, float]]  # with the seconds that it took
Submit = Callable[[range], Lived]


@dataclass(frozen=True)
class Pool:
    """Where chunks are simulated, `cores` at a time."""

    submit: Submit
    cores: int


def run(
    job: Job,
    manifest: Manifest,
    way: Way,
    folder: Path,
    agree: Callable[[Estimate], None] = lambda e: None,
    progress: Progress = lambda n: None,
) -> None:
    """Lives the manifest's worlds and writes their results into a folder, or goes on where an
    earlier call stopped. `agree` may raise to prevent a run that takes too much; `progress` hears
    how many worlds were kept, those of earlier calls first.

    Raises Refused, with what was kept and what to do, when the folder holds something else or
    cannot be written, when the disk is full, or when workers fail.
    """
    with occupied(folder, manifest):
        if not results.finished(folder):
            with _explained(folder, manifest):
                _go_on(
                    job=job,
                    manifest=manifest,
                    way=way,
                    folder=folder,
                    agree=agree,
                    progress=progress,
                )


def _go_on(
    job: Job,
    manifest: Manifest,
    way: Way,
    folder: Path,
    agree: Callable[[Estimate], None],
    progress: Progress,
) -> None:
    at_hand = chunks.done(folder)
    if chunks.missing(manifest.numbers, at_hand):
        with _noted(folder, way), pool(job, way) as workers:
            progress(sum(len(r) for r in at_hand))
            _live(
                manifest=manifest,
                way=way,
                folder=folder,
                workers=workers,
                agree=agree,
                progress=progress,
            )
        at_hand = chunks.done(folder)
    total = reduce(add, (chunks.sums(folder, worlds) for worlds in at_hand))
    results.write(folder, manifest, total, (chunks.rows(folder, worlds) for worlds in at_hand))


def _live(
    manifest: Manifest,
    way: Way,
    folder: Path,
    workers: Pool,
    agree: Callable[[Estimate], None],
    progress: Progress,
) -> None:
    """Lives what is missing: two samples, the told worlds first, and then the rest in order."""

    def keep(part: Ensemble) -> None:
        chunks.save(folder, part)
        progress(part.worlds)

    samples: dict[range, Ensemble] = {}
    seconds = 0.0
    gaps = chunks.missing(manifest.numbers, chunks.done(folder))
    while gaps and len(samples) < 2:
        start = gaps[0].start
        size = STORIES - start if start < STORIES else PROBE if way.compiled else SLOW_PROBE
        worlds = next(chunks.cut(gaps, min(size, way.chunk or size)))
        samples[worlds], taken = workers.submit(worlds).result()
        seconds = taken / len(worlds)
        gaps = chunks.missing(
            manifest.numbers, sorted([*chunks.done(folder), *samples], key=_first)
        )
    chunk = way.chunk or chunk_size(manifest, seconds)
    left = sum(len(g) for g in gaps)
    agree(
        estimate(
            manifest=manifest,
            worlds=left,
            seconds=seconds,
            cores=workers.cores,
            chunk=chunk,
            folder=folder,
        )
    )
    for part in samples.values():
        keep(part)
    todo = chunks.cut(gaps, chunk)
    running: set[Lived] = set()
    try:
        while True:
            for worlds in islice(todo, SLACK * workers.cores - len(running)):
                running.add(workers.submit(worlds))
            if not running:
                return
            finished, running = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                keep(future.result()[0])
    finally:
        for future in running:
            future.cancel()


def _first(worlds: range) -> int:
    return worlds.start


# ---- where chunks are simulated --------------------------------------------------------------


@contextmanager
def pool(job: Job, way: Way) -> Iterator[Pool]:
    """Threads for the kernel, which lets go of Python's lock; processes for the reference, if more
    than one; or a cluster. Raises Stopped where they fail."""
    if way.cluster is not None:
        from offramp.runs.cluster import connected

        with connected(way.cluster, way.threads) as (executor, cores):
            yield Pool(_sent(executor, job, way), cores)
    elif way.compiled or way.threads == 1:
        live = worker(job, way.compiled)
        with ThreadPoolExecutor(way.threads) as executor:
            yield Pool(lambda worlds: executor.submit(timed, live, worlds), way.threads)
    else:
        with ProcessPoolExecutor(
            way.threads, mp_context=get_context("spawn"), initializer=_ignore_interrupts
        ) as executor:
            submit = _sent(executor, job, way)
            try:
                yield Pool(lambda worlds: _started(submit, worlds), way.threads)
            except BrokenExecutor:
                raise Stopped("a worker process was killed (perhaps memory ran out)") from None


def _sent(executor: Executor, job: Job, way: Way) -> Submit:
    task = partial(elsewhere, packed(job), __version__, way.compiled)
    return lambda worlds: executor.submit(task, worlds)


def _started(submit: Submit, worlds: range) -> Lived:
    with undisturbed():
        return submit(worlds)


def _ignore_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer


# ---- what is told ------------------------------------------------------------------------


@contextmanager
def _explained(folder: Path, manifest: Manifest) -> Iterator[None]:
    """Failures on the way, with what was kept and how to go on."""
    try:
        yield
    except Stopped as error:
        raise Refused(f"{error}. {kept(folder, manifest)}") from None
    except OSError as error:
        raise Refused(f"{said(error, folder)}. {kept(folder, manifest)}") from None


@contextmanager
def _noted(folder: Path, way: Way) -> Iterator[None]:
    """How it was run, in `how.json`: one entry a call, since the results do not depend on it."""
    path = folder / "how.json"
    before = plain_json.parsed(read_regular(path)) if there(path) else []
    where = "threads" if way.compiled else "processes"
    entry = {
        "began": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "engine": "compiled" if way.compiled else "reference",
        "on": "a cluster" if way.cluster else where,
        "threads": way.threads,
        "python": platform.python_version(),
        "machine": platform.machine(),
        **libraries(),
    }
    began, had = time.monotonic(), sum(len(r) for r in chunks.done(folder))

    def note(**more: float) -> None:
        text = plain_json.text([*before, entry | more], indent=1)
        write_whole(path, text.encode("utf-8"))

    note()
    try:
        yield
    finally:
        lived = sum(len(r) for r in chunks.done(folder)) - had
        with suppress(OSError):  # a full disk has been reported already
            note(worlds=lived, seconds=round(time.monotonic() - began, 1))


def libraries() -> dict[str, str]:
    out = {}
    for name in LIBRARIES:
        with suppress(PackageNotFoundError):
            out[name] = version(name)
    return out

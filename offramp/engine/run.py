"""Running worlds: one after another, or on all cores as processes, with the same bytes."""

from __future__ import annotations

import datetime as dt
import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offramp.engine.ensemble import A_LEVEL, BINS, Band, Ensemble, Logged, Story, merge
from offramp.engine.monitors import Monitor
from offramp.engine.plan import Plan, plan
from offramp.engine.world import Happening, World, create, evening, live
from offramp.language.crisis import Crisis
from offramp.language.equality import HALF

STORIES = 12  # worlds told in full: enough for thin lines and for `why`
CHUNK = 4  # worlds a task: small, so that progress moves and the end is not waited for

Progress = Callable[[int], None]
Run = Callable[["RunSpec", int, int | None, Progress | None, float | None], Ensemble]
RunAll = Callable[
    [tuple["RunSpec", ...], int, int | None, Progress | None, float | None], list[Ensemble]
]


@dataclass(frozen=True)
class RunSpec:
    """What to run: a crisis, what to watch, and the seed.

    A run lives to the last day of its crisis's course, or of what it watches where that is later,
    never to the crisis's last day for its own sake. Bands, stories, counts and collisions are of
    the course. Who shows no course gives the crisis until the last day that is watched
    (`asked_only`). `stories`: how many worlds are told in full, the first ones.
    """

    crisis: Crisis
    monitors: tuple[Monitor, ...]
    seed: int
    stories: int = STORIES

    @property
    def days(self) -> int:
        """How many days of the course are kept."""
        return self.crisis.shown_days

    @property
    def lasts(self) -> int:
        """How many days are lived."""
        return max(self.days, 1 + max((m.last for m in self.monitors), default=0))


def asked_only(crisis: Crisis, monitors: tuple[Monitor, ...], seed: int) -> RunSpec:
    """A run of which no course is shown: it lives to the last day that is watched."""
    last = max((m.last for m in monitors), default=0)
    return RunSpec(crisis.until(crisis.first + dt.timedelta(last)), monitors, seed)


def simulate(
    job: RunSpec,
    worlds: int,
    threads: int | None = None,
    progress: Progress | None = None,
    seconds: float | None = None,
) -> Ensemble:
    """Worlds 0 to `worlds`-1 of one job; see `simulate_all`."""
    return simulate_all((job,), worlds, threads, progress, seconds)[0]


def simulate_all(
    jobs: tuple[RunSpec, ...],
    worlds: int,
    threads: int | None = None,
    progress: Progress | None = None,
    seconds: float | None = None,
) -> list[Ensemble]:
    """Worlds 0 to `worlds`-1 of several jobs (variants of a crisis, thrown with the same dice).

    With `seconds`, no chunk of worlds is begun after that time, and every job has the same worlds;
    which those were is in the result. `threads` is the number of processes (default: the cores of
    the machine). Neither changes the bytes of any world.
    """
    cores = max(1, threads or os.cpu_count() or 1)
    tasks = [
        (number, range(a, min(a + CHUNK, worlds)))
        for a in range(0, worlds, CHUNK)
        for number in range(len(jobs))
    ]
    deadline = None if seconds is None else time.monotonic() + seconds
    if cores == 1 or len(tasks) == 1:
        parts = _here_and_now(jobs, tasks, progress, deadline)
    else:
        parts = _in_processes(jobs, tasks, cores, progress, deadline)
    return [merge(parts[number]) for number in range(len(jobs))]


Task = tuple[int, range]  # the job's number and the worlds of a chunk
Parts = dict[int, list[Ensemble]]


def _here_and_now(
    jobs: tuple[RunSpec, ...], tasks: list[Task], progress: Progress | None, deadline: float | None
) -> Parts:
    laid = [plan(job.crisis) for job in jobs]
    parts: Parts = {n: [] for n in range(len(jobs))}
    for number, worlds in tasks:
        if number == 0 and parts[0] and _late(deadline):
            break
        parts[number].append(run_chunk(laid[number], jobs[number], worlds))
        if progress:
            progress(len(worlds))
    return parts


def _late(deadline: float | None) -> bool:
    return deadline is not None and time.monotonic() > deadline


def _in_processes(
    jobs: tuple[RunSpec, ...],
    tasks: list[Task],
    cores: int,
    progress: Progress | None,
    deadline: float | None,
) -> Parts:
    """Tasks are handed out in order and few at a time, so that a deadline leaves no gap."""
    parts: Parts = {n: [] for n in range(len(jobs))}
    queue = list(reversed(tasks))
    begun = False
    with ProcessPoolExecutor(
        max_workers=min(cores, len(tasks)),
        mp_context=get_context("spawn"),
        initializer=_prepare,
        initargs=(jobs,),
    ) as pool:
        try:
            running: set[Future[tuple[int, Ensemble]]] = set()
            while queue or running:
                while queue and len(running) < 2 * cores:
                    if begun and queue[-1][0] == 0 and _late(deadline):
                        queue.clear()  # only between rounds: every job keeps the same worlds
                        break
                    with undisturbed():
                        running.add(pool.submit(_chunk, *queue.pop()))
                    begun = True
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    number, part = future.result()
                    parts[number].append(part)
                    if progress:
                        progress(part.worlds)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return parts


@contextmanager
def undisturbed() -> Iterator[None]:
    """Holds Ctrl-C back while a worker may start: it inherits the mask, and so cannot be hit
    before it has learned to ignore it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# Each worker process lays a crisis out once; formulas do not travel between processes.
_jobs: list[RunSpec] = []
_plans: dict[int, Plan] = {}


def _prepare(jobs: tuple[RunSpec, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    _jobs[:] = jobs
    _plans.clear()


def _chunk(number: int, worlds: range) -> tuple[int, Ensemble]:
    if number not in _plans:
        _plans[number] = plan(_jobs[number].crisis)
    return number, run_chunk(_plans[number], _jobs[number], worlds)


def run_chunk(laid: Plan, job: RunSpec, numbers: range) -> Ensemble:
    """Some worlds, and what is kept of them."""
    crisis = laid.crisis
    shown = [laid.layout.states[name] for name in crisis.show]
    watched = sorted({m.quantity for m in job.monitors if m.quantity is not None} | set(shown))
    counts = {i: np.zeros((job.days, bins_of(laid, i)), np.int64) for i in shown}
    atoms = np.zeros((len(numbers), len(job.monitors)))
    unknowns = np.zeros((len(numbers), len(laid.priors)))
    happened = np.zeros((len(numbers), len(laid.events)), np.int64)
    stories: list[Story] = []
    collisions: dict[str, int] = {}
    for row, number in enumerate(numbers):
        world = create(laid, job.seed, number)
        start = {i: evening(world, i, lived=False) for i in watched}
        series, collided = follow(world, watched, job.days, job.lasts)
        for i in shown:
            bins = bin_of(laid, i, np.array(series[i][: job.days]))
            counts[i][np.arange(job.days), bins] += 1
        for k, m in enumerate(job.monitors):
            atoms[row, k] = (
                m.of_log(world.log)
                if m.quantity is None
                else m.of_series(start[m.quantity], series[m.quantity])
            )
        unknowns[row] = world.unknowns
        log = [h for h in world.log if h.day < job.days]
        for h in log:
            happened[row, h.event] += 1
        for i in collided:
            name = crisis.states[i].name
            collisions[name] = collisions.get(name, 0) + 1
        if number < job.stories:
            stories.append(story(laid, log, number, {i: series[i][: job.days] for i in shown}))
    bands = {crisis.states[i].name: band_of(laid, i, counts[i]) for i in shown}
    return Ensemble(
        first=crisis.first,
        days=job.days,
        seed=job.seed,
        numbers=tuple(numbers),
        bands=bands,
        stories=tuple(stories),
        atoms=atoms,
        unknowns=unknowns,
        counts=happened,
        collisions=tuple(sorted(collisions.items())),
    )


def follow(
    world: World, quantities: list[int], days: int, lasts: int
) -> tuple[dict[int, list[float]], frozenset[int]]:
    """Lives so many days of the world: the end-of-day values of some quantities, and which had
    collided by the end of the first `days`, those of the course."""
    series: dict[int, list[float]] = {i: [] for i in quantities}
    collided = frozenset[int]()
    for _ in live(world, lasts):
        for i, values in series.items():
            values.append(evening(world, i))
        if world.day < days:
            collided = frozenset(world.collisions)
    return series, collided


def story(
    laid: Plan, happened: Iterable[Happening], number: int, series: dict[int, list[float]]
) -> Story:
    crisis = laid.crisis
    titles = {a.name: a.title for a in crisis.actors}
    # Within a day in the order of the file: all of it read the same morning.
    log = tuple(
        Logged(h.day, e.name, e.title, h.outcome or None, titles[e.by] if e.by else None)
        for h in sorted(happened, key=lambda h: (h.day, h.event))
        for e in (crisis.events[h.event],)
    )
    values = {crisis.states[i].name: tuple(v) for i, v in series.items()}
    return Story(number, log, values)


def replay(crisis: Crisis, seed: int, number: int) -> Story:
    """Any world's full story: re-simulating is cheaper than storing."""
    laid = plan(crisis)
    world = create(laid, seed, number)
    shown = [laid.layout.states[name] for name in crisis.show]
    days = crisis.shown_days
    series, _ = follow(world, shown, days, days)
    return story(laid, world.log, number, series)


def bins_of(laid: Plan, i: int) -> int:
    state = laid.crisis.states[i]
    if state.kind == "ladder":
        return A_LEVEL * (len(state.levels) - 1) + 1
    return 2 if state.kind == "flag" else BINS


def _range(laid: Plan, i: int) -> tuple[float, float]:
    """Counts and clocks have no natural upper bound; their bands run to 100."""
    state = laid.crisis.states[i]
    return (state.low, state.high) if state.kind not in ("count", "clock") else (state.low, 100.0)


def bin_of(laid: Plan, i: int, values: NDArray[Any]) -> NDArray[Any]:
    """The bins in which a quantity's values fall."""
    low, high = _range(laid, i)
    top = bins_of(laid, i) - 1
    share = np.clip((values - low) / (high - low), 0.0, 1.0)
    return np.floor(share * top + HALF).astype(np.int64)


def band_of(laid: Plan, i: int, counts: NDArray[Any]) -> Band:
    state = laid.crisis.states[i]
    low, high = _range(laid, i)
    return Band(
        quantity=state.name,
        title=state.title,
        low=low,
        high=high,
        levels=state.levels,
        counts=counts,
    )

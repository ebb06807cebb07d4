"""Worlds through the machine: the same bytes as the reference interpreter, in blocks."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import inspect
import itertools
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from offramp.engine import formulas, monitors
from offramp.engine import plan as plans
from offramp.engine.blocks import cache, days, decide, graph, machinery, tiers
from offramp.engine.blocks import tape as tapes
from offramp.engine.blocks.days import branch_codes, program
from offramp.engine.blocks.given import Records
from offramp.engine.blocks.tape import Tape, tape
from offramp.engine.blocks.threads import side_by_side
from offramp.engine.blocks.variants import alike, together
from offramp.engine.by_value import ByValue
from offramp.engine.ensemble import Ensemble, Logged, Story, merge
from offramp.engine.noise import world_keys
from offramp.engine.plan import Plan, plan
from offramp.engine.run import STORIES, Progress, RunSpec, band_of, bin_of, bins_of, run_chunk
from offramp.language.crisis import Crisis
from offramp.language.identity import canonical, dynamics
from offramp.text import plain_json

BLOCK = 1024  # worlds that live side by side
CHECKED_DAYS = 45
FUNCTIONS = {name: number for number, name in enumerate(monitors.NAMES)}


class Differs(RuntimeError):
    """The machine lived a world otherwise than the reference interpreter."""


NOTHING: NDArray[np.float64] = np.zeros(0)


@dataclass(frozen=True, eq=False)
class Loaded(ByValue):
    """A crisis laid out for the machine. Of variants that share a tape, `plan` is the common one
    under the variant's own crisis, and `inputs` are what it gives; none for a crisis alone."""

    plan: Plan
    tape: Tape
    inputs: NDArray[np.float64] = field(default_factory=NOTHING.copy)

    def memory(self, width: int) -> NDArray[np.float64]:
        """A block's memory (slots, width) before the first morning."""
        return self.tape.memory(width, self.inputs)


def load(laid: Plan, keep: bool = True) -> Loaded:
    """The crisis as a tape, from the cache where it was written before; `keep`: write it there.

    What is kept was checked: raises `Differs` if the reference interpreter decides otherwise.
    """
    return Loaded(laid, _written(laid, [(laid.crisis, NOTHING)], keep))


def load_all(crises: Sequence[Crisis], keep: bool = True) -> list[Loaded]:
    """The same of several variants of a crisis, with one tape for all that are alike."""
    out = dict[int, Loaded]()
    for places in alike(crises):
        if len(places) == 1:
            out[places[0]] = load(plan(crises[places[0]]), keep)
            continue
        laid, values = together([crises[k] for k in places])
        own = dict(zip(places, values, strict=True))
        ends = (places[0], places[-1])
        made = _written(laid, [(crises[k], own[k]) for k in ends], keep)
        out |= {k: Loaded(replace(laid, crisis=crises[k]), made, own[k]) for k in places}
    return [out[k] for k in range(len(crises))]


def _written(laid: Plan, checked: list[tuple[Crisis, NDArray[np.float64]]], keep: bool) -> Tape:
    """The plan's tape, from the cache, or written and kept there once some of the crises that it
    is of were checked."""
    kept = machinery.cache_folder() / "tapes" / f"{_key(laid)}.tape"
    believed = not cache.doubt(machinery.cache_folder(), kept.parent)
    found = cache.read(kept, Tape.of_arrays)
    if found is not None:
        return found
    made = tape(program(laid))
    if not (keep and believed):
        return made
    for crisis, inputs in checked:
        check(Loaded(plan(crisis), made, inputs), RunSpec(crisis, (), 1))
    cache.write(kept, made.arrays())
    cache.sweep()
    return made


def _key(laid: Plan) -> str:
    """What the tape depends on: the model but for its last day and what a run gives, the code that
    writes tapes, and the machine; and over how many days it was checked before it was kept."""
    crisis = laid.crisis
    checked = min(CHECKED_DAYS, crisis.days)
    model = [dynamics(crisis), list(crisis.readings), checked]
    model += [canonical(laid.inputs)] if laid.inputs.count else []
    text = plain_json.text([machinery.key(), _writers(), model], ordered=True)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:32]


@functools.lru_cache(maxsize=1)
def _writers() -> list[str]:
    return [inspect.getsource(module) for module in (decide, days, formulas, graph, tapes, plans)]


@dataclass(eq=False, kw_only=True)
class Recorder:
    """What is kept of the worlds of a block while they live: the rows of `Ensemble`, and the first
    worlds' days in full. The machine fills the arrays."""

    plan: Plan
    days: int  # of the course
    shown: tuple[int, ...]
    watch: NDArray[np.int64]
    atoms: NDArray[np.float64]
    unknowns: NDArray[np.float64]
    counts: NDArray[np.int64]
    bands: NDArray[np.int64]
    collided: NDArray[np.int64]
    logs: NDArray[np.uint8]
    series: NDArray[np.float64]

    @staticmethod
    def empty(laid: Plan, job: RunSpec, worlds: int, told: int = 0) -> Recorder:
        crisis = laid.crisis
        shown = tuple(laid.layout.states[name] for name in crisis.show)
        bins = max((bins_of(laid, i) for i in shown), default=1)
        return Recorder(
            plan=laid,
            days=job.days,
            shown=shown,
            watch=watched(laid, job),
            atoms=np.zeros((worlds, len(job.monitors))),
            unknowns=np.zeros((worlds, len(laid.priors))),
            counts=np.zeros((worlds, len(laid.events)), np.int64),
            bands=np.zeros((len(shown), job.days, bins), np.int64),
            collided=np.zeros(len(laid.quantities), np.int64),
            logs=np.zeros((told, job.days, len(laid.events)), np.uint8),
            series=np.zeros((told, job.days, len(shown))),
        )

    @staticmethod
    def nothing(laid: Plan, worlds: int) -> Recorder:
        """Only the unknowns: for worlds of which nothing but their state is wanted."""
        whole = Recorder.empty(laid, RunSpec(laid.crisis, (), 0), 0)
        return replace(
            whole,
            shown=(),
            unknowns=np.zeros((worlds, len(laid.priors))),
            counts=np.zeros((worlds, 0), np.int64),
            bands=np.zeros((0, 1, 1), np.int64),
            atoms=np.zeros((worlds, 0)),
            series=np.zeros((0, 1, 0)),
        )

    def of_all(self) -> Recorder:
        """Keeps the course of every world, and not of the first ones alone."""
        return replace(self, series=np.zeros((len(self.atoms), self.days, len(self.shown))))

    def traces(self) -> NDArray[np.uint8]:
        """The bins of the shown quantities at the end of each day (worlds, days, shown)."""
        bins = [bin_of(self.plan, i, self.series[:, :, k]) for k, i in enumerate(self.shown)]
        whole = np.array(bins, np.uint8).reshape(len(bins), len(self.series), self.days)
        return np.ascontiguousarray(whole.transpose(1, 2, 0))

    def ensemble(self, seed: int, numbers: tuple[int, ...]) -> Ensemble:
        laid, crisis = self.plan, self.plan.crisis
        return Ensemble(
            first=crisis.first,
            days=self.days,
            seed=seed,
            numbers=numbers,
            bands={
                crisis.states[i].name: band_of(laid, i, self.bands[k, :, : bins_of(laid, i)].copy())
                for k, i in enumerate(self.shown)
            },
            stories=tuple(
                story(laid, numbers[i], self.logs[i], self.series[i]) for i in range(len(self.logs))
            ),
            atoms=self.atoms,
            unknowns=self.unknowns,
            counts=self.counts,
            collisions=tuple(
                (crisis.states[i].name, int(n)) for i, n in enumerate(self.collided) if n
            ),
        )


def advance(
    t: Tape,
    kept: Recorder,
    memory: NDArray[np.float64],
    width: int,
    keys: NDArray[np.uint64],
    first: int,
    lasts: int,
    stop: NDArray[np.int64] | None = None,
) -> None:
    """Lives the worlds of `keys` from the morning `first` (-1: before the first day) until the day
    `lasts`, that day left out. `memory` is slots * width numbers, 0 before the first morning."""
    laid = kept.plan
    limits = [band_of(laid, i, kept.bands[:0]) for i in kept.shown]
    second = tiers.tier(t)
    native = second.at_hand(t)
    began = time.thread_time()
    machinery.machine().live(
        tape=t.instructions(kept.watch, native),
        W=width,
        S=memory,
        keys=keys,
        first=first,
        lasts=lasts,
        records=Records(
            days=kept.days,
            watch=kept.watch,
            is_in=t.collided,
            shown=np.array(kept.shown, np.int64),
            low=np.array([x.low for x in limits]),
            high=np.array([x.high for x in limits]),
            bins=np.array([bins_of(laid, i) for i in kept.shown], np.int64),
            atoms=kept.atoms,
            unknowns=kept.unknowns,
            happened=kept.counts,
            bands=kept.bands,
            collided=kept.collided,
            logs=kept.logs,
            series=kept.series,
        ),
        stop=np.zeros(1, np.int64) if stop is None else stop,
    )
    second.lived(t, native, time.thread_time() - began)


def block(
    loaded: Loaded,
    job: RunSpec,
    numbers: tuple[int, ...],
    told: int = 0,
    stop: NDArray[np.int64] | None = None,
) -> Ensemble:
    """Some worlds; the first `told` of them with their stories.

    Another thread may set `stop[0]` to anything but 0: what comes back then is of no use.
    """
    kept = Recorder.empty(loaded.plan, job, len(numbers), min(told, len(numbers)))
    _whole(loaded, job, numbers, kept, stop)
    return kept.ensemble(job.seed, numbers)


def _whole(
    loaded: Loaded,
    job: RunSpec,
    numbers: tuple[int, ...],
    kept: Recorder,
    stop: NDArray[np.int64] | None,
) -> None:
    """Lives worlds from the first morning to the last day of the run."""
    width = wide(len(numbers))
    advance(
        t=loaded.tape,
        kept=kept,
        memory=loaded.memory(width).reshape(-1),
        width=width,
        keys=world_keys(job.seed, numbers),
        first=-1,
        lasts=job.lasts,
        stop=stop,
    )


def traced(
    loaded: Loaded, job: RunSpec, numbers: tuple[int, ...], stop: NDArray[np.int64] | None = None
) -> tuple[Ensemble, NDArray[np.uint8]]:
    """The same worlds, with their courses (`Recorder.traces`). The first `job.stories` of the run
    have their stories."""
    laid, n = loaded.plan, len(numbers)
    told = min(n, max(0, job.stories - numbers[0]))
    kept = Recorder.empty(laid, job, n, told).of_all()
    _whole(loaded, job, numbers, kept, stop)
    return kept.ensemble(job.seed, numbers), kept.traces()


def wide(worlds: int) -> int:
    """How many places a block has for so many worlds: whole masks of the machine's."""
    return -(-min(BLOCK, worlds) // 64) * 64


def story(laid: Plan, number: int, log: NDArray[np.uint8], series: NDArray[np.float64]) -> Story:
    """A world in words, from the branches that its events took."""
    crisis = laid.crisis
    titles = {a.name: a.title for a in crisis.actors}
    names = [{code: name for name, code in branch_codes(e).items()} for e in laid.events]
    entries = []
    for day, event in zip(*np.nonzero(log), strict=True):
        e = crisis.events[event]
        outcome = names[event][int(log[day, event]) - 1]
        actor = titles[e.by] if e.by else None
        entries.append(Logged(int(day), e.name, e.title, outcome or None, actor))
    values = {name: tuple(series[:, k].tolist()) for k, name in enumerate(crisis.show)}
    return Story(number, tuple(entries), values)


def watched(laid: Plan, job: RunSpec) -> NDArray[np.int64]:
    """The monitors as rows of numbers: function, event, branch, quantity, first and last day."""
    rows = []
    for m in job.monitors:
        event = -1 if m.event is None else m.event
        branch = -1 if m.outcome is None else branch_codes(laid.events[event])[m.outcome]
        quantity = -1 if m.quantity is None else m.quantity
        if quantity >= len(laid.quantities):  # a reading: behind the quantities of the evening
            quantity += len(laid.quantities)
        rows.append([FUNCTIONS[m.function], event, branch, quantity, m.first, m.last])
    return np.array(rows, np.int64).reshape(-1, 6)


def check(loaded: Loaded, job: RunSpec, worlds: int = 1, lasts: int = CHECKED_DAYS) -> None:
    """Lives the first days of the first worlds in the reference interpreter too.

    Raises `Differs` if one bit does: then nothing is to be answered.
    """
    crisis = loaded.plan.crisis
    short = crisis.until(crisis.first + dt.timedelta(min(lasts, crisis.days) - 1))
    laid = replace(loaded.plan, crisis=short)
    blind = RunSpec(short, (), job.seed)
    expected = run_chunk(laid, blind, range(worlds))
    found = block(replace(loaded, plan=laid), blind, tuple(range(worlds)), STORIES)
    if not same(expected, found) or expected.stories != found.stories:
        raise Differs(
            "the machine and the reference interpreter differ in the first worlds: please report "
            "this case."
        )


def simulate(
    job: RunSpec,
    worlds: int,
    threads: int | None = None,
    progress: Progress | None = None,
    seconds: float | None = None,
) -> Ensemble:
    """Worlds 0 to `worlds`-1, as `run.simulate` gives them, byte for byte.

    `threads`: compiled code lets go of Python's lock. `seconds` does not count compiling.
    """
    return simulate_all((job,), worlds, threads, progress, seconds)[0]


def simulate_all(
    jobs: tuple[RunSpec, ...],
    worlds: int,
    threads: int | None = None,
    progress: Progress | None = None,
    seconds: float | None = None,
) -> list[Ensemble]:
    """Worlds 0 to `worlds`-1 of several jobs, as `run.simulate_all` gives them.

    With `seconds`, the first job's share of the time says how many worlds there are of each.
    """
    machinery.machine()
    loaded = load_all([job.crisis for job in jobs])
    runs = list(zip(loaded, jobs, strict=True))
    if seconds is None:
        return side_runs(runs, range(worlds), threads, progress)
    first = side_runs(runs[:1], range(worlds), threads, progress, seconds / len(jobs))
    return first + side_runs(runs[1:], range(first[0].worlds), threads, progress)


def side_runs(
    runs: list[tuple[Loaded, RunSpec]],
    numbers: range,
    threads: int | None = None,
    progress: Progress | None = None,
    seconds: float | None = None,
) -> list[Ensemble]:
    """The same worlds of several runs, side by side; the first of them where time is short."""
    cores = max(1, threads or os.cpu_count() or 1)
    hurry = seconds is not None and seconds < 5.0
    each = -(-len(numbers) * len(runs) // cores)  # worlds a core
    size = max(1, min(BLOCK // 8 if hurry else BLOCK, len(numbers), each))
    parts: list[list[Ensemble]] = [[] for _ in runs]
    for number, part in _on_threads(runs, numbers, size, cores, seconds):
        parts[number].append(part)
        if progress:
            progress(part.worlds)
    return [merge(own) for own in parts]


def _on_threads(
    runs: list[tuple[Loaded, RunSpec]],
    numbers: range,
    size: int,
    cores: int,
    seconds: float | None,
) -> Iterator[tuple[int, Ensemble]]:
    """Blocks are begun in order and few at a time, so that a deadline leaves no gap; of each the
    run's place and its worlds."""
    deadline = None if seconds is None else time.monotonic() + seconds
    starts, stop = range(0, len(numbers), size), np.zeros(1, np.int64)
    tasks = itertools.product(range(len(runs)), starts)
    with ThreadPoolExecutor(cores) as pool:
        running = dict[Future[Ensemble], int]()
        late = False
        try:
            while True:
                while len(running) < 2 * cores and not late:
                    task = next(tasks, None)
                    if task is None:
                        break
                    number, start = task
                    some = tuple(numbers[start : start + size])
                    told = max(0, runs[number][1].stories - some[0])
                    running[pool.submit(block, *runs[number], some, told, stop)] = number
                if not running:
                    return
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    yield running.pop(future), future.result()
                late = deadline is not None and time.monotonic() > deadline
        except BaseException:
            stop[0] = 1
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def some_more(
    loaded: Loaded,
    job: RunSpec,
    numbers: range,
    threads: int | None = None,
    progress: Progress | None = None,
) -> tuple[Ensemble, NDArray[np.uint8]]:
    """Worlds of any numbers of a run, with their traces (`traced`)."""
    cores, stop = max(1, threads or os.cpu_count() or 1), np.zeros(1, np.int64)
    size = max(1, min(BLOCK // 4, -(-len(numbers) // cores)))  # a trace is long

    def lived(k: int) -> tuple[Ensemble, NDArray[np.uint8]]:
        some = tuple(numbers[k * size : (k + 1) * size])
        found = traced(loaded, job, some, stop)
        if progress:
            progress(len(some))
        return found

    parts = side_by_side(lived, -(-len(numbers) // size), cores, stop)
    return merge([e for e, _ in parts]), np.concatenate([rows for _, rows in parts])


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

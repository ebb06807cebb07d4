"""Causal claims put to the model: simulated twice, with the cause raised and lowered.

Each claim is tested under its author's own assessment, with the same noise in both arms. Arms that
do the same are simulated once, up to the last day that any of their claims asks about, and
everything is watched that these ask. A condition (`given`) counts the worlds that meet it in both
arms: worlds that the cause itself brings into the condition are no fair comparison (principal
strata, Frangakis and Rubin 2002, Biometrics 58).

Beliefs are not among what the machine watches: those arms live in the reference interpreter, and
fewer of them. What is a large effect, and what is none: `effect_size.py`.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, replace
from multiprocessing import get_context
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from offramp.answers.forecast import Watch, outcomes, watches
from offramp.case.case import Case, under
from offramp.case.causal import CausalClaim, key_of
from offramp.engine.blocks import machinery, worlds
from offramp.engine.blocks.days import program
from offramp.engine.blocks.tape import tape
from offramp.engine.choice import Moment
from offramp.engine.plan import Plan, plan
from offramp.engine.run import Progress, RunSpec, run_chunk, undisturbed
from offramp.engine.world import create, evening, live
from offramp.explain.effect_size import TAIL, Effect, Verdict, paired, verdict
from offramp.language.edits import Edit, edited
from offramp.language.expressions import SourcedValue
from offramp.language.kinds import DATE, FLAG, unit_words
from offramp.language.questions import watching

BELIEVED = 256  # worlds of an arm in which beliefs are read: a millisecond a world and day
SHARE = 16  # of them a task

Numbers = NDArray[np.float64]
Status = Literal["holds", "fails", "inexpressible"]
Key = tuple[object, ...]


@dataclass(frozen=True)
class Tested:
    """What became of one claim; `effect` is None where there was nothing to measure.

    reason         why it fails, or why the model cannot state it; '' where it holds
    stronger, edge as in Verdict
    """

    claim: CausalClaim
    status: Status
    effect: Effect | None
    reason: str
    note: str
    stronger: str
    edge: bool
    unit: str
    passages: tuple[str, ...]


@dataclass(frozen=True)
class Examination:
    """All the claims that were put to a case. `worlds` an arm, `believed` one of beliefs."""

    case: str
    model_sha256: str
    seed: int
    worlds: int
    believed: int
    arms: int
    tests: tuple[Tested, ...]

    def count(self, status: Status) -> int:
        return sum(t.status == status for t in self.tests)

    @property
    def false_holds(self) -> float:
        """How many claims of a sign would hold by chance if not one of them had an effect.

        An upper bound: a claim that holds must reach its strength too, and change ten worlds.
        """
        return TAIL * sum(
            t.claim.question is not None and t.claim.sign != "none" for t in self.tests
        )

    def __repr__(self) -> str:
        return (
            f"<Examination of {len(self.tests)} claims of {self.case}: "
            f"{self.worlds:,} worlds an arm>"
        )


@dataclass(frozen=True)
class Arm:
    """One side of one or more claims: what is simulated, and where each claim's atoms stand in it.

    `asked` are the beliefs that are read, each on its day, one column each; none for the machine.
    """

    job: RunSpec
    watched: dict[str, Watch]
    asked: tuple[tuple[SourcedValue, int], ...] = ()
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Task:
    """Some worlds of an arm, one core's work."""

    key: Key
    arm: Arm
    numbers: range

    @property
    def cost(self) -> float:
        """Roughly, in seconds of a core."""
        days, n = self.arm.job.crisis.days, len(self.numbers)
        return 0.001 * days * n if self.arm.asked else 1.0 + 3.5e-6 * days * n


@dataclass(frozen=True)
class Prepared:
    """Everything to be run; `plans` are those of the authors' crises."""

    case: Case
    claims: tuple[CausalClaim, ...]
    seed: int
    worlds: int
    believed: int
    plans: dict[str, Plan]
    arms: dict[Key, Arm]
    tasks: tuple[Task, ...]


def prepare(case: Case, claims: Iterable[CausalClaim], worlds: int, seed: int) -> Prepared:
    """Lays out the arms of some claims. Raises CaseError if an assessment cannot be read."""
    claims = tuple(claims)
    tested = [c for c in claims if c.question is not None]
    names = sorted({c.author for c in tested})
    rivals = case.assessments if set(names) - {"case"} else {}
    cases = {n: case if n == "case" else under(case, rivals[n]) for n in names}
    groups: dict[Key, tuple[tuple[Edit, ...], list[CausalClaim]]] = {}
    for claim in tested:
        for edits in (claim.high, claim.low):
            groups.setdefault(arm_key(claim, edits), (edits, []))[1].append(claim)
    arms = {
        key: arm_of(cases[group[0].author], edits, group, seed)
        for key, (edits, group) in groups.items()
    }
    believed = min(worlds, BELIEVED)
    tasks = [
        Task(key, arm, numbers)
        for key, arm in arms.items()
        for numbers in (
            [range(a, min(a + SHARE, believed)) for a in range(0, believed, SHARE)]
            if arm.asked
            else [range(worlds)]
        )
    ]
    tasks.sort(key=lambda task: -task.cost)  # the longest first, so that no core waits at the end
    plans = {n: plan(c.crisis) for n, c in cases.items()}
    return Prepared(
        case=case,
        claims=claims,
        seed=seed,
        worlds=worlds,
        believed=believed,
        plans=plans,
        arms=arms,
        tasks=tuple(tasks),
    )


def arm_key(claim: CausalClaim, edits: tuple[Edit, ...]) -> Key:
    """Arms with the same key live the same worlds."""
    return (claim.author, claim.belief is not None, *map(key_of, edits))


def arm_of(case: Case, edits: tuple[Edit, ...], claims: list[CausalClaim], seed: int) -> Arm:
    """The author's crisis after the edits, simulated until the last day that is asked about."""
    questions = tuple(c.question for c in claims if c.question is not None)
    first = case.crisis.first
    last = max(q.last for q in questions)
    crisis = replace(edited(case.crisis, edits), last=last, show=())
    crisis = watching(crisis, questions)
    watched, monitors = watches(replace(case, crisis=crisis, questions=questions), first)
    believing = [c for c in claims if c.belief is not None and c.question is not None]
    asked = tuple(
        (c.belief, (c.question.last - first).days)
        for c in believing
        if c.belief is not None and c.question is not None
    )
    return Arm(
        RunSpec(crisis, monitors, seed),
        {w.question.id: w for w in watched},
        asked,
        tuple(c.id for c in believing),
    )


# ---- living ------------------------------------------------------------------------------


def lived(task: Task) -> tuple[Numbers, Numbers]:
    """One row a world: what the monitors of the arm saw, and the beliefs that were asked."""
    job, numbers = task.arm.job, task.numbers
    if task.arm.asked:
        return believed(job, task.arm.asked, numbers)
    nothing = np.zeros((len(numbers), 0))
    laid = plan(job.crisis)
    if not machinery.available():
        return run_chunk(laid, job, numbers).atoms, nothing
    # An arm is simulated once: its tape is neither looked for in the cache nor kept there.
    loaded = worlds.Loaded(laid, tape(program(laid)))
    parts = [
        worlds.block(loaded, job, tuple(numbers[a : a + worlds.BLOCK])).atoms
        for a in range(0, len(numbers), worlds.BLOCK)
    ]
    return np.concatenate(parts), nothing


def believed(
    job: RunSpec, asked: tuple[tuple[SourcedValue, int], ...], numbers: range
) -> tuple[Numbers, Numbers]:
    """The same in the reference interpreter, which alone can say what a holder believes."""
    laid = plan(job.crisis)
    formulas = [(laid.layout.formula(claim), day) for claim, day in asked]
    kept = sorted({m.quantity for m in job.monitors if m.quantity is not None})
    atoms = np.zeros((len(numbers), len(job.monitors)))
    values = np.zeros((len(numbers), len(asked)))
    for row, number in enumerate(numbers):
        world = create(laid, job.seed, number)
        start = {i: evening(world, i) for i in kept}
        series = {i: list[float]() for i in kept}
        for day, _ in enumerate(live(world)):
            for i, course in series.items():
                course.append(evening(world, i))
            for k, (formula, wanted) in enumerate(formulas):
                if wanted == day:
                    now = Moment(float(day), [list(x.weights) for x in world.learners])
                    values[row, k] = float(formula(world.s, world.unknowns, now))
        for k, m in enumerate(job.monitors):
            q = m.quantity
            atoms[row, k] = m.of_log(world.log) if q is None else m.of_series(start[q], series[q])
    return atoms, values


def live_all(
    tasks: tuple[Task, ...], threads: int | None, progress: Progress | None
) -> dict[Key, tuple[Numbers, Numbers]]:
    """The rows of every arm, in the order of worlds, however many processes lived them.

    Writing an arm's program is pure Python, so arms are spread over processes and not threads.
    """
    cores = min(threads or os.cpu_count() or 1, max(1, len(tasks) // 2))
    if machinery.available():
        machinery.machine()  # compiled here, where it is the first use, for all of them
    parts: dict[Key, list[tuple[int, tuple[Numbers, Numbers]]]] = {}
    for task, found in _here(tasks) if cores == 1 else _spread(tasks, cores):
        parts.setdefault(task.key, []).append((task.numbers.start, found))
        if progress:
            progress(1)
    whole = {}
    for key, some in parts.items():
        some.sort(key=lambda part: part[0])
        whole[key] = (
            np.concatenate([a for _, (a, _) in some]),
            np.concatenate([b for _, (_, b) in some]),
        )
    return whole


def _here(tasks: tuple[Task, ...]) -> Iterator[tuple[Task, tuple[Numbers, Numbers]]]:
    for task in tasks:
        yield task, lived(task)


def _spread(tasks: tuple[Task, ...], cores: int) -> Iterator[tuple[Task, tuple[Numbers, Numbers]]]:
    with ProcessPoolExecutor(
        max_workers=cores, mp_context=get_context("spawn"), initializer=_deaf
    ) as pool:
        try:
            running: dict[Future[tuple[Numbers, Numbers]], Task] = {}
            queue = list(reversed(tasks))
            while queue or running:
                while queue and len(running) < 2 * cores:
                    task = queue.pop()
                    with undisturbed():
                        running[pool.submit(lived, task)] = task
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    yield running.pop(future), future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _deaf() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer


# ---- judging -----------------------------------------------------------------------------


def examine(
    prepared: Prepared, threads: int | None = None, progress: Progress | None = None
) -> Examination:
    """Lives all arms and judges every claim. `threads` processes; `progress` counts tasks."""
    p = prepared
    rows = live_all(p.tasks, threads, progress)
    tests = tuple(judged(p, claim, rows) for claim in p.claims)
    return Examination(
        case=p.case.id,
        model_sha256=p.case.model_sha256,
        seed=p.seed,
        worlds=p.worlds,
        believed=p.believed,
        arms=len(p.arms),
        tests=tests,
    )


def judged(p: Prepared, claim: CausalClaim, rows: dict[Key, tuple[Numbers, Numbers]]) -> Tested:
    """One claim, from the worlds of its two arms."""
    q = claim.question
    if q is None:
        return Tested(
            claim=claim,
            status="inexpressible",
            effect=None,
            reason=claim.inexpressible,
            note="",
            stronger="",
            edge=False,
            unit="",
            passages=(claim.id,),
        )
    laid = p.plans[claim.author]
    values, counted = [], []
    for edits in (claim.high, claim.low):
        key = arm_key(claim, edits)
        arm, (atoms, beliefs) = p.arms[key], rows[key]
        w = arm.watched[claim.id]
        if claim.belief is None:
            values.append(np.array(outcomes(laid, w, q.asks, atoms), np.float64))
        else:
            values.append(beliefs[:, arm.columns.index(claim.id)])
        met = outcomes(laid, w, q.given, atoms) if q.given else [1.0] * len(atoms)
        counted.append(np.array(met, bool))
    both = counted[0] & counted[1]
    if q.kind == DATE:  # counted from the window's first day, so that means can be read
        opens = (q.first - p.case.crisis.first).days
        values = [v - opens for v in values]
    effect = paired(values[0][both], values[1][both], q.kind_of == "binary")
    v: Verdict = verdict(effect, claim.sign, claim.strength)
    cites = [passage for edit in (*claim.high, *claim.low) for passage in edit.passages]
    cites += [*q.asks.passages, *(q.given.passages if q.given else ())]
    status: Status = "holds" if v.holds else "fails"
    return Tested(
        claim=claim,
        status=status,
        effect=effect,
        reason=v.reason,
        note=v.note,
        stronger=v.stronger,
        edge=v.edge,
        unit=unit_of(claim),
        passages=tuple(dict.fromkeys([claim.id, *cites])),
    )


def unit_of(claim: CausalClaim) -> str:
    """In what the effect is measured."""
    q = claim.question
    if q is None:
        return ""
    if q.kind_of == "binary" or q.kind == FLAG or claim.belief is not None:
        return "probability"
    if q.kind == DATE:
        return "days"
    if q.kind.what == "ladder":
        return "levels"
    return unit_words(q.kind.unit) if q.kind.unit else "number"


# ---- as plain values ---------------------------------------------------------------------

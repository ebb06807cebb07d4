"""Causal claims put to the model: simulated twice, with the cause raised and lowered.

Each claim is tested under its author's own assessment, with the same noise in both arms. Arms that
do the same are simulated once, up to the last day that any of their claims asks about, and
everything is watched that these ask. A condition (`given`) counts the worlds that meet it in both
arms: worlds that the cause itself brings into the condition are no fair comparison (principal
strata, Frangakis and Rubin 2002, Biometrics 58).

What is a large effect, and what is none: `effect_size.py`.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, replace
from multiprocessing import get_context
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from offramp.answers.forecast import Watch, outcomes, watches
from offramp.case.case import Case, under
from offramp.case.causal import CausalClaim, key_of
from offramp.engine.blocks import machinery
from offramp.engine.blocks.integrals import expected, sparing_all, summing_all
from offramp.engine.blocks.variants import alike
from offramp.engine.compensators import Integral, spared, summed
from offramp.engine.monitors import Monitor
from offramp.engine.plan import Plan, plan
from offramp.engine.run import Progress, RunSpec, run_chunk, undisturbed
from offramp.engine.world import create
from offramp.explain.counting import Occurs, Sum, integrable
from offramp.explain.effect_size import TAIL, By, Effect, Verdict, integrated, measured, verdict
from offramp.language.edits import Edit, edited
from offramp.language.kinds import DATE, FLAG, unit_words
from offramp.language.questions import Question, watching

BATCH = 16  # arms that one core lives on one tape: more would leave others without work
BELIEVED = 256  # worlds of an arm in which beliefs are read

Numbers = NDArray[np.float64]
Way = Sum | Occurs | None
Status = Literal["holds", "fails", "inexpressible"]
Key = tuple[object, ...]


@dataclass(frozen=True)
class Tested:
    """What became of one claim; `effect` is None where there was nothing to measure.

    reason         why it fails, or why the model cannot state it; '' where it holds
    by, stronger, edge as in Verdict
    """

    claim: CausalClaim
    status: Status
    effect: Effect | None
    reason: str
    by: By
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
    """One side of one or more claims: what is simulated in how many worlds, and where each claim's
    atoms stand in it.

    `sums` are the counts that are also expected, by the monitors that count them. `without`: the
    worlds are those in which nothing of this kind happens, and no monitor is kept.
    """

    job: RunSpec
    worlds: int
    watched: dict[str, Watch]
    sums: tuple[tuple[int, Integral], ...] = ()
    without: Integral | None = None


@dataclass(frozen=True)
class Prepared:
    """Everything to be run; `plans` are those of the authors' crises, `ways` how the effect of each
    claim is integrated, None where it is counted."""

    case: Case
    claims: tuple[CausalClaim, ...]
    seed: int
    worlds: int
    believed: int
    plans: dict[str, Plan]
    ways: dict[str, Way]
    arms: dict[Key, Arm]


def prepare(case: Case, claims: Iterable[CausalClaim], worlds: int, seed: int) -> Prepared:
    """Lays out the arms of some claims. Raises CaseError if an assessment cannot be read."""
    claims = tuple(claims)
    tested = [c for c in claims if c.question is not None]
    names = sorted({c.author for c in tested})
    rivals = case.assessments if set(names) - {"case"} else {}
    cases = {n: case if n == "case" else under(case, rivals[n]) for n in names}
    plans = {n: plan(c.crisis) for n, c in cases.items()}
    ways = {c.id: way_of(c, plans[c.author]) for c in tested}
    groups: dict[Key, tuple[tuple[Edit, ...], list[tuple[CausalClaim, Question]]]] = {}
    for claim in tested:
        for pair in claim.pairs:
            for edits in pair.arms:
                key = arm_key(claim, edits, pair.question, ways[claim.id])
                groups.setdefault(key, (edits, []))[1].append((claim, pair.question))
    believed = min(worlds, BELIEVED)
    # All arms of an author read alike of their worlds, so that they can share a tape.
    asked = {n: [pair.question for c in tested if c.author == n for pair in c.pairs] for n in names}
    read = {n: replace(c, crisis=watching(c.crisis, asked[n])) for n, c in cases.items()}
    arms = {}
    for key, (edits, group) in groups.items():
        claim = group[0][0]
        some = believed if claim.believed else worlds
        arms[key] = arm_of(read[claim.author], edits, group, ways, some, seed)
    return Prepared(
        case=case,
        claims=claims,
        seed=seed,
        worlds=worlds,
        believed=believed,
        plans=plans,
        ways=ways,
        arms=arms,
    )


def way_of(claim: CausalClaim, laid: Plan) -> Way:
    """How a claim's effect is integrated; None for what is counted."""
    return None if claim.question is None else integrable(claim.question, laid)


def arm_key(claim: CausalClaim, edits: tuple[Edit, ...], q: Question, way: Way) -> Key:
    """Arms with the same key live the same worlds."""
    kind: Key = (way.targets, q.first, q.last) if isinstance(way, Occurs) else ()
    return (claim.author, claim.believed, kind, *map(key_of, edits))


def arm_of(
    case: Case,
    edits: tuple[Edit, ...],
    group: list[tuple[CausalClaim, Question]],
    ways: dict[str, Way],
    worlds: int,
    seed: int,
) -> Arm:
    """The author's crisis after the edits, simulated until the last day that is asked about."""
    questions = tuple(q for _, q in group)
    first = case.crisis.first
    last = max(q.last for q in questions)
    crisis = replace(edited(case.crisis, edits).until(last), show=())
    watched, monitors = watches(replace(case, crisis=crisis, questions=questions), first)
    way = ways[group[0][0].id]
    if isinstance(way, Occurs):  # all of the group ask the same
        days = [(day - first).days for day in (questions[0].first, questions[0].last)]
        return Arm(RunSpec(crisis, (), seed), worlds, {}, without=Integral(way.targets, *days))
    summed = {q.id for claim, q in group if isinstance(ways[claim.id], Sum)}
    places = sorted({k for w in watched if w.question.id in summed for k in w.atoms.values()})
    return Arm(
        RunSpec(crisis, monitors, seed),
        worlds,
        {w.question.id: w for w in watched},
        tuple((k, expectation(monitors[k])) for k in places),
    )


def expectation(m: Monitor) -> Integral:
    """What is to be expected of what a monitor counts."""
    assert m.event is not None
    return Integral(((m.event, m.outcome),), m.first, m.last)


# ---- living ------------------------------------------------------------------------------


class Rows(NamedTuple):
    """One row a world: what the monitors of an arm saw, and what was to be expected, of worlds
    without a kind of event that there would be none."""

    atoms: Numbers
    integrals: Numbers


def batches(arms: dict[Key, Arm]) -> list[tuple[Key, ...]]:
    """Arms that can share a tape, at most `BATCH` together; the most work first, so that no core
    waits at the end."""
    groups: dict[Key, list[Key]] = {}
    for key, arm in arms.items():
        groups.setdefault((key[0], arm.without), []).append(key)
    found = [
        tuple(group[k] for k in places[a : a + BATCH])
        for group in groups.values()
        for places in alike([arms[key].job.crisis for key in group])
        for a in range(0, len(places), BATCH)
    ]
    return sorted(found, key=lambda keys: -sum(_work(arms[key]) for key in keys))


def _work(arm: Arm) -> int:
    return arm.worlds * arm.job.crisis.days


def lived(arms: tuple[Arm, ...]) -> list[Rows]:
    """The worlds of arms that share a tape. It is written, used, and not kept."""
    if not machinery.available():
        return [_interpreted(arm) for arm in arms]
    crises = [arm.job.crisis for arm in arms]
    without = arms[0].without
    if without:
        expecting = sparing_all(crises, without)
    else:
        expecting = summing_all(crises, [[i for _, i in arm.sums] for arm in arms])
    return [
        Rows(*expected(x, arm.job, range(arm.worlds)))
        for x, arm in zip(expecting, arms, strict=True)
    ]


def _interpreted(arm: Arm) -> Rows:
    """The worlds of an arm, by the reference interpreter."""
    job, numbers = arm.job, range(arm.worlds)
    laid, sums = plan(job.crisis), tuple(i for _, i in arm.sums)
    if arm.without:
        found = [[spared(create(laid, job.seed, n), arm.without)] for n in numbers]
        return Rows(np.zeros((len(numbers), 0)), np.array(found))
    found = [summed(create(laid, job.seed, n), sums) for n in numbers] if sums else []
    return Rows(
        run_chunk(laid, job, numbers).atoms, np.array(found).reshape(len(numbers), len(sums))
    )


def live_all(
    arms: dict[Key, Arm], threads: int | None, progress: Progress | None
) -> dict[Key, Rows]:
    """The rows of every arm, however many processes lived them.

    Writing their program is pure Python, so they are spread over processes and not threads.
    """
    cores = min(threads or os.cpu_count() or 1, max(1, len(arms) // 2))
    some = batches(arms)
    if machinery.available():
        machinery.machine()  # compiled here, where it is the first use, for all of them
    rows = dict[Key, Rows]()
    for keys, found in _here(arms, some) if cores == 1 else _spread(arms, some, cores):
        rows |= zip(keys, found, strict=True)
        if progress:
            progress(len(keys))
    return rows


Batches = list[tuple[Key, ...]]


def _here(arms: dict[Key, Arm], some: Batches) -> Iterator[tuple[tuple[Key, ...], list[Rows]]]:
    for keys in some:
        yield keys, lived(tuple(arms[key] for key in keys))


def _spread(
    arms: dict[Key, Arm], some: Batches, cores: int
) -> Iterator[tuple[tuple[Key, ...], list[Rows]]]:
    with ProcessPoolExecutor(
        max_workers=cores, mp_context=get_context("spawn"), initializer=_deaf
    ) as pool:
        try:
            running: dict[Future[list[Rows]], tuple[Key, ...]] = {}
            queue = list(reversed(some))
            while queue or running:
                while queue and len(running) < 2 * cores:
                    keys = queue.pop()
                    with undisturbed():
                        running[pool.submit(lived, tuple(arms[key] for key in keys))] = keys
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
    """Lives all arms and judges every claim. `threads` processes; `progress` counts arms."""
    p = prepared
    rows = live_all(p.arms, threads, progress)
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


def judged(p: Prepared, claim: CausalClaim, rows: dict[Key, Rows]) -> Tested:
    """One claim, from the worlds of its arms."""
    q = claim.question
    if q is None:
        return Tested(
            claim=claim,
            status="inexpressible",
            effect=None,
            reason=claim.inexpressible,
            by="",
            note="",
            stronger="",
            edge=False,
            unit="",
            passages=(claim.id,),
        )
    found = [answers(p, claim, pair.question, e, rows) for pair in claim.pairs for e in pair.arms]
    counted = np.logical_and.reduce([a.met for a in found])
    values = tuple(a.values[counted] for a in found)
    way, means = p.ways[claim.id], tuple(a.expected for a in found if a.expected is not None)
    if isinstance(way, Occurs):
        effect = integrated(values)
    elif isinstance(way, Sum):
        effect = integrated(means, values)
    else:
        effect = measured(values, q.kind_of == "binary")
    v: Verdict = verdict(effect, claim.sign, claim.strength)
    done = [edit for pair in claim.pairs for arm in pair.arms for edit in arm]
    cites = [passage for edit in done for passage in edit.passages]
    cites += [*q.asks.passages, *(q.given.passages if q.given else ())]
    status: Status = "holds" if v.holds else "fails"
    return Tested(
        claim=claim,
        status=status,
        effect=effect,
        reason=v.reason,
        by=v.by,
        note=v.note,
        stronger=v.stronger,
        edge=v.edge,
        unit=unit_of(claim),
        passages=tuple(dict.fromkeys([claim.id, *cites])),
    )


class Answers(NamedTuple):
    """What the worlds of an arm say to a question, in which of them its condition is met, and what
    they were to be expected to say, where that is a sum of counts."""

    values: Numbers
    met: NDArray[np.bool_]
    expected: Numbers | None = None


def answers(
    p: Prepared,
    claim: CausalClaim,
    q: Question,
    edits: tuple[Edit, ...],
    rows: dict[Key, Rows],
) -> Answers:
    way = p.ways[claim.id]
    key = arm_key(claim, edits, q, way)
    arm, (atoms, integrals) = p.arms[key], rows[key]
    if isinstance(way, Occurs):
        none = integrals[:, 0]
        return Answers(none if way.none else 1.0 - none, np.ones(len(none), bool))
    laid, w = p.plans[claim.author], arm.watched[q.id]
    met = outcomes(laid, w, q.given, atoms) if q.given else [1.0] * len(atoms)
    values = np.array(outcomes(laid, w, q.asks, atoms), np.float64)
    if q.kind == DATE:  # counted from the window's first day, so that means can be read
        values = values - (q.first - p.case.crisis.first).days
    if not isinstance(way, Sum):
        return Answers(values, np.array(met, bool))
    whole = atoms.copy()
    whole[:, [k for k, _ in arm.sums]] = integrals
    means = np.array(outcomes(laid, w, q.asks, whole), np.float64)
    return Answers(values, np.array(met, bool), means)


def unit_of(claim: CausalClaim) -> str:
    """In what the effect is measured."""
    q = claim.question
    if q is None:
        return ""
    if q.kind_of == "binary" or q.kind == FLAG or claim.believed:
        return "probability"
    if q.kind == DATE:
        return "days"
    if q.kind.what == "ladder":
        return "levels"
    return unit_words(q.kind.unit) if q.kind.unit else "number"


# ---- as plain values ---------------------------------------------------------------------

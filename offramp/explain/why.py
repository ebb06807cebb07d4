"""What moves an answer: unknowns by contrast, nearby numbers by turning them, worlds as stories.

Of the free crisis: no report is used, so that the answer and its stories are not those of a day.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offramp.answers.forecast import Answer, Support, answer, happened, watches
from offramp.answers.wording import LONG_MONTHS
from offramp.case.case import Case
from offramp.engine.blocks import machinery
from offramp.engine.blocks import worlds as blocks
from offramp.engine.ensemble import Ensemble, Logged, Story
from offramp.engine.plan import Plan, plan
from offramp.engine.run import Progress, RunAll, RunSpec, simulate_all
from offramp.explain.nudge import Dial, dial, turned
from offramp.language.crisis import Unknown, cited
from offramp.language.edits import edited
from offramp.language.questions import Question
from offramp.sources.faults import all_beside
from offramp.sources.passages import sides

DIALS = 6  # numbers turned, nearest to the question first
PAGE = 32  # lines of a story
LEADING_UP = 5  # events told before one that the question asks about
SHARE = 0.5  # of the time, for the worlds as they are; the rest turns numbers


@dataclass(frozen=True)
class Driver:
    """A parameter and how far the answer moves with it, with the error of that difference.

    For an unknown: the probability in worlds with a high draw less that with a low one (above and
    below the median; for named values, with and without the value). For a number: the probability
    with it half as large again less that with it two thirds as large, with the same noise.
    """

    what: str
    title: str
    kind: str
    contrast: str
    difference: float
    error: float
    passages: tuple[str, ...]

    @property
    def distinct(self) -> bool:
        """Beyond three errors: with some thirty parameters looked at, two would be luck."""
        return abs(self.difference) > 3 * self.error


@dataclass(frozen=True)
class Why:
    case: str
    model_sha256: str
    seed: int
    worlds: int
    turned_worlds: int
    answer: Answer
    drivers: tuple[Driver, ...]
    passages: tuple[str, ...]
    paraphrases: dict[str, str]
    stories: tuple[tuple[bool, tuple[str, ...]], ...]
    faults: dict[str, str]  # what the record says against a passage

    def __repr__(self) -> str:
        return f"<Why {self.answer.id} of {self.case}: {len(self.drivers)} parameters turned>"


def explain(
    case: Case,
    question: str,
    worlds: int,
    seed: int,
    threads: int | None = None,
    progress: Progress | None = None,
    seconds: float | None = None,
    run_all: RunAll | None = None,
) -> Why:
    """Runs the case for one question. `seconds` is shared between the two kinds of driver;
    `run_all` simulates the worlds, as in `forecast`. Stories are of worlds that meet the question's
    condition, for of others nobody can say whether it came true."""
    run_all = run_all or (blocks.simulate_all if machinery.available() else simulate_all)
    asked = next(q for q in case.questions if q.id == question)
    case = replace(case, crisis=edited(case.crisis, asked.supposes))
    crisis = case.crisis
    watched, monitors = watches(replace(case, questions=(asked,)), crisis.first)
    w = watched[0]
    # Nothing after its window can matter to a question, and nothing after it is told.
    job = RunSpec(crisis.until(w.last), monitors, seed)
    share = seconds * SHARE if seconds else None
    base = run_all((job,), worlds, threads, progress, share)[0]
    laid, rest = plan(crisis), Support(case)
    result = answer(laid, w, base, rest)
    counted, true = happened(laid, w, base)
    drivers = unknown_drivers(case, base, counted, true, set(rest.behind(w.question)))
    dials = nearest_dials(case, rest, rest.behind(w.question, 2))
    variants = tuple(
        RunSpec(turned(job.crisis, d.datum.span, value), monitors, seed)
        for d in dials
        for value in (d.low, d.high)
    )
    fewer = max(1, worlds // 4) if seconds is None else worlds
    turns: list[Ensemble] = []
    if variants:
        left = seconds * (1 - SHARE) if seconds else None
        turns = run_all(variants, fewer, threads, progress, left)
    for i, d in enumerate(dials):
        low, high = (happened(laid, w, e) for e in turns[2 * i : 2 * i + 2])
        drivers.append(turned_driver(case, d, low, high))
    drivers.sort(key=lambda d: (-d.distinct, -abs(d.difference)))
    shown = [p for d in drivers[:8] for p in d.passages[:4]]
    passages = sides([*w.question.cites, *shown], case.passages)
    return Why(
        case=case.id,
        model_sha256=case.model_sha256,
        seed=seed,
        worlds=base.worlds,
        turned_worlds=turns[0].worlds if turns else 0,
        answer=result,
        drivers=tuple(drivers),
        passages=passages,
        paraphrases={p: case.passages[p].paraphrase for p in passages if p in case.passages},
        stories=tuple(
            (true[s.world], tell(laid, s, rest, w.question))
            for s in base.stories
            if counted[s.world]
        ),
        faults=all_beside(case, passages),
    )


def unknown_drivers(
    case: Case, e: Ensemble, counted: list[bool], true: list[bool], behind: set[str]
) -> list[Driver]:
    keep = np.array(counted, bool)
    yes = np.array(true, float)[keep]
    drivers = []
    for i, unknown in enumerate(case.crisis.unknowns):
        if f"unknown {unknown.name}" not in behind or len(yes) < 4:
            continue
        split = halves(unknown, e.unknowns[keep, i])
        best: Driver | None = None
        for high, words in split:
            difference, error = contrast(yes[high], yes[~high])
            d = Driver(
                what=f"unknown {unknown.name}",
                title=spelt(unknown),
                kind="unknown",
                contrast=words,
                difference=difference,
                error=error,
                passages=cited(unknown),
            )
            if best is None or abs(d.difference) / d.error > abs(best.difference) / best.error:
                best = d
        if best is not None:
            drivers.append(best)
    return drivers


def halves(unknown: Unknown, values: NDArray[np.float64]) -> list[tuple[NDArray[np.bool_], str]]:
    """Which of some worlds are on one side of an unknown, and that in words: above the median; of
    named values one split each."""
    if unknown.options:
        return [
            (values == k, f"{o.name.replace('_', ' ')} rather than another")
            for k, o in enumerate(unknown.options)
        ]
    middle = float(np.median(values))
    return [(values > middle, f"above {middle:.2g} rather than below")]


def spelt(unknown: Unknown) -> str:
    """The unknown's title; an estimative phrase never without the number it was taken for."""
    if unknown.interval is None:
        return unknown.title
    low, high = unknown.interval
    return f"{unknown.title} (\u201c{unknown.phrase}\u201d read as {low:.0%} to {high:.0%})"


def contrast(high: NDArray[Any], low: NDArray[Any]) -> tuple[float, float]:
    """The difference of two shares and its standard error (independent halves)."""
    if len(high) == 0 or len(low) == 0:
        return 0.0, 1.0
    shares = [(float(x.sum()) + 0.5) / (len(x) + 1) for x in (high, low)]
    error = math.sqrt(sum(p * (1 - p) / len(x) for p, x in zip(shares, (high, low), strict=True)))
    return float(high.mean() - low.mean()), error


def nearest_dials(case: Case, rest: Support, near: tuple[str, ...]) -> list[Dial]:
    """The numbers nearest to the question that can be turned, at most two of an element."""
    dials: list[Dial] = []
    for name in near:
        own = [d for d in (dial(case.crisis, n) for n in rest.numbers[name]) if d]
        dials += own[:2]
        if len(dials) >= DIALS:
            break
    return dials[:DIALS]


def turned_driver(
    case: Case, d: Dial, low: tuple[list[bool], list[bool]], high: tuple[list[bool], list[bool]]
) -> Driver:
    """The paired difference with the same noise, over worlds where both met the condition."""
    pairs = [
        float(h) - float(lo)
        for cl, lo, ch, h in zip(low[0], low[1], high[0], high[1], strict=True)
        if cl and ch
    ]
    n = max(1, len(pairs))
    mean = sum(pairs) / n
    # One pseudo-pair of each sign keeps the error of a difference never seen above zero.
    error = math.sqrt((sum(x * x for x in pairs) + 2) / (n + 2) - (sum(pairs) / (n + 2)) ** 2)
    basis = d.datum.basis
    return Driver(
        what=d.datum.element,
        title=f"{d.datum.value:g} in {d.datum.element}: {d.datum.text}",
        kind="number",
        contrast=f"{d.high:.3g} rather than {d.low:.3g}",
        difference=mean,
        error=error / math.sqrt(n),
        passages=basis.passages if basis else (),
    )


def tell(laid: Plan, story: Story, rest: Support, question: Question) -> tuple[str, ...]:
    """A world in dated sentences, until the question's window closes: all of it where that fits a
    page, else what led up to each of the events that the question asks about."""
    crisis = laid.crisis
    close = (question.last - crisis.first).days
    daily = crisis.daily
    log = [(entry, min(until, close)) for entry, until in story.folded(daily) if entry.day <= close]
    for steps in (8, 3, 2):
        wanted = set(rest.behind(question, steps))
        near = [(entry, until) for entry, until in log if f"event {entry.event}" in wanted]
        if len(near) <= PAGE:
            break
    else:
        asked = set(rest.behind(question, 0)) | set(rest.behind(question, 1))
        ends = [i for i, (entry, _) in enumerate(near) if f"event {entry.event}" in asked]
        kept = sorted({k for i in ends for k in range(max(0, i - LEADING_UP), i + 1)})
        near = [near[k] for k in kept or range(len(near))][:PAGE]
    lines = [sentence(laid, entry, until) for entry, until in near]
    if close < crisis.days - 1:
        lines.append(f"{words_for(question.last)}  (the question closes)")
    return tuple(lines)


def words_for(day: dt.date) -> str:
    return f"{day.day} {LONG_MONTHS[day.month - 1]} {day.year}"


def sentence(laid: Plan, entry: Logged, until: int) -> str:
    """`8 January 2020  Iran fires missiles at two bases (killed).`, and of what came every day how
    long it did."""
    day = laid.crisis.first + dt.timedelta(days=entry.day)
    named = entry.actor is None or entry.actor in entry.title
    who = "" if named else f"{entry.actor}: "
    how = f" ({entry.outcome.replace('_', ' ')})" if entry.outcome else ""
    last = laid.crisis.first + dt.timedelta(days=until)
    each = f", each day until {words_for(last)}" if until > entry.day else ""
    return f"{words_for(day)}  {who}{entry.title}{how}{each}."

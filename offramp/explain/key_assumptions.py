"""The key assumptions check: what answers lean on, what falls where it is wrong, who shares it, and
how good its source is.

An assumption is a number of the model or an unknown with its prior. Two passes. The first turns all
of them at random at once and picks those that move an answer most for its spread
(`screening.py`). The second takes each of these alone: a number half as large again and two thirds
as large, and 0 where that takes an arrow away; an unknown at its 10% and 90% points or at each of
its values; in worlds that throw the same dice as those of the answer, so that the error of a move
is that of pairs. Of many noisy moves the largest is large by luck: a move is told only beyond a
bound that, were nothing to move anything, one run in twenty would pass anywhere (Bonferroni; Dunn
1961, Journal of the American Statistical Association 56). The first pass has dice of its own and
does not count among the looks.

The check is that of Heuer and Pherson (2010, Structured Analytic Techniques, chapter 8): list what
must hold, ask what if not. Which value is wrong enough is a convention, the same for all numbers
(`nudge.FACTOR`): nobody was asked for a range, and a source that knows a number well is not spared.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import starmap
from statistics import NormalDist
from typing import Literal

import numpy as np

from offramp.answers.forecast import Support
from offramp.answers.sampling import of_share
from offramp.answers.wording import percent
from offramp.case.case import Case
from offramp.engine.by_value import ByValue
from offramp.engine.plan import plan, quantile
from offramp.engine.run import Progress
from offramp.explain.changes import parts_of, plainly
from offramp.explain.footing import Footing, footing
from offramp.explain.nudge import turned
from offramp.explain.screening import Candidate, FirstPass, candidates, first_pass
from offramp.explain.taken_alone import Reading, Row, difference
from offramp.filter.islands import student
from offramp.language.crisis import Crisis, Datum, State, Unknown, cited, claims, data, elements
from offramp.language.edits import Edit, edited
from offramp.language.expressions import Basis, Number, SourcedValue, walk
from offramp.language.questions import Question
from offramp.sources.estimative import words
from offramp.text.diagnostics import Span

LEVEL = 0.05  # how often anything at all would be told were nothing to move anything
SCREENED = 4  # times as many worlds in the first pass
MOST = 12  # assumptions that are taken alone
WITHOUT = "without it"
POINTS = (0.1, 0.9)  # of an unknown
POWER = 0.95  # with which the first pass sees a move
CLEAR = 2.0  # errors by which a probability must lie beyond a line to have crossed it

Falls = Literal["", "even chance", "words"]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question and its answer as the case has it; `opens` is the first day of its window."""

    id: str
    text: str
    given: str
    opens: dt.date
    probability: float | None
    mc_error: float | None


@dataclass(frozen=True, kw_only=True)
class Move:
    """What an assumption at another value does to an answer: from `old` to `new`, the difference
    with its standard error in pairs of worlds. None where no world meets the question's condition.

    told   whether it lies beyond the bound for all moves together
    falls  what does not hold any more, beyond errors: that it is above (or below) an even chance,
           the word for it; '' where neither falls
    """

    question: str
    old: float | None
    new: float | None
    difference: float
    error: float
    told: bool
    falls: Falls

    @property
    def words(self) -> str:
        """`45% to 62%`; where whole percents would hide it, by how many points."""
        if self.old is None or self.new is None:
            return "no world meets its condition"
        old, new = percent(self.old), percent(self.new)
        if old == new and self.told:
            return f"{old}, {100 * self.difference:+.1g} points".replace("-", "\u2212")
        return f"{old} to {new}"


@dataclass(frozen=True)
class Setting:
    """An assumption at another value, in words, and what each question then comes to; `why` no
    move is known, where that value leads too far from the worlds that lived the reports."""

    words: str
    moves: tuple[Move, ...]
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Assumption:
    """One of them.

    element, part  its address, as in `actor us`, `pace`; `title` of the element in words
    kind           a number or an unknown
    text           the value as it is written, with its mark; of an unknown its prior in words
    value, unit    of a number
    place          file and line
    others         what each author whose premises may set it makes of it: '' for the same, else
                   the other value in words; None where no author's file may set such a thing
    disputed       what the documents disagree on that its element carries
    """

    element: str
    part: str
    title: str
    kind: Literal["number", "unknown"]
    text: str
    value: float | None
    unit: str
    place: str
    footing: Footing
    others: tuple[tuple[str, str], ...] | None
    disputed: tuple[str, ...]
    settings: tuple[Setting, ...]

    @property
    def ours(self) -> bool:
        return self.footing.grade == "assumed"

    @property
    def moves(self) -> Iterator[tuple[Setting, Move]]:
        return ((s, m) for s in self.settings for m in s.moves)

    @property
    def largest(self) -> float:
        """The largest move that is told, as a difference of probabilities; 0 where none is."""
        return max((abs(m.difference) for _, m in self.moves if m.told), default=0.0)


@dataclass(frozen=True, kw_only=True)
class Assumptions:
    """The key assumptions of a case, that which moves an answer furthest first; those that move
    none beyond the bound stand last.

    bound      how many errors a move must exceed to be told, for all that were looked at
    looked_at  numbers and unknowns of the first pass, of `screened` worlds
    further    of those that were not taken alone, how many the first pass saw move an answer beyond
               its own bound
    missed     a move between the two values that the first pass would have seen by its bound with
               a probability of `POWER`, at the question where it sees worst
    left       numbers behind the questions that were not turned (dates, bounds, seats,
               probabilities that sum to 1)
    """

    case: str
    model_sha256: str
    seed: int
    worlds: int
    as_of: dt.date | None
    questions: tuple[Asked, ...]
    assumptions: tuple[Assumption, ...]
    bound: float
    looked_at: int
    screened: int
    further: int
    missed: float
    left: int

    def __repr__(self) -> str:
        moving = sum(a.largest > 0 for a in self.assumptions)
        return (
            f"<Assumptions of {self.case}: {moving} of {len(self.assumptions)} taken alone move an "
            f"answer, of {self.looked_at:,} looked at, {self.worlds:,} worlds>"
        )


@dataclass(frozen=True)
class Alone:
    """A candidate that is taken alone: the values at which it is wrong, in words, and the crisis
    with each."""

    candidate: Candidate
    settings: tuple[tuple[str, Crisis], ...]


@dataclass(frozen=True, eq=False)
class Looked(ByValue):
    """What the first pass looked at, and what is taken alone because of it. `asked` is the case
    with the questions of yes or no that are asked, and no others; `as_of` the day up to which
    reports are used, None without."""

    asked: Case
    as_of: dt.date | None
    first: FirstPass
    left: tuple[Datum, ...]
    alone: tuple[Alone, ...]
    picked: tuple[int, ...]

    @property
    def crises(self) -> tuple[Crisis, ...]:
        """The case's own, and one for each value of what is taken alone."""
        return (self.asked.crisis, *(crisis for a in self.alone for _, crisis in a.settings))


def looked(
    case: Case,
    questions: tuple[Question, ...],
    worlds: int,
    seed: int,
    most: int = MOST,
    as_of: dt.date | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Looked:
    """The first pass, of all that stands behind some questions, in so many free worlds; `as_of` a
    day they count what happens after it."""
    asked = replace(case, questions=questions)
    rest = Support(asked)
    found, left = candidates(asked, {e for q in asked.questions for e in rest.behind(q)})
    start = None if as_of is None else as_of + dt.timedelta(1)
    first = first_pass(asked, found, worlds, seed, start, threads, progress)
    picked = tuple(nominated(first, most))
    alone = (Alone(found[k], tuple(settings_of(asked.crisis, found[k]))) for k in picked)
    return Looked(asked, as_of, first, left, tuple(alone), picked)


def key_assumptions(
    case: Case, found: Looked, rows: Sequence[Row | str], worlds: int, seed: int
) -> Assumptions:
    """What was picked, from the rows of its crises (`taken_alone.py`), the case's own first."""
    base, others = rows[0], iter(rows[1:])
    assert not isinstance(base, str)
    bound = bound_of((len(rows) - 1) * len(base), base)
    opens = min((r.column.window[0] for r in base), default=case.crisis.first)
    out = []
    for a in found.alone:
        settings = tuple(
            Setting(said, (), row)
            if isinstance(row, str)
            else Setting(said, tuple(starmap(partial(move, bound), zip(base, row, strict=True))))
            for (said, _), row in zip(a.settings, others, strict=False)
        )
        out.append(described(case, a.candidate, opens, settings))
    further, missed = unseen(found.first, found.picked)
    return Assumptions(
        case=case.id,
        model_sha256=case.model_sha256,
        seed=seed,
        worlds=worlds,
        as_of=found.as_of,
        questions=tuple(map(_answer, base)),
        assumptions=tuple(sorted(out, key=lambda a: -a.largest)),
        bound=bound,
        looked_at=len(found.first.candidates),
        screened=found.first.worlds,
        further=further,
        missed=missed,
        left=len(found.left),
    )


def bound_of(looks: int, base: Row) -> float:
    """How many errors a move must exceed, of so many looks; of worlds in islands by Student's t."""
    p = 1 - LEVEL / (2 * max(1, looks))
    islands = base[0].worlds.islands
    if islands is None:
        return NormalDist().inv_cdf(p)
    return student(p, max(1, len(np.unique(islands)) - 1))


# ---- which -----------------------------------------------------------------------------------


def nominated(first: FirstPass, most: int) -> list[int]:
    """The places of those that move an answer most for its spread: by points the answers that are
    near an even chance would have all the places."""
    if first.differences.size == 0:
        return []
    furthest = (np.abs(first.differences) / first.errors).max(axis=1)
    return [int(k) for k in np.argsort(-furthest, kind="stable")[:most]]


def unseen(first: FirstPass, picked: tuple[int, ...]) -> tuple[int, float]:
    """How many others the first pass saw move beyond its bound, and what it would have seen, at the
    question where it sees worst."""
    if first.differences.size == 0:
        return 0, math.nan
    bound = NormalDist().inv_cdf(1 - LEVEL / (2 * first.differences.size))
    beyond = (np.abs(first.differences) > bound * first.errors).any(axis=1)
    others = [k for k in np.flatnonzero(beyond).tolist() if k not in picked]
    error = float(np.median(first.errors, axis=0).max())
    return len(others), (bound + NormalDist().inv_cdf(POWER)) * error


def settings_of(crisis: Crisis, c: Candidate) -> Iterator[tuple[str, Crisis]]:
    """The values at which an assumption is wrong, in words, and the crisis with each."""
    if c.dial is not None:
        d = c.dial
        for value in (d.low, d.high):
            if value != d.datum.value:
                yield (
                    f"{value:.3g} for {plainly(d.datum.value)}",
                    turned(crisis, d.datum.span, value),
                )
        if c.arrow:
            yield WITHOUT, turned(crisis, d.datum.span, 0.0)
    elif c.unknown is not None and c.unknown.options:
        for option in c.unknown.options:
            yield (
                option.name.replace("_", " "),
                edited(crisis, (_set(c.unknown, option.name, 1.0),)),
            )
    elif c.unknown is not None:
        laid = plan(crisis)
        prior = laid.priors[laid.layout.unknowns[c.unknown.name]]
        for p in POINTS:
            value = quantile(prior.kind, prior.a, prior.b, p)
            yield f"{value:.3g} ({p:.0%} point)", edited(crisis, (_set(c.unknown, "", value),))


def _set(unknown: Unknown, option: str, value: float) -> Edit:
    span = Span("edit", 1, 1)
    ours = Basis("assumed", (), "held", span)
    number = SourcedValue(Number(value, "", ours, span), (ours,), f"{value:.6g} ? held", span)
    return Edit("set", unknown.name, outcome=option, amount=number, span=span)


# ---- what it does ----------------------------------------------------------------------------


def move(bound: float, before: Reading, after: Reading) -> Move:
    """What becomes of one answer; a ratio of means in each where it has a condition."""
    id, old, new = before.column.question.id, before.mean, after.mean
    if old is None or new is None:
        return Move(
            question=id, old=old, new=new, difference=0.0, error=math.inf, told=False, falls=""
        )
    value, error = difference(before, after)
    told = abs(value) > bound * error
    return Move(
        question=id,
        old=old,
        new=new,
        difference=value,
        error=error,
        told=told,
        falls=falls((old, _error(before)), (new, _error(after))) if told else "",
    )


def _error(r: Reading) -> float:
    return of_share(r.column.values, r.column.met, r.worlds)[1]


def falls(old: tuple[float, float], new: tuple[float, float]) -> Falls:
    """What an answer no longer is, each given with its own error: both must lie beyond the line by
    `CLEAR` of them."""
    (low, a), (high, b) = sorted((old, new))
    low, high = min(1.0, low + CLEAR * a), max(0.0, high - CLEAR * b)
    if low < 0.5 < high:
        return "even chance"
    return "words" if low < high and words(low) != words(high) else ""


def _answer(r: Reading) -> Asked:
    q, mean = r.column.question, r.mean
    return Asked(
        id=q.id,
        text=q.text,
        given=q.where,
        opens=r.column.window[0],
        probability=mean,
        mc_error=None if mean is None else _error(r),
    )


# ---- what it is ------------------------------------------------------------------------------


def described(
    case: Case, c: Candidate, opens: dt.date, settings: tuple[Setting, ...]
) -> Assumption:
    """With its text, its source and who shares it."""
    element = dict(elements(case.crisis))[c.element]
    title = str(getattr(element, "title", "")) or c.element.partition(" ")[2]
    if c.dial is None:
        assert isinstance(element, Unknown)
        return Assumption(
            element=c.element,
            part="prior",
            title=title,
            kind="unknown",
            text=prior_words(element, case.crisis),
            value=None,
            unit="",
            place=f"{element.span.file}:{element.span.line}",
            footing=footing(case, data(c.element, element), cited(element), opens),
            others=_others(case, c.element, prior_words),
            disputed=_disputed(case, c.element),
            settings=settings,
        )
    d = c.dial.datum
    part = parts_of(element).get(d.span, "").removeprefix("agendas ").removesuffix(" value")
    part = "pace" if part == "pace pace" else part
    starts = isinstance(element, State) and part == "start"
    return Assumption(
        element=c.element,
        part=part,
        title=title,
        kind="number",
        text=" ".join(d.text.split()),
        value=d.value,
        unit=_unit(element, d.span),
        place=f"{d.span.file}:{d.span.line}",
        footing=footing(case, (d,), (), opens),
        others=_others(case, c.element, _start) if starts else None,
        disputed=_disputed(case, c.element),
        settings=settings,
    )


def prior_words(u: object, crisis: Crisis) -> str:
    """A prior as probabilities of its values, or as its 10% and 90% points."""
    assert isinstance(u, Unknown)
    laid = plan(crisis)
    prior = laid.priors[laid.layout.unknowns[u.name]]
    if u.options:
        shares = zip(u.options, prior.chances, strict=True)
        return ", ".join(f"{o.name.replace('_', ' ')} {percent(p)}" for o, p in shares)
    low, high = (quantile(prior.kind, prior.a, prior.b, p) for p in POINTS)
    said = f" (\u201c{u.phrase}\u201d)" if u.phrase else ""
    return f"{low:.3g} to {high:.3g} in eight of ten worlds{said}"


def _start(state: object, crisis: Crisis) -> str:
    assert isinstance(state, State)
    return "" if state.start is None else " ".join(state.start.text.split())


def _others(
    case: Case, address: str, told: Callable[[object, Crisis], str]
) -> tuple[tuple[str, str], ...]:
    """What each author's premises make of an element that they may set."""
    own, out = told(dict(elements(case.crisis))[address], case.crisis), []
    for name in case.assessments:
        crisis = case.under(name).crisis
        said = told(dict(elements(crisis))[address], crisis)
        out.append((name, "" if said == own else said))
    return tuple(out)


def _disputed(case: Case, element: str) -> tuple[str, ...]:
    return tuple(d.topic for d in case.disagreements if element in d.carried_by)


def _unit(element: object, place: Span) -> str:
    parts = (x for claim in claims(element) for x in walk(claim.expression))
    return next(x.unit for x in parts if isinstance(x, Number) and x.span == place)

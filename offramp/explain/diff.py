"""What two cases of one crisis differ in, and what that does to each answer.

World number n of both throws the same dice (`engine/noise.py` keys them by the name of what is
decided), so that the error of a difference is that of pairs of worlds (common random numbers;
Glasserman and Yao 1992). An answer under a condition is a ratio of two means in each case, of the
worlds that meet the condition there; its error is that of the linearised ratio (the delta method).
Where most names differ, or the first day, the dice have nothing in common: the difference is as
right, and its error is that of two independent runs.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from offramp.answers.columns import Column
from offramp.answers.session import Session, sessions, unit_of
from offramp.case.case import Case, examine
from offramp.case.versions import Version
from offramp.engine.run import Progress
from offramp.explain.changes import Change, Turned, changes, other_files, rewritten
from offramp.language.crisis import Crisis
from offramp.language.identity import canonical
from offramp.language.kinds import DATE

MOST_ALONE = 6  # numbers that are also changed one at a time
PAIRED = 0.5  # share of the dice that two cases must have in common to be called paired

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Moved:
    """What became of the answer to a question that both cases ask: of a yes or no its probability,
    of a choice that of each option, of a number or a date the mean (in `unit`; a date in days).

    old, new    the answer in each; None where no world meets its condition, or in words of a date
    difference  new less old, of a date in days; None where either has no answer
    error       standard error of the difference
    given       the condition in words, and how many worlds meet it in each
    otherwise   whether the cases ask it otherwise: in another proposition, window or condition
    """

    id: str
    text: str
    option: str
    kind: str
    window: tuple[dt.date, dt.date]
    given: str
    unit: str
    old: float | None
    new: float | None
    difference: float | None
    error: float | None
    met: tuple[int, int]
    otherwise: bool
    cites: tuple[str, ...]

    @property
    def distinct(self) -> bool:
        """Beyond three errors; anything less is within its error."""
        if self.difference is None or self.error is None:
            return False
        return abs(self.difference) > 3 * self.error


@dataclass(frozen=True)
class Alone:
    """One number of the old case changed, and nothing else; `why` where that is no case by
    itself, as of a range of which one end would pass the other."""

    change: Change
    answers: tuple[Moved, ...]
    why: str = ""


@dataclass(frozen=True)
class Asked:
    """A question that one case asks alone."""

    id: str
    text: str


@dataclass(frozen=True)
class Diff:
    """`changes` in the order of the file, `answers` in that of the old case's questions.

    old, new    the names under which the cases were asked for
    first       the first day of the old case, from which its dates count
    paired      whether the worlds of both throw mostly the same dice
    alone       each number that changed by itself, where there are several
    whole       why not, or what of the changes these leave out; '' where nothing is to be said
    files       further files that differ, from which no answer of free worlds follows
    notes       what a reader must be told of either case
    """

    case: str
    old: str
    new: str
    model_sha256: str
    new_sha256: str
    seed: int
    worlds: int
    first: dt.date
    paired: bool
    changes: tuple[Change, ...]
    answers: tuple[Moved, ...]
    only_old: tuple[Asked, ...]
    only_new: tuple[Asked, ...]
    alone: tuple[Alone, ...]
    whole: str
    files: tuple[str, ...]
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        return (
            f"<Diff of {self.old} and {self.new}: {len(self.changes)} changes, "
            f"{sum(m.distinct for m in self.answers)} of {len(self.answers)} answers beyond their "
            f"error, {self.worlds:,} worlds>"
        )


def diff(
    old: Version, new: Version, worlds: int, seed: int, threads: int | None, step: Progress | None
) -> Diff:
    """Both cases and each change alone, of so many worlds each."""
    a, b = old.case, new.case
    found, turned = changes(a, b)
    singles, whole = _singles(a, found, turned)
    runnable = [case for _, case, _ in singles if case is not None]
    same = a.model_sha256 == b.model_sha256 and canonical(a.crisis) == canonical(b.crisis)
    cases = (a,) if same else (a, b, *runnable)
    first, *others = (s.grown(worlds, threads, step) for s in sessions(cases, seed, supposed=True))
    second = others.pop(0) if others else first
    paired = _common(a.crisis, b.crisis) >= PAIRED
    runs = iter(others)
    alone = tuple(
        Alone(t.change, () if case is None else tuple(moved(first, next(runs), True)), why)
        for t, case, why in singles
        if not same
    )
    ids = {q.id for q in a.questions}, {q.id for q in b.questions}
    return Diff(
        case=a.id,
        old=old.name,
        new=new.name,
        model_sha256=a.model_sha256,
        new_sha256=b.model_sha256,
        seed=seed,
        worlds=worlds,
        first=a.crisis.first,
        paired=paired,
        changes=found,
        answers=tuple(moved(first, second, paired)),
        only_old=tuple(Asked(q.id, q.text) for q in a.questions if q.id not in ids[1]),
        only_new=tuple(Asked(q.id, q.text) for q in b.questions if q.id not in ids[0]),
        alone=alone,
        whole=whole,
        files=other_files(a, b),
        notes=(*old.notes, *new.notes),
    )


def _common(old: Crisis, new: Crisis) -> float:
    """The share of dice that two crises have in common: none where they begin on other days, since
    dice are thrown by the number of the day."""
    if old.first != new.first:
        return 0.0
    a, b = _dice(old), _dice(new)
    return len(a & b) / len(a | b) if a | b else 1.0


def _dice(crisis: Crisis) -> set[str]:
    names = [u.dice for u in crisis.unknowns] + [a.dice for a in crisis.actors]
    return {*names, *(e.dice for e in crisis.events)}


# ---- one at a time ---------------------------------------------------------------------------

Single = tuple[Turned, Case | None, str]


def _singles(
    old: Case, found: Sequence[Change], turned: Sequence[Turned]
) -> tuple[list[Single], str]:
    """The old case with each changed number alone, and what is to be said of that."""
    moving = [c for c in found if c.moving]
    if len(moving) < 2:
        return [], ""
    if old.base is not None:
        return [], (
            "no change is shown alone: the old case is not as its files say, but under an author's "
            "premises, edits or a what-if"
        )
    if not turned:
        return [], "no change is shown alone: none is another value of a number that both have"
    if len(turned) > MOST_ALONE:
        return [], (
            f"no change is shown alone: {len(turned)} numbers have another value, and at most "
            f"{MOST_ALONE} are run one at a time"
        )
    rest = len(moving) - len({id(t.change) for t in turned})
    told = (
        f"{rest} of the changes {'is' if rest == 1 else 'are'} not shown alone: only another value "
        "of a number is a case by itself"
    )
    return [_single(old, t) for t in turned], told if rest else ""


def _single(old: Case, t: Turned) -> Single:
    text = _written(old, t)
    if text is None:
        return t, None, "the number stands in a form or on a folded line: change it there by hand"
    case, faults = examine(old, {str(t.old.span.file): text})
    if case is None:
        why = next(d.message for d in faults if d.severity == "error")
        return t, None, f"alone it makes no case: {why}"
    return t, case, ""


def _written(old: Case, t: Turned) -> str | None:
    """The file with the one number in place of the other; None where it does not stand there as
    such."""
    return rewritten(old.texts.texts, t.old.span, t.old.value, t.new.value)


# ---- answers ---------------------------------------------------------------------------------


def moved(old: Session, new: Session, paired: bool) -> Iterator[Moved]:
    """Each answer in both, over the worlds that both have."""
    n = min(old.worlds, new.worlds)
    later = (new.case.crisis.first - old.case.crisis.first).days
    others = {c.question.id: c for c in new.columns}
    for before in old.columns:
        q, after = before.question, others.get(before.question.id)
        if after is None or after.question.kind_of != q.kind_of:
            continue
        options = [o for o in q.names if o in after.question.names]
        for option in options if q.kind_of == "choice" else [""]:
            a, b = (_value(c, option, n) for c in (before, after))
            yield _contrast(before, after, option, a, b + later if q.kind == DATE else b, paired)


def _value(column: Column, option: str, n: int) -> Floats:
    if not option:
        return column.values[:n]
    chosen = column.values[:n] == column.question.names.index(option)
    return np.asarray(chosen, float)


def _contrast(
    before: Column, after: Column, option: str, a: Floats, b: Floats, paired: bool
) -> Moved:
    q, n = before.question, len(a)
    met_a, met_b = before.met[:n], after.met[:n]
    row = Moved(
        id=q.id,
        text=q.text,
        option=option,
        kind=q.kind_of,
        window=before.window,
        given=q.where,
        unit=unit_of(q),
        old=None,
        new=None,
        difference=None,
        error=None,
        met=(int(met_a.sum()), int(met_b.sum())),
        otherwise=_proposition(before) != _proposition(after),
        cites=q.cites,
    )
    old, new = (float(x[m].mean()) if m.any() else None for x, m in ((a, met_a), (b, met_b)))
    row = replace(row, old=old, new=new)
    if old is None or new is None:
        return row
    da, db = influence(a, met_a, old), influence(b, met_b, new)
    error = error_of(db - da) if paired else math.hypot(error_of(da), error_of(db))
    return replace(row, difference=new - old, error=error)


def influence(x: Floats, met: NDArray[np.bool_], mean: float) -> Floats:
    """By how much each world moves the mean over those that meet the condition."""
    return np.asarray(np.where(met, x - mean, 0.0) / met.mean())


def error_of(influence: Floats) -> float:
    """It is never 0 by luck: at least that of one world in so many that differs by one."""
    n = len(influence)
    least = max(float(np.abs(influence).max()), 1.0) ** 2 / n
    return math.sqrt(max(float(influence.var()), least) / n)


def _proposition(c: Column) -> object:
    q = c.question
    asks, given = (None if x is None else canonical(x.expression) for x in (q.asks, q.given))
    return asks, given, c.window, q.names, tuple(e.words for e in q.supposes)

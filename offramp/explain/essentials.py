"""What one page says, as values: the answers that matter, what moved, who differs, what carries it.

Nothing here is simulated: the worlds of the day, of the day before and of each author are given.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from offramp.answers.forecast import Answer, Forecast, Support, Watch, in_each, watches
from offramp.answers.sampling import of_share
from offramp.case.assessments import Assessment, Judgement
from offramp.case.case import Case
from offramp.case.record import Report
from offramp.engine.ensemble import Ensemble
from offramp.engine.plan import plan
from offramp.explain.compare import LEAST, PARTED, Carrier, decomposed, override
from offramp.explain.failings import Failing, Failings
from offramp.explain.signposts import Signposts
from offramp.explain.why import halves, spelt
from offramp.filter.posterior import FEWEST
from offramp.language.crisis import Unknown, cited, data
from offramp.language.questions import Question

ANSWERS = 5  # on the page
LEANS = 3  # assumptions
AHEAD = 31  # days of which dates are told


@dataclass(frozen=True, kw_only=True)
class Author:
    """An author's worlds beside the case's own. `forecast` is None where `why` says why."""

    assessment: Assessment
    case: Case
    forecast: Forecast | None
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Shift:
    """A difference of two probabilities from independent worlds, and its standard error. It is
    news only beyond three errors."""

    before: float
    after: float
    error: float

    @property
    def difference(self) -> float:
        return self.after - self.before

    @property
    def news(self) -> bool:
        return abs(self.difference) > PARTED * self.error


@dataclass(frozen=True, kw_only=True)
class Line:
    """An answer of the page: as it is, since the day before (None where nobody asked or it could
    not be told then), and as each author who answers it has it, by id."""

    answer: Answer
    since: Shift | None
    rivals: Mapping[str, Answer]

    @property
    def spread(self) -> tuple[float, float] | None:
        """The lowest and highest of the authors' answers; None without two of them."""
        found = [a.probability for a in self.rivals.values() if a.probability is not None]
        return (min(found), max(found)) if len(found) > 1 else None


@dataclass(frozen=True, kw_only=True)
class Lean:
    """An assumption that an answer leans on: a number drawn anew in each world, and the answer in
    the worlds on either side of it.

    contrast    the two sides in words: 'above .4 rather than below'
    shift       from the answer below (or of another named value) to the one above
    grades      of the numbers of its prior: stated, sized, assumed
    reason      ours, where any of it is assumed
    """

    question: str
    unknown: str
    title: str
    contrast: str
    shift: Shift
    grades: tuple[str, ...]
    passages: tuple[str, ...]
    reason: str


@dataclass(frozen=True, kw_only=True)
class Dissent:
    """An author under whose premises the model's answer to the first question differs from the
    case's beyond three errors, and the unknowns that carry it. What the author judged is another
    thing: `Essentials.judged`."""

    author: str
    title: str
    shift: Shift
    carriers: tuple[Carrier, ...]


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What an author judged of what a question asks; `window`: the days that were meant, where
    these are not the question's own."""

    judgement: Judgement
    window: tuple[dt.date, dt.date] | None


@dataclass(frozen=True, kw_only=True)
class Essentials:
    """`lines` in the order of the page, the first is its bottom line; `marked` of them are what
    the case marks as its headline, of `headlines` that are open. `silent`: authors without an
    answer, and why. `reports`: those that became known since the day before. `failings`: what the
    model is known to get wrong, of that first what bears on the page; None where nobody looked, as
    `signs`: what to watch for, of each of the lines that can be watched.
    `judged`: what each author judged of the first question, or of the same in other days, which
    never enters the model; only those who did.
    `unmixed`: titles of the unknowns that its worlds do not agree on."""

    forecast: Forecast
    before: dt.date | None
    lines: tuple[Line, ...]
    marked: int
    headlines: int
    authors: Mapping[str, str]
    leans: tuple[Lean, ...]
    dissents: tuple[Dissent, ...]
    agreeing: tuple[str, ...]
    judged: Mapping[str, tuple[Judged, ...]]
    silent: Mapping[str, str]
    reports: tuple[Report, ...]
    dates: tuple[tuple[dt.date, str], ...]
    failings: Failings | None
    signs: Signposts | None
    unmixed: tuple[str, ...]


def essentials(
    case: Case,
    now: Forecast,
    before: Forecast | None,
    authors: Sequence[Author],
    dates: Iterable[tuple[dt.date, str]],
    failings: Failings | None = None,
    signs: Signposts | None = None,
    decided: Collection[str] = (),
    worths: Mapping[str, float] | None = None,
    reports: Sequence[Report] = (),
) -> Essentials:
    """`before`: the same as of the day before; `dates`: what is fixed ahead; `decided`: questions
    that reports have settled; `worths`: how many independent worlds each unknown's posterior is
    worth (none without reports); of those worth too few nothing is said; `reports`: those that
    became known since the day before."""
    picked, marked = chosen(now, decided)
    lines = tuple(_line(a, before, authors) for a in picked)
    watched = {w.question.id: w for w in watches(case, now.start_from)[0]}
    day = now.as_of or now.first
    return Essentials(
        forecast=now,
        before=before.as_of if before else None,
        lines=lines,
        marked=marked,
        headlines=sum(a.headline for a in _open(now, decided)),
        authors={a.assessment.id: a.assessment.title for a in authors},
        leans=_leans(case, now, [watched[a.id] for a in picked], worths or {}),
        dissents=tuple(_dissents(case, now, lines, authors, watched)),
        agreeing=tuple(_agreeing(lines)),
        judged=_judged(case, lines, authors),
        silent={a.assessment.id: a.why for a in authors if a.forecast is None},
        dates=_ahead(day, dates, picked),
        failings=_near(failings, picked),
        signs=signs,
        reports=tuple(reports),
        unmixed=tuple(
            u.title or u.name
            for u in case.crisis.unknowns
            if (worths or {}).get(u.name, FEWEST) < FEWEST
        ),
    )


def chosen(forecast: Forecast, decided: Collection[str] = ()) -> tuple[tuple[Answer, ...], int]:
    """The answers of a page, and how many of them the case marks as its headline: the first of
    these in the order of the case, then those that most passages raise, then as they stand. None
    that is decided, or that no world could answer."""
    still = _open(forecast, decided)
    marked = [a for a in still if a.headline][:ANSWERS]
    rest = sorted((a for a in still if not a.headline), key=lambda a: -len(a.cites))
    return (*marked, *rest[: ANSWERS - len(marked)]), len(marked)


def _open(forecast: Forecast, decided: Collection[str]) -> list[Answer]:
    """The answers that are not decided and that some world could give."""
    return [a for a in forecast.answers if a.probability is not None and a.id not in decided]


def _near(found: Failings | None, asked: Sequence[Answer]) -> Failings | None:
    """Failings with those first whose passages the questions of the page rest on."""
    if found is None:
        return None
    near = {p for a in asked for p in (*a.cites, *a.rests_on)}

    def far(x: Failing) -> bool:
        return not near.intersection(x.passages)

    wrong, failed = (tuple(sorted(x, key=far)) for x in (found.wrong, found.failed))
    return replace(found, wrong=wrong, failed=failed)


def _line(a: Answer, before: Forecast | None, authors: Sequence[Author]) -> Line:
    old = _found(before, a.id)
    rivals = {x.assessment.id: r for x in authors if (r := _found(x.forecast, a.id)) is not None}
    return Line(answer=a, since=shift(old, a) if old else None, rivals=rivals)


def _found(forecast: Forecast | None, question: str) -> Answer | None:
    answers = forecast.answers if forecast else ()
    return next((a for a in answers if a.id == question and a.probability is not None), None)


def shift(before: Answer, after: Answer) -> Shift:
    """From one answer to another of other worlds."""
    assert before.probability is not None
    assert after.probability is not None
    error = math.hypot(before.mc_error or 0.0, after.mc_error or 0.0)
    return Shift(before=before.probability, after=after.probability, error=error)


# ---- what the answers lean on ----------------------------------------------------------------


def _leans(
    case: Case, now: Forecast, asked: Sequence[Watch], worths: Mapping[str, float]
) -> tuple[Lean, ...]:
    """Of the first question the unknowns that move it most, beyond three errors; where these are
    too few, of the next questions. No unknown twice, and none that the worlds do not agree on."""
    rest, out = Support(case), list[Lean]()
    for w in asked:
        found = leaning(case, w, now.worlds_of(w.question.id), rest)
        own = [x for x in found if x.shift.news and worths.get(x.unknown, FEWEST) >= FEWEST]
        own.sort(key=lambda x: -abs(x.shift.difference))
        known = {x.unknown for x in out}
        out += [x for x in own if x.unknown not in known]
        if len(out) >= LEANS:
            break
    return tuple(out[:LEANS])


def leaning(case: Case, w: Watch, e: Ensemble, rest: Support) -> list[Lean]:
    """The answer in the worlds on either side of each unknown that can move it."""
    met, value = in_each(plan(case.crisis), w, e)
    behind = set(rest.behind(w.question))
    out = []
    for k, unknown in enumerate(case.crisis.unknowns):
        if f"unknown {unknown.name}" not in behind:
            continue
        sides = list[tuple[Shift, str]]()
        for high, words in halves(unknown, e.unknowns[:, k]):
            up, down = met & high, met & ~high
            if up.any() and down.any():
                sides.append((between(value, down, up, e), words))
        if sides:
            most, words = max(sides, key=lambda s: abs(s[0].difference) / s[0].error)
            out.append(_lean(w, unknown, most, words))
    return out


def between(
    value: NDArray[np.float64], down: NDArray[np.bool_], up: NDArray[np.bool_], e: Ensemble
) -> Shift:
    """The share of worlds with a value of 1 on one side, and on the other."""
    errors = [of_share(value, side, e)[1] for side in (down, up)]
    return Shift(
        before=float(value[down].mean()), after=float(value[up].mean()), error=math.hypot(*errors)
    )


def _lean(w: Watch, unknown: Unknown, most: Shift, contrast: str) -> Lean:
    bases = [d.basis for d in data(f"unknown {unknown.name}", unknown)]
    ours = [b for b in bases if b is not None and b.grade == "assumed"]
    return Lean(
        question=w.question.id,
        unknown=unknown.name,
        title=spelt(unknown),
        contrast=contrast,
        shift=most,
        grades=tuple("assumed" if b is None else b.grade for b in bases),
        passages=cited(unknown),
        reason=ours[0].reason if ours else "",
    )


# ---- who differs -----------------------------------------------------------------------------


def _dissents(
    case: Case,
    now: Forecast,
    lines: Sequence[Line],
    authors: Sequence[Author],
    watched: Mapping[str, Watch],
) -> Iterable[Dissent]:
    """Of the first question, the author farthest away first."""
    if not lines:
        return []
    first = lines[0]
    w, out = watched[first.answer.id], []
    for author in authors:
        theirs = first.rivals.get(author.assessment.id)
        if theirs is None or not (apart := shift(first.answer, theirs)).news:
            continue
        out.append(
            Dissent(
                author=author.assessment.id,
                title=author.assessment.title,
                shift=apart,
                carriers=_carriers(case, now, author, w),
            )
        )
    return sorted(out, key=lambda d: -abs(d.shift.difference))


def _carriers(case: Case, now: Forecast, author: Author, w: Watch) -> tuple[Carrier, ...]:
    """What carries the author's difference from the case; none where too few worlds come true."""
    assert author.forecast is not None
    rows = []
    for c, f in ((author.case, author.forecast), (case, now)):
        e = f.worlds_of(w.question.id)
        met, value = in_each(plan(c.crisis), w, e)
        rows.append((e.unknowns[met], value[met] > 0.0))
    true = np.concatenate([y for _, y in rows])
    if min(int(true.sum()), int((~true).sum())) < LEAST:
        return ()
    cases, whose = (author.case, case), (author.assessment, None)
    found = decomposed(cases, whose, rows[0][0], rows[1][0], true)
    # What an author leaves as the case has it stands on no passage of that author's.
    return tuple(c if override(author.assessment, c.what) else replace(c, first=()) for c in found)


def _agreeing(lines: Sequence[Line]) -> Iterable[str]:
    """Authors whose answer to the first question lies within three errors of the case's."""
    for author, theirs in lines[0].rivals.items() if lines else ():
        if not shift(lines[0].answer, theirs).news:
            yield author


def _judged(
    case: Case, lines: Sequence[Line], authors: Sequence[Author]
) -> Mapping[str, tuple[Judged, ...]]:
    """The judgements of what the first question asks, of each author who made one and whose
    premises answer it."""
    if not lines:
        return {}
    first = next(q for q in case.questions if q.id == lines[0].answer.id)
    alike = {q.id: q for q in case.questions if _asks_the_same(q, first)}
    out = dict[str, tuple[Judged, ...]]()
    for x in authors:
        found = [(j, alike.get(j.question or "")) for j in x.assessment.judgements]
        own = tuple(
            Judged(judgement=j, window=_other_days(q, first)) for j, q in found if q is not None
        )
        if own and x.assessment.id in lines[0].rivals:
            out[x.assessment.id] = own
    return out


def _other_days(q: Question, first: Question) -> tuple[dt.date, dt.date] | None:
    return None if (q.first, q.last) == (first.first, first.last) else (q.first, q.last)


def _asks_the_same(one: Question, other: Question) -> bool:
    """Whether two questions differ in their windows at most."""
    conditions = [q.given.text if q.given else "" for q in (one, other)]
    same = one.asks.text == other.asks.text and conditions[0] == conditions[1]
    return same and one.supposes == other.supposes


def _ahead(
    day: dt.date, fixed: Iterable[tuple[dt.date, str]], asked: Sequence[Answer]
) -> tuple[tuple[dt.date, str], ...]:
    """What is dated in the month after a day: what is fixed, and when a question of the page
    closes."""
    closing = [(a.window[1], f"closes: {a.text}") for a in asked]
    ends = day + dt.timedelta(AHEAD)
    return tuple(sorted({d for d in (*fixed, *closing) if day < d[0] <= ends}))

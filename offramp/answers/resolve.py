"""What a question resolved to, by what was known on a day: by rule from the reports, or as cited.

By rule where the reports settle it. Every atom of the question becomes a range: `count(x)` is at
least the reports that surely fall into the window, and at most those that may, if the record would
have shown any other; `first(x)` likewise; what a quantity was, reports do not settle. Where the
question has one answer over all of these ranges, that is its answer. What it supposes (`if:`) must
be shown too: each forced event on its days, nothing of what never happens within the window, no
other outcome; where it is not, and where no record could show it, the question is annulled. Else
the resolution that the case cites holds; where there is none, the question is open, with the
reason. Where rule and citation disagree, that is a finding (`disagreements`), and the rule's answer
stands until somebody mends one of the two.

A report counts on whatever day it became known, the end of the record (`until:`) or not: that an
event was told late does not undo it. Silence counts only up to the end of the record less the
`delay:` that reports take (docs/meaning.md, section 14). An answer holds from the day on which what
happened decided it, whichever answer it is and whether a report or a person says so; a window still
running decides what silence alone could say.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from offramp.case.case import Case
from offramp.case.record import GRADES, PLAIN, History, Report
from offramp.language.equality import below
from offramp.language.expressions import Call, Name, Number, Operation, SourcedValue
from offramp.language.questions import UNDECIDED, Question
from offramp.language.ranges import ANY, EITHER, FALSE, Range, ranges
from offramp.language.supposed import SHOWN
from offramp.text.diagnostics import Span

# Silence counts as "it did not happen" only for events that the record would show nineteen times
# in twenty or more: the level at which a miss is no longer a live possibility for one event. Over
# a window in which several may have been missed even that is lenient.
CERTAIN = 0.95
# A report that nobody has checked can leave a question undecided; it cannot decide one.
CHECKED = ("verified", "partly", "document")
DAY = dt.timedelta(days=1)
NAMED = 3  # sources named of one answer


@dataclass(frozen=True)
class Outcome:
    """A question's answer as of `known_by`.

    answer     yes, no, an option, a number, a date, above, below, ambiguous, annulled; '' if open
    value      of a number or a date (its ordinal): the answer on the question's scale; above and
               below an open bound are the bound itself, for a date the day beyond it
    on         the day that decided it; the last day of its window where only its end did
    by         whether it may have been decided before `on`: a report that decided it is of a span
               of days, of which `on` is the last
    how        rule, cited, or open
    source     who says so: the sources of the reports, or the citation
    rows       the reports that decided it, by rule
    first, last  the window; `last` is the scheduled day of resolution
    record     the end of the record; a window that outlasts it could show a yes and never a no
    why        of an open question: what keeps it undecided
    given      its condition in words, '' without one
    """

    question: str
    answer: str
    value: float | None
    on: dt.date | None
    how: str
    source: str
    rows: tuple[str, ...]
    first: dt.date
    last: dt.date
    known_by: dt.date
    kind: str
    ordered: bool = False
    options: tuple[str, ...] = ()
    scale: tuple[float, float] | None = None
    record: dt.date = dt.date.max
    why: str = ""
    given: str = ""
    by: bool = False

    @property
    def closed(self) -> bool:
        """Whether the scheduled day of resolution is past, and no answer that came before it was
        seen only because the record ends in the midst of the window."""
        return self.known_by > self.last and not self.cut_off

    @property
    def cut_off(self) -> bool:
        """Whether it was decided before its window's end, and the record does not reach beyond:
        the other answer could not have been seen, so that scoring this one would be a bias."""
        early = self.on is not None and self.on < self.last
        return early and self.record <= self.last

    @property
    def decided(self) -> bool:
        return self.answer not in ("", "ambiguous", "annulled")

    @property
    def briefly(self) -> str:
        """`yes, on 2020-01-08 (E093)`: the answer, its day, and the reports that decided it; `by`
        where they leave open which day it was."""
        rows = ", ".join(self.rows[:NAMED]) + (", ..." if len(self.rows) > NAMED else "")
        return f"{self.answer}, {self.when} ({rows or self.source})"

    @property
    def when(self) -> str:
        """`on 2020-01-08`, or `by` it."""
        return f"{'by' if self.by else 'on'} {self.on}"

    @property
    def already(self) -> str:
        """That it needs no forecast any more, and by what."""
        by = " by the reports" if self.how == "rule" else ""
        return f"already decided{by}"


@dataclass(frozen=True)
class Disagreement:
    """The reports say one thing, the resolution in questions.yaml another."""

    question: str
    rule: Outcome
    cited: Outcome

    def __str__(self) -> str:
        rows = ", ".join(self.rule.rows) or "no report of it"
        return (
            f"{self.question}: the reports say {self.rule.answer} ({rows}), "
            f"questions.yaml says {self.cited.answer} ({self.cited.source})"
        )


def resolve(question: Question, case: Case, history: History, known_by: dt.date) -> Outcome:
    """The question's answer by what was known on a day; nothing known later can reach it."""
    record = _Record(question, case, history, known_by)
    found = _by_rule(record) or as_cited(question, known_by, history.until)
    return found or _outcome(record, "", None, None, "open", "", why=record.why())


def resolve_all(case: Case, history: History, known_by: dt.date) -> dict[str, Outcome]:
    """Every question's outcome by its id."""
    return {q.id: resolve(q, case, history, known_by) for q in case.questions}


def already(case: Case, history: History, day: dt.date) -> dict[str, Outcome]:
    """The questions that what was known by a day had decided, by their id: of them a forecast as
    of that day foresees nothing. Reports of every grade count, since worlds are
    conditioned on all."""
    found = {}
    for q in case.questions:
        o = _by_rule(_Record(q, case, history, day, grades=GRADES))
        o = o or as_cited(q, day, history.until)
        if o is not None and o.answer != "ambiguous":
            found[q.id] = o
    return found


def disagreements(case: Case, history: History, known_by: dt.date) -> tuple[Disagreement, ...]:
    """Where the rule and the cited resolution give different answers."""
    found = []
    for q in case.questions:
        rule = by_rule(q, case, history, known_by)
        cited = as_cited(q, known_by, history.until)
        if rule and cited and not _same(rule, cited):
            found.append(Disagreement(q.id, rule, cited))
    return tuple(found)


def _same(a: Outcome, b: Outcome) -> bool:
    """`2` and `2.0` are one answer."""
    if None not in (a.value, b.value) and "above" not in (a.answer, b.answer):
        return a.value == b.value
    return a.answer == b.answer


def as_cited(q: Question, known_by: dt.date, record: dt.date = dt.date.max) -> Outcome | None:
    """The resolution in questions.yaml, from the day on which it counts: the day that it names,
    whatever its answer; what only the window's end decided, once the window is over."""
    r = q.resolution
    if r is None:
        return None
    on = r.on or q.last
    if known_by < on or (known_by == q.last and not _comes_at_once(q, r.answer)):
        return None
    return _made(q, known_by, record, r.answer, r.value, on, "cited", r.source)


def _comes_at_once(q: Question, answer: str) -> bool:
    """Whether the window's last day itself can bring the answer, before the day is over: what
    happened may, that nothing did may not."""
    return answer in ("yes", *UNDECIDED) or (
        q.kind_of in ("choice", "date") and answer not in ("above", "below")
    )


def by_rule(q: Question, case: Case, history: History, known_by: dt.date) -> Outcome | None:
    """The answer that the reports settle, or None where they do not."""
    return _by_rule(_Record(q, case, history, known_by))


def _by_rule(record: _Record) -> Outcome | None:
    answer = record.answer()
    if answer is None:
        return None
    on = record.decided_on(answer)
    told = [r for r in record.behind() if r.last <= on]
    words, value = answer
    found = _outcome(record, words, value, on, "rule", _sources(told), tuple(r.id for r in told))
    return replace(found, by=any(r.first < r.last == on for r in told))


def _sources(told: Iterable[Report]) -> str:
    """Who reported it; the first few of many."""
    names = list(dict.fromkeys(r.source for r in told))
    if not names:
        return "no report of it, and the record would have one"
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return "; ".join(names[:NAMED]) + more


class _Record:
    """One question before the reports known by a day, and what had happened by `today` (the same
    day, unless an earlier one is asked about in hindsight)."""

    def __init__(
        self,
        q: Question,
        case: Case,
        history: History,
        known_by: dt.date,
        today: dt.date | None = None,
        silent: dict[str, dt.date] | None = None,
        grades: tuple[str, ...] = CHECKED,
    ) -> None:
        self.q, self.case, self.history, self.known_by = q, case, history, known_by
        self.today = known_by if today is None else today
        self.grades = grades
        self.events = {e.name for e in case.crisis.events}
        self.named = tuple(dict.fromkeys(n for f, n in q.atoms if f in ("count", "first")))
        self.known = [
            r
            for r in history.told_by(known_by)
            if r.kind == "event" and any(d.last >= q.first and d.first <= q.last for d in r.when)
        ]
        self.mine = tuple(r for r in self.known if any(self.may_be(r, n) for n in self.named))
        self.silent = silent or {n: self.silent_until(n) for n in self.named}

    def answer(self) -> tuple[str, float | None] | None:
        """(answer, value), or None where the reports leave it undecided."""
        q = self.q
        if q.supposes:
            met = self.supposed()
            if met.false:
                return "annulled", None
            if not met.true:
                return None
        if q.given is not None:
            met = self.range(q.given)
            if met.false:
                return "annulled", None
            if not met.true:
                return None
        if q.kind_of == "choice":
            return self.option()
        asked = self.range(q.asks)
        if q.kind_of == "binary":
            return ("yes", None) if asked.true else ("no", None) if asked.false else None
        return self.quantity(asked)

    def supposed(self) -> Range:
        """Whether the record shows what the question supposes: all of it, some not, or not known
        yet."""
        shown = [own.range(claim) for own, claim in self.suppositions()]
        if any(e.verb not in SHOWN for e in self.q.supposes):
            shown.append(FALSE if self.today >= self.q.last else EITHER)
        return Range(min(r.low for r in shown), min(r.high for r in shown))

    def suppositions(self) -> list[tuple[_Record, SourcedValue]]:
        """For each thing that a record can show, the reports of its days and what they must say."""
        found = []
        for e in self.q.supposes:
            span, name = e.span, f"{e.target}.{e.outcome}" if e.outcome else e.target
            days = [(max(self.q.first, e.start or self.q.first), self.q.last)]
            if e.verb == "force":
                days = [(d, d) for d in e.dates]
                holds = Operation(">=", (_count(name, span), Number(1.0, "", None, span)), span)
            elif e.verb == "never":
                holds = Operation("==", (_count(name, span), Number(0.0, "", None, span)), span)
            elif e.verb == "outcome":
                holds = Operation("==", (_count(e.target, span), _count(name, span)), span)
            else:
                continue
            claim = SourcedValue(holds, (), e.words, span)
            for first, last in days:
                q = replace(self.q, first=first, last=last, asks=claim, given=None, supposes=())
                own = _Record(q, self.case, self.history, self.known_by, grades=self.grades)
                past = self.today < self.known_by
                found.append((own.on_the_evening(self.today) if past else own, claim))
        return found

    def behind(self) -> tuple[Report, ...]:
        """The reports of what is asked, and of what is supposed."""
        return tuple(
            dict.fromkeys([*self.mine, *(r for o, _ in self.suppositions() for r in o.mine)])
        )

    def decided_on(self, answer: tuple[str, float | None]) -> dt.date:
        """The first day by whose evening what had happened decided it. Ranges only narrow from
        day to day, so halving finds it."""
        low, high = self.q.first, self.q.last
        while low < high:
            middle = low + (high - low) // 2
            if self.on_the_evening(middle).answer() == answer:
                high = middle
            else:
                low = middle + DAY
        return low

    def on_the_evening(self, day: dt.date) -> _Record:
        """The same knowledge, of what had happened by an earlier day."""
        silent = {n: min(end, day) for n, end in self.silent.items()}
        return _Record(
            q=self.q,
            case=self.case,
            history=self.history,
            known_by=self.known_by,
            today=day,
            silent=silent,
            grades=self.grades,
        )

    def option(self) -> tuple[str, float | None] | None:
        for option in self.q.options:
            came = self.range(option.asks) if option.asks else Range(1, 1)
            if came.true:
                return option.name, None
            if not came.false:
                return None
        return None

    def quantity(self, asked: Range) -> tuple[str, float | None] | None:
        low, high = self.q.bounds or (-math.inf, math.inf)
        if below(high, asked.low):
            return "above", None
        if below(asked.high, low):
            return "below", None
        if not asked.known:
            return None
        if self.q.kind_of == "date":
            return dt.date.fromordinal(int(asked.low)).isoformat(), asked.low
        return f"{asked.low:g}", asked.low

    def range(self, claim: SourcedValue) -> Range:
        return ranges(claim.expression, self.atom)

    def atom(self, function: str, name: str) -> Range:
        if function not in ("count", "first"):
            return ANY
        maybe = [r for r in self.known if self.may_be(r, name)]
        sure = [r for r in maybe if self.must_be(r, name)]
        if function == "count":
            silent = self.silent[name] >= self.q.last
            return Range(len(sure), len(maybe) if silent else math.inf)
        return self.first(name, maybe, sure)

    def first(self, name: str, maybe: list[Report], sure: list[Report]) -> Range:
        never = self.q.last.toordinal() + 1
        latest = min((r.last.toordinal() for r in sure), default=never)
        earliest = min((r.first.toordinal() for r in maybe), default=never)
        # It may have come unseen on the first day of which silence does not tell.
        unseen = self.silent[name].toordinal() + 1
        return Range(max(min(earliest, unseen), self.q.first.toordinal()), latest)

    def silent_until(self, name: str) -> dt.date:
        """The last day of the window up to which no report means that it did not happen; the day
        before the window where there is none."""
        event, day = self.event(name), self.q.first - DAY
        last = min(self.q.last, self.record_tells())
        while day < last and self.history.reported(event, day + DAY) >= CERTAIN:
            day += DAY
        return day

    def record_tells(self) -> dt.date:
        """The last day whose silence says something: the day must be over, and no report of it can
        still be on its way, today or at the end of the record."""
        end = min(self.known_by, self.history.until)
        return end - max(1, self.history.delay) * DAY

    def why(self) -> str:
        """What keeps the question undecided."""
        reasons = [
            f"reports do not settle {function}({name})"
            for function, name in self.q.atoms
            if function not in ("count", "first")
        ]
        for r in self.mine:
            if r.grade not in self.grades:
                reasons.append(f"report {r.id} is {r.grade}, which decides nothing")
            elif not (self.q.first <= r.first and r.last <= self.q.last):
                reasons.append(f"whether report {r.id} falls into the window is disputed")
            elif any(self.may_be(r, n) and not self.must_be(r, n) for n in self.named):
                reasons.append(f"the outcome of report {r.id} is not known")
        reasons += [w for n in self.named if (w := self.unheard(n))]
        if self.q.supposes and not self.supposed().true:
            words = "; ".join(e.words for e in self.q.supposes)
            reasons.insert(0, f"the record does not show yet what it supposes ({words})")
        return "; ".join(dict.fromkeys(reasons)) or "the reports leave it open"

    def unheard(self, name: str) -> str:
        """Why silence about an event does not tell up to the window's end; '' where it does."""
        end, event = self.silent[name], self.event(name)
        if end >= self.q.last:
            return ""
        if self.known_by <= self.q.last:
            return f"its window runs to {self.q.last}"
        if end >= self.record_tells() and self.history.until < self.known_by:
            delay = f", and reports take {self.history.delay}d" if self.history.delay else ""
            return f"the record ends on {self.history.until}{delay}: its silence on '{event}' " + (
                f"says nothing after {end}" if end >= self.q.first else "says nothing of the window"
            )
        if end >= self.record_tells():
            return f"reports of the last {self.history.delay} days may be on their way"
        chance = self.history.reported(event, end + DAY)
        if not chance:
            return f"the record does not follow '{event}' on {end + DAY}"
        return (
            f"the record would show '{event}' on {end + DAY} with a chance of {chance:g} only, "
            f"where {CERTAIN:g} is wanted"
        )

    def event(self, name: str) -> str:
        return name if name in self.events else name.rpartition(".")[0]

    def may_be(self, r: Report, name: str) -> bool:
        event = self.event(name)
        if r.what != event:
            return False
        return name == event or r.outcome in ("", name.removeprefix(event + "."))

    def must_be(self, r: Report, name: str) -> bool:
        event = self.event(name)
        named = name == event or (r.outcome not in ("", PLAIN) and name == f"{event}.{r.outcome}")
        inside = self.q.first <= r.first and r.last <= min(self.q.last, self.today)
        return named and inside and r.grade in self.grades


def _count(name: str, span: Span) -> Call:
    return Call("count", (Name(name, span),), span)


def _outcome(
    record: _Record,
    answer: str,
    value: float | None,
    on: dt.date | None,
    how: str,
    source: str,
    rows: tuple[str, ...] = (),
    why: str = "",
) -> Outcome:
    until = record.history.until
    return _made(record.q, record.known_by, until, answer, value, on, how, source, rows, why)


def _made(
    q: Question,
    known_by: dt.date,
    record: dt.date,
    answer: str,
    value: float | None,
    on: dt.date | None,
    how: str,
    source: str,
    rows: tuple[str, ...] = (),
    why: str = "",
) -> Outcome:
    scale = q.bounds
    if scale and q.kind_of == "date":  # the days beyond an open bound are one day
        before, after = q.open in ("below", "both"), q.open in ("above", "both")
        scale = (scale[0] - before, scale[1] + after)
    if scale and answer in ("above", "below"):
        value = scale[answer == "above"]
    return Outcome(
        question=q.id,
        answer=answer,
        value=value,
        on=on,
        how=how,
        source=source,
        rows=rows,
        first=q.first,
        last=q.last,
        known_by=known_by,
        kind=q.kind_of,
        ordered=q.ordered,
        options=q.names,
        scale=scale,
        record=record,
        why=why,
        given=q.where,
    )

"""What a question resolved to, by what was known on a day: by rule from the reports, or as cited.

By rule where the reports settle it. Every atom of the question becomes a range: `count(x)` is at
least the reports that surely fall into the window, and at most those that may, if the record would
have shown any other; `first(x)` likewise; what a quantity was, reports do not settle. Where the
question has one answer over all of these ranges, that is its answer. Else the resolution that the
case cites holds; where there is none, the question is open. Where rule and citation disagree, that
is a finding (`disagreements`), and the rule's answer stands until somebody mends one of the two.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from dataclasses import dataclass

from offramp.history.reports import PLAIN, History, Report
from offramp.language.case import Case
from offramp.language.expressions import Claim
from offramp.language.questions import Question
from offramp.language.ranges import ANY, Range, ranges

# Silence counts as "it did not happen" only for events that the record would show nineteen times
# in twenty or more: the level at which a miss is no longer a live possibility for one event. Over
# a window in which several may have been missed even that is lenient.
CERTAIN = 0.95
# A report that nobody has checked can leave a question undecided; it cannot decide one.
CHECKED = ("verified", "partly", "document")
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Outcome:
    """A question's answer as of `known_by`.

    answer     yes, no, an option, a number, a date, above, below, ambiguous, annulled; '' if open
    value      of a number or a date (its ordinal): the answer on the question's scale; above and
               below an open bound are the bound itself, for a date the day beyond it
    on         the day that decided it; the last day of its window where only its end did
    how        rule, cited, or open
    rows       the reports that decided it, by rule
    first, last  the window; `last` is the scheduled day of resolution
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

    @property
    def closed(self) -> bool:
        """Whether the scheduled day of resolution is past."""
        return self.known_by > self.last

    @property
    def decided(self) -> bool:
        return self.answer not in ("", "ambiguous", "annulled")


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
    return (
        by_rule(question, case, history, known_by)
        or as_cited(question, known_by)
        or _outcome(question, known_by, "", None, None, "open", "")
    )


def resolve_all(case: Case, history: History, known_by: dt.date) -> dict[str, Outcome]:
    """Every question's outcome by its id."""
    return {q.id: resolve(q, case, history, known_by) for q in case.questions}


def disagreements(case: Case, history: History, known_by: dt.date) -> tuple[Disagreement, ...]:
    """Where the rule and the cited resolution give different answers."""
    found = []
    for q in case.questions:
        rule, cited = by_rule(q, case, history, known_by), as_cited(q, known_by)
        if rule and cited and not _same(rule, cited):
            found.append(Disagreement(q.id, rule, cited))
    return tuple(found)


def _same(a: Outcome, b: Outcome) -> bool:
    """`2` and `2.0` are one answer."""
    if None not in (a.value, b.value) and "above" not in (a.answer, b.answer):
        return a.value == b.value
    return a.answer == b.answer


def as_cited(q: Question, known_by: dt.date) -> Outcome | None:
    """The resolution in questions.yaml, from the day on which it counts."""
    r = q.resolution
    if r is None:
        return None
    on = r.on or q.last
    early = r.answer in ("yes", "ambiguous", "annulled") or (
        q.kind_of in ("choice", "date") and r.answer not in ("above", "below")
    )
    if known_by < on or (not early and known_by <= q.last):
        return None
    return _outcome(q, known_by, r.answer, r.value, on, "cited", r.source)


def by_rule(q: Question, case: Case, history: History, known_by: dt.date) -> Outcome | None:
    """The answer that the reports settle, or None where they do not. After the end of the record
    silence says nothing."""
    if known_by > history.until:
        known_by = history.until
    known = history.known_by(known_by)
    record = _Record(q, case, history, known, known_by)
    answer = record.answer()
    if answer is None:
        return None
    # The day that decided it: the first by which the same reports, cut off there, say the same.
    on = q.last
    for day in sorted({r.last for r in record.mine if r.last < q.last}):
        cut = tuple(r for r in known if r.last <= day)
        if _Record(q, case, history, cut, day).answer() == answer:
            on = day
            break
    rows = tuple(r.id for r in record.mine if r.last <= on)
    words, value = answer
    return _outcome(q, known_by, words, value, on, "rule", "reports of this case", rows)


class _Record:
    """One question before the reports known by a day."""

    def __init__(
        self, q: Question, case: Case, history: History, known: Iterable[Report],
        known_by: dt.date,
    ) -> None:  # fmt: skip
        self.q, self.history, self.known_by = q, history, known_by
        self.closed = known_by > q.last
        self.events = {e.name for e in case.crisis.events}
        named = {name for function, name in q.atoms if function in ("count", "first")}
        self.known = [
            r for r in known
            if r.kind == "event" and r.last >= q.first and r.first <= q.last
        ]  # fmt: skip
        self.mine = tuple(r for r in self.known if any(self.may_be(r, n) for n in named))

    def answer(self) -> tuple[str, float | None] | None:
        """(answer, value), or None where the reports leave it undecided."""
        q = self.q
        if q.given is not None:
            met = self.range(q.given)
            if met.false and self.closed:
                return "annulled", None
            if not met.true:
                return None
        asked = self.range(q.asks)
        if q.kind_of == "binary":
            if asked.true:
                return "yes", None
            return ("no", None) if asked.false and self.closed else None
        if q.kind_of == "choice":
            return self.option()
        return self.quantity(asked)

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
        if asked.low > high:
            return "above", None
        if asked.high < low:
            return "below", None
        if not asked.known or (self.q.kind_of == "number" and not self.closed):
            return None
        if self.q.kind_of == "date":
            return dt.date.fromordinal(int(asked.low)).isoformat(), asked.low
        return f"{asked.low:g}", asked.low

    def range(self, claim: Claim) -> Range:
        return ranges(claim.expression, self.atom)

    def atom(self, function: str, name: str) -> Range:
        if function not in ("count", "first"):
            return ANY
        maybe = [r for r in self.known if self.may_be(r, name)]
        sure = [r for r in maybe if self.must_be(r, name)]
        if function == "count":
            silent = self.closed and self.silence_tells(name, self.q.last)
            return Range(len(sure), len(maybe) if silent else math.inf)
        return self.first(name, maybe, sure)

    def first(self, name: str, maybe: list[Report], sure: list[Report]) -> Range:
        never = self.q.last.toordinal() + 1
        latest = min((r.last.toordinal() for r in sure), default=never)
        earliest = min((r.first.toordinal() for r in maybe), default=never)
        # Whether it had come before the first report is known only where silence tells.
        until = dt.date.fromordinal(min(earliest, never) - 1)
        past = until < self.known_by or self.closed
        if not (past and self.silence_tells(name, until)):
            earliest = self.q.first.toordinal()
        return Range(max(earliest, self.q.first.toordinal()), latest)

    def silence_tells(self, name: str, until: dt.date) -> bool:
        """Whether the record would show the event on each day of the window up to one."""
        event, day = self.event(name), self.q.first
        while day <= until:
            if self.history.reported(event, day) < CERTAIN:
                return False
            day += DAY
        return True

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
        inside = self.q.first <= r.first and r.last <= self.q.last
        return named and inside and r.grade in CHECKED


def _outcome(
    q: Question, known_by: dt.date, answer: str, value: float | None, on: dt.date | None,
    how: str, source: str, rows: tuple[str, ...] = (),
) -> Outcome:  # fmt: skip
    scale = q.bounds
    if scale and q.kind_of == "date":  # the days beyond an open bound are one day
        below, above = q.open in ("below", "both"), q.open in ("above", "both")
        scale = (scale[0] - below, scale[1] + above)
    if scale and answer in ("above", "below"):
        value = scale[answer == "above"]
    return Outcome(
        q.id, answer, value, on, how, source, rows, q.first, q.last, known_by, q.kind_of,
        q.ordered, q.names, scale,
    )  # fmt: skip

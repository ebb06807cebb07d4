"""Reports as typed values: what was reported, of which day, and since when it was known.

A report of an event says that it happened; a soft fact says what a quantity was, within an error.
`coverage` says how likely an event is to be reported if it happens: without that, silence would
mean nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

from offramp.language.expressions import Basis
from offramp.text.diagnostics import Span

KINDS = ("event", "quantity", "past", "outside")
GRADES = ("verified", "partly", "recalled", "document")
SUREST = ("verified", "partly", "document", "recalled")  # grades, the best first
PLAIN = "none"  # the outcome of an event that took none of its named outcomes


@dataclass(frozen=True)
class Days:
    """One reading of when something happened: a span of days, each as likely as the others.

    `chance` is the prior probability of this reading among the report's readings.
    """

    first: dt.date
    last: dt.date
    chance: float


@dataclass(frozen=True, kw_only=True)
class Report:
    """A row of history.csv.

    kind      event: it happened. quantity: a soft fact. past: an event of the model, but before
              its first day (for base rates of the case's own past). outside: not in the model.
    what      the event or the quantity; '' for outside
    outcome   of an event: its named outcome, `none` for no named one, '' where that is not known
    when      its readings; more than one, or a span, where sources dispute the date
    relation  of a soft fact: '=' about, '>=' at least, '<=' at most
    value     of a soft fact, in the quantity's unit; a ladder's level by its number
    error     of a soft fact, in the same unit: sd of '=', scale of the logistic for '>=' and '<='
    same_as   the id of the row that tells of the same event or measurement; '' for the first of
              them, and for what is told once
    rows      how many rows it was made of: `source` names the sources of all
    """

    id: str
    kind: str
    what: str
    outcome: str
    actor: str
    when: tuple[Days, ...]
    known_since: dt.date
    grade: str
    relation: str
    value: float
    error: float
    report: str
    source: str
    url: str
    note: str
    span: Span
    same_as: str = ""
    rows: int = 1

    @property
    def about(self) -> str:
        """What the rows that tell of one thing have in common: the id of the one they name."""
        return self.same_as or self.id

    @property
    def first(self) -> dt.date:
        return min(d.first for d in self.when)

    @property
    def last(self) -> dt.date:
        return max(d.last for d in self.when)

    @property
    def disputed(self) -> bool:
        """Whether the day is drawn per world."""
        return self.first < self.last


@dataclass(frozen=True)
class Coverage:
    """From a day on, the probability that an event is reported if it happens, and its basis."""

    event: str
    since: dt.date
    chance: float
    basis: Basis
    span: Span


@dataclass(frozen=True)
class History:
    """A case's reports in the order of the file, and what the record would show."""

    reports: tuple[Report, ...]
    coverage: tuple[Coverage, ...]
    until: dt.date = dt.date.max  # the end of the record: after it, silence says nothing
    delay: int = 0  # days that a report may take
    prompt: float = 1.0  # share of the reports that are known earlier than that

    def told_by(self, day: dt.date) -> tuple[Report, ...]:
        """What was told by a day (that day included), of whatever days; of rows that tell of one
        thing a single report, of what those known by then say of it together."""
        about: dict[str, list[Report]] = {}
        for r in self.reports:
            if r.known_since <= day:
                about.setdefault(r.about, []).append(r)
        return tuple(together(rows) for rows in about.values())

    def known_by(self, as_of: dt.date) -> tuple[Report, ...]:
        """Reports known by a day (that day included), of days up to it: nothing later can reach
        an answer. What two rows tell of is one report, known since the earlier."""
        return tuple(r for r in self.told_by(as_of) if r.last <= as_of)

    def reported(self, event: str, day: dt.date) -> float:
        """The probability that the event, happening that day, is reported; 0 if not followed."""
        chance = 0.0
        for c in self.coverage:
            if c.event == event and c.since <= day:
                chance = c.chance
        return chance


def together(rows: list[Report]) -> Report:
    """Rows that tell of one thing as one report: on the days that all of them leave open, known
    since the earliest, as sure as the surest, with the sources of all. Its id names them all, so
    that a run in which one more is known is told apart."""
    if len(rows) == 1:
        return rows[0]
    rows = sorted(rows, key=lambda r: r.same_as != "")  # the row that the others name leads
    when = rows[0].when
    for r in rows[1:]:
        when = common_days(when, r.when)
    return replace(
        rows[0],
        id="+".join(r.id for r in rows),
        outcome=next((r.outcome for r in rows if r.outcome), ""),
        actor=next((r.actor for r in rows if r.actor), ""),
        when=when,
        known_since=min(r.known_since for r in rows),
        grade=min((r.grade for r in rows), key=SUREST.index),
        source="; ".join(dict.fromkeys(r.source for r in rows)),
        same_as="",
        rows=len(rows),
    )


def common_days(one: Iterable[Days], other: Iterable[Days]) -> tuple[Days, ...]:
    """The days that two accounts of one event both leave open, each as likely as in both
    together; none where they contradict each other."""
    other = tuple(other)
    shared = []
    for a in one:
        for b in other:
            first, last = max(a.first, b.first), min(a.last, b.last)
            if first <= last:
                chance = a.chance * b.chance * (_days(first, last) / _days(a.first, a.last))
                shared.append(Days(first, last, chance / _days(b.first, b.last)))
    total = sum(d.chance for d in shared)
    return tuple(Days(d.first, d.last, d.chance / total) for d in shared)


def _days(first: dt.date, last: dt.date) -> int:
    return (last - first).days + 1

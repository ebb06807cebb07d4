"""Reports as typed values: what was reported, of which day, and since when it was known.

A report of an event says that it happened; a soft fact says what a quantity was, within an error.
`coverage` says how likely an event is to be reported if it happens: without that, silence would
mean nothing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from offramp.language.diagnostics import Span
from offramp.language.expressions import Basis

KINDS = ("event", "quantity", "past", "outside")
GRADES = ("verified", "partly", "recalled", "document")
PLAIN = "none"  # the outcome of an event that took none of its named outcomes


@dataclass(frozen=True)
class Days:
    """One reading of when something happened: a span of days, each as likely as the others.

    `chance` is the prior probability of this reading among the report's readings.
    """

    first: dt.date
    last: dt.date
    chance: float


@dataclass(frozen=True)
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

    def known_by(self, as_of: dt.date) -> tuple[Report, ...]:
        """Reports known by a day (that day included), of days up to it: nothing later can reach
        an answer."""
        return tuple(r for r in self.reports if r.known_since <= as_of and r.last <= as_of)

    def reported(self, event: str, day: dt.date) -> float:
        """The probability that the event, happening that day, is reported; 0 if not followed."""
        chance = 0.0
        for c in self.coverage:
            if c.event == event and c.since <= day:
                chance = c.chance
        return chance

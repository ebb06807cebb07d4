"""What was reported: history.csv, each mistake with its place."""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import replace

from offramp.case.core import Core, Read
from offramp.case.doubles import ANOTHER, doubles, lookalikes
from offramp.case.record import GRADES, KINDS, PLAIN, Days, History, Report
from offramp.case.reporting import DAY, lead_of, read_reporting
from offramp.case.texts import Texts
from offramp.language.crisis import Event, State
from offramp.language.keys import NO_AGENDA
from offramp.text.csv import MOST_ERRORS, Row, Table, clean, short
from offramp.text.diagnostics import Diagnostics, Span, suggestion

FILE = "history.csv"
HEADER = (
    "id",
    "kind",
    "what",
    "actor",
    "date",
    "known_since",
    "grade",
    "value",
    "error",
    "report",
    "source",
    "url",
    "note",
)
OPTIONAL = ("same_as",)  # columns that may follow


def read_history(case: Core) -> Read[History]:
    """What can be read of the history; a row with a mistake is left out."""
    found = Diagnostics()
    record = read_reporting(case, found)
    followed = record if not found.errors else None
    if not case.texts.has(FILE):
        return Read(record, tuple(found.ordered()))
    before = len(found.errors)
    table = _table(case.texts, found)
    if table is None:
        return Read(record, tuple(found.ordered()))
    reader = _Reader(case, found, followed)
    reports = []
    for row in table:
        report = reader.report(row)
        if report is not None:
            reports.append(report)
        if len(found.errors) - before > MOST_ERRORS:
            found.error(row.span, "too-many", "there are more errors; the rest was not read")
            break
    reports = doubles(reports, found)
    reader.apart(reports)
    lookalikes(reports, reader.distinct, found)
    return Read(replace(record, reports=tuple(reports)), tuple(found.ordered()))


def ids_of(texts: Texts) -> list[str]:
    """The names of a case's reports, whatever else is wrong with them."""
    table = _table(texts, Diagnostics()) if texts.has(FILE) else None
    return [row["id"] for row in table or ()]


def _table(texts: Texts, found: Diagnostics) -> list[Row] | None:
    text = texts.text(FILE, found)
    shown = texts.source(FILE)
    if text is None or not clean(text, shown, found):
        return None
    return Table(
        text=text, shown=shown, found=found, wanted=HEADER, optional=OPTIONAL, what="a history"
    ).read()


# ---- rows ------------------------------------------------------------------------------------

_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_RELATION = re.compile(r"(>=|<=|=)?\s*(.*)", re.DOTALL)
_DATES = "2020-01-26/2020-01-27 is a span, 2020-01-15|2020-01-20 are two readings"


class _Reader:
    """Rows to reports, for one case."""

    def __init__(self, case: Core, found: Diagnostics, followed: History | None) -> None:
        self.case, self.crisis, self.found, self.followed = case, case.crisis, found, followed
        self.events = {e.name: e for e in case.crisis.events}
        self.states = {s.name: s for s in case.crisis.states}
        self.actors = frozenset(a.name for a in case.crisis.actors)
        self.ids: dict[str, Span] = {}
        self.distinct: set[str] = set()  # rows that say that they are no other row's event

    def report(self, row: Row) -> Report | None:
        """The row as a report, or None with every mistake of it in `found`."""
        before = len(self.found.errors)
        self.identity(row)
        kind, grade = row["kind"], row["grade"]
        if kind not in KINDS:
            self.wrong(
                row,
                "kind",
                "unknown-kind",
                f"there is no kind '{short(kind)}'",
                suggestion(kind[:40], KINDS, "kinds"),
            )
        if grade not in GRADES:
            self.wrong(
                row,
                "grade",
                "unknown-grade",
                f"there is no grade '{short(grade)}'",
                suggestion(grade[:40], GRADES, "grades"),
            )
        when = self.readings(row)
        known = self.day(row, "known_since", row["known_since"])
        for column in ("report", "source"):
            self.needed(
                row,
                column,
                "say what was reported, in your own words"
                if column == "report"
                else "say who reported it",
            )
        self.links(row)
        what, outcome = self.what(row)
        self.actor(row, what)
        relation, value, error = self.fact(row, what)
        if when:
            self.times(row, what, when, known)
        same_as = self.same_as(row)
        if len(self.found.errors) > before or not when or known is None:
            return None
        return Report(
            id=row["id"],
            kind=kind,
            what=what,
            outcome=outcome,
            actor=row["actor"],
            when=when,
            known_since=known,
            grade=grade,
            relation=relation,
            value=value,
            error=error,
            report=row["report"],
            source=row["source"],
            url=row["url"],
            note=row["note"],
            span=row.span,
            same_as=same_as,
        )

    def same_as(self, row: Row) -> str:
        """The row that tells of the same; what it must have in common with it is looked at once
        all are read."""
        other = row.values.get("same_as", "")
        if other == ANOTHER:
            self.distinct.add(row["id"])
            return ""
        if other and row["kind"] == "outside":
            self.unused(row, "same_as", "a row from outside the model counts for nothing")
        return other

    def wrong(self, row: Row, column: str, code: str, message: str, help: str = "") -> None:
        self.found.error(row.spans[column], code, message, help)

    def needed(self, row: Row, column: str, help: str) -> bool:
        if not row[column]:
            self.wrong(row, column, "missing", f"this report has no {column}", help)
        return bool(row[column])

    def unused(self, row: Row, column: str, why: str) -> None:
        if row[column]:
            self.wrong(
                row, column, "not-empty", f"{column} is not read here: {why}", "leave it empty"
            )

    def identity(self, row: Row) -> None:
        if not self.needed(row, "id", "give every report a name of its own"):
            return
        first = self.ids.setdefault(row["id"], row.spans["id"])
        if row["id"] == ANOTHER:
            self.wrong(
                row,
                "id",
                "id",
                f"no report can be called '{ANOTHER}'",
                "in same_as the word says that a row is no other row's event",
            )
        if first != row.spans["id"]:
            self.wrong(
                row,
                "id",
                "duplicate-id",
                f"'{short(row['id'])}' is a report already",
                f"the first stands in line {first.line}",
            )

    def links(self, row: Row) -> None:
        """A url is one; a report by a document names the passage."""
        if row["url"] and not re.match(r"https?://\S+$", row["url"]):
            self.wrong(
                row,
                "url",
                "url",
                "this is not a web address",
                "as in https://example.org/page, or leave it empty",
            )
        if row["grade"] != "document" or not row["source"]:
            return
        document, _, passage = row["source"].partition(" ")
        if document not in self.case.documents:
            self.wrong(
                row,
                "source",
                "unknown-document",
                f"sources.yaml has no document '{short(document)}'",
                suggestion(document[:40], self.case.documents, "documents"),
            )
        elif passage not in self.case.passages:
            self.wrong(
                row,
                "source",
                "unknown-passage",
                f"there is no passage '{short(passage)}'",
                suggestion(passage[:40], self.case.passages)
                or "write the document and the passage, as in `issi H4`",
            )
        elif self.case.passages[passage].document != document:
            self.wrong(
                row,
                "source",
                "unknown-passage",
                f"passage '{passage}' is not in '{document}'",
                f"it is in '{self.case.passages[passage].document}'",
            )

    # ---- what -----------------------------------------------------------------------------

    def what(self, row: Row) -> tuple[str, str]:
        """The event or quantity, and the outcome ('' where none is given)."""
        kind, what = row["kind"], row["what"]
        if kind == "outside":
            self.unused(row, "what", "a row from outside the model names nothing in it")
            return "", ""
        if kind not in KINDS:
            return "", ""
        noun = "quantity" if kind == "quantity" else "event"
        if not self.needed(row, "what", f"name the {noun}, or write the kind `outside`"):
            return "", ""
        if kind == "quantity":
            if what in self.states:
                return what, ""
            hint = f"'{what}' is an event; write the kind `event`" if what in self.events else ""
            self.wrong(
                row,
                "what",
                "unknown-quantity",
                f"there is no quantity '{short(what)}'",
                hint or suggestion(what[:80], self.states, "quantities"),
            )
            return "", ""
        event, outcome = self.split(what)
        if event is None:
            self.wrong(
                row, "what", "unknown-event", f"there is no event '{short(what)}'", self.meant(what)
            )
            return "", ""
        if what != event.name:
            self.outcome(row, event, outcome)
        return event.name, outcome

    def split(self, what: str) -> tuple[Event | None, str]:
        """The longest event name that the words begin with, and what follows its dot."""
        end = len(what) if len(what) < 400 else 400
        while end > 0:
            event = self.events.get(what[:end])
            if event is not None:
                return event, what[end + 1 :]
            end = what.rfind(".", 0, end)
        return None, ""

    def meant(self, what: str) -> str:
        if what in self.states:
            return f"'{what}' is a quantity; write the kind `quantity`"
        whole = suggestion(what[:80], self.events)
        return whole or suggestion(what[:80].rpartition(".")[0], self.events, "events")

    def outcome(self, row: Row, event: Event, outcome: str) -> None:
        named = ("carried", "lost") if event.vote else tuple(o.name for o in event.outcomes)
        if not named:
            message = f"event '{event.name}' has no outcomes"
            self.wrong(row, "what", "unknown-outcome", message, f"write '{event.name}'")
        elif outcome not in named and (outcome != PLAIN or event.vote):
            known = named if event.vote else (*named, PLAIN)
            self.wrong(
                row,
                "what",
                "unknown-outcome",
                f"event '{event.name}' has no outcome '{short(outcome)}'",
                suggestion(outcome[:40], known, "outcomes"),
            )

    def actor(self, row: Row, what: str) -> None:
        name, kind = row["actor"], row["kind"]
        if not name or kind not in ("event", "quantity"):
            return
        event = self.events.get(what) if kind == "event" else None
        if event is not None and event.by is not None:
            if name != event.by:
                self.wrong(
                    row,
                    "actor",
                    "unknown-actor",
                    f"'{what}' is a move of '{event.by}', not of '{short(name)}'",
                    f"write '{event.by}', or leave the field empty",
                )
        elif name not in self.actors:
            self.wrong(
                row,
                "actor",
                "unknown-actor",
                f"there is no actor '{short(name)}'",
                suggestion(name[:40], self.actors, "actors"),
            )

    # ---- soft facts -------------------------------------------------------------------------

    def fact(self, row: Row, what: str) -> tuple[str, float, float]:
        """Relation, value and error of a soft fact."""
        if row["kind"] != "quantity":
            if row["kind"] in KINDS:
                self.unused(row, "value", "only a quantity has a value")
                self.unused(row, "error", "only a quantity has an error")
            return "", 0.0, 0.0
        error = self.number(row["error"])
        if self.needed(row, "error", "how far off the report may be, in the quantity's unit") and (
            error is None or error <= 0
        ):
            self.wrong(
                row,
                "error",
                "number",
                f"'{short(row['error'])}' is not an error",
                "a number above 0, in the quantity's unit",
            )
        if not self.needed(row, "value", "as in = 5200 or >= 3"):
            return "", 0.0, 0.0
        match = _RELATION.match(row["value"])
        relation, words = (match.group(1) or "=", match.group(2)) if match else ("=", "")
        state = self.states.get(what)
        value = self.level(row, state, words) if state is not None else None
        return relation, value or 0.0, error or 0.0

    def number(self, words: str) -> float | None:
        value = float(words) if _NUMBER.fullmatch(words) else math.nan
        return value if math.isfinite(value) else None

    def level(self, row: Row, state: State, words: str) -> float | None:
        """A value of the quantity, in its unit; a level by its number."""
        levels = ("no", "yes") if state.kind == "flag" else state.levels
        if levels:
            if words in levels:
                return float(levels.index(words))
            help = suggestion(words[:40], levels) or "levels: " + ", ".join(levels)
            message = f"'{state.name}' has no level '{short(words)}'"
            self.wrong(row, "value", "unknown-level", message, help)
            return None
        value = self.number(words)
        if value is None:
            self.wrong(
                row,
                "value",
                "number",
                f"'{short(words)}' is not a number",
                "as in = 5200, >= 3 or <= .4, without a unit",
            )
        elif not state.low <= value <= state.high:
            self.wrong(
                row,
                "value",
                "out-of-bounds",
                f"'{state.name}' cannot be {value:g}",
                f"it runs from {state.low:g} to {state.high:g}",
            )
        return value

    # ---- when -------------------------------------------------------------------------------

    def day(self, row: Row, column: str, words: str) -> dt.date | None:
        if not words and not row[column]:
            self.needed(row, column, "as in 2020-01-08")
            return None
        try:
            if DAY.fullmatch(words):
                return dt.date.fromisoformat(words)
            why = "is not a date"
            if column == "date" and (month := _month(words)):
                why = "is a month, not a day"
                self.wrong(
                    row,
                    column,
                    "not-a-date",
                    f"'{short(words)}' {why}",
                    f"a report's days are a span: {month}",
                )
                return None
        except ValueError:
            why = "is not in the calendar"
        help = f"as in 2020-01-08; {_DATES}" if column == "date" else "as in 2020-01-08"
        self.wrong(row, column, "not-a-date", f"'{short(words)}' {why}", help)
        return None

    def readings(self, row: Row) -> tuple[Days, ...]:
        """The readings of a date with their chances; none where it cannot be read."""
        if not row["date"]:
            self.day(row, "date", "")
            return ()
        spans: list[tuple[dt.date, dt.date]] = []
        chances: list[float | None] = []
        for part in row["date"].split("|"):
            span, weighed, weight = part.partition(":")
            first, spanned, last = span.partition("/")
            day = self.day(row, "date", first.strip())
            end = self.day(row, "date", last.strip()) if spanned else day
            if day is None or end is None:
                return ()
            if spanned and end <= day:
                self.wrong(
                    row,
                    "date",
                    "dates",
                    f"the span {short(span)} ends no later than it begins",
                    "write the earlier day first, or a single day",
                )
                return ()
            if any(day <= b and a <= end for a, b in spans):
                self.wrong(
                    row,
                    "date",
                    "dates",
                    "two readings of the date share a day",
                    "each day belongs to one reading",
                )
                return ()
            spans.append((day, end))
            chance = self.number(weight.strip()) if weighed else None
            if weighed and (chance is None or not 0 < chance <= 1):
                self.wrong(
                    row,
                    "date",
                    "chances",
                    f"'{short(weight)}' is not a chance of a reading",
                    "a number above 0 and up to 1",
                )
                return ()
            chances.append(chance)
        given = [c for c in chances if c is not None]
        if given and len(given) < len(chances):
            self.wrong(
                row,
                "date",
                "chances",
                "some readings have a chance and some have none",
                "give every reading one, or none",
            )
            return ()
        if given and abs(sum(given) - 1) > 1e-6:
            self.wrong(row, "date", "chances", f"the chances sum to {sum(given):g}, not to 1")
            return ()
        shares = given or [1 / len(spans)] * len(spans)
        return tuple(Days(a, b, c) for (a, b), c in zip(spans, shares, strict=True))

    def times(self, row: Row, what: str, when: tuple[Days, ...], known: dt.date | None) -> None:
        """What must hold between the days of a report, the crisis and what is followed."""
        kind = row["kind"]
        first, last = min(d.first for d in when), max(d.last for d in when)
        window = f"the crisis runs from {self.crisis.first} to {self.crisis.last}"
        inside = self.crisis.first <= first and last <= self.crisis.last
        if kind in ("event", "quantity") and not inside:
            day = first if first < self.crisis.first else last
            self.wrong(
                row,
                "date",
                "dates",
                f"{day} lies outside the crisis",
                f"{window}; write the kind past or outside",
            )
        if kind == "past" and last >= self.crisis.first:
            self.wrong(
                row,
                "date",
                "dates",
                f"{last} does not lie before the crisis",
                f"{window}; write the kind event",
            )
        if known is not None and known < first:
            self.wrong(
                row,
                "known_since",
                "dates",
                f"known since {known}, before it happened",
                f"{first} at the earliest",
            )
        if not row["note"] and (kind == "outside" or first < last):
            self.needed(
                row,
                "note",
                "say why it is not in the model"
                if kind == "outside"
                else "say who gives which day",
            )
        event = self.events.get(what)
        if kind != "event" or event is None:
            return
        if event.takes is not None and lead_of(event) is None:
            self.wrong(
                row,
                "what",
                "lead-time",
                f"'{what}' has a lead time that is not a constant: its decision has no day",
                "write `takes:` as a number of days, or the kind outside",
            )
            return  # nor can it be followed
        earliest = self.crisis.first + dt.timedelta(lead_of(event) or 0)
        if inside and first < earliest:
            self.wrong(
                row,
                "date",
                "lead-time",
                f"'{what}' on {first} would have been decided before the crisis begins",
                f"{earliest} at the earliest, or the kind outside",
            )
        if inside:
            self.follow(row, event, when)

    def follow(self, row: Row, event: Event, when: tuple[Days, ...]) -> None:
        """A report of what the record does not follow would have probability 0."""
        if self.followed is None:
            return
        for reading in when:
            turns = (c.since for c in self.followed.coverage if c.event == event.name)
            days = [reading.first, *(t for t in turns if reading.first < t <= reading.last)]
            silent = next((d for d in days if not self.followed.reported(event.name, d)), None)
            if silent is not None:
                self.wrong(
                    row,
                    "what",
                    "not-followed",
                    f"reporting.yaml does not follow '{event.name}' on {silent}",
                    f"under `reporting:`, `{event.name}: .5 ? why`, or the kind outside",
                )
                return

    def apart(self, reports: list[Report]) -> None:
        """On a certain day an event happens once, and an actor decides on one move of an agenda;
        rows that tell of one event are one."""
        events: dict[tuple[str, dt.date], Report] = {}
        decided: dict[tuple[str, int], list[Report]] = {}
        for report in reports:
            if report.kind != "event" or report.disputed:
                continue
            event = self.events[report.what]
            other = events.setdefault((event.name, report.first), report)
            if other.about != report.about:
                self.found.error(
                    report.span,
                    "same-day",
                    f"'{event.name}' happens twice on {report.first}: see {short(other.id)} in "
                    f"line {other.span.line}",
                    f"if both tell of one event, write `{short(other.about)}` under same_as (an "
                    f"optional last column); else give one a span, as in {_span(report.first)}",
                )
            elif event.by is not None and (event.chosen or event.as_choice):
                day = report.first.toordinal() - (lead_of(event) or 0)
                decided.setdefault((event.by, day), []).append(report)
        for (by, _), some in decided.items():
            self._one_an_agenda(by, some)

    def _one_an_agenda(self, by: str, reports: list[Report]) -> None:
        """What an actor decided on one day: one move of an agenda, and the words that may have
        gone along with what it did."""
        along = {word for report in reports for word in self.events[report.what].words}
        moves: dict[str, Report] = {}
        for report in reports:
            event = self.events[report.what]
            if event.name in along or event.agenda == NO_AGENDA:
                continue
            other = moves.setdefault(event.agenda, report)
            if other.about != report.about:
                share = f" on the agenda '{event.agenda}'" if event.agenda else ""
                self.found.error(
                    report.span,
                    "same-day",
                    f"'{by}' would decide on two moves in one day: '{event.name}' and "
                    f"'{other.what}' of line {other.span.line}; the model gives an actor one a day"
                    + share,
                    f"give the lesser of the two a span, as in {_span(report.first)}",
                )


def _month(words: str) -> str:
    """A month as a span of its days; '' for what is no month."""
    if not _MONTH.fullmatch(words):
        return ""
    first = dt.date.fromisoformat(f"{words}-01")
    following = first.replace(day=28) + dt.timedelta(4)
    return f"{first}/{following - dt.timedelta(following.day)}"


def _span(day: dt.date) -> str:
    last = min(day.toordinal() + 2, dt.date.max.toordinal())
    return f"{day}/{dt.date.fromordinal(last)}"

"""The history of a case from its folder: history.csv (what was reported) and reporting.yaml (what
the record would show), each mistake with its place.

`read_history` collects every finding of both files; `history_of` raises them.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from offramp.files import there
from offramp.history.doubles import ANOTHER, doubles, lookalikes
from offramp.history.reports import GRADES, KINDS, PLAIN, Coverage, Days, History, Report
from offramp.language.build import Builder
from offramp.language.case import Case, _tree, source
from offramp.language.crisis import Event, State
from offramp.language.diagnostics import CaseError, Diagnostics, Span, suggestion
from offramp.language.expressions import Number, Operation, walk
from offramp.language.kinds import DAYS, NUMBER, constant
from offramp.language.text import COMMAS, read_text, separated
from offramp.language.tree import STRANGE, Mapping, Node, Text, strange

HEADER = (
    "id", "kind", "what", "actor", "date", "known_since", "grade", "value", "error", "report",
    "source", "url", "note",
)  # fmt: skip
OPTIONAL = ("same_as",)  # columns that may follow
MOST_ROWS = 10_000
MOST_ERRORS = 200  # more than these and the file is something else than a history
MOST_FIELDS = 100  # of a line
LONGEST = 5_000  # characters of one field


def history_of(case: Case) -> History:
    """The case's history, empty where it has neither file.

    Raises CaseError with every diagnostic of history.csv and reporting.yaml.
    """
    found = Diagnostics()
    history = read_history(case, found)
    if found.errors:
        raise CaseError(found.ordered())
    return history


def read_history(case: Case, found: Diagnostics) -> History:
    """What can be read of the history; every mistake goes to `found`, and its row is left out."""
    before = len(found.errors)
    coverage, until, (delay, prompt) = _coverage(case, found)
    followed = History((), coverage) if len(found.errors) == before else None
    path = case.folder / "history.csv"
    if not there(path):
        return History((), coverage, until, delay, prompt)
    shown = source(path)
    text = read_text(path, shown, found)
    if text is None or not _clean(text, shown, found):
        return History((), coverage, until, delay, prompt)
    table = _Table(text, shown, found).read()
    if table is None:
        return History((), coverage, until, delay, prompt)
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
    return History(tuple(reports), coverage, until, delay, prompt)


def _clean(text: str, shown: str, found: Diagnostics) -> bool:
    """Whether the text has no character that a table cannot hold; the first ones are reported."""
    matches = []
    for match in STRANGE.finditer(text):
        matches.append(match)
        if len(matches) == 10:  # a binary file has thousands
            break
    for match in matches:
        line = text.count("\n", 0, match.start()) + 1
        column = match.start() - text.rfind("\n", 0, match.start())
        strange(match.group(), Span(shown, line, column), found)
    return not matches


# ---- comma separated values with places ------------------------------------------------------


@dataclass(frozen=True)
class _Row:
    """A row's fields by column, and where each begins."""

    values: dict[str, str]
    spans: dict[str, Span]
    span: Span

    def __getitem__(self, column: str) -> str:
        return self.values[column]


_QUOTED = re.compile(r'"((?:[^"]++|"")*+)"')  # possessive: linear even where it fails
_BLANK = re.compile(r"(?:[ \t]*+\n)++")
_PLAIN = re.compile(r"[^,\n]*")


class _Table:
    """RFC 4180 over a text whose line ends are already `\\n`."""

    def __init__(self, text: str, shown: str, found: Diagnostics) -> None:
        self.text, self.shown, self.found = text, shown, found
        self.line, self.start = 1, 0  # the line that is read, and where it begins
        self.columns: tuple[str, ...] = HEADER

    def read(self) -> list[_Row] | None:
        """The rows below the header, or None where the header or the quoting is broken."""
        before = len(self.found.errors)
        lines = self.lines()
        header = next(lines, None)
        if header is None and len(self.found.errors) > before:
            return None
        if header is None:
            self.found.error(
                Span(self.shown, 1, 1), "empty", "the file is empty",
                f"its first line is: {','.join(HEADER)}",
            )  # fmt: skip
            return None
        if not self.header(header):
            return None
        rows = [row for fields in lines if (row := self.row(fields)) is not None]
        broken = any(d.code == "quoting" for d in self.found.errors[before:])
        return None if broken else rows

    def lines(self) -> Iterator[list[tuple[str, Span]]]:
        """The fields of each line that is not blank."""
        at = count = wrong = 0
        while at < len(self.text):
            blank = _BLANK.match(self.text, at)
            if blank is not None:
                self.line += blank.group().count("\n")
                at = self.start = blank.end()
                continue
            fields, at = self.fields(at)
            if len(fields) == 1 and not fields[0][0]:
                continue  # only spaces, at the end of the file
            if len(fields) > MOST_FIELDS:
                self.found.error(
                    fields[0][1], "fields", f"this row has more than {MOST_FIELDS} fields",
                    f"a history has {len(self.columns)}; is this the file you meant?",
                )  # fmt: skip
                return
            yield fields
            count += 1
            wrong += count > 1 and len(fields) != len(self.columns)
            if count > MOST_ROWS or wrong > MOST_ERRORS:
                self.found.error(
                    fields[0][1], "too-many", "no more than this was read",
                    f"a history has at most {MOST_ROWS:,} rows of {len(self.columns)} fields",
                )  # fmt: skip
                return

    def fields(self, at: int) -> tuple[list[tuple[str, Span]], int]:
        """The fields of the line that begins at `at`, and where the next line begins."""
        fields = []
        while True:
            value, span, at = self.field(at)
            fields.append((value.strip(), span))
            if at < len(self.text) and self.text[at] == "," and len(fields) <= MOST_FIELDS:
                at += 1
                continue
            if at < len(self.text):  # a line end
                self.line, self.start = self.line + 1, at + 1
            return fields, at + 1

    def field(self, at: int) -> tuple[str, Span, int]:
        line, column = self.line, at - self.start + 1
        if not self.text.startswith('"', at):
            end = _end(_PLAIN, self.text, at)
            value = self.text[at:end]
            if '"' in value:
                self.quoting(
                    Span(self.shown, line, column + value.index('"')),
                    "a quotation mark inside a field that is not quoted",
                    'put the whole field in quotation marks and write each inner one twice: ""',
                )
            return value, Span(self.shown, line, column, max(1, len(value))), end
        match = _QUOTED.match(self.text, at)
        if match is None:
            self.quoting(
                Span(self.shown, line, column), "this quotation mark is never closed",
                'close the field with ", and write each quotation mark inside it twice: ""',
            )  # fmt: skip
            return "", Span(self.shown, line, column), len(self.text)
        breaks = match.group().count("\n")
        if breaks:
            self.line += breaks
            self.start = self.text.rfind("\n", at, match.end()) + 1
        end = _end(_PLAIN, self.text, match.end())
        if end > match.end():
            self.quoting(
                Span(self.shown, self.line, match.end() - self.start + 1),
                "text behind the quotation mark that closes a field",
                'write a quotation mark inside a quoted field twice: ""',
            )
        length = match.group().find("\n") if breaks else len(match.group())
        span = Span(self.shown, line, column, max(1, length))
        return match.group(1).replace('""', '"'), span, end

    def quoting(self, span: Span, message: str, help: str) -> None:
        self.found.error(span, "quoting", message, help)

    def header(self, fields: list[tuple[str, Span]]) -> bool:
        """Whether the first line names the columns, all of them and in order; the optional ones
        stand last."""
        names = [name for name, _ in fields]
        before = len(self.found.errors)
        other = separated(self.text.lstrip().split("\n", 1)[0])
        if other:
            self.found.error(fields[0][1], "separator", f"the columns are separated by {other}, "
                             "not by commas", COMMAS)  # fmt: skip
            return False
        known = (*HEADER, *OPTIONAL)
        self.columns = (*HEADER, *(name for name in OPTIONAL if name in names))
        for i, (name, span) in enumerate(fields[: 2 * len(HEADER)]):
            if name not in known:
                help = suggestion(name[:40], known) or f"the columns are {','.join(HEADER)}"
                self.found.error(span, "column", f"there is no column '{_short(name)}'", help)
            elif name in names[:i]:
                self.found.error(span, "column", f"the column '{name}' stands here twice",
                                 "remove one of the two")  # fmt: skip
        missing = [name for name in HEADER if name not in names]
        strangers = [name for name in names if name not in known]
        if len(missing) > len(strangers):  # else they are the missing ones, misspelt
            for name in missing:
                self.found.error(fields[0][1], "column", f"the column '{name}' is missing",
                                 f"the columns are {','.join(HEADER)}")  # fmt: skip
        if len(self.found.errors) == before and tuple(names) != self.columns:
            place = next(i for i, name in enumerate(names) if name != self.columns[i])
            self.found.error(
                fields[place][1], "column", f"the column '{self.columns[place]}' belongs here",
                f"the columns are, in this order, {','.join(self.columns)}",
            )  # fmt: skip
        return len(self.found.errors) == before

    def row(self, fields: list[tuple[str, Span]]) -> _Row | None:
        wanted, got = len(self.columns), len(fields)
        if got != wanted:
            span = fields[0][1] if got < wanted else fields[wanted][1]
            self.found.error(
                span, "fields", f"this row has {got} fields where {wanted} are wanted",
                "a field that holds a comma stands in quotation marks" if got > wanted
                else "empty fields at the end need their commas too",
            )  # fmt: skip
            return None
        for value, span in fields:
            if len(value) > LONGEST:
                self.found.error(span, "too-long", f"this field has {len(value):,} characters",
                                 f"{LONGEST:,} at most")  # fmt: skip
                return None
        values = {name: value for name, (value, _) in zip(self.columns, fields, strict=True)}
        spans = {name: span for name, (_, span) in zip(self.columns, fields, strict=True)}
        return _Row(values, spans, fields[0][1])


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at


def _short(value: str) -> str:
    """A value as a message shows it."""
    value = " ".join(value.split())
    return value if len(value) <= 60 else value[:57] + "..."


# ---- rows ------------------------------------------------------------------------------------

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_RELATION = re.compile(r"(>=|<=|=)?\s*(.*)", re.DOTALL)
_DATES = "2020-01-26/2020-01-27 is a span, 2020-01-15|2020-01-20 are two readings"


class _Reader:
    """Rows to reports, for one case."""

    def __init__(self, case: Case, found: Diagnostics, followed: History | None) -> None:
        self.case, self.crisis, self.found, self.followed = case, case.crisis, found, followed
        self.events = {e.name: e for e in case.crisis.events}
        self.states = {s.name: s for s in case.crisis.states}
        self.actors = frozenset(a.name for a in case.crisis.actors)
        self.ids: dict[str, Span] = {}
        self.distinct: set[str] = set()  # rows that say that they are no other row's event

    def report(self, row: _Row) -> Report | None:
        """The row as a report, or None with every mistake of it in `found`."""
        before = len(self.found.errors)
        self.identity(row)
        kind, grade = row["kind"], row["grade"]
        if kind not in KINDS:
            self.wrong(row, "kind", "unknown-kind", f"there is no kind '{_short(kind)}'",
                       suggestion(kind[:40], KINDS, "kinds"))  # fmt: skip
        if grade not in GRADES:
            self.wrong(row, "grade", "unknown-grade", f"there is no grade '{_short(grade)}'",
                       suggestion(grade[:40], GRADES, "grades"))  # fmt: skip
        when = self.readings(row)
        known = self.day(row, "known_since", row["known_since"])
        for column in ("report", "source"):
            self.needed(row, column, "say what was reported, in your own words"
                        if column == "report" else "say who reported it")  # fmt: skip
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
            row["id"], kind, what, outcome, row["actor"], when, known, grade, relation, value,
            error, row["report"], row["source"], row["url"], row["note"], row.span, same_as,
        )  # fmt: skip

    def same_as(self, row: _Row) -> str:
        """The row that tells of the same; what it must have in common with it is looked at once
        all are read."""
        other = row.values.get("same_as", "")
        if other == ANOTHER:
            self.distinct.add(row["id"])
            return ""
        if other and row["kind"] == "outside":
            self.unused(row, "same_as", "a row from outside the model counts for nothing")
        return other

    def wrong(self, row: _Row, column: str, code: str, message: str, help: str = "") -> None:
        self.found.error(row.spans[column], code, message, help)

    def needed(self, row: _Row, column: str, help: str) -> bool:
        if not row[column]:
            self.wrong(row, column, "missing", f"this report has no {column}", help)
        return bool(row[column])

    def unused(self, row: _Row, column: str, why: str) -> None:
        if row[column]:
            self.wrong(row, column, "not-empty", f"{column} is not read here: {why}",
                       "leave it empty")  # fmt: skip

    def identity(self, row: _Row) -> None:
        if not self.needed(row, "id", "give every report a name of its own"):
            return
        first = self.ids.setdefault(row["id"], row.spans["id"])
        if row["id"] == ANOTHER:
            self.wrong(row, "id", "id", f"no report can be called '{ANOTHER}'",
                       "in same_as the word says that a row is no other row's event")  # fmt: skip
        if first != row.spans["id"]:
            self.wrong(row, "id", "duplicate-id", f"'{_short(row['id'])}' is a report already",
                       f"the first stands in line {first.line}")  # fmt: skip

    def links(self, row: _Row) -> None:
        """A url is one; a report by a document names the passage."""
        if row["url"] and not re.match(r"https?://\S+$", row["url"]):
            self.wrong(row, "url", "url", "this is no web address",
                       "as in https://example.org/page, or leave it empty")  # fmt: skip
        if row["grade"] != "document" or not row["source"]:
            return
        document, _, passage = row["source"].partition(" ")
        if document not in self.case.documents:
            self.wrong(row, "source", "unknown-document",
                       f"sources.yaml has no document '{_short(document)}'",
                       suggestion(document[:40], self.case.documents, "documents"))  # fmt: skip
        elif passage not in self.case.passages:
            self.wrong(row, "source", "unknown-passage",
                       f"there is no passage '{_short(passage)}'",
                       suggestion(passage[:40], self.case.passages)
                       or "write the document and the passage, as in `issi H4`")  # fmt: skip
        elif self.case.passages[passage].document != document:
            self.wrong(row, "source", "unknown-passage",
                       f"passage '{passage}' is not in '{document}'",
                       f"it is in '{self.case.passages[passage].document}'")  # fmt: skip

    # ---- what -----------------------------------------------------------------------------

    def what(self, row: _Row) -> tuple[str, str]:
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
            self.wrong(row, "what", "unknown-quantity",
                       f"there is no quantity '{_short(what)}'",
                       hint or suggestion(what[:80], self.states, "quantities"))  # fmt: skip
            return "", ""
        event, outcome = self.split(what)
        if event is None:
            self.wrong(row, "what", "unknown-event", f"there is no event '{_short(what)}'",
                       self.meant(what))  # fmt: skip
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

    def outcome(self, row: _Row, event: Event, outcome: str) -> None:
        named = ("carried", "lost") if event.vote else tuple(o.name for o in event.outcomes)
        if not named:
            message = f"event '{event.name}' has no outcomes"
            self.wrong(row, "what", "unknown-outcome", message, f"write '{event.name}'")
        elif outcome not in named and (outcome != PLAIN or event.vote):
            known = named if event.vote else (*named, PLAIN)
            self.wrong(row, "what", "unknown-outcome",
                       f"event '{event.name}' has no outcome '{_short(outcome)}'",
                       suggestion(outcome[:40], known, "outcomes"))  # fmt: skip

    def actor(self, row: _Row, what: str) -> None:
        name, kind = row["actor"], row["kind"]
        if not name or kind not in ("event", "quantity"):
            return
        event = self.events.get(what) if kind == "event" else None
        if event is not None and event.by is not None:
            if name != event.by:
                self.wrong(row, "actor", "unknown-actor",
                           f"'{what}' is a move of '{event.by}', not of '{_short(name)}'",
                           f"write '{event.by}', or leave the field empty")  # fmt: skip
        elif name not in self.actors:
            self.wrong(row, "actor", "unknown-actor", f"there is no actor '{_short(name)}'",
                       suggestion(name[:40], self.actors, "actors"))  # fmt: skip

    # ---- soft facts -------------------------------------------------------------------------

    def fact(self, row: _Row, what: str) -> tuple[str, float, float]:
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
            self.wrong(row, "error", "number", f"'{_short(row['error'])}' is no error",
                       "a number above 0, in the quantity's unit")  # fmt: skip
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

    def level(self, row: _Row, state: State, words: str) -> float | None:
        """A value of the quantity, in its unit; a level by its number."""
        levels = ("no", "yes") if state.kind == "flag" else state.levels
        if levels:
            if words in levels:
                return float(levels.index(words))
            help = suggestion(words[:40], levels) or "levels: " + ", ".join(levels)
            message = f"'{state.name}' has no level '{_short(words)}'"
            self.wrong(row, "value", "unknown-level", message, help)
            return None
        value = self.number(words)
        if value is None:
            self.wrong(row, "value", "number", f"'{_short(words)}' is no number",
                       "as in = 5200, >= 3 or <= .4, without a unit")  # fmt: skip
        elif not state.low <= value <= state.high:
            self.wrong(row, "value", "out-of-bounds",
                       f"'{state.name}' cannot be {value:g}",
                       f"it runs from {state.low:g} to {state.high:g}")  # fmt: skip
        return value

    # ---- when -------------------------------------------------------------------------------

    def day(self, row: _Row, column: str, words: str) -> dt.date | None:
        if not words and not row[column]:
            self.needed(row, column, "as in 2020-01-08")
            return None
        try:
            if _DAY.fullmatch(words):
                return dt.date.fromisoformat(words)
            why = "is not a date"
            if column == "date" and (month := _month(words)):
                why = "is a month, not a day"
                self.wrong(row, column, "not-a-date", f"'{_short(words)}' {why}",
                           f"a report's days are a span: {month}")  # fmt: skip
                return None
        except ValueError:
            why = "is not in the calendar"
        help = f"as in 2020-01-08; {_DATES}" if column == "date" else "as in 2020-01-08"
        self.wrong(row, column, "not-a-date", f"'{_short(words)}' {why}", help)
        return None

    def readings(self, row: _Row) -> tuple[Days, ...]:
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
                self.wrong(row, "date", "dates", f"the span {_short(span)} ends no later than it "
                           "begins", "write the earlier day first, or a single day")  # fmt: skip
                return ()
            if any(day <= b and a <= end for a, b in spans):
                self.wrong(row, "date", "dates", "two readings of the date share a day",
                           "each day belongs to one reading")  # fmt: skip
                return ()
            spans.append((day, end))
            chance = self.number(weight.strip()) if weighed else None
            if weighed and (chance is None or not 0 < chance <= 1):
                self.wrong(row, "date", "chances", f"'{_short(weight)}' is no chance of a reading",
                           "a number above 0 and up to 1")  # fmt: skip
                return ()
            chances.append(chance)
        given = [c for c in chances if c is not None]
        if given and len(given) < len(chances):
            self.wrong(row, "date", "chances", "some readings have a chance and some have none",
                       "give every reading one, or none")  # fmt: skip
            return ()
        if given and abs(sum(given) - 1) > 1e-6:
            self.wrong(row, "date", "chances", f"the chances sum to {sum(given):g}, not to 1")
            return ()
        shares = given or [1 / len(spans)] * len(spans)
        return tuple(Days(a, b, c) for (a, b), c in zip(spans, shares, strict=True))

    def times(self, row: _Row, what: str, when: tuple[Days, ...], known: dt.date | None) -> None:
        """What must hold between the days of a report, the crisis and what is followed."""
        kind = row["kind"]
        first, last = min(d.first for d in when), max(d.last for d in when)
        window = f"the crisis runs from {self.crisis.first} to {self.crisis.last}"
        inside = self.crisis.first <= first and last <= self.crisis.last
        if kind in ("event", "quantity") and not inside:
            day = first if first < self.crisis.first else last
            self.wrong(row, "date", "dates", f"{day} lies outside the crisis",
                       f"{window}; write the kind past or outside")  # fmt: skip
        if kind == "past" and last >= self.crisis.first:
            self.wrong(row, "date", "dates", f"{last} does not lie before the crisis",
                       f"{window}; write the kind event")  # fmt: skip
        if known is not None and known < first:
            self.wrong(row, "known_since", "dates",
                       f"known since {known}, before it happened",
                       f"{first} at the earliest")  # fmt: skip
        if not row["note"] and (kind == "outside" or first < last):
            self.needed(row, "note", "say why it is not in the model" if kind == "outside"
                        else "say who gives which day")  # fmt: skip
        event = self.events.get(what)
        if kind != "event" or event is None:
            return
        if event.takes is not None and _lead(event) is None:
            self.wrong(row, "what", "lead-time",
                       f"'{what}' has a lead time that is not a constant, so nobody can say when "
                       "it was decided", "write `takes:` as a number of days, or the kind "
                       "outside")  # fmt: skip
            return  # nor can it be followed
        earliest = self.crisis.first + dt.timedelta(_lead(event) or 0)
        if inside and first < earliest:
            self.wrong(row, "date", "lead-time",
                       f"'{what}' on {first} would have been decided before the crisis begins",
                       f"{earliest} at the earliest, or the kind outside")  # fmt: skip
        if inside:
            self.follow(row, event, when)

    def follow(self, row: _Row, event: Event, when: tuple[Days, ...]) -> None:
        """A report of what the record does not follow would have probability 0."""
        if self.followed is None:
            return
        for reading in when:
            turns = (c.since for c in self.followed.coverage if c.event == event.name)
            days = [reading.first, *(t for t in turns if reading.first < t <= reading.last)]
            silent = next((d for d in days if not self.followed.reported(event.name, d)), None)
            if silent is not None:
                self.wrong(row, "what", "not-followed",
                           f"reporting.yaml does not follow '{event.name}' on {silent}",
                           f"under `reporting:`, `{event.name}: .5 ? why`, or the kind "
                           "outside")  # fmt: skip
                return

    def apart(self, reports: list[Report]) -> None:
        """On a certain day an event happens once, and an actor decides on one move; rows that tell
        of one event are one."""
        events: dict[tuple[str, dt.date], Report] = {}
        actors: dict[tuple[str, int], Report] = {}
        for report in reports:
            if report.kind != "event" or report.disputed:
                continue
            event = self.events[report.what]
            other = events.setdefault((event.name, report.first), report)
            if other.about != report.about:
                self.found.error(
                    report.span, "same-day",
                    f"'{event.name}' happens twice on {report.first}: see {_short(other.id)} in "
                    f"line {other.span.line}",
                    f"if both tell of one event, write `{_short(other.about)}` under same_as (an "
                    f"optional last column); else give one a span, as in {_span(report.first)}",
                )  # fmt: skip
                continue
            if event.by is None or not event.chosen:
                continue
            decided = report.first.toordinal() - (_lead(event) or 0)
            other = actors.setdefault((event.by, decided), report)
            if other.about != report.about:
                self.found.error(
                    report.span, "same-day",
                    f"'{event.by}' would decide on two moves in one day: '{event.name}' and "
                    f"'{other.what}' of line {other.span.line}; the model gives an actor one a day",
                    f"give the lesser of the two a span, as in {_span(report.first)}",
                )  # fmt: skip


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


def _lead(event: Event) -> int | None:
    """Days from the decision to the event; None where that is not a constant."""
    if event.takes is None:
        return 0
    value = constant(event.takes.expression)
    # Halves go up, as in the engine.
    return None if value is None else math.floor(value + 0.5)


# ---- reporting.yaml --------------------------------------------------------------------------


def _coverage(
    case: Case, found: Diagnostics
) -> tuple[tuple[Coverage, ...], dt.date, tuple[int, float]]:
    """What reporting.yaml says, by event and day, the end of the record, and how late reports are:
    days of delay, and the share that is known earlier."""
    path = case.folder / "reporting.yaml"
    if not there(path):
        return (), dt.date.max, (0, 1.0)
    before = len(found.errors)
    root = _tree(path, found)
    if root is None:
        if len(found.errors) == before:
            found.error(Span(source(path), 1, 1), "empty", "the file is empty", _REPORTING)
        return (), dt.date.max, (0, 1.0)
    builder = Builder(found, frozenset(case.passages), case.phrases)
    builder.known(root, ("reporting", "until", "delay", "prompt"), "a file of reporting")
    node = root.get("reporting")
    if not isinstance(node, Mapping):
        place = root.span if node is None else node.span
        found.error(place, "missing", "there is nothing under `reporting:`", _REPORTING)
        return (), dt.date.max, (0, 1.0)
    events = {e.name: e for e in case.crisis.events}
    entries = [
        coverage
        for key, value in node
        if _listed(key, events, found)
        for coverage in _entry(key, value, case, builder)
    ]
    coverage = tuple(sorted(entries, key=lambda c: (c.event, c.since)))
    until = _until(root.get("until"), case, found)
    delay = _delay(root.get("delay"), builder)
    return coverage, until, (delay, _prompt(root.get("prompt"), delay, root, builder))


def _delay(node: Node | None, builder: Builder) -> int:
    """`delay:`, a whole number of days with its basis; without it reports come the same day."""
    if node is None:
        return 0
    claim = builder.claim(node, "the delay of reports", DAYS, marked=True)
    days = constant(claim.expression) if claim is not None else None
    if days is None:
        return 0
    if days != int(days) or not 0 <= days <= 60:
        builder.found.error(node.span, "delay", "a delay is a whole number of days, 60 at most",
                            "as in `delay: 1d ? the press had it by the next day`")  # fmt: skip
        return 0
    return int(days)


def _prompt(node: Node | None, delay: int, root: Mapping, builder: Builder) -> float:
    """`prompt:`, the share of reports that are known before the delay is over, with its basis."""
    example = "as in `prompt: .8 ? four reports in five were known on the day itself`"
    if node is None:
        if delay > 0:
            builder.found.error(
                root.span, "prompt", "a file with `delay:` says which share of the reports is "
                "known earlier than that", example,
            )  # fmt: skip
        return 1.0
    claim = builder.claim(node, "the share of prompt reports", NUMBER, marked=True, share=True)
    share = constant(claim.expression) if claim is not None else None
    if share is not None and share == 0.0:
        builder.found.error(node.span, "prompt", "some reports are prompt", example)
        return 1.0
    return 1.0 if share is None else share


def _until(node: Node | None, case: Case, found: Diagnostics) -> dt.date:
    """`until:`, the last day of the record; without it the record goes on."""
    if node is None:
        return dt.date.max
    day = _since(node) if isinstance(node, Text) else None
    if day is None or day < case.crisis.first:
        found.error(node.span, "dates", "`until:` is the last day of the record",
                    f"a date from {case.crisis.first} on, as in {case.crisis.last}")  # fmt: skip
        return dt.date.max
    return day


_REPORTING = "as in `reporting:` and below it `  rocket: .9 ? the press counted each`"


def _listed(key: Text, events: dict[str, Event], found: Diagnostics) -> bool:
    event = events.get(key.value)
    if event is None:
        found.error(key.span, "unknown-event", f"there is no event '{_short(key.value)}'",
                    suggestion(key.value[:80], events, "events"))  # fmt: skip
    elif event.private and not event.shown:
        found.error(key.span, "private", f"'{event.name}' is private: nobody could report it",
                    "leave it out, or give it `shown:` in the crisis")  # fmt: skip
    elif event.takes is not None and _lead(event) is None:
        found.error(key.span, "lead-time", f"'{event.name}' has a lead time that is not a "
                    "constant, so nobody can say of which decision silence speaks",
                    "write `takes:` as a number of days, or leave it out here")  # fmt: skip
    else:
        return True
    return False


def _entry(key: Text, value: Node, case: Case, builder: Builder) -> Iterator[Coverage]:
    """One chance from the first day on, or one from each of several days on."""
    first, last = case.crisis.first, case.crisis.last
    if not isinstance(value, Mapping):
        yield from _chance(key, value, first, builder)
        return
    for day, chance in value:
        since = _since(day)
        if since is None:
            builder.found.error(day.span, "not-a-date", f"'{_short(day.value)}' is not a date",
                                f"as in {{{first}: .9 ? why}}")  # fmt: skip
        elif not first <= since <= last:
            builder.found.error(day.span, "dates", f"{since} lies outside the crisis",
                                f"the crisis runs from {first} to {last}")  # fmt: skip
        else:
            yield from _chance(key, chance, since, builder)


def _since(day: Text) -> dt.date | None:
    try:
        return dt.date.fromisoformat(day.value) if _DAY.fullmatch(day.value) else None
    except ValueError:
        return None


def _chance(key: Text, value: Node, since: dt.date, builder: Builder) -> Iterator[Coverage]:
    what = f"the chance that '{key.value}' is reported"
    before = len(builder.found.errors)
    claim = builder.claim(value, what, NUMBER, marked=True, share=True)
    if claim is None or len(builder.found.errors) > before:
        return
    chance = constant(claim.expression)
    parts = walk(claim.expression)
    basis = next((p.basis for p in parts if isinstance(p, Number) and p.basis), None)
    if chance is None or basis is None or isinstance(claim.expression, Operation):
        builder.found.error(
            claim.span, "not-fixed", f"{what} is a single number", "as in .9 ? listed by the press"
        )
        return
    yield Coverage(key.value, since, chance, basis, claim.span)

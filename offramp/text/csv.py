"""Comma separated values with places (RFC 4180, over a text whose line ends are `\\n`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from offramp.text.diagnostics import Diagnostics, Span, suggestion
from offramp.text.tree import STRANGE, strange
from offramp.text.yaml import COMMAS, separated

MOST_ROWS = 10_000
MOST_ERRORS = 200  # more than these and the file is something else
MOST_FIELDS = 100  # of a line
LONGEST = 5_000  # characters of one field


def clean(text: str, shown: str, found: Diagnostics) -> bool:
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


@dataclass(frozen=True)
class Row:
    """A row's fields by column, and where each begins."""

    values: dict[str, str]
    spans: dict[str, Span]
    span: Span

    def __getitem__(self, column: str) -> str:
        return self.values[column]


_QUOTED = re.compile(r'"((?:[^"]++|"")*+)"')  # possessive: linear even where it fails
_BLANK = re.compile(r"(?:[ \t]*+\n)++")
_PLAIN = re.compile(r"[^,\n]*")


class Table:
    """RFC 4180 over a text whose line ends are already `\\n`."""

    def __init__(
        self,
        text: str,
        shown: str,
        found: Diagnostics,
        wanted: tuple[str, ...],
        optional: tuple[str, ...],
        what: str,
    ) -> None:
        """`wanted` are the columns in order, `optional` those that may follow; `what` the table
        is, for messages: `a history`."""
        self.text, self.shown, self.found = text, shown, found
        self.line, self.start = 1, 0  # the line that is read, and where it begins
        self.wanted, self.optional, self.what = wanted, optional, what
        self.columns = wanted

    def read(self) -> list[Row] | None:
        """The rows below the header, or None where the header or the quoting is broken."""
        before = len(self.found.errors)
        lines = self.lines()
        header = next(lines, None)
        if header is None and len(self.found.errors) > before:
            return None
        if header is None:
            self.found.error(
                Span(self.shown, 1, 1),
                "empty",
                "the file is empty",
                f"its first line is: {','.join(self.wanted)}",
            )
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
                    fields[0][1],
                    "fields",
                    f"this row has more than {MOST_FIELDS} fields",
                    f"{self.what} has {len(self.columns)}; is this the file you meant?",
                )
                return
            yield fields
            count += 1
            wrong += count > 1 and len(fields) != len(self.columns)
            if count > MOST_ROWS or wrong > MOST_ERRORS:
                self.found.error(
                    fields[0][1],
                    "too-many",
                    "no more than this was read",
                    f"{self.what} has at most {MOST_ROWS:,} rows of {len(self.columns)} fields",
                )
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
                Span(self.shown, line, column),
                "this quotation mark is never closed",
                'close the field with ", and write each quotation mark inside it twice: ""',
            )
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
            self.found.error(
                fields[0][1],
                "separator",
                f"the columns are separated by {other}, not by commas",
                f"{COMMAS}; `offramp reports import` takes the rows of one as it is",
            )
            return False
        known = (*self.wanted, *self.optional)
        self.columns = (*self.wanted, *(name for name in self.optional if name in names))
        for i, (name, span) in enumerate(fields[: 2 * len(self.wanted)]):
            if name not in known:
                help = suggestion(name[:40], known) or f"the columns are {','.join(self.wanted)}"
                self.found.error(span, "column", f"there is no column '{short(name)}'", help)
            elif name in names[:i]:
                self.found.error(
                    span,
                    "column",
                    f"the column '{name}' stands here twice",
                    "remove one of the two",
                )
        missing = [name for name in self.wanted if name not in names]
        strangers = [name for name in names if name not in known]
        if len(missing) > len(strangers):  # else they are the missing ones, misspelt
            for name in missing:
                self.found.error(
                    fields[0][1],
                    "column",
                    f"the column '{name}' is missing",
                    f"the columns are {','.join(self.wanted)}",
                )
        if len(self.found.errors) == before and tuple(names) != self.columns:
            place = next(i for i, name in enumerate(names) if name != self.columns[i])
            self.found.error(
                fields[place][1],
                "column",
                f"the column '{self.columns[place]}' belongs here",
                f"the columns are, in this order, {','.join(self.columns)}",
            )
        return len(self.found.errors) == before

    def row(self, fields: list[tuple[str, Span]]) -> Row | None:
        wanted, got = len(self.columns), len(fields)
        if got != wanted:
            span = fields[0][1] if got < wanted else fields[wanted][1]
            self.found.error(
                span,
                "fields",
                f"this row has {got} fields where {wanted} are wanted",
                "a field that holds a comma stands in quotation marks"
                if got > wanted
                else "empty fields at the end need their commas too",
            )
            return None
        for value, span in fields:
            if len(value) > LONGEST:
                self.found.error(
                    span,
                    "too-long",
                    f"this field has {len(value):,} characters",
                    f"{LONGEST:,} at most",
                )
                return None
        values = {name: value for name, (value, _) in zip(self.columns, fields, strict=True)}
        spans = {name: span for name, (_, span) in zip(self.columns, fields, strict=True)}
        return Row(values, spans, fields[0][1])


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at


def short(value: str) -> str:
    """A value as a message shows it."""
    value = " ".join(value.split())
    return value if len(value) <= 60 else value[:57] + "..."

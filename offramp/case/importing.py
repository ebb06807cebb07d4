"""Reports out of a spreadsheet: rows that history.csv can take up, or what is wrong with each.

The rows go to the end of history.csv in its own form, all or none. What is wrong is told by the row
and the column of the sheet, by the very reader that reads history.csv.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from offramp.case.case import Case, examine
from offramp.case.reports import FILE, HEADER, OPTIONAL
from offramp.case.sheets import Sheet, SheetRow, read_sheet, serial_day
from offramp.errors import Unanswerable
from offramp.text.diagnostics import Diagnostic, Span, counted, suggestion

NEEDED = ("id", "kind", "date", "known_since", "grade", "report", "source")
DATES = ("date", "known_since")
MOST_FOUND = 50


@dataclass(frozen=True)
class Found:
    """Something about a row of the sheet: `column` by its name, '' where it is about the whole."""

    row: int
    column: str
    message: str
    help: str = ""
    severity: str = "error"

    def __str__(self) -> str:
        where = f"row {self.row}" + (f", {self.column}" if self.column else "")
        return f"{where}: {self.message}" + (f" ({self.help})" if self.help else "")


@dataclass(frozen=True)
class Imported:
    """What a sheet has for a case.

    sheet   the name of the sheet, '' of a CSV
    ids     of the reports, in the order of the sheet
    added   the rows as they go to the end of history.csv
    text    history.csv with them; as it was where something is wrong
    found   what is wrong, and what to look at
    """

    case: str
    sheet: str
    ids: tuple[str, ...]
    added: str
    text: str
    found: tuple[Found, ...]

    @property
    def ok(self) -> bool:
        return not any(f.severity == "error" for f in self.found)

    def __repr__(self) -> str:
        wrong = sum(f.severity == "error" for f in self.found)
        return f"<Imported for {self.case}: {counted(len(self.ids), 'report')}, {wrong} wrong>"


def imported(case: Case, file: Path, sheet: str = "") -> Imported:
    """The reports of a sheet for a case. Nothing is written. Raises Unanswerable for a file that is
    no sheet, or whose columns are not those of history.csv; CaseError where history.csv has errors
    already."""
    case.history_read.sound()
    old = case.texts.texts.get(FILE, "")
    table = read_sheet(file, sheet)
    columns = _columns(file, table)
    header = _header(old)
    if "same_as" in columns and "same_as" not in header and old.strip():
        raise Unanswerable(
            f"{FILE} has no column same_as, and '{file.name}' has one: add `,same_as` to the first "
            "line of it and a comma to each other line, then import again"
        )
    header = header if old.strip() else (*HEADER, *(c for c in OPTIONAL if c in columns))
    found, entries = list[Found](), list[tuple[SheetRow, dict[str, str]]]()
    for row in table.rows[1:]:
        found += [Found(row.number, columns[k], why) for k, why in row.wrong if k < len(columns)]
        cells = {c: v for c, v in zip(columns, row.cells, strict=False) if c}
        found += [Found(row.number, c, why) for c in DATES if (why := _serial(cells.get(c, "")))]
        entries.append((row, cells))
    if not entries:
        raise Unanswerable(f"'{file.name}' has no row below its header")
    added = _lines(header, (cells for _, cells in entries))
    before = old if not old.strip() or old.endswith("\n") else f"{old}\n"
    start = before if before.strip() else ",".join(header) + "\n"
    text = start + added
    if not found:
        found = _checked(case, text, start.count("\n"), [row.number for row, _ in entries])
    outcome = Imported(
        case=case.id,
        sheet=table.name,
        ids=tuple(cells.get("id", "") for _, cells in entries),
        added=added,
        text=text,
        found=tuple(found),
    )
    return outcome if outcome.ok else replace(outcome, text=old)


def _columns(file: Path, table: Sheet) -> list[str]:
    """The name of each column of the sheet, in its order; those of history.csv in any order."""
    if not table.rows:
        raise Unanswerable(f"'{file.name}' is empty: its first row names the columns")
    known = (*HEADER, *OPTIONAL)
    names = [" ".join(c.split()).lower().replace(" ", "_") for c in table.rows[0].cells]
    strange = [n for n in names if n and n not in known]
    twice = [n for k, n in enumerate(names) if n and n in names[:k]]
    missing = [n for n in NEEDED if n not in names]
    if strange:
        help = suggestion(strange[0][:40], known) or f"the columns are {', '.join(known)}"
        raise Unanswerable(f"'{file.name}' has a column '{strange[0][:40]}': {help}")
    if twice:
        raise Unanswerable(f"'{file.name}' has the column '{twice[0]}' twice")
    if missing:
        raise Unanswerable(
            f"'{file.name}' has no column {', '.join(missing)}: its first row names the columns, "
            f"of which these may be left out: {', '.join(n for n in known if n not in NEEDED)}"
        )
    return names


def _header(old: str) -> tuple[str, ...]:
    first = old.lstrip().split("\n", 1)[0]
    return tuple(name.strip().strip('"') for name in first.split(",")) if first else ()


def _serial(text: str) -> str:
    day = serial_day(text)
    if day is None:
        return ""
    return f"{text} is a number; as a date it would be {day}: format the cell as a date"


def _lines(header: tuple[str, ...], entries: Iterable[dict[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for cells in entries:
        writer.writerow([cells.get(c, "") for c in header])
    return out.getvalue()


def _checked(case: Case, text: str, lines: int, numbers: list[int]) -> list[Found]:
    """What the reader of history.csv finds in the new rows, each on a line of its own."""
    read, faults = examine(case, {FILE: text})
    own = list(faults) if read is None else list(read.history_read.found)
    out = list[Found]()
    for d in own:
        place = d.span.line - lines - 1
        if str(d.span.file) == FILE and 0 <= place < len(numbers):
            out.append(_told(d, numbers[place], text))
    return out[:MOST_FOUND]


def _told(d: Diagnostic, number: int, text: str) -> Found:
    return Found(number, _column(d.span, text), d.message, d.help, d.severity)


def _column(span: Span, text: str) -> str:
    """The column of history.csv in which a place stands."""
    header = _header(text)
    line = text.split("\n")[span.line - 1]
    before = next(csv.reader([line[: span.column - 1]]), [])
    place = max(0, len(before) - 1)
    return header[place] if place < len(header) else ""

"""A table as a spreadsheet has it, as rows of text: CSV with commas, semicolons or tabs, or .xlsx.

Nothing is guessed that could be read in two ways. A date is taken from a cell that is one, from
2020-01-08, and from 8.1.2020; 1/8/2020 is refused, since half the world reads it as August.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from offramp.errors import Needs, Unanswerable
from offramp.extras import install
from offramp.text.csv import LONGEST, MOST_FIELDS, MOST_ROWS
from offramp.text.diagnostics import Diagnostics
from offramp.text.files import read_regular
from offramp.text.yaml import MAX_BYTES, read_text, separated

UNPACKED = 100_000_000  # bytes of an .xlsx once it is unpacked: a bomb has more
SEPARATORS = {"semicolons": ";", "tabs": "\t", "": ","}
DOTTED = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})")
SLASHED = re.compile(r"\d{1,4}/\d{1,2}/\d{1,4}")
DECIMAL = re.compile(r"((?:>=|<=|=)?\s*[+-]?\d+),(\d+)")
SERIAL = range(20_000, 80_000)  # numbers of days that a spreadsheet shows as 1954 to 2119


@dataclass(frozen=True)
class SheetRow:
    """A row of the sheet: its number there, from 1, and its cells as text; `wrong` says of a cell,
    by its place, why it cannot be taken."""

    number: int
    cells: tuple[str, ...]
    wrong: tuple[tuple[int, str], ...] = ()

    @property
    def empty(self) -> bool:
        return not any(self.cells)


@dataclass(frozen=True)
class Sheet:
    """`name`: of the sheet in an .xlsx, '' of a CSV. The first row names the columns."""

    name: str
    rows: tuple[SheetRow, ...]


def read_sheet(path: Path, name: str = "") -> Sheet:
    """The sheet of a file, the first that it has unless it is named. Raises Unanswerable for what
    is none, Needs for .xlsx without openpyxl, OSError."""
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        return _workbook(path, name)
    if path.suffix.lower() in (".xls", ".ods", ".numbers"):
        raise Unanswerable(f"'{path.name}': save it as .xlsx, or as CSV in UTF-8")
    if name:
        raise Unanswerable(f"'{path.name}' is a table without sheets: leave --sheet out")
    return Sheet("", tuple(_bounded(path, _csv(path))))


def _bounded(path: Path, rows: Iterator[SheetRow]) -> Iterator[SheetRow]:
    for count, row in enumerate(rows):
        if count > MOST_ROWS:
            raise Unanswerable(f"'{path.name}' has more than {MOST_ROWS:,} rows")
        if len(row.cells) > MOST_FIELDS:
            raise Unanswerable(
                f"'{path.name}' row {row.number} has more than {MOST_FIELDS} cells: is this the "
                "sheet that you meant?"
            )
        if any(len(cell) > LONGEST for cell in row.cells):
            raise Unanswerable(
                f"'{path.name}' row {row.number}: a cell has more than {LONGEST:,} characters"
            )
        if not row.empty or row.wrong:
            yield row


# ---- CSV -------------------------------------------------------------------------------------


def _csv(path: Path) -> Iterator[SheetRow]:
    found = Diagnostics()
    text = read_text(path, path.name, found)
    if text is None:
        d = found.errors[0]
        raise Unanswerable(f"'{path.name}': {d.message}; {d.help}".rstrip("; "))
    mark = separated(text.lstrip().split("\n", 1)[0])
    if mark not in SEPARATORS:
        raise Unanswerable(f"'{path.name}': its columns are separated by {mark}; use commas")
    reader = csv.reader(io.StringIO(text), delimiter=SEPARATORS[mark], strict=True)
    try:
        for number, cells in enumerate(reader, 1):
            yield _row(number, [_plain(c, decimal_commas=mark == "semicolons") for c in cells])
    except csv.Error as error:
        raise Unanswerable(f"'{path.name}' line {reader.line_num}: {error}") from None


def _plain(cell: str, decimal_commas: bool) -> tuple[str, str]:
    """A cell's text, and what is wrong with it."""
    text = " ".join(cell.split())
    if dotted := DOTTED.fullmatch(text):
        day, month, year = map(int, dotted.groups())
        try:
            return dt.date(year, month, day).isoformat(), ""
        except ValueError:
            return text, f"'{text}' is not in the calendar"
    if SLASHED.fullmatch(text):
        return text, f"'{text}' can be read as two days; write it as 2020-01-08"
    if decimal_commas and (number := DECIMAL.fullmatch(text)):
        return f"{number[1]}.{number[2]}", ""
    return text, ""


def _row(number: int, told: list[tuple[str, str]]) -> SheetRow:
    wrong = tuple((place, why) for place, (_, why) in enumerate(told) if why)
    return SheetRow(number, tuple(text for text, _ in told), wrong)


# ---- .xlsx -----------------------------------------------------------------------------------


def _workbook(path: Path, name: str) -> Sheet:
    try:
        import openpyxl
    except ImportError:
        raise Needs(
            f"an .xlsx file needs openpyxl: {install('sheets')}; or save it as CSV in UTF-8"
        ) from None
    data = read_regular(path, MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise Unanswerable(f"'{path.name}' has more than {MAX_BYTES:,} bytes")
    _looked_at(path, data)
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    except Exception as error:  # openpyxl raises whatever its parts do
        raise Unanswerable(f"'{path.name}' cannot be read as .xlsx: {error}") from None
    try:
        names = [s.title for s in book.worksheets]
        if not names or (name and name not in names):
            raise Unanswerable(
                f"'{path.name}' has no sheet '{name[:80]}': it has {', '.join(names) or 'none'}"
            )
        sheet = book[name or names[0]]
        rows = (
            _row(number, [_cell(c) for c in _trimmed(cells)])
            for number, cells in enumerate(sheet.iter_rows(values_only=True), 1)
        )
        return Sheet(sheet.title, tuple(_bounded(path, rows)))
    except (KeyError, ValueError, TypeError, zipfile.BadZipFile) as error:
        raise Unanswerable(f"'{path.name}' cannot be read as .xlsx: {error}") from None
    finally:
        book.close()


def _looked_at(path: Path, data: bytes) -> None:
    """Refuses what only looks like a workbook: no zip, one that unpacks to more than any table, or
    with declarations that its XML has no use for."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(part.file_size for part in packed.infolist()) > UNPACKED:
                raise Unanswerable(f"'{path.name}' unpacks to more than {UNPACKED:,} bytes")
            for part in packed.infolist():
                if part.filename.endswith((".xml", ".rels")):
                    with packed.open(part) as file:
                        head = file.read(4096)
                    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
                        raise Unanswerable(f"'{path.name}' has a DOCTYPE, which no workbook needs")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise Unanswerable(f"'{path.name}' is no .xlsx file: {error}") from None


def _trimmed(cells: tuple[Any, ...]) -> tuple[Any, ...]:
    """Without the empty cells that a sheet has at the end of a row."""
    last = next((k for k in range(len(cells), 0, -1) if cells[k - 1] not in (None, "")), 0)
    return cells[:last]


def _cell(value: Any) -> tuple[str, str]:
    """A cell's value as text: a date as one, a number as it would be typed."""
    if value is None:
        return "", ""
    if isinstance(value, bool):
        return ("yes" if value else "no"), ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat(), ""
    if isinstance(value, dt.date):
        return value.isoformat(), ""
    if isinstance(value, int | float):
        whole = float(value).is_integer() and abs(value) < 1e15
        return (f"{value:.0f}" if whole else repr(float(value))), ""
    text = str(value)
    if text in ("#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"):
        return text, f"the cell shows {text}"
    return _plain(text, decimal_commas=False)


def serial_day(text: str) -> dt.date | None:
    """The day of a number that a spreadsheet would show as a date, were its cell formatted so."""
    if not text.isdecimal() or int(text) not in SERIAL:
        return None
    return dt.date(1899, 12, 30) + dt.timedelta(int(text))

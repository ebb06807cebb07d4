"""Tables of an output: rows of plain values, for data frames and CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from offramp.language.questions import FORMULA

Row = dict[str, Any]
SOURCE = ("case", "model_sha256", "seed", "as_of")


def rows(made: Mapping[str, Any], table: str, about: Sequence[str] = ()) -> list[Row]:
    """The rows of a table within an output, flat: what stands in a row's own values is named with a
    dot, lists of words and numbers are joined by '; ', and further tables are left out. A row
    within another has that one's values too, named with its table where both have them. Each row
    ends with what the output is `about`, and the case, the model's hash, the seed and the day that
    it is from."""
    source = {**_flat({k: made[k] for k in about}), **{k: made[k] for k in SOURCE}}
    first, *then = table.split(".")
    found: list[tuple[dict[str, Any], Mapping[str, Any]]] = [({}, row) for row in made[first]]
    for key in then:
        found = [({**above, **_flat(row, but=key)}, r) for above, row in found for r in row[key]]
    return [_joined(above, _flat(row), source, first) for above, row in found]


def _joined(above: Row, own: Row, source: Row, table: str) -> Row:
    both = {f"{table}.{k}" if k in own else k: v for k, v in above.items()} | own
    return both | {k: v for k, v in source.items() if k not in both}


def _flat(row: Mapping[str, Any], but: str = "", before: str = "") -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, value in row.items():
        name = before + key
        if isinstance(value, Mapping):
            out |= _flat(value, but, f"{name}.")
        elif isinstance(value, Sequence) and not isinstance(value, str):
            if not any(isinstance(x, Mapping) for x in value) and key != but:
                out[name] = "; ".join(str(x) for x in value)
        else:
            out[name] = value
    return out


def csv_of(rows: Sequence[Row]) -> str:
    """The rows as CSV (RFC 4180) with a header; what a row has not is empty. Words that a
    spreadsheet would take for a formula begin with an apostrophe."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns(rows))
    writer.writeheader()
    for row in rows:
        writer.writerow({k: _cell(v) for k, v in row.items()})
    return out.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def columns(rows: Sequence[Row]) -> list[str]:
    """The names of all columns in the order in which they first stand, the run's own last."""
    names = dict.fromkeys(name for row in rows for name in row)
    return [*(n for n in names if n not in SOURCE), *(n for n in SOURCE if n in names)]

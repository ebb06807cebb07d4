"""What a case leaves out of its model and why, and the kinds of its passages: coverage.yaml."""

from __future__ import annotations

import re
from dataclasses import dataclass

from offramp.case.core import Core, Read
from offramp.text.diagnostics import Diagnostics, Span, suggestion
from offramp.text.tree import Node, Text

FILE = "coverage.yaml"
SECTIONS = ("kinds", "left out")
KIND = ("name", "first")
STATUSES = ("modelled", "asked", "judged", "tested", "policy", "history")


@dataclass(frozen=True)
class Listing:
    """What coverage.yaml says: for each kind of row its name and which status is named first
    where several hold ('' for the usual order); reasons by row, and where each stands."""

    kinds: dict[str, tuple[str, str]]
    left_out: dict[str, str]
    places: dict[str, Span]


def read_listing(case: Core) -> Read[Listing]:
    """coverage.yaml of a case, empty without one."""
    found, listing = Diagnostics(), Listing({}, {}, {})
    root = case.texts.tree(FILE, found) if case.texts.has(FILE) else None
    if root is None:
        return Read(listing, tuple(found.ordered()))
    readers = case.readers(found)
    readers.known(root, SECTIONS, "a file of coverage")
    rows = dict.fromkeys(row_of(p) for p in case.passages)
    kinds = dict.fromkeys(kind_of(row) for row in rows)
    for key, node in readers.section(root, "kinds"):
        if key.value not in kinds:
            found.error(
                key.span,
                "unknown-kind",
                f"no row's id begins with '{key.value}'",
                f"the case has {', '.join(kinds)}",
            )
        readers.known(node, KIND, f"kind '{key.value}'")
        first = readers.words(node, "first")
        if first and first not in STATUSES:
            place = node.get("first") or key
            found.error(
                place.span,
                "status",
                f"there is no status '{first}'",
                suggestion(first, STATUSES) or f"one of {', '.join(STATUSES)}",
            )
        listing.kinds[key.value] = (readers.words(node, "name"), first)
    for key, value in readers.mapping(root.get("left out"), "`left out:`", root.span):
        if key.value not in rows:
            side = row_of(key.value)
            found.error(
                key.span,
                "unknown-row",
                f"the case has no row '{key.value}'",
                f"write {side}: the sides are one row"
                if side in rows
                else suggestion(key.value, rows) or "rows are listed in passages.yaml",
            )
        listing.left_out[key.value] = _reason(key, value, found)
        listing.places[key.value] = key.span
    return Read(listing, tuple(found.ordered()))


def _reason(key: Text, value: Node, found: Diagnostics) -> str:
    if isinstance(value, Text) and value.value.strip():
        return " ".join(value.value.split())
    found.error(
        key.span,
        "missing",
        f"nothing says why {key.value} is left out",
        f"one line, as in `{key.value}: the model has no such actor`",
    )
    return "?"


def row_of(passage: str) -> str:
    """The row of a passage: D1 for D1.2."""
    return passage.partition(".")[0]


def kind_of(row: str) -> str:
    """The letters that a row's id begins with."""
    match = re.match(r"[^\W\d_]+", row)
    return match.group() if match else ""

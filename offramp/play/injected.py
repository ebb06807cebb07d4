"""What a facilitator may change in the middle of a game: edits of the crisis, from a day on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from offramp.case.case import Case
from offramp.engine.plan import plan
from offramp.errors import Mistake
from offramp.filter.posterior import same_elements
from offramp.language.edits import Edit, read_edits
from offramp.text import plain_json
from offramp.text.diagnostics import CaseError, Diagnostics
from offramp.text.yaml import parse

BEGUN = ("never", "force", "outcome", "hold", "cost", "urge", "rate")


@dataclass(frozen=True)
class Changed:
    """What was changed in the crisis, from the morning of a day on."""

    day: int
    date: dt.date
    edits: tuple[Edit, ...]


def injected(case: Case, edits: tuple[Edit, ...], today: dt.date) -> Case:
    """The case with edits done to it from a day on. Raises Mistake for what cannot begin then: a
    forced day that is over; a memory that the world so far did not need."""
    over = [d for e in edits if e.verb == "force" for d in e.dates if d < today]
    if over:
        raise Mistake(f"{over[0]} is over: what is forced comes on {today} or later", "do")
    edited = case.edited(edits)
    try:
        same_elements(plan(case.crisis), plan(edited.crisis))
    except ValueError as error:
        raise Mistake(str(error), "do") from None
    return edited


def edits_of(case: Case, do: Mapping[str, Any]) -> tuple[Edit, ...]:
    """The edits that a facilitator writes, in the order in which the log has them. Raises CaseError
    for what the case lacks, Mistake for what cannot begin in the middle: `set`, which is of the
    first morning; `from:`, for it begins now."""
    if not isinstance(do, Mapping):
        raise Mistake('an edit is as under `do:`, {"never": ["swarm"]}', "do")
    strange = [key for key in do if key not in BEGUN]
    if strange or not do:
        what = f"“{strange[0]}” cannot" if strange else "nothing does"
        raise Mistake(f"{what} begin in the middle of a game: {', '.join(BEGUN)} do", "do")
    found = Diagnostics()
    try:
        node = parse(plain_json.text(dict(do), ordered=True), "do", found)
    except (TypeError, ValueError) as error:
        raise Mistake(f"an edit has plain values, days as text ({error})", "do") from None
    edits = read_edits(node, case.crisis, case.readers(found)) if node is not None else ()
    if found.errors:
        raise CaseError(found.ordered())
    if not edits:
        raise Mistake('an edit is of something, as in {"never": ["swarm"]}', "do")
    return edits

"""`butfor --json`: what would have been without an event, beside what was."""

from __future__ import annotations

from typing import Annotated, TypedDict

from offramp.explain.butfor import ButFor, Contrast
from offramp.render.json.envelope import Date, Envelope, envelope

SCHEMA = "offramp.butfor/1"


class ContrastJson(TypedDict):
    """Something as it was and without the event, in the same worlds."""

    id: str
    text: str
    given: str
    kind: str
    actual: float
    but_for: Annotated[float, "without it"]
    difference: Annotated[float, "without it, less as it was"]
    mc_error: float | None
    renewed: Annotated[float, "share of worlds with new noise from the day on"]
    independent: Annotated[float, "without it, by independent noise"]
    independent_error: float
    distinct: Annotated[bool, "beyond what the Monte Carlo error allows for"]
    hangs_on_coupling: Annotated[bool, "another coupling of choices gives another difference"]
    worlds: int
    in_record: Annotated[int, "how often the record has it"]
    cites: list[str]


class ButForJson(Envelope):
    """A counterfactual in worlds that are conditioned on the reports."""

    assessment: str
    edited_sha256: Annotated[str, "of the edited model"]
    edit: list[str]
    day: Date
    notes: list[str]
    last: Date
    effective: Annotated[float, "how many independent worlds these are worth"]
    coupling: str
    past: list[ContrastJson]
    future: list[ContrastJson]
    quantities: list[ContrastJson]
    questions: list[ContrastJson]
    passages: dict[str, str]


def plain(b: ButFor) -> ButForJson:
    return {
        **envelope(SCHEMA, b.case, b.model_sha256, b.seed, b.worlds, b.as_of),
        "assessment": b.assessment,
        "edited_sha256": b.edited_sha256,
        "edit": [e.words for e in b.edit],
        "day": b.day.isoformat(),
        "notes": list(b.notes),
        "last": b.last.isoformat(),
        "effective": b.effective,
        "coupling": "gumbel",
        "past": _rows(b.past),
        "future": _rows(b.future),
        "quantities": _rows(b.quantities),
        "questions": _rows(b.questions),
        "passages": b.passages,
    }


def _rows(contrasts: tuple[Contrast, ...]) -> list[ContrastJson]:
    return [
        {
            "id": c.id,
            "text": c.text,
            "given": c.given,
            "kind": c.kind,
            "actual": c.actual,
            "but_for": c.but_for,
            "difference": c.difference,
            "mc_error": c.mc_error,
            "renewed": c.renewed,
            "independent": c.independent,
            "independent_error": c.independent_error,
            "distinct": c.distinct,
            "hangs_on_coupling": c.hangs_on_coupling,
            "worlds": c.worlds,
            "in_record": c.happened,
            "cites": list(c.cites),
        }
        for c in contrasts
    ]

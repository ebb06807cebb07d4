"""`diff --json`: what two cases differ in, and what that does to each answer."""

from __future__ import annotations

from typing import Annotated, TypedDict

from offramp.explain.changes import Change
from offramp.explain.diff import Alone, Asked, Diff, Moved
from offramp.render.json.envelope import Date, Envelope, envelope
from offramp.text.diagnostics import Span

SCHEMA = "offramp.diff/1"


class PlaceJson(TypedDict):
    """Where something stands. Lines and columns count from 1."""

    file: str
    line: int
    column: int


class ChangeJson(TypedDict):
    """One difference of the models."""

    element: Annotated[str, "as in `event rocket`; `the case` for the head of crisis.yaml"]
    also: Annotated[list[str], "elements that have the same number, from a form"]
    part: Annotated[str, "where in it; empty for all of it"]
    kind: Annotated[str, "added, gone, number, formula, mark or words"]
    moving: Annotated[bool, "whether an answer without reports can depend on it"]
    old: Annotated[str, "with its mark"]
    new: Annotated[str, "with its mark"]
    old_place: PlaceJson | None
    new_place: PlaceJson | None
    passages: list[str]


class MovedJson(TypedDict):
    """What became of an answer that both cases give."""

    id: str
    text: str
    option: Annotated[str, "of a choice"]
    kind: str
    first: Date
    last: Date
    given: str
    unit: str
    old: Annotated[float | None, "a probability, or a mean; of a date days from the first day"]
    new: float | None
    difference: Annotated[float | None, "new less old"]
    mc_error: float | None
    distinct: Annotated[bool, "beyond three errors; anything less is within its error"]
    worlds_old: Annotated[int, "that meet the condition"]
    worlds_new: int
    otherwise: Annotated[bool, "the cases ask it otherwise"]
    cites: list[str]


class AskedJson(TypedDict):
    """A question that one case asks alone."""

    id: str
    text: str


class AloneJson(TypedDict):
    """The old case with one number changed and nothing else."""

    change: Annotated[int, "its place in `changes`, from 0"]
    why: Annotated[str, "it cannot be run alone"]
    answers: list[MovedJson]


class DiffJson(Envelope):
    """Two cases of one crisis, the old under `case` and `model_sha256`."""

    old_name: Annotated[str, "under which it was asked for, as in `mine@HEAD`"]
    new_name: str
    new_sha256: str
    paired: Annotated[bool, "whether worlds of both throw mostly the same dice"]
    changes: list[ChangeJson]
    answers: list[MovedJson]
    only_old: list[AskedJson]
    only_new: list[AskedJson]
    alone: list[AloneJson]
    left_out: Annotated[str, "what `alone` leaves out, and why"]
    files: Annotated[list[str], "further files that differ; no answer here follows from them"]
    notes: list[str]


def plain(d: Diff) -> DiffJson:
    return {
        **envelope(SCHEMA, d.case, d.model_sha256, d.seed, d.worlds),
        "old_name": d.old,
        "new_name": d.new,
        "new_sha256": d.new_sha256,
        "paired": d.paired,
        "changes": [_change(c) for c in d.changes],
        "answers": [_moved(m) for m in d.answers],
        "only_old": [_asked(a) for a in d.only_old],
        "only_new": [_asked(a) for a in d.only_new],
        "alone": [_alone(a, d.changes) for a in d.alone],
        "left_out": d.whole,
        "files": list(d.files),
        "notes": list(d.notes),
    }


def _change(c: Change) -> ChangeJson:
    return {
        "element": c.element,
        "also": list(c.also),
        "part": c.part,
        "kind": c.kind,
        "moving": c.moving,
        "old": c.old,
        "new": c.new,
        "old_place": _place(c.old_place),
        "new_place": _place(c.new_place),
        "passages": list(c.passages),
    }


def _place(span: Span | None) -> PlaceJson | None:
    if span is None:
        return None
    return {"file": str(span.file), "line": span.line, "column": span.column}


def _moved(m: Moved) -> MovedJson:
    return {
        "id": m.id,
        "text": m.text,
        "option": m.option,
        "kind": m.kind,
        "first": m.window[0].isoformat(),
        "last": m.window[1].isoformat(),
        "given": m.given,
        "unit": m.unit,
        "old": m.old,
        "new": m.new,
        "difference": m.difference,
        "mc_error": m.error,
        "distinct": m.distinct,
        "worlds_old": m.met[0],
        "worlds_new": m.met[1],
        "otherwise": m.otherwise,
        "cites": list(m.cites),
    }


def _asked(a: Asked) -> AskedJson:
    return {"id": a.id, "text": a.text}


def _alone(a: Alone, changes: tuple[Change, ...]) -> AloneJson:
    return {
        "change": changes.index(a.change),
        "why": a.why,
        "answers": [_moved(m) for m in a.answers],
    }

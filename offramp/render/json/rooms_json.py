"""`rooms --json`: the pages that were written, and how often the events of each happen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, TypedDict

from offramp.case.case import Case
from offramp.case.rooms import Room
from offramp.render.json.envelope import Envelope, envelope
from offramp.render.pages.pages import Lived

SCHEMA = "offramp.rooms/1"


class CountsJson(TypedDict):
    """How often an event happens."""

    by_month: Annotated[list[float], "times a world"]
    ever: Annotated[float, "share of worlds"]


class RoomJson(TypedDict):
    """A part of the crisis with a page of its own."""

    id: str
    title: str
    elements: list[str]
    questions: list[str]
    events: dict[str, CountsJson]
    files: list[str]


class RoomsJson(Envelope):
    """Pages of a case's rooms."""

    rooms: list[RoomJson]


def plain(
    case: Case, rooms: list[Room], lived: Lived, written: Mapping[str, list[str]]
) -> RoomsJson:
    e = lived.ensemble
    return {
        **envelope(SCHEMA, case.id, case.model_sha256, e.seed, e.worlds),
        "rooms": [
            {
                "id": r.id,
                "title": r.title,
                "elements": list(r.elements),
                "questions": list(r.questions),
                "events": {
                    n: {"by_month": list(lived.by_month[n]), "ever": lived.ever[n]}
                    for n in r.counts
                },
                "files": written[r.id],
            }
            for r in rooms
        ],
    }

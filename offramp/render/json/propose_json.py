"""`sources propose --json`: passages of a document that a language model proposed."""

from __future__ import annotations

from typing import Annotated, TypedDict

from offramp.render.json.envelope import Envelope, envelope
from offramp.sources.proposing import Proposed

SCHEMA = "offramp.propose/1"


class ProposalJson(TypedDict):
    """A stretch of the document that the model quoted byte for byte: its first words."""

    start: int
    end: int
    words: str
    kind: str
    reason: Annotated[str, "the model's words, without a number; '' where none were kept"]
    mark: Annotated[str, "who proposed it, and that no person has read it"]
    passages: Annotated[list[str], "of the case that share a character with it"]


class DroppedJson(TypedDict):
    """What of the replies was not kept."""

    why: str
    count: int


class ProposeJson(Envelope):
    """Passages that a model endpoint of the user's own proposed. Nothing of it is in the case."""

    document: str
    by: Annotated[str, "the language model that was asked"]
    host: Annotated[str, "where it was asked"]
    characters: Annotated[int, "of the document that were sent"]
    pieces: Annotated[int, "in which they were sent"]
    unread: Annotated[int, "pieces to which the reply was no list of quotations"]
    candidates: list[ProposalJson]
    dropped: list[DroppedJson]


def plain(p: Proposed) -> ProposeJson:
    return {
        **envelope(SCHEMA, p.case, p.model_sha256),
        "document": p.document,
        "by": p.by,
        "host": p.host,
        "characters": p.characters,
        "pieces": p.pieces,
        "unread": p.unread,
        "candidates": [
            {
                "start": c.place.start,
                "end": c.place.end,
                "words": c.place.words,
                "kind": c.kind,
                "reason": c.reason,
                "mark": p.mark,
                "passages": list(c.passages),
            }
            for c in p.candidates
        ],
        "dropped": [{"why": d.why, "count": d.count} for d in p.dropped],
    }

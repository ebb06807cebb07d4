"""`sources draft --json`: what of a document may be taken up, by rule."""

from __future__ import annotations

from typing import Annotated, TypedDict

from offramp.render.json.envelope import Envelope, envelope
from offramp.sources.candidates import Candidate
from offramp.sources.drafted import Drafts

SCHEMA = "offramp.drafts/1"


class SignJson(TypedDict):
    """What in a sentence made it a candidate."""

    start: int
    end: int
    band: Annotated[str, "how strong the sign is: strong, fair, weak"]
    reason: str
    value: Annotated[str, "the number, date, estimate or actor; '' for other kinds"]
    of: Annotated[str, "what is counted, or how exact a date is"]


class CandidateJson(TypedDict):
    """A sentence with signs of one kind, in one voice: its first words."""

    start: int
    end: int
    words: str
    stopped: Annotated[bool, "whether it ends as sentences do"]
    kind: str
    band: Annotated[str, "that of its strongest sign"]
    voice: Annotated[str, "author, or another: somebody else says it"]
    reason: str
    signs: list[SignJson]


class DraftsJson(Envelope):
    """First drafts by rule: sentences that an analyst may want to take up."""

    document: str
    sentences: int
    actors: Annotated[list[str], "titles that were looked for"]
    candidates: list[CandidateJson]


def candidate(c: Candidate) -> CandidateJson:
    return {
        "start": c.sentence.start,
        "end": c.sentence.end,
        "words": c.sentence.words,
        "stopped": c.sentence.stopped,
        "kind": c.kind,
        "band": c.band,
        "voice": c.voice,
        "reason": c.reason,
        "signs": [
            {
                "start": s.start,
                "end": s.end,
                "band": s.band,
                "reason": s.reason,
                "value": s.value,
                "of": s.of,
            }
            for s in c.signs
        ],
    }


def plain(d: Drafts) -> DraftsJson:
    return {
        **envelope(SCHEMA, d.case, d.model_sha256),
        "document": d.document,
        "sentences": d.sentences,
        "actors": list(d.actors),
        "candidates": [candidate(c) for c in d.candidates],
    }

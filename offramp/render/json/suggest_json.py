"""`passages suggest --json`: sentences of a document that no passage touches."""

from __future__ import annotations

from typing import Annotated, TypedDict

from offramp.render.json.envelope import Envelope, envelope
from offramp.sources.sentences import Reading

SCHEMA = "offramp.suggest/1"


class SentenceJson(TypedDict):
    """A sentence without a passage."""

    start: Annotated[int, "characters of the normalised text"]
    end: int
    words: Annotated[str, "its first six words at most"]
    stopped: Annotated[bool, "ends as sentences do; headings, bylines and most footnotes do not"]


class SuggestJson(Envelope):
    """The sentences of a document that no passage touches, in their order."""

    document: str
    sentences: Annotated[int, "of the document, with and without a passage"]
    untouched: list[SentenceJson]


def plain(case: str, reading: Reading) -> SuggestJson:
    return {
        **envelope(SCHEMA, case, None),
        "document": reading.document,
        "sentences": reading.sentences,
        "untouched": [
            {"start": s.start, "end": s.end, "words": s.words, "stopped": s.stopped}
            for s in reading.untouched
        ],
    }

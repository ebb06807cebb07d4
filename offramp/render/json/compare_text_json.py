"""`sources compare --json`: a new text beside the documents of a case."""

from __future__ import annotations

from typing import Annotated, TypedDict

from offramp.render.json.drafts_json import CandidateJson, candidate
from offramp.render.json.envelope import Envelope, envelope
from offramp.sources.alike import NEAR, SHARED, SHINGLE, SHORTEST, TextCompared

SCHEMA = "offramp.compare-text/1"


class LookJson(TypedDict):
    """What a person should look at, and why; a place in the new text."""

    why: str
    start: int
    end: int
    words: str


class CitedJson(TypedDict):
    """A passage of the case that the new text repeats."""

    passage: str
    document: str
    share: Annotated[float, "of its shingles that stand in the new text"]
    start: Annotated[int, "of the sentence of the new text that has most of it"]
    end: int
    words: str


class StandingJson(TypedDict):
    """A sentence of the new text that stands in a document."""

    start: int
    end: int
    words: str
    document: str
    share: Annotated[float, "of its shingles that stand in the document"]


class DifferenceJson(TypedDict):
    """Two sentences about the same actor that say another number, date or estimate."""

    kind: str
    start: int
    end: int
    words: str
    voice: str
    here: str
    document: str
    there_start: int
    there_end: int
    there_words: str
    there_voice: str
    there: str
    of: Annotated[str, "what is counted, or how exact the dates are"]
    actors: list[str]
    passages: Annotated[list[str], "that touch the sentence of the document"]
    shared: Annotated[int, "rare words that both sentences have beside the actor"]


class CompareTextJson(Envelope):
    """A new text beside the documents of a case, by rule."""

    same: Annotated[str | None, "the document whose text it is, letter for letter"]
    against: list[str]
    missing: Annotated[list[str], "documents that are not at hand, or are changed"]
    sentences: int
    shingle: Annotated[int, "words of a run that is looked for"]
    near: Annotated[float, "share of the runs from which on a stretch counts as repeated"]
    shortest: Annotated[int, "words below which nothing is judged"]
    least_shared: Annotated[int, "rare words that two sentences must share"]
    unjudged_sentences: int
    unjudged_passages: int
    look: list[LookJson]
    passages: list[CitedJson]
    standing: list[StandingJson]
    differences: list[DifferenceJson]
    new: list[CandidateJson]


def plain(c: TextCompared) -> CompareTextJson:
    return {
        **envelope(SCHEMA, c.case, c.model_sha256),
        "same": c.same,
        "against": list(c.against),
        "missing": list(c.missing),
        "sentences": c.sentences,
        "shingle": SHINGLE,
        "near": NEAR,
        "shortest": SHORTEST,
        "least_shared": SHARED,
        "unjudged_sentences": c.unjudged[0],
        "unjudged_passages": c.unjudged[1],
        "look": [
            {"why": why, "start": s.start, "end": s.end, "words": s.words} for why, s in c.look
        ],
        "passages": [
            {
                "passage": p.passage,
                "document": p.document,
                "share": p.share,
                "start": p.sentence.start,
                "end": p.sentence.end,
                "words": p.sentence.words,
            }
            for p in c.passages
        ],
        "standing": [
            {
                "start": s.sentence.start,
                "end": s.sentence.end,
                "words": s.sentence.words,
                "document": s.document,
                "share": s.share,
            }
            for s in c.standing
        ],
        "differences": [
            {
                "kind": d.kind,
                "start": d.sentence.start,
                "end": d.sentence.end,
                "words": d.sentence.words,
                "voice": d.voice,
                "here": d.here,
                "document": d.document,
                "there_start": d.there_sentence.start,
                "there_end": d.there_sentence.end,
                "there_words": d.there_sentence.words,
                "there_voice": d.there_voice,
                "there": d.there,
                "of": d.of,
                "actors": list(d.actors),
                "passages": list(d.passages),
                "shared": d.shared,
            }
            for d in c.differences
        ],
        "new": [candidate(x) for x in c.new],
    }

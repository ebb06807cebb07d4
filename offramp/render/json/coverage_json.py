"""`coverage --json`: what becomes of each thing that the documents say."""

from __future__ import annotations

from typing import Annotated, TypedDict

from offramp.explain.coverage import Coverage
from offramp.render.json.check_json import DiagnosticJson, diagnostic
from offramp.render.json.envelope import Envelope, envelope

SCHEMA = "offramp.coverage/1"


class RowJson(TypedDict):
    """A row of the listing."""

    id: str
    section: str
    status: str
    carried_by: list[str]
    reason: Annotated[str, "why it is left out"]


class DeadJson(TypedDict):
    """An element that no run reads."""

    element: str
    rows: list[str]
    lost: Annotated[list[str], "rows that nothing else carries"]


class ReadingJson(TypedDict):
    """How much of a document its passages touch."""

    document: str
    state: str
    sentences: int
    touched: int
    characters: int
    in_passages: int


class UntouchedJson(TypedDict):
    """A sentence of which no passage has a character: its first words."""

    start: int
    end: int
    words: str
    stopped: bool


class FaultJson(TypedDict):
    """A passage that the record speaks against."""

    documents: list[str]
    passages: list[str]
    claim: str
    record: str
    source: str
    status: str
    stands: dict[str, str]


class CoverageJson(Envelope):
    """What of the documents is in the model, and why the rest is not."""

    share: float
    carried: int
    only_listed: int
    said_inexpressible: list[str]
    counts: dict[str, int]
    rows: list[RowJson]
    unexplained: list[str]
    dead: list[DeadJson]
    sentences: Annotated[list[ReadingJson] | None, "null where the documents are not at hand"]
    untouched: dict[str, list[UntouchedJson]] | None
    faults: list[FaultJson]
    warnings: list[DiagnosticJson]


def plain(c: Coverage) -> CoverageJson:
    return {
        **envelope(SCHEMA, c.case, c.model_sha256),
        "share": c.share,
        "carried": c.carried,
        "only_listed": c.only_listed,
        "said_inexpressible": list(c.unsaid),
        "counts": c.counts,
        "rows": [
            {
                "id": r.id,
                "section": r.section,
                "status": r.status,
                "carried_by": [str(x) for x in r.carried_by],
                "reason": r.reason,
            }
            for r in c.rows
        ],
        "unexplained": [r.id for r in c.unexplained],
        "dead": [
            {"element": d.element, "rows": list(d.rows), "lost": list(d.lost)} for d in c.dead
        ],
        "sentences": None
        if c.readings is None
        else [
            {
                "document": r.document,
                "state": r.state,
                "sentences": r.sentences,
                "touched": r.touched,
                "characters": r.characters,
                "in_passages": r.in_passages,
            }
            for r in c.readings
        ],
        "untouched": None
        if c.readings is None
        else {
            r.document: [
                {"start": s.start, "end": s.end, "words": s.words, "stopped": s.stopped}
                for s in r.untouched
            ]
            for r in c.readings
        },
        "faults": [
            {
                "documents": list(f.documents),
                "passages": list(f.passages),
                "claim": f.claim,
                "record": f.record,
                "source": f.source,
                "status": f.status,
                "stands": dict(f.stands),
            }
            for f in c.faults
        ],
        "warnings": [diagnostic(d) for d in c.warnings],
    }

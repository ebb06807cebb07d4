"""`sources verify --json`: passages that do not stand where the case says."""

from __future__ import annotations

from typing import Annotated, TypedDict

from offramp.render.json.envelope import Envelope, envelope
from offramp.sources.passages import Finding

SCHEMA = "offramp.verify/1"


class FindingJson(TypedDict):
    """A passage that moved or is orphaned, or a document that is not at hand."""

    passage: str | None
    document: str
    state: str
    start: Annotated[int | None, "where it stands now"]


class VerifyJson(Envelope):
    """Every passage of a case against its document, byte for byte."""

    exact: int
    findings: list[FindingJson]


def plain(case: str, found: tuple[Finding, ...]) -> VerifyJson:
    bad = [f for f in found if not f.valid]
    return {
        **envelope(SCHEMA, case, None),
        "exact": len(found) - len(bad),
        "findings": [
            {
                "passage": f.passage,
                "document": f.document,
                "state": str(f.state.value),
                "start": f.start,
            }
            for f in bad
        ],
    }

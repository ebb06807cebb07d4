"""`evidence --json`: which reports tell between authors."""

from __future__ import annotations

import math
from typing import Annotated, TypedDict

from offramp.explain.diagnosticity import Diagnosticity, Row, sentence
from offramp.render.json.envelope import Date, Envelope, envelope

SCHEMA = "offramp.evidence/1"


class ToldJson(TypedDict):
    """A report."""

    id: str
    what: Annotated[str, "the event or the quantity that it is of"]
    report: str
    source: str
    tells_from: Annotated[Date, "before the row's day where its day is disputed, or decided before"]


class CellJson(TypedDict):
    """What an author's premises made of a row."""

    assessment: str
    log_probability: Annotated[float | None, "nats, given all that was reported before"]
    mc_error: float | None


class RowJson(TypedDict):
    """A day with reports, or a silence between such days."""

    first: Date
    last: Date
    best: Annotated[str, "the author that made it most probable"]
    worst: str
    log_ratio: Annotated[float | None, "of the two, nats; of many authors and noise it is above 0"]
    mc_error: float | None
    tells: Annotated[bool, "it ranks these two, as a Bayes factor does"]
    words: str
    reports: list[ToldJson]
    authors: list[CellJson]


class TotalJson(TypedDict):
    """An author's log evidence of all rows."""

    assessment: str
    title: str
    log_evidence: float | None
    mc_error: float | None
    unmixed: Annotated[str, "why nobody should rank by it; empty where all is well"]


class EvidenceJson(Envelope):
    """Which of the reports known by a day tell between authors, in the order of time."""

    rows: list[RowJson]
    totals: list[TotalJson]


def plain(d: Diagnosticity) -> EvidenceJson:
    return {
        **envelope(SCHEMA, d.case, d.model_sha256, d.seed, d.worlds, d.as_of),
        "rows": [_row(d, r) for r in d.rows],
        "totals": [
            {
                "assessment": n,
                "title": title,
                "log_evidence": _finite(d.totals[n].value),
                "mc_error": _finite(d.totals[n].error),
                "unmixed": d.unmixed.get(n, ""),
            }
            for n, title in d.authors.items()
        ],
    }


def _row(d: Diagnosticity, r: Row) -> RowJson:
    return {
        "first": r.first.isoformat(),
        "last": r.last.isoformat(),
        "best": r.best,
        "worst": r.worst,
        "log_ratio": _finite(r.ratio),
        "mc_error": _finite(r.error),
        "tells": r.tells,
        "words": sentence(d, r),
        "reports": [
            {
                "id": t.id,
                "what": t.what,
                "report": t.report,
                "source": t.source,
                "tells_from": t.first.isoformat(),
            }
            for t in r.reports
        ],
        "authors": [
            {
                "assessment": n,
                "log_probability": _finite(e.value),
                "mc_error": _finite(e.error),
            }
            for n, e in r.logs.items()
        ],
    }


def _finite(x: float) -> float | None:
    """None for what could not be told."""
    return x if math.isfinite(x) else None

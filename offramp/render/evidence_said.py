"""Which reports tell between authors, in words: for a terminal and for a document."""

from __future__ import annotations

from offramp.explain.diagnosticity import Diagnosticity, Row

READING = (
    "log probability in nats of what was reported, given all that was reported before. Silence of "
    "what is followed is a report too. The ratio is that of the outermost two: of many authors it "
    "is above 1 by noise alone, and a row tells where it is beyond its 95% bound and a nat. Who "
    "wrote after a report may have known it."
)
EARLIER = "*: its day is disputed, or it was decided before: earlier rows have part of it."


def told(row: Row) -> str:
    """The reports of a row in words; `*` where one tells on earlier days too."""
    said = (f"{t.report}{'*' if t.first < row.first else ''} ({t.id})" for t in row.reports)
    return "; ".join(said) or "nothing was reported"


def earlier(d: Diagnosticity) -> bool:
    """Whether a report of any row tells on earlier days too."""
    return any(t.first < r.first for r in d.rows for t in r.reports)


def distrusted(name: str, why: str) -> str:
    """Why nobody is to be ranked by the worlds of an author."""
    return f"under {name}: {why}. Rank nobody by it."

"""Which reports tell between authors, in words: for a terminal and for a document."""

from __future__ import annotations

import math

from offramp.explain.diagnosticity import Diagnosticity, Row, needed
from offramp.filter.islands import Estimate

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


def none_tells(d: Diagnosticity) -> str:
    """What is so where no row tells: that nothing does, as far as the worlds are worth enough to
    say so, and else that it is unknown and why."""
    trusted = [n for n in d.authors if n not in d.unmixed]
    lost = " and ".join(d.unmixed)
    if len(trusted) < 2:
        return (
            "It is unknown whether anything that was reported tells the authors apart: the worlds "
            f"under {lost} are not worth enough to rank anybody by"
        )
    unsure = sum(math.isinf(needed(r, d.islands)) for r in d.rows)
    whom = f"any two of {', '.join(trusted)}" if lost else "any two of the authors"
    few = "since too few worlds are left to say"
    if unsure == len(d.rows):
        said = f"It is unknown whether anything that was reported tells {whom} apart, {few}"
    elif unsure:
        rows = f"{len(d.rows) - unsure:,} days and silences"
        said = f"None of {rows} tells {whom} apart; of {unsure:,} more it is unknown, {few}"
    else:
        said = f"Nothing that was reported tells {whom} apart"
    return f"{said}; of {lost} it is unknown, whose worlds are not worth enough" if lost else said


def error(e: Estimate) -> str:
    """`± 0.05`, or that it cannot be told."""
    return f"± {e.error:.2f}" if math.isfinite(e.error) else "(its error cannot be told)"


def earlier(d: Diagnosticity) -> bool:
    """Whether a report of any row tells on earlier days too."""
    return any(t.first < r.first for r in d.rows for t in r.reports)


def distrusted(name: str, why: str) -> str:
    """Why nobody is to be ranked by the worlds of an author."""
    return f"under {name}: {why}. Rank nobody by it."

"""Which reports tell between authors, as a leaflet."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from offramp.answers.wording import day
from offramp.explain.diagnosticity import Diagnosticity, Row, needed, sentence
from offramp.filter.islands import Estimate
from offramp.render.brief.points import Point
from offramp.render.evidence_said import (
    EARLIER,
    READING,
    distrusted,
    earlier,
    error,
    none_tells,
    told,
)
from offramp.render.sheet.leaflet import Leaflet, Section
from offramp.text.diagnostics import counted


def evidence_leaflet(d: Diagnosticity, title: str) -> Leaflet:
    """Each row with what it tells, the most diagnostic first. `title` is that of the case."""
    telling = [r for r in d.ordered if r.tells]
    rest = [r for r in d.ordered if not r.tells]
    parts = (
        ("What tells between them", [_telling(d, r) for r in telling]),
        ("What speaks for nobody", [_silent(d, r) for r in rest]),
        ("Together, in nats of log evidence", list(_totals(d))),
    )
    note = f" {EARLIER}" if earlier(d) else ""
    return Leaflet(
        title=title,
        kicker=f"{title} · the reports known by {day(d.as_of)}, under the premises of "
        f"{counted(len(d.authors), 'author')}",
        headline=_headline(d, telling),
        sections=tuple(Section(head, tuple(points)) for head, points in parts if points),
        reading=f"Figures: {READING} ±: one Monte Carlo error.{note} {d.worlds:,} worlds each in "
        f"{counted(d.islands, 'island')}, seed {d.seed}, model {d.model_sha256[:12]}.",
        command=_command(d),
    )


def _headline(d: Diagnosticity, telling: list[Row]) -> str:
    if not telling:
        return none_tells(d)
    tell = "tells" if len(telling) == 1 else "tell"
    return (
        f"{len(telling)} of {len(d.rows)} days and silences {tell} between authors, most of all "
        f"{_days(telling[0])}"
    )


def _days(row: Row) -> str:
    if row.first == row.last:
        return day(row.first)
    return f"{day(row.first, row.first.year != row.last.year)} to {day(row.last)}"


def _telling(d: Diagnosticity, r: Row) -> Point:
    cells = ", ".join(f"{name} {_nats(e)}" for name, e in r.logs.items())
    return Point(
        f"{_days(r)}: {told(r)}.",
        f"{sentence(d, r)}: {_apart(r)} between them, {needed(r, d.islands):.1f} needed. In nats: "
        f"{cells}.{_source(r)}",
    )


def _silent(d: Diagnosticity, r: Row) -> Point:
    return Point(f"{_days(r)}:", f"{told(r)}; {sentence(d, r)}.{_source(r)}")


def _source(r: Row) -> str:
    sources = "; ".join(dict.fromkeys(t.source for t in r.reports if t.source))
    return f" Source: {sources}." if sources else ""


def _totals(d: Diagnosticity) -> Iterable[Point]:
    for name, title in d.authors.items():
        yield Point(f"{name}:", f"{_nats(d.totals[name])} ({title}).")
    for name, why in d.unmixed.items():
        yield Point("Not mixed:", distrusted(name, why))


def _nats(e: Estimate) -> str:
    return f"{e.value:.2f} {error(e)}"


def _apart(r: Row) -> str:
    return f"{r.ratio:.2f} ± {r.error:.2f} nats"


def _command(d: Diagnosticity) -> str:
    words = ["offramp", "evidence", d.case]
    for name in d.authors:
        words += ["--author", name]
    words += ["--as-of", d.as_of.isoformat(), "--worlds", str(d.worlds), "--seed", str(d.seed)]
    return shlex.join(words)

"""Scenarios as a leaflet: each as a history; or why there are none."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping

from offramp.answers.wording import day, interval, percent, span
from offramp.case.case import Case
from offramp.explain.clusters import Tried
from offramp.explain.scenarios import Scenario, Scenarios, Sign
from offramp.language.crisis import cited
from offramp.render.brief.points import Point
from offramp.render.scenarios_said import MOST, READING, again, ends, happened, sign, verdict
from offramp.render.sheet.leaflet import Leaflet, Section
from offramp.sources.passages import sides
from offramp.text.diagnostics import counted

CITES = 3  # of an event
Cites = tuple[tuple[str, str], ...]


def scenarios_leaflet(s: Scenarios, case: Case) -> Leaflet:
    """Each scenario with its signs, its ends and a world of its middle. `case`: for the passages
    behind an event."""
    title, cites = case.crisis.title, _cites(case)
    under = "" if s.assessment == "case" else f" · under the premises of {s.assessment}"
    known = f"as reported by {day(s.as_of)}" if s.as_of else "without reports"
    parts = [
        ("Why there are none", [Point("", f"{s.refused}.")] if s.refused else []),
        *(part for k, x in enumerate(s.found, 1) for part in _scenario(s, k, x, cites)),
        ("What was looked for", [_tried(t) for t in s.tried]),
    ]
    return Leaflet(
        title=title,
        kicker=f"{title} · whole histories, {span(s.first, s.last)} · {known}{under}",
        headline=_headline(s),
        sections=tuple(Section(head, tuple(points)) for head, points in parts if points),
        reading=f"{READING} Percentages are shares of {s.worlds:,} worlds, with 90% intervals for "
        f"sampling alone; signs were chosen in one half of them and measured in the other. Seed "
        f"{s.seed}, model {s.model_sha256[:12]}.",
        command=_command(s),
    )


def _headline(s: Scenarios) -> str:
    if s.refused:
        return "No scenarios: as far as these worlds show, histories are one cloud"
    shares = [percent(x.share) for x in s.found]
    return (
        f"{counted(len(s.found), 'scenario')}: {', '.join(shares[:-1])} and {shares[-1]} of worlds"
    )


def _scenario(
    s: Scenarios, k: int, x: Scenario, cites: Mapping[str, Cites]
) -> Iterable[tuple[str, list[Point]]]:
    signs = [_sign("Turn", k, t, cites) for t in x.turns]
    signs += [_sign("Early sign", k, t, cites) for t in x.signposts]
    at_end = [
        Point(
            f"At the end, {e.title}:",
            f"{ends(e, e.here)} (10 / 50 / 90% of its worlds); {ends(e, e.anywhere)} of all.",
        )
        for e in x.endings
    ]
    yield f"Scenario {k}: {percent(x.share)} of worlds ({interval(x.interval)})", [*signs, *at_end]
    told = [Point(f"{day(t.day)}:", f"{happened(t)}.") for t in x.told[:MOST]]
    if len(x.told) > MOST:
        told.append(Point("", f"And {counted(len(x.told) - MOST, 'event')} more; --json has all."))
    yield f"A world of its middle, number {x.world} ({again(s, x)})", told


def _sign(kind: str, k: int, t: Sign, cites: Mapping[str, Cites]) -> Point:
    return Point(
        f"{kind}, by {day(t.by)}: {sign(t)}.",
        f"Then scenario {k} in {percent(t.chance)} ({interval(t.interval)}); {percent(t.shown)} of "
        "worlds show it.",
        cites=cites.get(t.event, ()),
    )


def _cites(case: Case) -> dict[str, Cites]:
    """The first passages that each event rests on, with what they say in our words."""
    out = dict[str, Cites]()
    for e in case.crisis.events:
        own = [p for p in sides(cited(e), case.passages) if p in case.passages][:CITES]
        known = [case.passages[p] for p in own]
        out[e.name] = tuple((f"{p.document} {p.id}", p.paraphrase) for p in known)
    return out


def _tried(t: Tried) -> Point:
    return Point(
        f"{t.clusters} clusters: {verdict(t)}.",
        f"The least stable is found again by an index of {min(t.jaccard):.2f}, searches anew agree "
        f"by {t.agreement:.2f}; they explain {percent(t.explained)}, a cloud {percent(t.null)}; "
        f"between the two least apart a dip of {t.gap.dip:.3f}, of {t.gap.needed:.3f} needed.",
    )


def _command(s: Scenarios) -> str:
    words = ["offramp", "scenarios", s.case]
    words += ["--as-of", s.as_of.isoformat()] if s.as_of else []
    words += ["--author", s.assessment] if s.assessment != "case" else []
    words += ["--worlds", str(s.worlds), "--seed", str(s.seed)]
    return shlex.join(words)

"""The key assumptions, as a leaflet."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from offramp.answers.forecast import told
from offramp.answers.wording import day, percent
from offramp.explain.key_assumptions import Assumption, Assumptions
from offramp.render.assumptions_said import moved, name, notes, shared
from offramp.render.brief.points import Point
from offramp.render.sheet.leaflet import Leaflet, Section
from offramp.text.diagnostics import counted

if TYPE_CHECKING:
    from offramp.sources import Passage


def assumptions_leaflet(a: Assumptions, title: str, passages: Mapping[str, Passage]) -> Leaflet:
    """Each assumption with what falls, its source, and who shares it. `title`: of the case."""
    moving = [x for x in a.assumptions if x.largest > 0]
    still = [x for x in a.assumptions if not x.largest]
    asked = [
        Point(
            f"{q.id}: {'no world' if q.probability is None else percent(q.probability)}",
            told(q.text, q.given),
        )
        for q in a.questions
    ]
    parts = [
        ("The answers", asked),
        *((f"{n}. {name(x)}", list(_of(x, passages))) for n, x in enumerate(moving, 1)),
        ("No move above error", [Point("", f"{name(x)} ({x.place})") for x in still]),
        ("How this was found", [Point("", text) for text in notes(a)]),
    ]
    known = f"as reported by {day(a.as_of)}" if a.as_of else "without reports"
    ours = sum(x.ours for x in moving)
    return Leaflet(
        title=title,
        kicker=f"{title} · key assumptions · {known}",
        headline=f"{counted(len(moving), 'assumption')} on which answers lean, {ours} of them ours"
        if moving
        else "No assumption that was taken alone moves an answer beyond its error",
        sections=tuple(Section(head, tuple(points)) for head, points in parts if points),
        reading=f"{a.worlds:,} worlds, seed {a.seed}, model {a.model_sha256[:12]}.",
        command=_command(a),
    )


def _of(x: Assumption, passages: Mapping[str, Passage]) -> Iterable[Point]:
    for s in x.settings:
        if s.why:
            yield Point(f"{s.words}:", f"not known; {s.why}.")
        own = sorted((m for m in s.moves if m.told), key=lambda m: -abs(m.difference))
        if own:
            yield Point(f"{s.words}:", f"{'; '.join(map(moved, own))}.")
    known = [passages[p] for p in x.footing.passages if p in passages]
    cites = tuple((f"{p.document} {p.id}", p.paraphrase) for p in known)
    yield Point("Its source:", f"{x.footing.words}.", ours=x.ours, cites=cites)
    yield Point("As it is written:", f"{x.text} ({x.place}).")
    if who := shared(x):
        yield Point("Authors:", f"{who}.")
    if x.disputed:
        yield Point("The documents disagree on it:", f"{'; '.join(x.disputed)}.")


def _command(a: Assumptions) -> str:
    words = ["offramp", "assumptions", a.case, *(q.id for q in a.questions)]
    words += ["--as-of", a.as_of.isoformat()] if a.as_of else []
    words += ["--most", str(len(a.assumptions)), "--worlds", str(a.worlds), "--seed", str(a.seed)]
    return shlex.join(words)

"""What to watch for, as a leaflet."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from itertools import groupby

from offramp.answers.forecast import told
from offramp.answers.wording import span
from offramp.explain.signposts import AHEAD, Signposts, Watchlist, sentence, told_share
from offramp.explain.visible import Barred
from offramp.render.brief.points import Point
from offramp.render.sheet.leaflet import Leaflet, Section
from offramp.render.watch_said import LEGEND, alarm, collected, figures, no_sign
from offramp.text.diagnostics import counted


def watch_leaflet(s: Signposts, title: str) -> Leaflet:
    """The signs of each question. `title` is that of the case."""
    known = f"as of {s.as_of}" if s.as_of else "without reports"
    whose = f" · under the premises of {s.assessment}" if s.assessment != "case" else ""
    unseen = ("What nobody outside can see", tuple(_barred(s.barred)))
    parts = [*((_asked(w), tuple(_of(w))) for w in s.lists), unseen]
    some = sum(len(w.signs) for w in s.lists)
    return Leaflet(
        title=title,
        kicker=f"{title} · {span(s.first, s.last)} · {known}{whose}",
        headline=f"What to watch for: {counted(some, 'sign')} for {counted(len(s.lists), 'answer')}"
        if some
        else "Nothing that the public sees tells more than luck would",
        sections=tuple(Section(name, points) for name, points in parts if points),
        reading=f"{LEGEND} †: the record of the case does not follow it; somebody must. "
        f"{s.worlds:,} worlds, seed {s.seed}: half of them choose the signs, the figures are of "
        "the other half.",
        command=_command(s),
    )


def _asked(w: Watchlist) -> str:
    return f"{told(w.question.text, w.question.where)} {told_share(w.answer)}"


def _of(w: Watchlist) -> Iterable[Point]:
    if w.note:
        yield Point("", f"{w.note[:1].upper()}{w.note[1:]}.")
        return
    yield Point("", alarm(w))
    for number, sign in enumerate(w.signs, 1):
        mark = "" if sign.sign.seen.followed else " †"
        yield Point(f"{sentence(sign)}{mark}", figures(sign, w, number))
    if not w.signs:
        yield Point(f"Of {counted(w.tried, 'sign')} nothing tells beyond its error.", "")
    for c in w.collect:
        yield Point("To collect on:", f"{collected(c, w)}.")
    yield from _barred(w.barred)


def _barred(barred: Iterable[Barred]) -> Iterable[Point]:
    for why, group in groupby(sorted(barred, key=lambda b: b.why), key=lambda b: b.why):
        yield Point("", no_sign(why, [b.title or b.what for b in group]))


def _command(s: Signposts) -> str:
    words = ["offramp", "watch", s.case, *(w.question.id for w in s.lists)]
    words += ["--as-of", s.as_of.isoformat()] if s.as_of else []
    words += ["--days", str((s.last - s.first).days + 1)]
    words += ["--alarm", f"{s.alarm:g}"] if s.alarm is not None else []
    words += ["--worlds", str(s.worlds // AHEAD), "--seed", str(s.seed)]
    words += ["--author", s.assessment] if s.assessment != "case" else []
    return shlex.join(words)

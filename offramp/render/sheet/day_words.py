"""The words of a day: what was reported, what it changed, what surprised, what is due."""

from __future__ import annotations

import shlex

from offramp.answers.wording import day
from offramp.explain.today import Change, Today
from offramp.render.brief.points import Point
from offramp.render.sheet.leaflet import Leaflet, Section
from offramp.render.today_said import (
    READING,
    asked,
    briefly,
    by,
    factor,
    report,
    share,
    surprise,
    wear,
)
from offramp.text.diagnostics import counted


def day_leaflet(t: Today, title: str) -> Leaflet:
    """A day beside the last time. `title` is that of the case."""
    whose = "" if t.known.assessment == "case" else f" · under the premises of {t.known.assessment}"
    parts = (
        ("What changed", _changes(t)),
        ("What was reported", [Point("", f"{report(r)} ({r.source})") for r in t.reports]),
        ("The model has no event for", [Point("", report(r)) for r in t.outside]),
        ("Told twice?", [Point("", words) for words in t.doubles]),
        ("Edited since", _edits(t)),
        ("How surprising, in nats", [Point(f"{day(s.day)}:", surprise(s)) for s in t.surprises]),
        ("Closed since", [Point("", q.text) for q in t.closed]),
        ("Due within seven days", [Point(f"{day(d.day)}:", d.words) for d in t.due]),
        ("The worlds", [Point("", f"{x[:1].upper()}{x[1:]}.") for x in wear(t).split("\n  ")]),
    )
    p = t.known.posterior
    return Leaflet(
        title=title,
        kicker=f"{title} · {day(t.as_of)}, since {day(t.then)}{whose}",
        headline=headline(t),
        sections=tuple(Section(name, tuple(points)) for name, points in parts if points),
        reading=f"{READING} {p.worlds:,} worlds in {len(p.islands)} islands, seed {p.filter.seed}.",
        command=_command(t),
    )


def headline(t: Today) -> str:
    """What changed, the furthest first; that nothing did, where that is so."""
    if t.known.refused:
        return f"No answers: {t.known.refused}"
    if not t.changes:
        return f"There is no answer of {day(t.then)} to compare with"
    if not t.news:
        return f"No news: none of {counted(len(t.changes), 'answer')} changed beyond its error"
    first = t.news[0]
    more = len(t.news) - 1
    others = f"; and {counted(more, 'more answer')} changed" if more else ""
    return f"{_asked(first)} {_moved(first)}{others}"


def _moved(c: Change) -> str:
    return f"{share(c.then, c.then_error)}, now {share(c.now, c.now_error)}"


def _changes(t: Today) -> list[Point]:
    """Each answer that changed, and what of the day's reports did it."""
    out = []
    for c in t.news:
        sure = c.then in (0.0, 1.0) or c.now in (0.0, 1.0)
        whole = "decided" if c.id in t.known.decided else f"odds x {_times(t, c, sure)}"
        told = [
            f"{by(t, p)}: x {factor(t, p.log_odds, p.error, sure)}" for p in c.parts if t.told(p)
        ]
        quiet = [briefly(t, p) for p in c.parts if not t.told(p)]
        rest = f" No news by itself: {', '.join(quiet)}." if quiet else ""
        did = f" By {'; '.join(told)}." if told else ""
        out.append(Point(_asked(c), f"{_moved(c)} ({whole}).{did}{rest}"))
    if t.news and len(t.changes) > len(t.news):
        others = counted(len(t.changes) - len(t.news), "answer")
        out.append(Point("", f"The other {others}: within their errors, no news."))
    return out


def _asked(c: Change) -> str:
    """The question without its id."""
    return asked(c).split(": ", 1)[1].replace("? - ", "? ")


def _times(t: Today, c: Change, sure: bool) -> str:
    return factor(t, c.log_odds, c.error, sure)


def _edits(t: Today) -> list[Point]:
    """What an edit did to the answers of then, which is in no change."""
    if not t.edits:
        return []
    out = [Point("", f"{'; '.join(t.edits)}.")]
    for c in t.changes:
        if c.edited and c.edit is not None:
            times = factor(t, c.edit.log_odds, c.edit.error)
            out.append(Point(_asked(c), f"odds x {times} by the edit."))
    return out


def _command(t: Today) -> str:
    p = t.known.posterior
    words = ["offramp", "today", t.case, "--as-of", t.as_of.isoformat()]
    words += ["--since", t.then.isoformat(), "--worlds", str(p.worlds)]
    words += ["--seed", str(p.filter.seed)]
    if t.known.assessment != "case":
        words += ["--author", t.known.assessment]
    return shlex.join(words)

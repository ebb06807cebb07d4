"""Scenarios, in words: for a terminal and for a document."""

from __future__ import annotations

from offramp.answers.wording import day, value
from offramp.explain.clusters import STABLE, Tried
from offramp.explain.scenarios import Ending, Scenario, Scenarios, Sign, Told

READING = (
    "Real is what resampled worlds find again and searches anew agree on (both "
    f"{STABLE} at least), what explains more of the differences between histories than in 19 "
    "clouds without clusters, and what has a gap: worlds that were not used to find it have more "
    "of a dip than one cloud shows once in a hundred times."
)
MOST = 32  # events of a world that are told; --json has all


def verdict(t: Tried) -> str:
    """Whether so many clusters are real, and else what they lack."""
    held = (("stable", t.stable), ("more", t.more), ("apart", t.apart))
    lacks = [word for word, holds in held if not holds]
    return "real" if t.real else f"not {', not '.join(lacks) if lacks else 'large enough'}"


def again(s: Scenarios, x: Scenario) -> str:
    """How the world of its middle is told again."""
    if s.as_of is None and s.assessment == "case":
        return f"offramp.replay({s.case!r}, {s.seed}, {x.world})"
    return "--json has its course"


def sign(s: Sign) -> str:
    return s.title if s.seen else f"not: {s.title}"


def ends(e: Ending, points: tuple[float, float, float]) -> str:
    """The 10, 50 and 90% points of a quantity, levels by their names."""
    if e.levels:
        return " / ".join(dict.fromkeys(e.levels[round(p)] for p in points))
    return " / ".join(value(float(f"{p:.2g}"), "") for p in points)


def happened(t: Told) -> str:
    """An event of a world, without its day."""
    who = f"{t.actor}: " if t.actor and t.actor not in t.title else ""
    how = f" ({t.outcome.replace('_', ' ')})" if t.outcome else ""
    more = f"; {t.times - 1} more until {day(t.last)}" if t.times > 1 else ""
    return f"{who}{t.title}{how}{more}"

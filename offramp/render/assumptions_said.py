"""The key assumptions, in words: for a terminal and for a document."""

from __future__ import annotations

import math

from offramp.answers.wording import percent
from offramp.explain.key_assumptions import LEVEL, Assumption, Assumptions, Move
from offramp.sources.estimative import words
from offramp.text.diagnostics import counted

WHOSE = {"stated": "stated", "sized": "size ours", "assumed": "OURS"}


def name(a: Assumption) -> str:
    """`Kelmark: pace, 0.1`; of an unknown its title."""
    if a.value is None:
        return a.title
    unit = {"d": " days", "": ""}.get(a.unit, f" {a.unit}")
    return f"{a.title}: {a.part}, {a.value:g}{unit}"


def shared(a: Assumption) -> str:
    """Which authors have the same value, and what the others have; '' where none may set it."""
    if not a.others:
        return ""
    same = [name for name, said in a.others if not said]
    other = [f"{name} has {said}" for name, said in a.others if said]
    return "; ".join([*([f"shared by {', '.join(same)}"] if same else []), *other])


def moved(m: Move) -> str:
    """`landing 12% to 31% (±1): very unlikely before, unlikely then`."""
    end = ""
    if m.falls == "even chance":
        end = ", across an even chance"
    elif m.falls and m.old is not None and m.new is not None:
        end = f", {words(m.old)} before and {words(m.new)} then"
    return f"{m.question} {m.words} (±{100 * m.error:.1g}){end}"


def notes(a: Assumptions) -> list[str]:
    """What was looked at, how, and what may be missed."""
    pairs = "pairs of worlds" if a.as_of is None else "islands of worlds, each against itself"
    free = "" if a.as_of is None else f"of no reports but counted from {a.as_of} on, "
    said = [
        "A number is wrong when it is half as large again or two thirds as large (days whole, no "
        "start out of bounds), or 0 where that takes an arrow away; an unknown at its 10% or 90% "
        f"point or at one of its values. ±: one error in percentage points, of {pairs}. A move is "
        f"told beyond {a.bound:.1f} errors: were nothing to move anything, {percent(LEVEL)} of "
        "runs would tell one.",
        f"{counted(a.looked_at, 'assumption')} looked at in {a.screened:,} worlds, {free}in which "
        "all were turned at once, at random, on other dice; those that stood out most were taken "
        "alone.",
    ]
    if a.further:
        said.append(
            f"{a.further} more moved an answer there beyond error: --most "
            f"{a.further + len(a.assumptions)} has them."
        )
    if math.isfinite(a.missed):
        said.append(
            f"A move of {math.ceil(100 * a.missed)} points between both values is seen there 19 "
            "times in 20; smaller ones may be missed."
        )
    if a.left:
        said.append(
            f"{counted(a.left, 'number')} were not turned: dates, bounds, seats, probabilities "
            "that sum to 1, and what a form writes. An arrow that is missing is no number: of "
            "that see `offramp claims` and `offramp coverage`."
        )
    return said

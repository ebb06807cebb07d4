"""Where words go in a picture, so that none lies on another."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from offramp.brief.wording import MONTHS, day


def text_width(text: str, size: float) -> float:
    """A generous guess: the reader's font is not known here."""
    return 0.56 * size * len(text)


def shorten(text: str, room: float, size: float) -> str:
    """The text, or as much of it as fits the room, with an ellipsis."""
    letters = max(1, int(room / (0.56 * size)))
    return text if len(text) <= letters else text[: letters - 1].rstrip() + "…"


def wrapped(text: str, room: float, size: float, lines: int) -> str:
    """The text over at most so many lines of the room's width."""
    letters = max(4, int(room / (0.52 * size)))
    return "\n".join(textwrap.wrap(text, letters, max_lines=lines, placeholder=" …"))


def spread(places: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """The places moved as little as needed to lie `gap` apart, in their order, in bounds."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    moved, floor = list(places), low
    for i in order:
        moved[i] = max(moved[i], floor)
        floor = moved[i] + gap
    ceiling = high
    for i in reversed(order):
        moved[i] = min(moved[i], ceiling)
        ceiling = moved[i] - gap
    return moved


_LAST_ROW = 3


@dataclass(frozen=True)
class Flag:
    """A milestone's label: where its line stands, its row above the plot, its words."""

    day: int
    row: int
    words: str


def flags(
    milestones: Sequence[tuple[date, str]], first: date, days: int, width: float, room: float,
    size: float,
) -> list[Flag]:
    """Milestone labels in rows, read from the left.

    A line climbs to its own label's row, so a label sits one row below every earlier label that
    reaches over its line: then no line crosses words. Crowded pictures keep the dates alone, and
    where even these find no room, the line alone.
    """  # fmt: skip
    inside = sorted((m for m in milestones if 0 <= (m[0] - first).days < days), key=lambda m: m[0])
    placed = _place(inside, first, days, width, room, size, named=width > 400)
    if any(flag.row > _LAST_ROW for flag in placed):
        placed = _place(inside, first, days, width, room, size, named=False)
    return placed


def _place(
    milestones: Sequence[tuple[date, str]], first: date, days: int, width: float, room: float,
    size: float, named: bool,
) -> list[Flag]:  # fmt: skip
    placed: list[Flag] = []
    ends: list[float] = []
    for when, title in milestones:
        at = (when - first).days
        x = width * at / max(1, days - 1)
        words = day(when, year=False)
        if named and room - x > 11 * size:
            words = shorten(f"{words}  {title}", room - x - 5, size)
        if placed and placed[-1].day == at and not named:
            continue
        row = 1 + max((f.row for f, end in zip(placed, ends, strict=True) if end > x), default=-1)
        if row > _LAST_ROW and not named:
            placed.append(Flag(at, _LAST_ROW + 1, ""))
            ends.append(x)
            continue
        placed.append(Flag(at, row, words))
        ends.append(x + text_width(words, size) + size)
    return placed


def day_ticks(first: date, days: int, width: float) -> dict[int, str]:
    """Day index to label: months where the span has them, else evenly spaced days."""
    if days < 50:
        step = next(s for s in (1, 2, 5, 7, 14, 28) if days / s * 56 <= width or s == 28)
        return {i: day(first + timedelta(i), year=False) for i in range(0, days, step)}
    starts = [i for i in range(days) if (first + timedelta(i)).day == 1]
    every = next(e for e in (1, 2, 3, 6, 12, 120) if len(starts) / e * 38 <= width or e == 120)
    chosen = [i for i in starts if ((first + timedelta(i)).month - 1) % every == 0]
    return {i: _month(first + timedelta(i), i == chosen[0]) for i in chosen}


def _month(when: date, named_year: bool) -> str:
    name = MONTHS[when.month - 1]
    return f"{name}\n{when.year}" if named_year or when.month == 1 else name

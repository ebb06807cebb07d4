"""Where words go in a picture, so that none lies on another."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from offramp.answers.wording import MONTHS, day


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
    milestones: Sequence[tuple[date, str]],
    first: date,
    days: int,
    width: float,
    room: float,
    size: float,
    as_of: date | None = None,
) -> list[Flag]:
    """Milestone labels in rows, read from the left, for a plot of some width and room for words.

    A line climbs to its own label's row, so a label sits one row below every earlier label that
    reaches over its line: then no line crosses words. Crowded pictures keep the dates alone, and
    where even these find no room, the line alone. `as_of` has a flag too, which says so.
    """
    spots = [((when - first).days, day(when, year=False), title) for when, title in milestones]
    if as_of is not None:
        spots.append(((as_of - first).days, f"as of {day(as_of, year=False)}", ""))
    inside = sorted(spot for spot in spots if 0 <= spot[0] < days)
    scale = width / max(1, days - 1)
    full = [
        (
            at,
            shorten(f"{when}  {title}".rstrip(), left, size)
            if (left := room - at * scale) > 132
            else when,
        )
        for at, when, title in inside
    ]
    placed = _place(full, scale, size)
    if width > 400 and all(flag.words for flag in placed):
        return placed
    return _place(sorted({at: when for at, when, _ in inside}.items()), scale, size)


def _place(spots: Sequence[tuple[int, str]], scale: float, size: float) -> list[Flag]:
    """The rows; what would come lower than the last row goes below it, without words."""
    placed: list[Flag] = []
    ends: list[float] = []
    for at, words in spots:
        over = [f.row for f, end in zip(placed, ends, strict=True) if end > at * scale]
        row = 1 + max(over, default=-1)
        fits = row <= _LAST_ROW
        placed.append(Flag(at, row, words) if fits else Flag(at, _LAST_ROW + 1, ""))
        ends.append(at * scale + (text_width(words, size) + size if fits else 0))
    return placed


def day_ticks(first: date, days: int, width: float) -> dict[int, str]:
    """Day index to label: months where the span has them, else evenly spaced days."""
    if days < 50:
        step = next(s for s in (1, 2, 5, 7, 14, 28) if days / s * 56 <= width or s == 28)
        return {i: day(first + timedelta(i), year=False) for i in range(0, days, step)}
    starts = [i for i in range(days) if (first + timedelta(i)).day == 1]
    every = next(e for e in (1, 2, 3, 6, 12, 120) if len(starts) / e * 38 <= width or e == 120)
    chosen = [i for i in starts if ((first + timedelta(i)).month - 1) % every == 0]
    ticks = {i: MONTHS[(first + timedelta(i)).month - 1] for i in chosen}
    if not chosen or chosen[0] * width / days > 45:
        ticks = {0: day(first, year=False)} | ticks
    years = {i: (first + timedelta(i)).year for i in ticks}
    new = dict.fromkeys(ticks, True) | {b: years[a] != years[b] for a, b in pairwise(ticks)}
    return {i: f"{name}\n{years[i]}" if new[i] else name for i, name in ticks.items()}

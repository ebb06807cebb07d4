"""The map of the turns: the course from left to right, a lane for each who moves, what is dated,
and the windows of the questions. SVG in ink and grey alone."""

from __future__ import annotations

import datetime as dt

from offramp.answers.wording import MONTHS
from offramp.answers.wording import day as written
from offramp.render.brief import svg
from offramp.render.handout.board import Mark
from offramp.render.handout.roles import Handout

WIDE, LEFT, RIGHT = 680, 190, 12
LANE, WINDOW, TOP, DISC = 30, 8, 30, 8
INK, GREY, BAR, LIGHT = "#14222F", "#5B6670", "#9AA3AA", "#D5D8DA"


def words(h: Handout) -> str:
    """What the map shows, for those who do not see it."""
    dated = "; ".join(
        f"{m.number}: {written(m.day)}, {m.title}" + (f" ({m.lane})" if m.lane else "")
        for m in h.calendar
    )
    lanes = "; ".join(
        f"{name}: {free} moves without a condition, {bound} with one"
        for name, free, bound in h.lanes
    )
    return (
        f"Map of the turns from {written(h.first)} to {written(h.last)}. "
        f"Dated: {dated or 'nothing'}. Who moves: {lanes or 'nobody'}. "
        f"Windows of {len(h.questions)} questions."
    )


def turns_map(h: Handout) -> str:
    """The picture as an SVG."""
    lanes = ["", *(name for name, _, _ in h.lanes)]
    bottom = TOP + LANE * len(lanes)
    high = bottom + 26 + WINDOW * len(h.questions) + 8
    drawn = list[str]()
    for x, label in _ticks(h):
        drawn.append(svg.line(x, TOP - 6, x, high - 6, LIGHT, 0.7))
        drawn.append(svg.text(x + 2, TOP - 14, label, 10, GREY))
    moves = {name: (free, bound) for name, free, bound in h.lanes}
    for k, lane in enumerate(lanes):
        middle = TOP + LANE * k + LANE / 2
        drawn.append(svg.line(LEFT, middle, WIDE - RIGHT, middle, GREY if lane else INK, 0.8))
        drawn.append(svg.text(0, middle - 5, _short(lane or "The calendar"), 10, INK, weight=700))
        if lane:
            free, bound = moves[lane]
            drawn.append(svg.text(0, middle + 7, f"moves: {free} open, {bound} if …", 9, GREY))
        drawn += _marks(h, [m for m in h.calendar if _lane(m, moves) == lane], middle)
    if h.questions:
        drawn.append(svg.text(0, bottom + 14, "Windows of the questions", 10, INK, weight=700))
    for k, q in enumerate(h.questions):
        y = bottom + 20 + WINDOW * k
        begin, end = _place(h, max(q.first, h.first)), _place(h, min(q.last, h.last))
        drawn.append(svg.rect(begin, y, max(2.0, end - begin), 3, BAR))
        drawn.append(svg.text(LEFT - 6, y + 2, str(k + 1), 7, GREY, "end"))
    return svg.picture(WIDE, high, words(h), drawn, "#FFFFFF")


def _lane(m: Mark, moves: dict[str, tuple[int, int]]) -> str:
    return m.lane if m.lane in moves else ""


def _marks(h: Handout, marks: list[Mark], y: float) -> list[str]:
    """Numbered discs; one that would cover the last stands beside it."""
    out, last = list[str](), -1e9
    for m in marks:
        x = max(_place(h, m.day), last + 2 * DISC + 1)
        last = x
        out.append(svg.rect(x - DISC, y - DISC, 2 * DISC, 2 * DISC, INK, rounded=DISC))
        out.append(svg.text(x, y, str(m.number), 10, "#FFFFFF", "middle", 700))
    return out


def _place(h: Handout, day: dt.date) -> float:
    share = (day - h.first).days / max(1, (h.last - h.first).days)
    return LEFT + share * (WIDE - LEFT - RIGHT)


def _ticks(h: Handout) -> list[tuple[float, str]]:
    """The first day, and the first of each month; each other one in a long course."""
    months = [
        dt.date(year, month, 1)
        for year in range(h.first.year, h.last.year + 1)
        for month in range(1, 13)
        if h.first < dt.date(year, month, 1) <= h.last
    ]
    step = -(-len(months) // 12) if months else 1
    near = [d for d in months[::step] if _place(h, d) > LEFT + 40]
    return [
        (_place(h, h.first), written(h.first, False)),
        *((_place(h, d), MONTHS[d.month - 1]) for d in near),
    ]


def _short(words: str, most: int = 32) -> str:
    return words if len(words) <= most else words[: most - 1] + "…"

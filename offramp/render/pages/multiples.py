"""A room's run as small pictures: the course of its quantities, and when its events happen.

Bands hold 80 and 50% of worlds around the median, ladders are shares of worlds by level, flags the
share of worlds in which they are up. Below stand the events: a bar a month, the share of worlds in
which each happened in that month.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from offramp.answers.wording import MONTHS, day, percent
from offramp.engine.by_value import ByValue
from offramp.engine.ensemble import Band
from offramp.render.brief import bands, dots, svg, theme
from offramp.render.brief.bands import Floats
from offramp.render.brief.labels import day_ticks, shorten, spread, wrapped
from offramp.render.pages.phrases import level_words

WIDTH, MARGIN = 980.0, 14.0
PANEL, HEAD, FOOT, TALL = 462.0, 26.0, 26.0, 110.0
LEFT, RIGHT = 42.0, 152.0
NAMES, TOTAL, ROW = 330.0, 60.0, 31.0


@dataclass(frozen=True, eq=False)
class Course(ByValue):
    """A quantity over the days. `levels` for ladders; `quantiles` (days, 5) for what has a scale:
    the 10, 25, 50, 75 and 90% points; `shares` (days, levels) for ladders and flags. `days` are
    the days of their rows, counted from the first; `bounds` the ends of the quantity's scale."""

    title: str
    unit: str
    kind: str
    levels: tuple[str, ...]
    quantiles: Floats | None
    shares: Floats | None
    days: tuple[int, ...]
    bounds: tuple[float, float] = (0.0, 1.0)


@dataclass(frozen=True)
class Counted:
    """An event: the share of worlds in which it happened, a month each and in all."""

    title: str
    months: tuple[float, ...]
    ever: float


def course(band: Band, kind: str, unit: str) -> Course:
    """The course of a band of an ensemble: every day."""
    days = tuple(range(len(band.counts)))
    if kind == "ladder":
        names = tuple(level_words(level) for level in band.levels)
        return Course(
            title=band.title,
            unit=unit,
            kind=kind,
            levels=names,
            quantiles=None,
            shares=bands.rung_shares(band),
            days=days,
        )
    if kind == "flag":
        shares = band.counts / band.counts.sum(axis=1, keepdims=True)
        return Course(
            title=band.title,
            unit=unit,
            kind=kind,
            levels=("no", "yes"),
            quantiles=None,
            shares=shares,
            days=days,
        )
    found = np.stack([_quantiles(counts, band) for counts in band.counts])
    return Course(
        title=band.title, unit=unit, kind=kind, levels=(), quantiles=found, shares=None, days=days
    )


def sampled(title: str, unit: str, values: Floats, days: Sequence[int]) -> Course:
    """The course from the values themselves, an array (worlds, days), on some days only."""
    found: Floats = np.quantile(values, _POINTS, axis=0, method="inverted_cdf").T
    return Course(
        title=title,
        unit=unit,
        kind="stock",
        levels=(),
        quantiles=found,
        shares=None,
        days=tuple(days),
    )


def told(c: Course, first: date) -> str:
    """A course in words, for a reader who does not see it: where it begins and ends, and what is
    most on the way."""
    name = f"{c.title} ({c.unit})" if c.unit else c.title
    if c.shares is not None:
        levels = list(enumerate(c.levels))[1 if c.kind == "flag" else 0 :]
        parts = [
            f"{level} {percent(float(x[0]))} to {percent(float(x[-1]))}{_most(x, c.days, first)}"
            for i, level in levels
            if (x := c.shares[:, i]).max() >= 0.005
        ]
        return f"{name}, share of worlds from the first day to the last: {'; '.join(parts)}"
    if c.quantiles is None:
        return name
    middle = c.quantiles[:, 2]
    wide = float(c.quantiles.max() - c.quantiles.min())
    begin, end = (_short(float(x), wide) for x in (middle[0], middle[-1]))
    low, high = (_short(float(x), wide) for x in (c.quantiles[-1, 0], c.quantiles[-1, 4]))
    words = f"{name}, median {begin} to {end}, eight worlds in ten at last between {low} and {high}"
    for way, at in (("highest", int(middle.argmax())), ("lowest", int(middle.argmin()))):
        value = _short(float(middle[at]), wide)
        if value not in (begin, end):
            words += f", {way} on {day(first + timedelta(c.days[at]))} ({value})"
    return words


def _most(x: Floats, days: Sequence[int], first: date) -> str:
    """`, most on 8 Jan 2020 (31%)`, where that is neither the first day nor the last."""
    at = int(x.argmax())
    if percent(float(x[at])) == percent(max(float(x[0]), float(x[-1]))):
        return ""
    return f", most on {day(first + timedelta(days[at]))} ({percent(float(x[at]))})"


_POINTS = (0.1, 0.25, 0.5, 0.75, 0.9)


def _quantiles(counts: np.ndarray, band: Band) -> Floats:
    """A bin's worlds are spread evenly over its width."""
    below = np.concatenate([[0], np.cumsum(counts)]).astype(float)
    edges = band.low + (band.high - band.low) * (np.arange(len(below)) - 0.5) / (len(counts) - 1)
    values: Floats = np.interp(
        np.asarray(_POINTS) * below[-1], below, np.clip(edges, band.low, band.high)
    )
    return values


def multiples(
    courses: Sequence[Course], counted: Sequence[Counted], first: date, days: int, words: str
) -> str:
    """All panels as one SVG."""
    marks, y = list[str](), MARGIN
    for i, each in enumerate(courses):
        x = MARGIN + (i % 2) * (WIDTH - 2 * MARGIN - PANEL)
        marks += _panel(each, x, y, first, days)
        if i % 2 == 1 or i == len(courses) - 1:
            y += HEAD + TALL + FOOT + 14
    if courses:
        marks += _key(y)
        y += 26
    if counted:
        marks += _bars(counted, y, first, days)
        y += 22 + ROW * len(counted) + 12
    return svg.picture(WIDTH, y + 4, words, marks)


def _panel(c: Course, x: float, y: float, first: date, days: int) -> list[str]:
    unit = f" ({c.unit})" if c.unit else ""
    marks = [svg.text(x, y + 9, shorten(c.title + unit, PANEL, 12), 13, weight=700)]
    left, right = x + LEFT, x + PANEL - RIGHT
    top, bottom = y + HEAD, y + HEAD + TALL
    for d, t in day_ticks(first, days, right - left).items():
        at = left + d * (right - left) / max(1, days - 1)
        marks.append(svg.line(at, bottom, at, bottom + 4, theme.MUTED))
        marks.append(svg.text(at, bottom + 13, t.split("\n")[0], 11, theme.MUTED, "middle"))
    if c.shares is not None:
        marks += _stack(c, c.shares, _across(c, days, left, right), top, bottom)
    elif c.quantiles is not None:
        marks += _fan(c.quantiles, _across(c, days, left, right), top, bottom, c.bounds)
    marks.append(svg.line(left, bottom, right, bottom, theme.MUTED))
    return marks


def _across(c: Course, days: int, left: float, right: float) -> list[float]:
    """Where the rows of a course stand between two edges."""
    return [left + d * (right - left) / max(1, days - 1) for d in c.days]


def _fan(
    q: Floats, xs: Sequence[float], top: float, bottom: float, bounds: tuple[float, float]
) -> list[str]:
    (low, high), left, right = _scale(q, bounds), xs[0], xs[-1]

    def up(v: float) -> float:
        return bottom - (v - low) / (high - low) * (bottom - top)

    marks = []
    for v in dots.round_values(low, high):
        if low <= v <= high:
            marks.append(svg.line(left, up(v), right, up(v), theme.LINE))
            marks.append(svg.text(left - 6, up(v), _short(v, high - low), 11, theme.MUTED, "end"))
    for (a, b), colour in (((0, 4), theme.FAN[1][1]), ((1, 3), theme.FAN[3][1])):
        marks.append(
            svg.area([(x, up(r[b]), up(r[a])) for x, r in zip(xs, q, strict=True)], colour)
        )
    marks.append(svg.polyline([(x, up(r[2])) for x, r in zip(xs, q, strict=True)], theme.INK, 2))
    ends = spread([up(v) for v in (q[-1, 4], q[-1, 2], q[-1, 0])], 13, top, bottom)
    for at, v, name in zip(
        ends, (q[-1, 4], q[-1, 2], q[-1, 0]), ("90%", "median", "10%"), strict=True
    ):
        bold = 700 if name == "median" else 400
        marks.append(
            svg.text(right + 7, at, f"{name}: {_short(float(v), high - low)}", 11, weight=bold)
        )
    return marks


def _scale(q: Floats, bounds: tuple[float, float]) -> tuple[float, float]:
    """The ends of the scale: the quantity's bounds, or closer where worlds use little of it."""
    low, high = float(q.min()), float(q.max())
    air = 0.08 * (high - low) or 0.05 * max(1.0, abs(high))
    low, high = max(bounds[0], low - air), min(bounds[1], high + air)
    if bounds == (0.0, 1.0) and high - low > 0.35:
        return bounds
    if bounds[0] == 0.0 and low < 0.35 * high:
        low = 0.0
    return (low, high) if high > low else (low, low + 1.0)


def _short(v: float, span: float) -> str:
    """With as many decimals as a scale of that span shows."""
    text = f"{v:,.{0 if span >= 50 else 1 if span >= 5 else 2}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text.replace("-", "−")


def _stack(c: Course, shares: Floats, xs: Sequence[float], top: float, bottom: float) -> list[str]:
    """Shares of worlds, lowest level at the bottom; each level's last share at the right."""
    left, right, tall = xs[0], xs[-1], bottom - top
    colours = _colours(len(c.levels))
    upper = shares.cumsum(axis=1)
    marks = []
    for i, colour in enumerate(colours):
        strip = [
            (x, bottom - tall * float(u[i]), bottom - tall * float(u[i] - s[i]))
            for x, u, s in zip(xs, upper, shares, strict=True)
        ]
        marks.append(svg.area(strip, colour))
        if i:
            marks.append(svg.polyline([(x, b) for x, _, b in strip], theme.PAPER, 0.7))
    for v in (0.0, 0.5, 1.0):
        marks.append(svg.text(left - 6, bottom - tall * v, f"{v:.0%}", 11, theme.MUTED, "end"))
    last = shares[-1].tolist()
    ever = [i for i in range(len(last)) if shares[:, i].max() >= 0.005]
    middles = [bottom - tall * (sum(last[:i]) + last[i] / 2) for i in ever]
    gap = min(13.0, (tall + 20) / max(1, len(ever)))
    turned = spread([-m for m in middles], gap, -bottom - 4, -top + 8)
    for i, middle, at in zip(ever, middles, [-t for t in turned], strict=True):
        marks.append(svg.line(right + 1, middle, right + 9, at, theme.MUTED, 0.7))
        marks.append(svg.rect(right + 10, at - 4.5, 9, 9, colours[i], theme.MUTED, thick=0.6))
        words = f"{percent(last[i])} {c.levels[i]}"
        marks.append(svg.text(right + 23, at, shorten(words, RIGHT - 14, 10.5), 11))
    return marks


def _colours(levels: int) -> list[str]:
    """Light to dark, so that grey keeps the order; red is left to the ladder of war."""
    return ["#E9ECEB", theme.DOT] if levels == 2 else [*theme.rung_colours(levels + 1)[:-1]]


def _key(y: float) -> list[str]:
    marks, x = list[str](), MARGIN
    for colour, words in ((theme.FAN[1][1], "80% of worlds"), (theme.FAN[3][1], "50% of worlds")):
        marks.append(svg.rect(x, y - 5, 22, 10, colour))
        marks.append(svg.text(x + 28, y, words, 11, theme.MUTED))
        x += 130
    marks.append(svg.line(x, y, x + 22, y, theme.INK, 2))
    words = "median world of each day; strips: share of worlds at each level"
    marks.append(svg.text(x + 28, y, words, 11, theme.MUTED))
    return marks


def months(first: date, days: int) -> tuple[tuple[int, int], ...]:
    """First and last day of each calendar month within the crisis, counted from its first day."""
    starts = [d for d in range(days) if d == 0 or (first + timedelta(d)).day == 1]
    ends = [*[d - 1 for d in starts[1:]], days - 1]
    return tuple(zip(starts, ends, strict=True))


def _bars(counted: Sequence[Counted], y: float, first: date, days: int) -> list[str]:
    starts = [first + timedelta(a) for a, _ in months(first, days)]
    left = MARGIN + NAMES
    step = (WIDTH - 2 * MARGIN - NAMES - TOTAL) / len(starts)
    head = "Share of worlds in which it happened"
    marks = [svg.text(MARGIN, y + 8, head, 13, weight=700)]
    for i, start in enumerate(starts):
        marks.append(
            svg.text(
                left + step * (i + 0.5), y + 8, MONTHS[start.month - 1], 11, theme.MUTED, "middle"
            )
        )
    whole = left + step * len(starts)
    marks.append(svg.text(whole + TOTAL, y + 8, "in all", 11, theme.MUTED, "end"))
    y += 22
    for k, each in enumerate(counted):
        top = y + ROW * k
        marks.append(svg.line(MARGIN, top + ROW, WIDTH - MARGIN, top + ROW, theme.LINE))
        words = wrapped(each.title, NAMES - 6, 12, 2).split("\n")
        marks += svg.lines(MARGIN, top + ROW / 2 + 1, words, 12, 13)
        for i, share in enumerate(each.months):
            if share == 0:
                continue
            height, x = max(0.8, (ROW - 14) * share), left + step * i
            marks.append(svg.rect(x + 3, top + ROW - height, step - 6, height, theme.DOT))
            if share >= 0.005:
                at = top + ROW - height - 6
                marks.append(svg.text(x + step / 2, at, percent(share), 10, theme.MUTED, "middle"))
        at = top + ROW / 2 + 1
        marks.append(svg.text(whole + TOTAL, at, percent(each.ever), anchor="end", weight=700))
    return marks

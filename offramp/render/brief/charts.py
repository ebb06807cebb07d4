"""The three pictures: the fan over the ladder, the shares of its rungs, the quantile dotplot.

Each takes plain values and gives an Altair chart of a fixed outer size, with what it shows in
words as its description; `to_svg` draws it offline. Days are drawn as numbers, never as times,
so that no machine's time zone moves a line.
"""

from __future__ import annotations

import hashlib
import html
import math
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import altair as alt
import vl_convert

from offramp.answers.spread import known
from offramp.answers.wording import percent, value
from offramp.render.brief import bands, describe, dots, theme
from offramp.render.brief.labels import Flag, day_ticks, flags, shorten, spread, text_width, wrapped

if TYPE_CHECKING:
    from offramp.answers.forecast import QuantityAnswer
    from offramp.engine.ensemble import Ensemble

Span = tuple[date, date]  # the first and the last day on which something may have been

_SIZE = 12
"""Of letters, in pixels; all room for words is reckoned from it."""

_ROW = 16
_FOOT = 42
_NARROW = 500
_WORLDS_SHOWN = 6
_DOT, _COLUMN = 14, 19


def fan(
    ensemble: Ensemble,
    milestones: Sequence[tuple[date, str]] = (),
    width: int = 940,
    height: int = 420,
    as_of: date | None = None,
    lived: Sequence[Span] = (),
    games: Sequence[Sequence[float]] = (),
) -> alt.LayerChart:
    """The ladder over time: median, central 50, 80, 90 and 98% of worlds, a few single worlds. Of
    worlds conditioned on reports, a line on the day as of which they are, and at the foot a mark on
    the day of each report (`lived`), or a bar over the days between which it lies. `games`: the
    evenings of worlds that were played, as dark lines in place of single worlds and median."""
    _, band = bands.ladder(ensemble)
    rungs = len(band.levels)
    frame = _frame(width, max(height, 30 * rungs + 100), band.levels, names_left=True)
    marked = flags(
        milestones, ensemble.first, ensemble.days, frame.plot, frame.beyond, _SIZE, as_of
    )
    today = (as_of - ensemble.first).days if as_of else None
    frame.head = 8 + _ROW * (1 + max((f.row for f in marked), default=-1))
    layers = [
        *_rungs(frame, band.levels),
        *_bands(ensemble),
        *(
            _played(ensemble, games)
            if games
            else [
                *_worlds(ensemble, 3 if width < _NARROW else _WORLDS_SHOWN),
                *_median(frame, ensemble),
            ]
        ),
        *_reports(frame, ensemble, lived),
        *_milestones(frame, marked, today),
    ]
    words = describe.fan(ensemble, as_of, bool(lived)) + describe.played(ensemble, games)
    return _over_days(layers, frame, ensemble, (-0.5, rungs - 0.5), words)


def shares(
    ensemble: Ensemble, width: int = 940, height: int = 220, as_of: date | None = None
) -> alt.LayerChart:
    """The share of worlds on each rung, day by day, lowest rung at the bottom; a line on the day
    as of which worlds lived reports."""
    _, band = bands.ladder(ensemble)
    height = max(height, 15 * len(band.levels) + 60)
    frame = _frame(width, height, band.levels, names_left=False)
    share = bands.rung_shares(band)
    upper = share.cumsum(axis=1)
    layers = [
        _area(upper[:, i] - share[:, i], upper[:, i]).mark_area(
            color=colour, stroke=theme.PAPER, strokeWidth=0.6
        )
        for i, colour in enumerate(theme.rung_colours(len(band.levels)))
    ]
    axis = [{"x": 0, "y": y, "t": f"{y:.0%}"} for y in (0, 0.5, 1)]
    layers.append(_text(axis, align="right", dx=-8, color=theme.MUTED))
    layers += _share_labels(frame, band.levels, share[-1].tolist())
    if as_of is not None:
        today = _chart([{"x": (as_of - ensemble.first).days}])
        ends = {"y": alt.value(0), "y2": alt.value(frame.plot_height)}
        layers.append(today.mark_rule(color=theme.INK, strokeWidth=1.4).encode(x=_x(), **ends))
    return _over_days(layers, frame, ensemble, (0, 1), describe.shares(ensemble, as_of))


def dotplot(quantity: QuantityAnswer, worlds: int, width: int = 340) -> alt.LayerChart:
    """Twenty dots, each one world in twenty; hollow dots are worlds that give no value."""
    counted = worlds if quantity.worlds is None else quantity.worlds
    values, missing = dots.quantile_dots(known(quantity), counted)
    plot = width - 24.0 - (50 if missing else 0)
    low, high = dots.span_of(values)
    columns = dots.stack([(v - low) / (high - low) for v in values], _COLUMN / plot)
    tallest = max(missing, 3, *columns.values())
    size = min(_DOT, 130 / tallest)
    ticks = [
        {"x": (v - low) / (high - low), "y": -0.6, "t": t}
        for v, t in _value_ticks(low, high, quantity.unit, plot if values else 0)
    ]
    layers = [
        _dots(columns).mark_circle(size=_disc(size - 1), color=theme.DOT, opacity=1),
        _chart([{"x": 0, "y": -0.6, "x2": 1}])
        .mark_rule(color="#B9AE9A")
        .encode(x=_x(), y=_y(), x2="x2"),
        _text(ticks, dy=14, color=theme.MUTED),
    ]
    if missing:
        apart = 1 + 34 / plot
        rings = _dots({apart: missing})
        layers.append(rings.mark_point(size=_disc(size - 3), color=theme.MUTED, opacity=1))
        layers.append(_text([{"x": apart, "y": -0.6, "t": "none"}], dy=14, color=theme.MUTED))
    ground = _ground((0, 1), (-0.6, tallest - 0.6))
    sides = {"left": 12.0, "right": width - 12 - plot, "top": 4.0, "bottom": 40.0}
    words = describe.dotplot(quantity, worlds)
    return _sized([ground, *layers], plot, tallest * size, sides, words)


def to_svg(chart: alt.LayerChart, font: str = theme.SANS) -> str:
    """The chart as one SVG picture with its description as text for those who do not see it.

    Ids carry a hash of the drawing, so that several pictures can stand in one page.
    """
    svg = vl_convert.vegalite_to_svg(chart.to_dict(), config={"font": font}, allowed_base_urls=[])
    svg = re.sub(r' (?:role|aria-[a-z]+|class|pointer-events|xmlns:xlink)="[^"]*"', "", svg)
    mark = hashlib.sha256(svg.encode()).hexdigest()[:8]
    svg = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>c{mark}-", svg)
    words = html.escape(str(chart.description))
    return svg.replace("<svg ", f'<svg role="img" aria-label="{words}" ', 1)


# The parts of the fan and of the shares.


class _Frame:
    """A picture's outer size and its margins; `head` is the room for milestone labels."""

    def __init__(self, width: int, height: int, left: float, right: float) -> None:
        self.height, self.left, self.right, self.head = height, left, right, 8
        self.plot = width - left - right
        self.beyond = width - left - 4

    @property
    def plot_height(self) -> float:
        return self.height - self.head - _FOOT


def _frame(width: int, height: int, names: Sequence[str], names_left: bool) -> _Frame:
    """Margins for the names. A wide fan and wide shares have the same, so that days line up."""
    widest = max(text_width(name, _SIZE) for name in names)
    if width >= _NARROW:
        return _Frame(width, height, min(widest, 118) + 14, min(max(widest + 54, 90), 190))
    if names_left:
        return _Frame(width, height, min(widest, 76) + 14, 54)
    return _Frame(width, height, 42, min(widest + 54, 150))


def _rungs(frame: _Frame, levels: Sequence[str]) -> list[alt.Chart]:
    """Rung names at the left, a line between rungs, the top rung faintly tinted."""
    top = len(levels) - 1
    lines = 2 if frame.plot_height > 28 * len(levels) else 1
    names = [
        {"x": 0, "y": i, "t": wrapped(name, frame.left - 12, _SIZE, lines)}
        for i, name in enumerate(levels)
    ]
    edges = [{"y": i + 0.5} for i in range(-1, top + 1)]
    across = {"x": alt.value(0), "x2": alt.value(frame.plot)}
    tint = _chart([{"y": top - 0.5, "y2": top + 0.5}]).mark_rect(color=theme.RUST, opacity=0.07)
    return [
        tint.encode(y=_y(), y2="y2", **across),
        _chart(edges).mark_rule(color=theme.LINE, strokeWidth=1).encode(y=_y(), **across),
        _text(names[:-1], align="right", dx=-10, color=theme.INK),
        _text(names[-1:], align="right", dx=-10, color=theme.RUST, fontWeight=600),
    ]


def _bands(ensemble: Ensemble) -> list[alt.Chart]:
    _, band = bands.ladder(ensemble)
    layers = []
    for share, colour in theme.FAN:
        low, high = bands.rung_quantiles(band, [(1 - share) / 2, (1 + share) / 2]).T
        layers.append(_area(low, high).mark_area(color=colour))
    return layers


def _worlds(ensemble: Ensemble, most: int) -> list[alt.Chart]:
    """A few single worlds, so that nobody takes the smooth bands for a path."""
    key, band = bands.ladder(ensemble)
    told = [story.series[key] for story in ensemble.stories if key in story.series]
    return [
        _line(bands.in_rungs(band, path)).mark_line(color=theme.INK, strokeWidth=0.7, opacity=0.34)
        for path in told[:most]
    ]


def _played(ensemble: Ensemble, games: Sequence[Sequence[float]]) -> list[alt.Chart]:
    """The courses of games, and a name where they end; thinner where there are several."""
    _, band = bands.ladder(ensemble)
    paths = [bands.in_rungs(band, game) for game in games]
    one = len(paths) == 1
    name = "this game" if one else "the games"
    end = [{"x": max(len(p) for p in paths) - 1, "y": float(paths[0][-1]), "t": name}]
    style = {"strokeWidth": 2.2} if one else {"strokeWidth": 1.1, "opacity": 0.6}
    return [
        *(_line(path).mark_line(color=theme.INK, strokeJoin="round", **style) for path in paths),
        _text(end, align="left", dx=8, color=theme.INK),
    ]


def _median(frame: _Frame, ensemble: Ensemble) -> list[alt.Chart]:
    """The median line, and at its end what it and the 90% band are called."""
    _, band = bands.ladder(ensemble)
    low, middle, high = bands.rung_quantiles(band, [0.05, 0.5, 0.95]).T
    gap = 14 * len(band.levels) / frame.plot_height
    ends = [float(edge[-1]) for edge in (low, middle, high)]
    names = [
        {"x": max(1, ensemble.days - 1), "y": y, "t": t}
        for y, t in zip(
            spread(ends, gap, -0.4, len(band.levels) - 0.6), ("5%", "median", "95%"), strict=True
        )
    ]
    return [
        _line(middle.tolist()).mark_line(color=theme.INK, strokeWidth=2.2, strokeJoin="round"),
        _text(names, align="left", dx=8, color=theme.INK),
    ]


def _reports(frame: _Frame, ensemble: Ensemble, lived: Sequence[Span]) -> list[alt.Chart]:
    """At the foot of the plot a tick on a report's day, or a bar over days that are as likely."""
    days = [((a - ensemble.first).days, (b - ensemble.first).days) for a, b in lived]
    foot = frame.plot_height
    ticks = [{"x": a} for a, b in days if a == b]
    bars = [{"x": a, "x2": b} for a, b in days if a != b]
    layers = []
    if ticks:
        ends = {"y": alt.value(foot - 9), "y2": alt.value(foot)}
        layers.append(
            _chart(ticks)
            .mark_rule(color=theme.INK, strokeWidth=1.4, opacity=0.8)
            .encode(x=_x(), **ends)
        )
    if bars:
        level = alt.value(foot - 4)
        line = _chart(bars).mark_rule(color=theme.INK, strokeWidth=2.6, opacity=0.35)
        layers.append(line.encode(x=_x(), x2="x2", y=level))
    return layers


def _milestones(frame: _Frame, marked: Sequence[Flag], today: int | None) -> list[alt.Chart]:
    """Dashed rust lines, each climbing to its date and words above the plot; that of today, as of
    which worlds lived reports, is whole and dark."""
    layers = []
    for flag in marked:
        y = _ROW * flag.row - frame.head + 10
        at = _chart([{"x": flag.day, "t": flag.words}])
        now = flag.day == today
        style = {"strokeWidth": 1.6} if now else {"strokeDash": [3, 3], "opacity": 0.85}
        colour = theme.INK if now else theme.RUST
        line = at.mark_rule(**{"color": colour, "strokeWidth": 1, **style})
        words = at.mark_text(align="left", dx=5, fontSize=_SIZE, color=colour)
        ends = {"y": alt.value(y - 5), "y2": alt.value(frame.plot_height)}
        layers += [line.encode(x=_x(), **ends), words.encode(x=_x(), y=alt.value(y), text="t:N")]
    return layers


def _share_labels(frame: _Frame, levels: Sequence[str], last: list[float]) -> list[alt.Chart]:
    """Share and rung beside the right edge, moved apart, each tied to its area by a hair line."""
    tall = frame.plot_height
    middles = [sum(last[:i]) + share / 2 for i, share in enumerate(last)]
    places = spread(middles, 15 / tall, 6 / tall, 1 - 6 / tall)
    layers = []
    for name, share, middle, place in zip(levels, last, middles, places, strict=True):
        war = name == levels[-1]
        colour = theme.RUST if war else theme.INK
        words = f"{percent(share)}  {shorten(name, frame.right - 42, _SIZE)}"
        tie = _chart([{}]).mark_rule(color=colour, strokeWidth=0.7, opacity=0.6)
        label = _chart([{"t": words}]).mark_text(
            align="left", fontSize=_SIZE, color=colour, fontWeight=600 if war else 400
        )
        start, end = alt.value(tall * (1 - middle)), alt.value(tall * (1 - place))
        x, x2 = alt.value(frame.plot + 1), alt.value(frame.plot + 9)
        layers.append(tie.encode(x=x, x2=x2, y=start, y2=end))
        layers.append(label.encode(x=alt.value(frame.plot + 12), y=end, text="t:N"))
    return layers


def _over_days(
    layers: list[alt.Chart], frame: _Frame, ensemble: Ensemble, y: tuple[float, float], words: str
) -> alt.LayerChart:
    """Layers over the days, with day or month labels below."""
    for d, t in day_ticks(ensemble.first, ensemble.days, frame.plot).items():
        label = _chart([{"x": d, "t": t}]).mark_text(
            fontSize=_SIZE, color=theme.MUTED, lineBreak="\n", align="center" if d else "left"
        )
        layers.append(label.encode(x=_x(), y=alt.value(frame.plot_height + 16), text="t:N"))
    ground = _ground((0, max(1, ensemble.days - 1)), y)
    sides = {"left": frame.left, "right": frame.right, "top": frame.head, "bottom": _FOOT}
    return _sized([ground, *layers], frame.plot, frame.plot_height, sides, words)


# The parts of any picture.


def _sized(
    layers: list[alt.Chart], width: float, height: float, sides: Mapping[str, float], words: str
) -> alt.LayerChart:
    chart: alt.LayerChart = (
        alt.layer(*layers)
        .properties(
            width=width,
            height=height,
            padding=dict(sides),
            description=words,
            autosize=alt.AutoSizeParams(type="none"),
        )
        .configure(aria=False, background="transparent")
        .configure_view(stroke=None)
    )
    return chart


def _ground(x: tuple[float, float], y: tuple[float, float]) -> Any:
    """An empty layer that fixes the scales which the other layers share."""
    across, up = (alt.Scale(domain=list(d), nice=False, zero=False) for d in (x, y))
    return _chart([{}]).mark_point(opacity=0).encode(x=_x().scale(across), y=_y().scale(up))


def _chart(rows: Sequence[Mapping[str, Any]]) -> Any:
    """A layer over these rows. Altair's own types do not follow a chart through its methods."""
    return alt.Chart(alt.InlineData(values=[dict(row) for row in rows]))


def _x() -> alt.X:
    return alt.X("x:Q", axis=None)


def _y(field: str = "y") -> alt.Y:
    return alt.Y(f"{field}:Q", axis=None, stack=None)


def _line(path: Sequence[float]) -> Any:
    """A value a day."""
    return _chart([{"x": d, "y": y} for d, y in enumerate(path)]).encode(x=_x(), y=_y())


def _area(low: bands.Floats, high: bands.Floats) -> Any:
    """A stretch a day."""
    days = enumerate(zip(low.tolist(), high.tolist(), strict=True))
    rows = [{"x": d, "low": a, "high": b} for d, (a, b) in days]
    return _chart(rows).encode(x=_x(), y=_y("low"), y2="high")


def _dots(columns: Mapping[float, int]) -> Any:
    """Columns of dots: their place, and how many stand on each other."""
    rows = [{"x": x, "y": y} for x, count in columns.items() for y in range(count)]
    return _chart(rows).encode(x=_x(), y=_y())


def _text(rows: Sequence[Mapping[str, Any]], **style: Any) -> Any:
    mark = _chart(rows).mark_text(fontSize=_SIZE, lineBreak="\n", baseline="middle", **style)
    return mark.encode(x=_x(), y=_y(), text="t:N")


def _disc(diameter: float) -> float:
    """Vega's size of a dot is its area."""
    return math.pi * diameter**2 / 4


def _value_ticks(low: float, high: float, unit: str, room: float) -> list[tuple[float, str]]:
    """A few round values and their labels; none where there is nothing to label."""
    if not room:
        return []
    if unit != "date":
        return [(v, value(v, "")) for v in dots.round_values(low, high)]
    first = math.ceil(low)
    ticks = day_ticks(date.fromordinal(first), math.floor(high) - first + 1, room)
    return [(first + d, t) for d, t in ticks.items() if d]

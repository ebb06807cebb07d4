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
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import altair as alt
import vl_convert

from offramp.brief import bands, theme
from offramp.brief.labels import Flag, day_ticks, flags, shorten, spread, text_width, wrapped
from offramp.brief.wording import day, percent, value

if TYPE_CHECKING:
    from offramp.engine.ensemble import Ensemble
    from offramp.forecast.answers import QuantityAnswer

DOTS = 20
_DOT = 14
_COLUMN = 19
_ROW = 16
_WORLDS_SHOWN = 6


def fan(
    ensemble: Ensemble,
    milestones: Sequence[tuple[date, str]] = (),
    width: int = 940,
    height: int = 420,
) -> alt.LayerChart:
    """The ladder over time: median, central 50, 80, 90 and 98% of worlds, a few single worlds."""
    _, band = bands.ladder(ensemble)
    height = max(height, 30 * len(band.levels) + 100)
    frame = _Frame.of(width, height, band.levels, names_left=True)
    marked = flags(milestones, ensemble.first, ensemble.days, frame.plot, width - frame.left - 4, 12)
    head = 8 + _ROW * (1 + max((f.row for f in marked), default=-1))
    layers = [
        *_rungs(frame, band.levels),
        *_bands(frame, ensemble),
        *_worlds(frame, ensemble),
        *_median(frame, ensemble),
        *_milestones(frame, marked, head),
    ]
    top = len(band.levels) - 0.5
    return _framed(layers, frame, ensemble, head, (-0.5, top), describe_fan(ensemble))


def shares(ensemble: Ensemble, width: int = 940, height: int = 220) -> alt.LayerChart:
    """The share of worlds on each rung, day by day, lowest rung at the bottom."""
    _, band = bands.ladder(ensemble)
    height = max(height, 15 * len(band.levels) + 60)
    frame = _Frame.of(width, height, band.levels, names_left=False)
    share = bands.rung_shares(band)
    upper = share.cumsum(axis=1)
    layers = []
    for rung, colour in enumerate(theme.rung_colours(len(band.levels))):
        rows = [
            {"x": d, "low": float(u - s), "high": float(u)}
            for d, (s, u) in enumerate(zip(share[:, rung], upper[:, rung], strict=True))
        ]
        layers.append(_chart(rows).mark_area(color=colour, stroke=theme.PAPER, strokeWidth=0.6)
                      .encode(x=_x(), y=_y("low"), y2="high"))  # fmt: skip
    layers += _share_labels(frame, band.levels, [float(s) for s in share[-1]], height - frame.foot - 8)
    layers.append(_text(
        [{"x": 0, "y": y, "t": f"{y:.0%}"} for y in (0, 0.5, 1)], align="right", dx=-8,
        color=theme.MUTED,
    ))  # fmt: skip
    return _framed(layers, frame, ensemble, 8, (0, 1), describe_shares(ensemble))


def dotplot(quantity: QuantityAnswer, worlds: int, width: int = 340) -> alt.LayerChart:
    """Twenty dots, each one world in twenty; hollow dots are worlds that give no value."""
    dots, missing = quantile_dots(quantity.values, worlds)
    plot = width - 24.0 - (50 if missing else 0)
    stacks = _stack(dots, plot)
    rows = [{"x": x, "y": y} for x, column in stacks.items() for y in range(column)]
    tallest = max([missing, *stacks.values(), 3])
    layers: list[alt.Chart] = [
        _chart(rows).mark_circle(size=_area(_DOT - 1), color=theme.DOT, opacity=1)
        .encode(x=_x(), y=_y()),
        _rule([{"x": 0, "y": -0.6, "x2": 1}], color="#B9AE9A"),
        _text([{"x": x, "y": -0.6, "t": t} for x, t in _value_ticks(dots, quantity.unit, plot)],
              dy=14, color=theme.MUTED),
    ]  # fmt: skip
    if missing:
        x = (plot + 34) / plot
        hollow = [{"x": x, "y": y} for y in range(missing)]
        layers.append(_chart(hollow).mark_point(size=_area(_DOT - 3), color=theme.MUTED,
                      strokeWidth=1.2, opacity=1).encode(x=_x(), y=_y()))  # fmt: skip
        layers.append(_text([{"x": x, "y": -0.6, "t": "none"}], dy=14, color=theme.MUTED))
    sides = {"left": 12, "right": width - 12 - plot, "top": 4, "bottom": 40 if quantity.unit == "date" else 26}
    ground = _ground((0, 1), (-0.6, tallest - 0.6))
    words = describe_dots(quantity, worlds)
    return _sized([ground, *layers], plot, tallest * _DOT, sides, words)


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


# What the pictures say, in words.


def describe_fan(ensemble: Ensemble) -> str:
    """The fan for a reader who does not see it."""
    _, band = bands.ladder(ensemble)
    low, middle, high = (
        [band.levels[math.floor(v + 0.5)] for v in column]
        for column in bands.rung_quantiles(band, [0.05, 0.5, 0.95])[[0, -1]].T
    )
    last = ensemble.first + timedelta(ensemble.days - 1)
    return (
        f"Fan chart of {band.title} from {day(ensemble.first)} to {day(last)}, on a ladder from "
        f"{band.levels[0]} to {band.levels[-1]}. The median world starts at {middle[0]} and ends "
        f"at {middle[1]}; at the end nine worlds in ten lie between {low[1]} and {high[1]}."
    )


def describe_shares(ensemble: Ensemble) -> str:
    """The shares for a reader who does not see them."""
    _, band = bands.ladder(ensemble)
    first, last = bands.rung_shares(band)[[0, -1]]
    rungs = "; ".join(
        f"{name} {percent(a)} to {percent(b)}"
        for name, a, b in zip(band.levels, first, last, strict=True)
    )
    return f"Share of worlds on each rung of {band.title}, from the first day to the last: {rungs}."


def describe_dots(quantity: QuantityAnswer, worlds: int) -> str:
    """The dotplot for a reader who does not see it."""
    known = [v for v in quantity.values if math.isfinite(v)]
    if not known:
        return f"{quantity.text}: no world gave a value."
    low, middle, high = (value(v, quantity.unit) for v in quantiles(known, [0.05, 0.5, 0.95]))
    none = f"; {percent(1 - len(known) / worlds)} of worlds give none" if len(known) < worlds else ""
    return (
        f"Dotplot of {quantity.text}: median {middle}, nine worlds in ten between {low} and "
        f"{high}{none}."
    )


def quantiles(ordered: Sequence[float], probabilities: Iterable[float]) -> list[float]:
    """The values that worlds have at these ranks: never a value between two worlds."""
    return [ordered[min(len(ordered) - 1, int(p * len(ordered)))] for p in probabilities]


def quantile_dots(values: Sequence[float], worlds: int) -> tuple[list[float], int]:
    """Twenty dots (or one a world, where there are fewer): values, and how many have none."""
    known = [v for v in values if math.isfinite(v)]
    total = max(worlds, len(known))
    dots = min(DOTS, total)
    missing = dots - math.floor(dots * len(known) / max(1, total) + 0.5)
    shown = dots - missing
    return quantiles(known, [(i + 0.5) / shown for i in range(shown)]), missing


# The parts of the pictures.


class _Frame:
    """Outer size and margins; where there is room, fan and shares share them, so days line up."""

    def __init__(self, width: int, height: int, left: float, right: float) -> None:
        self.width, self.height, self.left, self.right = width, height, left, right
        self.plot = width - left - right
        self.narrow = width < 500
        self.foot = 42

    @classmethod
    def of(cls, width: int, height: int, names: Sequence[str], names_left: bool) -> _Frame:
        widest = max(text_width(name, 12) for name in names)
        if width >= 500:
            return cls(width, height, min(widest, 118) + 14, min(max(widest + 54, 90), 190))
        if names_left:
            return cls(width, height, min(widest, 76) + 14, 54)
        return cls(width, height, 42, min(widest + 54, 150))


def _rungs(frame: _Frame, levels: Sequence[str]) -> list[alt.Chart]:
    """Rung names at the left, a line between rungs, the top rung faintly tinted."""
    top = len(levels) - 1
    lines = 2 if len(levels) * 28 < frame.height - 80 else 1
    names = [
        {"x": 0, "y": i, "t": wrapped(name, frame.left - 12, 12, lines)}
        for i, name in enumerate(levels)
    ]
    edges = [{"x": 0, "y": i + 0.5, "x2": frame.plot} for i in range(-1, top + 1)]
    days = {"x": alt.value(0), "x2": alt.value(frame.plot)}
    tint = _chart([{"y": top - 0.5, "y2": top + 0.5}]).mark_rect(color=theme.RUST, opacity=0.07)
    between = _chart(edges).mark_rule(color=theme.LINE, strokeWidth=1)
    return [
        tint.encode(y=_y(), y2="y2", **days),
        between.encode(y=_y(), **days),
        _text(names[:-1], align="right", dx=-10, color=theme.INK),
        _text(names[-1:], align="right", dx=-10, color=theme.RUST, fontWeight=600),
    ]


def _bands(frame: _Frame, ensemble: Ensemble) -> list[alt.Chart]:
    _, band = bands.ladder(ensemble)
    layers = []
    for share, colour in theme.FAN:
        edges = bands.rung_quantiles(band, [(1 - share) / 2, (1 + share) / 2])
        rows = [{"x": d, "low": float(a), "high": float(b)} for d, (a, b) in enumerate(edges)]
        area = _chart(rows).mark_area(color=colour, line=False)
        layers.append(area.encode(x=_x(), y=_y("low"), y2="high"))
    ends = bands.rung_quantiles(band, [0.05, 0.5, 0.95])[-1]
    unit = (frame.height - frame.foot - 40) / len(band.levels)
    places = spread([float(e) for e in ends], 14 / unit, -0.4, len(band.levels) - 0.6)
    rows = [
        {"x": ensemble.days - 1, "y": y, "t": t}
        for y, t in zip(places, ("5%", "median", "95%"), strict=True)
    ]
    return [*layers, _text(rows, align="left", dx=8, color=theme.INK)]


def _worlds(frame: _Frame, ensemble: Ensemble) -> list[alt.Chart]:
    """A few single worlds, so that nobody takes the smooth bands for a path."""
    key, band = bands.ladder(ensemble)
    shown = [s for s in ensemble.stories if key in s.series][: 3 if frame.narrow else _WORLDS_SHOWN]
    layers = []
    for story in shown:
        path = bands.in_rungs(band, story.series[key])
        rows = [{"x": d, "y": y} for d, y in enumerate(path)]
        line = _chart(rows).mark_line(color=theme.INK, strokeWidth=0.7, opacity=0.34)
        layers.append(line.encode(x=_x(), y=_y()))
    return layers


def _median(frame: _Frame, ensemble: Ensemble) -> list[alt.Chart]:
    _, band = bands.ladder(ensemble)
    middle = bands.rung_quantiles(band, [0.5])[:, 0]
    rows = [{"x": d, "y": float(y)} for d, y in enumerate(middle)]
    line = _chart(rows).mark_line(color=theme.INK, strokeWidth=2.2, strokeJoin="round")
    return [line.encode(x=_x(), y=_y())]


def _milestones(frame: _Frame, marked: Sequence[Flag], head: int) -> list[alt.Chart]:
    """Dashed rust lines, each climbing to its date and words above the plot."""
    layers = []
    for flag in marked:
        y = _ROW * flag.row - head + 10
        line = _chart([{"x": flag.day}]).mark_rule(
            color=theme.RUST, strokeDash=[3, 3], strokeWidth=1, opacity=0.85
        )
        layers.append(line.encode(x=_x(), y=alt.value(y - 5), y2=alt.value(frame.height - frame.foot - head)))
        words = _chart([{"x": flag.day, "t": flag.words}]).mark_text(
            align="left", dx=5, fontSize=12, color=theme.RUST
        )
        layers.append(words.encode(x=_x(), y=alt.value(y), text="t:N"))
    return layers


def _share_labels(
    frame: _Frame, levels: Sequence[str], last: list[float], room: float
) -> list[alt.Chart]:
    """Share and rung beside the right edge, moved apart, each tied to its area by a hair line."""
    middles, floor = [], 0.0
    for share in last:
        middles.append(floor + share / 2)
        floor += share
    places = spread(middles, 15 / room, 6 / room, 1 - 6 / room)
    rows = [
        {"px": room * (1 - m), "py": room * (1 - y), "t": f"{percent(s)}  {shorten(n, frame.right - 42, 12)}"}
        for m, y, s, n in zip(middles, places, last, levels, strict=True)
    ]
    layers = []
    for i, row in enumerate(rows):
        war = i == len(rows) - 1
        colour = theme.RUST if war else theme.INK
        tie = _chart([{}]).mark_rule(color=colour, strokeWidth=0.7, opacity=0.6)
        word = _chart([{"t": row["t"]}]).mark_text(
            align="left", fontSize=12, color=colour, fontWeight=600 if war else 400
        )
        layers.append(tie.encode(x=alt.value(frame.plot + 1), x2=alt.value(frame.plot + 9),
                                 y=alt.value(row["px"]), y2=alt.value(row["py"])))  # fmt: skip
        layers.append(word.encode(x=alt.value(frame.plot + 12), y=alt.value(row["py"]), text="t:N"))
    return layers


def _framed(
    layers: list[alt.Chart], frame: _Frame, ensemble: Ensemble, head: int,
    y: tuple[float, float], words: str,
) -> alt.LayerChart:  # fmt: skip
    """Layers over days, with day or month labels below."""
    ticks = day_ticks(ensemble.first, ensemble.days, frame.plot)
    plot_height = frame.height - frame.foot - head
    labels = [
        _chart([{"x": d, "t": t}])
        .mark_text(fontSize=12, color=theme.MUTED, lineBreak="\n", align="left" if d == 0 else "center")
        .encode(x=_x(), y=alt.value(plot_height + 16), text="t:N")
        for d, t in ticks.items()
    ]  # fmt: skip
    sides = {"left": frame.left, "right": frame.right, "top": head, "bottom": frame.foot}
    ground = _ground((0, max(1, ensemble.days - 1)), y)
    return _sized([ground, *layers, *labels], frame.plot, plot_height, sides, words)


def _sized(
    layers: list[alt.Chart], width: float, height: float, sides: Mapping[str, float], words: str
) -> alt.LayerChart:
    chart: alt.LayerChart = (
        alt.layer(*layers)
        .properties(width=width, height=height, padding=dict(sides), description=words,
                    autosize=alt.AutoSizeParams(type="none"))
        .configure(aria=False, background="transparent")
        .configure_view(stroke=None)
    )  # fmt: skip
    return chart


def _chart(rows: list[dict[str, Any]]) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=rows))


def _ground(x: tuple[float, float], y: tuple[float, float]) -> alt.Chart:
    """An empty layer that fixes the scales which the other layers share."""
    across, up = (alt.Scale(domain=list(d), nice=False, zero=False) for d in (x, y))
    return _chart([{}]).mark_point(opacity=0).encode(x=_x().scale(across), y=_y().scale(up))


def _x() -> alt.X:
    return alt.X("x:Q", axis=None)


def _y(field: str = "y") -> alt.Y:
    return alt.Y(f"{field}:Q", axis=None, stack=None)


def _rule(rows: list[dict[str, Any]], color: str) -> alt.Chart:
    return _chart(rows).mark_rule(color=color, strokeWidth=1).encode(x=_x(), y=_y(), x2="x2")


def _text(rows: list[dict[str, Any]], **style: Any) -> alt.Chart:
    mark = _chart(rows).mark_text(fontSize=12, lineBreak="\n", baseline="middle", **style)
    return mark.encode(x=_x(), y=_y(), text="t:N")


def _area(diameter: float) -> float:
    return math.pi * diameter**2 / 4


def _stack(dots: Sequence[float], plot: float) -> dict[float, int]:
    """Wilkinson's dots: from the left, all within a column's width stand in one."""
    low, high = _range(dots)
    columns: list[list[float]] = []
    for x in ((v - low) / (high - low) for v in dots):
        if columns and x - columns[-1][0] < _COLUMN / plot:
            columns[-1].append(x)
        else:
            columns.append([x])
    return {sum(c) / len(c): len(c) for c in columns}


def _range(dots: Sequence[float]) -> tuple[float, float]:
    """The values the axis spans: the dots' own and some air, so that columns form."""
    if not dots:
        return 0.0, 1.0
    margin = 0.12 * (dots[-1] - dots[0]) or 1
    return dots[0] - margin, dots[-1] + margin


def _value_ticks(dots: Sequence[float], unit: str, plot: float) -> list[tuple[float, str]]:
    """A few round values under the dots, at their places in 0..1."""
    if not dots:
        return []
    low, high = _range(dots)
    if unit == "date":
        first = math.ceil(low)
        days = day_ticks(date.fromordinal(first), math.floor(high) - first + 1, plot)
        return [((first + d - low) / (high - low), t) for d, t in days.items() if d]
    step = _round_step((high - low) / 4)
    start = math.ceil(low / step - 1e-9)
    stop = math.floor(high / step + 1e-9)
    return [((i * step - low) / (high - low), value(i * step, "")) for i in range(start, stop + 1)]


def _round_step(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    return float(next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= least * 0.999))

"""A few marks of SVG as text: no ids, no scripts, no fonts but the reader's own."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

from offramp.render.brief import theme

FONT = "sans-serif"


def number(v: float) -> str:
    """At most one decimal, so that the same drawing has the same bytes."""
    text = f"{v:.1f}"
    return "0" if text in ("-0.0", "0.0") else text.removesuffix(".0")


def rect(
    x: float,
    y: float,
    width: float,
    height: float,
    fill: str,
    stroke: str = "none",
    rounded: float = 0,
    dash: str = "",
    thick: float = 1,
) -> str:
    edge = f' stroke="{stroke}" stroke-width="{number(thick)}"' if stroke != "none" else ""
    edge += f' stroke-dasharray="{dash}"' if dash else ""
    corner = f' rx="{number(rounded)}"' if rounded else ""
    place = f'x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}"'
    return f'<rect {place}{corner} fill="{fill}"{edge}/>'


def text(
    x: float,
    y: float,
    words: str,
    size: float = 12,
    fill: str = theme.INK,
    anchor: str = "start",
    weight: int = 400,
    italic: bool = False,
) -> str:
    """One line; y is the middle of its letters."""
    style = f' font-weight="{weight}"' if weight != 400 else ""
    style += ' font-style="italic"' if italic else ""
    style += f' text-anchor="{anchor}"' if anchor != "start" else ""
    place = f'x="{number(x)}" y="{number(y + 0.35 * size)}" font-size="{number(size)}"'
    return f'<text {place} fill="{fill}"{style}>{html.escape(words)}</text>'


def lines(
    x: float,
    middle: float,
    words: Sequence[str],
    size: float = 12,
    leading: float = 15,
    fill: str = theme.INK,
    anchor: str = "start",
    weight: int = 400,
    italic: bool = False,
) -> list[str]:
    """Several lines around a middle."""
    first = middle - leading * (len(words) - 1) / 2
    return [
        text(x, first + leading * i, line, size, fill, anchor, weight, italic)
        for i, line in enumerate(words)
    ]


def path(d: str, stroke: str = "none", fill: str = "none", thick: float = 1, dash: str = "") -> str:
    edge = f' stroke="{stroke}" stroke-width="{number(thick)}"' if stroke != "none" else ""
    edge += f' stroke-dasharray="{dash}"' if dash else ""
    return f'<path d="{d}" fill="{fill}"{edge}/>'


def line(x: float, y: float, x2: float, y2: float, stroke: str, thick: float = 1) -> str:
    return path(f"M{number(x)} {number(y)}L{number(x2)} {number(y2)}", stroke, thick=thick)


Point = tuple[float, float]


def area(points: Sequence[tuple[float, float, float]], fill: str) -> str:
    """Between two edges: (x, upper, lower) at each place."""
    upper = simplified([(x, a) for x, a, _ in points])
    lower = simplified([(x, b) for x, _, b in points])
    return path(f"M{_along([*upper, *reversed(lower)])}Z", fill=fill)


def polyline(points: Sequence[Point], stroke: str, thick: float) -> str:
    return path(f"M{_along(simplified(points))}", stroke, thick=thick)


def _along(points: Iterable[Point]) -> str:
    return "L".join(f"{number(x)} {number(y)}" for x, y in points)


def simplified(points: Sequence[Point], within: float = 0.3) -> list[Point]:
    """The points without which the line would lie off by more than `within` pixels.

    Ramer (1972), Douglas and Peucker (1973), with vertical distances since x runs forward.
    """
    if len(points) < 3:
        return list(points)
    kept, spans = {0, len(points) - 1}, [(0, len(points) - 1)]
    while spans:
        a, b = spans.pop()
        (xa, ya), (xb, yb) = points[a], points[b]
        slope = (yb - ya) / (xb - xa) if xb > xa else 0.0
        off, far = max(
            ((abs(points[i][1] - ya - slope * (points[i][0] - xa)), -i) for i in range(a + 1, b)),
            default=(0.0, 0),
        )
        if off > within:
            kept.add(-far)
            spans += [(a, -far), (-far, b)]
    return [points[i] for i in sorted(kept)]


def picture(
    width: float, height: float, words: str, marks: Iterable[str], on: str = theme.PAPER
) -> str:
    """The whole file, on paper, so that it can be read on a dark page too."""
    w, h = number(width), number(height)
    said = html.escape(words)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}" '
        f'viewBox="0 0 {w} {h}" font-family="{FONT}" role="img" aria-label="{said}">'
    )
    paper = rect(0, 0, width, height, on)
    return "\n".join([head, f"<title>{said}</title>", paper, *marks, "</svg>"]) + "\n"

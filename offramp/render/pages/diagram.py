"""A room as a picture: quantities at both sides, what can happen in the middle, arrows between.

Every arrow joins a quantity and an event (or an actor that wants the quantity moved), so two layers
suffice and no arrow ever runs behind a box: this is the layered drawing of Sugiyama, Tagawa and
Toda (1981) without dummy nodes, the layer of quantities folded to both sides. Which side a
quantity stands on and all orders are found by barycentres and by exchanges that lower the number
of crossings. Arrows that raise are solid with a point, those that lower are dashed with a bar, as
in drawings of gene regulation, so that they differ without colour.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from offramp.language.crisis import Crisis, Event, elements
from offramp.render.brief import svg, theme
from offramp.render.pages.signs import DOWN, UP, Influence, Signs, influences

SIZE, LEADING = 12, 15
SIDE, MIDDLE, GAP, MARGIN = 186, 252, 168, 12
PORT = 11  # between two arrows at one box
BETWEEN, GROUPS = 8, 18
RAISES, LOWERS, MATTERS = theme.DOT, theme.RUST, "#77736A"


@dataclass(frozen=True)
class Box:
    """One box: its address, its words over some lines, and the noun that it is."""

    address: str
    lines: tuple[str, ...]
    kind: str


@dataclass(frozen=True)
class Group:
    """Events of one chooser under its name, or an actor's name alone."""

    head: Box
    events: tuple[Box, ...]


@dataclass
class _Layout:
    """The order of everything: groups in the middle, head first, and the left and right side."""

    groups: list[list[str]]
    sides: list[list[str]] = field(default_factory=lambda: [[], []])

    def middle(self) -> dict[str, int]:
        return {name: i for i, name in enumerate(n for group in self.groups for n in group)}


def diagram(crisis: Crisis, among: Iterable[str], wants: Sequence[str], words: str) -> str:
    """The picture of these elements (states, unknowns and events, by address) as SVG.

    `wants` are actors whose wants are drawn as arrows to their name; `words` describe the picture.
    The same crisis and elements give the same bytes.
    """
    shown = tuple(dict.fromkeys(among))
    # Where an unknown sets the start of a quantity, both stand at the sides: the page says it.
    middle_nouns = ("event", "actor")
    arrows = tuple(
        a
        for a in influences(crisis, shown, wants)
        if {a.source.split(" ")[0], a.target.split(" ")[0]} & set(middle_nouns)
    )
    titles = titles_of(crisis)
    groups = _grouped(crisis, [a for a in shown if a.startswith("event ")], wants)
    sides = [
        Box(a, _wrap(titles[a], SIDE - 20), a.split(" ")[0])
        for a in shown
        if not a.startswith("event ")
    ]
    boxes = {b.address: b for g in groups for b in (g.head, *g.events)}
    joined = [(a, *_ends(a, set(boxes))) for a in arrows]
    layout = _arranged(groups, [b.address for b in sides], [(s, m) for _, s, m in joined])
    return _drawn(layout, boxes | {b.address: b for b in sides}, joined, words)


def titles_of(crisis: Crisis) -> dict[str, str]:
    """The name in words of every element, by address."""
    titles = {address: str(getattr(e, "title", "")) for address, e in elements(crisis)}
    known = by_name(titles)
    for address, title in titles.items():
        name, _, rest = title.partition(": ")
        if rest and name in known:  # a form's own clock: `jcpoa: days to the next step`
            titles[address] = f"{known[name]}: {rest}"
    for b in crisis.beliefs:
        holder, about = titles[f"actor {b.holder}"], titles[f"actor {b.about}"]
        titles[f"belief {b.holder} about {b.about}"] = f"What they believe: {holder} about {about}"
    return titles


def by_name(titles: Mapping[str, str]) -> dict[str, str]:
    """Titles by bare name, for words that name an element without its noun; names that elements of
    different titles share are left out, since nobody could say which is meant."""
    found: dict[str, set[str]] = {}
    for address, title in titles.items():
        found.setdefault(address.split(" ", 1)[1], set()).add(title)
    return {name: next(iter(own)) for name, own in found.items() if len(own) == 1}


def _grouped(crisis: Crisis, shown: Sequence[str], wants: Sequence[str]) -> tuple[Group, ...]:
    titles = {a.name: a.title for a in crisis.actors}
    found: dict[str, list[Event]] = {f"actor {name}": [] for name in wants}
    events = {f"event {e.name}": e for e in crisis.events}
    for address in shown:
        found.setdefault(chooser(events[address]), []).append(events[address])

    def heading(key: str) -> Box:
        noun, _, name = key.partition(" ")
        words = titles[name] if noun == "actor" else _HEADS[key]
        return Box(key, _wrap(words, MIDDLE - 24), "actor")

    return tuple(
        Group(
            heading(key),
            tuple(Box(f"event {e.name}", _wrap(e.title, MIDDLE - 24), "event") for e in own),
        )
        for key, own in found.items()
    )


_HEADS = {
    "chance": "By chance",
    "vote": "By a vote",
    "calendar": "On a date, or when a clock rings",
}


def chooser(event: Event) -> str:
    """Why the event happens: `actor NAME`, `chance`, `vote` or `calendar`."""
    if event.chosen:
        return f"actor {event.by}"
    return "vote" if event.vote else "chance" if event.rate else "calendar"


def _wrap(title: str, room: float) -> tuple[str, ...]:
    return tuple(textwrap.wrap(title, int(room / (0.58 * SIZE)), break_on_hyphens=False)) or ("",)


# ---- order ---------------------------------------------------------------------------------

Edge = tuple[str, str]
"""The box at a side, and the one in the middle."""


def _ends(a: Influence, middle: set[str]) -> Edge:
    return (a.source, a.target) if a.target in middle else (a.target, a.source)


def _arranged(groups: Sequence[Group], sides: Sequence[str], edges: Sequence[Edge]) -> _Layout:
    """Groups, their events and both sides in an order with few crossings.

    Exchanges are tried in a fixed order and kept where they lower the cost, until none does.
    """
    layout = _Layout([[b.address for b in (g.head, *g.events)] for g in groups])
    neighbours = _neighbours(edges)
    place = layout.middle()
    by_place = sorted(sides, key=lambda s: (_mean(place, neighbours.get(s, [])), s))
    layout.sides = [by_place[0::2], by_place[1::2]]
    best = _cost(layout, edges, neighbours)
    for _ in range(6):
        before = best
        best = _flipped(layout, sides, edges, neighbours, best)
        best = _exchanged(layout, edges, neighbours, best)
        if best >= before:
            break
    return layout


def _flipped(
    layout: _Layout,
    sides: Sequence[str],
    edges: Sequence[Edge],
    neighbours: Mapping[str, list[str]],
    best: float,
) -> float:
    """Single quantities moved to the other side."""
    for name in sides:
        old = [list(side) for side in layout.sides]
        here = 0 if name in layout.sides[0] else 1
        layout.sides[here].remove(name)
        layout.sides[1 - here].append(name)
        cost = _cost(layout, edges, neighbours)
        if cost < best:
            best = cost
        else:
            layout.sides = old
            _sort_sides(layout, neighbours)
    return best


def _exchanged(
    layout: _Layout, edges: Sequence[Edge], neighbours: Mapping[str, list[str]], best: float
) -> float:
    """Groups with other groups, and events with others of their group."""
    lists: list[tuple[list[Any], int]] = [(layout.groups, 0)]
    lists += [(group, 1) for group in layout.groups]  # a group's head stays first
    for items, start in lists:
        for i in range(start, len(items)):
            for j in range(i + 1, len(items)):
                items[i], items[j] = items[j], items[i]
                cost = _cost(layout, edges, neighbours)
                if cost < best:
                    best = cost
                else:
                    items[i], items[j] = items[j], items[i]
    _sort_sides(layout, neighbours)
    return best


def _cost(layout: _Layout, edges: Sequence[Edge], neighbours: Mapping[str, list[str]]) -> float:
    """Crossings, a little for long arrows, and for sides of unequal height."""
    _sort_sides(layout, neighbours)
    place = layout.middle()
    total, loads = 0.0, []
    for side in layout.sides:
        at = {name: i for i, name in enumerate(side)}
        own = [(at[s], place[m]) for s, m in edges if s in at]
        total += _crossings(own)
        step = len(place) / max(1, len(side))
        total += 0.15 * sum(abs(s * step - m) for s, m in own)
        loads.append(sum(max(3.2, len(neighbours.get(s, []))) for s in side))
    return total + 0.05 * abs(loads[0] - loads[1]) ** 2


def _crossings(edges: Sequence[tuple[int, int]]) -> int:
    ordered = sorted(edges)
    return sum(
        1 for i, (s, m) in enumerate(ordered) for t, n in ordered[i + 1 :] if s < t and m > n
    )


def _sort_sides(layout: _Layout, neighbours: Mapping[str, list[str]]) -> None:
    place = layout.middle()
    for side in layout.sides:
        side.sort(key=lambda s: (_mean(place, neighbours.get(s, [])), s))


def _neighbours(edges: Sequence[Edge]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for s, m in edges:
        found.setdefault(s, []).append(m)
        found.setdefault(m, []).append(s)
    return found


def _mean(place: Mapping[str, int], names: Sequence[str]) -> float:
    return sum(place[n] for n in names) / len(names) if names else len(place) / 2


# ---- places and marks ----------------------------------------------------------------------


@dataclass(frozen=True)
class _Placed:
    box: Box
    x: float
    y: float
    width: float
    height: float

    @property
    def centre(self) -> float:
        return self.y + self.height / 2


Joined = tuple[Influence, str, str]
"""An arrow, its box at a side, and its box in the middle."""


def _drawn(layout: _Layout, boxes: Mapping[str, Box], joined: Sequence[Joined], words: str) -> str:
    left = set(layout.sides[0])
    tall = _heights(boxes, joined, left)
    centre = [n for group in layout.groups for n in group]
    needed = sum(tall[n] for n in centre) + BETWEEN * len(centre) + GROUPS * len(layout.groups)
    side_heights = [sum(tall[n] + BETWEEN for n in side) for side in layout.sides]
    room = max(needed, *side_heights)
    placed: dict[str, _Placed] = {}
    extra = (room - needed) / max(1, len(layout.groups))
    y, panels = MARGIN + extra / 2, list[tuple[float, float]]()
    x = MARGIN + SIDE + GAP
    for group in layout.groups:
        top = y
        y += 4
        for name in group:
            placed[name] = _Placed(boxes[name], x + 8, y, MIDDLE - 16, tall[name])
            y += tall[name] + BETWEEN
        panels.append((top, y - top))
        y += GROUPS - 4 + extra
    total = MARGIN + room
    for side, at in zip(layout.sides, (MARGIN, MARGIN + SIDE + 2 * GAP + MIDDLE), strict=True):
        meets = {s: [placed[m].centre for _, t, m in joined if t == s] or [total / 2] for s in side}
        tops = _stacked(
            [sum(meets[s]) / len(meets[s]) - tall[s] / 2 for s in side],
            [tall[s] for s in side],
            MARGIN,
            total,
        )
        for name, top in zip(side, tops, strict=True):
            placed[name] = _Placed(boxes[name], at, top, SIDE, tall[name])
    marks = [svg.rect(x, top, MIDDLE, height, "#F1EDE2", rounded=6) for top, height in panels]
    marks += _arrows(joined, placed, left)
    for box in placed.values():
        marks += _box(box)
    width = 2 * MARGIN + 2 * SIDE + 2 * GAP + MIDDLE
    marks += _legend(total + 20, width, {b.kind for b in boxes.values()})
    return svg.picture(width, total + 66, words, marks)


def _heights(
    boxes: Mapping[str, Box], joined: Sequence[Joined], left: set[str]
) -> dict[str, float]:
    """Room for the words, and for a port an arrow at the side where most arrive."""
    load: dict[tuple[str, bool], int] = {}
    for _, s, m in joined:
        load[s, True] = load.get((s, True), 0) + 1
        load[m, s in left] = load.get((m, s in left), 0) + 1
    return {
        name: max(
            LEADING * len(box.lines) + (8 if box.kind == "actor" else 12),
            PORT * (max(load.get((name, hand), 0) for hand in (True, False)) + 0.6),
        )
        for name, box in boxes.items()
    }


def _stacked(
    wanted: Sequence[float], heights: Sequence[float], low: float, high: float
) -> list[float]:
    """Tops as near to the wanted ones as fit, in order, without overlap, within bounds."""
    tops, floor = list(wanted), low
    for i, height in enumerate(heights):
        tops[i] = max(tops[i], floor)
        floor = tops[i] + height + BETWEEN
    ceiling = high
    for i in reversed(range(len(tops))):
        tops[i] = min(tops[i], ceiling - heights[i])
        ceiling = tops[i] - BETWEEN
    return tops


def _arrows(joined: Sequence[Joined], placed: Mapping[str, _Placed], left: set[str]) -> list[str]:
    """Curves from port to port. At each box the ports are in the order of the other ends."""
    ports: dict[tuple[str, int], float] = {}
    ends: dict[tuple[str, str], list[tuple[float, int]]] = {}
    for k, (_, s, m) in enumerate(joined):
        hand = "left" if s in left else "right"
        ends.setdefault((s, "side"), []).append((placed[m].centre, k))
        ends.setdefault((m, hand), []).append((placed[s].centre, k))
    for (name, _), met in ends.items():
        box = placed[name]
        step = min(PORT, box.height / (len(met) + 0.6))
        first = box.centre - step * (len(met) - 1) / 2
        for i, (_, k) in enumerate(sorted(met)):
            ports[name, k] = first + step * i
    marks = []
    for k, (a, s, m) in enumerate(joined):
        on_left = s in left
        xs = placed[s].x + (SIDE if on_left else 0)
        out = 8 if placed[m].box.kind == "actor" else 0  # a name has no edge: to its panel's
        xm = placed[m].x - out if on_left else placed[m].x + placed[m].width + out
        start, end = (xs, ports[s, k]), (xm, ports[m, k])
        if a.source != s:
            start, end = end, start
        marks += _arrow(start, end, a.signs)
    return marks


def _arrow(start: tuple[float, float], end: tuple[float, float], signs: Signs) -> list[str]:
    (x, y), (x2, y2) = start, end
    way = 1 if x2 > x else -1
    colour, dash = {UP: (RAISES, ""), DOWN: (LOWERS, "5 3")}.get(signs, (MATTERS, "1.5 3"))
    tip = x2 - way * (8 if signs == UP else 2 if signs == DOWN else 7)
    bend = 0.45 * abs(tip - x) * way
    n = svg.number
    curve = f"M{n(x)} {n(y)}C{n(x + bend)} {n(y)} {n(tip - bend)} {n(y2)} {n(tip)} {n(y2)}"
    marks = [svg.path(curve, colour, thick=1.3, dash=dash)]
    if signs == UP:
        point = f"M{n(x2)} {n(y2)}L{n(x2 - way * 8)} {n(y2 - 3.6)}V{n(y2 + 3.6)}Z"
        marks.append(svg.path(point, fill=colour))
    elif signs == DOWN:
        marks.append(svg.line(x2 - way * 2.5, y2 - 4.6, x2 - way * 2.5, y2 + 4.6, colour, 2.2))
    else:
        marks.append(
            f'<circle cx="{n(x2 - way * 4)}" cy="{n(y2)}" r="2.8" fill="{theme.PAPER}" '
            f'stroke="{colour}" stroke-width="1.2"/>'
        )
    return marks


def _box(placed: _Placed) -> list[str]:
    b, x, y = placed.box, placed.x, placed.y
    middle = x + placed.width / 2
    if b.kind == "actor":
        return svg.lines(middle, placed.centre, b.lines, SIZE, LEADING, anchor="middle", weight=700)
    if b.kind == "event":
        shape = svg.rect(x, y, placed.width, placed.height, "#FFFFFF", theme.INK, 11)
    elif b.kind in ("unknown", "belief"):
        shape = svg.rect(x, y, placed.width, placed.height, theme.PAPER, theme.MUTED, 0, "4 3")
    else:
        shape = svg.rect(x, y, placed.width, placed.height, theme.FAN[0][1], theme.INK)
    words = svg.lines(
        middle,
        placed.centre,
        b.lines,
        SIZE,
        LEADING,
        anchor="middle",
        italic=b.kind in ("unknown", "belief"),
    )
    return [shape, *words]


def _legend(y: float, width: float, kinds: set[str]) -> list[str]:
    """What shapes and arrows mean, over two lines."""
    marks, x = list[str](), float(MARGIN)
    for signs, words in (
        (UP, "+ raises it, or makes it likelier or wanted"),
        (DOWN, "\u2212 lowers it, or makes it less likely or unwanted"),
        (frozenset[int](), "matters; the direction depends"),
    ):
        marks += _arrow((x, y), (x + 40, y), signs)
        marks.append(svg.text(x + 47, y, words, 11, theme.MUTED))
        x += 62 + 0.56 * 11 * len(words)
    x, y = float(MARGIN), y + 24
    shapes = [("state", "a quantity")]
    if "event" in kinds:
        shapes.append(("event", "a move or an event, under whoever chooses it"))
    if kinds & {"unknown", "belief"}:
        said = {
            "unknown": "not known to us: drawn once a world",
            "belief": "not known to them: believed",
        }
        shapes.append(("unknown", "; ".join(w for k, w in said.items() if k in kinds)))
    for kind, words in shapes:
        marks += _box(_Placed(Box("", ("",), kind), x, y - 8, 40, 16))
        marks.append(svg.text(x + 47, y, words, 11, theme.MUTED))
        x += 62 + 0.56 * 11 * len(words)
    return marks

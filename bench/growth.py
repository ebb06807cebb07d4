"""How cost grows: synthetic crises of a chosen size, one dimension varied at a time.

    python bench/growth.py

A synthetic crisis has actors, each with moves of its own over a few shared stocks, a utility of
four terms, a hazard and, for every other that it weighs, its foresight: the next actor in a ring,
or all others. Cost is processor time; instructions are those of the tape, of which a day runs what
its openings need. An exponent is the slope of a least-squares line through the logarithms of size
and cost; behind it stands that of the last two sizes, since what grows by a square hides behind
what does not while it is small.
"""

from __future__ import annotations

import datetime as dt
import math
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.offramp_worlds import Engine, engine
from offramp.case.case import read_crisis
from offramp.engine.blocks.days import program
from offramp.engine.blocks.tape import tape

WHY = "? synthetic"
STOCKS = 6


@dataclass(frozen=True)
class Size:
    """A synthetic crisis and how much of it is lived."""

    worlds: int = 2048
    days: int = 60
    actors: int = 4
    moves: int = 4
    foresight: int = 1
    all_weigh: bool = False


def text(size: Size) -> str:
    """The crisis file of a size. The same size gives the same text."""
    lines = ["crisis: synthetic", "from: 2030-01-01", f"to: {_date(size.days)}", "show: [rung]"]
    lines += ["state:", "  rung:", "    ladder: [calm, tense, hot, war]", f"    now: tense {WHY}"]
    lines += [f"    fades: 6d {WHY}"]
    for i in range(STOCKS):
        lines += [f"  stock_{i}:", f"    stock: 0 .. 9 {WHY}", f"    now: {1 + i / 2} {WHY}"]
        lines += [f"    fades: {8 + 3 * i}d {WHY}", f"    rest: 1 {WHY}"]
    lines += ["unknown:", "  resolve:", f"    between: .5 .. 1.5 {WHY}", "actor:"]
    for i in range(size.actors):
        lines += [f"  actor_{i}:", f"    pace: .2 {WHY}", f"    precision: resolve {WHY}"]
        lines += [f"    foresight: {size.foresight} {WHY}"]
        others = [(i + k) % size.actors for k in range(1, size.actors)]
        if others:
            weighed = others if size.all_weigh else others[:1]
            lines += [f"    weighs: [{', '.join(f'actor_{j}' for j in weighed)}]"]
        lines += ["    wants:"]
        for k in range(3):
            sign = "-" if (i + k) % 2 else ""
            lines += [f"      want {k}: {sign}.{4 + k} * stock_{(i + k) % STOCKS} {WHY}"]
        lines += [f"      line: -.8 * (stock_{(i + 3) % STOCKS} >= 2) {WHY}"]
        lines += ["    fears:", "      accident:", f"        weight: -4 {WHY}"]
        lines += [f"        lasts: 6d {WHY}"]
    lines += ["event:", "  accident:", f"    rate: .01 * exp(height(rung)) {WHY}"]
    lines += ["    does:", f"      - rung >= hot {WHY}"]
    for i in range(size.actors):
        for m in range(size.moves):
            one, two = (i + m) % STOCKS, (i + 2 * m + 1) % STOCKS
            lines += [
                f"  actor_{i}.move_{m}:",
                f"    by: actor_{i}",
                f"    cost: .{m % 9 + 1} {WHY}",
            ]
            lines += ["    does:", f"      - stock_{one} + .{m % 8 + 2} {WHY}"]
            if two != one:
                lines += [f"      - stock_{two} - .{i % 8 + 2} {WHY}"]
            lines += [f"      - rung >= tense {WHY}"]
    return "\n".join(lines) + "\n"


def _date(days: int) -> str:
    return (dt.date(2030, 1, 1) + dt.timedelta(days - 1)).isoformat()


def costs(made: dict[Size, Engine], fast: bool, rounds: int) -> list[float]:
    """CPU seconds for the worlds of each size: medians of interleaved runs."""
    runs: dict[Size, Callable[[int], object]] = {
        size: e.compiled if fast else e.reference for size, e in made.items()
    }
    taken: dict[Size, list[float]] = {size: [] for size in runs}
    for run in runs.values():
        run(1)
    for _ in range(rounds):
        for size, run in runs.items():
            began = time.process_time()
            run(size.worlds)
            taken[size].append(time.process_time() - began)
    return [median(times) for times in taken.values()]


def exponent(sizes: list[float], costs: list[float]) -> float:
    """The slope of log cost over log size, by least squares."""
    x, y = [math.log(s) for s in sizes], [math.log(c) for c in costs]
    mx, my = sum(x) / len(x), sum(y) / len(y)
    over = sum((a - mx) * (b - my) for a, b in zip(x, y, strict=True))
    return over / sum((a - mx) ** 2 for a in x)


@dataclass(frozen=True)
class Course:
    """What grows, in words, from size to size."""

    name: str
    of: str
    sizes: tuple[Size, ...]

    @property
    def values(self) -> list[float]:
        return [float(getattr(size, self.of)) for size in self.sizes]


def courses(base: Size, quick: bool) -> list[Course]:
    """What is measured, the cheap before the dear."""
    scale = (1, 2, 4) if quick else (1, 2, 4, 8)

    def course(name: str, of: str, values: tuple[int, ...], size: Size = base) -> Course:
        return Course(name, of, tuple(replace(size, **{of: v}) for v in values))

    far, all_weigh = replace(base, foresight=2), replace(base, all_weigh=True)
    return [
        course("worlds", "worlds", tuple(base.worlds * k for k in scale)),
        course("days", "days", tuple(base.days * k // 2 for k in scale)),
        course("actors in a ring", "actors", (2, 4, 8)),
        course("actors, all weigh all", "actors", (2, 4, 8), all_weigh),
        course("the same, foresight 2", "actors", (2, 3, 4), replace(all_weigh, foresight=2)),
        course("moves", "moves", (2, 4, 8)),
        course("moves, foresight 2", "moves", (2, 4) if quick else (2, 4, 8), far),
    ]


def report(fast: bool = True, quick: bool = False) -> Iterator[str]:
    """The lines of the table of growth, as they are measured."""
    base = Size(worlds=512 if quick else 2048) if fast else Size(worlds=6, days=20)
    rounds = 3 if quick else 5
    known: dict[str, Engine] = {}

    def made(sizes: tuple[Size, ...]) -> dict[Size, Engine]:
        for size in sizes:
            source = text(size)
            if source not in known:
                known[source] = engine(read_crisis(source)[0], fast=fast)
        return {size: known[text(size)] for size in sizes}

    for c in courses(base, quick):
        engines = made(c.sizes)
        taken = costs(engines, fast, rounds)
        row = f"{c.name:22} cost {growing(c, taken)}"
        if c.of in ("actors", "moves"):
            lengths = [float(len(tape(program(e.laid)).code)) for e in engines.values()]
            row += f"   instructions {growing(c, lengths)}"
        yield row
    levels = tuple(replace(base, foresight=k) for k in (0, 1, 2))
    taken = costs(made(levels), fast, rounds)
    shown = " : ".join(f"{t / taken[0]:.1f}" for t in taken)
    yield f"{'foresight 0, 1, 2':22} cost {shown}"
    unit = taken[1] / base.worlds / base.days * 1e6
    yield (
        f"base: {base.worlds} worlds, {base.days} days, {base.actors} actors of {base.moves} "
        f"moves in a ring, foresight {base.foresight}: {unit:.2f} us a world-day"
    )


def growing(c: Course, costs: list[float]) -> str:
    """How the costs of a course grow: exponents, and the costs over the first."""
    whole, end = exponent(c.values, costs), exponent(c.values[-2:], costs[-2:])
    shown = "  ".join(f"{v:g}: {x / costs[0]:.1f}" for v, x in zip(c.values, costs, strict=True))
    return f"~ {c.of}^{whole:.2f}, at the end {end:.2f}  ({shown})"


if __name__ == "__main__":
    for row in report(quick="--quick" in sys.argv):
        print(row, flush=True)

"""How cost grows: synthetic crises of a chosen size, one dimension varied at a time.

    python bench/growth.py

A synthetic crisis has actors in a ring, each with moves of its own over a few shared stocks, a
utility of four terms, a hazard and, for every neighbour it weighs, its foresight. The exponent is
the slope of a least-squares line through the logarithms of size and cost.
"""

from __future__ import annotations

import datetime as dt
import math
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.offramp_worlds import Engine, engine
from offramp.case.case import read_crisis

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
        if size.actors > 1:
            lines += [f"    weighs: [actor_{(i + 1) % size.actors}]"]
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


def report(fast: bool = True, quick: bool = False) -> Iterator[str]:
    """The lines of the table of growth, as they are measured."""
    base = Size(worlds=512 if quick else 2048) if fast else Size(worlds=6, days=20)
    scale = (1, 2, 4) if quick else (1, 2, 4, 8)
    dimensions: dict[str, list[int]] = {
        "worlds": [base.worlds * k for k in scale],
        "days": [base.days * k // 2 for k in scale],
        "actors": [2, 4, 8],
        "moves": [2, 4, 8],
    }
    rounds = 3 if quick else 5
    known: dict[str, Engine] = {}

    def timed(name: str, values: Sequence[int]) -> list[float]:
        made = {}
        for value in values:
            size = replace(base, **{name: value})
            source = text(size)
            if source not in known:
                known[source] = engine(read_crisis(source)[0], fast=fast)
            made[size] = known[source]
        return costs(made, fast, rounds)

    for name, values in dimensions.items():
        taken = timed(name, values)
        fitted = exponent([float(v) for v in values], taken)
        shown = "  ".join(f"{v}: {c / taken[0]:.2f}" for v, c in zip(values, taken, strict=True))
        yield f"{name:10} cost ~ {name + f'^{fitted:.2f}':12} relative cost  {shown}"
    taken = timed("foresight", (0, 1, 2))
    shown = "  ".join(f"{k}: {c / taken[0]:.2f}" for k, c in enumerate(taken))
    yield f"{'foresight':10} {'':19} relative cost  {shown}"
    unit = taken[1] / base.worlds / base.days * 1e6
    yield (
        f"base: {base.worlds} worlds, {base.days} days, {base.actors} actors of {base.moves} "
        f"moves, foresight {base.foresight}: {unit:.2f} us a world-day"
    )


if __name__ == "__main__":
    for row in report(quick="--quick" in sys.argv):
        print(row, flush=True)

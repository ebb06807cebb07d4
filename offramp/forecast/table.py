"""The forecast as a table that fits a terminal."""

from __future__ import annotations

import math
import os
import shutil
import sys

from rich.console import Console
from rich.table import Table

from offramp.forecast.answers import Answer, Forecast


def percent(p: float) -> str:
    """Whole percent; what rounds to 0 or 100 but is neither says so."""
    if 0 < p < 0.005:
        return "<1%"
    if 0.995 < p < 1:
        return ">99%"
    return f"{p:.0%}"


def one_in(p: float) -> str:
    """'1 in N', the way readers grasp small shares; blank near or above a half."""
    if p <= 0 or p > 0.4:
        return ""
    return f"1 in {round(1 / p)}"


def interval(bounds: tuple[float, float] | None) -> str:
    """The 90% Monte Carlo interval, rounded outward to whole percent."""
    if bounds is None:
        return ""
    low, high = bounds
    return f"{math.floor(low * 100)}-{math.ceil(high * 100)}%"


def console(stderr: bool = False) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else max(100, shutil.get_terminal_size((100, 24)).columns)
    return Console(
        stderr=stderr, width=width, no_color="NO_COLOR" in os.environ, highlight=False,
        soft_wrap=False,
    )  # fmt: skip


def print_forecast(f: Forecast, only_headlines: bool = False) -> None:
    out = console()
    out.print(
        f"[bold]{f.title}[/]  {f.first} to {f.last}, {f.worlds} worlds, seed {f.seed}\n"
        f"{f.about}\nmodel {f.model_sha256[:16]}, version {f.version}\n"
    )
    table = Table(box=None, pad_edge=False, header_style="bold", row_styles=["", "dim"])
    table.add_column("", justify="right")
    table.add_column("90%", justify="right")
    table.add_column("question", ratio=1)
    table.add_column("stated", justify="right")
    table.add_column("sized", justify="right")
    table.add_column("ours", justify="right")
    table.add_column("record")
    for a in f.answers:
        if a.headline or not only_headlines:
            table.add_row(*_row(a))
    out.print(table)
    for q in () if only_headlines else f.quantities:
        out.print(f"\n{q.text}")
        out.print("  " + _spread(q.values, q.unit))
    out.print(
        "\n90%: Monte Carlo interval only, from the number of worlds. stated, sized, ours: numbers "
        "within two steps of the question that a passage states, supports, or that we assumed. "
        "record: what happened, where known. Nothing reported after the first day is used."
    )
    if f.ensemble.collisions:
        names = ", ".join(f"{name} ({n} worlds)" for name, n in f.ensemble.collisions)
        out.print(f"[bold]set twice on one day[/] (the later event in the file won): {names}")


def _row(a: Answer) -> tuple[str, ...]:
    record = a.resolved.answer if a.resolved else ""
    counts = (str(a.near.stated), str(a.near.sized), str(a.near.assumed))
    if a.probability is None:
        return "-", "", f"{a.id}: {a.text} (no world met its condition)", *counts, record
    note = f" ({a.note})" if a.note else ""
    return (
        percent(a.probability), interval(a.interval), f"{a.id}: {a.text}{note}",
        *counts, record,
    )  # fmt: skip


def _spread(values: tuple[float, ...], unit: str) -> str:
    import datetime as dt

    if not values:
        return "no world"

    def words(p: float) -> str:
        v = values[min(len(values) - 1, int(p * len(values)))]
        return dt.date.fromordinal(int(v)).isoformat() if unit == "date" else f"{v:g}"

    tail = f" {unit}" if unit and unit != "date" else ""
    return f"median {words(0.5)}{tail}; eight in ten worlds from {words(0.1)} to {words(0.9)}{tail}"

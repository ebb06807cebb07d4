"""The forecast as a table that fits a terminal."""

from __future__ import annotations

import os
import shutil
import sys

from rich.console import Console
from rich.table import Table

from offramp.forecast.answers import Answer, Forecast, QuantityAnswer, quantile
from offramp.forecast.wording import interval, percent, value


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
        out.print("  " + _spread(q))
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
    sampling = interval(a.interval) if a.interval else ""
    return percent(a.probability), sampling, f"{a.id}: {a.text}{note}", *counts, record


def _spread(q: QuantityAnswer) -> str:
    if not q.values:
        return "no world"
    low, middle, high = (_value(q, quantile(q.values, p)) for p in (0.1, 0.5, 0.9))
    tail = f" {q.unit}" if q.unit and q.unit != "date" else ""
    return f"median {middle}{tail}; eight in ten worlds from {low} to {high}{tail}"


def _value(q: QuantityAnswer, v: float) -> str:
    return "never" if q.unit == "date" and v > q.window[1].toordinal() else value(v, q.unit)

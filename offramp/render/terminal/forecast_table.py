"""The forecast as a table that fits a terminal."""

from __future__ import annotations

import os
import shutil
import sys

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from offramp.answers.forecast import Answer, Forecast
from offramp.answers.spread import spread
from offramp.answers.wording import interval, percent


def console(stderr: bool = False) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else max(100, shutil.get_terminal_size((100, 24)).columns)
    return Console(
        stderr=stderr,
        width=width,
        no_color="NO_COLOR" in os.environ,
        highlight=False,
        soft_wrap=False,
    )


def print_forecast(f: Forecast, only_headlines: bool = False) -> None:
    out = console()
    out.print(
        f"[bold]{escape(f.title)}[/]  {f.first} to {f.last}, {f.worlds} worlds, seed {f.seed}\n"
        f"{escape(f.about)}\nmodel {f.model_sha256[:16]}, version {f.version}\n"
    )
    table = Table(box=None, pad_edge=False, header_style="bold", row_styles=["", "dim"])
    table.add_column("", justify="right")
    table.add_column("sampling", justify="right")
    table.add_column("question", ratio=1)
    table.add_column("stated", justify="right")
    table.add_column("sized", justify="right")
    table.add_column("assumed", justify="right")
    table.add_column("record")
    for a in f.answers:
        if a.headline or not only_headlines:
            table.add_row(*map(escape, _row(a)))
    out.print(table)
    for q in () if only_headlines else f.quantities:
        out.print(escape(f"\n{q.text}"))
        out.print("  " + spread(q, f.worlds))
    if only_headlines:
        shown = sum(a.headline for a in f.answers)
        out.print(
            f"\n{shown} of {len(f.answers)} questions; all: offramp forecast {f.case} "
            f"--worlds {f.worlds} --seed {f.seed}"
        )
    for u in f.unasked:
        out.print(escape(f"\nNot asked: {u}"))
    out.print(
        "\nsampling: how far the number could move by drawing other worlds (90%). stated, sized, "
        "assumed: numbers within two steps of the question in the model that a passage states, "
        "supports with the size ours, or that we assumed. record: what happened; blank where not "
        "decided, annulled where the condition did not arise."
    )
    out.print(
        f"Worlds begin on {f.first} and are not adjusted to what was reported after that day."
        + (
            " *: a document that raises the question was written after its window opened, so its "
            "author may have known; no test of foresight."
            if any(a.written_later for a in f.answers)
            else ""
        )
    )
    if f.ensemble.collisions:
        names = ", ".join(f"{name} ({n} worlds)" for name, n in f.ensemble.collisions)
        out.print(
            f"On some day two events set the same quantity; the later in the file won: {names}."
        )


def _row(a: Answer) -> tuple[str, ...]:
    record = a.resolved.answer if a.resolved else ""
    counts = (str(a.near.stated), str(a.near.sized), str(a.near.assumed))
    if a.probability is None:
        none = f"no world met its condition: {a.given}"
        return "-", "", f"{a.id}: {a.text} ({none})", *counts, record
    note = f" ({a.note})" if a.note else ""
    mark = "* " if a.written_later else ""
    sampling = interval(a.interval) if a.interval else ""
    return percent(a.probability), sampling, f"{mark}{a.id}: {a.text}{note}", *counts, record

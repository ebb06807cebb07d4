"""Which reports tell between authors, in a terminal."""

from __future__ import annotations

import math

from rich.markup import escape
from rich.table import Table

from offramp.explain.diagnosticity import Diagnosticity, Row, needed
from offramp.render.evidence_said import (
    EARLIER,
    READING,
    distrusted,
    earlier,
    error,
    none_tells,
    told,
)
from offramp.render.terminal.forecast_table import console
from offramp.text.diagnostics import counted

MOST = 15  # rows that tell nothing; --json has all


def print_evidence(d: Diagnosticity) -> None:
    out = console()
    out.print(
        f"[bold]{escape(d.case)}[/]: the reports known by {d.as_of}, under the premises of "
        f"{counted(len(d.authors), 'author')}; {d.worlds:,} worlds each, seed {d.seed}\n"
    )
    telling = [r for r in d.ordered if r.tells]
    rest = [r for r in d.ordered if not r.tells]
    if telling:
        out.print(f"[bold]What tells between them[/] ({len(telling)} of {len(d.rows)} rows)")
        out.print(_table(d, telling))
    else:
        out.print(f"{escape(none_tells(d))}.")
    out.print(f"\n[bold]What speaks for nobody[/] ({counted(len(rest), 'row')})")
    if rest:
        out.print(_rest(d, rest[:MOST]))
    if len(rest) > MOST:
        out.print(f"  and {len(rest) - MOST} more; --json has all")
    out.print("\n[bold]Together[/], in nats of log evidence")
    for name, title in d.authors.items():
        e = d.totals[name]
        out.print(f"  {name:<14} {e.value:9.2f} {error(e)}  {escape(title)}")
    for name, why in d.unmixed.items():
        out.print(f"  {escape(distrusted(name, why))}")
    if earlier(d):
        out.print(f"\n{EARLIER}")
    out.print(f"\nEach column: {READING}", soft_wrap=False)


def _table(d: Diagnosticity, rows: list[Row]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    table.add_column("days", no_wrap=True)
    table.add_column("what was reported", ratio=1)
    for name in d.authors:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("ratio", justify="right", no_wrap=True)
    table.add_column("for", no_wrap=True)
    for r in rows:
        cells = [f"{r.logs[n].value:.1f}" for n in d.authors]
        ratio = f"{math.exp(min(700.0, r.ratio)):,.1f}"
        table.add_row(_days(r), escape(told(r)), *cells, ratio, f"{r.best} over {r.worst}")
    return table


def _rest(d: Diagnosticity, rows: list[Row]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    table.add_column("days", no_wrap=True)
    table.add_column("what was reported", ratio=1)
    table.add_column("nats apart", justify="right", no_wrap=True)
    table.add_column("needed", justify="right", no_wrap=True)
    for r in rows:
        least = needed(r, d.islands)
        lost = {r.best, r.worst} & set(d.unmixed)
        needs = "more worlds" if lost or math.isinf(least) else f"{least:.1f}"
        table.add_row(_days(r), escape(told(r)), f"{r.ratio:.1f}", needs)
    return table


def _days(row: Row) -> str:
    return str(row.first) if row.first == row.last else f"{row.first} to {row.last:%m-%d}"

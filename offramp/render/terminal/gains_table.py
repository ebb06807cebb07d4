"""Who gained and who lost, under each assessment, in a terminal."""

from __future__ import annotations

from rich.markup import escape
from rich.table import Table

from offramp.explain.gains import Gain, Gains
from offramp.render.terminal.forecast_table import console

TERMS = 3
SIGNS = {"gained": "+", "lost": "-", "even": "="}


def cell(g: Gain | None) -> str:
    return "" if g is None else f"{SIGNS[g.verdict]} {abs(g.change):.1f}"


def print_gains(found: tuple[Gains, ...], only: tuple[str, ...] = ()) -> None:
    """One row an actor, one column an assessment; then what made the difference."""
    out = console()
    one = found[0]
    out.print(
        f"[bold]{escape(one.case)}[/]: change of each actor's own utility from before {one.first} "
        f"to the evening of {one.last}\n{one.worlds} worlds conditioned on the reports, under "
        f"each author, seed {one.seed}\n"
    )
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("actor", ratio=1)
    for g in found:
        table.add_column(escape(g.assessment), justify="right")
    by = [{x.actor: x for x in g.gains} for g in found]
    names = [x for x in one.gains if not only or x.actor in only]
    for x in names:
        table.add_row(escape(x.title), *(cell(row.get(x.actor)) for row in by))
    out.print(table)
    out.print(
        "+ gained, - lost, = within three Monte Carlo errors of no change; each actor on its own "
        "scale, so compare along a row and never down a column.\n"
    )
    for x in names:
        parts = []
        for t in x.terms[:TERMS]:
            if abs(t.change) > 3 * t.mc_error:
                marks = f" [{' '.join(t.passages[:3])}]" if t.passages else ""
                parts.append(f"{t.name} {t.change:+.2f}{marks}")
        if parts:
            out.print(
                f"[bold]{escape(x.title)}[/] ({escape(one.assessment)}): {escape('; '.join(parts))}"
            )
    if one.left:
        out.print(f"\nNot counted, since they rest on beliefs: {escape('; '.join(one.left))}")

"""Scenarios in a terminal: where they are real, and why not where they are not."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from offramp.answers.wording import day, interval, percent
from offramp.explain.scenarios import Scenario, Scenarios, Sign
from offramp.render.scenarios_said import MOST, READING, again, ends, happened, sign, verdict
from offramp.render.terminal.forecast_table import console
from offramp.text.diagnostics import counted


def print_scenarios(s: Scenarios) -> None:
    out = console()
    known = "free worlds" if s.as_of is None else f"worlds as of {s.as_of}"
    under = "" if s.assessment == "case" else f", under {s.assessment}"
    out.print(
        f"[bold]{escape(s.case)}[/]: whole histories from {s.first} to {s.last}; "
        f"{s.worlds:,} {known}{escape(under)}, seed {s.seed}\n"
    )
    if s.refused:
        out.print(f"[bold]No scenarios.[/] {escape(s.refused)}.\n")
    for k, x in enumerate(s.found, 1):
        _scenario(out, s, k, x)
    out.print("[bold]What was looked for[/]")
    out.print(_tried(s))
    out.print(f"\n{READING}")


def _tried(s: Scenarios) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    for heading in ("clusters", "found again", "agree", "explain", "a cloud", "dip", "needed"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("")
    for t in s.tried:
        table.add_row(
            str(t.clusters),
            f"{min(t.jaccard):.2f}",
            f"{t.agreement:.2f}",
            percent(t.explained),
            percent(t.null),
            f"{t.gap.dip:.3f}",
            f"{t.gap.needed:.3f}",
            verdict(t),
        )
    return table


def _scenario(out: Console, s: Scenarios, k: int, x: Scenario) -> None:
    out.print(f"[bold]Scenario {k}: {percent(x.share)} of worlds[/] (90%: {interval(x.interval)})")
    for heading, marks in (("turns", x.turns), ("early signposts", x.signposts)):
        if marks:
            out.print(_signs(heading, k, marks))
    out.print(_endings(s, x))
    out.print(f"  The world of its middle, number {x.world} ({escape(again(s, x))})")
    for t in x.told[:MOST]:
        out.print(f"    {day(t.day)}  {escape(happened(t))}")
    if len(x.told) > MOST:
        out.print(f"    and {counted(len(x.told) - MOST, 'event')} more; --json has all")
    out.print()


def _signs(heading: str, k: int, marks: tuple[Sign, ...]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    table.add_column("  by", no_wrap=True)
    table.add_column(heading, ratio=1)
    table.add_column(f"then scenario {k} (90%)", justify="right", no_wrap=True)
    table.add_column("of worlds", justify="right", no_wrap=True)
    for s in marks:
        chance = f"{percent(s.chance)} ({interval(s.interval)})"
        table.add_row(f"  {day(s.by)}", escape(sign(s)), chance, percent(s.shown))
    return table


def _endings(s: Scenarios, x: Scenario) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    table.add_column(f"  at the end, on {day(s.last)}", ratio=1)
    table.add_column("10 / 50 / 90% of its worlds", justify="right")
    table.add_column("of all worlds", justify="right")
    for e in x.endings:
        table.add_row(f"  {escape(e.title)}", ends(e, e.here), ends(e, e.anywhere))
    return table

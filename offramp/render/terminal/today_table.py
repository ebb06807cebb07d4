"""What has changed since the last time, in a terminal."""

from __future__ import annotations

from rich.markup import escape
from rich.table import Table

from offramp.answers.wording import day
from offramp.explain.today import Today
from offramp.render.terminal.forecast_table import console
from offramp.render.today_said import (
    READING,
    asked,
    briefly,
    by,
    factor,
    report,
    share,
    surprise,
    wear,
)
from offramp.text.diagnostics import counted


def print_today(t: Today) -> None:
    out, p = console(), t.known.posterior
    whose = "" if t.known.assessment == "case" else f" under the premises of '{t.known.assessment}'"
    out.print(
        f"[bold]{escape(t.case)}[/], {day(t.as_of)}, since {day(t.then)}{whose}: {p.worlds:,} "
        f"worlds in {len(p.islands)} islands, seed {p.filter.seed}\n"
    )
    _reports(t)
    if t.edits:
        out.print(f"\n[bold]Edited since[/]: {escape('; '.join(t.edits))}")
        own = [c for c in t.changes if c.edited]
        if not own:
            out.print("  no answer that is kept of then was changed by that beyond its error")
        for c in own:
            assert c.edit is not None
            out.print(escape(f"  {factor(t, c.edit.log_odds, c.edit.error)}  {asked(c)}"))
    if t.known.refused:
        out.print(f"\n[bold]No answers:[/] {escape(t.known.refused)}")
    else:
        _changes(t)
    _surprises(t)
    if t.closed:
        out.print("\n[bold]Closed since[/]")
        for q in t.closed:
            out.print(escape(f"  {q.id}: {q.text}"))
    if t.due:
        out.print("\n[bold]Due within seven days[/]")
        for d in t.due:
            out.print(escape(f"  {day(d.day)}: {d.id}: {d.words}"))
    out.print(f"\n[bold]Worlds[/] {escape(wear(t))}")
    out.print(f"\n{READING}")


def _reports(t: Today) -> None:
    out = console()
    out.print(f"[bold]{counted(len(t.reports), 'new report')}[/]" + (":" * bool(t.reports)))
    for r in t.reports:
        out.print(escape(f"  {report(r)}"))
    if t.outside:
        out.print("\n[bold]The model has no event for[/]")
        for r in t.outside:
            out.print(escape(f"  {report(r)}"))
    for words in t.doubles:
        out.print(escape(f"\nTold twice? {words}"))


def _changes(t: Today) -> None:
    out, quiet = console(), len(t.changes) - len(t.news)
    if not t.changes:
        out.print(f"\nThere is no answer of {day(t.then)} to compare with")
        return
    if not t.news:
        out.print(f"\n[bold]No news[/]: none of {counted(quiet, 'answer')} beyond its error")
        return
    out.print(f"\n[bold]What changed[/] ({len(t.news)} of {len(t.changes)} answers)")
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    table.add_column("then", justify="right", no_wrap=True)
    table.add_column("now", justify="right", no_wrap=True)
    table.add_column("odds x", no_wrap=True)
    table.add_column("", ratio=1)
    for c in t.news:
        then, now = share(c.then, c.then_error), share(c.now, c.now_error)
        sure = c.then in (0.0, 1.0) or c.now in (0.0, 1.0)
        how = "decided" if c.id in t.known.decided else factor(t, c.log_odds, c.error, sure)
        table.add_row(then, now, how, escape(asked(c)))
        for p in c.parts:
            if t.told(p):
                times = factor(t, p.log_odds, p.error, sure)
                table.add_row("", "", times, escape(f"  {by(t, p)}"))
        rest = ", ".join(briefly(t, p) for p in c.parts if not t.told(p))
        if rest:
            table.add_row("", "", "[dim]no news[/]", escape(f"  {rest}"))
    out.print(table)
    out.print(f"The other {counted(quiet, 'answer')}: within their errors, no news")


def _surprises(t: Today) -> None:
    out = console()
    out.print("\n[bold]How surprising[/], in nats, given all before")
    for s in t.surprises:
        out.print(escape(f"  {day(s.day)}: {surprise(s)}"))

"""A morning of a game, as a seat sees it, in a terminal."""

from __future__ import annotations

from rich.markup import escape

from offramp.answers.wording import day
from offramp.play.asking import Ask
from offramp.play.sight import View
from offramp.render.game_said import Told
from offramp.render.terminal.forecast_table import console


def print_morning(told: Told, v: View, since: int) -> None:
    """What is new since the day `since`, and how things stand."""
    out = console()
    head = "The game is over" if v.over else "Morning"
    out.print(f"\n[bold]{escape(v.title)}: {head}, {day(v.date)}[/]")
    new = [s for s in v.happened if s.day >= since]
    for s in new:
        out.print(f"  {escape(told.happened(s))}")
    if not new:
        out.print("  Nothing that you see has happened.")
    for c in v.coming:
        out.print(f"  Under way: {escape(told.coming(c))}")


def print_all(told: Told, v: View) -> None:
    """How everything stands that a seat sees."""
    out = console()
    for title, rows in (
        ("What you see", [told.reading(r) for r in v.readings]),
        ("What it is worth to you", [told.want(w) for w in v.wants]),
        ("What you take the others for", [told.belief(h) for h in v.beliefs]),
    ):
        if rows:
            out.print(f"\n[bold]{title}[/]")
        for row in rows:
            out.print(f"  {escape(row)}")


def print_ask(told: Told, ask: Ask) -> None:
    """A decision, with its answers numbered; 0 is to do nothing."""
    out = console()
    out.print(f"\n[bold]{escape(told.asked(ask))}[/]")
    if ask.consent:
        out.print(f"  y  yes: {escape(told.consented(ask))}\n  n  no")
        return
    for k, o in enumerate(ask.open, start=1):
        out.print(f"  {k:>2}  {escape(told.option(o))}")
    out.print("   0  Nothing")
    closed = [o for o in ask.options if o.closed]
    if closed:
        out.print("  [dim]Not today:[/]")
    for o in closed:
        out.print(f"      [dim]{escape(told.closed(o))}[/]")

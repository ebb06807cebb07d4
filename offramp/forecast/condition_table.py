"""A case as of a day, in a terminal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from rich.markup import escape
from rich.table import Table

from offramp.forecast.conditioned import Conditioned, Learned
from offramp.forecast.resolve import Outcome
from offramp.forecast.spread import spread
from offramp.forecast.table import console
from offramp.forecast.wording import interval, percent
from offramp.history.reports import Report

SURPRISES = 5  # days shown
NEAR = dt.timedelta(2)  # reports whose day is less certain than this are not laid on a day


def print_conditioned(c: Conditioned, decided: Mapping[str, Outcome] | None = None) -> None:
    """`decided`: questions that the reports known by the day had decided already, by their id."""
    out, decided = console(), decided or {}
    last, p = c.posterior.days[-1], c.posterior
    whose = "" if c.assessment == "case" else f" under the assessment '{c.assessment}'"
    rows = [r for r in c.reports if r.kind in ("event", "quantity")]
    out.print(
        f"[bold]{escape(c.case)}[/] as of {c.as_of}{whose}: {len(rows)} reports lived by "
        f"{p.worlds} worlds in {len(p.islands)} islands, seed {p.filter.seed}\n"
        f"model {c.model_sha256[:16]}\n"
    )
    out.print(
        f"log evidence {last.log_evidence:.2f}, Monte Carlo error {last.mc_error:.2f} (nats); "
        f"effective size {last.ess:.0f} on the last day (the smallest on the way was "
        f"{p.smallest.ess:.0f}, on {p.smallest.date})"
    )
    out.print("\n[bold]The days that surprised the model most[/]")
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("day")
    table.add_column("nats", justify="right")
    table.add_column("what was reported", ratio=1)
    for day in sorted(p.days, key=lambda d: -d.surprise)[:SURPRISES]:
        told = [r for r in rows if r.first <= day.date <= r.last <= r.first + NEAR]
        words = "; ".join(f"{'perhaps: ' * r.disputed}{r.report} [{names(r)}]" for r in told)
        table.add_row(str(day.date), f"{day.surprise:.1f}", escape(words or "nothing"))
    out.print(table)
    if c.refused or c.forecast is None:
        out.print(f"\n[bold]No posterior:[/] {escape(c.refused)}")
        return
    out.print("\n[bold]What the reports say of the unknowns[/] (10, 50 and 90% points)")
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("unknown", ratio=1)
    table.add_column("before", justify="right")
    table.add_column("after", justify="right")
    for u in sorted(c.learned, key=moved, reverse=True)[:10]:
        table.add_row(escape(u.title or u.name), points(u, u.before), points(u, u.after))
    out.print(table)
    out.print(f"\n[bold]Questions whose window was still open on {c.as_of}[/]")
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("", justify="right")
    table.add_column("sampling", justify="right")
    table.add_column("question", ratio=1)
    table.add_column("record")
    for a in c.forecast.answers:
        recorded = c.forecast.recorded(a)
        known = escape(recorded.answer) if recorded else ""
        if a.id in decided:
            known = escape(f"{decided[a.id].already}: {decided[a.id].briefly}")
        if a.probability is None:
            table.add_row("-", "", escape(f"{a.id}: {a.text} (no world met its condition)"), known)
            continue
        sampling = interval(a.interval) if a.interval else ""
        note = f" ({a.note})" if a.note else ""
        table.add_row(percent(a.probability), sampling, escape(f"{a.id}: {a.text}{note}"), known)
    out.print(table)
    for choice in c.forecast.choices:
        out.print(f"\n{escape(choice.text)}")
        if choice.id in decided:
            known_by_then = decided[choice.id]
            out.print(escape(f"  {known_by_then.already}: {known_by_then.briefly}"))
        if choice.worlds == 0:
            out.print("  no world met its condition")
            continue
        rest = f", none of these {percent(choice.none)}" if choice.none else ""
        out.print(
            "  " + ", ".join(
                f"{name.replace('_', ' ')} {percent(share)}"
                for name, share in zip(choice.options, choice.probabilities, strict=True)
            ) + rest
        )  # fmt: skip
    for q in c.forecast.quantities:
        out.print(f"\n{escape(q.text)}")
        if q.id in decided:
            out.print(escape(f"  {decided[q.id].already}: {decided[q.id].briefly}"))
        out.print("  " + spread(q, c.forecast.worlds))
    out.print(
        "\nlog evidence: the natural logarithm of the probability of all reports together. nats: "
        "minus that of a day's reports after all earlier ones. sampling: how far a number could "
        "move by drawing other worlds (90%). record: what happened, as far as it was known "
        + ("later." if c.forecast.with_record else f"by {c.as_of}; --with-record shows the rest.")
    )


def names(r: Report) -> str:
    """A report's id; of one that several rows tell of, with all their sources."""
    return r.id if r.rows == 1 else f"{r.id}: {r.source}"


def moved(u: Learned) -> float:
    """How far the reports moved an unknown, on a scale of its own width."""
    if u.options:
        return sum(abs(a - b) for a, b in zip(u.before, u.after, strict=True))
    width = u.before[2] - u.before[0]
    away = abs(u.after[1] - u.before[1]) + abs((u.after[2] - u.after[0]) - width)
    return away / width if width > 0 else 0.0


def points(u: Learned, values: tuple[float, ...]) -> str:
    if not u.options:
        return "  ".join(f"{v:.2f}" for v in values)
    return "  ".join(f"{n} {v:.0%}" for n, v in zip(u.options, values, strict=True))

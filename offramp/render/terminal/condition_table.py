"""A case as of a day, in a terminal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from rich.markup import escape
from rich.table import Table

from offramp.answers.conditioned import Conditioned, Learned
from offramp.answers.forecast import told
from offramp.answers.resolve import Outcome
from offramp.answers.spread import spread
from offramp.answers.wording import interval, percent
from offramp.case.record import Report
from offramp.render.terminal.forecast_table import console
from offramp.text.diagnostics import counted

SURPRISES = 5  # days shown
NEAR = dt.timedelta(2)  # reports whose day is less certain than this are not laid on a day


def print_conditioned(c: Conditioned, decided: Mapping[str, Outcome] | None = None) -> None:
    """`decided`: questions that the reports known by the day had decided already, by their id."""
    out, decided = console(), decided or {}
    last, p = c.posterior.days[-1], c.posterior
    whose = "" if c.assessment == "case" else f" under the premises of '{c.assessment}'"
    rows = [r for r in c.reports if r.kind in ("event", "quantity")]
    out.print(
        f"[bold]{escape(c.case)}[/] as of {c.as_of}{whose}: {p.worlds} worlds in "
        f"{len(p.islands)} islands conditioned on {counted(len(rows), 'report')}, "
        f"seed {p.filter.seed}\nmodel {c.model_sha256[:16]}\n"
    )
    out.print(
        f"log evidence {last.log_evidence:.2f}, Monte Carlo error {last.mc_error:.2f} (nats), by "
        f"{last.islands:.1f} effective islands\nthe posterior of the unknown estimated worst is "
        f"worth {last.ess:.0f} independent worlds (R-hat {last.r_hat:.3f})"
    )
    out.print("\n[bold]The days that surprised the model most[/]")
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("day")
    table.add_column("nats", justify="right")
    table.add_column("what was reported", ratio=1)
    for day in sorted(p.days, key=lambda d: -d.surprise)[:SURPRISES]:
        words = "; ".join(reported(c, rows, day.date))
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
    for u in sorted((u for u in c.learned if u.after), key=moved, reverse=True)[:10]:
        table.add_row(escape(u.title or u.name), points(u, u.before), points(u, u.after))
    out.print(table)
    if c.unmixed:
        out.print(escape(c.unmixed))
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
            none = f"no world met its condition: {a.given}"
            table.add_row("-", "", escape(f"{a.id}: {a.text} ({none})"), known)
            continue
        sampling = interval(a.interval) if a.interval else ""
        note = f" ({a.note})" if a.note else ""
        table.add_row(percent(a.probability), sampling, escape(f"{a.id}: {a.text}{note}"), known)
    out.print(table)
    for choice in c.forecast.choices:
        out.print(f"\n{escape(told(choice.text, choice.given))}")
        if choice.id in decided:
            known_by_then = decided[choice.id]
            out.print(escape(f"  {known_by_then.already}: {known_by_then.briefly}"))
        if choice.worlds == 0:
            out.print("  no world met its condition")
            continue
        rest = f", none of these {percent(choice.none)}" if choice.none else ""
        out.print(
            "  "
            + ", ".join(
                f"{name.replace('_', ' ')} {percent(share)}"
                for name, share in zip(choice.options, choice.probabilities, strict=True)
            )
            + rest
        )
    for q in c.forecast.quantities:
        out.print(f"\n{escape(q.text)}")
        if q.id in decided:
            out.print(escape(f"  {decided[q.id].already}: {decided[q.id].briefly}"))
        out.print("  " + spread(q, c.forecast.worlds))
    for late in c.forecast.unasked:
        out.print(escape(f"\nNot asked: {late}"))
    out.print(
        "\nlog evidence: the natural logarithm of the probability of all reports together. nats: "
        "minus that of a day's reports after all earlier ones. sampling: how far a number could "
        "move by drawing other worlds (90%). record: what happened, as far as it was known "
        + ("later." if c.forecast.with_record else f"by {c.as_of}; --with-record shows the rest.")
    )


def reported(c: Conditioned, rows: list[Report], day: dt.date) -> list[str]:
    """The reports of a day, and of what was decided on it: a deed with a lead time is weighed on
    the day of its decision, so that is where it may surprise."""
    f, out = c.posterior.filter, []
    leads = {e.event.name: f.schedule.lead(e.index) for e in f.plan.events}
    for r in rows:
        if r.last > r.first + NEAR:
            continue
        lead = dt.timedelta(leads.get(r.what, 0) if r.kind == "event" else 0)
        what = f"{'perhaps: ' * r.disputed}{r.report}"
        if lead and r.first <= day + lead <= r.last:
            out.append(f"decided, and done on {day + lead}: {what} [{names(r)}]")
        elif r.first <= day <= r.last:
            before = f" (weighed on {day - lead}, when it was decided)" if lead else ""
            out.append(f"{what}{before} [{names(r)}]")
    return out


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

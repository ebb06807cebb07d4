"""Two cases of one crisis, in a terminal."""

from __future__ import annotations

import datetime as dt

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from offramp.answers.forecast import told
from offramp.answers.wording import percent
from offramp.explain.changes import Change
from offramp.explain.diff import Diff, Moved
from offramp.render.terminal.forecast_table import console
from offramp.text.diagnostics import Span, counted

ROWS = 16  # answers beyond their error
CHANGES = 40
LONGEST = 70  # characters of a value


def print_diff(d: Diff) -> None:
    out = console()
    out.print(
        f"[bold]{escape(d.old)}[/] and [bold]{escape(d.new)}[/]: "
        f"{counted(len(d.changes), 'difference')} of the models; {d.worlds:,} worlds of each, "
        f"seed {d.seed}, without reports"
    )
    for note in d.notes:
        out.print(escape(f"note: {note}"))
    if not d.changes:
        out.print("The models say the same, and so do their answers.")
    for c in d.changes[:CHANGES]:
        _change(out, c)
    if len(d.changes) > CHANGES:
        out.print(f"{len(d.changes) - CHANGES} more (--json has all).")
    if d.files:
        out.print(
            escape(f"\nAlso different, and no answer here follows from it: {', '.join(d.files)}")
        )
    if any(c.moving for c in d.changes):
        _answers(out, d)
    for asked, which in ((d.only_old, d.old), (d.only_new, d.new)):
        if asked:
            out.print(f"\n[bold]Asked by {escape(which)} alone[/]")
            for q in asked:
                out.print(escape(f"  {q.id}: {q.text}"))


def _change(out: Console, c: Change) -> None:
    where = f"{c.element}, {c.part}" if c.part else c.element
    where += f" (also {', '.join(c.also)})" if c.also else ""
    places = " and ".join(dict.fromkeys(_place(s) for s in (c.old_place, c.new_place) if s))
    said = {
        "added": f"added: {_short(c.new)}",
        "gone": f"gone: {_short(c.old)}",
        "mark": f"another basis: {_short(c.old) or 'none'} became {_short(c.new) or 'none'}",
    }.get(c.kind, f"{_short(c.old) or 'nothing'} became {_short(c.new) or 'nothing'}")
    quiet = "" if c.moving else "  [moves no answer here]"
    out.print(escape(f"  {where}: {said}{f'  ({places})' if places else ''}{quiet}"))


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _place(span: Span) -> str:
    return f"{span.file}:{span.line}"


def _answers(out: Console, d: Diff) -> None:
    beyond = [m for m in d.answers if m.distinct]
    within = [m for m in d.answers if not m.distinct and m.difference is not None]
    none = [m for m in d.answers if m.difference is None]
    out.print(f"\n[bold]Answers[/] ({counted(len(d.answers), 'row')} that both give)")
    if beyond:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name in ("old", "new", "difference", "error"):
            table.add_column(name, justify="right")
        table.add_column("question", ratio=1)
        for m in beyond[:ROWS]:
            table.add_row(*map(escape, _row(m, d.first)))
        out.print(table)
    if len(beyond) > ROWS:
        out.print(f"{len(beyond) - ROWS} more beyond their error (--json has all).")
    if within:
        parted = {m.id for m in beyond}  # of a choice with some option beyond, the others by name
        named = (f"{m.id} ({m.option})" if m.option and m.id in parted else m.id for m in within)
        names = ", ".join(dict.fromkeys(named))
        out.print(escape(f"Within their error, so no difference is seen: {names}."))
    if none:
        names = ", ".join(m.id for m in none)
        out.print(escape(f"Without an answer, since no world meets the condition: {names}."))
    for a in d.alone:
        where = f"{a.change.element}, {a.change.part}: {a.change.old} became {a.change.new}"
        out.print(f"\n[bold]Alone[/]  {escape(where)}")
        moved = [m for m in a.answers if m.distinct]
        if a.why:
            out.print(escape(f"  {a.why}"))
        elif not moved:
            out.print("  every answer stays within its error")
        for m in moved[:ROWS]:
            said = _row(m, d.first)
            out.print(escape(f"  {said[2]:>12} (error {said[3]})  {m.id} {m.option}".rstrip()))
    if d.whole:
        out.print(escape(f"\n{d.whole}."))
    pairs = (
        "error: Monte Carlo, of pairs of worlds that threw the same dice."
        if d.paired
        else "error: Monte Carlo, of two independent runs: the cases begin on other days, or have "
        "few names in common, so that their worlds do not throw the same dice"
        + (" (those of one number alone do)." if d.alone else ".")
    )
    out.print(
        f"\n{pairs} Shown as different is what lies beyond three errors. Probabilities; of numbers "
        "and dates the means."
        + (" *: the cases ask it otherwise." if any(m.otherwise for m in beyond) else "")
    )


def _row(m: Moved, first: dt.date) -> tuple[str, ...]:
    assert m.old is not None
    assert m.new is not None
    assert m.difference is not None
    assert m.error is not None
    text = told(m.text, m.given) + (f": {m.option}" if m.option else "")
    text = f"{'* ' if m.otherwise else ''}{m.id}: {text}"
    if m.kind in ("binary", "choice"):
        points, error = f"{100 * m.difference:+.1f} points", f"{100 * m.error:.1f}"
        return percent(m.old), percent(m.new), points, error, text
    if m.unit == "days" and m.kind == "date":
        days = (str(first + dt.timedelta(round(x))) for x in (m.old, m.new))
        return *days, f"{m.difference:+.1f} days", f"{m.error:.1f}", text
    unit = f" {m.unit}" if m.unit else ""
    return f"{m.old:.3g}", f"{m.new:.3g}", f"{m.difference:+.3g}{unit}", f"{m.error:.2g}", text

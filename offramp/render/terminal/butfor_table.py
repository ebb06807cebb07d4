"""But for X, in a terminal."""

from __future__ import annotations

import datetime as dt

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from offramp.answers.forecast import told
from offramp.engine.ensemble import Story
from offramp.explain.butfor import ButFor, Contrast
from offramp.render.terminal.forecast_table import console

ROWS = 12
LINES = 24  # of a world and its twin


def print_but_for(b: ButFor, stories: int = 0) -> None:
    out = console()
    whose = "" if b.assessment == "case" else f" under the premises of '{escape(b.assessment)}'"
    edit = escape("; ".join(e.words for e in b.edit))
    out.print(
        f"[bold]{escape(b.case)}[/]{whose}; counterfactual: {edit}\n"
        f"{b.worlds} worlds conditioned on the reports up to {b.as_of} (effective size "
        f"{b.effective:.0f}), seed {b.seed};\nfrom {b.day} on each is simulated again, {_how(b)}, "
        "under the Gumbel coupling"
    )
    for note in b.notes:
        out.print(f"  {escape(note)}")
    for p, words in b.passages.items():
        out.print(f"  {p}: {escape(words)}")
    title = f"What would have happened from {b.day} to {b.as_of}"
    _table(out, _how(b), b.past, f"{title} (times, on average)", ROWS)
    _table(out, _how(b), b.quantities, f"How things would have stood on {b.as_of}", 8)
    after = f"after {b.as_of}, to {b.last} (times, on average)"
    _table(out, _how(b), b.future, f"What would have happened {after}", ROWS)
    _table(out, _how(b), b.questions, "Answers (probabilities, or mean numbers)", 16)
    out.print(
        "error: Monte Carlo, of the difference. new noise: the same mornings go on with new random "
        f"numbers and forget what was reported later, as it is and {_how(b)} (the independent "
        "coupling; compare these two with each other). * no difference of that sign is seen there "
        "beyond its error: it may depend on how choices are coupled across worlds, which no data "
        "can identify, or want more worlds."
    )
    for actual, other in b.stories[:stories]:
        _told(out, b, actual, other)


def _how(b: ButFor) -> str:
    """The other worlds, in words: most often an event is taken away."""
    return "without it" if all(e.verb == "never" for e in b.edit) else "changed"


def _table(out: Console, how: str, rows: tuple[Contrast, ...], title: str, most: int) -> None:
    distinct = [c for c in rows if c.distinct]
    out.print(f"\n[bold]{escape(title)}[/]")
    if not distinct:
        out.print("Nothing differs by more than the Monte Carlo error.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("as it was", how, "error", "new noise:", how):
        table.add_column(name, justify="right")
    table.add_column("what", ratio=1)
    for c in distinct[:most]:
        alone = f"{c.independent:.2f}{'*' if c.hangs_on_coupling else ' '}"
        again = f"{c.renewed:.2f}"
        record = " (in the record)" if c.happened else ""
        table.add_row(
            f"{c.actual:.2f}",
            f"{c.but_for:.2f}",
            f"{c.mc_error:.2f}",
            again,
            alone,
            escape(told(c.text, c.given) + record),
        )
    out.print(table)
    left = len(distinct) - most
    if left > 0:
        out.print(f"{left} more {'differs' if left == 1 else 'differ'} (--json has all).")


def _told(out: Console, b: ButFor, actual: Story, other: Story) -> None:
    """One world and its twin: what happened in the one and not in the other, day by day."""
    was = {(e.day, e.event, e.outcome): e for e in actual.log}
    then = {(e.day, e.event, e.outcome): e for e in other.log}
    out.print(f"\n[bold]One world and its twin[/] (- only as it was, + only {_how(b)})")
    for key in sorted(was.keys() ^ then.keys(), key=lambda k: (k[0], k[1]))[:LINES]:
        e = was.get(key) or then[key]
        how = f" ({e.outcome.replace('_', ' ')})" if e.outcome else ""
        day = b.first + dt.timedelta(e.day)
        out.print(escape(f"  {'-' if key in was else '+'} {day}  {e.title}{how}"))

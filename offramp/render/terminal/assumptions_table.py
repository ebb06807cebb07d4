"""The key assumptions, in a terminal: a table of all, and each with its source and what falls."""

from __future__ import annotations

import textwrap

from rich.markup import escape
from rich.table import Table

from offramp.answers.forecast import told
from offramp.answers.wording import percent
from offramp.explain.key_assumptions import Assumption, Assumptions
from offramp.render.assumptions_said import WHOSE, moved, name, notes, shared
from offramp.render.terminal.forecast_table import console
from offramp.text.diagnostics import counted

WIDTH = 80


def print_assumptions(a: Assumptions) -> None:
    out = console()
    known = f" as of {a.as_of}" if a.as_of else ""
    out.print(
        f"[bold]{escape(a.case)}[/]{known}: what {counted(len(a.questions), 'answer')} "
        f"{'leans' if len(a.questions) == 1 else 'lean'} on; {a.worlds:,} worlds, seed {a.seed}\n"
    )
    for q in a.questions:
        p = "no world" if q.probability is None else percent(q.probability)
        out.print(escape(_wrapped(f"{q.id}  {p}  {told(q.text, q.given)}")))
    moving = [x for x in a.assumptions if x.largest > 0]
    still = [x for x in a.assumptions if not x.largest]
    if moving:
        out.print("\n[bold]Where one is wrong, the largest move[/]")
        out.print(_table(moving))
    else:
        out.print("\nNone that was taken alone moves an answer beyond its error.")
    for place, x in enumerate(moving, 1):
        out.print()
        _print_one(place, x)
    if still:
        out.print("\n[bold]No move above error[/]")
        for x in still:
            out.print(escape(_wrapped(f"{name(x)} ({x.place})", "  ")))
    out.print()
    for text in notes(a):
        out.print(escape(_wrapped(text)))


def _table(moving: list[Assumption]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("assumption", ratio=1)
    table.add_column("basis", no_wrap=True)
    table.add_column("documents", justify="right")
    table.add_column("at", no_wrap=True)
    table.add_column("moves", no_wrap=True)
    for place, a in enumerate(moving, 1):
        setting, m = max(
            ((s, m) for s, m in a.moves if m.told), key=lambda pair: abs(pair[1].difference)
        )
        of = len(a.footing.documents)
        heard = f"{of}" if a.footing.voices == of else f"{of} ({a.footing.voices} voices)"
        at = setting.words.partition(" (")[0]
        table.add_row(
            str(place),
            escape(name(a)),
            WHOSE[a.footing.grade],
            heard if of else "none",
            escape(at),
            escape(f"{m.question} {m.words}"),
        )
    return table


def _print_one(place: int, a: Assumption) -> None:
    out = console()
    out.print(_wrapped(f"{place}. {name(a)}  [{a.place}]"), style="bold", markup=False)
    out.print(escape(_wrapped(a.text, "   ")))
    out.print(escape(_wrapped(a.footing.words, "   ")))
    if others := shared(a):
        out.print(escape(_wrapped(others, "   ")))
    if a.disputed:
        out.print(escape(_wrapped(f"the documents disagree on it: {'; '.join(a.disputed)}", "   ")))
    for s in a.settings:
        if s.why:
            out.print(escape(_wrapped(f"{s.words}: not known; {s.why}", "   ")))
        own = [m for m in s.moves if m.told]
        if own:
            told_of = "; ".join(map(moved, sorted(own, key=lambda m: -abs(m.difference))))
            out.print(escape(_wrapped(f"{s.words}: {told_of}", "   ")))


def _wrapped(text: str, indent: str = "") -> str:
    return textwrap.fill(
        " ".join(text.split()),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        break_on_hyphens=False,
    )

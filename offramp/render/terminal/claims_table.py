"""Causal claims in a terminal of 80 columns."""

from __future__ import annotations

import math

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from offramp.explain.claim_tests import Examination, Tested
from offramp.explain.effect_size import CHANGED, LEAST, LITTLE, MARGIN, NONE, RESTS
from offramp.render.terminal.forecast_table import console


def print_claims(x: Examination, out: Console | None = None) -> None:
    """All claims in a table; those that fail, with why; those that cannot be put; the counts."""
    out = out or console()
    out.print(
        f"[bold]Causal claims of {escape(x.case)}[/], each under its author's own assessment; "
        f"{x.worlds} worlds an arm, seed {x.seed}, {x.arms} arms\nmodel {x.model_sha256[:16]}\n"
    )
    tested = [t for t in x.tests if t.status != "inexpressible"]
    if tested:
        out.print(_table(tested))
    _section(out, "Claims that fail", [t for t in tested if t.status == "fails"])
    _section(
        out,
        "Claims that the model cannot state",
        [t for t in x.tests if t.status == "inexpressible"],
    )
    out.print("\n" + totals(x))
    out.print("\n" + READING)


READING = (
    "effect: the mean of the question (of a yes or no, its probability) with the cause raised "
    "less that with it lowered, with the same noise; error: its Monte Carlo error. d: the effect "
    "over the spread of worlds (Cohen 1988; Chinn 2000 for a yes or no). "
    + ", ".join(f"{name} needs {least:g}" for name, least in LEAST.items() if least)
    + f"; little, below {LITTLE:g} with its error; none, below {NONE:g} and with its error below "
    f"{MARGIN:g}. A claim holds when its sign is beyond two errors, {CHANGED} worlds change (what "
    f"is a count of events is integrated, and rests on {RESTS} worlds), and d reaches what was "
    "said. +: stronger than said, which still holds, for a hedge speaks of chance and not of size. "
    "~: within two errors of the bound. A claim that holds shows that the model says what its "
    "author says, not that it is so: the model was built from the same passages. Details: --json."
)


def totals(x: Examination) -> str:
    """The counts, and how many may hold by chance."""
    tested = len(x.tests) - x.count("inexpressible")
    stronger, edge = sum(bool(t.stronger) for t in x.tests), sum(t.edge for t in x.tests)
    kinds = {"structure": "by structure", "size": "by size", "untold": "cannot be told"}
    counts = [(sum(t.by == kind for t in x.tests), words) for kind, words in kinds.items()]
    failing = ", ".join(f"{n} {words}" for n, words in counts if n)
    words = (
        f"{len(x.tests)} claims: {tested} tested, {x.count('holds')} hold ({stronger} stronger "
        f"than said), {x.count('fails')} fail{f' ({failing})' if failing else ''}; {edge} of all "
        f"are within their error of the bound; {x.count('inexpressible')} cannot be stated."
    )
    if tested:
        words += (
            f" If none of their effects were there, at most {x.false_holds:.1f} would hold by "
            "chance."
        )
    return words


def _table(tests: list[Tested]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", row_styles=["", "dim"])
    for name in ("", "author", ""):
        table.add_column(name, no_wrap=True)
    for name in ("effect", "error", "d"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("what causes what, as its author says", ratio=1)
    for t in tests:
        e = t.effect
        mark = "+" * bool(t.stronger) + "~" * t.edge
        said = t.claim.sign if t.claim.sign == "none" else f"{t.claim.sign} {t.claim.strength}"
        figures = (_figure(e.difference), _figure(e.error, ""), _size(e.size)) if e else ("",) * 3
        status = Text(t.status + mark, "" if t.status == "holds" else "bold")
        table.add_row(
            t.claim.id,
            t.claim.author,
            status,
            *figures,
            escape(f"{t.claim.says} ({said}){_where(t)}"),
        )
    return table


def _where(t: Tested) -> str:
    q = t.claim.question
    where = f", in worlds in which {q.where}" if q is not None and q.where else ""
    return where + ", less the same of a second pair" * (t.claim.beside is not None)


def _section(out: Console, title: str, tests: list[Tested]) -> None:
    if not tests:
        return
    out.print(f"\n[bold]{title}[/]")
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    for t in tests:
        note = f"; {t.note}" if t.note else ""
        said = f"{t.claim.says}: " if t.status == "inexpressible" else ""
        table.add_row(t.claim.id, t.claim.author, escape(f"{said}{t.reason}{note}"))
    out.print(table)


def _figure(x: float, sign: str = "+") -> str:
    if not math.isfinite(x):
        return "-"
    size = abs(x)
    places = 0 if size >= 1000 else 1 if size >= 10 else 2 if size >= 1 else 3
    return f"{x:{sign}.{places}f}"


def _size(d: float) -> str:
    return f"{d:+.2f}" if math.isfinite(d) else "no sd"

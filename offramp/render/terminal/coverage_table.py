"""Coverage in a terminal: what becomes of each kind of row, and what is left out and why."""

from __future__ import annotations

import textwrap

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from offramp.case.left_out import STATUSES
from offramp.explain.coverage import Coverage, Row
from offramp.render.terminal.forecast_table import console
from offramp.sources.faults import opening

WIDTH = 80
_HEADS = {"modelled": "model", "judged": "judged", "policy": "policy", "history": "record"}


def print_coverage(c: Coverage) -> None:
    out = console()
    out.width = min(out.width, WIDTH)
    counts = c.counts
    out.print(
        f"[bold]{escape(c.title)}[/]\n{_counted(len(c.rows), 'row')} of what the documents say, "
        f"model {c.model_sha256[:16]}\n"
    )
    out.print(_by_kind(c))
    firm = c.carried - c.only_listed
    out.print(
        f"\n[bold]{c.carried} of {_counted(len(c.rows), 'row')} carried, {c.share:.1%}[/]; "
        f"{counts['left out']} left out."
    )
    _hung(
        out,
        f"{firm} of them, {firm / max(1, len(c.rows)):.1%} of all, stand at a number or an arrow, "
        "in a question, a judgement, a test, a policy or a report; the other "
        f"{c.only_listed} only in a list, the `cites:` of an element that is read or the sides of "
        "a disagreement.",
    )
    if c.unsaid:
        _hung(
            out,
            f"{len(c.unsaid)} are said elsewhere to be inexpressible as a judgement, claim or "
            "policy: an element cites them, and no question, test or policy states them "
            f"({' '.join(c.unsaid)}).",
        )
    _dead(out, c)
    _left_out(out, c)
    _texts(out, c)
    _faults(out, c)


def _by_kind(c: Coverage) -> Table:
    """A line of counts for each kind of row."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    table.add_column("")
    table.add_column("kind of row", ratio=1)
    heads = [*(_HEADS.get(s, s) for s in STATUSES), "left out", "all"]
    for head in heads:
        table.add_column(head, justify="right")
    kinds: dict[str, list[Row]] = {}
    for row in c.rows:
        kinds.setdefault(row.kind, []).append(row)
    for kind, rows in kinds.items():
        found = [sum(r.status == s for r in rows) for s in (*STATUSES, "left out")]
        cells = [*found, len(rows)]
        table.add_row(kind, escape(rows[0].section), *(str(n) if n else "" for n in cells))
    total = [*c.counts.values(), len(c.rows)]
    table.add_row("", "all", *(str(n) if n else "" for n in total), style="bold")
    return table


def _dead(out: Console, c: Coverage) -> None:
    if not c.dead:
        return
    out.print(
        f"\n[bold]{_counted(len(c.dead), 'dead element')}[/]: nothing that is simulated, asked, "
        "tested or recorded reads them, and what they cite counts for nothing"
    )
    for d in c.dead:
        lost = f"; lost: {' '.join(d.lost)}" if d.lost else ""
        _hung(out, f"{d.element} ({_counted(len(d.rows), 'row')}{lost})")


def _left_out(out: Console, c: Coverage) -> None:
    if not c.left_out:
        return
    out.print("\n[bold]Left out[/], and why")
    for row in c.left_out:
        _hung(out, f"{row.id}: {row.reason or 'no reason given'}")


def _texts(out: Console, c: Coverage) -> None:
    out.print("\n[bold]Sentences that no passage touches[/]")
    if c.readings is None:
        out.print("  not looked for: say where the documents are with --sources DIR")
        return
    for r in c.readings:
        if r.state != "read":
            why = "is not at hand" if r.state == "not at hand" else "is not the text cited from"
            _hung(out, f"{r.document} {why}: not looked at")
            continue
        sentences = r.touched / r.sentences if r.sentences else 1.0
        characters = r.in_passages / r.characters if r.characters else 1.0
        _hung(
            out,
            f"{r.document}: {r.touched} of {r.sentences} sentences touched ({sentences:.0%}), "
            f"{characters:.0%} of the characters lie in a passage",
        )
        for s in r.untouched:
            kind = "" if s.stopped else "  (a line without a stop)"
            _hung(out, f"{s.start}-{s.end}  {s.words}{' ...' if s.stopped else ''}{kind}", 4)
    read = [r for r in c.readings if r.state == "read"]
    touched, all_ = sum(r.touched for r in read), sum(r.sentences for r in read)
    if all_:
        out.print(f"  together: {touched} of {all_} sentences, {touched / all_:.0%}")


def _faults(out: Console, c: Coverage) -> None:
    if c.faults:
        out.print("\n[bold]Where the documents err[/], or contradict each other")
    for f in c.faults:
        _hung(out, f"{', '.join(f.documents)} ({' '.join(f.passages)}): {f.claim}")
        _hung(out, f"{opening(f)}: {f.record} ({f.source})", 4)
        for passage, why in f.stands:
            _hung(out, f"{passage} may still be used: {why}", 4)


def _hung(out: Console, text: str, indent: int = 2) -> None:
    """A paragraph whose later lines stand further in than its first."""
    first, later = " " * indent, " " * (indent + 4)
    lines = textwrap.wrap(text, out.width, initial_indent=first, subsequent_indent=later)
    for line in lines:
        out.print(escape(line), soft_wrap=True)


def _counted(n: int, word: str) -> str:
    return f"{n} {word}{'' if n == 1 else 's'}"

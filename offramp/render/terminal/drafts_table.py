"""First drafts in a terminal, and a new text beside the documents: at most six words of any source
in a row."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from offramp.render.terminal.forecast_table import console
from offramp.sources.alike import NEAR, SHARED, SHINGLE, SHORTEST, TextCompared
from offramp.sources.candidates import Candidate
from offramp.sources.cues import BANDS, KINDS
from offramp.sources.drafted import Drafts
from offramp.sources.sentences import Sentence
from offramp.text.diagnostics import counted

WIDTH = 100
MOST = 20  # rows of a list that is long; --json has all


def print_drafts(d: Drafts) -> None:
    out = _out()
    out.print(
        f"[bold]{escape(d.document)}[/]: {counted(len(d.candidates), 'candidate')} in "
        f"{counted(d.sentences, 'sentence')}, by rule"
    )
    if not d.actors:
        _said(out, "No actors were looked for: the case has no valid crisis.yaml with actors yet.")
    if d.candidates:
        out.print()
        out.print(_table(d.candidates))
    out.print()
    _said(
        out,
        "A sign is a reason to read, and nothing was written. What another says is not the "
        "author's judgement; reported views without a word of saying are not seen. English only.",
    )


def _table(found: Iterable[Candidate]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    table.add_column("place", no_wrap=True)
    table.add_column("band")
    table.add_column("kind", no_wrap=True)
    table.add_column("reason", ratio=3)
    table.add_column("sentence", ratio=2)
    for c in found:
        table.add_row(_place(c.sentence), c.band, c.kind, escape(c.reason), _first(c.sentence))
    return table


def print_compared(c: TextCompared) -> None:
    out = _out()
    if c.same is not None:
        out.print(f"[bold]This is the text of {escape(c.same)}[/], letter for letter.")
        return
    out.print(
        f"[bold]{counted(c.sentences, 'sentence')}[/] beside "
        f"{escape(', '.join(c.against)) or 'no document'}"
    )
    if c.missing:
        _said(out, f"Not at hand, so not compared: {', '.join(c.missing)} (--sources DIR)")
    if not c.against:
        return
    _said(
        out,
        f"Repeated: at least {NEAR:.0%} of the runs of {SHINGLE} words. Shorter than {SHORTEST} "
        f"words, so not judged: {counted(c.unjudged[0], 'sentence')}, "
        f"{counted(c.unjudged[1], 'passage')}.",
    )
    out.print(f"\n[bold]Passages of the case that it repeats[/]: {len(c.passages) or 'none'}")
    for p in c.passages[:MOST]:
        _said(out, f"{p.passage} ({p.document}) {p.share:.0%}  {_at(p.sentence)}", 2)
    _more(out, len(c.passages))
    out.print(
        f"\n[bold]Sentences that stand in a document[/]: {len(c.standing) or 'none'}"
        + (" (one origin counts once)" if c.standing else "")
    )
    for s in c.standing[:MOST]:
        _said(out, f"{s.document} {s.share:.0%}  {_at(s.sentence)}", 2)
    _more(out, len(c.standing))
    _print_differences(out, c)
    _print_new(out, c)
    out.print(f"\n[bold]What a person should look at[/]: {len(c.look) or 'nothing by these rules'}")
    for why, sentence in c.look[:MOST]:
        _said(out, _at(sentence), 2)
        _said(out, why, 6)
    _more(out, len(c.look))


def _print_differences(out: Console, c: TextCompared) -> None:
    out.print(
        "\n[bold]Another number, date or estimate of what may be the same thing[/]: "
        f"{len(c.differences) or 'none'}"
    )
    if c.differences:
        _said(
            out,
            f"Both name an actor and share {SHARED} rare words at least, or one repeats the other. "
            "Whether they speak of the same thing no rule tells.",
            2,
        )
    for d in c.differences[:MOST]:
        what = f"{d.kind} of {d.of}" if d.kind == "number" else d.kind
        ours = " (said by another)" if d.voice == "another" else ""
        theirs = " (said by another)" if d.there_voice == "another" else ""
        cites = f", {' '.join(d.passages)}" if d.passages else ""
        whom = f", {', '.join(d.actors)}" if d.actors else ""
        _said(out, f"{what}{whom}: {d.here}{ours}  {_at(d.sentence)}", 2)
        _said(out, f"{d.document}{cites}: {d.there}{theirs}  {_at(d.there_sentence)}", 6)
    _more(out, len(c.differences))


def _print_new(out: Console, c: TextCompared) -> None:
    sentences = len({x.sentence for x in c.new})
    out.print(f"\n[bold]New[/]: candidates in {counted(sentences, 'sentence')} that repeat nothing")
    if not c.new:
        return
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    table.add_column("kind")
    for band in BANDS:
        table.add_column(band, justify="right")
    table.add_column("said by another", justify="right")
    bands = Counter((x.kind, x.band) for x in c.new)
    others = Counter(x.kind for x in c.new if x.voice == "another")
    for kind in KINDS:
        cells = [bands[kind, band] for band in BANDS]
        if any(cells):
            table.add_row(kind, *(str(n or "") for n in cells), str(others[kind] or ""))
    out.print(table)


def _out() -> Console:
    out = console()
    out.width = min(out.width, WIDTH)
    return out


def _place(s: Sentence) -> str:
    return f"{s.start}-{s.end}"


def _first(s: Sentence) -> str:
    return escape(s.words) + (" ..." if s.stopped else "")


def _at(s: Sentence) -> str:
    return f"{_place(s)}  {s.words}{' ...' if s.stopped else ''}"


def _more(out: Console, n: int) -> None:
    if n > MOST:
        out.print(f"  and {n - MOST} more (--json has all)")


def _said(out: Console, text: str, indent: int = 0) -> None:
    first, later = " " * indent, " " * (indent + 4 if indent else 0)
    for line in textwrap.wrap(text, out.width, initial_indent=first, subsequent_indent=later):
        out.print(escape(line), soft_wrap=True)

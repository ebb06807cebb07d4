"""The documents' own questions and their answers, in a terminal."""

from __future__ import annotations

from rich.markup import escape

from offramp.case.case import Case
from offramp.explain.open_questions import Reply
from offramp.render.terminal.forecast_table import console


def print_asked(case: Case, found: tuple[Reply, ...]) -> None:
    out = console()
    for x in found:
        passage = case.passages.get(x.passage)
        author = f", {case.documents[passage.document].author}" if passage else ""
        out.print(f"[bold]{escape(x.question)}[/]  ({x.passage}{escape(author)})")
        for s in x.sentences:
            marks = f" [{' '.join(s.passages)}]" if s.passages else ""
            out.print(escape(f"  {s.text}{marks}"))
        if x.note:
            out.print(escape(f"  {x.note}"))
        out.print(escape(f"  ({x.how})\n"))

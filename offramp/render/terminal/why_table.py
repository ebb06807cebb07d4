"""What moves an answer, in a terminal."""

from __future__ import annotations

from rich.markup import escape
from rich.table import Table

from offramp.answers.wording import interval, percent
from offramp.explain.why import Why
from offramp.render.terminal.forecast_table import console


def print_why(w: Why, stories: int) -> None:
    out = console()
    a = w.answer
    if a.probability is None:
        out.print(
            f"[bold]{escape(a.text)}[/]\nNo world met its condition ({escape(a.given)}); more "
            "worlds may."
        )
        return
    sampling = interval(a.interval) if a.interval else ""
    note = f" ({a.note})" if a.note else ""
    out.print(
        f"[bold]{percent(a.probability)}[/] ({', '.join(x for x in (sampling, a.words) if x)})  "
        f"{escape(a.text)}{escape(note)}\n{w.worlds} worlds without reports, seed {w.seed}; "
        f"numbers were turned on {w.turned_worlds} of them\n"
    )
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("points", "error", "what", "where it comes from"):
        table.add_column(
            name,
            justify="right" if name in ("points", "error") else "left",
            ratio={"what": 3, "where it comes from": 1}.get(name),
        )
    shown = [d for d in w.drivers if d.distinct] or list(w.drivers[:5])
    for d in shown[:10]:
        table.add_row(
            f"{100 * d.difference:+.0f}",
            f"{100 * d.error:.0f}",
            escape(f"{d.title}: {d.contrast}"),
            " ".join(d.passages[:6]) or "ours",
        )
    out.print(table)
    rest = len(w.drivers) - len(shown)
    if not any(d.distinct for d in w.drivers):
        out.print("No parameter stands out from the Monte Carlo error; these are the largest.")
    elif rest > 0:
        out.print(f"{rest} more cannot be distinguished from 0 with so few worlds.")
    out.print(
        "points: percentage points by which the answer moves; error: from the number of worlds. "
        "A number in the model was lowered and raised by half, with the same random numbers."
    )
    out.print("No report is used: the answer as of a day is another.")
    out.print("\n[bold]Passages[/] that raise the question, then those behind the movers")
    for p in w.passages:
        if p in w.paraphrases:
            out.print(f"  {p}: {escape(w.paraphrases[p])}")
        if p in w.faults:
            out.print(f"      {escape(w.faults[p])}")
    if stories and not w.stories and a.given:
        out.print(f"\nNone of the worlds kept as stories is one in which {escape(a.given)}.")
    wanted = sorted(w.stories, key=lambda s: not s[0])[:stories]
    if stories > 1 and len({t for t, _ in w.stories}) == 2:
        wanted = [
            *[s for s in w.stories if s[0]][: stories - 1],
            *[s for s in w.stories if not s[0]][:1],
        ]
    for true, lines in wanted:
        came = "came true" if true else "did not come true"
        out.print(f"\n[bold]A world in which it {came}[/], without reports")
        for line in lines:
            out.print("  " + escape(line))

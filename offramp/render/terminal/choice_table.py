"""A choice taken apart, in a terminal."""

from __future__ import annotations

from rich.markup import escape
from rich.table import Table

from offramp.answers.wording import percent
from offramp.explain.motives import CITED, PARTS, SEEN, Choice, most_informative
from offramp.render.terminal.forecast_table import console
from offramp.text.diagnostics import counted

WIDTH = 12  # characters of a bar's half


def bar(x: float, most: float) -> str:
    """`   ---|` or `|++   `: how large, and which way; it survives without colour."""
    n = round(WIDTH * min(1.0, abs(x) / most)) if most > 0 else 0
    return f"{'-' * n:>{WIDTH}}|{'':<{WIDTH}}" if x < 0 else f"{'':>{WIDTH}}|{'+' * n:<{WIDTH}}"


def openings(c: Choice) -> str:
    """`12%`, or by agenda `12% (force 8%, word 4%)`; what a dated choice takes is not counted in
    its agenda's."""
    fixed = {x.agenda for x in c.moves if x.dated and x.available}
    named = dict.fromkeys((x.agenda for x in c.moves if x.agenda), 0.0)
    named |= {x.agenda: x.opening for x in c.moves if x.agenda and not x.dated}
    each = ", ".join(
        f"{escape(name)} {percent(p)}{' beside its dated choice' * (name in fixed)}"
        for name, p in named.items()
    )
    return f"{percent(c.opening)} ({each})" if each else percent(c.opening)


def print_choice(c: Choice) -> None:
    out = console()
    note = f"{escape(c.note)}\n" if c.note else ""
    whose = "" if c.assessment == "case" else f", under the premises of '{escape(c.assessment)}'"
    out.print(
        f"[bold]{escape(c.title)}[/] on {c.date}{whose}: {c.worlds} of {c.of} worlds conditioned "
        f"on the reports, seed {c.seed}\n{note}an opening to act that day: {openings(c)}; "
        f"it does nothing: {percent(c.nothing)} (error {100 * c.mc_error:.0f} points): the model's "
        "probabilities that morning, whatever was done\n"
    )
    shown = most_informative(c.moves)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("today", "with an opening", "log-odds"):
        table.add_column(name, justify="right")
    table.add_column("move", ratio=1)
    for x in shown:
        done = " (in the record on this day)" if x.reported else ""
        if x.done is not None:
            done = f" (decided on this day, in the record on {x.done})"
        if x.dated:
            done = f" (the dated choice of this day{', in the record' * x.reported})"
        title = f"{x.title} [{x.agenda}]" if x.agenda else x.title
        title += "".join(f"; with it, at {percent(w.chance)}: {w.title}" for w in x.words)
        table.add_row(percent(x.today), percent(x.chosen), f"{x.odds:+.1f}", escape(title + done))
    others = [x for x in c.moves if x not in shown]
    if others:
        alike = len({x.agenda for x in others}) == 1  # openings of several are no sum
        table.add_row(
            percent(sum(x.today for x in others)),
            percent(sum(x.chosen for x in others)) if alike else "",
            "",
            counted(len(others), "other move"),
        )
    out.print(table)
    most = max((abs(part.mean) for x in shown for part in x.parts), default=1.0)
    for x in shown:
        out.print(f"\n[bold]{escape(x.title)}[/]: log-odds {x.odds:+.2f} against doing nothing")
        named = [part for part in x.parts[:PARTS] if abs(part.mean) >= SEEN]
        for part in named:
            ours = "  [ours]" if part.kind in ("cost", "urge") else ""
            from_ = f"  [{' '.join(part.passages[:CITED])}]" if part.passages else ours
            out.print(escape(f"  {part.mean:+6.2f} {bar(part.mean, most)} {part.title}{from_}"))
        rest = [part for part in x.parts if part not in named]
        if rest:
            left = sum(part.mean for part in rest)
            out.print(f"  {left:+6.2f} {bar(left, most)} {counted(len(rest), 'smaller part')}")
    out.print(
        "\nlog-odds: natural, against doing nothing; the parts of a move sum to it. A want's part "
        "is what the move is expected to change in it; an answer's, what the change in the other's "
        "behaviour is worth; a word's, what it is worth if it goes along, times the chance of that."
    )
    if any(x.dated for x in shown):
        out.print(
            "“with an opening”, on the agenda of a dated choice: how likely each was among its "
            "moves and that choice, had it been drawn as they are (equation 7 of docs/meaning.md)."
        )
    if c.paraphrases:
        out.print("\n[bold]Passages[/]")
        for p, words in c.paraphrases.items():
            out.print(f"  {p}: {escape(words)}")

"""The moves of each actor on one morning, with their odds, in a terminal."""

from __future__ import annotations

import math

from rich.console import Console
from rich.markup import escape

from offramp.answers.wording import percent
from offramp.explain.motives import SEEN, Faces, Move
from offramp.explain.odds import Odds
from offramp.render.terminal.forecast_table import console
from offramp.text.diagnostics import counted

PARTS = 5  # of a move that are shown


def print_odds(o: Odds) -> None:
    out = console()
    known = "without reports" if o.as_of is None else f"that know the reports until {o.as_of}"
    whose = "" if o.assessment == "case" else f", under the premises of '{escape(o.assessment)}'"
    out.print(
        f"[bold]{escape(o.case)}[/] on the morning of {o.date}{whose}: means over {o.worlds} "
        f"worlds {known}, seed {o.seed}"
    )
    for a in o.actors:
        _actor(out, a)
    out.print(
        "\nodds: of the move against doing nothing, where the actor decides; it is what its parts "
        "come to when they are multiplied. x3 makes it three times as likely beside doing nothing, "
        "x0.3 some three times rarer; a part is a change in a want, times the precision, as a "
        f"power of e. Parts that change the odds by less than {SEEN:.0%} are left out. today: with "
        "an opening that day, and accepted."
    )


def _actor(out: Console, a: Faces) -> None:
    out.print(
        f"\n[bold]{escape(a.title)}[/] ({escape(a.actor)}): decides that day at "
        f"{percent(a.opening)}, precision {a.precision:.2g}; a cost of 1 leaves "
        f"x{math.exp(-a.precision):.2g} of the odds"
    )
    for x in a.moves:
        if x.available > 0:
            _move(out, x)
    closed = [x.title for x in a.moves if not x.available > 0]
    if closed:
        out.print(escape(f"  not possible that morning: {'; '.join(closed)}"))


def _move(out: Console, x: Move) -> None:
    where = f" [{x.agenda}]" if x.agenda else ""
    some = f" (possible in {percent(x.available)} of the worlds)" if x.available < 1 else ""
    dated = " (a dated choice of this day: done whatever its odds)" if x.dated else ""
    out.print(
        escape(
            f"  {x.title}{where}{some}{dated}: odds {ratio(x.odds)}, {percent(x.chosen)} with an "
            f"opening, {percent(x.today)} today"
        )
    )
    shown = [part for part in x.parts if abs(part.mean) >= SEEN]
    for part in shown[:PARTS]:
        from_ = f"  [{' '.join(part.passages[:4])}]" if part.passages else ""
        out.print(escape(f"      x{math.exp(part.mean):<6.3g} {part.title}{from_}"))
    if len(shown) > PARTS:
        rest = sum(part.mean for part in shown[PARTS:])
        out.print(f"      x{math.exp(rest):<6.3g} {counted(len(shown) - PARTS, 'further part')}")


def ratio(log_odds: float) -> str:
    """`1 : 3.3` or `2.5 : 1`."""
    odds = math.exp(abs(log_odds))
    return f"{odds:.2g} : 1" if log_odds >= 0 else f"1 : {odds:.2g}"

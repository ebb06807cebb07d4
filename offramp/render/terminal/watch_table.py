"""What to watch for, in 80 columns."""

from __future__ import annotations

from itertools import groupby

from rich.markup import escape

from offramp.answers.forecast import told
from offramp.answers.wording import span
from offramp.explain.signposts import Signposts, Watchlist, sentence, told_share
from offramp.explain.visible import Barred
from offramp.render.terminal.forecast_table import console
from offramp.render.terminal.sensitivity_table import wrapped
from offramp.render.watch_said import LEGEND, alarm, collected, figure, figures, no_sign
from offramp.text.diagnostics import counted

NAMED = 6  # of what is barred for one reason; --json has all


def print_signposts(s: Signposts) -> None:
    out = console()
    known = f"as of {s.as_of}" if s.as_of else "without reports"
    known += f", under {s.assessment}" if s.assessment != "case" else ""
    say = (
        f"{s.case}: what to watch for, {span(s.first, s.last)}, {known}. {s.worlds:,} worlds, seed "
        f"{s.seed}: half of them choose the signs, the figures are of the other half."
    )
    out.print(escape(wrapped(say)))
    for w in s.lists:
        out.print()
        _print_one(w)
    if s.barred:
        out.print("\n[bold]What nobody outside can see[/]")
        _barred(s.barred)
    out.print()
    out.print(escape(wrapped(LEGEND)))
    if any(not x.sign.seen.followed for w in s.lists for x in w.signs):
        out.print(escape(wrapped("†: the record of the case does not follow it; somebody must.")))


def _print_one(w: Watchlist) -> None:
    out = console()
    asked = told(w.question.text, w.question.where)
    out.print(f"[bold]{escape(wrapped(f'{w.question.id}: {asked}  {told_share(w.answer)}'))}[/]")
    if w.note:
        out.print(escape(wrapped(w.note[0].upper() + w.note[1:] + ".", "  ")))
        return
    score = f"Expected Brier score {figure(w.brier)}; {counted(w.tried, 'sign')} tried."
    if not w.signs:
        score += " Nothing that the public sees tells beyond its error."
    score += f" {alarm(w)}"
    out.print(escape(wrapped(score, "  ")))
    for number, s in enumerate(w.signs, 1):
        mark = "" if s.sign.seen.followed else " †"
        out.print(escape(wrapped(f"{number}. {sentence(s)}{mark}", "  ")))
        out.print(escape(wrapped(figures(s, w, number), "     ")))
    if w.collect:
        these = "these signs do not tell it" if w.signs else "nothing public tells it"
        out.print(f"  [bold]To collect on[/], since {these}")
    for c in w.collect:
        out.print(escape(wrapped(collected(c, w), "     ")))
    _barred(w.barred)


def _barred(barred: tuple[Barred, ...]) -> None:
    out = console()
    for why, group in groupby(sorted(barred, key=lambda b: b.why), key=lambda b: b.why):
        names = [b.title or b.what for b in group]
        said = no_sign(why, names[:NAMED], max(0, len(names) - NAMED))
        out.print(escape(wrapped(said, "  ")))

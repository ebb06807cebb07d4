"""What an edit does, in a sentence: for those who run or look back on a game."""

from __future__ import annotations

from offramp.answers.wording import day as written
from offramp.language.crisis import Crisis
from offramp.language.edits import Edit
from offramp.render.handout.said import plain
from offramp.render.pages.phrases import Speaker, level_words


def edit_said(crisis: Crisis, edit: Edit) -> str:
    """`“Fog” comes 6 times as often (a stormy spring)`: with the reason or the passages of what is
    new, where it has some."""
    titles = {e.name: e.title for e in crisis.events} | {s.name: s.title for s in crisis.states}
    what = f"“{titles[edit.target]}”"
    amount = plain(Speaker(crisis).words(edit.amount)) if edit.amount else ""
    days = ", ".join(written(d) for d in edit.dates)
    outcome = level_words(edit.outcome)
    says = {
        "never": f"{what} does not happen{f' on {days}' if days else ' any more'}",
        "force": f"{what}{f' ({outcome})' if outcome else ''} happens on {days}",
        "outcome": f"{what} turns out as {outcome}, whenever it happens",
        "hold": f"{what} is held at {amount or outcome}",
        "set": f"{what} is {amount or outcome}",
        "cost": f"{what} costs who does it {amount} more",
        "urge": f"{what} is worth {amount} more to who does it",
        "rate": f"{what} comes {amount} times as often",
    }[edit.verb]
    bases = (*(edit.amount.bases if edit.amount else ()), *(b for b in edit.marks if b))
    why = dict.fromkeys(x for b in bases for x in (b.reason, *b.passages) if x)
    return f"{says} ({'; '.join(why)})" if why else says

"""What a question supposes: the edits of its `if:`, checked, and in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from offramp.language.crisis import Crisis
from offramp.language.edits import Edit, read_edits
from offramp.language.readers import Readers
from offramp.language.spoken import bare, dated
from offramp.text.tree import Node

SHOWN = ("never", "force", "outcome")  # what a record of events can show; nobody reports the rest


def read_supposed(
    node: Node | None,
    crisis: Crisis,
    readers: Readers,
    what: str,
    window: tuple[date, date] | None,
) -> tuple[Edit, ...]:
    """The edits under a question's `if:`; findings go to those of `readers`. They begin on a
    morning when all unknowns are drawn, so none may `set` one, and must begin by the window's end.
    """
    if node is None:
        return ()
    before = len(readers.found.errors)
    edits = read_edits(node, crisis, readers, key="if")
    if not edits and len(readers.found.errors) == before:
        readers.found.error(
            node.span,
            "if-empty",
            f"{what}: its `if:` supposes nothing",
            "an edit, as in `if: {never: [us.withdraw]}`, or leave it out",
        )
    for edit in edits:
        begins = min(edit.dates) if edit.verb == "force" else edit.start
        if edit.verb == "set":
            readers.found.error(
                edit.span,
                "if-set",
                f"{what}: `if:` cannot set '{edit.target}', which was drawn before it begins",
                "suppose what somebody can do (never, force, outcome, cost, urge), `rate:` of what "
                "chance brings, or `hold:` of a quantity",
            )
        elif window and begins and begins > window[1]:
            readers.found.error(
                edit.span,
                "moot",
                f"{what}: `{edit.words}` does nothing: the window closes on {window[1]}",
                "an earlier day, or a later window",
            )
    return edits


def alike(edits: Iterable[Edit]) -> tuple[str, ...]:
    """What edits do, in a form in which equal ones are equal: without their marks, in order."""
    return tuple(sorted(map(unmarked, edits)))


def unmarked(edit: Edit) -> str:
    """The words of an edit without the basis of its number. What stands behind the number, the day
    from which it holds, stays: two edits that differ in it are not the same."""
    if edit.amount is None:
        return edit.words
    return replace(edit, amount=replace(edit.amount, text=bare(edit.amount.text))).words


def supposition(edits: Iterable[Edit], crisis: Crisis) -> str:
    """`“Washington withdraws” is made to happen on 1 Mar 2020`, to be read behind "in the worlds in
    which": that something is done to them, and not that it came about in them. '' without edits."""
    titles = {e.name: e.title for e in crisis.events} | {s.name: s.title for s in crisis.states}
    return " and ".join(_said(e, titles.get(e.target, e.target)) for e in edits)


def _said(e: Edit, title: str) -> str:
    name = f"“{title}: {e.outcome.replace('_', ' ')}”" if e.outcome else f"“{title}”"
    since = f" from {dated(e.start)} on" if e.start else ""
    if e.verb == "never":
        return f"{name} is kept from happening{since}"
    if e.verb == "force":
        return f"{name} is made to happen on {', '.join(map(dated, e.dates))}"
    if e.verb == "outcome":
        return f"{name} is made its only outcome"
    amount = bare(e.amount.text) if e.amount else ""
    done = {
        "hold": f"is held at {amount}",
        "cost": f"is made to cost {amount} more",
        "urge": f"is made worth {amount} more to who chooses it",
        "rate": f"is made to come {amount} times as often",
    }
    return f"{name} {done.get(e.verb, f'is set to {amount}')}{since}"

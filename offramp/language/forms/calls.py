"""`calls:` what an event brings to somebody's attention: an opening the next morning."""

from __future__ import annotations

from offramp.language.expressions import parse_claim
from offramp.language.forms.grafts import (
    added,
    inside,
    joined,
    listed,
    made,
    marked,
    no_pace,
    paced,
    paces,
    put,
)
from offramp.language.kinds import constant
from offramp.language.readers import title_of
from offramp.text.diagnostics import Diagnostics
from offramp.text.tree import Mapping, Node, Text


def calls(root: Mapping, found: Diagnostics) -> Mapping:
    """The crisis with every call as a stock that the event raises by -log(1 - c), that is gone
    after a day, and that the pace of who is called reads: of several calls c on a morning, with an
    opening of probability p by itself, P(opening) = 1 - (1 - p) (1 - c) (1 - c') ..."""
    called: dict[str, Text] = {}
    events = root.get("event")
    for key, entry in events if isinstance(events, Mapping) else ():
        if not isinstance(entry, Mapping):
            continue
        told = _caller(root, entry, f"event '{key.value}'", called, found)
        outcomes = told.get("outcomes")
        for name, outcome in outcomes if isinstance(outcomes, Mapping) else ():
            if isinstance(outcome, Mapping) and outcome.get("calls") is not None:
                assert isinstance(outcomes, Mapping)
                what = f"event '{key.value}', outcome '{name.value}'"
                outcomes = outcomes.plus(name.value, _caller(root, outcome, what, called, found))
                told = told.plus("outcomes", outcomes)
        if told is not entry:
            root = put(root, "event", key.value, told)
    for text in called.values():
        root = _attends(root, text, found)
    return root


def _caller(
    root: Mapping, entry: Mapping, what: str, called: dict[str, Text], found: Diagnostics
) -> Mapping:
    """An event or outcome with its calls as effects."""
    node = entry.get("calls")
    if node is None:
        return entry
    entry = entry.without("calls")
    if not isinstance(node, Mapping):
        found.error(
            node.span, "shape", f"{what}: `calls:` wants whom, and how surely", "calls: {us: .8 ~X}"
        )
        return entry
    known = paces(root)
    for key, value in node:
        chance = _chance(value, f"{what}, call of '{key.value}'", found)
        if key.value not in known:
            no_pace(key, known, found)
        if key.value not in known or chance is None:
            continue
        called.setdefault(key.value, key)
        effect = joined(value.span, f"{key.value}.called + -log(1 - ", chance, ")")
        entry = entry.plus("does", listed(value.span, entry.get("does"), effect))
    return entry


def _chance(node: Node, what: str, found: Diagnostics) -> Text | None:
    """The probability of a call, made fit to stand in its effect."""
    claim = parse_claim(node, found) if isinstance(node, Text) else None
    if claim is None:
        if not isinstance(node, Text):
            found.error(node.span, "shape", f"{what} wants a probability", "as in .8 ? why")
        return None
    value = constant(claim.expression)
    if value is not None and not 0 <= value < 1:
        found.error(
            claim.expression.span,
            "probability",
            f"{what} has a probability and cannot be {value:g}",
            "0 or more and below 1; .95 is nearly sure",
        )
        return None
    marked(node, what, found, whole=True)
    return inside(node)


def _attends(root: Mapping, name: Text, found: Diagnostics) -> Mapping:
    """The stock of calls of an actor or agenda, and the pace that reads it."""
    stock, basis = f"{name.value}.called", "? by the form calls"
    called = made(
        name.span,
        name=joined(name.span, f"{title_of(name.value)}: called this morning"),
        stock=joined(name.span, f"0 .. 100 {basis}"),
        now=joined(name.span, f"0 {basis}"),
        fades=joined(name.span, ".01d ? a call is of one morning"),
    )
    root = added(root, "state", stock, called, found)
    return paced(root, name, f" + {stock}", found)

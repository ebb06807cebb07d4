"""An actor under partial control of a patron."""

from __future__ import annotations

from offramp.language.forms.grafts import (
    bracketed,
    changed,
    has_all,
    inside,
    is_there,
    joined,
    level_of,
    marks_of,
    squeezed,
    word_of,
)
from offramp.language.keys import FORM_KEYS, FORM_NEEDS
from offramp.language.readers import entries, known, texts
from offramp.text.diagnostics import Diagnostics
from offramp.text.tree import Mapping, Node, Text


def proxy(root: Mapping, key: Text, entry: Mapping, found: Diagnostics) -> Mapping:
    """Own value times 1 - control, plus control times obeying (Salehyan 2010)."""
    what = f"proxy '{key.value}'"
    known(entry, FORM_KEYS["proxy"], what, found)
    if not has_all(entry, FORM_NEEDS["proxy"], key, what, found):
        return root
    patron = entry.get("of")
    if not is_there(root, "actor", key, found):
        return root
    if not isinstance(patron, Text):
        found.error(key.span, "shape", f"{what}: `of:` wants an actor", "of: iran")
        return root
    if not is_there(root, "actor", patron, found):
        return root
    control = inside(entry.get("control"))
    root = changed(
        root,
        "actor",
        key.value,
        lambda actor: actor.plus("will", joined(key.span, "1 - ", control)),
    )
    obeys = entry.get("obeys")
    order, discipline = squeezed(entry.get("order")), inside(entry.get("discipline"))
    for move, level in entries(obeys, f"{what}, obeys", found, "see docs/language.md") or ():
        levels = _levels(root, order, level, f"{what}, obeys '{move.value}'", found)
        if levels is None or not is_there(root, "event", move, found):
            continue
        tolerated, demanded = levels
        weight = joined(level.span, " * ", control, " * ", discipline)
        # One level: from there on it is demanded, and below it forbidden.
        duty = joined(level.span, "((", order, " >= ", level_of(tolerated), ") - (", order, " < ")
        duty = joined(level.span, duty, level_of(tolerated), "))", weight, " ", marks_of(tolerated))
        if demanded is None:
            duty = joined(level.span, "0 - (", order, " < ", level_of(tolerated), ")", weight)
            duty = joined(level.span, duty, " ", marks_of(tolerated))
        elif demanded is not tolerated:
            duty = joined(level.span, "(", order, " >= ", level_of(demanded), ")", weight)
            duty = joined(level.span, duty, " ", bracketed(demanded), " - (", order, " < ")
            duty = joined(
                level.span, duty, level_of(tolerated), ")", weight, " ", marks_of(tolerated)
            )

        def obey(event: Mapping, duty: Text = duty) -> Mapping:
            own = event.get("urge")
            return event.plus("urge", joined(duty.span, inside(own), " + ", duty) if own else duty)

        root = changed(root, "event", move.value, obey)
    return root


def _levels(
    root: Mapping, order: Text, node: Node, what: str, found: Diagnostics
) -> tuple[Text, Text | None] | None:
    """From which level of the order on a move is tolerated, and from which it is demanded (None:
    never). A single level is both."""
    if isinstance(node, Text):
        return node, node
    if not isinstance(node, Mapping):
        found.error(node.span, "shape", f"{what} wants a level")
        return None
    known(node, FORM_KEYS["obeys"], what, found)
    tolerated, demanded = node.get("tolerated"), node.get("demanded")
    if not isinstance(tolerated, Text) or not isinstance(demanded, Text | None):
        found.error(
            node.span, "missing", f"{what} has no `tolerated:`", "the lowest level that allows it"
        )
        return None
    ladder = _ladder(root, order.value)
    low, high = (level_of(x).value for x in (tolerated, demanded or tolerated))
    if {low, high} <= set(ladder) and ladder.index(high) < ladder.index(low):
        span = demanded.span if demanded else node.span
        found.error(
            span,
            "level",
            f"{what}: demanded '{high}' lies below tolerated '{low}'",
            "what is demanded is tolerated too",
        )
        return None
    return tolerated, demanded


def _ladder(root: Mapping, name: str) -> list[str]:
    """The levels of a quantity, where it is written as a ladder."""
    states = root.get("state")
    entry = states.get(name) if isinstance(states, Mapping) else None
    levels = entry.get("ladder") if isinstance(entry, Mapping) else None
    return [t.value for t in texts(levels)]


def in_circles(root: Mapping, found: Diagnostics) -> bool:
    """Whether some actor is, through others, a proxy of itself."""
    node = root.get("proxy")
    if not isinstance(node, Mapping):
        return False
    patron = {k.value: word_of(e.get("of")) for k, e in node if isinstance(e, Mapping)}
    for key, _ in node:
        chain, here = [key.value], patron.get(key.value, "")
        while here and here not in chain:
            chain.append(here)
            here = patron.get(here, "")
        if here == key.value:
            found.error(
                key.span,
                "form-cycle",
                "proxies in a circle: " + " of ".join([*chain, here]),
                "some patron must have no patron",
            )
            return True
    return False

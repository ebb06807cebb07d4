"""A public warning that ties the hands of who gives it."""

from __future__ import annotations

from dataclasses import replace

from offramp.language.forms.grafts import (
    added,
    changed,
    has_all,
    inside,
    is_there,
    joined,
    listed,
    made,
    squeezed,
    want_lists,
    word_of,
)
from offramp.language.keys import FORM_KEYS, FORM_NEEDS
from offramp.language.readers import texts
from offramp.text.diagnostics import Diagnostics
from offramp.text.tree import Mapping, Text


def threat(root: Mapping, key: Text, entry: Mapping, found: Diagnostics) -> Mapping:
    """A public pledge that lapses, is discharged by carrying it out, and binds (Fearon 1994)."""
    what, name, span = f"threat '{key.value}'", key.value, key.span
    if not has_all(entry, FORM_NEEDS["threat"], key, what, found):
        return root
    by, lapses = entry.get("by"), entry.get("lapses")
    if not isinstance(by, Text) or not is_there(root, "actor", by, found):
        return root
    want_lists(entry, ("kept by",), what, found)
    pledge, clock = f"{name}.pledge", f"{name}.clock"
    title = word_of(entry.get("name")) or name
    root = added(
        root,
        "state",
        pledge,
        made(
            span,
            name=joined(span, f"{title}: pledge"),
            share=joined(span, "0 ? nothing is pledged at the start"),
        ),
        found,
    )
    root = added(
        root,
        "state",
        clock,
        made(span, name=joined(span, f"{title}: days left"), clock=joined(span, "off")),
        found,
    )
    raise_ = joined(span, f"{pledge} + ", squeezed(entry.get("pledge")))
    start = joined(span, f"{clock} = ", squeezed(lapses))
    warn = replace(entry, span=span)
    warn = warn.without(*FORM_KEYS["threat"])
    warn = warn.plus("does", listed(span, raise_, start, entry.get("does")))
    root = added(root, "event", name, warn, found)
    gone = "? a pledge that was kept or lapsed is gone, by the form threat"
    free = joined(span, f"{pledge} = 0 {gone}")
    lapse = made(
        span,
        name=joined(span, f"{title}: lapses unkept"),
        on=joined(span, clock),
        does=listed(span, free, entry.get("backing down")),
    )
    root = added(root, "event", f"{name}.lapse", lapse, found)
    cost = joined(span, "-", inside(entry.get("audience cost")), f" * {pledge}")

    def bind(actor: Mapping) -> Mapping:
        wants = actor.get("wants")
        known = wants if isinstance(wants, Mapping) else Mapping((), actor.span)
        return actor.plus("wants", known.plus(f"audience cost of {name}", cost))

    root = changed(root, "actor", by.value, bind)
    stop = joined(span, f"{clock} = off {gone}")
    for move in texts(entry.get("kept by")):
        if is_there(root, "event", move, found):
            root = changed(
                root,
                "event",
                move.value,
                lambda event: event.plus("does", listed(span, event.get("does"), free, stop)),
            )
    return root

"""A line of talk."""

from __future__ import annotations

from offramp.language.forms.grafts import (
    added,
    changed,
    has_all,
    inside,
    is_there,
    joined,
    labels_of,
    made,
    want_lists,
    word_of,
)
from offramp.language.keys import FORM_KEYS, FORM_NEEDS
from offramp.language.readers import known, texts
from offramp.text.diagnostics import Diagnostics
from offramp.text.tree import Mapping, Text


def channel(root: Mapping, key: Text, entry: Mapping, found: Diagnostics) -> Mapping:
    """A line of talk: private assurances seen, accidents rarer, culprits clearer (Kydd 2003)."""
    what, name, span = f"channel '{key.value}'", key.value, key.span
    known(entry, FORM_KEYS["channel"], what, found)
    if not has_all(entry, FORM_NEEDS["channel"], key, what, found):
        return root
    want_lists(entry, ("mediator", "carries", "calms", "clears"), what, found)
    ends = texts(entry.get("between"))
    if len(ends) != 2:
        found.error(key.span, "shape", f"{what} runs between two actors", "between: [us, iran]")
        return root
    for end in [*ends, *texts(entry.get("mediator"))]:
        is_there(root, "actor", end, found)
    flag = f"{name}.open"
    root = added(root, "state", flag, made(span, **labels_of(entry), flag=entry.get("open")), found)
    for move in texts(entry.get("carries")):
        if not is_there(root, "event", move, found):
            continue

        def show(event: Mapping) -> Mapping:
            mover = word_of(event.get("by"))
            others = [e.value for e in ends if e.value != mover]
            shown = event.get("shown")
            known = shown if isinstance(shown, Mapping) else Mapping((), span)
            for other in others:
                own = known.get(other)
                seen = (inside(own), " or ", flag) if own else (flag,)
                known = known.plus(other, joined(span, *seen))
            return event.plus("shown", known)

        root = changed(root, "event", move.value, show)
    factor = inside(entry.get("by"))
    for hazard in texts(entry.get("calms")):
        if not is_there(root, "event", hazard, found):
            continue
        if entry.get("by") is None:
            found.error(hazard.span, "missing", f"{what} needs `by:`, the factor of what it calms")
            break

        def calm(event: Mapping, hazard: Text = hazard) -> Mapping:
            rate = event.get("rate")
            if rate is None:
                found.error(hazard.span, "rate", f"'{hazard.value}' is not a chance event")
                return event
            calmed = joined(span, inside(rate), f" * (1 - {flag} * (1 - ", factor, "))")
            return event.plus("rate", calmed)

        root = changed(root, "event", hazard.value, calm)
    for attack in texts(entry.get("clears")):
        if not is_there(root, "event", attack, found):
            continue

        def clear(event: Mapping, attack: Text = attack) -> Mapping:
            unclaimed = event.get("unclaimed")
            if not isinstance(unclaimed, Mapping):
                found.error(attack.span, "unclaimed", f"'{attack.value}' is not an unclaimed event")
                return event
            clarity = inside(unclaimed.get("clarity"))
            doubt = joined(span, "1 - (1 - ", clarity, f") / (1 + {flag})")
            return event.plus("unclaimed", unclaimed.plus("clarity", doubt))

        root = changed(root, "event", attack.value, clear)
    return root

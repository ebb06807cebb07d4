"""Who comes after: other wants and another pace of the same office, from an event on."""

from __future__ import annotations

from offramp.language.expressions import tokens_of
from offramp.language.forms.grafts import (
    added,
    changed,
    gives,
    happens,
    has_all,
    inside,
    is_there,
    joined,
    labels_of,
    made,
    marked,
)
from offramp.language.keys import FORM_KEYS, FORM_NEEDS
from offramp.language.readers import entries, known
from offramp.text.diagnostics import Diagnostics, suggestion
from offramp.text.tree import Mapping, Node, Text

_SEE = "see docs/language.md, successor"
_BY = "by the form successor"


def successor(root: Mapping, key: Text, entry: Mapping, found: Diagnostics) -> Mapping:
    """A flag that an event of the calendar raises, and wants and paces of the actor that read it:
    the old ones before, those of the successor after. What others believe of the actor stays with
    the office (against it Wolford 2007)."""
    what, flag, span = f"successor '{key.value}'", f"{key.value}.successor", key.span
    known(entry, FORM_KEYS["successor"], what, found)
    if not has_all(entry, FORM_NEEDS["successor"], key, what, found):
        return root
    on = entry.get("on")
    if not is_there(root, "actor", key, found) or not _dated(root, on, what, found):
        return root
    assert isinstance(on, Text)
    off = joined(span, f"no ? the one at the start is in office, {_BY}")
    root = added(root, "state", flag, made(span, **labels_of(entry), flag=off), found)
    root = gives(root, on, joined(on.span, f"{flag} = yes ? in office, {_BY}"), found)

    def another(actor: Mapping) -> Mapping:
        return _paces(_wants(actor, entry, what, flag, found), entry, what, flag, found)

    return changed(root, "actor", key.value, another)


def _dated(root: Mapping, on: Node | None, what: str, found: Diagnostics) -> bool:
    """Whether that is an event of the calendar, or an outcome of one."""
    if not isinstance(on, Text):
        assert on is not None
        found.error(on.span, "shape", f"{what}: `on:` wants an event", "on: us.inauguration")
        return False
    if not happens(root, on, found):
        return False
    events = root.get("event")
    assert isinstance(events, Mapping)
    event = events.get(on.value) or events.get(on.value.rpartition(".")[0])
    if not isinstance(event, Mapping) or event.get("on") is None:
        found.error(
            on.span,
            "successor",
            f"{what} comes with '{on.value}', which has no date",
            "an event with `on:` a date or a clock; its `when:` says in which worlds",
        )
        return False
    return True


def _wants(actor: Mapping, entry: Mapping, what: str, flag: str, found: Diagnostics) -> Mapping:
    """The wants of whoever is in office."""
    old = actor.get("wants")
    wants = old if isinstance(old, Mapping) else Mapping((), actor.span)
    for name, value in entries(entry.get("wants"), f"{what}, wants", found, _SEE) or ():
        before = wants.get(name.value)
        if before is None:
            help = suggestion(name.value, wants.keys(), "wants")
            help = f"{help}; " if help else ""
            found.error(
                name.span,
                "successor",
                f"{what} has another '{name.value}', and there is no such want before",
                f"{help}what only the successor wants stands under `new wants:`",
            )
            continue
        wants = wants.plus(
            name.value, _either(before, value, f"{what}, {name.value}", flag, found, True)
        )
    for name, value in entries(entry.get("new wants"), f"{what}, new wants", found, _SEE) or ():
        if wants.get(name.value) is not None:
            found.error(
                name.span,
                "successor",
                f"{what} has '{name.value}' as a new want, and it was there before",
                "one that changes stands under `wants:`",
            )
            continue
        new = joined(value.span, inside(value), f" * {flag}")
        wants = Mapping((*wants.entries, (name, new)), wants.span)
    return actor.plus("wants", wants) if wants.entries else actor


def _paces(actor: Mapping, entry: Mapping, what: str, flag: str, found: Diagnostics) -> Mapping:
    """The pace of whoever is in office, or those of its agendas."""
    new, old = entry.get("pace"), actor.get("pace")
    if new is None or old is None:
        return actor  # that it has none its reader says
    if not isinstance(new, Mapping) and not isinstance(old, Mapping):
        return actor.plus("pace", _either(old, new, f"{what}, pace", flag, found))
    if not isinstance(new, Mapping) or not isinstance(old, Mapping):
        several = isinstance(old, Mapping)
        found.error(
            new.span,
            "shape",
            f"{what}: `pace:` is "
            + ("one value, and the actor has one for each agenda" if several else "several"),
            "as the actor has it: one value, or one for each agenda that changes",
        )
        return actor
    for agenda, value in new:
        before = old.get(agenda.value)
        if before is None:
            found.error(
                agenda.span,
                "agenda",
                f"{what} has a pace for '{agenda.value}', and there is no such agenda",
                suggestion(agenda.value, old.keys(), "agendas"),
            )
            continue
        label = f"{what}, pace, {agenda.value}"
        old = old.plus(agenda.value, _either(before, value, label, flag, found))
    return actor.plus("pace", old)


def _either(
    before: Node, after: Node, what: str, flag: str, found: Diagnostics, whole: bool = False
) -> Text:
    """One value without the flag, another with it. A number of the second without a basis its
    reader finds, since no mark stands behind it."""
    marked(before, f"{what}, before", found, whole)
    numbers = isinstance(after, Text) and any(t.kind == "number" for t in tokens_of(after))
    if whole and not numbers:
        marked(after, what, found, whole)
    first = (inside(before), f" * (1 - {flag}) + ")
    return joined(after.span, *first, inside(after), f" * {flag}")

"""`since(event)`: whole days since something last happened, as a clock that counts down."""

from __future__ import annotations

from offramp.language.expressions import Token, tokens_of
from offramp.language.forms.grafts import (
    added,
    bracketed,
    gives,
    happens,
    joined,
    made,
    no_basis,
    part,
    put,
)
from offramp.language.readers import title_of
from offramp.text.diagnostics import Diagnostics
from offramp.text.tree import Mapping, Node, Sequence, Text

NEVER = "1000d"  # what `since` is of an event that has not happened, or not for so long
_BASIS = "? by the form since"
# Where a value can read quantities of the morning.
_READ: dict[str, tuple[str, ...]] = {
    "state": ("fades", "rest"),
    "actor": ("pace", "precision", "mood", "will", "wants", "fears", "awaits"),
    "event": (
        *("rate", "when", "does", "outcomes", "cost", "urge", "pause", "takes"),
        *("vote", "shown", "unclaimed"),
    ),
    "belief": ("silence",),
}


def since(root: Mapping, found: Diagnostics) -> Mapping:
    """The crisis with `since` of an event (or of its outcome) as 1000 days less a clock, which the
    event sets: one clock an event. In the morning after, one day has passed; within what an actor
    imagines of an evening, none."""
    asked: dict[str, Text] = {}
    for section, keys in _READ.items():
        entries = root.get(section)
        for key, entry in entries if isinstance(entries, Mapping) else ():
            told = entry
            for name, node in entry if isinstance(entry, Mapping) else ():
                if name.value in keys and isinstance(told, Mapping):
                    what = f"{section} '{key.value}', {name.value}"
                    inner = _within(node, what, root, asked, found)
                    told = told if inner is node else told.plus(name.value, inner)
            if told is not entry and isinstance(told, Mapping):
                root = put(root, section, key.value, told)
    for event, text in asked.items():
        root = _clock(root, event, text, found)
    return root


def _within(
    node: Node, what: str, root: Mapping, asked: dict[str, Text], found: Diagnostics
) -> Node:
    """The node with every call rewritten; itself where there is none."""
    if isinstance(node, Text):
        return _told(node, what, root, asked, found) if "since" in node.value else node
    if isinstance(node, Sequence):
        items = tuple(_within(item, what, root, asked, found) for item in node.items)
        same = all(a is b for a, b in zip(items, node.items, strict=True))
        return node if same else Sequence(items, node.span)
    inner = tuple(
        (k, n if k.value == "name" else _within(n, what, root, asked, found)) for k, n in node
    )
    same = all(a[1] is b[1] for a, b in zip(inner, node.entries, strict=True))
    return node if same else Mapping(inner, node.span)


def _told(text: Text, what: str, root: Mapping, asked: dict[str, Text], found: Diagnostics) -> Text:
    tokens = tokens_of(text)
    pieces: list[Text | str | None] = []
    done = 0  # what has been copied of the text
    first = 0  # the first token after the last call
    for i in range(len(tokens) - 3):
        call, opened, name, closed = tokens[i : i + 4]
        if [call.text, opened.text, name.kind, closed.text] != ["since", "(", "name", ")"]:
            continue
        event = part(text, name.start, name.start + len(name.text))
        mark, place = _basis(text, tokens, first, i, what, found)
        pieces += [part(text, done, place), mark, part(text, place, call.start)]
        here, long_ago = text.at(call.start), f"{NEVER} [{_BASIS}]"
        if happens(root, event, found):
            asked.setdefault(name.text, event)
            pieces += [joined(here, f"max(0d, {long_ago} - max(0d, ", event, ".ago))")]
        else:
            pieces += [joined(here, long_ago)]
        done, first = closed.start + 1, i + 4
    if not pieces:
        return text
    return joined(text.span, *pieces, part(text, done, len(text.value)))


def _basis(
    text: Text, tokens: list[Token], first: int, call: int, what: str, found: Diagnostics
) -> tuple[Text | None, int]:
    """The mark behind a call that covers numbers before it, to be said again behind the last of
    them, and where: the mark within the call would cover them otherwise."""
    start = tokens[call].start
    marks = {id(t.basis): t for t in tokens if t.kind == "mark" and t.start > start}
    open_ = [k for k in range(first, call) if id(tokens[k].basis) in marks]
    open_ = [k for k in open_ if tokens[k].kind in ("number", "date")]
    for token in tokens[first:call]:
        if token.kind == "number" and token.basis is None and float(token.text) not in (0.0, 1.0):
            no_basis(text.at(token.start), token.text, what, found)
    if not open_:
        return None, start
    last = open_[-1]
    mark = marks[id(tokens[last].basis)]
    words = part(text, mark.start, mark.start + len(mark.text.rstrip()))
    unit = tokens[last + 1]
    ends = unit if unit.kind == "name" and unit.text not in ("and", "or", "not") else tokens[last]
    said = bracketed(words)
    return joined(text.at(mark.start), " ", said), ends.start + len(ends.text)


def _clock(root: Mapping, name: str, asked: Text, found: Diagnostics) -> Mapping:
    """The clock of an event or of an outcome, and the effect that sets it."""
    clock = f"{name}.ago"
    title = joined(asked.span, f"{title_of(name)}: {NEVER} less the days since")
    off = made(asked.span, name=title, clock=joined(asked.span, "off"))
    root = added(root, "state", clock, off, found)
    return gives(root, asked, joined(asked.span, f"{clock} = {NEVER} {_BASIS}"), found)

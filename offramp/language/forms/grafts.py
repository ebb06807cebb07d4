"""Pieces that the forms put into a tree: values put together with their marks and places, new
elements, changed ones. Values keep the places where they were written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from offramp.language.expressions import tokens_of
from offramp.language.keys import COMMON
from offramp.language.readers import lacks, unknown_name
from offramp.text.diagnostics import Diagnostics, Span
from offramp.text.tree import Mapping, Node, Sequence, Text


def joined(span: Span, *pieces: Text | str | None) -> Text:
    """A value put together from written ones, each keeping its places, and words of the form."""
    words: list[str] = []
    places: list[tuple[int, int]] = []
    for piece in pieces:
        if isinstance(piece, Text):
            words.append(piece.value)
            spans = (piece.at(i) for i in range(len(piece.value)))
            places += [(s.line, s.column) for s in spans]
        elif piece is not None:
            words.append(piece)
            places += [(span.line, span.column)] * len(piece)
    return Text("".join(words), span, tuple(places))


def part(text: Text, start: int, end: int) -> Text:
    return Text(text.value[start:end], text.at(start), text.places[start:end])


def squeezed(node: Node | None) -> Text:
    """A value on one line, with single spaces."""
    if not isinstance(node, Text):
        return Text("", node.span if node is not None else Span("", 1, 1))
    words = [part(node, m.start(), m.end()) for m in re.finditer(r"\S+", node.value)]
    spaced = [piece for word in words for piece in (" ", word)][1:]
    return joined(node.span, *spaced)


def made(span: Span, **entries: Node | None) -> Mapping:
    """A mapping from keyword arguments; None is left out."""
    kept = [(k, v) for k, v in entries.items() if v is not None]
    return Mapping(tuple((Text(k, v.span), v) for k, v in kept), span)


def listed(span: Span, *items: Node | None) -> Sequence:
    flat: list[Node] = []
    for item in items:
        if isinstance(item, Sequence):
            flat.extend(item.items)
        elif item is not None:
            flat.append(item)
    return Sequence(tuple(flat), span)


def labels_of(entry: Mapping) -> dict[str, Node | None]:
    return {key: entry.get(key) for key in COMMON}


def added(root: Mapping, section: str, name: str, entry: Mapping, found: Diagnostics) -> Mapping:
    """The tree with a new element; a name that is taken is an error."""
    node = root.get(section)
    if node is not None and not isinstance(node, Mapping):
        found.error(node.span, "shape", f"'{section}:' wants keys and values")
    known = node if isinstance(node, Mapping) else Mapping((), entry.span)
    if known.key(name) is not None:
        found.error(
            entry.span,
            "name-clash",
            f"the form makes {section} '{name}', which exists already",
            "rename one of them",
        )
        return root
    return root.plus(
        section, Mapping((*known.entries, (Text(name, entry.span), entry)), known.span)
    )


def changed(
    root: Mapping, section: str, name: str, change: Callable[[Mapping], Mapping]
) -> Mapping:
    """The tree with another entry of a section; what is no entry is left for its reader to tell."""
    node = root.get(section)
    entry = node.get(name) if isinstance(node, Mapping) else None
    return put(root, section, name, change(entry)) if isinstance(entry, Mapping) else root


def put(root: Mapping, section: str, name: str, entry: Mapping) -> Mapping:
    """The tree with an entry of a section in place of the one of that name."""
    node = root.get(section)
    assert isinstance(node, Mapping)
    return root.plus(section, node.plus(name, entry))


def is_there(root: Mapping, section: str, text: Text, found: Diagnostics) -> bool:
    """Whether the section has that element; if not, an error at the place that names it."""
    node = root.get(section)
    if isinstance(node, Mapping) and isinstance(node.get(text.value), Mapping):
        return True
    unknown_name(text, node.keys() if isinstance(node, Mapping) else (), section, found)
    return False


def happens(root: Mapping, name: Text, found: Diagnostics) -> bool:
    """Whether there is such an event, or such an outcome of one."""
    events = root.get("event")
    known = dict(_outcomes(events)) if isinstance(events, Mapping) else {}
    event, _, outcome = name.value.rpartition(".")
    if name.value in known or outcome in known.get(event, ()):
        return True
    every = [*known, *(f"{e}.{o}" for e, outcomes in known.items() for o in outcomes)]
    unknown_name(name, every, "event", found)
    return False


def _outcomes(events: Mapping) -> Iterator[tuple[str, list[str]]]:
    """Events with the names of their outcomes."""
    for key, entry in events:
        outcomes = entry.get("outcomes") if isinstance(entry, Mapping) else None
        yield key.value, outcomes.keys() if isinstance(outcomes, Mapping) else []


def gives(root: Mapping, name: Text, effect: Text, found: Diagnostics) -> Mapping:
    """The tree with a further effect of an event, or of an outcome, which must be there."""
    if not happens(root, name, found):
        return root

    def more(entry: Mapping) -> Mapping:
        return entry.plus("does", listed(effect.span, entry.get("does"), effect))

    events = root.get("event")
    if isinstance(events, Mapping) and events.get(name.value) is not None:
        return changed(root, "event", name.value, more)
    event, _, outcome = name.value.rpartition(".")

    def turns_out(entry: Mapping) -> Mapping:
        outcomes = entry.get("outcomes")
        own = outcomes.get(outcome) if isinstance(outcomes, Mapping) else None
        if not isinstance(own, Mapping) or not isinstance(outcomes, Mapping):
            return entry
        return entry.plus("outcomes", outcomes.plus(outcome, more(own)))

    return changed(root, "event", event, turns_out)


def paces(root: Mapping) -> dict[str, tuple[str, str]]:
    """Who has a pace: `us`, who has one for everything, or `us.word`, an agenda of one that has
    several; with the actor and the agenda ("" for the one)."""
    out: dict[str, tuple[str, str]] = {}
    actors = root.get("actor")
    for key, entry in actors if isinstance(actors, Mapping) else ():
        pace = entry.get("pace") if isinstance(entry, Mapping) else None
        if isinstance(pace, Mapping):
            out |= {f"{key.value}.{a.value}": (key.value, a.value) for a, _ in pace}
        elif pace is not None:
            out[key.value] = (key.value, "")
    return out


def no_pace(whose: Text, known: dict[str, tuple[str, str]], found: Diagnostics) -> None:
    """Nobody has such a pace; an actor with agendas has one for each of them."""
    agendas = [name for name, (actor, agenda) in known.items() if agenda and actor == whose.value]
    if agendas:
        found.error(
            whose.span,
            "unknown-actor",
            f"'{whose.value}' has a pace for each agenda, and none for everything",
            f"one of {', '.join(agendas)}",
        )
    else:
        unknown_name(whose, known, "actor", found)


def paced(root: Mapping, whose: Text, more: Text | str, found: Diagnostics) -> Mapping:
    """The tree with more behind a pace, one of `paces`: the pace as it stands in a larger value."""
    known = paces(root)
    if whose.value not in known:
        no_pace(whose, known, found)
        return root
    actor, agenda = known[whose.value]

    def faster(entry: Mapping) -> Mapping:
        pace = entry.get("pace")
        old = pace.get(agenda) if isinstance(pace, Mapping) else pace
        if old is None:
            return entry
        marked(old, f"actor '{actor}', pace", found)
        new = joined(old.span, inside(old), more)
        return entry.plus("pace", pace.plus(agenda, new) if isinstance(pace, Mapping) else new)

    return changed(root, "actor", actor, faster)


def renamed(node: Node, old: str, new: str, but: tuple[str, ...]) -> Node:
    """The node with another name in place of one, wherever it stands in a value; keys `but` are
    words for people, and stay."""
    if isinstance(node, Mapping):
        kept = ((k, n if k.value in but else renamed(n, old, new, but)) for k, n in node)
        return Mapping(tuple(kept), node.span)
    if isinstance(node, Sequence):
        return Sequence(tuple(renamed(n, old, new, but) for n in node.items), node.span)
    pieces: list[Text | str] = []
    done = 0
    for token in tokens_of(node) if old in node.value else ():
        if token.kind == "name" and token.text == old:
            here = token.start + len(token.text)
            pieces += [part(node, done, token.start), joined(node.at(token.start), new)]
            done = here
    return joined(node.span, *pieces, part(node, done, len(node.value))) if pieces else node


def has_all(
    entry: Mapping, keys: tuple[str, ...], key: Text, what: str, found: Diagnostics
) -> bool:
    missing = [k for k in keys if entry.get(k) is None]
    if missing:
        lacks(key.span, what, missing, "see docs/language.md, The forms", found)
    return not missing


def want_lists(entry: Mapping, keys: tuple[str, ...], what: str, found: Diagnostics) -> None:
    """Reports keys and values where a name or a list of names is wanted."""
    for key in keys:
        node = entry.get(key)
        if isinstance(node, Mapping):
            found.error(node.span, "shape", f"{what}: `{key}:` wants a list", "as in [a, b]")


def no_basis(span: Span, number: str, what: str, found: Diagnostics) -> None:
    """A number without a basis, where a form's own would cover it."""
    found.error(
        span,
        "no-basis",
        f"the number {number} in {what} has no basis",
        "behind it: @V51 (stated there), ~V51 (supported, size ours), or ? and a reason",
    )


def marked(node: Node, what: str, found: Diagnostics, whole: bool = False) -> None:
    """Reports numbers without a basis, before a form's own marks stand behind them; and, where the
    `whole` is a claim, a value without any."""
    tokens = tokens_of(node) if isinstance(node, Text) else []
    for token in tokens:
        if token.kind == "number" and token.basis is None and float(token.text) not in (0.0, 1.0):
            assert isinstance(node, Text)
            no_basis(node.at(token.start), token.text, what, found)
            return
    if whole and tokens and not any(t.kind == "mark" for t in tokens):
        found.error(
            node.span,
            "no-basis",
            f"{what} has no basis: an arrow is a claim too",
            "behind it: @V51, ~V51, or ? and a reason",
        )


def word_of(node: Node | None) -> str:
    return node.value.strip() if isinstance(node, Text) else ""


def inside(node: Node | None) -> Text:
    """A value made fit to stand inside a larger one: in parentheses, its reason in brackets."""
    value = squeezed(node)
    plain = re.match(r"^(.*?)(?<!\[)\?\s*(.*)$", value.value)
    if plain is None:
        return joined(value.span, "(", value, ")")
    claim = part(value, 0, len(plain.group(1).rstrip()))
    reason = part(value, plain.start(2), plain.end(2))
    reason = replace(reason, value=reason.value.replace("[", "(").replace("]", ")"))
    return joined(value.span, "(", claim, " [? ", reason, "])")


def marks_of(node: Node | None) -> Text | None:
    """The marks of a value, to stand behind what that value alone decides."""
    value = squeezed(node)
    match = re.search(r"(?:[@~]\s*\w|\[?\?).*$", value.value)
    return part(value, match.start(), match.end()) if match else None


def bracketed(node: Text) -> Text | None:
    """The marks of a value, to stand in the middle of a sum: a reason in brackets."""
    marks = marks_of(node)
    if marks is None or not marks.value.startswith("?"):
        return marks
    plain = replace(marks, value=marks.value.replace("[", "(").replace("]", ")"))
    return joined(marks.span, "[", plain, "]")


def level_of(node: Text) -> Text:
    """A level without its marks."""
    word = squeezed(node)
    return part(word, 0, len(re.split(r"\s*[@~?]", word.value, maxsplit=1)[0].rstrip()))


def titled(entry: Mapping, title: str, span: Span) -> Mapping:
    """The entry with a name for people, its own if it has one."""
    return entry if entry.get("name") is not None else entry.plus("name", joined(span, title))


def further(condition: Node | None) -> tuple[Text | str, ...]:
    """A further condition, where there is one."""
    return (" and ", inside(condition)) if condition is not None else ()

"""Pieces that the forms put into a tree: values put together with their marks and places, new
elements, changed ones. Values keep the places where they were written."""

from __future__ import annotations

import re
from collections.abc import Callable
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
    node = root.get(section)
    assert isinstance(node, Mapping)
    entry = node.get(name)
    assert isinstance(entry, Mapping)
    return put(root, section, name, change(entry))


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
    return joined(marks.span, "[", marks, "]")


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

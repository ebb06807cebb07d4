"""What a YAML file says, as a tree of text with positions: values, lists, and keys with values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from offramp.text.diagnostics import Diagnostics, Span

MAX_DEPTH = 40  # The language itself nests eight deep.

# Characters that no file should hold: controls, halves of surrogate pairs, and the line breaks
# that YAML readers count differently from editors.
STRANGE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Text:
    """A plain value. `places[i]` is the line and column of character i, for values that a file has
    on several lines; without it they follow the first, which stands at `span`."""

    value: str
    span: Span
    places: tuple[tuple[int, int], ...] = ()

    def at(self, offset: int, length: int = 1) -> Span:
        """The span of `length` characters of the value from `offset`."""
        if not self.places:
            return Span(self.span.file, self.span.line, self.span.column + offset, length)
        line, column = self.places[min(offset, len(self.places) - 1)]
        extra = max(0, offset - (len(self.places) - 1))
        return Span(self.span.file, line, column + extra, length)


@dataclass(frozen=True)
class Sequence:
    items: tuple[Node, ...]
    span: Span


@dataclass(frozen=True)
class Mapping:
    """Keys in the order written; keys are unique (a repeated one is reported and dropped)."""

    entries: tuple[tuple[Text, Node], ...]
    span: Span

    def get(self, key: str) -> Node | None:
        return next((node for name, node in self.entries if name.value == key), None)

    def key(self, key: str) -> Text | None:
        return next((name for name, _ in self.entries if name.value == key), None)

    def __iter__(self) -> Iterator[tuple[Text, Node]]:
        return iter(self.entries)

    def keys(self) -> list[str]:
        return [name.value for name, _ in self.entries]

    def without(self, *keys: str) -> Mapping:
        return Mapping(tuple(e for e in self.entries if e[0].value not in keys), self.span)

    def plus(self, key: str, node: Node) -> Mapping:
        """With `key` set to `node`: replaced where it stands, else added at the end."""
        if self.key(key) is None:
            return Mapping((*self.entries, (Text(key, node.span), node)), self.span)
        changed = tuple((k, node if k.value == key else n) for k, n in self.entries)
        return Mapping(changed, self.span)


Node = Text | Sequence | Mapping


def plain(node: Node | None) -> object:
    """The tree as dicts, lists and strings, for readers that do not need positions."""
    if node is None:
        return None
    if isinstance(node, Text):
        return node.value
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {key.value: plain(value) for key, value in node}


def strange(character: str, span: Span, found: Diagnostics) -> None:
    """Reports a character that cannot stand in a text."""
    found.error(
        span,
        "character",
        f"the character U+{ord(character):04X} cannot stand in a text",
        "remove it (it is invisible in most editors)",
    )

"""YAML as it is mostly written, one entry a line, read line by line.

Here are block mappings and lists whose values are plain words, a quotation without escapes, or a
`[...]` or `{...}` that ends on its line. A file with anything else in it, mistakes included, is
left whole to the general reader in `text.py`, which knows all of YAML and takes some thirty times
as long. So this one has no errors to explain, and where it answers, both answer the same.
"""

from __future__ import annotations

import re

from offramp.text.diagnostics import Span
from offramp.text.tree import Mapping, Node, Sequence, Text

DEEPEST = 30  # below the limit of the general reader, which has the words for it

_KEY = re.compile(r"(\w[^:#]{0,100})(?<! ):(?: +|$)")
_WORDS = re.compile(r"(?:[\w.(+]|-(?=[^ ]))(?:[^:]|:(?=[^ ]))*")
_QUOTED = re.compile(r""""([^"\\]+)"|'([^']+)'""")
_KEY_INSIDE = re.compile(r"(\w[^:#,\[\]{}?]{0,100})(?<! ): +")
_WORDS_INSIDE = re.compile(r"(?:[\w.(+]|-(?=[\w.(]))[^:#,\[\]{}]*")
_REST_OF_LINE = re.compile(r" *$| +#")


class _Unknown(Exception):
    """This file wants the general reader."""


def read(text: str, shown: str) -> Mapping | None:
    """The tree of a YAML text, or None where the general reader is wanted."""
    if any(character in text for character in "\t\r\ufeff"):
        return None
    reader = _Reader(text, shown)
    try:
        return reader.mapping(0, 0) if reader.lines else None
    except _Unknown:
        return None


class _Reader:
    """Goes through the lines that say something; `next` is the first that was not read yet."""

    def __init__(self, text: str, shown: str) -> None:
        self.file = shown
        self.next = 0
        self.lines: list[tuple[int, int, str]] = []  # number, indentation, words
        for number, line in enumerate(text.split("\n"), 1):
            words = line.strip(" ")
            if words and words[0] != "#":
                self.lines.append((number, len(line) - len(line.lstrip(" ")), words))

    def text(self, value: str, number: int, column: int) -> Text:
        return Text(value, Span(self.file, number, column + 1, len(value)))

    def follows(self, indent: int) -> bool:
        """Whether the next line stands further to the right."""
        return self.next < len(self.lines) and self.lines[self.next][1] > indent

    def mapping(self, indent: int, depth: int) -> Mapping:
        if depth > DEEPEST:
            raise _Unknown
        start = self.lines[self.next][0]
        entries: dict[str, tuple[Text, Node]] = {}
        while self.next < len(self.lines):
            number, column, words = self.lines[self.next]
            if column < indent:
                break
            match = _KEY.match(words)
            if column > indent or match is None:
                raise _Unknown
            self.next += 1
            if match[1] in entries:
                raise _Unknown
            key = self.text(match[1], number, column)
            if match.end() == len(words) or words[match.end()] == "#":
                value = self.below(key, indent, depth + 1)
            else:
                value = self.behind(words, match.end(), number, indent, depth + 1)
            entries[key.value] = (key, value)
        return Mapping(tuple(entries.values()), Span(self.file, start, indent + 1))

    def below(self, key: Text, indent: int, depth: int) -> Node:
        """What stands in the lines below a key."""
        if self.next < len(self.lines):
            _, column, words = self.lines[self.next]
            if words.startswith("- ") and column >= indent:  # a list may stand right below its key
                return self.sequence(column, depth)
            if column > indent:
                return self.mapping(column, depth)
        return Text("", key.span)

    def sequence(self, indent: int, depth: int) -> Sequence:
        start = self.lines[self.next][0]
        items: list[Node] = []
        while self.next < len(self.lines):
            number, column, words = self.lines[self.next]
            if column < indent or not words.startswith("- "):
                break
            if column > indent:
                raise _Unknown
            place = len(words) - len(words[2:].lstrip(" "))
            if _KEY.match(words, place):  # a mapping whose first key stands behind the dash
                self.lines[self.next] = (number, indent + place, words[place:])
                items.append(self.mapping(indent + place, depth + 1))
            else:
                self.next += 1
                items.append(self.behind(words, place, number, indent, depth + 1))
        return Sequence(tuple(items), Span(self.file, start, indent + 1))

    def behind(self, words: str, place: int, number: int, indent: int, depth: int) -> Node:
        """The value that begins at words[place] and ends in this line."""
        if self.follows(indent):
            raise _Unknown  # it goes on in the next
        value: Node
        if words[place] in "[{":
            value, end = self.inside(words, place, number, indent, depth)
        elif words[place] in "\"'":
            value, end = self.quoted(words, place, number, indent)
        else:
            plain = words[place:].partition(" #")[0].rstrip(" ")
            if not _WORDS.fullmatch(plain):
                raise _Unknown
            return self.text(plain, number, indent + place)
        if not _REST_OF_LINE.match(words, end):
            raise _Unknown
        return value

    def quoted(self, words: str, place: int, number: int, indent: int) -> tuple[Text, int]:
        match = _QUOTED.match(words, place)
        if match is None:
            raise _Unknown
        return self.text(match[1] or match[2], number, indent + place + 1), match.end()

    def inside(
        self, words: str, place: int, number: int, indent: int, depth: int
    ) -> tuple[Node, int]:
        """The list or mapping in brackets that opens at words[place], and where it has ended."""
        if depth > DEEPEST:
            raise _Unknown
        span = Span(self.file, number, indent + place + 1)
        items: list[Node] = []
        entries: dict[str, tuple[Text, Node]] = {}
        opened = words[place]
        closed = "]" if opened == "[" else "}"
        end = place + 1
        while True:
            end = _beyond_spaces(words, end)
            if words[end : end + 1] == closed and not items and not entries:
                break
            if opened == "{":
                match = _KEY_INSIDE.match(words, end)
                if match is None or match[1] in entries:
                    raise _Unknown
                key = self.text(match[1], number, indent + end)
                value, end = self.element(words, match.end(), number, indent, depth + 1)
                entries[key.value] = (key, value)
            else:
                value, end = self.element(words, end, number, indent, depth + 1)
                items.append(value)
            end = _beyond_spaces(words, end)
            if words[end : end + 1] == closed:
                break
            if words[end : end + 1] != ",":
                raise _Unknown
            end += 1
        node = (
            Sequence(tuple(items), span)
            if opened == "["
            else Mapping(tuple(entries.values()), span)
        )
        return node, end + 1

    def element(
        self, words: str, place: int, number: int, indent: int, depth: int
    ) -> tuple[Node, int]:
        """One value within brackets, and where it has ended."""
        if words[place : place + 1] in ("[", "{"):
            return self.inside(words, place, number, indent, depth)
        if words[place : place + 1] in ('"', "'"):
            return self.quoted(words, place, number, indent)
        match = _WORDS_INSIDE.match(words, place)
        if match is None:
            raise _Unknown
        return self.text(match[0].rstrip(" "), number, indent + place), match.end()


def _beyond_spaces(words: str, place: int) -> int:
    while words[place : place + 1] == " ":
        place += 1
    return place

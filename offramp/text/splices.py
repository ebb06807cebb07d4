"""A YAML text with one edit in it: an entry added, a value replaced, an entry removed.

Nothing is printed anew: the characters of the one place are exchanged, and every other stays as its
author left it, comments, layout, line ends and a byte-order mark included. What comes out is read
again and compared with what was meant, so an edit either says just that or is refused (`NoPlace`).

A place is a path from the top: names of keys, and numbers of items of a list, the first being 0.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence

from offramp.errors import Unanswerable
from offramp.text import plain_json, tree
from offramp.text.diagnostics import Diagnostics
from offramp.text.tree import Node, Text, plain
from offramp.text.yaml import parse

Path = tuple[str | int, ...]
Piece = tuple[int, int, str]  # from which to which character of a value, and what stands there then
Value = str | int | Sequence["Value"] | Mapping[str, "Value"]

_BARE = re.compile(r"(?:[\w(.]|-(?=[\d.(]))(?:[^:#]|:(?=[^ ])|(?<! )#)*")
_BARE_INSIDE = re.compile(r"\w[^:#,\[\]{}\"']*")
_BREAK = re.compile(r"\r\n|\r|\n")
_QUOTED = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^']|'')*'""", re.S)


class NoPlace(Unanswerable):
    """The text has no such place, or it is written in a way in which this edit is not made."""


def appended(text: str, path: Path, key: str, value: Value, after: str | None = None) -> str:
    """With an entry at the end of the mapping at `path`, or behind the entry `after` of it. A key
    of the top that is missing, or has nothing behind it, is given its first entry. Raises NoPlace.
    """
    edit = _Edit(text)
    node = edit.node(path)
    if isinstance(node, tree.Mapping) and node.key(key) is not None:
        raise NoPlace(f"'{key}' stands there already")
    if isinstance(node, tree.Mapping) and not edit.inside(node):
        names = node.keys()
        last = names[-1] if after is None else after
        if last not in names:
            raise NoPlace(f"there is no entry '{last}'")
        first, behind = node.entries[0][0], node.key(last)
        assert behind is not None
        new = _block(key, value, " " * edit.column(first))
        line = edit.end(behind.span.line, edit.column(behind))
        edit.add_lines(line if after else edit.beyond_comments(line, edit.column(first)), new)
    elif len(path) == 1 and edit.empty(node):
        top = str(path[0])
        new = _block(key, value, "  ")
        name = edit.root.key(top) if edit.root is not None else None
        if name is None:
            edit.add_lines(edit.last_of_all(), [f"{_scalar(top)}:", *new])
        else:
            line = name.span.line
            if isinstance(node, tree.Mapping):  # {}
                brackets = edit.starts[line - 1] + node.span.column - 1
                start = len(edit.body[:brackets].rstrip(" "))
                edit.put(start, brackets + 2, "")
            edit.add_lines(line, new)
    else:
        raise NoPlace("entries are added to a mapping with one entry a line")
    return edit.done(lambda whole: _add(whole, path, key, value, after))


def replaced(text: str, path: Path, value: str | int) -> str:
    """With another plain value at `path`. Raises NoPlace."""
    edit = _Edit(text)
    node = edit.node(path)
    if not isinstance(node, Text):
        raise NoPlace("there is no plain value at this place")
    inside = any(edit.inside(edit.node(path[:n])) for n in range(len(path)))
    start, end = edit.extent(node)
    new = _scalar(str(value), inside)
    edit.put(start, end, new if start != end else f" {new}")
    return edit.done(lambda whole: _set(whole, path, str(value)))


def exchanged(text: str, path: Path, pieces: Sequence[Piece]) -> str:
    """With some characters of the plain value at `path` exchanged, and all others, its line breaks
    too, as they are. Where YAML would not read it so, the value stands in quotation marks. Raises
    NoPlace."""
    edit = _Edit(text)
    node = edit.node(path)
    if not isinstance(node, Text):
        raise NoPlace("there is no plain value at this place")
    meant = node.value
    for start, end, new in sorted(pieces, reverse=True):
        meant = meant[:start] + new + meant[end:]
        edit.put(edit.offset(node, start), edit.offset(node, end), new)
    try:
        return edit.done(lambda whole: _set(whole, path, meant))
    except NoPlace:
        return replaced(text, path, meant)


def listed(text: str, path: Path, value: str) -> str:
    """With one more plain item at the end of the list at `path`. Raises NoPlace."""
    edit = _Edit(text)
    node = edit.node(path)
    if not isinstance(node, tree.Sequence) or not node.items:
        raise NoPlace("an item is added to a list that has one")
    last = node.items[-1]
    if edit.inside(node):
        if not isinstance(last, Text):
            raise NoPlace("the last item of this list is no plain value")
        _, end = edit.extent(last)
        edit.put(end, end, f", {_scalar(value, True)}")
    else:
        dash = edit.lines[node.span.line - 1].index("-")
        line = edit.end(last.span.line, dash)
        edit.add_lines(line, [f"{' ' * dash}- {_scalar(value)}"])
    return edit.done(lambda whole: _changed(whole, path, lambda old: [*_items(old), value]))


def place_of(text: str, line: int, column: int) -> tuple[Path, int]:
    """The path of the plain value that has a character at a line and column (both from 1), and
    which of its characters that is. Raises NoPlace."""
    edit = _Edit(text)
    below: list[tuple[Path, Node | None]] = [((), edit.root)]
    while below:
        path, node = below.pop()
        if isinstance(node, tree.Mapping):
            below += [((*path, key.value), value) for key, value in node.entries]
        elif isinstance(node, tree.Sequence):
            below += [((*path, k), item) for k, item in enumerate(node.items)]
        elif node is not None and (line, column) in node.places:
            return path, node.places.index((line, column))
        elif node is not None and not node.places and node.span.line == line:
            offset = column - node.span.column
            if 0 <= offset < len(node.value):
                return path, offset
    raise NoPlace(f"no value stands at line {line}, column {column}")


def removed(text: str, path: Path) -> str:
    """Without the entry at `path`, which stands in lines of its own and is not the only one of its
    mapping or list. Comments above it stay. Raises NoPlace."""
    edit = _Edit(text)
    above = edit.node(path[:-1]) if path else None
    edit.node(path)
    if above is None or isinstance(above, Text) or edit.inside(above):
        raise NoPlace("what is removed stands in lines of its own")
    if len(above.entries if isinstance(above, tree.Mapping) else above.items) == 1:
        raise NoPlace("the only entry stays: nothing would stand behind its key")
    if isinstance(above, tree.Mapping):
        key = above.key(str(path[-1]))
        assert key is not None
        line, column = key.span.line, edit.column(key)
    else:
        item = above.items[int(path[-1])]
        line, column = item.span.line, above.span.column - 1
    if edit.lines[line - 1][:column].strip():
        raise NoPlace("the first key of an item shares its line with the dash")
    edit.drop_lines(line, edit.end(line, column))
    return edit.done(lambda whole: _drop(whole, path))


# ---- the text, its tree, and what is put into it -------------------------------------------------


class _Edit:
    """The text with LF alone, as it is parsed, and one splice of it."""

    def __init__(self, text: str) -> None:
        self.raw = text
        self.mark = "\ufeff" if text.startswith("\ufeff") else ""
        body = text[len(self.mark) :]
        self.lines = _BREAK.split(body)
        self.body = "\n".join(self.lines)
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line) + 1)
        self.splices: list[tuple[int, int, str]] = []
        self.root: tree.Mapping | None = None
        if any(line.strip() and not line.lstrip().startswith("#") for line in self.lines):
            found = Diagnostics()
            root = parse(self.body, "", found)
            if found.errors or not isinstance(root, tree.Mapping):
                raise NoPlace("the file cannot be read as it stands: `offramp check` says why")
            self.root = root

    def node(self, path: Path) -> Node | None:
        """What stands there; None for a key of the top that is missing."""
        node: Node | None = self.root
        for depth, part in enumerate(path):
            below: Node | None = None
            if isinstance(node, tree.Mapping):
                below = node.get(str(part))
            elif isinstance(node, tree.Sequence) and isinstance(part, int):
                below = node.items[part] if part < len(node.items) else None
            if below is None and (depth, len(path)) != (0, 1):
                raise NoPlace(f"nothing stands at {' / '.join(map(str, path))}")
            node = below
        return node

    def inside(self, node: Node | None) -> bool:
        """Whether it is written in brackets."""
        if node is None or isinstance(node, Text):
            return False
        return self.lines[node.span.line - 1][node.span.column - 1 : node.span.column] in "[{"

    def empty(self, node: Node | None) -> bool:
        if isinstance(node, tree.Mapping):
            line = self.lines[node.span.line - 1][node.span.column - 1 :]
            return not node.entries and line.startswith("{}")
        return node is None or (isinstance(node, Text) and not node.value)

    def column(self, key: Text) -> int:
        """Where a key begins, its quotation mark included."""
        line, column = self.lines[key.span.line - 1], key.span.column - 1
        return column - 1 if column and line[column - 1] in "\"'" else column

    def end(self, line: int, column: int) -> int:
        """The last line of the entry that begins there. Comments that stand further to the right
        than the entry belong to it."""
        last, item = line, self.lines[line - 1][column:].startswith("- ")
        for number, words in enumerate(self.lines[line:], line + 1):
            indent, said = len(words) - len(words.lstrip()), words.strip()
            below = indent == column and not item and (said == "-" or said.startswith("- "))
            if said and (indent > column or below):
                last = number
            elif said and not said.startswith("#"):
                break
        return last

    def beyond_comments(self, line: int, column: int) -> int:
        """The last of the comments right below a line that stand as far to the right."""
        while line < len(self.lines) and self.lines[line].startswith(" " * column + "#"):
            line += 1
        return line

    def last_of_all(self) -> int:
        """The last line with anything in it, comments too; 0 without any."""
        said = [number for number, line in enumerate(self.lines, 1) if line.strip()]
        return said[-1] if said else 0

    def extent(self, text: Text) -> tuple[int, int]:
        """From where to where a plain value stands, its quotation marks included."""
        start = self.starts[text.span.line - 1] + text.span.column - 1
        mark = self.body[start - 1 : start]
        if not text.value and self.body[start : start + 1] in "\"'":
            start, mark = start + 1, self.body[start]  # '' and ""
        elif not text.value:  # nothing stands behind the key
            start = self.body.index(":", start) + 1
            return start, start
        if mark in ("'", '"') and (quoted := _QUOTED.match(self.body, start - 1)):
            return start - 1, quoted.end()
        if not text.places:
            return start, start + len(text.value)
        line, column = text.places[-1]
        if re.search(r"[|>][-+0-9]*\s*(?:#.*)?$", self.lines[max(0, text.span.line - 2)]):
            raise NoPlace("a text in lines of its own (| or >) is not replaced: write it by hand")
        return start, self.starts[line - 1] + column

    def offset(self, text: Text, character: int) -> int:
        """Where a character of a plain value stands, or the one behind its last."""
        before = max(0, min(character, len(text.value)) - 1)
        at = text.at(character if character < len(text.value) else before)
        start = self.starts[at.line - 1] + at.column - 1
        return start + (character >= len(text.value) > 0)

    def put(self, start: int, end: int, new: str) -> None:
        self.splices.append((start, end, new))

    def add_lines(self, line: int, new: list[str]) -> None:
        """Puts lines behind a line."""
        said = "".join(f"{one}\n" for one in new)
        if line < len(self.lines):
            self.put(self.starts[line], self.starts[line], said)
        else:  # the last, which has no end
            self.put(len(self.body), len(self.body), "\n" * bool(self.body) + said)

    def drop_lines(self, first: int, last: int) -> None:
        start, end = self.starts[first - 1], self.starts[last]
        if end > len(self.body):  # the last, which has no end: the one before it gets none
            start, end = max(0, start - 1), len(self.body)
        self.put(start, end, "")

    def done(self, meant: Callable[[object], object]) -> str:
        """The text with its splices, when it says what was meant and nothing else."""
        breaks = list(_BREAK.finditer(self.raw, len(self.mark)))
        ends = breaks[0].group() if breaks else "\n"
        origins = [len(self.mark), *(b.end() for b in breaks)]

        def place(offset: int) -> int:
            line = min(bisect_right(self.starts, offset), len(self.lines)) - 1
            return origins[line] + offset - self.starts[line]

        out = self.raw
        for start, end, new in sorted(self.splices, reverse=True):
            out = out[: place(start)] + new.replace("\n", ends) + out[place(end) :]
        body = "\n".join(_BREAK.split(out.removeprefix("\ufeff")))
        found = Diagnostics()
        after = plain(parse(body, "", found))
        if found.errors or _ordered(after) != _ordered(meant(plain(self.root) or {})):
            raise NoPlace("this place is written in a way that is not edited: change it by hand")
        return out


def _ordered(value: object) -> str:
    """The value as one string, with its keys in their order."""
    return plain_json.text(value)


# ---- values as they are written ------------------------------------------------------------------


def _block(key: str, value: Value, pad: str) -> list[str]:
    """The lines of an entry."""
    if isinstance(value, Mapping):
        inner = [line for k, v in value.items() for line in _block(k, v, pad + "  ")]
        return [f"{pad}{_scalar(key)}:{'' if value else ' {}'}", *inner]
    return [f"{pad}{_scalar(key)}: {_inline(value)}"]


def _inline(value: Value, inside: bool = False) -> str:
    if isinstance(value, Mapping):
        entries = (f"{_scalar(k, True)}: {_inline(v, True)}" for k, v in value.items())
        return "{" + ", ".join(entries) + "}"
    if isinstance(value, str | int):
        return _scalar(str(value), inside)
    return "[" + ", ".join(_inline(v, True) for v in value) + "]"


def _scalar(value: str, inside: bool = False) -> str:
    """As it stands where YAML reads it so, else in double quotes."""
    bare = _BARE_INSIDE if inside else _BARE
    if bare.fullmatch(value) and value == value.strip() and value.isprintable():
        return value
    return plain_json.text(value)


# ---- what an edit means --------------------------------------------------------------------------


def _stringly(value: Value) -> object:
    if isinstance(value, Mapping):
        return {key: _stringly(v) for key, v in value.items()}
    return str(value) if isinstance(value, str | int) else [_stringly(v) for v in value]


def _changed(whole: object, path: Path, last: Callable[[object], object]) -> object:
    if not path:
        return last(whole)
    if isinstance(whole, dict):
        whole = whole if path[0] in whole else {**whole, str(path[0]): {}}
        return {k: _changed(v, path[1:], last) if k == path[0] else v for k, v in whole.items()}
    assert isinstance(whole, list)
    return [_changed(v, path[1:], last) if k == path[0] else v for k, v in enumerate(whole)]


def _add(whole: object, path: Path, key: str, value: Value, after: str | None) -> object:
    def last(old: object) -> object:
        entries = list(old.items()) if isinstance(old, dict) else []
        names = [k for k, _ in entries]
        place = len(names) if after is None else names.index(after) + 1
        return dict([*entries[:place], (key, _stringly(value)), *entries[place:]])

    return _changed(whole, path, last)


def _set(whole: object, path: Path, value: str) -> object:
    return _changed(whole, path, lambda old: value)


def _items(old: object) -> list[object]:
    assert isinstance(old, list)
    return old


def _drop(whole: object, path: Path) -> object:
    def last(old: object) -> object:
        if isinstance(old, dict):
            return {k: v for k, v in old.items() if k != path[-1]}
        assert isinstance(old, list)
        return [v for k, v in enumerate(old) if k != path[-1]]

    return _changed(whole, path[:-1], last)

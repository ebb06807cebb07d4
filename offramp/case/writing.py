"""What a passage says, put into the model: a number given its size and its mark, an element that
cites it, an entry that is new, a passage that is left out. Each is one edit of one file's text, and
nothing else of it changes."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from offramp.case.cited import Cited
from offramp.case.left_out import FILE as COVERAGE
from offramp.case.left_out import row_of
from offramp.case.model_forms import Entry
from offramp.errors import Mistake, Unanswerable
from offramp.language.sizing import Mark, sized
from offramp.text import tree
from offramp.text.diagnostics import Diagnostic, Diagnostics, suggestion
from offramp.text.splices import appended, exchanged, listed, place_of
from offramp.text.yaml import parse

CRISIS = "crisis.yaml"
_PLACE = re.compile(r"(?:number )?([\w./-]+):(\d{1,7}):(\d{1,7})")


@dataclass(frozen=True, kw_only=True)
class Writing:
    """An edit of a file of a case: its text before (None without the file) and after, and why it is
    made. `found` is what would be wrong then and is not now; `written` whether it is done."""

    file: str
    before: str | None
    after: str
    reason: str
    found: tuple[Diagnostic, ...] = ()
    written: bool = False

    @property
    def lines(self) -> tuple[tuple[str, int, str], ...]:
        """The lines that go (`-`, with their numbers before), those that come (`+`, with their
        numbers after) and one on either side that stays (` `), in the order of the file."""
        old, new = (self.before or "").splitlines(), self.after.splitlines()
        out: list[tuple[str, int, str]] = []
        for group in difflib.SequenceMatcher(None, old, new, False).get_grouped_opcodes(1):
            for what, a, b, c, d in group:
                if what == "equal":
                    out += [(" ", c + k + 1, new[c + k]) for k in range(d - c)]
                else:
                    out += [("-", a + k + 1, old[a + k]) for k in range(b - a)]
                    out += [("+", c + k + 1, new[c + k]) for k in range(d - c)]
        return tuple(out)


def with_number(
    texts: Mapping[str, str], place: str, value: str, mark: Mark, names: Collection[str] = ()
) -> Writing:
    """A number that stands in a file gets another size and mark; or an unknown's name its place.

    place  where it is written: `crisis.yaml:133:22`, as `offramp model numbers` lists them

    Raises Mistake for what is no place or no number, Unanswerable where it cannot be written so.
    """
    match = _PLACE.fullmatch(place.strip())
    if match is None or match[1] not in texts or not match[1].endswith(".yaml"):
        raise Mistake(f"'{place[:80]}' is no place of a number, as in crisis.yaml:12:20", "place")
    text = texts[match[1]]
    path, offset = place_of(text, int(match[2]), int(match[3]))
    found = node_at(text, path)
    assert isinstance(found, tree.Text)
    after = exchanged(text, path, sized(found, offset, value, mark, names))
    return Writing(
        file=match[1],
        before=text,
        after=after,
        reason=f"{' / '.join(map(str, path[:-1] or path))}: {value.strip()} {mark.written()}",
    )


def with_cite(texts: Mapping[str, str], element: str, passage: str) -> Writing:
    """An element of crisis.yaml cites a passage in its `cites:`. Raises Unanswerable for an element
    that is not written there, or cites it already."""
    text = texts.get(CRISIS, "")
    noun, _, name = element.partition(" ")
    path = next((p for p in _paths(text) if p[1] == name and (p[0] == noun or not noun)), None)
    path = path or next((p for p in _paths(text) if p[1] == name), None)
    if path is None:
        raise Unanswerable(f"crisis.yaml has no entry for '{element}'")
    cites = _child(node_at(text, path), "cites")
    if cites is None:
        after = appended(text, path, "cites", [passage])
    elif isinstance(cites, tree.Sequence) and passage in _plain(cites):
        raise Unanswerable(f"'{name}' cites {passage} already")
    else:
        after = listed(text, (*path, "cites"), passage)
    return Writing(file=CRISIS, before=text, after=after, reason=f"{name} cites {passage}")


def with_left_out(texts: Mapping[str, str], cited: Cited, passage: str, because: str) -> Writing:
    """coverage.yaml says why nothing is made of a passage. Raises Mistake without a reason."""
    if not because.strip():
        raise Mistake("say why nothing is made of it", "because")
    if passage not in cited.passages:
        help = suggestion(passage, cited.passages)
        raise Mistake(f"there is no passage '{passage[:40]}'" + f": {help}" * bool(help), "passage")
    before = texts.get(COVERAGE)
    row = row_of(passage)
    after = appended(before or "", ("left out",), row, " ".join(because.split()))
    return Writing(file=COVERAGE, before=before, after=after, reason=f"{row} is left out")


def with_entry(texts: Mapping[str, str], new: Entry) -> Writing:
    """A new entry at the end of a section, or an item of a list. Raises Unanswerable where it
    cannot stand there."""
    before = texts.get(new.file)
    text, path = before or "", _section(before or "", new.path)
    there = _child(node_at(text, path), new.key)
    if new.item and there is not None:
        if isinstance(there, tree.Sequence) and str(new.value) in _plain(there):
            raise Unanswerable(f"'{new.value}' stands there already")
        after = listed(text, (*path, new.key), str(new.value))
    elif there is not None:
        raise Unanswerable(f"{' / '.join(map(str, path))} has `{new.key}` already: change it there")
    elif len(path) > 2 and node_at(text, path) is None:  # its section is new too
        after = appended(text, path[:-1], str(path[-1]), {new.key: new.value})
    else:
        after = appended(text, path, new.key, [new.value] if new.item else new.value)
    what = f"{new.path[0]} {' / '.join(map(str, (*new.path[1:], new.key)))}"
    return Writing(file=new.file, before=before, after=after, reason=f"{what} added")


def _section(text: str, path: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """The path of an entry where it stands: an event may be a hazard."""
    if len(path) < 2 or any(p == path[:2] for p in _paths(text)):
        return path
    found = next((p for p in _paths(text) if p[1] == path[1]), None)
    if found is None:
        raise Unanswerable(f"crisis.yaml has no entry for '{path[1]}': a form brings it")
    return (*found, *path[2:])


def node_at(text: str, path: tuple[str | int, ...]) -> tree.Node | None:
    """What stands at a path of a YAML text, None for nothing."""
    node: tree.Node | None = parse(text.removeprefix("\ufeff"), "", Diagnostics())
    for part in path:
        node = _child(node, part)
    return node


def parts(text: str) -> Iterator[tuple[int, int, int, str]]:
    """The values of a YAML text by place: a line, its first and its last column, and which part of
    its entry it is: `pace`, `wants / an islet`."""
    below: list[tuple[tuple[str, ...], tree.Node | None]] = [((), node_at(text, ()))]
    while below:
        path, node = below.pop()
        if isinstance(node, tree.Mapping):
            below += [((*path, key.value), value) for key, value in node]
        elif isinstance(node, tree.Sequence):
            below += [(path, item) for item in node.items]
        elif node is not None:
            for line, columns in _lines_of(node).items():
                yield line, min(columns), max(columns), " / ".join(path[2:])


def _lines_of(value: tree.Text) -> dict[int, list[int]]:
    places = value.places or tuple(
        (value.span.line, value.span.column + k) for k in range(max(1, len(value.value)))
    )
    out: dict[int, list[int]] = {}
    for line, column in places:
        out.setdefault(line, []).append(column)
    return out


def _child(node: tree.Node | None, part: str | int) -> tree.Node | None:
    if isinstance(node, tree.Mapping):
        return node.get(str(part))
    if isinstance(node, tree.Sequence) and isinstance(part, int) and part < len(node.items):
        return node.items[part]
    return None


def _plain(node: tree.Sequence) -> list[str]:
    return [item.value for item in node.items if isinstance(item, tree.Text)]


def _paths(text: str) -> list[tuple[str, str]]:
    """The entries of crisis.yaml, by section."""
    root = parse(text.removeprefix("\ufeff"), "", Diagnostics())
    if not isinstance(root, tree.Mapping):
        return []
    return [
        (section.value, key.value)
        for section, entries in root
        if isinstance(entries, tree.Mapping)
        for key, _ in entries
    ]

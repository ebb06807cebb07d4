"""From one version of the language to the last: the text of a crisis, and what an edit then means.

The text is changed in its one line; comments, layout and every other byte stay. What a case means
differs only where `edited` does (docs/language.md, Versions).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from offramp.errors import Unanswerable
from offramp.language.crisis import Crisis
from offramp.language.edits import Edit, edited
from offramp.language.keys import VERSIONS
from offramp.text.diagnostics import Diagnostics
from offramp.text.tree import Mapping, Text, plain
from offramp.text.yaml import parse

LAST = VERSIONS[-1]
_ENDS = re.compile(r"\r\n|\r|\n")


def brought_over(text: str) -> str:
    """The text of a crisis.yaml in the last version of the language; itself where it says so
    already. Raises Unanswerable for a text that is laid out as no place is found in it."""
    mark, body = ("\ufeff", text[1:]) if text.startswith("\ufeff") else ("", text)
    root = _root(body)
    if root is not None:
        said = root.get("language")
        if isinstance(said, Text) and said.value == str(LAST):
            return text
        for new in _candidates(body, root):
            if _says_the_same(root, _root(new)):
                return mark + new
    raise Unanswerable(
        f"crisis.yaml is laid out in a way in which Offramp finds no place for its version: write "
        f"`language: {LAST}` at its head yourself"
    )


def _root(text: str) -> Mapping | None:
    found = Diagnostics()
    root = parse(_ENDS.sub("\n", text), "crisis.yaml", found)
    return root if isinstance(root, Mapping) and root.entries and not found.errors else None


def _candidates(text: str, root: Mapping) -> Iterator[str]:
    """The number in the place of the old one; else a line before the first key, or a word."""

    def offset(line: int, column: int) -> int:
        starts = [0, *(end.end() for end in _ENDS.finditer(text))]
        return starts[line - 1] + column - 1

    said = root.get("language")
    if isinstance(said, Text):
        place = said.at(0)
        start = offset(place.line, place.column)
        yield text[:start] + str(LAST) + text[start + len(said.value) :]
        return
    first = root.entries[0][0].at(0)
    line, key = offset(first.line, 1), offset(first.line, first.column)
    indent = text[line : key - len(text[line:key].lstrip(" "))]
    end = _ENDS.search(text, key)
    yield f"{text[:line]}{indent}language: {LAST}{end[0] if end else chr(10)}{text[line:]}"
    yield f"{text[:key]}language: {LAST}, {text[key:]}"


def _says_the_same(old: Mapping, new: Mapping | None) -> bool:
    """Whether the new tree is the old one, but for the version."""
    if new is None or plain(new.get("language")) != str(LAST):
        return False
    before, after = old.without("language"), new.without("language")
    return before.keys() == after.keys() and plain(before) == plain(after)


def differs(crisis: Crisis, edit: Edit) -> str:
    """What an edit of the crisis comes to mean in the last version, in a sentence or two; '' where
    it means what it meant."""
    was, will = (
        replace(edited(replace(crisis, language=version), (edit,)), language=LAST)
        for version in (crisis.language, LAST)
    )
    if was == will:
        return ""
    event = next(e for e in crisis.events if e.name == edit.target)
    holders = [b.holder for b in crisis.beliefs if b.about == event.by]
    few = len(edit.dates) == 1
    taught = (
        f"a choice of {event.by} from which {' and '.join(holders)} "
        f"{'learns' if len(holders) == 1 else 'learn'}, as far as it is seen"
        if holders
        else f"a choice of {event.by}, of whom nobody has a belief that it could change"
    )
    which = f" on the agenda '{event.agenda}'" if event.agenda else ""
    words = f"; {' and '.join(event.words)} may go along with it" if event.words else ""
    return (
        f"`{edit.words}` was no choice; it becomes {taught}, and "
        f"{event.by} chooses nothing else{which} {'that day' if few else 'on those days'}{words}"
    )

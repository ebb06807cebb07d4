"""A YAML 1.2 file as a tree of text with positions: nothing is turned into numbers or booleans.

Most files say one thing a line and are read line by line; any other is left to ruamel.yaml.
"""

from __future__ import annotations

from pathlib import Path

from offramp.text import lines
from offramp.text.diagnostics import Diagnostics, Span
from offramp.text.files import read_regular, regular
from offramp.text.spelling import alike, difference
from offramp.text.tree import MAX_DEPTH, STRANGE, Mapping, Node, Sequence, Text, strange

MAX_BYTES = 4_000_000  # A hand-written crisis is far below; the largest case so far has 150 kB.


def read_text(path: Path, shown: str, found: Diagnostics) -> str | None:
    """The file's text, or None with the reason in `found`."""
    start = Span(shown, 1, 1)
    try:
        size = regular(path).st_size
        data = b"" if size > MAX_BYTES else read_regular(path, MAX_BYTES + 1)
        if max(size, len(data)) > MAX_BYTES:
            found.error(
                start,
                "too-large",
                f"the file has {max(size, len(data)):,} bytes; at most {MAX_BYTES:,} are read",
                "split the case, or check that this is the file you meant",
            )
            return None
    except FileNotFoundError:
        found.error(start, "no-file", "the file does not exist", "see `offramp new NAME`")
        return None
    except OSError as error:
        found.error(start, "unreadable", f"the file cannot be read: {error.strerror}")
        return None
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]  # A byte-order mark says nothing in UTF-8; columns count from after it.
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        found.error(start, "encoding", "the file is UTF-16, not UTF-8", "save it as UTF-8")
        return None
    try:
        return data.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
        line = before.count("\n") + 1
        found.error(
            Span(shown, line, len(before) - before.rfind("\n")),
            "encoding",
            f"byte 0x{data[error.start]:02x} is not UTF-8",
            "save the file as UTF-8 (it may be Latin-1 or Windows-1252)",
        )
        return None


def parse(text: str, shown: str, found: Diagnostics) -> Node | None:
    """The tree of a YAML text, or None with the reason in `found`."""
    if not _plausible(text, shown, found):
        return None
    tree: Node | None = lines.read(text, shown)
    if tree is None:
        from offramp.text import general  # takes time to import, and is seldom wanted

        tree = general.read(text, shown, found)
    if tree is not None and not text.isascii():
        _twins(tree, found)
    return tree


def _twins(node: Node, found: Diagnostics) -> None:
    """Reports names in one place that look the same and are not: nobody means two by them."""
    if isinstance(node, Text):
        return
    named = (
        [key for key, _ in node]
        if isinstance(node, Mapping)
        else [
            t
            for t in node.items
            if isinstance(t, Text) and " " not in t.value  # no prose
        ]
    )
    words = [t for t in named if isinstance(t, Text)]
    seen: dict[str, Text] = {}
    for text in words if any(not t.value.isascii() for t in words) else ():
        other = seen.setdefault(alike(text.value), text)
        if other.value != text.value:
            found.error(
                text.span,
                "alike",
                f"'{text.value}' looks like '{other.value}' in line {other.span.line}",
                difference(text.value, other.value),
            )
    for inner in node.items if isinstance(node, Sequence) else [value for _, value in node]:
        _twins(inner, found)


def separated(header: str) -> str:
    """By what the columns of a table are separated, where that is no comma; '' where it is."""
    marks = {";": "semicolons", "\t": "tabs", "|": "upright bars"}
    most = max(marks, key=header.count)
    return marks[most] if header.count(most) > header.count(",") else ""


COMMAS = "save it as CSV with commas (a spreadsheet set to a language with decimal commas writes ;)"


def _plausible(text: str, shown: str, found: Diagnostics) -> bool:
    """Looks before composing: what would make the reader slow or blind."""
    ok = True
    any_strange = STRANGE.search(text) is not None
    for number, line in enumerate(text.split("\n"), 1):
        indent = line[: len(line) - len(line.lstrip())]
        if "\t" in indent:
            found.error(
                Span(shown, number, indent.index("\t") + 1),
                "tab",
                "a tab in the indentation; YAML allows only spaces",
                "replace each tab by two spaces",
            )
            ok = False
        for match in STRANGE.finditer(line) if any_strange else ():
            strange(match.group(), Span(shown, number, match.start() + 1), found)
            ok = False
        depth = max(len(indent), line.count("[") + line.count("{"))
        if depth > 4 * MAX_DEPTH:
            found.error(
                Span(shown, number, 1),
                "too-deep",
                f"nested deeper than {MAX_DEPTH} levels",
                "a crisis file nests eight deep at most",
            )
            return False
    return ok

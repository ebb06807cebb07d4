"""What is wrong, where, and what would have worked: one type for terminal, JSON and editors."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from offramp.errors import OfframpError
from offramp.text.spelling import alike, difference, oddities

Severity = Literal["error", "warning"]
# Findings that quote what a person typed and that was not understood.
_SPELT = ("syntax", "name", "number", "not-a-date", "column", "quoting", "kind", "entry", "level")


class Source(str):
    """The name of a file as its case calls it (`assessments/tass.yaml`), the same wherever the case
    lies; `path` is where it is found from here, for whoever opens or prints it."""

    path: str

    def __new__(cls, name: str, path: str = "") -> Source:
        new = super().__new__(cls, name)
        new.path = path or name
        return new


@dataclass(frozen=True, order=True)
class Span:
    """A stretch of a file: 1-based line and column of its first character, and its length. `file`
    is relative to the case, so that what is said of a case does not depend on where it lies."""

    file: str
    line: int
    column: int
    length: int = 1

    @property
    def path(self) -> str:
        """Where the file is found from here."""
        return getattr(self.file, "path", self.file)


@dataclass(frozen=True)
class Diagnostic:
    """One finding about a file a person wrote.

    `code` is stable and short (`unknown-name`); `help` says what would have worked.
    """

    span: Span
    code: str
    message: str
    help: str = ""
    severity: Severity = "error"


@dataclass
class Diagnostics:
    """The findings of one reading, collected so that a person sees all of them at once."""

    found: list[Diagnostic] = field(default_factory=list)

    def error(self, span: Span, code: str, message: str, help: str = "") -> None:
        if code in _SPELT or code.startswith("unknown-"):
            help = "; ".join(x for x in (oddities(message), help) if x)
        self.found.append(Diagnostic(span, code, message, help))

    def warning(self, span: Span, code: str, message: str, help: str = "") -> None:
        self.found.append(Diagnostic(span, code, message, help, "warning"))

    @property
    def errors(self) -> list[Diagnostic]:
        return [d for d in self.found if d.severity == "error"]

    def ordered(self) -> list[Diagnostic]:
        """By place, each finding once (an expanded form may be met several times)."""
        unique = dict.fromkeys(self.found)
        return sorted(unique, key=lambda d: (d.span, d.severity, d.code, d.message))


class CaseError(OfframpError):
    """The case cannot be used as written; carries every diagnostic of the reading."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("; ".join(f"{d.code}: {d.message}" for d in self.diagnostics[:3]))


def plural(what: str) -> str:
    """`quantities`, `actors of the room`: the noun before an `of` is what is many."""
    noun, of, rest = what.partition(" of ")
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        many = noun[:-1] + "ies"
    else:
        many = noun + ("es" if noun.endswith(("s", "x", "ch", "sh")) else "s")
    return many + of + rest


def counted(n: int, what: str) -> str:
    """`1 belief`, `2 beliefs`, `1,000 worlds`."""
    return f"{n:,} {what if n == 1 else plural(what)}"


def suggestion(name: str, known: Iterable[str], what: str = "") -> str:
    """'did you mean ...?' from near spellings, or the list of what exists when it is short."""
    names = sorted(set(known))
    same = [n for n in names if n != name and alike(n) == alike(name)]
    if same:
        return difference(name, same[0])
    near = difflib.get_close_matches(name, names, n=2, cutoff=0.6)
    if near:
        return "did you mean " + " or ".join(f"'{n}'" for n in near) + "?"
    if 0 < len(names) <= 12:
        return f"{what or 'known here'}: " + ", ".join(names)
    return ""


def _visible(line: str) -> str:
    """The line with a space or a mark for what a terminal would not show, or would obey."""
    strange = ("Cc", "Cs")
    return "".join(
        "\ufffd" if unicodedata.category(c) in strange else c for c in line.replace("\t", " ")
    )


def _cells(text: str) -> int:
    """How many columns of a terminal the text takes: accents none, wide characters two."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def render(diagnostic: Diagnostic, lines: list[str] | None) -> str:
    """The finding as a terminal shows it: place, message, the line, a caret, the help."""
    span = diagnostic.span
    text = _visible(
        f"{span.path}:{span.line}:{span.column}: "
        f"{diagnostic.severity}[{diagnostic.code}]: {diagnostic.message}"
    )
    if lines and 0 < span.line <= len(lines):
        source = _visible(lines[span.line - 1])
        # A very long line is shown around the place only.
        start = max(0, span.column - 1 - 60)
        shown = source[start : start + 110]
        caret = span.column - 1 - start
        width = max(1, min(span.length, len(shown) - caret))
        gap, marked = _cells(shown[:caret]), _cells(shown[caret : caret + width])
        text += f"\n    {shown}\n    {' ' * gap}{'^' * max(1, marked)}"
    if diagnostic.help:
        text += f"\n  = {_visible(diagnostic.help)}"
    return text

"""The texts of a case, read once: from a folder, from memory, or with unsaved edits over a folder.

Everything that is said of a case is read from these, by the name that a file has within the case
(`assessments/inss.yaml`); nothing looks at the folder again.
"""

from __future__ import annotations

import importlib.resources
import os
from collections.abc import Mapping as Map
from dataclasses import dataclass, field, replace
from pathlib import Path

from offramp.text.diagnostics import CaseError, Diagnostic, Diagnostics, Source, Span, suggestion
from offramp.text.files import listed, there
from offramp.text.tree import Mapping, Node
from offramp.text.yaml import parse, read_text

FILES = (
    "crisis.yaml",
    "questions.yaml",
    "sources.yaml",
    "passages.yaml",
    "phrases.yaml",
    "history.csv",
    "reporting.yaml",
    "disagreements.yaml",
    "policies.yaml",
    "asked.yaml",
    "rooms.yaml",
    "facts.yaml",
    "coverage.yaml",
    "baselines.yaml",
    "crowd.csv",
)
AUTHORS = ("assessments", "claims")  # folders that hold a file for each author

Parsed = tuple[Node | None, tuple[Diagnostic, ...]]


@dataclass(frozen=True)
class Texts:
    """The files of one case by name. `faulty` are those that are there and have no text, with the
    reasons; `folder` is where they are from, None for a case that is only in memory."""

    texts: Map[str, str]
    faulty: Map[str, tuple[Diagnostic, ...]] = field(default_factory=dict)
    folder: Path | None = None
    _trees: dict[str, Parsed] = field(default_factory=dict, repr=False, compare=False)

    def has(self, name: str) -> bool:
        """Whether the case has this file, readable or not."""
        return name in self.texts or name in self.faulty

    def source(self, name: str) -> Source:
        """The file for a message: its name within the case, and where it is found from here."""
        return Source(name) if self.folder is None else from_here(self.folder, name)

    def text(self, name: str, found: Diagnostics) -> str | None:
        """The file's text, or None with the reason in `found`."""
        if name not in self.texts and name not in self.faulty:
            span = Span(self.source(name), 1, 1)
            found.error(span, "no-file", "the file does not exist", "see `offramp new NAME`")
        found.found += self.faulty.get(name, ())
        return self.texts.get(name)

    def parsed(self, name: str, found: Diagnostics) -> Node | None:
        """The tree of a YAML file, each file parsed once; None with the reasons in `found`."""
        known = self._trees.get(name)
        if known is None:
            quiet = Diagnostics()
            text = self.text(name, quiet)
            node = None if text is None else parse(text, self.source(name), quiet)
            known = self._trees[name] = node, tuple(quiet.found)
        found.found += known[1]
        return known[0]

    def tree(self, name: str, found: Diagnostics) -> Mapping | None:
        """The same for a file that has keys and values at the top."""
        root = self.parsed(name, found)
        if root is not None and not isinstance(root, Mapping):
            found.error(root.span, "shape", f"{name} wants keys and values at the top")
            return None
        return root

    def authors(self, folder: str, found: Diagnostics) -> tuple[str, ...]:
        """The files of one of AUTHORS, by name."""
        found.found += self.faulty.get(folder, ())
        names = {*self.texts, *self.faulty}
        return tuple(sorted(n for n in names if n.startswith(f"{folder}/")))

    def key_span(self, name: str, section: str, key: str) -> Span:
        """Where an entry of a file stands."""
        root = self.parsed(name, Diagnostics()) if self.has(name) else None
        node = root.get(section) if isinstance(root, Mapping) else None
        text = node.key(key) if isinstance(node, Mapping) else None
        return text.span if text else Span(self.source(name), 1, 1)

    def over(self, edits: Map[str, str]) -> Texts:
        """The same with other texts in place of some files, as an editor has them unsaved. The
        others are not parsed again."""
        faulty = {name: why for name, why in self.faulty.items() if name not in edits}
        trees = {name: known for name, known in dict(self._trees).items() if name not in edits}
        return replace(self, texts={**self.texts, **edits}, faulty=faulty, _trees=trees)


def of_folder(folder: Path) -> Texts:
    """All files of a folder that are read by their names. What cannot be read is told when it is
    asked for."""
    names, faulty = [n for n in FILES if there(folder / n)], dict[str, tuple[Diagnostic, ...]]()
    for authors in AUTHORS:
        try:
            names += [f"{authors}/{path.name}" for path in listed(folder / authors, ".yaml")]
        except OSError as error:
            span = Span(from_here(folder, authors), 1, 1)
            message = f"the folder cannot be read: {error.strerror}"
            help = f"{authors}/ holds a file for each author: {authors}/NAME.yaml"
            faulty[authors] = (Diagnostic(span, "unreadable", message, help),)
    texts = dict[str, str]()
    for name in names:
        quiet = Diagnostics()
        text = read_text(folder / name, from_here(folder, name), quiet)
        if text is None:
            faulty[name] = tuple(quiet.found)
        else:
            texts[name] = text
    return Texts(texts, faulty, folder)


def from_here(folder: Path, name: str) -> Source:
    """It is found where the person said, or from where they stand; links are not followed, since
    it is the link that the person knows."""
    path = folder / name
    try:
        return Source(name, str(Path(os.path.abspath(path)).relative_to(Path.cwd())))
    except (ValueError, OSError):
        return Source(name, str(path))


def shipped() -> dict[str, Path]:
    """The cases that come with Offramp, by name."""
    folder = Path(str(importlib.resources.files("offramp").joinpath("cases")))
    return {p.name: p for p in sorted(folder.iterdir()) if (p / "crisis.yaml").is_file()}


def comes_with_offramp(path: Path) -> bool:
    """Whether a file or folder lies among the shipped cases, links followed."""
    cases = Path(str(importlib.resources.files("offramp").joinpath("cases")))
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(cases))


def find(name: str) -> Path:
    """The folder of a case: a path with a crisis.yaml, or the name of a shipped case."""
    path = Path(name)
    if path.name == "crisis.yaml":
        path = path.parent
    try:
        crisis = path / "crisis.yaml"
        if crisis.is_file() or (os.path.lexists(crisis) and not crisis.is_dir()):
            return path  # what is no file is told with its place
    except OSError as error:  # too long a name, a folder that we may not enter
        message = f"the case '{name[:200]}' cannot be opened: {error.strerror}"
        raise CaseError([Diagnostic(Span(name[:200], 1, 1), "no-case", message)]) from None
    cases = shipped()
    if name in cases:
        return cases[name]
    if path.is_dir():
        message, help = f"the folder '{name}' has no crisis.yaml", "see `offramp new NAME`"
    else:
        message = f"there is no case '{name}'"
        help = suggestion(name, cases, "shipped cases") or "give a folder with a crisis.yaml"
    raise CaseError([Diagnostic(Span(name, 1, 1), "no-case", message, help)])

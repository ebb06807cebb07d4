"""What lies in the folder of a case and is read by nobody, though it looks as if it should be."""

from __future__ import annotations

import difflib
import os
from pathlib import Path

from offramp.case.texts import AUTHORS, FILES, from_here
from offramp.text.diagnostics import Diagnostic, Diagnostics, Span

OTHERS = (*AUTHORS, "documents")
_TABLES = (".yaml", ".yml", ".csv", ".tsv")


def strays(folder: Path) -> list[Diagnostic]:
    """A warning for each file or folder that is near one that is read: `question.yaml`,
    `rooms.yml`, `assessment/`, `claims/me.yml`. What looks like nothing of ours is the user's."""
    found = Diagnostics()
    for name in _names(folder, "", found):
        if name in FILES or name in OTHERS:
            continue
        path = folder / name
        table = Path(name).suffix.lower() in _TABLES
        meant = _meant(name, OTHERS if path.is_dir() else FILES if table else ())
        if not meant and table:
            stem = _meant(Path(name).stem, OTHERS)
            meant = f"{stem}/NAME.yaml" if stem else ""
        if meant:
            _warn(found, folder, name, meant)
    for inner in AUTHORS:
        for name in _names(folder, inner, found):
            if not name.endswith(".yaml"):
                other = Path(name).suffix.lower() in _TABLES or (folder / inner / name).is_dir()
                if other:
                    _warn(found, folder, f"{inner}/{name}", f"{inner}/NAME.yaml")
    own = folder / "documents"
    if own.exists() and not own.is_dir():
        place = Span(from_here(folder, "documents"), 1, 1)
        found.error(
            place,
            "unreadable",
            "documents is a file, not a folder",
            "the texts that sources.yaml names lie in a folder documents/",
        )
    elif own.is_dir():
        _names(folder, "documents", found)
    return found.ordered()


def _names(folder: Path, inner: str, found: Diagnostics) -> list[str]:
    """What lies in a case's folder or in one within it, the hidden left out; nothing where there
    is none."""
    try:
        return sorted(n for n in os.listdir(folder / inner) if not n.startswith("."))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        found.error(
            Span(from_here(folder, inner), 1, 1),
            "unreadable",
            f"the folder cannot be read: {error.strerror}",
        )
        return []


def _meant(name: str, known: tuple[str, ...]) -> str:
    """The known name that somebody meant by this one, '' where none is near."""
    low = name.lower()
    same = [k for k in known if low.rsplit(".", 1)[0] == k.rsplit(".", 1)[0]]
    near = difflib.get_close_matches(low, known, n=1, cutoff=0.85)
    return (*same, *near, "")[0]


def _warn(found: Diagnostics, folder: Path, name: str, meant: str) -> None:
    found.warning(
        Span(from_here(folder, name), 1, 1),
        "stray",
        f"nothing reads '{name}'",
        f"did you mean '{meant}'?",
    )

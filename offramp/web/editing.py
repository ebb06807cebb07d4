"""Files of an open case: read, checked as they stand in an editor, written whole with a journal.

The files hold the truth. A write names the hash of the text that it replaces and is refused where
another stands there by now; what stood there goes into the journal before, so that each write can
be taken back, as long as nobody has written since. Only the files that a case is read from can be
named.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import offramp
from offramp import Case, Mistake, Unanswerable
from offramp.text import journal as journals
from offramp.text.files import read_regular
from offramp.text.journal import JOURNAL as JOURNAL
from offramp.text.journal import Changed as Changed
from offramp.text.journal import digest as digest


@dataclass(frozen=True)
class File:
    """A file of a case; `sha256` of its text in UTF-8."""

    name: str
    text: str
    sha256: str


def names(case: Case) -> tuple[str, ...]:
    """The files that the case is read from, in the order in which they are read."""
    return tuple(case.texts.texts)


def read(case: Case, name: str) -> File:
    """A file as it is on the disk now. Raises Unanswerable for one that the case is not read from,
    OSError."""
    return _file(name, _path(case, name))


def checked(case: Case, unsaved: Mapping[str, str], file: str | None = None) -> dict[str, Any]:
    """What is wrong with the case, with some files as they stand in an editor; of one `file` alone
    sooner, beside the others as they were when the case was read, and then nothing is said of
    whether the case can be used. Raises Unanswerable for a file that the case is not read from."""
    for name in (*unsaved, *([] if file is None else [file])):
        _path(case, name)
    assert case.folder is not None
    whole = offramp.check(case.folder, over=unsaved) if file is None else None
    found = whole or offramp.check(case, over=unsaved, file=file)
    rows = [
        {
            "file": str(d.span.file),
            "line": d.span.line,
            "column": d.span.column,
            "length": d.span.length,
            "code": d.code,
            "message": d.message,
            "help": d.help,
            "severity": d.severity,
        }
        for d in found.found
    ]
    usable = found.ok if file is None else None
    return {"schema": "offramp.web.check/1", "usable": usable, "found": rows}


def written(case: Case, name: str, base: str, text: str, reason: str) -> File:
    """Writes a file, and what stood there into the journal. Raises Changed where that is not the
    text with the hash `base`, Mistake without a reason, Unanswerable for a file that is not the
    case's, OSError."""
    path = _path(case, name)
    if not reason.strip():
        raise Mistake("say in a few words why: the reason stands in the case's journal", "reason")
    old = _file(name, inside(case, path))
    if old.sha256 != base:
        raise Changed(f"{name} was changed by somebody else meanwhile: read it again first")
    journals.write(_folder(case), {name: old.text}, {name: text}, reason.strip())
    return File(name, text, digest(text))


def cited(
    case: Case,
    document: str,
    place: tuple[int, int],
    paraphrase: str,
    phrase: str | None,
    id: str | None,
    sources: Path | None,
) -> str:
    """Writes what stands at a place of a document as a passage; its id. Raises Mistake with what
    would have worked, Unanswerable for a text that is not at hand or has changed."""
    text = offramp.source_text(case, document, sources=sources)
    start, end = place
    if not 0 <= start < end <= len(text):
        raise Mistake(f"the document has {len(text):,} characters", "start")
    assert case.folder is not None
    made = offramp.add_passage(
        case.folder,
        document,
        text[start:end],
        paraphrase=paraphrase,
        phrase=phrase,
        id=id,
        at=start,
        sources=sources,
    )
    return made.id


def moved(
    case: Case, id: str, place: tuple[int, int], paraphrase: str | None, sources: Path | None
) -> None:
    """Writes another place of a passage. Raises as `offramp.move_passage` does."""
    assert case.folder is not None
    offramp.move_passage(case.folder, id, *place, paraphrase=paraphrase, sources=sources)


SAID = ("id", "title", "author", "publisher", "date", "precision", "dated_by", "licence")
MOST_TEXT = 2_000_000  # characters of a document that the page shows


def document(content: bytes, name: str) -> Any:
    """A file as the text of a document; one without a name is plain text. Raises Unanswerable in a
    sentence, Needs."""
    source = offramp.read_source(content, name or "text.txt")
    if len(source.text) > MOST_TEXT:
        raise Unanswerable(
            f"the text has {len(source.text):,} characters, more than the {MOST_TEXT:,} that the "
            "page shows: `offramp sources add` takes it"
        )
    return source


def added(case: Case, source: Any, said: Mapping[str, object]) -> str:
    """Writes a document with what is said of it; its id. What is empty is the file's own. Raises
    Mistake with what would have worked, CaseError."""
    own: dict[str, Any] = {}
    for key, kind in {**dict.fromkeys(SAID, str), "start": int, "end": int}.items():
        value = said.get(key)
        if value is not None and type(value) is not kind:
            raise Mistake(f"`{key}` is {'text' if kind is str else 'a whole number'}", key)
        own[key] = value.strip() or None if isinstance(value, str) else value
    assert case.folder is not None
    made = offramp.add_source(case.folder, source, **own | {"id": own["id"] or ""})
    return made.id


def taken_back(case: Case) -> File:
    """Takes the last step of the journal back, also one of the command line with several files, and
    gives the first of them that the case is read from. Raises Unanswerable without one, Changed
    where a file was changed since."""
    files = offramp.undo(case).files
    shown = next((name for name in files if name in case.texts.texts), next(iter(files)))
    text = files[shown] or ""
    return File(shown, text, digest(text))


def journal(case: Case) -> list[dict[str, Any]]:
    """What was written here, the oldest first."""
    return journals.entries(_folder(case))


def told(case: Case, most: int = 30) -> dict[str, Any]:
    """The last steps as the page lists them, the last first: of each when, why, in which files, and
    whether it was taken back."""
    found = journal(case)
    undone = {entry["of"] for entry in found if entry["kind"] == "undo"}
    steps = [
        {
            "at": entry["at"],
            "reason": str(entry.get("reason", "")),
            "files": [name for name, _, _ in step.files],
            "undone": entry["at"] in undone,
        }
        for entry in reversed(found)
        if (step := journals.step_of(entry)) is not None
    ]
    return {"schema": "offramp.web.journal/1", "steps": steps[:most]}


def inside(case: Case, path: Path) -> Path:
    """The path, which no link leads out of the case's folder. Raises Unanswerable."""
    return journals.inside(_folder(case), path)


def copied(case: Case, name: str, beside: Path) -> Path:
    """A copy of a case in a new folder. Raises Mistake for a name that is none, or taken."""
    if not name.isascii() or not name.replace("-", "a").replace("_", "a").isalnum():
        raise Mistake("a case's name has letters, digits, - and _", "name")
    assert case.folder is not None
    folder = beside / name
    if folder.exists():
        raise Mistake(f"there is a '{name}' here already", "name")
    ours = shutil.ignore_patterns(".offramp", "*.pyc", "__pycache__")
    shutil.copytree(case.folder, folder, ignore=ours)
    return folder


def _folder(case: Case) -> Path:
    assert case.folder is not None
    return case.folder


def _path(case: Case, name: str) -> Path:
    """Where a file of the case lies: no other name leads anywhere. Raises Unanswerable."""
    if case.folder is None or name not in case.texts.texts:
        raise Unanswerable(f"the case is not read from a file '{name[:80]}'")
    return case.folder / name


def _file(name: str, path: Path) -> File:
    try:
        text = read_regular(path).decode("utf-8")
    except UnicodeDecodeError:
        raise Unanswerable(f"{name} is no text in UTF-8 any more: mend it elsewhere") from None
    return File(name, text, digest(text))

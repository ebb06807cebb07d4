"""Files of an open case: read, checked as they stand in an editor, written whole with a journal.

The files hold the truth. A write names the hash of the text that it replaces and is refused where
another stands there by now; what stood there goes into the journal before, so that each write can
be taken back, as long as nobody has written since. Only the files that a case is read from can be
named.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import offramp
from offramp import Case, Mistake, Unanswerable
from offramp.text.files import read_regular, write_whole

JOURNAL = Path(".offramp", "journal.jsonl")


class Changed(Unanswerable):
    """The file is not what the editor thinks it is."""


@dataclass(frozen=True)
class File:
    """A file of a case; `sha256` of its text in UTF-8."""

    name: str
    text: str
    sha256: str


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


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
    path = inside(case, _path(case, name))
    if not reason.strip():
        raise Mistake("say in a few words why: the reason stands in the case's journal", "reason")
    old = _file(name, path)
    if old.sha256 != base:
        raise Changed(f"{name} was changed by somebody else meanwhile: read it again first")
    _noted(case, {"file": name, "old": old.text, "after": digest(text), "reason": reason.strip()})
    write_whole(path, text.encode("utf-8"), durable=True)
    return File(name, text, digest(text))


def taken_back(case: Case) -> File:
    """Takes the last write of the journal back. Raises Unanswerable without one, Changed where the
    file was changed since."""
    done = _standing(case)
    while done:
        last = done.pop()
        path = inside(case, _path(case, last["file"]))
        now = _file(last["file"], path).sha256
        entry = {"kind": "undo", "of": last["at"], "file": last["file"]}
        if now == last["after"]:
            _noted(case, entry | {"reason": "taken back"})
            write_whole(path, last["old"].encode("utf-8"), durable=True)
            return File(last["file"], last["old"], digest(last["old"]))
        if now != digest(last["old"]):
            raise Changed(f"{last['file']} was changed by somebody else since: it is left as it is")
        # It was noted and never done, for the process ended in between.
        _noted(case, entry | {"reason": "it was never done"})
    raise Unanswerable("nothing was written here that could be taken back")


def _standing(case: Case) -> list[dict[str, Any]]:
    """The writes that were not taken back, the oldest first. The last note may be of an undo that
    was never done."""
    entries = journal(case)
    undone = [e["of"] for e in entries if e["kind"] == "undo"]
    if entries and entries[-1]["kind"] == "undo":
        last = [e for e in entries if e["kind"] == "write" and e["at"] == undone[-1]]
        if last and _file(last[0]["file"], _path(case, last[0]["file"])).sha256 == last[0]["after"]:
            undone.pop()
    return [e for e in entries if e["kind"] == "write" and e["at"] not in undone]


_ENTRIES = {"write": ("at", "file", "old", "after"), "undo": ("at", "of")}  # what each must have


def journal(case: Case) -> list[dict[str, Any]]:
    """What was written here, the oldest first. A line that a crash left half is no entry, nor is
    what somebody else put there."""
    assert case.folder is not None
    try:
        lines = read_regular(case.folder / JOURNAL).decode("utf-8", "replace").splitlines()
    except OSError:
        return []
    out = []
    for line in lines:
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            continue
        kind = entry.get("kind") if isinstance(entry, dict) else None
        keys = _ENTRIES.get(kind) if isinstance(kind, str) else None
        if keys and all(isinstance(entry.get(key), str) for key in keys):
            out.append(entry)
    return out


def inside(case: Case, path: Path) -> Path:
    """The path, which no link leads out of the case's folder. Raises Unanswerable."""
    assert case.folder is not None
    folder = Path(os.path.realpath(case.folder))
    if not Path(os.path.realpath(path)).is_relative_to(folder):
        name = path.relative_to(case.folder).as_posix()
        raise Unanswerable(f"{name} is a link out of the case's folder: write where it leads to")
    return path


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


def _noted(case: Case, entry: dict[str, Any]) -> None:
    """Adds an entry to the journal, on the disk before anything follows from it."""
    assert case.folder is not None
    at = dt.datetime.now(dt.UTC).isoformat()
    path = inside(case, case.folder / JOURNAL)
    path.parent.mkdir(exist_ok=True)
    line = json.dumps({"at": at, "kind": "write"} | entry, ensure_ascii=False)
    before = path.read_bytes() if path.exists() else b""
    if before and not before.endswith(b"\n"):
        before += b"\n"
    write_whole(path, before + line.encode("utf-8") + b"\n", durable=True)


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

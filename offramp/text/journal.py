"""The journal of a folder: what stood in its files before each write, so that it can be put back.

`.offramp/journal.jsonl` has a line a step, the oldest first; a step writes one file or several. It
is on the disk before anything is written, and a file is written whole, so whatever ends in between
leaves a step that can be taken back. The workbench and the command line write it alike.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from offramp.errors import Unanswerable
from offramp.text.files import read_regular, regular, there, write_whole

JOURNAL = Path(".offramp", "journal.jsonl")
Texts = Mapping[str, str | None]  # by the names of files; None: there is no such file


class Changed(Unanswerable):
    """A file is not what it is taken for."""


@dataclass(frozen=True)
class Step:
    """A step that was written: when, why, and of each file the text that stood there before (None
    where there was none) with the hash of what was put there."""

    at: str
    reason: str
    files: tuple[tuple[str, str | None, str], ...]


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def text_of(path: Path, name: str) -> str | None:
    """The text of a file as it stands, byte for byte; None where there is none. Raises Unanswerable
    for one that is no text, OSError."""
    if not there(path):
        return None
    try:
        return read_regular(path).decode("utf-8")
    except UnicodeDecodeError:
        raise Unanswerable(f"{name} is no text in UTF-8 any more: mend it elsewhere") from None


def write(folder: Path, before: Texts, after: Mapping[str, str], reason: str) -> None:
    """Writes files as one step: all of them or, where one cannot be written, none. `before` is what
    they are taken to hold. Raises Changed where one holds something else, Unanswerable for a link
    out of the folder, OSError."""
    paths = {name: inside(folder, folder / name) for name in after}
    for name, path in paths.items():
        if text_of(path, name) != before[name]:
            raise Changed(f"{name} was changed by somebody else meanwhile: read it again first")
    files = [{"file": n, "old": before[n], "after": digest(text)} for n, text in after.items()]
    _note(folder, {"kind": "write", "files": files, "reason": reason})
    done: list[str] = []
    try:
        for name, path in paths.items():
            path.parent.mkdir(exist_ok=True)
            write_whole(path, after[name].encode("utf-8"), durable=True)
            done.append(name)
    except OSError:
        for name in done:
            _put(paths[name], before[name])
        raise


def take_back(folder: Path, path_of: Callable[[str], Path]) -> tuple[Step, Texts]:
    """Takes the last step back, all of its files; and what they hold then.

    path_of  where a file lies that a journal names; it raises Unanswerable for names that lead
             anywhere else

    Raises Unanswerable where there is none, Changed where a file was changed since: then nothing
    is.
    """
    done = standing(folder, path_of)
    while done:
        step = done.pop()
        paths = {name: inside(folder, path_of(name)) for name, _, _ in step.files}
        now = {name: _hash(path, name) for name, path in paths.items()}
        for name, old, after in step.files:
            if now[name] not in (after, _hash_of(old)):
                raise Changed(f"{name} was changed by somebody else since: it is left as it is")
        undo = {"kind": "undo", "of": step.at, "files": [{"file": n} for n in paths]}
        if all(now[name] == _hash_of(old) for name, old, _ in step.files):
            # It was noted and never done, for the process ended in between.
            _note(folder, undo | {"reason": "it was never done"})
            continue
        _note(folder, undo | {"reason": "taken back"})
        for name, old, _ in reversed(step.files):
            _put(paths[name], old)
        return step, {name: old for name, old, _ in step.files}
    raise Unanswerable("nothing was written here that could be taken back")


def standing(folder: Path, path_of: Callable[[str], Path]) -> list[Step]:
    """The steps that were not taken back, the oldest first. The last note may be of an undo that
    was never done, or not to its end."""
    noted = entries(folder)
    undone = [e["of"] for e in noted if e["kind"] == "undo"]
    steps = [found for e in noted if (found := step_of(e)) is not None]
    if noted and noted[-1]["kind"] == "undo":
        last = next((s for s in steps if s.at == undone[-1]), None)
        if last and any(_hash(path_of(n), n) == after for n, _, after in last.files):
            undone.pop()
    return [s for s in steps if s.at not in undone]


def entries(folder: Path) -> list[dict[str, Any]]:
    """The lines of the journal. One that a crash left half is no entry, nor is what somebody else
    put there."""
    try:
        lines = read_regular(folder / JOURNAL).decode("utf-8", "replace").splitlines()
    except OSError:
        return []
    out = []
    for line in lines:
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(entry, dict) and isinstance(entry.get("at"), str):
            undo = entry.get("kind") == "undo" and isinstance(entry.get("of"), str)
            if undo or step_of(entry) is not None:
                out.append(entry)
    return out


def step_of(entry: Mapping[str, Any]) -> Step | None:
    """A write of the journal; None for what is none. A file alone may stand in the entry itself, as
    it was written before steps had several."""
    if entry.get("kind") != "write":
        return None
    listed = entry.get("files", [entry])
    files = []
    for one in listed if isinstance(listed, list) else ():
        if not isinstance(one, dict) or not {"file", "old", "after"} <= one.keys():
            return None
        name, old, after = one["file"], one["old"], one["after"]
        if not (isinstance(name, str) and isinstance(after, str)):
            return None
        if not (old is None or isinstance(old, str)):
            return None
        files.append((name, old, after))
    return Step(entry["at"], str(entry.get("reason", "")), tuple(files)) if files else None


def inside(folder: Path, path: Path) -> Path:
    """The path, which no link leads out of the folder. Raises Unanswerable."""
    if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder)):
        name = path.relative_to(folder).as_posix()
        raise Unanswerable(f"{name} is a link out of the case's folder: write where it leads to")
    return path


def _hash(path: Path, name: str) -> str | None:
    return _hash_of(text_of(path, name))


def _hash_of(text: str | None) -> str | None:
    return None if text is None else digest(text)


def _put(path: Path, text: str | None) -> None:
    if text is None:
        path.unlink(missing_ok=True)
    else:
        write_whole(path, text.encode("utf-8"), durable=True)


def _note(folder: Path, entry: dict[str, Any]) -> None:
    """Adds an entry to the journal, on the disk before anything follows from it."""
    path = inside(folder, folder / JOURNAL)
    path.parent.mkdir(exist_ok=True)
    if there(path):
        regular(path)
    line = json.dumps({"at": dt.datetime.now(dt.UTC).isoformat()} | entry, ensure_ascii=False)
    with open(path, "a+b") as file:
        if file.tell() and not _ends(file):  # a crash left half a line
            file.write(b"\n")
        file.write(line.encode("utf-8") + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _ends(file: BinaryIO) -> bool:
    """Whether the last line has its end."""
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"

"""`offramp new NAME`: a case that checks, runs and answers, from a starting block in `templates/`.

Each block is a case like any other, about an invented crisis, with an invented note as its only
document; every number cites that note or is ours. `full` holds the files that a case may have
beside the five of the smallest block, each with its smallest example.
"""

from __future__ import annotations

import datetime as dt
import importlib.resources
import json
import re
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from offramp.errors import Unanswerable
from offramp.sources.documents import digest, normalise
from offramp.text.files import read_regular, there
from offramp.text.splices import replaced

SMALLEST = "border"
BLANK = "blank"
TEMPLATES = {
    BLANK: "a ladder and a question, to be filled from passages",
    "two-rivals": "two states that claim one place, a war that both dread",
    "proxy": "a patron, a militia that it holds in part, and whom that attacks",
    "mediation": "two adversaries, a mediator between them, a reluctant signature",
    "accord": "an accord that is left in steps, a way back, a remedy",
    "election": "an election that changes a policy, and who waits for it",
    "militants": "attacks that nobody claims, and raids that feed the anger",
}
DOCUMENT = "note.txt"
OTHERWISE = "invented-note.txt"  # where a folder has a text of that name already
TEXTS = (".txt", ".md")
MOST_TEXTS = 200
LARGEST = 20_000_000  # bytes of a text


@dataclass(frozen=True)
class Registered:
    """A text that lay in the folder: its id in sources.yaml, its file, its characters."""

    id: str
    file: str
    characters: int


@dataclass(frozen=True)
class Head:
    """What an empty case is of: its title, its first and its last day."""

    title: str
    first: dt.date
    last: dt.date


def write_case(
    folder: Path, template: str = SMALLEST, full: bool = False, head: Head | None = None
) -> tuple[Registered, ...]:
    """Writes a case from a template, whole or not at all; `full`: with every file that a case may
    have; `head`: what the empty one is of. A folder that is there may hold texts and nothing else:
    they become documents of the case.

    Raises FileExistsError where the folder holds anything else, Unanswerable for a text that cannot
    be one, OSError.
    """
    old = _texts(folder) if there(folder) else {}
    if there(folder) and not old:
        raise FileExistsError(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = folder.parent / f".offramp-{secrets.token_hex(6)}.part"
    try:
        _copy(template, work, folder.name)
        if full:
            _copy("full", work, folder.name)
        if head is not None:
            _headed(work, head)
        found = _registered(work, old)
        if old:
            _into(work, folder)
        else:
            work.rename(folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return found


def block(template: str) -> Path:
    """The folder of a template."""
    return Path(str(importlib.resources.files("offramp").joinpath("case", "templates", template)))


def _copy(template: str, work: Path, name: str) -> None:
    for path in sorted(block(template).rglob("*")):
        to = work / path.relative_to(block(template))
        if path.is_file():
            to.parent.mkdir(parents=True, exist_ok=True)
            text = path.read_text("utf-8")
            if path.name == "crisis.yaml":
                text = text.replace("{name}", name)
            to.write_text(text, encoding="utf-8", newline="\n")


def _headed(work: Path, head: Head) -> None:
    """Gives the empty case its title and its days, and its question their last one."""
    last = f"{head.last.day} {head.last:%B %Y}"
    changes: dict[str, dict[tuple[str, ...], str]] = {
        "crisis.yaml": {
            ("crisis",): head.title,
            ("from",): str(head.first),
            ("to",): str(head.last),
        },
        "questions.yaml": {
            ("questions", "clash", "text"): f"Will it come to a clash by {last}?",
            ("questions", "clash", "window"): f"{head.first} .. {head.last}",
        },
    }
    for name, values in changes.items():
        text = (work / name).read_text("utf-8")
        for path, value in values.items():
            text = replaced(text, path, value)
        (work / name).write_text(text, encoding="utf-8", newline="\n")


def _texts(folder: Path) -> dict[str, str]:
    """The texts of a folder, or of a folder `documents` in it, by file; none where it holds
    anything else. What is hidden does not count."""
    if not folder.is_dir():
        return {}
    found = dict[str, str]()
    for path in sorted(folder.iterdir()):
        inner = sorted(path.iterdir()) if path.name == "documents" and path.is_dir() else [path]
        for file in inner:
            if file.name.startswith("."):
                continue
            if file.suffix.lower() not in TEXTS or not file.is_file():
                return {}
            if file.name in found:
                raise Unanswerable(f"two texts are called '{file.name}': rename one of them")
            found[file.name] = _text(file)
    if len(found) > MOST_TEXTS:
        raise Unanswerable(f"the folder holds {len(found)} texts; at most {MOST_TEXTS} are read")
    return found


def _text(file: Path) -> str:
    data = read_regular(file, LARGEST + 1)
    if len(data) > LARGEST:
        raise Unanswerable(f"'{file.name}' has more than {LARGEST:,} bytes")
    try:
        text = normalise(data)
    except UnicodeDecodeError as error:
        raise Unanswerable(
            f"byte {error.start} of '{file.name}' is not UTF-8; save the file as UTF-8 (it may be "
            "Latin-1 or Windows-1252)"
        ) from None
    if not text:
        raise Unanswerable(f"'{file.name}' is empty: a document has some text")
    return text


def _registered(work: Path, old: dict[str, str]) -> tuple[Registered, ...]:
    """Puts the texts of the folder into the case: each a document in sources.yaml, with its hash
    and its bounds. What nobody can know of it is said to be unknown."""
    sources = work / "sources.yaml"
    listed = sources.read_text("utf-8")
    documents = work / "documents"
    if old:
        documents.mkdir(exist_ok=True)
        listed = listed.replace("documents: {}", "documents:")
    if DOCUMENT in old and (documents / DOCUMENT).exists():
        (documents / DOCUMENT).rename(documents / OTHERWISE)
        listed = listed.replace(f"file: {DOCUMENT}", f"file: {OTHERWISE}")
    found, taken = list[Registered](), {"note"}
    for file, text in old.items():
        id = _id(Path(file).stem, taken)
        taken.add(id)
        (documents / file).write_text(text, encoding="utf-8", newline="\n")
        listed += _entry(id, file, text)
        found.append(Registered(id, file, len(text)))
    sources.write_text(listed, encoding="utf-8", newline="\n")
    return tuple(found)


def _id(stem: str, taken: set[str]) -> str:
    """A name for the document: `Report 3 (final)` is `report_3_final`."""
    plain = re.sub(r"[^a-z0-9]+", "_", stem.lower()).strip("_") or "document"
    plain = f"d_{plain}" if plain[0].isdigit() else plain
    same = (plain if n == 1 else f"{plain}_{n}" for n in range(1, len(taken) + 2))
    return next(id for id in same if id not in taken)


def _entry(id: str, file: str, text: str) -> str:
    def said(words: str) -> str:  # a string of JSON is one of YAML
        return json.dumps(words, ensure_ascii=False)

    return f"""  {id}:
    title: {said(Path(file).stem)}
    author: unknown as yet
    publisher: unknown as yet
    date: {dt.date.today()}
    precision: inferred
    dated by: nobody yet; this is the day on which the text was registered
    file: {said(file)}
    sha256: {digest(text)}
    licence: unknown as yet, so not to be passed on
    text: {{start: 0, end: {len(text)}}}
"""


def _into(work: Path, folder: Path) -> None:
    """Moves what was written into a folder that is there; all of it, or none."""
    made = list[Path]()
    try:
        if not (folder / "documents").is_dir():
            (folder / "documents").mkdir()
            made.append(folder / "documents")
        for path in sorted(work.rglob("*")):
            to = folder / path.relative_to(work)
            if there(to):
                continue  # a text that lay there, or the folder of documents
            if path.is_dir():
                to.mkdir()
            else:
                path.rename(to)
            made.append(to)
    except BaseException:
        for path in reversed(made):
            path.rmdir() if path.is_dir() else path.unlink(missing_ok=True)
        raise

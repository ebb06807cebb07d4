"""What is put into a case's files, one entry at a time: each file's new text from its old."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from offramp.case.cited import Cited, cited_from
from offramp.case.texts import AUTHORS, FILES, Texts, comes_with_offramp, find, of_folder
from offramp.errors import Unanswerable
from offramp.sources.documents import Document, digest
from offramp.sources.passages import Passage
from offramp.text.diagnostics import CaseError, Diagnostics, suggestion
from offramp.text.files import there
from offramp.text.splices import Value, appended

SOURCES, PASSAGES = "sources.yaml", "passages.yaml"
_NOTHING = re.compile(r"(?:\s*(?:#.*)?\n)*(?:documents|passages)?:?(?:\s*(?:#.*)?(?:\n|$))*")
_DOCUMENT = re.compile(r"[^./\\\0][^/\\\0]*\.txt")


def folder_of(name: str | Path) -> Path:
    """The folder of a case, which may have no more than its sources.yaml yet. Raises CaseError."""
    return Path(name) if there(Path(name) / SOURCES) else find(str(name))


def writable_folder(name: str | Path) -> Path:
    """The folder of a case that may be written. Raises CaseError where there is none, Unanswerable
    for one that comes with Offramp."""
    folder = folder_of(name)
    if comes_with_offramp(folder) or comes_with_offramp(folder / "crisis.yaml"):
        raise Unanswerable(
            f"'{folder.name}' comes with Offramp and is not written: copy its folder, and name the "
            "copy"
        )
    return folder


def cited_in(folder: Path) -> Cited:
    """The documents and passages of a case, of which it may have none yet. Raises CaseError with
    what is wrong in sources.yaml and passages.yaml."""
    texts, found = of_folder(folder), Diagnostics()
    said = {n: t for n, t in texts.texts.items() if not _NOTHING.fullmatch(t)}
    cited, _ = cited_from(Texts(said, texts.faulty, folder), folder.resolve().name, found)
    if found.errors:
        raise CaseError(found.ordered())
    return cited


def document_of(cited: Cited, id: str) -> Document:
    """Raises Unanswerable for one that the case lacks."""
    known = cited.documents.get(id)
    if known is None:
        help = suggestion(id, cited.documents, "documents") or "see `offramp sources add`"
        raise Unanswerable(f"{cited.id} has no document '{id}': {help}")
    return known


def text_of(document: Document, at_hand: Mapping[str, str]) -> str:
    """The text of a document, which is the one that was cited from. Raises Unanswerable."""
    text = at_hand.get(document.id)
    if text is None:
        raise Unanswerable(
            f"the text of '{document.id}' is not at hand: put {document.file} into documents/ of "
            "the case, or say where it is with --sources DIR"
        )
    if digest(text) != document.sha256:
        raise Unanswerable(
            f"the text of '{document.id}' has changed (its hash differs): see "
            f"`offramp sources repair CASE {document.id}`"
        )
    return text


def with_passage(text: str | None, passage: Passage) -> str:
    """passages.yaml with one more passage, in the layout of the shipped files."""
    entry: dict[str, str | int] = {
        "document": passage.document,
        "start": passage.start,
        "end": passage.end,
        "sha256": passage.sha256,
        "paraphrase": passage.paraphrase,
    }
    if passage.phrase is not None:
        entry["phrase"] = passage.phrase
    return appended(text or "", ("passages",), passage.id, entry)


def with_document(text: str | None, document: Document) -> str:
    """sources.yaml with one more document, in the layout of the shipped files."""
    d = document
    entry: dict[str, Value] = {
        "title": d.title,
        "author": d.author,
        "publisher": d.publisher,
        "date": f"{d.date:%Y-%m}" if d.by_month else str(d.date),
        "precision": d.precision,
        "dated by": d.dated_by,
        "file": d.file,
        "sha256": d.sha256,
        "licence": d.licence,
        "text": {"start": d.start, "end": d.end},
        **({"pages": d.pages} if d.pages else {}),
    }
    return appended(text or "", ("documents",), d.id, entry)


def written_here(folder: Path) -> Callable[[str], Path]:
    """Where a file lies that the journal of a case names: no other name leads anywhere."""

    def path_of(name: str) -> Path:
        within, _, file = name.rpartition("/")
        if name in FILES or (
            file[:1] != "."
            and not {"\\", "\0"} & set(file)
            and (
                (within in AUTHORS and file.endswith(".yaml"))
                or (within == "documents" and _DOCUMENT.fullmatch(file))
            )
        ):
            return folder / name
        raise Unanswerable(f"the case is not read from a file '{name[:80]}'")

    return path_of

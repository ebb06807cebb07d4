"""What is put into a case's files, one entry at a time: each file's new text from its old."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from offramp.case.cited import Cited, cited_from
from offramp.case.texts import AUTHORS, FILES, Texts, comes_with_offramp, find, of_folder
from offramp.errors import Mistake, Unanswerable
from offramp.sources.citing import free
from offramp.sources.documents import Document, digest
from offramp.sources.incoming import Incoming
from offramp.sources.loading import WrongEntry, documents_from
from offramp.sources.passages import Passage, sides
from offramp.sources.repairing import Repair
from offramp.text.diagnostics import CaseError, Diagnostics, suggestion
from offramp.text.files import there
from offramp.text.splices import Value, appended, removed, replaced

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


def passage_of(cited: Cited, id: str) -> Passage:
    """Raises Unanswerable for one that the case lacks, and for a disagreement, which has sides."""
    known = cited.passages.get(id)
    if known is None:
        own = sides([id], cited.passages)
        help = (
            f"{id} is a row of {len(own)} sides ({', '.join(own)}), each a passage of its own"
            if own != (id,)
            else suggestion(id, cited.passages, "passages") or "see passages.yaml"
        )
        raise Unanswerable(f"{cited.id} has no passage '{id[:60]}': {help}")
    return known


SAID = ("title", "author", "publisher", "date", "dated by", "licence")  # what a person must know


def described(
    cited: Cited,
    source: Incoming,
    id: str,
    given: Mapping[str, str],
    bounds: tuple[int | None, int | None] = (None, None),
) -> Document:
    """A document as sources.yaml will have it: what is given, else what the file says of itself.
    Raises Mistake, whose `argument` is that of `offramp.add_source`."""
    free(id, cited.documents)
    hashed = digest(source.text)
    same = next((d.id for d in cited.documents.values() if d.sha256 == hashed), None)
    if same is not None:
        raise Mistake(f"this text is there already, as '{same}'", "source")
    if cited.folder is not None and there(cited.folder / "documents" / f"{id}.txt"):
        raise Mistake(f"documents/{id}.txt is there already: choose another id", "id")
    own = {k: v for k in SAID if (v := of_source(source, k)) is not None}
    if "date" in given:
        own.pop("dated by", None)  # the file's reason is for the file's date
    said = {**own, **given}
    for key in SAID:
        if key not in said:
            what = "how its date is known" if key == "dated by" else f"its {key}"
            raise Mistake(f"the file does not say {what}: give it", key.replace(" ", "_"))
    if "precision" not in said:
        known = source.precision if "date" not in given else None
        said["precision"] = known or ("month" if len(said["date"]) == len("2020-01") else "day")
    start, end = (
        x if x is not None else y for x, y in zip(bounds, (source.start, source.end), strict=True)
    )
    if end > len(source.text):
        raise Mistake(f"the text ends at {len(source.text)}, before {end}", "end")
    entry = {
        **{key: said[key] for key in ("title", "author", "publisher", "date", "precision")},
        "dated by": said["dated by"],
        "file": f"{id}.txt",
        "sha256": hashed,
        "licence": said["licence"],
        "text": {"start": start, "end": end},
        **({"pages": source.pages} if source.pages else {}),
    }
    try:
        return documents_from({id: entry})[id]
    except WrongEntry as error:
        raise Mistake(str(error), error.key.replace(" ", "_")) from None


def of_source(source: Incoming, key: str) -> str | None:
    """What a file says of itself, by the key of sources.yaml."""
    value = getattr(source, key.replace(" ", "_"))
    return None if value is None else str(value)


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


def with_repair(sources: str, passages: str | None, repair: Repair) -> tuple[str, str | None]:
    """sources.yaml and passages.yaml after a repair: the values that changed, in their places."""
    old, new = repair.before, repair.document
    within: tuple[str, str] = ("documents", new.id)
    if new.sha256 != old.sha256:
        sources = replaced(sources, (*within, "sha256"), new.sha256)
    for key, was, now in (("start", old.start, new.start), ("end", old.end, new.end)):
        if was != now:
            sources = replaced(sources, (*within, "text", key), now)
    if old.pages and not new.pages:
        sources = removed(sources, (*within, "pages"))
    for p, _ in repair.moved:
        assert passages is not None
        passages = with_place(passages, p)
    return sources, passages


def with_place(text: str, passage: Passage) -> str:
    """passages.yaml with a passage that it has at another place: its values, in their places."""
    within = ("passages", passage.id)
    for key, value in (
        ("start", passage.start),
        ("end", passage.end),
        ("sha256", passage.sha256),
    ):
        text = replaced(text, (*within, key), value)
    return text


def with_move(text: str, old: Passage, new: Passage) -> str:
    """passages.yaml after a passage was moved, and its paraphrase where that changed."""
    text = with_place(text, new)
    if new.paraphrase != old.paraphrase:
        text = replaced(text, ("passages", new.id, "paraphrase"), new.paraphrase)
    return text


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

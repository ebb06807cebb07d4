"""Documents and passages put into a case, by commands or from Python. What is written is one step
of the case's journal, which `undo` takes back; nothing is sent anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from offramp.api.cases import documents_at_hand
from offramp.api.common import Named
from offramp.case.case import Case, load
from offramp.case.cited import Cited
from offramp.errors import Unanswerable

if TYPE_CHECKING:
    from offramp.sources.documents import Document
    from offramp.sources.incoming import Incoming
    from offramp.sources.passages import Passage
    from offramp.sources.repairing import Repair
    from offramp.sources.sentences import Reading


def add_passage(
    case: Named,
    document: str,
    words: str,
    *,
    paraphrase: str,
    phrase: str | None = None,
    id: str | None = None,
    at: int | None = None,
    sources: str | Path | None = None,
) -> Passage:
    """Writes a passage into passages.yaml of a case: the exact words of a document, with their
    offsets and their hash.

    words       as they stand in the document; white space, and the shapes of quotation marks and
                hyphens, may differ
    paraphrase  what they say, in our words: at most six in a row may be the document's
    phrase      at most six of the words, where the wording itself is the datum
    id          None: the next by the case's own pattern, T14 behind T13
    at          where the words begin, if they stand in several places
    sources     the folder with the documents (default: `documents/` in the case)

    Raises Mistake with what would have worked (`offramp.sources.citing.Several` lists the places),
    Unanswerable for a case that comes with Offramp or a text that is not at hand, CaseError.
    """
    from offramp.case.adding import PASSAGES, cited_in, document_of, text_of, with_passage
    from offramp.sources.citing import cite, free, next_id
    from offramp.text.journal import text_of as file_text
    from offramp.text.journal import write

    folder = own_folder(case)
    cited = cited_in(folder)
    known = document_of(cited, document)
    text = text_of(known, documents_at_hand(cited, sources))
    name = free(id, cited.passages) if id else next_id(cited.passages)
    passage = cite(known, text, words, id=name, paraphrase=paraphrase, phrase=phrase, at=at)
    before = file_text(folder / PASSAGES, PASSAGES)
    after = with_passage(before, passage)
    write(folder, {PASSAGES: before}, {PASSAGES: after}, f"passage {name} added")
    return passage


def move_passage(
    case: Named,
    id: str,
    start: int,
    end: int,
    *,
    paraphrase: str | None = None,
    sources: str | Path | None = None,
) -> Passage:
    """Moves the ends of a passage of a case: writes them, with the hash of what stands between
    them, into passages.yaml. Whatever cites the passage cites the new stretch. Passages may
    overlap.

    id          of the passage; of a disagreement (D22) each side (D22.1) is one
    start, end  characters of the document's text, end excluded; white space at the ends is left out
    paraphrase  what it says by now, in our words (None: as before). At most six words in a row may
                be the document's
    sources     the folder with the documents (default: `documents/` in the case)

    A passage of the page around a text (`boilerplate: yes`) may go anywhere in the text, any other
    anywhere in what the author wrote. Its phrase stays within. Raises Mistake with what would have
    worked (`argument` is 'ends' or 'paraphrase'), Unanswerable for a passage that the case lacks, a
    case that comes with Offramp or a text that is not at hand, CaseError.
    """
    from offramp.case.adding import (
        PASSAGES,
        cited_in,
        document_of,
        passage_of,
        text_of,
        with_move,
    )
    from offramp.sources.citing import moved
    from offramp.text.journal import text_of as file_text
    from offramp.text.journal import write

    folder = own_folder(case)
    cited = cited_in(folder)
    old = passage_of(cited, id)
    document = document_of(cited, old.document)
    text = text_of(document, documents_at_hand(cited, sources))
    new = moved(document, text, old, start, end, paraphrase)
    before = file_text(folder / PASSAGES, PASSAGES) or ""
    after = with_move(before, old, new)
    write(folder, {PASSAGES: before}, {PASSAGES: after}, f"passage {id} moved")
    return new


def find_passage(
    case: Named,
    document: str,
    words: str,
    *,
    at: int | None = None,
    sources: str | Path | None = None,
) -> tuple[int, int]:
    """Where the exact words stand in a document of a case, from the first character to the one
    behind the last. Raises as `add_passage` does; nothing is written."""
    from offramp.case.adding import document_of, text_of
    from offramp.sources.citing import located

    cited = _cited(case)
    known = document_of(cited, document)
    return located(known, text_of(known, documents_at_hand(cited, sources)), words, at)


def suggest_passages(case: Named, document: str, *, sources: str | Path | None = None) -> Reading:
    """The sentences of a document that no passage of the case touches (`untouched`), in order, each
    with its offsets and its first six words at most. Raises Unanswerable for a document that the
    case lacks, and for a text that is not at hand or has changed."""
    from offramp.case.adding import document_of, text_of
    from offramp.sources.sentences import read_through

    cited = _cited(case)
    known = document_of(cited, document)
    text = text_of(known, documents_at_hand(cited, sources))
    (reading,) = read_through([known], {known.id: text}, cited.passages.values())
    return reading


def read_source(file: str | Path | bytes, name: str = "") -> Incoming:
    """A file as the text of a document, with what it says of itself (`title`, `author`, `date`)
    and the bounds of what its author wrote: plain text, Markdown, a saved web page, PDF or Word
    (.docx). Nothing is written, and nothing is fetched or run.

    file  its path, or its bytes
    name  of bytes: the file's name, whose ending says what they are

    Raises Unanswerable with a sentence for what is too large, encrypted, damaged, without text or
    of another kind; Needs where a package is missing (the extra `documents`).
    """
    from offramp.sources.incoming import MOST_BYTES, incoming
    from offramp.text.files import read_regular

    if isinstance(file, bytes):
        return incoming(file, name)
    path = Path(file)
    try:
        data = read_regular(path, MOST_BYTES + 1)
    except OSError as error:
        raise Unanswerable(f"'{path.name}' cannot be read: {error.strerror}") from None
    return incoming(data, path.name)


def add_source(
    case: Named,
    source: Incoming,
    *,
    id: str,
    title: str | None = None,
    author: str | None = None,
    publisher: str | None = None,
    date: str | None = None,
    precision: str | None = None,
    dated_by: str | None = None,
    licence: str | None = None,
    start: int | None = None,
    end: int | None = None,
) -> Document:
    """Puts a document into a case: its text into documents/ID.txt and its entry into sources.yaml,
    both or neither.

    source  what `read_source` gave. What is None of the rest is taken from it
    id      its short name
    date    2020-01-17, or 2020-01 where only the month is known; `precision`: day, month or
            inferred; `dated_by`: how the date is known
    start, end  bounds of what the author wrote, in characters of the text

    Raises Mistake for what neither says (`argument` is its name) or what does not fit, Unanswerable
    for a case that comes with Offramp, CaseError.
    """
    from offramp.case.adding import SOURCES, cited_in, described, with_document
    from offramp.text.journal import text_of as file_text
    from offramp.text.journal import write

    folder = own_folder(case)
    said = {
        "title": title,
        "author": author,
        "publisher": publisher,
        "date": date,
        "precision": precision,
        "dated by": dated_by,
        "licence": licence,
    }
    given = {key: value for key, value in said.items() if value is not None}
    document = described(cited_in(folder), source, id, given, (start, end))
    before = file_text(folder / SOURCES, SOURCES)
    text = f"documents/{document.file}"
    write(
        folder,
        {text: None, SOURCES: before},
        {text: source.text, SOURCES: with_document(before, document)},
        f"document {id} added",
    )
    return document


def repair_source(
    case: Named,
    document: str,
    *,
    start: int | None = None,
    end: int | None = None,
    placed: Mapping[str, tuple[int, int]] | None = None,
    sources: str | Path | None = None,
    apply: bool = False,
) -> Repair:
    """What becomes of a document and its passages after its text has changed: passages that are
    provably the same move, all others are `open`, with places that a person may look at.

    start, end  bounds of what the author wrote (None: the end moves with the last passage)
    placed      where a person has placed open passages: {"T3": (569, 656)}
    apply       writes it into sources.yaml and passages.yaml: one step, which `undo` takes back.
                Open passages stay as they are

    Raises Mistake for places that do not fit, Unanswerable for a text that is not at hand,
    CaseError.
    """
    from dataclasses import replace

    from offramp.case.adding import PASSAGES, SOURCES, cited_in, document_of, with_repair
    from offramp.sources.repairing import repaired
    from offramp.text.journal import text_of as file_text
    from offramp.text.journal import write

    folder = own_folder(case)
    cited = cited_in(folder)
    known = document_of(cited, document)
    text = documents_at_hand(cited, sources).get(document)
    if text is None:
        raise Unanswerable(f"the text of '{document}' is not at hand: give --sources DIR")
    found = repaired(known, cited.passages.values(), text, bounds=(start, end), decided=placed)
    if not apply or not found.needed:
        return found
    before = {name: file_text(folder / name, name) for name in (SOURCES, PASSAGES)}
    new = with_repair(before[SOURCES] or "", before[PASSAGES], found)
    after = {
        name: made
        for name, made in zip(before, new, strict=True)
        if made is not None and made != before[name]
    }
    write(folder, before, after, f"document {document} repaired")
    return replace(found, written=True)


@dataclass(frozen=True)
class Undone:
    """A step that was taken back: why it had been made, and its files with the text that they hold
    now, None for one that is gone."""

    reason: str
    files: Mapping[str, str | None]


def undo(case: Named) -> Undone:
    """Takes the last step back that was written into a case by `add_source`, `add_passage`,
    `move_passage`, `repair_source` or the workbench: all of its files. Raises Unanswerable where
    there is none, and where a file was changed since; then nothing is."""
    from offramp.case.adding import written_here
    from offramp.text.journal import take_back

    folder = own_folder(case)
    step, files = take_back(folder, written_here(folder))
    return Undone(step.reason, files)


def own_folder(case: Named) -> Path:
    """The folder of a case that may be written. Raises Unanswerable for any other, CaseError."""
    from offramp.case.adding import writable_folder

    if isinstance(case, str | Path):
        return writable_folder(case)
    if isinstance(case, Case) and case.folder is not None:
        return writable_folder(case.folder)
    raise Unanswerable("a case in memory has no files: give the folder of one")


def _cited(case: Named) -> Cited:
    """What a case cites, as its files stand now."""
    if isinstance(case, Case):
        return Cited(case.id, case.texts, dict(case.documents), dict(case.passages))
    from offramp.case.adding import cited_in, folder_of

    if isinstance(case, str | Path):
        return cited_in(folder_of(case))
    read = load(case)
    return Cited(read.id, read.texts, dict(read.documents), dict(read.passages))

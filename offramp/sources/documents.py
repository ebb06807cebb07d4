"""Documents: the texts that a case cites, each identified by the hash of its normalised text.

A case ships no text that its author has not allowed. It ships what is needed to recognise the text
again: its name, its hash, and the bounds of what the author wrote, without the web page around it.
"""

from __future__ import annotations

import datetime
import hashlib
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from offramp.sources.dating import Dating
from offramp.text.files import read_regular, there

Precision = Literal["day", "month", "inferred"]
Grade = Literal["verified", "partly", "recalled", "document"]

_LARGEST = 20_000_000  # Bytes of a file worth hashing in the search; an assessment has far fewer.


@dataclass(frozen=True)
class Document:
    """One assessment as published.

    `date` is exact when `precision` is "day"; of a month (`by_month`) it is the last day; when it
    is "inferred" the document bears no date and `dated_by` gives the reason for ours. `knew_until`
    is the last day of which its author can have known, None where that is the date. `start` and
    `end` bound the author's own text, in characters of the normalised text; `sha256` is the hash
    of the whole normalised text in UTF-8. `pages` says where in it each page of the file begins
    from which it was taken, () for a text without pages.
    """

    id: str
    title: str
    author: str
    publisher: str
    date: datetime.date
    precision: Precision
    dated_by: str
    file: str
    sha256: str
    licence: str
    start: int
    end: int
    knew_until: datetime.date | None = None
    by_month: bool = False
    pages: tuple[int, ...] = ()

    @property
    def dating(self) -> Dating:
        return Dating(self.date, self.precision, self.knew, self.by_month)

    @property
    def knew(self) -> datetime.date:
        """The last day of which its author can have known."""
        return self.knew_until or self.date

    def page_of(self, offset: int) -> int | None:
        """The page on which a character stands, the first being 1; None without pages."""
        return bisect_right(self.pages, offset) or None


@dataclass(frozen=True)
class Fault:
    """A claim in which documents err, or contradict each other or the public record.

    passages   where they make it
    claim      what they say, in our words
    record     what the record says instead
    source     where the record says so
    status     how well that is known: the grades of history.csv; `document` where documents
               contradict each other and no record decides
    stands     passages of the fault that may be used for what it does not touch, each with why
    """

    documents: tuple[str, ...]
    claim: str
    record: str
    passages: tuple[str, ...]
    source: str
    status: Grade
    stands: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Note:
    """A passage that says what a document is (its author, its date, a slip of its own) and
    nothing of the crisis; `use` says what the case does about it. It never enters as a fact."""

    document: str
    passage: str
    use: str


def digest(text: str) -> str:
    """The SHA-256 of a text in UTF-8, as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def normalise(data: bytes) -> str:
    """The text whose characters passages count: strict UTF-8, no byte-order mark, lines end in LF.

    These three change when a file is merely saved or sent by another machine, so they must not
    move a passage. Everything else is kept: spaces, no-break spaces, quotation marks and accents
    may be what an author wrote, and a citation stands for the text byte for byte.

    Raises UnicodeDecodeError where the bytes are not UTF-8; guessing another encoding would shift
    every offset after the guess.
    """
    text = data.decode("utf-8").removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read(document: Document, directory: Path) -> str | None:
    """The document's normalised text from a directory, or None if it is not there.

    Looked for under its own file name first, whatever its content (a changed document is to be
    reported, not overlooked); then, since people name their copies as they like, among the
    directory's other files with the same ending by hash.

    Raises ValueError if the file of that name is not UTF-8, OSError if it is no file or cannot be
    read.
    """
    named = directory / document.file
    if there(named):
        try:
            return normalise(read_regular(named))
        except UnicodeDecodeError as error:
            raise ValueError(
                f"document '{document.id}': byte {error.start} of {document.file} is not UTF-8; "
                "save the file as UTF-8 (it may be Latin-1 or Windows-1252)"
            ) from error
    if not directory.is_dir():
        return None
    for other in sorted(directory.glob(f"*{named.suffix}")):
        try:
            if not other.is_file() or other.stat().st_size > _LARGEST:
                continue
            text = normalise(other.read_bytes())
        except (UnicodeDecodeError, OSError):
            continue  # Some other file, which need not be readable for us.
        if digest(text) == document.sha256:
            return text
    return None


def texts(documents: Mapping[str, Document], directory: Path) -> dict[str, str]:
    """The normalised texts that a directory holds, by document id; absent ones are left out."""
    found = {id: read(document, directory) for id, document in documents.items()}
    return {id: text for id, text in found.items() if text is not None}

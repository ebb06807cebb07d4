"""PDF files as text, page by page, with pypdf. Nothing in them is run, opened or fetched."""

from __future__ import annotations

import io
import logging
from datetime import datetime

from pypdf import PdfReader

from offramp.errors import Unanswerable
from offramp.sources.incoming import Incoming, line, paged, whole

MOST_PAGES = 3000

logging.getLogger("pypdf").addHandler(logging.NullHandler())  # it tells every oddity of a file


def read(data: bytes) -> Incoming:
    try:
        return _read(data)
    except Unanswerable:
        raise
    except Exception as error:  # damaged and hostile files raise whatever is in the way
        raise Unanswerable(
            f"the PDF cannot be read ({type(error).__name__}): it may be damaged; try to save it "
            "again, or its text alone"
        ) from None


def _read(data: bytes) -> Incoming:
    reader = PdfReader(io.BytesIO(data), strict=False)
    if reader.is_encrypted and not _opens(reader):
        raise Unanswerable("the PDF is encrypted: save a copy without a password")
    if len(reader.pages) > MOST_PAGES:
        raise Unanswerable(
            f"the PDF has {len(reader.pages):,} pages, at most {MOST_PAGES:,} are read"
        )
    text, pages, notes = paged([page.extract_text() for page in reader.pages])
    if not any(c.isalnum() for c in text):
        raise Unanswerable(
            "the PDF has pictures of pages and no text, as scanners make them: recognise its text "
            "first (OCR, as with ocrmypdf), and read that through"
        )
    said = reader.metadata
    made = said.creation_date if said else None
    start, end = whole(text)
    return Incoming(
        "PDF",
        text,
        start,
        end,
        title=line(said.title) if said else None,
        author=line(said.author) if said else None,
        date=f"{made:%Y-%m-%d}" if isinstance(made, datetime) else None,
        precision="inferred" if made else None,
        dated_by="the day on which the PDF was made, by its own metadata" if made else None,
        pages=pages,
        notes=notes,
    )


def _opens(reader: PdfReader) -> bool:
    """Whether it opens without a password, as files do that are only protected from printing."""
    try:
        return bool(reader.decrypt(""))
    except Exception:  # a cipher that is not there
        return False

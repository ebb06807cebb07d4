"""Word files (.docx) as text, a paragraph a line, with python-docx; footnotes stand at the end.
Deleted text of tracked changes is left out, inserted text is in. Nothing is run or fetched."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import qn

from offramp.errors import Unanswerable
from offramp.sources.incoming import MOST_BYTES, Incoming, cleaned, line, whole

_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


def read(data: bytes) -> Incoming:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            inside = {item.filename: item.file_size for item in packed.infolist()}
            if any(item.flag_bits & 1 for item in packed.infolist()):
                raise Unanswerable("the Word file is encrypted: save it without a password")
    except zipfile.BadZipFile:
        raise Unanswerable("the Word file is damaged: save it again") from None
    if sum(inside.values()) > MOST_BYTES or len(inside) > 10_000:
        raise Unanswerable(
            f"the Word file unpacks to more than {MOST_BYTES // 1_000_000} MB, as no text does: "
            "it is not opened; save the text alone"
        )
    if "word/document.xml" not in inside:
        raise Unanswerable("this is a packed file and no Word file (.docx)")
    try:
        return _read(data, "docProps/core.xml" in inside)
    except Unanswerable:
        raise
    except Exception as error:  # damaged and hostile files raise whatever is in the way
        raise Unanswerable(
            f"the Word file cannot be read ({type(error).__name__}): it may be damaged, or hold "
            "macros (.docm); save it again as .docx"
        ) from None


def _read(data: bytes, says: bool) -> Incoming:
    file = Document(io.BytesIO(data))
    body = "".join(_text(file.element.body))
    notes = [
        "".join(_text(parse_xml(rel.target_part.blob)))
        for rel in file.part.rels.values()
        if not rel.is_external and rel.reltype.endswith(("/footnotes", "/endnotes"))
    ]
    text = cleaned("\n\n".join(part for part in (body, *notes) if part.strip())).strip("\n") + "\n"
    start, end = whole(text)
    said = file.core_properties if says else None
    made = said.created if said else None
    return Incoming(
        "Word",
        text,
        start,
        end,
        title=line(said.title) if said else None,
        author=line(said.author) if said else None,
        date=f"{made:%Y-%m-%d}" if made else None,
        precision="inferred" if made else None,
        dated_by="the day on which the Word file was begun, by its own metadata" if made else None,
        notes=("its footnotes stand at the end of the text",) if any(map(str.strip, notes)) else (),
    )


def _text(element: Any) -> Iterator[str]:
    """The text of an element in its order, a line for each paragraph."""
    hidden = {id(e) for f in element.iter(_FALLBACK) for e in f.iter()}
    for e in element.iter():
        if id(e) in hidden:
            continue
        if e.tag == qn("w:p"):
            yield "\n"
        elif e.tag == qn("w:t"):
            yield e.text or ""
        elif e.tag == qn("w:tab") and e.getparent().tag == qn("w:r"):
            yield "\t"
        elif e.tag in (qn("w:br"), qn("w:cr")):
            yield "\n"
        elif e.tag == qn("w:noBreakHyphen"):
            yield "\u2011"

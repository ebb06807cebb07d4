"""A file as the text of a document: plain text, Markdown, web pages, PDF, Word.

Plain text and Markdown stay as they stand, but for what `documents.normalise` does. The text of any
other file is ours to make, since its bytes are no text; what is made is stated here (`cleaned`) and
never depends on the machine. Words that the document says of itself (title, author, date) are taken
where it does; nothing is fetched, run or sent.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Literal

from offramp.errors import Needs, Unanswerable
from offramp.extras import install
from offramp.sources.documents import Precision, normalise
from offramp.text.diagnostics import counted
from offramp.text.tree import STRANGE

Kind = Literal["text", "Markdown", "HTML", "PDF", "Word"]

MOST_BYTES = 100_000_000  # of a file, and of what is packed in it
MOST_CHARACTERS = 20_000_000  # of a text; an assessment has far fewer
ENDINGS: Mapping[str, Kind] = {
    "txt": "text",
    "text": "text",
    "md": "Markdown",
    "markdown": "Markdown",
    "html": "HTML",
    "htm": "HTML",
    "xhtml": "HTML",
    "mhtml": "HTML",
    "mht": "HTML",
    "pdf": "PDF",
    "docx": "Word",
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKUP = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype html|html)\b", re.I | re.S
)
_LIGATURES = {0xFB00 + k: x for k, x in enumerate(("ff", "fi", "fl", "ffi", "ffl", "st", "st"))}


@dataclass(frozen=True)
class Incoming:
    """A file's text, and what it says of itself.

    start, end  bound what the author wrote, as far as that can be told
    pages       where each page begins, () for a text without pages
    date        as sources.yaml has it: a day, or a month; with `precision` and `dated_by`
    notes       what a person should look at, a sentence each
    """

    kind: Kind
    text: str
    start: int
    end: int
    title: str | None = None
    author: str | None = None
    publisher: str | None = None
    licence: str | None = None
    date: str | None = None
    precision: Precision | None = None
    dated_by: str | None = None
    pages: tuple[int, ...] = ()
    notes: tuple[str, ...] = field(default=())


def incoming(data: bytes, name: str = "") -> Incoming:
    """A file's bytes as a document's text. `name`: the file's, whose ending says what it is;
    without one its first bytes do.

    Raises Unanswerable, a sentence each, for what is too large, encrypted, damaged, without text or
    of another kind; Needs where the package is missing that reads it.
    """
    if len(data) > MOST_BYTES:
        raise Unanswerable(
            f"the file has more than {MOST_BYTES // 1_000_000} MB; the text of a document is far "
            "smaller: save the text alone"
        )
    kind = kind_of(data, name)
    if kind in ("text", "Markdown"):
        found = _plain(kind, data)
    elif kind == "HTML":
        found = _reader("web_pages").read(data)
    elif kind == "PDF":
        found = _reader("pdf_files").read(data)
    else:
        found = _reader("word_files").read(data)
    if not any(c.isalnum() for c in found.text):
        raise Unanswerable("the file has no text")
    if len(found.text) > MOST_CHARACTERS:
        raise Unanswerable(
            f"the text has {len(found.text):,} characters, at most {MOST_CHARACTERS:,} are taken"
        )
    return found


def kind_of(data: bytes, name: str) -> Kind:
    """What a file is, by its first bytes where these say so, else by its ending. Raises
    Unanswerable for kinds that are not read."""
    start = data[:4096]
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if start.lstrip().startswith(b"%PDF-"):
        return "PDF"
    if start.startswith(_OLE):
        raise Unanswerable(
            "this is an old Word file (.doc), or one that is encrypted: save it as .docx, without "
            "a password"
        )
    if start.startswith(b"PK\x03\x04"):
        if ending in ("docx", ""):
            return "Word"
        raise Unanswerable(f"a .{ending} file is not read{_KINDS}")
    if start.startswith(b"{\\rtf"):
        raise Unanswerable(f"this is RTF, which is not read{_KINDS}")
    said = ENDINGS.get(ending)
    if said in ("PDF", "Word"):
        raise Unanswerable(f"the file ends in .{ending} and is no {said} file: it may be damaged")
    if said is None and ending and b"\0" in start:
        raise Unanswerable(f"a .{ending} file is not read{_KINDS}")
    return said or ("HTML" if _MARKUP.match(start) else "text")


_KINDS = ": save it as plain text, Markdown, HTML, PDF or Word (.docx)"


def _reader(module: str):  # type: ignore[no-untyped-def]
    try:
        return import_module(f"offramp.sources.{module}")
    except ImportError as error:
        raise Needs(
            f"reading this kind of file needs the package '{error.name}': {install('documents')}"
        ) from None


def whole(text: str) -> tuple[int, int]:
    """Bounds from the first character that is no white space to the last."""
    return len(text) - len(text.lstrip()), len(text.rstrip())


def line(value: object) -> str | None:
    """What a document says of itself, on one line; None for nothing."""
    text = " ".join(STRANGE.sub(" ", value).split()) if isinstance(value, str) else ""
    return text[:300] or None


def _plain(kind: Kind, data: bytes) -> Incoming:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unanswerable("the file is UTF-16: save it as UTF-8")
    try:
        text = normalise(data).lstrip("\ufeff")
    except UnicodeDecodeError as error:
        raise Unanswerable(
            f"byte {error.start} of the file is not UTF-8: save it as UTF-8 (it may be Latin-1 or "
            "Windows-1252; which, is not guessed)"
        ) from None
    if "\0" in text:
        raise Unanswerable(f"the file is no text{_KINDS}")
    start, end = whole(text)
    said = _front(text) if kind == "Markdown" else {}
    date = said.get("date", "")[:10]
    dated = bool(re.fullmatch(r"\d{4}-\d\d-\d\d", date))
    return Incoming(
        kind,
        text,
        start,
        end,
        title=line(said.get("title")),
        author=line(said.get("author")),
        date=date if dated else None,
        precision="day" if dated else None,
        dated_by="the heading of the file" if dated else None,
    )


def _front(text: str) -> dict[str, str]:
    """What the lines between `---` at the beginning say, or the first heading."""
    lines = text.split("\n")
    said: dict[str, str] = {}
    if lines[0].strip() == "---":
        for one in lines[1:50]:
            if one.strip() == "---":
                break
            key, colon, value = one.partition(":")
            if colon and value.strip():
                said.setdefault(key.strip().lower(), value.strip().strip("\"'"))
    heading = next((x[2:] for x in lines if x.startswith("# ")), "")
    return {"title": heading, **said} if heading else said


def cleaned(text: str) -> str:
    """The text of a file that is none, in one form: composed characters (NFC), ligatures as their
    letters, without soft hyphens (a word that one divides over two lines is whole again) and
    without characters that nobody sees and no file should hold; no spaces at the ends of lines, one
    empty line at most.

    All else stays: dashes, quotation marks, no-break spaces, superscripts, hyphens at the ends of
    lines, and the marks of right-to-left text.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n").replace("\v", "\n")
    text = text.replace("\u2028", "\n").replace("\u2029", "\n").replace("\ufeff", "")
    text = re.sub("\u00ad[ \t]*\n?", "", text.translate(_LIGATURES))
    text = unicodedata.normalize("NFC", STRANGE.sub("", text))
    text = re.sub(r"[ \t]+(?=\n|$)", "", text)
    return re.sub(r"\n{3,}", "\n\n", text)


def paged(pages: list[str]) -> tuple[str, tuple[int, ...], tuple[str, ...]]:
    """Pages as one text, a line each at least; where each begins; and what to look at."""
    text, starts, empty = "", [], []
    for number, page in enumerate(pages, 1):
        starts.append(len(text))
        page = cleaned(page).strip("\n")
        text += page + "\n" if page else ""
        if not any(c.isalnum() for c in page):
            empty.append(str(number))
    notes: tuple[str, ...] = ()
    if empty and len(empty) < len(pages):
        few = ", ".join(empty[:12]) + (" and more" if len(empty) > 12 else "")
        notes = (f"{counted(len(empty), 'page')} of {len(pages)} without text ({few}): pictures?",)
    return text, tuple(starts), notes

"""Web pages as they were saved (HTML, or MHTML of a browser), as the text that a reader sees, with
lxml; which part of it the author wrote is what trafilatura takes for the main text. Scripts, styles
and pictures are left out, and nothing that a page names is loaded."""

from __future__ import annotations

import email
import email.policy
import logging
import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from lxml import etree, html
from trafilatura import bare_extraction

from offramp.errors import Unanswerable
from offramp.sources.incoming import Incoming, cleaned, line, whole
from offramp.sources.quotation import words

_NOT_READ = """
    head script style noscript template svg math canvas iframe object embed audio video select
    textarea button
"""
_LINES = """
    address article aside blockquote body caption center dd details dialog div dl dt fieldset
    figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main nav ol p
    pre section summary table tbody tfoot thead tr ul br
"""
for _library in ("trafilatura", "htmldate"):  # they tell every oddity of a page
    logging.getLogger(_library).addHandler(logging.NullHandler())

_UNSEEN, _BLOCKS = frozenset(_NOT_READ.split()), frozenset(_LINES.split())
_CHARSET = re.compile(
    rb"""<(?:meta\b[^>]{0,200}?charset|\?xml\b[^>]{0,200}?encoding)\s*=\s*["']?\s*([\w.:-]{2,40})""",
    re.I,
)
_DECLARED = re.compile(r"^\s*<\?xml[^>]*\?>")
_LATIN = {"iso-8859-1", "latin-1", "latin1", "us-ascii", "ascii"}  # what browsers read as below


def read(data: bytes) -> Incoming:
    page = _DECLARED.sub("", _decoded(*_page_of(data))).replace("\0", "")
    parser = html.HTMLParser(huge_tree=True)
    try:
        tree = html.document_fromstring(page, parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        raise Unanswerable("the page cannot be read as HTML: it may be empty or damaged") from None
    if any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log):
        raise Unanswerable("the page is nested too deeply to be read whole: save its text alone")
    text = cleaned(_seen(tree)).strip("\n") + "\n"
    try:
        main = bare_extraction(
            page,
            include_comments=False,
            with_metadata=True,
            date_extraction_params={"extensive_search": False, "original_date": True},
        )
    except Exception:  # of a page that is none; the text is there all the same
        main = None
    found = main if isinstance(main, dict) else main.as_dict() if main is not None else {}
    bounds = _bounds(text, cleaned(found.get("text") or ""))
    start, end = bounds or whole(text)
    guess = found.get("date")
    date = guess if guess and any(guess in said for said in _metadata(tree)) else None
    notes = []
    if not bounds:
        notes += ["what of the page its author wrote was not found: look at --start and --end"]
    if guess and not date:
        notes += [f"{guess} stands in the page, which may be its date: say so with --date"]
    return Incoming(
        "HTML",
        text,
        start,
        end,
        title=line(found.get("title")),
        author=line(found.get("author")),
        publisher=line(found.get("sitename")),
        licence=line(found.get("license")),
        date=date,
        precision="day" if date else None,
        dated_by="the metadata of the page" if date else None,
        notes=tuple(notes),
    )


def _metadata(tree: html.HtmlElement) -> Iterator[str]:
    """What a page says of itself: in its head, or as linked data. Elsewhere a date is anyone's."""
    yield from (meta.get("content") or "" for meta in tree.iter("meta"))
    for script in tree.iter("script"):
        if script.get("type") == "application/ld+json":
            yield script.text or ""


def _page_of(data: bytes) -> tuple[bytes, str]:
    """The HTML of a file, and its encoding if the file says so around it."""
    if not re.match(rb"(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*){2}", data[:4096]):
        return data, ""
    message = email.message_from_bytes(data, policy=email.policy.default)
    for part in message.walk():
        if part.get_content_type() == "text/html":
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                return content, part.get_content_charset() or ""
    return data, ""


def _decoded(data: bytes, charset: str) -> str:
    """The page by the encoding that it names, UTF-8 without one; none is guessed."""
    named = _CHARSET.search(data[:4096])
    charset = (charset or (named[1].decode("ascii") if named else "utf-8")).lower()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        charset = "utf-16"
    try:
        return data.decode("cp1252" if charset in _LATIN else charset).removeprefix("\ufeff")
    except LookupError:
        raise Unanswerable(f"the page names an encoding that there is not ('{charset}')") from None
    except UnicodeError:
        raise Unanswerable(
            f"the page is not in the encoding that it should be in ({charset}): save it as UTF-8"
        ) from None


def _seen(tree: html.HtmlElement) -> str:
    """The text outside of what nobody reads, a line for each block."""
    out: list[str] = []
    unseen = preformatted = 0
    for event, element in etree.iterwalk(tree, events=("start", "end", "comment", "pi")):
        tag = element.tag if isinstance(element.tag, str) else ""
        off = bool(tag) and (tag in _UNSEEN or "hidden" in element.attrib)
        if event == "start":
            unseen += off
            preformatted += tag == "pre"
            out.append("\n" * (tag in _BLOCKS) + ("\t" if tag in ("td", "th") else ""))
            said = element.text
        else:
            if event == "end":
                unseen -= off
                preformatted -= tag == "pre"
                out.append("\n" * (tag in _BLOCKS and tag != "br"))
            said = element.tail
        if said and not unseen:
            out.append(said if preformatted else re.sub(r"[ \t\r\n\f]+", " ", said))
    text = re.sub(r" *\n[ \n]*", "\n", "".join(out))
    return re.sub(r" {2,}", " ", text)


def _bounds(text: str, main: str) -> tuple[int, int] | None:
    """From the first line of the main text to the last, in the text of the page."""
    lines = [m for m in re.finditer(r"[^\n]+", text) if words(m.group())]
    ours = [" ".join(words(m.group())) for m in lines]
    theirs = [key for one in main.split("\n") if (key := " ".join(words(one)))]
    matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
    blocks = [b for b in matcher.get_matching_blocks() if b.size]
    if not blocks:
        return None
    first, last = lines[blocks[0].a], lines[blocks[-1].a + blocks[-1].size - 1]
    lead = len(first.group()) - len(first.group().lstrip())
    return first.start() + lead, last.end()

"""Documents, faults, notes and passages from mappings of text, as a YAML file gives them.

Every error names the entry, says what is wrong with it, and what would have worked.
"""

from __future__ import annotations

import datetime
import difflib
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import PurePath
from typing import cast

from offramp.sources.dating import day_or_month
from offramp.sources.documents import Document, Fault, Grade, Note, Precision
from offramp.sources.passages import Passage
from offramp.sources.quotation import LONGEST, words

_SHA256 = re.compile(r"[0-9a-f]{64}")
_COUNT = re.compile(r"[0-9]{1,12}")
PRECISIONS = ("day", "month", "inferred")
DOCUMENT = (
    "title",
    "author",
    "publisher",
    "date",
    "precision",
    "dated by",
    "file",
    "sha256",
    "licence",
    "text",
)
BOUNDS = ("start", "end")
PASSAGE = ("document", "start", "end", "sha256", "paraphrase")
FAULT = ("document", "claim", "record", "passages", "source", "status")
# What an entry may also have:
OF_DOCUMENT = ("knew_until", "pages")
OF_PASSAGE = ("phrase", "boilerplate")
OF_FAULT = ("stands",)
GRADES = ("verified", "partly", "recalled", "document")


class WrongEntry(ValueError):
    """An entry that cannot be read; the message says which, what is wrong and what would work.

    `key` is the key of the entry that is wrong, '' where it is the whole.
    """

    def __init__(self, message: str, key: str = "") -> None:
        super().__init__(message)
        self.key = key


def documents_from(entries: Mapping[str, object]) -> dict[str, Document]:
    """Documents from the mapping under `documents:` of sources.yaml, by id."""
    return {id: _document(id, entry) for id, entry in entries.items()}


def passages_from(entries: Mapping[str, object]) -> dict[str, Passage]:
    """Passages from the mapping under `passages:` of passages.yaml, by id."""
    return {id: _passage(id, entry) for id, entry in entries.items()}


def faults_from(entries: Sequence[object]) -> tuple[Fault, ...]:
    """The known faults of the documents, from the list under `faults:` of sources.yaml."""
    return tuple(fault_from(n, entry) for n, entry in enumerate(entries, 1))


def notes_from(entries: Mapping[str, object]) -> tuple[Note, ...]:
    """What the documents are, from the mapping under `notes:` of sources.yaml: by document, the
    passages that say so and what the case does about each."""
    out = []
    for document, value in entries.items():
        what = f"notes of '{document}'"
        if not isinstance(value, Mapping):
            raise WrongEntry(f"{what} are not a mapping; write each as `N1: what follows from it`")
        for passage, use in value.items():
            out.append(Note(document, str(passage), _line(what, str(passage), use)))
    return tuple(out)


def _document(id: str, value: object) -> Document:
    what = f"document '{id}'"
    entry = _mapping(what, value, required=DOCUMENT, optional=OF_DOCUMENT)
    bounds = _mapping(f"{what}, text", entry["text"], required=BOUNDS, optional=())
    start, end = _bounds(f"{what}, text", bounds)
    file = _line(what, "file", entry["file"])
    if PurePath(file).name != file or "\\" in file or file in {".", ".."}:
        raise WrongEntry(
            f"{what}: file '{file}' is not a plain file name; write the name alone, "
            "and give its folder where a command or function takes the sources",
            "file",
        )
    precision = _line(what, "precision", entry["precision"])
    if precision not in PRECISIONS:
        raise WrongEntry(
            f"{what}: precision '{precision}' is unknown; write day, month or inferred",
            "precision",
        )
    day, by_month = _day(what, "date", entry["date"])
    if by_month and precision == "day":
        raise WrongEntry(
            f"{what}: date '{entry['date']}' is a month; write precision: month, or inferred where "
            "the document bears no date",
            "precision",
        )
    if precision == "month" and not by_month:
        raise WrongEntry(
            f"{what}: precision is month and date '{day}' a day; write the month alone, as in "
            f"{day:%Y-%m}, or precision: day",
            "date",
        )
    knew = _day(what, "knew_until", entry["knew_until"])[0] if "knew_until" in entry else None
    if knew is not None and knew > day:
        raise WrongEntry(
            f"{what}: knew_until {knew} is after its date ({day}); an author knows nothing later "
            "than that",
            "knew_until",
        )
    return Document(
        id=id,
        title=_line(what, "title", entry["title"]),
        author=_line(what, "author", entry["author"]),
        publisher=_line(what, "publisher", entry["publisher"]),
        date=day,
        precision=cast(Precision, precision),
        dated_by=_line(what, "dated by", entry["dated by"]),
        file=file,
        sha256=_sha256(what, entry["sha256"]),
        licence=_line(what, "licence", entry["licence"]),
        start=start,
        end=end,
        knew_until=knew,
        by_month=by_month,
        pages=_pages(what, entry.get("pages", ())),
    )


def _pages(what: str, value: object) -> tuple[int, ...]:
    """Where each page begins, in order; the first at 0."""
    if not isinstance(value, list | tuple):
        raise WrongEntry(
            f"{what}: pages is not a list; write where each begins: [0, 2180]", "pages"
        )
    pages = tuple(_count(what, "pages", item) for item in value)
    if pages and (pages[0] != 0 or any(a > b for a, b in pairwise(pages))):
        raise WrongEntry(
            f"{what}: pages are the offsets where each page begins, in order, the first at 0",
            "pages",
        )
    return pages


def _day(what: str, key: str, value: object) -> tuple[datetime.date, bool]:
    """A day, or a month by its last day, and which of the two it was."""
    text = str(value).strip()
    try:
        return day_or_month(text)
    except ValueError:
        raise WrongEntry(
            f"{what}: {key} '{text}' is not a day; write it as 2020-01-17, or as 2020-01 where "
            "only the month is known"
            + (" (and precision: inferred where the document bears no date)" * (key == "date")),
            key,
        ) from None


def _passage(id: str, value: object) -> Passage:
    what = f"passage '{id}'"
    entry = _mapping(what, value, required=PASSAGE, optional=OF_PASSAGE)
    start, end = _bounds(what, entry)
    phrase = None if "phrase" not in entry else _line(what, "phrase", entry["phrase"])
    if phrase is not None and len(words(phrase)) > LONGEST:
        raise WrongEntry(
            f"{what}: phrase '{phrase}' has {len(words(phrase))} words of the source; "
            f"at most {LONGEST} may be quoted, so keep the words that are the datum",
            "phrase",
        )
    boilerplate = str(entry.get("boilerplate", "no"))
    if boilerplate not in {"yes", "no"}:
        raise WrongEntry(f"{what}: boilerplate is '{boilerplate}'; write yes or no", "boilerplate")
    return Passage(
        id=id,
        document=_line(what, "document", entry["document"]),
        start=start,
        end=end,
        sha256=_sha256(what, entry["sha256"]),
        paraphrase=_line(what, "paraphrase", entry["paraphrase"]),
        phrase=phrase,
        boilerplate=boilerplate == "yes",
    )


def fault_from(number: int, value: object) -> Fault:
    """One entry of the list under `faults:`, the first has number 1."""
    what = f"fault {number}"
    entry = _mapping(what, value, required=FAULT, optional=OF_FAULT)
    status = _line(what, "status", entry["status"])
    if status not in GRADES:
        raise WrongEntry(
            f"{what}: status '{status}' is unknown; write {', '.join(GRADES[:-1])}, or document "
            "where the documents contradict each other",
            "status",
        )
    stands = entry.get("stands", {})
    if not isinstance(stands, Mapping):
        raise WrongEntry(
            f"{what}: stands is not a mapping; write each passage with what of it stands", "stands"
        )
    return Fault(
        documents=_list(what, "document", entry["document"]),
        claim=_line(what, "claim", entry["claim"]),
        record=_line(what, "record", entry["record"]),
        passages=_list(what, "passages", entry["passages"]),
        source=_line(what, "source", entry["source"]),
        status=cast(Grade, status),
        stands=tuple((str(k), _line(what, str(k), v)) for k, v in stands.items()),
    )


def _mapping(
    what: str, value: object, required: Sequence[str], optional: Sequence[str]
) -> Mapping[str, object]:
    """The entry, with every required key and no unknown one."""
    keys = [*required, *optional]
    if not isinstance(value, Mapping):
        raise WrongEntry(f"{what} is not a mapping; give it the keys {', '.join(required)}")
    for key in value:
        if key not in keys:
            near = difflib.get_close_matches(str(key), keys, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"the keys are {', '.join(keys)}"
            raise WrongEntry(f"{what}: unknown key '{key}'; {hint}", str(key))
    for key in required:
        if key not in value:
            raise WrongEntry(f"{what} has no '{key}'; the keys are {', '.join(keys)}")
    return value


def _line(what: str, key: str, value: object) -> str:
    """One line of text, not empty."""
    if not isinstance(value, str | int):
        raise WrongEntry(f"{what}: {key} is not a plain text; write it on one line", key)
    text = str(value).strip()
    if not text or "\n" in text:
        wrong = "is empty" if not text else "runs over several lines"
        raise WrongEntry(f"{what}: {key} {wrong}; write one line", key)
    return text


def _list(what: str, key: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise WrongEntry(f"{what}: {key} is not a list; write [first, second]", key)
    return tuple(_line(what, key, item) for item in value)


def _bounds(what: str, entry: Mapping[str, object]) -> tuple[int, int]:
    start, end = (_count(what, key, entry[key]) for key in BOUNDS)
    if start >= end:
        raise WrongEntry(
            f"{what}: start {start} is not before end {end}; end is one past the last character",
            "end",
        )
    return start, end


def _count(what: str, key: str, value: object) -> int:
    text = str(value).strip()
    if isinstance(value, bool) or not _COUNT.fullmatch(text):
        raise WrongEntry(
            f"{what}: {key} '{text}' is not a count of characters; write a whole number from 0 up",
            key,
        )
    return int(text)


def _sha256(what: str, value: object) -> str:
    text = str(value).strip()
    if not _SHA256.fullmatch(text):
        raise WrongEntry(
            f"{what}: sha256 '{text}' is not a hash; it has 64 digits, 0 to 9 and a to f",
            "sha256",
        )
    return text

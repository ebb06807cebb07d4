"""Passages: places in documents, and the check that what was cited still stands there.

A passage is an anchor (document, start, end) with the hash of the exact text. The hash alone
decides. We do not match approximately, as annotation tools do to keep notes attached to pages
that change: a number rests on these words, and words merely like them may say something else.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate

from offramp.sources.documents import Document, digest


@dataclass(frozen=True)
class Passage:
    """A place in a document.

    `start` and `end` count characters of the normalised text, end excluded; `sha256` is the hash
    of the text between them in UTF-8. `paraphrase` says in our words, in one line, what stands
    there. `phrase` is at most six words of the source, where the wording itself is the datum
    ("low to medium"). `boilerplate` marks the rare passage about the web page around a text.
    """

    id: str
    document: str
    start: int
    end: int
    sha256: str
    paraphrase: str
    phrase: str | None = None
    boilerplate: bool = False


class State(StrEnum):
    """What was found. Only EXACT is good; in particular MISSING is not."""

    EXACT = "exact"
    MOVED = "moved"
    ORPHANED = "orphaned"
    MISSING = "missing"
    OUT_OF_BOUNDS = "out of bounds"
    CHANGED = "changed"  # Of a document as a whole, never of a passage.


@dataclass(frozen=True)
class Finding:
    """The state of one passage, or with `passage` None that of a whole document.

    `start` is where the exact text stands now (EXACT, MOVED), else None.
    """

    passage: str | None
    document: str
    state: State
    start: int | None = None

    @property
    def valid(self) -> bool:
        return self.state is State.EXACT

    def __str__(self) -> str:
        subject = f"passage {self.passage}" if self.passage else "document"
        return f"{subject} ({self.document}): {_SAYS[self.state].format(start=self.start)}"


_SAYS = {
    State.EXACT: "stands exactly at {start}",
    State.MOVED: "has moved, and now starts at {start}",
    State.ORPHANED: "its text stands nowhere in the document at hand",
    State.MISSING: "the document is not at hand, so nothing was checked",
    State.OUT_OF_BOUNDS: "lies outside the text that the document declares",
    State.CHANGED: "its text is not the one that was cited from (the hash differs)",
}


def verify(
    passages: Iterable[Passage], documents: Mapping[str, Document], texts: Mapping[str, str]
) -> tuple[Finding, ...]:
    """One finding for each passage, in order, after one for each document changed or missing.

    `texts` holds the normalised texts at hand, by document id. Passages are judged each for
    itself: a changed document may leave most of its passages exact. If a text stands in several
    other places, a moved passage is given the one that neighbours moved to, else the nearest.
    """
    passages = tuple(passages)
    of_documents = []
    for id, document in documents.items():
        if id not in texts:
            of_documents.append(Finding(None, id, State.MISSING))
        elif digest(texts[id]) != document.sha256:
            of_documents.append(Finding(None, id, State.CHANGED))

    states: dict[int, Finding] = {}
    astray: dict[str, list[int]] = defaultdict(list)
    for number, passage in enumerate(passages):
        of = documents.get(passage.document)
        if of is not None and not _within(passage, of):
            states[number] = Finding(passage.id, passage.document, State.OUT_OF_BOUNDS)
        elif of is None or passage.document not in texts:
            states[number] = Finding(passage.id, passage.document, State.MISSING)
        elif stands(passage, texts[passage.document], passage.start):
            states[number] = Finding(passage.id, passage.document, State.EXACT, passage.start)
        else:
            astray[passage.document].append(number)

    for id, numbers in astray.items():
        found = _search([passages[number] for number in numbers], texts[id])
        for number, start in zip(numbers, found, strict=True):
            state = State.ORPHANED if start is None else State.MOVED
            states[number] = Finding(passages[number].id, id, state, start)
    return (*of_documents, *(states[number] for number in range(len(passages))))


def sides(ids: Iterable[str], known: Collection[str]) -> tuple[str, ...]:
    """The ids with each disagreement replaced by its sides: D22 by D22.1, D22.2, ..."""
    out: dict[str, None] = {}
    for id in ids:
        if id in known or f"{id}.1" not in known:
            out[id] = None
            continue
        number = 1
        while f"{id}.{number}" in known:
            out[f"{id}.{number}"] = None
            number += 1
    return tuple(out)


def stands(passage: Passage, text: str, start: int) -> bool:
    """Whether the passage's exact text stands at `start`."""
    end = start + passage.end - passage.start
    return 0 <= start < end <= len(text) and digest(text[start:end]) == passage.sha256


def in_context(passage: Passage, text: str, around: int = 200) -> tuple[str, str, str]:
    """What stands before, in and after the passage, with up to `around` characters each side.

    Raises ValueError if the passage does not stand there exactly: another text is never shown in
    its place. For a moved passage, give one with the new start and end.
    """
    if not stands(passage, text, passage.start):
        raise ValueError(
            f"passage '{passage.id}' does not stand at {passage.start} of this text; "
            "`verify` says whether it has moved and where to"
        )
    before = text[max(0, passage.start - around) : passage.start]
    return before, text[passage.start : passage.end], text[passage.end : passage.end + around]


def _within(passage: Passage, document: Document) -> bool:
    if passage.boilerplate:
        return 0 <= passage.start < passage.end
    return document.start <= passage.start < passage.end <= document.end


def _search(passages: list[Passage], text: str) -> list[int | None]:
    """Where each passage stands now, or None.

    One insertion shifts all that follows by the same amount, so shifts seen are tried first, the
    latest first. What they do not explain is looked for in all windows of its length at once.
    """
    order = sorted(range(len(passages)), key=lambda number: passages[number].start)
    found: dict[int, int | None] = {}
    shifts: list[int] = []
    scanned: dict[int, dict[bytes, list[int]]] = {}
    wanted: dict[int, set[bytes]] = defaultdict(set)
    for passage in passages:
        wanted[passage.end - passage.start].add(bytes.fromhex(passage.sha256))

    bytes_of = text.encode("utf-8")
    offsets = [0, *accumulate(len(character.encode("utf-8")) for character in text)]
    for number in order:
        passage = passages[number]
        shift = next((s for s in shifts if stands(passage, text, passage.start + s)), None)
        if shift is None:
            length = passage.end - passage.start
            if length not in scanned:
                scanned[length] = _windows(bytes_of, offsets, length, wanted[length])
            places = scanned[length].get(bytes.fromhex(passage.sha256), [])
            if not places:
                found[number] = None
                continue
            shift = min((place - passage.start for place in places), key=abs)
        if shift in shifts:
            shifts.remove(shift)
        shifts.insert(0, shift)
        found[number] = passage.start + shift
    return [found[number] for number in range(len(passages))]


def _windows(
    data: bytes, offsets: list[int], length: int, wanted: set[bytes]
) -> dict[bytes, list[int]]:
    """The starts of the windows of `length` characters whose hash is wanted.

    A cryptographic hash cannot be rolled, so every window is hashed; encoding the text once and
    sharing the scan among passages of equal length keeps this near a microsecond a window.
    """
    sha256 = hashlib.sha256
    hashes = [
        sha256(data[low:high]).digest()
        for low, high in zip(offsets, offsets[length:], strict=False)
    ]
    found: dict[bytes, list[int]] = defaultdict(list)
    if not wanted.isdisjoint(hashes):
        for start, hashed in enumerate(hashes):
            if hashed in wanted:
                found[hashed].append(start)
    return found

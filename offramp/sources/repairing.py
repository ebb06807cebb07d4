"""What of a document's passages still stands after its text has changed.

A passage moves by itself only where that is proven: its exact text stands in one place alone, or
in several and those before and behind it have moved by the same. Every other is left open, with the
places that a person may want to look at; nothing is matched approximately.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from offramp.errors import Mistake
from offramp.sources.citing import Place, found, place
from offramp.sources.documents import Document, digest
from offramp.sources.passages import Passage, verify
from offramp.sources.quotation import LONGEST, repeated, words
from offramp.sources.sentences import sentences

NEAR = 400  # characters around where a passage would stand in which it is looked for


@dataclass(frozen=True)
class Open:
    """A passage for a person to decide: why, and places to look at, the likeliest first."""

    passage: Passage
    why: str
    near: tuple[Place, ...]


@dataclass(frozen=True)
class Repair:
    """What a changed text makes of a document and its passages.

    document  with the new hash and bounds, and without pages, whose places are not known any more
    placed    passages as they stand now, those that did not move too
    moved     which of these have other offsets than before, with the old start
    open      passages of which nothing is known for sure
    written   whether it was written
    """

    before: Document
    document: Document
    placed: tuple[Passage, ...]
    moved: tuple[tuple[Passage, int], ...]
    open: tuple[Open, ...]
    written: bool = False

    @property
    def needed(self) -> bool:
        return self.document != self.before or bool(self.moved)


def repaired(
    document: Document,
    passages: Iterable[Passage],
    text: str,
    *,
    bounds: tuple[int | None, int | None] = (None, None),
    decided: Mapping[str, tuple[int, int]] | None = None,
) -> Repair:
    """The document and its passages in the text at hand.

    bounds   of what the author wrote, where a person says so; else the end moves with the last
             passage, and the start stays, or moves with the first one to the left
    decided  where a person has placed passages that are open, by id

    Raises Mistake for bounds or places that do not fit.
    """
    own = sorted((p for p in passages if p.document == document.id), key=lambda p: p.start)
    anywhere = replace(document, start=0, end=max(document.end, len(text), 1 + _last(own)))
    states = {f.passage: f for f in verify(own, {document.id: anywhere}, {document.id: text})}
    starts = {p.id: states[p.id].start for p in own}
    places = {p.id: _places(p, start, text) for p in own if (start := starts[p.id]) is not None}
    shifts = {p.id: places[p.id][0] - p.start for p in own if len(places.get(p.id, ())) == 1}
    for p in own:
        between = _neighbours(own, p, shifts)
        if len(places.get(p.id, ())) > 1 and len(between) == 2 and between[0] == between[1]:
            at = p.start + between[0]
            shifts = {**shifts, p.id: between[0]} if at in places[p.id] else shifts
    now = {p.id: _at(p, p.start + shifts[p.id], text) for p in own if p.id in shifts}
    by_hand = decided or {}
    for id, (start, end) in by_hand.items():
        now[id] = _decided(id, start, end, own, shifts, text)
    new = _document(
        document, text, [shifts[p.id] for p in own if p.id in shifts], now.values(), bounds
    )
    left = [p for p in own if p.id not in now]
    return Repair(
        document,
        new,
        tuple(now[p.id] for p in own if p.id in now),
        tuple((now[p.id], p.start) for p in own if p.id in now and now[p.id] != p),
        tuple(_open(p, places.get(p.id, []), _neighbours(own, p, shifts), new, text) for p in left),
    )


def _last(passages: Sequence[Passage]) -> int:
    return max((p.end for p in passages), default=0)


def _places(passage: Passage, start: int, text: str) -> list[int]:
    """All places of the exact text that stands at `start`."""
    exact = re.escape(text[start : start + passage.end - passage.start])
    return [m.start() for m in re.finditer(f"(?={exact})", text)]


def _neighbours(own: Sequence[Passage], p: Passage, shifts: Mapping[str, int]) -> list[int]:
    """By how much the nearest passages before and behind it moved, of those that are sure."""
    number = own.index(p)
    before = [shifts[q.id] for q in own[:number] if q.id in shifts][-1:]
    return before + [shifts[q.id] for q in own[number + 1 :] if q.id in shifts][:1]


def _at(passage: Passage, start: int, text: str) -> Passage:
    end = start + passage.end - passage.start
    return replace(passage, start=start, end=end, sha256=digest(text[start:end]))


def _decided(
    id: str,
    start: int,
    end: int,
    own: Sequence[Passage],
    shifts: Mapping[str, int],
    text: str,
) -> Passage:
    """A passage where a person has placed it. Raises Mistake."""
    known = {p.id: p for p in own}
    if id not in known or id in shifts:
        what = "stands exactly" if id in shifts else "is no passage of this document"
        raise Mistake(f"'{id}' {what}: only open passages are placed by hand", "orphan")
    if not 0 <= start < end <= len(text):
        raise Mistake(f"{start}:{end} is not within the text, which ends at {len(text)}", "orphan")
    p = known[id]
    if p.phrase is not None and not found(text[start:end], p.phrase):
        raise Mistake(f"the phrase of '{id}' ('{p.phrase}') is not at {start}:{end}", "orphan")
    if repeated(p.paraphrase, [text]):
        raise Mistake(
            f"the paraphrase of '{id}' repeats more than {LONGEST} words of the new text: change "
            "it first",
            "orphan",
        )
    return replace(p, start=start, end=end, sha256=digest(text[start:end]))


def _document(
    old: Document,
    text: str,
    shifts: Sequence[int],
    now: Iterable[Passage],
    bounds: tuple[int | None, int | None],
) -> Document:
    hashed = digest(text)
    if hashed == old.sha256 and bounds == (None, None):
        return old
    placed = [p for p in now if not p.boilerplate]
    first, last = (shifts[0], shifts[-1]) if shifts else (-old.start, len(text.rstrip()) - old.end)
    # What moved the first passage may stand before the author's text or in it: nothing is lost.
    start = min(old.start, old.start + first)
    start = min([max(0, start), *(p.start for p in placed)]) if bounds[0] is None else bounds[0]
    end = bounds[1]
    if end is None:
        end = max([min(old.end + last, len(text)), *(p.end for p in placed)])
    if not 0 <= start < end <= len(text):
        raise Mistake(f"{start} to {end} is not within the text, which ends at {len(text)}", "end")
    outside = [p.id for p in placed if not start <= p.start < p.end <= end]
    if outside:
        raise Mistake(f"{', '.join(outside[:5])} would stand outside {start} to {end}", "end")
    pages = old.pages if hashed == old.sha256 else ()
    return replace(old, sha256=hashed, start=start, end=end, pages=pages)


def _open(
    p: Passage, places: Sequence[int], shifts: Sequence[int], document: Document, text: str
) -> Open:
    if places:
        length = p.end - p.start
        shown = tuple(place(document, text, a, a + length) for a in places[:12])
        return Open(p, f"its text stands in {len(places)} places", shown)
    near = tuple(place(document, text, a, b) for a, b in _likely(p, shifts, document, text))
    return Open(p, "its text stands nowhere any more", near)


def _likely(
    p: Passage, shifts: Sequence[int], document: Document, text: str
) -> list[tuple[int, int]]:
    """Sentences around where the passage would stand: those with its phrase first, then those that
    share most words with the paraphrase."""
    low = p.start + min(shifts, default=0) - NEAR
    high = p.end + max(shifts, default=0) + NEAR
    scored = []
    for a, b in sentences(text, document.start, document.end):
        if b < low or a > high:
            continue
        quoted = p.phrase is not None and bool(found(text[a:b], p.phrase))
        like = difflib.SequenceMatcher(None, words(text[a:b]), words(p.paraphrase)).ratio()
        scored.append((not quoted, -like, abs(a - p.start), a, b))
    return [(a, b) for *_, a, b in sorted(scored)[:3]]

"""Sentences of a document, and those that no passage touches.

The rule is simple and is stated rather than tuned. Each line of the text, within the document's
bounds, is cut behind a full stop, question mark, exclamation mark or ellipsis (with the quotation
marks, brackets and footnote tags that follow it) where space and then a capital, a digit or an
opening quotation mark come next. It is not cut behind a single capital (an initial, `U.S.`) nor
behind the abbreviations of `_ABBREVIATED`. A line that goes on with a small letter in the next
goes on. A piece without a letter is none. Headings, bylines and footnotes are lines and so count
as sentences; a sentence that a page break divides counts twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Literal

from offramp.sources.documents import Document, digest
from offramp.sources.passages import Passage
from offramp.sources.quotation import LONGEST

_LINE = re.compile(r"[^\n]+(?:\n(?=[ \t]*[a-z\u00df-\u00ff])[^\n]+)*")
_END = re.compile(
    r"[.?!\u2026]+[\"'\u201d\u2019)\]*]*(?:<sup>\d+</sup>)*"
    r"(?:[^\S\n]*\n\s*|\s+(?=[\"'\u201c\u2018(\[*]*[A-Z0-9]))"
)
_ABBREVIATED = re.compile(
    r"(?:\b[A-Z]|\b(?:Mr|Mrs|Ms|Dr|Prof|Gen|Lt|Col|Maj|Capt|Sgt|Sen|Rep|Gov|St|No|vs|etc|cf|"
    r"e\.g|i\.e|Jan|Feb|Aug|Sept|Oct|Nov|Dec))\.$"
)
_STOPPED = re.compile(r"[.?!\u2026][\"'\u201d\u2019)\]*]*(?:<sup>\d+</sup>)*$")
_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_TAG = re.compile(r"<[^>\s]*>")

State = Literal["read", "not at hand", "changed"]


@dataclass(frozen=True)
class Sentence:
    """Characters `start` to `end` (excluded) of the normalised text, and its first six words at
    most: what may be shown of a text that is not ours. `stopped` says that it ends as sentences
    do; headings, bylines and most footnotes do not."""

    start: int
    end: int
    words: str
    stopped: bool


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How much of a document's own text its passages touch.

    state       'read'; 'not at hand'; 'changed' where the text is not the one that was cited from,
                so that offsets mean nothing
    sentences   how many there are within the bounds
    characters  within the bounds, and how many of these lie in a passage
    untouched   sentences of which no passage has a character
    """

    document: str
    state: State
    sentences: int
    characters: int
    in_passages: int
    untouched: tuple[Sentence, ...]

    @property
    def touched(self) -> int:
        return self.sentences - len(self.untouched)


def sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The sentences of a stretch of text, as offsets into the whole."""
    for line in _LINE.finditer(text, start, end):
        cuts = [line.start()]
        for match in _END.finditer(text, line.start(), line.end()):
            stop = match.start() + 1
            if not _ABBREVIATED.search(text[max(line.start(), stop - 12) : stop]):
                cuts.append(match.end())
        for low, high in pairwise([*cuts, line.end()]):
            piece = text[low:high]
            if any(c.isalpha() for c in piece):
                first = low + len(piece) - len(piece.lstrip())
                yield first, first + len(piece.strip())


def read_through(
    documents: Iterable[Document], texts: Mapping[str, str], passages: Iterable[Passage]
) -> tuple[Reading, ...]:
    """One reading of each document, in order; `texts` holds the normalised texts at hand."""
    of: dict[str, list[Passage]] = {}
    for passage in passages:
        of.setdefault(passage.document, []).append(passage)
    return tuple(_reading(d, texts.get(d.id), of.get(d.id, [])) for d in documents)


def _reading(document: Document, text: str | None, passages: list[Passage]) -> Reading:
    if text is None or digest(text) != document.sha256:
        state: State = "not at hand" if text is None else "changed"
        return Reading(
            document=document.id,
            state=state,
            sentences=0,
            characters=0,
            in_passages=0,
            untouched=(),
        )
    inside = bytearray(len(text))
    for p in passages:
        inside[p.start : p.end] = b"\1" * (min(p.end, len(text)) - p.start)
    found = list(sentences(text, document.start, document.end))
    untouched = tuple(
        sentence_at(text, low, high) for low, high in found if not any(inside[low:high])
    )
    return Reading(
        document=document.id,
        state="read",
        sentences=len(found),
        characters=document.end - document.start,
        in_passages=sum(inside[document.start : document.end]),
        untouched=untouched,
    )


def sentence_at(text: str, low: int, high: int) -> Sentence:
    """The sentence between two offsets that `sentences` gave."""
    return Sentence(low, high, _beginning(text[low:high]), bool(_STOPPED.search(text[low:high])))


def _beginning(sentence: str) -> str:
    """At most six words (here `all-out` is two), without tags and marks of emphasis."""
    bare = _TAG.sub("", sentence).replace("*", "").lstrip("# ")
    sixth = list(islice(_WORD.finditer(bare), LONGEST))
    return " ".join(bare[: sixth[-1].end()].split()) if sixth else ""

"""A passage made from the exact words of a document: where they stand, and what is said of them.

Offsets count characters (code points) of the normalised text. What is looked for is what was typed:
the same letters in the same case, as whole words. Two things may differ, for nobody can type them
as they are printed: white space (a line that ends within the words) and the shapes of quotation
marks, apostrophes and hyphens. The passage is always the document's own characters.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from offramp.errors import Mistake
from offramp.sources.documents import Document, digest
from offramp.sources.passages import Passage
from offramp.sources.quotation import LONGEST, repeated, words
from offramp.sources.sentences import sentences
from offramp.text.tree import STRANGE

_ID = re.compile(r"([A-Za-z]+)([0-9]+)")
_ALIKE = (
    "'\u2018\u2019\u02bc\u00b4`",
    '"\u201c\u201d\u201e\u00ab\u00bb',
    "-\u2010\u2011\u2012\u2013\u2014\u2212",
)
_PIECE = re.compile(r"\S+")
AROUND = 3  # words shown on each side of a place


@dataclass(frozen=True)
class Place:
    """Where words stand: offsets, the page of a document that has pages, and at most six of the
    words there, which may be shown of a text that is not ours."""

    start: int
    end: int
    page: int | None
    words: str

    def __str__(self) -> str:
        page = f", page {self.page}" if self.page else ""
        return f"{self.start} to {self.end}{page}: {self.words}"


class Several(Mistake):
    """The words stand in several places; `places` are these."""

    def __init__(self, message: str, places: tuple[Place, ...]) -> None:
        super().__init__(message, "at")
        self.places = places


def found(text: str, exact: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """Where the words stand within the bounds, in order: as they were typed if they do so anywhere,
    else with other white space, marks and hyphens. As whole words, if they do so anywhere."""
    end = len(text) if end is None else end
    exact = exact.strip()
    if not exact:
        return []
    places = _matches(re.escape(exact), text, start, end)
    if not places:
        pieces = _PIECE.findall(exact)
        places = _matches(r"\s+".join(map(_loosely, pieces)), text, start, end)
    whole = [(a, b) for a, b in places if not within_a_word(text, a) | within_a_word(text, b)]
    return whole or places


def _matches(pattern: str, text: str, start: int, end: int) -> list[tuple[int, int]]:
    """All of them, those that overlap too."""
    ahead = re.compile(f"(?=({pattern}))")
    spans = (m.span(1) for m in ahead.finditer(text, start, end))
    return [(a, b) for a, b in spans if b <= end]


def _loosely(piece: str) -> str:
    out = []
    for character in piece:
        shapes = next((shapes for shapes in _ALIKE if character in shapes), "")
        out.append(f"[{re.escape(shapes)}]" if shapes else re.escape(character))
    return "".join(out)


def within_a_word(text: str, offset: int) -> bool:
    """Whether a place cuts a word in two."""
    return re.match(r"\w\w", text[max(0, offset - 1) : offset + 1]) is not None


def context(text: str, start: int, end: int) -> str:
    """At most six words: those before the place, and those it begins with."""
    before = _PIECE.findall(text[max(0, start - 80) : start])[-AROUND:]
    here = _PIECE.findall(text[start : max(end, start + 80)])[:AROUND]
    return " ".join([*before, *here])


def place(document: Document, text: str, start: int, end: int) -> Place:
    return Place(start, end, document.page_of(start), context(text, start, end))


def next_id(known: Iterable[str]) -> str:
    """The id that follows, by the case's own pattern: the letters of the last passage that has
    letters and a number, and one more than the highest number with them. P1 without any."""
    matches = [m for id in known if (m := _ID.fullmatch(id))]
    if not matches:
        return "P1"
    letters, last = matches[-1][1], matches[-1][2]
    highest = max(int(m[2]) for m in matches if m[1] == letters)
    return f"{letters}{highest + 1:0{len(last) if last.startswith('0') else 1}}"


def cite(
    document: Document,
    text: str,
    exact: str,
    *,
    id: str,
    paraphrase: str,
    phrase: str | None = None,
    at: int | None = None,
) -> Passage:
    """The passage that is the exact words. `at`: the place that begins there, of several.

    Raises Several, and Mistake for words that stand nowhere or out of bounds, for a paraphrase that
    repeats more than six words of the document, and for a phrase that is longer or not among them.
    """
    start, end = located(document, text, exact, at)
    here = text[start:end]
    paraphrase = own_words(paraphrase, document, text)
    if phrase is not None:
        phrase = said(phrase, "phrase")
        if len(words(phrase)) > LONGEST:
            raise Mistake(
                f"the phrase has {len(words(phrase))} words: at most {LONGEST} are quoted, so keep "
                "those that are the datum",
                "phrase",
            )
        inside = found(here, phrase)
        if not inside:
            raise Mistake(f"the phrase '{phrase}' is not in the passage", "phrase")
        phrase = " ".join(here[slice(*inside[0])].split())
    return Passage(id, document.id, start, end, digest(here), paraphrase, phrase)


def moved(
    document: Document,
    text: str,
    passage: Passage,
    start: int,
    end: int,
    paraphrase: str | None = None,
) -> Passage:
    """The passage from one place of its document to another, without the white space at its ends;
    `paraphrase`: what it says by now, None for what it said.

    Raises Mistake (of the 'ends') for places out of bounds (those of the whole text for one of the
    page around it), for a phrase that would be left out and where nothing would change, and for a
    paraphrase that repeats more than six words of the document.
    """
    low, high = (0, len(text)) if passage.boilerplate else (document.start, document.end)
    if not low <= start < end <= high:
        whose = "the text goes" if passage.boilerplate else "what the author wrote goes"
        raise Mistake(
            f"{start} to {end} is no stretch of '{document.id}': {whose} from {low} to {high}",
            "ends",
        )
    here = text[start:end].strip()
    if not here:
        raise Mistake(f"nothing but white space stands from {start} to {end}", "ends")
    start += len(text[start:end]) - len(text[start:end].lstrip())
    end = start + len(here)
    if passage.phrase is not None and not found(here, passage.phrase):
        raise Mistake(
            f"the phrase of {passage.id} ('{passage.phrase}') does not stand from {start} to "
            f"{end}: a passage holds its own phrase, so keep it within the ends",
            "ends",
        )
    ours = own_words(passage.paraphrase if paraphrase is None else paraphrase, document, text)
    new = replace(passage, start=start, end=end, sha256=digest(here), paraphrase=ours)
    if new == passage:
        raise Mistake(f"{passage.id} goes from {start} to {end} already", "ends")
    return new


def own_words(paraphrase: str, document: Document, text: str) -> str:
    """What a passage says, in a line of our own words. Raises Mistake."""
    paraphrase = said(paraphrase, "paraphrase")
    if taken := repeated(paraphrase, [text]):
        raise Mistake(
            f"the paraphrase repeats more than {LONGEST} words in a row of '{document.id}' "
            f"('{taken[0]}'): say it in words of your own, for a case that is published holds no "
            "more of a text than that",
            "paraphrase",
        )
    return paraphrase


def located(document: Document, text: str, exact: str, at: int | None) -> tuple[int, int]:
    """The one place of the words in what the author wrote. Raises Several, Mistake."""
    if not exact.strip():
        raise Mistake("the words are empty: give those that the passage is", "words")
    places = found(text, exact, document.start, document.end)
    if not places and (outside := found(text, exact)):
        raise Mistake(
            f"these words stand at {outside[0][0]}, outside what the author wrote "
            f"({document.start} to {document.end}, `text:` of '{document.id}' in sources.yaml)",
            "words",
        )
    if not places:
        near = nearest(exact, text, document, 1)
        hint = f"; the nearest sentence is at {near[0]}" if near else ""
        raise Mistake(f"these words do not stand in '{document.id}'{hint}", "words")
    if at is not None:
        chosen = [p for p in places if p[0] == at]
        if not chosen:
            starts = ", ".join(str(a) for a, _ in places[:12])
            raise Mistake(f"the words do not begin at {at}, but at {starts}", "at")
        return chosen[0]
    if len(places) > 1:
        listed = tuple(place(document, text, a, b) for a, b in places)
        shown = "\n".join(f"  {p}" for p in listed[:20])
        raise Several(
            f"these words stand in {len(places)} places of '{document.id}': say which by its first "
            f"number, or give more words\n{shown}",
            listed,
        )
    return places[0]


def nearest(exact: str, text: str, document: Document, most: int = 3) -> list[Place]:
    """The sentences within the bounds that are most like the words, the most alike first; those
    that share little are none."""
    want = words(exact)
    matcher = difflib.SequenceMatcher(autojunk=False)
    matcher.set_seq2(want)
    scored = []
    for a, b in sentences(text, document.start, document.end):
        matcher.set_seq1(words(text[a:b]))
        if matcher.quick_ratio() > 0.3 and (ratio := matcher.ratio()) > 0.3:
            scored.append((-ratio, a, b))
    return [place(document, text, a, b) for _, a, b in sorted(scored)[:most]]


def said(line: str, argument: str) -> str:
    """One line of text. Raises Mistake."""
    line = line.strip()
    if not line or len(line.splitlines()) > 1 or STRANGE.search(line):
        raise Mistake(f"the {argument} is one line of text, not empty", argument)
    return line


def free(id: str, known: Collection[str]) -> str:
    """The id, which is a plain name and not taken. Raises Mistake."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_.-]{0,39}", id):
        raise Mistake(f"'{id[:60]}' is no id: letters, digits, - and _, as in T14", "id")
    if id in known:
        raise Mistake(f"'{id}' is taken: choose another", "id")
    return id

"""First drafts by rule: the sentences of a text that an analyst may want to take up, and why.

From the text alone, for English. Nothing is decided and nothing written here: a candidate is a
sentence that bears a sign of one of eight kinds (`cues`), with the band of the strongest and the
author's or another's voice (`voices`). Whoever reads it makes a passage of it, or does not.

Left out are lines that hold a web address or begin with a footnote's number: references. In a line
that does not end as sentences do (a heading, a byline) every sign is weak. Of a sentence of more
than 2,000 characters (a table that was pasted) the first 2,000 are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from offramp.sources.cues import BANDS, KINDS, Band, Kind, Sign, names_of, signs
from offramp.sources.estimative import Phrases
from offramp.sources.sentences import Sentence, sentence_at, sentences
from offramp.sources.voices import by_others, quoted

_REFERENCE = re.compile(r"^\s*<sup>|https?://|\bwww\.|^\s*\[\^?\d+\]")

_LONGEST = 2000

Voice = Literal["author", "another"]


@dataclass(frozen=True)
class Candidate:
    """A sentence with signs of one kind, in one voice.

    signs  in the order of the text; `band` and `reason` are those of the strongest, the first of
           equals
    voice  'another' where somebody else says it: a reported view is not the author's judgement
    """

    sentence: Sentence
    kind: Kind
    voice: Voice
    signs: tuple[Sign, ...]

    @property
    def strongest(self) -> Sign:
        return min(self.signs, key=lambda s: BANDS.index(s.band))

    @property
    def band(self) -> Band:
        return self.strongest.band

    @property
    def reason(self) -> str:
        """Why it was picked, in words."""
        more = len(self.signs) - 1
        told = self.strongest.reason + (f", and {more} more" if more else "")
        return told if self.voice == "author" else f"{told}; said by another"


def candidates(
    text: str, start: int, end: int, titles: Iterable[str], phrases: Phrases
) -> Iterator[Candidate]:
    """The candidates between two places of a text, in order of place and then of kind.

    titles   of the actors that the case knows
    phrases  the table of estimative words: the standard one with the case's own over it
    """
    names = names_of(titles, text[start:end])
    marks = quoted(text, start, end)
    for low, high in sentences(text, start, end):
        if _REFERENCE.search(text[low:high]):
            continue
        sentence = sentence_at(text, low, high)
        stop = min(high, low + _LONGEST)
        others = [*marks, *by_others(text, low, stop)]
        found: dict[tuple[Kind, Voice], list[Sign]] = {}
        for sign in signs(text, low, stop, names, phrases):
            asks = text[sign.start : sign.end] == "?"  # it is the author who asks, unless quoted
            reported = any(a <= sign.start < b for a, b in (marks if asks else others))
            voice: Voice = "another" if reported else "author"
            found.setdefault((sign.kind, voice), []).append(_weakened(sign, sentence))
        for kind, voice in sorted(found, key=lambda k: (KINDS.index(k[0]), k[1] != "author")):
            yield Candidate(sentence, kind, voice, tuple(found[kind, voice]))


def _weakened(sign: Sign, sentence: Sentence) -> Sign:
    if sentence.stopped:
        return sign
    return Sign(
        sign.kind,
        "weak",
        sign.start,
        sign.end,
        f"{sign.reason}, in a line without a stop",
        sign.value,
        sign.of,
    )

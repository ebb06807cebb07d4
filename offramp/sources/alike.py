"""A new text beside the documents that a case has: what it repeats, and what differs.

Repeated, nearly word for word, is a stretch of which at least half of the runs of four words
(shingles; Broder 1997) stand in the other text. A sentence of the
tutorial with one word changed at random has it nine times in ten, with two changed half of the time
(python bench/reader.py --compare). Stretches of fewer than eight words are not
judged: too many short sentences are alike by chance.

Whether two texts contradict each other is not decided here, and cannot be by such means. What can
be told is that two sentences name the same actor and share two more words at least that are rare in
these texts (in three sentences, or 3% of them), or that one repeats the other nearly word for word,
and that they give another number of the same thing, another date as exact, or an estimate whose
interval does not meet the other's: a reason to look at both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from offramp.sources.candidates import Candidate, Voice, candidates
from offramp.sources.cues import Sign
from offramp.sources.documents import Document
from offramp.sources.estimative import Phrases
from offramp.sources.passages import Passage, stands
from offramp.sources.quotation import runs, words
from offramp.sources.sentences import Sentence, sentence_at, sentences

SHINGLE = 4  # words
NEAR = 0.5  # of the shingles
SHORTEST = 8  # words that are judged
SHARED = 2  # rare words that two sentences share beside the actor
RARE = 0.03  # of all sentences at most; 3 sentences are always few

Comparable = Literal["number", "date", "estimate"]


@dataclass(frozen=True)
class Cited:
    """A passage of the case that the new text repeats, and how much of it; `sentence` is the one of
    the new text that has most of it."""

    passage: str
    document: str
    share: float
    sentence: Sentence


@dataclass(frozen=True)
class Standing:
    """A sentence of the new text that stands in a document of the case nearly word for word."""

    sentence: Sentence
    document: str
    share: float


@dataclass(frozen=True)
class Difference:
    """Two sentences about the same actor, or nearly the same words, with another number, date or
    estimate: look at both.

    here, there   what each says; `of` is what is counted, or how exact the dates are
    there_voice   'another' where the document reports it
    actors        that both name; none where one sentence repeats the other
    passages      of the case, that touch the document's sentence
    shared        how many rare words the sentences share beside the actor
    """

    kind: Comparable
    sentence: Sentence
    voice: Voice
    here: str
    document: str
    there_sentence: Sentence
    there_voice: Voice
    there: str
    of: str
    actors: tuple[str, ...]
    passages: tuple[str, ...]
    shared: int


@dataclass(frozen=True, kw_only=True)
class TextCompared:
    """A new text beside the documents of a case that are at hand.

    same        the document whose text it is, letter for letter
    against     the documents that it was compared with; `missing` are not at hand, or changed
    sentences   how many the new text has
    unjudged    sentences, and passages, that are too short to be called repeated
    new         candidates in sentences that repeat no document
    """

    case: str
    model_sha256: str | None
    same: str | None
    against: tuple[str, ...]
    missing: tuple[str, ...]
    sentences: int
    unjudged: tuple[int, int]
    passages: tuple[Cited, ...]
    standing: tuple[Standing, ...]
    differences: tuple[Difference, ...]
    new: tuple[Candidate, ...]

    @property
    def look(self) -> tuple[tuple[str, Sentence], ...]:
        """What a person should look at, and why, most pressing first: differences, sentences that
        are no second source, then strong candidates in the author's own voice."""
        found: dict[tuple[str, Sentence], None] = {}
        for d in self.differences:
            why = f"{d.kind}: '{d.here}' here, '{d.there}' in {d.document}"
            found[f"{why}: the same thing?", d.sentence] = None
        for s in self.standing:
            why = f"stands in {s.document} ({s.share:.0%}): no second source for it"
            found[why, s.sentence] = None
        for c in self.new:
            if c.band == "strong" and c.voice == "author" and c.kind != "actor":
                found[f"new, {c.kind}: {c.reason}", c.sentence] = None
        return tuple(found)

    def __repr__(self) -> str:
        return (
            f"<TextCompared with {len(self.against)} documents of {self.case}: "
            f"{len(self.standing)} of {self.sentences} sentences repeated, "
            f"{len(self.differences)} differences to look at>"
        )


@dataclass(frozen=True)
class Said:
    """A sentence with what can be compared of it: the actors it names, its words, its signs."""

    document: str
    sentence: Sentence
    actors: frozenset[str]
    words: frozenset[str]
    shingles: frozenset[tuple[str, ...]]
    signs: tuple[tuple[Voice, Sign], ...]


def shingles(text: str) -> frozenset[tuple[str, ...]]:
    return frozenset(runs(text, SHINGLE))


def share_of(stretch: str, within: frozenset[tuple[str, ...]]) -> float | None:
    """How much of a stretch stands in a text, by its shingles; None where it is too short."""
    if len(words(stretch)) < SHORTEST:
        return None
    own = shingles(stretch)
    return len(own & within) / len(own)


def repeated_passages(
    text: str, passages: Iterable[Passage], texts: Mapping[str, str]
) -> tuple[list[Cited], int]:
    """The passages that a text repeats, and how many were too short to be judged. A passage that
    does not stand where the case says is passed over."""
    whole, found, short = shingles(text), [], 0
    own = [(low, high, shingles(text[low:high])) for low, high in sentences(text, 0, len(text))]
    for p in passages:
        old = texts.get(p.document)
        if old is None or not stands(p, old, p.start):
            continue
        stretch = old[p.start : p.end]
        share = share_of(stretch, whole)
        if share is None:
            short += 1
        elif share >= NEAR:
            parts = shingles(stretch)
            low, high, _ = max(own, key=lambda s: len(s[2] & parts))
            found.append(Cited(p.id, p.document, share, sentence_at(text, low, high)))
    return found, short


def standing_in(text: str, texts: Mapping[str, str]) -> tuple[list[Standing], int]:
    """The sentences of a text that stand in others, each with the first of those that has most of
    it, and how many were too short."""
    known = {id: shingles(old) for id, old in texts.items()}
    found, short = [], 0
    for low, high in sentences(text, 0, len(text)):
        shares = {id: share_of(text[low:high], has) for id, has in known.items()}
        judged = {id: share for id, share in shares.items() if share is not None}
        if not judged:
            short += bool(shares)
            continue
        best = max(judged, key=lambda id: judged[id])
        if judged[best] >= NEAR:
            found.append(Standing(sentence_at(text, low, high), best, judged[best]))
    return found, short


_COMMON = frozenset(
    (
        *("about", "above", "after", "again", "against", "also", "although", "among", "another"),
        *("any", "are", "around", "because", "been", "before", "being", "between", "both", "but"),
        *("can", "could", "did", "does", "during", "each", "either", "even", "every", "few", "for"),
        *("from", "further", "had", "has", "have", "having", "her", "here", "hers", "him", "his"),
        *("how", "however", "into", "its", "itself", "just", "last", "less", "like", "many", "may"),
        *("might", "more", "most", "much", "must", "near", "neither", "never", "new", "next"),
        *("nor", "not", "now", "off", "once", "one", "only", "other", "others", "our", "out"),
        *("over", "own", "said", "same", "say", "says", "she", "should", "since", "some", "still"),
        *("such", "than", "that", "the", "their", "them", "then", "there", "these", "they", "this"),
        *("those", "three", "through", "too", "two", "under", "until", "upon", "very", "was"),
        *("were", "what", "when", "where", "whether", "which", "while", "who", "whom", "whose"),
        *("why", "will", "with", "within", "without", "would", "yet", "year", "years", "day"),
        *("days", "week", "weeks", "month", "months", "and", "you", "your", "all"),
    )
)


def content(text: str, but: Iterable[str]) -> frozenset[str]:
    """The words of a sentence that tell what it is about: of three letters and more, without the
    commonest, those of `but`, and numbers; a plural as its singular."""
    gone = {w for name in but for w in words(name)}
    found = {w for w in words(text) if len(w) > 2 and not any(c.isdigit() for c in w)}
    found = {w for w in found if w not in _COMMON and w not in gone}
    return frozenset(w[:-1] if w.endswith("s") and not w.endswith("ss") else w for w in found)


def said_in(document: str, text: str, drafted: Iterable[Candidate]) -> list[Said]:
    """The sentences that hold something that can be compared."""
    by: dict[Sentence, list[Candidate]] = {}
    for c in drafted:
        by.setdefault(c.sentence, []).append(c)
    found = []
    for sentence, all_ in by.items():
        actors = frozenset(s.value for c in all_ if c.kind == "actor" for s in c.signs)
        told = tuple(
            (c.voice, s) for c in all_ for s in c.signs if s.kind in ("number", "date", "estimate")
        )
        if told:
            line = text[sentence.start : sentence.end]
            has = content(line, actors)
            found.append(Said(document, sentence, actors, has, shingles(line), told))
    return found


def differences(
    new: Iterable[Said], old: Iterable[Said], phrases: Phrases, passages: Iterable[Passage]
) -> list[Difference]:
    """For each sentence and kind the difference with the sentence that shares most words with it,
    those that share most first. A sentence that repeats the value somewhere is no difference."""
    listed, known, fresh = list(passages), list(old), list(new)
    often = Counter(w for s in (*known, *fresh) for w in s.words)
    most = max(3, RARE * (len(known) + len(fresh)))
    found: list[Difference] = []
    for one in fresh:
        best: dict[str, Difference] = {}
        for other in known:
            both = one.actors & other.actors
            shared = sum(often[w] <= most for w in one.words & other.words)
            if not ((both and shared >= SHARED) or _repeats(one, other)):
                continue
            for kind, (voice, here), (there_voice, there) in _unlike(one, other, phrases):
                if kind in best and best[kind].shared >= shared:
                    continue
                touching = tuple(
                    p.id
                    for p in listed
                    if p.document == other.document
                    and p.start < other.sentence.end
                    and other.sentence.start < p.end
                )
                best[kind] = Difference(
                    kind=kind,
                    sentence=one.sentence,
                    voice=voice,
                    here=here.value,
                    document=other.document,
                    there_sentence=other.sentence,
                    there_voice=there_voice,
                    there=there.value,
                    of=here.of,
                    actors=tuple(sorted(both)),
                    passages=touching,
                    shared=shared,
                )
        found += best.values()
    return sorted(found, key=lambda d: (-d.shared, d.sentence.start, d.kind))


def _repeats(one: Said, other: Said) -> bool:
    """Whether a sentence that is long enough has most of its words from another."""
    long = len(one.shingles) > SHORTEST - SHINGLE
    return long and len(one.shingles & other.shingles) >= NEAR * len(one.shingles)


Told = tuple[Voice, Sign]


def _unlike(one: Said, other: Said, phrases: Phrases) -> Iterator[tuple[Comparable, Told, Told]]:
    """Pairs of signs that can be compared and are unlike, where no sign of the other sentence is
    like the one."""
    kinds: tuple[Comparable, ...] = ("number", "date", "estimate")
    for kind in kinds:
        for here in (t for t in one.signs if t[1].kind == kind):
            rest = [t for t in other.signs if t[1].kind == kind]
            rest = [t for t in rest if _same_thing(here[1], t[1], phrases)]
            unlike = [t for t in rest if _differ(kind, here[1], t[1], phrases)]
            if unlike and len(unlike) == len(rest):
                yield kind, here, unlike[0]


def _same_thing(here: Sign, there: Sign, phrases: Phrases) -> bool:
    """Whether two signs can be held against each other: of estimates those that are plainly some,
    and not `will` or `could`, with intervals or one the denial of the other."""
    if here.kind == "estimate":
        firm = here.band == "strong" == there.band
        both = here.value in phrases.table and there.value in phrases.table
        return firm and (both or _denies(here.value, there.value))
    return bool(here.of) and here.of == there.of != "share"


def _differ(kind: Comparable, here: Sign, there: Sign, phrases: Phrases) -> bool:
    if kind == "date":  # `05-10` is in `2031-05-10`
        return not (here.value.endswith(there.value) or there.value.endswith(here.value))
    if kind == "number":
        return here.value != there.value
    return _apart(here.value, there.value, phrases)


def _denies(here: str, there: str) -> bool:
    return here == f"not {there}" or there == f"not {here}"


def _apart(here: str, there: str, phrases: Phrases) -> bool:
    """Whether one denies the words of the other, or their intervals do not meet."""
    if _denies(here, there):
        return True
    a, b = phrases.table.get(here), phrases.table.get(there)
    return a is not None and b is not None and (a.high <= b.low or b.high <= a.low)


def compare_texts(
    text: str,
    *,
    documents: Mapping[str, Document],
    texts: Mapping[str, str],
    passages: Iterable[Passage],
    titles: tuple[str, ...],
    phrases: Phrases,
    case: str,
    model_sha256: str | None,
    same: str | None,
) -> TextCompared:
    """A new text beside the texts at hand, each the one that was cited from, in its bounds."""
    order = sorted(texts, key=lambda id: (documents[id].date, id))
    old = {id: texts[id][documents[id].start : documents[id].end] for id in order}
    cited = list(passages)
    repeats, short_passages = repeated_passages(text, cited, texts)
    standing, short = standing_in(text, old)
    again = {s.sentence.start for s in standing}
    drafted = list(candidates(text, 0, len(text), titles, phrases))
    new = [c for c in drafted if c.sentence.start not in again]
    known: list[Said] = []
    for id in order:
        d = documents[id]
        known += said_in(id, texts[id], candidates(texts[id], d.start, d.end, titles, phrases))
    return TextCompared(
        case=case,
        model_sha256=model_sha256,
        same=same,
        against=tuple(order),
        missing=tuple(id for id in documents if id not in texts),
        sentences=sum(1 for _ in sentences(text, 0, len(text))),
        unjudged=(short, short_passages),
        passages=tuple(repeats),
        standing=tuple(standing),
        differences=tuple(differences(said_in("", text, drafted), known, phrases, cited)),
        new=tuple(new),
    )

"""First drafts by rule: what of a document may be taken up, and a new text beside the others."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from offramp.api.cases import documents_at_hand, text_of
from offramp.api.common import Named
from offramp.case.case import Case, cited_by, load
from offramp.case.cited import Cited, phrases_of
from offramp.errors import Mistake
from offramp.sources.estimative import Phrases
from offramp.text.diagnostics import CaseError, Diagnostics, suggestion

if TYPE_CHECKING:
    from offramp.sources.alike import TextCompared
    from offramp.sources.drafted import Drafts

LONGEST = 500_000  # characters of a new text


def drafts(
    case: Named, document: str, *, kinds: Iterable[str] = (), sources: str | Path | None = None
) -> Drafts:
    """The sentences of a document that an analyst may want to take up, by rule, each with its
    place, its kind, its reason in words, and a band of how strong the sign is. Nothing is written,
    and nothing is simulated; English only (docs/drafts.md).

    document  an id of sources.yaml whose text is at hand
    kinds     only these: estimate, number, date, conditional, cause, actor, recommendation, open
              question; without any, all
    sources   the folder with the documents (default: `documents/` in the case)

    A case that does not check yet has documents too: then no actors are looked for. Raises
    Mistake for a kind that there is not, Unanswerable as `source_text` does.
    """
    from offramp.sources.candidates import candidates
    from offramp.sources.cues import KINDS
    from offramp.sources.drafted import Drafts
    from offramp.sources.sentences import sentences

    wanted = tuple(kinds)
    for kind in wanted:
        if kind not in KINDS:
            help = suggestion(kind, KINDS) or ", ".join(KINDS)
            raise Mistake(f"'{kind[:80]}' is no kind of candidate: {help}", "kinds")
    read = _read(case)
    text = text_of(read, document, sources)
    bounds = read.documents[document]
    titles = _titles(read)
    found = candidates(text, bounds.start, bounds.end, titles, _phrases(read))
    return Drafts(
        case=read.id,
        model_sha256=_model(read),
        document=document,
        sentences=sum(1 for _ in sentences(text, bounds.start, bounds.end)),
        actors=titles,
        candidates=tuple(c for c in found if not wanted or c.kind in wanted),
    )


def compare_text(case: Named, text: str, *, sources: str | Path | None = None) -> TextCompared:
    """A new text beside the documents of a case that are at hand: the passages that it repeats
    nearly word for word, its sentences that stand in a document already, what differs in number,
    date or estimate about the same actor (a reason to look, not a finding), and what is new. The
    last list, `look`, is what a person should look at. By rule, English only (docs/drafts.md).

    text     the new text itself, as a file holds it
    sources  the folder with the documents (default: `documents/` in the case)

    Raises Mistake for an empty text, or one of more than half a million characters.
    """
    from offramp.sources.alike import compare_texts
    from offramp.sources.documents import digest, normalise

    if not text.strip():
        raise Mistake("there is no text in it", "text")
    if len(text) > LONGEST:
        raise Mistake(f"a text of at most {LONGEST:,} characters, and not {len(text):,}", "text")
    new = normalise(text.encode("utf-8", "replace"))
    read = _read(case)
    known = {d.sha256: id for id, d in read.documents.items()}
    at_hand = {
        id: old
        for id, old in documents_at_hand(read, sources).items()
        if digest(old) == read.documents[id].sha256
    }
    return compare_texts(
        new,
        documents=read.documents,
        texts=at_hand,
        passages=[p for p in read.passages.values() if not p.boilerplate],
        titles=_titles(read),
        phrases=_phrases(read),
        case=read.id,
        model_sha256=_model(read),
        same=known.get(digest(new)),
    )


def _read(case: Named) -> Case | Cited:
    """The case; of one that does not check, its documents and passages."""
    if isinstance(case, Case):
        return case
    try:
        return load(case)
    except CaseError:
        if isinstance(case, str | Path):
            return cited_by(case)
        raise


def _titles(read: Case | Cited) -> tuple[str, ...]:
    return tuple(a.title for a in read.crisis.actors) if isinstance(read, Case) else ()


def _model(read: Case | Cited) -> str | None:
    return read.model_sha256 if isinstance(read, Case) else None


def _phrases(read: Case | Cited) -> Phrases:
    """The standard table with the case's own over it."""
    own = read.own_phrases if isinstance(read, Case) else phrases_of(read.texts, Diagnostics())
    return Phrases.standard().overlay(own)

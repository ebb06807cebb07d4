"""First drafts: what of a document may be taken up, by rule or as a language model proposes it; and
a new text beside the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from offramp.api.cases import documents_at_hand, text_of
from offramp.api.common import Named, Progress
from offramp.case.case import Case, cited_by, load
from offramp.case.cited import Cited, phrases_of
from offramp.errors import Mistake, Unanswerable
from offramp.sources.estimative import Phrases
from offramp.text.diagnostics import CaseError, Diagnostics, counted, suggestion

if TYPE_CHECKING:
    from offramp.sources.alike import TextCompared
    from offramp.sources.cues import Kind
    from offramp.sources.drafted import Drafts
    from offramp.sources.proposing import Proposed

LONGEST = 500_000  # characters of a new text
LONGEST_WAIT = 3600  # seconds for a piece


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
    from offramp.sources.drafted import Drafts
    from offramp.sources.sentences import sentences

    wanted = _kinds(kinds)
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
        candidates=tuple(c for c in found if c.kind in wanted),
    )


def propose(
    case: Named,
    document: str,
    *,
    endpoint: str,
    model: str,
    key: str | None = None,
    kinds: Iterable[str] = (),
    sources: str | Path | None = None,
    seconds: float = 300.0,
    allow: Callable[[str], bool] | None = None,
    progress: Progress | None = None,
) -> Proposed:
    """Passages of a document that a language model proposes, at an endpoint that you name. This
    sends the document's own text to that endpoint, in pieces, with the kinds that are asked for;
    nothing else of the case, and nothing to anybody else.

    Kept is what the document holds byte for byte, once, as whole words; every other quotation is
    dropped and counted, and so is whatever else the model says but for its reason, unless that has
    a number. Nothing is written: a candidate is marked (`mark`) as proposed and not read until a
    person makes a passage of it, as with `add_passage` (docs/drafts.md).

    endpoint  the address of an OpenAI-compatible interface: https, or http of this machine
    model     its name there
    key       sent to the endpoint, and neither kept nor shown
    kinds     only these, as of `drafts`
    seconds   for each piece, from the first byte to the last
    allow     is told in one sentence what leaves and for where, before anything does; where it
              gives False nothing is sent
    progress  counts pieces

    Raises Mistake for an argument that does not fit; Unanswerable as `source_text` does, where
    `allow` gave False, and for an endpoint that fails: then nothing is kept of earlier pieces.
    """
    from offramp.api.endpoint import endpoint as endpoint_at
    from offramp.api.endpoint import key_of, post
    from offramp.sources.proposing import Proposed, pieces, request, rows_of, said_in, sifted
    from offramp.text import plain_json
    from offramp.text.tree import STRANGE

    to, secret, wanted = endpoint_at(endpoint), key_of(key), _kinds(kinds)
    if not 0 < len(model) <= 200 or not model.strip() or STRANGE.search(model) or "\n" in model:
        raise Mistake("the model's name is one line of at most 200 characters", "model")
    if not 1 <= seconds <= LONGEST_WAIT:
        raise Mistake(f"from 1 to {LONGEST_WAIT:,} seconds", "seconds")
    read = _read(case)
    text = text_of(read, document, sources)
    known = read.documents[document]
    sent = pieces(text, known.start, known.end)
    if not sent:
        raise Unanswerable(f"there is no sentence in the own text of '{document}'")
    characters = sum(high - low for low, high in sent)
    leaves = (
        f"The own text of '{document}' ({characters:,} characters in "
        f"{counted(len(sent), 'piece')}; licence: {' '.join(known.licence.split())}) goes to the "
        f"model '{model}' at {to.host}{', with your key' if secret else ''}; of the case nothing "
        "else does."
    )
    if allow is not None and not allow(leaves):
        raise Unanswerable("nothing was sent")
    replies = []
    for done, (low, high) in enumerate(sent, 1):
        body = plain_json.text(request(model, text[low:high], wanted)).encode("utf-8")
        replies.append(rows_of(said_in(post(to, body, secret, seconds), to.host)))
        if progress is not None:
            progress(done, len(sent))
    lists = [rows for rows in replies if rows is not None]
    if not lists:
        raise Unanswerable(
            f"the model '{model}' gave no list of quotations, as it was asked to: another model may"
        )
    kept, dropped = sifted(
        text,
        (known.start, known.end),
        lists,
        kinds=wanted,
        passages=[p for p in read.passages.values() if p.document == document],
        secret=secret or "",
    )
    return Proposed(
        case=read.id,
        model_sha256=_model(read),
        document=document,
        by=model,
        host=to.host,
        characters=characters,
        pieces=len(sent),
        unread=len(sent) - len(lists),
        candidates=kept,
        dropped=dropped,
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


def _kinds(given: Iterable[str]) -> tuple[Kind, ...]:
    """The kinds of these names, in their usual order; without any, all. Raises Mistake."""
    from offramp.sources.cues import KINDS

    named = tuple(given)
    for kind in named:
        if kind not in KINDS:
            help = suggestion(kind, KINDS) or ", ".join(KINDS)
            raise Mistake(f"'{kind[:80]}' is no kind of candidate: {help}", "kinds")
    return tuple(k for k in KINDS if not named or k in named)


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

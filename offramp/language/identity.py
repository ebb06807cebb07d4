"""What makes two models the same: a hash over everything that can change an answer.

It covers the expanded crisis with all its numbers, their marks and names; the propositions that
questions ask, their options and the bounds of their scales; and the anchors of the passages.
Spelling (`.10` or `0.1`), order of comments, paraphrases, resolutions and whether a form is
written or expanded do not enter.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from offramp.language.crisis import Actor, Crisis, Event, State, Unknown, field_names
from offramp.language.expressions import SourcedValue
from offramp.language.questions import Question
from offramp.sources.documents import Document
from offramp.sources.passages import Passage
from offramp.text import plain_json

# `sees` is what a player is shown, which changes no world.
_OUTSIDE = {"span", "title", "about", "limits", "readings", "show_until", "sees"}
_NEW_OF_EVENTS = {"agenda", "as_choice", "words"}


def canonical(value: object) -> object:
    """Typed values as plain lists and strings, numbers to the last bit, places left out."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        return float(value).hex()
    if isinstance(value, tuple | list):
        return [canonical(v) for v in value]
    if isinstance(value, SourcedValue):
        return [canonical(value.expression), canonical(value.bases)]
    if isinstance(value, Event | State | Actor | Unknown):
        return _of_noun(_Itself(value))
    names = field_names(value)
    if names:
        return _of_fields(value, names)
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _of_fields(value: object, names: Iterable[str]) -> object:
    body = {name: canonical(getattr(value, name)) for name in names if name not in _OUTSIDE}
    return [type(value).__name__, _as_before(value, body)]


@dataclass(frozen=True, eq=False)
class _Itself:
    """A value that is equal to itself alone, for what is kept of it while it lives."""

    value: object

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and self.value is other.value


@functools.lru_cache(maxsize=8192)
def _of_noun(noun: _Itself) -> object:
    """The same of an event, a quantity, an actor or an unknown: variants of a crisis share most of
    theirs, and each is hashed many times."""
    return _of_fields(noun.value, field_names(noun.value))


def _as_before(value: object, body: dict[str, object]) -> dict[str, object]:
    """As it was hashed before the language learned more, so that a model that does not use what is
    new keeps its hash, and what was sealed with it still verifies."""
    if isinstance(value, Event):
        if len(value.consent) < 2:
            body["consent"] = value.consent[0] if value.consent else None
        return {
            k: v for k, v in body.items() if k not in _NEW_OF_EVENTS or v not in ("", False, [])
        }
    if isinstance(value, Actor) and [a.name for a in value.agendas] in ([], [""]):
        del body["agendas"]
        body["pace"] = canonical(value.agendas[0].pace) if value.agendas else None
    if isinstance(value, Crisis) and value.language == 1:
        del body["language"]
    return body


def dynamics(crisis: Crisis) -> object:
    """What the days of a crisis's worlds depend on, as `canonical` has it: not its last day, nor
    what is shown. With whom beliefs are about, which the model's hash does not tell apart."""
    model = replace(crisis.until(crisis.first), show=())
    return [canonical(model), [b.about for b in crisis.beliefs]]


def model_sha256(
    crisis: Crisis,
    questions: Iterable[Question],
    documents: Iterable[Document],
    passages: Iterable[Passage],
) -> str:
    """The hash of the model as 64 hexadecimal digits."""
    asked = [
        [
            *(q.id, canonical(q.first), canonical(q.last), canonical(q.asks), canonical(q.given)),
            *(q.kind_of, list(q.names), q.ordered, canonical(q.bounds), q.open),
            *([canonical(q.supposes)] if q.supposes else []),  # others keep their hash
        ]
        for q in questions
    ]
    anchors = [[p.id, p.document, p.start, p.end, p.sha256] for p in passages]
    texts = [[d.id, d.sha256] for d in documents]
    payload = [canonical(crisis), asked, anchors, texts]
    data = plain_json.text(payload, ordered=True)
    return hashlib.sha256(data.encode("utf-8")).hexdigest()

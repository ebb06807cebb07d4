"""`watch --json`: what to watch for."""

from __future__ import annotations

import math
from typing import Annotated, TypedDict

from offramp.explain.information import Worth
from offramp.explain.signposts import Collect, Share, Signpost, Signposts, Watchlist, sentence
from offramp.explain.visible import Barred
from offramp.render.json.envelope import Date, Envelope, envelope

SCHEMA = "offramp.watch/1"


class ShareJson(TypedDict):
    """A share of worlds."""

    value: float | None
    mc_error: float | None
    worlds: Annotated[int, "of which it is a share"]


class WorthJson(TypedDict):
    """An expected drop of the Brier score, corrected for luck."""

    drop: float
    mc_error: float | None


class SignJson(TypedDict):
    """A sign, judged among the worlds in which the question is still open on its evening."""

    what: Annotated[str, "EVENT, EVENT.OUTCOME or a quantity"]
    title: str
    kind: Annotated[str, "event or quantity"]
    by: Annotated[Date, "its evening"]
    least: Annotated[float, "times told until then, or the level at which the quantity stands"]
    followed: Annotated[bool, "whether the record of the case would have it"]
    words: str
    sentence: str
    open: Annotated[ShareJson, "share of worlds in which the question is open that evening"]
    before: Annotated[ShareJson, "the answer in these"]
    seen: ShareJson
    if_seen: Annotated[ShareJson, "the answer where it is seen"]
    if_not: ShareJson
    worth: Annotated[WorthJson, "by watching for it alone"]
    beyond: Annotated[WorthJson, "beside the signs before it"]
    useful_from: Annotated[Date, "first evening on which it is worth four fifths of that"]
    by_silence: Annotated[bool, "whether its silence raises the answer"]
    raised: Annotated[
        ShareJson, "as an alarm, when it is first seen or by its silence: share of worlds"
    ]
    then: Annotated[ShareJson, "the answer where it is raised; the rest of them are false alarms"]
    warned: Annotated[ShareJson, "of the worlds with a yes, those in which it is raised before"]
    alarm: Annotated[bool, "whether that answer is above the level of alarm"]


class CollectJson(TypedDict):
    """An unknown that the signs do not tell."""

    unknown: str
    title: str
    worth: Annotated[WorthJson, "of knowing it now; of a number, in which third it lies"]
    left: Annotated[WorthJson, "beside the signs"]
    cites: Annotated[list[str], "passages"]


class BarredJson(TypedDict):
    """What is no sign."""

    what: str
    title: str
    why: str


class WatchlistJson(TypedDict):
    """A question and its signs, each beside those before it."""

    question: str
    text: str
    given: Annotated[str, "its condition in words"]
    window: list[Date]
    answer: Annotated[ShareJson, "in the half of the worlds in which all is measured"]
    brier: Annotated[float | None, "the expected Brier score of that answer"]
    tried: Annotated[int, "signs that were looked at"]
    level: Annotated[float | None, "the answer above which a sign is an alarm"]
    note: Annotated[str, "why nothing can be told; empty otherwise"]
    signs: list[SignJson]
    collect: list[CollectJson]
    barred: list[BarredJson]


class WatchJson(Envelope):
    """What the public would see within some weeks that moves an answer."""

    assessment: str
    first: Date
    last: Date
    evenings: Annotated[list[Date], "on which it is looked"]
    followed: Annotated[bool, "whether the case says how surely events are told"]
    questions: list[WatchlistJson]
    barred: Annotated[list[BarredJson], "what nobody outside can see"]


def plain(s: Signposts) -> WatchJson:
    return {
        **envelope(SCHEMA, s.case, s.model_sha256, s.seed, s.worlds, s.as_of),
        "assessment": s.assessment,
        "first": s.first.isoformat(),
        "last": s.last.isoformat(),
        "evenings": [d.isoformat() for d in s.evenings],
        "followed": s.followed,
        "questions": [_list(w) for w in s.lists],
        "barred": [_barred(b) for b in s.barred],
    }


def _list(w: Watchlist) -> WatchlistJson:
    return {
        "question": w.question.id,
        "text": w.question.text,
        "given": w.question.where,
        "window": [d.isoformat() for d in w.window],
        "answer": _share(w.answer),
        "brier": _finite(w.brier),
        "tried": w.tried,
        "level": _finite(w.level),
        "note": w.note,
        "signs": [_sign(s) for s in w.signs],
        "collect": [_collect(c) for c in w.collect],
        "barred": [_barred(b) for b in w.barred],
    }


def _sign(s: Signpost) -> SignJson:
    seen = s.sign.seen
    return {
        "what": seen.what,
        "title": seen.title,
        "kind": "quantity" if seen.quantity else "event",
        "by": s.sign.by.isoformat(),
        "least": s.sign.least,
        "followed": seen.followed,
        "words": s.sign.words,
        "sentence": sentence(s),
        "open": _share(s.open),
        "before": _share(s.before),
        "seen": _share(s.seen),
        "if_seen": _share(s.if_seen),
        "if_not": _share(s.if_not),
        "worth": _worth(s.drop),
        "beyond": _worth(s.beyond),
        "useful_from": s.useful_from.isoformat(),
        "by_silence": s.by_silence,
        "raised": _share(s.raised),
        "then": _share(s.then),
        "warned": _share(s.warned),
        "alarm": s.alarm,
    }


def _collect(c: Collect) -> CollectJson:
    return {
        "unknown": c.unknown,
        "title": c.title,
        "worth": _worth(c.drop),
        "left": _worth(c.left),
        "cites": list(c.passages),
    }


def _barred(b: Barred) -> BarredJson:
    return {"what": b.what, "title": b.title, "why": b.why}


def _share(s: Share) -> ShareJson:
    return {"value": _finite(s.value), "mc_error": _finite(s.error), "worlds": s.worlds}


def _worth(w: Worth) -> WorthJson:
    return {"drop": w.drop, "mc_error": _finite(w.error)}


def _finite(x: float) -> float | None:
    """None for what could not be told."""
    return x if math.isfinite(x) else None

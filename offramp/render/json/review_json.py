"""`review --json`: a game, looked back on."""

from __future__ import annotations

from typing import Annotated, TypedDict

from offramp.play.instead import Change, Instead
from offramp.play.review import Decided, Distance, Review
from offramp.render.json.envelope import Date, Envelope, envelope

SCHEMA = "offramp.review/1"


class SeatJson(TypedDict):
    """Who held an actor's seat."""

    actor: str
    held: Annotated[str, "person, program, model, nothing, likeliest, any or author"]
    by: Annotated[str, "the assessment or the command; empty for the others"]


class ChangeJson(TypedDict):
    """What differs between a decision as it was made and another."""

    what: Annotated[str, "worth, of the seat's own wants on the last day; or a question"]
    made: float
    other: float
    change: Annotated[float, "other less made, the mean over pairs"]
    mc_error: float


class InsteadJson(TypedDict):
    """What would have come of another decision, the model playing on."""

    other: Annotated[str, "a move, nothing, yes or no"]
    worlds: Annotated[int, "pairs of futures"]
    changes: list[ChangeJson]


class PartJson(TypedDict):
    """A part of the log-odds of the deed against doing nothing; of the likeliest move where nothing
    was done."""

    kind: str
    name: str
    title: str
    odds: float
    passages: list[str]


class DecidedJson(TypedDict):
    """A decision of a seat."""

    day: Date
    seat: str
    about: Annotated[str, "the agenda; empty where the actor has one"]
    event: Annotated[str, "the move, empty for nothing; or what was to be consented to"]
    refused: Annotated[list[str], "who did not consent to it, so that it was not done"]
    consent: Annotated[bool | None, "the answer, where consent was asked; else null"]
    words: Annotated[list[str], "that went along"]
    why: str
    by: Annotated[str, "who answered in the place of the seat's holder; empty for itself"]
    p_model: Annotated[float, "that the model gave it, the opening given"]
    likeliest: Annotated[str, "what the model held most likely: a move, nothing, yes or no"]
    p_likeliest: float
    parts: list[PartJson]
    instead: Annotated[InsteadJson | None, "of the least expected decisions alone"]


class DistanceJson(TypedDict):
    """How far a seat's decisions lie from the model's own play."""

    seat: str
    decisions: int
    log_p: Annotated[float, "joint log-probability of its moves"]
    mean: Annotated[float, "of that where the model decides"]
    sd: float


class UnknownJson(TypedDict):
    """What a seat was not told."""

    seat: str
    day: Annotated[int, "from 0, the case's first"]
    event: str
    outcome: str
    by: Annotated[str, "who did it; empty for nobody"]
    seen: Annotated[bool, "it saw that it happened, and not by whom"]


class WorthJson(TypedDict):
    """What the game was worth to an actor by an author's weights."""

    actor: str
    author: Annotated[str, "'case': by the unknowns of the world that was played"]
    change: float
    sd: Annotated[float, "over draws of what the author leaves open"]
    wants: Annotated[dict[str, float], "by the world that was played alone: of each want"]


class RankJson(TypedDict):
    """What games of the model alone were worth to an actor, from the same morning in the same
    world."""

    actor: str
    worlds: Annotated[int, "how many games"]
    mean: Annotated[float, "of the change, by the unknowns of the world that was played"]
    sd: float
    below: Annotated[float, "the share that was worth less than the game; ties count half"]
    mc_error: Annotated[float, "of that share"]


class CameJson(TypedDict):
    """What a question whose window the game has lived came to."""

    question: str
    met: Annotated[bool, "whether its condition was met"]
    early: Annotated[bool, "decided while its window was still open"]
    value: Annotated[float, "1 or 0; a number; days from the case's first; an option's place"]


class HappenedJson(TypedDict):
    """Something that came about."""

    day: Annotated[int, "from 0, the case's first"]
    event: str
    outcome: str


class SpokenJson(TypedDict):
    """A causal claim whose cause came about; one game neither confirms nor breaks it."""

    claim: str
    author: str
    says: str
    sign: Annotated[str, "which way the claim says the effect goes: +, - or none"]
    cause: Annotated[str, "EVENT or EVENT.OUTCOME"]
    came: Annotated[int, "the day of the cause, from 0"]
    effect: str
    followed: Annotated[int | None, "the day of the effect, if it came then or later"]


class ChangedJson(TypedDict):
    """What the facilitator changed in the crisis."""

    day: Annotated[Date, "from whose morning on"]
    edits: Annotated[list[str], "as in a policy: `rate fog x 6 ? a stormy spring`"]


class ReviewJson(Envelope):
    """A game, looked back on."""

    world: Annotated[int, "which world of the seed was played"]
    first: Date
    last: Date
    days: Annotated[int, "that were played so far"]
    over: bool
    seats: list[SeatJson]
    changed: list[ChangedJson]
    decisions: list[DecidedJson]
    distances: list[DistanceJson]
    unknown: list[UnknownJson]
    worth: list[WorthJson]
    ranks: Annotated[list[RankJson], "empty where the crisis was changed"]
    questions: list[CameJson]
    open: Annotated[list[str], "questions that the game has not decided"]
    claims: list[SpokenJson]
    log: Annotated[list[HappenedJson], "from the case's first day on"]
    unknowns: Annotated[list[float], "of the world, in the order of the crisis; empty till the end"]


def plain(r: Review) -> ReviewJson:
    b = r.begins
    free = None if r.expected is None else r.expected.worlds
    return {
        **envelope(SCHEMA, r.case, b.model_sha256, b.seed, free),
        "world": b.number,
        "first": b.first.isoformat(),
        "last": b.last.isoformat(),
        "days": r.days,
        "over": r.over,
        "seats": [{"actor": s.actor, "held": s.held, "by": s.by} for s in b.seats],
        "changed": [
            {"day": c.date.isoformat(), "edits": [e.words for e in c.edits]} for c in r.changed
        ],
        "decisions": [_decided(d, r.but_for(d)) for d in r.decided],
        "distances": [_distance(d) for d in r.distances],
        "unknown": [
            {
                "seat": seat,
                "day": u.day,
                "event": u.event,
                "outcome": u.outcome,
                "by": u.by,
                "seen": u.seen,
            }
            for seat, some in r.unknown.items()
            for u in some
        ],
        "worth": [
            {
                "actor": w.actor,
                "author": w.author,
                "change": w.change,
                "sd": w.sd,
                "wants": dict(w.wants),
            }
            for w in r.worth
        ],
        "ranks": [
            {
                "actor": k.actor,
                "worlds": k.worlds,
                "mean": k.mean,
                "sd": k.sd,
                "below": k.below,
                "mc_error": k.mc_error,
            }
            for k in r.ranks
        ],
        "questions": [
            {"question": c.question, "met": c.met, "early": c.early, "value": c.value}
            for c in r.came
        ],
        "open": list(r.open),
        "log": [{"day": day, "event": event, "outcome": out} for day, event, out in r.log],
        "unknowns": list(r.unknowns) if r.over else [],
        "claims": [
            {
                "claim": s.claim,
                "author": s.author,
                "says": s.says,
                "sign": s.sign,
                "cause": s.cause,
                "came": s.came,
                "effect": s.effect,
                "followed": s.followed,
            }
            for s in r.spoken
        ],
    }


def _decided(d: Decided, other: Instead | None) -> DecidedJson:
    return {
        "day": d.date.isoformat(),
        "seat": d.seat,
        "about": d.about,
        "event": d.event,
        "refused": list(d.refused),
        "consent": d.yes if d.consent else None,
        "words": list(d.words),
        "why": d.why,
        "by": d.by,
        "p_model": d.p_model,
        "likeliest": d.likeliest[0],
        "p_likeliest": d.likeliest[1],
        "parts": [
            {
                "kind": p.kind,
                "name": p.name,
                "title": p.title,
                "odds": p.mean,
                "passages": list(p.passages),
            }
            for p in d.parts
        ],
        "instead": None
        if other is None
        else {
            "other": other.other,
            "worlds": other.worlds,
            "changes": [_change(c) for c in (other.worth, *other.answers)],
        },
    }


def _change(c: Change) -> ChangeJson:
    return {
        "what": c.what,
        "made": c.made,
        "other": c.other,
        "change": c.change,
        "mc_error": c.error,
    }


def _distance(d: Distance) -> DistanceJson:
    return {
        "seat": d.seat,
        "decisions": d.decisions,
        "log_p": d.log_p,
        "mean": d.mean,
        "sd": d.sd,
    }

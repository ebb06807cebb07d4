"""`check --odds --json`: what each actor may do on one morning, and with which odds."""

from __future__ import annotations

import math
from typing import Annotated, TypedDict

from offramp.explain.motives import Faces, Move
from offramp.explain.odds import Odds
from offramp.render.json.envelope import Date, Envelope, envelope

SCHEMA = "offramp.odds/1"


class OddsPartJson(TypedDict):
    """What speaks for or against a move."""

    kind: Annotated[str, "want, dread, answer, word, cost, forgone, urge or mood"]
    name: str
    title: str
    log_odds: Annotated[float, "natural; mean over the worlds"]
    factor: Annotated[float, "by which it multiplies the odds: exp(log_odds)"]
    passages: list[str]


class OddsMoveJson(TypedDict):
    """A move that the actor has, against doing nothing."""

    event: str
    title: str
    agenda: Annotated[str, "the matters among which it is chosen; empty: one pace for everything"]
    available: Annotated[float, "share of worlds in which it could be chosen"]
    odds: Annotated[float | None, "against doing nothing; null where it could be chosen in none"]
    log_odds: float | None
    chosen: Annotated[float, "probability, given that the actor decides"]
    today: Annotated[float, "probability that it is chosen and done that day"]
    dated: Annotated[bool, "a dated choice of that day: done whatever its odds"]
    parts: list[OddsPartJson]
    cites: list[str]


class FacesJson(TypedDict):
    """An actor on that morning."""

    actor: str
    title: str
    opening: Annotated[float, "probability that it decides about anything that day"]
    precision: float
    nothing: Annotated[float, "probability that it does nothing that day"]
    moves: list[OddsMoveJson]


class OddsJson(Envelope):
    """With `--odds DAY`: what each actor may do that morning, and with which odds."""

    assessment: str
    date: Date
    actors: list[FacesJson]


def plain(o: Odds) -> OddsJson:
    return {
        **envelope(SCHEMA, o.case, o.model_sha256, o.seed, o.worlds, o.as_of),
        "assessment": o.assessment,
        "date": o.date.isoformat(),
        "actors": [_actor(a) for a in o.actors],
    }


def _actor(a: Faces) -> FacesJson:
    return {
        "actor": a.actor,
        "title": a.title,
        "opening": a.opening,
        "precision": a.precision,
        "nothing": a.nothing,
        "moves": [_move(x) for x in a.moves],
    }


def _move(x: Move) -> OddsMoveJson:
    possible = x.available > 0
    return {
        "event": x.event,
        "title": x.title,
        "agenda": x.agenda,
        "available": x.available,
        "odds": math.exp(x.odds) if possible else None,
        "log_odds": x.odds if possible else None,
        "chosen": x.chosen,
        "today": x.today,
        "dated": x.dated,
        "parts": [
            {
                "kind": part.kind,
                "name": part.name,
                "title": part.title,
                "log_odds": part.mean,
                "factor": math.exp(part.mean),
                "passages": list(part.passages),
            }
            for part in x.parts
        ],
        "cites": list(x.cites),
    }

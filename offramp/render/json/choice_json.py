"""`choice --json`: why an actor chose as it did, move by move and part by part."""

from __future__ import annotations

from typing import Annotated, TypedDict

from offramp.explain.motives import Choice
from offramp.render.json.envelope import Date, Envelope, day, envelope

SCHEMA = "offramp.choice/1"


class PartJson(TypedDict):
    """What speaks for or against a move."""

    kind: Annotated[str, "want, dread, answer, word, cost, forgone, urge or mood"]
    name: str
    title: str
    log_odds: Annotated[float, "natural; mean over the worlds"]
    sd: Annotated[float, "between worlds"]
    passages: list[str]


class WordJson(TypedDict):
    """What may go along with a move."""

    event: str
    title: str
    chance: Annotated[float, "probability that it goes along, in view of the move"]


class MoveJson(TypedDict):
    """A move that the actor has, against doing nothing."""

    event: str
    title: str
    reported: bool
    done: Annotated[Date | None, "the day of the deed, where the decision came earlier"]
    dated: Annotated[bool, "a dated choice of that day (`as: choice`): done whatever its odds"]
    agenda: Annotated[str, "the matters among which it is chosen; empty: one pace for everything"]
    opening: Annotated[
        float,
        "probability that the actor decides about these that day; where a dated choice takes the "
        "opening, 0 for the other moves, and its own is the share of worlds in which it does",
    ]
    available: Annotated[float, "share of worlds in which it could be chosen"]
    log_odds: Annotated[float | None, "null where it could be chosen in none"]
    chosen: Annotated[
        float,
        "probability, of worlds in which the actor decides; beside a dated choice, among it and "
        "the moves of its agenda (equation 7)",
    ]
    today: Annotated[float, "probability that it is chosen and done today"]
    words: list[WordJson]
    cites: list[str]
    parts: list[PartJson]


class ChoiceOfJson(Envelope):
    """Why an actor chose as it did on a day; log-odds are against doing nothing."""

    assessment: str
    actor: str
    date: Annotated[Date, "of the decision"]
    asked_on: Annotated[Date, "of the deed that was asked about"]
    note: Annotated[str, "what was decided on another day, and what has its date"]
    worlds_that_lived_the_reports: int
    mc_error: float | None
    opening: Annotated[float, "probability that the actor decides at all that day"]
    precision: Annotated[float, "of the actor's choice (quantal response)"]
    nothing: Annotated[float, "probability of doing nothing"]
    moves: list[MoveJson]
    passages: dict[str, str]


def plain(c: Choice) -> ChoiceOfJson:
    return {
        **envelope(SCHEMA, c.case, c.model_sha256, c.seed, c.worlds, c.as_of),
        "assessment": c.assessment,
        "actor": c.actor,
        "date": c.date.isoformat(),
        "asked_on": (c.asked_on or c.date).isoformat(),
        "note": c.note,
        "worlds_that_lived_the_reports": c.of,
        "mc_error": c.mc_error,
        "opening": c.opening,
        "precision": c.precision,
        "nothing": c.nothing,
        "moves": [
            {
                "event": x.event,
                "title": x.title,
                "reported": x.reported,
                "done": day(x.done),
                "dated": x.dated,
                "agenda": x.agenda,
                "opening": x.opening,
                "available": x.available,
                "log_odds": x.odds if x.available else None,
                "chosen": x.chosen,
                "today": x.today,
                "words": [
                    {"event": w.event, "title": w.title, "chance": w.chance} for w in x.words
                ],
                "cites": list(x.cites),
                "parts": [
                    {
                        "kind": part.kind,
                        "name": part.name,
                        "title": part.title,
                        "log_odds": part.mean,
                        "sd": part.sd,
                        "passages": list(part.passages),
                    }
                    for part in x.parts
                ],
            }
            for x in c.moves
        ],
        "passages": c.paraphrases,
    }

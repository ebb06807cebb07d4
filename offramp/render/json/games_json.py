"""`review --json` of several games."""

from __future__ import annotations

from typing import Annotated, TypedDict

from offramp.play.folded import Folded, Often
from offramp.play.review import Distance, Review
from offramp.render.json.envelope import Date, Envelope, envelope

SCHEMA = "offramp.games/1"


class OftenJson(TypedDict):
    """In how many games something came about."""

    what: Annotated[str, "a question or a move"]
    games: int
    of: Annotated[int, "games that could show it"]
    open: Annotated[int, "of these, that have not decided it yet"]
    model: Annotated[float | None, "share of worlds without players"]


class SeatDistanceJson(TypedDict):
    """A seat's decisions beside the model's own play."""

    seat: str
    decisions: int
    apart: Annotated[float | None, "standard deviations from the model's own play"]
    below: Annotated[float | None, "share of games of the model alone that came out worse for it"]


class GameJson(TypedDict):
    """A game in a line."""

    game: Annotated[str, "the name of its file"]
    seed: int
    world: int
    first: Date
    days: int
    over: bool
    seats: list[SeatDistanceJson]


class GamesJson(Envelope):
    """The games of a class."""

    questions: list[OftenJson]
    deeds: Annotated[list[OftenJson], "moves that seats made at least once"]
    games: list[GameJson]


def plain(f: Folded) -> GamesJson:
    e = f.expected
    sha256 = f.games[0].begins.model_sha256
    return {
        **envelope(SCHEMA, f.case, sha256, e.seed, e.worlds),
        "questions": [_often(o) for o in f.questions],
        "deeds": [_often(o) for o in f.deeds],
        "games": [
            {
                "game": name,
                "seed": g.begins.seed,
                "world": g.begins.number,
                "first": g.begins.first.isoformat(),
                "days": g.days,
                "over": g.over,
                "seats": [_seat(g, d) for d in g.distances],
            }
            for name, g in zip(f.names, f.games, strict=True)
        ],
    }


def _seat(g: Review, d: Distance) -> SeatDistanceJson:
    rank = g.rank(d.seat)
    return {
        "seat": d.seat,
        "decisions": d.decisions,
        "apart": d.apart,
        "below": None if rank is None else rank.below,
    }


def _often(o: Often) -> OftenJson:
    return {"what": o.what, "games": o.games, "of": o.of, "open": o.open, "model": o.model}

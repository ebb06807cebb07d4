"""`gains --json`: each actor's gain or loss, by each author's weights."""

from __future__ import annotations

from typing import Annotated, TypedDict

from offramp.explain.by_author import ByAuthor
from offramp.explain.gains import Gains
from offramp.render.json.envelope import Date, Envelope, envelope

SCHEMA = "offramp.gains/1"


class TermJson(TypedDict):
    """What an actor wants or fears, and its part of the change."""

    name: str
    change: float
    mc_error: float | None
    passages: list[str]


class GainJson(TypedDict):
    """An actor's change of utility in its own unit, which cannot be compared between actors."""

    actor: str
    title: str
    change: float
    mc_error: float | None
    better_off: Annotated[float, "share of worlds in which the actor is better off"]
    standard: Annotated[float, "the change in standard deviations between worlds"]
    verdict: Annotated[str, "gained, lost or even"]
    terms: list[TermJson]


class ByAssessmentJson(TypedDict):
    """The gains by one author's weights."""

    assessment: str
    model_sha256: str
    seed: int
    worlds: int
    left_out: Annotated[list[str], "terms that need more than quantities and are not counted"]
    gains: list[GainJson]


class GainsJson(Envelope):
    """Who gained from one day to another."""

    first: Date
    last: Date
    assessments: list[ByAssessmentJson]


def plain(found: ByAuthor[Gains]) -> GainsJson:
    last = found[0].last
    return {
        **envelope(SCHEMA, found.case.id, found.case.model_sha256, found.seed, found.worlds, last),
        "first": found[0].first.isoformat(),
        "last": last.isoformat(),
        "assessments": [
            {
                "assessment": g.assessment,
                "model_sha256": g.model_sha256,
                "seed": g.seed,
                "worlds": g.worlds,
                "left_out": list(g.left),
                "gains": [
                    {
                        "actor": x.actor,
                        "title": x.title,
                        "change": x.change,
                        "mc_error": x.mc_error,
                        "better_off": x.better_off,
                        "standard": x.standard,
                        "verdict": x.verdict,
                        "terms": [
                            {
                                "name": t.name,
                                "change": t.change,
                                "mc_error": t.mc_error,
                                "passages": list(t.passages),
                            }
                            for t in x.terms
                        ],
                    }
                    for x in g.gains
                ],
            }
            for g in found
        ],
    }

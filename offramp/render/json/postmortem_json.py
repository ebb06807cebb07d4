"""`postmortem --json`: who and what earned the score of a question that has resolved."""

from __future__ import annotations

from typing import Annotated, TypedDict

from offramp.explain.postmortem import Postmortem
from offramp.render.json.envelope import Date, Envelope, day, envelope

SCHEMA = "offramp.postmortem/1"


class EarnedJson(TypedDict):
    """An author's probability of what happened, and what it earned."""

    assessment: str
    probability: float
    mc_error: float | None
    earned_nats: float


class ParameterJson(TypedDict):
    """An unknown one half of which was more right than the whole."""

    what: str
    title: str
    half: str
    nats: float
    error: float | None
    passages: list[str]
    set_by: Annotated[list[str], "authors whose premises set it"]


class PostmortemJson(Envelope):
    """A resolved question: which authors, parameters and passages earned the score."""

    question: str
    text: str
    given: str
    outcome: str
    resolved_on: Date | None
    authors: list[EarnedJson]
    parameters: list[ParameterJson]
    passages: dict[str, str]


def plain(p: Postmortem) -> PostmortemJson:
    return {
        **envelope(SCHEMA, p.case, p.model_sha256, p.seed, p.worlds, p.as_of),
        "question": p.question,
        "text": p.text,
        "given": p.given,
        "outcome": p.outcome.answer,
        "resolved_on": day(p.outcome.on),
        "authors": [
            {
                "assessment": a.assessment,
                "probability": a.probability,
                "mc_error": a.mc_error,
                "earned_nats": a.earned,
            }
            for a in p.authors
        ],
        "parameters": [
            {
                "what": x.what,
                "title": x.title,
                "half": x.half,
                "nats": x.nats,
                "error": x.error,
                "passages": list(x.passages),
                "set_by": list(x.moved_by),
            }
            for x in p.parameters
        ],
        "passages": p.paraphrases,
    }

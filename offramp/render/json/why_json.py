"""`why --json`: what moves an answer, with the passages behind it and some worlds as stories."""

from __future__ import annotations

from typing import Annotated, TypedDict

from offramp.explain.why import Why
from offramp.render.json.envelope import Envelope, envelope

SCHEMA = "offramp.why/1"


class DriverJson(TypedDict):
    """Something that moves the answer."""

    what: str
    title: str
    kind: str
    contrast: str
    difference: Annotated[float, "of the probability between the two sides of the contrast"]
    error: float | None
    distinct: Annotated[bool, "beyond what the Monte Carlo error allows for"]
    passages: list[str]


class StoryJson(TypedDict):
    """One world, in sentences; whether the question came true in it."""

    true: bool
    story: list[str]


class WhyJson(Envelope):
    """What moves the answer to a question of yes or no."""

    turned_worlds: Annotated[int, "simulated with an unknown set low and high"]
    question: str
    probability: float | None
    mc_error: float | None
    given: str
    note: str
    drivers: list[DriverJson]
    passages: Annotated[dict[str, str], "paraphrases by passage"]
    faults: Annotated[dict[str, str], "what the record says against a passage"]
    stories: list[StoryJson]


def plain(w: Why) -> WhyJson:
    return {
        **envelope(SCHEMA, w.case, w.model_sha256, w.seed, w.worlds),
        "turned_worlds": w.turned_worlds,
        "question": w.answer.id,
        "probability": w.answer.probability,
        "mc_error": w.answer.mc_error,
        "given": w.answer.given,
        "note": w.answer.note,
        "drivers": [
            {
                "what": d.what,
                "title": d.title,
                "kind": d.kind,
                "contrast": d.contrast,
                "difference": d.difference,
                "error": d.error,
                "distinct": d.distinct,
                "passages": list(d.passages),
            }
            for d in w.drivers
        ],
        "passages": {p: w.paraphrases.get(p, "") for p in w.passages},
        "faults": w.faults,
        "stories": [{"true": t, "story": list(s)} for t, s in w.stories],
    }

"""`compare --json`: where two authors differ, what carries it, and what later reports say."""

from __future__ import annotations

from typing import Annotated, Any, TypedDict, cast

from offramp.explain.compare import Comparison, Parting, reason
from offramp.render.json.envelope import Date, Envelope, envelope

SCHEMA = "offramp.compare/1"


class CarriedJson(TypedDict):
    """An element that carries a part of a difference."""

    what: str
    title: str
    points: Annotated[float, "of probability"]
    error: float | None
    passages: Annotated[dict[str, list[str]], "by author"]
    sentence: str


class DifferenceJson(TypedDict):
    """A question whose answers differ; the two probabilities stand under the authors' names."""

    question: str
    text: str
    given: str
    difference: float
    mc_error: float | None
    carried_by: list[CarriedJson]
    not_carried_by_one: float


# The two probabilities stand under the names of the authors, which no schema can know.
MORE = {DifferenceJson: float}


class FactorJson(TypedDict):
    """What the reports of after both were written say between the two (nats)."""

    after: Date
    until: Date
    value: float
    mc_error: float | None
    words: str


class DisagreementJson(TypedDict):
    """A point on which the documents differ, and what in the model carries it."""

    id: str
    topic: str
    carried_by: list[str]
    left: str
    sides: Annotated[dict[str, list[str]], "passages by document"]


class CompareJson(Envelope):
    """Two authors side by side on the same reports."""

    first: str
    second: str
    differences: list[DifferenceJson]
    alike: Annotated[list[str], "questions that the Monte Carlo error does not tell apart"]
    log_bayes_factor: FactorJson | None
    disagreements: list[DisagreementJson]
    passages: dict[str, str]
    faults: dict[str, str]


def plain(c: Comparison) -> CompareJson:
    f = c.factor
    first, second = c.first.id, c.second.id
    return {
        **envelope(SCHEMA, c.case, c.model_sha256, c.seed, c.worlds, c.as_of),
        "first": first,
        "second": second,
        "differences": [_difference(c, p) for p in c.partings],
        "alike": list(c.alike),
        "log_bayes_factor": None
        if f is None
        else {
            "after": f.after.isoformat(),
            "until": f.until.isoformat(),
            "value": f.log,
            "mc_error": f.error,
            "words": f.words(first, second),
        },
        "disagreements": [
            {
                "id": d.id,
                "topic": d.topic,
                "carried_by": list(d.carried_by),
                "left": d.left,
                "sides": {s.document: list(s.passages) for s in d.sides},
            }
            for d in c.disagreements
        ],
        "passages": c.paraphrases,
        "faults": c.faults,
    }


def _difference(c: Comparison, p: Parting) -> DifferenceJson:
    first, second = c.first.id, c.second.id
    named: DifferenceJson = {
        "question": p.question,
        "text": p.text,
        "given": p.given,
        "difference": p.difference,
        "mc_error": p.error,
        "carried_by": [
            {
                "what": x.what,
                "title": x.title,
                "points": x.points,
                "error": x.error,
                "passages": {first: list(x.first), second: list(x.second)},
                "sentence": reason(c, x),
            }
            for x in p.carriers
        ],
        "not_carried_by_one": p.rest,
    }
    by_author: dict[str, Any] = {first: p.first, second: p.second}
    return cast("DifferenceJson", {**named, **by_author})

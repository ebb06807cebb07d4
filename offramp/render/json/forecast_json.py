"""`forecast --json`: answers, quantities and choices, each with its window and its condition."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, TypedDict

from offramp.answers.forecast import (
    LEVELS,
    Answer,
    Basis,
    ChoiceAnswer,
    Forecast,
    QuantityAnswer,
    quantile,
)
from offramp.render.json.envelope import Date, Envelope, Number, day, envelope

SCHEMA = "offramp.forecast/1"


class BasisJson(TypedDict):
    """How many numbers behind an answer are stated by a source, sized by its words, or assumed."""

    stated: int
    sized: int
    assumed: int


class ResolutionJson(TypedDict):
    """What the record says."""

    answer: str
    on: Date | None
    source: str


IfJson = TypedDict(
    "IfJson",
    {"if": Annotated[list[str], "the edits under which it is asked; `given` says them in words"]},
)


class UnaskedJson(TypedDict):
    """A question whose `if:` these worlds cannot answer."""

    id: str
    text: str
    given: str
    why: str


class AnswerJson(IfJson):
    """A question of yes or no."""

    id: str
    text: str
    probability: Annotated[float | None, "null where no world meets the condition"]
    mc_error: Annotated[float | None, "Monte Carlo standard error"]
    interval_90: Annotated[list[float] | None, "of the Monte Carlo error alone"]
    worlds: Annotated[int, "that meet the condition"]
    effective: Annotated[float, "how many independent worlds they are worth"]
    window: Annotated[list[Date], "first and last day"]
    words: Annotated[str, "the probability in words"]
    basis: BasisJson
    basis_near: Annotated[BasisJson, "of the elements nearest to the question"]
    cites: Annotated[list[str], "passages"]
    rests_on: Annotated[list[str], "passages"]
    headline: bool
    resolved: ResolutionJson | None
    note: str
    given: Annotated[str, "the condition: the probability is of worlds that meet it"]
    written_later: Annotated[Date | None, "until when the latest document that asks it knew"]


class QuantityJson(IfJson):
    """A question of a number or a date: quantiles by their levels."""

    id: str
    text: str
    window: list[Date]
    given: str
    worlds: int
    unit: str
    quantiles: Annotated[dict[str, Number | str | None], "null: not within the window"]
    quantile_errors: dict[str, float | None]
    effective: float


class OptionJson(TypedDict):
    """One option of a choice."""

    name: str
    probability: float | None
    mc_error: float | None


class ChoiceJson(IfJson):
    """A question with options of which exactly one, or none, comes true."""

    id: str
    text: str
    window: list[Date]
    given: str
    ordered: bool
    options: list[OptionJson]
    none: Annotated[float, "share of worlds in which no option counts"]
    worlds: int
    effective: float
    cites: list[str]
    resolved: ResolutionJson | None


AnswersJson = TypedDict(
    "AnswersJson",
    {
        "title": str,
        "first": Date,
        "last": Date,
        "from": Annotated[Date, "what happens from this day on counts"],
        "answers": list[AnswerJson],
        "quantities": list[QuantityJson],
        "choices": list[ChoiceJson],
        "unasked": Annotated[list[UnaskedJson], "questions whose `if:` is not among these worlds"],
        "collisions": Annotated[dict[str, int], "of quantities set twice in a day, how often"],
    },
)


class ForecastJson(Envelope, AnswersJson):
    """The answers of a case to its questions."""


def plain(f: Forecast) -> ForecastJson:
    return {
        **envelope(SCHEMA, f.case, f.model_sha256, f.seed, f.worlds, f.as_of),
        "title": f.title,
        "first": f.first.isoformat(),
        "last": f.last.isoformat(),
        "from": f.start_from.isoformat(),
        "answers": answers(f),
        "quantities": quantities(f),
        "choices": choices(f),
        "unasked": unasked(f),
        "collisions": dict(f.ensemble.collisions),
    }


def answers(f: Forecast) -> list[AnswerJson]:
    return [
        {
            "id": a.id,
            "text": a.text,
            "probability": a.probability,
            "mc_error": a.mc_error,
            "interval_90": list(a.interval) if a.interval else None,
            "worlds": a.worlds,
            "effective": a.worth,
            "window": [d.isoformat() for d in a.window],
            "words": a.words,
            "basis": _basis(a.basis),
            "basis_near": _basis(a.near),
            "cites": list(a.cites),
            "rests_on": list(a.rests_on),
            "headline": a.headline,
            "resolved": _resolution(f, a),
            "note": a.note,
            "given": a.given,
            "if": list(a.supposes),
            "written_later": day(a.written_later),
        }
        for a in f.answers
    ]


def quantities(f: Forecast) -> list[QuantityJson]:
    return [
        {
            "id": q.id,
            "text": q.text,
            "window": [d.isoformat() for d in q.window],
            "given": q.given,
            "if": list(q.supposes),
            "worlds": f.worlds if q.worlds is None else q.worlds,
            "unit": q.unit,
            "quantiles": {str(p): _number(q, quantile(q.values, p)) for p in LEVELS if q.values},
            "quantile_errors": dict(zip(map(str, LEVELS), q.errors, strict=True))
            if q.values
            else {},
            "effective": q.worth,
        }
        for q in f.quantities
    ]


def choices(f: Forecast) -> list[ChoiceJson]:
    return [
        {
            "id": q.id,
            "text": q.text,
            "window": [d.isoformat() for d in q.window],
            "given": q.given,
            "if": list(q.supposes),
            "ordered": q.ordered,
            "options": [
                {"name": name, "probability": p if q.worlds else None, "mc_error": e}
                for name, p, e in zip(q.options, q.probabilities, q.mc_errors, strict=True)
            ],
            "none": q.none,
            "worlds": q.worlds,
            "effective": q.worth,
            "cites": list(q.cites),
            "resolved": _resolution(f, q),
        }
        for q in f.choices
    ]


def unasked(f: Forecast) -> list[UnaskedJson]:
    return [{"id": u.id, "text": u.text, "given": u.given, "why": u.why} for u in f.unasked]


def _basis(b: Basis) -> BasisJson:
    return {"stated": b.stated, "sized": b.sized, "assumed": b.assumed}


def _resolution(f: Forecast, a: Answer | ChoiceAnswer) -> ResolutionJson | None:
    r = f.recorded(a)
    return None if r is None else {"answer": r.answer, "on": day(r.on), "source": r.source}


def _number(q: QuantityAnswer, value: float) -> float | str | None:
    """A number, or a date; None for a date that does not come within the window."""
    if q.unit != "date":
        return value
    date = dt.date.fromordinal(int(value))
    return date.isoformat() if date <= q.window[1] else None

"""`condition --json`: what the reports say, what the unknowns have become, and the answers."""

from __future__ import annotations

import math
from typing import Annotated, Literal, TypedDict

from offramp.answers.conditioned import Conditioned
from offramp.render.json import forecast_json
from offramp.render.json.envelope import Date, Envelope, day, envelope
from offramp.render.json.forecast_json import AnswerJson, ChoiceJson, QuantityJson, UnaskedJson

SCHEMA = "offramp.condition/1"


class SurpriseJson(TypedDict):
    """The day whose reports the model expected least."""

    date: Date
    surprise: Annotated[float | None, "nats; null after an edit, of days weighed anew"]
    mc_error: float | None
    reports: list[str]


class LearnedJson(TypedDict):
    """An unknown before and after the reports: its 10%, 50% and 90% points, or the probabilities of
    its named values in the order of `options`."""

    name: str
    options: list[str]
    before: list[float]
    after: Annotated[list[float] | None, "null where too few independent worlds are left"]
    effective: float


class DecidedJson(TypedDict):
    """A question that the reports known by the day had decided already."""

    answer: str
    on: Date | None
    rows: Annotated[list[str], "reports"]
    source: str


class ConditionJson(Envelope):
    """A case conditioned on the reports known by a day. Logarithms are natural, errors standard
    errors."""

    assessment: str
    islands: int
    silence: Literal["episode", "daily"]
    reports: list[str]
    log_evidence: float
    mc_error: float | None
    between_islands: Annotated[float, "standard deviation of an island's log evidence"]
    effective_islands: float
    r_hat: float | None
    gap: float
    gap_error: float
    ess: Annotated[float, "effective sample size"]
    ess_by_day: dict[str, float]
    log_evidence_by_day: dict[str, float]
    mc_error_by_day: dict[str, float]
    most_surprising_day: SurpriseJson
    refused: Annotated[str, "why there are no answers; empty where there are"]
    unmixed: Annotated[str, "which unknowns are not told, and why"]
    answers: list[AnswerJson]
    choices: list[ChoiceJson]
    quantities: list[QuantityJson]
    unasked: Annotated[list[UnaskedJson], "questions whose `if:` could no longer begin"]
    unknowns: list[LearnedJson]
    already_decided: dict[str, DecidedJson]


def plain(c: Conditioned) -> ConditionJson:
    p, f = c.posterior, c.forecast
    last, most = p.days[-1], p.most_surprising
    return {
        **envelope(SCHEMA, c.case, c.model_sha256, p.filter.seed, p.worlds, c.as_of),
        "assessment": c.assessment,
        "islands": len(p.islands),
        "silence": "episode" if p.filter.schedule.per_episode else "daily",
        "reports": [r.id for r in c.reports if r.kind in ("event", "quantity")],
        "log_evidence": last.log_evidence,
        "mc_error": last.mc_error,
        "between_islands": last.spread,
        "effective_islands": last.islands,
        "r_hat": last.r_hat,
        "gap": last.gap,
        "gap_error": last.gap_error,
        "ess": last.ess,
        "ess_by_day": {d.date.isoformat(): round(d.ess, 1) for d in p.days},
        "log_evidence_by_day": {d.date.isoformat(): d.log_evidence for d in p.days},
        "mc_error_by_day": {d.date.isoformat(): d.mc_error for d in p.days},
        "most_surprising_day": {
            "date": most.date.isoformat(),
            "surprise": None if math.isnan(most.surprise) else most.surprise,
            "mc_error": most.surprise_error,
            "reports": [
                r.id for r in c.reports if r.first <= most.date <= r.last and r.kind == "event"
            ],
        },
        "refused": c.refused,
        "unmixed": c.unmixed,
        "answers": forecast_json.answers(f) if f else [],
        "choices": forecast_json.choices(f) if f else [],
        "quantities": forecast_json.quantities(f) if f else [],
        "unasked": forecast_json.unasked(f) if f else [],
        "unknowns": [
            {
                "name": u.name,
                "options": list(u.options),
                "before": list(u.before),
                "after": list(u.after) or None,
                "effective": u.worth,
            }
            for u in c.learned
        ],
        "already_decided": {
            id: {"answer": o.answer, "on": day(o.on), "rows": list(o.rows), "source": o.source}
            for id, o in c.decided.items()
        },
    }

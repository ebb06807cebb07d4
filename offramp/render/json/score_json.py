"""`score --json`: every score, against baselines, with what was refused or left unscored."""

from __future__ import annotations

from typing import Annotated, TypedDict

from offramp.answers.scores import Score
from offramp.answers.scoring import BASELINE, WARNING, Scored
from offramp.render.json.envelope import Date, Envelope, day, envelope

SCHEMA = "offramp.score/2"


class ScoreJson(TypedDict):
    """One forecast under one rule; lower is better."""

    question: str
    given: Annotated[str, "the question's condition"]
    as_of: Date
    assessment: str
    rule: Annotated[str, "brier, log, rps, crps (the question's unit), crps_scaled (its scale)"]
    value: float
    outcome: str
    resolved_on: Date
    late: Annotated[bool, "issued after the question's window had opened"]
    floored: bool


class AgainstJson(TypedDict):
    """The mean difference from a baseline, on the questions that both answer; below 0 is better."""

    rule: str
    as_of: Date
    assessment: str
    reference: str
    mean: float
    error: float | None
    questions: int


class UnscoredJson(TypedDict):
    """A forecast without a score."""

    question: str
    given: str
    as_of: Date
    assessment: str
    why: str


class BinJson(TypedDict):
    """Yes-or-no forecasts from `low` up to `high`."""

    low: float
    high: float
    forecasts: int
    questions: int
    mean: float | None
    came_true: Annotated[float | None, "share of these that resolved yes"]


class EvidenceJson(TypedDict):
    """Log evidence (nats) of the days after one, up to another."""

    assessment: str
    after: Date
    until: Date
    log_evidence: float
    mc_error: float | None
    islands: float
    unmixed: str


class OutcomeJson(TypedDict):
    """How a question resolved, or why it is open."""

    question: str
    given: str
    answer: str
    on: Date | None
    how: str
    source: str
    rows: list[str]
    why: str


class WhyJson(TypedDict):
    """A reason and how many forecasts it holds for."""

    why: str
    forecasts: int


class FateJson(TypedDict):
    """A question, and what became of the forecasts of it."""

    question: str
    given: str
    answer: str
    on: Date | None
    scored: int
    unscored: list[WhyJson]


class ScoresJson(Envelope):
    """A case and its assessments scored against the record and against baselines."""

    as_of_days: Annotated[list[Date], "the days of the forecasts"]
    warning: str
    scores: list[ScoreJson]
    baselines: list[ScoreJson]
    against: list[AgainstJson]
    refused: list[UnscoredJson]
    unscored: list[UnscoredJson]
    calibration: dict[str, list[BinJson]]
    evidence: list[EvidenceJson]
    resolutions: list[OutcomeJson]
    questions: list[FateJson]
    findings: list[str]


def plain(s: Scored) -> ScoresJson:
    given = {o.question: o.given for o in s.outcomes.values()}
    of_models = [x for x in s.scores if not x.assessment.startswith(BASELINE)]
    of_baselines = [x for x in s.scores if x.assessment.startswith(BASELINE)]
    return {
        **envelope(SCHEMA, s.case, s.model_sha256, s.seed, s.worlds),
        "as_of_days": [d.isoformat() for d in s.as_of],
        "warning": WARNING,
        "scores": [_score(x, given[x.question]) for x in of_models],
        "baselines": [_score(x, given[x.question]) for x in of_baselines],
        "against": [
            {
                "rule": d.rule,
                "as_of": d.as_of.isoformat(),
                "assessment": d.assessment,
                "reference": d.reference,
                "mean": d.mean,
                "error": d.error,
                "questions": d.questions,
            }
            for d in s.differences
        ],
        "refused": [
            {
                "question": i.question,
                "given": i.given,
                "as_of": i.as_of.isoformat(),
                "assessment": i.assessment,
                "why": i.refused,
            }
            for i in s.issued
            if i.refused
        ],
        "unscored": [
            {
                "question": u.question,
                "given": given.get(u.question, ""),
                "as_of": u.as_of.isoformat(),
                "assessment": u.assessment,
                "why": u.why,
            }
            for u in s.unscored
        ],
        "calibration": {
            name: [
                {
                    "low": b.low,
                    "high": b.high,
                    "forecasts": b.forecasts,
                    "questions": b.questions,
                    "mean": b.mean,
                    "came_true": b.came_true,
                }
                for b in bins
            ]
            for name, bins in s.calibration.items()
        },
        "evidence": [
            {
                "assessment": e.assessment,
                "after": e.after.isoformat(),
                "until": e.until.isoformat(),
                "log_evidence": e.log,
                "mc_error": e.error,
                "islands": e.islands,
                "unmixed": e.unmixed,
            }
            for e in s.evidence
        ],
        "resolutions": [
            {
                "question": o.question,
                "given": o.given,
                "answer": o.answer,
                "on": day(o.on),
                "how": o.how,
                "source": o.source,
                "rows": list(o.rows),
                "why": o.why,
            }
            for o in s.outcomes.values()
        ],
        "questions": [
            {
                "question": f.outcome.question,
                "given": f.outcome.given,
                "answer": f.outcome.answer,
                "on": day(f.outcome.on),
                "scored": f.scored,
                "unscored": [{"why": why, "forecasts": n} for why, n in f.unscored],
            }
            for f in s.fates
        ],
        "findings": [str(d) for d in s.disagreements],
    }


def _score(x: Score, given: str) -> ScoreJson:
    return {
        "question": x.question,
        "given": given,
        "as_of": x.as_of.isoformat(),
        "assessment": x.assessment,
        "rule": x.rule,
        "value": x.value,
        "outcome": x.outcome,
        "resolved_on": x.resolved_on.isoformat(),
        "late": x.late,
        "floored": x.floored,
    }

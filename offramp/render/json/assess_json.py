"""`assess --json`: authors' judgements beside what their own premises imply."""

from __future__ import annotations

from typing import Annotated, TypedDict

from offramp.explain.assess import Assessed, Coherence
from offramp.explain.by_author import ByAuthor
from offramp.render.json.envelope import Date, Envelope, envelope

SCHEMA = "offramp.assess/1"


class MovedJson(TypedDict):
    """An unknown that a tilt to the judgement moves."""

    unknown: str
    value: Annotated[str, "of an unknown of named values: which"]
    before: float
    after: float
    move_sd: Annotated[float, "in standard deviations of the premises"]


class JudgementJson(TypedDict):
    """A judgement, and what the author's premises imply."""

    id: Annotated[str, "the passage"]
    verdict: str
    question: str | None
    text: str
    given: str
    phrase: Annotated[str, "the estimative words of the passage"]
    interval: Annotated[list[float] | None, "10% and 90% points of the probability meant"]
    implied: float | None
    mc_error: float | None
    cost_nats: Annotated[float | None, "of tilting the premises to the centre of the interval"]
    explained: Annotated[float | None, "share of deviance that the unknowns explain"]
    note: str
    rests_on: list[MovedJson]


class AuthorJson(TypedDict):
    """One author, conditioned on the reports until `knew_until`."""

    assessment: str
    document: str | None
    date: Date
    date_precision: str
    knew_until: Date
    model_sha256: str
    seed: int
    worlds: int
    log_evidence: float
    mc_error: float | None
    judgements: list[JudgementJson]


class AssessJson(Envelope):
    """Whether authors' premises imply their own judgements, each as of the day it knew."""

    assessments: list[AuthorJson]


def plain(found: ByAuthor[Assessed]) -> AssessJson:
    return {
        **envelope(SCHEMA, found.case.id, found.case.model_sha256, found.seed, found.worlds),
        "assessments": [_author(a) for a in found],
    }


def _author(found: Assessed) -> AuthorJson:
    a, p = found.assessment, found.conditioned.posterior
    return {
        "assessment": a.id,
        "document": a.document,
        "date": a.date.isoformat(),
        "date_precision": a.precision,
        "knew_until": a.knew.isoformat(),
        "model_sha256": found.conditioned.model_sha256,
        "seed": p.filter.seed,
        "worlds": p.worlds,
        "log_evidence": p.days[-1].log_evidence,
        "mc_error": p.days[-1].mc_error,
        "judgements": [_judgement(r) for r in found.judgements],
    }


def _judgement(r: Coherence) -> JudgementJson:
    j = r.judgement
    return {
        "id": j.passage,
        "verdict": r.verdict,
        "question": j.question,
        "text": r.text,
        "given": r.given,
        "phrase": j.phrase,
        "interval": None if j.low is None or j.high is None else [j.low, j.high],
        "implied": r.implied,
        "mc_error": r.mc_error,
        "cost_nats": r.cost,
        "explained": r.explained,
        "note": r.note,
        "rests_on": [
            {
                "unknown": x.unknown,
                "value": x.value,
                "before": x.before,
                "after": x.after,
                "move_sd": x.move,
            }
            for x in r.rests_on
        ],
    }

"""`reach --json`: whether the model can hold what authors judge, at some setting."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, TypedDict

from offramp.explain.by_author import ByAuthor
from offramp.explain.reach import Reach, counts_of
from offramp.render.json.envelope import Envelope, envelope

SCHEMA = "offramp.reach/1"


class SetJson(TypedDict):
    """An unknown away from its median."""

    unknown: str
    quantile: Annotated[float, "of its prior under the author's premises"]
    value: str


class ReachJson(TypedDict):
    """A judgement, and a setting at which the model gives it, or the range that was attained."""

    id: Annotated[str, "the passage"]
    assessment: str
    document: str | None
    status: Annotated[str, "reachable, out of reach, premise or inexpressible"]
    question: str | None
    given: str
    interval: list[float] | None
    probability: Annotated[float | None, "at the setting, on fresh dice"]
    mc_error: float | None
    clear: Annotated[
        bool | None, "inside the interval, or outside at every setting tried, by two errors"
    ]
    setting: list[SetJson]
    range: Annotated[list[float] | None, "lowest and highest probability of any setting tried"]
    settings_tried: int
    reason: str


class ReachesJson(Envelope):
    """Whether the model can hold what its authors judge; no report is used."""

    model_sha256_under: Annotated[dict[str, str], "of the case under each author's premises"]
    counts: dict[str, int]
    counts_of_documents: dict[str, int]
    judgements: list[ReachJson]


def plain(found: ByAuthor[Reach]) -> ReachesJson:
    case = found.case
    of, names = case.assessments, dict.fromkeys(r.assessment for r in found)
    where = {q.id: q.where for q in case.questions}
    return {
        **envelope(SCHEMA, case.id, case.model_sha256, found.seed, found.worlds),
        "model_sha256_under": {name: case.under(name).model_sha256 for name in names},
        "counts": _counts(found),
        "counts_of_documents": _counts(r for r in found if of[r.assessment].document),
        "judgements": [
            {
                "id": r.judgement.passage,
                "assessment": r.assessment,
                "document": of[r.assessment].document,
                "status": r.status,
                "question": r.judgement.question,
                "given": where.get(r.judgement.question or "", ""),
                "interval": None
                if r.judgement.low is None or r.judgement.high is None
                else [r.judgement.low, r.judgement.high],
                "probability": r.probability,
                "mc_error": r.mc_error,
                "clear": r.clear if r.range is not None else None,
                "setting": [
                    {"unknown": x.unknown, "quantile": x.quantile, "value": x.value}
                    for x in r.setting
                ],
                "range": None if r.range is None else list(r.range),
                "settings_tried": r.tried,
                "reason": r.reason,
            }
            for r in found
        ],
    }


def _counts(rows: Iterable[Reach]) -> dict[str, int]:
    return {str(status): n for status, n in counts_of(rows).items()}

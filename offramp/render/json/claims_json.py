"""`claims --json`: whether the model says what its authors say causes what."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, TypedDict

from offramp.case.causal import CausalClaim
from offramp.explain.claim_tests import Examination, Status, Tested
from offramp.render.json.envelope import Date, Envelope, envelope
from offramp.text.plain_json import known

SCHEMA = "offramp.claims/1"
STATUSES: tuple[Status, ...] = ("holds", "fails", "inexpressible")


class BesideJson(TypedDict):
    """A second pair of arms, whose effect is taken off that of the first."""

    do_high: list[str]
    do_low: list[str]
    window: list[Date]
    high: float | None
    low: float | None


class ClaimJson(TypedDict):
    """A causal claim, its cause turned up and down on the same dice."""

    id: Annotated[str, "the passage"]
    author: str
    status: str
    says: str
    sign: str | None
    strength: str | None
    because: str
    do_high: list[str] | None
    do_low: list[str] | None
    effect_text: str | None
    given: str | None
    window: list[Date]
    unit: str | None
    effect: Annotated[float | None, "high less low; less the same of the pair beside it"]
    mc_error: float | None
    size: Annotated[float | None, "Cohen's d"]
    size_error: float | None
    high: float | None
    low: float | None
    worlds: int
    changed: Annotated[int, "worlds in which the effect is not 0"]
    reason: str
    fails_by: Annotated[
        Literal["", "structure", "size", "untold"],
        "what kind of reason; untold: it cannot be told from so many worlds",
    ]
    note: str
    stronger_than_said: str | None
    within_error_of_the_bound: bool
    passages: list[str]
    beside: BesideJson | None
    effective: Annotated[
        float | None, "of an integrated effect, how many worlds it rests on; null for a counted one"
    ]


class SummaryJson(TypedDict):
    """Counts."""

    claims: int
    tested: int
    holds: int
    fails: int
    inexpressible: int
    stronger_than_said: int
    within_error_of_the_bound: int
    expected_false_holds: Annotated[float, "an upper bound, if no claim had an effect"]
    authors: dict[str, dict[str, int]]


class ClaimsJson(Envelope):
    """Claims put to a case; `worlds` in each arm, without reports."""

    worlds_of_beliefs: int
    arms: int
    claims: list[ClaimJson]
    summary: SummaryJson


def plain(x: Examination) -> ClaimsJson:
    return {
        **envelope(SCHEMA, x.case, x.model_sha256, x.seed, x.worlds),
        "worlds_of_beliefs": x.believed,
        "arms": x.arms,
        "claims": [_claim(t) for t in x.tests],
        "summary": {
            "claims": len(x.tests),
            "tested": len(x.tests) - x.count("inexpressible"),
            "holds": x.count("holds"),
            "fails": x.count("fails"),
            "inexpressible": x.count("inexpressible"),
            "stronger_than_said": sum(bool(t.stronger) for t in x.tests),
            "within_error_of_the_bound": sum(t.edge for t in x.tests),
            "expected_false_holds": x.false_holds,
            "authors": {
                author: {
                    status: sum(t.status == status for t in x.tests if t.claim.author == author)
                    for status in STATUSES
                }
                for author in dict.fromkeys(t.claim.author for t in x.tests)
            },
        },
    }


def _claim(t: Tested) -> ClaimJson:
    claim, e, q = t.claim, t.effect, t.claim.question
    sized = e is not None and known(e.size) is not None
    return {
        "id": claim.id,
        "author": claim.author,
        "status": t.status,
        "says": claim.says,
        "sign": claim.sign if q else None,
        "strength": claim.strength or None,
        "because": claim.because,
        "do_high": [edit.words for edit in claim.high] if q else None,
        "do_low": [edit.words for edit in claim.low] if q else None,
        "effect_text": q.asks.text if q else None,
        "given": q.given.text if q and q.given else None,
        "window": [day.isoformat() for day in _window(claim)],
        "unit": t.unit or None,
        "effect": e.difference if e else None,
        "mc_error": known(e.error) if e else None,
        "size": e.size if e and sized else None,
        "size_error": known(e.size_error) if e and sized else None,
        "high": e.high if e else None,
        "low": e.low if e else None,
        "worlds": e.worlds if e else 0,
        "changed": e.changed if e else 0,
        "reason": t.reason,
        "fails_by": t.by,
        "note": t.note,
        "stronger_than_said": t.stronger or None,
        "within_error_of_the_bound": t.edge,
        "passages": list(t.passages),
        "beside": _beside(t),
        "effective": e.effective if e else None,
    }


def _beside(t: Tested) -> BesideJson | None:
    pair = t.claim.beside
    if pair is None:
        return None
    means = t.effect.beside if t.effect else None
    return {
        "do_high": [edit.words for edit in pair.high],
        "do_low": [edit.words for edit in pair.low],
        "window": [day.isoformat() for day in (pair.question.first, pair.question.last)],
        "high": means[0] if means else None,
        "low": means[1] if means else None,
    }


def _window(claim: CausalClaim) -> tuple[dt.date, ...]:
    return (claim.question.first, claim.question.last) if claim.question else ()

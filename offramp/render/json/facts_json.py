"""`facts --json`: stylised facts, each with what the model gives and its verdict."""

from __future__ import annotations

from typing import Annotated, TypedDict

from offramp.explain.plausibility import Plausibility, Tried
from offramp.render.json.envelope import Date, Envelope, envelope
from offramp.text.plain_json import known

SCHEMA = "offramp.facts/1"


class FactJson(TypedDict):
    """A fact: a statistic of simulated worlds beside its bounds."""

    id: str
    says: str
    statistic: Annotated[str, "with its days, and with the edits of its arms"]
    bounded_by: Annotated[str, "passage, record, base rate, literature or sense"]
    cites: Annotated[list[str], "passages"]
    source: str
    window: list[Date]
    edits: Annotated[list[list[str]], "of the arm, or of the two that are compared"]
    low: Annotated[float | None, "null where open"]
    high: Annotated[float | None, "null where open"]
    because: Annotated[str, "why these bounds"]
    value: Annotated[float | None, "null where too little was seen"]
    mc_error: Annotated[float | None, "bootstrap over worlds"]
    arms: Annotated[list[float], "the value in each arm"]
    seen: Annotated[int, "occurrences or worlds that it stands on"]
    verdict: Annotated[str, "fits, near (within two errors), wrong or too few"]
    hindsight: Annotated[bool, "uses what was known only later: not counted"]


class FactCountsJson(TypedDict):
    """Counts of the facts without hindsight."""

    facts: int
    fits: int
    near: int
    wrong: int
    too_few: int


class FactsJson(Envelope):
    """Whether the model behaves as such crises do; `worlds` in each arm, without reports."""

    arms: int
    facts: list[FactJson]
    summary: FactCountsJson


def plain(p: Plausibility) -> FactsJson:
    return {
        **envelope(SCHEMA, p.case, p.model_sha256, p.seed, p.worlds),
        "arms": p.arms,
        "facts": [_fact(t) for t in p.facts],
        "summary": {
            "facts": len(p.counted),
            "fits": p.count("fits"),
            "near": p.count("near"),
            "wrong": p.count("wrong"),
            "too_few": p.count("too few"),
        },
    }


def _fact(t: Tried) -> FactJson:
    f = t.fact
    return {
        "id": f.id,
        "says": f.says,
        "statistic": f.words,
        "bounded_by": f.bounded_by,
        "cites": list(f.cites),
        "source": f.source,
        "window": [f.first.isoformat(), f.last.isoformat()],
        "edits": [[e.words for e in arm] for arm in f.arms],
        "low": known(f.low),
        "high": known(f.high),
        "because": f.because,
        "value": t.value,
        "mc_error": t.error,
        "arms": list(t.arms),
        "seen": t.seen,
        "verdict": t.verdict,
        "hindsight": f.hindsight,
    }

"""`sensitivity --json`: what answers depend on, by shares, ranks, one at a time and boxes."""

from __future__ import annotations

import datetime as dt
import math
from typing import Annotated, TypedDict

from offramp.explain.discovery import Box
from offramp.explain.sensitivity import Dependence, Factor, Sensitivity, words_of
from offramp.render.json.envelope import Envelope, Number, envelope

SCHEMA = "offramp.sensitivity/1"


class SizesJson(TypedDict):
    """Worlds by what they were for."""

    rows: int
    free: int
    held: int


class FactorJson(TypedDict):
    """An unknown, or chance itself."""

    name: str
    title: str
    values: list[str]


class SharesJson(TypedDict):
    """Shares of the answer's variance."""

    unknowns: float
    chance: float
    both: float


class SobolJson(TypedDict):
    """Sobol's indices with 95% half-widths."""

    factor: str
    first: float
    first_conf: float
    total: float
    total_conf: float
    told_from_0: bool


class RankJson(TypedDict):
    """Rank correlations."""

    factor: str
    value: str
    spearman: float
    interval_95: list[float]
    partial: float
    told_from_0: bool


class HeldJson(TypedDict):
    """The answer with one unknown at two values, all else as drawn."""

    factor: str
    at: list[str]
    answer: list[float]
    difference: float
    error: float | None
    told_from_0: bool


class SearchedJson(TypedDict):
    """A box on the worlds that chose it: it flatters."""

    density: float
    coverage: float
    mass: float
    base: float
    worlds: int


class LimitJson(TypedDict):
    """A limit of a box on one unknown."""

    factor: str
    low: float | None
    high: float | None
    values: list[str] | None
    work: float


class BoxJson(TypedDict):
    """A region of the unknowns in which the question comes true more often, on held-out worlds."""

    density: float
    coverage: float
    mass: float
    base: float
    density_interval_90: list[float]
    held_out_worlds: int
    held_out_inside: int
    stands: bool
    searched: SearchedJson
    dimensions: int
    limits: list[LimitJson]
    words: str


class DependenceJson(TypedDict):
    """A question and what its answer depends on."""

    id: str
    text: str
    given: str
    kind: str
    probability: float | None
    mean: Number | str | None
    mc_error: float | None
    counted: int
    true: int | None
    shares: SharesJson | None
    sobol: list[SobolJson]
    ranks: list[RankJson]
    oat: Annotated[list[HeldJson], "one at a time"]
    box: BoxJson | None
    rare: bool
    note: str


class SensitivityJson(Envelope):
    """What answers depend on, in free worlds."""

    sizes: SizesJson
    factors: list[FactorJson]
    questions: list[DependenceJson]


def plain(s: Sensitivity) -> SensitivityJson:
    return {
        **envelope(SCHEMA, s.case.id, s.case.model_sha256, s.seed, s.worlds),
        "sizes": {"rows": s.rows, "free": s.free, "held": s.at_each},
        "factors": [{"name": f.name, "title": f.title, "values": list(f.names)} for f in s.factors],
        "questions": [_dependence(d, s.factors) for d in s.answers],
    }


def _dependence(d: Dependence, factors: tuple[Factor, ...]) -> DependenceJson:
    date = d.question.kind_of == "date" and not math.isnan(d.value)
    value = None if math.isnan(d.value) else d.value
    chance = d.chance
    return {
        "id": d.question.id,
        "text": d.question.text,
        "given": d.question.where,
        "kind": d.question.kind_of,
        "probability": value if d.question.binary else None,
        "mean": None
        if d.question.binary
        else dt.date.fromordinal(round(d.value)).isoformat()
        if date
        else value,
        "mc_error": None if math.isnan(d.error) else d.error,
        "counted": d.counted,
        "true": d.true if d.question.binary else None,
        "shares": None
        if chance is None
        else {
            "unknowns": 1.0 - chance.total,
            "chance": chance.first,
            "both": chance.total - chance.first,
        },
        "sobol": [
            {
                "factor": i.factor,
                "first": i.first,
                "first_conf": i.first_conf,
                "total": i.total,
                "total_conf": i.total_conf,
                "told_from_0": i.told,
            }
            for i in d.indices
        ],
        "ranks": [
            {
                "factor": r.factor,
                "value": r.value,
                "spearman": r.spearman,
                "interval_95": list(r.interval),
                "partial": r.partial,
                "told_from_0": r.told,
            }
            for r in d.ranks
        ],
        "oat": [
            {
                "factor": h.factor,
                "at": [h.at_low, h.at_high],
                "answer": [h.low, h.high],
                "difference": h.difference,
                "error": h.error,
                "told_from_0": h.told,
            }
            for h in d.held
        ],
        "box": None if d.box is None else _box(d, d.box, factors),
        "rare": d.rare,
        "note": d.note,
    }


def _box(d: Dependence, box: Box, factors: tuple[Factor, ...]) -> BoxJson:
    m, flattered = box.held_out, box.searched
    return {
        "density": m.density,
        "coverage": m.coverage,
        "mass": m.mass,
        "base": m.base,
        "density_interval_90": list(m.interval),
        "held_out_worlds": m.worlds,
        "held_out_inside": m.inside,
        "stands": box.stands,
        "searched": {
            "density": flattered.density,
            "coverage": flattered.coverage,
            "mass": flattered.mass,
            "base": flattered.base,
            "worlds": flattered.worlds,
        },
        "dimensions": len(box.limits),
        "limits": [
            {
                "factor": factors[o.column].name,
                "low": o.low,
                "high": o.high,
                "values": None
                if o.values is None
                else [factors[o.column].names[v] for v in o.values],
                "work": o.work,
            }
            for o in box.limits
        ],
        "words": words_of(d, factors),
    }

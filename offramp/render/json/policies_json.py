"""`policies --json`: recommendations under every author and loss, with regret."""

from __future__ import annotations

from typing import Annotated, NotRequired, TypedDict

from offramp.explain.regret import TIE
from offramp.explain.robustness import Compared
from offramp.render.json.envelope import Date, Envelope, envelope

SCHEMA = "offramp.policies/1"


class WeighedJson(TypedDict):
    """An author whose worlds were used."""

    name: str
    worlds: int
    effective: float


class LeftOutJson(TypedDict):
    """An author whose worlds were not."""

    assessment: str
    reason: str


class PolicyJson(TypedDict):
    """A recommendation as edits of the model."""

    id: str
    name: str
    addressee: list[str]
    cites: list[str]
    edits: list[str]
    same_edits_as: str | None
    note: str


class InexpressibleJson(TypedDict):
    """A recommendation that the model cannot state."""

    id: str
    name: str
    cites: list[str]
    reason: str


class LossJson(TypedDict):
    """Somebody's interest as a sum of terms; lower is better."""

    id: str
    name: str
    about: str
    of: list[str]
    cites: list[str]
    sum: dict[str, str]


class TermJson(TypedDict):
    """A term of a loss, from as it is."""

    name: str
    difference: float
    mc_error: float | None


class CellJson(TypedDict):
    """A policy under one loss and one author; errors are of paired differences."""

    loss: str
    policy: str
    assessment: str
    mean: float
    difference: Annotated[float, "from as it is"]
    mc_error: float | None
    regret: float
    regret_mc_error: float
    near_best: Annotated[bool, "within two errors of the best"]
    terms: list[TermJson]


class StandingJson(TypedDict):
    """A policy over all authors."""

    loss: str
    policy: str
    max_regret: float
    mc_error: float | None
    at: Annotated[str, "the author under whom it is largest"]
    best_there: str
    near_best: float
    tied_with_minimax: bool


class OwnJson(TypedDict):
    """A policy among those that the loss's own actors can carry out."""

    loss: str
    policy: str
    max_regret: float
    mc_error: float | None
    at: str
    near_best: float
    minimax: bool
    tied_with_minimax: bool


class PriceJson(TypedDict):
    """A term of another loss that rises under a policy."""

    loss: str
    term: str
    difference: float


class AboutLossJson(TypedDict):
    """A result that is about the loss, about the world, or both."""

    kind: str
    policies: list[str]
    losses: NotRequired[list[str]]
    prices: NotRequired[list[PriceJson]]
    text: str


class FlipJson(TypedDict):
    """An unknown whose two halves rank two policies the opposite way."""

    loss: str
    policies: list[str]
    unknown: str
    split: str
    low: float
    low_mc_error: float
    high: float
    high_mc_error: float
    firm: Annotated[bool, "also after allowing for the number of splits (Bonferroni)"]
    text: str


class PoliciesJson(Envelope):
    """Policies compared on the same worlds."""

    window: Annotated[list[Date], "in which policies act and losses count"]
    assessments: list[WeighedJson]
    left_out: list[LeftOutJson]
    policies: list[PolicyJson]
    inexpressible: list[InexpressibleJson]
    losses: list[LossJson]
    tie_errors: Annotated[float, "errors within which two policies tie"]
    table: list[CellJson]
    standings: list[StandingJson]
    own: list[OwnJson]
    minimax: Annotated[dict[str, str], "by loss"]
    ties: dict[str, list[str]]
    about_loss: list[AboutLossJson]
    flips: list[FlipJson]
    splits_looked_at: int


def plain(c: Compared) -> PoliciesJson:
    names = [p.id for p in c.rows]
    return {
        **envelope(SCHEMA, c.case, c.model_sha256, c.seed, c.worlds, c.as_of),
        "window": [c.begins.isoformat(), c.last.isoformat()],
        "assessments": [
            {"name": name, "worlds": n, "effective": effective}
            for name, n, effective in c.assessments
        ],
        "left_out": [{"assessment": name, "reason": why} for name, why in c.left_out],
        "policies": [
            {
                "id": p.id,
                "name": p.name,
                "addressee": list(p.addressee),
                "cites": list(p.cites),
                "edits": [e.words for e in p.edits],
                "same_edits_as": names[c.groups[i]] if c.groups[i] != i else None,
                "note": p.note,
            }
            for i, p in enumerate(c.rows)
        ],
        "inexpressible": [
            {"id": p.id, "name": p.name, "cites": list(p.cites), "reason": p.inexpressible}
            for p in c.agenda.policies
            if p.inexpressible
        ],
        "losses": [
            {
                "id": x.id,
                "name": x.name,
                "about": x.about,
                "of": list(x.of),
                "cites": list(x.cites),
                "sum": {t.name: t.amount.text for t in x.terms},
            }
            for x in c.agenda.losses
        ],
        "tie_errors": TIE,
        "table": [
            {
                "loss": x.loss,
                "policy": x.policy,
                "assessment": x.assessment,
                "mean": x.mean,
                "difference": x.difference,
                "mc_error": x.mc_error,
                "regret": x.regret,
                "regret_mc_error": x.regret_error,
                "near_best": x.near_best,
                "terms": [
                    {"name": p.name, "difference": p.difference, "mc_error": p.mc_error}
                    for p in x.parts
                ],
            }
            for x in c.cells
        ],
        "standings": [
            {
                "loss": s.loss,
                "policy": s.policy,
                "max_regret": s.max_regret,
                "mc_error": s.max_regret_error,
                "at": s.at,
                "best_there": s.rival,
                "near_best": s.near_best_share,
                "tied_with_minimax": s.tied,
            }
            for s in c.standings
        ],
        "own": [
            {
                "loss": s.loss,
                "policy": s.policy,
                "max_regret": s.max_regret,
                "mc_error": s.max_regret_error,
                "at": s.at,
                "near_best": s.near_best_share,
                "minimax": s.minimax,
                "tied_with_minimax": s.tied,
            }
            for s in c.own
        ],
        "minimax": {x.id: c.minimax(x.id).policy for x in c.agenda.losses},
        "ties": {
            x.id: [s.policy for s in c.of(x.id) if s.tied and not s.minimax]
            for x in c.agenda.losses
        },
        "about_loss": _about_loss(c),
        "flips": [
            {
                "loss": f.loss,
                "policies": [f.first, f.second],
                "unknown": f.unknown,
                "split": f.split,
                "low": f.low,
                "low_mc_error": f.low_error,
                "high": f.high,
                "high_mc_error": f.high_error,
                "firm": f.firm,
                "text": f.words,
            }
            for f in c.search.flips
        ],
        "splits_looked_at": c.search.splits,
    }


def _about_loss(c: Compared) -> list[AboutLossJson]:
    turns: list[AboutLossJson] = [
        {"kind": t.on, "policies": [t.first, t.second], "text": t.words} for t in c.turns
    ]
    priceless: list[AboutLossJson] = [
        {
            "kind": "no price",
            "policies": [o.policy],
            "losses": list(o.losses),
            "prices": [{"loss": x, "term": name, "difference": d} for x, name, d in o.prices],
            "text": o.words,
        }
        for o in c.priceless
    ]
    return turns + priceless

"""`scenarios --json`: clusters of whole histories, where they are real."""

from __future__ import annotations

from typing import Annotated, TypedDict

from offramp.explain.clusters import Tried
from offramp.explain.scenarios import Ending, Scenario, Scenarios, Sign, Told
from offramp.render.json.envelope import Date, Envelope, envelope

SCHEMA = "offramp.scenarios/1"


class TriedJson(TypedDict):
    """A number of clusters that was looked for."""

    clusters: int
    real: Annotated[bool, "stable, more than a cloud shows, apart, and none too small"]
    stable: bool
    more: bool
    apart: bool
    explained: Annotated[float, "the share of the variance between histories"]
    null: Annotated[float, "the largest such share of 19 normal clouds without clusters"]
    jaccard: Annotated[list[float], "of each cluster, how well resampled worlds find it again"]
    agreement: Annotated[float, "of lone starts with the best, adjusted Rand index"]
    dip: Annotated[float, "of the two clusters that are least apart"]
    dip_needed: Annotated[float, "what a cloud of one peak exceeds once in a hundred at most"]
    smallest: Annotated[float, "the share of worlds of the smallest cluster"]


class SignJson(TypedDict):
    """An event, seen or not by a day, that tells a scenario from the others."""

    event: str
    title: str
    seen: Annotated[bool, "whether it is its presence or its absence"]
    by: Date
    shown: Annotated[float, "the share of worlds that show it"]
    probability: Annotated[float, "of the scenario, in the worlds that show it"]
    mc_error: float
    interval_90: list[float]


class ToldOfWorldJson(TypedDict):
    """An event of a world, in the order of the first time."""

    day: Date
    event: str
    title: str
    outcome: str
    actor: str
    times: int
    last: Annotated[Date, "the last day on which it happened"]


class EndingJson(TypedDict):
    """A quantity at the end: its 10, 50 and 90% points."""

    quantity: str
    title: str
    here: Annotated[list[float], "among the worlds of the scenario"]
    anywhere: Annotated[list[float], "among all worlds"]


class ScenarioJson(TypedDict):
    """A cluster of histories."""

    share: Annotated[float, "of all worlds"]
    mc_error: float
    interval_90: list[float]
    world: Annotated[int, "the number of the one of its middle, of the run's seed"]
    told: list[ToldOfWorldJson]
    courses: Annotated[dict[str, list[float]], "of that world, by quantity, a value a day"]
    endings: list[EndingJson]
    turns: list[SignJson]
    signposts: Annotated[list[SignJson], "of the first third of the window"]


class ScenariosJson(Envelope):
    """Clusters of whole histories. `found` is empty where `refused` says why."""

    assessment: str
    first: Annotated[Date, "of the window"]
    last: Date
    refused: str
    kept: Annotated[float, "the share of the variance in which clusters were looked for"]
    found: list[ScenarioJson]
    tried: list[TriedJson]


def plain(s: Scenarios) -> ScenariosJson:
    return {
        **envelope(SCHEMA, s.case, s.model_sha256, s.seed, s.worlds, s.as_of),
        "assessment": s.assessment,
        "first": s.first.isoformat(),
        "last": s.last.isoformat(),
        "refused": s.refused,
        "kept": s.kept,
        "found": [_scenario(x) for x in s.found],
        "tried": [_tried(t) for t in s.tried],
    }


def _scenario(x: Scenario) -> ScenarioJson:
    return {
        "share": x.share,
        "mc_error": x.mc_error,
        "interval_90": list(x.interval),
        "world": x.world,
        "told": [_told(t) for t in x.told],
        "courses": {name: list(values) for name, values in x.courses.items()},
        "endings": [_ending(e) for e in x.endings],
        "turns": [_sign(t) for t in x.turns],
        "signposts": [_sign(t) for t in x.signposts],
    }


def _told(t: Told) -> ToldOfWorldJson:
    return {
        "day": t.day.isoformat(),
        "event": t.event,
        "title": t.title,
        "outcome": t.outcome,
        "actor": t.actor,
        "times": t.times,
        "last": t.last.isoformat(),
    }


def _ending(e: Ending) -> EndingJson:
    return {
        "quantity": e.quantity,
        "title": e.title,
        "here": list(e.here),
        "anywhere": list(e.anywhere),
    }


def _sign(s: Sign) -> SignJson:
    return {
        "event": s.event,
        "title": s.title,
        "seen": s.seen,
        "by": s.by.isoformat(),
        "shown": s.shown,
        "probability": s.chance,
        "mc_error": s.mc_error,
        "interval_90": list(s.interval),
    }


def _tried(t: Tried) -> TriedJson:
    return {
        "clusters": t.clusters,
        "real": t.real,
        "stable": t.stable,
        "more": t.more,
        "apart": t.apart,
        "explained": t.explained,
        "null": t.null,
        "jaccard": list(t.jaccard),
        "agreement": t.agreement,
        "dip": t.gap.dip,
        "dip_needed": t.gap.needed,
        "smallest": t.smallest,
    }

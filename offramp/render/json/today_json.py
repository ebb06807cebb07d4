"""`today --json`: what has changed since the last time, and by which report."""

from __future__ import annotations

import math
from typing import Annotated, Literal, TypedDict

from offramp.case.record import Report
from offramp.explain.split import Part
from offramp.explain.today import Change, Today
from offramp.render.json.envelope import Date, Envelope, envelope

SCHEMA = "offramp.today/1"

_LOG_ODDS = "natural logarithm of the factor by which it multiplied the odds"


class PartJson(TypedDict):
    """What silence, a report or an edit did to an answer. The parts of a change add up to it."""

    kind: Annotated[str, "silence, report, together or edit"]
    date: Date
    reports: Annotated[list[str], "their ids"]
    words: str
    log_odds: Annotated[float, _LOG_ODDS]
    mc_error: float | None
    news: Annotated[bool, "beyond the 99% bound of its error"]


class ChangeJson(TypedDict):
    """An answer then and now, both by the model of today."""

    question: str
    text: str
    option: Annotated[str, "of a choice; empty for a yes or no"]
    given: Annotated[str, "the condition: a share of the worlds in which this holds"]
    first: Date
    last: Date
    then: Annotated[float | None, "probability; null where no world meets the condition"]
    then_mc_error: float | None
    now: float | None
    now_mc_error: float | None
    log_odds: Annotated[float | None, _LOG_ODDS]
    mc_error: float | None
    news: Annotated[bool, "beyond the 99% bound of its error; else it has not been seen to change"]
    parts: Annotated[list[PartJson], "empty where it is no news"]
    edit: Annotated[PartJson | None, "what an edit did to the answer of then; not in `log_odds`"]


class NewJson(TypedDict):
    """A report that became known since."""

    id: str
    what: str
    first: Date
    last: Date
    known_since: Date
    report: str
    source: str


class DayJson(TypedDict):
    """How little the model expected what was reported of a day."""

    date: Date
    surprise: Annotated[float | None, "nats, given all before"]
    mc_error: float | None
    reports: list[str]


class DueJson(TypedDict):
    """What ends or comes within seven days."""

    date: Date
    kind: Literal["question", "event"]
    id: str
    words: str


class WearJson(TypedDict):
    """How worn the worlds are that are kept."""

    began: Annotated[Date, "when they were last simulated from the first morning"]
    gone_on_from: Annotated[Date | None, "the evening; null if they were started anew"]
    why: Annotated[str, "why not from the evening before; empty where they did"]
    unknown: Annotated[str, "whose posterior is worth fewest worlds"]
    effective: Annotated[float | None, "how many independent worlds that is"]
    effective_when_they_began: float | None
    rule: str


class TodayJson(Envelope):
    """What has changed between two days. Logarithms are natural, errors standard errors."""

    since: Date
    assessment: str
    refused: Annotated[str, "why there are no answers; empty where there are"]
    changes: list[ChangeJson]
    closed: Annotated[list[str], "questions whose window has ended since"]
    reports: Annotated[list[NewJson], "of the model"]
    outside: Annotated[list[NewJson], "that the model has no event for"]
    doubles: Annotated[list[str], "of these reports: what may have been told by another row"]
    surprises: list[DayJson]
    due: list[DueJson]
    wear: WearJson
    edits: Annotated[list[str], "what was edited since; empty where the archive does not say"]


def plain(t: Today) -> TodayJson:
    c, w = t.known, t.wear
    p = c.posterior
    return {
        **envelope(SCHEMA, c.case, c.model_sha256, p.filter.seed, p.worlds, c.as_of),
        "since": t.then.isoformat(),
        "assessment": c.assessment,
        "refused": c.refused,
        "changes": [_change(t, x) for x in t.changes],
        "closed": [q.id for q in t.closed],
        "reports": [_new(r) for r in t.reports],
        "outside": [_new(r) for r in t.outside],
        "doubles": list(t.doubles),
        "surprises": [
            {
                "date": s.day.isoformat(),
                "surprise": _finite(s.nats),
                "mc_error": _finite(s.error),
                "reports": [r.id for r in s.reports],
            }
            for s in t.surprises
        ],
        "due": [
            {"date": d.day.isoformat(), "kind": d.kind, "id": d.id, "words": d.words} for d in t.due
        ],
        "wear": {
            "began": w.began.isoformat(),
            "gone_on_from": w.gone_on.isoformat() if w.gone_on else None,
            "why": w.why,
            "unknown": w.unknown,
            "effective": _finite(w.worth),
            "effective_when_they_began": _finite(w.fresh),
            "rule": w.rule,
        },
        "edits": list(t.edits),
    }


def _change(t: Today, c: Change) -> ChangeJson:
    return {
        "question": c.id,
        "text": c.text,
        "option": c.option,
        "given": c.given,
        "first": c.window[0].isoformat(),
        "last": c.window[1].isoformat(),
        "then": c.then,
        "then_mc_error": None if c.then is None else _finite(c.then_error),
        "now": c.now,
        "now_mc_error": None if c.now is None else _finite(c.now_error),
        "log_odds": _finite(c.log_odds),
        "mc_error": _finite(c.error),
        "news": c.news,
        "parts": [_part(t, x) for x in c.parts],
        "edit": None if c.edit is None else _part(t, c.edit),
    }


def _part(t: Today, p: Part) -> PartJson:
    return {
        "kind": p.kind,
        "date": p.day.isoformat(),
        "reports": list(p.ids),
        "words": p.words,
        "log_odds": p.log_odds,
        "mc_error": _finite(p.error),
        "news": t.told(p),
    }


def _new(r: Report) -> NewJson:
    return {
        "id": r.id,
        "what": r.what,
        "first": r.first.isoformat(),
        "last": r.last.isoformat(),
        "known_since": r.known_since.isoformat(),
        "report": r.report,
        "source": r.source,
    }


def _finite(x: float) -> float | None:
    """None for what could not be told."""
    return x if math.isfinite(x) else None

"""`assumptions --json`: the key assumptions check."""

from __future__ import annotations

import math
from typing import Annotated, TypedDict

from offramp.explain.key_assumptions import Assumption, Assumptions, Move, Setting
from offramp.render.json.envelope import Date, Envelope, envelope

SCHEMA = "offramp.assumptions/1"


class AskedAboutJson(TypedDict):
    """A question, and its answer as the case has it."""

    id: str
    text: str
    given: Annotated[str, "the condition in words"]
    opens: Annotated[Date, "the first day of its window"]
    probability: float | None
    mc_error: float | None


class ShiftJson(TypedDict):
    """What becomes of an answer."""

    question: str
    old: float | None
    new: Annotated[float | None, "null where no world meets the condition"]
    difference: float | None
    error: Annotated[float | None, "standard error of the difference, in pairs of worlds"]
    told: Annotated[bool, "beyond the bound for all that was looked at"]
    falls: Annotated[str, "what no longer holds: `even chance`, `words` or empty"]


class SettingJson(TypedDict):
    """An assumption at another value."""

    words: str
    moves: list[ShiftJson]
    why: Annotated[str, "why no move is known; empty where it is"]


class ShareJson(TypedDict):
    """What an author's premises make of it."""

    assessment: str
    same: bool
    words: Annotated[str, "the other value; empty where it is the same"]


class FootingJson(TypedDict):
    """How good its source is."""

    grade: Annotated[str, "stated, sized or assumed; of several numbers the weakest"]
    reason: Annotated[str, "why we assumed it"]
    passages: list[str]
    documents: list[str]
    voices: Annotated[int, "documents of one author or publisher, or of one text, are one"]
    late: Annotated[list[str], "documents whose author knew until after a window had opened"]
    undated: list[str]
    faults: Annotated[dict[str, str], "what the record says against a passage"]
    words: str


class AssumptionJson(TypedDict):
    """A number or an unknown that answers lean on."""

    element: str
    part: str
    title: str
    kind: Annotated[str, "number or unknown"]
    text: Annotated[str, "as it is written; of an unknown its prior in words"]
    value: float | None
    unit: str
    place: str
    ours: Annotated[bool, "assumed by us, in part at least"]
    largest: Annotated[float, "the largest move that is told, a difference of probabilities"]
    footing: FootingJson
    shared: Annotated[list[ShareJson] | None, "null where no author's file may set it"]
    disputed: Annotated[list[str], "what the documents disagree on that its element carries"]
    settings: list[SettingJson]


class LookedJson(TypedDict):
    """The first pass, and what it left."""

    candidates: int
    worlds: int
    further: Annotated[int, "not taken alone though it saw them move an answer beyond its bound"]
    missed: Annotated[float | None, "a move that it sees 19 times in 20, where it sees worst"]
    left: Annotated[int, "numbers that were not turned: dates, bounds, seats, shares that sum to 1"]


class AssumptionsJson(Envelope):
    """Key assumptions, that which moves an answer furthest first."""

    bound: Annotated[float, "errors beyond which a move is told, of all that was looked at"]
    first_pass: LookedJson
    questions: list[AskedAboutJson]
    assumptions: list[AssumptionJson]


def plain(a: Assumptions) -> AssumptionsJson:
    return {
        **envelope(SCHEMA, a.case, a.model_sha256, a.seed, a.worlds, a.as_of),
        "bound": a.bound,
        "first_pass": {
            "candidates": a.looked_at,
            "worlds": a.screened,
            "further": a.further,
            "missed": _finite(a.missed),
            "left": a.left,
        },
        "questions": [
            {
                "id": q.id,
                "text": q.text,
                "given": q.given,
                "opens": q.opens.isoformat(),
                "probability": q.probability,
                "mc_error": q.mc_error,
            }
            for q in a.questions
        ],
        "assumptions": [_assumption(x) for x in a.assumptions],
    }


def _assumption(a: Assumption) -> AssumptionJson:
    f = a.footing
    return {
        "element": a.element,
        "part": a.part,
        "title": a.title,
        "kind": a.kind,
        "text": a.text,
        "value": a.value,
        "unit": a.unit,
        "place": a.place,
        "ours": a.ours,
        "largest": a.largest,
        "footing": {
            "grade": f.grade,
            "reason": f.reason,
            "passages": list(f.passages),
            "documents": list(f.documents),
            "voices": f.voices,
            "late": list(f.late),
            "undated": list(f.undated),
            "faults": dict(f.faults),
            "words": f.words,
        },
        "shared": None
        if a.others is None
        else [{"assessment": n, "same": not said, "words": said} for n, said in a.others],
        "disputed": list(a.disputed),
        "settings": [_setting(s) for s in a.settings],
    }


def _setting(s: Setting) -> SettingJson:
    return {"words": s.words, "moves": [_move(m) for m in s.moves], "why": s.why}


def _move(m: Move) -> ShiftJson:
    answered = m.old is not None and m.new is not None
    return {
        "question": m.question,
        "old": m.old,
        "new": m.new,
        "difference": m.difference if answered else None,
        "error": _finite(m.error),
        "told": m.told,
        "falls": m.falls,
    }


def _finite(x: float) -> float | None:
    return x if math.isfinite(x) else None

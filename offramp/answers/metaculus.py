"""Issued forecasts in the shape that Metaculus takes them.

A yes-or-no question has `probability_yes`, a choice `probability_yes_per_category`, a number or a
date `continuous_cdf`: 201 values of the distribution function, at equal steps over the question's
bounds. The limits below are those of the platform's own check of a forecast
(github.com/Metaculus/metaculus, questions/serializers/common.py, read in November 2026).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offramp.answers.issued import Issued
from offramp.language.kinds import unit_words
from offramp.language.questions import Question
from offramp.text import plain_json

SCHEMA = "offramp.metaculus/1"
POINTS = 201
LEAST, MOST = 0.001, 0.999  # of a probability, and of what lies beyond an open bound
SPREAD = 0.01  # of the mass lies evenly over the scale: 5e-5 a step, the least that is taken
STEEPEST = 0.59  # of the mass in one step
DIGITS = 10
TYPES = {
    "binary": "binary",
    "choice": "multiple_choice",
    "number": "numeric",
    "date": "date",
}


def as_text(made: Mapping[str, object]) -> bytes:
    """What `as_metaculus` gave, as the bytes of a file."""
    return (plain_json.text(made, indent=1) + "\n").encode("utf-8")


def as_metaculus(
    case: str, issued: Iterable[Issued], questions: Iterable[Question]
) -> dict[str, Any]:
    """`forecasts` in the order given, and under `left_out` those without numbers, each with why."""
    asked = {q.id: q for q in questions}
    forecasts, left_out = [], []
    for i in issued:
        q = asked[i.question]
        head: dict[str, object] = {
            "question": q.id,
            "assessment": i.assessment,
            "as_of": i.as_of.isoformat(),
            "model_sha256": i.model_sha256,
            "seed": i.seed,
            "cites": list(q.cites),
        }
        why = i.refused
        if not why and i.values and q.bounds is None:
            why = "the question has no `bounds:`, which the platform's scale needs"
        if why:
            left_out.append({**head, "why": why})
            continue
        body = {"type": TYPES[i.kind], "text": q.text, "given": q.where, "resolves": q.resolves}
        forecasts.append({**head, **{k: v for k, v in body.items() if v}, **said(i, q)})
    return {"schema": SCHEMA, "case": case, "forecasts": forecasts, "left_out": left_out}


def said(i: Issued, q: Question) -> dict[str, object]:
    """What is given to the platform, and for a number or a date the scale that it lies on."""
    if i.kind == "binary":
        return {"probability_yes": min(max(i.probability or 0.0, LEAST), MOST)}
    if i.kind == "choice":
        rest = 1.0 - LEAST * len(i.options)
        each = zip(i.options, i.probabilities, strict=True)
        return {"probability_yes_per_category": {name: LEAST + rest * p for name, p in each}}
    assert q.bounds is not None
    below, above = q.open in ("below", "both"), q.open in ("above", "both")
    date = q.kind_of == "date"
    ends = [dt.date.fromordinal(int(b)).isoformat() if date else b for b in q.bounds]
    return {
        "continuous_cdf": cdf(i.values, i.weights, q.bounds, below, above),
        "scaling": {"range_min": ends[0], "range_max": ends[1], "zero_point": None},
        "open_lower_bound": below,
        "open_upper_bound": above,
        "unit": "" if date or not q.kind.unit else unit_words(q.kind.unit),
    }


def cdf(
    values: Sequence[float],
    weights: Sequence[float],
    bounds: tuple[float, float],
    below: bool,
    above: bool,
) -> list[float]:
    """The distribution function at 201 places from one bound to the other. What lies beyond a
    closed bound counts at it, and what lies at the lower bound in the first step. `below`, `above`:
    whether a bound is open.

    A hundredth of the mass is spread evenly and a thousandth put beyond each open bound, as the
    platform asks; of a value with more than 0.59 the excess lies in the steps after it.
    """
    x, w = np.asarray(values, float), np.asarray(weights, float)
    places = np.linspace(*bounds, POINTS)
    sums = np.concatenate([[0.0], np.cumsum(w)]) / w.sum()
    order = np.searchsorted(x, places, side="right")
    order[0] = np.searchsorted(x, places[0], side="left") if below else 0
    whole = sums[order]
    if not above:
        whole[-1] = 1.0
    low, high = LEAST * below, LEAST * above
    rest = 1.0 - SPREAD - low - high
    own = np.concatenate([[whole[0]], gentle(np.diff(whole) * rest) / rest]).cumsum()
    even = SPREAD * np.arange(POINTS) / (POINTS - 1)
    made = np.round(np.round(rest * own, DIGITS) + low + even, DIGITS)
    return [float(p) for p in made]


def gentle(steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same mass with no step too steep: an excess goes to the steps after it, and what the
    upper end cannot hold to those before."""
    most = STEEPEST - SPREAD / (POINTS - 1)
    out = steps.copy()
    ahead = [(k, k + 1) for k in range(len(out) - 1)]
    for k, beside in (*ahead, *((b, a) for a, b in reversed(ahead))):
        excess = max(0.0, out[k] - most)
        out[k] -= excess
        out[beside] += excess
    return out

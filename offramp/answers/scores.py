"""Scoring rules: how far a forecast was from what happened. Lower is better in all of them.

All are proper: nobody gains by saying other than what they believe (Gneiting and Raftery 2007).

- Brier score of a yes-or-no question, one-sided: (p - o)^2, from 0 to 1 (Brier 1950 summed both
  sides, which doubles it; platforms differ, so say which one when you compare). Of a choice it is
  half the sum over options of (p_k - o_k)^2, which for two options is the same number.
- Log score: -ln of the probability given to what happened, in nats. A forecast from n worlds that
  gave it none is scored as if it had given 1/(2n + 2), the mean of a share after n misses under
  Jeffreys' prior, and counted as floored: no finite sample can say never.
- Ranked probability score of an ordered choice, over the steps between options, from 0 to 1
  (Epstein 1969). A miss by one option costs less than a miss by three.
- Continuous ranked probability score of a number or a date, in the question's own unit (days for
  a date; Matheson and Winkler 1976). Beyond an open bound only that it is beyond counts: forecast
  and outcome are cut to the scale, which keeps the score proper (threshold weighting: Gneiting and
  Ranjan 2011). Divided by the width of the scale it lies from 0 to 1 and can be averaged over
  questions.

The CRPS is the plain one of the weighted sample, not the estimator corrected for its size (`fair`,
Ferro 2014): what was issued *is* that weighted sample, the correction assumes draws that are
exchangeable, which weights from conditioning are not, and it can be negative. The price is an
excess of about (mean absolute difference) / 2n, which no reader of a thousand worlds will see.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

UNSAMPLED = 1000  # worlds that stand for a forecast that was not sampled, where its floor is meant


def brier(probability: float, yes: bool) -> float:
    """(p - o)^2, from 0 to 1. Raises ValueError for what is no probability."""
    return float((_probability(probability) - yes) ** 2)


def floor(worlds: int) -> float:
    """The least probability that a forecast from so many worlds is taken to have meant."""
    return 1 / (2 * (worlds or UNSAMPLED) + 2)


def log_score(given: float, least: float) -> tuple[float, bool]:
    """-ln of the probability given to what happened, and whether it was floored. Raises ValueError
    for what is no probability, and for a floor that is not above 0."""
    if not 0 < least <= 1:
        raise ValueError(f"the least probability that is meant is above 0, not {least:g}")
    return -math.log(max(_probability(given), least)), given < least


def brier_of_choice(probabilities: Sequence[float], happened: int) -> float:
    """Half the sum of squares over the options, from 0 to 1. Raises ValueError for what is no
    distribution over options of which `happened` is one."""
    _shares(probabilities, happened, 1)
    return sum((p - (k == happened)) ** 2 for k, p in enumerate(probabilities)) / 2


def rps(probabilities: Sequence[float], happened: int) -> float:
    """The mean of (P(at most k) - o(at most k))^2 over the steps between options, from 0 to 1.
    Raises ValueError as `brier_of_choice` does, and for a single option, which has no steps."""
    _shares(probabilities, happened, 2)
    below = np.cumsum(probabilities)[:-1]
    came = np.arange(len(below)) >= happened
    return float(np.mean((below - came) ** 2))


def crps(values: ArrayLike, weights: ArrayLike, happened: float) -> float:
    """E|X - y| - E|X - X'|/2 for the weighted sample X, exactly, in time n log n.

    Raises ValueError where there is no score: no values, one that is not finite (nor is the
    outcome), weights that are fewer or more than the values, negative, not finite, or all 0.
    """
    x, w = np.asarray(values, float), np.asarray(weights, float)
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError(f"values and weights are two lists of one length: {x.shape}, {w.shape}")
    if len(x) == 0:
        raise ValueError("a forecast without a value has no score")
    if not np.isfinite(x).all():
        raise ValueError(f"{np.count_nonzero(~np.isfinite(x))} of the values are not numbers")
    if not math.isfinite(happened):
        raise ValueError(f"the outcome is not a number: {happened}")
    if not np.isfinite(w).all() or (w < 0).any():
        raise ValueError("weights are numbers from 0 up")
    if not w.any():
        raise ValueError("all weights are 0, so that nothing was forecast")
    order = np.argsort(x, kind="stable")
    x, w = x[order], w[order] / w.sum()
    below = np.cumsum(w) - w  # the weight before each
    spread = 2 * float(np.sum(w * x * (2 * below + w - 1)))  # E|X - X'|
    return max(0.0, float(np.sum(w * np.abs(x - happened))) - spread / 2)


def _probability(p: float) -> float:
    if not 0 <= p <= 1:  # nor is what is not a number
        raise ValueError(f"a probability lies from 0 to 1: {p:g} does not")
    return p


def _shares(probabilities: Sequence[float], happened: int, least: int) -> None:
    if len(probabilities) < least:
        raise ValueError(f"{len(probabilities)} options cannot be scored: {least} at least")
    if not 0 <= happened < len(probabilities):
        raise ValueError(f"there are {len(probabilities)} options and no option {happened}")
    total = math.fsum(_probability(p) for p in probabilities)
    if abs(total - 1) > 1e-6:
        raise ValueError(f"the probabilities of the options sum to {total:g}, and not to 1")


@dataclass(frozen=True)
class Score:
    """One forecast under one rule. `rule` is brier, log, rps, crps (in the question's unit) or
    crps_scaled (by the width of the question's scale).

    `outcome` is what happened, in words. `late`: the forecast was issued after the question's
    window had opened, so that a part of it was known. `floored`: see the log score.
    """

    question: str
    as_of: dt.date
    assessment: str
    rule: str
    value: float
    outcome: str
    resolved_on: dt.date
    late: bool
    floored: bool = False


@dataclass(frozen=True)
class Row:
    """A mean over `questions` questions, the same ones for every assessment of its rule and day.

    `error` is the standard error over questions (None for one question). It takes questions for
    independent, which those of one crisis are not: read it as a least.
    """

    rule: str
    as_of: dt.date
    assessment: str
    mean: float
    error: float | None
    questions: int
    floored: int


def scoreboard(
    scores: Iterable[Score], assessments: Sequence[str] | None = None
) -> tuple[Row, ...]:
    """Mean scores per rule, day and assessment, over the questions that all of them answered.

    With `assessments` only those are compared. A baseline that answers three questions leaves three
    for everybody; compare it by itself (`against`) or leave it out.
    The CRPS enters by its scaled form alone, since days and persons have no mean.
    """
    rows = []
    for (rule, as_of), here in _grouped(scores, assessments).items():
        shared = set.intersection(*(set(of) for of in here.values()))
        for name in sorted(here) if shared else ():
            taken = [here[name][q] for q in sorted(shared)]
            values = [s.value for s in taken]
            floored = sum(s.floored for s in taken)
            mean, error = _mean(values)
            rows.append(
                Row(
                    rule=rule,
                    as_of=as_of,
                    assessment=name,
                    mean=mean,
                    error=error,
                    questions=len(shared),
                    floored=floored,
                )
            )
    return tuple(sorted(rows, key=lambda r: (r.rule, r.as_of, r.assessment)))


@dataclass(frozen=True)
class Difference:
    """The mean of (assessment's score - reference's score) over the questions that both answered:
    below 0 the assessment was better. `error` as in Row."""

    rule: str
    as_of: dt.date
    assessment: str
    reference: str
    mean: float
    error: float | None
    questions: int


def against(scores: Iterable[Score], reference: str) -> tuple[Difference, ...]:
    """Every assessment against one, question by question."""
    rows = []
    for (rule, as_of), here in _grouped(scores, None).items():
        base = here.get(reference, {})
        for name, own in here.items():
            shared = sorted(set(own) & set(base))
            if name != reference and shared:
                values = [own[q].value - base[q].value for q in shared]
                mean, error = _mean(values)
                rows.append(
                    Difference(
                        rule=rule,
                        as_of=as_of,
                        assessment=name,
                        reference=reference,
                        mean=mean,
                        error=error,
                        questions=len(shared),
                    )
                )
    return tuple(sorted(rows, key=lambda r: (r.rule, r.as_of, r.assessment)))


def _grouped(
    scores: Iterable[Score], assessments: Sequence[str] | None
) -> dict[tuple[str, dt.date], dict[str, dict[str, Score]]]:
    """Scores by rule and day, then assessment, then question."""
    groups: dict[tuple[str, dt.date], dict[str, dict[str, Score]]] = {}
    for s in scores:
        if s.rule != "crps" and (assessments is None or s.assessment in assessments):
            group = groups.setdefault((s.rule, s.as_of), {n: {} for n in assessments or ()})
            group.setdefault(s.assessment, {})[s.question] = s
    return groups


def _mean(values: Sequence[float]) -> tuple[float, float | None]:
    mean = float(np.mean(values))
    if len(values) < 2:
        return mean, None
    return mean, float(np.std(values, ddof=1)) / math.sqrt(len(values))

"""Which of many numbers move an answer, found in one run: each is turned at random in every world.

One number at a time would take two runs for each of a thousand. Here every world throws a coin for
every number, low or high, and a number's contrast is the mean over worlds in which it was high less
that over the others: an error as if it alone had been turned, for all of them at once (random
balance; Satterthwaite 1959, Technometrics 1, and on supersaturated designs Lin 1993, Technometrics
35). Unknowns are drawn as ever, and contrasted by their draws. What is seen is an effect on average
over the others being wrong too. It only nominates: its worlds throw dice of their own, so that what
is then measured of those that it picked is not the larger for having been picked.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from offramp.answers.columns import Column
from offramp.answers.forecast import in_each, watches
from offramp.case.case import Case
from offramp.engine.blocks.variants import same_shape
from offramp.engine.blocks.varied import lived, varied
from offramp.engine.by_value import ByValue
from offramp.engine.noise import named_keys, uniforms
from offramp.engine.plan import plan
from offramp.engine.run import Progress, asked_only
from offramp.explain.changes import stands
from offramp.explain.nudge import Dial, all_turned, arrows, dial_of, within
from offramp.language.crisis import Datum, Unknown, data, elements
from offramp.text.diagnostics import Span

NAME = "key assumptions"  # of the dice of the first pass

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Candidate:
    """What may be wrong: a number with the two values between which it is turned, or an unknown.
    `arrow`: whether something is no longer moved, or wanted, where the number is 0."""

    element: str
    kind: Literal["number", "unknown"]
    dial: Dial | None = None
    unknown: Unknown | None = None
    arrow: bool = False


@dataclass(frozen=True, eq=False)
class FirstPass(ByValue):
    """Contrasts of all candidates, (candidates, questions), each with its error."""

    candidates: tuple[Candidate, ...]
    worlds: int
    differences: Floats
    errors: Floats


def candidates(case: Case, behind: set[str]) -> tuple[tuple[Candidate, ...], tuple[Datum, ...]]:
    """What can be turned of the elements behind some questions, and the numbers that cannot: dates,
    bounds, probabilities that sum to 1, seats, what decides how a crisis is laid out, and what a
    form wrote, which stands nowhere in the file."""
    lines = {file: text.split("\n") for file, text in case.texts.texts.items()}
    found, left, seen = list[Candidate](), list[Datum](), set[Span]()
    for element, part in elements(case.crisis):
        if element not in behind:
            continue
        if isinstance(part, Unknown):
            found.append(Candidate(element, "unknown", unknown=part))
            continue
        gone = arrows(part)
        for d in data(element, part):
            if d.span in seen:
                continue
            seen.add(d.span)
            turn = (
                _turn(part, d) if stands(lines.get(str(d.span.file), []), d.span, d.value) else None
            )
            if turn is None:
                left.append(d)
            else:
                found.append(Candidate(element, "number", turn, arrow=d.span in gone))
    return tuple(found), tuple(left)


def _turn(part: object, d: Datum) -> Dial | None:
    """Between which values a number of an element is turned; None where no input of a tape can give
    them."""
    turn = dial_of(part, d)
    turn = None if turn is None else within(part, turn)
    if turn is None or not same_shape(part, all_turned(part, {d.span: turn.high})):
        return None
    return turn


def first_pass(
    case: Case,
    found: tuple[Candidate, ...],
    worlds: int,
    seed: int,
    start: dt.date | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> FirstPass:
    """Simulates so many worlds for all of the case's questions at once; what they ask is counted
    from the day `start` on."""
    crisis = case.crisis
    watched, monitors = watches(case, start or crisis.first)
    job = asked_only(crisis, monitors, seed)
    dials = [c.dial for c in found if c.dial]
    low, high = (
        all_turned(crisis, {d.datum.span: getattr(d, end) for d in dials})
        for end in ("low", "high")
    )
    keys = named_keys(seed, NAME, worlds)
    coins = [uniforms(keys, f"{NAME} {d.datum.span.line} {d.datum.span.column}") for d in dials]
    up = np.column_stack(coins) > 0.5 if coins else np.zeros((worlds, 0), bool)
    v = varied(crisis, low, high, tuple(d.datum.span for d in dials))
    e = lived(v, job, up, keys, threads, progress)
    laid, numbers = plan(crisis), iter(up.T)
    halves = list[list[NDArray[np.bool_]]]()
    for c in found:
        if c.unknown is None:
            halves.append([next(numbers)])
            continue
        x = e.unknowns[:, laid.layout.unknowns[c.unknown.name]]
        named = c.unknown.options
        halves.append([x == k for k in range(len(named))] if named else [x > np.median(x)])
    columns = [Column(w.question, (w.first, w.last), *in_each(laid, w, e)) for w in watched]
    seen = np.array([[_contrast(c, own) for c in columns] for own in halves])
    seen = seen.reshape(len(found), len(columns), 2)
    return FirstPass(found, worlds, seen[:, :, 0], seen[:, :, 1])


def _contrast(column: Column, halves: list[NDArray[np.bool_]]) -> tuple[float, float]:
    """The difference between two parts of the worlds, and its error were they alike; of a named
    unknown that of the value that stands out most."""
    y, best = column.values[column.met], (0.0, math.inf)
    spread = float(y.std()) if len(y) else 0.0
    for half in halves:
        own = half[column.met]
        n = int(own.sum())
        if n in (0, len(y)) or spread == 0.0:
            continue
        error = spread * math.sqrt(1.0 / n + 1.0 / (len(y) - n))
        difference = float(y[own].mean() - y[~own].mean())
        if abs(difference) / error > abs(best[0]) / best[1]:
            best = difference, error
    return best

"""Worlds with all that a page weighs anew: what each draws, what the questions come to in it, and
its course. They are free, or conditioned on the reports known by a day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.answers.columns import Column, column
from offramp.answers.conditioned import Learned, learned, onward, posterior_of
from offramp.answers.forecast import Forecast, in_each
from offramp.answers.session import Session
from offramp.case.case import Case
from offramp.engine.by_value import ByValue
from offramp.engine.ensemble import Ensemble
from offramp.engine.plan import plan
from offramp.engine.run import Progress
from offramp.errors import Unanswerable


@dataclass(frozen=True, eq=False, kw_only=True)
class Looked(ByValue):
    """traces   (worlds, days, shown): the bin of each shown quantity at the end of each day, as the
              bands have them (`Band`)
    columns  what each question comes to in each world
    as_of    the day until which reports are known; None where none are used
    learned  what these say of the unknowns
    unmixed  why some unknowns are not told; '' where all are
    """

    case: Case
    seed: int
    days: int
    ensemble: Ensemble
    traces: NDArray[np.uint8]
    columns: tuple[Column, ...]
    forecast: Forecast
    as_of: dt.date | None = None
    learned: tuple[Learned, ...] = ()
    unmixed: str = ""


def free(session: Session) -> Looked:
    """The worlds that a session has. Raises Unanswerable before the first ones."""
    forecast = session.forecast
    assert session.ensemble is not None
    assert session.traces is not None
    return Looked(
        case=session.case,
        seed=session.seed,
        days=session.job.days,
        ensemble=session.ensemble,
        traces=session.traces,
        columns=session.columns,
        forecast=forecast,
    )


def conditioned(
    case: Case,
    as_of: dt.date,
    worlds: int,
    seed: int,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Looked:
    """Worlds lived through the reports known by a day, and on from there: those of `condition`, of
    which the still open questions are asked. Raises Impossible, and Unanswerable where too few
    worlds are left to answer."""
    history = case.history
    p = posterior_of(case, history, as_of, worlds, seed, threads, progress)
    if refusal := p.refusal():
        raise Unanswerable(refusal)
    found = onward(case, p, as_of, seed, threads, traced=True)
    assert found.traces is not None
    laid = plan(case.crisis)
    columns = tuple(
        column(w, in_each(laid, w, found.others.get(w.question.id, found.ensemble)))
        for w in found.watched
    )
    return Looked(
        case=case,
        seed=seed,
        days=found.ensemble.days,
        ensemble=found.ensemble,
        traces=found.traces,
        columns=columns,
        forecast=found.forecast(case, history.known_by(as_of)),
        as_of=as_of,
        learned=learned(case, p),
        unmixed=p.unmixed(),
    )

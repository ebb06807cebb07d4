"""Worlds that stay at hand: laid out once, more of them when more are wanted, compared in pairs.

A session is a value like any other; `grown` gives the next one, with more worlds of the same dice.
World number n of a case and of its variant throw the same dice, so what differs between them is
the variant's doing, and the error of the difference is that of pairs (common random numbers;
Glasserman and Yao 1992, Management Science 38).
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from offramp.answers.forecast import (
    Forecast,
    Support,
    Watch,
    answered,
    arm_jobs,
    happened,
    outcomes,
    watches,
)
from offramp.answers.sampling import paired
from offramp.answers.weights import weighed
from offramp.case.case import Case
from offramp.engine.blocks import worlds as blocks
from offramp.engine.blocks.worlds import Loaded
from offramp.engine.by_value import ByValue
from offramp.engine.ensemble import Ensemble, merge
from offramp.engine.plan import Plan, Prior, plan
from offramp.engine.run import Progress, RunSpec
from offramp.errors import Unanswerable

FIRST = 128  # worlds after which somebody looks first

Traces = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Session(ByValue):
    """A case with its worlds so far, from number 0 on.

    ensemble  None before the first worlds
    traces    (worlds, days, shown): the bin of each shown quantity at the end of each day, as the
              bands have them (`Band`)
    """

    case: Case
    seed: int
    job: RunSpec
    watched: tuple[Watch, ...]
    rest: Support
    loaded: Loaded
    ensemble: Ensemble | None = None
    traces: Traces | None = None

    def __repr__(self) -> str:
        return f"<Session of {self.case.id}: {self.worlds:,} worlds, seed {self.seed}>"

    @property
    def worlds(self) -> int:
        return 0 if self.ensemble is None else self.ensemble.worlds

    @property
    def plan(self) -> Plan:
        return plan(self.case.crisis)

    def grown(
        self, worlds: int, threads: int | None = None, progress: Progress | None = None
    ) -> Session:
        """The session with at least so many worlds; those that it has are not simulated again."""
        if worlds <= self.worlds:
            return self
        numbers = range(self.worlds, worlds)
        more, traces = blocks.some_more(self.loaded, self.job, numbers, threads, progress)
        if self.ensemble is None or self.traces is None:
            return replace(self, ensemble=more, traces=traces)
        both = np.concatenate([self.traces, traces])
        return replace(self, ensemble=merge([self.ensemble, more]), traces=both)

    @property
    def forecast(self) -> Forecast:
        """The answers of the worlds so far. Questions that suppose something are left to a variant.
        Raises Unanswerable before the first worlds."""
        return self._answered(self._some())

    def weighed(self, priors: Mapping[str, Prior]) -> Forecast:
        """The answers under other priors of some unknowns; nothing is simulated (`weights.py`)."""
        return self._answered(weighed(self.plan, self._some(), priors).ensemble)

    def _answered(self, ensemble: Ensemble) -> Forecast:
        case = self.case
        return answered(case, list(self.watched), ensemble, case.crisis.first, rest=self.rest)

    def _some(self) -> Ensemble:
        if self.ensemble is None:
            raise Unanswerable("no worlds yet: `grown(500)` gives the session some")
        return self.ensemble


@dataclass(frozen=True)
class Difference:
    """What a variant changes in the answer to a question: of a yes or no the probability, of a
    number or a date its mean. `error` is that of the pairs of worlds that meet the condition in
    both."""

    id: str
    text: str
    given: str
    value: float
    error: float
    worlds: int

    @property
    def distinct(self) -> bool:
        """Beyond three errors."""
        return abs(self.value) > 3 * self.error


def sessions(cases: tuple[Case, ...], seed: int) -> tuple[Session, ...]:
    """A case and its variants, laid out for worlds of the same dice, of which none is simulated
    yet; those that are alike share one tape (`blocks/variants.py`)."""
    laid = blocks.load_all([c.crisis for c in cases])
    out = []
    for case, loaded in zip(cases, laid, strict=True):
        plain = replace(case, questions=tuple(q for q in case.questions if not q.supposes))
        watched, monitors = watches(plain, case.crisis.first)
        job = RunSpec(case.crisis, monitors, seed)
        own = Session(plain, seed, job, tuple(watched), Support(plain), loaded)
        out.append(own)
    return tuple(out)


def until(
    start: Session,
    error: float,
    most: int,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Iterator[Session]:
    """The session with more and more worlds, until no answer has a larger Monte Carlo error
    (`Forecast.largest_error`), or `most` worlds are there. Each step is shown.

    What stops is the error and never the answer, so that no answer is favoured; near 0 and 1 the
    error hangs on the answer, and one that looks sure by luck may stop a little early.
    """
    n = FIRST
    while True:
        start = start.grown(min(n, most), threads, progress)
        yield start
        found = start.forecast.largest_error
        if found <= error or start.worlds >= most:
            return
        n = next_size(start.worlds, found, error)


def next_size(worlds: int, error: float, wanted: float) -> int:
    """How many worlds to have next: as many as the error asks for, which falls with their square
    root; at most four times as many, for it may be told badly by few."""
    return min(4 * worlds, math.ceil(1.05 * worlds * (error / wanted) ** 2))


def forecast_until(
    case: Case,
    error: float,
    most: int,
    seed: int,
    start_from: dt.date | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Forecast:
    """As `forecast` gives it, of so many worlds that no answer has a larger Monte Carlo error, and
    of `most` at most. Questions that suppose something count too, in worlds of their own."""
    start = start_from or case.crisis.first
    watched, monitors = watches(case, start)
    job = RunSpec(case.crisis, monitors, seed)
    arms = arm_jobs(watched, job)
    jobs = [job, *(own for _, own in arms)]
    runs = list(zip(blocks.load_all([j.crisis for j in jobs]), jobs, strict=True))
    rest, have, n = Support(case), list[Ensemble](), FIRST
    while True:
        done = have[0].worlds if have else 0
        more = blocks.side_runs(runs, range(done, min(n, most)), threads, progress)
        have = [merge(list(x)) for x in zip(have, more, strict=True)] if have else more
        others = {id: e for (arm, _), e in zip(arms, have[1:], strict=True) for id in arm.questions}
        f = answered(case, watched, have[0], start, others, rest)
        found = f.largest_error
        if found <= error or f.worlds >= most:
            return f
        n = next_size(f.worlds, found, error)


def differences(base: Session, variant: Session) -> tuple[Difference, ...]:
    """What a variant changes, question by question, over the worlds that both have."""
    n = min(base.worlds, variant.worlds)
    both = [(s, replace(s._some(), atoms=s._some().atoms[:n])) for s in (base, variant)]
    out = []
    for w, other in zip(base.watched, variant.watched, strict=True):
        q = w.question
        if q.kind_of == "choice":
            continue
        values, met = [], np.ones(n, bool)
        for (s, ensemble), own in zip(both, (w, other), strict=True):
            met &= np.array(happened(s.plan, own, ensemble)[0], bool)
            values.append(np.array(outcomes(s.plan, own, q.asks, ensemble.atoms), float))
        rows = np.flatnonzero(met)
        value, error = paired(values[1][rows], values[0][rows], base._some())
        out.append(Difference(q.id, q.text, q.where, value, error, len(rows)))
    return tuple(out)

"""Worlds that stay at hand: laid out once, more of them when more are wanted, compared in pairs.

A session is a value like any other; `grown` gives the next one, with more worlds of the same dice.
World number n of a case and of its variant throw the same dice, so what differs between them is
the variant's doing, and the error of the difference is that of pairs (common random numbers;
Glasserman and Yao 1992, Management Science 38).
"""

from __future__ import annotations

import datetime as dt
import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from offramp.answers.columns import Column, column
from offramp.answers.forecast import (
    Answer,
    Arm,
    ChoiceAnswer,
    Forecast,
    InEach,
    QuantityAnswer,
    Support,
    Watch,
    answered,
    arm_jobs,
    in_each,
    unsupposed,
    watches,
)
from offramp.answers.sampling import paired
from offramp.answers.weights import effective_share, weights_under
from offramp.case.case import Case
from offramp.engine.blocks import worlds as blocks
from offramp.engine.blocks.worlds import Loaded
from offramp.engine.by_value import ByValue
from offramp.engine.ensemble import Ensemble, merge
from offramp.engine.plan import Plan, Prior, plan
from offramp.engine.run import Progress, RunSpec
from offramp.errors import Unanswerable
from offramp.language.kinds import DATE, unit_words
from offramp.language.questions import Question

FIRST = 128  # worlds after which somebody looks first

Traces = NDArray[np.uint8]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Session(ByValue):
    """A case with its worlds so far, from number 0 on.

    ensemble  None before the first worlds
    traces    (worlds, days, shown): the bin of each shown quantity at the end of each day, as the
              bands have them (`Band`)
    arms      the run of each `if:` among the questions; in `others` its worlds, of the same numbers
    """

    case: Case
    seed: int
    job: RunSpec
    watched: tuple[Watch, ...]
    rest: Support | None = field(compare=False)
    loaded: Loaded
    ensemble: Ensemble | None = None
    traces: Traces | None = None
    arms: tuple[tuple[Arm, Loaded, RunSpec], ...] = ()
    others: tuple[Ensemble, ...] = ()

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
        runs = [(loaded, job) for _, loaded, job in self.arms]
        others = blocks.side_runs(runs, numbers, threads, progress) if runs else []
        if self.ensemble is None or self.traces is None:
            return replace(self, ensemble=more, traces=traces, others=tuple(others))
        both = np.concatenate([self.traces, traces])
        joined = tuple(merge(list(x)) for x in zip(self.others, others, strict=True))
        return replace(self, ensemble=merge([self.ensemble, more]), traces=both, others=joined)

    @property
    def forecast(self) -> Forecast:
        """The answers of the worlds so far. Raises Unanswerable before the first worlds."""
        return self._answered(None)

    @property
    def columns(self) -> tuple[Column, ...]:
        """What each question comes to in each world, in the order of `watched`. Raises
        Unanswerable before the first worlds."""
        return tuple(column(w, self._known[w.question.id]) for w in self.watched)

    @functools.cached_property
    def _known(self) -> dict[str, InEach]:
        """What each question comes to in each world, by its id: found once for all weights."""
        laid = self.plan
        asked = ((w, self.ensemble_of(w.question)) for w in self.watched)
        return {w.question.id: in_each(laid, w, e) for w, e in asked}

    def ensemble_of(self, question: Question) -> Ensemble:
        """The worlds that a question is asked of. Raises Unanswerable before the first worlds."""
        some = self._some()
        found = (
            e
            for (arm, _, _), e in zip(self.arms, self.others, strict=True)
            if question.id in arm.questions
        )
        return next(found, some)

    def weighed(self, priors: Mapping[str, Prior]) -> Weighed:
        """The answers under other priors of some unknowns; nothing is simulated. Raises
        Unanswerable where these worlds do not tell (`weights.weights_under`)."""
        laid, some = self.plan, self._some()
        weights = weights_under(laid, some, priors)
        f = self._answered(weights)
        before = [laid.priors[laid.layout.unknowns[name]] for name in priors]
        return Weighed(
            case=self.case.id,
            seed=self.seed,
            worlds=self.worlds,
            priors=tuple(zip(before, priors.values(), strict=True)),
            share=effective_share(weights),
            answers=f.answers,
            quantities=f.quantities,
            choices=f.choices,
        )

    def _answered(self, weights: Floats | None) -> Forecast:
        case = self.case
        some, *others = (replace(e, weights=weights) for e in (self._some(), *self.others))
        own = {
            id: e for (arm, _, _), e in zip(self.arms, others, strict=True) for id in arm.questions
        }
        first, known = case.crisis.first, self._known
        return answered(case, list(self.watched), some, first, own, self.rest, known)

    def _some(self) -> Ensemble:
        if self.ensemble is None:
            raise Unanswerable("no worlds yet: `grown(500)` gives the session some")
        return self.ensemble


@dataclass(frozen=True)
class Weighed:
    """What worlds answer under other priors than they were drawn by. It is no forecast of the case,
    and goes nowhere as one: bands and stories of the worlds stay those of the case's own priors.

    priors  each that is changed, as it was and as it is
    share   how many independent worlds the weights leave, of all
    """

    case: str
    seed: int
    worlds: int
    priors: tuple[tuple[Prior, Prior], ...]
    share: float
    answers: tuple[Answer, ...]
    quantities: tuple[QuantityAnswer, ...]
    choices: tuple[ChoiceAnswer, ...]

    def __repr__(self) -> str:
        changed = ", ".join(old.name for old, _ in self.priors)
        return (
            f"<Weighed {self.case} under other priors of {changed}: {self.worlds:,} worlds, worth "
            f"{self.share:.0%} of them>"
        )


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What a variant changes in the answer to a question: of a yes or no the probability, of a
    choice that of each option, of a number or a date the mean (in `unit`, of a date in days).

    given   the question's condition in words; `worlds` are those that meet it in both
    error   the standard error of the mean over pairs of worlds
    cites   the passages that raise the question
    """

    id: str
    text: str
    option: str
    window: tuple[dt.date, dt.date]
    given: str
    value: float
    unit: str
    error: float
    worlds: int
    cites: tuple[str, ...]

    @property
    def distinct(self) -> bool:
        """Beyond three errors."""
        return abs(self.value) > 3 * self.error


def sessions(cases: tuple[Case, ...], seed: int, supposed: bool = False) -> tuple[Session, ...]:
    """A case and its variants, laid out for worlds of the same dice, of which none is simulated
    yet; those that are alike share one tape (`blocks/variants.py`). `supposed`: with the worlds of
    questions that suppose something, which are left out otherwise."""
    if not supposed:
        cases = tuple(unsupposed(case) for case in cases)
    seen = [watches(case, case.crisis.first) for case in cases]
    jobs = [RunSpec(c.crisis, monitors, seed) for c, (_, monitors) in zip(cases, seen, strict=True)]
    arms = [arm_jobs(watched, job) for (watched, _), job in zip(seen, jobs, strict=True)]
    crises = [job.crisis for job in jobs] + [job.crisis for own in arms for _, job in own]
    laid = blocks.load_all(crises)
    first, others = laid[: len(cases)], iter(laid[len(cases) :])
    out = list[Session]()
    for case, job, loaded, own, (watched, _) in zip(cases, jobs, first, arms, seen, strict=True):
        laid_arms = tuple((arm, next(others), run) for arm, run in own)
        # Of variants mostly differences are asked, which need no support.
        rest = None if out else Support(case)
        out.append(Session(case, seed, job, tuple(watched), rest, loaded, arms=laid_arms))
    return tuple(out)


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
    """What a variant changes, question by question that both ask, over the worlds that both
    have."""
    n = min(base.worlds, variant.worlds)
    out, others = list[Difference](), {c.question.id: c for c in variant.columns}
    for old in base.columns:
        q, new = old.question, others.get(old.question.id)
        if new is None:
            continue
        met = old.met[:n] & new.met[:n]
        before, after = (x.values[:n][met] for x in (old, new))
        for place, option in enumerate(q.names) if q.kind_of == "choice" else [(None, "")]:
            a, b = (x if place is None else (x == place).astype(float) for x in (before, after))
            value, error = paired(b, a, base._some())
            out.append(
                Difference(
                    id=q.id,
                    text=q.text,
                    option=option,
                    window=old.window,
                    given=q.where,
                    value=value,
                    unit=unit_of(q),
                    error=error,
                    worlds=int(met.sum()),
                    cites=q.cites,
                )
            )
    return tuple(out)


def unit_of(q: Question) -> str:
    """Of a difference between two answers."""
    if q.kind_of in ("binary", "choice"):
        return "probability"
    if q.kind == DATE:
        return "days"
    return unit_words(q.kind.unit) if q.kind.unit else ""

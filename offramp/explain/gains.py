"""Who came out on top: the change of each actor's own utility between two days.

By each author's own weights: the wants are the case's, their weights and the course of events are
drawn under the author's premises, in worlds conditioned on the same reports. Utilities of two
actors have no common unit (Arrow 1951); an actor's own change has a sign and a size against what
the actor could have hoped for, which is what is compared here.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.answers.sampling import paired
from offramp.case.case import Case
from offramp.engine.choice import Moment
from offramp.engine.ensemble import Ensemble
from offramp.engine.formulas import Formula
from offramp.engine.monitors import Monitor
from offramp.engine.plan import Plan, plan
from offramp.engine.run import asked_only
from offramp.filter.posterior import Posterior, futures
from offramp.language.crisis import Fear, Want, cited, claims
from offramp.language.expressions import Call, walk

APART = 3.0  # Monte Carlo errors beyond which a change has a sign


@dataclass(frozen=True)
class Term:
    """The mean change of one want or dread, in the actor's own unit."""

    name: str
    change: float
    mc_error: float
    passages: tuple[str, ...]


@dataclass(frozen=True)
class Gain:
    """An actor's change of utility: mean, standard error, share of worlds in which it is better
    off, and the size against its spread between worlds (`standard`, in sd)."""

    actor: str
    title: str
    change: float
    mc_error: float
    better_off: float
    standard: float
    terms: tuple[Term, ...]

    @property
    def verdict(self) -> str:
        if abs(self.change) <= APART * self.mc_error:
            return "even"
        return "gained" if self.change > 0 else "lost"


@dataclass(frozen=True)
class Gains:
    case: str
    assessment: str
    model_sha256: str
    first: dt.date
    last: dt.date
    seed: int
    worlds: int
    gains: tuple[Gain, ...]
    left: tuple[str, ...]  # terms that need more than quantities and are not counted

    def __repr__(self) -> str:
        return f"<Gains of {self.case} under {self.assessment}: {len(self.gains)} actors>"


def monitors_of(laid: Plan, last: int) -> tuple[Monitor, ...]:
    """Every quantity before the first day, and on the evening of the last."""
    quantities = range(len(laid.quantities))
    return (
        *(
            Monitor(function="initial", event=None, outcome=None, quantity=q, first=0, last=0)
            for q in quantities
        ),
        *(
            Monitor(function="final", event=None, outcome=None, quantity=q, first=last, last=last)
            for q in quantities
        ),
    )


def gains(
    case: Case,
    p: Posterior,
    last: dt.date,
    seed: int,
    assessment: str = "case",
    worlds: int = 1024,
    threads: int | None = None,
) -> Gains:
    """From the start, before the first day, to the evening of `last`, in worlds of the posterior
    as of its own last day."""
    laid = plan(case.crisis)
    day = (last - case.crisis.first).days
    job = asked_only(case.crisis, monitors_of(laid, day), seed)
    e = futures(p, job, worlds=worlds, threads=threads)
    return read(case, laid, e, day, seed, assessment)


def read(case: Case, laid: Plan, e: Ensemble, day: int, seed: int, assessment: str) -> Gains:
    """The changes of worlds that were watched by `monitors_of`."""
    n = len(laid.quantities)
    before, after = e.atoms[:, :n], e.atoms[:, n : 2 * n]
    out, left = [], []
    for mind in laid.minds:
        if not mind.terms:
            continue
        whole = np.zeros(e.worlds)
        terms = []
        # The terms are the wants and behind them the fears, each in the order of the file.
        own: list[Want | Fear] = [*mind.actor.wants, *mind.actor.fears]
        for term, source in zip(mind.terms, own, strict=True):
            if any(
                isinstance(x, Call) and x.function == "believes"
                for claim in claims(source)
                for x in walk(claim.expression)
            ):
                left.append(f"{mind.actor.title}: {term.name}")
                continue
            then = valued(term.value, after, e.unknowns, float(day))
            now = valued(term.value, before, e.unknowns, 0.0)
            change, error = paired(then, now, e)
            whole += then - now
            terms.append(Term(term.name, change, error, cited(source)))
        change, error = paired(whole, np.zeros(e.worlds), e)
        spread = float(whole.std())
        out.append(
            Gain(
                actor=mind.actor.name,
                title=mind.actor.title,
                change=change,
                mc_error=error,
                better_off=float((whole > 0).mean()),
                standard=change / spread if spread > 0 else 0.0,
                terms=tuple(sorted(terms, key=lambda t: -abs(t.change))),
            )
        )
    last = case.crisis.first + dt.timedelta(day)
    return Gains(
        case=case.id,
        assessment=assessment,
        model_sha256=case.model_sha256,
        first=case.crisis.first,
        last=last,
        seed=seed,
        worlds=e.worlds,
        gains=tuple(out),
        left=tuple(left),
    )


def valued(
    formula: Formula, s: NDArray[np.float64], u: NDArray[np.float64], day: float
) -> NDArray[np.float64]:
    """A term in every world."""
    moment = Moment(day, [])
    rows = zip(s.tolist(), u.tolist(), strict=True)
    return np.array([float(formula(x, y, moment)) for x, y in rows])

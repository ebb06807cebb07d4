"""One assessment's worlds under every policy, and the Monte Carlo error of a mean over them.

The very same worlds, with the same later dice, go on once as they are and once under each policy's
edits, so that a difference between two policies is the edits' doing (common random numbers;
Glasserman and Yao 1992, Management Science 38).

Worlds among reports are copies of fewer draws, and the draws of an island hang together. The error
of a mean m over clusters of shares w_i and means m_i is

    sqrt( k/(k-1) * sum_i w_i^2 (m_i - m)^2 )      (ratio estimator; Cochran 1977, Sampling, 9)

taken once with all copies of one draw as a cluster and once with all worlds of an island; the
larger counts. With k alike it is the standard error of a mean of k numbers, and a world that is its
own cluster gives sd / sqrt(n).
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from offramp.answers.forecast import Watch, outcomes, watches
from offramp.case.agenda import AS_IT_IS, Agenda, Policy
from offramp.case.case import Case
from offramp.engine.blocks.worlds import load_all, simulate_all
from offramp.engine.by_value import ByValue
from offramp.engine.ensemble import Ensemble
from offramp.engine.plan import Plan, plan
from offramp.engine.run import Progress, RunSpec, asked_only
from offramp.filter.posterior import Posterior, futures_under
from offramp.language.crisis import Crisis
from offramp.language.edits import edited
from offramp.text.diagnostics import Span

Floats = NDArray[np.float64]
NOTHING = Policy(
    id=AS_IT_IS,
    name="As it is",
    addressee=(),
    cites=(),
    edits=(),
    note="",
    inexpressible="",
    span=Span(AS_IT_IS, 1, 1),
)


@dataclass(frozen=True, eq=False)
class Lived(ByValue):
    """One assessment's worlds under every policy.

    terms     per loss, an array (policies, terms, worlds): what each term came to
    unknowns  (worlds, unknowns)
    groupings ways to divide the worlds into independent clusters, each (worlds,): by draw and by
              island; every world its own in a free run
    effective how many independent worlds the posterior is worth
    """

    assessment: str
    terms: tuple[Floats, ...]
    unknowns: Floats
    groupings: tuple[NDArray[np.int64], ...]
    effective: float

    @property
    def worlds(self) -> int:
        return len(self.unknowns)

    def loss(self, number: int) -> Floats:
        """(policies, worlds): the loss of each world."""
        return np.asarray(self.terms[number].sum(axis=1))


def rows_of(agenda: Agenda) -> tuple[Policy, ...]:
    """What is run: as it is, then every policy that is an edit."""
    return (NOTHING, *(p for p in agenda.policies if not p.inexpressible))


def distinct(rows: tuple[Policy, ...]) -> tuple[int, ...]:
    """For each row the first row with the same edits: equal programs are run once."""
    first: dict[tuple[str, ...], int] = {}
    return tuple(first.setdefault(p.does, i) for i, p in enumerate(rows))


def lived_among_reports(
    case: Case,
    agenda: Agenda,
    posteriors: dict[str, Posterior],
    as_of: dt.date,
    seed: int,
    each: int = 1,
    threads: int | None = None,
    progress: Progress | None = None,
) -> tuple[Lived, ...]:
    """The posterior worlds of each assessment, gone on under each policy from the day after.

    `each`: how often every posterior world goes on, with other dice each time. One tape serves a
    policy under all assessments: what they differ in, priors and starts, is drawn before the day
    on which it takes over.
    """
    rows, same = rows_of(agenda), distinct(rows_of(agenda))
    watched, job = watching(case, agenda, as_of + dt.timedelta(1), seed)
    places = sorted(set(same))
    edits = [i for i in places if rows[i].edits]
    laid = dict(
        zip(edits, load_all([edited(case.crisis, rows[i].edits) for i in edits]), strict=True)
    )
    tapes = tuple(map(laid.get, places))
    out = []
    for name, p in posteriors.items():
        own = replace(job, crisis=p.filter.plan.crisis.until(job.crisis.last))
        day, n = p.last, p.worlds * each
        ran = dict(
            zip(places, futures_under(p, own, tapes, day, n, threads, progress), strict=True)
        )
        out.append(measured(case, agenda, name, watched, [ran[i] for i in same]))
    return tuple(out)


def lived_freely(
    case: Case,
    agenda: Agenda,
    crises: dict[str, Crisis],
    worlds: int,
    seed: int,
    threads: int | None = None,
    progress: Progress | None = None,
) -> tuple[Lived, ...]:
    """Worlds from the first day, with the edits from the first day."""
    rows, same = rows_of(agenda), distinct(rows_of(agenda))
    watched, job = watching(case, agenda, case.crisis.first, seed)
    places = sorted(set(same))
    out = []
    for name, crisis in crises.items():
        lasting = crisis.until(job.crisis.last)
        jobs = tuple(replace(job, crisis=edited(lasting, rows[i].edits)) for i in places)
        ran = dict(zip(places, simulate_all(jobs, worlds, threads, progress), strict=True))
        out.append(measured(case, agenda, name, watched, [ran[i] for i in same]))
    return tuple(out)


def watching(case: Case, agenda: Agenda, first: dt.date, seed: int) -> tuple[list[Watch], RunSpec]:
    """What to watch for all terms of all losses, from a day on."""
    asked = tuple(q for loss in agenda.losses for q in loss.questions(case.crisis))
    watched, monitors = watches(replace(case, questions=asked), first)
    return watched, asked_only(case.crisis, monitors, seed)


def measured(
    case: Case, agenda: Agenda, name: str, watched: list[Watch], ensembles: list[Ensemble]
) -> Lived:
    """The terms of all losses in the worlds of each policy."""
    laid, left = plan(case.crisis), iter(watched)
    terms = []
    for loss in agenda.losses:
        own = list(itertools.islice(left, len(loss.terms)))
        values = [[_values(laid, w, e) for w in own] for e in ensembles]
        terms.append(np.array(values))
    first = ensembles[0]
    effective = float(first.worlds) if first.effective is None else first.effective
    return Lived(name, tuple(terms), first.unknowns, groupings_of(first), effective)


def groupings_of(e: Ensemble) -> tuple[NDArray[np.int64], ...]:
    """By draw and by island. Copies of one draw have the same unknowns to the last bit, and draws
    from a continuous prior never do by chance; without unknowns there are only islands."""
    if e.islands is None:
        return (np.arange(e.worlds),)
    if e.unknowns.shape[1] == 0:
        return (e.islands,)
    _, draws = np.unique(e.unknowns, axis=0, return_inverse=True)
    return np.asarray(draws.reshape(-1), np.int64), e.islands


def _values(laid: Plan, w: Watch, e: Ensemble) -> list[float]:
    return outcomes(laid, w, w.question.asks, e.atoms)


def error_of_mean(x: Floats, *groupings: NDArray[np.int64]) -> float:
    """The Monte Carlo error of the mean of x: the largest over ways to group its worlds into
    independent clusters. A grouping of fewer than two clusters says nothing and is passed over."""
    squares = [_between(x, labels) for labels in groupings]
    known = [s for s in squares if s is not None]
    return math.sqrt(max(known)) if known else math.inf


def _between(x: Floats, labels: NDArray[np.int64]) -> float | None:
    """The variance of the mean, from that between clusters."""
    _, place = np.unique(labels, return_inverse=True)
    sizes = np.bincount(place).astype(float)
    k, n = len(sizes), len(x)
    if k < 2:
        return None
    off = np.bincount(place, x - x.mean()) / n
    return float((off**2).sum()) * k / (k - 1)

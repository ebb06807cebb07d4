"""Two rival assessments in one parameter space: where their answers part, what carries it, and how
much the reports can tell between them."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.answers.conditioned import Conditioned
from offramp.answers.forecast import Watch, happened, told, watches
from offramp.answers.sampling import of_share
from offramp.case.assessments import Assessment
from offramp.case.case import Case
from offramp.case.disagreements import Disagreement
from offramp.case.overlay import Override
from offramp.engine.plan import plan
from offramp.explain.meld import Floats, design, fit, logistic
from offramp.filter.islands import DECISIVE, MEASURED, Estimate, bound, increment, tells
from offramp.filter.posterior import Posterior
from offramp.language.crisis import cited, elements
from offramp.sources.faults import all_beside

PARTED = 3.0  # Monte Carlo errors by which answers differ to be called different
LEAST_POINTS = 0.01  # carriers of less are not named
LEAST = 30  # worlds on each side of a question below which nothing is decomposed


@dataclass(frozen=True)
class Carrier:
    """A parameter that carries a difference: points of probability, and their standard error;
    what each side's passages say."""

    what: str
    title: str
    points: float
    error: float
    first: tuple[str, ...]
    second: tuple[str, ...]


@dataclass(frozen=True)
class AnswerDifference:
    """A question on which two assessments part. `rest` are the points that no single unknown
    carries: beliefs, starts, and what is not additive."""

    question: str
    text: str
    first: float
    second: float
    error: float
    carriers: tuple[Carrier, ...]
    rest: float
    given: str = ""  # the condition in words: the answers are shares of the worlds that meet it

    @property
    def difference(self) -> float:
        return self.first - self.second


@dataclass(frozen=True)
class BayesFactor:
    """Log evidence of the first less that of the second, on days after both documents, and its
    standard error from so many islands. `unmixed` says why it is not to be trusted at all."""

    after: dt.date
    until: dt.date
    log: float
    error: float
    islands: int
    unmixed: str = ""

    @property
    def ranked(self) -> bool:
        """Whether it says that one of the two has the better of it."""
        return not self.unmixed and tells(self.log, self.error, self.islands)

    def words(self, first: str, second: str) -> str:
        span = f"The reports of {self.after + dt.timedelta(1)} to {self.until}"
        factor = math.exp(min(700.0, abs(self.log)))
        better, other = (first, second) if self.log > 0 else (second, first)
        if self.unmixed:
            return f"{span}: {self.unmixed}. No author is ranked."
        if self.error > MEASURED:
            return (
                f"{span}: log Bayes factor {self.log:+.2f}, but its Monte Carlo error is "
                f"{self.error:.2f}: too few worlds to say anything. No author is ranked."
            )
        if not self.ranked:
            most = bound(self.error, self.islands)
            why = (
                f"within {DECISIVE:g} of nothing"
                if abs(self.log) < DECISIVE
                else f"within its 95% bound of {most:.2f}"
            )
            return (
                f"{span} cannot separate the two: log Bayes factor {self.log:+.2f} towards "
                f"{better} (a factor of {factor:.1f}, Monte Carlo error {self.error:.2f}), which "
                f"is {why}. No author is ranked."
            )
        strength = "somewhat" if abs(self.log) < 3.0 else "clearly"
        return (
            f"{span} are {strength} more probable under {better} than under {other}: log Bayes "
            f"factor {self.log:+.2f}, Monte Carlo error {self.error:.2f}. That is about the "
            "premises as this case reads them, in one crisis."
        )


@dataclass(frozen=True)
class Comparison:
    case: str
    model_sha256: str
    as_of: dt.date
    first: Assessment
    second: Assessment
    worlds: int
    seed: int
    partings: tuple[AnswerDifference, ...]
    alike: tuple[str, ...]  # questions that the Monte Carlo error does not tell apart
    factor: BayesFactor | None
    disagreements: tuple[Disagreement, ...]
    paraphrases: dict[str, str]
    faults: dict[str, str]  # what the record says against a passage

    def __repr__(self) -> str:
        return (
            f"<Comparison of {self.first.id} and {self.second.id} as of {self.as_of}: "
            f"{len(self.partings)} answers differ>"
        )


def after(p: Posterior, day: int, until: int) -> Estimate:
    """Log evidence of the days after one, up to another: each island forgets what it made of the
    earlier days."""
    return increment(p.log_evidences(until), p.log_evidences(day))


def bayes_factor(
    first: Conditioned, second: Conditioned, start: dt.date, after_day: dt.date
) -> BayesFactor:
    day = (after_day - start).days
    until = first.posterior.last
    a, b = (after(c.posterior, day, until) for c in (first, second))
    islands = min(len(c.posterior.islands) for c in (first, second))
    unmixed = [
        f"under {c.assessment}: {why}"
        for c in (first, second)
        if (why := c.posterior.refusal() or c.posterior.unmixed())
    ]
    return BayesFactor(
        after=after_day,
        until=first.as_of,
        log=a.value - b.value,
        error=math.hypot(a.error, b.error),
        islands=islands,
        unmixed="; ".join(unmixed),
    )


def compare(
    case: Case,
    cases: tuple[Case, Case],
    assessments: tuple[Assessment, Assessment],
    found: tuple[Conditioned, Conditioned],
    disagreements: tuple[Disagreement, ...],
    factor: BayesFactor | None,
) -> Comparison:
    """`cases` are the case under each assessment, `found` these as of one and the same day."""
    a, b = found
    assert a.forecast is not None
    assert b.forecast is not None
    late = {u.id for c in found if c.forecast for u in c.forecast.unasked}
    still_open = [w for w in watches(case, case.crisis.first)[0] if w.last > a.as_of]
    watched = [w for w in still_open if w.question.id not in late]
    partings, alike = [], []
    for w in watched:
        if not w.question.binary:
            continue
        parting = _parting(cases, assessments, found, w)
        if parting is None:
            alike.append(w.question.id)
        else:
            partings.append(parting)
    partings.sort(key=lambda x: -abs(x.difference))
    documents = {x.document for x in assessments}
    both = tuple(d for d in disagreements if documents <= {s.document for s in d.sides})
    ids = {p for x in partings for c in x.carriers for p in (*c.first, *c.second)}
    ids |= {p for d in both for s in d.sides for p in s.passages}
    return Comparison(
        case=case.id,
        model_sha256=case.model_sha256,
        as_of=a.as_of,
        first=assessments[0],
        second=assessments[1],
        worlds=a.posterior.worlds,
        seed=a.posterior.filter.seed,
        partings=tuple(partings),
        alike=tuple(alike),
        factor=factor,
        disagreements=both,
        paraphrases={p: case.passages[p].paraphrase for p in sorted(ids) if p in case.passages},
        faults=all_beside(case, sorted(ids)),
    )


def _parting(
    cases: tuple[Case, Case],
    assessments: tuple[Assessment, Assessment],
    found: tuple[Conditioned, Conditioned],
    w: Watch,
) -> AnswerDifference | None:
    shares, errors, rows = [], [], []
    for case, c in zip(cases, found, strict=True):
        assert c.forecast is not None
        ensemble = c.forecast.worlds_of(w.question.id)
        counted, true = happened(plan(case.crisis), w, ensemble)
        keep = np.array(counted, bool)
        if not keep.any():
            return None
        _, error, _ = of_share(true, keep, ensemble)
        rows.append((ensemble.unknowns[keep], np.array(true, bool)[keep]))
        shares.append(float(rows[-1][1].mean()))
        errors.append(error)
    error = math.hypot(*errors)
    if abs(shares[0] - shares[1]) < PARTED * error:
        return None
    came_true = np.concatenate([y for _, y in rows])
    carriers: tuple[Carrier, ...] = ()
    if min(int(came_true.sum()), int((~came_true).sum())) >= LEAST:
        carriers = decomposed(cases, assessments, rows[0][0], rows[1][0], came_true)
    difference = shares[0] - shares[1]
    return AnswerDifference(
        question=w.question.id,
        text=w.question.text,
        first=shares[0],
        second=shares[1],
        error=error,
        carriers=carriers,
        rest=difference - sum(c.points for c in carriers),
        given=w.question.where,
    )


def decomposed(
    cases: tuple[Case, Case],
    assessments: tuple[Assessment | None, Assessment | None],
    first: Floats,
    second: Floats,
    true: NDArray[np.bool_],
) -> tuple[Carrier, ...]:
    """Oaxaca's and Blinder's decomposition for a logit (Fairlie 2005): the coefficient of an
    unknown over the worlds of both, times the difference of its means, is put half above and half
    below each world's log-odds, and the difference of the two mean probabilities taken. A column
    for whose world it is takes what unknowns do not carry. The largest first. No assessment is the
    case as it is."""
    crisis = cases[0].crisis
    x = design(crisis, np.concatenate([first, second]))
    whose = np.concatenate([np.full(len(first), 0.5), np.full(len(second), -0.5)])
    fitted = fit(np.column_stack([x.columns, whose]), true)
    gaps = x.columns[: len(first)].mean(axis=0) - x.columns[len(first) :].mean(axis=0)
    own_odds = fitted.log_odds(np.column_stack([x.columns, whose]))
    slope = float((logistic(own_odds) * (1.0 - logistic(own_odds))).mean())
    out = []
    for k, unknown in enumerate(crisis.unknowns):
        own = [j for j, of in enumerate(x.of) if of == k]
        if not own:
            continue
        gap = gaps[own]
        places = [j + 1 for j in own]
        moved = float(gap @ fitted.coefficients[places]) / 2.0
        points = float((logistic(own_odds + moved) - logistic(own_odds - moved)).mean())
        error = slope * math.sqrt(float(gap @ fitted.covariance[np.ix_(places, places)] @ gap))
        if abs(points) > 2.0 * error and abs(points) >= LEAST_POINTS:
            what = f"unknown {unknown.name}"
            out.append(
                Carrier(
                    what,
                    unknown.title or unknown.name,
                    points,
                    error,
                    *(_passages(c, a, what) for c, a in zip(cases, assessments, strict=True)),
                )
            )
    return tuple(sorted(out, key=lambda c: -abs(c.points)))


def _passages(case: Case, assessment: Assessment | None, what: str) -> tuple[str, ...]:
    """The passages behind a parameter on one side: the author's own, else the case's."""
    own = override(assessment, what)
    return own.passages if own else cited(dict(elements(case.crisis))[what])


def override(assessment: Assessment | None, what: str) -> Override | None:
    overrides = assessment.overrides if assessment else ()
    return next((o for o in overrides if o.what == what), None)


def sentence(c: Comparison, p: AnswerDifference) -> str:
    """`inss 34%, deadheat 12%: Will ...`; with the question's condition where it has one."""
    return f"{c.first.id} {p.first:.0%}, {c.second.id} {p.second:.0%}: {told(p.text, p.given)}"


def reason(c: Comparison, carrier: Carrier) -> str:
    way = "raises" if carrier.points > 0 else "lowers"
    return (
        f"{carrier.title}: as {c.first.id} has it rather than {c.second.id}, it {way} the answer "
        f"by {abs(100 * carrier.points):.0f} points (error {100 * carrier.error:.0f})"
    )


def sides(c: Comparison, carrier: Carrier) -> tuple[str, ...]:
    """Each side in a sentence: the author's passages, or that he leaves it as the case has it."""
    out = []
    for assessment, passages in ((c.first, carrier.first), (c.second, carrier.second)):
        if override(assessment, carrier.what) is None:
            out.append(f"{assessment.id} says nothing of it: as the case has it")
            continue
        said = "; ".join(quoted(c, p) for p in passages[:3])
        out.append(f"{assessment.id}: {said or 'ours, no passage'}")
    return tuple(out)


def quoted(c: Comparison, passage: str) -> str:
    """What a passage says, in our words, and what the record says against it."""
    against = f" ({c.faults[passage]})" if passage in c.faults else ""
    return f"{c.paraphrases.get(passage, passage)} [{passage}]{against}"

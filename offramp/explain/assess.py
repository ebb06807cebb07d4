"""One author: do the premises imply the forecasts, what do these rest on, what cannot be said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from offramp.answers.conditioned import Conditioned
from offramp.answers.forecast import Watch, happened, watches
from offramp.answers.resolve import Outcome
from offramp.answers.sampling import of_share
from offramp.case.assessments import Assessment, Judgement
from offramp.case.case import Case
from offramp.engine.plan import plan
from offramp.explain.meld import Floats, centre, design, fit, tilt
from offramp.filter.islands import bound

LEAST = 30  # worlds that come true, and that do not, below which no regression is made
FEWEST = 50.0  # effective worlds of a tilt; with fewer it stands on too few of them
SHIFT = 0.1  # of a prior's sd: smaller moves of an unknown are not named


@dataclass(frozen=True)
class Moved:
    """An unknown that a tilt moves: its mean (or the probability of a named value) before and
    after, and the move in sd of the premises."""

    unknown: str
    value: str
    before: float
    after: float
    move: float


@dataclass(frozen=True)
class Coherence:
    """A judgement beside what the author's premises give.

    verdict   coherent, below, above (the premises' probability against the judged interval),
              premise, inexpressible, already decided by the reports (that were known when the
              author wrote: a judgement of what had happened is no forecast), already decided (by
              the resolution cited), not open (its window had closed, and nothing told how,
              or it was too late for what it supposes), or too few worlds
    implied   by the premises and the reports known when the document was written
    cost      in nats, of tilting the premises to the centre of the interval; None where no
              setting of the unknowns in these worlds reaches it, or too few do (`note` says which)
    explained share of deviance that unknowns explain: where it is near 0, no premise decides the
              question, and a tilt says little
    """

    judgement: Judgement
    verdict: str
    text: str
    implied: float | None
    mc_error: float | None
    cost: float | None
    explained: float | None
    rests_on: tuple[Moved, ...]
    note: str
    given: str = ""  # the question's condition in words: `implied` is of the worlds that meet it


@dataclass(frozen=True)
class Assessed:
    """An author's judgements beside what the author's own premises imply."""

    assessment: Assessment
    conditioned: Conditioned
    judgements: tuple[Coherence, ...]

    def __repr__(self) -> str:
        return f"<Assessed {self.assessment.id}: {len(self.judgements)} judgements>"


def coherence(
    case: Case, assessment: Assessment, c: Conditioned, decided: Mapping[str, Outcome]
) -> tuple[Coherence, ...]:
    """Every judgement of the assessment, in the order of its file. `c` is the case under it, as of
    the day until which its author knew; `decided` are the questions that the reports known by then
    had decided (`forecast.resolve.already`)."""
    assert c.forecast is not None
    watched = {w.question.id: w for w in watches(case, case.crisis.first)[0]}
    return tuple(
        replace(_one(case, c, j, watched, decided), given=watched[j.question].question.where)
        if j.question in watched
        else _one(case, c, j, watched, decided)
        for j in assessment.judgements
    )


def _one(
    case: Case,
    c: Conditioned,
    j: Judgement,
    watched: dict[str, Watch],
    decided: Mapping[str, Outcome],
) -> Coherence:
    def without(verdict: str, text: str, note: str = "") -> Coherence:
        return Coherence(
            judgement=j,
            verdict=verdict,
            text=text,
            implied=None,
            mc_error=None,
            cost=None,
            explained=None,
            rests_on=(),
            note=note,
        )

    passage = case.passages.get(j.passage)
    about = passage.paraphrase if passage else j.passage
    if j.premise:
        return without("premise", about, "carried by " + ", ".join(j.premise))
    if j.question is None or j.low is None or j.high is None:
        return without("inexpressible", about, j.inexpressible)
    w = watched[j.question]
    text = w.question.text
    if j.question in decided:
        return without(decided[j.question].already, text, decided[j.question].briefly)
    if w.last <= c.as_of:
        return without("not open", text, f"its window had closed by {c.as_of}")
    assert c.forecast is not None
    late = next((u.why for u in c.forecast.unasked if u.id == j.question), "")
    if late:
        return without("not open", text, late)
    ensemble = c.forecast.worlds_of(j.question)
    counted, true = (np.array(x, bool) for x in happened(plan(case.crisis), w, ensemble))
    n, yes = int(counted.sum()), int((true & counted).sum())
    if n == 0:
        return without("too few worlds", text, "no world meets its condition")
    p, (_, error, _) = yes / n, of_share(true, counted, ensemble)
    near = bound(error, len(c.posterior.islands))
    if n < LEAST:
        return without("too few worlds", text, f"{n} worlds meet its condition")
    verdict = "coherent"
    if p + near < j.low:
        verdict = "below"
    elif p - near > j.high:
        verdict = "above"
    if min(yes, n - yes) < LEAST:
        note = f"comes true in {yes} of {n} worlds: too one-sided to say what it rests on"
        return Coherence(
            judgement=j,
            verdict=verdict,
            text=text,
            implied=p,
            mc_error=error,
            cost=None,
            explained=None,
            rests_on=(),
            note=note,
        )
    unknowns = ensemble.unknowns[counted]
    x = design(case.crisis, unknowns)
    fitted = fit(x.columns, true[counted])
    given = fitted.probabilities(x.columns)
    wanted = centre(j.low, j.high)
    t = tilt(given, wanted)
    worth = 1.0 / float((t.weights**2).sum())
    if not t.reached or worth < FEWEST:
        note = (
            f"no values of the unknowns in these worlds give {wanted:.0%}: they reach "
            f"{given.min():.0%} to {given.max():.0%}"
            if not t.reached
            else f"{wanted:.0%} would rest on some {worth:.0f} worlds only"
        )
        return Coherence(
            judgement=j,
            verdict=verdict,
            text=text,
            implied=p,
            mc_error=error,
            cost=None,
            explained=fitted.explained,
            rests_on=(),
            note=note,
        )
    rests = moved(case, unknowns, t.weights)
    return Coherence(
        judgement=j,
        verdict=verdict,
        text=text,
        implied=p,
        mc_error=error,
        cost=t.cost,
        explained=fitted.explained,
        rests_on=rests,
        note="",
    )


def moved(case: Case, unknowns: Floats, weights: Floats) -> tuple[Moved, ...]:
    """The unknowns that weights move, the farthest first."""
    out = []
    for k, unknown in enumerate(case.crisis.unknowns):
        x = unknowns[:, k]
        columns = [
            (option.name, (x == j).astype(float)) for j, option in enumerate(unknown.options)
        ] or [("", x)]
        found = []
        for name, column in columns:
            sd = float(column.std())
            if sd > 1e-12:
                before, after = float(column.mean()), float((weights * column).sum())
                found.append(Moved(unknown.name, name, before, after, (after - before) / sd))
        if found:
            out.append(max(found, key=lambda r: abs(r.move)))
    ordered = sorted(out, key=lambda r: -abs(r.move))
    return tuple(r for r in ordered[:3] if abs(r.move) >= SHIFT)

"""Once a question has resolved: which authors, parameters and passages earned or lost the score."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from offramp.answers.conditioned import Conditioned
from offramp.answers.forecast import Support, Watch, happened
from offramp.answers.resolve import Outcome
from offramp.answers.sampling import of_share
from offramp.case.assessments import Assessment
from offramp.case.case import Case
from offramp.engine.plan import plan
from offramp.explain.compare import override
from offramp.language.crisis import cited

LEAST = 30  # worlds of each outcome below which parameters are not told apart


@dataclass(frozen=True)
class Author:
    """An assessment's probability of what happened, and its log score less that of the case:
    above 0 earned, below lost."""

    assessment: str
    probability: float
    mc_error: float
    earned: float


@dataclass(frozen=True)
class Parameter:
    """An unknown: the log score in the half of the worlds that gives what happened more
    probability, less that in the other half; which half; the passages behind it, and those by which
    authors moved it to either side."""

    what: str
    title: str
    half: str
    nats: float
    error: float
    passages: tuple[str, ...]
    moved_by: tuple[str, ...]


@dataclass(frozen=True)
class Postmortem:
    case: str
    model_sha256: str
    seed: int
    worlds: int
    question: str
    text: str
    as_of: dt.date
    outcome: Outcome
    authors: tuple[Author, ...]
    parameters: tuple[Parameter, ...]
    paraphrases: dict[str, str]
    given: str = ""  # the condition in words: shares are of the worlds that meet it

    def __repr__(self) -> str:
        return f"<Postmortem of {self.question} as of {self.as_of}: {len(self.authors)} authors>"


def postmortem(
    case: Case,
    w: Watch,
    outcome: Outcome,
    found: Mapping[str, Conditioned],
    cases: Mapping[str, Case],
    assessments: Mapping[str, Assessment],
) -> Postmortem:
    """`found` has the case (as 'case') and assessments, all as of one day before the question
    resolved; `outcome` is yes or no."""
    shares, errors = {}, {}
    for name, c in found.items():
        assert c.forecast is not None
        ensemble = c.forecast.worlds_of(w.question.id)
        found_by = happened(plan(cases[name].crisis), w, ensemble)
        counted, true = (np.array(x, bool) for x in found_by)
        error = of_share(true, counted, ensemble)[1] if counted.any() else 1.0
        n, yes = max(1, int(counted.sum())), int((counted & true).sum())
        share = (yes + 0.5) / (n + 1.0)
        shares[name] = share if outcome.answer == "yes" else 1.0 - share
        errors[name] = error
    authors = tuple(
        Author(name, p, errors[name], math.log(p) - math.log(shares["case"]))
        for name, p in shares.items()
    )
    parameters = _parameters(case, w, outcome, found["case"], assessments)
    ids = {p for x in parameters for p in x.passages} | set(w.question.cites)
    p = found["case"].posterior
    return Postmortem(
        case=case.id,
        model_sha256=case.model_sha256,
        seed=p.filter.seed,
        worlds=p.worlds,
        question=w.question.id,
        text=w.question.text,
        as_of=found["case"].as_of,
        outcome=outcome,
        authors=authors,
        parameters=parameters,
        paraphrases={p: case.passages[p].paraphrase for p in sorted(ids) if p in case.passages},
        given=w.question.where,
    )


def _parameters(
    case: Case, w: Watch, outcome: Outcome, c: Conditioned, assessments: Mapping[str, Assessment]
) -> tuple[Parameter, ...]:
    assert c.forecast is not None
    ensemble = c.forecast.worlds_of(w.question.id)
    counted, true = (np.array(x, bool) for x in happened(plan(case.crisis), w, ensemble))
    right = true[counted] == (outcome.answer == "yes")
    if min(int(right.sum()), int((~right).sum())) < LEAST:
        return ()
    # A share's error grows where worlds are worth less than they are many.
    worth = 1.0 if ensemble.effective is None else ensemble.effective / ensemble.worlds
    near = set(Support(case).behind(w.question))
    out = []
    for k, unknown in enumerate(case.crisis.unknowns):
        if f"unknown {unknown.name}" not in near:
            continue
        x = ensemble.unknowns[counted, k]
        halves = [(x == j, o.name.replace("_", " ")) for j, o in enumerate(unknown.options)]
        middle = float(np.median(x))
        best: Parameter | None = None
        for high, words in halves or [(x > middle, f"above {middle:.2g}")]:
            n = np.array([high.sum(), (~high).sum()], float) * worth
            if n.min() < 1.0:
                continue
            p = [
                (float(right[part].mean()) * m + 0.5) / (m + 1.0)
                for part, m in zip((high, ~high), n, strict=True)
            ]
            nats = math.log(p[0] / p[1])
            error = math.sqrt(sum((1.0 - q) / (q * m) for q, m in zip(p, n, strict=True)))
            half = words if nats > 0 else f"not {words}"
            moved = tuple(
                a.id for a in assessments.values() if override(a, f"unknown {unknown.name}")
            )
            one = Parameter(
                what=f"unknown {unknown.name}",
                title=unknown.title or unknown.name,
                half=half,
                nats=abs(nats),
                error=error,
                passages=cited(unknown)[:6],
                moved_by=moved,
            )
            if best is None or one.nats / one.error > best.nats / best.error:
                best = one
        if best is not None and best.nats > 2.0 * best.error:
            out.append(best)
    return tuple(sorted(out, key=lambda x: -x.nats))

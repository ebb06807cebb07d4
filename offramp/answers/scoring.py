"""A case and its rivals, forecast as of many days and scored against the record."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from offramp.answers.baselines import Said, baselines
from offramp.answers.conditioned import Conditioned, sweep
from offramp.answers.issued import (
    Bin,
    Issued,
    Unscored,
    from_forecast,
    reliability,
    score,
    undecided,
    unscored,
)
from offramp.answers.resolve import Disagreement, Outcome, disagreements, resolve_all
from offramp.answers.scores import Difference, Row, Score, against, scoreboard
from offramp.case.assessments import Assessment
from offramp.case.case import Case, under
from offramp.case.record import History
from offramp.filter.islands import increment

BASELINE = "baseline:"
REFERENCES = ("baseline:climatology", "baseline:persistence", "baseline:base_rate")


@dataclass(frozen=True)
class Evidence:
    """Log evidence of an assessment on days after a document, and its standard error from so many
    islands; `unmixed` says why it is not to be trusted, if it is not."""

    assessment: str
    after: dt.date
    until: dt.date
    log: float
    error: float
    islands: int
    unmixed: str


@dataclass(frozen=True)
class Fate:
    """What became of a question: how many forecasts of the case and its rivals were scored, and
    how many were not, by reason. A question that nobody could forecast has only a reason."""

    outcome: Outcome
    scored: int
    unscored: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Scored:
    case: str
    model_sha256: str
    seed: int
    worlds: int
    as_of: tuple[dt.date, ...]
    known_by: dt.date
    issued: tuple[Issued, ...]
    outcomes: dict[str, Outcome]
    scores: tuple[Score, ...]
    unscored: tuple[Unscored, ...]
    calibration: dict[str, tuple[Bin, ...]]
    disagreements: tuple[Disagreement, ...]
    evidence: tuple[Evidence, ...]

    @property
    def board(self) -> tuple[Row, ...]:
        """The case and the baselines that answer nearly every question, on the same questions."""
        return scoreboard(self.scores, ("case", "baseline:climatology"))

    @property
    def fates(self) -> tuple[Fate, ...]:
        """Every question in the order of its file: scored or not, and why not."""
        done: dict[str, set[tuple[dt.date, str]]] = {}
        for x in self.scores:
            if not x.assessment.startswith(BASELINE):
                done.setdefault(x.question, set()).add((x.as_of, x.assessment))
        why: dict[str, Counter[str]] = {}
        for u in self.unscored:
            if not u.assessment.startswith(BASELINE):
                why.setdefault(u.question, Counter())[u.why] += 1
        return tuple(
            Fate(o, len(done.get(q, ())), tuple(why.get(q, Counter()).most_common()))
            if q in done or q in why
            else Fate(
                o,
                0,
                (
                    (
                        f"no forecast: its window ended on {o.last}, and the first "
                        f"forecast is as of {self.as_of[0]}",
                        0,
                    ),
                ),
            )
            for q, o in self.outcomes.items()
        )

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Everybody against each baseline, on the questions that both answer."""
        return tuple(d for reference in REFERENCES for d in against(self.scores, reference))

    def __repr__(self) -> str:
        return f"<Scored {self.case}: {len(self.scores)} scores as of {len(self.as_of)} days>"


def days_to_score(case: Case) -> tuple[dt.date, ...]:
    """The days until which the documents' authors knew, then the first of each month after the
    last of these, and the last day of the course."""
    first, last = case.crisis.first, case.crisis.shown_last
    written = sorted({d.knew for d in case.documents.values() if first <= d.knew <= last})
    day, monthly = written[-1] if written else first, []
    while True:
        day = dt.date(day.year + day.month // 12, day.month % 12 + 1, 1)
        if day > last:
            break
        monthly.append(day)
    return tuple(dict.fromkeys((*written, *monthly, last)))


def judged(assessments: Mapping[str, Assessment]) -> dict[str, list[Said]]:
    """What authors said of questions, as intervals."""
    out: dict[str, list[Said]] = {}
    for a in assessments.values():
        for j in a.judgements:
            if j.question is not None and j.low is not None and j.high is not None:
                out.setdefault(j.question, []).append((a.id, j.low, j.high, a.knew))
    return out


def scored(
    case: Case,
    history: History,
    assessments: Mapping[str, Assessment],
    chosen: tuple[str, ...],
    days: tuple[dt.date, ...],
    worlds: int,
    seed: int,
    threads: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Scored:
    """`chosen` are 'case' and assessments; each is forecast as of every day from that on
    until which its author knew, having lived the reports known by then. The record is what is
    known at the end: all reports and resolutions, years later. Worlds of an `if:` whose questions
    that record does not decide, most often because it annuls them, are not simulated: they could
    get no score."""
    known_by = dt.date.max
    outcomes = resolve_all(case, history, known_by)
    moot = {q.id: q for q in case.questions if q.supposes and not outcomes[q.id].decided}
    issued, evidence, left = list[Issued](), list[Evidence](), list[Unscored]()
    common = max((assessments[n].knew for n in chosen if n in assessments), default=days[0])
    for name in chosen:
        own = case if name == "case" else under(case, assessments[name])
        own = replace(own, questions=tuple(q for q in own.questions if q.id not in moot))
        written = days[0] if name == "case" else assessments[name].knew
        dates = tuple(d for d in days if d >= written)
        if not dates:
            continue
        found = sweep(own, history, dates, worlds, seed, threads, progress, assessment=name)
        for c in found:
            issued += issued_by(c, own)
        left += [
            Unscored(id, day, name, f"{undecided(outcomes[id])}, so that it was not simulated")
            for day in dates
            for id, q in moot.items()
            if q.last > day
        ]
        own_day = {written} if name in assessments else set()
        for start in sorted({*own_day, common}):
            evidence += evidence_after(name, found, case.crisis.first, start)
    said, rates, crowd = judged(assessments), case.rates, case.crowd
    for day in days:
        issued += baselines(case, history, day, rates, said, crowd)
    return Scored(
        case=case.id,
        model_sha256=case.model_sha256,
        seed=seed,
        worlds=worlds,
        as_of=days,
        known_by=known_by,
        issued=tuple(issued),
        outcomes=outcomes,
        scores=score(issued, outcomes),
        unscored=(*unscored(issued, outcomes), *left),
        calibration={
            name: reliability([i for i in issued if i.assessment == name], outcomes)
            for name in (*chosen, "baseline:climatology")
        },
        disagreements=disagreements(case, history, known_by),
        evidence=tuple(evidence),
    )


def issued_by(c: Conditioned, case: Case) -> tuple[Issued, ...]:
    """What a case says as of a day; where it has no posterior, a refusal for each question."""
    if c.forecast is not None:
        return from_forecast(c.forecast, case, c.as_of, c.assessment)
    return tuple(
        Issued(
            question=q.id,
            kind=q.kind_of,
            as_of=c.as_of,
            assessment=c.assessment,
            model_sha256=c.model_sha256,
            seed=c.posterior.filter.seed,
            worlds=int(c.posterior.days[-1].ess),
            refused=c.refused,
            given=q.where,
        )
        for q in case.questions
        if q.last > c.as_of
    )


def evidence_after(
    name: str, found: tuple[Conditioned, ...], first: dt.date, start: dt.date
) -> list[Evidence]:
    """Of the last run, on the days after `start`; none where that run ends on it."""
    last = found[-1]
    day, until = (start - first).days, (last.as_of - first).days
    if until <= day:
        return []
    p = last.posterior
    whole = p.log_evidences(until)
    found_after = increment(whole, p.log_evidences(day) if day >= 0 else np.zeros(len(whole)))
    return [
        Evidence(
            assessment=name,
            after=start,
            until=last.as_of,
            log=found_after.value,
            error=found_after.error,
            islands=len(whole),
            unmixed=p.refusal() or p.unmixed(),
        )
    ]


WARNING = (
    "The builders of this case knew how the crisis went. Parameters come from passages by a fixed "
    "mapping and nothing is fitted to the months that are scored; still these are no tests of "
    "foresight, and one crisis proves little."
)

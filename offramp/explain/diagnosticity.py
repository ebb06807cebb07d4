"""Which reports tell between authors: analysis of competing hypotheses, done by likelihood.

Heuer (1999, ch. 8) sets evidence in rows and hypotheses in columns, and asks of each row how
diagnostic it is: a report that is as likely under every hypothesis tells nothing, however striking.
Here the columns are authors' premises, and a cell is the log probability of what was reported given
all that was reported before (the increment of the log evidence), so that the rows of an author add
up to the log evidence. Silence about what is followed is a report too: days without any row of the
record stand together, between the days with one.

A report whose day is disputed tells on each day of its window, and one of a deed that takes time on
the day on which it was decided: of such a report the row of its last day has the rest alone.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from offramp.case.case import Case
from offramp.case.record import Report
from offramp.filter.islands import (
    DECISIVE,
    MEASURED,
    Estimate,
    bound,
    increment,
    log_mean,
    tells,
)
from offramp.filter.posterior import Posterior


@dataclass(frozen=True)
class Told:
    """A report of a row: its id, the event or quantity that it is of, what it says, and from whom.
    `first` is before the row's day where the report tells on earlier days too."""

    id: str
    what: str
    report: str
    source: str
    first: dt.date


@dataclass(frozen=True, kw_only=True)
class Row:
    """What was reported of some days, and how probable each author's premises made it.

    first, last   its days; one alone where anything was reported
    reports       of that day; none where nothing was, which is told by silence
    logs          log probability by author given all before, in nats, each with its standard error
    best, worst   the authors that made it most and least probable, of those that are not `unmixed`
                  if there are two
    ratio, error  log of how many times as probable the best made it as the worst, and its standard
                  error. The two are the outermost of all authors: of many authors and pure noise
                  it is above 0
    tells         whether it ranks these two, as a Bayes factor does: not where either is `unmixed`
    """

    first: dt.date
    last: dt.date
    reports: tuple[Told, ...]
    logs: Mapping[str, Estimate]
    best: str
    worst: str
    ratio: float
    error: float
    tells: bool


@dataclass(frozen=True, kw_only=True)
class Diagnosticity:
    """`rows` in the order of time; `totals` is each author's log evidence of all of them, in nats.
    `unmixed` says of an author why nobody should rank by it."""

    case: str
    model_sha256: str
    as_of: dt.date
    authors: Mapping[str, str]
    worlds: int
    seed: int
    islands: int
    rows: tuple[Row, ...]
    totals: Mapping[str, Estimate]
    unmixed: Mapping[str, str]

    @property
    def ordered(self) -> tuple[Row, ...]:
        """The most diagnostic first; those that tell nothing last."""
        return tuple(sorted(self.rows, key=lambda r: (not r.tells, -r.ratio)))

    def __repr__(self) -> str:
        return (
            f"<Diagnosticity of the reports of {self.case} as of {self.as_of}: "
            f"{sum(r.tells for r in self.rows)} of {len(self.rows)} rows tell between "
            f"{len(self.authors)} authors>"
        )


def diagnosticity(
    case: Case,
    found: Mapping[str, Posterior],
    known: tuple[Report, ...],
    leads: Mapping[str, int],
    as_of: dt.date,
) -> Diagnosticity:
    """`found`: the worlds under each author's premises, conditioned on the reports known by a day;
    `known` are these; `leads`: days from the decision of a move to its deed."""
    first, some = case.crisis.first, next(iter(found.values()))
    refused = {n: why for n, p in found.items() if (why := p.refusal() or p.unmixed())}
    rows = []
    for low, high, reports in _stretches(first, as_of, known):
        days = ((low - first).days, (high - first).days)
        told = tuple(
            Told(r.id, r.what, r.report, r.source, r.first - dt.timedelta(leads.get(r.what, 0)))
            for r in reports
        )
        logs = {name: _between(p, *days) for name, p in found.items()}
        rows.append(_row(low, high, told, logs, refused, len(some.islands)))
    last = (as_of - first).days
    own = case.assessments
    return Diagnosticity(
        case=case.id,
        model_sha256=case.model_sha256,
        as_of=as_of,
        authors={n: own[n].title if n in own else "the case" for n in found},
        worlds=some.worlds,
        seed=some.filter.seed,
        islands=len(some.islands),
        rows=tuple(rows),
        totals={n: log_mean(p.log_evidences(last)) for n, p in found.items()},
        unmixed=refused,
    )


def _between(p: Posterior, first: int, last: int) -> Estimate:
    """Log evidence of some days given all before."""
    logs = p.log_evidences(last)
    return increment(logs, p.log_evidences(first - 1) if first else np.zeros(len(logs)))


def _stretches(
    first: dt.date, last: dt.date, known: tuple[Report, ...]
) -> Iterator[tuple[dt.date, dt.date, tuple[Report, ...]]]:
    """The days with reports one by one, and those without between them together."""
    of_day: dict[dt.date, list[Report]] = {}
    for r in known:
        if r.kind in ("event", "quantity") and r.last >= first:
            of_day.setdefault(min(r.last, last), []).append(r)
    days = [first + dt.timedelta(k) for k in range((last - first).days + 1)]
    for silent, group in groupby(days, key=lambda day: day not in of_day):
        own = list(group)
        if silent:
            yield own[0], own[-1], ()
        else:
            yield from ((day, day, tuple(of_day[day])) for day in own)


def _row(
    first: dt.date,
    last: dt.date,
    reports: tuple[Told, ...],
    logs: Mapping[str, Estimate],
    refused: Collection[str],
    islands: int,
) -> Row:
    trusted = [name for name in logs if name not in refused]
    ranked = trusted if len(trusted) > 1 else list(logs)
    best = max(ranked, key=lambda n: logs[n].value)
    worst = min(ranked, key=lambda n: logs[n].value)
    ratio = logs[best].value - logs[worst].value
    error = math.hypot(logs[best].error, logs[worst].error)
    return Row(
        first=first,
        last=last,
        reports=reports,
        logs=logs,
        best=best,
        worst=worst,
        ratio=ratio,
        error=error,
        tells=not {best, worst} & set(refused) and tells(ratio, error, islands),
    )


def needed(row: Row, islands: int) -> float:
    """How many nats must lie between the outermost authors for a row to tell: one, and its 95%
    bound; infinite where there are too few worlds to say."""
    if not row.error <= MEASURED:
        return math.inf
    return max(DECISIVE, bound(row.error, islands))


def sentence(d: Diagnosticity, row: Row) -> str:
    """What a row tells between authors, in words."""
    least = needed(row, d.islands)
    if not math.isfinite(least):
        return "too few worlds to say"
    if whose := [n for n in (row.best, row.worst) if n in d.unmixed]:
        return f"nobody is ranked: the worlds under {' and '.join(whose)} are not to be trusted"
    if not row.tells:
        return f"tells nobody apart: {row.ratio:.1f} nats between the outermost, {least:.1f} needed"
    return (
        f"{math.exp(min(700.0, row.ratio)):,.1f} times as probable under {row.best} as under "
        f"{row.worst}"
    )

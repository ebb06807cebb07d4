"""What was conditioned on reports, for the case edited: its worlds weighed anew."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from offramp.answers.conditioned import Conditioned, answers
from offramp.case.case import Case
from offramp.engine.plan import plan
from offramp.filter.known import schedule
from offramp.filter.posterior import same_elements
from offramp.filter.reweigh import reweighed
from offramp.filter.store import written


@dataclass(frozen=True, kw_only=True)
class Anew:
    """The edited case as of the same day. Of its posterior the last day alone is known.

    change  log evidence of the edited case less that of the case before, in nats; `change_error`
            is the Monte Carlo error of this difference, which is less than that of either
    share   how many independent worlds there are, against before; below a quarter `conditioned` is
            refused. It may exceed 1: an edit can make weights more equal
    """

    conditioned: Conditioned
    change: float
    change_error: float
    share: float

    def __repr__(self) -> str:
        c = self.conditioned
        return (
            f"<Anew {c.case} as of {c.as_of} ({c.assessment}): log evidence {self.change:+.2f}, "
            f"worth {self.share:.0%} of the worlds before>"
        )


def anew(case: Case, known: Conditioned, threads: int | None = None) -> Anew:
    """The answers of the edited case. Raises ValueError where it has other elements or reports than
    the case that was conditioned."""
    p = known.posterior
    f, laid = p.filter, plan(case.crisis)
    same_elements(f.plan, laid)

    def date(day: int) -> dt.date:
        return case.crisis.first + dt.timedelta(day)

    s = f.schedule
    own = schedule(laid, case.history, date(s.last), s.per_episode, tuple(map(date, s.stops)))
    if replace(own, leads=s.leads) != s:
        raise ValueError("the edited case has other reports, or follows other events")
    r = reweighed(p, case.crisis, threads, written)
    found = answers(
        case,
        r.posterior,
        known.as_of,
        known.reports,
        f.seed,
        threads,
        known.assessment,
        r.refusal(),
    )
    return Anew(
        conditioned=replace(found, decided=known.decided),
        change=r.change.value,
        change_error=r.change.error,
        share=r.share,
    )

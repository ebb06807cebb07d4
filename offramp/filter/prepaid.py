"""Reports of a disputed day, paid in advance.

The day of such a report is drawn once a world. A world that drew the last day of the window has not
yet paid for the report when others have, wins every resampling until then, and pays all at once:
the worlds that are left are all of that day. So every world is charged on the first day of the
window, and given it back on the day that it drew. The charges multiply to one, so any charge is
exact; a good one is what such a report usually costs. (A twisted target: Whiteley and Lee 2014.)
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.engine.by_value import ByValue
from offramp.engine.plan import Plan
from offramp.engine.schedule import Schedule, Sighting
from offramp.language.kinds import constant

Floats = NDArray[np.float64]

USUAL = 3.0  # nats of a report that is certain if the event happens: an event of one day in twenty


@dataclass(frozen=True, eq=False)
class Prepaid(ByValue):
    """Of each disputed report, in the order of the schedule.

    options  its days, and the sums of their probabilities
    lead     days from the decision, on which it is weighed, to the deed
    first    the first day on which it may be weighed
    charge   nats; 0 where worlds are used as of a day within the window
    since    the first day on which a world may feel which day it drew
    """

    options: tuple[tuple[Floats, Floats], ...]
    lead: Floats
    first: Floats
    charge: Floats
    since: tuple[int, ...]

    def dates(self, quantiles: Floats) -> Floats:
        """The day of each report in each world, from the uniform numbers (reports, worlds) of its
        die; as the programs work it out."""
        out = np.empty_like(quantiles)
        for row, (days, sums) in enumerate(self.options):
            place = np.searchsorted(sums, quantiles[row], side="right")
            out[row] = days[np.minimum(place, len(days) - 1)]
        return out

    def owed(self, dates: Floats, day: int) -> Floats:
        """What each world still owes at the end of a day, from the days (reports, worlds) that it
        drew: minus the charges that are not given back yet."""
        weighed = dates - self.lead[:, None]
        owing = (self.first[:, None] <= day) & (day < weighed)
        return np.asarray((self.charge[:, None] * owing).sum(axis=0))


def prepaid(plan: Plan, schedule: Schedule) -> Prepaid:
    disputed = [s for s in schedule.sightings if s.day is None]
    leads = [schedule.lead(s.event) for s in disputed]
    firsts = [
        max(0, min(d for d, _ in s.days()) - lead) for s, lead in zip(disputed, leads, strict=True)
    ]
    charges = [
        charge(schedule, s, first, lead)
        for s, first, lead in zip(disputed, firsts, leads, strict=True)
    ]
    return Prepaid(
        tuple(
            (np.array([float(d) for d, _ in s.days()]), np.cumsum([p for _, p in s.days()]))
            for s in disputed
        ),
        np.array(leads, float),
        np.array(firsts, float),
        np.array(charges, float),
        tuple(felt(plan, s, first) for s, first in zip(disputed, firsts, strict=True)),
    )


def charge(schedule: Schedule, s: Sighting, first: int, lead: int) -> float:
    last = max(d for d, _ in s.days()) - lead
    reported = schedule.reported(s.event, first + lead)
    if reported == 0.0 or any(first <= stop < last for stop in schedule.stops):
        return 0.0
    return USUAL - math.log(reported)


def felt(plan: Plan, s: Sighting, first: int) -> int:
    """The first day on which a world may feel the day that it drew: the first on which it may be
    weighed, or so long before as the event pauses, since it does not happen unreported then. The
    very first day where that pause hangs on the state."""
    event = plan.events[s.event].event
    if event.once or event.pause is None or event.takes is not None:
        return first
    pause = constant(event.pause.expression)
    return 0 if pause is None else max(0, first - max(1, math.ceil(pause)))

"""What the public sees of a crisis: which events are told, how surely, and which quantities.

A public event that `reporting.yaml` follows is told as surely as that says of the day. One that it
does not follow is seen by whoever follows it, whenever it happens, and is marked. A quantity is
seen if the record has ever measured it, or if everybody can keep count of it: a count, a flag or a
ladder that never fades, begins as the file says, and is moved by public events alone.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from offramp.case.case import Case
from offramp.case.record import History
from offramp.language.crisis import Event, State
from offramp.language.edits import outcomes
from offramp.language.kinds import constant

SECRET = "secret"
HIDDEN = "no figure that is made public"
KEPT = ("count", "flag", "ladder")


@dataclass(frozen=True)
class Seen:
    """`what`: EVENT, EVENT.OUTCOME or a quantity, with `outcome` '' for any of an event's.
    `followed`: whether the record of the case would have it, on some of the days at least. `kind`
    is that of a quantity."""

    what: str
    title: str
    event: str
    outcome: str
    followed: bool = True
    kind: str = ""
    levels: tuple[str, ...] = ()

    @property
    def quantity(self) -> bool:
        return not self.event

    @property
    def of(self) -> str:
        """The event, however it turns out, or the quantity."""
        return self.event or self.what


@dataclass(frozen=True)
class Barred:
    """What is no sign, and why."""

    what: str
    title: str
    why: str


def visible(
    case: Case, first: dt.date, last: dt.date
) -> tuple[tuple[Seen, ...], tuple[Barred, ...]]:
    """What the public may see on some days, and what it cannot."""
    seen, barred = list[Seen](), list[Barred]()
    days = [first + dt.timedelta(n) for n in range((last - first).days + 1)]
    for event in case.crisis.events:
        if secret(event, case.history):
            barred.append(Barred(event.name, event.title, SECRET))
            continue
        followed = any(case.history.reported(event.name, d) > 0.0 for d in days)
        for name in ("", *outcomes(event)):
            what = f"{event.name}.{name}" if name else event.name
            title = f"{event.title}: {name.replace('_', ' ')}" if name else event.title
            seen.append(Seen(what, title, event.name, name, followed))
    measured = {r.what for r in case.history.reports if r.kind == "quantity"}
    for state in case.crisis.states:
        if state.kind == "clock":
            continue  # seen by the event that it brings
        if state.name in measured or everybody_counts(state, case):
            own = Seen(state.name, state.title, "", "", kind=state.kind, levels=state.levels)
            seen.append(own)
        else:
            barred.append(Barred(state.name, state.title, HIDDEN))
    return tuple(seen), tuple(barred)


def secret(event: Event, history: History) -> bool:
    """Whether an event is private, and no record follows what is shown of it."""
    return event.private and not (
        event.shown and any(c.event == event.name for c in history.coverage)
    )


def told(
    event: str, history: History, first: dt.date, last: dt.date
) -> tuple[tuple[dt.date, float], ...]:
    """How surely an event is told, from which day on, over some days. That the record ends is not
    asked: who watches goes on."""
    starts = {c.since for c in history.coverage if c.event == event and first < c.since <= last}
    return tuple((day, history.reported(event, day) or 1.0) for day in sorted({first, *starts}))


def everybody_counts(state: State, case: Case) -> bool:
    if state.kind not in KEPT or state.fades is not None:
        return False
    begins = state.start is None or constant(state.start.expression) is not None
    movers = (e for e in case.crisis.events if state.name in moved(e))
    return begins and not any(e.private for e in movers)


def moved(event: Event) -> frozenset[str]:
    """The quantities that an event moves, however it turns out."""
    effects = event.does + tuple(x for o in event.outcomes for x in o.does)
    return frozenset(x.quantity for x in effects)

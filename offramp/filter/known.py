"""From a case's reports to what a run may use: only what was known by a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from offramp.case.record import PLAIN, History, Report
from offramp.engine.formulas import nearest
from offramp.engine.plan import Occurrence, Plan
from offramp.engine.schedule import ANY, Fact, Followed, Reading, Schedule, Sighting
from offramp.language.kinds import constant


def schedule(
    plan: Plan,
    history: History,
    as_of: dt.date,
    per_episode: bool = False,
    stops: tuple[dt.date, ...] = (),
) -> Schedule:
    """The reports of days up to `as_of` that were known by then, on the plan's indices.

    No other row is looked at. Days are counted from the crisis's first; raises ValueError where
    `as_of` lies outside the crisis. `tempered`: silence counts once an episode
    (docs/decisions/12). `stops`: earlier days as of which the worlds will be used too.
    """
    crisis = plan.crisis
    events = {e.event.name: e for e in plan.events}
    quantities = {s.name: i for i, s in enumerate(crisis.states)}
    known = history.known_by(as_of)

    if not crisis.first <= as_of <= crisis.last:
        raise ValueError(f"{as_of} is outside the crisis ({crisis.first} to {crisis.last})")

    def day(date: dt.date) -> int:
        return (date - crisis.first).days

    return Schedule(
        last=day(as_of),
        sightings=tuple(
            Sighting(
                r.id,
                events[r.what].index,
                branch(events[r.what], r),
                tuple(Reading(day(d.first), day(d.last), d.chance) for d in r.when),
            )
            for r in known
            if r.kind == "event"
        ),
        facts=tuple(
            Fact(
                id=r.id,
                quantity=quantities[r.what],
                day=day(r.last),
                relation=r.relation,
                value=r.value,
                error=r.error,
            )
            for r in known
            if r.kind == "quantity"
        ),
        followed=tuple(
            Followed(events[c.event].index, max(0, day(c.since)), c.chance)
            for c in sorted(history.coverage, key=lambda c: c.since)
            if c.since <= min(history.until, as_of)
        )
        + silent_after(plan, history, as_of, day),
        leads=leads(plan),
        per_episode=per_episode,
        stops=tuple(sorted(day(stop) for stop in stops if stop < as_of)),
        delay=history.delay,
        prompt=history.prompt,
        ends=day(history.until) if history.until < as_of else None,
    )


def shared(
    plan: Plan, history: History, as_of: dt.date, earlier: tuple[dt.date, ...]
) -> tuple[dt.date, ...]:
    """Those of some earlier days up to which a filter of `as_of` may go on from theirs: by each of
    them it uses the very reports that were known then. A report that came late reaches further
    back, and so does one of a deed, to its decision."""
    leads = {e.event.name: lead(e) for e in plan.events if e.takes is not None}

    def used(by: dt.date, until: dt.date) -> set[str]:
        return {
            r.id
            for r in history.known_by(by)
            if r.kind in ("event", "quantity")
            and r.first - dt.timedelta(leads.get(r.what, 0)) <= until
        }

    return tuple(day for day in sorted(set(earlier)) if used(as_of, day) == used(day, day))


def silent_after(
    plan: Plan, history: History, as_of: dt.date, day: Callable[[dt.date], int]
) -> tuple[Followed, ...]:
    """After the end of the record nothing is followed."""
    if history.until >= min(as_of, plan.crisis.last):
        return ()
    end = history.until + dt.timedelta(1)
    followed = {c.event for c in history.coverage}
    return tuple(
        Followed(e.index, max(0, day(end)), 0.0) for e in plan.events if e.event.name in followed
    )


def branch(event: Occurrence, r: Report) -> int:
    """The place of the reported outcome among the event's branches; for a vote 0 or 1."""
    if r.outcome == "":
        return ANY
    if event.ballot is not None:
        return ("carried", "lost").index(r.outcome)
    return [b.name for b in event.branches].index("" if r.outcome == PLAIN else r.outcome)


def leads(plan: Plan) -> tuple[tuple[int, int], ...]:
    """Days from decision to deed, of the moves that take time."""
    return tuple((e.index, lead(e)) for e in plan.events if e.takes is not None)


def lead(event: Occurrence) -> int:
    """Days from decision to deed; 0 where they hang on the state, since such a move's reports are
    refused when the history is read."""
    assert event.event.takes is not None
    days = constant(event.event.takes.expression)
    return 0 if days is None else int(nearest(days))

"""The day on which a deed of the record was decided, and on which days the record has an event.

A move with a lead time (`takes:`) is done so many days after it was decided. What can be taken
away, or taken apart into motives, is the decision: on the day of the deed the actor chooses nothing
of it any more. So whoever asks about the day of the deed is taken to that of the decision, and told
so.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from offramp.answers.wording import day as dated
from offramp.engine.plan import Plan
from offramp.engine.schedule import Schedule, Sighting
from offramp.errors import OfframpError
from offramp.language.edits import LATER, Edit, idle


class ChangesNothing(OfframpError, ValueError):
    """An edit that changes nothing, or not what it says: an event is taken away on a day on which
    the record does not have it, or all its days are past."""


@dataclass(frozen=True)
class Placed:
    """Edits, the morning on which they take over, counted from the first day, and what was changed
    to get there, a sentence each."""

    edits: tuple[Edit, ...]
    day: int
    notes: tuple[str, ...]


def placed(laid: Plan, schedule: Schedule, edits: tuple[Edit, ...], day: int) -> Placed:
    """The edits on the days of the decisions that they are about.

    Raises ChangesNothing where an event is to be taken away on a day on which the schedule has
    none, or is past on the morning on which the edit takes over.
    """
    first = laid.crisis.first
    index = {e.event.name: e.index for e in laid.events}
    made, notes, morning = list[Edit](), dict[str, None](), day
    moved = list[bool]()  # whether an edit was itself about an earlier decision
    for edit in edits:
        late = idle(edit, laid.crisis, laid.crisis.first + dt.timedelta(day))
        if late is not None:
            raise ChangesNothing(f"{late[0]}; {late[1]}")
        moved.append(False)
        event = index.get(edit.target)
        if event is None or edit.verb not in ("never", "force"):
            made.append(edit)
            continue
        lead, title = schedule.lead(event), laid.events[event].event.title
        own = [s for s in schedule.sightings if s.event == event]
        if edit.verb == "never" and edit.dates:
            gone = [(date - first).days for date in edit.dates]
            for at in gone:
                if not any(at == d for s in own for d, _ in s.days()):
                    raise ChangesNothing(_absent(laid, schedule, edit.target, own, at))
            if lead:
                morning = min(morning, *(max(0, d - lead) for d in gone))
                notes |= dict.fromkeys(_told(title, first, d, lead) for d in gone)
            notes |= dict.fromkeys(w for s in own if (w := _unsure(title, first, s, gone)))
            dates = tuple(first + dt.timedelta(max(0, d - lead)) for d in gone)
            made.append(replace(edit, dates=dates))
            continue
        begin = max(day, (edit.start - first).days) if edit.start else day
        under_way = sorted(
            {d for s in own for d, _ in s.days() if max(0, d - lead) < begin <= d} if lead else ()
        )
        if under_way:
            start = max(0, under_way[0] - lead)
            morning, moved[-1] = min(morning, start), True
            notes |= dict.fromkeys(_told(title, first, d, lead) for d in under_way)
            if edit.start:
                edit = replace(edit, start=first + dt.timedelta(start))
        made.append(edit)
    if morning < day:
        made = [
            e if own else _not_before(e, first + dt.timedelta(day))
            for e, own in zip(made, moved, strict=True)
        ]
        when = dated(first + dt.timedelta(morning))
        notes[
            f"So the worlds differ from the morning of {when} on, not of "
            f"{dated(first + dt.timedelta(day))}."
        ] = None
    return Placed(tuple(made), morning, tuple(notes))


def _not_before(edit: Edit, day: dt.date) -> Edit:
    """An edit that was to hold from the day asked for still begins on it, and not earlier."""
    dated_ = edit.dates or edit.start or edit.verb not in LATER
    return edit if dated_ else replace(edit, start=day)


def _told(title: str, first: dt.date, deed: int, lead: int) -> str:
    done, decided = (dated(first + dt.timedelta(d)) for d in (deed, max(0, deed - lead)))
    return f"“{title}” of {done} was decided on {decided}, {lead} days before: it is changed there."


def _unsure(title: str, first: dt.date, s: Sighting, gone: list[int]) -> str:
    """What is said where the record leaves the day open and the edit takes away one of them."""
    days = [d for d, _ in s.days()]
    if s.day is not None or not set(days) & set(gone) or set(days) <= set(gone):
        return ""
    others = spans(first, [d for d in days if d not in gone])
    return f"The record leaves it open whether “{title}” was on {others}; it stays there."


def _absent(laid: Plan, schedule: Schedule, name: str, own: list[Sighting], day: int) -> str:
    first = laid.crisis.first
    by = first + dt.timedelta(schedule.last)
    what = f"the record known by {by} has no '{name}' on {first + dt.timedelta(day)}"
    if not own:
        return f"{what}, nor on any other day; to forbid it altogether, give no day"
    has = "; ".join(spans(first, [d for d, _ in s.days()]) for s in sorted(own, key=_first))
    return f"{what}; it has one on {has}"


def _first(s: Sighting) -> int:
    return min(d for d, _ in s.days())


def spans(first: dt.date, days: list[int]) -> str:
    """`2031-04-08 or 2031-04-09`: the days of one report."""
    names = [str(first + dt.timedelta(d)) for d in sorted(set(days))]
    if len(names) > 3:
        return f"a day from {names[0]} to {names[-1]}"
    return " or ".join(names)


@dataclass(frozen=True)
class Chosen:
    """The day of a choice, counted from the first; `deeds` are the sightings that were decided on
    it (their ids), `note` what was changed to get there, '' where nothing was."""

    day: int
    deeds: tuple[str, ...]
    note: str


def chosen(laid: Plan, schedule: Schedule, actor: str, day: int) -> Chosen:
    """The day of the decision behind what the actor is reported to have done on a day: the day
    itself, unless all that it did on that day, by the record or by its date (`as: choice`), had a
    lead time."""
    first = laid.crisis.first
    fixed = any(e.event.as_choice and e.event.by == actor and day in e.dates for e in laid.events)
    own = {e.index: e.event.title for e in laid.events if e.event.chosen and e.event.by == actor}
    here = [s for s in schedule.sightings if s.event in own and any(d == day for d, _ in s.days())]
    late = [s for s in here if 0 < schedule.lead(s.event) <= day]
    if not late:
        return Chosen(day, (), "")
    told = []
    for s in late:
        decided = dated(first + dt.timedelta(day - schedule.lead(s.event)))
        told.append(
            f"“{own[s.event]}” was done on {dated(first + dt.timedelta(day))} and decided "
            f"on {decided}"
        )
    if len(late) < len(here) or fixed:
        return Chosen(day, (), "; ".join(told) + ": ask for that day too.")
    longest = max(late, key=lambda s: schedule.lead(s.event))
    at = day - schedule.lead(longest.event)
    deeds = tuple(s.id for s in late if schedule.lead(s.event) == schedule.lead(longest.event))
    return Chosen(at, deeds, "; ".join(told) + ": this is the choice of that day.")


def later_deeds(laid: Plan, schedule: Schedule, actor: str, day: int) -> tuple[str, ...]:
    """What the actor decided on a day and did later, by the record: a sentence each."""
    first, out = laid.crisis.first, list[str]()
    own = {e.index: e.event.title for e in laid.events if e.event.chosen and e.event.by == actor}
    for s in schedule.sightings:
        lead = schedule.lead(s.event) if s.event in own else 0
        if lead and any(d - lead == day for d, _ in s.days()):
            done = first + dt.timedelta(day + lead)
            out.append(
                f"“{own[s.event]}”, in the record on {done}, was decided on this day: ask for "
                f"{done} to use the report of it too"
            )
    return tuple(out)

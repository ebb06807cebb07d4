"""What a seat sees, and nothing else: what its actor would know by the rules of the model.

    happenings   public events, its own, and private ones that are shown to it; each on the morning
                 after, when the model's actors have learnt from them too
    guilt        of an event that nobody claims: whom the observer suspects. Nobody else is told
                 who did it, except who did
    quantities   those that the public sees (`explain/visible.py`); those that the case shows, but
                 for those that begin from an unknown or are moved by what the actor must not know;
                 and those that its own wants and the conditions of its own moves read. Where the
                 case lists them (`sees:`), those instead
    wants        how much each is worth to it as things stand: it knows its own mind
    beliefs      what it takes the others for

Never unknowns, the types and beliefs of others, dice, the number of the world, or the probability
of anything that it may do.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from offramp.case.case import Case
from offramp.engine.choice import NO_TYPE, Mindset
from offramp.engine.formulas import nearest
from offramp.engine.plan import Mind, Plan, Term
from offramp.engine.world import Today, World
from offramp.explain.visible import visible
from offramp.language.crisis import State
from offramp.language.expressions import Call, Ref, reads, walk
from offramp.play.asking import Ask

OWN, PUBLIC, SHOWN, REFUSED, LATE = "own", "public", "shown", "refused", "late"
CALENDAR, CHANGED = "the calendar", "who runs the game"


@dataclass(frozen=True)
class Sight:
    """Something that a seat saw happen; or, REFUSED, a move of its own that did not, since `by` did
    not consent; or, LATE, that `stead` did nothing, or answered `by` for consent, in its place.
    `by`: the actor, '' where nobody is known to have done it; `stead`: who decided what is its own,
    where not the seat did (the CALENDAR, CHANGED by a facilitator, who answered for it); `guilt`:
    of each suspect, for the observer of what nobody claims."""

    day: int
    event: str
    title: str
    outcome: str
    by: str
    how: str
    guilt: tuple[tuple[str, float], ...] = ()
    stead: str = ""


@dataclass(frozen=True)
class Reading:
    """A quantity as it stands this morning, and as it stood the morning before (None on the first
    one); `level` is its name on a ladder."""

    name: str
    title: str
    kind: str
    value: float
    before: float | None
    level: str = ""


@dataclass(frozen=True)
class Wanted:
    """What a want of the actor's own is worth to it this morning, and the morning before."""

    name: str
    worth: float
    before: float | None


@dataclass(frozen=True)
class Held:
    """What the actor takes another for: the weight of each type."""

    about: str
    types: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Coming:
    """A move of its own that is under way, and the day on which it arrives."""

    event: str
    title: str
    arrives: int


@dataclass(frozen=True, kw_only=True)
class View:
    """A morning as a seat sees it. `owes`: the decisions that it has not made yet."""

    actor: str
    title: str
    day: int
    date: dt.date
    last: dt.date
    over: bool
    happened: tuple[Sight, ...]
    readings: tuple[Reading, ...]
    wants: tuple[Wanted, ...]
    beliefs: tuple[Held, ...]
    coming: tuple[Coming, ...]
    owes: tuple[Ask, ...]


def sees(case: Case, mind: Mind) -> tuple[int, ...]:
    """The quantities that an actor sees, by their index, in order of the file."""
    crisis = case.crisis
    listed = set(mind.actor.sees)
    if not listed:
        listed |= {s.what for s in visible(case, crisis.first, crisis.last)[0] if s.quantity}
        secret = _secretly_moved(case, mind.actor.name)
        listed |= {
            s.name
            for s in crisis.states
            if s.name in crisis.show and s.name not in secret and not _drawn(s)
        }
        claims = [w.value for w in mind.actor.wants]
        claims += [e.when for e in crisis.events if e.by == mind.actor.name and e.when is not None]
        listed |= {name for claim in claims for name in reads(claim)}
    return tuple(i for i, s in enumerate(crisis.states) if s.name in listed)


def _secretly_moved(case: Case, actor: str) -> set[str]:
    """The quantities whose moves would tell an actor what it must not know: another's suspicion, or
    a private event that it is not shown."""
    found = set()
    for event in case.crisis.events:
        observer = event.unclaimed.observer if event.unclaimed else actor
        hidden = event.private and event.by != actor and actor not in {a for a, _ in event.shown}
        for effect in (*event.does, *(x for o in event.outcomes for x in o.does)):
            parts = walk(effect.amount.expression)
            suspects = any(isinstance(x, Call) and x.function == "guilt" for x in parts)
            if hidden or (suspects and observer != actor):
                found.add(effect.quantity)
    return found


def _drawn(state: State) -> bool:
    """Whether a quantity begins from what nobody knows."""
    start = () if state.start is None else walk(state.start.expression)
    return any(isinstance(part, Ref) and part.what == "unknown" for part in start)


def seen(plan: Plan, m: Mindset, mind: Mind, today: list[Today], day: int) -> tuple[Sight, ...]:
    """What an actor saw of a day; in the order of the file, whoever was first. What comes every
    day is no news: its quantities tell of it."""
    found = []
    for t in sorted(today, key=lambda t: t.event.index):
        event = t.event.event
        own = t.event.mover == mind.index
        if event.daily or (not own and not m.sees(t.event, mind.index)):
            continue
        how = OWN if own else SHOWN if event.private else PUBLIC
        by, guilt = event.by or "", tuple[tuple[str, float], ...]()
        if t.event.suspicion is not None and not own:
            by = ""
            if t.event.suspicion.observer == mind.index:
                names = (plan.minds[s].actor.name for s in t.event.suspicion.suspects)
                guilt = tuple(zip(names, t.guilt, strict=True))
        found.append(Sight(day, event.name, event.title, t.outcome, by, how, guilt))
    return tuple(found)


def readings(
    plan: Plan, which: tuple[int, ...], now: list[float], before: list[float] | None
) -> tuple[Reading, ...]:
    found = []
    for i in which:
        state = plan.crisis.states[i]
        level = state.levels[int(nearest(now[i]))] if state.kind == "ladder" else ""
        was = None if before is None else before[i]
        found.append(Reading(state.name, state.title, state.kind, now[i], was, level))
    return tuple(found)


def worths(m: Mindset, mind: Mind) -> list[float]:
    """What each want of an actor is worth to it as things stand."""
    return [m.term(mind, k, m.now, NO_TYPE) for k in range(len(mind.actor.wants))]


def countable(mind: Mind) -> tuple[Term, ...]:
    """The wants of an actor that read no belief: quantities alone say what these are worth."""
    return tuple(
        term
        for term, want in zip(mind.terms, mind.actor.wants, strict=False)
        if not any(
            isinstance(x, Call) and x.function == "believes" for x in walk(want.value.expression)
        )
    )


def held(world: World, mind: Mind) -> tuple[Held, ...]:
    return tuple(
        Held(
            world.plan.minds[learner.opinion.about].actor.name,
            tuple(
                (t.name, w)
                for t, w in zip(learner.opinion.belief.types, learner.weights, strict=True)
            ),
        )
        for learner in world.learners
        if learner.opinion.holder == mind.index
    )


def coming(world: World, mind: Mind) -> tuple[Coming, ...]:
    return tuple(
        Coming(u.event.event.name, u.event.event.title, u.arrives)
        for u in world.underway
        if u.event.mover == mind.index
    )

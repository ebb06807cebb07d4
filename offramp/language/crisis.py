"""A crisis as typed, immutable values: the five nouns after reading and checking.

Nothing here computes; `build.py` makes these from the tree, `engine/plan.py` makes them run.
Literature for each part: docs/meaning.md.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from offramp.language.expressions import Basis, Date, Number, SourcedValue, walk
from offramp.language.keys import NO_AGENDA
from offramp.language.kinds import Unit
from offramp.text.diagnostics import Span


@dataclass(frozen=True, kw_only=True)
class State:
    """A quantity. Ladders and flags are stored as numbers; a clock holds days left, -1 when off."""

    name: str
    title: str
    about: str
    cites: tuple[str, ...]
    kind: str  # stock, share, ladder, flag, count, clock
    bounds: tuple[SourcedValue, SourcedValue] | None
    low: float
    high: float
    unit: Unit
    levels: tuple[str, ...]
    start: SourcedValue | None
    fades: SourcedValue | None
    rest: SourcedValue | None
    span: Span


@dataclass(frozen=True)
class Option:
    """One named value of an `among` prior and its probability."""

    name: str
    chance: SourcedValue


@dataclass(frozen=True, kw_only=True)
class Unknown:
    """A number drawn once per world. `low` and `high` are ends of a uniform or 10/90% points."""

    name: str
    title: str
    about: str
    cites: tuple[str, ...]
    prior: str  # between, share, scale, normal, says, among
    low: SourcedValue | None
    high: SourcedValue | None
    options: tuple[Option, ...]
    phrase: str
    interval: tuple[float, float] | None  # what the phrase was taken to mean
    bases: tuple[Basis, ...]
    dice: str
    span: Span


@dataclass(frozen=True)
class Want:
    name: str
    value: SourcedValue


@dataclass(frozen=True)
class Fear:
    """Dread of a chance event: weight times the change of its rate times how long that lasts."""

    event: str
    weight: SourcedValue
    lasts: SourcedValue


@dataclass(frozen=True)
class Await:
    """A dated event worth waiting for, with the actor's own odds of its outcomes."""

    event: str
    odds: tuple[Option, ...]


@dataclass(frozen=True)
class Agenda:
    """Matters that an actor attends to apart from others, and its rate of openings on them a day.

    The name is "" where one pace serves for everything.
    """

    name: str
    pace: SourcedValue


@dataclass(frozen=True, kw_only=True)
class Actor:
    name: str
    title: str
    about: str
    cites: tuple[str, ...]
    role: str  # decider, audience, organ, process, mediator
    agendas: tuple[Agenda, ...]
    precision: SourcedValue | None
    foresight: int
    foresight_claim: SourcedValue | None
    weighs: tuple[str, ...]
    sees: tuple[str, ...]  # quantities that who plays it is shown; none: by rule (play/sight.py)
    mood: SourcedValue | None
    will: SourcedValue | None  # factor on the actor's own value of its moves (1 unless a proxy)
    wants: tuple[Want, ...]
    fears: tuple[Fear, ...]
    awaits: tuple[Await, ...]
    dice: str
    span: Span

    @property
    def decides(self) -> bool:
        return bool(self.agendas) or self.precision is not None

    @property
    def terms(self) -> tuple[str, ...]:
        """The names of the terms of its utility: its wants, then its dreads."""
        return (*(w.name for w in self.wants), *(f"dread of {f.event}" for f in self.fears))


@dataclass(frozen=True)
class Effect:
    """`quantity operator amount`; operators + - = >= <=."""

    quantity: str
    operator: str
    amount: SourcedValue


# The order in which the effects of a day come in (docs/meaning.md).
RANKS = {"=": 0, "+": 1, "-": 1, ">=": 2, "<=": 3}


@dataclass(frozen=True)
class Outcome:
    name: str
    chance: SourcedValue | None  # None for the outcomes of a vote
    does: tuple[Effect, ...]


@dataclass(frozen=True, kw_only=True)
class Bloc:
    name: str
    seats: SourcedValue
    yes: SourcedValue
    spread: SourcedValue | None
    attends: SourcedValue | None
    whole: bool


@dataclass(frozen=True)
class Veto:
    actor: str
    log_odds: SourcedValue


@dataclass(frozen=True, kw_only=True)
class Vote:
    """Held on a date, when a clock rings, or whenever a condition is true."""

    date: SourcedValue | None
    clock: str | None
    when: SourcedValue | None
    quorum: SourcedValue | None
    quota: SourcedValue | None  # None: half of those present
    blocs: tuple[Bloc, ...]
    vetoes: tuple[Veto, ...]


@dataclass(frozen=True)
class Unclaimed:
    observer: str
    suspects: tuple[tuple[str, SourcedValue], ...]
    clarity: SourcedValue


DAILY = 20.0  # a rate with which a day is missed in one of half a billion


@dataclass(frozen=True, kw_only=True)
class Event:
    """What can happen. Exactly one of by (alone), rate, dates/clock, vote says why."""

    name: str
    title: str
    about: str
    cites: tuple[str, ...]
    by: str | None
    agenda: str  # of the mover, on which it is chosen; "" where one pace serves for everything
    rate: SourcedValue | None
    dates: tuple[SourcedValue, ...]
    clock: str | None
    as_choice: bool  # dated, and seen as a choice: it teaches, and takes the mover's opening
    vote: Vote | None
    when: SourcedValue | None
    does: tuple[Effect, ...]
    outcomes: tuple[Outcome, ...]
    cost: SourcedValue | None
    urge: SourcedValue | None
    once: bool
    pause: SourcedValue | None
    takes: SourcedValue | None
    consent: tuple[str, ...]
    words: tuple[str, ...]  # `with:`: what the mover may say along with it
    private: bool
    shown: tuple[tuple[str, SourcedValue], ...]
    unclaimed: Unclaimed | None
    forecloses: tuple[str, ...]
    dice: str
    span: Span

    @property
    def chosen(self) -> bool:
        return self.by is not None and not self.dates and self.clock is None and self.vote is None

    @property
    def days(self) -> tuple[dt.date, ...]:
        """The dates on which it falls; none for what has no date."""
        return tuple(d.expression.value for d in self.dates if isinstance(d.expression, Date))

    @property
    def daily(self) -> bool:
        """Whether chance brings it on every day on which it can come (a rate of `DAILY` and more):
        what goes on, and no news."""
        rate = None if self.rate is None else self.rate.expression
        return isinstance(rate, Number) and rate.value >= DAILY

    @property
    def alone(self) -> bool:
        """Whether it is chosen by itself, on some agenda, and not only along with a deed."""
        return self.chosen and self.agenda != NO_AGENDA


@dataclass(frozen=True)
class Type:
    """A full guess at another actor's unknowns."""

    name: str
    prior: SourcedValue
    settings: tuple[tuple[str, SourcedValue], ...]


@dataclass(frozen=True)
class Silence:
    """A provocation left unanswered: since when, for how long, and which moves would answer."""

    after: SourcedValue
    lasts: SourcedValue
    answers: tuple[str, ...]  # empty: any public move


@dataclass(frozen=True, kw_only=True)
class Belief:
    holder: str
    about: str
    cites: tuple[str, ...]
    types: tuple[Type, ...]
    learns: SourcedValue | None
    silence: Silence | None
    span: Span


@dataclass(frozen=True, kw_only=True)
class Crisis:
    title: str
    first: dt.date
    last: dt.date
    show: tuple[str, ...]
    states: tuple[State, ...]
    unknowns: tuple[Unknown, ...]
    actors: tuple[Actor, ...]
    events: tuple[Event, ...]
    beliefs: tuple[Belief, ...]
    limits: tuple[str, ...] = ()  # what a reader must be told; no part of the model
    language: int = 1  # the version in which it is written (docs/language.md, Versions)
    readings: tuple[str, ...] = ()  # what is read of its worlds, as `worth(us)`; no part either
    show_until: dt.date | None = None  # where that is before the last day; no part either

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def shown_last(self) -> dt.date:
        """The last day of the course: of what is shown whole, as the fan of the brief is."""
        return min(self.show_until or self.last, self.last)

    @property
    def daily(self) -> frozenset[str]:
        """The events that come every day, in what tells how things stand: they are no news."""
        return frozenset(e.name for e in self.events if e.daily)

    @property
    def shown_days(self) -> int:
        """How many days the course has."""
        return (self.shown_last - self.first).days + 1

    def until(self, last: dt.date) -> Crisis:
        """The crisis that ends with a day. No world differs before: nothing that is done or
        foreseen reads the last day, and dice are keyed by the day on which they are thrown."""
        return replace(self, last=last, show_until=None)


def field_names(value: object) -> Iterable[str]:
    """The names of a dataclass's fields, in declaration order; none of any other value."""
    names: Iterable[str] = getattr(value, "__dataclass_fields__", ())  # what is_dataclass() asks
    return names


def claims(value: object) -> Iterator[SourcedValue]:
    """Every claim inside a typed value, in declaration order."""
    if isinstance(value, SourcedValue):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from claims(part)
    else:
        for name in field_names(value):
            inner = getattr(value, name)
            if not isinstance(inner, _CLAIMLESS):
                yield from claims(inner)


_CLAIMLESS = (str, int, float, Span, type(None))  # most fields: left at the door, as it is faster


@dataclass(frozen=True)
class Datum:
    """One number (or date) of the model with its basis: the unit in which honesty is counted."""

    element: str  # e.g. "event rocket"
    value: float
    basis: Basis | None
    span: Span
    text: str


def data(element: str, value: object) -> Iterator[Datum]:
    """The numbers written in an element; structural 0 and 1 without a mark are not claims."""
    seen: set[Span] = set()
    for claim in claims(value):
        for part in walk(claim.expression):
            if isinstance(part, Number) and part.span not in seen:
                seen.add(part.span)
                if part.basis is not None or part.value not in (0.0, 1.0):
                    yield Datum(element, part.value, part.basis, part.span, claim.text)
            elif isinstance(part, Date) and part.basis is not None and part.span not in seen:
                seen.add(part.span)
                yield Datum(
                    element, float(part.value.toordinal()), part.basis, part.span, claim.text
                )


def elements(crisis: Crisis) -> Iterator[tuple[str, object]]:
    """Every element by its address: `state rung`, `event rocket`, `belief iran about us`."""
    for state in crisis.states:
        yield f"state {state.name}", state
    for unknown in crisis.unknowns:
        yield f"unknown {unknown.name}", unknown
    for actor in crisis.actors:
        yield f"actor {actor.name}", actor
    for event in crisis.events:
        yield f"event {event.name}", event
    for belief in crisis.beliefs:
        yield f"belief {belief.holder} about {belief.about}", belief


def cited(element: object) -> tuple[str, ...]:
    """The passages that an element rests on: its `cites` and the marks of its values."""
    ids = list(getattr(element, "cites", ()))
    for claim in claims(element):
        ids += claim.passages
    for basis in getattr(element, "bases", ()):
        ids += basis.passages
    return tuple(dict.fromkeys(ids))

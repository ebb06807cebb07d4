"""What a seat is asked on a morning: an opening on an agenda, with the moves that stand open and
why the others do not; or whether it consents to a move of another."""

from __future__ import annotations

import math
from dataclasses import dataclass

from offramp.engine.choice import Mindset
from offramp.engine.plan import Agenda, Occurrence
from offramp.engine.world import World, along

CONSENT = "consent"
ONCE, PAUSING, UNDERWAY, CONDITION = "once", "pausing", "underway", "condition"


@dataclass(frozen=True)
class Option:
    """A move. `closed`: why it cannot be made this morning, '' where it can: it happens ONCE and
    did, it is PAUSING or UNDERWAY until the day `until`, or its CONDITION is not met. `words` may
    go along with it."""

    event: str
    title: str
    closed: str = ""
    until: int | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ask:
    """A decision that a seat owes: on the agenda `about` (its name within the actor; '' for the
    only one) one of the options or nothing; or, where `consent` names a move of another actor, yes
    or no to that."""

    seat: str
    about: str
    title: str
    options: tuple[Option, ...] = ()
    consent: str = ""

    @property
    def id(self) -> str:
        """How an answer names it: `iran`, `iran.nuclear`, `staff consent vessara.land`."""
        if self.consent:
            return f"{self.seat} {CONSENT} {self.consent}"
        return f"{self.seat}.{self.about}" if self.about else self.seat

    @property
    def open(self) -> tuple[Option, ...]:
        return tuple(o for o in self.options if not o.closed)


def about_agenda(world: World, m: Mindset, agenda: Agenda) -> Ask:
    """What an opening on an agenda asks of the actor."""
    return Ask(
        seat=world.plan.minds[agenda.mind].actor.name,
        about=agenda.name,
        title=agenda.title,
        options=tuple(_option(world, m, world.plan.events[e]) for e in agenda.moves),
    )


def about_consent(world: World, actor: int, event: Occurrence) -> Ask:
    """Whether an actor consents to a move that was chosen this morning."""
    mind = world.plan.minds[actor]
    return Ask(mind.actor.name, "", mind.actor.title, consent=event.event.name)


def _option(world: World, m: Mindset, event: Occurrence) -> Option:
    name, title = event.event.name, event.event.title
    under_way = [u.arrives for u in world.underway if u.event.index == event.index]
    ready = world.ready.get(event.index, -math.inf)
    if under_way:
        return Option(name, title, UNDERWAY, under_way[0])
    if ready == math.inf:
        return Option(name, title, ONCE)
    if ready > world.day:
        return Option(name, title, PAUSING, math.ceil(ready))
    if event.when is not None and not event.when(m.now.s, m.unknowns, m.moment):
        return Option(name, title, CONDITION)
    words = (world.plan.events[w] for w in event.words)
    said = tuple(w.event.name for w in words if along(m, event, w) > 0.0)
    return Option(name, title, words=said)

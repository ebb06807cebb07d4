"""Who plays an actor: a person, a preset, or a program.

A seat that nobody takes is played by the model, with the dice that it would have thrown anyway.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from offramp.case.case import Case
from offramp.engine.choice import NO_TYPE, Mindset, Moment
from offramp.engine.plan import Agenda, Occurrence, Plan, plan
from offramp.engine.world import World, accepted, draws, opens, pick, said_with, thrown
from offramp.errors import Mistake
from offramp.text.diagnostics import suggestion

PERSON, PROGRAM, ENDPOINT, AUTHOR = "person", "program", "endpoint", "author"
MODEL, NOTHING, LIKELIEST, ANY = "model", "nothing", "likeliest", "any"
PRESETS = (MODEL, NOTHING, LIKELIEST, ANY)


@dataclass(frozen=True)
class Seat:
    """An actor and who holds it. `by`: the assessment whose premises it goes by, for an author;
    the command, for a program. Which endpoint holds one is no part of a game: it may be another
    when the game is taken up."""

    actor: str
    held: str
    by: str = ""

    @property
    def asked(self) -> bool:
        """Whether somebody outside of the model answers for it."""
        return self.held in (PERSON, PROGRAM, ENDPOINT)

    def __str__(self) -> str:
        return f"{self.actor}={self.held}{f':{self.by}' if self.by else ''}"


@dataclass(frozen=True)
class Deed:
    """What is done about an agenda on a morning: one move, by its name, and the words that go along
    with it; nothing for ''."""

    event: str = ""
    words: tuple[str, ...] = ()


Preset = Callable[[World, Mindset, Agenda], Deed | None]  # None: it has no opening


def read_seats(case: Case, texts: Sequence[str]) -> tuple[Seat, ...]:
    """Seats as they are written: `iran=person`, `us=nothing`, `iq=author:inss`,
    `eu3=program:python bot.py`, `gulf=endpoint`; an actor alone, by its name or its title, is a
    person's. Raises Mistake."""
    seats = tuple(_seat(case, text) for text in texts)
    for k, seat in enumerate(seats):
        if seat.actor in {s.actor for s in seats[:k]}:
            raise Mistake(f"{seat.actor} has two seats: an actor is played by one", "seats")
    return seats


def players(case: Case) -> tuple[str, ...]:
    """The actors who can be played: those that choose, or whom others ask for consent."""
    asked = {a for e in case.crisis.events for a in e.consent}
    return tuple(
        m.actor.name
        for m in plan(case.crisis).minds
        if any(a.moves for a in m.agendas) or m.actor.name in asked
    )


def _seat(case: Case, text: str) -> Seat:
    written, _, rest = text.partition("=")
    held, _, by = (rest or PERSON).partition(":")
    known = players(case)
    named = {a.title.casefold(): a.name for a in case.crisis.actors if a.name in known}
    actor = named.get(written.strip().casefold(), written)
    if actor not in known:
        raise Mistake(
            f"nobody plays “{actor}” in {case.id}: "
            f"{suggestion(actor, known) or 'those who choose are ' + ', '.join(known)}",
            "seats",
        )
    if held == AUTHOR:
        if by not in case.assessments:
            have = ", ".join(case.assessments) or "it has none"
            raise Mistake(f"{text}: {case.id} has no assessment “{by}” ({have})", "seats")
    elif held == PROGRAM:
        try:
            words = shlex.split(by)
        except ValueError as error:
            raise Mistake(f"{text}: this is no command ({error})", "seats") from None
        if not words:
            raise Mistake(f"{text}: which program? `{actor}=program:python bot.py`", "seats")
    elif by or held not in (PERSON, ENDPOINT, *PRESETS):
        raise Mistake(
            f"{text}: a seat is held by {', '.join((PERSON, *PRESETS))}, author:NAME, "
            f"program:COMMAND or {ENDPOINT}",
            "seats",
        )
    return Seat(actor, held, by)


# ---- presets -----------------------------------------------------------------------------


def preset(case: Case, seat: Seat, world: World) -> Preset:
    """How a preset decides in a world; a person's and a program's stand-in is the model."""
    if seat.held == AUTHOR:
        return premises(plan(case.under(seat.by).crisis), world)
    return {NOTHING: nothing, LIKELIEST: likeliest, ANY: any_move}.get(seat.held, model)


def model(world: World, m: Mindset, agenda: Agenda) -> Deed | None:
    """The model's own draw, with its own dice."""
    if not opens(world, m, agenda):
        return None
    return _with_words(world, m, draws(world, m, agenda))


def nothing(world: World, m: Mindset, agenda: Agenda) -> Deed | None:
    """It never does anything."""
    return Deed() if opens(world, m, agenda) else None


def likeliest(world: World, m: Mindset, agenda: Agenda) -> Deed | None:
    """What the model holds most likely at an opening, nothing included; words as it draws them."""
    if not opens(world, m, agenda):
        return None
    policy = m.choice(agenda, world.moods[agenda.mind])
    best = max(range(len(policy)), key=policy.__getitem__)
    if policy[best] <= 1.0 - sum(policy):
        return Deed()
    return _with_words(world, m, world.plan.events[agenda.moves[best]])


def any_move(world: World, m: Mindset, agenda: Agenda) -> Deed | None:
    """Each move that is open, and nothing, with the same probability; words as the model draws."""
    if not opens(world, m, agenda):
        return None
    policy = m.choice(agenda, world.moods[agenda.mind])
    moves = [world.plan.events[e] for e, p in zip(agenda.moves, policy, strict=True) if p > 0.0]
    drawn = pick(
        world.dice.uniform(f"any {agenda.dice}", world.day),
        [1.0 / (len(moves) + 1)] * len(moves),
    )
    return _with_words(world, m, None if drawn is None else moves[drawn])


def _with_words(world: World, m: Mindset, event: Occurrence | None) -> Deed:
    if event is None:
        return Deed()
    return Deed(event.event.name, tuple(w.event.name for w in said_with(world, m, event)))


Consent = Callable[[World, Mindset, Occurrence, int], bool]


def consenting(case: Case, seat: Seat, world: World) -> Consent:
    """How a preset answers when it is asked for consent: who never does anything refuses."""
    if seat.held == AUTHOR:
        own, theirs = _under(plan(case.under(seat.by).crisis), world)
        return lambda at, m, event, actor: accepted(own(at), theirs(m), event, actor)
    if seat.held == NOTHING:
        return lambda at, m, event, actor: False
    if seat.held == LIKELIEST:
        return lambda at, m, event, actor: m.consents(actor, event) > 0.5
    if seat.held == ANY:
        return lambda at, m, event, actor: (
            at.dice.uniform(f"any consent {seat.actor} {event.dice}", at.day) < 0.5
        )
    return accepted


def premises(laid: Plan, world: World) -> Preset:
    """The decision rule under an author's premises: unknowns and moods drawn from that author's
    priors with the dice of this world, and beliefs weighed anew by that author's priors of the
    types. A belief is its prior times what was learned, so only the prior changes hands."""
    own, theirs = _under(laid, world)

    def decide(at: World, m: Mindset, agenda: Agenda) -> Deed | None:
        same = next(a for a in laid.minds[agenda.mind].agendas if a.index == agenda.index)
        deed = model(own(at), theirs(m), same)
        if deed is None or not deed.event:
            return deed
        event = next(e for e in at.plan.events if e.event.name == deed.event)
        return deed if m.available(event, m.now, NO_TYPE) else Deed()  # this world forbids it

    return decide


def _under(
    laid: Plan, world: World
) -> tuple[Callable[[World], World], Callable[[Mindset], Mindset]]:
    """The world and the morning as an author has them: that author's unknowns, moods and beliefs;
    the day, the dice and all quantities as they are."""
    own = thrown(laid, world.dice)

    def there(at: World) -> World:
        own.day = at.day
        return own

    def theirs(m: Mindset) -> Mindset:
        beliefs = [
            _weighed_anew(weights, old.priors, new.priors)
            for weights, old, new in zip(
                m.moment.beliefs, world.plan.opinions, laid.opinions, strict=True
            )
        ]
        moment = Moment(m.moment.day, beliefs)
        return Mindset(laid, own.unknowns, own.types, moment, m.blocked, quantities=list(m.now.s))

    return there, theirs


def _weighed_anew(
    weights: Sequence[float], old: Sequence[float], new: Sequence[float]
) -> list[float]:
    odds = [w * n / o if o > 0.0 else n for w, o, n in zip(weights, old, new, strict=True)]
    total = sum(odds)
    return [x / total for x in odds] if total > 0.0 else list(weights)

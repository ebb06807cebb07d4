"""One world, day by day: the reference interpreter, which defines what a model means.

The day of docs/meaning.md: snapshot, calendar, chance, attention, choice, bodies, effects, sight,
beliefs, fade. Everything that happens on a day reads the same morning.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from offramp.engine.choice import NO_TYPE, Mindset, Moment, apply
from offramp.engine.elementary import added, exp2, expm1, logistic, normal_quantile
from offramp.engine.formulas import Formula, clip, nearest
from offramp.engine.learning import Learner, lessons_of, update, watch
from offramp.engine.noise import Dice
from offramp.engine.plan import Agenda, Change, Mind, Occurrence, Plan, Prior, quantile
from offramp.language.crisis import RANKS
from offramp.language.equality import EQUAL, at_most, below, same


@dataclass(frozen=True)
class Happening:
    """An entry of the log: on which day, which event, which outcome ('' for none)."""

    day: int
    event: int
    outcome: str


@dataclass
class Underway:
    """A move decided earlier whose lead time is not over; what observers will learn from it."""

    arrives: int
    event: Occurrence
    lessons: dict[int, list[float]]


@dataclass(kw_only=True)
class World:
    """The state of one world. Mutable, and owned by whoever lives it (`live`)."""

    plan: Plan
    dice: Dice
    unknowns: list[float]
    types: list[list[list[float]]]
    moods: list[float]
    s: list[float]
    learners: list[Learner]
    day: int = 0
    log: list[Happening] = field(default_factory=list)
    ready: dict[int, float] = field(default_factory=dict)  # event -> first day it may happen again
    underway: list[Underway] = field(default_factory=list)
    collisions: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Today:
    """Something that happens today, the branch it takes, and what it teaches each belief."""

    event: Occurrence
    changes: tuple[Change, ...]
    outcome: str
    guilt: tuple[float, ...]
    lessons: dict[int, list[float]]


def create(plan: Plan, seed: int, number: int) -> World:
    """A world on its first morning: unknowns and moods drawn, quantities at their start."""
    return thrown(plan, Dice(seed, number))


def thrown(plan: Plan, dice: Dice) -> World:
    """The first morning of the world that these dice make."""
    unknowns = [draw(p, dice) for p in plan.priors]
    moment = Moment(0.0, [list(o.priors) for o in plan.opinions])
    s = [0.0] * len(plan.quantities)
    for i, q in enumerate(plan.quantities):
        start = float(q.start(s, unknowns, moment)) if q.start is not None else max(0.0, q.low)
        if q.clock and q.start is None:
            start = -1.0
        s[i] = clip(start, q.low, q.high)
    types = [
        [_as_type(unknowns, settings, s, moment) for settings in o.settings] for o in plan.opinions
    ]
    moods = [_mood(mind, dice, s, unknowns, moment) for mind in plan.minds]
    learners = [Learner(o, w) for o, w in zip(plan.opinions, moment.beliefs, strict=True)]
    return World(
        plan=plan, dice=dice, unknowns=unknowns, types=types, moods=moods, s=s, learners=learners
    )


def draw(prior: Prior, dice: Dice) -> float:
    """An unknown from its prior, by inversion, so that one number decides."""
    u = dice.uniform(f"unknown {prior.dice}", 0)
    if prior.kind != "among":
        return quantile(prior.kind, prior.a, prior.b, u)
    return float(pick(u, prior.chances) or 0)


def pick(u: float, chances: tuple[float, ...] | list[float]) -> int | None:
    """The index whose cumulated probability first exceeds u; None in what is left over."""
    total = 0.0
    for i, p in enumerate(chances):
        total += p
        if u < total:
            return i
    return None


def _as_type(
    unknowns: list[float],
    settings: tuple[tuple[int, Formula], ...],
    s: list[float],
    moment: Moment,
) -> list[float]:
    """The unknowns as a type has them: its settings over the world's own."""
    own = list(unknowns)
    for index, formula in settings:
        own[index] = float(formula(s, unknowns, moment))
    return own


def _mood(mind: Mind, dice: Dice, s: list[float], u: list[float], moment: Moment) -> float:
    if mind.mood is None:
        return 0.0
    return float(mind.mood(s, u, moment)) * normal_quantile(dice.uniform(f"mood {mind.dice}", 0))


def live(world: World, days: int | None = None) -> Iterator[World]:
    """The world after each day, until the crisis's last, or after each of so many."""
    for day in range(world.plan.crisis.days if days is None else days):
        world.day = day
        one_day(world)
        yield world


def one_day(world: World) -> None:
    if world.day > 0:
        tick(world)
    daytime(world, morning(world))


def daytime(world: World, m: Mindset, decide: Decide | None = None) -> list[Today]:
    """The day that follows a morning, and what happened on it. `decide`: who does what about which
    agenda, where somebody else than the model plays; the model's own draw without."""
    today = [
        *calendar(world, m),
        *chance(world, m),
        *choices(world, m, decide),
        *bodies(world, m),
    ]
    effects(world, m, today)
    learn(world, m, today)
    return today


def takes_over(world: World, laid: Plan) -> None:
    """An edited crisis takes over a world, which has lived so far without the edits; both have the
    same elements in the same order. What is held stands where it is held."""
    world.plan = laid
    world.s = [clip(x, q.low, q.high) for x, q in zip(world.s, laid.quantities, strict=True)]
    world.learners = [
        replace(learner, opinion=o)
        for learner, o in zip(world.learners, laid.opinions, strict=True)
    ]
    world.underway = [replace(u, event=laid.events[u.event.index]) for u in world.underway]


# ---- 0 the snapshot ----------------------------------------------------------------------


def tick(world: World) -> None:
    """Clocks count a day down: at 0 they ring, the day after they are off (-1)."""
    for i, q in enumerate(world.plan.quantities):
        if q.clock:
            left = world.s[i]
            if below(1.0, left):
                world.s[i] = left - 1.0
            else:
                world.s[i] = 0.0 if below(0.0, left) else -1.0


def morning(world: World) -> Mindset:
    """What the whole day reads. `blocked`: done for good, pausing, or under way."""
    on_the_way = {u.event.index for u in world.underway}
    blocked = frozenset(on_the_way | {e for e, day in world.ready.items() if day > world.day})
    moment = Moment(float(world.day), [learner.weights for learner in world.learners])
    return Mindset(
        world.plan, world.unknowns, world.types, moment, blocked, quantities=list(world.s)
    )


# ---- 1 calendar --------------------------------------------------------------------------


def calendar(world: World, m: Mindset) -> Iterator[Today]:
    """Moves with a lead time arrive; dated events and events of a ringing clock fire."""
    for u in arriving(world):
        yield happens(world, m, u.event, u.lessons)
    for event in world.plan.events:
        if due(world, m, event):
            yield happens(world, m, event, {})


def arriving(world: World) -> list[Underway]:
    """The moves whose lead time is over; they are no longer under way."""
    out = [u for u in world.underway if u.arrives <= world.day]
    world.underway = [u for u in world.underway if u.arrives > world.day]
    return out


def due(world: World, m: Mindset, event: Occurrence) -> bool:
    """Whether a dated event, or one of a clock, falls today."""
    if event.event.as_choice:
        return False  # it is its mover's choice of that day
    called = world.day in event.dates or rings(m, event.clock)
    return called and possible(m, event)


def rings(m: Mindset, clock: int | None) -> bool:
    """Whether a clock has no days left this morning."""
    return clock is not None and same(m.now.s[clock], 0.0)


def possible(m: Mindset, event: Occurrence) -> bool:
    return event.index not in m.blocked and (
        event.when is None or bool(event.when(m.now.s, m.unknowns, m.moment))
    )


# ---- 2 chance ----------------------------------------------------------------------------


def chance(world: World, m: Mindset) -> Iterator[Today]:
    """Each hazard fires with probability 1 - exp(-rate)."""
    for event in world.plan.events:
        if event.rate is None or not possible(m, event):
            continue
        if world.dice.uniform(f"hazard {event.dice}", world.day) < strikes(m, event):
            yield happens(world, m, event, {})


def strikes(m: Mindset, event: Occurrence) -> float:
    """The chance that the hazard fires today, if it is possible."""
    assert event.rate is not None
    return 0.0 - expm1(-max(0.0, float(event.rate(m.now.s, m.unknowns, m.moment))))


# ---- 3 attention and 4 choice ------------------------------------------------------------


def choices(world: World, m: Mindset, decide: Decide | None = None) -> Iterator[Today]:
    """Who has an opening on an agenda draws one move or nothing: one uniform against cumulated
    softmax. What goes along with a deed happens once, also where its own agenda draws it."""
    decisions = (decide or chosen)(world, m)
    yield from done(world, m, decisions, lambda e, lessons: happens(world, m, e, lessons))


@dataclass(frozen=True)
class Decision:
    """What an actor does about an agenda today, and which words go along."""

    agenda: Agenda
    event: Occurrence
    words: tuple[Occurrence, ...]


Decide = Callable[[World, Mindset], Iterable[Decision]]


def chosen(world: World, m: Mindset) -> Iterator[Decision]:
    """What the model draws, in the order of actors and agendas."""
    for mind in world.plan.minds:
        for agenda in mind.agendas:
            event = chooses(world, m, agenda)
            if event is not None:
                yield Decision(agenda, event, said_with(world, m, event))


def chooses(world: World, m: Mindset, agenda: Agenda) -> Occurrence | None:
    """The move that the actor draws today, if it has an opening and nobody refuses it; the dated
    choice of the day, where there is one."""
    fixed = dated(world, m, agenda)
    if fixed is not None:
        return fixed
    event = draws(world, m, agenda)
    return event if event is not None and agreed(world, m, event) else None


def draws(world: World, m: Mindset, agenda: Agenda) -> Occurrence | None:
    """The move that the actor draws today, if it has an opening, whoever may refuse it."""
    if not opens(world, m, agenda):
        return None
    policy = m.choice(agenda, world.moods[agenda.mind])
    drawn = pick(world.dice.uniform(f"choice {agenda.dice}", world.day), policy)
    return None if drawn is None else world.plan.events[agenda.moves[drawn]]


def opens(world: World, m: Mindset, agenda: Agenda) -> bool:
    """Whether the actor has an opening on an agenda today, where it has no dated choice."""
    die = world.dice.uniform(f"opening {agenda.dice}", world.day)
    return bool(agenda.moves) and die < opening(m, agenda)


def dated(world: World, m: Mindset, agenda: Agenda) -> Occurrence | None:
    """The first of the agenda's dated choices that falls today."""
    for index in agenda.dated:
        event = world.plan.events[index]
        if world.day in event.dates and possible(m, event):
            return event
    return None


def acts(world: World, m: Mindset, agenda: Agenda, open_: bool = False) -> list[float]:
    """Per move and dated choice of an agenda, the probability that the actor does it today: it has
    an opening (`open_`: for certain), chooses it, and nobody refuses."""
    fixed = dated(world, m, agenda)
    if fixed is not None:
        return [float(e == fixed.index) for e in agenda.all]
    found = [0.0] * len(agenda.all)
    if agenda.moves:
        now = 1.0 if open_ else opening(m, agenda)
        for k, p in enumerate(m.choice(agenda, world.moods[agenda.mind])):
            found[k] = now * m.agreed(world.plan.events[agenda.moves[k]], p)
    return found


def opening(m: Mindset, agenda: Agenda) -> float:
    """The chance that the actor has an opening today, where it has no dated choice."""
    return 0.0 - expm1(-max(0.0, float(agenda.pace(m.now.s, m.unknowns, m.moment))))


def said_with(world: World, m: Mindset, deed: Occurrence) -> tuple[Occurrence, ...]:
    """Which words go along with a deed: each its own yes or no, in view of the deed (6)."""
    said = []
    for index in deed.words:
        word = world.plan.events[index]
        die = world.dice.uniform(f"with {deed.dice} {word.dice}", world.day)
        if die < along(m, deed, word):
            said.append(word)
    return tuple(said)


def along(m: Mindset, deed: Occurrence, word: Occurrence) -> float:
    """The probability that a word goes along with a deed of today."""
    assert deed.mover is not None
    mind = m.plan.minds[deed.mover]
    return m.goes_along(mind, deed, word, mind.foresight, NO_TYPE)


Act = Callable[[Occurrence, dict[int, list[float]]], Today]


def done(world: World, m: Mindset, decisions: Iterable[Decision], act: Act) -> Iterator[Today]:
    """What was chosen happens by `act`, or is under way if it has a lead time."""
    decisions = list(decisions)
    said = {word.index for d in decisions for word in d.words}
    for d in decisions:
        if d.event.index in said:
            continue  # it went along with a deed
        lessons = lessons_of(m, world.learners, d.agenda, d.event, d.words)
        lead = 0
        if d.event.takes is not None and not d.event.event.as_choice:
            lead = int(nearest(float(d.event.takes(m.now.s, m.unknowns, m.moment))))
        if lead > 0:
            world.underway.append(Underway(world.day + lead, d.event, lessons))
        else:
            yield act(d.event, lessons)
        for word in d.words:
            yield act(word, {})


def agreed(world: World, m: Mindset, event: Occurrence) -> bool:
    """Whether nobody who is asked refuses the move."""
    return all(accepted(world, m, event, actor) for actor in event.consent)


def accepted(world: World, m: Mindset, event: Occurrence, actor: int) -> bool:
    name = f"consent {world.plan.minds[actor].dice} {event.dice}"
    return world.dice.uniform(name, world.day) < m.consents(actor, event)


# ---- 5 bodies ----------------------------------------------------------------------------


def bodies(world: World, m: Mindset) -> Iterator[Today]:
    """Votes that are due are drawn."""
    for event in world.plan.events:
        if held(world, m, event):
            yield ballot(world, m, event)


def held(world: World, m: Mindset, event: Occurrence) -> bool:
    """Whether the vote is held today."""
    b = event.ballot
    if b is None or not possible(m, event):
        return False
    return (
        b.date == world.day
        or rings(m, b.clock)
        or (b.when is not None and bool(b.when(m.now.s, m.unknowns, m.moment)))
    )


def evening(world: World, quantity: int, lived: bool = True) -> float:
    """A quantity as it stands, or, numbered on from these, what is read of the world: by what it
    is and what is believed in it by then. `lived`: the day of the world is over, and it does not
    stand before its first."""
    plan, k = world.plan, quantity - len(world.plan.quantities)
    if k < 0:
        return world.s[quantity]
    gauge = plan.gauges[k]
    moment = Moment(float(world.day), [learner.weights for learner in world.learners])
    if gauge.vote is not None:
        tallied = tally(world, plan.events[gauge.vote], world.s, moment)
        return tallied[0 if gauge.present else 1]
    if gauge.belief is not None:
        index, kind = gauge.belief
        return world.learners[index].weights[kind]
    assert gauge.mind is not None
    mind = plan.minds[gauge.mind]
    if gauge.move is not None:
        m, move = next_morning(world, lived), plan.events[gauge.move]
        if gauge.term is None:
            return m.inclination(mind, move)
        return m.motive(mind, move, gauge.term)
    return added(float(t.value(world.s, world.unknowns, moment)) for t in mind.terms)


def next_morning(world: World, lived: bool) -> Mindset:
    """What the day that comes will read; the world stays as it is."""
    if not lived:
        return morning(world)
    ahead = replace(world, day=world.day + 1, s=list(world.s))
    tick(ahead)
    return morning(ahead)


def ballot(world: World, m: Mindset, event: Occurrence) -> Today:
    """A vote is carried by those in favour, of enough who are present, if nobody vetoes it."""
    b = event.ballot
    assert b is not None
    s, u, w = m.now.s, m.unknowns, m.moment
    present, yes = tally(world, event, s, w)
    quota = present / 2 if b.quota is None else b.quota
    enough = below(quota, yes) if b.quota is None else at_most(quota, yes)
    carried = at_most(b.quorum, present) and enough
    for actor, odds_of_veto in b.vetoes:
        die = world.dice.uniform(f"veto {event.dice} {actor}", world.day)
        if die < logistic(float(odds_of_veto(s, u, w))):
            carried = False
    return happens(world, m, event, {}, "carried" if carried else "lost")


def tally(world: World, event: Occurrence, s: list[float], moment: Moment) -> tuple[float, float]:
    """The seats that are present and those in favour, by today's dice. Members' yes is logit-normal
    around the bloc's log-odds; whole blocs vote as one."""
    b, u, w = event.ballot, world.unknowns, moment
    assert b is not None
    present = yes = 0.0
    for seat in b.seats:
        share = clip(float(seat.attends(s, u, w)), 0.0, 1.0) if seat.attends else 1.0
        odds = float(seat.yes(s, u, w))
        die = world.dice.uniform(f"vote {event.dice} {seat.name}", world.day)
        if seat.whole:
            in_favour = 1.0 if die < logistic(odds) else 0.0
        else:
            spread = max(0.0, float(seat.spread(s, u, w))) if seat.spread else 0.0
            in_favour = logistic(odds + spread * normal_quantile(die))
        present += seat.seats * share
        yes += seat.seats * share * in_favour
    return present, yes


# ---- 6 effects ---------------------------------------------------------------------------


def happens(
    world: World,
    m: Mindset,
    event: Occurrence,
    lessons: dict[int, list[float]],
    outcome: str | None = None,
) -> Today:
    """Draws how an event turns out, whom its signature points at, and enters it in the log."""
    branches = m.chances(event, m.now.s)
    if outcome is None:
        die = world.dice.uniform(f"outcome {event.dice}", world.day)
        chosen = pick(die, [p for _, p in branches])
        branch = branches[len(branches) - 1 if chosen is None else chosen][0]
        changes, outcome = branch.changes, branch.name
    else:
        changes = next((b.changes for b in event.branches if b.name == outcome), ())
    guilt: tuple[float, ...] = ()
    if event.suspicion is not None:
        die = world.dice.uniform(f"signature {event.dice}", world.day)
        points_at = pick(die, m.signatures(event, m.now.s)) or 0
        guilt = m.posterior_guilt(event, m.now.s, points_at)
    world.log.append(Happening(world.day, event.index, outcome))
    if event.event.once:
        world.ready[event.index] = math.inf
    elif event.pause is not None:
        pause = float(event.pause(m.now.s, m.unknowns, m.moment))
        world.ready[event.index] = world.day + max(1.0, pause) - EQUAL
    return Today(event, changes, outcome, guilt, lessons)


def effects(world: World, m: Mindset, today: list[Today]) -> None:
    """x' = clip(rest + (x - rest) * 2^(-1/h) + effects): old values fade, new come in whole.

    Of two '=' on one quantity in one day the event declared later in the file wins, and the
    collision is kept for the report.
    """
    s, u, w = m.now.s, m.unknowns, m.moment
    after = list(s)
    for i, q in enumerate(world.plan.quantities):
        if q.fades is not None:
            half_life = max(1e-9, float(q.fades(s, u, w)))
            rest = float(q.rest(s, u, w)) if q.rest is not None else q.low
            after[i] = rest + (s[i] - rest) * exp2(-1.0 / half_life)
    wanted = [
        (RANKS[c.operator], t.event.index, c, float(c.amount(s, u, w, t.guilt)))
        for t in today
        for c in t.changes
    ]
    wanted.sort(key=lambda item: item[:2])
    assigned: dict[int, float] = {}
    for order, _, change, amount in wanted:
        if order == 0:
            if not same(assigned.get(change.quantity, amount), amount):
                world.collisions.add(change.quantity)
            assigned[change.quantity] = amount
        apply(after, change.quantity, change.operator, amount)
    world.s = [clip(x, q.low, q.high) for x, q in zip(after, world.plan.quantities, strict=True)]


# ---- 7 sight and 8 beliefs ---------------------------------------------------------------


def learn(world: World, m: Mindset, today: list[Today]) -> None:
    """Each holder sees what is public or shown to it, and learns from chosen moves."""
    if not world.learners:
        return
    # Everyone judges by this morning's beliefs, whatever the order of the beliefs in the file.
    m.moment.beliefs = [list(learner.weights) for learner in world.learners]
    for learner in world.learners:
        opinion = learner.opinion
        answered = False
        for t in today:
            if t.event.mover != opinion.about or not m.sees(t.event, opinion.holder):
                continue
            lesson = t.lessons.get(opinion.index)
            if lesson is not None:  # a word that went along is in the lesson of its deed
                guilt = culprit(t, opinion.about)
                update(learner, [guilt * p + (1.0 - guilt) for p in lesson])
            answered = answered or t.event.index in opinion.answers
        watch(learner, m, answered)


def culprit(t: Today, actor: int) -> float:
    """How guilty the actor looks: 1 for a claimed event."""
    suspicion = t.event.suspicion
    if suspicion is None:
        return 1.0
    return t.guilt[suspicion.suspects.index(actor)] if actor in suspicion.suspects else 0.0

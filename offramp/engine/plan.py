"""The plan: a crisis laid out for running. Numbers in arrays, formulas compiled, and the static
read and write sets, closed over foresight, from which both pruning and tracing follow.

Both engines stand on it: the reference interpreter (`world.py`) and blocks of worlds (`blocks/`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from offramp.engine.elementary import exp, log, logistic, normal_quantile
from offramp.engine.formulas import Formula, Layout
from offramp.engine.inputs import NONE, Inputs
from offramp.language.crisis import (
    RANKS,
    Actor,
    Belief,
    Crisis,
    Effect,
    Event,
    Unknown,
    claims,
)
from offramp.language.crisis import Agenda as Attention
from offramp.language.expressions import Date, SourcedValue, reads
from offramp.language.kinds import constant, spelt


@dataclass(frozen=True)
class Change:
    """One effect: which quantity, how, by how much."""

    quantity: int
    operator: str
    amount: Formula


@dataclass(frozen=True)
class Branch:
    """One way in which an event may turn out: its name ('' for none), chance, and effects."""

    name: str
    chance: Formula | None  # None: what the named outcomes leave over
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Suspicion:
    """Who may have done an unclaimed thing, in the eyes of the observer."""

    observer: int
    suspects: tuple[int, ...]
    rates: tuple[Formula, ...]
    clarity: Formula


@dataclass(frozen=True, kw_only=True)
class Seat:
    name: str
    seats: float
    yes: Formula
    spread: Formula | None
    attends: Formula | None
    whole: bool


@dataclass(frozen=True, kw_only=True)
class Ballot:
    date: int | None
    clock: int | None
    when: Formula | None
    quorum: float
    quota: float | None
    seats: tuple[Seat, ...]
    vetoes: tuple[tuple[str, Formula], ...]


@dataclass(frozen=True, kw_only=True)
class Occurrence:
    """An event ready to run. `writes` and `reads` are static sets of quantity indices."""

    index: int
    event: Event
    mover: int | None
    when: Formula | None
    rate: Formula | None
    dates: frozenset[int]
    clock: int | None
    ballot: Ballot | None
    branches: tuple[Branch, ...]
    cost: Formula | None
    urge: Formula | None
    pause: Formula | None
    takes: Formula | None
    consent: tuple[int, ...]
    words: tuple[int, ...]
    shown: tuple[tuple[int, Formula], ...]
    suspicion: Suspicion | None
    writes: frozenset[int]
    reads: frozenset[int]

    @property
    def dice(self) -> str:
        return self.event.dice


@dataclass(frozen=True, kw_only=True)
class Agenda:
    """What an actor attends to apart from other matters: at an opening it takes one of its moves.

    moves    those that it chooses, in order of the file; `places` are theirs among all its moves
    dated    those that come on their dates (`as: choice`); such a day has no other opening
    words    what may go along with any of these
    """

    index: int  # among those of all actors
    mind: int
    name: str
    pace: Formula
    claim: SourcedValue
    moves: tuple[int, ...]
    places: tuple[int, ...]
    dated: tuple[int, ...]
    words: tuple[int, ...]
    title: str  # of the actor, and the agenda where it has several: for readers
    dice: str

    @property
    def all(self) -> tuple[int, ...]:
        return self.moves + self.dated


@dataclass(frozen=True)
class Term:
    """One term of an actor's utility: a want, or the dread of a chance event."""

    name: str
    value: Formula
    reads: frozenset[int]


@dataclass(frozen=True)
class Waiting:
    """A dated event awaited: until when, and the actor's odds of its branches."""

    event: int
    until: int
    odds: tuple[tuple[int, Formula], ...]  # index into the event's branches


@dataclass(frozen=True, kw_only=True)
class Mind:
    """An actor ready to decide. `touched[m]` are the utility terms that event m can change;
    `moves` are those of all agendas, `words` those that may go along with one of them. `linked`
    has its agendas in groups that a day's reports must be weighed together: one by itself, or one
    with those on which its words may be drawn too."""

    index: int
    actor: Actor
    agendas: tuple[Agenda, ...]
    linked: tuple[tuple[Agenda, ...], ...]
    precision: Formula | None
    mood: Formula | None
    will: Formula | None
    foresight: int
    weighs: tuple[int, ...]
    terms: tuple[Term, ...]
    moves: tuple[int, ...]
    words: tuple[int, ...]
    touched: dict[int, tuple[int, ...]]
    waits: tuple[Waiting, ...]
    belief_about: dict[int, int]  # the other's index -> index of the belief
    reads: frozenset[int]  # by its precision and will

    @property
    def dice(self) -> str:
        return self.actor.dice

    def touches(self, event: int, only: int | None) -> tuple[int, ...]:
        """The terms that an event can change; with `only`, that one if it is among them."""
        touched = self.touched[event]
        return touched if only is None else tuple(k for k in touched if k == only)


@dataclass(frozen=True, kw_only=True)
class Opinion:
    """A belief ready to learn: types as settings of unknowns."""

    index: int
    belief: Belief
    holder: int
    about: int
    priors: tuple[float, ...]
    settings: tuple[tuple[tuple[int, Formula], ...], ...]
    learns: float
    after: Formula | None
    lasts: float
    answers: frozenset[int]


@dataclass(frozen=True, kw_only=True)
class Quantity:
    name: str
    low: float
    high: float
    start: Formula | None
    fades: Formula | None
    rest: Formula | None
    clock: bool


@dataclass(frozen=True, kw_only=True)
class Prior:
    """How an unknown is drawn: a kind and its two numbers, or cumulated chances of options."""

    name: str
    dice: str
    kind: str
    a: float
    b: float
    chances: tuple[float, ...]


@dataclass(frozen=True)
class Gauge:
    """Something read of a world every evening, beside its quantities: what all that a mind wants
    and dreads is worth to it; the seats of a vote were it held that day, yes or present; how a mind
    sees a move of its own the next morning: its inclination to it, or the part that one of its
    terms has in it; or how probable a type is to who believes in it."""

    mind: int | None
    vote: int | None = None
    present: bool = False
    move: int | None = None
    term: int | None = None
    belief: tuple[int, int] | None = None  # with the place of the type


@dataclass(frozen=True, kw_only=True)
class Plan:
    crisis: Crisis
    layout: Layout
    quantities: tuple[Quantity, ...]
    priors: tuple[Prior, ...]
    minds: tuple[Mind, ...]
    events: tuple[Occurrence, ...]
    opinions: tuple[Opinion, ...]
    reach: tuple[tuple[frozenset[int], ...], ...]  # reach[j][d]: what actor j reads at depth d
    sways: tuple[tuple[bool, ...], ...]  # sways[a][b]: event a can change the own value of move b
    gauges: tuple[Gauge, ...] = ()  # numbered on from the quantities
    inputs: Inputs = NONE  # none but where several variants share the plan

    def provokes(self, event: int, actor: int, depth: int) -> bool:
        """Whether the event can change what the actor does at that depth (formalism, 6c)."""
        return not self.events[event].writes.isdisjoint(self.reach[actor][depth])


class _Same:
    """A crisis by identity: to compare two by value takes longer than to lay one out."""

    def __init__(self, crisis: Crisis) -> None:
        self.crisis = crisis

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.crisis is other.crisis

    def __hash__(self) -> int:
        return id(self.crisis)


def plan(crisis: Crisis) -> Plan:
    """Lays a crisis out, the last few once. Pure: the same crisis gives the same plan."""
    return _plan(_Same(crisis))


@lru_cache(maxsize=8)
def _plan(same: _Same) -> Plan:
    crisis = same.crisis
    layout = Layout(
        {s.name: i for i, s in enumerate(crisis.states)},
        {u.name: i for i, u in enumerate(crisis.unknowns)},
        {
            (b.holder, b.about): (i, tuple(t.name for t in b.types))
            for i, b in enumerate(crisis.beliefs)
        },
        frozenset(s.name for s in crisis.states if s.kind == "ladder"),
        dates_from=crisis.first.toordinal(),
    )
    builder = _Planner(crisis, layout)
    events = tuple(builder.event(i, e) for i, e in enumerate(crisis.events))
    minds: tuple[Mind, ...] = ()
    for i, a in enumerate(crisis.actors):
        minds += (builder.mind(i, a, events, sum(len(m.agendas) for m in minds)),)
    opinions = tuple(builder.opinion(i, b, events) for i, b in enumerate(crisis.beliefs))
    return Plan(
        crisis=crisis,
        layout=layout,
        quantities=tuple(builder.quantity(s.name) for s in crisis.states),
        priors=tuple(prior(u) for u in crisis.unknowns),
        minds=minds,
        events=events,
        opinions=opinions,
        reach=reach(minds, events),
        sways=sways(minds, events),
        gauges=tuple(builder.gauge(reading, minds) for reading in crisis.readings),
    )


def prior(unknown: Unknown) -> Prior:
    """The prior's numbers: 10% and 90% points become mean and sd on the transformed scale."""
    if unknown.prior == "among":
        chances = [constant(o.chance.expression) or 0.0 for o in unknown.options]
        return Prior(
            name=unknown.name, dice=unknown.dice, kind="among", a=0.0, b=0.0, chances=tuple(chances)
        )
    if unknown.prior == "says":
        low, high = unknown.interval or (0.1, 0.9)
        kind = "share"
    else:
        low = constant(unknown.low.expression) if unknown.low else None  # type: ignore[assignment]
        high = constant(unknown.high.expression) if unknown.high else None  # type: ignore[assignment]
        kind = unknown.prior
    assert low is not None
    assert high is not None
    return Prior(name=unknown.name, dice=unknown.dice, kind=kind, a=low, b=high, chances=())


def reach(
    minds: tuple[Mind, ...], events: tuple[Occurrence, ...]
) -> tuple[tuple[frozenset[int], ...], ...]:
    """reads_d(j) = reads_0(j) united with reads_(d-1)(l) for every l that j weighs.

    reads_0 is what j's own policy reads: terms, conditions, costs, urges, and the amounts and
    chances of its moves, and of the words that go along with them. Without the closure over depth,
    pruning changes trajectories.
    """
    level = []
    for mind in minds:
        own = set(mind.reads)
        for term in mind.terms:
            own |= term.reads
        for move in mind.moves + mind.words:
            own |= events[move].reads
        level.append(frozenset(own))
    levels = [level]
    for _ in range(2):
        last = levels[-1]
        levels.append([level[m.index].union(*(last[j] for j in m.weighs)) for m in minds])
    return tuple(tuple(levels[d][j] for d in range(3)) for j in range(len(minds)))


def sways(minds: tuple[Mind, ...], events: tuple[Occurrence, ...]) -> tuple[tuple[bool, ...], ...]:
    """Whether event a writes anything that the value of move b, without reactions, reads.

    Where it does not, b is worth the same after a as before, to the last bit, and an imagined
    policy need not work it out again.
    """
    senses = []
    for b in events:
        if b.mover is None or not b.event.chosen:
            senses.append(frozenset[int]())
            continue
        mind = minds[b.mover]
        own = set(b.reads | mind.reads)
        for k in mind.touched[b.index]:
            own |= mind.terms[k].reads
        if b.event.forecloses:
            for wait in mind.waits:
                own |= events[wait.event].reads | events[wait.event].writes
                for k in mind.touched[wait.event]:
                    own |= mind.terms[k].reads
        senses.append(frozenset(own))
    return tuple(tuple(not a.writes.isdisjoint(sense) for sense in senses) for a in events)


def linked(agendas: tuple[Agenda, ...]) -> tuple[tuple[Agenda, ...], ...]:
    """Each agenda whose deeds carry words, with those on which these are drawn too; the rest alone.
    In order of their first."""
    found: list[tuple[Agenda, ...]] = []
    for a in agendas:
        others = [b for b in agendas if b is not a and set(a.words) & set(b.moves)]
        found.append((a, *others))
    later = {b.index for group in found for b in group[1:]}
    return tuple(group for group in found if group[0].index not in later)


class _Planner:
    def __init__(self, crisis: Crisis, layout: Layout) -> None:
        self.crisis, self.layout = crisis, layout
        self.actors = {a.name: i for i, a in enumerate(crisis.actors)}
        self.events = {e.name: i for i, e in enumerate(crisis.events)}

    def formula(self, claim: SourcedValue | None) -> Formula | None:
        return self.layout.formula(claim) if claim is not None else None

    def indices(self, found: Iterable[SourcedValue]) -> frozenset[int]:
        return frozenset(self.layout.states[n] for claim in found for n in reads(claim))

    def quantity(self, name: str) -> Quantity:
        s = self.crisis.states[self.layout.states[name]]
        return Quantity(
            name=name,
            low=s.low,
            high=s.high,
            start=self.formula(s.start),
            fades=self.formula(s.fades),
            rest=self.formula(s.rest),
            clock=s.kind == "clock",
        )

    def changes(self, effects: tuple[Effect, ...], layout: Layout) -> tuple[Change, ...]:
        """In the order of application: '=' first, then + and -, then >= and <=."""
        ordered = sorted(effects, key=lambda e: RANKS[e.operator])
        return tuple(
            Change(layout.states[e.quantity], e.operator, layout.formula(e.amount)) for e in ordered
        )

    def event(self, index: int, e: Event) -> Occurrence:
        suspicion = None
        layout = self.layout
        if e.unclaimed is not None:
            layout = replace(layout, suspects=tuple(n for n, _ in e.unclaimed.suspects))
            suspicion = Suspicion(
                self.actors[e.unclaimed.observer],
                tuple(self.actors[n] for n, _ in e.unclaimed.suspects),
                tuple(self.layout.formula(c) for _, c in e.unclaimed.suspects),
                self.layout.formula(e.unclaimed.clarity),
            )
        branches = [
            Branch(o.name, self.formula(o.chance), self.changes(e.does + o.does, layout))
            for o in e.outcomes
        ]
        if e.vote is None:
            branches.append(Branch("", None, self.changes(e.does, layout)))
        effects = e.does + tuple(x for o in e.outcomes for x in o.does)
        policy: list[SourcedValue] = [c for c in (e.when, e.cost, e.urge) if c is not None]
        policy += [o.chance for o in e.outcomes if o.chance is not None]
        policy += [x.amount for x in effects]
        policy += list(claims(e.unclaimed)) if e.unclaimed else []
        return Occurrence(
            index=index,
            event=e,
            mover=self.actors[e.by] if e.by else None,
            when=self.formula(e.when),
            rate=self.formula(e.rate),
            dates=frozenset(self.day(d) for d in e.dates),
            clock=self.layout.states[e.clock] if e.clock else None,
            ballot=self.ballot(e),
            branches=tuple(branches),
            cost=self.formula(e.cost),
            urge=self.formula(e.urge),
            pause=self.formula(e.pause),
            takes=self.formula(e.takes),
            consent=tuple(self.actors[name] for name in e.consent),
            words=tuple(self.events[name] for name in e.words),
            shown=tuple((self.actors[n], self.layout.formula(c)) for n, c in e.shown),
            suspicion=suspicion,
            writes=frozenset(self.layout.states[x.quantity] for x in effects),
            reads=self.indices(policy),
        )

    def day(self, claim: SourcedValue) -> int:
        assert isinstance(claim.expression, Date)
        return claim.expression.value.toordinal() - self.layout.dates_from

    def gauge(self, reading: str, minds: tuple[Mind, ...]) -> Gauge:
        """As it is written: `worth(us)`, `votes(house.bill, yes)`, `inclines(us, us.hit)`,
        `believes(iran, us, deterred)`."""
        kind, _, inner = reading.rstrip(")").partition("(")
        names = inner.split(", ")
        if kind == "votes":
            return Gauge(None, self.events[names[0]], names[1] == "present")
        if kind == "believes":
            index, types = self.layout.beliefs[names[0], names[1]]
            return Gauge(None, belief=(index, types.index(names[2])))
        mind = self.actors[names[0]]
        if kind == "worth":
            return Gauge(mind)
        term = None
        if kind == "motive":
            term = [spelt(name) for name in minds[mind].actor.terms].index(names[2])
        return Gauge(mind, move=self.events[names[1]], term=term)

    def ballot(self, e: Event) -> Ballot | None:
        v = e.vote
        if v is None:
            return None
        return Ballot(
            date=self.day(v.date) if v.date else None,
            clock=self.layout.states[v.clock] if v.clock else None,
            when=self.formula(v.when),
            quorum=(constant(v.quorum.expression) or 0.0) if v.quorum else 0.0,
            quota=constant(v.quota.expression) if v.quota else None,
            seats=tuple(
                Seat(
                    name=b.name,
                    seats=constant(b.seats.expression) or 0.0,
                    yes=self.layout.formula(b.yes),
                    spread=self.formula(b.spread),
                    attends=self.formula(b.attends),
                    whole=b.whole,
                )
                for b in v.blocs
            ),
            vetoes=tuple((x.actor, self.layout.formula(x.log_odds)) for x in v.vetoes),
        )

    def mind(self, index: int, a: Actor, events: tuple[Occurrence, ...], agendas: int) -> Mind:
        """`agendas`: how many the actors before it have."""
        terms = [
            Term(w.name, self.layout.formula(w.value), self.indices([w.value])) for w in a.wants
        ]
        for fear in a.fears:
            terms.append(self.dread(fear.event, fear.weight, fear.lasts))
        own = [o for o in events if o.mover == index]
        moves = tuple(o.index for o in own if o.event.alone)
        # Others' moves matter to this actor too: the terms that each event can touch.
        touched = {
            o.index: tuple(k for k, term in enumerate(terms) if not term.reads.isdisjoint(o.writes))
            for o in events
        }
        waits = []
        for wait in a.awaits:
            event = events[self.events[wait.event]]
            names = [b.name for b in event.branches]
            odds = tuple((names.index(o.name), self.layout.formula(o.chance)) for o in wait.odds)
            waits.append(Waiting(event.index, max(event.dates, default=0), odds))
        paced = tuple(
            self.agenda(a.agendas[k], agendas + k, a, index, own) for k in range(len(a.agendas))
        )
        return Mind(
            index=index,
            actor=a,
            agendas=paced,
            linked=linked(paced),
            precision=self.formula(a.precision),
            mood=self.formula(a.mood),
            will=self.formula(a.will),
            foresight=a.foresight,
            weighs=tuple(self.actors[n] for n in a.weighs),
            terms=tuple(terms),
            moves=moves,
            words=tuple(dict.fromkeys(w for o in own for w in o.words)),
            touched=touched,
            waits=tuple(waits),
            belief_about={
                self.actors[b.about]: i
                for i, b in enumerate(self.crisis.beliefs)
                if b.holder == a.name
            },
            reads=self.indices([claim for claim in (a.precision, a.will) if claim is not None]),
        )

    def agenda(
        self, written: Attention, index: int, a: Actor, mind: int, own: list[Occurrence]
    ) -> Agenda:
        """The agenda of an actor whose events are `own`; `index` counts those of all actors."""
        moves = [o.index for o in own if o.event.alone]
        here = [o for o in own if o.event.agenda == written.name]
        chosen = tuple(o.index for o in here if o.event.alone)
        several = f" {written.name}" if written.name else ""
        return Agenda(
            index=index,
            mind=mind,
            name=written.name,
            pace=self.layout.formula(written.pace),
            claim=written.pace,
            moves=chosen,
            places=tuple(moves.index(move) for move in chosen),
            dated=tuple(o.index for o in here if o.event.as_choice),
            words=tuple(dict.fromkeys(w for o in here for w in o.words)),
            title=f"{a.name}{several}",
            dice=f"{a.dice}{several}",
        )

    def dread(self, event: str, weight: SourcedValue, lasts: SourcedValue) -> Term:
        """weight * rate * lasts, so that its difference is equation (2)."""
        rate = self.crisis.events[self.events[event]].rate
        source = self.layout.source
        if rate is None:
            return Term(
                f"dread of {event}", self.layout.compile("0.0", "s, u, w, g=()"), frozenset()
            )
        parts = [source(c.expression) for c in (weight, rate, lasts)]
        formula = self.layout.compile(" * ".join(f"({p})" for p in parts), "s, u, w, g=()")
        return Term(f"dread of {event}", formula, self.indices([weight, rate]))

    def opinion(self, index: int, b: Belief, events: tuple[Occurrence, ...]) -> Opinion:
        about = self.actors[b.about]
        public = [
            o
            for o in events
            if o.mover == about and (o.event.chosen or o.event.as_choice) and not o.event.private
        ]
        named = b.silence.answers if b.silence else ()
        answers = frozenset(o.index for o in public if not named or o.event.name in named)
        return Opinion(
            index=index,
            belief=b,
            holder=self.actors[b.holder],
            about=about,
            priors=tuple(constant(t.prior.expression) or 0.0 for t in b.types),
            settings=tuple(
                tuple((self.layout.unknowns[n], self.layout.formula(c)) for n, c in t.settings)
                for t in b.types
            ),
            learns=(constant(b.learns.expression) or 0.0) if b.learns else 1.0,
            after=self.formula(b.silence.after) if b.silence else None,
            lasts=(constant(b.silence.lasts.expression) or 0.0) if b.silence else 0.0,
            answers=answers,
        )


_WIDTH = 2.0 * normal_quantile(0.9)  # between the 10% and 90% points of a standard normal


def quantile(kind: str, a: float, b: float, p: float) -> float:
    """The p-quantile of a prior whose numbers are a and b (see docs/language.md, unknown)."""
    if kind == "between":
        return a + (b - a) * p
    z = normal_quantile(p) / _WIDTH
    if kind == "normal":
        return (a + b) / 2.0 + z * (b - a)
    if kind == "scale":
        return exp((log(a) + log(b)) / 2.0 + z * log(b / a))
    low, high = log(a / (1.0 - a)), log(b / (1.0 - b))
    return logistic((low + high) / 2.0 + z * (high - low))

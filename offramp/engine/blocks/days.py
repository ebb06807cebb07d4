"""The day as a program: sections over nodes, in the order in which `world.py` lives a day.

A world is a row of numbered slots. A section reads slots, works out its nodes and writes slots,
in all worlds or only where a slot says so (an actor has an opening, an event happens), and all
its reads come before its writes. Nothing else happens in a day.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from offramp.engine.blocks.decide import NO_TYPE, Policy, Rules, effects_of
from offramp.engine.blocks.graph import Graph, Node
from offramp.engine.elementary import normal_quantile
from offramp.engine.inputs import Draw
from offramp.engine.noise import site
from offramp.engine.plan import Agenda, Occurrence, Opinion, Plan, Prior
from offramp.language.crisis import RANKS, Effect, Silence
from offramp.language.equality import EQUAL

CARRIED, LOST = 90, 91  # branches of a vote that has no effects for them
NEVER = 1e18  # the day on which what happens only once may happen again


@dataclass(frozen=True)
class Section:
    """Some slots worked out anew, where `slot` equals `value` (0: is not 0), or everywhere."""

    name: str
    outputs: tuple[tuple[int, Node], ...]
    slot: int | None = None
    value: int = 0
    days: tuple[int, ...] = ()  # only on these days; empty: every day


@dataclass(frozen=True, kw_only=True)
class Program:
    """What all worlds of a crisis run: `begin` once, then `day` on each day.

    `quantities` slots are copied from `after` when a day ends; `daily` slots are 0 each morning.
    """

    plan: Plan
    graph: Graph
    slots: tuple[str, ...]  # their names, for readers
    begin: tuple[Section, ...]
    day: tuple[Section, ...]
    quantities: tuple[int, int]
    after: int
    unknowns: tuple[int, int]
    happened: int  # per event: 0, or 1 + the branch that it took today
    collided: tuple[tuple[int, int], ...]  # (quantity, slot)
    daily: tuple[int, int]
    inputs: tuple[int, int]  # filled in by the caller before the first morning


@dataclass
class Slots:
    names: list[str] = field(default_factory=list)

    def some(self, names: list[str]) -> list[int]:
        first = len(self.names)
        self.names += names
        return list(range(first, len(self.names)))


def program(plan: Plan) -> Program:
    """The crisis as sections. Pure: the same plan gives the same program."""
    return Writer(plan).program()


def joined(graph: Graph, sections: Sequence[Section]) -> list[Section]:
    """The sections, neighbours that all worlds run on the same days as one: what several of them
    work out is then worked out once, and what one writes the next has at hand."""
    out: list[Section] = []
    for section in sections:
        last = out[-1] if out else None
        everywhere = section.slot is None and last is not None and last.slot is None
        if last is None or not everywhere or last.days != section.days:
            out.append(section)
            continue
        written = {graph.slot(slot): node for slot, node in last.outputs}
        nodes = graph.over([node for _, node in section.outputs], written)
        outputs = dict(last.outputs)
        outputs |= zip([slot for slot, _ in section.outputs], nodes, strict=True)
        name = f"{last.name}; {section.name}"
        out[-1] = replace(last, name=name, outputs=tuple(outputs.items()))
    return out


def branch_codes(event: Occurrence) -> dict[str, int]:
    """The number of each outcome by its name."""
    codes = {b.name: i for i, b in enumerate(event.branches)}
    if event.ballot is not None:
        codes.setdefault("carried", CARRIED)
        codes.setdefault("lost", LOST)
    return codes


class Writer:
    """Slots are handed out in one place, so that what is zeroed or copied lies together."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.graph = plan, Graph()
        p, slots = plan, Slots()
        names = [s.name for s in p.crisis.states]
        events = [e.event.name for e in p.events]
        actors = [m.actor.name for m in p.minds]
        self.slots = slots
        self.s = slots.some(names)
        self.after = slots.some([f"{n} tonight" for n in names])
        self.gauges = slots.some(list(p.crisis.readings))  # behind these: see worlds.watched
        self.u = slots.some([x.name for x in p.priors])
        self.own = {
            (k, t, i): slots.some([f"{p.priors[i].name} of {kind.name}"])[0]
            for k, o in enumerate(p.opinions)
            for t, kind in enumerate(o.belief.types)
            for i, _ in o.settings[t]
        }
        self.mood = {
            m.index: slots.some([f"mood of {actors[m.index]}"])[0]
            for m in p.minds
            if m.mood is not None
        }
        self.weights = [self._types(o, "weight of") for o in p.opinions]
        self.ready = self._some_events("ready for", lambda e: e.event.once or e.pause is not None)
        slow = [e for e in p.events if e.takes is not None]
        self.underway = self._some_events("arrival of", lambda e: e.takes is not None)
        self.order = self._some_events("order of", lambda e: e.takes is not None)
        self.lessons = {
            (e.index, k): self._types(o, f"lesson of {e.event.name}:")
            for e in slow
            for k, o in enumerate(p.opinions)
            if o.about == e.mover
        }
        self.decided = slots.some(["moves under way so far"])[0]
        watching = [o for o in p.opinions if o.after is not None]
        self.opened = {o.index: slots.some([f"since when {_of(o)} waits"])[0] for o in watching}
        self.scored = {o.index: slots.some([f"{_of(o)} has scored"])[0] for o in watching}
        self.quiet = {o.index: self._types(o, "silence of") for o in watching}
        twice = [q for q in range(len(names)) if self._assigned_twice(q)]
        self.collided = {q: slots.some([f"{names[q]} collided"])[0] for q in twice}
        # Behind all else that lasts, for no other crisis has them (posterior.handover).
        self.inputs = slots.some([f"input {k}" for k in range(p.inputs.count)])
        # From here on: 0 each morning.
        self.first_daily = len(slots.names)
        self.happened = slots.some([f"{n} happened" for n in events])
        words = {w for m in p.minds for w in m.words}
        self.fires = self._some_events(
            "fires:",
            lambda e: (
                not (e.event.chosen or e.event.as_choice) or e.takes is not None or e.index in words
            ),
        )
        self.blocked = self._some_events(
            "blocked:", lambda e: e.event.once or e.pause is not None or e.takes is not None
        )
        self.agendas = [a for m in p.minds for a in m.agendas if a.all]
        self.opening = {
            a.index: slots.some([f"opening of {a.title}"])[0] for a in self.agendas if a.moves
        }
        self.chosen = {a.index: slots.some([f"choice of {a.title}"])[0] for a in self.agendas}
        self.said = {
            (e, w): slots.some([f"{events[w]} goes with {events[e]}"])[0]
            for a in self.agendas
            for e in a.all
            for w in p.events[e].words
        }
        self.beliefs = [self._types(o, "belief this morning:") for o in p.opinions]
        self.taught = {
            (a.index, k): self._types(o, f"lesson of {a.title}:")
            for a in self.agendas
            for k, o in enumerate(p.opinions)
            if o.about == a.mind
        }
        self.guilt = {
            e.index: slots.some(
                [f"guilt of {n} for {e.event.name}" for n, _ in e.event.unclaimed.suspects]
            )
            for e in p.events
            if e.event.unclaimed is not None
        }
        self.assigned = {q: slots.some([f"{names[q]} was set"])[0] for q in twice}
        self.answered = {o.index: slots.some([f"{_of(o)} got an answer"])[0] for o in watching}
        self.asks = {o.index: slots.some([f"{_of(o)} begins to wait"])[0] for o in watching}
        taught = [e for e in slow if any(o.about == e.mover for o in p.opinions)]
        self.arrived = {e.index: slots.some([f"{e.event.name} arrived"])[0] for e in taught}
        self.turn = {
            a: slots.some([f"which move of {actors[a]} arrived"])[0]
            for a in sorted({e.mover for e in taught if e.mover is not None})
        }
        self.last_daily = len(slots.names)
        self.rules = Rules(
            plan=p,
            graph=self.graph,
            now=self._nodes(self.s),
            unknowns=self._nodes(self.u),
            types=tuple(
                tuple(
                    tuple(
                        self.graph.slot(self.own.get((k, t, i), self.u[i]))
                        for i in range(len(p.priors))
                    )
                    for t in range(len(o.priors))
                )
                for k, o in enumerate(p.opinions)
            ),
            beliefs=tuple(self._nodes(row) for row in self.beliefs),
            blocked=tuple(
                self.graph.slot(self.blocked[e.index])
                if e.index in self.blocked
                else self.graph.const(0.0)
                for e in p.events
            ),
            given=self._nodes(self.inputs),
        )
        self.sections: list[Section] = []

    def _types(self, o: Opinion, what: str) -> list[int]:
        return self.slots.some([f"{what} {_of(o)}, {t.name}" for t in o.belief.types])

    def _some_events(self, what: str, which: Callable[[Occurrence], bool]) -> dict[int, int]:
        return {
            e.index: self.slots.some([f"{what} {e.event.name}"])[0]
            for e in self.plan.events
            if which(e)
        }

    def _nodes(self, slots: list[int]) -> tuple[Node, ...]:
        return tuple(self.graph.slot(k) for k in slots)

    def _assigned_twice(self, q: int) -> bool:
        """Whether two effects of one day may set it: then their collisions are watched."""

        def sets(x: Effect) -> bool:
            return x.operator == "=" and self.plan.layout.states[x.quantity] == q

        most = [
            max((sum(map(sets, branch)) for branch in effects_of(e)), default=0)
            for e in self.plan.events
        ]
        return sum(most) > 1

    # ---- helpers -------------------------------------------------------------------------

    def section(
        self,
        name: str,
        outputs: list[tuple[int, Node]],
        slot: int | None = None,
        value: int = 0,
        days: tuple[int, ...] = (),
    ) -> None:
        if outputs:
            self.sections.append(Section(name, tuple(outputs), slot, value, days))

    def c(self, value: float) -> Node:
        return self.graph.const(value)

    def slot(self, index: int) -> Node:
        return self.graph.slot(index)

    def lt(self, a: Node, b: Node) -> Node:
        return self.graph.op("lt", a, b)

    def le(self, a: Node, b: Node) -> Node:
        return self.graph.op("le", a, b)

    def both(self, a: Node, b: Node) -> Node:
        return self.graph.op("and", a, b)

    def negated(self, a: Node) -> Node:
        return self.graph.op("not", a)

    def die(self, name: str) -> Node:
        return self.graph.uniform(site(name))

    def first_die(self, name: str) -> Node:
        """The die of what is drawn before the first day."""
        return self.die(name)

    def once(self, rate: Node) -> Node:
        """1 - exp(-rate): the chance that something with this rate happens in a day."""
        return self.graph.sub(self.c(0.0), self.graph.op("expm1", self.graph.op("neg", rate)))

    def strikes(self, die: Node, rate: Node) -> Node:
        return self.lt(die, self.once(rate))

    def pick(self, die: Node, chances: list[Node], default: int) -> Node:
        """1 + the index whose cumulated chance first exceeds the die; `default` in the rest."""
        g = self.graph
        sums, total = [], self.c(0.0)
        for i, p in enumerate(chances):
            total = p if i == 0 else g.add(total, p)
            sums.append(total)
        out = self.c(default)
        for i in reversed(range(len(chances))):
            out = g.select(self.lt(die, sums[i]), self.c(i + 1), out)
        return out

    # ---- the whole -----------------------------------------------------------------------

    def program(self) -> Program:
        begin = (*self.begin(), *self.gauged(self.s, lived=False))
        self.morning()
        self.chance()
        self.choices()
        self.bodies()
        self.effects()
        self.learn()
        return Program(
            plan=self.plan,
            graph=self.graph,
            slots=tuple(self.slots.names),
            begin=begin,
            day=(*joined(self.graph, self.sections), *self.gauged(self.after, lived=True)),
            quantities=(self.s[0] if self.s else 0, len(self.s)),
            after=self.after[0] if self.after else 0,
            unknowns=(self.u[0] if self.u else 0, len(self.u)),
            happened=self.happened[0] if self.happened else 0,
            collided=tuple(self.collided.items()),
            daily=(self.first_daily, self.last_daily - self.first_daily),
            inputs=(self.inputs[0] if self.inputs else 0, len(self.inputs)),
        )

    # ---- the first morning ---------------------------------------------------------------

    def begin(self) -> tuple[Section, ...]:
        """Unknowns and moods drawn, quantities at their start."""
        p = self.plan
        drawn = tuple(map(self.drawn, p.priors))
        s = [self.c(0.0)] * len(p.quantities)
        priors = tuple(tuple(self.c(x) for x in o.priors) for o in p.opinions)
        rules = Rules(
            plan=p,
            graph=self.graph,
            now=tuple(s),
            unknowns=drawn,
            types=(),
            beliefs=priors,
            blocked=(),
            given=self.rules.given,
        )
        for i, (q, state) in enumerate(zip(p.quantities, p.crisis.states, strict=True)):
            if state.start is not None:
                start = rules.read(state.start, tuple(s))
            else:
                start = self.c(-1.0 if q.clock else max(0.0, q.low))
            s[i] = rules.within(q, start)
        out = [*zip(self.u, drawn, strict=True), *zip(self.s, s, strict=True)]
        for k, o in enumerate(p.opinions):
            for t, kind in enumerate(o.belief.types):
                for name, claim in kind.settings:
                    slot = self.own[k, t, p.layout.unknowns[name]]
                    out.append((slot, rules.read(claim, tuple(s))))
            out += zip(self.weights[k], priors[k], strict=True)
        for index, slot in self.mood.items():
            actor = p.minds[index].actor
            assert actor.mood is not None
            z = self.graph.op("normal_quantile", self.first_die(f"mood {actor.dice}"))
            out.append((slot, self.graph.mul(rules.read(actor.mood, tuple(s)), z)))
        out += [(slot, self.c(-1.0)) for slot in (*self.underway.values(), *self.opened.values())]
        return (Section("the first morning", tuple(out)),)

    def drawn(self, x: Prior) -> Node:
        """An unknown from its prior, or from the one of several that is given."""
        ways = dict(self.plan.inputs.priors).get(x.name)
        if ways is None:
            return self.draw(x.dice, Draw(x.kind, x.a, x.b, x.chances))
        which = self.rules.number(ways.which)
        return self.rules.chosen(which, [self.draw(x.dice, draw) for draw in ways.draws])

    def draw(self, dice: str, x: Draw) -> Node:
        """By inversion (plan.quantile)."""
        g, die, number = self.graph, self.first_die(f"unknown {dice}"), self.rules.number
        if x.kind == "among":
            picked = self.pick(die, [number(p) for p in x.chances], 1)
            return g.sub(picked, self.c(1.0))
        a, b, two = number(x.a), number(x.b), self.c(2.0)
        if x.kind == "between":
            return g.add(a, g.mul(g.sub(b, a), die))
        width = self.c(2.0 * normal_quantile(0.9))
        z = g.op("div", g.op("normal_quantile", die), width)
        if x.kind == "normal":
            return g.add(g.op("div", g.add(a, b), two), g.mul(z, g.sub(b, a)))
        if x.kind == "scale":
            middle = g.op("div", g.add(g.op("log", a), g.op("log", b)), two)
            return g.op("exp", g.add(middle, g.mul(z, g.op("log", g.op("div", b, a)))))
        low, high = (g.op("log", g.op("div", p, g.sub(self.c(1.0), p))) for p in (a, b))
        middle = g.op("div", g.add(low, high), two)
        return g.op("logistic", g.add(middle, g.mul(z, g.sub(high, low))))

    # ---- 0 the snapshot, 1 calendar, 2 chance --------------------------------------------

    def morning(self) -> None:
        """Clocks count down; then beliefs and what is barred today are noted for the day."""
        g, today = self.graph, self.graph.today()
        clocks = []
        for i, q in enumerate(self.plan.quantities):
            if q.clock:
                left, later = self.slot(self.s[i]), self.lt(self.c(0.0), today)
                clocks.append((self.s[i], g.select(later, self.ticked(left), left)))
        self.section("clocks", clocks)
        out = [
            (b, self.slot(w))
            for row, own in zip(self.beliefs, self.weights, strict=True)
            for b, w in zip(row, own, strict=True)
        ]
        some: dict[int | None, Node] = {}  # per actor: whether anything arrives that teaches
        for e, slot in self.blocked.items():
            event = self.plan.events[e]
            if e in self.underway:
                arrival = self.slot(self.underway[e])
                arrives = self.both(self.le(self.c(0.0), arrival), self.le(arrival, today))
                out += [
                    (self.fires[e], arrives),
                    (self.underway[e], g.select(arrives, self.c(-1.0), arrival)),
                ]
                if e in self.arrived:
                    out.append((self.arrived[e], arrives))
                    some[event.mover] = g.op("or", some.get(event.mover, self.c(0.0)), arrives)
            out.append((slot, self.barred(e, today)))
        out += [(self.turn[a], node) for a, node in some.items() if a is not None]
        self.section("this morning", out)

    def ticked(self, left: Node) -> Node:
        """A clock a day later: at 0 it rings, the day after it is off (-1)."""
        g, one = self.graph, self.c(1.0)
        rings = g.select(g.op("below", self.c(0.0), left), self.c(0.0), self.c(-1.0))
        return g.select(g.op("below", one, left), g.sub(left, one), rings)

    def barred(self, e: int, today: Node) -> Node:
        """Whether an event is done for good, pausing, or under way on a morning."""
        barred = self.c(0.0)
        if e in self.ready:
            barred = self.lt(today, self.slot(self.ready[e]))
        if e in self.underway:
            away = self.le(self.c(0.0), self.slot(self.underway[e]))
            barred = self.graph.op("or", barred, away)
        return barred

    def possible(self, event: Occurrence) -> Node:
        return self.rules.available(event, self.rules.now, NO_TYPE)

    def chance(self) -> None:
        """Dated events, ringing clocks, hazards, openings: who and what gets its turn today."""
        self.dated()
        self.hazards()
        out = []
        for agenda in self.agendas:
            if agenda.moves:
                die = self.die(f"opening {agenda.dice}")
                out.append((self.opening[agenda.index], self.strikes(die, self.pace(agenda))))
        self.section("openings", out)
        for event in self.plan.events:
            if not (event.event.chosen or event.event.as_choice) and event.ballot is None:
                self.happens(event, self.fires[event.index], 0)

    def pace(self, agenda: Agenda) -> Node:
        return self.rules.at_least_0(self.rules.read(agenda.claim))

    def dated(self) -> None:
        g, out = self.graph, list[tuple[int, Node]]()
        for event in self.plan.events:
            if event.clock is not None:
                rings = g.op("same", self.slot(self.s[event.clock]), self.c(0.0))
                for day in sorted(event.dates):
                    rings = g.op("or", rings, g.op("eq", g.today(), self.c(day)))
                out.append((self.fires[event.index], self.both(self.possible(event), rings)))
            elif event.dates and not event.event.as_choice:
                self.section(
                    f"{event.event.name} is due",
                    [(self.fires[event.index], self.possible(event))],
                    days=tuple(sorted(event.dates)),
                )
        self.section("clocks ring", out)

    def hazards(self) -> None:
        out = []
        for event in self.plan.events:
            if event.rate is not None:
                strikes = self.strikes(self.die(f"hazard {event.dice}"), self.rate(event))
                out.append((self.fires[event.index], self.both(self.possible(event), strikes)))
        self.section("hazards", out)

    def rate(self, event: Occurrence) -> Node:
        assert event.event.rate is not None
        return self.rules.at_least_0(self.rules.read(event.event.rate))

    # ---- 3 attention and 4 choice --------------------------------------------------------

    def choices(self) -> None:
        """One move or nothing on each agenda, and the words that go along with it. What goes along
        with a deed happens once, also where its own agenda draws it."""
        for mind in self.plan.minds:
            for group in mind.linked:
                self.decide(group)
            agendas = [a for a in mind.agendas if a.all]
            for agenda in agendas:
                self.no_news(agenda)
            for agenda in agendas:
                slot = self.chosen[agenda.index]
                self.teach(agenda, slot)
                events = [self.plan.events[e] for e in agenda.all]
                for i, event in enumerate(events[: len(agenda.moves)]):
                    self.undertake(event, agenda, slot, i + 1)
                for i, event in enumerate(events):
                    if event.index in mind.words:
                        continue
                    if event.event.chosen and event.index in self.fires:
                        self.happens(event, self.fires[event.index], 0)
                    else:
                        self.happens(event, slot, i + 1)
            self.words(mind.words, agendas)

    def decide(self, group: tuple[Agenda, ...]) -> None:
        """What an actor does about some agendas."""
        for agenda in group:
            if agenda.all:
                self.choose(agenda, self.chosen[agenda.index])
                self.words_along(agenda)

    def choose(self, agenda: Agenda, slot: int) -> None:
        """What the actor does with an opening: 0, or the place of its move from 1 on. The places of
        dated choices come after those of moves."""
        if agenda.moves:
            die = self.die(f"choice {agenda.dice}")
            self.section(
                f"{agenda.title} chooses",
                [(slot, self.pick(die, list(self.own_policy(agenda)), 0))],
                self.opening[agenda.index],
            )
        for i, move in enumerate(agenda.moves):
            self.consent(self.plan.events[move], slot, i + 1)
        self.fixed(agenda, slot)

    def fixed(self, agenda: Agenda, slot: int) -> None:
        """The dated choices, the first last, for it goes before the others of its day."""
        for i, index in reversed(list(enumerate(agenda.dated))):
            event = self.plan.events[index]
            place = self.c(len(agenda.moves) + i + 1)
            out = [(slot, self.graph.select(self.possible(event), place, self.slot(slot)))]
            self.section(f"{event.event.name} is due", out, days=tuple(sorted(event.dates)))

    def falls(self, agenda: Agenda, index: int) -> Node:
        """Whether a dated choice is that of today."""
        out, before = self.c(0.0), self.c(0.0)
        for other in agenda.dated:
            event, due = self.plan.events[other], self.c(0.0)
            for day in sorted(event.dates):
                due = self.graph.op("or", due, self.graph.op("eq", self.graph.today(), self.c(day)))
            due = self.both(due, self.possible(event))
            if other == index:
                out = self.both(due, self.negated(before))
            before = self.graph.op("or", before, due)
        return out

    def busy(self, agenda: Agenda) -> Node:
        """Whether the agenda has a dated choice today, and so no other opening."""
        out = self.c(0.0)
        for index in agenda.dated:
            out = self.graph.op("or", out, self.falls(agenda, index))
        return out

    def words_along(self, agenda: Agenda) -> None:
        """Which words go along with what was chosen: each its own yes or no, in view of it (6)."""
        for i, index in enumerate(agenda.all):
            deed = self.plan.events[index]
            out = []
            for word in deed.words:
                die = self.die(f"with {deed.dice} {self.plan.events[word].dice}")
                out.append((self.said[index, word], self.lt(die, self.along(deed, word))))
            name = f"what is said with {deed.event.name}"
            self.section(name, out, self.chosen[agenda.index], i + 1)

    def along(self, deed: Occurrence, word: int) -> Node:
        """The probability that a word goes along with a deed of today."""
        assert deed.mover is not None
        mind, event = self.plan.minds[deed.mover], self.plan.events[word]
        return self.rules.goes_along(mind, deed, event, mind.foresight, NO_TYPE)

    def went_along(self, word: int) -> Node:
        """Whether the word went along with a deed today."""
        out = self.c(0.0)
        for (_, other), slot in self.said.items():
            if other == word:
                out = self.graph.op("or", out, self.slot(slot))
        return out

    def no_news(self, agenda: Agenda) -> None:
        """A word that an agenda draws though it went along with a deed is no second choice."""
        slot = self.chosen[agenda.index]
        for i, move in enumerate(agenda.moves):
            if any(word == move for _, word in self.said):
                left = self.graph.select(self.went_along(move), self.c(0.0), self.slot(slot))
                name = f"{self.plan.events[move].event.name} is said already"
                self.section(name, [(slot, left)], slot, i + 1)

    def words(self, words: tuple[int, ...], agendas: list[Agenda]) -> None:
        """Words happen: those that went along, and those that were chosen by themselves."""
        g = self.graph
        for word in words:
            said = self.went_along(word)
            for agenda in agendas:
                if word in agenda.moves:
                    place = self.c(agenda.moves.index(word) + 1)
                    alone = g.op("eq", self.slot(self.chosen[agenda.index]), place)
                    said = g.op("or", said, alone)
            event = self.plan.events[word]
            self.section(f"{event.event.name} is said", [(self.fires[word], said)])
            self.happens(event, self.fires[word], 0)

    def own_policy(self, agenda: Agenda) -> tuple[Node, ...]:
        """The policy that the actor itself acts on, on an agenda: its own foresight, its mood."""
        mind = self.plan.minds[agenda.mind]
        policy = self.rules.policy(mind.index, self.rules.now, mind.foresight, NO_TYPE)
        chances = policy.chances
        if mind.index in self.mood:
            mood = self.slot(self.mood[mind.index])
            chances = self.rules.by_agenda(mind, policy.available, policy.odds, mood)
        return tuple(chances[i] for i in agenda.places)

    def acts(self, agenda: Agenda, open_: bool = False) -> list[Node]:
        """Per move and dated choice of an agenda, the probability that the actor does it today: it
        has an opening (`open_`: for certain), chooses it, and nobody refuses."""
        g, now = self.graph, self.c(1.0) if open_ else self.once(self.pace(agenda))
        policy = self.own_policy(agenda)
        chosen = [
            g.mul(now, self.all_accept(self.plan.events[e], p))
            for e, p in zip(agenda.moves, policy, strict=True)
        ]
        busy = self.busy(agenda)
        chosen = [g.select(busy, self.c(0.0), p) for p in chosen]
        return [*chosen, *(self.falls(agenda, e) for e in agenda.dated)]

    def consent(self, event: Occurrence, slot: int, value: int) -> None:
        for actor in event.consent:
            mind = self.plan.minds[actor]
            die = self.die(f"consent {mind.dice} {event.dice}")
            accepts = self.lt(die, self.accepts(event, actor))
            chosen = self.graph.select(accepts, self.c(value), self.c(0.0))
            name = f"{mind.actor.name} consents to {event.event.name}"
            self.section(name, [(slot, chosen)], slot, value)

    def all_accept(self, event: Occurrence, chosen: Node) -> Node:
        """The chance that a move is chosen, times that of everybody's consent."""
        for actor in event.consent:
            chosen = self.graph.mul(chosen, self.accepts(event, actor))
        return chosen

    def accepts(self, event: Occurrence, actor: int) -> Node:
        """A veto player accepts by the same quantal response, yes or no."""
        g, rules, mind = self.graph, self.rules, self.plan.minds[actor]
        worth = rules.worth(mind, event, rules.now, mind.foresight, NO_TYPE)
        return g.op("logistic", g.mul(rules.precision(mind, rules.now, NO_TYPE), worth))

    def policies_of_types(self, o: Opinion) -> list[Policy]:
        """The policies that an observer ascribes to each type; it thinks one step less of the
        other than of itself."""
        depth = self.depth_of(o)
        return [
            self.rules.policy(o.about, self.rules.now, depth, (o.index, t))
            for t in range(len(o.priors))
        ]

    def depth_of(self, o: Opinion) -> int:
        return max(0, self.plan.minds[o.holder].foresight - 1)

    def teach(self, agenda: Agenda, slot: int) -> None:
        """Per type of every belief about the mover, the chance that it would have done this, and
        said or not said what went along as far as the holder would see it."""
        opinions = [o for o in self.plan.opinions if o.about == agenda.mind]
        out = []
        for o in opinions:
            for t, policy in enumerate(self.policies_of_types(o)):
                chances = [policy.chances[i] for i in agenda.places]
                if chances:
                    lesson = self.by_choice(slot, chances)
                    out.append((self.taught[agenda.index, o.index][t], lesson))
        self.section(f"what the choice of {agenda.title} teaches", out, slot)
        for i, index in enumerate(agenda.all):
            event, out = self.plan.events[index], []
            for o in opinions:
                for t in range(len(o.priors)):
                    taught = self.taught[agenda.index, o.index][t]
                    lesson = self.lesson(o, t, agenda, event, self.slot(taught))
                    if lesson != self.slot(taught):
                        out.append((taught, lesson))
            days = tuple(sorted(event.dates)) if event.event.as_choice else ()
            self.section(f"what {event.event.name} teaches", out, slot, i + 1, days)

    def lesson(self, o: Opinion, t: int, agenda: Agenda, event: Occurrence, taught: Node) -> Node:
        """What a type's choice teaches beside the policy: of a dated choice, and of words."""
        g, depth, key = self.graph, self.depth_of(o), (o.index, t)
        if event.event.as_choice:
            taught = self.rules.would_have(agenda, event, depth, key)
        for word in event.words:
            mind, said = self.plan.minds[agenda.mind], self.slot(self.said[event.index, word])
            p = self.rules.goes_along(mind, event, self.plan.events[word], depth, key)
            factor = g.select(said, p, g.sub(self.c(1.0), p))
            seen = self.sees(self.plan.events[word], o.holder)
            taught = g.mul(taught, g.select(seen, factor, self.c(1.0)))
        return taught

    def by_choice(self, slot: int, values: list[Node]) -> Node:
        """The value at the chosen move's place."""
        out = values[-1]
        for i in reversed(range(len(values) - 1)):
            hit = self.graph.op("eq", self.slot(slot), self.c(i + 1))
            out = self.graph.select(hit, values[i], out)
        return out

    def undertake(self, event: Occurrence, agenda: Agenda, slot: int, value: int) -> None:
        """A move with a lead time: decided now, done later, learnt from as it was decided."""
        if event.event.takes is None:
            return
        g, e = self.graph, event.index
        lead = g.op("nearest", self.rules.read(event.event.takes))
        later = self.lt(self.c(0.0), lead)
        order = self.slot(self.decided)
        out = [
            (self.underway[e], g.select(later, g.add(g.today(), lead), self.c(-1.0))),
            (self.order[e], order),
            (self.decided, g.add(order, self.c(1.0))),
            (self.fires[e], self.negated(later)),
            (slot, g.select(later, self.c(0.0), self.c(value))),
        ]
        for o in self.plan.opinions:
            if o.about == agenda.mind:
                taught = self._nodes(self.taught[agenda.index, o.index])
                out += zip(self.lessons[e, o.index], taught, strict=True)
        self.section(f"{event.event.name} is under way", out, slot, value)

    # ---- 5 bodies ------------------------------------------------------------------------

    def bodies(self) -> None:
        """Votes that are due are drawn."""
        g = self.graph
        for event in self.plan.events:
            b, v = event.ballot, event.event.vote
            if b is None:
                continue
            assert v is not None
            held = self.c(0.0)
            if b.clock is not None:
                held = g.op("or", held, g.op("same", self.slot(self.s[b.clock]), self.c(0.0)))
            if v.when is not None:
                held = g.op("or", held, self.rules.read(v.when))
            days: tuple[int, ...] = ()
            if b.date is not None:
                if g.value(held) == 0.0:
                    days, held = (b.date,), self.c(1.0)
                else:
                    held = g.op("or", held, g.op("eq", g.today(), self.c(b.date)))
            fires = self.both(self.possible(event), held)
            slot, name = self.fires[event.index], event.event.name
            self.section(f"{name} is held", [(slot, fires)], days=days)
            codes = branch_codes(event)
            carried = g.select(
                self.carried(event), self.c(codes["carried"] + 1), self.c(codes["lost"] + 1)
            )
            self.section(name, [(self.happened[event.index], carried), *self.pauses(event)], slot)

    def gauged(self, s: list[int], lived: bool) -> tuple[Section, ...]:
        """What is read of the world besides its quantities, which stand in `s` (world.evening)."""
        if not self.gauges:
            return ()
        rules = Rules(
            plan=self.plan,
            graph=self.graph,
            now=self._nodes(s),
            unknowns=self._nodes(self.u),
            types=(),
            beliefs=tuple(self._nodes(row) for row in self.weights),
            blocked=(),
            given=self.rules.given,
        )
        ahead, out = self.next_morning(s, lived), []
        for slot, gauge in zip(self.gauges, self.plan.gauges, strict=True):
            if gauge.vote is not None:
                tallied = self.tallied(self.plan.events[gauge.vote], rules)
                out.append((slot, tallied[0 if gauge.present else 1]))
                continue
            if gauge.belief is not None:
                index, kind = gauge.belief
                out.append((slot, rules.beliefs[index][kind]))
                continue
            assert gauge.mind is not None
            mind = self.plan.minds[gauge.mind]
            if gauge.move is not None:
                move = self.plan.events[gauge.move]
                if gauge.term is None:
                    out.append((slot, ahead.inclination(mind, move)))
                else:
                    out.append((slot, ahead.motive(mind, move, gauge.term)))
                continue
            total = self.c(0.0)  # and not total(), for the sign of a zero is seen here
            for k in range(len(mind.terms)):
                total = self.graph.add(total, rules.term(mind, k, rules.now, NO_TYPE))
            out.append((slot, total))
        # Each by itself, for a run works out only what it watches (Tape.instructions).
        return tuple(Section("what is read", (one,)) for one in out)

    def next_morning(self, s: list[int], lived: bool) -> Rules:
        """The rules of the day that comes, by the quantities in `s` (world.next_morning)."""
        g, now, today = self.graph, self._nodes(s), self.graph.today()
        if lived:
            today = g.add(today, self.c(1.0))
            clocks = zip(now, self.plan.quantities, strict=True)
            now = tuple(self.ticked(x) if q.clock else x for x, q in clocks)
        return Rules(
            plan=self.plan,
            graph=g,
            now=now,
            unknowns=self.rules.unknowns,
            types=self.rules.types,
            beliefs=tuple(self._nodes(row) for row in self.weights),
            blocked=tuple(self.barred(e.index, today) for e in self.plan.events),
            given=self.rules.given,
            today=today,
        )

    def carried(self, event: Occurrence) -> Node:
        """A vote is carried by those in favour, of enough who are present, if nobody vetoes it."""
        g, b, v = self.graph, event.ballot, event.event.vote
        assert b is not None
        assert v is not None
        present, in_favour = self.tallied(event, self.rules)
        if b.quota is None:
            enough = g.op("below", g.op("div", present, self.c(2.0)), in_favour)
        else:
            enough = g.op("at_most", self.c(b.quota), in_favour)
        carried = self.both(g.op("at_most", self.c(b.quorum), present), enough)
        for veto in v.vetoes:
            die = self.die(f"veto {event.dice} {veto.actor}")
            cast = self.lt(die, g.op("logistic", self.rules.read(veto.log_odds)))
            carried = self.both(carried, self.negated(cast))
        return carried

    def tallied(self, event: Occurrence, rules: Rules) -> tuple[Node, Node]:
        """The seats that are present and those in favour, by today's dice. Members' yes is
        logit-normal around the bloc's log-odds; whole blocs vote as one."""
        g, b, v = self.graph, event.ballot, event.event.vote
        assert b is not None
        assert v is not None
        present, in_favour = self.c(0.0), self.c(0.0)
        for seat, bloc in zip(b.seats, v.blocs, strict=True):
            share = self.c(1.0)
            if bloc.attends is not None:
                share = g.clip(rules.read(bloc.attends), 0.0, 1.0)
            odds = rules.read(bloc.yes)
            die = self.die(f"vote {event.dice} {seat.name}")
            if seat.whole:
                part = self.lt(die, g.op("logistic", odds))
            else:
                spread = self.c(0.0)
                if bloc.spread is not None:
                    spread = rules.at_least_0(rules.read(bloc.spread))
                shaken = g.add(odds, g.mul(spread, g.op("normal_quantile", die)))
                part = g.op("logistic", shaken)
            seats = g.mul(self.c(seat.seats), share)
            present = g.add(present, seats)
            in_favour = g.add(in_favour, g.mul(seats, part))
        return present, in_favour

    # ---- 6 effects -----------------------------------------------------------------------

    def happens(self, event: Occurrence, slot: int, value: int) -> None:
        """How an event turns out, whom its signature points at, when it may happen again."""
        rules, e = self.rules, event.index
        out = [*self.turns_out(event), *self.pauses(event)]
        if e in self.guilt:
            die = self.die(f"signature {event.dice}")
            # What is left over by rounding counts as the first suspect.
            signature = self.pick(die, rules.signatures(event, rules.now), 1)
            points_at = self.graph.sub(signature, self.c(1.0))
            guilt = rules.posterior_guilt(event, rules.now, points_at)
            out += zip(self.guilt[e], guilt, strict=True)
        self.section(f"{event.event.name} happens", out, slot, value)

    def turns_out(self, event: Occurrence) -> list[tuple[int, Node]]:
        """1 + the branch that the event takes."""
        chances = [p for _, p in self.rules.chances(event, self.rules.now)]
        branch = self.c(1.0)
        if len(chances) > 1:
            branch = self.pick(self.die(f"outcome {event.dice}"), chances, len(chances))
        return [(self.happened[event.index], branch)]

    def pauses(self, event: Occurrence) -> list[tuple[int, Node]]:
        """From which day on it may happen again."""
        if event.index not in self.ready:
            return []
        return [(self.ready[event.index], self.ready_again(event))]

    def ready_again(self, event: Occurrence) -> Node:
        """The day on which it may happen again, if it happens today."""
        if event.event.once:
            return self.c(NEVER)
        assert event.event.pause is not None
        pause = self.graph.op("max", self.c(1.0), self.rules.read(event.event.pause))
        again = self.graph.add(self.graph.today(), pause)
        return self.graph.sub(again, self.c(EQUAL))  # a pause of .1 * 30 days is one of 3

    def effects(self) -> None:
        """Old values fade, the day's effects come in whole: = first, then + -, then >= and <=."""
        g, rules, out = self.graph, self.rules, []
        for q, state in enumerate(self.plan.crisis.states):
            old = self.slot(self.s[q])
            if state.fades is not None:
                half_life = g.op("max", self.c(1e-9), rules.read(state.fades))
                low, _ = rules.ends(self.plan.quantities[q])
                rest = low if state.rest is None else rules.read(state.rest)
                left = g.op("exp2", g.op("div", self.c(-1.0), half_life))
                old = g.add(rest, g.mul(g.sub(old, rest), left))
            out.append((self.after[q], old))
        self.section("old values fade", out)
        for order in range(4):
            for event in self.plan.events:
                self.changes(event, order)
        self.section(
            "within bounds",
            [
                (slot, rules.within(q, self.slot(slot)))
                for slot, q in zip(self.after, self.plan.quantities, strict=True)
                if q.low > float("-inf") or q.high < float("inf") or q.name in rules.bounds
            ],
        )

    def changes(self, event: Occurrence, order: int) -> None:
        """The event's effects of one rank; each reads the morning."""
        g, happened = self.graph, self.slot(self.happened[event.index])
        guilt: dict[str, Node] = {}
        if event.event.unclaimed is not None:
            names = [n for n, _ in event.event.unclaimed.suspects]
            guilt = dict(zip(names, self._nodes(self.guilt[event.index]), strict=True))
        written: dict[int, Node] = {}
        branches = effects_of(event)
        for k, effects in enumerate(branches):
            here = (
                self.c(1.0)
                if len(branches) == 1 and event.ballot is None
                else g.op("eq", happened, self.c(k + 1))
            )
            for x in effects:
                if RANKS[x.operator] != order:
                    continue
                q = self.plan.layout.states[x.quantity]
                slot = self.after[q]
                old = written.get(slot, self.slot(slot))
                amount = self.rules.read(x.amount, None, None, guilt)
                if order == 0 and q in self.collided:
                    was_set = written.get(self.assigned[q], self.slot(self.assigned[q]))
                    other = self.negated(g.op("same", old, amount))
                    hit = self.both(here, self.both(was_set, other))
                    before = written.get(self.collided[q], self.slot(self.collided[q]))
                    written[self.collided[q]] = g.op("or", before, hit)
                    written[self.assigned[q]] = g.op("or", was_set, here)
                written[slot] = g.select(here, self.rules.effect(x.operator, old, amount), old)
        name = f"effects of {event.event.name}, {('=', '+ -', '>=', '<=')[order]}"
        self.section(name, list(written.items()), self.happened[event.index])

    # ---- 7 sight and 8 beliefs -----------------------------------------------------------

    def learn(self) -> None:
        """Each holder learns from the chosen moves that it sees, in the order in which they
        happened: those that arrived, as they were decided, then today's choice."""
        for actor, turn in self.turn.items():
            slow = [e for e in self.arrived if self.plan.events[e].mover == actor]
            for _ in slow:
                self.next_arrival(slow, turn)
                for o in self.plan.opinions:
                    if o.about == actor:
                        rows = [self._nodes(self.lessons[e, o.index]) for e in slow]
                        lesson = [self.by_choice(turn, list(x)) for x in zip(*rows, strict=True)]
                        self.learn_from(o, turn, slow, lesson)
        for o in self.plan.opinions:
            for agenda in self.agendas:
                if agenda.mind == o.about:
                    lesson = [self.slot(x) for x in self.taught[agenda.index, o.index]]
                    self.learn_from(o, self.chosen[agenda.index], agenda.all, lesson)
            for word in self.plan.minds[o.about].words if o.index in self.answered else ():
                if word in o.answers:
                    answered, sees = (
                        self.answered[o.index],
                        self.sees(self.plan.events[word], o.holder),
                    )
                    out = [(answered, self.graph.op("or", self.slot(answered), sees))]
                    name = f"{self.plan.events[word].event.name} answers {_of(o)}"
                    self.section(name, out, self.fires[word])
            if o.belief.silence is not None:
                self.watch(o, o.belief.silence)

    def next_arrival(self, slow: list[int], turn: int) -> None:
        """The place in `slow`, from 1, of the earliest decided move that is still to be learnt
        from; 0 when there is none left."""
        g = self.graph
        first, place = self.c(NEVER), self.c(0.0)
        for i, e in enumerate(slow):
            order = self.slot(self.order[e])
            earlier = self.both(self.slot(self.arrived[e]), self.lt(order, first))
            first = g.select(earlier, order, first)
            place = g.select(earlier, self.c(i + 1), place)
        out = [(turn, place)]
        for i, e in enumerate(slow):
            hit = g.op("eq", place, self.c(i + 1))
            out.append((self.arrived[e], g.select(hit, self.c(0.0), self.slot(self.arrived[e]))))
        self.section("the next arrival", out, turn)

    def learn_from(self, o: Opinion, slot: int, moves: Sequence[int], lesson: list[Node]) -> None:
        """Bayes on a move, as far as the holder sees it and holds the actor guilty of it."""
        g, events = self.graph, [self.plan.events[m] for m in moves]
        sees = self.by_choice(slot, [self.sees(e, o.holder) for e in events])
        guilt = self.by_choice(slot, [self.culprit(e, o.about) for e in events])
        innocent = g.sub(self.c(1.0), guilt)
        likelihood = [g.add(g.mul(guilt, p), innocent) for p in lesson]
        weights = self.weights[o.index]
        new = self.update(o, likelihood)
        out = [(w, g.select(sees, x, self.slot(w))) for w, x in zip(weights, new, strict=True)]
        if o.index in self.answered:
            answers = [self.c(float(m in o.answers)) for m in moves]
            hit = self.both(sees, self.by_choice(slot, answers))
            answered = self.answered[o.index]
            out.append((answered, g.op("or", self.slot(answered), hit)))
        self.section(f"{_of(o)} learns", out, slot)

    def update(self, o: Opinion, likelihood: list[Node]) -> list[Node]:
        """mu <- mu * likelihood^eta, normalised; an impossible observation changes nothing."""
        g, fresh = self.graph, []
        for w, p in zip(self.weights[o.index], likelihood, strict=True):
            tempered = p
            if o.learns != 1.0:
                tempered = g.op("exp", g.mul(self.c(o.learns), g.op("log", p)))
            possible = self.lt(self.c(0.0), p)
            fresh.append(g.select(possible, g.mul(self.slot(w), tempered), self.c(0.0)))
        total = g.total(fresh)
        some = self.lt(self.c(0.0), total)
        return [
            g.select(some, g.op("div", x, total), self.slot(w))
            for w, x in zip(self.weights[o.index], fresh, strict=True)
        ]

    def sees(self, event: Occurrence, actor: int) -> Node:
        if not event.event.private:
            return self.c(1.0)
        out = self.c(0.0)
        for (who, _), (_, claim) in zip(event.shown, event.event.shown, strict=True):
            if who == actor:
                out = self.graph.op("or", out, self.rules.read(claim))
        return out

    def culprit(self, event: Occurrence, actor: int) -> Node:
        """How guilty the actor looks: 1 for a claimed event."""
        if event.suspicion is None:
            return self.c(1.0)
        if actor not in event.suspicion.suspects:
            return self.c(0.0)
        return self.slot(self.guilt[event.index][event.suspicion.suspects.index(actor)])

    def watch(self, o: Opinion, silence: Silence) -> None:
        """Silence is scored once per provocation, not daily (learning.watch)."""
        g, k, today = self.graph, o.index, self.graph.today()
        opened, scored = self.slot(self.opened[k]), self.slot(self.scored[k])
        answered, provoked = self.slot(self.answered[k]), self.rules.read(silence.after)
        waits = self.both(self.negated(answered), self.le(self.c(0.0), opened))
        closes = self.both(waits, g.op("at_most", self.c(o.lasts), g.sub(today, opened)))
        over = g.op("or", answered, closes)
        opened = g.select(over, self.c(-1.0), opened)
        scored = g.select(provoked, g.select(over, self.c(1.0), scored), self.c(0.0))
        asks = self.both(self.both(provoked, self.lt(opened, self.c(0.0))), self.negated(scored))
        new = self.update(o, list(self._nodes(self.quiet[k])))
        out = [
            (w, g.select(closes, x, self.slot(w)))
            for w, x in zip(self.weights[k], new, strict=True)
        ]
        out += [
            (self.opened[k], g.select(asks, today, opened)),
            (self.scored[k], scored),
            (self.asks[k], asks),
        ]
        self.section(f"{_of(o)} waits", out)
        mind = self.plan.minds[o.about]
        quiet = []
        for slot, policy in zip(self.quiet[k], self.policies_of_types(o), strict=True):
            silent = self.c(1.0)
            for agenda in mind.agendas:
                some = [policy.chances[i] for i in agenda.places if mind.moves[i] in o.answers]
                silent = g.mul(silent, g.sub(self.c(1.0), g.total(some)))
            quiet.append((slot, g.op("max", self.c(1e-12), silent)))
        self.section(f"what silence would tell {_of(o)}", quiet, self.asks[k])


def _of(o: Opinion) -> str:
    return f"{o.belief.holder} about {o.belief.about}"

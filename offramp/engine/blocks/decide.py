"""The decision rule over nodes: equations (1) to (5) of docs/meaning.md, as `choice.py` has them.

Each function stands beside its namesake there, in the same order of additions. Where the
interpreter branches (a move that is not available, a type without weight), the graph computes
and selects; where it remembers, the graph shares.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from offramp.engine.blocks.graph import Graph, Node
from offramp.engine.formulas import COMPARISONS
from offramp.engine.inputs import Given
from offramp.engine.plan import Agenda, Mind, Occurrence, Plan, Quantity
from offramp.language.crisis import RANKS, Effect
from offramp.language.expressions import (
    Call,
    Date,
    Expression,
    Name,
    Number,
    Operation,
    Ref,
    SourcedValue,
    reads,
)
from offramp.language.kinds import MOST

NO_TYPE: tuple[int, int] = (-1, -1)
TypeKey = tuple[int, int]
Quantities = tuple[Node, ...]  # a situation: one node a quantity


@dataclass(frozen=True)
class Policy:
    """Per move: whether it is available, precision * Q, and its probability."""

    available: tuple[Node, ...]
    odds: tuple[Node, ...]
    chances: tuple[Node, ...]


class Rules:
    """One morning's rules. `now`, `unknowns`, `types`, `beliefs`, `blocked` are what they read, and
    `today`, where that is not the day of the section; `given` are the plan's inputs."""

    def __init__(
        self,
        plan: Plan,
        graph: Graph,
        now: Quantities,
        unknowns: tuple[Node, ...],
        types: tuple[tuple[tuple[Node, ...], ...], ...],
        beliefs: tuple[tuple[Node, ...], ...],
        blocked: tuple[Node, ...],
        given: tuple[Node, ...],
        today: Node | None = None,
    ) -> None:
        self.plan, self.graph, self.now, self.given = plan, graph, now, given
        self.unknowns, self.types, self.beliefs, self.blocked = unknowns, types, beliefs, blocked
        self.today = graph.today() if today is None else today
        self.bounds = {name: (low, high) for name, low, high in plan.inputs.bounds}
        self._policies: dict[tuple[int, Quantities, int, TypeKey], Policy] = {}
        self._after: dict[tuple[int, Quantities], list[tuple[Node, Quantities]]] = {}
        self._sees: dict[int, tuple[int, ...]] = {}  # by claim: the quantities that it reads
        self._read: dict[tuple[int, int, Quantities], Node] = {}
        self._worth: dict[tuple[int, int, Quantities, int, TypeKey, int | None], Node] = {}

    def unknowns_of(self, key: TypeKey) -> tuple[Node, ...]:
        return self.unknowns if key == NO_TYPE else self.types[key[0]][key[1]]

    # ---- expressions ---------------------------------------------------------------------

    def read(
        self,
        claim: SourcedValue,
        s: Quantities | None = None,
        u: tuple[Node, ...] | None = None,
        guilt: dict[str, Node] | None = None,
    ) -> Node:
        """The claim's value in a situation, for whoever has these unknowns."""
        s, u = self.now if s is None else s, u or self.unknowns
        if guilt:
            return self._expression(claim.expression, s, u, guilt)
        # Situations differ in few quantities: most claims read none of those.
        sees = self._sees.get(id(claim))
        if sees is None:
            states = self.plan.layout.states
            sees = self._sees[id(claim)] = tuple(sorted(states[n] for n in reads(claim)))
        key = (id(claim), id(u), tuple([s[i] for i in sees]))
        known = self._read.get(key)
        if known is None:
            known = self._read[key] = self._expression(claim.expression, s, u, {})
        return known

    def _expression(
        self, e: Expression, s: Quantities, u: tuple[Node, ...], guilt: dict[str, Node]
    ) -> Node:
        g, layout = self.graph, self.plan.layout
        if isinstance(e, Number):
            return g.const(e.value)
        if isinstance(e, Date):
            return g.const(float(e.value.toordinal() - layout.dates_from))
        if isinstance(e, Ref):
            if e.what == "state":
                return s[layout.states[e.name]]
            if e.what == "unknown":
                return u[layout.unknowns[e.name]]
            if e.what == "input":
                return self.number(e)
            return self.today if e.what == "today" else g.const(e.value)
        if isinstance(e, Call):
            return self._call(e, s, u, guilt)
        assert isinstance(e, Operation)
        inner = [self._expression(o, s, u, guilt) for o in e.operands]
        if e.operator in COMPARISONS:
            left, right = (
                g.op("nearest", x) if layout.ladder(o) else x
                for o, x in zip(e.operands, inner, strict=True)
            )
            name, swap = COMPARISONS[e.operator]
            if all(layout.whole(o) for o in e.operands):
                name = _OF_WHOLE[name]
            found = g.op(name, right, left) if swap else g.op(name, left, right)
            return g.op("not", found) if e.operator == "!=" else found
        if e.operator == "/":
            whole = g.op("ne", inner[1], g.const(0.0))
            return g.select(whole, g.op("div", *inner), g.const(0.0))
        if e.operator == "^":
            return self._power(*inner)
        return g.op(_ARITHMETIC[e.operator], *inner)

    def _power(self, a: Node, b: Node) -> Node:
        g = self.graph
        zero = g.const(0.0)
        one = g.op("and", g.op("eq", a, zero), g.op("eq", b, zero))
        powered = g.op("exp", g.mul(b, g.op("log", a)))
        return g.select(g.op("lt", zero, a), powered, one)

    def _call(self, e: Call, s: Quantities, u: tuple[Node, ...], guilt: dict[str, Node]) -> Node:
        g = self.graph
        names = [a.name if isinstance(a, Name | Ref) else "" for a in e.arguments]
        if e.function == "believes":
            index, types = self.plan.layout.beliefs[names[0], names[1]]
            return self.beliefs[index][types.index(names[2])]
        if e.function == "guilt":
            return guilt[names[0]]
        inner = [self._expression(a, s, u, guilt) for a in e.arguments]
        if e.function == "height":
            return inner[0]
        if e.function == "chosen":  # no text has it (variants.py)
            return self.chosen(inner[0], inner[1:])
        if e.function == "running":
            return g.op("below", g.const(0.0), inner[0])
        if e.function == "prospect":
            gains = g.op("le", g.const(0.0), inner[0])
            return g.select(gains, inner[0], g.mul(inner[1], inner[0]))
        if e.function == "clip":
            return self.clip(*inner)
        if e.function in ("min", "max"):
            out = inner[0]
            for x in inner[1:]:
                out = g.op(e.function, out, x)
            return out
        return g.op(e.function, *inner)

    def at_least_0(self, x: Node) -> Node:
        return self.graph.op("max", self.graph.const(0.0), x)

    def clip(self, x: Node, low: Node, high: Node) -> Node:
        """x within bounds, which need not be constants."""
        g = self.graph
        if g.value(low) is not None and g.value(high) is not None:
            return g.op("clip", x, low, high)
        inside = g.op("and", g.op("le", low, x), g.op("le", x, high))
        return g.select(inside, x, g.select(g.op("lt", high, x), high, low))

    def ends(self, q: Quantity) -> tuple[Node, Node]:
        """The quantity's bounds, which variants may not have alike."""
        low, high = self.bounds.get(q.name, (q.low, q.high))
        return self.number(low), self.number(high)

    def within(self, q: Quantity, x: Node) -> Node:
        """The quantity's value within its bounds."""
        return self.clip(x, *self.ends(q))

    # ---- inputs --------------------------------------------------------------------------

    def number(self, x: Given) -> Node:
        return self.given[int(x.name)] if isinstance(x, Ref) else self.graph.const(x)

    def chosen(self, which: Node, options: Sequence[Node]) -> Node:
        """The option at a place, from 0 on."""
        g, out = self.graph, options[-1]
        for k in reversed(range(len(options) - 1)):
            out = g.select(g.op("eq", which, g.const(float(k))), options[k], out)
        return out

    # ---- what a move does ----------------------------------------------------------------

    def branches(self, event: Occurrence, s: Quantities) -> list[tuple[Node, Quantities]]:
        """The outcome states of an event with their probabilities."""
        known = self._after.get((event.index, s))
        if known is None:
            guilt = self.expected_guilt(event, s)
            effects = effects_of(event)
            known = [
                (p, self.applied(effects[k], s, guilt))
                for k, p in self.chances(event, s)
                if self.graph.value(p) != 0.0
            ]
            self._after[event.index, s] = known
        return known

    def chances(self, event: Occurrence, s: Quantities) -> list[tuple[int, Node]]:
        """Each branch with its probability; the plain one has what named outcomes leave over."""
        g = self.graph
        zero, one = g.const(0.0), g.const(1.0)
        named = [
            g.clip(self.read(o.chance, s), 0.0, 1.0)
            for o in event.event.outcomes
            if o.chance is not None
        ]
        total = g.total(named)
        if named:
            over = g.op("lt", one, total)
            named = [g.select(over, g.op("div", p, total), p) for p in named]
        rest = g.op("max", zero, g.sub(one, total))
        return list(enumerate([*named, *(rest for b in event.branches if b.chance is None)]))

    def applied(
        self, effects: tuple[Effect, ...], s: Quantities, guilt: dict[str, Node]
    ) -> Quantities:
        """The quantities after some effects that all read `s`; nothing fades in imagination."""
        after, written = list(s), []
        for x in effects:
            q = self.plan.layout.states[x.quantity]
            after[q] = self.effect(x.operator, after[q], self.read(x.amount, s, None, guilt))
            written.append(q)
        for q in dict.fromkeys(written):
            after[q] = self.within(self.plan.quantities[q], after[q])
        return tuple(after)

    def effect(self, operator: str, old: Node, amount: Node) -> Node:
        if operator == "=":
            return amount
        return self.graph.op(_EFFECTS[operator], old, amount)

    # ---- guilt for unclaimed events ------------------------------------------------------

    def posterior_guilt(self, event: Occurrence, s: Quantities, signature: Node) -> list[Node]:
        """The observer's guilt of each suspect, given whom the signature points at."""
        g = self.graph
        unclaimed = event.event.unclaimed
        assert unclaimed is not None
        n = len(unclaimed.suspects)
        clear = g.clip(self.read(unclaimed.clarity, s), 0.0, 1.0)
        noise = g.op("div", g.sub(g.const(1.0), clear), g.const(float(n)))
        zero = g.const(0.0)
        weights = []
        for i, (_, rate) in enumerate(unclaimed.suspects):
            hit = g.select(g.op("eq", signature, g.const(float(i))), clear, zero)
            weights.append(g.mul(g.add(hit, noise), self.at_least_0(self.read(rate, s))))
        total = g.total(weights)
        nobody = g.op("le", total, zero)
        return [g.select(nobody, g.const(1.0 / n), g.op("div", w, total)) for w in weights]

    def signatures(self, event: Occurrence, s: Quantities) -> list[Node]:
        """The probability that the signature points at each suspect, the true culprit known."""
        g, suspicion, unclaimed = self.graph, event.suspicion, event.event.unclaimed
        assert suspicion is not None
        assert unclaimed is not None
        n = len(suspicion.suspects)
        if event.mover not in suspicion.suspects:
            return [g.const(1.0 / n)] * n
        clear = g.clip(self.read(unclaimed.clarity, s), 0.0, 1.0)
        noise = g.op("div", g.sub(g.const(1.0), clear), g.const(float(n)))
        true = suspicion.suspects.index(event.mover)
        zero = g.const(0.0)
        return [g.add(clear if i == true else zero, noise) for i in range(n)]

    def expected_guilt(self, event: Occurrence, s: Quantities) -> dict[str, Node]:
        """What the mover expects the observer to conclude, over possible signatures."""
        unclaimed = event.event.unclaimed
        if unclaimed is None:
            return {}
        g = self.graph
        posteriors = [
            (p, self.posterior_guilt(event, s, g.const(float(k))))
            for k, p in enumerate(self.signatures(event, s))
        ]
        return {
            name: g.total([g.mul(p, guilt[i]) for p, guilt in posteriors])
            for i, (name, _) in enumerate(unclaimed.suspects)
        }

    # ---- what it is worth ----------------------------------------------------------------

    def term(self, mind: Mind, k: int, s: Quantities, key: TypeKey) -> Node:
        u, actor = self.unknowns_of(key), mind.actor
        if k < len(actor.wants):
            return self.read(actor.wants[k].value, s, u)
        fear = actor.fears[k - len(actor.wants)]
        rate = next(e for e in self.plan.crisis.events if e.name == fear.event).rate
        if rate is None:
            return self.graph.const(0.0)
        weighed = self.graph.mul(self.read(fear.weight, s, u), self.read(rate, s, u))
        return self.graph.mul(weighed, self.read(fear.lasts, s, u))

    def gain(
        self,
        mind: Mind,
        event: Occurrence,
        s: Quantities,
        key: TypeKey,
        only: int | None = None,
    ) -> Node:
        """(1) and (2): the expected change of the actor's own utility, dread included; with `only`
        that of one of its terms."""
        g, touched = self.graph, mind.touches(event.index, only)
        if not touched:
            return g.const(0.0)
        before = [self.term(mind, k, s, key) for k in touched]
        parts = []
        for p, after in self.branches(event, s):
            changes = [
                g.sub(self.term(mind, k, after, key), old)
                for k, old in zip(touched, before, strict=True)
            ]
            parts.append(g.mul(p, g.total(changes)))
        return g.total(parts)

    def worth(
        self,
        mind: Mind,
        event: Occurrence,
        s: Quantities,
        depth: int,
        key: TypeKey,
        only: int | None = None,
    ) -> Node:
        """(3): own gain plus what the change in others' behaviour is worth, to a depth; with `only`
        the part of one term."""
        known = self._worth.get((mind.index, event.index, s, depth, key, only))
        if known is not None:
            return known
        g = self.graph
        parts = [self.gain(mind, event, s, key, only)]
        if depth > 0 and event.mover == mind.index and event.words:
            parts.append(self.added_words(mind, event, s, depth - 1, key, only))
        for other in mind.weighs if depth > 0 else ():
            if not self.plan.provokes(event.index, other, depth - 1):
                continue
            before = self.response(mind, other, s, depth - 1)
            for p, after in self.branches(event, s):
                then = self.response(mind, other, after, depth - 1)
                for i, move in enumerate(self.plan.minds[other].moves):
                    if then[i] == before[i]:
                        continue  # the same node: no shift in any world
                    reply = self.plan.events[move]
                    answer = self.worth(mind, reply, after, depth - 1, key, only)
                    parts.append(g.mul(g.mul(p, g.sub(then[i], before[i])), answer))
        out = g.total(parts)
        self._worth[mind.index, event.index, s, depth, key, only] = out
        return out

    def added_words(
        self,
        mind: Mind,
        event: Occurrence,
        s: Quantities,
        depth: int,
        key: TypeKey,
        only: int | None = None,
    ) -> Node:
        """(3'): what the mover's own words along with a deed are worth, as likely as it would say
        them."""
        g, parts = self.graph, []
        for p, after in self.branches(event, s):
            for word in event.words:
                w = self.plan.events[word]
                worth = self.worth(mind, w, after, depth, key, only)
                if w.event.cost is not None and only is None:
                    worth = g.sub(worth, self.read(w.event.cost, after, self.unknowns_of(key)))
                says = self.says(mind, w, after, depth, key)
                parts.append(g.mul(g.mul(p, says), worth))
        return g.total(parts)

    def says(self, mind: Mind, word: Occurrence, s: Quantities, depth: int, key: TypeKey) -> Node:
        """Yes or no to a word, in one evening that the deed may bring: a quantal response."""
        g = self.graph
        odds = g.mul(self.precision(mind, s, key), self.value(mind, word, s, depth, key))
        return g.select(self.available(word, s, key), g.op("logistic", odds), g.const(0.0))

    def goes_along(
        self, mind: Mind, deed: Occurrence, word: Occurrence, depth: int, key: TypeKey
    ) -> Node:
        """(6): the probability that a word goes along with a deed, whose outcome nobody knows."""
        g = self.graph
        return g.total(
            [
                g.mul(p, self.says(mind, word, after, depth, key))
                for p, after in self.branches(deed, self.now)
            ]
        )

    def response(self, mind: Mind, other: int, s: Quantities, depth: int) -> list[Node]:
        """(4): the other's policy as this actor expects it, averaged over types it believes."""
        belief = mind.belief_about.get(other)
        if belief is None:
            return list(self.policy(other, s, depth, NO_TYPE).chances)
        g, weights = self.graph, self.beliefs[belief]
        policies = [self.policy(other, s, depth, (belief, t)).chances for t in range(len(weights))]
        return [
            g.total([g.mul(w, p) for w, p in zip(weights, by_type, strict=True)])
            for by_type in zip(*policies, strict=True)
        ]

    def inclination(self, mind: Mind, event: Occurrence) -> Node:
        """precision * Q of a move, possible or not, within MOST either way."""
        g, now = self.graph, self.now
        q = self.value(mind, event, now, mind.foresight, NO_TYPE)
        odds = g.clip(g.mul(self.precision(mind, now, NO_TYPE), q), -MOST, MOST)
        return g.add(g.const(0.0), odds)  # the sign of a zero is seen here

    def motive(self, mind: Mind, event: Occurrence, term: int) -> Node:
        """The part of a want or dread in what a move is worth (3), over the sizes of all parts."""
        g, zero = self.graph, self.graph.const(0.0)
        parts = [
            self.worth(mind, event, self.now, mind.foresight, NO_TYPE, k)
            for k in range(len(mind.terms))
        ]
        size = g.total([g.op("abs", x) for x in parts])
        share = g.add(zero, g.op("div", parts[term], size))
        return g.select(g.op("lt", zero, size), share, zero)

    def value(self, mind: Mind, event: Occurrence, s: Quantities, depth: int, key: TypeKey) -> Node:
        """Q: worth less cost and what is foreclosed, scaled by own will, plus any urge."""
        g, u, e = self.graph, self.unknowns_of(key), event.event
        own = self.worth(mind, event, s, depth, key)
        if e.cost is not None:
            own = g.sub(own, self.read(e.cost, s, u))
        if e.forecloses:
            own = g.sub(own, self.foreclosed(mind, event, s, key))
        if mind.actor.will is not None:
            own = g.mul(own, self.read(mind.actor.will, s, u))
        if e.urge is not None:
            own = g.add(own, self.read(e.urge, s, u))
        return own

    def foreclosed(self, mind: Mind, event: Occurrence, s: Quantities, key: TypeKey) -> Node:
        """The continuation value of awaited events that the move gives up."""
        g = self.graph
        parts = []
        for wait, awaits in zip(mind.waits, mind.actor.awaits, strict=True):
            awaited = self.plan.events[wait.event]
            if awaited.event.name not in event.event.forecloses:
                continue
            effects, hope = effects_of(awaited), []
            for (branch, _), option in zip(wait.odds, awaits.odds, strict=True):
                after = self.applied(effects[branch], s, {})
                change = g.total(
                    [
                        g.sub(self.term(mind, k, after, key), self.term(mind, k, s, key))
                        for k in mind.touched[wait.event]
                    ]
                )
                hope.append(g.mul(self.read(option.chance, s), change))
            over = g.op("le", g.const(float(wait.until)), self.today)
            parts.append(g.select(over, g.const(0.0), self.at_least_0(g.total(hope))))
        return g.total(parts)

    # ---- the policy ----------------------------------------------------------------------

    def available(self, event: Occurrence, s: Quantities, key: TypeKey) -> Node:
        free = self.graph.op("not", self.blocked[event.index])
        if event.event.when is None:
            return free
        return self.graph.op("and", free, self.read(event.event.when, s, self.unknowns_of(key)))

    def policy(self, actor: int, s: Quantities, depth: int, key: TypeKey) -> Policy:
        """(5): the probability of each of the actor's moves, given an opening on its agenda."""
        known = self._policies.get((actor, s, depth, key))
        if known is None:
            mind = self.plan.minds[actor]
            events = [self.plan.events[m] for m in mind.moves]
            available = tuple(self.available(e, s, key) for e in events)
            sure = self.precision(mind, s, key)
            odds = tuple(self.graph.mul(sure, self.value(mind, e, s, depth, key)) for e in events)
            chances = self.by_agenda(mind, available, odds, self.graph.const(0.0))
            known = self._policies[actor, s, depth, key] = Policy(available, odds, chances)
        return known

    def by_agenda(
        self, mind: Mind, available: tuple[Node, ...], odds: tuple[Node, ...], mood: Node
    ) -> tuple[Node, ...]:
        """A softmax an agenda, in the order of all moves."""
        out = [self.graph.const(0.0)] * len(odds)
        for agenda in mind.agendas:
            some = [(available[i], odds[i]) for i in agenda.places]
            chances = self.softmax(tuple(a for a, _ in some), tuple(x for _, x in some), mood)
            for i, p in zip(agenda.places, chances, strict=True):
                out[i] = p
        return tuple(out)

    def would_have(self, agenda: Agenda, event: Occurrence, depth: int, key: TypeKey) -> Node:
        """(7): the probability that a dated choice would have been made at an opening of that
        morning, among the moves of its agenda."""
        g, mind = self.graph, self.plan.minds[agenda.mind]
        policy = self.policy(mind.index, self.now, depth, key)
        own = g.mul(
            self.precision(mind, self.now, key), self.value(mind, event, self.now, depth, key)
        )
        available = (g.const(1.0), *(policy.available[i] for i in agenda.places))
        odds = (own, *(policy.odds[i] for i in agenda.places))
        return self.softmax(available, odds, g.const(0.0))[0]

    def precision(self, mind: Mind, s: Quantities, key: TypeKey) -> Node:
        assert mind.actor.precision is not None
        return self.at_least_0(self.read(mind.actor.precision, s, self.unknowns_of(key)))

    def softmax(
        self, available: tuple[Node, ...], odds: tuple[Node, ...], mood: Node
    ) -> tuple[Node, ...]:
        """exp(x + mood) over 1 plus their sum; 0 for moves that are not available."""
        g = self.graph
        zero = top = g.const(0.0)
        raised = [x if g.value(mood) == 0.0 else g.add(x, mood) for x in odds]
        for free, x in zip(available, raised, strict=True):
            top = g.op("max", top, g.select(free, x, zero))
        weights = [
            g.select(free, g.op("exp", g.sub(x, top)), zero)
            for free, x in zip(available, raised, strict=True)
        ]
        total = g.add(g.op("exp", g.op("neg", top)), g.total(weights))
        return tuple(g.op("div", w, total) for w in weights)


def effects_of(event: Occurrence) -> list[tuple[Effect, ...]]:
    """The effects of each branch in the order of application: = first, then + -, >=, <=."""
    e = event.event
    groups = [e.does + o.does for o in e.outcomes]
    if e.vote is None:
        groups.append(e.does)
    return [tuple(sorted(group, key=lambda x: RANKS[x.operator])) for group in groups]


_OF_WHOLE = {"below": "lt", "at_most": "le", "same": "eq"}
_ARITHMETIC = {
    "+": "add",
    "-": "sub",
    "*": "mul",
    "neg": "neg",
    "not": "not",
    "and": "and",
    "or": "or",
}
_EFFECTS = {"+": "add", "-": "sub", ">=": "max", "<=": "min"}

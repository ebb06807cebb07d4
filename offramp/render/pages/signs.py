"""Which way one quantity moves another, read off the model's own expressions.

Nothing is run. An effect's sign follows from its operator and the range of its amount; whether a
condition, a rate or a want rises with a quantity follows from interval arithmetic over the bounds
(Moore 1966): a product rises with a factor where the other factor cannot be negative. Where this
cannot say, or both hold, the sign is open. Signed graphs of this kind are loop analysis (Puccia
and Levins 1985) and the cognitive maps of Axelrod (1976).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from offramp.language.crisis import Actor, Crisis, Effect, Event, State, Unknown, claims
from offramp.language.expressions import (
    Call,
    Expression,
    Number,
    Operation,
    Ref,
    SourcedValue,
    walk,
)
from offramp.language.kinds import constant

Signs = frozenset[int]
"""A subset of {-1, 1}: the ways in which something can move. Both: it depends."""

NONE: Signs = frozenset()
UP: Signs = frozenset({1})
DOWN: Signs = frozenset({-1})
OPEN: Signs = frozenset({1, -1})
_Range = tuple[float, float]
_ANY: _Range = (-math.inf, math.inf)


@dataclass(frozen=True)
class Influence:
    """An arrow from one element to another, by address. `signs` empty: it matters, without a
    direction (the size of an effect, for one)."""

    source: str
    target: str
    signs: Signs


def influences(
    crisis: Crisis, among: Iterable[str], wants: Iterable[str] = ()
) -> tuple[Influence, ...]:
    """The arrows between these elements, and from quantities to the actors that want them moved.

    An event moves what it does; a quantity or an unknown moves an event through its condition,
    rate, clock, votes, cost and urge, and a quantity through its start. Sorted, each pair once.
    """
    kept, wanting = set(among), set(wants)
    reader = Reader(crisis)
    found: dict[tuple[str, str], Signs] = {}

    def add(source: str, target: str, signs: Signs) -> None:
        if source in kept and (target in kept or target.startswith("actor ")):
            found[source, target] = found.get((source, target), NONE) | signs

    for event in crisis.events:
        here = f"event {event.name}"
        for quantity, signs in reader.moves(event).items():
            add(here, f"state {quantity}", signs)
        for source, signs in reader.causes(event).items():
            add(source, here, signs)
    for state in crisis.states:
        if state.start is not None:
            for source in reader.names(state.start):
                signs = reader.slope(state.start.expression, source)
                add(source, f"state {state.name}", signs)
    for actor in crisis.actors:
        if actor.name in wanting:
            for source, signs in reader.wanted(actor).items():
                add(source, f"actor {actor.name}", signs)
            for belief in crisis.beliefs:
                if belief.holder == actor.name:
                    add(f"belief {actor.name} about {belief.about}", f"actor {actor.name}", NONE)
    return tuple(Influence(s, t, signs) for (s, t), signs in sorted(found.items()))


def effects_of(event: Event) -> tuple[Effect, ...]:
    """What the event does, its outcomes included."""
    return event.does + tuple(e for o in event.outcomes for e in o.does)


class Reader:
    """Signs within one crisis: it knows the bounds of every quantity and unknown."""

    def __init__(self, crisis: Crisis) -> None:
        self.states: dict[str, State] = {s.name: s for s in crisis.states}
        self.ranges: dict[str, _Range] = {f"state {s.name}": (s.low, s.high) for s in crisis.states}
        self.ranges |= {f"unknown {u.name}": _of_prior(u) for u in crisis.unknowns}

    def names(self, claim: SourcedValue) -> tuple[str, ...]:
        """Addresses of the quantities and unknowns that the claim reads, in the order written."""
        return tuple(dict.fromkeys(_address(p) for p in walk(claim.expression) if _address(p)))

    def effect(self, effect: Effect) -> Signs:
        """Which way the effect moves its quantity."""
        if effect.operator in (">=", "<="):
            return UP if effect.operator == ">=" else DOWN
        state, amount = self.states[effect.quantity], effect.amount.expression
        if effect.operator in ("+", "-"):
            signs = _of_range(self.range(amount))
            return signs if effect.operator == "+" else _turned(signs)
        value = constant(amount)
        if state.kind == "clock":
            return DOWN if value is not None and value < 0 else UP
        if value is None:
            return OPEN
        return DOWN if value <= state.low else UP if value >= state.high else OPEN

    def moves(self, event: Event) -> dict[str, Signs]:
        """Which way the event moves each quantity, over all its outcomes; a vote, which way
        carrying it does against losing it."""
        found: dict[str, Signs] = {}

        def add(effects: Iterable[Effect], turn: bool = False) -> None:
            for effect in effects:
                signs = self.effect(effect)
                signs = _turned(signs) if turn else signs
                found[effect.quantity] = found.get(effect.quantity, NONE) | signs

        add(event.does)
        for outcome in event.outcomes:
            add(outcome.does, turn=event.vote is not None and outcome.name == "lost")
        return found

    def causes(self, event: Event) -> dict[str, Signs]:
        """What makes the event likelier or less likely, or matters for what it does."""
        found: dict[str, Signs] = {}

        def add(claim: SourcedValue | None, turn: bool = False, signed: bool = True) -> None:
            for name in self.names(claim) if claim is not None else ():
                signs = self.slope(claim.expression, name) if claim and signed else NONE
                found[name] = found.get(name, NONE) | (_turned(signs) if turn else signs)

        for claim in (event.when, event.rate, event.urge):
            add(claim)
        add(event.cost, turn=True)
        for outcome in event.outcomes:
            add(outcome.chance)
        if event.clock:
            found[f"state {event.clock}"] = found.get(f"state {event.clock}", NONE) | UP
        if event.vote is not None:
            add(event.vote.when)
            for bloc in event.vote.blocs:
                add(bloc.yes)
            for veto in event.vote.vetoes:
                add(veto.log_odds, turn=True)
            if event.vote.clock:
                found[f"state {event.vote.clock}"] = UP
        for effect in effects_of(event):
            add(effect.amount, signed=False)
        if event.unclaimed is not None:
            for claim in claims(event.unclaimed):
                add(claim, signed=False)
        for claim in claims(event):
            for part in walk(claim.expression):
                if isinstance(part, Call) and part.function == "believes":
                    holder, about, *_ = (getattr(a, "name", "") for a in part.arguments)
                    found[f"belief {holder} about {about}"] = NONE
        return found

    def wanted(self, actor: Actor) -> dict[str, Signs]:
        """Which way the actor wants each quantity, over all terms of its utility; and the unknowns
        on which that, its red line or its pace depend, without a sign."""
        found: dict[str, Signs] = {}
        for claim in claims((actor.wants, actor.fears, actor.agendas, actor.precision)):
            found |= {n: NONE for n in self.names(claim) if n.startswith("unknown ")}
        for want in actor.wants:
            for name in self.names(want.value):
                if name.startswith("state "):
                    signs = self.slope(want.value.expression, name)
                    found[name] = found.get(name, NONE) | signs
        return found

    # ---- expressions ---------------------------------------------------------------------

    def slope(self, e: Expression, of: str) -> Signs:
        """Whether the expression can rise or fall when the quantity or unknown rises."""
        if isinstance(e, Ref):
            return UP if _address(e) == of else NONE
        if isinstance(e, Call):
            return self._call_slope(e, of)
        if not isinstance(e, Operation):
            return NONE
        parts = [self.slope(o, of) for o in e.operands]
        match e.operator:
            case "+" | "and" | "or":
                return parts[0] | parts[1]
            case "-":
                return parts[0] | _turned(parts[1])
            case "neg" | "not":
                return _turned(parts[0])
            case "*":
                a, b = (self.range(o) for o in e.operands)
                return _times(parts[0], b) | _times(parts[1], a)
            case "/":
                a, b = (self.range(o) for o in e.operands)
                return _times(parts[0], b) | _turned(_times(parts[1], a))
            case "^":
                return parts[0] | parts[1]
            case ">=" | ">":
                return parts[0] | _turned(parts[1])
            case "<=" | "<":
                return _turned(parts[0]) | parts[1]
        return self._equal_slope(e, parts)

    def _equal_slope(self, e: Operation, parts: list[Signs]) -> Signs:
        """`==` with the lowest level asks for little, with the highest for much."""
        left, right = e.operands
        value = constant(right)
        if value is None or not isinstance(left, Ref) or not parts[0]:
            return OPEN if parts[0] | parts[1] else NONE
        low, high = self.range(left)
        signs = DOWN if value <= low else UP if value >= high else OPEN
        return signs if e.operator == "==" else _turned(signs)

    def _call_slope(self, e: Call, of: str) -> Signs:
        parts = [self.slope(a, of) for a in e.arguments]
        if e.function == "abs":
            low, high = self.range(e.arguments[0])
            return parts[0] if low >= 0 else _turned(parts[0]) if high <= 0 else _open(parts[0])
        if e.function in ("believes", "guilt"):
            return NONE
        return NONE.union(*parts)  # min, max, clip, exp, log, logistic, height, prospect, running

    def range(self, e: Expression) -> _Range:
        """Bounds of the expression's value, perhaps wider than need be."""
        if isinstance(e, Number):
            return e.value, e.value
        if isinstance(e, Ref):
            known = self.ranges.get(_address(e))
            if known is not None:
                return known
            return (0.0, math.inf) if e.what == "today" else (e.value, e.value)
        if isinstance(e, Call):
            return self._call_range(e)
        if not isinstance(e, Operation):
            return 0.0, math.inf  # a date
        parts = [self.range(o) for o in e.operands]
        match e.operator:
            case "+":
                return parts[0][0] + parts[1][0], parts[0][1] + parts[1][1]
            case "-":
                return parts[0][0] - parts[1][1], parts[0][1] - parts[1][0]
            case "neg":
                return -parts[0][1], -parts[0][0]
            case "*":
                return _product(*parts)
            case "/":
                low, high = parts[1]
                if low > 0:
                    return _product(parts[0], (1 / high if high < math.inf else 0.0, 1 / low))
                return (0.0, math.inf) if low == 0 and parts[0][0] >= 0 else _ANY
            case "^":
                return (0.0, math.inf) if parts[0][0] >= 0 else _ANY
        return 0.0, 1.0  # comparisons, and, or, not

    def _call_range(self, e: Call) -> _Range:
        parts = [self.range(a) for a in e.arguments if not isinstance(a, str)]
        match e.function:
            case "running" | "believes" | "guilt" | "logistic":
                return 0.0, 1.0
            case "exp":
                return 0.0, math.inf
            case "height":
                return parts[0]
            case "abs":
                low, high = parts[0]
                return (0.0 if low < 0 < high else min(abs(low), abs(high))), max(-low, high)
            case "min":
                return min(p[0] for p in parts), min(p[1] for p in parts)
            case "max":
                return max(p[0] for p in parts), max(p[1] for p in parts)
            case "clip":
                return max(parts[0][0], parts[1][0]), min(parts[0][1], parts[2][1])
        return _ANY


def _address(e: object) -> str:
    if isinstance(e, Ref) and e.what in ("state", "unknown"):
        return f"{e.what} {e.name}"
    return ""


def _of_prior(u: Unknown) -> _Range:
    if u.prior == "among":
        return 0.0, float(len(u.options) - 1)
    if u.prior in ("share", "says"):
        return 0.0, 1.0
    if u.prior == "scale":
        return 0.0, math.inf
    ends = [constant(c.expression) if c is not None else None for c in (u.low, u.high)]
    if u.prior == "between" and ends[0] is not None and ends[1] is not None:
        return ends[0], ends[1]
    return _ANY


def _of_range(r: _Range) -> Signs:
    return (UP if r[1] > 0 else NONE) | (DOWN if r[0] < 0 else NONE)


def _times(signs: Signs, other: _Range) -> Signs:
    if not signs:
        return NONE
    return NONE.union(*({a * b for a in signs} for b in _of_range(other)))


def _turned(signs: Signs) -> Signs:
    return frozenset(-s for s in signs)


def _open(signs: Signs) -> Signs:
    return OPEN if signs else NONE


def _product(a: _Range, b: _Range) -> _Range:
    ends = [0.0 if 0.0 in (x, y) else x * y for x in a for y in b]
    return min(ends), max(ends)

"""One number of a model changed, everything else kept, the dice too."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, TypeVar

from offramp.language.crisis import Actor, Crisis, Datum, Event, State, claims, elements
from offramp.language.expressions import (
    Basis,
    Date,
    Expression,
    Number,
    Operation,
    SourcedValue,
    rebuild,
    walk,
)
from offramp.text.diagnostics import Span

Part = TypeVar("Part")

FACTOR = 1.5  # a number of which only the sign is known might well be half as large again


@dataclass(frozen=True)
class Dial:
    """A number and the two values between which it is turned."""

    datum: Datum
    low: float
    high: float


def dial(crisis: Crisis, datum: Datum) -> Dial | None:
    """The number of a crisis turned as `dial_of` does."""
    return dial_of(dict(elements(crisis))[datum.element], datum)


def dial_of(owner: object, datum: Datum) -> Dial | None:
    """A number of an element turned down and up by a factor of 1.5; None for what cannot be turned
    so (dates, ends of bounds and of priors, probabilities that must sum to 1)."""
    fixed = {
        part.span
        for name in (
            "bounds",
            "low",
            "high",
            "options",
            "types",
            "vote",
            "foresight_claim",
            "awaits",
            "dates",
        )
        for claim in claims(getattr(owner, name, None))
        for part in walk(claim.expression)
        if isinstance(part, Number)
    }
    written = [
        part
        for claim in claims(owner)
        for part in walk(claim.expression)
        if isinstance(part, Number) and part.span == datum.span
    ]
    if not written or datum.span in fixed or datum.value == 0:
        return None
    return Dial(datum, datum.value / FACTOR, datum.value * FACTOR)


def within(owner: object, turn: Dial) -> Dial | None:
    """The same between values that somebody could write in its place: whole days, no start or rest
    outside a quantity's bounds, no chances of outcomes that come to more than 1. None where nothing
    is left to turn."""
    low, high, floor, ceiling = turn.low, turn.high, -math.inf, math.inf
    for claim in claims(owner):
        for part in walk(claim.expression):
            if isinstance(part, Number) and part.span == turn.datum.span and part.unit == "d":
                low, high = float(max(1, round(low))), float(round(high))
    if isinstance(owner, State) and _alone(turn, owner.start, owner.rest):
        floor, ceiling = owner.low, owner.high
    if isinstance(owner, Event) and _alone(turn, *(o.chance for o in owner.outcomes)):
        chances = [o.chance.expression for o in owner.outcomes if o.chance is not None]
        numbers = [x for x in chances if isinstance(x, Number)]
        ceiling = 1.0 - math.fsum(x.value for x in numbers if x.span != turn.datum.span)
    low, high = (min(ceiling, max(floor, x)) for x in (low, high))
    return None if low == high else replace(turn, low=low, high=high)


def _alone(turn: Dial, *values: SourcedValue | None) -> bool:
    """Whether the number is one of these values, and not part of a formula."""
    bare = [v.expression for v in values if v is not None]
    return any(isinstance(x, Number) and x.span == turn.datum.span for x in bare)


def arrows(owner: object) -> frozenset[Span]:
    """The numbers without which an arrow out of an element is gone: those that multiply all that an
    event adds to a quantity or takes from it, or all of what an actor wants."""
    amounts = list[SourcedValue]()
    if isinstance(owner, Event):
        effects = (*owner.does, *(e for o in owner.outcomes for e in o.does))
        amounts += [e.amount for e in effects if e.operator in ("+", "-")]
    if isinstance(owner, Actor):
        amounts += [w.value for w in owner.wants]
    return frozenset(span for x in amounts for span in _factors(x.expression))


def _factors(e: Expression) -> Iterator[Span]:
    if isinstance(e, Number):
        yield e.span
    elif isinstance(e, Operation) and e.operator in ("*", "neg", "/"):
        for part in e.operands[: 1 if e.operator == "/" else None]:
            yield from _factors(part)


def turned(crisis: Crisis, span: Span, value: float) -> Crisis:
    """The crisis with the number at that place set to a value.

    The new number is ours: it never inherits the mark of the one that it replaces.
    """
    return all_turned(crisis, {span: value})


def all_turned(part: Part, to: Mapping[Span, float]) -> Part:
    """The same of several numbers at once, in a crisis or in an element of one."""
    out: Part = _rebuild(part, to)
    return out


def _rebuild(value: Any, to: Mapping[Span, float]) -> Any:
    if isinstance(value, tuple):
        return tuple(_rebuild(v, to) for v in value)
    if isinstance(value, SourcedValue):
        return _reclaim(value, to)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value, **{f.name: _rebuild(getattr(value, f.name), to) for f in fields(value)}
        )
    return value


def _reclaim(claim: SourcedValue, to: Mapping[Span, float]) -> SourcedValue:
    """The claim with its numbers changed; a mark that covered only these goes with them."""
    parts = list(walk(claim.expression))
    old = {p.span: p for p in parts if isinstance(p, Number) and p.span in to}
    if not old:
        return claim
    ours = {s: Basis("assumed", (), f"varied from {p.value:g}", s) for s, p in old.items()}

    def change(e: Expression) -> Expression:
        if isinstance(e, Number) and e.span in old:
            return replace(e, value=to[e.span], basis=ours[e.span])
        return e

    gone = [p.basis for p in old.values()]
    still = [p.basis for p in parts if isinstance(p, Number | Date) and p.span not in old]
    kept = tuple(b for b in claim.bases if b not in gone or b in still)
    told = "".join(f" (varied from {p.value:g} to {to[s]:g})" for s, p in old.items())
    return replace(
        claim,
        expression=rebuild(claim.expression, change),
        bases=(*kept, *ours.values()),
        text=claim.text + told,
    )

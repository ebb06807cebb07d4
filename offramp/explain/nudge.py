"""One number of a model changed, everything else kept, the dice too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from offramp.language.crisis import Crisis, Datum, claims, elements
from offramp.language.diagnostics import Span
from offramp.language.expressions import Expression, Number, rebuild, walk

FACTOR = 1.5  # a number of which only the sign is known might well be half as large again


@dataclass(frozen=True)
class Dial:
    """A number and the two values between which it is turned."""

    datum: Datum
    low: float
    high: float


def dial(crisis: Crisis, datum: Datum) -> Dial | None:
    """The number turned down and up by a factor of 1.5; None for what cannot be turned so
    (dates, ends of bounds and of priors, probabilities that must sum to 1)."""
    owner = dict(elements(crisis))[datum.element]
    fixed = {
        part.span
        for name in ("bounds", "low", "high", "options", "types", "vote", "foresight_claim",
                     "awaits", "dates")
        for claim in claims(getattr(owner, name, None))
        for part in walk(claim.expression)
        if isinstance(part, Number)
    }  # fmt: skip
    written = [
        part
        for claim in claims(owner)
        for part in walk(claim.expression)
        if isinstance(part, Number) and part.span == datum.span
    ]
    if not written or datum.span in fixed or datum.value == 0:
        return None
    return Dial(datum, datum.value / FACTOR, datum.value * FACTOR)


def turned(crisis: Crisis, span: Span, value: float) -> Crisis:
    """The crisis with the number at that place set to a value."""

    def change(e: Expression) -> Expression:
        return replace(e, value=value) if isinstance(e, Number) and e.span == span else e

    out: Crisis = _rebuild(crisis, change)
    return out


def _rebuild(value: Any, change: Callable[[Expression], Expression]) -> Any:
    if isinstance(value, tuple):
        return tuple(_rebuild(v, change) for v in value)
    if is_dataclass(value) and not isinstance(value, type):
        if hasattr(value, "expression"):
            return replace(value, expression=rebuild(value.expression, change))
        new = {f.name: _rebuild(getattr(value, f.name), change) for f in fields(value)}
        return replace(value, **new)
    return value

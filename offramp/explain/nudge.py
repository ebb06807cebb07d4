"""One number of a model changed, everything else kept, the dice too."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from offramp.language.crisis import Crisis, Datum, claims, elements
from offramp.language.expressions import Basis, Claim, Date, Expression, Number, rebuild, walk
from offramp.text.diagnostics import Span

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


def turned(crisis: Crisis, span: Span, value: float) -> Crisis:
    """The crisis with the number at that place set to a value.

    The new number is ours: it never inherits the mark of the one that it replaces.
    """
    out: Crisis = _rebuild(crisis, span, value)
    return out


def _rebuild(value: Any, span: Span, new: float) -> Any:
    if isinstance(value, tuple):
        return tuple(_rebuild(v, span, new) for v in value)
    if isinstance(value, Claim):
        return _reclaim(value, span, new)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value, **{f.name: _rebuild(getattr(value, f.name), span, new) for f in fields(value)}
        )
    return value


def _reclaim(claim: Claim, span: Span, new: float) -> Claim:
    """The claim with its number changed; a mark that covered that number alone goes with it."""
    parts = list(walk(claim.expression))
    old = [p for p in parts if isinstance(p, Number) and p.span == span]
    if not old:
        return claim
    ours = Basis("assumed", (), f"varied from {old[0].value:g}", span)

    def change(e: Expression) -> Expression:
        if isinstance(e, Number) and e.span == span:
            return replace(e, value=new, basis=ours)
        return e

    still = [p.basis for p in parts if isinstance(p, Number | Date) and p.span != span]
    kept = tuple(b for b in claim.bases if b != old[0].basis or b in still)
    text = f"{claim.text} (varied from {old[0].value:g} to {new:g})"
    return replace(
        claim, expression=rebuild(claim.expression, change), bases=(*kept, ours), text=text
    )

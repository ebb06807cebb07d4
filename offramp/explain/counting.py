"""Which effects of a claim are counts of events, so that they can be integrated and not counted.

A sum of counts, each times a number, has the mean of the same sum of daily probabilities. That
something of a kind happens at all, or nothing, is read off worlds in which none of the kind does
(`engine/compensators.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

from offramp.engine.compensators import tells
from offramp.engine.plan import Plan
from offramp.language.equality import at_most, below, same
from offramp.language.expressions import Call, Expression, Name, Operation
from offramp.language.kinds import constant
from offramp.language.questions import Question

Target = tuple[int, str | None]  # an event by index, with an outcome or None for any
TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


@dataclass(frozen=True)
class Sum:
    """A sum of counts: the effect is what it is, with expected counts in place of counts."""


@dataclass(frozen=True)
class Occurs:
    """Whether something of a kind happens; `none`: whether nothing does."""

    targets: tuple[Target, ...]
    none: bool


def integrable(q: Question, laid: Plan) -> Sum | Occurs | None:
    """How the effect can be integrated; None where it is to be counted: it is no such sum, it is
    asked of some of the worlds only, it hangs on votes alone, which are drawn in any case, or on
    what may go along with a deed."""
    if q.given is not None or q.kind_of not in ("binary", "number"):
        return None
    e = q.asks.expression
    if q.kind_of == "number":
        terms = _linear(e)
        counts = tuple(target(laid, n) for n in terms or {} if n)
        return Sum() if counts and tells(laid, counts) and not _drawn(counts, laid) else None
    found = _some(e)
    if found is None:
        return None
    names, none = found
    targets = tuple(target(laid, n) for n in sorted(names))
    return Occurs(targets, none) if tells(laid, targets) and not _drawn(targets, laid) else None


def target(laid: Plan, name: str) -> Target:
    """The event, and the outcome, of `count(name)`."""
    events = {e.event.name: e.index for e in laid.events}
    if name in events:
        return events[name], None
    whole, _, outcome = name.rpartition(".")
    return events[whole], outcome


def _drawn(targets: tuple[Target, ...], laid: Plan) -> bool:
    """Whether nothing of it is known before it is drawn, or all of it is certain."""
    events = [(laid.events[e], outcome) for e, outcome in targets]
    return all(
        e.ballot is not None or (outcome is None and e.rate is None and not e.event.chosen)
        for e, outcome in events
    )


def _linear(e: Expression) -> dict[str, float] | None:
    """The factor of each count, and under '' the rest; None for what is no sum of counts."""
    value = constant(e)
    if value is not None:
        return {"": value}
    if isinstance(e, Call) and e.function == "count" and isinstance(e.arguments[0], Name):
        return {e.arguments[0].name: 1.0}
    if not isinstance(e, Operation):
        return None
    parts = [_linear(o) for o in e.operands]
    if any(p is None for p in parts):
        return None
    sums = [p for p in parts if p is not None]
    match e.operator:
        case "neg":
            return _times(sums[0], -1.0)
        case "+":
            return _plus(sums[0], sums[1])
        case "-":
            return _plus(sums[0], _times(sums[1], -1.0))
        case "*" if set(sums[0]) <= {""}:
            return _times(sums[1], sums[0].get("", 0.0))
        case "*" if set(sums[1]) <= {""}:
            return _times(sums[0], sums[1].get("", 0.0))
        case "/" if set(sums[1]) <= {""} and sums[1].get("", 0.0) != 0.0:
            return _times(sums[0], 1.0 / sums[1][""])
    return None


def _plus(a: dict[str, float], b: dict[str, float]) -> dict[str, float]:
    return {n: a.get(n, 0.0) + b.get(n, 0.0) for n in {**a, **b}}


def _times(a: dict[str, float], factor: float) -> dict[str, float]:
    return {n: factor * x for n, x in a.items()}


def _some(e: Expression) -> tuple[frozenset[str], bool] | None:
    """The kind of event of which the proposition says that some happen, or (True) that none do."""
    if not isinstance(e, Operation):
        return None
    if e.operator in ("not", "and", "or"):
        parts = [_some(o) for o in e.operands]
        found = [p for p in parts if p is not None]
        if len(found) < len(parts):
            return None
        if e.operator == "not":
            return found[0][0], not found[0][1]
        none = e.operator == "and"  # none of these and none of those; some of these or of those
        if any(p[1] is not none for p in found):
            return None
        return frozenset().union(*(p[0] for p in found)), none
    if e.operator not in TURNED:
        return None
    left, right = (_linear(o) for o in e.operands)
    if left is None or right is None:
        return None
    terms = _plus(left, _times(right, -1.0))
    operator = e.operator
    if max((x for n, x in terms.items() if n), default=0.0) < 0.0:
        terms, operator = _times(terms, -1.0), TURNED[operator]
    rest = -terms.pop("", 0.0)
    if not terms or min(terms.values()) <= 0.0:
        return None
    least = min(terms.values())  # of what the sum can be once something happens, up to any height
    at_none, later = _holds(operator, 0.0, rest), _always(operator, least, rest)
    if later is None or later is at_none:
        return None
    return frozenset(terms), at_none


def _holds(operator: str, x: float, bound: float) -> bool:
    match operator:
        case "<":
            return below(x, bound)
        case "<=":
            return at_most(x, bound)
        case ">":
            return below(bound, x)
        case ">=":
            return at_most(bound, x)
        case "==":
            return same(x, bound)
    return not same(x, bound)


def _always(operator: str, least: float, bound: float) -> bool | None:
    """Whether it holds of every number from `least` up; None where it does of some."""
    above = below(bound, least)
    match operator:
        case ">" | "<=" if above:
            return operator == ">"
        case ">=" | "<" if at_most(bound, least):
            return operator == ">="
        case "==" | "!=" if above:
            return operator == "!="
    return None

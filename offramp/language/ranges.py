"""What an expression can be when only ranges of its parts are known (interval arithmetic).

A condition is a range too: 1..1 certainly true, 0..0 certainly false, 0..1 not known. Parts that
occur twice are treated as if they varied apart, so a range may be wider than the truth, never
narrower (Moore 1966).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from offramp.language.equality import at_most, below, same
from offramp.language.expressions import Call, Date, Expression, Number, Operation, Ref, watched
from offramp.language.kinds import QUESTION_FUNCTIONS


@dataclass(frozen=True)
class Range:
    """From `low` to `high`, ends included."""

    low: float
    high: float

    @property
    def known(self) -> bool:
        """Whether only one value is possible."""
        return self.low == self.high

    @property
    def true(self) -> bool:
        return self.low >= 1

    @property
    def false(self) -> bool:
        return self.high <= 0


ANY = Range(-math.inf, math.inf)
TRUE, FALSE, EITHER = Range(1, 1), Range(0, 0), Range(0, 1)
Atom = Callable[[str, str], Range]  # of a question's atom: (function, name)
Named = Callable[[Ref], Range]  # of a quantity, an unknown, or today


def nothing_known(ref: Ref) -> Range:
    return ANY


def ranges(e: Expression, atom: Atom, named: Named = nothing_known) -> Range:
    """The range of a resolved expression; dates are ordinals, conditions 0 or 1."""
    if isinstance(e, Number):
        return Range(e.value, e.value)
    if isinstance(e, Date):
        day = float(e.value.toordinal())
        return Range(day, day)
    if isinstance(e, Ref):
        return Range(e.value, e.value) if e.what in ("level", "flag") else named(e)
    if isinstance(e, Call):
        return _call(e, atom, named)
    if isinstance(e, Operation):
        return _operation(e, atom, named)
    return ANY


def _call(e: Call, atom: Atom, named: Named) -> Range:
    inner = e.arguments[0]
    if e.function in QUESTION_FUNCTIONS:
        return atom(e.function, watched(inner))
    if e.function in ("believes", "guilt", "running"):
        return EITHER
    parts = [ranges(a, atom, named) for a in e.arguments]
    if e.function == "logistic":
        return EITHER
    if e.function == "exp":
        return Range(
            0 if parts[0].low < -700 else math.exp(min(parts[0].low, 700)),
            math.exp(min(parts[0].high, 700)),
        )
    if e.function == "clip" and parts[1].high <= parts[2].low:
        x, low, high = parts
        return Range(min(max(x.low, low.low), high.high), max(min(x.high, high.high), low.low))
    if e.function in ("min", "max"):
        pick = min if e.function == "min" else max
        return Range(pick(p.low for p in parts), pick(p.high for p in parts))
    if e.function == "abs":
        ends = sorted((abs(parts[0].low), abs(parts[0].high)))
        return Range(0 if parts[0].low <= 0 <= parts[0].high else ends[0], ends[1])
    return parts[0] if e.function == "height" else ANY


def _operation(e: Operation, atom: Atom, named: Named) -> Range:
    parts = [ranges(o, atom, named) for o in e.operands]
    a, b = parts[0], parts[-1]
    match e.operator:
        case "+":
            return Range(a.low + b.low, a.high + b.high)
        case "-":
            return Range(a.low - b.high, a.high - b.low)
        case "neg":
            return Range(-a.high, -a.low)
        case "*":
            ends = [_times(x, y) for x in (a.low, a.high) for y in (b.low, b.high)]
            return Range(min(ends), max(ends))
        case "/" if b.low > 0 or b.high < 0:
            ends = [x / y for x in (a.low, a.high) for y in (b.low, b.high) if math.isfinite(x)]
            finite = all(math.isfinite(x) for x in (a.low, a.high, b.low, b.high))
            return Range(min(ends), max(ends)) if finite else ANY
        case "and":
            return Range(min(p.low for p in parts), min(p.high for p in parts))
        case "or":
            return Range(max(p.low for p in parts), max(p.high for p in parts))
        case "not":
            return Range(1 - a.high, 1 - a.low)
        case "<" | "<=" | ">" | ">=" | "==" | "!=":
            return _comparison(e.operator, a, b)
    return ANY


def _times(x: float, y: float) -> float:
    return 0.0 if x == 0 or y == 0 else x * y


def _comparison(operator: str, a: Range, b: Range) -> Range:
    if operator in (">", ">="):
        return _comparison({">": "<", ">=": "<="}[operator], b, a)
    if operator == "!=":
        equal = _comparison("==", a, b)
        return Range(1 - equal.high, 1 - equal.low)
    if operator == "==":
        if a.known and b.known and same(a.low, b.low):
            return TRUE
        return FALSE if below(a.high, b.low) or below(b.high, a.low) else EITHER
    if operator == "<":
        return TRUE if below(a.high, b.low) else FALSE if at_most(b.high, a.low) else EITHER
    return TRUE if at_most(a.high, b.low) else FALSE if below(b.high, a.low) else EITHER

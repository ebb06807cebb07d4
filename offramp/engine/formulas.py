"""Expressions as Python functions of a world's numbers.

An expression becomes Python source over `s` (quantities), `u` (unknowns), `w` (the day and the
beliefs) and `g` (guilt of suspects), and is compiled once per plan.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields

from offramp.engine.elementary import exp, log, logistic
from offramp.language.equality import HALF, at_most, below, same
from offramp.language.expressions import (
    Call,
    Date,
    Expression,
    Name,
    Number,
    Operation,
    Ref,
    SourcedValue,
    watched,
)
from offramp.language.kinds import COURSE

Formula = Callable[..., float]


def nearest(x: float) -> float:
    """A ladder reads as the level nearest to its value; what is half way reads as the higher."""
    return float(math.floor(x + HALF))


def clip(x: float, low: float, high: float) -> float:
    """x within its bounds; what is not a number (inf - inf) becomes the lower one."""
    return x if low <= x <= high else high if x > high else low


def prospect(z: float, loss: float) -> float:
    """Reference-point value: losses weigh `loss` times as much (Kahneman and Tversky 1979)."""
    return z if z >= 0.0 else loss * z


def divide(a: float, b: float) -> float:
    """a/b, and 0 for a division by 0 (a share of nothing)."""
    return a / b if b != 0.0 else 0.0


def power(a: float, b: float) -> float:
    """a^b for a >= 0; 0 for a negative base, which no text has asked for."""
    if a > 0.0:
        return exp(b * log(a))
    return 1.0 if a == 0.0 and b == 0.0 else 0.0


class Beyond(ArithmeticError):
    """A proposition is beyond any number (above 1.8e308), so that nothing follows from it."""


def finite(x: float) -> float:
    """x, if it is a number. Raises Beyond."""
    if math.isfinite(x):
        return x
    raise Beyond


# A comparison, its function, and whether the operands change places.
COMPARISONS = {
    "<": ("below", False),
    ">": ("below", True),
    "<=": ("at_most", False),
    ">=": ("at_most", True),
    "==": ("same", False),
    "!=": ("same", False),
}
SHARED = (nearest, clip, prospect, divide, power)
_FUNCTIONS = {
    **{f.__name__: f for f in (exp, log, logistic, finite, below, at_most, same, *SHARED)},
    "min": min,
    "max": max,
    "abs": abs,
}


@dataclass(frozen=True)
class Layout:
    """Where each name stands: indices of quantities, unknowns, beliefs and their types."""

    states: Mapping[str, int]
    unknowns: Mapping[str, int]
    beliefs: Mapping[tuple[str, str], tuple[int, tuple[str, ...]]]
    ladders: frozenset[str]
    suspects: tuple[str, ...] = ()
    atoms: Mapping[tuple[str, str], int] = field(default_factory=dict)
    dates_from: int = 0  # ordinal of the day 0

    def source(self, e: Expression) -> str:
        """Python source of the expression; parentheses everywhere, so no precedence to trust."""
        if isinstance(e, Number):
            return repr(e.value)
        if isinstance(e, Date):
            return repr(float(e.value.toordinal() - self.dates_from))
        if isinstance(e, Ref):
            return self._reference(e)
        if isinstance(e, Call):
            return self._call(e)
        if isinstance(e, Operation):
            return self._operation(e)
        raise TypeError(f"unresolved expression: {e}")

    def _reference(self, e: Ref) -> str:
        if e.what == "state":
            return f"s[{self.states[e.name]}]"
        if e.what == "unknown":
            return f"u[{self.unknowns[e.name]}]"
        if e.what == "today":
            return "w.day"
        return repr(e.value)

    def _call(self, e: Call) -> str:
        names = [a.name if isinstance(a, Name | Ref) else "" for a in e.arguments]
        atom = self.atoms.get((e.function, watched(e.arguments[0])))
        if atom is not None:
            return f"a[{atom}]"
        if e.function == "believes":
            index, types = self.beliefs[names[0], names[1]]
            kind = types.index(names[2])
            return f"w.beliefs[{index}][{kind}]"
        if e.function == "guilt":
            return f"g[{self.suspects.index(names[0])}]"
        inner = [self.source(a) for a in e.arguments]
        if e.function == "height":
            return inner[0]
        if e.function == "running":
            return f"below(0.0, {inner[0]})"
        return f"{e.function}({', '.join(inner)})"

    def _operation(self, e: Operation) -> str:
        inner = [self.source(o) for o in e.operands]
        if e.operator in COMPARISONS:
            left, right = (
                f"nearest({text})" if self.ladder(part) else text
                for part, text in zip(e.operands, inner, strict=True)
            )
            if all(self.whole(part) for part in e.operands):
                return f"({left} {e.operator} {right})"
            name, swap = COMPARISONS[e.operator]
            text = f"{name}({right}, {left})" if swap else f"{name}({left}, {right})"
            return f"(not {text})" if e.operator == "!=" else text
        if e.operator == "neg":
            return f"(-{inner[0]})"
        if e.operator == "not":
            return f"(not {inner[0]})"
        if e.operator == "/":
            return f"divide({inner[0]}, {inner[1]})"
        if e.operator == "^":
            return f"power({inner[0]}, {inner[1]})"
        return f"({inner[0]} {e.operator} {inner[1]})"

    def whole(self, e: Expression) -> bool:
        """Whether it is always a whole number where it is compared: then it has no rounding, and
        plain comparison says the same for less."""
        if isinstance(e, Number):
            return e.value == math.floor(e.value)
        if isinstance(e, Call):
            return e.function in ("count", "first") or self.ladder(e)
        if isinstance(e, Ref):
            return e.what in ("level", "flag", "today") or self.ladder(e)
        return isinstance(e, Date)

    def ladder(self, e: Expression) -> bool:
        """A bare ladder in a comparison; a question's atom over a ladder counts too."""
        if isinstance(e, Ref):
            return e.what == "state" and e.name in self.ladders
        return (
            isinstance(e, Call)
            and e.function in COURSE
            and isinstance(e.arguments[0], Name)
            and e.arguments[0].name in self.ladders
        )

    def formula(self, claim: SourcedValue) -> Formula:
        """The expression as a function (s, u, w, g) -> float or bool."""
        return self.compile(self.source(claim.expression), "s, u, w, g=()")

    def proposition(self, claim: SourcedValue) -> Formula:
        """A question's expression as a function of its atoms, which raises Beyond where a part of
        it is no number: a comparison with such a part would be answered, and mean nothing."""
        checked = _Checked(**{f.name: getattr(self, f.name) for f in fields(self)})
        return self.compile(checked.source(claim.expression), "a")

    @staticmethod
    def compile(source: str, arguments: str) -> Formula:
        # The source comes from our own typed tree, never from text that a person wrote.
        return eval(f"lambda {arguments}: {source}", dict(_FUNCTIONS))  # type: ignore[no-any-return]


class _Checked(Layout):
    """The same formulas, each result of arithmetic looked at."""

    def _operation(self, e: Operation) -> str:
        text = super()._operation(e)
        return f"finite({text})" if e.operator in ("+", "-", "*", "/") else text

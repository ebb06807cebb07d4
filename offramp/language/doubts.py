"""Nonsense that can be seen before a simulation: what is always so, or can be out of bounds.

Ranges of expressions come from the bounds of quantities and the priors of unknowns (see `ranges`).
They may be wider than the truth where a name occurs twice, so an expression is doubted only where
each name in it occurs once; what is said to be always so holds in any case.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from offramp.language import crisis as c
from offramp.language.expressions import Expression, Operation, Ref, SourcedValue, walk
from offramp.language.kinds import FUNCTIONS, MOST, QUESTION_FUNCTIONS, constant
from offramp.language.ranges import ANY, EITHER, Range, ranges
from offramp.text.diagnostics import Diagnostics

_COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
Named = tuple[str, SourcedValue]  # what a value is called, and the value


class Bounds:
    """What each name of a crisis can be, in the worlds and in the guesses of its actors.
    `likely`: draws but for one in 15,000, else all that a prior does not exclude."""

    def __init__(self, crisis: c.Crisis, likely: bool = False) -> None:
        self.states = {s.name: Range(s.low, s.high) for s in crisis.states}
        self.today = Range(float(crisis.first.toordinal()), float(crisis.last.toordinal()))
        self.unknowns = {u.name: _prior(u, likely) for u in crisis.unknowns}
        for belief in crisis.beliefs:
            for name, setting in (s for t in belief.types for s in t.settings):
                value = ranges(setting.expression, no_atom, self.name)
                old = self.unknowns.get(name, ANY)
                self.unknowns[name] = Range(min(old.low, value.low), max(old.high, value.high))

    def name(self, ref: Ref) -> Range:
        if ref.what == "state":
            return self.states.get(ref.name, ANY)
        if ref.what == "unknown":
            return self.unknowns.get(ref.name, ANY)
        return self.today if ref.what == "today" else ANY

    def atom(self, function: str, name: str) -> Range:
        """What a question can find of a quantity or an event."""
        if function == "count":
            return Range(0, math.inf)
        if function == "first":
            return Range(self.today.low, self.today.high + 1)
        if name.startswith("motive("):
            return Range(-1, 1)
        if name.startswith("inclines("):
            return Range(-MOST, MOST)
        return self.states.get(name, ANY)


def no_atom(function: str, name: str) -> Range:
    return ANY


def _prior(u: c.Unknown, likely: bool) -> Range:
    """What a draw can be."""
    if u.prior == "among":
        return Range(0, len(u.options) - 1)
    points = u.interval or tuple(constant(x.expression) for x in (u.low, u.high) if x)
    low, high = points if len(points) == 2 else (None, None)
    if low is None or high is None:
        return ANY
    if u.prior == "between":
        return Range(low, high)
    share = u.prior in ("share", "says")
    if not likely:
        return EITHER if share else Range(0, math.inf) if u.prior == "scale" else ANY
    scaled = [_SCALES[u.prior][0](x) for x in (low, high)]
    middle, far = sum(scaled) / 2, SIGMAS * (scaled[1] - scaled[0]) / (2 * Z90)
    return Range(*(_SCALES[u.prior][1](x) for x in (middle - far, middle + far)))


def _same(x: float) -> float:
    return x


def _logit(p: float) -> float:
    return math.log(p) - math.log1p(-p)


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x > -700 else 0.0


SIGMAS, Z90 = 4.0, 1.2815515655446004  # one draw in 15,000 lies further out
_SCALES: dict[str, tuple[Callable[[float], float], Callable[[float], float]]] = {
    "share": (_logit, _logistic),
    "says": (_logit, _logistic),
    "scale": (math.log, math.exp),
    "normal": (_same, _same),
}


def settled(claims: Iterable[SourcedValue], bounds: Bounds, found: Diagnostics) -> None:
    """Warns of comparisons that come out the same in every world. Those that a form wrote stand at
    the place of what it was given, and are the form's affair."""
    for claim in claims:
        parts = list(walk(claim.expression))
        places = Counter((p.span.line, p.span.column) for p in parts)
        for part in parts:
            if not isinstance(part, Operation) or part.operator not in _COMPARISONS:
                continue
            if places[part.span.line, part.span.column] > 1:
                continue
            value = ranges(part, bounds.atom, bounds.name)
            if value.known:
                sides = (ranges(o, bounds.atom, bounds.name) for o in part.operands)
                a, b = (_words(s, bounds) for s in sides)
                found.warning(
                    part.span,
                    "settled",
                    f"this is always {'true' if value.true else 'false'}: {a} on the left, {b} on "
                    "the right",
                    "compare with what can come out either way, or leave it out",
                )


def _words(r: Range, bounds: Bounds) -> str:
    if bounds.today.low <= r.low and r.high <= bounds.today.high + 1:
        return "a day of the crisis" if not r.known else "a day"
    if r.known:
        return f"{r.low:g}"
    return f"{r.low:g} to {r.high:g}"


def beyond(
    shares: Iterable[Named], amounts: Iterable[Named], bounds: Bounds, found: Diagnostics
) -> None:
    """Warns of chances that can be below 0 or above 1, and of amounts that can be below 0."""
    for high, named in ((1.0, shares), (math.inf, amounts)):
        for what, claim in named:
            if constant(claim.expression) is not None or _twice(claim.expression):
                continue
            can = ranges(claim.expression, no_atom, bounds.name)
            if can.low >= -1e-9 and can.high <= high + 1e-9:
                continue
            if can == ANY:
                continue  # nothing is known of it
            end = can.low if can.low < -1e-9 else can.high
            side = "below 0" if can.low < -1e-9 else "above 1"
            far = f" ({end:.3g})" if math.isfinite(end) else ""
            found.warning(
                claim.expression.span,
                "beyond",
                f"{what} can be {side} in some world{far}",
                "it counts as 0 there; use a prior that stays above, as in `scale:` or `share:`"
                if end < 0
                else "it counts as 1 there; use a `share:`, or logistic() of a sum",
            )


def gone(half_lives: Iterable[Named], bounds: Bounds, found: Diagnostics) -> None:
    """Refuses a half-life that can be 0 or less in some world: all would be gone at once, and what
    was meant is an effect."""
    for what, claim in half_lives:
        if constant(claim.expression) is not None:
            continue
        can = ranges(claim.expression, no_atom, bounds.name)
        if can != ANY and can.low <= 0 and not _twice(claim.expression):
            found.error(
                claim.expression.span,
                "half-life",
                f"{what} can be {can.low:.3g} days in some world",
                "a half-life is above 0 days: divide by what shortens it, as in 8d / (1 + truce), "
                "or bound it below, as in max(1d, ...)",
            )


def _twice(e: Expression) -> bool:
    names = [p.name for p in walk(e) if isinstance(p, Ref) and p.what in ("state", "unknown")]
    return len(names) != len(set(names))


# ---- reasons that are formulas ---------------------------------------------------------------

_WORD = r"[^\W\d]\w*(?:\.[^\W\d]\w*)*"
_CALL = re.compile(rf"({_WORD})\(\s*({_WORD}|[-.\d(])")
_TIMES = re.compile(
    rf"(?P<a>{_WORD}|[\d.]+|\))\s*(?P<o>[*^]|>=|<=|==|!=|[<>])\s*"
    rf"(?P<b>{_WORD}|[-.\d]+|\()"
)
_PLUS = re.compile(rf"(?P<a>{_WORD}|[\d.]+|\))\s+(?P<o>[-+/])\s+(?P<b>{_WORD}|[.\d]+|\()")


def formula(reason: str, names: frozenset[str]) -> str:
    """The part of a reason that looks like a formula over known names; '' where none does."""
    functions = {*FUNCTIONS, *QUESTION_FUNCTIONS}
    for match in _CALL.finditer(reason):
        if match[1] in functions and (match[2] in names or not match[2][0].isalpha()):
            return match[0] + ("...)" if match[2] in names else "...")
    for pattern in (_TIMES, _PLUS):
        for match in pattern.finditer(reason):
            a, b = match["a"], match["b"]
            solid = [x in names or not (x[0].isalpha() or x[0] == "_") for x in (a, b)]
            if all(solid) and (a in names or b in names):
                return match[0]
            if match["o"] in "*^" and (b == "(" or any(solid)):
                return match[0]
    return ""


def conditions(crisis: c.Crisis) -> Iterator[Named]:
    """Conditions that are written out as yes or no: nothing is decided by them."""
    for event in crisis.events:
        if event.when is not None:
            yield f"event '{event.name}', when", event.when
        if event.vote is not None and event.vote.when is not None:
            yield f"event '{event.name}', held", event.vote.when
    for belief in crisis.beliefs:
        if belief.silence is not None:
            yield f"belief '{belief.holder} about {belief.about}', after", belief.silence.after


def idle(crisis: c.Crisis, found: Diagnostics) -> None:
    """Warns of conditions that are nothing but yes or no."""
    for what, claim in conditions(crisis):
        e = claim.expression
        if isinstance(e, Ref) and e.what == "flag":
            yes = e.value > 0
            found.warning(
                e.span,
                "settled",
                f"{what} is always {'true' if yes else 'false'}",
                "leave it out" if yes else "leave out what never happens, or forbid it by an edit",
            )

"""What a value is (number with a unit, ladder level, flag, date) and whether kinds agree.

Resolving turns names into references and finds unit and kind errors before anything runs.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from offramp.language.expressions import (
    Call,
    Date,
    Expression,
    Name,
    Number,
    Operation,
    Ref,
    parts,
)
from offramp.text.diagnostics import Diagnostics, suggestion

Unit = tuple[tuple[str, int], ...]  # e.g. (("persons", 1),); () is a plain number


@dataclass(frozen=True)
class Kind:
    """`what` is number, flag, ladder, clock or date; a ladder has its levels, a number a unit."""

    what: str
    unit: Unit = ()
    ladder: str = ""
    levels: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.what == "number":
            return unit_words(self.unit)
        if self.what == "ladder":
            return f"a level of {self.ladder}"
        return {"flag": "yes or no", "date": "a date", "any": "anything"}.get(self.what, self.what)


NUMBER = Kind("number")
DAYS = Kind("number", (("d", 1),))
FLAG = Kind("flag")
DATE = Kind("date")
ANY = Kind("any")  # after an error, so that one mistake is reported once
ZERO = Kind("zero")  # the literal 0 fits any unit


def unit_words(unit: Unit) -> str:
    if not unit:
        return "a plain number"
    over = [f"{u}^{p}" if p > 1 else u for u, p in unit if p > 0]
    under = [f"{u}^{-p}" if p < -1 else u for u, p in unit if p < 0]
    words = " ".join("days" if w == "d" else w for w in over) or "1"
    return words + (" per " + " ".join("day" if w == "d" else w for w in under) if under else "")


def _combine(a: Unit, b: Unit, sign: int) -> Unit:
    powers = dict(a)
    for unit, power in b:
        powers[unit] = powers.get(unit, 0) + sign * power
    return tuple(sorted((u, p) for u, p in powers.items() if p))


@dataclass(frozen=True)
class Scope:
    """The names that an expression may use, and what they are."""

    states: Mapping[str, Kind]
    unknowns: Mapping[str, Kind]
    units: frozenset[str]
    beliefs: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    suspects: tuple[str, ...] | None = None  # within effects of an unclaimed event
    atoms: Mapping[str, Kind] = field(default_factory=dict)  # what a question may ask
    events: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # and their outcomes
    actors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # and their wants, spelt
    moves: Mapping[str, str] = field(default_factory=dict)  # what is chosen, and by whom
    votes: frozenset[str] = frozenset()  # the events that are votes

    def names(self) -> list[str]:
        return [*self.states, *self.unknowns]


FUNCTIONS: dict[str, tuple[int, int]] = {
    "min": (2, 99),
    "max": (2, 99),
    "abs": (1, 1),
    "exp": (1, 1),
    "log": (1, 1),
    "clip": (3, 3),
    "logistic": (1, 1),
    "height": (1, 1),
    "prospect": (2, 2),
    "running": (1, 1),
    "believes": (3, 3),
    "guilt": (1, 1),
    "since": (1, 1),  # rewritten where it can stand (forms/since)
}
COURSE = ("highest", "lowest", "final", "initial", "mean")  # of a quantity over a window
QUESTION_FUNCTIONS = ("count", "first", *COURSE)
# What is read of a world on an evening, where a quantity may stand: its arguments in words, an
# example, and its unit.
READINGS = {
    "worth": ("an actor", "worth(us)", "utility"),
    "votes": ("a vote, and yes or present", "votes(senate.bill, yes)", "seats"),
    "inclines": ("an actor and a move of its own", "inclines(us, us.strike)", "log-odds"),
    "motive": (
        "an actor, a move of its own, and a want with _ for its spaces",
        "motive(us, us.strike, no_bomb)",
        "share",
    ),
}
SEATS = Kind("number", (("seats", 1),))


MOST = 20.0  # log-odds of an inclination, either way: one in 500 million


def spelt(name: str) -> str:
    """The name of a want as an expression can write it: `_` for all but letters and digits."""
    return re.sub(r"\W|^(?=\d)", "_", name)


class Resolver:
    """Resolves one expression: names to references, kinds checked, errors collected."""

    def __init__(self, scope: Scope, found: Diagnostics) -> None:
        self.scope, self.found = scope, found

    def resolve(self, e: Expression, wanted: Kind | None = None) -> tuple[Expression, Kind]:
        """The resolved expression and its kind; `wanted` gives bare level names a ladder."""
        if isinstance(e, Number):
            return self._number(e)
        if isinstance(e, Date):
            return e, DATE
        if isinstance(e, Name):
            return self._name(e, wanted)
        if isinstance(e, Call):
            return self._call(e)
        if isinstance(e, Operation):
            return self._operation(e, wanted)
        return e, ANY

    def _number(self, e: Number) -> tuple[Expression, Kind]:
        if e.unit and e.unit != "d" and e.unit not in self.scope.units:
            self.found.error(
                e.span,
                "unknown-unit",
                f"unknown unit '{e.unit}'",
                suggestion(e.unit, self.scope.units, "units of this crisis")
                or "a unit is declared by a stock: `stock: 0 .. 20000 persons`",
            )
            return e, ANY
        if e.unit:
            return e, Kind("number", ((e.unit, 1),))
        return e, ZERO if e.value == 0 else NUMBER

    def _name(self, e: Name, wanted: Kind | None) -> tuple[Expression, Kind]:
        if wanted is not None and wanted.what == "ladder" and e.name in wanted.levels:
            return Ref("level", e.name, float(wanted.levels.index(e.name)), e.span), wanted
        if e.name in ("yes", "no"):
            return Ref("flag", e.name, float(e.name == "yes"), e.span), FLAG
        if e.name == "off":
            return Ref("flag", "off", -1.0, e.span), DAYS
        if e.name == "today":
            return Ref("today", "today", 0.0, e.span), DATE
        if e.name in self.scope.states:
            return Ref("state", e.name, 0.0, e.span), self.scope.states[e.name]
        if e.name in self.scope.unknowns:
            return Ref("unknown", e.name, 0.0, e.span), self.scope.unknowns[e.name]
        if wanted is not None and wanted.what == "ladder":
            known = suggestion(e.name, wanted.levels, f"levels of {wanted.ladder}")
            self.found.error(
                e.span, "unknown-level", f"'{e.name}' is not a level of {wanted.ladder}", known
            )
            return e, ANY
        self.found.error(
            e.span,
            "unknown-name",
            f"unknown quantity '{e.name}'",
            suggestion(e.name, self.scope.names(), "quantities and unknowns")
            or "declare it under `state:` or `unknown:`",
        )
        return e, ANY

    def _call(self, e: Call) -> tuple[Expression, Kind]:
        if e.function in QUESTION_FUNCTIONS and self.scope.atoms:
            return self._atom(e)
        if e.function in READINGS and self.scope.atoms:
            return self._reading(e)
        if e.function not in FUNCTIONS:
            known = [*FUNCTIONS, *((*QUESTION_FUNCTIONS, *READINGS) if self.scope.atoms else ())]
            help = suggestion(e.function, known, "functions")
            self.found.error(
                e.span, "unknown-function", f"there is no function '{e.function}'", help
            )
            return e, ANY
        least, most = FUNCTIONS[e.function]
        if not least <= len(e.arguments) <= most:
            many = str(least) if least == most else f"at least {least}"
            values = "value" if most == 1 else "values"
            self.found.error(
                e.span, "arguments", f"{e.function}() takes {many} {values}, not {len(e.arguments)}"
            )
            return e, ANY
        if e.function == "believes":
            return self._believes(e)
        if e.function == "guilt":
            return self._guilt(e)
        if e.function == "since":
            return self._since(e)
        parts = [self.resolve(a) for a in e.arguments]
        out = replace(e, arguments=tuple(p for p, _ in parts))
        kinds = [k for _, k in parts]
        if any(k is ANY for k in kinds):
            return out, ANY
        if e.function == "height":
            if kinds[0].what != "ladder":
                self.found.error(
                    e.span, "kind", f"height() wants a ladder, not {kinds[0]}", "use the name alone"
                )
            return out, NUMBER
        if e.function == "running":
            argument = out.arguments[0]
            if not (isinstance(argument, Ref) and kinds[0] == DAYS):
                self.found.error(e.span, "kind", f"running() wants a clock, not {kinds[0]}")
            return out, FLAG
        numbers = [self._as_number(p, k) for p, k in parts]
        if e.function in ("exp", "log", "logistic"):
            if numbers[0].unit:
                self.found.error(
                    e.span,
                    "unit",
                    f"{e.function}() wants a plain number, not {numbers[0]}",
                    f"divide by 1 {numbers[0].unit[0][0]} first",
                )
            return out, NUMBER
        if e.function == "prospect":
            return out, numbers[0]
        self._alike(e, e.arguments)
        kind = numbers[0]
        for part, other in zip(out.arguments[1:], numbers[1:], strict=True):
            kind = self._same(kind, other, part, e.function + "()")
        return out, kind

    def _believes(self, e: Call) -> tuple[Expression, Kind]:
        names = [a.name if isinstance(a, Name) else "" for a in e.arguments]
        types = self.scope.beliefs.get((names[0], names[1]))
        if types is None:
            known = [f"{i} about {j}" for i, j in self.scope.beliefs]
            self.found.error(
                e.span,
                "unknown-belief",
                f"no belief of '{names[0]}' about '{names[1]}'",
                suggestion(f"{names[0]} about {names[1]}", known, "beliefs"),
            )
            return e, ANY
        if names[2] not in types:
            self.found.error(
                e.arguments[2].span,
                "unknown-type",
                f"'{names[2]}' is not a type of that belief",
                suggestion(names[2], types, "types"),
            )
            return e, ANY
        return e, NUMBER

    def _guilt(self, e: Call) -> tuple[Expression, Kind]:
        name = e.arguments[0].name if isinstance(e.arguments[0], Name) else ""
        if self.scope.suspects is None:
            self.found.error(
                e.span,
                "guilt",
                "guilt() has a meaning only in effects of an unclaimed event",
                "give the event `unclaimed:` with `suspects:`",
            )
            return e, ANY
        if name not in self.scope.suspects:
            help = suggestion(name, self.scope.suspects, "suspects")
            self.found.error(e.span, "unknown-suspect", f"'{name}' is not a suspect here", help)
            return e, ANY
        return e, NUMBER

    def _since(self, e: Call) -> tuple[Expression, Kind]:
        """Where it can stand the form has rewritten it."""
        if isinstance(e.arguments[0], Name):
            self.found.error(
                e.span,
                "since",
                "since() cannot stand here: it reads the mornings of a run",
                "it is for crisis.yaml, not for starts and priors; a question asks first(event)",
            )
        else:
            self.found.error(
                e.span, "since", "since() takes the name of one event", "as in since(rocket)"
            )
        return e, ANY

    def _reading(self, e: Call) -> tuple[Expression, Kind]:
        names = [a.name if isinstance(a, Name) else "" for a in e.arguments]
        takes, example, _ = READINGS[e.function]
        if len(names) != example.count(",") + 1 or not all(names):
            self.found.error(
                e.span, "arguments", f"{e.function}() takes {takes}", f"as in {example}"
            )
            return e, ANY
        known = self._vote(e, *names) if e.function == "votes" else self._mind(e, *names)
        if not known:
            return e, ANY
        return e, SEATS if e.function == "votes" else NUMBER

    def _vote(self, e: Call, name: str, which: str) -> bool:
        """Whether the arguments of votes() are known."""
        first, second = (a.span for a in e.arguments)
        if name not in self.scope.votes:
            message = f"'{name}' is no vote of this crisis"
            help = suggestion(name, self.scope.votes, "votes")
            self.found.error(first, "not-a-vote", message, help)
            return False
        if which not in ("yes", "present"):
            message = f"votes() counts yes or present, not '{which}'"
            self.found.error(second, "arguments", message, f"votes({name}, yes)")
            return False
        return True

    def _mind(self, e: Call, actor: str, move: str = "", want: str = "") -> bool:
        """Whether the arguments of worth(), inclines() and motive() are known."""
        spans, scope = [a.span for a in e.arguments], self.scope
        wants = scope.actors.get(actor)
        if wants is None:
            message = f"'{actor}' is no actor of this crisis"
            help = suggestion(actor, scope.actors, "actors")
            self.found.error(spans[0], "unknown-actor", message, help)
            return False
        if e.function != "inclines" and not wants:
            message = f"nothing has any worth for '{actor}': it has no `wants:` and no `fears:`"
            help = f"{e.function}() of an actor with wants"
            self.found.error(spans[0], "no-wants", message, help)
            return False
        if move and move not in scope.events:
            help = suggestion(move, [*scope.moves, *scope.events], "events")
            self.found.error(spans[1], "unknown-event", f"unknown event '{move}'", help)
            return False
        by = scope.moves.get(move)
        if move and by != actor:
            own = [m for m, mover in scope.moves.items() if mover == actor]
            help = suggestion(move, own, f"moves of {actor}")
            help = help or "a move is what an actor with a `precision:` chooses (`by:`)"
            if by is not None:
                example = f"{e.function}({by}, {move}" + (", ...)" if want else ")")
                help = f"'{by}' chooses it: {example}"
            self.found.error(spans[1], "not-a-move", f"{move} is no move of {actor}", help)
            return False
        if want and want not in wants:
            help = suggestion(want, wants, f"wants of {actor}") or f"a want, as in {wants[0]}"
            self.found.error(spans[2], "unknown-want", f"'{actor}' has no want '{want}'", help)
            return False
        if want and wants.count(want) > 1:
            message = f"'{want}' is the spelling of more than one want of '{actor}'"
            self.found.error(spans[2], "unknown-want", message, "give them names that differ")
            return False
        return True

    def _atom(self, e: Call) -> tuple[Expression, Kind]:
        if e.function in COURSE and len(e.arguments) == 1:
            inner = e.arguments[0]
            if isinstance(inner, Call) and inner.function in READINGS:
                return e, self._reading(inner)[1]
        name = e.arguments[0].name if e.arguments and isinstance(e.arguments[0], Name) else ""
        if len(e.arguments) != 1 or not name:
            self.found.error(
                e.span, "arguments", f"{e.function}() takes one name", "as in count(rocket)"
            )
            return e, ANY
        if e.function in ("count", "first"):
            event, _, outcome = name.rpartition(".")
            known = name in self.scope.events or outcome in self.scope.events.get(event, ())
            if not known:
                names = [*self.scope.events]
                names += [f"{n}.{o}" for n, os in self.scope.events.items() for o in os]
                self.found.error(
                    e.arguments[0].span,
                    "unknown-event",
                    f"unknown event '{name}'",
                    suggestion(name, names, "events"),
                )
                return e, ANY
            return e, NUMBER if e.function == "count" else DATE
        if name not in self.scope.states:
            self.found.error(
                e.arguments[0].span,
                "unknown-name",
                f"unknown quantity '{name}'",
                suggestion(name, self.scope.states, "quantities"),
            )
            return e, ANY
        return e, course(e.function, self.scope.states[name])

    def _operation(self, e: Operation, wanted: Kind | None) -> tuple[Expression, Kind]:
        if e.operator in ("<", "<=", ">", ">=", "==", "!="):
            return self._comparison(e)
        parts = [self.resolve(o, wanted if e.operator in "+-" else None) for o in e.operands]
        out = replace(e, operands=tuple(p for p, _ in parts))
        if any(k is ANY for _, k in parts):
            return out, FLAG if e.operator in ("and", "or", "not") else ANY
        if e.operator in ("and", "or", "not"):
            for part, kind in parts:
                if kind.what != "flag":
                    self.found.error(
                        part.span,
                        "kind",
                        f"'{e.operator}' joins conditions, and this is {kind}",
                        "compare it with something: x >= 1",
                    )
            return out, FLAG
        if e.operator in ("+", "-") and any(k == DATE for _, k in parts):
            return self._dates(out, [k for _, k in parts])
        numbers = [self._as_number(p, k) for p, k in parts]
        if e.operator == "neg":
            return out, numbers[0]
        if e.operator in ("+", "-"):
            self._alike(e, e.operands)
            words = {"+": "added to", "-": "subtracted from"}[e.operator]
            return out, self._same(numbers[0], numbers[1], e, words)
        if any(k is ANY for k in numbers):
            return out, ANY
        plain = [NUMBER if k is ZERO else k for k in numbers]
        if e.operator == "^":
            if plain[0].unit or plain[1].unit:
                self.found.error(e.span, "unit", "'^' wants plain numbers")
            return out, NUMBER
        sign = 1 if e.operator == "*" else -1
        return out, Kind("number", _combine(plain[0].unit, plain[1].unit, sign))

    def _alike(self, e: Operation | Call, compared: Sequence[Expression]) -> None:
        """Readings are plain numbers, and two have a common scale only if they are of one kind."""
        found = [units for units in map(scales, compared) if units]
        if any(units != found[0] for units in found):
            units = " and ".join(sorted(set[str]().union(*found)))
            self.found.error(
                e.span,
                "unit",
                f"{units} have no common scale",
                "only like may be added or compared",
            )

    def _dates(self, out: Operation, kinds: list[Kind]) -> tuple[Expression, Kind]:
        if kinds == [DATE, DATE] and out.operator == "-":
            return out, DAYS
        if kinds[0] == DATE and kinds[1] in (DAYS, ZERO):
            return out, DATE
        self.found.error(out.span, "kind", "a date goes with days: 2020-01-05 + 60d")
        return out, ANY

    def _comparison(self, e: Operation) -> tuple[Expression, Kind]:
        left, right = e.operands
        right_kind = self._at_first_sight(right)
        left, left_kind = self.resolve(left, right_kind if right_kind.what == "ladder" else None)
        right, right_kind = self.resolve(right, left_kind if left_kind.what == "ladder" else None)
        out = replace(e, operands=(left, right))
        if ANY in (left_kind, right_kind):
            return out, FLAG
        self._alike(e, e.operands)
        ladders = [k for k in (left_kind, right_kind) if k.what == "ladder"]
        if len(ladders) == 1:
            self.found.error(
                e.span,
                "ladder-number",
                f"the ladder '{ladders[0].ladder}' is compared with "
                f"{right_kind if left_kind is ladders[0] else left_kind}",
                f"use a level ({', '.join(ladders[0].levels)}), or height({ladders[0].ladder})",
            )
            return out, FLAG
        if len(ladders) == 2:
            if left_kind.levels != right_kind.levels:
                self.found.error(
                    e.span,
                    "kind",
                    f"levels of '{left_kind.ladder}' and '{right_kind.ladder}' do not compare",
                    "compare their height()",
                )
            return out, FLAG
        if (left_kind.what == "date") != (right_kind.what == "date"):
            self.found.error(e.span, "kind", f"{left_kind} is compared with {right_kind}")
        elif left_kind.what != "date":
            left_number = self._as_number(left, left_kind)
            self._same(left_number, self._as_number(right, right_kind), e, "compared with")
        return out, FLAG

    def _at_first_sight(self, e: Expression) -> Kind:
        """The kind of a name or of a question's atom: nothing else can be a ladder."""
        named = isinstance(e, Name) and e.name in self.scope.names()
        asked = isinstance(e, Call) and e.function in QUESTION_FUNCTIONS
        return Resolver(self.scope, Diagnostics()).resolve(e)[1] if named or asked else ANY

    def _as_number(self, e: Expression, kind: Kind) -> Kind:
        """A condition counts as 1 or 0 where a number is wanted; ladders and dates do not."""
        if kind.what == "flag":
            return NUMBER
        if kind.what == "ladder":
            help = f"use height({kind.ladder})"
            self.found.error(e.span, "kind", "a ladder's level is not a number", help)
            return ANY
        if kind.what == "date":
            self.found.error(e.span, "kind", "a date is not a number", "subtract another date")
            return ANY
        return kind

    def _same(self, a: Kind, b: Kind, e: Expression, words: str) -> Kind:
        if ANY in (a, b):
            return ANY
        if a is ZERO:
            return b
        if b is ZERO or a.unit == b.unit:
            return a
        help = "only like may be added or compared"
        if not a.unit or not b.unit:
            unit = unit_words(a.unit or b.unit)
            help = f"write the unit behind the number, as in `30{'d' if unit == 'days' else ' '}"
            help = (help.rstrip() + ("`" if unit == "days" else f" {unit}`")) + ", or divide it out"
        self.found.error(e.span, "unit", f"{a} is {words} {b}", help)
        return ANY


def course(function: str, kind: Kind) -> Kind:
    """What `function` reads of the course of a quantity: the mean of yes and no is a share of
    days, all else is of the quantity's own kind."""
    return NUMBER if function == "mean" and kind.what == "flag" else kind


def scales(e: Expression) -> set[str]:
    """The units of the plain readings that an expression adds up; a product has none of them."""
    if isinstance(e, Call) and e.function in READINGS:
        return {READINGS[e.function][2]} - {"seats"}
    added = isinstance(e, Operation) and e.operator in ("+", "-", "neg")
    if added or (isinstance(e, Call) and e.function in (*COURSE, "min", "max", "abs", "clip")):
        return set[str]().union(*map(scales, parts(e)))
    return set()


def slip(e: Expression) -> str:
    """Why a number has no finite value whatever the world does ('' where it may have one)."""
    if isinstance(e, Call) and len(e.arguments) == 1:
        value = constant(e.arguments[0])
        if value is not None and e.function == "log" and value <= 0:
            return f"log({value:g}) has no value"
        if value is not None and e.function == "exp" and value > 700:
            return f"exp({value:g}) is too large"
    if not isinstance(e, Operation) or e.operator not in _ARITHMETIC:
        return ""
    values = [constant(o) for o in e.operands]
    if e.operator == "/" and values[1] == 0:
        return "this divides by zero"
    known = [v for v in values if v is not None]
    result = _arithmetic(e.operator, known) if len(known) == len(values) else 0.0
    return "" if result is not None and math.isfinite(result) else "this has no finite value"


_ARITHMETIC = ("+", "-", "*", "/", "^", "neg")


def constant(e: Expression) -> float | None:
    """The value of an expression without names, or None where it has any."""
    if isinstance(e, Number):
        return e.value
    if isinstance(e, Ref) and e.what in ("level", "flag"):
        return e.value
    if isinstance(e, Operation):
        values = [constant(o) for o in e.operands]
        if any(v is None for v in values):
            return None
        return _arithmetic(e.operator, [v for v in values if v is not None])
    return None


def _arithmetic(operator: str, v: list[float]) -> float | None:
    try:
        match operator:
            case "+":
                return v[0] + v[1]
            case "-":
                return v[0] - v[1]
            case "*":
                return v[0] * v[1]
            case "/":
                return v[0] / v[1]
            case "^":
                return math.pow(v[0], v[1])
            case "neg":
                return -v[0]
    except (ZeroDivisionError, OverflowError, ValueError):
        return None
    return None

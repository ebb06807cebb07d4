"""Several variants of a crisis as one: what they differ in becomes inputs of one tape.

Variants differ in numbers (a dial turned, an unknown set, a quantity held) or in whole formulas (a
move that is forbidden, a cost that is added). Their common form has an input in place of each
number that differs, and a choice by an input where formulas differ in more; what a variant gives to
the inputs makes the common form that variant. This is anti-unification (Plotkin 1970, Machine
Intelligence 5), of formulas alone: whatever decides which sections a day has (dates, outcomes,
lead times, consent) is the same in all, or the variants are not one.

A variant's bytes are those of its own tape. Numbers that a tape folds are folded by the functions
that work them out here; a term that a variant lacks adds 0, and a move that it forbids is never
available.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offramp.engine.by_value import ByValue
from offramp.engine.inputs import Draw, Given, Inputs, Ways
from offramp.engine.plan import Plan, Prior, plan, prior
from offramp.language.crisis import (
    Belief,
    Bloc,
    Crisis,
    Event,
    Silence,
    State,
    Type,
    Unknown,
    Vote,
    field_names,
)
from offramp.language.expressions import (
    Call,
    Expression,
    Number,
    Operation,
    Ref,
    SourcedValue,
    walk,
)
from offramp.language.identity import canonical
from offramp.text.diagnostics import Span

Floats = NDArray[np.float64]
Shape = object  # tuples of plain values, to be compared

# Fields that say nothing of worlds (but `about` of a belief says whom it is about); those that an
# input can give, or whose lack is a value; and formulas that are read once, when a crisis is laid
# out.
_OUTSIDE = {"title", "about", "cites", "span", "bases", "bounds", "text", "unit"}
_OPEN: dict[type, set[str]] = {
    Crisis: {"last", "show", "limits", "show_until"},
    State: {"low", "high", "fades", "rest"},
    Unknown: {"prior", "low", "high", "phrase", "interval"},
    Event: {"when", "cost", "urge"},
}
_FIXED: dict[type, set[str]] = {
    Event: {"dates"},
    Type: {"prior"},
    Belief: {"about", "learns"},
    Silence: {"lasts"},
    Vote: {"date", "quorum", "quota"},
    Bloc: {"seats"},
}
# What a formula that is not there comes to.
_NOWHERE = Span("not written", 1, 1)
_ABSENT = {"when": 1.0, "cost": 0.0, "urge": 0.0}


@dataclass(frozen=True, eq=False)
class Shared(ByValue):
    """The common form of some variants.

    crisis  with inputs in its formulas
    inputs  how many, and what else they give: bounds of quantities, priors
    values  (variants, inputs): what each variant gives
    stands  what each input stands for: of a number in formulas the places where it is written
    """

    crisis: Crisis
    inputs: Inputs
    values: Floats
    stands: tuple[object, ...]


def alike(crises: Sequence[Crisis]) -> list[list[int]]:
    """The places of variants in groups that can share one tape, in order of their first."""
    known: dict[int, Shape] = {}
    groups: dict[Shape, list[int]] = {}
    for place, crisis in enumerate(crises):
        groups.setdefault(_shape(crisis, known), []).append(place)
    return list(groups.values())


def same_shape(one: object, other: object) -> bool:
    """The same of an element of each: whether they differ in what inputs can give."""
    return _shape(one, {}) == _shape(other, {})


def shared(crises: Sequence[Crisis]) -> Shared:
    """The common form of variants that are alike; one alone is its own, without inputs."""
    given = _Given(len(crises))
    common = given.crisis(list(crises))
    inputs = Inputs(len(given.columns), tuple(given.bounds), tuple(given.priors))
    values = np.array(given.columns, np.float64).reshape(-1, len(crises)).T
    stands = tuple(what for what, _ in given.places)
    return Shared(common, inputs, np.ascontiguousarray(values), stands)


def together(crises: Sequence[Crisis]) -> tuple[Plan, Floats]:
    """The common plan of variants that are alike, and what each gives to its inputs (variants,
    inputs)."""
    common = shared(crises)
    return replace(plan(common.crisis), inputs=common.inputs), common.values


def _shape(value: Any, known: dict[int, Shape]) -> Shape:
    """What must be the same in all variants. Variants share most of their parts, so what was seen
    of a part is kept by its identity: the crises outlive `known`."""
    if isinstance(value, tuple):
        return tuple(_shape(x, known) for x in value)
    if isinstance(value, SourcedValue):
        return "a formula"
    names = field_names(value)
    if not names:
        return value
    if id(value) not in known:
        own, fixed = type(value), _FIXED.get(type(value), set())
        left = _OUTSIDE | _OPEN.get(own, set())
        parts: list[Shape] = [own.__name__]
        for name in names:
            part = getattr(value, name)
            if name in fixed:
                parts.append(repr(canonical(part)))
            elif name not in left:
                parts.append(_shape(part, known))
        known[id(value)] = tuple(parts)
    return known[id(value)]


class _Given:
    """Merges variants part by part, and collects the inputs: a column of values each."""

    def __init__(self, variants: int) -> None:
        self.variants = variants
        self.columns: list[list[float]] = []
        self.places: dict[tuple[object, tuple[float, ...]], int] = {}
        self.bounds: list[tuple[str, Given, Given]] = []
        self.priors: list[tuple[str, Ways]] = []

    def crisis(self, variants: list[Any]) -> Crisis:
        common: Crisis = self.merged(variants)
        for states in zip(*(c.states for c in variants), strict=True):
            ends = [[s.low for s in states], [s.high for s in states]]
            if any(len(set(x)) > 1 for x in ends):
                low, high = (self.number(x, (states[0].name, k), True) for k, x in enumerate(ends))
                self.bounds.append((states[0].name, low, high))
        for unknowns in zip(*(c.unknowns for c in variants), strict=True):
            if any(u is not unknowns[0] for u in unknowns):
                self.unknown(unknowns)
        return common

    def number(self, values: Sequence[float], what: object, given: bool = False) -> Given:
        """An input with these values, one a variant; the number itself where all are the same,
        unless it is `given` in any case. What stands in several places of the crisis (`what`) is
        one input."""
        column = tuple(float(x) for x in values)
        if not given and all(repr(x) == repr(column[0]) for x in column):
            return column[0]
        place = self.places.setdefault((what, column), len(self.columns))
        if place == len(self.columns):
            self.columns.append(list(column))
        return Ref("input", str(place), 0.0, _NOWHERE)

    def merged(self, parts: Sequence[Any]) -> Any:
        """One value for the same part of all variants."""
        first = parts[0]
        if all(x is first for x in parts):
            return first
        if any(isinstance(x, SourcedValue) for x in parts):
            return self.claim(parts)
        if isinstance(first, Unknown):
            return first  # its prior is among the inputs
        if isinstance(first, tuple):
            if any(len(x) != len(first) for x in parts):
                return first  # what is shown, cited or said of it
            return tuple(self.merged(x) for x in zip(*parts, strict=True))
        names = field_names(first)
        if not names:
            return first
        own, fixed = type(first), _FIXED.get(type(first), set())
        changed = dict[str, Any]()
        for name in names:
            if name in fixed or name in _OUTSIDE:
                continue
            some = [getattr(x, name) for x in parts]
            if any(x is None for x in some) and any(isinstance(x, SourcedValue) for x in some):
                changed[name] = self.partly(own, name, some)
            else:
                changed[name] = self.merged(some)
        return replace(first, **{k: v for k, v in changed.items() if v is not getattr(first, k)})

    def partly(self, own: type, name: str, parts: list[SourcedValue | None]) -> SourcedValue:
        """A formula that some variants lack."""
        if own is State:  # of a quantity that is held: whatever it fades to, it is brought back
            some = next(x for x in parts if x is not None)
            return self.claim([some if x is None else x for x in parts])
        absent = SourcedValue(Number(_ABSENT[name], "", None, _NOWHERE), (), "", _NOWHERE)
        return self.claim([absent if x is None else x for x in parts])

    def claim(self, parts: Sequence[SourcedValue]) -> SourcedValue:
        first = parts[0]
        merged = self.formula([x.expression for x in parts])
        return first if merged is first.expression else replace(first, expression=merged)

    def formula(self, parts: list[Expression]) -> Expression:
        """Formulas that differ in numbers alone become one; others are chosen by an input."""
        ways: dict[Shape, list[int]] = {}
        for place, expression in enumerate(parts):
            ways.setdefault(_skeleton(expression), []).append(place)
        options, old = [], {x.span for x in walk(parts[0]) if isinstance(x, Number)}
        for number, own in enumerate(ways.values()):
            # What the variants of other ways give here is never looked at. A number that another
            # way brings along is given, so that the tape serves any.
            filled = [parts[k] if k in set(own) else parts[own[0]] for k in range(len(parts))]
            options.append(self.aligned(filled, old if number else None))
        if len(options) == 1:
            return options[0]
        which = [0.0] * len(parts)
        for number, own in enumerate(ways.values()):
            for place in own:
                which[place] = float(number)
        switch = self.number(which, "which")
        assert isinstance(switch, Ref)
        return Call("chosen", (switch, *options), _NOWHERE)

    def aligned(self, parts: list[Expression], old: set[Span] | None) -> Expression:
        """Formulas of one shape as one. All numbers are given but the `old` ones, where these are
        named, and those that all have alike."""
        first = parts[0]
        if old is None and all(x is first for x in parts):
            return first
        if isinstance(first, Number):
            numbers = [x for x in parts if isinstance(x, Number)]
            spans = tuple(dict.fromkeys(x.span for x in numbers))
            fresh = old is not None and first.span not in old
            found = self.number([x.value for x in numbers], spans, fresh)
            return found if isinstance(found, Ref) else first
        if isinstance(first, Call):
            rows = zip(*(x.arguments for x in parts if isinstance(x, Call)), strict=True)
            return replace(first, arguments=tuple(self.aligned(list(row), old) for row in rows))
        if isinstance(first, Operation):
            rows = zip(*(x.operands for x in parts if isinstance(x, Operation)), strict=True)
            return replace(first, operands=tuple(self.aligned(list(row), old) for row in rows))
        return first

    def unknown(self, variants: Sequence[Unknown]) -> None:
        """How the unknown is drawn in each: priors of one kind differ in numbers, kinds are chosen
        among."""
        drawn, kinds = [prior(u) for u in variants], dict[tuple[str, int], list[int]]()
        if all(x == drawn[0] for x in drawn):
            return
        for place, x in enumerate(drawn):
            kinds.setdefault((x.kind, len(x.chances)), []).append(place)
        name, ways = drawn[0].name, []
        for own in kinds.values():
            filled = [drawn[k] if k in set(own) else drawn[own[0]] for k in range(len(drawn))]
            ways.append(self.prior(name, filled))
        which = [float(list(kinds).index((x.kind, len(x.chances)))) for x in drawn]
        self.priors.append((name, Ways(self.number(which, (name, "kind")), tuple(ways))))

    def prior(self, name: str, drawn: list[Prior]) -> Draw:
        first = drawn[0]
        a, b = (
            self.number([getattr(x, end) for x in drawn], (name, first.kind, end), True)
            for end in ("a", "b")
        )
        chances = tuple(
            self.number([x.chances[k] for x in drawn], (name, k), True)
            for k in range(len(first.chances))
        )
        return Draw(first.kind, a, b, chances)


def _skeleton(e: Expression) -> Shape:
    """A formula without its numbers and places."""
    if isinstance(e, Number):
        return "a number"
    if isinstance(e, Call):
        return (e.function, *map(_skeleton, e.arguments))
    if isinstance(e, Operation):
        return (e.operator, *map(_skeleton, e.operands))
    return repr(canonical(e))

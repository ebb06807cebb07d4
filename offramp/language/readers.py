"""Readers of small values: a mapping, a list, a name, a claim with its basis. All that is written
in a case is read with these; what they find wrong goes to `found`, and they read on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sized
from dataclasses import dataclass, field, replace
from typing import Any, Generic, NamedTuple, TypeVar

from offramp.language import crisis as c
from offramp.language import doubts
from offramp.language.expressions import (
    NAME,
    Basis,
    Date,
    Name,
    Number,
    Operation,
    SourcedValue,
    parse_claim,
    walk,
)
from offramp.language.kinds import (
    ANY,
    DAYS,
    FLAG,
    NUMBER,
    Kind,
    Resolver,
    Scope,
    constant,
    slip,
    unit_words,
)
from offramp.sources.estimative import Phrases
from offramp.text.diagnostics import Diagnostics, Span, plural, suggestion
from offramp.text.tree import Mapping, Node, Sequence, Text

T = TypeVar("T")

MOST_NAMES = 100  # levels of a ladder, values of an unknown, options of a choice


@dataclass(frozen=True)
class Declared:
    """What the names of a crisis mean: kinds of its quantities and unknowns, its actors, those of
    them that have agendas with these, its events with their outcomes, its first and last day."""

    scope: Scope
    actors: tuple[str, ...]
    agendas: dict[str, tuple[str, ...]]
    events: dict[str, tuple[str, ...]]
    first: dt.date | None = None
    last: dt.date | None = None


NOTHING = Declared(Scope({}, {}, frozenset()), (), {}, {})


class Entry(NamedTuple, Generic[T]):
    """An entry of a section, what was read of it, and the readers that read it and nothing else."""

    key: Text
    node: Mapping
    value: T
    by: Readers


Entries = dict[tuple[str, str], Entry[Any]]


# ---- without a crisis --------------------------------------------------------------------


def known(node: Mapping, allowed: Iterable[str], what: str, found: Diagnostics) -> None:
    """Every key that is not allowed is an error."""
    names = tuple(allowed)
    for key, _ in node:
        if key.value not in names:
            found.error(
                key.span,
                "unknown-key",
                f"{what} has no key '{key.value}'",
                suggestion(key.value, names, "keys"),
            )


def entries(
    node: Node | None, what: str, found: Diagnostics, see: str = "as in docs/language"
) -> Mapping | None:
    """The node as keys and values; None where it is absent, or is something else and reported."""
    if node is None or isinstance(node, Mapping):
        return node
    found.error(node.span, "shape", f"{what} wants keys and values", see)
    return None


def texts(node: Node | None) -> list[Text]:
    """The single values of a list, or the one that stands for a list."""
    if isinstance(node, Sequence):
        return [item for item in node.items if isinstance(item, Text)]
    return [node] if isinstance(node, Text) and node.value.strip() else []


def unknown_name(text: Text | Name, among: Iterable[str], what: str, found: Diagnostics) -> None:
    """Nothing of this sort has that name."""
    name = text.value if isinstance(text, Text) else text.name
    found.error(
        text.span,
        f"unknown-{what}",
        f"unknown {what} '{name}'",
        suggestion(name, among, plural(what)),
    )


def lacks(span: Span, what: str, keys: Iterable[str], see: str, found: Diagnostics) -> None:
    """Keys that must be there and are not."""
    needed = " and ".join(f"`{key}:`" for key in keys)
    found.error(span, "missing", f"{what} needs {needed}", see)


def title_of(name: str) -> str:
    """A name in words."""
    return name.replace("_", " ").replace(".", " ")


# ---- against a crisis --------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Readers:
    """Readers that know the names of a crisis, or as many as are `declared`.

    passages   that may be cited; None: any
    phrases    the case's own, over those that ship with the package
    shares     collects the values that are chances, amounts those that cannot be negative, and
               half_lives those that must stay above 0
    entries    collects what was read of each entry, by its section and name
    """

    found: Diagnostics
    passages: frozenset[str] | None
    phrases: Phrases
    declared: Declared = NOTHING
    shares: list[doubts.Named] = field(default_factory=list)
    amounts: list[doubts.Named] = field(default_factory=list)
    half_lives: list[doubts.Named] = field(default_factory=list)
    entries: Entries = field(default_factory=dict)

    def knowing(self, declared: Declared) -> Readers:
        """The same, with other names; findings and collected values go where they went."""
        return replace(self, declared=declared)

    @property
    def scope(self) -> Scope:
        return self.declared.scope

    def knows(self, declared: Declared, passages: frozenset[str] | None, phrases: Phrases) -> bool:
        """Whether these names, passages and phrases are all that these readers know."""
        mine = (self.declared, self.passages, self.phrases)
        return mine == (declared, passages, phrases)

    def mapping(self, node: Node | None, what: str, span: Span) -> Mapping:
        """Keys and values; none where there are none, or where it is something else."""
        found = entries(node, what, self.found)
        return Mapping((), span if node is None else node.span) if found is None else found

    def section(self, root: Mapping, name: str) -> list[tuple[Text, Mapping]]:
        node = self.mapping(root.get(name), f"'{name}:'", root.span)
        return [
            (key, self.mapping(value, f"{name} '{key.value}'", key.span)) for key, value in node
        ]

    def known(self, node: Mapping, allowed: Iterable[str], what: str) -> None:
        known(node, allowed, what, self.found)

    def each(
        self,
        section: str,
        entries: Iterable[tuple[Text, Mapping]],
        read: Callable[[Readers, Text, Mapping], T],
        before: Entries,
    ) -> tuple[T, ...]:
        """What `read` makes of each entry of a section. One that `before` has with the same text
        is taken from there, with all that was found in it; the names must have been the same."""
        return tuple(self._entry(section, key, node, read, before).value for key, node in entries)

    def _entry(
        self,
        section: str,
        key: Text,
        node: Mapping,
        read: Callable[[Readers, Text, Mapping], T],
        before: Entries,
    ) -> Entry[T]:
        entry = before.get((section, key.value))
        if entry is None or (entry.key, entry.node) != (key, node):
            alone = Readers(Diagnostics(), self.passages, self.phrases, self.declared)
            entry = Entry(key, node, read(alone, key, node), alone)
        self.found.found += entry.by.found.found
        self.shares.extend(entry.by.shares)
        self.amounts.extend(entry.by.amounts)
        self.half_lives.extend(entry.by.half_lives)
        self.entries[section, key.value] = entry
        return entry

    def words(self, node: Mapping, key: str, default: str = "") -> str:
        value = node.get(key)
        if value is None:
            return default
        if isinstance(value, Text):
            return " ".join(value.value.split())
        self.found.error(value.span, "shape", f"'{key}' wants words")
        return default

    def text(self, node: Node | None, what: str) -> Text | None:
        if node is None or isinstance(node, Text):
            return node
        self.found.error(node.span, "shape", f"{what} wants a single value")
        return None

    def names(self, node: Node | None, what: str) -> list[Text]:
        """A list of single values, or one alone."""
        if isinstance(node, Sequence):
            for item in node.items:
                self.text(item, what)
        elif node is not None and not isinstance(node, Text):
            self.found.error(node.span, "shape", f"{what} wants a list, as in [a, b]")
        return texts(node)

    def flag(self, node: Mapping, key: str) -> bool:
        value = self.text(node.get(key), key)
        if value is None:
            return False
        word = value.value.split(" ")[0]
        if word not in ("yes", "no"):
            self.found.error(value.span, "kind", f"'{key}' is yes or no, not '{value.value}'")
        return word == "yes"

    def cites(self, node: Mapping) -> tuple[str, ...]:
        ids = self.names(node.get("cites"), "cites")
        for text in ids:
            self.passage(text.value, text.span)
        return tuple(text.value for text in ids)

    def passage(self, passage: str, span: Span) -> None:
        if self.passages is None or passage in self.passages or f"{passage}.1" in self.passages:
            return  # D22 stands for all sides of the disagreement: D22.1, D22.2, ...
        if passage:
            self.found.error(
                span,
                "unknown-passage",
                f"there is no passage '{passage}'",
                suggestion(passage, self.passages) or "passages are listed in passages.yaml",
            )

    @property
    def names_known(self) -> frozenset[str]:
        """What an expression may name."""
        return frozenset((*self.scope.states, *self.scope.unknowns, "today"))

    def unknown_name(self, text: Text | Name, among: Iterable[str], what: str) -> None:
        unknown_name(text, among, what, self.found)

    def name_ok(self, key: Text) -> None:
        parts = key.value.split(".")
        reserved = ("and", "or", "not", "yes", "no", "off", "today")
        readable = all(p.isidentifier() and NAME.fullmatch(p) for p in parts)
        if not readable or key.value in reserved:
            self.found.error(
                key.span,
                "name",
                f"'{key.value}' cannot be a name",
                "letters, digits, '_' and '.', not beginning with a digit; words go to `name:`",
            )

    def few(self, listed: Sized, key: Text, what: str) -> None:
        """A list of names that each have a band, a row or a bar of their own."""
        if len(listed) > MOST_NAMES:
            self.found.error(
                key.span,
                "too-many",
                f"{what}: {len(listed):,} names",
                f"{MOST_NAMES} at most; "
                "more cannot be distinguished: a stock has values between two numbers",
            )

    def claim(
        self,
        node: Node | None,
        what: str,
        kind: Kind | None,
        *,
        scope: Scope | None = None,
        marked: bool = False,
        condition: bool = False,
        share: bool = False,
    ) -> SourcedValue | None:
        """A value as a checked claim. `marked`: the whole value is a claim and needs a mark."""
        text = self.text(node, what)
        if text is None:
            return None
        parsed = parse_claim(text, self.found)
        if parsed is None:
            return None
        return self.check(
            parsed, what, kind, scope=scope, marked=marked, condition=condition, share=share
        )

    def check(
        self,
        claim: SourcedValue,
        what: str,
        kind: Kind | None,
        *,
        scope: Scope | None = None,
        marked: bool = False,
        condition: bool = False,
        share: bool = False,
    ) -> SourcedValue | None:
        self.bases(claim.bases)
        resolver = Resolver(scope or self.scope, self.found)
        before = len(self.found.errors)
        expression, actual = resolver.resolve(claim.expression, kind)
        resolved = replace(claim, expression=expression)
        if len(self.found.errors) == before and actual is not ANY:
            self.agree(expression.span, what, kind, actual)
        self.basis(resolved, what, marked and not condition)
        self.finite(resolved)
        value = constant(expression)
        if share:
            self.shares.append((what, resolved))
        if share and value is not None and not 0 <= value <= 1:
            self.found.error(
                expression.span,
                "probability",
                f"{what} is a probability and cannot be {value:g}",
                "write a number from 0 to 1; 35% is .35",
            )
        return resolved

    def rate(self, node: Mapping, key: str, what: str, kind: Kind = NUMBER) -> SourcedValue | None:
        """A value that cannot be negative: a rate, a precision, a spread, a time."""
        label = f"{what}, {key}"
        return self.not_negative(self.claim(node.get(key), label, kind), label)

    def days(self, node: Mapping, key: str, what: str) -> SourcedValue | None:
        """A time that ends on a day: a whole number of days, 0 or more."""
        return self.whole_number(
            self.rate(node, key, what, DAYS),
            f"{what}, {key}",
            "worlds are simulated by whole days",
            "as in 2d",
        )

    def decider(self, node: Mapping, key: str, what: str) -> str | None:
        text = self.text(node.get(key), f"{what}, {key}")
        if text is None:
            return None
        if text.value not in self.declared.actors:
            self.unknown_name(text, self.declared.actors, "actor")
            return None
        return text.value

    def deciders(self, node: Mapping, key: str, what: str, but: str | None) -> tuple[str, ...]:
        """Actors of a list, each once, `but` not among them."""
        out: list[str] = []
        for text in self.names(node.get(key), f"{what}, {key}"):
            if text.value not in self.declared.actors:
                self.unknown_name(text, self.declared.actors, "actor")
            elif text.value == but or text.value in out:
                self.found.error(
                    text.span,
                    "consent",
                    f"{what}: '{text.value}' "
                    + ("decides already" if text.value == but else "is asked twice"),
                    "name each of those who must agree beside the mover once",
                )
            else:
                out.append(text.value)
        return tuple(out)

    def options(self, node: Node | None, what: str, scope: Scope) -> tuple[c.Option, ...]:
        options = []
        mapping = self.mapping(node, what, node.span if node else Span("", 1, 1))
        self.few(mapping.entries, Text("", mapping.span), f"{what}, values")
        for key, value in mapping:
            claim = self.claim(value, f"{what}, '{key.value}'", NUMBER, scope=scope, share=True)
            if claim is not None:
                options.append(c.Option(key.value, claim))
        total = [constant(o.chance.expression) for o in options]
        if options and all(t is not None for t in total):
            s = sum(t for t in total if t is not None)
            if abs(s - 1) > 1e-6:
                self.found.error(
                    mapping.span, "probability", f"the probabilities of {what} sum to {s:g}, not 1"
                )
        return tuple(options)

    def fixed(self, claim: SourcedValue | None, what: str) -> SourcedValue | None:
        """The claim, which must be a number in every world."""
        if claim is not None and constant(claim.expression) is None:
            self.found.error(
                claim.expression.span,
                "not-fixed",
                f"{what} must be a number in every world",
                "write the number itself, without names or functions",
            )
        return claim

    def not_negative(self, claim: SourcedValue | None, what: str) -> SourcedValue | None:
        """The claim, where its value is known to be 0 or more, or not known before the run."""
        value = constant(claim.expression) if claim else None
        if claim is not None:
            self.amounts.append((what, claim))
        if claim is not None and value is not None and value < 0:
            self.found.error(
                claim.expression.span,
                "negative",
                f"{what} cannot be below 0, and is {value:g}",
                "write 0 or more",
            )
        return claim

    def whole_number(
        self, claim: SourcedValue | None, what: str, why: str, help: str
    ) -> SourcedValue | None:
        """The claim, where its value is a whole number, or not known before the run."""
        value = constant(claim.expression) if claim else None
        if claim is not None and value is not None and abs(value - round(value)) > 1e-9:
            self.found.error(
                claim.expression.span, "whole", f"{what} is {value:g}, and {why}", help
            )
        return claim

    def in_crisis(self, date: Date, what: str) -> None:
        first, last = self.declared.first, self.declared.last
        if first and last and not first <= date.value <= last:
            self.found.error(
                date.span,
                "dates",
                f"{what} is dated {date.value}, outside the crisis ({first} to {last})",
                "change the date, or `from:` and `to:`",
            )

    def finite(self, claim: SourcedValue) -> None:
        """No part may be a slip: a division by zero, the logarithm of 0."""
        slips = [(part.span, why) for part in walk(claim.expression) if (why := slip(part))]
        for span, why in slips[-1:]:  # the innermost; what stands around it follows from it
            self.found.error(span, "arithmetic", why, "write a value that can be worked out")

    def agree(self, span: Span, what: str, wanted: Kind | None, actual: Kind) -> None:
        if wanted is None or wanted is ANY or wanted == actual:
            return
        if wanted.what == actual.what == "ladder" and wanted.levels == actual.levels:
            return
        if wanted.what == "number":
            if actual.what == "zero" or (actual.what == "flag" and not wanted.unit):
                return
            if actual.what == "number":
                if actual.unit == wanted.unit:
                    return
                help = "as in 90d" if wanted == DAYS else ""
                if wanted.unit and wanted != DAYS and not actual.unit:
                    help = f"write the unit: as in 500 {unit_words(wanted.unit)}"
                self.found.error(span, "unit", f"{what} wants {wanted}, not {actual}", help)
                return
        help = ""
        if wanted == FLAG:
            help = "a condition compares: x >= 1"
        if wanted.what == "ladder":
            help = f"a level of {wanted.ladder}: " + ", ".join(wanted.levels)
        self.found.error(span, "kind", f"{what} wants {wanted}, not {actual}", help)

    def bases(self, bases: Iterable[Basis]) -> None:
        for basis in bases:
            for passage in basis.passages:
                self.passage(passage, basis.span)
            swallowed = doubts.formula(basis.reason, self.names_known) if basis.reason else ""
            if swallowed:
                self.found.warning(
                    basis.span,
                    "formula",
                    f"this reason holds '{swallowed}', which looks like a "
                    "formula; nothing behind the `?` is worked out",
                    "a reason runs to the end of its value; inside one it stands in brackets, as "
                    "in `.2 [? most weeks] * (1 + height(rung))`",
                )

    def basis(self, claim: SourcedValue, what: str, marked: bool) -> None:
        """Rule 2: every number and every arrow has a basis."""
        alone = isinstance(claim.expression, Number) or (
            isinstance(claim.expression, Operation) and constant(claim.expression) is not None
        )
        for part in walk(claim.expression):
            if isinstance(part, Number) and part.basis is None:
                structural = part.value in (0.0, 1.0) and not alone
                if not structural:
                    self.found.error(
                        part.span,
                        "no-basis",
                        f"the number {part.value:g} in {what} has no basis",
                        "behind it: @V51 (stated there), ~V51 (supported, size ours), "
                        "or ? and a reason",
                    )
                    return
            elif isinstance(part, Date) and part.basis is None and marked:
                self.found.error(
                    part.span,
                    "no-basis",
                    f"the date in {what} has no basis",
                    "as in 2020-02-21 @S2",
                )
                return
        if marked and not claim.bases:
            self.found.error(
                claim.span,
                "no-basis",
                f"{what} has no basis: an arrow is a claim too",
                "behind it: @V51, ~V51, or ? and a reason",
            )

"""From the expanded tree to a typed `Crisis`: every key known, every name resolved, every
number with a basis. Collects all errors and never stops at the first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sized
from dataclasses import dataclass, replace

from offramp.language import crisis as c
from offramp.language import doubts
from offramp.language.expressions import (
    NAME,
    Basis,
    Claim,
    Date,
    Name,
    Number,
    Operation,
    Ref,
    parse_arrow,
    parse_claim,
    parse_plain,
    parse_range,
    walk,
)
from offramp.language.kinds import (
    ANY,
    DATE,
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

COMMON = ("name", "about", "cites")
MOST_NAMES = 100  # levels of a ladder, values of an unknown, options of a choice
STATE_KINDS = ("stock", "share", "ladder", "flag", "count", "clock")
PRIORS = ("between", "share", "scale", "normal", "says", "among")
SECTIONS = (
    "crisis",
    "from",
    "to",
    "show",
    "limits",
    "state",
    "actor",
    "event",
    "unknown",
    "belief",
)
FORMS = ("body", "pact", "hazard", "proxy", "threat", "channel")
ROLES = ("decider", "audience", "organ", "process", "mediator")
KEYS: dict[str, tuple[str, ...]] = {  # what an entry may say, and what stands within it
    "state": (*COMMON, *STATE_KINDS, "now", "fades", "rest"),
    "unknown": (*COMMON, *PRIORS, "dice"),
    "actor": (
        *COMMON,
        "role",
        "pace",
        "precision",
        "foresight",
        "weighs",
        "mood",
        "will",
        "wants",
        "fears",
        "awaits",
        "dice",
    ),
    "fear": ("weight", "lasts"),
    "event": (
        *COMMON,
        "by",
        "rate",
        "on",
        "vote",
        "when",
        "does",
        "outcomes",
        "cost",
        "urge",
        "once",
        "pause",
        "takes",
        "consent",
        "private",
        "shown",
        "unclaimed",
        "forecloses",
        "dice",
    ),
    "outcome": ("chance", "does", "name"),
    "vote": ("held", "quorum", "quota", "blocs", "veto"),
    "bloc": ("seats", "yes", "spread", "attends", "whole", "name"),
    "unclaimed": ("observer", "suspects", "clarity"),
    "belief": (*COMMON, "types", "learns", "silence"),
    "silence": ("after", "for", "answers"),
}
MAX_DAYS = 3660


@dataclass(frozen=True)
class Declared:
    """What the names of a crisis mean: kinds of its quantities and unknowns, its actors, its events
    with their outcomes, its first and last day."""

    scope: Scope
    actors: tuple[str, ...]
    events: dict[str, tuple[str, ...]]
    first: dt.date | None = None
    last: dt.date | None = None


class Builder:
    """Reads one crisis. The scope grows in order: states and unknowns first, then the rest.

    `phrases` are the case's own, over those that ship with the package. With `declared`, from the
    builder of a crisis, it reads what stands beside that crisis.
    """

    def __init__(
        self,
        found: Diagnostics,
        passages: frozenset[str] | None,
        phrases: Phrases,
        declared: Declared | None = None,
    ):
        declared = declared or Declared(Scope({}, {}, frozenset()), (), {})
        self.found = found
        self.passages = passages
        self.phrases = phrases
        self.scope = declared.scope
        self.deciders = declared.actors
        self.event_names = dict(declared.events)
        self.first, self.last = declared.first, declared.last
        self.shares: list[doubts.Named] = []  # values that are chances
        self.amounts: list[doubts.Named] = []  # values that cannot be negative

    # ---- small readers -------------------------------------------------------------------

    def mapping(self, node: Node | None, what: str, span: Span) -> Mapping:
        if node is None:
            return Mapping((), span)
        if isinstance(node, Mapping):
            return node
        self.found.error(node.span, "shape", f"{what} wants keys and values", "as in docs/language")
        return Mapping((), node.span)

    def known(self, node: Mapping, allowed: Iterable[str], what: str) -> None:
        names = tuple(allowed)
        for key, _ in node:
            if key.value not in names:
                self.found.error(
                    key.span,
                    "unknown-key",
                    f"{what} has no key '{key.value}'",
                    suggestion(key.value, names, "keys"),
                )

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
        if node is None:
            return []
        if isinstance(node, Text):
            return [node] if node.value.strip() else []
        if isinstance(node, Sequence):
            return [t for t in (self.text(item, what) for item in node.items) if t is not None]
        self.found.error(node.span, "shape", f"{what} wants a list, as in [a, b]")
        return []

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

    # ---- claims --------------------------------------------------------------------------

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
    ) -> Claim | None:
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
        claim: Claim,
        what: str,
        kind: Kind | None,
        *,
        scope: Scope | None = None,
        marked: bool = False,
        condition: bool = False,
        share: bool = False,
    ) -> Claim | None:
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

    def finite(self, claim: Claim) -> None:
        """No part may be a slip: a division by zero, the logarithm of 0."""
        slips = [(part.span, why) for part in walk(claim.expression) if (why := slip(part))]
        for span, why in slips[-1:]:  # the innermost; what stands around it follows from it
            self.found.error(span, "arithmetic", why, "write a value that can be worked out")

    def not_negative(self, claim: Claim | None, what: str) -> Claim | None:
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

    def fixed(self, claim: Claim | None, what: str) -> Claim | None:
        """The claim, which must be a number in every world."""
        if claim is not None and constant(claim.expression) is None:
            self.found.error(
                claim.expression.span,
                "not-fixed",
                f"{what} must be a number in every world",
                "write the number itself, without names or functions",
            )
        return claim

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

    def basis(self, claim: Claim, what: str, marked: bool) -> None:
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

    # ---- the whole -----------------------------------------------------------------------

    def build(self, root: Mapping) -> c.Crisis | None:
        self.known(root, SECTIONS, "a crisis file")
        self.shares, self.amounts = [], []
        self.frame(root)
        states = self.section(root, "state")
        unknowns = self.section(root, "unknown")
        self.declare(states, unknowns)
        typed_unknowns = tuple(self.unknown(k, n) for k, n in unknowns)
        typed_states = tuple(self.state(k, n) for k, n in states)
        actors = self.section(root, "actor")
        events = self.section(root, "event")
        beliefs = self.section(root, "belief")
        self.deciders = tuple(k.value for k, _ in actors)
        self.event_names = {k.value: tuple(self.outcome_names(n)) for k, n in events}
        self.scope = replace(self.scope, beliefs=self.belief_types(beliefs))
        typed_beliefs = tuple(b for b in (self.belief(k, n) for k, n in beliefs) if b)
        typed_actors = tuple(self.actor(k, n) for k, n in actors)
        typed_events = tuple(self.event(k, n) for k, n in events)
        title = self.words(root, "crisis", "A crisis")
        show = self.show(root)
        first, last = self.first, self.last
        if first is None or last is None:
            return None
        crisis = c.Crisis(
            title=title,
            first=first,
            last=last,
            show=show,
            states=typed_states,
            unknowns=typed_unknowns,
            actors=typed_actors,
            events=typed_events,
            beliefs=typed_beliefs,
            limits=tuple(
                " ".join(t.value.split()) for t in self.names(root.get("limits"), "limits")
            ),
        )
        self.whole(crisis)
        return crisis

    @property
    def declared(self) -> Declared:
        """What the names mean in the crisis that was built."""
        return Declared(self.scope, self.deciders, self.event_names, self.first, self.last)

    def section(self, root: Mapping, name: str) -> list[tuple[Text, Mapping]]:
        node = self.mapping(root.get(name), f"'{name}:'", root.span)
        entries = []
        for key, value in node:
            entries.append((key, self.mapping(value, f"{name} '{key.value}'", key.span)))
        return entries

    def frame(self, root: Mapping) -> None:
        self.first = self.date(root, "from")
        self.last = self.date(root, "to")
        if self.first and self.last:
            days = (self.last - self.first).days + 1
            key = root.get("to")
            span = key.span if key is not None else root.span
            if days < 1:
                self.found.error(span, "dates", "the crisis ends before it begins")
                self.last = None
            elif days > MAX_DAYS:
                self.found.error(span, "dates", f"{days} days are too many", "ten years at most")
                self.last = None

    def date(self, root: Mapping, key: str) -> dt.date | None:
        text = self.text(root.get(key), key)
        if text is None:
            self.found.error(
                root.span, "missing", f"'{key}:' is missing", f"as in `{key}: 2020-01-03`"
            )
            return None
        claim = parse_claim(text, self.found)
        if claim is None:
            return None
        if not isinstance(claim.expression, Date):
            self.found.error(text.span, "kind", f"'{key}:' wants a date", "as in 2020-01-03")
            return None
        return claim.expression.value

    def show(self, root: Mapping) -> tuple[str, ...]:
        shown = self.names(root.get("show"), "show")
        for text in shown:
            if text.value not in self.scope.states:
                self.unknown_name(text, self.scope.states, "quantity")
        if shown and self.scope.states.get(shown[0].value, ANY).what not in ("ladder", "any"):
            self.found.error(
                shown[0].span,
                "kind",
                "the first of `show:` is the ladder of the brief's fan",
                suggestion(
                    shown[0].value,
                    [k for k, v in self.scope.states.items() if v.what == "ladder"],
                    "ladders",
                ),
            )
        return tuple(t.value for t in shown if t.value in self.scope.states)

    def unknown_name(self, text: Text | Name, known: Iterable[str], what: str) -> None:
        name = text.value if isinstance(text, Text) else text.name
        self.found.error(
            text.span,
            f"unknown-{what}",
            f"unknown {what} '{name}'",
            suggestion(name, known, plural(what)),
        )

    def declare(
        self, states: list[tuple[Text, Mapping]], unknowns: list[tuple[Text, Mapping]]
    ) -> None:
        """Names and kinds first, so that order in the file does not matter."""
        kinds: dict[str, Kind] = {}
        units: set[str] = set()
        for key, node in states:
            kinds[key.value] = self.state_kind(key, node, units)
        unknown_kinds: dict[str, Kind] = {}
        for key, node in unknowns:
            if key.value in kinds:
                self.found.error(
                    key.span,
                    "name-clash",
                    f"'{key.value}' is a quantity already",
                    "give the unknown another name",
                )
            among = node.get("among")
            levels = tuple(among.keys()) if isinstance(among, Mapping) else ()
            unknown_kinds[key.value] = Kind("ladder", (), key.value, levels) if levels else NUMBER
        for key in [k for k, _ in states] + [k for k, _ in unknowns]:
            self.name_ok(key)
        self.scope = Scope(kinds, unknown_kinds, frozenset(units))

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

    def state_kind(self, key: Text, node: Mapping, units: set[str]) -> Kind:
        given = [k for k in STATE_KINDS if node.key(k)]
        if len(given) != 1:
            self.found.error(
                key.span,
                "state-kind",
                f"'{key.value}' must be exactly one of {', '.join(STATE_KINDS)}"
                + (f"; it is {' and '.join(given)}" if given else ""),
                "as in `share: .4 ~V9`",
            )
            return ANY
        if given[0] == "ladder":
            levels = tuple(t.value for t in self.names(node.get("ladder"), "ladder"))
            return Kind("ladder", (), key.value, levels)
        if given[0] == "flag":
            return FLAG
        if given[0] == "clock":
            return DAYS
        if given[0] == "stock":
            text = node.get("stock")
            unit = _unit_of(text) if isinstance(text, Text) else ""
            if unit and unit != "d":
                units.add(unit)
            return Kind("number", ((unit, 1),)) if unit else NUMBER
        return NUMBER

    def state(self, key: Text, node: Mapping) -> c.State:
        self.known(node, KEYS["state"], f"state '{key.value}'")
        kind = next((k for k in STATE_KINDS if node.key(k)), "stock")
        declared = self.scope.states.get(key.value, ANY)
        what = f"state '{key.value}'"
        low, high = 0.0, 1.0
        levels: tuple[str, ...] = ()
        bounds: tuple[Claim, Claim] | None = None
        start_node, wanted = node.get(kind), declared
        scope = replace(self.scope, states={}) if declared is not ANY else self.scope
        if kind == "stock":
            bounds, low, high = self.stock_bounds(node, what)
            start_node = node.get("now")
        elif kind == "ladder":
            levels = declared.levels
            high = float(max(1, len(levels) - 1))
            if len(set(levels)) != len(levels) or len(levels) < 2:
                span = node.get("ladder").span if node.get("ladder") else key.span  # type: ignore[union-attr]
                self.found.error(span, "ladder", "a ladder needs two or more different levels")
            names = self.names(node.get("ladder"), "ladder")
            self.few(names, node.key("ladder") or key, f"{what}, ladder")
            for level in names:
                self.name_ok(level)
            start_node = node.get("now")
        elif kind == "count":
            high = 1e9
        elif kind == "clock":
            low, high = -1.0, float(MAX_DAYS)
        if kind in ("stock", "ladder") and start_node is None:
            self.found.error(
                key.span, "missing", f"{what} has no start value", "add `now:`, zero is a value too"
            )
        start = self.start(start_node, kind, what, wanted, scope)
        if kind == "clock":
            self.whole_number(start, what, "a clock counts whole days", "as in 30d")
        fades = self.claim(node.get("fades"), f"{what}, fades", DAYS, scope=scope)
        value = constant(fades.expression) if fades else None
        if fades and value is not None and value <= 0:
            self.found.error(fades.expression.span, "half-life", "a half-life is above 0 days")
        rest = self.claim(node.get("rest"), f"{what}, rest", wanted, scope=scope)
        if kind in ("flag", "clock", "count") and fades is not None:
            self.found.error(fades.span, "fades", f"a {kind} does not fade", "use a stock or share")
        self.within(start, low, high, f"{what} starts at", kind)
        self.within(rest, low, high, f"{what} rests at", kind)
        return c.State(
            name=key.value,
            title=self.words(node, "name", _title(key.value)),
            about=self.words(node, "about"),
            cites=self.cites(node),
            kind=kind,
            bounds=bounds,
            low=low,
            high=high,
            unit=declared.unit,
            levels=levels,
            start=start,
            fades=fades,
            rest=rest,
            span=key.span,
        )

    def stock_bounds(
        self, node: Mapping, what: str
    ) -> tuple[tuple[Claim, Claim] | None, float, float]:
        text = self.text(node.get("stock"), what)
        pair = parse_range(text, self.found) if text else None
        if pair is None or text is None:
            return None, 0.0, 1.0
        self.bases(pair[0].bases)
        values = [constant(p.expression) for p in pair]
        if values[0] is None or values[1] is None:
            self.found.error(
                text.span, "bounds", f"bounds of {what} must be numbers", "0 .. 6 ? why"
            )
            return None, 0.0, 1.0
        if values[0] >= values[1]:
            self.found.error(text.span, "bounds", f"the bounds of {what} are empty or reversed")
        if any(v not in (0.0, 1.0) for v in values) and not pair[0].bases:
            self.found.error(
                text.span,
                "no-basis",
                f"the bounds of {what} have no basis",
                "0 .. 6 ? room to move",
            )
        return pair, values[0], values[1]

    def start(
        self, node: Node | None, kind: str, what: str, wanted: Kind, scope: Scope
    ) -> Claim | None:
        marked = False
        text = self.text(node, f"{what}, start")
        claim = parse_claim(text, self.found) if text is not None else None
        if claim is None:
            return None
        expression = claim.expression
        if isinstance(expression, Number) and kind == "count" and expression.value == 0:
            return claim
        if kind in ("flag", "clock"):
            marked = not (isinstance(expression, Name) and expression.name in ("no", "off"))
        return self.check(claim, f"{what}, start", wanted, scope=scope, marked=marked)

    def within(self, start: Claim | None, low: float, high: float, what: str, kind: str) -> None:
        value = constant(start.expression) if start else None
        if start and value is not None and not low <= value <= high:
            code = "probability" if kind == "share" else "bounds"
            self.found.error(
                start.expression.span,
                code,
                f"{what} {value:g}, outside {low:g} .. {high:g}",
            )

    # ---- unknowns ------------------------------------------------------------------------

    def unknown(self, key: Text, node: Mapping) -> c.Unknown:
        what = f"unknown '{key.value}'"
        self.known(node, KEYS["unknown"], what)
        given = [p for p in PRIORS if node.key(p)]
        prior = given[0] if given else "between"
        if len(given) != 1:
            self.found.error(
                key.span,
                "prior",
                f"{what} must have exactly one prior: {', '.join(PRIORS)}",
                "as in `share: .3 .. .95 ~B59`",
            )
        low = high = None
        options: tuple[c.Option, ...] = ()
        phrase, interval = "", None
        bases: tuple[Basis, ...] = ()
        none = replace(self.scope, states={}, unknowns={})
        if prior == "among":
            options = self.options(node.get("among"), what, none)
            names = node.get("among")
            for name, _ in names if isinstance(names, Mapping) else ():
                self.name_ok(name)
            for option in options:
                self.fixed(option.chance, f"{what}, '{option.name}'")
            if isinstance(names, Mapping) and not names.entries:
                self.found.error(key.span, "prior", f"{what} names no value", "a: .4 ? why")
        elif prior == "says":
            phrase, interval, bases = self.says(node, what)
        elif given:
            low, high = self.prior_range(node.get(prior), what, prior, none)
        return c.Unknown(
            name=key.value,
            title=self.words(node, "name", _title(key.value)),
            about=self.words(node, "about"),
            cites=self.cites(node),
            prior=prior,
            low=low,
            high=high,
            options=options,
            phrase=phrase,
            interval=interval,
            bases=bases,
            dice=self.words(node, "dice", key.value),
            span=key.span,
        )

    def says(
        self, node: Mapping, what: str
    ) -> tuple[str, tuple[float, float] | None, tuple[Basis, ...]]:
        text = self.text(node.get("says"), what)
        parsed = parse_plain(text, self.found) if text else None
        if parsed is None or text is None:
            return "", None, ()
        phrase, bases = parsed
        self.bases(bases)
        if not bases:
            self.found.error(text.span, "no-basis", f"the phrase of {what} has no basis", "@J20")
        try:
            entry = Phrases.standard().overlay(self.phrases).lookup(phrase)
        except LookupError as error:
            self.found.error(text.span, "unknown-phrase", str(error.args[0]), "see phrases.yaml")
            return phrase, None, bases
        return phrase, (entry.low, entry.high), bases

    def prior_range(
        self, node: Node | None, what: str, prior: str, scope: Scope
    ) -> tuple[Claim | None, Claim | None]:
        text = self.text(node, what)
        pair = parse_range(text, self.found) if text else None
        if pair is None or text is None:
            return None, None
        low, high = (self.check(p, what, NUMBER, scope=scope) for p in pair)
        if low is None or high is None:
            return None, None
        a, b = constant(low.expression), constant(high.expression)
        if a is None or b is None:
            self.found.error(text.span, "prior", f"the prior of {what} must be numbers")
            return None, None
        if a >= b:
            self.found.error(text.span, "prior", f"the interval of {what} is empty or reversed")
            return None, None
        if prior == "share" and not 0 < a < b < 1:
            self.found.error(
                text.span,
                "probability",
                f"{what} is a share: its points lie between 0 and 1",
                "as in .3 .. .95",
            )
            return None, None
        if prior == "scale" and a <= 0:
            self.found.error(text.span, "prior", f"{what} is a scale: its points lie above 0")
            return None, None
        return low, high

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

    # ---- actors --------------------------------------------------------------------------

    def actor(self, key: Text, node: Mapping) -> c.Actor:
        what = f"actor '{key.value}'"
        self.name_ok(key)
        self.known(node, KEYS["actor"], what)
        role = self.words(node, "role", "decider")
        if role not in ROLES:
            span = node.get("role").span  # type: ignore[union-attr]
            self.found.error(span, "role", f"unknown role '{role}'", suggestion(role, ROLES))
        foresight = self.claim(node.get("foresight"), f"{what}, foresight", NUMBER)
        depth = constant(foresight.expression) if foresight else 0.0
        if foresight and depth not in (0.0, 1.0, 2.0):
            self.found.error(
                foresight.span,
                "foresight",
                "foresight is 0, 1 or 2",
                "each step costs about ten times; no source supports a third",
            )
            depth = 0.0
        weighs = []
        for text in self.names(node.get("weighs"), "weighs"):
            if text.value not in self.deciders:
                self.unknown_name(text, self.deciders, "actor")
            elif text.value == key.value:
                self.found.error(text.span, "weighs", "an actor does not weigh its own reaction")
            else:
                weighs.append(text.value)
        wants = self.mapping(node.get("wants"), f"{what}, wants", key.span)
        return c.Actor(
            name=key.value,
            title=self.words(node, "name", _title(key.value)),
            about=self.words(node, "about"),
            cites=self.cites(node),
            role=role,
            pace=self.rate(node, "pace", what),
            precision=self.rate(node, "precision", what),
            foresight=int(depth or 0),
            foresight_claim=foresight,
            weighs=tuple(weighs),
            mood=self.rate(node, "mood", what),
            will=self.claim(node.get("will"), f"{what}, will", NUMBER, share=True),
            wants=tuple(
                c.Want(k.value, claim)
                for k, n in wants
                if (claim := self.claim(n, f"{what}, want '{k.value}'", None, marked=True))
                and self.is_number(claim, f"{what}, want '{k.value}'")
            ),
            fears=self.fears(node, what, key.span),
            awaits=self.awaits(node, what, key.span),
            dice=self.words(node, "dice", key.value),
            span=key.span,
        )

    def rate(self, node: Mapping, key: str, what: str, kind: Kind = NUMBER) -> Claim | None:
        """A value that cannot be negative: a rate, a precision, a spread, a time."""
        label = f"{what}, {key}"
        return self.not_negative(self.claim(node.get(key), label, kind), label)

    def is_number(self, claim: Claim, what: str) -> bool:
        expression = claim.expression
        if constant(expression) is not None:
            self.found.error(
                claim.span,
                "constant-want",
                f"{what} reads no quantity, so nothing can change it",
                "a reason runs to the end of its value; inside one write `-1 [? why] * debt`",
            )
            return False
        kind = (
            self.scope.states.get(expression.name) or self.scope.unknowns.get(expression.name)
            if isinstance(expression, Ref) and expression.what in ("state", "unknown")
            else None
        )
        if kind is not None and kind.what == "ladder":
            self.found.error(
                expression.span, "kind", f"{what} is a ladder", f"use height({kind.ladder})"
            )
            return False
        return True

    def fears(self, node: Mapping, what: str, span: Span) -> tuple[c.Fear, ...]:
        fears = []
        for key, entry in self.mapping(node.get("fears"), f"{what}, fears", span):
            inner = self.mapping(entry, f"{what}, fear of '{key.value}'", key.span)
            self.known(inner, KEYS["fear"], f"{what}, fear of '{key.value}'")
            if key.value not in self.event_names:
                self.unknown_name(key, self.event_names, "event")
                continue
            weight = self.claim(inner.get("weight"), f"{what}, weight", NUMBER)
            lasts = self.rate(inner, "lasts", what, DAYS)
            if weight is None or lasts is None:
                if not inner.get("weight") or not inner.get("lasts"):
                    self.found.error(key.span, "missing", "a fear has `weight:` and `lasts:`")
                continue
            fears.append(c.Fear(key.value, weight, lasts))
        return tuple(fears)

    def awaits(self, node: Mapping, what: str, span: Span) -> tuple[c.Await, ...]:
        awaits = []
        for key, entry in self.mapping(node.get("awaits"), f"{what}, awaits", span):
            if key.value not in self.event_names:
                self.unknown_name(key, self.event_names, "event")
                continue
            odds = self.options(entry, f"{what}, odds of '{key.value}'", self.scope)
            for option in odds:
                if option.name not in self.event_names[key.value]:
                    self.found.error(
                        option.chance.span,
                        "unknown-outcome",
                        f"'{key.value}' has no outcome '{option.name}'",
                        suggestion(option.name, self.event_names[key.value], "outcomes"),
                    )
            awaits.append(c.Await(key.value, odds))
        return tuple(awaits)

    # ---- events --------------------------------------------------------------------------

    def outcome_names(self, node: Mapping) -> list[str]:
        outcomes = node.get("outcomes")
        return outcomes.keys() if isinstance(outcomes, Mapping) else []

    def event(self, key: Text, node: Mapping) -> c.Event:
        what = f"event '{key.value}'"
        self.name_ok(key)
        self.known(node, KEYS["event"], what)
        by = self.decider(node, "by", what)
        rate = self.rate(node, "rate", what)
        dates, clock = self.on(node.get("on"), what)
        vote = self.vote(node.get("vote"), what) if node.get("vote") is not None else None
        reasons = [k for k in ("rate", "on", "vote") if node.key(k)]
        if len(reasons) > 1 or (node.key("by") and ("rate" in reasons or "vote" in reasons)):
            both = [*(["by"] if node.key("by") else []), *reasons]
            self.found.error(
                key.span,
                "reason",
                f"{what} has two reasons to happen: {' and '.join(both)}",
                "keep one of by, rate, on, vote",
            )
        elif not reasons and not node.key("by"):
            self.found.error(
                key.span,
                "reason",
                f"{what} has no reason to happen",
                "add one of `by:` (chosen), `rate:` (chance), `on:` (dated), `vote:`",
            )
        unclaimed = self.unclaimed(node.get("unclaimed"), what)
        suspects = tuple(s for s, _ in unclaimed.suspects) if unclaimed else None
        scope = replace(self.scope, suspects=suspects)
        forecloses = []
        for text in self.names(node.get("forecloses"), "forecloses"):
            if text.value in self.event_names:
                forecloses.append(text.value)
            else:
                self.unknown_name(text, self.event_names, "event")
        return c.Event(
            name=key.value,
            title=self.words(node, "name", _title(key.value)),
            about=self.words(node, "about"),
            cites=self.cites(node),
            by=by,
            rate=rate,
            dates=dates,
            clock=clock,
            vote=vote,
            when=self.claim(node.get("when"), f"{what}, when", FLAG, condition=True),
            does=self.effects(node.get("does"), what, scope),
            outcomes=self.outcomes(node, what, scope, vote is not None),
            cost=self.claim(node.get("cost"), f"{what}, cost", NUMBER),
            urge=self.claim(node.get("urge"), f"{what}, urge", NUMBER),
            once=self.flag(node, "once"),
            pause=self.days(node, "pause", what),
            takes=self.days(node, "takes", what),
            consent=self.decider(node, "consent", what),
            private=self.flag(node, "private"),
            shown=self.shown(node, what, key.span),
            unclaimed=unclaimed,
            forecloses=tuple(forecloses),
            dice=self.words(node, "dice", key.value),
            span=key.span,
        )

    def decider(self, node: Mapping, key: str, what: str) -> str | None:
        text = self.text(node.get(key), f"{what}, {key}")
        if text is None:
            return None
        if text.value not in self.deciders:
            self.unknown_name(text, self.deciders, "actor")
            return None
        return text.value

    def on(self, node: Node | None, what: str) -> tuple[tuple[Claim, ...], str | None]:
        dates: list[Claim] = []
        items = node.items if isinstance(node, Sequence) else (node,) if node else ()
        if node is not None and not items:
            self.found.error(node.span, "missing", f"{what}, on, names no date", "2020-02-21 @S2")
        for item in items:
            text = self.text(item, f"{what}, on")
            claim = parse_claim(text, self.found) if text else None
            if claim is None or text is None:
                continue
            if isinstance(claim.expression, Name):
                name = claim.expression
                if self.scope.states.get(name.name) == DAYS:
                    return (), name.name
                clocks = [k for k, v in self.scope.states.items() if v == DAYS]
                self.unknown_name(name, clocks, "clock")
                continue
            checked = self.check(claim, f"{what}, date", DATE, marked=True)
            if checked and isinstance(claim.expression, Date):
                dates.append(checked)
                self.in_crisis(claim.expression, what)
        return tuple(dates), None

    def in_crisis(self, date: Date, what: str) -> None:
        if self.first and self.last and not self.first <= date.value <= self.last:
            self.found.error(
                date.span,
                "dates",
                f"{what} is dated {date.value}, outside the crisis ({self.first} to {self.last})",
                "change the date, or `from:` and `to:`",
            )

    def effects(self, node: Node | None, what: str, scope: Scope) -> tuple[c.Effect, ...]:
        effects = []
        for text in self.names(node, f"{what}, effects"):
            arrow = parse_arrow(text, self.found)
            if arrow is None:
                continue
            kind = scope.states.get(arrow.target.name)
            if kind is None:
                self.unknown_name(arrow.target, scope.states, "quantity")
                self.bases(arrow.amount.bases)
                continue
            label = f"{what}, effect on '{arrow.target.name}'"
            wanted = kind
            if kind.what == "ladder" and arrow.operator in "+-":
                wanted = NUMBER
            if kind.what == "flag" and arrow.operator != "=":
                self.found.error(
                    arrow.target.span,
                    "kind",
                    f"{label}: a flag is set by '='",
                    "as in expelled = yes",
                )
            amount = self.check(arrow.amount, label, wanted, scope=scope, marked=True)
            if kind == DAYS:
                self.whole_number(amount, label, "a clock counts whole days", "as in = 30d")
            if amount is not None:
                effects.append(c.Effect(arrow.target.name, arrow.operator, amount))
        return tuple(effects)

    def outcomes(self, node: Mapping, what: str, scope: Scope, vote: bool) -> tuple[c.Outcome, ...]:
        outcomes = []
        total = 0.0
        span = node.span
        for key, entry in self.mapping(node.get("outcomes"), f"{what}, outcomes", span):
            label = f"{what}, outcome '{key.value}'"
            inner = self.mapping(entry, label, key.span)
            self.known(inner, KEYS["outcome"], label)
            chance = self.claim(inner.get("chance"), f"{label}, chance", NUMBER, share=True)
            if vote and key.value not in ("carried", "lost"):
                self.found.error(key.span, "outcome", "a vote is `carried` or `lost`")
            if not vote and chance is None and inner.get("chance") is None:
                self.found.error(key.span, "missing", f"{label} has no `chance:`")
            value = constant(chance.expression) if chance else None
            total += value if value is not None and 0 <= value <= 1 else 0.0
            outcomes.append(
                c.Outcome(key.value, chance, self.effects(inner.get("does"), label, scope))
            )
        if total > 1 + 1e-9:
            self.found.error(
                node.key("outcomes").span,  # type: ignore[union-attr]
                "probability",
                f"the chances of the outcomes of {what} sum to {total:g}",
                "they may sum to 1 at most",
            )
        return tuple(outcomes)

    def vote(self, node: Node | None, what: str) -> c.Vote | None:
        span = node.span if node else Span("", 1, 1)
        entry = self.mapping(node, f"{what}, vote", span)
        self.known(entry, KEYS["vote"], f"{what}, vote")
        date, clock, when = self.held(entry.get("held"), what, span)
        quota_text = self.text(entry.get("quota"), f"{what}, quota")
        half = quota_text is None or quota_text.value.split(" ")[0] == "half"
        blocs = []
        for key, value in self.mapping(entry.get("blocs"), f"{what}, blocs", span):
            bloc = self.mapping(value, f"bloc '{key.value}'", key.span)
            label = f"{what}, bloc '{key.value}'"
            self.known(bloc, KEYS["bloc"], label)
            count = self.seats(bloc.get("seats"), f"{label}, seats")
            yes = self.claim(bloc.get("yes"), f"{label}, yes", NUMBER, marked=True)
            if count is None or yes is None:
                if not bloc.get("seats") or not bloc.get("yes"):
                    self.found.error(key.span, "missing", f"{label} needs `seats:` and `yes:`")
                continue
            blocs.append(
                c.Bloc(
                    name=key.value,
                    seats=count,
                    yes=yes,
                    spread=self.rate(bloc, "spread", label),
                    attends=self.claim(
                        bloc.get("attends"), f"{label}, attends", NUMBER, share=True
                    ),
                    whole=self.flag(bloc, "whole"),
                )
            )
        listed = entry.get("blocs")
        if not blocs and (listed is None or (isinstance(listed, Mapping) and not listed.entries)):
            self.found.error(span, "missing", f"{what}, vote has no `blocs:`")
        vetoes = []
        for key, value in self.mapping(entry.get("veto"), f"{what}, veto", span):
            if key.value not in self.deciders:
                self.unknown_name(key, self.deciders, "actor")
            odds = self.claim(value, f"{what}, veto of '{key.value}'", NUMBER, marked=True)
            if odds is not None:
                vetoes.append(c.Veto(key.value, odds))
        quorum = self.seats(entry.get("quorum"), f"{what}, quorum")
        quota = None if half else self.seats(quota_text, f"{what}, quota")
        house = sum(constant(b.seats.expression) or 0.0 for b in blocs)
        for claim, name in ((quorum, "quorum"), (quota, "quota")):
            needed = constant(claim.expression) if claim else None
            if claim is not None and blocs and needed is not None and needed > house:
                self.found.error(
                    claim.expression.span,
                    "seats",
                    f"the {name} of {what} is {needed:g} seats, and its blocs have {house:g}",
                    "no vote could ever carry",
                )
        return c.Vote(
            date=date,
            clock=clock,
            when=when,
            quorum=quorum,
            quota=quota,
            blocs=tuple(blocs),
            vetoes=tuple(vetoes),
        )

    def seats(self, node: Node | None, what: str) -> Claim | None:
        """A number of seats, the same in every world."""
        scope = replace(self.scope, units=self.scope.units | {"seats"})
        claim = self.claim(node, what, Kind("number", (("seats", 1),)), scope=scope)
        self.whole_number(claim, what, "a seat is whole", "as in 118 seats")
        return self.fixed(self.not_negative(claim, what), what)

    def whole_number(self, claim: Claim | None, what: str, why: str, help: str) -> Claim | None:
        """The claim, where its value is a whole number, or not known before the run."""
        value = constant(claim.expression) if claim else None
        if claim is not None and value is not None and abs(value - round(value)) > 1e-9:
            self.found.error(
                claim.expression.span, "whole", f"{what} is {value:g}, and {why}", help
            )
        return claim

    def days(self, node: Mapping, key: str, what: str) -> Claim | None:
        """A time that ends on a day: a whole number of days, 0 or more."""
        return self.whole_number(
            self.rate(node, key, what, DAYS),
            f"{what}, {key}",
            "worlds are simulated by whole days",
            "as in 2d",
        )

    def held(
        self, node: Node | None, what: str, span: Span
    ) -> tuple[Claim | None, str | None, Claim | None]:
        text = self.text(node, f"{what}, held")
        if text is None:
            self.found.error(
                span, "missing", f"{what}, vote has no `held:`", "a date, a clock, or a condition"
            )
            return None, None, None
        claim = parse_claim(text, self.found)
        if claim is None:
            return None, None, None
        if isinstance(claim.expression, Date):
            self.in_crisis(claim.expression, what)
            return self.check(claim, f"{what}, held", DATE, marked=True), None, None
        name = claim.expression.name if isinstance(claim.expression, Name) else ""
        if self.scope.states.get(name) == DAYS:
            return None, name, None
        return None, None, self.check(claim, f"{what}, held", FLAG, condition=True)

    def shown(self, node: Mapping, what: str, span: Span) -> tuple[tuple[str, Claim], ...]:
        shown = []
        for key, value in self.mapping(node.get("shown"), f"{what}, shown", span):
            if key.value not in self.deciders:
                self.unknown_name(key, self.deciders, "actor")
            claim = self.claim(value, f"{what}, shown to '{key.value}'", FLAG, condition=True)
            if claim is not None:
                shown.append((key.value, claim))
        return tuple(shown)

    def unclaimed(self, node: Node | None, what: str) -> c.Unclaimed | None:
        if node is None:
            return None
        entry = self.mapping(node, f"{what}, unclaimed", node.span)
        self.known(entry, KEYS["unclaimed"], f"{what}, unclaimed")
        observer = self.decider(entry, "observer", what)
        suspects = []
        for key, value in self.mapping(entry.get("suspects"), f"{what}, suspects", node.span):
            if key.value not in self.deciders:
                self.unknown_name(key, self.deciders, "actor")
            label = f"{what}, expected rate of '{key.value}'"
            claim = self.not_negative(self.claim(value, label, NUMBER), label)
            if claim is not None:
                suspects.append((key.value, claim))
        clarity = self.claim(
            entry.get("clarity"), f"{what}, clarity", NUMBER, marked=False, share=True
        )
        if observer is None or clarity is None or len(suspects) < 2:
            self.found.error(
                node.span,
                "unclaimed",
                f"{what}: `unclaimed:` needs an observer, two suspects or more, and clarity",
            )
            return None
        return c.Unclaimed(observer, tuple(suspects), clarity)

    # ---- beliefs -------------------------------------------------------------------------

    def belief_types(
        self, beliefs: list[tuple[Text, Mapping]]
    ) -> dict[tuple[str, str], tuple[str, ...]]:
        out = {}
        for key, node in beliefs:
            pair = key.value.split(" about ")
            types = node.get("types")
            if len(pair) == 2 and isinstance(types, Mapping):
                out[(pair[0].strip(), pair[1].strip())] = tuple(types.keys())
        return out

    def belief(self, key: Text, node: Mapping) -> c.Belief | None:
        what = f"belief '{key.value}'"
        self.known(node, KEYS["belief"], what)
        pair = [p.strip() for p in key.value.split(" about ")]
        if len(pair) != 2:
            self.found.error(key.span, "belief", "a belief is named `iran about us`")
            return None
        for i, name in enumerate(pair):
            if name not in self.deciders:
                offset = 0 if i == 0 else key.value.index(" about ") + 7
                self.found.error(
                    key.at(offset, len(name)),
                    "unknown-actor",
                    f"unknown actor '{name}'",
                    suggestion(name, self.deciders, "actors"),
                )
        if pair[0] == pair[1]:
            self.found.error(
                key.span,
                "belief",
                f"'{pair[0]}' needs no belief about itself",
                "name another actor",
            )
        types = []
        total = 0.0
        for type_key, entry in self.mapping(node.get("types"), f"{what}, types", key.span):
            label = f"{what}, type '{type_key.value}'"
            self.name_ok(type_key)
            inner = self.mapping(entry, label, type_key.span)
            prior = self.fixed(
                self.claim(inner.get("prior"), f"{label}, prior", NUMBER, share=True),
                f"{label}, prior",
            )
            if prior is None:
                if inner.get("prior") is None:
                    self.found.error(type_key.span, "missing", f"{label} has no `prior:`")
                continue
            total += constant(prior.expression) or 0.0
            settings = []
            for setting_key, value in inner.without("prior"):
                if setting_key.value not in self.scope.unknowns:
                    self.unknown_name(setting_key, self.scope.unknowns, "unknown")
                    continue
                wanted = self.scope.unknowns[setting_key.value]
                setting = self.claim(value, f"{label}, {setting_key.value}", wanted)
                if setting is not None:
                    settings.append((setting_key.value, setting))
            types.append(c.Type(type_key.value, prior, tuple(settings)))
        if len(types) < 2:
            self.found.error(key.span, "belief", f"{what} needs two types or more")
        elif abs(total - 1) > 1e-6:
            self.found.error(
                key.span, "probability", f"the priors of {what} sum to {total:g}, not 1"
            )
        learns = self.fixed(
            self.claim(node.get("learns"), f"{what}, learns", NUMBER, share=True),
            f"{what}, learns",
        )
        silence = None
        if node.get("silence") is not None:
            inner = self.mapping(node.get("silence"), f"{what}, silence", key.span)
            self.known(inner, KEYS["silence"], f"{what}, silence")
            answers = self.names(inner.get("answers"), "answers")
            for text in answers:
                if text.value not in self.event_names:
                    self.unknown_name(text, self.event_names, "event")
            after = self.claim(inner.get("after"), f"{what}, after", FLAG, condition=True)
            lasts = self.fixed(self.days(inner, "for", what), f"{what}, for")
            for needed in ("after", "for"):
                if inner.get(needed) is None:
                    self.found.error(key.span, "missing", f"{what}, silence has no `{needed}:`")
            if after and lasts:
                silence = c.Silence(after, lasts, tuple(t.value for t in answers))
        return c.Belief(
            holder=pair[0],
            about=pair[1],
            cites=self.cites(node),
            types=tuple(types),
            learns=learns,
            silence=silence,
            span=key.span,
        )

    # ---- across elements -----------------------------------------------------------------

    def whole(self, crisis: c.Crisis) -> None:
        self.movers(crisis)
        if self.found.errors:
            return  # what was not read would seem unused
        bounds = doubts.Bounds(crisis)
        every = [x for _, element in c.elements(crisis) for x in c.claims(element)]
        doubts.settled(every, bounds, self.found)
        doubts.idle(crisis, self.found)
        doubts.beyond(self.shares, self.amounts, doubts.Bounds(crisis, True), self.found)
        refs = [
            part
            for _, element in c.elements(crisis)
            for claim in c.claims(element)
            for part in walk(claim.expression)
            if isinstance(part, Ref)
        ]
        read = {ref.name for ref in refs if ref.what == "unknown"}
        for unknown in crisis.unknowns:
            if unknown.name not in read:
                self.found.warning(
                    unknown.span,
                    "unused-unknown",
                    f"nothing reads the unknown '{unknown.name}'",
                    "changing it has no effect; use it or remove it",
                )
        written = {
            effect.quantity
            for event in crisis.events
            for effect in (*event.does, *(e for o in event.outcomes for e in o.does))
        }
        used = set(crisis.show) | {ref.name for ref in refs if ref.what == "state"}
        used |= {ev.clock for ev in crisis.events if ev.clock}
        used |= {ev.vote.clock for ev in crisis.events if ev.vote and ev.vote.clock}
        for state in crisis.states:
            if state.name not in used and state.name not in written:
                self.found.warning(
                    state.span,
                    "unused-state",
                    f"nothing reads or changes '{state.name}'",
                    "it has no effect; use it or remove it",
                )

    def movers(self, crisis: c.Crisis) -> None:
        moves = {e.by for e in crisis.events if e.chosen}
        consents = {e.consent for e in crisis.events if e.consent}
        for actor in crisis.actors:
            if actor.name in moves:
                self.needs(actor, ("pace", "precision", "foresight_claim"), "moves")
            elif actor.name in consents:
                self.needs(actor, ("precision",), "is asked to consent")
            elif actor.pace is not None:
                self.found.warning(
                    actor.span,
                    "idle",
                    f"actor '{actor.name}' has a pace but no move",
                    "give it events, or a `role:`",
                )
            for other in actor.weighs:
                if other not in moves:
                    self.found.warning(
                        actor.span, "weighs", f"'{actor.name}' weighs '{other}', who has no move"
                    )

    def needs(self, actor: c.Actor, keys: tuple[str, ...], why: str) -> None:
        missing = [k.replace("_claim", "") for k in keys if getattr(actor, k) is None]
        if not actor.wants:
            missing.append("wants")
        if missing:
            self.found.error(
                actor.span,
                "missing",
                f"actor '{actor.name}' {why} and needs {' and '.join(f'`{m}:`' for m in missing)}",
                "see docs/language.md, actor",
            )


def reads(claim: Claim) -> set[str]:
    """The quantities that an expression reads."""
    return {
        part.name
        for part in walk(claim.expression)
        if isinstance(part, Ref) and part.what == "state"
    }


def _unit_of(text: Text) -> str:
    """The unit word behind a stock's upper bound, before any mark."""
    quiet = Diagnostics()
    pair = parse_range(text, quiet)
    if pair is None:
        return ""
    units = [p.unit for claim in pair for p in walk(claim.expression) if isinstance(p, Number)]
    return next((u for u in units if u), "")


def _title(name: str) -> str:
    return name.replace("_", " ").replace(".", " ")

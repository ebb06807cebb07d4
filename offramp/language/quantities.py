"""Quantities and unknowns of a crisis file: their kinds, bounds, starts and priors."""

from __future__ import annotations

from dataclasses import replace

from offramp.language import crisis as c
from offramp.language.expressions import (
    Basis,
    Name,
    Number,
    SourcedValue,
    parse_claim,
    parse_plain,
    parse_range,
    walk,
)
from offramp.language.keys import KEYS, PRIORS, STATE_KINDS
from offramp.language.kinds import ANY, DAYS, FLAG, NUMBER, Kind, Scope, constant
from offramp.language.readers import Readers, title_of
from offramp.sources.estimative import Phrases
from offramp.text.diagnostics import Diagnostics
from offramp.text.tree import Mapping, Node, Text

MAX_DAYS = 3660


def declare(
    r: Readers, states: list[tuple[Text, Mapping]], unknowns: list[tuple[Text, Mapping]]
) -> Scope:
    """Names and kinds first, so that order in the file does not matter."""
    kinds: dict[str, Kind] = {}
    units: set[str] = set()
    for key, node in states:
        kinds[key.value] = _state_kind(r, key, node, units)
    unknown_kinds: dict[str, Kind] = {}
    for key, node in unknowns:
        if key.value in kinds:
            r.found.error(
                key.span,
                "name-clash",
                f"'{key.value}' is a quantity already",
                "give the unknown another name",
            )
        among = node.get("among")
        levels = tuple(among.keys()) if isinstance(among, Mapping) else ()
        unknown_kinds[key.value] = Kind("ladder", (), key.value, levels) if levels else NUMBER
    for key in [k for k, _ in states] + [k for k, _ in unknowns]:
        r.name_ok(key)
    return Scope(kinds, unknown_kinds, frozenset(units))


def _state_kind(r: Readers, key: Text, node: Mapping, units: set[str]) -> Kind:
    given = [k for k in STATE_KINDS if node.key(k)]
    if len(given) != 1:
        r.found.error(
            key.span,
            "state-kind",
            f"'{key.value}' must be exactly one of {', '.join(STATE_KINDS)}"
            + (f"; it is {' and '.join(given)}" if given else ""),
            "as in `share: .4 ~V9`",
        )
        return ANY
    if given[0] == "ladder":
        levels = tuple(t.value for t in r.names(node.get("ladder"), "ladder"))
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


def read_state(r: Readers, key: Text, node: Mapping) -> c.State:
    r.known(node, KEYS["state"], f"state '{key.value}'")
    kind = next((k for k in STATE_KINDS if node.key(k)), "stock")
    declared = r.scope.states.get(key.value, ANY)
    what = f"state '{key.value}'"
    low, high = 0.0, 1.0
    levels: tuple[str, ...] = ()
    bounds: tuple[SourcedValue, SourcedValue] | None = None
    start_node, wanted = node.get(kind), declared
    scope = replace(r.scope, states={}) if declared is not ANY else r.scope
    if kind == "stock":
        bounds, low, high = _stock_bounds(r, node, what)
        start_node = node.get("now")
    elif kind == "ladder":
        levels = declared.levels
        high = float(max(1, len(levels) - 1))
        if len(set(levels)) != len(levels) or len(levels) < 2:
            span = node.get("ladder").span if node.get("ladder") else key.span  # type: ignore[union-attr]
            r.found.error(span, "ladder", "a ladder needs two or more different levels")
        names = r.names(node.get("ladder"), "ladder")
        r.few(names, node.key("ladder") or key, f"{what}, ladder")
        for level in names:
            r.name_ok(level)
        start_node = node.get("now")
    elif kind == "count":
        high = 1e9
    elif kind == "clock":
        low, high = -1.0, float(MAX_DAYS)
    if kind in ("stock", "ladder") and start_node is None:
        r.found.error(
            key.span, "missing", f"{what} has no start value", "add `now:`, zero is a value too"
        )
    start = _start(r, start_node, kind, what, wanted, scope)
    if kind == "clock":
        r.whole_number(start, what, "a clock counts whole days", "as in 30d")
    fades = r.claim(node.get("fades"), f"{what}, fades", DAYS)
    value = constant(fades.expression) if fades else None
    if fades and value is not None and value <= 0:
        r.found.error(fades.expression.span, "half-life", "a half-life is above 0 days")
    elif fades:
        r.half_lives.append((f"{what}, fades", fades))
    rest = r.claim(node.get("rest"), f"{what}, rest", wanted)
    if kind in ("flag", "clock", "count") and fades is not None:
        r.found.error(fades.span, "fades", f"a {kind} does not fade", "use a stock or share")
    _within(r, start, low, high, f"{what} starts at", kind)
    _within(r, rest, low, high, f"{what} rests at", kind)
    return c.State(
        name=key.value,
        title=r.words(node, "name", title_of(key.value)),
        about=r.words(node, "about"),
        cites=r.cites(node),
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


def _stock_bounds(
    r: Readers, node: Mapping, what: str
) -> tuple[tuple[SourcedValue, SourcedValue] | None, float, float]:
    text = r.text(node.get("stock"), what)
    pair = parse_range(text, r.found) if text else None
    if pair is None or text is None:
        return None, 0.0, 1.0
    r.bases(pair[0].bases)
    values = [constant(p.expression) for p in pair]
    if values[0] is None or values[1] is None:
        r.found.error(text.span, "bounds", f"bounds of {what} must be numbers", "0 .. 6 ? why")
        return None, 0.0, 1.0
    if values[0] >= values[1]:
        r.found.error(text.span, "bounds", f"the bounds of {what} are empty or reversed")
    if any(v not in (0.0, 1.0) for v in values) and not pair[0].bases:
        r.found.error(
            text.span,
            "no-basis",
            f"the bounds of {what} have no basis",
            "0 .. 6 ? room to move",
        )
    return pair, values[0], values[1]


def _start(
    r: Readers, node: Node | None, kind: str, what: str, wanted: Kind, scope: Scope
) -> SourcedValue | None:
    marked = False
    text = r.text(node, f"{what}, start")
    claim = parse_claim(text, r.found) if text is not None else None
    if claim is None:
        return None
    expression = claim.expression
    if isinstance(expression, Number) and kind == "count" and expression.value == 0:
        return claim
    if kind in ("flag", "clock"):
        marked = not (isinstance(expression, Name) and expression.name in ("no", "off"))
    return r.check(claim, f"{what}, start", wanted, scope=scope, marked=marked)


def _within(
    r: Readers, start: SourcedValue | None, low: float, high: float, what: str, kind: str
) -> None:
    value = constant(start.expression) if start else None
    if start and value is not None and not low <= value <= high:
        code = "probability" if kind == "share" else "bounds"
        r.found.error(
            start.expression.span,
            code,
            f"{what} {value:g}, outside {low:g} .. {high:g}",
        )


def read_unknown(r: Readers, key: Text, node: Mapping) -> c.Unknown:
    what = f"unknown '{key.value}'"
    r.known(node, KEYS["unknown"], what)
    given = [p for p in PRIORS if node.key(p)]
    prior = given[0] if given else "between"
    if len(given) != 1:
        r.found.error(
            key.span,
            "prior",
            f"{what} must have exactly one prior: {', '.join(PRIORS)}",
            "as in `share: .3 .. .95 ~B59`",
        )
    low = high = None
    options: tuple[c.Option, ...] = ()
    phrase, interval = "", None
    bases: tuple[Basis, ...] = ()
    none = replace(r.scope, states={}, unknowns={})
    if prior == "among":
        options = r.options(node.get("among"), what, none)
        names = node.get("among")
        for name, _ in names if isinstance(names, Mapping) else ():
            r.name_ok(name)
        for option in options:
            r.fixed(option.chance, f"{what}, '{option.name}'")
        if isinstance(names, Mapping) and not names.entries:
            r.found.error(key.span, "prior", f"{what} names no value", "a: .4 ? why")
    elif prior == "says":
        phrase, interval, bases = _says(r, node, what)
    elif given:
        low, high = _prior_range(r, node.get(prior), what, prior, none)
    return c.Unknown(
        name=key.value,
        title=r.words(node, "name", title_of(key.value)),
        about=r.words(node, "about"),
        cites=r.cites(node),
        prior=prior,
        low=low,
        high=high,
        options=options,
        phrase=phrase,
        interval=interval,
        bases=bases,
        dice=r.words(node, "dice", key.value),
        span=key.span,
    )


def _says(
    r: Readers, node: Mapping, what: str
) -> tuple[str, tuple[float, float] | None, tuple[Basis, ...]]:
    text = r.text(node.get("says"), what)
    parsed = parse_plain(text, r.found) if text else None
    if parsed is None or text is None:
        return "", None, ()
    phrase, bases = parsed
    r.bases(bases)
    if not bases:
        r.found.error(text.span, "no-basis", f"the phrase of {what} has no basis", "@J20")
    try:
        entry = Phrases.standard().overlay(r.phrases).lookup(phrase)
    except LookupError as error:
        r.found.error(text.span, "unknown-phrase", str(error.args[0]), "see phrases.yaml")
        return phrase, None, bases
    return phrase, (entry.low, entry.high), bases


def _prior_range(
    r: Readers, node: Node | None, what: str, prior: str, scope: Scope
) -> tuple[SourcedValue | None, SourcedValue | None]:
    text = r.text(node, what)
    pair = parse_range(text, r.found) if text else None
    if pair is None or text is None:
        return None, None
    low, high = (r.check(p, what, NUMBER, scope=scope) for p in pair)
    if low is None or high is None:
        return None, None
    a, b = constant(low.expression), constant(high.expression)
    if a is None or b is None:
        r.found.error(text.span, "prior", f"the prior of {what} must be numbers")
        return None, None
    if a >= b:
        r.found.error(text.span, "prior", f"the interval of {what} is empty or reversed")
        return None, None
    if prior == "share" and not 0 < a < b < 1:
        r.found.error(
            text.span,
            "probability",
            f"{what} is a share: its points lie between 0 and 1",
            "as in .3 .. .95",
        )
        return None, None
    if prior == "scale" and a <= 0:
        r.found.error(text.span, "prior", f"{what} is a scale: its points lie above 0")
        return None, None
    return low, high


def _unit_of(text: Text) -> str:
    """The unit word behind a stock's upper bound, before any mark."""
    quiet = Diagnostics()
    pair = parse_range(text, quiet)
    if pair is None:
        return ""
    units = [p.unit for claim in pair for p in walk(claim.expression) if isinstance(p, Number)]
    return next((u for u in units if u), "")

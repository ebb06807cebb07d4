"""Events of a crisis file: why they happen, what they change, how votes are counted."""

from __future__ import annotations

from dataclasses import replace

from offramp.language import crisis as c
from offramp.language.expressions import Date, Name, SourcedValue, parse_arrow, parse_claim
from offramp.language.keys import KEYS
from offramp.language.kinds import DATE, DAYS, FLAG, NUMBER, Kind, Scope, constant
from offramp.language.readers import Readers, title_of
from offramp.text.diagnostics import Span
from offramp.text.tree import Mapping, Node, Sequence, Text


def outcome_names(node: Mapping) -> list[str]:
    outcomes = node.get("outcomes")
    return outcomes.keys() if isinstance(outcomes, Mapping) else []


def read_event(r: Readers, key: Text, node: Mapping) -> c.Event:
    what = f"event '{key.value}'"
    r.name_ok(key)
    r.known(node, KEYS["event"], what)
    by = r.decider(node, "by", what)
    rate = r.rate(node, "rate", what)
    dates, clock = _on(r, node.get("on"), what)
    vote = _vote(r, node.get("vote"), what) if node.get("vote") is not None else None
    reasons = [k for k in ("rate", "on", "vote") if node.key(k)]
    if len(reasons) > 1 or (node.key("by") and ("rate" in reasons or "vote" in reasons)):
        both = [*(["by"] if node.key("by") else []), *reasons]
        r.found.error(
            key.span,
            "reason",
            f"{what} has two reasons to happen: {' and '.join(both)}",
            "keep one of by, rate, on, vote",
        )
    elif not reasons and not node.key("by"):
        r.found.error(
            key.span,
            "reason",
            f"{what} has no reason to happen",
            "add one of `by:` (chosen), `rate:` (chance), `on:` (dated), `vote:`",
        )
    unclaimed = _unclaimed(r, node.get("unclaimed"), what)
    suspects = tuple(s for s, _ in unclaimed.suspects) if unclaimed else None
    scope = replace(r.scope, suspects=suspects)
    forecloses = []
    for text in r.names(node.get("forecloses"), "forecloses"):
        if text.value in r.declared.events:
            forecloses.append(text.value)
        else:
            r.unknown_name(text, r.declared.events, "event")
    return c.Event(
        name=key.value,
        title=r.words(node, "name", title_of(key.value)),
        about=r.words(node, "about"),
        cites=r.cites(node),
        by=by,
        rate=rate,
        dates=dates,
        clock=clock,
        vote=vote,
        when=r.claim(node.get("when"), f"{what}, when", FLAG, condition=True),
        does=_effects(r, node.get("does"), what, scope),
        outcomes=_outcomes(r, node, what, scope, vote is not None),
        cost=r.claim(node.get("cost"), f"{what}, cost", NUMBER),
        urge=r.claim(node.get("urge"), f"{what}, urge", NUMBER),
        once=r.flag(node, "once"),
        pause=r.days(node, "pause", what),
        takes=r.days(node, "takes", what),
        consent=r.deciders(node, "consent", what, by),
        private=r.flag(node, "private"),
        shown=_shown(r, node, what, key.span),
        unclaimed=unclaimed,
        forecloses=tuple(forecloses),
        dice=r.words(node, "dice", key.value),
        span=key.span,
    )


def _on(r: Readers, node: Node | None, what: str) -> tuple[tuple[SourcedValue, ...], str | None]:
    dates: list[SourcedValue] = []
    items = node.items if isinstance(node, Sequence) else (node,) if node else ()
    if node is not None and not items:
        r.found.error(node.span, "missing", f"{what}, on, names no date", "2020-02-21 @S2")
    for item in items:
        text = r.text(item, f"{what}, on")
        claim = parse_claim(text, r.found) if text else None
        if claim is None or text is None:
            continue
        if isinstance(claim.expression, Name):
            name = claim.expression
            if r.scope.states.get(name.name) == DAYS:
                return (), name.name
            clocks = [k for k, v in r.scope.states.items() if v == DAYS]
            r.unknown_name(name, clocks, "clock")
            continue
        checked = r.check(claim, f"{what}, date", DATE, marked=True)
        if checked and isinstance(claim.expression, Date):
            dates.append(checked)
            r.in_crisis(claim.expression, what)
    return tuple(dates), None


def _effects(r: Readers, node: Node | None, what: str, scope: Scope) -> tuple[c.Effect, ...]:
    effects = []
    for text in r.names(node, f"{what}, effects"):
        arrow = parse_arrow(text, r.found)
        if arrow is None:
            continue
        kind = scope.states.get(arrow.target.name)
        if kind is None:
            r.unknown_name(arrow.target, scope.states, "quantity")
            r.bases(arrow.amount.bases)
            continue
        label = f"{what}, effect on '{arrow.target.name}'"
        wanted = kind
        if kind.what == "ladder" and arrow.operator in "+-":
            wanted = NUMBER
        if kind.what == "flag" and arrow.operator != "=":
            r.found.error(
                arrow.target.span,
                "kind",
                f"{label}: a flag is set by '='",
                "as in expelled = yes",
            )
        amount = r.check(arrow.amount, label, wanted, scope=scope, marked=True)
        if kind == DAYS:
            r.whole_number(amount, label, "a clock counts whole days", "as in = 30d")
        if amount is not None:
            effects.append(c.Effect(arrow.target.name, arrow.operator, amount))
    return tuple(effects)


def _outcomes(
    r: Readers, node: Mapping, what: str, scope: Scope, vote: bool
) -> tuple[c.Outcome, ...]:
    outcomes = []
    total = 0.0
    span = node.span
    for key, entry in r.mapping(node.get("outcomes"), f"{what}, outcomes", span):
        label = f"{what}, outcome '{key.value}'"
        inner = r.mapping(entry, label, key.span)
        r.known(inner, KEYS["outcome"], label)
        chance = r.claim(inner.get("chance"), f"{label}, chance", NUMBER, share=True)
        if vote and key.value not in ("carried", "lost"):
            r.found.error(key.span, "outcome", "a vote is `carried` or `lost`")
        if not vote and chance is None and inner.get("chance") is None:
            r.found.error(key.span, "missing", f"{label} has no `chance:`")
        value = constant(chance.expression) if chance else None
        total += value if value is not None and 0 <= value <= 1 else 0.0
        outcomes.append(c.Outcome(key.value, chance, _effects(r, inner.get("does"), label, scope)))
    if total > 1 + 1e-9:
        r.found.error(
            node.key("outcomes").span,  # type: ignore[union-attr]
            "probability",
            f"the chances of the outcomes of {what} sum to {total:g}",
            "they may sum to 1 at most",
        )
    return tuple(outcomes)


def _vote(r: Readers, node: Node | None, what: str) -> c.Vote | None:
    span = node.span if node else Span("", 1, 1)
    entry = r.mapping(node, f"{what}, vote", span)
    r.known(entry, KEYS["vote"], f"{what}, vote")
    date, clock, when = _held(r, entry.get("held"), what, span)
    quota_text = r.text(entry.get("quota"), f"{what}, quota")
    half = quota_text is None or quota_text.value.split(" ")[0] == "half"
    blocs = []
    for key, value in r.mapping(entry.get("blocs"), f"{what}, blocs", span):
        bloc = r.mapping(value, f"bloc '{key.value}'", key.span)
        label = f"{what}, bloc '{key.value}'"
        r.known(bloc, KEYS["bloc"], label)
        count = _seats(r, bloc.get("seats"), f"{label}, seats")
        yes = r.claim(bloc.get("yes"), f"{label}, yes", NUMBER, marked=True)
        if count is None or yes is None:
            if not bloc.get("seats") or not bloc.get("yes"):
                r.found.error(key.span, "missing", f"{label} needs `seats:` and `yes:`")
            continue
        blocs.append(
            c.Bloc(
                name=key.value,
                seats=count,
                yes=yes,
                spread=r.rate(bloc, "spread", label),
                attends=r.claim(bloc.get("attends"), f"{label}, attends", NUMBER, share=True),
                whole=r.flag(bloc, "whole"),
            )
        )
    listed = entry.get("blocs")
    if not blocs and (listed is None or (isinstance(listed, Mapping) and not listed.entries)):
        r.found.error(span, "missing", f"{what}, vote has no `blocs:`")
    vetoes = []
    for key, value in r.mapping(entry.get("veto"), f"{what}, veto", span):
        if key.value not in r.declared.actors:
            r.unknown_name(key, r.declared.actors, "actor")
        odds = r.claim(value, f"{what}, veto of '{key.value}'", NUMBER, marked=True)
        if odds is not None:
            vetoes.append(c.Veto(key.value, odds))
    quorum = _seats(r, entry.get("quorum"), f"{what}, quorum")
    quota = None if half else _seats(r, quota_text, f"{what}, quota")
    house = sum(constant(b.seats.expression) or 0.0 for b in blocs)
    for claim, name in ((quorum, "quorum"), (quota, "quota")):
        needed = constant(claim.expression) if claim else None
        if claim is not None and blocs and needed is not None and needed > house:
            r.found.error(
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


def _seats(r: Readers, node: Node | None, what: str) -> SourcedValue | None:
    """A number of seats, the same in every world."""
    scope = replace(r.scope, units=r.scope.units | {"seats"})
    claim = r.claim(node, what, Kind("number", (("seats", 1),)), scope=scope)
    r.whole_number(claim, what, "a seat is whole", "as in 118 seats")
    return r.fixed(r.not_negative(claim, what), what)


def _held(
    r: Readers, node: Node | None, what: str, span: Span
) -> tuple[SourcedValue | None, str | None, SourcedValue | None]:
    text = r.text(node, f"{what}, held")
    if text is None:
        r.found.error(
            span, "missing", f"{what}, vote has no `held:`", "a date, a clock, or a condition"
        )
        return None, None, None
    claim = parse_claim(text, r.found)
    if claim is None:
        return None, None, None
    if isinstance(claim.expression, Date):
        r.in_crisis(claim.expression, what)
        return r.check(claim, f"{what}, held", DATE, marked=True), None, None
    name = claim.expression.name if isinstance(claim.expression, Name) else ""
    if r.scope.states.get(name) == DAYS:
        return None, name, None
    return None, None, r.check(claim, f"{what}, held", FLAG, condition=True)


def _shown(
    r: Readers, node: Mapping, what: str, span: Span
) -> tuple[tuple[str, SourcedValue], ...]:
    shown = []
    for key, value in r.mapping(node.get("shown"), f"{what}, shown", span):
        if key.value not in r.declared.actors:
            r.unknown_name(key, r.declared.actors, "actor")
        claim = r.claim(value, f"{what}, shown to '{key.value}'", FLAG, condition=True)
        if claim is not None:
            shown.append((key.value, claim))
    return tuple(shown)


def _unclaimed(r: Readers, node: Node | None, what: str) -> c.Unclaimed | None:
    if node is None:
        return None
    entry = r.mapping(node, f"{what}, unclaimed", node.span)
    r.known(entry, KEYS["unclaimed"], f"{what}, unclaimed")
    observer = r.decider(entry, "observer", what)
    suspects = []
    for key, value in r.mapping(entry.get("suspects"), f"{what}, suspects", node.span):
        if key.value not in r.declared.actors:
            r.unknown_name(key, r.declared.actors, "actor")
        label = f"{what}, expected rate of '{key.value}'"
        claim = r.not_negative(r.claim(value, label, NUMBER), label)
        if claim is not None:
            suspects.append((key.value, claim))
    clarity = r.claim(entry.get("clarity"), f"{what}, clarity", NUMBER, marked=False, share=True)
    if observer is None or clarity is None or len(suspects) < 2:
        r.found.error(
            node.span,
            "unclaimed",
            f"{what}: `unclaimed:` needs an observer, two suspects or more, and clarity",
        )
        return None
    return c.Unclaimed(observer, tuple(suspects), clarity)

"""Actors of a crisis file, and their beliefs about each other."""

from __future__ import annotations

from offramp.language import crisis as c
from offramp.language.expressions import Ref, SourcedValue
from offramp.language.keys import KEYS, NO_AGENDA, ROLES
from offramp.language.kinds import DAYS, FLAG, NUMBER, constant
from offramp.language.readers import Readers, title_of
from offramp.text.diagnostics import Span, suggestion
from offramp.text.tree import Mapping, Text


def read_actor(r: Readers, key: Text, node: Mapping) -> c.Actor:
    what = f"actor '{key.value}'"
    r.name_ok(key)
    r.known(node, KEYS["actor"], what)
    role = r.words(node, "role", "decider")
    if role not in ROLES:
        span = node.get("role").span  # type: ignore[union-attr]
        r.found.error(span, "role", f"unknown role '{role}'", suggestion(role, ROLES))
    foresight = r.claim(node.get("foresight"), f"{what}, foresight", NUMBER)
    depth = constant(foresight.expression) if foresight else 0.0
    if foresight and depth not in (0.0, 1.0, 2.0):
        r.found.error(
            foresight.span,
            "foresight",
            "foresight is 0, 1 or 2",
            "each step costs about ten times; no source supports a third",
        )
        depth = 0.0
    weighs = []
    for text in r.names(node.get("weighs"), "weighs"):
        if text.value not in r.declared.actors:
            r.unknown_name(text, r.declared.actors, "actor")
        elif text.value == key.value:
            r.found.error(text.span, "weighs", "an actor does not weigh its own reaction")
        else:
            weighs.append(text.value)
    sees = []
    for text in r.names(node.get("sees"), "sees"):
        if text.value in r.scope.states:
            sees.append(text.value)
        else:
            r.unknown_name(text, r.scope.states, "quantity")
    wants = r.mapping(node.get("wants"), f"{what}, wants", key.span)
    return c.Actor(
        name=key.value,
        title=r.words(node, "name", title_of(key.value)),
        about=r.words(node, "about"),
        cites=r.cites(node),
        role=role,
        agendas=_agendas(r, node, what),
        precision=r.rate(node, "precision", what),
        foresight=int(depth or 0),
        foresight_claim=foresight,
        weighs=tuple(weighs),
        sees=tuple(sees),
        mood=r.rate(node, "mood", what),
        will=r.claim(node.get("will"), f"{what}, will", NUMBER, share=True),
        wants=tuple(
            c.Want(k.value, claim)
            for k, n in wants
            if (claim := r.claim(n, f"{what}, want '{k.value}'", None, marked=True))
            and _is_number(r, claim, f"{what}, want '{k.value}'")
        ),
        fears=_fears(r, node, what, key.span),
        awaits=_awaits(r, node, what, key.span),
        dice=r.words(node, "dice", key.value),
        span=key.span,
    )


def agendas_of(actors: list[tuple[Text, Mapping]]) -> dict[str, tuple[str, ...]]:
    """The names of the agendas of those actors that have a pace for each."""
    paces = ((key.value, node.get("pace")) for key, node in actors)
    return {name: tuple(node.keys()) for name, node in paces if isinstance(node, Mapping)}


def _agendas(r: Readers, node: Mapping, what: str) -> tuple[c.Agenda, ...]:
    """One pace for everything, or one for each agenda."""
    paces = node.get("pace")
    if not isinstance(paces, Mapping):
        pace = r.rate(node, "pace", what)
        return (c.Agenda("", pace),) if pace is not None else ()
    agendas = []
    for key, _ in paces:
        r.name_ok(key)
        if key.value == NO_AGENDA:
            r.found.error(key.span, "agenda", f"{what}: no agenda is called '{NO_AGENDA}'")
        pace = r.rate(paces, key.value, f"{what}, pace")
        if pace is not None:
            agendas.append(c.Agenda(key.value, pace))
    return tuple(agendas)


def _is_number(r: Readers, claim: SourcedValue, what: str) -> bool:
    expression = claim.expression
    if constant(expression) is not None:
        r.found.error(
            claim.span,
            "constant-want",
            f"{what} reads no quantity, so nothing can change it",
            "a reason runs to the end of its value; inside one write `-1 [? why] * debt`",
        )
        return False
    kind = (
        r.scope.states.get(expression.name) or r.scope.unknowns.get(expression.name)
        if isinstance(expression, Ref) and expression.what in ("state", "unknown")
        else None
    )
    if kind is not None and kind.what == "ladder":
        r.found.error(expression.span, "kind", f"{what} is a ladder", f"use height({kind.ladder})")
        return False
    return True


def _fears(r: Readers, node: Mapping, what: str, span: Span) -> tuple[c.Fear, ...]:
    fears = []
    for key, entry in r.mapping(node.get("fears"), f"{what}, fears", span):
        inner = r.mapping(entry, f"{what}, fear of '{key.value}'", key.span)
        r.known(inner, KEYS["fear"], f"{what}, fear of '{key.value}'")
        if key.value not in r.declared.events:
            r.unknown_name(key, r.declared.events, "event")
            continue
        weight = r.claim(inner.get("weight"), f"{what}, weight", NUMBER)
        lasts = r.rate(inner, "lasts", what, DAYS)
        if weight is None or lasts is None:
            if not inner.get("weight") or not inner.get("lasts"):
                r.found.error(key.span, "missing", "a fear has `weight:` and `lasts:`")
            continue
        fears.append(c.Fear(key.value, weight, lasts))
    return tuple(fears)


def _awaits(r: Readers, node: Mapping, what: str, span: Span) -> tuple[c.Await, ...]:
    awaits = []
    for key, entry in r.mapping(node.get("awaits"), f"{what}, awaits", span):
        if key.value not in r.declared.events:
            r.unknown_name(key, r.declared.events, "event")
            continue
        odds = r.options(entry, f"{what}, odds of '{key.value}'", r.scope)
        for option in odds:
            if option.name not in r.declared.events[key.value]:
                r.found.error(
                    option.chance.span,
                    "unknown-outcome",
                    f"'{key.value}' has no outcome '{option.name}'",
                    suggestion(option.name, r.declared.events[key.value], "outcomes"),
                )
        awaits.append(c.Await(key.value, odds))
    return tuple(awaits)


def belief_types(beliefs: list[tuple[Text, Mapping]]) -> dict[tuple[str, str], tuple[str, ...]]:
    out = {}
    for key, node in beliefs:
        pair = key.value.split(" about ")
        types = node.get("types")
        if len(pair) == 2 and isinstance(types, Mapping):
            out[(pair[0].strip(), pair[1].strip())] = tuple(types.keys())
    return out


def read_belief(r: Readers, key: Text, node: Mapping) -> c.Belief | None:
    what = f"belief '{key.value}'"
    r.known(node, KEYS["belief"], what)
    pair = [p.strip() for p in key.value.split(" about ")]
    if len(pair) != 2:
        r.found.error(key.span, "belief", "a belief is named `iran about us`")
        return None
    for i, name in enumerate(pair):
        if name not in r.declared.actors:
            offset = 0 if i == 0 else key.value.index(" about ") + 7
            r.found.error(
                key.at(offset, len(name)),
                "unknown-actor",
                f"unknown actor '{name}'",
                suggestion(name, r.declared.actors, "actors"),
            )
    if pair[0] == pair[1]:
        r.found.error(
            key.span,
            "belief",
            f"'{pair[0]}' needs no belief about itself",
            "name another actor",
        )
    types = []
    total = 0.0
    for type_key, entry in r.mapping(node.get("types"), f"{what}, types", key.span):
        label = f"{what}, type '{type_key.value}'"
        r.name_ok(type_key)
        inner = r.mapping(entry, label, type_key.span)
        prior = r.fixed(
            r.claim(inner.get("prior"), f"{label}, prior", NUMBER, share=True),
            f"{label}, prior",
        )
        if prior is None:
            if inner.get("prior") is None:
                r.found.error(type_key.span, "missing", f"{label} has no `prior:`")
            continue
        total += constant(prior.expression) or 0.0
        settings = []
        for setting_key, value in inner.without("prior"):
            if setting_key.value not in r.scope.unknowns:
                r.unknown_name(setting_key, r.scope.unknowns, "unknown")
                continue
            wanted = r.scope.unknowns[setting_key.value]
            setting = r.claim(value, f"{label}, {setting_key.value}", wanted)
            if setting is not None:
                settings.append((setting_key.value, setting))
        types.append(c.Type(type_key.value, prior, tuple(settings)))
    if len(types) < 2:
        r.found.error(key.span, "belief", f"{what} needs two types or more")
    elif abs(total - 1) > 1e-6:
        r.found.error(key.span, "probability", f"the priors of {what} sum to {total:g}, not 1")
    learns = r.fixed(
        r.claim(node.get("learns"), f"{what}, learns", NUMBER, share=True),
        f"{what}, learns",
    )
    silence = None
    if node.get("silence") is not None:
        inner = r.mapping(node.get("silence"), f"{what}, silence", key.span)
        r.known(inner, KEYS["silence"], f"{what}, silence")
        answers = r.names(inner.get("answers"), "answers")
        for text in answers:
            if text.value not in r.declared.events:
                r.unknown_name(text, r.declared.events, "event")
        after = r.claim(inner.get("after"), f"{what}, after", FLAG, condition=True)
        lasts = r.fixed(r.days(inner, "for", what), f"{what}, for")
        for needed in ("after", "for"):
            if inner.get(needed) is None:
                r.found.error(key.span, "missing", f"{what}, silence has no `{needed}:`")
        if after and lasts:
            silence = c.Silence(after, lasts, tuple(t.value for t in answers))
    return c.Belief(
        holder=pair[0],
        about=pair[1],
        cites=r.cites(node),
        types=tuple(types),
        learns=learns,
        silence=silence,
        span=key.span,
    )

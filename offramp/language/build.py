"""From the expanded tree to a typed `Crisis`: every key known, every name resolved, every
number with a basis. Collects all errors and never stops at the first.

Names come first, so that their order in the file does not matter: the days, the quantities and
unknowns, the actors and events; then everything is read against them.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from offramp.language import crisis as c
from offramp.language import doubts
from offramp.language.actors import agendas_of, belief_types, read_actor, read_belief
from offramp.language.events import carriers, outcome_names, read_event
from offramp.language.expressions import Date, Ref, parse_claim, walk
from offramp.language.keys import VERSIONS
from offramp.language.kinds import ANY
from offramp.language.quantities import MAX_DAYS, declare, read_state, read_unknown
from offramp.language.readers import NOTHING, Readers, lacks
from offramp.sources.estimative import Phrases
from offramp.text.diagnostics import Diagnostics, suggestion
from offramp.text.tree import Mapping

SECTIONS = (
    "crisis",
    "language",
    "from",
    "to",
    "show",
    "show until",
    "limits",
    "state",
    "actor",
    "event",
    "unknown",
    "belief",
)


def build(
    root: Mapping,
    found: Diagnostics,
    passages: frozenset[str] | None,
    phrases: Phrases,
    before: Readers | None = None,
) -> tuple[c.Crisis | None, Readers]:
    """The crisis of an expanded file, None where it has no days; and readers for what stands beside
    it, which know its names. Findings, errors too, go to `found`.

    before   readers of another such file: an entry that stands there too, among the same names, is
             not read again
    """
    r = Readers(found, passages, phrases)
    r.known(root, SECTIONS, "a crisis file")
    first, last = _frame(r, root)
    states, unknowns = r.section(root, "state"), r.section(root, "unknown")
    scope = declare(r, states, unknowns)
    actors, events = r.section(root, "actor"), r.section(root, "event")
    beliefs = r.section(root, "belief")
    values = replace(NOTHING, scope=scope, first=first, last=last)
    declared = replace(
        values,
        scope=replace(scope, beliefs=belief_types(beliefs)),
        actors=tuple(k.value for k, _ in actors),
        agendas=agendas_of(actors),
        events={k.value: tuple(outcome_names(n)) for k, n in events},
    )
    same = before is not None and before.knows(declared, passages, phrases)
    known = before.entries if before is not None and same else {}
    r = r.knowing(values)
    typed_unknowns = r.each("unknown", unknowns, read_unknown, known)
    typed_states = r.each("state", states, read_state, known)
    r = r.knowing(declared)
    typed_beliefs = tuple(b for b in r.each("belief", beliefs, read_belief, known) if b)
    typed_actors = r.each("actor", actors, read_actor, known)
    typed_events = r.each("event", events, read_event, known)
    title = r.words(root, "crisis", "A crisis")
    show = _show(r, root)
    if first is None or last is None:
        return None, r
    shown_until = _shown_until(r, root, first, last)
    limits = tuple(" ".join(t.value.split()) for t in r.names(root.get("limits"), "limits"))
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
        limits=limits,
        language=_version(r, root),
        show_until=shown_until,
    )
    _whole(r, crisis)
    return crisis, r


def _frame(r: Readers, root: Mapping) -> tuple[dt.date | None, dt.date | None]:
    """The first and the last day, as far as they can be."""
    first, last = _date(r, root, "from"), _date(r, root, "to")
    if first and last:
        days = (last - first).days + 1
        key = root.get("to")
        span = key.span if key is not None else root.span
        if days < 1:
            r.found.error(span, "dates", "the crisis ends before it begins")
            last = None
        elif days > MAX_DAYS:
            r.found.error(span, "dates", f"{days} days are too many", "ten years at most")
            last = None
    return first, last


def _version(r: Readers, root: Mapping) -> int:
    """The version of the language; the first where none is said."""
    text = r.text(root.get("language"), "language")
    if text is None:
        return VERSIONS[0]
    if text.value not in map(str, VERSIONS):
        r.found.error(
            text.span,
            "version",
            f"version {text.value} of the language is not known",
            f"this Offramp reads versions {' and '.join(map(str, VERSIONS))}",
        )
        return VERSIONS[-1]
    return int(text.value)


def _date(r: Readers, root: Mapping, key: str) -> dt.date | None:
    text = r.text(root.get(key), key)
    if text is None:
        r.found.error(root.span, "missing", f"'{key}:' is missing", f"as in `{key}: 2020-01-03`")
        return None
    claim = parse_claim(text, r.found)
    if claim is None:
        return None
    if not isinstance(claim.expression, Date):
        r.found.error(text.span, "kind", f"'{key}:' wants a date", "as in 2020-01-03")
        return None
    return claim.expression.value


def _show(r: Readers, root: Mapping) -> tuple[str, ...]:
    shown = r.names(root.get("show"), "show")
    for text in shown:
        if text.value not in r.scope.states:
            r.unknown_name(text, r.scope.states, "quantity")
    if shown and r.scope.states.get(shown[0].value, ANY).what not in ("ladder", "any"):
        r.found.error(
            shown[0].span,
            "kind",
            "the first of `show:` is the ladder of the brief's fan",
            suggestion(
                shown[0].value,
                [k for k, v in r.scope.states.items() if v.what == "ladder"],
                "ladders",
            ),
        )
    return tuple(t.value for t in shown if t.value in r.scope.states)


def _shown_until(r: Readers, root: Mapping, first: dt.date, last: dt.date) -> dt.date | None:
    """The last day of what is shown whole; None where that is the last day of all."""
    node = root.get("show until")
    if node is None:
        return None
    day = _date(r, root, "show until")
    if day is not None and not first <= day <= last:
        r.found.error(
            node.span,
            "dates",
            f"'show until:' says {day}, outside the crisis",
            f"a day from {first} to {last}",
        )
        return None
    return day


def _whole(r: Readers, crisis: c.Crisis) -> None:
    _movers(r, crisis)
    _dated_choices(r, crisis)
    carriers(r, crisis)
    if r.found.errors:
        return  # what was not read would seem unused
    bounds = doubts.Bounds(crisis)
    every = [x for _, element in c.elements(crisis) for x in c.claims(element)]
    doubts.settled(every, bounds, r.found)
    doubts.idle(crisis, r.found)
    doubts.gone(r.half_lives, bounds, r.found)
    doubts.beyond(r.shares, r.amounts, doubts.Bounds(crisis, True), r.found)
    refs = [p for claim in every for p in walk(claim.expression) if isinstance(p, Ref)]
    read = {ref.name for ref in refs if ref.what == "unknown"}
    for unknown in crisis.unknowns:
        if unknown.name not in read:
            r.found.warning(
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
            r.found.warning(
                state.span,
                "unused-state",
                f"nothing reads or changes '{state.name}'",
                "it has no effect; use it or remove it",
            )


def _movers(r: Readers, crisis: c.Crisis) -> None:
    moves = {e.by for e in crisis.events if e.chosen or e.as_choice}
    consents = {actor for e in crisis.events for actor in e.consent}
    for actor in crisis.actors:
        if actor.name in moves:
            _needs(r, actor, ("agendas", "precision", "foresight_claim"), "moves")
        elif actor.name in consents:
            _needs(r, actor, ("precision",), "is asked to consent")
        elif actor.agendas:
            r.found.warning(
                actor.span,
                "idle",
                f"actor '{actor.name}' has a pace but no move",
                "give it events, or a `role:`",
            )
        used = {e.agenda for e in crisis.events if e.by == actor.name and (e.alone or e.as_choice)}
        for agenda in actor.agendas:
            if actor.name in moves and agenda.name not in used:
                r.found.error(
                    agenda.pace.span,
                    "agenda",
                    f"agenda '{agenda.name}' of {actor.name} has no move",
                    "`agenda:` of a move, or take it out",
                )
        for other in actor.weighs:
            if other not in moves:
                r.found.warning(
                    actor.span, "weighs", f"'{actor.name}' weighs '{other}', who has no move"
                )


def _dated_choices(r: Readers, crisis: c.Crisis) -> None:
    """An agenda has one dated choice a day: of two that fall together the first in the file is
    made, if its `when:` allows it. After one that always happens the other never would."""
    choices = [e for e in crisis.events if e.as_choice]
    for k, event in enumerate(choices):
        for other in choices[:k]:
            shared = set(event.days) & set(other.days)
            same = (event.by, event.agenda) == (other.by, other.agenda)
            always = other.when is None and not other.once and other.pause is None
            if shared and same and always:
                r.found.error(
                    event.span,
                    "as-choice",
                    f"{event.name} never happens on {min(shared)}: {other.name} is chosen then, "
                    "and an agenda has one dated choice a day",
                    f"another day, another agenda, or a `when:` of {other.name}",
                )


def _needs(r: Readers, actor: c.Actor, keys: tuple[str, ...], why: str) -> None:
    written = {"agendas": "pace", "foresight_claim": "foresight"}
    missing = [written.get(k, k) for k in keys if getattr(actor, k) in (None, ())]
    if not actor.wants:
        missing.append("wants")
    if missing:
        what = f"actor '{actor.name}' {why} and"
        lacks(actor.span, what, missing, "see docs/language.md, actor", r.found)

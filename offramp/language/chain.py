"""The chain inside a crisis: which element reads which, and what stands behind an answer."""

from __future__ import annotations

from collections.abc import Iterable

from offramp.language.crisis import Crisis, claims
from offramp.language.expressions import Call, Name, Ref, walk


def influences(crisis: Crisis) -> dict[str, frozenset[str]]:
    """For each element, the elements that it reads: the edges of the chain inside the model.

    Events are also influenced by their mover (and consenting actor), beliefs by both actors and
    their moves, quantities by every event that writes them.
    """
    edges: dict[str, set[str]] = {}

    def mentions(value: object) -> set[str]:
        out = set()
        for claim in claims(value):
            for part in walk(claim.expression):
                if isinstance(part, Ref) and part.what in ("state", "unknown"):
                    out.add(f"{part.what} {part.name}")
                elif isinstance(part, Call) and part.function == "believes":
                    names = [a.name for a in part.arguments if isinstance(a, Name)]
                    out.add(f"belief {names[0]} about {names[1]}")
        return out

    for unknown in crisis.unknowns:
        edges[f"unknown {unknown.name}"] = set()
    for state in crisis.states:
        edges[f"state {state.name}"] = mentions(state)
    for actor in crisis.actors:
        other = {f"actor {n}" for n in actor.weighs}
        other |= {f"event {f.event}" for f in actor.fears}
        other |= {f"event {a.event}" for a in actor.awaits}
        other |= {
            f"belief {b.holder} about {b.about}" for b in crisis.beliefs if b.holder == actor.name
        }
        edges[f"actor {actor.name}"] = mentions(actor) | other
    for event in crisis.events:
        own = mentions(event)
        own |= {f"actor {n}" for n in (event.by, *event.consent) if n}
        if event.clock:
            own.add(f"state {event.clock}")
        if event.vote and event.vote.clock:
            own.add(f"state {event.vote.clock}")
        edges[f"event {event.name}"] = own
        for effect in event.does + tuple(x for o in event.outcomes for x in o.does):
            edges[f"state {effect.quantity}"].add(f"event {event.name}")
    for belief in crisis.beliefs:
        edges[f"belief {belief.holder} about {belief.about}"] = mentions(belief) | {
            f"actor {belief.about}"
        }
    return {name: frozenset(to) for name, to in edges.items()}


def element_of(function: str, name: str, crisis: Crisis) -> str:
    """The address of what a question's atom watches: of `a.b` the event of that name, else an
    outcome of `a`; of a reading the actor, the belief, or the vote or move that it is of."""
    reading, _, arguments = name.rstrip(")").partition("(")
    if arguments:
        names = arguments.split(", ")
        if reading == "worth":
            return f"actor {names[0]}"
        if reading == "believes":
            return f"belief {names[0]} about {names[1]}"
        return f"event {names[0 if reading == 'votes' else 1]}"
    if function not in ("count", "first"):
        return f"state {name}"
    known = any(e.name == name for e in crisis.events)
    return f"event {name if known else name.rpartition('.')[0]}"


def behind(
    edges: dict[str, frozenset[str]], roots: Iterable[str], steps: int | None = None
) -> tuple[str, ...]:
    """Every element that can reach the roots: what an answer rests on, nearest first.

    With `steps`, only those at most so many edges away.
    """
    distance = dict.fromkeys((r for r in roots if r in edges), 0)
    queue = list(distance)
    while queue:
        here = queue.pop(0)
        if distance[here] == steps:
            continue
        for name in sorted(edges[here]):
            if name not in distance:
                distance[name] = distance[here] + 1
                queue.append(name)
    return tuple(distance)

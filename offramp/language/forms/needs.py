"""`needs:` a gate: what is necessary beside what speaks for a thing (noisy-AND)."""

from __future__ import annotations

from offramp.language.expressions import Operation, parse_claim
from offramp.language.forms.grafts import inside, joined, marked, put, word_of
from offramp.language.kinds import constant
from offramp.text.diagnostics import Diagnostics, Span
from offramp.text.tree import Mapping, Node, Text

_LEAST = ".000001 [? by the form needs]"  # what is left of the odds with the gate shut
_BLUNTEST = ".01 [? by the form needs]"  # a precision below it is not divided out
_CONDITIONS = ("<", "<=", ">", ">=", "==", "!=", "and", "or", "not")


def needs(root: Mapping, found: Diagnostics) -> Mapping:
    """The crisis with every gate g, from 0 to 1, as a factor: of a chance event's rate, of the odds
    of a move (against doing nothing and any other), of the odds that a member of a bloc votes yes.

    The urge of a move is multiplied by its mover's precision, so log g is divided by that."""
    events = root.get("event")
    for key, entry in events if isinstance(events, Mapping) else ():
        if isinstance(entry, Mapping):
            gated = _blocs(_event(root, key, entry, found), f"event '{key.value}'", found)
            if gated is not entry:
                root = put(root, "event", key.value, gated)
    return root


def _event(root: Mapping, key: Text, entry: Mapping, found: Diagnostics) -> Mapping:
    what, node = f"event '{key.value}'", entry.get("needs")
    gate = _gate(node, what, found) if node is not None else None
    if node is None or gate is None:
        return entry.without("needs") if node is not None else entry
    entry = entry.without("needs")
    rate, by = entry.get("rate"), word_of(entry.get("by"))
    if rate is not None:
        marked(rate, f"{what}, rate", found)
        return entry.plus("rate", joined(node.span, inside(rate), " * clip(", gate, ", 0, 1)"))
    if not by or (entry.get("on") is not None and entry.get("as") is None):
        found.error(
            node.span,
            "needs",
            f"neither choice nor chance brings {what}, so `needs:` has nothing to lower",
            "write `when:`, or, of a vote, `needs:` beside a bloc's `yes:`",
        )
        return entry
    marked(node, f"{what}, needs", found)
    urge, precision = entry.get("urge"), _precision(root, by)
    if urge is not None:
        marked(urge, f"{what}, urge", found)
    own = (inside(urge), " + ") if urge is not None else ()
    gate = joined(node.span, _log(node.span, gate), f" / max({_BLUNTEST}, ", precision, ")")
    return entry.plus("urge", joined(node.span, *own, gate))


def _blocs(entry: Mapping, what: str, found: Diagnostics) -> Mapping:
    """The event with the gates of its blocs."""
    vote = entry.get("vote")
    blocs = vote.get("blocs") if isinstance(vote, Mapping) else None
    for key, bloc in blocs if isinstance(blocs, Mapping) else ():
        node = bloc.get("needs") if isinstance(bloc, Mapping) else None
        if node is None:
            continue
        assert isinstance(bloc, Mapping)
        assert isinstance(blocs, Mapping)
        assert isinstance(vote, Mapping)
        label = f"{what}, bloc '{key.value}'"
        gate, yes = _gate(node, label, found), bloc.get("yes")
        bloc = bloc.without("needs")
        if gate is not None and yes is not None:
            marked(node, f"{label}, needs", found)
            marked(yes, f"{label}, yes", found, whole=True)
            odds = joined(node.span, inside(yes), " + ", _log(node.span, gate))
            bloc = bloc.plus("yes", odds)
        blocs = blocs.plus(key.value, bloc)
        entry = entry.plus("vote", vote.plus("blocs", blocs))
    return entry


def _gate(node: Node, what: str, found: Diagnostics) -> Text | None:
    """A gate made fit to stand in a larger value; None where it is none, with the reason."""
    label = f"{what}, needs"
    if not isinstance(node, Text):
        found.error(node.span, "shape", f"{label} wants a single value", "a number from 0 to 1")
        return None
    claim = parse_claim(node, found)
    if claim is None:
        return None
    value = constant(claim.expression)
    if value is not None and not 0 <= value <= 1:
        found.error(
            claim.expression.span,
            "probability",
            f"{label} is a share and cannot be {value:g}",
            "write a number from 0 to 1; 35% is .35",
        )
        return None
    if isinstance(claim.expression, Operation) and claim.expression.operator in _CONDITIONS:
        found.warning(
            claim.expression.span,
            "needs",
            f"{label} is true or false, so nothing is left where it is false",
            "write it under `when:`; a gate is a number from 0 to 1",
        )
    return inside(node)


def _log(span: Span, gate: Text) -> Text:
    return joined(span, "log(clip(", gate, f", {_LEAST}, 1))")


def _precision(root: Mapping, actor: str) -> Text | str:
    """The precision of an actor, to stand in a larger value."""
    actors = root.get("actor")
    entry = actors.get(actor) if isinstance(actors, Mapping) else None
    node = entry.get("precision") if isinstance(entry, Mapping) else None
    return inside(node) if node is not None else "1"  # there is none: its reader says so

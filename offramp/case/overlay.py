"""A crisis under other premises: the expanded tree with some values in place of others."""

from __future__ import annotations

from dataclasses import dataclass

from offramp.case.core import Core
from offramp.language.expressions import Basis, parse_claim, parse_plain, parse_range
from offramp.language.keys import PRIORS, STATE_KINDS
from offramp.text.diagnostics import Diagnostics, Span, suggestion
from offramp.text.tree import Mapping, Node, Sequence, Text

ONLY = (
    "an assessment may set unknowns, beliefs and hidden starts; anything else is a different model"
)


@dataclass(frozen=True)
class Override:
    """One premise: what it replaces ('unknown us.tau'), with what, and on which passages.

    `value` is the tree as written: a prior of an unknown, the priors of a belief's types, a start.
    """

    what: str
    value: Node
    span: Span
    passages: tuple[str, ...]


def overlaid(tree: Mapping, overrides: tuple[Override, ...], found: Diagnostics) -> Mapping:
    """The expanded tree of a crisis with the premises in place of what they replace."""
    for override in overrides:
        section, name = override.what.split(" ", 1)
        entries = tree.get(section)
        old = entries.get(name) if isinstance(entries, Mapping) else None
        if not isinstance(entries, Mapping) or not isinstance(old, Mapping):
            found.error(override.span, "no-such-premise", f"the case has no {override.what}", ONLY)
            continue
        new = _CHANGES[section](old.without("cites"), override.value)
        if override.passages:
            places = {p: b.span for b in reversed(bases_of(override.value)) for p in b.passages}
            ids = tuple(Text(p, places.get(p, override.span)) for p in override.passages)
            new = new.plus("cites", Sequence(ids, override.span))
        key = Text(name, override.span)
        changed = tuple((key, new) if k.value == name else (k, n) for k, n in entries)
        tree = tree.plus(section, Mapping(changed, entries.span))
    return tree


def _new_prior(old: Mapping, value: Node) -> Mapping:
    if not isinstance(value, Mapping):
        return old
    new = old.without(*PRIORS)
    before = old.get("among")
    for key, node in value:
        if key.value == "among" and isinstance(before, Mapping) and isinstance(node, Mapping):
            # The order of the levels is the case's: height() and the dice go by it.
            order = {name: place for place, name in enumerate(before.keys())}
            ranked = sorted(node.entries, key=lambda entry: order.get(entry[0].value, len(order)))
            node = Mapping(tuple(ranked), node.span)
        new = new.plus(key.value, node)
    return new


def _new_types(old: Mapping, value: Node) -> Mapping:
    types = old.get("types")
    if not isinstance(types, Mapping) or not isinstance(value, Mapping):
        return old
    changed = tuple(
        (key, entry.plus("prior", prior))
        if isinstance(entry, Mapping) and (prior := value.get(key.value)) is not None
        else (key, entry)
        for key, entry in types
    )
    return old.plus("types", Mapping(changed, types.span))


def _new_start(old: Mapping, value: Node) -> Mapping:
    kind = next((k for k in STATE_KINDS if old.key(k)), "stock")
    return old.plus("now" if kind in ("stock", "ladder") else kind, value)


_CHANGES = {"unknown": _new_prior, "belief": _new_types, "state": _new_start}


def bases_of(node: Node) -> list[Basis]:
    """All marks in a value; what cannot be read has none, and is reported elsewhere."""
    if isinstance(node, Mapping):
        return [basis for _, value in node for basis in bases_of(value)]
    if not isinstance(node, Text):
        return []
    quiet = Diagnostics()
    if ".." in node.value:
        pair = parse_range(node, quiet)
        return list(pair[0].bases) if pair else []
    claim = parse_claim(node, quiet)
    if claim is not None:
        return list(claim.bases)
    plain = parse_plain(node, quiet)
    return list(plain[1]) if plain else []


def no_passage(text: Text, case: Core, found: Diagnostics) -> None:
    """Reports what is no passage: one side of a disagreement must be named, D22 means them all."""
    side = f"{text.value}.1"
    help = f"name one side, as in {side}" if side in case.passages else ""
    found.error(
        text.span,
        "unknown-passage",
        f"there is no passage '{text.value}'",
        help or suggestion(text.value, case.passages) or "passages are listed in passages.yaml",
    )

"""What the documents disagree on, and what of the model carries it: disagreements.yaml."""

from __future__ import annotations

from dataclasses import dataclass

from offramp.case.core import Core, Read
from offramp.case.overlay import no_passage
from offramp.case.reports import ids_of
from offramp.language.readers import Readers
from offramp.text.diagnostics import Diagnostics, Span, suggestion
from offramp.text.tree import Mapping, Text

FILE = "disagreements.yaml"
KEYS = ("topic", "sides", "carried_by", "left")
_CARRIERS = ("unknown", "event", "state", "actor", "belief", "history", "entity")


@dataclass(frozen=True)
class Side:
    """What one document says in a disagreement."""

    document: str
    passages: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Disagreement:
    """A point on which documents differ, and what in the model carries it ('unknown c').

    `left` says why nothing in the model does; exactly one of the two is given.
    """

    id: str
    topic: str
    sides: tuple[Side, ...]
    carried_by: tuple[str, ...]
    left: str
    span: Span


def read_disagreements(case: Core) -> Read[tuple[Disagreement, ...]]:
    """What the documents disagree on; none without the file. Every document, passage and element
    named must exist."""
    if not case.texts.has(FILE):
        return Read(())
    found = Diagnostics()
    readers = case.readers(found)
    root = case.texts.tree(FILE, found)
    made: list[Disagreement] = []
    if root is not None:
        readers.known(root, ("disagreements",), "a file of disagreements")
        if root.get("disagreements") is None:
            found.error(root.span, "missing", "`disagreements:` is missing", "its entries go there")
        known = _elements(case)
        for key, node in readers.section(root, "disagreements"):
            made.append(_disagreement(key, node, case, readers, known))
    return Read(tuple(made), tuple(found.ordered()))


def _disagreement(
    key: Text, node: Mapping, case: Core, readers: Readers, known: dict[str, list[str]]
) -> Disagreement:
    found, what = readers.found, f"disagreement '{key.value}'"
    readers.known(node, KEYS, what)
    topic, left = readers.words(node, "topic"), readers.words(node, "left")
    if not topic:
        found.error(
            key.span, "missing", f"{what} has no `topic:`", "what it is about, in our words"
        )
    carriers = readers.names(node.get("carried_by"), f"{what}, carried_by")
    if bool(carriers) == bool(left):
        found.error(
            key.span,
            "disagreement",
            f"{what} needs either `carried_by:` or `left:`",
            "name what carries it, as in [unknown c], or say why nothing does",
        )
    for text in carriers:
        _carrier(text, known, found)
    sides = []
    for name, value in readers.mapping(node.get("sides"), f"{what}, sides", key.span):
        if name.value not in case.documents:
            readers.unknown_name(name, case.documents, "document")
        passages = readers.names(value, f"{what}, side of '{name.value}'")
        if not passages:
            found.error(
                name.span, "missing", f"{what} cites nothing of '{name.value}'", "as in [D1.1]"
            )
        for passage in passages:
            known_passage = case.passages.get(passage.value)
            if known_passage is None:
                no_passage(passage, case, found)
            elif known_passage.document != name.value:
                found.error(
                    passage.span,
                    "foreign-passage",
                    f"passage '{passage.value}' is of '{known_passage.document}', "
                    f"not of '{name.value}'",
                    f"put it under `{known_passage.document}:`",
                )
        sides.append(Side(name.value, tuple(p.value for p in passages)))
    if not sides:
        found.error(key.span, "missing", f"{what} has no sides", "sides: {inss: [D1.1]}")
    return Disagreement(
        id=key.value,
        topic=topic,
        sides=tuple(sides),
        carried_by=tuple(" ".join(t.value.split()) for t in carriers),
        left=left,
        span=key.span,
    )


def _carrier(text: Text, known: dict[str, list[str]], found: Diagnostics) -> None:
    """Reports a carrier that is not there."""
    kind, _, rest = " ".join(text.value.split()).partition(" ")
    if kind not in _CARRIERS or not rest:
        found.error(
            text.span,
            "carrier",
            f"'{text.value}' names no part of a model",
            "begin with " + ", ".join(_CARRIERS) + ", as in `unknown c`",
        )
    elif kind != "entity" and rest not in known[kind]:
        found.error(
            text.span,
            f"unknown-{kind}",
            f"the case has no {kind} '{rest}'",
            suggestion(rest, known[kind], "known here"),
        )


def _elements(case: Core) -> dict[str, list[str]]:
    crisis = case.crisis
    return {
        "unknown": [u.name for u in crisis.unknowns],
        "event": [e.name for e in crisis.events],
        "state": [s.name for s in crisis.states],
        "actor": [a.name for a in crisis.actors],
        "belief": [f"{b.holder} about {b.about}" for b in crisis.beliefs],
        "history": ids_of(case.texts),
    }

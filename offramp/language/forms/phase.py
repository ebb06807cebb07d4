"""A phase of the crisis: stages that blows bring on, and what happens, opens and closes in them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import replace

from offramp.language.expressions import parse_arrow
from offramp.language.forms.grafts import (
    added,
    changed,
    further,
    gives,
    has_all,
    inside,
    is_there,
    joined,
    labels_of,
    listed,
    made,
    marked,
    paced,
    renamed,
    squeezed,
    titled,
    want_lists,
    word_of,
)
from offramp.language.keys import COMMON, FORM_KEYS, FORM_NEEDS
from offramp.language.readers import entries, known, texts
from offramp.text.diagnostics import Diagnostics
from offramp.text.tree import Mapping, Node, Text

_SEE = "see docs/language.md, phase"
_BY = "by the form phase"


def phase(root: Mapping, key: Text, entry: Mapping, found: Diagnostics) -> Mapping:
    """A ladder that does not fade, a stock of blows that does, for each stage its own events, and
    terms and conditions that read the ladder on what others do (Schelling 1960; Powell 2015)."""
    what, name, span = f"phase '{key.value}'", key.value, key.span
    if not has_all(entry, FORM_NEEDS["phase"], key, what, found):
        return root
    stages = texts(entry.get("stages"))
    names = [t.value for t in stages]
    taken = [t for t in stages if t.value in FORM_KEYS["phase"]]
    if len(stages) < 2 or taken:
        found.error(
            taken[0].span if taken else span,
            "phase",
            f"{what}: a stage cannot be called '{taken[0].value}'"
            if taken
            else f"{what} has fewer than two stages",
            "stages: [crisis, war], with `war:` below",
        )
        return root
    known(entry, (*FORM_KEYS["phase"], *names[1:]), what, found)
    now = entry.get("now") or joined(span, f"{names[0]} ? it begins with its first stage, {_BY}")
    ladder = made(span, **labels_of(entry), ladder=entry.get("stages"), now=now)
    root = _blows(added(root, "state", name, ladder, found), key, entry, found)
    gates: dict[str, tuple[Text, list[str], list[str]]] = {}  # moves: those opening, those closing
    for before, stage in itertools.pairwise(names):
        node = entries(entry.get(stage), f"{what}, {stage}", found, _SEE)
        if node is not None:
            own = renamed(node, "blows", f"{name}.blows", COMMON)
            assert isinstance(own, Mapping)
            root = _stage(root, key, stage, before, own, names, found)
            _gates(gates, own, f"{what}, {stage}", stage, found)
    for move, opening, closing in gates.values():
        if is_there(root, "event", move, found):
            root = _gated(root, name, move, opening, closing)
    _loose_ends(root, key, entry, names, found)
    return root


def _blows(root: Mapping, key: Text, entry: Mapping, found: Diagnostics) -> Mapping:
    """The stock that both sides feed, and an effect on each event that feeds it."""
    what, stock, span = f"phase '{key.value}', blows", f"{key.value}.blows", key.span
    blows = entries(entry.get("blows"), what, found, _SEE)
    if blows is None:
        return root
    has_all(blows, FORM_NEEDS["blows"], key, what, found)
    title = word_of(entry.get("name")) or key.value
    root = added(
        root,
        "state",
        stock,
        made(
            span,
            name=joined(span, f"{title}: blows of late"),
            stock=joined(span, f"0 .. 1000 ? room, {_BY}"),
            now=blows.get("now") or joined(span, f"0 ? nobody has struck yet, {_BY}"),
            fades=blows.get("fades"),
        ),
        found,
    )
    for event, amount in blows.without(*FORM_KEYS["blows"]):
        if not isinstance(amount, Text):
            found.error(amount.span, "shape", f"{what}: '{event.value}' wants a number", _SEE)
            continue
        effect = joined(amount.span, f"{stock} + ", squeezed(amount))
        root = gives(root, event, effect, found)
    return root


def _stage(
    root: Mapping,
    key: Text,
    stage: str,
    before: str,
    entry: Mapping,
    names: list[str],
    found: Diagnostics,
) -> Mapping:
    """The events of one stage, and what it adds to paces and rates."""
    name, span = key.value, entry.span
    what, here = f"phase '{name}', {stage}", f"{name} == {stage}"
    known(entry, FORM_KEYS["stage"], what, found)
    want_lists(entry, ("entered by", "closes", "opens"), what, found)
    title = f"{name}: {stage}".replace("_", " ")
    rate = entry.get("out of hand")
    enters = joined(span, f"{name} >= {stage} ? the stage begins, {_BY}")
    if rate is not None:
        begins = made(
            span,
            **labels_of(titled(entry, title, span)),
            rate=rate,
            when=joined(span, f"{name} == {before}"),
            calls=entry.get("calls"),
            does=listed(span, enters, entry.get("then")),
        )
        root = added(root, "event", f"{name}.{stage}", begins, found)
    elif idle := [k for k in ("then", "calls") if entry.get(k) is not None]:
        found.error(
            entry.span,
            "phase",
            f"{what}: `{idle[0]}:` is for when it gets out of hand, and nothing says how often",
            "add `out of hand:`, a rate; an event under `entered by:` has its own `does:`",
        )
    for event in texts(entry.get("entered by")):
        root = gives(root, event, replace(enters, span=event.span), found)
    if entry.get("each day") is not None:
        day = made(
            span,
            name=joined(span, f"{title}, a day of it"),
            rate=joined(span, f"40 ? every day, {_BY}"),
            when=joined(span, here),
            does=entry.get("each day"),
        )
        root = added(root, "event", f"{name}.{stage}.day", day, found)
    for whose, more in entries(entry.get("pace"), f"{what}, pace", found, _SEE) or ():
        term = joined(more.span, " + ", inside(more), f" * ({here})")
        root = paced(root, whose, term, found)
    for event, factor in entries(entry.get("times"), f"{what}, times", found, _SEE) or ():
        if is_there(root, "event", event, found):
            root = _times(root, event, factor, here, found)
    for way, node in entries(entry.get("left by"), f"{what}, left by", found, _SEE) or ():
        exit_ = entries(node, f"{what}, left by '{way.value}'", found, _SEE)
        if exit_ is not None:
            root = _way_out(root, key, stage, before, way, exit_, names, found)
    return root


def _times(root: Mapping, event: Text, factor: Node, here: str, found: Diagnostics) -> Mapping:
    def more(entry: Mapping) -> Mapping:
        rate = entry.get("rate")
        if rate is None:
            found.error(event.span, "rate", f"'{event.value}' is not a chance event")
            return entry
        marked(rate, f"event '{event.value}', rate", found)
        much = joined(factor.span, f" * (1 + ({here}) * (", inside(factor), " - 1))")
        return entry.plus("rate", joined(factor.span, inside(rate), much))

    return changed(root, "event", event.value, more)


def _way_out(
    root: Mapping,
    key: Text,
    stage: str,
    before: str,
    way: Text,
    entry: Mapping,
    names: list[str],
    found: Diagnostics,
) -> Mapping:
    """An event of any kind that ends the stage."""
    name, span = key.value, way.span
    what = f"phase '{name}', {stage}, left by '{way.value}'"
    known(entry, FORM_KEYS["way out"], what, found)
    to = entry.get("to")
    if to is not None and word_of(to) not in names:
        found.error(
            to.span, "unknown-level", f"'{word_of(to)}' is no stage of '{name}'", ", ".join(names)
        )
        return root
    ends = joined(span, f"{name} = {word_of(to) or before} ? the stage ends, {_BY}")
    own = titled(replace(entry, span=span).without("to"), f"{name}: {way.value}", span)
    own = own.plus("when", joined(span, f"{name} == {stage}", *further(entry.get("when"))))
    own = own.plus("does", listed(span, ends, entry.get("does")))
    return added(root, "event", f"{name}.{way.value}", own, found)


def _gates(
    gates: dict[str, tuple[Text, list[str], list[str]]],
    entry: Mapping,
    what: str,
    stage: str,
    found: Diagnostics,
) -> None:
    """Notes what a stage opens and closes."""
    for place, key in ((1, "opens"), (2, "closes")):
        for move in texts(entry.get(key)):
            gate = gates.setdefault(move.value, (move, [], []))
            if place == 2 and stage in gate[1]:
                found.error(
                    move.span,
                    "phase",
                    f"{what}: '{move.value}' is opened and closed by it",
                    "what is only possible in it stands under `opens:` alone",
                )
            gate[place].append(stage)  # type: ignore[union-attr]


def _gated(
    root: Mapping, name: str, move: Text, opening: Iterable[str], closing: Iterable[str]
) -> Mapping:
    """What is possible in some stages alone, and not in others."""
    open_ = " or ".join(f"{name} == {stage}" for stage in opening)
    conditions = [f"({open_})"] if open_ else []
    conditions += [f"{name} != {stage}" for stage in closing]

    def gate(event: Mapping) -> Mapping:
        own = event.get("when")
        first = (inside(own), " and ") if own is not None else ()
        return event.plus("when", joined(move.span, *first, " and ".join(conditions)))

    return changed(root, "event", move.value, gate)


def _loose_ends(
    root: Mapping, key: Text, entry: Mapping, names: list[str], found: Diagnostics
) -> None:
    """Warns of a stage that nothing brings, and of one that nothing ends."""
    name = key.value
    moved = name in _targets(root, {f"{name}.{w}" for w in _ways(entry, names)})
    for stage in names[1:]:
        node = entry.get(stage)
        own = node if isinstance(node, Mapping) else Mapping((), key.span)
        if own.get("out of hand") is None and own.get("entered by") is None and not moved:
            found.warning(
                entry.key(stage).span if entry.key(stage) else key.span,  # type: ignore[union-attr]
                "phase",
                f"nothing brings the stage '{stage}' of phase '{name}'",
                "write `out of hand:`, a rate, or `entered by:`, events",
            )
        if own.get("left by") is None and own.get("lasts") is None:
            found.warning(
                entry.key(stage).span if entry.key(stage) else key.span,  # type: ignore[union-attr]
                "phase",
                f"nothing ends the stage '{stage}' of phase '{name}'",
                "write `left by:`, or `lasts: yes` where that is meant",
            )


def _ways(entry: Mapping, names: list[str]) -> Iterable[str]:
    for stage in names[1:]:
        node = entry.get(stage)
        ways = node.get("left by") if isinstance(node, Mapping) else None
        yield from (*(ways.keys() if isinstance(ways, Mapping) else ()), stage, f"{stage}.day")


def _targets(root: Mapping, but: set[str]) -> set[str]:
    """The quantities that events move, those that the form makes aside."""
    out = set()
    events = root.get("event")
    for key, entry in events if isinstance(events, Mapping) else ():
        if key.value in but or not isinstance(entry, Mapping):
            continue
        outcomes = entry.get("outcomes")
        inner = [n for _, n in outcomes] if isinstance(outcomes, Mapping) else []
        for node in (entry, *(n for n in inner if isinstance(n, Mapping))):
            arrows = (parse_arrow(text, Diagnostics()) for text in texts(node.get("does")))
            out |= {arrow.target.name for arrow in arrows if arrow is not None}
    return out

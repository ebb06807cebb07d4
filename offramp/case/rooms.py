"""The rooms of a case: which elements of the model belong together, in rooms.yaml beside it.

A room is a part of the crisis that can be told by itself: a title, a paragraph of ours, the
elements of the model that make it up, the questions that ask about it, and what a page shows of a
run. Rooms may share elements. A case without rooms.yaml has none. Above them, or alone, may stand
what the crisis is, in a few sentences for whoever comes to it new: the sheets of a handout begin
with it.

    about: Who quarrels with whom about what, and what makes it urgent.   # optional
    rooms:
      ladder:
        title: Blow and answer
        about: What the mechanism is, in plain words.
        elements:
          state: [rung, alert]
          event: [strike]
          belief: [iran about us]
        diagram: [rung, strike]        # of the elements, those that are drawn (default: all drawn)
        wants: [us]                    # actors whose wants the diagram draws too
        questions: [us_strikes_again]
        plots: [rung]                  # quantities whose course over the days is shown
        counts: [strike, bill.carried] # events, outcomes: the share of worlds by month is shown
        gains: yes                     # the page also says who gained (optional)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from offramp.case.core import Core, Read
from offramp.language.crisis import Crisis, State, elements
from offramp.language.edits import outcomes
from offramp.text.diagnostics import (
    Diagnostics,
    Span,
    plural,
    suggestion,
)
from offramp.text.tree import Mapping, Node, Sequence, Text

FILE = "rooms.yaml"
TOP = ("about", "rooms")
NOUNS = ("state", "event", "actor", "unknown", "belief")
DRAWN = ("state", "event", "unknown", "belief")
KEYS = ("title", "about", "elements", "diagram", "wants", "questions", "plots", "counts", "gains")
NEEDED = ("title", "about", "elements")
MOST = 25
"""Boxes a diagram can hold and still be read."""


@dataclass(frozen=True, kw_only=True)
class Room:
    """One room. `elements` are addresses (`state rung`, `belief iran about us`), in the order
    written; `diagram` are those of them that are drawn; the rest are plain names. `gains`: its page
    says who gained, by each assessment's weights."""

    id: str
    title: str
    about: str
    elements: tuple[str, ...]
    diagram: tuple[str, ...]
    wants: tuple[str, ...]
    questions: tuple[str, ...]
    plots: tuple[str, ...]
    counts: tuple[str, ...]
    gains: bool
    span: Span

    def named(self, noun: str) -> tuple[str, ...]:
        """The names of the room's elements of one noun."""
        return tuple(e.split(" ", 1)[1] for e in self.elements if e.startswith(f"{noun} "))


def read_rooms(case: Core) -> Read[tuple[Room, ...]]:
    """The rooms that could be read, in the order written; an element of the model that is in no
    room is a warning."""
    found = Diagnostics()
    root = case.texts.tree(FILE, found) if case.texts.has(FILE) else None
    if root is None:
        return Read((), tuple(found.ordered()))
    reader = _Reader(case, found)
    rooms = reader.rooms(root)
    if rooms and not found.errors:
        _all_housed(case.crisis, rooms, root.span, found)
    return Read(rooms, tuple(found.ordered()))


def about(case: Core) -> str:
    """What the crisis is, in a few sentences of ours; '' where rooms.yaml does not say. What is
    wrong with it is found by `read_rooms`."""
    quiet = Diagnostics()
    root = case.texts.tree(FILE, quiet) if case.texts.has(FILE) else None
    return "" if root is None else _Reader(case, quiet).words(root, "about")


def homeless(crisis: Crisis, rooms: Iterable[Room]) -> tuple[str, ...]:
    """The elements of the crisis that are in no room, by address."""
    housed = {e for room in rooms for e in room.elements}
    return tuple(address for address, _ in elements(crisis) if address not in housed)


def _all_housed(crisis: Crisis, rooms: tuple[Room, ...], span: Span, found: Diagnostics) -> None:
    for address in homeless(crisis, rooms):
        found.warning(span, "no-room", f"{address} is in no room", "list it under `elements:`")


class _Reader:
    def __init__(self, case: Core, found: Diagnostics) -> None:
        self.case, self.found = case, found
        self.known: dict[str, tuple[str, ...]] = dict.fromkeys(NOUNS, ())
        for address, _ in elements(case.crisis):
            noun, name = address.split(" ", 1)
            self.known[noun] = (*self.known[noun], name)
        self.states: dict[str, State] = {s.name: s for s in case.crisis.states}
        self.questions = tuple(q.id for q in case.questions)

    def rooms(self, root: Mapping) -> tuple[Room, ...]:
        self.keys(root, TOP, "rooms.yaml")
        self.words(root, "about")
        listed = root.get("rooms")
        if listed is None and root.get("about") is not None:
            return ()
        if not isinstance(listed, Mapping):
            self.found.error(root.span, "shape", "rooms.yaml has no entries under `rooms:`")
            return ()
        made = []
        for key, node in listed:
            if not isinstance(node, Mapping):
                self.found.error(
                    node.span, "shape", f"the room '{key.value}' wants keys and values"
                )
                continue
            made.append(self.room(key, node))
        return tuple(made)

    def room(self, key: Text, node: Mapping) -> Room:
        self.keys(node, KEYS, f"the room '{key.value}'")
        for needed in NEEDED:
            if node.get(needed) is None:
                self.found.error(key.span, "missing", f"the room '{key.value}' has no `{needed}:`")
        own = self.elements(key, node.get("elements"))
        drawn = self.drawn(key, node, own)
        actors = tuple(e.split(" ", 1)[1] for e in own if e.startswith("actor "))
        return Room(
            id=key.value,
            title=self.words(node, "title"),
            about=self.words(node, "about"),
            elements=own,
            diagram=drawn,
            wants=self.names(node.get("wants"), actors, "actor of the room"),
            questions=self.names(node.get("questions"), self.questions, "question"),
            plots=self.plots(node.get("plots")),
            counts=self.names(node.get("counts"), self.happenings(), "event"),
            gains=self.flag(node, "gains"),
            span=key.span,
        )

    def elements(self, key: Text, node: Node | None) -> tuple[str, ...]:
        if node is None:
            return ()
        if not isinstance(node, Mapping):
            self.found.error(
                node.span,
                "shape",
                "`elements:` wants nouns with lists of names",
                "as in `state: [rung, alert]`",
            )
            return ()
        self.keys(node, NOUNS, f"the elements of '{key.value}'")
        return tuple(
            f"{noun.value} {name}"
            for noun, listed in node
            if noun.value in NOUNS
            for name in self.names(listed, self.known[noun.value], noun.value)
        )

    def drawn(self, key: Text, node: Mapping, own: tuple[str, ...]) -> tuple[str, ...]:
        """What the diagram draws, in the order of `elements:`. A name may be that of several
        elements, as an event and the quantity that it moves: all of them are drawn."""
        can = [e for e in own if e.split(" ", 1)[0] in DRAWN]
        if node.get("diagram") is None:
            chosen = tuple(can)
        else:
            known = dict.fromkeys(e.split(" ", 1)[1] for e in can)
            listed = set(self.names(node.get("diagram"), known, "element of the room"))
            chosen = tuple(address for address in can if address.split(" ", 1)[1] in listed)
        if len(chosen) > MOST:
            place = node.key("diagram") or key
            self.found.error(
                place.span,
                "too-many",
                f"the diagram of '{key.value}' has {len(chosen)} boxes",
                f"name at most {MOST} of the room's elements under `diagram:`",
            )
        return chosen

    def plots(self, node: Node | None) -> tuple[str, ...]:
        """Quantities with a course that can be drawn: clocks and counts have no scale."""
        shown = self.names(node, self.known["state"], "quantity")
        for text in _texts(node):
            state = self.states.get(text.value)
            if state is not None and state.kind in ("clock", "count"):
                self.found.error(
                    text.span,
                    "plot",
                    f"the {state.kind} '{text.value}' has no bounds to draw in",
                    "plot a stock, share, ladder or flag; count the event that moves it",
                )
        return shown

    def happenings(self) -> tuple[str, ...]:
        """Events, and events with an outcome: `us_election.democrat`."""
        out = []
        for event in self.case.crisis.events:
            out += [event.name, *(f"{event.name}.{o}" for o in outcomes(event))]
        return tuple(out)

    def names(self, node: Node | None, known: Iterable[str], what: str) -> tuple[str, ...]:
        listed, seen = tuple(known), dict[str, None]()
        if isinstance(node, Mapping):
            self.found.error(node.span, "shape", "a list of names is wanted", "as in [a, b]")
        for text in _texts(node):
            name = " ".join(text.value.split())
            if name not in listed:
                self.found.error(
                    text.span,
                    "unknown-name",
                    f"there is no {what} '{name}'",
                    suggestion(name, listed, plural(what)),
                )
            elif name in seen:
                self.found.error(text.span, "twice", f"'{name}' is listed twice", "keep one")
            else:
                seen[name] = None
        return tuple(seen)

    def flag(self, node: Mapping, key: str) -> bool:
        value = node.get(key)
        if value is None:
            return False
        word = value.value.strip() if isinstance(value, Text) else ""
        if word not in ("yes", "no"):
            self.found.error(value.span, "kind", f"`{key}:` is yes or no")
        return word == "yes"

    def words(self, node: Mapping, key: str) -> str:
        value = node.get(key)
        if value is None:
            return ""
        if isinstance(value, Text) and value.value.strip():
            return " ".join(value.value.split())
        self.found.error(value.span, "shape", f"`{key}:` wants words")
        return ""

    def keys(self, node: Mapping, allowed: tuple[str, ...], what: str) -> None:
        for key, _ in node:
            if key.value not in allowed:
                self.found.error(
                    key.span,
                    "unknown-key",
                    f"{what} has no key '{key.value}'",
                    suggestion(key.value, allowed, "keys"),
                )


def _texts(node: Node | None) -> tuple[Text, ...]:
    if isinstance(node, Text):
        return (node,) if node.value.strip() else ()
    if isinstance(node, Sequence):
        return tuple(item for item in node.items if isinstance(item, Text))
    return ()

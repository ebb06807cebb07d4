"""Questions: propositions about a whole simulated history, decidable from its log alone."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from offramp.language.build import COMMON, Builder
from offramp.language.crisis import Crisis
from offramp.language.diagnostics import Diagnostics, Span
from offramp.language.expressions import (
    Call,
    Claim,
    Date,
    Name,
    Ref,
    parse_claim,
    parse_range,
    walk,
)
from offramp.language.kinds import DATE, FLAG, QUESTION_FUNCTIONS, Kind, Scope
from offramp.language.tree import Mapping, Node, Text

ANSWERS = ("yes", "no", "ambiguous", "annulled")


@dataclass(frozen=True)
class Resolution:
    answer: str
    on: dt.date | None
    source: str


@dataclass(frozen=True)
class Question:
    """A binary question, or a quantity where `binary` is False (a number or a date a world)."""

    id: str
    text: str
    first: dt.date
    last: dt.date
    asks: Claim
    given: Claim | None
    binary: bool
    kind: Kind
    cites: tuple[str, ...]
    resolves: str
    headline: bool
    clause: str
    resolution: Resolution | None
    span: Span

    @property
    def atoms(self) -> tuple[tuple[str, str], ...]:
        """What must be watched in a run: (function, name), e.g. ('count', 'rocket.death')."""
        claims = [self.asks, *([self.given] if self.given else [])]
        calls = (p for claim in claims for p in walk(claim.expression) if isinstance(p, Call))
        found = [
            (c.function, c.arguments[0].name)
            for c in calls
            if c.function in QUESTION_FUNCTIONS and isinstance(c.arguments[0], Name)
        ]
        return tuple(dict.fromkeys(found))


def read_questions(
    root: Mapping, crisis: Crisis, builder: Builder, found: Diagnostics
) -> tuple[Question, ...]:
    builder.known(root, ("questions", "quantities"), "a questions file")
    kinds = builder.scope.states
    scope = replace(
        builder.scope,
        states=kinds,
        atoms={**kinds, "": FLAG},
        events={
            e.name: ("carried", "lost") if e.vote else tuple(o.name for o in e.outcomes)
            for e in crisis.events
        },
    )
    questions = []
    for section, binary in (("questions", True), ("quantities", False)):
        for key, node in builder.section(root, section):
            reader = _Reader(key, node, binary, crisis, builder, found)
            question = reader.read(replace(scope, unknowns={}))
            if question is not None:
                questions.append(question)
    ids = [q.id for q in questions]
    for question in questions:
        if ids.count(question.id) > 1 and not question.binary:
            found.error(question.span, "duplicate-key", f"'{question.id}' is a question already")
    return tuple(questions)


class _Reader:
    def __init__(
        self, key: Text, node: Mapping, binary: bool, crisis: Crisis, builder: Builder,
        found: Diagnostics,
    ) -> None:  # fmt: skip
        self.key, self.node, self.binary = key, node, binary
        self.crisis, self.builder, self.found = crisis, builder, found
        self.what = f"question '{key.value}'"

    def read(self, scope: Scope) -> Question | None:
        keys = (
            *COMMON,
            "text",
            "window",
            "asks",
            "given",
            "resolves",
            "headline",
            "clause",
            "resolved",
        )
        self.builder.known(self.node, keys, self.what)
        for needed in ("text", "window", "asks"):
            if self.node.get(needed) is None:
                self.found.error(self.key.span, "missing", f"{self.what} has no `{needed}:`")
        window = self.window(self.node.get("window"))
        wanted = FLAG if self.binary else None
        asks = self.proposition("asks", wanted, scope)
        given = self.proposition("given", FLAG, scope)
        if window is None or asks is None:
            return None
        return Question(
            self.key.value, self.builder.words(self.node, "text"), window[0], window[1], asks,
            given, self.binary, self.kind(asks), self.builder.cites(self.node),
            self.builder.words(self.node, "resolves"), self.builder.flag(self.node, "headline"),
            self.builder.words(self.node, "clause"),
            self.resolution(), self.key.span,
        )  # fmt: skip

    def proposition(self, key: str, wanted: Kind | None, scope: Scope) -> Claim | None:
        text = self.node.get(key)
        claim = self.builder.claim(
            text,
            f"{self.what}, {key}",
            wanted,
            scope=scope,
            condition=True,
        )
        if claim is None:
            return None
        inside = {
            id(a) for p in walk(claim.expression) if isinstance(p, Call)
            and p.function in QUESTION_FUNCTIONS for a in p.arguments
        }  # fmt: skip
        for part in walk(claim.expression):
            if (isinstance(part, Ref) and part.what == "today") or (
                isinstance(part, Call) and part.function == "believes"
            ):
                self.found.error(
                    part.span, "undated", "a question is decided by what happened in its window",
                    "use count, first, highest, lowest, final or initial",
                )  # fmt: skip
            if getattr(part, "what", "") == "state" and id(part) not in inside:
                self.found.error(
                    part.span, "undated", f"'{part.name}' at what time?",  # type: ignore[union-attr]
                    "use highest(x), lowest(x), final(x) or initial(x) within the window",
                )  # fmt: skip
        return claim

    def kind(self, asks: Claim) -> Kind:
        calls = [p for p in walk(asks.expression) if isinstance(p, Call)]
        if isinstance(asks.expression, Call) and calls[0].function == "first":
            return DATE
        if len(calls) == 1 and isinstance(asks.expression, Call) and calls[0].arguments:
            name = calls[0].arguments[0]
            if isinstance(name, Name) and calls[0].function not in ("count", "first"):
                return self.builder.scope.states.get(name.name, FLAG)
        return Kind("number")

    def window(self, node: Node | None) -> tuple[dt.date, dt.date] | None:
        text = self.builder.text(node, f"{self.what}, window")
        pair = parse_range(text, self.found) if text else None
        if pair is None or text is None:
            return None
        ends = [claim.expression for claim in pair]
        if not all(isinstance(e, Date) for e in ends):
            self.found.error(text.span, "kind", f"{self.what}: a window runs between two dates",
                             "window: 2020-01-24 .. 2020-06-30")  # fmt: skip
            return None
        first, last = (e for e in ends if isinstance(e, Date))
        if first.value > last.value:
            self.found.error(text.span, "dates", f"{self.what}: its window ends before it begins")
            return None
        for end in (first, last):
            if not self.crisis.first <= end.value <= self.crisis.last:
                self.found.error(
                    end.span,
                    "dates",
                    f"{self.what} asks about {end.value}, outside the crisis",
                    f"the crisis runs from {self.crisis.first} to {self.crisis.last}",
                )
                return None
        return first.value, last.value

    def resolution(self) -> Resolution | None:
        node = self.node.get("resolved")
        if node is None:
            return None
        entry = self.builder.mapping(node, f"{self.what}, resolved", self.key.span)
        self.builder.known(entry, ("answer", "on", "source"), f"{self.what}, resolved")
        answer = self.builder.words(entry, "answer")
        if self.binary and answer not in ANSWERS:
            self.found.error(node.span, "answer", f"{self.what}: resolved as '{answer}'",
                             "one of " + ", ".join(ANSWERS))  # fmt: skip
        if not self.builder.words(entry, "source"):
            self.found.error(node.span, "missing", f"{self.what}: a resolution needs its `source:`")
        on = entry.get("on")
        date = parse_claim(on, self.found) if isinstance(on, Text) else None
        day = date.expression.value if date and isinstance(date.expression, Date) else None
        return Resolution(answer, day, self.builder.words(entry, "source"))

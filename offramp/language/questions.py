"""Questions: propositions about a whole simulated history, decidable from its log alone.

Four types, as forecasting platforms have them: binary, multiple choice, number and date.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

from offramp.language.crisis import Crisis
from offramp.language.doubts import Bounds, settled
from offramp.language.edits import Edit
from offramp.language.equality import below
from offramp.language.expressions import (
    Call,
    Date,
    Expression,
    Name,
    Number,
    Operation,
    Ref,
    SourcedValue,
    parse_claim,
    parse_range,
    walk,
    watched,
)
from offramp.language.keys import COMMON
from offramp.language.kinds import (
    COURSE,
    DATE,
    FLAG,
    QUESTION_FUNCTIONS,
    READINGS,
    SEATS,
    Kind,
    Resolver,
    Scope,
    constant,
    course,
    spelt,
    unit_words,
)
from offramp.language.ranges import ranges
from offramp.language.readers import Readers
from offramp.language.spoken import condition
from offramp.language.supposed import SHOWN, read_supposed, supposition
from offramp.text.diagnostics import Diagnostics, Span
from offramp.text.tree import Mapping, Node, Text

ANSWERS = ("yes", "no", "ambiguous", "annulled")
UNDECIDED = ("ambiguous", "annulled")
OPEN = ("none", "below", "above", "both")
ELSE = "else"


@dataclass(frozen=True)
class Resolution:
    """`answer` is yes or no, an option's name, a number or a date as written, `above` or `below`
    an open bound, `ambiguous` or `annulled`. `value` is the number, or the date's ordinal. `on` is
    the day of the window that decided it."""

    answer: str
    on: dt.date | None
    source: str
    value: float | None = None


@dataclass(frozen=True)
class Answerable:
    """One option of a multiple choice: its name, and when it counts (None: where no other does)."""

    name: str
    asks: SourcedValue | None


@dataclass(frozen=True, kw_only=True)
class Question:
    """`kind_of` is binary, choice, number or date.

    Of a choice `asks` is the place of the first option that is true, from 0; the number of options
    where none is. `ordered` says that the options are an order.
    `bounds` are the ends of the scale on which numbers and dates are asked (a date's ordinal);
    `open` says beyond which of them a value may lie: it then counts as `above` or `below`, however
    far it is. A date question without bounds has its window's, open above: the day did not come.
    `supposes` are the edits of its `if:`: it is asked of worlds in which these are done.
    `where` is what it supposes and its condition in words, to be read behind "in the worlds in
    which"; '' without either.
    """

    id: str
    text: str
    first: dt.date
    last: dt.date
    asks: SourcedValue
    given: SourcedValue | None
    kind_of: str
    kind: Kind
    cites: tuple[str, ...]
    resolves: str
    headline: bool
    clause: str
    resolution: Resolution | None
    span: Span
    options: tuple[Answerable, ...] = ()
    ordered: bool = False
    bounds: tuple[float, float] | None = None
    open: str = "none"
    where: str = ""
    supposes: tuple[Edit, ...] = ()

    @property
    def claims(self) -> tuple[SourcedValue, ...]:
        """All its values: what is asked, its condition, and the amounts that it supposes."""
        amounts = (e.amount for e in self.supposes if e.amount is not None)
        return (self.asks, *([self.given] if self.given else []), *amounts)

    @property
    def binary(self) -> bool:
        return self.kind_of == "binary"

    @property
    def names(self) -> tuple[str, ...]:
        """The options of a choice, in order."""
        return tuple(o.name for o in self.options)

    @property
    def atoms(self) -> tuple[tuple[str, str], ...]:
        """What must be watched in a run: (function, name), e.g. ('count', 'rocket.death'), or
        ('final', 'worth(us)') for a reading."""
        claims = [self.asks, *([self.given] if self.given else [])]
        calls = (p for claim in claims for p in walk(claim.expression) if isinstance(p, Call))
        found = [
            (c.function, watched(c.arguments[0]))
            for c in calls
            if c.function in QUESTION_FUNCTIONS and watched(c.arguments[0])
        ]
        return tuple(dict.fromkeys(found))


def watching(crisis: Crisis, questions: Iterable[Question]) -> Crisis:
    """The crisis with what these questions read of its worlds besides its quantities."""
    names = (name for q in questions for _, name in q.atoms if "(" in name)
    return replace(crisis, readings=tuple(dict.fromkeys((*crisis.readings, *names))))


def read_questions(
    root: Mapping, crisis: Crisis, readers: Readers, found: Diagnostics
) -> tuple[Question, ...]:
    readers.known(root, SECTIONS, "a questions file")
    scope = asking(crisis, readers)
    questions = []
    for section in SECTIONS:
        for key, node in readers.section(root, section):
            question = _Reader(
                key=key, node=node, section=section, crisis=crisis, readers=readers, found=found
            ).read(scope)
            if question is not None:
                questions.append(question)
    seen: set[str] = set()
    for question in questions:
        if question.id in seen:
            found.error(question.span, "duplicate-key", f"'{question.id}' is a question already")
        seen.add(question.id)
    return tuple(questions)


def read_question(
    key: Text,
    node: Mapping,
    section: str,
    crisis: Crisis,
    readers: Readers,
    found: Diagnostics,
    what: str = "",
    asked: str = "asks",
) -> Question | None:
    """One question, with all checks of a questions file; None where it cannot be used.

    `section` is questions, choices, quantities or beliefs: what is asked there is the probability
    that a holder gives a type, on the window's last day. `what` and `asked` are what findings call
    the entry and its proposition.
    """
    reader = _Reader(
        key=key,
        node=node,
        section=section,
        crisis=crisis,
        readers=readers,
        found=found,
        what=what,
        asked=asked,
    )
    return reader.read(asking(crisis, readers))


def asking(crisis: Crisis, readers: Readers) -> Scope:
    """The names that a proposition about a crisis may use. `readers` know its names."""
    deciding = {a.name for a in crisis.actors if a.precision is not None}
    return replace(
        readers.scope,
        unknowns={},
        atoms={**readers.scope.states, "": FLAG},
        events={
            e.name: ("carried", "lost") if e.vote else tuple(o.name for o in e.outcomes)
            for e in crisis.events
        },
        actors={a.name: tuple(map(spelt, a.terms)) for a in crisis.actors},
        moves={
            e.name: e.by for e in crisis.events if e.by in deciding and (e.chosen or e.as_choice)
        },
        votes=frozenset(e.name for e in crisis.events if e.vote is not None),
        units=readers.scope.units | ({"seats"} if any(e.vote for e in crisis.events) else set()),
    )


FORMULA = tuple("=+-@\uff1d\uff0b\uff0d\uff20")  # and their wide forms
SECTIONS = ("questions", "choices", "quantities")
KEYS = ("text", "window", "if", "given", "resolves", "headline", "clause", "resolved")
OWN = {
    "questions": ("asks",),
    "choices": ("options", "ordered"),
    "quantities": ("asks", "bounds", "open"),
    "beliefs": ("asks",),
}
RESOLVED = ("answer", "on", "source")


class _Reader:
    def __init__(
        self,
        key: Text,
        node: Mapping,
        section: str,
        crisis: Crisis,
        readers: Readers,
        found: Diagnostics,
        what: str = "",
        asked: str = "asks",
    ) -> None:
        self.key, self.node, self.section = key, node, section
        self.crisis, self.readers, self.found = crisis, readers, found
        self.what, self.asked = what or f"question '{key.value}'", asked

    def read(self, scope: Scope) -> Question | None:
        own = OWN[self.section]
        self.no_formula(self.key, self.what)
        self.readers.known(self.node, (*COMMON, *KEYS, *own), self.what)
        for needed in ("text", "window", own[0]):
            if self.node.get(needed) is None:
                self.found.error(self.key.span, "missing", f"{self.what} has no `{needed}:`")
        window = self.window(self.node.get("window"))
        options = self.options(scope) if self.section == "choices" else ()
        if self.section == "choices":
            asks = self.place(options) if options else None
            kind = Kind("choice", levels=tuple(o.name for o in options))
        else:
            wanted = FLAG if self.section == "questions" else None
            asks = self.proposition(self.node.get("asks"), self.asked, wanted, scope)
            kind = self.kind(asks) if asks and self.section != "beliefs" else Kind("number")
        given = self.proposition(self.node.get("given"), "given", FLAG, scope)
        if_ = self.node.get("if")
        supposes = read_supposed(if_, self.crisis, self.readers, self.what, window)
        if window is None or asks is None:
            return None
        types = {"questions": "binary", "choices": "choice"}
        kind_of = types.get(self.section, "date" if kind == DATE else "number")
        bounds, open_ = self.bounds(kind_of, kind, window, asks, scope)
        settled([x for x in (asks, given) if x is not None], self.can_be(window), self.found)
        question = Question(
            id=self.key.value,
            text=self.readers.words(self.node, "text"),
            first=window[0],
            last=window[1],
            asks=asks,
            given=given,
            kind_of=kind_of,
            kind=kind,
            cites=self.readers.cites(self.node),
            resolves=self.readers.words(self.node, "resolves"),
            headline=self.readers.flag(self.node, "headline"),
            clause=self.readers.words(self.node, "clause"),
            resolution=None,
            span=self.key.span,
            options=options,
            ordered=self.readers.flag(self.node, "ordered"),
            bounds=bounds,
            open=open_,
            where=" and ".join(
                w for w in (supposition(supposes, self.crisis), condition(given, self.crisis)) if w
            ),
            supposes=supposes,
        )
        return replace(question, resolution=self.resolution(question))

    def options(self, scope: Scope) -> tuple[Answerable, ...]:
        """The options in the order in which they are tried."""
        node = self.node.get("options")
        if node is None:
            return ()
        entries = list(self.readers.mapping(node, f"{self.what}, options", self.key.span))
        options = []
        self.readers.few(entries, self.node.key("options") or self.key, f"{self.what}, options")
        for number, (key, value) in enumerate(entries, 1):
            self.no_formula(key, f"{self.what}: an option")
            if key.value in UNDECIDED:
                self.found.error(
                    key.span,
                    "option",
                    f"{self.what}: no option can be called '{key.value}'",
                    "the word says how a question resolves",
                )
            if isinstance(value, Text) and value.value.strip() == ELSE:
                if number < len(entries):
                    self.found.error(
                        value.span,
                        "option",
                        f"{self.what}: no option behind '{key.value}' could ever count",
                        "`else` stands last",
                    )
                options.append(Answerable(key.value, None))
                continue
            claim = self.proposition(value, f"option '{key.value}'", FLAG, scope)
            if claim is not None:
                options.append(Answerable(key.value, claim))
        if len(entries) < 2:
            place = self.node.key("options") or self.key
            self.found.error(place.span, "option", f"{self.what} needs at least two options")
        return tuple(options) if len(options) == len(entries) >= 2 else ()

    def can_be(self, window: tuple[dt.date, dt.date]) -> Bounds:
        """What a world can bring within a window."""
        return Bounds(replace(self.crisis, first=window[0], last=window[1]))

    def no_formula(self, key: Text, what: str) -> None:
        """Names go into tables that others open in a spreadsheet, which runs what begins so."""
        if key.value[:1] in FORMULA:
            self.found.error(
                key.span,
                "option" if "option" in what else "name",
                f"{what} cannot be called '{key.value[:40]}': a spreadsheet would run it",
                f"begin with a letter or a digit, not with {key.value[0]}",
            )

    def place(self, options: tuple[Answerable, ...]) -> SourcedValue:
        """Which option is the first true one, as an expression: (not a)*(1 + (not b)*(1 + ...))."""
        span = self.key.span
        place: Expression | None = None
        for option in reversed(options):
            if option.asks is None:
                continue  # the last: all the others before it were false
            no = Operation("not", (option.asks.expression,), span)
            one = Number(1.0, "", None, span)
            further = one if place is None else Operation("+", (one, place), span)
            place = Operation("*", (no, further), span)
        bases = tuple(b for o in options if o.asks for b in o.asks.bases)
        text = "; ".join(f"{o.name}: {o.asks.text if o.asks else ELSE}" for o in options)
        return SourcedValue(place or Number(0.0, "", None, span), bases, text, span)

    def bounds(
        self,
        kind_of: str,
        kind: Kind,
        window: tuple[dt.date, dt.date],
        asks: SourcedValue,
        scope: Scope,
    ) -> tuple[tuple[float, float] | None, str]:
        """The scale of a number or a date, and on which sides it is open."""
        default = "above" if kind_of == "date" else "none"
        node = self.node.get("open")
        words = (self.readers.words(self.node, "open", default) or default).split()[0]
        if node is not None and words not in OPEN:
            self.found.error(
                node.span, "open", f"{self.what}: open '{words}'", "one of " + ", ".join(OPEN)
            )
        text = self.readers.text(self.node.get("bounds"), f"{self.what}, bounds")
        if text is None:
            if kind_of != "date":
                return None, "none"
            return (float(window[0].toordinal()), float(window[1].toordinal())), words
        pair = parse_range(text, self.found)
        if pair is None:
            return None, words
        self.readers.bases(pair[0].bases)
        ends = [self.end(p, kind) for p in pair]
        if ends[0] is None or ends[1] is None:
            example = "2020-01-04 .. 2020-12-31" if kind_of == "date" else "0 .. 40 ? why"
            self.found.error(
                text.span,
                "bounds",
                f"{self.what}: bounds of {kind} are two such",
                f"bounds: {example}",
            )
            return None, words
        if ends[0] >= ends[1]:
            self.found.error(text.span, "bounds", f"{self.what}: its bounds are empty or reversed")
        if kind_of == "number" and not pair[0].bases and set(ends) - {0.0, 1.0}:
            self.found.error(
                text.span,
                "no-basis",
                f"the bounds of {self.what} have no basis",
                "bounds: 0 .. 40 ? why so far",
            )
        self.hold(text, ends[0], ends[1], words, window, asks)
        return (ends[0], ends[1]), words

    def end(self, claim: SourcedValue, kind: Kind) -> float | None:
        """A bound as a number of the question's own kind."""
        expression, own = Resolver(self.readers.scope, Diagnostics()).resolve(claim.expression)
        if kind == DATE:
            return float(expression.value.toordinal()) if isinstance(expression, Date) else None
        value = constant(expression)
        if value is None or own.what not in ("number", "zero"):
            return None
        if value != 0 and own.unit != kind.unit:
            self.found.error(
                claim.span,
                "unit",
                f"{self.what}: {unit_words(own.unit)} on a scale of {kind}",
                f"write the unit, as in 500 {unit_words(kind.unit)}" if kind.unit else "",
            )
        return value

    def hold(
        self,
        text: Text,
        low: float,
        high: float,
        open_: str,
        window: tuple[dt.date, dt.date],
        asks: SourcedValue,
    ) -> None:
        """A closed bound must hold in every world; what can be beyond it needs an open one."""
        can = ranges(asks.expression, self.can_be(window).atom)
        for side, out in (("below", below(can.low, low)), ("above", below(high, can.high))):
            if out and open_ not in (side, "both"):
                self.found.error(
                    text.span,
                    "bounds",
                    f"{self.what}: a world can lie {side} its bounds",
                    f"write `open: {side if open_ == 'none' else 'both'}`, or wider bounds",
                )

    def proposition(
        self, text: Node | None, key: str, wanted: Kind | None, scope: Scope
    ) -> SourcedValue | None:
        claim = self.readers.claim(
            text,
            f"{self.what}, {key}",
            wanted,
            scope=scope,
            condition=True,
        )
        if claim is None:
            return None
        inside = {
            id(a)
            for p in walk(claim.expression)
            if isinstance(p, Call) and p.function in QUESTION_FUNCTIONS
            for a in p.arguments
        }
        for part in walk(claim.expression):
            held = isinstance(part, Call) and part.function == "believes"
            if (isinstance(part, Ref) and part.what == "today") or (
                held and (self.section, key) != ("beliefs", self.asked)
            ):
                self.found.error(
                    part.span,
                    "undated",
                    "a question is decided by what happened in its window",
                    "use count, first, highest, lowest, final, initial or mean",
                )
            reading = isinstance(part, Call) and part.function in READINGS
            if (getattr(part, "what", "") == "state" or reading) and id(part) not in inside:
                name = watched(part) or getattr(part, "name", "")
                self.found.error(
                    part.span,
                    "undated",
                    f"'{name}' at what time?",
                    "use highest(x), lowest(x), final(x), initial(x) or mean(x) within the window",
                )
        return claim

    def kind(self, asks: SourcedValue) -> Kind:
        calls = [p for p in walk(asks.expression) if isinstance(p, Call)]
        if isinstance(asks.expression, Call) and calls[0].function == "first":
            return DATE
        if isinstance(asks.expression, Call) and calls[-1].function == "votes":
            return SEATS if calls[0].function in COURSE else Kind("number")
        if len(calls) == 1 and isinstance(asks.expression, Call) and calls[0].arguments:
            name = calls[0].arguments[0]
            if isinstance(name, Name) and calls[0].function not in ("count", "first"):
                return course(calls[0].function, self.readers.scope.states.get(name.name, FLAG))
        return Kind("number")

    def window(self, node: Node | None) -> tuple[dt.date, dt.date] | None:
        text = self.readers.text(node, f"{self.what}, window")
        pair = parse_range(text, self.found) if text else None
        if pair is None or text is None:
            return None
        ends = [claim.expression for claim in pair]
        if not all(isinstance(e, Date) for e in ends):
            self.found.error(
                text.span,
                "kind",
                f"{self.what}: a window runs between two dates",
                "window: 2020-01-24 .. 2020-06-30",
            )
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

    def resolution(self, question: Question) -> Resolution | None:
        node = self.node.get("resolved")
        if node is None:
            return None
        entry = self.readers.mapping(node, f"{self.what}, resolved", self.key.span)
        self.readers.known(entry, RESOLVED, f"{self.what}, resolved")
        answer = self.readers.words(entry, "answer")
        value = None
        if entry.get("answer") is None:
            self.found.error(node.span, "missing", f"{self.what}: a resolution needs its `answer:`")
        elif answer not in UNDECIDED:
            value = self.resolved(question, entry.get("answer") or node, answer)
            self.shown(question, entry.get("answer") or node, answer)
        if not self.readers.words(entry, "source"):
            self.found.error(node.span, "missing", f"{self.what}: a resolution needs its `source:`")
        day = self.resolved_on(question, entry.get("on"), answer, value)
        return Resolution(answer, day, self.readers.words(entry, "source"), value)

    def shown(self, question: Question, node: Node, answer: str) -> None:
        """Nothing can resolve what supposes something that no record shows."""
        unseen = next((e for e in question.supposes if e.verb not in SHOWN), None)
        if unseen is not None:
            self.found.error(
                node.span,
                "if-unseen",
                f"{self.what}: resolved as '{answer}', and nobody can see whether "
                f"`{unseen.words}` came about",
                "answer: annulled",
            )

    def resolved_on(
        self, question: Question, on: Node | None, answer: str, value: float | None
    ) -> dt.date | None:
        """The day that decided it: one of the window, and of a date that day or a later one."""
        if on is None:
            return None
        date = parse_claim(on, self.found) if isinstance(on, Text) else None
        day = date.expression.value if date and isinstance(date.expression, Date) else None
        first, last = question.first, question.last
        if day is None:
            if date is not None or not isinstance(on, Text):
                self.found.error(
                    on.span,
                    "dates",
                    f"{self.what}: `on:` is not a date",
                    f"the day that decided it, as in {last}",
                )
        elif not first <= day <= last:
            help = f"the window runs from {first} to {last}; `on:` is the day that decided it"
            if day > last:
                help += f", so {last} where only the window's end did, however late it was known"
            message = f"{self.what}: resolved on {day}, outside its window"
            self.found.error(on.span, "dates", message, help)
        elif question.kind_of == "date" and value is not None and day.toordinal() < value:
            self.found.error(
                on.span,
                "dates",
                f"{self.what}: resolved on {day}, before {answer}",
                f"on: {answer}",
            )
        return day

    def resolved(self, question: Question, node: Node, answer: str) -> float | None:
        """The value of a number or a date; what no such question can resolve to is an error."""
        if question.kind_of in ("binary", "choice"):
            allowed = (*question.names, *UNDECIDED) if question.options else ANSWERS
            if answer not in allowed:
                self.found.error(
                    node.span,
                    "answer",
                    f"{self.what}: resolved as '{answer}'",
                    "one of " + ", ".join(allowed),
                )
            return None
        if answer in ("above", "below"):
            if question.bounds is None or question.open not in (answer, "both"):
                self.found.error(
                    node.span,
                    "answer",
                    f"{self.what}: has no open bound {answer}",
                    f"write `bounds:` and `open: {answer}`",
                )
            return None
        claim = parse_claim(node, self.found) if isinstance(node, Text) else None
        value = self.end(claim, question.kind) if claim else None
        if claim and value is None:
            what = "a date" if question.kind_of == "date" else "a number"
            self.found.error(
                node.span,
                "answer",
                f"{self.what}: resolved as '{answer}'",
                f"{what}, above, below, " + ", ".join(UNDECIDED),
            )
        low, high = question.bounds or (float("-inf"), float("inf"))
        if value is not None and (below(value, low) or below(high, value)):
            side = "below" if value < low else "above"
            self.found.error(
                node.span,
                "answer",
                f"{self.what}: {answer} is beyond its bounds",
                f"answer: {side}",
            )
        return value

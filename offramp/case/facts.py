"""Stylised facts: dated or general statements of how such a crisis behaves, as tests of patterns.

A fact names a statistic of simulated worlds, free ones or edited, and the bounds in which a
passage, the record before the first day, a base rate, the literature or plain sense puts it. The
bounds are written with their reason before the statistic is first computed. Many weak patterns at
several levels say more of a model than one close fit (pattern-oriented modelling: Grimm et al.
2005, Science 310). Facts stand in `facts.yaml` of a case (docs/facts.md); how they are computed is
`offramp/explain/plausibility.py`.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass
from typing import Literal

from offramp.case.core import Core, Read
from offramp.language.edits import Edit, read_edits
from offramp.language.expressions import Date, parse_claim, parse_range
from offramp.language.kinds import FLAG, Resolver
from offramp.language.questions import Question, asking, read_question
from offramp.text.diagnostics import Diagnostics, Span, suggestion
from offramp.text.tree import Mapping, Node, Text

FILE = "facts.yaml"
QUOTED = 6  # words of a source document that may stand in a row

BoundedBy = Literal["passage", "record", "base rate", "literature", "sense"]
BOUNDED_BY: tuple[BoundedBy, ...] = ("passage", "record", "base rate", "literature", "sense")


@dataclass(frozen=True)
class Happens:
    """An event, or one of its outcomes."""

    event: str
    outcome: str = ""

    @property
    def name(self) -> str:
        return f"{self.event}.{self.outcome}" if self.outcome else self.event


@dataclass(frozen=True)
class Ask:
    """A proposition as in questions: its share of worlds, or of a number the mean or a quantile."""

    question: Question
    take: float | None  # None: the mean

    @property
    def words(self) -> str:
        q = self.question
        given = f", given {q.given.text}" if q.given else ""
        if q.binary:
            return f"share of worlds with {q.asks.text}{given}"
        take = "mean" if self.take is None else f"{100 * self.take:g}% point"
        return f"{take} of {q.asks.text}{given}"


@dataclass(frozen=True)
class Waves:
    """Counts of events in spells of so many days, within a world: their dispersion (variance over
    mean: 1 where events come independently), or the autocorrelation of one spell with the next."""

    what: Literal["dispersion", "autocorrelation"]
    of: tuple[Happens, ...]
    days: int

    @property
    def words(self) -> str:
        return f"{self.what} of {_listed(self.of)}, counted every {self.days} days"


@dataclass(frozen=True)
class Followed:
    """How often other events come within so many days after one of some, its day included. Of
    `after` those count that leave so many days in the window."""

    after: tuple[Happens, ...]
    by: tuple[Happens, ...]
    all_of_them: bool  # each of `by` must come; else one of them is enough
    days: int
    first: bool  # only the first occurrence in a world

    @property
    def words(self) -> str:
        what = f"the first {_or(self.after)}" if self.first else _or(self.after)
        by = _listed(self.by) if self.all_of_them else _or(self.by)
        return f"share of {what} followed by {by} within {self.days} days"


@dataclass(frozen=True)
class Waits:
    """The median days from an event of some to the first of some others, where one comes in time,
    and not on the same day. Of `after` those count that leave so many days in the window."""

    after: tuple[Happens, ...]
    by: tuple[Happens, ...]
    days: int

    @property
    def words(self) -> str:
        return f"median days from {_or(self.after)} to {_or(self.by)}, within {self.days} days"


@dataclass(frozen=True)
class Rise:
    """How many times as often as usual some events come in the days after one of others: in those
    after any of `after` that leaves so many days in the window, over all days of the window."""

    after: tuple[Happens, ...]
    of: tuple[Happens, ...]
    days: int

    @property
    def words(self) -> str:
        return f"{_listed(self.of)} in the {self.days} days after {_or(self.after)}, over the usual"


@dataclass(frozen=True)
class Eve:
    """A quantity's median so many days before an event (its first in a world, where the window has
    begun by then), less its usual one: the median over all worlds of each world's own median over
    the days of the window."""

    event: Happens
    quantity: str
    days: int

    @property
    def words(self) -> str:
        return (
            f"median of {self.quantity} {self.days} days before the first {self.event.name}, "
            "less its usual median"
        )


@dataclass(frozen=True)
class Correlation:
    """Of two numbers a world, over worlds."""

    of: Question
    on: Question

    @property
    def words(self) -> str:
        return f"correlation of {self.of.asks.text} and {self.on.asks.text} over worlds"


def _listed(of: tuple[Happens, ...]) -> str:
    return " and ".join(h.name for h in of)


def _or(of: tuple[Happens, ...]) -> str:
    return " or ".join(h.name for h in of)


Statistic = Ask | Waves | Followed | Waits | Rise | Eve | Correlation


@dataclass(frozen=True)
class Fact:
    """One fact.

    bounded_by  what the bounds rest on
    low, high   the bounds, both ends included; infinite where open
    arms        edits of the worlds: one arm, or two of which the fact is the first less the second
    hindsight   whether statement or bounds use what was known only after the first day: printed
                beside the others and never counted
    """

    id: str
    says: str
    bounded_by: BoundedBy
    cites: tuple[str, ...]
    source: str
    first: dt.date
    last: dt.date
    statistic: Statistic
    low: float
    high: float
    because: str
    arms: tuple[tuple[Edit, ...], ...]
    hindsight: bool
    span: Span

    @property
    def words(self) -> str:
        """The statistic with its days, and with what was done to the worlds."""
        days = f"{self.statistic.words}, {self.first} to {self.last}"
        done = ["; ".join(e.words for e in arm) or "the model as it is" for arm in self.arms]
        if len(done) == 2:
            return f"{days}: with {done[0]}, less with {done[1]}"
        return f"{days}: with {done[0]}" if self.arms[0] else days

    @property
    def rests_on(self) -> str:
        """What the bounds rest on, with its passages or its source."""
        named = "; ".join(x for x in (", ".join(self.cites), self.source) if x)
        return f"{self.bounded_by} ({named})" if named else self.bounded_by


def read_facts(case: Core) -> Read[tuple[Fact, ...]]:
    """The facts of a case in the order of its file; none without the file."""
    if not case.texts.has(FILE):
        return Read(())
    found = Diagnostics()
    root = case.texts.tree(FILE, found)
    made: list[Fact] = []
    if root is not None:
        readers = case.readers(found)
        readers.known(root, ("facts",), "a file of facts")
        if root.get("facts") is None:
            found.error(root.span, "missing", "`facts:` is missing", "its entries go there")
        reader = _Reader(case, found)
        for key, node in readers.section(root, "facts"):
            fact = reader.read(key, node)
            if fact is not None:
                made.append(fact)
    return Read(tuple(made), tuple(found.ordered()))


SAID = ("says", "bounded by", "cites", "source", "window", "between", "because", "hindsight")
NEEDED = ("says", "bounded by", "between", "because")
ARMS = ("do", "against")
STATISTICS: dict[str, tuple[str, ...]] = {
    "asks": ("given", "take"),
    "dispersion": ("every",),
    "autocorrelation": ("every",),
    "followed": (),
    "waits": (),
    "rise": (),
    "eve": (),
    "correlation": (),
}
INSIDE = {
    "followed": ("after", "by", "any of", "within", "only"),
    "waits": ("after", "for", "within"),
    "rise": ("after", "of", "within"),
    "eve": ("event", "quantity", "days"),
    "correlation": ("of", "on"),
}
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)"
_BOUNDS = re.compile(rf"\s*({_NUMBER})?\s*\.\.\s*({_NUMBER})?\s*")
_DAYS = re.compile(r"\s*(\d{1,4})d\s*")
_QUANTILE = re.compile(r"\s*(\d{1,2})%\s*")
_IN_QUOTES = re.compile(r'"([^"]*)"|“([^”]*)”|«([^»]*)»')


class _Reader:
    """Reads facts against a case; findings go to `found`."""

    def __init__(self, case: Core, found: Diagnostics) -> None:
        self.case, self.found = case, found
        self.crisis = case.crisis
        self.readers = case.readers(found)
        # Where outcomes have chances of less than 1 together, the rest is an outcome: none.
        self.events = {
            e.name: ("carried", "lost")
            if e.vote
            else (*(o.name for o in e.outcomes), *(("none",) if e.outcomes else ()))
            for e in case.crisis.events
        }

    def read(self, key: Text, node: Mapping) -> Fact | None:
        what, before = f"fact '{key.value}'", len(self.found.errors)
        b = self.readers
        named = [name for name in STATISTICS if node.key(name) is not None]
        own = STATISTICS[named[0]] if len(named) == 1 else sum(STATISTICS.values(), ())
        b.known(node, (*SAID, *ARMS, *STATISTICS, *own), what)
        for name, help in (
            ("says", "the statement, in our words"),
            ("between", "as in `between: .1 .. .4`; leave an end open with `.1 ..`"),
            ("because", "why these bounds, written before the fact is first computed"),
            ("bounded by", "one of " + ", ".join(BOUNDED_BY)),
        ):
            if not b.words(node, name):
                self.missing(key, what, name, help)
        if len(named) != 1:
            self.found.error(
                key.span,
                "fact",
                f"{what} needs exactly one statistic" + (f", not {len(named)}" if named else ""),
                "one of " + ", ".join(STATISTICS),
            )
        says, because = b.words(node, "says"), b.words(node, "because")
        for name in ("says", "because", "source"):
            self.short(node.get(name), b.words(node, name), what)
        bounded = self.bounded_by(node, key, what)
        first, last = self.window(node.get("window"), what)
        low, high = self.bounds(node.get("between"), what)
        arms = self.arms(node, key, what)
        statistic = None
        if len(named) == 1:
            statistic = self.statistic(named[0], node, key, what, (first, last))
        if statistic is None or bounded is None or len(self.found.errors) > before:
            return None
        return Fact(
            id=key.value,
            says=says,
            bounded_by=bounded,
            cites=b.cites(node),
            source=b.words(node, "source"),
            first=first,
            last=last,
            statistic=statistic,
            low=low,
            high=high,
            because=because,
            arms=arms,
            hindsight=b.flag(node, "hindsight"),
            span=key.span,
        )

    # ---- what every fact has -------------------------------------------------------------

    def missing(self, key: Text, what: str, name: str, help: str) -> None:
        self.found.error(key.span, "missing", f"{what} has no `{name}:`", help)

    def short(self, node: Node | None, words: str, what: str) -> None:
        for quoted in (q for found in _IN_QUOTES.findall(words) for q in found if q):
            if node is not None and len(quoted.split()) > QUOTED:
                self.found.error(
                    node.span,
                    "quotation",
                    f"{what} quotes {len(quoted.split())} words in a row",
                    f"{QUOTED} at most, the rest in our own words",
                )

    def bounded_by(self, node: Mapping, key: Text, what: str) -> BoundedBy | None:
        word = self.readers.words(node, "bounded by")
        place = node.get("bounded by")
        for known in BOUNDED_BY:
            if word == known:
                cited = bool(self.readers.names(node.get("cites"), "cites"))
                if known == "passage" and not cited:
                    self.missing(key, what, "cites", "the passages that bound it")
                if known in ("record", "base rate", "literature") and not self.readers.words(
                    node, "source"
                ):
                    self.missing(key, what, "source", "which record, class or work, in words")
                return known
        if word and place is not None:
            self.found.error(
                place.span,
                "fact",
                f"{what} is bounded by '{word}'",
                suggestion(word, BOUNDED_BY, "one of"),
            )
        return None

    def window(self, node: Node | None, what: str) -> tuple[dt.date, dt.date]:
        """The days that count; those of the course where none are named."""
        whole = self.crisis.first, self.crisis.last
        text = self.readers.text(node, f"{what}, window")
        pair = parse_range(text, self.found) if text else None
        if pair is None or text is None:
            return self.crisis.first, self.crisis.shown_last
        ends = [claim.expression for claim in pair]
        days = [e.value for e in ends if isinstance(e, Date)]
        if len(days) < 2 or not whole[0] <= days[0] <= days[1] <= whole[1]:
            self.found.error(
                text.span,
                "dates",
                f"{what}: '{text.value}' is no window of the crisis",
                f"two dates from {whole[0]} to {whole[1]}, as in {whole[0]} .. {whole[1]}",
            )
            return whole
        return days[0], days[1]

    def bounds(self, node: Node | None, what: str) -> tuple[float, float]:
        text = self.readers.text(node, f"{what}, between")
        match = _BOUNDS.fullmatch(text.value) if text else None
        if text is None:
            return -math.inf, math.inf
        low, high = (match[1], match[2]) if match else (None, None)
        ends = (float(low) if low else -math.inf, float(high) if high else math.inf)
        if match is None or (low is None and high is None) or ends[0] > ends[1]:
            self.found.error(
                text.span,
                "fact",
                f"{what}: '{text.value}' are no bounds",
                "as in `between: .1 .. .4`, `between: 1.5 ..` or `between: .. 0`",
            )
        return ends

    def arms(self, node: Mapping, key: Text, what: str) -> tuple[tuple[Edit, ...], ...]:
        made = [
            ()
            if self.empty(node.get(name))
            else read_edits(
                node.get(name),
                self.crisis,
                self.readers,
                one_of_two=node.get("against") is not None,
            )
            for name in ARMS
            if node.get(name) is not None
        ]
        if node.get("against") is not None and node.get("do") is None:
            self.missing(key, what, "do", "`against:` is the arm that `do:` is compared with")
        return tuple(made) or ((),)

    @staticmethod
    def empty(node: Node | None) -> bool:
        return isinstance(node, Mapping) and not list(node)

    # ---- statistics ----------------------------------------------------------------------

    def statistic(
        self, name: str, node: Mapping, key: Text, what: str, window: tuple[dt.date, dt.date]
    ) -> Statistic | None:
        value = node.get(name)
        if name == "asks":
            question = self.question(key, value, node.get("given"), window, what)
            take = self.take(node.get("take"), question, what)
            return None if question is None else Ask(question, take)
        if name in ("dispersion", "autocorrelation"):
            days = self.days(node.get("every"), key, what, "every")
            of = self.happenings(value, what)
            if days is None or not of:
                return None
            if 4 * days > (window[1] - window[0]).days + 1:
                self.found.error(
                    key.span,
                    "fact",
                    f"{what} has fewer than four spells of {days} days in its window",
                    "a shorter `every:`, or a longer window",
                )
            return Waves("dispersion" if name == "dispersion" else "autocorrelation", of, days)
        inner = self.readers.mapping(value, f"{what}, {name}", key.span)
        self.readers.known(inner, INSIDE[name], f"{what}, {name}")
        optional = ("only", "by", "any of") if name == "followed" else ()
        for wanted in INSIDE[name]:
            if inner.get(wanted) is None and wanted not in optional:
                self.missing(key, f"{what}, {name}", wanted, f"keys: {', '.join(INSIDE[name])}")
        if any(inner.get(k) is None for k in INSIDE[name] if k not in optional):
            return None
        if name == "correlation":
            pair = [
                self.question(key, inner.get(k), None, window, f"{what}, {k}") for k in ("of", "on")
            ]
            return None if pair[0] is None or pair[1] is None else Correlation(pair[0], pair[1])
        if name == "eve":
            event, days = (
                self.happenings(inner.get("event"), what),
                self.days(inner.get("days"), key, what, "days"),
            )
            self.has_room(inner.get("days"), days, what, window, "before", least=1)
            quantity = self.quantity(inner.get("quantity"), what)
            return Eve(event[0], quantity, days) if event and days and quantity else None
        after = self.happenings(inner.get("after"), what)
        least = 0 if name == "followed" else 1  # the others begin on the next day
        days = self.days(inner.get("within"), key, what, "within", least)
        self.has_room(inner.get("within"), days, what, window, "after", least)
        if name != "followed":
            others = self.happenings(inner.get("for" if name == "waits" else "of"), what)
            if not after or not others or days is None:
                return None
            return (Waits if name == "waits" else Rise)(after, others, days)
        named = [k for k in ("by", "any of") if inner.get(k) is not None]
        if len(named) != 1:
            self.found.error(
                key.span,
                "fact",
                f"{what}, followed, needs `by:` or `any of:`",
                "`by: [a, b]` where both must come, `any of: [a, b]` where one is enough",
            )
            return None
        others = self.happenings(inner.get(named[0]), what)
        only = self.readers.words(inner, "only")
        if only not in ("", "first"):
            self.found.error(
                key.span, "fact", f"{what}: only '{only}'", "`only: first`, or leave it out"
            )
        if not after or not others or days is None:
            return None
        return Followed(after, others, named[0] == "by", days, only == "first")

    def question(
        self,
        key: Text,
        asks: Node | None,
        given: Node | None,
        window: tuple[dt.date, dt.date],
        what: str,
    ) -> Question | None:
        text = self.readers.text(asks, f"{what}, asks")
        if text is None:
            return None
        quiet = Diagnostics()
        parsed = parse_claim(text, quiet)
        kind = None
        if parsed is not None:
            scope = asking(self.crisis, self.readers)
            kind = Resolver(scope, quiet).resolve(parsed.expression)[1]
        entries: list[tuple[Text, Node]] = [
            (Text("text", key.span), Text(key.value, key.span)),
            (Text("asks", text.span), text),
            (Text("window", key.span), Text(f"{window[0]} .. {window[1]}", key.span)),
        ]
        if given is not None:
            entries.append((Text("given", given.span), given))
        return read_question(
            key,
            Mapping(tuple(entries), key.span),
            "questions" if kind == FLAG else "quantities",
            self.crisis,
            self.readers,
            self.found,
            what,
        )

    def take(self, node: Node | None, question: Question | None, what: str) -> float | None:
        text = self.readers.text(node, f"{what}, take")
        if text is None or text.value.strip() == "mean":
            return None
        match = _QUANTILE.fullmatch(text.value)
        if text.value.strip() == "median":
            share = 0.5
        elif match and int(match[1]) > 0:
            share = int(match[1]) / 100
        else:
            share = 0.0
            self.found.error(
                text.span, "fact", f"{what} takes '{text.value}'", "mean, median, or as in 90%"
            )
        if question is not None and question.binary:
            self.found.error(
                text.span,
                "fact",
                f"{what}: a yes or no has a share of worlds and no quantile",
                "leave `take:` out, or ask for a number",
            )
        return share

    def days(
        self, node: Node | None, key: Text, what: str, name: str, least: int = 1
    ) -> int | None:
        text = self.readers.text(node, f"{what}, {name}")
        if text is None:
            self.missing(key, what, name, "days, as in 10d")
            return None
        match = _DAYS.fullmatch(text.value)
        if match is None or int(match[1]) < least:
            self.found.error(
                text.span,
                "fact",
                f"{what}: '{text.value}' are no days",
                "as in 10d" + (", and one at least" if least else ""),
            )
            return None
        return int(match[1])

    def has_room(
        self,
        node: Node | None,
        days: int | None,
        what: str,
        window: tuple[dt.date, dt.date],
        side: Literal["before", "after"],
        least: int,
    ) -> None:
        """Whether any day of the window has so many others on a side; else nothing counts."""
        length = (window[1] - window[0]).days + 1
        if node is not None and days is not None and days >= length:
            self.found.error(
                node.span,
                "fact",
                f"{what}: its window has {length} days, none of which has {days} others {side} it",
                (f"{length - 1}d at most, or " if length > least else "") + "a longer `window:`",
            )

    def quantity(self, node: Node | None, what: str) -> str:
        text = self.readers.text(node, f"{what}, quantity")
        names = [s.name for s in self.crisis.states]
        if text is None:
            return ""
        if text.value not in names:
            self.readers.unknown_name(text, names, "quantity")
            return ""
        return text.value

    def happenings(self, node: Node | None, what: str) -> tuple[Happens, ...]:
        """Events or outcomes by name; a name alone is a list of one."""
        out = []
        for text in self.readers.names(node, what):
            whole, dot, outcome = text.value.rpartition(".")
            if text.value in self.events:
                out.append(Happens(text.value))
            elif dot and outcome in self.events.get(whole, ()):
                out.append(Happens(whole, outcome))
            else:
                self.readers.unknown_name(text, self.events, "event")
        return tuple(out)

"""Parts of a model in words: expressions with titles for names, priors, why an event happens.

Everything is markdown; titles are set in italics, so that they can be told from the words between.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from offramp.answers.wording import day
from offramp.language.crisis import Crisis, Effect, Event, State, Unknown, data
from offramp.language.expressions import (
    Call,
    Date,
    Expression,
    Number,
    Operation,
    Ref,
    SourcedValue,
)
from offramp.language.kinds import constant, unit_words
from offramp.render.pages.diagram import by_name, titles_of
from offramp.render.pages.signs import DOWN, UP, Reader, Signs

_OPERATORS = {
    ">=": "≥",
    "<=": "≤",
    ">": ">",
    "<": "<",
    "==": "is",
    "!=": "is not",
    "*": "×",
    "/": "/",
    "+": "+",
    "-": "−",
    "^": "^",
    "and": "and",
    "or": "or",
}
_RANK = {"or": 1, "and": 2, "not": 3, "neg": 7, "+": 5, "-": 5, "*": 6, "/": 6, "^": 8}


class Markdown(str):
    """Text that is markdown already, and is set as it stands; any other text is escaped."""


def escaped(words: str) -> Markdown:
    """Words as they are, in markdown: in a paragraph, a heading, a link or a cell of a table."""
    for character in "\\`*_|[]":
        words = words.replace(character, f"\\{character}")
    return Markdown(" ".join(words.replace("<", "&lt;").split()))


def level_words(name: str) -> str:
    """A level's name as words: `strike_on_proxy`, `step5`, `pct_3_67` as strike on proxy, step 5,
    3.67%."""
    percent = re.fullmatch(r"pct_(\d+)(?:_(\d+))?", name)
    if percent:
        return ".".join(p for p in percent.groups() if p) + "%"
    return re.sub(r"(?<=[a-z])(?=\d)", " ", name.replace("_", " "))


def amount(value: float, unit: str = "") -> str:
    """A number as a reader writes it."""
    text = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    text = text.replace("-", "−")
    if not unit:
        return text
    return f"{text} {'day' if value == 1 else 'days'}" if unit == "d" else f"{text} {unit}"


class Speaker:
    """Speaks of one crisis."""

    def __init__(self, crisis: Crisis) -> None:
        self.crisis = crisis
        self.titles: Mapping[str, str] = titles_of(crisis)
        self.states: dict[str, State] = {s.name: s for s in crisis.states}
        self.signs = Reader(crisis)

    def name(self, address: str) -> str:
        """The title of an element, in italics."""
        return f"*{escaped(self.titles[address])}*"

    def named(self, addresses: list[str]) -> str:
        return ", ".join(self.name(a) for a in addresses)

    def plain(self, words: str) -> str:
        """Words in which the bare names of elements stand as their titles."""
        known = {name: title for name, title in by_name(self.titles).items() if "." in name}
        return re.sub(r"[\w.]+\.[\w.]+", lambda m: known.get(m[0], m[0]), words)

    # ---- expressions ---------------------------------------------------------------------

    def words(self, claim: SourcedValue) -> str:
        return self.expression(claim.expression)

    def expression(self, e: Expression, rank: int = 0) -> str:
        if isinstance(e, Number):
            return amount(e.value, e.unit)
        if isinstance(e, Date):
            return day(e.value)
        if isinstance(e, Ref):
            if e.what in ("state", "unknown"):
                return self.name(f"{e.what} {e.name}")
            return {"today": "the day"}.get(e.what, escaped(level_words(e.name)))
        if isinstance(e, Call):
            return self._call(e)
        if not isinstance(e, Operation):
            return escaped(e.name.replace("_", " "))
        own = _RANK.get(e.operator, 4)
        if e.operator == "not":
            text = f"not {self.expression(e.operands[0], own)}"
        elif e.operator == "neg":
            text = f"−{self.expression(e.operands[0], own)}"
        else:
            left, right = e.operands
            text = (
                f"{self.expression(left, own)} {_OPERATORS[e.operator]} "
                f"{self.expression(right, own + 1)}"
            )
        return f"({text})" if own < rank else text

    def _call(self, e: Call) -> str:
        if e.function == "believes":
            holder, about, kind = (getattr(a, "name", "") for a in e.arguments)
            return (
                f"the weight of “{escaped(kind.replace('_', ' '))}” in "
                f"{self.name(f'belief {holder} about {about}')}"
            )
        if e.function == "guilt":
            who = getattr(e.arguments[0], "name", "")
            return f"the guilt seen in {self.name(f'actor {who}')}"
        inner = ", ".join(self.expression(a) for a in e.arguments)
        if e.function == "height":
            return inner
        return f"{inner} runs" if e.function == "running" else f"{e.function}({inner})"

    # ---- elements ------------------------------------------------------------------------

    def why(self, event: Event) -> str:
        """Who or what makes it happen, when, and what makes it likelier."""
        parts = [self._mover(event)]
        if event.when is not None:
            parts.append(f"only if {self.words(event.when)}")
        if event.rate is not None:
            parts.append(self._rate(event))
        if event.consent:
            asked = " and ".join(self.name(f"actor {actor}") for actor in event.consent)
            parts.append(f"{asked} must consent")
        if event.cost is not None and event.chosen:
            parts.append(f"costs {self.words(event.cost)}")
        if event.urge is not None:
            parts.append(f"urged by {self.words(event.urge)}")
        if event.takes is not None:
            parts.append(f"takes {self.words(event.takes)}")
        if event.once:
            parts.append("once at most")
        if event.private:
            parts.append("unseen by the others")
        if event.unclaimed is not None:
            parts.append("unclaimed")
        return "; ".join(parts)

    def _mover(self, event: Event) -> str:
        if event.chosen:
            return f"chosen by {self.name(f'actor {event.by}')}"
        if event.vote is not None:
            v = event.vote
            quorum = f", quorum {self.words(v.quorum)}" if v.quorum else ""
            seats = ", ".join(escaped(b.name.replace("_", " ")) for b in v.blocs)
            held = (
                f" on {self.words(v.date)}"
                if v.date
                else f" when the clock {self.name(f'state {v.clock}')} rings"
                if v.clock
                else ""
            )
            vetoes = ", ".join(self.name(f"actor {x.actor}") for x in v.vetoes)
            veto = f"; veto of {vetoes}" if vetoes else ""
            return f"a vote of {seats}{held}{quorum}{veto}"
        if event.clock:
            return f"the day on which the clock {self.name(f'state {event.clock}')} rings"
        if event.dates:
            return "on " + ", ".join(self.words(d) for d in event.dates)
        return "by chance"

    def _rate(self, event: Event) -> str:
        assert event.rate is not None
        signs = {
            n: self.signs.slope(event.rate.expression, n) for n in self.signs.names(event.rate)
        }
        parts = []
        for wanted, words in ((UP, "likelier with more"), (DOWN, "less likely with more")):
            names = [n for n, s in signs.items() if s == wanted]
            if names:
                parts.append(f"{words} {self.named(names)}")
        rest = [n for n, s in signs.items() if s not in (UP, DOWN)]
        if rest:
            parts.append(f"depends on {self.named(rest)}")
        return "; ".join(parts) or f"at {self.words(event.rate)} a day"

    def does(self, event: Event, inside: Collection[str]) -> str:
        """What it moves, by direction, and what each outcome moves besides: quantities named in
        `inside` with the size of the effect where that is one number, all others behind them."""
        parts = [self.changes(event.does, inside)]
        for o in event.outcomes:
            chance = f" ({self.words(o.chance)})" if o.chance is not None else ""
            more = self.changes(o.does, inside) or "nothing more"
            parts.append(f"**{escaped(level_words(o.name))}**{chance}: {more}")
        return "<br>".join(p for p in parts if p) or "changes nothing by itself"

    def changes(self, effects: Sequence[Effect], inside: Collection[str] = ()) -> str:
        """What some effects move, as in `does`."""
        parts = self._moved([e for e in effects if e.quantity in inside], sizes=True)
        rest = self._moved([e for e in effects if e.quantity not in inside], sizes=False)
        if rest:
            parts.append(f"elsewhere {'; '.join(rest)}" if parts else "; ".join(rest))
        return "; ".join(parts)

    def _moved(self, effects: Sequence[Effect], sizes: bool) -> list[str]:
        ways: dict[str, Signs] = {}
        for e in effects:
            if e.operator != "=":
                ways[e.quantity] = ways.get(e.quantity, frozenset()) | self.signs.effect(e)
        parts = []
        for wanted, words in ((UP, "raises"), (DOWN, "lowers"), (UP | DOWN, "raises or lowers")):
            names = [
                self.name(f"state {n}") + (self._size(effects, n) if sizes else "")
                for n, signs in ways.items()
                if signs == wanted
            ]
            if names:
                parts.append(f"{words} {', '.join(names)}")
        return [*parts, *dict.fromkeys(self._sets(e) for e in effects if e.operator == "=")]

    def _size(self, effects: Sequence[Effect], quantity: str) -> str:
        """` (3)`, ` (to direct strike)`: of an effect that is one number and stands alone."""
        own = [e for e in effects if e.quantity == quantity]
        if len(own) > 1 or constant(own[0].amount.expression) is None:
            return ""
        words = self.words(own[0].amount)
        return f" ({words})" if own[0].operator in ("+", "-") else f" (to {words})"

    def _sets(self, effect: Effect) -> str:
        title, state = self.name(f"state {effect.quantity}"), self.states[effect.quantity]
        value = self.words(effect.amount)
        if state.kind == "clock":
            return f"stops the clock {title}" if value == "off" else f"winds {title} to {value}"
        return f"sets {title} to {value}"

    def scale(self, state: State) -> str:
        if state.kind == "ladder":
            return " < ".join(escaped(level_words(level)) for level in state.levels)
        if state.kind == "flag":
            return "yes or no"
        if state.kind in ("clock", "count"):
            return {"clock": "days left, or off", "count": "a count"}[state.kind]
        unit = unit_words(state.unit) if state.unit else ""
        return f"{amount(state.low)} to {amount(state.high)} {unit}".strip()

    def start(self, state: State) -> str:
        return self.words(state.start) if state.start is not None else ""

    def fades(self, state: State) -> str:
        if state.fades is None:
            return ""
        rest = f" to {self.words(state.rest)}" if state.rest is not None else ""
        return f"half in {self.words(state.fades)}{rest}"

    def prior(self, u: Unknown) -> str:
        if u.options:
            return ", ".join(
                f"{escaped(o.name.replace('_', ' '))} {self.words(o.chance)}" for o in u.options
            )
        if u.interval is not None:
            low, high = u.interval
            return f"“{escaped(u.phrase)}”, read as {low:.2g} to {high:.2g}"
        ends = [self.words(c) for c in (u.low, u.high) if c is not None]
        if u.prior == "between":
            return f"evenly between {' and '.join(ends)}"
        return f"10% and 90% points {' and '.join(ends)}"


def marks(address: str, element: object) -> str:
    """`2 stated, 5 sized, 1 ours`: the grades of the numbers written in the element."""
    grades: list[str] = [d.basis.grade if d.basis else "assumed" for d in data(address, element)]
    counts = [
        (grades.count(g), w)
        for g, w in (("stated", "stated"), ("sized", "sized"), ("assumed", "ours"))
    ]
    return ", ".join(f"{n} {word}" for n, word in counts if n) or "–"

"""Expressions with marks: the small grammar in which every number says where it comes from.

    value      = expression [ mark ]
    mark       = "@" ids | "~" ids | "?" reason to the end

A mark covers every number before it in the same value that has no mark yet; a 0 or 1 inside an
expression is structure, and is covered only by a mark right behind it. A reason in square
brackets, `2 [? why] * x`, ends at the bracket.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from offramp.text.diagnostics import Diagnostics, Span
from offramp.text.tree import Text

Grade = Literal["stated", "sized", "assumed"]


@dataclass(frozen=True)
class Basis:
    """Where a number comes from: stated by a passage, sized by us on its support, or ours."""

    grade: Grade
    passages: tuple[str, ...]
    reason: str
    span: Span


@dataclass(frozen=True)
class Number:
    """A literal. `unit` is '' for a plain number, 'd' for days, else the unit's word."""

    value: float
    unit: str
    basis: Basis | None
    span: Span


@dataclass(frozen=True)
class Date:
    value: dt.date
    basis: Basis | None
    span: Span


@dataclass(frozen=True)
class Name:
    name: str
    span: Span


@dataclass(frozen=True)
class Ref:
    """A resolved name: what it is (`state`, `unknown`, `level`, `flag`, `today`) and its index.

    A `level` carries its height in `value`; a `flag` literal 0 or 1. No text has an `input`: a
    number that is given when worlds are run (engine/inputs.py).
    """

    what: Literal["state", "unknown", "level", "flag", "today", "input"]
    name: str
    value: float
    span: Span


@dataclass(frozen=True)
class Call:
    function: str
    arguments: tuple[Expression, ...]
    span: Span


@dataclass(frozen=True)
class Operation:
    """`operator` is one of + - * / ^ < <= > >= == != and or, or neg, not (one operand)."""

    operator: str
    operands: tuple[Expression, ...]
    span: Span


Expression = Number | Date | Name | Ref | Call | Operation


@dataclass(frozen=True)
class SourcedValue:
    """An expression as written, with all its marks."""

    expression: Expression
    bases: tuple[Basis, ...]
    text: str
    span: Span

    @property
    def passages(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(p for b in self.bases for p in b.passages))


@dataclass(frozen=True)
class Token:
    """A word of a value as written; a number's or date's basis is that of the mark behind it."""

    kind: str  # number, date, name, operator, mark, end
    text: str
    start: int
    basis: Basis | None = None


_TOKEN = re.compile(
    r"""\s*(?:
      (?P<date>[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?![0-9]))
    | (?P<range>\.\.)
    | (?P<number>(?:[0-9]+(?:\.(?!\.)[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    | (?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)*)
    | (?P<operator><=|>=|==|!=|[-+*/^<>(),=])
    | (?P<cite>[@~]\s*[A-Za-z]\w*(?:\.\w+)*(?:,[A-Za-z]\w*(?:\.\w+)*)*)
    | (?P<aside>\[\?[^\]]*\])
    | (?P<reason>\?.*)
    )""",
    re.VERBOSE | re.DOTALL,
)


NAME = re.compile(r"[^\W\d]\w*")  # one part of a name
LONGEST = 20_000  # Characters of one value with marks; the longest so far has 200.
LARGEST = 1e15  # A larger number is a slip, and products of such numbers leave what can be computed


class _Stop(Exception):
    """The value cannot be read; the diagnostic has been given."""


def tokenize(text: Text, found: Diagnostics) -> list[Token]:
    tokens: list[Token] = []
    position = 0
    value = text.value.rstrip()
    if len(value) > LONGEST:
        found.error(
            text.at(LONGEST),
            "too-long",
            f"this value has {len(value):,} characters",
            f"{LONGEST:,} at most; name parts of it as quantities",
        )
        raise _Stop
    while position < len(value):
        match = _TOKEN.match(value, position)
        if match is None:
            place = position + len(value[position:]) - len(value[position:].lstrip())
            found.error(
                text.at(place),
                "syntax",
                f"'{value[place]}' cannot stand here",
                _character_help(value[place]),
            )
            raise _Stop
        kind = match.lastgroup or ""
        start, word = match.start(kind), match.group(kind)
        position = match.end()
        if kind in ("cite", "reason", "aside"):
            basis = _basis(kind, word, text, start, found)
            tokens = [*_cover(tokens, basis), Token("mark", word, start, basis)]
        else:
            tokens.append(Token("operator" if kind == "range" else kind, word, start))
    tokens.append(Token("end", "", len(value)))
    return tokens


def tokens_of(text: Text) -> list[Token]:
    """The words of a value as written; none where it cannot be read, which its reader reports."""
    try:
        return tokenize(text, Diagnostics())
    except _Stop:
        return []


def _character_help(character: str) -> str:
    return {
        "%": "write a share from 0 to 1: 35% is .35",
        "@": "a mark names a passage: 5200 @V51",
        "~": "a mark names a passage: -0.15 ~M70",
        "&": "write `and`",
        "|": "write `or`",
        "!": "write `not` or `!=`",
        "{": "outcomes and types are keys of YAML, not part of an expression",
    }.get(character, "see docs/language.md, Expressions")


def _basis(kind: str, word: str, text: Text, start: int, found: Diagnostics) -> Basis:
    span = text.at(start, len(word.rstrip()))
    if kind != "cite":
        reason = " ".join(word.strip("[]")[1:].split())
        if not reason:
            found.error(span, "no-reason", "'?' without a reason", "say why: 8d ? read off January")
        return Basis("assumed", (), reason, span)
    ids = tuple(i for i in word[1:].strip().split(",") if i)
    return Basis("stated" if word[0] == "@" else "sized", ids, "", span)


def _cover(tokens: list[Token], basis: Basis) -> list[Token]:
    """Gives the mark to every number and date before it that has none yet."""
    last = len(tokens) - 1
    while last >= 0 and tokens[last].kind == "name":
        last -= 1  # a unit word may stand between the number and its mark
    return [
        replace(t, basis=basis) if t.basis is None and _claimable(t, i == last) else t
        for i, t in enumerate(tokens)
    ]


def _claimable(token: Token, adjacent: bool) -> bool:
    if token.kind == "number":
        return adjacent or float(token.text) not in (0.0, 1.0)
    return token.kind == "date"


_RANK = {
    "or": 1,
    "and": 2,
    "<": 4,
    "<=": 4,
    ">": 4,
    ">=": 4,
    "==": 4,
    "!=": 4,
    "+": 5,
    "-": 5,
    "*": 6,
    "/": 6,
    "^": 8,
}
_COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
MAX_NESTING = 60
MAX_HEIGHT = 80  # operations that stand inside one another; a sum of n terms has n - 1


class _Parser:
    """Precedence climbing over the tokens of one value (Pratt 1973)."""

    def __init__(self, text: Text, found: Diagnostics) -> None:
        self.text, self.found = text, found
        tokens = tokenize(text, found)
        self.bases = tuple(t.basis for t in tokens if t.kind == "mark" and t.basis is not None)
        self.tokens = [t for t in tokens if t.kind != "mark"]
        self.next = 0
        self.depth = 0

    def peek(self) -> Token:
        return self.tokens[self.next]

    def take(self) -> Token:
        token = self.tokens[self.next]
        self.next += 1
        return token

    def fail(self, message: str, help: str = "", token: Token | None = None) -> _Stop:
        token = token or self.peek()
        place = max(0, min(token.start, len(self.text.value) - 1))
        self.found.error(self.text.at(place, max(1, len(token.text))), "syntax", message, help)
        return _Stop()

    def expression(self, least: int = 0) -> Expression:
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise self.fail("this expression nests too deep", "name a part of it as a quantity")
        left = self.operand()
        compared = False
        while True:
            token = self.peek()
            rank = _RANK.get(token.text, 0) if token.kind in ("operator", "name") else 0
            if token.text == "=" and token.kind == "operator":
                raise self.fail("'=' does not compare", "write '==' to compare")
            if rank == 0 or rank < least:
                break
            if token.text in _COMPARISONS and compared:
                raise self.fail("two comparisons in a row", "join them by `and`")
            compared = token.text in _COMPARISONS
            self.take()
            # '^' binds to the right, the others to the left.
            right = self.expression(rank if token.text == "^" else rank + 1)
            span = self.text.at(token.start, len(token.text))
            left = Operation(token.text, (left, right), span)
        self.depth -= 1
        return left

    def operand(self) -> Expression:
        token = self.take()
        span = self.text.at(token.start, max(1, len(token.text)))
        if token.kind == "number":
            return self.number(token)
        if token.kind == "date":
            return Date(self.date(token), token.basis, span)
        if token.text == "-":
            return Operation("neg", (self.expression(7),), span)
        if token.text == "+":
            return self.expression(7)
        if token.text == "(":
            inner = self.expression()
            self.close("(")
            return inner
        if token.kind == "name" and token.text == "not":
            return Operation("not", (self.expression(3),), span)
        if token.kind == "name" and token.text not in ("and", "or"):
            if self.peek().text == "(":
                self.take()
                return Call(token.text, tuple(self.arguments()), span)
            return Name(token.text, span)
        if token.kind == "end":
            raise self.fail("the value ends where a number or a name is wanted", token=token)
        raise self.fail(f"'{token.text}' where a number or a name is wanted", token=token)

    def number(self, token: Token) -> Number:
        unit = ""
        after = self.peek()
        if after.kind == "name" and after.text not in ("and", "or", "not"):
            unit = self.take().text
        span = self.text.at(token.start, len(token.text))
        value = float(token.text)
        if value > LARGEST:
            raise self.fail("this number is too large", "use a larger unit", token)
        return Number(value, unit, token.basis, span)

    def date(self, token: Token) -> dt.date:
        year, month, day = (int(part) for part in token.text.split("-"))
        try:
            return dt.date(year, month, day)
        except ValueError:
            self.found.error(
                self.text.at(token.start, len(token.text)),
                "no-such-date",
                f"{token.text} is not in the calendar",
                _date_help(year, month, day),
            )
            raise _Stop from None

    def arguments(self) -> Iterator[Expression]:
        if self.peek().text == ")":
            self.take()
            return
        while True:
            yield self.expression()
            if self.peek().text == ",":
                self.take()
                continue
            self.close("(")
            return

    def close(self, opened: str) -> None:
        if self.peek().text != ")":
            raise self.fail(f"a ')' is missing for the '{opened}'")
        self.take()

    def finish(self, *expressions: Expression) -> None:
        token = self.peek()
        if token.kind != "end":
            raise self.fail(
                f"'{token.text}' is left over after the value",
                "a reason stands behind '?', a passage behind '@' or '~'",
            )
        if any(_height(e) > MAX_HEIGHT for e in expressions):
            raise self.fail(
                "this expression is too long", "name a part of it as a quantity", self.tokens[0]
            )


def _height(expression: Expression) -> int:
    """How many parts of an expression stand inside one another, counted level by level."""
    height, level = 0, [expression]
    while level:
        height += 1
        level = [inner for outer in level for inner in parts(outer)]
    return height


def _date_help(year: int, month: int, day: int) -> str:
    if not 1 <= month <= 12:
        return "months run from 01 to 12; dates are written year-month-day"
    if year < 1:
        return "years run from 0001 to 9999; dates are written year-month-day"
    return f"{year:04d}-{month:02d} has {calendar.monthrange(year, month)[1]} days"


def parse_claim(text: Text, found: Diagnostics) -> SourcedValue | None:
    """The value as an expression with its marks, or None with the reason in `found`."""
    try:
        parser = _Parser(text, found)
        expression = parser.expression()
        parser.finish(expression)
    except _Stop:
        return None
    return SourcedValue(expression, parser.bases, " ".join(text.value.split()), text.span)


def parse_range(text: Text, found: Diagnostics) -> tuple[SourcedValue, SourcedValue] | None:
    """`low .. high [unit] [mark]`: both ends as claims."""
    try:
        parser = _Parser(text, found)
        low = parser.expression()
        if parser.peek().text != "..":
            raise parser.fail("a range is wanted", "write `low .. high`, as in `.3 .. .95 ~B59`")
        parser.take()
        high = parser.expression()
        parser.finish(low, high)
    except _Stop:
        return None
    words = " ".join(text.value.split())
    ends = [
        SourcedValue(_covered(e, parser.bases), parser.bases, words, text.span) for e in (low, high)
    ]
    return ends[0], ends[1]


def _covered(end: Expression, bases: tuple[Basis, ...]) -> Expression:
    """An end of a range that is only 0 or 1 is a claim, and the mark behind the range covers it."""
    if isinstance(end, Number) and end.basis is None and bases:
        return replace(end, basis=bases[-1])
    return end


@dataclass(frozen=True)
class Arrow:
    """An effect as written: `quantity operator amount`, with its marks."""

    target: Name
    operator: str
    amount: SourcedValue


def parse_arrow(text: Text, found: Diagnostics) -> Arrow | None:
    try:
        parser = _Parser(text, found)
        target = parser.take()
        if target.kind != "name":
            raise parser.fail("an effect begins with a quantity", _ARROW_HELP, target)
        operator = parser.take()
        if operator.text not in ("+", "-", "=", ">=", "<="):
            raise parser.fail("an effect needs one of + - = >= <=", _ARROW_HELP, operator)
        amount = parser.expression()
        parser.finish(amount)
    except _Stop:
        return None
    claim = SourcedValue(amount, parser.bases, " ".join(text.value.split()), text.span)
    name = Name(target.text, text.at(target.start, len(target.text)))
    return Arrow(name, operator.text, claim)


_ARROW_HELP = "as in `anger + .3 ~M43` or `rung >= direct_strike ~M1`"


def parse_plain(text: Text, found: Diagnostics) -> tuple[str, tuple[Basis, ...]] | None:
    """Words with marks behind them (`low to medium @J20`): the words and the marks."""
    match = re.search(r"\s[@~?]", text.value)
    words = text.value[: match.start()] if match else text.value
    if match is None:
        return " ".join(words.split()), ()
    offset = match.start() + 1
    rest = Text(text.value[offset:], text.at(offset), text.places[offset:])
    try:
        tokens = tokenize(rest, found)
    except _Stop:
        return None
    return " ".join(words.split()), tuple(t.basis for t in tokens if t.basis is not None)


def parts(expression: Expression) -> tuple[Expression, ...]:
    """What stands directly inside the expression."""
    if isinstance(expression, Call):
        return expression.arguments
    return expression.operands if isinstance(expression, Operation) else ()


def walk(expression: Expression) -> Iterator[Expression]:
    """The expression and all its parts, in the order written."""
    yield expression
    for part in parts(expression):
        yield from walk(part)


def watched(argument: Expression) -> str:
    """What a question's function watches, by name: a quantity, an event, or a reading as it is
    written, `worth(us)`; '' for anything else."""
    if isinstance(argument, Name):
        return argument.name
    if isinstance(argument, Call) and all(isinstance(a, Name) for a in argument.arguments):
        return f"{argument.function}({', '.join(map(watched, argument.arguments))})"
    return ""


def reads(claim: SourcedValue) -> set[str]:
    """The quantities that an expression reads."""
    return {
        part.name
        for part in walk(claim.expression)
        if isinstance(part, Ref) and part.what == "state"
    }


def rebuild(expression: Expression, change: Callable[[Expression], Expression]) -> Expression:
    """The expression with `change` applied to every part, leaves first."""
    if isinstance(expression, Call):
        parts = tuple(rebuild(a, change) for a in expression.arguments)
        return change(replace(expression, arguments=parts))
    if isinstance(expression, Operation):
        parts = tuple(rebuild(o, change) for o in expression.operands)
        return change(replace(expression, operands=parts))
    return change(expression)

"""A number of the model given another size and mark: which characters of its value change.

A mark covers every number before it that has none yet, so that a number which shares its mark
with others gets one of its own, and the others keep theirs: `.10 + .25*(x >= 2) ? quick` with .25
stated by T3 becomes `.10 [? quick] + .25 @T3 *(x >= 2)`.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from offramp.errors import Mistake
from offramp.language.expressions import Basis, Grade, Token, tokens_of
from offramp.text.splices import NoPlace, Piece
from offramp.text.tree import Text

_NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WORDS = ("and", "or", "not")  # a name behind a number is its unit, but for these


@dataclass(frozen=True)
class Mark:
    """Where a number comes from: `stated` or `sized` by passages, or `assumed` for a reason."""

    grade: Grade
    passages: tuple[str, ...] = ()
    reason: str = ""

    def __post_init__(self) -> None:
        if self.grade == "assumed" and not self.reason.strip():
            raise Mistake("say why: a number of ours has a reason", "reason")
        if self.grade == "assumed" and "]" in self.reason:
            raise Mistake("a reason has no ']'", "reason")
        if self.grade != "assumed" and not self.passages:
            raise Mistake("name the passage that states or supports it", "passages")

    def written(self, last: bool = True) -> str:
        """As it stands in a value; a reason that is not the last of it in brackets."""
        if self.grade != "assumed":
            return ("@" if self.grade == "stated" else "~") + ",".join(self.passages)
        reason = " ".join(self.reason.split())
        return f"? {reason}" if last else f"[? {reason}]"


def is_number(text: str) -> bool:
    """Whether it is written as a number or a date of the model."""
    return bool(_NUMBER.fullmatch(text) or _DATE.fullmatch(text))


def sized(
    value: Text, offset: int, number: str, mark: Mark, names: Collection[str] = ()
) -> tuple[Piece, ...]:
    """What is exchanged in a value so that the number at `offset` is `number`, by `mark`, and every
    other number keeps its size and its mark. A unit stays as it is; one of the `names`, of an
    unknown, stands in the place of both. Raises Mistake for what is no such number, NoPlace for a
    value in which that cannot be said."""
    tokens = tokens_of(value)
    k = next((k for k, t in enumerate(tokens) if t.start == offset), -1)
    if k < 0 or tokens[k].kind not in ("number", "date"):
        raise NoPlace("no number begins at this place")
    old = tokens[k]
    unit = _unit(tokens, k)
    named = number.strip() in names and old.kind == "number"
    new = number.strip() if named else _read(number, old, unit, names)
    numeric = [j for j, t in enumerate(tokens) if t.kind in ("number", "date")]
    sharing = [j for j in numeric if old.basis is not None and tokens[j].basis == old.basis]
    last = tokens[k + 1] if named and unit else old
    pieces: list[Piece] = [(old.start, last.start + len(last.text), new)]
    if before := [j for j in sharing if j < k]:
        pieces.append(_behind(value, tokens, before[-1], _mark(old.basis)))
    at = next((t for t in tokens if t.kind == "mark" and t.basis == old.basis), None)
    structural = new in ("0", "1") and at is not None and not _adjacent(tokens, k, at)
    if at is None or structural or any(j > k for j in sharing):
        pieces.append(_behind(value, tokens, k, mark))
        if structural and at is not None and not any(j > k for j in sharing):
            start = len(value.value[: at.start].rstrip())
            pieces.append((start, at.start + len(at.text), ""))
    else:
        ends = at.start + len(at.text.rstrip()) >= len(value.value.rstrip())
        pieces.append((at.start, at.start + len(at.text), mark.written(ends)))
    _prove(value, k, new, None if named else mark, pieces)
    return tuple(pieces)


def _read(number: str, old: Token, unit: str, names: Collection[str]) -> str:
    """The number as it is written in the model. Raises Mistake."""
    said = number.strip().removesuffix(unit).strip() if unit else number.strip()
    if old.kind == "date":
        if not _DATE.fullmatch(said):
            raise Mistake("a date is written as 2031-05-10", "value")
        return said
    if said.endswith("%"):
        raise Mistake("a share is from 0 to 1: 35% is .35", "value")
    if said[:1] == "-":
        raise Mistake(
            "the sign stands before the number in the model: give its size, or change the line "
            "itself",
            "value",
        )
    if not _NUMBER.fullmatch(said):
        known = f", and no unknown of the model ({', '.join(names)})" if names else ""
        raise Mistake(f"'{number[:40]}' is no number, as in 300 or .35{known}", "value")
    return said


def _unit(tokens: list[Token], k: int) -> str:
    after = tokens[k + 1]
    named = tokens[k].kind == "number" and after.kind == "name" and after.text not in _WORDS
    return after.text if named else ""


def _adjacent(tokens: list[Token], k: int, mark: Token) -> bool:
    return tokens[k + 1 + bool(_unit(tokens, k))] == mark


def _behind(value: Text, tokens: list[Token], k: int, mark: Mark) -> Piece:
    """A mark put right behind a number and its unit."""
    last = tokens[k + bool(_unit(tokens, k))]
    end = last.start + len(last.text)
    rest = value.value[end:]
    space = " " if rest and not rest[0].isspace() and rest[0] not in "),]" else ""
    return end, end, f" {mark.written(not rest.strip())}{space}"


def _mark(basis: Basis | None) -> Mark:
    assert basis is not None
    return Mark(basis.grade, basis.passages, basis.reason)


def _prove(value: Text, k: int, new: str, mark: Mark | None, pieces: list[Piece]) -> None:
    """The value says what was meant, and of its other numbers what it said. A name has no mark."""
    after = value.value
    for start, end, put in sorted(pieces, reverse=True):
        after = after[:start] + put + after[end:]
    was = [t for t in tokens_of(value) if t.kind != "mark"]
    now = [t for t in tokens_of(Text(after, value.span)) if t.kind != "mark"]
    place = sum(1 for t in tokens_of(value)[:k] if t.kind != "mark")
    told = [(t.text, _said(t.basis)) for t in was]
    if len(now) < len(told):  # a unit went with the number
        del told[place + 1]
    said = mark and (mark.grade, mark.passages, " ".join(mark.reason.split()))
    told[place] = (new, said)
    if [(t.text, _said(t.basis)) for t in now] != told:
        raise NoPlace("this number cannot be given a mark of its own here: change the line by hand")


def _said(basis: Basis | None) -> object:
    return None if basis is None else (basis.grade, basis.passages, basis.reason)

"""What two cases differ in, element by element, as the typed models have it and not as text: an
order of lines, a comment or a form written out make no difference. Nothing is simulated."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as Map
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from offramp.case.case import Case
from offramp.case.record import Report
from offramp.language.crisis import (
    Actor,
    Agenda,
    Await,
    Bloc,
    Crisis,
    Effect,
    Fear,
    Option,
    Outcome,
    State,
    Type,
    Veto,
    Want,
    elements,
    field_names,
)
from offramp.language.edits import Edit
from offramp.language.expressions import (
    Basis,
    Call,
    Date,
    Expression,
    Number,
    Operation,
    SourcedValue,
    walk,
)
from offramp.language.identity import canonical
from offramp.language.questions import Answerable, Question
from offramp.text.diagnostics import Span

Kind = Literal["added", "gone", "number", "formula", "mark", "words"]

# Kinds of changes that a world can notice; a mark says where a number is from, and words are read
# by people alone.
MOVING = ("added", "gone", "number", "formula")
_QUIET: dict[str, Kind] = {
    **dict.fromkeys(
        ("title", "about", "text", "resolves", "headline", "clause", "limits"), "words"
    ),
    **dict.fromkeys(("cites", "bases"), "mark"),
}
# What follows from other fields, or says nothing of the model.
_LEFT: dict[type, set[str]] = {
    Actor: {"foresight"},
    Crisis: {"readings", "states", "unknowns", "actors", "events", "beliefs"},
    Question: {"where", "kind", "resolution"},
    State: {"low", "high"},
}
_KEYS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    ((Agenda, Bloc, Option, Outcome, Type, Want, Answerable), "name"),
    ((Await, Fear), "event"),
    (Veto, "actor"),
)


@dataclass(frozen=True)
class Change:
    """One difference.

    element    its address, as in `event rocket` or `question war`; `the case` for what is said at
               the head of crisis.yaml
    also       further elements that have the same number: a form writes it into each
    part       where in the element, as in `cost` or `wants avoid a crisis`; '' for all of it
    kind       added, gone; number (another value), formula (written otherwise), mark (another
               basis of the same value), words (for readers alone)
    old, new   as the model has it, with its mark; '' where it is not there
    old_place, new_place  where each stands, None where it does not
    passages   that either side cites
    """

    element: str
    part: str
    kind: Kind
    old: str
    new: str
    old_place: Span | None
    new_place: Span | None
    passages: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def moving(self) -> bool:
        """Whether an answer of free worlds can depend on it."""
        held = self.element.partition(" ")[0] in ("passage", "document", "report")
        return self.kind in MOVING and not held


@dataclass(frozen=True)
class Turned:
    """A number that has another value: where it stands in the old case, and what is new."""

    change: Change
    old: Number
    new: Number


Leaf = SourcedValue | str


def changes(old: Case, new: Case) -> tuple[tuple[Change, ...], tuple[Turned, ...]]:
    """All differences in the order of the file, and of those that are another value of a number
    which both have, the numbers."""
    out, turned = list[Change](), list[Turned]()
    a, b = dict(_elements(old)), dict(_elements(new))
    for address in dict.fromkeys([*a, *b]):
        for change, numbers in _of_element(address, a.get(address), b.get(address)):
            out.append(change)
            turned += [Turned(change, *numbers)] if numbers else []
    out += _held("passage", old.passages, new.passages)
    out += _held("document", old.documents, new.documents)
    out += _held("report", _reports(old), _reports(new))
    merged = _merged(out)
    firsts = {(c.old_place, c.new_place): c for c in merged if c.kind == "number"}
    seen = dict[tuple[Span | None, Span | None], Turned]()
    for t in turned:
        key = t.change.old_place, t.change.new_place
        seen.setdefault(key, replace(t, change=firsts[key]))
    return tuple(merged), tuple(seen.values())


def other_files(old: Case, new: Case) -> tuple[str, ...]:
    """Files beside the model whose text differs, and from which no answer of free worlds follows:
    an author's premises, claims, policies, facts."""
    told = ("crisis.yaml", "questions.yaml", "sources.yaml", "passages.yaml", "history.csv")
    names = dict.fromkeys([*old.texts.texts, *new.texts.texts])
    return tuple(
        n for n in names if n not in told and old.texts.texts.get(n) != new.texts.texts.get(n)
    )


def _reports(case: Case) -> dict[str, Report]:
    return {r.id: r for r in case.history_read.value.reports}


def _elements(case: Case) -> Iterator[tuple[str, object]]:
    c = case.crisis
    yield "the case", replace(c, states=(), unknowns=(), actors=(), events=(), beliefs=())
    yield from elements(c)
    for q in case.questions:
        yield f"question {q.id}", q


def _of_element(
    address: str, old: object | None, new: object | None
) -> Iterator[tuple[Change, tuple[Number, Number] | None]]:
    if old is None or new is None:
        there = new if old is None else old
        kind: Kind = "added" if old is None else "gone"
        title = str(getattr(there, "title", "") or getattr(there, "text", ""))
        place = getattr(there, "span", None)
        yield _whole(address, kind, title, place), None
        return
    a, b = dict(_leaves(old, "")), dict(_leaves(new, ""))
    for part in dict.fromkeys([*a, *b]):
        yield from _of_part(address, part, a.get(part), b.get(part))


def _whole(address: str, kind: Kind, title: str, place: Span | None) -> Change:
    gone = kind == "gone"
    return Change(
        element=address,
        part="",
        kind=kind,
        old=title if gone else "",
        new="" if gone else title,
        old_place=place if gone else None,
        new_place=None if gone else place,
    )


def _leaves(value: object, path: str) -> Iterator[tuple[str, Leaf]]:
    """The values of an element by where they stand in it. Parts that have a name are told by it,
    so that one more want is one more, and not another of each."""
    if value is None or value == () or value == "":
        return
    if isinstance(value, SourcedValue):
        yield path, value
    elif isinstance(value, tuple) and all(isinstance(x, str) for x in value):
        yield path, ", ".join(value)
    elif isinstance(value, tuple):
        seen = dict[str, int]()
        for place, part in enumerate(value):
            key = _key(part) or str(place + 1)
            seen[key] = seen.get(key, 0) + 1
            again = f" ({seen[key]})" if seen[key] > 1 else ""
            yield from _leaves(part, f"{path} {key}{again}".strip())
    elif isinstance(value, Edit):
        yield path, value.words
    elif isinstance(value, Basis):
        yield path, _mark(value)
    elif isinstance(value, Effect):
        yield path, value.amount
    elif names := tuple(field_names(value)):
        left = {"span", _key_name(value)} | _LEFT.get(type(value), set())
        for name in names:
            if name not in left:
                yield from _leaves(getattr(value, name), f"{path} {name}".strip())
    else:
        yield path, f"{value:g}" if isinstance(value, float) else str(value)


def _key_name(part: object) -> str:
    return next((name for own, name in _KEYS if isinstance(part, own)), "")


def _key(part: object) -> str:
    if isinstance(part, Effect):
        return f"{part.quantity} {part.operator}"
    if isinstance(part, tuple) and part and isinstance(part[0], str):
        return part[0]
    name = _key_name(part)
    return str(getattr(part, name)) or "pace" if name else ""


def _of_part(
    address: str, part: str, old: Leaf | None, new: Leaf | None
) -> Iterator[tuple[Change, tuple[Number, Number] | None]]:
    if isinstance(old, SourcedValue) and isinstance(new, SourcedValue):
        yield from _of_value(address, part, old, new)
    elif old != new:
        kind: Kind = "formula" if old and new else "gone" if old else "added"
        kind = _QUIET.get(part.split(" ")[0], kind)
        yield _change(address, part, kind, old, new), None


def _of_value(
    address: str, part: str, old: SourcedValue, new: SourcedValue
) -> Iterator[tuple[Change, tuple[Number, Number] | None]]:
    if _skeleton(old.expression) != _skeleton(new.expression):
        yield _change(address, part, "formula", old, new), None
        return
    before, after = _atoms(old.expression), _atoms(new.expression)
    moved = False
    for a, b in zip(before, after, strict=True):
        kind: Kind = "mark" if a.value == b.value else "number"
        if a.value == b.value and _mark(a.basis) == _mark(b.basis):
            continue
        moved = True
        change = Change(
            element=address,
            part=part,
            kind=kind,
            old=_told(a),
            new=_told(b),
            old_place=a.span,
            new_place=b.span,
            passages=_passages(a.basis, b.basis),
        )
        if kind == "number" and isinstance(a, Number) and isinstance(b, Number):
            yield change, (a, b)
        else:
            yield change, None
    if not moved and [_mark(x) for x in old.bases] != [_mark(x) for x in new.bases]:
        yield _change(address, part, "mark", old, new), None


def _change(address: str, part: str, kind: Kind, old: Leaf | None, new: Leaf | None) -> Change:
    bases = [x for leaf in (old, new) if isinstance(leaf, SourcedValue) for x in leaf.bases]
    return Change(
        element=address,
        part=part,
        kind=kind,
        old=_leaf(old),
        new=_leaf(new),
        old_place=old.span if isinstance(old, SourcedValue) else None,
        new_place=new.span if isinstance(new, SourcedValue) else None,
        passages=_passages(*bases),
    )


def _leaf(leaf: Leaf | None) -> str:
    if leaf is None:
        return ""
    if isinstance(leaf, SourcedValue):
        return " ".join(leaf.text.split())
    return leaf


def _atoms(e: Expression) -> list[Number | Date]:
    return [x for x in walk(e) if isinstance(x, Number | Date)]


def _skeleton(e: Expression) -> object:
    """A formula without its numbers, dates and places; what they are in (days, dollars) stays."""
    if isinstance(e, Number):
        return "number", e.unit
    if isinstance(e, Date):
        return "date"
    if isinstance(e, Call):
        return (e.function, *map(_skeleton, e.arguments))
    if isinstance(e, Operation):
        return (e.operator, *map(_skeleton, e.operands))
    return repr(canonical(e))


def _told(atom: Number | Date) -> str:
    """`30d ~P1`, `.3 ? effort`: a number or a date with its mark."""
    if isinstance(atom, Date):
        value = atom.value.isoformat()
    else:
        value = f"{plainly(atom.value)}{'' if atom.unit == 'd' else ' '}{atom.unit}".strip()
    return f"{value} {_mark(atom.basis)}".strip()


def parts_of(element: object) -> dict[Span, str]:
    """Where in an element each of its numbers stands, as `Change.part` says it."""
    return {
        atom.span: part
        for part, leaf in _leaves(element, "")
        if isinstance(leaf, SourcedValue)
        for atom in _atoms(leaf.expression)
    }


def rewritten(texts: Map[str, str], span: Span, old: float, new: float) -> str | None:
    """The file with one number in place of another; None where it does not stand there as such."""
    lines = texts.get(str(span.file), "").split("\n")
    if not stands(lines, span, old):
        return None
    line, start = lines[span.line - 1], span.column - 1
    lines[span.line - 1] = line[:start] + plainly(new) + line[start + span.length :]
    return "\n".join(lines)


def stands(lines: Sequence[str], span: Span, value: float) -> bool:
    """Whether a number is written at its place, and not in a form or on a folded line."""
    line = lines[span.line - 1] if span.line <= len(lines) else ""
    try:
        return float(line[span.column - 1 : span.column - 1 + span.length]) == value
    except ValueError:
        return False


def plainly(x: float) -> str:
    """A number as one would type it: without a power of ten, unless it is very large."""
    if x == int(x) and abs(x) < 1e15:
        return f"{x:.0f}"
    return format(Decimal(repr(x)), "f") if abs(x) < 1.0 else repr(x)


def _mark(basis: Basis | None) -> str:
    if basis is None:
        return ""
    if basis.grade == "assumed":
        return f"? {basis.reason}"
    return ("@" if basis.grade == "stated" else "~") + ",".join(basis.passages)


def _passages(*bases: Basis | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(p for b in bases if b is not None for p in b.passages))


def _held(noun: str, old: Map[str, object], new: Map[str, object]) -> Iterator[Change]:
    """Entries of a file that the model cites, or that it is conditioned on, by name."""
    for id in dict.fromkeys([*old, *new]):
        a, b = old.get(id), new.get(id)
        if a is None or b is None:
            there = b if a is None else a
            title = str(getattr(there, "paraphrase", "") or getattr(there, "title", ""))
            title = title or str(getattr(there, "report", ""))
            kind: Kind = "added" if a is None else "gone"
            yield _whole(f"{noun} {id}", kind, title, getattr(there, "span", None))
            continue
        for name in field_names(a):
            one, other = getattr(a, name), getattr(b, name)
            if name != "span" and one != other:
                yield Change(
                    element=f"{noun} {id}",
                    part=name,
                    kind="words",
                    old=_plain(one),
                    new=_plain(other),
                    old_place=getattr(a, "span", None),
                    new_place=getattr(b, "span", None),
                )


def _plain(value: object) -> str:
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, tuple):
        return ", ".join(map(_plain, value))
    names = tuple(field_names(value))
    return " ".join(_plain(getattr(value, n)) for n in names) if names else str(value)


def _merged(found: Iterable[Change]) -> list[Change]:
    """Each number once: where a form writes it into several elements, the others beside it."""
    out = dict[object, Change]()
    for c in found:
        key: object = (c.kind, c.old_place, c.new_place)
        if c.kind not in ("number", "mark") or c.old_place is None:
            key = len(out), "by itself"
        first = out.get(key)
        if first is None:
            out[key] = c
        elif c.element != first.element and c.element not in first.also:
            out[key] = replace(first, also=(*first.also, c.element))
    return list(out.values())

"""New entries of a model from a few fields: a quantity, an unknown, an actor, a want, a move, an
event, an outcome, a condition, a question. Each is the shortest of its kind that checks; the
language has more.

The number that the passage speaks of bears the mark that is chosen. The others are the case's
own first guesses, and say so.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from offramp.errors import Mistake
from offramp.language.crisis import Crisis, State
from offramp.language.sizing import Mark
from offramp.text.diagnostics import suggestion
from offramp.text.splices import Value

Kind = Literal["words", "number", "size", "date", "actor", "quantity", "event", "levels", "sign"]
GUESS = Mark("assumed", (), "a first guess")
ROOM = Mark("assumed", (), "room to move")
ASKED = Mark("assumed", (), "what is asked")  # a question's own number
MONTH, YEAR = 30, 365  # days
_NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)")
LONGEST = 40  # characters of a name
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class Field:
    """What a form asks: its key, its label, what may stand in it (a size: a number, or a level of a
    ladder), and what does if it is empty; None: it must not be. `marked`: the number that the
    passage speaks of, unless another is named."""

    key: str
    label: str
    kind: Kind
    default: str | None = None
    marked: bool = False

    @property
    def numeric(self) -> bool:
        """Whether a passage may speak of it."""
        return self.kind in ("number", "size", "date")


@dataclass(frozen=True)
class Entry:
    """Where a new entry stands: the file, the path of its section, its key and what it says. An
    item is added to the list of that key."""

    file: str
    path: tuple[str | int, ...]
    key: str
    value: Value
    item: bool = False


@dataclass(frozen=True)
class Said:
    """What was said in a form's fields, of which number the passage speaks (`of`), and how it does;
    with the crisis that it is added to."""

    fields: Mapping[str, str]
    of: str
    mark: Mark
    crisis: Crisis

    def __getitem__(self, key: str) -> str:
        return self.fields[key]

    def basis(self, key: str, otherwise: Mark = GUESS) -> Mark:
        """The mark of a field's number."""
        return self.mark if key == self.of else otherwise

    def number(self, key: str, unit: str = "", otherwise: Mark = GUESS) -> str:
        """The number of a field with its mark."""
        return f"{self[key]}{unit} {self.basis(key, otherwise).written()}"


@dataclass(frozen=True)
class Form:
    """A kind of entry: its name, a line on what it is, what it asks, and how it is written."""

    id: str
    title: str
    about: str
    fields: tuple[Field, ...]
    entry: Callable[[Said], Entry]


def entry(
    form: str, fields: Mapping[str, str], mark: Mark, crisis: Crisis, of: str | None = None
) -> Entry:
    """The entry that a form's fields make in a crisis.

    of  the field whose number the passage speaks of; None: the one that the form says

    Raises Mistake with what would have worked, `argument` being the field.
    """
    own = FORMS.get(form)
    if own is None:
        raise Mistake(f"there is no form '{form[:40]}': {', '.join(FORMS)}", "form")
    strange = next((key for key in fields if key not in {f.key for f in own.fields}), None)
    if strange is not None:
        raise Mistake(f"{form} asks {', '.join(f.key for f in own.fields)}", strange[:40])
    numeric = [f.key for f in own.fields if f.numeric]
    if of is not None and of not in numeric:
        raise Mistake(f"a passage speaks of one of {', '.join(numeric) or 'no number here'}", "of")
    marked = of or next((f.key for f in own.fields if f.marked), "")
    read = {f.key: _read(f, fields.get(f.key, ""), crisis) for f in own.fields}
    if of is not None and not read[of]:
        raise Mistake("the passage speaks of this number, and it is empty", of)
    return own.entry(Said(read, marked, mark, crisis))


def _read(field: Field, text: str, crisis: Crisis) -> str:
    said = " ".join(text.split()) or field.default
    if said is None:
        raise Mistake(f"{field.label}: it is missing", field.key)
    if not said:
        return said
    known = {
        "actor": [a.name for a in crisis.actors],
        "quantity": [s.name for s in crisis.states],
        "event": [e.name for e in crisis.events],
        "sign": ["+", "-"],
    }.get(field.kind)
    if known is not None and said not in known:
        raise Mistake(f"{field.label}: there is no '{said[:40]}': {_meant(said, known)}", field.key)
    if field.kind == "number":
        _checked(said, field)
    if field.kind == "date" and not _DATE.fullmatch(said):
        raise Mistake(f"{field.label}: a date is written as 2031-05-10", field.key)
    return said


def _checked(said: str, field: Field) -> None:
    if said[:1] in "-+" and _NUMBER.fullmatch(said[1:]):
        raise Mistake(f"{field.label}: a number without a sign, as in 3 or .35", field.key)
    if not _NUMBER.fullmatch(said):
        raise Mistake(
            f"{field.label}: '{said[:40]}' is no number, as in 3 or .35 (one in ten is .1)",
            field.key,
        )


def _meant(said: str, known: list[str]) -> str:
    return suggestion(said, known) or ", ".join(known) or "the model has none yet"


def name_of(title: str, taken: Iterable[str] = ()) -> str:
    """A name in the model for words: `Iran's missile strike` is `irans_missile_strike`."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    plain = re.sub(r"[^a-z0-9]+", "_", plain.replace("'", "")).strip("_")
    if len(plain) > LONGEST:  # at the end of a word
        plain = plain[: LONGEST + 1].rpartition("_")[0] or plain[:LONGEST]
    plain = f"x_{plain}" if not plain or plain[0].isdigit() else plain
    known = set(taken)
    names = (plain if k == 1 else f"{plain}_{k}" for k in range(1, len(known) + 2))
    return next(name for name in names if name not in known)


def _new(said: Said) -> str:
    """A name for what has this title, which nothing else has."""
    crisis, title = said.crisis, said["title"]
    titles = [
        *((s.name, s.title) for s in crisis.states),
        *((u.name, u.title) for u in crisis.unknowns),
        *((a.name, a.title) for a in crisis.actors),
        *((e.name, e.title) for e in crisis.events),
    ]
    _first_of_its_name(title, titles)
    return name_of(title, [name for name, _ in titles])


def _first_of_its_name(title: str, known: Iterable[tuple[str, str]]) -> None:
    for name, other in known:
        if other.casefold() == title.casefold():
            raise Mistake(f"there is '{other}' in the model already ({name})", "title")


# ---- what entries are made of --------------------------------------------------------------------


def _quantity_of(said: Said, key: str) -> State:
    return next(s for s in said.crisis.states if s.name == said[key])


def _level(said: Said, key: str, levels: Sequence[str]) -> str:
    """A level as it is named in the model. Raises Mistake."""
    level = name_of(said[key])
    if level not in levels:
        raise Mistake(f"this is a ladder: one of {', '.join(levels)}", key)
    return level


def _unit(quantity: State) -> str:
    """The unit of a quantity, with a space before it; '' without one."""
    return f" {quantity.unit[0][0]}" if quantity.unit else ""


def _size(said: Said, key: str, of: State) -> str:
    """A number of a quantity, or a level of a ladder, with its mark. Raises Mistake."""
    if of.levels:
        return f"{_level(said, key, of.levels)} {said.basis(key).written()}"
    if of.kind not in ("stock", "share", "count"):
        raise Mistake(f"'{of.name}' is a {of.kind}, which has no size: write it in Model", key)
    _checked(said[key], Field(key, of.title or of.name, "number"))
    return said.number(key, _unit(of))


def _effect(said: Said, end: str) -> str:
    """`quantity + 2 ~T3`; of a ladder at least a level, or at most one; of a flag yes or no."""
    of, up = _quantity_of(said, f"quantity{end}"), said[f"sign{end}"] == "+"
    size = f"size{end}"
    if of.kind == "flag":
        return f"{of.name} = {'yes' if up else 'no'} {said.basis(size).written()}"
    operator = (">=" if up else "<=") if of.levels else said[f"sign{end}"]
    return f"{of.name} {operator} {_size(said, size, of)}"


def _effects(said: Said) -> list[Value]:
    ends = ["", "_2"] if said["quantity_2"] else [""]
    return [_effect(said, end) for end in ends]


def _fades(said: Said) -> dict[str, Value]:
    return {"fades": said.number("half_life", "d")} if said["half_life"] else {}


def _a_day(said: Said, key: str, days: int) -> str:
    """So many in so many days as a number a day, with its mark. The days are no number of the
    model: an entry says in `about` what was said."""
    return f"{float(said[key]) / days:.3g} {said.basis(key).written()}"


# ---- entries -------------------------------------------------------------------------------------


def _quantity(said: Said) -> Entry:
    low = said["low"] if said.of != "low" else f"{said['low']} {said.mark.written(False)}"
    value: dict[str, Value] = {
        "name": said["title"],
        "stock": f"{low} .. {said.number('high', otherwise=ROOM)}",
        "now": said.number("now"),
        **_fades(said),
    }
    return Entry("crisis.yaml", ("state",), _new(said), value)


def _ladder(said: Said) -> Entry:
    levels = [name_of(word) for word in said["levels"].split(",") if word.strip()]
    if len(levels) < 2:
        raise Mistake(
            "a ladder has two levels or more, the lowest first: calm, tense, war", "levels"
        )
    value: dict[str, Value] = {
        "name": said["title"],
        "ladder": levels,
        "now": f"{_level(said, 'now', levels)} {said.basis('now').written()}",
        **_fades(said),
    }
    return Entry("crisis.yaml", ("state",), _new(said), value)


def _unknown(said: Said) -> Entry:
    low = said["low"] if said.of != "low" else f"{said['low']} {said.mark.written(False)}"
    value: dict[str, Value] = {
        "name": said["title"],
        "between": f"{low} .. {said.number('high')}",
    }
    return Entry("crisis.yaml", ("unknown",), _new(said), value)


def _actor(said: Said) -> Entry:
    value: dict[str, Value] = {
        "name": said["title"],
        "about": f"decides {said['often']} times a month",
        "pace": _a_day(said, "often", MONTH),
        "precision": f"1.2 {GUESS.written()}",
        "foresight": f"1 {GUESS.written()}",
    }
    if said["weighs"]:
        value["weighs"] = [said["weighs"]]
    value["wants"] = {said["want"]: _want_of(said)}
    return Entry("crisis.yaml", ("actor",), _new(said), value)


def _weighs(said: Said) -> Entry:
    if said["actor"] == said["other"]:
        raise Mistake("an actor thinks of the answer of another", "other")
    return Entry("crisis.yaml", ("actor", said["actor"]), "weighs", said["other"], item=True)


def _want(said: Said) -> Entry:
    path = ("actor", said["actor"], "wants")
    return Entry("crisis.yaml", path, said["title"], _want_of(said))


def _want_of(said: Said) -> str:
    of = _quantity_of(said, "quantity")
    read = f"height({of.name})" if of.levels else of.name
    read += f" / 1{_unit(of)}" if of.unit else ""
    sign = "-" if said["sign"] == "-" else ""
    return f"{sign}{said['size']} {said.basis('size').written(False)} * {read}"


def _move(said: Said) -> Entry:
    events = said.crisis.events
    _first_of_its_name(said["title"], [(e.name, e.title) for e in events if e.by == said["actor"]])
    names = [e.name.removeprefix(f"{said['actor']}.") for e in events]
    value: dict[str, Value] = {
        "name": said["title"],
        "by": said["actor"],
        "cost": said.number("cost"),
        "pause": said.number("pause", "d"),
        "does": _effects(said),
    }
    name = f"{said['actor']}.{name_of(said['title'], names)}"
    return Entry("crisis.yaml", ("event",), name, value)


def _chance(said: Said) -> Entry:
    value: dict[str, Value] = {
        "name": said["title"],
        "about": f"{said['often']} times a year",
        "rate": _a_day(said, "often", YEAR),
        "does": _effects(said),
    }
    return Entry("crisis.yaml", ("event",), _new(said), value)


def _dated(said: Said) -> Entry:
    value: dict[str, Value] = {
        "name": said["title"],
        "on": said.number("on"),
        "does": _effects(said),
    }
    return Entry("crisis.yaml", ("event",), _new(said), value)


def _outcome(said: Said) -> Entry:
    value: dict[str, Value] = {"chance": said.number("chance"), "does": _effects(said)}
    path = ("event", said["event"], "outcomes")
    return Entry("crisis.yaml", path, name_of(said["title"]), value)


def _condition(said: Said) -> Entry:
    of, up = _quantity_of(said, "quantity"), said["sign"] == "+"
    size = _size(said, "size", of)
    path = ("event", said["event"])
    return Entry("crisis.yaml", path, "when", f"{of.name} {'>=' if up else '<='} {size}")


def _asked(said: Said) -> Entry:
    event, quantity = said["event"], said["quantity"]
    if bool(event) == bool(quantity):
        raise Mistake("of an event, or of a quantity: one of the two", "event")
    if event:
        asks = f"count({event}) >= {_threshold(said['times'])}"
    else:
        if not said["level"]:
            raise Mistake("which level or number must it reach?", "level")
        asked = replace(said, of="level", mark=ASKED)
        of = _quantity_of(said, "quantity")
        level = _level(said, "level", of.levels) if of.levels else _size(asked, "level", of)
        asks = f"highest({quantity}) >= {level}"
    first = said["first"] or str(said.crisis.first)
    value: dict[str, Value] = {
        "text": said["title"],
        "window": f"{first} .. {said['last'] or said.crisis.shown_last}",
        "asks": asks,
    }
    if said.mark.passages:
        value["cites"] = list(said.mark.passages)
    value["resolves"] = said["resolves"]
    return Entry("questions.yaml", ("questions",), name_of(said["title"]), value)


def _threshold(said: str) -> str:
    """A question's own number; 1 bears no mark."""
    return said if said in ("0", "1") else f"{said} {ASKED.written()}"


TITLE = Field("title", "its name, in words", "words")
EFFECT = (
    Field("quantity", "what it changes", "quantity"),
    Field("sign", "up or down", "sign", "+"),
    Field("size", "by how much (of a ladder: to which level)", "size"),
    Field("quantity_2", "what else it changes", "quantity", ""),
    Field("sign_2", "up or down", "sign", "+"),
    Field("size_2", "by how much", "size", "1"),
)
MARKED = tuple(replace(f, marked=f.key == "size") for f in EFFECT)
WANT = (
    Field("quantity", "what it looks at", "quantity"),
    Field("sign", "wants it higher (+) or lower (-)", "sign", "-"),
    Field("size", "how much one unit of it counts, beside the cost of a move", "number", "1", True),
)
HALF_LIFE = Field("half_life", "days until half of it is gone; empty: it stays", "number", "")
FORMS = {
    f.id: f
    for f in (
        Form(
            "quantity",
            "a quantity",
            "something that goes up and down: a grievance, troops, support",
            (
                TITLE,
                Field("low", "at least", "number", "0"),
                Field("high", "at most", "number", "6"),
                Field("now", "on the first day", "number", None, True),
                HALF_LIFE,
            ),
            _quantity,
        ),
        Form(
            "ladder",
            "a ladder",
            "named levels of one thing: rungs of escalation",
            (
                TITLE,
                Field("levels", "its levels, the lowest first, with commas", "levels"),
                Field("now", "on the first day", "size", None, True),
                HALF_LIFE,
            ),
            _ladder,
        ),
        Form(
            "unknown",
            "something nobody knows",
            "a number that is drawn anew in each world, anywhere between two ends; afterwards a "
            "number of the model may be it, by its name",
            (
                TITLE,
                Field("low", "from", "number"),
                Field("high", "to", "number", None, True),
            ),
            _unknown,
        ),
        Form(
            "actor",
            "an actor",
            "somebody who decides, with the first thing that it wants",
            (
                TITLE,
                Field("often", "how many decisions a month", "number", "3"),
                Field("weighs", "whose answer it thinks of", "actor", ""),
                Field("want", "what it wants, in words", "words"),
                *WANT,
            ),
            _actor,
        ),
        Form(
            "weighs",
            "an actor that thinks of another",
            "before it moves, it thinks of how the other would answer",
            (Field("actor", "who", "actor"), Field("other", "whose answer", "actor")),
            _weighs,
        ),
        Form(
            "want",
            "a want",
            "one more thing that an actor wants or dreads",
            (Field("actor", "whose", "actor"), Field("title", "in words", "words"), *WANT),
            _want,
        ),
        Form(
            "move",
            "a move",
            "something that an actor may decide to do",
            (
                Field("actor", "whose", "actor"),
                TITLE,
                Field("cost", "what it costs its author, beside what it wants", "number", "1"),
                Field("pause", "days before it can do so again", "number", "7"),
                *MARKED,
            ),
            _move,
        ),
        Form(
            "chance",
            "an event by chance",
            "something that nobody decides, so many times a year",
            (TITLE, Field("often", "how often a year", "number", None, True), *EFFECT),
            _chance,
        ),
        Form(
            "dated",
            "an event on a day",
            "something that is due: an election, a deadline",
            (TITLE, Field("on", "its day", "date", None, True), *EFFECT),
            _dated,
        ),
        Form(
            "outcome",
            "how an event may end",
            "one of several ends: a vote is won, a collision kills; with what is left of the "
            "chances it has none of them",
            (
                Field("event", "which event", "event"),
                Field("title", "this end, in words", "words"),
                Field("chance", "its chance, from 0 to 1 (one in ten is .1)", "number", None, True),
                *EFFECT,
            ),
            _outcome,
        ),
        Form(
            "condition",
            "when an event can happen at all",
            "only while a quantity is so high, or so low",
            (
                Field("event", "which event", "event"),
                Field("quantity", "only while this", "quantity"),
                Field("sign", "is at least (+) or at most (-)", "sign", "+"),
                Field("size", "this number or level", "size", None, True),
            ),
            _condition,
        ),
        Form(
            "question",
            "a question",
            "something that a record can answer by a day, with yes or no; it cites the passage",
            (
                TITLE,
                Field("event", "an event that happens", "event", ""),
                Field("times", "at least how many times", "words", "1"),
                Field("quantity", "or a quantity", "quantity", ""),
                Field("level", "that reaches this number or level", "words", ""),
                Field("first", "from (empty: the first day)", "words", ""),
                Field("last", "until (empty: the last day)", "words", ""),
                Field("resolves", "what decides it", "words"),
            ),
            _asked,
        ),
    )
}

"""The documents' own questions, and what of the case answers each: `asked.yaml`.

asked:
  Q10:                            # the passage that asks
    question: Why so swiftly?     # in our words
    questions: [iran_answers_openly]             # answers of the case
    courses: {rung: [2020-04-01, 2020-06-30]}    # a quantity on some days
    unknowns: [us.tau]                           # what the reports say of it
    choice: {actor: iran, on: 2020-01-08}        # a choice taken apart
    without: {never: [pakistan.shuttle]}         # edits: but for what (docs/language.md)
    on: 2020-01-08                               # the morning from which; only with `without:`
    reads: [rung, us.hit_proxy]                  # what is told of the worlds without it
    gains: [us, iran]                            # whose utility moved which way
    note: how the answer is to be read
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from offramp.case.core import Core, Read
from offramp.language.edits import Edit, idle, read_edits
from offramp.language.expressions import Date, parse_claim
from offramp.language.readers import Readers
from offramp.text.diagnostics import Diagnostics, Span, suggestion
from offramp.text.tree import Mapping, Node, Sequence, Text

FILE = "asked.yaml"
KEYS = (
    "question",
    "questions",
    "courses",
    "unknowns",
    "choice",
    "without",
    "on",
    "reads",
    "gains",
    "note",
)
CHOICE = ("actor", "on")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question of a document. `courses` are quantities with the days on which they are read;
    `reads` are questions, events or quantities of the worlds without the edit: the noun, and the
    name."""

    passage: str
    question: str
    questions: tuple[str, ...]
    courses: tuple[tuple[str, tuple[dt.date, ...]], ...]
    unknowns: tuple[str, ...]
    choice: tuple[str, dt.date] | None
    without: tuple[Edit, ...]
    on: dt.date | None
    reads: tuple[tuple[str, str], ...]
    gains: tuple[str, ...]
    note: str
    span: Span

    @property
    def needs_reports(self) -> bool:
        """Whether it needs worlds conditioned on the reports."""
        return bool(self.unknowns or self.choice or self.without or self.gains)


def read_asked(case: Core) -> Read[tuple[Asked, ...]]:
    """The documents' questions; none for a case without the file."""
    if not case.texts.has(FILE):
        return Read(())
    found = Diagnostics()
    root, readers = case.texts.tree(FILE, found), case.readers(found)
    out: list[Asked] = []
    if root is not None:
        readers.known(root, ("asked",), "a file of questions asked")
        reader = _Reader(case, readers)
        for key, node in readers.mapping(root.get("asked"), "'asked:'", root.span):
            readers.passage(key.value, key.span)
            out.append(reader.read(key, readers.mapping(node, f"'{key.value}'", key.span)))
    return Read(tuple(out), tuple(found.ordered()))


class _Reader:
    def __init__(self, case: Core, readers: Readers) -> None:
        self.case, self.readers, self.found = case, readers, readers.found
        crisis = case.crisis
        self.names = {
            "question": [q.id for q in case.questions],
            "quantity": [s.name for s in crisis.states],
            "unknown": [u.name for u in crisis.unknowns],
            "event": [e.name for e in crisis.events],
            "actor": [a.name for a in crisis.actors],
        }

    def read(self, key: Text, node: Mapping) -> Asked:
        b = self.readers
        b.known(node, KEYS, f"'{key.value}'")
        without = (
            read_edits(node.get("without"), self.case.crisis, b) if node.get("without") else ()
        )
        on = self.date(node.get("on"), "`on:`") if node.get("on") else None
        self.from_then_on(without, on, node.get("without"))
        if (on or node.get("reads")) and not node.get("without"):
            b.found.error(
                key.span,
                "missing",
                f"'{key.value}' has `on:` or `reads:` but takes nothing away",
                "`without: {never: [...]}`",
            )
        asked = Asked(
            passage=key.value,
            question=b.words(node, "question"),
            questions=self.listed(node.get("questions"), "questions", ("question",)),
            courses=self.courses(node.get("courses")),
            unknowns=self.listed(node.get("unknowns"), "unknowns", ("unknown",)),
            choice=self.choice(node.get("choice")),
            without=without,
            on=on,
            reads=self.reads(node.get("reads")),
            gains=self.listed(node.get("gains"), "gains", ("actor",)),
            note=b.words(node, "note"),
            span=key.span,
        )
        if not asked.question:
            self.found.error(
                key.span, "missing", f"'{key.value}' has no `question:`", "ask it in your own words"
            )
        if (
            not any(
                (
                    asked.questions,
                    asked.courses,
                    asked.unknowns,
                    asked.choice,
                    asked.without,
                    asked.gains,
                )
            )
            and not self.found.errors
        ):
            self.found.error(
                key.span,
                "missing",
                f"nothing answers '{key.value}'",
                "at least one of " + ", ".join(KEYS[1:6]) + ", gains",
            )
        return asked

    def from_then_on(self, edits: tuple[Edit, ...], on: dt.date | None, node: Node | None) -> None:
        """Worlds stay as they were up to `on:`; what takes effect before it changes nothing."""
        if node is not None and not edits and not self.found.errors:
            self.found.error(
                node.span,
                "missing",
                "`without:` takes nothing away",
                "as in `without: {never: [us.withdraw]}`",
            )
        for edit in edits:
            if edit.verb == "set":
                self.found.error(
                    edit.span,
                    "too-early",
                    f"`{edit.words}` does nothing in worlds whose unknowns are drawn already",
                    "`hold:` for a quantity; rival assessments for what is unknown",
                )
            late = idle(edit, self.case.crisis, on) if on is not None else None
            if late is not None:
                self.found.error(edit.span, "too-early", late[0], late[1])

    def listed(self, node: Node | None, what: str, kinds: tuple[str, ...]) -> tuple[str, ...]:
        known = [n for kind in kinds for n in self.names[kind]]
        out = []
        for text in self.readers.names(node, what):
            if text.value in known:
                out.append(text.value)
            else:
                self.readers.unknown_name(text, known, kinds[0])
        return tuple(out)

    def reads(self, node: Node | None) -> tuple[tuple[str, str], ...]:
        """Names of questions, events and quantities. One that is the name of two of them stands
        behind its noun: `event storm`."""
        kinds = ("question", "event", "quantity")
        known = list(dict.fromkeys(n for kind in kinds for n in self.names[kind]))
        out = []
        for text in self.readers.names(node, "reads"):
            noun, space, name = text.value.partition(" ")
            if not space:
                noun, name = "", text.value
            found = [k for k in kinds if name in self.names[k] and noun in ("", k)]
            if len(found) == 1:
                out.append((found[0], name))
            elif found:
                several = " and of ".join(("an " if k == "event" else "a ") + k for k in found)
                self.found.error(
                    text.span,
                    "ambiguous",
                    f"'{name}' is the name of {several}",
                    f"write the noun before it, as in `{found[0]} {name}`",
                )
            else:
                self.readers.unknown_name(text, known, kinds[0])
        return tuple(out)

    def courses(self, node: Node | None) -> tuple[tuple[str, tuple[dt.date, ...]], ...]:
        if node is None:
            return ()
        out = []
        shown = self.case.crisis.show
        for key, value in self.readers.mapping(node, "'courses:'", node.span):
            if key.value not in shown:
                self.found.error(
                    key.span,
                    "not-shown",
                    f"'{key.value}' is not among the quantities shown",
                    suggestion(key.value, shown, "shown quantities") or "add it to `show:`",
                )
                continue
            items = value.items if isinstance(value, Sequence) else (value,)
            course = self.case.crisis.shown_last
            days = [self.date(item, f"'{key.value}'", course) for item in items]
            out.append((key.value, tuple(d for d in days if d is not None)))
        return tuple(out)

    def choice(self, node: Node | None) -> tuple[str, dt.date] | None:
        if node is None:
            return None
        entry = self.readers.mapping(node, "'choice:'", node.span)
        self.readers.known(entry, CHOICE, "'choice:'")
        actor = self.readers.text(entry.get("actor"), "actor")
        day = self.date(entry.get("on"), "`on:`")
        if entry.get("on") is None:
            self.found.error(
                node.span, "missing", "`choice:` wants an `on:`", "its day, as in 2020-01-08"
            )
        movers = sorted(
            {e.by for e in self.case.crisis.events if (e.chosen or e.as_choice) and e.by}
        )
        if actor is None or actor.value not in movers:
            place = actor.span if actor else node.span
            named = (
                f"'{actor.value}' has no move to choose" if actor else "`choice:` wants an `actor:`"
            )
            near = suggestion(actor.value, movers, "actors") if actor else ""
            self.found.error(place, "actor", named, near)
            return None
        return None if day is None else (actor.value, day)

    def date(self, node: Node | None, what: str, last: dt.date | None = None) -> dt.date | None:
        """A day of the crisis, or one up to `last`."""
        text = self.readers.text(node, what)
        claim = parse_claim(text, self.found) if text is not None else None
        if text is None or claim is None:
            return None
        crisis = self.case.crisis
        last = last or crisis.last
        if not isinstance(claim.expression, Date):
            self.found.error(text.span, "kind", f"{what} wants a date", "as in 2020-01-08")
            return None
        if not crisis.first <= claim.expression.value <= last:
            self.found.error(
                text.span,
                "dates",
                f"{claim.expression.value} is outside "
                + ("the crisis" if last == crisis.last else "what is shown of it"),
                f"a day from {crisis.first} to {last}",
            )
            return None
        return claim.expression.value

"""From a passage to the model: a number gets its size and its mark, an element its citation, an
entry is new, a passage is left out. Without `apply` nothing is written, and what is returned shows
what would be; with it one file changes, in one step of the case's journal, which `undo` takes
back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from offramp.api.cases import check
from offramp.api.common import Named, case_of
from offramp.api.documents_in import own_folder
from offramp.case.case import Case
from offramp.errors import Mistake
from offramp.language.expressions import Grade
from offramp.text.diagnostics import CaseError, suggestion
from offramp.text.journal import text_of, write

if TYPE_CHECKING:
    from offramp.case.model_forms import Form
    from offramp.case.writing import Writing
    from offramp.language.sizing import Mark


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A number as it stands in the model.

    place     where it is written: `crisis.yaml:133:22`
    element   the address of what it is part of (`event rocket`), and that in words (`title`)
    part      what it is of the element: `pace`, `wants / an islet`
    number    as it is written, without its unit
    text      the value in which it stands, whole
    grade     stated, sized or assumed; '' where it has no mark
    passages, reason  what its mark names
    """

    place: str
    element: str
    title: str
    part: str
    number: str
    text: str
    grade: Grade | str
    passages: tuple[str, ...]
    reason: str


def numbers(case: Named, words: str = "") -> tuple[Placed, ...]:
    """The numbers that are written in the model of a case, in the order of its elements; with words
    those whose element or value has them all. What a form brings with it stands nowhere, and is not
    among them."""
    from offramp.case.writing import CRISIS, parts
    from offramp.language.crisis import data, elements
    from offramp.language.sizing import is_number

    read = case_of(case)
    sought = words.lower().split()
    lines = {name: text.splitlines() for name, text in read.texts.texts.items()}
    within: dict[int, list[tuple[int, int, str]]] = {}
    for line, first, last, part in parts(read.texts.texts.get(CRISIS, "")):
        within.setdefault(line, []).append((first, last, part))
    found: dict[str, Placed] = {}
    for element, own in elements(read.crisis):
        title = getattr(own, "title", "") or element.partition(" ")[2]
        for d in data(element, own):
            at = f"{d.span.file}:{d.span.line}:{d.span.column}"
            line_text = lines[str(d.span.file)][d.span.line - 1]
            written = line_text[d.span.column - 1 : d.span.column - 1 + d.span.length]
            column = d.span.column
            near = within.get(d.span.line, [])
            part = next((name for a, b, name in near if a <= column <= b), "")
            told = f"{element} {title} {part} {d.text}".lower()
            if is_number(written) and at not in found and all(word in told for word in sought):
                found[at] = Placed(
                    place=at,
                    element=element,
                    title=title,
                    part=part,
                    number=written,
                    text=d.text,
                    grade=d.basis.grade if d.basis else "",
                    passages=d.basis.passages if d.basis else (),
                    reason=d.basis.reason if d.basis else "",
                )
    return tuple(found.values())


def set_number(
    case: Named,
    place: str,
    value: str,
    *,
    grade: Grade,
    passages: Iterable[str] = (),
    because: str = "",
    apply: bool = False,
) -> Writing:
    """Gives a number of the model another size and another mark; the old mark is gone, and no other
    number changes.

    place     where it is written, as `numbers` has it
    value     the new number, or a date; its unit stays. Or the name of an unknown, which stands in
              the place of both
    grade     stated: the passages state it; sized: they support it, and the size is ours; assumed:
              ours, `because` of a reason

    Raises Mistake with what would have worked, Unanswerable where it cannot be written so or the
    case comes with Offramp, CaseError for what would be wrong then (with `apply`).
    """
    from offramp.case.writing import with_number

    read, mark = case_of(case), _mark(grade, passages, because)
    names = [u.name for u in read.crisis.unknowns]
    made = with_number(_texts(read), place, value, _known(read, mark), names)
    return _done(case, read, made, apply)


def cite_element(case: Named, element: str, passage: str, *, apply: bool = False) -> Writing:
    """An element (`event rocket`) cites a passage that bears on it without a number. Raises as
    `set_number` does."""
    from offramp.case.writing import with_cite
    from offramp.language.sizing import Mark

    read = case_of(case)
    _known(read, Mark("sized", (passage,)))
    return _done(case, read, with_cite(_texts(read), element, passage), apply)


def leave_out(case: Named, passage: str, because: str, *, apply: bool = False) -> Writing:
    """Says in coverage.yaml why nothing is made of a passage. Raises as `set_number` does."""
    from offramp.case.cited import Cited
    from offramp.case.writing import with_left_out

    read = case_of(case)
    cited = Cited(read.id, read.texts, dict(read.documents), dict(read.passages))
    return _done(case, read, with_left_out(_texts(read), cited, passage, because), apply)


def forms() -> tuple[Form, ...]:
    """The kinds of entries that `add_element` writes, each with what it asks."""
    from offramp.case.model_forms import FORMS

    return tuple(FORMS.values())


def add_element(
    case: Named,
    form: str,
    fields: Mapping[str, str],
    *,
    grade: Grade,
    passages: Iterable[str] = (),
    because: str = "",
    of: str | None = None,
    apply: bool = False,
) -> Writing:
    """Writes a new entry from a few fields: the shortest of its kind that checks. The number that
    the passage speaks of gets the mark; the others are first guesses of ours and say so.

    form    one of `forms`; fields: what it asks, by key
    of      the field whose number the passage speaks of (None: the one that the form says)

    Raises as `set_number` does; a Mistake's `argument` is the field.
    """
    from offramp.case.model_forms import entry
    from offramp.case.writing import with_entry

    read, mark = case_of(case), _mark(grade, passages, because)
    new = entry(form, fields, _known(read, mark), read.crisis, of)
    return _done(case, read, with_entry(_texts(read), new), apply)


def _texts(case: Case) -> dict[str, str]:
    """The files as they stand, byte-order marks and line ends included, which a case reads past."""
    texts = dict(case.texts.texts)
    if case.folder is not None:
        raw = {name: text_of(case.folder / name, name) for name in texts if name.endswith(".yaml")}
        texts |= {name: text for name, text in raw.items() if text is not None}
    return texts


def _mark(grade: Grade, passages: Iterable[str], because: str) -> Mark:
    from offramp.language.sizing import Mark

    if grade not in ("stated", "sized", "assumed"):
        raise Mistake("a mark is stated, sized or assumed", "grade")
    return Mark(grade, tuple(passages), because)


def _known(case: Case, mark: Mark) -> Mark:
    for id in mark.passages:
        if id not in case.passages:
            help = suggestion(id, case.passages)
            raise Mistake(
                f"there is no passage '{id[:40]}'{f': {help}' if help else ''}", "passages"
            )
    return mark


def _done(name: Named, case: Case, made: Writing, apply: bool) -> Writing:
    """What would be wrong then that is not now, and, where nothing is and it is wanted, written."""
    over = {made.file: made.after}
    errors = [d for d in check(case, over=over).found if d.severity == "error"]
    known = {(d.code, d.message) for d in check(case).found} if errors else set()
    found = tuple(d for d in errors if (d.code, d.message) not in known)
    if not apply:
        return replace(made, found=found)
    folder = own_folder(name)
    if found:
        raise CaseError(found)
    write(folder, {made.file: made.before}, {made.file: made.after}, made.reason)
    return replace(made, written=True)

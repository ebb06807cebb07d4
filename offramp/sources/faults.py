"""Sources that err: what the record says against them, and where it is said.

A fault is shown beside the passages that it concerns and never mended in them: an assessment is
cited as it stands. What it must not do is enter a run as a fact. So a number that a passage is
said to state (`@P`) and a report that rests on a document alone are looked at: either the fault
does not touch them (`stands:` says why), or a reader is told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from offramp.sources.documents import Document, Fault, Note
from offramp.sources.passages import Passage, sides


class Judged(Protocol):
    """A case, as far as its faults go."""

    @property
    def faults(self) -> tuple[Fault, ...]: ...


@dataclass(frozen=True)
class Slip:
    """A name in a fault or a note that does not fit: `name` is what was written."""

    name: str
    code: str
    message: str
    known: tuple[str, ...] = ()  # what could have been meant


def faults_of(case: Judged, passage: str) -> tuple[Fault, ...]:
    """The faults that concern a passage; of a whole disagreement (D26), those of any side."""
    side = f"{passage}."
    return tuple(
        f for f in case.faults if any(p == passage or p.startswith(side) for p in f.passages)
    )


def beside(case: Judged, passage: str) -> str:
    """What a reader of a passage must be told: `the record disagrees: ...`; '' for most."""
    return "; ".join(f"{opening(f)}: {f.record}" for f in faults_of(case, passage))


def all_beside(case: Judged, passages: Iterable[str]) -> dict[str, str]:
    """What stands beside each of some passages, by passage; those without a fault are left out."""
    return {p: told for p in passages if (told := beside(case, p))}


def opening(fault: Fault) -> str:
    return {
        "document": "the documents disagree",
        "partly": "the record may disagree",
        "recalled": "the record, as we recall it, disagrees",
    }.get(fault.status, "the record disagrees")


def touched(
    case: Judged, passages: Iterable[str], known: Collection[str]
) -> Iterator[tuple[str, Fault]]:
    """Of passages that something takes for a fact, those that a fault makes doubtful."""
    for passage in sides(passages, known):
        for fault in faults_of(case, passage):
            if passage not in dict(fault.stands):
                yield passage, fault


def slips(
    number: int, fault: Fault, documents: Mapping[str, Document], passages: Mapping[str, Passage]
) -> Iterator[Slip]:
    """What a fault names that is not there, or not where it says."""
    what = f"fault {number}"
    for id in fault.documents:
        if id not in documents:
            yield Slip(
                id, "unknown-document", f"{what}: there is no document '{id}'", tuple(documents)
            )
        elif all(p not in passages or passages[p].document != id for p in fault.passages):
            yield Slip(id, "fault", f"{what} lists no passage of '{id}'")
    for id in fault.passages:
        yield from _slip(what, id, fault.documents, passages)
    for id, _ in fault.stands:
        if id not in fault.passages:
            yield Slip(
                id,
                "fault",
                f"{what}: '{id}' stands, but is not a passage of it",
                fault.passages,
            )


def slips_of_notes(
    notes: Iterable[Note], documents: Mapping[str, Document], passages: Mapping[str, Passage]
) -> Iterator[Slip]:
    """The same for notes."""
    for id in dict.fromkeys(n.document for n in notes):
        if id not in documents:
            yield Slip(
                id, "unknown-document", f"notes: there is no document '{id}'", tuple(documents)
            )
    for note in notes:
        yield from _slip("notes", note.passage, (note.document,), passages)


def _slip(
    what: str, id: str, documents: tuple[str, ...], passages: Mapping[str, Passage]
) -> Iterator[Slip]:
    if id not in passages:
        message = f"{what}: there is no passage '{id}'"
        if f"{id}.1" in passages:
            message += f"; name one side, as in {id}.1"
        yield Slip(id, "unknown-passage", message, tuple(passages))
    elif passages[id].document not in documents:
        message = f"{what}: passage '{id}' is of '{passages[id].document}'"
        yield Slip(id, "foreign-passage", message, tuple(documents))

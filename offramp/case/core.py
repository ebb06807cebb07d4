"""The core of a case: its crisis with sources and questions, which all else is read against."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from offramp.case.texts import Texts
from offramp.language.crisis import Crisis
from offramp.language.questions import Question
from offramp.language.readers import Declared, Entries, Readers
from offramp.sources.documents import Document, Fault, Note
from offramp.sources.estimative import Phrases
from offramp.sources.passages import Passage
from offramp.text.diagnostics import CaseError, Diagnostic, Diagnostics
from offramp.text.tree import Mapping

T_co = TypeVar("T_co", covariant=True)


class Read(NamedTuple, Generic[T_co]):
    """What could be read of a file, and all that was found on the way, warnings included."""

    value: T_co
    found: tuple[Diagnostic, ...] = ()

    def sound(self) -> T_co:
        """The value. Raises CaseError with every finding where one is an error."""
        if any(d.severity == "error" for d in self.found):
            raise CaseError(self.found)
        return self.value


@dataclass(frozen=True)
class Core:
    """A crisis, typed, with what it cites and what is asked of it.

    expanded   the crisis file with its forms rewritten
    declared   what the crisis's names mean, for whoever reads something against it
    faults     where the documents err; notes: what the documents are
    entries    what was read of each entry of the crisis, for other crises that share it
    """

    id: str
    texts: Texts
    crisis: Crisis
    expanded: Mapping
    declared: Declared
    questions: tuple[Question, ...]
    documents: dict[str, Document]
    passages: dict[str, Passage]
    own_phrases: Phrases
    model_sha256: str
    warnings: tuple[Diagnostic, ...]
    faults: tuple[Fault, ...] = ()
    notes: tuple[Note, ...] = ()
    entries: Entries = field(default_factory=dict, repr=False, compare=False)

    @property
    def folder(self) -> Path | None:
        """Where the case lies; None for one that is only in memory."""
        return self.texts.folder

    @property
    def phrases(self) -> Phrases:
        """The table of estimative words, with the case's own entries over the shipped ones."""
        return Phrases.standard().overlay(self.own_phrases)

    def readers(self, found: Diagnostics) -> Readers:
        """Reads values against this crisis; findings go to `found`."""
        return Readers(found, frozenset(self.passages), self.own_phrases, self.declared)

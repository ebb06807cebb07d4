"""A case: everything that its folder says, read once, and reachable from one value."""

from __future__ import annotations

import os
from collections.abc import Mapping as Map
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from offramp.case.agenda import Agenda, Policy, read_agenda
from offramp.case.asked import Asked, read_asked
from offramp.case.assessments import Assessment, Rival, overlay, read_assessments
from offramp.case.base_rates import Crowd, Rate, read_crowd, read_rates
from offramp.case.causal import CausalClaim, read_claims
from offramp.case.cited import Cited, cited_from, faults_from, phrases_of, strangers
from offramp.case.core import Core, Read
from offramp.case.disagreements import Disagreement, read_disagreements
from offramp.case.facts import Fact, read_facts
from offramp.case.left_out import Listing, read_listing
from offramp.case.record import History
from offramp.case.reports import read_history
from offramp.case.rooms import Room, about, read_rooms
from offramp.case.texts import Texts, find, of_folder
from offramp.language.build import build
from offramp.language.crisis import Crisis, claims
from offramp.language.edits import Edit, edited
from offramp.language.forms import expand
from offramp.language.identity import model_sha256
from offramp.language.questions import Question, read_questions, watching
from offramp.sources.estimative import Phrases
from offramp.sources.faults import beside, touched
from offramp.text.cells import table
from offramp.text.diagnostics import CaseError, Diagnostic, Diagnostics
from offramp.text.files import there
from offramp.text.tree import Mapping
from offramp.text.yaml import parse


@dataclass(frozen=True, kw_only=True)
class Case(Core):
    """Everything that a case says. Each file beside the crisis is read when it is first asked for,
    from the texts that the case began with, and once; asking raises CaseError with all that is
    wrong in it.

    base   the case that was read, where this one is under an author's premises or edited
    edits  what was done to its crisis; an author's premises are laid below them
    """

    base: Case | None = field(default=None, repr=False, compare=False, kw_only=True)
    edits: tuple[Edit, ...] = field(default=(), kw_only=True)

    def __repr__(self) -> str:
        c = self.crisis
        return (
            f"<Case {self.id}: {len(c.actors)} actors, {len(c.events)} events, "
            f"{len(self.questions)} questions, model {self.model_sha256[:8]}"
            + (f", edited: {'; '.join(e.words for e in self.edits)}>" if self.edits else ">")
        )

    def _repr_html_(self) -> str:
        c = self.crisis
        edited = f"; edited: {'; '.join(e.words for e in self.edits)}" if self.edits else ""
        caption = (
            f"{c.title}: {c.first} to {c.last}, {len(c.actors)} actors, {len(c.events)} events, "
            f"{len(self.questions)} questions, model {self.model_sha256[:8]}{edited}"
        )
        rows = [(q.id, q.text, str(q.last)) for q in self.questions]
        return table(caption, ("", "question", "until"), rows, ".questions")

    @property
    def history(self) -> History:
        """What was reported, and what the record would show."""
        return self._own.history_read.sound()

    @property
    def assessments(self) -> dict[str, Assessment]:
        """Rival assessments by name."""
        return {name: r.assessment for name, r in self._own.rivals_read.sound().items()}

    @property
    def disagreements(self) -> tuple[Disagreement, ...]:
        """What the documents disagree on."""
        return self._own.disagreements_read.sound()

    @property
    def claims(self) -> dict[str, CausalClaim]:
        """Causal claims by passage."""
        return self._own.claims_read.sound()

    @property
    def agenda(self) -> Agenda:
        """Policies, and the losses by which they are judged."""
        return self._own.agenda_read.sound()

    @property
    def policies(self) -> tuple[Policy, ...]:
        return self.agenda.policies

    @property
    def asked(self) -> tuple[Asked, ...]:
        """The documents' own questions."""
        return self._own.asked_read.sound()

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Stylised facts that the model should show."""
        return self._own.facts_read.sound()

    @property
    def rooms(self) -> tuple[Room, ...]:
        """The parts of the system, each a page."""
        return self._own.rooms_read.sound()

    @property
    def about(self) -> str:
        """What the crisis is, in a few sentences; '' where the case does not say."""
        self._own.rooms_read.sound()
        return about(self._own)

    @property
    def listing(self) -> Listing:
        """Kinds of passages, and reasons for what is left out."""
        return self._own.listing_read.sound()

    @property
    def rates(self) -> tuple[Rate, ...]:
        """Base rates of reference classes."""
        return self._own.rates_read.sound()

    @property
    def crowd(self) -> tuple[Crowd, ...]:
        """What forecasting platforms said."""
        return self._own.crowd_read.sound()

    @property
    def beside(self) -> tuple[Diagnostic, ...]:
        """All that is found in the files beside the crisis, each finding once."""
        own = self._own
        parts: tuple[Read[object], ...] = (
            own.history_read,
            own.listing_read,
            own.rivals_read,
            own.claims_read,
            own.rooms_read,
            own.disagreements_read,
            own.agenda_read,
            own.asked_read,
            own.facts_read,
            own.rates_read,
            own.crowd_read,
        )
        return tuple(dict.fromkeys(d for part in parts for d in part.found))

    def beside_in(self, file: str) -> tuple[Diagnostic, ...]:
        """Those of one file, by reading no other that it does not need."""
        own = self._own
        if file.startswith("assessments/"):
            found: tuple[Diagnostic, ...] = read_assessments(own, file).found
        elif file.startswith("claims/"):
            found = own.claims_read.found
        elif file in BESIDE:
            read: Read[object] = getattr(own, BESIDE[file])
            found = read.found
        else:
            found = ()
        return tuple(dict.fromkeys(d for d in found if str(d.span.file) == file))

    def under(self, name: str) -> Case:
        """The case under the premises of one of its assessments, in place of any other's, and with
        its edits; 'case' is this case as it is.

        Questions, sources and passages stay, and so do the dice of every unknown, so that worlds
        under two assessments are paired. The model hash is that of the overlaid model; without
        premises it is the case's own. Raises CaseError where the files have errors, KeyError for a
        name that is no assessment.
        """
        if name == "case":
            return self
        return self._with(self._own.rivals_read.sound()[name])

    def edited(self, edits: tuple[Edit, ...]) -> Case:
        """The case with edits done to its crisis, after those done before; another model hash."""
        return replace(self.with_crisis(edited(self.crisis, edits)), edits=(*self.edits, *edits))

    def with_crisis(self, crisis: Crisis) -> Case:
        """The case with a crisis that was made from its own; another model hash."""
        return replace(self, crisis=crisis, model_sha256=self._digest(crisis), base=self._own)

    @property
    def _own(self) -> Case:
        return self if self.base is None else self.base

    def _with(self, rival: Rival) -> Case:
        crisis = watching(edited(rival.crisis, self.edits), self.questions)
        return replace(
            self,
            crisis=crisis,
            expanded=rival.expanded,
            declared=rival.declared,
            model_sha256=self._digest(crisis),
            warnings=rival.warnings,
            base=self._own,
        )

    def _digest(self, crisis: Crisis) -> str:
        return model_sha256(crisis, self.questions, self.documents.values(), self.passages.values())

    # Each file with all that was found in it, warnings included.

    @cached_property
    def history_read(self) -> Read[History]:
        return read_history(self)

    @cached_property
    def rivals_read(self) -> Read[dict[str, Rival]]:
        return read_assessments(self)

    @cached_property
    def disagreements_read(self) -> Read[tuple[Disagreement, ...]]:
        return read_disagreements(self)

    @cached_property
    def claims_read(self) -> Read[dict[str, CausalClaim]]:
        named = self.texts.authors("claims", Diagnostics())
        rivals = self.rivals_read.value if any(n != "claims/case.yaml" for n in named) else {}
        return read_claims(self, {name: r.assessment for name, r in rivals.items()})

    @cached_property
    def agenda_read(self) -> Read[Agenda]:
        return read_agenda(self)

    @cached_property
    def asked_read(self) -> Read[tuple[Asked, ...]]:
        return read_asked(self)

    @cached_property
    def facts_read(self) -> Read[tuple[Fact, ...]]:
        return read_facts(self)

    @cached_property
    def rooms_read(self) -> Read[tuple[Room, ...]]:
        return read_rooms(self)

    @cached_property
    def listing_read(self) -> Read[Listing]:
        return read_listing(self)

    @cached_property
    def rates_read(self) -> Read[tuple[Rate, ...]]:
        return read_rates(self)

    @cached_property
    def crowd_read(self) -> Read[tuple[Crowd, ...]]:
        return read_crowd(self)


BESIDE = {  # the file, and what reads it
    "history.csv": "history_read",
    "reporting.yaml": "history_read",
    "coverage.yaml": "listing_read",
    "rooms.yaml": "rooms_read",
    "disagreements.yaml": "disagreements_read",
    "policies.yaml": "agenda_read",
    "asked.yaml": "asked_read",
    "facts.yaml": "facts_read",
    "baselines.yaml": "rates_read",
    "crowd.csv": "crowd_read",
}


def under(case: Case, assessment: Assessment) -> Case:
    """The case under an assessment, its own or one made elsewhere (see `Case.under`). Raises
    CaseError if the overlay does not fit this case."""
    own = case._own
    known = own.rivals_read.value.get(assessment.id)
    if known is not None and known.assessment is assessment:
        return case._with(known)
    return case._with(overlay(own, assessment))


def load(name: str | Path | Map[str, str], over: Map[str, str] | None = None) -> Case:
    """Reads a case: a shipped one by its name, a folder, or texts by the names of their files.
    `over`: texts in place of some files, as an editor has them unsaved. Raises CaseError with every
    diagnostic when the crisis, its sources or its questions cannot be used."""
    case, diagnostics = examine(name, over)
    if case is None:
        raise CaseError(diagnostics)
    return case


def examine(
    name: Case | str | Path | Map[str, str], over: Map[str, str] | None = None
) -> tuple[Case | None, list[Diagnostic]]:
    """The case (None when it has errors) and all that was found, in order of place. Of a case that
    was read the texts are taken as it began with them."""
    if isinstance(name, Case):
        texts = name.texts
    else:
        texts = of_folder(find(str(name))) if isinstance(name, str | Path) else Texts(dict(name))
    if over:
        texts = texts.over(over)
    found = Diagnostics()
    cited, names = cited_from(texts, _id(texts), found)
    phrases = phrases_of(texts, found)
    faults, notes = faults_from(texts, cited, found)
    strangers(texts, found)
    root = texts.tree("crisis.yaml", found)
    if root is None:
        return None, found.ordered()
    expanded = expand(root, found)
    crisis, readers = build(expanded, found, names, phrases)
    questions: tuple[Question, ...] = ()
    if crisis is not None and texts.has("questions.yaml"):
        tree = texts.tree("questions.yaml", found)
        if tree is not None:
            questions = read_questions(tree, crisis, readers, found)
    if found.errors or crisis is None:
        return None, found.ordered()
    digest = model_sha256(crisis, questions, cited.documents.values(), cited.passages.values())
    case = Case(
        id=cited.id,
        texts=texts,
        crisis=watching(crisis, questions),
        expanded=expanded,
        declared=readers.declared,
        questions=questions,
        documents=cited.documents,
        passages=cited.passages,
        own_phrases=phrases,
        model_sha256=digest,
        warnings=(),
        faults=faults,
        notes=notes,
        entries=readers.entries,
    )
    _doubted(case, found)
    case = replace(case, warnings=tuple(found.ordered()))
    return case, list(case.warnings)


def cited_by(name: str | Path) -> Cited:
    """The documents and passages of a case from its sources.yaml and passages.yaml alone, so that
    they can be verified before there is a model. Raises CaseError with what is wrong in those."""
    folder = Path(name) if there(Path(name) / "sources.yaml") else find(str(name))
    found, texts = Diagnostics(), of_folder(folder)
    cited, _ = cited_from(texts, _id(texts), found)
    if found.errors:
        raise CaseError(found.ordered())
    return cited


def _id(texts: Texts) -> str:
    return "draft" if texts.folder is None else Path(os.path.realpath(texts.folder)).name


def read_crisis(text: str, passages: frozenset[str] | None = None) -> tuple[Crisis, Mapping]:
    """A crisis from text alone (no folder): for tests, notebooks and printed expansions.

    Returns the crisis and its expanded tree; raises CaseError.
    """
    found = Diagnostics()
    root = parse(text, "crisis.yaml", found)
    if isinstance(root, Mapping):
        expanded = expand(root, found)
        crisis, _ = build(expanded, found, passages, Phrases({}))
        if crisis is not None and not found.errors:
            return crisis, expanded
    elif root is not None:
        found.error(root.span, "shape", "a crisis file has keys and values")
    raise CaseError(found.ordered())


def _doubted(case: Case, found: Diagnostics) -> None:
    """Warns of a number that is said to stand in a passage which the record contradicts."""
    if not case.faults:
        return
    asked = tuple(claim for q in case.questions for claim in q.claims)
    for claim in (*claims(case.crisis), *asked):
        for basis in claim.bases:
            if basis.grade != "stated":
                continue
            for passage, _ in touched(case, basis.passages, case.passages):
                found.warning(
                    basis.span,
                    "faulty-passage",
                    f"passage '{passage}' is cited for a number; {beside(case, passage)}",
                    "mark it ~ with a size of your own, or say under `stands:` of the fault in "
                    "sources.yaml why this number may be taken from it",
                )

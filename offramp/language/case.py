"""A case: a folder on disk with a crisis, its sources, passages and questions."""

from __future__ import annotations

import functools
import importlib.resources
import os
from dataclasses import dataclass, replace
from pathlib import Path

from offramp.files import listed, there
from offramp.language.build import Builder
from offramp.language.crisis import Crisis, claims
from offramp.language.diagnostics import (
    CaseError,
    Diagnostic,
    Diagnostics,
    Source,
    Span,
    suggestion,
)
from offramp.language.forms import expand
from offramp.language.identity import model_sha256
from offramp.language.questions import Question, read_questions
from offramp.language.text import parse, read_text
from offramp.language.tree import Mapping, Node, Sequence, Text, plain
from offramp.sources.documents import Document, Fault, Note
from offramp.sources.estimative import Phrases, phrases_from
from offramp.sources.faults import Slip, beside, slips, slips_of_notes, touched
from offramp.sources.loading import (
    WrongEntry,
    documents_from,
    fault_from,
    notes_from,
    passages_from,
)
from offramp.sources.passages import Passage

SOURCES = ("documents", "faults", "notes")  # what sources.yaml holds
FOLDERS = ("assessments", "claims")  # which hold a file for each author


@dataclass(frozen=True)
class Case:
    """Everything that a case says, read and checked."""

    id: str
    folder: Path
    crisis: Crisis
    expanded: Mapping
    questions: tuple[Question, ...]
    documents: dict[str, Document]
    passages: dict[str, Passage]
    own_phrases: Phrases
    model_sha256: str
    warnings: tuple[Diagnostic, ...]
    faults: tuple[Fault, ...] = ()  # where the documents err
    notes: tuple[Note, ...] = ()  # what the documents are

    @property
    def phrases(self) -> Phrases:
        """The table of estimative words, with the case's own entries over the shipped ones."""
        return Phrases.standard().overlay(self.own_phrases)


def shipped() -> dict[str, Path]:
    """The cases that come with Offramp, by name."""
    folder = Path(str(importlib.resources.files("offramp").joinpath("cases")))
    return {p.name: p for p in sorted(folder.iterdir()) if (p / "crisis.yaml").is_file()}


def find(name: str) -> Path:
    """The folder of a case: a path with a crisis.yaml, or the name of a shipped case."""
    path = Path(name)
    if path.name == "crisis.yaml":
        path = path.parent
    try:
        crisis = path / "crisis.yaml"
        if crisis.is_file() or (os.path.lexists(crisis) and not crisis.is_dir()):
            return path  # what is no file is told with its place
    except OSError as error:  # too long a name, a folder that we may not enter
        message = f"the case '{name[:200]}' cannot be opened: {error.strerror}"
        raise CaseError([Diagnostic(Span(name[:200], 1, 1), "no-case", message)]) from None
    cases = shipped()
    if name in cases:
        return cases[name]
    if path.is_dir():
        message, help = f"the folder '{name}' has no crisis.yaml", "see `offramp new NAME`"
    else:
        message = f"there is no case '{name}'"
        help = suggestion(name, cases, "shipped cases") or "give a folder with a crisis.yaml"
    raise CaseError([Diagnostic(Span(name, 1, 1), "no-case", message, help)])


def load(name: str | Path) -> Case:
    """Reads a case. Raises CaseError with every diagnostic when it cannot be used."""
    case, diagnostics = examine(name)
    if case is None:
        raise CaseError(diagnostics)
    return case


@dataclass(frozen=True)
class Cited:
    """What a case cites, whether or not the rest of it is valid."""

    id: str
    folder: Path
    documents: dict[str, Document]
    passages: dict[str, Passage]


def cited_by(name: str | Path) -> Cited:
    """The documents and passages of a case from its sources.yaml and passages.yaml alone, so that
    they can be verified before there is a model. Raises CaseError with what is wrong in those."""
    folder = Path(name) if there(Path(name) / "sources.yaml") else find(str(name))
    found = Diagnostics()
    documents, passages = _cited(folder, found)[:2]
    if found.errors:
        raise CaseError(found.ordered())
    return Cited(_id(folder), folder, documents, passages)


def _id(folder: Path) -> str:
    return Path(os.path.realpath(folder)).name


def _cited(
    folder: Path, found: Diagnostics
) -> tuple[dict[str, Document], dict[str, Passage], frozenset[str] | None]:
    """Documents and passages, and the names of the latter if they could be read at all."""
    documents = _listing(folder / "sources.yaml", "documents", found)
    passages = _listing(folder / "passages.yaml", "passages", found)
    readable = not found.errors  # else every citation would seem unknown
    known_documents = _convert(documents, documents_from, folder / "sources.yaml", found)
    known_passages = _convert(passages, passages_from, folder / "passages.yaml", found)
    for passage in known_passages.values():
        if readable and documents.key(passage.document) is None:
            found.error(
                key_span(folder / "passages.yaml", "passages", passage.id),
                "unknown-document",
                f"passage '{passage.id}' is in '{passage.document}', which sources.yaml lacks",
                suggestion(passage.document, known_documents, "documents"),
            )
    return known_documents, known_passages, frozenset(passages.keys()) if readable else None


def examine(name: str | Path) -> tuple[Case | None, list[Diagnostic]]:
    """The case (None when it has errors) and all that was found, in order of place."""
    folder = find(str(name))
    found = Diagnostics()
    known_documents, known_passages, names = _cited(folder, found)
    phrases = _phrases(folder / "phrases.yaml", found)
    faults, notes = _faults(folder / "sources.yaml", known_documents, known_passages, found)
    builder = Builder(found, names, phrases)
    root = _tree(folder / "crisis.yaml", found)
    if root is None:
        return None, found.ordered()
    expanded = expand(root, found)
    crisis = builder.build(expanded)
    questions: tuple[Question, ...] = ()
    asked = folder / "questions.yaml"
    if crisis is not None and there(asked):
        tree = _tree(asked, found)
        if tree is not None:
            questions = read_questions(tree, crisis, builder, found)
    if found.errors or crisis is None:
        return None, found.ordered()
    digest = model_sha256(crisis, questions, known_documents.values(), known_passages.values())
    case = Case(
        _id(folder), folder, crisis, expanded, questions, known_documents,
        known_passages, phrases, digest, (), faults, notes,
    )  # fmt: skip
    _doubted(case, found)
    case = replace(case, warnings=tuple(found.ordered()))
    return case, list(case.warnings)


def read_crisis(text: str, passages: frozenset[str] | None = None) -> tuple[Crisis, Mapping]:
    """A crisis from text alone (no folder): for tests, notebooks and printed expansions.

    Returns the crisis and its expanded tree; raises CaseError.
    """
    found = Diagnostics()
    root = parse(text, "crisis.yaml", found)
    if isinstance(root, Mapping):
        expanded = expand(root, found)
        crisis = Builder(found, passages, Phrases({})).build(expanded)
        if crisis is not None and not found.errors:
            return crisis, expanded
    elif root is not None:
        found.error(root.span, "shape", "a crisis file has keys and values")
    raise CaseError(found.ordered())


def source(path: Path) -> Source:
    """A file of a case, by its name within the case. It is found where the person said, or from
    where they stand; links are not followed, since it is the link that the person knows."""
    whole = Path(os.path.abspath(path))
    inside = whole.parent.name in FOLDERS and not there(whole.parent / "crisis.yaml")
    name = f"{whole.parent.name}/{whole.name}" if inside else whole.name
    try:
        return Source(name, str(whole.relative_to(Path.cwd())))
    except (ValueError, OSError):
        return Source(name, str(path))


def authors_files(case: Case, folder: str, found: Diagnostics) -> tuple[Path, ...]:
    """The files of one of FOLDERS, an author each."""
    try:
        return listed(case.folder / folder, ".yaml")
    except OSError as error:
        span = Span(source(case.folder / folder), 1, 1)
        found.error(span, "unreadable", f"the folder cannot be read: {error.strerror}",
                    f"{folder}/ holds a file for each author: {folder}/NAME.yaml")  # fmt: skip
        return ()


def _tree(path: Path, found: Diagnostics) -> Mapping | None:
    shown = source(path)
    text = read_text(path, shown, found)
    if text is None:
        return None
    root = parse(text, shown, found)
    if root is not None and not isinstance(root, Mapping):
        found.error(root.span, "shape", f"{path.name} wants keys and values at the top")
        return None
    return root


def _stamp(path: Path) -> tuple[int, int]:
    """When a file was last changed, and its size; of what cannot be looked at, nothing."""
    try:
        stat = path.stat()
    except OSError:
        return 0, 0
    return stat.st_mtime_ns, stat.st_size


@functools.lru_cache(maxsize=8)
def _listing_cached(
    path: Path, stamp: tuple[int, int], shown: Source
) -> tuple[Node | None, tuple[Diagnostic, ...]]:
    quiet = Diagnostics()
    text = read_text(path, shown, quiet)
    node = parse(text, shown, quiet) if text is not None else None
    return node, tuple(quiet.found)


def _listing(path: Path, key: str, found: Diagnostics) -> Mapping:
    """The entries of sources.yaml or passages.yaml; a case without them has none."""
    empty = Mapping((), Span(source(path), 1, 1))
    if not there(path):
        return empty
    root, problems = _listing_cached(path, _stamp(path), source(path))
    found.found.extend(problems)
    node = root.get(key) if isinstance(root, Mapping) else None
    if root is not None and not isinstance(node, Mapping):
        found.error(empty.span, "shape", f"{path.name} has no entries under `{key}:`")
    return node if isinstance(node, Mapping) else empty


def _convert(listing: Mapping, convert, path: Path, found: Diagnostics):  # type: ignore[no-untyped-def]
    """Entries one by one, so that each mistake is reported at its place."""
    out = {}
    for key, node in listing:
        try:
            out.update(convert({key.value: plain(node)}))
        except ValueError as error:
            place = _place(node, getattr(error, "key", "")) or key
            found.error(place.span, "entry", str(error))
    return out


def _faults(
    path: Path, documents: dict[str, Document], passages: dict[str, Passage], found: Diagnostics
) -> tuple[tuple[Fault, ...], tuple[Note, ...]]:
    """What sources.yaml says under `faults:` and `notes:`, each mistake at its place."""
    if not there(path):
        return (), ()
    root, _ = _listing_cached(path, _stamp(path), source(path))
    if not isinstance(root, Mapping):
        return (), ()

    def tell(slip: Slip, within: Node) -> None:
        place = _named(within, slip.name)
        help = suggestion(slip.name, slip.known) if slip.known else ""
        found.error(place.span if place else within.span, slip.code, slip.message, help)

    faults: list[Fault] = []
    for name, _ in root:
        if name.value not in SOURCES:
            found.error(name.span, "unknown-key", f"a sources file has no key '{name.value}'",
                        suggestion(name.value, SOURCES, "keys"))  # fmt: skip
    listed = root.get("faults")
    if listed is not None and not isinstance(listed, Sequence):
        found.error(listed.span, "shape", "`faults:` is a list", "begin each with `- document:`")
    for number, node in enumerate(listed.items if isinstance(listed, Sequence) else (), 1):
        try:
            fault = fault_from(number, plain(node))
        except WrongEntry as error:
            found.error((_place(node, error.key) or node).span, "entry", str(error))
            continue
        faults.append(fault)
        for slip in slips(number, fault, documents, passages):
            tell(slip, node)
    noted = root.get("notes")
    if noted is None:
        return tuple(faults), ()
    if not isinstance(noted, Mapping):
        found.error(noted.span, "shape", "`notes:` has documents and their passages",
                    "below it `  inss:`, and below that `    N3: what follows`")  # fmt: skip
        return tuple(faults), ()
    notes: list[Note] = []
    for key, node in noted:
        try:
            notes += notes_from({key.value: plain(node)})
        except WrongEntry as error:
            found.error((_place(node, error.key) or key).span, "entry", str(error))
    for slip in slips_of_notes(notes, documents, passages):
        tell(slip, noted)
    return tuple(faults), tuple(notes)


def _named(node: Node, name: str) -> Text | None:
    """The first text, key or value, that reads so."""
    if isinstance(node, Text):
        return node if node.value == name else None
    if isinstance(node, Mapping):
        parts: list[Node] = [part for entry in node for part in entry]
    else:
        parts = list(node.items)
    return next((text for part in parts if (text := _named(part, name)) is not None), None)


def _doubted(case: Case, found: Diagnostics) -> None:
    """Warns of a number that is said to stand in a passage which the record contradicts."""
    if not case.faults:
        return
    asked = tuple(claim for q in case.questions for claim in (q.asks, q.given) if claim)
    for claim in (*claims(case.crisis), *asked):
        for basis in claim.bases:
            if basis.grade != "stated":
                continue
            for passage, _ in touched(case, basis.passages, case.passages):
                found.warning(
                    basis.span, "faulty-passage",
                    f"passage '{passage}' is cited for a number; {beside(case, passage)}",
                    "mark it ~ with a size of your own, or say under `stands:` of the fault in "
                    "sources.yaml why this number may be taken from it",
                )  # fmt: skip


def _place(node: Node, wrong: str) -> Text | None:
    """The key of an entry that is wrong, wherever it stands in it."""
    if not isinstance(node, Mapping):
        return None
    inner = (_place(value, wrong) for _, value in node)
    return node.key(wrong) or next((key for key in inner if key is not None), None)


def key_span(path: Path, section: str, key: str) -> Span:
    root, _ = _listing_cached(path, _stamp(path), source(path))
    node = root.get(section) if isinstance(root, Mapping) else None
    text = node.key(key) if isinstance(node, Mapping) else None
    return text.span if text else Span(source(path), 1, 1)


def _phrases(path: Path, found: Diagnostics) -> Phrases:
    """The case's own estimative words."""
    if not there(path):
        return Phrases({})
    listing = _listing(path, "phrases", found)
    entries = _convert(listing, lambda entry: phrases_from(entry).table, path, found)
    return Phrases(entries)

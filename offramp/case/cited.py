"""What a case cites: documents, passages, estimative words; where the documents err, and what
they are. From sources.yaml, passages.yaml and phrases.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from offramp.case.texts import Texts
from offramp.sources.documents import Document, Fault, Note
from offramp.sources.estimative import Phrases, phrases_from
from offramp.sources.faults import Slip, slips, slips_of_notes
from offramp.sources.loading import (
    WrongEntry,
    documents_from,
    fault_from,
    notes_from,
    passages_from,
)
from offramp.sources.passages import Passage
from offramp.text.diagnostics import Diagnostics, Span, suggestion
from offramp.text.tree import Mapping, Node, Sequence, Text, plain

KEYS = {  # what each file holds
    "sources.yaml": ("documents", "faults", "notes"),
    "passages.yaml": ("passages",),
    "phrases.yaml": ("phrases",),
}


@dataclass(frozen=True)
class Cited:
    """What a case cites, whether or not the rest of it is valid."""

    id: str
    texts: Texts
    documents: dict[str, Document]
    passages: dict[str, Passage]

    @property
    def folder(self) -> Path | None:
        return self.texts.folder


def cited_from(texts: Texts, id: str, found: Diagnostics) -> tuple[Cited, frozenset[str] | None]:
    """Documents and passages, and the names of the latter if they could be read at all."""
    documents = _listing(texts, "sources.yaml", "documents", found)
    passages = _listing(texts, "passages.yaml", "passages", found)
    readable = not found.errors  # else every citation would seem unknown
    known_documents = _convert(documents, documents_from, found)
    known_passages = _convert(passages, passages_from, found)
    for passage in known_passages.values():
        if readable and documents.key(passage.document) is None:
            found.error(
                texts.key_span("passages.yaml", "passages", passage.id),
                "unknown-document",
                f"passage '{passage.id}' is in '{passage.document}', which sources.yaml lacks",
                suggestion(passage.document, known_documents, "documents"),
            )
    names = frozenset(passages.keys()) if readable else None
    return Cited(id, texts, known_documents, known_passages), names


def phrases_of(texts: Texts, found: Diagnostics) -> Phrases:
    """The case's own estimative words."""
    if not texts.has("phrases.yaml"):
        return Phrases({})
    listing = _listing(texts, "phrases.yaml", "phrases", found)
    return Phrases(_convert(listing, lambda entry: phrases_from(entry).table, found))


def _listing(texts: Texts, name: str, key: str, found: Diagnostics) -> Mapping:
    """The entries of a file; a case without it has none."""
    empty = Mapping((), Span(texts.source(name), 1, 1))
    if not texts.has(name):
        return empty
    root = texts.parsed(name, found)
    node = root.get(key) if isinstance(root, Mapping) else None
    if root is not None and not isinstance(node, Mapping):
        found.error(empty.span, "shape", f"{name} has no entries under `{key}:`")
    return node if isinstance(node, Mapping) else empty


def _convert(listing: Mapping, convert, found: Diagnostics):  # type: ignore[no-untyped-def]
    """Entries one by one, so that each mistake is reported at its place."""
    out = {}
    for key, node in listing:
        try:
            out.update(convert({key.value: plain(node)}))
        except ValueError as error:
            place = _place(node, getattr(error, "key", "")) or key
            found.error(place.span, "entry", str(error))
    return out


def strangers(texts: Texts, found: Diagnostics) -> None:
    """Reports the keys that these files cannot have."""
    for file, keys in KEYS.items():
        root = texts.parsed(file, Diagnostics()) if texts.has(file) else None
        for name, _ in root if isinstance(root, Mapping) else ():
            if name.value not in keys:
                found.error(
                    name.span,
                    "unknown-key",
                    f"{file} has no key '{name.value}'",
                    suggestion(name.value, keys, "keys"),
                )


def faults_from(
    texts: Texts, cited: Cited, found: Diagnostics
) -> tuple[tuple[Fault, ...], tuple[Note, ...]]:
    """What sources.yaml says under `faults:` and `notes:`, each mistake at its place."""
    root = texts.parsed("sources.yaml", Diagnostics()) if texts.has("sources.yaml") else None
    if not isinstance(root, Mapping):
        return (), ()

    def tell(slip: Slip, within: Node) -> None:
        place = _named(within, slip.name)
        help = suggestion(slip.name, slip.known) if slip.known else ""
        found.error(place.span if place else within.span, slip.code, slip.message, help)

    faults: list[Fault] = []
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
        for slip in slips(number, fault, cited.documents, cited.passages):
            tell(slip, node)
    noted = root.get("notes")
    if noted is None:
        return tuple(faults), ()
    if not isinstance(noted, Mapping):
        found.error(
            noted.span,
            "shape",
            "`notes:` has documents and their passages",
            "below it `  inss:`, and below that `    N3: what follows`",
        )
        return tuple(faults), ()
    notes: list[Note] = []
    for key, node in noted:
        try:
            notes += notes_from({key.value: plain(node)})
        except WrongEntry as error:
            found.error((_place(node, error.key) or key).span, "entry", str(error))
    for slip in slips_of_notes(notes, cited.documents, cited.passages):
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


def _place(node: Node, wrong: str) -> Text | None:
    """The key of an entry that is wrong, wherever it stands in it."""
    if not isinstance(node, Mapping):
        return None
    inner = (_place(value, wrong) for _, value in node)
    return node.key(wrong) or next((key for key in inner if key is not None), None)

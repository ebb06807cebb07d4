"""Cases and their texts: reading, checking, editing; what of the documents is in the model."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from offramp.api.common import Named, Progress, Steps, case_of, fast
from offramp.case.case import Case, examine
from offramp.case.case import load as load
from offramp.case.check import Check
from offramp.case.cited import Cited
from offramp.case.texts import find, shipped
from offramp.errors import Unanswerable
from offramp.text import plain_json
from offramp.text.diagnostics import CaseError, Diagnostic, Diagnostics, Span, suggestion
from offramp.text.yaml import parse

if TYPE_CHECKING:
    from offramp.case.importing import Imported
    from offramp.case.kept import WhatIf
    from offramp.case.migration import Migration
    from offramp.explain.claim_tests import Examination
    from offramp.explain.coverage import Coverage
    from offramp.explain.grounds import Ground, Links
    from offramp.explain.plausibility import Plausibility
    from offramp.language.edits import Edit


def cases() -> tuple[str, ...]:
    """The names of the cases that come with Offramp."""
    return tuple(shipped())


def check(
    name: Named,
    *,
    sources: str | Path | None = None,
    over: Mapping[str, str] | None = None,
    file: str | None = None,
) -> Check:
    """Reads a case and finds everything that is wrong with it, in all of its files at once.

    name     a shipped case, a folder, texts by the names of their files, or a case that was read,
             of which the files are taken as they were then
    sources  the folder with the documents (default: `documents/` in the case): with them at hand
             passages are verified too
    over     texts in place of some files, as an editor has them unsaved
    file     only what is found in this one: sooner, since others are not read beyond need; and
             `ok` speaks of it alone

    Never raises CaseError: what is wrong is the result.
    """
    from offramp.case.at_hand import examine_texts
    from offramp.case.strays import strays

    id = Path(name).name if isinstance(name, str | Path) else None
    found: list[Diagnostic] = []
    try:
        if isinstance(name, str | Path):
            found += strays(find(str(name)))
        read, more = examine(name, over)
        found += more
    except CaseError as error:  # there is no such case
        return Check(None, error.diagnostics, id)
    if file is not None:
        found = [d for d in found if str(d.span.file) == file]
        if read is not None:
            found += read.beside_in(file)
        return _checked(read, found, id)
    if read is None:
        return Check(None, tuple(found), id)
    found += read.beside
    try:
        found += examine_texts(read, documents_at_hand(read, sources))
    except Unanswerable as error:
        place = Span(read.texts.source("sources.yaml"), 1, 1)
        found.append(Diagnostic(place, "text", str(error)))
    return _checked(read, found, read.id)


def _checked(read: Case | None, found: list[Diagnostic], id: str | None) -> Check:
    broken = any(d.severity == "error" for d in found)
    return Check(None if broken else read, tuple(found), id if read is None else read.id)


def migrate(case: Named) -> Migration:
    """What a case needs to be written in the last version of the language (docs/language.md,
    Versions): each file that changes with its old and new text, and the edits that mean something
    else then, with their places. Nothing is written. Raises CaseError with all that is wrong in a
    case that does not check, Unanswerable where crisis.yaml has no place for the version."""
    from offramp.case.migration import migration

    known = Check(case, (case.base or case).beside) if isinstance(case, Case) else check(case)
    read, found = known.case, known.found
    if read is None or any(d.severity == "error" for d in found):
        raise CaseError(found)
    return migration(read)


def documents_at_hand(case: Case | Cited, directory: str | Path | None = None) -> dict[str, str]:
    """The texts at hand, by document: from the folder given, and those that it lacks from the
    case's own. Raises Unanswerable for a folder that is not there, and for a text that is there
    and cannot be read."""
    from offramp.sources.documents import texts

    given = None if directory is None else Path(directory)
    if given is not None and not given.is_dir():
        raise Unanswerable(f"there is no folder '{given}' (for documents; see OFFRAMP_SOURCES)")
    own = None if case.folder is None else case.folder / "documents"
    found: dict[str, str] = {}
    for folder in (given, own):
        if folder is None or (folder is own and not own.is_dir()):
            continue
        try:
            wanted = {id: d for id, d in case.documents.items() if id not in found}
            found |= texts(wanted, folder)
        except ValueError as error:
            raise Unanswerable(str(error)) from None
        except OSError as error:
            raise Unanswerable(_unread(error)) from None
    return {id: found[id] for id in case.documents if id in found}


def _unread(error: OSError) -> str:
    """Why a document cannot be read, without a path: the workbench tells it too."""
    path = Path(error.filename)
    why = error.strerror
    if error.errno == errno.ENOENT and path.is_symlink():
        why = f"it is a link to '{path.readlink().name}', which does not exist"
    return f"'{path.name}' cannot be read: {why}"


def source_text(case: Named, document: str, *, sources: str | Path | None = None) -> str:
    """The text of a document that the case cites, whose characters its passages count.

    sources  the folder with the documents (default: `documents/` in the case)

    Raises Unanswerable for a document that the case lacks, for one whose text is not at hand, and
    where another text has its name: that one is never shown in its place.
    """
    return text_of(case_of(case), document, sources)


def text_of(read: Case | Cited, document: str, sources: str | Path | None) -> str:
    """See `source_text`; also of a case that does not check yet."""
    from offramp.sources.documents import digest

    known = read.documents.get(document)
    if known is None:
        help = suggestion(document, read.documents, "documents") or "see its sources.yaml"
        raise Unanswerable(f"{read.id} has no document '{document}': {help}")
    alone = Cited(read.id, read.texts, {document: known}, {})
    text = documents_at_hand(alone, sources).get(document)
    if text is None:
        raise Unanswerable(f"the text of '{document}' is not at hand")
    if digest(text) != known.sha256:
        raise Unanswerable(
            f"the file {known.file} that is at hand is not the text that '{document}' was cited "
            f"from (its hash differs): see `offramp sources verify {read.id}`"
        )
    return text


def edit(case: Named, do: Mapping[str, object] | tuple[Edit, ...]) -> Case:
    """The case with something done to its crisis (Pearl's do; docs/language.md, Edits): what would
    stand under `do:` in a policy, as in {"never": ["rocket"]}, or edits read already. The model
    hash is that of the edited crisis. Raises CaseError for what the case lacks."""
    from offramp.language.edits import read_edits

    read = case_of(case)
    edits = do if isinstance(do, tuple) else ()
    if isinstance(do, Mapping):
        found = Diagnostics()
        node = parse(plain_json.text(do), "do", found)
        if node is not None:
            edits = read_edits(node, read.crisis, read.readers(found))
        if found.errors:
            raise CaseError(found.ordered())
    return read.edited(edits)


def grounds(case: Named, question: str) -> tuple[Ground, ...]:
    """What the answer to a question stands on: the elements that can move it, nearest first, up to
    two steps away, each with its numbers, where they come from, and the passages that it cites.
    Nothing is simulated. Raises Unanswerable for a question that the case lacks."""
    from offramp.explain.grounds import grounds as behind

    read = case_of(case)
    known = {q.id: q for q in read.questions}
    if question not in known:
        help = suggestion(question, known, "questions") or "see `offramp forecast`"
        raise Unanswerable(f"{read.id} has no question '{question}': {help}")
    return behind(read, known[question])


def resting(case: Named) -> dict[str, tuple[str, ...]]:
    """What rests on each passage: the elements and questions that cite it, by the passage's id."""
    from offramp.explain.grounds import resting as found

    return found(case_of(case))


def links(case: Named) -> Links:
    """What rests on what in a case, one step at a time: questions and claims on elements, these on
    one another and on their numbers, and those on passages. Nothing is simulated."""
    from offramp.explain.grounds import links as found

    return found(case_of(case))


def coverage(case: Named, *, sources: str | Path | None = None) -> Coverage:
    """What becomes of each thing that the documents say: carried by what, or left out, and why.
    With the documents at hand also of each sentence that no passage touches."""
    from offramp.explain.coverage import coverage as examined

    read = case_of(case)
    own = read.folder is not None and (read.folder / "documents").is_dir()
    texts = documents_at_hand(read, sources) if sources is not None or own else None
    return examined(read, texts)


def import_reports(case: Named, file: str | Path, *, sheet: str = "") -> Imported:
    """Rows for history.csv out of a spreadsheet: CSV with commas, semicolons or tabs, or .xlsx. Its
    first row names the columns, which are those of history.csv in any order. Nothing is written:
    `text` of the result is history.csv with the rows, `found` what is wrong with each, by its row
    in the sheet.

    sheet  of an .xlsx, by its name; the first by default

    Raises Unanswerable for a file that is no such table, Needs for .xlsx without openpyxl,
    CaseError where history.csv has errors already.
    """
    from offramp.case.importing import imported

    try:
        return imported(case_of(case), Path(file), sheet)
    except OSError as error:
        raise Unanswerable(f"'{Path(file).name}' cannot be read: {error.strerror}") from None


def whatifs(case: Named) -> tuple[WhatIf, ...]:
    """The what-ifs that the workbench has kept of a case, by name: changed ranges of unknowns, with
    the reason. `offramp.diff(case, "CASE#NAME")` says what one does to the answers."""
    from offramp.case.kept import whatifs as kept

    return kept(case_of(case))


def claims(
    case: Named,
    *names: str,
    only: tuple[str, ...] = (),
    worlds: int = 1024,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Examination:
    """Whether the model says what its authors say causes what: each claim by sign and strength, its
    cause raised and lowered with the same noise, under its author's own assessment.

    names  authors; without any, all. only: these claims. worlds: in each arm, without reports.
    """
    from concurrent.futures.process import BrokenProcessPool

    from offramp.explain.claim_tests import examine as tested
    from offramp.explain.claim_tests import prepare

    read = case_of(case)
    known = read.claims
    if not known:
        raise Unanswerable(
            f"{read.id} has no claims: they stand in claims/NAME.yaml, see docs/claims.md"
        )
    authors = {claim.author for claim in known.values()}
    for kind, wanted, there in (("claims of", names, authors), ("claim", only, set(known))):
        for name in wanted:
            if name not in there:
                help = suggestion(name, there, "there are") or f"see `offramp claims {read.id}`"
                raise Unanswerable(f"{read.id} has no {kind} '{name}': {help}")
    chosen = [
        claim
        for claim in known.values()
        if (not names or claim.author in names) and (not only or claim.id in only)
    ]
    if not chosen:
        raise Unanswerable(f"none of {', '.join(only)} is a claim of {', '.join(names)}")
    prepared = prepare(read, chosen, worlds, seed)
    try:
        return tested(prepared, threads, Steps(progress, len(prepared.arms)))
    except BrokenProcessPool:
        raise Unanswerable(
            "a process that simulated worlds was ended from outside, perhaps for want of memory; "
            "try one thread, or fewer worlds"
        ) from None


def facts(
    case: Named,
    *names: str,
    worlds: int = 4096,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Plausibility:
    """Whether the model behaves as such crises do: the stylised facts of a case, each a statistic
    of simulated worlds beside the bounds that its facts.yaml gives (pattern-oriented modelling:
    Grimm et al. 2005). No report is used. Without names all of them; worlds: in each arm.

    Raises Unanswerable for a fact that the case lacks.
    """
    from offramp.explain.plausibility import arms_of, plausibility

    read = case_of(case)
    known = {f.id: f for f in read.facts}
    if not known:
        raise Unanswerable(f"{read.id} has no facts.yaml: see docs/facts.md")
    for name in names:
        if name not in known:
            help = suggestion(name, known, "facts") or f"see `offramp facts {read.id}`"
            raise Unanswerable(f"{read.id} has no fact '{name}': {help}")
    chosen = [known[name] for name in dict.fromkeys(names or known)]
    fast("a history of each world")
    steps = Steps(progress, worlds * arms_of(chosen))
    return plausibility(read, chosen, worlds, seed, threads, steps)

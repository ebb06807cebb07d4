"""What brings a case to the last version of the language, and what means something else then."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from offramp.case.case import Case, load
from offramp.language.edits import Edit
from offramp.language.migrate import LAST, brought_over, differs
from offramp.text.diagnostics import Span
from offramp.text.files import read_regular

FILE = "crisis.yaml"


@dataclass(frozen=True)
class Rewritten:
    """A file of the case with its text before and after, byte order mark and line ends included."""

    file: str
    old: str
    new: str

    @property
    def diff(self) -> str:
        """What changes, as a unified diff with three lines around it."""
        old, new = (re.split(r"\r\n|\r|\n", t.removeprefix("\ufeff")) for t in (self.old, self.new))
        lines = difflib.unified_diff(old, new, self.file, self.file, lineterm="")
        return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Reread:
    """An edit that means something else in the last version.

    of    whose it is: `policy T27`, `claim T3 (high)`, `claim T3 (beside, low)`, `asked Q10`,
          `fact calm (do)`, `question war (if)`
    says  what differs, in a sentence or two
    """

    span: Span
    of: str
    edit: str
    says: str


@dataclass(frozen=True, kw_only=True)
class Migration:
    """What a case needs to be in the last version of the language, and what that changes.

    old, new       the version that it is in, and the last one
    files          those that change; none where nothing is to be done
    edits          those of its files that mean another thing then
    model_sha256   of the model as it is; model_after: of the model brought over
    written        whether the files were written
    """

    case: str
    old: int
    new: int
    files: tuple[Rewritten, ...]
    edits: tuple[Reread, ...]
    model_sha256: str
    model_after: str
    written: bool = False


def migration(case: Case) -> Migration:
    """What brings the case over: of its own texts, without an author's premises or edits.
    Raises Unanswerable where crisis.yaml is laid out as no place for the version is found in it,
    CaseError for what is wrong in a file with edits."""
    own = case.base or case
    old = _as_it_lies(own)
    new = brought_over(old)
    files = () if new == old else (Rewritten(FILE, old, new),)
    texts = own.texts.texts
    after = load({**texts, FILE: brought_over(texts[FILE])}) if files else own
    return Migration(
        case=own.id,
        old=own.crisis.language,
        new=LAST,
        files=files,
        edits=tuple(_reread(own)) if files else (),
        model_sha256=own.model_sha256,
        model_after=after.model_sha256,
    )


def _as_it_lies(case: Case) -> str:
    """The text of crisis.yaml to the last byte, where the case's folder has it still; else that
    which the case was read from."""
    text = case.texts.texts[FILE]
    if case.folder is None:
        return text
    try:
        whole = read_regular(Path(case.folder, FILE)).decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return text
    plain = whole.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return whole if plain == text else text


def _reread(case: Case) -> Iterator[Reread]:
    for of, edits in _edits(case):
        for edit in edits:
            says = differs(case.crisis, edit)
            if says:
                yield Reread(edit.span, of, edit.words, says)


def _edits(case: Case) -> Iterator[tuple[str, tuple[Edit, ...]]]:
    """All edits that the files of a case hold, with whose they are."""
    for policy in case.policies:
        yield f"policy {policy.id}", policy.edits
    for claim in case.claims.values():
        yield f"claim {claim.id} (high)", claim.high
        yield f"claim {claim.id} (low)", claim.low
        if claim.beside is not None:
            yield f"claim {claim.id} (beside, high)", claim.beside.high
            yield f"claim {claim.id} (beside, low)", claim.beside.low
    for asked in case.asked:
        yield f"asked {asked.passage}", asked.without
    for fact in case.facts:
        for name, arm in zip(("do", "against"), fact.arms, strict=False):
            yield f"fact {fact.id} ({name})", arm
    for question in case.questions:
        yield f"question {question.id} (if)", question.supposes

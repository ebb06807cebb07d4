"""What is found where a case's documents are at hand: passages that no longer stand where the case
says, and numbers that are called stated by words without a number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from offramp.case.case import Case
from offramp.language.crisis import claims
from offramp.language.expressions import Basis, Claim, Date, Number, walk
from offramp.sources.passages import State, sides, stands, verify
from offramp.text.diagnostics import Diagnostic, Diagnostics

# Words of English that carry a number, a share or a date.
_WORDS = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety
    hundred hundreds thousand thousands million millions billion billions trillion dozen dozens
    first second third fourth fifth sixth seventh eighth ninth tenth thirds quarter quarters fifths
    half halves halved twice double doubled triple tripled thrice once single both pair couple
    percent no none never nothing nobody all always every each daily weekly monthly yearly annual
    fortnight january february march april may june july august september october november december
    monday tuesday wednesday thursday friday saturday sunday decade century
"""
_NUMBER = re.compile(rf"\d|[½⅓⅔¼¾]|\b(?:{'|'.join(_WORDS.split())})\b", re.IGNORECASE)


def examine_texts(case: Case, texts: Mapping[str, str]) -> list[Diagnostic]:
    """Findings about the texts at hand, by document; without texts there are none."""
    found = Diagnostics()
    for f in verify(case.passages.values(), case.documents, texts):
        if f.state in (State.EXACT, State.MISSING):
            continue
        section = "passages" if f.passage else "documents"
        file = "passages.yaml" if f.passage else "sources.yaml"
        found.error(
            case.texts.key_span(file, section, f.passage or f.document), "text", str(f),
            f"see `offramp sources verify {case.id}`; what is cited must be what is at hand",
        )  # fmt: skip
    for basis in _stated(case):
        exact = [
            texts[p.document][p.start : p.end]
            for id in sides(basis.passages, case.passages)
            if (p := case.passages.get(id)) and p.document in texts
            and stands(p, texts[p.document], p.start)
        ]  # fmt: skip
        if len(exact) == len(basis.passages) and not any(map(_NUMBER.search, exact)):
            found.warning(
                basis.span, "no-number",
                f"no number stands in {' or '.join(basis.passages)}, and `@` says that one does",
                "mark it ~ (the passage supports it, the size is ours), or cite where it stands",
            )  # fmt: skip
    return found.ordered()


def _stated(case: Case) -> Iterator[Basis]:
    """Each mark that says that a number or a date stands in a passage."""
    asked = tuple(claim for q in case.questions for claim in (q.asks, q.given) if claim)
    every: tuple[Claim, ...] = (*claims(case.crisis), *asked)
    seen: dict[Basis, None] = {}
    for claim in every:
        for part in walk(claim.expression):
            basis = part.basis if isinstance(part, Number | Date) else None
            if basis is not None and basis.grade == "stated":
                seen[basis] = None
    yield from seen

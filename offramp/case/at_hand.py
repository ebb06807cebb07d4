"""What is found where a case's documents are at hand: passages that no longer stand where the case
says, and numbers that are called stated by words without a number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping as Map

from offramp.case.case import Case
from offramp.case.overlay import bases_of
from offramp.language.crisis import claims
from offramp.language.expressions import Basis, Date, Number, SourcedValue, walk
from offramp.sources.passages import State, sides, stands, verify
from offramp.text.diagnostics import Diagnostic, Diagnostics
from offramp.text.tree import Mapping, Node

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


def examine_texts(case: Case, texts: Map[str, str]) -> list[Diagnostic]:
    """Findings about the texts at hand, by document; without texts there are none."""
    found = Diagnostics()
    for f in verify(case.passages.values(), case.documents, texts):
        if f.state in (State.EXACT, State.MISSING):
            continue
        section = "passages" if f.passage else "documents"
        file = "passages.yaml" if f.passage else "sources.yaml"
        found.error(
            case.texts.key_span(file, section, f.passage or f.document),
            "text",
            str(f),
            f"see `offramp sources verify {case.id}`; what is cited must be what is at hand",
        )
    for basis in _stated(case):
        exact = [
            texts[p.document][p.start : p.end]
            for id in sides(basis.passages, case.passages)
            if (p := case.passages.get(id))
            and p.document in texts
            and stands(p, texts[p.document], p.start)
        ]
        if len(exact) == len(basis.passages) and not any(map(_NUMBER.search, exact)):
            found.warning(
                basis.span,
                "no-number",
                f"`@` says that a number stands in {' or '.join(basis.passages)}, and none does",
                "mark it ~ (the passage supports it, the size is ours), or cite where it stands",
            )
    return found.ordered()


def _stated(case: Case) -> Iterator[Basis]:
    """Each mark that says that a number or a date stands in a passage, in the crisis and in all
    that stands beside it."""
    asked = tuple(claim for q in case.questions for claim in q.claims)
    every: tuple[SourcedValue, ...] = (*claims(case.crisis), *asked, *_beside(case))
    parts = [p.basis for c in every for p in walk(c.expression) if isinstance(p, Number | Date)]
    for rival in case.rivals_read.value.values():
        parts += [b for o in rival.assessment.overrides for b in bases_of(_numbers(o.value))]
        parts += [j.basis for j in rival.assessment.judgements if not j.phrase]
    parts += [c.basis for c in case.history_read.value.coverage]
    yield from dict.fromkeys(b for b in parts if b is not None and b.grade == "stated")


def _numbers(value: Node) -> Node:
    """What an assessment sets, without words of estimative probability: they are no numbers."""
    return value.without("says") if isinstance(value, Mapping) else value


def _beside(case: Case) -> Iterator[SourcedValue]:
    """The values of losses, and of edits in policies and causal claims."""
    agenda = case.agenda_read.value
    for loss in agenda.losses:
        yield from (term.amount for term in loss.terms)
    edits = [e for policy in agenda.policies for e in policy.edits]
    edits += [e for c in case.claims_read.value.values() for e in (*c.high, *c.low)]
    yield from (e.amount for e in edits if e.amount is not None)

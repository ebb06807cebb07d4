"""Coverage: what becomes of each thing that the documents say.

A case lists passages; what they say is a row each (the sides D1.1, D1.2 of a disagreement are one
row, D1). A row is carried if something that is run, asked, judged, tested or recorded cites it, and
is left out otherwise, with a reason that somebody has given. The check is mechanical:

- `modelled`: cited by an element of the crisis that a run reads. An element is read if it stands
  behind a question, a quantity shown, a causal claim, a loss, or an event or quantity of the
  record; what only cites and is read by nothing is dead, and its citations count for nothing.
- `asked`: cited by a question.
- `judged`: an assessment asks it as a question, sets it as a premise, or cites it for an override.
- `tested`: a causal claim that is put to the model.
- `policy`: cited by a policy or a loss.
- `history`: cited by a row of the record, or by the chance that an event is reported.
- `left out`: none of these.

A citation can stand at a number or an arrow (`mark`), or only in a list: the `cites:` of an
element, the sides of a disagreement. Both count; how many rows have nothing better than a list is
told beside the share, since a list behind an element shows less than a number that rests on one.

This says where a passage went, not whether it was understood. Reading the rows is the other half.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from offramp.case.agenda import Agenda
from offramp.case.assessments import Assessment
from offramp.case.case import Case
from offramp.case.causal import CausalClaim
from offramp.case.disagreements import Disagreement
from offramp.case.left_out import STATUSES, kind_of, row_of
from offramp.case.record import History, Report
from offramp.language.chain import behind, element_of, influences
from offramp.language.crisis import cited, claims, elements
from offramp.sources.documents import Fault
from offramp.sources.faults import touched
from offramp.sources.sentences import Reading, read_through
from offramp.text.diagnostics import CaseError, Diagnostic, Diagnostics, Span
from offramp.text.tree import Mapping as TreeMapping
from offramp.text.tree import Sequence, Text

# What each form makes under its own name: it is read where that is.
FORMS = {
    "body": "event",
    "pact": "state",
    "proxy": "actor",
    "threat": "event",
    "channel": "state",
    "hazard": "event",
}
Status = Literal["modelled", "asked", "judged", "tested", "policy", "history", "left out"]


@dataclass(frozen=True)
class Carrier:
    """What cites a row (`event rocket`), and how: `mark`, `cites`, or a word of its own."""

    status: str
    what: str
    how: str

    def __str__(self) -> str:
        return f"{self.what} ({self.how})"


@dataclass(frozen=True)
class Row:
    """A row of the listing.

    kind       the letters of its id
    section    what the case calls that kind, '' where it says nothing
    reason     why it is left out; '' where it is carried, or where nobody says why
    """

    id: str
    kind: str
    section: str
    passages: tuple[str, ...]
    status: str
    carried_by: tuple[Carrier, ...]
    reason: str

    @property
    def carried(self) -> bool:
        return self.status != "left out"

    @property
    def only_listed(self) -> bool:
        """Whether nothing carries it but lists: the `cites:` of elements, or disagreements.yaml."""
        return self.carried and all(
            c.status == "modelled" and c.how != "mark" for c in self.carried_by
        )


@dataclass(frozen=True)
class Dead:
    """An element that no run reads, the rows it cites, and those that nothing else carries."""

    element: str
    rows: tuple[str, ...]
    lost: tuple[str, ...]
    span: Span


@dataclass(frozen=True)
class Coverage:
    """`readings` is None where nobody looked at the texts. `warnings` are about coverage.yaml."""

    case: str
    title: str
    model_sha256: str
    rows: tuple[Row, ...]
    dead: tuple[Dead, ...]
    readings: tuple[Reading, ...] | None
    faults: tuple[Fault, ...]
    notes: tuple[str, ...]
    warnings: tuple[Diagnostic, ...]
    unsaid: tuple[str, ...] = ()  # carried rows that a judgement, claim or policy cannot express

    @property
    def counts(self) -> dict[str, int]:
        """How many rows have each status."""
        found = Counter(row.status for row in self.rows)
        return {status: found[status] for status in (*STATUSES, "left out")}

    @property
    def carried(self) -> int:
        return sum(row.carried for row in self.rows)

    @property
    def only_listed(self) -> int:
        return sum(row.only_listed for row in self.rows)

    @property
    def share(self) -> float:
        """Rows that are carried, of all; 1 for a case that lists nothing."""
        return self.carried / len(self.rows) if self.rows else 1.0

    @property
    def left_out(self) -> tuple[Row, ...]:
        """Rows that nothing carries, with their reasons."""
        return tuple(row for row in self.rows if not row.carried)

    @property
    def unexplained(self) -> tuple[Row, ...]:
        """Rows that are left out and nobody says why."""
        return tuple(row for row in self.left_out if not row.reason)

    def __repr__(self) -> str:
        return f"<Coverage of {self.case}: {self.carried} of {len(self.rows)} rows are carried>"


def coverage(case: Case, texts: Mapping[str, str] | None = None) -> Coverage:
    """What becomes of each row of a case's listing; with the texts at hand (by document), of each
    sentence of the documents too.

    Raises CaseError with every finding of coverage.yaml, and of the files beside the crisis.
    """
    found = Diagnostics()
    found.found += [d for d in case.beside if d.severity == "error"]
    if found.errors:
        raise CaseError(found.ordered())
    listing = case.listing
    files = _Files(case.history, case.assessments, case.disagreements, case.claims, case.agenda)
    live = read_by_runs(case, files)
    carriers: dict[str, dict[Carrier, None]] = {}
    for passage, carrier in _carriers(case, live, files):
        carriers.setdefault(row_of(passage), {})[carrier] = None
    notes = {row_of(n.passage): n.use for n in case.notes}
    own = _own_reasons(files)
    sides: dict[str, list[str]] = {}
    for passage in case.passages:
        sides.setdefault(row_of(passage), []).append(passage)
    rows = []
    for id, passages in sides.items():
        kind = kind_of(id)
        section, first = listing.kinds.get(kind, ("", ""))
        by = tuple(carriers.get(id, ()))
        if id in notes:
            status, reason = "left out", f"a note on its source, no fact: {notes[id]}"
            if by:
                place = case.texts.key_span("passages.yaml", "passages", passages[0])
                found.warning(
                    place,
                    "cited-note",
                    f"{id} is a note on its source, and {by[0]} "
                    "cites it as if it were about the crisis",
                    "take the citation out",
                )
            by = ()
        else:
            status = _status(by, first)
            reason = "" if by else listing.left_out.get(id, own.get(id, ""))
        if by and id in listing.left_out:
            found.warning(
                listing.places[id],
                "stale",
                f"{id} is carried by {by[0]} and needs no reason",
                "take this line out",
            )
        rows.append(
            Row(
                id=id,
                kind=kind,
                section=section,
                passages=tuple(passages),
                status=status,
                carried_by=by,
                reason=reason,
            )
        )
    facts_of_faults(case, files.record, found)
    if found.errors:
        raise CaseError(found.ordered())
    lost = {row.id for row in rows if not row.carried} - set(notes)
    readings = None
    if texts is not None:
        readings = read_through(case.documents.values(), texts, case.passages.values())
    return Coverage(
        case=case.id,
        title=case.crisis.title,
        model_sha256=case.model_sha256,
        rows=tuple(rows),
        dead=tuple(_dead(case, live, lost)),
        readings=readings,
        faults=case.faults,
        notes=tuple(n.passage for n in case.notes),
        warnings=tuple(found.ordered()),
        unsaid=tuple(row.id for row in rows if row.carried and row.id in _own_reasons(files)),
    )


@dataclass(frozen=True)
class _Files:
    """What stands beside the crisis."""

    record: History
    assessments: Mapping[str, Assessment]
    disagreements: tuple[Disagreement, ...]
    tests: Mapping[str, CausalClaim]
    agenda: Agenda


def _status(by: tuple[Carrier, ...], first: str) -> str:
    order = [first, *STATUSES] if first else STATUSES
    return next((s for s in order if any(c.status == s for c in by)), "left out")


# ---- what a run reads --------------------------------------------------------------------


def read_by_runs(case: Case, files: _Files) -> frozenset[str]:
    """The elements that stand behind an answer, a quantity shown, a test, a loss or the record."""
    record = files.record
    asked = [*case.questions, *(t.question for t in files.tests.values() if t.question)]
    asked += [q for loss in files.agenda.losses for q in loss.questions(case.crisis)]
    roots = [element_of(*atom, case.crisis) for q in asked for atom in q.atoms]
    roots += [f"state {name}" for name in case.crisis.show]
    for report in record.reports:
        if report.kind in ("event", "quantity"):
            roots.append(f"{'state' if report.kind == 'quantity' else 'event'} {report.what}")
    roots += [f"event {c.event}" for c in record.coverage if c.chance > 0]
    return frozenset(behind(influences(case.crisis), roots))


def _dead(case: Case, live: frozenset[str], lost: set[str]) -> Iterator[Dead]:
    for name, element in elements(case.crisis):
        if name not in live:
            rows = tuple(dict.fromkeys(row_of(p) for p in cited(element)))
            span = getattr(element, "span", Span("", 1, 1))
            yield Dead(name, rows, tuple(r for r in rows if r in lost), span)


# ---- what carries ------------------------------------------------------------------------


def _carriers(case: Case, live: frozenset[str], files: _Files) -> Iterator[tuple[str, Carrier]]:
    """Every citation that counts, with the passage it names."""
    for name, element in elements(case.crisis):
        if name in live:
            yield from _marked_or_listed("modelled", name, element)
    yield from _of_forms(case, live)
    for q in case.questions:
        yield from _marked_or_listed("asked", f"question {q.id}", q)
    for name, a in files.assessments.items():
        yield from _of_assessment(name, a, live)
    for id, test in files.tests.items():
        if not test.inexpressible:
            yield id, Carrier("tested", f"claim {id}", f"tested under {test.author}")
    for policy in files.agenda.policies:
        if not policy.inexpressible:
            for passage in policy.cites:
                yield passage, Carrier("policy", f"policy {policy.id}", "cites")
    for loss in files.agenda.losses:
        yield from _marked_or_listed("policy", f"loss {loss.id}", loss)
    yield from _of_record(case, files.record)
    for d in files.disagreements:
        for what in d.carried_by:
            # The rest of a disagreement is carried where its authors part, not where it is cited.
            kind, _, name = what.partition(" ")
            if what in live or kind == "history":
                status = "history" if kind == "history" else "modelled"
                for side in d.sides:
                    for passage in side.passages:
                        yield passage, Carrier(status, what, f"disagreement {d.id}")


def _marked_or_listed(status: str, name: str, value: object) -> Iterator[tuple[str, Carrier]]:
    """Its citations, those at a number or an arrow first."""
    marks = dict.fromkeys(p for claim in claims(value) for p in claim.passages)
    marks |= dict.fromkeys(p for b in getattr(value, "bases", ()) for p in b.passages)
    rows = {row_of(p) for p in marks}
    for passage in marks:
        yield passage, Carrier(status, name, "mark")
    for passage in getattr(value, "cites", ()):
        if row_of(passage) not in rows:
            yield passage, Carrier(status, name, "cites")


def _of_forms(case: Case, live: frozenset[str]) -> Iterator[tuple[str, Carrier]]:
    """What a form lists for itself: its expansion keeps the marks, but not always that list."""
    root = case.texts.tree("crisis.yaml", Diagnostics())
    if root is None:
        return
    for section, noun in FORMS.items():
        entries = root.get(section)
        for key, entry in entries if isinstance(entries, TreeMapping) else ():
            made = f"{noun} {key.value}"
            if not any(name == made or name.startswith(f"{made}.") for name in live):
                continue
            listed = entry.get("cites") if isinstance(entry, TreeMapping) else None
            for item in listed.items if isinstance(listed, Sequence) else ():
                if isinstance(item, Text):
                    yield item.value, Carrier("modelled", f"{section} {key.value}", "cites")


def _of_assessment(name: str, a: Assessment, live: frozenset[str]) -> Iterator[tuple[str, Carrier]]:
    what = f"assessment {name}"
    for j in a.judgements:
        if j.question is not None:
            yield j.passage, Carrier("judged", what, f"asked as {j.question}")
        elif j.premise:
            yield j.passage, Carrier("judged", what, f"premise of {', '.join(j.premise)}")
    for override in a.overrides:
        if override.what in live:
            for passage in override.passages:
                yield passage, Carrier("judged", what, f"sets {override.what}")


def _of_record(case: Case, record: History) -> Iterator[tuple[str, Carrier]]:
    named = re.compile(rf"\b({'|'.join(map(re.escape, case.documents))}) (\w+(?:\.\d+)?)")
    for report in record.reports:
        for passage in _cited_by(case, report, named):
            yield passage, Carrier("history", f"history {report.id}", report.kind)
    for c in record.coverage:
        for passage in c.basis.passages:
            yield passage, Carrier("history", f"reporting of {c.event}", "mark")


def _cited_by(case: Case, report: Report, named: re.Pattern[str]) -> Iterator[str]:
    """The passages of a report, written as document and passage: its source, and for what the
    model has the note too. The note of a row outside the model says why it is outside, and may
    name other rows for that."""
    texts = [report.source] if report.kind == "outside" else [report.source, report.note]
    for document, passage in (m.groups() for text in texts for m in named.finditer(text)):
        if passage in case.passages and case.passages[passage].document == document:
            yield passage


# ---- reasons -----------------------------------------------------------------------------


def _own_reasons(files: _Files) -> dict[str, str]:
    """Reasons that stand where a row is read: what cannot be judged, tested, done or carried."""
    out = {
        row_of(p): d.left
        for d in files.disagreements
        if d.left
        for side in d.sides
        for p in side.passages
    }
    out |= {id: t.inexpressible for id, t in files.tests.items() if t.inexpressible}
    out |= {
        row_of(p): x.inexpressible
        for x in files.agenda.policies
        if x.inexpressible
        for p in x.cites
    }
    out |= {
        j.passage: j.inexpressible
        for a in files.assessments.values()
        for j in a.judgements
        if j.inexpressible
    }
    return out


# ---- faults ------------------------------------------------------------------------------


def facts_of_faults(case: Case, record: History, found: Diagnostics) -> None:
    """Reports that take for a fact what the record contradicts are errors.

    A report may cite a faulty passage if the record itself vouches for it (a grade better than
    `document`), if its day is drawn from several readings, if it stays outside the model, or if
    the fault says that this of the passage stands."""
    for report in record.reports:
        if report.grade != "document" or report.disputed or report.kind == "outside":
            continue
        passage = report.source.partition(" ")[2]
        for _, fault in touched(case, [passage], case.passages):
            found.error(
                report.span,
                "faulty-fact",
                f"{report.id} rests on {passage} alone, and the record disagrees: {fault.record}",
                "give the day as several readings, cite the record, or say under `stands:` of the "
                "fault in sources.yaml why this may be taken from the passage",
            )


# ---- as plain values ---------------------------------------------------------------------

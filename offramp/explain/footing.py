"""What a number or an unknown stands on: its marks, its passages, and what is known of their
documents. No grade of strength is typed in: all of it follows from the case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from offramp.case.case import Case
from offramp.language.crisis import Datum
from offramp.language.expressions import Grade
from offramp.sources.faults import all_beside
from offramp.sources.passages import sides
from offramp.text.diagnostics import counted

ORDER: tuple[Grade, ...] = ("stated", "sized", "assumed")


@dataclass(frozen=True, kw_only=True)
class Footing:
    """How good the source of an assumption is.

    grade      stated by a passage, sized by us on its support, or assumed by us; of several
               numbers the weakest
    reason     why we assumed it
    passages   that it cites
    documents  that these are in
    voices     how many of the documents count as independent: those of one author or publisher are
               one voice, and so is a text that is in two of them
    late       documents whose author could know of what was asked: they knew until a day after a
               question's window had opened
    undated    documents that bear no date of their own
    faults     what the record says against a passage
    """

    grade: Grade
    reason: str
    passages: tuple[str, ...]
    documents: tuple[str, ...]
    voices: int
    late: tuple[str, ...]
    undated: tuple[str, ...]
    faults: Mapping[str, str]

    @property
    def words(self) -> str:
        """All of it in a sentence."""
        if self.grade == "assumed" and not self.passages:
            return f"assumed by us: {self.reason}" if self.reason else "assumed by us"
        places = ", ".join(self.passages)
        begin = {
            "stated": f"stated by {places}",
            "sized": f"supported by {places}, and how much is ours",
            "assumed": f"in part assumed by us ({self.reason}), the rest supported by {places}",
        }[self.grade]
        told = [begin, f"{counted(len(self.documents), 'document')} ({', '.join(self.documents)})"]
        if self.voices < len(self.documents):
            told.append(f"{counted(self.voices, 'independent voice')}")
        if self.late:
            told.append(f"written when some of what is asked was under way: {', '.join(self.late)}")
        if self.undated:
            told.append(f"date inferred: {', '.join(self.undated)}")
        told += [f"{p}: {said}" for p, said in self.faults.items()]
        return "; ".join(told)


def footing(case: Case, numbers: Iterable[Datum], cites: Iterable[str], opens: dt.date) -> Footing:
    """Of some numbers together, with what else is cited for them. `opens`: the day on which the
    first window of what is asked opens."""
    marks = [d.basis for d in numbers]
    grades = [b.grade if b else "assumed" for b in marks]
    ids = [p for b in marks if b for p in b.passages]
    passages = tuple(p for p in sides([*ids, *cites], case.passages) if p in case.passages)
    documents = tuple(dict.fromkeys(case.passages[p].document for p in passages))
    weakest = max(grades, key=ORDER.index, default="sized" if passages else "assumed")
    reasons = dict.fromkeys(b.reason for b in marks if b and b.grade == "assumed" and b.reason)
    own = [case.documents[d] for d in documents]
    return Footing(
        grade=weakest,
        reason="; ".join(reasons),
        passages=passages,
        documents=documents,
        voices=_voices(case, passages, documents),
        late=tuple(d.id for d in own if d.knew > opens),
        undated=tuple(d.id for d in own if d.precision == "inferred"),
        faults=all_beside(case, passages),
    )


def _voices(case: Case, passages: tuple[str, ...], documents: tuple[str, ...]) -> int:
    """How many groups of documents are left when those that share an author, a publisher or the
    very text of a passage are one (a report that is passed on is heard once)."""
    traits = {d: {case.documents[d].author, case.documents[d].publisher} for d in documents}
    for p in passages:
        traits[case.passages[p].document].add(case.passages[p].sha256)
    groups = list[set[str]]()
    for own in traits.values():
        own = {t for t in own if t}
        joined = [g for g in groups if g & own]
        groups = [g for g in groups if not g & own] + [own.union(*joined)]
    return len(groups)

"""What an answer stands on, without simulating anything: the elements behind a question, nearest
first, with each of their numbers and where it comes from; what rests on each passage; and both
ways around anything of a case."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from offramp.answers.forecast import NEAR
from offramp.case.case import Case
from offramp.case.causal import CausalClaim
from offramp.language.chain import behind, element_of, influences
from offramp.language.crisis import Datum, cited, data, elements
from offramp.language.questions import Question
from offramp.sources.passages import sides


@dataclass(frozen=True)
class Ground:
    """An element behind a question.

    element  its address, as in `event rocket`; title: in words, where it has one
    steps    how many elements stand between it and what is asked: 0 is asked of itself
    numbers  as they are written, each with its mark
    cites    the passages that it rests on
    moved_by the elements that move it directly
    """

    element: str
    title: str
    steps: int
    numbers: tuple[Datum, ...]
    cites: tuple[str, ...]
    moved_by: tuple[str, ...]


def grounds(case: Case, question: Question, steps: int = NEAR) -> tuple[Ground, ...]:
    """The elements that can move an answer, up to so many steps away."""
    edges, parts = influences(case.crisis), dict(elements(case.crisis))
    roots = [element_of(function, name, case.crisis) for function, name in question.atoms]
    out, seen = [], set[str]()
    for k in range(steps + 1):
        for name in behind(edges, roots, k):
            if name not in seen:
                seen.add(name)
                part = parts[name]
                ids = sides(cited(part), case.passages)
                numbers = tuple({d.span: d for d in data(name, part)}.values())
                title, moved_by = getattr(part, "title", "") or "", tuple(sorted(edges[name]))
                out.append(Ground(name, title, k, numbers, ids, moved_by))
    return tuple(out)


def resting(case: Case) -> dict[str, tuple[str, ...]]:
    """The elements and questions that cite each passage, by the passage's id."""
    out = dict[str, list[str]]()
    parts = [(name, sides(cited(part), case.passages)) for name, part in elements(case.crisis)]
    parts += [(f"question {q.id}", sides(q.cites, case.passages)) for q in case.questions]
    for name, ids in parts:
        for passage in ids:
            out.setdefault(passage, []).append(name)
    return {passage: tuple(names) for passage, names in out.items()}


@dataclass(frozen=True)
class Links:
    """What rests on what in a case, one step at a time, by addresses: `passage T14`, `number
    crisis.yaml:12:5`, an element (`event rocket`, `actor us`), `claim T5`, `question war`.

    titles  each in words, of a number the expression that it stands in
    under   what each rests on directly: a question on the elements that it is asked of, a claim on
            those that it turns and looks at, an element on those that it reads and on its numbers,
            a number on its passages; and each on the passages that it cites itself
    """

    titles: dict[str, str]
    under: dict[str, tuple[str, ...]]


def links(case: Case) -> Links:
    """All links of a case."""
    crisis = case.crisis
    titles = {f"passage {p.id}": p.paraphrase for p in case.passages.values()}
    under = dict[str, tuple[str, ...]]()
    edges = influences(crisis)

    def passages(ids: Iterable[str]) -> list[str]:
        return [f"passage {i}" for i in sides(ids, case.passages) if i in case.passages]

    for name, part in elements(crisis):
        numbers = {number_of(d): d for d in data(name, part)}
        for number, d in numbers.items():
            titles[number] = d.text
            under[number] = tuple(passages(d.basis.passages if d.basis else ()))
        titles[name] = getattr(part, "title", "") or name.partition(" ")[2]
        told = {p for n in numbers for p in under[n]}
        own = [p for p in passages(cited(part)) if p not in told]
        under[name] = (*sorted(edges[name] - {name}), *numbers, *own)
    for q in case.questions:
        asked = [element_of(function, name, crisis) for function, name in q.atoms]
        titles[f"question {q.id}"] = q.text
        under[f"question {q.id}"] = tuple(dict.fromkeys([*asked, *passages(q.cites)]))
    for claim in case.claims.values():
        titles[f"claim {claim.id}"] = claim.says
        touched = [*_touched(claim, case), *passages([claim.id])]
        under[f"claim {claim.id}"] = tuple(dict.fromkeys(touched))
    return Links(titles, under)


def number_of(datum: Datum) -> str:
    """The address of a number: where it is written."""
    return f"number {datum.span.file}:{datum.span.line}:{datum.span.column}"


def _touched(claim: CausalClaim, case: Case) -> list[str]:
    """The elements that a claim turns, and those that it looks at."""
    known = {name.partition(" ")[2]: name for name, _ in elements(case.crisis)}
    out = list[str]()
    for pair in claim.pairs:
        out += [known[e.target] for arm in pair.arms for e in arm if e.target in known]
        out += [element_of(f, name, case.crisis) for f, name in pair.question.atoms]
    return out

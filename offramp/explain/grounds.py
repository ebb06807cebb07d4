"""What an answer stands on, without simulating anything: the elements behind a question, nearest
first, with each of their numbers and where it comes from; and what rests on each passage."""

from __future__ import annotations

from dataclasses import dataclass

from offramp.answers.forecast import NEAR
from offramp.case.case import Case
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

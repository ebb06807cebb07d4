"""Recommendations run against every assessment, under several stated losses.

Each assessment gets a posterior as of a day (or, `free`, worlds from the first day), which goes on
under every policy (`policy_worlds`). Then losses and regret (`regret`), what a ranking turns on
(`turns`), and the unknowns that flip it (`flips`).
"""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass, replace

import numpy as np

from offramp.answers.conditioned import posterior_of
from offramp.case.agenda import Agenda, Policy, begin_on
from offramp.case.assessments import Assessment
from offramp.case.case import Case, under
from offramp.case.record import History
from offramp.engine.run import Progress
from offramp.explain.flips import Search, flips
from offramp.explain.policy_worlds import (
    Lived,
    distinct,
    lived_among_reports,
    lived_freely,
    rows_of,
)
from offramp.explain.regret import Cell, RegretRow, among_own, cells_of, standings
from offramp.explain.turns import Priceless, Turn, priceless, signs, turned
from offramp.filter.posterior import Impossible


@dataclass(frozen=True)
class Compared:
    """Policies of a case compared. `as_of` is None for free worlds; `left_out` says per assessment
    why it gave no worlds; `groups` per row the first row with the same edits."""

    case: str
    model_sha256: str
    seed: int
    worlds: int
    as_of: dt.date | None
    begins: dt.date
    last: dt.date
    agenda: Agenda
    rows: tuple[Policy, ...]
    groups: tuple[int, ...]
    assessments: tuple[tuple[str, int, float], ...]  # name, worlds, effective
    left_out: tuple[tuple[str, str], ...]
    cells: tuple[Cell, ...]
    standings: tuple[RegretRow, ...]
    turns: tuple[Turn, ...]
    priceless: tuple[Priceless, ...]
    own: tuple[RegretRow, ...]  # regret among what the loss's own actors can do
    search: Search

    def of(self, loss: str) -> tuple[RegretRow, ...]:
        return tuple(s for s in self.standings if s.loss == loss)

    def minimax(self, loss: str) -> RegretRow:
        return next(s for s in self.of(loss) if s.minimax)

    def cell(self, loss: str, policy: str, assessment: str) -> Cell:
        return next(
            c for c in self.cells if (c.loss, c.policy, c.assessment) == (loss, policy, assessment)
        )

    def __repr__(self) -> str:
        return (
            f"<Compared {len(self.rows)} policies of {self.case} under "
            f"{len(self.assessments)} authors>"
        )


def compared(
    case: Case,
    agenda: Agenda,
    lived: tuple[Lived, ...],
    seed: int,
    as_of: dt.date | None,
    worlds: int,
    left_out: tuple[tuple[str, str], ...] = (),
) -> Compared:
    """Tables, regret, and what the ranking turns on. `lived` may not be empty."""
    rows = rows_of(agenda)
    groups, names = distinct(rows), tuple(p.id for p in rows)
    own = [i for i, first in enumerate(groups) if i == first]
    cells: list[Cell] = []
    stands: list[RegretRow] = []
    owned: list[RegretRow] = []
    takes: list[int] = []
    pairs: dict[int, list[tuple[int, int]]] = {}
    for number, loss in enumerate(agenda.losses):
        found = tuple(c for a in lived for c in cells_of(names, loss, number, a))
        cells += found
        # Rows with the same edits would be ties with themselves.
        single = tuple(c for c in found if names.index(c.policy) in own)
        stood = {s.policy: s for s in standings(single)}
        stands += [
            replace(
                stood[names[groups[i]]],
                policy=name,
                minimax=stood[names[groups[i]]].minimax and groups[i] == i,
            )
            for i, name in enumerate(names)
        ]
        menu = among_own(loss, rows, own, number, lived)
        owned += menu
        takes += [names.index(s.policy) for s in (*stood.values(), *menu) if s.minimax]
        mean = np.concatenate([a.loss(number) for a in lived], axis=1).mean(axis=1)
        tops = []
        for ids in (own, [names.index(s.policy) for s in menu]):
            ranked = sorted(ids, key=lambda i: (float(mean[i]), i))
            if len(ranked) > 1:
                tops.append((max(ranked[:2]), min(ranked[:2])))
        pairs[number] = list(dict.fromkeys([*tops, *((i, 0) for i in own if i)]))
    titles = {p.id: p.name for p in rows} | {a.id: a.title for a in case.assessments.values()}
    interests = {p.id: p.name for p in rows} | {x.id: x.name for x in agenda.losses}
    turns = []
    asked = [*((i, 0) for i in own if i), *itertools.combinations(sorted(set(takes) - {0}), 2)]
    for i, j in dict.fromkeys(asked):
        better = [(x, *signs(lived, n, i, j)) for n, x in enumerate(agenda.losses)]
        same = all(np.array_equal(t[i], t[j]) for a in lived for t in a.terms)
        turns.append(turned((names[i], names[j]), better, len(lived), same, titles))
    first = case.crisis.first
    return Compared(
        case=case.id,
        model_sha256=case.model_sha256,
        seed=seed,
        worlds=worlds,
        as_of=as_of,
        begins=first if as_of is None else as_of + dt.timedelta(1),
        last=case.crisis.shown_last,
        agenda=agenda,
        rows=rows,
        groups=groups,
        assessments=tuple((a.assessment, a.worlds, a.effective) for a in lived),
        left_out=left_out,
        cells=tuple(cells),
        standings=tuple(stands),
        turns=tuple(turns),
        priceless=priceless(tuple(c for c in cells if names.index(c.policy) in own), interests),
        own=tuple(owned),
        search=flips(case, agenda.losses, rows, lived, pairs),
    )


def policies(
    case: Case,
    agenda: Agenda,
    rivals: dict[str, Assessment | None],
    history: History | None,
    as_of: dt.date | None,
    worlds: int,
    seed: int,
    each: int = 1,
    threads: int | None = None,
    bars: tuple[Progress | None, Progress | None] = (None, None),
) -> Compared:
    """Everything, from a case and its policies to the comparison. `rivals`: assessments by name,
    None for the case as it is. `as_of` None: free worlds, without reports. `bars` hear of days
    simulated by islands, and of worlds simulated to the end.

    An assessment of whose worlds none, or too few, agree with the reports is left out and said so.
    Raises ValueError if none is left, or a policy cannot begin on that day; CaseError if one
    changes nothing then, or not what it says.
    """
    if as_of is not None:
        begin_on(agenda, case.crisis, as_of + dt.timedelta(1))
    cases = {name: case if a is None else under(case, a) for name, a in rivals.items()}
    if as_of is None:
        crises = {name: own.crisis for name, own in cases.items()}
        lived = lived_freely(case, agenda, crises, worlds, seed, threads, bars[1])
        return compared(case, agenda, lived, seed, None, worlds)
    assert history is not None
    posteriors, left_out = {}, []
    for name, own in cases.items():
        try:
            p = posterior_of(own, history, as_of, worlds, seed, threads, bars[0])
        except Impossible as error:
            left_out.append((name, f"no world agrees with the reports: {error}"))
            continue
        why = p.refusal()
        if why:
            left_out.append((name, why))
        else:
            posteriors[name] = p
    if not posteriors:
        raise ValueError("; ".join(f"{name}: {why}" for name, why in left_out))
    lived = lived_among_reports(case, agenda, posteriors, as_of, seed, each, threads, bars[1])
    return compared(case, agenda, lived, seed, as_of, worlds, tuple(left_out))

"""Losses of policies under rival assessments, and regret.

For a loss L, a policy p and an assessment a

    regret(p, a) = L(p, a) - min over q of L(q, a)

and minimax regret takes the policy whose largest regret over assessments is smallest (Savage 1951,
JASA 46). It needs no probabilities of assessments. Beside it stands the share of assessments in
which a policy is near the best (the domain criterion of Starr 1962, as in Lempert 2019).

Two policies are a tie where their paired difference is within two errors of nought. Regret is
biased upwards by the noise of the best mean; two errors of the difference from the best bound how
much.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from offramp.case.agenda import Loss, Policy
from offramp.explain.policy_worlds import Floats, Lived, error_of_mean

TIE = 2.0  # errors within which two policies are a tie


@dataclass(frozen=True)
class Part:
    """One term of a loss under a policy: how it differs from as it is."""

    name: str
    difference: float
    mc_error: float


@dataclass(frozen=True)
class Cell:
    """A policy under one assessment and one loss. `difference` is from as it is, lower is better;
    `near_best`: within two errors of the best. Errors are of paired differences."""

    loss: str
    policy: str
    assessment: str
    mean: float
    difference: float
    mc_error: float
    regret: float
    regret_error: float
    near_best: bool
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Standing:
    """A policy over all assessments: its largest regret, where that is, how far it lies above the
    smallest largest regret of all, and the share of assessments in which it is near the best.
    `rival` is the policy that is best there; `tied` whether minimax regret cannot tell it from the
    policy that it takes."""

    loss: str
    policy: str
    max_regret: float
    max_regret_error: float
    at: str
    rival: str
    near_best_share: float
    minimax: bool
    tied: bool


def cells_of(rows: tuple[str, ...], loss: Loss, number: int, lived: Lived) -> tuple[Cell, ...]:
    """One loss under one assessment, a cell a policy."""
    values, parts = lived.loss(number), lived.terms[number]
    means = values.mean(axis=1)
    best = int(means.argmin())

    def error(x: Floats) -> float:
        return error_of_mean(x, *lived.groupings)

    out = []
    for i, row in enumerate(rows):
        regret, off = float(means[i] - means[best]), error(values[i] - values[best])
        out.append(
            Cell(
                loss=loss.id,
                policy=row,
                assessment=lived.assessment,
                mean=float(means[i]),
                difference=float(means[i] - means[0]),
                mc_error=error(values[i] - values[0]),
                regret=regret,
                regret_error=off,
                near_best=regret <= TIE * off,
                parts=tuple(
                    Part(
                        t.name,
                        float((parts[i, k] - parts[0, k]).mean()),
                        error(parts[i, k] - parts[0, k]),
                    )
                    for k, t in enumerate(loss.terms)
                ),
            )
        )
    return tuple(out)


def standings(cells: tuple[Cell, ...]) -> tuple[Standing, ...]:
    """Minimax regret and near-best shares of one loss, from its cells under all assessments."""
    policies = list(dict.fromkeys(c.policy for c in cells))
    best = {c.assessment: c.policy for c in sorted(cells, key=lambda c: -c.regret)}
    worst = {p: max((c for c in cells if c.policy == p), key=lambda c: c.regret) for p in policies}
    least = min(policies, key=lambda p: worst[p].regret)
    out = []
    for p in policies:
        own, w = [c for c in cells if c.policy == p], worst[p]
        above = w.regret - worst[least].regret
        error = math.hypot(w.regret_error, worst[least].regret_error)
        out.append(
            Standing(
                loss=w.loss,
                policy=p,
                max_regret=w.regret,
                max_regret_error=w.regret_error,
                at=w.assessment,
                rival=best[w.assessment],
                near_best_share=sum(c.near_best for c in own) / len(own),
                minimax=p == least,
                tied=above <= TIE * error,
            )
        )
    return tuple(out)


def among_own(
    loss: Loss, rows: tuple[Policy, ...], single: list[int], number: int, lived: tuple[Lived, ...]
) -> tuple[Standing, ...]:
    """Standings among what the loss's own actors can do, alone or with others: one regrets what
    one could have chosen. Nothing where a loss names nobody, or they have one policy or none."""
    menu = [i for i in single if i == 0 or set(rows[i].addressee) & set(loss.of)]
    if len(menu) < 3:
        return ()
    names = tuple(rows[i].id for i in menu)
    found: list[Cell] = []
    for a in lived:
        chosen = tuple(t[menu] for t in a.terms)
        found += cells_of(names, loss, number, replace(a, terms=chosen))
    return standings(tuple(found))

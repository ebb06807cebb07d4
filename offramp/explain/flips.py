"""The unknowns that flip the ranking of two policies: below one value the one is better, above it
the other (scenario discovery at one split; Lempert 2019)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.case.agenda import Loss, Policy
from offramp.case.case import Case
from offramp.engine.elementary import normal_quantile
from offramp.explain.policy_worlds import Floats, Lived, error_of_mean
from offramp.explain.regret import TIE
from offramp.explain.turns import spoken
from offramp.language.crisis import Crisis

LEAST = 0.1  # share of worlds that both sides of a split must have


@dataclass(frozen=True)
class Flip:
    """An unknown whose two halves rank two policies the opposite way, beyond two errors in both.

    low, high     the mean paired difference, first minus second, below and above the split (for an
                  unknown of named values: at the value, and at the others)
    firm          also after allowing for the number of splits that were looked at (Bonferroni)
    """

    loss: str
    first: str
    second: str
    unknown: str
    title: str
    split: str
    low: float
    low_error: float
    high: float
    high_error: float
    firm: bool
    words: str


@dataclass(frozen=True)
class Search:
    """Flips that were found, among how many splits."""

    flips: tuple[Flip, ...]
    splits: int


Split = tuple[int, str, NDArray[np.bool_]]  # the unknown's place, the split in words, which worlds


def splits_of(crisis: Crisis, unknowns: Floats) -> list[Split]:
    """Each unknown at its median; one of named values at each value against the others."""
    out: list[Split] = []
    for k, u in enumerate(crisis.unknowns):
        x = unknowns[:, k]
        if u.options:
            found = [(o.name, x == j) for j, o in enumerate(u.options)]
            if len(found) == 2:
                found = found[:1]
        else:
            middle = float(np.median(x))
            found = [(f"{middle:.3g}", x < middle)]
        out += [
            (k, name, side) for name, side in found if LEAST <= float(side.mean()) <= 1.0 - LEAST
        ]
    return out


def flips(
    case: Case,
    losses: tuple[Loss, ...],
    rows: tuple[Policy, ...],
    lived: tuple[Lived, ...],
    pairs: dict[int, list[tuple[int, int]]],
) -> Search:
    """The unknowns that turn a pair of policies round, in the worlds of all assessments together.

    An error of a half is put together from the assessments' own (added up, as they have dice in
    common), so what they differ in on average is no error. `pairs`: per loss (its number), pairs of
    rows.
    """
    crisis = case.crisis
    unknowns = np.concatenate([a.unknowns for a in lived])
    edges = np.cumsum([0, *(a.worlds for a in lived)])
    halves = splits_of(crisis, unknowns)
    looked = sum(len(p) for p in pairs.values()) * len(halves)
    strict = -normal_quantile(0.025 / looked) if looked else TIE

    def mean(d: Floats, side: NDArray[np.bool_]) -> tuple[float, float]:
        n, error = int(side.sum()), 0.0
        for a, begin, end in zip(lived, edges[:-1], edges[1:], strict=True):
            here = side[begin:end]
            m = int(here.sum())
            if m > 1:
                off = error_of_mean(d[begin:end][here], *(g[here] for g in a.groupings))
                error += m / n * off
            elif m == 1:
                error = math.inf
        return float(d[side].mean()), error

    found = []
    for number, chosen in pairs.items():
        values = np.concatenate([a.loss(number) for a in lived], axis=1)
        for i, j in chosen:
            d = values[i] - values[j]
            for k, name, side in halves:
                (low, low_error), (high, high_error) = mean(d, side), mean(d, ~side)
                sure = min(_errors(low, low_error), _errors(high, high_error))
                if low * high < 0 and sure > TIE:
                    found.append(
                        _flip(
                            crisis,
                            losses[number],
                            rows[i].id,
                            rows[j].id,
                            k,
                            name,
                            low,
                            low_error,
                            high,
                            high_error,
                            sure > strict,
                        )
                    )
    return Search(tuple(sorted(found, key=lambda f: not f.firm)), looked)


def _errors(x: float, error: float) -> float:
    return abs(x) / error if error > 0 else (math.inf if x else 0.0)


def _flip(
    crisis: Crisis,
    loss: Loss,
    first: str,
    second: str,
    k: int,
    name: str,
    low: float,
    low_error: float,
    high: float,
    high_error: float,
    firm: bool,
) -> Flip:
    u = crisis.unknowns[k]
    here, there = map(spoken, (first, second) if low < 0 else (second, first))
    if u.options:
        words = f"where `{u.name}` is {name} {here} is better, elsewhere {there}"
    else:
        words = f"below {name} of `{u.name}` {here} is better, above it {there}"
    return Flip(
        loss=loss.id,
        first=first,
        second=second,
        unknown=u.name,
        title=u.title,
        split=name,
        low=low,
        low_error=low_error,
        high=high,
        high_error=high_error,
        firm=firm,
        words=words,
    )

"""What being told a thing is worth: how far it is expected to lower the Brier score of a yes or no.

Who knows in which cell of a partition a world lies answers with the share of yeses there, and the
expected Brier score falls by what these shares differ in (the resolution of Murphy 1973): of two
cells by s (1 - s) (q1 - q0)^2. That is the expected value of information under quadratic loss
(Raiffa and Schlaifer 1961; of a parameter, Strong, Oakley and Brennan 2014).

Shares of drawn worlds differ by luck too, so the plain figure is too large. The jackknife that
leaves out a group at a time takes that off, to the order of one over the number of worlds
(Quenouille 1956), and gives the error (Tukey 1958; of unequal groups, Busing, Meijer and van der
Leeden 1999). The groups are the islands of conditioned worlds, so that what their worlds have in
common is in the error. No error is below that of worlds in which there is nothing to tell: of a few
worlds without a single yes all groups agree, by luck.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.filter.islands import student

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
SURE = 0.95  # of one side


@dataclass(frozen=True)
class Worth:
    """An expected drop of the Brier score, its standard error, and of how many groups."""

    drop: float
    error: float
    groups: int

    @property
    def told(self) -> bool:
        """Whether it is above 0 beyond what chance would give once in twenty. Near 0 the
        jackknife's error is larger than it need be, so that luck passes far more seldom."""
        return self.groups > 1 and self.drop > student(SURE, self.groups - 1) * self.error


NOTHING = Worth(0.0, math.inf, 0)


def drop(n: Floats, yes: Floats, worlds: Floats | float) -> Floats:
    """The drop by knowing, beside the cell of the last axis but one, that of the last: of `n`
    worlds in each, `yes` of them with a yes. `worlds` are all, also those that are in no cell since
    nobody asks there any more."""
    fine = _squares(n, yes).sum(axis=(-1, -2))
    coarse = _squares(n.sum(axis=-1), yes.sum(axis=-1)).sum(axis=-1)
    return np.asarray((fine - coarse) / worlds)


def _squares(n: Floats, yes: Floats) -> Floats:
    return np.asarray(yes * yes / np.maximum(n, 1.0))


def worth(n: Floats, yes: Floats, sizes: Floats) -> Worth:
    """The drop from counts (groups, cells before, cells told) of worlds in groups of these sizes,
    with the luck of the draw taken off."""
    some = sizes > 0
    n, yes, sizes = n[some], yes[some], sizes[some]
    k, whole = len(sizes), float(sizes.sum())
    if k < 2:
        return NOTHING
    plain = float(drop(n.sum(axis=0), yes.sum(axis=0), whole))
    without = drop(n.sum(axis=0) - n, yes.sum(axis=0) - yes, whole - sizes)
    value = k * plain - float(((1.0 - sizes / whole) * without).sum())
    h = whole / sizes
    off = h * plain - (h - 1.0) * without - value
    error = math.sqrt(float((off * off / (h - 1.0)).sum()) / k)
    return Worth(value, max(error, by_luck(n.sum(axis=0), yes.sum(axis=0), whole)), k)


def by_luck(n: Floats, yes: Floats, worlds: float) -> float:
    """The sd of the plain drop where what is told has nothing to do with the answer: of a sum of
    chi squares, one for each cell told beyond the first, times the variance of the cell before."""
    all, told = n.sum(axis=-1), (n > 0).sum(axis=-1)
    p = yes.sum(axis=-1) / np.maximum(all, 1.0)
    spread = (p * (1.0 - p)) ** 2 * 2.0 * np.maximum(told - 1, 0)
    return math.sqrt(float(spread.sum())) / worlds


def counted(
    group: Counts, before: Counts, told: Counts, yes: NDArray[np.bool_], groups: int
) -> tuple[Floats, Floats]:
    """Counts (groups, cells before, cells told) of worlds, and of those with a yes."""
    shape = (groups, int(before.max(initial=0)) + 1, int(told.max(initial=0)) + 1)
    place = (group * shape[1] + before) * shape[2] + told
    size = math.prod(shape)
    return (
        np.bincount(place, minlength=size).astype(float).reshape(shape),
        np.bincount(place, yes, minlength=size).astype(float).reshape(shape),
    )

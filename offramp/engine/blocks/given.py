"""What the machine is given, by name: a tape, where a world's memory holds what, and the arrays to
fill. Tuples with names, for Numba compiles these and no dataclass; `machinery` compiles for the
types of `none`, which are those of a run."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class MemoryLayout(NamedTuple):
    """The slots of a world's memory: where each group of them begins, and how many it has."""

    first_quantity: int
    quantities: int
    after: int  # the first quantity as it stands in the evening; as many as quantities
    first_unknown: int
    unknowns: int
    happened: int  # the first event; as many as events
    first_daily: int
    daily: int  # 0 each morning


class Native(NamedTuple):
    """Native code of some sections of a tape (`native.py`, `tiers.py`).

    code      the tape's instructions, and behind them others, some of which call a piece by its
              address; nothing where there are none
    sections  of each section of the tape the first and last instruction; -1, -1: it has none
    consts    the constants that pieces read
    proofs    of each section how often the machine still runs the tape beside it
    wrong     of each section 1 if it stored something else; then the tape alone is run. Apart from
              the proofs, which threads count down together
    worlds    how many worlds went through each section, counted by the machine
    registers that the code takes
    """

    code: NDArray[np.int64]
    sections: NDArray[np.int64]
    consts: NDArray[np.float64]
    proofs: NDArray[np.int64]
    wrong: NDArray[np.int64]
    worlds: NDArray[np.int64]
    registers: int

    @staticmethod
    def none(sections: int) -> Native:
        return Native(
            code=np.zeros((0, 6), np.int64),
            sections=np.full((sections, 2), -1),
            consts=np.zeros(1),
            proofs=np.zeros(sections, np.int64),
            wrong=np.zeros(sections, np.int64),
            worlds=np.zeros(sections, np.int64),
            registers=0,
        )


class Instructions(NamedTuple):
    """A tape, as in `tape.Tape`; the machine writes today into `consts[0]`."""

    code: NDArray[np.int64]
    consts: NDArray[np.float64]
    sites: NDArray[np.uint64]
    sections: NDArray[np.int64]
    days: NDArray[np.int64]
    begins: int  # how many sections are of the first morning
    registers: int
    layout: MemoryLayout
    native: Native

    @staticmethod
    def none() -> Instructions:
        return Instructions(
            code=np.zeros((0, 6), np.int64),
            consts=np.zeros(1),
            sites=np.zeros(1, np.uint64),
            sections=np.zeros((0, 7), np.int64),
            days=np.zeros(0, np.int64),
            begins=0,
            registers=0,
            layout=MemoryLayout(*([0] * len(MemoryLayout._fields))),
            native=Native.none(0),
        )


class Records(NamedTuple):
    """What is watched, and the arrays of what is seen.

    days       of the course: what is seen after them goes into `atoms` alone
    watch      a row a monitor: function, event, branch, quantity, first day, last day
    is_in      quantity and slot of what may collide
    shown      the quantities that are shown, with their bounds `low` and `high` and their `bins`
    atoms      (worlds, monitors)
    unknowns   (worlds, unknowns)
    happened   (worlds, events): how often
    bands      (shown, days, bins): worlds
    collided   (quantities,): worlds in which it collided
    logs       (told, days, events): 1 + the branch that it took, of the first worlds
    series     (traced, days, shown): the value at the end of the day, of the first worlds
    """

    days: int
    watch: NDArray[np.int64]
    is_in: NDArray[np.int64]
    shown: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    bins: NDArray[np.int64]
    atoms: NDArray[np.float64]
    unknowns: NDArray[np.float64]
    happened: NDArray[np.int64]
    bands: NDArray[np.int64]
    collided: NDArray[np.int64]
    logs: NDArray[np.uint8]
    series: NDArray[np.float64]

    @staticmethod
    def none() -> Records:
        return Records(
            days=0,
            watch=np.zeros((0, 6), np.int64),
            is_in=np.zeros((0, 2), np.int64),
            shown=np.zeros(0, np.int64),
            low=np.zeros(0),
            high=np.zeros(0),
            bins=np.zeros(0, np.int64),
            atoms=np.zeros((0, 0)),
            unknowns=np.zeros((0, 0)),
            happened=np.zeros((0, 0), np.int64),
            bands=np.zeros((0, 0, 0), np.int64),
            collided=np.zeros(0, np.int64),
            logs=np.zeros((0, 0, 0), np.uint8),
            series=np.zeros((0, 0, 0)),
        )

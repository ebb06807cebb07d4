"""What a run gives to a plan that several variants of a crisis share (`blocks/variants.py`)."""

from __future__ import annotations

from dataclasses import dataclass

from offramp.language.expressions import Ref

Given = float | Ref  # a number, or the input that gives it: a Ref to `input`, named by its place


@dataclass(frozen=True)
class Draw:
    """A prior some of whose numbers are given; the kind and its numbers as in `plan.Prior`."""

    kind: str
    a: Given
    b: Given
    chances: tuple[Given, ...]


@dataclass(frozen=True)
class Ways:
    """The ways in which an unknown may be drawn, and which of them it is, from 0 on."""

    which: Given
    draws: tuple[Draw, ...]


@dataclass(frozen=True)
class Inputs:
    """How many numbers are given, and where they stand beside those in formulas: as low and high
    bounds of quantities, and in priors of unknowns, by name."""

    count: int = 0
    bounds: tuple[tuple[str, Given, Given], ...] = ()
    priors: tuple[tuple[str, Ways], ...] = ()


NONE = Inputs()

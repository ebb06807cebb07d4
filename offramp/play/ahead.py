"""What may lie ahead of a morning of a game, with the model deciding for everybody: parts that
questions about it share."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from offramp.case.case import Case
from offramp.engine.monitors import Monitor
from offramp.engine.plan import Mind
from offramp.explain.gains import valued
from offramp.play.game import Beginning
from offramp.play.sight import countable

Floats = NDArray[np.float64]


def seed_after(begins: Beginning, day: int) -> int:
    """New dice for what comes after a day of a game: no other game's, and none of its own."""
    name = f"after day {day} of world {begins.number} of seed {begins.seed}"
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:7], "big")


def finals(case: Case, last: int) -> tuple[Monitor, ...]:
    """Every quantity on the evening of a day."""
    return tuple(
        Monitor(function="final", event=None, outcome=None, quantity=q, first=last, last=last)
        for q in range(len(case.crisis.states))
    )


def worths(mind: Mind, quantities: Floats, unknowns: Floats, day: float) -> Floats:
    """What an actor's wants that read no belief are worth, in each world (a row of both)."""
    total = np.zeros(len(quantities))
    for term in countable(mind):
        total += valued(term.value, quantities, unknowns, day)
    return total

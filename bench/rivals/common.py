"""What every rival is given and gives back.

A rival lives worlds of the `tutorial` case and keeps what its questions watch: one row of atoms a
world, and a daily histogram of each shown quantity. It may throw its own dice, or be fed a table of
uniform numbers, so that its worlds can be laid beside Offramp's one by one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DAYS = 90

# The columns of `Worlds.atoms`, in the words of the case's questions.
ATOMS = (
    "count(kelmark.blockade)",
    "count(swarm.death)",
    "count(vessara.land)",
    "count(naval_war)",
    "final(sailors_dead)",
    "count(kelmark.assembly.ships.carried)",
    "highest(accord)",
    "count(kelmark.election.moderates)",
    "count(swarm)",
    "first(kelmark.board)",
)

# Shown quantities: lowest and highest value, and the number of bins of their histograms.
SHOWN = {
    "rung": (0.0, 5.0, 51),
    "trade": (0.0, 1.2, 101),
    "kelmark.grievance": (0.0, 8.0, 101),
    "control": (0.0, 1.0, 101),
    "boats": (0.0, 400.0, 101),
}

# The dice a world throws. The first are thrown once, on day 0.
ONCE = (
    "unknown kelmark.line",
    "unknown steering",
    "unknown lethality",
    "unknown tempo",
    "unknown vessara.zeal",
    "unknown kelmark.precision",
    "mood vessara",
    "mood kelmark",
)
DAILY = (
    "hazard fog",
    "hazard naval_war",
    "opening vessara",
    "opening kelmark",
    "opening skippers",
    "choice vessara",
    "choice kelmark",
    "choice skippers",
    "outcome swarm",
    "outcome fog",
    "signature cable_cut",
    "consent staff vessara.land",
    "outcome kelmark.election",
    "vote kelmark.assembly.ships crown",
    "vote kelmark.assembly.ships harbour",
    "vote kelmark.assembly.ships free_list",
    "vote league.observers willing",
    "vote league.observers wavering",
    "veto league.observers kelmark",
)
SITES = ONCE + DAILY

# Uniform numbers for every site, each (days, worlds).
Fed = dict[str, NDArray[np.float64]]


@dataclass(frozen=True)
class Worlds:
    """Some lived worlds: atoms (worlds, len(ATOMS)) and, a quantity, counts (days, bins)."""

    atoms: NDArray[np.float64]
    bands: dict[str, NDArray[np.int64]]


def merged(parts: list[Worlds]) -> Worlds:
    """All the parts as one."""
    return Worlds(
        np.concatenate([p.atoms for p in parts]),
        {name: np.sum([p.bands[name] for p in parts], axis=0) for name in SHOWN},
    )


def bin_of(name: str, value: float) -> int:
    """The bin of one value of a shown quantity."""
    low, high, bins = SHOWN[name]
    share = min(1.0, max(0.0, (value - low) / (high - low)))
    return int(share * (bins - 1) + 0.5)

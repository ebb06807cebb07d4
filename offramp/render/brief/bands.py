"""What the pictures need from a band's histogram: quantiles by day, shares of rungs by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from offramp.engine.ensemble import A_LEVEL

if TYPE_CHECKING:
    from offramp.engine.ensemble import Band, Ensemble

Floats = npt.NDArray[np.float64]


def climbs(ensemble: Ensemble) -> bool:
    """Whether any quantity that is shown has levels: an edit may hold the only one at a number."""
    return any(band.levels for band in ensemble.bands.values())


def ladder(ensemble: Ensemble) -> tuple[str, Band]:
    """The quantity that the crisis climbs, the first band with levels; its rungs' names as words.
    There is one where `climbs`."""
    key, band = next((key, band) for key, band in ensemble.bands.items() if band.levels)
    return key, replace(band, levels=tuple(name.replace("_", " ") for name in band.levels))


def rung_quantiles(band: Band, probabilities: list[float]) -> Floats:
    """Quantiles in rungs (0 = lowest), an array (days, probabilities).

    A bin's worlds are spread evenly over its width: an eleventh of a rung at most is invented, and
    worlds far apart stay far apart, which interpolating between occupied bins would not keep.
    """
    top = len(band.levels) - 1
    return np.stack([_quantiles(day, probabilities, top) for day in band.counts])


def _quantiles(counts: npt.NDArray[np.int64], probabilities: list[float], top: int) -> Floats:
    below = np.concatenate([[0], np.cumsum(counts)]).astype(float)
    edges = np.clip((np.arange(len(below)) - 0.5) / A_LEVEL, 0, top)
    values: Floats = np.interp(np.asarray(probabilities) * below[-1], below, edges)
    return values


def rung_shares(band: Band) -> Floats:
    """The share of worlds nearest to each rung, an array (days, rungs)."""
    rungs = len(band.levels)
    nearest = (np.arange(band.counts.shape[1]) + A_LEVEL // 2) // A_LEVEL
    worlds = np.stack([band.counts[:, nearest == r].sum(axis=1) for r in range(rungs)], axis=1)
    shares: Floats = worlds / worlds.sum(axis=1, keepdims=True)
    return shares


def peak(band: Band) -> int:
    """The day on which worlds stand highest on the ladder, by their mean rung; the first such."""
    shares = rung_shares(band)
    heights = shares @ np.arange(shares.shape[1])
    return int(np.argmax(heights > heights.max() - 1e-9))


def in_rungs(band: Band, series: Sequence[float]) -> list[float]:
    """One world's values on the scale of `rung_quantiles`."""
    scale = (len(band.levels) - 1) / (band.high - band.low)
    return [(v - band.low) * scale for v in series]

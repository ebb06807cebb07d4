"""Keyed noise: a uniform number for (seed, world, day, what is decided), never by call order.

A stream is named by the decision (`choose us`, `hazard broad_war`), so that inserting an event
leaves all other dice alone, a paired run throws the same dice, and any number of processes gives
the same bytes (Buffalo, Pearson and Klein 2026; Salmon et al. 2011 for counter-based generators).

The generator is a keyed counter hash of two rounds of the splitmix64 finalizer (Steele, Lea and
Flood 2014, constants of Stafford's variant 13). A plain splitmix stream would put all worlds on
one cycle, where two may run into each other; here equal values are isolated coincidences.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15
WORLD = 0xD1342543DE82EF95
_SCALE = 2.0**-52


def mix(z: int) -> int:
    """The finalizer: a bijection of 64-bit integers that looks random."""
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


@functools.cache
def site(name: str) -> int:
    """The key of a decision, from its name: the first 8 bytes of its SHA-256."""
    return int.from_bytes(hashlib.sha256(name.encode("utf-8")).digest()[:8], "big")


@functools.lru_cache(maxsize=1 << 16)
def _counter(day: int, draw: int) -> int:
    return mix(((day * 1024 + draw + 1) * GOLDEN) & MASK)


def world_key(seed: int, world: int) -> int:
    """What all dice of a world hang on."""
    return mix(mix((seed + GOLDEN) & MASK) ^ ((world * WORLD + 1) & MASK))


class Dice:
    """The dice of one world."""

    __slots__ = ("_keys", "_world")

    def __init__(self, seed: int, world: int) -> None:
        self._world = world_key(seed, world)
        self._keys: dict[str, int] = {}

    def uniform(self, name: str, day: int, draw: int = 0) -> float:
        """A number in the open interval (0, 1): one of 2^52 midpoints, so that 1 - u is exact."""
        key = self._keys.get(name)
        if key is None:
            key = self._keys[name] = mix(self._world ^ site(name))
        z = mix((key + _counter(day, draw)) & MASK)
        return ((z >> 12) + 0.5) * _SCALE


# ---- the same for many worlds at once ------------------------------------------------------

Keys = NDArray[np.uint64]


def mixed(z: Keys) -> Keys:
    """`mix` of each number; products wrap round at 2^64."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def world_keys(seed: int, numbers: Sequence[int] | range) -> Keys:
    """`world_key` of each number."""
    return _keys(mix((seed + GOLDEN) & MASK), np.asarray(numbers, np.uint64))


def named_keys(seed: int, name: str, count: int) -> Keys:
    """Fresh keys, `count` of them, for a purpose that has a name."""
    return _keys(mix(mix((seed + GOLDEN) & MASK) ^ site(name)), np.arange(count, dtype=np.uint64))


def _keys(start: int, numbers: Keys) -> Keys:
    return mixed(np.uint64(start) ^ (numbers * np.uint64(WORLD) + np.uint64(1)))


def uniforms(keys: Keys, name: str) -> NDArray[np.float64]:
    """`Dice.uniform(name, 0)` in worlds of these keys."""
    z = mixed(mixed(keys ^ np.uint64(site(name))) + np.uint64(_counter(0, 0)))
    return ((z >> np.uint64(12)).astype(np.float64) + 0.5) * _SCALE

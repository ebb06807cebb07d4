"""Evidence without moves: draws of the prior that stay where they are, each with a plain particle
filter of its own over its noise (the likelihood estimate of Andrieu, Doucet and Holenstein 2010).
Slow and simple: an independent check of `history/particles.py`, with which it shares the programs
of a day and nothing else.
"""

from __future__ import annotations

import math

import numpy as np

from offramp.engine.blocks.worlds import Recorder, advance, wide
from offramp.engine.noise import named_keys, uniforms
from offramp.engine.schedule import IMPOSSIBLE
from offramp.filter.simulator import Filter

BLOCK = 1024


def log_likelihoods(
    f: Filter, draws: int, each: int, seed: int, constants: np.ndarray | None = None
) -> np.ndarray:
    """Of each draw of all constants and dates, an unbiased estimate (of the likelihood) by `each`
    worlds; -inf where none could live the reports. With `constants` (dice, draws) those are given,
    and every world has dates of its own."""
    at_once = BLOCK // each
    return np.concatenate(
        [
            _block(
                f,
                min(at_once, draws - a),
                each,
                f"{seed} {a}",
                None if constants is None else constants[:, a : a + at_once],
            )
            for a in range(0, draws, at_once)
        ]
    )


def _block(f: Filter, draws: int, each: int, name: str, constants: np.ndarray | None) -> np.ndarray:
    n = draws * each
    own, keys = named_keys(11, f"draws {name}", draws), named_keys(11, f"worlds {name}", n)
    width = wide(n)
    memory = f.memory(width)
    for k, (die, slot) in enumerate(zip(f.dice, f.given, strict=True)):
        if constants is None:
            memory[slot, :n] = np.repeat(uniforms(own, die), each)
        elif k < len(constants):
            memory[slot, :n] = np.repeat(constants[k], each)
        else:
            memory[slot, :n] = uniforms(keys, die)
    kept = Recorder.nothing(f.plan, n)
    advance(f.tape, kept, memory.reshape(-1), width, keys, -1, 0)
    before, log_weights = np.zeros(n), np.zeros((draws, each))
    evidence, dead = np.zeros(draws), np.zeros(draws, bool)
    for day in range(f.schedule.last + 1):
        advance(f.tape, kept, memory.reshape(-1), width, keys, day, day + 1)
        now = memory[f.log_weight, :n].copy()
        log_weights += (now - before).reshape(draws, each)
        top = log_weights.max(axis=1)
        dead |= top < IMPOSSIBLE
        w = np.exp(log_weights - top[:, None])
        total = w.sum(axis=1)
        few = (total**2 / (w**2).sum(axis=1) < each / 2) & ~dead
        places = np.arange(n).reshape(draws, each)
        dice = uniforms(named_keys(11, f"{name} resampled {day}", draws), "which")
        for k in np.flatnonzero(few):
            evidence[k] += top[k] + math.log(total[k] / each)
            sums = np.cumsum(w[k]) / total[k]
            points = (np.arange(each) + dice[k]) / each
            places[k] = k * each + np.minimum(np.searchsorted(sums, points), each - 1)
            log_weights[k] = 0.0
        flat = places.reshape(-1)
        memory[:, :n], before = memory[:, flat], now[flat]
        fresh = named_keys(11, f"{name} from day {day + 1}", n)
        keys = np.where(np.repeat(few, each), fresh, keys)
    top = log_weights.max(axis=1)
    last = evidence + top + np.log(np.exp(log_weights - top[:, None]).mean(axis=1))
    last[dead] = -math.inf
    return last


def log_evidence(logs: np.ndarray) -> tuple[float, float]:
    """The log of their mean, and its standard error."""
    z = np.exp(logs - logs.max())
    mean = float(z.mean())
    error = float(z.std(ddof=1)) / math.sqrt(len(z)) / mean
    return float(logs.max()) + math.log(mean), error

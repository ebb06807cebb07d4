"""Offramp's own worlds for the benches: the one place that knows how its engines are called.

By their tapes alone: native code would come in the middle of a measurement (`native.py` has it)."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.rivals.common import ATOMS, DAYS, ONCE, SITES, Fed
from offramp.answers.forecast import Watch, outcomes, watches
from offramp.case.case import load
from offramp.engine.blocks import machinery, worlds
from offramp.engine.blocks.worlds import simulate
from offramp.engine.ensemble import Ensemble, merge
from offramp.engine.monitors import Monitor
from offramp.engine.noise import Dice
from offramp.engine.plan import Plan, plan
from offramp.engine.run import RunSpec, run_chunk
from offramp.language.crisis import Crisis

BLOCK = 2048  # worlds a call
os.environ["OFFRAMP_NATIVE"] = "0"


@dataclass(frozen=True)
class Engine:
    """A crisis ready to run."""

    laid: Plan
    job: RunSpec
    loaded: worlds.Loaded | None

    def block(self, numbers: range) -> Ensemble:
        """Some worlds through the compiled kernel: the one call into its internals."""
        assert self.loaded is not None
        return worlds.block(self.loaded, self.job, tuple(numbers))

    def compiled(self, count: int, threads: int = 1) -> Ensemble:
        """Worlds through the compiled kernel, without the self-check of a forecast."""
        parts = [range(a, min(a + BLOCK, count)) for a in range(0, count, BLOCK)]
        if threads == 1:
            return merge([self.block(part) for part in parts])
        with ThreadPoolExecutor(threads) as pool:
            return merge(list(pool.map(self.block, parts)))

    def reference(self, worlds: int) -> Ensemble:
        """Worlds through the reference interpreter."""
        return run_chunk(self.laid, self.job, range(worlds))

    def forecast(self, worlds: int) -> Ensemble:
        """Worlds as a forecast lives them, on one thread."""
        return simulate(self.job, worlds, 1)


def engine(
    crisis: Crisis, monitors: tuple[Monitor, ...] = (), seed: int = 7, fast: bool = True
) -> Engine:
    """The crisis laid out, and compiled if wanted and possible."""
    laid = plan(crisis)
    loaded = worlds.load(laid) if fast and machinery.available() else None
    return Engine(laid, RunSpec(crisis, monitors, seed), loaded)


@dataclass(frozen=True)
class Tutorial:
    """The tutorial case, its questions, and where the rivals' atoms stand among its monitors."""

    engine: Engine
    watched: list[Watch]
    columns: list[int]

    def as_rivals_see(self, ensemble: Ensemble) -> NDArray[np.float64]:
        """The atoms in the rivals' order."""
        return np.asarray(ensemble.atoms[:, self.columns])

    def shares(self, atoms: NDArray[np.float64]) -> dict[str, tuple[float, float]]:
        """Each question's probability, or quantity's mean, with its standard error.

        `atoms` are in the rivals' order.
        """
        own = np.zeros_like(atoms)
        own[:, self.columns] = atoms
        found = {}
        for w in self.watched:
            values = np.array(outcomes(self.engine.laid, w, w.question.asks, own))
            if w.question.given is not None:
                met = outcomes(self.engine.laid, w, w.question.given, own)
                values = values[np.array(met, bool)]
            n = max(1, len(values))
            p = float(values.mean()) if len(values) else 0.0
            error = float(values.std()) / np.sqrt(n)
            if w.question.binary:  # never 0, even where all worlds agree
                p0 = (values.sum() + 0.5) / (n + 1.0)
                error = float(np.sqrt(p0 * (1.0 - p0) / (n + 2.0)))
            found[w.question.id] = (p, error)
        return found


def tutorial(seed: int = 7, fast: bool = True) -> Tutorial:
    """The shipped case, compiled if wanted."""
    case = load("tutorial")
    watched, monitors = watches(case, case.crisis.first)
    place = {
        f"{function}({name})": column
        for w in watched
        for (function, name), column in w.atoms.items()
    }
    return Tutorial(
        engine(case.crisis, monitors, seed, fast), watched, [place[name] for name in ATOMS]
    )


def uniforms(worlds: int, seed: int, first: int = 0) -> Fed:
    """Offramp's dice as a table, so that a rival can live the very same worlds."""
    fed = {}
    dice = [Dice(seed, number) for number in range(first, first + worlds)]
    for name in SITES:
        days = 1 if name in ONCE else DAYS
        fed[name] = np.array([[d.uniform(name, day) for d in dice] for day in range(days)])
    return fed

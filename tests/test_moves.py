"""Moves leave alone what they aim at, in as many dimensions as the US-Iran case has; a proposal
that is fitted to the worlds that it moves does not, and fails the same test."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from offramp.engine.noise import named_keys, uniforms, world_keys
from offramp.engine.plan import plan
from offramp.engine.schedule import Schedule
from offramp.history.moves import Aim, Mover
from offramp.history.particles import Filter, Floats, Simulator, Worlds, ours, prepare
from offramp.history.read import history_of
from offramp.history.schedule import schedule
from offramp.language.case import load

ISLANDS = 10


class Flat(Simulator):
    """Every world has the same likelihood: nothing is reported yet."""

    def log_weight(self, worlds: Worlds, day: int) -> Floats:
        return np.zeros(self.size)


class Fitted(Mover):
    """The moves of version 0.1.0 of 26 November 2026: a normal that fits the worlds' log-odds is
    the reference of the step, and the acceptance corrects for it as if it were fixed."""

    def constants(self, worlds: Worlds, aim: Aim, what: str) -> Worlds:
        n = worlds.number
        keys = named_keys(7, what, n)
        x = logits(worlds.quantiles)
        middle = x.mean(axis=1, keepdims=True)
        covariance = 0.9 * np.cov(x, bias=True) + 0.1 * math.pi**2 / 3 * np.eye(len(x))
        root = np.linalg.cholesky(covariance)
        inverse = np.linalg.inv(root)
        z = np.array([ours(3, uniforms(keys, f"normal {k}")) for k in range(len(x))])
        y = middle + math.sqrt(1 - self.beta**2) * (x - middle) + self.beta * root @ z
        density = [-0.5 * ((inverse @ (a - middle)) ** 2).sum(axis=0) for a in (x, y)]
        ratio = log_prior(y) - log_prior(x) + density[0] - density[1]
        taken = np.log(uniforms(keys, "accept")) < ratio
        self.beta = min(1.0, max(0.05, self.beta * (1.25 if taken.mean() > 0.3 else 0.8)))
        return replace(worlds, quantiles=np.where(taken, ours(2, y), worlds.quantiles))


def logits(u: Floats) -> Floats:
    return np.asarray(np.log(u) - np.log1p(-u))


def log_prior(x: Floats) -> Floats:
    """The log density of the log-odds of uniform numbers, summed; its mean is -2 for each."""
    return np.asarray((-np.abs(x) - 2.0 * np.log1p(np.exp(-np.abs(x)))).sum(axis=0))


@pytest.fixture(scope="module")
def us_iran() -> Filter:
    """The dice of the US-Iran case as of 20 February 2020, and nothing followed."""
    case = load("us-iran-2020")
    laid = plan(case.crisis)
    import datetime as dt

    s = schedule(laid, history_of(case), dt.date(2020, 2, 20))
    disputed = tuple(x for x in s.sightings if x.day is None)
    return prepare(laid, Schedule(1, disputed, (), ()), 7)


def after_ten_moves(f: Filter, mover: type[Mover], size: int, kind: str) -> tuple[Floats, Floats]:
    """Per island: the mean log prior density less its truth, and the variance of log-odds over the
    prior's, of worlds that began as pairs of copies of draws of the prior."""
    density, variance = [], []
    for island in range(ISLANDS):
        simulator = Flat(f, size, None)
        worlds = simulator.first_worlds(
            world_keys(f.seed, range(island * size, (island + 1) * size))
        )
        worlds = simulator.live(worlds.take(np.repeat(np.arange(size // 2), 2)), 0)
        own, aim = mover(simulator, island), Aim((0,), 0, 1.0)
        for k in range(10):
            worlds = getattr(own, kind)(worlds, aim, f"island {island} move {k}")
        x = logits(worlds.quantiles)
        density.append(float(log_prior(x).mean()) + 2.0 * len(x))
        variance.append(float((x * x).mean()) / (math.pi**2 / 3))
    return np.array(density), np.array(variance)


def errors_away(found: Floats, truth: float) -> float:
    return abs(float(found.mean()) - truth) / (float(found.std(ddof=1)) / math.sqrt(len(found)))


@pytest.mark.parametrize("size", [64, 256])
@pytest.mark.parametrize("kind", ["constants", "recent"])
def test_moves_leave_the_prior_alone_where_nothing_is_reported(
    us_iran: Filter, size: int, kind: str
) -> None:
    density, variance = after_ten_moves(us_iran, Mover, size, kind)
    assert errors_away(density, 0.0) < 4
    assert errors_away(variance, 1.0) < 4


@pytest.mark.parametrize("size", [64, 256])
def test_a_proposal_fitted_to_the_worlds_that_it_moves_does_not(us_iran: Filter, size: int) -> None:
    density, variance = after_ten_moves(us_iran, Fitted, size, "constants")
    assert errors_away(density, 0.0) > 10
    assert float(density.mean()) > 1  # worlds forget how unlikely they were
    assert float(variance.mean()) < 0.9


def test_the_case_has_as_many_dice_as_the_test_needs(us_iran: Filter) -> None:
    assert len(us_iran.given) >= 35

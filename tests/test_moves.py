"""Moves leave alone what they aim at, in as many dimensions as the US-Iran case has; a proposal
that is fitted to the worlds that it moves does not, and fails the same test."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace

import numpy as np
import pytest

from offramp.case.case import load
from offramp.engine.noise import named_keys, uniforms
from offramp.engine.plan import plan
from offramp.engine.schedule import Schedule
from offramp.filter.known import schedule
from offramp.filter.moves import Aim, Mover, normal
from offramp.filter.simulator import Filter, Floats, Morning, Simulator, Worlds, ours, prepare

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


AS_OF = dt.date(2020, 2, 20)


@pytest.fixture(scope="module")
def us_iran() -> Filter:
    """The dice of the US-Iran case as of 20 February 2020, and nothing followed."""
    case = load("us-iran-2020")
    laid = plan(case.crisis)
    s = schedule(laid, case.history, AS_OF)
    disputed = tuple(x for x in s.sightings if x.day is None)
    return prepare(laid, Schedule(last=s.last, sightings=disputed, facts=(), followed=()), 7)


def lived(simulator: Simulator, days: int, copies: int, every: int) -> tuple[Worlds, list[int]]:
    """Worlds of the prior after some days, `copies` of each draw, with new noise every so many."""
    size, starts = simulator.size, [0]
    worlds = simulator.first_worlds(named_keys(simulator.f.seed, "first", size))
    worlds = worlds.take(np.repeat(np.arange(size // copies), copies))
    for day in range(days):
        worlds = simulator.live(worlds, day)
        if day % every == every - 1 and day < days - 1:
            lasting = worlds.memory[simulator.f.lasting, :size]
            keys = named_keys(simulator.f.seed, f"from {day + 1}", size)
            worlds = replace(
                worlds,
                keys=np.concatenate([worlds.keys, keys[None, :]]),
                mornings=(*worlds.mornings, Morning(lasting, np.arange(size))),
            )
            starts.append(day + 1)
            worlds = worlds.take(np.random.default_rng(day).permutation(size))
    return worlds, starts


def after_moves(
    f: Filter, mover: type[Mover], size: int, kind: str, beta: float | None = None
) -> tuple[Floats, Floats]:
    """Per island, after ten moves: the mean log prior density of all dice less its truth, and the
    variance of log-odds over the prior's. Dice are those of constants and dates, and one that the
    noise of the last stretch throws. Worlds began as pairs of copies of draws of the prior."""
    density, variance = [], []
    for island in range(ISLANDS):
        simulator = Flat(replace(f, seed=100 + island), size, None)
        worlds, starts = lived(simulator, f.schedule.last + 1, 2, 10)
        own, aim = mover(simulator, island), Aim(tuple(starts), f.schedule.last, 1.0)
        for k in range(10):
            if beta is not None:
                own.beta = beta
            worlds = getattr(own, kind)(worlds, aim, f"island {island} move {k}")
        thrown = uniforms(worlds.keys[-1], "a die")
        x = logits(np.concatenate([worlds.quantiles, thrown[None, :]]))
        density.append(float(log_prior(x).mean()) + 2.0 * len(x))
        variance.append(float((x * x).mean()) / (math.pi**2 / 3))
    return np.array(density), np.array(variance)


def errors_away(found: Floats, truth: float) -> float:
    return abs(float(found.mean()) - truth) / (float(found.std(ddof=1)) / math.sqrt(len(found)))


@pytest.mark.parametrize("size", [64, pytest.param(256, marks=pytest.mark.slow)])
@pytest.mark.parametrize("kind", ["constants", "recent"])
def test_moves_leave_the_prior_alone_where_nothing_is_reported(
    us_iran: Filter, size: int, kind: str
) -> None:
    density, variance = after_moves(us_iran, Mover, size, kind)
    assert errors_away(density, 0.0) < 4
    assert errors_away(variance, 1.0) < 4


@pytest.mark.slow
@pytest.mark.parametrize("beta", [0.1, 0.4])
def test_short_steps_leave_the_prior_alone(us_iran: Filter, beta: float) -> None:
    density, variance = after_moves(us_iran, Mover, 256, "constants", beta)
    assert errors_away(density, 0.0) < 4
    assert errors_away(variance, 1.0) < 4


class Contracting(Mover):
    """A step that forgets its root: it draws worlds together."""

    def step(self, old: Floats, u: Floats) -> Floats:
        z = (1.0 - self.beta) * ours(3, old) + self.beta * ours(3, u)
        return np.clip(normal(z), 1e-12, 1.0 - 1e-12)


@pytest.mark.slow
def test_a_step_that_draws_worlds_together_does_not(us_iran: Filter) -> None:
    _, variance = after_moves(us_iran, Contracting, 256, "constants", 0.4)
    assert errors_away(variance, 1.0) > 10


def test_moves_change_dates_and_noise(us_iran: Filter) -> None:
    """Else the tests above would compare the prior with itself."""
    simulator = Flat(us_iran, 64, None)
    worlds, starts = lived(simulator, us_iran.schedule.last + 1, 2, 10)
    own, aim = Mover(simulator, 0), Aim(tuple(starts), us_iran.schedule.last, 1.0)
    moved = worlds
    for k in range(10):
        moved = own.recent(moved, aim, f"move {k}")
    dated = len(worlds.quantiles) - len(us_iran.dates)
    assert (moved.quantiles[dated:] != worlds.quantiles[dated:]).mean() > 0.01
    assert (moved.keys[-1] != worlds.keys[-1]).mean() > 0.3
    assert set(own.tally) == {"noise", "days"}


@pytest.mark.parametrize("as_of", ["2020-01-24", "2020-02-20"])
def test_a_kept_morning_gives_the_same_world_as_the_first_day(as_of: str) -> None:
    """For new noise and new dates from each morning on, with all that is reported: the same weights
    and the same state, to the bit."""
    case = load("us-iran-2020")
    laid = plan(case.crisis)
    f = prepare(laid, schedule(laid, case.history, dt.date.fromisoformat(as_of)), 7)
    simulator = Simulator(f, 64, None)
    worlds, starts = lived(simulator, f.schedule.last + 1, 1, 3)
    own, aim = Mover(simulator, 0), Aim(tuple(starts), f.schedule.last, 1.0)
    dated = len(worlds.quantiles) - len(f.dates)
    redrawn = 0
    for since in range(1, len(starts)):
        rng = np.random.default_rng(since)
        quantiles, keys = worlds.quantiles.copy(), worlds.keys.copy()
        for k in own.dated_since(aim, since):
            quantiles[dated + k] = rng.random(64)
            redrawn += 1
        keys[since:] = named_keys(1, f"again {since}", 64)
        changed = replace(worlds, quantiles=quantiles, dates=simulator.dates(quantiles), keys=keys)
        late, whole = (
            simulator.again(
                replace(changed, memory=np.zeros_like(worlds.memory)), starts, aim.day, k
            )
            for k in (since, 0)
        )
        assert np.array_equal(late.before, whole.before)
        assert np.array_equal(late.today, whole.today)
        n = simulator.size
        assert np.array_equal(late.memory[f.lasting, :n], whole.memory[f.lasting, :n])
    assert redrawn > 5


@pytest.mark.parametrize("size", [64, 256])
def test_a_proposal_fitted_to_the_worlds_that_it_moves_does_not(us_iran: Filter, size: int) -> None:
    density, variance = after_moves(us_iran, Fitted, size, "constants")
    assert errors_away(density, 0.0) > 10
    assert float(density.mean()) > 1  # worlds forget how unlikely they were
    assert float(variance.mean()) < 0.9


def test_the_case_has_as_many_dice_as_the_test_needs(us_iran: Filter) -> None:
    assert len(us_iran.given) >= 35

"""But for X: an edit of nothing changes nothing, and abduction agrees with brute force."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from crises import crises
from hypothesis import given, settings
from hypothesis import strategies as st
from racing import pair
from reports import at_random, from_a_world
from slice_case import slice_text

from offramp.answers.forecast import watches
from offramp.case.case import load, read_crisis
from offramp.engine.plan import Plan, plan
from offramp.engine.run import RunSpec
from offramp.engine.schedule import Schedule
from offramp.engine.world import create, live
from offramp.filter.counterfactual import Twins, twins
from offramp.filter.posterior import filtered, futures
from offramp.filter.simulator import prepare
from offramp.language.crisis import Crisis
from offramp.language.edits import Edit, edited

SEED = 5


def lived(crisis: Crisis, changed: Crisis, schedule: Schedule, day: int, size: int = 64) -> Twins:
    f = prepare(plan(crisis), schedule, SEED)
    p = filtered(f, 4, size, (schedule.last,), 1)
    return twins(p, changed, RunSpec(crisis, (), SEED), day, threads=1)


@settings(max_examples=12, deadline=None)
@given(crises(), st.integers(0, 10_000))
def test_without_an_edit_the_twin_is_the_world_to_the_last_bit(text: str, number: int) -> None:
    crisis, _ = read_crisis(text)
    laid = plan(crisis)
    schedule = from_a_world(laid, number, 3, 5, {e.index: 0.9 for e in laid.events})
    both = lived(crisis, crisis, schedule, number % 5, 32)
    assert np.array_equal(both.actual.counts, both.coupled.counts)
    assert [s.log for s in both.actual.stories] == [s.log for s in both.coupled.stories]
    for name, band in both.actual.bands.items():
        assert np.array_equal(band.counts, both.coupled.bands[name].counts)


def test_the_actual_arm_is_what_the_posterior_gives() -> None:
    case = load("tutorial")
    laid = plan(case.crisis)
    schedule = at_random(laid, 8)
    job = RunSpec(case.crisis, watches(case, case.crisis.first)[1], SEED)
    p = filtered(prepare(laid, schedule, SEED), 4, 64, (schedule.last,), 1)
    changed = edited(case.crisis, (Edit("never", "swarm"),))
    both = twins(p, changed, job, 2, threads=2)
    expected = futures(p, job, threads=1)
    assert both.actual.atoms.tobytes() == expected.atoms.tobytes()
    again = twins(p, changed, job, 2, threads=1)
    assert again.coupled.atoms.tobytes() == both.coupled.atoms.tobytes()
    assert again.independent.counts.tobytes() == both.independent.counts.tobytes()


def test_before_the_day_of_the_edit_nothing_differs() -> None:
    crisis, _ = read_crisis(slice_text())
    laid = plan(crisis)
    schedule = from_a_world(laid, 1, 3, 4, {e.index: 1.0 for e in laid.events})
    day = 6
    names = [e.event.name for e in laid.events if e.rate is not None or e.event.chosen]
    changed = edited(crisis, tuple(Edit("never", n) for n in names))
    both = lived(crisis, changed, schedule, day)
    for actual, other in zip(both.actual.stories, both.coupled.stories, strict=True):
        was, then = ([x for x in s.log if x.day < day] for s in (actual, other))
        assert was == then
        assert not [x for x in other.log if x.day >= day and x.event in names]


def brute(actual: Plan, changed: Plan, schedule: Schedule, told: list, pairs: int) -> np.ndarray:
    """Counts of the edited world of each pair whose other world is as reported."""
    follows = {f.event for f in schedule.followed}
    kept = []
    for number in range(pairs):
        was, other = pair(actual, changed, SEED + 1, number)
        seen = [
            (h.day, h.event, h.outcome)
            for h in was.log
            if h.day <= schedule.last and h.event in follows
        ]
        if sorted(seen) == sorted(told):
            counts = np.zeros(len(actual.events))
            for h in other.log:
                counts[h.event] += 1
            kept.append(counts)
    return np.array(kept)


def record(laid: Plan, number: int, follow: list[str], last: int) -> list[tuple[int, int, str]]:
    """What a full record of some events shows of a world."""
    world = create(laid, 1, number)
    for _ in live(world):
        pass
    return [
        (h.day, h.event, h.outcome)
        for h in world.log
        if h.day <= last and laid.events[h.event].event.name in follow
    ]


def agrees(
    crisis: Crisis,
    edits: tuple[Edit, ...],
    follow: list[str],
    last: int,
    world: int,
    pairs: int,
    size: int,
) -> None:
    changed = edited(crisis, edits)
    laid, other = plan(crisis), plan(changed)
    index = {e.event.name: e.index for e in laid.events}
    world, told = next((n, r) for n in range(world, 100) if (r := record(laid, n, follow, last)))
    schedule = from_a_world(laid, 1, world, last, {index[n]: 1.0 for n in follow})
    kept = brute(laid, other, schedule, told, pairs)
    assert len(kept) >= 40, "enough pairs are as reported"
    both = lived(crisis, changed, schedule, 0, size)
    worth = min(both.actual.effective or 0.0, float(both.actual.worlds))
    ours = both.coupled.counts
    for k, e in enumerate(laid.events):
        spread = max(float(kept[:, k].std()), float(ours[:, k].std()), 0.1)
        error = spread * np.sqrt(1 / len(kept) + 1 / worth)
        gap = abs(kept[:, k].mean() - ours[:, k].mean())
        assert gap < 4.5 * error, (e.event.name, kept[:, k].mean(), ours[:, k].mean(), error)


def cut(crisis: Crisis, days: int) -> Crisis:
    return replace(crisis, last=crisis.first + dt.timedelta(days - 1))


SMALL = """
crisis: A quarrel
from: 2031-01-01
to: 2031-01-06
state:
  anger: {stock: 0 .. 5 ? room, now: 1 ? some, fades: 4d ? days}
  debt: {stock: 0 .. 5 ? room, now: 1 ? some}
unknown:
  zeal: {between: .2 .. 2 ? wide}
actor:
  a:
    pace: .6 ? often
    precision: 1 ? plain
    foresight: 1 ? one step
    weighs: [b]
    wants: {calm: -.6 * anger ? a wish, paid: -.5 * zeal * debt ? a wish}
  b:
    pace: .5 ? often
    precision: 1.2 ? plain
    foresight: 0 ? none
    wants: {calm: -.3 * anger ? a wish, owed: .7 * debt ? a wish}
event:
  push:
    by: a
    does: debt - .5 ? some
    outcomes:
      hard: {chance: .1 + .12 * anger ? more in anger, does: anger + 1.5 ? a blow}
      soft: {chance: .3 ? now and then, does: anger + .4 ? a nudge}
  yield: {by: a, does: anger - .8 ? calms, takes: 1d ? a day}
  shove: {by: b, does: [anger + .7 ? a blow, debt + .6 ? owed]}
  storm: {rate: .1 + .1 * anger ? more in anger, does: anger + .5 ? nerves}
"""


@pytest.mark.parametrize(
    ("without", "follow"), [("shove", ["push"]), ("storm", ["push"]), ("push", ["storm"])]
)
def test_abduction_agrees_with_brute_force(without: str, follow: list[str]) -> None:
    crisis, _ = read_crisis(SMALL)
    agrees(crisis, (Edit("never", without),), follow, 2, 3, 1200, 512)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("without", "follow"), [("swarm", ["kelmark.warn"]), ("kelmark.warn", ["swarm"])]
)
def test_abduction_agrees_with_brute_force_on_the_tutorial(without: str, follow: list[str]) -> None:
    crisis = cut(load("tutorial").crisis, 6)
    agrees(crisis, (Edit("never", without),), follow, 2, 2, 4500, 1024)

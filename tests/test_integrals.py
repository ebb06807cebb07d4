"""What is to be expected in place of what happened: the same mean, and less chance in it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from crises import crises
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_variants import a_variant

from offramp.case.case import read_crisis
from offramp.engine.blocks import machinery
from offramp.engine.blocks.integrals import expected, sparing, sparing_all, summing, summing_all
from offramp.engine.compensators import Integral, spared, summed, tells
from offramp.engine.monitors import Monitor
from offramp.engine.plan import Plan, plan
from offramp.engine.run import RunSpec, run_chunk
from offramp.engine.world import create

pytestmark = pytest.mark.skipif(not machinery.available(), reason="needs Numba")
SEED = 3


def some(examples: int) -> settings:
    quiet = [HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(
        max_examples=examples, deadline=None, derandomize=True, suppress_health_check=quiet
    )


def kinds(laid: Plan) -> list[tuple[int, str | None]]:
    """All that may be aimed at: events that never go along with others, and their outcomes."""
    events = [e for e in laid.events if tells(laid, [(e.index, None)])]
    outcomes = [
        (e.index, name)
        for e in events
        for name in ("carried", "lost") * (e.ballot is not None)
        or tuple(b.name for b in e.branches if b.name)
    ]
    return [(e.index, None) for e in events] + outcomes


@st.composite
def integrals(draw: st.DrawFn, laid: Plan) -> Integral:
    targets = draw(st.lists(st.sampled_from(kinds(laid)), min_size=1, max_size=4, unique=True))
    first, last = sorted(draw(st.lists(st.integers(0, 11), min_size=2, max_size=2)))
    return Integral(tuple(targets), first, last)


def watching(laid: Plan, integrals: tuple[Integral, ...]) -> RunSpec:
    """Each target counted in its window, the integrals one after another."""
    monitors = tuple(
        Monitor(function="count", event=e, outcome=o, quantity=None, first=i.first, last=i.last)
        for i in integrals
        for e, o in i.targets
    )
    return RunSpec(laid.crisis, monitors, SEED)


def counted(integrals: tuple[Integral, ...], atoms: np.ndarray) -> list[np.ndarray]:
    """How often something of each integral happened: an outcome of what counts anyhow, once."""
    out, column = [], 0
    for i in integrals:
        whole = {e for e, o in i.targets if o is None}
        mine = [
            atoms[:, column + k] for k, (e, o) in enumerate(i.targets) if not (o and e in whole)
        ]
        out.append(np.sum(mine, axis=0))
        column += len(i.targets)
    return out


@some(25)
@given(st.data())
def test_the_machine_expects_what_the_reference_does_to_the_last_bit(data: st.DataObject) -> None:
    laid = plan(read_crisis(data.draw(crises()))[0])
    wanted = tuple(data.draw(st.lists(integrals(laid), min_size=1, max_size=3)))
    job, worlds = watching(laid, wanted), range(24)
    atoms, sums = expected(summing(laid, wanted), job, worlds)
    assert atoms.tobytes() == run_chunk(laid, job, worlds).atoms.tobytes()  # as they are
    assert sums.tolist() == [summed(create(laid, SEED, n), wanted) for n in worlds]
    _, left = expected(sparing(laid, wanted[0]), RunSpec(laid.crisis, (), SEED), worlds)
    assert left[:, 0].tolist() == [spared(create(laid, SEED, n), wanted[0]) for n in worlds]


@some(20)
@given(st.data())
def test_variants_expect_what_each_would_alone(data: st.DataObject) -> None:
    """Random edits, each variant with integrals of its own."""
    base = read_crisis(data.draw(crises()))[0]
    variants = [data.draw(a_variant(base))[0] for _ in range(data.draw(st.integers(2, 4)))]
    wanted = [
        tuple(data.draw(st.lists(integrals(plan(c)), min_size=1, max_size=3))) for c in variants
    ]
    for crisis, own, x in zip(variants, wanted, summing_all(variants, wanted), strict=True):
        laid = plan(crisis)
        job = watching(laid, own)
        atoms, sums = expected(x, job, range(8))
        assert atoms.tobytes() == run_chunk(laid, job, range(8)).atoms.tobytes()
        assert sums.tolist() == [summed(create(laid, SEED, n), own) for n in range(8)]
    (i, *_) = wanted[0]
    variants = [c for c in variants if tells(plan(c), i.targets)]
    for crisis, x in zip(variants, sparing_all(variants, i), strict=True):
        _, left = expected(x, RunSpec(crisis, (), SEED), range(8))
        found = [spared(create(plan(crisis), SEED, n), i) for n in range(8)]
        assert left[:, 0].tolist() == found


@some(50)
@given(st.data())
def test_sums_have_the_mean_of_counts(data: st.DataObject) -> None:
    """World by world what happened less what was to be expected is a martingale."""
    laid = plan(read_crisis(data.draw(crises()))[0])
    wanted = tuple(data.draw(st.lists(integrals(laid), min_size=1, max_size=3)))
    atoms, sums = expected(summing(laid, wanted), watching(laid, wanted), range(2000))
    for found, happened in zip(sums.T, counted(wanted, atoms), strict=True):
        over = happened - found
        assert abs(over.mean()) <= 3 * over.std() / math.sqrt(2000) + 1e-9


@some(50)
@given(st.data())
def test_worlds_without_say_how_often_there_is_one(data: st.DataObject) -> None:
    """1 - S has the mean of yes and no over free worlds, and never more variance."""
    laid = plan(read_crisis(data.draw(crises()))[0])
    i = data.draw(integrals(laid))
    job = watching(laid, (i,))
    free, _ = expected(summing(laid, ()), job, range(2000))
    without, left = expected(sparing(laid, i), job, range(2000))
    some_free = (counted((i,), free)[0] > 0).astype(float)
    p = 1.0 - left[:, 0]
    assert np.all(counted((i,), without)[0][left[:, 0] > 0] == 0)
    error = math.sqrt((p.var() + some_free.var()) / 2000)
    assert abs(p.mean() - some_free.mean()) <= 3 * error + 1e-9
    assert p.var() <= p.mean() * (1 - p.mean()) + 1e-12


APART = """
crisis: apart
from: 2030-01-01
to: 2030-01-12
show: [rung]
state:
  rung: {ladder: [calm, war], now: calm ? start}
  x: {stock: 0 .. 10 ? room, now: 2 ? start}
actor:
  mover:
    pace: {force: .7 ? often, trade: .6 ? often, talk: .9 ? often}
    precision: 1 ? plain
    foresight: 0 ? plain
    wants: {more: ".3 [? plain] * x"}
event:
  mover.strike: {by: mover, agenda: force, with: [mover.word], does: [x + 1 ? as much]}
  mover.embargo: {by: mover, agenda: trade, does: [x + .5 ? as much]}
  mover.letter: {by: mover, agenda: talk, does: [x - .7 ? less]}
  mover.word: {by: mover, agenda: talk, does: [x - .3 ? less]}
"""


def test_agendas_that_a_word_joins_are_multiplied_in_the_order_of_the_machine() -> None:
    """Strikes and letters are drawn together, before the embargo that stands between them."""
    laid = plan(read_crisis(APART)[0])
    i = Integral(((0, None), (1, None), (2, None)), 1, 9)
    _, left = expected(sparing(laid, i), RunSpec(laid.crisis, (), SEED), range(40))
    assert left[:, 0].tolist() == [spared(create(laid, SEED, n), i) for n in range(40)]


SLOW = """
crisis: slow
from: 2030-01-01
to: 2030-01-12
show: [rung]
state:
  rung: {ladder: [calm, war], now: calm ? start}
  x: {stock: 0 .. 10 ? room, now: 2 ? start}
actor:
  mover:
    pace: .5 ? often
    precision: 1 ? plain
    foresight: 0 ? plain
    wants: {more: ".3 [? plain] * x"}
  asked:
    precision: .5 ? plain
    wants: {less: "-1 [? plain] * x"}
event:
  mover.send:
    by: mover
    takes: 2d ? a journey
    consent: [asked]
    cost: .2 ? some
    does: [x + .5 ? as much]
    outcomes:
      lost: {chance: ".1 [? the more the worse] * x", does: [x - 2 ? gone]}
      found: {chance: .3 ? some, does: [x + 1 ? more]}
  mover.stay: {by: mover, pause: 2d ? a while, does: [x - .5 ? less]}
"""


@pytest.mark.parametrize("outcome", [None, "lost", "found"])
def test_a_move_with_a_lead_time_counts_on_the_day_it_arrives(outcome: str | None) -> None:
    """Decided before the window and done in it; its outcome is drawn when it arrives."""
    laid = plan(read_crisis(SLOW)[0])
    i = Integral(((0, outcome),), 2, 7)
    job, few = watching(laid, (i,)), range(20)
    atoms, sums = expected(summing(laid, (i,)), job, range(4000))
    _, left = expected(sparing(laid, i), job, range(4000))
    assert sums[:20, 0].tolist() == [summed(create(laid, SEED, n), (i,))[0] for n in few]
    assert left[:20, 0].tolist() == [spared(create(laid, SEED, n), i) for n in few]
    over = atoms[:, 0] - sums[:, 0]
    assert abs(over.mean()) <= 3 * over.std() / math.sqrt(4000)
    p, free = 1.0 - left[:, 0], atoms[:, 0] > 0
    assert 0.05 < free.mean() < 0.95
    assert abs(p.mean() - free.mean()) <= 3 * math.sqrt((p.var() + free.var()) / 4000)

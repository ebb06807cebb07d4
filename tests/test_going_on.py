"""Worlds that go on from an earlier evening: the same, to the last bit, as in one run."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from crises import crises
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from reports import at_random
from test_store import bits, fresh, kept, own, same  # noqa: F401  (`own` is a fixture)

from offramp.case.case import load, read_crisis
from offramp.engine.plan import Plan, plan
from offramp.engine.schedule import Schedule
from offramp.filter import store
from offramp.filter.known import schedule, shared
from offramp.filter.particles import run_island
from offramp.filter.posterior import Posterior, filtered
from offramp.filter.simulator import Filter, Island, prepare

EASY = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
SIZE = 32
FIRST = dt.date(2031, 4, 1)


def filter_of(laid: Plan, known: Schedule, seed: int) -> Filter | None:
    try:
        return prepare(laid, known, seed)
    except ValueError:  # a report of days before a stop and after it
        return None


def in_steps(
    f: Filter,
    number: int,
    size: int = SIZE,
    broken: Callable[[Island], Island] = lambda i: i,
    steps: list[Filter] | None = None,
) -> Island | None:
    """An island that stops on the evening of each of the schedule's stops, by a filter that ends
    there (`steps` are these filters)."""
    found = None
    for early in steps or steps_of(f):
        found = run_island(early, number, size, earlier=found)
        if found.evening is None:
            return None  # no world lived
        found = broken(found)
    return run_island(f, number, size, earlier=found)


@settings(max_examples=40, deadline=None, suppress_health_check=EASY)
@given(crises(), st.integers(0, 10**6))
def test_an_island_that_goes_on_is_that_of_one_run(text: str, number: int) -> None:
    laid = plan(read_crisis(text)[0])
    known = at_random(laid, number)
    stops = tuple(sorted({known.last // 2, known.last - 1} - {known.last}))
    f = filter_of(laid, replace(known, per_episode=False, stops=stops), number)
    assume(f is not None)
    assert f is not None
    island = in_steps(f, 1)
    assume(island is not None)
    assert bits(island) == bits(run_island(f, 1, SIZE))


def steps_of(f: Filter) -> list[Filter]:
    return [prepare(f.plan, f.schedule.until(day), f.seed) for day in f.schedule.stops]


def tutorial(as_of: dt.date, stops: tuple[dt.date, ...], seed: int = 1) -> Filter:
    case = load("tutorial")
    laid = plan(case.crisis)
    return prepare(laid, schedule(laid, case.history, as_of, False, stops), seed)


def evenings(as_of: dt.date) -> tuple[dt.date, ...]:
    """Every day before, on which nobody knew less of the days until then."""
    case = load("tutorial")
    days = tuple(FIRST + dt.timedelta(k) for k in range((as_of - FIRST).days))
    return shared(plan(case.crisis), case.history, as_of, days)


def forgets_weights(island: Island) -> Island:
    assert island.evening is not None
    evening = replace(island.evening, log_weights=np.zeros_like(island.evening.log_weights))
    return replace(island, evening=evening)


def forgets_evidence(island: Island) -> Island:
    assert island.evening is not None
    return replace(island, evening=replace(island.evening, evidence=0.0))


def forgets_moves(island: Island) -> Island:
    assert island.evening is not None
    blank = {"beta": 0.6, "named": 1, "tally": {}, "cost": {}}
    return replace(island, evening=replace(island.evening, mover=blank))


def test_an_evening_of_the_tutorial_after_another_and_what_it_must_not_forget() -> None:
    """A stop every evening, with reports late, disputed, and on their way."""
    f = tutorial(dt.date(2031, 4, 23), evenings(dt.date(2031, 4, 23)))
    assert len(f.schedule.stops) > 15
    steps = steps_of(f)
    for number in (0, 5):
        whole = bits(run_island(f, number, SIZE))
        assert bits(in_steps(f, number, steps=steps)) == whole
        for broken in (forgets_weights, forgets_evidence, forgets_moves):
            assert bits(in_steps(f, number, SIZE, broken, steps)) != whole, broken


def test_evenings_that_knew_less_are_not_gone_on_from() -> None:
    """N2, of the 8th or 9th, is known on the 10th, N3, of the 15th, on the 17th."""
    case = load("tutorial")
    laid, april = plan(case.crisis), [FIRST + dt.timedelta(k) for k in range(30)]
    found = shared(laid, case.history, april[9], tuple(april[:9]))
    assert found == tuple(april[:7])
    assert shared(laid, case.history, april[16], (april[13], april[14], april[15])) == (april[13],)
    assert shared(laid, case.history, april[20], (april[16], april[19])) == (april[16], april[19])


# ---- the evenings that are kept --------------------------------------------------------------


@pytest.fixture
def lived(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Of each island that is simulated, from which day on."""
    out = list[int]()

    def counted(f: Filter, *arguments: Any) -> Island:
        earlier = arguments[-1]
        out.append(0 if earlier is None else len(earlier.log_evidence))
        return run_island(f, *arguments)

    monkeypatch.setattr(store, "run_island", counted)
    return out


def test_a_filter_goes_on_from_the_evening_that_is_kept(own: Path, lived: list[int]) -> None:  # noqa: F811
    days = [dt.date(2031, 4, d) for d in (12, 13, 14)]
    first = tutorial(days[0], ())
    second = tutorial(days[1], (days[0],))
    third = tutorial(days[2], (days[0], days[1]))
    kept(first)
    assert same(kept(second), fresh(second))
    assert same(kept(third), fresh(third))
    assert lived == [0] * 4 + [12] * 4 + [13] * 4
    assert same(kept(third, 11), fresh(third, 11))  # of a day before the evening all is simulated
    assert lived[12:] == [0] * 4


def test_a_run_that_was_killed_goes_on_where_it_was(own: Path, lived: list[int]) -> None:  # noqa: F811
    f = tutorial(dt.date(2031, 4, 13), (dt.date(2031, 4, 12),))
    kept(tutorial(dt.date(2031, 4, 12), ()))

    def killed(n: int) -> None:
        if len(lived) == 4 + 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.posterior(f, 4, SIZE, (), 1, killed)
    begun = len(lived)
    assert same(kept(f), fresh(f))
    assert {*lived[4:]} == {12}
    assert len(lived) - begun <= 2


def test_a_late_report_is_not_resumed_past(own: Path) -> None:  # noqa: F811
    """What the evening did not know is in the name of the evening that is looked for. Its worlds
    would bear the report all the same, weighed anew by it on the next day, for they are simulated
    again from their keys; but the evidence of the days before would be that without the report."""
    case = load("tutorial")
    laid, day = plan(case.crisis), dt.date(2031, 4, 12)
    rows = tuple(r for r in case.history.reports if r.id != "N1")
    known = schedule(laid, replace(case.history, reports=rows), day, False, ())
    early = prepare(laid, known, 1)
    kept(early)
    late = tutorial(dt.date(2031, 4, 13), (day,))
    assert same(kept(late), fresh(late))
    wrong = run_island(late, 1, SIZE, earlier=run_island(early, 1, SIZE))
    right = run_island(late, 1, SIZE)
    assert abs(wrong.log_evidence[-2] - right.log_evidence[-2]) > 3.0  # nats
    assert wrong.log_evidence[-1] == pytest.approx(right.log_evidence[-1], abs=1.0)


# ---- in law ----------------------------------------------------------------------------------


def squares(found: list[tuple[Posterior, Posterior]]) -> float:
    """The mean square of the gaps in evidence, in errors of them."""
    gaps = []
    for a, b in ((x.days[-1], y.days[-1]) for x, y in found):
        gaps.append((a.log_evidence - b.log_evidence) / math.hypot(a.mc_error, b.mc_error))
    return float(np.mean(np.square(gaps)))


def stopped(whole: Filter, seed: int, broken: Callable[[Island], Island]) -> Posterior:
    f = replace(whole, seed=seed)
    steps = [replace(early, seed=seed) for early in steps_of(whole)]

    def island(f: Filter, number: int, size: int, *_: Any) -> Island:
        found = in_steps(f, number, size, broken, steps)
        assert found is not None
        return found

    return filtered(f, 8, 64, island=island)


@pytest.mark.slow
def test_worlds_that_stopped_every_evening_agree_with_a_run_that_never_did() -> None:
    """By other seeds: within the errors that are stated, and those are not too wide either. What
    forgets its weights is found out."""
    day, seeds = dt.date(2031, 4, 23), range(1, 13)
    without, whole = tutorial(day, ()), tutorial(day, evenings(day))
    alone = [filtered(replace(without, seed=100 + s), 8, 64) for s in seeds]
    right = [stopped(whole, s, lambda i: i) for s in seeds]
    assert 0.2 < squares(list(zip(right, alone, strict=True))) < 3.0
    wrong = [stopped(whole, s, forgets_weights) for s in seeds[:6]]
    assert squares(list(zip(wrong, alone, strict=False))) > 10.0

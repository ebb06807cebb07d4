"""A choice taken apart has no remainder, and who gained is what the wants say."""

from __future__ import annotations

import datetime as dt

import pytest

from offramp.case.case import Case, load
from offramp.engine.plan import plan
from offramp.engine.run import RunSpec
from offramp.explain.gains import gains, monitors_of
from offramp.explain.motives import choice, taken_apart
from offramp.filter.impossible import on_the_morning
from offramp.filter.known import schedule
from offramp.filter.posterior import Posterior, filtered, futures
from offramp.filter.simulator import prepare

DAY = dt.date(2031, 4, 12)


@pytest.fixture(scope="module")
def tutorial() -> tuple[Case, Posterior]:
    case = load("tutorial")
    laid = plan(case.crisis)
    f = prepare(laid, schedule(laid, case.history, DAY, False, ()), 1)
    return case, filtered(f, 4, 64, [f.schedule.last], 1)


def test_the_parts_sum_to_the_log_odds_that_the_actor_acts_on(
    tutorial: tuple[Case, Posterior],
) -> None:
    _, p = tutorial
    day = p.filter.schedule.last
    compared = 0
    for number in range(8):
        r, m = on_the_morning(p.filter, p.islands[0].clouds[day], number, day)
        for mind in p.filter.plan.minds:
            odds = m.log_odds(mind, m.now, mind.foresight, (-1, -1))
            mood = r.world.moods[mind.index]
            for move, x in zip(mind.moves, odds, strict=True):
                if x is not None:
                    parts = taken_apart(m, mind, p.filter.plan.events[move], mood)
                    assert sum(v for _, v in parts) == pytest.approx(x + mood, abs=1e-9)
                    compared += 1
    assert compared > 50


def test_what_an_actor_may_do_on_a_day_sums_to_one(tutorial: tuple[Case, Posterior]) -> None:
    case, p = tutorial
    found = choice(case, p, "kelmark", DAY, 1, worlds=8)
    assert found.nothing + sum(x.today for x in found.moves) == pytest.approx(1.0)
    assert 0 < found.opening < 1
    for x in found.moves:
        assert x.odds == pytest.approx(sum(part.mean for part in x.parts))
        assert x.today <= x.chosen <= 1


def test_gains_are_the_wants_at_the_end_less_those_at_the_start(
    tutorial: tuple[Case, Posterior],
) -> None:
    case, p = tutorial
    laid = p.filter.plan
    found = gains(case, p, DAY, 1, worlds=64, threads=1)
    day = (DAY - case.crisis.first).days
    e = futures(p, RunSpec(case.crisis, monitors_of(laid, day), 1), worlds=64, threads=1)
    names = [s.name for s in case.crisis.states]
    n, rung = len(names), names.index("rung")
    # The General Staff's `the fleet afloat` is half the height of the ladder, by hand:
    staff = next(x for x in found.gains if x.actor == "staff")
    afloat = next(t for t in staff.terms if t.name == "the fleet afloat")
    height = e.atoms[:, n + rung] - e.atoms[:, rung]
    assert afloat.change == pytest.approx(-0.5 * height.mean(), abs=1e-9)
    for x in found.gains:
        assert x.change == pytest.approx(sum(t.change for t in x.terms))
        assert (x.verdict == "even") == (abs(x.change) <= 3 * x.mc_error)

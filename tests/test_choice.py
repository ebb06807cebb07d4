"""A choice taken apart has no remainder, and who gained is what the wants say."""

from __future__ import annotations

import datetime as dt
import math

import pytest
from crises import crises
from hypothesis import HealthCheck, given, settings

from offramp.case.case import Case, load, read_crisis
from offramp.engine.choice import NO_TYPE, Mindset, softmax
from offramp.engine.noise import Dice
from offramp.engine.plan import Agenda, plan
from offramp.engine.reported import begin, daytime, waking
from offramp.engine.run import RunSpec
from offramp.engine.schedule import ANY, Reading, Schedule, Sighting
from offramp.engine.world import World, create, dated, morning
from offramp.explain.decided import chosen
from offramp.explain.gains import gains, monitors_of
from offramp.explain.motives import choice, facing, taken_apart
from offramp.filter.impossible import on_the_morning
from offramp.filter.known import schedule
from offramp.filter.posterior import Posterior, filtered, futures
from offramp.filter.simulator import prepare
from offramp.render.json.choice_json import plain
from offramp.render.terminal.choice_table import print_choice

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


MORNINGS = 5
FEW = settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
)


@FEW
@given(crises())
def test_the_parts_sum_to_the_log_odds_of_every_move_of_any_crisis(text: str) -> None:
    """Also of deeds with words, by what the choice of the day draws from: equations (5) and (7)."""
    p = plan(read_crisis(text)[0])
    r = begin(p, Schedule(last=MORNINGS, sightings=(), facts=(), followed=()), Dice(1, 0))
    for day in range(MORNINGS):
        r.world.day = day
        m = waking(r)
        for mind in p.minds:
            for agenda in mind.agendas:
                parts_are_whole(r.world, m, agenda)
        daytime(r, m)


def parts_are_whole(world: World, m: Mindset, agenda: Agenda) -> None:
    mind, fixed = m.plan.minds[agenda.mind], dated(world, m, agenda)
    on = facing(world, m, agenda)
    odds: list[float | None] = []
    for index in agenda.all:
        event = m.plan.events[index]
        there = fixed is event if event.event.as_choice else m.available(event, m.now, NO_TYPE)
        odds.append(None)
        if there:
            odds[-1] = math.fsum(x for _, x in taken_apart(m, mind, event, on.mood))
            used = m.precision(mind, m.now, NO_TYPE)
            used *= m.value(mind, event, m.now, mind.foresight, NO_TYPE)
            assert odds[-1] == pytest.approx(used + (on.mood or 0.0), rel=1e-12, abs=1e-12)
    policy = softmax(odds, 0.0)
    assert on.chosen == pytest.approx(policy, abs=1e-12)
    if fixed is None:
        assert on.chosen[: len(agenda.moves)] == m.choice(agenda, world.moods[agenda.mind])
    else:
        assert on.chosen[agenda.all.index(fixed.index)] == m.would_have(
            agenda, fixed, mind.foresight, NO_TYPE
        )


def test_a_word_that_may_go_along_is_a_part_of_the_deed_by_its_worth_and_its_chance() -> None:
    """By hand, equation (3'): at foresight 1 nobody answers, so the word brings its gain less its
    cost, as likely as it is said; at foresight 0 nobody thinks of it."""
    for foresight in (0, 1):
        p = plan(read_crisis(DEED_AND_WORD.format(foresight=foresight))[0])
        m = morning(create(p, 1, 0))
        mind, (hit, say) = p.minds[0], p.events[:2]
        worth = 0.5 * 2 - 0.4
        said = worth / (1 + math.exp(-1.5 * worth))
        words = [(("word", "a.say"), pytest.approx(1.5 * said))] if foresight else []
        assert taken_apart(m, mind, hit) == [(("want", "more"), pytest.approx(1.5 * 0.5)), *words]
        assert [key for key, _ in taken_apart(m, mind, say)] == [
            ("want", "more"),
            ("cost", "a.say"),
        ]


DEED_AND_WORD = """crisis: a deed and a word
language: 2
from: 2030-01-01
to: 2030-01-09
show: [rung]
state:
  rung: {{ladder: [calm, war], now: calm ? start}}
  x: {{stock: 0 .. 10 ? room, now: 2 ? start}}
actor:
  a:
    pace: {{force: .7 ? often, talk: .9 ? often}}
    precision: 1.5 ? middling
    foresight: {foresight} ? as asked
    wants:
      more: .5 [? plain] * x
event:
  a.hit: {{by: a, agenda: force, with: [a.say], does: [x + 1 ? as much]}}
  a.say: {{by: a, agenda: talk, cost: .4 ? a price, does: [x + 2 ? more]}}
"""


def quarantined(day: dt.date) -> tuple[Case, Posterior]:
    case = load("quarantine")
    laid = plan(case.crisis)
    f = prepare(laid, schedule(laid, case.history, day, False, ()), 1)
    return case, filtered(f, 4, 64, [f.schedule.last], 1)


def test_a_dated_choice_is_what_was_done_and_takes_its_agendas_opening(
    capsys: pytest.CaptureFixture[str],
) -> None:
    day = dt.date(2034, 10, 1)
    case, p = quarantined(day)
    found = choice(case, p, "hadria", day, 1, worlds=8)
    first, *others = found.moves
    assert (first.event, first.dated, first.reported) == ("hadria.proclaim", True, True)
    assert (first.today, first.opening, first.available) == (1.0, 1.0, 1.0)
    assert 0 < first.chosen < 1  # by equation (7)
    assert (found.opening, found.nothing) == (1.0, 0.0)
    for x in others:
        assert not x.dated
        assert (x.opening > 0) == (x.agenda == "word")
        assert x.agenda == "word" or x.today == 0.0
    assert any(x.agenda == "force" for x in others)
    assert "agenda “force” has no other opening that day" in found.note
    moves = plain(found)["moves"]
    assert [x["dated"] for x in moves] == [True] + [False] * len(others)

    print_choice(found)
    said = " ".join(capsys.readouterr().out.split())
    assert "100% (force 0% beside its dated choice, word 5%)" in said
    assert "Hadria proclaims the quarantine [force] (the dated choice of this day, in the" in said
    assert "has no other opening that day" in said


def test_on_other_days_a_dated_choice_is_no_move() -> None:
    day = dt.date(2034, 10, 2)
    case, p = quarantined(day)
    found = choice(case, p, "hadria", day, 1, worlds=4)
    assert "hadria.proclaim" not in [x.event for x in found.moves]
    assert found.note == ""
    assert all(x.opening > 0 for x in found.moves)


def test_a_day_with_a_dated_choice_is_looked_at_itself_though_a_late_deed_came_on_it() -> None:
    text = DEED_AND_WORD.format(foresight=0) + (
        "  a.slow: {by: a, agenda: force, takes: 2d ? a march, does: [x + 1 ? as much]}\n"
    )
    also = "  a.fixed: {by: a, agenda: talk, on: 2030-01-05 ? set, as: choice, does: [x + 1 ? k]}\n"
    for more, day in (("", 2), (also, 4)):
        p = plan(read_crisis(text + more)[0])
        slow = next(e.index for e in p.events if e.event.name == "a.slow")
        seen = Sighting("R1", slow, ANY, (Reading(4, 4, 1.0),))
        known = Schedule(last=8, sightings=(seen,), facts=(), followed=(), leads=((slow, 2),))
        assert chosen(p, known, "a", 4).day == day


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

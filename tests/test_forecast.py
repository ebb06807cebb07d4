"""Answers from runs: monitors against whole histories, errors, windows, and what they rest on."""

from __future__ import annotations

import datetime as dt
import math
from fractions import Fraction
from pathlib import Path

import pytest

from offramp import to_dict
from offramp.answers.forecast import Support, forecast
from offramp.answers.sampling import mc_error, wilson
from offramp.case.case import Case, load, read_crisis
from offramp.case.scaffold import write_case
from offramp.engine.plan import plan
from offramp.engine.run import replay
from offramp.engine.world import create, live
from offramp.explain.nudge import turned
from offramp.explain.why import explain
from offramp.language.crisis import cited, data

CRISIS = """crisis: watched
from: 2030-01-01
to: 2030-01-30
show: [rung]
state:
  rung:
    ladder: [calm, tense, war]
    now: calm ? start
    fades: 3d ? half-life
  level:
    stock: 0 .. 9 ? room
    now: 2 ? start
unknown:
  risk:
    share: .1 .. .6 ? wide
event:
  spark:
    rate: .1 + .2 * risk ? chance
    does:
      - rung >= tense ? tense
      - level + 1 ? up
    outcomes:
      fire:
        chance: risk
        does:
          - rung >= war ? war
"""
QUESTIONS = """questions:
  any:
    text: Any spark?
    window: 2030-01-05 .. 2030-01-20
    asks: count(spark) >= 1
  fire_first:
    text: Fire by the tenth?
    window: 2030-01-05 .. 2030-01-20
    asks: first(spark.fire) <= 2030-01-10 and count(spark) >= 2 ? two
  war:
    text: War?
    window: 2030-01-05 .. 2030-01-20
    asks: highest(rung) >= war
  grown:
    text: Grown?
    window: 2030-01-05 .. 2030-01-20
    asks: final(level) > initial(level) and lowest(level) >= 2 ? start
  high_on_average:
    text: High on average?
    window: 2030-01-05 .. 2030-01-20
    asks: mean(level) > 4 ? two above the start
  tense_on_average:
    text: Tense on average?
    window: 2030-01-05 .. 2030-01-20
    asks: mean(rung) == tense
  given_fire:
    text: War, given a spark?
    window: 2030-01-05 .. 2030-01-20
    asks: highest(rung) >= war
    given: count(spark) >= 1
  never:
    text: Impossible condition
    window: 2030-01-05 .. 2030-01-20
    asks: count(spark) >= 1
    given: count(spark) >= 999 ? never
quantities:
  sparks:
    text: Sparks
    window: 2030-01-01 .. 2030-01-30
    asks: count(spark)
  when:
    text: The first spark
    window: 2030-01-01 .. 2030-01-30
    asks: first(spark)
"""


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    folder = tmp_path_factory.mktemp("cases") / "watched"
    folder.mkdir()
    (folder / "crisis.yaml").write_text(CRISIS)
    (folder / "questions.yaml").write_text(QUESTIONS)
    return load(folder)


def histories(case: Case, worlds: int) -> list[tuple[list[tuple[int, str]], list[list[float]]]]:
    """Whole histories: the log, and the quantities at the start and after each day."""
    laid = plan(case.crisis)
    out = []
    for number in range(worlds):
        world = create(laid, 7, number)
        days = [list(world.s)]
        for _ in live(world):
            days.append(list(world.s))
        out.append(([(h.day, h.outcome) for h in world.log], days))
    return out


def test_monitors_agree_with_whole_histories(case: Case) -> None:
    f = forecast(case, 80, 7, threads=1)
    share = {a.id: a.probability for a in f.answers}
    truth: dict[str, list[bool]] = {k: [] for k in share}
    for log, days in histories(case, 80):
        window = [(d, o) for d, o in log if 4 <= d <= 19]
        fires = [d for d, o in window if o == "fire"]
        rung = [d[0] for d in days[5:21]]
        level = [d[1] for d in days[5:21]]
        truth["any"].append(bool(window))
        truth["fire_first"].append(bool(fires) and fires[0] <= 9 and len(window) >= 2)
        truth["war"].append(max(rung) >= 1.5)  # a ladder reads as its nearest level
        truth["grown"].append(level[-1] > days[4][1] and min(level) >= 2)
        truth["high_on_average"].append(sum(level) / 16 > 4)
        truth["tense_on_average"].append(0.5 <= sum(rung) / 16 < 1.5)
        if window:
            truth["given_fire"].append(max(rung) >= 1.5)
    for id, worlds in truth.items():
        if id.endswith("average"):
            assert 0 < sum(worlds) < len(worlds), f"{id} cannot fail"
        if id != "never":
            assert share[id] == pytest.approx(sum(worlds) / len(worlds)), id


def test_a_condition_that_no_world_meets_has_no_probability(case: Case) -> None:
    answer = next(a for a in forecast(case, 5, 7, threads=1).answers if a.id == "never")
    assert answer.probability is None
    assert answer.mc_error is None


def test_from_counts_only_what_happens_later(case: Case) -> None:
    late = forecast(case, 30, 7, dt.date(2030, 1, 15), threads=1)
    early = forecast(case, 30, 7, threads=1)
    a, b = (next(x for x in f.answers if x.id == "any") for f in (late, early))
    assert a.probability is not None
    assert b.probability is not None
    assert a.probability <= b.probability
    assert a.window == (dt.date(2030, 1, 15), dt.date(2030, 1, 20))
    assert "counted from 2030-01-15" in a.note
    gone = forecast(case, 3, 7, dt.date(2030, 1, 25), threads=1)
    assert [x.id for x in gone.answers] == []


def test_dates_are_quantities_too(case: Case) -> None:
    f = forecast(case, 20, 7, threads=1)
    when = next(q for q in f.quantities if q.id == "when")
    assert when.unit == "date"
    assert all(
        dt.date(2030, 1, 1).toordinal() <= v <= dt.date(2030, 1, 31).toordinal()
        for v in when.values
    )


@pytest.mark.parametrize(
    ("yes", "n", "variance"),
    [
        # of a Beta(a, b): ab / ((a + b)^2 (a + b + 1)), worked by hand
        (0, 0, Fraction(1, 8)),  # the prior itself, the arcsine law; a uniform one has 1/12
        (0, 1, Fraction(1, 16)),
        (1, 1, Fraction(1, 16)),
        (1, 2, Fraction(1, 16)),
        (0, 100, Fraction(201, 4_162_008)),
        (50, 100, Fraction(1, 408)),
    ],
)
def test_the_error_of_a_share_is_jeffreys_and_never_zero(
    yes: int, n: int, variance: Fraction
) -> None:
    assert mc_error(yes, n) == pytest.approx(math.sqrt(variance), rel=1e-12)


def test_the_interval_is_wilsons() -> None:
    """Newcombe (1998), table I: 81 of 263 gives 0.2553 to 0.3662 at 95%."""
    low, high = wilson(81, 263, 1.959964)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)
    assert wilson(0, 60)[0] == 0
    assert wilson(0, 60)[1] > 0.04
    assert wilson(60, 60)[1] == 1


def test_replay_gives_the_story_that_the_run_counted(case: Case) -> None:
    f = forecast(case, 5, 7, threads=1)
    for story in f.ensemble.stories:
        assert replay(case.crisis, 7, story.world) == story


def test_numbers_behind_an_answer_include_those_nearby(case: Case) -> None:
    rest = Support(case)
    for q in case.questions:
        assert rest.basis(q, 1).total <= rest.basis(q, 2).total <= rest.basis(q).total
        assert rest.basis(q).assumed > 0


def test_why_finds_the_unknown_that_drives_the_answer(case: Case) -> None:
    why = explain(case, "war", 120, 7, threads=1)
    driver = next(d for d in why.drivers if d.what == "unknown risk")
    assert driver.difference > 0
    assert driver.distinct
    assert any(true for true, _ in why.stories)
    told = [line for true, lines in why.stories if true for line in lines]
    assert any("(fire)" in line for line in told)


def test_a_new_case_checks_runs_and_answers(tmp_path: Path) -> None:
    write_case(tmp_path / "mine")
    made = load(tmp_path / "mine")
    assert made.warnings == ()
    out = to_dict(forecast(made, 20, 1, threads=1))
    assert out["worlds"] == 20
    with pytest.raises(FileExistsError):
        write_case(tmp_path / "mine")


def test_a_turned_number_never_keeps_the_mark_of_what_it_replaces() -> None:
    """Rule 3. A mark that other numbers share stays theirs."""
    text = (
        "crisis: x\nfrom: 2030-01-01\nto: 2030-01-02\nstate:\n  a:\n    share: .25 @V1\n"
        "  b:\n    share: .5 + .1 @V2\n"
    )
    crisis = read_crisis(text)[0]
    a, b = crisis.states
    assert a.start is not None
    assert b.start is not None
    alone = turned(crisis, next(d.span for d in data("a", a)), 0.3)
    assert cited(alone.states[0]) == ()
    assert next(data("a", alone.states[0])).basis.grade == "assumed"  # type: ignore[union-attr]
    shared = turned(crisis, next(d.span for d in data("b", b)), 0.4)
    assert cited(shared.states[1]) == ("V2",)
    assert [d.basis.grade for d in data("b", shared.states[1]) if d.basis] == ["assumed", "stated"]


def test_a_number_that_a_form_uses_twice_counts_once() -> None:
    rest = Support(load("us-iran-2020"))
    every = [d.span for numbers in rest.numbers.values() for d in numbers]
    assert len(set(every)) < len(every)
    q = next(q for q in load("us-iran-2020").questions if q.id == "broad_conflict")
    assert rest.basis(q).total <= len(set(every)) + 5

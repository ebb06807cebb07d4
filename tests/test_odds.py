"""The moves of a morning with their odds: sizes in view before anything is forecast."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from click.testing import CliRunner

import offramp
from offramp.case.scaffold import write_case
from offramp.cli import main
from offramp.engine.blocks import machinery
from offramp.engine.plan import plan
from offramp.explain.motives import Move
from offramp.explain.odds import Odds, _free

compiled = pytest.mark.skipif(not machinery.available(), reason="needs Numba")


def move(o: Odds, event: str) -> Move:
    return next(x for a in o.actors for x in a.moves if x.event == event)


def test_the_parts_of_a_move_multiply_to_its_odds() -> None:
    o = offramp.odds("tutorial")
    for a in o.actors:
        for x in a.moves:
            assert sum(p.mean for p in x.parts) == pytest.approx(x.odds)
        assert 0 <= a.nothing <= 1
        assert sum(x.today for x in a.moves) <= a.opening + 1e-9
    assert o.as_of is None
    assert o.date == offramp.load("tutorial").crisis.first


def test_a_cost_of_one_makes_a_move_e_to_the_precision_times_rarer() -> None:
    """What the table of sizes on the page says, found by changing the case."""
    case = offramp.load("tutorial")
    crisis = case.texts.texts["crisis.yaml"]
    old = "kelmark.precision: {name: How sharply Kelmark follows its interest, between: .8 .. 1.6"
    fixed = crisis.replace(old, old.replace(".8 .. 1.6", "1.2 .. 1.2000001"))
    assert fixed != crisis
    sharp = offramp.load("tutorial", over={"crisis.yaml": fixed})
    dear = offramp.edit(sharp, {"cost": {"kelmark.board": "1 ? one unit more"}})
    before, after = (move(offramp.odds(c), "kelmark.board") for c in (sharp, dear))
    assert math.exp(before.odds - after.odds) == pytest.approx(3.32, abs=0.005)


def test_json_has_the_factors_whose_product_the_odds_are() -> None:
    made = offramp.to_dict(offramp.odds("tutorial"))
    moves = [x for a in made["actors"] for x in a["moves"] if x["odds"] is not None]
    assert len(moves) > 5
    for x in moves:
        factors = [p["factor"] for p in x["parts"]]
        assert math.prod(factors) == pytest.approx(x["odds"])
        assert [math.log(f) for f in factors] == pytest.approx([p["log_odds"] for p in x["parts"]])


def test_a_free_morning_is_the_one_that_the_day_begins_with(tmp_path: Path) -> None:
    """A clock of 119 days has 109 left on the eleventh morning."""
    write_case(tmp_path / "mine", "militants")
    laid = plan(offramp.load(tmp_path / "mine").crisis)
    place = next(k for k, q in enumerate(laid.quantities) if q.name == "harvest")
    for day, left in ((0, 119), (10, 109)):
        _, m = _free(laid, seed=1, number=3, day=day)
        assert m.now.s[place] == left
        assert m.moment.day == day


@compiled
def test_the_share_that_is_drawn_today_is_the_share_of_worlds_that_do_it() -> None:
    """Of the first day, against 20,000 worlds that are simulated."""
    case = offramp.load("tutorial")
    first = case.crisis.first
    texts = case.texts.texts["questions.yaml"]
    asked = (
        "\n  boards:\n    text: Is a boat boarded on the first day?\n"
        f"    window: {first} .. {first}\n    asks: count(kelmark.board) >= 1\n"
        "    cites: [T4]\n    resolves: it is\n"
    )
    over = {"questions.yaml": texts.replace("questions:\n", f"questions:{asked}", 1)}
    f = offramp.forecast(offramp.load("tutorial", over=over), worlds=20_000)
    answer = next(a for a in f.answers if a.id == "boards")
    found = move(offramp.odds(case), "kelmark.board").today
    assert found == pytest.approx(answer.probability, abs=4 * answer.mc_error + 0.003)


@compiled
def test_of_a_later_day_the_reports_count_and_the_figures_are_those_of_choice() -> None:
    o = offramp.odds("tutorial", "2031-04-08", worlds=1024)
    c = offramp.choice("tutorial", "kelmark", "2031-04-08", worlds=1024)
    assert o.as_of == o.date == c.date
    own = {x.event: x for x in c.moves}
    for x in next(a for a in o.actors if a.actor == "kelmark").moves:
        assert x.odds == pytest.approx(own[x.event].odds)
        assert x.today == pytest.approx(own[x.event].today)


def test_a_case_without_reports_is_lived_up_to_the_day(tmp_path: Path) -> None:
    write_case(tmp_path / "mine", "two-rivals")
    early, late = (offramp.odds(tmp_path / "mine", day) for day in (None, "2030-02-01"))
    assert late.as_of is None
    assert move(early, "aster.patrol").available == 1
    assert 0 < move(late, "aster.patrol").available < 1  # some have patrolled these days


def test_the_table_says_what_is_not_possible_and_a_wrong_day_is_told() -> None:
    shown = CliRunner().invoke(main, ["check", "tutorial", "--odds", "first"])
    assert shown.exit_code == 0
    assert "not possible that morning: More ships sent" in shown.stdout
    assert "a cost of 1 leaves x0.3 of the odds" in shown.stdout
    wrong = CliRunner().invoke(main, ["check", "tutorial", "--odds", "2041-01-01"])
    assert wrong.exit_code == 2
    assert "Invalid value for --odds: 2041-01-01 is outside the crisis" in wrong.stderr

"""Whether a model can hold a judgement: settings found where the probability is known exactly."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from test_sensitivity import CRISIS, DAYS, HIGH, LOW, QUESTIONS

from offramp.case import scaffold
from offramp.case.case import Case, load, under
from offramp.cli import main
from offramp.engine.blocks.settings import settable
from offramp.engine.plan import plan
from offramp.explain.reach import EDGE, Reach, around, between, reach
from offramp.render.terminal.sensitivity_table import reach_lines

MOST = -math.expm1(-(HIGH - EDGE * (HIGH - LOW)) * DAYS)  # .91, at the 99% point of the rate
LEAST = -math.expm1(-(LOW + EDGE * (HIGH - LOW)) * DAYS)  # .12, at the 1% point

VIEW = """assessment: A view
date: 2030-01-01 ? the day it begins
says:
  unknown:
    other: {between: .05 .. .1 ? ours}
judges:
  middle: {question: struck, interval: .6 .. .8 ? ours}
  low: {question: struck, interval: .18 .. .26 ? ours}
  high: {question: struck, interval: .82 .. .9 ? ours}
  just_too_high: {question: struck, interval: .918 .. .99 ? ours}
  too_high: {question: struck, interval: .95 .. .99 ? ours}
  too_low: {question: struck, interval: .01 .. .08 ? ours}
  where_above: {question: struck_above, interval: .8 .. .9 ? ours}
  said: {premise: [unknown other]}
  beyond: {inexpressible: nothing asks about it}
"""


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(main, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cases") / "hazards"
    scaffold.write_case(folder)
    (folder / "crisis.yaml").write_text(CRISIS, "utf-8")
    (folder / "questions.yaml").write_text(QUESTIONS, "utf-8")
    (folder / "assessments").mkdir()
    (folder / "assessments" / "view.yaml").write_text(VIEW, "utf-8")
    return folder


@pytest.fixture(scope="module")
def case(folder: Path) -> Case:
    return load(str(folder))


@pytest.fixture(scope="module")
def rows(case: Case) -> dict[str, Reach]:
    view = case.assessments["view"]
    return {r.judgement.passage: r for r in reach(under(case, view), view, 2048, 4)}


def probability(r: Reach) -> float:
    """Of a strike at the setting that a row names, by the formula."""
    quantiles = {x.unknown: x.quantile for x in r.setting}
    rate = LOW + (HIGH - LOW) * quantiles.get("risk", 0.5)
    return -math.expm1(-rate * DAYS)


@pytest.mark.parametrize("name", ["middle", "low", "high", "where_above"])
def test_a_setting_is_found_where_there_is_one(rows: dict[str, Reach], name: str) -> None:
    r = rows[name]
    assert r.status == "reachable", r
    low, high = r.judgement.low, r.judgement.high
    assert low is not None
    assert high is not None
    assert r.probability is not None
    assert r.mc_error is not None
    assert low <= r.probability <= high
    assert abs(r.probability - probability(r)) < 4 * r.mc_error
    assert r.clear == (low + 2 * r.mc_error <= r.probability <= high - 2 * r.mc_error)
    for x in r.setting:
        assert EDGE <= x.quantile <= 1 - EDGE
        if x.unknown == "risk":
            assert float(x.value) == pytest.approx(LOW + (HIGH - LOW) * x.quantile, rel=0.01)


def test_the_medians_do_where_they_do(rows: dict[str, Reach]) -> None:
    assert rows["middle"].setting == ()
    assert rows["middle"].reason == "at the medians"
    assert rows["middle"].probability == pytest.approx(-math.expm1(-0.026 * DAYS), abs=0.04)


def test_what_no_setting_gives_is_out_of_reach_with_the_range(rows: dict[str, Reach]) -> None:
    high, low = rows["too_high"], rows["too_low"]
    assert (high.status, low.status) == ("out of reach", "out of reach")
    assert "likely enough" in high.reason
    assert "unlikely enough" in low.reason
    assert high.range is not None
    assert low.range is not None
    assert high.range[1] == pytest.approx(MOST, abs=0.03)
    assert low.range[0] == pytest.approx(LEAST, abs=0.03)
    assert high.probability is low.probability is None
    assert high.setting == low.setting == ()
    assert high.clear
    assert low.clear


def test_out_of_reach_by_less_than_two_errors_is_marked(rows: dict[str, Reach]) -> None:
    """The most that a setting gives is .91, with 2,048 worlds give or take .006."""
    r = rows["just_too_high"]
    assert r.range is not None
    assert r.status == "out of reach"
    assert not r.clear
    assert reach_lines(r)[-1].endswith("?")


def test_premises_and_what_nothing_asks(rows: dict[str, Reach]) -> None:
    assert rows["said"].status == "premise"
    assert "unknown other" in rows["said"].reason
    assert (rows["beyond"].status, rows["beyond"].reason) == (
        "inexpressible",
        "nothing asks about it",
    )


def test_a_condition_counts_only_worlds_that_meet_it(rows: dict[str, Reach]) -> None:
    """At the median `held` is at a half and all worlds meet it; the rate decides."""
    r = rows["where_above"]
    assert {"risk"} <= {x.unknown for x in r.setting}


def test_unknowns_that_cannot_matter_stay_at_their_medians(rows: dict[str, Reach]) -> None:
    for name in ("low", "high"):
        assert {x.unknown for x in rows[name].setting} == {"risk"}


def test_a_cloud_moves_half_of_what_matters_and_nothing_else() -> None:
    place = np.array([0.2, 0.9, 0.5])
    q = around(place, np.array([True, False, True]), 4000, "here")
    assert (q[:, 1] == 0.9).all()
    for k in (0, 2):
        assert (q[:, k] != place[k]).mean() == pytest.approx(0.5, abs=0.04)
    assert (around(place, np.array([True, False, True]), 4000, "here") == q).all()


def test_named_values_turn_whole_on_the_way() -> None:
    crisis = load("tutorial").crisis
    s = settable(plan(crisis))
    k = next(i for i, of in enumerate(s.of) if crisis.unknowns[of[0]].options)
    middle = np.full(len(s.dice), 0.5)
    end = np.full(len(s.dice), 0.99)
    seen = {float(between(s, middle, end, t)[k]) for t in np.linspace(0, 1, 50)}
    assert seen == {0.5, 0.99}
    others = [i for i in range(len(s.dice)) if i != k]
    assert between(s, middle, end, 0.5)[others] == pytest.approx(0.745)
    assert (between(s, middle, end, 1.0) == end).all()


def test_the_command(folder: Path) -> None:
    arguments = ("reach", str(folder), "--worlds", "256", "--seed", "2")
    first = run(*arguments, "--json")
    assert first.exit_code == 0, first.output
    assert first.stdout == run(*arguments, "--json", "--threads", "1").stdout
    told = json.loads(first.stdout)
    assert told["schema"] == "offramp.reach/1"
    assert len(told["judgements"]) == 9
    assert sum(told["counts"].values()) == 9
    assert sum(told["counts_of_documents"].values()) == 0  # a view without a document
    assert told["counts"]["premise"] == told["counts"]["inexpressible"] == 1
    assert told["model_sha256_under"]["view"] != told["model_sha256"]
    table = run(*arguments)
    assert table.exit_code == 0
    assert max(map(len, table.stdout.splitlines())) <= 80


def test_names_that_are_not_there(folder: Path) -> None:
    assert "no assessment 'veiw'" in run("reach", str(folder), "veiw").output
    assert run("reach", str(folder), "case").exit_code == 2

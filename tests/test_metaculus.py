"""The export for Metaculus, held to the platform's own check of a forecast."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.answers.issued import Issued, distribution
from offramp.answers.metaculus import as_metaculus, as_text, cdf
from offramp.case.case import load
from offramp.cli import main
from offramp.engine.blocks import machinery

SIDES = st.booleans()
SAMPLES = st.lists(
    st.one_of(st.integers(-5, 70), st.floats(-5, 70, width=32)), min_size=1, max_size=60
)


def taken(points: Sequence[float], below: bool, above: bool) -> bool:
    """Whether the platform takes a distribution function, by its `continuous_validation`."""
    steps = np.round(np.diff(np.round(points, 10)), 10)
    low = points[0] >= 0.001 if below else points[0] == 0.0
    high = points[-1] <= 0.999 if above else points[-1] == 1.0
    whole = len(points) == 201 and bool((steps >= 5e-5).all() and (steps <= 0.59).all())
    return whole and bool(low and high)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(samples=SAMPLES, below=SIDES, above=SIDES)
def test_the_platform_takes_any_distribution(
    samples: list[float], below: bool, above: bool
) -> None:
    values, weights = distribution(samples, np.ones(len(samples)))
    assert taken(cdf(values, weights, (0.0, 60.0), below, above), below, above)


def test_the_check_can_fail() -> None:
    assert not taken([0.0] * 200 + [1.0], False, False)
    assert not taken(list(np.linspace(0, 1, 201)), True, False)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(samples=SAMPLES, below=SIDES, above=SIDES)
def test_it_says_what_the_forecast_says(samples: list[float], below: bool, above: bool) -> None:
    """Within a hundredth for what is spread, a thousandth a bound, at each of its 201 places; but
    where more than 0.59 of the worlds have one value."""
    values, weights = distribution(samples, np.ones(len(samples)))
    x, w = np.array(values), np.array(weights)
    x = np.clip(x, -np.inf if below else 0.0, np.inf if above else 60.0)
    points, places = cdf(values, weights, (0.0, 60.0), below, above), np.linspace(0, 60, 201)
    if np.histogram(x, places, weights=w)[0].max() > 0.58:
        return
    whole = np.array([w[x <= place].sum() for place in places])
    assert points[1:] == pytest.approx(whole[1:], abs=0.0121)
    assert points[0] == pytest.approx(w[x < 0].sum(), abs=0.0121)
    for level in (0.1, 0.5, 0.9):
        if points[0] < level <= points[-1]:
            at = np.interp(level, points, places)
            assert w[x < at - 0.3].sum() <= level + 0.0121
            assert w[x <= at + 0.3].sum() >= level - 0.0121


def test_one_value_in_all_worlds_lies_in_two_steps() -> None:
    points = cdf((30.0,), (1.0,), (0.0, 60.0), False, False)
    steps = np.diff(points)
    assert points[99] < 0.01
    assert steps[99] == pytest.approx(0.59)
    assert steps[100] == pytest.approx(0.99 - 0.59, abs=1e-3)
    last = np.diff(cdf((60.0,), (1.0,), (0.0, 60.0), False, False))
    assert last[-1] == pytest.approx(0.59)
    assert last[-2] > 0.39


def test_what_lies_beyond_an_open_bound_lies_beyond_it() -> None:
    closed = cdf((10.0, 99.0), (0.6, 0.4), (0.0, 60.0), False, False)
    opened = cdf((10.0, 99.0), (0.6, 0.4), (0.0, 60.0), False, True)
    assert closed[-2] == pytest.approx(0.6, abs=0.011)
    assert closed[-1] == 1.0
    assert opened[-1] == pytest.approx(0.6, abs=0.011)


def issued(question: str, kind: str, **more: object) -> Issued:
    day = dt.date(2031, 4, 12)
    return Issued(question, kind, day, "case", "0" * 64, 1, 500, **more)  # type: ignore[arg-type]


def test_each_kind_has_its_field_and_what_has_no_numbers_says_why() -> None:
    case = load("tutorial")
    choice = next(q for q in case.questions if q.kind_of == "choice")
    days = case.crisis.first.toordinal()
    some = [
        issued("war", "binary", probability=0.0),
        issued(
            choice.id,
            "choice",
            options=choice.names,
            probabilities=(1.0, *[0.0] * (len(choice.names) - 1)),
        ),
        issued("swarms", "number", values=(3.0, 8.0), weights=(0.5, 0.5)),
        issued("first_boarding", "date", values=(days + 4.0, days + 90.0), weights=(0.3, 0.7)),
        issued("blockade", "binary", refused="too few worlds"),
    ]
    made = as_metaculus(case.id, some, case.questions)
    yes, one, number, date = made["forecasts"]
    assert yes["probability_yes"] == 0.001
    assert yes["type"] == "binary"
    for one_of in made["forecasts"]:
        assert {"as_of", "model_sha256", "seed", "cites"} <= set(one_of)
    shares = one["probability_yes_per_category"]
    assert list(shares) == list(choice.names)
    assert sum(shares.values()) == pytest.approx(1.0)
    assert all(0.001 <= p <= 0.999 for p in shares.values())
    assert number["scaling"] == {"range_min": 0.0, "range_max": 90.0, "zero_point": None}
    assert (number["open_lower_bound"], number["open_upper_bound"]) == (False, True)
    assert date["scaling"]["range_min"] == "2031-04-01"
    assert taken(date["continuous_cdf"], False, True)
    assert date["continuous_cdf"][-1] == pytest.approx(0.3, abs=0.01)
    assert made["left_out"] == [
        {
            "question": "blockade",
            "assessment": "case",
            "as_of": "2031-04-12",
            "model_sha256": "0" * 64,
            "seed": 1,
            "cites": ["T5", "T23", "T40"],
            "why": "too few worlds",
        }
    ]
    endless = [replace(q, bounds=None) if q.id == "swarms" else q for q in case.questions]
    (left,) = as_metaculus(case.id, some[2:3], endless)["left_out"]
    assert "no `bounds:`" in left["why"]
    assert json.loads(as_text(made)) == made


@pytest.mark.skipif(not machinery.available(), reason="needs Numba")
def test_export_chooses_by_the_ending(tmp_path: Path) -> None:
    def run(name: str) -> tuple[int, str]:
        asked = ["export", "tutorial", "-o", str(tmp_path / name)]
        done = CliRunner().invoke(main, [*asked, "--worlds", "512", "--assessment", "case"])
        return done.exit_code, done.output

    assert run("x.metaculus.json")[0] == 0
    made = json.loads((tmp_path / "x.metaculus.json").read_text("utf-8"))
    assert made["schema"] == "offramp.metaculus/1"
    for row in made["forecasts"]:
        if "continuous_cdf" in row:
            sides = row["open_lower_bound"], row["open_upper_bound"]
            assert taken(row["continuous_cdf"], *sides)
    assert {row["assessment"] for row in made["forecasts"]} >= {"case"}
    status, said = run("x.json")
    assert status == 2
    assert "neither in .metaculus.json nor in .jsonl" in " ".join(said.split())

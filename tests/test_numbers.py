"""Answers are numbers, or are refused with the reason: no NaN and no infinity leaves as JSON."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from offramp.answers import issued, scores
from offramp.case import scaffold
from offramp.cli import main
from offramp.render.brief.dots import round_values, span_of
from offramp.text import plain_json

QUICK = ("--worlds", "16", "--threads", "1", "--reference")
HUGE = "exp(700 [? x] + count(border_incident)) * exp(700 [? x])"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    scaffold.write_case(tmp_path / "a")
    return tmp_path


def offramp(*arguments: str) -> Result:
    result = CliRunner().invoke(main, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def asks(here: Path, section: str, asked: str) -> None:
    (here / "a" / "questions.yaml").write_text(
        f"{section}:\n  q:\n    text: t\n    window: 2030-01-01 .. 2030-03-31\n    {asked}\n"
    )


@pytest.mark.parametrize("as_json", [(), ("--json",)])
@pytest.mark.parametrize(
    ("section", "asked"),
    [
        ("quantities", f"asks: {HUGE}"),
        ("quantities", f"asks: 0 * ({HUGE})"),
        ("questions", f"asks: {HUGE} <= 1e15 ? x"),
        ("questions", f"asks: 0 * ({HUGE}) <= 1 ? x"),
        ("questions", f"asks: not ({HUGE} - {HUGE} > 1) ? x"),
        ("choices", f"options:\n      a: {HUGE} > 1 ? x\n      b: else"),
    ],
)
def test_what_is_beyond_any_number_is_no_answer(
    here: Path, section: str, asked: str, as_json: tuple[str, ...]
) -> None:
    asks(here, section, asked)
    result = offramp("forecast", "a", *QUICK, *as_json)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert re.search(r"questions\.yaml:\d+:\d+: error\[no-number\]", result.stderr)


def test_a_part_that_is_never_reached_refuses_nothing(here: Path) -> None:
    asks(here, "questions", f"asks: count(border_incident) >= 0 or {HUGE} > 1 ? x")
    result = offramp("forecast", "a", *QUICK, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["answers"][0]["probability"] == 1.0


NONE = st.sampled_from([math.nan, math.inf, -math.inf])
PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(PLAIN)
def test_json_comes_back_as_it_left(value: object) -> None:
    assert plain_json.parsed(plain_json.text(value)) == value


@given(PLAIN, NONE)
def test_no_number_leaves_that_is_none(value: object, none: float) -> None:
    with pytest.raises(plain_json.NoNumber, match=r"rows\[1\]\.share \((nan|inf|-inf)\)"):
        plain_json.text({"a": value, "rows": [value, {"share": none}]})


@pytest.mark.parametrize("text", ["NaN", "[1, Infinity]", '{"a": -Infinity}'])
def test_no_number_comes_in_that_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="not a number of JSON"):
        plain_json.parsed(text)


def test_an_error_that_is_not_known_is_null_and_an_answer_is_not() -> None:
    value = {
        "mc_error": math.inf,
        "rows": [{"error": math.nan, "parts": [{"sd": math.inf}]}],
        "mc_error_by_day": {"2030-01-01": math.inf},
    }
    plain = plain_json.told(value)
    assert plain == {
        "mc_error": None,
        "rows": [{"error": None, "parts": [{"sd": None}]}],
        "mc_error_by_day": {"2030-01-01": None},
    }
    with pytest.raises(plain_json.NoNumber, match="probability"):
        plain_json.text(plain_json.told({"probability": math.nan, "mc_error": math.inf}))


@given(st.floats(-1e6, 1e6), st.integers(-8, 8))
def test_what_the_last_bits_say_is_rounded_away(x: float, steps: int) -> None:
    middle = float(f"{x:.8g}")  # far from an edge between two roundings
    other = middle
    for _ in range(abs(steps)):
        other = math.nextafter(other, math.copysign(math.inf, steps))
    assert plain_json.rounded([middle]) == plain_json.rounded([other])


def test_rounding_leaves_whole_numbers_and_words_alone() -> None:
    value = {"n": 12345678901234567, "p": 0.125, "words": "0.12345678901234", "none": None}
    assert plain_json.rounded(value) == value
    assert plain_json.text(plain_json.rounded(-1e-17)) == "0.0"  # a difference of equals


@pytest.mark.parametrize(
    ("values", "weights", "happened", "why"),
    [
        ([], [], 1.0, "without a value"),
        ([math.nan, 1.0], [1, 1], 1.0, "1 of the values are not numbers"),
        ([math.inf], [1], 1.0, "not numbers"),
        ([1.0, 2.0], [0, 0], 1.0, "all weights are 0"),
        ([1.0, 2.0], [2, -1], 1.0, "from 0 up"),
        ([1.0, 2.0], [1, math.nan], 1.0, "from 0 up"),
        ([1.0, 2.0], [1], 1.0, "one length"),
        ([1.0], [1], math.nan, "outcome is not a number"),
    ],
)
def test_the_crps_of_nothing_is_no_perfect_score(
    values: list[float], weights: list[float], happened: float, why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        scores.crps(values, weights, happened)


@pytest.mark.parametrize("p", [math.nan, -0.1, 1.1, math.inf])
def test_no_rule_scores_what_is_no_probability(p: float) -> None:
    for score in (
        lambda: scores.brier(p, True),
        lambda: scores.log_score(p, 0.001),
        lambda: scores.brier_of_choice([p, 0.0], 0),
        lambda: scores.rps([p, 0.0], 0),
    ):
        with pytest.raises(ValueError, match="probability lies from 0 to 1"):
            score()


def test_options_that_are_no_distribution_are_not_scored() -> None:
    with pytest.raises(ValueError, match="1 options cannot be scored"):
        scores.rps([1.0], 0)
    with pytest.raises(ValueError, match=r"sum to 0\.7"):
        scores.rps([0.2, 0.5], 0)
    with pytest.raises(ValueError, match="no option 2"):
        scores.brier_of_choice([0.5, 0.5], 2)
    with pytest.raises(ValueError, match="above 0"):
        scores.log_score(0.5, 0.0)
    for values, weights in (([], []), ([1.0], [0.0]), ([math.nan], [1.0])):
        with pytest.raises(ValueError, match="weight above 0"):
            issued.distribution(values, weights)


@given(st.floats(-1e17, 1e17))
def test_a_quantity_that_is_the_same_in_every_world_has_an_axis(value: float) -> None:
    low, high = span_of([value] * 20)
    assert low < value < high
    assert round_values(low, high)

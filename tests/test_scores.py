"""Scoring rules against scoringrules and closed forms, who is scored, and baselines by hand."""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scoringrules
from cases import beside
from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.answers import baselines as naive
from offramp.answers import scores as rules
from offramp.answers.forecast import forecast
from offramp.answers.issued import (
    LEAST,
    Issued,
    distribution,
    excluded,
    from_forecast,
    from_samples,
    quantiles,
    reliability,
    score,
    unscored,
)
from offramp.answers.resolve import Outcome
from offramp.answers.scores import Score, against, scoreboard
from offramp.case.case import Case, load
from offramp.case.record import Coverage, Days, History, Report
from offramp.language.expressions import Basis
from offramp.text.diagnostics import CaseError, Span

HERE = Span("test", 1, 1)
OURS = Basis("assumed", (), "a test", HERE)
D = dt.date
FIRST, LAST, END = D(2030, 2, 1), D(2030, 2, 28), D(2030, 3, 5)

shares = st.floats(0, 1)
splits = st.lists(st.floats(0.01, 1), min_size=2, max_size=6).map(
    lambda xs: [x / sum(xs) for x in xs]
)


def outcome(answer: str = "yes", **change: object) -> Outcome:
    made = Outcome(
        question="q",
        answer=answer,
        value=None,
        on=LAST,
        how="cited",
        source="press",
        rows=(),
        first=FIRST,
        last=LAST,
        known_by=END,
        kind="binary",
    )
    return replace(made, **change)  # type: ignore[arg-type]


def issued(probability: float | None = 0.3, **change: object) -> Issued:
    said = {
        "question": "q",
        "kind": "binary",
        "as_of": D(2030, 1, 15),
        "assessment": "case",
        "model_sha256": "0" * 64,
        "seed": 7,
        "worlds": 1000,
        "mc_error": 0.01,
        "probability": probability,
    }
    return Issued(**{**said, **change})  # type: ignore[arg-type]


# ---- the rules ----------------------------------------------------------------------------------


@given(shares, st.booleans())
def test_brier_and_log_agree_with_scoringrules(p: float, yes: bool) -> None:
    assert rules.brier(p, yes) == pytest.approx(scoringrules.brier_score(int(yes), p), abs=1e-12)
    if 0.001 < p < 0.999:
        mine, floored = rules.log_score(p if yes else 1 - p, rules.floor(10**6))
        assert not floored
        assert mine == pytest.approx(scoringrules.log_score(int(yes), p), abs=1e-12)


@given(splits, st.data())
def test_rps_agrees_with_scoringrules_up_to_the_number_of_steps(
    ps: list[float], data: st.DataObject
) -> None:
    k = data.draw(st.integers(0, len(ps) - 1))
    theirs = scoringrules.rps_score(k + 1, np.array(ps))
    assert rules.rps(ps, k) == pytest.approx(float(theirs) / (len(ps) - 1), abs=1e-9)


def test_a_line_of_an_export_goes_into_scoringrules_as_the_page_prints_it() -> None:
    page = (Path(__file__).parent.parent / "docs" / "files.md").read_text("utf-8")
    (line,) = re.findall(r"^scoringrules\..*$", page, re.M)
    row = {"values": [1.0, 2.0, 9.0], "weights": [0.2, 0.5, 0.3]}
    found = eval(line, {"scoringrules": scoringrules, "row": row})
    assert float(found) == pytest.approx(rules.crps(row["values"], row["weights"], 7.0), abs=1e-12)


@given(
    st.lists(st.floats(-50, 50), min_size=1, max_size=40),
    st.floats(-60, 60),
)
def test_crps_agrees_with_scoringrules_on_equal_weights(values: list[float], y: float) -> None:
    theirs = float(scoringrules.crps_ensemble(y, np.array(values), estimator="nrg"))
    assert rules.crps(values, np.ones(len(values)), y) == pytest.approx(theirs, abs=1e-9)


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(1, 5)), min_size=1, max_size=8),
    st.integers(-2, 12),
)
def test_weights_are_repetitions(pairs: list[tuple[int, int]], y: int) -> None:
    values, weights = [v for v, _ in pairs], [w for _, w in pairs]
    repeated = [v for v, w in pairs for _ in range(w)]
    plain = float(scoringrules.crps_ensemble(y, np.array(repeated, float), estimator="nrg"))
    assert rules.crps(values, weights, y) == pytest.approx(plain, abs=1e-9)


def test_crps_of_a_point_is_its_distance_and_of_a_coin_is_known() -> None:
    assert rules.crps([3], [1], 7) == 4
    # Half at 0, half at 1, outcome 0: the integral of (1/2)^2 over 0..1.
    assert rules.crps([0, 1], [0.5, 0.5], 0) == pytest.approx(0.25)


@given(splits, splits)
def test_rules_are_proper(belief: list[float], said: list[float]) -> None:
    """Who believes p expects the best score from saying p."""
    if len(belief) != len(said):
        return
    for rule in (rules.brier_of_choice, rules.rps, lambda ps, k: rules.log_score(ps[k], 1e-9)[0]):
        honest = sum(p * rule(belief, k) for k, p in enumerate(belief))
        other = sum(p * rule(said, k) for k, p in enumerate(belief))
        assert honest <= other + 1e-12


@given(shares, st.booleans())
def test_a_choice_of_two_is_a_yes_or_no_question(p: float, yes: bool) -> None:
    ps, k = [p, 1 - p], 0 if yes else 1
    assert rules.brier_of_choice(ps, k) == pytest.approx(rules.brier(p, yes))
    assert rules.rps(ps, k) == pytest.approx(rules.brier(p, yes))


def test_what_was_called_impossible_is_floored_and_counted() -> None:
    found = {s.rule: s for s in score([issued(0.0)], {"q": outcome("yes")})}
    assert found["log"].value == pytest.approx(math.log(2002))  # 1/(2n + 2) for a thousand worlds
    assert found["log"].floored
    assert not found["brier"].floored
    (row,) = (r for r in scoreboard(found.values()) if r.rule == "log")
    assert row.floored == 1


# ---- numbers and dates --------------------------------------------------------------------------


def test_beyond_an_open_bound_only_that_it_is_beyond_counts() -> None:
    number = issued(None, kind="number", values=(10.0, 70.0), weights=(0.5, 0.5))
    far = replace(number, values=(10.0, 500.0))
    above = outcome("above", kind="number", value=40.0, scale=(0.0, 40.0))
    (a, a_scaled), (b, _) = score([number], {"q": above}), score([far], {"q": above})
    assert a.value == b.value == pytest.approx(30 / 2 - 30 / 4)
    assert a_scaled.rule == "crps_scaled"
    assert a_scaled.value == pytest.approx(a.value / 40)


def test_a_day_that_does_not_come_is_the_day_after_the_window() -> None:
    never = float(LAST.toordinal() + 1)
    scale = (float(FIRST.toordinal()), never)
    date = issued(None, kind="date", values=(never - 10, never), weights=(0.5, 0.5))
    o = outcome("above", kind="date", value=never, scale=scale)
    crps, _ = score([date], {"q": o})
    assert crps.value == pytest.approx(5 - 2.5)


def test_many_values_become_quantiles_that_score_alike() -> None:
    x = np.linspace(0, 100, 20_001)
    values, weights = distribution(x, np.ones(len(x)))
    assert len(values) == 1000
    assert sum(weights) == pytest.approx(1)
    assert rules.crps(values, weights, 31) == pytest.approx(
        rules.crps(x, np.ones(len(x)), 31), abs=0.01
    )


def test_quantiles_are_values_of_the_sample() -> None:
    assert list(quantiles([1, 5, 9], [0.2, 0.5, 0.3], [0.1, 0.2, 0.21, 0.7, 0.99])) == [
        1,
        1,
        5,
        5,
        9,
    ]


# ---- who is scored ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("o", "i", "why"),
    [
        (outcome("yes", on=D(2030, 2, 3)), issued(), ""),
        (outcome("yes", on=D(2030, 2, 3), known_by=LAST), issued(), "scheduled end"),
        (outcome("ambiguous"), issued(), "ambiguous"),
        (outcome("annulled"), issued(), "annulled"),
        (outcome(""), issued(), "not resolved"),
        (outcome("yes", on=D(2030, 2, 3)), issued(as_of=D(2030, 2, 3)), "had resolved"),
        (outcome("yes", on=D(2030, 2, 3)), issued(as_of=D(2030, 2, 2)), ""),
        (outcome(), issued(None, refused="too few"), "refused"),
        (outcome(kind="number"), issued(), "changed"),
    ],
)
def test_who_is_scored(o: Outcome, i: Issued, why: str) -> None:
    assert why in excluded(i, o)
    assert bool(score([i], {"q": o})) == (why == "")
    assert [u.question for u in unscored([i], {"q": o})] == ([] if why == "" else ["q"])


def test_a_forecast_from_within_the_window_is_marked() -> None:
    early, late = issued(as_of=D(2030, 1, 31)), issued(as_of=FIRST)
    assert [s.late for s in score([early, late], {"q": outcome()})] == [False] * 2 + [True] * 2


def test_reliability_leaves_out_what_resolved_early_and_is_not_yet_due() -> None:
    many = [issued(0.25, question=f"q{k}") for k in range(4)]
    outs = {f"q{k}": outcome("no", question=f"q{k}") for k in range(3)}
    outs["q3"] = outcome("yes", question="q3", on=D(2030, 2, 2), known_by=D(2030, 2, 10))
    table = reliability(many, outs, bins=4)
    assert [(b.forecasts, b.questions) for b in table] == [(0, 0), (3, 3), (0, 0), (0, 0)]
    assert (table[1].mean, table[1].came_true) == (0.25, 0.0)
    assert table[0].mean is None
    outs["q3"] = replace(outs["q3"], known_by=END)
    assert reliability(many, outs, bins=4)[1].came_true == 0.25


def test_a_probability_of_one_is_in_the_last_bin() -> None:
    assert reliability([issued(1.0)], {"q": outcome()})[-1].forecasts == 1


def test_the_scoreboard_compares_over_what_all_answered() -> None:
    def s(question: str, who: str, value: float) -> Score:
        return Score(
            question=question,
            as_of=FIRST,
            assessment=who,
            rule="brier",
            value=value,
            outcome="yes",
            resolved_on=LAST,
            late=False,
        )

    scores = [
        s("a", "case", 0.1),
        s("b", "case", 0.3),
        s("c", "case", 0.9),
        s("a", "x", 0.2),
        s("b", "x", 0.2),
    ]
    case, x = scoreboard(scores)
    assert (case.assessment, case.mean, case.questions) == ("case", pytest.approx(0.2), 2)
    assert case.error == pytest.approx(0.1)
    assert x.mean == pytest.approx(0.2)
    (alone,) = scoreboard(scores, ["case"])
    assert alone.questions == 3
    assert scoreboard(scores, ["case", "nobody"]) == ()
    (difference,) = against(scores, "case")
    assert (difference.mean, difference.questions) == (pytest.approx(0.0), 2)


def test_days_and_persons_are_not_averaged() -> None:
    raw = Score(
        question="a",
        as_of=FIRST,
        assessment="case",
        rule="crps",
        value=3.0,
        outcome="4",
        resolved_on=LAST,
        late=False,
    )
    assert scoreboard([raw, replace(raw, rule="crps_scaled", value=0.1)])[0].rule == "crps_scaled"


# ---- issuing ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def us_iran() -> Case:
    return load("us-iran-2020")


def test_weighted_worlds_give_weighted_shares_and_are_refused_when_few(us_iran: Case) -> None:
    q = next(q for q in us_iran.questions if q.id == "us_strikes_again")
    x = np.array([1.0, 0.0] * 100)
    w = np.where(x == 1, 3.0, 1.0)
    i = from_samples(q, FIRST, "case", x, w, model_sha256="a", seed=1)
    assert i.probability == pytest.approx(0.75)
    assert i.worlds == 160  # (sum w)^2 / sum w^2 = 400^2 / 1000
    one = np.where(np.arange(200) == 0, 1000.0, 1.0)
    few = from_samples(q, FIRST, "case", x, one, model_sha256="a", seed=1)
    assert few.probability is None
    assert str(LEAST) in few.refused
    assert from_samples(q, FIRST, "case", [], model_sha256="a", seed=1).refused


def test_a_forecast_comes_back_from_its_dictionary(us_iran: Case) -> None:
    run = forecast(us_iran, 120, 3)
    made = from_forecast(run, us_iran, us_iran.crisis.first)
    assert {i.kind for i in made} == {"binary", "choice", "number", "date"}
    assert [i.question for i in made] == [q.id for q in us_iran.questions]
    assert all(Issued.from_dict(i.to_dict()) == i for i in made)
    for i in made:
        if i.kind == "choice":
            assert sum(i.probabilities) == pytest.approx(1)
    answers = {a.id: a for a in run.answers}
    strikes = next(i for i in made if i.question == "us_strikes_again")
    assert strikes.probability == answers["us_strikes_again"].probability


def test_options_say_what_counts_of_the_same_worlds(us_iran: Case) -> None:
    run = forecast(us_iran, 120, 3)
    bands = next(c for c in run.choices if c.id == "american_strikes_in_four_bands")
    president = next(c for c in run.choices if c.id == "us_president")
    force = next(c for c in run.choices if c.id == "gravest_force")
    binary = {a.id: a.probability for a in run.answers}
    assert force.probabilities[0] == binary["broad_conflict"]
    assert sum(force.probabilities[:2]) == pytest.approx(binary["exchange_again"])
    assert bands.options == ("none", "one", "two to four", "more")
    assert president.probabilities[2] == 0


@pytest.mark.parametrize(
    "change",
    [
        {"probability": 1.2},
        {"probability": float("nan")},
        {"probability": None},
        {"kind": "guess"},
        {"refused": "few"},
        {"kind": "choice", "options": ["a"], "probabilities": [0.4]},
        {"kind": "number", "values": [1.0], "weights": [0.5, 0.5]},
        {"as_of": "soon"},
        {"colour": "red"},
    ],
)
def test_what_is_no_forecast_is_refused(change: dict[str, object]) -> None:
    data = {**issued().to_dict(), **change}
    with pytest.raises(ValueError, match="forecast"):
        Issued.from_dict(data)


# ---- baselines ----------------------------------------------------------------------------------

CRISIS = """crisis: raids
from: 2030-01-01
to: 2030-03-31
show: [rung]
state:
  rung:
    ladder: [low, high]
    now: low ? start
  heat:
    stock: 0 .. 9 ? room
    now: 2 ? start
event:
  raid:
    rate: .1 ? chance
    does:
      - heat + 1 ? up
    outcomes:
      death:
        chance: .2 ? some
        does:
          - heat + 1 ? up
  vote_day:
    on: 2030-03-01 ? fixed
    does:
      - heat + 1 ? up
"""
QUESTIONS = """questions:
  any_raid:
    text: A raid?
    window: 2030-02-01 .. 2030-02-28
    asks: count(raid) >= 1
  calm:
    text: Calm?
    window: 2030-02-01 .. 2030-02-28
    asks: final(heat) < 5 ? half
  dated:
    text: Held?
    window: 2030-02-01 .. 2030-03-28
    asks: count(vote_day) >= 1
choices:
  how_many:
    text: How many?
    window: 2030-02-01 .. 2030-02-28
    ordered: yes
    options:
      none: count(raid) == 0
      one: count(raid) == 1
      more: else
quantities:
  raids:
    text: Raids
    window: 2030-02-01 .. 2030-02-28
    asks: count(raid)
    bounds: 0 .. 20 ? room
    open: above
  first_raid:
    text: The first raid
    window: 2030-02-01 .. 2030-02-28
    asks: first(raid)
"""


def raid(day: D, kind: str = "event", name: str = "") -> Report:
    return Report(
        id=name or f"R{day}",
        kind=kind,
        what="raid",
        outcome="none",
        actor="",
        when=(Days(day, day, 1.0),),
        known_since=day,
        grade="verified",
        relation="=",
        value=0,
        error=0,
        report="a raid",
        source="press",
        url="",
        note="",
        span=HERE,
    )


@pytest.fixture(scope="module")
def raids(tmp_path_factory: pytest.TempPathFactory) -> Case:
    folder = tmp_path_factory.mktemp("cases") / "raids"
    folder.mkdir()
    (folder / "crisis.yaml").write_text(CRISIS)
    (folder / "questions.yaml").write_text(QUESTIONS)
    return load(folder)


def history(*reports: Report, chance: float = 1.0) -> History:
    return History(reports, (Coverage("raid", D(2030, 1, 1), chance, OURS, HERE),))


def by_question(found: tuple[Issued, ...]) -> dict[str, Issued]:
    return {i.question: i for i in found}


def test_climatology_is_the_poisson_rate_with_half_an_event(raids: Case) -> None:
    # Forty days, three raids: rate 3.5/40 a day over the 28 days of the window.
    h = history(*(raid(D(2029, 12, 23) + dt.timedelta(k), "past") for k in (0, 9, 20)))
    found = by_question(naive.climatology(raids, h, D(2030, 1, 31)))
    mean = 3.5 / 40 * 28
    assert found["any_raid"].probability == pytest.approx(1 - math.exp(-mean), abs=0.02)
    assert found["how_many"].probabilities[1] == pytest.approx(mean * math.exp(-mean), abs=0.025)
    numbers = found["raids"]
    assert np.dot(numbers.values, numbers.weights) == pytest.approx(mean, abs=0.1)
    dates = found["first_raid"]
    never = D(2030, 3, 1).toordinal()
    share = dict(zip(dates.values, dates.weights, strict=True))[float(never)]
    assert share == pytest.approx(math.exp(-mean), abs=0.02)
    # The first of a Poisson process comes on the first day with probability 1 - exp(-rate).
    first = dict(zip(dates.values, dates.weights, strict=True))[float(D(2030, 2, 1).toordinal())]
    assert first == pytest.approx(1 - math.exp(-3.5 / 40), abs=0.02)
    assert set(found) == {"any_raid", "how_many", "raids", "first_raid"}  # no stock, no fixed date


def test_climatology_counts_what_came_in_the_window(raids: Case) -> None:
    h = history(raid(D(2030, 1, 2)), raid(D(2030, 2, 3)))
    found = by_question(naive.climatology(raids, h, D(2030, 2, 10)))
    assert found["any_raid"].probability == 1
    assert found["how_many"].probabilities[0] == 0
    assert min(found["raids"].values) == 1
    assert found["first_raid"].values == (float(D(2030, 2, 3).toordinal()),)


def test_baselines_know_nothing_later_than_their_day(raids: Case) -> None:
    early = raid(D(2030, 1, 2))
    hidden = replace(raid(D(2030, 1, 20)), known_since=D(2030, 3, 1))
    later = raid(D(2030, 2, 20))
    for baseline in (naive.climatology, naive.persistence):
        plain = baseline(raids, history(early), D(2030, 1, 31))
        assert baseline(raids, history(early, hidden, later), D(2030, 1, 31)) == plain


def test_silence_about_what_nobody_follows_makes_no_baseline(raids: Case) -> None:
    h = history(raid(D(2029, 12, 1), "past"), chance=0.0)
    assert naive.climatology(raids, h, D(2030, 1, 31)) == ()
    assert naive.persistence(raids, h, D(2030, 1, 31)) == ()


def test_persistence_repeats_the_span_before(raids: Case) -> None:
    h = history(raid(D(2029, 12, 1), "past"), raid(D(2030, 1, 10)))
    found = by_question(naive.persistence(raids, h, D(2030, 1, 31)))
    assert found["any_raid"].probability == pytest.approx(2 / 3)
    assert found["how_many"].probabilities == (0.25, 0.5, 0.25)
    assert found["raids"].values == (1.0,)
    # The span of 28 days is 4 to 31 January: the raid was on its seventh day.
    assert found["first_raid"].values == (float(D(2030, 2, 7).toordinal()),)
    quiet = by_question(naive.persistence(raids, history(h.reports[0]), D(2030, 1, 31)))
    assert quiet["any_raid"].probability == pytest.approx(1 / 3)
    assert quiet["first_raid"].values == (float(D(2030, 3, 1).toordinal()),)
    # Reports that begin within the span say nothing about all of it.
    assert naive.persistence(raids, history(raid(D(2030, 1, 10))), D(2030, 1, 31)) == ()


@given(st.floats(0, 30), st.floats(0.001, 0.999))
def test_poisson_numbers_are_quantiles(mean: float, u: float) -> None:
    (k,) = naive.poisson(mean, np.array([u]))
    terms = [math.exp(-mean) * mean**i / math.factorial(i) for i in range(int(k) + 1)]
    assert sum(terms) >= u - 1e-9
    assert sum(terms[:-1]) < u + 1e-9


def test_authors_words_are_centred_on_the_log_odds(us_iran: Case) -> None:
    said = {
        "broad_conflict": [
            ("inss", 0.1, 0.5, D(2020, 1, 23)),
            ("inss", 0.2, 0.8, D(2020, 2, 9)),
            ("issi", 0.05, 0.2, D(2020, 1, 17)),
        ]
    }
    early = naive.phrases(us_iran, D(2020, 1, 24), said)
    odds, rare = math.sqrt(0.1 / 0.9), math.sqrt(0.05 / 0.95 * 0.2 / 0.8)
    assert {i.assessment: i.probability for i in early} == {
        "baseline:phrases:inss": pytest.approx(odds / (1 + odds)),
        "baseline:phrases:issi": pytest.approx(rare / (1 + rare)),
    }
    late = naive.phrases(us_iran, D(2020, 2, 10), said)
    assert {i.assessment: i.probability for i in late}["baseline:phrases:inss"] == pytest.approx(
        0.5
    )
    assert naive.phrases(us_iran, D(2020, 1, 1), said) == ()


def test_base_rates_of_the_case_cite_their_class(us_iran: Case) -> None:
    rates = {r.question: r for r in us_iran.rates}
    assert rates["broad_conflict"].probability == pytest.approx(0.5 / 19)  # Jeffreys for 0 of 18
    assert rates["strike_after_death"].probability == pytest.approx(47 / 103)
    assert all(r.dataset and r.version and r.differs for r in rates.values())
    made = naive.base_rate(us_iran, D(2020, 1, 4), tuple(rates.values()))
    assert {i.question for i in made} == set(rates)


def test_mistakes_in_baselines_come_all_at_once(raids: Case, tmp_path: Path) -> None:
    (tmp_path / "baselines.yaml").write_text(
        "base_rates:\n  nobody:\n    hits: 1\n  any_raid:\n    class: c\n    hits: 5\n    n: 3\n"
        "    rule: share\n    dataset: d\n    version: v\n    differs: no\n"
    )
    with pytest.raises(CaseError) as caught:
        _ = beside(raids, tmp_path).rates
    found = [(d.code, d.span.line) for d in caught.value.diagnostics]
    assert found == [("missing", 2), ("unknown-question", 2), ("count", 4)]


def test_no_platform_asked_what_the_case_asks(us_iran: Case) -> None:
    assert us_iran.crowd == ()


def test_a_mapped_crowd_counts_from_its_day(raids: Case, tmp_path: Path) -> None:
    head = "platform,id,asks,open,close,probability,as_of,source,url,question,why_not\n"
    path = tmp_path / "crowd.csv"
    path.write_text(
        head + "P,1,a,,,.2,2030-01-05,s,u,any_raid,\nP,1,a,,,.4,2030-01-20,s,u,any_raid,\n"
    )
    case = beside(raids, tmp_path)
    rows = case.crowd
    assert [i.probability for i in naive.crowd(case, D(2030, 1, 10), rows)] == [0.2]
    assert [i.probability for i in naive.crowd(case, D(2030, 1, 20), rows)] == [0.4]
    assert naive.crowd(case, D(2030, 1, 4), rows) == ()
    path.write_text(head + "P,1,a,,,,,s,u,any_raid,\nP,1,a,,,.2,2030-01-05,s,u,any_rade,\n")
    with pytest.raises(CaseError) as caught:
        _ = beside(raids, tmp_path).crowd
    assert [d.span.line for d in caught.value.diagnostics] == [2, 3]


def test_all_baselines_of_the_case_are_scored(us_iran: Case) -> None:
    made = naive.baselines(us_iran, us_iran.history, D(2020, 1, 23), us_iran.rates)
    assert {i.assessment for i in made} == {
        "baseline:base_rate",
        "baseline:persistence",
        "baseline:climatology",
    }
    assert len({(i.assessment, i.question) for i in made}) == len(made)

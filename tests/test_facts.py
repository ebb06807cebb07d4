"""Stylised facts: what may be written, and each statistic against a count by hand."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import offramp
from offramp.answers.sampling import mc_error
from offramp.case.facts import Eve, Followed, Happens, Rise, Waits, Waves, read_facts
from offramp.engine.blocks import machinery
from offramp.engine.blocks.histories import histories
from offramp.engine.blocks.worlds import simulate
from offramp.engine.run import RunSpec
from offramp.explain import plausibility as tests_of

compiled = pytest.mark.skipif(not machinery.available(), reason="needs Numba")
A, B, C = Happens("a"), Happens("b"), Happens("c")
FACT = """\
facts:
  x:
    says: Boats go out
    asks: count(swarm)
    between: 1 .. 9
    bounded by: sense
    because: they do
"""


def everyone(worlds: int) -> np.ndarray:
    return np.arange(worlds)


# ---- what may be written ---------------------------------------------------------------------


def test_the_shipped_cases_have_facts_with_bounds_and_reasons() -> None:
    for name, least in (("tutorial", 10), ("us-iran-2020", 40)):
        case = offramp.load(name)
        facts = [f for f in case.facts if not f.hindsight]
        assert len(facts) >= least
        for f in facts:
            assert f.because, f.id
            assert f.low > -math.inf or f.high < math.inf, f.id
            assert f.cites or f.source or f.bounded_by == "sense", f.id


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("between: 1 .. 9", "between: some", "'some' are no bounds"),
        ("between: 1 .. 9", "between: 9 .. 1", "'9 .. 1' are no bounds"),
        ("between: 1 .. 9", "between: ..", "'..' are no bounds"),
        ("    between: 1 .. 9\n", "", "has no `between:`"),
        ("    because: they do\n", "", "has no `because:`"),
        ("bounded by: sense", "bounded by: records", "is bounded by 'records'"),
        ("bounded by: sense", "bounded by: record", "has no `source:`"),
        ("bounded by: sense", "bounded by: passage", "has no `cites:`"),
        ("asks: count(swarm)", "asks: count(swarms)", "unknown event 'swarms'"),
        ("    asks: count(swarm)\n", "", "needs exactly one statistic"),
        ("asks: count(swarm)", "dispersion: swarm", "has no `every:`"),
        ("asks: count(swarm)", "dispersion: swarm\n    every: 60d", "fewer than four spells"),
        ("asks: count(swarm)", "dispersion: swarm\n    every: ten", "'ten' are no days"),
        (
            "asks: count(swarm)",
            "followed: {after: swarm, within: 3d}",
            "needs `by:` or `any of:`",
        ),
        ("asks: count(swarm)", "rise: {after: swarm, of: fog}", "has no `within:`"),
        ("asks: count(swarm)", "rise: {after: swarm, of: fog, within: 0d}", "'0d' are no days"),
        ("asks: count(swarm)", "waits: {after: swarm, for: fog, within: 0d}", "'0d' are no days"),
        *(
            ("asks: count(swarm)", statistic, f"has 90 days, none of which has 90 others {side} it")
            for statistic, side in (
                ("rise: {after: swarm, of: fog, within: 90d}", "after"),
                ("waits: {after: swarm, for: fog, within: 90d}", "after"),
                ("followed: {after: swarm, by: fog, within: 90d}", "after"),
                ("eve: {event: swarm, quantity: rung, days: 90d}", "before"),
            )
        ),
        (
            "asks: count(swarm)",
            "rise: {after: swarm, of: fog, within: 9d}\n    window: 2031-04-01 .. 2031-04-01",
            "has 1 days, none of which has 9 others after it",
        ),
        (
            "asks: count(swarm)",
            "eve: {event: swarm, quantity: rang, days: 2d}",
            "unknown quantity 'rang'",
        ),
        ("asks: count(swarm)", "asks: count(swarm)\n    take: most", "takes 'most'"),
        (
            "asks: count(swarm)",
            "asks: count(swarm) >= 1\n    take: median",
            "a yes or no has a share of worlds",
        ),
        ("asks: count(swarm)", "asks: count(swarm)\n    against: {}", "has no `do:`"),
        (
            "asks: count(swarm)",
            "asks: count(swarm)\n    window: 2031-04-01 .. 2032-04-01",
            "is no window of the crisis",
        ),
        (
            "because: they do",
            'because: as "one two three four five six seven" says',
            "quotes 7 words in a row",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in FACT
    found = offramp.check("tutorial", over={"facts.yaml": FACT.replace(old, new)}).found
    (one,) = [d for d in found if d.severity == "error"]
    assert told in one.message
    assert str(one.span.file).endswith("facts.yaml")
    assert one.span.line >= 2
    assert one.help


@pytest.mark.parametrize(
    ("statistic", "days"),
    [
        ("rise: {after: swarm, of: fog, within: 89d}", 89),
        ("waits: {after: swarm, for: fog, within: 89d}", 89),
        ("followed: {after: swarm, by: fog, within: 89d}", 89),
        ("followed: {after: swarm, by: fog, within: 0d}", 0),
        ("eve: {event: swarm, quantity: rung, days: 89d}", 89),
    ],
)
def test_as_many_days_as_one_day_of_the_window_leaves_are_told(statistic: str, days: int) -> None:
    over = {"facts.yaml": FACT.replace("asks: count(swarm)", statistic)}
    (fact,) = offramp.load("tutorial", over=over).facts
    assert fact.statistic.days == days


# ---- each statistic against a count by hand -----------------------------------------------------

DAYS = 24
happened = arrays(bool, (5, DAYS), elements=st.booleans())


@given(happened, happened, happened, st.integers(0, 6), st.booleans(), st.booleans())
@settings(max_examples=60)
def test_followed_is_what_one_counts(
    a: np.ndarray, b: np.ndarray, c: np.ndarray, within: int, all_: bool, first: bool
) -> None:
    yes = no = 0
    for w in range(5):
        for d in range(DAYS - within):
            if not a[w, d] or (first and a[w, :d].any()):
                continue
            inside = [x[w, d : d + within + 1].any() for x in (b, c)]
            came = all(inside) if all_ else any(inside)
            yes, no = yes + came, no + (not came)
    s = Followed((A,), (B, C), all_, within, first)
    measure, seen = tests_of._answers(s, a, [b, c])
    assert seen == yes + no
    value = measure(everyone(5))
    assert math.isnan(value) if not seen else value == pytest.approx(yes / seen)


@given(happened, happened, st.integers(1, 6))
@settings(max_examples=60)
def test_waits_is_the_median_of_days_that_passed(a: np.ndarray, b: np.ndarray, within: int) -> None:
    waits = []
    for w in range(5):
        for d in range(DAYS - within):
            later = np.nonzero(b[w, d + 1 : d + within + 1])[0]
            if a[w, d] and len(later):
                waits.append(later[0] + 1)
    measure, seen = tests_of._answers(Waits((A,), (B,), within), a, [b])
    assert seen == len(waits)
    if waits:
        assert measure(everyone(5)) == pytest.approx(np.median(waits))


@given(happened, arrays(np.int8, (5, DAYS), elements=st.integers(0, 3)), st.integers(1, DAYS + 6))
@settings(max_examples=60)
def test_rise_is_the_count_after_over_the_usual(
    a: np.ndarray, counts: np.ndarray, within: int
) -> None:
    after = [
        counts[w, d + 1 : d + 1 + within].sum()
        for w in range(5)
        for d in range(DAYS - within)
        if a[w, d]
    ]
    measure, seen = tests_of._rise(Rise((A,), (B,), within), a, counts.astype(float))
    assert seen == len(after)
    if after and counts.sum():
        usual = counts.mean() * within
        assert measure(everyone(5)) == pytest.approx(np.mean(after) / usual)


@pytest.mark.parametrize("within", [DAYS, DAYS + 1, DAYS + 11, 2 * DAYS, 3 * DAYS])
def test_what_leaves_too_few_days_in_the_window_is_not_counted(within: int) -> None:
    always = np.ones((40, DAYS), bool)
    for measure, seen in (
        tests_of._rise(Rise((A,), (B,), within), always, always.astype(float)),
        tests_of._answers(Waits((A,), (B,), within), always, [always]),
        tests_of._answers(Followed((A,), (B,), True, within, False), always, [always]),
    ):
        assert seen == 0
        assert math.isnan(measure(everyone(40)))


def test_no_rise_is_told_of_no_days() -> None:
    always = np.ones((40, DAYS), bool)
    measure, _ = tests_of._rise(Rise((A,), (B,), 0), always, always.astype(float))
    assert math.isnan(measure(everyone(40)))


def test_dispersion_is_one_for_independent_events_and_more_in_waves() -> None:
    random = np.random.default_rng(1)
    steady = random.poisson(0.1, (400, 280)).astype(float)
    measure, _ = tests_of._waves(Waves("dispersion", (A,), 28), steady)
    assert measure(everyone(400)) == pytest.approx(1.0, abs=0.05)
    rates = np.repeat(random.choice([0.02, 0.4], (400, 10)), 28, axis=1)
    measure, _ = tests_of._waves(Waves("dispersion", (A,), 28), random.poisson(rates).astype(float))
    assert measure(everyone(400)) > 3


def test_autocorrelation_lies_below_zero_by_one_over_n_without_memory() -> None:
    steady = np.random.default_rng(1).poisson(0.5, (3000, 10)).astype(float)
    measure, _ = tests_of._waves(Waves("autocorrelation", (A,), 1), steady)
    assert measure(everyone(3000)) == pytest.approx(-0.1, abs=0.02)


def test_the_eve_is_the_value_before_the_first_event_less_the_usual() -> None:
    happens = np.zeros((2, 6), bool)
    happens[0, 4] = happens[0, 5] = happens[1, 1] = True
    values = np.array([[0.0, 0, 7, 0, 9, 9], [1, 1, 1, 1, 1, 1]])
    measure, seen = tests_of._eve(Eve(A, "q", 2), happens, values)
    assert seen == 1  # the second world's event comes too early to have such an eve
    assert measure(everyone(2)) == 7 - np.median([np.median(values[0]), 1])


@compiled
def test_histories_are_those_of_the_stories() -> None:
    crisis = offramp.load("tutorial").crisis
    job = RunSpec(crisis, (), 5)
    whole = simulate(job, 40)
    events = (("swarm", ""), ("swarm", "injury"), ("kelmark.board", ""))
    h = histories(job, 40, events, ("control", "rung"), threads=2)
    for story in whole.stories:
        for name, outcome in events:
            days = {
                e.day
                for e in story.log
                if e.event == name and (not outcome or e.outcome == outcome)
            }
            key = f"{name}.{outcome}" if outcome else name
            assert set(np.nonzero(h.happened[key][story.world])[0]) == days
        for quantity in ("control", "rung"):
            assert tuple(h.values[quantity][story.world]) == story.series[quantity]


# ---- errors and verdicts ------------------------------------------------------------------------


@compiled
def test_the_error_is_the_spread_over_seeds() -> None:
    names = (
        "even_odds_of_a_blockade",
        "boats_as_ordered",
        "seizures_enrage",
        "blockade_costs_trade",
    )
    runs = [offramp.facts("tutorial", *names, worlds=200, seed=s) for s in range(1, 41)]
    for k, name in enumerate(names):
        values = np.array([r.facts[k].value for r in runs], float)
        error = float(np.mean([r.facts[k].error for r in runs]))
        ratio = float(values.std(ddof=1)) / error
        assert 0.7 < ratio < 1.4, (name, ratio)


@compiled
def test_an_arm_against_itself_is_nothing_and_has_no_error(tmp_path: Path) -> None:
    text = FACT.replace("between: 1 .. 9", "between: 0 .. 0").replace(
        "    bounded", "    do: {never: [fog]}\n    against: {never: [fog]}\n    bounded"
    )
    (t,) = offramp.facts(offramp.load("tutorial", over={"facts.yaml": text}), worlds=64).facts
    assert (t.value, t.error, t.verdict) == (0.0, 0.0, "fits")


@compiled
@pytest.mark.parametrize(
    ("asks", "bounds", "value", "verdict"),
    [
        ("count(naval_war) >= 9 ? never seen", ".0001 .. .1", 0.0, "near"),
        ("count(naval_war) >= 9 ? never seen", ".1 .. .2", 0.0, "wrong"),
        ("count(naval_war) >= 9 ? never seen", "0 .. .1", 0.0, "fits"),
        ("count(naval_war) < 9 ? always so", ".9 .. .9999", 1.0, "near"),
        ("count(naval_war) < 9 ? always so", ".8 .. .9", 1.0, "wrong"),
    ],
)
def test_a_share_never_or_always_seen_has_the_error_of_its_worlds(
    asks: str, bounds: str, value: float, verdict: str
) -> None:
    text = FACT.replace("count(swarm)", asks).replace("1 .. 9", bounds)
    (t,) = offramp.facts(offramp.load("tutorial", over={"facts.yaml": text}), worlds=64).facts
    assert (t.value, t.error, t.verdict) == (value, mc_error(64 * value, 64), verdict)


@compiled
def test_two_shares_never_seen_differ_by_nothing_with_the_errors_of_both() -> None:
    text = FACT.replace("count(swarm)", "count(naval_war) >= 9 ? never seen")
    arms = text.replace("    bounded", "    do: {never: [fog]}\n    against: {}\n    bounded")
    (t,) = offramp.facts(offramp.load("tutorial", over={"facts.yaml": arms}), worlds=64).facts
    assert (t.value, t.error) == (0.0, pytest.approx(math.sqrt(2) * mc_error(0, 64)))


def test_occurrences_of_one_world_are_one_where_none_was_followed() -> None:
    """Forty worlds with one occurrence each say as much as forty with one on every day."""
    never = np.zeros((50, DAYS), bool)
    once, daily = never.copy(), never.copy()
    once[:40, 3], daily[:40] = True, True
    for after in (once, daily):
        measure, _ = tests_of._answers(Followed((A,), (B,), True, 2, False), after, [never])
        assert measure(everyone(50)) == 0.0
        assert measure.least == mc_error(0, 40)


@pytest.mark.parametrize(
    ("value", "error", "verdict"),
    [
        (1.0, 0.5, "fits"),
        (9.0, 0.1, "fits"),
        (9.15, 0.1, "near"),
        (9.21, 0.1, "wrong"),
        (0.8, 0.1, "near"),
    ],
)
def test_a_verdict_allows_for_two_errors(value: float, error: float, verdict: str) -> None:
    fact = read_facts(offramp.load("tutorial", over={"facts.yaml": FACT})).value[0]
    assert tests_of._verdict(fact, value, error) == verdict


def test_a_fact_in_words_keeps_its_days_its_condition_and_its_edits() -> None:
    text = FACT.replace("asks: count(swarm)", "asks: count(swarm)\n    given: count(fog) >= 1")
    text = text.replace("    between", "    window: 2031-04-02 .. 2031-04-20\n    between")
    arms = "    do: {never: [fog]}\n    against: {}\n    between"
    for edits, ends in (
        ("    between", ""),
        (arms, ": with never fog, less with the model as it is"),
    ):
        over = {"facts.yaml": text.replace("    between", edits)}
        (fact,) = offramp.load("tutorial", over=over).facts
        days = "mean of count(swarm), given count(fog) >= 1, 2031-04-02 to 2031-04-20"
        assert fact.words == days + ends


@compiled
def test_hindsight_is_shown_and_not_counted_and_what_is_rare_is_not_told() -> None:
    text = FACT + FACT.partition("\n")[2].replace("  x:", "  y:") + "    hindsight: yes\n"
    text += (
        FACT.partition("\n")[2]
        .replace("  x:", "  z:")
        .replace("asks: count(swarm)", "waits: {after: naval_war, for: fog, within: 3d}")
    )
    p = offramp.facts(offramp.load("tutorial", over={"facts.yaml": text}), worlds=64)
    assert [t.fact.id for t in p.facts] == ["x", "y", "z"]
    assert [t.fact.id for t in p.counted] == ["x", "z"]
    assert p.facts[2].verdict == "too few"
    assert p.facts[2].value is None


@compiled
def test_a_fact_that_the_case_lacks_is_refused_with_the_nearest() -> None:
    with pytest.raises(offramp.Unanswerable, match="did you mean 'seizures_enrage'"):
        offramp.facts("tutorial", "seizures_enrages")


@compiled
@pytest.mark.slow
def test_the_large_case_shows_what_its_page_says() -> None:
    """What is wrong is named; a change that makes another fact wrong, or mends one, is seen."""
    page = (Path(__file__).parent.parent / "docs" / "facts.md").read_text("utf-8")
    p = offramp.facts("us-iran-2020")
    for t in p.facts:
        row = next(line for line in page.split("\n") if line.startswith(f"| {t.fact.says} |"))
        told = row.rsplit("|", 2)[1].strip().strip("*")
        assert told == t.verdict, t.fact.id

"""What answers depend on: worlds at given quantiles, shares of variance that are known exactly,
boxes that were put there, and what the command says."""

from __future__ import annotations

import json
import math
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from crises import crises
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from test_blocks import job_of

from offramp.answers.forecast import watches
from offramp.api import advice
from offramp.case import scaffold
from offramp.case.case import Case, load
from offramp.cli import main
from offramp.engine.blocks.settings import in_turn, lived, settable
from offramp.engine.blocks.worlds import same, simulate
from offramp.engine.noise import world_keys
from offramp.engine.plan import plan, quantile
from offramp.engine.run import RunSpec, asked_only
from offramp.explain import discovery
from offramp.explain.sensitivity import (
    CHANCE,
    Dependence,
    chance_keys,
    difference,
    ranks,
    saltelli,
    sensitivity,
)
from offramp.render.terminal.sensitivity_table import BAR, bar, leading
from offramp.text.diagnostics import CaseError

DAYS = 50
LOW, HIGH = 0.002, 0.05  # of the rate that matters, a day

CRISIS = f"""crisis: Two hazards
from: 2030-01-01
to: 2030-02-19
show: [rung]
state:
  rung:
    ladder: [calm, tense]
    now: calm ? ours
  held:
    name: What one unknown decides
    share: hold
unknown:
  risk:
    name: The rate that matters
    between: {LOW} .. {HIGH} ? ours
  other:
    name: The rate that does not
    between: .01 .. .2 ? ours
  hold:
    name: Where it starts
    between: 0 .. 1 ? ours
hazard:
  strike:
    name: What is asked about
    rate: risk
  noise:
    name: What is not
    rate: other
"""

QUESTIONS = """questions:
  struck:
    text: Does it strike?
    window: 2030-01-01 .. 2030-02-19
    asks: count(strike) >= 1
    cites: [P2]
    resolves: it strikes
    headline: yes
  above:
    text: Does it start above a half?
    window: 2030-01-01 .. 2030-02-19
    asks: final(held) >= .5 ? ours
    cites: [P2]
    resolves: it does
  struck_above:
    text: Where it starts above a half, does it strike?
    window: 2030-01-01 .. 2030-02-19
    asks: count(strike) >= 1
    given: final(held) >= .5 ? ours
    cites: [P2]
    resolves: it strikes
  never:
    text: Does it strike a hundred times?
    window: 2030-01-01 .. 2030-02-19
    asks: count(strike) >= 100 ? ours
    cites: [P2]
    resolves: it does
quantities:
  strikes:
    text: How often does it strike?
    window: 2030-01-01 .. 2030-02-19
    asks: count(strike)
    cites: [P2]
    resolves: strikes
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cases") / "hazards"
    scaffold.write_case(folder)
    (folder / "crisis.yaml").write_text(CRISIS, "utf-8")
    (folder / "questions.yaml").write_text(QUESTIONS, "utf-8")
    return folder


@pytest.fixture(scope="module")
def case(folder: Path) -> Case:
    try:
        return load(str(folder))
    except CaseError as error:
        raise AssertionError([str(d) for d in error.diagnostics]) from None


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(main, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


# ---- worlds at given quantiles -------------------------------------------------------------


@settings(max_examples=12, deadline=None, derandomize=True)
@given(crises(), st.integers(0, 2**40))
def test_the_quantiles_that_the_keys_show_give_the_free_run(text: str, seed: int) -> None:
    """Nothing but unknowns comes from the slots: moods, days and all that is counted are the
    bytes of the ordinary run, for random crises with every noun."""
    job = job_of(text, seed)
    s = settable(plan(job.crisis), keep=False)
    keys = world_keys(seed, range(40))
    assert same(lived(s, job, s.shown(keys), keys, 3), simulate(job, 40))


def test_the_tutorial_too_and_any_other_quantile_changes_it() -> None:
    case = load("tutorial")
    job = RunSpec(case.crisis, watches(case, case.crisis.first)[1], 5)
    s = settable(plan(case.crisis))
    keys = world_keys(5, range(1500))  # more than one block
    free, q = simulate(job, 1500), s.shown(keys)
    assert same(lived(s, job, q, keys, 1), free)
    assert same(lived(s, job, q, keys, 2), free)
    for k in range(len(s.dice)):
        other = q.copy()
        other[:, k] = 1.0 - q[:, k]
        found = lived(s, job, other, keys)
        changed = (found.unknowns != free.unknowns).any(axis=0)
        assert changed[k]
        assert changed.sum() == 1


def test_a_quantile_gives_the_value_that_the_prior_has_there(case: Case) -> None:
    s = settable(plan(case.crisis))
    q = np.tile([0.0, 0.25, 1.0], (4, 1))
    e = lived(s, RunSpec(case.crisis, (), 1), q, world_keys(1, range(4)))
    assert s.dice == ("risk", "other", "hold")
    for k, p in enumerate((2.0**-53, 0.25, 1.0 - 2.0**-53)):
        prior = s.plan.priors[k]
        assert (e.unknowns[:, k] == quantile(prior.kind, prior.a, prior.b, p)).all()


def test_cut_short_it_watches_the_same(case: Case) -> None:
    late = watches(case, case.crisis.first)[1]
    monitors = tuple(replace(m, last=m.first + 1) for m in late)
    job, short = RunSpec(case.crisis, monitors, 1), asked_only(case.crisis, monitors, 1)
    assert short.lasts < job.lasts
    s = settable(plan(case.crisis))
    keys = world_keys(1, range(64))
    whole = lived(s, job, s.shown(keys), keys)
    assert whole.atoms.tobytes() == lived(s, short, s.shown(keys), keys).atoms.tobytes()
    with pytest.raises(ValueError, match="worlds want"):
        lived(s, job, s.shown(keys)[:, :2], keys)
    with pytest.raises(ValueError, match="between 0 and 1"):
        lived(s, job, s.shown(keys) + 1.0, keys)
    first = asked_only(case.crisis, (), 1)
    assert (lived(s, first, s.shown(keys), keys).counts <= whole.counts).all()


def test_groups_as_one_run_are_the_groups(case: Case) -> None:
    job = RunSpec(case.crisis, watches(case, case.crisis.first)[1], 1)
    s = settable(plan(case.crisis))
    keys = world_keys(1, range(50))
    parts = [(s.shown(keys[:20]), keys[:20]), (1.0 - s.shown(keys[20:]), keys[20:])]
    found = in_turn(parts, lambda q, k: lived(s, job, q, k))
    for (q, k), e in zip(parts, found, strict=True):
        alone = lived(s, job, q, k)
        assert e.numbers == alone.numbers
        assert (e.atoms == alone.atoms).all()
        assert (e.unknowns == alone.unknowns).all()
    assert in_turn([], lambda q, k: lived(s, job, q, k)) == []


# ---- shares of variance that are known -----------------------------------------------------


def exact() -> dict[str, tuple[float, float]]:
    """First-order and total index of the rate r and of chance in: does it strike in T days?

    P(yes | r) = 1 - exp(-rT), with r uniform. On given dice it strikes if r exceeds the least of T
    exponential numbers, which is exponential of rate T: P(yes | dice) is the chance of such an r.
    """
    r = np.linspace(LOW, HIGH, 100_001)
    yes = -np.expm1(-r * DAYS)
    p = np.trapezoid(yes, r) / (HIGH - LOW)
    variance = p * (1.0 - p)
    of_rate = np.trapezoid((yes - p) ** 2, r) / (HIGH - LOW) / variance
    m = np.linspace(0.0, HIGH, 400_001)
    above = np.clip((HIGH - m) / (HIGH - LOW), 0.0, 1.0)
    square = np.trapezoid(above**2 * DAYS * np.exp(-DAYS * m), m)
    of_chance = (square - p * p) / variance
    return {"risk": (of_rate, 1.0 - of_chance), CHANCE: (of_chance, 1.0 - of_rate)}


@pytest.fixture(scope="module")
def found(case: Case) -> dict[str, Dependence]:
    asked = ("struck", "above", "struck_above", "never", "strikes")
    s = sensitivity(case, asked, 4096, 3)
    assert s.worlds == 4 * 4096 + 6 * 4096 + 6 * 2048
    return {d.question.id: d for d in s.answers}


def test_chance_as_one_more_factor_gives_the_known_shares(found: dict[str, Dependence]) -> None:
    by = {i.factor: i for i in found["struck"].indices}
    for name, (first, total) in exact().items():
        # four standard errors: the intervals are of 1.96
        assert abs(by[name].first - first) < 2.05 * by[name].first_conf < 0.12
        assert abs(by[name].total - total) < 2.05 * by[name].total_conf < 0.12
        assert by[name].told
    for name in ("other", "hold"):
        assert by[name].first == by[name].total == 0.0
        assert not by[name].told
        assert not by[name].matters
    settled = found["struck"].settled
    assert settled == 1.0 - by[CHANCE].total


def test_an_answer_of_one_unknown_alone_is_all_its_own(found: dict[str, Dependence]) -> None:
    by = {i.factor: i for i in found["above"].indices}
    assert by["hold"].first == pytest.approx(1.0, abs=0.02)
    assert by["hold"].total == pytest.approx(1.0, abs=0.02)
    for name in ("risk", "other", CHANCE):
        assert by[name].total == 0.0
    assert found["above"].settled == 1.0
    box = found["above"].box
    assert box is not None
    (limit,) = box.limits
    assert limit.column == 2
    assert limit.low == pytest.approx(0.5, abs=0.03)
    assert limit.high is None
    assert box.held_out.density > 0.97


def test_a_question_with_a_condition_has_no_shares_but_the_rest(
    found: dict[str, Dependence],
) -> None:
    d = found["struck_above"]
    assert d.indices == ()
    assert "condition" in d.note
    assert d.counted == pytest.approx(4 * 4096 / 2, rel=0.1)
    (held,) = (h for h in d.held if h.factor == "risk")
    for value, words in ((held.low, held.at_low), (held.high, held.at_high)):
        assert value == pytest.approx(-math.expm1(-float(words) * DAYS), abs=0.06)
    assert held.told


def test_what_never_happens_says_so(found: dict[str, Dependence]) -> None:
    d = found["never"]
    assert d.true == 0
    assert not d.rare  # nothing is said that could be hidden
    assert "too one-sided" in d.note
    assert (d.indices, d.ranks, d.held, d.box) == ((), (), (), None)


def test_a_number_has_shares_and_no_box(found: dict[str, Dependence]) -> None:
    d = found["strikes"]
    by = {i.factor: i for i in d.indices}
    assert d.box is None
    # one strike a day at most: a binomial number of days
    r = np.linspace(LOW, HIGH, 100_001)
    q = -np.expm1(-r)
    mean = DAYS * q.mean()
    between = float(((DAYS * q - mean) ** 2).mean())
    first = between / (between + float((DAYS * q * (1.0 - q)).mean()))
    assert d.value == pytest.approx(mean, abs=5 * d.error)
    assert abs(by["risk"].first - first) < 2.05 * by["risk"].first_conf
    assert by["other"].total == 0.0


def test_the_free_worlds_are_those_of_the_forecast(
    case: Case, found: dict[str, Dependence]
) -> None:
    from offramp.answers.forecast import forecast

    f = forecast(case, 4 * 4096, 3)
    told = {a.id: a.probability for a in f.answers}
    for name in ("struck", "above", "struck_above"):
        assert found[name].value == told[name]


def test_the_leading_unknown_leads(case: Case, found: dict[str, Dependence]) -> None:
    s = sensitivity(case, ("struck",), 64, 3)
    name, index, held = leading(found["struck"], s)[0]
    assert name == "risk"
    assert index is not None
    assert held is not None
    assert bar(index).count("#") == round(BAR * index.first)
    assert len(bar(index)) == round(BAR * index.total)


def test_chance_has_a_key_of_its_own_for_each_place() -> None:
    x = saltelli(3, 512, 1)
    assert x.shape == (512 * 6, 4)
    keys = chance_keys(x[:, -1], 1)
    assert len(set(keys.tolist())) == len(set(x[:, -1].tolist())) == 1024
    assert set(keys.tolist()).isdisjoint(chance_keys(x[:, -1], 2).tolist())
    assert (saltelli(3, 512, 1) == x).all()
    assert (saltelli(3, 512, 0) != x).any()


# ---- pairs and ranks -----------------------------------------------------------------------


def test_a_difference_is_of_pairs_on_the_same_dice() -> None:
    r = np.random.default_rng(1)
    low = (r.random(4000) < 0.3).astype(float)
    high = np.where(r.random(4000) < 0.1, 1.0, low)
    a, b, error = difference(low, high)
    assert (a, b) == (low.mean(), high.mean())
    assert error == pytest.approx((high - low).std() / math.sqrt(4000), rel=0.02)
    none = difference(low, low)
    assert none[0] == none[1]
    assert 0.0 < none[2] < 0.001


def test_a_difference_under_a_condition_is_of_shares() -> None:
    """Coverage of its error: worlds meet the condition more often at the high value."""
    r = np.random.default_rng(2)
    n, off = 500, 0
    for _ in range(400):
        pairs = []
        for met, p in ((0.3, 0.2), (0.6, 0.5)):
            y = (r.random(n) < p).astype(float)
            pairs.append(np.where(r.random(n) < met, y, math.nan))
        a, b, error = difference(*pairs)
        off += abs((b - a) - 0.3) > 1.96 * error
    assert 8 <= off <= 36  # 20 expected


def test_ranks_are_spearmans_and_partial_ones_take_the_others_out(case: Case) -> None:
    s = sensitivity(case, ("struck",), 64, 1)
    r = np.random.default_rng(3)
    x = r.random((500, 3))
    x[:, 1] += x[:, 0]  # carries what 0 does
    y = x[:, 0] + 0.3 * r.random(500)
    found = ranks(case.crisis, s.factors, (0, 1, 2), x, y)
    for k, rank in enumerate(found):
        assert rank.spearman == pytest.approx(stats.spearmanr(x[:, k], y).statistic, abs=1e-12)
        assert rank.interval[0] < rank.spearman < rank.interval[1]
    assert found[1].spearman > 0.5
    assert abs(found[1].partial) < 0.15 < found[0].partial
    assert found[0].told
    assert not found[2].told


# ---- boxes that were put there -------------------------------------------------------------


def hidden(seed: int, inside: float, outside: float) -> tuple[np.ndarray, np.ndarray]:
    r = np.random.default_rng(seed)
    x = r.random((8000, 6))
    x[:, 5] = r.integers(0, 4, 8000)
    box = (x[:, 0] < 0.4) & (x[:, 2] > 0.7) & np.isin(x[:, 5], (1, 2))
    return x, r.random(8000) < np.where(box, inside, outside)


@pytest.mark.parametrize("seed", range(5))
def test_prim_finds_the_box_that_was_put_there(seed: int) -> None:
    x, true = hidden(seed, 0.8, 0.04)
    found = discovery.discover(x, true, (5,))
    assert found.stands
    first, second, third = found.limits
    assert (first.column, second.column, third.column) == (0, 2, 5)
    assert first.low is None
    assert first.high == pytest.approx(0.4, abs=0.04)
    assert second.high is None
    assert second.low == pytest.approx(0.7, abs=0.04)
    assert third.values == (1, 2)
    m = found.held_out
    assert (m.worlds, m.true) == (4000, int(true[1::2].sum()))
    assert m.density == pytest.approx(0.8, abs=0.09)
    assert m.mass == pytest.approx(0.06, abs=0.02)
    inside = discovery.within(x[1::2], found.limits)
    assert m.density == true[1::2][inside].mean()
    assert m.coverage == true[1::2][inside].sum() / true[1::2].sum()


def test_prim_finds_nothing_where_nothing_is() -> None:
    stood = [discovery.discover(*hidden(seed, 0.2, 0.2), (5,)).stands for seed in range(30)]
    assert sum(stood) <= 3  # one in twenty by luck


def test_density_on_the_worlds_searched_flatters_and_the_held_out_does_not() -> None:
    """Where there is nothing to find, the best box of the search looks like something."""
    searched, held_out = [], []
    for seed in range(20):
        x, true = hidden(seed, 0.2, 0.2)
        limits = discovery.best(x[::2], true[::2], frozenset({5}))
        for rows, out in ((slice(0, None, 2), searched), (slice(1, None, 2), held_out)):
            m = discovery.measured(x[rows], true[rows], limits)
            out.append(m.density - m.base)
    assert np.mean(searched) > 0.02
    assert abs(np.mean(held_out)) < 0.01


def test_the_tail_of_a_binomial() -> None:
    for true, inside, share in ((3, 10, 0.1), (0, 10, 0.5), (10, 10, 0.5), (40, 200, 0.25)):
        expected = float(stats.binom.sf(true - 1, inside, share))
        assert discovery.at_least(true, inside, share) == pytest.approx(expected, rel=1e-9)
    assert discovery.at_least(3, 10, 0.0) == 0.0
    assert discovery.at_least(10, 10, 1.0) == 1.0


# ---- at the front door ---------------------------------------------------------------------


def test_the_command_says_it_in_json_and_the_same_twice(folder: Path) -> None:
    arguments = ("sensitivity", str(folder), "struck", "--worlds", "300", "--seed", "0", "--json")
    first, second = run(*arguments), run(*arguments, "--threads", "1")
    assert first.exit_code == 0, first.output
    assert first.stdout == second.stdout
    told = json.loads(first.stdout)
    assert told["schema"] == "offramp.sensitivity/1"
    assert told["sizes"] == {"rows": 256, "free": 1024, "held": 128}
    (q,) = told["questions"]
    assert q["id"] == "struck"
    assert [i["factor"] for i in q["sobol"]] == ["risk", "other", "hold", "chance"]
    assert sum(q["shares"].values()) == pytest.approx(1.0)
    assert {"density", "coverage", "mass", "base", "limits", "words"} <= q["box"].keys()


def test_the_table_fits_eighty_columns(folder: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = run("sensitivity", str(folder), "struck", "strikes", "never", "--worlds", "128")
    assert result.exit_code == 0, result.output
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert "Does it strike?" in result.stdout
    assert "above:" not in result.stdout  # no headline


def test_a_wrong_name_is_answered(folder: Path) -> None:
    result = run("sensitivity", str(folder), "strok")
    assert result.exit_code == 1
    assert "no question 'strok'" in result.output
    assert "struck" in result.output
    choice = run("sensitivity", "tutorial", "weight_of_dates")
    assert choice.exit_code == 1


def test_without_salib_it_says_what_to_install(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        advice.importlib.util, "find_spec", lambda name: None if name == "SALib" else name
    )
    result = run("sensitivity", str(folder), "struck")
    assert result.exit_code == 1
    assert "pip install '.[sensitivity]' in the folder of Offramp's repository" in result.output

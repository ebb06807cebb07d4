"""Errors between islands: the formulas on made-up numbers, against simulation and known values."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import t as student_t

from offramp.filter.islands import (
    bound,
    combined,
    increment,
    log_mean,
    number,
    r_hat,
    shares,
    spread,
    student,
    tells,
    worth,
)


def test_quantiles_of_student_are_those_of_scipy() -> None:
    for freedom in (1, 2, 3, 4, 7, 15, 16, 63):
        for p in (0.6, 0.95, 0.975, 0.995):
            assert student(p, freedom) == pytest.approx(student_t.ppf(p, freedom), abs=1e-9)


def test_the_error_of_a_log_evidence_is_its_spread_over_many_filters() -> None:
    """Lognormal evidences of 16 islands, sd .5: the printed error is the sd of the pooled value."""
    rng = np.random.default_rng(1)
    found = [log_mean(rng.normal(-185.0, 0.5, 16)) for _ in range(4000)]
    values = np.array([x.value for x in found])
    bias = -(math.exp(0.25) - 1) / 32  # of a logarithm; the evidence itself has none
    assert values.mean() == pytest.approx(-185.0 + 0.125 + bias, abs=0.005)
    printed = float(np.mean([x.error for x in found]))
    assert printed == pytest.approx(float(values.std(ddof=1)), rel=0.05)


def test_the_error_does_not_saturate_when_one_island_has_most() -> None:
    """The standard deviation of K weights over their mean never exceeds the root of K, so the plain
    error never exceeds 1, however far apart the islands lie."""
    logs = np.array([0.0, -6.0, -8.0, -5.0])
    plain = float(np.exp(logs).std(ddof=1) / np.exp(logs).mean() / 2)
    assert plain <= 1.0 < log_mean(logs).error


def test_an_island_that_died_counts_as_no_evidence() -> None:
    alive, one_died = np.zeros(4), np.array([0.0, 0.0, 0.0, -math.inf])
    assert log_mean(alive).value == 0.0
    assert log_mean(one_died).value == pytest.approx(math.log(3 / 4))
    assert log_mean(one_died).error == pytest.approx(math.sqrt((4 / 3 - 1) / 4))
    assert spread(one_died) == 0.0
    assert log_mean(np.full(3, -math.inf)).value == -math.inf


def test_an_increment_knows_that_its_two_ends_hang_together() -> None:
    """Islands that differ before a day and not after it: the days after are known without error."""
    before = np.array([-10.0, -11.0, -9.5, -10.5])
    found = increment(before - 2.0, before)
    assert found.value == pytest.approx(-2.0)
    assert found.error == pytest.approx(0.0, abs=1e-12)


def test_islands_count_by_their_evidence() -> None:
    parts = shares(np.log(np.array([1.0, 3.0])))
    assert parts.tolist() == pytest.approx([0.25, 0.75])
    assert number(parts) == pytest.approx(1 / (0.0625 + 0.5625))
    mean, _ = combined(parts, np.array([0.0, 1.0]))
    assert float(mean) == pytest.approx(0.75)


def test_errors_of_means_are_their_spread_over_many_filters() -> None:
    """Islands' means with an sd of .05, and evidences that weigh them: the printed error, and what
    the answer is worth, are right over replicates."""
    rng = np.random.default_rng(2)
    means, errors, worths = [], [], []
    for _ in range(3000):
        parts = shares(rng.normal(0.0, 0.4, 16))
        m = rng.normal(0.3, 0.05, 16)
        mean, variance = combined(parts, m)
        means.append(float(mean))
        errors.append(math.sqrt(float(variance)))
        worths.append(float(worth(parts, m[:, None], m[:, None])[0]))  # of a share: squares are it
    sd = float(np.std(means, ddof=1))
    assert float(np.mean(errors)) == pytest.approx(sd, rel=0.06)
    assert float(np.median(worths)) == pytest.approx(0.21 / sd**2, rel=0.15)


def test_the_variance_holds_where_one_island_counts_most() -> None:
    """A part of .3 beside fifteen small ones: eight effective islands of sixteen."""
    rng = np.random.default_rng(3)
    parts = np.array([0.3, *[0.7 / 15] * 15])
    found = [combined(parts, rng.normal(0.0, 1.0, 16)) for _ in range(20000)]
    true = float((parts**2).sum())
    assert float(np.var([m for m, _ in found])) == pytest.approx(true, rel=0.05)
    assert float(np.mean([v for _, v in found])) == pytest.approx(true, rel=0.05)
    assert float(combined(np.array([1.0]), np.array([0.5]))[1]) == math.inf


def test_an_increment_that_one_island_knows_has_no_error() -> None:
    one_has_all = np.array([0.0, -20.0, -20.0, -20.0])
    assert increment(one_has_all - 2.0, one_has_all).error == math.inf


def test_r_hat_is_one_where_islands_agree_and_grows_where_they_do_not() -> None:
    parts, same = np.full(4, 0.25), np.full((4, 1), 0.5)
    assert r_hat(parts, same, same)[0] == 1.0
    apart = np.array([[0.0], [1.0], [0.0], [1.0]])
    assert r_hat(parts, apart, apart)[0] == pytest.approx(math.sqrt(1 + (1 / 3) / 0.25))


def test_an_island_that_died_leaves_means_and_r_hat_to_the_others() -> None:
    parts, gone = shares(np.array([0.0, 0.0, -math.inf])), math.nan
    means = np.array([[0.2], [0.4], [gone]])
    mean, variance = combined(parts, means)
    assert float(mean[0]) == pytest.approx(0.3)
    assert math.isfinite(float(variance[0]))
    assert 1.0 < r_hat(parts, means, means)[0] < 2.0
    assert worth(parts, means, means)[0] == pytest.approx(0.21 / 0.01)


def test_few_islands_need_more_to_rank_anybody() -> None:
    assert bound(0.3, 4) == pytest.approx(3.182 * 0.3, rel=1e-3)
    assert bound(0.3, 16) == pytest.approx(2.131 * 0.3, rel=1e-3)
    assert tells(1.2, 0.4, 16)
    assert not tells(1.2, 0.4, 4)  # within the bound of four islands
    assert not tells(0.9, 0.1, 16)  # a factor of two and a half is nothing
    assert not tells(9.0, 0.6, 16)  # its error says that it was not measured

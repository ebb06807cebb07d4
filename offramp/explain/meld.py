"""Premises and judgements of one author in one parameter space: Bayesian melding (Poole and Raftery
2000; de Carvalho et al. 2015).

`p(theta)` is the model's probability of a question given the unknowns, estimated by one logistic
regression of outcomes on unknowns over the worlds of a run. An author who judges the question at
c tilts the worlds by exp(beta p(theta)), with beta such that the mean of p is c: of all changes of
the premises that give c it is the one of least Kullback-Leibler divergence, its cost in nats.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.engine.by_value import ByValue
from offramp.language.crisis import Crisis

Floats = NDArray[np.float64]
RIDGE = 1.0  # prior precision of a coefficient, on standardised columns
ROUNDS = 50  # of Newton's method


@dataclass(frozen=True, eq=False)
class Design(ByValue):
    """Unknowns as columns with mean 0 and sd 1; a named value is a column of its own. `of[j]` is
    the unknown of column j."""

    columns: Floats  # (worlds, columns)
    of: tuple[int, ...]


def design(crisis: Crisis, unknowns: Floats) -> Design:
    columns, of = list[Floats](), list[int]()
    for k, unknown in enumerate(crisis.unknowns):
        x = unknowns[:, k]
        parts = [(x == j).astype(float) for j in range(1, len(unknown.options))]
        for part in parts if unknown.options else [x]:
            sd = float(part.std())
            if sd > 1e-12:
                columns.append((part - part.mean()) / sd)
                of.append(k)
    matrix = np.column_stack(columns) if columns else np.zeros((len(unknowns), 0))
    return Design(matrix, tuple(of))


@dataclass(frozen=True, eq=False)
class Fit(ByValue):
    """Coefficients on the log-odds, the intercept first, and their covariance. `explained` is the
    share of the deviance explained in worlds that the fit did not see (0 or less: nothing)."""

    coefficients: Floats
    covariance: Floats
    explained: float

    def log_odds(self, x: Floats) -> Floats:
        return np.asarray(self.coefficients[0] + x @ self.coefficients[1:])

    def probabilities(self, x: Floats) -> Floats:
        return logistic(self.log_odds(x))


def fit(x: Floats, true: NDArray[np.bool_]) -> Fit:
    """Logistic regression with a ridge, by Newton's method."""
    even = np.arange(len(x)) % 2 == 0
    half, _ = _newton(x[even], true[even])
    explained = 1.0 - _deviance(half, x[~even], true[~even]) / _deviance(
        np.array([_logit(_share(true[even])), *np.zeros(x.shape[1])]), x[~even], true[~even]
    )
    whole, covariance = _newton(x, true)
    return Fit(whole, covariance, explained)


def _newton(x: Floats, true: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    full = np.column_stack([np.ones(len(x)), x])
    penalty = np.diag([1e-9, *np.full(x.shape[1], RIDGE)])
    b = np.array([_logit(_share(true)), *np.zeros(x.shape[1])])
    for _ in range(ROUNDS):
        p = logistic(full @ b)
        information = (full * (p * (1.0 - p))[:, None]).T @ full + penalty
        step = np.linalg.solve(information, full.T @ (true - p) - penalty @ b)
        b = b + np.clip(step, -2.0, 2.0)
        if np.abs(step).max() < 1e-8:
            break
    return b, np.asarray(np.linalg.inv(information), np.float64)


def _share(true: NDArray[np.bool_]) -> float:
    return (float(true.sum()) + 0.5) / (len(true) + 1.0)


def _deviance(b: Floats, x: Floats, true: NDArray[np.bool_]) -> float:
    p = np.clip(logistic(b[0] + x @ b[1:]), 1e-12, 1 - 1e-12)
    return float(-2.0 * np.where(true, np.log(p), np.log1p(-p)).sum())


def logistic(x: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(x, -700, 700))))


def _logit(p: float) -> float:
    return math.log(p / (1.0 - p))


def centre(low: float, high: float) -> float:
    """The middle of an interval of a probability, on the log-odds."""
    return 1.0 / (1.0 + math.exp(-(_logit(low) + _logit(high)) / 2.0))


@dataclass(frozen=True, eq=False)
class Tilt(ByValue):
    """Weights of worlds that sum to 1 and give the wanted mean; `cost` in nats; `reached` is
    False where no tilt of these worlds does."""

    weights: Floats
    beta: float
    cost: float
    reached: bool


def tilt(p: Floats, wanted: float) -> Tilt:
    """exp(beta p) with beta by bisection; the mean grows with beta."""
    low, high = -1e4, 1e4
    reached = float(p.min()) < wanted < float(p.max())
    for _ in range(200):
        beta = (low + high) / 2.0
        w = np.exp(beta * p - (beta * p).max())
        mean = float((w * p).sum() / w.sum())
        low, high = (beta, high) if mean < wanted else (low, beta)
    w = w / w.sum()
    some = w > 0.0
    cost = float((w[some] * np.log(w[some] * len(w))).sum())
    return Tilt(w, beta, cost, reached)

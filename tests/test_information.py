"""What being told a thing is worth: right on average, with errors that match its spread."""

from __future__ import annotations

import numpy as np
import pytest

from offramp.explain.information import Worth, counted, drop, worth

GROUPS = 16


def of_worlds(
    rng: np.random.Generator,
    n: int,
    shares: tuple[tuple[float, float], ...],
    spread: float = 0.0,
    uneven: bool = False,
) -> tuple[Worth, float]:
    """The worth by n worlds, and the plain figure. `shares`: how often each cell is drawn, and how
    often the answer is yes there; `spread`: sd between groups of these."""
    group = np.arange(n) % GROUPS
    if uneven:
        group = rng.choice(GROUPS, n, p=np.linspace(1, 3, GROUPS) / np.linspace(1, 3, GROUPS).sum())
    told = rng.choice(len(shares), n, p=[s for s, _ in shares])
    off = spread * rng.standard_normal((GROUPS, len(shares)))
    p = np.array([q for _, q in shares])[told] + off[group, told]
    yes = rng.random(n) < p
    counts = counted(group, np.zeros(n, np.int64), told, yes, GROUPS)
    sizes = np.bincount(group, minlength=GROUPS).astype(float)
    return worth(*counts, sizes), float(drop(*(c.sum(axis=0) for c in counts), float(n)))


CELLS = {
    "two": ((0.3, 0.6), (0.7, 0.4)),
    "a rare sign": ((0.04, 0.5), (0.96, 0.1)),
    "weak": ((0.5, 0.33), (0.5, 0.27)),
    "three": ((0.2, 0.1), (0.3, 0.2), (0.5, 0.4)),
    "eight": tuple((0.125, 0.1 + 0.1 * k) for k in range(8)),
}


def true(shares: tuple[tuple[float, float], ...]) -> float:
    p = sum(s * q for s, q in shares)
    return sum(s * (q - p) ** 2 for s, q in shares)


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("uneven", [False, True])
def test_the_worth_is_right_on_average_and_its_error_is_its_spread(name: str, uneven: bool) -> None:
    rng, shares = np.random.default_rng(1), CELLS[name]
    runs = [of_worlds(rng, 640, shares, uneven=uneven) for _ in range(600)]
    drops = np.array([w.drop for w, _ in runs])
    error = drops.std(ddof=1) / np.sqrt(len(runs))
    assert abs(drops.mean() - true(shares)) < 3.5 * error
    printed = np.sqrt(np.mean([w.error**2 for w, _ in runs]))
    assert 0.8 < printed / drops.std(ddof=1) < 1.35
    if name in ("weak", "eight"):  # the plain figure would fail the first of these
        assert np.mean([plain for _, plain in runs]) - true(shares) > 3.5 * error


def test_what_the_worlds_of_a_group_have_in_common_is_in_the_error() -> None:
    rng = np.random.default_rng(2)
    runs = [of_worlds(rng, 1600, CELLS["two"], spread=0.1)[0] for _ in range(400)]
    drops = np.array([w.drop for w in runs])
    printed = np.sqrt(np.mean([w.error**2 for w in runs]))
    assert 0.8 < printed / drops.std(ddof=1) < 1.25
    alone = [of_worlds(rng, 1600, CELLS["two"])[0].error for _ in range(50)]
    assert printed > 1.5 * np.mean(alone)


@pytest.mark.parametrize("p", [0.5, 0.1, 0.02])
@pytest.mark.parametrize("share", [0.5, 0.05])
def test_nothing_is_told_where_there_is_nothing(p: float, share: float) -> None:
    rng = np.random.default_rng(3)
    runs = [of_worlds(rng, 800, ((share, p), (1 - share, p)))[0] for _ in range(1000)]
    assert sum(w.told for w in runs) <= 0.05 * len(runs)
    drops = np.array([w.drop for w in runs])
    assert abs(drops.mean()) < 4 * drops.std(ddof=1) / np.sqrt(len(runs))


@pytest.mark.parametrize("p", [0.5, 0.1])
def test_nothing_is_told_by_what_groups_have_in_common(p: float) -> None:
    """Both the answer and the sign differ from group to group, each by itself, as in islands that
    have not mixed: one by one their worlds seem to hang together."""
    rng, n, told = np.random.default_rng(6), 1600, 0
    for _ in range(500):
        group = np.arange(n) % GROUPS
        share = 0.3 + 0.1 * rng.standard_normal(GROUPS)
        own = p * (1 + rng.uniform(-0.5, 0.5, GROUPS))
        seen = (rng.random(n) < share[group]).astype(np.int64)
        yes = rng.random(n) < own[group]
        counts = counted(group, np.zeros(n, np.int64), seen, yes, GROUPS)
        told += worth(*counts, np.bincount(group).astype(float)).told
    assert told <= 0.05 * 500


def test_what_is_far_apart_is_told() -> None:
    rng = np.random.default_rng(4)
    assert all(of_worlds(rng, 1600, CELLS["two"])[0].told for _ in range(50))


def test_a_few_worlds_without_a_yes_tell_nothing() -> None:
    """All groups agree by luck: by what differs between them alone the error would be next to 0."""
    n = np.zeros((GROUPS, 1, 2))
    n[:, 0, 0], n[:, 0, 1] = 60, 2
    yes = np.zeros_like(n)
    yes[:, 0, 0] = 1 + np.arange(GROUPS) % 2
    w = worth(n, yes, n.sum(axis=(1, 2)))
    assert not w.told
    assert w.error > w.drop


def test_a_second_thing_is_worth_what_it_adds() -> None:
    rng = np.random.default_rng(5)
    n = 200_000
    one, two = rng.integers(0, 2, n), rng.integers(0, 2, n)
    yes = rng.random(n) < 0.1 + 0.3 * one + 0.2 * two
    group, nothing = np.arange(n) % GROUPS, np.zeros(n, np.int64)
    sizes = np.bincount(group).astype(float)
    both = worth(*counted(group, nothing, 2 * one + two, yes, GROUPS), sizes)
    first = worth(*counted(group, nothing, one, yes, GROUPS), sizes)
    second = worth(*counted(group, one, two, yes, GROUPS), sizes)
    assert first.drop == pytest.approx(0.09 / 4, rel=0.1)
    assert first.drop + second.drop == pytest.approx(both.drop, rel=0.02)
    again = worth(*counted(group, one, one, yes, GROUPS), sizes)
    assert again.drop == pytest.approx(0.0, abs=1e-9)
    assert not again.told

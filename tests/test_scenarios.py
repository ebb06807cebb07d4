"""Scenarios: real clusters of histories are found with their shares, and no others are told."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray
from scipy.optimize import linprog

import offramp
from offramp.cli import main
from offramp.engine.blocks import machinery
from offramp.explain.clusters import Search, jaccard, k_means, principal, rand_index, search
from offramp.explain.dip import critical, dip
from offramp.explain.distance import NEVER, points, week_ends
from offramp.explain.scenarios import lacking, medoid

Floats = NDArray[np.float64]
compiled = pytest.mark.skipif(not machinery.available(), reason="needs Numba")

SCALES = np.array([6, 2, 1, 1, 0.5, 0.5, 0.3, 0.2])


def cloud(kind: str, seed: int, n: int = 400) -> Floats:
    """Points without clusters, of many shapes, in eight dimensions."""
    random = np.random.default_rng(seed)
    if kind == "round":
        return random.standard_normal((n, 8))
    if kind == "long":
        return random.standard_normal((n, 8)) * SCALES
    if kind == "skewed":
        return random.exponential(size=(n, 8)) * SCALES
    if kind == "very skewed":
        return np.exp(random.standard_normal((n, 8))) * SCALES
    if kind == "flat":
        return random.uniform(size=(n, 8)) * SCALES
    t = random.standard_normal(n)  # bent
    return np.stack([t, t**2], axis=1) @ np.eye(2, 8) + 0.5 * random.standard_normal((n, 8))


def planted(seed: int, shares: tuple[float, ...], apart: float, n: int = 800) -> tuple[Floats, ...]:
    """Normal clusters of sd 1 whose centres all lie so far from each other, and whose each is."""
    random = np.random.default_rng(seed)
    of = random.choice(len(shares), size=n, p=shares)
    corners = np.linalg.qr(random.standard_normal((8, 8)))[0][: len(shares)] * apart / np.sqrt(2)
    return corners[of] + random.standard_normal((n, 8)), of


# ---- the pieces, against brute force ------------------------------------------------------


def least_distance(sample: Floats) -> float:
    """The dip by its definition: for each place of the peak a linear program."""
    values, counts = np.unique(sample, return_counts=True)
    upto = np.cumsum(counts) / len(sample)
    below, m, best = upto - counts / len(sample), len(values), np.inf
    for peak in range(m):
        rows, limits = list[Floats](), list[float]()

        def at(i: int, after: bool, peak: int = peak) -> int:
            """The unknown with the distribution just before or just after a value."""
            return m if i == peak and after else i

        def row(
            limit: float,
            *terms: tuple[int, float],
            rows: list[Floats] = rows,
            limits: list[float] = limits,
        ) -> None:
            new = np.zeros(m + 2)
            for place, factor in terms:
                new[place] += factor
            rows.append(new)
            limits.append(limit)

        for i in range(m):
            for after, wanted in ((False, below[i]), (True, upto[i])):
                row(wanted, (at(i, after), 1.0), (m + 1, -1.0))
                row(-wanted, (at(i, after), -1.0), (m + 1, -1.0))
        row(0.0, (peak, 1.0), (m, -1.0))
        for i in range(m - 1):
            row(0.0, (at(i, True), 1.0), (at(i + 1, False), -1.0))
        for i in range(1, m - 1):
            if i == peak:
                continue
            sign = 1.0 if i < peak else -1.0
            before, then = 1.0 / (values[i] - values[i - 1]), 1.0 / (values[i + 1] - values[i])
            ends = (at(i - 1, True), -sign * before), (at(i + 1, False), -sign * then)
            row(0.0, (i, sign * (before + then)), *ends)
        cost = np.zeros(m + 2)
        cost[-1] = 1.0
        bounds = [(0.0, 1.0)] * (m + 1) + [(0.0, None)]
        best = min(best, linprog(cost, A_ub=np.array(rows), b_ub=limits, bounds=bounds).fun)
    return float(best)


@pytest.mark.parametrize("kind", ["normal", "flat", "two heaps", "ties", "skewed"])
def test_the_dip_is_the_least_distance_to_any_distribution_of_one_peak(kind: str) -> None:
    random = np.random.default_rng(7)
    for n in (4, 7, 10, 13, 16):
        x = {
            "normal": random.standard_normal(n),
            "flat": random.uniform(size=n),
            "two heaps": np.append(random.normal(0, 1, n // 2), random.normal(7, 1, n - n // 2)),
            "ties": random.integers(0, 4, n).astype(float),
            "skewed": random.exponential(size=n),
        }[kind]
        assert dip(x) == pytest.approx(least_distance(x), abs=1e-7)


def test_one_peak_in_a_hundred_has_a_larger_dip_than_is_asked() -> None:
    random = np.random.default_rng(3)
    flat = np.mean([dip(random.uniform(size=200)) > critical(200) for _ in range(600)])
    assert 0.0 < flat <= 0.02
    assert not any(dip(random.exponential(size=200)) > critical(200) for _ in range(200))
    heaps = [np.append(random.normal(0, 1, 130), random.normal(6, 1, 70)) for _ in range(50)]
    assert all(dip(x) > critical(200) for x in heaps)
    assert dip(np.zeros(9)) == pytest.approx(1 / 18)
    assert dip(np.arange(9.0)) == pytest.approx(1 / 18)


def test_the_rand_index_counts_pairs_and_jaccard_sets() -> None:
    random = np.random.default_rng(5)
    for _ in range(20):
        one, other = random.integers(0, 3, 12), random.integers(0, 4, 12)
        pairs = list(itertools.combinations(range(12), 2))
        a = np.array([one[i] == one[j] for i, j in pairs])
        b = np.array([other[i] == other[j] for i, j in pairs])
        chance, most = a.sum() * b.sum() / len(pairs), (a.sum() + b.sum()) / 2
        assert rand_index(one, other) == pytest.approx(((a & b).sum() - chance) / (most - chance))
        groups = [set(np.flatnonzero(other == k)) for k in range(4)]
        for k in range(one.max() + 1):
            own = set(np.flatnonzero(one == k))
            best = max(len(own & g) / len(own | g) for g in groups) if own else 0.0
            assert jaccard(one, other)[k] == pytest.approx(best)
    assert rand_index(one, (one + 1) % 3) == 1.0


@pytest.mark.parametrize("dimensions", [1, 2, 5])
def test_k_means_finds_the_best_of_all_partitions_of_a_few_points(dimensions: int) -> None:
    random = np.random.default_rng(dimensions)
    for _ in range(5):
        x = random.standard_normal((9, dimensions))
        sums = []
        for labels in itertools.product(range(2), repeat=8):
            of = np.array([0, *labels])
            parts = [x[of == k] for k in (0, 1) if (of == k).any()]
            sums.append(sum(float(((p - p.mean(axis=0)) ** 2).sum()) for p in parts))
        best, _ = k_means(x, 2, 100)
        assert best.within == pytest.approx(min(sums))
        assert np.bincount(best.labels, minlength=2).tolist() == sorted(
            np.bincount(best.labels, minlength=2).tolist(), reverse=True
        )


def test_the_medoid_is_the_point_nearest_to_all_others_of_its_cluster() -> None:
    x = np.random.default_rng(1).standard_normal((30, 3))
    member = np.arange(30) % 3 == 0
    sums = [np.linalg.norm(x[member] - p, axis=1).sum() for p in x[member]]
    assert medoid(x, member) == np.flatnonzero(member)[int(np.argmin(sums))]


# ---- how far apart two histories are --------------------------------------------------------


def test_weeks_end_on_the_last_day_of_the_window_too() -> None:
    assert week_ends(14).tolist() == [6, 13]
    assert week_ends(16).tolist() == [6, 13, 15]
    assert week_ends(364)[-1] == 363


def test_distance_is_of_quantities_whether_and_when_and_not_of_units() -> None:
    random = np.random.default_rng(2)
    courses = random.standard_normal((200, 4, 2)).cumsum(axis=1)
    firsts = np.where(random.uniform(size=(200, 3)) < 0.5, random.integers(0, 28, (200, 3)), NEVER)
    x = points(courses, firsts, 28)
    assert (x**2).mean(axis=0).sum() == pytest.approx(1.0)
    assert np.allclose(x, points(courses * np.array([1000.0, 0.1]) + 5, firsts, 28))
    # Half of the variance is of quantities, each with the same part.
    assert (x[:, 0:8:2] ** 2).mean(axis=0).sum() == pytest.approx(0.25)
    assert (x[:, 1:8:2] ** 2).mean(axis=0).sum() == pytest.approx(0.25)
    # A world that sees an event a week earlier is nearer than one that never does.
    events = np.full((200, 1), NEVER)
    events[:100, 0] = random.integers(0, 28, 100)
    events[:3, 0] = (0, 7, NEVER)
    y = points(np.zeros((200, 4, 1)), events, 28)
    near, far = np.linalg.norm(y[0] - y[1]), np.linalg.norm(y[0] - y[2])
    assert 0.0 < near < far


def test_what_one_world_in_a_hundred_does_sets_nobody_apart() -> None:
    courses = np.random.default_rng(4).standard_normal((300, 4, 1)).cumsum(axis=1)
    still = np.zeros((300, 4, 1))
    still[:3] = 1.0
    both = np.concatenate([courses, still], axis=2)
    nothing = np.full((300, 1), NEVER)
    assert np.allclose(points(both, nothing, 28)[:, 1::2], 0.0)


# ---- real clusters are found, others are refused ---------------------------------------------


def right(found: Search, of: NDArray[np.int64], shares: tuple[float, ...]) -> bool:
    t = found.found
    if t is None or t.clusters != len(shares):
        return False
    own = np.bincount(t.partition.labels) / len(of)
    return rand_index(t.partition.labels, of) > 0.9 and bool(
        np.abs(np.sort(own) - np.sort(np.bincount(of) / len(of))).max() < 0.03
    )


SHARES = [(0.6, 0.4), (0.8, 0.2), (0.5, 0.3, 0.2), (0.4, 0.3, 0.2, 0.1)]


@pytest.mark.parametrize("shares", SHARES)
def test_planted_clusters_are_found_with_their_shares(shares: tuple[float, ...]) -> None:
    x, of = planted(1, shares, 7.0, 2048)
    assert right(search(x, most=len(shares) + 1), of, shares)


@pytest.mark.parametrize("kind", ["round", "long", "skewed"])
def test_a_single_cloud_is_refused(kind: str) -> None:
    for seed in range(2):
        assert search(cloud(kind, seed), most=4).found is None


def test_each_condition_refuses_what_the_others_would_let_through() -> None:
    long = search(cloud("long", 0), most=3).tried
    assert any(t.stable and not t.more for t in long)
    skewed = [t for seed in range(4) for t in search(cloud("skewed", seed), most=3).tried]
    assert any(t.stable and t.more and not t.apart for t in skewed)
    heaps, _ = planted(1, (0.6, 0.4), 7.0)
    assert any(t.more and not t.stable for t in search(heaps, most=5).tried)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["round", "long", "skewed", "very skewed", "flat", "bent"])
def test_single_clouds_of_any_shape_are_refused_over_forty_seeds(kind: str) -> None:
    found = [seed for seed in range(40) if search(cloud(kind, seed)).found is not None]
    assert len(found) <= 2, found


@pytest.mark.slow
@pytest.mark.parametrize("shares", SHARES)
def test_planted_clusters_are_found_over_ten_seeds(shares: tuple[float, ...]) -> None:
    """Among as many points as there are worlds where nobody says how many."""
    made = [planted(seed, shares, 7.0, 2048) for seed in range(10)]
    most = len(shares) + 1
    assert sum(right(search(x, most), of, shares) for x, of in made) >= 9


@pytest.fixture(scope="module")
def old() -> dict[str, Floats]:
    with np.load(Path(__file__).parent / "whole_histories" / "us-iran-5422f37.npz") as kept:
        return {name: kept[name] for name in ("courses", "firsts")}


def test_free_worlds_of_the_us_iran_case_are_one_cloud(old: dict[str, Floats]) -> None:
    courses, firsts = old["courses"].astype(float), old["firsts"].astype(np.int64)
    found = search(points(courses, firsts, 364))
    assert found.found is None
    assert all(not t.apart for t in found.tried)
    assert all(lacking(t) for t in found.tried)
    # Of their courses alone five clusters explain 31%, and starts agree by an index of .54: a first
    # look had 32% and .51.
    alone = points(courses, np.full_like(firsts, NEVER), 364)
    axes, kept = principal(alone)
    best, starts = k_means(axes, 5, 20)
    explained = kept * (1 - best.within / float((axes**2).sum()))
    agree = [rand_index(a.labels, b.labels) for a, b in itertools.combinations(starts, 2)]
    assert (round(explained, 2), round(float(np.mean(agree)), 2)) == (0.31, 0.54)
    assert search(alone, most=3).found is None


# ---- from a case ------------------------------------------------------------------------------

FORK = """\
crisis: A fork
language: 2
from: 2030-01-01
to: 2030-04-10
show: [heat, trade]
unknown:
  way:
    among: {war: .3 ? planted, peace: .7 ? planted}
state:
  heat: {ladder: [calm, tense, hot, war], now: calm ? planted, fades: 20d ? weeks}
  trade: {stock: 0 .. 10 ? room, now: 5 ? usual, fades: 20d ? weeks, rest: 5 ? usual}
event:
  break_off:
    name: Talks break off
    when: way == war
    rate: .5 ? soon
    once: yes
    does: [heat = war ? at once, trade = 1 ? at once]
  clash:
    name: A clash
    when: since(break_off) >= 1d
    rate: .6 ? often
    does: [heat + 1 ? each, trade - .3 ? each]
  squabble:
    name: A squabble
    rate: .1 ? now and then
    does: [heat + .4 ? a little]
  fair:
    name: A fair
    when: way == peace
    rate: .1 ? now and then
    does: [trade + .4 ? a little]
"""


@compiled
def test_a_planted_fork_of_a_crisis_is_told_with_its_turn() -> None:
    case = offramp.load({"crisis.yaml": FORK})
    s = offramp.scenarios(case, worlds=600, seed=3)
    assert (s.refused, len(s.found)) == ("", 2)
    peace, war = s.found
    assert war.share == pytest.approx(0.3, abs=4 * war.mc_error)
    assert peace.share + war.share == pytest.approx(1.0)
    assert war.interval[0] < war.share < war.interval[1]
    first = next(t for t in war.signposts if t.event == "break_off")
    assert (first.seen, first.chance) == (True, 1.0)
    assert any(t.event == "break_off" and not t.seen for t in peace.turns)
    # The world of the middle is a real one, and is told as `replay` tells it.
    again = offramp.replay(case, 3, war.world)
    assert {e.event for e in again.log} == {t.event for t in war.told}
    assert war.courses["heat"] == again.series["heat"]
    for t in war.told:
        days = [e.day for e in again.log if e.event == t.event]
        assert (t.times, t.day) == (len(days), s.first + dt.timedelta(days[0]))
    trade = war.endings[1]
    assert trade.quantity == "trade"
    assert trade.here[1] < trade.anywhere[1] < peace.endings[1].here[1]


@compiled
def test_the_same_worlds_give_the_same_scenarios_on_any_number_of_threads() -> None:
    case = offramp.load({"crisis.yaml": FORK})
    one = offramp.to_dict(offramp.scenarios(case, worlds=200, threads=1))
    two = offramp.to_dict(offramp.scenarios(case, worlds=200, threads=2))
    assert one == two


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["scenarios", *words])
    return done.exit_code, done.output


@compiled
def test_a_refusal_says_why_in_words_and_numbers() -> None:
    code, out = run("tutorial", "--worlds", "200")
    assert code == 0
    assert "No scenarios." in out
    assert "none are real" in out
    assert all(len(line) <= 100 for line in out.splitlines())
    code, out = run("tutorial", "--worlds", "200", "--json")
    told = json.loads(out)
    assert (code, told["found"], len(told["tried"])) == (0, [], 5)
    assert told["refused"]


@compiled
def test_worlds_as_of_a_day_are_told_from_the_day_after() -> None:
    s = offramp.scenarios("tutorial", as_of="2031-04-20", worlds=256)
    assert (s.first, s.as_of) == (dt.date(2031, 4, 21), dt.date(2031, 4, 20))
    assert s.worlds == 256


@compiled
def test_mistakes_are_told_before_the_work() -> None:
    assert run("tutorial", "--worlds", "100")[0] == 2
    code, out = run("tutorial", "--as-of", "2031-06-20")
    assert (code, "whole histories take 56" in out) == (2, True)
    with pytest.raises(offramp.Mistake, match="at least 200"):
        offramp.scenarios("tutorial", worlds=50)


@pytest.mark.parametrize(
    ("day", "left"), [("2031-06-28", "1 day is left"), ("2031-06-20", "9 days are left")]
)
def test_too_few_days_are_counted_in_words(day: str, left: str) -> None:
    with pytest.raises(offramp.Mistake, match=f"^{left} until 2031-06-29; whole"):
        offramp.scenarios("tutorial", as_of=day, worlds=256)

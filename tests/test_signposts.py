"""Signs to watch for: what conditioning on them gives, what brute force gives, and nothing where
there is nothing."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from crises import crises
from hypothesis import HealthCheck, given, settings

import offramp
from offramp.answers.conditioned import condition
from offramp.case.case import Case
from offramp.case.record import Coverage, Days, History, Report
from offramp.cli import main
from offramp.engine.blocks import machinery
from offramp.engine.blocks.histories import Histories, histories
from offramp.engine.run import RunSpec, replay
from offramp.explain.information import Worth
from offramp.explain.sign_search import Placed, beside, best, candidates, chosen
from offramp.explain.signposts import Sign, signpost, signposts
from offramp.explain.signs_seen import DAY, quantile
from offramp.explain.visible import SECRET, Seen, visible
from offramp.explain.watched_worlds import GROUPS, Open, Worlds, evenings, lived, opened
from offramp.language.expressions import Basis
from offramp.language.questions import Question
from offramp.text.diagnostics import Span

pytestmark = pytest.mark.skipif(not machinery.available(), reason="needs Numba")
NOWHERE = Span("history.csv", 1, 1)
EVENING = dt.date(2031, 4, 24)  # the eighth on which it is looked


@cache
def tutorial(reporting: str = "") -> Case:
    """The tutorial without reports, of which everything public is seen but for what is said."""
    folder = Path(offramp.__file__).parent / "cases" / "tutorial"
    texts = {
        str(path.relative_to(folder)): path.read_text("utf-8")
        for path in folder.rglob("*")
        if path.suffix in (".yaml", ".txt") and path.name != "reporting.yaml"
    }
    return offramp.load(texts | ({"reporting.yaml": reporting} if reporting else {}))


def question(case: Case, name: str) -> Question:
    return next(q for q in case.questions if q.id == name)


def worlds_of(case: Case, names: tuple[str, ...], n: int, seed: int = 1, days: int = 30) -> Worlds:
    before = case.crisis.first - DAY
    grid = evenings(before, days, case.crisis.last)
    things, _ = visible(case, before + DAY, grid[-1])
    asked = tuple(question(case, name) for name in names)
    return lived(case, asked, things, grid, None, n, seed, None, None)


@cache
def some_worlds(seed: int = 1, n: int = 4096) -> Worlds:
    return worlds_of(tutorial(), ("blockade", "landing", "sailor_dies"), n, seed)


def thing(w: Worlds, what: str) -> int:
    return [x.what for x in w.things].index(what)


# ---- the same as conditioning ------------------------------------------------------------------


BLANK = Report(
    id="R1",
    kind="event",
    what="",
    outcome="",
    actor="",
    when=(Days(dt.date(2031, 4, 1), EVENING, 1.0),),
    known_since=EVENING,
    grade="verified",
    relation="",
    value=0.0,
    error=0.0,
    report="",
    source="",
    url="",
    note="",
    span=NOWHERE,
)
HELD = (Days(dt.date(2031, 4, 22), dt.date(2031, 4, 22), 1.0),)
LATE = (Days(EVENING, EVENING, 1.0),)
# A question and its event; a sign; the report that makes it known, and what must be followed.
SIGNS = {
    "a blockade, of which there is one in a month": (
        ("landing", "vessara.land"),
        "kelmark.blockade",
        replace(BLANK, what="kelmark.blockade"),
    ),
    "no blockade": (("landing", "vessara.land"), "kelmark.blockade", None),
    "a vote lost": (
        ("blockade", "kelmark.blockade"),
        "kelmark.assembly.ships.lost",
        replace(BLANK, what="kelmark.assembly.ships", outcome="lost", when=HELD),
    ),
    "sailors killed": (
        ("blockade", "kelmark.blockade"),
        "sailors_dead",
        replace(
            BLANK,
            kind="quantity",
            what="sailors_dead",
            relation=">=",
            value=0.5,
            error=0.02,
            when=LATE,
        ),
    ),
}


@pytest.mark.parametrize("name", SIGNS)
def test_the_answer_if_seen_is_that_of_a_filter_that_is_told_so(name: str) -> None:
    """The report of a sign (or its silence), and the silence of what the question asks of, for it
    is open still: the filter's answer is the sign's."""
    case, ((asked, own), what, report) = tutorial(), SIGNS[name]
    q = question(case, asked)
    w = worlds_of(case, (asked,), 16384)
    assert w.days[7] == EVENING
    sign = Placed(7, thing(w, what), 1.0)
    s = signpost(w, opened(w, asked), q, sign, Worth(0, 0, 1), 0.5)
    event = w.things[sign.thing].event
    sure = Basis("assumed", (), "", NOWHERE)
    followed = tuple(
        Coverage(e, case.crisis.first, 1.0, sure, NOWHERE) for e in sorted({own, event} - {""})
    )
    history = History((report,) if report else (), followed)
    c = condition(replace(case, questions=(q,)), history, EVENING, 4096, 1)
    assert c.forecast is not None
    (a,) = c.forecast.answers
    assert a.probability is not None
    assert a.mc_error is not None
    here, there = (s.if_seen, s.if_not) if report else (s.if_not, s.if_seen)
    error = math.hypot(here.error, a.mc_error)
    assert abs(here.value - a.probability) < 3 * error
    if name != "a vote lost":  # which hardly tells; the others could not pass by any answer
        assert abs(there.value - a.probability) > 3 * math.hypot(there.error, a.mc_error)


def test_figures_are_those_of_the_same_worlds_by_another_way() -> None:
    """Days and courses of the worlds as `histories` has them, counted by hand."""
    case, n = tutorial(), 1024
    w = worlds_of(case, ("blockade", "sailor_dies"), n)
    names = [(x.event, x.outcome) for x in w.things if x.event]
    quantities = [x.what for x in w.things if not x.event]
    h = histories(RunSpec(case.crisis, (), 1), n, names, quantities)
    for i, x in enumerate(w.things):
        for k, day in enumerate(w.days):
            last = (day - case.crisis.first).days
            if x.event:
                expected = h.happened[x.what][:, : last + 1].sum(axis=1)
            else:
                expected = h.values[x.what][:, last]
            assert np.allclose(w.courses[i][:, k], expected, rtol=1e-6), (x.what, day)
    blockades = h.happened["kelmark.blockade"]
    o = opened(w, "blockade")
    assert np.array_equal(o.yes, blockades.any(axis=1))
    for k, day in enumerate(w.days):
        last = (day - case.crisis.first).days
        assert np.array_equal(o.still[:, k], ~blockades[:, : last + 1].any(axis=1))
    dead = opened(w, "sailor_dies").still
    for k, day in enumerate(w.days):
        last = (day - case.crisis.first).days
        assert np.array_equal(dead[:, k], h.values["sailors_dead"][:, last] < 1)
    sign, k = Placed(4, thing(w, "kelmark.board"), 2.0), 4
    s = signpost(w, o, question(case, "blockade"), sign, Worth(0, 0, 1), 0.5)
    last = (w.days[k] - case.crisis.first).days
    half = np.arange(n) % GROUPS % 2 == 1
    use = half & o.still[:, k]
    seen = h.happened["kelmark.board"][:, : last + 1].sum(axis=1) >= 2
    assert s.seen.value == seen[use].mean()
    assert s.if_seen.value == o.yes[use & seen].mean()
    assert s.if_not.value == o.yes[use & ~seen].mean()
    assert s.open.value == o.still[half, k].mean()
    boards, raised = h.happened["kelmark.board"].cumsum(axis=1), 0
    for world in np.flatnonzero(half):
        for d, day in enumerate(w.days):
            if boards[world, (day - case.crisis.first).days] >= 2:
                raised += bool(o.still[world, d])
                break
    assert s.raised.value == pytest.approx(raised / half.sum())


@given(crises())
@settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_in_random_crises_figures_are_those_of_the_logs(text: str) -> None:
    """What the reference interpreter tells of the same worlds, one by one."""
    asked = (
        "questions:\n  war:\n    text: Is it war?\n    window: 2020-01-01 .. 2020-01-12\n"
        "    asks: highest(rung) >= hot\n    resolves: somebody says so\n"
    )
    case = offramp.load({"crisis.yaml": text, "questions.yaml": asked})
    w, n = worlds_of(case, ("war",), 48, days=7), 48
    o, seed = opened(w, "war"), 1
    assert w.days[-1] == dt.date(2020, 1, 7)
    for number in range(n):
        story = replay(case.crisis, seed, number)
        rung = story.series["rung"]
        for k in range(7):
            assert o.still[number, k] == (max(rung[: k + 1]) < 1.5)
            for i, x in enumerate(w.things):
                if x.event:
                    times = sum(
                        e.event == x.event
                        and e.day <= k
                        and (not x.outcome or e.outcome == x.outcome)
                        for e in story.log
                    )
                    assert w.courses[i][number, k] == times
        assert o.yes[number] == (max(rung[:12]) >= 1.5)


# ---- the same as brute force -------------------------------------------------------------------


@cache
def pool(seed: int) -> Histories:
    names = ("kelmark.blockade", "vessara.land", "swarm")
    case = tutorial()
    return histories(
        RunSpec(case.crisis, (), seed), 40000, [(n, "") for n in names], ["sailors_dead"]
    )


@pytest.mark.parametrize(
    ("asked", "event", "what", "least", "telling"),
    [
        ("landing", "vessara.land", "kelmark.blockade", 1, True),
        ("blockade", "kelmark.blockade", "sailors_dead", 1, True),
        ("landing", "vessara.land", "swarm", 4, False),
    ],
)
def test_the_drop_is_that_of_a_forecaster_who_watches(
    asked: str, event: str, what: str, least: int, telling: bool
) -> None:
    """Nested: of many worlds taken for the truth, the answer of one who watches is the share of
    yeses in other worlds that show the same, and of one who does not in those that are as open."""
    case = tutorial()
    w, k = some_worlds(1, 32768), 5
    last = (w.days[k] - case.crisis.first).days
    found = beside(w, opened(w, asked), Placed(k, thing(w, what), float(least)), ())

    def drawn(h: Histories) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        so_far = h.happened[event][:, : last + 1].any(axis=1)
        if what in h.values:
            seen = h.values[what][:, last] >= least
        else:
            seen = h.happened[what][:, : last + 1].sum(axis=1) >= least
        return seen, ~so_far, h.happened[event].any(axis=1)

    seen, still, yes = drawn(pool(7))
    now, open_now, came = drawn(pool(8))
    answer = {shown: yes[still & (seen == shown)].mean() for shown in (False, True)}
    gains = np.zeros(len(came))
    for world in np.flatnonzero(open_now):
        told = answer[bool(now[world])]
        gains[world] = (came[world] - yes[still].mean()) ** 2 - (came[world] - told) ** 2
    error = math.hypot(gains.std() / math.sqrt(len(gains)), found.error)
    assert abs(gains.mean() - found.drop) < 3 * error
    assert (gains.mean() > 3.3 * error) == telling  # so that the check can fail


def test_what_it_is_worth_to_know_an_unknown_is_what_other_worlds_say() -> None:
    """Shares of yeses by the values of an unknown, in worlds of another seed; once of all, and once
    of those that show the same of the signs."""
    case, n = tutorial(), 40000
    found = signposts(case, (question(case, "blockade"),), None, 30, 16384, 1).lists[0]
    (sign,) = found.signs
    w = worlds_of(case, ("blockade",), n, 11)
    o, k = opened(w, "blockade"), w.days.index(sign.sign.by)
    names = [u.name for u in case.crisis.unknowns]
    cells = w.courses[thing(w, sign.sign.seen.what)][:, k] >= sign.sign.least

    def between(of: np.ndarray, keep: np.ndarray) -> float:
        cells, place = np.unique(of, return_inverse=True)
        parts = [o.yes[keep][place == c] for c in range(len(cells))]
        return sum(len(x) * (x.mean() - o.yes[keep].mean()) ** 2 for x in parts) / n

    for c in found.collect:
        x = w.ensemble.unknowns[:, names.index(c.unknown)]
        if not case.crisis.unknowns[names.index(c.unknown)].options:
            x = np.searchsorted(np.quantile(x, [1 / 3, 2 / 3]), x)
        assert abs(between(x, np.ones(n, bool)) - c.drop.drop) < 3.5 * c.drop.error
        open_ = o.still[:, k]
        told = between(cells[open_].astype(float), open_)
        both = between(10.0 * x[open_] + cells[open_], open_)
        assert abs(both - told - c.left.drop) < 3.5 * c.left.error
        assert c.drop.drop > 5 * c.drop.error  # so that the check can fail
    assert found.collect[0].unknown == "kelmark.line"


def test_useful_from_is_the_first_evening_on_which_it_is_worth_most_of_it() -> None:
    w = some_worlds(1, 16384)
    o, sign = opened(w, "landing"), Placed(8, thing(w, "kelmark.blockade"), 1.0)
    s = signpost(w, o, question(tutorial(), "landing"), sign, beside(w, o, sign, ()), 0.5)
    worths = [beside(w, o, replace(sign, day=k), ()).drop for k in range(9)]
    first = w.days.index(s.useful_from)
    assert 0 < first < 8
    assert worths[first] >= 0.8 * worths[8] > max(worths[:first])


# ---- nothing where there is nothing ------------------------------------------------------------


def by_lot(w: Worlds, seed: int, p: float) -> Open:
    """A question that has nothing to do with anything."""
    n = w.ensemble.worlds
    yes = np.random.default_rng(seed).random(n) < p
    return Open(np.ones(n, bool), yes, np.ones((n, len(w.days)), bool))


def all_of(w: Worlds) -> tuple[np.ndarray, ...]:
    return tuple(np.ones(len(c.of), bool) for c in candidates(w))


def choosing_and_measuring_on_the_same(w: Worlds) -> Worlds:
    """As if nobody had put worlds aside: each is in both halves."""
    own = np.flatnonzero(w.half)
    twice = np.concatenate([own, own])
    return replace(
        w,
        ensemble=replace(
            w.ensemble, numbers=tuple(range(len(twice))), atoms=w.ensemble.atoms[twice]
        ),
        courses=tuple(c[twice] for c in w.courses),
        group=np.concatenate([w.group[own]] * 2),
        half=np.arange(len(twice)) >= len(own),
    )


@pytest.mark.parametrize("p", [0.3, 0.05])
def test_where_nothing_tells_the_list_is_empty(p: float) -> None:
    w, seeds = some_worlds(), 100
    signs, may = candidates(w), all_of(w)
    lists, drops = 0, []
    for seed in range(seeds):
        o = by_lot(w, seed, p)
        lists += bool(chosen(w, o, signs, may))
        sign = best(w, o, signs, may)
        assert sign is not None
        drops.append(beside(w, o, sign, ()).drop)
    assert lists <= 0.05 * seeds
    error = np.std(drops, ddof=1) / math.sqrt(seeds)
    assert abs(np.mean(drops)) < 3.5 * error


@pytest.mark.parametrize("p", [0.3, 0.05])
def test_chosen_and_measured_on_the_same_worlds_luck_would_be_told(p: float) -> None:
    """What the two halves are for: without them the best of many signs looks good by luck."""
    w, seeds = choosing_and_measuring_on_the_same(some_worlds()), 100
    signs, may = candidates(w), all_of(w)
    lists, drops = 0, []
    for seed in range(seeds):
        n = w.ensemble.worlds // 2
        half = by_lot(w, seed, p).yes[:n]
        o = replace(by_lot(w, seed, p), yes=np.concatenate([half, half]))
        lists += bool(chosen(w, o, signs, may))
        sign = best(w, o, signs, may)
        assert sign is not None
        drops.append(beside(w, o, sign, ()).drop)
    error = np.std(drops, ddof=1) / math.sqrt(seeds)
    assert np.mean(drops) > 10 * error
    assert lists > 0.05 * seeds


# ---- what is no sign, and what covers ------------------------------------------------------------


def test_what_the_question_asks_of_is_no_sign_under_any_name() -> None:
    found = signposts(
        tutorial(),
        tuple(question(tutorial(), q) for q in ("sailor_dies", "moderates")),
        None,
        80,
        4096,
        1,
    )
    dies, moderates = found.lists
    assert {b.what: b.why for b in dies.barred} == {
        "sailors_dead": "the question asks of it",
        "swarm.death": "seen only when the question is answered",
        "fog.death": "seen only when the question is answered",
    }
    assert not {"swarm.death", "fog.death", "sailors_dead"} & {s.sign.seen.what for s in dies.signs}
    # How the election went otherwise is the answer too, and what it brings comes on its day.
    assert not any(s.sign.seen.event == "kelmark.election" for s in moderates.signs)
    assert not any(s.sign.seen.what == "shared_fishing" for s in moderates.signs)


def test_before_its_window_what_a_question_counts_is_news() -> None:
    case = tutorial()
    q = replace(question(case, "sailor_dies"), first=dt.date(2031, 4, 20))
    found = signposts(replace(case, questions=(q,)), (q,), None, 15, 2048, 1)
    assert "sailors_dead" not in {b.what for b in found.lists[0].barred}


def test_secret_moves_and_hidden_quantities_are_no_signs() -> None:
    case = offramp.load("tutorial")
    seen, barred = visible(case, case.crisis.first, case.crisis.last)
    why = {b.what: b.why for b in barred}
    assert why["vessara.let_loose"] == SECRET
    assert {"anger", "order", "kelmark.grievance", "rung"} <= set(why)
    names = {s.what: s for s in seen}
    assert {"trade", "sailors_dead", "occupied", "accord"} <= set(names)  # measured, or counted
    assert names["kelmark.board"].followed
    assert not names["cable_cut"].followed


def test_each_sign_covers_something_else() -> None:
    found = offramp.watch("us-iran-2020", "rush_of_attacks", worlds=512)
    (w,) = found.lists
    assert len({s.sign.seen.of for s in w.signs}) == len(w.signs)
    assert all(s.beyond.told for s in w.signs)
    assert all(s.useful_from <= s.sign.by for s in w.signs)


def test_a_twin_of_a_sign_adds_nothing() -> None:
    """A second name of the same thing is not listed, on whatever evening it would be looked at."""
    w = some_worlds()
    i = thing(w, "sailors_dead")
    twin = replace(w.things[i], what="twin")
    both = replace(w, things=(w.things[i], twin), courses=(w.courses[i], w.courses[i]))
    o = opened(w, "blockade")
    list_ = chosen(both, o, candidates(both), all_of(both))
    assert len(list_) == 1
    for k in range(len(w.days)):
        again = beside(both, o, Placed(k, 1, 1.0), (Placed(k, 0, 1.0),))
        assert again.drop == pytest.approx(0.0, abs=1e-9)


def test_a_sign_and_its_silence_in_words() -> None:
    on = dt.date(2031, 4, 14)
    event = Seen("swarm", "A swarm", "swarm", "")
    rung = Seen("rung", "Rung", "", "", kind="ladder", levels=("calm", "naval_war"))
    said = {
        Sign(event, on, 1): ("is reported by", "is not reported by"),
        Sign(event, on, 3): ("is reported 3 times or more by", "is not reported 3 times by"),
        Sign(rung, on, 1): ("stands at naval war or above on", "stands below naval war on"),
        Sign(replace(rung, kind="flag"), on, 1): ("holds on", "does not hold on"),
        Sign(replace(rung, kind="stock", levels=()), on, 0.9): (
            "is 0.9 or more on",
            "is below 0.9 on",
        ),
    }
    for sign, (seen, silent) in said.items():
        title = sign.seen.title
        assert sign.words == f"“{title}” {seen} 14 Apr 2031"
        assert sign.silence == f"“{title}” {silent} 14 Apr 2031"


# ---- what is told -------------------------------------------------------------------------------


def test_of_what_happens_so_many_times_a_binomial_share_is_told() -> None:
    rng = np.random.default_rng(1)
    u, n = rng.random(40000), np.full(40000, 5.0)
    for chance in (0.1, 0.5, 0.95):
        x = quantile(n, chance, u)
        for k in range(6):
            p = math.comb(5, k) * chance**k * (1 - chance) ** (5 - k)
            assert abs((x == k).mean() - p) < 4.5 * math.sqrt(p * (1 - p) / len(u)) + 1e-12
        fewer = quantile(n - 2, chance, u)
        assert (fewer <= x).all()
        assert (fewer <= 3).all()
    assert not quantile(n, 0.0, u).any()


def test_a_sign_is_told_as_surely_as_the_record_says() -> None:
    """Half of the swarms are told until 10 April, all from then on."""
    case = tutorial("reporting:\n  swarm: {2031-04-01: .5 ? half, 2031-04-10: 1 ? all}\n")
    w = worlds_of(case, ("blockade",), 8192)
    whole = some_worlds(1, 8192)
    i = thing(w, "swarm")
    told, happened = w.courses[i], whole.courses[thing(whole, "swarm")]
    assert (told <= happened).all()
    assert (np.diff(told, axis=1) >= 0).all()
    early = told[:, 2].mean() / happened[:, 2].mean()  # by 9 April
    assert abs(early - 0.5) < 0.02
    assert np.array_equal(told[:, 5] - told[:, 3], happened[:, 5] - happened[:, 3])
    # Who is told of an outcome is told of the event.
    assert (w.courses[thing(w, "swarm.injury")] <= told).all()


# ---- errors -------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_printed_errors_match_the_spread_over_seeds() -> None:
    case, rows = tutorial(), []
    for seed in range(1, 41):
        w = worlds_of(case, ("blockade",), 4096, seed)
        o, sign = opened(w, "blockade"), Placed(5, thing(w, "sailors_dead"), 1.0)
        rows.append(signpost(w, o, question(case, "blockade"), sign, beside(w, o, sign, ()), 0.5))
    for values, errors in (
        ([s.drop.drop for s in rows], [s.drop.error for s in rows]),
        ([s.seen.value for s in rows], [s.seen.error for s in rows]),
        ([s.if_seen.value for s in rows], [s.if_seen.error for s in rows]),
        ([s.if_not.value for s in rows], [s.if_not.error for s in rows]),
        ([s.then.value for s in rows], [s.then.error for s in rows]),
        ([s.warned.value for s in rows], [s.warned.error for s in rows]),
    ):
        printed = math.sqrt(np.mean(np.square(errors)))
        assert 0.65 < np.std(values, ddof=1) / printed < 1.5


@pytest.mark.slow
def test_the_errors_of_conditioned_worlds_match_the_spread_over_seeds() -> None:
    rows = []
    for seed in range(1, 25):
        case = offramp.load("tutorial")
        q = question(case, "blockade")
        p = offramp.condition(case, as_of="2031-04-20", worlds=4096, seed=seed).posterior
        grid = evenings(dt.date(2031, 4, 20), 30, case.crisis.last)
        things, _ = visible(case, grid[0] + DAY, grid[-1])
        w = lived(case, (q,), things, grid, p, 16384, seed, None, None)
        o, sign = opened(w, "blockade"), Placed(8, thing(w, "sailors_dead"), 1.0)
        rows.append(signpost(w, o, q, sign, beside(w, o, sign, ()), 0.5))
    for values, errors in (
        ([s.drop.drop for s in rows], [s.drop.error for s in rows]),
        ([s.if_seen.value for s in rows], [s.if_seen.error for s in rows]),
        ([s.if_not.value for s in rows], [s.if_not.error for s in rows]),
    ):
        printed = math.sqrt(np.mean(np.square(errors)))
        assert 0.6 < np.std(values, ddof=1) / printed < 1.6


# ---- the command ---------------------------------------------------------------------------------


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["watch", *words])
    return done.exit_code, done.output


def test_the_command_says_what_to_watch_for() -> None:
    code, out = run("tutorial", "blockade", "--worlds", "4096")
    assert code == 0
    flat = " ".join(out.split())
    assert "“Kelmark sailors killed”" in flat
    assert "To collect on" in flat
    title = next(e.title for e in tutorial().crisis.events if e.name == "kelmark.blockade")
    assert f"No sign (the question asks of it): “{title}”." in flat
    assert "kelmark.blockade" not in flat
    level = float(re.findall(r"Alarm: an answer above ([\d.]+)%\.", flat)[0])
    today = float(re.findall(r"by 29 June 2031\? (\d+)%", flat)[0])
    assert level == pytest.approx(200 * today / (100 + today), abs=1.5)  # twice the odds
    assert max(map(len, out.splitlines())) <= 80
    assert "Nothing that the public sees tells" in " ".join(run("tutorial", "war")[1].split())


def test_mistakes_are_refused_before_the_work() -> None:
    for words, said in (
        (("tutorial", "blokade"), "blockade"),
        (("tutorial", "swarms"), "yes or no"),
        (("tutorial", "more_ships", "--as-of", "2031-05-01"), "closed"),
        (("tutorial", "--as-of", "2031-06-29"), "last day"),
        (("tutorial", "--alarm", "1.5"), "1.5"),
        (("tutorial", "--days", "0"), "0"),
        (("tutorial", "--worlds", "100000"), "32768"),
    ):
        code, out = run(*words)
        assert code != 0, words
        assert said in out, words


def test_conditioned_on_reports_and_by_several_questions_at_once() -> None:
    code, out = run("tutorial", "blockade", "landing", "--as-of", "2031-04-20", "--json")
    assert code == 0
    made = json.loads(out)
    assert made["as_of"] == "2031-04-20"
    assert [w["question"] for w in made["questions"]] == ["blockade", "landing"]
    alone = json.loads(run("tutorial", "landing", "--as-of", "2031-04-20", "--json")[1])
    assert alone["questions"][0]["signs"] == made["questions"][1]["signs"]

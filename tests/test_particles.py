"""Worlds among reports: the same in both engines, exact evidence, calibrated, and no later word."""

from __future__ import annotations

import datetime as dt
import functools
import itertools
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from crises import crises
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reports import SLICE, at_random, from_a_world, of_day, slice_schedule
from slice_case import slice_text

from offramp.case.case import load, read_crisis
from offramp.engine import reported
from offramp.engine.blocks import report_days as program
from offramp.engine.blocks.tape import tape
from offramp.engine.blocks.worlds import Recorder, advance, wide
from offramp.engine.noise import Dice, uniforms, world_keys
from offramp.engine.plan import Plan, plan
from offramp.engine.run import RunSpec
from offramp.engine.schedule import (
    ANY,
    IMPOSSIBLE,
    Followed,
    Reading,
    Schedule,
    Sighting,
)
from offramp.engine.world import create, live
from offramp.filter import prepaid
from offramp.filter.impossible import failures
from offramp.filter.particles import run_island
from offramp.filter.posterior import Impossible, filtered, futures
from offramp.filter.simulator import prepare

EASY = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def machine(laid: Plan, schedule: Schedule, worlds: int) -> tuple[np.ndarray, np.ndarray]:
    """Log weights and quantities (quantity, world) after the schedule, through the machine."""
    p = program.program(laid, schedule)
    t, width = tape(p.program), wide(worlds)
    memory = np.zeros((t.slots, width))
    keys = world_keys(1, range(worlds))
    for name, slot in p.given.items():
        memory[slot, :worlds] = uniforms(keys, name)
    kept = Recorder.nothing(laid, worlds)
    advance(t, kept, memory.reshape(-1), width, keys, -1, schedule.last + 1)
    first, count = p.program.quantities
    return memory[p.log_weight, :worlds], memory[first : first + count, :worlds]


@settings(max_examples=25, deadline=None, suppress_health_check=EASY)
@given(crises(), st.integers(0, 10**6))
def test_the_machine_lives_reported_days_as_the_reference(text: str, number: int) -> None:
    laid = plan(read_crisis(text)[0])
    schedule = at_random(laid, number)
    weights, quantities = machine(laid, schedule, 4)
    for i in range(4):
        *_, r = reported.live_reported(laid, schedule, Dice(1, i))
        if r.log_weight < IMPOSSIBLE:
            assert weights[i] < IMPOSSIBLE
            continue
        assert weights[i] == pytest.approx(r.log_weight, abs=1e-9)
        assert quantities[:, i].tolist() == r.world.s


def test_without_reports_worlds_are_those_of_a_free_run() -> None:
    """Nothing followed: weights of one, the same dice, and the free run's worlds to the byte."""
    laid = plan(load("tutorial").crisis)
    weights, quantities = machine(laid, Schedule(last=40, sightings=(), facts=(), followed=()), 5)
    assert weights.tolist() == [0.0] * 5
    for i in range(5):
        world = create(laid, 1, i)
        for _ in itertools.islice(live(world), 41):
            pass
        assert quantities[:, i].tolist() == world.s


# ---- evidence is exact --------------------------------------------------------------------


def counted(laid: Plan, schedule: Schedule, worlds: int) -> float:
    """The share of free worlds that show just what was reported. Every event that is followed is
    reported for certain."""
    followed = {f.event for f in schedule.followed}
    wanted = {(s.event, s.day): s.outcome for s in schedule.sightings}
    hits = 0
    for number in range(worlds):
        world = create(laid, 77, number)
        for _ in itertools.islice(live(world), schedule.last + 1):
            pass
        seen = {(h.event, h.day): h.outcome for h in world.log if h.event in followed}
        hits += seen.keys() == wanted.keys() and all(
            o == ANY or _branch(laid, e, seen[e, d]) == o for (e, d), o in wanted.items()
        )
    return hits / worlds


def _branch(laid: Plan, event: int, outcome: str) -> int:
    if laid.events[event].ballot is not None:
        return ("carried", "lost").index(outcome)
    return [b.name for b in laid.events[event].branches].index(outcome)


def agrees(laid: Plan, schedule: Schedule, worlds: int, islands: int = 8, size: int = 256) -> None:
    """The error of the count is that of the evidence, were it right: a count of one or two has no
    error of its own that could be trusted."""
    p = filtered(prepare(laid, schedule, 5), islands, size, threads=2)
    free = counted(laid, schedule, worlds)
    evidence, of_logs = math.exp(p.days[-1].log_evidence), p.days[-1].mc_error
    error = math.sqrt(evidence * (1 - evidence) / worlds)
    assert abs(evidence - free) < 4 * math.hypot(error, evidence * of_logs)


def test_evidence_is_the_share_of_free_worlds_in_the_slice() -> None:
    """An attack that harms nobody, then two public silences; the orders of Iran stay hidden."""
    laid = plan(read_crisis(slice_text(1, True))[0])
    rocket = next(e.index for e in laid.events if e.event.name == "rocket")
    public = tuple(Followed(e.index, 0, 1.0) for e in laid.events if not e.event.private)
    none = [b.name for b in laid.events[rocket].branches].index("")
    agrees(
        laid,
        Schedule(
            last=2, sightings=(Sighting("a", rocket, none, of_day(0)),), facts=(), followed=public
        ),
        4000,
    )


def test_evidence_is_the_share_of_free_worlds_in_the_tutorial() -> None:
    """Swarms and boardings over a week, whose outcome nobody told; a landing takes two days."""
    laid = plan(load("tutorial").crisis)
    names = {e.event.name: e.index for e in laid.events}
    chances = {names[n]: 1.0 for n in ("swarm", "kelmark.board", "vessara.land", "fog")}
    schedule = Schedule(
        last=6,
        sightings=(Sighting("a", names["swarm"], ANY, of_day(3)),),
        facts=(),
        followed=tuple(Followed(e, 0, p) for e, p in chances.items()),
        leads=((names["vessara.land"], 2),),
    )
    agrees(laid, schedule, 3000)


@settings(max_examples=4, deadline=None, suppress_health_check=EASY)
@given(crises(actors=2), st.integers(0, 999))
def test_evidence_is_the_share_of_free_worlds_in_random_crises(text: str, world: int) -> None:
    laid = plan(read_crisis(text)[0])
    public = {e.index: 1.0 for e in laid.events if not e.event.private}
    agrees(laid, from_a_world(laid, 3, world, 1, public), 1500)


def test_a_disputed_day_is_the_mixture_of_its_days() -> None:
    laid = plan(load("tutorial").crisis)
    names = {e.event.name: e.index for e in laid.events}
    followed = (Followed(names["swarm"], 0, 0.8),)

    def evidence(readings: tuple[Reading, ...]) -> float:
        s = Schedule(
            last=5,
            sightings=(Sighting("a", names["swarm"], ANY, readings),),
            facts=(),
            followed=followed,
        )
        return math.exp(filtered(prepare(laid, s, 2), 8, 256).days[-1].log_evidence)

    mixed = evidence((Reading(1, 1, 0.25), Reading(3, 3, 0.75)))
    assert mixed == pytest.approx(0.25 * evidence(of_day(1)) + 0.75 * evidence(of_day(3)), rel=0.05)


# ---- the algorithm ------------------------------------------------------------------------


def test_threads_change_no_byte() -> None:
    laid = plan(read_crisis(slice_text(1, True))[0])
    job = RunSpec(laid.crisis, (), 1)
    runs = []
    for threads in (1, 2):
        p = filtered(prepare(laid, slice_schedule(laid, "2020-01-10"), 1), 4, 128, threads=threads)
        lived = futures(p, job, threads=threads)
        runs.append(
            ([d.log_evidence for d in p.days], lived.unknowns.tobytes(), lived.counts.tobytes())
        )
    assert runs[0] == runs[1]


def test_every_world_lives_each_report_on_its_day_and_no_other() -> None:
    """Replay without edits: what is followed for certain happens as reported, never otherwise."""
    laid = plan(read_crisis(slice_text(1, True))[0])
    schedule = slice_schedule(laid, "2020-02-16")
    p = filtered(prepare(laid, schedule, 1), 4, 128)
    lived = futures(p, RunSpec(laid.crisis, (), 1))
    wanted = sorted(SLICE)
    for story in lived.stories:
        told = [
            (str(laid.crisis.first + dt.timedelta(x.day)), x.event, x.outcome or "")
            for x in story.log
            if x.day <= schedule.last and not x.event.startswith("order_")
        ]
        assert sorted(told) == wanted


def test_moves_leave_the_posterior_where_weights_alone_put_it() -> None:
    """With and without moves the same posterior means, within the error between islands."""
    laid = plan(read_crisis(slice_text(1, False))[0])
    schedule = slice_schedule(laid, "2019-12-31")
    means = []
    for moving in (False, True):
        island = functools.partial(run_island, moving=moving)
        p = filtered(prepare(laid, schedule, 4), 12, 512, island=island)
        of = np.array([i.means[schedule.last] for i in p.islands])
        means.append((of.mean(axis=0), of.std(axis=0, ddof=1) / math.sqrt(len(of))))
    (a, e), (b, f) = means
    assert (np.abs(a - b) < 4.5 * np.hypot(e, f) + 1e-9).all()


def twice_reported(crisis: str) -> tuple[Plan, Schedule, str]:
    """A move that may go unreported, and pauses: a report on the second day bars it before."""
    laid = plan(read_crisis(crisis)[0])
    move = next(e.index for e in laid.events if e.event.chosen)
    s = Schedule(
        last=3,
        sightings=(Sighting("a", move, ANY, of_day(2)),),
        facts=(),
        followed=(Followed(move, 0, 0.5),),
    )
    return laid, s, laid.events[move].event.name


PAUSING = """crisis: pausing
from: 2020-01-01
to: 2020-01-10
show: [rung]
state:
  rung: {ladder: [calm, tense], now: calm ? drawn}
  strain: {count: 0}
unknown:
  zeal:
    between: .5 .. 1.5 ? drawn
actor:
  red:
    pace: .8 ? drawn
    precision: zeal
    foresight: 0 ? drawn
    wants:
      strain: .5 * strain ? drawn
event:
  strike:
    by: red
    PAUSE
    does:
      - strain + 1 ? drawn
"""


@pytest.mark.parametrize("pause", ["pause: 5d ? drawn", "once: yes"])
def test_what_would_bar_a_report_is_not_drawn_and_costs_its_probability(pause: str) -> None:
    """Guided worlds never end, and their mean weight is that of unguided ones, of which many do."""
    laid, s, _ = twice_reported(PAUSING.replace("PAUSE", pause))
    guided, _ = machine(laid, s, 1024)
    plain, _ = machine(laid, replace(s, guided=False), 1024)
    assert (guided > IMPOSSIBLE).all()
    assert 0.05 < (plain < IMPOSSIBLE).mean() < 0.9
    of = [np.where(w > IMPOSSIBLE, np.exp(w), 0.0) for w in (guided, plain)]
    errors = [x.std(ddof=1) / 32 for x in of]
    assert abs(of[0].mean() - of[1].mean()) < 4 * math.hypot(*errors)
    assert errors[0] < errors[1]


def test_nothing_is_foreseen_beyond_an_as_of_day() -> None:
    """A report of day 2 is not felt on days up to a stop on day 1."""
    laid, s, _ = twice_reported(PAUSING.replace("PAUSE", "once: yes"))
    early = replace(s, last=1, sightings=())
    for number in range(20):
        runs = [
            list(reported.live_reported(laid, x, Dice(1, number)))
            for x in (replace(s, stops=(1,)), early)
        ]
        (*_, whole), (*_, short) = runs
        assert whole.days[:2] == short.days[:2]


def test_charges_in_advance_leave_evidence_and_posterior_alone(monkeypatch: Any) -> None:
    laid = plan(load("tutorial").crisis)
    names = {e.event.name: e.index for e in laid.events}
    window = (Reading(2, 9, 1.0),)
    followed = (Followed(names["swarm"], 0, 0.8), Followed(names["kelmark.board"], 0, 0.9))
    s = Schedule(
        last=12,
        sightings=(
            Sighting("a", names["swarm"], ANY, window),
            Sighting("b", names["swarm"], ANY, of_day(11)),
            Sighting("c", names["kelmark.board"], ANY, window),
        ),
        facts=(),
        followed=followed,
    )
    found = []
    for usual in (0.0, 3.0, 8.0):
        monkeypatch.setattr(prepaid, "USUAL", usual)
        found.append(filtered(prepare(laid, s, 3), 16, 256).days[-1])
    for x, y in itertools.combinations(found, 2):
        assert abs(x.log_evidence - y.log_evidence) < 4 * math.hypot(x.mc_error, y.mc_error)


def test_reports_of_a_day_and_their_absence_have_a_probability_of_one() -> None:
    """As of the day itself and after: over every record of the strikes of three days, of which the
    last may still be on its way."""
    laid, s, _ = twice_reported(PAUSING.replace("PAUSE", "pause: 1d ? drawn"))
    move = s.sightings[0].event
    for stops in ((), (1,)):
        total = 0.0
        for days in itertools.product((False, True), repeat=3):
            seen = tuple(Sighting(f"d{k}", move, ANY, of_day(k)) for k, x in enumerate(days) if x)
            one = Schedule(
                last=2,
                sightings=seen,
                facts=(),
                followed=s.followed,
                leads=(),
                per_episode=False,
                stops=stops,
                delay=1,
                prompt=0.3,
            )
            w, _ = machine(laid, one, 1024)
            total += float(np.where(w > IMPOSSIBLE, np.exp(w), 0.0).mean())
        assert total == pytest.approx(1.0, abs=0.03)


def test_evidence_does_not_depend_on_the_days_on_which_it_is_looked_at() -> None:
    """With reports that may be on their way on each of them."""
    laid = plan(load("tutorial").crisis)
    chances = {e.index: 0.8 for e in laid.events if not e.event.private}
    s = replace(from_a_world(laid, 5, 1, 30, chances), delay=2, prompt=0.4)
    found = [
        filtered(prepare(laid, replace(s, stops=stops), 3), 16, 256).days[-1]
        for stops in ((), (9, 10, 20), (4, 5, 6, 7, 29))
    ]
    for x, y in itertools.combinations(found, 2):
        assert abs(x.log_evidence - y.log_evidence) < 4 * math.hypot(x.mc_error, y.mc_error)


def test_an_impossible_history_names_day_event_condition_and_distance() -> None:
    laid = plan(read_crisis(slice_text(1, False))[0])
    names = {e.event.name: e.index for e in laid.events}
    followed = (Followed(names["storm"], 0, 1.0),)
    s = Schedule(
        last=3,
        sightings=(Sighting("E7", names["storm"], 0, of_day(0)),),
        facts=(),
        followed=followed,
    )
    with pytest.raises(Impossible) as caught:
        filtered(prepare(laid, s, 1), 4, 64)
    found = failures(caught.value)[0]
    assert (found.report, found.event, str(found.date)) == ("E7", "storm", "2019-12-27")
    assert found.worlds == found.looked_at > 0
    assert "anger >= .5" in found.why
    assert "anger at 0.4" in found.nearest


def test_the_search_for_what_is_impossible_is_not_fooled_by_foresight() -> None:
    """A storm that comes for certain on the first day, once, and is reported of the third. Worlds
    that foresee the report end on the first day, since the storm may not come; what is named is
    the report, and that it has happened."""
    text = PAUSING.replace("    PAUSE\n", "") + "  storm:\n    rate: 1000 ? drawn\n    once: yes\n"
    laid = plan(read_crisis(text)[0])
    storm = next(e.index for e in laid.events if e.event.name == "storm")
    seen = (Sighting("E1", storm, ANY, of_day(2)),)
    s = Schedule(last=3, sightings=seen, facts=(), followed=(Followed(storm, 0, 0.5),))
    with pytest.raises(Impossible) as caught:
        filtered(prepare(laid, s, 1), 4, 64)
    assert caught.value.day == 0
    found = failures(caught.value)[0]
    assert (found.report, str(found.date)) == ("E1", "2020-01-03")
    assert "happens once" in found.why


def test_one_move_a_day() -> None:
    laid = plan(read_crisis(slice_text(1, False))[0])
    names = {e.event.name: e.index for e in laid.events}
    both = tuple(Sighting(n, names[n], ANY, of_day(0)) for n in ("hit_proxy", "kill_soleimani"))
    followed = tuple(Followed(s.event, 0, 1.0) for s in both)
    with pytest.raises(Impossible) as caught:
        filtered(
            prepare(laid, Schedule(last=0, sightings=both, facts=(), followed=followed), 1), 4, 64
        )
    assert "one move a day" in failures(caught.value)[0].why


# ---- calibration (Talts et al. 2018) --------------------------------------------------------


def ranks(laid: Plan, histories: int, last: int, draws: int = 15) -> np.ndarray:
    """Per history and unknown, the rank of the true draw among posterior draws: uniform on 0 to
    `draws` if the posterior is right. Ties (named values) are broken at random."""
    names = {e.event.name: e.index for e in laid.events}
    public = [e for e in laid.events if not e.event.private]
    chances = {e.index: 1.0 if e.event.by or e.ballot else 0.7 for e in public}
    chances[names["swarm"]] = 1.0
    rng = np.random.default_rng(8)
    out = []
    for number in range(histories):
        true = create(laid, 99, number).unknowns
        schedule = noted(from_a_world(laid, 99, number, last, chances), rng, chances)
        p = filtered(prepare(laid, schedule, number), 1, 256, threads=1)
        cloud = p.islands[0].clouds[schedule.last]
        which = rng.choice(len(cloud.weights), draws, p=cloud.weights)
        drawn = cloud.unknowns[which]
        ties = (drawn == true).sum(axis=0)
        out.append((drawn < true).sum(axis=0) + rng.integers(0, ties + 1))
    return np.array(out)


def noted(s: Schedule, rng: np.random.Generator, chances: dict[int, float]) -> Schedule:
    """The record of a world: each event shows with its chance."""
    kept = tuple(x for x in s.sightings if rng.random() < chances[x.event])
    return replace(s, sightings=kept)


@pytest.mark.slow
def test_simulation_based_calibration_of_every_unknown_of_the_tutorial() -> None:
    laid = plan(load("tutorial").crisis)
    histories, draws = 240, 15
    found = ranks(laid, histories, 44, draws)
    bins = 8
    for k, prior in enumerate(laid.priors):
        counts = np.bincount(found[:, k] * bins // (draws + 1), minlength=bins)
        chi = float(((counts - histories / bins) ** 2 / (histories / bins)).sum())
        # 7 degrees of freedom; six unknowns, and a false alarm once in a thousand runs.
        assert chi < 27.0, f"{prior.name}: {counts}"

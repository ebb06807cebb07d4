"""A posterior weighed anew for an edited crisis: against enumeration, against filters of the edited
crisis, and against broken versions of itself."""

from __future__ import annotations

import datetime as dt
import itertools
import math
import os
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from conftest import TAKES_LONG
from crises import crises
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from reports import at_random, of_day
from test_blocks import slowly
from test_filter import many_unknowns
from test_filter import record as spoilt
from test_variants import a_variant, number

import offramp
from offramp.answers.conditioned import Conditioned
from offramp.case.case import load, read_crisis
from offramp.engine.blocks import variants, worlds
from offramp.engine.blocks.days import Writer
from offramp.engine.blocks.worlds import Recorder, same, wide
from offramp.engine.noise import named_keys, uniforms
from offramp.engine.plan import Plan, plan
from offramp.engine.run import RunSpec
from offramp.engine.schedule import ANY, NO_CHANCE, Followed, Schedule, Sighting
from offramp.engine.world import create
from offramp.explain.nudge import dial, turned
from offramp.filter import reweigh
from offramp.filter.islands import combined, shares
from offramp.filter.known import leads, schedule
from offramp.filter.posterior import Impossible, Posterior, filtered, futures, relive
from offramp.filter.reweigh import FLOOR, Reweighed, reweighed, variant_filters
from offramp.filter.simulator import Filter, Floats, Particles, prepare
from offramp.language.crisis import Crisis, data, elements
from offramp.language.edits import Edit, edited

# ---- the days of an edited crisis ---------------------------------------------------------------


def cloud_of(f: Filter, worlds: int) -> Particles:
    """Worlds of the prior, with one stretch of noise."""
    keys = named_keys(f.seed, "some", worlds)
    return Particles(
        day=f.schedule.last,
        log_evidence=0.0,
        weights=np.full(worlds, 1 / worlds),
        log_likelihood=np.zeros(worlds),
        quantiles=np.array([uniforms(keys, die) for die in f.dice]).reshape(-1, worlds),
        starts=(0,),
        keys=keys[None, :],
        unknowns=np.zeros((worlds, 0)),
    )


def lived(f: Filter, cloud: Particles) -> tuple[Floats, Floats]:
    """Log weights and quantities of its worlds after the reports."""
    n = len(cloud.weights)
    memory = f.memory(wide(n))
    relive(f, Recorder.nothing(f.plan, n), memory, wide(n), cloud, np.arange(n), f.schedule.last)
    first, count = f.tape.layout.first_quantity, f.tape.layout.quantities
    return memory[f.log_weight, :n], memory[first : first + count, :n]


@settings(slowly, max_examples=15)
@given(st.data())
def test_a_variant_lives_the_reported_days_of_its_own_filter(data: st.DataObject) -> None:
    """On the tape that it shares with the crisis as it was: the same weights and worlds."""
    crisis = read_crisis(data.draw(crises()))[0]
    known = replace(at_random(plan(crisis), data.draw(st.integers(0, 10**6))), stops=())
    other = data.draw(a_variant(crisis))[0]
    f, laid = prepare(plan(crisis), known, 1), plan(other)
    own = prepare(laid, replace(known, leads=leads(laid)), 1)
    beside = variant_filters(f, (other,))[0]
    cloud = cloud_of(own, 8)
    assert beside.dice == own.dice
    for a, b in zip(lived(beside, cloud), lived(own, cloud), strict=True):
        assert np.array_equal(a, b)


@settings(slowly, max_examples=15)
@given(st.data())
def test_what_lasts_of_a_variant_stands_where_its_own_days_have_it(data: st.DataObject) -> None:
    """So that worlds that were weighed anew go on under further edits (`posterior.handover`)."""
    crisis = read_crisis(data.draw(crises()))[0]
    other = data.draw(a_variant(crisis))[0]
    assume(len(variants.alike([crisis, other])) == 1)
    both = variants.shared([crisis, other])
    common, own = Writer(replace(plan(both.crisis), inputs=both.inputs)), Writer(plan(other))
    lasting = common.slots.names[: common.first_daily - both.inputs.count]
    assert lasting == own.slots.names[: own.first_daily]


# ---- what is exact ------------------------------------------------------------------------------

TEXT = """\
crisis: weighed
from: 2020-01-01
to: 2020-01-20
show: [rung]
state:
  rung: {ladder: [calm, war], now: calm ? ours}
  heat: {stock: 0 .. 90 ? ours, now: 0 ? ours}
unknown:
  zeal: {between: .05 .. .6 ? ours}
event:
  leak: {rate: .2 ? ours, does: [heat + 1 ? ours]}
  spark: {rate: zeal * (1 + heat) ? ours, does: [rung >= war ? ours]}
"""
SEEN, DAYS, TOLD = (2, 5, 6), 8, 0.8  # sparks reported; the record has eight of ten


def crisis() -> Crisis:
    """An invented one: leaks that nobody reports make sparks more frequent."""
    return read_crisis(TEXT)[0]


def record(laid: Plan) -> Schedule:
    spark = next(e.index for e in laid.events if e.event.name == "spark")
    seen = tuple(Sighting(f"S{day}", spark, ANY, of_day(day)) for day in SEEN)
    return Schedule(last=DAYS - 1, sightings=seen, facts=(), followed=(Followed(spark, 0, TOLD),))


def by_enumeration(sparks: float = 1.0, leaks: float = 1.0) -> tuple[float, float]:
    """Log evidence and the mean zeal, with rates so many times as high: over all days on which
    there may have been a leak, and zeal in small steps."""
    zeal = 0.05 + 0.55 * (np.arange(400) + 0.5) / 400
    leak, total = 1 - math.exp(-0.2 * leaks), np.zeros(400)
    for path in itertools.product((0, 1), repeat=DAYS - 1):
        heat, like = 0, np.ones(400)
        for day in range(DAYS):
            p = TOLD * (1 - np.exp(-sparks * zeal * (1 + heat)))
            like = like * (p if day in SEEN else 1 - p)
            if day < DAYS - 1:
                like = like * (leak if path[day] else 1 - leak)
                heat += path[day]
        total += like
    return math.log(total.mean()), float((zeal * total).sum() / total.sum())


def rate(event: str, times: float) -> Edit:
    return Edit("rate", event, amount=number(times))


EDITS = {
    "of what is reported": ((rate("spark", 1.4),), {"sparks": 1.4}),
    "of what is hidden": ((rate("leak", 2.5),), {"leaks": 2.5}),
    "of both": ((rate("spark", 0.7), rate("leak", 0.4)), {"sparks": 0.7, "leaks": 0.4}),
}
SEEDS = 24


def of_seeds(edits: tuple[Edit, ...]) -> list[Reweighed]:
    own = crisis()
    laid, other = plan(own), edited(own, edits)
    filters = [prepare(laid, record(laid), seed) for seed in range(SEEDS)]
    return [reweighed(filtered(f, 8, 64, threads=2), other) for f in filters]


def errors_away(values: Floats, truth: float) -> float:
    return abs(float(values.mean()) - truth) / (float(values.std(ddof=1)) / math.sqrt(len(values)))


def changes(found: list[Reweighed]) -> Floats:
    return np.array([r.change.value for r in found])


def zeal(found: list[Reweighed]) -> tuple[Floats, Floats]:
    """Its mean of each seed, and the variance that the islands tell."""
    rows = [
        combined(shares(r.posterior.log_evidences(DAYS - 1)), _means(r.posterior)) for r in found
    ]
    mean, variance = zip(*rows, strict=True)
    return np.array(mean)[:, 0], np.array(variance)[:, 0]


def _means(p: Posterior) -> Floats:
    return np.array([i.means[p.last] for i in p.islands])


@pytest.mark.parametrize("what", EDITS)
def test_the_change_of_evidence_and_the_unknown_are_those_of_enumeration(what: str) -> None:
    """Over seeds; and the printed errors are the spread over them (chi-square with 23 degrees of
    freedom: a ratio of variances beyond these once in a thousand)."""
    edits, factors = EDITS[what]
    found = of_seeds(edits)
    (before, _), (after, mean) = by_enumeration(), by_enumeration(**factors)
    assert errors_away(changes(found), after - before) < 4
    printed = np.mean([r.change.error**2 for r in found])
    assert 7.5 / 23 < changes(found).var(ddof=1) / printed < 50 / 23
    values, variances = zeal(found)
    assert errors_away(values, mean) < 4
    assert 7.5 / 23 < values.var(ddof=1) / variances.mean() < 50 / 23
    assert all(r.share > 0.5 for r in found)


def forgetful(weights: Floats, new: Floats, old: Floats) -> tuple[float, Floats]:
    """The likelihood under the crisis as it was is forgotten."""
    return _ratio(weights, new, np.zeros_like(old))


def idle(weights: Floats, new: Floats, old: Floats) -> tuple[float, Floats]:
    """Worlds are weighed, and the evidence stays as it was."""
    return 0.0, _ratio(weights, new, old)[1]


_ratio = reweigh.ratio


@pytest.mark.parametrize(
    ("broken", "what"), [(forgetful, "of what is reported"), (idle, "of both")]
)
def test_what_is_broken_is_far_from_enumeration(
    broken: Callable[..., tuple[float, Floats]], what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    edits, factors = EDITS[what]
    monkeypatch.setattr(reweigh, "ratio", broken)
    found = of_seeds(edits)
    (before, _), (after, mean) = by_enumeration(), by_enumeration(**factors)
    off = abs(float(changes(found).mean()) - (after - before))
    assert off > 10 * max(changes(found).std(ddof=1) / math.sqrt(SEEDS), 0.03)
    if broken is forgetful:
        assert errors_away(zeal(found)[0], mean) > 10


# ---- the same bytes -----------------------------------------------------------------------------


def tutorial(as_of: str = "2031-04-20", seed: int = 1) -> Filter:
    case = load("tutorial")
    laid = plan(case.crisis)
    return prepare(laid, schedule(laid, case.history, dt.date.fromisoformat(as_of)), seed)


@pytest.fixture(scope="module")
def before() -> Posterior:
    return filtered(tutorial(), 8, 256)


COSTLY = Edit("cost", "kelmark.board", amount=number(0.5))


def test_what_is_not_edited_stays_to_the_byte(before: Posterior) -> None:
    found = reweighed(before, before.filter.plan.crisis)
    after, day = found.posterior, before.last
    assert found.share == 1.0
    assert (found.change.value, found.change.error) == (0.0, 0.0)
    assert [i.clouds[day] for i in after.islands] == [i.clouds[day] for i in before.islands]
    last = replace(after.days[-1], surprise=0.0, surprise_error=0.0, renewed=0)
    assert last == replace(before.days[-1], surprise=0.0, surprise_error=0.0, renewed=0)
    job = RunSpec(before.filter.plan.crisis, (), 1)
    assert same(futures(after, job), futures(before, job))


def test_a_shared_tape_and_threads_change_no_byte(before: Posterior) -> None:
    """Of the posterior, and of what follows after the reports."""
    f, other = before.filter, edited(before.filter.plan.crisis, (COSTLY,))
    shared = reweighed(before, other, threads=1).posterior
    assert len(shared.filter.inputs) > 0
    laid = plan(other)
    own = prepare(laid, f.schedule, f.seed)
    alone = tuple(reweigh.weighed(own, i, before.last) for i in before.islands)
    assert alone == shared.islands
    job = RunSpec(other, (), 1)
    assert same(futures(replace(shared, filter=own), job), futures(shared, job, threads=2))


def test_a_filter_on_a_shared_tape_is_the_edited_crisis_own() -> None:
    """Moves and all."""
    f = tutorial("2031-04-12")
    other = edited(f.plan.crisis, (COSTLY,))
    own = prepare(plan(other), f.schedule, f.seed)
    shared = variant_filters(f, (other,))[0]
    assert len(shared.inputs) > 0
    assert filtered(shared, 2, 64).islands == filtered(own, 2, 64).islands


def test_another_number_writes_the_same_tape() -> None:
    f, written = tutorial("2031-04-12"), list[Plan]()

    def write(laid: Plan, known: Schedule) -> reweigh.Written:
        written.append(laid)
        return reweigh.written(laid, known)

    tapes = [
        variant_filters(
            f,
            (edited(f.plan.crisis, (Edit("cost", "kelmark.board", amount=number(x)),)),),
            write=write,
        )[0].tape
        for x in (0.5, 0.7)
    ]
    assert len(written) == 2
    assert tapes[0] == tapes[1]


# ---- against filters of the edited crisis -------------------------------------------------------


def agree(p: Posterior, r: Reweighed, fresh: Posterior) -> list[float]:
    """How many errors the two are apart: in log evidence, and in the mean of each unknown."""
    a, b = r.posterior.days[-1], fresh.days[-1]
    apart = [(a.log_evidence - b.log_evidence) / math.hypot(a.mc_error, b.mc_error)]
    pairs = [combined(shares(x.log_evidences(x.last)), _means(x)) for x in (r.posterior, fresh)]
    (m, v), (n, w) = pairs
    return [*apart, *((m - n) / np.sqrt(v + w)).tolist()]


@pytest.mark.parametrize(
    "edit",
    [
        COSTLY,
        Edit("never", "vessara.land"),
        Edit("force", "kelmark.blockade", dates=(dt.date(2031, 5, 25),)),
    ],
    ids=lambda e: e.words,
)
def test_weighed_anew_is_what_a_filter_of_the_edited_crisis_gives(
    before: Posterior, edit: Edit
) -> None:
    other = edited(before.filter.plan.crisis, (edit,))
    laid = plan(other)
    fresh = filtered(prepare(laid, before.filter.schedule, 77), 16, 256)
    found = reweighed(before, other)
    assert found.share > FLOOR
    assert found.change.error < 0.5 * found.posterior.days[-1].mc_error  # the noise is the same
    assert max(map(abs, agree(before, found, fresh))) < 4.5


@pytest.mark.slow
@pytest.mark.parametrize("times", [1.5, 1 / 1.5])
def test_weighed_anew_is_what_a_filter_gives_on_the_us_iran_case(times: float) -> None:
    """Of three numbers, in some hundred dimensions of dice, dates and noise. Filters of two seeds
    lie three printed errors apart there without any edit, so the change of log evidence is compared
    with that between filters of one seed, and of unknowns the middle one."""
    if not os.environ.get("OFFRAMP_LONG"):
        pytest.skip(f"{TAKES_LONG}: OFFRAMP_LONG=1 makes this check")
    case, day = load("us-iran-2020"), dt.date(2020, 1, 20)
    laid = plan(case.crisis)
    f = prepare(laid, schedule(laid, case.history, day), 1)
    p, again = (filtered(replace(f, seed=seed), 16, 128) for seed in (1, 77))
    dials = [
        d for name, part in elements(case.crisis) for x in data(name, part)
        if (d := dial(case.crisis, x)) and d.datum.element in ("actor militias", "actor iran")
    ]  # fmt: skip
    for d in dials[:: len(dials) // 2][:3]:
        other = turned(case.crisis, d.datum.span, d.datum.value * times)
        fresh = filtered(prepare(plan(other), f.schedule, 77), 16, 128)
        found = reweighed(p, other)
        assert found.share > FLOOR
        a, b = fresh.days[-1], again.days[-1]
        change = a.log_evidence - b.log_evidence
        assert abs(found.change.value - change) < 4 * math.hypot(a.mc_error, b.mc_error)
        assert float(np.median(np.abs(agree(p, found, fresh)[1:]))) < 1.5


@pytest.mark.slow
def test_printed_errors_of_the_change_are_its_spread_over_seeds() -> None:
    """Over twelve seeds (chi-square with 11 degrees of freedom: a ratio of variances beyond these
    once in a thousand), and the mean is that of large filters."""
    f = tutorial()
    other = edited(f.plan.crisis, (COSTLY,))
    found = [reweighed(filtered(replace(f, seed=k), 8, 128), other) for k in range(12)]
    printed = np.mean([r.change.error**2 for r in found])
    assert 1.59 / 11 < changes(found).var(ddof=1) / printed < 31.3 / 11
    own = prepare(plan(other), f.schedule, 99)
    a, b = (filtered(x, 32, 256).days[-1] for x in (own, f))
    error = math.hypot(a.mc_error, b.mc_error, float(changes(found).std(ddof=1)) / math.sqrt(12))
    assert abs(changes(found).mean() - (a.log_evidence - b.log_evidence)) < 4 * error


@pytest.mark.slow
def test_calibration_with_disputed_days_and_twenty_unknowns() -> None:
    """Worlds of the edited crisis make the records; filters of the crisis as it was, weighed anew,
    find them: ranks of every unknown among fifteen draws are uniform (Talts et al. 2018)."""
    laid, last, draws, histories = many_unknowns(), 30, 15, 160
    edits = (
        COSTLY,
        Edit("rate", "fog", amount=number(2)),
        Edit("cost", "swarm", amount=number(-0.4)),
    )
    other = edited(laid.crisis, edits)
    true = plan(other)
    rng, found, moved = np.random.default_rng(8), [], []
    for k in range(histories):
        s = spoilt(true, k, last)
        try:
            p = filtered(prepare(laid, s, k), 2, 128, threads=2)
        except Impossible:  # a rare history, and few worlds
            p = filtered(prepare(laid, s, k), 2, 1024, threads=2)
        r = reweighed(p, other, threads=2)
        moved.append(r.change.value)
        clouds = [i.clouds[last] for i in r.posterior.islands if i.died is None]
        parts = shares(np.array([c.log_evidence for c in clouds]))
        weights = np.concatenate([w * c.weights for w, c in zip(parts, clouds, strict=True)])
        which = rng.choice(len(weights), draws, p=weights / weights.sum())
        drawn, own = np.concatenate([c.unknowns for c in clouds])[which], create(true, 99, k)
        ties = (drawn == own.unknowns).sum(axis=0)
        found.append((drawn < own.unknowns).sum(axis=0) + rng.integers(0, ties + 1))
    assert float(np.std(moved)) > 0.3  # the edit is felt
    bins, ranks = 8, np.array(found)
    for k, prior in enumerate(laid.priors):
        counts = np.bincount(ranks[:, k] * bins // (draws + 1), minlength=bins)
        chi = float(((counts - histories / bins) ** 2 / (histories / bins)).sum())
        assert chi < 30.0, f"{prior.name}: {counts}"  # 7 degrees of freedom; once in ten thousand


# ---- what is refused ----------------------------------------------------------------------------


def test_an_edit_that_leads_too_far_is_refused(before: Posterior) -> None:
    """A boarding that was reported costs so much that most worlds never board."""
    far = Edit("cost", "kelmark.board", amount=number(12))
    found = reweighed(before, edited(before.filter.plan.crisis, (far,)))
    assert 0.0 < found.share < FLOOR
    assert "less than 25%" in found.refusal()


def test_an_edit_under_which_no_world_lives_the_reports_is_refused(before: Posterior) -> None:
    other = edited(before.filter.plan.crisis, (Edit("never", "kelmark.board"),))
    found = reweighed(before, other)
    assert found.share == 0.0
    assert found.change.value == -math.inf
    assert found.refusal()


def test_islands_that_are_not_left_count_nothing(before: Posterior) -> None:
    """One that had died before, and one that dies under the edit."""
    day = before.last
    gone = replace(before.islands[0], died=3, log_evidence=before.islands[0].log_evidence[:3])
    some = replace(before, islands=(replace(gone, clouds={}), *before.islands[1:]))
    cloud = some.islands[1].clouds[day]
    found = reweighed(some, some.filter.plan.crisis)
    assert found.share == 1.0
    assert found.posterior.log_evidences(day)[0] == -math.inf
    none = np.full(len(cloud.weights), NO_CHANCE)
    assert reweigh.ratio(cloud.weights, none, cloud.log_likelihood)[0] == -math.inf


def test_worlds_without_weight_do_not_decide_how_far_the_others_move() -> None:
    """What could not live the reports before may be far likelier now, and counts nothing."""
    weights, old = np.array([0.5, 0.5, 0.0]), np.array([-3.0, -4.0, NO_CHANCE])
    log_ratio, after = reweigh.ratio(weights, np.array([-2.0, -4.0, -1.0]), old)
    assert log_ratio == pytest.approx(math.log((math.e + 1) / 2))
    assert after.tolist() == pytest.approx([math.e / (math.e + 1), 1 / (math.e + 1), 0.0])


def when(text: str) -> Crisis:
    """The small crisis where sparks have a condition."""
    return read_crisis(TEXT.replace("rate: zeal", f"when: {text}, rate: zeal"))[0]


@pytest.mark.parametrize(
    ("was", "is_now", "open"),
    [
        ("heat < 9 ? ours", "heat < 9 ? ours", False),
        ("heat < 9 ? ours", "heat < 8 ? ours", True),  # narrower, but who could tell
        ("heat < 9 ? ours", "heat < 9 and rung < war ? ours", False),
    ],
)
def test_what_may_be_opened_is_told_from_the_condition(was: str, is_now: str, open: bool) -> None:
    assert reweigh.opened(when(was), when(is_now), "spark") is open


def test_to_forbid_opens_nothing_and_to_force_does() -> None:
    own = when("heat < 9 ? ours")
    days = (dt.date(2020, 1, 3),)
    assert reweigh.opened(crisis(), own, "spark") is False
    assert reweigh.opened(own, crisis(), "spark") is True
    for edit, open in (
        (Edit("never", "spark"), False),
        (Edit("never", "spark", dates=days), False),
        (Edit("force", "spark", dates=days), True),
        (rate("spark", 2.0), False),
    ):
        assert reweigh.opened(own, edited(own, (edit,)), "spark") is open


def test_what_only_the_edited_crisis_can_do_is_refused_for_it_would_not_be_seen() -> None:
    """Sparks that were impossible before the first leak, and are not now: every world at hand has
    leaked early and keeps its weight, and the evidence is far above what these worlds say."""
    old, new = when("heat > 0 ? ours"), when("heat >= 0 ? ours")
    laid = plan(old)
    p = filtered(prepare(laid, record(laid), 1), 8, 64)
    found = reweighed(p, new)
    assert found.share > 0.9
    fresh = filtered(prepare(plan(new), record(plan(new)), 2), 8, 64).days[-1]
    assert fresh.log_evidence > found.posterior.days[-1].log_evidence + 0.5
    assert "'spark'" in found.refusal()


def test_other_elements_are_no_edit(before: Posterior) -> None:
    with pytest.raises(ValueError, match="other states"):
        reweighed(before, crisis())


# ---- at the front door --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def known() -> Conditioned:
    return offramp.condition("tutorial", as_of="2031-04-20", worlds=2048)


def test_an_edit_of_what_comes_later_changes_the_answers_alone(known: Conditioned) -> None:
    """Without an edit they are those of `condition`; what begins after the reports, as an edit, has
    the worlds that it would have as an `if:`."""
    same = offramp.reweigh("tutorial", known)
    assert (same.share, same.change, same.change_error) == (1.0, 0.0, 0.0)
    assert same.conditioned.forecast is not None
    assert known.forecast is not None
    assert same.conditioned.forecast.answers == known.forecast.answers
    assert same.conditioned.learned == known.learned
    later = offramp.edit("tutorial", {"never": ["swarm"], "from": "2031-04-21"})
    found = offramp.reweigh(later, known)
    assert (found.share, found.change) == (1.0, 0.0)
    assert offramp.to_dict(found.conditioned)["most_surprising_day"]["surprise"] is None
    assert found.conditioned.forecast is not None
    assert found.conditioned.model_sha256 == later.model_sha256
    assert found.conditioned.forecast.answers != known.forecast.answers
    onward = worlds.load(plan(later.crisis))
    job = RunSpec(later.crisis, (), known.posterior.filter.seed)
    ahead = futures(known.posterior, job, onward=onward)
    swarm = [e.name for e in later.crisis.events].index("swarm")
    got = found.conditioned.forecast.ensemble.counts[:, swarm]
    assert np.array_equal(got, ahead.counts[:, swarm])


def test_what_is_learned_is_of_the_edited_case(known: Conditioned) -> None:
    """An unknown that is set is what it is set to."""
    fixed = offramp.edit("tutorial", {"set": {"lethality": ".02 ? what if"}})
    found = offramp.reweigh(fixed, known).conditioned
    (own,) = [u for u in found.learned if u.name == "lethality"]
    assert own.before == own.after == (0.02, 0.02, 0.02)
    assert "Anew tutorial as of 2031-04-20" in repr(offramp.reweigh(fixed, known))


def test_too_far_an_edit_gives_no_answer(known: Conditioned) -> None:
    far = offramp.edit("tutorial", {"cost": {"kelmark.board": "12 ? what if"}})
    found = offramp.reweigh(far, known).conditioned
    assert found.forecast is None
    assert "condition the edited case itself" in found.refused


def test_another_case_is_a_mistake(known: Conditioned) -> None:
    with pytest.raises(offramp.Mistake, match="other"):
        offramp.reweigh("us-iran-2020", known)
    case = load("tutorial")
    lines = case.texts.texts["history.csv"].splitlines(keepends=True)
    fewer = load({**case.texts.texts, "history.csv": "".join([lines[0], *lines[2:]])})
    with pytest.raises(offramp.Mistake, match="other reports"):
        offramp.reweigh(fewer, known)

"""The reference engine: invariants on random crises, exactness against brute force."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import pytest
from crises import crises
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from offramp.case.case import load, read_crisis
from offramp.engine.choice import NO_TYPE, Mindset, Situation
from offramp.engine.noise import Dice
from offramp.engine.plan import Plan, plan
from offramp.engine.run import RunSpec, run_chunk
from offramp.engine.world import create, live, morning
from offramp.text.diagnostics import CaseError

QUICK = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
)


def laid(text: str) -> Plan:
    return plan(read_crisis(text)[0])


def signature(p: Plan, seed: int = 3, worlds: int = 3) -> list[object]:
    """All decisions and all final numbers of some worlds."""
    out: list[object] = []
    for number in range(worlds):
        world = create(p, seed, number)
        for _ in live(world):
            pass
        log = [(h.day, p.events[h.event].event.name, h.outcome) for h in world.log]
        out.append((log, world.s, [list(learner.weights) for learner in world.learners]))
    return out


# ---- V0: invariants ----------------------------------------------------------------------


@QUICK
@given(crises())
def test_quantities_stay_within_their_bounds(text: str) -> None:
    p = laid(text)
    world = create(p, 1, 0)
    for _ in live(world):
        for x, q in zip(world.s, p.quantities, strict=True):
            assert q.low <= x <= q.high
        for learner in world.learners:
            assert math.isclose(sum(learner.weights), 1.0, rel_tol=1e-9)


@QUICK
@given(crises())
def test_counts_equal_logged_events(text: str) -> None:
    """`tally` is only ever raised by 1 by events; the log explains each step."""
    p = laid(text)
    world = create(p, 1, 0)
    tally = p.layout.states["tally"]
    raises = {
        e.index
        for e in p.events
        for c in e.branches[-1].changes
        if c.quantity == tally and not e.event.vote
    }
    for _ in live(world):
        pass
    assert world.s[tally] == sum(h.event in raises for h in world.log)


@QUICK
@given(crises())
def test_no_event_without_its_precondition(text: str) -> None:
    """Replays each day from its morning: whatever happened was possible, dated, or under way."""
    p = laid(text)
    world = create(p, 1, 0)
    last: dict[int, int] = {}
    for day in range(p.crisis.days):
        world.day = day
        before = len(world.log)
        from offramp.engine.world import one_day, tick

        shadow = create(p, 1, 0)
        shadow.s, shadow.day = list(world.s), day
        if day > 0:
            tick(shadow)
        s = shadow.s
        arriving = {u.event.index for u in world.underway if u.arrives <= day}
        one_day(world)
        for h in world.log[before:]:
            e = p.events[h.event]
            assert h.day == day
            if e.index in arriving:
                continue
            if e.when is not None:
                assert e.when(s, world.unknowns, morning(shadow).moment)
            if e.dates:
                assert day in e.dates
            if e.clock is not None:
                assert s[e.clock] == 0.0
            if e.event.once:
                assert e.index not in last
            if e.pause is not None and e.index in last:
                assert day - last[e.index] >= 3
            last[e.index] = day


# ---- V1: exactness -----------------------------------------------------------------------


def naive_policy(
    m: Mindset, actor: int, s: list[float], depth: int, key: tuple[int, int]
) -> list[float]:
    """Equations (1) to (5) and (3') spelt out: whole utilities, no memo, no pruning."""
    p, mind, u = m.plan, m.plan.minds[actor], m.unknowns_of(key)

    def utility(who: int, s: list[float], u: list[float]) -> float:
        return sum(float(t.value(s, u, m.moment)) for t in p.minds[who].terms)

    def outcomes(event: int, s: list[float]) -> list[tuple[float, list[float]]]:
        e = p.events[event]
        guilt = m.expected_guilt(e, Situation(s))
        return [(q, m.applied(b.changes, s, guilt)) for b, q in m.chances(e, s) if q > 0]

    def policy_of(who: int, other: int, s: list[float], depth: int) -> list[float]:
        belief = p.minds[who].belief_about.get(other)
        if belief is None:
            return naive_policy(m, other, s, depth, NO_TYPE)
        mixed = [0.0] * len(p.minds[other].moves)
        for t, weight in enumerate(m.moment.beliefs[belief]):
            for i, q in enumerate(naive_policy(m, other, s, depth, (belief, t))):
                mixed[i] += weight * q
        return mixed

    def worth(who: int, event: int, s: list[float], depth: int, u: list[float]) -> float:
        total = 0.0
        for q, y in outcomes(event, s):
            total += q * (utility(who, y, u) - utility(who, s, u))
            if depth == 0:
                continue
            for word in p.events[event].words if p.events[event].mover == who else ():
                x = value(word, y, depth - 1)
                if x is not None:
                    price = p.events[word].cost
                    own = worth(who, word, y, depth - 1, u) - float(
                        price(y, u, m.moment) if price else 0
                    )
                    total += q * own / (1 + math.exp(-x))
            for other in p.minds[who].weighs:
                then, now = (policy_of(who, other, z, depth - 1) for z in (y, s))
                for i, answer in enumerate(p.minds[other].moves):
                    total += q * (then[i] - now[i]) * worth(who, answer, y, depth - 1, u)
        return total

    def value(event: int, s: list[float], depth: int) -> float | None:
        e = p.events[event]
        if event in m.blocked or not (e.when is None or bool(e.when(s, u, m.moment))):
            return None
        q = worth(actor, event, s, depth, u) - float(e.cost(s, u, m.moment) if e.cost else 0)
        q -= m.foreclosed(mind, e, Situation(s), key)
        q *= float(mind.will(s, u, m.moment)) if mind.will else 1
        q += float(e.urge(s, u, m.moment)) if e.urge else 0
        return float(mind.precision(s, u, m.moment)) * q  # type: ignore[misc]

    chances = [0.0] * len(mind.moves)
    for agenda in mind.agendas:
        odds = [value(e, s, depth) for e in agenda.moves]
        weights = [0.0 if x is None else math.exp(x) for x in odds]
        for place, w in zip(agenda.places, weights, strict=True):
            chances[place] = w / (1 + sum(weights))
    return chances


@settings(QUICK, max_examples=25)
@given(crises(actors=3, days=4), st.integers(0, 2))
def test_pruned_and_memoised_policies_equal_the_equations(text: str, depth: int) -> None:
    p = laid(text)
    world = create(p, 5, 0)
    for _ in live(world):
        m = morning(world)
        for mind in p.minds:
            fast = m.policy(mind.index, m.now, depth, NO_TYPE)
            slow = naive_policy(m, mind.index, list(world.s), depth, NO_TYPE)
            assert fast == pytest.approx(slow, abs=1e-9)


@QUICK
@given(crises())
def test_renaming_actors_changes_nothing(text: str) -> None:
    """With `dice` keeping the old name, a renamed actor throws the same dice."""
    renamed = text.replace("actor_0", "zulu").replace(
        "  zulu:\n    pace", "  zulu:\n    dice: actor_0\n    pace"
    )
    lines, out, event = renamed.split("\n"), [], ""
    for line in lines:
        out.append(line)
        if line.startswith(("  zulu.move_", "  zulu.word", "  zulu.settled")):
            event = line.strip().rstrip(":")
            out.append(f"    dice: {event.replace('zulu', 'actor_0')}")
    before = signature(laid(text))
    after = signature(laid("\n".join(out)))
    assert repr(after).replace("zulu", "actor_0") == repr(before)


@QUICK
@given(crises())
def test_an_event_that_never_happens_leaves_all_dice_alone(text: str) -> None:
    extra = "  a_first:\n    rate: 0 ? never\n    does:\n      - tally + 1 ? never\n"
    assert signature(laid(text.replace("event:\n", "event:\n" + extra))) == signature(laid(text))


@QUICK
@given(crises(), st.integers(1, 4))
def test_worlds_do_not_depend_on_how_they_are_divided(text: str, cut: int) -> None:
    p = laid(text)
    job = RunSpec(p.crisis, (), 11)
    whole = run_chunk(p, job, range(5))
    parts = [run_chunk(p, job, r) for r in (range(cut), range(cut, 5))]
    from offramp.engine.ensemble import merge

    merged = merge(parts[::-1])
    assert merged.numbers == whole.numbers
    assert merged.counts.tobytes() == whole.counts.tobytes()
    assert merged.unknowns.tobytes() == whole.unknowns.tobytes()
    assert merged.bands["rung"].counts.tobytes() == whole.bands["rung"].counts.tobytes()


# ---- meaning, by example -----------------------------------------------------------------

SMALL = """
crisis: small
from: 2020-01-01
to: 2020-01-20
state:
  debt:
    stock: 0 .. 10 ? room
    now: 4 ? start
    fades: 2d ? half-life
  bell:
    clock: 3d ? runs at the start
  rings:
    count: 0
actor:
  a:
    pace: 1000 ? always an opening
    precision: 2 ? sharp
    foresight: 0 ? none
    wants:
      debt: -1 [? dislikes it] * debt
event:
  pay:
    by: a
    cost: 1 ? effort
    does:
      - debt - 2 ? pays
  ring:
    on: bell
    does:
      - rings + 1 ? rings
"""


def test_old_values_fade_and_new_effects_come_in_whole() -> None:
    """x' = rest + (x - rest) 2^(-1/h) + effects (formalism, section 3)."""
    p = laid(
        SMALL.replace(
            "wants:\n      debt: -1 [? dislikes it] * debt",
            "wants:\n      debt: debt * 1 ? likes it",
        )
    )
    world = create(p, 1, 0)
    next(live(world))
    paid = any(p.events[h.event].event.name == "pay" for h in world.log)
    assert world.s[0] == pytest.approx(4 * 2**-0.5 - (2 if paid else 0))


def test_a_fade_and_a_rest_read_the_morning() -> None:
    """What the day changes counts from the next morning on: both effects come in after it."""
    text = """
crisis: a truce
from: 2020-01-01
to: 2020-01-06
state:
  tension:
    stock: 0 .. 9 ? room
    now: 8 ? start
    fades: 4d / (1 + 3*truce) ? sooner in a truce
    rest: 2 * truce ? something stays
  truce:
    flag: no
event:
  agree:
    on: 2020-01-02 ? a date
    does:
      - truce = yes ? agreed
"""
    p = laid(text)
    world = create(p, 1, 0)
    course = [world.s[0] for _ in live(world)]
    expected, x = [], 8.0
    for day in range(6):
        truce = float(day >= 2)  # agreed on the second day, so seen on the third morning
        x = 2 * truce + (x - 2 * truce) * 2 ** (-(1 + 3 * truce) / 4)
        expected.append(x)
    assert course == pytest.approx(expected)


def test_a_clock_of_three_days_rings_on_the_fourth_morning() -> None:
    p = laid(SMALL)
    world = create(p, 1, 0)
    for _ in live(world):
        pass
    assert [h.day for h in world.log if p.events[h.event].event.name == "ring"] == [3]
    assert world.s[p.layout.states["bell"]] == -1.0


def test_a_choice_is_the_logit_of_precision_times_gain_less_cost() -> None:
    p = laid(SMALL)
    m = morning(create(p, 1, 0))
    gain = 2 - 1
    expected = math.exp(2 * gain) / (1 + math.exp(2 * gain))
    assert m.policy(0, m.now, 0, NO_TYPE) == [pytest.approx(expected)]


def test_imagined_situations_leave_the_morning_alone() -> None:
    p = laid(SMALL)
    m = morning(create(p, 1, 0))
    before = list(m.now.s)
    m.branches(p.events[0], m.now)
    assert m.now.s == before
    assert isinstance(m.branches(p.events[0], m.now)[0][1], Situation)


# ---- noise -------------------------------------------------------------------------------


def test_noise_is_uniform_and_uncorrelated_as_it_is_used() -> None:
    """Chi-square over 64 bins, and correlation across days, worlds and names; 5 sigma bounds."""
    n = 40_000
    streams = {
        "days": [Dice(1, 5).uniform("x", d) for d in range(n)],
        "worlds": [Dice(1, w).uniform("x", 0) for w in range(n)],
        "names": [Dice(1, 5).uniform(f"x{k}", 0) for k in range(n)],
        "seeds": [Dice(k, 5).uniform("x", 0) for k in range(n)],
    }
    for values in streams.values():
        counts = [0] * 64
        for v in values:
            assert 0 < v < 1
            counts[int(v * 64)] += 1
        chi = sum((c - n / 64) ** 2 / (n / 64) for c in counts)
        assert abs(chi - 63) < 5 * math.sqrt(2 * 63)
        lag = sum((a - 0.5) * (b - 0.5) for a, b in itertools.pairwise(values))
        assert abs(lag) < 5 * math.sqrt(n) / 12


def test_the_dice_are_what_they_always_were() -> None:
    """A change of these values would silently change every published answer."""
    dice = Dice(7, 3)
    assert [round(dice.uniform("opening us", d), 12) for d in (0, 1)] == GOLDEN


GOLDEN = [0.985935910976, 0.335908137873]


def test_a_crisis_is_laid_out_once() -> None:
    crisis = load("tutorial").crisis
    assert plan(crisis) is plan(crisis)
    again = replace(crisis)
    assert again == crisis
    assert plan(again) is not plan(crisis)
    assert plan(again).crisis is again


def test_a_move_needs_the_consent_of_each_who_is_asked() -> None:
    """The share of openings in which it happens is that of the choice times that of each yes."""
    text = """
crisis: a truce
from: 2020-01-01
to: 2020-01-01
state:
  tension:
    stock: 0 .. 9 ? room
    now: 4 ? start
actor:
  broker:
    pace: 1000 ? always an opening
    precision: 1 ? middling
    foresight: 0 ? none
    wants:
      calm: -.2 [? dislikes it] * tension
  east:
    precision: 1 ? middling
    wants:
      calm: -.5 [? dislikes it] * tension
  west:
    precision: 2 ? sharp
    wants:
      strife: .3 [? likes it] * tension
event:
  truce:
    by: broker
    consent: [east, west]
    does:
      - tension - 2 ? quieter
"""
    crisis, _ = read_crisis(text)
    p = plan(crisis)
    m = morning(create(p, 1, 0))
    event = p.events[0]
    each = [1 / (1 + math.exp(-x)) for x in (0.5 * 2, -2 * 0.3 * 2)]
    assert [m.consents(actor, event) for actor in event.consent] == pytest.approx(each)
    expected = 1 / (1 + math.exp(-0.2 * 2)) * each[0] * each[1]
    assert m.agreed(event, m.choice(p.minds[0].agendas[0], 0.0)[0]) == pytest.approx(expected)
    worlds = 20_000
    happened = run_chunk(p, RunSpec(crisis, (), 7), range(worlds)).counts[:, 0].mean()
    assert abs(happened - expected) < 4 * math.sqrt(expected * (1 - expected) / worlds)


@pytest.mark.parametrize("who", ["broker", "[east, east]"])
def test_who_decides_or_is_asked_already_is_not_asked_again(who: str) -> None:
    text = """
crisis: a truce
from: 2020-01-01
to: 2020-01-02
state:
  tension:
    stock: 0 .. 9 ? room
    now: 4 ? start
actor:
  broker:
    pace: 1 ? x
    precision: 1 ? x
    foresight: 0 ? x
    wants:
      a: 1 [? x] * tension
  east:
    precision: 1 ? x
    wants:
      a: 1 [? x] * tension
event:
  truce:
    by: broker
    consent: WHO
    does:
      - tension - 2 ? quieter
"""
    with pytest.raises(CaseError) as error:
        read_crisis(text.replace("WHO", who))
    assert [d.code for d in error.value.diagnostics] == ["consent"]


# ---- a proxy's order in three values ------------------------------------------------------------

PROXY = """
crisis: a patron
from: 2020-01-01
to: 2020-01-30
state:
  order:
    ladder: [hold, low, free]
    now: ORDER ? start
  heat:
    stock: 0 .. 9 ? room
    now: 1 ? start
  grip:
    share: CONTROL ? held so
actor:
  patron:
    pace: .2 ? some
    precision: 1 ? middling
    foresight: 0 ? none
    wants:
      heat: .1 [? likes it] * heat
  agent:
    pace: 1000 ? always an opening
    precision: 2 ? sharp
    foresight: 0 ? none
    wants:
      quiet: -.3 [? dislikes it] * heat
event:
  order_up:
    by: patron
    does:
      - order + 1 ? more rope
  rocket:
    by: agent
    does:
      - heat + 1 ? heat
proxy:
  agent:
    of: patron
    control: grip
    order: order
    discipline: 1.5 ? pay
    obeys:
      rocket: LEVELS
"""


def ordered(order: str, control: float, levels: str) -> Plan:
    text = PROXY.replace("ORDER", order).replace("CONTROL", str(control))
    return laid(text.replace("LEVELS", levels))


def rocket(order: str, control: float, levels: str) -> float:
    """The chance that the agent fires at an opening."""
    p = ordered(order, control, levels)
    mind = next(m for m in p.minds if m.actor.name == "agent")
    return morning(create(p, 1, 0)).choice(mind.agendas[0], 0.0)[0]


def logit(x: float) -> float:
    return 1 / (1 + math.exp(-x))


THREE = "{tolerated: low ~X, demanded: free ? asked for}".replace("~X", "? left to it")


def test_what_is_tolerated_is_the_agents_own_choice() -> None:
    own = -0.3
    for order, duty in (("hold", -1.5), ("low", 0.0), ("free", 1.5)):
        for control in (0.0, 0.4, 1.0):
            expected = logit(2 * ((1 - control) * own + control * duty))
            assert rocket(order, control, THREE) == pytest.approx(expected)


def test_without_demanded_nothing_is_asked_for() -> None:
    for order, duty in (("hold", -1.5), ("low", 0.0), ("free", 0.0)):
        assert rocket(order, 1.0, "{tolerated: low ? left to it}") == pytest.approx(logit(2 * duty))


def test_one_level_is_both() -> None:
    """To the last bit, whichever way it is written."""
    same = [
        run_chunk(p, RunSpec(p.crisis, (), 3), range(40))
        for p in (
            ordered("hold", 0.6, "low ? x"),
            ordered("hold", 0.6, "{tolerated: low ? x, demanded: low ? x}"),
        )
    ]
    assert (same[0].counts == same[1].counts).all()


def test_what_is_demanded_is_tolerated() -> None:
    with pytest.raises(CaseError) as error:
        ordered("hold", 0.6, "{tolerated: free ? x, demanded: low ? x}")
    assert [d.code for d in error.value.diagnostics] == ["level"]

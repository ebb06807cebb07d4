"""Decimals are compared as they are written, not as binary keeps them: in every engine alike."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.case.case import read_crisis
from offramp.engine.blocks import machinery, worlds
from offramp.engine.blocks.days import program
from offramp.engine.blocks.emit import emit
from offramp.engine.formulas import nearest
from offramp.engine.monitors import Monitor
from offramp.engine.plan import plan
from offramp.engine.run import Job, run_chunk
from offramp.language.equality import at_most, below, same
from offramp.language.ranges import Range, ranges
from offramp.render.brief.bands import rung_shares
from offramp.version import __version__

ENGINES = ["interpreter", "code"] + ["machine"] * machinery.available()
few = settings(deadline=None, max_examples=25, derandomize=True)

# What a person writes: at most four decimals, up to ten thousand.
written = st.integers(-10_000_0000, 10_000_0000).map(lambda n: Fraction(n, 10_000))
steps = st.lists(written, min_size=1, max_size=30)


@given(steps, written)
def test_sums_of_decimals_compare_as_on_paper(parts: list[Fraction], bound: Fraction) -> None:
    exact, x, y = sum(parts), 0.0, float(bound)
    for part in parts:
        x += float(part)
    assert same(x, y) == (exact == bound)
    assert below(x, y) == (exact < bound)
    assert at_most(x, y) == (exact <= bound)


@given(st.integers(1, 40), st.integers(1, 99), st.integers(1, 40))
def test_products_and_quotients_too(k: int, hundredths: int, n: int) -> None:
    step = hundredths / 100
    assert same(k * step, float(Fraction(k * hundredths, 100)))
    assert same(k * step / n * n, k * step)


@given(st.floats(allow_nan=False), st.floats(allow_nan=False))
def test_of_two_numbers_one_thing_holds(a: float, b: float) -> None:
    assert below(a, b) + same(a, b) + below(b, a) == 1
    assert at_most(a, b) == (not below(b, a))
    assert same(a, b) == same(b, a)
    assert same(a, a)
    assert at_most(a, a)
    assert not below(a, a)


def test_infinities_are_apart_from_each_other_and_from_all_else() -> None:
    for a, b in itertools.combinations((-math.inf, -1e308, 0.0, 1e308, math.inf), 2):
        assert below(a, b)
        assert not at_most(b, a)
        assert not same(a, b)


def test_what_is_no_number_compares_with_nothing() -> None:
    for x in (0.0, math.inf, math.nan):
        for compare in (below, at_most, same):
            assert not compare(math.nan, x)
            assert not compare(x, math.nan)


@given(st.integers(0, 40), st.sampled_from([2, 4, 5, 8, 10, 20, 25, 40, 50, 100]))
def test_half_way_up_is_the_higher_level_however_it_was_reached(level: int, n: int) -> None:
    """By steps of 1/n, added one by one."""
    x = 0.0
    for k in range(1, level * n + n + 1):
        x += 1 / n
        assert nearest(x) == math.floor(Fraction(k, n) + Fraction(1, 2))


CRISIS = """
crisis: Steps
from: 2030-01-01
to: 2030-01-{days:02d}
show: [r, x]
state:
  r: {{ladder: [low, middle, high], now: low ? start}}
  x: {{stock: -100 .. 100 ? room, now: {start} ? start}}
  due: {{clock: {clock} ? days}}
  seen: {{count: 0}}
event:
  step: {{rate: 1000 ? every day, does: [x + {step} ? a step, r + {rung} ? a step up]}}
  there: {{rate: 1000 ? at once, when: x {operator} {bound} ? there, does: [seen + 1 ? counted]}}
  rung: {{rate: 1000 ? at once, when: r >= middle ? up}}
  bell: {{on: due}}
  pausing: {{rate: 1000 ? at once, pause: {pause} ? rest}}
"""
EVENTS = ("step", "there", "rung", "bell", "pausing")


def lived(engine: str, text: str) -> np.ndarray:
    """How often each event happened on each day, in one world."""
    laid = plan(read_crisis(text)[0])
    days, events = laid.crisis.days, len(laid.events)
    if engine == "code":
        space: dict = {}
        exec(emit(program(laid), __version__), space)
        first = program(laid).happened
        return (
            np.array([w[first : first + events] for w in space["live"](lambda *_: 0.5, days)]) > 0
        )
    monitors = tuple(
        Monitor(function="count", event=e, outcome=None, quantity=None, first=d, last=d)
        for d in range(days)
        for e in range(events)
    )
    job = Job(laid.crisis, monitors, 1)
    if engine == "interpreter":
        return run_chunk(laid, job, range(1)).atoms.reshape(days, events) > 0
    return worlds.block(worlds.load(laid), job, (0,)).atoms.reshape(days, events) > 0


def on_paper(start: Fraction, step: Fraction, operator: str, bound: Fraction, n: int) -> list[bool]:
    compare = {
        "<": Fraction.__lt__,
        "<=": Fraction.__le__,
        ">": Fraction.__gt__,
        ">=": Fraction.__ge__,
        "==": Fraction.__eq__,
        "!=": Fraction.__ne__,
    }
    return [compare[operator](start + k * step, bound) for k in range(n)]


@pytest.mark.parametrize("engine", ENGINES)
@few
@given(
    st.integers(-20, 20),
    st.integers(1, 9),
    st.sampled_from(["<", "<=", ">", ">=", "==", "!="]),
    st.integers(0, 12),
)
def test_a_condition_holds_from_the_day_on_which_it_holds_on_paper(
    engine: str, start: int, step: int, operator: str, at: int
) -> None:
    """A stock that rises by tenths, against one of the values that it takes; a ladder too, a clock
    of .1 * 30 days, and a pause as long."""
    tenth = Fraction(1, 10)
    bound = (start + at * step) * tenth
    text = CRISIS.format(
        days=15,
        start=f"{start / 10:.1f}",
        step=f".{step}",
        rung=f".{step}",
        operator=operator,
        bound=f"{float(bound):.1f}",
        clock="3d",
        pause=".1 * 30d",
    )
    log = lived(engine, text)
    there = on_paper(start * tenth, step * tenth, operator, bound, 15)
    assert log[:, EVENTS.index("there")].tolist() == there
    rungs = [step * k * tenth + Fraction(1, 2) >= 1 for k in range(15)]
    assert log[:, EVENTS.index("rung")].tolist() == rungs
    assert np.flatnonzero(log[:, EVENTS.index("bell")]).tolist() == [3]
    assert np.flatnonzero(log[:, EVENTS.index("pausing")]).tolist() == [0, 3, 6, 9, 12]


CLOCK = """
crisis: A clock set by a product
from: 2030-01-01
to: 2030-01-10
show: [r]
state:
  r: {{ladder: [calm, tense], now: calm ? start}}
  due: {{clock: off}}
event:
  start: {{on: 2030-01-02 ? then, does: [due = {part} * {times}d ? so long]}}
  bell: {{on: due}}
"""


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("part", "times"), [(".1", 30), (".7", 10), (".3", 10), (".6", 5)])
def test_a_clock_set_to_three_tenths_of_ten_days_rings_after_three(
    engine: str, part: str, times: int
) -> None:
    log = lived(engine, CLOCK.format(part=part, times=times))
    whole = round(float(part) * times)
    assert np.flatnonzero(log[:, 1]).tolist() == [1 + whole]


HALVES = """
crisis: What has halved is half
from: 2030-01-01
to: 2030-01-31
show: [r]
state:
  r: {{ladder: [calm, tense], now: calm ? start}}
  x: {{stock: 0 .. 10 ? room, now: 1 ? full, fades: {half_life}d ? half-life}}
event:
  half: {{rate: 1000 ? at once, when: x <= .5 ? half is gone}}
"""


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("half_life", [1, 2, 3, 7, 10, 13, 21, 29])
def test_what_has_halved_counts_as_half(engine: str, half_life: int) -> None:
    log = lived(engine, HALVES.format(half_life=half_life))
    assert np.flatnonzero(log[:, 0]).tolist() == list(range(half_life, 31))


VOTE = """
crisis: A vote
from: 2030-01-01
to: 2030-01-05
show: [r]
state:
  r: {{ladder: [calm, tense], now: calm ? start}}
event:
  law:
    vote:
      held: 2030-01-03 ? then
      quorum: {quorum} seats ? needed
      quota: {quota}
      blocs:
        ours: {{seats: {seats} seats ? us, yes: 90 ? sure, attends: {share} ? come, whole: yes}}
        theirs:
          {{seats: {others} seats ? them, yes: -90 ? never, attends: {share} ? come, whole: yes}}
"""


def carried(engine: str, text: str) -> bool:
    law = plan(read_crisis(text)[0])
    job = Job(
        law.crisis,
        (Monitor(function="count", event=0, outcome="carried", quantity=None, first=0, last=4),),
        1,
    )
    if engine == "machine":
        return bool(worlds.block(worlds.load(law), job, (0,)).atoms[0, 0])
    return bool(run_chunk(law, job, range(1)).atoms[0, 0])


@pytest.mark.parametrize("engine", ["interpreter"] + ["machine"] * machinery.available())
@few
@given(st.integers(2, 9), st.integers(1, 99), st.integers(-1, 1))
def test_a_quorum_met_exactly_is_met_and_half_is_not_more_than_half(
    engine: str, hundreds: int, of_each: int, lead: int
) -> None:
    """Ours are sure to say yes, theirs no; of each hundred so many come; `lead` is by how many
    hundreds theirs are more."""
    present, ours = (2 * hundreds + lead) * of_each, hundreds * of_each

    def law(quorum: int, quota: str) -> str:
        return VOTE.format(
            quorum=quorum,
            quota=quota,
            seats=100 * hundreds,
            others=100 * (hundreds + lead),
            share=of_each / 100,
        )

    assert carried(engine, law(present, "half")) == (lead < 0)
    assert not carried(engine, law(present + 1, "half"))
    assert carried(engine, law(present, f"{ours} seats ? as many as we are"))
    assert not carried(engine, law(present, f"{ours + 1} seats ? more than we are"))


@pytest.mark.parametrize("operator", ["<", "<=", ">", ">=", "==", "!="])
def test_what_is_certain_from_ranges_is_what_the_engines_compute(operator: str) -> None:
    claim = read_crisis(HALVES.format(half_life=1).replace("x <= .5", f"x {operator} .8"))[0]
    when = claim.events[0].when
    assert when is not None
    x = 0.5 + 0.1 + 0.1 + 0.1
    assert x != 0.8
    found = ranges(when.expression, lambda *_: Range(0, 0), lambda _: Range(x, x))
    holds = float(operator in ("<=", ">=", "=="))
    assert found == Range(holds, holds)
    assert plan(claim).layout.formula(when)([0.0, x], [], None) == holds


@pytest.mark.parametrize("engine", ["interpreter"] + ["machine"] * machinery.available())
def test_pictures_read_a_ladder_as_conditions_do(engine: str) -> None:
    """The share of worlds at each level, from the histogram, is what a question would count."""
    steps = CRISIS.format(
        days=31, start="0", step="1", rung="~", operator=">", bound="50", clock="3d", pause="1d"
    ).replace("r + ~ ? a step up", "r + pace ? a step up")
    text = steps + "unknown:\n  pace: {between: .01 .. .06 ? any}\n"
    laid = plan(read_crisis(text)[0])
    monitors = tuple(
        Monitor(function="final", event=None, outcome=None, quantity=0, first=0, last=day)
        for day in range(31)
    )
    job = Job(laid.crisis, monitors, 3)
    numbers = tuple(range(200))
    found = (
        worlds.block(worlds.load(laid), job, numbers)
        if engine == "machine"
        else run_chunk(laid, job, range(200))
    )
    shares = rung_shares(found.bands["r"])
    for day in range(31):
        levels = [nearest(x) for x in found.atoms[:, day]]
        assert shares[day].tolist() == [levels.count(level) / 200 for level in range(3)]

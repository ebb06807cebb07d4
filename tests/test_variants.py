"""Variants of a crisis: one tape for those that are alike, and each the worlds of its own."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from crises import crises
from hypothesis import given, settings
from hypothesis import strategies as st
from test_blocks import job_of, needs_numba, slowly

from offramp.case.case import read_crisis
from offramp.engine.blocks import variants, worlds
from offramp.engine.blocks.days import Writer
from offramp.engine.plan import plan
from offramp.engine.run import RunSpec, run_chunk
from offramp.explain.nudge import dial, turned
from offramp.language.crisis import Belief, Crisis, data, elements
from offramp.language.edits import Edit, edited
from offramp.language.expressions import Number, SourcedValue
from offramp.text.diagnostics import Span

OURS = Span("ours", 1, 1)
STRUCTURE = ("force",)  # verbs that need a tape of their own


def number(value: float) -> SourcedValue:
    return SourcedValue(Number(value, "", None, OURS), (), f"{value:g}", OURS)


@st.composite
def an_edit(draw: st.DrawFn, crisis: Crisis) -> Edit:
    """Any verb, of something that the crisis has."""
    value = draw(st.floats(-2, 2).map(lambda x: round(x, 2)))
    start = draw(st.sampled_from([None, dt.date(2020, 1, 5)]))
    chosen = [e.name for e in crisis.events if e.chosen]
    harmful = [e.name for e in crisis.events if any(o.name == "harm" for o in e.outcomes)]
    stocks = [s for s in crisis.states if s.kind in ("stock", "share")]
    verbs = ["never", "never on", "force", "rate", "cost", "urge", "hold", "set", "unknown", "line"]
    verb = draw(st.sampled_from([*verbs, "outcome"] if harmful else verbs))
    if verb == "never":
        return Edit("never", draw(st.sampled_from([*chosen, "accident", "fixed"])), start=start)
    if verb == "never on":
        days = (dt.date(2020, 1, 3), dt.date(2020, 1, 6))
        return Edit("never", draw(st.sampled_from(chosen)), dates=days)
    if verb == "force":
        return Edit("force", draw(st.sampled_from(chosen)), dates=(dt.date(2020, 1, 4),))
    if verb == "rate":
        return Edit("rate", "accident", amount=number(abs(value)), start=start)
    if verb in ("cost", "urge"):
        name = draw(st.sampled_from(chosen))
        return Edit("cost" if verb == "cost" else "urge", name, amount=number(value), start=start)
    if verb == "outcome":
        return Edit("outcome", draw(st.sampled_from(harmful)), "harm")
    if verb == "unknown":
        return Edit("set", "resolve", amount=number(abs(value)))
    if verb == "line":
        return Edit("set", "line", "high", amount=number(0))
    state = draw(st.sampled_from(stocks))
    inside = min(max(abs(value), state.low), state.high)
    return Edit("hold" if verb == "hold" else "set", state.name, amount=number(inside))


@st.composite
def a_variant(draw: st.DrawFn, crisis: Crisis) -> tuple[Crisis, tuple[str, ...]]:
    """The crisis with some edits of different things, and perhaps a number turned; with the
    verbs."""
    found = draw(st.lists(an_edit(crisis), max_size=3, unique_by=lambda e: e.target))
    out = edited(crisis, tuple(found))
    dials = [
        d for name, part in elements(crisis) for x in data(name, part) if (d := dial(crisis, x))
    ]
    if draw(st.booleans()) and dials:
        d = draw(st.sampled_from(dials))
        out = turned(out, d.datum.span, d.high)
    return out, tuple(e.verb for e in found)


@needs_numba
@settings(slowly, max_examples=40)
@given(st.data())
def test_each_variant_lives_the_worlds_of_its_own(data: st.DataObject) -> None:
    """Against the reference interpreter, which knows nothing of variants."""
    job = job_of(data.draw(crises()))
    some = [data.draw(a_variant(job.crisis)) for _ in range(data.draw(st.integers(2, 5)))]
    laid = worlds.load_all([crisis for crisis, _ in some], keep=False)
    for (crisis, _), loaded in zip(some, laid, strict=True):
        own = RunSpec(crisis, job.monitors, job.seed)
        expected = run_chunk(plan(crisis), own, range(4))
        found = worlds.block(loaded, own, tuple(range(4)), told=4)
        assert worlds.same(expected, found)
        assert expected.stories == found.stories


@settings(slowly, max_examples=20)
@given(st.data())
def test_all_but_forced_days_share_a_tape(data: st.DataObject) -> None:
    crisis = job_of(data.draw(crises())).crisis
    some = [data.draw(a_variant(crisis)) for _ in range(4)]
    plain = [c for c, verbs in some if not set(verbs) & set(STRUCTURE)]
    assert len(variants.alike([crisis, *plain])) == 1


def crisis() -> Crisis:
    """An invented one, of two who choose."""
    return read_crisis(TEXT)[0]


TEXT = """\
crisis: two
from: 2020-01-01
to: 2020-01-20
show: [rung]
state:
  rung: {ladder: [calm, war], now: calm ? ours}
  heat: {stock: 0 .. 9 ? ours, now: 1 ? ours, fades: 4d ? ours}
unknown:
  taste: {between: 0 .. 2 ? ours}
actor:
  a: {pace: .4 ? ours, precision: 2 ? ours, foresight: 0 ? ours, wants: {calm: -1 * heat ? ours}}
event:
  a.push: {by: a, cost: -1 * taste ? ours, does: [heat + 1 ? ours]}
  spark: {rate: .1 ? ours, does: [heat + 2 ? ours]}
"""


def shared(*edits: Edit) -> variants.Shared:
    """The crisis as it is beside the crisis under each edit."""
    own = crisis()
    return variants.shared([own, *(edited(own, (e,)) for e in edits)])


def test_one_alone_has_no_inputs() -> None:
    own = crisis()
    assert variants.shared([own]).crisis is own
    assert variants.shared([own]).inputs.count == 0


def test_numbers_of_one_formula_are_one_input() -> None:
    own = crisis()
    heat = next(d for d in data("state heat", own.states[1]) if d.value == 4.0)
    some = variants.shared([turned(own, heat.span, x) for x in (2.0, 4.0, 8.0)])
    assert some.values.tolist() == [[2.0], [4.0], [8.0]]


def test_what_a_move_costs_more_is_chosen_beside_what_it_costs() -> None:
    """As it is, and two sums of one shape: which of both, and what is added."""
    found = shared(
        Edit("cost", "a.push", amount=number(1)), Edit("cost", "a.push", amount=number(2))
    )
    assert found.values.tolist() == [[1.0, 0.0], [1.0, 1.0], [2.0, 1.0]]


def test_what_is_held_gives_its_bounds_and_its_start() -> None:
    found = shared(Edit("hold", "heat", amount=number(3)))
    (name, low, high) = found.inputs.bounds[0]
    assert name == "heat"
    assert not isinstance(low, float)
    assert not isinstance(high, float)
    values = found.values[:, [int(low.name), int(high.name)]]
    assert values.tolist() == [[0.0, 9.0], [3.0, 3.0]]


def test_whom_a_belief_is_about_is_structure() -> None:
    """Of all else `about` is a sentence, of a belief it is a name."""
    belief = Belief(holder="a", about="b", cites=(), types=(), learns=None, silence=None, span=OURS)
    one = replace(crisis(), beliefs=(belief,))
    other = replace(one, beliefs=(replace(belief, about="c"),))
    assert variants.alike([one, other, one]) == [[0, 2], [1]]


def test_a_forced_day_is_another_structure() -> None:
    own = crisis()
    forced = edited(own, (Edit("force", "a.push", dates=(dt.date(2020, 1, 4),)),))
    never = edited(own, (Edit("never", "a.push"),))
    assert variants.alike([own, forced, never, forced]) == [[0, 2], [1, 3]]


@needs_numba
def test_the_tape_is_kept_by_structure(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another amount of the same edit finds the tape that was written for the first."""
    monkeypatch.setenv("OFFRAMP_CACHE", str(tmp_path))
    own = crisis()

    def loaded(x: float) -> list[worlds.Loaded]:
        edits = (Edit("rate", "spark", amount=number(x)), Edit("set", "taste", amount=number(x)))
        return worlds.load_all([own, edited(own, edits)])

    first = loaded(2)
    monkeypatch.setattr(worlds, "program", None)  # nothing more can be written
    again = loaded(3)
    assert first[1].tape == again[1].tape
    assert first[1].inputs.tolist() != again[1].inputs.tolist()


@needs_numba
@pytest.mark.parametrize("first", ["held", "as it is"])
def test_a_quantity_fades_to_the_bound_of_its_own_variant(first: str) -> None:
    """Whichever comes first: a quantity without a rest fades to its lower bound, and that is where
    a variant holds it. (The shared tape took the bound of the first for all.)"""
    own = crisis()
    held = edited(own, (Edit("hold", "heat", amount=number(3)),))
    some = [held, own] if first == "held" else [own, held]
    for c, loaded in zip(some, worlds.load_all(some, keep=False), strict=True):
        job = RunSpec(c, (), 7)
        expected = run_chunk(plan(c), job, range(64))
        assert worlds.same(expected, worlds.block(loaded, job, tuple(range(64)), told=4))


@needs_numba
def test_memory_begins_with_what_is_given() -> None:
    own = crisis()
    held = worlds.load_all(
        [own, edited(own, (Edit("hold", "heat", amount=number(3)),))], keep=False
    )
    first, count = held[1].tape.inputs.tolist()
    memory = held[1].memory(16)
    assert memory[first : first + count, 7].tolist() == held[1].inputs.tolist()
    assert not np.any(np.delete(memory, np.arange(first, first + count), axis=0))
    assert first + count == Writer(held[1].plan).first_daily

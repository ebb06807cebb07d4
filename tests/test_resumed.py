"""Worlds that go on from one of the reference interpreter are those that it lives itself."""

from __future__ import annotations

import copy
import datetime as dt

import numpy as np
import pytest
from crises import crises
from hypothesis import given
from hypothesis import strategies as st
from test_blocks import needs_numba, slowly

from offramp.case.case import load, read_crisis
from offramp.engine.blocks import resumed
from offramp.engine.blocks.days import Writer
from offramp.engine.blocks.resumed import going_on, standing
from offramp.engine.monitors import Monitor
from offramp.engine.noise import Dice
from offramp.engine.plan import Plan, plan
from offramp.engine.run import RunSpec
from offramp.engine.world import World, create, evening, one_day

pytestmark = needs_numba


def lived(laid: Plan, seed: int, number: int, days: int) -> World:
    world = create(laid, seed, number)
    for day in range(days):
        world.day = day
        one_day(world)
    return world


def finals(laid: Plan, last: int) -> tuple[Monitor, ...]:
    """Every quantity and reading on the last evening."""
    count = len(laid.quantities) + len(laid.crisis.readings)
    return tuple(
        Monitor(function="final", event=None, outcome=None, quantity=q, first=last, last=last)
        for q in range(count)
    )


def agree(laid: Plan, number: int, days: int, last: int, worlds: int = 3) -> None:
    """From the evening of the day `days` - 1 on (0: from before the first), with new dice."""
    world = lived(laid, 5, number, days)
    job = RunSpec(laid.crisis, finals(laid, last), 11)
    found = going_on(copy.deepcopy(world), job, range(worlds), days > 0)
    for n in range(worlds):
        own = copy.deepcopy(world)
        own.dice = Dice(11, n)
        before = len(own.log)
        for day in range(days, job.lasts):
            own.day = day
            one_day(own)
        values = [evening(own, q) for q in range(len(job.monitors))]
        assert (found.atoms[n] + 0.0).tobytes() == (np.array(values) + 0.0).tobytes()
        counts = np.zeros(len(laid.events), np.int64)
        for h in own.log[before:]:
            counts[h.event] += h.day < job.days
        assert found.counts[n].tolist() == counts.tolist()
        assert found.unknowns[n].tolist() == own.unknowns


def short(name: str, last: int) -> Plan:
    crisis = load(name).crisis
    return plan(crisis.until(crisis.first + dt.timedelta(last)))


@slowly
@given(crises(), st.integers(0, 3), st.integers(0, 11))
def test_worlds_go_on_to_the_same_bytes(text: str, number: int, days: int) -> None:
    agree(plan(read_crisis(text)[0]), number, days, 11)


@pytest.mark.parametrize("name", ["tutorial", "quarantine"])
@pytest.mark.parametrize("days", [0, 1, 9, 16])
def test_worked_cases_too(name: str, days: int) -> None:
    laid = short(name, 40)
    for number in range(4):
        agree(laid, number, days, 40)


def test_us_iran_too() -> None:
    for days in (0, 20):
        agree(short("us-iran-2020", 50), 0, days, 50, 2)


def agree_often(laid: Plan) -> None:
    for number in range(12):
        for days in (8, 20, 40):
            agree(laid, number, days, 60, 2)


def test_what_is_forgotten_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each part of the state, left out, changes how some world goes on."""
    laid = short("tutorial", 60)
    w = Writer(laid)
    parts = {
        "quantities": w.s,
        "unknowns": w.u,
        "moods": list(w.mood.values()),
        "beliefs": [s for row in w.weights for s in row],
        "pauses": list(w.ready.values()),
        "under way": list(w.underway.values()),
    }
    whole = standing
    for what, slots in parts.items():
        gone = set(slots)

        def part(world: World, lived: bool, gone: set[int] = gone) -> object:
            places, values = whole(world, lived)
            return places, np.where(np.isin(places, list(gone)), 0.0, values)

        monkeypatch.setattr(resumed, "standing", part)
        with pytest.raises(AssertionError):
            agree_often(laid)
        assert what

"""How long a run lives: to the last day that it is asked about, and no day before reads it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from crises import crises
from hypothesis import given, settings
from hypothesis import strategies as st
from reports import from_a_world

from offramp.answers.forecast import forecast
from offramp.answers.scoring import days_to_score
from offramp.case.case import Case, load, read_crisis
from offramp.case.texts import shipped
from offramp.engine.blocks import machinery, worlds
from offramp.engine.ensemble import Ensemble
from offramp.engine.monitors import Monitor
from offramp.engine.plan import plan
from offramp.engine.run import RunSpec, asked_only, run_chunk
from offramp.engine.schedule import Schedule
from offramp.filter.counterfactual import twins
from offramp.filter.posterior import filtered, futures
from offramp.filter.simulator import prepare
from offramp.language.crisis import Crisis
from offramp.language.edits import Edit, edited
from offramp.text.diagnostics import CaseError

Live = Callable[[RunSpec], Ensemble]

DAYS = 12  # of a random crisis
WORLDS = 5
SEED = 11

needs_numba = pytest.mark.skipif(not machinery.available(), reason="Numba is not installed")
few = settings(max_examples=25, deadline=None, derandomize=True)


def watching(crisis: Crisis, last: int) -> tuple[Monitor, ...]:
    """Every quantity and event, until a day."""
    return tuple(
        Monitor(function=f, event=None, outcome=None, quantity=q, first=0, last=last)
        for q in range(len(crisis.states))
        for f in ("mean", "final", "highest")
    ) + tuple(
        Monitor(function=f, event=e, outcome=None, quantity=None, first=0, last=last)
        for e in range(len(crisis.events))
        for f in ("count", "first")
    )


def until(crisis: Crisis, day: int) -> Crisis:
    return crisis.until(crisis.first + dt.timedelta(day))


def is_the_beginning_of(short: Ensemble, whole: Ensemble) -> None:
    """The days of the shorter run are those of the longer one, to the last bit."""
    assert short.unknowns.tobytes() == whole.unknowns.tobytes()
    assert short.atoms.tobytes() == whole.atoms[:, : short.atoms.shape[1]].tobytes()
    for name, band in short.bands.items():
        assert np.array_equal(band.counts, whole.bands[name].counts[: short.days])
    for a, b in zip(short.stories, whole.stories, strict=True):
        assert a.log == tuple(x for x in b.log if x.day < short.days)
        assert a.series == {q: values[: short.days] for q, values in b.series.items()}


def reference(job: RunSpec) -> Ensemble:
    return run_chunk(plan(job.crisis), job, range(WORLDS))


def machine(job: RunSpec) -> Ensemble:
    loaded = worlds.load(plan(job.crisis), keep=False)
    return worlds.block(loaded, job, tuple(range(WORLDS)), told=WORLDS)


@pytest.mark.parametrize("live", [reference, pytest.param(machine, marks=needs_numba)])
@few
@given(text=crises(days=DAYS), day=st.integers(0, DAYS - 2))
def test_no_day_reads_the_last_one(live: Live, text: str, day: int) -> None:
    crisis, _ = read_crisis(text)
    asked = watching(crisis, day)
    whole = live(RunSpec(crisis, asked, SEED))
    is_the_beginning_of(live(RunSpec(until(crisis, day), asked, SEED)), whole)


@pytest.mark.parametrize("live", [reference, pytest.param(machine, marks=needs_numba)])
@few
@given(text=crises(days=DAYS), day=st.integers(0, DAYS - 2))
def test_what_is_asked_beyond_the_course_changes_nothing_that_is_shown(
    live: Live, text: str, day: int
) -> None:
    """Bands, stories, counts and collisions are of the course; atoms are of their windows."""
    crisis, _ = read_crisis(text)
    early, late = watching(crisis, day), watching(crisis, DAYS - 1)
    shown = replace(crisis, show_until=crisis.first + dt.timedelta(day))
    course = live(RunSpec(until(crisis, day), early, SEED))
    longer = live(RunSpec(shown, (*early, *late), SEED))
    assert worlds.same(course, replace(longer, atoms=course.atoms))
    assert course.stories == longer.stories
    is_the_beginning_of(course, longer)
    whole = live(RunSpec(crisis, late, SEED))
    assert longer.atoms[:, len(early) :].tobytes() == whole.atoms.tobytes()


@needs_numba
@settings(few, max_examples=8)
@given(text=crises(days=DAYS), number=st.integers(0, 10_000))
def test_nor_does_any_among_reports_or_but_for_something(text: str, number: int) -> None:
    crisis, _ = read_crisis(text)
    laid, known, day = plan(crisis), 3 + number % 4, 8
    early, late = watching(crisis, day), watching(crisis, DAYS - 1)
    shown = replace(crisis, show_until=crisis.first + dt.timedelta(day))
    never = Edit("never", "accident", start=crisis.first + dt.timedelta(known))
    past_the_shorter = Edit("force", "bell", dates=(crisis.first + dt.timedelta(day + 1),))

    def schedule_of(own: Crisis) -> Schedule:
        return from_a_world(plan(own), number, 3, known, {e.index: 0.9 for e in laid.events})

    def lived(own: Crisis, monitors: tuple[Monitor, ...]) -> tuple[Ensemble, ...]:
        p = filtered(prepare(plan(own), schedule_of(own), SEED), 4, 16, (known,), 1)
        job = RunSpec(own, monitors, SEED)
        arms = twins(p, edited(own, (never, past_the_shorter)), job, known - 1, threads=1)
        return futures(p, job, threads=1), *vars(arms).values()

    short, longer = lived(until(crisis, day), early), lived(shown, (*early, *late))
    whole = lived(crisis, late)
    for a, b, c in zip(short, longer, whole, strict=True):
        assert worlds.same(a, replace(b, atoms=a.atoms))
        assert a.stories == b.stories
        is_the_beginning_of(a, b)
        assert b.atoms[:, len(early) :].tobytes() == c.atoms.tobytes()
        is_the_beginning_of(replace(a, atoms=a.atoms[:, :0]), c)


def test_a_run_lives_as_long_as_it_is_asked() -> None:
    crisis = load("tutorial").crisis
    monitor = watching(crisis, 9)[0]
    shown = replace(crisis, show_until=crisis.first + dt.timedelta(4))
    assert RunSpec(crisis, (monitor,), 1).lasts == crisis.days
    assert (RunSpec(shown, (), 1).days, RunSpec(shown, (), 1).lasts) == (5, 5)
    assert (RunSpec(shown, (monitor,), 1).days, RunSpec(shown, (monitor,), 1).lasts) == (5, 10)
    assert asked_only(shown, (monitor,), 1).lasts == 10
    assert asked_only(crisis, (), 1).lasts == 1


# ---- in a case ---------------------------------------------------------------------------------


TO = "to: 2031-06-29"


def until_september(shown: str = "2031-06-29") -> Case:
    """The tutorial with a later last day, and what is shown whole until where it was."""
    text = (shipped()["tutorial"] / "crisis.yaml").read_text("utf-8")
    assert text.count(TO) == 1
    later = f"to: 2031-09-30\nshow until: {shown}"
    return load("tutorial", over={"crisis.yaml": text.replace(TO, later)})


def test_a_later_last_day_moves_nothing_that_names_no_window() -> None:
    before, after = load("tutorial"), until_september()
    assert after.crisis.last == dt.date(2031, 9, 30)
    assert after.facts == before.facts
    assert days_to_score(after) == days_to_score(before)
    for a, b in zip(before.agenda.losses, after.agenda.losses, strict=True):
        for x, y in zip(a.questions(before.crisis), b.questions(after.crisis), strict=True):
            assert (x.first, x.last) == (y.first, y.last)


@needs_numba
def test_nor_any_answer_but_the_hash_of_the_model() -> None:
    before, after = (forecast(c, 200, 7, threads=1) for c in (load("tutorial"), until_september()))
    assert after.model_sha256 != before.model_sha256
    assert after.answers == before.answers
    assert after.quantities == before.quantities
    assert after.choices == before.choices
    assert after.ensemble == before.ensemble
    assert (after.first, after.last) == (before.first, before.last)


def test_where_the_showing_ends_is_no_part_of_the_model() -> None:
    assert until_september("2031-05-31").model_sha256 == until_september().model_sha256


def test_the_showing_ends_within_the_crisis() -> None:
    with pytest.raises(CaseError, match="2031-10-01, outside the crisis"):
        until_september("2031-10-01")

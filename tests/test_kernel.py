"""The compiled kernel makes the decisions of the reference interpreter, to the last bit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from crises import crises
from hypothesis import HealthCheck, given, settings

from offramp.engine.kernel import compiled
from offramp.engine.monitors import Monitor
from offramp.engine.plan import plan
from offramp.engine.run import Job, run_chunk, simulate
from offramp.forecast.answers import watches
from offramp.language.case import load, read_crisis

needs_numba = pytest.mark.skipif(not compiled.available(), reason="Numba is not installed")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFRAMP_CACHE", str(tmp_path))


@settings(
    max_examples=30, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(crises())
def test_written_out_as_plain_python_it_equals_the_reference(text: str) -> None:
    """The same functions that Numba compiles, run as they stand: no compiler in between."""
    crisis = read_crisis(text)[0]
    laid = plan(crisis)
    quantity = laid.layout.states["stock_0"]
    watch = tuple(
        Monitor(f, None, None, quantity, 2, 9) for f in ("highest", "lowest", "final", "initial")
    ) + tuple(Monitor(f, e, None, None, 1, 8) for e in range(3) for f in ("count", "first"))
    job = Job(crisis, watch, 11)
    expected = run_chunk(laid, job, range(3))
    module = compiled.load(laid, compiled=False)
    assert compiled.same(expected, compiled.block(module, laid, job, (0, 1, 2)))


@pytest.mark.parametrize("name", ["tutorial", "us-iran-2020"])
def test_the_shipped_cases_too(name: str) -> None:
    case = load(name)
    laid = plan(case.crisis)
    job = Job(case.crisis, watches(case, case.crisis.first)[1], 7)
    module = compiled.load(laid, compiled=False)
    expected = run_chunk(laid, job, range(2))
    assert compiled.same(expected, compiled.block(module, laid, job, (0, 1)))


def test_a_difference_would_be_seen() -> None:
    case = load("tutorial")
    laid = plan(case.crisis)
    job = Job(case.crisis, (), 7)
    a = run_chunk(laid, job, range(2))
    other = a.counts.copy()
    other[0, 0] += 1
    assert compiled.same(a, a)
    assert not compiled.same(a, replace(a, counts=other))


@needs_numba
@pytest.mark.slow
@pytest.mark.parametrize("name", ["tutorial", "us-iran-2020"])
def test_compiled_worlds_are_the_same_bytes_on_any_number_of_threads(name: str) -> None:
    case = load(name)
    job = Job(case.crisis, watches(case, case.crisis.first)[1], 7)
    worlds = 150 if name == "tutorial" else 30
    expected = simulate(job, worlds, threads=2)
    for threads in (1, 2):
        assert compiled.same(expected, compiled.simulate(job, worlds, threads))


@needs_numba
@pytest.mark.slow
def test_an_unwritable_cache_falls_back_to_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFRAMP_CACHE", "/dev/null/nowhere")
    case = load("tutorial")
    job = Job(case.crisis, (), 3)
    assert compiled.simulate(job, 20).worlds == 20

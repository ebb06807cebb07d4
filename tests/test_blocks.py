"""Blocks of worlds make the decisions of the reference interpreter, to the last bit."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from crises import crises
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slice_case import slice_text

from offramp.answers.forecast import watches
from offramp.case.case import load, read_crisis
from offramp.engine.blocks import machinery, worlds
from offramp.engine.blocks.days import Program, Section, branch_codes, joined, program
from offramp.engine.blocks.emit import emit
from offramp.engine.blocks.given import MemoryLayout
from offramp.engine.blocks.graph import MEANING, Graph, Node
from offramp.engine.blocks.tape import BINARY, NAMES, UNARY, Tape, tape
from offramp.engine.monitors import Monitor
from offramp.engine.noise import Dice, _counter, mix
from offramp.engine.plan import Plan, plan
from offramp.engine.run import RunSpec, run_chunk, simulate
from offramp.version import __version__

needs_numba = pytest.mark.skipif(not machinery.available(), reason="Numba is not installed")
slowly = settings(
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


def job_of(text: str, seed: int = 11) -> RunSpec:
    """A random crisis, watched in every way."""
    crisis = read_crisis(text)[0]
    laid = plan(crisis)
    quantity = laid.layout.states["stock_0"]
    return RunSpec(
        crisis,
        tuple(
            Monitor(function=f, event=None, outcome=None, quantity=quantity, first=2, last=9)
            for f in ("highest", "lowest", "final", "initial", "mean")
        )
        + tuple(
            Monitor(function="mean", event=None, outcome=None, quantity=q, first=0, last=10)
            for q in range(len(crisis.states))
        )
        + tuple(
            Monitor(function=f, event=e, outcome=None, quantity=None, first=1, last=8)
            for e in range(3)
            for f in ("count", "first")
        ),
        seed,
    )


def job_for(name: str) -> RunSpec:
    case = load(name)
    return RunSpec(case.crisis, watches(case, case.crisis.first)[1], 7)


# ---- written out as plain Python -----------------------------------------------------------


def module(laid: Plan) -> dict[str, Any]:
    space: dict[str, Any] = {}
    exec(emit(program(laid), __version__), space)
    return space


def counts_of(laid: Plan, code: dict[str, Any], seed: int, number: int) -> list[list[int]]:
    """Per day and event, 0 or 1 + the branch that it took, by the emitted code."""
    key = Dice(seed, number)._world
    mask = (1 << 64) - 1

    def dice(site: int, day: int) -> float:
        z = mix((mix(key ^ site) + _counter(day, 0)) & mask)
        return ((z >> 12) + 0.5) * 2.0**-52

    first = program(laid).happened
    days = code["live"](dice, laid.crisis.days)
    return [[int(x) for x in world[first : first + len(laid.events)]] for world in days]


@settings(slowly, max_examples=25)
@given(crises())
def test_the_emitted_module_lives_the_same_worlds(text: str) -> None:
    """No compiler in between: the functions that `offramp compile --show` prints, as they stand."""
    job = job_of(text)
    laid = plan(job.crisis)
    code = module(laid)
    expected = run_chunk(laid, job, range(2))
    for number in (0, 1):
        log = np.array(counts_of(laid, code, job.seed, number))
        assert ((log > 0).sum(0) == expected.counts[number]).all()
        told = [
            (entry.day, entry.event, entry.outcome or "") for entry in expected.stories[number].log
        ]
        names = [{c: n for n, c in branch_codes(e).items()} for e in laid.events]
        assert told == [
            (day, laid.events[e].event.name, names[e][log[day, e] - 1])
            for day, e in zip(*np.nonzero(log), strict=True)
        ]


def test_the_emitted_module_of_a_shipped_case_can_be_read() -> None:
    text = emit(program(plan(load("tutorial").crisis)), __version__)
    assert re.search(r"def s\d+_skippers_chooses\(today, .*anger_\d+.*die0\):", text)
    assert "Where: opening of skippers." in text
    assert "# choice of skippers" in text


def test_a_quantity_may_be_called_like_the_code_around_it() -> None:
    text = """crisis: names
from: 2030-01-01
to: 2030-01-03
state:
  die:
    count: 0
  x0:
    count: 0
event:
  choose:
    rate: .5 ? a rate
    does:
      - die + 1 ? a count
      - x0 + 2 ? a count
"""
    crisis = read_crisis(text)[0]
    laid = plan(crisis)
    expected = run_chunk(laid, RunSpec(crisis, (), 3), range(5))
    for number in range(5):
        log = np.array(counts_of(laid, module(laid), 3, number))
        assert ((log > 0).sum(0) == expected.counts[number]).all()


# ---- the machine ---------------------------------------------------------------------------


@needs_numba
@settings(slowly, max_examples=60)
@given(crises(), st.integers(0, 2**63 - 1))
def test_the_machine_lives_the_same_worlds(text: str, seed: int) -> None:
    job = job_of(text, seed)
    laid = plan(job.crisis)
    loaded = worlds.load(laid, keep=False)
    expected = run_chunk(laid, job, range(6))
    found = worlds.block(loaded, job, tuple(range(6)), told=6)
    assert worlds.same(expected, found)
    assert expected.stories == found.stories


@needs_numba
@settings(slowly, max_examples=25)
@given(st.data())
def test_no_division_of_the_work_changes_a_bit(data: st.DataObject) -> None:
    """Blocks of any size, worlds in any portions: a world is its number and the seed."""
    job = job_of(data.draw(crises()))
    loaded = worlds.load(plan(job.crisis), keep=False)
    count = data.draw(st.integers(2, 200))
    cut = data.draw(st.integers(1, count - 1))
    block = data.draw(st.integers(1, 300))
    whole = worlds.block(loaded, job, tuple(range(count)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worlds, "BLOCK", block)
        parts = [worlds.block(loaded, job, tuple(range(a, b))) for a, b in ((0, cut), (cut, count))]
    assert worlds.same(whole, worlds.merge(parts))


@needs_numba
@pytest.mark.parametrize("name", ["quarantine", "taiwan-1958", "tutorial", "us-iran-2020"])
def test_the_shipped_cases_too(name: str) -> None:
    job = job_for(name)
    laid = plan(job.crisis)
    expected = run_chunk(laid, job, range(3))
    found = worlds.block(worlds.load(laid), job, (0, 1, 2), told=3)
    assert worlds.same(expected, found)
    assert expected.stories == found.stories


@needs_numba
@pytest.mark.parametrize("foresight", [1, 2])
def test_the_text_slice_at_any_foresight(foresight: int) -> None:
    crisis = read_crisis(slice_text(foresight=foresight))[0]
    job = RunSpec(crisis, (), 3)
    laid = plan(crisis)
    expected = run_chunk(laid, job, range(2))
    assert worlds.same(expected, worlds.block(worlds.load(laid), job, (0, 1)))


@needs_numba
@pytest.mark.slow
@pytest.mark.parametrize("name", ["quarantine", "taiwan-1958", "tutorial", "us-iran-2020"])
def test_many_worlds_on_any_number_of_threads(name: str) -> None:
    job = job_for(name)
    count = 400 if name == "tutorial" else 40
    expected = simulate(job, count, threads=2)
    for threads in (1, 2):
        assert worlds.same(expected, worlds.simulate(job, count, threads))


@needs_numba
def test_a_difference_stops_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    job = job_for("tutorial")
    loaded = worlds.load(plan(job.crisis))
    worlds.check(loaded, job)
    right = worlds.block

    def wrong(*arguments: Any) -> Any:
        e = right(*arguments)
        return replace(e, counts=e.counts + 1)

    monkeypatch.setattr(worlds, "block", wrong)
    with pytest.raises(worlds.Differs, match="report"):
        worlds.check(loaded, job)


# ---- the graph and the tape ------------------------------------------------------------------


def test_equal_formulas_are_one_node_and_zero_keeps_its_sign() -> None:
    g = Graph()
    a, b = g.slot(0), g.slot(1)
    assert g.add(a, b) == g.add(a, b)
    assert g.const(0.0) != g.const(-0.0)
    assert g.value(g.op("exp", g.const(1.0))) == MEANING["exp"](1.0)
    assert g.mul(a, g.const(1.0)) == a
    assert g.value(g.op("and", a, g.const(0.0))) == 0.0


def test_other_nodes_in_the_place_of_some() -> None:
    g = Graph()
    a, b, c = g.slot(0), g.slot(1), g.slot(2)
    root, kept = g.mul(g.add(a, b), g.add(b, c)), g.add(b, c)
    assert g.over([root, kept, a], {a: c}) == [g.mul(g.add(c, b), kept), kept, c]
    assert g.over([root], {a: b, b: a}) == [g.mul(g.add(b, a), g.add(a, c))]  # at once
    assert g.value(g.over([root], {x: g.const(2.0) for x in (a, b, c)})[0]) == 16.0


def test_neighbours_that_all_worlds_run_on_the_same_days_are_one() -> None:
    g = Graph()
    a, b, one = g.slot(0), g.slot(1), g.const(1.0)
    first = Section("first", ((0, g.add(a, one)), (1, b)))
    second = Section("second", ((2, g.mul(a, b)), (1, g.add(b, one))))  # reads what was written
    assert joined(g, [first, second]) == [
        Section(
            "first; second",
            ((0, g.add(a, one)), (1, g.add(b, one)), (2, g.mul(g.add(a, one), b))),
        )
    ]
    for apart in (replace(second, slot=3), replace(second, days=(4,))):
        assert joined(g, [first, apart]) == [first, apart]
        assert joined(g, [apart, first]) == [apart, first]
    gated = replace(first, slot=3)
    assert joined(g, [gated, replace(second, slot=3)]) == [gated, replace(second, slot=3)]


def test_a_tape_comes_back_from_its_file(tmp_path: Path) -> None:
    made = tape(program(plan(load("tutorial").crisis)))
    np.savez(tmp_path / "t.npz", **made.arrays())  # type: ignore[arg-type]
    with np.load(tmp_path / "t.npz") as arrays:
        again = Tape.of_arrays(dict(arrays))
    assert again.layout == made.layout
    assert type(again.layout) is MemoryLayout  # the machine is compiled for its names
    assert all(np.array_equal(x, again.arrays()[name]) for name, x in made.arrays().items())


def every_instruction() -> tuple[Graph, list[Node], worlds.Loaded, RunSpec]:
    """Each operation on registers and constants, and the fused ones, over odd numbers too: a
    world's unknowns are the values of the nodes."""
    g = Graph()
    ids = iter(range(10_000))
    odd = [0.0, 1.0, -1.0, 0.5, 3.0]
    dice = [g.uniform(k) for k in range(1, 4)]
    # In (-4, 4), in (0, 1), whole numbers with ties, and 0 or 1.
    wide = [g.sub(g.mul(g.const(8.0), u), g.const(4.0)) for u in dice]
    whole = [g.op("nearest", x) for x in wide]
    truth = [g.op("lt", x, g.const(0.0)) for x in wide]
    nodes = []
    for a, b in ((wide[0], wide[1]), (whole[0], whole[1]), (whole[2], wide[2])):
        for name in BINARY:
            if name in ("and", "or"):
                nodes.append(g.op(name, truth[0], truth[1]))
                continue
            nodes.append(g.op(name, a, b))
            for k in odd:
                nodes += [g.op(name, a, g.const(k)), g.op(name, g.const(k), b)]
    nodes += [g.op(name, x) for name in UNARY for x in (*wide, *whole, *dice)]
    for x in wide:
        nodes.append(g.clip(x, -1.0, 0.5))
        for a in (whole[0], g.const(2.0)):
            for b in (wide[1], g.const(-0.0)):
                nodes.append(g.select(truth[2], a, b))
        fresh = g.sub(x, g.const(next(ids)))
        nodes.append(g.add(fresh, g.mul(x, whole[1])))
        nodes.append(g.add(fresh, g.mul(whole[2], g.const(0.3 + next(ids)))))
        nodes.append(g.add(fresh, g.sub(x, dice[1])))
        nodes.append(g.add(fresh, g.mul(g.sub(x, dice[2]), whole[0])))
        nodes.append(g.select(truth[1], g.op("exp", g.sub(x, dice[0])), g.const(0.0)))
    outputs = tuple((k, node) for k, node in enumerate(nodes))
    laid = plan(load("tutorial").crisis)
    made = tape(
        Program(
            plan=laid,
            graph=g,
            slots=tuple(str(k) for k, _ in outputs),
            begin=(Section("all", outputs),),
            day=(),
            quantities=(0, 0),
            after=0,
            unknowns=(0, len(nodes)),
            happened=0,
            collided=(),
            daily=(0, 0),
            inputs=(0, 0),
        )
    )
    used = {NAMES[op] for op in made.code[:, 0]}
    assert used == set(NAMES) - {"load", "fill"}, sorted(set(NAMES) - used)
    crisis = replace(laid.crisis, show=(), last=laid.crisis.first)
    blind = replace(
        laid, crisis=crisis, quantities=(), events=(), priors=laid.priors[:1] * len(nodes)
    )
    return g, nodes, worlds.Loaded(blind, made), RunSpec(crisis, (), 5)


@needs_numba
def test_every_instruction_means_what_the_graph_means() -> None:
    g, nodes, loaded, job = every_instruction()
    count = 300
    found = worlds.block(loaded, job, tuple(range(count)))
    for number in range(count):
        key = Dice(5, number)._world
        known: dict[int, float] = {}
        for node in sorted(g.uses(nodes)):
            op, arguments = g.nodes[node]
            if op == "const":
                known[node] = arguments[0]
            elif op == "uniform":
                z = mix((mix(key ^ int(arguments[0])) + _counter(0, 0)) & ((1 << 64) - 1))
                known[node] = ((z >> 12) + 0.5) * 2.0**-52
            else:
                known[node] = MEANING[op](*(known[x] for x in g.parts[node]))
        expected = np.array([known[node] for node in nodes])
        same_number = (expected == found.unknowns[number]) | (
            np.isnan(expected) & np.isnan(found.unknowns[number])
        )
        assert same_number.all(), [
            (g.nodes[nodes[k]][0], expected[k], found.unknowns[number, k])
            for k in np.flatnonzero(~same_number)
        ]


# ---- the cache -------------------------------------------------------------------------------


@needs_numba
def test_a_run_needs_no_second_machine() -> None:
    """`given` says which types the machine is compiled for; other ones would cost 15 s a run."""
    worlds.simulate(job_for("tutorial"), 40)
    assert len(machinery.machine().live.signatures) == 1


@needs_numba
def test_a_damaged_tape_is_written_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machinery.machine()
    monkeypatch.setenv("OFFRAMP_CACHE", str(tmp_path))
    job = job_for("tutorial")
    laid = plan(job.crisis)
    first = worlds.load(laid)
    (kept,) = (tmp_path / "tapes").iterdir()
    right = kept.read_bytes()
    for damage in (b"", right[: len(right) // 2], b"PK" + bytes(100)):
        kept.write_bytes(damage)
        assert np.array_equal(worlds.load(laid).tape.code, first.tape.code)
        assert kept.read_bytes() == right


def in_a_process(cache: str) -> subprocess.CompletedProcess[str]:
    code = (
        "from offramp.engine.blocks import machinery\n"
        "machinery.machine()\n"
        "print(machinery.is_kept())\n"
    )
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=600,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": ":".join(sys.path), "OFFRAMP_CACHE": cache},
    )


@needs_numba
@pytest.mark.slow
def test_an_unwritable_cache_costs_a_compile_and_says_so_once() -> None:
    done = in_a_process("/dev/null/nowhere")
    assert done.returncode == 0
    assert done.stderr.count("cannot be written") == 1


@needs_numba
@pytest.mark.slow
def test_damaged_machine_code_is_rebuilt(tmp_path: Path) -> None:
    machinery.machine()
    kept = machinery.cache_folder() / f"machine-{machinery.key()}"
    shutil.copytree(kept, tmp_path / kept.name)
    copy = tmp_path / kept.name
    code = next(copy.rglob("*.nbc"))
    code.write_bytes(code.read_bytes()[:1000] + b"damage")
    done = in_a_process(str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert done.stdout == "True\n"

"""Worlds on a GPU: on Numba's simulator the bytes of the reference interpreter."""

from __future__ import annotations

import ast
import json
import math
import os
import re
import struct
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import numpy
import pytest
from crises import crises
from hypothesis import HealthCheck, Phase, given, settings

from offramp.answers.forecast import watches
from offramp.case.case import load
from offramp.engine import elementary
from offramp.engine.blocks import gpu, scalar
from offramp.engine.blocks.days import program
from offramp.engine.blocks.worlds import same
from offramp.engine.noise import Dice, site
from offramp.engine.plan import plan
from offramp.engine.run import RunSpec, run_chunk

ROOT = Path(__file__).parents[1]

# Numba looks for the simulator's variable when it is imported: hence a process of its own.
COMPARE = """
import json, sys
from dataclasses import replace
from datetime import timedelta
from offramp.engine.blocks import gpu, worlds
from offramp.engine.monitors import Monitor
from offramp.engine.plan import plan
from offramp.engine.run import RunSpec, run_chunk
from offramp.answers.forecast import watches
from offramp.case.case import load, read_crisis

asked = json.loads(sys.stdin.read())
numbers = range(3, 3 + asked["worlds"])
gpu.BATCH = 1

def watch(function, event, quantity, first, last):
    return Monitor(function=function, event=event, outcome=None, quantity=quantity,
                   first=first, last=last)

def compare(crisis, monitors):
    laid, job = plan(crisis), RunSpec(crisis, monitors, 11)
    if not asked["cases"]:
        told = []
        found = gpu.simulate(job, asked["worlds"], told.append)
        assert told == [1] * asked["worlds"]
        print(worlds.same(run_chunk(laid, job, range(asked["worlds"])), found))
        return
    found = gpu.block(gpu.load(laid), job, tuple(numbers))
    print(worlds.same(run_chunk(laid, job, numbers), found))

for name in asked["cases"]:
    case = load(name)
    compare(case.crisis, watches(case, case.crisis.first)[1])
for text in asked["texts"]:
    crisis = read_crisis(text)[0]
    crisis = replace(crisis, show_until=crisis.first + timedelta(6))  # and lives until day 9
    q = plan(crisis).layout.states["stock_0"]
    compare(crisis, tuple(
        [watch(f, None, q, 2, 9) for f in ("highest", "lowest", "final", "initial", "mean")]
        + [watch(f, e, None, 1, 8) for e in range(3) for f in ("count", "first")]
        + [watch("initial", None, q, 0, 0)]
    ))
"""


def simulated(worlds: int, cases: tuple[str, ...] = (), texts: tuple[str, ...] = ()) -> list[str]:
    """What the simulator's process says of each: `True` where all bytes are the same."""
    pytest.importorskip("numba")
    asked = json.dumps({"worlds": worlds, "cases": cases, "texts": texts})
    ran = subprocess.run(
        [sys.executable, "-c", COMPARE],
        input=asked,
        capture_output=True,
        text=True,
        env={**os.environ, "NUMBA_ENABLE_CUDASIM": "1", "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.split()


def random_texts(count: int) -> tuple[str, ...]:
    """Some random crises, always the same ones; the first and simplest is left out."""
    texts = list[str]()

    @settings(
        max_examples=count + 1,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(crises())
    def gather(text: str) -> None:
        texts.append(text)

    gather()
    return tuple(texts[-count:])


def test_in_the_simulator_worlds_are_those_of_the_reference() -> None:
    assert simulated(2, ("tutorial",), random_texts(3)) == ["True"] * 4


def test_so_are_those_of_a_whole_run_in_parts() -> None:
    assert simulated(3, (), random_texts(1)) == ["True"]


def test_a_device_that_lives_otherwise_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    laid = plan(load("tutorial").crisis)
    job, loaded = RunSpec(laid.crisis, (), 7), gpu.Loaded(laid, program(laid), 0, None)
    days = timedelta(gpu.CHECKED_DAYS - 1)
    short = replace(laid, crisis=replace(laid.crisis, last=laid.crisis.first + days))
    true = run_chunk(short, replace(job, crisis=short.crisis), range(gpu.CHECKED_WORLDS))
    monkeypatch.delenv("NUMBA_ENABLE_CUDASIM", raising=False)
    monkeypatch.setattr(gpu, "block", lambda *_: true)
    gpu.check(loaded, job)
    for field in ("unknowns", "counts"):
        wrong = getattr(true, field).copy()
        wrong[0, 0] += 1
        other = replace(true, **{field: wrong})
        monkeypatch.setattr(gpu, "block", lambda *_, other=other: other)
        with pytest.raises(gpu.Differs):
            gpu.check(loaded, job)


@pytest.mark.slow
def test_so_are_those_of_a_large_case_and_of_many_crises() -> None:
    assert simulated(1, ("us-iran-2020",), random_texts(20)) == ["True"] * 21


def bits(x: float) -> bytes:
    return b"nan" if math.isnan(x) else struct.pack("<d", x)


NUMBERS = (-math.inf, -745.0, -2.5, -1.0, -0.0, 0.0, 1e-310, 0.3, 0.5, 1.0, 2.0, 699.0, math.inf)


@pytest.mark.slow
def test_the_words_of_a_device_mean_what_plain_python_means() -> None:
    """Compiled for this processor, where there is somebody to look."""
    numba = pytest.importorskip("numba")
    compile_it = numba.njit(fastmath=False, error_model="numpy")
    own = gpu.primitives(numba.extending.intrinsic, numba.types, on_device=False)
    floor = compile_it(lambda x: float(math.floor(x)) if abs(x) < 1e15 else x)
    words = gpu.words(compile_it, {**own, "floor": floor})
    for name in ("both", "either", "larger", "smaller", "divided"):
        ours = numba.njit(error_model="numpy")(_calling(words[name], "a, b"))
        for a in NUMBERS:
            for b in (*NUMBERS, math.nan):
                assert bits(ours(a, b)) == bits(getattr(scalar, name)(a, b)), (name, a, b)
    for name in ("negated", "nearest"):
        ours = compile_it(_calling(words[name], "a"))
        for a in NUMBERS[1:-1]:
            assert bits(ours(a)) == bits(getattr(scalar, name)(a)), (name, a)
    for name in ("choose", "clip"):
        ours = compile_it(_calling(words[name], "a, b, c"))
        for a in (*NUMBERS, math.nan):
            assert bits(ours(a, 0.0, 5.0)) == bits(getattr(scalar, name)(a, 0.0, 5.0)), (name, a)
    truth = compile_it(_calling(words["truth"], "a", "a < 1.0"))
    assert [truth(0.5), truth(2.0)] == [1.0, 0.0]
    for f in elementary.FUNCTIONS:
        for a in NUMBERS[1:-1]:
            assert bits(words[f.__name__](a)) == bits(f(a)), (f.__name__, a)
    names = ("world_key", "counter", "uniform")
    key, tick, uniform = (words[n] for n in names)
    roll = compile_it(lambda s, w, k, d: uniform(key(s, w), k, tick(d)))
    for seed, world, day in ((7, 0, 0), (0, 123456, 89), (2**40, 3, 1)):
        for name in ("choose us", "hazard broad_war", "mood a"):
            k, dice = site(name), Dice(seed, world)
            assert roll(seed, world, numpy.uint64(k), day) == dice.uniform(name, day)


class Host(numpy.ndarray):
    """Memory of a device that is there only in name."""

    def copy_to_host(self) -> numpy.ndarray:
        return numpy.array(self)


@pytest.mark.slow
def test_a_device_s_text_compiled_for_this_processor_gives_the_same_bytes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The very functions that a device gets, through Numba's types and LLVM; one thread."""
    numba = pytest.importorskip("numba")
    compile_it = numba.njit(fastmath=False, error_model="numpy")
    own = gpu.primitives(numba.extending.intrinsic, numba.types, on_device=False)
    floor = compile_it(lambda x: numpy.floor(x))
    space = {
        **gpu.words(compile_it, {**own, "floor": floor}),
        "section": compile_it,
        "inline": lambda f: f,
        "kernel": lambda f: f,
    }
    case = load("tutorial")
    laid = plan(case.crisis)
    p = program(laid)
    made = gpu.module(laid, p)
    exec(made.text, space)

    def one_more(bands, i):
        bands[i] += 1

    space["one_more"] = compile_it(one_more)

    class Kernel:
        def __getitem__(self, grid: object) -> Kernel:
            return self

        def __call__(self, S: Host, numbers: Host, *rest: object) -> None:
            rest = tuple(numpy.asarray(x) if isinstance(x, Host) else x for x in rest)
            for i, number in enumerate(numbers):
                space["live"](numpy.uint64(i), numpy.asarray(S), number, *rest)

    memory = SimpleNamespace(
        device_array=lambda shape, kind: numpy.full(shape, 99, kind).view(Host),
        to_device=lambda x: x.view(Host),
    )
    monkeypatch.setattr(gpu, "cuda", lambda: memory)
    job = RunSpec(case.crisis, watches(case, case.crisis.first)[1], 7)
    found = gpu.block(gpu.Loaded(laid, p, made.rows, Kernel()), job, tuple(range(40)))
    assert same(run_chunk(laid, job, range(40)), found)


def _calling(word: object, arguments: str, given: str | None = None) -> object:
    space = {"word": word}
    exec(f"def call({arguments}): return word({given or arguments})", space)
    return space["call"]


def test_no_product_in_the_text_can_be_merged_with_a_sum() -> None:
    """What NVIDIA's compilers merge are `*` and `+`; `product` is an instruction of its own."""
    p = program(plan(load("tutorial").crisis))
    for j, section in enumerate((*p.begin, *p.day)):
        for _, text in gpu.device_functions(p, section, j)[0]:
            assert not any(isinstance(x, ast.Mult) for x in ast.walk(ast.parse(text)))


def test_long_sections_are_cut() -> None:
    laid = plan(load("tutorial").crisis)
    p = program(laid)
    longest = max(
        text.count("\n")
        for j, section in enumerate((*p.begin, *p.day))
        for _, text in gpu.device_functions(p, section, j)[0]
    )
    assert longest < 3 * gpu.PART
    assert gpu.module(laid, p).rows > len(p.slots)


def test_without_a_device_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    job = RunSpec(load("tutorial").crisis, (), 7)
    monkeypatch.delenv("NUMBA_ENABLE_CUDASIM", raising=False)
    monkeypatch.setattr(gpu, "find_spec", lambda name: None)
    with pytest.raises(gpu.NoDevice, match=r"pip install '\.\[gpu\]'"):
        gpu.simulate(job, 10)
    nothing = SimpleNamespace(is_available=lambda: False, cuda_error=lambda: None)
    monkeypatch.setattr(gpu, "find_spec", lambda name: object())
    monkeypatch.setattr(gpu, "import_module", lambda name: nothing)
    with pytest.raises(gpu.NoDevice, match="NVIDIA GPU and its driver"):
        gpu.simulate(job, 10)


def test_the_benchmark_says_so_when_there_is_no_device() -> None:
    pytest.importorskip("numba")
    ran = subprocess.run(
        [sys.executable, str(ROOT / "bench" / "gpu.py"), "tutorial"],
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "NUMBA_ENABLE_CUDASIM": "0",
            "CUDA_VISIBLE_DEVICES": "-1",
        },
    )
    assert ran.returncode == 1
    assert "GPU" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.slow
def test_it_compiles_for_a_device_and_merges_only_exact_products(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """To PTX, which needs NVIDIA's compiler (the extra `gpu`) and no GPU."""
    pytest.importorskip("numba_cuda")
    cuda = pytest.importorskip("numba.cuda")
    chip = SimpleNamespace(compute_capability=(8, 0))
    # The one thing that Numba asks a driver for when it compiles a device function.
    monkeypatch.setattr("numba.cuda.dispatcher.get_current_device", lambda: chip)
    space = {**gpu.device_words(cuda), "kernel": lambda function: function}
    exec(gpu.module(plan(load("tutorial").crisis)).text, space)
    real, whole, count, few = (
        getattr(cuda.types, t) for t in ("float64", "int64", "int64", "int32")
    )

    def array(kind: object, dimensions: int) -> object:
        return cuda.types.Array(kind, dimensions, "C")

    ptx, _ = cuda.compile(
        space["live_all"],
        (
            array(real, 2),
            array(whole, 1),
            whole,
            count,
            array(whole, 1),
            array(real, 2),
            array(whole, 1),
            array(whole, 2),
            array(real, 2),
            array(few, 2),
            array(few, 1),
        ),
        device=False,
        cc=(8, 0),
        abi="numba",
    )
    assert ptx.count("mul.rn.f64") > 100
    assert not re.search(r"\bmul\.f64", ptx)
    # x / 2 becomes x * 0.5, which is exact, and so may be merged.
    halves = re.findall(r"fma\.rn\.f64\s+%\w+, %\w+, (\S+),", ptx)
    assert len(halves) == ptx.count("fma.rn.f64")
    assert set(halves) <= {"0d3FE0000000000000"}

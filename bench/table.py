"""Offramp against the same crisis written by other means: one command, one table.

    python bench/table.py [--quick] [--only NAME]

NAME is a part (check, speed, growth, memory, compile) or a rival (mesa, agentpy, numpy, c). A rival
that does not live the same model gets no speed. See bench/README.md.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import importlib.util
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

os.environ["OMP_NUM_THREADS"] = "1"  # one core means one core, in NumPy too
os.environ["OPENBLAS_NUM_THREADS"] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from bench.offramp_worlds import Tutorial, tutorial, uniforms
from bench.rivals.common import DAYS, Fed, Worlds
from offramp.engine.blocks import machinery

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("check", "speed", "growth", "memory", "compile")
SEED = 7
LIMIT = 4.0  # joint standard errors


@dataclass(frozen=True)
class Rival:
    """A rival: where it lives, worlds to be compared one by one, to be counted, and to be timed."""

    title: str
    module: str
    needs: str
    same: int
    counted: int
    timed: int


RIVALS = {
    "mesa": Rival("Mesa", "mesa_tutorial", "mesa", 200, 4_000, 40),
    "agentpy": Rival("AgentPy", "agentpy_tutorial", "agentpy", 200, 4_000, 40),
    "numpy": Rival("NumPy over 4,096 worlds", "numpy_tutorial", "numpy", 2_000, 200_000, 16_384),
    "c": Rival("C in blocks, double", "c_tutorial", "", 2_000, 400_000, 200_000),
}

Run = Callable[[int, int, Fed | None], Worlds]


def found(name: str) -> Run | None:
    """The rival's `run`, where what it needs is installed."""
    rival = RIVALS[name]
    if rival.needs and importlib.util.find_spec(rival.needs) is None:
        print(f"{rival.title}: not installed, left out (bench/requirements.txt)")
        return None
    module = importlib.import_module(f"bench.rivals.{rival.module}")
    if name == "c" and module.compiler() is None:
        print(f"{rival.title}: no C compiler, left out")
        return None
    run: Run = module.run
    return run


# ---- the same model? ---------------------------------------------------------------------


def check(ours: Tutorial, rivals: dict[str, Run], quick: bool) -> set[str]:
    """Prints both checks; the names of the rivals that pass."""
    shrink = 10 if quick else 1
    print("\nThe same model?")
    passed = exact(ours, rivals, shrink)
    few = 200_000 // shrink if ours.engine.loaded else 400
    began = time.perf_counter()
    own = ours.engine.compiled(few) if ours.engine.loaded else ours.engine.reference(few)
    shares = {"offramp": ours.shares(ours.as_rivals_see(own))}
    worlds = {"offramp": few}
    for name, run in rivals.items():
        worlds[name] = RIVALS[name].counted // shrink
        shares[name] = ours.shares(run(worlds[name], 11, None).atoms)
    print(
        f"\nOwn dice: what the questions ask, and in brackets the distance from Offramp in joint\n"
        f"standard errors; {LIMIT:g} are allowed ({time.perf_counter() - began:.0f} s)"
    )
    print(f"{'':22}" + "".join(f"{name:>16}" for name in shares))
    print(f"{'worlds':22}" + "".join(f"{worlds[name]:>16,}" for name in shares))
    for question, (p, error) in shares["offramp"].items():
        row = f"{question:22}{p:>16.4f}"
        for name in rivals:
            q, other = shares[name][question]
            far = abs(p - q) / max(1e-12, float(np.hypot(error, other)))
            row += f"{f'{q:.4f} ({far:.1f})':>16}"
            if far > LIMIT:
                passed.discard(name)
        print(row)
    return passed


def exact(ours: Tutorial, rivals: dict[str, Run], shrink: int) -> set[str]:
    """World by world on Offramp's own dice: every question's atoms must be the same."""
    most = max((RIVALS[name].same for name in rivals), default=200) // shrink
    most = most if ours.engine.loaded else min(most, 100)
    fed = uniforms(most, SEED)
    own = ours.engine.compiled(most) if ours.engine.loaded else ours.engine.reference(most)
    atoms = ours.as_rivals_see(own)
    passed = set()
    for name, run in rivals.items():
        n = min(most, RIVALS[name].same // shrink)
        differing = int(
            (run(n, 0, {k: v[:, :n] for k, v in fed.items()}).atoms != atoms[:n]).any(axis=1).sum()
        )
        allowed = n // 1000  # a tie broken by the last bit of a sum
        verdict = "the same" if differing <= allowed else "NOT THE SAME: no speed is printed"
        print(
            f"  Offramp's dice, {n:>5} worlds one by one: {differing} differ   "
            f"{RIVALS[name].title}: {verdict}"
        )
        if differing <= allowed:
            passed.add(name)
    return passed


# ---- speed -------------------------------------------------------------------------------


def speed(ours: Tutorial, rivals: dict[str, Run], quick: bool) -> None:
    """Medians of interleaved runs, in CPU time, which other work on the machine disturbs less."""
    shrink, rounds = (4, 3) if quick else (1, 7)
    engine = ours.engine
    ways: dict[str, tuple[int, Callable[[int], object]]] = {}
    for name, run in rivals.items():
        n = max(8, RIVALS[name].timed // shrink)
        ways[RIVALS[name].title] = (n, lambda n, run=run: run(n, 3, None))
    ways["Offramp, reference"] = (max(4, 16 // shrink), engine.reference)
    if engine.loaded:
        n = 16_384 // shrink
        ways["Offramp, compiled"] = (n, engine.compiled)
        ways["Offramp, compiled, 2 threads"] = (2 * n, lambda n: engine.compiled(n, 2))
    for n, way in ways.values():
        way(n)
    taken: dict[str, list[float]] = {title: [] for title in ways}
    walls: dict[str, list[float]] = {title: [] for title in ways}
    gc.disable()
    for _ in range(rounds):
        for title, (n, way) in ways.items():
            wall, began = time.perf_counter(), time.process_time()
            way(n)
            taken[title].append((time.process_time() - began) / n / DAYS * 1e6)
            walls[title].append((time.perf_counter() - wall) / n)
    gc.enable()
    unit = {title: median(times) for title, times in taken.items()}
    bases = [RIVALS[k].title for k in ("mesa", "numpy", "c") if k in rivals]
    heads = [RIVALS[k].title.split()[0] for k in ("mesa", "numpy", "c") if k in rivals]
    print(f"\nSpeed: medians of {rounds} interleaved runs; CPU us a world-day; times as fast as")
    print(f"{'':32}{'us':>10}{'from':>10}{'to':>10}" + "".join(f"{h:>10}" for h in heads))
    for title, value in unit.items():
        times = taken[title]
        row = f"{title:32}{value:>10.3f}{min(times):>10.3f}{max(times):>10.3f}"
        print(row + "".join(f"{_ratio(unit[base] / value):>10}" for base in bases))
    if engine.loaded:
        pairs = zip(
            walls["Offramp, compiled"], walls["Offramp, compiled, 2 threads"], strict=True
        )  # the same minute for both
        gained = median(one / two for one, two in pairs)
        print(f"two threads against one, by the clock: {gained:.2f} x (of {os.cpu_count()} cores)")


def _ratio(x: float) -> str:
    return f"{x:.0f}" if x >= 100 else f"{x:.1f}" if x >= 10 else f"{x:.3g}"


# ---- memory and compiling ----------------------------------------------------------------

_MEMORY = """
import resource, sys
from bench.offramp_worlds import tutorial
made = tutorial().engine
made.forecast({worlds})
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(peak * (1 if sys.platform == "darwin" else 1024))
"""
_COMPILE = """
import time
from bench.offramp_worlds import tutorial
began = time.perf_counter()
tutorial(fast=False)
read = time.perf_counter()
made = tutorial().engine
made.compiled(1)
print(read - began, time.perf_counter() - read)
"""


def _fresh(code: str, cache: str | None = None) -> list[float]:
    """Numbers printed by a fresh interpreter."""
    own = {**os.environ, "PYTHONPATH": str(ROOT)}
    if cache is not None:
        own["OFFRAMP_CACHE"] = cache
    done = subprocess.run(
        [sys.executable, "-c", code], env=own, cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [float(x) for x in done.stdout.split()]


def memory(quick: bool) -> None:
    sizes = (12, 2_000, 8_000) if quick else (12, 4_000, 16_000, 64_000)
    peaks = [_fresh(_MEMORY.format(worlds=n))[0] for n in sizes]
    slope = float(np.polyfit(sizes, peaks, 1)[0])
    shown = "   ".join(f"{n:,}: {p / 2**20:.0f}" for n, p in zip(sizes, peaks, strict=True))
    print(f"\nMemory: peak resident MiB of a forecast's worlds, one fresh process each\n  {shown}")
    print(f"  least squares: {slope:.0f} bytes a further world")


def compiling() -> None:
    with tempfile.TemporaryDirectory() as cache:
        cold = _fresh(_COMPILE, cache)
        warm = _fresh(_COMPILE, cache)
    print("\nCompiling the tutorial case, fresh process, first world included, seconds")
    print(f"  reading the case {cold[0]:.2f}   cold {cold[1]:.1f}   warm {warm[1]:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--quick", action="store_true", help="a minute or two, rough")
    parser.add_argument("--only", choices=(*PARTS, *RIVALS), help="one part, or one rival")
    asked = parser.parse_args()
    parts = (asked.only,) if asked.only in PARTS else PARTS
    if asked.only in RIVALS:
        parts = ("check", "speed")
    kernel = "with" if machinery.available() else "without"
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"NumPy {np.__version__}, {kernel} compiled code"
    )
    if "check" in parts or "speed" in parts:
        names = [asked.only] if asked.only in RIVALS else list(RIVALS)
        rivals = {name: run for name in names if (run := found(name)) is not None}
        ours = tutorial(SEED)
        passed = check(ours, rivals, asked.quick or parts == ("speed",))
        for name in rivals.keys() - passed:
            print(f"{RIVALS[name].title} does not live the same model: no speed for it")
        if "speed" in parts:
            speed(ours, {k: v for k, v in rivals.items() if k in passed}, asked.quick)
    if "growth" in parts:
        from bench.growth import report

        print("\nGrowth of cost on synthetic crises, one core")
        for line in report(machinery.available(), asked.quick):
            print(f"  {line}", flush=True)
    if "memory" in parts and machinery.available():
        memory(asked.quick)
    if "compile" in parts and machinery.available():
        compiling()


if __name__ == "__main__":
    main()

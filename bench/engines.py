"""Microseconds a world-day, on one core: reference interpreter, without its last pruning, compiled.

    python bench/engines.py us-iran-2020

Decisions are compared as well: the three must agree, else there is nothing to time.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace

from offramp.case.case import load
from offramp.engine.blocks import machinery, worlds
from offramp.engine.ensemble import Ensemble
from offramp.engine.plan import plan
from offramp.engine.run import RunSpec, run_chunk

FEW, MANY, ROUNDS = 4, 2048, 3


def main(name: str) -> None:
    crisis = load(name).crisis
    laid, job = plan(crisis), RunSpec(crisis, (), 7)
    everything = tuple(tuple(True for _ in row) for row in laid.sways)
    ways: dict[str, tuple[int, Callable[[int], Ensemble]]] = {
        "reference": (FEW, lambda n: run_chunk(laid, job, range(n))),
        "reference, log-odds never kept": (
            FEW,
            lambda n: run_chunk(replace(laid, sways=everything), job, range(n)),
        ),
    }
    if machinery.available():
        began = time.perf_counter()
        machinery.machine()
        loaded = worlds.load(laid)
        print(f"loading or compiling: {time.perf_counter() - began:.1f} s")
        ways["compiled"] = (
            MANY,
            lambda n: worlds.block(loaded, job, tuple(range(n))),
        )
    first = [run(FEW) for _, run in ways.values()]
    assert all(worlds.same(first[0], other) for other in first[1:])
    times: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(ROUNDS):  # interleaved, so that a slow minute hits all alike
        for way, (n, run) in ways.items():
            began = time.perf_counter()
            run(n)
            times[way].append((time.perf_counter() - began) / n / crisis.days * 1e6)
    base = sorted(times["reference"])[ROUNDS // 2]
    for way, taken in times.items():
        median = sorted(taken)[ROUNDS // 2]
        print(f"{median:9.1f} us a world-day  {base / median:6.2f} x  {way}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "us-iran-2020")

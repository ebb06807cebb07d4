"""Figures at full size: the text slice at foresight 1 and 2, and the US-Iran case.

    python bench/large.py                     # a few minutes
    python bench/large.py --ten-million       # and ten million worlds of the tutorial, on disk

Every engine's first worlds are compared with the interpreter's before anything is timed.
"""

from __future__ import annotations

import datetime as dt
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from offramp.case.case import load, read_crisis
from offramp.engine.blocks import machinery, worlds
from offramp.engine.plan import plan
from offramp.engine.run import Job
from offramp.language.crisis import Crisis

ROOT = Path(__file__).parent.parent
ROUNDS = 5


def world_day(crisis: Crisis, count: int) -> float:
    """Median microseconds of processor time a world-day, on one core."""
    job = Job(crisis, (), 7)
    loaded = worlds.load(plan(crisis))
    worlds.check(loaded, job, 2)
    taken = []
    for _ in range(ROUNDS):
        began = time.process_time()
        worlds.block(loaded, job, tuple(range(count)))
        taken.append((time.process_time() - began) / count / crisis.days * 1e6)
    return sorted(taken)[ROUNDS // 2]


def slices() -> None:
    sys.path.insert(0, str(ROOT / "tests"))
    from slice_case import slice_text

    for foresight in (1, 2):
        for belief in (False, True):
            crisis = read_crisis(slice_text(foresight=foresight, belief=belief))[0]
            us = world_day(crisis, 4096)
            words = "a belief of four types" if belief else "no belief"
            print(
                f"text slice, foresight {foresight}, {words:22s} {us:7.2f} us a world-day, "
                f"{1 / us:5.2f} million a second a core"
            )


def us_iran(count: int = 100_000, days: int = 180) -> None:
    crisis = load("us-iran-2020").crisis
    short = replace(crisis, last=crisis.first + dt.timedelta(days - 1))
    worlds.load(plan(short))
    for threads in (1, 2):
        part = count // 10 if threads == 1 else count
        began = time.perf_counter()
        worlds.simulate(Job(short, (), 7), part, threads)
        seconds = time.perf_counter() - began
        print(
            f"US-Iran, {part:,} worlds x {days} days, {threads} thread(s): {seconds:.1f} s, "
            f"{seconds * threads / part / days * 1e6:.2f} us a world-day a core"
        )


def ten_million() -> None:
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "offramp",
            "run",
            "tutorial",
            "--worlds",
            "10000000",
            "--yes",
            "-o",
            f"{folder}/run",
        ]
        began = time.perf_counter()
        subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
        seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"tutorial, 10,000,000 worlds on disk: {seconds:.0f} s, peak memory {peak:.0f} MiB")


if __name__ == "__main__":
    machinery.machine()
    slices()
    us_iran()
    if "--ten-million" in sys.argv:
        ten_million()

"""Variants of a crisis on one tape, against a tape each: processor seconds, one core.

    python bench/variants.py                       # twelve variants of US-Iran, 256 worlds
    python bench/variants.py --worlds 1024 --numbers 3

Some numbers of the model, drawn with a fixed seed, are turned down and up by half. Worlds are the
same both ways, and are compared byte for byte; an empty folder stands in for the user's cache.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import offramp
from offramp.answers.forecast import watches
from offramp.engine.blocks import machinery
from offramp.engine.blocks.days import program
from offramp.engine.blocks.tape import tape
from offramp.engine.blocks.worlds import Loaded, load_all, same, side_runs
from offramp.engine.ensemble import Ensemble
from offramp.engine.plan import plan
from offramp.engine.run import RunSpec
from offramp.explain.nudge import dial, turned
from offramp.language.crisis import data, elements

DAYS = 120
T = TypeVar("T")


def taken(what: Callable[[], T]) -> tuple[float, T]:
    began = time.process_time()
    found = what()
    return time.process_time() - began, found


def jobs_of(case: offramp.Case, numbers: int) -> list[RunSpec]:
    """A run of each variant: the questions that close within the days."""
    crisis = case.crisis.until(case.crisis.first + dt.timedelta(DAYS - 1))
    every = [
        d
        for name, element in elements(crisis)
        for datum in data(name, element)
        if (d := dial(crisis, datum)) is not None
    ]
    chosen = np.random.default_rng(1).choice(len(every), numbers, replace=False)
    asked = tuple(q for q in case.questions if q.last <= crisis.last and not q.supposes)
    _, monitors = watches(replace(case, questions=asked), crisis.first)
    return [
        RunSpec(turned(crisis, every[k].datum.span, value), monitors, 7)
        for k in chosen
        for value in (every[k].low, every[k].high)
    ]


def alone(job: RunSpec) -> Loaded:
    laid = plan(job.crisis)
    return Loaded(laid, tape(program(laid)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--case", default="us-iran-2020")
    parser.add_argument("--numbers", type=int, default=6)
    parser.add_argument("--worlds", type=int, default=256)
    given = parser.parse_args()
    case = offramp.load(given.case)
    jobs = jobs_of(case, given.numbers)
    machinery.machine()

    def lived(loaded: list[Loaded]) -> list[Ensemble]:
        runs = list(zip(loaded, jobs, strict=True))
        return side_runs(runs, range(given.worlds), threads=1)

    with TemporaryDirectory() as folder:
        kept = os.environ.get("OFFRAMP_CACHE", str(machinery.cache_folder()))
        written, own = taken(lambda: [alone(job) for job in jobs])
        ran, first = taken(lambda: lived(own))
        os.environ["OFFRAMP_CACHE"] = folder
        cold, _ = taken(lambda: load_all([job.crisis for job in jobs]))
        warm, shared = taken(lambda: load_all([job.crisis for job in jobs]))
        os.environ["OFFRAMP_CACHE"] = kept
    together, second = taken(lambda: lived(shared))
    alike = all(same(a, b) for a, b in zip(first, second, strict=True))
    length = [len(x.tape.code) for x in (own[0], shared[0])]
    print(f"{given.case}: {len(jobs)} variants x {given.worlds} worlds x {DAYS} days")
    print(f"a tape each          {written:6.1f} s of tapes {ran:6.1f} s of worlds")
    for name, tapes in (("one tape, written", cold), ("one tape, kept", warm)):
        ratio = (written + ran) / (tapes + together)
        print(f"{name:20} {tapes:6.1f} s          {together:6.1f} s          {ratio:.1f} times")
    print(f"instructions {length[0]:,} and {length[1]:,}; a variant's worlds {together / ran:.2f}")
    print("the same bytes" if alike else "OTHER BYTES")


if __name__ == "__main__":
    main()

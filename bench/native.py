"""Native code of a tape's dearest sections against the tape, in one process, by turns.

    python bench/kernel.py --native
    python bench/kernel.py --native --only tutorial --rounds 20

Processor microseconds a world-day on one core; processor seconds of compiling, and how many of
them a thousand instructions cost. All that is worth it is compiled, as a long run would.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from statistics import median

import numpy as np

from offramp.answers.forecast import watches
from offramp.case.case import load
from offramp.engine.blocks import machinery, tiers, worlds
from offramp.engine.blocks.given import Native
from offramp.engine.blocks.tape import Tape
from offramp.engine.noise import uniforms, world_keys
from offramp.engine.plan import plan
from offramp.engine.run import RunSpec
from offramp.filter.known import schedule
from offramp.filter.simulator import prepare

REPORTED = 49  # days among reports

Lap = Callable[[], bytes]


def free(name: str) -> tuple[Tape, Lap, int]:
    """A tape, a lap over worlds without reports, and its world-days."""
    case = load(name)
    job = RunSpec(case.crisis, watches(case, case.crisis.first)[1], 7)
    loaded = worlds.load(plan(case.crisis))
    count = 16384 if name == "tutorial" else 1024

    def lap() -> bytes:
        e = worlds.block(loaded, job, tuple(range(count)))
        bands = b"".join(e.bands[name].counts.tobytes() for name in sorted(e.bands))
        return e.atoms.tobytes() + e.unknowns.tobytes() + e.counts.tobytes() + bands

    return loaded.tape, lap, count * job.lasts


def among_reports(name: str) -> tuple[Tape, Lap, int]:
    """The same among reports."""
    case, count = load(name), 1024
    laid = plan(case.crisis)
    as_of = case.crisis.first + dt.timedelta(REPORTED - 1)
    f = prepare(laid, schedule(laid, case.history, as_of), 7)

    def lap() -> bytes:
        width, keys = worlds.wide(count), world_keys(7, range(count))
        memory = f.memory(width)
        for die, slot in zip(f.dice, f.given.tolist(), strict=True):
            memory[slot, :count] = uniforms(keys, die)
        kept = worlds.Recorder.nothing(laid, count)
        worlds.advance(f.tape, kept, memory.reshape(-1), width, keys, -1, REPORTED)
        return memory.tobytes() + kept.unknowns.tobytes()

    return f.tape, lap, count * REPORTED


def compared(part: str, rounds: int) -> str:
    """A row: medians, the median ratio of laps that follow each other, its quartiles, and what
    compiling took."""
    name, _, reports = part.partition(" ")
    tape, lap, world_days = among_reports(name) if reports else free(name)
    tier = tiers.Tier(Native.none(len(tape.sections)), off=True)
    vars(tape)["tier"] = tier
    lap()
    plain, wanted = tier.native, tiers.dear(tape, tier.native)
    began, machine = time.process_time(), tiers.target()
    kept = tiers.Kept({j: tiers.compiled(tape, j, machine) for j in wanted})
    found, engine = tiers.linked(tape, kept, plain.worlds)
    seconds = time.process_time() - began
    if not tiers.agree(tape, found):
        raise SystemExit(f"{part}: native code differs from the tape")
    tier.engines.append(engine)

    def timed(native: Native) -> tuple[float, bytes]:
        tier.native = native
        began = time.thread_time()
        lived = lap()
        return (time.thread_time() - began) / world_days * 1e6, lived

    timed(found)  # proved here
    laps = [(timed(plain), timed(found)) for _ in range(rounds)]
    ratios = sorted(x[0][0] / x[1][0] for x in laps)
    low, high = ratios[len(ratios) // 4], ratios[-1 - len(ratios) // 4]
    before, now = median(x[0][0] for x in laps), median(x[1][0] for x in laps)
    same = "the same bytes" if len({b for x in laps for _, b in x}) == 1 else "OTHER BYTES"
    compiled = int(np.sum(tape.sections[wanted, 1] - tape.sections[wanted, 0]))
    return (
        f"{part:28s}{before:9.3f}{now:9.3f}{median(ratios):9.2f} ({low:.2f} to {high:.2f})  {same}"
        f"; {seconds:.1f} s for {compiled:,} of {len(tape.code):,} instructions, "
        f"{seconds / compiled * 1000:.2f} a thousand"
    )


def table(parts: tuple[str, ...], rounds: int) -> None:
    machinery.machine()
    print(f"{'us a world-day':28s}{'tape':>9s}{'native':>9s}{'ratio':>9s}", flush=True)
    for part in parts:
        print(compared(part, rounds), flush=True)

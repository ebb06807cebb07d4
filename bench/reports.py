"""What it costs to live reports: a day among reports against a free one, and the filter's moves.

    python bench/reports.py                   # a minute or two
    python bench/reports.py 2020-03-31 2048   # another as-of day, another number of worlds
"""

from __future__ import annotations

import datetime as dt
import sys
import time

import numpy as np

from offramp.engine.blocks.tape import Tape
from offramp.engine.blocks.worlds import Kept, advance, load, wide
from offramp.engine.noise import uniforms, world_keys
from offramp.engine.plan import Plan, plan
from offramp.history.particles import ISLAND, prepare, run_island
from offramp.history.read import history_of
from offramp.history.schedule import schedule
from offramp.language.case import load as read

ROUNDS = 3


def per_world_day(laid: Plan, t: Tape, days: int, given: dict[str, int], count: int) -> float:
    """Median microseconds of processor time, on one core."""
    taken = []
    for _ in range(ROUNDS):
        width, keys = wide(count), world_keys(7, range(count))
        memory = np.zeros((t.slots, width))
        for name, slot in given.items():
            memory[slot, :count] = uniforms(keys, name)
        began = time.process_time()
        advance(t, Kept.nothing(laid, count), memory.reshape(-1), width, keys, -1, days)
        taken.append((time.process_time() - began) / count / days * 1e6)
    return sorted(taken)[ROUNDS // 2]


def main(as_of: dt.date, count: int) -> None:
    case = read("us-iran-2020")
    laid = plan(case.crisis)
    f = prepare(laid, schedule(laid, history_of(case), as_of), 7)
    days = f.schedule.last + 1
    free = per_world_day(laid, load(laid).tape, days, {}, count)
    among = per_world_day(laid, f.tape, days, f.written.given, count)
    print(f"US-Iran, {days} days to {as_of}, {count} worlds, one core")
    print(f"a free day            {free:7.2f} us a world   1.0")
    print(f"a day among reports   {among:7.2f} us a world   {among / free:.1f}")
    began = time.process_time()
    island = run_island(f, 0, count)
    whole = time.process_time() - began
    once = among * count * days / 1e6
    print(f"an island, with moves {whole:7.1f} s              {whole / once:.0f} times one pass")
    print(f"renewed {len(island.renewed)} times, {island.accepted:.0%} of proposals taken")


if __name__ == "__main__":
    day = dt.date.fromisoformat(sys.argv[1]) if len(sys.argv) > 1 else dt.date(2020, 2, 20)
    main(day, int(sys.argv[2]) if len(sys.argv) > 2 else ISLAND)

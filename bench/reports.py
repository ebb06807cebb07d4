"""What it costs to condition on reports: a day among reports against a free one, islands of worlds
over longer and longer records, and how many independent draws a processor second gives; with an
older commit beside it in the same run.

    python bench/reports.py                       # some minutes; the commit before the exact moves
    python bench/reports.py --against main~5      # another commit; '' for none
    python bench/reports.py --islands 16 --days 49 364
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from offramp.case.case import load as read
from offramp.engine.blocks.tape import Tape
from offramp.engine.blocks.worlds import Recorder, advance, load, wide
from offramp.engine.noise import uniforms, world_keys
from offramp.engine.plan import Plan, plan
from offramp.filter.known import schedule
from offramp.filter.particles import ISLAND
from offramp.filter.simulator import prepare

ROOT = Path(__file__).resolve().parents[1]
BEFORE = "5422f37"  # the last commit whose moves were fitted to the worlds that they moved
ROUNDS = 3

# Runs in both commits, so it uses what both have. Islands one after the other, processor seconds.
PROBE = """
import datetime as dt, json, sys, time
from offramp.engine.plan import plan
from offramp.filter.particles import run_island
from offramp.filter.simulator import prepare
from offramp.filter.known import schedule
from offramp.case.case import load
days, islands, size = map(int, sys.argv[1:4])
case = load("us-iran-2020")
as_of = case.crisis.first + dt.timedelta(days - 1)
f = prepare(plan(case.crisis), schedule(plan(case.crisis), case.history, as_of), 1)
run_island(f, 1000, 16)
out = []
for k in range(islands):
    began = time.process_time()
    i = run_island(f, k, size)
    taken = time.process_time() - began
    if i.died is None:
        cloud = i.clouds[f.schedule.last]
        out.append([taken, i.log_evidence[-1], (cloud.weights @ cloud.unknowns).tolist(),
                    (cloud.weights @ cloud.unknowns**2).tolist(), len(i.renewed),
                    getattr(i, "passes", {})])
print(json.dumps(out))
"""


def per_world_day(laid: Plan, t: Tape, days: int, given: dict[str, int], count: int) -> float:
    """Median microseconds of processor time, on one core."""
    taken = []
    for _ in range(ROUNDS):
        width, keys = wide(count), world_keys(7, range(count))
        memory = np.zeros((t.slots, width))
        for name, slot in given.items():
            memory[slot, :count] = uniforms(keys, name)
        began = time.process_time()
        advance(t, Recorder.nothing(laid, count), memory.reshape(-1), width, keys, -1, days)
        taken.append((time.process_time() - began) / count / days * 1e6)
    return sorted(taken)[ROUNDS // 2]


def probe(tree: Path, days: int, islands: int) -> list[list]:
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    command = [sys.executable, "-c", PROBE, str(days), str(islands), str(ISLAND)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=tree)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


def draws_a_second(rows: list[list]) -> tuple[float, float]:
    """Median over unknowns of the independent draws that an island is worth, by the spread of the
    islands' means, and the same per processor second."""
    means, squares = (np.array([r[k] for r in rows]) for k in (2, 3))
    one = squares.mean(axis=0) - means.mean(axis=0) ** 2
    worth = float(np.median((one / means.var(axis=0, ddof=1))[one > 1e-12]))
    return worth, worth / float(np.mean([r[0] for r in rows]))


def exponent(days: list[int], cost: list[float]) -> float:
    """The slope of log cost over log days, from the first to the last."""
    if min(cost[0], cost[-1]) <= 0 or days[0] == days[-1]:
        return math.nan
    return math.log(cost[-1] / cost[0]) / math.log(days[-1] / days[0])


def day_costs(as_of: dt.date) -> None:
    case = read("us-iran-2020")
    laid = plan(case.crisis)
    f = prepare(laid, schedule(laid, case.history, as_of), 7)
    days = f.schedule.last + 1
    free = per_world_day(laid, load(laid).tape, days, {}, ISLAND)
    among = per_world_day(laid, f.tape, days, dict(zip(f.dice, f.given, strict=True)), ISLAND)
    print(f"US-Iran to {as_of}, blocks of {ISLAND} worlds, one core")
    print(f"a free day            {free:7.2f} us a world   1.0")
    print(f"a day among reports   {among:7.2f} us a world   {among / free:.1f}")


def growth(tree: Path, name: str, days: list[int], islands: int) -> None:
    print(f"\n{name}: {islands} islands of {ISLAND} worlds")
    print("days  islands left  processor s  log evidence (sd)  renewed  draws  draws a second")
    cost, kinds = [], dict[str, list[float]]()
    for count in days:
        rows = probe(tree, count, islands)
        logs = np.array([r[1] for r in rows])
        worth, rate = draws_a_second(rows)
        cost.append(float(np.mean([r[0] for r in rows])))
        renewed = float(np.mean([r[4] for r in rows]))
        print(
            f"{count:4d}  {len(rows):12d}  {cost[-1]:11.1f}  {logs.mean():8.2f} "
            f"({logs.std(ddof=1):4.2f})  {renewed:7.1f}  {worth:5.1f}  {rate:6.2f}"
        )
        for kind in {k for r in rows for k in r[5]}:
            own = float(np.mean([r[5].get(kind, 0.0) for r in rows]))
            kinds.setdefault(kind, []).append(own)
    many = len(days) > 1
    if many:
        print(f"seconds grow as days^{exponent(days, cost):.2f}")
    for kind, passes in sorted(kinds.items()):
        shown = ", ".join(f"{p / d:.1f}" for p, d in zip(passes, days, strict=True))
        grows = f", days^{exponent(days, passes):.2f}" if many else ""
        print(f"  simulated {kind}: {shown} whole passes{grows}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--against", default=BEFORE, metavar="COMMIT")
    parser.add_argument("--islands", type=int, default=8)
    parser.add_argument("--days", type=int, nargs="+", default=[49, 364])
    chosen = parser.parse_args()
    day_costs(dt.date(2020, 2, 20))
    growth(ROOT, "this tree", chosen.days, chosen.islands)
    if chosen.against:
        with tempfile.TemporaryDirectory() as folder:
            tree = Path(folder) / "before"
            subprocess.run(["git", "clone", "-q", str(ROOT), str(tree)], check=True)
            subprocess.run(["git", "checkout", "-q", chosen.against], cwd=tree, check=True)
            growth(tree, chosen.against, chosen.days, chosen.islands)


if __name__ == "__main__":
    main()

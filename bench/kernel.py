"""The kernel of this tree against that of another commit: processor microseconds a world-day, one
core, worlds without reports and among them.

    python bench/kernel.py                         # the commit before native sections
    python bench/kernel.py --against 5422f37       # another commit, or a folder with a checkout
    python bench/kernel.py --only tutorial --rounds 20
    python bench/kernel.py --native                # native code against the tape, this tree alone

Each tree is a process of its own, with its own cases; they take turns, so that a busy minute hits
both. A case whose crisis reads otherwise in the other tree is another case, and the last column
says so: its ratio is of the cases as well. Both run their tapes; `--native` is for what is compiled
of them (`bench/native.py`).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import native
from bench.trees import ROOT, tree_of

BEFORE = "1e648b2"  # the last commit with the kernel as it was
PARTS = ("tutorial", "us-iran-2020", "us-iran-2020 among reports")

# Runs in both trees, so it knows the names of both. A line in is a part; a line out what its crisis
# hashes to, what its worlds do, and processor microseconds a world-day of one lap.
PROBE = """
import datetime as dt, functools, hashlib, sys, time
import numpy as np
import offramp
from pathlib import Path
from offramp.engine.blocks import worlds as blocks
from offramp.engine.noise import uniforms, world_keys
from offramp.engine.plan import plan
try:
    from offramp.answers.forecast import watches
    from offramp.case.case import load
    from offramp.engine.run import RunSpec as Job
    from offramp.engine.blocks.worlds import Recorder
    from offramp.filter.known import schedule
    from offramp.filter.simulator import prepare
    history = lambda case: case.history
except ImportError:  # as they were called before 28 November 2026
    from offramp.forecast.answers import watches
    from offramp.language.case import load
    from offramp.engine.run import Job
    from offramp.engine.blocks.worlds import Kept as Recorder
    from offramp.history.particles import prepare
    from offramp.history.read import history_of as history
    from offramp.history.schedule import schedule

@functools.cache
def ready(part):
    name, _, reports = part.partition(" ")
    case = load(name)
    laid = plan(case.crisis)
    if not reports:
        worlds = 16384 if name == "tutorial" else 1024
        job = Job(case.crisis, watches(case, case.crisis.first)[1], 7)
        loaded = blocks.load(laid)
        def lap():
            e = blocks.block(loaded, job, tuple(range(worlds)))
            shown = (e.bands[name].counts for name in sorted(e.bands))
            return e.atoms, e.unknowns, e.counts, *shown
        return lap, worlds * job.crisis.days
    worlds, days = 1024, 49
    as_of = case.crisis.first + dt.timedelta(days - 1)
    f = prepare(laid, schedule(laid, history(case), as_of), 7)
    def lap():
        width, keys = blocks.wide(worlds), world_keys(7, range(worlds))
        memory = np.zeros((f.tape.slots, width))
        given = f.written.given.items() if hasattr(f, "written") else zip(f.dice, f.given)
        for die, slot in given:
            memory[slot, :worlds] = uniforms(keys, die)
        kept = Recorder.nothing(laid, worlds)
        blocks.advance(f.tape, kept, memory.reshape(-1), width, keys, -1, days)
        return memory, kept.unknowns
    return lap, worlds * days

def named(content):
    return hashlib.sha256(content).hexdigest()[:8]

for line in sys.stdin:
    part = line.strip()
    lap, world_days = ready(part)
    crisis = Path(offramp.__file__).parent / "cases" / part.split()[0] / "crisis.yaml"
    began = time.thread_time()
    found = lap()
    taken = time.thread_time() - began
    lived = named(b"".join(x.tobytes() for x in found))
    print(named(crisis.read_bytes()), lived, taken / world_days * 1e6, flush=True)
"""


class Tree:
    """A process with the code of a tree, which runs a lap whenever it is asked to."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROBE],
            env={
                **os.environ,
                "PYTHONPATH": str(folder),
                "OMP_NUM_THREADS": "1",
                "OFFRAMP_NATIVE": "0",
            },
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def lap(self, part: str) -> tuple[str, str, float]:
        """Which crisis it was, which worlds, and microseconds a world-day."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{part}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().split()
        if not answer:
            raise SystemExit("a tree failed; what it said stands above")
        return answer[0], answer[1], float(answer[2])

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def compared(ours: Tree, theirs: Tree, part: str, rounds: int) -> str:
    """A row: medians, the median ratio of laps that follow each other, and its quartiles."""
    for tree in (ours, theirs):  # laid out, compiled, in the caches
        tree.lap(part)
    laps = [(theirs.lap(part), ours.lap(part)) for _ in range(rounds)]
    before, now = median(x[0][2] for x in laps), median(x[1][2] for x in laps)
    ratios = sorted(x[0][2] / x[1][2] for x in laps)
    low, high = ratios[len(ratios) // 4], ratios[-1 - len(ratios) // 4]
    (old, was, _), (new, are, _) = laps[0]
    which = "the same bytes" if was == are else "OTHER BYTES"
    which = which if old == new else f"crisis {old} there, {new} here"
    times = f"{before:9.3f}{now:9.3f}{median(ratios):9.2f} ({low:.2f} to {high:.2f})"
    return f"{part:28s}{times}  {which}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--against", default=BEFORE, metavar="COMMIT")
    parser.add_argument("--only", choices=PARTS, action="append")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--native", action="store_true")
    chosen = parser.parse_args()
    if chosen.native:
        native.table(tuple(chosen.only or PARTS), chosen.rounds)
        return
    with tree_of(chosen.against) as folder:
        ours, theirs = Tree(ROOT), Tree(folder)
        print(
            f"{'us a world-day':28s}{chosen.against[:8]:>9s}{'here':>9s}{'ratio':>9s}", flush=True
        )
        for part in chosen.only or PARTS:
            print(compared(ours, theirs, part, chosen.rounds), flush=True)
        for tree in (ours, theirs):
            tree.close()


if __name__ == "__main__":
    main()

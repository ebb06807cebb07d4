"""How long a person waits: whole commands on the US-Iran case, in fresh processes.

    python bench/waits.py                          # this tree; some ten minutes
    python bench/waits.py --against 5422f37        # beside another commit, or a checkout's folder
    python bench/waits.py --only why,gains

Each tree has a cache of its own, which a first forecast fills (the machine compiled, the case's
tape written). Then the commands run in the order of the table, in turn in both trees: what one
leaves in the cache serves the next, as it does at a desk. Seconds are by the clock, with those of
the processor and the most memory beside; while other work runs, only the processor's mean much.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.trees import ROOT, tree_of

CASE, DAY = "us-iran-2020", "2020-02-20"
WAITS = {
    "forecast": f"forecast {CASE} --worlds 2000",
    "why": f"why {CASE} us_strikes_again --worlds 4096",
    "condition": f"condition {CASE} --as-of {DAY}",
    "condition again": f"condition {CASE} --as-of {DAY}",
    "butfor": f"butfor {CASE} --without us.kill_soleimani --on 2020-01-03 --as-of {DAY}",
    "gains": f"gains {CASE} --as-of {DAY}",
    "policies": f"policies {CASE} --author case --as-of {DAY}",
    "claims": f"claims {CASE}",
    "sensitivity": f"sensitivity {CASE}",
    "brief": f"brief {CASE} -o brief.html --worlds 2000",
    "check": f"check {CASE}",
}


@dataclass(frozen=True)
class Wait:
    """Seconds by the clock and of the processor, and megabytes at most; whether it failed."""

    clock: float
    processor: float
    memory: float
    failed: bool

    def __str__(self) -> str:
        if self.failed:
            return "failed"
        return f"{self.clock:.1f} s ({self.processor:.1f}; {self.memory:.0f} MB)"


def waited(tree: Path, cache: Path, folder: Path, command: str) -> Wait:
    environment = {**os.environ, "PYTHONPATH": str(tree), "OFFRAMP_CACHE": str(cache)}
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.Popen(
        [sys.executable, "-m", "offramp", *command.split()],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(done.pid, 0)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
    # The status is 1 where something is told beside the answer, as unknowns that have not mixed.
    failed = os.waitstatus_to_exitcode(status) not in (0, 1)
    return Wait(time.monotonic() - began, seconds, used.ru_maxrss / 1024, failed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--against", help="a commit, or a folder with a checkout")
    parser.add_argument("--only", help=f"some of: {', '.join(WAITS)}")
    given = parser.parse_args()
    wanted = given.only.split(",") if given.only else list(WAITS)
    if given.against:
        with tree_of(given.against) as other:
            table({"this": ROOT, given.against: other}, wanted)
    else:
        table({"this": ROOT}, wanted)


def table(trees: dict[str, Path], wanted: list[str]) -> None:
    print("seconds by the clock (processor; most memory)\n")
    print(f"{'':18}" + "".join(f"{name:>28}" for name in trees))
    with TemporaryDirectory() as folder:
        caches = {name: Path(folder) / f"cache {k}" for k, name in enumerate(trees)}
        for name, tree in trees.items():
            waited(tree, caches[name], Path(folder), WAITS["forecast"])
        for what in wanted:
            found = [waited(trees[n], caches[n], Path(folder), WAITS[what]) for n in trees]
            ratio = f"{found[-1].processor / found[0].processor:.1f}" if len(found) > 1 else ""
            print(f"{what:18}" + "".join(f"{found[k]!s:>28}" for k in range(len(found))), ratio)


if __name__ == "__main__":
    main()

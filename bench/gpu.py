"""Worlds on a GPU beside worlds on this computer's processor: speed and agreement.

    python bench/gpu.py tutorial --worlds 1000000

The two live the same worlds on the same dice. Agreement is the share of worlds whose atoms are
the same to the last bit, and how far answers are apart in their standard errors.

Exits with 1 where there is no CUDA device. NUMBA_ENABLE_CUDASIM=1 runs a few worlds on Numba's
simulator, which shows that it runs, and nothing of its speed.
"""

from __future__ import annotations

import argparse
import os
import sys
import time

import numpy as np

from offramp.answers.forecast import Watch, outcomes, watches
from offramp.case.case import load
from offramp.engine.blocks import gpu, worlds
from offramp.engine.ensemble import merge
from offramp.engine.plan import plan
from offramp.engine.run import RunSpec, run_chunk

SIMULATED = 4  # worlds in the simulator
ROUNDS = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("case", nargs="?", default="tutorial")
    parser.add_argument("--worlds", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    try:
        cuda = gpu.cuda()
        compare(cuda, asked.case, max(1, asked.worlds), asked.seed)
    except (gpu.NoDevice, gpu.Differs) as error:
        sys.exit(str(error))
    except Exception as error:  # of a driver or its compiler, which a reader cannot step through
        sys.exit(f"the GPU could not run it: {type(error).__name__}: {error}")


def compare(cuda: object, name: str, n: int, seed: int) -> None:
    case = load(name)
    laid = plan(case.crisis)
    watched, monitors = watches(case, case.crisis.first)
    job = RunSpec(case.crisis, monitors, seed)
    if gpu.simulating():
        n = min(n, SIMULATED)
        print("device      Numba's simulator on this processor: no GPU, no speed worth a number")
    else:
        device = cuda.get_current_device()  # type: ignore[attr-defined]
        capability = ".".join(str(x) for x in device.compute_capability)
        label = device.name.decode() if isinstance(device.name, bytes) else device.name
        print(f"device      {label}, compute capability {capability}")
    began = time.perf_counter()
    loaded = gpu.load(laid)
    gpu.block(loaded, job, (0,), 1)
    print(f"compiling   {time.perf_counter() - began:.1f} s, one world-day included")
    gpu.check(loaded, job)
    parts = [tuple(range(a, min(a + gpu.BATCH, n))) for a in range(0, n, gpu.BATCH)]
    taken = []
    for _ in range(1 if gpu.simulating() else ROUNDS):
        began = time.perf_counter()
        found = merge([gpu.block(loaded, job, part) for part in parts])
        taken.append(time.perf_counter() - began)
    ours = sorted(taken)[len(taken) // 2]
    print(f"GPU         {n / ours:,.0f} worlds a second ({n:,} worlds, copies included)")
    began = time.perf_counter()
    if gpu.simulating():
        expected = run_chunk(laid, job, range(n))
        print("processor   left out: the reference interpreter is what the simulator is held to")
    else:
        machine = worlds.load(laid)
        worlds.block(machine, job, (0,))  # compiles, or reads the cache
        began = time.perf_counter()
        expected = worlds.simulate(job, n)
        theirs = time.perf_counter() - began
        cores = os.cpu_count() or 1
        print(f"processor   {n / theirs:,.0f} worlds a second on {cores} threads")
        print(f"ratio       the GPU is {theirs / ours:.1f} times as fast")
    agree(laid, watched, expected.atoms, found.atoms)
    print(f"all bytes   {'the same' if worlds.same(expected, found) else 'not the same'}")


def agree(laid: object, watched: list[Watch], a: np.ndarray, b: np.ndarray) -> None:
    """Prints how many worlds agree, and how far each answer moved."""
    alike = (a.view(np.uint64) == b.view(np.uint64)).all(axis=1).mean() if a.size else 1.0
    print(f"agreement   {alike:.4%} of worlds have the same atoms to the last bit")
    for w in watched:
        first, second = (np.array(outcomes(laid, w, w.question.asks, x), float) for x in (a, b))
        if w.question.given is not None:
            first = first[np.array(outcomes(laid, w, w.question.given, a), bool)]
            second = second[np.array(outcomes(laid, w, w.question.given, b), bool)]
        if not len(first) or not len(second):
            continue
        error = float(first.std()) / np.sqrt(len(first))
        apart = float(second.mean() - first.mean())
        text = f"{apart / error:+.3f} standard errors" if error else f"{apart:+g}"
        print(f"  {w.question.id:20} {first.mean():.4f} {second.mean():.4f}  {text}")


if __name__ == "__main__":
    main()

"""Where the machine's time goes: nanoseconds an instruction, and how often a case needs each.

    python bench/instructions.py us-iran-2020

Each instruction is timed alone, on strips of 128 worlds whose registers are near; the counts are
those of a few worlds over some days, lived on the graph. The sum
is what the instructions alone would take.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from types import ModuleType

import numpy as np

from offramp.case.case import load
from offramp.engine.blocks import machinery
from offramp.engine.blocks.days import program
from offramp.engine.blocks.graph import MEANING, Graph
from offramp.engine.blocks.tape import CODES, FIELDS, NAMES, Tape, tape
from offramp.engine.noise import Dice, _counter, mix
from offramp.engine.plan import plan

WORLDS, DAYS, REPEATS = 24, 30, 2000


def alone(machine: ModuleType, name: str) -> float:
    """Seconds of one instruction for 128 worlds: the best of five rounds."""
    rng = np.random.default_rng(1)
    code = np.zeros((REPEATS, FIELDS), np.int64)
    code[:, 0] = CODES[name]
    code[:, 1] = rng.integers(0, 8, REPEATS)
    code[:, 2:] = rng.integers(8, 24, (REPEATS, 4))
    if name == "store":
        code[:, 1], code[:, 2] = rng.integers(0, 8, REPEATS), rng.integers(8, 24, REPEATS)
    registers = rng.random(32 * machine.STRIP)
    consts, sites = rng.random(32), rng.integers(0, 2**63, 32).astype(np.uint64)
    slots, where = rng.random(32 * 1024), np.arange(1024, dtype=np.uint64)
    keys = rng.integers(0, 2**63, 1024).astype(np.uint64)
    best = float("inf")
    for _ in range(5):
        began = time.perf_counter()
        machine.strip(
            code,
            0,
            REPEATS,
            consts,
            sites,
            slots,
            np.uint64(1024),
            registers,
            True,
            np.uint64(0),
            where,
            np.uint64(128),
            keys,
            np.uint64(5),
            consts,
        )
        best = min(best, time.perf_counter() - began)
    return best / REPEATS


def needed(name: str) -> Counter[str]:
    """How often a world-day needs each instruction, by living a few worlds on the graph."""
    laid = plan(load(name).crisis)
    p = program(laid)
    t: Tape = tape(p)
    per_section = [
        Counter(NAMES[op] for op in t.code[first:last, 0]) for first, last, *_ in t.sections
    ]
    total: Counter[str] = Counter()
    for number in range(WORLDS):
        key, memory = Dice(7, number)._world, [0.0] * len(p.slots)
        for morning in range(-1, DAYS):
            day = max(0, morning)
            for k in range(p.daily[0], sum(p.daily)):
                memory[k] = 0.0
            sections = p.begin if morning < 0 else p.day
            for j, s in enumerate(sections):
                here = s.slot is None or (
                    memory[s.slot] == s.value if s.value else memory[s.slot] != 0.0
                )
                if not here or (s.days and day not in s.days):
                    continue
                if morning >= 0:
                    total += per_section[len(p.begin) + j]
                values = worked_out(p.graph, [n for _, n in s.outputs], memory, day, key)
                for (slot, _), x in zip(s.outputs, values, strict=True):
                    memory[slot] = x
            if morning >= 0:
                first, count = p.quantities
                memory[first : first + count] = memory[p.after : p.after + count]
    return total


def worked_out(
    graph: Graph, nodes: list[int], memory: list[float], day: int, key: int
) -> list[float]:
    """The values of some nodes in one world."""
    known: dict[int, float] = {}
    stack = list(nodes)
    while stack:
        node = stack[-1]
        op, arguments = graph.nodes[node]
        if node in known:
            stack.pop()
            continue
        missing = [x for x in graph.parts[node] if x not in known]
        if missing:
            stack += missing
            continue
        stack.pop()
        if op == "const":
            known[node] = arguments[0]
        elif op == "today":
            known[node] = float(day)
        elif op == "slot":
            known[node] = memory[int(arguments[0])]
        elif op == "uniform":
            z = mix((mix(key ^ arguments[0]) + _counter(day, 0)) & ((1 << 64) - 1))
            known[node] = ((z >> 12) + 0.5) * 2.0**-52
        else:
            known[node] = MEANING[op](*(known[x] for x in arguments))
    return [known[x] for x in nodes]


def main(name: str) -> None:
    counts = needed(name)
    machine = machinery.machine()
    rows = []
    for instruction, n in counts.items():
        each = alone(machine, instruction)
        often = n / WORLDS / DAYS
        rows.append((often * each / 128 * 1e9, often, each / 128 * 1e9, instruction))
    total = sum(row[0] for row in rows)
    often = sum(row[1] for row in rows)
    print(f"{name}: {often:,.0f} instructions a world-day, {total:,.0f} ns")
    print(f"{'instruction':18s}{'a world-day':>12s}{'ns each':>9s}{'share':>8s}")
    for ns, n, each, instruction in sorted(rows, reverse=True)[:16]:
        print(f"{instruction:18s}{n:12.1f}{each:9.2f}{ns / total:8.0%}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "us-iran-2020")

"""Many games at once: world-days a second on one core, with two actors played and with all.

    python bench/games.py                          # tutorial and us-iran-2020
    python bench/games.py --only tutorial --games 1 64 1024
    python -m cProfile -s tottime bench/games.py --only tutorial --games 1

Seats choose at random among what the morning's mask allows; the time of that is not counted, that
of both halves of a day is. Beside it the same number of free worlds by the ordinary tape, which
shows nobody its mornings, and a few worlds by the reference interpreter. Laps take turns; processor
seconds, medians and the range. Before anything is timed, games without choices must have the events
of the interpreter's worlds. Tapes alone: native code is turned off.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from statistics import median

os.environ["OFFRAMP_NATIVE"] = "0"
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from numpy.typing import NDArray

from offramp.case.case import load
from offramp.engine.blocks import worlds
from offramp.engine.blocks.games import MODEL, Games, Morning
from offramp.engine.noise import world_keys
from offramp.engine.plan import Plan, plan
from offramp.engine.world import World, create, live

TWO = {"tutorial": ("vessara", "kelmark"), "us-iran-2020": ("us", "iran")}
SEED, FEW = 7, 2  # worlds of the interpreter


def by_the_mask(seen: Morning, dice: np.random.Generator) -> NDArray[np.int64]:
    """One of what may be chosen, each as likely."""
    return (dice.random(seen.mask.shape) * seen.mask).argmax(axis=2)


def played(many: Games, count: int, days: int) -> tuple[float, float]:
    """Processor seconds of the mornings and of the rest of the days."""
    dice = np.random.default_rng(SEED)
    many.begin(SEED, range(count))
    mornings = rest = 0.0
    for _ in range(days):
        began = time.thread_time()
        seen = many.morning()
        mornings += time.thread_time() - began
        choices = by_the_mask(seen, dice)
        began = time.thread_time()
        many.day(choices)
        rest += time.thread_time() - began
    return mornings, rest


def free(loaded: worlds.Loaded, count: int, days: int) -> float:
    """Processor seconds of free worlds."""
    keys, seconds = world_keys(SEED, range(count)), 0.0
    for start in range(0, count, worlds.BLOCK):
        own = keys[start : start + worlds.BLOCK]
        kept, width = worlds.Recorder.nothing(loaded.plan, len(own)), worlds.wide(len(own))
        memory = loaded.memory(width).reshape(-1)
        began = time.thread_time()
        worlds.advance(loaded.tape, kept, memory, width, own, -1, days)
        seconds += time.thread_time() - began
    return seconds


def interpreted(laid: Plan, days: int) -> tuple[float, list[World]]:
    """Processor seconds of a few worlds by the reference interpreter, and those worlds."""
    began = time.thread_time()
    out = [create(laid, SEED, number) for number in range(FEW)]
    for world in out:
        for _ in live(world, days):
            pass
    return time.thread_time() - began, out


def same(many: Games, lived: list[World], days: int) -> bool:
    """Whether games without choices have the events of these worlds."""
    many.begin(SEED, range(len(lived)))
    for day in range(days):
        left = many.day(np.full((len(lived), len(many.agendas)), MODEL))
        for row, world in enumerate(lived):
            events = sorted(h.event for h in world.log if h.day == day)
            if np.flatnonzero(left.happened[row]).tolist() != events:
                return False
    return True


def row(label: str, seconds: list[float], world_days: int, slow: float) -> str:
    """Microseconds a world-day, world-days a second with the range, and times the interpreter."""
    each = sorted(x / world_days for x in seconds)
    middle = median(each)
    rate = f"{1 / middle:11,.0f} ({1 / each[-1]:,.0f} to {1 / each[0]:,.0f})"
    return f"{label:44s}{middle * 1e6:10.2f}  {rate:38s}{slow / middle:8,.0f}"


def table(name: str, counts: list[int], days: int, rounds: int) -> None:
    laid = plan(load(name).crisis)
    every = tuple(m.actor.name for m in laid.minds if any(a.moves for a in m.agendas))
    loaded, lived = worlds.load(laid), interpreted(laid, days)[1]
    tables = {
        f"{len(seats)} seats": Games(laid, seats, SEED, range(1)) for seats in (TWO[name], every)
    }
    for many in tables.values():
        if not same(many, lived, days):
            raise SystemExit(f"{name}: games without choices are not the interpreter's worlds")
    paces = [interpreted(laid, days)[0] for _ in range(rounds)]
    slow = median(paces) / (FEW * days)
    print(row(f"{name}, interpreter", paces, FEW * days, slow), flush=True)
    for count in counts:
        laps: dict[str, list[tuple[float, float]]] = {label: [] for label in tables}
        alone = list[float]()
        for _ in range(rounds + 1):
            alone.append(free(loaded, count, days))
            for label, many in tables.items():
                laps[label].append(played(many, count, days))
        print(row(f"{name}, {count} free worlds", alone[1:], count * days, slow), flush=True)
        for label, found in laps.items():
            mornings = sum(m for m, _ in found[1:]) / sum(m + r for m, r in found[1:])
            title = f"{name}, {count} games, {label}, {mornings:.0%} morning"
            print(row(title, [m + r for m, r in found[1:]], count * days, slow), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--only", choices=sorted(TWO), action="append")
    parser.add_argument("--games", type=int, nargs="+", default=[1, 64, 4096])
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    print(f"{'':44s}{'us a day':>10s}  {'world-days a second (range)':38s}{'times':>8s}")
    for name in chosen.only or TWO:
        table(name, chosen.games, chosen.days, chosen.rounds)


if __name__ == "__main__":
    main()

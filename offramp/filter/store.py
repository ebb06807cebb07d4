"""Worlds among reports that are kept: what one command has simulated, the next one reads.

An island's worlds follow from the model, the reports that are used, the seed, and the island's own
number and size; not from how many others there are, nor from the days on which somebody looks at
its cloud (`particles.py`). So each island is a file by itself, under a hash of all that it follows
from: studies that ask for more islands, or for other days, add what is not there, and a run that
was broken off goes on after its last whole island (docs/decisions/31). And where an earlier day
counts as one as of which the worlds are used, the days up to it are those of the filter that ended
there: an island goes on from such an evening, if it is kept, and comes out the same.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from offramp.engine.blocks import cache, machinery
from offramp.engine.blocks.cache import Arrays
from offramp.engine.blocks.tape import Tape
from offramp.engine.plan import Plan
from offramp.engine.run import Progress
from offramp.engine.schedule import Schedule
from offramp.filter import simulator
from offramp.filter.particles import run_island
from offramp.filter.posterior import Posterior, filtered
from offramp.filter.simulator import Evening, Filter, Island, Particles, Places, Written
from offramp.language.crisis import Crisis
from offramp.language.identity import canonical, dynamics
from offramp.text import plain_json

ROOMS = ("language", "engine", "filter")  # whose code makes an island what it is
PARTS = ("weights", "log_likelihood", "quantiles", "keys", "unknowns")  # of a cloud
OF_WORLDS = ("log_weights", "reported", "names", "origins")  # of an evening
BREATH = "breath"


def prepare(plan: Plan, schedule: Schedule, seed: int) -> Filter:
    """As `simulator.prepare`; the tape of the days is read from the cache, or kept in it."""
    return simulator.prepare(plan, schedule, seed, written)


def written(plan: Plan, schedule: Schedule) -> Written:
    """The days of a schedule as they are written, from the cache or kept in it."""
    more = [list(plan.crisis.readings), canonical(plan.inputs)]
    name = key(plan.crisis, schedule, more)[:32]
    path = cache.folder() / "tapes" / f"{name}.tape"
    found = cache.read(path, _written_of)
    if found is None:
        found = simulator.written(plan, schedule)
        slots = {"given": found.given, "dates": found.dates, "log_weight": found.log_weight}
        cache.write(path, found.tape.arrays() | slots | {"dice": np.array(found.dice, str)})
    return found


def _written_of(arrays: Arrays) -> Written:
    return Written(
        tape=Tape.of_arrays(arrays),
        dice=tuple(arrays["dice"].tolist()),
        given=arrays["given"],
        dates=arrays["dates"],
        log_weight=int(arrays["log_weight"]),
    )


def posterior(
    f: Filter,
    islands: int,
    size: int,
    snapshots: Iterable[int] = (),
    threads: int | None = None,
    progress: Progress | None = None,
) -> Posterior:
    """As `filtered`, byte for byte: islands that are kept are read, others simulated and kept.

    Raises Impossible, and Mistake where OFFRAMP_POSTERIORS is no number.
    """
    if cache.most() == 0.0:
        return filtered(f, islands, size, snapshots, threads, progress)
    island = functools.partial(kept, key(f.plan.crisis, f.schedule, f.seed))
    try:
        return filtered(f, islands, size, snapshots, threads, progress, island)
    finally:
        cache.sweep()


def kept(
    base: str,
    f: Filter,
    number: int,
    size: int,
    snapshots: frozenset[int] = frozenset(),
    stop: Places | None = None,
    progress: Callable[[int], None] | None = None,
) -> Island:
    """As `run_island`, from the cache where it holds all the clouds that are wanted. `base` is the
    `key` of the filter."""
    path = place(base, number, size)
    found = cache.read(path, island_of)
    wanted = frozenset(d for d in snapshots if d < f.schedule.last) | {f.schedule.last}
    if found is None or not _has(found, wanted):
        days = wanted.union(found.clouds if found else ())
        earlier = evening_before(f, number, size, days)
        found = run_island(f, number, size, days, stop, progress, True, earlier)
        cache.write(path, arrays_of(found))
    elif progress:
        progress(len(found.log_evidence))
    return replace(found, clouds={d: c for d, c in found.clouds.items() if d in wanted})


def evening_before(f: Filter, number: int, size: int, days: frozenset[int]) -> Island | None:
    """The same island on the latest evening that is kept of a day as of which worlds are used, all
    `days` being after it; None where there is none. Silence that counts once an episode is felt
    before the episode ends, so there is none then."""
    stops = () if f.schedule.per_episode else f.schedule.stops
    for day in sorted((s for s in stops if s < min(days)), reverse=True):
        base = key(f.plan.crisis, f.schedule.until(day), f.seed)
        found = cache.read(place(base, number, size), island_of)
        if found is not None and found.evening is not None:
            return found
    return None


def _has(island: Island, days: frozenset[int]) -> bool:
    """Whether it has the clouds of these days, as far as it lived."""
    return all(d in island.clouds or (island.died is not None and d >= island.died) for d in days)


# ---- under which name ------------------------------------------------------------------------


def place(base: str, number: int, size: int) -> Path:
    """The file of an island."""
    name = hashlib.sha256(f"{base} {number} {size}".encode()).hexdigest()[:32]
    return cache.folder() / "islands" / f"{name}.island"


def key(crisis: Crisis, known: Schedule, more: object) -> str:
    """A hash of what worlds among reports follow from: the model as far as they depend on it, the
    reports that are used, the code, the machine that adds and rounds, and `more`, the seed say."""
    made_by = [machinery.key(), np.__version__, _sources()]
    text = plain_json.text([made_by, dynamics(crisis), repr(known), more], ordered=True)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


@functools.lru_cache(maxsize=1)
def _sources() -> str:
    """A hash of the code from the language to the filter."""
    package, digest = Path(__file__).parent.parent, hashlib.sha256()
    for path in sorted(p for room in ROOMS for p in (package / room).rglob("*.py")):
        digest.update(f"{path.relative_to(package)}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


# ---- as arrays -------------------------------------------------------------------------------


def arrays_of(island: Island) -> Arrays:
    """Everything as arrays, for a file."""
    clouds = {str(day): cloud for day, cloud in island.clouds.items()}
    if island.last_breath is not None:
        clouds[BREATH] = island.last_breath
    told: dict[str, Any] = {
        "number": island.number,
        "renewed": island.renewed,
        "accepted": island.accepted,
        "passes": island.passes,
        "died": island.died,
        "clouds": {name: {"day": c.day, "starts": c.starts} for name, c in clouds.items()},
    }
    evening = island.evening
    if evening is not None:
        told["evening"] = {
            "evidence": evening.evidence,
            "world_days": evening.world_days,
            "mover": evening.mover,
        }
    out: dict[str, Any] = {
        "told": np.frombuffer(plain_json.text(told).encode("utf-8"), np.uint8),
        "log_evidence": np.array(island.log_evidence),
        "means": island.means,
        "squares": island.squares,
        "log_likelihood": island.log_likelihood,
    }
    if evening is not None:
        out |= {f"evening {part}": getattr(evening, part) for part in OF_WORLDS}
    for name, cloud in clouds.items():
        out[f"{name} log_evidence"] = np.array(cloud.log_evidence)
        out |= {f"{name} {part}": getattr(cloud, part) for part in PARTS}
    return out


def island_of(arrays: Arrays) -> Island:
    """The island that `arrays_of` gave. Raises KeyError if something is missing."""
    told = plain_json.parsed(arrays["told"].tobytes())
    clouds = {
        name: Particles(
            day=cloud["day"],
            log_evidence=float(arrays[f"{name} log_evidence"]),
            starts=tuple(cloud["starts"]),
            **{part: arrays[f"{name} {part}"] for part in PARTS},
        )
        for name, cloud in told["clouds"].items()
    }
    breath, evening = clouds.pop(BREATH, None), told.get("evening")
    if evening is not None:
        evening = Evening(**evening, **{part: arrays[f"evening {part}"] for part in OF_WORLDS})
    return Island(
        number=told["number"],
        log_evidence=tuple(arrays["log_evidence"].tolist()),
        means=arrays["means"],
        squares=arrays["squares"],
        log_likelihood=arrays["log_likelihood"],
        renewed=tuple(told["renewed"]),
        accepted=told["accepted"],
        passes=told["passes"],
        clouds={int(day): cloud for day, cloud in clouds.items()},
        died=told["died"],
        last_breath=breath,
        evening=evening,
    )

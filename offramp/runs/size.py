"""How long, how much memory and how much disk a run will take, from a few of its worlds."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from offramp.runs.manifest import Manifest
from offramp.runs.results import piece

HOUR = 3600.0
GIGABYTE = 1e9
MUCH_DISK = 20 * GIGABYTE
LONG_CHUNK = 1.0  # seconds a chunk: its file costs a thousandth of it, and Ctrl-C loses no more
LARGE_CHUNK = 16e6  # bytes a chunk at most, since each core has a few in memory
SLACK = 2  # chunks in hand for each core: one that is simulated, one that waits


@dataclass(frozen=True)
class Estimate:
    """What is left to do: worlds, seconds, bytes of memory in this process, bytes of disk at
    most, and the bytes of disk that are free."""

    worlds: int
    seconds: float
    memory: float
    disk: float
    free: float

    @property
    def doubts(self) -> list[str]:
        """Why one would ask before beginning."""
        out = []
        if self.seconds > HOUR:
            out.append("longer than an hour")
        if self.disk > self.free:
            out.append("more than the free disk")
        elif self.disk > MUCH_DISK:
            out.append("more than 20 GB of disk")
        return out

    def __str__(self) -> str:
        return (
            f"{self.worlds:,} more worlds: about {duration(self.seconds)}, "
            f"{amount(self.memory)} of memory, at most {amount(self.disk)} of disk while it runs "
            f"({amount(self.free)} free)"
        )


def estimate(
    manifest: Manifest, worlds: int, seconds: float, cores: int, chunk: int, folder: Path
) -> Estimate:
    """For so many more worlds, at `seconds` a world on each of so many cores."""
    bands = len(manifest.quantities) * manifest.days * manifest.bins
    wide = manifest.row + 7 * len(manifest.events)  # counts are eight bytes while they run
    in_hand = (SLACK * cores + 1) * (chunk * wide + 8 * bands) + 4 * piece(manifest) * manifest.row
    chunks_and_results = 2 * worlds * manifest.row + worlds / chunk * 2 * bands + 8 * worlds
    return Estimate(
        worlds,
        worlds * seconds / cores,
        resident() + in_hand,
        chunks_and_results,
        shutil.disk_usage(folder).free,
    )


def chunk_size(manifest: Manifest, seconds: float) -> int:
    """How many worlds make a chunk: a power of two that takes about a second."""
    wide = manifest.row + 7 * len(manifest.events)
    most = max(4.0, min(LONG_CHUNK / max(seconds, 1e-9), LARGE_CHUNK / max(wide, 1)))
    return 1 << int(most).bit_length() - 1


def resident() -> float:
    """The most memory that this process has had so far, in bytes; 0 where it is not told."""
    if sys.platform == "win32":
        return 0.0
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(most if sys.platform == "darwin" else most * 1024)


def duration(seconds: float) -> str:
    for size, name in (
        (365.25 * 86400, "years"),
        (86400, "days"),
        (3600, "hours"),
        (60, "minutes"),
    ):
        if seconds >= 2 * size:
            return f"{seconds / size:,.0f} {name}"
    return f"{max(1.0, seconds):.0f} s"


def amount(size: float) -> str:
    for unit, name in ((1e12, "TB"), (1e9, "GB")):
        if size >= unit:
            return f"{size / unit:,.1f} {name}"
    return f"{size / 1e6:.0f} MB"

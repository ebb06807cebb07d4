"""Chunks: while a run lives, one file for some consecutive worlds, whole or not there at all.

The name says which worlds (`chunks/000000000012-000000001036.npz` holds worlds 12 to 1035), so the
folder alone tells what is missing, and a run may go on with chunks of another size.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offramp.engine.by_value import ByValue
from offramp.engine.ensemble import Ensemble, Logged, Story
from offramp.runs.manifest import Manifest, Refused
from offramp.text import plain_json
from offramp.text.files import write_whole

NAME = re.compile(r"(\d{12,})-(\d{12,})\.npz")


@dataclass(frozen=True, eq=False)
class Sums(ByValue):
    """What is added over worlds: bands (quantities, days, bins), the highest of all counts, how
    often quantities collided, and the stories of worlds 0 to 11."""

    bands: NDArray[np.int64]
    most: int
    collisions: dict[str, int]
    stories: tuple[Story, ...]

    def __add__(self, other: Sums) -> Sums:
        names = sorted({*self.collisions, *other.collisions})
        return Sums(
            self.bands + other.bands,
            max(self.most, other.most),
            {n: self.collisions.get(n, 0) + other.collisions.get(n, 0) for n in names},
            tuple(sorted(self.stories + other.stories, key=lambda s: s.world)),
        )


def nothing(manifest: Manifest) -> Sums:
    shape = (len(manifest.quantities), manifest.days, manifest.bins)
    return Sums(np.zeros(shape, np.int64), 0, {}, ())


@dataclass(frozen=True, eq=False)
class Rows(ByValue):
    """Consecutive worlds, a row each: atoms and unknowns float64, counts unsigned integers."""

    atoms: NDArray[np.float64]
    unknowns: NDArray[np.float64]
    counts: NDArray[Any]

    def __len__(self) -> int:
        return len(self.atoms)

    def __getitem__(self, part: slice) -> Rows:
        return Rows(self.atoms[part], self.unknowns[part], self.counts[part])


def joined(rows: list[Rows]) -> Rows:
    return Rows(
        np.concatenate([r.atoms for r in rows]),
        np.concatenate([r.unknowns for r in rows]),
        np.concatenate([r.counts for r in rows]),
    )


def done(folder: Path) -> list[range]:
    """The worlds at hand, as ranges in order."""
    names = (NAME.fullmatch(p.name) for p in (folder / "chunks").glob("*.npz"))
    return sorted((range(int(n[1]), int(n[2])) for n in names if n), key=lambda r: r.start)


def missing(wanted: range, at_hand: list[range]) -> list[range]:
    """The gaps."""
    out, at = [], wanted.start
    for r in [*at_hand, range(wanted.stop, wanted.stop)]:
        if r.start > at:
            out.append(range(at, r.start))
        at = max(at, r.stop)
    return out


def cut(gaps: list[range], size: int) -> Iterator[range]:
    """Pieces of at most `size` worlds."""
    for gap in gaps:
        for start in range(gap.start, gap.stop, size):
            yield range(start, min(start + size, gap.stop))


def path_of(folder: Path, worlds: range) -> Path:
    return folder / "chunks" / f"{worlds.start:012d}-{worlds.stop:012d}.npz"


def save(folder: Path, ensemble: Ensemble) -> None:
    """Writes a chunk; raises OSError and leaves nothing behind."""
    worlds = range(ensemble.numbers[0], ensemble.numbers[-1] + 1)
    most = int(ensemble.counts.max(initial=0))
    told = {
        "most": most,
        "collisions": dict(ensemble.collisions),
        "stories": [asdict(s) for s in ensemble.stories],
    }
    buffer = io.BytesIO()
    np.savez(
        buffer,
        atoms=ensemble.atoms,
        unknowns=ensemble.unknowns,
        counts=ensemble.counts.astype(np.min_scalar_type(most)),
        bands=stacked(ensemble).astype(np.min_scalar_type(len(worlds))),
        told=np.frombuffer(plain_json.text(told).encode("utf-8"), np.uint8),
    )
    write_whole(path_of(folder, worlds), buffer.getvalue())


def stacked(ensemble: Ensemble) -> NDArray[np.int64]:
    """All bands as one array (quantities, days, bins), filled up with zeros."""
    counts = [b.counts for b in ensemble.bands.values()]
    width = max((c.shape[1] for c in counts), default=1)
    out = np.zeros((len(counts), ensemble.days, width), np.int64)
    for k, c in enumerate(counts):
        out[k, :, : c.shape[1]] = c
    return out


def sums(folder: Path, worlds: range) -> Sums:
    with _opened(folder, worlds) as chunk:
        told = plain_json.parsed(chunk["told"].tobytes())
        stories = tuple(story_of(s) for s in told["stories"])
        return Sums(chunk["bands"].astype(np.int64), told["most"], told["collisions"], stories)


def rows(folder: Path, worlds: range) -> Rows:
    with _opened(folder, worlds) as chunk:
        return Rows(chunk["atoms"], chunk["unknowns"], chunk["counts"])


@contextmanager
def _opened(folder: Path, worlds: range) -> Iterator[Any]:
    """A chunk's arrays. One that a crash of the machine left damaged is removed, to be redone."""
    path = path_of(folder, worlds)
    try:
        with np.load(path, allow_pickle=False) as chunk:
            yield chunk
    except (ValueError, KeyError, EOFError, zipfile.BadZipFile):
        path.unlink(missing_ok=True)
        raise Refused(
            f"'{path}' was damaged, and is removed: the same command simulates its worlds again"
        ) from None


def story_of(s: dict[str, Any]) -> Story:
    log = tuple(Logged(**entry) for entry in s["log"])
    return Story(s["world"], log, {k: tuple(v) for k, v in s["series"].items()})

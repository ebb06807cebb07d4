"""The results of a run: one zarr group, written in a stream and read in one line.

The bytes depend on the manifest alone: not on chunks, threads, shards or interruptions. Format 2
of zarr, since format 3 has no settled type for labels; no fill value, since readers take it for
"missing", and a count of 0 is not missing.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from offramp.engine.ensemble import Band, Ensemble
from offramp.runs import manifest as manifests
from offramp.runs.chunks import Rows, Sums, joined, story_of
from offramp.runs.manifest import Manifest, Refused
from offramp.text import plain_json
from offramp.text.files import read_regular, replacing, write_whole

if TYPE_CHECKING:
    import xarray

ROWS = 1 << 14  # worlds in a piece of an array: a megabyte or ten
NUMBERS = 1 << 20  # the same for the worlds' numbers, which xarray reads when it opens a run


def path_of(folder: Path) -> Path:
    return folder / "results.zarr"


def finished(folder: Path) -> bool:
    return path_of(folder).is_dir()


def write(folder: Path, manifest: Manifest, sums: Sums, blocks: Iterable[Rows]) -> None:
    """Writes the results of the manifest's worlds, given in order; whole or not at all.

    Holds a few blocks in memory and never all rows. Raises OSError.
    """
    beside = folder / ".results.zarr"
    shutil.rmtree(beside, ignore_errors=True)
    try:
        _arrays(beside, manifest, sums, blocks)
        told = {
            "collisions": dict(sorted(sums.collisions.items())),
            "stories": [asdict(s) for s in sums.stories],
        }
        text = plain_json.text(told, indent=1)
        write_whole(folder / "stories.json", text.encode("utf-8"))
        os.replace(beside, path_of(folder))
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise


def _arrays(path: Path, manifest: Manifest, sums: Sums, blocks: Iterable[Rows]) -> None:
    import zarr
    from numcodecs import Zstd

    group = zarr.open_group(path, mode="w", zarr_format=2)
    group.attrs.update(
        schema=manifest.schema,
        case=manifest.case,
        model_sha256=manifest.model_sha256,
        version=manifest.version,
        seed=manifest.seed,
        worlds=manifest.worlds,
    )

    def array(
        name: str, dimensions: str, shape: tuple[int, ...], dtype: Any, chunk: int = 0, **more: Any
    ) -> Any:
        return group.create_array(
            name,
            shape=shape,
            dtype=dtype,
            fill_value=None,
            compressors=Zstd(level=3),
            chunks=tuple(max(1, n) for n in ((chunk or shape[0]), *shape[1:])),
            attributes={"_ARRAY_DIMENSIONS": dimensions.split(), **more},
        )

    def whole(name: str, dimensions: str, values: Any, **more: Any) -> None:
        values = np.asarray(values)
        array(name, dimensions, values.shape, values.dtype, **more)[...] = values

    numbers, n = manifest.numbers, len(manifest.numbers)
    whole("atom", "atom", _labels(manifest.atoms))
    whole("unknown", "unknown", _labels(manifest.unknowns))
    whole("event", "event", _labels(manifest.events))
    whole("quantity", "quantity", _labels(tuple(q.name for q in manifest.quantities)))
    whole(
        "day",
        "day",
        np.arange(manifest.days, dtype=np.int32),
        units=f"days since {manifest.first}",
        calendar="proleptic_gregorian",
    )
    whole("value", "quantity bin", _values(manifest))
    whole(
        "bands",
        "quantity day bin",
        sums.bands.astype(np.uint32 if n < 2**32 else np.uint64),
        coordinates="value",
    )
    world = array("world", "world", (n,), np.int64, NUMBERS)
    for a in range(0, n, NUMBERS):
        part = numbers[a : a + NUMBERS]
        world[a : a + len(part)] = np.arange(part.start, part.stop)
    counts = np.min_scalar_type(sums.most)
    targets = (
        array("atoms", "world atom", (n, len(manifest.atoms)), np.float64, ROWS),
        array("unknowns", "world unknown", (n, len(manifest.unknowns)), np.float64, ROWS),
        array("counts", "world event", (n, len(manifest.events)), counts, ROWS),
    )
    at = 0
    for r in regrouped(blocks, ROWS):
        for target, values in zip(targets, (r.atoms, r.unknowns, r.counts), strict=True):
            target[at : at + len(r)] = values
        at += len(r)
    assert at == n, f"{at} worlds of {n}"
    zarr.consolidate_metadata(group.store, zarr_format=2)


def _labels(names: tuple[str, ...]) -> Any:
    return np.array(names, dtype=f"<U{max((len(n) for n in names), default=1)}")


def _values(manifest: Manifest) -> Any:
    """What each bin stands for; not a number where a quantity has no such bin."""
    out = np.full((len(manifest.quantities), manifest.bins), np.nan)
    for k, q in enumerate(manifest.quantities):
        out[k, : q.bins] = q.low + (q.high - q.low) * np.arange(q.bins) / (q.bins - 1)
    return out


def regrouped(blocks: Iterable[Rows], size: int) -> Iterator[Rows]:
    """The same rows in blocks of `size`, the last one perhaps shorter."""
    waiting: list[Rows] = []
    n = 0
    for block in blocks:
        waiting.append(block)
        n += len(block)
        while n >= size:
            rows = joined(waiting)
            yield rows[:size]
            waiting, n = [rows[size:]], n - size
    if n:
        yield joined(waiting)


# ---- reading -----------------------------------------------------------------------------


def open_run(folder: str | Path) -> xarray.Dataset:
    """The results of a finished run; arrays are read from disk when they are used.

    atoms(world, atom), unknowns(world, unknown), counts(world, event), bands(quantity, day, bin)
    with value(quantity, bin). Raises Refused where there is no finished run; needs xarray.
    """
    import xarray

    finished_manifest(Path(folder))
    dataset: xarray.Dataset = xarray.open_zarr(path_of(Path(folder)))
    return dataset


def finished_manifest(folder: Path) -> Manifest:
    """What a finished run is; raises Refused where there is none."""
    manifest = manifests.read(folder)
    if not finished(folder):
        raise Refused(f"the run in '{folder}' is not finished: `offramp run` goes on with it")
    return manifest


def rows(folder: Path, size: int = ROWS) -> Iterator[Rows]:
    """All worlds of a finished run, in order, `size` at a time."""
    import zarr

    group: Any = zarr.open_group(path_of(folder), mode="r")
    for a in range(0, group["atoms"].shape[0], size):
        yield Rows(*(group[name][a : a + size] for name in ("atoms", "unknowns", "counts")))


def sums(folder: Path) -> Sums:
    """The bands, collisions and stories of a finished run."""
    import zarr

    group: Any = zarr.open_group(path_of(folder), mode="r")
    told = plain_json.parsed(read_regular(folder / "stories.json"))
    most = int(np.iinfo(group["counts"].dtype).max)
    stories = tuple(story_of(s) for s in told["stories"])
    return Sums(group["bands"][...].astype(np.int64), most, told["collisions"], stories)


def ensemble(folder: str | Path) -> Ensemble:
    """A finished run as if it had just been made, to the last bit. Loads all rows: about
    `8 * (atoms + unknowns + events)` bytes a world. Raises Refused where none is finished."""
    folder = Path(folder)
    manifest = finished_manifest(folder)
    total = sums(folder)
    every = joined(list(rows(folder, 16 * ROWS)))
    bands = {
        q.name: Band(
            quantity=q.name,
            title=q.title,
            low=q.low,
            high=q.high,
            levels=q.levels,
            counts=total.bands[k, :, : q.bins].copy(),
        )
        for k, q in enumerate(manifest.quantities)
    }
    return Ensemble(
        first=manifest.first_day,
        days=manifest.days,
        seed=manifest.seed,
        numbers=tuple(manifest.numbers),
        bands=bands,
        stories=total.stories,
        atoms=every.atoms,
        unknowns=every.unknowns,
        counts=every.counts.astype(np.int64),
        collisions=tuple(sorted(total.collisions.items())),
    )


def write_parquet(folder: Path) -> Path:
    """One row a world as `worlds.parquet` beside the results: the world's number, then atoms,
    `unknown NAME` and `count NAME`. Needs pyarrow; raises OSError, and leaves nothing behind."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    manifest = finished_manifest(folder)
    names = [
        "world",
        *manifest.atoms,
        *(f"unknown {n}" for n in manifest.unknowns),
        *(f"count {n}" for n in manifest.events),
    ]
    target = folder / "worlds.parquet"
    at, writer = manifest.numbers.start, None
    with replacing(target) as beside:
        for r in rows(folder, 4 * ROWS):
            columns = [np.arange(at, at + len(r)), *r.atoms.T, *r.unknowns.T, *r.counts.T]
            table = pa.table([pa.array(np.ascontiguousarray(c)) for c in columns], names)
            writer = writer or pq.ParquetWriter(beside, table.schema, compression="zstd")
            writer.write_table(table)
            at += len(r)
        assert writer is not None
        writer.close()
    return target

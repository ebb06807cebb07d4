"""The results of a run: one zarr group, written in a stream and read in one line.

The bytes depend on the manifest alone: not on chunks, threads, shards or interruptions. Format 2
of zarr, since format 3 has no settled type for labels; no fill value, since readers take it for
"missing", and a count of 0 is not missing.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
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
LARGE = 32e6  # bytes of rows at a time, where quantities are kept day by day
NUMBERS = 1 << 20  # the same for the worlds' numbers, which xarray reads when it opens a run


def path_of(folder: Path) -> Path:
    return folder / "results.zarr"


def piece(manifest: Manifest) -> int:
    """Worlds in a piece of an array: fewer where their rows are long."""
    if not manifest.kept:
        return ROWS
    return min(ROWS, 1 << max(6, int(LARGE / manifest.row).bit_length() - 1))


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
        name: str,
        dimensions: str,
        shape: tuple[int, ...],
        dtype: Any,
        *chunk: int,
        **more: Any,
    ) -> Any:
        """`chunk`: lengths of a piece along the first dimensions; whole along the others."""
        return group.create_array(
            name,
            shape=shape,
            dtype=dtype,
            fill_value=None,
            compressors=Zstd(level=3),
            chunks=tuple(max(1, n) for n in (*chunk, *shape[len(chunk) :])),
            attributes={"_ARRAY_DIMENSIONS": dimensions.split(), **more},
        )

    def whole(name: str, dimensions: str, values: Any, **more: Any) -> None:
        values = np.asarray(values)
        array(name, dimensions, values.shape, values.dtype, **more)[...] = values

    def labelled(dimension: str, title: str, names: tuple[str, ...], **beside: Any) -> str:
        """A dimension's labels, and what stands beside each; the names of those arrays."""
        whole(dimension, dimension, _labels(names), long_name=title)
        for name, (about, words) in beside.items():
            words = words or ("",) * len(names)  # of an earlier version's run
            whole(name, dimension, _labels(words), long_name=about)
        return " ".join(beside)

    numbers, n, size = manifest.numbers, len(manifest.numbers), piece(manifest)
    words, shown = manifest.words, manifest.quantities
    of_atoms = labelled(
        "atom",
        "what the questions watch",
        manifest.atoms,
        atom_title=("the atom in words", words.atoms),
        atom_unit=("unit of the atom", words.atom_units),
        question=("questions that the atom serves", words.questions),
    )
    of_unknowns = labelled(
        "unknown",
        "what is drawn once a world",
        manifest.unknowns,
        unknown_title=("the unknown in words", words.unknowns),
    )
    of_events = labelled(
        "event",
        "what can happen",
        manifest.events,
        event_title=("the event in words", words.events),
    )
    of_quantities = labelled(
        "quantity",
        "what the case shows",
        tuple(q.name for q in shown),
        quantity_title=("the quantity in words", tuple(q.title for q in shown)),
        quantity_unit=("unit of the quantity", words.quantity_units),
    )
    whole(
        "day",
        "day",
        np.arange(manifest.days, dtype=np.int32),
        long_name="day of the crisis, at its end",
        units=f"days since {manifest.first}",
        calendar="proleptic_gregorian",
    )
    whole("value", "quantity bin", _values(manifest), long_name="what the bin stands for")
    whole(
        "bands",
        "quantity day bin",
        sums.bands.astype(np.uint32 if n < 2**32 else np.uint64),
        coordinates=f"value {of_quantities}",
        long_name="worlds that ended the day in the bin",
        units="1",
    )
    world = array("world", "world", (n,), np.int64, NUMBERS, long_name="number of the world")
    for a in range(0, n, NUMBERS):
        part = numbers[a : a + NUMBERS]
        world[a : a + len(part)] = np.arange(part.start, part.stop)
    counts = np.min_scalar_type(sums.most)

    def rows_of(
        name: str, dimension: str, columns: int, dtype: Any, title: str, beside: str, **more: str
    ) -> Any:
        said = {"long_name": title, "coordinates": beside, **more}
        return array(name, f"world {dimension}", (n, columns), dtype, size, **said)

    asked, drawn, happened = len(manifest.atoms), len(manifest.unknowns), len(manifest.events)
    targets = (
        rows_of("atoms", "atom", asked, np.float64, "what the questions watch", of_atoms),
        rows_of("unknowns", "unknown", drawn, np.float64, "draws", of_unknowns),
        rows_of("counts", "event", happened, counts, "times it happened", of_events, units="1"),
    )
    lines = None
    if manifest.kept:
        of_kept = labelled(
            "kept",
            "quantities kept day by day",
            manifest.kept,
            kept_title=("the quantity in words", words.kept),
            kept_unit=("unit of the quantity", words.kept_units),
        )
        lines = array(
            "trajectories",
            "world kept day",
            (n, len(manifest.kept), manifest.days),
            np.float64,
            size,
            1,
            long_name="value at the end of the day",
            coordinates=of_kept,
        )
    at = 0
    for r in regrouped(blocks, size):
        for target, values in zip(targets, (r.atoms[:, :asked], r.unknowns, r.counts), strict=True):
            target[at : at + len(r)] = values
        if lines is not None:
            daily = r.atoms[:, asked:].reshape(len(r), len(manifest.kept), manifest.days)
            lines[at : at + len(r)] = daily
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
    with value(quantity, bin), and trajectories(world, kept, day) where quantities were kept. Each
    has its title and unit as attributes, or beside its labels. Raises Refused where there is no
    finished run; needs xarray.
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


def rows(folder: Path, size: int = ROWS, daily: bool = False) -> Iterator[Rows]:
    """All worlds of a finished run, in order, `size` at a time. `daily`: what is kept day by day
    stands behind the atoms, as while the run was made."""
    import zarr

    group: Any = zarr.open_group(path_of(folder), mode="r")
    for a in range(0, group["atoms"].shape[0], size):
        r = Rows(*(group[name][a : a + size] for name in ("atoms", "unknowns", "counts")))
        if daily and "trajectories" in group:
            lines = group["trajectories"][a : a + size].reshape(len(r), -1)
            r = replace(r, atoms=np.concatenate([r.atoms, lines], axis=1))
        yield r


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

"""Shards of one run become the run, in a stream, to the byte."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from operator import add
from pathlib import Path

from offramp.runs import manifest as manifests
from offramp.runs import results
from offramp.runs.folder import occupied
from offramp.runs.manifest import Manifest, Refused
from offramp.text import plain_json
from offramp.text.files import read_regular, there, write_whole

Part = tuple[Path, Manifest]


def merge(folders: Sequence[Path], out: Path) -> Manifest:
    """Writes the whole run into `out`; the shards stay. Raises Refused, naming what differs, what
    is missing and what is there twice."""
    parts = [(folder, manifests.read(folder)) for folder in folders]
    for folder, _ in parts:
        if not results.finished(folder):
            raise Refused(f"the shard in '{folder}' is not finished: its own command goes on there")
    ordered = [folder for folder, _ in complete(parts)]
    whole = replace(parts[0][1], shard=(1, 1))
    with occupied(out, whole):
        if not results.finished(out):
            total = reduce(add, (results.sums(folder) for folder in ordered))
            how = [entry for folder in ordered for entry in _how(folder)]
            write_whole(out / "how.json", plain_json.text(how, indent=1).encode("utf-8"))
            size = results.piece(whole)
            blocks = (b for folder in ordered for b in results.rows(folder, size, daily=True))
            results.write(out, whole, total, blocks)
    return whole


def complete(parts: Sequence[Part]) -> list[Part]:
    """The shards in order, if they are one run, each of them once. Raises Refused."""
    (one, first), *others = parts
    for two, second in others:
        other = manifests.difference(replace(first, shard=second.shard), second)
        if other is None and first.shard[1] != second.shard[1]:
            other = f"the number of shards is {first.shard[1]} and not {second.shard[1]}"
        if other:
            raise Refused(f"'{one}' and '{two}' are not parts of one run: in the first {other}")
    n = first.shard[1]
    times = Counter(m.shard[0] for _, m in parts)
    twice = [f"{i}/{n}" for i in sorted(times) if times[i] > 1]
    if twice:
        raise Refused(f"given more than once: {_few(twice)}; give each shard once")
    gone = [f"{i}/{n}" for i in range(1, n + 1) if i not in times]
    if gone:
        raise Refused(f"missing: {_few(gone)}; `offramp run ... --shard {gone[0]}` makes the first")
    return sorted(parts, key=lambda p: p[1].shard)


def _few(names: list[str]) -> str:
    more = len(names) - 10
    return ", ".join(["shard " + names[0], *names[1:10]]) + (f" and {more} more" * (more > 0))


def _how(folder: Path) -> list[object]:
    path = folder / "how.json"
    entries: list[object] = plain_json.parsed(read_regular(path)) if there(path) else []
    return entries

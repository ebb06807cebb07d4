"""The folder of a run: whose it is, and what it keeps."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from offramp.runs import chunks, results
from offramp.runs import manifest as manifests
from offramp.runs.lock import alone
from offramp.runs.manifest import Manifest, Refused

FULL = {errno.ENOSPC, errno.EDQUOT}


@contextmanager
def occupied(folder: Path, manifest: Manifest) -> Iterator[None]:
    """The folder, made if need be, while this process alone works in it. A new one in which
    nothing was kept is taken away again; chunks go when the results are there.

    Raises Refused where it holds something else, cannot be written, or is in use.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with alone(folder) as free:
            if not free:
                raise Refused(f"another process is at work in '{folder}': wait for it to end")
            fresh = not any(folder.iterdir())
            if fresh:
                manifests.write(folder, manifest)
            other = manifests.difference(manifests.read(folder), manifest)
            if other:
                raise Refused(
                    f"'{folder}' holds another run: there {other}; choose another folder, "
                    "or remove that one"
                )
            try:
                (folder / "chunks").mkdir(exist_ok=True)
                yield
            finally:
                if results.finished(folder):
                    shutil.rmtree(folder / "chunks", ignore_errors=True)
                elif fresh and not chunks.done(folder):
                    shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        raise Refused(said(error, folder)) from None


def said(error: OSError, folder: Path) -> str:
    """What went wrong with a folder, and what would help."""
    if error.errno in FULL:
        return f"the disk of '{folder}' is full: make room there"
    place = error.filename or folder
    why = error.strerror or error
    return f"'{place}' cannot be written or read: {why}; choose another folder"


def kept(folder: Path, manifest: Manifest) -> str:
    """What an interrupted run has left, and how to go on."""
    n = 0
    with suppress(OSError):
        n = sum(len(r) for r in chunks.done(folder))
    of = len(manifest.numbers)
    if n == 0:
        return "nothing was kept yet"
    return f"{n:,} of {of:,} worlds are kept in '{folder}', and the same command goes on there"

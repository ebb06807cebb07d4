"""Folders that one process at a time may use."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def alone(folder: Path) -> Iterator[bool]:
    """Whether this process is the only one that works in a folder (always, on Windows). The lock
    goes with the process, however that ends."""
    if sys.platform == "win32":
        yield True
        return
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        yield _locked(handle, fcntl.LOCK_EX | fcntl.LOCK_NB, fcntl.flock)
    finally:
        os.close(handle)


def _locked(handle: int, how: int, lock: Callable[[int, int], None]) -> bool:
    try:
        lock(handle, how)
    except OSError as error:  # some network folders have no locks: then we trust the user
        return not isinstance(error, BlockingIOError)
    return True

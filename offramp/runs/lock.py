"""Folders and files that one process at a time may use."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def alone(folder: Path) -> Iterator[bool]:
    """Whether this process is the only one that works in a folder (always, on Windows). The lock
    goes with the process, however that ends."""
    if sys.platform == "win32":
        yield True
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        yield locked(handle)
    finally:
        os.close(handle)


def locked(handle: int | BinaryIO) -> bool:
    """Whether an open file or folder is this process's alone until it is closed (always, on
    Windows)."""
    if sys.platform == "win32":
        return True
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:  # some network folders have no locks: then we trust the user
        return not isinstance(error, BlockingIOError)
    return True

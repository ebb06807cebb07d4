"""The user's cache of machine code, tapes, islands and looks: where it is, whether it is believed,
how arrays are kept in it, what is swept.

What lies in it is run. So it belongs to its owner alone: made with no rights for others, and left
aside where somebody else may write it or owns it (root may: an image is filled by root and run by
another). Nothing in it is needed; without it worlds are compiled and conditioned again.
"""

from __future__ import annotations

import hashlib
import io
import math
import os
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from offramp.errors import Mistake
from offramp.text.files import read_regular, write_whole

Arrays = dict[str, Any]  # arrays, and what numpy makes one of
Made = TypeVar("Made")

OLD = 90 * 86_400.0  # seconds after which what nobody used is swept
LEFT = 86_400.0  # the same for what a process that was ended left half done
MOST = 2000.0  # megabytes of islands, where OFFRAMP_POSTERIORS names no other number
KINDS = ("tapes", "islands", "looks", "native", "findings")  # folders of what is kept, a file each
SEAL = 32  # bytes of the hash at the head of a file

# numpy reads a file's header by Python's parser, which before 3.11.8 and 3.12.2 fails in one thread
# while another is in it (python/cpython#106905): a sound file would be taken for a damaged one.
_PARSER = threading.Lock()

_OURS = re.compile(r"machine-[0-9a-f]{24}|[0-9a-f]{32}\.(npz|tape|island|look|native|finding)")
_HALF = re.compile(r"\.machine-\w+|\.offramp-[0-9a-f]+\.part")


def folder() -> Path:
    """OFFRAMP_CACHE, or `offramp` in XDG_CACHE_HOME, or in ~/.cache; where there is no home, a
    folder of the user's own among the temporary files."""
    own, base = os.environ.get("OFFRAMP_CACHE"), os.environ.get("XDG_CACHE_HOME")
    if own:
        return Path(own)
    if base:
        return Path(base) / "offramp"
    try:
        return Path.home() / ".cache" / "offramp"
    except RuntimeError:  # a user that the system does not know
        user = os.geteuid() if hasattr(os, "geteuid") else "user"
        return Path(tempfile.gettempdir()) / f"offramp-cache-{user}"


def doubt(*folders: Path) -> str:
    """Why what is kept in these folders is not believed; '' where it is, or nothing is there."""
    if not hasattr(os, "geteuid"):
        return ""
    for place in folders:
        with suppress(OSError):
            found = os.stat(place)
            if found.st_uid not in (os.geteuid(), 0):
                return f"'{place}' belongs to another user"
            if found.st_mode & 0o022:
                return f"others may write '{place}'"
    return ""


def make(place: Path) -> None:
    """A folder of the cache, for its owner alone. Raises OSError."""
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)


def used(path: Path) -> None:
    """Notes that something was used, so that it is not swept."""
    with suppress(OSError):
        os.utime(path)


# ---- arrays ----------------------------------------------------------------------------------


def read(path: Path, made: Callable[[Arrays], Made]) -> Made | None:
    """What is `made` of the arrays of a file, if they are as they were written, and under this
    name; else None. Who asks trusts the numbers blindly."""
    content = read_bytes(path)
    if content is None:
        return None
    try:
        with _PARSER, np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            found = dict(arrays)
        return made(found)
    except Exception:  # damaged: made anew, whatever is wrong with it
        return None


def write(path: Path, arrays: Arrays) -> None:
    """Keeps arrays under a name (`write_bytes`)."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    write_bytes(path, buffer.getvalue())


def read_bytes(path: Path) -> bytes | None:
    """What was written under this name, if it is as it was; else None."""
    if doubt(folder(), path.parent):
        return None
    try:
        content = read_regular(path)
    except Exception:  # absent or unreadable
        return None
    if content[:SEAL] != _seal(path, content[SEAL:]):
        return None
    used(path)
    return content[SEAL:]


def write_bytes(path: Path, content: bytes) -> None:
    """Keeps bytes under a name, whole or not at all; not where others may write, and not where the
    disk takes none: then they are made again the next time."""
    if doubt(folder(), path.parent):
        return
    with suppress(OSError):
        make(path.parent)
        write_whole(path, _seal(path, content) + content)


def _seal(path: Path, content: bytes) -> bytes:
    """A hash of a file's name and content, so that none is taken for another."""
    return hashlib.sha256(path.name.encode("utf-8") + content).digest()


# ---- what is swept ---------------------------------------------------------------------------


def most() -> float:
    """How many bytes of islands are kept: OFFRAMP_POSTERIORS, in megabytes; 0 for none. Raises
    Mistake."""
    text = os.environ.get("OFFRAMP_POSTERIORS") or str(MOST)
    try:
        megabytes = float(text)
    except ValueError:
        megabytes = math.nan
    if not megabytes >= 0.0:
        raise Mistake(
            f"OFFRAMP_POSTERIORS is '{text}'; it is how many megabytes of worlds conditioned on "
            f"reports are kept, as in {MOST:.0f}, or 0 for none"
        )
    return megabytes * 1e6


def sweep() -> None:
    """Removes what was not used for OLD seconds, what was left half done, and of the islands those
    unused for longest, until the others have room; nothing of others."""
    now = time.time()
    for place in (folder(), *(folder() / name for name in KINDS)):
        with suppress(OSError):
            for path in place.iterdir():
                with suppress(OSError):
                    age = now - path.lstat().st_mtime
                    old = _OURS.fullmatch(path.name) and age > OLD
                    if old or (_HALF.fullmatch(path.name) and age > LEFT):
                        if path.is_dir() and not path.is_symlink():
                            shutil.rmtree(path, ignore_errors=True)
                        else:
                            path.unlink()
    _make_room(folder() / "islands", most())


def _make_room(place: Path, room: float) -> None:
    kept = list[tuple[float, int, Path]]()
    with suppress(OSError):
        for path in place.iterdir():
            with suppress(OSError):
                if _OURS.fullmatch(path.name):
                    found = path.lstat()
                    kept.append((found.st_mtime, found.st_size, path))
    for _, size, path in sorted(kept, reverse=True):
        room -= size
        if room < 0.0:
            with suppress(OSError):
                path.unlink()

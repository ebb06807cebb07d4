"""The user's cache of machine code and tapes: where it is, whether it is believed, what is swept.

What lies in it is run. So it belongs to its owner alone: made with no rights for others, and left
aside where somebody else may write it or owns it (root may: an image is filled by root and run by
another). Nothing in it is needed; without it worlds are compiled again.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

OLD = 90 * 86_400.0  # seconds after which what nobody used is swept
LEFT = 86_400.0  # the same for what a process that was ended left half done
DAY = 86_400.0

_OURS = re.compile(r"machine-[0-9a-f]{24}|[0-9a-f]{32}\.(npz|tape)")
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
    """Notes once a day that something was used, so that it is not swept."""
    with suppress(OSError):
        if time.time() - path.stat().st_mtime > DAY:
            os.utime(path)


def sweep() -> None:
    """Removes what was not used for OLD seconds and what was left half done; nothing of others."""
    now = time.time()
    for place in (folder(), folder() / "tapes"):
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

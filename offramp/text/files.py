"""Files, read and written in one place: nothing is read that has no end, and nothing is half there.

Reading takes regular files alone: a FIFO waits for ever, a device has no end, a link may lead to
itself. Writing puts a new file beside the old one and renames it, so that a reader, or a machine
that loses power, finds the one or the other. A file that was there keeps its mode and its group,
a new one obeys the umask, and a link stays a link. All errors are OSError with words of ours.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe (FIFO)"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)


class NotRegular(OSError):
    """What should be a file is something else, or a link to itself."""


def _kind(mode: int) -> str:
    return next((words for is_one, words in _KINDS if is_one(mode)), "something else")


def there(path: Path) -> bool:
    """Whether the folder has this name, whatever stands behind it: a link to nothing counts, and
    so does what cannot be looked at, for reading it to say why."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def regular(path: Path) -> os.stat_result:
    """What the system says of a regular file. Raises NotRegular for anything else, OSError where
    there is none or it cannot be looked at."""
    try:
        found = os.stat(path)
    except OSError as error:
        raise _told(error, path) from None
    if not stat.S_ISREG(found.st_mode):
        raise NotRegular(errno.EINVAL, f"it is {_kind(found.st_mode)}, not a file", str(path))
    return found


def read_regular(path: Path, most: int | None = None) -> bytes:
    """The bytes of a regular file, `most` of them at most. Raises as `regular` does; what is put
    in its place meanwhile is not waited for."""
    regular(path)
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(handle, "rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        if not stat.S_ISREG(mode):
            raise NotRegular(errno.EINVAL, f"it is {_kind(mode)}, not a file", str(path))
        return file.read() if most is None else file.read(most)


def _told(error: OSError, path: Path) -> OSError:
    if error.errno == errno.ELOOP:
        return NotRegular(errno.ELOOP, "it is a link that leads to itself", str(path))
    if error.errno == errno.ENOENT and path.is_symlink():
        to = os.readlink(path)
        return NotRegular(errno.ENOENT, f"it is a link to '{to}', which does not exist", str(path))
    return error


def target(path: Path) -> Path:
    """Where a file is written: behind its links. Raises NotRegular where something else than a
    file is there, or a link leads to itself."""
    real = Path(os.path.realpath(path))
    if there(real):
        regular(real)
    return real


def check_writable(path: Path) -> None:
    """Looks whether a file can be written, without writing it: the folder is there and takes a new
    file. Raises OSError that says what is in the way."""
    real = target(path)
    if there(real) and not os.access(real, os.W_OK):
        raise PermissionError(errno.EACCES, "permission denied", str(path))
    _try(real.parent)


def check_folder(folder: Path, fresh: bool = False) -> None:
    """Makes a folder, if need be, and looks whether it takes files; a `fresh` one must not be there
    yet, and is not made. Raises OSError that says what is in the way."""
    if fresh and there(folder):
        raise FileExistsError(errno.EEXIST, "exists; it must be a new folder", str(folder))
    if fresh:
        _try(Path(os.path.realpath(folder)).parent)
        return
    if there(folder) and not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "it is not a folder", str(folder))
    folder.mkdir(parents=True, exist_ok=True)
    _try(folder)


def _try(folder: Path) -> None:
    if not folder.is_dir():
        raise FileNotFoundError(errno.ENOENT, "there is no such folder", str(folder))
    os.close(_new(folder)[0])


def _new(folder: Path, keep: bool = False) -> tuple[int, Path]:
    """A new file in a folder, with the mode that the umask gives: its handle and its name. Without
    `keep` the name is gone again."""
    path = folder / f".offramp-{secrets.token_hex(6)}.part"
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    handle = os.open(path, flags, 0o666)
    if not keep:
        path.unlink()
    return handle, path


def write_whole(path: Path, content: bytes, *, durable: bool = False) -> None:
    """Whole or not at all, also when two processes write at once. `durable`: on the disk before it
    takes the place of the old one. Raises OSError, and leaves nothing behind."""
    with replacing(path) as beside, open(beside, "wb") as file:
        file.write(content)
        file.flush()
        if durable:
            os.fsync(file.fileno())


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A new file to fill, which takes the place of `path` at the end, if there is no exception;
    else it is gone. Raises OSError that names `path`."""
    real = target(path)
    try:
        handle, beside = _new(real.parent, keep=True)
    except OSError as error:
        raise type(error)(error.errno, error.strerror, str(path)) from None
    os.close(handle)
    try:
        yield beside
        _as_it_was(real, beside)
        os.replace(beside, real)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _as_it_was(real: Path, name: Path) -> None:
    """The mode and the group of the file that is replaced. Where the group cannot be kept, the new
    group is given nothing that only the old one had."""
    try:
        old = os.stat(real)
    except FileNotFoundError:
        return
    mode = stat.S_IMODE(old.st_mode)
    if hasattr(os, "chown") and os.stat(name).st_gid != old.st_gid:
        try:
            os.chown(name, -1, old.st_gid)
        except OSError:
            mode &= ~0o070 | (mode & 0o007) << 3
    os.chmod(name, mode)


def listed(folder: Path, ending: str) -> tuple[Path, ...]:
    """The files of a folder whose names end so, by name. What is hidden is none of them: editors
    lock `a.yaml` with `.#a.yaml`, and a Mac puts `._a.yaml` beside it. Raises OSError where the
    folder cannot be read or is none; one that is not there has no files."""
    if not there(folder):
        return ()
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "it is a file, not a folder", str(folder))
    names = sorted(os.listdir(folder))
    return tuple(folder / n for n in names if n.endswith(ending) and not n.startswith("."))

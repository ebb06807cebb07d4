"""The machine's own machine code: compiled once on a computer, and kept in the user's cache.

The cache holds a copy of `machine.py` under a hash of all that its code depends on, and Numba's
files beside it. A cache that is empty and cannot be written, or that others may write, costs the
compile again in every process; one that is filled and cannot be written is copied from; one that
was damaged is rebuilt.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import inspect
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import numpy as np

from offramp.engine import elementary
from offramp.engine.blocks import cache, given
from offramp.language import equality
from offramp.text import plain_json

SUMS = "sums.json"


def available() -> bool:
    """Whether Numba is installed."""
    return importlib.util.find_spec("numba") is not None


def cache_folder() -> Path:
    """OFFRAMP_CACHE, or the user's cache folder."""
    return cache.folder()


@functools.lru_cache(maxsize=1)
def key() -> str:
    """A hash of what the machine code is made from: our source, Python, Numba, the processor."""
    from llvmlite.binding import get_host_cpu_features, get_host_cpu_name

    parts = [
        _source(),
        *(inspect.getsource(module) for module in (elementary, equality, given)),
        version("numba"),
        version("llvmlite"),
        sys.version,
        platform.machine(),
        get_host_cpu_name(),
        get_host_cpu_features().flatten(),
    ]
    return hashlib.sha256("\n".join(parts).encode("utf-8")).hexdigest()[:24]


def _source() -> str:
    return resources.files(__package__).joinpath("machine.py").read_text(encoding="utf-8")


@functools.lru_cache(maxsize=1)
def machine() -> ModuleType:
    """The machine, compiled: from the cache in a moment, else in a quarter of a minute."""
    kept = cache_folder() / f"machine-{key()}"
    wrong = cache.doubt(cache_folder(), kept)
    if wrong:
        return _for_now(f"{wrong}, and what lies there would be run")
    try:
        if kept.exists() and not _sound(kept):
            shutil.rmtree(kept)
        if not kept.exists():
            _compile(kept)
            cache.sweep()
        cache.used(kept)
        if os.access(kept, os.W_OK) and os.access(kept / "__pycache__", os.W_OK):
            return _imported(kept)
        with tempfile.TemporaryDirectory(prefix="offramp-") as folder:
            # Numba wants to write beside what it reads, and stops where it cannot.
            return _imported(Path(shutil.copytree(kept, Path(folder) / "machine")))
    except OSError as error:
        return _for_now(f"the cache {cache_folder()} cannot be written ({error.strerror})")


def _for_now(why: str) -> ModuleType:
    """The machine for this process alone."""
    sys.stderr.write(f"{why}: compiling for this run only; OFFRAMP_CACHE names another folder\n")
    with tempfile.TemporaryDirectory(prefix="offramp-") as folder:
        _compile(Path(folder) / "machine")
        return _imported(Path(folder) / "machine")


def is_kept() -> bool:
    """Whether the machine is compiled already."""
    folder = cache_folder() / f"machine-{key()}"
    return folder.exists() and not cache.doubt(cache_folder(), folder) and _sound(folder)


def _compile(kept: Path) -> None:
    """Fills the folder `kept`, whole or not at all: beside it first, then renamed. Of several
    processes that do so at once the first wins."""
    if kept.parent == cache_folder():
        cache.make(kept.parent)
    with tempfile.TemporaryDirectory(dir=kept.parent, prefix=".machine-") as folder:
        fresh = Path(folder) / "machine"
        fresh.mkdir(mode=0o700)
        (fresh / "machine.py").write_text(_source(), encoding="utf-8")
        _in_a_process(fresh)
        (fresh / SUMS).write_text(plain_json.text(_sums(fresh)), encoding="utf-8")
        try:
            fresh.rename(kept)
        except OSError:
            if not kept.exists():
                raise


def _in_a_process(folder: Path) -> None:
    """While Numba compiles, Python may throw an interrupt away; a process of its own can be
    ended. Should it fail, this one compiles when it first needs to."""
    code = (
        "import pathlib, signal; signal.signal(signal.SIGINT, signal.SIG_DFL)\n"
        "from offramp.engine.blocks import machinery\n"
        f"machinery._imported(pathlib.Path({str(folder)!r}))"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(x for x in sys.path if x)}
    subprocess.run([sys.executable, "-c", code], env=environment, check=False)


def _imported(folder: Path) -> ModuleType:
    """The machine of a folder, its machine code loaded, or compiled where there is none."""
    name = f"offramp_machine_{key()}"
    spec = importlib.util.spec_from_file_location(name, folder / "machine.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    _touch(module)
    return module


def _touch(module: ModuleType) -> None:
    """Lives no world, with arguments of the types that a run has."""
    numbers = np.zeros(1)
    module.live(
        tape=given.Instructions.none(),
        W=1,
        S=numbers,
        keys=np.zeros(0, np.uint64),
        first=0,
        lasts=0,
        records=given.Records.none(),
        stop=np.zeros(1, np.int64),
    )
    module.elementwise(0, numbers, numbers)


def _sums(folder: Path) -> dict[str, str]:
    """The hash of each file that Numba left."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.suffix in (".py", ".nbi", ".nbc")
    }


def _sound(folder: Path) -> bool:
    """Whether all files are as they were written, and the source is ours."""
    try:
        kept = plain_json.parsed((folder / SUMS).read_text(encoding="utf-8"))
        source = (folder / "machine.py").read_text(encoding="utf-8")
        return bool(kept == _sums(folder)) and source == _source()
    except (OSError, ValueError):
        return False

"""The tutorial crisis in C: compiles tutorial.c with the machine's compiler, and calls it."""

from __future__ import annotations

import ctypes
import functools
import os
import platform
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from bench.rivals.common import ATOMS, DAYS, ONCE, SHOWN, SITES, Fed, Worlds
from offramp.engine.elementary import normal_quantile  # for fed dice alone

FLAGS = ("-O3", "-ffast-math", "-march=native", "-std=gnu11", "-fPIC", "-shared")
if platform.machine() in ("x86_64", "AMD64"):
    FLAGS = (*FLAGS, "-mprefer-vector-width=512")  # where the machine has it
NORMAL = ("steering", "lethality", "tempo", "zeal", "mood", "vote kelmark", "wavering")
BINS = 101


def compiler() -> str | None:
    """The machine's C compiler, if there is one."""
    return shutil.which(os.environ.get("CC", "cc"))


@functools.cache
def library(fed: bool) -> ctypes.CDLL:
    """The compiled rival; with `fed`, one that takes its dice from a table."""
    cc = compiler()
    if cc is None:
        raise RuntimeError("no C compiler: set CC to one")
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "tutorial.so"
        source = Path(__file__).with_name("tutorial.c")
        command = [cc, *FLAGS, *(["-DFED"] if fed else []), "-o", str(target), str(source), "-lm"]
        subprocess.run(command, check=True)
        return ctypes.CDLL(str(target))


def run(worlds: int, seed: int, fed: Fed | None = None) -> Worlds:
    """Worlds of the tutorial, with dice of their own or fed ones."""
    atoms = np.zeros((worlds, len(ATOMS)))
    bands = np.zeros((len(SHOWN), DAYS, BINS), np.int32)
    table = None if fed is None else _table(fed)
    library(fed is not None).live(
        ctypes.c_long(worlds),
        ctypes.c_uint64(seed),
        atoms.ctypes.data_as(ctypes.c_void_p),
        bands.ctypes.data_as(ctypes.c_void_p),
        None if table is None else table.ctypes.data_as(ctypes.c_void_p),
    )
    counts = {
        name: bands[i, :, :bins].astype(np.int64)
        for i, (name, (_, _, bins)) in enumerate(SHOWN.items())
    }
    return Worlds(atoms, counts)


def _table(fed: Fed) -> np.ndarray:
    """The dice in the order of tutorial.c, standard normal where it wants normal numbers."""
    rows = []
    for name in SITES:
        values = fed[name] if name in ONCE else fed[name][:DAYS]
        if any(word in name for word in NORMAL):
            flat = [normal_quantile(u) for u in values.ravel().tolist()]
            values = np.array(flat).reshape(values.shape)
        rows.append(values)
    return np.ascontiguousarray(np.concatenate(rows))

"""Another commit of this repository beside this one, for benches that compare two."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def tree_of(name: str) -> Iterator[Path]:
    """A folder with the files of a commit, while it is wanted; or a checkout, if that is what the
    name is of."""
    if Path(name).is_dir():
        yield Path(name).resolve()
        return
    with TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        subprocess.run(["git", "clone", "-q", str(ROOT), str(tree)], check=True)
        subprocess.run(["git", "checkout", "-q", name], cwd=tree, check=True)
        yield tree

"""A case's worlds as one small file, kept: what a page shows before anything is simulated."""

from __future__ import annotations

import functools
import hashlib
from importlib import resources
from pathlib import Path

from offramp.api.common import Named, Progress, case_of
from offramp.case.case import Case
from offramp.engine.blocks import cache
from offramp.text import plain_json
from offramp.text.files import read_regular, write_whole

WORLDS = 3000  # of a look, where nobody says
# The rooms of code that it is made by.
MAKERS = ("text", "sources", "language", "case", "engine", "filter", "answers", "render")
SHIPPED = "looks"  # the folder of the package in which a release brings those of its cases


def look(
    case: Named,
    *,
    worlds: int = WORLDS,
    seed: int = 1,
    supposed: bool = True,
    kept_only: bool = False,
    threads: int | None = None,
    progress: Progress | None = None,
) -> bytes:
    """The worlds of a case as one compressed file (`render.worlds_file` has its layout), from the
    cache where they were simulated before; a release brings those of the shipped cases.
    `supposed`: with what is asked under an `if:`. `kept_only`: simulates nothing, and gives no
    bytes where none are kept.

    Raises CaseError for a case that cannot be used, Needs without Numba where none are kept.
    """
    read = case_of(case)
    name = f"{_key(read, worlds, seed, supposed)}.look"
    kept = cache.folder() / "looks" / name
    found = cache.read_bytes(kept) or _shipped(name)
    if found is not None or kept_only:
        return found or b""
    from offramp.api.forecasts import session
    from offramp.render.worlds_file import packed

    (own,) = session(read, seed=seed, supposed=supposed)
    total = worlds * (1 + len(own.arms))
    done = 0

    def counted(n: int) -> None:
        nonlocal done
        done += n
        if progress is not None:
            progress(done, total)

    made = packed(own.grown(worlds, threads, counted))
    cache.write_bytes(kept, made)
    cache.sweep()
    return made


def ship(case: Named, folder: Path, *, worlds: int = WORLDS, seed: int = 1) -> Path:
    """Writes a case's worlds where a release has them, and says where."""
    read = case_of(case)
    path = folder / f"{_key(read, worlds, seed, True)}.look"
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(path, look(read, worlds=worlds, seed=seed))
    return path


def _shipped(name: str) -> bytes | None:
    path = Path(str(resources.files("offramp"))) / SHIPPED / name
    try:
        return read_regular(path)
    except OSError:
        return None


def _key(case: Case, worlds: int, seed: int, supposed: bool) -> str:
    """What the file depends on, all code that makes it included. It shows titles, reasons and the
    record too, of which the hash of a model does not know: hence all texts."""
    texts = plain_json.text(dict(case.texts.texts), ordered=True)
    parts = [case.id, case.model_sha256, texts, str(worlds), str(seed), str(supposed), _program()]
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


@functools.lru_cache(maxsize=1)
def _program() -> str:
    """A hash of the code that makes a look."""
    root, found = Path(str(resources.files("offramp"))), hashlib.sha256()
    for path in sorted(path for name in MAKERS for path in (root / name).rglob("*.py")):
        found.update(path.relative_to(root).as_posix().encode("utf-8") + b"\0" + path.read_bytes())
    return found.hexdigest()

"""A case's worlds as one small file, kept: what a page shows before anything is simulated."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from offramp.api.common import (
    Day,
    Named,
    Progress,
    Steps,
    case_of,
    day_of,
    fast,
    island_days,
    reports_of,
)
from offramp.case.case import Case
from offramp.engine.blocks import cache
from offramp.text import plain_json
from offramp.text.files import read_regular, write_whole

if TYPE_CHECKING:
    from offramp.answers.looked import Looked

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
    as_of: Day | None = None,
    kept_only: bool = False,
    threads: int | None = None,
    progress: Progress | None = None,
) -> bytes:
    """The worlds of a case as one compressed file (`render.worlds_file` has its layout), from the
    cache where they were simulated before; a release brings those of the shipped cases.
    `supposed`: with what is asked under an `if:`. `as_of`: worlds conditioned on the reports known
    by that day, as `condition` has them; these are always asked all. `kept_only`: simulates
    nothing, and gives no bytes where none are kept.

    Raises CaseError for a case that cannot be used, Needs without Numba where none are kept,
    Mistake for a day that is none of the course, Impossible where no world can have a day's
    reports, Unanswerable where too few worlds are left to answer.
    """
    read = case_of(case)
    day = None if as_of is None else day_of(as_of, read, "as_of")
    name = f"{_key(read, worlds, seed, supposed, day)}.look"
    kept = cache.folder() / "looks" / name
    found = cache.read_bytes(kept) or _shipped(name)
    if found is not None or kept_only:
        return found or b""
    from offramp.render.worlds_file import packed

    if day is None:
        made = packed(_free(read, worlds, seed, supposed, threads, progress))
    else:
        from offramp.answers.looked import conditioned

        reports_of(read)
        fast()
        steps = Steps(progress, island_days(read, worlds, day))
        made = packed(conditioned(read, day, worlds, seed, threads, steps))
    cache.write_bytes(kept, made)
    cache.sweep()
    return made


def _free(
    case: Case,
    worlds: int,
    seed: int,
    supposed: bool,
    threads: int | None,
    progress: Progress | None,
) -> Looked:
    from offramp.answers.looked import free
    from offramp.api.forecasts import session

    (own,) = session(case, seed=seed, supposed=supposed)
    total = worlds * (1 + len(own.arms))
    done = 0

    def counted(n: int) -> None:
        nonlocal done
        done += n
        if progress is not None:
            progress(done, total)

    return free(own.grown(worlds, threads, counted))


def ship(case: Named, folder: Path, *, worlds: int = WORLDS, seed: int = 1) -> Path:
    """Writes a case's worlds where a release has them, and says where."""
    read = case_of(case)
    path = folder / f"{_key(read, worlds, seed, True, None)}.look"
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(path, look(read, worlds=worlds, seed=seed))
    return path


def _shipped(name: str) -> bytes | None:
    path = Path(str(resources.files("offramp"))) / SHIPPED / name
    try:
        return read_regular(path)
    except OSError:
        return None


def _key(case: Case, worlds: int, seed: int, supposed: bool, as_of: dt.date | None) -> str:
    """What the file depends on, all code that makes it included. It shows titles, reasons and the
    record too, of which the hash of a model does not know: hence all texts."""
    texts = plain_json.text(dict(case.texts.texts), ordered=True)
    parts = [case.id, case.model_sha256, texts, str(worlds), str(seed), str(supposed), str(as_of)]
    parts.append(_program())
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


@functools.lru_cache(maxsize=1)
def _program() -> str:
    """A hash of the code that makes a look."""
    root, found = Path(str(resources.files("offramp"))), hashlib.sha256()
    for path in sorted(path for name in MAKERS for path in (root / name).rglob("*.py")):
        found.update(path.relative_to(root).as_posix().encode("utf-8") + b"\0" + path.read_bytes())
    return found.hexdigest()

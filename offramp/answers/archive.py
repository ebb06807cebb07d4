"""An archive of days: a file a day, in a folder that somebody named.

Each says by which model and which rows of the record the answers of a day were found, what they
were, with their errors, and on which evenings the worlds stopped, so that the next day goes on from
them. A file is plain JSON, written whole or not at all; nothing in it is needed to find the same
answers again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from offramp.case.record import Report
from offramp.errors import Mistake
from offramp.text import plain_json
from offramp.text.files import read_regular, write_whole

SCHEMA = "offramp.day/1"
NAMED = re.compile(r"(\d{4}-\d{2}-\d{2})\.json")


@dataclass(frozen=True, kw_only=True)
class Kept:
    """An answer of a day: the probability of yes, or of an option of a choice (None where no world
    met its condition), its log-odds with what each island adds to them, and the error below which
    none is believed (`explain/today.py`)."""

    id: str
    option: str
    probability: float | None
    log_odds: float | None
    pulls: tuple[float, ...]
    least: float | None


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A day of the archive.

    began, stops   the day on which worlds were last started from the first morning, and the
                   evenings since on which they stopped; `why` they did not go on from the last
    fresh, worths  how many independent worlds each unknown's posterior was worth on the day that
                   they began, and is
    key            a hash of all that the worlds follow from, the code included
    rows           a hash of each row of the record that was used, by its id
    """

    case: str
    day: dt.date
    assessment: str
    model_sha256: str
    seed: int
    worlds: int
    key: str
    began: dt.date
    stops: tuple[dt.date, ...]
    why: str
    fresh: Mapping[str, float]
    worths: Mapping[str, float]
    rows: Mapping[str, str]
    answers: tuple[Kept, ...]

    def answer(self, id: str, option: str) -> Kept | None:
        return next((a for a in self.answers if (a.id, a.option) == (id, option)), None)


def row_hash(r: Report) -> str:
    """Of all that a row says, wherever it stands in its file."""
    said = {k: v for k, v in asdict(r).items() if k != "span"}
    return hashlib.sha256(repr(sorted(said.items())).encode("utf-8")).hexdigest()[:16]


def path_of(folder: Path, day: dt.date) -> Path:
    return folder / f"{day}.json"


def keep(folder: Path, entry: Entry) -> None:
    """Writes a day, whole or not at all. Raises OSError."""
    said = {"schema": SCHEMA, **asdict(entry)}
    write_whole(
        path_of(folder, entry.day),
        plain_json.text(_plain(said), indent=2).encode("utf-8") + b"\n",
        durable=True,
    )


def _plain(x: Any) -> Any:
    if isinstance(x, dt.date):
        return x.isoformat()
    if isinstance(x, dict):
        return {k: _plain(v) for k, v in x.items()}
    if isinstance(x, list | tuple):
        return [_plain(v) for v in x]
    return None if isinstance(x, float) and not math.isfinite(x) else x


def there(folder: Path, day: dt.date) -> Entry | None:
    """A day of an archive; None where it is not there. Raises as `read`."""
    path = path_of(folder, day)
    return read(path) if path.is_file() else None


def latest(folder: Path, before: dt.date) -> Entry | None:
    """The last day of an archive before another; None where there is none. Raises Mistake for a
    file that no archive has written, OSError where it cannot be read."""
    days = []
    for path in folder.iterdir() if folder.is_dir() else ():
        name = NAMED.fullmatch(path.name)
        if name and name[1] < before.isoformat():
            days.append(path)
    return read(max(days)) if days else None


def read(path: Path) -> Entry:
    """A day as it was kept. Raises Mistake, OSError."""
    try:
        told = plain_json.parsed(read_regular(path))
        if told.pop("schema") != SCHEMA:
            raise ValueError
        told |= {k: dt.date.fromisoformat(told[k]) for k in ("day", "began")}
        told["stops"] = tuple(dt.date.fromisoformat(x) for x in told["stops"])
        told |= {k: _worths(told[k]) for k in ("fresh", "worths")}
        told["answers"] = tuple(map(_kept, told["answers"]))
        if not isinstance(told["rows"], dict):
            raise ValueError
        return Entry(**told)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise Mistake(
            f"'{path}' is no day of an archive ({SCHEMA}): name another folder, or take the file "
            "out of it; the day is then compared with the one before",
            "archive",
        ) from None


def _worths(x: dict[str, Any]) -> dict[str, float]:
    """Worths by unknown; null is what JSON has for an infinite one. Raises ValueError."""
    if not isinstance(x, dict):
        raise ValueError
    return {name: math.inf if n is None else _number(n) for name, n in x.items()}


def _kept(x: dict[str, Any]) -> Kept:
    """An answer as it was kept. Raises ValueError, TypeError, KeyError."""
    a = Kept(**x | {"pulls": tuple(map(_number, x["pulls"]))})
    for n in (a.probability, a.log_odds, a.least):
        if n is not None:
            _number(n)
    return a


def _number(x: Any) -> float:
    if isinstance(x, bool) or not isinstance(x, int | float):
        raise ValueError
    return float(x)

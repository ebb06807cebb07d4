"""The games that a folder keeps, a file each (`game_log.py`)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from offramp.errors import OfframpError
from offramp.play.game import Beginning
from offramp.play.game_log import Record, read_chain
from offramp.text.files import listed

ENDING = ".jsonl"


@dataclass(frozen=True)
class KeptGame:
    """A game in its file, as far as its log tells without being played again. `lived`: the last
    day that is over, None before the first is."""

    path: Path
    begins: Beginning
    lived: dt.date | None
    over: bool


def kept_games(folder: Path, case: str, starts: dt.date) -> tuple[KeptGame, ...]:
    """The games of a case, which `starts` on a day, by their files' names. What is no game, or was
    changed, is none. Raises OSError for a folder that cannot be read."""
    found = (_kept(path, starts) for path in listed(folder, ENDING))
    return tuple(k for k in found if k is not None and k.begins.case == case)


def _kept(path: Path, starts: dt.date) -> KeptGame | None:
    try:
        records = read_chain(path).records
        begins = Beginning.of(records[0])
        days = [r["day"] for r in records if r["kind"] == "day"]
        lived = starts + dt.timedelta(days[-1]) if days else None
    except (OfframpError, OSError, KeyError, TypeError, ValueError, OverflowError):
        return None
    return KeptGame(path, begins, lived, records[-1]["kind"] == "end")


def free(folder: Path, case: str) -> Path:
    """The first file of games of a case that is not there yet: `tutorial-1.jsonl`."""
    number = 1
    while (path := folder / f"{case}-{number}{ENDING}").exists():
        number += 1
    return path


def lived(records: tuple[Record, ...]) -> tuple[tuple[int, tuple[Record, ...]], ...]:
    """The days that are over, each with the decisions of its morning and, last, what happened.
    What was sealed on a morning that is not over is left out."""
    found, morning = list[tuple[int, tuple[Record, ...]]](), list[Record]()
    for record in records:
        if record["kind"] in ("choice", "consent"):
            morning.append(record)
        elif record["kind"] == "day":
            found.append((record["day"], (*morning, record)))
            morning = []
    return tuple(found)

"""The log of a game: one file, appended to and hash chained, so that a game replays, a killed one
goes on where it was, and a changed one is found.

A line is a record as canonical JSON. Each has the hash of the line before it (`prev`), the first
that of nothing; so no line can be changed, added or taken away before the last without a break. A
line is on the disk before the game goes on. The last line of a game that was killed may be torn;
it is left out when the game goes on, since nothing was done by it.

    begin    which case and model, which world (seed and number), who sits where, first and last day
    choice   a seat's deed about an agenda, with the probability that the model gave it, and why
    consent  a seat's yes or no
    day      what happened, and a hash of the state of the world in the evening
    inject   what the facilitator changed in the crisis, from that morning on
    branch   the lines before are those of another game, up to this morning; `left`: its head
    end      the last day is over
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from offramp.errors import Unanswerable
from offramp.runs.lock import locked
from offramp.text import plain_json
from offramp.text.files import read_regular

SCHEMA = "offramp.game/1"
Record = Mapping[str, Any]


class Broken(Unanswerable):
    """A log of a game is not what was written."""


@dataclass(frozen=True)
class Chain:
    """Records in order, and the hash of the last one's line."""

    records: tuple[Record, ...] = ()
    head: str = ""

    def plus(self, record: Record) -> Chain:
        return Chain((*self.records, record), sha256(line(record, self.head)))

    def upto(self, count: int) -> Chain:
        """The first so many records."""
        chain = Chain()
        for record in self.records[:count]:
            chain = chain.plus(record)
        return chain


def branched(chain: Chain, day: int, first: int) -> Chain:
    """The game up to the morning of a day (from 0, the case's first), as a game of its own: what
    was decided from that morning on is left out. `first`: the day of the game's own first morning.
    Raises Broken where it had not come to it."""
    kept = 1
    for number, record in enumerate(chain.records):
        if record["kind"] == "day" and type(record.get("day")) is not int:
            raise Broken(f"record {number + 1} of the game is none of a day")
        if record["kind"] == "day" and record["day"] < day:
            kept = number + 1
    lived = [r["day"] for r in chain.records[:kept] if r["kind"] == "day"]
    begun = any(r.get("day") == day for r in chain.records[kept:])
    if day != first and not begun and not (lived and lived[-1] == day - 1):
        raise Broken("the game has not come to that morning")
    whole = chain.upto(kept)
    return whole.plus({"kind": "branch", "day": day, "left": chain.head})


def line(record: Record, prev: str) -> str:
    return plain_json.text({**record, "prev": prev}, ordered=True)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def lines(records: Iterable[Record]) -> str:
    """The text of a whole log."""
    head, out = "", []
    for record in records:
        out.append(line(record, head))
        head = sha256(out[-1])
    return "".join(f"{x}\n" for x in out)


def read_chain(path: Path) -> Chain:
    """The records of a log; a torn last line is left out. Raises Broken, OSError."""
    content = read_regular(path)
    whole, _, torn = content.rpartition(b"\n")
    chain = Chain()
    for number, row in enumerate(whole.split(b"\n") if whole else (), start=1):
        try:
            record = plain_json.parsed(row.decode("utf-8"))
        except ValueError:
            raise Broken(f"{path}:{number}: this line is no record of a game") from None
        if not isinstance(record, dict) or not isinstance(record.get("kind"), str):
            raise Broken(f"{path}:{number}: this line is no record of a game")
        prev = record.pop("prev", None)
        if prev != chain.head or line(record, chain.head).encode() != row:
            raise Broken(
                f"{path}:{number}: the log was changed here or just before: this line does not "
                "follow from the one above it. A game is taken up from an unchanged log alone"
            )
        chain = chain.plus(record)
    if not chain.records:
        raise Broken(f"{path} holds no game" + (": its only line is torn" if torn else ""))
    if chain.records[0].get("schema") != SCHEMA:
        raise Broken(f"{path}: this is no game of Offramp's ({SCHEMA}), or one of another version")
    return chain


class Appended:
    """A log on the disk, to which records are added: by one process at a time, which holds it until
    `close` or its own end."""

    def __init__(self, path: Path, file: BinaryIO, chain: Chain) -> None:
        self.path, self.chain, self._file = path, chain, file
        if not locked(file):
            file.close()
            raise Broken(f"{path} is being played by another process: end that first")

    @classmethod
    def started(cls, path: Path, chain: Chain) -> Appended:
        """A new file, which must not be there yet. Raises FileExistsError, OSError."""
        path.parent.mkdir(parents=True, exist_ok=True)
        log = cls(path, open(path, "xb"), Chain())  # noqa: SIM115  # held, see close
        log._write(lines(chain.records).encode("utf-8"))
        log.chain = chain
        return log

    @classmethod
    def taken_up(cls, path: Path) -> Appended:
        """A log that is there; what is torn at its end is cut off. Raises Broken, OSError."""
        read_chain(path)
        log = cls(path, open(path, "r+b"), Chain())  # noqa: SIM115  # held, see close
        log.chain = read_chain(path)  # again, now that nobody else writes
        log._file.truncate(len(lines(log.chain.records).encode("utf-8")))
        log._file.seek(0, os.SEEK_END)
        return log

    def append(self, record: Record) -> None:
        self._write(f"{line(record, self.chain.head)}\n".encode())
        self.chain = self.chain.plus(record)

    def close(self) -> None:
        """Lets others take the game up; so does the end of who holds it."""
        self._file.close()

    __del__ = close

    def _write(self, content: bytes) -> None:
        self._file.write(content)
        self._file.flush()
        os.fsync(self._file.fileno())

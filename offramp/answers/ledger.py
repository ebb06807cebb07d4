"""A ledger of issued forecasts that shows if anybody touched it: JSON Lines, hash upon hash.

Each line is one entry in canonical JSON (keys sorted, no spaces, UTF-8, one newline): its number,
when it was issued, the forecast, the hash of the entry before it, and its own hash, which is the
SHA-256 of the canonical JSON of all the rest. The first entry stands on GENESIS. Nothing is ever
edited; a forecast that is revised is a further entry (Haber and Stornetta 1991, on dating a
document by a chain of hashes).

What the chain cannot show by itself: that entries were cut off at its end, or that the whole was
written anew. Who keeps the hash of the last entry (`head`) elsewhere, in a mail or in print, can
show both.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from offramp.answers.issued import Issued
from offramp.errors import OfframpError
from offramp.filter.particles import REVISION
from offramp.text import plain_json
from offramp.text.files import (
    NotRegular,
    check_writable,
    read_regular,
    regular,
    target,
    there,
    write_whole,
)
from offramp.version import __version__

SCHEMA = "offramp.ledger/2"
FIRST = "offramp.ledger/1"  # without `version` and `filter`: issued by the filter of revision 1
GENESIS = hashlib.sha256(b"offramp ledger 1: before the first forecast").hexdigest()
STAMP = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
HASH = re.compile("[0-9a-f]{64}")
COMMON = {"schema", "number", "issued_at", "previous", "forecast", "sha256"}
FIELDS = {SCHEMA: COMMON | {"version", "filter"}, FIRST: COMMON}


@dataclass(frozen=True)
class Entry:
    number: int  # from 1
    issued_at: str  # UTC, as in 2020-01-24T09:00:00Z
    forecast: Issued
    previous: str
    sha256: str
    version: str = ""  # of Offramp, that issued it; '' where the entry does not say
    filter: int = 1  # the revision of its filter

    @property
    def biased(self) -> bool:
        """Whether it is of worlds conditioned on reports by a filter that was wrong."""
        return self.filter < 2 and not self.forecast.assessment.startswith("baseline:")


@dataclass(frozen=True)
class Verdict:
    """`entries` are those that hold, from the first on; `head` is the hash of the last of them,
    which stands on all before it. `broken` is the number of the first entry that does not hold,
    and what is wrong with it. `biased` are the numbers of the entries of a filter that was wrong:
    they are what was issued then, and stay so."""

    ok: bool
    entries: int
    head: str
    broken: tuple[int, str] | None = None
    biased: tuple[int, ...] = ()

    @property
    def warning(self) -> str:
        """What is to be said of the entries of the biased filter; '' if there are none."""
        if not self.biased:
            return ""
        return (
            f"{len(self.biased)} of them (from entry {self.biased[0]} to {self.biased[-1]}) come "
            "from the filter of before version 0.2, whose moves were not exact: what they give is "
            "biased (docs/decisions/12-worlds-among-reports.md)"
        )


class Broken(OfframpError, ValueError):
    """The ledger does not hold, so nothing is added to it."""


def append(path: Path, forecasts: Sequence[Issued], issued_at: dt.datetime) -> str:
    """Adds the forecasts, all or none, and returns the new head. One process at a time.

    `issued_at` is the time of issue, with its time zone; entries stand in the order of their times.
    Raises ValueError for a time without a zone, Broken for a ledger that does not hold or whose
    last entry is of a later time, and OSError where it cannot be written.
    """
    if issued_at.tzinfo is None:
        raise ValueError("the time of issue needs its time zone, as datetime.now(UTC) has it")
    at = issued_at.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    with _held(path) as (path, old, verdict, entries):
        if entries and at < entries[-1].issued_at:
            raise Broken(
                f"{path}: the last entry was issued at {entries[-1].issued_at}, after {at}: see to "
                "this computer's clock; nothing was added"
            )
        head, lines = verdict.head, [old]
        for number, forecast in enumerate(forecasts, verdict.entries + 1):
            body = {
                "schema": SCHEMA,
                "number": number,
                "issued_at": at,
                "previous": head,
                "version": __version__,
                "filter": REVISION,
                "forecast": forecast.to_dict(),
            }
            head = _hash(body)
            lines.append(canonical({**body, "sha256": head}) + b"\n")
        if forecasts:
            write_whole(path, b"".join(lines), durable=True)
    return head


def check(path: Path) -> None:
    """Looks, before a forecast is made, whether it can be appended. Raises as `append` does."""
    with _held(path) as (real, *_):
        check_writable(real)


@contextmanager
def _held(path: Path) -> Iterator[tuple[Path, bytes, Verdict, tuple[Entry, ...]]]:
    """The ledger behind a path while no other process adds to it: where it is, its bytes and what
    they say. Raises Broken where it does not hold or is not a file of one name."""
    try:
        path = target(path)  # a link stays one
    except NotRegular as error:
        raise Broken(f"{path}: {error.strerror}; a ledger is a file") from None
    with _alone(path):
        old = read_regular(path) if there(path) else b""
        if old and regular(path).st_nlink > 1:
            raise Broken(
                f"{path} has {regular(path).st_nlink} names (hard links), of which one alone would "
                "go on: keep one, and let the others be links to it (ln -s); nothing was added"
            )
        verdict, entries = _read(old)
        if verdict.broken:
            number, what = verdict.broken
            raise Broken(f"{path}: entry {number}: {what}; nothing was added")
        yield path, old, verdict, entries


def verify(path: Path, head: str = "") -> Verdict:
    """Whether every entry is as it was issued and where it was. `head` is the hash of an entry
    that was once the last; it must still be there.

    Raises ValueError for a head that is no whole hash, or that of the empty ledger where there are
    entries, since neither could show that anything was cut off. Raises OSError where there is no
    ledger.
    """
    if head and not HASH.fullmatch(head):
        raise ValueError("a head is 64 digits from 0-9 and a-f, as `append` gives it")
    verdict, entries = _read(read_regular(path))
    if head == GENESIS and entries:
        raise ValueError(
            "that head is the one before the first entry, on which every ledger stands: it shows "
            "nothing; keep the head that was printed when forecasts were appended"
        )
    if head and verdict.ok and head != GENESIS and head not in {e.sha256 for e in entries}:
        what = (
            f"no entry has the hash {head[:16]} that was kept as the last: entries were cut off "
            "at the end, or the ledger was written anew"
        )
        return Verdict(False, verdict.entries, verdict.head, (verdict.entries + 1, what))
    return verdict


def read(path: Path) -> tuple[Entry, ...]:
    """The entries. Raises Broken where the ledger does not hold, OSError where there is none."""
    verdict, entries = _read(read_regular(path))
    if verdict.broken:
        number, what = verdict.broken
        raise Broken(f"{path}: entry {number}: {what}")
    return entries


def canonical(value: object) -> bytes:
    """One byte string for one value, whatever the order of its keys. Raises ValueError for numbers
    that JSON has not."""
    return plain_json.text(value, ordered=True).encode("utf-8")


def _hash(body: dict[str, object]) -> str:
    return hashlib.sha256(canonical(body)).hexdigest()


def _read(data: bytes) -> tuple[Verdict, tuple[Entry, ...]]:
    entries: list[Entry] = []
    head = GENESIS
    changed = _resaved(data)
    if changed:
        return Verdict(False, 0, GENESIS, (1, changed)), ()
    for number, line in enumerate(data.splitlines(keepends=True), 1):
        found = _entry(line, number, head)
        if not isinstance(found, str) and entries and found.issued_at < entries[-1].issued_at:
            found = (
                f"was issued at {found.issued_at}, before the entry that it follows "
                f"({entries[-1].issued_at})"
            )
        if isinstance(found, str):
            return Verdict(False, len(entries), head, (number, found)), tuple(entries)
        entries.append(found)
        head = found.sha256
    biased = tuple(e.number for e in entries if e.biased)
    return Verdict(True, len(entries), head, biased=biased), tuple(entries)


def _resaved(data: bytes) -> str:
    """Why a ledger that would hold does not: it was saved with other ends of lines, or with a mark
    at its beginning. That is what an editor or a version control does, and no forgery."""
    plain = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if plain == data or not _read(plain)[0].ok:
        return ""
    return (
        "the ends of lines were changed, or a byte-order mark was added, as editors and git do; "
        "every entry holds once the file has plain line feeds again (dos2unix, or `* -text` in "
        ".gitattributes)"
    )


def _real(stamp: str) -> bool:
    """Whether a time of issue is one: of the calendar and the clock."""
    try:
        dt.datetime.strptime(stamp, "%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        return False
    return STAMP.fullmatch(stamp) is not None


def _entry(line: bytes, number: int, previous: str) -> Entry | str:
    """The entry of a line, or what is wrong with it."""
    if not line.endswith(b"\n"):
        return "its line has no end: it was cut off, or is still being written"
    try:
        data = plain_json.parsed(line)
    except ValueError:  # no JSON, or no UTF-8
        return "is not JSON"
    except RecursionError:
        return "is nested too deep to be an entry"
    schema = data.get("schema") if isinstance(data, dict) else None
    if not isinstance(schema, str) or set(data) != FIELDS.get(schema):
        return f"is not an entry of {SCHEMA} or {FIRST}"
    try:
        same = canonical(data) + b"\n" == line
    except ValueError:  # NaN, which Python reads and JSON has not
        same = False
    body = {k: v for k, v in data.items() if k != "sha256"}
    if not same or _hash(body) != data["sha256"]:
        return "was edited: its content does not have its hash"
    if data["previous"] != previous or data["number"] != number:
        return (
            f"does not follow the entry before it (it calls itself number {data['number']}): "
            "entries were removed, added or put in another order here"
        )
    try:
        forecast = Issued.from_dict(data["forecast"])
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        return f"holds no forecast: {error}"
    if type(data["number"]) is not int or not _real(str(data["issued_at"])):
        return "has no number or no time of issue"
    revision, version = data.get("filter", 1), data.get("version", "")
    if type(revision) is not int or type(version) is not str:
        return "does not say which version issued it"
    return Entry(
        number=number,
        issued_at=str(data["issued_at"]),
        forecast=forecast,
        previous=previous,
        sha256=str(data["sha256"]),
        version=version,
        filter=revision,
    )


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Waits until no other process adds to this ledger. The lock goes with the process,
    however that ends; it is on a file beside the ledger, which is replaced, and stays there."""
    handle = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o666)
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_LOCK, 1)  # waits for ten seconds
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)

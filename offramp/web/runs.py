"""Runs that a reader waits for: a few at once, others in a queue, and none that nobody reads.

A run is answered as lines of JSON while it goes: `{"progress": [done, total]}`, and at last one of
`{"done": ...}`, `{"refused": why}`. When the reader goes away the run stops at its next step.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

from offramp import CaseError, OfframpError
from offramp.text.plain_json import text

AT_ONCE = 2  # heavy runs
WAITING = 8  # beside them
EVERY = 0.1  # seconds between two lines of progress

Progress = Callable[[int, int | None], None]
Work = Callable[[Progress], dict[str, Any]]


class Gone(Exception):
    """Nobody reads any more."""


class Full(Exception):
    """Too many wait already."""


class Runs:
    """Where runs take their turns."""

    def __init__(self) -> None:
        self.turn = asyncio.Semaphore(AT_ONCE)
        self.inside = 0

    def admitted(self) -> None:
        """Raises Full where no more may wait."""
        if self.inside >= AT_ONCE + WAITING:
            raise Full

    async def lines(self, work: Work) -> AsyncIterator[bytes]:
        """The lines of a run."""
        self.inside += 1
        gone, told = threading.Event(), list[tuple[int, int | None]]()

        def progress(done: int, total: int | None) -> None:
            if gone.is_set():
                raise Gone
            told[:] = [(done, total)]

        try:
            async with self.turn:
                task = asyncio.ensure_future(asyncio.to_thread(_answered, work, progress))
                seen: list[tuple[int, int | None]] = []
                while not task.done():
                    await asyncio.wait([task], timeout=EVERY)
                    if told and told != seen:
                        seen = list(told)
                        yield _line({"progress": list(seen[0])})
                yield _line(task.result())
        finally:
            gone.set()
            self.inside -= 1


def _answered(work: Work, progress: Progress) -> dict[str, Any]:
    try:
        return {"done": work(progress)}
    except Gone:
        return {"refused": "nobody waited for it"}
    except CaseError as error:
        said = [f"{d.message}; {d.help}" if d.help else d.message for d in error.diagnostics[:3]]
        return {"refused": "; ".join(said)}
    except OfframpError as error:
        return {"refused": str(error)}


def _line(value: dict[str, Any]) -> bytes:
    return text(value).encode("utf-8").replace(b"\n", b"") + b"\n"

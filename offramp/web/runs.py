"""Runs that a reader waits for: a few at once, others in a queue, and none that nobody reads.

A run is answered as lines of JSON while it goes: `{"waiting": true}` where it has no turn yet,
`{"progress": [done, total]}`, and at last one of `{"done": ...}`, `{"refused": why}`. When the
reader goes away the run stops at its next step, and until it has stopped it keeps its turn.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from offramp import CaseError, OfframpError
from offramp.text.diagnostics import Diagnostic
from offramp.text.plain_json import text
from offramp.web.guard import FAULT, log

AT_ONCE = 2  # heavy runs
WAITING = 8  # beside them
EVERY = 0.1  # seconds between two lines of progress

T = TypeVar("T")
Progress = Callable[[int, int | None], None]
Work = Callable[[Progress], dict[str, Any]]


class Gone(Exception):
    """Nobody reads any more."""


class Full(Exception):
    """Too many wait already."""


@dataclass(frozen=True)
class Ended(Generic[T]):
    """What a run came to."""

    value: T


class Runs:
    """Where runs take their turns."""

    def __init__(self) -> None:
        self.turn = asyncio.Semaphore(AT_ONCE)
        self.inside = 0

    @contextlib.contextmanager
    def place(self) -> Iterator[None]:
        """A place among those that run or wait. Raises Full where there is none."""
        if self.inside >= AT_ONCE + WAITING:
            raise Full
        self.inside += 1
        try:
            yield
        finally:
            self.inside -= 1

    async def lines(self, work: Work) -> AsyncGenerator[bytes, None]:
        """The lines of a run."""
        async with aclosing(self._steps(lambda progress: _answered(work, progress))) as steps:
            async for step in steps:
                yield step.value if isinstance(step, Ended) else _line(step)

    async def whole(self, work: Callable[[Progress], T], receive: Receive) -> T:
        """What a run gives that is answered in one piece. Raises what it raises, Full, and
        ClientDisconnect when the reader goes away."""
        with self.place():
            run = asyncio.ensure_future(self._last(work))
            left = asyncio.ensure_future(_left(receive))
            try:
                await asyncio.wait([run, left], return_when=asyncio.FIRST_COMPLETED)
                if not run.done():
                    raise ClientDisconnect
                return run.result()
            finally:
                run.cancel()
                left.cancel()

    async def _last(self, work: Callable[[Progress], T]) -> T:
        async with aclosing(self._steps(work)) as steps:
            async for step in steps:
                if isinstance(step, Ended):
                    return step.value
        raise AssertionError("a run ends")

    async def _steps(
        self, work: Callable[[Progress], T]
    ) -> AsyncGenerator[dict[str, Any] | Ended[T], None]:
        """That it waits, how far it is, now and then, and what it came to. Raises what the work
        raises."""
        gone, told = threading.Event(), list[tuple[int, int | None]]()

        def progress(done: int, total: int | None) -> None:
            if gone.is_set():
                raise Gone
            told[:] = [(done, total)]

        if self.turn.locked():
            yield {"waiting": True}
        await self.turn.acquire()
        answer = _on_a_thread(work, progress)
        answer.add_done_callback(lambda _: self.turn.release())
        seen: list[tuple[int, int | None]] = []
        try:
            while not answer.done():
                await asyncio.wait([answer], timeout=EVERY)
                if told and told != seen:
                    seen = list(told)
                    yield {"progress": list(seen[0])}
            yield Ended(answer.result())
        finally:
            gone.set()


class Lines(StreamingResponse):
    """The answer of a run, line by line; it has its place from the first moment to the last, so
    that none is lost by a reader who leaves before it begins."""

    def __init__(self, runs: Runs, work: Work) -> None:
        self.runs, self.own = runs, runs.lines(work)
        super().__init__(self.own, media_type="application/x-ndjson")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self.runs.place():
            try:
                await super().__call__(scope, receive, send)
            finally:
                await self.own.aclose()


def why(error: OfframpError) -> str:
    """A refusal in words, without a path of this machine."""
    if isinstance(error, CaseError):
        return "; ".join(map(_told, error.diagnostics[:3]))
    return str(error)


def _told(d: Diagnostic) -> str:
    """A finding with what would have worked. An edit that the page sent stands in no file."""
    place = "" if d.span.file == "do" else f"{d.span.file}:{d.span.line}: "
    return f"{place}{d.message}" + (f"; {d.help}" if d.help else "")


def _on_a_thread(work: Callable[[Progress], T], progress: Progress) -> asyncio.Future[T]:
    """What the work comes to. Its thread keeps no server from ending."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def settle(value: T | None, error: BaseException | None) -> None:
        if error is None:
            answer.set_result(value)  # type: ignore[arg-type]
        else:
            answer.set_exception(error)
            answer.exception()  # whoever asked may have left

    def run() -> None:
        value, error = None, None
        try:
            value = work(progress)
        except Exception as raised:
            error = raised
        except BaseException as raised:  # what would end the server is no answer to it
            error = RuntimeError(repr(raised))
        with contextlib.suppress(RuntimeError):  # the server has ended meanwhile
            loop.call_soon_threadsafe(settle, value, error)

    threading.Thread(target=run, daemon=True).start()
    return answer


def _answered(work: Work, progress: Progress) -> bytes:
    """The last line of a run."""
    try:
        return _line({"done": work(progress)})
    except Gone:
        return _line({"refused": "nobody waited for it"})
    except OfframpError as error:
        return _line({"refused": why(error)})
    except BaseException:  # a fault of ours, or of a study that ends the process
        log.exception("a run failed")
        return _line({"refused": FAULT})


async def _left(receive: Receive) -> None:
    """Comes back when the reader has gone away."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _line(value: dict[str, Any]) -> bytes:
    return text(value).encode("utf-8", "replace") + b"\n"

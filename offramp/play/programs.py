"""Seats that programs hold: what they are asked, what counts as an answer, and what happens where
none comes.

A program is started once and talks in lines: it is written a question as one line of JSON, and
writes one line back, the number of its answer, or `{"answer": 2, "words": [...], "why": "..."}`.
It has so many seconds. What is no answer (another number, rubbish, silence, an end) is no mistake
of the game: the model's own dice stand in, and the log says so (`by`). A program that has failed
three times is not asked again.

The question has the whole view of the seat (`sight.py`) and the answers that stand open, numbered:
0 is to do nothing, or to refuse consent.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import queue
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from offramp.errors import Mistake, OfframpError
from offramp.play.asking import Ask
from offramp.play.game import NOTHING, Game
from offramp.play.sight import View
from offramp.text import plain_json

SECONDS = 10.0
MOST_BYTES = 65_536  # of an answer
PATIENCE = 3
LONG = 500  # characters of a reason that are kept


class NoAnswer(OfframpError):
    """A seat's holder gave no answer; the message says why."""


@dataclass(frozen=True)
class Reply:
    """An answer: the deed, its words (None: as the model says), and why; the hash of what was asked
    of a language model."""

    deed: str
    words: tuple[str, ...] | None = None
    why: str = ""
    prompt_sha256: str = ""


Answerer = Callable[[View, Ask], Reply]  # raises NoAnswer


def answered(
    game: Game, holders: Mapping[str, Answerer], before: Mapping[str, int]
) -> dict[str, int]:
    """Asks the holders of seats for what they owe, until only others owe anything. `before`: how
    often each has failed so far; gives how often now."""
    failed = dict(before)
    while ask := next((a for a in game.owes if a.seat in holders), None):
        try:
            if failed.get(ask.seat, 0) >= PATIENCE:
                raise NoAnswer("it has failed before")
            reply = holders[ask.seat](game.view(ask.seat), ask)
            why, prompt = reply.why[:LONG], reply.prompt_sha256
            game.answer(ask.id, reply.deed, reply.words, why, prompt_sha256=prompt)
        except (NoAnswer, Mistake) as error:
            failed[ask.seat] = failed.get(ask.seat, 0) + 1
            deed, words = game.stand_in(ask)
            game.answer(ask.id, deed, words, by=f"the model ({error})"[:LONG])
    return failed


def question(view: View, ask: Ask) -> dict[str, Any]:
    """What a program is asked, as plain values."""
    if ask.consent:
        answers: list[dict[str, Any]] = [
            {"answer": 0, "what": f"refuse consent to {ask.consent}"},
            {"answer": 1, "what": f"consent to {ask.consent}"},
        ]
    else:
        answers = [{"answer": 0, "what": NOTHING}]
        for number, option in enumerate(ask.open, start=1):
            row: dict[str, Any] = {"answer": number, "what": option.event, "title": option.title}
            answers.append({**row, "words": list(option.words)} if option.words else row)
    return {"view": plain(view), "decision": {"id": ask.id, "answers": answers}}


def plain(value: object) -> Any:
    """A view as plain values: dataclasses as objects, days as text."""
    if is_dataclass(value):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, tuple | list):
        return [plain(v) for v in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def reply_of(content: bytes | str, ask: Ask) -> Reply:
    """The answer that a line says. Raises NoAnswer."""
    try:
        said = plain_json.parsed(content)
    except ValueError:
        raise NoAnswer("what it wrote is no answer") from None
    told = said if isinstance(said, dict) else {"answer": said}
    number, words, why = told.get("answer"), told.get("words"), told.get("why", "")
    deeds = ("no", "yes") if ask.consent else (NOTHING, *(o.event for o in ask.open))
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < len(deeds):
        raise NoAnswer(f"its answer is no number from 0 to {len(deeds) - 1}")
    if words is not None and not (
        isinstance(words, list) and all(isinstance(w, str) for w in words)
    ):
        raise NoAnswer("its words are no list of names")
    reason = why if isinstance(why, str) else ""
    return Reply(deeds[number], None if words is None else tuple(words), reason)


def json_in(said: str) -> str:
    """The JSON object in what a language model said, which may stand in other words or a fence; all
    of it where there is none."""
    start, end = said.find("{"), said.rfind("}")
    return said[start : end + 1] if 0 <= start < end else said.strip()


class Program:
    """A program that talks in lines. `close` ends it."""

    def __init__(self, command: str, seconds: float = SECONDS) -> None:
        try:
            self._words = shlex.split(command)
        except ValueError as error:
            raise Mistake(f"“{command}” is no command: {error}", "seats") from None
        self.seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None

    def __call__(self, view: View, ask: Ask) -> Reply:
        row = json.dumps(question(view, ask), ensure_ascii=False).encode() + b"\n"
        process = self._running()
        told: queue.Queue[bytes | None] = queue.Queue()
        threading.Thread(target=_talk, args=(process, row, told), daemon=True).start()
        try:
            content = told.get(timeout=self.seconds)
        except queue.Empty:
            self.close()
            raise NoAnswer(f"it did not answer within {self.seconds:g} seconds") from None
        if not content:
            self.close()
            raise NoAnswer("it ended before it had answered")
        try:
            if not content.endswith(b"\n") and len(content) >= MOST_BYTES:
                raise NoAnswer(f"its answer is longer than {MOST_BYTES:,} bytes")
            return reply_of(content, ask)
        except NoAnswer:
            self.close()  # what else it has written is no answer to the next question
            raise

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            try:
                self._process = subprocess.Popen(
                    self._words,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    start_new_session=True,
                )
            except OSError as error:
                raise NoAnswer(f"it cannot be started: {error.strerror}") from None
        return self._process

    def close(self) -> None:
        """Ends the program with whatever it has started. Its pipes are left to who reads them: to
        close one that is being read would wait for whoever holds its other end."""
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(OSError):
                if sys.platform == "win32":
                    process.kill()
                else:
                    os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _talk(process: subprocess.Popen[bytes], row: bytes, told: queue.Queue[bytes | None]) -> None:
    """Writes the question and waits for a line; None where the program has ended."""
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(row)
        process.stdin.flush()
        told.put(process.stdout.readline(MOST_BYTES))
    except (OSError, ValueError):
        told.put(None)

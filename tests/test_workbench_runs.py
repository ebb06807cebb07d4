"""Runs of the workbench: a few at once, a queue, and none that nobody reads; a reader is always
told how it ended."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from test_blocks import needs_numba
from workbench import NOT_TOLD, Answer, Served, cache_in, serving, until

import offramp
from offramp.web import addresses
from offramp.web import runs as runs_module
from offramp.web.runs import AT_ONCE, WAITING, Runs

pytestmark = needs_numba
STUDY = "/api/c/tutorial/study/facts"
WORLDS = "/api/c/tutorial/worlds?n=20000&seed={}"
LONG = 20.0  # seconds after which a stand-in ends by itself


class StandIn:
    """A study that goes on until it is let go, or until nobody reads; it calls its progress often,
    and counts how many of it run, ran at once, and were stopped."""

    def __init__(self) -> None:
        self.lock, self.let_go = threading.Lock(), threading.Event()
        self.now = self.most = self.begun = self.stopped = 0
        self.after = 0.0  # seconds that it works on before it looks up again

    def __call__(self, case: Any, study: str, query: dict[str, str], progress: Any) -> Any:
        with self.lock:
            self.begun += 1
            self.now += 1
            self.most = max(self.most, self.now)
        try:
            for step in range(int(LONG * 100)):
                if self.let_go.is_set():
                    return offramp.coverage(case)
                progress(step, None)
                time.sleep(0.01 + self.after)
            raise AssertionError("nobody let it go")
        except Exception:
            with self.lock:
                self.stopped += 1
            raise
        finally:
            with self.lock:
                self.now -= 1


@pytest.fixture
def study(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    made = StandIn()
    monkeypatch.setattr(addresses, "_studied", made)
    yield made
    made.let_go.set()


@pytest.fixture(scope="module", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with cache_in(tmp_path_factory.mktemp("cache")):
        yield


@pytest.fixture(scope="module")
def both() -> Iterator[tuple[Served, Runs]]:
    """A server, and where its runs take their turns."""
    made = list[Runs]()

    def runs() -> Runs:
        made.append(Runs())
        return made[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(addresses, "Runs", runs)
        with serving("tutorial") as served:
            yield served, made[0]


@pytest.fixture
def own(both: tuple[Served, Runs]) -> Served:
    return both[0]


@pytest.fixture
def runs(both: tuple[Served, Runs]) -> Runs:
    return both[1]


@pytest.fixture
def readers(own: Served) -> Iterator[Callable[[int], list[socket.socket]]]:
    """Opens so many that ask for the study; all are gone at the end."""
    with ExitStack() as stack:
        yield lambda n: [stack.enter_context(own.reading(STUDY)) for _ in range(n)]


def failing(error: BaseException) -> Callable[..., Any]:
    def fails(*arguments: Any) -> Any:
        raise error

    return fails


# ---- turns ---------------------------------------------------------------------------------------


def test_a_run_tells_how_far_it_is_and_what_it_came_to(own: Served, study: StandIn) -> None:
    with own.reading(STUDY) as s:
        read = s.makefile("rb")
        head = [read.readline() for _ in range(20)]
        assert any(b"x-ndjson" in line for line in head)
        assert any(b'{"progress": [' in line for line in head)
        study.let_go.set()
        until(lambda: b'{"done": {"schema": "offramp.coverage/' in read.readline())


def test_who_waits_is_told_that_he_does(
    own: Served, study: StandIn, readers: Callable[[int], list[socket.socket]]
) -> None:
    first, *_ = readers(AT_ONCE)
    until(lambda: study.now == AT_ONCE)
    with own.reading(STUDY) as s:
        read = s.makefile("rb")
        until(lambda: b'{"waiting": true}' in read.readline())
        study.let_go.set()
        until(lambda: b'{"done": ' in read.readline())
    told = first.makefile("rb")
    until(lambda: b'{"progress": [' in told.readline())  # who has a turn does not wait


def test_so_many_run_at_once_and_the_others_wait(
    own: Served, study: StandIn, readers: Callable[[int], list[socket.socket]]
) -> None:
    readers(AT_ONCE + WAITING)
    until(lambda: study.now == AT_ONCE)
    refused = own.ask(STUDY)
    assert (refused.status, refused.guarded) == (429, True)
    assert "try again" in refused.json["refused"]
    assert own.ask(WORLDS.format(1)).status == 429
    study.let_go.set()
    until(lambda: study.begun == AT_ONCE + WAITING)
    until(lambda: study.now == 0)
    assert study.most == AT_ONCE
    assert own.ask(STUDY).lines[-1].keys() == {"done"}


def test_of_many_at_the_same_moment_no_more_come_in(own: Served, study: StandIn) -> None:
    answers = list[Answer]()
    asking = [threading.Thread(target=lambda: answers.append(own.ask(STUDY))) for _ in range(30)]
    for thread in asking:
        thread.start()
    until(lambda: len(answers) == 30 - AT_ONCE - WAITING)
    assert {a.status for a in answers} == {429}
    study.let_go.set()
    for thread in asking:
        thread.join()
    assert sorted(a.status for a in answers) == [200] * (AT_ONCE + WAITING) + [429] * 20


def test_the_page_is_answered_while_runs_go_on(
    own: Served, study: StandIn, readers: Callable[[int], list[socket.socket]]
) -> None:
    readers(AT_ONCE + WAITING)
    until(lambda: study.now == AT_ONCE)
    start = time.monotonic()
    for view in ("", "/passages", "/reports", "/grounds/war", "/story/3"):
        assert own.ask(f"/api/c/tutorial{view}").status == 200
    assert time.monotonic() - start < 60.0


def test_who_leaves_the_queue_gives_the_place_back(
    own: Served,
    runs: Runs,
    study: StandIn,
    readers: Callable[[int], list[socket.socket]],
) -> None:
    readers(AT_ONCE)  # first: of ten that ask at once the server may begin any two
    until(lambda: study.now == AT_ONCE)
    waiting = readers(WAITING)
    until(lambda: runs.inside == AT_ONCE + WAITING)
    begun = study.begun
    for s in waiting:
        s.close()
    until(lambda: runs.inside == AT_ONCE)
    readers(WAITING)
    until(lambda: runs.inside == AT_ONCE + WAITING)
    assert own.ask(STUDY).status == 429
    assert study.begun == begun  # who left never began


# ---- readers who leave ---------------------------------------------------------------------------


def test_a_run_dies_with_its_reader(own: Served, study: StandIn) -> None:
    """At once, though it reads nothing of what it is sent."""
    with own.reading(STUDY):
        until(lambda: study.now == 1)
    start = time.monotonic()
    until(lambda: study.stopped == 1, seconds=2.0)
    print(f"the stand-in ended {time.monotonic() - start:.2f} s after its reader left")
    assert study.now == 0


def test_who_left_keeps_the_turn_until_the_work_has_ended(
    own: Served, study: StandIn, readers: Callable[[int], list[socket.socket]]
) -> None:
    """Else whoever asks and leaves again and again would have any number of runs."""
    study.after = 0.7
    for _ in range(3):
        with ExitStack() as stack:
            for _ in range(AT_ONCE):
                stack.enter_context(own.reading(STUDY))
            time.sleep(0.2)
    study.after = 0.0
    until(lambda: study.now == 0)
    assert study.most <= AT_ONCE


@pytest.mark.parametrize(
    ("target", "seconds"),
    [
        ("/api/c/tutorial/study/facts", 2.0),
        ("/api/c/tutorial/study/why?question=blockade", 2.0),
        ("/api/c/tutorial/study/policies", 2.0),
        ("/api/c/tutorial/study/condition?on=2031-04-20", 2.0),
        ("/api/c/tutorial/study/claims", 10.0),  # its processes end what they are at
        (WORLDS.format(77), 2.0),
    ],
)
def test_a_real_run_dies_with_its_reader(
    own: Served, runs: Runs, target: str, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = threads_of_runs(monkeypatch)
    with own.reading(target):
        until(lambda: seen)
        time.sleep(0.1)
    start = time.monotonic()
    until(lambda: runs.inside == 0, seconds=2.0)
    until(lambda: not any(t.is_alive() for t in seen), seconds)
    print(f"{target} ended {time.monotonic() - start:.2f} s after its reader left")


def threads_of_runs(monkeypatch: pytest.MonkeyPatch) -> list[threading.Thread]:
    """Those that are begun from now on."""
    out = list[threading.Thread]()

    class Seen(threading.Thread):
        def start(self) -> None:
            out.append(self)
            super().start()

    class Threading:
        Thread, Event = Seen, threading.Event

    monkeypatch.setattr(runs_module, "threading", Threading)
    return out


# ---- how it ends ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("study", "words"),
    [
        ("why?question=nothing", "no question 'nothing'"),
        ("why", "no question ''"),
        ("why?question=swarms", "no question"),
        ("compare?a=tass&b=nobody", "nobody"),
        ("compare", "give two different ones"),
        ("condition?on=2031-13-01", "is not a date"),
        ("condition?on=1999-01-01", "outside the crisis"),
        ("condition?on=%00", "is not a date"),
        ("condition?on=2031-04-05&as=nobody", "nobody"),
        ("claims?as=nobody", "nobody"),
        ("policies?as=nobody", "nobody"),
    ],
)
def test_a_refusal_comes_as_a_line(own: Served, study: str, words: str) -> None:
    found = own.ask(f"/api/c/tutorial/study/{study}")
    assert (found.status, found.guarded) == (200, True)
    assert list(found.lines[-1]) == ["refused"]
    assert words in found.lines[-1]["refused"]


@pytest.mark.parametrize(
    "error",
    [
        ZeroDivisionError("/home/secret"),
        KeyError("x"),
        RecursionError(),
        MemoryError(),
        SystemExit(3),
        KeyboardInterrupt(),
        OSError(28, "No space left on device", "/home/secret"),
    ],
)
def test_a_fault_of_ours_is_a_refusal_in_words(
    own: Served,
    error: BaseException,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The traceback is for the terminal."""
    monkeypatch.setattr(addresses, "_studied", failing(error))
    with caplog.at_level(logging.ERROR, "offramp.web"):
        found = own.ask(STUDY)
    assert [list(line) for line in found.lines] == [["refused"]]
    assert "fault of Offramp's" in found.lines[0]["refused"]
    assert b"secret" not in found.body
    assert caplog.records[0].exc_info is not None
    assert own.ask("/api/c/tutorial").status == 200


def test_what_is_no_number_is_a_refusal(own: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses.views, "differences", lambda *_: {"value": float("nan")})
    found = own.post("/api/c/tutorial/whatif", {"do": {"never": ["fog"]}, "worlds": 8})
    assert list(found.lines[-1]) == ["refused"]


def test_a_fault_while_worlds_are_made(
    own: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Their answer has not begun, so it says so by its status."""
    for error in (ZeroDivisionError("/home/secret"), SystemExit(3)):
        monkeypatch.setattr(own.desk, "look", failing(error))
        found = own.ask(WORLDS.format(5))
        assert (found.status, found.guarded) == (500, True)
        assert b"secret" not in found.body
        assert "fault" in found.json["refused"]
    monkeypatch.setattr(own.desk, "look", failing(offramp.Unanswerable("too few")))
    assert own.ask(WORLDS.format(5)).json == {"refused": "too few"}


@pytest.mark.parametrize(
    "do",
    [
        {},
        {"never": []},
        {"never": [""]},
        {"never": "fog"},
        {"never": ["nothing"]},
        {"never": [None]},
        {"never": [["fog"]]},
        {"never": {"fog": 1}},
        {"nothing": ["fog"]},
        {"": ""},
        {"force": {"fog": []}},
        {"force": {"fog": ["2031-02-30"]}},
        {"force": {"fog": ["1066-10-14"]}},
        {"force": {"fog": 1e308}},
        {"force": {"fog": {"a": {"b": {"c": []}}}}},
        {"hold": {"order": "1 +"}},
        {"hold": {"order": "(" * 5000}},
        {"hold": {"trade": "1/0 ? why not"}},
        {"hold": {"trade": "9" * 400}},
        {"urge": {"kelmark.board": "1e400 ? much"}},
        {"never": ["fog"] * 5000},
        {"never": ["\u0000", "\u2028", "<img src=x onerror=alert(1)>"]},
        {"never": ["/etc/passwd", "../../x", "!!python/object:os.system", "&a *a"]},
        {"never": ["a: b\nc: [d"]},
    ],
)
def test_an_odd_what_if_is_refused_in_words_or_answered(own: Served, do: object) -> None:
    found = own.post("/api/c/tutorial/whatif", {"do": do, "worlds": 1})
    assert (found.status, found.guarded) == (200, True)
    last = found.lines[-1]
    assert list(last) in (["done"], ["refused"])
    assert "fault of Offramp's" not in last.get("refused", "")
    assert not [words for words in NOT_TOLD if words.encode() in found.body]


@pytest.mark.parametrize("worlds", [0, -1, 20_001, 10**30])
def test_a_what_if_has_bounds(own: Served, worlds: int) -> None:
    found = own.post("/api/c/tutorial/whatif", {"do": {"never": ["fog"]}, "worlds": worlds})
    assert list(found.lines[-1]) == ["refused"]


def test_a_deep_what_if_is_refused(own: Served) -> None:
    deep: object = []
    for _ in range(400):
        deep = {"a": deep}
    found = own.post("/api/c/tutorial/whatif", {"do": {"force": deep}})
    assert list(found.lines[-1]) == ["refused"]


def test_a_what_if_says_what_the_library_does(own: Served) -> None:
    do = {"never": ["kelmark.board"]}
    found = own.post("/api/c/tutorial/whatif", {"do": do, "worlds": 120, "seed": 4}).lines[-1]
    case = offramp.load("tutorial")
    a, b = offramp.session(case, offramp.edit(case, do), seed=4)
    expected = offramp.differences(a.grown(120), b.grown(120))
    rows = found["done"]["changes"]
    assert [(r["id"], r["option"], r["value"], r["error"]) for r in rows] == [
        (d.id, d.option, d.value, d.error) for d in expected if d.worlds
    ]
    assert found["done"]["worlds"] == 120
    json.dumps(rows, allow_nan=False)

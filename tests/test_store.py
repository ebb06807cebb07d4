"""Worlds that are kept: read back to the last bit, under a name that says what they follow from."""

from __future__ import annotations

import datetime as dt
import gc
import io
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from crises import crises
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reports import at_random

from offramp.case.case import load, read_crisis
from offramp.cli import main
from offramp.engine.blocks import cache
from offramp.engine.plan import plan
from offramp.engine.schedule import Fact, Reading, Schedule, Sighting
from offramp.errors import Mistake
from offramp.filter import store
from offramp.filter.known import schedule
from offramp.filter.particles import run_island
from offramp.filter.posterior import Impossible, Posterior, filtered
from offramp.filter.simulator import Filter, Island, prepare
from offramp.language.crisis import Crisis
from offramp.text.diagnostics import CaseError

posix = pytest.mark.skipif(os.name != "posix", reason="pipes and signals of POSIX")
AS_OF = dt.date(2031, 4, 20)
ISLANDS, SIZE = 4, 32
SCHEDULE = Schedule(
    last=12,
    sightings=(Sighting("R1", 0, 0, (Reading(3, 4, 0.5), Reading(6, 6, 0.5))),),
    facts=(Fact(id="F1", quantity=0, day=4, relation="=", value=1.0, error=2.0),),
    followed=(),
)


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of islands of a cache of its own, empty, with the compiled machine beside it."""
    machine = store.machinery.cache_folder() / f"machine-{store.machinery.key()}"
    store.machinery.machine()
    monkeypatch.setenv("OFFRAMP_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("OFFRAMP_POSTERIORS")
    cache.make(tmp_path / "cache" / "islands")
    if machine.is_dir():
        (tmp_path / "cache" / machine.name).symlink_to(machine)
    return tmp_path / "cache" / "islands"


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of the islands that were simulated, as they come."""
    out = list[int]()

    def counted(f: Filter, number: int, *arguments: Any) -> Island:
        out.append(number)
        return run_island(f, number, *arguments)

    monkeypatch.setattr(store, "run_island", counted)
    return out


def of(crisis: Crisis, known: Schedule | None = None, seed: int = 1) -> Filter:
    laid = plan(crisis)
    return prepare(laid, known or schedule(laid, load("tutorial").history, AS_OF), seed)


def tutorial() -> Filter:
    return of(load("tutorial").crisis)


def kept(f: Filter, *snapshots: int, islands: int = ISLANDS, size: int = SIZE) -> Posterior:
    return store.posterior(f, islands, size, snapshots, threads=2)


def fresh(f: Filter, *snapshots: int, islands: int = ISLANDS, size: int = SIZE) -> Posterior:
    return filtered(f, islands, size, snapshots, threads=2)


def place(f: Filter, number: int) -> Path:
    return store.place(store.key(f.plan.crisis, f.schedule, f.seed), number, SIZE)


def same(a: Posterior, b: Posterior) -> bool:
    """To the last bit: `==` takes -0.0 for 0.0, and an array in another order for the same."""
    return a.days == b.days and [bits(i) for i in a.islands] == [bits(i) for i in b.islands]


def bits(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.flags.c_contiguous, value.tobytes()
    if isinstance(value, dict):
        return [(k, bits(v)) for k, v in value.items()]
    if hasattr(value, "__dataclass_fields__"):
        return [bits(getattr(value, x.name)) for x in fields(value)]
    return repr(value)


# ---- what is read is what was simulated ------------------------------------------------------


EASY = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]


@settings(max_examples=12, deadline=None, suppress_health_check=EASY)
@given(crises(), st.integers(0, 10**6))
def test_what_is_read_back_is_what_was_simulated_of_any_crisis(
    own: Path, text: str, number: int
) -> None:
    laid = plan(read_crisis(text)[0])
    f = prepare(laid, replace(at_random(laid, number), stops=()), number)
    expected = ended(lambda: fresh(f, 2))
    assert ended(lambda: kept(f, 2)) == expected
    assert ended(lambda: kept(f, 2)) == expected


def ended(run: Callable[[], Posterior]) -> Any:
    """The islands to the last bit, also of a history that no world can live."""
    try:
        return [bits(i) for i in run().islands]
    except Impossible as impossible:
        return impossible.day, [bits(i) for i in impossible.islands]


def test_the_second_time_nothing_is_simulated(own: Path, runs: list[int]) -> None:
    f, heard = tutorial(), list[int]()
    expected = fresh(f, 10)
    assert same(kept(f, 10), expected)
    assert sorted(runs) == [0, 1, 2, 3]
    assert same(store.posterior(f, ISLANDS, SIZE, (10,), 2, heard.append), expected)
    assert sorted(runs) == [0, 1, 2, 3]
    assert sum(heard) == ISLANDS * len(expected.days)  # whoever counts comes to the same end


def test_more_islands_and_other_days_add_what_is_not_there(own: Path, runs: list[int]) -> None:
    f = tutorial()
    kept(f, 10, islands=2)
    assert same(kept(f, 10, islands=4), fresh(f, 10, islands=4))
    assert sorted(runs) == [0, 1, 2, 3]
    assert same(kept(f, islands=3), fresh(f, islands=3))  # fewer, and no day but the last
    assert same(kept(f, 10**6, islands=3), fresh(f, islands=3))  # nor a day that does not come
    assert len(runs) == 4
    assert same(kept(f, 5), fresh(f, 5))
    assert len(runs) == 8
    assert same(kept(f, 5, 10), fresh(f, 5, 10))  # what was there stayed
    assert len(runs) == 8
    assert same(kept(f, 5, size=16), fresh(f, 5, size=16))
    assert len(runs) == 12


def test_what_was_broken_off_goes_on_after_the_last_whole_island(
    own: Path, runs: list[int]
) -> None:
    f = tutorial()

    def interrupted(n: int) -> None:
        if len(runs) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.posterior(f, ISLANDS, SIZE, (), 1, interrupted)
    begun = len(runs)
    assert runs[:3] == [0, 1, 2]
    assert same(kept(f), fresh(f))
    assert {2} <= {*runs[begun:]} <= {2, 3}


def test_threads_that_read_at_once_all_find_what_is_kept(
    own: Path,
) -> None:
    """Also where Python's parser, by which numpy reads a header, is not safe among threads."""
    path = own / f"{'0' * 32}.island"
    cache.write(path, {f"part {k}": np.zeros((2, 3)) for k in range(20)})
    found = list[bool]()

    def read() -> None:
        for _ in range(10):
            found.append(cache.read(path, len) == 20)

    def called(*_: Any) -> None:  # by the collector, which so lets other threads run
        sum(range(20))

    before, interval = gc.get_threshold(), sys.getswitchinterval()
    threads = [threading.Thread(target=read) for _ in range(8)]
    gc.callbacks.append(called)
    gc.set_threshold(5)
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
        gc.set_threshold(*before)
        gc.callbacks.remove(called)
    assert found == [True] * 80


STUDIES = (
    ("condition", "tutorial", "--as-of", "2031-04-20"),
    ("gains", "tutorial", "case", "--as-of", "2031-04-20"),
    ("policies", "tutorial", "--author", "case", "--as-of", "2031-04-20"),
    ("choice", "tutorial", "kelmark", "--on", "2031-04-20"),
    ("butfor", "tutorial", "--without", "swarm", "--on", "2031-04-06", "--as-of", "2031-04-20"),
)


@pytest.mark.parametrize(
    "study",
    [pytest.param(s, id=s[0], marks=[pytest.mark.slow] * (k > 1)) for k, s in enumerate(STUDIES)],
)
def test_a_study_after_another_filters_nothing_and_prints_the_same_bytes(
    own: Path, runs: list[int], monkeypatch: pytest.MonkeyPatch, study: tuple[str, ...]
) -> None:
    def printed(*arguments: str) -> str:
        done = CliRunner().invoke(main, [*arguments, "--worlds", "1024", "--json"])
        assert done.exit_code == 0, done.output
        return done.stdout

    with monkeypatch.context() as without:
        without.setenv("OFFRAMP_POSTERIORS", "0")
        expected = printed(*study)
    assert (runs, list(own.iterdir())) == ([], [])
    printed(*STUDIES[0])
    assert len(runs) == 8
    assert printed(*study) == expected
    assert len(runs) == 8


# ---- what an island follows from -------------------------------------------------------------


def key_of(crisis: Crisis, known: Schedule | None = None, seed: int = 1) -> str:
    return store.key(crisis, known or SCHEDULE, seed)


def test_what_cannot_matter_changes_no_name() -> None:
    crisis = load("tutorial").crisis
    other = replace(
        crisis,
        title="other",
        limits=("Another limit.",),
        readings=(),
        show=(),
        last=crisis.last - dt.timedelta(30),
        show_until=crisis.last - dt.timedelta(60),
        states=tuple(replace(s, title="x", about="y") for s in crisis.states),
        actors=tuple(replace(a, title="x", about="y") for a in crisis.actors),
        events=tuple(replace(e, title="x", about="y") for e in crisis.events),
        unknowns=tuple(replace(u, title="x", about="y") for u in crisis.unknowns),
    )
    assert key_of(other) == key_of(crisis)
    assert same(fresh(of(other)), replace(fresh(of(crisis)), filter=of(other)))


def test_the_numbers_of_a_crisis_are_in_the_name() -> None:
    """Every fifth marked number in the text of a case, its last digit changed by itself."""
    lines = load("tutorial").texts.texts["crisis.yaml"].split("\n")
    name, found = key_of(read_crisis("\n".join(lines))[0]), 0
    marked = [k for k, x in enumerate(lines) if any(c.isdigit() for c in x.partition(" ?")[0])]
    for k in [k for k in marked if " ?" in lines[k]][::5]:
        line = lines[k]
        number, mark, why = line.partition(" ?")
        at = max(i for i, x in enumerate(number) if x.isdigit())
        other = f"{number[:at]}{int(number[at]) % 9 + 1}{number[at + 1 :]}{mark}{why}"
        try:
            crisis, _ = read_crisis("\n".join([*lines[:k], other, *lines[k + 1 :]]))
        except CaseError:  # chances that sum to more than 1, say
            continue
        assert key_of(crisis) != name, line
        found += 1
    assert found > 10


def test_whom_a_belief_is_about_is_in_the_name() -> None:
    crisis = load("us-iran-2020").crisis
    belief = crisis.beliefs[0]
    names = [a.name for a in crisis.actors if a.name not in (belief.holder, belief.about)]
    other = replace(crisis, beliefs=(replace(belief, about=names[0]), *crisis.beliefs[1:]))
    assert store.dynamics(other) != store.dynamics(crisis)


@pytest.mark.parametrize(
    "other",
    [
        replace(SCHEDULE, last=13),
        replace(SCHEDULE, sightings=()),
        replace(SCHEDULE, sightings=(replace(SCHEDULE.sightings[0], id="R2"),)),
        replace(
            SCHEDULE, sightings=(replace(SCHEDULE.sightings[0], readings=(Reading(3, 4, 1),)),)
        ),
        replace(SCHEDULE, facts=(replace(SCHEDULE.facts[0], value=1.5),)),
        replace(SCHEDULE, facts=(replace(SCHEDULE.facts[0], relation=">="),)),
        replace(SCHEDULE, leads=((1, 2),)),
        replace(SCHEDULE, per_episode=True),
        replace(SCHEDULE, stops=(8,)),
        replace(SCHEDULE, delay=2, prompt=0.5),
        replace(SCHEDULE, guided=False),
        replace(SCHEDULE, ends=5),
    ],
)
def test_all_that_is_used_of_the_record_is_in_the_name(other: Schedule) -> None:
    crisis = load("tutorial").crisis
    assert key_of(crisis, other) != key_of(crisis, SCHEDULE)


def test_seed_number_size_code_and_machine_are_in_the_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    crisis = load("tutorial").crisis
    base = key_of(crisis)
    assert key_of(crisis) == base
    assert key_of(crisis, seed=2) != base
    places = {store.place(base, n, size) for n in (1, 11, 111) for size in (1, 11, 111)}
    assert len(places) == 9
    for name, value in (("_sources", lambda: "other"), ("machinery.key", lambda: "other")):
        with monkeypatch.context() as changed:
            changed.setattr(f"offramp.filter.store.{name}", value)
            assert key_of(crisis) != base
    monkeypatch.setattr(np, "__version__", "0.0")
    assert key_of(crisis) != base


def test_an_as_of_day_is_no_earlier_one() -> None:
    """`condition` names the day twice and `gains` once; the worlds are the same, and the name."""
    case = load("tutorial")
    laid = plan(case.crisis)
    day = AS_OF - dt.timedelta(5)
    once = schedule(laid, case.history, AS_OF)
    assert schedule(laid, case.history, AS_OF, False, (AS_OF,)) == once
    earlier = schedule(laid, case.history, AS_OF, False, (day, AS_OF))
    assert earlier.stops == ((day - case.crisis.first).days,)
    assert key_of(case.crisis, earlier) != key_of(case.crisis, once)


# ---- what lies there is damaged, foreign, or hostile -----------------------------------------


def damaged(path: Path, how: str, other: Path) -> None:
    content = path.read_bytes()
    if how == "empty":
        path.write_bytes(b"")
    elif how == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif how == "one bit":
        path.write_bytes(content[:-300] + bytes([content[-300] ^ 1]) + content[-299:])
    elif how == "other numbers":  # which numpy reads without a word
        with np.load(io.BytesIO(content[cache.SEAL :])) as arrays:
            changed = {**arrays, "means": arrays["means"] * 0.5}
        path.write_bytes(content[: cache.SEAL] + packed(changed))
    elif how == "another's":
        path.write_bytes(other.read_bytes())
    elif how == "a folder":
        path.unlink()
        path.mkdir()
    elif how == "a pipe":
        path.unlink()
        os.mkfifo(path)
    elif how == "a link to itself":
        path.unlink()
        path.symlink_to(path)
    else:  # well sealed, and nothing that an island can be made of
        arrays = {
            "no array": {},
            "an object that runs": {"told": np.array([Bomb()], object)},
            "no text": {"told": np.zeros(4, np.uint8)},
            "half": {"told": np.frombuffer(json.dumps({"clouds": {}}).encode(), np.uint8)},
        }[how]
        path.unlink()
        sealed = packed(arrays)
        path.write_bytes(cache._seal(path, sealed) + sealed)


class Bomb:
    def __reduce__(self) -> tuple[Callable[[], None], tuple[()]]:
        return pytest.fail, ()


def packed(arrays: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


@posix
@pytest.mark.parametrize(
    "how",
    [
        "empty",
        "cut",
        "one bit",
        "other numbers",
        "another's",
        "no array",
        "an object that runs",
        "no text",
        "half",
    ],
)
def test_what_is_not_as_it_was_written_is_simulated_again(
    own: Path, runs: list[int], how: str
) -> None:
    f = tutorial()
    kept(f)
    paths = [place(f, n) for n in range(ISLANDS)]
    right = [p.read_bytes() for p in paths]
    damaged(paths[1], how, paths[2])
    assert same(kept(f), fresh(f))
    assert sorted(runs) == [0, 1, 1, 2, 3]
    assert [p.read_bytes() for p in paths] == right


@posix
@pytest.mark.parametrize("how", ["a folder", "a pipe", "a link to itself"])
def test_what_is_no_file_is_left_alone(own: Path, runs: list[int], how: str) -> None:
    f = tutorial()
    kept(f)
    path = place(f, 1)
    damaged(path, how, path)
    assert same(kept(f), fresh(f))
    assert sorted(runs) == [0, 1, 1, 2, 3]
    assert not path.is_file()


@posix
@pytest.mark.parametrize("wide", ["", "islands"])
def test_nothing_is_taken_from_or_put_where_others_may_write(
    own: Path, runs: list[int], wide: str
) -> None:
    f = tutorial()
    kept(f)
    (own.parent / wide).chmod(0o777)
    assert same(kept(f), fresh(f))
    assert same(kept(f, 10), fresh(f, 10))
    assert len(runs) == 3 * ISLANDS
    (own.parent / wide).chmod(0o700)
    kept(f)
    assert len(runs) == 3 * ISLANDS
    kept(f, 10)  # which had not been kept
    assert len(runs) == 4 * ISLANDS


def test_a_full_disk_costs_only_the_time(
    own: Path, runs: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache, "write_whole", full)
    f = tutorial()
    assert same(kept(f), fresh(f))
    assert same(kept(f), fresh(f))
    assert len(runs) == 2 * ISLANDS


# ---- two at once, and one that is killed -----------------------------------------------------

CHILD = """
import datetime, os, sys, time
from offramp.case.case import load
from offramp.engine.blocks import cache
from offramp.engine.plan import plan
from offramp.filter import store
from offramp.filter.known import schedule
from offramp.filter.simulator import prepare
from offramp.text import files

def half(path, content):  # of each file; then nothing, the place to be killed in
    with files.replacing(path) as beside, open(beside, "wb") as file:
        file.write(content[: len(content) // 2])
        file.flush()
        os.write(1, b"half\\n")  # at once, for two threads write
        time.sleep(60)

if sys.argv[1] == "half":
    cache.write_whole = half
case = load("tutorial")
laid = plan(case.crisis)
known = schedule(laid, case.history, datetime.date(2031, 4, 20))
store.posterior(prepare(laid, known, 1), 4, 32, (10,))
print("done", flush=True)
"""


def child(own: Path, how: str) -> subprocess.Popen[str]:
    environment = {k: v for k, v in os.environ.items() if k != "OFFRAMP_POSTERIORS"}
    environment |= {"OFFRAMP_CACHE": str(own.parent), "PYTHONPATH": ":".join(sys.path)}
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, how], stdout=subprocess.PIPE, text=True, env=environment
    )


@posix
def test_a_process_that_is_killed_while_it_writes_leaves_nothing_that_is_read(
    own: Path, runs: list[int]
) -> None:
    process = child(own, "half")
    assert process.stdout is not None
    assert process.stdout.readline() == "half\n"
    process.kill()
    process.wait(60)
    left = list(own.iterdir())
    assert left
    assert {p.suffix for p in left} == {".part"}
    f = tutorial()
    assert same(kept(f, 10), fresh(f, 10))
    assert sorted(runs) == [0, 1, 2, 3]
    for path in left:
        os.utime(path, (time.time() - 2 * cache.LEFT,) * 2)
    kept(f, 10)
    assert {p.suffix for p in own.iterdir()} == {".island"}


@posix
def test_two_processes_at_once_do_not_disturb_each_other(own: Path, runs: list[int]) -> None:
    processes = [child(own, "whole") for _ in range(2)]
    assert [p.communicate(timeout=120)[0] for p in processes] == ["done\n", "done\n"]
    f = tutorial()
    assert same(kept(f, 10), fresh(f, 10))
    assert runs == []
    assert {p.suffix for p in own.iterdir()} == {".island"}


# ---- room ------------------------------------------------------------------------------------


def test_islands_unused_for_longest_make_room(
    own: Path, runs: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    f, other = tutorial(), of(load("tutorial").crisis, seed=2)
    kept(f)
    kept(other)
    size = sum(p.stat().st_size for p in own.iterdir())
    stranger = own / "letters.txt"
    stranger.write_bytes(bytes(10 * size))
    now = time.time()
    for path in own.iterdir():
        os.utime(path, (now - 60, now - 60))
    kept(f)  # used since
    monkeypatch.setenv("OFFRAMP_POSTERIORS", str(0.6 * size / 1e6))
    cache.sweep()
    left = {p for p in own.iterdir() if p != stranger}
    assert {place(f, n) for n in range(ISLANDS)} <= left
    assert len(left) < 2 * ISLANDS
    assert sum(p.stat().st_size for p in left) <= 0.6 * size
    assert stranger.exists()
    runs.clear()
    kept(f)
    assert runs == []


def test_none_is_kept_or_read_where_there_is_no_room(
    own: Path, runs: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    f = tutorial()
    kept(f)
    monkeypatch.setenv("OFFRAMP_POSTERIORS", "0")
    monkeypatch.setattr(store, "key", None)  # not even looked for
    before = list(own.iterdir())
    assert same(kept(f, 10), fresh(f, 10))
    assert list(own.iterdir()) == before


@pytest.mark.parametrize("text", ["two", "-1", "nan"])
def test_what_is_no_number_of_megabytes_is_refused(
    own: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("OFFRAMP_POSTERIORS", text)
    with pytest.raises(Mistake, match=f"OFFRAMP_POSTERIORS is '{text}'.*megabytes.*0 for none"):
        kept(tutorial())


def test_threads_may_keep_side_by_side(own: Path) -> None:
    """One process, two posteriors at once, of the same islands and of others."""
    f, found = tutorial(), list[Posterior]()
    threads = [
        threading.Thread(target=lambda n=n: found.append(kept(f, 10, islands=n))) for n in (3, 4, 4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3
    assert all(same(p, fresh(f, 10, islands=len(p.islands))) for p in found)

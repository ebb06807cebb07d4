"""The machine's second tier: native code stores what the tape stores, or is not used."""

from __future__ import annotations

import functools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from crises import crises
from hypothesis import given, settings
from hypothesis import strategies as st
from reports import at_random
from test_blocks import every_instruction, job_for, job_of, needs_numba, slowly
from test_variants import a_variant

from offramp.engine.blocks import machinery, native, tiers, worlds
from offramp.engine.blocks.given import Native
from offramp.engine.blocks.tape import NAMES, Tape
from offramp.engine.noise import uniforms, world_keys
from offramp.engine.plan import plan
from offramp.engine.run import RunSpec
from offramp.filter.simulator import Filter, prepare

pytestmark = needs_numba
posix = pytest.mark.skipif(os.name != "posix", reason="pipes and signals of POSIX")


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own, and the second tier on."""
    machinery.machine()
    monkeypatch.setenv("OFFRAMP_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("OFFRAMP_NATIVE")
    return tmp_path / "cache"


def tutorial() -> tuple[worlds.Loaded, RunSpec]:
    """The shipped case, not from the cache: its tape has no tier yet."""
    job = job_for("tutorial")
    return worlds.load(plan(job.crisis), keep=False), job


def anew(loaded: worlds.Loaded) -> worlds.Loaded:
    """The same, as if nothing had run yet."""
    return replace(loaded, tape=Tape.of_arrays(loaded.tape.arrays()))


def compiled(tape: Tape, change: Callable[[str], str] = str) -> tiers.Kept:
    """Every section; `change` spoils the text."""
    machine, right = tiers.target(), native.fused

    def spoilt(tape: Tape, section: int) -> native.Fused:
        found = right(tape, section)
        return replace(found, text=change(found.text))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(native, "fused", spoilt)
        found = {j: tiers.compiled(tape, j, machine) for j in range(len(tape.sections))}
    return tiers.Kept(found)


@functools.cache
def tutorials() -> tiers.Kept:
    return compiled(tutorial()[0].tape)


def by_native_code(tape: Tape, proofs: int = 0) -> tiers.Tier:
    """The tape with native code in all its sections, which the tape does not look after unless
    there are proofs."""
    out = tiers.Tier(Native.none(len(tape.sections)), off=True)
    out.native, engine = tiers.linked(tape, compiled(tape), out.native.worlds)
    out.native.proofs[:] = proofs
    out.engines.append(engine)
    vars(tape)["tier"] = out
    return out


def both(loaded: worlds.Loaded, job: RunSpec, count: int) -> None:
    """Worlds by the tape and by native code, and that they are the same."""
    numbers = tuple(range(count))
    expected = worlds.block(loaded, job, numbers, told=2)
    fast = anew(loaded)
    tier = by_native_code(fast.tape)
    found = worlds.block(fast, job, numbers, told=2)
    assert np.all(tier.native.sections[:, 0] >= 0)
    assert worlds.same(expected, found)
    assert expected.stories == found.stories


# ---- the same bytes --------------------------------------------------------------------------


def test_a_strip_is_the_machines() -> None:
    machine = machinery.machine()
    assert machine.STRIP == native.STRIP
    assert len(NAMES) == native.CALL


@settings(slowly, max_examples=5)
@given(crises(), st.integers(1, 300))
def test_native_code_lives_the_same_worlds(text: str, count: int) -> None:
    job = job_of(text)
    both(worlds.load(plan(job.crisis), keep=False), job, count)


@settings(slowly, max_examples=2)
@given(st.data())
def test_variants_that_share_a_tape_too(data: st.DataObject) -> None:
    job = job_of(data.draw(crises()))
    some = [data.draw(a_variant(job.crisis))[0] for _ in range(3)]
    for crisis, loaded in zip(some, worlds.load_all(some, keep=False), strict=True):
        both(loaded, RunSpec(crisis, job.monitors, job.seed), 70)


def test_the_tutorial_too() -> None:
    both(*tutorial(), 1100)  # more than a block


@pytest.mark.slow
@pytest.mark.parametrize("name", ["quarantine", "us-iran-2020"])
def test_the_other_shipped_cases_too(name: str) -> None:
    job = job_for(name)
    both(worlds.load(plan(job.crisis)), job, 300)


def memory(f: Filter, count: int) -> bytes:
    """Worlds among the reports of a filter, at the end of its last day."""
    width, keys = worlds.wide(count), world_keys(7, range(count))
    out = f.memory(width)
    for die, slot in zip(f.dice, f.given.tolist(), strict=True):
        out[slot, :count] = uniforms(keys, die)
    kept = worlds.Recorder.nothing(f.plan, count)
    worlds.advance(f.tape, kept, out.reshape(-1), width, keys, -1, f.schedule.last + 1)
    return out.tobytes() + kept.unknowns.tobytes()


@settings(slowly, max_examples=4)
@given(crises(), st.integers(0, 99))
def test_among_reports_too(text: str, number: int) -> None:
    laid = plan(job_of(text).crisis)
    f = prepare(laid, replace(at_random(laid, number), stops=()), 7)
    expected = memory(f, 150)
    fast = replace(f, tape=Tape.of_arrays(f.tape.arrays()))
    by_native_code(fast.tape)
    assert memory(fast, 150) == expected


def test_every_instruction_means_what_it_means_on_the_tape() -> None:
    """Over odd numbers too; of listed worlds as well as of all."""
    _, _, loaded, job = every_instruction()
    expected = worlds.block(loaded, job, tuple(range(300))).unknowns
    fast = anew(loaded)
    by_native_code(fast.tape)
    found = worlds.block(fast, job, tuple(range(300))).unknowns
    assert found.tobytes() == expected.tobytes()


def test_a_slot_that_is_read_after_it_was_written_stays_on_the_tape() -> None:
    loaded, _ = tutorial()
    tape = loaded.tape
    code = np.array([[0, 0, 5, 0, 0, 0], [1, 6, 0, 0, 0, 0], [0, 1, 6, 0, 0, 0]], np.int64)
    sections = tape.sections[:1].copy()
    sections[0, :2] = 0, 3
    with pytest.raises(ValueError, match="slot 6 after it was stored"):
        native.fused(replace(tape, code=code, sections=sections), 0)


# ---- what is wrong is found ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("right", "wrong"), [("fadd", "fsub"), ("fcmp olt", "fcmp ole"), ("-746.0", "-7.0")]
)
def test_wrong_native_code_is_found_and_the_tape_is_what_counts(
    own: Path, capsys: pytest.CaptureFixture[str], right: str, wrong: str
) -> None:
    loaded, job = tutorial()
    numbers = tuple(range(400))
    expected = worlds.block(anew(loaded), job, numbers)
    if right == "-746.0":
        right, wrong = native.splat(-746.0), native.splat(-0.001)
    kept = compiled(loaded.tape, lambda text: text.replace(right, wrong))
    worlds.cache.write(tiers.place(loaded.tape), kept.arrays())
    for told in (1, 0):  # the second time it is known before
        fast = anew(loaded)
        for _ in range(3):
            assert worlds.same(expected, worlds.block(fast, job, numbers))
        assert tiers.tier(fast.tape).off
        assert not np.any(tiers.tier(fast.tape).native.sections >= 0)
        assert capsys.readouterr().err.count("please report") == told


def test_right_native_code_is_proved_and_then_used(own: Path) -> None:
    loaded, job = tutorial()
    expected = worlds.block(anew(loaded), job, tuple(range(400)))
    worlds.cache.write(tiers.place(loaded.tape), tutorials().arrays())
    for _ in range(3):
        assert worlds.same(expected, worlds.block(loaded, job, tuple(range(400))))
    tier = tiers.tier(loaded.tape)
    ran = tier.native.worlds > 0
    assert np.all(tier.native.sections >= 0)
    assert np.count_nonzero(tier.native.proofs[ran] == 0) > 40
    assert not tier.off


def test_threads_that_prove_the_same_section_do_not_spoil_the_count(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiers, "PROOFS", 1)
    loaded, job = tutorial()
    worlds.cache.write(tiers.place(loaded.tape), tutorials().arrays())
    for _ in range(6):
        fast = anew(loaded)
        tiers.tier(fast.tape).at_hand(fast.tape)  # before any thread
        tiers.tier(fast.tape).native.proofs[:] = 1
        worlds.side_runs([(fast, job)], range(2048), threads=2)
        native_code = tiers.tier(fast.tape).native
        assert np.all(native_code.sections >= 0)
        assert np.all(native_code.proofs >= 0)
        assert not np.any(native_code.wrong)


# ---- what is kept ----------------------------------------------------------------------------


def test_native_code_is_kept_by_structure(own: Path) -> None:
    tape = tutorial()[0].tape
    code = tape.code.copy()
    code[0, 1] += 1
    assert tiers.place(replace(tape, consts=tape.consts * 2.0)) == tiers.place(tape)
    assert tiers.place(replace(tape, code=code)) != tiers.place(tape)
    sections = tape.sections.copy()
    sections[:, 2] = 0
    assert tiers.place(replace(tape, sections=sections)) != tiers.place(tape)


def test_other_numbers_find_the_code_of_the_first(own: Path) -> None:
    """The constants are the tape's, and not those that it was compiled beside."""
    loaded, job = tutorial()
    other = replace(loaded, tape=replace(loaded.tape, consts=loaded.tape.consts * 1.01))
    expected = worlds.block(anew(other), job, tuple(range(200)))
    worlds.cache.write(tiers.place(loaded.tape), tutorials().arrays())
    for _ in range(2):
        assert worlds.same(expected, worlds.block(other, job, tuple(range(200))))
    assert np.all(tiers.tier(other.tape).native.sections >= 0)


def test_damaged_code_is_not_taken_up(own: Path) -> None:
    loaded, job = tutorial()
    expected = worlds.block(anew(loaded), job, tuple(range(50)))
    path = tiers.place(loaded.tape)
    worlds.cache.write(path, tutorials().arrays())
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert worlds.same(expected, worlds.block(loaded, job, tuple(range(50))))
    assert not np.any(tiers.tier(loaded.tape).native.sections >= 0)


# ---- the process beside ----------------------------------------------------------------------


def patient(tier: tiers.Tier, tape: Tape, until: Callable[[], bool]) -> None:
    """Looks, as a run does from time to time."""
    began = time.monotonic()
    while not until():
        assert time.monotonic() - began < 60.0
        time.sleep(0.05)
        tier.at_hand(tape)


def test_a_run_that_is_long_enough_takes_native_code_up(own: Path) -> None:
    loaded, job = tutorial()
    expected = worlds.block(anew(loaded), job, tuple(range(300)))
    tier = tiers.tier(loaded.tape)
    assert worlds.same(expected, worlds.block(loaded, job, tuple(range(300))))
    assert tier.process is None  # nothing was known when it began
    tier.ran = 30.0
    tier.at_hand(loaded.tape)
    assert tier.process is not None
    patient(tier, loaded.tape, lambda: bool(np.any(tier.native.sections >= 0)))
    assert 0.0 < tier.spent < 10.0
    assert worlds.same(expected, worlds.block(loaded, job, tuple(range(300))))


def test_no_more_than_a_quarter_is_spent_on_compiling_of_what_was_lived(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ended:
        """A process that took all it was allowed."""

        returncode = 0
        stdin = stdout = property(lambda self: self)

        def __init__(self, budget: float) -> None:
            self.budget = budget

        def poll(self) -> int:
            return 0

        def read(self) -> bytes:
            return str(self.budget).encode()

        def close(self) -> None:
            pass

    budgets = list[float]()

    def begun(path: Path, tape: Tape, wanted: list[int], budget: float) -> Any:
        budgets.append(budget)
        return Ended(budget)

    monkeypatch.setattr(tiers, "_began", begun)
    monkeypatch.setattr(tiers, "dear", lambda tape, known: [0])
    monkeypatch.setattr(tiers.Tier, "_take_up", lambda self, tape: True)
    tape = tutorial()[0].tape
    tier = tiers.tier(tape)
    for _ in range(4000):
        tier.at_hand(tape)
        assert sum(budgets) <= tiers.SHARE * tier.ran + 1e-9
        tier.lived(tape, tier.native, 0.05)
    assert budgets[0] == pytest.approx(tiers.LEAST, abs=0.05)
    assert sum(budgets) <= tiers.MOST
    assert len(budgets) == 2


def test_the_dearest_first() -> None:
    tape = tutorial()[0].tape
    known = Native.none(len(tape.sections))
    known.worlds[:4] = 10, 30, 0, 20
    known.sections[3] = 0, 1  # it has native code
    assert tiers.dear(tape, known) == [1, 0]


@pytest.mark.parametrize("executable", ["/bin/false", "/nowhere/python"])
def test_a_process_that_fails_is_not_begun_again(
    own: Path, monkeypatch: pytest.MonkeyPatch, executable: str
) -> None:
    monkeypatch.setattr(sys, "executable", executable)
    loaded, job = tutorial()
    expected = worlds.block(loaded, job, tuple(range(50)))
    tier = tiers.tier(loaded.tape)
    tier.ran = 30.0
    tier.at_hand(loaded.tape)
    patient(tier, loaded.tape, lambda: tier.process is None)
    assert tier.over
    assert worlds.same(expected, worlds.block(loaded, job, tuple(range(50))))


def test_without_llvmlite_the_tape_runs(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded, job = tutorial()
    expected = worlds.block(anew(loaded), job, tuple(range(50)))
    worlds.cache.write(tiers.place(loaded.tape), tutorials().arrays())
    monkeypatch.setitem(sys.modules, "llvmlite.binding", None)
    assert worlds.same(expected, worlds.block(loaded, job, tuple(range(50))))
    assert tiers.tier(loaded.tape).off


def test_where_nothing_can_be_kept_the_tape_runs(
    own: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OFFRAMP_CACHE", "/dev/null/nowhere")
    loaded, job = tutorial()
    expected = worlds.block(loaded, job, tuple(range(50)))
    tier = tiers.tier(loaded.tape)
    tier.ran = 30.0
    tier.at_hand(loaded.tape)
    patient(tier, loaded.tape, lambda: tier.process is None)
    assert tier.over
    assert worlds.same(expected, worlds.block(loaded, job, tuple(range(50))))
    assert not np.any(tier.native.sections >= 0)
    assert capfd.readouterr().err == ""


def test_it_can_be_turned_off(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFRAMP_NATIVE", "0")
    loaded, job = tutorial()
    worlds.cache.write(tiers.place(loaded.tape), tutorials().arrays())
    worlds.block(loaded, job, tuple(range(50)))
    tier = tiers.tier(loaded.tape)
    tier.ran = 100.0
    assert not np.any(tier.at_hand(loaded.tape).sections >= 0)
    assert tier.process is None


def long_work(tape: Tape) -> subprocess.Popen[bytes]:
    """A process that compiles the same sections over and over."""
    return tiers._began(tiers.place(tape), tape, list(range(len(tape.sections))) * 100, 1e6)


@posix
def test_a_process_killed_half_way_leaves_a_sound_cache(own: Path) -> None:
    tape = tutorial()[0].tape
    process = long_work(tape)
    began = time.monotonic()
    while not tiers.place(tape).exists():  # it keeps what it has every second
        assert time.monotonic() - began < 60.0
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = worlds.cache.read(tiers.place(tape), tiers.Kept.of_arrays)
    assert kept is not None
    assert kept.sections
    tiers.linked(tape, kept, np.zeros(len(tape.sections), np.int64))


PARENT = """
import os, sys, time
from test_native import long_work, tutorial
process = long_work(tutorial()[0].tape)
time.sleep(2)  # it compiles
print(process.pid, process.poll(), time.time(), flush=True)
if sys.argv[1] == "killed":
    os.kill(os.getpid(), 9)
"""


@posix
@pytest.mark.parametrize("how", ["killed", "ended"])
def test_the_process_beside_ends_with_the_first_and_does_not_hold_it_up(
    own: Path, how: str
) -> None:
    path = [str(Path(__file__).parent), *sys.path]
    done = subprocess.run(
        [sys.executable, "-c", PARENT, how],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path)},
        timeout=60,
    )
    took = time.time()
    pid, ended, said = done.stdout.split()
    assert ended == "None", done.stderr
    assert took - float(said) < 10.0
    began = time.monotonic()
    while alive(int(pid)):
        assert time.monotonic() - began < 60.0
        time.sleep(0.05)
    assert done.stderr == ""


def alive(pid: int) -> bool:
    """Whether a process runs; one that ended and that nobody asks about does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rsplit(")", 1)[1].split()[0] != "Z"

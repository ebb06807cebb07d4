"""The second tier of the machine: sections of a tape as native code, compiled while the tape runs.

A tape that has run for a while has its dearest sections compiled (`native.py`) by a process beside
this one, which ends with it; this one goes on and takes up what is there. Compiling never costs
more than a quarter of what the tape has run so far, so that at worst a run is a quarter as dear
again as it had to be (after ski rental; Karlin, Manasse, Rudolph and Sleator 1988), and never more
than `MOST`. What was compiled is kept by the tape's structure, and the next run begins with it.

Nothing hangs on it: where llvmlite fails, or nothing can be kept, the tape runs on. Each section's
native code is compared with the tape when it is taken up; if one bit differs, native code of this
tape is used no more, and one line says so. `OFFRAMP_NATIVE=0` turns all of it off.
"""

from __future__ import annotations

import ctypes
import hashlib
import inspect
import io
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offramp.engine.blocks import cache, machinery, native
from offramp.engine.blocks.cache import Arrays
from offramp.engine.blocks.given import Native, Records
from offramp.engine.blocks.tape import FIELDS, Tape
from offramp.engine.by_value import ByValue

SHARE = 0.25  # of the seconds that a tape ran, so many are compiled at most
LEAST = 6.0  # seconds that a process is begun for
MOST = 16.0  # seconds of compiling for a tape, in all
WORTH = 0.002  # the share of a tape's work below which a section is left as it is
OPTIMISED = 2  # LLVM's level of code generation; no passes over its text
EACH = 0.00018  # seconds of compiling an instruction, about
NOBODY = np.zeros((0, 6), np.int64)  # watches
PROOFS = 8  # times that the tape runs beside a section's native code, when it is taken up


# ---- what is kept ----------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Compiled(ByValue):
    """A section as an object file, and what `native.Fused` says of it."""

    code: bytes
    rows: NDArray[np.int64]
    constants: NDArray[np.int64]
    pieces: int
    registers: int


@dataclass(frozen=True, eq=False)
class Kept(ByValue):
    """Of a tape's structure the sections that were compiled; `wrong`: one of them was, so none is
    used."""

    sections: dict[int, Compiled]
    wrong: bool = False

    def arrays(self) -> Arrays:
        out: Arrays = {"wrong": np.array(self.wrong)}
        for j, one in self.sections.items():
            out |= {
                f"code{j}": np.frombuffer(one.code, np.uint8),
                f"rows{j}": one.rows,
                f"constants{j}": one.constants,
                f"pieces{j}": np.array(one.pieces),
                f"registers{j}": np.array(one.registers),
            }
        return out

    @staticmethod
    def of_arrays(arrays: Arrays) -> Kept:
        """Raises KeyError if something is missing."""
        numbers = [int(name.removeprefix("rows")) for name in arrays if name.startswith("rows")]
        return Kept(
            {
                j: Compiled(
                    code=arrays[f"code{j}"].tobytes(),
                    rows=arrays[f"rows{j}"],
                    constants=arrays[f"constants{j}"],
                    pieces=int(arrays[f"pieces{j}"]),
                    registers=int(arrays[f"registers{j}"]),
                )
                for j in numbers
            },
            bool(arrays["wrong"]),
        )


def place(tape: Tape) -> Path:
    """Where a tape's native code is kept: under a hash of its instructions, of which worlds its
    sections are for, of the code that writes native code, and of the machine."""
    parts = [machinery.key().encode(), inspect.getsource(native).encode()]
    parts += [x.tobytes() for x in (tape.code, tape.sections[:, :2], tape.sections[:, 2] < 0)]
    name = hashlib.sha256(b"\n".join(parts)).hexdigest()[:32]
    return machinery.cache_folder() / "native" / f"{name}.native"


# ---- compiling, in a process of its own ------------------------------------------------------


def target() -> Any:
    """The machine's processor, with all that it can do."""
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=OPTIMISED,
        jit=True,
    )


def compiled(tape: Tape, section: int, machine: Any) -> Compiled:
    """A section's object file. Raises RuntimeError where LLVM does not take it, ValueError where
    it cannot be fused."""
    import llvmlite.binding as llvm

    fused = native.fused(tape, section)
    with llvm.parse_assembly(fused.text) as module:
        return Compiled(
            code=machine.emit_object(module),
            rows=np.array(fused.rows, np.int64).reshape(-1, FIELDS),
            constants=np.array(fused.constants, np.int64),
            pieces=fused.pieces,
            registers=fused.registers,
        )


def serve() -> None:
    """The process beside: compiles what its input names, as long as its budget lasts, and prints
    how many seconds of a processor it took. It ends when who began it does, whatever it is at:
    its input then ends."""
    length = int.from_bytes(sys.stdin.buffer.read(8), "little")
    content = sys.stdin.buffer.read(length)
    threading.Thread(target=_until_it_ends, daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(5)
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        given = dict(arrays)
    path, budget = Path(str(given.pop("path"))), float(given.pop("budget"))
    wanted = given.pop("wanted").tolist()
    fill(path, Tape.of_arrays(given), wanted, budget)
    print(time.process_time(), flush=True)


def _until_it_ends() -> None:
    while os.read(0, 1):  # nothing more is written; and a lock on sys.stdin would bar the exit
        pass
    os._exit(0)


def fill(path: Path, tape: Tape, wanted: list[int], budget: float) -> None:
    """Compiles sections in this order until so many seconds of this process are spent, and keeps
    them beside what is kept already. What cannot be compiled is left out."""
    machine, made, last = target(), dict[int, Compiled](), time.process_time()
    for j in wanted:
        size = int(tape.sections[j, 1] - tape.sections[j, 0])
        if time.process_time() + EACH * size > budget:
            continue
        try:
            made[j] = compiled(tape, j, machine)
        except (RuntimeError, ValueError):
            continue
        if time.process_time() - last > 1.0:
            _keep(path, made)
            last = time.process_time()
    _keep(path, made)


def _keep(path: Path, made: dict[int, Compiled]) -> None:
    known = cache.read(path, Kept.of_arrays) or Kept({})
    cache.write(path, Kept(known.sections | made, known.wrong).arrays())


# ---- taking up -------------------------------------------------------------------------------


def linked(tape: Tape, kept: Kept, worlds: NDArray[np.int64]) -> tuple[Native, Any]:
    """The kept sections ready to be called, and the engine that holds their code in memory.

    Raises RuntimeError where LLVM does not take them.
    """
    import llvmlite.binding as llvm

    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), target())
    for one in kept.sections.values():
        engine.add_object_file(llvm.ObjectFileRef.from_data(one.code))
    engine.finalize_object()
    code, consts, count, numbers = [tape.code], [np.zeros(1)], len(tape.code), 1
    found = Native.none(len(tape.sections))
    for j, one in kept.sections.items():
        rows, calls = one.rows.copy(), one.rows[:, 0] == native.CALL
        at = engine.get_global_value_address(native.table(j))
        addresses = np.array((ctypes.c_int64 * one.pieces).from_address(at), np.int64)
        rows[calls, 1], rows[calls, 2] = addresses[rows[calls, 1]], numbers
        code.append(rows)
        consts.append(tape.consts[one.constants])
        found.sections[j] = count, count + len(rows)
        found.proofs[j] = PROOFS
        count, numbers = count + len(rows), numbers + len(one.constants)
    whole = found._replace(code=np.concatenate(code), consts=np.concatenate(consts))
    registers = max((one.registers for one in kept.sections.values()), default=0)
    return whole._replace(worlds=worlds, registers=registers), engine


def agree(tape: Tape, found: Native) -> bool:
    """Whether all native code stores what the tape stores, over a memory of odd numbers: it takes
    roads that a crisis takes late or never."""
    width, dice = 256, np.random.default_rng(1)
    shape = (tape.slots, width)
    drawn = (
        dice.integers(0, 2, shape),
        dice.integers(-1, 6, shape),
        dice.random(shape),
        dice.normal(0.0, 3.0, shape),
        dice.normal(0.0, 300.0, shape),
    )
    memory = np.choose(dice.integers(0, len(drawn), shape), drawn).astype(float)
    machine = machinery.machine()
    machine.live(
        tape=tape.instructions(NOBODY, found),
        W=width,
        S=memory.reshape(-1),
        keys=dice.integers(0, 2**63, width - 3, np.uint64),
        first=machine.TRIAL,
        lasts=machine.TRIAL + 1,
        records=Records.none(),
        stop=np.zeros(1, np.int64),
    )
    return not np.any(found.wrong)


@dataclass(eq=False)
class Tier:
    """What is known of a tape while it runs: its native code, how long it ran, what is spent."""

    native: Native
    off: bool
    ran: float = 0.0
    spent: float = 0.0
    began: bool = False
    over: bool = False  # nothing more is compiled
    process: subprocess.Popen[bytes] | None = None
    engines: list[Any] = field(default_factory=list)  # code that may be running
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __reduce__(self) -> Any:
        return _fresh, (len(self.native.proofs), self.off)

    def at_hand(self, tape: Tape) -> Native:
        """The native code that there is now. Never waits."""
        if not self.off and self.lock.acquire(blocking=False):
            try:
                self._look(tape)
            finally:
                self.lock.release()
        return self.native

    def _look(self, tape: Tape) -> None:
        if not self.began:
            self.began = True
            self._take_up(tape)
        if self.process is not None and self.process.poll() is not None:
            self._ended()
            self.over |= not self._take_up(tape)
        if self.process or self.off or self.over:
            return
        budget = min(SHARE * self.ran, MOST) - self.spent
        if budget >= max(LEAST, min(self.spent, MOST - self.spent)):
            self._begin(tape, budget)

    def _take_up(self, tape: Tape) -> bool:
        """What is kept, if it is; whether something is."""
        kept = cache.read(place(tape), Kept.of_arrays)
        if kept is None:
            return False
        if kept.wrong:
            self.off = True
            return True
        try:
            fresh, engine = linked(tape, kept, self.native.worlds)
        except (RuntimeError, OSError, ImportError, IndexError):
            self.off = True
            return True
        if not agree(tape, fresh):
            self._wrong(tape)
            return True
        known = self.native.sections[:, 0] >= 0
        fresh.proofs[known] = self.native.proofs[known]
        self.engines.append(engine)
        self.native = fresh
        return True

    def _begin(self, tape: Tape, budget: float) -> None:
        path, wanted = place(tape), dear(tape, self.native)
        if not wanted or cache.doubt(cache.folder(), path.parent):
            self.over = True
            return
        try:
            self.process = _began(path, tape, wanted, budget)
        except OSError:
            self.over = True

    def _ended(self) -> None:
        """What the process took; if it failed there is no other."""
        assert self.process is not None
        assert self.process.stdout is not None
        assert self.process.stdin is not None
        said = self.process.stdout.read().split()
        self.process.stdout.close()
        with suppress(OSError):
            self.process.stdin.close()
        self.over = self.process.returncode != 0 or not said
        self.spent += 0.0 if self.over else float(said[-1])
        self.process = None

    def lived(self, tape: Tape, native: Native, seconds: float) -> None:
        """Notes how long the machine ran, and whether the native code that it was given did as the
        tape does."""
        self.ran += seconds
        if self.off or not np.any(native.wrong):
            return
        with self.lock:
            if not self.off:
                self._wrong(tape)

    def _wrong(self, tape: Tape) -> None:
        """No native code of this structure any more, here or in a later run."""
        self.off = True
        self.native = Native.none(len(tape.sections))
        cache.write(place(tape), Kept({}, wrong=True).arrays())
        sys.stderr.write(
            "native code stored other numbers than the tape, and is not used any more (the tape's "
            "are what counts): please report this case\n"
        )


def _fresh(sections: int, off: bool) -> Tier:
    return Tier(Native.none(sections), off)


def tier(tape: Tape) -> Tier:
    """A tape's. It hangs on the tape, and is no part of what the tape is; of several threads that
    ask for the first time all get the same."""
    off = os.environ.get("OFFRAMP_NATIVE") == "0"
    found = vars(tape).get("tier") or vars(tape).setdefault("tier", _fresh(len(tape.sections), off))
    assert isinstance(found, Tier)
    return found


def dear(tape: Tape, known: Native) -> list[int]:
    """The sections that are worth to be compiled, those first that most worlds went through: what
    is saved grows with worlds and instructions, what is paid with instructions alone."""
    size = tape.sections[:, 1] - tape.sections[:, 0]
    work = size * known.worlds
    worth = (work > WORTH * work.sum()) & (known.sections[:, 0] < 0)
    order = np.argsort(-known.worlds, kind="stable")
    return [j for j in order.tolist() if worth[j]]


def _began(path: Path, tape: Tape, wanted: list[int], budget: float) -> subprocess.Popen[bytes]:
    """A process that compiles; it has all it needs, and its input stays open as long as this one
    lives. Raises OSError."""
    content = io.BytesIO()
    more = {"path": np.array(str(path)), "budget": np.array(budget), "wanted": np.array(wanted)}
    np.savez(content, **more, **tape.arrays())  # type: ignore[arg-type]
    process = subprocess.Popen(
        [sys.executable, "-c", "from offramp.engine.blocks import tiers; tiers.serve()"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(x for x in sys.path if x)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    threading.Thread(target=_told, args=(process, content.getvalue()), daemon=True).start()
    return process


def _told(process: subprocess.Popen[bytes], content: bytes) -> None:
    """Its input, once it reads: nobody waits for that."""
    assert process.stdin is not None
    with suppress(OSError, ValueError):
        process.stdin.write(len(content).to_bytes(8, "little") + content)
        process.stdin.flush()

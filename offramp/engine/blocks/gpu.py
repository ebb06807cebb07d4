"""Worlds on a CUDA device: one thread lives one world, from its first morning to its last day.

The sections that `emit.written` writes become device functions, and one kernel runs them: a
world's memory is a column of `S[slot, world]`, so that neighbouring threads read neighbouring
numbers. Dice, monitors, counts and histograms are those of `machine.py`.

Device compilers merge a product and a sum into one rounding where they can, which moves last
bits. Here every product is an operation that they may not merge (`product`: mul.rn.f64); all
else that the elementary functions rest on rounds on a device as IEEE 754 has it. So the same
bytes are what we expect; what we promise is the same draws and agreement within tolerance,
until a device has been seen. On Numba's simulator (NUMBA_ENABLE_CUDASIM=1) it is the same bytes.
"""

from __future__ import annotations

import ast
import builtins
import datetime as dt
import inspect
import math
import os
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from types import FunctionType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offramp.engine import elementary, noise
from offramp.engine.blocks import scalar
from offramp.engine.blocks.days import Program, Section, program
from offramp.engine.blocks.emit import written
from offramp.engine.blocks.worlds import watched
from offramp.engine.ensemble import Ensemble, merge
from offramp.engine.plan import Plan, plan
from offramp.engine.run import Progress, RunSpec, band_of, bins_of, run_chunk
from offramp.errors import OfframpError
from offramp.extras import install
from offramp.language import equality
from offramp.language.equality import EQUAL, HALF
from offramp.version import __version__

THREADS = 128  # a block of the device
PART = 120  # steps of a section that make one device function
BATCH = 1 << 16  # worlds a launch: 0.5 MB of device memory a row (tutorial: 242 rows)
CHECKED_WORLDS, CHECKED_DAYS = 2, 45
CLOSE = 1e-12  # relative: an unknown further off than this was not drawn alike

Words = dict[str, Any]
Decorate = Callable[[Any], Any]


class NoDevice(OfframpError, RuntimeError):
    """There is no CUDA device, or the software for one is missing; the text says what to do."""


class Differs(RuntimeError):
    """The device lived its first worlds otherwise than the reference interpreter."""


# ---- what the text is made of ------------------------------------------------------------

_KERNEL = """
@inline
def one_more(bands, i):
    cuda.atomic.add(bands, i, 1)


@kernel
def live_all(S, numbers, seed, lasts, shown, limits, bins, watch, atoms, happened, bands):
    i = cuda.grid(1)
    if i < numbers.shape[0]:
        live(np.uint64(i), S, numbers[i], seed, lasts, shown, limits, bins, watch, atoms,
             happened, bands)
"""

_LIVE = '''
@section
def live(w, S, number, seed, lasts, shown, limits, bins, watch, atoms, happened, bands):
    """Column `w` of all arrays is one world. `watch` has a row a monitor, as in machine.py;
    `limits` and `bins` are those of shown quantities; `bands[(shown * days + day) * most + bin]`.
    """
    key, tick = world_key(seed, number), counter(0)
    for k in range({slots}):
        S[k, w] = 0.0
    for k in range({rows}, {rows} + {collides}):
        S[k, w] = 0.0
{begin}
    for k in range(watch.shape[0]):
        function = watch[k, 0]
        value = 0.0
        if function == 1:
            value = watch[k, 5] + 1.0
        elif function == 2:
            value = -1e300
        elif function == 3:
            value = 1e300
        elif function == 5 and watch[k, 4] == 0:
            value = S[{first_quantity} + watch[k, 3], w]
        atoms[k, w] = value
    for k in range({events}):
        happened[k, w] = 0
    for day in range(lasts):
        today = float(day)
        tick = counter(day)
        for k in range({first_daily}, {last_daily}):
            S[k, w] = 0.0
{day}
        for k in range({quantities}):
            S[{first_quantity} + k, w] = S[{after} + k, w]
        for k in range(watch.shape[0]):
            function, first, last = watch[k, 0], watch[k, 4], watch[k, 5]
            if function <= 1:
                x = S[{happened} + watch[k, 1], w]
                branch = watch[k, 2]
                if first <= day and day <= last and x != 0.0 and (branch < 0 or x == branch + 1.0):
                    if function == 0:
                        atoms[k, w] += 1.0
                    elif today < atoms[k, w]:
                        atoms[k, w] = today
            else:
                x = S[{first_quantity} + watch[k, 3], w]
                if function == 5:
                    if day == first - 1:
                        atoms[k, w] = x
                elif first <= day and day <= last:
                    if function == 2:
                        x = larger(atoms[k, w], x)
                    elif function == 3:
                        x = smaller(atoms[k, w], x)
                    elif function == 6:
                        x = atoms[k, w] + x
                        if day == last:
                            x = x / float(last - first + 1)
                    atoms[k, w] = x
        if day >= {days}:
            continue
        for k in range({events}):
            if S[{happened} + k, w] != 0.0:
                happened[k, w] += 1
        for k in range(shown.shape[0]):
            low, high, most = limits[k, 0], limits[k, 1], bins[k] - 1
            share = clip((S[{first_quantity} + shown[k], w] - low) / (high - low), 0.0, 1.0)
            bin = int(nearest(product(share, float(most))))
            one_more(bands, (k * {days} + day) * {widest} + bin)
        if day == {days} - 1:
{collided}
'''


@dataclass(frozen=True)
class Module:
    """The text of a CUDA module, and how many rows a world's memory has: slots, scratch, and what
    had collided by the end of the course."""

    text: str
    rows: int


def module(laid: Plan, written_out: Program | None = None) -> Module:
    """The crisis as a CUDA module: a function a section (or several, where it is long), `live`,
    and the kernel `live_all`. It needs the names of `device_words` or `simulated_words`."""
    p = program(laid) if written_out is None else written_out
    texts, begin, day, rows = list[str](), list[str](), list[str](), len(p.slots)
    for j, section in enumerate((*p.begin, *p.day)):
        parts, used = device_functions(p, section, j)
        texts += [text for _, text in parts]
        rows = max(rows, used)
        calls = begin if j < len(p.begin) else day
        calls += _calls([name for name, _ in parts], section)
    shown = [laid.layout.states[name] for name in laid.crisis.show]
    collided = [f"S[{rows + j}, w] = S[{k}, w]" for j, (_, k) in enumerate(p.collided)] or ["pass"]
    live = _LIVE.format(
        slots=len(p.slots),
        first_quantity=p.quantities[0],
        quantities=p.quantities[1],
        after=p.after,
        happened=p.happened,
        events=len(laid.events),
        first_daily=p.daily[0],
        last_daily=sum(p.daily),
        days=laid.crisis.shown_days,
        rows=rows,
        collides=len(p.collided),
        collided=textwrap.indent("\n".join(collided), " " * 12),
        begin=textwrap.indent("\n".join(["today, day = 0.0, 0", *begin]), " " * 4),
        day=textwrap.indent("\n".join(day), " " * 8),
        widest=max((bins_of(laid, i) for i in shown), default=1),
    )
    return Module("\n\n".join(texts) + "\n\n" + live + "\n" + _KERNEL, rows + len(p.collided))


def _calls(names: list[str], section: Section) -> list[str]:
    """The lines that run a section where and when it is to run."""
    conditions = []
    if section.days:
        conditions.append("(" + " or ".join(f"day == {day}" for day in section.days) + ")")
    if section.slot is not None:
        value = f"== {float(section.value)}" if section.value else "!= 0.0"
        conditions.append(f"S[{section.slot}, w] {value}")
    calls = [f"{name}(S, w, today, key, tick)" for name in names]
    if not conditions:
        return calls
    return [f"if {' and '.join(conditions)}:", *(f"    {call}" for call in calls)]


def device_functions(
    p: Program, section: Section, number: int
) -> tuple[list[tuple[str, str]], int]:
    """The names and texts of the functions that run a section on the world's memory, one after
    another, and how many rows of memory they use.

    Compilers take more than twice as long for a function twice as long, and a device has few
    registers: a section of more than PART steps is cut, and what a later part needs of an earlier
    one goes through scratch rows behind the slots.
    """
    w = written(p, section, number)
    function = _Products().visit(ast.parse(w.text)).body[0]
    *body, last = function.body
    steps = [(ast.unparse(s.targets[0]), s.value) for s in body if isinstance(s, ast.Assign)]
    # All is read before anything is written: only the last part writes slots.
    ends = [(f"S[{k}, w]", x) for k, x in zip(w.writes, last.value.elts, strict=True)]
    cuts = range(0, max(1, len(steps)), PART)
    parts = [[*steps[i : i + PART], *(ends if i == cuts[-1] else ())] for i in cuts]
    needs = [_names(part) for part in parts]
    places = [f"S[{k}, w]" for k in w.reads] + [f"uniform(key, {k}, tick)" for k in w.sites]
    inputs = dict(zip((a.arg for a in function.args.args[1:]), places, strict=True))
    home, free, rows = dict[str, int](), list[int](), len(p.slots)
    out = []
    for i, part in enumerate(parts):
        later = set().union(*needs[i + 1 :])
        made = {name for name, _ in part}
        lines = [f"{name} = {place}" for name, place in inputs.items() if name in needs[i]]
        lines += [f"{x} = S[{k}, w]" for x, k in home.items() if x in needs[i]]
        lines += [f"{target} = {ast.unparse(value)}" for target, value in part]
        for x in [x for x in home if x not in later]:
            free.append(home.pop(x))
        for x in sorted(made & later):
            if not free:
                free.append(rows)
                rows += 1
            home[x] = free.pop()
            lines.append(f"S[{home[x]}, w] = {x}")
        name = w.name if len(parts) == 1 else f"{w.name}_{i + 1}"
        head = f"@section\ndef {name}(S, w, today, key, tick):\n    apart()\n"
        out.append((name, head + textwrap.indent("\n".join(lines), "    ") + "\n"))
    return out, rows


def _names(part: list[tuple[str, ast.expr]]) -> set[str]:
    """The names that some steps mention."""
    return {x.id for _, value in part for x in ast.walk(value) if isinstance(x, ast.Name)}


class _Products(ast.NodeTransformer):
    """a * b becomes product(a, b)."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if not isinstance(node.op, ast.Mult):
            return node
        return ast.Call(ast.Name("product", ast.Load()), [node.left, node.right], [])


def unmerged(function: Any) -> Any:
    """A function of `elementary` over the same names, whose products are not merged with sums."""
    tree = _Products().visit(ast.parse(textwrap.dedent(inspect.getsource(function))))
    definition = tree.body[0]
    # Called some thousand times a day in large cases: written out each time, they are the case.
    if not definition.name.startswith("_"):
        definition.body[:0] = ast.parse("apart()").body
    space = function.__globals__
    code = compile(ast.fix_missing_locations(tree), f"<{definition.name} for a device>", "exec")
    exec(code, space)
    return space[definition.name]


# ---- words on a device -------------------------------------------------------------------
# Plain Python, compiled by whoever decorates them; NumPy's unsigned numbers are for the compiler.

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_M1, _M2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_WORLD, _ONE, _DRAWS = np.uint64(0xD1342543DE82EF95), np.uint64(1), np.uint64(1024)
_S12, _S27, _S30, _S31 = np.uint64(12), np.uint64(27), np.uint64(30), np.uint64(31)


def mix(z: Any) -> Any:
    z = (z ^ (z >> _S30)) * _M1
    z = (z ^ (z >> _S27)) * _M2
    return z ^ (z >> _S31)


def counter(day: Any) -> Any:
    return mix((np.uint64(day) * _DRAWS + _ONE) * _GOLDEN)


def world_key(seed: Any, number: Any) -> Any:
    return mix(mix(np.uint64(seed) + _GOLDEN) ^ (np.uint64(number) * _WORLD + _ONE))


def uniform(key: Any, site: Any, tick: Any) -> Any:
    z = mix(mix(key ^ np.uint64(site)) + tick)
    return product(np.float64(z >> _S12) + 0.5, 2.0**-52)  # type: ignore[name-defined]  # noqa: F821


def clip(x: float, low: float, high: float) -> float:
    return x if low <= x <= high else high if x > high else low


def nearest(x: float) -> Any:
    return floor(x + HALF)  # type: ignore[name-defined]  # noqa: F821  (see `words`)


WORDS = (
    mix,
    counter,
    world_key,
    uniform,
    clip,
    nearest,
    equality.tolerance,
    equality.same,
    equality.below,
    equality.at_most,
)


def words(decorate: Decorate, primitives: Words, short: Decorate | None = None) -> Words:
    """All names that a module's text uses, but for decorators and `cuda`. `decorate` is a
    compiler's, `short` the same for functions of a line; `primitives` are of `primitives`, and
    `floor` on floats."""
    space: Words = {**globals(), "EQUAL": EQUAL, **primitives}
    for f in WORDS:
        space[f.__name__] = (short or decorate)(FunctionType(f.__code__, space, f.__name__))

    def ours(function: Any) -> Any:
        function.__globals__.update(product=primitives["product"], apart=primitives["apart"])
        return decorate(unmerged(function))

    return {
        **{f.__name__: space[f.__name__] for f in WORDS},
        **elementary.compiled(ours),
        **primitives,
        "np": np,
        "inf": math.inf,
        "nan": math.nan,
        "abs": builtins.abs,
    }


def primitives(intrinsic: Decorate, types: Any, on_device: bool = True) -> Words:
    """The short words, each as the instruction or two that it is: a function to be called and
    inlined would cost the compiler most of its time. All branchless, on float64.

    `product` and `divided` round by themselves on a device; `apart`, called in a function, keeps
    it a function of its own. Without `on_device` for this processor, so that a test can look.
    """
    from llvmlite import ir

    number, real = types.float64, ir.DoubleType()
    zero = ir.Constant(real, 0.0)

    def word(emit: Any, *taken: Any, given: Any = number) -> Any:
        def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return emit(builder, *arguments)

        # Numba reads from the typing function how many arguments a word takes.
        answer = given(*taken), code
        typing = (
            lambda _: answer,
            lambda _, a: answer,
            lambda _, a, b: answer,
            lambda _, a, b, c: answer,
        )
        return intrinsic(typing[len(taken)])

    def as_number(b: Any, truth: Any) -> Any:
        return b.uitofp(truth, real)

    def some(b: Any, x: Any) -> Any:
        return b.fcmp_unordered("!=", x, zero)

    def rounded(name: str, plain: str) -> Any:
        def emit(b: Any, x: Any, y: Any) -> Any:
            if not on_device:
                return getattr(b, plain)(x, y)
            known = b.module.globals.get(name)
            return b.call(
                known or ir.Function(b.module, ir.FunctionType(real, [real, real]), name), [x, y]
            )

        return word(emit, number, number)

    def keep_apart(b: Any) -> Any:
        b.function.attributes.add("noinline")
        return ir.Constant(ir.IntType(8).as_pointer(), None)

    def pair(emit: Any) -> Any:
        return word(emit, number, number)

    return {
        "truth": word(as_number, types.boolean),
        "both": pair(lambda b, x, y: as_number(b, b.and_(some(b, x), some(b, y)))),
        "either": pair(lambda b, x, y: as_number(b, b.or_(some(b, x), some(b, y)))),
        "negated": word(lambda b, x: as_number(b, b.fcmp_ordered("==", x, zero)), number),
        "larger": pair(lambda b, x, y: b.select(b.fcmp_ordered(">", y, x), y, x)),
        "smaller": pair(lambda b, x, y: b.select(b.fcmp_ordered("<", y, x), y, x)),
        "choose": word(lambda b, c, x, y: b.select(some(b, c), x, y), number, number, number),
        "product": rounded("llvm.nvvm.mul.rn.d", "fmul"),
        "divided": rounded("llvm.nvvm.div.rn.d", "fdiv"),
        "apart": word(keep_apart, given=types.none),
    }


def simulated_words() -> Words:
    """The same names in plain Python, for the simulator: the reference's own functions."""
    mask = (1 << 64) - 1

    def counter(day: int) -> int:
        return noise.mix((int(day) * 1024 + 1) * int(_GOLDEN) & mask)

    def world_key(seed: int, number: int) -> int:
        start = noise.mix((int(seed) + int(_GOLDEN)) & mask)
        return noise.mix(start ^ ((int(number) * int(_WORLD) + 1) & mask))

    def uniform(key: int, site: int, tick: int) -> float:
        z = noise.mix((noise.mix(key ^ site) + tick) & mask)
        return ((z >> 12) + 0.5) * 2.0**-52

    return {
        **{name: getattr(scalar, name) for name in scalar.__all__},
        "counter": counter,
        "world_key": world_key,
        "uniform": uniform,
        "np": np,
        "product": lambda a, b: a * b,
        "apart": lambda: None,
        "inf": math.inf,
        "nan": math.nan,
        "abs": builtins.abs,
    }


# ---- the device --------------------------------------------------------------------------


def simulating() -> bool:
    """Whether Numba's simulator was asked for (before Numba was imported)."""
    return os.environ.get("NUMBA_ENABLE_CUDASIM", "0") not in ("", "0")


def cuda() -> Any:
    """Numba's CUDA. Raises NoDevice, with what to install or look at."""
    try:
        found = import_module("numba.cuda")
    except ImportError as error:
        raise NoDevice(
            f"worlds on a GPU need Numba's CUDA ({error}): {install('gpu')} "
            "(on a computer with an NVIDIA GPU and its driver)"
        ) from None
    if simulating():
        return found
    if find_spec("numba_cuda") is None:
        raise NoDevice(f"worlds on a GPU need numba-cuda: {install('gpu')}")
    why: object = None
    try:
        if found.is_available():
            return found
        why = found.cuda_error()
    except Exception as error:  # whatever a driver's library can raise on loading
        why = error
    told = f"; Numba says: {' '.join(str(why).split())}" if why else ""
    raise NoDevice(
        "no CUDA device was found: worlds on a GPU need an NVIDIA GPU and its driver "
        f"(nvidia-smi lists them){told}"
    )


def device_words(cuda: Any) -> Words:
    """The names that a module's text uses, for numba-cuda."""
    device = cuda.jit(device=True)
    short = cuda.jit(device=True, forceinline=True)
    extending = import_module("numba.cuda.extending")
    ours = primitives(extending.intrinsic, import_module("numba.cuda").types)
    return {
        **words(device, {**ours, "floor": cuda.libdevice.floor}, short),
        "section": device,
        "inline": short,
        "kernel": cuda.jit,
        "cuda": cuda,
    }


@dataclass(frozen=True)
class Loaded:
    """A crisis ready for the device: its kernel is compiled at the first launch."""

    plan: Plan
    program: Program
    rows: int
    kernel: Any


def load(laid: Plan) -> Loaded:
    """The crisis as a kernel. Raises NoDevice."""
    found = cuda()
    p = program(laid)
    if simulating():
        plain = {"section": _as_it_is, "inline": _as_it_is, "kernel": found.jit, "cuda": found}
        space = {**simulated_words(), **plain}
    else:
        space = device_words(found)
    name = f"<{laid.crisis.title} for a device, Offramp {__version__}>"
    made = module(laid, p)
    exec(compile(made.text, name, "exec"), space)
    return Loaded(laid, p, made.rows, space["live_all"])


def _as_it_is(function: Any) -> Any:
    return function


def block(
    loaded: Loaded, job: RunSpec, numbers: tuple[int, ...], days: int | None = None
) -> Ensemble:
    """Some worlds, in one launch, without stories. `days`: only so many."""
    found, laid, p = cuda(), loaded.plan, loaded.program
    crisis, n = laid.crisis, len(numbers)
    shown = [laid.layout.states[name] for name in crisis.show]
    bins = [bins_of(laid, i) for i in shown]
    blank = np.zeros((job.days, 1), np.int64)
    limits = [(b.low, b.high) for b in (band_of(laid, i, blank) for i in shown)]
    S = found.device_array((loaded.rows, n), np.float64)
    atoms = found.device_array((max(1, len(job.monitors)), n), np.float64)
    happened = found.device_array((max(1, len(laid.events)), n), np.int32)
    size = len(shown) * job.days * max(bins, default=1)
    bands = found.to_device(np.zeros(max(1, size), np.int32))
    loaded.kernel[-(-n // THREADS), min(n, THREADS)](
        S,
        found.to_device(np.array(numbers, np.int64)),
        job.seed,
        job.lasts if days is None else days,
        found.to_device(np.array(shown, np.int64)),
        found.to_device(np.array(limits).reshape(-1, 2)),
        found.to_device(np.array(bins, np.int64)),
        found.to_device(watched(laid, job)),
        atoms,
        happened,
        bands,
    )
    first, count = p.unknowns
    counted = bands.copy_to_host()[:size].reshape(len(shown), job.days, -1).astype(np.int64)
    kept = loaded.rows - len(p.collided)
    hits = {q: int(np.count_nonzero(_rows(S, kept + j, 1))) for j, (q, _) in enumerate(p.collided)}
    names = [s.name for s in crisis.states]
    return Ensemble(
        first=crisis.first,
        days=job.days,
        seed=job.seed,
        numbers=numbers,
        bands={
            names[i]: band_of(laid, i, counted[k, :, : bins[k]].copy()) for k, i in enumerate(shown)
        },
        stories=(),
        atoms=np.ascontiguousarray(atoms.copy_to_host()[: len(job.monitors)].T),
        unknowns=np.ascontiguousarray(_rows(S, first, count).T),
        counts=np.ascontiguousarray(happened.copy_to_host()[: len(laid.events)].T.astype(np.int64)),
        collisions=tuple(sorted((names[q], hit) for q, hit in hits.items() if hit)),
    )


def _rows(S: Any, first: int, count: int) -> NDArray[np.float64]:
    """Some slots of all worlds, from the device."""
    if count == 0:
        return np.zeros((0, S.shape[1]))
    return np.asarray(S[first : first + count].copy_to_host())


def check(loaded: Loaded, job: RunSpec) -> None:
    """Lives the first days of the first worlds in the reference interpreter too.

    Raises Differs if an unknown was not drawn alike or an event happened otherwise: a last bit
    may differ on a device, but moves no die in two worlds out of two.
    """
    crisis = loaded.plan.crisis
    days = min(CHECKED_DAYS, crisis.shown_days)
    short = crisis.until(crisis.first + dt.timedelta(days - 1))
    laid = replace(loaded.plan, crisis=short)
    worlds = 1 if simulating() else CHECKED_WORLDS
    expected = run_chunk(laid, RunSpec(short, (), job.seed), range(worlds))
    found = block(loaded, RunSpec(crisis, (), job.seed), tuple(range(worlds)), days)
    alike = np.allclose(expected.unknowns, found.unknowns, CLOSE, CLOSE)
    if not alike or not np.array_equal(expected.counts, found.counts):
        raise Differs("the device and the reference differ: please report this case")


def simulate(job: RunSpec, worlds: int, progress: Progress | None = None) -> Ensemble:
    """Worlds 0 to `worlds`-1 on the first CUDA device, without stories. The same draws as
    `worlds.simulate`; answers agree within their errors. Raises NoDevice or Differs."""
    loaded = load(plan(job.crisis))
    check(loaded, job)
    parts = list[Ensemble]()
    for start in range(0, worlds, BATCH):
        parts.append(block(loaded, job, tuple(range(start, min(start + BATCH, worlds)))))
        if progress:
            progress(parts[-1].worlds)
    return merge(parts)

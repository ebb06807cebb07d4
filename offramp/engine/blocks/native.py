"""Sections as native code: runs of arithmetic fused into pieces, written as LLVM's text.

The machine works an instruction out for a whole strip before it begins the next, so that every
value goes through the strip's memory. Here neighbouring arithmetic of a section becomes a *piece*:
a loop over the strip whose values stay in the processor's registers, and only what later pieces
read is written. What is left (dice, the rarer functions, numbers fetched for a list of worlds)
stays an instruction of the tape, and a piece is one more among them: the machine runs both.

No flag on any operation: each rounds as the tape's does, and nothing is contracted. Exponentials
take the steps of `elementary.py`, in one function that all pieces of a section call: in line they
would be most of what is compiled.

Numbers are not in the text: a section reads its constants from a table of its own. So what is
compiled is that of every tape of the same structure.
"""

from __future__ import annotations

import functools
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from offramp.engine import elementary
from offramp.engine.blocks.tape import BINARY, CODES, FIELDS, NAMES, UNARY, Tape
from offramp.language.equality import EQUAL, HALF

CALL = len(NAMES)  # the instruction that runs a piece: its address, and where its constants begin
STRIP = 128  # worlds a strip, as the machine's
VECTOR = 8  # worlds that an operation works out; where vectors are shorter, LLVM takes several
PIECE = 32  # instructions of a piece at most
WORD = 8  # bytes of a number

D, M, Q = (f"<{VECTOR} x {kind}>" for kind in ("double", "i1", "i64"))
POWERS = ("exp", "expm1", "weight")
_AS_THEY_ARE = ("store", "exp2", "log", "logistic", "normal_quantile", *POWERS)
_KINDS = {
    "load": "",
    "uniform": "",
    "store": "v",
    "fill": "k",
    **dict.fromkeys(UNARY, "v"),
    "clip": "vkk",
    "madd_vv": "vvv",
    "madd_vk": "vvk",
    "dadd": "vvv",
    "dmadd": "vvvv",
    "weight": "vvv",
}
_COMPARED = {"lt": "olt", "le": "ole", "eq": "oeq", "ne": "une"}


class Line(NamedTuple):
    """An instruction whose registers are values: `result` (-1: none), operands by number, and of
    each whether it is a value (v) or a constant (k). `extra` is a slot or a die."""

    op: str
    kinds: str
    result: int
    operands: tuple[int, ...]
    extra: int


class Piece(NamedTuple):
    """Lines in one loop, and then exponentials in a loop each; which values the first reads from
    the strip's rows, and which it leaves there."""

    lines: tuple[Line, ...]
    powers: tuple[Line, ...]
    reads: tuple[int, ...]
    leaves: tuple[int, ...]


@dataclass(frozen=True)
class Fused:
    """A section with pieces. `rows` are instructions of the machine; where one is `CALL` its
    target is the number of a piece of `text`. `constants` are places among the tape's, in the
    order of the section's table."""

    rows: tuple[tuple[int, ...], ...]
    text: str
    pieces: int
    constants: tuple[int, ...]
    registers: int


def kinds(name: str) -> tuple[str, str]:
    """An instruction's operation, and of each operand whether it is a register or a constant."""
    base, _, form = name.rpartition("_")
    if base in BINARY:
        return base, form
    if base == "select":
        return base, "v" + form
    return (base if base == "madd" else name), _KINDS[name]


def lines(tape: Tape, section: int) -> list[Line]:
    """A section's instructions, each register's every content a value of its own. Raises
    ValueError where a slot is loaded after it was stored."""
    first, last = tape.sections[section, :2].tolist()
    held, out, count, stored = dict[int, int](), list[Line](), 0, set[int]()
    for op, target, *places in tape.code[first:last].tolist():
        name, kind = kinds(NAMES[op])
        if name == "load" and places[0] in stored:
            raise ValueError(f"section {section} loads slot {places[0]} after it was stored")
        if name == "store":
            stored.add(target)
            out.append(Line(name, kind, -1, (held[places[0]],), target))
            continue
        operands = tuple(held[x] if k == "v" else x for k, x in zip(kind, places, strict=False))
        held[target] = count
        out.append(Line(name, kind, count, operands, places[0] if not kind else 0))
        count += 1
    return out


def scheduled(own: list[Line], everywhere: bool) -> list[Line | Piece]:
    """Lines and pieces in an order in which they can run: what a piece loads stands before it, and
    exponentials and what stays an instruction of the tape wait until somebody reads them, so that
    pieces are long. Where all worlds run the section (`everywhere`), a piece loads and stores by
    itself.

    A slot that is stored is not loaded afterwards (`lines`), so loads may come earlier.
    """
    order = list[Line | tuple[tuple[Line, ...], tuple[Line, ...]]]()
    before, inside, after = list[Line](), list[Line](), list[Line]()
    waiting = set[int]()

    def close() -> None:
        order.extend(before)
        powers = tuple(line for line in after if line.op in POWERS)
        if inside or powers:
            order.append((tuple(inside), powers))
        order.extend(line for line in after if line.op not in POWERS)
        for part in (before, inside, after):
            part.clear()
        waiting.clear()

    for line in own:
        if line.op == "uniform" or (line.op == "load" and not everywhere):
            before.append(line)
            continue
        if any(x in waiting for x in values(line)):
            close()
        if line.op in _AS_THEY_ARE and not (line.op == "store" and everywhere):
            after.append(line)
            waiting.add(line.result)
            continue
        inside.append(line)
        if len(inside) == PIECE:
            close()
    close()
    return _with_ends(order)


def values(line: Line) -> list[int]:
    """The values that a line reads."""
    return [x for x, kind in zip(line.operands, line.kinds, strict=True) if kind == "v"]


def _with_ends(order: list[Line | tuple[tuple[Line, ...], tuple[Line, ...]]]) -> list[Line | Piece]:
    """Of each piece what it reads of others and leaves to others."""
    out, wanted = list[Line | Piece](), set[int]()
    for part in reversed(order):
        if isinstance(part, Line):
            out.append(part)
            wanted |= set(values(part))
            continue
        own, powers = part
        wanted |= {x for line in powers for x in values(line)}
        made = {line.result for line in own}
        reads = dict.fromkeys(x for line in own for x in values(line) if x not in made)
        leaves = tuple(line.result for line in own if line.result in wanted)
        out.append(Piece(own, powers, tuple(reads), leaves))
        wanted |= set(reads)
    return out[::-1]


def _read(part: Line | Piece) -> list[int]:
    """The values that must lie in rows for a part."""
    if isinstance(part, Line):
        return values(part)
    return [*part.reads, *(x for line in part.powers for x in values(line))]


def fused(tape: Tape, section: int) -> Fused:
    """A section with its arithmetic in pieces."""
    everywhere = int(tape.sections[section, 2]) < 0
    parts = scheduled(lines(tape, section), everywhere)
    last = dict[int, int]()
    for i, part in enumerate(parts):
        for x in _read(part):
            last[x] = i
    free, held, registers = list[int](), dict[int, int](), 0

    def taken(value: int) -> int:
        nonlocal registers
        if not free:
            free.append(registers)
            registers += 1
        held[value] = free.pop()
        return held[value]

    def given_back(reads: Sequence[int], i: int) -> None:
        free.extend(held.pop(x) for x in dict.fromkeys(reads) if last[x] == i)

    rows, texts, constants = list[tuple[int, ...]](), list[str](), dict[int, int]()
    for i, part in enumerate(parts):
        if isinstance(part, Piece):
            # A piece reads its rows before it writes any, a vector of worlds at a time.
            found = {x: held[x] for x in part.reads}
            later = {x for line in part.powers for x in values(line)}
            given_back([x for x in part.reads if x not in later], i)
            left = {x: taken(x) for x in part.leaves}
            for line in part.powers:
                taken(line.result)
            text = _Text(constants)
            texts.append(text.piece(len(texts), part, found, left, held))
            given_back(sorted(later), i)
            row = [CALL, len(texts) - 1]
        elif part.op == "store":
            row = [CODES["store"], part.extra, held[part.operands[0]]]
            given_back(part.operands, i)
        elif part.op in ("load", "uniform"):
            row = [CODES[part.op], taken(part.result), part.extra]
        else:
            operands = [held[x] for x in part.operands]
            row = [CODES[part.op], taken(part.result), *operands]
            given_back(part.operands, i)
        rows.append((*row, *([0] * (FIELDS - len(row)))))
    return Fused(
        rows=tuple(rows),
        text=_HEAD + _powers(parts) + "\n".join(texts) + _table(section, len(texts)),
        pieces=len(texts),
        constants=tuple(constants),
        registers=registers,
    )


_HEAD = f"""\
declare {D} @llvm.floor.v{VECTOR}f64({D})
declare {D} @llvm.fabs.v{VECTOR}f64({D})

"""


def table(section: int) -> str:
    """The name under which the addresses of a section's pieces are found."""
    return f"pieces{section}"


def _table(section: int, count: int) -> str:
    each = ", ".join(f"ptr @p{k}" for k in range(count))
    return f"\n@{table(section)} = constant [{count} x ptr] [{each}]\n"


class _Text:
    """Writes a piece. `constants` grows by what it reads: the place in the section's table of each
    place among the tape's; today is apart, for it changes."""

    def __init__(self, constants: dict[int, int]) -> None:
        self.constants = constants
        self.body: list[str] = []
        self.count = 0
        self.numbers: dict[int, str] = {}  # values that are at hand
        self.masks: dict[int, str] = {}  # of those that are 1 or 0, whether they are 1
        self.splats: dict[int, str] = {}
        self.ours = ""  # which of a vector's worlds there are

    def piece(
        self,
        number: int,
        piece: Piece,
        found: dict[int, int],
        left: dict[int, int],
        held: dict[int, int],
    ) -> str:
        for value, row in found.items():
            self.numbers[value] = self.new(f"load {D}, ptr {self.row(row)}, align 8")
        for line in piece.lines:
            self.line(line)
        for value, row in left.items():
            x = self.number(value)
            self.body.append(f"store {D} {x}, ptr {self.row(row)}, align 8")
        return "\n".join(
            [
                f"define internal void @p{number}(ptr noalias %T, ptr noalias %K, "
                "ptr noalias %today, i64 %m, ptr noalias %S, i64 %W, i64 %n) nounwind {",
                "entry:",
                *(_loop(self.body) if piece.lines else ()),
                *self.calls(piece.powers, held),
                "ret void",
                "}\n",
            ]
        )

    def calls(self, powers: tuple[Line, ...], held: dict[int, int]) -> list[str]:
        """Exponentials, for a whole strip each."""
        out = list[str]()
        for k, line in enumerate(powers):
            rows = [held[x] for x in (line.result, *line.operands)]
            out += [
                f"%r{k}.{i} = getelementptr i8, ptr %T, i64 {row * STRIP * WORD}"
                for i, row in enumerate(rows)
            ]
            places = ", ".join(f"ptr %r{k}.{i}" for i in range(len(rows)))
            out.append(f"call void @{line.op}s({places}, i64 %m)")
        return out

    def new(self, text: str) -> str:
        self.count += 1
        self.body.append(f"%v{self.count} = {text}")
        return f"%v{self.count}"

    def row(self, register: int) -> str:
        return self.new(f"getelementptr i8, ptr %t, i64 {register * STRIP * WORD}")

    def constant(self, place: int) -> str:
        """One of the tape's constants in every world."""
        if place not in self.splats:
            if place == 0:
                at = "%today"
            else:
                own = self.constants.setdefault(place, len(self.constants))
                at = self.new(f"getelementptr i8, ptr %K, i64 {own * WORD}")
            x = self.new(f"load double, ptr {at}, align 8")
            x = self.new(f"insertelement {D} poison, double {x}, i64 0")
            self.splats[place] = self.new(
                f"shufflevector {D} {x}, {D} poison, <{VECTOR} x i32> zeroinitializer"
            )
        return self.splats[place]

    def number(self, value: int) -> str:
        if value not in self.numbers:
            mask = self.masks[value]
            self.numbers[value] = self.new(
                f"select {M} {mask}, {D} {splat(1.0)}, {D} zeroinitializer"
            )
        return self.numbers[value]

    def truth(self, value: int) -> str:
        if value not in self.masks:
            self.masks[value] = self.compared("une", self.numbers[value], "zeroinitializer")
        return self.masks[value]

    def two(self, op: str, a: str, b: str) -> str:
        return self.new(f"{op} {D} {a}, {b}")

    def compared(self, how: str, a: str, b: str) -> str:
        return self.new(f"fcmp {how} {D} {a}, {b}")

    def chosen(self, mask: str, a: str, b: str) -> str:
        return self.new(f"select {M} {mask}, {D} {a}, {D} {b}")

    def size(self, x: str) -> str:
        return self.new(f"call {D} @llvm.fabs.v{VECTOR}f64({D} {x})")

    def tolerance(self, a: str, b: str) -> str:
        """As the machine's."""
        a, b = self.size(a), self.size(b)
        least = self.chosen(self.compared("olt", a, b), a, b)
        least = self.chosen(self.compared("ogt", least, splat(1.0)), least, splat(1.0))
        return self.two("fmul", splat(EQUAL), least)

    def slot(self, number: int) -> str:
        """Where a slot of these worlds lies, in a section that all worlds run."""
        far = self.new(f"mul i64 %W, {number}")
        at = self.new(f"getelementptr double, ptr %S, i64 {far}")
        return self.new(f"getelementptr double, ptr {at}, i64 %j")

    def store(self, line: Line) -> None:
        """Places that no world takes stay as they are."""
        if not self.ours:
            ids = ", ".join(f"i64 {k}" for k in range(VECTOR))
            x = self.new("sub i64 %n, %j")
            x = self.new(f"insertelement {Q} poison, i64 {x}, i64 0")
            x = self.new(f"shufflevector {Q} {x}, {Q} poison, <{VECTOR} x i32> zeroinitializer")
            self.ours = self.new(f"icmp slt {Q} <{ids}>, {x}")
        at = self.slot(line.extra)
        old = self.new(f"load {D}, ptr {at}, align 8")
        new = self.chosen(self.ours, self.number(line.operands[0]), old)
        self.body.append(f"store {D} {new}, ptr {at}, align 8")

    def line(self, line: Line) -> None:
        op, result = line.op, line.result
        if op == "load":
            self.numbers[result] = self.new(f"load {D}, ptr {self.slot(line.extra)}, align 8")
            return
        if op == "store":
            self.store(line)
            return
        if op in ("and", "or"):
            a, b = (self.truth(x) for x in line.operands)
            self.masks[result] = self.new(f"{op} {M} {a}, {b}")
            return
        if op == "select":
            a, b = (self.operand(line.operands[i], line.kinds[i]) for i in (1, 2))
            self.numbers[result] = self.chosen(self.truth(line.operands[0]), a, b)
            return
        x = [self.operand(x, k) for x, k in zip(line.operands, line.kinds, strict=True)]
        if op in _COMPARED:
            self.masks[result] = self.compared(_COMPARED[op], *x)
        elif op == "not":
            self.masks[result] = self.compared("oeq", x[0], "zeroinitializer")
        elif op == "below":
            least = self.tolerance(*x)
            self.masks[result] = self.compared("oge", self.two("fsub", x[1], x[0]), least)
        elif op in ("at_most", "same"):
            least = self.tolerance(*x)
            away = self.two("fsub", *x)
            away = self.size(away) if op == "same" else away
            near = self.compared("olt", away, least)
            plain = self.compared("oeq" if op == "same" else "ole", *x)
            self.masks[result] = self.new(f"or {M} {plain}, {near}")
        else:
            self.numbers[result] = self.arithmetic(op, x)

    def operand(self, place: int, kind: str) -> str:
        return self.number(place) if kind == "v" else self.constant(place)

    def arithmetic(self, op: str, x: list[str]) -> str:
        if op in ("add", "sub", "mul", "div"):
            return self.two(f"f{op}", *x)
        if op in ("max", "min"):
            how = "ogt" if op == "max" else "olt"
            return self.chosen(self.compared(how, x[1], x[0]), x[1], x[0])
        if op == "neg":
            return self.new(f"fneg {D} {x[0]}")
        if op == "abs":
            return self.size(x[0])
        if op == "nearest":
            up = self.two("fadd", x[0], splat(HALF))
            return self.new(f"call {D} @llvm.floor.v{VECTOR}f64({D} {up})")
        if op == "clip":
            above, under = self.compared("ole", x[1], x[0]), self.compared("ole", x[0], x[2])
            end = self.chosen(self.compared("ogt", x[0], x[2]), x[2], x[1])
            return self.chosen(self.new(f"and {M} {above}, {under}"), x[0], end)
        if op == "madd":
            return self.two("fadd", x[0], self.two("fmul", x[1], x[2]))
        if op == "dadd":
            return self.two("fadd", x[0], self.two("fsub", x[1], x[2]))
        if op == "dmadd":
            part = self.two("fmul", self.two("fsub", x[1], x[2]), x[3])
            return self.two("fadd", x[0], part)
        if op == "fill":
            return x[0]
        raise ValueError(op)

    def reduced(self, x: str, least: float) -> tuple[str, str, str, str]:
        """The first steps of `elementary.exp` and `expm1`: n, hi, lo, and r * c / (2 - c)."""
        x = self.chosen(self.compared("ogt", x, splat(least)), x, splat(least))
        x = self.chosen(self.compared("olt", x, splat(700.0)), x, splat(700.0))
        n = self.two(
            "fadd", self.two("fmul", x, splat(elementary._INV_LN2)), splat(elementary._ROUND)
        )
        n = self.two("fsub", n, splat(elementary._ROUND))
        hi = self.two("fsub", x, self.two("fmul", n, splat(elementary._LN2_HI)))
        lo = self.two("fmul", n, splat(elementary._LN2_LO))
        r = self.two("fsub", hi, lo)
        t = self.two("fmul", r, r)
        p = splat(4.13664954751558e-08)
        for c in (
            -1.653386222243988e-06,
            6.613756284824591e-05,
            -0.002777777777688539,
            0.16666666666666588,
        ):
            p = self.two("fadd", splat(c), self.two("fmul", t, p))
        rest = self.two("fsub", r, self.two("fmul", t, p))
        q = self.two("fdiv", self.two("fmul", r, rest), self.two("fsub", splat(2.0), rest))
        return n, hi, lo, q

    def exp(self, x: str, block: str) -> str:
        """As `elementary.exp`; the road of numbers that are nearly 0 is taken where a vector has
        one."""
        n, hi, lo, q = self.reduced(x, -746.0)
        y = self.two("fsub", splat(1.0), self.two("fsub", self.two("fsub", lo, q), hi))
        high = self.two("fmul", y, self.power(n))
        tiny = self.compared("olt", n, splat(-1021.0))
        some = self.new(f"bitcast {M} {tiny} to i{VECTOR}")
        some = self.new(f"icmp ne i{VECTOR} {some}, 0")
        self.body += [f"br i1 {some}, label %tiny, label %plain", "tiny:"]
        low = self.two("fmul", y, self.power(self.two("fadd", n, splat(64.0))))
        low = self.two("fmul", low, splat(elementary._UNDERFLOW))
        low = self.chosen(tiny, low, high)
        self.body += ["br label %plain", "plain:"]
        return self.new(f"phi {D} [ {high}, %{block} ], [ {low}, %tiny ]")

    def expm1(self, x: str) -> str:
        """As `elementary.expm1`."""
        n, hi, lo, q = self.reduced(x, -700.0)
        scale = self.power(n)
        part = self.two("fmul", scale, self.two("fsub", hi, self.two("fsub", lo, q)))
        return self.two("fadd", part, self.two("fsub", scale, splat(1.0)))

    def power(self, n: str) -> str:
        """2^n, as `elementary._power_bits`."""
        x = self.two("fadd", n, splat(6755399441055744.0 + 1023.0))
        bits = self.new(f"bitcast {D} {x} to {Q}")
        bits = self.new(f"shl {Q} {bits}, <{', '.join(['i64 52'] * VECTOR)}>")
        return self.new(f"bitcast {Q} {bits} to {D}")


def _loop(body: list[str], end: str = "body") -> list[str]:
    """Over the worlds of a strip, a vector at a time; at the end of the block `end` it comes
    round."""
    return [
        "br label %body",
        "body:",
        f"%j = phi i64 [ 0, %entry ], [ %next, %{end} ]",
        "%t = getelementptr double, ptr %T, i64 %j",
        *body,
        f"%next = add i64 %j, {VECTOR}",
        "%more = icmp ult i64 %next, %m",
        "br i1 %more, label %body, label %done",
        "done:",
    ]


def _powers(parts: list[Line | Piece]) -> str:
    """The exponentials that pieces call."""
    used = {line.op for part in parts if isinstance(part, Piece) for line in part.powers}
    return "".join(_power(f"{op}s") for op in POWERS if op in used)


@functools.cache
def _power(name: str) -> str:
    """exp, expm1, or exp of a difference or 0, for a strip. A move that is closed in a whole
    vector costs no exponential."""
    text, rows = _Text({}), ("a", "b", "c") if name == "weights" else ("a",)
    at = {row: text.new(f"getelementptr double, ptr %{row}, i64 %j") for row in ("d", *rows)}
    x = [text.new(f"load {D}, ptr {at[row]}, align 8") for row in rows]
    if name == "expm1s":
        y, end = text.expm1(x[0]), "body"
    elif name == "exps":
        y, end = text.exp(x[0], "body"), "plain"
    else:
        open_ = text.compared("une", x[2], "zeroinitializer")
        some = text.new(f"bitcast {M} {open_} to i{VECTOR}")
        some = text.new(f"icmp ne i{VECTOR} {some}, 0")
        text.body += [f"br i1 {some}, label %some, label %end", "some:"]
        y = text.exp(text.two("fsub", x[0], x[1]), "some")
        y = text.chosen(open_, y, "zeroinitializer")
        text.body += ["br label %end", "end:"]
        y, end = text.new(f"phi {D} [ zeroinitializer, %body ], [ {y}, %plain ]"), "end"
    text.body.append(f"store {D} {y}, ptr {at['d']}, align 8")
    given = ", ".join(f"ptr noalias %{row}" for row in ("d", *rows))
    head = f"define internal void @{name}({given}, i64 %m) noinline nounwind {{"
    body = [x for x in _loop(text.body, end) if not x.startswith("%t =")]
    return "\n".join([head, "entry:", *body, "ret void", "}\n\n"])


def splat(x: float) -> str:
    """A number in every world, as LLVM reads it to the last bit."""
    bits = struct.unpack("<Q", struct.pack("<d", x))[0]
    return f"<{', '.join([f'double 0x{bits:016X}'] * VECTOR)}>"

"""Sections as a tape: a flat list of instructions over registers, ready for the machine.

One register holds one number for each of a strip of worlds. Instructions come in the order in
which a reader would work the formula out, each value once, and registers are taken again as soon
as their value was last used (linear scan; Poletto and Sarkar 1999), so that a strip stays in the
processor's nearest cache.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from offramp.engine import monitors
from offramp.engine.blocks.days import Program, Section
from offramp.engine.blocks.given import Instructions, MemoryLayout, Native
from offramp.engine.blocks.graph import Graph, Node
from offramp.engine.by_value import ByValue

NEVER = -1  # a day that does not come
COMMUTES = ("add", "mul", "eq", "ne", "same", "and", "or")

# Instructions, numbered. `v` is a register, `k` a constant; operands in order.
BINARY = (
    "add",
    "sub",
    "mul",
    "div",
    "max",
    "min",
    "lt",
    "le",
    "eq",
    "ne",
    "below",
    "at_most",
    "same",
    "and",
    "or",
)
UNARY = (
    "not",
    "neg",
    "abs",
    "nearest",
    "exp",
    "exp2",
    "expm1",
    "log",
    "logistic",
    "normal_quantile",
)
_FORMS = {**dict.fromkeys(COMMUTES, ("vv", "vk")), "and": ("vv",), "or": ("vv",)}
NAMES = (
    "load",
    "store",
    "uniform",
    "fill",
    *(f"{name}_{kinds}" for name in BINARY for kinds in _FORMS.get(name, ("vv", "vk", "kv"))),
    *UNARY,
    "clip",
    "select_vv",
    "select_vk",
    "select_kv",
    "select_kk",
    "madd_vv",
    "madd_vk",
    "dadd",
    "dmadd",
    "weight",
)
CODES = {name: i for i, name in enumerate(NAMES)}
FIELDS = 6  # instruction, target, and up to four operands


@dataclass(frozen=True, eq=False, kw_only=True)
class Tape(ByValue):
    """`code[i]` = instruction, target, operands; `sections[j]` = first and last instruction, the
    slot that says where (-1: everywhere) and its value, first and last entry in `days`, and which
    reading it works out (-1: none)."""

    code: NDArray[np.int64]
    consts: NDArray[np.float64]  # consts[0] is today
    sites: NDArray[np.uint64]
    sections: NDArray[np.int64]
    days: NDArray[np.int64]
    begins: int  # how many sections are of the first morning
    registers: int
    slots: int
    layout: MemoryLayout
    collided: NDArray[np.int64]
    inputs: NDArray[np.int64]  # the first slot that the caller fills in, and how many

    def memory(self, width: int, inputs: NDArray[np.float64]) -> NDArray[np.float64]:
        """A block's memory (slots, width) before the first morning, its inputs given."""
        empty = np.zeros((self.slots, width))
        first, count = self.inputs.tolist()
        empty[first : first + count] = inputs[:, None]
        return empty

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Everything as arrays, for a file."""
        return {f.name: np.asarray(getattr(self, f.name)) for f in fields(self)}

    def instructions(self, watch: NDArray[np.int64], native: Native | None = None) -> Instructions:
        """The tape for one run of the machine, which writes on its constants, with what there is of
        native code. A reading costs a mind's whole judgement, so it is worked out on the evenings
        alone on which `watch` (rows of `worlds.watched`) looks at it."""
        sections, days = self.sections, self.days
        native = native or Native.none(len(sections))
        read = [j for j in np.flatnonzero(sections[:, 6] >= 0).tolist() if j >= self.begins]
        if read:
            sections, listed = sections.copy(), days.tolist()
            for j in read:
                looked_at = self._evenings(int(sections[j, 6]), watch) or [NEVER]
                sections[j, 4:6] = len(listed), len(listed) + len(looked_at)
                listed += looked_at
            days = np.array(listed, np.int64)
        return Instructions(
            code=native.code if len(native.code) else self.code,
            consts=self.consts.copy(),
            sites=self.sites,
            sections=sections,
            days=days,
            begins=self.begins,
            registers=self.registers,
            layout=self.layout,
            native=native,
        )

    def _evenings(self, reading: int, watch: NDArray[np.int64]) -> list[int]:
        """The days at whose end monitors look at a reading: an initial value on the eve."""
        found = set[int]()
        for function, _, _, quantity, first, last in watch.tolist():
            if quantity == 2 * self.layout.quantities + reading:
                name = monitors.NAMES[function]
                eve, end = {first - 1}, {last}
                whole = range(first, last + 1)
                found |= eve if name == "initial" else end if name == "final" else set(whole)
        return sorted(day for day in found if day >= 0)

    @staticmethod
    def of_arrays(arrays: dict[str, NDArray[np.generic]]) -> Tape:
        """The tape that `arrays` gave. Raises KeyError if something is missing."""
        whole = {name: int(arrays[name]) for name in ("begins", "registers", "slots")}
        layout = MemoryLayout(*(int(x) for x in arrays["layout"]))
        rest = {
            name: arrays[name]
            for name in ("code", "consts", "sites", "sections", "days", "collided", "inputs")
        }
        return Tape(layout=layout, **whole, **rest)  # type: ignore[arg-type]


class Step(NamedTuple):
    """An instruction before registers: a node made from nodes (or constants), or a store."""

    name: str
    target: Node
    nodes: tuple[Node, ...]
    extra: int = 0  # slot, site or constant


class Constants:
    """Numbers by place; the first is today's."""

    def __init__(self) -> None:
        self.values: list[float] = [0.0]
        self.places: dict[str, int] = {}

    def place(self, value: float) -> int:
        if repr(value) not in self.places:
            self.places[repr(value)] = len(self.values)
            self.values.append(value)
        return self.places[repr(value)]


def tape(program: Program) -> Tape:
    """The first morning and the day, one after the other."""
    constants, sites, need = Constants(), list[int](), registers_needed(program.graph)
    code, rows, days, most = list[list[int]](), list[list[int]](), list[int](), 0
    for section in (*program.begin, *program.day):
        steps = list(_steps(program.graph, section, need, sites))
        first, first_day = len(code), len(days)
        most = max(most, _Assembler(program.graph, constants, code).write(steps))
        days += section.days
        slot = -1 if section.slot is None else section.slot
        written = section.outputs[0][0] if section.outputs else -1
        reading = written - (program.quantities[0] + 2 * program.quantities[1])
        reading = reading if 0 <= reading < len(program.plan.gauges) else -1
        rows.append([first, len(code), slot, section.value, first_day, len(days), reading])
    return Tape(
        code=np.array(code, np.int64).reshape(-1, FIELDS),
        consts=np.array(constants.values),
        sites=np.array([*sites, 0], np.uint64),
        sections=np.array(rows, np.int64).reshape(-1, 7),
        days=np.array([*days, -1], np.int64),
        begins=len(program.begin),
        registers=most,
        slots=len(program.slots),
        layout=MemoryLayout(
            first_quantity=program.quantities[0],
            quantities=program.quantities[1],
            after=program.after,
            first_unknown=program.unknowns[0],
            unknowns=program.unknowns[1],
            happened=program.happened,
            first_daily=program.daily[0],
            daily=program.daily[1],
        ),
        collided=np.array(program.collided, np.int64).reshape(-1, 2),
        inputs=np.array(program.inputs, np.int64),
    )


def _steps(graph: Graph, section: Section, need: list[int], sites: list[int]) -> Iterator[Step]:
    """Each node once, operands first; a slot is written when nothing will read it any more."""
    uses = graph.uses([node for _, node in section.outputs])
    done: set[Node] = set()
    slots = {int(graph.nodes[x][1][0]): x for x in uses if graph.nodes[x][0] == "slot"}
    late = []
    for slot, node in section.outputs:
        yield from _node_steps(graph=graph, root=node, uses=uses, need=need, done=done, sites=sites)
        if slot in slots and slots[slot] not in done and slots[slot] != node:
            late.append((slot, node))
        else:
            yield Step("store", -1, (node,), slot)
    for slot, node in late:
        yield Step("store", -1, (node,), slot)


def _node_steps(
    graph: Graph,
    root: Node,
    uses: dict[Node, int],
    need: list[int],
    done: set[Node],
    sites: list[int],
) -> Iterator[Step]:
    """Depth first, without recursion: formulas may be deep. What needs most registers first."""
    stack: list[tuple[Node, tuple[str, tuple[Node, ...]] | None]] = [(root, None)]
    while stack:
        node, fused = stack.pop()
        if node in done:
            continue
        if fused is not None:  # its operands stand
            done.add(node)
            yield Step(fused[0], node, fused[1])
            continue
        op, arguments = graph.nodes[node]
        if op in ("const", "today"):
            continue
        if op == "slot":
            done.add(node)
            yield Step("load", node, (), int(arguments[0]))
        elif op == "uniform":
            done.add(node)
            sites.append(int(arguments[0]))
            yield Step("uniform", node, (), len(sites) - 1)
        else:
            fused = _fused(graph, node, uses)
            stack.append((node, fused))
            stack += [(x, None) for x in sorted(fused[1], key=need.__getitem__)]


def _fused(graph: Graph, node: Node, uses: dict[Node, int]) -> tuple[str, tuple[Node, ...]]:
    """x + a * b, x + (a - b), x + (a - b) * c, and exp(a - b) or 0, as one instruction, where the
    part is used only here. Each operation still rounds by itself."""
    op, _ = graph.nodes[node]
    parts = graph.parts[node]
    if op == "select" and graph.nodes[parts[2]] == ("const", (0.0,)):
        free, power = parts[:2]
        if graph.nodes[power][0] == "exp" and uses[power] == 1:
            (difference,) = graph.parts[power]
            d = graph.parts[difference]
            if (
                graph.nodes[difference][0] == "sub"
                and uses[difference] == 1
                and all(_register(graph, y) for y in d)
            ):
                return "weight", (*d, free)
    if op != "add":
        return op, parts
    for x, part in ((parts[0], parts[1]), (parts[1], parts[0])):
        inner = graph.parts[part]
        if uses[part] != 1 or not _register(graph, x):
            continue
        if graph.nodes[part][0] == "mul":
            a, b = inner if _register(graph, inner[0]) else (inner[1], inner[0])
            for difference, c in ((a, b), (b, a)):
                d = graph.parts[difference]
                if (
                    graph.nodes[difference][0] == "sub"
                    and uses[difference] == 1
                    and _register(graph, c)
                    and all(_register(graph, y) for y in d)
                ):
                    return "dmadd", (x, *d, c)
            return "madd", (x, a, b)
        if graph.nodes[part][0] == "sub" and all(_register(graph, y) for y in inner):
            return "dadd", (x, *inner)
    return op, parts


def registers_needed(graph: Graph) -> list[int]:
    """Per node, how many registers its formula takes if nothing is shared (Sethi and Ullman
    1970)."""
    need: list[int] = []
    for parts in graph.parts:
        if len(parts) == 2:
            a, b = need[parts[0]], need[parts[1]]
            need.append(a + 1 if a == b else max(a, b))
            continue
        below = sorted((need[x] for x in parts), reverse=True)
        need.append(max((n + i for i, n in enumerate(below)), default=1))
    return need


def _register(graph: Graph, node: Node) -> bool:
    return graph.nodes[node][0] not in ("const", "today")


class _Registers:
    """Registers by number: those given back last are taken first, for they are still near."""

    def __init__(self) -> None:
        self.free: list[int] = []
        self.count = 0

    def take(self) -> int:
        if self.free:
            return self.free.pop()
        self.count += 1
        return self.count - 1


class _Assembler:
    """Puts the steps of one section on the tape."""

    def __init__(self, graph: Graph, constants: Constants, code: list[list[int]]) -> None:
        self.graph, self.constants, self.code = graph, constants, code
        self.registers = _Registers()
        self.held: dict[Node, int] = {}
        self.lent: list[int] = []  # registers for constants where an instruction has no such form

    def write(self, steps: list[Step]) -> int:
        """How many registers the section takes."""
        last = {x: i for i, step in enumerate(steps) for x in step.nodes}
        for i, step in enumerate(steps):
            if step.name == "store":
                row = [CODES["store"], step.extra, self.register(step.nodes[0])]
            else:
                name, places = self.form(step)
                # Never a register that is still read: the loops need no look for overlaps.
                self.held[step.target] = self.registers.take()
                row = [CODES[name], self.held[step.target], *places]
            self.code.append(row + [0] * (FIELDS - len(row)))
            for x in set(step.nodes):
                if last[x] == i and x in self.held:
                    self.registers.free.append(self.held.pop(x))
            self.registers.free += self.lent
            self.lent = []
        return self.registers.count

    def constant(self, node: Node) -> int:
        op, arguments = self.graph.nodes[node]
        return 0 if op == "today" else self.constants.place(arguments[0])

    def register(self, node: Node) -> int:
        if _register(self.graph, node):
            return self.held[node]
        register = self.registers.take()
        self.lent.append(register)
        self.code.append([CODES["fill"], register, self.constant(node), 0, 0, 0])
        return register

    def form(self, step: Step) -> tuple[str, list[int]]:
        """The instruction's form for registers and constants, and where its operands stand."""
        name, nodes = step.name, step.nodes
        if name in ("load", "uniform"):
            return name, [step.extra]
        kinds = ["v" if _register(self.graph, x) else "k" for x in nodes]
        if name in BINARY:
            if kinds == ["k", "k"]:  # today and a constant
                return f"{name}_vk", [self.register(nodes[0]), self.constant(nodes[1])]
            if name in COMMUTES and kinds == ["k", "v"]:
                return f"{name}_vk", [self.register(nodes[1]), self.constant(nodes[0])]
            return f"{name}_{''.join(kinds)}", [self.place(x) for x in nodes]
        if name == "select":
            first = self.register(nodes[0])
            return f"select_{kinds[1]}{kinds[2]}", [first, *(self.place(x) for x in nodes[1:])]
        if name == "clip":
            return name, [self.register(nodes[0]), *(self.constant(x) for x in nodes[1:])]
        if name == "madd":
            return f"madd_v{kinds[2]}", [self.place(x) for x in nodes]
        return name, [self.register(x) for x in nodes]

    def place(self, node: Node) -> int:
        return self.register(node) if _register(self.graph, node) else self.constant(node)

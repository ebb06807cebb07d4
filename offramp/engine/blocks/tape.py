"""Sections as a tape: a flat list of instructions over registers, ready for the machine.

One register holds one number for each of a strip of worlds. Instructions come in the order in
which a reader would work the formula out, each value once, and registers are taken again as soon
as their value was last used (linear scan; Poletto and Sarkar 1999), so that a strip stays in the
processor's nearest cache.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.engine.blocks.days import Program, Section
from offramp.engine.blocks.graph import Graph, Node, operands

COMMUTES = ("add", "mul", "eq", "ne", "and", "or")

# Instructions, numbered. `v` is a register, `k` a constant; operands in order.
BINARY = ("add", "sub", "mul", "div", "max", "min", "lt", "le", "eq", "ne", "and", "or")
UNARY = (
    "not", "neg", "abs", "nearest", "exp", "exp2", "expm1", "log", "logistic", "normal_quantile",
)  # fmt: skip
_FORMS = {**{name: ("vv", "vk") for name in COMMUTES}, "and": ("vv",), "or": ("vv",)}
NAMES = (
    "load", "store", "uniform", "fill",
    *(f"{name}_{kinds}" for name in BINARY for kinds in _FORMS.get(name, ("vv", "vk", "kv"))),
    *UNARY,
    "clip", "select_vv", "select_vk", "select_kv", "select_kk",
    "madd_vv", "madd_vk", "dadd", "dmadd",
)  # fmt: skip
CODES = {name: i for i, name in enumerate(NAMES)}
FIELDS = 6  # instruction, target, and up to four operands


@dataclass(frozen=True)
class Tape:
    """`code[i]` = instruction, target, operands; `sections[j]` = first and last instruction, the
    slot that says where (-1: everywhere) and its value, first and last entry in `days`."""

    code: NDArray[np.int64]
    consts: NDArray[np.float64]  # consts[0] is today
    sites: NDArray[np.uint64]
    sections: NDArray[np.int64]
    days: NDArray[np.int64]
    begins: int  # how many sections are of the first morning
    registers: int


@dataclass(frozen=True)
class Step:
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
    constants, sites = Constants(), list[int]()
    code, rows, days, most = list[list[int]](), list[list[int]](), list[int](), 0
    for section in (*program.begin, *program.day):
        steps = list(_steps(program.graph, section, constants, sites))
        first, first_day = len(code), len(days)
        registers = _with_registers(program.graph, steps, constants, code)
        most = max(most, registers)
        days += section.days
        slot = -1 if section.slot is None else section.slot
        rows.append([first, len(code), slot, section.value, first_day, len(days)])
    return Tape(
        np.array(code, np.int64).reshape(-1, FIELDS), np.array(constants.values),
        np.array([*sites, 0], np.uint64), np.array(rows, np.int64).reshape(-1, 6),
        np.array([*days, -1], np.int64), len(program.begin), most,
    )  # fmt: skip


def _steps(
    graph: Graph, section: Section, constants: Constants, sites: list[int]
) -> Iterator[Step]:
    """Each node once, operands first; a slot is written when nothing will read it any more."""
    uses = _uses(graph, section)
    done: set[Node] = set()
    waiting = [(slot, node) for slot, node in section.outputs]
    slots = {int(graph.nodes[x][1][0]): x for x in uses if graph.nodes[x][0] == "slot"}
    late = []
    for slot, node in waiting:
        yield from _node_steps(graph, node, uses, done, sites)
        if slot in slots and slots[slot] not in done and slots[slot] != node:
            late.append((slot, node))
        else:
            yield Step("store", -1, (node,), slot)
    for slot, node in late:
        yield Step("store", -1, (node,), slot)


def _uses(graph: Graph, section: Section) -> dict[Node, int]:
    """How often each node of a section is an operand; outputs count as uses."""
    uses: dict[Node, int] = {}
    stack = [node for _, node in section.outputs]
    for node in stack:
        uses[node] = uses.get(node, 0) + 1
    seen = set()
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        for x in operands(graph, node):
            uses[x] = uses.get(x, 0) + 1
            stack.append(x)
    return uses


def _node_steps(
    graph: Graph, root: Node, uses: dict[Node, int], done: set[Node], sites: list[int]
) -> Iterator[Step]:
    """Depth first, without recursion: formulas may be deep."""
    stack: list[tuple[Node, bool]] = [(root, False)]
    while stack:
        node, ready = stack.pop()
        op, arguments = graph.nodes[node]
        if node in done or op in ("const", "today"):
            continue
        if op == "slot":
            done.add(node)
            yield Step("load", node, (), int(arguments[0]))
        elif op == "uniform":
            done.add(node)
            sites.append(int(arguments[0]))
            yield Step("uniform", node, (), len(sites) - 1)
        else:
            name, parts = _fused(graph, node, uses)
            if ready:
                done.add(node)
                yield Step(name, node, parts)
            else:
                stack.append((node, True))
                stack += [(x, False) for x in reversed(parts)]


def _fused(graph: Graph, node: Node, uses: dict[Node, int]) -> tuple[str, tuple[Node, ...]]:
    """x + a * b, x + (a - b) and x + (a - b) * c as one instruction, where the part is used only
    here. Each operation still rounds by itself."""
    op, _ = graph.nodes[node]
    parts = operands(graph, node)
    if op != "add":
        return op, parts
    for x, part in ((parts[0], parts[1]), (parts[1], parts[0])):
        inner = operands(graph, part)
        if uses[part] != 1 or not _register(graph, x):
            continue
        if graph.nodes[part][0] == "mul":
            a, b = inner if _register(graph, inner[0]) else (inner[1], inner[0])
            for difference, c in ((a, b), (b, a)):
                d = operands(graph, difference)
                if (
                    graph.nodes[difference][0] == "sub" and uses[difference] == 1
                    and _register(graph, c) and all(_register(graph, y) for y in d)
                ):  # fmt: skip
                    return "dmadd", (x, *d, c)
            return "madd", (x, a, b)
        if graph.nodes[part][0] == "sub" and all(_register(graph, y) for y in inner):
            return "dadd", (x, *inner)
    return op, parts


def _register(graph: Graph, node: Node) -> bool:
    return graph.nodes[node][0] not in ("const", "today")


def _with_registers(
    graph: Graph, steps: list[Step], constants: Constants, code: list[list[int]]
) -> int:
    """Appends the instructions of a section; how many registers it takes."""
    last = {x: i for i, step in enumerate(steps) for x in step.nodes}
    held: dict[Node, int] = {}
    free: list[int] = []
    count = 0
    for i, step in enumerate(steps):
        row = [0] * FIELDS
        extra: list[int] = []  # registers for constants where an instruction has no such form

        def take() -> int:
            nonlocal count
            if free:
                return free.pop()
            count += 1
            return count - 1

        def const(node: Node) -> int:
            op, arguments = graph.nodes[node]
            return 0 if op == "today" else constants.place(arguments[0])

        def fill(node: Node) -> int:
            register = take()
            extra.append(register)
            code.append([CODES["fill"], register, const(node), 0, 0, 0])
            return register

        def place(node: Node) -> int:
            return held[node] if _register(graph, node) else fill(node)

        if step.name == "store":
            row[0], row[1], row[2] = CODES["store"], step.extra, place(step.nodes[0])
        else:
            if step.name in ("load", "uniform"):
                name, places = step.name, [step.extra]
            else:
                kinds = ["v" if _register(graph, x) else "k" for x in step.nodes]
                name, places = _form(step.name, step.nodes, kinds, place, const)
            row[0] = CODES[name]
            row[2 : 2 + len(places)] = places
            row[1] = held[step.target] = take()  # never a register that is still read
        code.append(row)
        for x in set(step.nodes):
            if last[x] == i and x in held:
                free.append(held.pop(x))
        free += extra
        if step.name != "store" and step.target not in last:
            free.append(held.pop(step.target))
    return count


def _form(
    name: str, nodes: tuple[Node, ...], kinds: list[str], place: object, const: object
) -> tuple[str, list[int]]:
    """The instruction's form for registers and constants, and where its operands stand."""
    assert callable(place)
    assert callable(const)

    def at(i: int) -> int:
        return int(const(nodes[i]) if kinds[i] == "k" else place(nodes[i]))

    if name in BINARY:
        if name in COMMUTES and kinds == ["k", "v"]:
            return f"{name}_vk", [at(1), at(0)]
        if kinds == ["k", "k"]:  # today and a constant
            return f"{name}_vk", [int(place(nodes[0])), at(1)]
        return f"{name}_{''.join(kinds)}", [at(0), at(1)]
    if name == "select":
        return f"select_{kinds[1]}{kinds[2]}", [int(place(nodes[0])), at(1), at(2)]
    if name == "clip":
        return name, [int(place(nodes[0])), int(const(nodes[1])), int(const(nodes[2]))]
    if name == "madd":
        return f"madd_v{kinds[2]}", [at(0), at(1), at(2)]
    return name, [int(place(x)) for x in nodes]

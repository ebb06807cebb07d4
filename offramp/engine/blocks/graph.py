"""Formulas as a graph: every value is a node, and equal values are one node.

The decision rule, written out over nodes (`decide.py`), becomes the program that all worlds run.
Because a node is made once (hash-consing; Ershov 1958), whatever a move does not change is worked
out once and shared by all who imagine it: what the reference interpreter remembers and prunes by
static read and write sets, the graph shares by itself.

Nothing here reorders or simplifies arithmetic, save what IEEE 754 makes exact: constants are
folded by the very functions that run later, and x * 1 is x.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from offramp.engine import elementary
from offramp.engine.formulas import clip, nearest
from offramp.language import equality

Node = int
LEAVES = ("const", "today", "slot", "uniform")


def _divided(a: float, b: float) -> float:
    """a / b as IEEE 754 has it: a formula may divide by 0 where nobody will look."""
    if b != 0.0:
        return a / b
    with np.errstate(all="ignore"):
        return float(np.float64(a) / np.float64(b))


# What each operation means, on floats; truth is 1.0 and 0.0. Constants are folded and emitted
# modules run by this table; a test holds the machine's loops to it.
MEANING: dict[str, Callable[..., float]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": _divided,
    "max": lambda a, b: b if b > a else a,
    "min": lambda a, b: b if b < a else a,
    "lt": lambda a, b: float(a < b),
    "le": lambda a, b: float(a <= b),
    "eq": lambda a, b: float(a == b),
    "ne": lambda a, b: float(a != b),
    "below": lambda a, b: float(equality.below(a, b)),
    "at_most": lambda a, b: float(equality.at_most(a, b)),
    "same": lambda a, b: float(equality.same(a, b)),
    "and": lambda a, b: float(a != 0.0 and b != 0.0),
    "or": lambda a, b: float(a != 0.0 or b != 0.0),
    "not": lambda a: float(a == 0.0),
    "neg": lambda a: -a,
    "abs": abs,
    "nearest": nearest,
    "clip": clip,
    "select": lambda c, a, b: a if c != 0.0 else b,
    "exp": elementary.exp,
    "exp2": elementary.exp2,
    "expm1": elementary.expm1,
    "log": elementary.log,
    "logistic": elementary.logistic,
    "normal_quantile": elementary.normal_quantile,
}


@dataclass
class Graph:
    """Nodes by number: (operation, operands). Leaves are `const`, `slot`, `today`, `uniform`."""

    nodes: list[tuple[str, tuple[float, ...]]] = field(default_factory=list)
    parts: list[tuple[Node, ...]] = field(default_factory=list)  # its operands; none for a leaf
    values: list[float | None] = field(default_factory=list)  # the number of a constant
    known: dict[tuple[str, tuple[float, ...] | str], Node] = field(default_factory=dict)

    def _node(self, op: str, arguments: tuple[float, ...]) -> Node:
        # 0.0 and -0.0 are equal keys, yet not the same number.
        key = (op, repr(arguments) if op == "const" else arguments)
        found = self.known.get(key)
        if found is None:
            found = self.known[key] = len(self.nodes)
            self.nodes.append((op, arguments))
            self.parts.append(() if op in LEAVES else arguments)  # type: ignore[arg-type]
            self.values.append(arguments[0] if op == "const" else None)
        return found

    def const(self, value: float) -> Node:
        return self._node("const", (float(value),))

    def slot(self, index: int) -> Node:
        """A number that the world remembers."""
        return self._node("slot", (index,))

    def today(self) -> Node:
        return self._node("today", ())

    def uniform(self, site: int) -> Node:
        """Today's die of a decision."""
        return self._node("uniform", (site,))

    def value(self, node: Node) -> float | None:
        """The number, if it is a constant."""
        return self.values[node]

    def op(self, name: str, *operands: Node) -> Node:
        known = self.values
        values = [known[x] for x in operands]
        if None not in values:
            return self.const(MEANING[name](*values))
        if name == "select":
            if values[0] is not None:
                return operands[1] if values[0] != 0.0 else operands[2]
            if operands[1] == operands[2]:
                return operands[1]
        if name == "mul":
            if values[0] == 1.0:
                return operands[1]
            if values[1] == 1.0:
                return operands[0]
        if name in ("and", "or"):
            return self._logic(name, operands, values)
        return self._node(name, operands)

    def _logic(self, name: str, operands: tuple[Node, ...], values: list[float | None]) -> Node:
        """One side known: the other decides, or does not matter. Operands are 1.0 or 0.0."""
        for known, other in ((values[0], operands[1]), (values[1], operands[0])):
            if known is not None:
                decided = (known != 0.0) == (name == "or")
                return self.const(float(name == "or")) if decided else other
        return self._node(name, operands)

    def uses(self, roots: Sequence[Node]) -> dict[Node, int]:
        """The nodes that the roots rest on, and how often each is an operand or a root. A node's
        operands have lower numbers than it has."""
        found: dict[Node, int] = {}
        stack = list(roots)
        while stack:
            node = stack.pop()
            if node not in found:
                stack += self.parts[node]
            found[node] = found.get(node, 0) + 1
        return found

    def over(self, roots: Sequence[Node], given: Mapping[Node, Node]) -> list[Node]:
        """The roots, with other nodes in the place of some that they rest on."""
        made = dict(given)
        for node in sorted(self.uses(roots)):
            parts = tuple(made.get(x, x) for x in self.parts[node])
            if node not in given and parts != self.parts[node]:
                made[node] = self.op(self.nodes[node][0], *parts)
        return [made.get(root, root) for root in roots]

    # ---- what is made of several -------------------------------------------------------

    def add(self, a: Node, b: Node) -> Node:
        return self.op("add", a, b)

    def sub(self, a: Node, b: Node) -> Node:
        return self.op("sub", a, b)

    def mul(self, a: Node, b: Node) -> Node:
        return self.op("mul", a, b)

    def select(self, condition: Node, a: Node, b: Node) -> Node:
        return self.op("select", condition, a, b)

    def clip(self, x: Node, low: float, high: float) -> Node:
        return self.op("clip", x, self.const(low), self.const(high))

    def total(self, parts: Sequence[Node]) -> Node:
        """The sum from left to right, from 0 on. The first 0 + x is x: only the sign of a zero
        could differ, which no decision sees."""
        if not parts:
            return self.const(0.0)
        out = parts[0]
        for part in parts[1:]:
            out = self.add(out, part)
        return out

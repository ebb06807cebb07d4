"""A program as the text of a Python module that a person can read: one function a section.

The same text runs as plain Python, one world at a time (the debugger's way, and a check on the
machine), under Numba, where each section's loop over worlds becomes vector code, and on a GPU.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from offramp.engine.blocks.days import Program, Section
from offramp.engine.blocks.graph import Node, operands

WIDE = 80  # characters of a formula beyond which a part of it gets a name of its own

_HEADER = '''"""{title}: the model as code, written by Offramp {version}.

Do not edit this; edit the crisis file. A section is a function of one world's numbers: it takes
the quantities that it reads and gives those that it writes, in the order of READS and WRITES.
"""

from offramp.engine.blocks.scalar import *
'''

_FORMS = {
    "add": "({} + {})", "sub": "({} - {})", "mul": "({} * {})", "div": "divided({}, {})",
    "lt": "truth({} < {})", "le": "truth({} <= {})", "eq": "truth({} == {})",
    "ne": "truth({} != {})", "and": "both({}, {})", "or": "either({}, {})",
    "not": "negated({})", "neg": "(-{})", "max": "larger({}, {})", "min": "smaller({}, {})",
    "select": "choose({}, {}, {})",
}  # fmt: skip


@dataclass(frozen=True)
class Written:
    """A section as code: its function, the slots that it reads and writes, its dice."""

    name: str
    text: str
    reads: tuple[int, ...]
    writes: tuple[int, ...]
    sites: tuple[int, ...]


def emit(program: Program, version: str) -> str:
    """The module's text."""
    title = program.plan.crisis.title.replace('"', "'")
    parts = [_HEADER.format(title=title, version=version)]
    names, where = [], []
    for j, section in enumerate((*program.begin, *program.day)):
        w = written(program, section, j)
        parts.append(w.text)
        names.append(w.name)
        value = "" if section.slot is None else program.slots[section.slot]
        where.append(value)
    return "\n\n".join(parts)


def written(program: Program, section: Section, number: int) -> Written:
    """One section's function, named after what it is about."""
    graph = program.graph
    uses: dict[Node, int] = {}
    order: list[Node] = []
    stack: list[tuple[Node, bool]] = [(node, False) for _, node in reversed(section.outputs)]
    for _, node in section.outputs:
        uses[node] = uses.get(node, 0) + 1
    seen: set[Node] = set()
    while stack:
        node, ready = stack.pop()
        if ready:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            for x in reversed(operands(graph, node)):
                uses[x] = uses.get(x, 0) + 1
                stack.append((x, False))
    names: dict[Node, str] = {}
    reads, sites, lines = list[int](), list[int](), list[str]()
    for node in order:
        op, arguments = graph.nodes[node]
        if op == "const":
            names[node] = repr(arguments[0])
        elif op == "today":
            names[node] = "today"
        elif op == "slot":
            names[node] = f"{identifier(program.slots[int(arguments[0])])}_{int(arguments[0])}"
            reads.append(int(arguments[0]))
        elif op == "uniform":
            names[node] = f"die_{len(sites)}"
            sites.append(int(arguments[0]))
        else:
            form = _FORMS.get(op, f"{op}({', '.join(['{}'] * len(arguments))})")
            text = form.format(*(names[int(x)] for x in arguments))
            if uses[node] == 1 and len(text) < WIDE:
                names[node] = text
            else:
                names[node] = f"x{len(lines)}"
                lines.append(f"    {names[node]} = {text}")
    inputs = [names[x] for x in order if graph.nodes[x][0] == "slot"]
    dice = [f"die_{i}" for i in range(len(sites))]
    name = f"s{number}_{identifier(section.name)}"
    writes = [slot for slot, _ in section.outputs]
    about = f'    """{section.name}.'
    if section.slot is not None:
        value = f" is {section.value}" if section.value else ""
        about += f" Where: {program.slots[section.slot]}{value}."
    text = "\n".join([
        "@inline", f"def {name}(today, {', '.join([*inputs, *dice])}):", about + '"""', *lines,
        "    return (", *(
            f"        {names[node]},  # {program.slots[slot]}" for slot, node in section.outputs
        ), "    )",
    ])  # fmt: skip
    return Written(name, text + "\n", tuple(reads), tuple(writes), tuple(sites))


def identifier(words: str) -> str:
    return re.sub(r"\W+", "_", words).strip("_").lower() or "x"

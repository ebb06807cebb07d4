"""A program as the text of a Python module that a person can read: one function a section.

The text runs as plain Python, one world at a time: the debugger's way, and a check on the graph
that has no machine in it. `gpu.py` makes the code for a GPU from the same functions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from offramp.engine.blocks.days import Program, Section
from offramp.engine.blocks.graph import Node

WIDE = 80  # characters of a formula beyond which a part of it gets a name of its own

_HEADER = '''"""{title}: the model as code, written by Offramp {version}.

Do not edit this; edit the crisis file. A section is a function of one world's numbers: it takes
today's number, the numbers that it reads and its dice, and gives those that it writes. SECTIONS
says which; `live` runs them.
"""

from offramp.engine.blocks.scalar import *
'''

_FORMS = {
    "add": "({} + {})",
    "sub": "({} - {})",
    "mul": "({} * {})",
    "div": "divided({}, {})",
    "lt": "truth({} < {})",
    "le": "truth({} <= {})",
    "eq": "truth({} == {})",
    "ne": "truth({} != {})",
    "below": "truth(below({}, {}))",
    "at_most": "truth(at_most({}, {}))",
    "same": "truth(same({}, {}))",
    "and": "both({}, {})",
    "or": "either({}, {})",
    "not": "negated({})",
    "neg": "(-{})",
    "max": "larger({}, {})",
    "min": "smaller({}, {})",
    "select": "choose({}, {}, {})",
}


@dataclass(frozen=True)
class Written:
    """A section as code: its function, the slots that it reads and writes, its dice."""

    name: str
    text: str
    reads: tuple[int, ...]
    writes: tuple[int, ...]
    sites: tuple[int, ...]


def emit(program: Program, version: str) -> str:
    """The module's text. Its `SECTIONS` run as they stand, in plain Python (see `live`)."""
    title = program.plan.crisis.title.replace('"', "'")
    parts = [_HEADER.format(title=title, version=version)]
    rows = []
    sections = (*program.begin, *program.day)
    for j, section in enumerate(sections):
        w = written(program, section, j)
        parts.append(w.text)
        rows.append(
            f"    ({w.name}, {section.slot}, {section.value}, {section.days}, {w.reads}, "
            f"{w.writes}, {w.sites}),"
        )
    names = "\n".join(f"# {i} {name}" for i, name in enumerate(program.slots))
    parts.append(
        f"# A world's memory, by number:\n{names}\n\nSLOTS = {len(program.slots)}\n"
        f"BEGIN = {len(program.begin)}  # sections of the first morning\n"
        f"DAILY = {program.daily}  # first and number of those that are 0 each morning\n"
        f"QUANTITIES, TONIGHT = {program.quantities}, {program.after}\n\n"
        "# Function, where (slot and value; 0: is not 0), on which days, reads, writes, dice.\n"
        "SECTIONS = (\n" + "\n".join(rows) + "\n)"
    )
    parts.append(_DRIVER)
    return "\n\n".join(parts)


_DRIVER = '''
def live(dice, days):
    """One world: its numbers at the end of each day. `dice(site, day)` is a uniform number."""
    world = [0.0] * SLOTS
    for morning in range(-1, days):
        today = max(0, morning)
        world[DAILY[0] : sum(DAILY)] = [0.0] * DAILY[1]
        for function, slot, value, when, reads, writes, sites in (
            SECTIONS[:BEGIN] if morning < 0 else SECTIONS[BEGIN:]
        ):
            here = slot is None or (world[slot] == value if value else world[slot] != 0.0)
            if not here or (when and today not in when):
                continue
            new = function(today, *(world[k] for k in reads), *(dice(k, today) for k in sites))
            for k, x in zip(writes, new, strict=True):
                world[k] = x
        if morning >= 0:
            first, count = QUANTITIES
            world[first : first + count] = world[TONIGHT : TONIGHT + count]
            yield list(world)
'''


def written(program: Program, section: Section, number: int) -> Written:
    """One section's function, named after what it is about."""
    graph = program.graph
    uses = graph.uses([node for _, node in section.outputs])
    order = sorted(uses)  # operands first
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
            names[node] = f"die{len(sites)}"
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
    dice = [f"die{i}" for i in range(len(sites))]
    name = f"s{number}_{identifier(section.name)}"
    writes = [slot for slot, _ in section.outputs]
    about = f'    """{section.name}.'
    if section.slot is not None:
        value = f" is {section.value}" if section.value else ""
        about += f" Where: {program.slots[section.slot]}{value}."
    text = "\n".join(
        [
            f"def {name}(today, {', '.join([*inputs, *dice])}):",
            about + '"""',
            *lines,
            "    return (",
            *(f"        {names[node]},  # {program.slots[slot]}" for slot, node in section.outputs),
            "    )",
        ]
    )
    return Written(name, text + "\n", tuple(reads), tuple(writes), tuple(sites))


def identifier(words: str) -> str:
    return re.sub(r"\W+", "_", words).strip("_").lower() or "x"

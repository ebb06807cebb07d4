"""Quantities of which a run keeps every day of every world.

Each day is a monitor of its own (`final`, over one day): the machine, the reference interpreter
and a cluster's workers need nothing new for it, and the columns come behind those of the questions.
"""

from __future__ import annotations

from collections.abc import Iterable

from offramp.engine.monitors import Monitor
from offramp.errors import Mistake
from offramp.language.crisis import Crisis
from offramp.text.diagnostics import suggestion


def in_order(crisis: Crisis, names: Iterable[str]) -> tuple[str, ...]:
    """The quantities named, each once, in the order of the crisis. Raises Mistake for others."""
    wanted, known = tuple(names), [s.name for s in crisis.states]
    for name in wanted:
        if name not in known:
            near = suggestion(name, known, "quantities")
            raise Mistake(f"there is no quantity '{name}' to keep: {near}", "keep")
    return tuple(name for name in known if name in wanted)


def daily(crisis: Crisis, names: tuple[str, ...]) -> tuple[Monitor, ...]:
    """What watches them: for each quantity its value at the end of each day of the course."""
    places = {s.name: i for i, s in enumerate(crisis.states)}
    return tuple(
        Monitor(
            function="final",
            event=None,
            outcome=None,
            quantity=places[name],
            first=day,
            last=day,
        )
        for name in names
        for day in range(crisis.shown_days)
    )

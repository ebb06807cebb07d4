"""What is to be expected, in the machine: `engine/compensators.py` over nodes.

Sums stand in slots behind those of the ordinary program, whose worlds they leave as they are. In
worlds without a kind of event the draws of its window are those given that none comes of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from offramp.engine.blocks.days import Program, Section, Writer, branch_codes
from offramp.engine.blocks.graph import Node
from offramp.engine.blocks.tape import Tape, tape
from offramp.engine.blocks.variants import alike, together
from offramp.engine.blocks.worlds import BLOCK, Recorder, advance, wide
from offramp.engine.by_value import ByValue
from offramp.engine.compensators import Integral
from offramp.engine.noise import world_keys
from offramp.engine.plan import Agenda, Occurrence, Plan
from offramp.engine.run import RunSpec
from offramp.language.crisis import Crisis

Numbers = NDArray[np.float64]


class _Expecting(Writer):
    """What both programs need: how likely it is that something of an integral comes of a day."""

    def inside(self, i: Integral, day: Node | None = None) -> Node:
        """Whether a day (today) lies in the window."""
        when = self.graph.today() if day is None else day
        return self.both(self.le(self.c(i.first), when), self.le(when, self.c(i.last)))

    def counts_as(self, i: Integral, event: Occurrence) -> Node:
        names = i.outcomes(event)
        if names is None:
            return self.c(1.0)
        codes = self.codes(i, event)
        chances = self.rules.chances(event, self.rules.now)
        return self.graph.total([p for k, p in chances if k in codes])

    def codes(self, i: Integral, event: Occurrence) -> frozenset[int]:
        """The branches that count."""
        names = i.outcomes(event)
        return frozenset(
            k for name, k in branch_codes(event).items() if names is None or name in names
        )

    def strikes_today(self, event: Occurrence) -> Node:
        return self.graph.select(self.possible(event), self.once(self.rate(event)), self.c(0.0))

    def counts_now(self, i: Integral, event: Occurrence) -> Node | None:
        """The chance that a move which is chosen today counts; None for one that never does."""
        if not i.aims_at(event) or not i.when_decided(event):
            return None
        g, day = self.graph, self.graph.today()
        if event.event.takes is not None:
            lead = g.op("nearest", self.rules.read(event.event.takes))
            day = g.add(day, g.op("max", self.c(0.0), lead))
        return g.select(self.inside(i, day), self.counts_as(i, event), self.c(0.0))

    def moves_of(self, agenda: Agenda) -> list[Occurrence]:
        return [self.plan.events[e] for e in agenda.all]

    def days_of(self, agenda: Agenda, i: Integral) -> range:
        """The days on which a choice of the actor may come to count."""
        aimed = [e for e in self.moves_of(agenda) if i.aims_at(e) and i.when_decided(e)]
        if not aimed:
            return range(0)
        early = any(e.takes is not None for e in aimed)
        return range(0 if early else i.first, i.last + 1)

    def voted(self, i: Integral, event: Occurrence) -> Node:
        """Whether a vote was held today and went in a way that counts."""
        happened, hit = self.slot(self.happened[event.index]), self.c(0.0)
        if i.outcomes(event) is None:
            hit = self.graph.op("ne", happened, self.c(0.0))
        for k in sorted(self.codes(i, event)) if i.outcomes(event) is not None else ():
            hit = self.graph.op("or", hit, self.graph.op("eq", happened, self.c(k + 1)))
        return self.both(self.inside(i), hit)


class Summing(_Expecting):
    """The ordinary day, with sums. Of variants that share the program each may want others: then
    what is to be summed is `switched` on by slots that are filled before the first morning."""

    def __init__(self, plan: Plan, integrals: Sequence[Integral], switched: bool = False) -> None:
        super().__init__(plan)
        self.integrals = tuple(integrals)
        self.sums = self.slots.some([f"expected {k}" for k in range(len(self.integrals))])
        self.wanted = dict[int, int]()  # by integral
        self.heeded = dict[int, int]()  # by agenda
        if switched:
            names = [f"expected {k} is wanted" for k in range(len(self.integrals))]
            self.wanted = dict(enumerate(self.slots.some(names)))
            self.heeded = {
                a.index: self.slots.some([f"what is expected of {a.title} is wanted"])[0]
                for a in self.agendas
            }

    def switches(self, wanted: Sequence[int]) -> list[int]:
        """The slots that are to be 1 for some of the integrals, by their places."""
        heeded = [
            self.heeded[a.index]
            for a in self.agendas
            if any(self.days_of(a, self.integrals[k]) for k in wanted)
        ]
        return [*(self.wanted[k] for k in wanted), *heeded]

    def adding(self, k: int, part: Node) -> tuple[int, Node]:
        return self.sums[k], self.graph.add(self.slot(self.sums[k]), part)

    def hazards(self) -> None:
        super().hazards()
        for k, i in enumerate(self.integrals):
            for event in self.plan.events:
                if event.rate is not None and i.aims_at(event):
                    p = self.graph.mul(self.strikes_today(event), self.counts_as(i, event))
                    out = [self.adding(k, self.masked(i, p))]
                    self.section("expected hazards", out, self.wanted.get(k))

    def masked(self, i: Integral, p: Node) -> Node:
        return self.graph.select(self.inside(i), p, self.c(0.0))

    def turns_out(self, event: Occurrence) -> list[tuple[int, Node]]:
        out = super().turns_out(event)
        for k, i in enumerate(self.integrals):
            if i.aims_at(event) and not i.when_decided(event):
                out.append(self.adding(k, self.masked(i, self.counts_as(i, event))))
        return out

    def choose(self, agenda: Agenda, slot: int) -> None:
        days = sorted({day for i in self.integrals for day in self.days_of(agenda, i)})
        if days:
            chances, events, out = self.acts(agenda), self.moves_of(agenda), []
            for k, i in enumerate(self.integrals):
                if self.days_of(agenda, i):
                    counts = [self.counts_now(i, e) for e in events]
                    parts = [
                        self.graph.mul(p, n)
                        for p, n in zip(chances, counts, strict=True)
                        if n is not None
                    ]
                    out.append(self.adding(k, self.graph.total(parts)))
            name = f"what is expected of {agenda.title}"
            self.section(name, out, self.heeded.get(agenda.index), days=tuple(days))
        super().choose(agenda, slot)

    def bodies(self) -> None:
        super().bodies()
        for k, i in enumerate(self.integrals):
            for event in self.plan.events:
                if event.ballot is not None and i.aims_at(event):
                    out = [self.adding(k, self.voted(i, event))]
                    self.section("expected votes", out, self.wanted.get(k))


class Sparing(_Expecting):
    """The day of worlds in which nothing of a kind happens within a window."""

    def __init__(self, plan: Plan, integral: Integral) -> None:
        super().__init__(plan)
        self.i = integral
        self.survives = self.slots.some(["that none of the kind has happened"])[0]
        self.only: tuple[int, ...] | None = None

    def section(
        self,
        name: str,
        outputs: list[tuple[int, Node]],
        slot: int | None = None,
        value: int = 0,
        days: tuple[int, ...] = (),
    ) -> None:
        if self.only is not None:
            days = tuple(d for d in days or self.only if d in self.only)
            if not days:
                return
        super().section(name, outputs, slot, value, days)

    @contextmanager
    def on(self, days: Sequence[int]) -> Iterator[None]:
        """Sections of these days alone."""
        self.only = tuple(days)
        yield
        self.only = None

    def less(self, factor: Node) -> tuple[int, Node]:
        return self.survives, self.graph.mul(self.slot(self.survives), factor)

    def begin(self) -> tuple[Section, ...]:
        (first,) = super().begin()
        return (replace(first, outputs=(*first.outputs, (self.survives, self.c(1.0)))),)

    def share(self, part: Node, whole: Node) -> Node:
        g = self.graph
        return g.select(self.lt(self.c(0.0), whole), g.op("div", part, whole), self.c(0.0))

    def hazards(self) -> None:
        g, out, left = self.graph, list[tuple[int, Node]](), self.slot(self.survives)
        for event in self.plan.events:
            if event.rate is None:
                continue
            p, die = self.strikes_today(event), self.die(f"hazard {event.dice}")
            if self.i.aims_at(event):
                counts = g.select(self.inside(self.i), self.counts_as(self.i, event), self.c(0.0))
                silent = g.sub(self.c(1.0), g.mul(p, counts))
                left = g.mul(left, silent)
                spared = self.share(g.mul(p, g.sub(self.c(1.0), counts)), silent)
                p = g.select(self.inside(self.i), spared, p)
            out.append((self.fires[event.index], self.lt(die, p)))
        self.section("hazards, none of the kind", [*out, (self.survives, left)])

    def turns_out(self, event: Occurrence) -> list[tuple[int, Node]]:
        out = super().turns_out(event)
        i, g = self.i, self.graph
        if not i.aims_at(event):
            return out
        if not i.when_decided(event):
            gone = g.sub(self.c(1.0), self.counts_as(i, event))
            out.append(self.less(g.select(self.inside(i), gone, self.c(1.0))))
        chances = [p for _, p in self.rules.chances(event, self.rules.now)]
        codes = self.codes(i, event)
        if i.outcomes(event) is None or len(chances) < 2:
            return out
        left = [self.c(0.0) if k in codes else p for k, p in enumerate(chances)]
        whole = g.total(left)
        others = [k for k in range(len(chances)) if k not in codes]
        die = self.die(f"outcome {event.dice}")
        last = (others[-1] if others else len(chances) - 1) + 1
        spared = self.pick(die, [self.share(p, whole) for p in left], last)
        (slot, drawn), *more = out
        return [(slot, g.select(self.inside(i), spared, drawn)), *more]

    def choose(self, agenda: Agenda, slot: int) -> None:
        days = self.days_of(agenda, self.i)
        if not days:
            super().choose(agenda, slot)
            return
        with self.on([d for d in range(self.plan.crisis.days) if d not in days]):
            super().choose(agenda, slot)
        with self.on(days):
            self.choose_others(agenda, slot)

    def choose_others(self, agenda: Agenda, slot: int) -> None:
        g, one = self.graph, self.c(1.0)
        chances = self.acts(agenda)
        counts = [self.counts_now(self.i, e) for e in self.moves_of(agenda)]
        both = list(zip(chances, counts, strict=True))
        silent = g.sub(one, g.total([g.mul(p, n) for p, n in both if n is not None]))
        rest = [p if n is None else g.mul(p, g.sub(one, n)) for p, n in both]
        chosen = self.pick(
            self.die(f"choice {agenda.dice}"), [self.share(p, silent) for p in rest], 0
        )
        name = f"{agenda.title} chooses among the others"
        self.section(name, [(slot, chosen), self.less(silent)])

    def bodies(self) -> None:
        super().bodies()
        for event in self.plan.events:
            if event.ballot is not None and self.i.aims_at(event):
                gone = self.negated(self.voted(self.i, event))
                self.section("votes of the kind", [self.less(gone)])


# ---- living ------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Expecting(ByValue):
    """A program as a tape, and the slots of what it expects. Of variants that share the tape, what
    this one gives to its inputs, and the slots that it switches on."""

    plan: Plan
    tape: Tape
    slots: NDArray[np.int64]
    inputs: Numbers
    switches: NDArray[np.int64]

    def memory(self, width: int) -> Numbers:
        """A block's memory (slots, width) before the first morning."""
        empty = self.tape.memory(width, self.inputs)
        empty[self.switches] = 1.0
        return empty


def summing(plan: Plan, integrals: Sequence[Integral]) -> Expecting:
    """Worlds as they are, with the sum of the daily probabilities of each integral."""
    writer = Summing(plan, integrals)
    return _alone(writer.program(), writer.sums)


def summing_all(
    crises: Sequence[Crisis], integrals: Sequence[Sequence[Integral]]
) -> list[Expecting]:
    """The same of several variants, each with its own integrals: one tape for those that are alike
    (`variants.alike`)."""
    out = dict[int, Expecting]()
    for places in alike(crises):
        laid, values = together([crises[k] for k in places])
        union = tuple(dict.fromkeys(i for k in places for i in integrals[k]))
        writer = Summing(laid, union, switched=True)
        t, sums = tape(writer.program()), np.array(writer.sums, np.int64)
        for k, inputs in zip(places, values, strict=True):
            own = [union.index(i) for i in integrals[k]]
            switches = np.array(writer.switches(own), np.int64)
            plan = replace(laid, crisis=crises[k])
            out[k] = Expecting(plan, t, sums[own], inputs, switches)
    return [out[k] for k in range(len(crises))]


def sparing(plan: Plan, integral: Integral) -> Expecting:
    """Worlds in which nothing of the kind happens, with the probability of that."""
    writer = Sparing(plan, integral)
    return _alone(writer.program(), [writer.survives])


def sparing_all(crises: Sequence[Crisis], integral: Integral) -> list[Expecting]:
    """The same of several variants."""
    out = dict[int, Expecting]()
    for places in alike(crises):
        laid, values = together([crises[k] for k in places])
        longest = laid.crisis.until(max(crises[k].last for k in places))
        whole = sparing(replace(laid, crisis=longest), integral)
        for k, inputs in zip(places, values, strict=True):
            out[k] = replace(whole, plan=replace(laid, crisis=crises[k]), inputs=inputs)
    return [out[k] for k in range(len(crises))]


def _alone(program: Program, slots: list[int]) -> Expecting:
    nothing = np.zeros(0, np.int64)
    return Expecting(program.plan, tape(program), np.array(slots, np.int64), np.zeros(0), nothing)


def expected(x: Expecting, job: RunSpec, numbers: range) -> tuple[Numbers, Numbers]:
    """One row a world: what is watched, and what is expected, (worlds, slots)."""
    atoms, found = [], []
    for start in range(0, len(numbers), BLOCK):
        some = tuple(numbers[start : start + BLOCK])
        kept, width = Recorder.empty(x.plan, job, len(some)), wide(len(some))
        memory = x.memory(width)
        advance(
            t=x.tape,
            kept=kept,
            memory=memory.reshape(-1),
            width=width,
            keys=world_keys(job.seed, some),
            first=-1,
            lasts=x.plan.crisis.days,
        )
        atoms.append(kept.atoms)
        found.append(memory[x.slots, : len(some)].T)
    return np.concatenate(atoms), np.concatenate(found)

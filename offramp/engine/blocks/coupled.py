"""A world as it was and the same world but for something, as two programs that live side by side.

The counterfactual of a categorical mechanism under the Gumbel coupling (Oberst and Sontag 2019),
written as a race of exponentials, which is the same thing (a Gumbel is minus the logarithm of an
exponential): category k with probability q[k] arrives at X[k] / q[k], with X[k] exponential, and
the first to arrive happens. Given that `a` did, X[a] = E * q[a] and, since an exponential has no
memory, X[k] = E * q[k] + E[k] for the others, with E and the E[k] fresh exponentials. Under other
probabilities p[k] the same X race again: who arrives first at X[k] / p[k] happens but for the edit.

What an actor does in a day about an agenda, nothing included, is one such mechanism, and so is how
an event turns out. Chance events, and words that go along with a deed, are two categories, where
the race and one threshold are the same coupling. Votes and signatures keep their dice.

`telling` programs live the world as it was and leave its probabilities in slots; the `but_for`
program of the edited crisis reads them, after they were copied.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from offramp.engine.blocks.days import Program, Writer
from offramp.engine.blocks.graph import Node
from offramp.engine.blocks.report_days import ReportedProgram, ReportedWriter
from offramp.engine.plan import Agenda, Occurrence, Plan
from offramp.engine.schedule import Schedule

NOTHING = "nothing"  # the category of an actor that does nothing on a day
AGES = 1e300  # when a category of probability 0 arrives

# What one program tells the other: ('move', actor, event) the probability that the actor does it
# today, ('did', actor, '') its place from 1 on, ('strikes', event, '') the chance of a chance
# event, ('branch', event, outcome) that of an outcome, ('happened', event, '') 0 or 1 + the branch.
Told = dict[tuple[str, str, str], int]


@dataclass(frozen=True)
class TellingProgram:
    """The program of the world as it was, and the slots in which it tells what befell."""

    program: Program
    told: Told


class _Tells(Writer):
    """Leaves today's probabilities, and what came of them, in slots behind all others."""

    def __init__(self, *what: Any) -> None:
        super().__init__(*what)
        self.told: Told = {}
        for agenda in self.agendas:
            for move in agenda.all:
                self._tell("move", agenda.title, self.plan.events[move].event.name)
            self._tell("did", agenda.title, "")
        for (deed, word), slot in self.said.items():
            names = (self.plan.events[deed].event.name, self.plan.events[word].event.name)
            self._tell("along", *names)
            self.told["said", *names] = slot
        for event in self.plan.events:
            if event.rate is not None:
                self._tell("strikes", event.event.name, "")
            for name in turns(event):
                self._tell("branch", event.event.name, name)
            if event.rate is not None or turns(event):
                self.told["happened", event.event.name, ""] = self.happened[event.index]

    def _tell(self, what: str, whose: str, which: str) -> None:
        self.told[what, whose, which] = self.slots.some([f"{what} of {whose}: {which}"])[0]

    def hazards(self) -> None:
        super().hazards()
        out = [
            (
                self.told["strikes", e.event.name, ""],
                self.graph.select(self.possible(e), self.once(self.rate(e)), self.c(0.0)),
            )
            for e in self.plan.events
            if e.rate is not None
        ]
        self.section("the chances of hazards", out)

    def decide(self, group: tuple[Agenda, ...]) -> None:
        agendas = [a for a in group if a.all]
        for a in agendas:
            names = [self.plan.events[move].event.name for move in a.all]
            chances = zip(names, self.acts(a), strict=True)
            out = [(self.told["move", a.title, n], p) for n, p in chances]
            self.section(f"what {a.title} may do today", out)
        super().decide(group)
        for a in agendas:
            slot = self.chosen[a.index]
            self.section(f"what {a.title} did", [(self.told["did", a.title, ""], self.slot(slot))])
            for i, index in enumerate(a.all):
                deed = self.plan.events[index]
                out = [
                    (
                        self.told["along", deed.event.name, self.plan.events[word].event.name],
                        self.along(deed, word),
                    )
                    for word in deed.words
                ]
                self.section(f"what may go along with {deed.event.name}", out, slot, i + 1)

    def turns_out(self, event: Occurrence) -> list[tuple[int, Node]]:
        out = super().turns_out(event)
        names = turns(event)
        if names:
            chances = [p for _, p in self.rules.chances(event, self.rules.now)]
            out += [
                (self.told["branch", event.event.name, n], p)
                for n, p in zip(names, chances, strict=True)
            ]
        return out


class _TellsFreely(_Tells):
    pass


class _TellsReported(_Tells, ReportedWriter):
    pass


class _ButFor(Writer):
    """The edited crisis, lived with the noise that made the other world what it was."""

    def __init__(self, plan: Plan, other: Plan, told: Told) -> None:
        super().__init__(plan)
        self.moves = {  # the places that moves have in the other world
            (agenda.title, other.events[move].event.name): i + 1
            for m in other.minds
            for agenda in m.agendas
            for i, move in enumerate(agenda.all)
        }
        self.heard: Told = {
            key: self.slots.some([f"as it was: {' '.join(key)}"])[0] for key in told
        }

    def was(self, what: str, whose: str, which: str = "") -> Node:
        """What the other world told; 0 where it had no such thing."""
        slot = self.heard.get((what, whose, which))
        return self.c(0.0) if slot is None else self.slot(slot)

    def exponential(self, name: str) -> Node:
        return self.graph.op("neg", self.graph.op("log", self.die(name)))

    def race(self, name: str, runs: list[tuple[str, Node, Node, Node]]) -> Node:
        """The place, from 0, of the first to arrive. Of each runner: its name, its probability as
        it was, whether it was what happened, and its probability now."""
        g = self.graph
        shared = self.exponential(f"race {name}")
        best, first = self.c(AGES), self.c(0.0)
        for place, (runner, q, happened, p) in enumerate(runs):
            alone = g.select(happened, self.c(0.0), self.exponential(f"race {name} {runner}"))
            x = g.add(g.mul(shared, q), alone)
            arrives = g.select(self.lt(self.c(0.0), p), g.op("div", x, p), self.c(AGES))
            sooner = self.lt(arrives, best)
            first = g.select(sooner, self.c(place), first)
            best = g.select(sooner, arrives, best)
        return first

    def hazards(self) -> None:
        g, out = self.graph, []
        for event in self.plan.events:
            if event.rate is None:
                continue
            name = event.event.name
            die, was = self.die(f"again hazard {event.dice}"), self.was("strikes", name)
            struck = g.op("ne", self.was("happened", name), self.c(0.0))
            below = g.mul(was, die)
            above = g.add(was, g.mul(g.sub(self.c(1.0), was), die))
            threshold = g.select(struck, below, above)
            strikes = self.lt(threshold, self.once(self.rate(event)))
            out.append((self.fires[event.index], self.both(self.possible(event), strikes)))
        self.section("hazards", out)

    def choose(self, agenda: Agenda, slot: int) -> None:
        g, title = self.graph, agenda.title
        did = self.was("did", title)
        names = [self.plan.events[move].event.name for move in agenda.all]
        now = self.acts(agenda)
        before = [self.was("move", title, n) for n in names]
        rest = [self.rest(chances) for chances in (before, now)]
        # What is not a move here any more (it is forced) was something, and so not nothing.
        runs = [(NOTHING, rest[0], g.op("eq", did, self.c(0.0)), rest[1])]
        for name, q, p in zip(names, before, now, strict=True):
            here = self.c(self.moves.get((title, name), -1))
            runs.append((name, q, g.op("eq", did, here), p))
        self.section(f"{title} but for it", [(slot, self.race(agenda.dice, runs))])

    def words_along(self, agenda: Agenda) -> None:
        """A word keeps its threshold where its deed happens in both worlds."""
        g = self.graph
        for i, index in enumerate(agenda.all):
            deed, out = self.plan.events[index], []
            place = self.c(self.moves.get((agenda.title, deed.event.name), -1))
            both = g.op("eq", self.was("did", agenda.title), place)
            for word in deed.words:
                names = (deed.event.name, self.plan.events[word].event.name)
                die = self.die(f"again with {deed.dice} {self.plan.events[word].dice}")
                said, q = self.was("said", *names), self.was("along", *names)
                above = g.add(q, g.mul(g.sub(self.c(1.0), q), die))
                threshold = g.select(said, g.mul(q, die), above)
                now = self.lt(g.select(both, threshold, die), self.along(deed, word))
                out.append((self.said[index, word], now))
            name = f"what is said with {deed.event.name}"
            self.section(name, out, self.chosen[agenda.index], i + 1)

    def rest(self, chances: list[Node]) -> Node:
        g = self.graph
        return g.op("max", self.c(0.0), g.sub(self.c(1.0), g.total(chances)))

    def turns_out(self, event: Occurrence) -> list[tuple[int, Node]]:
        out = super().turns_out(event)
        name, names = event.event.name, turns(event)
        if not names or ("branch", name, names[0]) not in self.heard:
            return out
        g, (slot, fresh) = self.graph, out[0]
        was = self.was("happened", name)
        now = [p for _, p in self.rules.chances(event, self.rules.now)]
        runs = [
            (n or NOTHING, self.was("branch", name, n), g.op("eq", was, self.c(k + 1)), p)
            for k, (n, p) in enumerate(zip(names, now, strict=True))
        ]
        raced = g.add(self.race(f"outcome {event.dice}", runs), self.c(1.0))
        return [(slot, g.select(g.op("ne", was, self.c(0.0)), raced, fresh))]


def turns(event: Occurrence) -> tuple[str, ...]:
    """The branches that an event may take by chance; none where there is but one, or a vote."""
    if event.ballot is not None or len(event.branches) < 2:
        return ()
    return tuple(b.name for b in event.branches)


def telling(plan: Plan) -> TellingProgram:
    """The ordinary day, told."""
    writer = _TellsFreely(plan)
    return TellingProgram(writer.program(), writer.told)


def telling_reported(plan: Plan, schedule: Schedule) -> tuple[ReportedProgram, Told]:
    """The day among reports, told."""
    writer = _TellsReported(plan, schedule)
    program = writer.program()
    return ReportedProgram(program, writer.log_weight, writer.given, writer.date), writer.told


def but_for(plan: Plan, other: Plan, told: Told) -> tuple[Program, Told]:
    """The day of the edited crisis `plan`, and the slots into which what the other told is copied.

    The slots of an ordinary program come first, as in all of these.
    """
    writer = _ButFor(plan, other, told)
    return writer.program(), writer.heard

"""Many games at once: compiled worlds in which some actors are played, a day at a time.

A seat is an actor whose choices are given from outside. The day of `world.py` is cut after its
morning. The first half counts the clocks down and notes, in every world, which of the seats'
agendas have an opening and what the model would do there; the second lives the rest of the day,
with the choices that stand in slots of their own by then. A given choice is a policy that is
certain: it takes the place of the model's probabilities in that agenda's draw, and all else (the
opening, a dated choice, the consent of others, the words that go along, what is learnt from it) is
the model's own section. So the same seed, the same numbers and no choices give the free worlds, and
any choices those of the reference interpreter with the same ones (`world.daytime`), to the byte.

Other programs know nothing of seats: theirs is written by `days.Writer`, which is left as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from offramp.engine.blocks import machinery
from offramp.engine.blocks.days import Program, Writer, joined
from offramp.engine.blocks.graph import Node
from offramp.engine.blocks.tape import Tape, tape
from offramp.engine.blocks.worlds import BLOCK, NOTHING, Recorder, advance, wide
from offramp.engine.by_value import ByValue
from offramp.engine.noise import Keys, world_keys
from offramp.engine.plan import Agenda, Plan
from offramp.errors import Mistake
from offramp.text.diagnostics import suggestion

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.int64]
Number = TypeVar("Number", bound=np.generic)
MODEL, NO_MOVE = -1, 0  # as choices: what the model draws, and nothing


# ---- the day, cut after its morning ------------------------------------------------------------


@dataclass(frozen=True, eq=False, kw_only=True)
class Seated(ByValue):
    """A crisis laid out for games: its seats' agendas, and the two halves of a day.

    agendas    those on which seats have moves, seat by seat
    morning    the first morning of a world, and the first half of any day
    evening    what follows the choices
    openings   (agendas,): the slots that say whether there is an opening
    policy     (agendas, moves): those of the moves' probabilities; past an agenda's last move one
               that stays 0
    choices    (agendas,): those of what was chosen
    quantities, readings, beliefs: the slots of each quantity, of each reading of the crisis, and of
               each belief's types
    """

    plan: Plan
    agendas: tuple[Agenda, ...]
    morning: Tape
    evening: Tape
    openings: Places
    policy: Places
    choices: Places
    quantities: Places
    readings: Places
    beliefs: tuple[Places, ...]


def seated(plan: Plan, seats: Sequence[str]) -> Seated:
    """Writes the day of a crisis in which these actors are played. Pure.

    Raises Mistake for a seat that is no actor, has no moves, or is named twice.
    """
    agendas = tuple(a for name in seats for a in _agendas(plan, name))
    if len(set(seats)) < len(seats):
        raise Mistake(f"a seat is named twice: {', '.join(seats)}; once is enough", "seats")
    writer = _Writer(plan, agendas)
    first, second = map(tape, writer.halves())
    # A morning ends no day; what it has noted stays for the rest, which reads on every evening.
    morning = replace(first, layout=first.layout._replace(quantities=0))
    sections = second.sections.copy()
    sections[:, 6] = -1
    evening = replace(second, sections=sections, layout=second.layout._replace(daily=0))
    most = max((len(a.moves) for a in agendas), default=0)
    policy = np.full((len(agendas), most), writer.never, np.int64)
    for row, a in zip(policy, agendas, strict=True):
        row[: len(a.moves)] = writer.policy[a.index]
    return Seated(
        plan=plan,
        agendas=agendas,
        morning=morning,
        evening=evening,
        openings=np.array([writer.may[a.index] for a in agendas], np.int64),
        policy=policy,
        choices=np.array([writer.given[a.index] for a in agendas], np.int64),
        quantities=np.array(writer.s, np.int64),
        readings=np.array(writer.gauges, np.int64),
        beliefs=tuple(np.array(row, np.int64) for row in writer.weights),
    )


def _agendas(plan: Plan, seat: str) -> tuple[Agenda, ...]:
    """The agendas on which an actor has moves."""
    movers = {m.actor.name: tuple(a for a in m.agendas if a.moves) for m in plan.minds}
    found = movers.get(seat, ())
    if not found:
        able = [name for name, agendas in movers.items() if agendas]
        wrong = "has no moves to choose from" if seat in movers else "is no actor of this crisis"
        raise Mistake(f"'{seat}' {wrong}: {suggestion(seat, able, 'actors with moves')}", "seats")
    return found


class _Writer(Writer):
    """The day with seats. Their slots stand behind those of the ordinary program."""

    def __init__(self, plan: Plan, agendas: tuple[Agenda, ...]) -> None:
        super().__init__(plan)
        some, events = self.slots.some, plan.events
        self.seats, self.cut = agendas, 0
        self.may = {a.index: some([f"{a.title} may choose"])[0] for a in agendas}
        self.given = {a.index: some([f"what {a.title} was given"])[0] for a in agendas}
        self.policy = {
            a.index: some([f"probability of {events[e].event.name}" for e in a.moves])
            for a in agendas
        }
        self.never = some(["always 0"])[0]

    def halves(self) -> tuple[Program, Program]:
        """The morning, and the rest of the day."""
        whole = self.program()
        first, second = self.sections[: self.cut], self.sections[self.cut :]
        read = self.gauged(self.after, lived=True)
        return (
            replace(whole, day=tuple(joined(self.graph, first))),
            replace(whole, begin=(), day=(*joined(self.graph, second), *read)),
        )

    def morning(self) -> None:
        super().morning()
        out = []
        for agenda in self.seats:
            strikes = self.strikes(self.die(f"opening {agenda.dice}"), self.pace(agenda))
            free = self.negated(self.busy(agenda))
            out.append((self.may[agenda.index], self.both(strikes, free)))
            out += zip(self.policy[agenda.index], super().own_policy(agenda), strict=True)
        self.section("what seats may choose", out)
        self.cut = len(self.sections)

    def own_policy(self, agenda: Agenda) -> tuple[Node, ...]:
        """Of a seat, the model's where nothing was given, and else a 1 for what was."""
        if agenda.index not in self.given:
            return super().own_policy(agenda)
        g, given = self.graph, self.slot(self.given[agenda.index])
        models = self.lt(given, self.c(0.0))
        return tuple(
            g.select(models, self.slot(p), g.op("eq", given, self.c(k + 1)))
            for k, p in enumerate(self.policy[agenda.index])
        )


# ---- the games ---------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, kw_only=True)
class Morning(ByValue):
    """What seats may choose this morning, in each of n games; agendas as in `Games.agendas`.

    day         from 0
    openings    (n, agendas): whether the model's dice give an opening. None on a day with a dated
                choice (`as: choice`), which is lived as the model has it
    policy      (n, agendas, 1 + moves): what the model would do at an opening, its mood included
                and the consent of others not: the probability of nothing, then of each move, in the
                order of the agenda; 0 past an agenda's last move
    mask        the same shape: what may be chosen at an opening, which is nothing and whatever the
                model gives a chance
    quantities  (n, quantities): as they stand, clocks counted down
    readings    (n, readings): what the crisis has under `readings`, the evening before; before the
                first day as the crisis begins
    """

    day: int
    openings: Flags
    policy: Floats
    mask: Flags
    quantities: Floats
    readings: Floats


@dataclass(frozen=True, eq=False, kw_only=True)
class Evening(ByValue):
    """What a day left behind in each of n games.

    day         from 0
    happened    (n, events): 0, or 1 + the number of the outcome that it took (`days.branch_codes`)
    quantities  (n, quantities)
    readings    (n, readings): as `worth(kelmark)`, what all that an actor wants and dreads is worth
                to it
    beliefs     of each belief (n, types): how probable its holder holds each
    """

    day: int
    happened: NDArray[np.uint8]
    quantities: Floats
    readings: Floats
    beliefs: tuple[Floats, ...]


@dataclass(eq=False)
class _Block:
    """Games that are lived side by side: their rows among all, keys, and memory (slots, width),
    which the machine writes on."""

    rows: slice
    keys: Keys
    memory: Floats
    kept: Recorder


class Games:
    """Games of one crisis side by side, on one core; whoever holds them lives them.

    `seats` are names of actors, `numbers` those of the worlds: with `seed` they say which dice a
    game throws. A day is a `morning`, which may be looked at as often as one likes, and the `day`
    with its choices; `begin` starts anew, with what was written once for these seats. `today` is
    the day that is to be lived, from 0, and `count` how many games there are.
    """

    def __init__(
        self, plan: Plan, seats: Sequence[str], seed: int, numbers: Sequence[int] | range
    ) -> None:
        """Raises Mistake for a seat that cannot be played (`seated`)."""
        machinery.machine()
        self.seated = seated(plan, seats)
        self.begin(seed, numbers)

    @property
    def plan(self) -> Plan:
        return self.seated.plan

    @property
    def agendas(self) -> tuple[Agenda, ...]:
        """On which choices are asked for, in the order of the arrays' second axis."""
        return self.seated.agendas

    @property
    def over(self) -> bool:
        """Whether the last day of the crisis was lived."""
        return self.today == self.plan.crisis.days

    def begin(self, seed: int, numbers: Sequence[int] | range) -> None:
        """All games on their first morning, of these worlds."""
        keys = world_keys(seed, numbers)
        self.today, self.count = 0, len(keys)
        self._blocks = list[_Block]()
        self._morning: Morning | None = None
        for start in range(0, len(keys), BLOCK):
            own = keys[start : start + BLOCK]
            memory = self.seated.morning.memory(wide(len(own)), NOTHING)
            kept = Recorder.nothing(self.plan, len(own))
            self._blocks.append(_Block(slice(start, start + len(own)), own, memory, kept))

    def morning(self) -> Morning:
        """What seats may choose today. Raises Mistake where the games are over."""
        if self._morning is None:
            self._live(self.seated.morning)
            self._morning = self._seen()
        return self._morning

    def day(self, choices: NDArray[np.integer]) -> Evening:
        """Lives the day: `choices` (n, agendas) are -1 for what the model draws, 0 for nothing, k
        for the agenda's k-th move. Where there is no opening they are ignored.

        Raises Mistake for another shape, for a choice at an opening that the mask does not have,
        and where the games are over; the games stay as they are.
        """
        given = self._checked(choices)
        for block in self._blocks:
            block.memory[self.seated.choices, : len(block.keys)] = given[block.rows].T
        self._live(self.seated.evening)
        lived = self._left()
        self.today, self._morning = self.today + 1, None
        return lived

    # ---- within ------------------------------------------------------------------------------

    def _live(self, half: Tape) -> None:
        """Half a day, in all games."""
        if self.over:
            raise Mistake(
                f"these games are over: {self.plan.crisis.last} was their last day; begin() starts "
                "them anew",
                "day",
            )
        for block in self._blocks:
            advance(
                t=half,
                kept=block.kept,
                memory=block.memory.reshape(-1),
                width=block.memory.shape[1],
                keys=block.keys,
                first=self.today or -1,  # the first morning is one of `morning` alone
                lasts=self.today + 1,
            )

    def _read(self, slots: Places) -> Floats:
        """What stands in some slots, (n, *slots)."""
        out = np.empty((self.count, slots.size))
        for block in self._blocks:
            out[block.rows] = block.memory[slots.reshape(-1), : len(block.keys)].T
        return out.reshape(self.count, *slots.shape)

    def _seen(self) -> Morning:
        moves = self._read(self.seated.policy)
        nothing = np.ones(moves.shape[:2])
        if moves.shape[2]:  # what is left over of the sum in which the draw looks
            nothing = np.maximum(0.0, 1.0 - moves.cumsum(axis=2)[:, :, -1])
        policy = np.concatenate([nothing[:, :, None], moves], axis=2)
        mask = policy > 0.0
        mask[:, :, NO_MOVE] = True
        return Morning(
            day=self.today,
            openings=_fixed(self._read(self.seated.openings) != 0.0),
            policy=_fixed(policy),
            mask=_fixed(mask),
            quantities=_fixed(self._read(self.seated.quantities)),
            readings=_fixed(self._read(self.seated.readings)),
        )

    def _left(self) -> Evening:
        first = self.seated.evening.layout.happened
        happened = np.arange(first, first + len(self.plan.events))
        return Evening(
            day=self.today,
            happened=_fixed(self._read(happened).astype(np.uint8)),
            quantities=_fixed(self._read(self.seated.quantities)),
            readings=_fixed(self._read(self.seated.readings)),
            beliefs=tuple(_fixed(self._read(slots)) for slots in self.seated.beliefs),
        )

    def _checked(self, choices: NDArray[np.integer]) -> Places:
        """The choices, if they can be made this morning."""
        seen, given = self.morning(), np.asarray(choices)
        wanted = (self.count, len(self.agendas))
        if given.shape != wanted or given.dtype.kind not in "iu":
            raise Mistake(
                f"choices of shape {given.shape} and type {given.dtype}; these games want whole "
                f"numbers, {wanted[0]} games by {wanted[1]} agendas",
                "choices",
            )
        most = seen.mask.shape[2]
        inside = (given >= MODEL) & (given < most)
        place = np.where(inside & (given >= 0), given, NO_MOVE)[:, :, None]
        allowed = inside & np.take_along_axis(seen.mask, place, axis=2)[:, :, 0]
        wrong = np.argwhere(seen.openings & ~allowed)
        if len(wrong):
            game, k = wrong[0].tolist()
            able = [str(x) for x in np.flatnonzero(seen.mask[game, k]).tolist()]
            raise Mistake(
                f"game {game}, {self.agendas[k].title}, day {self.today}: {given[game, k]} cannot "
                f"be chosen this morning; {', '.join(able)} can, and {MODEL} leaves it to the "
                "model",
                "choices",
            )
        return given.astype(np.int64)


def _fixed(array: NDArray[Number]) -> NDArray[Number]:
    """Nobody may write on it: it is part of a value."""
    array.setflags(write=False)
    return array

"""How often events are to be expected, seen from each morning, in place of how often they happened.

The probability p of an event on a day, given the morning, adds up to its compensator: over all
worlds the sum of p has the mean of the count, with less chance in it (Brémaud 1981, Point Processes
and Queues). That no event of a kind happens in a window has the mean of the product of 1 - p in
worlds in which none does, all else drawn as if it were known that none would (a conditional
expectation, so that its variance is never above that of yes and no: Rao-Blackwell).

A hazard's p is 1 - exp(-rate); a move's that of an opening times that of the choice and of each
consent; of an outcome also its chance. What is certain in the morning (a date, a clock, a move that
arrives) counts by its outcome alone, and a vote as it went. This is the reference for
`blocks/integrals.py`; both give the same bits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from offramp.engine.choice import Mindset
from offramp.engine.elementary import added
from offramp.engine.formulas import nearest
from offramp.engine.plan import Agenda, Occurrence, Plan
from offramp.engine.reported import share
from offramp.engine.world import (
    Decision,
    Today,
    World,
    acts,
    arriving,
    bodies,
    calendar,
    chance,
    choices,
    chooses,
    done,
    due,
    effects,
    happens,
    learn,
    morning,
    pick,
    possible,
    said_with,
    strikes,
    tick,
)


@dataclass(frozen=True)
class Integral:
    """What is expected within a window of days, counted from the first, both ends included.

    targets  events by index, with the name of an outcome, or None for however it turns out
    """

    targets: tuple[tuple[int, str | None], ...]
    first: int
    last: int

    def aims_at(self, event: Occurrence) -> bool:
        return any(e == event.index for e, _ in self.targets)

    def outcomes(self, event: Occurrence) -> frozenset[str] | None:
        """The outcomes that count of an event that is aimed at; None for all."""
        names = [name for e, name in self.targets if e == event.index]
        return None if None in names else frozenset(n for n in names if n is not None)

    def within(self, day: int) -> bool:
        return self.first <= day <= self.last

    def when_decided(self, event: Occurrence) -> bool:
        """Whether the event is counted when it is drawn: by chance, or by who chooses it. Of a move
        with a lead time the outcome is drawn later, from the morning on which it arrives."""
        if event.rate is not None:
            return True
        return event.event.chosen and (event.takes is None or self.outcomes(event) is None)


def tells(plan: Plan, targets: Iterable[tuple[int, str | None]]) -> bool:
    """Whether what is expected can be told: of what may go along with a deed it is counted, for on
    a day it may be drawn in two ways."""
    along = {word for mind in plan.minds for word in mind.words}
    return not any(e in along for e, _ in targets)


def counts_as(i: Integral, m: Mindset, event: Occurrence) -> float:
    """The chance that an event which happens turns out in a way that counts."""
    names = i.outcomes(event)
    if names is None:
        return 1.0
    return added(p for branch, p in m.chances(event, m.now.s) if branch.name in names)


def arrival(m: Mindset, event: Occurrence, day: int) -> int:
    """The day on which a move that is chosen today happens."""
    lead = int(nearest(float(event.takes(m.now.s, m.unknowns, m.moment)))) if event.takes else 0
    return day + max(0, lead)


# ---- sums --------------------------------------------------------------------------------


def summed(world: World, integrals: Sequence[Integral]) -> list[float]:
    """Lives the world to its end as it is, and adds up what was to be expected."""
    sums = [0.0] * len(integrals)
    for day in range(world.plan.crisis.days):
        m = _woken(world, day)
        before = len(world.log)
        today = [*calendar(world, m), *chance(world, m), *choices(world, m), *bodies(world, m)]
        turned = {h.event: h.outcome for h in world.log[before:]}
        for k, i in enumerate(integrals):
            for p in _expected(world, m, i, turned):
                sums[k] += p
        effects(world, m, today)
        learn(world, m, today)
    return sums


def _woken(world: World, day: int) -> Mindset:
    world.day = day
    if day > 0:
        tick(world)
    return morning(world)


def _expected(world: World, m: Mindset, i: Integral, turned: dict[int, str]) -> Iterator[float]:
    """The day's probabilities, in the order in which the day is lived. `turned` has what happened
    with its outcome."""
    day, aimed = world.day, [e for e in world.plan.events if i.aims_at(e)]
    inside = i.within(day)
    for e in aimed:
        if e.rate is not None and inside:
            yield (strikes(m, e) if possible(m, e) else 0.0) * counts_as(i, m, e)
    for e in aimed:
        choice = e.event.chosen or e.event.as_choice
        certain = not choice and e.rate is None and e.ballot is None
        if certain and inside and e.index in turned:
            yield counts_as(i, m, e)
    for mind in world.plan.minds:
        for agenda in (a for group in mind.linked for a in group):  # as the machine adds
            moves = [world.plan.events[move] for move in agenda.moves]
            if any(i.aims_at(e) and i.when_decided(e) for e in moves):
                chances = acts(world, m, agenda)
                yield added(p * _now(i, m, e, day) for p, e in zip(chances, moves, strict=False))
        for e in (world.plan.events[e] for agenda in mind.agendas for e in agenda.all):
            if i.aims_at(e) and not i.when_decided(e) and inside and e.index in turned:
                yield counts_as(i, m, e)
    for e in aimed:
        if e.ballot is not None and inside and e.index in turned:
            names = i.outcomes(e)
            yield 1.0 if names is None or turned[e.index] in names else 0.0


def _now(i: Integral, m: Mindset, event: Occurrence, day: int) -> float:
    """The chance that a move which is chosen today counts, as far as that is known today."""
    if not i.aims_at(event) or not i.when_decided(event):
        return 0.0
    return counts_as(i, m, event) if i.within(arrival(m, event, day)) else 0.0


# ---- worlds without ----------------------------------------------------------------------


def spared(world: World, i: Integral) -> float:
    """Lives the world to its end as one in which nothing of the kind happens in the window; the
    product of the probabilities of that, from morning to morning."""
    lived = _Spared(world, i)
    for day in range(world.plan.crisis.days):
        m = _woken(world, day)
        today = [*lived.calendar(m), *lived.chance(m), *lived.choices(m), *lived.bodies(m)]
        effects(world, m, today)
        learn(world, m, today)
    return lived.survives


class _Spared:
    """A day's draws given that nothing of the kind comes of them, and how likely that was."""

    def __init__(self, world: World, integral: Integral) -> None:
        self.world, self.i, self.survives = world, integral, 1.0

    def inside(self) -> bool:
        return self.i.within(self.world.day)

    def concerns(self, event: Occurrence) -> bool:
        return self.i.aims_at(event) and self.inside()

    def happens(
        self, m: Mindset, event: Occurrence, lessons: dict[int, list[float]], drawn: bool = False
    ) -> Today:
        """The event happens, in a way that does not count. `drawn`: that it may was allowed for."""
        if not self.concerns(event):
            return happens(self.world, m, event, lessons)
        if not drawn:
            self.survives *= 1.0 - counts_as(self.i, m, event)
        names = self.i.outcomes(event)
        if names is None:
            return happens(self.world, m, event, lessons)
        chances = m.chances(event, m.now.s)
        left = [(b.name, 0.0 if b.name in names else p) for b, p in chances]
        whole = added(p for _, p in left)
        die = self.world.dice.uniform(f"outcome {event.dice}", self.world.day)
        chosen = pick(die, [share(p, whole) for _, p in left])
        others = [k for k, (name, _) in enumerate(left) if name not in names]
        last = others[-1] if others else len(left) - 1
        return happens(self.world, m, event, lessons, left[last if chosen is None else chosen][0])

    def calendar(self, m: Mindset) -> Iterator[Today]:
        for u in arriving(self.world):
            yield self.happens(m, u.event, u.lessons, self.i.when_decided(u.event))
        for event in self.world.plan.events:
            if due(self.world, m, event):
                yield self.happens(m, event, {})

    def chance(self, m: Mindset) -> Iterator[Today]:
        for event in self.world.plan.events:
            if event.rate is None:
                continue
            p = strikes(m, event) if possible(m, event) else 0.0
            if self.concerns(event):
                counts = counts_as(self.i, m, event)
                silent = 1.0 - p * counts
                self.survives *= silent
                p = share(p * (1.0 - counts), silent)
            if self.world.dice.uniform(f"hazard {event.dice}", self.world.day) < p:
                yield self.happens(m, event, {}, True)

    def choices(self, m: Mindset) -> Iterator[Today]:
        minds = self.world.plan.minds
        chosen = {  # multiplied in the machine's order
            agenda.dice: self.decides(m, agenda)
            for mind in minds
            for group in mind.linked
            for agenda in group
        }
        decisions = [
            Decision(agenda, event, said_with(self.world, m, event))
            for mind in minds
            for agenda in mind.agendas
            if (event := chosen[agenda.dice]) is not None
        ]
        yield from done(
            self.world,
            m,
            decisions,
            lambda e, lessons: self.happens(m, e, lessons, self.i.when_decided(e)),
        )

    def decides(self, m: Mindset, agenda: Agenda) -> Occurrence | None:
        events = [self.world.plan.events[e] for e in agenda.all]
        aimed = [e for e in events if self.i.aims_at(e) and self.i.when_decided(e)]
        early = any(e.takes is not None for e in aimed)
        if not aimed or self.world.day > self.i.last:
            return chooses(self.world, m, agenda)
        if not early and not self.inside():
            return chooses(self.world, m, agenda)
        chances = acts(self.world, m, agenda)
        counts = [_now(self.i, m, e, self.world.day) for e in events]
        silent = 1.0 - added(p * n for p, n in zip(chances, counts, strict=True))
        self.survives *= silent
        rest = [share(p * (1.0 - n), silent) for p, n in zip(chances, counts, strict=True)]
        chosen = pick(self.world.dice.uniform(f"choice {agenda.dice}", self.world.day), rest)
        return None if chosen is None else events[chosen]

    def bodies(self, m: Mindset) -> Iterator[Today]:
        for today in bodies(self.world, m):
            names = self.i.outcomes(today.event)
            if self.concerns(today.event) and (names is None or today.outcome in names):
                self.survives = 0.0
            yield today

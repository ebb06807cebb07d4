"""One world among reports: what was reported happens, and the world carries the probability of it.

The reference for `blocks/reported.py`, and the definition (docs/meaning.md, 11; formalism 10). A day is lived as
in `world.py`, except that a reported event is made to happen and its probability is kept; for what
the record follows and did not report, the probability of that silence is kept, and what may have
happened unreported is drawn from the rest. A vote has no closed form: it is drawn, and the world
is given up if it goes otherwise than reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from offramp.engine.choice import Mindset
from offramp.engine.elementary import added, exp, expm1, log, logistic
from offramp.engine.formulas import nearest
from offramp.engine.learning import likelihoods
from offramp.engine.noise import Dice
from offramp.engine.plan import Mind, Occurrence, Plan
from offramp.engine.schedule import ANY, Fact, Schedule, Sighting
from offramp.engine.world import (
    Today,
    Underway,
    World,
    accepted,
    ballot,
    create,
    effects,
    happens,
    learn,
    morning,
    pick,
    possible,
    tick,
)

IMPOSSIBLE = -600.0  # log weights below are those of worlds that cannot have lived what was reported


class Traced(Dice):
    """Dice of a world with an ancestry: draws of before the first day as given, later ones by the
    key of the stretch of days that the day lies in."""

    __slots__ = ("_given", "_stretches")

    def __init__(self, given: Mapping[str, float], stretches: tuple[tuple[int, int], ...]) -> None:
        """`stretches`: (first day, key) in order of days. `given`: by the name of what is drawn."""
        self._given = given
        self._stretches = [(first, _Keyed(key)) for first, key in stretches]

    def uniform(self, name: str, day: int, draw: int = 0) -> float:
        if name in self._given:
            return self._given[name]
        dice = self._stretches[0][1]
        for first, later in self._stretches:
            if first <= day:
                dice = later
        return dice.uniform(name, day, draw)


class _Keyed(Dice):
    __slots__ = ()

    def __init__(self, key: int) -> None:
        self._world, self._keys = key, {}


@dataclass(frozen=True)
class Weighed:
    """One factor of a world's probability of the day's reports: whose, and its logarithm.

    `id` is the report's; '' for silence. `about` says in words what had the chance.
    """

    id: str
    about: str
    log: float


@dataclass
class Reported:
    """A world and the factors of each day so far."""

    world: World
    dates: dict[str, int]
    factors: list[list[Weighed]] = field(default_factory=list)

    @property
    def log_weight(self) -> float:
        return added(f.log for day in self.factors for f in day)


def draw_dates(schedule: Schedule, dice: Dice) -> dict[str, int]:
    """The day of each report in this world; a disputed one is drawn from its readings."""
    out = {}
    for s in schedule.sightings:
        if s.day is not None:
            out[s.id] = s.day
            continue
        options = s.days()
        chosen = pick(dice.uniform(f"date {s.id}", 0), [p for _, p in options])
        out[s.id] = options[len(options) - 1 if chosen is None else chosen][0]
    return out


def begin(plan: Plan, schedule: Schedule, dice: Dice) -> Reported:
    world = create(plan, 0, 0)
    if type(dice) is not Dice:
        world = _created(plan, dice)
    else:
        world = _created(plan, dice)
    return Reported(world, draw_dates(schedule, dice))


def _created(plan: Plan, dice: Dice) -> World:
    return create(plan, 0, 0, dice)


def live_reported(plan: Plan, schedule: Schedule, dice: Dice) -> Iterator[Reported]:
    """The world after each day up to the schedule's last."""
    r = begin(plan, schedule, dice)
    for day in range(schedule.last + 1):
        r.world.day = day
        one_reported_day(r, schedule)
        yield r

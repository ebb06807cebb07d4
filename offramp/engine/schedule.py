"""What was reported, on the plan's indices: which events on which days, and how surely a report of
each would exist. `engine/reported.py` and `engine/blocks/reported.py` live worlds by it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

ANY = -1  # an outcome that is not known: it is drawn
FARTHEST = -50.0  # the log agreement with a soft fact below which there is none
NO_CHANCE = -1e6  # the log weight of a probability of 0
IMPOSSIBLE = NO_CHANCE / 2  # log weights below this have such a factor


@dataclass(frozen=True)
class Reading:
    """Days `first` to `last`, counted from the first day, each as likely; `chance` of the whole."""

    first: int
    last: int
    chance: float


@dataclass(frozen=True)
class Sighting:
    """An event was reported. `outcome` is the index of its branch (for a vote 0 carried, 1 lost),
    or ANY. One reading of one day is certain; else the day is drawn per world."""

    id: str
    event: int
    outcome: int
    readings: tuple[Reading, ...]

    @property
    def day(self) -> int | None:
        """The day, where it is certain."""
        first = self.readings[0]
        return first.first if len(self.readings) == 1 and first.first == first.last else None

    def days(self) -> tuple[tuple[int, float], ...]:
        """Every day that it may have been, with its probability, in order of the readings."""
        return tuple(
            (day, r.chance / (r.last - r.first + 1))
            for r in self.readings
            for day in range(r.first, r.last + 1)
        )


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A quantity at the end of a day: about a value ('='), at least ('>=') or at most ('<=')."""

    id: str
    quantity: int
    day: int
    relation: str
    value: float
    error: float


@dataclass(frozen=True)
class Followed:
    """From a day on, the probability that the event is reported if it happens."""

    event: int
    since: int
    chance: float


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """All that is used of the record, up to the day `last`, that day included."""

    last: int
    sightings: tuple[Sighting, ...]
    facts: tuple[Fact, ...]
    followed: tuple[Followed, ...]
    leads: tuple[tuple[int, int], ...] = ()  # event -> days from its decision to the deed
    per_episode: bool = False  # silence counts once an episode instead of daily
    stops: tuple[int, ...] = ()  # earlier days of which the worlds will be used as they are then
    delay: int = 0  # days that a report may take
    prompt: float = 1.0  # share of the reports that are known before that
    guided: bool = True  # nothing happens unreported that would bar a later report
    ends: int | None = None  # the last day of the record, where that is before the last of all

    def fresh(self) -> tuple[tuple[int, int], ...]:
        """Days of which a report may be on its way when the worlds are used, or was when the record
        ended: the first of each stretch, and the day as of which the worlds are used, its last."""
        if self.delay == 0 or self.prompt == 1.0:
            return ()
        ends = self.last if self.ends is None else self.ends
        return tuple(
            (max(0, min(stop, ends) - self.delay + 1), stop)
            for stop in sorted({*self.stops, self.last})
        )

    def until(self, day: int) -> Schedule:
        """The schedule of an earlier as-of day, as which worlds of this one live until then: what
        comes later cannot be felt in them. `day` is one of the stops, and no report is both of
        days before it and after it (`filter.simulator.prepare` holds that)."""
        return replace(
            self,
            last=day,
            sightings=tuple(s for s in self.sightings if max(d for d, _ in s.days()) <= day),
            facts=tuple(f for f in self.facts if f.day <= day),
            followed=tuple(f for f in self.followed if f.since <= day),
            stops=tuple(stop for stop in self.stops if stop < day),
            ends=self.ends if self.ends is not None and self.ends < day else None,
        )

    def awaited(self, day: int) -> int | None:
        """The last as-of day on which reports of this day may be on their way; None if none is."""
        return max((stop for first, stop in self.fresh() if first <= day <= stop), default=None)

    def known(self, event: int, day: int) -> float:
        """The probability that the event, if it happens that day, is reported and the report is
        known when the worlds are used."""
        share = 1.0 if self.awaited(day) is None else self.prompt
        return self.reported(event, day) * share

    def straddles(self, event: int, decided: int) -> bool:
        """Whether a move's deed is later than a day of which the worlds are used, and its decision
        is not. Such a decision must not feel that no deed was reported, for as of that day nobody
        knew: it is weighed when the deed is done, if that is within the schedule."""
        done = decided + self.lead(event)
        return any(decided <= stop < done for stop in (*self.stops, self.last))

    def horizon(self, day: int) -> int:
        """The last day whose reports a world may foresee on a day: the next of which worlds are
        used. What is reported later must not be felt in them."""
        return min(stop for stop in (*self.stops, self.last) if stop >= day)

    def lead(self, event: int) -> int:
        """A report of a deed is a report of its decision, so many days before."""
        return dict(self.leads).get(event, 0)

    def reported(self, event: int, day: int) -> float:
        """The probability of a report; 0 for an event that the record does not follow."""
        chance = 0.0
        for f in self.followed:
            if f.event == event and f.since <= day:
                chance = f.chance
        return chance

    def steps(self, event: int) -> tuple[tuple[int, float], ...]:
        """(since, chance) in order of days."""
        found = {f.since: f.chance for f in self.followed if f.event == event}
        return tuple(sorted(found.items()))

    def follows(self, event: int) -> bool:
        return any(f.event == event and f.chance > 0.0 for f in self.followed)

    def episodes(self, moves: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
        """The silences between certain reports of an actor's moves: first and last day of each."""
        spoken = sorted(
            s.day - self.lead(s.event)
            for s in self.sightings
            if s.event in moves and s.day is not None
        )
        edges = [-1, *spoken, self.last + 1]
        return tuple((a + 1, b - 1) for a, b in pairwise(edges) if b - a > 1)

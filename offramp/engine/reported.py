"""One world among reports: what was reported happens, and the world carries its probability.

The reference for `blocks/reported.py`, and the definition (docs/meaning.md, section 14). A day is
lived as in `world.py`, except that a reported event is made to happen and its probability is kept;
for what the record follows and did not report, the probability of that silence is kept, and what
may have happened unreported is drawn from the rest. A vote has no closed form: it is drawn, and
the world is given up if it goes otherwise than reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from offramp.engine.choice import Mindset
from offramp.engine.elementary import added, log, logistic
from offramp.engine.noise import Dice
from offramp.engine.plan import Agenda, Occurrence, Plan
from offramp.engine.schedule import ANY, FARTHEST, NO_CHANCE, Fact, Schedule, Sighting
from offramp.engine.world import (
    Decision,
    Today,
    World,
    acts,
    along,
    arriving,
    ballot,
    chooses,
    done,
    due,
    effects,
    happens,
    held,
    learn,
    morning,
    pick,
    possible,
    said_with,
    strikes,
    thrown,
    tick,
)


class Traced(Dice):
    """Dice of a world with an ancestry: what is drawn before the first day is given by its name,
    every later die hangs on the key of the stretch of days in which it falls."""

    __slots__ = ("_given", "_stretches")

    def __init__(self, given: Mapping[str, float], stretches: tuple[tuple[int, int], ...]) -> None:
        """`stretches`: first day and key, in order of days."""
        self._given = given
        self._stretches = [(first, _Keyed(key)) for first, key in stretches]

    def uniform(self, name: str, day: int, draw: int = 0) -> float:
        if name in self._given:
            return self._given[name]
        here = max((s for s in self._stretches if s[0] <= day), key=lambda s: s[0])
        return here[1].uniform(name, day, draw)


class _Keyed(Dice):
    __slots__ = ()

    def __init__(self, key: int) -> None:
        self._world, self._keys = key, {}


@dataclass(frozen=True)
class Factor:
    """A factor of the probability of a day's reports: of which report ('' for silence), of what
    event or quantity, and its natural logarithm (NO_CHANCE for a probability of 0)."""

    id: str
    what: str
    log: float


@dataclass
class Reported:
    """A world among reports: when each happened in it, the factors of each day, and by as-of day
    those that wait for reports on their way."""

    world: World
    schedule: Schedule
    dates: dict[str, int]
    days: list[list[Factor]] = field(default_factory=list)
    waiting: dict[int, float] = field(default_factory=dict)

    @property
    def log_weight(self) -> float:
        return added(f.log for day in self.days for f in day)


def begin(plan: Plan, schedule: Schedule, dice: Dice) -> Reported:
    """The world on its first morning; a report of a disputed day has its day drawn."""
    dates = {}
    for s in schedule.sightings:
        options = s.days()
        chosen = 0
        if s.day is None:
            die = dice.uniform(f"date {s.id}", 0)
            found = pick(die, [p for _, p in options])
            chosen = len(options) - 1 if found is None else found
        dates[s.id] = options[chosen][0]
    return Reported(thrown(plan, dice), schedule, dates)


def live_reported(plan: Plan, schedule: Schedule, dice: Dice) -> Iterator[Reported]:
    """The world after each day up to the schedule's last."""
    r = begin(plan, schedule, dice)
    for day in range(schedule.last + 1):
        r.world.day = day
        one_day(r)
        yield r


def one_day(r: Reported) -> None:
    daytime(r, waking(r))


def waking(r: Reported) -> Mindset:
    """The morning that the whole day reads."""
    if r.world.day > 0:
        tick(r.world)
    return morning(r.world)


def daytime(r: Reported, m: Mindset) -> None:
    world, day = r.world, r.world.day
    r.days.append([])
    if day - 1 in r.waiting:
        r.days[-1].append(Factor("", "what had been on its way", r.waiting.pop(day - 1)))
    today = [*calendar(r, m), *chance(r, m), *choices(r, m), *bodies(r, m)]
    effects(world, m, today)
    learn(world, m, today)
    for fact in r.schedule.facts:
        if fact.day == day:
            name = world.plan.quantities[fact.quantity].name
            r.days[-1].append(Factor(fact.id, name, agreement(fact, world.s)))


def keep(r: Reported, report: str, what: str, probability: float) -> None:
    r.days[-1].append(Factor(report, what, log_of(probability)))


def log_of(p: float) -> float:
    return log(p) if p > 0.0 else NO_CHANCE


def waits(r: Reported, event: int, day: int, told: bool) -> None:
    """An event of a day of which reports may be on their way: the morning after the as-of day, what
    was told is told for certain, and what was not has stayed untold."""
    stop, chance = r.schedule.awaited(day), r.schedule.reported(event, day)
    if stop is None or stop == r.schedule.last or chance == 0.0:
        return
    fresh = r.schedule.known(event, day)
    later = log(chance / fresh) if told else log_of(1.0 - chance) - log(1.0 - fresh)
    r.waiting[stop] = r.waiting.get(stop, 0.0) + later


def sighting(r: Reported, event: int) -> Sighting | None:
    """The report of the event today, in this world."""
    day = r.world.day
    found = [s for s in r.schedule.sightings if s.event == event and r.dates[s.id] == day]
    if len(found) > 1:  # two disputed reports of one event fell on one day: it cannot happen twice
        keep(r, found[1].id, name_of(r, event), 0.0)
    return found[0] if found else None


def name_of(r: Reported, event: int) -> str:
    return r.world.plan.events[event].event.name


def occurs(r: Reported, m: Mindset, event: Occurrence, lessons: dict[int, list[float]]) -> Today:
    """The event happens; a reported outcome is taken, with its probability."""
    seen = sighting(r, event.index)
    if seen is None or seen.outcome == ANY:
        return happens(r.world, m, event, lessons)
    branch, chance = m.chances(event, m.now.s)[seen.outcome]
    keep(r, seen.id, f"{name_of(r, event.index)}.{branch.name or 'none'}", chance)
    return happens(r.world, m, event, lessons, branch.name)


def tally(r: Reported, event: Occurrence, happened: bool) -> None:
    """The factor of an event that is not up to chance today: it happens, or it does not."""
    seen, day, schedule = sighting(r, event.index), r.world.day, r.schedule
    if seen is not None:
        chance = schedule.known(event.index, day) if happened else 0.0
        keep(r, seen.id, name_of(r, event.index), chance)
    elif happened and schedule.follows(event.index):
        keep(r, "", name_of(r, event.index), 1.0 - schedule.known(event.index, day))
    if happened:
        waits(r, event.index, day, seen is not None)


def calendar(r: Reported, m: Mindset) -> Iterator[Today]:
    """Most arrivals were weighed when they were decided; dated events are certain or none."""
    world, schedule = r.world, r.schedule
    for u in arriving(world):
        late = schedule.straddles(u.event.index, world.day - schedule.lead(u.event.index))
        if late and sighting(r, u.event.index) is None:
            tally(r, u.event, True)
        yield occurs(r, m, u.event, u.lessons)
    for event in world.plan.events:
        if (event.dates or event.clock is not None) and not event.event.as_choice:
            falls = due(world, m, event)
            tally(r, event, falls)
            if falls:
                yield occurs(r, m, event, {})


def chance(r: Reported, m: Mindset) -> Iterator[Today]:
    """Reported: rate's probability times that of the report. Silent: what is left."""
    for event in r.world.plan.events:
        if event.rate is None:
            continue
        p = strikes(m, event) if possible(m, event) else 0.0
        seen, day = sighting(r, event.index), r.world.day
        if seen is not None:
            chance = p * r.schedule.known(event.index, day)
            keep(r, seen.id, name_of(r, event.index), chance)
            waits(r, event.index, day, True)
            yield occurs(r, m, event, {})
            continue
        noted = 1.0 if bars(r, m, event) else r.schedule.known(event.index, day)
        silent = 1.0 - p * noted
        if r.schedule.follows(event.index):
            keep(r, "", name_of(r, event.index), silent)
        die = r.world.dice.uniform(f"hazard {event.dice}", r.world.day)
        if die < share(p * (1.0 - noted), silent):
            waits(r, event.index, day, False)
            yield occurs(r, m, event, {})


def bars(r: Reported, m: Mindset, event: Occurrence) -> bool:
    """Whether the event, happening unreported today, would bar a later report of it: it happens
    once, or pauses past that day.

    Such a world ends with probability one, so the event is not drawn, and the world carries the
    probability that it did not happen, as if silence about it were certain. That integrates over
    the draw (Rao-Blackwell) and changes no expectation. Not for moves that take time, nor where
    silence counts by episodes, which is no probability.
    """
    day, horizon = r.world.day, r.schedule.horizon(r.world.day)
    if not r.schedule.guided or r.schedule.per_episode or event.takes is not None:
        return False
    dates = [r.dates[s.id] for s in r.schedule.sightings if s.event == event.index]
    ahead = [date for date in dates if day < date <= horizon]
    if not ahead or event.event.once:
        return bool(ahead)
    if event.pause is None:
        return False
    pause = float(event.pause(m.now.s, m.unknowns, m.moment))
    return min(ahead) < day + max(1.0, pause)


def share(part: float, whole: float) -> float:
    return part / whole if whole > 0.0 else 0.0


def choices(r: Reported, m: Mindset) -> Iterator[Today]:
    decisions = [
        decision
        for mind in r.world.plan.minds
        for group in mind.linked
        for decision in decided_on(r, m, group)
    ]
    decisions.sort(key=lambda d: d.agenda.index)
    yield from done(r.world, m, decisions, lambda e, known: occurs(r, m, e, known))


def decided_on(r: Reported, m: Mindset, group: tuple[Agenda, ...]) -> Iterator[Decision]:
    """What an actor does about agendas that are weighed together."""
    events = {e for agenda in group for e in (*agenda.all, *agenda.words)}
    if not any(r.schedule.follows(e) for e in events):
        for agenda in group:
            event = chooses(r.world, m, agenda)
            if event is not None:
                yield Decision(agenda, event, said_with(r.world, m, event))
    else:
        yield from weighs(r, m, group)


@dataclass(frozen=True)
class Case:
    """One thing that an actor may have done about an agenda today: a move and the words that went
    along, or nothing; with its probability, and that of just the reports that there are."""

    event: Occurrence | None
    words: tuple[Occurrence, ...]
    chance: float
    told: float  # a product of chances of reports or their absence; 0 where a report is not met


def weighs(r: Reported, m: Mindset, group: tuple[Agenda, ...]) -> Iterator[Decision]:
    """The factor of the day is the sum, over all that the actor may have done about these agendas,
    of its probability times that of just these reports; what it did is drawn from the terms."""
    world, schedule, plan = r.world, r.schedule, r.world.plan
    first, others = group[0], group[1:]
    cases = [
        (case, [cases_of(r, m, agenda, case.words) for agenda in others])
        for case in cases_of(r, m, first, ())
    ]
    reports = [
        (plan.events[e], seen)
        for e in dict.fromkeys(e for a in group for e in (*a.all, *a.words))
        if (seen := announced(r, plan.events[e])) is not None
    ]
    total = added(case.chance * case.told * product(other) for case, other in cases)
    if not reports and schedule.per_episode:  # an episode of silence counts as one opening
        moves = tuple(e for a in group for e in (*a.all, *a.words))
        lasts = [b - a + 1 for a, b in schedule.episodes(moves) if a <= world.day <= b]
        spread = 1.0 / lasts[0] if lasts else 1.0
        once = added(
            case.chance * case.told * product([cases_of(r, m, a, case.words, True) for a in others])
            for case in cases_of(r, m, first, (), True)
        )
        r.days[-1].append(Factor("", plan.minds[first.mind].actor.name, spread * log_of(once)))
    elif not reports:
        keep(r, "", plan.minds[first.mind].actor.name, total)
    else:
        able = {
            e.index
            for case, other in cases
            for c in (case, *(x for options in other for x in options))
            if c.chance > 0.0 and c.event is not None
            for e in (c.event, *c.words)
        }
        unable = [(e, seen) for e, seen in reports if e.index not in able]
        event, seen = (unable or reports[-1:])[0]  # that in whose name the factor is kept
        keep(r, seen.id, event.event.name, total)
    rest = [share(case.chance * case.told * product(other), total) for case, other in cases]
    drawn = pick(world.dice.uniform(f"choice {first.dice}", world.day), rest[:-1])
    case, other = cases[-1 if drawn is None else drawn]
    yield from decision(r, first, case, case.words)
    for agenda, options in zip(others, other, strict=True):
        whole = added(o.chance * o.told for o in options)
        parts = [share(o.chance * o.told, whole) for o in options]
        drawn = pick(world.dice.uniform(f"choice {agenda.dice}", world.day), parts[:-1])
        yield from decision(r, agenda, options[-1 if drawn is None else drawn], case.words)


def product(others: list[list[Case]]) -> float:
    """The factors of agendas, each summed over its cases."""
    out = 1.0
    for cases in others:
        out *= added(case.chance * case.told for case in cases)
    return out


def decision(
    r: Reported, agenda: Agenda, case: Case, said: tuple[Occurrence, ...]
) -> Iterator[Decision]:
    if case.event is None:
        return
    for event in (case.event, *case.words):
        if event is not case.event or event not in said:
            decided(r, event, announced(r, event) is not None)
    yield Decision(agenda, case.event, case.words)


def cases_of(
    r: Reported, m: Mindset, agenda: Agenda, said: tuple[Occurrence, ...], open_: bool = False
) -> list[Case]:
    """All that the actor may have done about an agenda, where `said` went along with a deed of
    another; the last is to do nothing. `open_`: given an opening.

    `chance` is that a move is chosen at an opening and not refused. What is drawn here and was said
    already is no news: it needs no report of its own.
    """
    world, plan = r.world, r.world.plan
    events = [plan.events[e] for e in agenda.all]
    chances = acts(world, m, agenda, open_)
    needed = {e for e in (*agenda.all, *own_words(plan, agenda)) if announced(r, plan.events[e])}
    needed -= {word.index for word in said}
    out = []
    for event, chance in zip(events, chances, strict=True):
        free = event in said
        for words, p in sayings(m, event):
            told = 1.0 if free else told_of(r, m, event)
            for word in words:
                told *= told_of(r, m, word)
            if not needed <= {event.index, *(word.index for word in words)}:
                told = 0.0
            out.append(Case(event, words, chance * p, told))
    out.append(Case(None, (), max(0.0, 1.0 - added(chances)), 0.0 if needed else 1.0))
    return out


def own_words(plan: Plan, agenda: Agenda) -> tuple[int, ...]:
    """The words of an agenda's deeds that cannot have been drawn on another."""
    others = {e for a in plan.minds[agenda.mind].agendas if a is not agenda for e in a.moves}
    return tuple(w for w in agenda.words if w not in others)


def sayings(m: Mindset, deed: Occurrence) -> list[tuple[tuple[Occurrence, ...], float]]:
    """Each set of words that may go along with a deed, with its probability."""
    out: list[tuple[tuple[Occurrence, ...], float]] = [((), 1.0)]
    for index in deed.words:
        word = m.plan.events[index]
        p = along(m, deed, word)
        out = [
            *((words, q * (1.0 - p)) for words, q in out),
            *(((*words, word), q * p) for words, q in out),
        ]
    return out


def told_of(r: Reported, m: Mindset, event: Occurrence) -> float:
    """The chance of the report that there is of an event of today, or that there is none."""
    noted = known_by(r.schedule, event, r.world.day)
    if announced(r, event) is not None:
        return noted
    return 1.0 - (1.0 if bars(r, m, event) else noted)


def known_by(schedule: Schedule, event: Occurrence, day: int) -> float:
    """The chance that a move decided today is reported and known, as far as that is weighed
    today."""
    if schedule.straddles(event.index, day):
        return 0.0
    return schedule.known(event.index, day + schedule.lead(event.index))


def decided(r: Reported, event: Occurrence, told: bool) -> None:
    """As `waits`, of a move on the day of its decision."""
    if not r.schedule.straddles(event.index, r.world.day):
        waits(r, event.index, r.world.day + r.schedule.lead(event.index), told)


def announced(r: Reported, event: Occurrence) -> Sighting | None:
    """The report by which the move was decided today."""
    day = r.world.day + r.schedule.lead(event.index)
    found = [s for s in r.schedule.sightings if s.event == event.index and r.dates[s.id] == day]
    return found[0] if found else None


def bodies(r: Reported, m: Mindset) -> Iterator[Today]:
    for event in r.world.plan.events:
        if event.ballot is None:
            continue
        result = ballot(r.world, m, event) if held(r.world, m, event) else None
        seen = sighting(r, event.index)
        expected = "" if seen is None or seen.outcome == ANY else ("carried", "lost")[seen.outcome]
        other = result is not None and expected not in ("", result.outcome)
        tally(r, event, result is not None and not other)
        if result is not None:
            yield result


def agreement(fact: Fact, s: list[float]) -> float:
    """The log of how well a quantity agrees with a soft fact, 0 at best: '=' is normal about the
    value; 'at least' and 'at most' are logistic, one half at the value. Ten errors away is not
    the same quantity any more."""
    z = (s[fact.quantity] - fact.value) / fact.error
    if fact.relation == "=":
        found = -0.5 * (z * z)
    else:
        found = log(logistic(z if fact.relation == ">=" else 0.0 - z))
    return found if found >= FARTHEST else NO_CHANCE

"""Stylised facts put to the model: each statistic over free or edited worlds, with its error.

Arms that do the same are simulated once, up to the last day that any of their facts asks about, and
all arms on the same dice, so that a difference between two is the edits' doing. Every statistic is
a function of worlds (rows of small tables), and its error is the standard deviation of that
function over resamples of whole worlds (bootstrap: Efron and Tibshirani 1993): days and events of
one world hang together, worlds do not. Two arms are resampled together. All resamples agree on what
no world shows, and yet it may happen: the error of a share is at least that of one never seen in as
many worlds as have what it is a share of.

    dispersion        mean over worlds of the variance of counts in spells, over the mean count
    autocorrelation   sum of products of neighbouring spells' deviations from the world's own mean,
                      over the sum of their squares; with n spells it lies below the truth by about
                      1/n even without any memory, as it does in a record of n spells

A verdict allows for two errors on both sides: `fits` inside the bounds, `near` outside by no more
than two errors, `wrong` beyond that, and `too few` where what the fact is about is too rare.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from offramp.answers.forecast import Watch, outcomes, watches
from offramp.answers.sampling import mc_error
from offramp.case.case import Case
from offramp.case.causal import key_of
from offramp.case.facts import (
    Ask,
    Correlation,
    Eve,
    Fact,
    Followed,
    Happens,
    Rise,
    Statistic,
    Waits,
    Waves,
)
from offramp.engine.blocks.histories import Histories, histories
from offramp.engine.by_value import ByValue
from offramp.engine.plan import Plan, plan
from offramp.engine.run import Progress, RunSpec
from offramp.language.edits import Edit, edited
from offramp.language.questions import Question, watching

RESAMPLES = 200
LEAST = 30  # occurrences, or worlds, below which a statistic is not told
ERRORS = 2.0

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]  # places of worlds
Measure = Callable[[Rows], float]  # the statistic over some worlds, a world as often as it stands
VerdictOf = Literal["fits", "near", "wrong", "too few"]


@dataclass(frozen=True)
class Tried:
    """A fact and what the model gives. `value` is None where too little was seen of what it is
    about; `seen` is how many occurrences or worlds it stands on, in the thinner arm."""

    fact: Fact
    value: float | None
    error: float | None
    seen: int
    verdict: VerdictOf
    arms: tuple[float, ...]  # the value in each arm


@dataclass(frozen=True)
class Plausibility:
    """All facts of a case that were put to it."""

    case: str
    model_sha256: str
    seed: int
    worlds: int
    arms: int
    facts: tuple[Tried, ...]

    @property
    def counted(self) -> tuple[Tried, ...]:
        """Those without hindsight."""
        return tuple(t for t in self.facts if not t.fact.hindsight)

    def count(self, verdict: VerdictOf) -> int:
        """How many of the counted facts have a verdict."""
        return sum(t.verdict == verdict for t in self.counted)

    def __repr__(self) -> str:
        return (
            f"<Plausibility of {self.case}: {self.count('fits')} of {len(self.counted)} facts fit, "
            f"{self.worlds:,} worlds>"
        )


def plausibility(
    case: Case,
    facts: Iterable[Fact],
    worlds: int,
    seed: int,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Plausibility:
    """Simulates every arm and measures every fact. `progress` counts worlds."""
    facts = tuple(facts)
    groups: dict[tuple[object, ...], tuple[tuple[Edit, ...], list[Fact]]] = {}
    for fact in facts:
        for edits in fact.arms:
            groups.setdefault(tuple(map(key_of, edits)), (edits, []))[1].append(fact)
    lived = {
        key: _simulated(case, edits, group, worlds, seed, threads, progress)
        for key, (edits, group) in groups.items()
    }
    tried = tuple(
        _tried(fact, [lived[tuple(map(key_of, edits))] for edits in fact.arms], worlds, seed)
        for fact in facts
    )
    return Plausibility(case.id, case.model_sha256, seed, worlds, len(lived), tried)


def arms_of(facts: Iterable[Fact]) -> int:
    """How many different arms some facts have."""
    return len({tuple(map(key_of, edits)) for fact in facts for edits in fact.arms})


@dataclass(frozen=True)
class _Arm:
    plan: Plan
    watched: dict[tuple[str, int], Watch]  # by fact and place of the question in it
    seen: Histories


def _simulated(
    case: Case,
    edits: tuple[Edit, ...],
    facts: list[Fact],
    worlds: int,
    seed: int,
    threads: int | None,
    progress: Progress | None,
) -> _Arm:
    crisis = replace(edited(case.crisis, edits).until(max(f.last for f in facts)), show=())
    asked = [(f.id, k, q) for f in facts for k, q in enumerate(_questions(f.statistic))]
    named = tuple(replace(q, id=f"{id} {k}") for id, k, q in asked)
    crisis = watching(crisis, named)
    watched, monitors = watches(replace(case, crisis=crisis, questions=named), crisis.first)
    by_id = {w.question.id: w for w in watched}
    events = dict.fromkeys((h.event, h.outcome) for f in facts for h in _events(f.statistic))
    quantities = dict.fromkeys(f.statistic.quantity for f in facts if isinstance(f.statistic, Eve))
    seen = histories(
        RunSpec(crisis, monitors, seed), worlds, tuple(events), tuple(quantities), threads, progress
    )
    return _Arm(plan(crisis), {(id, k): by_id[f"{id} {k}"] for id, k, _ in asked}, seen)


def _questions(s: Statistic) -> tuple[Question, ...]:
    if isinstance(s, Ask):
        return (s.question,)
    return (s.of, s.on) if isinstance(s, Correlation) else ()


def _events(s: Statistic) -> tuple[Happens, ...]:
    if isinstance(s, Waves):
        return s.of
    if isinstance(s, Eve):
        return (s.event,)
    if isinstance(s, Followed | Waits):
        return (*s.after, *s.by)
    return (*s.after, *s.of) if isinstance(s, Rise) else ()


def _tried(fact: Fact, arms: list[_Arm], worlds: int, seed: int) -> Tried:
    measured = [_measure(fact, arm) for arm in arms]
    seen = min(n for _, n in measured)
    everyone = np.arange(worlds)
    values = tuple(float(m(everyone)) for m, _ in measured)
    if seen < LEAST or not all(map(math.isfinite, values)):
        return Tried(fact, None, None, seen, "too few", ())

    def whole(rows: Rows) -> float:
        parts = [m(rows) for m, _ in measured]
        return parts[0] - parts[1] if len(parts) == 2 else parts[0]

    random = np.random.default_rng(seed)
    resampled = [whole(random.integers(0, worlds, worlds)) for _ in range(RESAMPLES)]
    least = math.hypot(*(m.least for m, _ in measured if isinstance(m, Share)))
    error = max(float(np.nanstd(resampled, ddof=1)), least)
    value = whole(everyone)
    return Tried(fact, value, error, seen, _verdict(fact, value, error), values)


def _verdict(fact: Fact, value: float, error: float) -> VerdictOf:
    beyond = max(fact.low - value, value - fact.high)
    if beyond <= 0:
        return "fits"
    return "near" if beyond <= ERRORS * error else "wrong"


# ---- statistics ----------------------------------------------------------------------------


def _measure(fact: Fact, arm: _Arm) -> tuple[Measure, int]:
    """The statistic as a function of worlds, and how much it stands on."""
    s, h = fact.statistic, arm.seen
    window = _window(fact, arm)
    if isinstance(s, Ask):
        return _asked(fact, arm, s)
    if isinstance(s, Correlation):
        x, y = (np.array(_values(arm, fact, k, q)) for k, q in enumerate((s.of, s.on)))
        return (lambda rows: _correlation(x[rows], y[rows])), len(x)
    if isinstance(s, Waves):
        return _waves(s, _counted(h, s.of)[:, window])
    if isinstance(s, Eve):
        return _eve(s, h.happened[s.event.name][:, window], h.values[s.quantity][:, window])
    after = np.any([h.happened[a.name] for a in s.after], axis=0)[:, window]
    if isinstance(s, Rise):
        return _rise(s, after, _counted(h, s.of)[:, window])
    return _answers(s, after, [h.happened[b.name][:, window] for b in s.by])


def _window(fact: Fact, arm: _Arm) -> slice:
    first = arm.plan.crisis.first
    return slice((fact.first - first).days, (fact.last - first).days + 1)


def _counted(h: Histories, of: tuple[Happens, ...]) -> Floats:
    """(worlds, days): how many of some events happened."""
    total: Floats = np.sum([h.happened[e.name] for e in of], axis=0, dtype=np.float64)
    return total


def _values(arm: _Arm, fact: Fact, place: int, q: Question) -> list[float]:
    return outcomes(arm.plan, arm.watched[fact.id, place], q.asks, arm.seen.atoms)


@dataclass(frozen=True, eq=False)
class Ratio(ByValue):
    """A measure: a ratio of sums over worlds; nan where nothing is below. Both are (worlds,)."""

    above: Floats
    below: Floats

    def __call__(self, rows: Rows) -> float:
        under = float(self.below[rows].sum())
        return float(self.above[rows].sum()) / under if under else math.nan


@dataclass(frozen=True, eq=False)
class Share(Ratio):
    """How many of what is below are above."""

    @property
    def least(self) -> float:
        """The error of a share that none of the worlds with something below shows."""
        return mc_error(0, int(np.count_nonzero(self.below)))


def _asked(fact: Fact, arm: _Arm, s: Ask) -> tuple[Measure, int]:
    q = s.question
    values = np.array(_values(arm, fact, 0, q), float)
    given = q.given
    met = np.ones(len(values), bool)
    if given is not None:
        met = np.array(outcomes(arm.plan, arm.watched[fact.id, 0], given, arm.seen.atoms), bool)
    if s.take is None:
        of = Share if q.binary else Ratio
        return of(np.where(met, values, 0.0), met.astype(float)), int(met.sum())
    share = s.take

    def measure(rows: Rows) -> float:
        kept = values[rows][met[rows]]
        return float(np.quantile(kept, share)) if len(kept) else math.nan

    return measure, int(met.sum())


def _waves(s: Waves, counts: Floats) -> tuple[Measure, int]:
    n = counts.shape[1] // s.days
    spells = counts[:, : n * s.days].reshape(len(counts), n, s.days).sum(axis=2)
    means = spells.mean(axis=1, keepdims=True)
    squares = ((spells - means) ** 2).sum(axis=1)
    if s.what == "dispersion":
        return Ratio(squares / (n - 1), means[:, 0]), int(spells.sum())
    products = ((spells[:, 1:] - means) * (spells[:, :-1] - means)).sum(axis=1)
    return Ratio(products, squares), int(spells.sum())


def _answers(
    s: Followed | Waits, after: NDArray[np.bool_], by: list[NDArray[np.bool_]]
) -> tuple[Measure, int]:
    """Occurrences that leave room for an answer in the window, and when each was answered."""
    room = _with_room(after, s.days)
    if isinstance(s, Followed) and s.first:
        room &= np.cumsum(after, axis=1) == 1
    world, day = np.nonzero(room)
    later = 0 if isinstance(s, Followed) else 1
    waits = np.array([_until(b, s.days, later)[world, day] for b in by], float).reshape(len(by), -1)
    if isinstance(s, Followed):
        inside = waits <= s.days
        answered = inside.all(axis=0) if s.all_of_them else inside.any(axis=0)
        size = len(after)
        return (
            Share(
                np.bincount(world, answered, size).astype(float),
                np.bincount(world, minlength=size).astype(float),
            ),
            len(world),
        )
    first = waits.min(axis=0) if len(by) else np.full(len(world), np.inf)
    inside = first <= s.days
    return _quantile_of(world[inside], first[inside], len(after), 0.5), int(inside.sum())


def _with_room(after: NDArray[np.bool_], days: int) -> NDArray[np.bool_]:
    """(worlds, days): occurrences that leave so many days in the window."""
    room = after.copy()
    room[:, max(0, after.shape[1] - days) :] = False
    return room


def _until(happened: NDArray[np.bool_], days: int, later: int) -> Floats:
    """(worlds, days): days until the next occurrence, at least `later`; infinite beyond `days`."""
    n = happened.shape[1]
    next_ = np.full(happened.shape, np.inf)
    coming = np.full(len(happened), np.inf)
    for day in range(n - 1, -1, -1):
        after = coming + 1.0
        coming = np.where(happened[:, day], 0.0, after)
        next_[:, day] = after if later else coming
    return np.where(next_ <= days, next_, np.inf)


def _rise(s: Rise, after: NDArray[np.bool_], counts: Floats) -> tuple[Measure, int]:
    room = _with_room(after, s.days)
    total = np.concatenate([np.zeros((len(counts), 1)), np.cumsum(counts, axis=1)], axis=1)
    days = np.arange(counts.shape[1])
    ends = np.minimum(days + 1 + s.days, counts.shape[1])
    following = total[:, ends] - total[:, days + 1]
    occurrences = room.sum(axis=1).astype(float)
    then = (following * room).sum(axis=1)
    usual, length = counts.sum(axis=1), float(counts.shape[1])

    def measure(rows: Rows) -> float:
        anchors, all_ = float(occurrences[rows].sum()), float(usual[rows].sum())
        expected = all_ / len(rows) / length * s.days
        return float(then[rows].sum()) / anchors / expected if anchors and expected else math.nan

    return measure, int(occurrences.sum())


def _eve(s: Eve, happened: NDArray[np.bool_], values: Floats) -> tuple[Measure, int]:
    first = np.where(happened.any(axis=1), happened.argmax(axis=1), -1)
    world = np.nonzero(first >= s.days)[0]
    eve = np.full(len(values), np.nan)
    eve[world] = values[world, first[world] - s.days]
    usual = np.median(values, axis=1)  # a world's own median day, and the median of those

    def measure(rows: Rows) -> float:
        there = eve[rows]
        there = there[~np.isnan(there)]
        return float(np.median(there) - np.median(usual[rows])) if len(there) else math.nan

    return measure, len(world)


def _quantile_of(world: Rows, values: Floats, worlds: int, share: float) -> Measure:
    """A quantile over occurrences, of which a world may have several."""
    starts = np.searchsorted(world, np.arange(worlds + 1))

    def measure(rows: Rows) -> float:
        found = [values[starts[w] : starts[w + 1]] for w in rows]
        joined = np.concatenate(found) if found else values[:0]
        return float(np.quantile(joined, share)) if len(joined) else math.nan

    return measure


def _correlation(x: Floats, y: Floats) -> float:
    spread = float(x.std() * y.std())
    return float(((x - x.mean()) * (y - y.mean())).mean()) / spread if spread else math.nan

"""What the reports say: evidence day by day, effective size, and worlds conditioned on them."""

from __future__ import annotations

import datetime as dt
import math
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from offramp.engine.blocks.days import Writer, branch_codes
from offramp.engine.blocks.threads import side_by_side
from offramp.engine.blocks.worlds import BLOCK, Loaded, Recorder, advance, load_all, wide
from offramp.engine.blocks.worlds import load as laid_out
from offramp.engine.by_value import ByValue
from offramp.engine.ensemble import Ensemble, merge
from offramp.engine.noise import named_keys, uniforms
from offramp.engine.plan import Plan
from offramp.engine.run import Progress, RunSpec
from offramp.errors import OfframpError
from offramp.filter.islands import (
    WIDEST,
    Estimate,
    combined,
    increment,
    log_mean,
    number,
    r_hat,
    shares,
    spread,
    worth,
)
from offramp.filter.particles import ISLAND, drawn, run_island
from offramp.filter.simulator import Filter, Floats, Island, Particles, Places, featured

OneIsland = Callable[
    [Filter, int, int, frozenset[int], Places | None, Callable[[int], None] | None], Island
]
FEWEST = 100.0  # independent worlds that a mean must be worth to be given (formalism, 10)
ERRORS = 3.0  # below nothing by which the gap must lie to tell that a filter is wrong


class Impossible(OfframpError):
    """No world of any island could live the reports of a day."""

    def __init__(self, day: int, islands: tuple[Island, ...], filter: Filter) -> None:
        self.day, self.islands, self.filter = day, islands, filter
        super().__init__(f"the model cannot produce the reports of day {day}")


@dataclass(frozen=True)
class Day:
    """A day of the reports.

    log_evidence  of all days so far, in nats, and its Monte Carlo error `mc_error`
    surprise      minus the log probability of this day's reports given those before, in nats, and
                  its error
    gap           the mean log likelihood of the worlds less the log evidence, and its error. It is
                  the divergence of the posterior from the prior, and cannot be negative
    ess           how many independent worlds the posterior is worth, by the spread between islands:
                  the least over unknowns
    r_hat         the largest over unknowns
    islands       the effective number of islands
    spread        sd of log evidence between islands
    renewed       how many islands drew their worlds anew
    """

    date: dt.date
    log_evidence: float
    mc_error: float
    surprise: float
    surprise_error: float
    gap: float
    gap_error: float
    ess: float
    r_hat: float
    islands: float
    spread: float
    renewed: int


@dataclass(frozen=True)
class Posterior:
    """Worlds conditioned on the reports. `days` are all of them up to the last; the last alone
    where the worlds were weighed anew (`reweigh.py`)."""

    filter: Filter
    islands: tuple[Island, ...]
    days: tuple[Day, ...]

    @property
    def last(self) -> int:
        """The day as of which the worlds are conditioned, counted from the first of the crisis."""
        return (self.days[-1].date - self.filter.plan.crisis.first).days

    def on(self, day: int) -> Day:
        return self.days[day - self.last - 1]

    @property
    def worlds(self) -> int:
        return _size(self.islands)

    @property
    def smallest(self) -> Day:
        """The day of the smallest effective size."""
        return min(self.days, key=lambda d: d.ess)

    @property
    def most_surprising(self) -> Day:
        return max(self.days, key=lambda d: d.surprise)

    def until(self, day: int) -> Posterior:
        """The posterior as it stood at the end of an earlier day of which clouds were kept."""
        return replace(self, days=self.days[: day + 1])

    def log_evidences(self, day: int) -> Floats:
        """Each island's log evidence of the days up to one; -inf where none was left."""
        return log_evidences(self.islands, day)

    def worths(self) -> dict[str, float]:
        """How many independent worlds the posterior of each unknown is worth on the last day."""
        day, out = self.last, dict[str, float]()
        found = worth(shares(self.log_evidences(day)), *_moments(self.islands, day))
        for k, n in zip(featured(self.filter.plan), found.tolist(), strict=True):
            name = self.filter.plan.priors[k].name
            out[name] = min(n, out.get(name, math.inf))
        return out

    def refusal(self) -> str:
        """Why no posterior is given as of the last day; '' if it is."""
        last, k = self.days[-1], len(self.islands)
        if last.gap < -ERRORS * last.gap_error:
            return (
                f"on {last.date} the worlds have a mean log likelihood {-last.gap:.1f} nats (error "
                f"{last.gap_error:.1f}) below the log evidence, which cannot be: the filter is "
                "wrong here. Please report this case; no answer is given"
            )
        most = min(float(self.worlds), max(self.worths().values(), default=math.inf))
        if most < FEWEST:
            return (
                f"on {last.date} the worlds conditioned on the reports are worth {most:.0f} "
                f"independent ones at most, below {FEWEST:.0f}; more worlds may help"
            )
        if last.islands < k / 2:
            return (
                f"on {last.date} {k} islands of worlds are worth {last.islands:.1f}, fewer than "
                "half: only a few of them found worlds that agree with the reports; more worlds "
                "may help"
            )
        if last.spread > WIDEST:
            return (
                f"on {last.date} the log evidence differs by {last.spread:.1f} nats (sd) between "
                f"islands, more than {WIDEST:g}: too much for a mean; more worlds may help"
            )
        return ""

    def unmixed(self) -> str:
        """Which unknowns the islands do not agree on, so that nothing is said of them; '' if they
        do on all."""
        few = {name: n for name, n in self.worths().items() if n < FEWEST}
        if not few:
            return ""
        named = ", ".join(
            f"{name} ({n:.0f})" for name, n in sorted(few.items(), key=lambda x: x[1])
        )
        return (
            f"not mixed on {self.days[-1].date}: {named}. In brackets how many independent worlds "
            f"its posterior is worth; below {FEWEST:.0f} it is not reported and no author is "
            "ranked. More worlds help"
        )


def filtered(
    f: Filter,
    islands: int,
    size: int = ISLAND,
    snapshots: Iterable[int] = (),
    threads: int | None = None,
    progress: Progress | None = None,
    island: OneIsland = run_island,
) -> Posterior:
    """Simulates `islands` islands of `size` worlds through the reports, on all cores; the same
    bytes for any number of threads. `progress` hears of each day that an island has lived.
    `island` gives one, as `run_island` does (or `store.kept`, which reads it where it can).

    Raises Impossible where no world lives a day.
    """
    kept, stop = frozenset(snapshots), np.zeros(1, np.int64)
    lock = threading.Lock()

    def one_more(n: int) -> None:
        if progress:
            with lock:
                progress(n)

    def one_island(k: int) -> Island:
        return island(f, k, size, kept, stop, one_more)

    found = tuple(side_by_side(one_island, islands, threads, stop))
    if all(i.died is not None for i in found):
        raise Impossible(max(i.died or 0 for i in found), found, f)
    return Posterior(f, found, summary(f, found))


def log_evidences(islands: tuple[Island, ...], day: int) -> Floats:
    """Each island's log evidence of the days up to one; minus infinity where none was left."""
    return np.array(
        [i.log_evidence[day] if day < len(i.log_evidence) else -math.inf for i in islands]
    )


def _moments(islands: tuple[Island, ...], day: int) -> tuple[Floats, Floats]:
    """Means and means of squares of `features` (islands, columns); NaN where none was left."""
    width = max(i.means.shape[1] for i in islands if i.means.ndim == 2)
    gone = np.full(width, math.nan)
    rows = [(i.means[day], i.squares[day]) if day < len(i.means) else (gone, gone) for i in islands]
    means, squares = zip(*rows, strict=True)
    return np.array(means), np.array(squares)


def summary(f: Filter, islands: tuple[Island, ...]) -> tuple[Day, ...]:
    days, before = list[Day](), np.zeros(len(islands))
    for day in range(f.schedule.last + 1):
        days.append(day_of(f, islands, day, before))
        before = log_evidences(islands, day)
    return tuple(days)


def day_of(f: Filter, islands: tuple[Island, ...], day: int, before: Floats | None) -> Day:
    """`before`: each island's log evidence of the days before; None where nobody knows it, and so
    nobody knows how surprising the day was."""
    logs, none = log_evidences(islands, day), math.nan
    evidence, parts = log_mean(logs), shares(logs)
    step = Estimate(none, math.inf) if before is None else increment(logs, before)
    likelihoods = np.array(
        [i.log_likelihood[day] if day < len(i.log_likelihood) else none for i in islands]
    )
    mean, variance = combined(parts, likelihoods)
    moments = _moments(islands, day)
    least = float(worth(parts, *moments).min(initial=math.inf))
    return Day(
        date=f.plan.crisis.first + dt.timedelta(day),
        log_evidence=evidence.value,
        mc_error=evidence.error,
        surprise=-step.value,
        surprise_error=step.error,
        gap=float(mean) - evidence.value,
        gap_error=math.hypot(math.sqrt(float(variance)), evidence.error),
        ess=min(least, float(_size(islands))),
        r_hat=float(r_hat(parts, *moments).max(initial=1.0)),
        islands=number(parts),
        spread=spread(logs),
        renewed=sum(day in i.renewed for i in islands),
    )


def _size(islands: tuple[Island, ...]) -> int:
    """How many worlds there are."""
    return sum(len(c.weights) for i in islands for c in list(i.clouds.values())[-1:])


# ---- worlds conditioned on the reports --------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Handover(ByValue):
    """How worlds that were simulated by one crisis go on by an edited one.

    places  slots in the old memory, and where the same things stand in the new one
    bounds  (slot in the new memory, low, high) of quantities that the edits bound more narrowly
    """

    places: tuple[NDArray[np.int64], NDArray[np.int64]]
    bounds: tuple[tuple[int, float, float], ...]

    def memory(self, old: Floats, new: Floats) -> Floats:
        """The memory (slots, width) of the edited crisis on the morning it begins, `new` until then
        but for its inputs."""
        new[self.places[1]] = old[self.places[0]]
        for slot, low, high in self.bounds:
            new[slot] = np.clip(new[slot], low, high)
        return new


def handover(lived: Plan, onward: Plan) -> Handover:
    """From a crisis to the same one edited: what lasts from day to day is carried over by name.

    An edit may free a memory (an event that is forced needs no pause); it may not need one that no
    world has kept. Raises ValueError where the two are not one crisis with and without edits.
    """
    same_elements(lived, onward)
    a, b = lived.crisis, onward.crisis
    after = Writer(onward)
    old, new = _lasting(Writer(lived)), _lasting(after)
    missing = sorted(name for name, _ in new.keys() - old.keys())
    if missing:
        raise ValueError(
            f"worlds simulated without the edits did not keep: {', '.join(missing)}; "
            "an edit of this kind can only hold from the first day"
        )
    states = [
        (slot, q.low, q.high)
        for slot, q, before in zip(after.s, b.states, a.states, strict=True)
        if (q.low, q.high) != (before.low, before.high)
    ]
    common = [name for name in new if name in old]
    places = np.array([old[n] for n in common]), np.array([new[n] for n in common])
    return Handover(places, tuple(states))


def same_elements(lived: Plan, onward: Plan) -> None:
    """Raises ValueError where the two are not one crisis with and without edits."""
    a, b = lived.crisis, onward.crisis
    for what in ("states", "unknowns", "actors", "events"):
        names = [[x.name for x in getattr(c, what)] for c in (a, b)]
        if names[0] != names[1]:
            raise ValueError(f"the edited crisis has other {what}: worlds cannot go on under it")
    if (a.first, a.last) != (b.first, b.last):
        raise ValueError("the edited crisis has other days: worlds cannot go on under it")
    for x, y in zip(lived.events, onward.events, strict=True):
        if branch_codes(x) != branch_codes(y):
            raise ValueError(f"'{x.event.name}' turns out in other ways in the edited crisis")


def _lasting(writer: Writer) -> dict[tuple[str, int], int]:
    """The slots that last from day to day, by name; of names given twice also by which."""
    out: dict[tuple[str, int], int] = {}
    seen: dict[str, int] = {}
    lasting = writer.slots.names[: writer.first_daily - len(writer.inputs)]
    for slot, name in enumerate(lasting):
        seen[name] = seen.get(name, -1) + 1
        out[name, seen[name]] = slot
    return out


def futures(
    p: Posterior,
    job: RunSpec,
    day: int | None = None,
    worlds: int | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
    onward: Loaded | None = None,
) -> Ensemble:
    """Worlds of equal weight: drawn by their weights from the clouds of a day (default: the last),
    and lived again from the first day to the last of the run: through the reports, then freely, or
    by an edited crisis (see `futures_under`).

    From the day after, worlds throw dice of their own, also copies of one.
    """
    return futures_under(
        p=p, job=job, onward=(onward,), day=day, worlds=worlds, threads=threads, progress=progress
    )[0]


def futures_under(
    p: Posterior,
    job: RunSpec,
    onward: tuple[Loaded | None, ...],
    day: int | None = None,
    worlds: int | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
    lasts: tuple[int, ...] | None = None,
) -> list[Ensemble]:
    """The same worlds, gone on by each of several edited crises (None: as they are), with the same
    dice from the day after the reports, so that two of the ensembles differ by the edits alone.

    Only the days of an edited crisis are used, never how it begins: priors and starts are those of
    the posterior, except that a quantity which an edit bounds is brought within its bounds on the
    first morning. `progress` hears of each world under each of them. `lasts`: the days until which
    each is lived, that day left out, where none of its course is wanted and its questions end
    before the run does. Raises ValueError where the worlds cannot go on under one of them.
    """
    return futures_traced(p, job, onward, day, worlds, threads, progress, lasts)[0]


def futures_traced(
    p: Posterior,
    job: RunSpec,
    onward: tuple[Loaded | None, ...],
    day: int | None = None,
    worlds: int | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
    lasts: tuple[int, ...] | None = None,
    traced: bool = False,
) -> tuple[list[Ensemble], NDArray[np.uint8] | None]:
    """As `futures_under`; if `traced` with the courses of the worlds under the first of the crises,
    (worlds, days, shown) from the first day of all (`Recorder.traces`). A course is long: it takes
    8 bytes a day and shown quantity while its block lives."""
    f = p.filter
    last = p.last if day is None else day
    whole = [(k, i.clouds[last]) for k, i in enumerate(p.islands) if last in i.clouds]
    logs = np.array([c.log_evidence for _, c in whole])
    n = worlds or sum(len(c.weights) for _, c in whole)
    chosen = draw(f, [c for _, c in whole], shares(logs), n, last)
    parts: list[tuple[int, Particles, NDArray[np.int64]]] = []
    for (k, cloud), which in zip(whole, chosen, strict=True):
        parts += [(k, cloud, which[a : a + BLOCK]) for a in range(0, len(which), BLOCK)]
    # Beside the crisis as it was there is one tape for whatever number was edited.
    free = load_all([f.beside, f.plan.crisis])[1] if f.beside else laid_out(f.plan)
    ways = [(t or free, handover(f.plan, t.plan) if t else None) for t in onward]
    ends = lasts or (job.lasts,) * len(ways)
    keys = named_keys(f.seed, f"after day {last}", n)
    starts = np.cumsum([0, *(len(which) for _, _, which in parts)])
    stop = np.zeros(1, np.int64)

    def lived(number: int) -> tuple[list[Ensemble], NDArray[np.uint8] | None]:
        _, cloud, which = parts[number]
        told = job.stories // len(parts) + (number < job.stories % len(parts))
        told = len(which) if job.stories >= n else told
        a = int(starts[number])
        kept = Recorder.empty(f.plan, job, len(which), min(told, len(which)))
        if traced:
            kept = kept.of_all()
        width = wide(len(which))
        memory = f.memory(width)
        relive(
            f=f,
            kept=kept,
            memory=memory,
            width=width,
            cloud=cloud,
            which=which,
            last=last,
            stop=stop,
        )
        out = []
        for (way, passed), until in zip(ways, ends, strict=True):
            own = copied(kept) if len(ways) > 1 else kept
            if last + 1 < until:
                if passed is not None:
                    ahead = passed.memory(memory, way.memory(width))
                else:
                    ahead = memory[: way.tape.slots]
                    ahead = ahead.copy() if len(ways) > 1 else ahead
                advance(
                    t=way.tape,
                    kept=own,
                    memory=ahead.reshape(-1),
                    width=width,
                    keys=keys[a : a + len(which)],
                    first=last + 1,
                    lasts=until,
                    stop=stop,
                )
            if progress:
                progress(len(which))
            out.append(own)
        numbers = tuple(range(a, a + len(which)))
        courses = out[0].traces() if traced else None
        return [own.ensemble(f.seed, numbers) for own in out], courses

    found = side_by_side(lived, len(parts), threads, stop)
    islands = np.concatenate([np.full(len(which), k) for k, _, which in parts])
    effective = min(float(n), p.on(last).ess)
    merged = [
        replace(merge([e[way] for e, _ in found]), islands=islands, effective=effective)
        for way in range(len(ways))
    ]
    courses = [rows for _, rows in found if rows is not None]
    return merged, np.concatenate(courses) if courses else None


def copied(kept: Recorder) -> Recorder:
    """A copy that goes its own way: what was kept of the reported days is in both."""
    return replace(
        kept,
        atoms=kept.atoms.copy(),
        unknowns=kept.unknowns.copy(),
        counts=kept.counts.copy(),
        bands=kept.bands.copy(),
        collided=kept.collided.copy(),
        logs=kept.logs.copy(),
        series=kept.series.copy(),
    )


def draw(
    f: Filter, clouds: list[Particles], parts: Floats, n: int, day: int
) -> list[NDArray[np.int64]]:
    """For each island, the worlds drawn from it: systematic resampling over all of them."""
    weights = np.concatenate([s * c.weights for s, c in zip(parts, clouds, strict=True)])
    die = float(uniforms(named_keys(f.seed, f"drawn on day {day}", 1), "which")[0])
    place = drawn(weights, die, n)
    edges = np.cumsum([0, *(len(c.weights) for c in clouds)])
    return [(place[(place >= a) & (place < b)] - a).astype(np.int64) for a, b in pairwise(edges)]


def relive(
    f: Filter,
    kept: Recorder,
    memory: Floats,
    width: int,
    cloud: Particles,
    which: NDArray[np.int64],
    last: int,
    stop: NDArray[np.int64] | None = None,
) -> None:
    """Lives worlds of a cloud again through the reports, into `memory` (slots, width), which is
    the filter's before the first morning."""
    memory[f.given, : len(which)] = cloud.quantiles[:, which]
    flat = memory.reshape(-1)
    keys = np.ascontiguousarray(cloud.keys[:, which])
    advance(
        t=f.tape, kept=kept, memory=flat, width=width, keys=keys[0], first=-1, lasts=0, stop=stop
    )
    ends = [*cloud.starts[1:], last + 1]
    for k, (first, end) in enumerate(zip(cloud.starts, ends, strict=True)):
        if first < min(end, last + 1):
            advance(
                t=f.tape,
                kept=kept,
                memory=flat,
                width=width,
                keys=keys[k],
                first=first,
                lasts=min(end, last + 1),
                stop=stop,
            )

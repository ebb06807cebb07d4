"""Can the model say what an author says? For each judgement, a setting of the unknowns at which the
question has a probability inside the judged interval, or the range that was attained instead.

A setting is a point: every unknown at one value, written as a quantile of its prior under the
author's premises, between the 1% and the 99% point. The probability at a setting is the share of
worlds simulated at it, each on its own dice. A search begins at the medians. While the interval is
not straddled it climbs: the outcomes of a cloud of worlds (first the free ones, then some about the
best setting so far) are regressed on the unknowns (`meld.fit`), and those whose coefficients can
be told from 0 go to the far end of their range. Then it halves the way between the medians and
where it arrived. What was found is simulated once more on fresh dice, and that share is what is
reported, so that it does not flatter.

`reachable` is proved by its witness; `out of reach` says no more than that this search found no
setting, for a search is not the whole space. That a setting exists is weak: it says that the model
could hold the view, not that the author's premises lead there (that is `assess`).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from offramp.answers.forecast import Arm, Support, Watch, arms_of, happened, watches
from offramp.answers.sampling import mc_error
from offramp.case.assessments import Assessment, Judgement
from offramp.case.case import Case
from offramp.engine.blocks.settings import Settable, in_turn, lived, settable
from offramp.engine.by_value import ByValue
from offramp.engine.ensemble import Ensemble
from offramp.engine.noise import Keys, named_keys, site, world_keys
from offramp.engine.plan import plan, quantile
from offramp.engine.run import Progress, asked_only
from offramp.explain.meld import design, fit
from offramp.language.crisis import Crisis
from offramp.language.edits import edited

Floats = NDArray[np.float64]
Status = Literal["reachable", "out of reach", "premise", "inexpressible"]
EDGE = 0.01  # no unknown is set beyond its 1% and 99% points
SURE = 2.5  # errors of a coefficient beyond which it gives a direction
LEAST = 2  # unknowns that give a direction in any case: the surest
CLIMBS = 3  # clouds about the best setting so far
ROUNDS = 8  # halvings of the way from the medians
SEARCH = 0.25  # worlds a setting in the search, as a share of those that confirm
MET = 30  # worlds that meet a question's condition, below which a share of them says nothing
TRIES = 3  # settings confirmed on fresh dice before a judgement is given up


@dataclass(frozen=True)
class Set:
    """An unknown away from its median: the quantile, and what it is there."""

    unknown: str
    quantile: float
    value: str


@dataclass(frozen=True)
class Reach:
    """probability  at the witness, on fresh dice, with its Monte Carlo error
    range        lowest and highest probability that any setting tried gave
    clear        the probability lies inside the interval, or that of every setting tried outside
                 it, by two errors
    """

    assessment: str
    judgement: Judgement
    status: Status
    probability: float | None
    mc_error: float | None
    clear: bool
    setting: tuple[Set, ...]
    range: tuple[float, float] | None
    tried: int
    reason: str


@dataclass(frozen=True, eq=False)
class Request(ByValue):
    """Worlds that a search wants: quantiles (worlds, dice), on dice of this name."""

    quantiles: Floats
    dice: str


@dataclass(frozen=True, eq=False)
class Tried(ByValue):
    """A setting, and how many of the worlds at it met the question's condition and came true."""

    place: Floats
    counted: int
    true: int

    @property
    def probability(self) -> float:
        return self.true / self.counted if self.counted else math.nan

    @property
    def error(self) -> float:
        return mc_error(self.true, self.counted) if self.counted else math.inf

    @property
    def speaks(self) -> bool:
        return self.counted >= MET

    @property
    def far(self) -> float:
        """How far from the medians, all unknowns together."""
        return float(np.abs(self.place - 0.5).sum())


@dataclass(frozen=True)
class Found:
    """What a search ended with: the settings tried, those simulated again on fresh dice."""

    tried: tuple[Tried, ...]
    confirmed: tuple[Tried, ...]
    reached: Tried | None


Hunt = Generator[Request, Ensemble, Found]


def reach(
    case: Case,
    assessment: Assessment,
    worlds: int,
    seed: int,
    threads: int | None = None,
    progress: Progress | None = None,
) -> tuple[Reach, ...]:
    """Every judgement of an assessment, in the order of its file. `case` is the case under it;
    `worlds` how many are simulated free, and at each setting that is reported."""
    asked = tuple(j for j in assessment.judgements if j.question is not None)
    found = dict[int, Reach]()
    wanted = {j.question for j in asked}
    questions = [q for q in case.questions if q.id in wanted]
    free = tuple(q.id for q in questions if not q.supposes)
    for arm in (Arm((), free), *arms_of(questions)):
        theirs = tuple(j for j in asked if j.question in arm.questions)
        if theirs:
            own = replace(
                case,
                crisis=edited(case.crisis, arm.edits),
                questions=tuple(q for q in questions if q.id in arm.questions),
            )
            found |= _of_one(own, assessment.id, theirs, worlds, seed, threads, progress)
    return tuple(
        found[id(j)] if j.question is not None else _without(assessment, j)
        for j in assessment.judgements
    )


def _of_one(
    case: Case,
    name: str,
    asked: tuple[Judgement, ...],
    worlds: int,
    seed: int,
    threads: int | None,
    progress: Progress | None,
) -> dict[int, Reach]:
    """The judgements on the questions of one crisis: as it is, or under the edits of an `if:`."""
    watched, monitors = watches(case, case.crisis.first)
    s = settable(plan(case.crisis))
    job = asked_only(case.crisis, monitors, seed)

    def live(q: Floats, keys: Keys) -> Ensemble:
        return lived(s, job, q, keys, threads, progress)

    known = {w.question.id: w for w in watched}
    return _all(case, name, s, asked, known, live, worlds, seed)


def _without(assessment: Assessment, j: Judgement) -> Reach:
    def row(status: Status, reason: str) -> Reach:
        return Reach(
            assessment=assessment.id,
            judgement=j,
            status=status,
            probability=None,
            mc_error=None,
            clear=False,
            setting=(),
            range=None,
            tried=0,
            reason=reason,
        )

    if not j.premise:
        return row("inexpressible", j.inexpressible)
    gone = set(j.premise) - {o.what for o in assessment.overrides}
    if gone:
        return row("out of reach", "no premise sets " + ", ".join(sorted(gone)))
    return row("premise", "carried by " + ", ".join(j.premise))


def _all(
    case: Case,
    name: str,
    s: Settable,
    asked: tuple[Judgement, ...],
    known: dict[str, Watch],
    live: Callable[[Floats, Keys], Ensemble],
    worlds: int,
    seed: int,
) -> dict[int, Reach]:
    """All judgements side by side: what they want next is one run, equal wants once."""
    keys = world_keys(seed, range(worlds))
    free = live(s.shown(keys), keys)
    rest = Support(case)
    hunts = list[tuple[Judgement, Hunt]]()
    for j in asked:
        assert j.question is not None
        interval = judged(j)
        w = known[j.question]
        near = nearby(case.crisis, s, set(rest.behind(w.question)))
        hunts.append((j, hunt(case.crisis, s, w, interval, near, free, worlds)))
    out = dict[int, Reach]()
    going = [(j, h, next(h)) for j, h in hunts]
    while going:
        wants = {(r.quantiles.tobytes(), r.dice): r for _, _, r in going}
        parts = [
            (r.quantiles, named_keys(seed, f"reach: {r.dice}", len(r.quantiles)))
            for r in wants.values()
        ]
        had = dict(zip(wants, in_turn(parts, live), strict=True))
        left = []
        for j, h, r in going:
            try:
                left.append((j, h, h.send(had[r.quantiles.tobytes(), r.dice])))
            except StopIteration as end:
                out[id(j)] = _result(case.crisis, s, name, j, end.value)
        going = left
    return out


def nearby(crisis: Crisis, s: Settable, behind: set[str]) -> NDArray[np.bool_]:
    """Per die, whether anything that it decides can move the answer at all."""
    return np.array(
        [any(f"unknown {crisis.unknowns[i].name}" in behind for i in of) for of in s.of], bool
    )


def hunt(
    crisis: Crisis,
    s: Settable,
    w: Watch,
    interval: tuple[float, float],
    near: NDArray[np.bool_],
    free: Ensemble,
    worlds: int,
) -> Hunt:
    """One judgement's search: the medians, then towards the interval from where free worlds
    point, then by climbing, then halving between the medians and where the climb arrived."""
    low, high = interval
    few = max(64, int(worlds * SEARCH))
    tried, confirmed = list[Tried](), list[Tried]()

    def look(place: Floats) -> Generator[Request, Ensemble, Tried]:
        e = yield Request(np.tile(place, (few, 1)), "search")
        tried.append(_count(s, w, place, e))
        return tried[-1]

    def show(place: Floats) -> Generator[Request, Ensemble, Tried]:
        e = yield Request(np.tile(place, (worlds, 1)), f"shown {len(confirmed)}")
        confirmed.append(_count(s, w, place, e))
        return confirmed[-1]

    middle = np.full(len(s.dice), 0.5)
    start = yield from look(middle)
    best, cloud, drawn = start, free, s.shown(world_keys(free.seed, free.numbers))
    for climb in range(CLIMBS + 1):
        if _inside(best, interval) or _across(start, best, interval):
            break
        up = not best.speaks or best.probability < (low + high) / 2.0
        end = ahead(crisis, s, w, cloud, drawn, best, near, 1.0 if up else -1.0)
        there = yield from look(end)
        better = there.speaks and (not best.speaks or (there.probability > best.probability) == up)
        if better or (there.counted > best.counted and not best.speaks):
            best = there
        if climb < CLIMBS:
            drawn = around(best.place, near, worlds, f"{w.question.id} {climb} {up}")
            cloud = yield Request(drawn, f"around {climb}")
    a, b = 0.0, 1.0
    for _ in range(ROUNDS):
        if _inside(best, interval) or not _across(start, best, interval):
            break
        place = between(s, middle, best.place, (a + b) / 2.0)
        t = yield from look(place)
        if _inside(t, interval):
            break
        over = t.probability > (low + high) / 2.0
        if over == (best.probability > (low + high) / 2.0):
            b = (a + b) / 2.0
        else:
            a = (a + b) / 2.0
    while len(confirmed) < TRIES:
        done = {t.place.tobytes() for t in confirmed}
        left = [
            t
            for t in tried
            if t.speaks and low <= t.probability <= high and t.place.tobytes() not in done
        ]
        if not left:
            break
        sure = [t for t in left if _inside(t, interval)]
        nearest = min(sure or left, key=lambda t: t.far if sure else -_depth(t, interval))
        shown = yield from show(nearest.place)
        if shown.speaks and low <= shown.probability <= high:
            return Found(tuple(tried), tuple(confirmed), shown)
    if not confirmed:  # the range that is told is then not of the luckiest of a few worlds
        yield from show(best.place)
    return Found(tuple(tried), tuple(confirmed), None)


def judged(j: Judgement) -> tuple[float, float]:
    """The interval of a judgement on a question."""
    if j.low is None or j.high is None:
        raise ValueError(f"{j.passage} judges no question")
    return j.low, j.high


def _count(s: Settable, w: Watch, place: Floats, e: Ensemble) -> Tried:
    counted, true = (np.array(x, bool) for x in happened(s.plan, w, e))
    return Tried(place, int(counted.sum()), int((true & counted).sum()))


def _depth(t: Tried, interval: tuple[float, float]) -> float:
    """How far inside the interval, in errors; negative outside."""
    return min(t.probability - interval[0], interval[1] - t.probability) / t.error


def _inside(t: Tried, interval: tuple[float, float]) -> bool:
    """Deep enough that fresh dice will probably agree; of a narrow interval its middle half."""
    quarter = 0.25 * (interval[1] - interval[0])
    return t.speaks and _depth(t, interval) * t.error >= min(1.5 * t.error, quarter)


def _across(start: Tried, best: Tried, interval: tuple[float, float]) -> bool:
    """Whether the interval's middle lies between two settings."""
    middle = sum(interval) / 2.0
    return (
        start.speaks and best.speaks and (start.probability < middle) != (best.probability < middle)
    )


def ahead(
    crisis: Crisis,
    s: Settable,
    w: Watch,
    cloud: Ensemble,
    drawn: Floats,
    best: Tried,
    near: NDArray[np.bool_],
    sign: float,
) -> Floats:
    """Where the question would be likelier (sign 1) or less likely (-1) by the worlds of a cloud:
    each unknown whose coefficient can be told from 0 goes to its far end, or to its likeliest
    named value; the others stay where the best setting has them. Where too few worlds meet the
    question's condition, the condition itself is sought."""
    counted, true = (np.array(x, bool) for x in happened(s.plan, w, cloud))
    if not best.speaks:
        counted, true = np.ones(len(counted), bool), counted
    out = best.place.copy()
    if not 0 < int((true & counted).sum()) < int(counted.sum()):
        return out
    x = design(crisis, cloud.unknowns[counted])
    f = fit(x.columns, true[counted])
    slopes = sign * f.coefficients[1:]
    z = slopes / np.sqrt(np.diag(f.covariance))[1:]
    chosen = {c for c in range(len(z)) if abs(z[c]) > SURE}
    chosen |= set(np.argsort(-np.abs(z))[:LEAST].tolist())
    for k, of in enumerate(s.of):
        columns = [c for c, u in enumerate(x.of) if u == of[0]]
        if not near[k] or not chosen & set(columns):
            continue
        if crisis.unknowns[of[0]].options:
            out[k] = _likeliest(s, of[0], cloud.unknowns[counted, of[0]], slopes[columns])
        else:
            out[k] = 1.0 - EDGE if slopes[columns[0]] > 0.0 else EDGE
    return out


def _likeliest(s: Settable, i: int, own: Floats, slopes: Floats) -> float:
    """The middle of the interval of the die that draws the named value of the greatest slope."""
    chances = s.plan.priors[i].chances
    edges = np.cumsum([0.0, *chances])
    spread = {j: float((own == j).std()) for j in range(len(chances))}
    weights = {0: 0.0} if spread[0] > 0.0 else {}
    varied = [j for j in range(1, len(chances)) if spread[j] > 1e-12]
    weights |= {j: float(b) / spread[j] for j, b in zip(varied, slopes, strict=True)}
    j = max(weights, key=lambda v: weights[v])
    return float((edges[j] + edges[j + 1]) / 2.0)


def around(place: Floats, near: NDArray[np.bool_], worlds: int, name: str) -> Floats:
    """A cloud about a setting: each unknown by itself stays or, in half of the worlds, is drawn
    anew from its prior, so that one run screens all of them (a factorial design)."""
    r = np.random.default_rng(site(name))
    fresh = r.uniform(EDGE, 1.0 - EDGE, (worlds, len(place)))
    kept = (r.random((worlds, len(place))) < 0.5) | ~near
    return np.where(kept, place, fresh)


def between(s: Settable, middle: Floats, end: Floats, t: float) -> Floats:
    """A share t of the way from the medians to a setting. Named values turn one after the other,
    spread evenly over the way: a quantile between two of them would be a third."""
    out = middle + t * (end - middle)
    named = [
        k
        for k, of in enumerate(s.of)
        if s.plan.priors[of[0]].kind == "among" and end[k] != middle[k]
    ]
    for n, k in enumerate(named):
        out[k] = end[k] if t > (n + 1.0) / (len(named) + 1.0) else middle[k]
    return np.asarray(out)


def _result(crisis: Crisis, s: Settable, name: str, j: Judgement, f: Found) -> Reach:
    low, high = judged(j)
    known = {t.place.tobytes(): t for t in (*f.tried, *f.confirmed)}  # the confirmed last
    heard = [t.probability for t in known.values() if t.speaks]
    span = (min(heard), max(heard)) if heard else None
    n, t = len(f.tried) + len(f.confirmed), f.reached
    if t is not None:
        clear = _depth(t, (low, high)) >= 2.0
        away = setting(crisis, s, t.place)
        return Reach(
            assessment=name,
            judgement=j,
            status="reachable",
            probability=t.probability,
            mc_error=t.error,
            clear=clear,
            setting=away,
            range=span,
            tried=n,
            reason="" if away else "at the medians",
        )
    if span is None:
        met = max(t.counted for t in f.tried)
        reason = f"at no values tried do enough worlds meet its condition (at most {met})"
    elif span[1] < low:
        reason = "no setting tried makes it likely enough"
    elif span[0] > high:
        reason = "no setting tried makes it unlikely enough"
    else:
        reason = "settings tried lie on both sides; none between was found or confirmed"
    return Reach(
        assessment=name,
        judgement=j,
        status="out of reach",
        probability=None,
        mc_error=None,
        clear=span is not None
        and all(_depth(t, (low, high)) <= -2.0 for t in known.values() if t.speaks),
        setting=(),
        range=span,
        tried=n,
        reason=reason,
    )


def setting(crisis: Crisis, s: Settable, x: Floats) -> tuple[Set, ...]:
    """What a setting says, the farthest from the median first; named values always differ from the
    median's or are left out."""
    out = []
    for k, of in enumerate(s.of):
        for i in of:
            unknown, prior = crisis.unknowns[i], s.plan.priors[i]
            if unknown.options:
                edges = np.cumsum(prior.chances)
                last = len(edges) - 1
                drawn = np.searchsorted(edges, [x[k], 0.5], "right").tolist()
                places = [min(last, int(place)) for place in drawn]
                if places[0] != places[1]:
                    out.append(Set(unknown.name, float(x[k]), unknown.options[places[0]].name))
            elif abs(x[k] - 0.5) > 0.005:
                value = quantile(prior.kind, prior.a, prior.b, x[k])
                out.append(Set(unknown.name, float(x[k]), f"{value:.3g}"))
    return tuple(sorted(out, key=lambda o: -abs(o.quantile - 0.5)))


STATUSES: tuple[Status, ...] = ("reachable", "out of reach", "premise", "inexpressible")


def counts_of(rows: Iterable[Reach]) -> dict[Status, int]:
    """How many judgements have which status."""
    found = Counter(r.status for r in rows)
    return {status: found[status] for status in STATUSES}

"""What each answer depends on: which unknowns, how much of it is chance, and in what box.

An outcome Y of a world is a function of its unknowns, each one uniform number by inversion, and of
its dice, which all hang on one key. The key is taken as one more factor, `chance`, so that Y is a
function of k + 1 independent numbers and the variance decomposition of Sobol (2001) holds as it
stands: the seed of a stochastic simulator as one more input (Marrel, Iooss, Da Veiga and Ribatet
2012). Of a factor, `first` is the share of the variance of Y that goes if it alone were known,
`total` the share that stays as long as it alone is not; rows by Saltelli's scheme, estimators of
Saltelli et al. (2010) and Jansen (1999), with SALib. From chance's two indices follows what an
analyst asks first: 1 - total is what the unknowns settle by themselves, first is what the dice do
whatever the unknowns are, and the rest is both together.

Beside that: rank correlations over free worlds; the answer with one unknown at a low and a high
value and all else as drawn, with the same noise; and the box of unknowns in which a question comes
true much more often (`discovery`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from offramp.answers.forecast import Support, Watch, happened, outcomes, watches
from offramp.answers.sampling import mc_error
from offramp.case.case import Case
from offramp.engine.blocks.settings import Settable, lived, settable
from offramp.engine.ensemble import Ensemble
from offramp.engine.monitors import Monitor
from offramp.engine.noise import Keys, mix, mixed, site, world_keys
from offramp.engine.plan import plan
from offramp.engine.run import Progress, asked_only
from offramp.explain.discovery import Box, discover
from offramp.explain.why import spelt
from offramp.language.crisis import Crisis, Unknown
from offramp.language.questions import Question

Floats = NDArray[np.float64]
CHANCE = "chance"
LOW, HIGH = 0.1, 0.9  # points of a prior at which an unknown is held
FREE = 4  # free worlds, as a multiple of Saltelli's rows
HELD = 0.5  # worlds a value at which an unknown is held, likewise
PART = 16384  # worlds simulated at a time: what is kept of each is a few numbers
RESAMPLES = 200  # of the bootstrap
SURE = 3.0 / 1.96  # half widths of 95% that make three errors, as in `why`
RARE = 0.1  # share of worlds with the rarer answer below which that is said
FEW = 30  # worlds that come true, or that do not, below which nothing is said of what moves it


@dataclass(frozen=True)
class Factor:
    """An unknown (or several of one die), or chance. `names` are its values where it has names."""

    name: str
    title: str
    unknowns: tuple[int, ...]
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Index:
    """Sobol's indices of a factor with the half widths of their 95% intervals (bootstrap)."""

    factor: str
    first: float
    first_conf: float
    total: float
    total_conf: float

    @property
    def told(self) -> bool:
        """Whether the first-order index can be told from 0: three errors."""
        return self.first > SURE * self.first_conf

    @property
    def matters(self) -> bool:
        return self.total > SURE * self.total_conf


@dataclass(frozen=True)
class Rank:
    """Spearman's rank correlation of an unknown (or of having a named `value`) with the outcome,
    its 95% interval (Bonett and Wright 2000), and the partial one: with what the other unknowns
    happen to carry taken out."""

    factor: str
    value: str
    spearman: float
    interval: tuple[float, float]
    partial: float

    @property
    def told(self) -> bool:
        middle = math.atanh(min(0.999999, max(-0.999999, self.spearman)))
        half = math.atanh(min(0.999999, self.interval[1])) - middle
        return abs(middle) > SURE * half


@dataclass(frozen=True)
class OneAtATime:
    """The answer with a factor held at two of its values, all else as drawn, with the same noise.

    `error` is that of the difference `high - low`, from pairs of worlds.
    """

    factor: str
    at_low: str
    at_high: str
    low: float
    high: float
    error: float

    @property
    def difference(self) -> float:
        return self.high - self.low

    @property
    def told(self) -> bool:
        return abs(self.difference) > 3.0 * self.error


@dataclass(frozen=True)
class Dependence:
    """What one answer depends on.

    value    of the answer in free worlds: a probability, or the mean of a number or of a date (as
             an ordinal; a date that does not come counts as the day after its window)
    counted  free worlds that meet its condition; true those of them in which it comes true
    note     what is not said, and why
    """

    question: Question
    value: float
    error: float
    counted: int
    true: int
    indices: tuple[Index, ...]
    ranks: tuple[Rank, ...]
    held: tuple[OneAtATime, ...]
    box: Box | None
    note: str = ""

    @property
    def chance(self) -> Index | None:
        return next((i for i in self.indices if i.factor == CHANCE), None)

    @property
    def rare(self) -> bool:
        """Whether one answer is so rare that what is not told may be there all the same."""
        few = min(self.true, self.counted - self.true)
        return (
            self.question.binary and bool(self.indices or self.held) and few < RARE * self.counted
        )

    @property
    def settled(self) -> float | None:
        """Share of the variance that the unknowns settle by themselves."""
        return None if self.chance is None else 1.0 - self.chance.total


@dataclass(frozen=True)
class Sensitivity:
    case: Case
    seed: int
    rows: int
    free: int
    at_each: int
    worlds: int
    factors: tuple[Factor, ...]
    answers: tuple[Dependence, ...]

    def __repr__(self) -> str:
        return (
            f"<Sensitivity of {self.case.id}: {len(self.answers)} answers, {self.worlds:,} worlds>"
        )


def factors_of(crisis: Crisis, s: Settable) -> tuple[Factor, ...]:
    out = []
    for of in s.of:
        own = [crisis.unknowns[i] for i in of]
        names = tuple(o.name for o in own[0].options) if len(own) == 1 else ()
        out.append(Factor(" and ".join(u.name for u in own), spelt(own[0]), of, names))
    return tuple(out)


def sizes(worlds: int) -> tuple[int, int, int]:
    """Rows of Saltelli's scheme (a power of 2, which Sobol's sequence wants), free worlds, and
    worlds a value at which an unknown is held."""
    rows = 1 << (max(2, worlds).bit_length() - 1)
    return rows, FREE * rows, int(HELD * rows)


def total_worlds(s: Settable, crisis: Crisis, worlds: int) -> int:
    rows, free, held = sizes(worlds)
    values = sum(len(at) for at in settings_of(crisis, s))
    return free + rows * (len(s.dice) + 3) + held * values


def answerable(case: Case) -> list[Question]:
    """Those of one number each, of the worlds as they are."""
    return [q for q in case.questions if q.kind_of != "choice" and not q.supposes]


def headlines(case: Case) -> tuple[str, ...]:
    """The headline questions; in a case without, the first six."""
    asked = answerable(case)
    return tuple(q.id for q in asked if q.headline) or tuple(q.id for q in asked[:6])


def sensitivity(
    case: Case,
    questions: tuple[str, ...],
    worlds: int,
    seed: int,
    threads: int | None = None,
    progress: Progress | None = None,
    prepared: Settable | None = None,
) -> Sensitivity:
    """Lives the worlds for all questions at once. `worlds` is the number of Saltelli's rows,
    rounded down to a power of 2; the free worlds are those of `offramp forecast` with the seed."""
    asked = tuple(q for q in case.questions if q.id in questions)
    crisis, s = case.crisis, prepared or settable(plan(case.crisis))
    watched, monitors = watches(replace(case, questions=asked), crisis.first)
    live = _Live(
        s=s, watched=watched, monitors=monitors, seed=seed, threads=threads, progress=progress
    )
    rows, free, at_each = sizes(worlds)
    factors = factors_of(crisis, s)
    keys = world_keys(seed, range(free))
    quantiles = s.shown(keys)
    freely, unknowns = live(quantiles, keys)
    scheme = saltelli(len(factors), rows, seed)
    of_rows, _ = live(scheme[:, :-1], chance_keys(scheme[:, -1], seed))
    turned = _held_worlds(s, crisis, live, quantiles[:at_each], keys[:at_each])
    rest = Support(case)
    answers = []
    for j, w in enumerate(watched):
        behind = set(rest.behind(w.question))
        near = tuple(
            k
            for k, f in enumerate(factors)
            if any(f"unknown {crisis.unknowns[i].name}" in behind for i in f.unknowns)
        )
        held = [
            (k, at_low, low[:, j], at_high, high[:, j])
            for k, at_low, low, at_high, high in turned
            if k in near
        ]
        answers.append(
            _dependence(crisis, w, factors, near, freely[:, j], unknowns, of_rows[:, j], held, seed)
        )
    done = free + len(scheme) + at_each * sum(len(at) for at in settings_of(crisis, s))
    return Sensitivity(
        case=case,
        seed=seed,
        rows=rows,
        free=free,
        at_each=at_each,
        worlds=done,
        factors=factors,
        answers=tuple(answers),
    )


class _Live:
    """Worlds at given quantiles on given dice, and each question's outcome in each of them: nan
    where its condition is not met."""

    def __init__(
        self,
        s: Settable,
        watched: list[Watch],
        monitors: tuple[Monitor, ...],
        seed: int,
        threads: int | None,
        progress: Progress | None,
    ) -> None:
        self.s, self.watched, self.threads, self.progress = s, watched, threads, progress
        self.job = asked_only(s.plan.crisis, monitors, seed)

    def __call__(self, quantiles: Floats, keys: Keys) -> tuple[Floats, Floats]:
        values, unknowns = [], []
        for a in range(0, len(keys), PART):
            e = lived(
                self.s,
                self.job,
                quantiles[a : a + PART],
                keys[a : a + PART],
                self.threads,
                self.progress,
            )
            values.append(np.column_stack([outcome(self.s, w, e) for w in self.watched]))
            unknowns.append(e.unknowns)
        return np.concatenate(values), np.concatenate(unknowns)


def outcome(s: Settable, w: Watch, e: Ensemble) -> Floats:
    """One number a world: 1 or 0, a number, or a date as an ordinal; nan where the question's
    condition is not met."""
    q = w.question
    if q.binary:
        counted, true = happened(s.plan, w, e)
        return np.where(np.array(counted, bool), np.array(true, float), math.nan)
    values = np.array(outcomes(s.plan, w, q.asks, e.atoms), float)
    if q.kind_of == "date":
        values = np.minimum(values + s.plan.layout.dates_from, w.last.toordinal() + 1)
    if q.given is not None:
        met, _ = happened(s.plan, w, e)
        values = np.where(np.array(met, bool), values, math.nan)
    return values


# ---- Sobol's indices ---------------------------------------------------------------------


def _problem(unknowns: int) -> dict[str, object]:
    names = [str(k) for k in range(unknowns + 1)]
    return {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}


def _seed(seed: int, name: str) -> int:
    """A seed of 32 bits for others' generators, never 0: SALib takes 0 for none."""
    return 1 + mix(mix(seed + 1) ^ site(name)) % (2**32 - 2)


def saltelli(unknowns: int, rows: int, seed: int) -> Floats:
    """Saltelli's rows, (rows (unknowns + 3), unknowns + 1): scrambled Sobol points, chance last."""
    from SALib.sample import sobol

    own = _seed(seed, "saltelli")
    found = sobol.sample(_problem(unknowns), rows, calc_second_order=False, seed=own)
    return np.asarray(found, float)


def chance_keys(column: Floats, seed: int) -> Keys:
    """What all dice of a world hang on, from the place that `chance` takes in (0, 1)."""
    start = np.uint64(mix(seed + 1) ^ site(CHANCE))
    return mixed(np.ascontiguousarray(column, np.float64).view(np.uint64) ^ start)


def indices(y: Floats, names: tuple[str, ...], seed: int) -> tuple[Index, ...]:
    """Of outcomes in Saltelli's rows; `names` of all factors, in the order of the columns."""
    from SALib.analyze import sobol

    found = sobol.analyze(
        _problem(len(names) - 1),
        y,
        calc_second_order=False,
        num_resamples=RESAMPLES,
        seed=_seed(seed, "bootstrap"),
    )
    return tuple(
        Index(
            name,
            float(found["S1"][k]),
            float(found["S1_conf"][k]),
            float(found["ST"][k]),
            float(found["ST_conf"][k]),
        )
        for k, name in enumerate(names)
    )


# ---- one at a time -----------------------------------------------------------------------


def settings_of(crisis: Crisis, s: Settable) -> list[list[tuple[str, float]]]:
    """Per factor, the values at which it is held, in words, and the quantile that gives each: the
    10% and 90% points of a number, every named value of a name."""
    out = []
    for of in s.of:
        u = crisis.unknowns[of[0]]
        out.append(_points(s, of[0], u) if not u.options or len(of) > 1 else _values(s, of[0], u))
    return out


def _points(s: Settable, i: int, u: Unknown) -> list[tuple[str, float]]:
    from offramp.engine.plan import quantile

    prior = s.plan.priors[i]
    if u.options:
        return [(f"{p:.0%}", p) for p in (LOW, HIGH)]
    return [(f"{quantile(prior.kind, prior.a, prior.b, p):.3g}", p) for p in (LOW, HIGH)]


def _values(s: Settable, i: int, u: Unknown) -> list[tuple[str, float]]:
    """Each named value at the middle of the interval of the die that draws it."""
    out, total = [], 0.0
    for option, p in zip(u.options, s.plan.priors[i].chances, strict=True):
        if p > 0.0:
            out.append((option.name, min(1.0, total + p / 2.0)))
        total += p
    return out


def _held_worlds(
    s: Settable,
    crisis: Crisis,
    live: Callable[[Floats, Keys], tuple[Floats, Floats]],
    quantiles: Floats,
    keys: Keys,
) -> list[tuple[int, str, Floats, str, Floats]]:
    """Per pair of values (the two points of a number, neighbours of a name's first and others):
    factor, value and outcomes, value and outcomes."""
    at = [(k, words, p) for k, own in enumerate(settings_of(crisis, s)) for words, p in own]
    rows = []
    for k, _, p in at:
        changed = quantiles.copy()
        changed[:, k] = p
        rows.append(changed)
    if not at:
        return []
    values, _ = live(np.concatenate(rows), np.tile(keys, len(at)))
    n, out = len(keys), []
    found = [(k, words, values[i * n : (i + 1) * n]) for i, (k, words, _) in enumerate(at)]
    for a, (k, words, low) in enumerate(found):
        out += [(k, words, low, more, high) for other, more, high in found[a + 1 :] if other == k]
    return out


def difference(low: Floats, high: Floats) -> tuple[float, float, float]:
    """The two means, and the error of their difference from pairs of worlds with the same noise;
    nan is left out. One pair of each sign is thought added, so that an error is never 0."""
    n = len(low)
    means, parts = [], []
    for y in (low, high):
        met = ~np.isnan(y)
        share = float(met.mean())
        mean = float(y[met].mean()) if share else math.nan
        means.append(mean)
        parts.append(np.where(met, y - mean, 0.0) / share if share else np.zeros(n))
    pairs = parts[1] - parts[0]
    scale = max(float(np.nanmax(y)) - float(np.nanmin(y)) for y in (low, high)) or 1.0
    floor = 2.0 * scale * scale / (n + 2)
    return means[0], means[1], math.sqrt((float(pairs.var()) + floor) / n)


# ---- ranks -------------------------------------------------------------------------------


def ranks(
    crisis: Crisis, factors: tuple[Factor, ...], near: tuple[int, ...], unknowns: Floats, y: Floats
) -> tuple[Rank, ...]:
    from scipy.stats import rankdata

    columns, of = list[Floats](), list[tuple[str, str]]()
    for k in near:
        f = factors[k]
        x = unknowns[:, f.unknowns[0]]
        if not f.names:
            columns.append(x)
            of.append((f.name, ""))
        for j, name in enumerate(f.names):
            columns.append((x == j).astype(float))
            of.append((f.name, name))
    kept = [i for i, c in enumerate(columns) if float(c.std()) > 0.0]
    if not kept or float(y.std()) == 0.0:
        return ()
    ranked = np.column_stack([*(rankdata(columns[i]) for i in kept), rankdata(y)])
    r = np.corrcoef(ranked, rowvar=False)
    n, out = len(y), []
    for place, i in enumerate(kept):
        rho = float(r[place, -1])
        half = 1.96 * math.sqrt((1.0 + rho * rho / 2.0) / (n - 3))
        z = math.atanh(min(0.999999, max(-0.999999, rho)))
        # The values of one name sum to 1: of those only the value's own column stays in.
        rest = [p for p, o in enumerate(kept) if o != i and of[o][0] != of[i][0]]
        rest = [p for p in rest if of[kept[p]][1] != _last_value(kept, of, p)]
        out.append(
            Rank(*of[i], rho, (math.tanh(z - half), math.tanh(z + half)), partial(r, place, rest))
        )
    return tuple(out)


def _last_value(kept: list[int], of: list[tuple[str, str]], p: int) -> str | None:
    """The last kept value of the name that a column belongs to; None for a number."""
    name, value = of[kept[p]]
    return [of[o][1] for o in kept if of[o][0] == name][-1] if value else None


def partial(r: Floats, place: int, rest: list[int]) -> float:
    """The correlation of a column with the last, with the `rest` taken out of both."""
    pair = [place, len(r) - 1]
    own = r[np.ix_(pair, pair)]
    if rest:
        cross = r[np.ix_(pair, rest)]
        own = own - cross @ np.linalg.solve(r[np.ix_(rest, rest)], cross.T)
    return float(own[0, 1] / math.sqrt(own[0, 0] * own[1, 1]))


# ---- all of one question -----------------------------------------------------------------


def _dependence(
    crisis: Crisis,
    w: Watch,
    factors: tuple[Factor, ...],
    near: tuple[int, ...],
    free: Floats,
    unknowns: Floats,
    rows: Floats,
    held: list[tuple[int, str, Floats, str, Floats]],
    seed: int,
) -> Dependence:
    q = w.question
    met = ~np.isnan(free)
    y, x = free[met], unknowns[met]
    n, true = len(y), int(y.sum()) if q.binary else 0
    value = float(y.mean()) if n else math.nan
    if q.binary:
        error = mc_error(true, n) if n else math.nan
        scarce = min(true, n - true) < FEW
        note = f"comes true in {true} of {n} worlds: too one-sided to say what moves it"
    else:
        error = float(y.std()) / math.sqrt(n) if n else math.nan
        scarce = n < FEW or float(y.std()) == 0.0
        note = f"takes one value in {n} worlds" if n else ""
    if n == 0:
        return Dependence(
            question=q,
            value=value,
            error=error,
            counted=0,
            true=0,
            indices=(),
            ranks=(),
            held=(),
            box=None,
            note="no world meets its condition",
        )
    if scarce:
        return Dependence(
            question=q,
            value=value,
            error=error,
            counted=n,
            true=true,
            indices=(),
            ranks=(),
            held=(),
            box=None,
            note=note,
        )
    found, note = tuple[Index, ...](), ""
    if q.given is not None:
        note = "no indices: in worlds that do not meet its condition it has no answer"
    elif float(rows.std()) == 0.0:
        note = "no indices: it takes one value in all of Saltelli's rows"
    else:
        found = indices(rows, (*(f.name for f in factors), CHANCE), seed)
    turned = []
    for k, at_low, low, at_high, high in held:
        if np.isnan(low).all() or np.isnan(high).all():
            continue
        a, b, e = difference(low, high)
        turned.append(
            OneAtATime(
                factor=factors[k].name, at_low=at_low, at_high=at_high, low=a, high=b, error=e
            )
        )
    box = None
    if q.binary:
        columns = [factors[k].unknowns[0] for k in near]
        named = tuple(p for p, k in enumerate(near) if factors[k].names)
        box = discover(x[:, columns], y > 0.5, named)
        box = replace(box, limits=tuple(replace(o, column=near[o.column]) for o in box.limits))
    return Dependence(
        question=q,
        value=value,
        error=error,
        counted=n,
        true=true,
        indices=found,
        ranks=ranks(crisis, factors, near, x, y),
        held=tuple(turned),
        box=box,
        note=note,
    )


# ---- in words, and as JSON ---------------------------------------------------------------


def words_of(d: Dependence, factors: tuple[Factor, ...]) -> str:
    """The box in a sentence, measured on the worlds that the search did not see."""
    from offramp.answers.wording import percent

    box = d.box
    if box is None:
        return ""
    where = d.question.where
    if not box.stands:
        among = f" among worlds in which {where}" if where else ""
        return f"No box of unknowns was found in which it comes true much more often{among}."
    m = box.held_out
    limits = " and ".join(
        limit_words(factors[o.column], o.low, o.high, o.values) for o in box.limits
    )
    begin = f"Among worlds in which {where}: comes" if where else "Comes"
    return (
        f"{begin} true in {percent(m.density)} of worlds with {limits}, against {percent(m.base)} "
        f"overall; that box has {percent(m.mass)} of worlds and holds {percent(m.coverage)} of "
        "those in which it comes true."
    )


def limit_words(
    f: Factor, low: float | None, high: float | None, values: tuple[int, ...] | None
) -> str:
    if values is not None:
        return f"{f.name} {' or '.join(f.names[v] for v in values)}"
    if low is not None and high is not None:
        return f"{f.name} between {low:.3g} and {high:.3g}"
    return f"{f.name} below {high:.3g}" if low is None else f"{f.name} above {low:.3g}"

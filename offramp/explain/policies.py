"""Recommendations run against every assessment, under several stated losses.

Each assessment gets a posterior as of a day (or, `free`, worlds from the first day). The very same
worlds, with the same later dice, then go on once as they are and once under each policy's edits, so
that a difference between two policies is the edits' doing (common random numbers; Glasserman and
Yao 1992, Management Science 38). For a loss L, a policy p and an assessment a

    regret(p, a) = L(p, a) - min over q of L(q, a)

and minimax regret takes the policy whose largest regret over assessments is smallest (Savage 1951,
JASA 46). It needs no probabilities of assessments. Beside it stands the share of assessments in
which a policy is near the best (the domain criterion of Starr 1962, as in Lempert 2019).

Errors are Monte Carlo alone. Worlds among reports are copies of fewer draws, and the draws of an
island hang together. The error of a mean m over clusters of shares w_i and means m_i is

    sqrt( k/(k-1) * sum_i w_i^2 (m_i - m)^2 )      (ratio estimator; Cochran 1977, Sampling, 9)

taken once with all copies of one draw as a cluster and once with all worlds of an island; the
larger counts. With k alike it is the standard error of a mean of k numbers, and a world that is its
own cluster gives sd / sqrt(n). Two policies are a
tie where their paired difference is within two errors of nought. Regret is biased upwards by the
noise of the best mean; two errors of the difference from the best bound how much.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from offramp.engine.blocks.worlds import load as laid_out
from offramp.engine.blocks.worlds import simulate_all
from offramp.engine.elementary import normal_quantile
from offramp.engine.ensemble import Ensemble
from offramp.engine.plan import Plan, plan
from offramp.engine.run import Job, Progress
from offramp.forecast.answers import Watch, outcomes, watches
from offramp.forecast.conditioned import divided
from offramp.history.particles import prepare
from offramp.history.posterior import Impossible, Posterior, filtered, futures_under
from offramp.history.reports import History
from offramp.history.schedule import schedule
from offramp.language.assessments import Assessment, under
from offramp.language.case import Case
from offramp.language.crisis import Crisis
from offramp.language.diagnostics import Span
from offramp.language.edits import edited
from offramp.language.policies import AS_IT_IS, Agenda, Loss, Policy

SCHEMA = "offramp.policies/1"
TIE = 2.0  # errors within which two policies are a tie
SURE = 3.0  # errors beyond which one assessment tells two policies apart, where many are asked
LEAST = 0.1  # share of worlds that both sides of a split must have

Floats = NDArray[np.float64]
NOTHING = Policy(AS_IT_IS, "As it is", (), (), (), "", "", Span(AS_IT_IS, 1, 1))


# ---- worlds ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lived:
    """One assessment's worlds under every policy.

    terms     per loss, an array (policies, terms, worlds): what each term came to
    unknowns  (worlds, unknowns)
    groupings ways to divide the worlds into independent clusters, each (worlds,): by draw and by
              island; every world its own in a free run
    effective how many independent worlds the posterior is worth
    """

    assessment: str
    terms: tuple[Floats, ...]
    unknowns: Floats
    groupings: tuple[NDArray[np.int64], ...]
    effective: float

    @property
    def worlds(self) -> int:
        return len(self.unknowns)

    def loss(self, number: int) -> Floats:
        """(policies, worlds): the loss of each world."""
        return np.asarray(self.terms[number].sum(axis=1))


def rows_of(agenda: Agenda) -> tuple[Policy, ...]:
    """What is run: as it is, then every policy that is an edit."""
    return (NOTHING, *(p for p in agenda.policies if not p.inexpressible))


def distinct(rows: tuple[Policy, ...]) -> tuple[int, ...]:
    """For each row the first row with the same edits: equal programs are run once."""
    first: dict[tuple[str, ...], int] = {}
    return tuple(first.setdefault(p.does, i) for i, p in enumerate(rows))


def posterior_of(
    case: Case, history: History, as_of: dt.date, worlds: int, seed: int,
    threads: int | None = None, progress: Progress | None = None,
) -> Posterior:  # fmt: skip
    """Worlds that lived the reports known by a day. Raises Impossible where none could."""
    laid = plan(case.crisis)
    f = prepare(laid, schedule(laid, history, as_of, False, (as_of,)), seed)
    islands, size = divided(worlds)
    place = (as_of - case.crisis.first).days
    return filtered(f, islands, size, (place,), threads, progress)


def lived_among_reports(
    case: Case, agenda: Agenda, posteriors: dict[str, Posterior], as_of: dt.date, seed: int,
    each: int = 1, threads: int | None = None, progress: Progress | None = None,
) -> tuple[Lived, ...]:  # fmt: skip
    """The posterior worlds of each assessment, gone on under each policy from the day after.

    `each`: how often every posterior world goes on, with other dice each time. One tape serves a
    policy under all assessments: what they differ in, priors and starts, is drawn before the day
    on which it takes over.
    """
    rows, same = rows_of(agenda), distinct(rows_of(agenda))
    watched, job = watching(case, agenda, as_of + dt.timedelta(1), seed)
    places = sorted(set(same))
    tapes = tuple(
        laid_out(plan(edited(case.crisis, rows[i].edits)), keep=False) if rows[i].edits else None
        for i in places
    )
    out = []
    for name, p in posteriors.items():
        own = replace(job, crisis=p.filter.plan.crisis)
        day, n = len(p.days) - 1, p.worlds * each
        ran = dict(
            zip(places, futures_under(p, own, tapes, day, n, threads, progress), strict=True)
        )
        out.append(measured(case, agenda, name, watched, [ran[i] for i in same]))
    return tuple(out)


def lived_freely(
    case: Case, agenda: Agenda, crises: dict[str, Crisis], worlds: int, seed: int,
    threads: int | None = None, progress: Progress | None = None,
) -> tuple[Lived, ...]:  # fmt: skip
    """Worlds from the first day, with the edits from the first day."""
    rows, same = rows_of(agenda), distinct(rows_of(agenda))
    watched, job = watching(case, agenda, case.crisis.first, seed)
    places = sorted(set(same))
    out = []
    for name, crisis in crises.items():
        jobs = tuple(replace(job, crisis=edited(crisis, rows[i].edits)) for i in places)
        ran = dict(zip(places, simulate_all(jobs, worlds, threads, progress), strict=True))
        out.append(measured(case, agenda, name, watched, [ran[i] for i in same]))
    return tuple(out)


def watching(case: Case, agenda: Agenda, first: dt.date, seed: int) -> tuple[list[Watch], Job]:
    """What to watch for all terms of all losses, from a day on."""
    asked = tuple(q for loss in agenda.losses for q in loss.questions(case.crisis))
    watched, monitors = watches(replace(case, questions=asked), first)
    return watched, Job(case.crisis, monitors, seed)


def measured(
    case: Case, agenda: Agenda, name: str, watched: list[Watch], ensembles: list[Ensemble]
) -> Lived:
    """The terms of all losses in the worlds of each policy."""
    laid, left = plan(case.crisis), iter(watched)
    terms = []
    for loss in agenda.losses:
        own = list(itertools.islice(left, len(loss.terms)))
        values = [[_values(laid, w, e) for w in own] for e in ensembles]
        terms.append(np.array(values))
    first = ensembles[0]
    effective = float(first.worlds) if first.effective is None else first.effective
    return Lived(name, tuple(terms), first.unknowns, groupings_of(first), effective)


def groupings_of(e: Ensemble) -> tuple[NDArray[np.int64], ...]:
    """By draw and by island. Copies of one draw have the same unknowns to the last bit, and draws
    from a continuous prior never do by chance; without unknowns there are only islands."""
    if e.islands is None:
        return (np.arange(e.worlds),)
    if e.unknowns.shape[1] == 0:
        return (e.islands,)
    _, draws = np.unique(e.unknowns, axis=0, return_inverse=True)
    return np.asarray(draws.reshape(-1), np.int64), e.islands


def _values(laid: Plan, w: Watch, e: Ensemble) -> list[float]:
    return outcomes(laid, w, w.question.asks, e.atoms)


# ---- means and their errors --------------------------------------------------------------


def error_of_mean(x: Floats, *groupings: NDArray[np.int64]) -> float:
    """The Monte Carlo error of the mean of x: the largest over ways to group its worlds into
    independent clusters. A grouping of fewer than two clusters says nothing and is passed over."""
    squares = [_between(x, labels) for labels in groupings]
    known = [s for s in squares if s is not None]
    return math.sqrt(max(known)) if known else math.inf


def _between(x: Floats, labels: NDArray[np.int64]) -> float | None:
    """The variance of the mean, from that between clusters."""
    _, place = np.unique(labels, return_inverse=True)
    sizes = np.bincount(place).astype(float)
    k, n = len(sizes), len(x)
    if k < 2:
        return None
    off = np.bincount(place, x - x.mean()) / n
    return float((off**2).sum()) * k / (k - 1)


@dataclass(frozen=True)
class Part:
    """One term of a loss under a policy: how it differs from as it is."""

    name: str
    difference: float
    mc_error: float


@dataclass(frozen=True)
class Cell:
    """A policy under one assessment and one loss. `difference` is from as it is, lower is better;
    `near_best`: within two errors of the best. Errors are of paired differences."""

    loss: str
    policy: str
    assessment: str
    mean: float
    difference: float
    mc_error: float
    regret: float
    regret_error: float
    near_best: bool
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Standing:
    """A policy over all assessments: its largest regret, where that is, how far it lies above the
    smallest largest regret of all, and the share of assessments in which it is near the best.
    `rival` is the policy that is best there; `tied` whether minimax regret cannot tell it from the
    policy that it takes."""

    loss: str
    policy: str
    max_regret: float
    max_regret_error: float
    at: str
    rival: str
    near_best_share: float
    minimax: bool
    tied: bool


def cells_of(rows: tuple[str, ...], loss: Loss, number: int, lived: Lived) -> tuple[Cell, ...]:
    """One loss under one assessment, a cell a policy."""
    values, parts = lived.loss(number), lived.terms[number]
    means = values.mean(axis=1)
    best = int(means.argmin())

    def error(x: Floats) -> float:
        return error_of_mean(x, *lived.groupings)

    out = []
    for i, row in enumerate(rows):
        regret, off = float(means[i] - means[best]), error(values[i] - values[best])
        out.append(
            Cell(
                loss.id, row, lived.assessment, float(means[i]), float(means[i] - means[0]),
                error(values[i] - values[0]), regret, off, regret <= TIE * off,
                tuple(
                    Part(t.name, float((parts[i, k] - parts[0, k]).mean()),
                         error(parts[i, k] - parts[0, k]))
                    for k, t in enumerate(loss.terms)
                ),
            )
        )  # fmt: skip
    return tuple(out)


def standings(cells: tuple[Cell, ...]) -> tuple[Standing, ...]:
    """Minimax regret and near-best shares of one loss, from its cells under all assessments."""
    policies = list(dict.fromkeys(c.policy for c in cells))
    best = {c.assessment: c.policy for c in sorted(cells, key=lambda c: -c.regret)}
    worst = {p: max((c for c in cells if c.policy == p), key=lambda c: c.regret) for p in policies}
    least = min(policies, key=lambda p: worst[p].regret)
    out = []
    for p in policies:
        own, w = [c for c in cells if c.policy == p], worst[p]
        above = w.regret - worst[least].regret
        error = math.hypot(w.regret_error, worst[least].regret_error)
        out.append(
            Standing(
                w.loss, p, w.regret, w.regret_error, w.assessment, best[w.assessment],
                sum(c.near_best for c in own) / len(own), p == least, above <= TIE * error,
            )
        )  # fmt: skip
    return tuple(out)


def among_own(
    loss: Loss, rows: tuple[Policy, ...], single: list[int], number: int, lived: tuple[Lived, ...]
) -> tuple[Standing, ...]:
    """Standings among what the loss's own actors can do, alone or with others: one regrets what
    one could have chosen. Nothing where a loss names nobody, or they have one policy or none."""
    menu = [i for i in single if i == 0 or set(rows[i].addressee) & set(loss.of)]
    if len(menu) < 3:
        return ()
    names = tuple(rows[i].id for i in menu)
    found: list[Cell] = []
    for a in lived:
        chosen = tuple(t[menu] for t in a.terms)
        found += cells_of(names, loss, number, replace(a, terms=chosen))
    return standings(tuple(found))


# ---- what the ranking turns on -----------------------------------------------------------


@dataclass(frozen=True)
class Turn:
    """What the choice between two policies turns on.

    better  per loss: assessments in which `first` is better beyond three errors, and `second`
    on      'loss' where one loss has only the first better and another only the second, 'world'
            where one loss has both, 'both', or 'neither'
    """

    first: str
    second: str
    better: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]
    on: str
    words: str


def signs(
    lived: tuple[Lived, ...], number: int, first: int, second: int
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The assessments in which the one policy is better under a loss beyond SURE errors, and the
    other. With TIE errors one assessment in seven would show a difference by chance too often."""
    ours, theirs = [], []
    for a in lived:
        values = a.loss(number)
        d = values[first] - values[second]
        mean, error = float(d.mean()), error_of_mean(d, *a.groupings)
        if mean < -SURE * error:
            ours.append(a.assessment)
        elif mean > SURE * error:
            theirs.append(a.assessment)
    return tuple(ours), tuple(theirs)


def turned(
    names: tuple[str, str], better: list[tuple[Loss, tuple[str, ...], tuple[str, ...]]], of: int,
    same: bool = False,
) -> Turn:  # fmt: skip
    """Whether a choice turns on the loss or on the world. `of`: how many assessments there are;
    `same`: whether the two differ in no world."""
    first, second = map(spoken, names)
    only_first = [(x, a) for x, a, b in better if a and not b]
    only_second = [(x, b) for x, a, b in better if b and not a]
    split = [(x, a, b) for x, a, b in better if a and b]
    on_loss, on_world = bool(only_first and only_second), bool(split)
    said = []
    if on_loss:
        said.append(
            f"between {first} and {second} it turns on the loss: "
            f"under {_listed(only_first, of)} {first} is better, "
            f"under {_listed(only_second, of)} {second}, and in no assessment worse there"
        )
    for x, a, b in split:
        said.append(
            f"under {x.id} it turns on the world: {', '.join(a)} {'has' if len(a) == 1 else 'have'}"
            f" {first} better, {', '.join(b)} {second}"
        )
    if not said:
        ours, theirs = (only_first, first), (only_second, second)
        for found, name in (ours, theirs):
            if found:
                other = second if name == first else first
                said.append(
                    f"{name} is better than {other} under {_listed(found, of)}, worse under none"
                )
        if not said:
            said.append(
                f"{first} and {second} are alike in every world, in all that the losses count"
                if same
                else f"no loss and no assessment tells {first} from {second}"
            )
    on = {(True, True): "both", (True, False): "loss", (False, True): "world"}.get(
        (on_loss, on_world), "neither"
    )
    shown = tuple((x.id, a, b) for x, a, b in better)
    return Turn(*names, shown, on, "; ".join(said))


def spoken(policy: str) -> str:
    """A policy in a sentence."""
    return "doing nothing" if policy == AS_IT_IS else policy


def _listed(found: list[tuple[Loss, tuple[str, ...]]], of: int) -> str:
    return ", ".join(f"{x.id} ({len(names)} of {of})" for x, names in found)


@dataclass(frozen=True)
class Priceless:
    """Losses that see no price of a policy: they fall beyond two errors over the assessments
    together and rise in none, and none of their terms rises beyond two errors. `prices`: (loss,
    term, by how much) that do rise under other losses: then what the first losses say of the
    policy is about these losses and not about the world."""

    policy: str
    losses: tuple[str, ...]
    prices: tuple[tuple[str, str, float], ...]
    words: str


def together(parts: list[tuple[float, float]]) -> tuple[float, float]:
    """The mean over assessments, all alike, of differences with their errors. The errors are added
    up and not their squares: worlds of two assessments have dice in common."""
    n = len(parts)
    return sum(d for d, _ in parts) / n, sum(e for _, e in parts) / n


def priceless(cells: tuple[Cell, ...]) -> tuple[Priceless, ...]:
    """What each loss cannot see, from the cells of all losses."""
    losses = list(dict.fromkeys(c.loss for c in cells))
    out = []
    for policy in dict.fromkeys(c.policy for c in cells if c.policy != AS_IT_IS):
        own = {x: [c for c in cells if (c.policy, c.loss) == (policy, x)] for x in losses}
        rises: dict[str, list[tuple[str, float]]] = {}
        for x, found in own.items():
            for k, part in enumerate(found[0].parts):
                d, e = together([(c.parts[k].difference, c.parts[k].mc_error) for c in found])
                if d > TIE * e:
                    rises.setdefault(x, []).append((part.name, d))
        prices = tuple((x, name, d) for x in losses for name, d in rises.get(x, []))
        free = []
        for x, found in own.items():
            d, e = together([(c.difference, c.mc_error) for c in found])
            worse = any(c.difference > TIE * c.mc_error for c in found)
            if x not in rises and not worse and d < -TIE * e:
                free.append(x)
        if not free:
            continue
        seen = ", ".join(f"{name} {d:+.2g} ({y})" for y, name, d in prices)
        words = f"{policy} is better under {', '.join(free)}, no term of which rises by it"
        if seen:
            words += f", while others see a price: {seen}. So the former is about the loss"
        else:
            words += ", nor does any term of the other losses: if it has a price, no loss counts it"
        out.append(Priceless(policy, tuple(free), prices, words))
    return tuple(out)


@dataclass(frozen=True)
class Flip:
    """An unknown whose two halves rank two policies the opposite way, beyond two errors in both.

    low, high     the mean paired difference, first minus second, below and above the split (for an
                  unknown of named values: at the value, and at the others)
    firm          also after allowing for the number of splits that were looked at (Bonferroni)
    """

    loss: str
    first: str
    second: str
    unknown: str
    title: str
    split: str
    low: float
    low_error: float
    high: float
    high_error: float
    firm: bool
    words: str


@dataclass(frozen=True)
class Search:
    """Flips that were found, among how many splits."""

    flips: tuple[Flip, ...]
    splits: int


Split = tuple[int, str, NDArray[np.bool_]]  # the unknown's place, the split in words, which worlds


def splits_of(crisis: Crisis, unknowns: Floats) -> list[Split]:
    """Each unknown at its median; one of named values at each value against the others."""
    out: list[Split] = []
    for k, u in enumerate(crisis.unknowns):
        x = unknowns[:, k]
        if u.options:
            found = [(o.name, x == j) for j, o in enumerate(u.options)]
            if len(found) == 2:
                found = found[:1]
        else:
            middle = float(np.median(x))
            found = [(f"{middle:.3g}", x < middle)]
        out += [
            (k, name, side) for name, side in found if LEAST <= float(side.mean()) <= 1.0 - LEAST
        ]
    return out


def flips(
    case: Case, losses: tuple[Loss, ...], rows: tuple[Policy, ...], lived: tuple[Lived, ...],
    pairs: dict[int, list[tuple[int, int]]],
) -> Search:  # fmt: skip
    """The unknowns that turn a pair of policies round, in the worlds of all assessments together.

    An error of a half is put together from the assessments' own (added up, as they have dice in
    common), so what they differ in on average is no error. `pairs`: per loss (its number), pairs of
    rows.
    """
    crisis = case.crisis
    unknowns = np.concatenate([a.unknowns for a in lived])
    edges = np.cumsum([0, *(a.worlds for a in lived)])
    halves = splits_of(crisis, unknowns)
    looked = sum(len(p) for p in pairs.values()) * len(halves)
    strict = -normal_quantile(0.025 / looked) if looked else TIE

    def mean(d: Floats, side: NDArray[np.bool_]) -> tuple[float, float]:
        n, error = int(side.sum()), 0.0
        for a, begin, end in zip(lived, edges[:-1], edges[1:], strict=True):
            here = side[begin:end]
            m = int(here.sum())
            if m > 1:
                off = error_of_mean(d[begin:end][here], *(g[here] for g in a.groupings))
                error += m / n * off
            elif m == 1:
                error = math.inf
        return float(d[side].mean()), error

    found = []
    for number, chosen in pairs.items():
        values = np.concatenate([a.loss(number) for a in lived], axis=1)
        for i, j in chosen:
            d = values[i] - values[j]
            for k, name, side in halves:
                (low, low_error), (high, high_error) = mean(d, side), mean(d, ~side)
                sure = min(_errors(low, low_error), _errors(high, high_error))
                if low * high < 0 and sure > TIE:
                    found.append(
                        _flip(crisis, losses[number], rows[i].id, rows[j].id, k, name, low,
                              low_error, high, high_error, sure > strict)
                    )  # fmt: skip
    return Search(tuple(sorted(found, key=lambda f: not f.firm)), looked)


def _errors(x: float, error: float) -> float:
    return abs(x) / error if error > 0 else (math.inf if x else 0.0)


def _flip(
    crisis: Crisis, loss: Loss, first: str, second: str, k: int, name: str, low: float,
    low_error: float, high: float, high_error: float, firm: bool,
) -> Flip:  # fmt: skip
    u = crisis.unknowns[k]
    here, there = map(spoken, (first, second) if low < 0 else (second, first))
    if u.options:
        words = f"where `{u.name}` is {name} {here} is better, elsewhere {there}"
    else:
        words = f"below {name} of `{u.name}` {here} is better, above it {there}"
    return Flip(loss.id, first, second, u.name, u.title, name, low, low_error, high, high_error,
                firm, words)  # fmt: skip


# ---- the whole ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Compared:
    """Policies of a case compared. `as_of` is None for free worlds; `left_out` says per assessment
    why it gave no worlds; `groups` per row the first row with the same edits."""

    case: str
    model_sha256: str
    seed: int
    worlds: int
    as_of: dt.date | None
    begins: dt.date
    last: dt.date
    agenda: Agenda
    rows: tuple[Policy, ...]
    groups: tuple[int, ...]
    assessments: tuple[tuple[str, int, float], ...]  # name, worlds, effective
    left_out: tuple[tuple[str, str], ...]
    cells: tuple[Cell, ...]
    standings: tuple[Standing, ...]
    turns: tuple[Turn, ...]
    priceless: tuple[Priceless, ...]
    own: tuple[Standing, ...]  # regret among what the loss's own actors can do
    search: Search

    def of(self, loss: str) -> tuple[Standing, ...]:
        return tuple(s for s in self.standings if s.loss == loss)

    def minimax(self, loss: str) -> Standing:
        return next(s for s in self.of(loss) if s.minimax)

    def cell(self, loss: str, policy: str, assessment: str) -> Cell:
        return next(
            c for c in self.cells
            if (c.loss, c.policy, c.assessment) == (loss, policy, assessment)
        )  # fmt: skip


def compared(
    case: Case, agenda: Agenda, lived: tuple[Lived, ...], seed: int, as_of: dt.date | None,
    worlds: int, left_out: tuple[tuple[str, str], ...] = (),
) -> Compared:  # fmt: skip
    """Tables, regret, and what the ranking turns on. `lived` may not be empty."""
    rows = rows_of(agenda)
    groups, names = distinct(rows), tuple(p.id for p in rows)
    own = [i for i, first in enumerate(groups) if i == first]
    cells: list[Cell] = []
    stands: list[Standing] = []
    owned: list[Standing] = []
    takes: list[int] = []
    pairs: dict[int, list[tuple[int, int]]] = {}
    for number, loss in enumerate(agenda.losses):
        found = tuple(c for a in lived for c in cells_of(names, loss, number, a))
        cells += found
        # Rows with the same edits would be ties with themselves.
        single = tuple(c for c in found if names.index(c.policy) in own)
        stood = {s.policy: s for s in standings(single)}
        stands += [
            replace(stood[names[groups[i]]], policy=name,
                    minimax=stood[names[groups[i]]].minimax and groups[i] == i)
            for i, name in enumerate(names)
        ]  # fmt: skip
        menu = among_own(loss, rows, own, number, lived)
        owned += menu
        takes += [names.index(s.policy) for s in (*stood.values(), *menu) if s.minimax]
        mean = np.concatenate([a.loss(number) for a in lived], axis=1).mean(axis=1)
        tops = []
        for ids in (own, [names.index(s.policy) for s in menu]):
            ranked = sorted(ids, key=lambda i: (float(mean[i]), i))
            if len(ranked) > 1:
                tops.append((max(ranked[:2]), min(ranked[:2])))
        pairs[number] = list(dict.fromkeys([*tops, *((i, 0) for i in own if i)]))
    turns = []
    asked = [*((i, 0) for i in own if i), *itertools.combinations(sorted(set(takes) - {0}), 2)]
    for i, j in dict.fromkeys(asked):
        better = [(x, *signs(lived, n, i, j)) for n, x in enumerate(agenda.losses)]
        same = all(np.array_equal(t[i], t[j]) for a in lived for t in a.terms)
        turns.append(turned((names[i], names[j]), better, len(lived), same))
    first = case.crisis.first
    return Compared(
        case.id, case.model_sha256, seed, worlds, as_of,
        first if as_of is None else as_of + dt.timedelta(1), case.crisis.last, agenda, rows, groups,
        tuple((a.assessment, a.worlds, a.effective) for a in lived), left_out, tuple(cells),
        tuple(stands), tuple(turns),
        priceless(tuple(c for c in cells if names.index(c.policy) in own)), tuple(owned),
        flips(case, agenda.losses, rows, lived, pairs),
    )  # fmt: skip


def policies(
    case: Case, agenda: Agenda, rivals: dict[str, Assessment | None], history: History | None,
    as_of: dt.date | None, worlds: int, seed: int, each: int = 1, threads: int | None = None,
    bars: tuple[Progress | None, Progress | None] = (None, None),
) -> Compared:  # fmt: skip
    """Everything, from a case and its policies to the comparison. `rivals`: assessments by name,
    None for the case as it is. `as_of` None: free worlds, without reports. `bars` hear of days
    lived by islands, and of worlds lived to the end.

    An assessment whose worlds cannot live the reports, or too few of them, is left out and said so.
    Raises ValueError if none is left, or a policy cannot begin on that day.
    """
    cases = {name: case if a is None else under(case, a) for name, a in rivals.items()}
    if as_of is None:
        crises = {name: own.crisis for name, own in cases.items()}
        lived = lived_freely(case, agenda, crises, worlds, seed, threads, bars[1])
        return compared(case, agenda, lived, seed, None, worlds)
    assert history is not None
    posteriors, left_out = {}, []
    for name, own in cases.items():
        try:
            p = posterior_of(own, history, as_of, worlds, seed, threads, bars[0])
        except Impossible as error:
            left_out.append((name, f"no world can live the reports: {error}"))
            continue
        why = p.refusal()
        if why:
            left_out.append((name, why))
        else:
            posteriors[name] = p
    if not posteriors:
        raise ValueError("; ".join(f"{name}: {why}" for name, why in left_out))
    lived = lived_among_reports(case, agenda, posteriors, as_of, seed, each, threads, bars[1])
    return compared(case, agenda, lived, seed, as_of, worlds, tuple(left_out))


def as_json(c: Compared) -> dict[str, object]:
    """Under a versioned schema. Errors are Monte Carlo standard errors of paired differences."""
    names = [p.id for p in c.rows]
    return {
        "schema": SCHEMA,
        "case": c.case,
        "model_sha256": c.model_sha256,
        "seed": c.seed,
        "worlds": c.worlds,
        "as_of": c.as_of.isoformat() if c.as_of else None,
        "window": [c.begins.isoformat(), c.last.isoformat()],
        "assessments": [
            {"name": name, "worlds": n, "effective": effective}
            for name, n, effective in c.assessments
        ],
        "left_out": [{"assessment": name, "reason": why} for name, why in c.left_out],
        "policies": [
            {
                "id": p.id,
                "name": p.name,
                "addressee": list(p.addressee),
                "cites": list(p.cites),
                "edits": [e.words for e in p.edits],
                "same_edits_as": names[c.groups[i]] if c.groups[i] != i else None,
                "note": p.note,
            }
            for i, p in enumerate(c.rows)
        ],
        "inexpressible": [
            {"id": p.id, "name": p.name, "cites": list(p.cites), "reason": p.inexpressible}
            for p in c.agenda.policies if p.inexpressible
        ],
        "losses": [
            {
                "id": x.id,
                "name": x.name,
                "about": x.about,
                "of": list(x.of),
                "cites": list(x.cites),
                "sum": {t.name: t.amount.text for t in x.terms},
            }
            for x in c.agenda.losses
        ],
        "tie_errors": TIE,
        "table": [
            {
                "loss": x.loss,
                "policy": x.policy,
                "assessment": x.assessment,
                "mean": x.mean,
                "difference": x.difference,
                "mc_error": x.mc_error,
                "regret": x.regret,
                "regret_mc_error": x.regret_error,
                "near_best": x.near_best,
                "terms": [
                    {"name": p.name, "difference": p.difference, "mc_error": p.mc_error}
                    for p in x.parts
                ],
            }
            for x in c.cells
        ],
        "standings": [
            {
                "loss": s.loss,
                "policy": s.policy,
                "max_regret": s.max_regret,
                "mc_error": s.max_regret_error,
                "at": s.at,
                "best_there": s.rival,
                "near_best": s.near_best_share,
                "tied_with_minimax": s.tied,
            }
            for s in c.standings
        ],
        "own": [
            {"loss": s.loss, "policy": s.policy, "max_regret": s.max_regret,
             "mc_error": s.max_regret_error, "at": s.at, "near_best": s.near_best_share,
             "minimax": s.minimax, "tied_with_minimax": s.tied}
            for s in c.own
        ],
        "minimax": {x.id: c.minimax(x.id).policy for x in c.agenda.losses},
        "ties": {
            x.id: [s.policy for s in c.of(x.id) if s.tied and not s.minimax]
            for x in c.agenda.losses
        },
        "about_loss": [
            *({"kind": t.on, "policies": [t.first, t.second], "text": t.words} for t in c.turns),
            *(
                {
                    "kind": "no price", "policies": [o.policy], "losses": list(o.losses),
                    "prices": [
                        {"loss": x, "term": name, "difference": d} for x, name, d in o.prices
                    ],
                    "text": o.words,
                }
                for o in c.priceless
            ),
        ],
        "flips": [
            {
                "loss": f.loss,
                "policies": [f.first, f.second],
                "unknown": f.unknown,
                "split": f.split,
                "low": f.low,
                "low_mc_error": f.low_error,
                "high": f.high,
                "high_mc_error": f.high_error,
                "firm": f.firm,
                "text": f.words,
            }
            for f in c.search.flips
        ],
        "splits_looked_at": c.search.splits,
    }  # fmt: skip

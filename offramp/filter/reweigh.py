"""A posterior of a crisis weighed anew: one of the same crisis edited, without another filter.

The worlds of a cloud are draws from prior x likelihood, on the space of their uniform numbers and
keys, and an edit leaves that prior alone: it changes what worlds make of the same dice. So each
world is simulated once more among the reports, under the edited crisis, and counts by the ratio of
its two likelihoods (importance sampling between two posteriors; Neal 2001 for the chain of which
this is one step; Chopin 2002). The ratio's mean over an island times its evidence is that of the
edited crisis, with the same noise in both, so that what differs between islands in the *change* of
log evidence is far less than in either.

Of the earlier days nothing is told: the worlds were conditioned on all reports, and what they would
have weighed on an evening before that is not in them.

Two things say when this is not enough. The effective share, (sum w)^2 / sum w^2 of all worlds after
against before, is what the weighing itself has lost; it is nearly without noise, so that the floor
of it can be sharp. What the posterior is then worth is judged as ever by what differs between
islands (`Posterior.refusal`, `unmixed`), which also knows of copies and of islands that agreed too
little before. Neither can see worlds that are not there: where the edited crisis can live the
reports in ways that were impossible before, they are missing without a trace. An edit of the
conditions of what was reported is therefore refused (`opened`); one that opens such a way through a
quantity that a condition reads is not recognised.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from offramp.engine.blocks.threads import side_by_side
from offramp.engine.blocks.variants import alike, shared
from offramp.engine.blocks.worlds import Recorder, wide
from offramp.engine.plan import Plan, plan
from offramp.engine.schedule import IMPOSSIBLE, Schedule
from offramp.filter.islands import Estimate, increment, shares
from offramp.filter.known import leads
from offramp.filter.particles import effective
from offramp.filter.posterior import Posterior, day_of, relive, same_elements
from offramp.filter.prepaid import prepaid
from offramp.filter.simulator import (
    Filter,
    Floats,
    Island,
    Places,
    Written,
    features,
    ours,
    prepare,
    written,
)
from offramp.language.crisis import Crisis
from offramp.language.expressions import Operation, Ref
from offramp.language.identity import canonical

FLOOR = 0.25  # share of the independent worlds that the weighing must leave


@dataclass(frozen=True, kw_only=True)
class Reweighed:
    """The posterior of the edited crisis, of its last day.

    change  its log evidence less that of the crisis as it was, in nats, and the Monte Carlo error
            of this difference
    share   how many independent worlds there are, against before
    opened  the event that was reported and may now happen where it could not; '' if none is known
    """

    posterior: Posterior
    change: Estimate
    share: float
    opened: str

    def refusal(self) -> str:
        """Why it is not to be used; '' if it is."""
        if self.opened:
            return (
                f"the edit changes when '{self.opened}' can happen, which was reported: worlds "
                "that could not live the report before are not among those at hand; condition "
                "the edited case itself"
            )
        if self.share < FLOOR:
            return (
                f"weighed anew the worlds are worth {self.share:.0%} of what they were, less than "
                f"{FLOOR:.0%}: the edit leads too far from them; condition the edited case itself"
            )
        return self.posterior.refusal()


def reweighed(
    p: Posterior,
    crisis: Crisis,
    threads: int | None = None,
    write: Callable[[Plan, Schedule], Written] = written,
) -> Reweighed:
    """The posterior weighed anew for the crisis edited: numbers changed, edits made. The same bytes
    for any number of threads, and those of `p` where nothing is changed.

    Raises ValueError where the edited crisis has other elements, or where a report is of a move
    whose lead time it changed so that the report was not known in time (`prepare`).
    """
    return reweighed_by(p, variant_filters(p.filter, (crisis,), write)[0], threads)


def reweighed_by(p: Posterior, f: Filter, threads: int | None = None) -> Reweighed:
    """The same by the filter of the edited crisis (`variant_filters`)."""
    day, stop = p.last, np.zeros(1, np.int64)
    lived, crisis = p.filter.plan.crisis, f.plan.crisis

    def one(k: int) -> Island:
        return weighed(f, p.islands[k], day, stop)

    islands = tuple(side_by_side(one, len(p.islands), threads, stop))
    before, after = p.log_evidences(day), Posterior(f, islands, ()).log_evidences(day)
    with np.errstate(invalid="ignore"):  # where no island is left
        last, change = day_of(f, islands, day, None), increment(after, before)
    return Reweighed(
        posterior=Posterior(f, islands, (last,)),
        change=change,
        share=kish(islands, after, day) / kish(p.islands, before, day),
        opened=next((name for name in reported(f) if opened(lived, crisis, name)), ""),
    )


def variant_filters(
    f: Filter,
    crises: Sequence[Crisis],
    write: Callable[[Plan, Schedule], Written] = written,
) -> tuple[Filter, ...]:
    """The filters of edited crises, of the same reports. Those that differ from the crisis as it
    was in formulas alone have one tape with it, the same for every other number in the same places
    (`blocks/variants.py`).
    """
    base, laid = f.plan.crisis, [plan(c) for c in crises]
    for one in laid:
        same_elements(f.plan, one)
    near = {k - 1 for k in alike([base, *crises])[0]}
    groups = dict[object, list[int]]()
    for k, one in enumerate(laid):
        groups.setdefault(leads(one) if k in near else k, []).append(k)
    out = dict[int, Filter]()
    for own in groups.values():
        known = replace(f.schedule, leads=leads(laid[own[0]]))
        both = shared([base, *(crises[k] for k in own)]) if own[0] in near else None
        if both is None:
            out[own[0]] = prepare(laid[own[0]], known, f.seed, write)
        elif both.inputs.count == 0:
            out |= {k: replace(f, plan=laid[k]) for k in own}
        else:
            common = replace(plan(both.crisis), inputs=both.inputs)
            made = replace(prepare(common, known, f.seed, write), beside=base)
            out |= {
                k: replace(made, plan=laid[k], prepaid=prepaid(laid[k], known), inputs=values)
                for k, values in zip(own, both.values[1:], strict=True)
            }
    return tuple(out[k] for k in range(len(crises)))


def reported(f: Filter) -> tuple[str, ...]:
    """The events of which there is a report."""
    return tuple(sorted({f.plan.events[s.event].event.name for s in f.schedule.sightings}))


def opened(lived: Crisis, crisis: Crisis, name: str) -> bool:
    """Whether an event can, by what stands in it, happen in worlds in which it could not before:
    its condition is another and not only narrower, or its days, its pause or its vote are others.
    """
    old, new = (next(e for e in c.events if e.name == name) for c in (lived, crisis))
    for what in ("dates", "clock", "vote", "once", "pause", "takes"):
        if canonical(getattr(old, what)) != canonical(getattr(new, what)):
            return True
    if old.when is None or new.when is None:
        return old.when is not None
    condition, before = new.when.expression, canonical(old.when.expression)
    while isinstance(condition, Operation) and canonical(condition) != before:
        if condition.operator != "and":
            return True
        condition = condition.operands[0]
    forbidden = isinstance(condition, Ref) and condition.name == "no"
    return canonical(condition) != before and not forbidden


def weighed(f: Filter, island: Island, day: int, stop: Places | None = None) -> Island:
    """An island weighed anew by the filter of an edited crisis; nothing is left of it but the
    day."""
    if day not in island.clouds:
        return island
    cloud = island.clouds[day]
    n = len(cloud.weights)
    width = wide(n)
    memory = f.memory(width)
    relive(
        f=f,
        kept=Recorder.nothing(f.plan, n),
        memory=memory,
        width=width,
        cloud=cloud,
        which=np.arange(n),
        last=day,
        stop=stop,
    )
    own = memory[f.log_weight, :n].copy()
    log_ratio, weights = ratio(cloud.weights, own, cloud.log_likelihood)
    if log_ratio == -math.inf:
        return replace(island, died=day, log_evidence=island.log_evidence[:day], clouds={})
    first, count = f.tape.layout.first_unknown, f.tape.layout.unknowns
    unknowns = memory[first : first + count, :n].T.copy()
    x, some = features(f.plan, unknowns), weights > 0.0
    evidence = cloud.log_evidence + log_ratio
    return Island(
        number=island.number,
        log_evidence=(*[math.nan] * day, evidence),
        means=_of_the_last(day, weights @ x),
        squares=_of_the_last(day, weights @ (x * x)),
        log_likelihood=_of_the_last(day, np.array(weights[some] @ own[some])),
        renewed=(),
        accepted={},
        passes={"weighed anew": day + 1.0},
        clouds={
            day: replace(
                cloud,
                log_evidence=evidence,
                weights=weights,
                log_likelihood=own,
                unknowns=unknowns,
            )
        },
        died=None,
        last_breath=None,
    )


def _of_the_last(day: int, row: Floats) -> Floats:
    """A row a day, of which the last alone is known."""
    out = np.full((day + 1, *row.shape), math.nan)
    out[day] = row
    return out


def ratio(weights: Floats, new: Floats, old: Floats) -> tuple[float, Floats]:
    """The log of the weighted mean of exp(new - old), and the weights times it over that mean. New
    log likelihoods below IMPOSSIBLE count nothing. The mean is over the weights' own sum, so that
    worlds whose likelihood stays keep their weight to the last bit."""
    alive = (weights > 0.0) & (new > IMPOSSIBLE)
    if not alive.any():
        return -math.inf, weights
    gains = np.where(alive, new - old, -math.inf)
    top = float(gains.max())
    r = np.where(alive, ours(0, np.where(alive, gains - top, 0.0)), 0.0)
    mean = math.fsum((weights * r).tolist()) / math.fsum(weights.tolist())
    return top + math.log(mean), weights * r / mean


def kish(islands: tuple[Island, ...], logs: Floats, day: int) -> float:
    """How many equal weights the worlds' are worth, of all islands by their evidence."""
    parts = shares(logs)
    own = [
        s * i.clouds[day].weights for s, i in zip(parts, islands, strict=True) if day in i.clouds
    ]
    return effective(np.concatenate(own)) if own else 0.0

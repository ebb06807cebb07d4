"""What silence and each report of a day did to an answer.

First comes silence: what the answer would be had nothing at all been reported of the day. Then each
report in place of silence about it. Several reports of one day do not count apart, so each is given
its Shapley value (1953), its mean over all orders of telling; of more than a few the mean of being
told first and of being told last, and what then is left is called together.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations

from offramp.case.record import Report
from offramp.explain.evenings import COUNTED, Job, Stand, fresh_rows
from offramp.explain.log_odds import Key, Odds, summed, views
from offramp.filter.posterior import Impossible

ALL_ORDERS = 3  # reports of one day, at most, of which every order is taken
APART = 8  # reports of one day, at most, that are told apart at all

Told = frozenset[int]  # which of a day's reports there are


@dataclass(frozen=True, kw_only=True)
class Part:
    """What a part of the reports did to an answer.

    kind      silence, report, together (what the day's reports do by being of one day, or several
              that cannot be told apart), or edit (of the model or of rows of days before)
    ids       of the reports
    words     what it is
    log_odds  how far it moved the answer, and the standard error of that
    """

    kind: str
    day: dt.date
    ids: tuple[str, ...]
    words: str
    log_odds: float
    error: float


def weights(n: int) -> dict[str, dict[Told, float]]:
    """Of a day with `n` reports, by how much the posterior with some of them counts in the part of
    each: 'silence' less the evening before, '0', '1' ... each report, 'together' what is left."""
    all_, none = frozenset(range(n)), frozenset[int]()
    out: dict[str, dict[Told, float]] = {"silence": {none: 1.0}}
    if n > APART:
        return out | {"together": {all_: 1.0, none: -1.0}}
    for i in range(n):
        own: dict[Told, float] = {}
        for size in range(n) if n <= ALL_ORDERS else (0, n - 1):
            others = combinations(sorted(all_ - {i}), size)
            for some in map(frozenset, others):
                weight = 1.0 / (n * math.comb(n - 1, size)) if n <= ALL_ORDERS else 0.5
                own[some | {i}] = own.get(some | {i}, 0.0) + weight
                own[some] = own.get(some, 0.0) - weight
        out[str(i)] = own
    if n > ALL_ORDERS:
        rest = {all_: 1.0, none: -1.0}
        for i in range(n):
            for told, weight in out[str(i)].items():
                rest[told] = rest.get(told, 0.0) - weight
        out["together"] = rest
    return out


def split(
    job: Job,
    earlier: dt.date,
    before: Mapping[Key, Odds],
    stand: Stand,
    whole: Mapping[Key, Odds],
    keys: list[Key],
) -> dict[Key, tuple[Part, ...]]:
    """What silence and each report of a day did to some answers, which were `before` on an earlier
    day, mostly the one before, and are `whole` with all reports."""
    day, stops = stand.trail.day, stand.trail.stops
    groups: dict[str, list[Report]] = {}
    for r in fresh_rows(job.history, earlier, day):
        if r.kind in COUNTED:
            groups.setdefault(r.about, []).append(r)
    told = list(groups.values())
    parts = weights(len(told))
    wanted = {some for own in parts.values() for some in own}
    every = frozenset(range(len(told)))
    found: dict[Told, Mapping[Key, Odds]] = {every: whole}
    try:
        for some in sorted(wanted - {every}, key=sorted):
            gone = {r.id for k, rows in enumerate(told) if k not in some for r in rows}
            history = replace(
                job.history, reports=tuple(r for r in job.history.reports if r.id not in gone)
            )
            p = job.lived(day, stops, history)
            found[some] = views(p, job.onward(p, day, {id for id, _ in keys}))
    except Impossible:
        parts, found = {"whole": {every: 1.0}}, {every: whole}
    out = {}
    for asked in keys:
        rows = []
        for name, own in parts.items():
            terms = [(c, found[some][asked]) for some, c in own.items()]
            if name in ("silence", "whole"):
                terms.append((-1.0, before[asked]))
            value, error = summed(terms)
            rows.append(_part(name, day, told, value, error))
        out[asked] = tuple(rows)
    return out


def _part(name: str, day: dt.date, told: list[list[Report]], value: float, error: float) -> Part:
    ids = tuple(r.id for rows in told for r in rows)
    if name == "silence":
        kind, ids = "silence", ()
        words = "silence about all that is followed" if told else "nothing was reported"
    elif name == "whole":
        kind, words = "together", "all of the day: without some of it no world agrees with the rest"
    elif name == "together":
        kind, words = "together", "that several were reported of one day"
    else:
        rows = told[int(name)]
        kind, ids, words = "report", tuple(r.id for r in rows), rows[0].report
    return Part(kind=kind, day=day, ids=ids, words=words, log_odds=value, error=error)

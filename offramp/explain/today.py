"""What a day's reports change: each answer then and now, and which report made the difference.

Both days are answered by the model of today, from worlds that go on (`evenings.py`); changes are in
log-odds (`log_odds.py`), split over the reports and the silence that made them (`split.py`). What
an edit did to the answers that an archive has of the earlier day is told apart.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from offramp.answers.archive import Entry, Kept, row_hash
from offramp.answers.conditioned import Conditioned, learned
from offramp.answers.resolve import already
from offramp.case.case import Case
from offramp.case.record import Report
from offramp.engine.plan import plan
from offramp.explain.evenings import (
    COUNTED,
    Job,
    Stand,
    Trail,
    anew,
    before_rows,
    fresh_rows,
    key_of,
    next_stand,
)
from offramp.explain.log_odds import Key, Odds, beyond, summed, views
from offramp.explain.split import Part, split
from offramp.filter.known import shared
from offramp.filter.posterior import FEWEST, Posterior

AHEAD = dt.timedelta(7)
NEAR = dt.timedelta(2)  # a report whose day is less certain than this is not laid on a day

# ---- what is said --------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Change:
    """An answer then and now: of yes or no its probability, of a choice that of an option; None
    where no world meets its condition. `log_odds` is now less then, under today's model, and
    `error` its standard error; `news` whether it is beyond its bound. `parts` add up to it, and are
    there where it is news. `edit` is what an edit did to the answer of then, which is not in it:
    None where nothing was edited since, or the archive has no such answer."""

    id: str
    text: str
    option: str
    given: str
    window: tuple[dt.date, dt.date]
    then: float | None
    now: float | None
    then_error: float
    now_error: float
    log_odds: float
    error: float
    news: bool
    parts: tuple[Part, ...] = ()
    edit: Part | None = None
    edited: bool = False  # whether that is beyond its bound


@dataclass(frozen=True, kw_only=True)
class Surprise:
    """Minus the log probability of a day's reports given all before, in nats."""

    day: dt.date
    nats: float
    error: float
    reports: tuple[Report, ...]


@dataclass(frozen=True, kw_only=True)
class Due:
    """What comes within seven days."""

    day: dt.date
    kind: Literal["question", "event"]
    id: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Closed:
    """A question whose window has ended since."""

    id: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Wear:
    """How worn the worlds are that are kept.

    began      the day on which they were last simulated from the first morning
    gone_on    the evening from which they went on today; None if they were started anew
    why        why not from yesterday's evening; '' where they did
    unknown    the one whose posterior is worth fewest worlds, with its `title`; `worth` how many,
               `fresh` how many it was worth on the day `began`
    """

    began: dt.date
    gone_on: dt.date | None
    why: str
    unknown: str
    title: str
    worth: float
    fresh: float

    @property
    def rule(self) -> str:
        return (
            f"they are started anew when an unknown that was worth {FEWEST:.0f} independent worlds "
            "on the day they began is worth fewer, or no posterior is given"
        )


@dataclass(frozen=True, kw_only=True)
class Today:
    """A case as of a day beside the last time.

    reports   those that became known since, of the model; `outside` those that it has no event for
    doubles   of these, the warnings that they may tell of an event that another row has
    changes   the answers of questions that were open on both days; `closed` the questions that
              were open then and are not now
    surprises of the days since, and of earlier ones that a new report tells of
    edits     what was edited since the last time, in words; none where nothing was, or the archive
              does not say
    entry     what an archive keeps of the day
    """

    then: dt.date
    known: Conditioned
    reports: tuple[Report, ...]
    outside: tuple[Report, ...]
    doubles: tuple[str, ...]
    changes: tuple[Change, ...]
    closed: tuple[Closed, ...]
    surprises: tuple[Surprise, ...]
    due: tuple[Due, ...]
    wear: Wear
    edits: tuple[str, ...]
    entry: Entry = field(repr=False)

    @property
    def case(self) -> str:
        return self.known.case

    @property
    def as_of(self) -> dt.date:
        return self.known.as_of

    @property
    def news(self) -> tuple[Change, ...]:
        """The answers that changed beyond their errors, the furthest first."""
        return tuple(sorted((c for c in self.changes if c.news), key=lambda c: -abs(c.log_odds)))

    def told(self, part: Part) -> bool:
        """Whether what a part did is beyond the bound of its error."""
        return beyond(part.log_odds, part.error, len(self.known.posterior.islands))

    def __repr__(self) -> str:
        return (
            f"<Today {self.case}, {self.then} to {self.as_of}: {len(self.reports)} reports, "
            f"{len(self.news)} of {len(self.changes)} answers changed beyond their errors>"
        )


# ---- the day -------------------------------------------------------------------------------------


def today(job: Job, then: dt.date, day: dt.date, last: Entry | None, assessment: str) -> Today:
    """`last` is what the archive has of the day `then`."""
    trail, old = evening(job, then, last)
    now, at = old, then
    steps = list[tuple[dt.date, Stand, dict[Key, Odds], dict[Key, Odds]]]()
    pieces: dict[Key, tuple[Part, ...]] = {}
    days = [then + dt.timedelta(k + 1) for k in range((day - then).days)]
    for each in days:
        stand = next_stand(job, trail, each)
        trail = stand.trail
        if stand.posterior.refusal():
            continue
        ahead = job.onward(stand.posterior, each)
        steps.append((at, stand, now, views(stand.posterior, ahead)))
        now, at = steps[-1][-1], each
    p, refused = stand.posterior, stand.posterior.refusal()
    islands = len(p.islands)
    keys = [] if refused else [k for k in old if k in now]
    changed = {k: summed([(1.0, now[k]), (-1.0, old[k])]) for k in keys if _both(old[k], now[k])}
    news = [k for k, (value, error) in changed.items() if beyond(value, error, islands)]
    if news:
        for earlier, each_stand, before, after in steps:
            live = [k for k in news if _both(before.get(k), after.get(k))]
            for k, own in split(job, earlier, before, each_stand, after, live).items():
                pieces[k] = pieces.get(k, ()) + own
    known = job.history.known_by(day)
    conditioned = Conditioned(
        case=job.case.id,
        model_sha256=job.case.model_sha256,
        assessment=assessment,
        as_of=day,
        reports=known,
        posterior=p,
        forecast=None if refused else ahead.forecast(job.case, known),
        refused=refused,
        learned=() if refused else learned(job.case, p),
        decided=already(job.case, job.history, day),
    )
    edits = edited(job, last)
    questions = {q.id: q for q in job.case.questions}
    changes = tuple(
        _change(job, k, old[k], now[k], changed.get(k), k in news, pieces.get(k, ()), last, edits)
        for k in keys
    )
    fresh = fresh_rows(job.history, then, day)
    return Today(
        then=then,
        known=conditioned,
        reports=tuple(r for r in fresh if r.kind in COUNTED),
        outside=tuple(r for r in fresh if r.kind == "outside"),
        doubles=doubled(job.case, fresh),
        changes=changes,
        closed=tuple(
            Closed(id=id, text=questions[id].text)
            for id in dict.fromkeys(id for id, _ in old)
            if questions[id].last <= day
        ),
        surprises=tuple(surprise(job, p, each) for each in told_of(job.case, days, fresh)),
        due=due(job.case, day, conditioned.decided),
        wear=wear(job.case, stand),
        edits=edits,
        entry=entry_of(job, stand, now if not refused else {}, assessment),
    )


def evening(job: Job, day: dt.date, last: Entry | None) -> tuple[Trail, dict[Key, Odds]]:
    """Where the worlds of an earlier day come from, and what they say: as the archive has it, if
    nothing that they follow from has changed since, else found anew by the model of today."""
    if last is not None:
        stops = shared(plan(job.case.crisis), job.history, day, last.stops)
        trail = Trail(day=day, stops=stops, began=last.began, fresh=last.fresh)
        if (job.case.model_sha256, key_of(job, trail)) == (last.model_sha256, last.key):
            return trail, {(a.id, a.option): odds_kept(a) for a in last.answers}
    found = anew(job, day)
    if found.posterior.refusal():
        return found.trail, {}
    return found.trail, views(found.posterior, job.onward(found.posterior, day))


def odds_kept(a: Kept) -> Odds:
    """An answer as the archive has it."""
    return Odds(
        share=a.probability,
        log_odds=math.nan if a.log_odds is None else a.log_odds,
        pulls=np.array(a.pulls),
        least=math.inf if a.least is None else a.least,
    )


def _both(a: Odds | None, b: Odds | None) -> bool:
    return a is not None and b is not None and a.share is not None and b.share is not None


def _change(
    job: Job,
    asked: Key,
    old: Odds,
    now: Odds,
    changed: tuple[float, float] | None,
    news: bool,
    parts: tuple[Part, ...],
    last: Entry | None,
    edits: tuple[str, ...],
) -> Change:
    q = next(q for q in job.case.questions if q.id == asked[0])
    kept = last.answer(*asked) if last and edits else None
    edit = None
    if last and kept and kept.probability is not None and old.share is not None:
        by, error = summed([(1.0, old), (-1.0, odds_kept(kept))])
        words = "; ".join(edits)
        edit = Part(kind="edit", day=last.day, ids=(), words=words, log_odds=by, error=error)
    value, error = changed or (math.nan, math.inf)
    return Change(
        id=q.id,
        text=q.text,
        option=asked[1],
        given=q.where,
        window=(q.first, q.last),
        then=old.share,
        now=now.share,
        then_error=old.error,
        now_error=now.error,
        log_odds=value,
        error=error,
        news=news,
        parts=tuple(sorted(parts, key=lambda x: -abs(x.log_odds))),
        edit=edit,
        edited=edit is not None and beyond(edit.log_odds, edit.error, len(now.pulls)),
    )


def edited(job: Job, last: Entry | None) -> tuple[str, ...]:
    """What of the case was edited since an entry of the archive, in words."""
    if last is None:
        return ()
    out = []
    if last.model_sha256 != job.case.model_sha256:
        out.append("the model was edited")
    now = {r.id: row_hash(r) for r in before_rows(job.history, last.day) if r.kind in COUNTED}
    differ = sorted(id for id in {*now, *last.rows} if now.get(id) != last.rows.get(id))
    if differ:
        some = ", ".join(differ[:4]) + (" and others" if len(differ) > 4 else "")
        out.append(f"rows of days up to {last.day} were edited or added: {some}")
    return tuple(out)


def told_of(case: Case, days: list[dt.date], rows: tuple[Report, ...]) -> list[dt.date]:
    """The days since, and the earlier ones that a new report tells of, give or take a few days."""
    out = set(days)
    for r in rows:
        if r.kind in COUNTED and r.last <= r.first + NEAR:
            out |= {r.first + dt.timedelta(k) for k in range((r.last - r.first).days + 1)}
    return sorted(d for d in out if case.crisis.first <= d <= days[-1])


def surprise(job: Job, p: Posterior, day: dt.date) -> Surprise:
    found = p.on((day - job.case.crisis.first).days)
    return Surprise(
        day=day,
        nats=found.surprise,
        error=found.surprise_error,
        reports=tuple(
            r
            for r in job.history.known_by(p.days[-1].date)
            if r.kind in COUNTED and r.first <= day <= r.last
        ),
    )


def doubled(case: Case, rows: tuple[Report, ...]) -> tuple[str, ...]:
    """Warnings of the record that some rows may tell of an event that another row has."""
    spans = {r.span for r in rows}
    found = (case.base or case).history_read.found
    return tuple(d.message for d in found if d.code == "double" and d.span in spans)


def due(case: Case, day: dt.date, decided: Collection[str]) -> tuple[Due, ...]:
    """Questions whose window ends and that nothing has decided yet, and events that come on their
    dates, within seven days."""
    soon, first = day + AHEAD, case.crisis.first
    out = [
        Due(day=q.last, kind="question", id=q.id, words=q.text)
        for q in case.questions
        if day < q.last <= soon and q.id not in decided
    ]
    for e in plan(case.crisis).events:
        for at in sorted(e.dates):
            date = first + dt.timedelta(at)
            if day < date <= soon:
                words = e.event.title or e.event.name
                out.append(Due(day=date, kind="event", id=e.event.name, words=words))
    return tuple(sorted(out, key=lambda x: (x.day, x.kind, x.id)))


def wear(case: Case, stand: Stand) -> Wear:
    worths, trail = stand.posterior.worths(), stand.trail
    name = min(worths, key=lambda n: worths[n], default="")
    return Wear(
        began=trail.began,
        gone_on=trail.stops[-1] if trail.stops else None,
        why=stand.why,
        unknown=name,
        title=next((u.title or u.name for u in case.crisis.unknowns if u.name == name), ""),
        worth=worths.get(name, math.inf),
        fresh=trail.fresh.get(name, math.nan),
    )


def entry_of(job: Job, stand: Stand, found: Mapping[Key, Odds], assessment: str) -> Entry:
    """What the archive keeps of a day."""
    trail = stand.trail
    return Entry(
        case=job.case.id,
        day=trail.day,
        assessment=assessment,
        model_sha256=job.case.model_sha256,
        seed=job.seed,
        worlds=job.worlds,
        key=key_of(job, trail),
        began=trail.began,
        stops=trail.stops,
        why=stand.why,
        fresh=dict(trail.fresh),
        worths=stand.posterior.worths(),
        rows={r.id: row_hash(r) for r in before_rows(job.history, trail.day) if r.kind in COUNTED},
        answers=tuple(
            Kept(
                id=id,
                option=option,
                probability=o.share,
                log_odds=None if o.share is None else o.log_odds,
                pulls=tuple(o.pulls.tolist()),
                least=None if o.share is None else o.least,
            )
            for (id, option), o in found.items()
        ),
    )

"""Signs to watch for: what would be seen within some weeks, and how far it would move an answer.

A sign is a yes or no that the public can see by the evening of a day: an event told by then at
least so often, a quantity that stands at so much. Its silence is the same sign. It is judged among
the worlds in which the question is still open that evening: who watches sees a question answered
anyway, so that a sign which comes with the answer, by whatever name, tells nothing. What the
question itself asks of is no sign once its window has begun; how it counts towards the answer is
no news.

Of thousands of signs some look good by luck. So signs are chosen on one half of the worlds (whole
islands where they are conditioned), and every figure is of the other half, in which nobody has
chosen. The next sign is the one that tells most beside those chosen before, and the list ends where
the other half does not bear the next one out.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from offramp.answers.sampling import of_share
from offramp.answers.wording import day as dated
from offramp.answers.wording import percent
from offramp.answers.wording import value as spelt_value
from offramp.case.case import Case
from offramp.engine.ensemble import Ensemble
from offramp.engine.run import Progress
from offramp.explain.information import Worth, counted, drop
from offramp.explain.sign_search import (
    FEWEST,
    Candidates,
    Placed,
    beside,
    candidates,
    chosen,
    end,
    known,
    seen_in,
    worth_in,
)
from offramp.explain.signs_seen import DAY
from offramp.explain.visible import Barred, Seen, visible
from offramp.explain.watched_worlds import (
    Ints,
    Mask,
    Open,
    Worlds,
    evenings,
    lived,
    may_be,
    opened,
)
from offramp.explain.why import spelt
from offramp.filter.posterior import Posterior
from offramp.language.crisis import cited
from offramp.language.questions import Question

MOST_WORLDS = 1 << 15  # to begin with: of each all that is seen in it is kept
AHEAD = 4  # worlds for each conditioned one: to go on costs little beside living the reports
USEFUL = 0.8  # of what a sign is worth on its evening: from when on it is useful already
BINS = 3  # of an unknown that is a number
UNKNOWNS = 3  # that are worth collecting on
THE_ANSWER = "seen only when the question is answered"
THE_QUESTION = "the question asks of it"


@dataclass(frozen=True)
class Sign:
    """Something seen by the evening of a day: an event told at least so often, or a quantity that
    stands at `least` or above."""

    seen: Seen
    by: dt.date
    least: float

    @property
    def words(self) -> str:
        """`“A swarm: injury” is reported by 14 Apr 2031`"""
        return self._told(True)

    @property
    def silence(self) -> str:
        """`“A swarm: injury” is not reported by 14 Apr 2031`"""
        return self._told(False)

    def _told(self, seen: bool) -> str:
        title, on, no = f"“{self.seen.title}”", dated(self.by), "" if seen else "not "
        if not self.seen.quantity:
            times = "times or more" if seen else "times"
            often = "" if self.least == 1 else f" {self.least:.0f} {times}"
            return f"{title} is {no}reported{often} by {on}"
        if self.seen.kind == "flag":
            return f"{title} {'holds' if seen else 'does not hold'} on {on}"
        if self.seen.levels:
            level = self.seen.levels[min(len(self.seen.levels) - 1, round(self.least))]
            level = level.replace("_", " ")
            where = f"at {level} or above" if seen else f"below {level}"
            return f"{title} stands {where} on {on}"
        least = spelt_value(self.least, "")
        return f"{title} is {f'{least} or more' if seen else f'below {least}'} on {on}"


@dataclass(frozen=True)
class Share:
    """A share of worlds, its Monte Carlo error, and of how many worlds."""

    value: float
    error: float
    worlds: int


@dataclass(frozen=True)
class Signpost:
    """A sign of the list.

    open          share of worlds in which the question is open on the evening of the sign
    before        the answer in those worlds
    seen          the share of them in which it is seen
    if_seen, if_not  the answer where it is, and where it is not
    drop          by how much the Brier score is expected to fall by watching for it alone
    beyond        the same by watching for it beside the signs before it in the list
    useful_from   the earliest evening looked at on which it is worth most of that already
    raised        as an alarm, on the first evening of the watch on which it is seen and the
                  question is open (of a silence, on its own evening): share of worlds
    then          the answer where it is raised
    warned        of the worlds with a yes, those in which it is raised before
    alarm         whether that answer is above the level of alarm
    """

    sign: Sign
    open: Share
    before: Share
    seen: Share
    if_seen: Share
    if_not: Share
    drop: Worth
    beyond: Worth
    useful_from: dt.date
    raised: Share
    then: Share
    warned: Share
    alarm: bool

    @property
    def by_silence(self) -> bool:
        """Whether it is its silence that raises the answer."""
        return self.if_not.value > self.if_seen.value


def sentence(s: Signpost) -> str:
    """What a sign does to the answer, in words, with the errors; the rarer of its sides leads."""
    words, share, here, other = s.sign.words, s.seen, s.if_seen, s.if_not
    if share.value > 0.5:
        share = replace(share, value=1.0 - share.value)
        words, here, other = s.sign.silence, s.if_not, s.if_seen
    return (
        f"If {words} ({told_share(share)} of worlds), {percent(s.before.value)} becomes "
        f"{told_share(here)}; if not so, {told_share(other)}."
    )


def told_share(s: Share) -> str:
    """`31% ± 2`"""
    return f"{percent(s.value)} ± {points(s.error)}"


def points(error: float) -> str:
    """An error in percent points."""
    return f"{100 * error:.0f}" if error >= 0.005 else "<1"


@dataclass(frozen=True)
class Collect:
    """An unknown that would tell though nothing public does: what knowing it (a number to a third
    of its worlds) is worth now, and what beside the signs of the list."""

    unknown: str
    title: str
    drop: Worth
    left: Worth
    passages: tuple[str, ...]


@dataclass(frozen=True)
class Watchlist:
    """Signs of a question, each beside those before it.

    answer     in the half of the worlds in which all is measured
    brier      the expected Brier score of that answer
    tried      how many signs were looked at
    level      the answer from which on a sign is an alarm
    """

    question: Question
    window: tuple[dt.date, dt.date]
    answer: Share
    brier: float
    tried: int
    level: float
    signs: tuple[Signpost, ...]
    collect: tuple[Collect, ...]
    barred: tuple[Barred, ...]

    @property
    def note(self) -> str:
        """Why nothing can be told, where that is so from the outset."""
        if self.answer.worlds == 0:
            return "no world meets its condition"
        if self.answer.value in (0.0, 1.0):
            said = "yes" if self.answer.value else "no"
            return f"all {self.answer.worlds:,} worlds say {said}: no sign can tell more"
        return ""


@dataclass(frozen=True)
class Signposts:
    """`first` to `last`: the days over which it is watched. `alarm`: the answer from which on a
    sign of any question is an alarm, where one was given; else each list has its own level.
    `followed`: whether the case says what is told; without that all that is public counts as
    seen."""

    case: str
    assessment: str
    model_sha256: str
    as_of: dt.date | None
    first: dt.date
    last: dt.date
    evenings: tuple[dt.date, ...]
    seed: int
    worlds: int
    alarm: float | None
    followed: bool
    barred: tuple[Barred, ...]
    lists: tuple[Watchlist, ...]

    def __repr__(self) -> str:
        n = sum(len(x.signs) for x in self.lists)
        return f"<Signposts of {self.case}, {self.first} to {self.last}: {n} signs>"


def signposts(
    case: Case,
    questions: tuple[Question, ...],
    p: Posterior | None,
    days: int,
    worlds: int,
    seed: int,
    level: float | None = None,
    assessment: str = "case",
    threads: int | None = None,
    progress: Progress | None = None,
) -> Signposts:
    """What to watch for of several questions of yes or no, in one set of worlds: `worlds` free
    ones, from the first day of the crisis on, or so many of a posterior, from the day after its
    last. `level`: the answer from which on a sign is an alarm; without one, that of twice the odds
    of today's answer."""
    crisis = case.crisis
    before = crisis.first - DAY if p is None else p.days[-1].date
    grid = evenings(before, days, crisis.last)
    things, barred = visible(case, before + DAY, grid[-1])
    w = lived(case, questions, things, grid, p, worlds, seed, threads, progress)
    signs = candidates(w)
    return Signposts(
        case=case.id,
        assessment=assessment,
        model_sha256=case.model_sha256,
        as_of=None if p is None else before,
        first=before + DAY,
        last=grid[-1],
        evenings=grid[1:],
        seed=seed,
        worlds=w.ensemble.worlds,
        alarm=level,
        followed=bool(case.history.coverage),
        barred=barred,
        lists=tuple(listed(case, q, w, signs, level) for q in questions),
    )


def listed(
    case: Case, q: Question, w: Worlds, signs: tuple[Candidates, ...], level: float | None
) -> Watchlist:
    """The signs of a question, and the unknowns that they leave."""
    o, e = opened(w, q.id), w.ensemble
    whole = o.met & w.half
    allowed = tuple(
        np.array([may_be(q, w.things[i], w.days[c.day]) for i in c.of], bool) for c in signs
    )
    answer = share(o.yes, whole, e)
    at = level if level is not None else 2 * answer.value / (1 + answer.value)
    found = chosen(w, o, signs, allowed)
    placed = tuple(sign for sign, _ in found)
    return Watchlist(
        question=q,
        window=(q.first, q.last),
        answer=answer,
        brier=answer.value * (1.0 - answer.value),
        tried=sum(int(a.sum()) for a in allowed),
        level=at,
        signs=tuple(signpost(w, o, q, sign, beyond, at) for sign, beyond in found),
        collect=collect(case, w, o, placed),
        barred=tuple(barred(w, o, q)),
    )


def share(values: Mask, keep: Mask, e: Ensemble) -> Share:
    n = int(keep.sum())
    if n == 0:
        return Share(math.nan, math.inf, 0)
    x = values.astype(float)
    return Share(float(x[keep].mean()), of_share(x, keep, e)[1], n)


def signpost(
    w: Worlds, o: Open, q: Question, sign: Placed, beyond: Worth, level: float
) -> Signpost:
    """A sign with its figures."""
    e, k, whole = w.ensemble, sign.day, o.met & w.half
    still, seen = o.still[:, k], seen_in(w, sign, k) == 1
    use = whole & still
    if_seen, if_not = share(o.yes, use & seen, e), share(o.yes, use & ~seen, e)
    raised = still & ~seen
    if if_seen.value >= if_not.value:
        thing = w.things[sign.thing]
        course = w.courses[sign.thing] >= np.float32(sign.least)
        course = course & [may_be(q, thing, day) for day in w.days]
        first = course.argmax(axis=1)
        raised = course.any(axis=1) & o.still[np.arange(e.worlds), first]
    then = share(o.yes, whole & raised, e)
    worths = [beside(w, o, replace(sign, day=j), ()) for j in range(k + 1)]
    enough = (j for j, x in enumerate(worths) if x.drop >= USEFUL * worths[k].drop)
    return Signpost(
        sign=Sign(w.things[sign.thing], w.days[k], sign.least),
        open=share(still, whole, e),
        before=share(o.yes, use, e),
        seen=share(seen, use, e),
        if_seen=if_seen,
        if_not=if_not,
        drop=worths[k],
        beyond=beyond,
        useful_from=w.days[min(enough, default=k)],
        raised=share(raised, whole, e),
        then=then,
        warned=share(raised, whole & o.yes, e),
        alarm=then.value > level,
    )


def collect(case: Case, w: Worlds, o: Open, signs: tuple[Placed, ...]) -> tuple[Collect, ...]:
    """The unknowns that would tell most beside the signs; chosen and measured as these are."""
    now = np.ones(w.ensemble.worlds, bool)
    still = o.still[:, end(signs)] if signs else now
    cells, nothing = known(w, signs, end(signs)), known(w, ())
    choosing = o.met & ~w.half
    use, tried = choosing & still, list[tuple[float, int, Ints]]()
    if not use.any():
        return ()
    for k, unknown in enumerate(case.crisis.unknowns):
        x = w.ensemble.unknowns[:, k]
        bins = x.astype(np.int64)
        if not unknown.options:
            bins = np.searchsorted(np.quantile(x[choosing], np.arange(1, BINS) / BINS), x)
        zero = np.zeros(int(use.sum()), np.int64)
        n, yes = counted(zero, cells[use], bins[use], o.yes[use], 1)
        tried.append((float(drop(n, yes, max(1.0, choosing.sum()))[0]), k, bins))
    out = list[Collect]()
    for _, k, bins in sorted(tried, key=lambda t: -t[0])[:UNKNOWNS]:
        left = worth_in(w, o, cells, bins, still)
        if not left.told:
            break
        unknown = case.crisis.unknowns[k]
        first = worth_in(w, o, nothing, bins, now)
        out.append(Collect(unknown.name, spelt(unknown), first, left, cited(unknown)))
    return tuple(out)


def barred(w: Worlds, o: Open, q: Question) -> Iterable[Barred]:
    """What could be a sign, and is none of this question."""
    for thing, values in zip(w.things, w.courses, strict=True):
        if not may_be(q, thing, w.days[-1]):
            yield Barred(thing.what, thing.title, THE_QUESTION)
        elif not thing.quantity:
            seen = (values > 0) & o.met[:, None]
            if seen.any(axis=1).sum() >= FEWEST and not (seen & o.still).any():
                yield Barred(thing.what, thing.title, THE_ANSWER)

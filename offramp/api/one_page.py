"""One page on a case: what is expected, how sure, why, and who differs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from offramp.api.checked import failings
from offramp.api.common import Day, Named, Parts, Progress, case_of, day_of
from offramp.api.papers import kept, ready
from offramp.errors import Unanswerable

if TYPE_CHECKING:
    from offramp.answers.forecast import Forecast
    from offramp.api.papers import Told
    from offramp.case.case import Case
    from offramp.case.record import Report
    from offramp.explain.essentials import Author, Essentials
    from offramp.explain.signposts import Signposts

WORLDS = 2048  # of the case, and of each author


def essentials(
    case: Named,
    *,
    as_of: Day | None = None,
    worlds: int = WORLDS,
    each: int | None = None,
    seed: int = 1,
    quick: bool = False,
    now: Forecast | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Essentials:
    """What one page on a case says, as values: the five answers that matter, what moved since the
    day before, how far the authors are apart, and what carries it.

    as_of   conditioned on the reports known by this day (default: on none)
    worlds  of the case; `each` of each author (default: as many)
    now     the answers without reports, where they are at hand
    quick   without authors, the day before and what the model gets wrong

    Raises Impossible where no world can have a day's reports, Unanswerable where too few are left.
    """
    from offramp.explain.essentials import essentials as of
    from offramp.render.brief.milestones import milestones

    read = case_of(case)
    day = None if as_of is None else day_of(as_of, read, "as_of")
    whose = [] if quick else list(read.assessments)
    parts = Parts(progress, 1 + len(whose) + (0 if quick else 2))
    if now is None or day is not None:
        own, before = _case(read, day, worlds, seed, not quick, threads, parts.next())
    else:
        own, before = _Now(now), None
    each = each or worlds
    authors = [_author(read, a, day, each, seed, threads, parts.next()) for a in whose]
    known, signs = None, None
    if not quick:
        known = failings(read, seed=seed, threads=threads, progress=parts.next())
        signs = _signs(read, own, day, each, seed, threads, parts.next())
    return of(
        read,
        own.forecast,
        before,
        authors,
        milestones(read.crisis),
        failings=known,
        signs=signs,
        decided=own.decided,
        worths=own.worths,
        reports=_new(read, before, day),
    )


def page(case: Named, found: Essentials | Told, output: str | Path | None = None) -> str:
    """A page as one self-contained HTML file; also written to `output`, a file ending in .html or
    .pdf, whole or not at all. Of `essentials` it prints on one side of A4; of `today`, `watch`,
    `assumptions`, `evidence`, `scenarios` and `review_game` it says on a few what they found.

    Raises Mistake for another ending, OSError for a file that cannot be written, and TooLong where
    the words do not fit.
    """
    read = case_of(case)
    ready(output)
    return kept(read, found, output)


def _new(case: Case, before: Forecast | None, day: dt.date | None) -> tuple[Report, ...]:
    """The reports that became known since the day before."""
    if before is None or before.as_of is None or day is None:
        return ()
    old = {r.id for r in case.history.known_by(before.as_of)}
    return tuple(r for r in case.history.known_by(day) if r.id not in old)


@dataclass(frozen=True)
class _Now:
    """The case's own answers, what reports have decided, and how many independent worlds the
    posterior of each unknown is worth."""

    forecast: Forecast
    decided: tuple[str, ...] = ()
    worths: Mapping[str, float] = field(default_factory=dict)


def _case(
    case: Case,
    day: dt.date | None,
    worlds: int,
    seed: int,
    yesterday: bool,
    threads: int | None,
    progress: Progress | None,
) -> tuple[_Now, Forecast | None]:
    """The case as of a day, and what it answered the day before."""
    from offramp.api.forecasts import day_by_day, forecast

    if day is None:
        free = forecast(case, worlds=worlds, seed=seed, threads=threads, progress=progress)
        return _Now(free), None
    eve = day - dt.timedelta(1)
    days = (eve, day) if yesterday and eve >= case.crisis.first else (day,)
    found = day_by_day(case, days, worlds=worlds, seed=seed, threads=threads, progress=progress)
    last = found[-1]
    if last.forecast is None:
        raise Unanswerable(last.refused)
    worths = {x.name: x.worth for x in last.learned}
    now = _Now(last.forecast, tuple(last.decided), worths)
    return now, found[0].forecast if len(found) > 1 else None


def _signs(
    case: Case,
    own: _Now,
    day: dt.date | None,
    worlds: int,
    seed: int,
    threads: int | None,
    progress: Progress | None,
) -> Signposts | None:
    """What to watch for over a month, of the page's questions; None where none can be watched."""
    from offramp.api.advice import watch
    from offramp.explain.essentials import chosen

    first = day or case.crisis.first
    picked = {a.id for a in chosen(own.forecast, own.decided)[0]}
    asked = [q for q in case.questions if q.id in picked and not q.supposes and q.last > first]
    if not asked or first >= case.crisis.last:
        return None
    names = [q.id for q in asked]
    return watch(
        case, *names, as_of=day, worlds=worlds, seed=seed, threads=threads, progress=progress
    )


def _author(
    case: Case,
    name: str,
    day: dt.date | None,
    worlds: int,
    seed: int,
    threads: int | None,
    progress: Progress | None,
) -> Author:
    from offramp.api.forecasts import condition, forecast
    from offramp.explain.essentials import Author
    from offramp.filter.posterior import Impossible

    own, assessment = case.under(name), case.assessments[name]
    author = Author(assessment=assessment, case=own, forecast=None)
    if day is not None and assessment.knew > day:
        return replace(author, why="wrote later")
    if day is None:
        found = forecast(own, worlds=worlds, seed=seed, threads=threads, progress=progress)
        return replace(author, forecast=found)
    try:
        known = condition(
            case,
            as_of=day,
            assessment=name,
            worlds=worlds,
            seed=seed,
            threads=threads,
            progress=progress,
        )
    except Impossible as error:
        return replace(author, why=str(error))
    return replace(author, forecast=known.forecast, why=known.refused)

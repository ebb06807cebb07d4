"""The brief, and what stands in it beside the forecast."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from offramp.api.common import Named, Parts, Progress, Steps, case_of, fast, island_days
from offramp.api.hindsight import replied
from offramp.api.papers import Briefed, kept, ready

if TYPE_CHECKING:
    from offramp.answers.forecast import Forecast, Watch
    from offramp.case.case import Case
    from offramp.explain.central_event import Central
    from offramp.explain.essentials import Essentials
    from offramp.explain.main_actors import Apart
    from offramp.explain.robustness import Compared
    from offramp.filter.posterior import Posterior
    from offramp.render.brief.content import More

RETOLD = 4096  # worlds conditioned on reports for the documents' own questions
BEGUN = 512  # worlds of a brief without reports, of which choices are taken apart


def brief(
    case: Named,
    forecast: Forecast,
    output: str | Path | None = None,
    *,
    quick: bool = True,
    threads: int | None = None,
    progress: Progress | None = None,
) -> str:
    """The brief of a case as one self-contained HTML page; also written to `output`, a file ending
    in .html or .pdf, whole or not at all.

    forecast  what `forecast` gave, or `known_forecast` for a brief as of a day
    quick     leave out what takes minutes: the documents' own questions that need worlds
              conditioned on the reports, and what the answers lean on, who of the authors differs,
              what the documents recommend, why the main actors choose, what would be but for the
              central event, what the model is known to get wrong

    Raises OSError, before the work, for a file that cannot be written.
    """
    read = case_of(case)
    ready(output)  # before the work, and not after
    told = briefed(read, forecast, quick=quick, threads=threads, progress=progress)
    return kept(read, told, output)


def briefed(
    case: Named,
    forecast: Forecast,
    *,
    quick: bool = True,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Briefed:
    """What a brief is made of, for `document`: the forecast and what stands beside it; arguments as
    in `brief`."""
    read = case_of(case)
    return Briefed(forecast, beside(read, forecast, 0 if quick else RETOLD, threads, progress))


def handout(case: Named, output: str | Path | None = None, *, days: int | None = None) -> str:
    """A case as a handout for a class, as one self-contained HTML page for print: a sheet a role, a
    map of the turns, a page for the moderator, questions before and after; also written to
    `output`, a file ending in .html or .pdf. From the case alone: nothing is simulated, and nothing
    stands on it that anyone learnt after the first day.

    days  how many the class plays, from the first on; None for all that the case shows. With fewer
          only the questions of yes or no, and of several answers, that so many days decide

    Raises Mistake for another ending and for days that the case has not, OSError for a file that
    cannot be written.
    """
    from offramp.render.handout.roles import handout as of_roles

    read = case_of(case)
    ready(output)
    return kept(read, of_roles(read, days), output)


def beside(
    case: Case,
    f: Forecast,
    worlds: int,
    threads: int | None = None,
    progress: Progress | None = None,
) -> More:
    """What a brief has beside the forecast: the documents' own questions, answered, what of them is
    left out, what one page says, why the main actors choose, and what would be but for the central
    event. `worlds`: of each author; with 0 nothing is simulated for it.
    """
    from offramp.explain.coverage import coverage
    from offramp.explain.open_questions import replies
    from offramp.render.brief.content import More
    from offramp.sources.faults import all_beside

    questions, parts = case.asked, Parts(progress, 5)
    if worlds:
        found = replied(case, f, questions, f.as_of, worlds, f.seed, threads, parts.next())
    else:
        found = replies(case, questions, f, None, f.seed)
    errs = all_beside(case, case.passages)
    carried = coverage(case) if questions else None
    lived, decided = _known(case, f.as_of)
    page = _essentials(case, f, worlds, threads, parts.next()) if worlds else None
    advised = _policies(case, f, worlds // 4, threads, parts.next()) if worlds else None
    asked = _asked_of(case, page) if page else ()
    return More(
        replies=found,
        coverage=carried,
        errs=errs,
        quick=not worlds,
        lived=lived,
        decided=decided,
        rules={q.id: q.resolves for q in case.questions if q.resolves},
        essentials=page,
        policies=advised,
        apart=_apart(case, f, asked, threads, parts.next()),
        central=_central(case, f, asked, worlds, threads, parts.next()),
    )


def _policies(
    case: Case, f: Forecast, worlds: int, threads: int | None, progress: Progress | None
) -> Compared | None:
    """What the documents recommend, compared from the day of the brief on; None where they
    recommend nothing."""
    from offramp.api.advice import policies

    if not case.agenda.policies:
        return None
    return policies(
        case,
        as_of=f.as_of,
        free=f.as_of is None,
        worlds=worlds,
        each=1,
        seed=f.seed,
        threads=threads,
        progress=progress,
    )


def _essentials(
    case: Case, f: Forecast, worlds: int, threads: int | None, progress: Progress | None
) -> Essentials:
    """What a page says of the same worlds; `worlds` of each author."""
    from offramp.api.one_page import essentials

    return essentials(
        case,
        as_of=f.as_of,
        worlds=f.worlds,
        each=worlds // 2,
        seed=f.seed,
        now=f,
        threads=threads,
        progress=progress,
    )


def _asked_of(case: Case, page: Essentials) -> tuple[Watch, ...]:
    """The questions of the page, in its order."""
    from offramp.answers.forecast import watches

    watched = {w.question.id: w for w in watches(case, page.forecast.start_from)[0]}
    return tuple(watched[line.answer.id] for line in page.lines)


def _apart(
    case: Case,
    f: Forecast,
    asked: tuple[Watch, ...],
    threads: int | None,
    progress: Progress | None,
) -> tuple[Apart, ...]:
    """Why the main actors choose: without reports on a morning of the first month, as of a day on
    that morning. Of whom a document asks it, it is answered there."""
    from offramp.explain.main_actors import ACTORS, MONTH, apart, turnings
    from offramp.explain.motives import LOOKED_AT

    answered = {q.choice[0] for q in case.asked if q.choice is not None}
    found, parts = turnings(case, f, asked, answered), Parts(progress, 2)
    if not found:
        return ()
    if f.as_of is None:
        since = (f.start_from - case.crisis.first).days
        days = range(min(since + MONTH, case.crisis.days))
        p = _unreported(case, BEGUN, days, f.seed, threads, parts.next())
    else:
        since = (f.as_of - case.crisis.first).days
        p = _reported(case, f.as_of, f.worlds, f.seed, threads, parts.next())
    if p.refusal():
        return ()
    steps = Steps(parts.next(), LOOKED_AT * (1 + ACTORS))
    return apart(case, p, found, since, f.seed, steps)


def _central(
    case: Case,
    f: Forecast,
    asked: tuple[Watch, ...],
    worlds: int,
    threads: int | None,
    progress: Progress | None,
) -> Central | None:
    """What the page would say but for the central event, unless a document asks just that."""
    from offramp.explain.central_event import TRIED, candidates, central

    asked = tuple(w for w in asked if not w.question.supposes)
    answered = {e.target for q in case.asked for e in q.without if e.verb == "never"}
    reports = case.history.known_by(f.as_of) if f.as_of is not None else ()
    found, parts = candidates(case, f, asked, reports, answered), Parts(progress, 2)
    if not found or f.start_from != case.crisis.first:
        return None
    if f.as_of is None:
        p = _unreported(case, worlds // 2, range(1), f.seed, threads, parts.next())
    else:
        p = _reported(case, f.as_of, f.worlds, f.seed, threads, parts.next())
    if p.refusal():
        return None
    tries = len(found) * min(TRIED, p.worlds) if len(found) > 1 else 0
    steps = Steps(parts.next(), p.worlds + tries)
    return central(case, p, found, asked, f.seed, threads, steps)


def _unreported(
    case: Case,
    worlds: int,
    days: range,
    seed: int,
    threads: int | None,
    progress: Progress | None,
) -> Posterior:
    """Worlds that know no report, on each of these days, counted from the first."""
    from offramp.answers.conditioned import island_layout
    from offramp.case.record import History
    from offramp.engine.plan import plan
    from offramp.filter.known import schedule
    from offramp.filter.posterior import filtered
    from offramp.filter.store import prepare

    fast()
    last = case.crisis.first + dt.timedelta(days[-1])
    f = prepare(plan(case.crisis), schedule(plan(case.crisis), History((), ()), last), seed)
    islands, size = island_layout(worlds)
    steps = Steps(progress, islands * len(days))
    return filtered(f, islands, size, days, threads, steps)


def _reported(
    case: Case,
    day: dt.date,
    worlds: int,
    seed: int,
    threads: int | None,
    progress: Progress | None,
) -> Posterior:
    """Worlds conditioned on the reports known by a day: those of the forecast, where as many."""
    from offramp.answers.conditioned import posterior_of

    fast()
    steps = Steps(progress, island_days(case, worlds, day))
    return posterior_of(case, case.history, day, worlds, seed, threads, steps)


def _known(
    case: Case, as_of: dt.date | None
) -> tuple[tuple[tuple[dt.date, dt.date], ...], dict[str, str]]:
    """The days of the reports lived by a day (of each reading, where they are disputed), and
    which questions had been decided by then."""
    from offramp.answers.resolve import already

    if as_of is None:
        return (), {}
    history = case.history
    known = [r for r in history.known_by(as_of) if r.kind in ("event", "quantity")]
    decided = {id: f"{o.already}: {o.briefly}" for id, o in already(case, history, as_of).items()}
    return tuple((d.first, d.last) for r in known for d in r.when), decided

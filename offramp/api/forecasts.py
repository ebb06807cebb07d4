"""Forecasts: of free worlds, of worlds conditioned on reports, and what moves an answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from offramp.api import MOST_WORLDS
from offramp.api.common import (
    Day,
    Named,
    Progress,
    Steps,
    authored,
    case_of,
    day_of,
    fast,
    island_days,
    lived,
    reports_of,
)
from offramp.errors import Mistake, Unanswerable
from offramp.text.diagnostics import counted, suggestion

if TYPE_CHECKING:
    from offramp.answers.anew import Anew
    from offramp.answers.conditioned import Conditioned
    from offramp.answers.forecast import Forecast
    from offramp.answers.session import Difference, Session
    from offramp.case.case import Case
    from offramp.case.record import History
    from offramp.engine.ensemble import Story
    from offramp.explain.diff import Diff
    from offramp.explain.scenarios import Scenarios
    from offramp.explain.today import Today
    from offramp.explain.why import Why

LEAST_ERROR = 0.0005  # a million worlds
FEWEST_WORLDS = 200  # among which clusters are looked for
LEAST_DAYS = 56  # of a whole history


def forecast(
    case: Named,
    *,
    worlds: int | None = None,
    seconds: float | None = None,
    seed: int = 1,
    error: float | None = None,
    start: Day | None = None,
    threads: int | None = None,
    reference: bool = False,
    progress: Progress | None = None,
) -> Forecast:
    """The answers to a case's questions, from free worlds: simulated from the first day on, and not
    adjusted to any report.

    worlds     how many; without it as many as finish in `seconds` (10; 110 without Numba)
    error      in their place: as many as bring the Monte Carlo error of every probability that is
               asked of all worlds down to this, and a million at most
    start      count only what happens from this day on
    reference  simulate by the interpreter that defines the model: the same numbers, slower

    Raises CaseError for a case that cannot be used, Mistake for a day outside the crisis, or for an
    error that is none or goes with another measure of how long to simulate.
    """
    from offramp.answers.forecast import arms_of
    from offramp.answers.forecast import forecast as answer

    read = case_of(case)
    total = worlds and worlds * (1 + len(arms_of(read.questions)))
    day = None if start is None else day_of(start, read, "start")
    if error is not None:
        if worlds or seconds or reference:
            raise Mistake("it stands in place of 'worlds', 'seconds' and 'reference'", "error")
        if not LEAST_ERROR <= error < 0.5:
            raise Mistake(f"it lies between {LEAST_ERROR} and .5, as .01 does: one point", "error")
        from offramp.answers.session import forecast_until

        fast("an error that is wanted")
        steps = Steps(progress, None)
        return forecast_until(read, error, MOST_WORLDS, seed, day, threads, steps)
    engine = _engine(reference)
    return answer(
        read,
        worlds or MOST_WORLDS,
        seed,
        day,
        threads,
        Steps(progress, total),
        None if worlds else seconds or _patience(engine),
        engine.simulate,
    )


def session(
    case: Named, *others: Named, seed: int = 1, supposed: bool = False
) -> tuple[Session, ...]:
    """A case, and variants of it (`offramp.edit`), laid out for worlds that stay at hand: one
    session each, none with worlds yet. `grown(500)` gives the session with so many; what it has is
    never simulated again. All throw the same dice, and `offramp.differences` compares two in pairs
    of worlds. `supposed`: also asks what is asked under an `if:`, of as many worlds for each.

    Raises CaseError for a case that cannot be used, Mistake for one that is no variant of the
    first, Needs without Numba.
    """
    from offramp.answers.session import sessions

    cases = tuple(case_of(c) for c in (case, *others))
    first, *rest = ([q.id for q in c.questions] for c in cases)
    if any(ids != first for ids in rest):
        raise Mistake("a variant has the questions of the first case: `offramp.edit` makes one")
    fast("a session")
    return sessions(cases, seed, supposed)


def differences(base: Session, variant: Session) -> tuple[Difference, ...]:
    """What a variant changes in each probability, number and date, with the error of pairs of
    worlds that threw the same dice. Raises Mistake for sessions of different seeds."""
    from offramp.answers.session import differences as found

    if base.seed != variant.seed:
        raise Mistake(f"seeds {base.seed} and {variant.seed}: pairs of worlds throw the same dice")
    return found(base, variant)


def diff(
    old: Named,
    new: Named,
    *,
    worlds: int = 2000,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Diff:
    """What two cases of one crisis differ in, element by element, and what that does to each answer
    that both give: by worlds in pairs that throw the same dice, with errors. Numbers that changed
    are also changed one at a time. No report is used.

    old, new  cases; or in a name CASE@COMMIT, as git has the folder in a commit, or CASE#NAME, with
              the ranges of a what-if that is kept in `whatif/`
    worlds    of each, and as many for each number alone (six at most)

    Raises CaseError for a case that cannot be used, Unanswerable for a commit or a what-if that
    cannot be had, Needs without Numba.
    """
    from offramp.case.versions import Version, version
    from offramp.explain.diff import diff as found

    def named(case: Named) -> Version:
        if isinstance(case, str | Path):
            return version(case)
        read = case_of(case)
        return Version(read.id, read)

    one, other = named(old), named(new)
    fast("a diff")
    return found(one, other, worlds, seed, threads=threads, step=Steps(progress, None))


def why(
    case: Named,
    question: str,
    *,
    worlds: int | None = None,
    seconds: float | None = None,
    seed: int = 1,
    threads: int | None = None,
    reference: bool = False,
    progress: Progress | None = None,
) -> Why:
    """What moves the answer to a yes-or-no question, the passages behind it, and some of its worlds
    as stories; of free worlds, without the reports.

    Raises Unanswerable for a question that the case lacks."""
    from offramp.explain.why import explain

    read = case_of(case)
    ids = [q.id for q in read.questions if q.binary]
    if question not in ids:
        help = suggestion(question, ids, "questions") or "see `offramp forecast`"
        raise Unanswerable(f"{read.id} has no question '{question}': {help}")
    engine = _engine(reference)
    return explain(
        read,
        question,
        worlds or MOST_WORLDS,
        seed,
        threads,
        Steps(progress, worlds),
        None if worlds else seconds or _patience(engine),
        engine.simulate_all,
    )


def replay(case: Named, seed: int, world: int) -> Story:
    """One world told in full: all that happened in it, and its shown quantities by day. Simulating
    again is cheaper than keeping, so any world of any run can be had by its number."""
    from offramp.engine.run import replay as again

    return again(case_of(case).crisis, seed, world)


def condition(
    case: Named,
    *,
    as_of: Day | None = None,
    assessment: str = "case",
    worlds: int = 4096,
    seed: int = 1,
    threads: int | None = None,
    silence: str = "daily",
    progress: Progress | None = None,
) -> Conditioned:
    """Worlds conditioned on what was reported and known by a day: log evidence, the days that
    surprised the model, what the unknowns have become, and the open questions.

    as_of    the last day of the course by default
    worlds   in islands of 256 (docs/meaning.md, 14); `refused` and `unmixed` of the result say when
             they were too few
    silence  'daily', or 'episode': once an episode (docs/decisions/12)

    Raises Impossible where no world can have a day's reports.
    """
    from offramp.answers.conditioned import condition as conditioned
    from offramp.answers.resolve import already

    read = case_of(case)
    history = reports_of(read)
    day = read.crisis.shown_last if as_of is None else day_of(as_of, read, "as_of")
    own = authored(read, assessment)
    fast()
    steps = Steps(progress, island_days(read, worlds, day))
    found = conditioned(
        own, history, day, worlds, seed, threads, steps, silence == "episode", assessment
    )
    return replace(found, decided=already(own, history, day))


def day_by_day(
    case: Named,
    days: Sequence[Day],
    *,
    assessment: str = "case",
    worlds: int = 4096,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress | None = None,
) -> tuple[Conditioned, ...]:
    """What `condition` gives as of each of several days, in their order. Days up to which no report
    was still unknown share their worlds, so that they cost little more than the last of them.

    Raises Impossible where no world can have a day's reports, and Mistake for a day that is none or
    where there are none.
    """
    from offramp.answers.conditioned import filters, sweep
    from offramp.answers.resolve import already

    read = case_of(case)
    history = reports_of(read)
    asked = tuple(day_of(day, read, "days") for day in days)
    if not asked:
        raise Mistake("name a day at least", "days")
    own = authored(read, assessment)
    fast()
    lasts = [last for last, _ in filters(own, history, asked)]
    steps = Steps(progress, sum(island_days(read, worlds, last) for last in lasts))
    found = sweep(own, history, asked, worlds, seed, threads, steps, assessment=assessment)
    return tuple(replace(c, decided=already(own, history, c.as_of)) for c in found)


def today(
    case: Named,
    *,
    as_of: Day | None = None,
    since: Day | None = None,
    archive: str | Path | None = None,
    assessment: str = "case",
    worlds: int = 2048,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Today:
    """What has changed since the last time: each answer then and now, which report made the change,
    what surprised, what the model has no event for, what is due. Worlds go on from the evening
    before where they may, and nothing is simulated twice; the answers are those of one run.

    as_of    default: the last day of the record, or of the calendar where the record has no end
    since    the day to compare with; default: the last of the archive before, or the day before
    archive  a folder with a file a day, in which the day is kept; without it nothing is written

    A change that is not beyond its error is no news, and what an edit of the model or of older rows
    did is told apart where the archive has the day. Raises Impossible where no world can have the
    reports, Mistake for a day before the first, or an archive of another case, seed or number of
    worlds, OSError for a folder that takes no files.
    """
    from offramp.answers import archive as days
    from offramp.explain.evenings import Job
    from offramp.explain.today import today as found
    from offramp.text.files import check_folder

    read = case_of(case)
    history = reports_of(read)
    day = last_day(read, history) if as_of is None else day_of(as_of, read, "as_of")
    own = authored(read, assessment)
    folder = None if archive is None else Path(archive)
    then = None if since is None else day_of(since, read, "since")
    entry = None
    if folder is not None:
        entry = days.latest(folder, day) if then is None else days.there(folder, then)
    if entry is not None:
        asked = (read.id, assessment, seed, worlds)
        kept = (entry.case, entry.assessment, entry.seed, entry.worlds)
        if asked != kept:
            raise Mistake(
                f"'{folder}' holds days of {kept[0]} ({kept[1]}), seed {kept[2]}, {kept[3]} "
                f"worlds, and asked is {asked[0]} ({asked[1]}), seed {asked[2]}, {asked[3]} "
                "worlds: ask for the same, or name another folder",
                "archive",
            )
    if day <= read.crisis.first:
        raise Mistake(
            f"{day} is the first day of the crisis, and none is before it to compare with: choose "
            f"a later one, from {read.crisis.first + dt.timedelta(1)} on",
            "as_of",
        )
    then = then or (entry.day if entry else day - dt.timedelta(1))
    if not read.crisis.first <= then < day:
        raise Mistake(
            f"{day} is compared with an earlier day of the crisis, from {read.crisis.first} on, "
            f"and not with {then}",
            "since",
        )
    fast()
    if folder is not None:
        check_folder(folder)
    job = Job(
        case=own,
        history=history,
        worlds=worlds,
        seed=seed,
        threads=threads,
        progress=Steps(progress, None),
    )
    result = found(job, then, day, entry, assessment)
    if folder is not None:
        days.keep(folder, result.entry)
    return result


def last_day(case: Case, history: History) -> dt.date:
    """The last day of the record, or of the calendar where the record has no end; within the
    crisis."""
    end = dt.date.today() if history.until == dt.date.max else history.until
    return max(case.crisis.first, min(case.crisis.last, end))


def reweigh(case: Named, known: Conditioned, *, threads: int | None = None) -> Anew:
    """What `condition` would find for a case that was edited, by the worlds of `known`, in about a
    tenth of the time: each is simulated once more among the reports, and counts by how much
    likelier they have become (importance sampling; docs/meaning.md, 14).

    case   the edited case: `edit(case, ...)`, or with other numbers in its texts
    known  what `condition` gave for the case before, as of some day

    Where the edit leads too far from the worlds at hand `conditioned.refused` says so: condition
    the edited case itself. What only the edited case can do, and no world did before, is not seen:
    after an edit of conditions, or of votes that were reported, condition anew.

    Raises Mistake where the case has other elements or reports than the one before.
    """
    from offramp.answers.anew import anew

    read = case_of(case)
    fast()
    try:
        return anew(read, known, threads)
    except ValueError as error:
        raise Mistake(f"{error}: condition the edited case itself", "case") from None


def known_forecast(
    case: Named,
    as_of: Day,
    *,
    worlds: int = 4096,
    seed: int = 1,
    threads: int | None = None,
    with_record: bool = False,
    progress: Progress | None = None,
) -> Forecast:
    """The forecast of `condition`, for a brief as of a day. `with_record`: with what was decided
    later. Raises Unanswerable where there is none."""
    found = condition(
        case, as_of=as_of, worlds=worlds, seed=seed, threads=threads, progress=progress
    )
    if found.forecast is None:
        raise Unanswerable(found.refused)
    return replace(found.forecast, with_record=with_record)


def scenarios(
    case: Named,
    *,
    as_of: Day | None = None,
    assessment: str = "case",
    worlds: int = 2048,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Scenarios:
    """Clusters of whole histories, where they are real: each with its share of worlds, a world of
    its middle, the turns that lead into it and its early signposts. `refused` of the result says
    why there are none (docs/scenarios.md).

    as_of   worlds conditioned on the reports known by this day, and their days after it; without
            it free worlds, from the first day on
    worlds  how many; each is kept with all its days (some 150 kB a world and year)

    Raises Mistake for fewer than 200 worlds, or where less than eight weeks are left.
    """
    from offramp.engine.blocks.worlds import simulate
    from offramp.engine.run import RunSpec
    from offramp.explain.scenarios import scenarios as found
    from offramp.filter.posterior import futures

    read = case_of(case)
    own = authored(read, assessment)
    if worlds < FEWEST_WORLDS:
        raise Mistake(f"{worlds} worlds show no clusters; at least {FEWEST_WORLDS}", "worlds")
    first, last = read.crisis.first, read.crisis.shown_last
    day = None if as_of is None else day_of(as_of, read, "as_of")
    if day is not None:
        first = day + dt.timedelta(1)
    if (last - first).days + 1 < LEAST_DAYS:
        left = max(0, (last - first).days + 1)
        raise Mistake(
            f"{counted(left, 'day')} {'is' if left == 1 else 'are'} left until {last}; whole "
            f"histories take {LEAST_DAYS}",
            "as_of",
        )
    fast("a search for scenarios")
    job = RunSpec(own.crisis, (), seed, stories=worlds)
    if day is None:
        told = simulate(job, worlds, threads, Steps(progress, worlds))
    else:
        p = lived(own, reports_of(read), day, worlds, seed, threads, progress)
        told = futures(p, job, worlds=worlds, threads=threads)
    return found(own, told, seed, first, day, assessment)


def _engine(reference: bool) -> ModuleType:
    """What simulates: compiled code where Numba is, unless told otherwise."""
    from offramp.engine.blocks.machinery import available

    if reference or not available():
        from offramp.engine import run as interpreter

        return interpreter
    from offramp.engine.blocks import worlds

    return worlds


def _patience(engine: ModuleType) -> float:
    """Seconds of worlds where nobody says how many: a percent or so of Monte Carlo error."""
    return 10.0 if engine.__name__.endswith("blocks.worlds") else 110.0

"""Advice and dependence: policies under every author and loss, what answers depend on and assume,
and what to watch for."""

from __future__ import annotations

import datetime as dt
import importlib.util
from typing import TYPE_CHECKING

from offramp.api.common import (
    Day,
    Named,
    Progress,
    Steps,
    authored,
    case_of,
    day_of,
    fast,
    lived,
    reports_of,
)
from offramp.case.agenda import FILE
from offramp.errors import Mistake, Needs, Unanswerable
from offramp.extras import install
from offramp.text.diagnostics import suggestion

if TYPE_CHECKING:
    from offramp.case.case import Case
    from offramp.explain.key_assumptions import Assumptions
    from offramp.explain.robustness import Compared
    from offramp.explain.sensitivity import Sensitivity
    from offramp.explain.signposts import Signposts
    from offramp.language.questions import Question


def policies(
    case: Named,
    *names: str,
    as_of: Day | None = None,
    free: bool = False,
    worlds: int = 2048,
    each: int = 2,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Compared:
    """The documents' recommendations as edits on the same worlds, under every assessment and every
    stated loss: regret, and whether a result is about the loss or about the world.

    names  assessments; without any, the case itself and all of them
    as_of  condition on what was known by this day, policies begin on the next (default: the day of
           the latest document)
    free   without reports: worlds and policies from the first day
    each   how often each conditioned world goes on, with new noise
    """
    from offramp.answers.conditioned import island_layout
    from offramp.explain.policy_worlds import distinct, rows_of
    from offramp.explain.robustness import policies as compared

    if free and as_of is not None:
        raise Mistake("free worlds use no report: give one of the two", "as_of")
    read = case_of(case)
    agenda = read.agenda
    if not agenda.policies:
        raise Unanswerable(
            f"{read.id} has no {FILE}: write what is recommended there, and whose loss counts"
        )
    known = read.assessments
    for name in names:
        authored(read, name)
    rivals = {name: known.get(name) for name in names or ("case", *known)}
    day = None if free else _begins(read, as_of)
    history = None if day is None else read.history
    if history is not None and not history.reports:
        raise Unanswerable(f"{read.id} has no reports in a history.csv; free worlds need none")
    fast()
    islands, size = island_layout(worlds)
    days = 0 if day is None else (day - read.crisis.first).days + 1
    lives = worlds if day is None else islands * size * each
    after = len(rivals) * len(set(distinct(rows_of(agenda)))) * lives
    before = len(rivals) * islands * days
    # An island's day counts as much as the worlds that it is worth in time.
    share = max(1, after // max(1, 2 * before)) if before else 1
    steps = Steps(progress, before * share + after)
    try:
        return compared(
            read,
            agenda,
            rivals,
            history,
            day,
            worlds,
            seed,
            each,
            threads,
            (lambda n: steps(n * share), steps),
        )
    except ValueError as error:
        raise Unanswerable(str(error)) from None


def _begins(case: Case, as_of: Day | None) -> dt.date | None:
    """The day up to which reports count; None where all was written before the crisis begins, or
    nothing is listed."""
    last = case.crisis.shown_last  # of what losses count
    if as_of is not None:
        day = day_of(as_of, case, "as_of")
        if day >= last:
            raise Mistake(
                f"there is nothing left to decide after {day}: losses count to {last}", "as_of"
            )
        return day
    latest = max((d.knew for d in case.documents.values()), default=None)
    if latest is None or latest < case.crisis.first:
        return None
    return min(latest, last - dt.timedelta(1))


def sensitivity(
    case: Named,
    *questions: str,
    worlds: int = 4096,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Sensitivity:
    """What answers depend on: shares of variance by unknown, how much is chance, and in which
    region of the parameters a question comes true. Without questions the headlines.

    worlds  rows of Saltelli's scheme, rounded down to a power of 2

    Raises Needs without SALib.
    """
    from offramp.engine.blocks.settings import settable
    from offramp.engine.plan import plan
    from offramp.explain.sensitivity import answerable, headlines, total_worlds
    from offramp.explain.sensitivity import sensitivity as looked_into

    read = case_of(case)
    known = {q.id for q in answerable(read)}
    for name in questions:
        if name not in known:
            if any(q.id == name and q.supposes for q in read.questions):
                raise Unanswerable(
                    f"'{name}' has an `if:`, and this varies the worlds as they are: make the "
                    "edits in a copy of the crisis, and ask there"
                )
            if any(q.id == name for q in read.questions):
                raise Unanswerable(
                    f"'{name}' is a choice: ask for it option by option, as questions of their "
                    "own with yes and no"
                )
            help = suggestion(name, known, "questions") or "its questions are in questions.yaml"
            raise Unanswerable(f"{read.id} has no question '{name}': {help}")
    chosen = tuple(dict.fromkeys(questions)) or headlines(read)
    if not chosen:
        raise Unanswerable(f"{read.id} has no question whose answer could vary")
    fast("worlds of given unknowns")
    if any(importlib.util.find_spec(name) is None for name in ("SALib", "scipy")):
        raise Needs(f"shares of variance need SALib: {install('sensitivity')}")
    s = settable(plan(read.crisis))
    steps = Steps(progress, total_worlds(s, read.crisis, worlds))
    return looked_into(read, chosen, worlds, seed, threads, steps, s)


def watch(
    case: Named,
    *questions: str,
    as_of: Day | None = None,
    days: int = 30,
    alarm: float | None = None,
    assessment: str = "case",
    worlds: int = 4096,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Signposts:
    """What to watch for over some weeks: the public events, levels and silences that would move
    the answer to a question most, each beside those before it, with the expected drop of the Brier
    score, and the unknowns that nothing public tells. Without questions the headlines of yes or no.

    as_of   go on from worlds conditioned on the reports known by this day (default: free worlds,
            from the first day of the crisis on)
    days    how many from then on
    alarm   the probability above which a sign is an alarm (default: that of twice today's odds)
    worlds  conditioned on the reports; four times as many go on, or are free

    Raises Mistake for a question that is not of yes or no, that supposes something, or is closed.
    """
    from offramp.explain.signposts import AHEAD, MOST_WORLDS, signposts

    read = case_of(case)
    own = authored(read, assessment)
    day = None if as_of is None else day_of(as_of, read, "as_of")
    if worlds > MOST_WORLDS:
        said = f"{worlds:,}: at most {MOST_WORLDS:,}, for of each all that is seen in it is kept"
        raise Mistake(said, "worlds")
    if days < 1:
        raise Mistake(f"{days}: a watch is of one day at least", "days")
    if alarm is not None and not 0.0 < alarm < 1.0:
        raise Mistake(f"{alarm}: a probability between 0 and 1, as .2 is", "alarm")
    if day is not None and day >= read.crisis.last:
        raise Mistake(f"{day} is the last day of the crisis: no day is left to watch", "as_of")
    chosen = _watchable(own, questions, day)
    fast("a watch")
    p, total = None, AHEAD * worlds
    if day is not None:
        p = lived(own, reports_of(read), day, worlds, seed, threads, progress)
    steps = Steps(progress, total)
    return signposts(own, chosen, p, days, total, seed, alarm, assessment, threads, steps)


def _watchable(case: Case, names: tuple[str, ...], day: dt.date | None) -> tuple[Question, ...]:
    """The questions to watch for. Raises Mistake or Unanswerable where there is none."""
    known = {q.id: q for q in case.questions}
    fit = {q.id: q for q in case.questions if q.binary and not q.supposes}
    opens = {id: q for id, q in fit.items() if day is None or q.last > day}
    for name in names:
        if name not in known:
            help = suggestion(name, fit, "questions") or "its questions are in questions.yaml"
            raise Unanswerable(f"{case.id} has no question '{name}': {help}")
        if not known[name].binary:
            raise Mistake(f"'{name}' is not of yes or no: a sign moves one probability", "question")
        if known[name].supposes:
            raise Mistake(
                f"'{name}' has an `if:`, and this watches the worlds as they are: make the edits "
                "in a copy of the crisis, and ask there",
                "question",
            )
        if name not in opens:
            raise Mistake(f"'{name}' closed on {known[name].last}: nothing is open in it", "as_of")
    heads = tuple(id for id, q in opens.items() if q.headline) or tuple(opens)[:6]
    chosen = tuple(opens[id] for id in dict.fromkeys(names or heads))
    if not chosen:
        raise Unanswerable(f"{case.id} has no open question of yes or no to watch for")
    return chosen


def assumptions(
    case: Named,
    *questions: str,
    as_of: Day | None = None,
    most: int = 12,
    worlds: int = 4096,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Assumptions:
    """The key assumptions check: which numbers and unknowns answers lean on, what falls where one
    is wrong, which authors share it, and how good its source is. Without questions the headlines.

    as_of   in worlds conditioned on the reports known by this day, weighed anew for each value
            (default: in worlds as they are)
    most    how many are taken alone, of all that a first pass looked at
    worlds  at each value of each; the first pass has four times as many

    Questions are of yes or no, without an `if:`, and open after `as_of`. Raises Unanswerable for
    another, and where too few worlds are left.
    """
    from offramp.explain.key_assumptions import SCREENED, key_assumptions, looked
    from offramp.explain.taken_alone import among_reports, freely

    read = case_of(case)
    day = None if as_of is None else day_of(as_of, read, "as_of")
    chosen = _yes_or_no(read, questions, day)
    fast("turning many numbers at once")
    p = None
    if day is not None:
        p = lived(read, reports_of(read), day, worlds, seed, threads, progress)
    steps = Steps(progress, SCREENED * worlds)
    found = looked(read, chosen, SCREENED * worlds, seed, most, day, threads, steps)
    crises = found.crises
    if p is None:
        steps = Steps(progress, len(crises) * worlds)
        return key_assumptions(
            read, found, freely(found.asked, crises, worlds, seed, threads, steps), worlds, seed
        )
    rows = list(among_reports(found.asked, p, crises, threads, Steps(progress, len(crises))))
    return key_assumptions(read, found, rows, worlds, seed)


def _yes_or_no(case: Case, names: tuple[str, ...], day: dt.date | None) -> tuple[Question, ...]:
    """The questions of these names, or the headlines (the first six of a case without), that are
    open after a day. Raises Unanswerable."""
    known = {q.id: q for q in case.questions}
    fit = {
        q.id: q
        for q in case.questions
        if q.binary and not q.supposes and (day is None or q.last > day)
    }
    for name in names:
        if name not in known:
            help = suggestion(name, fit, "questions") or "its questions are in questions.yaml"
            raise Unanswerable(f"{case.id} has no question '{name}': {help}")
        if name not in fit:
            q = known[name]
            why = (
                "has an `if:`"
                if q.supposes
                else "is not of yes or no"
                if not q.binary
                else f"closes on {q.last}"
            )
            raise Unanswerable(
                f"'{name}' {why}; this asks what falls of open questions of yes or no: "
                f"{suggestion(name, fit, 'questions') or 'write one in questions.yaml'}"
            )
    headlines = [q for q in fit.values() if q.headline] or list(fit.values())[:6]
    chosen = [fit[name] for name in dict.fromkeys(names)] or headlines
    if not chosen:
        after = f" that is open after {day}" if day else ""
        raise Unanswerable(f"{case.id} has no question of yes or no without an `if:`{after}")
    return tuple(chosen)

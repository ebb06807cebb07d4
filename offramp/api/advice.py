"""Advice and dependence: policies under every author and loss, and what answers depend on."""

from __future__ import annotations

import datetime as dt
import importlib.util
from typing import TYPE_CHECKING

from offramp.api.common import Day, Named, Progress, Steps, authored, case_of, day_of, fast
from offramp.case.agenda import FILE
from offramp.errors import Mistake, Needs, Unanswerable
from offramp.extras import install
from offramp.text.diagnostics import suggestion

if TYPE_CHECKING:
    from offramp.case.case import Case
    from offramp.explain.robustness import Compared
    from offramp.explain.sensitivity import Sensitivity


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

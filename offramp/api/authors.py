"""Rival assessments: side by side, coherent or not, scored, and looked back at."""

from __future__ import annotations

import datetime as dt
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
    island_days,
    last_written,
    lived,
    reports_of,
)
from offramp.errors import Mistake, Unanswerable
from offramp.text.diagnostics import suggestion

if TYPE_CHECKING:
    from offramp.answers.scoring import Scored
    from offramp.explain.assess import Assessed
    from offramp.explain.by_author import ByAuthor
    from offramp.explain.compare import Comparison
    from offramp.explain.diagnosticity import Diagnosticity
    from offramp.explain.gains import Gains
    from offramp.explain.postmortem import Postmortem
    from offramp.explain.reach import Reach


def compare(
    case: Named,
    first: str,
    second: str,
    *,
    as_of: Day | None = None,
    until: Day | None = None,
    worlds: int = 4096,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Where two assessments differ, which parameters carry it, on which passages, and what reports
    of after both were written say between them.

    as_of  the day whose reports both know (default: until which the later author knew)
    until  evidence from reports up to this day (default: 28 days later)

    Raises Mistake, and Unanswerable where one of them leaves too few worlds.
    """
    from offramp.answers.conditioned import sweep
    from offramp.explain.compare import bayes_factor
    from offramp.explain.compare import compare as compared

    read = case_of(case)
    history = reports_of(read)
    if first == second:
        raise Mistake("these are one author twice: give two different ones", "second")
    cases = (authored(read, first), authored(read, second))
    if "case" in (first, second):
        raise Mistake("'case' is what both authors' premises are laid over: give two authors")
    disagree = read.disagreements  # mistakes there are told before the simulation
    rivals = (read.assessments[first], read.assessments[second])
    start, last = read.crisis.first, read.crisis.last
    written = min(last, max(start, *(a.knew for a in rivals)))
    day = written if as_of is None else day_of(as_of, read, "as_of")
    end = min(last, day + dt.timedelta(28)) if until is None else day_of(until, read, "until")
    if end < day:
        raise Mistake(f"{end} is before {day}", "until")
    fast()
    days = (day, end) if end > day else (day,)
    steps = Steps(progress, 2 * island_days(read, worlds, end))
    found = [
        sweep(c, history, days, worlds, seed, threads, steps, assessment=a.id)
        for c, a in zip(cases, rivals, strict=True)
    ]
    for swept in found:
        if swept[0].refused:
            raise Unanswerable(f"under {swept[0].assessment}: {swept[0].refused}")
    factor = None
    if end > max(day, written):
        factor = bayes_factor(found[0][-1], found[1][-1], start, max(day, written))
    return compared(read, cases, rivals, (found[0][0], found[1][0]), disagree, factor)


def evidence(
    case: Named,
    *names: str,
    as_of: Day | None = None,
    worlds: int = 4096,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Diagnosticity:
    """Which of the reports known by a day tell between authors: for each day with reports, and for
    each silence between, the log probability that each author's premises gave it (nats), and how
    far the outermost two are apart. Analysis of competing hypotheses, by likelihood (Heuer 1999).

    names  assessments, and `case` for the case itself (default: it and all that were written by
           that day)
    as_of  default: the last day until which an author knew

    What an author wrote after a report may have been written with it in mind: a row of before a
    document's date says how the premises agree with it, and not who foresaw it. Raises Mistake for
    fewer than two, Unanswerable for an author that there is not, `Impossible` where no world under
    one of them lives the reports. One whose worlds are too few or unmixed is in the table, and
    nobody is ranked by it (`unmixed`).
    """
    from offramp.answers.conditioned import posterior_of
    from offramp.engine.plan import plan
    from offramp.explain.diagnosticity import diagnosticity
    from offramp.filter.known import lead

    read = case_of(case)
    history = reports_of(read)
    day = last_written(read) if as_of is None else day_of(as_of, read, "as_of")
    written = [name for name, a in read.assessments.items() if a.knew <= day]
    chosen = tuple(dict.fromkeys(names)) or ("case", *written)
    cases = {name: authored(read, name) for name in chosen}
    if len(cases) < 2:
        raise Mistake("evidence tells between two authors or more: name another", "names")
    fast()
    steps = Steps(progress, len(chosen) * island_days(read, worlds, day))
    found = {
        name: posterior_of(own, history, day, worlds, seed, threads, steps)
        for name, own in cases.items()
    }
    leads = {e.event.name: lead(e) for e in plan(read.crisis).events if e.takes is not None}
    return diagnosticity(read, found, history.known_by(day), leads, day)


def assess(
    case: Named,
    *names: str,
    worlds: int = 4096,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress | None = None,
) -> ByAuthor[Assessed]:
    """Whether authors' premises imply their own judgements, each as of the day until which the
    author knew. Without names all assessments of the case."""
    from offramp.answers.conditioned import condition as conditioned
    from offramp.answers.resolve import already
    from offramp.explain.assess import Assessed, coherence
    from offramp.explain.by_author import ByAuthor

    read = case_of(case)
    history = reports_of(read)
    names = names or tuple(read.assessments)
    pairs = [(authored(read, name), name) for name in names]
    fast()
    if not pairs:
        raise Unanswerable(f"{read.id} has no assessments")
    if "case" in names:
        raise Mistake("'case' is no author and judges nothing: give an author", "names")
    first, last = read.crisis.first, read.crisis.last
    rivals = read.assessments
    dates = {name: min(last, max(first, rivals[name].knew)) for name in names}
    steps = Steps(progress, sum(island_days(read, worlds, d) for d in dates.values()))
    out = []
    for own, name in pairs:
        day, a = dates[name], rivals[name]
        c = conditioned(own, history, day, worlds, seed, threads, steps, assessment=name)
        if c.refused:
            raise Unanswerable(f"under {name}: {c.refused}")
        out.append(Assessed(a, c, tuple(coherence(own, a, c, already(own, history, day)))))
    return ByAuthor("Assessed", read, seed, worlds, tuple(out))


def score(
    case: Named,
    *names: str,
    worlds: int = 2048,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Scored:
    """A case and its rival assessments scored against the record and against baselines: as of each
    document's date, then monthly. Without names all of them; 'case' is the case itself."""
    from offramp.answers.scoring import days_to_score, scored

    read = case_of(case)
    history = reports_of(read)
    known = read.assessments
    for name in names:
        authored(read, name)
    chosen = names or ("case", *known)
    _ = read.rates, read.crowd  # mistakes there are told before the simulation
    days = days_to_score(read)
    fast()
    steps = Steps(progress, len(chosen) * island_days(read, worlds, days[-1]))
    return scored(read, history, known, chosen, days, worlds, seed, threads, steps)


def postmortem(
    case: Named,
    question: str,
    *,
    as_of: Day | None = None,
    worlds: int = 2048,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Postmortem:
    """Once a question has resolved: which authors, parameters and passages earned the score.
    `as_of`: forecasts of this day (default: the day before the window opens)."""
    from offramp.answers.conditioned import condition as conditioned
    from offramp.answers.forecast import watches
    from offramp.answers.resolve import resolve
    from offramp.explain.postmortem import postmortem as looked_into

    read = case_of(case)
    history = reports_of(read)
    first = read.crisis.first
    watched = {w.question.id: w for w in watches(read, first)[0] if w.question.binary}
    if question not in watched:
        help = suggestion(question, watched, "questions") or "see `offramp forecast`"
        raise Unanswerable(f"{read.id} has no question '{question}' of yes or no: {help}")
    w = watched[question]
    outcome = resolve(w.question, read, history, dt.date.max)
    if outcome.answer not in ("yes", "no"):
        told = outcome.answer or f"open, as {outcome.why}"
        raise Unanswerable(f"'{question}' has not resolved as yes or no: {told}")
    if outcome.on is not None and outcome.on <= first:
        raise Unanswerable(
            f"'{question}' resolved on the crisis's first day: there was no day to forecast it"
        )
    before = max(first, w.first - dt.timedelta(1))
    day = before if as_of is None else day_of(as_of, read, "as_of")
    if outcome.on is not None and day >= outcome.on:
        raise Mistake(f"'{question}' had resolved {outcome.when}; choose an earlier day", "as_of")
    known = {n: a for n, a in read.assessments.items() if a.knew <= day}
    cases = {name: read.under(name) for name in ("case", *known)}
    fast()
    steps = Steps(progress, len(cases) * island_days(read, worlds, day))
    found = {
        name: conditioned(own, history, day, worlds, seed, threads, steps, assessment=name)
        for name, own in cases.items()
    }
    refused = next((c for c in found.values() if c.refused), None)
    if refused is not None:
        raise Unanswerable(f"under {refused.assessment}: {refused.refused}")
    unasked = [u for c in found.values() if c.forecast for u in c.forecast.unasked]
    late = next((u for u in unasked if u.id == question), None)
    if late is not None:
        raise Unanswerable(f"'{question}' was not asked as of {day}: {late.why}")
    return looked_into(read, w, outcome, found, cases, known)


def gains(
    case: Named,
    *names: str,
    as_of: Day | None = None,
    worlds: int = 2048,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress | None = None,
) -> ByAuthor[Gains]:
    """Who came out on top: each actor's gain or loss, by each author's own weights. Without names
    the case itself and all its assessments that were written by that day."""
    from offramp.explain.by_author import ByAuthor
    from offramp.explain.gains import gains as weighed

    read = case_of(case)
    history = reports_of(read)
    day = last_written(read) if as_of is None else day_of(as_of, read, "as_of")
    written = [name for name, a in read.assessments.items() if a.knew <= day]
    names = tuple(dict.fromkeys(names)) or ("case", *written)
    pairs = [(name, authored(read, name)) for name in names]
    found = []
    for name, own in pairs:
        p = lived(own, history, day, worlds, seed, threads, progress)
        found.append(weighed(own, p, day, seed, name, worlds, threads))
    return ByAuthor("Gains", read, seed, worlds, tuple(found))


def reach(
    case: Named,
    *names: str,
    worlds: int = 1024,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress | None = None,
) -> ByAuthor[Reach]:
    """Whether the model can hold what authors judge at some setting of the unknowns. Worlds begin
    as in the case under the author's premises, and no report is used."""
    from offramp.explain.by_author import ByAuthor
    from offramp.explain.reach import reach as sought

    read = case_of(case)
    known = read.assessments
    if "case" in names:
        raise Mistake("'case' is no author and judges nothing: give an author", "names")
    pairs = [(authored(read, name), name) for name in dict.fromkeys(names or known)]
    if not pairs:
        raise Unanswerable(f"{read.id} has no assessments, so no judgements to look for")
    fast("worlds of given unknowns")
    steps = Steps(progress, None)
    rows: list[Reach] = []
    for own, name in pairs:
        rows += sought(own, known[name], worlds, seed, threads, steps)
    return ByAuthor("Reach", read, seed, worlds, tuple(rows))

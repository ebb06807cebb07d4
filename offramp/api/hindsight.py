"""Looking back: without an event, why an actor chose, and the questions that documents ask."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
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
    from offramp.answers.forecast import Forecast
    from offramp.case.asked import Asked
    from offramp.case.case import Case
    from offramp.case.record import History
    from offramp.explain.butfor import ButFor
    from offramp.explain.motives import Choice
    from offramp.explain.odds import Odds
    from offramp.explain.open_questions import Answered, Reply
    from offramp.language.crisis import Event
    from offramp.language.edits import Edit

Names = str | Iterable[str]


def counterfactual(
    case: Named,
    *,
    without: Names = (),
    force: Names = (),
    outcome: Names = (),
    on: Day | None = None,
    as_of: Day | None = None,
    assessment: str = "case",
    worlds: int = 4096,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress | None = None,
) -> ButFor:
    """What would have been without an event, in worlds conditioned on what was reported, with the
    noise that made them what they were (docs/decisions/17).

    without  events that do not happen on the day `on` (without it: never)
    force    EVENT or EVENT.OUTCOME, which happens on that day and on no other
    outcome  EVENT.OUTCOME: from the day on it turns out so whenever it happens
    as_of    condition on the reports known by then (default: until which the last document knew)

    Raises Mistake for an edit that would change nothing.
    """
    from offramp.explain.butfor import but_for

    read = case_of(case)
    history = reports_of(read)
    own = authored(read, assessment)
    until = last_written(read) if as_of is None else day_of(as_of, read, "as_of")
    day = read.crisis.first if on is None else day_of(on, read, "on")
    edits = edits_of(
        read, _listed(without), _listed(force), _listed(outcome), None if on is None else day
    )
    if day > until:
        raise Mistake(f"{day} is after {until}, the last day of the reports that are used", "on")
    _in_record(own, history, until, edits, day)
    p = lived(own, history, until, worlds, seed, threads, progress)
    steps = Steps(progress, p.worlds)
    return but_for(own, p, edits, day, until, seed, assessment, threads, steps)


def choice(
    case: Named,
    actor: str,
    on: Day,
    *,
    assessment: str = "case",
    worlds: int = 4096,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Choice:
    """Why an actor chose as it did on a day: each of its moves taken apart into what it wants,
    fears and expects of others. A deed with a lead time is looked at on the day of its decision;
    `note` of the result says so, and `later` names deeds of that day that were chosen earlier."""
    from offramp.explain.motives import choice as taken_apart

    read = case_of(case)
    history = reports_of(read)
    movers = {e.by for e in read.crisis.events if e.chosen or e.as_choice}
    if actor not in movers:
        near = suggestion(actor, sorted(m for m in movers if m), "actors that choose")
        near = near or ("see `offramp expand`" if movers else f"no actor of {read.id} has one")
        raise Mistake(f"'{actor}' has no move: {near}", "actor")
    day = day_of(on, read, "on")
    own = authored(read, assessment)
    at, until = _decision(own, history, actor, day)
    p = lived(own, history, until, worlds, seed, threads, progress, (at,))
    return taken_apart(own, p, actor, day, seed, assessment)


def odds(
    case: Named,
    on: Day | None = None,
    *,
    assessment: str = "case",
    worlds: int = 2048,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Odds:
    """What each actor may do on the morning of a day, with the odds of each move against doing
    nothing and the factor by which each want, cost and expected answer multiplies them: the sizes
    of a case, before anything is forecast.

    on      the first day by default. Of that day, and of a case without reports, worlds are free;
            of a later one they are conditioned on the reports until then
    worlds  to condition; 64 of them are looked at, and as many free ones
    """
    from offramp.explain.odds import odds as found

    read = case_of(case)
    day = read.crisis.first if on is None else day_of(on, read, "on")
    own = authored(read, assessment)
    free = day == read.crisis.first or not read.history.reports
    at = (day - read.crisis.first).days
    p = None
    if not free:
        p = lived(own, reports_of(read), day, worlds, seed, threads, progress, (at,))
    return found(own, day, seed, p, assessment)


def decided_before(case: Named, actor: str, on: Day, assessment: str = "case") -> tuple[str, ...]:
    """What an actor did on a day that it had decided earlier, in words."""
    from offramp.engine.plan import plan
    from offramp.explain.decided import later_deeds
    from offramp.filter.known import schedule

    read = case_of(case)
    own, day = authored(read, assessment), day_of(on, read, "on")
    laid = plan(own.crisis)
    whole = schedule(laid, reports_of(read), own.crisis.last)
    return tuple(later_deeds(laid, whole, actor, (day - own.crisis.first).days))


def asked(
    case: Named,
    *passages: str,
    as_of: Day | None = None,
    worlds: int = 4096,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Answered:
    """The questions that documents ask and leave open. `worlds` are conditioned on reports; four
    times as many are free. Without `passages` all of them."""
    from offramp.answers.forecast import forecast
    from offramp.explain.open_questions import Answered

    read = case_of(case)
    day = None if as_of is None else day_of(as_of, read, "as_of")
    known = {q.passage: q for q in read.asked}
    for name in passages:
        if name not in known:
            help = suggestion(name, known, "questions") or f"{read.id} has no asked.yaml"
            raise Unanswerable(f"no document of {read.id} asks '{name}': {help}")
    fast()
    f = forecast(read, 4 * worlds, seed, threads=threads)
    chosen = tuple(known[i] for i in dict.fromkeys(passages or known))
    given = replied(read, f, chosen, day, worlds, seed, threads, progress)
    told = any(q.needs_reports for q in chosen) and read.history.reports
    return Answered(read, f, given, day or last_written(read) if told else None)


def replied(
    case: Case,
    f: Forecast,
    questions: tuple[Asked, ...],
    as_of: dt.date | None,
    worlds: int,
    seed: int,
    threads: int | None,
    progress: Progress | None,
) -> tuple[Reply, ...]:
    """The replies; simulates worlds conditioned on reports where one needs it."""
    from offramp.explain.open_questions import replies, retold

    r, history = None, case.history
    if any(q.needs_reports for q in questions) and history.reports:
        day = as_of or last_written(case)
        known = {name: a for name, a in case.assessments.items() if a.knew <= day}
        models = 1 + (len(known) if any(q.gains for q in questions) else 0)
        steps = Steps(progress, models * island_days(case, worlds, day))
        r = retold(case, history, known, questions, day, worlds, seed, threads, steps)
    steps = Steps(progress, len(questions))
    return replies(case, questions, f, r, seed, threads, lambda: steps(1))


def _listed(names: Names) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def _in_record(
    case: Case, history: History, until: dt.date, edits: tuple[Edit, ...], day: dt.date
) -> None:
    """Refuses, before the simulation, an edit that would change nothing: above all to take an
    event away on a day on which the record has none."""
    from offramp.engine.plan import plan
    from offramp.explain.decided import ChangesNothing, placed
    from offramp.filter.known import schedule

    laid = plan(case.crisis)
    try:
        placed(laid, schedule(laid, history, until), edits, (day - case.crisis.first).days)
    except ChangesNothing as error:
        raise Mistake(str(error), "on") from None


def _decision(case: Case, history: History, actor: str, day: dt.date) -> tuple[int, dt.date]:
    """The day of the decision behind an actor's deed of a day, and the day up to which reports are
    to be used for it: where the two differ, until the deed is known."""
    from offramp.engine.plan import plan
    from offramp.explain.decided import chosen
    from offramp.filter.known import schedule

    laid, asked = plan(case.crisis), (day - case.crisis.first).days
    whole = schedule(laid, history, case.crisis.last)
    deeds = chosen(laid, whole, actor, asked).deeds
    until = max([day, *(r.known_since for r in history.reports if r.id in deeds)])
    # What counts is the record that the worlds are conditioned on.
    for end in (day, until):
        at = chosen(laid, schedule(laid, history, end), actor, asked)
        if at.day != asked:
            return at.day, end
    return asked, day


def edits_of(
    case: Case,
    without: tuple[str, ...],
    force: tuple[str, ...],
    outcome: tuple[str, ...],
    day: dt.date | None,
) -> tuple[Edit, ...]:
    """Names of events and outcomes as edits. Raises Mistake for what the case lacks."""
    from offramp.language.edits import Edit, outcomes

    events = {e.name: e for e in case.crisis.events}

    def known(name: str, argument: str, needs_outcome: bool = False) -> tuple[Event, str]:
        event, dot, turn = events.get(name), "", ""
        if event is None:
            whole, dot, turn = name.rpartition(".")
            event = events.get(whole)
        if event is None or (dot and not turn):
            near = suggestion(name, events, "events") or f"`offramp expand {case.id}` lists them"
            raise Mistake(f"{case.id} has no event '{name}': {near}", argument)
        names = outcomes(event)
        if (turn and turn not in names) or (needs_outcome and not turn):
            which = (
                f"one of {', '.join(f'{event.name}.{n}' for n in names)}"
                if names
                else ("it has no outcomes")
            )
            raise Mistake(f"'{name}': {which}", argument)
        return event, turn

    made = []
    for name in without:
        event, turn = known(name, "without")
        if turn:
            raise Mistake(
                f"'{name}' is an outcome: take away {event.name}, or set another outcome",
                "without",
            )
        made.append(Edit("never", event.name, dates=(day,) if day else ()))
    for name in force:
        event, turn = known(name, "force")
        if day is None:
            raise Mistake(f"'{name}' is forced on a day: give one", "force")
        if event.vote is not None and not turn:
            raise Mistake(f"'{name}' is a vote: {name}.carried or {name}.lost", "force")
        made.append(Edit("force", event.name, turn, (day,)))
    for name in outcome:
        event, turn = known(name, "outcome", True)
        if event.vote is not None:
            raise Mistake(f"'{event.name}' is a vote: force {name} on its day", "outcome")
        made.append(Edit("outcome", event.name, turn))
    targets = [e.target for e in made]
    twice = next((t for t in targets if targets.count(t) > 1), None)
    if twice:
        raise Mistake(f"'{twice}' is named twice")
    if not made:
        raise Mistake("no change is named: an event to take away or to force, or an outcome")
    return tuple(made)

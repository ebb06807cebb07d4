"""The commands about what was: what would have been but for an event, and why an actor chose."""

from __future__ import annotations

import datetime as dt
from typing import Any

import click

from offramp.cli import SEED, Failed, bar_of, echo_json, main, prompt_interrupt, report
from offramp.cli_evidence import (
    ASSESSMENT,
    EACH,
    THREADS,
    assessed,
    compiled_only,
    date_within,
    impossible,
    read_all,
    worlds_option,
)


@main.command()
@click.argument("case")
@click.option("--without", "without", multiple=True, metavar="EVENT",
              help="It does not happen on the day (without --on: never).")  # fmt: skip
@click.option("--force", "force", multiple=True, metavar="EVENT[.OUTCOME]",
              help="It happens on the day, and on no other.")  # fmt: skip
@click.option("--outcome", "outcome", multiple=True, metavar="EVENT.OUTCOME",
              help="From the day on it turns out so whenever it happens.")  # fmt: skip
@click.option("--on", metavar="DATE", default=None, help="The day (default: the first).")
@click.option("--as-of", "as_of", metavar="DATE", default=None,
              help="Live the reports known by then (default: the last document).")  # fmt: skip
@ASSESSMENT
@worlds_option(4096)
@SEED
@THREADS
@click.option("--stories", type=click.IntRange(0, 8), default=0, metavar="N",
              help="Tell N worlds and their twins.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Everything as JSON.")
def butfor(
    case: str, without: tuple[str, ...], force: tuple[str, ...], outcome: tuple[str, ...],
    on: str | None, as_of: str | None, assessment: str, worlds: int, seed: int,
    threads: int | None, stories: int, as_json: bool,
) -> None:  # fmt: skip
    """What of CASE would have been but for an event, in worlds that lived what was reported.

    As in: offramp butfor us-iran-2020 --without us.kill_soleimani --on 2020-01-03
    """
    from offramp.explain.butfor import as_json as plain
    from offramp.explain.butfor import but_for

    read, history = read_all(case)
    own, _ = assessed(read, assessment)
    until = date_within(as_of, read, "--as-of") if as_of else last_written(read)
    day = date_within(on, read, "--on") if on else read.crisis.first
    edits = edits_of(read, without, force, outcome, day if on else None)
    if day > until:
        raise click.BadParameter(
            f"{day} is after {until}, the last day of the reports lived", param_hint="--on"
        )
    in_record(own, history, until, edits, day)
    p = lived(own, history, until, worlds, seed, threads)
    with prompt_interrupt(), bar_of(p.worlds, "worlds and their twins") as advance:
        result = but_for(own, p, edits, day, until, seed, assessment, threads, advance)
    if as_json:
        echo_json(plain(result), rounded=True)
    else:
        from offramp.explain.butfor_table import print_but_for

        print_but_for(result, stories)


def in_record(
    case: Any, history: Any, until: dt.date, edits: tuple[Any, ...], day: dt.date
) -> None:
    """Refuses, before any world is lived, an edit that would change nothing: above all to take an
    event away on a day on which the record has none."""
    from offramp.engine.plan import plan
    from offramp.explain.decided import ChangesNothing, placed
    from offramp.history.schedule import schedule

    laid = plan(case.crisis)
    try:
        placed(laid, schedule(laid, history, until), edits, (day - case.crisis.first).days)
    except ChangesNothing as error:
        raise click.BadParameter(str(error), param_hint="--on") from None


def edits_of(
    case: Any, without: tuple[str, ...], force: tuple[str, ...], outcome: tuple[str, ...],
    day: dt.date | None,
) -> tuple[Any, ...]:  # fmt: skip
    """What the options say, as edits; names that the case lacks are refused."""
    from offramp.language.diagnostics import suggestion
    from offramp.language.edits import Edit, outcomes

    events = {e.name: e for e in case.crisis.events}

    def known(name: str, option: str, needs_outcome: bool = False) -> tuple[Any, str]:
        event, dot, turn = events.get(name), "", ""
        if event is None:
            whole, dot, turn = name.rpartition(".")
            event = events.get(whole)
        if event is None or (dot and not turn):
            near = suggestion(name, events, "events") or f"`offramp expand {case.id}` lists them"
            raise click.BadParameter(f"{case.id} has no event '{name}': {near}", param_hint=option)
        names = outcomes(event)
        if (turn and turn not in names) or (needs_outcome and not turn):
            which = f"one of {', '.join(f'{event.name}.{n}' for n in names)}" if names else (
                "it has no outcomes")  # fmt: skip
            raise click.BadParameter(f"'{name}': {which}", param_hint=option)
        return event, turn

    made = []
    for name in without:
        event, turn = known(name, "--without")
        if turn:
            raise click.BadParameter(
                f"'{name}' is an outcome: --without {event.name}, or --outcome with another",
                param_hint="--without",
            )
        made.append(Edit("never", event.name, dates=(day,) if day else ()))
    for name in force:
        event, turn = known(name, "--force")
        if day is None:
            raise click.BadParameter("--force wants a day: --on DATE", param_hint="--force")
        if event.vote is not None and not turn:
            raise click.BadParameter(
                f"'{name}' is a vote: {name}.carried or {name}.lost", param_hint="--force"
            )
        made.append(Edit("force", event.name, turn, (day,)))
    for name in outcome:
        event, turn = known(name, "--outcome", True)
        if event.vote is not None:
            raise click.BadParameter(
                f"'{event.name}' is a vote: --force {name} on its day", param_hint="--outcome"
            )
        made.append(Edit("outcome", event.name, turn))
    targets = [e.target for e in made]
    twice = next((t for t in targets if targets.count(t) > 1), None)
    if twice:
        raise click.BadParameter(f"'{twice}' is named twice")
    if not made:
        raise click.UsageError("but for what? as in --without us.kill_soleimani --on 2020-01-03")
    return tuple(made)


@main.command()
@click.argument("case")
@click.argument("actor")
@click.option("--on", metavar="DATE", required=True, help="The day of the choice.")
@ASSESSMENT
@worlds_option(4096)
@SEED
@THREADS
@click.option("--json", "as_json", is_flag=True, help="Everything as JSON.")
def choice(
    case: str, actor: str, on: str, assessment: str, worlds: int, seed: int,
    threads: int | None, as_json: bool,
) -> None:  # fmt: skip
    """Why ACTOR chose as it did on a day: each of its moves taken apart.

    As in: offramp choice us-iran-2020 iran --on 2020-01-08
    """
    from offramp.explain.choice import as_json as plain
    from offramp.explain.choice import choice as taken_apart
    from offramp.language.diagnostics import suggestion

    read, history = read_all(case)
    movers = {e.by for e in read.crisis.events if e.chosen}
    if actor not in movers:
        near = suggestion(actor, sorted(m for m in movers if m), "actors that choose")
        near = near or ("see `offramp expand`" if movers else f"nobody in {read.id} does")
        raise click.BadParameter(f"'{actor}' chooses nothing: {near}", param_hint="ACTOR")
    day = date_within(on, read, "--on")
    own, _ = assessed(read, assessment)
    at, until = decision(own, history, actor, day)
    p = lived(own, history, until, worlds, seed, threads, (at,))
    result = taken_apart(own, p, actor, day, seed, assessment)
    if as_json:
        echo_json(plain(result), rounded=True)
    else:
        from offramp.explain.choice_table import print_choice

        print_choice(result)


def decision(case: Any, history: Any, actor: str, day: dt.date) -> tuple[int, dt.date]:
    """The day of the decision behind an actor's deed of a day, and the day up to which reports are
    to be lived for it: where the two differ, until the deed is known."""
    from offramp.engine.plan import plan
    from offramp.explain.decided import chosen, later_deeds
    from offramp.history.schedule import schedule

    laid, asked = plan(case.crisis), (day - case.crisis.first).days
    whole = schedule(laid, history, case.crisis.last)
    for told in later_deeds(laid, whole, actor, asked):
        click.echo(told, err=True)
    deeds = chosen(laid, whole, actor, asked).deeds
    until = max([day, *(r.known_since for r in history.reports if r.id in deeds)])
    # What counts is the record that the worlds will have lived.
    for end in (day, until):
        at = chosen(laid, schedule(laid, history, end), actor, asked)
        if at.day != asked:
            return at.day, end
    return asked, day


def lived(
    case: Any, history: Any, day: dt.date, worlds: int, seed: int, threads: int | None,
    kept: tuple[int, ...] = (),
) -> Any:  # fmt: skip
    """Worlds that lived the reports known by a day; refused if too few are left. `kept`: earlier
    days, counted from the first, of which the worlds are wanted too."""
    from offramp.engine.plan import plan
    from offramp.forecast.conditioned import divided
    from offramp.history.particles import prepare
    from offramp.history.posterior import Impossible, filtered
    from offramp.history.schedule import schedule

    compiled_only()
    laid = plan(case.crisis)
    islands, size = divided(worlds)
    f = prepare(laid, schedule(laid, history, day, False, ()), seed)
    days = (day - case.crisis.first).days + 1
    try:
        with prompt_interrupt(), bar_of(islands * days, "days lived by islands") as advance:
            p = filtered(f, islands, size, sorted({*kept, days - 1}), threads, advance)
    except Impossible as found:
        raise impossible(found) from None
    if p.refusal():
        raise Failed(p.refusal())
    return p


@main.command()
@click.argument("case")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--as-of", "as_of", metavar="DATE", default=None,
              help="Up to this day, with its reports (default: the last document).")  # fmt: skip
@worlds_option(2048, EACH)
@SEED
@THREADS
@click.option("--json", "as_json", is_flag=True, help="Everything as JSON.")
def gains(
    case: str, names: tuple[str, ...], as_of: str | None, worlds: int, seed: int,
    threads: int | None, as_json: bool,
) -> None:  # fmt: skip
    """Who came out on top: each actor's gain or loss, by each author's own weights.

    Without NAME the case itself and all its assessments.
    """
    from offramp.explain.gains import as_json as plain
    from offramp.explain.gains import gains as weighed
    from offramp.language.assessments import assessments_of

    read, history = read_all(case)
    names = tuple(dict.fromkeys(names)) or ("case", *assessments_of(read))
    pairs = [(name, assessed(read, name)[0]) for name in names]
    day = date_within(as_of, read, "--as-of") if as_of else last_written(read)
    found = []
    for name, own in pairs:
        p = lived(own, history, day, worlds, seed, threads)
        found.append(weighed(own, p, day, seed, name, worlds, threads))
    if as_json:
        echo_json(plain(tuple(found)), rounded=True)
    else:
        from offramp.explain.gains_table import print_gains

        print_gains(tuple(found))


def last_written(case: Any) -> dt.date:
    """The day until which the latest document knew; that of the last report where all documents
    precede the crisis."""
    from offramp.history.read import history_of

    first, last = case.crisis.first, case.crisis.last
    written = max([d.knew for d in case.documents.values()], default=last)
    if written < first:
        known = [r.known_since for r in history_of(case).reports if r.kind in ("event", "quantity")]
        written = max(known, default=last)
    return min(last, max(first, written))  # type: ignore[no-any-return]


@main.command()
@click.argument("case")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--as-of", "as_of", metavar="DATE", default=None,
              help="Live the reports known by then (default: the last document).")  # fmt: skip
@worlds_option(4096, "How many worlds live the reports; four times as many live none.")
@SEED
@THREADS
@click.option("--json", "as_json", is_flag=True, help="Everything as JSON.")
def asked(
    case: str, ids: tuple[str, ...], as_of: str | None, worlds: int, seed: int,
    threads: int | None, as_json: bool,
) -> None:  # fmt: skip
    """The questions that the documents of CASE ask and leave open, answered."""
    from offramp.explain.asked import as_json as plain
    from offramp.forecast.answers import forecast
    from offramp.language.asked import asked_of
    from offramp.language.case import load
    from offramp.language.diagnostics import suggestion

    read = load(case)
    report([d for d in read.warnings if d.severity == "error"])
    if as_of is not None:
        date_within(as_of, read, "--as-of")
    known = {q.passage: q for q in asked_of(read)}
    for name in ids:
        if name not in known:
            help = suggestion(name, known, "questions") or f"{read.id} has no asked.yaml"
            raise Failed(f"no document of {read.id} asks '{name}': {help}")
    if not known:
        click.echo(f"{read.id} has no asked.yaml: nothing is asked", err=True)
    compiled_only()
    f = forecast(read, 4 * worlds, seed, threads=threads)
    found = answered(
        read, f, tuple(known[i] for i in dict.fromkeys(ids or known)), as_of, worlds, seed, threads
    )
    if as_json:
        echo_json(plain(read, f, found))
    else:
        from offramp.explain.asked_table import print_asked

        print_asked(read, found)


def answered(
    case: Any, f: Any, questions: tuple[Any, ...], as_of: str | None, worlds: int, seed: int,
    threads: int | None,
) -> Any:  # fmt: skip
    """The replies to the documents' questions; lives the reports where one needs it."""
    from offramp.explain.asked import replies, retold
    from offramp.forecast.conditioned import divided
    from offramp.history.posterior import Impossible
    from offramp.history.read import history_of
    from offramp.language.assessments import assessments_of

    r, history = None, history_of(case)
    if any(q.needs_reports for q in questions) and history.reports:
        day = date_within(as_of, case, "--as-of") if as_of else last_written(case)
        known = assessments_of(case)
        models = 1 + (len(known) if any(q.gains for q in questions) else 0)
        total = models * divided(worlds)[0] * ((day - case.crisis.first).days + 1)
        try:
            with prompt_interrupt(), bar_of(total, "days lived by islands") as advance:
                r = retold(case, history, known, questions, day, worlds, seed, threads, advance)
        except Impossible as found:
            raise impossible(found) from None
    with prompt_interrupt(), bar_of(len(questions), "questions answered") as advance:
        return replies(case, questions, f, r, seed, threads, lambda: advance(1))

"""The command that runs recommendations against every assessment."""

from __future__ import annotations

import datetime as dt
from typing import Any

import click

from offramp.cli import SEED, Failed, bar_of, echo_json, main, prompt_interrupt
from offramp.cli_evidence import (
    RIVALS,
    THREADS,
    assessed,
    compiled_only,
    date_within,
    worlds_option,
)


@main.command()
@click.argument("case")
@RIVALS
@click.option("--as-of", "as_of", metavar="DATE", default=None,
              help="Condition on what was known by this day; policies begin on the next "
                   "(default: the day of the latest document).")  # fmt: skip
@click.option("--free", is_flag=True,
              help="Without reports: worlds and policies from the first day.")  # fmt: skip
@worlds_option(2048, "How many worlds, under each assessment; with --free none lives a report.")
@click.option("--each", type=click.IntRange(1, 1000), default=2, show_default=True,
              help="How often each world among reports goes on, with new dice.")  # fmt: skip
@SEED
@THREADS
@click.option("--json", "as_json", is_flag=True, help="Everything as JSON.")
def policies(
    case: str, chosen: tuple[str, ...], as_of: str | None, free: bool, worlds: int, each: int,
    seed: int, threads: int | None, as_json: bool,
) -> None:  # fmt: skip
    """Runs the recommendations of CASE against every assessment, under each stated loss.

    Regret, what the ranking turns on, and whether a result is about the loss or about the world.
    """
    from offramp.explain.policies import as_json as plain
    from offramp.explain.policies import policies as compared
    from offramp.explain.policy_worlds import distinct, rows_of
    from offramp.forecast.conditioned import divided
    from offramp.history.read import history_of
    from offramp.language.assessments import assessments_of
    from offramp.language.case import load
    from offramp.language.policies import FILE, agenda_of

    if free and as_of:
        raise click.BadParameter(
            "with --free no report is used: leave one out", param_hint="--as-of"
        )
    read = load(case)
    agenda = agenda_of(read)
    if not agenda.policies:
        raise Failed(
            f"{read.id} has no {FILE}: write what is recommended there, and whose loss counts"
        )
    known = assessments_of(read)
    rivals = {name: assessed(read, name)[1] for name in chosen or ("case", *known)}
    day = None if free else day_of(read, as_of)
    history = None if day is None else history_of(read)
    if history is not None and not history.reports:
        raise Failed(f"{read.id} has no reports in a history.csv; try --free")
    compiled_only()
    days = 0 if day is None else (day - read.crisis.first).days + 1
    programs = len(set(distinct(rows_of(agenda))))
    islands, size = divided(worlds)
    lives = worlds if day is None else islands * size * each
    try:
        with prompt_interrupt():
            found = _run(
                compared, (read, agenda, rivals, history, day, worlds, seed, each, threads),
                len(rivals) * islands * days, len(rivals) * programs * lives,
            )  # fmt: skip
    except ValueError as error:
        raise Failed(str(error)) from None
    if as_json:
        echo_json(plain(found), rounded=True)
    else:
        from offramp.explain.policies_table import print_compared

        print_compared(found)


def _run(compared: Any, arguments: tuple[Any, ...], days: int, worlds: int) -> Any:
    """One bar: an island's day counts as much as the worlds that it is worth in time."""
    share = max(1, worlds // max(1, 2 * days)) if days else 1
    with bar_of(days * share + worlds, "steps") as advance:
        return compared(*arguments, (lambda n: advance(n * share), advance))


def day_of(case: Any, text: str | None) -> dt.date | None:
    """The day up to which reports count; None where all was written before the crisis begins, or
    nothing is listed."""
    day: dt.date
    if text is not None:
        day = date_within(text, case, "--as-of")
        if day == case.crisis.last:
            raise click.BadParameter(f"nothing is left to decide after {day}", param_hint="--as-of")
        return day
    latest = max((d.knew for d in case.documents.values()), default=None)
    if latest is None or latest < case.crisis.first:
        return None
    day = min(latest, case.crisis.last - dt.timedelta(1))
    return day

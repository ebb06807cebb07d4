"""Commands that look back: without an event, why an actor chose, who gained, what is asked."""

from __future__ import annotations

import click

import offramp
from offramp.cli.formats import Printed, printed_as
from offramp.cli.options import (
    ASSESSMENT,
    CASE,
    EACH,
    SEED,
    THREADS,
    conditioned_worlds,
)
from offramp.cli.output import watching


@click.command()
@CASE
@click.option(
    "--without",
    "without",
    multiple=True,
    metavar="EVENT",
    help="It does not happen on the day (without --on: never).",
)
@click.option(
    "--force",
    "force",
    multiple=True,
    metavar="EVENT[.OUTCOME]",
    help="It happens on the day, and on no other.",
)
@click.option(
    "--outcome",
    "outcome",
    multiple=True,
    metavar="EVENT.OUTCOME",
    help="From the day on it turns out so whenever it happens.",
)
@click.option("--on", metavar="DATE", default=None, help="The day (default: the first).")
@click.option(
    "--as-of",
    "as_of",
    metavar="DATE",
    default=None,
    help="Live the reports known by then (default: the last document).",
)
@ASSESSMENT
@conditioned_worlds(4096)
@SEED
@THREADS
@click.option(
    "--stories",
    type=click.IntRange(0, 8),
    default=0,
    metavar="N",
    help="Tell N worlds and their twins.",
)
@printed_as("butfor")
def butfor(
    case: str,
    without: tuple[str, ...],
    force: tuple[str, ...],
    outcome: tuple[str, ...],
    on: str | None,
    as_of: str | None,
    assessment: str,
    worlds: int,
    seed: int,
    threads: int | None,
    stories: int,
    printed: Printed,
) -> None:
    """What of CASE would have been but for an event, in worlds that lived what was reported.

    As in: offramp butfor us-iran-2020 --without us.kill_soleimani --on 2020-01-03
    """

    with watching("steps") as progress:
        result = offramp.counterfactual(
            case,
            without=without,
            force=force,
            outcome=outcome,
            on=on,
            as_of=as_of,
            assessment=assessment,
            worlds=worlds,
            seed=seed,
            threads=threads,
            progress=progress,
        )
    if not printed(result):
        from offramp.render.terminal.butfor_table import print_but_for

        print_but_for(result, stories)


@click.command()
@CASE
@click.argument("actor")
@click.option("--on", metavar="DATE", required=True, help="The day of the choice.")
@ASSESSMENT
@conditioned_worlds(4096)
@SEED
@THREADS
@printed_as("choice")
def choice(
    case: str,
    actor: str,
    on: str,
    assessment: str,
    worlds: int,
    seed: int,
    threads: int | None,
    printed: Printed,
) -> None:
    """Why ACTOR chose as it did on a day: each of its moves taken apart.

    As in: offramp choice us-iran-2020 iran --on 2020-01-08
    """
    from offramp.api.hindsight import decided_before

    with watching("days lived by islands") as progress:
        result = offramp.choice(
            case,
            actor,
            on,
            assessment=assessment,
            worlds=worlds,
            seed=seed,
            threads=threads,
            progress=progress,
        )
    for told in decided_before(case, actor, on, assessment):
        click.echo(told, err=True)
    if not printed(result):
        from offramp.render.terminal.choice_table import print_choice

        print_choice(result)


@click.command()
@CASE
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--as-of",
    "as_of",
    metavar="DATE",
    default=None,
    help="Up to this day, with its reports (default: the last document).",
)
@conditioned_worlds(2048, EACH)
@SEED
@THREADS
@printed_as("gains")
def gains(
    case: str,
    names: tuple[str, ...],
    as_of: str | None,
    worlds: int,
    seed: int,
    threads: int | None,
    printed: Printed,
) -> None:
    """Who came out on top: each actor's gain or loss, by each author's own weights.

    Without NAME the case itself and all assessments written by that day.
    """

    with watching("days lived by islands") as progress:
        found = offramp.gains(
            case,
            *names,
            as_of=as_of,
            worlds=worlds,
            seed=seed,
            threads=threads,
            progress=progress,
        )
    if not printed(found):
        from offramp.render.terminal.gains_table import print_gains

        print_gains(tuple(found))


@click.command()
@CASE
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option(
    "--as-of",
    "as_of",
    metavar="DATE",
    default=None,
    help="Live the reports known by then (default: the last document).",
)
@conditioned_worlds(4096, "How many worlds live the reports; four times as many live none.")
@SEED
@THREADS
@printed_as("asked")
def asked(
    case: str,
    ids: tuple[str, ...],
    as_of: str | None,
    worlds: int,
    seed: int,
    threads: int | None,
    printed: Printed,
) -> None:
    """The questions that the documents of CASE ask and leave open, answered."""

    with watching("steps") as progress:
        found = offramp.asked(
            case, *ids, as_of=as_of, worlds=worlds, seed=seed, threads=threads, progress=progress
        )
    if not found.case.asked:
        click.echo(f"{found.case.id} has no asked.yaml: nothing is asked", err=True)
    if not printed(found):
        from offramp.render.terminal.asked_table import print_asked

        print_asked(found.case, found.replies)

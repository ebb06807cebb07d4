"""Commands that look back: without an event, why an actor chose, who gained, what is asked."""

from __future__ import annotations

import click

import offramp
from offramp.cli import complete
from offramp.cli.formats import Printed, printed_as
from offramp.cli.options import (
    AUTHOR,
    CASE,
    CONDITIONED,
    EACH,
    SEED,
    THREADS,
    as_of_option,
    authors,
    conditioned_worlds,
)
from offramp.cli.output import DAYS, watching

KNOWN = "Condition on the reports known by this day (default: the latest document's)."


@click.command()
@CASE
@click.option(
    "--without",
    "without",
    multiple=True,
    metavar="EVENT",
    shell_complete=complete.events,
    help="This event does not happen on the day of --on (without --on: never).",
)
@click.option(
    "--force",
    "force",
    multiple=True,
    metavar="EVENT[.OUTCOME]",
    shell_complete=complete.events,
    help="This event happens on the day of --on, and on no other.",
)
@click.option(
    "--outcome",
    "outcome",
    multiple=True,
    metavar="EVENT.OUTCOME",
    shell_complete=complete.events,
    help="From the day of --on, the event has this outcome whenever it happens.",
)
@click.option(
    "--on", metavar="DATE", default=None, help="The day of the change (default: the first day)."
)
@as_of_option(KNOWN)
@AUTHOR
@conditioned_worlds(4096)
@SEED
@THREADS
@click.option(
    "--stories",
    type=click.IntRange(0, 8),
    default=0,
    metavar="N",
    help="Print N worlds, each as it was and as it would have been.",
)
@printed_as("butfor")
def butfor(
    case: str,
    without: tuple[str, ...],
    force: tuple[str, ...],
    outcome: tuple[str, ...],
    on: str | None,
    as_of: str | None,
    author: str,
    worlds: int,
    seed: int,
    threads: int | None,
    stories: int,
    printed: Printed,
) -> None:
    """What would have been without an event, in worlds conditioned on the reports?

    \b
    As in:
    offramp butfor us-iran-2020 --without us.kill_soleimani --on 2020-01-03
    """
    with watching("steps") as progress:
        result = offramp.counterfactual(
            case,
            without=without,
            force=force,
            outcome=outcome,
            on=on,
            as_of=as_of,
            assessment=author,
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
@click.argument("actor", shell_complete=complete.actors)
@click.option("--on", metavar="DATE", required=True, help="The day of the choice.")
@AUTHOR
@conditioned_worlds(4096)
@SEED
@THREADS
@printed_as("choice")
def choice(
    case: str,
    actor: str,
    on: str,
    author: str,
    worlds: int,
    seed: int,
    threads: int | None,
    printed: Printed,
) -> None:
    """Show why ACTOR chose as it did on a day: the utility of each of its moves, in parts.

    \b
    As in:
    offramp choice us-iran-2020 iran --on 2020-01-08
    """
    from offramp.api.hindsight import decided_before

    with watching(DAYS) as progress:
        result = offramp.choice(
            case,
            actor,
            on,
            assessment=author,
            worlds=worlds,
            seed=seed,
            threads=threads,
            progress=progress,
        )
    for told in decided_before(case, actor, on, author):
        click.echo(told, err=True)
    if not printed(result):
        from offramp.render.terminal.choice_table import print_choice

        print_choice(result)


@click.command()
@CASE
@authors("Only by this author's weights (repeat it for more).", complete.authors)
@as_of_option(KNOWN)
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
    """Show who came out on top: each actor's gain or loss, by each author's own weights.

    Without AUTHOR, 'case' (the case as it stands) and all authors who had written by that day.
    """
    with watching(DAYS) as progress:
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
@click.argument("ids", nargs=-1, metavar="[ID]...", shell_complete=complete.asked)
@as_of_option(KNOWN)
@conditioned_worlds(4096, f"{CONDITIONED} Four times as many use no report.")
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
    """Answer the questions that the documents of CASE ask and leave open.

    Without ID, all of them, in the order of asked.yaml.
    """
    with watching("steps") as progress:
        found = offramp.asked(
            case, *ids, as_of=as_of, worlds=worlds, seed=seed, threads=threads, progress=progress
        )
    if not found.case.asked:
        click.echo(f"{found.case.id} has no asked.yaml: there is no question to answer", err=True)
    if not printed(found):
        from offramp.render.terminal.asked_table import print_asked

        print_asked(found.case, found.replies)

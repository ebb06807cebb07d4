"""Commands about advice, and about what answers depend on."""

from __future__ import annotations

import click

import offramp
from offramp.cli import complete
from offramp.cli.formats import Printed, printed_as
from offramp.cli.options import (
    CASE,
    ONLY_AUTHORS,
    SEED,
    THREADS,
    as_of_option,
    authors,
    conditioned_worlds,
)
from offramp.cli.output import watching

MOST_ROWS = 1 << 16


@click.command()
@CASE
@ONLY_AUTHORS
@as_of_option(
    "Condition on the reports known by this day; policies begin on the next (default: the "
    "latest document's)."
)
@click.option(
    "--free", is_flag=True, help="Use no report: policies begin on the crisis's first day."
)
@conditioned_worlds(
    2048, "How many worlds to simulate under each author, conditioned unless --free."
)
@click.option(
    "--each",
    type=click.IntRange(1, 1000),
    default=2,
    show_default=True,
    help="How often each conditioned world is continued, with new random numbers.",
)
@SEED
@THREADS
@printed_as("policies")
def policies(
    case: str,
    names: tuple[str, ...],
    as_of: str | None,
    free: bool,
    worlds: int,
    each: int,
    seed: int,
    threads: int | None,
    printed: Printed,
) -> None:
    """Simulate the recommendations of CASE under every author, and judge them by each loss.

    Shows the regret of each, what the ranking depends on, and whether it depends on the loss or
    on facts about the world.
    """
    with watching("steps") as progress:
        found = offramp.policies(
            case,
            *names,
            as_of=as_of,
            free=free,
            worlds=worlds,
            each=each,
            seed=seed,
            threads=threads,
            progress=progress,
        )
    if not printed(found):
        from offramp.render.terminal.policies_table import print_compared

        print_compared(found)


@click.command()
@CASE
@click.argument("questions", nargs=-1, metavar="[QUESTION]...", shell_complete=complete.questions)
@click.option(
    "--worlds",
    type=click.IntRange(64, MOST_ROWS),
    default=4096,
    show_default=True,
    help="Rows of Saltelli's scheme, rounded down to a power of 2.",
)
@SEED
@THREADS
@printed_as("sensitivity")
def sensitivity(
    case: str,
    questions: tuple[str, ...],
    worlds: int,
    seed: int,
    threads: int | None,
    printed: Printed,
) -> None:
    """Show which unknowns each answer depends on, how much is chance, and in which region.

    Without QUESTION, the headline questions. Several questions share all worlds. The US-Iran case
    takes about three minutes on two cores.
    """
    with watching() as progress:
        found = offramp.sensitivity(
            case, *questions, worlds=worlds, seed=seed, threads=threads, progress=progress
        )
    if not printed(found):
        from offramp.render.terminal.sensitivity_table import print_sensitivity

        print_sensitivity(found)


@click.command()
@CASE
@authors("Only judgements of this author (repeat it for more). Default: all.", complete.rivals)
@click.option(
    "--worlds",
    type=click.IntRange(64, MOST_ROWS),
    default=1024,
    show_default=True,
    help="How many worlds to simulate at each setting that is shown.",
)
@SEED
@THREADS
@printed_as("reach")
def reach(
    case: str, names: tuple[str, ...], worlds: int, seed: int, threads: int | None, printed: Printed
) -> None:
    """Can the model give what its authors judge, at some values of the unknowns?

    Without AUTHOR, all of them; those of the US-Iran case take about two minutes on two cores.
    Worlds begin as in the case, under the author's premises, and no report is used.
    """
    read = offramp.load(case)
    with watching() as progress:
        rows = offramp.reach(
            read, *names, worlds=worlds, seed=seed, threads=threads, progress=progress
        )
    if not printed(rows):
        from offramp.render.terminal.sensitivity_table import print_reach

        print_reach(read, tuple(rows), worlds, seed, read.assessments)

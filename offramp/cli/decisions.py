"""Commands about advice, and about what answers depend on."""

from __future__ import annotations

import click

import offramp
from offramp.cli.formats import Printed, printed_as
from offramp.cli.options import ASSESSMENTS, CASE, SEED, THREADS, conditioned_worlds
from offramp.cli.output import watching

MOST_ROWS = 1 << 16


@click.command()
@CASE
@ASSESSMENTS
@click.option(
    "--as-of",
    "as_of",
    metavar="DATE",
    default=None,
    help="Condition on what was known by this day; policies begin on the next "
    "(default: the day of the latest document).",
)
@click.option(
    "--free", is_flag=True, help="Without reports: worlds and policies from the first day."
)
@conditioned_worlds(
    2048, "How many worlds, under each assessment; with --free none lives a report."
)
@click.option(
    "--each",
    type=click.IntRange(1, 1000),
    default=2,
    show_default=True,
    help="How often each world among reports goes on, with new dice.",
)
@SEED
@THREADS
@printed_as("policies")
def policies(
    case: str,
    chosen: tuple[str, ...],
    as_of: str | None,
    free: bool,
    worlds: int,
    each: int,
    seed: int,
    threads: int | None,
    printed: Printed,
) -> None:
    """Runs the recommendations of CASE against every assessment, under each stated loss.

    Regret, what the ranking turns on, and whether a result is about the loss or about the world.
    """

    with watching("steps") as progress:
        found = offramp.policies(
            case,
            *chosen,
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
@click.argument("questions", nargs=-1, metavar="[QUESTION]...")
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
    """What each answer of CASE depends on: which unknowns, how much chance, and in what box.

    Without QUESTION the headlines. Several questions share all worlds; the US-Iran case takes some
    three minutes on two cores.
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
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--worlds",
    type=click.IntRange(64, MOST_ROWS),
    default=1024,
    show_default=True,
    help="Worlds at each setting that is reported.",
)
@SEED
@THREADS
@printed_as("reach")
def reach(
    case: str, names: tuple[str, ...], worlds: int, seed: int, threads: int | None, printed: Printed
) -> None:
    """Can the model of CASE hold what its authors judge, at some setting of the unknowns?

    Without NAME all assessments; those of the US-Iran case take some two minutes on two cores.
    Worlds begin as in the case under the author's premises and live no reports.
    """

    read = offramp.load(case)
    with watching() as progress:
        rows = offramp.reach(
            read, *names, worlds=worlds, seed=seed, threads=threads, progress=progress
        )
    if not printed(rows):
        from offramp.render.terminal.sensitivity_table import print_reach

        print_reach(read, tuple(rows), worlds, seed, read.assessments)

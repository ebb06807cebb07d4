"""Commands about advice, what answers depend on and assume, and what to watch for."""

from __future__ import annotations

from pathlib import Path

import click

import offramp
from offramp.cli import complete
from offramp.cli.formats import Printed, printed_as
from offramp.cli.options import (
    AUTHOR,
    CASE,
    ONLY_AUTHORS,
    SEED,
    THREADS,
    as_of_option,
    authors,
    conditioned_worlds,
    output_file,
)
from offramp.cli.output import printed_all_the_same, watching, writable

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
@click.argument("questions", nargs=-1, metavar="[QUESTION]...", shell_complete=complete.questions)
@as_of_option("Go on from the reports known by this day (default: no reports, from the start).")
@click.option(
    "--days",
    type=click.IntRange(min=1),
    default=30,
    show_default=True,
    metavar="N",
    help="For how many days to watch.",
)
@click.option(
    "--alarm",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=None,
    metavar="P",
    help="Above which answer a sign is an alarm (default: twice the odds of today's).",
)
@AUTHOR
@click.option(
    "--worlds",
    type=click.IntRange(64, MOST_ROWS // 2),
    default=4096,
    show_default=True,
    help="How many worlds to condition on the reports; four times as many go on, or are free.",
)
@SEED
@THREADS
@output_file("Write it as a document too, a file ending in .html or .pdf.")
@printed_as("watch")
def watch(
    case: str,
    questions: tuple[str, ...],
    as_of: str | None,
    days: int,
    alarm: float | None,
    author: str,
    worlds: int,
    seed: int,
    threads: int | None,
    output: Path | None,
    printed: Printed,
) -> None:
    """Show what to watch for: which public signs would move an answer, and by how much.

    Without QUESTION, the headline questions of yes or no. Several questions share all worlds: the
    headlines of US-Iran after three weeks of reports take half a minute on two cores.
    """
    if output is not None:
        writable(output, (".html", ".pdf"))
    with watching() as progress:
        found = offramp.watch(
            case,
            *questions,
            as_of=as_of,
            days=days,
            alarm=alarm,
            assessment=author,
            worlds=worlds,
            seed=seed,
            threads=threads,
            progress=progress,
        )

    def show() -> None:
        if not printed(found):
            from offramp.render.terminal.watch_table import print_signposts

            print_signposts(found)

    if output is not None:
        with printed_all_the_same(show):
            offramp.page(case, found, output)
    show()


@click.command()
@CASE
@click.argument("questions", nargs=-1, metavar="[QUESTION]...", shell_complete=complete.questions)
@as_of_option("In worlds conditioned on the reports known by this day (default: on none).")
@click.option(
    "--most",
    type=click.IntRange(1, 200),
    default=12,
    show_default=True,
    help="How many assumptions to take alone.",
)
@click.option(
    "--worlds",
    type=click.IntRange(64, MOST_ROWS),
    default=4096,
    show_default=True,
    help="How many worlds to simulate at each value; four times as many look at all.",
)
@SEED
@THREADS
@output_file("Write it as a document too, a file ending in .html or .pdf.")
@printed_as("assumptions")
def assumptions(
    case: str,
    questions: tuple[str, ...],
    as_of: str | None,
    most: int,
    worlds: int,
    seed: int,
    threads: int | None,
    output: Path | None,
    printed: Printed,
) -> None:
    """Check the key assumptions: what falls where one is wrong, and how good its source is.

    All numbers and unknowns behind the questions are turned at once, at random; those that move
    an answer most are then taken alone. Without QUESTION, the headline questions.
    """
    if output is not None:
        writable(output, (".html", ".pdf"))
    with watching("steps") as progress:
        found = offramp.assumptions(
            case,
            *questions,
            as_of=as_of,
            most=most,
            worlds=worlds,
            seed=seed,
            threads=threads,
            progress=progress,
        )

    def show() -> None:
        if not printed(found):
            from offramp.render.terminal.assumptions_table import print_assumptions

            print_assumptions(found)

    if output is not None:
        with printed_all_the_same(show):
            offramp.page(case, found, output)
    show()


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

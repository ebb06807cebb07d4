"""Commands about the documents: what of them is in the model, and what it says of their claims."""

from __future__ import annotations

import sys
from pathlib import Path

import click

import offramp
from offramp.cli.formats import Printed, printed_as
from offramp.cli.options import CASE, DOCUMENTS, MOST_PROCESSES, SEED, THREADS, conditioned_worlds
from offramp.cli.output import report, watching

MOST_NAMED = 40


@click.command()
@CASE
@DOCUMENTS
@printed_as("coverage")
def coverage(case: str, directory: Path | None, printed: Printed) -> None:
    """What becomes of each thing the documents say: carried by what, or left out why.

    A row of the listing in passages.yaml is carried if something that is run, asked, judged,
    tested or recorded cites it. With the documents at hand, lists the sentences that no passage
    touches. Exit status 1 where a row is left out and nobody says why.
    """

    found = offramp.coverage(case, sources=directory)
    report(found.warnings)
    if not printed(found):
        from offramp.render.terminal.coverage_table import print_coverage

        print_coverage(found)
    silent = [row.id for row in found.unexplained]
    if silent:
        more = f" and {len(silent) - MOST_NAMED} more" if len(silent) > MOST_NAMED else ""
        one = len(silent) == 1
        click.echo(
            f"error[nobody-says-why]: {len(silent)} row{'' if one else 's'} "
            f"{'is' if one else 'are'} left out and nobody says why: "
            f"{' '.join(silent[:MOST_NAMED])}{more}\n"
            f"  = cite what carries it, or give a reason under `left out:` in coverage.yaml, as in "
            f" `{silent[0]}: the model has no such actor`",
            err=True,
        )
        sys.exit(1)


@click.command()
@CASE
@click.argument("names", nargs=-1, metavar="[NAME]...")
@conditioned_worlds(1024, "How many worlds are lived in each arm; no reports are.")
@SEED
@click.option(
    "--threads",
    type=click.IntRange(1, MOST_PROCESSES),
    default=None,
    help="Processes (default: one a core).",
)
@click.option("--only", multiple=True, metavar="CLAIM", help="Only this claim (repeat it).")
@printed_as("claims")
def claims(
    case: str,
    names: tuple[str, ...],
    worlds: int,
    seed: int,
    threads: int | None,
    only: tuple[str, ...],
    printed: Printed,
) -> None:
    """Does the model say what its authors say causes what? Each claim, by sign and strength.

    Every causal claim in the claims folder of CASE runs twice on the same dice, with its cause
    turned up and turned down, under its author's own assessment. Without NAME the claims of all
    authors. A claim that fails is a result: the exit status is 0.
    """

    read = offramp.load(case)
    report(read.claims_read.found if read.claims else ())
    with watching("arms") as progress:
        found = offramp.claims(
            read, *names, only=only, worlds=worlds, seed=seed, threads=threads, progress=progress
        )
    if not printed(found):
        from offramp.render.terminal.claims_table import print_claims

        print_claims(found)


@click.command()
@CASE
@click.argument("names", nargs=-1, metavar="[NAME]...")
@conditioned_worlds(1024, "How many worlds are simulated in each arm, without reports.")
@SEED
@THREADS
@printed_as("facts")
def facts(
    case: str,
    names: tuple[str, ...],
    worlds: int,
    seed: int,
    threads: int | None,
    printed: Printed,
) -> None:
    """Does the model behave as such crises do? Each stylised fact beside its bounds.

    A fact that does not fit is a result: the exit status is 0.
    """
    with watching() as progress:
        found = offramp.facts(
            case, *names, worlds=worlds, seed=seed, threads=threads, progress=progress
        )
    if not printed(found):
        from offramp.render.terminal.facts_table import print_facts

        print_facts(found)

"""Commands about the documents: what of them is in the model, and what it says of their claims."""

from __future__ import annotations

import sys
from pathlib import Path

import click

import offramp
from offramp.cli import complete
from offramp.cli.formats import Printed, printed_as
from offramp.cli.options import (
    CASE,
    DOCUMENTS,
    PROCESSES,
    SEED,
    THREADS,
    authors,
    conditioned_worlds,
)
from offramp.cli.output import report, watching

MOST_NAMED = 40


@click.command()
@CASE
@DOCUMENTS
@printed_as("coverage")
def coverage(case: str, directory: Path | None, printed: Printed) -> None:
    """Show what of the documents is in the model, where, and what is left out for which reason.

    A row of passages.yaml is in the model if something that is simulated, asked, judged, tested
    or recorded cites it. With the documents at hand, the sentences that no passage touches are
    listed too. Exit status 1 if a row is left out without a reason.
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
            f"{'is' if one else 'are'} left out without a reason: "
            f"{' '.join(silent[:MOST_NAMED])}{more}\n"
            f"  = cite what carries it, or give a reason under `left out:` in coverage.yaml, as in "
            f" `{silent[0]}: the model has no such actor`",
            err=True,
        )
        sys.exit(1)


@click.command()
@CASE
@authors("Only claims of this author (repeat it for more). Default: all.", complete.claimants)
@conditioned_worlds(1024, "How many worlds to simulate in each arm; no report is used.")
@SEED
@PROCESSES
@click.option(
    "--only",
    multiple=True,
    metavar="CLAIM",
    shell_complete=complete.claims,
    help="Only this claim (repeat it for more).",
)
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
    """Test the authors' causal claims in the model: does each hold, by sign and strength?

    Every claim in the claims folder of CASE is simulated twice with the same random numbers, once
    with its cause raised and once with it lowered, under its author's own assessment. Without
    AUTHOR, the claims of all authors. A claim that fails is a result: the exit status is 0.
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
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=complete.facts)
@conditioned_worlds(4096, "How many worlds are simulated in each arm, without reports.")
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
    """Show whether the model behaves as such crises do: each stylised fact beside its bounds.

    NAME is a fact of facts.yaml; without one all of them. A fact that does not fit is a result: the
    exit status is 0.
    """
    with watching() as progress:
        found = offramp.facts(
            case, *names, worlds=worlds, seed=seed, threads=threads, progress=progress
        )
    if not printed(found):
        from offramp.render.terminal.facts_table import print_facts

        print_facts(found)

"""The command about causal claims."""

from __future__ import annotations

from concurrent.futures.process import BrokenProcessPool
from typing import Any

import click

from offramp.cli import (
    MOST_PROCESSES,
    SEED,
    Failed,
    bar_of,
    echo_json,
    main,
    prompt_interrupt,
    report,
)
from offramp.cli_evidence import worlds_option


@main.command()
@click.argument("case")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@worlds_option(1024, "How many worlds are lived in each arm; no reports are.")
@SEED
@click.option("--threads", type=click.IntRange(1, MOST_PROCESSES), default=None,
              help="Processes (default: one a core).")  # fmt: skip
@click.option("--only", multiple=True, metavar="CLAIM", help="Only this claim (repeat it).")
@click.option("--json", "as_json", is_flag=True, help="Everything as JSON.")
def claims(
    case: str, names: tuple[str, ...], worlds: int, seed: int, threads: int | None,
    only: tuple[str, ...], as_json: bool,
) -> None:  # fmt: skip
    """Does the model say what its authors say causes what? Each claim, by sign and strength.

    Every causal claim in the claims folder of CASE runs twice on the same dice, with its cause
    turned up and turned down, under its author's own assessment. Without NAME the claims of all
    authors. A claim that fails is a result: the exit status is 0.
    """
    from offramp.explain.claims import as_json as plain
    from offramp.explain.claims import examine, prepare

    read, chosen = read_claims(case, names, only)
    prepared = prepare(read, chosen, worlds, seed)
    try:
        with prompt_interrupt(), bar_of(len(prepared.tasks), "arms") as advance:
            found = examine(prepared, threads, advance)
    except BrokenProcessPool:
        raise Failed(
            "a process that lived worlds was ended from outside, perhaps for want of memory; try "
            "--threads 1, or fewer --worlds"
        ) from None
    if as_json:
        echo_json(plain(found), rounded=True)
    else:
        from offramp.explain.claims_table import print_claims

        print_claims(found)


def read_claims(case: str, names: tuple[str, ...], only: tuple[str, ...]) -> tuple[Any, list[Any]]:
    """The case, and those of its claims that are wanted."""
    from offramp.language.case import load
    from offramp.language.claims import examine_claims
    from offramp.language.diagnostics import CaseError, suggestion

    read = load(case)
    known, found = examine_claims(read)
    if any(d.severity == "error" for d in found):
        raise CaseError(found)
    report(found)
    if not known:
        raise Failed(f"{read.id} has no claims: they stand in claims/NAME.yaml, see docs/claims.md")
    authors = {claim.author for claim in known.values()}
    for kind, wanted, there in (("claims of", names, authors), ("claim", only, set(known))):
        for name in wanted:
            if name not in there:
                help = suggestion(name, there, "there are") or f"see `offramp claims {case}`"
                raise Failed(f"{read.id} has no {kind} '{name}': {help}")
    chosen = [
        claim
        for claim in known.values()
        if (not names or claim.author in names) and (not only or claim.id in only)
    ]
    if not chosen:
        raise Failed(f"none of {', '.join(only)} is a claim of {', '.join(names)}")
    return read, chosen

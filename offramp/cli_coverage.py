"""The command about coverage."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from offramp.cli import DOCUMENTS, echo_json, main, report, texts_of

MOST_NAMED = 40


@main.command()
@click.argument("case")
@DOCUMENTS
@click.option("--json", "as_json", is_flag=True, help="Every row as JSON.")
def coverage(case: str, directory: Path | None, as_json: bool) -> None:
    """What becomes of each thing the documents say: carried by what, or left out why.

    A row of the listing in passages.yaml is carried if something that is run, asked, judged,
    tested or recorded cites it. With the documents at hand, lists the sentences that no passage
    touches. Exit status 1 where a row is left out and nobody says why.
    """
    from offramp.explain.coverage import as_json as plain
    from offramp.explain.coverage import coverage as examine
    from offramp.explain.coverage import place_of
    from offramp.language.case import load

    read = load(case)
    own = (read.folder / "documents").is_dir()
    texts = texts_of(read, read.documents, directory) if directory is not None or own else None
    found = examine(read, texts)
    report(list(found.warnings))
    if as_json:
        echo_json(plain(found))
    else:
        from offramp.explain.coverage_table import print_coverage

        print_coverage(found)
    silent = [row.id for row in found.unexplained]
    if silent:
        more = f" and {len(silent) - MOST_NAMED} more" if len(silent) > MOST_NAMED else ""
        one = len(silent) == 1
        click.echo(
            f"error[nobody-says-why]: {len(silent)} row{'' if one else 's'} "
            f"{'is' if one else 'are'} left out and nobody says why: "
            f"{' '.join(silent[:MOST_NAMED])}{more}\n"
            f"  = cite what carries it, or give a reason under `left out:` in {place_of(read)}, as "
            f"in `{silent[0]}: the model has no such actor`",
            err=True,
        )
        sys.exit(1)

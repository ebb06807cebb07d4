"""First drafts by rule: `sources draft`, and a new text beside the documents: `sources compare`."""

from __future__ import annotations

from pathlib import Path

import click

import offramp
from offramp.cli import complete
from offramp.cli.formats import Printed, printed_as
from offramp.cli.options import CASE, DOCUMENTS
from offramp.cli.output import Failed
from offramp.sources.documents import normalise
from offramp.text import files

MOST_BYTES = 4_000_000


@click.command(short_help="what of a document may be taken up, by rule")
@CASE
@click.argument("document", shell_complete=complete.documents)
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    metavar="KIND",
    help="Only this kind (repeat it for more), as in 'estimate' or 'open question'.",
)
@DOCUMENTS
@printed_as("drafts")
def draft(
    case: str, document: str, kinds: tuple[str, ...], directory: Path | None, printed: Printed
) -> None:
    """List sentences of DOCUMENT that may be worth a passage of CASE: each with its place, a kind,
    a reason, and how strong the sign is.

    By rule, from the text alone, for English: estimative words, numbers, dates, conditionals,
    causes, actors that the case knows, recommendations, open questions. What somebody else is
    quoted or reported as saying is marked. Nothing is written.
    """
    found = offramp.drafts(case, document, kinds=kinds, sources=directory)
    if not printed(found):
        from offramp.render.terminal.drafts_table import print_drafts

        print_drafts(found)


@click.command(short_help="a new text beside the documents of a case")
@CASE
@click.argument("newfile", type=click.Path(path_type=Path))
@DOCUMENTS
@printed_as("compare-text")
def compare(case: str, newfile: Path, directory: Path | None, printed: Printed) -> None:
    """Set the text in NEWFILE beside the documents of CASE that are at hand.

    Which passages it repeats nearly word for word, which of its sentences stand in a document
    already, where a number, a date or an estimate about the same actor differs, and what is new;
    at the end, what a person should look at. By rule, for English. Nothing is written.
    """
    try:
        data = files.read_regular(newfile, MOST_BYTES + 1)
    except OSError as error:
        raise Failed(f"'{newfile}' cannot be read: {error.strerror}") from None
    if len(data) > MOST_BYTES:
        raise Failed(f"'{newfile}' is larger than {MOST_BYTES:,} bytes")
    try:
        text = normalise(data)
    except UnicodeDecodeError as error:
        raise Failed(
            f"byte {error.start} of '{newfile}' is not UTF-8; save the file as UTF-8"
        ) from None
    found = offramp.compare_text(case, text, sources=directory)
    if not printed(found):
        from offramp.render.terminal.drafts_table import print_compared

        print_compared(found)

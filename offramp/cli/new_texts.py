"""First drafts by rule: `sources draft`; by a model of the user's own: `sources propose`; and a new
text beside the documents: `sources compare`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import click
from click.core import ParameterSource

import offramp
from offramp.cli import complete
from offramp.cli.formats import Printed, printed_as
from offramp.cli.options import CASE, DOCUMENTS
from offramp.cli.output import Failed
from offramp.cli.taking_in import terminal
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


@click.command(short_help="passages that a model of your own proposes")
@CASE
@click.argument("document", shell_complete=complete.documents)
@click.option(
    "--endpoint",
    required=True,
    metavar="URL",
    help="The address of an OpenAI-compatible interface, as in http://127.0.0.1:11434/v1.",
)
@click.option("--model", required=True, metavar="NAME", help="The model's name there.")
@click.option(
    "--key-from",
    metavar="ENVVAR",
    help="The name of the environment variable that holds the key, where one is wanted.",
)
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    metavar="KIND",
    help="Ask only for this kind (repeat it for more), as in 'estimate' or 'open question'.",
)
@click.option(
    "--timeout",
    "seconds",
    type=float,
    default=300,
    show_default=True,
    metavar="SECONDS",
    help="How long the model may take for a piece of the text.",
)
@click.option("--yes", is_flag=True, help="Send the text without asking.")
@DOCUMENTS
@printed_as("propose")
@click.pass_context
def propose(
    ctx: click.Context,
    case: str,
    document: str,
    endpoint: str,
    model: str,
    key_from: str | None,
    kinds: tuple[str, ...],
    seconds: float,
    yes: bool,
    directory: Path | None,
    printed: Printed,
) -> None:
    """Ask a language model at an endpoint of your own which sentences of DOCUMENT may be worth a
    passage of CASE.

    This sends the document's own text to the endpoint; what leaves, and for where, is said first.
    What the model quotes is kept if it stands in the document byte for byte; any other quotation,
    and any number that the model says, is dropped. Nothing is written.
    """

    def counted(done: int, pieces: int | None) -> None:
        if sys.stderr.isatty():
            click.echo(f"{done} of {pieces} pieces answered", err=True)

    found = offramp.propose(
        case,
        document,
        endpoint=endpoint,
        model=model,
        key=key_in(key_from),
        kinds=kinds,
        sources=directory,
        seconds=seconds,
        allow=agreement(yes),
        progress=counted,
    )
    if not printed(found):
        from offramp.render.terminal.proposed_list import print_proposed

        typed = ctx.get_parameter_source("directory") is ParameterSource.COMMANDLINE
        where = ("--sources", str(directory)) if typed else ()
        print_proposed(found, ("offramp", "passages", "add", *where, case, document))


def agreement(yes: bool) -> Callable[[str], bool]:
    """Says what leaves, and whether it may: as `--yes` says, or as somebody answers."""

    def allowed(leaves: str) -> bool:
        click.echo(leaves, err=True)
        if not yes and not terminal():
            raise click.UsageError("nothing was sent: there is nobody to ask; --yes sends it")
        return yes or click.confirm("Send it?", err=True)

    return allowed


def key_in(variable: str | None) -> str | None:
    """The key in an environment variable. What was given is never repeated: it may be the key."""
    if variable is None:
        return None
    try:
        return os.environ[variable]
    except (KeyError, ValueError):
        raise click.BadParameter(
            "there is no environment variable of that name (it is the variable's name that is "
            "wanted here, and not the key)",
            param_hint="--key-from",
        ) from None


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

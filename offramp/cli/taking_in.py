"""Commands that put documents and passages into a case, and take that back."""

from __future__ import annotations

import sys
from pathlib import Path

import click

import offramp
from offramp.cli import complete
from offramp.cli.options import CASE, DOCUMENTS, JSON
from offramp.cli.output import echo_json
from offramp.cli.reading import sources
from offramp.text.diagnostics import counted

DOCUMENT = click.argument("document", shell_complete=complete.documents)


def asked(option: str, what: str, given: str | None) -> str:
    """What was given, or what is typed now. Without a terminal the option is named."""
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise click.UsageError(f"{what} is missing: give it with {option}")
    return str(click.prompt(what[0].upper() + what[1:], err=True))


@click.group()
def passages() -> None:
    """Passages: places in documents that a case cites, made from their exact words."""


@passages.command(short_help="cite the exact words of a document")
@CASE
@DOCUMENT
@click.argument("words")
@click.option("--paraphrase", help="What they say, in words of your own (asked for if left out).")
@click.option("--phrase", help="At most six of the words, where the wording itself is the datum.")
@click.option("--id", help="The passage's id (default: the next, T14 behind T13).")
@click.option(
    "--from",
    "at",
    type=click.IntRange(0),
    metavar="OFFSET",
    help="Where the words begin, if they stand in several places.",
)
@DOCUMENTS
def add(
    case: str,
    document: str,
    words: str,
    paraphrase: str | None,
    phrase: str | None,
    id: str | None,
    at: int | None,
    directory: Path | None,
) -> None:
    """Write a passage of CASE: the exact WORDS of DOCUMENT, found in its text.

    Offsets and hash are counted. `offramp undo CASE` takes it back.
    """
    offramp.find_passage(
        case, document, words, at=at, sources=directory
    )  # before anything is asked
    said = asked("--paraphrase", "the paraphrase", paraphrase)
    p = offramp.add_passage(
        case, document, words, paraphrase=said, phrase=phrase, id=id, at=at, sources=directory
    )
    click.echo(f"{p.id}: characters {p.start} to {p.end} of {p.document}, written to passages.yaml")


@passages.command(short_help="list the sentences without a passage")
@CASE
@DOCUMENT
@DOCUMENTS
@JSON
def suggest(case: str, document: str, directory: Path | None, as_json: bool) -> None:
    """List the sentences of DOCUMENT that no passage of CASE touches, in order.

    Of each its offsets and its first words, six at most.
    """
    reading = offramp.suggest_passages(case, document, sources=directory)
    if as_json:
        from offramp.case.case import cited_by
        from offramp.render.json import suggest_json

        echo_json(suggest_json.plain(cited_by(case).id, reading))
        return
    for s in reading.untouched:
        click.echo(
            f"{s.start:>7} to {s.end:<7} {s.words}{'' if s.stopped else '   (no full stop)'}"
        )
    touched = reading.sentences - len(reading.untouched)
    click.echo(
        f"{touched} of {counted(reading.sentences, 'sentence')} in {document} have a passage, "
        f"{len(reading.untouched)} have none"
    )


@click.command()
@CASE
def undo(case: str) -> None:
    """Take the last step back that was written into CASE by a command or in the workbench.

    All files of the step are as they were before. Refused where one was changed since.
    """
    done = offramp.undo(case)
    files = [f"{name}{' (removed)' if text is None else ''}" for name, text in done.files.items()]
    click.echo(f"taken back: {done.reason} ({', '.join(files)})")


__all__ = ["passages", "sources", "undo"]

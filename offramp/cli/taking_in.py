"""Commands that put documents and passages into a case, and take that back."""

from __future__ import annotations

import re
import sys
import unicodedata
from contextlib import nullcontext
from pathlib import Path

import click

import offramp
from offramp.cli import complete
from offramp.cli.options import CASE, DOCUMENTS, JSON
from offramp.cli.output import echo_json
from offramp.cli.reading import sources
from offramp.sources.incoming import MOST_BYTES
from offramp.sources.loading import PRECISIONS
from offramp.text.diagnostics import counted

DOCUMENT = click.argument("document", shell_complete=complete.documents)


def terminal() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty()


def asked(option: str, what: str, given: str | None) -> str:
    """What was given, or what is typed now. Without a terminal the option is named."""
    if given is not None:
        return given
    if not terminal():
        raise click.UsageError(f"{what} is missing: give it with {option}")
    return str(click.prompt(what[0].upper() + what[1:], err=True))


ASKED = {
    "author": "its author",
    "title": "its title",
    "publisher": "who published it",
    "date": "its date (2020-01-17, or 2020-01)",
    "dated_by": "how the date is known (as in: printed below the title)",
    "licence": "what its author allows (as in: all rights reserved)",
}


@sources.command("add", short_help="take a document into a case")
@CASE
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--id", help="Its short name (default: from the file's name).")
@click.option("--title", help="Its title.")
@click.option("--author", help="Who wrote it.")
@click.option("--publisher", help="Who published it.")
@click.option("--date", metavar="DATE", help="When it was written: 2020-01-17, or 2020-01.")
@click.option(
    "--precision",
    type=click.Choice(PRECISIONS),
    help="inferred: the document bears no date. Default: what the date is.",
)
@click.option("--dated-by", help="How the date is known, as in 'printed below the title'.")
@click.option("--licence", help="What its author allows, as in 'all rights reserved'.")
@click.option("--start", type=click.IntRange(0), metavar="N", help="Where its own text begins.")
@click.option("--end", type=click.IntRange(1), metavar="N", help="Where its own text has ended.")
def add_source(
    case: str, file: Path, id: str | None, start: int | None, end: int | None, **given: str | None
) -> None:
    """Take FILE into CASE: its text into documents/, its entry into sources.yaml.

    FILE is plain text, Markdown, a saved web page, PDF or Word (.docx); - reads from stdin. What
    the file does not say of itself is asked for. Nothing leaves this computer, and `offramp undo
    CASE` takes it back.
    """
    piped = str(file) == "-"
    with click.open_file(str(file), "rb") if piped else nullcontext() as stream:
        source = offramp.read_source(stream.read(MOST_BYTES + 1) if stream else file)
    for note in source.notes:
        click.echo(f"note: {note}", err=True)
    name = id or (None if piped else named(file))
    name = asked("--id", "a short name for it", name)
    for key, what in ASKED.items():
        if given.get(key) is None and getattr(source, key) is None:
            given[key] = asked(f"--{key.replace('_', '-')}", what, None)
        elif given.get(key) is None and key != "dated_by":
            click.echo(f"{key}, from the file: {getattr(source, key)}", err=True)
    if given["date"] is not None and given["dated_by"] is None:  # the file's reason is for its own
        given["dated_by"] = asked("--dated-by", ASKED["dated_by"], None)
    d = offramp.add_source(case, source, id=name, start=start, end=end, **given)
    click.echo(
        f"{d.id}: {source.kind}, {d.author}, {d.title}, {d.dating.words}; {len(source.text):,} "
        f"characters in documents/{d.file}, its own text from {d.start} to {d.end}"
        + (f"; {counted(len(d.pages), 'page')}" if d.pages else "")
    )


def by_hand(
    ctx: click.Context, option: click.Parameter, given: tuple[str, ...]
) -> dict[str, tuple[int, int]]:
    """`T3=569:656` as a passage and its offsets."""
    out = {}
    for one in given:
        match = re.fullmatch(r"([^=]+)=(\d{1,12}):(\d{1,12})", one)
        if match is None:
            raise click.BadParameter(f"'{one}' is not PASSAGE=OFFSET:OFFSET, as in T3=569:656")
        out[match[1]] = (int(match[2]), int(match[3]))
    return out


@sources.command(short_help="after a text changed: what moves, and what is open")
@CASE
@DOCUMENT
@click.option("--apply", is_flag=True, help="Write it; without this nothing is.")
@click.option(
    "--orphan",
    "placed",
    multiple=True,
    callback=by_hand,
    metavar="PASSAGE=OFFSET:OFFSET",
    help="Where you have placed an open passage (repeat it for more).",
)
@click.option("--start", type=click.IntRange(0), metavar="N", help="Where its own text begins now.")
@click.option("--end", type=click.IntRange(1), metavar="N", help="Where its own text has ended.")
@DOCUMENTS
def repair(
    case: str,
    document: str,
    apply: bool,
    placed: dict[str, tuple[int, int]],
    start: int | None,
    end: int | None,
    directory: Path | None,
) -> None:
    """Show what becomes of DOCUMENT of CASE and its passages after its text has changed.

    Passages that are provably the same move. All others are listed with places to look at, and stay
    as they are until you place them. `offramp undo CASE` takes a repair back.
    """
    done = offramp.repair_source(
        case, document, start=start, end=end, placed=placed, sources=directory, apply=apply
    )
    old, new = done.before, done.document
    if new.sha256 == old.sha256:
        click.echo(f"{document}: its text is the one that was cited from")
    else:
        click.echo(f"{document}: its text has changed")
    if (new.start, new.end) != (old.start, old.end):
        whose = "" if start is not None or end is not None else " (look at them: --start, --end)"
        click.echo(f"its own text: {old.start} to {old.end} -> {new.start} to {new.end}{whose}")
    if old.pages and not new.pages:
        click.echo("its pages are dropped: they are of the text before; take the file in again")
    for p, was in done.moved:
        click.echo(f"{p.id}: {was} -> {p.start} to {p.end}")
    for left in done.open:
        click.echo(f"{left.passage.id}: open, {left.why} ({left.passage.paraphrase})")
        for place in left.near:
            click.echo(f"    {place}")
    still = len(done.placed) - len(done.moved)
    click.echo(f"{still} stand where they stood, {len(done.moved)} move, {len(done.open)} are open")
    if done.written:
        click.echo("written to the case")
    elif done.needed:
        click.echo("nothing was written; with --apply it is")
    if done.open:
        sys.exit(1)


def named(file: Path) -> str | None:
    """An id from a file's name; None where its name gives none."""
    plain = unicodedata.normalize("NFKD", file.stem).encode("ascii", "ignore").decode().lower()
    return re.sub(r"^[^a-z]+|-+$", "", re.sub(r"[^a-z0-9_]+", "-", plain))[:40] or None


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


@passages.command(short_help="move the ends of a passage")
@CASE
@click.argument("passage", shell_complete=complete.passages)
@click.argument("start", type=click.IntRange(0))
@click.argument("end", type=click.IntRange(1))
@click.option("--paraphrase", help="What it says by now, in words of your own.")
@DOCUMENTS
def move(
    case: str,
    passage: str,
    start: int,
    end: int,
    paraphrase: str | None,
    directory: Path | None,
) -> None:
    """Let PASSAGE of CASE go from character START of its document to END, which is not part of it.

    Its hash is counted anew, and its phrase stays within. `offramp undo CASE` takes it back.
    """
    p = offramp.move_passage(case, passage, start, end, paraphrase=paraphrase, sources=directory)
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

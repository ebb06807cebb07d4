"""Commands about reports, rival assessments and scores."""

from __future__ import annotations

import datetime as dt
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

import offramp
from offramp.case.texts import find
from offramp.cli import complete
from offramp.cli.formats import Printed, printed_as
from offramp.cli.options import (
    AUTHOR,
    CASE,
    EACH,
    JSON,
    ONLY_AUTHORS,
    QUESTION,
    SEED,
    THREADS,
    WITH_RECORD,
    as_of_option,
    authors,
    conditioned_worlds,
    output_file,
)
from offramp.cli.output import (
    DAYS,
    Failed,
    echo_json,
    folder_for,
    in_words,
    printed_all_the_same,
    watching,
    writable,
    write_whole,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from offramp.answers.conditioned import Conditioned
    from offramp.answers.issued import Issued
    from offramp.case.case import Case


@click.command()
@CASE
@as_of_option("Use the reports known by this day (default: the last of what is shown).")
@AUTHOR
@conditioned_worlds(4096)
@SEED
@THREADS
@click.option(
    "--silence",
    type=click.Choice(["daily", "episode"]),
    default="daily",
    show_default=True,
    help="How a day without a report counts: each day (exact), or once an episode.",
)
@click.option(
    "--ledger",
    type=click.Path(path_type=Path),
    default=None,
    metavar="FILE",
    help="Append the answers to this sealed ledger.",
)
@WITH_RECORD
@printed_as("condition")
def condition(
    case: str,
    as_of: str | None,
    author: str,
    worlds: int,
    seed: int,
    threads: int | None,
    silence: str,
    ledger: Path | None,
    with_record: bool,
    printed: Printed,
) -> None:
    """Condition CASE on the reports known by a day; print the evidence and the open questions.

    The evidence is the probability of the reports under the model (its marginal likelihood).
    """
    read = offramp.load(case)
    if ledger is not None:
        sealable(ledger)
    with watching(DAYS) as progress:
        c = offramp.condition(
            read,
            as_of=as_of,
            assessment=author,
            worlds=worlds,
            seed=seed,
            threads=threads,
            silence=silence,
            progress=progress,
        )
    if c.forecast is not None:
        c = replace(c, forecast=replace(c.forecast, with_record=with_record))
    own = read.under(author)

    def show() -> None:
        if not printed(c):
            from offramp.render.terminal.condition_table import print_conditioned

            print_conditioned(c, c.decided)

    if ledger is not None and not c.refused:
        with printed_all_the_same(show):
            sealed(ledger, own, c)
    show()
    if c.refused or c.unmixed:
        click.echo(c.refused or c.unmixed, err=True)
        sys.exit(1)


@click.command()
@CASE
@as_of_option("The day (default: the last of the record; without an end, the calendar's).")
@click.option(
    "--since",
    metavar="DATE",
    default=None,
    help="Compare with this day (default: the archive's last, or the day before).",
)
@click.option(
    "--archive",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    metavar="DIR",
    help="Keep a file a day in this folder, and go on from the last of them.",
)
@AUTHOR
@conditioned_worlds(2048)
@SEED
@THREADS
@click.option(
    "--ledger",
    type=click.Path(path_type=Path),
    default=None,
    metavar="FILE",
    help="Append the answers to this sealed ledger.",
)
@output_file("Write the day as a document too, a file ending in .html or .pdf.")
@printed_as("today")
def today(
    case: str,
    as_of: str | None,
    since: str | None,
    archive: Path | None,
    author: str,
    worlds: int,
    seed: int,
    threads: int | None,
    ledger: Path | None,
    output: Path | None,
    printed: Printed,
) -> None:
    """Show what has changed since the last time, and which report changed it.

    Each answer then and now, with the change split over the reports and the silence that made it;
    what surprised, what the model has no event for, what is due within seven days. The worlds go on
    from the evening before where they may.
    """
    read = offramp.load(case)
    if ledger is not None:
        sealable(ledger)
    if archive is not None:
        folder_for(archive)
    if output is not None:
        writable(output, (".html", ".pdf"))
    with watching(DAYS) as progress:
        found = offramp.today(
            read,
            as_of=as_of,
            since=since,
            archive=archive,
            assessment=author,
            worlds=worlds,
            seed=seed,
            threads=threads,
            progress=progress,
        )

    def show() -> None:
        if not printed(found):
            from offramp.render.terminal.today_table import print_today

            print_today(found)

    if ledger is not None and not found.known.refused:
        with printed_all_the_same(show):
            sealed(ledger, read.under(author), found.known)
    if output is not None:
        with printed_all_the_same(show):
            offramp.page(read, found, output)
    show()
    if found.known.refused or found.known.unmixed:
        click.echo(found.known.refused or found.known.unmixed, err=True)
        sys.exit(1)


def sealable(path: Path) -> None:
    """Looks before a long run whether the ledger holds and can be written."""
    from offramp.answers.ledger import Broken, check

    if path.is_dir() or not path.absolute().parent.is_dir():
        raise click.BadParameter("a file in a folder that exists", param_hint="--ledger")
    try:
        with in_words(path):
            check(path)
    except Broken as error:
        raise Failed(str(error)) from None


def sealed(path: Path, case: Case, c: Conditioned) -> None:
    from offramp.answers.issued import from_forecast
    from offramp.answers.ledger import Broken, append

    assert c.forecast is not None
    issued = from_forecast(c.forecast, case, c.as_of, c.assessment)
    if not issued:
        click.echo("no question is open: nothing was appended", err=True)
        return
    try:
        with in_words(path):
            head = append(path, issued, dt.datetime.now(dt.UTC))
    except Broken as error:
        raise Failed(str(error)) from None
    click.echo(f"appended to {path}; keep its head: {head}", err=True)


@click.command()
@CASE
@authors("One of the two authors (give it twice).", complete.rivals, "AUTHOR AUTHOR")
@as_of_option("The day whose reports both know (default: the later document's).")
@click.option(
    "--until",
    metavar="DATE",
    default=None,
    help="Compare their evidence on reports up to this day (default: 28 days later).",
)
@conditioned_worlds(4096, EACH)
@SEED
@THREADS
@printed_as("compare")
def compare(
    case: str,
    names: tuple[str, ...],
    as_of: str | None,
    until: str | None,
    worlds: int,
    seed: int,
    threads: int | None,
    printed: Printed,
) -> None:
    """Show which answers differ between two authors, which parameters explain it, and why.

    \b
    As in:
    offramp compare tutorial ilvane tass
    """
    if len(names) != 2:
        raise click.UsageError(
            f"two different authors, as in `offramp compare {case} A B`; given: "
            + (", ".join(names) or "none")
        )
    with watching(DAYS) as progress:
        result = offramp.compare(
            case,
            *names,
            as_of=as_of,
            until=until,
            worlds=worlds,
            seed=seed,
            threads=threads,
            progress=progress,
        )
    if not printed(result):
        from offramp.render.terminal.rivals_table import print_comparison

        print_comparison(result)
    factor = result.factor
    if factor is not None and factor.unmixed:
        click.echo(f"no author is ranked: {factor.unmixed}", err=True)
        sys.exit(1)


@click.command(name="evidence")
@CASE
@ONLY_AUTHORS
@as_of_option("The reports known by this day (default: until which the last author knew).")
@conditioned_worlds(4096, EACH)
@SEED
@THREADS
@output_file("Write it as a document too, a file ending in .html or .pdf.")
@printed_as("evidence")
def evidence_(
    case: str,
    names: tuple[str, ...],
    as_of: str | None,
    worlds: int,
    seed: int,
    threads: int | None,
    output: Path | None,
    printed: Printed,
) -> None:
    """Show which reports tell between authors, the most diagnostic first.

    Of each day with reports, and of each silence between: how probable each author's premises made
    it, given all before. And which reports speak for nobody. US-Iran: 40 seconds an author.
    """
    if output is not None:
        writable(output, (".html", ".pdf"))
    with watching(DAYS) as progress:
        found = offramp.evidence(
            case, *names, as_of=as_of, worlds=worlds, seed=seed, threads=threads, progress=progress
        )

    def show() -> None:
        if not printed(found):
            from offramp.render.terminal.evidence_table import print_evidence

            print_evidence(found)

    if output is not None:
        with printed_all_the_same(show):
            offramp.page(case, found, output)
    show()


@click.command()
@CASE
@authors("Only this author (repeat it for more). Default: all.", complete.rivals)
@conditioned_worlds(4096, EACH)
@SEED
@THREADS
@printed_as("assess")
def assess(
    case: str, names: tuple[str, ...], worlds: int, seed: int, threads: int | None, printed: Printed
) -> None:
    """Do an author's premises imply the author's judgements, and what do these rest on?

    Without AUTHOR, all of them. Each as of the date of the author's document.
    """
    with watching(DAYS) as progress:
        found = offramp.assess(
            case, *names, worlds=worlds, seed=seed, threads=threads, progress=progress
        )
    if not printed(found):
        from offramp.render.terminal.rivals_table import print_coherence

        for a in found:
            print_coherence(a.assessment, a.conditioned, a.judgements)


@click.command()
@CASE
@ONLY_AUTHORS
@conditioned_worlds(2048, EACH)
@SEED
@THREADS
@printed_as("score")
def score(
    case: str,
    names: tuple[str, ...],
    worlds: int,
    seed: int,
    threads: int | None,
    printed: Printed,
) -> None:
    """Score CASE and its authors against the record, beside baselines.

    As of each document's date, then monthly. The US-Iran case takes three minutes an author.
    """
    with watching(DAYS) as progress:
        result = offramp.score(
            case, *names, worlds=worlds, seed=seed, threads=threads, progress=progress
        )
    if not printed(result):
        from offramp.render.terminal.score_table import print_scored

        print_scored(result)


@click.command()
@CASE
@QUESTION
@as_of_option("Look at forecasts of this day (default: the day before the window opens).")
@conditioned_worlds(2048, EACH)
@SEED
@THREADS
@printed_as("postmortem")
def postmortem(
    case: str,
    question: str,
    as_of: str | None,
    worlds: int,
    seed: int,
    threads: int | None,
    printed: Printed,
) -> None:
    """Show which authors, parameters and passages earned the score of a resolved QUESTION."""
    with watching(DAYS) as progress:
        result = offramp.postmortem(
            case,
            question,
            as_of=as_of,
            worlds=worlds,
            seed=seed,
            threads=threads,
            progress=progress,
        )
    if not printed(result):
        from offramp.render.terminal.rivals_table import print_postmortem

        print_postmortem(result)


@click.group()
def reports() -> None:
    """Reports of history.csv."""


@reports.command("import", short_help="take reports out of a spreadsheet")
@CASE
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--sheet", default="", metavar="NAME", help="Of an .xlsx (default: its first).")
@click.option("--apply", "apply_", is_flag=True, help="Write the rows, all of them or none.")
def import_(case: str, file: Path, sheet: str, apply_: bool) -> None:
    """Take reports out of FILE, a spreadsheet, to the end of history.csv of CASE.

    FILE is .xlsx, or CSV in UTF-8 with commas, semicolons or tabs; its first row names the columns,
    which are those of history.csv, in any order. Without --apply nothing is written.
    """
    from offramp.cli.reading import untouchable
    from offramp.text.diagnostics import counted

    folder = find(case)
    if apply_:
        untouchable(folder)
    read = offramp.load(case)
    found = offramp.import_reports(read, file, sheet=sheet)
    for f in found.found:
        click.echo(f"{file.name} {f.severity}: {f}", err=True)
    where = f"sheet '{found.sheet}' of {file.name}" if found.sheet else file.name
    if not found.ok:
        wrong = len({f.row for f in found.found if f.severity == "error"})
        raise Failed(
            f"{counted(wrong, 'row')} of {counted(len(found.ids), 'report')} in {where} "
            f"{'has' if wrong == 1 else 'have'} errors: nothing was written"
        )
    click.echo(found.added, nl=False)
    told = f"{counted(len(found.ids), 'report')} from {where}"
    if not apply_:
        click.echo(f"{told}: nothing was written; with --apply they go to the end of history.csv")
        return
    append(folder / "history.csv", read.texts.texts.get("history.csv", ""), found.text)
    click.echo(f"{told}: written to {folder / 'history.csv'}")


def append(path: Path, old: str, new: str) -> None:
    """Writes a file that has more at its end; what stood there keeps its bytes. Fails where it has
    changed meanwhile."""
    from offramp.text import files

    with in_words(path):
        files.check_writable(path)
        raw = files.read_regular(path) if files.there(path) else b""
    there = raw.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    if there.replace("\r\n", "\n").replace("\r", "\n") != old:
        raise Failed(f"'{path}' has changed meanwhile: nothing was written; try again")
    more = new.removeprefix(old)
    ending = "\r\n" if "\r\n" in there else "\n"
    write_whole(path, raw + more.replace("\n", ending).encode("utf-8"))


@click.command()
@CASE
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR|FILE",
    help="A new folder for a Hubverse hub, or a file ending in .csv, .jsonl or .metaculus.json.",
)
@ONLY_AUTHORS
@conditioned_worlds(2048, EACH)
@SEED
@THREADS
def export(
    case: str, output: Path, names: tuple[str, ...], worlds: int, seed: int, threads: int | None
) -> None:
    """Write the forecasts that `score` scores: as a table with their scores, a Hubverse hub, JSON
    Lines, or for Metaculus."""
    from offramp.answers.export import as_lines, as_table, write_hub
    from offramp.answers.metaculus import as_metaculus, as_text
    from offramp.text.diagnostics import counted
    from offramp.text.files import check_folder, there

    platform = output.name.endswith(".metaculus.json")
    one_file = platform or output.suffix in (".csv", ".jsonl")
    if one_file:
        writable(output)
    elif output.suffix == ".json":
        raise click.BadParameter(
            f"'{output}' ends neither in .metaculus.json nor in .jsonl nor in .csv",
            param_hint="--output",
        )
    else:
        if not output.parent.is_dir():
            raise click.BadParameter(f"there is no folder '{output.parent}'", param_hint="--output")
        if there(output):
            raise click.BadParameter(
                f"'{output}' exists; a hub is written into a new folder", param_hint="--output"
            )
        with in_words(output):
            check_folder(output, fresh=True)
    read = offramp.load(case)
    with watching(DAYS) as progress:
        result = offramp.score(
            read, *names, worlds=worlds, seed=seed, threads=threads, progress=progress
        )
    tell_refused(result.issued)
    content, n = as_lines(result.issued), len(result.issued)
    if output.suffix == ".csv":
        content = as_table(read, result.issued, result.outcomes, result.scores)
    if platform:
        made = as_metaculus(read.id, result.issued, read.questions)
        content, n = as_text(made), len(made["forecasts"])
        if n == 0:
            raise Failed("no forecast fits the platform's shape, so nothing is written")
    with (
        printed_all_the_same(lambda: click.echo(content.decode("utf-8"), nl=False)),
        in_words(output),
    ):
        if one_file:
            write_whole(output, content)
            click.echo(f"wrote {counted(n, 'forecast')} to {output}")
            return
        try:
            files = write_hub(output, result.issued, read.questions, result.outcomes)
        except ValueError as error:
            raise Failed(str(error)) from None
    click.echo(f"wrote {counted(len(files), 'file')} to {output}")


def tell_refused(issued: Sequence[Issued]) -> None:
    """Says which forecasts an export has no numbers for; Failed if baselines alone have some."""
    from offramp.answers.export import refusals

    if not (found := refusals(issued)):
        return
    if all(i.refused or i.assessment.startswith("baseline:") for i in issued):
        raise Failed(f"{found}; baselines alone are left, so nothing is written: try more --worlds")
    click.echo(found, err=True)


@click.group()
def ledger() -> None:
    """A sealed ledger of forecasts: every entry holds the hash of the one before it."""


@ledger.command("verify", short_help="check every entry of a ledger")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--head",
    default="",
    metavar="HASH",
    help="A head that you kept: shows that nothing was cut off since then.",
)
@JSON
def verify_ledger(file: Path, head: str, as_json: bool) -> None:
    """Check every entry of FILE, and name the first that does not hold."""
    from offramp.answers.ledger import verify
    from offramp.text.files import there

    if not there(file):
        raise Failed(f"there is no ledger '{file}'")
    try:
        found = verify(file, head)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--head") from None
    except OSError as error:
        raise Failed(f"'{file}' cannot be read: {error.strerror}") from None
    if as_json:
        from offramp.render.json import verify_ledger_json

        echo_json(verify_ledger_json.plain(found))
    elif found.ok:
        hold = "entry holds" if found.entries == 1 else "entries hold"
        click.echo(f"{found.entries} {hold}; head {found.head}")
        if found.warning:
            click.echo(found.warning, err=True)
    elif found.broken:
        click.echo(f"{file}: entry {found.broken[0]} does not hold: {found.broken[1]}", err=True)
    if not found.ok:
        sys.exit(1)

"""Commands that answer from free worlds: forecast, why, diff, brief, demo; and compile."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

import offramp
from offramp.api import MOST_WORLDS
from offramp.cli import complete
from offramp.cli.formats import Printed, printed_as
from offramp.cli.options import (
    AUTHOR,
    CASE,
    FROM,
    QUESTION,
    REFERENCE,
    SECONDS,
    SEED,
    THREADS,
    WITH_RECORD,
    WORLDS,
    as_of_option,
    conditioned_worlds,
    output_file,
    output_folder,
)
from offramp.cli.output import (
    DAYS,
    Failed,
    folder_for,
    printed_all_the_same,
    watching,
    writable,
    write_whole,
)
from offramp.extras import install
from offramp.version import __version__

if TYPE_CHECKING:
    from offramp.answers.forecast import Forecast
    from offramp.case.case import Case


@click.command("compile")
@CASE
@click.option("--show", is_flag=True, help="Print the model as Python code instead.")
def compile_(case: str, show: bool) -> None:
    """Prepare CASE for fast runs, as any run does; with --show, print it as Python code."""
    from offramp.engine.blocks import machinery
    from offramp.engine.blocks.days import program
    from offramp.engine.blocks.emit import emit
    from offramp.engine.blocks.worlds import load as laid_out
    from offramp.engine.plan import plan

    read = offramp.load(case)
    if show:
        click.echo(emit(program(plan(read.crisis)), __version__), nl=False)
        return
    if not machinery.available():
        raise Failed("fast runs need Numba: pip install 'numba>=0.61,<0.70'")
    began = time.monotonic()
    known = machinery.is_kept()
    machinery.machine()
    loaded = laid_out(plan(read.crisis))
    click.echo(
        f"{read.id}: {len(loaded.tape.sections):,} sections, {len(loaded.tape.code):,} "
        f"instructions; the machine {'was compiled before' if known else 'is compiled'}; "
        f"{time.monotonic() - began:.1f} s"
    )
    click.echo(f"kept in {machinery.cache_folder()}")


@click.command()
@CASE
@WORLDS
@SECONDS
@click.option(
    "--error",
    type=float,
    default=None,
    help="Simulate until the Monte Carlo error of every probability that is asked of all worlds is "
    "at most this: .01 is one point.",
)
@SEED
@FROM
@THREADS
@REFERENCE
@click.option(
    "--run",
    "folder",
    type=click.Path(path_type=Path),
    default=None,
    metavar="DIR",
    help="Answer from the folder of a finished `offramp run`; nothing is simulated.",
)
@printed_as("forecast")
@click.pass_context
def forecast(
    ctx: click.Context,
    case: str,
    worlds: int | None,
    seconds: float | None,
    error: float | None,
    seed: int,
    start: str | None,
    threads: int | None,
    reference: bool,
    folder: Path | None,
    printed: Printed,
) -> None:
    """Answer the questions of CASE: probability, Monte Carlo error, and what each rests on.

    From worlds that are simulated from the first day on and use no report (see `condition`). A
    world is one simulated history of the crisis.
    """
    if folder is None:
        if error is not None and (worlds or seconds or reference):
            raise click.BadParameter(
                "stands in place of --worlds and --seconds, and without --reference",
                param_hint="--error",
            )
        f = free(case, worlds, seconds, seed, start, threads, reference, error)
        if error is not None and f.largest_error > error:
            click.echo(
                f"(after {f.worlds:,} worlds an error is still {f.largest_error:.4f})", err=True
            )
    else:
        given = [
            p
            for p in ctx.params
            if p not in ("case", "folder", "as_json", "csv")
            and ctx.get_parameter_source(p) is click.core.ParameterSource.COMMANDLINE
        ]
        if given:
            raise click.BadParameter(
                "a finished run has its worlds and its seed already: give --run alone",
                param_hint="--run",
            )
        f = answered_from(case, folder)
    if not printed(f):
        from offramp.render.terminal.forecast_table import print_forecast

        print_forecast(f)


def answered_from(case: str, folder: Path) -> Forecast:
    from offramp.runs.manifest import Refused

    try:
        from offramp.runs.results import finished_manifest
        from offramp.runs.stored import forecast_from

        i, n = finished_manifest(folder).shard
        if n > 1:
            click.echo(f"(part {i} of {n} of a run only; `offramp merge` joins them)", err=True)
        return forecast_from(offramp.load(case), folder)
    except Refused as error:
        raise Failed(str(error)) from None
    except ModuleNotFoundError as error:
        raise Failed(f"this needs {error.name}: {install('runs')}") from None


@click.command()
@CASE
@QUESTION
@WORLDS
@SECONDS
@SEED
@THREADS
@REFERENCE
@click.option(
    "--stories",
    type=click.IntRange(0, 12),
    default=3,
    show_default=True,
    help="Print so many worlds as stories.",
)
@printed_as("why")
def why(
    case: str,
    question: str,
    worlds: int | None,
    seconds: float | None,
    seed: int,
    threads: int | None,
    reference: bool,
    stories: int,
    printed: Printed,
) -> None:
    """Show what moves the answer to QUESTION, the passages behind it, and worlds as stories.

    The worlds are free, without the reports, and so are their stories.
    """
    compiling(reference)
    with watching() as progress:
        result = offramp.why(
            case,
            question,
            worlds=worlds,
            seconds=seconds,
            seed=seed,
            threads=threads,
            reference=reference,
            progress=progress,
        )
    if not printed(result):
        from offramp.render.terminal.why_table import print_why

        print_why(result, stories)


@click.command()
@CASE
@click.option(
    "--worlds",
    type=click.IntRange(200, MOST_WORLDS),
    default=2048,
    show_default=True,
    help="How many worlds to simulate; more can show a smaller gap.",
)
@SEED
@as_of_option("Worlds conditioned on the reports known by this day (default: on none).")
@AUTHOR
@THREADS
@output_file("Write it as a document too, a file ending in .html or .pdf.")
@printed_as("scenarios")
def scenarios(
    case: str,
    worlds: int,
    seed: int,
    as_of: str | None,
    author: str,
    threads: int | None,
    output: Path | None,
    printed: Printed,
) -> None:
    """Show the scenarios of CASE: clusters of whole histories, only where they are real.

    Each with its share of worlds, a world of its middle told day by day, the turns that lead into
    it, and early signposts. Where histories are one cloud it says so, with the numbers.
    """
    if output is not None:
        writable(output, (".html", ".pdf"))
    compiling(False)
    with watching("worlds" if as_of is None else DAYS) as progress:
        found = offramp.scenarios(
            case,
            as_of=as_of,
            assessment=author,
            worlds=worlds,
            seed=seed,
            threads=threads,
            progress=progress,
        )

    def show() -> None:
        if not printed(found):
            from offramp.render.terminal.scenarios_table import print_scenarios

            print_scenarios(found)

    if output is not None:
        with printed_all_the_same(show):
            offramp.page(case, found, output)
    show()


@click.command()
@click.argument("old", shell_complete=complete.cases)
@click.argument("new", shell_complete=complete.cases)
@click.option(
    "--worlds",
    type=click.IntRange(1, MOST_WORLDS),
    default=2000,
    show_default=True,
    help="How many worlds of each case, and of each number that is changed alone.",
)
@SEED
@THREADS
@printed_as("diff")
def diff(old: str, new: str, worlds: int, seed: int, threads: int | None, printed: Printed) -> None:
    """Show what OLD and NEW, two cases of one crisis, differ in and what that does to each answer.

    Each is a case; or CASE@COMMIT, its folder in a commit of git; or CASE#NAME, the case under the
    ranges of a what-if that the workbench kept. No report is used.

    \b
    As in:
    offramp diff mycase@HEAD~1 mycase
    offramp diff mycase mycase#bold-militias
    """
    with watching() as progress:
        found = offramp.diff(old, new, worlds=worlds, seed=seed, threads=threads, progress=progress)
    if not printed(found):
        from offramp.render.terminal.diff_table import print_diff

        print_diff(found)


@click.command()
@CASE
@output_file("A file ending in .html or .pdf.", default=Path("brief.html"), show_default=True)
@WORLDS
@SECONDS
@SEED
@FROM
@THREADS
@REFERENCE
@as_of_option("Simulate conditioned on the reports known by this day (default: on none).")
@WITH_RECORD
@click.option("--quick", is_flag=True, help="Leave out what takes minutes.")
def brief(
    case: str,
    output: Path,
    worlds: int | None,
    seconds: float | None,
    seed: int,
    start: str | None,
    threads: int | None,
    reference: bool,
    as_of: str | None,
    with_record: bool,
    quick: bool,
) -> None:
    """Write the brief of CASE as one self-contained HTML or PDF file.

    The questions that the documents themselves ask are answered from 4,096 more worlds,
    conditioned on the reports; authors stand side by side, choices of the main actors are taken
    apart, the answers are given but for the central event too, and what the model gets wrong is
    tried: for the US-Iran case about ten minutes the first time, unless --quick.
    """
    writable(output, (".html", ".pdf"))
    if as_of is None and with_record:
        raise click.BadParameter(
            "goes with --as-of: without it the record is shown anyhow", param_hint="--with-record"
        )
    read = offramp.load(case)
    _ = read.asked  # mistakes there are told before the simulation
    if as_of is None:
        f = free(read, worlds, seconds, seed, start, threads, reference)
    else:
        if start is not None or seconds is not None or reference:
            raise click.BadParameter(
                "goes with --worlds, --seed and --threads alone", param_hint="--as-of"
            )
        with watching(DAYS) as progress:
            f = offramp.known_forecast(
                read,
                as_of,
                worlds=worlds or 4096,
                seed=seed,
                threads=threads,
                with_record=with_record,
                progress=progress,
            )
    from offramp.render.terminal.forecast_table import print_forecast

    with watching("steps") as progress:
        told = offramp.briefed(
            read, f, quick=quick or reference, threads=threads, progress=progress
        )
    with printed_all_the_same(lambda: print_forecast(f)):
        write_whole(output, offramp.document(read, told, output.suffix))
    click.echo(f"wrote {output}")


@click.command()
@CASE
@output_file("A file ending in .html or .pdf.", default=Path("page.pdf"), show_default=True)
@as_of_option("Simulate conditioned on the reports known by this day (default: on none).")
@conditioned_worlds(2048, "How many worlds to simulate of the case, and of each author.")
@SEED
@THREADS
@click.option("--quick", is_flag=True, help="Without authors, the day before and known failings.")
def page(
    case: str,
    output: Path,
    as_of: str | None,
    worlds: int,
    seed: int,
    threads: int | None,
    quick: bool,
) -> None:
    """Write one page on CASE: one side of A4, as HTML or PDF.

    The bottom line, the five answers that matter beside the day before and the authors, what they
    rest on, who differs and why, the dates ahead, and what the model is known to get wrong. For the
    US-Iran case some minutes the first time; worlds and failings are kept.
    """
    writable(output, (".html", ".pdf"))
    read = offramp.load(case)
    with watching() as progress:
        found = offramp.essentials(
            read,
            as_of=as_of,
            worlds=worlds,
            seed=seed,
            quick=quick,
            threads=threads,
            progress=progress,
        )
    offramp.page(read, found, output)
    click.echo(f"wrote {output}")


@click.command()
@output_folder("The folder for the brief's two files.", default=Path("."), show_default=True)
@WORLDS
@SECONDS
@SEED
@THREADS
@REFERENCE
def demo(
    output: Path,
    worlds: int | None,
    seconds: float | None,
    seed: int,
    threads: int | None,
    reference: bool,
) -> None:
    """Simulate the US-Iran crisis of 2020 and write its brief as HTML and PDF."""
    outputs = [output / "us-iran-2020.html", output / "us-iran-2020.pdf"]
    folder_for(output)
    for file in outputs:
        writable(file, (".html", ".pdf"))
    read = offramp.load("us-iran-2020")
    f = free(read, worlds, seconds, seed, None, threads, reference)
    from offramp.render.terminal.forecast_table import print_forecast

    told = offramp.briefed(read, f, threads=threads)
    with printed_all_the_same(lambda: print_forecast(f, only_headlines=True)):
        for file in outputs:
            write_whole(file, offramp.document(read, told, file.suffix))
    print_forecast(f, only_headlines=True)
    click.echo(f"wrote {outputs[0]} and {outputs[1]}")


def free(
    case: str | Case,
    worlds: int | None,
    seconds: float | None,
    seed: int,
    start: str | None,
    threads: int | None,
    reference: bool,
    error: float | None = None,
) -> Forecast:
    compiling(reference)
    with watching() as progress:
        return offramp.forecast(
            case,
            worlds=worlds,
            seconds=seconds,
            error=error,
            seed=seed,
            start=start,
            threads=threads,
            reference=reference,
            progress=progress,
        )


def compiling(reference: bool) -> None:
    """Says why the first run on a computer takes longer."""
    from offramp.engine.blocks.machinery import available, is_kept

    if available() and not reference and not is_kept() and sys.stderr.isatty():
        click.echo("(compiling once for this computer, about 15 seconds)", err=True)

"""The commands for large runs: `offramp run` and `offramp merge`."""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

import offramp
from offramp.cli.options import CASE, PARQUET, REFERENCE, SEED, THREADS, output_folder
from offramp.cli.output import Failed, prompt_interrupt
from offramp.extras import install

if TYPE_CHECKING:
    from offramp.runs.size import Estimate

MOST_WORLDS = 10**15  # nobody simulates so many; the random numbers would last


def whole_number(ctx: click.Context, option: click.Parameter, text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        raise click.BadParameter(
            f"'{text}' is not a whole number; how many worlds, as in 100000"
        ) from None
    if not 1 <= value <= MOST_WORLDS:
        raise click.BadParameter(f"{value} is not between 1 and {MOST_WORLDS:,}, as in 100000")
    return value


def part(ctx: click.Context, option: click.Parameter, text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{1,9})/(\d{1,9})", text)
    i, n = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 1 <= i <= n:
        raise click.BadParameter(
            f"'{text}' is not a part of a run; the parts of 16 are 1/16, 2/16 and so on to 16/16"
        )
    return i, n


@click.command()
@CASE
@click.option(
    "--worlds",
    required=True,
    callback=whole_number,
    metavar="N",
    help="How many worlds to simulate.",
)
@SEED
@THREADS
@click.option(
    "--shard",
    callback=part,
    default="1/1",
    metavar="I/N",
    help="Simulate only the I-th of N parts; `offramp merge` joins them.",
)
@output_folder("The folder for the results (default: named by case, seed and worlds).")
@click.option(
    "--cluster",
    metavar="ADDRESS",
    default=None,
    help="A Dask scheduler, as in tcp://10.0.0.1:8786, or `local`.",
)
@click.option(
    "--chunk",
    type=click.IntRange(1, 1 << 20),
    default=None,
    metavar="N",
    help="Worlds in a chunk, which is written whole (default: about a second's work).",
)
@REFERENCE
@PARQUET
@click.option(
    "--keep",
    multiple=True,
    metavar="QUANTITY",
    help="Also keep this quantity's every day in every world; may be given again.",
)
@click.option("--yes", is_flag=True, help="Do not ask first, however long it takes.")
def run(
    case: str,
    worlds: int,
    seed: int,
    threads: int | None,
    shard: tuple[int, int],
    output: Path | None,
    cluster: str | None,
    chunk: int | None,
    reference: bool,
    parquet: bool,
    keep: tuple[str, ...],
    yes: bool,
) -> None:
    """Simulate many worlds of CASE into a folder; a run cut short goes on where it was.

    The bytes of the results depend on CASE, --worlds, --seed and --keep alone.
    """
    from offramp.api.many import default_name, described
    from offramp.engine.blocks.machinery import available
    from offramp.runs.folder import kept, said
    from offramp.runs.live import Way
    from offramp.runs.live import run as live
    from offramp.runs.manifest import Refused
    from offramp.runs.results import write_parquet

    if shard[1] > worlds:
        raise click.BadParameter(
            f"{worlds} worlds cannot be {shard[1]} parts; at most 1/{worlds}", param_hint="--shard"
        )
    need("zarr", "runs")
    if parquet:
        need("pyarrow", "parquet")
    if cluster is not None:
        need("distributed", "cluster")
    read = offramp.load(case)
    job, manifest = described(read, worlds, seed, shard, keep)
    folder = output or Path(default_name(read.id, seed, worlds, shard))
    compiled = available() and not reference
    if not compiled and not reference and sys.stderr.isatty():
        click.echo("(without Numba: the plain interpreter, many times slower)", err=True)
    way = Way(compiled, threads or os.cpu_count() or 1, cluster, chunk)
    try:
        with heard_interrupt() as look, bar(len(manifest.numbers)) as (ask, advance):

            def progress(n: int) -> None:
                look()
                advance(n)

            live(job, manifest, way, folder, lambda e: ask(lambda: agree(e, yes)), progress)
        if parquet:
            write_parquet(folder)
    except Refused as error:
        raise Failed(str(error)) from None
    except OSError as error:
        raise Failed(said(error, folder)) from None
    except KeyboardInterrupt:
        click.echo(f"interrupted: {kept(folder, manifest)}", err=True)
        sys.exit(130)
    click.echo(f"wrote {len(manifest.numbers):,} worlds to {folder}")


@contextmanager
def heard_interrupt() -> Iterator[Callable[[], None]]:
    """Gives a function that interrupts if Ctrl-C was pressed: while Numba compiles, the exception
    may arise where Python throws it away (a weak reference's callback, say)."""
    pressed = threading.Event()

    def look() -> None:
        if pressed.is_set():
            raise KeyboardInterrupt

    with prompt_interrupt():
        end = signal.getsignal(signal.SIGINT)

        def hear(signum: int, frame: FrameType | None) -> None:
            pressed.set()
            if callable(end):
                end(signum, frame)

        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, hear)
        yield look


def need(module: str, extra: str) -> None:
    from importlib.util import find_spec

    if find_spec(module) is None:
        raise Failed(f"this needs {module}: {install(extra)}")


def agree(e: Estimate, yes: bool) -> None:
    """Asks before a run that takes very much."""
    from offramp.runs.manifest import Refused

    if not e.doubts:
        return
    click.echo(str(e), err=True)
    if yes:
        return
    doubts = " and ".join(e.doubts)
    if not sys.stdin.isatty():
        raise Refused(f"that is {doubts}: pass --yes to run it all the same")
    if not click.confirm(f"that is {doubts}; go on?", err=True):
        raise Refused("nothing was run")


Ask = Callable[[Callable[[], None]], None]


@contextmanager
def bar(worlds: int) -> Iterator[tuple[Ask, Callable[[int], None]]]:
    """A bar on stderr, on terminals only: worlds done, worlds a second, time left. It steps aside
    for a question."""
    if not sys.stderr.isatty():
        yield lambda question: question(), lambda n: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.completed:,.0f} of {task.total:,.0f} worlds"),
        BarColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("left"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("", total=worlds, rate="preparing")

        def advance(n: int) -> None:
            shown.advance(task, n)
            now = shown.tasks[0]
            rate = f"{now.speed:,.0f} a second" if now.speed else ""
            shown.update(task, rate="writing the results" if now.finished else rate)

        def ask(question: Callable[[], None]) -> None:
            shown.stop()
            question()
            shown.start()

        yield ask, advance


@click.command()
@click.argument(
    "folders", nargs=-1, required=True, metavar="DIR...", type=click.Path(path_type=Path)
)
@output_folder("The folder for the whole run.", required=True)
@PARQUET
def merge(folders: tuple[Path, ...], output: Path, parquet: bool) -> None:
    """Join the parts of a run: the same bytes as the run in one piece."""
    from offramp.runs.folder import said
    from offramp.runs.manifest import Refused
    from offramp.runs.merge import merge as join
    from offramp.runs.results import write_parquet

    need("zarr", "runs")
    if parquet:
        need("pyarrow", "parquet")
    try:
        manifest = join(folders, output)
        if parquet:
            write_parquet(output)
    except Refused as error:
        raise Failed(str(error)) from None
    except OSError as error:
        raise Failed(said(error, output)) from None
    click.echo(f"wrote {len(manifest.numbers):,} worlds to {output}")

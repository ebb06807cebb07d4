"""What commands print, and where they write: errors, progress, JSON, files."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from offramp.text import files, plain_json
from offramp.text.diagnostics import Diagnostic, counted, render

Progress = Callable[[int, int | None], None]
DAYS = "days of the islands simulated"  # what `watching` counts while worlds are conditioned


class Failed(click.ClickException):
    """The model or a check failed: exit status 1, a message that says what would have worked."""

    exit_code = 1


def silence() -> None:
    """Nobody reads stdout any more: what is still buffered goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


# ---- files -------------------------------------------------------------------------------


def writable(output: Path, endings: tuple[str, ...] = ()) -> None:
    """Looks before a long run whether its output can be written at all."""
    if endings and output.suffix not in endings:
        raise click.BadParameter(
            f"'{output}' ends neither in {' nor in '.join(endings)}", param_hint="--output"
        )
    if not output.parent.is_dir():
        raise click.BadParameter(f"there is no folder '{output.parent}'", param_hint="--output")
    if output.is_dir():
        raise click.BadParameter(f"'{output}' is a folder", param_hint="--output")
    with in_words(output):
        files.check_writable(output)


def folder_for(output: Path) -> None:
    """The folder of a command's output, made if need be, before a long run."""
    with in_words(output):
        files.check_folder(output)


@contextmanager
def in_words(output: Path) -> Iterator[None]:
    """What is in the way of an output, as a failure that names it."""
    try:
        yield
    except OSError as error:
        raise Failed(f"'{output}' cannot be written: {error.strerror}") from None


def write_whole(output: Path, content: bytes) -> None:
    """Whole or not at all, or a failure that says why."""
    with in_words(output):
        files.write_whole(output, content)


@contextmanager
def printed_all_the_same(show: Callable[[], None]) -> Iterator[None]:
    """While an output is written: should that fail, what was computed is not lost but shown."""
    try:
        yield
    except Failed:
        show()
        raise


# ---- progress ----------------------------------------------------------------------------


@contextmanager
def watching(what: str = "worlds") -> Iterator[Progress]:
    """A bar on stderr, on terminals only, for whatever calls with the steps done and the steps in
    all; and Ctrl-C that ends at once."""
    with prompt_interrupt(), bar(what) as progress:
        yield progress


@contextmanager
def prompt_interrupt() -> Iterator[None]:
    """Ctrl-C ends the worker processes at once; they would finish their worlds first."""

    def end(signum: int, frame: object) -> None:
        for child in multiprocessing.active_children():
            child.terminate()
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def bar(what: str) -> Iterator[Progress]:
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = [
        TextColumn(f"{{task.completed:.0f}} {what}"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    ]
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("", total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total)


# ---- what is told ------------------------------------------------------------------------


def report(found: Iterable[Diagnostic]) -> None:
    """Diagnostics on stderr, each with its line and a caret."""
    found = list(found)
    texts: dict[str, list[str] | None] = {}
    for d in found:
        if d.code == "no-case":
            texts[d.span.path] = None  # whatever file is there under that name is none of a case
        if d.span.path not in texts:
            try:
                text = files.read_regular(Path(d.span.path), 5_000_000).decode(
                    "utf-8-sig", "replace"
                )
                texts[d.span.path] = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
            except OSError:
                texts[d.span.path] = None
        words = render(d, texts[d.span.path])
        click.echo(words, err=True)
    errors = sum(d.severity == "error" for d in found)
    if found:
        warnings = len(found) - errors
        counts = ((errors, "error"), (warnings, "warning"))
        click.echo(", ".join(counted(n, word) for n, word in counts), err=True)


def echo_json(value: object) -> None:
    """Prints the value, if all of it is JSON."""
    try:
        click.echo(plain_json.text(value, indent=2))
    except plain_json.NoNumber as error:
        raise Failed(f"this has no answer as JSON: {error}") from None


def colour() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ

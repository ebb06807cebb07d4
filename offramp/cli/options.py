"""Options that several commands share, each said once."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from offramp.api import MOST_WORLDS
from offramp.cli import complete

Command = Callable[..., None]
Decorator = Callable[[Command], Command]
MOST_PROCESSES = 256
MOST_SEED = 2**63 - 1


class Renamed(click.Option):
    """An option whose old spelling still works, with a word to stderr."""

    def __init__(self, *names: Any, was: str, **more: Any) -> None:
        super().__init__(*names, **more)
        self.was = was

    def consume_value(
        self, ctx: click.Context, opts: Mapping[str, Any]
    ) -> tuple[Any, ParameterSource]:
        old, own = opts.get(hidden(self.was)), opts.get(self.name or "")
        if isinstance(old, str | list):
            if not ctx.resilient_parsing:  # in which a shell asks for completions
                now = max(self.opts, key=len)
                click.echo(f"{self.was} is called {now} now; the next release drops it", err=True)
            own = [*own, *old] if isinstance(own, list) and isinstance(old, list) else old
            opts = {**opts, self.name or "": own}
        return super().consume_value(ctx, opts)


def hidden(was: str) -> str:
    """The name under which an old spelling's value is kept."""
    return "was_" + was.lstrip("-")


def renamed(*names: str, was: str, **more: Any) -> Decorator:
    """An option under its new name, and a hidden one under the old."""
    several = bool(more.get("multiple"))

    def decorate(command: Command) -> Command:
        old = click.option(was, hidden(was), hidden=True, expose_value=False, multiple=several)
        return click.option(*names, cls=Renamed, was=was, **more)(old(command))

    return decorate


CASE = click.argument("case", shell_complete=complete.cases)
DOCUMENTS = click.option(
    "--sources",
    "directory",
    envvar="OFFRAMP_SOURCES",
    type=click.Path(path_type=Path),
    help="The folder with the documents (or set OFFRAMP_SOURCES).",
)


def at_least_one(ctx: click.Context, option: click.Parameter, value: int | None) -> int | None:
    if value is not None and value < 1:
        raise click.BadParameter("at least 1")
    if value is not None and value > MOST_WORLDS:
        raise click.BadParameter(
            f"at most {MOST_WORLDS:,} in memory; `offramp run` keeps more than that on disk"
        )
    return value


def finite(ctx: click.Context, option: click.Parameter, value: float | None) -> float | None:
    if value is not None and not math.isfinite(value):
        raise click.BadParameter("a number of seconds, as in 60")
    return value


WORLDS = click.option(
    "--worlds",
    type=int,
    callback=at_least_one,
    default=None,
    help="How many worlds to simulate (default: as many as finish in --seconds).",
)
SECONDS = click.option(
    "--seconds",
    type=click.FloatRange(min=1),
    callback=finite,
    default=None,
    help="Without --worlds: keep starting worlds for this long (default: 10; 110 without Numba).",
)


def any_seed(ctx: click.Context, option: click.Parameter, value: int) -> int:
    if not 0 <= value <= MOST_SEED:
        raise click.BadParameter(f"{value} is not in the range from 0 to 2**63 - 1")
    return value


SEED = click.option(
    "--seed",
    type=int,
    callback=any_seed,
    default=1,
    show_default=True,
    metavar="N",
    help="Which random numbers: the same seed gives the same results.",
)
FROM = click.option(
    "--from",
    "start",
    metavar="DATE",
    default=None,
    help="Count only what happens from this day on (year-month-day).",
)
THREADS = click.option(
    "--threads",
    type=click.IntRange(1, MOST_PROCESSES),
    default=None,
    help="Threads, or processes with --reference (default: all cores). No result depends on it.",
)
PROCESSES = click.option(
    "--threads",
    type=click.IntRange(1, MOST_PROCESSES),
    default=None,
    help="Processes (default: one a core). No result depends on it.",
)
REFERENCE = click.option(
    "--reference",
    is_flag=True,
    help="Use the plain interpreter that defines the model: the same bytes, many times slower.",
)
JSON_HELP = "Print the result as JSON (`offramp schema NAME` tells of its fields)."
JSON = click.option("--json", "as_json", is_flag=True, help=JSON_HELP)
PARQUET = click.option("--parquet", is_flag=True, help="Write a Parquet file too, a row a world.")
AUTHOR = renamed(
    "--author",
    was="--assessment",
    metavar="NAME",
    default="case",
    show_default=True,
    shell_complete=complete.authors,
    help="Simulate under this author's premises; 'case' is the case as it stands.",
)
ONLY_AUTHORS = renamed(
    "--author",
    "names",
    was="--assessment",
    multiple=True,
    metavar="NAME",
    shell_complete=complete.authors,
    help="Only this author (repeat it for more); 'case' is the case as it stands. Default: all.",
)


def authors(what: str, offered: complete.Complete, metavar: str = "[AUTHOR]...") -> Decorator:
    """Authors after the case, or each with --author: `names` holds them all, each once."""

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def both(*, after: tuple[str, ...], author: tuple[str, ...], **rest: Any) -> None:
            command(names=tuple(dict.fromkeys((*after, *author))), **rest)

        option = click.option(
            "--author",
            "author",
            multiple=True,
            metavar="NAME",
            shell_complete=offered,
            help=what,
        )
        argument = click.argument("after", nargs=-1, metavar=metavar, shell_complete=offered)
        return argument(option(both))

    return decorate


QUESTION = click.argument("question", shell_complete=complete.questions)
WITH_RECORD = click.option(
    "--with-record",
    "with_record",
    is_flag=True,
    help="Show beside the answers what was decided after the day of --as-of.",
)
EACH = "How many worlds to simulate under each author, conditioned on the reports."
CONDITIONED = "How many worlds to simulate, conditioned on the reports."


def conditioned_worlds(default: int, what: str = CONDITIONED) -> Decorator:
    return click.option(
        "--worlds",
        type=click.IntRange(64, MOST_WORLDS),
        default=default,
        show_default=True,
        help=what,
    )


def as_of_option(what: str) -> Decorator:
    return click.option("--as-of", "as_of", metavar="DATE", default=None, help=what)


def output_file(what: str, **more: Any) -> Decorator:
    return click.option(
        "-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help=what, **more
    )


def output_folder(what: str, **more: Any) -> Decorator:
    return renamed(
        "-o",
        "--output",
        was="--out",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help=what,
        **more,
    )

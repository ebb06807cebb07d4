"""Options that several commands share, each said once."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import click

from offramp.api import MOST_WORLDS

Decorator = Callable[[Callable[..., None]], Callable[..., None]]
MOST_PROCESSES = 256

CASE = click.argument("case")
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
            f"at most {MOST_WORLDS:,} in memory; `offramp run` lives more, and keeps them on disk"
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
    help="How many worlds (default: as many as finish in --seconds).",
)
SECONDS = click.option(
    "--seconds",
    type=click.FloatRange(min=1),
    callback=finite,
    default=None,
    help="Without --worlds: for how long worlds are begun (default: 10; 110 without Numba).",
)
SEED = click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=1, show_default=True)
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
    help="Threads, or processes of the reference interpreter (default: all cores).",
)
REFERENCE = click.option(
    "--reference",
    is_flag=True,
    help="Through the interpreter that defines the model: the same bytes, many times slower.",
)
JSON_HELP = "Everything as JSON; `offramp schema NAME` tells of its fields."
JSON = click.option("--json", "as_json", is_flag=True, help=JSON_HELP)
ASSESSMENT = click.option(
    "--assessment",
    metavar="NAME",
    default="case",
    show_default=True,
    help="Under the premises of this assessment.",
)
ASSESSMENTS = click.option(
    "--assessment",
    "chosen",
    multiple=True,
    metavar="NAME",
    help="Only these (repeat it); 'case' is the case itself. Default: all.",
)
WITH_RECORD = click.option(
    "--with-record",
    "with_record",
    is_flag=True,
    help="Show beside the answers what was decided later than that day.",
)
EACH = "How many worlds live the reports, under each assessment."


def conditioned_worlds(default: int, what: str = "How many worlds live the reports.") -> Decorator:
    return click.option(
        "--worlds",
        type=click.IntRange(64, MOST_WORLDS),
        default=default,
        show_default=True,
        help=what,
    )


def as_of(what: str) -> Decorator:
    return click.option("--as-of", "as_of", metavar="DATE", default=None, help=what)

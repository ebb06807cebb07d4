"""A study's result as JSON or CSV in place of the tables that people read."""

from __future__ import annotations

import functools
from collections.abc import Callable

import click

import offramp
from offramp.cli.options import JSON
from offramp.cli.output import echo_json

Printed = Callable[[object], bool]


def printed_as(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """--json and --csv of the command of an output, or of one of several: it is given `printed`,
    which prints a result so if that was asked for, and says whether it did."""

    def decorated(command: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(command)
        def run(*args: object, as_json: bool, csv: str | None, **rest: object) -> None:
            if as_json and csv:
                raise click.UsageError("--json or --csv: choose one")
            command(*args, printed=functools.partial(_printed, as_json, csv), **rest)

        table = click.option(
            "--csv",
            metavar="TABLE",
            default=None,
            callback=functools.partial(_table, names),
            help="Print one table of it as CSV; '--csv list' names the tables.",
        )
        return JSON(table(run))

    return decorated


def _table(
    names: tuple[str, ...], ctx: click.Context, option: click.Parameter, value: str | None
) -> str | None:
    """The name of a table that the output has: refused before the work, and not after."""
    from offramp.render.json.outputs import OUTPUTS

    if value is None:
        return None
    known = [table for name in names for table in OUTPUTS[name].tables]
    if value == "list":
        click.echo("\n".join(known))
        ctx.exit()
    if value not in known:
        raise click.BadParameter(f"there is no table '{value}': {', '.join(known)}")
    return value


def _printed(as_json: bool, csv: str | None, result: object) -> bool:
    if as_json:
        echo_json(offramp.to_dict(result))
    elif csv:
        from offramp.api.values import table_of
        from offramp.render.json.rows import csv_of

        click.echo(csv_of(table_of(result, csv)), nl=False)
    return as_json or csv is not None

"""`open` and `serve`: the workbench in a browser, on this machine alone."""

from __future__ import annotations

from pathlib import Path

import click

from offramp.cli.options import DOCUMENTS
from offramp.cli.output import Failed

PORT = click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=None,
    help="The port on this machine (default: 8417, or one that is free).",
)


@click.command("open")
@click.argument("cases", nargs=-1, metavar="[CASE]...")
@PORT
@DOCUMENTS
@click.option("--no-browser", is_flag=True, help="Only print the address.")
def open_(
    cases: tuple[str, ...], port: int | None, directory: Path | None, no_browser: bool
) -> None:
    """Open the workbench in a browser; without CASE, on the shipped cases.

    With the documents at hand (in the case's documents/, or --sources) its screen Sources shows
    their texts, with every passage where it stands.

    Nothing leaves this machine: the server listens on its own address alone, and the page loads
    nothing from elsewhere. Ctrl-c ends it.
    """
    import offramp

    started(cases or offramp.cases(), port, directory, browser=not no_browser)


@click.command()
@click.argument("cases", nargs=-1, required=True, metavar="CASE...")
@PORT
@DOCUMENTS
def serve(cases: tuple[str, ...], port: int | None, directory: Path | None) -> None:
    """Serve the workbench, and print its address; opens no browser."""
    started(cases, port, directory, browser=False)


def started(cases: tuple[str, ...], port: int | None, sources: Path | None, browser: bool) -> None:
    from offramp.web.desk import page_missing
    from offramp.web.serve import serve as served

    if why := page_missing():
        raise Failed(
            f"this installation has no page: {why}\n"
            "install again with Node 20 or later on the path, or with access to PyPI: "
            "pip install --force-reinstall --no-deps ."
        )
    served(cases, port, browser, click.echo, sources)

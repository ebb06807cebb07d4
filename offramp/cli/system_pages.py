"""Commands that write pages of a case: of its rooms, and the handout for a class."""

from __future__ import annotations

from pathlib import Path

import click

import offramp
from offramp.cli import complete
from offramp.cli.options import CASE, JSON, SEED, THREADS, output_file, output_folder
from offramp.cli.output import (
    Failed,
    echo_json,
    folder_for,
    in_words,
    printed_all_the_same,
    report,
    watching,
    writable,
    write_whole,
)

MOST = 100_000


@click.command()
@CASE
@output_file("A file ending in .html or .pdf.", default=Path("handout.html"), show_default=True)
@click.option(
    "--days",
    type=click.IntRange(1),
    help="How many days the class plays, from the first on (default: all).",
)
def handout(case: str, output: Path, days: int | None) -> None:
    """Write CASE as a handout for a class that plays it: a sheet a role, to be printed.

    A page for the moderator with the calendar and a map of the turns; for each actor what it wants,
    its lines, its moves, what it knows and which passages that rests on; questions before and
    after. From the case alone, with no answer, and nothing that was learnt after its first day.
    With --days, as in `offramp play`, only the questions that a game of so many days decides.
    """
    writable(output, (".html", ".pdf"))
    with in_words(output):
        offramp.handout(case, output, days=days)
    click.echo(f"wrote {output}")


@click.command()
@CASE
@output_folder("The folder for the pages and their pictures.", required=True)
@click.option(
    "--worlds",
    type=click.IntRange(1, MOST),
    default=2000,
    show_default=True,
    help="How many worlds to simulate for the plots and the answers.",
)
@SEED
@THREADS
@click.option(
    "--only",
    metavar="ROOM",
    default=None,
    shell_complete=complete.rooms,
    help="Write only the page of this room.",
)
@JSON
def rooms(
    case: str,
    output: Path,
    worlds: int,
    seed: int,
    threads: int | None,
    only: str | None,
    as_json: bool,
) -> None:
    """Write a page for each room of CASE: diagram, run, questions and passages.

    A room is a subsystem of the model, listed in rooms.yaml.
    """
    from offramp.api.common import Steps
    from offramp.render.pages.pages import files_of, index, live
    from offramp.text.diagnostics import suggestion

    read = offramp.load(case)
    known = read.rooms
    report(read.rooms_read.found)
    if not known:
        raise Failed(f"{read.id} has no rooms: list them in a rooms.yaml beside its crisis.yaml")
    chosen = [r for r in known if only in (None, r.id)]
    if not chosen:
        help = suggestion(only or "", [r.id for r in known], "rooms")
        raise Failed(f"{read.id} has no room '{only}': {help}")
    folder_for(output)
    with watching() as progress:
        lived = live(read, known, worlds, seed, threads, Steps(progress, worlds))
    written: dict[str, list[str]] = {}
    gained = []
    if any(r.gains for r in chosen):
        from offramp.render.pages.room_gains import who_gained

        with watching() as progress:
            gained = [who_gained(read, worlds, seed, threads, Steps(progress, None))]
    pages = {r.id: files_of(read, known, r, lived, gained if r.gains else ()) for r in chosen}
    from offramp.render.terminal.forecast_table import print_forecast

    with printed_all_the_same(lambda: print_forecast(lived.forecast)):
        for room, texts in pages.items():
            for name, text in texts.items():
                write_whole(output / name, text.encode("utf-8"))
            written[room] = list(texts)
        if only is None:
            write_whole(output / "README.md", index(read, known, lived).encode("utf-8"))
    if as_json:
        from offramp.render.json import rooms_json
        from offramp.render.json.outputs import OUTPUTS, told

        echo_json(told(OUTPUTS["rooms"], rooms_json.plain(read, chosen, lived, written)))
        return
    for r in chosen:
        click.echo(f"{written[r.id][0]}  {r.title}")
    click.echo(f"wrote {sum(map(len, written.values())) + (only is None)} files to {output}")

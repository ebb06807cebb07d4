"""The commands that play a crisis in a terminal, and look back on a game."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

import offramp
from offramp.cli import complete
from offramp.cli.formats import Printed, printed_as
from offramp.cli.new_texts import agreement, key_in
from offramp.cli.options import SEED, THREADS, output_file
from offramp.cli.output import Failed, in_words, watching, writable
from offramp.cli.taking_in import terminal

if TYPE_CHECKING:
    from offramp.case.case import Case
    from offramp.play.asking import Ask, Option
    from offramp.play.folded import Folded
    from offramp.play.game import Game
    from offramp.play.programs import Answerer
    from offramp.play.review import Review
    from offramp.render.game_said import Told

LONG = 6  # digits of what is no number of a move
HELP = (
    "A number is a move, 0 is to do nothing; what stands after it is kept as your reason.\n"
    "m  how everything stands that you see        q  stop; the game is kept\n"
)


@click.command()
@click.argument("case", required=False, shell_complete=complete.cases)
@click.option(
    "--as", "own", multiple=True, metavar="ACTOR", help="An actor that you play (may be repeated)."
)
@click.option(
    "--seat",
    "others",
    multiple=True,
    metavar="ACTOR=HOW",
    help="Another seat: model, nothing, likeliest, any, author:NAME, program:COMMAND or "
    "endpoint (may be repeated).",
)
@click.option(
    "--from",
    "start",
    metavar="DATE",
    help="The morning on which you take over (default: the first day).",
)
@click.option("--days", type=click.IntRange(1), help="How many days (default: all).")
@click.option("--world", type=click.IntRange(0), help="Which world (default: one is drawn).")
@SEED
@click.option("--endpoint", metavar="URL", help="For seats held by `endpoint`: its address.")
@click.option("--model", metavar="NAME", help="The model's name at the endpoint.")
@click.option("--key-from", metavar="ENVVAR", help="The variable that holds the key, if any.")
@click.option("--yes", is_flag=True, help="Ask nothing before mornings are sent or programs start.")
@click.option(
    "--game",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file of the game: one that is there is taken up (default: games/CASE-N.jsonl).",
)
def play(
    case: str | None,
    own: tuple[str, ...],
    others: tuple[str, ...],
    start: str | None,
    days: int | None,
    world: int | None,
    seed: int,
    endpoint: str | None,
    model: str | None,
    key_from: str | None,
    yes: bool,
    path: Path | None,
) -> None:
    """Play CASE: decide for an actor, morning by morning, in a world of the model.

    Whom nobody plays, the model does. Decisions are kept as they are made: `--game FILE` alone
    takes a game up where it was. `offramp handout CASE` prints the sheets of the roles.
    """
    begun = path is not None and path.exists()
    if begun:
        given = click.get_current_context().get_parameter_source("seed")
        sown = seed if given is ParameterSource.COMMANDLINE else None
        new = (*own, *others, start, days, world, sown)
        if any(x is not None for x in new):
            raise click.UsageError(
                f"'{path}' holds a game that has begun: its seats, days, world and seed are "
                f"settled; `offramp play --game {path}` goes on"
            )
    elif case is None and path is not None:
        raise click.UsageError(f"there is no game '{path}': name a case to begin one there")
    elif case is None:
        raise click.UsageError("name a case to play, or a game to take up with --game FILE")
    elif not own:
        raise click.UsageError(f"whom do you play? `offramp play {case} --as ACTOR`")
    else:
        path = path or offramp.new_game(Path("games"), Path(case).resolve().name)
    assert path is not None
    told = (endpoint, model, key_from, yes)
    with in_words(path):
        if begun:
            game = offramp.take_up_game(path, case)
            models = _models(game.case, [str(s) for s in game.begins.seats], *told)
        else:
            models = _models(case, others, *told)
            assert case is not None
            seats = (*(f"{a}=person" for a in own), *others)
            game = offramp.start_game(
                case, seats, first=start, days=days, seed=seed, world=world, path=path
            )
    click.echo(f"The game is kept in {path}.\n{HELP}", nl=False)
    from offramp.play.programs import Program

    held = {s.actor: s.by for s in game.begins.seats if s.held == "program"}
    if begun and held:
        _agreed(held, yes)
    programs = {actor: Program(command) for actor, command in held.items()}
    try:
        _played(game, {**programs, **models})
    except click.Abort:  # Ctrl-C, or an end of what is typed: as `q`
        click.echo(f"\nStopped. `offramp play --game {path}` goes on.")
    finally:
        for program in programs.values():
            program.close()


def _agreed(held: Mapping[str, str], yes: bool) -> None:
    """A file of a game may come from anybody, and names commands: they are said, and agreed to."""
    for actor, command in held.items():
        click.echo(f"The file has {actor} held by a program, which is started: {command}", err=True)
    if not yes and not terminal():
        raise click.UsageError("nothing was started: there is nobody to ask; --yes starts it")
    if not yes and not click.confirm("Start it?", err=True):
        raise click.exceptions.Exit(1)


def _models(
    case: str | Case | None,
    seats: Sequence[str],
    endpoint: str | None,
    model: str | None,
    key_from: str | None,
    yes: bool,
) -> dict[str, Answerer]:
    """The seats that an endpoint holds; what leaves is said first, and agreed to."""
    held = [actor for actor, _, how in (t.partition("=") for t in seats) if how == "endpoint"]
    if not held:
        return {}
    if endpoint is None or model is None:
        raise click.UsageError(
            f"{', '.join(held)}: which model, and where? --endpoint URL --model NAME"
        )
    assert case is not None
    holder = offramp.model_seat(
        case, endpoint=endpoint, model=model, key=key_in(key_from), allow=agreement(yes)
    )
    return dict.fromkeys(held, holder)


@click.command()
@click.argument("games", nargs=-1, required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--case",
    shell_complete=complete.cases,
    help="Where the case lies (default: the one by its name).",
)
@click.option(
    "--worlds",
    type=click.IntRange(50),
    default=2048,
    show_default=True,
    help="How many worlds without players to lay the game beside.",
)
@THREADS
@output_file("A file ending in .html or .pdf (default: printed here).")
@printed_as("review", "games")
def review(
    games: tuple[Path, ...],
    case: str | None,
    worlds: int,
    threads: int | None,
    output: Path | None,
    printed: Printed,
) -> None:
    """Look back on GAMES, files of `offramp play`.

    One game: decisions and how likely they were, what would have come of others, what the sides
    did not know, what it was worth by whose weights, what became of the questions. Several: in how
    many each came about, and each game in a line.
    """
    if output is not None:
        writable(output, (".html", ".pdf"))
    with watching() as progress, reading(games):
        found: Review | Folded
        if len(games) == 1:
            found = offramp.review_game(
                games[0], case, worlds=worlds, threads=threads, progress=progress
            )
        else:
            found = offramp.fold_games(
                games, case, worlds=worlds, threads=threads, progress=progress
            )
    named = found.case if case is None else case
    if output is not None:
        offramp.page(named, found, output)
    if printed(found) or output is not None:
        return
    from offramp.render.terminal.review_table import print_leaflet

    print_leaflet(offramp.load(named), found)


@contextmanager
def reading(paths: Sequence[Path]) -> Iterator[None]:
    """Files that cannot be read, as a failure that names the one."""
    try:
        yield
    except OSError as error:
        path = error.filename or ", ".join(map(str, paths))
        raise Failed(f"'{path}' cannot be read: {error.strerror}") from None


def _played(game: Game, holders: Mapping[str, Answerer]) -> None:
    """Asks until the game is over or somebody stops."""
    from offramp.play.programs import answered
    from offramp.render.game_said import Told
    from offramp.render.terminal.morning import print_all, print_ask, print_morning

    told = Told(game.case)
    failed = answered(game, holders, {})
    persons = [s.actor for s in game.begins.seats if s.held == "person"]
    start = (game.begins.first - game.case.crisis.first).days
    shown = {actor: max((start, *game.decided(actor))) for actor in persons}
    last = ""
    while not game.over:
        ask = game.owes[0]
        view = game.view(ask.seat)
        if len(persons) > 1 and ask.seat != last:
            click.clear()
            if sys.stdout.isatty():
                click.echo("\033[3J", nl=False)  # also what could be scrolled back to
            click.prompt(
                f"{view.title} decides. Alone at the screen? Press Enter",
                default="",
                show_default=False,
                prompt_suffix=" ",
            )
        last = ask.seat
        print_morning(told, view, shown[ask.seat])
        print_ask(told, ask)
        while (answer := _answer(told, ask)) is None:
            print_all(told, view)
            print_ask(told, ask)
        try:
            game.answer(ask.id, *answer)
            failed = answered(game, holders, failed)
        except OSError as error:
            raise Failed(f"the game cannot be kept: {error.strerror}") from None
        shown[ask.seat] = view.day
    for actor in persons:
        print_morning(told, game.view(actor), shown[actor])
        print_all(told, game.view(actor))
    click.echo(f"\nThis was world {game.begins.number} of seed {game.begins.seed}.")


Answer = tuple[str, tuple[str, ...], str]


def _answer(told: Told, ask: Ask) -> Answer | None:
    """What is typed, asked again until it is an answer; None where everything is to be shown."""
    while True:
        typed = click.prompt("Your decision", prompt_suffix=": ").strip()
        head, _, why = typed.partition(" ")
        if head.lower() == "q":
            raise click.Abort
        if head.lower() == "m":
            return None
        if ask.consent:
            if head.lower() in ("y", "n", "yes", "no"):
                return ("yes" if head.lower().startswith("y") else "no"), (), why.strip()
            click.echo("y for yes, n for no; m shows how everything stands, q stops")
            continue
        open_ = ask.open
        if head == "0":
            if sure("nothing"):
                return "nothing", (), why.strip()
            continue
        if head.isdecimal() and len(head) < LONG and 1 <= int(head) <= len(open_):
            option = open_[int(head) - 1]
            if not sure(option.title):
                continue
            return option.event, _words(told, option), why.strip()
        click.echo(
            f"A number from 0 to {len(open_)}, and a reason behind it; m shows how everything "
            "stands, q stops"
        )


def sure(what: str) -> bool:
    """Whether somebody at a terminal means it: the numbers change from morning to morning. What is
    piped in is meant."""
    return not sys.stdin.isatty() or click.confirm(f"  {what}: sealed?", default=True)


def _words(told: Told, option: Option) -> tuple[str, ...]:
    return tuple(
        w
        for w in option.words
        if click.confirm(f"  With it: {told.events[w].title}?", default=False)
    )

"""Games: a crisis with people, presets and programs in its seats."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from offramp.api.common import Day, Named, Progress, case_of, day_of
from offramp.errors import Mistake, Needs, Unanswerable
from offramp.extras import install

if TYPE_CHECKING:
    from offramp.play.asking import Ask
    from offramp.play.folded import Folded
    from offramp.play.game import Game
    from offramp.play.kept_games import KeptGame
    from offramp.play.programs import Answerer, Reply
    from offramp.play.review import Review
    from offramp.play.sight import View

WORLDS = 1_000_000  # of which one is drawn for a game
LONGEST_WAIT = 600  # seconds, for a decision of a language model


def start_game(
    case: Named,
    seats: Sequence[str],
    *,
    first: Day | None = None,
    days: int | None = None,
    seed: int = 1,
    world: int | None = None,
    path: Path | None = None,
) -> Game:
    """Begins a game: a world of the case in which some seats are held by others than the model.

    seats  as they are written: `iran` or `iran=person`, `us=nothing`, `iq=author:NAME`; presets are
           model, nothing, likeliest (what the model holds most likely) and any (each open move
           alike). Whom nobody plays, the model does
    first  the morning on which the seats take over; the model lives the days before (default: the
           first day of the case); `days` from then on (default: all that are left)
    world  which world of `seed` is played (default: one that is drawn, and told at the end)
    path   a new file for the log; without it nothing is kept

    Raises Mistake for what does not fit the case, FileExistsError, OSError.
    """
    from offramp.play.game import Game, beginning
    from offramp.play.game_log import Appended, Chain
    from offramp.play.seats import read_seats

    read = case_of(case)
    begins = beginning(
        read,
        read_seats(read, seats),
        seed=seed,
        number=secrets.randbelow(WORLDS) if world is None else world,
        first=None if first is None else day_of(first, read, "first"),
        days=days,
    )
    records = [begins.record()]
    game = Game(read, begins, records.append)  # before there is a file
    if path is not None:
        chain = Chain()
        for record in records:
            chain = chain.plus(record)
        log = Appended.started(path, chain)
        game.keep_in(log.append, log.close)
    return game


def model_seat(
    case: Named,
    *,
    endpoint: str,
    model: str,
    key: str | None = None,
    seconds: float = 60.0,
    allow: Callable[[str], bool] | None = None,
) -> Answerer:
    """A language model at an endpoint that you name, as the holder of a seat; for
    `play.programs.answered`. For each decision this sends the morning as that seat sees it, in
    words (`render/seat_prompt.py`), to that endpoint, and nothing to anybody else. What it replies
    is the number of an answer and a reason; anything else is no answer.

    endpoint, model, key  as in `propose`
    seconds               for each decision, from the first byte to the last
    allow                 is told in one sentence what leaves and for where; where it gives False
                          nothing is sent

    Raises Mistake for an argument that does not fit, Unanswerable where `allow` gave False. The
    holder raises NoAnswer where the endpoint fails or what it says is no answer.
    """
    from offramp.api.endpoint import endpoint as endpoint_at
    from offramp.api.endpoint import key_of, post
    from offramp.play.programs import NoAnswer, json_in, reply_of
    from offramp.render.game_said import Told
    from offramp.render.seat_prompt import seat_request
    from offramp.sources.proposing import said_in
    from offramp.text import plain_json

    to, secret, words = endpoint_at(endpoint), key_of(key), Told(case_of(case))
    if not 1 <= seconds <= LONGEST_WAIT:
        raise Mistake(f"from 1 to {LONGEST_WAIT:,} seconds", "seconds")
    leaves = (
        f"Each morning of the seat, as its actor sees it, goes to the model '{model}' at {to.host}"
        f"{', with your key' if secret else ''}."
    )
    if allow is not None and not allow(leaves):
        raise Unanswerable("nothing was sent")

    def answer(view: View, ask: Ask) -> Reply:
        body = plain_json.text(seat_request(model, words, view, ask)).encode("utf-8")
        try:
            said = said_in(post(to, body, secret, seconds), to.host)
        except Unanswerable as error:
            raise NoAnswer(str(error)) from None
        reply = reply_of(json_in(said), ask)
        return replace(reply, prompt_sha256=hashlib.sha256(body).hexdigest())

    return answer


def take_up_game(path: Path, case: Named | None = None) -> Game:
    """A game that was kept, on the morning that it had come to. Its days are lived again, and each
    must come to the state that the log says.

    case  where it lies; without it, the case by its name in the log

    Raises Broken (an Unanswerable) for a log that was changed, that is none, or that another
    process plays; Mistake where the case is not the one that it was begun with; OSError.
    """
    from offramp.play.game import replayed
    from offramp.play.game_log import Appended

    log = Appended.taken_up(path)
    try:
        named = log.chain.records[0].get("case")
        read = case_of(str(named) if case is None else case)
        game = replayed(read, log.chain.records, log.append)
    except BaseException:
        log.close()
        raise
    game.keep_in(log.append, log.close)
    return game


def fold_games(
    paths: Sequence[Path],
    case: Named | None = None,
    *,
    worlds: int = 2048,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Folded:
    """The games of a class in one view: in how many each question came out yes and each move was
    made, beside what the model expects without players, from so many `worlds`; and each game in a
    line, with the share of as many games of the model alone that came out worse. Games in which
    nobody has decided anything are left out. `page` makes a document of it.

    Raises as `take_up_game`, and Mistake where there is no game, none with a decision, or they are
    of several models.
    """
    from offramp.api.forecasts import forecast
    from offramp.play.folded import folded
    from offramp.play.game_log import read_chain
    from offramp.play.review import ranked, review

    if not paths:
        raise Mistake("which games? their files are in games/, as a rule", "paths")
    chains = [read_chain(path) for path in paths]
    read = case_of(str(chains[0].records[0].get("case")) if case is None else case)
    stems = [p.stem for p in paths]
    names = stems if len(set(stems)) == len(stems) else list(map(str, paths))  # of several folders
    lived = [(n, review(read, c.records)) for n, c in zip(names, chains, strict=True)]
    games = [(n, ranked(read, g, worlds)) for n, g in lived if g.decided]
    if not games:
        raise Mistake("nobody has decided anything in these games yet", "paths")
    free = forecast(read, worlds=worlds, seed=1, threads=threads, progress=progress)
    return folded(read, games, free)


def branch_game(path: Path, day: Day, new: Path, case: Named | None = None) -> Game:
    """A kept game from one of its mornings on, as a game of its own in a new file; the old one
    stays as it is. Raises as `take_up_game`, Broken where the game had not come to that morning,
    FileExistsError."""
    from offramp.play.game import Beginning, replayed
    from offramp.play.game_log import Appended, branched, read_chain

    chain = read_chain(path)
    read = case_of(str(chain.records[0].get("case")) if case is None else case)
    on = (day_of(day, read, "day") - read.crisis.first).days
    first = (Beginning.of(chain.records[0]).first - read.crisis.first).days
    own = branched(chain, on, first)
    replayed(read, own.records)  # before the file is made
    log = Appended.started(new, own)
    game = replayed(read, own.records, log.append)
    game.keep_in(log.append, log.close)
    return game


def players(case: Named) -> tuple[str, ...]:
    """The actors who can be played, by their names: those that choose, or whom others ask for
    consent."""
    from offramp.play.seats import players as found

    return found(case_of(case))


def kept_games(folder: Path, case: Named) -> tuple[KeptGame, ...]:
    """The games of a case that a folder keeps, by their files' names, without playing them again:
    who sits where, which day was the last that is over. What is no game is left out. Raises OSError
    for a folder that cannot be read; one that is not there has none."""
    from offramp.play.kept_games import kept_games as found

    read = case_of(case)
    return found(folder, read.id, read.crisis.first)


def new_game(folder: Path, case: str) -> Path:
    """The first file of games of a case in a folder that is not there yet: `tutorial-1.jsonl`."""
    from offramp.play.kept_games import free

    return free(folder, case)


def seat_page(game: Game, actor: str) -> dict[str, Any]:
    """What a seat is told this morning, as plain values: its view, the sentences for it, and how
    many other seats still decide. It has nothing that the seat may not know, and no probability of
    anything that it may do. Raises Mistake for who has no seat."""
    from offramp.render.game_page import seat_page as made

    return made(game, actor)


def facilitator_page(game: Game, path: Path) -> dict[str, Any]:
    """A game that is kept in a file as who runs it is told it, as plain values: who sits where, who
    still owes a decision, the days that are over. What was sealed on a morning that is not over is
    not in it. Raises Broken (an Unanswerable) for a log that was changed, OSError."""
    from offramp.play.game_log import read_chain
    from offramp.render.game_page import facilitator_page as made

    return made(game, read_chain(path).records)


def environment(
    case: Named,
    agents: Sequence[str],
    others: Sequence[str] = (),
    *,
    kind: Literal["turns", "parallel", "single"] = "turns",
    days: int | None = None,
    render_mode: str | None = None,
) -> Any:
    """The case as an environment in which agents learn: PettingZoo's AEC (`turns`, the default) or
    parallel one, or Gymnasium's of a single agent. The games are those of `start_game`.

    agents  the actors whose seats the agents have; `others` as in `start_game`
    days    of a game, from the case's first (default: all)

    `play/zoo.py` says what actions, observations and rewards are; `labels` has the names of the
    numbers that each agent observes. Raises Needs without the packages, Mistake.
    """
    try:
        from offramp.play.zoo import Alone, Mornings, Table, Turns
    except ModuleNotFoundError:
        raise Needs(f"an environment needs PettingZoo: {install('play')}") from None
    from offramp.play.seats import read_seats

    made = {"turns": Turns, "parallel": Mornings, "single": Alone}
    if kind not in made:
        raise Mistake(f"an environment is {', '.join(made)}, not “{kind}”", "kind")
    if render_mode not in (None, "ansi", "human"):
        raise Mistake(
            f"a game is drawn as ansi or for a human, not as {render_mode}", "render_mode"
        )
    read = case_of(case)
    seats = read_seats(read, (*agents, *others))
    if any(s.held != "person" for s in seats[: len(agents)]):
        raise Mistake("an agent's seat is its own: name the actor alone", "agents")
    if asked := [str(s) for s in seats[len(agents) :] if s.asked]:
        raise Mistake(f"{asked[0]}: beside agents, seats are held by presets or authors", "others")
    agents = [s.actor for s in seats[: len(agents)]]
    table = Table(read, tuple(agents), seats[len(agents) :], days)
    return made[kind](table, render_mode)


def review_game(
    path: Path,
    case: Named | None = None,
    *,
    worlds: int = 2048,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Review:
    """A game, looked back on: what was decided and how likely the model held that, what the sides
    did not know, what it was worth by whose weights, what became of the questions, beside what the
    model expects without players, from so many `worlds`; and what as many futures would have been
    with something else in place of each of the least expected decisions (`play/instead.py`). `page`
    makes a document of it. The game may still go on.

    Raises as `take_up_game`, Mistake for fewer than one of the worlds, and does not touch the file
    of the game.
    """
    from offramp.api.forecasts import forecast
    from offramp.play.game_log import read_chain
    from offramp.play.review import futures, ranked, review

    if worlds < 1:
        raise Mistake(f"a look back takes at least one world, not {worlds}", "worlds")
    records = read_chain(path).records
    read = case_of(str(records[0].get("case")) if case is None else case)
    found = ranked(read, futures(read, records, review(read, records), worlds), worlds)
    seed = found.begins.seed
    free = forecast(read, worlds=worlds, seed=seed, threads=threads, progress=progress)
    return replace(found, expected=free)

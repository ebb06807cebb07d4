"""The games of the workbench: one `Game` a file, in memory behind a lock, with the secrets of its
seats and the clock of its mornings.

A seat is known by a token alone, kept beside the log (`games/NAME.seats.json`). Whoever has it sees
what the seat sees, and answers for it; nothing else is given for it. A game whose server has ended
goes on from its log, whenever one of its seats or who runs it asks for it; without a clock then.
"""

from __future__ import annotations

import contextlib
import re
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import offramp
from offramp import Case, CaseError, Mistake, OfframpError, Unanswerable
from offramp.text import plain_json
from offramp.text.files import listed, read_regular, replacing
from offramp.web.clocks import Clock
from offramp.web.guard import same

if TYPE_CHECKING:
    from offramp.play.game import Game
    from offramp.play.kept_games import KeptGame

FOLDER = Path("games")  # as `offramp play` has it
SECRETS = ".seats.json"
SCHEMA = "offramp.seats/1"
LONG = 500  # characters of a reason
RUN_OUT = "the clock had run out"  # why somebody else answered
TOKEN = 24  # bytes of chance
IS_TOKEN = re.compile(r"[\w-]{32}", re.ASCII)


class Stale(OfframpError):
    """What somebody wants to decide is not theirs to decide any more."""


@dataclass(frozen=True)
class Place:
    """What a token is the token of: a seat in a game of a case."""

    case: str
    game: str
    actor: str


class Table:
    """A game that is being played. Safe to be used by several threads: one at a time."""

    def __init__(self, game: Game, path: Path, tokens: dict[str, str]) -> None:
        self.path, self.tokens, self.case = path, tokens, game.begins.case
        self.places = {t: Place(self.case, path.stem, a) for a, t in tokens.items()}
        self._game: Game | None = game  # none when it is to be taken up from its log again
        self._lock = threading.Lock()
        self._run, self._step = secrets.token_urlsafe(6), 0
        self._clock = Clock(since=monotonic())

    def seat(self, actor: str, since: str = "") -> dict[str, Any] | None:
        """What a seat is told, with the mark of this state; None where it has that mark already."""
        with self._lock:
            game = self._on_time()
            if since == self._mark:
                return None
            told = offramp.seat_page(game, actor)
            return {"mark": self._mark, "clock": self._clock.told(monotonic())} | told

    def facilitator(self, since: str = "") -> dict[str, Any] | None:
        """The same for who runs the game, with the token of each person's seat."""
        with self._lock:
            game = self._on_time()
            if since == self._mark:
                return None
            own = {"mark": self._mark, "game": self.path.stem, "tokens": self.tokens}
            clock = self._clock.told(monotonic())
            return own | {"clock": clock} | offramp.facilitator_page(game, self.path)

    def answer(self, actor: str, day: int, ask: str, *deed: Any) -> None:
        """Seals a decision of a seat, which its page saw on a morning. Raises Stale where that
        morning is over, the game is paused, or the decision is not owed by this seat, Mistake for a
        deed that cannot be done, OSError where the log cannot be written; the game is then taken up
        from it again."""
        with self._lock:
            game = self._on_time()
            if self._clock.paused:
                raise Stale(
                    "the game is paused, and nothing was sealed: what you have chosen stays"
                )
            if game.over or day != game.world.day:
                raise Stale("that morning is over, and nothing was sealed")
            if ask not in {a.id for a in game.owes if a.seat == actor}:
                raise Stale(
                    "this decision is sealed already, maybe from another window, or is not this "
                    "seat's: nothing was changed"
                )
            self._turn(game, partial(game.answer, ask, *deed))

    def inject(self, do: Mapping[str, Any]) -> None:
        """Changes the crisis from this morning on, as `Game.inject`; raises as that does, and
        OSError."""
        with self._lock:
            game = self._on_time()
            self._turn(game, partial(game.inject, do))

    def branch(self, day: str, new: Path, case: Case) -> Game:
        """The game from one of its mornings on, in a new file; raises as `offramp.branch_game`."""
        with self._lock:
            return offramp.branch_game(self.path, day, new, case)

    def set_clock(self, seconds: int | None, stand_in: str) -> None:
        """How long the decisions of a morning may take from now on, None for as long as anybody
        likes, and who makes them then: as `Clock`. Raises Mistake."""
        with self._lock:
            self._clock = self._clock.set(seconds, stand_in, monotonic())
            self._step += 1

    def pause(self, on: bool) -> None:
        """Nothing can be sealed while a game is paused, and its clock stands still."""
        with self._lock:
            turn = self._clock.stopped if on else self._clock.going_on
            self._clock = turn(monotonic())
            self._step += 1

    def _on_time(self) -> Game:
        """The game; what it owed when its clock ran out is decided first."""
        game = self._at_hand()
        if self._clock.over(monotonic()):
            for ask in game.owes:
                if self._clock.stand_in == "model":
                    by, (deed, words) = "the model", game.stand_in(ask)
                else:
                    by, deed, words = "nobody", "no" if ask.consent else "nothing", ()
                late = partial(game.answer, ask.id, deed, words, by=f"{by}: {RUN_OUT}")
                self._turn(game, late)
        return game

    def _turn(self, game: Game, turn: Callable[[], None]) -> None:
        """Does what changes the game: pages have to ask again, and a new round of decisions has its
        whole time. A log that cannot be written has the game taken up from it again."""
        asked, day = {a.id for a in game.owes}, game.world.day
        try:
            turn()
        except (Mistake, CaseError):
            raise
        except BaseException:
            self.close()
            raise
        self._step += 1
        if game.world.day != day or not {a.id for a in game.owes} <= asked:
            self._clock = self._clock.begun(monotonic())

    def close(self) -> None:
        """Lets go of the game's file."""
        game, self._game = self._game, None
        if game is not None:
            game.close()

    @property
    def gone(self) -> bool:
        return self._game is None

    @property
    def _mark(self) -> str:
        return f"{self._run}-{self._step}"

    def _at_hand(self) -> Game:
        if self._game is None:
            raise Unanswerable("the game is read from its file again: try once more")
        return self._game


class Games:
    """The games of the folder FOLDER, where Offramp was started."""

    def __init__(self, case: Callable[[str], Case]) -> None:
        """`case` gives the open case of a name, or raises KeyError."""
        self.case = case
        self._lock = threading.Lock()
        self._tables = dict[str, Table]()
        self._places = dict[str, Place]()  # by token
        with contextlib.suppress(OSError):  # the list of games says why
            self._look()

    def kept(self, case: str) -> tuple[KeptGame, ...]:
        """The games of a case. Raises OSError."""
        with self._lock:
            self._look()
        return offramp.kept_games(FOLDER, self.case(case))

    def start(self, case: str, seats: list[str], **settled: Any) -> str:
        """Begins a game in a new file; its name. Raises Mistake for what does not fit the case, a
        program in a seat, or where no person plays; OSError."""
        held = [(text.partition("=")[2] or "person").partition(":")[0] for text in seats]
        if {"program", "endpoint"} & set(held):
            raise Mistake("a page starts no programs and asks no model: a terminal does", "seats")
        if "person" not in held:
            raise Mistake("nobody would play: give a seat to a person", "seats")
        with self._lock:
            path = offramp.new_game(FOLDER, case)
            game = offramp.start_game(self.case(case), seats, path=path, **settled)
            self._set(game, path, new=True)
        return path.stem

    def branch(self, case: str, name: str, day: str) -> str:
        """A game from one of its mornings on, as a new one that is kept beside it; its name. Raises
        as `table` and `offramp.branch_game`."""
        table = self.table(case, name)
        with self._lock:
            path = offramp.new_game(FOLDER, case)
            self._set(table.branch(day, path, self.case(case)), path, new=True)
        return path.stem

    def table(self, case: str, name: str) -> Table:
        """A game that is kept, taken up where nobody has asked for it yet. Raises Unanswerable
        where there is none, or where it cannot be gone on with; OSError."""
        path = game_file(name)
        with self._lock:
            table = self._tables.get(name)
            if table is None or table.gone:
                table = self._set(offramp.take_up_game(path, self.case(case)), path)
        if table.case != case:
            raise Unanswerable(f"{name} is a game of {table.case}")
        return table

    def place(self, token: str) -> Place | None:
        """What a token is that of, in a time that does not tell how near it is; None for none."""
        found = None
        for own, place in tuple(self._places.items()):
            if same(token, own):
                found = place
        return found

    def close(self) -> None:
        """Lets go of all games, so that others may take them up."""
        with self._lock:
            for table in self._tables.values():
                table.close()
            self._tables.clear()

    def _set(self, game: Game, path: Path, new: bool = False) -> Table:
        """Puts a game on its table, with tokens for its persons: those that it has, or new ones; of
        a `new` game always new ones, for whoever had a link of a game that had its name before has
        no seat in it. A game that cannot be is let go of, so that it may be taken up later."""
        try:
            tokens = _seated(game, path, new)
        except BaseException:
            game.close()
            raise
        self._tables[path.stem] = table = Table(game, path, tokens)
        others = {t: p for t, p in self._places.items() if p.game != path.stem}
        self._places = others | table.places
        return table

    def _look(self) -> None:
        """Reads the tokens of all games of the folder, beside those of the games that are open."""
        found = dict[str, Place]()
        for table in self._tables.values():
            found |= table.places
        for file in listed(FOLDER, SECRETS):
            name, case = file.name.removesuffix(SECRETS), str(_read(file).get("case", ""))
            found |= {t: Place(case, name, a) for a, t in _tokens(file).items()}
        self._places = found


def game_file(name: str) -> Path:
    """The file of a game that is kept. Raises Unanswerable where there is none, OSError."""
    path = FOLDER / f"{name}.jsonl"
    if path not in listed(FOLDER, path.suffix):
        raise Unanswerable(f"no game “{name[:80]}” is kept in {FOLDER}/")
    return path


def _seated(game: Game, path: Path, new: bool) -> dict[str, str]:
    """The tokens of a game's persons, kept beside it; raises as `Games.table`."""
    others = [str(s) for s in game.begins.seats if s.asked and s.held != "person"]
    if others:
        raise Unanswerable(
            f"{path.stem} has seats that a page cannot ask: {', '.join(others)}; "
            f"`offramp play --game {path}` goes on"
        )
    persons = [s.actor for s in game.begins.seats if s.held == "person"]
    file = path.with_name(f"{path.stem}{SECRETS}")
    had = {} if new else _tokens(file)
    tokens = {a: had.get(a) or secrets.token_urlsafe(TOKEN) for a in persons}
    if tokens != had:
        told = {"schema": SCHEMA, "case": game.begins.case, "seats": tokens}
        with replacing(file) as beside:
            beside.chmod(0o600)
            beside.write_text(f"{plain_json.text(told)}\n", "utf-8")
    return tokens


def _tokens(file: Path) -> dict[str, str]:
    """The tokens that a file has, by actor."""
    seats = _read(file).get("seats")
    told = seats.items() if isinstance(seats, dict) else ()
    return {a: t for a, t in told if isinstance(t, str) and IS_TOKEN.fullmatch(t)}


def _read(file: Path) -> dict[str, Any]:
    """What a file of tokens says; nothing where it is none."""
    try:
        found = plain_json.parsed(read_regular(file, 100_000))
    except (OSError, ValueError):
        return {}
    right = isinstance(found, dict) and found.get("schema") == SCHEMA
    return found if right else {}

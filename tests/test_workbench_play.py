"""Games in the workbench: a seat's link gives its seat and nothing else, whatever is sent to it; a
game goes on from its file; and two people play one by the keyboard."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from test_blocks import needs_numba
from test_workbench_page import (
    WAIT,
    WIDE,
    Watched,
    bench,
    browser,
    opened,
    playwright,
    pytestmark,
    serving,
    watched,
)
from test_workbench_reader import axe_finds_nothing
from workbench import NOT_TOLD, PAGE, Answer, Served, page_in, until
from workbench import serving as served_here

import offramp
from offramp.play.game import Game, state_sha256
from offramp.play.game_log import Appended, lines, read_chain
from offramp.play.programs import plain
from offramp.web import seating
from offramp.web.guard import MOST_SEAT
from offramp.web.making import ordered
from offramp.web.seating import LONG

__all__ = ["bench", "browser", "opened", "watched"]
in_a_browser = pytestmark
pytestmark = [needs_numba]
expect = type(playwright.expect)()  # one of its own, which waits longer: a game takes turns
expect.set_options(timeout=WAIT)
GAMES = "/api/c/tutorial/games"
WORLD = 874_508  # whose digits are found nowhere else


@dataclass(frozen=True)
class Player:
    """Somebody with the link of a seat, in a browser that has never seen the workbench."""

    served: Served
    token: str

    def ask(self, target: str) -> Answer:
        return self.served.raw("GET", target, [self.served.host])

    @property
    def page(self) -> Answer:
        return self.ask(f"/seat/{self.token}")

    @property
    def told(self) -> Any:
        found = self.ask(f"/api/seat/{self.token}")
        assert found.status == 200, found
        return found.json

    def send(self, value: object, *more: tuple[str, str]) -> Answer:
        content = value if isinstance(value, bytes) else json.dumps(value).encode()
        own = more or (self.served.origin, ("Content-Type", "application/json"))
        headers = [self.served.host, *own, ("Content-Length", str(len(content)))]
        return self.served.raw("POST", f"/api/seat/{self.token}/answer", headers, content)

    def seal(self, deed: str, **more: Any) -> Answer:
        """Decides the first of what it owes."""
        told = self.told
        row = {"day": told["view"]["day"], "ask": told["said"]["owes"][0]["id"], "deed": deed}
        return self.send(row | more)


@dataclass(frozen=True)
class Begun:
    """A game that was begun through the page."""

    served: Served
    name: str
    seats: dict[str, Player]

    @property
    def table(self) -> Any:
        found = self.served.ask(f"/api/c/tutorial/game/{self.name}")
        assert found.status == 200, found
        return found.json

    @property
    def file(self) -> Path:
        return Path("games") / f"{self.name}.jsonl"

    @property
    def owing(self) -> list[Player]:
        return [self.seats[s["actor"]] for s in self.table["seats"] if s["owes"]]

    def until_both_owe(self) -> None:
        """Plays on until each of the seats is to decide."""
        while (owing := self.owing) and len(owing) < len(self.seats):
            owing[0].seal("nothing")
        assert owing, "the game ended before"

    def played_out(self) -> None:
        while owing := self.owing:
            row = owing[0].told["view"]["owes"][0]
            assert owing[0].seal("no" if row["consent"] else "nothing").status == 200


def begin(served: Served, *persons: str, days: int | None = None, world: int = WORLD) -> Begun:
    seats = [f"{p}=person" for p in persons]
    made = served.post(GAMES, {"seats": seats, "days": days, "world": world})
    assert made.status == 200, made
    return opened_at(served, made.json["game"])


def opened_at(served: Served, name: str) -> Begun:
    tokens = served.ask(f"/api/c/tutorial/game/{name}").json["tokens"]
    return Begun(served, name, {a: Player(served, t) for a, t in tokens.items()})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the server is started, and its games lie."""
    with pytest.MonkeyPatch.context() as patch:
        made = tmp_path_factory.mktemp("there")
        patch.chdir(made)
        yield made


@pytest.fixture(scope="module")
def own(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with page_in(tmp_path_factory.mktemp("page")), served_here("tutorial") as served:
        yield served


def in_browser(test: Any) -> Any:
    for mark in in_a_browser:
        test = mark(test)
    return test


@pytest.fixture
def two(own: Served) -> Begun:
    """A game in which Kelmark and Vessara are both to decide."""
    found = begin(own, "kelmark", "vessara", days=60)
    found.until_both_owe()
    return found


def quiet(answer: Answer) -> Answer:
    """It has the headers of every answer, sets no cookie, and tells nothing of this machine."""
    assert answer.guarded, answer
    assert answer.header("set-cookie") == ""
    assert not [words for words in NOT_TOLD if words.encode() in answer.body]
    return answer


# ---- what a link opens ---------------------------------------------------------------------------


def test_a_seat_needs_nothing_but_its_link(two: Begun) -> None:
    tokens = {p.token for p in two.seats.values()}
    assert len(tokens) == 2
    assert all(len(t) == 32 for t in tokens)  # 24 bytes of chance
    for actor, player in two.seats.items():
        assert quiet(player.page).body == PAGE
        assert player.told["view"]["actor"] == actor
    file = two.file.with_name(f"{two.name}.seats.json")
    assert set(json.loads(file.read_text("utf-8"))["seats"].values()) == tokens
    assert not [t for t in tokens if t.encode() in two.file.read_bytes()]
    if os.name == "posix":
        assert file.stat().st_mode & 0o077 == 0


def test_a_seat_s_link_opens_nothing_else(two: Begun) -> None:
    served, token = two.served, two.seats["kelmark"].token
    game = f"/api/c/tutorial/game/{two.name}"
    for target in (
        *("/", "/c/tutorial/play", "/licences", "/api/cases", "/assets/page.js", GAMES, game),
        *(f"{game}/seat/vessara", f"/api/c/tutorial/desk/review?game={two.name}"),
    ):
        for cookie in ("", f"offramp-{served.port}={token}"):
            found = served.raw("GET", target, [served.host, ("Cookie", cookie)])
            assert quiet(found).status == 401, target
    for target in (f"/seat/{token}/view", f"/api/seat/{token}/vessara", f"/seat/{token}/"):
        assert quiet(two.seats["kelmark"].ask(target)).status == 404


def test_a_seat_s_page_loads_its_files_without_a_cookie(folder: Path, tmp_path: Path) -> None:
    """Those that the page loads at once, and no others."""
    entry = {"file": "assets/page.js", "css": ["assets/page.css"], "assets": []}
    with page_in(tmp_path) as page:
        manifest = json.dumps({"index.html": entry})
        (page / "static" / "manifest.json").write_text(manifest, "utf-8")
        (page / "static" / "assets" / "later.js").write_text("more()", "utf-8")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("offramp.web.desk.page_folder", lambda: page / "static")
            with served_here("tutorial") as served:
                found = served.raw("GET", "/assets/page.js", [served.host])
                assert quiet(found).body == b"run()"
                assert served.raw("GET", "/assets/later.js", [served.host]).status == 401


@pytest.mark.parametrize(
    "wrong",
    [
        "{0}x",
        "{1}",
        "x{1}",
        "{2}",
        "nobody",
        "../cases",
        "%2e%2e%2fcases",
        "{0}%00",
        "{0}%C3%A9",
        "x" * 5000,
        "",
    ],
)
def test_a_wrong_link_is_an_unknown_one(two: Begun, wrong: str) -> None:
    token = two.seats["kelmark"].token
    spelt = wrong.format(token, token[:-1], token.swapcase())
    for target in (f"/seat/{spelt}", f"/api/seat/{spelt}"):
        found = quiet(two.seats["kelmark"].ask(target))
        assert found.status == 404
        words = found.json["refused"] if target.startswith("/api") else found.body.decode().strip()
        assert words == "there is no such seat: whoever runs the game has its link"
    found = quiet(Player(two.served, spelt).send({"day": 0, "ask": "kelmark", "deed": "nothing"}))
    assert (found.status, found.json["refused"]) == (404, words)


def test_how_near_a_token_is_cannot_be_timed(two: Begun, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is compared with all of them, whole."""
    seen = list[tuple[str, str]]()
    real = seating.same
    monkeypatch.setattr(seating, "same", lambda a, b: (seen.append((a, b)), real(a, b))[1])
    token, counts = two.seats["kelmark"].token, list[int]()
    for given in (token, token[:-1] + "!", "nobody"):
        seen.clear()
        two.served.desk.games.place(given)
        counts.append(len(seen))
        assert {a for a, _ in seen} == {given}
    assert counts[0] == counts[1] == counts[2] >= 2


# ---- what is sent --------------------------------------------------------------------------------

JSON = ("Content-Type", "application/json")


def test_a_hostile_request_is_refused_in_words(two: Begun) -> None:
    served, player = two.served, two.seats["kelmark"]
    right = {"day": player.told["view"]["day"], "ask": "kelmark", "deed": "nothing"}
    for value, status in (
        (b"{", 400),
        (b'{"day": NaN}', 400),
        (b'"\\ud800"', 400),
        (b"[" * 9000, 400),
        ([], 422),
        ({}, 422),
        (right | {"day": "1"}, 422),
        (right | {"day": True}, 422),
        (right | {"ask": ["kelmark"]}, 422),
        (right | {"deed": None}, 422),
        (right | {"words": "x"}, 422),
        (right | {"words": [1]}, 422),
        (right | {"why": "x" * (LONG + 1)}, 422),
        (right | {"why": "x" * MOST_SEAT}, 413),
    ):
        found = quiet(player.send(value))
        assert found.status == status, (value, found)
        assert len(found.body) > 10
    for headers, status in (
        ((served.origin, ("Content-Type", "text/plain")), 415),
        ((JSON,), 403),  # nobody says which page asks
        ((("Origin", "http://evil.example"), JSON), 403),
        ((served.origin, JSON, ("Sec-Fetch-Site", "cross-site")), 403),
    ):
        assert quiet(player.send(right, *headers)).status == status
    link = [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate")]
    link += [("Sec-Fetch-Dest", "document")]  # in a mail: it opens the page, and asks nothing
    assert served.raw("GET", f"/seat/{player.token}", [served.host, *link]).status == 200
    assert served.raw("GET", f"/api/seat/{player.token}", [served.host, *link]).status == 403
    assert len(two.owing) == 2  # nothing was sealed


def test_a_seat_decides_for_itself_alone(two: Begun) -> None:
    kelmark, day = two.seats["kelmark"], two.seats["kelmark"].told["view"]["day"]
    found = [
        quiet(kelmark.send({"day": day, "ask": ask, "deed": "nothing"}))
        for ask in ("vessara", "staff", "nobody", "staff consent vessara.land", "")
    ]
    assert {(f.status, f.json["refused"]) for f in found} == {
        (
            409,
            "this decision is sealed already, maybe from another window, or is not this seat's: "
            "nothing was changed",
        )
    }
    assert len(two.owing) == 2


def test_a_move_that_is_not_open_is_refused(two: Begun) -> None:
    kelmark = two.seats["kelmark"]
    ask = kelmark.told["view"]["owes"][0]
    closed = [o["event"] for o in ask["options"] if o["closed"]]
    for deed in (*closed, "vessara.land", "swarm", "yes", "", "nothing "):
        found = quiet(kelmark.seal(deed))
        assert found.status == 422
        assert "open are" in found.json["refused"]
    found = kelmark.seal("nothing", words=["swarm"])
    assert (found.status, "does not go along" in found.json["refused"]) == (422, True)
    assert len(two.owing) == 2


def test_late_and_double_answers_are_refused(two: Begun) -> None:
    kelmark, vessara = two.seats["kelmark"], two.seats["vessara"]
    day = kelmark.told["view"]["day"]
    right = {"day": day, "ask": "kelmark", "deed": "nothing"}
    assert kelmark.send(right | {"day": day - 1}).status == 409
    assert kelmark.send(right | {"day": day + 1}).status == 409
    assert kelmark.send(right).status == 200
    again = kelmark.send(right)
    assert (again.status, again.json["refused"][:31]) == (409, "this decision is sealed already")
    assert vessara.seal("nothing").status == 200
    late = kelmark.send(right)
    assert (late.status, late.json["refused"][:20]) == (409, "that morning is over")
    choices = [r for r in read_chain(two.file).records if r.get("day") == day and "seat" in r]
    assert [r["seat"] for r in choices] == ["kelmark", "vessara"]


def test_of_two_browsers_in_one_seat_one_decides(two: Begun) -> None:
    kelmark, found = two.seats["kelmark"], list[Answer]()
    right = {"day": kelmark.told["view"]["day"], "ask": "kelmark", "deed": "nothing"}
    threads = [
        threading.Thread(target=lambda k=k: found.append(kelmark.send(right | {"why": str(k)})))
        for k in range(8)
    ]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(f.status for f in found) == [200, *[409] * 7]
    said = [r for r in read_chain(two.file).records if r.get("day") == right["day"]]
    assert len([r for r in said if r.get("seat") == "kelmark"]) == 1
    assert kelmark.told["sealed"]


# ---- what is told --------------------------------------------------------------------------------


def test_a_sealed_decision_is_told_to_nobody(two: Begun) -> None:
    kelmark, vessara = two.seats["kelmark"], two.seats["vessara"]
    before = vessara.told
    count = str(two.table["days"]).count("Kelmark: ")
    deed = next(o for o in kelmark.told["view"]["owes"][0]["options"] if not o["closed"])
    assert kelmark.seal(deed["event"], why="a secret reason").status == 200
    told, after = two.table, vessara.told
    assert after["view"] == before["view"]
    assert (before["waiting"], after["waiting"]) == (1, 0)
    assert (kelmark.told["waiting"], kelmark.told["sealed"]) == (1, True)
    seats = {s["actor"]: s for s in told["seats"]}
    assert (seats["kelmark"]["sealed"], seats["kelmark"]["owes"]) == (True, False)
    assert (seats["vessara"]["sealed"], seats["vessara"]["owes"]) == (False, True)
    assert str(told["days"]).count("Kelmark: ") == count
    assert vessara.seal("nothing").status == 200
    told = two.table
    assert str(told["days"]).count("Kelmark: ") == count + 1
    assert f"Kelmark: {deed['title']}" in told["days"][-1]["decided"] + told["days"][-2]["decided"]
    assert "a secret reason" not in str(told)
    two.played_out()
    assert "a secret reason" in str(two.table)


def numbers(value: Any) -> set[float]:
    if isinstance(value, dict | list):
        rows = value.values() if isinstance(value, dict) else value
        return {x for row in rows for x in numbers(row)}
    return (
        {float(value)} if isinstance(value, int | float) and not isinstance(value, bool) else set()
    )


def keys(value: Any) -> set[str]:
    if isinstance(value, dict):
        return {*value, *(k for v in value.values() for k in keys(v))}
    return {k for v in value for k in keys(v)} if isinstance(value, list) else set()


def test_nothing_hidden_is_in_what_a_seat_is_sent(own: Served) -> None:
    """Every morning of a game: the view of the seat, sentences for it, and no more."""
    game = begin(own, "kelmark", "vessara", "staff", days=60)
    sent = dict[str, list[Any]]()
    for _ in range(200):
        for actor, player in game.seats.items():
            sent.setdefault(actor, []).append(player.told)
        if not (owing := game.owing):
            break
        row = owing[0].told["view"]["owes"][0]
        deeds = [o["event"] for o in row["options"] if not o["closed"]]
        owing[0].seal("yes" if row["consent"] else deeds[-1])
    records = read_chain(game.file).records
    chances = {r["p_model"] for r in records if "p_model" in r} - {0.0, 1.0}
    assert len(chances) >= 5
    told = [t for rows in sent.values() for t in rows]
    assert any(t["view"]["over"] for t in told)
    assert not [t for t in told if str(WORLD) in json.dumps(t)]
    assert not {x for t in told for x in numbers(t)} & chances
    found = {k for t in told for k in keys(t)}
    assert not [k for k in found if re.search(r"p_model|odds|seed|world|sha256|number|unknown", k)]
    # and it is what the game itself would show
    own.desk.games.close()
    replayed = offramp.take_up_game(game.file, "tutorial")
    for actor, rows in sent.items():
        assert rows[-1]["view"] == plain(replayed.view(actor))
        assert len(rows[-1]["said"]["happened"]) == len(rows[-1]["view"]["happened"])
    privy = {a: {h["event"] for h in rows[-1]["view"]["happened"]} for a, rows in sent.items()}
    assert len({frozenset(x) for x in privy.values()}) > 1  # they do not all see the same


def test_a_page_that_knows_is_told_nothing_again(two: Begun) -> None:
    kelmark, game = two.seats["kelmark"], f"/api/c/tutorial/game/{two.name}"
    mark, table = kelmark.told["mark"], two.table["mark"]
    for again in (
        kelmark.ask(f"/api/seat/{kelmark.token}?since={mark}"),
        two.served.ask(f"{game}?since={table}"),
    ):
        assert (again.status, again.body) == (204, b"")
    assert two.seats["vessara"].seal("nothing").status == 200
    assert kelmark.ask(f"/api/seat/{kelmark.token}?since={mark}").status == 200
    seen = two.served.ask(f"{game}/seat/vessara").json
    assert seen["view"] == two.seats["vessara"].told["view"]
    assert two.served.ask(f"{game}/seat/nobody").status == 422


# ---- a game goes on ------------------------------------------------------------------------------


def test_a_game_goes_on_when_the_server_was_ended(folder: Path, tmp_path: Path) -> None:
    """On the same morning, with the same links, what was sealed still sealed."""
    with page_in(tmp_path):
        with served_here("tutorial") as first:
            game = begin(first, "kelmark", "vessara", days=60)
            game.until_both_owe()
            game.seats["kelmark"].seal("nothing", why="before")
            tokens = {a: p.token for a, p in game.seats.items()}
            before = {a: p.told for a, p in game.seats.items()}
            first.desk.games.close()  # as the end of its process does
        with served_here("tutorial") as second:
            seats = {a: Player(second, t) for a, t in tokens.items()}  # nobody has opened the table
            for actor, player in seats.items():
                told = player.told
                assert told.pop("mark") != before[actor].pop("mark")
                assert told == before[actor]
            assert (
                seats["kelmark"]
                .send(
                    {"day": before["kelmark"]["view"]["day"], "ask": "kelmark", "deed": "nothing"}
                )
                .status
                == 409
            )
            after = opened_at(second, game.name)
            assert {a: p.token for a, p in after.seats.items()} == tokens
            after.played_out()
            second.desk.games.close()
    assert offramp.take_up_game(game.file, "tutorial").over


def test_a_game_of_the_terminal_is_taken_up(own: Served) -> None:
    path = offramp.new_game(Path("games"), "tutorial")
    offramp.start_game("tutorial", ["kelmark", "vessara=nothing"], days=30, world=2, path=path)
    rows = own.ask(GAMES).json["games"]
    assert (rows[0]["game"], rows[0]["persons"]) == (path.stem, ["Kelmark"])
    game = opened_at(own, path.stem)
    assert list(game.seats) == ["kelmark"]
    assert [s["held"] for s in game.table["seats"]] == ["a person", "never does anything"]
    # Whoever plays it in a terminal meanwhile is refused, and the other way round.
    with pytest.raises(offramp.Unanswerable, match="another process"):
        offramp.take_up_game(path)
    own.desk.games.close()
    held = Appended.taken_up(path)
    found = game.seats["kelmark"].ask(f"/api/seat/{game.seats['kelmark'].token}")
    assert (quiet(found).status, "games" in str(found.json)) == (409, False)
    found = own.ask(f"/api/c/tutorial/game/{path.stem}")
    assert (found.status, "another process" in found.json["refused"]) == (422, True)
    held.close()
    assert game.seats["kelmark"].told["view"]["actor"] == "kelmark"


@pytest.mark.parametrize("after", [0, 1])
def test_a_full_disk_loses_nothing(two: Begun, after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the decision could not be written or the day behind it: the game is taken up from its
    log, which has what was written and goes on from there."""
    kelmark, vessara, written = two.seats["kelmark"], two.seats["vessara"], list[bytes]()
    day, whole = kelmark.told["view"]["day"], Appended._write
    assert vessara.seal("nothing").status == 200

    def full(self: Appended, content: bytes) -> None:
        if len(written) == after:
            raise OSError(28, "No space left on device")
        written.append(content)
        whole(self, content)

    with monkeypatch.context() as patch:
        patch.setattr(Appended, "_write", full)
        found = quiet(kelmark.seal("nothing"))
        assert (found.status, "No space left" in found.json["refused"]) == (422, True)
    if after == 0:
        assert kelmark.told["view"]["day"] == day
        assert kelmark.seal("nothing").status == 200
    assert kelmark.told["view"]["day"] > day
    two.played_out()
    two.served.desk.games.close()
    assert offramp.take_up_game(two.file, "tutorial").over


def test_a_branch_whose_seats_cannot_be_written_is_taken_up_later(
    own: Served, two: Begun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its log is there, and nobody holds it: who opens it then finds links for its seats."""
    assert two.seats["kelmark"].seal("nothing").status == 200
    assert two.seats["vessara"].seal("nothing").status == 200

    made, branched = list[Game](), offramp.branch_game
    before = {r["game"] for r in own.ask(GAMES).json["games"]}

    def full(file: Path) -> None:
        raise OSError(28, "No space left on device")

    def remembered(*given: Any) -> Game:
        made.append(branched(*given))
        return made[-1]  # held here: that nobody names it any more must not be what lets go of it

    with monkeypatch.context() as patch:
        patch.setattr("offramp.web.seating.replacing", full)
        patch.setattr(offramp, "branch_game", remembered)
        found = quiet(
            own.post(f"/api/c/tutorial/game/{two.name}/branch", {"day": two.table["date"]})
        )
        assert (found.status, "No space left" in found.json["refused"]) == (422, True)
    (branch,) = {r["game"] for r in own.ask(GAMES).json["games"]} - before
    found = own.ask(f"/api/c/tutorial/game/{branch}")
    assert sorted(found.json["tokens"]) == ["kelmark", "vessara"]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"seats": ["kelmark=program:touch ran"]}, "a page starts no programs"),
        ({"seats": ["kelmark=person", "vessara=program:touch ran"]}, "a page starts no programs"),
        ({"seats": ["kelmark=person", "vessara=endpoint"]}, "asks no model"),
        ({"seats": []}, "give a seat to a person"),
        ({"seats": ["kelmark=nothing"]}, "give a seat to a person"),
        ({"seats": ["kelmark=person", "kelmark=person"]}, "two seats"),
        ({"seats": ["league=person"]}, "nobody plays"),
        ({"seats": ["kelmark=person", "vessara=author:nobody"]}, "no assessment"),
        ({"seats": "kelmark"}, "a game has `seats`"),
        ({"seats": ["kelmark=person"], "days": 900}, "1 to 90 days"),
        ({"seats": ["kelmark=person"], "days": 1.5}, "a game has `seats`"),
        ({"seats": ["kelmark=person"], "first": "2040-01-01"}, "outside the crisis"),
        ({"seats": ["kelmark=person"], "first": "soon"}, "soon"),
        ({"seats": ["kelmark=person"], "world": -1}, "a game has `seats`"),
    ],
)
def test_a_game_that_cannot_be_is_not_begun(own: Served, asked: Any, words: str) -> None:
    before = sorted(Path("games").glob("*")) if Path("games").exists() else []
    found = quiet(own.post(GAMES, asked))
    assert found.status == 422
    assert words in found.json["refused"]
    assert (sorted(Path("games").glob("*")) if Path("games").exists() else []) == before
    assert not Path("ran").exists()


def test_what_is_no_game_is_none(own: Served, two: Begun) -> None:
    games = Path("games")
    (games / "note.jsonl").write_text("no game\n", "utf-8")
    changed = two.file.read_bytes().replace(b'"world":', b'"wurld":')
    (games / "changed.jsonl").write_bytes(changed)
    (games / "note.seats.json").write_text('{"schema": "offramp.seats/1", "seats": []}', "utf-8")
    (games / "odd.seats.json").write_text(
        '{"schema": "offramp.seats/1", "case": "tutorial", "seats": {"us": "", "iran": 7}}', "utf-8"
    )
    names = [r["game"] for r in own.ask(GAMES).json["games"]]
    assert two.name in names
    assert not {"note", "changed", "odd"} & set(names)
    for name in ("note", "changed", "odd", "nothing", "..%2f..%2fetc", "%2e%2e", two.name + "x"):
        found = own.ask(f"/api/c/tutorial/game/{name}")
        assert quiet(found).status in (404, 422), name
    assert own.desk.games.place("") is None


@pytest.mark.parametrize("held", ["program:true", "endpoint"])
def test_seats_that_a_page_cannot_ask_are_told(own: Served, held: str) -> None:
    path = offramp.new_game(Path("games"), "tutorial")
    game = offramp.start_game("tutorial", ["kelmark", f"vessara={held}"], world=3, path=path)
    del game
    (kept,) = (g for g in own.ask(GAMES).json["games"] if g["game"] == path.stem)
    assert kept["programs"]
    found = quiet(own.ask(f"/api/c/tutorial/game/{path.stem}"))
    assert found.status == 422
    assert f"vessara={held}" in found.json["refused"]
    assert f"offramp play --game {path}" in found.json["refused"]


def test_a_game_that_is_over_is_looked_back_on(own: Served) -> None:
    game = begin(own, "kelmark", "vessara", days=30)
    review = f"/api/c/tutorial/desk/review?game={game.name}&worlds=64"
    early = own.ask(review).lines[-1]
    assert early == {"refused": "the game goes on: it is looked back on when it is over"}
    game.played_out()
    told = game.table
    assert (told["over"], told["world"]) == (True, [WORLD, 1])
    done = own.ask(review).lines[-1]["done"]
    assert done["command"].startswith(f"offramp review games/{game.name}.jsonl --case tutorial")
    paper = own.ask(review.replace("/desk/review", "/paper/review.html"))
    assert paper.status == 200
    found = offramp.review_game(game.file, "tutorial", worlds=64)
    assert paper.body == offramp.document("tutorial", found)
    nobody = own.ask("/api/c/tutorial/desk/review?game=../secret&worlds=64").lines[-1]
    assert "no game" in nobody["refused"]


# ---- who runs it ---------------------------------------------------------------------------------


class Ticking:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = 5000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def ticking(monkeypatch: pytest.MonkeyPatch) -> Ticking:
    found = Ticking()
    monkeypatch.setattr(seating, "monotonic", found.monotonic)
    return found


def run_by(game: Begun, what: str, **asked: Any) -> Answer:
    return game.served.post(f"/api/c/tutorial/game/{game.name}/{what}", asked)


def sealed_by(game: Begun) -> list[tuple[str, str, str]]:
    """Who answered what in whose place, of the decisions in the log."""
    rows = [r for r in read_chain(game.file).records if r["kind"] in ("choice", "consent")]
    return [(r["seat"], r.get("event", ""), r.get("by", "")) for r in rows]


@pytest.mark.parametrize("stand_in", ["model", "nothing"])
def test_who_is_late_is_stood_in_for(ticking: Ticking, own: Served, stand_in: str) -> None:
    game = begin(own, "kelmark", "vessara", days=60)
    game.until_both_owe()
    day, before = game.table["date"], len(sealed_by(game))
    assert run_by(game, "clock", seconds=120, stand_in=stand_in).status == 200
    assert game.seats["kelmark"].told["clock"] == {
        "left": 120.0,
        "seconds": 120,
        "stand_in": stand_in,
        "paused": False,
    }
    game.seats["kelmark"].seal("nothing")
    ticking.now += 121.0  # the page shows 0:00; what it sends now is still taken
    assert game.table["date"] == day
    ticking.now += 2.0
    assert game.table["date"] != day
    (own_row, late_row) = sealed_by(game)[before : before + 2]
    assert own_row == ("kelmark", "", "")
    seat, event, by = late_row
    who = "the model" if stand_in == "model" else "nobody"
    assert (seat, by) == ("vessara", f"{who}: the clock had run out")
    assert stand_in == "model" or event == ""
    assert game.seats["vessara"].told["clock"]["left"] == 120.0  # each round has its whole time
    said = [text for d in game.table["days"] for text in d["decided"]]
    assert any(f"(answered by {by})" in text for text in said)
    offramp.review_game(game.file, "tutorial", worlds=64)  # and it replays


def test_a_seat_is_told_what_it_sealed_and_what_others_decided_for_it(
    ticking: Ticking, own: Served
) -> None:
    game = begin(own, "kelmark", "vessara", days=60)
    game.until_both_owe()
    run_by(game, "clock", seconds=120, stand_in="nothing")
    kelmark, vessara = game.seats["kelmark"], game.seats["vessara"]
    assert kelmark.told["done"] == []
    move = kelmark.told["view"]["owes"][0]["options"]
    (event, title) = next((o["event"], o["title"]) for o in move if not o["closed"])
    kelmark.seal(event)
    assert kelmark.told["done"] == [f"You decided: “{title}”."]
    assert vessara.told["done"] == []
    ticking.now += 200.0
    said = vessara.told["said"]["happened"]
    assert any("nothing; decided for you by nobody: the clock had run out" in x for x in said)
    assert any(x.endswith(f"{title}, by you") for x in kelmark.told["said"]["happened"])


def test_a_new_game_has_new_links_whatever_lay_beside_its_name(own: Served) -> None:
    """Whoever had a link of a game that is gone has no seat in one that takes its name."""
    first = begin(own, "kelmark", days=20)
    own.desk.games.close()
    first.file.unlink()
    second = begin(own, "kelmark", days=20)
    assert second.name == first.name
    assert second.seats["kelmark"].token != first.seats["kelmark"].token
    assert own.desk.games.place(first.seats["kelmark"].token) is None


def test_a_branch_from_the_first_morning_is_the_game_once_more(two: Begun) -> None:
    game = begin(two.served, "kelmark", "vessara", days=60)
    made = run_by(game, "branch", day=game.table["first"])
    assert made.status == 200, made
    branch = opened_at(two.served, made.json["game"])
    assert (game.table["branch"], branch.table["branch"]) == ("", "1 Apr 2031")


def test_odd_games_hide_none_of_the_others(own: Served, two: Begun) -> None:
    """A log whose chain is right and whose days are none."""
    head = read_chain(two.file).records[0]
    for name, day in (("text", "x"), ("far", 10**12)):
        odd = [dict(head), {"kind": "day", "day": day, "happened": [], "state_sha256": ""}]
        (Path("games") / f"{name}.jsonl").write_text(lines(odd), "utf-8")
    names = {r["game"] for r in own.ask(GAMES).json["games"]}
    assert two.name in names
    assert not {"text", "far"} & names


def test_a_document_of_another_game_of_the_same_name_is_made_again(own: Served) -> None:
    def played_out() -> Begun:
        game = begin(own, "kelmark", days=20)
        game.played_out()
        return game

    first, desk = played_out(), own.desk
    order = ordered("review", {"game": first.name}, 64, 1)
    paper = desk.make("tutorial", order, lambda done, of: None)
    assert desk.paper("tutorial", order) is paper
    desk.games.close()
    first.file.unlink()
    assert played_out().name == first.name
    assert desk.paper("tutorial", order) is None


@pytest.mark.parametrize("name", ["a b", "-dash", "x" * 110])
def test_games_of_cases_with_any_name_are_found_again(tmp_path: Path, name: str) -> None:
    with pytest.MonkeyPatch.context() as patch, page_in(tmp_path / "page"):
        patch.chdir(tmp_path)
        shutil.copytree(offramp.load("tutorial").folder or "", tmp_path / name)
        with served_here(f"./{name}") as served:
            address = f"/api/c/{quote(name)}"
            made = served.post(f"{address}/games", {"seats": ["kelmark=person"], "days": 20})
            assert made.status == 200, made
            found = served.ask(f"{address}/game/{quote(made.json['game'])}")
            assert (found.status, list(found.json["tokens"])) == (200, ["kelmark"])


def test_the_model_stands_in_as_it_would_have_played(ticking: Ticking, own: Served) -> None:
    """With its own dice: a game in which everybody is always late is the free world."""
    game = begin(own, "kelmark", "vessara", days=60)
    run_by(game, "clock", seconds=1, stand_in="model")
    for _ in range(200):
        ticking.now += 10.0
        if game.table["over"]:
            break
    free = offramp.start_game("tutorial", ["kelmark=model", "vessara=model"], world=WORLD, days=60)
    days = [r for r in read_chain(game.file).records if r["kind"] == "day"]
    assert days[-1]["state_sha256"] == state_sha256(free.world)


def test_a_paused_game_seals_nothing_and_its_clock_stands(ticking: Ticking, two: Begun) -> None:
    run_by(two, "clock", seconds=60, stand_in="model")
    ticking.now += 20.0
    assert run_by(two, "pause", on=True).status == 200
    assert run_by(two, "pause", on=True).status == 200  # once more is no harm
    ticking.now += 1000.0
    kelmark = two.seats["kelmark"]
    assert (kelmark.told["clock"]["paused"], kelmark.told["clock"]["left"]) == (True, 40.0)
    found = kelmark.seal("nothing")
    assert (found.status, "the game is paused" in found.json["refused"]) == (409, True)
    assert len(two.owing) == 2
    run_by(two, "pause", on=False)
    assert kelmark.told["clock"]["left"] == 40.0
    assert kelmark.seal("nothing").status == 200
    run_by(two, "clock", seconds=None)
    ticking.now += 1e6
    assert kelmark.told["clock"]["left"] is None
    assert [p.told["view"]["actor"] for p in two.owing] == ["vessara"]


def test_the_crisis_is_changed_from_a_morning_on(two: Begun) -> None:
    do = {"rate": {"fog": "6 ? a stormy spring"}, "hold": {"trade": ".5 ? a blockade elsewhere"}}
    before = two.seats["kelmark"].told["said"]
    assert two.table["untouched"]
    assert run_by(two, "inject", do=do).status == 200
    (row,) = two.table["changed"]
    held, comes = row["said"]  # in the order of the file, by the verbs' names
    assert "is held at 0.5 (a blockade elsewhere)" in held
    assert "comes 6 times as often (a stormy spring)" in comes
    told = two.seats["kelmark"].told
    assert "stormy" not in json.dumps(told)  # who plays sees what comes of it alone
    assert told["said"]["happened"] == before["happened"]
    again = run_by(two, "inject", do={"never": ["swarm"]})
    assert again.status == 200
    two.owing[0].seal("nothing")
    assert not two.table["untouched"]
    late = run_by(two, "inject", do={"never": ["fog"]})
    assert (late.status, "somebody has decided already" in late.json["refused"]) == (422, True)
    two.played_out()
    found = offramp.review_game(two.file, "tutorial", worlds=64)
    assert [e.words for c in found.changed for e in c.edits] == [
        "hold trade = .5 ? a blockade elsewhere",
        "rate fog x 6 ? a stormy spring",
        "never swarm",
    ]
    paper = offramp.document("tutorial", found).decode()
    assert "What was changed in the middle" in paper
    assert "6 times as often" in paper


@pytest.mark.parametrize(
    ("what", "asked", "words"),
    [
        ("inject", {}, "`do`"),
        ("inject", {"do": ["never"]}, "`do`"),
        ("inject", {"do": {}}, "nothing does"),
        ("inject", {"do": {"set": {"trade": 1}}}, "cannot begin in the middle"),
        ("inject", {"do": {"never": ["swram"]}}, "swram"),
        ("inject", {"do": {"force": {"swarm": "2031-01-01 ? x"}}}, "cannot be done"),
        ("inject", {"do": {"rate": {"fog": "? none"}}}, "the value ends"),
        ("branch", {}, "`day`"),
        ("branch", {"day": 3}, "`day`"),
        ("branch", {"day": "soon"}, "soon"),
        ("branch", {"day": "2031-05-29"}, "has not come to"),
        ("clock", {"seconds": "60"}, "whole number"),
        ("clock", {"seconds": 0}, "1 to 86,400"),
        ("clock", {"seconds": 60, "stand_in": "me"}, "model or nothing"),
        ("pause", {}, "`on`"),
        ("pause", {"on": "yes"}, "`on`"),
    ],
)
def test_what_cannot_be_done_to_a_game_is_refused(
    two: Begun, what: str, asked: Any, words: str
) -> None:
    before, games = two.file.read_bytes(), len(os.listdir("games"))
    found = quiet(run_by(two, what, **asked))
    assert (found.status, words in found.json["refused"]) == (422, True), found.json
    assert (two.file.read_bytes(), len(os.listdir("games"))) == (before, games)


def test_only_who_runs_a_game_changes_it(two: Begun) -> None:
    served = two.served
    for token in ("", two.seats["kelmark"].token):
        for what in ("inject", "branch", "clock", "pause"):
            headers = [served.host, served.origin, JSON, ("Content-Length", "2")]
            headers.append(("Cookie", f"offramp-{served.port}={token}"))
            target = f"/api/c/tutorial/game/{two.name}/{what}"
            assert quiet(served.raw("POST", target, headers, b"{}")).status == 401
    for what in ("inject", "branch", "clock", "pause"):
        found = two.served.post(f"/api/seat/{two.seats['kelmark'].token}/{what}", {})
        assert found.status == 404


def test_a_branch_has_links_of_its_own_and_leaves_the_game(two: Begun) -> None:
    morning = two.table["date"]
    two.seats["kelmark"].seal("nothing", why="first")
    two.seats["vessara"].seal("nothing")
    before = two.file.read_bytes()
    made = run_by(two, "branch", day=morning)
    assert made.status == 200, made
    branch = opened_at(two.served, made.json["game"])
    assert branch.table["date"] == morning
    assert two.file.read_bytes() == before
    tokens = [p.token for g in (two, branch) for p in g.seats.values()]
    assert len(set(tokens)) == 4
    branch.seats["kelmark"].seal("nothing", why="second")
    assert two.file.read_bytes() == before


# ---- in a browser --------------------------------------------------------------------------------

FIRST = "874500"  # a world in which both are to decide on the first morning


def begun_by_page(
    page: Any, *persons: str, days: int = 20, world: str = FIRST, first: str = ""
) -> dict[str, str]:
    """Starts a game on the screen; the links of the seats."""
    persons = persons or ("Kelmark", "Vessara")
    for title in persons:
        page.get_by_label(title, exact=True).select_option("person")
    page.get_by_label("from the morning of").fill(first)
    page.get_by_label("days").fill(str(days))
    page.get_by_label("world").fill(world)
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator("#main h1")).to_contain_text("The morning of ")
    seats = {}
    for title in persons:
        link = page.get_by_label(f"Link of the seat {title}", exact=True)
        seats[title] = link.input_value()
    return seats


def turn(runs: Any, *seats: Any) -> bool:
    """Does nothing, on each page that asks, by the keyboard; whether the game is over then."""
    for page in seats:
        asked = page.evaluate("document.querySelector('form h1')?.innerText ?? ''")
        if asked:
            page.keyboard.press("n" if "consent" in asked else "0")
            page.keyboard.press("Enter")
    runs.wait_for_timeout(250)
    return "over" in runs.locator("#main h1").inner_text()


def radio(page: Any) -> Any:
    return page.locator("input[type=radio]:checked")


@in_browser
def test_two_people_play_a_game_by_the_keyboard(
    browser: Any, watched: Watched, tmp_path: Path
) -> None:
    with serving(browser, "tutorial", folder=tmp_path) as served:
        runs = browser.new_context(storage_state=served.state, viewport=WIDE).new_page()
        watched.watch(runs)
        runs.goto(served.at("/c/tutorial/play"))
        seats = dict[str, Any]()
        for title, link in begun_by_page(runs).items():
            page = browser.new_context(viewport=WIDE).new_page()
            watched.watch(page)
            page.goto(link)
            expect(page.locator("header")).to_contain_text(f"Seat: {title}")
            expect(page.locator("form")).to_be_visible()
            seats[title] = page
        kelmark, vessara = seats["Kelmark"], seats["Vessara"]
        expect(kelmark.get_by_role("button", name="Seal it")).to_be_disabled()
        kelmark.keyboard.press("1")
        expect(radio(kelmark)).to_be_focused()
        kelmark.get_by_label("Why").fill("h is a letter here, and so is 0")
        kelmark.keyboard.press("Enter")
        expect(kelmark.locator("main h1")).to_have_text("Sealed")
        expect(kelmark.locator("main")).to_contain_text("Waiting for 1 other seat.")
        expect(runs.locator(".seats li", has_text="Kelmark")).to_contain_text("sealed")
        expect(runs.locator("[role=status]").first).to_contain_text("1 seat still decides: Vessara")
        expect(runs.locator("#main")).not_to_contain_text("Kelmark: ")
        vessara.keyboard.press("0")
        vessara.keyboard.press("ArrowUp")  # from nothing to the last of the moves
        assert radio(vessara).input_value() not in ("", "nothing")
        vessara.keyboard.press("Enter")
        expect(runs.locator("#main h1")).not_to_contain_text(" 1 Apr")
        expect(runs.locator("#main")).to_contain_text("Kelmark: League boats boarded and held")
        until(lambda: turn(runs, *seats.values()), 60)
        for page in seats.values():
            expect(page.locator("main h1")).to_have_text("The game is over")
            expect(page.locator("body")).not_to_contain_text(FIRST)
            expect(page.locator("section.news")).to_contain_text("1 Apr 2031 League boats boarded")
        expect(runs.locator("#main")).to_contain_text(f"This was world {FIRST} of seed 1.")
        expect(runs.locator("#main")).to_contain_text("Why: h is a letter here, and so is 0")
        records = read_chain(tmp_path / "games" / "tutorial-1.jsonl").records
        assert records[-1]["kind"] == "end"
        choices = [r for r in records if r["kind"] == "choice"]
        assert {r["seat"]: r["event"] for r in choices[:2]}["kelmark"] == "kelmark.board"
        assert len(choices) >= 3
        runs.get_by_role("link", name="All games").click()
        expect(runs.locator(".games li")).to_contain_text("over since 20 Apr 2031")
        for page in (runs, *seats.values()):
            page.context.close()
    assert not [url for url in watched.asked if re.search(r"/seat/.*(/api/c/|token=)", url)]


@in_browser
def test_who_runs_a_game_turns_its_screws(browser: Any, watched: Watched, tmp_path: Path) -> None:
    with serving(browser, "tutorial", folder=tmp_path) as served:
        runs = browser.new_context(storage_state=served.state, viewport=WIDE).new_page()
        page = browser.new_context(viewport=WIDE).new_page()
        for shown in (runs, page):
            watched.watch(shown)
        runs.goto(served.at("/c/tutorial/play"))
        page.goto(begun_by_page(runs)["Kelmark"])
        expect(page.locator("form")).to_be_visible()
        watched.refusals.add("422")
        run = runs.get_by_role("region", name="Run the game")
        run.get_by_label("so that it").select_option("rate")
        run.get_by_label("change").fill("Collision in fog")
        run.get_by_label("number").fill("x6")
        run.get_by_role("button", name="Change the crisis").click()
        expect(run.get_by_role("alert")).to_contain_text("x6")
        run.get_by_label("number").fill("6")
        run.get_by_label("why").fill("a stormy spring")
        run.get_by_role("button", name="Change the crisis").click()
        expect(run).to_contain_text("“Collision in fog” comes 6 times as often (a stormy spring)")
        run.get_by_role("button", name="Pause").click()
        expect(page.locator("[role=status]").first).to_contain_text("has paused it")
        page.keyboard.press("0")
        expect(page.get_by_role("button", name="Seal it")).to_be_disabled()
        axe_finds_nothing(runs)
        axe_finds_nothing(page)
        run.get_by_label("may take").select_option("60")
        run.get_by_label("who is late").select_option("nothing")
        run.get_by_role("button", name="Set the clock").click()
        expect(page.locator("header")).to_contain_text("paused, 1:00 left")
        run.get_by_role("button", name="Go on").click()
        expect(page.get_by_role("timer")).to_have_text(re.compile(r"0:5\d"))
        axe_finds_nothing(page)
        # What is chosen is sealed when the time is up, and nobody else's morning is waited for.
        expect(page.locator("main")).to_contain_text("when the time is up it is sealed")
        started = runs.url
        run.get_by_label("once more").fill("2031-04-01")
        page.keyboard.press("Enter")
        expect(page.locator("main h1")).to_have_text("Sealed")
        expect(run).to_contain_text("Somebody has decided on the morning as it was")
        run.get_by_role("button", name="Begin a new branch").click()
        expect(runs).not_to_have_url(started)
        expect(runs.locator("#main")).to_contain_text("Kept as tutorial-2")
        expect(run).not_to_contain_text("a stormy spring")
        runs.context.close()
        page.context.close()


@in_browser
def test_a_hidden_seat_seals_what_is_chosen_when_the_time_is_up(
    browser: Any, tmp_path: Path
) -> None:
    with serving(browser, "tutorial", folder=tmp_path) as served:
        runs = browser.new_context(storage_state=served.state, viewport=WIDE).new_page()
        page = browser.new_context(viewport=WIDE).new_page()
        runs.goto(served.at("/c/tutorial/play"))
        page.goto(begun_by_page(runs, "Kelmark")["Kelmark"])
        expect(page.locator("form")).to_be_visible()
        page.keyboard.press("1")
        chosen = radio(page).input_value()
        asked = {"seconds": 4, "stand_in": "nothing"}
        done = runs.request.post(
            f"{served.at('')}/api/c/tutorial/game/tutorial-1/clock",
            data=asked,
            headers={"origin": served.at("").rstrip("/")},
        )
        assert done.ok, done.text()
        expect(page.get_by_role("timer")).to_be_visible()
        page.keyboard.press("h")
        expect(page.locator("h1:visible")).to_have_text("This seat is hidden")
        log = tmp_path / "games" / "tutorial-1.jsonl"
        until(lambda: any(r["kind"] == "choice" for r in read_chain(log).records))
        first = next(r for r in read_chain(log).records if r["kind"] == "choice")
        assert (first["event"], first.get("by", "")) == (chosen, "")
        runs.context.close()
        page.context.close()


@in_browser
def test_drafts_survive_a_reload_and_the_end_of_the_server(browser: Any, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    words = ("tutorial", "--port", port)
    context = browser.new_context(viewport=WIDE)
    page = context.new_page()
    with serving(browser, *words, folder=tmp_path) as served:
        runs = browser.new_context(storage_state=served.state).new_page()
        runs.goto(served.at("/c/tutorial/play"))
        link = begun_by_page(runs)["Kelmark"]
        page.goto(link)
        expect(page.locator("form")).to_be_visible()
        page.keyboard.press("2")
        page.get_by_label("Why").fill("to be kept")
        chosen = radio(page).input_value()
        page.reload()
        expect(radio(page)).to_have_value(chosen)
        expect(page.get_by_label("Why")).to_have_value("to be kept")
        with runs.expect_request("**/api/seat/*") as asked:  # beside the workbench's own cookie
            runs.goto(link)
        expect(runs.locator("form")).to_be_visible()
        assert "cookie" not in asked.value.all_headers()
        runs.context.close()
    expect(page.get_by_role("alert")).to_contain_text("The server does not answer")
    expect(page.get_by_label("Why")).to_have_value("to be kept")
    with serving(browser, *words, folder=tmp_path):
        expect(page.get_by_role("alert")).to_be_hidden()
        page.reload()
        expect(radio(page)).to_have_value(chosen)
        other = context.new_page()  # the same seat, in a window that hears nothing new
        other.goto(link)
        expect(radio(other)).to_have_value(chosen)
        other.route("**/api/seat/*?since=*", lambda route: route.abort())
        page.get_by_role("button", name="Seal it").click()
        expect(page.locator("main h1")).to_have_text("Sealed")
        other.get_by_role("button", name="Seal it").click()
        expect(other.get_by_text("The server says: this decision is sealed")).to_be_visible()
        other.unroute_all()
        expect(other.locator("main h1")).to_have_text("Sealed")
        context.close()
    told = [r for r in read_chain(tmp_path / "games" / "tutorial-1.jsonl").records if "why" in r]
    assert [(r["event"], r["why"]) for r in told] == [(chosen, "to be kept")]


@in_browser
def test_words_go_along_and_consent_is_asked(
    browser: Any, watched: Watched, tmp_path: Path
) -> None:
    with serving(browser, "tutorial", "quarantine", folder=tmp_path) as served:
        runs = browser.new_context(storage_state=served.state, viewport=WIDE).new_page()
        page = browser.new_context(viewport=WIDE).new_page()
        watched.watch(page)
        runs.goto(served.at("/c/quarantine/play"))
        hadria = next(
            a.title for a in offramp.load("quarantine").crisis.actors if a.name == "hadria"
        )
        page.goto(begun_by_page(runs, hadria, days=2, world="1", first="2034-10-12")[hadria])
        expect(page.locator("form")).to_be_visible()
        page.keyboard.press("1")
        page.get_by_role("group", name="Say with it").get_by_role("checkbox").check()
        page.keyboard.press("0")  # nothing is said with nothing
        expect(page.get_by_role("checkbox")).to_have_count(0)
        page.keyboard.press("1")
        expect(page.get_by_role("checkbox")).to_be_checked()
        page.reload()
        expect(page.get_by_role("checkbox")).to_be_checked()
        page.get_by_role("button", name="Seal it").click()
        expect(page.locator("form")).to_be_hidden()
        choice = read_chain(tmp_path / "games" / "quarantine-1.jsonl").records[1]
        assert (choice["event"], choice["words"]) == ("hadria.board", ["hadria.explain"])

        runs.goto(served.at("/c/tutorial/play"))
        links = begun_by_page(runs, "Vessara", "Vessara's General Staff", days=3)
        vessara, staff = links.values()
        page.goto(vessara)
        page.get_by_role("radio", name="islet").check()
        page.keyboard.press("Enter")
        expect(page.locator("main h1")).to_have_text("Sealed")
        page.goto(staff)
        expect(page.locator("form h1")).to_contain_text("wants your consent")
        page.keyboard.press("1")
        expect(radio(page)).to_have_count(0)
        page.keyboard.press("n")
        page.keyboard.press("Enter")
        expect(page.locator("form")).to_be_hidden()
        records = read_chain(tmp_path / "games" / "tutorial-1.jsonl").records
        asked = next(r for r in records if r["kind"] == "consent")
        assert (asked["event"], asked["yes"]) == ("vessara.land", False)
        expect(runs.locator("#main")).to_contain_text("refuses consent to")
        expect(runs.locator("#main")).to_contain_text("not done, for Vessara's General Staff did")
        runs.context.close()
        page.context.close()


@in_browser
def test_axe_finds_nothing_in_a_game(browser: Any, watched: Watched, tmp_path: Path) -> None:
    with serving(browser, "tutorial", folder=tmp_path) as served:
        runs = browser.new_context(storage_state=served.state, viewport=WIDE).new_page()
        page = browser.new_context(viewport=WIDE).new_page()
        watched.watch(runs)
        watched.watch(page)
        runs.goto(served.at("/c/tutorial/play"))
        links = begun_by_page(runs)
        page.goto(links["Kelmark"])
        expect(page.locator("form")).to_be_visible()
        page.keyboard.press("1")
        runs.get_by_role("button", name="What Vessara sees").click()
        expect(runs.get_by_role("region", name="What Vessara sees")).to_be_visible()
        for shown in (page, runs):
            axe_finds_nothing(shown)
            shown.set_viewport_size({"width": 390, "height": 844})
            assert shown.evaluate("document.documentElement.scrollWidth") <= 390
            shown.set_viewport_size(WIDE)
        page.keyboard.press("Enter")
        expect(page.locator("main h1")).to_have_text("Sealed")
        axe_finds_nothing(page)
        page.keyboard.press("h")
        expect(page.locator("h1:visible")).to_have_text("This seat is hidden")
        expect(page.locator("body")).not_to_contain_text("Kelmark")
        axe_finds_nothing(page)
        page.reload()
        expect(page.locator("h1:visible")).to_have_text("This seat is hidden")
        page.keyboard.press("h")
        expect(page.locator("header")).to_contain_text("Seat: Kelmark")
        watched.refusals |= {"401", "404"}
        page.goto(f"{links['Kelmark']}x")
        expect(page.locator("body")).to_contain_text("there is no such seat")
        page.goto(served.at("/c/tutorial/forecast"))
        expect(page.locator("body")).to_contain_text("open the address that")
        runs.context.close()
        page.context.close()

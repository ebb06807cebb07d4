"""Seats that programs hold: whatever they do, the game goes on, and says who decided."""

from __future__ import annotations

import hashlib
import json
import re
import sys
import time
from pathlib import Path

import pytest
from model_endpoint import Answer, plainly, said, serving
from test_play import Recorded, begun, typed

import offramp
from offramp.engine.plan import plan
from offramp.engine.world import create, live
from offramp.errors import Mistake, Unanswerable
from offramp.play.game import replayed, state_sha256
from offramp.play.programs import (
    LONG,
    PATIENCE,
    NoAnswer,
    Program,
    Reply,
    answered,
    question,
    reply_of,
)

GOOD = """
import json, sys
for line in sys.stdin:
    asked = json.loads(line)
    answers = asked["decision"]["answers"]
    why = f"day {asked['view']['day']}"
    print(json.dumps({"answer": len(answers) - 1, "why": why}), flush=True)
"""


def program(folder: Path, text: str, seconds: float = 5.0) -> Program:
    path = folder / "bot.py"
    path.write_text(text, "utf-8")
    return Program(f"{sys.executable} {path}", seconds)


def played(held: Program, days: int = 90) -> tuple[Recorded, dict[str, int]]:
    game = begun(offramp.load("tutorial"), ("kelmark",), days=days)
    failed = answered(game, {"kelmark": held}, {})
    held.close()
    assert game.over
    return game, failed


def choices(game: Recorded) -> list[dict[str, object]]:
    return [dict(r) for r in game.records if r["kind"] == "choice"]


def test_a_program_decides_for_its_seat(tmp_path: Path) -> None:
    game, failed = played(program(tmp_path, GOOD))
    assert not failed
    for c in choices(game):
        assert c["event"]  # the last answer is a move
        assert c["why"] == f"day {c['day']}"
        assert "by" not in c
    assert state_sha256(replayed(game.case, tuple(game.records)).world) == state_sha256(game.world)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("print('I surrender', flush=True)\nimport time; time.sleep(60)", "what it wrote is no"),
        ("print(99, flush=True)\nimport time; time.sleep(60)", "no number from 0 to"),
        ("print(-1, flush=True)\nimport time; time.sleep(60)", "no number from 0 to"),
        ("print('true', flush=True)\nimport time; time.sleep(60)", "no number from 0 to"),
        ('print(\'{"answer": 1, "words": 3}\', flush=True)\nimport time; time.sleep(60)', "words"),
        ("print('NaN', flush=True)\nimport time; time.sleep(60)", "what it wrote is no"),
        ("import sys; sys.exit(3)", "it ended before"),
        ("import sys; sys.stdout.write('9' * 100_000); sys.stdout.flush(); input()", "longer than"),
        ("import time; time.sleep(60)", "did not answer within 0.5 seconds"),
        ("import sys; sys.stdin.close(); import time; time.sleep(60)", "did not|ended before"),
    ],
)
def test_what_is_no_answer_is_survived_and_told(tmp_path: Path, text: str, why: str) -> None:
    """The model stands in with its own dice, so the game is the free world's."""
    begin = time.monotonic()
    game, failed = played(program(tmp_path, text, 0.5 if "did not" in why else 30.0), days=60)
    assert time.monotonic() - begin < 55  # none was waited for
    assert failed["kelmark"] >= PATIENCE
    told = [str(c["by"]) for c in choices(game)]
    assert re.search(why, told[0])
    assert told[-1] == "the model (it has failed before)"
    free = create(plan(game.case.crisis), 7, 0)
    for _ in live(free, 60):
        pass
    assert state_sha256(game.world) == state_sha256(free)


def test_a_command_that_is_not_there_is_survived_and_one_that_is_none_is_refused() -> None:
    game, _ = played(Program("no-such-program-anywhere"), days=60)
    assert "cannot be started" in str(choices(game)[0]["by"])
    with pytest.raises(Mistake, match="no command"):
        Program("bot 'unended")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no groups of processes")
def test_a_program_that_leaves_a_child_behind_is_ended_with_it() -> None:
    began = time.monotonic()
    game, _ = played(Program("sh -c 'sleep 40; echo 0'", 0.5), days=60)
    assert time.monotonic() - began < 20
    assert "did not answer" in str(choices(game)[0]["by"])


def test_a_stray_line_is_no_answer_to_the_next_question(tmp_path: Path) -> None:
    """A program that says hello first: it is started anew, and never a morning behind."""
    text = "print('starting up', flush=True)\n" + GOOD
    game, failed = played(program(tmp_path, text))
    assert failed["kelmark"] >= PATIENCE
    for c in choices(game):
        assert "by" in c


@pytest.mark.parametrize("line", ['{"answer": 0, "why": "\\ud800"}', "[" * 60_000])
def test_odd_lines_crash_no_game(tmp_path: Path, line: str) -> None:
    path = tmp_path / "g.jsonl"
    game = offramp.start_game("tutorial", ["kelmark=program:x"], world=7, days=60, path=path)
    holder = program(
        tmp_path, f"for _ in range(99):\n    input()\n    print({line!r}, flush=True)\n"
    )
    answered(game, {"kelmark": holder}, {})
    holder.close()
    assert game.over


def test_words_that_do_not_go_along_are_the_program_s_failure() -> None:
    game = begun(offramp.load("tutorial"), ("kelmark",), days=60)
    failed = answered(game, {"kelmark": lambda view, ask: Reply(ask.open[0].event, ("swarm",))}, {})
    assert failed["kelmark"] > PATIENCE
    assert "does not go along" in choices(game)[0]["by"]  # type: ignore[operator]


def test_a_long_reason_is_cut() -> None:
    game = begun(offramp.load("tutorial"), ("kelmark",), days=60)
    answered(game, {"kelmark": lambda view, ask: Reply("nothing", (), "x" * 10_000)}, {})
    assert {len(str(c["why"])) for c in choices(game)} == {LONG}


def test_a_question_is_plain_and_has_nothing_that_the_seat_does_not_see() -> None:
    game = begun(offramp.load("us-iran-2020"), ("iran",), days=60)
    asked = game.owes[0]
    told = json.loads(json.dumps(question(game.view("iran"), asked), allow_nan=False))
    assert told["view"]["actor"] == "iran"
    assert [a["answer"] for a in told["decision"]["answers"]] == list(range(len(asked.open) + 1))
    assert set(told["view"]) == {
        *("actor", "title", "day", "date", "last", "over", "happened", "readings", "wants"),
        *("beliefs", "coming", "owes"),
    }
    for hidden in ("p_model", "seed", "number", "mood"):
        assert hidden not in json.dumps(told)


@pytest.mark.parametrize("content", ["", "null", "[1]", "1.0", '"1"', '{"answer": null}', "[", "∞"])
def test_only_a_number_of_an_answer_is_one(content: str) -> None:
    ask = begun(offramp.load("tutorial"), ("kelmark",)).owes[0]
    with pytest.raises(NoAnswer):
        reply_of(content, ask)
    assert reply_of("0", ask) == Reply("nothing")


# ---- a language model's endpoint ---------------------------------------------------------


def test_a_model_of_the_user_s_own_holds_a_seat_and_its_prompt_is_hashed() -> None:
    """What is sent is the seat's view in words; what is kept is a number, a reason and a hash."""
    reply = 'I would say:\n```json\n{"answer": 1, "why": "to be seen"}\n```'
    case = offramp.load("tutorial")
    with serving(said(reply)) as served:
        told: list[str] = []
        holder = offramp.model_seat(
            case, endpoint=served.address, model="m", allow=lambda words: not told.append(words)
        )
        game = begun(case, ("kelmark=endpoint",), days=60)
        assert not answered(game, {"kelmark": holder}, {})
    assert told == [
        f"Each morning of the seat, as its actor sees it, goes to the model 'm' at {served.host}."
    ]
    assert len(choices(game)) == len(served.bodies)
    for c, (_, _, body) in zip(choices(game), served.asked, strict=True):
        assert c["prompt_sha256"] == hashlib.sha256(body).hexdigest()
        assert c["why"] == "to be seen"
        assert c["event"]
        text = json.loads(body)["messages"][1]["content"]
        assert text.startswith("You are Kelmark.")
        assert "0: do nothing" in text
        assert "More rope for the boats" not in text  # a private order of Vessara's
    assert state_sha256(replayed(case, tuple(game.records)).world) == state_sha256(game.world)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (said("I resign."), "what it wrote is no answer"),
        (said({"answer": 40}), "no number from 0 to"),
        (plainly(b"no", 500), "answered 500"),
        (plainly(b"{}"), "no chat completion"),
    ],
)
def test_an_endpoint_that_fails_is_survived(answer: Answer, why: str) -> None:
    case = offramp.load("tutorial")
    with serving(answer) as served:
        holder = offramp.model_seat(case, endpoint=served.address, model="m")
        game = begun(case, ("kelmark=endpoint",), days=60)
        assert answered(game, {"kelmark": holder}, {})["kelmark"] >= PATIENCE
        assert len(served.asked) == PATIENCE
    assert why in str(choices(game)[0]["by"])


def test_a_seat_of_an_endpoint_says_what_leaves_and_wants_a_yes(tmp_path: Path) -> None:
    case = offramp.load("tutorial")
    with pytest.raises(Unanswerable, match="nothing was sent"):
        offramp.model_seat(
            case, endpoint="http://127.0.0.1:1/v1", model="m", allow=lambda words: False
        )
    with pytest.raises(Mistake, match="encryption"):
        offramp.model_seat(case, endpoint="http://example.org/v1", model="m")
    arguments = ("tutorial", "--as", "vessara", "--seat", "kelmark=endpoint", "--world", "3")
    none = typed(tmp_path, "q\n", *arguments)
    assert none.exit_code == 2
    assert "which model, and where" in none.output
    address = ("--endpoint", "http://127.0.0.1:1/v1", "--model", "m")
    unasked = typed(tmp_path, "q\n", *arguments, *address)
    assert unasked.exit_code == 2
    assert "--yes sends it" in unasked.output
    assert not (tmp_path / "games").exists()
    with serving(said({"answer": 0})) as served:
        address = ("--endpoint", served.address, "--model", "m", "--yes")
        played_ = typed(tmp_path, "0\n" * 40, *arguments, *address)
    assert played_.exit_code == 0, played_.output
    assert "The game is over" in played_.output
    assert served.asked


def test_a_file_of_a_game_starts_no_program_by_itself(tmp_path: Path) -> None:
    """It may come from anybody."""
    mark = tmp_path / "started"
    command = f"sh -c 'touch {mark}; cat'"
    path = tmp_path / "theirs.jsonl"
    seats = ["vessara", f"kelmark=program:{command}"]
    game = offramp.start_game("tutorial", seats, world=3, path=path)
    del game
    again = tmp_path / "again.jsonl"  # errors here keep hold of the other file
    again.write_bytes(path.read_bytes())
    refused = typed(tmp_path, "q\n", "--game", str(path))
    assert refused.exit_code == 2
    assert command in refused.output
    assert "--yes starts it" in refused.output
    assert not mark.exists()
    agreed = typed(tmp_path, "0\n" * 60, "--game", str(again), "--yes")
    assert agreed.exit_code == 0, agreed.output
    assert mark.exists()

"""A game is the model's own world, with somebody else deciding: one rule set, no second engine."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import pytest
from click.testing import CliRunner, Result
from crises import crises
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import offramp
from offramp.case.case import Case, read_crisis
from offramp.cli import main
from offramp.engine.noise import Dice
from offramp.engine.plan import plan
from offramp.engine.world import create, daytime, live, morning, tick
from offramp.errors import Mistake
from offramp.play import seats, sight
from offramp.play.asking import CONDITION, ONCE, PAUSING, UNDERWAY, Ask
from offramp.play.game import NOTHING, Beginning, Game, beginning, replayed, state_sha256
from offramp.play.game_log import Appended, Broken, Chain, Record, lines, read_chain
from offramp.render.game_said import Told
from offramp.text.diagnostics import CaseError

QUICK = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
)


def case_of(text: str) -> Case:
    """The tutorial's case with another crisis in it; nothing else of it is read here."""
    crisis = read_crisis(text)[0]
    return offramp.load("tutorial").with_crisis(crisis)


class Recorded(Game):
    """A game that remembers its records."""

    def __init__(self, case: Case, begins: Beginning) -> None:
        self.records: list[Record] = [begins.record()]
        super().__init__(case, begins, self.records.append)


def begun(
    case: Case, who: tuple[str, ...], *, days: int | None = None, number: int = 0
) -> Recorded:
    taken = seats.read_seats(case, who)
    return Recorded(case, beginning(case, taken, seed=7, number=number, days=days))


def as_the_model(game: Game, ask: Ask) -> tuple[str, tuple[str, ...]]:
    """What the dice of the world say, for a decision that is owed."""
    return game.stand_in(ask)


def first_open(game: Game, ask: Ask) -> tuple[str, tuple[str, ...]]:
    return ("yes" if ask.consent else ask.open[0].event), ()


How = Callable[[Game, Ask], tuple[str, tuple[str, ...]]]
G = TypeVar("G", bound=Game)


def play(game: G, how: How = as_the_model, most: int = 10_000) -> G:
    for _ in range(most):
        if game.over:
            break
        ask = game.owes[0]
        game.answer(ask.id, *how(game, ask))
    return game


def landing(answer: str) -> How:
    """Vessara lands whenever it can, else does what it can; its staff answers so."""

    def how(game: Game, ask: Ask) -> tuple[str, tuple[str, ...]]:
        if ask.consent:
            return answer, ()
        names = [o.event for o in ask.open]
        return ("vessara.land" if "vessara.land" in names else names[0]), ()

    return how


# ---- one rule set ------------------------------------------------------------------------


@QUICK
@given(crises(), st.integers(0, 3))
def test_seats_that_draw_as_the_model_give_the_free_world(text: str, number: int) -> None:
    case = case_of(text)
    game = play(begun(case, seats.players(case), number=number))
    free = create(plan(case.crisis), 7, number)
    for _ in live(free):
        pass
    assert state_sha256(game.world) == state_sha256(free)
    assert game.world.log == free.log


@pytest.mark.parametrize(
    ("name", "who", "days"),
    [
        ("tutorial", ("vessara", "kelmark", "skippers", "staff"), 90),
        ("us-iran-2020", ("us", "iran", "iq", "iran.khamenei"), 60),
        ("quarantine", ("hadria", "corvia", "sarn", "compact"), 20),
    ],
)
def test_worked_cases_too(name: str, who: tuple[str, ...], days: int) -> None:
    case = offramp.load(name)
    for number in range(4):
        game = play(begun(case, who, days=days, number=number))
        free = create(plan(case.crisis), 7, number)
        for _ in live(free, days):
            pass
        assert state_sha256(game.world) == state_sha256(free)
        assert game.world.log == free.log


@QUICK
@given(crises())
def test_seats_of_the_model_are_no_seats(text: str) -> None:
    case = case_of(text)
    game = begun(case, tuple(f"{a}=model" for a in seats.players(case)))
    assert game.over
    free = create(plan(case.crisis), 7, 0)
    for _ in live(free):
        pass
    assert state_sha256(game.world) == state_sha256(free)


@QUICK
@given(crises())
def test_who_never_does_anything_does_nothing_but_what_is_dated(text: str) -> None:
    case = case_of(text)
    game = begun(case, tuple(f"{a}=nothing" for a in seats.players(case)))
    for h in game.world.log:
        event = game.world.plan.events[h.event]
        assert event.mover is None or event.event.as_choice or event.dates


def test_who_goes_by_the_premises_of_the_case_plays_as_the_model() -> None:
    """An author who changes nothing is the model: the same opening, draw and words."""
    case = offramp.load("tutorial")
    world = create(plan(case.crisis), 7, 3)
    same = seats.premises(plan(case.crisis), world)
    met = 0
    for day in range(90):
        world.day = day
        if day:
            tick(world)
        m = morning(world)
        for mind in world.plan.minds:
            for agenda in mind.agendas:
                deed = seats.model(world, m, agenda)
                assert same(world, m, agenda) == deed
                met += deed is not None
        daytime(world, m)
    assert met > 10


def test_an_author_s_premises_change_who_plays_by_them() -> None:
    case = offramp.load("tutorial")
    name = next(iter(case.assessments))
    ends = {
        held: [
            state_sha256(begun(case, (f"kelmark={held}", f"vessara={held}"), number=n).world)
            for n in range(30)
        ]
        for held in ("model", f"author:{name}")
    }
    assert ends["model"] != ends[f"author:{name}"]


# ---- the log -----------------------------------------------------------------------------


@QUICK
@given(crises(), st.randoms(use_true_random=False))
def test_a_game_replays_to_the_same_bytes(text: str, random: Random) -> None:
    def any_of(game: Game, ask: Ask) -> tuple[str, tuple[str, ...]]:
        if ask.consent:
            return random.choice(["yes", "no"]), ()
        option = random.choice([None, *ask.open])
        if option is None:
            return NOTHING, ()
        return option.event, tuple(w for w in option.words if random.random() < 0.5)

    case = case_of(text)
    game = play(begun(case, seats.players(case)), any_of)
    again = replayed(case, tuple(game.records))
    assert again.over
    assert state_sha256(again.world) == state_sha256(game.world)
    for record in game.records:
        if record["kind"] in ("choice", "consent"):
            assert 0.0 < record["p_model"] <= 1.0


def test_a_game_killed_anywhere_goes_on_to_the_same_end(tmp_path: Path) -> None:
    case = offramp.load("tutorial")
    whole = play(begun(case, ("vessara", "kelmark", "staff")), landing("yes"))
    told = tuple(whole.records)
    assert any(r["kind"] == "consent" for r in told)
    text = lines(told).encode()
    for cut in sorted({*range(len(lines(told[:1])), len(text), 997), len(text) - 1, len(text)}):
        path = tmp_path / f"{cut}.jsonl"
        path.write_bytes(text[:cut])
        log = Appended.taken_up(path)
        game = play(replayed(case, log.chain.records, log.append), landing("yes"))
        assert path.read_bytes() == text
        assert state_sha256(game.world) == state_sha256(whole.world)


def test_a_log_that_was_changed_is_found(tmp_path: Path) -> None:
    """Each byte; and with hashes made anew, whatever leads to another state."""
    case = offramp.load("tutorial")
    told = tuple(play(begun(case, ("vessara",), days=30), first_open).records)
    text = lines(told).encode()
    path = tmp_path / "game.jsonl"
    last = text.rindex(b"\n", 0, -1)  # nothing follows the last line, so nothing can hold it
    for place in range(0, last, 101):
        path.write_bytes(text[:place] + bytes([text[place] ^ 1]) + text[place + 1 :])
        with pytest.raises(Broken, match=r"game\.jsonl:\d+: |another version|holds no game"):
            read_chain(path)
    chosen = next(k for k, r in enumerate(told) if r["kind"] == "choice" and r["event"])
    for changed in (
        {**told[chosen], "event": "", "words": []},
        {**told[chosen], "p_model": told[chosen]["p_model"] / 2},
        {**told[chosen], "seat": "kelmark"},
        {k: v for k, v in told[chosen].items() if k != "event"},
    ):
        with pytest.raises(Broken, match="does not replay"):
            replayed(case, (*told[:chosen], changed, *told[chosen + 1 :]))
    with pytest.raises(Broken, match="does not replay"):
        replayed(case, (*told[:chosen], *told[chosen + 1 :]))
    other = case.with_crisis(replace(case.crisis, events=case.crisis.events[::-1]))
    with pytest.raises(Broken, match="another model"):
        replayed(other, told)


def test_the_chain_of_a_prefix_is_the_prefix_of_the_chain() -> None:
    told = tuple(play(begun(offramp.load("tutorial"), ("kelmark",), days=20)).records)
    chain = Chain()
    for k, record in enumerate(told):
        assert Chain(told, "").upto(k) == chain
        chain = chain.plus(record)


# ---- who may do what ---------------------------------------------------------------------


def test_what_cannot_be_done_is_refused_and_changes_nothing() -> None:
    game = begun(offramp.load("tutorial"), ("vessara", "kelmark"))
    ask = game.owes[0]
    closed = [o for o in ask.options if o.closed]
    assert closed
    before, kept = state_sha256(game.world), len(game.records)
    for deed in (closed[0].event, "swarm", "kelmark.blockades", "", "yes"):
        with pytest.raises(Mistake, match="open are"):
            game.answer(ask.id, deed)
    with pytest.raises(Mistake, match="owes no decision"):
        game.answer("league", NOTHING)
    with pytest.raises(Mistake, match="does not go along"):
        game.answer(ask.id, ask.open[0].event, ("swarm",))
    assert (state_sha256(game.world), len(game.records)) == (before, kept)
    game.answer(ask.id, NOTHING)
    again = ask.id
    if again not in {a.id for a in game.owes}:
        with pytest.raises(Mistake, match="owes no decision"):
            game.answer(again, NOTHING)


def test_a_decision_is_sealed_once_and_the_day_waits_for_the_last() -> None:
    """Two seats on one morning: the first learns nothing, and cannot take its choice back."""
    case = offramp.load("us-iran-2020")
    for number in range(20):
        game = begun(case, ("us", "iran"), days=60, number=number)
        while not game.over and len({a.seat for a in game.owes}) < 2:
            game.answer(game.owes[0].id, NOTHING)
        if not game.over:
            break
    first, other = game.owes[0], next(a for a in game.owes if a.seat != game.owes[0].seat)
    day, view = game.day, game.view(other.seat)
    game.answer(first.id, NOTHING)
    assert game.day == day
    assert game.view(other.seat) == view
    with pytest.raises(Mistake, match="owes no decision"):
        game.answer(first.id, first.open[0].event)


def test_who_is_asked_for_consent_is_asked_after_the_moves() -> None:
    case = offramp.load("tutorial")
    for answer in ("yes", "no"):
        game = play(begun(case, ("vessara", "staff")), landing(answer))
        asked = [r for r in game.records if r["kind"] == "consent"]
        assert asked
        assert {r["event"] for r in asked} == {"vessara.land"}
        landed = "vessara.land" in {
            game.world.plan.events[h.event].event.name for h in game.world.log
        }
        assert landed == (answer == "yes")
        told = [s for s in game.view("vessara").happened if s.how == sight.REFUSED]
        assert bool(told) == (answer == "no")
        assert {(s.event, s.by) for s in told} <= {("vessara.land", "staff")}


def test_closed_moves_say_why() -> None:
    case = offramp.load("tutorial")
    why: dict[str, set[str]] = {}
    for number in range(6):
        game = begun(case, ("vessara", "kelmark", "skippers"), number=number)
        while not game.over:
            ask = game.owes[0]
            for o in ask.options:
                if o.closed:
                    why.setdefault(o.closed, set()).add(o.event)
                    assert (o.until is None) == (o.closed in (ONCE, CONDITION))
                    assert o.until is None or o.until > game.world.day
                assert (game.odds(ask)[o.event] > 0.0) == (not o.closed)
            game.answer(ask.id, *first_open(game, ask))
    assert "kelmark.board" in why[PAUSING]
    assert "vessara.land" in why[CONDITION]
    assert {ONCE, UNDERWAY} & set(why)


def test_seats_that_cannot_be_taken() -> None:
    case = offramp.load("tutorial")
    for text, words in (
        ("league", "nobody plays"),
        ("kelmrak", "did you mean"),
        ("kelmark=sleeping", "a seat is held by"),
        ("kelmark=author:nobody", "no assessment"),
        ("kelmark=program:", "which program"),
        ("kelmark=nothing:much", "a seat is held by"),
    ):
        with pytest.raises(Mistake, match=words):
            seats.read_seats(case, (text,))
    with pytest.raises(Mistake, match="two seats"):
        seats.read_seats(case, ("kelmark", "kelmark=model"))
    for days, first, words in (
        (0, None, "1 to 90 days"),
        (91, None, "1 to 90"),
        (1, dt.date(2030, 1, 1), "no game begins"),
    ):
        with pytest.raises(Mistake, match=words):
            beginning(case, (), seed=1, number=0, first=first, days=days)


def test_a_later_morning_is_the_free_world_s() -> None:
    case = offramp.load("tutorial")
    begins = beginning(
        case,
        seats.read_seats(case, ("kelmark",)),
        seed=7,
        number=2,
        first=dt.date(2031, 5, 1),
        days=5,
    )
    game = play(Game(case, begins))
    free = create(plan(case.crisis), 7, 2)
    for _ in live(free, 35):
        pass
    assert state_sha256(game.world) == state_sha256(free)


# ---- what a seat sees --------------------------------------------------------------------


def hidden_changes(game: Game, actor: str) -> Iterator[str]:
    """Changes what a seat must not see, one thing after another; says what each is."""
    world, mind = game.world, game.minds[actor]
    own = {n for w in mind.actor.wants for n in named(w.value, "unknown")}
    own |= {
        n
        for e in game.case.crisis.events
        if e.by == actor and e.when is not None
        for n in named(e.when, "unknown")
    }
    for i, u in enumerate(game.case.crisis.unknowns):
        if u.name not in own:
            world.unknowns[i] += 0.01
            yield f"unknown {u.name}"
    for i in range(len(world.moods)):
        world.moods[i] += 1.0
        yield f"mood {i}"
    for learner in world.learners:
        if learner.opinion.holder != mind.index:
            learner.weights.reverse()
            yield f"belief {learner.opinion.index}"
    for i, state in enumerate(game.case.crisis.states):
        if i not in game._visible[actor]:
            world.s[i] += 0.001
            yield f"quantity {state.name}"
    world.dice = Dice(99, 12345)
    yield "dice"
    game.begins = replace(game.begins, seed=99, number=12345)
    yield "number of the world"
    for u in [u for u in world.underway if u.event.mover != mind.index]:
        world.underway.remove(u)
        yield "what others have under way"


def named(claim: object, what: str) -> set[str]:
    from offramp.language.expressions import Ref, SourcedValue, walk

    assert isinstance(claim, SourcedValue)
    return {p.name for p in walk(claim.expression) if isinstance(p, Ref) and p.what == what}


@pytest.mark.parametrize("name", ["tutorial", "us-iran-2020", "taiwan-1958", "quarantine"])
def test_worlds_that_differ_in_what_is_hidden_look_alike(name: str) -> None:
    """And whatever a seat does see, it sees."""
    case = offramp.load(name)
    for actor in seats.players(case):
        game = begun(case, (actor,), days=20)
        play(game, first_open, most=3)
        if game.over:
            continue
        before = copy.deepcopy(game.view(actor))
        changed = []
        for what in hidden_changes(game, actor):
            if what != "dice":  # openings are drawn; what is owed was asked before
                game._dawn.m = morning(game.world)
            assert game.view(actor) == before, f"{actor} sees {what}"
            changed.append(what.split()[0])
        assert {"unknown", "mood", "dice", "number"} <= set(changed)
        for i in game._visible[actor]:
            game.world.s[i] += 0.25
            game._dawn.m = morning(game.world)
            assert game.view(actor) != before
            game.world.s[i] -= 0.25


def test_nobody_is_told_who_did_what_nobody_claims() -> None:
    case = offramp.load("tutorial")
    seen = {}
    for number in range(12):
        game = begun(case, ("vessara", "kelmark", "skippers"), number=number)
        play(game, as_the_model)
        for actor in ("vessara", "kelmark", "skippers"):
            for s in game.view(actor).happened:
                if s.event == "cable_cut":
                    seen[actor] = s
    assert seen["skippers"].by == "skippers"
    assert seen["skippers"].how == sight.OWN
    assert not seen["skippers"].guilt
    assert seen["kelmark"].by == ""
    assert [n for n, _ in seen["kelmark"].guilt] == ["skippers", "vessara"]
    assert sum(p for _, p in seen["kelmark"].guilt) == pytest.approx(1.0)
    assert seen["vessara"].by == ""
    assert not seen["vessara"].guilt


def test_private_orders_are_seen_by_who_gives_them() -> None:
    case = offramp.load("tutorial")
    private = {e.name for e in case.crisis.events if e.private and not e.shown}
    own = set()
    for number in range(6):
        game = play(begun(case, ("vessara", "kelmark"), number=number))
        own |= {s.event for s in game.view("vessara").happened} & private
        assert not {s.event for s in game.view("kelmark").happened} & private
    assert own


def test_a_case_may_list_what_an_actor_sees() -> None:
    case = offramp.load("tutorial")
    text = case.texts.texts["crisis.yaml"].replace(
        "    foresight: 1 ~T39\n    weighs: [kelmark]",
        "    foresight: 1 ~T39\n    sees: [rung, boats]\n    weighs: [kelmark]",
    )
    crisis = read_crisis(text)[0]
    other = case.with_crisis(crisis)
    game = begun(other, ("vessara", "kelmark"), days=5)
    assert [r.name for r in game.view("vessara").readings] == ["rung", "boats"]
    assert len(game.view("kelmark").readings) > 5
    assert [a.sees for a in crisis.actors] == [("rung", "boats"), (), (), (), ()]


# ---- its probability ---------------------------------------------------------------------


def test_the_probability_of_a_deed_is_shared_out_over_the_words_that_may_go_along() -> None:
    case, met = offramp.load("us-iran-2020"), 0
    for number in range(3):
        game = begun(case, ("us", "iran"), days=40, number=number)
        while not game.over:
            ask = game.owes[0]
            odds = game.odds(ask)
            for o in ask.open:
                subsets = [
                    tuple(w for k, w in enumerate(o.words) if mask >> k & 1)
                    for mask in range(1 << len(o.words))
                ]
                each = [game._sealed(ask, o.event, words, {})["p_model"] for words in subsets]
                assert sum(each) == pytest.approx(odds[o.event])
                met += len(each) > 1
            assert sum(odds.values()) == pytest.approx(1.0)
            game.answer(ask.id, *as_the_model(game, ask))
    assert met


# ---- kept on disk, and in a terminal -----------------------------------------------------


def test_one_process_plays_a_game(tmp_path: Path) -> None:
    path = tmp_path / "games" / "one.jsonl"
    game = offramp.start_game("tutorial", ["kelmark"], world=3, days=60, path=path)
    with pytest.raises(Broken, match="another process"):
        offramp.take_up_game(path)
    with pytest.raises(FileExistsError):
        offramp.start_game("tutorial", ["kelmark"], path=path)
    first = game.owes[0]
    del game
    again = offramp.take_up_game(path)
    assert again.owes == (first,)
    assert again.begins.number == 3


def test_what_is_no_game_is_refused(tmp_path: Path) -> None:
    for content in (b"", b"{}\n", b"nonsense\n", b'{"kind":"begin","prev":""}\n', b"\xff\xfe\n"):
        path = tmp_path / "odd.jsonl"
        path.write_bytes(content)
        with pytest.raises(Broken, match=r"odd\.jsonl"):
            offramp.take_up_game(path)
    with pytest.raises(FileNotFoundError):
        offramp.take_up_game(tmp_path / "none.jsonl")
    with pytest.raises(OSError, match="a device"):
        offramp.take_up_game(Path("/dev/zero"))


def typed(folder: Path, words: str, *arguments: str) -> Result:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return CliRunner().invoke(main, ["play", *arguments], input=words)


def test_a_game_in_a_terminal_stops_and_goes_on(tmp_path: Path) -> None:
    new = ("tutorial", "--as", "kelmark", "--world", "3", "--days", "60")
    begun_ = typed(tmp_path, "1 to show resolve\nm\nq\n", *new)
    assert begun_.exit_code == 0
    assert "The game is kept in games/tutorial-1.jsonl" in begun_.output
    assert "Kelmark: Morning, 7 May 2031" in begun_.output
    assert "by The Skippers' League" in begun_.output
    assert "What it is worth to you" in begun_.output
    path = tmp_path / "games" / "tutorial-1.jsonl"
    choices = [r for r in read_chain(path).records if r["kind"] == "choice"]
    assert [(c["event"], c["why"]) for c in choices] == [("kelmark.board", "to show resolve")]
    sown = typed(tmp_path, "q\n", "--game", str(path), "--seed", "99")
    assert (sown.exit_code, "world and seed are settled" in sown.output) == (2, True)
    on = typed(tmp_path, f"x\n77\n{'9' * 5000}\n" + "0\n" * 60, "--game", str(path))
    assert on.exit_code == 0, on.output
    assert "7 May 2031: League boats boarded and held, by you" in on.output
    assert "A number from 0 to" in on.output
    assert "The game is over, 30 May 2031" in on.output
    assert "This was world 3 of seed 1." in on.output
    assert read_chain(path).records[-1]["kind"] == "end"
    assert (
        typed(tmp_path, "q\n", *new).output.count("The game is kept in games/tutorial-2.jsonl") == 1
    )


def test_two_persons_at_one_terminal_do_not_see_each_other_s_morning(tmp_path: Path) -> None:
    said = typed(
        tmp_path, "\n0\n" * 100, "tutorial", "--as", "kelmark", "--as", "vessara", "--world", "1"
    )
    assert said.exit_code == 0, said.output
    assert "Kelmark decides. Alone at the screen?" in said.output
    assert "Vessara decides. Alone at the screen?" in said.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "name a case to play"),
        (("tutorial",), "whom do you play"),
        (("tutorial", "--as", "kelmrak"), "did you mean 'kelmark'"),
        (("tutorial", "--as", "kelmark", "--seat", "kelmark=model"), "two seats"),
        (("tutorial", "--as", "kelmark", "--seat", "vessara=asleep"), "a seat is held by"),
        (("tutorial", "--as", "kelmark", "--days", "400"), "1 to 90 days"),
        (("tutorial", "--as", "kelmark", "--from", "2030-01-01"), "outside the crisis"),
        (("tutorial", "--as", "kelmark", "--from", "soon"), "not a date"),
        (("nope", "--as", "us"), "no case 'nope'"),
    ],
)
def test_a_game_that_cannot_begin_says_why(
    tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    said = typed(tmp_path, "", *arguments)
    assert said.exit_code in (1, 2)
    assert words in said.output
    assert not (tmp_path / "games").exists()


# ---- the facilitator ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "do",
    [
        {"rate": {"fog": "6 ? a bad spring"}},
        {"force": {"fog": ["2031-05-02"]}},
        {"hold": {"trade": "1 ? a quiet market"}},
        {"never": ["cable_cut"]},
    ],
)
def test_an_edit_before_anything_was_decided_is_the_edited_case(do: dict[str, Any]) -> None:
    """On the first morning: the worlds of the edited crisis."""
    case = offramp.load("tutorial")
    number = next(n for n in range(200) if begun(case, ("kelmark",), number=n).world.day == 0)
    game = begun(case, ("kelmark",), number=number)
    game.inject(do)
    play(game)
    free = create(plan(offramp.edit(case, do).crisis), 7, number)
    for _ in live(free):
        pass
    assert state_sha256(game.world) == state_sha256(free)
    assert game.world.log == free.log
    again = replayed(case, tuple(game.records))
    assert state_sha256(again.world) == state_sha256(game.world)


def test_an_edit_in_the_middle_holds_from_then_on() -> None:
    case = offramp.load("tutorial")
    game = begun(case, ("kelmark", "vessara"), number=3)
    while game.world.day < 20 or len(game.owes) > 1:
        game.answer(game.owes[0].id, *as_the_model(game, game.owes[0]))
    day = game.world.day
    game.inject({"never": ["swarm"], "hold": {"trade": ".5 ? a blockade elsewhere"}})
    assert {r.name: r.value for r in game.view("kelmark").readings}["trade"] == 0.5
    play(game)
    later = [h for h in game.world.log if h.day >= day]
    assert later
    assert "swarm" not in {game.world.plan.events[h.event].event.name for h in later}
    assert {r.name: r.value for r in game.view("kelmark").readings}["trade"] == 0.5
    assert [r["kind"] for r in game.records].count("inject") == 1
    assert state_sha256(replayed(case, tuple(game.records)).world) == state_sha256(game.world)


def test_what_cannot_be_injected_is_refused_and_changes_nothing() -> None:
    case = offramp.load("tutorial")
    game = begun(case, ("kelmark", "vessara"), number=3)
    while len(game.owes) < 2 or game.world.day == 0:
        game.answer(game.owes[0].id, *as_the_model(game, game.owes[0]))
    state, kept = state_sha256(game.world), len(game.records)
    refused: list[tuple[dict[str, Any], str]] = [
        ({}, "in the middle of a game"),
        ({"set": {"tempo": "1 ? no"}}, "in the middle of a game"),
        ({"from": "2031-05-01", "never": ["swarm"]}, "in the middle of a game"),
        ({"force": {"swarm": ["2031-04-01"]}}, "is over"),
    ]
    for do, words in refused:
        with pytest.raises(Mistake, match=words):
            game.inject(do)
    with pytest.raises(CaseError, match="swram"):
        game.inject({"never": ["swram"]})
    game.answer(game.owes[0].id, NOTHING)
    with pytest.raises(Mistake, match="somebody has decided"):
        game.inject({"never": ["swarm"]})
    assert (state_sha256(game.world), len(game.records)) == (state, kept + 1)
    play(game)
    with pytest.raises(Mistake, match="is over"):
        game.inject({"never": ["swarm"]})


def test_a_branch_goes_on_from_a_morning_and_leaves_the_old_game(tmp_path: Path) -> None:
    old, new = tmp_path / "old.jsonl", tmp_path / "new.jsonl"
    seats_ = ["kelmark", "vessara"]
    game = offramp.start_game("tutorial", seats_, seed=7, world=3, path=old)
    play(game, first_open)
    content = old.read_bytes()
    days = [r["day"] for r in read_chain(old).records if r["kind"] == "choice"]
    on = game.case.crisis.first + dt.timedelta(days[len(days) // 2])
    branch = offramp.branch_game(old, on, new)
    assert branch.day == on
    assert old.read_bytes() == content
    play(branch, lambda g, a: ("no" if a.consent else NOTHING, ()))
    assert state_sha256(branch.world) != state_sha256(game.world)
    told = read_chain(new).records
    assert [r["kind"] for r in told].count("branch") == 1
    assert state_sha256(replayed(game.case, told).world) == state_sha256(branch.world)
    del branch
    assert offramp.take_up_game(new).over
    with pytest.raises(FileExistsError):
        offramp.branch_game(old, on, new)
    short = tmp_path / "short.jsonl"
    held = offramp.start_game("tutorial", ["kelmark"], seed=7, world=3, path=short)
    with pytest.raises(Broken, match="has not come to"):
        offramp.branch_game(short, "2031-06-20", tmp_path / "none.jsonl")
    assert not held.over
    assert not (tmp_path / "none.jsonl").exists()


# ---- what an attack found ----------------------------------------------------------------


def test_presets_answer_for_themselves_when_they_are_asked_for_consent() -> None:
    case = offramp.load("tutorial")

    def landed(held: str) -> int:
        found = 0
        for number in range(12):
            game = play(begun(case, ("vessara", f"staff={held}"), number=number), landing("yes"))
            names = [game.world.plan.events[h.event].event.name for h in game.world.log]
            found += "vessara.land" in names
        return found

    assert landed("nothing") == 0
    assert landed("model") > 0


def test_nobody_reads_another_s_suspicion_off_a_quantity() -> None:
    """Kelmark's grievance moves by whom it suspects of the cable, so Vessara is not shown it."""
    case = offramp.load("tutorial")
    game = begun(case, ("vessara", "kelmark"), days=5)
    assert "kelmark.grievance" not in {r.name for r in game.view("vessara").readings}
    assert "kelmark.grievance" in {r.name for r in game.view("kelmark").readings}


def test_logs_that_are_well_chained_and_odd_are_told_in_words() -> None:
    case = offramp.load("tutorial")
    told = tuple(play(begun(case, ("kelmark",), days=40), first_open).records)
    chosen = next(k for k, r in enumerate(told) if r["kind"] == "choice")
    first = told[0]
    for changed in (
        {**first, "world": "7"},
        {**first, "world": 7.0},
        {**first, "seed": [1]},
        {**first, "seats": [{"actor": "nobody", "held": "person", "by": ""}]},
        {**first, "seats": [{"actor": "kelmark", "held": "rubbish", "by": ""}]},
        {**first, "last": "2030-01-01"},
        {**first, "model_sha256": 3},
    ):
        with pytest.raises(Broken):
            replayed(case, (changed, *told[1:]))
    for odd in ({"words": None}, {"event": []}, {"seat": []}, {"about": None}):
        with pytest.raises(Broken):
            replayed(case, (*told[:chosen], {**told[chosen], **odd}, *told[chosen + 1 :]))
    with pytest.raises(Broken):
        replayed(case, (first, {"kind": "inject", "day": 0}, *told[1:]))


def test_halves_of_characters_are_no_traceback(tmp_path: Path) -> None:
    path = tmp_path / "g.jsonl"
    game = offramp.start_game("tutorial", ["kelmark"], world=7, path=path)
    game.answer(game.owes[0].id, NOTHING, why="a \ud800 half")
    assert read_chain(path).records[-2]["kind"] in ("choice", "day")
    del game
    path.write_bytes(path.read_bytes() + b"[" * 60_000 + b"\n")
    with pytest.raises(Broken, match="no record of a game"):
        offramp.take_up_game(path)


def test_numbers_of_worlds_are_whole_and_nothing_is_left_where_a_game_cannot_begin(
    tmp_path: Path,
) -> None:
    for arguments in ({"world": "x"}, {"world": -1}, {"world": 1.5}, {"seed": -1}, {"seed": True}):
        with pytest.raises(Mistake, match="whole number"):
            offramp.start_game(  # type: ignore[arg-type]
                "tutorial", ["kelmark"], path=tmp_path / "none.jsonl", **arguments
            )
    with pytest.raises(Mistake, match="no command"):
        offramp.start_game("tutorial", ["kelmark=program:'"], path=tmp_path / "none.jsonl")
    assert not (tmp_path / "none.jsonl").exists()
    game = begun(offramp.load("tutorial"), ("kelmark",))
    for do in (None, {"force": {"fog": dt.date(2031, 5, 1)}}, {"rate": {"fog": float("nan")}}):
        with pytest.raises(Mistake):
            game.inject(do)  # type: ignore[arg-type]


def told_to(game: Game, actor: str) -> list[str]:
    says = Told(game.case)
    return [says.happened(s) for s in game.view(actor).happened]


def test_a_seat_is_told_who_decided_what_is_its_own() -> None:
    """Itself, the calendar, who runs the game, or who answered in its place."""
    case = offramp.load("tutorial")
    game = play(begun(case, ("vessara",), number=4), first_open, most=2)
    assert any(said.endswith(", by you") for said in told_to(game, "vessara"))
    game.inject({"force": {"vessara.let_loose": f"{game.day.isoformat()} ? to see"}})
    day = game.day
    late = "the model: the clock had run out"
    while game.day < dt.date(2031, 4, 25):
        ask = game.owes[0]
        deed = "nothing" if game.day == day or ask.consent else ask.open[0].event
        game.answer(ask.id, deed, by=late)
    told = "\n".join(told_to(game, "vessara"))
    assert f"nothing; decided for you by {late}" in told
    assert f", decided for you by {late}" in told
    assert "(brought about by who runs the game), in your name" in told
    assert "20 Apr 2031: Vessara's exit from the Fisheries Accord: the step that falls due" in told
    assert "(fixed by the calendar), in your name" in told
    again = replayed(case, tuple(game.records))
    assert told_to(again, "vessara") == told_to(game, "vessara")


def test_a_forced_move_is_not_the_calendar_s_and_one_that_never_comes_cannot_be_done() -> None:
    case = offramp.load("tutorial")
    game = begun(case, ("kelmark", "vessara"), number=4)
    while game.day < dt.date(2031, 4, 10) or not game.untouched:
        play(game, first_open, most=1)
    day = game.day
    game.inject({"never": ["kelmark.board"], "force": {"vessara.inspect": f"{day} ? to see"}})
    barred = {o.event: o for a in game.owes if a.seat == "kelmark" for o in a.options if o.closed}
    if "kelmark.board" in barred:
        assert Told(game.case).barred(barred["kelmark.board"]) == "it cannot be done"
    while not game.over and game.day == day:
        game.answer(game.owes[0].id, "no" if game.owes[0].consent else "nothing")
    own = next(x for x in told_to(game, "vessara") if "freighters" in x)
    others = next(x for x in told_to(game, "kelmark") if "freighters" in x)
    assert own.endswith("searched (brought about by who runs the game), in your name")
    assert others.endswith("searched, by Vessara")  # of what is another's, what comes of it alone
    for do in ({"never": []}, {}):
        with pytest.raises(Mistake):
            game.inject(do)


def test_a_move_that_was_on_its_way_is_who_ordered_it() -> None:
    case = offramp.load("tutorial")
    for number in range(40):
        game = begun(case, ("kelmark",), number=number)
        while not game.over and not game.view("kelmark").coming:
            ask = game.owes[0]
            open_ = [o.event for o in ask.open]
            game.answer(
                ask.id, "kelmark.send_ships" if "kelmark.send_ships" in open_ else "nothing"
            )
        if game.view("kelmark").coming:
            break
    arrives = game.view("kelmark").coming[0].arrives
    while not game.over and game.world.day <= arrives:
        game.answer(game.owes[0].id, "no" if game.owes[0].consent else "nothing", by="the model")
    said = [s for s in told_to(game, "kelmark") if "More ships sent" in s]
    assert said
    assert all(s.endswith(", by you") for s in said)


def test_an_actor_is_named_by_its_title_too() -> None:
    case = offramp.load("tutorial")
    (seat,) = seats.read_seats(case, ["the skippers' league=nothing"])
    assert (seat.actor, seat.held) == ("skippers", "nothing")

"""Games side by side are worlds of the reference interpreter in which somebody else chooses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from crises import crises
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from test_blocks import needs_numba, slowly
from test_native import by_native_code

from offramp.case.case import load, read_crisis
from offramp.engine.blocks import games
from offramp.engine.blocks.days import Writer, branch_codes
from offramp.engine.blocks.games import MODEL, NO_MOVE, Evening, Games, Morning, seated
from offramp.engine.blocks.graph import Node
from offramp.engine.choice import Mindset
from offramp.engine.plan import Agenda, Occurrence, Plan, plan
from offramp.engine.world import (
    Decision,
    World,
    accepted,
    chooses,
    create,
    dated,
    daytime,
    evening,
    morning,
    opening,
    said_with,
    tick,
)
from offramp.errors import Mistake

pytestmark = needs_numba
Choices = NDArray[np.int64]
Chooser = Callable[[Morning], Choices]


# ---- the same by the reference interpreter -------------------------------------------------------


def has_opening(world: World, m: Mindset, agenda: Agenda) -> bool:
    if dated(world, m, agenda) is not None:
        return False
    return world.dice.uniform(f"opening {agenda.dice}", world.day) < opening(m, agenda)


def given_or_drawn(world: World, m: Mindset, agenda: Agenda, choice: int) -> Occurrence | None:
    """What is done about an agenda: `world.chooses`, with the choice in the place of its draw."""
    if choice == MODEL or not has_opening(world, m, agenda):
        return chooses(world, m, agenda)
    if choice == NO_MOVE:
        return None
    event = world.plan.events[agenda.moves[choice - 1]]
    return event if all(accepted(world, m, event, actor) for actor in event.consent) else None


def decisions(world: World, m: Mindset, choices: dict[int, int]) -> Iterator[Decision]:
    """As `world.chosen`, with choices by agenda."""
    for mind in world.plan.minds:
        for agenda in mind.agendas:
            event = given_or_drawn(world, m, agenda, choices.get(agenda.index, MODEL))
            if event is not None:
                yield Decision(agenda, event, said_with(world, m, event))


def follows(
    many: Games, number: int, seed: int, lived: list[tuple[Morning, Choices, Evening]], row: int
) -> bool:
    """Whether a game is that of the reference interpreter, to the last bit. The sign of a zero may
    differ (`Graph.total`), and comes back as +."""
    laid = many.plan
    world = create(laid, seed, number)
    readings = range(len(laid.quantities), len(laid.quantities) + len(laid.gauges))
    read = [evening(world, k, lived=False) for k in readings]
    for seen, choices, left in lived:
        world.day = seen.day
        if world.day > 0:
            tick(world)
        m, before = morning(world), len(world.log)
        same = [
            seen.quantities[row].tolist() == m.now.s,
            seen.readings[row].tolist() == read,
        ]
        for k, agenda in enumerate(many.agendas):
            policy = m.choice(agenda, world.moods[agenda.mind])
            same += [
                seen.policy[row, k, 1 : len(policy) + 1].tolist() == policy,
                not seen.policy[row, k, len(policy) + 1 :].any(),
                seen.policy[row, k, 0] == max(0.0, 1.0 - sum(policy)),
                bool(seen.openings[row, k]) == has_opening(world, m, agenda),
            ]
        own = {a.index: int(c) for a, c in zip(many.agendas, choices[row], strict=True)}
        daytime(world, m, lambda w, x, own=own: decisions(w, x, own))  # type: ignore[misc]
        codes = [branch_codes(e) for e in laid.events]
        log = np.zeros(len(laid.events), np.uint8)
        for entry in world.log[before:]:
            log[entry.event] = 1 + codes[entry.event].get(entry.outcome, 0)
        same += [
            left.happened[row].tobytes() == log.tobytes(),
            (left.quantities[row] + 0.0).tobytes() == (np.array(world.s) + 0.0).tobytes(),
        ]
        read = [evening(world, k) for k in readings]
        same.append(left.readings[row].tobytes() == np.array(read).tobytes())
        for learner, believed in zip(world.learners, left.beliefs, strict=True):
            same.append(believed[row].tobytes() == np.array(learner.weights).tobytes())
        if not all(same):
            return False
    return True


def played(many: Games, choose: Chooser, days: int) -> list[tuple[Morning, Choices, Evening]]:
    out = []
    for _ in range(days):
        seen = many.morning()
        choices = choose(seen)
        out.append((seen, choices, many.day(choices)))
    return out


def by_the_model(seen: Morning) -> Choices:
    return np.full(seen.openings.shape, MODEL)


def at_random(seed: int) -> Chooser:
    """At openings any choice of the mask, or the model's; where there is none, anything at all."""
    dice = np.random.default_rng(seed)

    def choose(seen: Morning) -> Choices:
        some = dice.integers(-9, 99, seen.openings.shape)
        for row, k in np.argwhere(seen.openings):
            some[row, k] = dice.choice([MODEL, *np.flatnonzero(seen.mask[row, k])])
        return some

    return choose


def with_moves(laid: Plan) -> list[str]:
    return [m.actor.name for m in laid.minds if any(a.moves for a in m.agendas)]


def laid_out(text: str) -> Plan:
    """With what a learner would be rewarded by."""
    crisis = read_crisis(text)[0]
    readings = [f"worth({a.name})" for a in crisis.actors]
    move = next(e for e in crisis.events if e.by == crisis.actors[0].name)
    readings += [f"inclines({move.by}, {move.name})", "votes(ballot, yes)"]
    return plan(replace(crisis, readings=tuple(readings)))


SEEDS = st.integers(0, 2**63 - 1)


@settings(slowly, max_examples=40)
@given(crises(), SEEDS, st.data())
def test_without_choices_the_worlds_are_the_free_ones(
    text: str, seed: int, data: st.DataObject
) -> None:
    laid = laid_out(text)
    seats = data.draw(st.lists(st.sampled_from(with_moves(laid)), unique=True))
    many = Games(laid, seats, seed, range(3))
    lived = played(many, by_the_model, laid.crisis.days)
    assert all(follows(many, k, seed, lived, k) for k in range(3))


@settings(slowly, max_examples=60)
@given(crises(), SEEDS, st.data())
def test_random_choices_are_those_of_the_reference_interpreter(
    text: str, seed: int, data: st.DataObject
) -> None:
    laid = laid_out(text)
    seats = data.draw(st.lists(st.sampled_from(with_moves(laid)), unique=True, min_size=1))
    many = Games(laid, seats, seed, range(4))
    lived = played(many, at_random(seed), laid.crisis.days)
    assert all(follows(many, k, seed, lived, k) for k in range(4))


@pytest.mark.parametrize("choose", [by_the_model, at_random(5)])
@pytest.mark.parametrize(
    ("name", "seats"),
    [
        ("tutorial", ("kelmark", "vessara")),
        ("quarantine", None),
        ("us-iran-2020", ("us", "iran")),
        ("us-iran-2020", None),
    ],
)
def test_the_shipped_cases_too(name: str, seats: tuple[str, ...] | None, choose: Chooser) -> None:
    """Seats of two, and of all who have moves."""
    laid = plan(load(name).crisis)
    many = Games(laid, seats or with_moves(laid), 7, (0, 3))
    lived = played(many, choose, 60)
    assert all(follows(many, number, 7, lived, k) for k, number in enumerate((0, 3)))


# ---- what is wrong is found ----------------------------------------------------------------------


def without_an_opening(
    self: Writer,
    name: str,
    outputs: list[tuple[int, Node]],
    slot: int | None = None,
    value: int = 0,
    days: tuple[int, ...] = (),
) -> None:
    where = None if name.endswith(" chooses") else slot
    Writer.section(self, name, outputs, where, value, days)


def nobody_is_asked(self: Writer, event: Occurrence, slot: int, value: int) -> None:
    """No section."""


def not_heard(self: Any, agenda: Agenda) -> tuple[Node, ...]:
    return Writer.own_policy(self, agenda)


WRONG = {
    "section": without_an_opening,
    "consent": nobody_is_asked,
    "own_policy": not_heard,
}


@pytest.mark.parametrize("broken", [None, *WRONG])
def test_games_by_other_rules_are_told_apart(
    broken: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Choices without an opening, without consent, or not heard; and, of the rules as they are,
    that the same look finds nothing."""
    if broken:
        monkeypatch.setattr(games._Writer, broken, WRONG[broken])
    laid = plan(load("tutorial").crisis)
    many = Games(laid, with_moves(laid), 5, range(6))
    lived = played(many, at_random(1), 60)
    assert all(follows(many, k, 5, lived, k) for k in range(6)) == (broken is None)


# ---- no division of the work, and no compiling, changes a bit ------------------------------------


def bytes_of(many: Games, lived: Sequence[tuple[Morning, Choices, Evening]]) -> list[bytes]:
    """A game's days, one by one."""
    return [
        b"".join(
            part.tobytes()
            for seen, _, left in lived
            for part in (
                seen.openings[row],
                seen.policy[row],
                seen.mask[row],
                seen.quantities[row],
                left.happened[row],
                left.quantities[row],
                left.readings[row],
                *(believed[row] for believed in left.beliefs),
            )
        )
        for row in range(many.count)
    ]


def first_of_the_mask(seen: Morning) -> Choices:
    """By what the game shows alone: its first move where it has one, on every other day."""
    moves = seen.mask[:, :, 1:]
    return np.where(moves.any(axis=2), moves.argmax(axis=2) + 1, seen.day % 2 - 1)


@settings(slowly, max_examples=10)
@given(crises(), st.integers(1, 70))
def test_no_division_of_the_games_changes_a_bit(text: str, block: int) -> None:
    laid = laid_out(text)
    many = Games(laid, with_moves(laid), 3, range(150))
    whole = bytes_of(many, played(many, first_of_the_mask, laid.crisis.days))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(games, "BLOCK", block)
        parts = Games(laid, with_moves(laid), 3, range(40, 150))
        assert bytes_of(parts, played(parts, first_of_the_mask, laid.crisis.days)) == whole[40:]
    many.begin(3, range(2))  # again, after the last day
    assert bytes_of(many, played(many, first_of_the_mask, laid.crisis.days)) == whole[:2]


def by_native(many: Games) -> None:
    for half in (many.seated.morning, many.seated.evening):
        tier = by_native_code(half)
        assert np.all(tier.native.sections[:, 0] >= 0)


def same_by_native(laid: Plan, days: int) -> None:
    many, fast = (Games(laid, with_moves(laid), 3, range(130)) for _ in range(2))
    by_native(fast)
    expected = bytes_of(many, played(many, at_random(1), days))
    assert bytes_of(fast, played(fast, at_random(1), days)) == expected


@settings(slowly, max_examples=4)
@given(crises())
def test_native_code_plays_the_same_games(text: str) -> None:
    laid = laid_out(text)
    same_by_native(laid, laid.crisis.days)


def test_native_code_plays_the_tutorial_too() -> None:
    same_by_native(plan(load("tutorial").crisis), 60)


# ---- how it is asked -----------------------------------------------------------------------------


def tutorial(numbers: range = range(3)) -> Games:
    return Games(plan(load("tutorial").crisis), ("vessara", "kelmark"), 1, numbers)


def test_a_choice_is_what_happens() -> None:
    """Where one may move, one moves; where one does nothing, none of one's moves happens."""
    laid = plan(load("quarantine").crisis)
    many = Games(laid, with_moves(laid), 1, range(50))
    moves = [e for a in many.agendas for e in a.moves]
    for _ in range(20):
        seen = many.morning()
        left = many.day(np.zeros(seen.openings.shape, int))
        assert seen.openings.any()
        assert not left.happened[:, moves].any()


def test_a_look_at_the_morning_changes_nothing() -> None:
    a, b = tutorial(), tutorial()
    for _ in range(5):
        a.morning()
        assert a.morning() == a.morning()
        assert a.day(by_the_model(a.morning())) == b.day(np.full((3, 2), MODEL))


def test_values_cannot_be_written_on() -> None:
    many = tutorial()
    seen = many.morning()
    left = many.day(by_the_model(seen))
    for array in (seen.openings, seen.policy, seen.mask, seen.quantities, left.happened):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_agendas_are_in_the_order_of_the_seats() -> None:
    laid = plan(load("quarantine").crisis)
    titles = [a.title for a in seated(laid, ("corvia", "hadria")).agendas]
    assert titles == ["corvia trade", "corvia word", "hadria force", "hadria word"]


@pytest.mark.parametrize(
    ("seats", "said"),
    [
        (("vesara",), "'vesara' is no actor of this crisis: did you mean 'vessara'"),
        (("staff",), "'staff' has no moves to choose from: actors with moves: kelmark, skippers"),
        (("kelmark", "kelmark"), "named twice"),
    ],
)
def test_a_seat_that_cannot_be_played(seats: tuple[str, ...], said: str) -> None:
    with pytest.raises(Mistake, match=said) as raised:
        Games(plan(load("tutorial").crisis), seats, 1, range(2))
    assert raised.value.argument == "seats"


def test_choices_that_cannot_be_made_leave_the_games_as_they_are() -> None:
    many, other = tutorial(range(64)), tutorial(range(64))
    free = by_the_model(many.morning())
    while not (many.morning().openings[:, 1] & ~many.morning().mask[:, 1, 1:6].all(1)).any():
        many.day(free)
        other.day(free)
    seen = many.morning()
    row = int(np.argmax(seen.openings[:, 1] & ~seen.mask[:, 1, 1:6].all(1)))
    closed = int(np.argmin(seen.mask[row, 1]))
    for choice, said in ((closed, "can, and -1"), (7, "0, "), (-2, "cannot be chosen")):
        wrong = free.copy()
        wrong[row, 1] = choice
        with pytest.raises(
            Mistake, match=f"game {row}, kelmark, day {many.today}: {choice} .*{said}"
        ):
            many.day(wrong)
    for shaped in (free[:1], free.astype(float), free[:, 0], free > 0):
        with pytest.raises(Mistake, match="whole numbers, 64 games by 2 agendas"):
            many.day(shaped)
    assert many.day(free) == other.day(free)


def test_games_end_with_the_crisis() -> None:
    many = tutorial(range(1))
    free = by_the_model(many.morning())
    while not many.over:
        last = many.day(free)
    assert last.day == many.plan.crisis.days - 1
    for again in (many.morning, lambda: many.day(free)):
        with pytest.raises(Mistake, match="these games are over"):
            again()
    many.begin(1, range(2))
    assert many.morning().day == 0
    assert many.morning().openings.shape == (2, 2)


def test_a_crisis_without_seats() -> None:
    """Nobody is played: the free worlds, of which nothing is asked."""
    many = Games(plan(load("tutorial").crisis), (), 1, range(5))
    assert many.morning().policy.shape == (5, 0, 1)
    assert many.day(np.zeros((5, 0), int)).happened.shape == (5, len(many.plan.events))

"""A game beside the model's own: as many games, lived one by one by the interpreter."""

from __future__ import annotations

import copy
import datetime as dt

import numpy as np
import pytest
from test_blocks import needs_numba
from test_play import Recorded, begun, first_open, play
from test_review import looked

import offramp
from offramp.engine.choice import Moment
from offramp.engine.noise import Dice
from offramp.engine.plan import plan
from offramp.engine.world import create, live, one_day
from offramp.play.ahead import seed_after
from offramp.play.game import Beginning, beginning
from offramp.play.rank import ranks
from offramp.play.review import ranked, review
from offramp.play.seats import read_seats
from offramp.play.sight import countable

pytestmark = needs_numba

CASE = offramp.load("tutorial")


def by_the_interpreter(begins: Beginning, days: int, actor: str, worlds: int) -> list[float]:
    """The change of what an actor's wants are worth, game by game."""
    laid, start = plan(CASE.crisis), (begins.first - CASE.crisis.first).days
    world = create(laid, begins.seed, begins.number)
    for _ in live(world, start):
        pass
    mind = next(m for m in laid.minds if m.actor.name == actor)

    def worth(s: list[float], day: int) -> float:
        moment = Moment(float(day), [])
        return sum(float(t.value(s, world.unknowns, moment)) for t in countable(mind))

    found = []
    for n in range(worlds):
        own = copy.deepcopy(world)
        own.dice = Dice(seed_after(begins, start - 1), n)
        for day in range(start, start + days):
            own.day = day
            one_day(own)
        found.append(worth(own.s, start + days - 1) - worth(world.s, start))
    return found


@pytest.mark.parametrize("first", [dt.date(2031, 4, 1), dt.date(2031, 4, 12)])
@pytest.mark.parametrize("actor", ["kelmark", "vessara"])
def test_the_model_s_games_are_those_of_the_interpreter(first: dt.date, actor: str) -> None:
    begins = beginning(CASE, read_seats(CASE, ("kelmark",)), seed=7, number=3, first=first, days=30)
    model = by_the_interpreter(begins, 30, actor, 40)
    for change in (min(model) - 1.0, float(np.median(model)), model[0], max(model) + 1.0):
        (rank,) = ranks(CASE, begins, 30, {actor: change}, 40)
        assert rank.mean == pytest.approx(np.mean(model))
        assert rank.sd == pytest.approx(np.std(model))
        less = sum(x < change - 1e-9 for x in model)
        same = sum(abs(x - change) <= 1e-9 for x in model)
        assert rank.below == pytest.approx((less + same / 2) / 40)
        assert rank.mc_error > 0.0
    assert np.std(model) > 0.0


def test_a_review_ranks_by_the_days_that_were_played() -> None:
    game = begun(CASE, ("kelmark",), days=40, number=4)
    play(game, first_open, most=6)
    r = ranked(CASE, looked(game), 20)
    assert 0 < r.days < 40
    rank = r.rank("kelmark")
    assert rank is not None
    assert rank.mean == pytest.approx(
        np.mean(by_the_interpreter(game.begins, r.days, "kelmark", 20))
    )
    assert {k.actor for k in r.ranks} == {w.actor for w in r.worth if w.author == "case"}


def test_who_plays_as_the_model_comes_out_anywhere_among_its_games() -> None:
    """Ranks of games that the model plays are uniform: their mean is a half, with a sd of
    1/sqrt(12 n), whatever the world."""
    found = []
    for number in range(48):
        begins = beginning(CASE, read_seats(CASE, ("kelmark",)), seed=11, number=number, days=30)
        model = by_the_interpreter(begins, 30, "kelmark", 1)
        (rank,) = ranks(CASE, begins, 30, {"kelmark": model[0]}, 64)
        found.append((rank.below * 64 - 0.5) / 63)  # without itself, which ties
    assert abs(np.mean(found) - 0.5) < 3.5 / np.sqrt(12 * len(found))
    assert min(found) < 0.1 < 0.9 < max(found)


def test_a_crisis_that_was_changed_has_no_rank() -> None:
    game: Recorded = begun(CASE, ("kelmark",), days=40, number=4)
    play(game, first_open, most=3)
    game.inject({"never": ["kelmark.blockade"]})
    play(game, first_open)
    r = ranked(CASE, review(CASE, tuple(game.records)), 20)
    assert r.worth
    assert r.ranks == ()

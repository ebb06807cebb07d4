"""What would have come of another decision is what the interpreter lives of it, one by one."""

from __future__ import annotations

import copy
import datetime as dt
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from test_blocks import needs_numba
from test_play import Recorded, begun, first_open, play
from test_review import looked

import offramp
from offramp.answers.forecast import in_each, watches
from offramp.engine.choice import Moment
from offramp.engine.monitors import NAMES, Monitor
from offramp.engine.noise import Dice
from offramp.engine.plan import plan
from offramp.engine.run import RunSpec, run_chunk
from offramp.engine.world import Happening, evening, one_day
from offramp.errors import Mistake
from offramp.play.ahead import seed_after
from offramp.play.game import Game, told
from offramp.play.instead import instead, joined, later, so_far
from offramp.play.review import review
from offramp.play.sight import countable


def by_the_interpreter(
    game: Recorded, decision: int, other: str, worlds: int
) -> tuple[list[float], list[list[float]]]:
    """The worth and the answers of one arm, world by world, each lived whole."""
    case, begins = game.case, game.begins
    decided = [r for r in game.records if r["kind"] in ("choice", "consent")]
    day = decided[decision]["day"]
    short = replace(begins, last=case.crisis.first + dt.timedelta(day))
    _, monitors = watches(case, case.crisis.first)
    quantities = sorted({m.quantity for m in monitors if m.quantity is not None})
    arm = Game(case, short, watched=quantities)
    for k, r in enumerate(decided[: decision + 1]):
        ask, deed, words = told(r)
        arm.answer(ask, other if k == decision else deed, None if k == decision else words)
    while not arm.over:
        again = {told(r)[0]: told(r) for r in decided if r["day"] == day}
        arm.answer(*again.get(arm.owes[0].id, (arm.owes[0].id, *arm.stand_in(arm.owes[0]))))
    mind, last = arm.minds[decided[decision]["seat"]], (begins.last - case.crisis.first).days
    worth, answers = [], []
    for n in range(worlds):
        world = copy.deepcopy(arm.world)
        world.dice = Dice(seed_after(begins, day), n)
        series = {q: list(values) for q, values in arm.series.items()}
        for d in range(day + 1, last + 1):
            world.day = d
            one_day(world)
            for q, values in series.items():
                values.append(evening(world, q))
        moment = Moment(float(last), [])
        worth.append(sum(float(t.value(world.s, world.unknowns, moment)) for t in countable(mind)))
        answers.append(
            [
                m.of_log(world.log)
                if m.quantity is None
                else m.of_series(arm.starts[m.quantity], series[m.quantity])
                for m in monitors
            ]
        )
    return worth, answers


@needs_numba
@pytest.mark.parametrize("number", [2, 4])
def test_other_decisions_come_to_what_the_interpreter_lives(number: int) -> None:
    game = play(begun(offramp.load("tutorial"), ("vessara", "kelmark", "staff"), number=number))
    laid, r = plan(game.case.crisis), looked(game)
    asked, monitors = watches(game.case, game.case.crisis.first)
    met = 0
    for k, d in list(enumerate(r.decided))[:: max(1, len(r.decided) // 6)]:
        if d.day >= 88 or not d.second:
            continue
        made = "yes" if d.consent and d.yes else "no" if d.consent else d.event or "nothing"
        found = instead(game.case, game.records, k, d.second, 12)
        for side, deed in (("made", made), ("other", d.second)):
            if side == "made" and d.words:
                continue
            worth, rows = by_the_interpreter(game, k, deed, 12)
            assert getattr(found.worth, side) == pytest.approx(np.mean(worth))
            one = run_chunk(laid, RunSpec(game.case.crisis, monitors, 7), range(1))
            unknowns, numbers = np.zeros((12, len(laid.priors))), tuple(range(12))
            whole = replace(one, atoms=np.array(rows), unknowns=unknowns, numbers=numbers)
            for c in found.answers:
                w = next(w for w in asked if w.question.id == c.what)
                values = in_each(laid, w, whole)[1]
                assert getattr(c, side) == pytest.approx((values != 0.0).mean()), c.what
                met += 1
    assert met > 30


@needs_numba
def test_the_same_decision_in_its_own_place_changes_nothing() -> None:
    game = play(begun(offramp.load("tutorial"), ("kelmark",), number=4), first_open)
    r = looked(game)
    for k, d in enumerate(r.decided[:4]):
        if not d.words:
            same = instead(game.case, game.records, k, d.event or "nothing", 50)
            assert {c.change for c in (same.worth, *same.answers)} == {0.0}
            assert all(c.error > 0.0 for c in (same.worth, *same.answers))
    with pytest.raises(Mistake, match="open are"):
        instead(game.case, game.records, 0, "vessara.land", 10)
    last = next((k for k, d in enumerate(r.decided) if d.day == 89), None)
    if last is not None:
        with pytest.raises(Mistake, match="nothing comes after"):
            instead(game.case, game.records, last, "nothing", 10)


@pytest.mark.parametrize("function", NAMES)
def test_a_window_is_what_its_two_parts_come_to(function: str) -> None:
    """Over every window and every day at which it may be cut."""
    generator = np.random.default_rng(1)
    series = [round(float(x), 3) for x in generator.normal(size=8)]
    log = [Happening(int(d), 0, "") for d in generator.choice(8, 3, replace=False)]
    own = function in ("count", "first")
    for first in range(8):
        for last in range(first, 8):
            m = Monitor(
                function=function,
                event=0 if own else None,
                outcome=None,
                quantity=None if own else 0,
                first=first,
                last=last,
            )
            whole = m.of_log(log) if own else m.of_series(0.5, series)
            for day in range(7):
                game = SimpleNamespace(
                    world=SimpleNamespace(log=[h for h in log if h.day <= day]),
                    starts={0: 0.5},
                    series={0: series[: day + 1]},
                )
                before = so_far(game, m, day)  # type: ignore[arg-type]
                ahead = later(m, day)
                after = ahead.of_log(log) if own else ahead.of_series(0.5, series)
                assert joined(m, day, before, np.array([after]))[0] == pytest.approx(whole)


@needs_numba
def test_what_was_decided_on_later_days_is_no_part_of_it() -> None:
    """A consent of a later day has the same name, and an edit of a later day waits for it."""
    case = offramp.load("tutorial")
    game = begun(case, ("vessara", "staff"), number=3)
    game.inject({"urge": {"vessara.land": "5 ? to be asked"}})
    ask = game.owes[0]
    day = game.world.day
    while ask.consent or "vessara.land" not in {o.event for o in ask.open}:
        game.answer(ask.id, *game.stand_in(ask))
        ask = game.owes[0]
    day, k = game.world.day, sum(r["kind"] in ("choice", "consent") for r in game.records)
    game.answer(ask.id, "nothing")
    while game.world.day == day and not game.over:
        game.answer(game.owes[0].id, *game.stand_in(game.owes[0]))
    upto = len(game.records)
    if not game.over:
        game.inject({"rate": {"fog": "2 ? spring"}})
    play(game)
    whole = instead(case, game.records, k, "vessara.land", 60)
    alone = instead(case, game.records[:upto], k, "vessara.land", 60)
    assert whole == alone
    review(case, tuple(game.records))

"""What would have come of another decision: the same world up to that morning, and two thousand
futures of each.

The day of the decision is lived twice with the dice of the game: as it was decided, and with
something else in its place; what others decided on the same morning was sealed and stays. From the
next day on both arms go on with the same new dice, number by number (paired), and the model plays
all seats: what a player would have done next, nobody knows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from offramp.answers.forecast import Watch, in_each, watches
from offramp.answers.sampling import paired
from offramp.case.case import Case
from offramp.engine.blocks.resumed import going_on
from offramp.engine.ensemble import Ensemble
from offramp.engine.monitors import Monitor
from offramp.engine.run import RunSpec
from offramp.errors import Mistake
from offramp.play.ahead import finals, seed_after, worths
from offramp.play.asking import Ask
from offramp.play.game import Beginning, Game, told
from offramp.play.game_log import Record

WORLDS = 2000


@dataclass(frozen=True)
class Change:
    """A share or a mean in the futures of the decision as it was made and of the other, and the
    mean difference of pairs, other less made, with its standard error, which is never 0 by luck
    (`answers.sampling.paired`)."""

    what: str
    made: float
    other: float
    change: float
    error: float


@dataclass(frozen=True, kw_only=True)
class Instead:
    """`decision`: its place among the decisions of the game; `other`: what was done in its stead.
    `worth`: what the seat's own wants are worth on the last evening; `answers`: of the case's
    questions of yes or no that were open then and close by the last day."""

    decision: int
    other: str
    worlds: int
    worth: Change
    answers: tuple[Change, ...]


def instead(
    case: Case, records: Sequence[Record], decision: int, other: str, worlds: int = WORLDS
) -> Instead:
    """What would have come of `other` (a move, nothing, yes or no) in place of a decision, by its
    number among those of the log. Raises Mistake for what could not be done that morning, and for
    a decision of the game's last day, after which nothing comes."""
    begins = Beginning.of(records[0])
    decided = [r for r in records if r["kind"] in ("choice", "consent")]
    record = decided[decision]
    day = record["day"]
    last = (begins.last - case.crisis.first).days
    if day >= last:
        raise Mistake("nothing comes after a decision of the last day", "decision")
    asked, monitors = watches(case, case.crisis.first)
    open_ = [
        w
        for w in asked
        if w.question.kind_of == "binary"
        and w.question.given is None
        and not w.question.supposes
        and day < (w.last - case.crisis.first).days <= last
    ]
    needed = sorted({k for w in open_ for k in w.atoms.values()})
    short = replace(begins, last=case.crisis.first + dt.timedelta(day))
    found = []
    for deed in (None, other):
        game = _until(case, short, records, decision, deed, [monitors[k] for k in needed])
        watch = (*finals(case, last), *(later(monitors[k], day) for k in needed))
        job = RunSpec(case.crisis.until(begins.last), watch, seed_after(begins, day))
        future = going_on(game.world, job, range(worlds))
        found.append((game, future))
    n = len(case.crisis.states)
    pairs = [
        (
            worths(game.minds[record["seat"]], future.atoms[:, :n], future.unknowns, float(last)),
            *_answers(game, future, open_, monitors, needed),
        )
        for game, future in found
    ]
    names, worlds_of = ("worth", *(w.question.id for w in open_)), found[0][1]
    worth, *answers = (
        Change(what, float(was.mean()), float(then.mean()), *paired(then, was, worlds_of))
        for what, was, then in zip(names, *pairs, strict=True)
    )
    return Instead(
        decision=decision, other=other, worlds=worlds, worth=worth, answers=tuple(answers)
    )


def _until(
    case: Case,
    begins: Beginning,
    records: Sequence[Record],
    decision: int,
    other: str | None,
    monitors: Sequence[Monitor],
) -> Game:
    """The game up to the evening of a decision's day, with another in its place."""
    watched = sorted({m.quantity for m in monitors if m.quantity is not None})
    day = (begins.last - case.crisis.first).days
    game, number = Game(case, begins, watched=watched), -1
    for record in records:
        if game.over or record.get("day", 0) > day:
            break  # what was done on later days is no part of this one
        if record["kind"] == "inject":
            game.inject(record["do"])
        if record["kind"] not in ("choice", "consent"):
            continue
        number += 1
        ask, deed, words = told(record)
        if ask in {a.id for a in game.owes}:
            if number == decision and other is not None:
                game.answer(ask, other, None)
            else:
                game.answer(ask, deed, words)
        elif number <= decision:
            raise Mistake(f"“{ask}” was not asked then", "decision")
        # Else: a consent to what was not done.
    while not game.over:  # who is asked only now: for consent to what was done instead
        owed: Ask = game.owes[0]
        game.answer(owed.id, *game.stand_in(owed))
    return game


def later(m: Monitor, day: int) -> Monitor:
    """The part of what a monitor watches that comes after a day; of what is over its last day,
    which nobody reads."""
    last = max(m.last, day + 1)
    return replace(m, first=min(max(m.first, day + 1), last), last=last)


def joined(m: Monitor, day: int, before: float, after: NDArray[np.float64]) -> NDArray[np.float64]:
    """What a monitor comes to, from its part up to a day in one world and its parts after it in
    many. `before` is of no use where the window begins later, `after` where it is over."""
    if m.last <= day or (m.function == "initial" and m.first <= day + 1):
        return np.full_like(after, before)
    if m.first > day or m.function in ("final", "initial"):
        return after
    if m.function == "count":
        return before + after
    if m.function == "first":
        return np.full_like(after, before) if before <= day else after
    if m.function == "highest":
        return np.maximum(before, after)
    if m.function == "lowest":
        return np.minimum(before, after)
    ago, ahead = day + 1 - m.first, m.last - day
    return (before * ago + after * ahead) / (ago + ahead)


def so_far(game: Game, m: Monitor, day: int) -> float:
    """What a monitor comes to by the evening of a day."""
    own = replace(m, last=min(m.last, day))
    if m.function == "initial":
        own = replace(m, last=m.first)
    if own.last < own.first and m.function != "initial":
        return 0.0
    if m.quantity is None:
        return own.of_log(game.world.log)
    if m.function == "initial" and m.first > day + 1:
        return 0.0
    return own.of_series(game.starts[m.quantity], game.series[m.quantity])


def _answers(
    game: Game,
    future: Ensemble,
    open_: Sequence[Watch],
    monitors: Sequence[Monitor],
    needed: Sequence[int],
) -> list[NDArray[np.float64]]:
    """Each question in each future."""
    n, day = len(game.world.plan.quantities), game.world.day
    atoms = np.zeros((future.worlds, len(monitors)))
    for place, k in enumerate(needed):
        m = monitors[k]
        atoms[:, k] = joined(m, day, so_far(game, m, day), future.atoms[:, n + place])
    whole = replace(future, atoms=atoms)
    return [(in_each(game.world.plan, w, whole)[1] != 0.0).astype(float) for w in open_]

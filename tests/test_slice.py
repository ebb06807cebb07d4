"""The slice: it reads and runs at every foresight, and its days have the chances they should."""

from __future__ import annotations

import math
import statistics
from itertools import islice

import pytest
from slice_case import FOLDER, slice_text

from offramp.case.case import examine, read_crisis
from offramp.engine.learning import lessons_of
from offramp.engine.plan import Occurrence, Plan, plan
from offramp.engine.world import Today, World, create, effects, learn, live, morning, tick
from offramp.text.lines import read as read_lines


def test_it_reads_without_diagnostics_and_line_by_line() -> None:
    case, found = examine(FOLDER)
    assert list(found) == []
    assert case is not None
    assert [q.id for q in case.questions] == ["rush_of_attacks", "first_three_days", "strikes"]
    for file in ("crisis.yaml", "questions.yaml"):
        assert read_lines((FOLDER / file).read_text("utf-8"), file) is not None


@pytest.mark.parametrize("foresight", [None, 0, 1, 2])
@pytest.mark.parametrize("belief", [True, False])
def test_it_runs_at_every_foresight_with_and_without_the_belief(
    foresight: int | None, belief: bool
) -> None:
    laid = plan(read_crisis(slice_text(foresight, belief))[0])
    depths = [1, 2, 0] if foresight is None else [foresight] * 3
    assert [mind.foresight for mind in laid.minds] == depths
    assert [len(o.priors) for o in laid.opinions] == ([4] if belief else [])
    world = create(laid, 7, 0)
    assert sum(1 for _ in live(world)) == 126
    assert {"jcpoa.due_step", "parliament.expel"} <= {
        laid.events[h.event].event.name for h in world.log
    }


# ---- the first three days ----------------------------------------------------------------

# A rocket that kills nobody on the first day, and nothing public on the next two.
REPORTED: tuple[dict[str, tuple[str, str]], ...] = ({"militias": ("rocket", "")}, {}, {})


def likelihood(laid: Plan, number: int) -> float:
    """P(what was reported | unknowns), with private orders drawn as they come (formalism, 10)."""
    world = create(laid, 1, number)
    weight = 1.0
    for day, reported in enumerate(REPORTED):
        world.day = day
        if day > 0:
            tick(world)
        m = morning(world)
        s, u, w = m.now.s, m.unknowns, m.moment
        for event in laid.events:
            if event.rate is not None:
                weight *= math.exp(-event.rate(s, u, w))
        today = []
        for mind in laid.minds:
            (agenda,) = mind.agendas
            opening = 1.0 - math.exp(-agenda.pace(s, u, w))
            chances = {
                laid.events[i].event.name: opening * p
                for i, p in zip(agenda.moves, m.choice(agenda, 0.0), strict=True)
            }
            private = {name: chances[name] for name in chances if name.startswith("order_")}
            if mind.actor.name in reported:
                name, outcome = reported[mind.actor.name]
                turns = {branch.name: p for branch, p in m.chances(by_name(laid, name), s)}
                weight *= chances[name] * turns[outcome]
                today.append(happened(world, by_name(laid, name), outcome))
                continue
            silent = 1.0 - sum(chances.values()) + sum(private.values())
            weight *= silent
            die = world.dice.uniform(f"unreported {mind.dice}", day) * silent
            for name, chance in private.items():
                if 0.0 <= die < chance:
                    today.append(happened(world, by_name(laid, name), ""))
                die -= chance
        effects(world, m, today)
        learn(world, m, today)
    return weight


def by_name(laid: Plan, name: str) -> Occurrence:
    return next(e for e in laid.events if e.event.name == name)


def happened(world: World, event: Occurrence, outcome: str) -> Today:
    changes = next(b.changes for b in event.branches if b.name == outcome)
    assert event.mover is not None
    (agenda,) = world.plan.minds[event.mover].agendas
    lessons = lessons_of(morning(world), world.learners, agenda, event, ())
    return Today(event, changes, outcome, (), lessons)


def test_the_weight_of_reports_agrees_with_counting_free_worlds() -> None:
    """The formalism's test of exactness, on a report common enough to be counted."""
    laid = plan(read_crisis(slice_text())[0])
    wanted = [(0, "rocket", "")]
    n = 600
    counted = 0
    for number in range(n):
        world = create(laid, 2, number)
        for _ in islice(live(world), len(REPORTED)):
            pass
        log = [(h.day, laid.events[h.event].event.name, h.outcome) for h in world.log]
        counted += [h for h in log if not h[1].startswith("order_")] == wanted
    weights = [likelihood(laid, number) for number in range(100)]
    p = statistics.mean(weights)
    error = math.sqrt(p * (1 - p) / n + statistics.variance(weights) / len(weights))
    assert 0.02 < p < 0.3
    assert abs(counted / n - p) < 3.5 * error

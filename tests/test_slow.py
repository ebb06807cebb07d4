"""What takes minutes: the large case, as its users run it (pytest -m slow)."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from test_engine import naive_policy

from offramp.case.case import load
from offramp.engine.choice import NO_TYPE
from offramp.engine.plan import plan
from offramp.engine.world import create, live, morning

pytestmark = pytest.mark.slow


def run(*arguments: str) -> bytes:
    command = [sys.executable, "-m", "offramp", *arguments]
    return subprocess.run(command, check=True, capture_output=True, timeout=900).stdout


def test_sixty_worlds_of_us_iran_are_the_same_bytes_however_they_are_run() -> None:
    ask = ("forecast", "us-iran-2020", "--worlds", "60", "--seed", "7", "--json")
    first = run(*ask)
    assert run(*ask) == first
    assert run(*ask, "--threads", "1") == first
    assert run(*ask, "--threads", "2") == first
    answers = json.loads(first)["answers"]
    asked = [q.id for q in load("us-iran-2020").questions if q.binary]
    assert [a["id"] for a in answers] == asked


@pytest.mark.parametrize("depth", [0, 1])
def test_policies_of_the_large_case_equal_the_equations(depth: int) -> None:
    """Whole utilities, no memo, no pruning, on mornings of the real case."""
    p = plan(load("us-iran-2020").crisis)
    world = create(p, 7, 0)
    for _ in live(world):
        if world.day not in (1, 4, 9, 30):
            continue
        m = morning(world)
        for mind in p.minds:
            if mind.moves:
                fast = m.policy(mind.index, m.now, depth, NO_TYPE)
                slow = naive_policy(m, mind.index, list(world.s), depth, NO_TYPE)
                assert fast == pytest.approx(slow, abs=1e-9), mind.actor.name
        if world.day == 30:
            break

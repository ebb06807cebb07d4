"""The crisis as an environment: the contract of PettingZoo and Gymnasium, and the model's games."""

from __future__ import annotations

import warnings
from types import SimpleNamespace
from typing import Any

import gymnasium
import numpy as np
import pytest
from crises import WHY
from gymnasium.utils.env_checker import check_env
from pettingzoo.test import (
    api_test,
    max_cycles_test,
    parallel_api_test,
    parallel_seed_test,
    render_test,
    seed_test,
)

import offramp
from offramp.case.case import read_crisis
from offramp.engine.plan import plan
from offramp.engine.world import create, live
from offramp.errors import Mistake
from offramp.play.game import state_sha256
from offramp.play.zoo import Turns

SEATS = [("tutorial", ("vessara", "kelmark", "staff"), 60), ("us-iran-2020", ("us", "iran"), 40)]
# Of what PettingZoo warns: observations are a dictionary with a mask, of seats that are not alike.
EXPECTED = (
    "Agents have different",
    "Observation is not a NumPy array",
    "Observation space for each agent probably",
    "Observations are different shapes",
    "We recommend agents to be named",
)


@pytest.mark.parametrize(("name", "agents", "days"), SEATS)
def test_pettingzoo_s_own_tests_pass(name: str, agents: tuple[str, ...], days: int) -> None:
    case = offramp.load(name)

    def turns(render_mode: str | None = None) -> Any:
        return offramp.environment(case, agents, days=days, render_mode=render_mode)

    def parallel() -> Any:
        return offramp.environment(case, agents, days=days, kind="parallel")

    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        api_test(turns(), num_cycles=100)
        seed_test(turns, num_cycles=30)
        parallel_api_test(parallel(), num_cycles=100)
        parallel_seed_test(parallel, num_cycles=30)
        render_test(turns)
    told = {str(w.message) for w in found}
    assert [w for w in told if not w.startswith(EXPECTED)] == []


def busy(days: int) -> Any:
    """A crisis whose two actors have an opening every day: there a step is a day."""
    text = f"""
crisis: two who always decide
from: 2020-01-01
to: 2020-01-{days:02d}
show: [rung]
state:
  rung: {{ladder: [low, high], now: low {WHY}}}
  heat: {{stock: 0 .. 5 {WHY}, now: 1 {WHY}}}
actor:
  a: {{pace: 900 {WHY}, precision: 1 {WHY}, foresight: 0 {WHY}, wants: {{heat: 1 * heat {WHY}}}}}
  b: {{pace: 900 {WHY}, precision: 1 {WHY}, foresight: 0 {WHY}, wants: {{cold: -1 * heat {WHY}}}}}
event:
  warm: {{by: a, does: [heat + 1 {WHY}]}}
  cool: {{by: b, does: [heat - 1 {WHY}]}}
"""
    return offramp.load("tutorial").with_crisis(read_crisis(text)[0])


def test_a_game_ends_after_so_many_days() -> None:
    def made(kind: str) -> Any:
        return lambda max_cycles: offramp.environment(
            busy(20), ("a", "b"), days=max_cycles, kind=kind
        )

    max_cycles_test(SimpleNamespace(parallel_env=made("parallel"), env=made("turns")))


@pytest.mark.filterwarnings("ignore:.*infinity")
def test_gymnasium_s_own_test_passes() -> None:
    env = offramp.environment("tutorial", ["kelmark"], ["vessara=likeliest"], kind="single")
    check_env(env, skip_render_check=True)
    seen, _ = env.reset(seed=3)
    assert env.observation_space.contains(seen)
    total, over = 0.0, False
    while not over:
        seen, reward, out, over, told = env.step(0)
        assert env.observation_space.contains(seen)
        assert not out
        assert not told
        total += reward
    want = sum(w.worth for w in env.table.game.view("kelmark").wants)
    assert total == pytest.approx(want - start_worth("kelmark", 3))


def start_worth(actor: str, seed: int) -> float:
    env = offramp.environment("tutorial", [actor], ["vessara=likeliest"], kind="single")
    env.reset(seed=seed)
    return float(env.table.worth(actor))


def test_agents_that_draw_as_the_model_live_its_worlds() -> None:
    case = offramp.load("tutorial")
    env = offramp.environment(case, ["vessara", "kelmark"])
    for k in range(3):
        env.reset(seed=5 if k == 0 else None)
        game = env.table.game
        while not all(env.truncations.values()):
            ask = game.owes[0]
            assert ask.seat == env.agent_selection
            deed = offramp.play.seats.model(game.world, game._dawn.m, game._agenda(ask))
            moves = env.table.moves[ask.seat]
            env.step(1 + moves.index(deed.event) if deed.event else 0)
        free = create(plan(case.crisis), 5, env.table.number)
        for _ in live(free):
            pass
        assert state_sha256(game.world) == state_sha256(free)


def test_what_is_outside_the_mask_is_nothing_and_is_told() -> None:
    env = offramp.environment("tutorial", ["kelmark"])
    env.reset(seed=1)
    mask = env.observe("kelmark")["action_mask"]
    closed = int(np.flatnonzero(mask == 0)[0])
    env.step(closed)
    assert env.infos["kelmark"] == {"outside_mask": closed}
    other = offramp.environment("tutorial", ["kelmark"])
    other.reset(seed=1)
    other.step(0)
    assert other.infos["kelmark"] == {}
    assert state_sha256(env.table.game.world) == state_sha256(other.table.game.world)
    for action in (-1, 999):
        env.step(action)
        assert env.infos["kelmark"] == {"outside_mask": action}


def test_an_agent_sees_what_its_seat_sees() -> None:
    env = offramp.environment("tutorial", ["vessara", "kelmark", "staff"])
    env.reset(seed=2)
    for agent in env.possible_agents:
        view, seen = env.table.game.view(agent), env.observe(agent)
        row = dict(zip(env.table.labels[agent], seen["observation"], strict=True))
        for r in view.readings:
            assert row[r.name] == r.value
        for w in view.wants:
            assert row[f"want: {w.name}"] == w.worth
        for h in view.beliefs:
            for name, p in h.types:
                assert row[f"belief about {h.about}: {name}"] == p
        assert seen["action_mask"].sum() >= 1


def test_rewards_add_up_to_the_change_of_the_wants() -> None:
    env = offramp.environment("tutorial", ["vessara", "kelmark"], kind="parallel")
    env.reset(seed=4)
    before = {a: env.table.worth(a) for a in env.agents}
    total = dict.fromkeys(env.agents, 0.0)
    generator = np.random.default_rng(0)
    while env.agents:
        actions = {}
        for a in env.agents:
            mask = env.table.mask(a, env.table.ask(a))
            actions[a] = int(generator.choice(np.flatnonzero(mask)))
        _, rewards, _, _, infos = env.step(actions)
        assert all(not told for told in infos.values())
        for a, r in rewards.items():
            total[a] += r
    for a in total:
        assert total[a] == pytest.approx(env.table.worth(a) - before[a])


def test_what_cannot_be_an_environment_says_why() -> None:
    for arguments, words in (
        ({"agents": []}, "one agent or more"),
        ({"agents": ["league"]}, "nobody plays"),
        ({"agents": ["kelmark"], "kind": "chess"}, "turns, parallel, single"),
        ({"agents": ["kelmark"], "render_mode": "oil"}, "ansi or for a human"),
        ({"agents": ["kelmark", "vessara"], "kind": "single"}, "has one agent"),
        ({"agents": ["kelmark"], "others": ["kelmark=model"]}, "two seats"),
        ({"agents": ["kelmark"], "days": 0}, "1 to 90"),
    ):
        with pytest.raises(Mistake, match=words):
            offramp.environment("tutorial", **arguments)  # type: ignore[arg-type]
    assert isinstance(offramp.environment("tutorial", ["kelmark"]), Turns)
    for kind in ("turns", "parallel", "single"):
        env = offramp.environment("tutorial", ["kelmark"], kind=kind)
        for seed in ("a", 1.5, True):
            with pytest.raises((Mistake, gymnasium.error.Error), match=r"whole number|integer"):
                env.reset(seed=seed)

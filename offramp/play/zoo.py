"""The crisis as an environment for agents that learn: PettingZoo (AEC and parallel) and Gymnasium.

The games are those of `game.py`, so an environment has no rules of its own. An agent is an actor
that has a seat; it is asked on mornings on which the model finds it an opening, and only then.

    action       0 does nothing (or refuses consent), k is the k-th of `moves` (in order of the
                 file, over all of the actor's agendas), the last one consents
    mask         what may be done in the decision that is owed; nothing alone where none is. What
                 is outside the mask is taken for nothing, and `infos` says so
    observation  what the seat sees (`sight.py`), as numbers with the names in `labels`: quantities,
                 worth of its wants, beliefs, days until its own moves arrive, what it is asked
    reward       the change of the sum of its own wants since its last reward; nothing is added to
                 shape it
    truncation   on the last day. Nobody is out before

Words that may go along with a deed are said as the model would. `reset(seed=s)` begins with the
first world of seed s, each later `reset()` with the next; worlds in which nobody is ever asked are
left out, since there is nothing to decide in them.

Terry et al. 2021 (PettingZoo); AEC asks one agent at a time, so that nobody acts on what is stale.
"""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from gymnasium.spaces import Box, Discrete, Space
from gymnasium.spaces import Dict as Spaces
from numpy.typing import NDArray
from pettingzoo import AECEnv, ParallelEnv

from offramp.case.case import Case
from offramp.engine.plan import plan
from offramp.errors import Mistake
from offramp.play.asking import Ask
from offramp.play.game import NOTHING, Game, beginning
from offramp.play.seats import PERSON, Seat

Observed = dict[str, NDArray[Any]]
METADATA = {"name": "offramp_v0", "render_modes": ["ansi", "human"], "is_parallelizable": True}


class Table:
    """A case with seats for agents, and the game that is being played at it."""

    def __init__(
        self, case: Case, agents: tuple[str, ...], others: tuple[Seat, ...], days: int | None
    ) -> None:
        if not agents:
            raise Mistake("an environment has one agent or more: name their actors", "seats")
        self.case, self.agents, self.days = case, agents, days
        self.seats = (*(Seat(a, PERSON) for a in agents), *others)
        laid = plan(case.crisis)
        minds = {m.actor.name: m for m in laid.minds}
        self.moves = {a: tuple(laid.events[e].event.name for e in minds[a].moves) for a in agents}
        self.consents = {
            a: tuple(e.name for e in case.crisis.events if a in e.consent) for a in agents
        }
        self.seed, self.number = 0, -1
        self.game = self._next()
        self.number = -1
        self.labels = {a: self._labels(a) for a in agents}
        self.spaces: dict[str, Space[Any]] = {a: self._space(a) for a in agents}
        self.actions: dict[str, Discrete] = {a: Discrete(self.actions_of(a)) for a in agents}

    def begin(self, seed: int | None) -> None:
        if seed is not None:
            if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
                raise Mistake(f"a seed is a whole number from 0 up, not {seed!r}", "seed")
            self.seed, self.number = int(seed), -1
        self.game = self._next()

    def _next(self) -> Game:
        for _ in range(1000):
            self.number += 1
            begins = beginning(
                self.case, self.seats, seed=self.seed, number=self.number, days=self.days
            )
            game = Game(self.case, begins)
            if not game.over:
                return game
        raise Mistake(
            f"in a thousand worlds nobody asked {', '.join(self.agents)} anything: "
            "take more days, or other seats",
            "days",
        )

    # ---- what an agent sees --------------------------------------------------------------

    def _labels(self, agent: str) -> tuple[str, ...]:
        view = self.game.view(agent)
        return (
            *(r.name for r in view.readings),
            *(f"want: {w.name}" for w in view.wants),
            *(f"belief about {h.about}: {name}" for h in view.beliefs for name, _ in h.types),
            *(f"days until {m}" for m in self.moves[agent]),
            *(f"asked to consent to {e}" for e in self.consents[agent]),
        )

    def _space(self, agent: str) -> Spaces:
        states = {s.name: s for s in self.case.crisis.states}
        view = self.game.view(agent)
        bounds = [
            *((min(states[r.name].low, -1.0), states[r.name].high) for r in view.readings),
            *((-np.inf, np.inf) for _ in view.wants),
            *((0.0, 1.0) for h in view.beliefs for _ in h.types),
            *((0.0, np.inf) for _ in self.moves[agent]),
            *((0.0, 1.0) for _ in self.consents[agent]),
        ]
        low, high = (np.array(side) for side in zip(*bounds, strict=True))
        count = self.actions_of(agent)
        return Spaces(
            {
                "observation": Box(low, high, dtype=np.float64),
                "action_mask": Box(0, 1, (count,), np.int8),
            }
        )

    def observed(self, agent: str) -> Observed:
        view, ask = self.game.view(agent), self.ask(agent)
        arrives = {c.event: c.arrives - view.day for c in view.coming}
        consent = "" if ask is None else ask.consent
        row = [
            *(r.value for r in view.readings),
            *(w.worth for w in view.wants),
            *(p for h in view.beliefs for _, p in h.types),
            *(float(max(0, arrives.get(m, 0))) for m in self.moves[agent]),
            *(float(e == consent) for e in self.consents[agent]),
        ]
        return {"observation": np.array(row), "action_mask": self.mask(agent, ask)}

    def ask(self, agent: str) -> Ask | None:
        """The decision that an agent owes, the first of them; None where it owes none."""
        return next((a for a in self.game.owes if a.seat == agent), None)

    def mask(self, agent: str, ask: Ask | None) -> NDArray[np.int8]:
        found = np.zeros(self.actions_of(agent), np.int8)
        found[0] = 1
        if ask is not None and ask.consent:
            found[-1] = 1
        elif ask is not None:
            for option in ask.open:
                found[1 + self.moves[agent].index(option.event)] = 1
        return found

    def actions_of(self, agent: str) -> int:
        """How many actions an agent has."""
        return len(self.moves[agent]) + 1 + bool(self.consents[agent])

    def answer(self, agent: str, action: int) -> dict[str, Any]:
        """Does what an agent chose about the decision that it owes; what is to be told of that."""
        ask, told = self.ask(agent), dict[str, Any]()
        if not (0 <= action < self.actions_of(agent) and self.mask(agent, ask)[action]):
            told, action = {"outside_mask": action}, 0
        if ask is None:
            return told
        if ask.consent:
            self.game.answer(ask.id, "yes" if action else "no")
        else:
            self.game.answer(ask.id, self.moves[agent][action - 1] if action else NOTHING, None)
        return told

    def worth(self, agent: str) -> float:
        return sum(w.worth for w in self.game.view(agent).wants)

    def told(self) -> str:
        """The morning, and what the agents have seen happen, a line a day."""
        days: dict[int, list[str]] = {}
        seen = {(s.day, s.event): s for a in self.agents for s in self.game.view(a).happened}
        for day, name in sorted(seen):
            days.setdefault(day, []).append(name)
        lines = [f"{day}: {', '.join(names)}" for day, names in days.items()]
        return "\n".join([*lines, f"morning of {self.game.day}"])

    def drawn(self, mode: str | None) -> str | None:
        """As text for `ansi`; printed for `human`."""
        if mode == "human":
            print(self.told())
        return self.told() if mode == "ansi" else None


def _nothing(agents: list[str]) -> dict[str, dict[str, Any]]:
    return {a: {} for a in agents}


class Turns(AECEnv):  # type: ignore[misc]
    """The AEC environment: one agent decides at a time, all of a morning on what they saw then."""

    metadata = METADATA

    def __init__(self, table: Table, render_mode: str | None = None) -> None:
        super().__init__()
        self.table, self.render_mode = table, render_mode
        self.possible_agents = list(table.agents)
        self.observation_spaces = table.spaces
        self.action_spaces = table.actions

    def observation_space(self, agent: str) -> Space[Any]:
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> Space[Any]:
        return self.action_spaces[agent]

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> None:
        self.table.begin(seed)
        self.agents = list(self.possible_agents)
        self.rewards = dict.fromkeys(self.agents, 0.0)
        self._cumulative_rewards = dict.fromkeys(self.agents, 0.0)
        self.terminations = dict.fromkeys(self.agents, False)
        self.truncations = dict.fromkeys(self.agents, False)
        self.infos = _nothing(self.agents)
        self._worth = {a: self.table.worth(a) for a in self.agents}
        self.agent_selection = self.table.game.owes[0].seat

    def observe(self, agent: str) -> Observed:
        return self.table.observed(agent)

    def step(self, action: int | None) -> None:
        agent = self.agent_selection
        if self.truncations[agent]:
            self._was_dead_step(action)
            return
        assert action is not None
        self._cumulative_rewards[agent] = 0.0
        self.infos = {**_nothing(self.agents), agent: self.table.answer(agent, int(action))}
        now = {a: self.table.worth(a) for a in self.agents}
        self.rewards = {a: now[a] - self._worth[a] for a in self.agents}
        self._worth = now
        self._accumulate_rewards()
        if self.table.game.over:
            self.truncations = dict.fromkeys(self.agents, True)
            self.agent_selection = self.agents[0]
        else:
            self.agent_selection = self.table.game.owes[0].seat

    def render(self) -> str | None:
        return self.table.drawn(self.render_mode)

    def close(self) -> None:
        """Nothing is held open."""


class Mornings(ParallelEnv):  # type: ignore[misc]
    """The parallel environment: a step is a round of decisions of a morning. Who owes none does
    nothing; who owes several, on several agendas, is asked again on the same morning."""

    metadata = METADATA

    def __init__(self, table: Table, render_mode: str | None = None) -> None:
        self.table, self.render_mode = table, render_mode
        self.possible_agents = list(table.agents)
        self.observation_spaces = table.spaces
        self.action_spaces = table.actions
        self.agents: list[str] = []

    def observation_space(self, agent: str) -> Space[Any]:
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> Space[Any]:
        return self.action_spaces[agent]

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Observed], dict[str, dict[str, Any]]]:
        self.table.begin(seed)
        self.agents = list(self.possible_agents)
        self._worth = {a: self.table.worth(a) for a in self.agents}
        return self._seen(), _nothing(self.agents)

    def step(
        self, actions: dict[str, int]
    ) -> tuple[
        dict[str, Observed],
        dict[str, float],
        dict[str, bool],
        dict[str, bool],
        dict[str, dict[str, Any]],
    ]:
        live = self.agents
        owed = {a: self.table.ask(a) for a in live}
        infos = _nothing(live)
        for agent, ask in owed.items():  # of this round: who is last may begin the next morning
            action = int(actions.get(agent, 0))
            if ask is not None:
                infos[agent] = self.table.answer(agent, action)
            elif action:
                infos[agent] = {"outside_mask": action}
        now = {a: self.table.worth(a) for a in live}
        rewards = {a: now[a] - self._worth[a] for a in live}
        self._worth = now
        over = self.table.game.over
        seen = self._seen()
        self.agents = [] if over else live
        return seen, rewards, dict.fromkeys(live, False), dict.fromkeys(live, over), infos

    def _seen(self) -> dict[str, Observed]:
        return {a: self.table.observed(a) for a in self.agents}

    def render(self) -> str | None:
        return self.table.drawn(self.render_mode)

    def close(self) -> None:
        """Nothing is held open."""


class Alone(gymnasium.Env[Observed, int]):
    """The Gymnasium environment of one seat, the others held by presets or the model: a step is a
    decision of its own."""

    metadata = METADATA

    def __init__(self, table: Table, render_mode: str | None = None) -> None:
        if len(table.agents) != 1:
            raise Mistake("a Gymnasium environment has one agent", "seats")
        self.table, self.render_mode = table, render_mode
        self.agent = table.agents[0]
        self.observation_space = table.spaces[self.agent]
        self.action_space: Space[Any] = table.actions[self.agent]
        self._worth = table.worth(self.agent)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observed, dict[str, Any]]:
        super().reset(seed=seed)
        self.table.begin(seed)
        self._worth = self.table.worth(self.agent)
        return self.table.observed(self.agent), {}

    def step(self, action: int) -> tuple[Observed, float, bool, bool, dict[str, Any]]:
        told = self.table.answer(self.agent, int(action))
        now = self.table.worth(self.agent)
        reward, self._worth = now - self._worth, now
        over = self.table.game.over
        return self.table.observed(self.agent), reward, False, over, told

    def render(self) -> Any:
        return self.table.drawn(self.render_mode)

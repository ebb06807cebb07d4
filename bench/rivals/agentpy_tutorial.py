"""The tutorial crisis in AgentPy: an agent an actor, a model a world, a step a day."""

from __future__ import annotations

from collections.abc import Iterator

import agentpy

from bench.rivals import day
from bench.rivals.common import DAYS, Fed, Worlds


class Vessara(day.Vessara, agentpy.Agent):
    pass


class Kelmark(day.Kelmark, agentpy.Agent):
    pass


class Skippers(day.Skippers, agentpy.Agent):
    pass


class Strait(day.Strait, agentpy.Model):
    """One world."""

    def setup(self) -> None:
        self.vessara, self.kelmark = Vessara(self), Kelmark(self)
        self.skippers = Skippers(self)
        self.actors = agentpy.AgentList(self, [self.vessara, self.kelmark, self.skippers])
        self.begin(self.p.fed, self.p.number)

    def step(self) -> None:
        """A day. All decide on the same morning, so the order of agents does not matter."""
        self.morning()
        self.actors.decide()
        self.night()


def run(worlds: int, seed: int, fed: Fed | None = None) -> Worlds:
    """Worlds of the tutorial, with dice of their own or fed ones."""

    def lived() -> Iterator[Strait]:
        for number in range(worlds):
            settings = {"seed": seed * 1_000_003 + number, "steps": DAYS}
            model = Strait({**settings, "number": number, "fed": fed})
            model.run(display=False)
            yield model

    return day.gathered(lived(), worlds)

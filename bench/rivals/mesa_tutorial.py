"""The tutorial crisis in Mesa: an agent an actor, a model a world, a step a day."""

from __future__ import annotations

from collections.abc import Iterator

import mesa

from bench.rivals import day
from bench.rivals.common import DAYS, Fed, Worlds


class Vessara(day.Vessara, mesa.Agent):
    pass


class Kelmark(day.Kelmark, mesa.Agent):
    pass


class Skippers(day.Skippers, mesa.Agent):
    pass


class Strait(day.Strait, mesa.Model):
    """One world."""

    def __init__(self, seed: int, fed: Fed | None = None, number: int = 0) -> None:
        super().__init__(seed=seed)
        self.vessara, self.kelmark = Vessara(self), Kelmark(self)
        self.skippers = Skippers(self)
        self.begin(fed, number)

    def step(self) -> None:
        """A day. All decide on the same morning, so the order of agents does not matter."""
        self.morning()
        self.agents.do("decide")
        self.night()


def run(worlds: int, seed: int, fed: Fed | None = None) -> Worlds:
    """Worlds of the tutorial, with dice of their own or fed ones."""

    def lived() -> Iterator[Strait]:
        for number in range(worlds):
            model = Strait(seed * 1_000_003 + number, fed, number)
            for _ in range(DAYS):
                model.step()
            yield model

    return day.gathered(lived(), worlds)

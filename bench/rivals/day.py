"""The tutorial's actors and its day in plain Python, to be mixed into a framework's classes."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

import numpy as np

from bench.rivals import rules
from bench.rivals.common import ATOMS, DAYS, SHOWN, Fed, Worlds, bin_of
from bench.rivals.rules import Effect, Mind
from offramp.engine.elementary import normal_quantile  # for fed dice alone

NAMES = {"kelmark.grievance": "kg"}


class Actor:
    """An actor with openings and a choice."""

    label = ""
    model: Any
    mood: float
    move: str | None

    def begin(self, mood: float = 0.0) -> None:
        self.mood, self.move = mood, None

    def pace(self) -> float:
        raise NotImplementedError

    def policy(self) -> rules.Policy:
        raise NotImplementedError

    def likelihoods(self, move: str) -> list[float]:
        raise NotImplementedError

    def decide(self) -> None:
        """On the morning's snapshot: an opening, then a choice."""
        model, self.move = self.model, None
        if model.throw(f"opening {self.label}") < 1.0 - rules.exp(-self.pace()):
            self.move = rules.drawn(self.policy(), model.throw(f"choice {self.label}"))


class Vessara(Actor):
    label = "vessara"

    def begin(self, mood: float = 0.0) -> None:
        super().begin(mood)
        self.belief = [0.33, 0.37, 0.20, 0.10]
        self.opened: int | None = None
        self.scored = False
        self.quiet: list[float] = []

    def pace(self) -> float:
        return 0.10 + 0.15 * (self.model.s["vg"] >= 1.0)

    def policy(self) -> rules.Policy:
        return rules.vessara_choice(self.model.s, self.model.mind, self.mood)

    def likelihoods(self, move: str) -> list[float]:
        return [p[move] for p in rules.vessara_types(self.model.s, self.model.mind)]

    def watch(self, answered: bool) -> None:
        """Silence is scored once a provocation."""
        model = self.model
        if answered:
            self.opened, self.scored = None, True
        elif self.opened is not None and model.day - self.opened >= 10:
            self.belief = rules.learned(self.belief, self.quiet)
            self.opened, self.scored = None, True
        if model.s["kg"] < 1.0:
            self.scored = False
        elif self.opened is None and not self.scored:
            self.opened, self.quiet = model.day, rules.silence(model.s, model.mind)


class Kelmark(Actor):
    label = "kelmark"

    def begin(self, mood: float = 0.0) -> None:
        super().begin(mood)
        self.belief = [0.7, 0.3]

    def pace(self) -> float:
        return 0.10 + 0.25 * (rules.nearest(self.model.s["harm"]) >= self.model.line)

    def policy(self) -> rules.Policy:
        return rules.kelmark_choice(self.model.s, self.model.mind, self.mood)

    def likelihoods(self, move: str) -> list[float]:
        return [p[move] for p in rules.kelmark_types(self.model.s, self.model.mind)]


class Skippers(Actor):
    label = "skippers"

    def pace(self) -> float:
        s = self.model.s
        return 0.12 * self.model.tempo * (0.5 + s["anger"]) * (1.0 + s["boats"] / 300.0)

    def policy(self) -> rules.Policy:
        return rules.skippers_choice(self.model.s, self.model.mind)


class Strait:
    """One world: what happens on a day, whoever calls it."""

    random: random.Random
    vessara: Vessara
    kelmark: Kelmark
    skippers: Skippers

    def begin(self, fed: Fed | None = None, number: int = 0) -> None:
        """Draws what is unknown, and sets the first morning. The actors exist already."""
        self.fed, self.number, self.day = fed, number, 0
        self.line = float(
            sum(self.throw("unknown kelmark.line") >= x for x in (0.05, 0.05 + 0.4, 0.9))
            if fed is not None
            else self.random.choices((0, 1, 2, 3), (0.05, 0.40, 0.45, 0.10))[0]
        )
        self.s = dict(rules.START)
        self.s["control"] = rules.share(0.15, 0.4, self.normal("unknown steering"))
        self.lethality = rules.share(0.01, 0.06, self.normal("unknown lethality"))
        width = self.normal("unknown tempo") / 2.5631031310892007
        self.tempo = rules.exp(rules.log(0.6 * 1.7) / 2.0 + width * rules.log(1.7 / 0.6))
        self.zeal = 1.2 * self.normal("unknown vessara.zeal") / 2.5631031310892007
        self.precision = 0.8 + 0.8 * self.throw("unknown kelmark.precision")
        self.vessara.begin(0.3 * self.normal("mood vessara"))
        self.kelmark.begin(0.4 * self.normal("mood kelmark"))
        self.skippers.begin()
        self.ready: dict[str, float] = {}
        self.underway: list[tuple[int, str, Actor, list[float]]] = []
        self.seen = dict.fromkeys(ATOMS, 0.0)
        self.seen["first(kelmark.board)"] = float(DAYS)
        self.seen["highest(accord)"] = self.s["accord"]
        self.bins: list[tuple[int, ...]] = []

    def throw(self, name: str) -> float:
        """A uniform number."""
        if self.fed is None:
            return self.random.random()
        return float(self.fed[name][self.day, self.number])

    def normal(self, name: str) -> float:
        if self.fed is None:
            return self.random.gauss(0.0, 1.0)
        return float(normal_quantile(self.throw(name)))

    # ---- a day ---------------------------------------------------------------------------

    def morning(self) -> None:
        """The snapshot that all decisions read; what happens without anybody's choice."""
        if self.day > 0:
            rules.tick(self.s)
        blocked = {move for move, day in self.ready.items() if day > self.day}
        blocked |= {move for _, move, _, _ in self.underway}
        self.mind = Mind(
            self.day,
            blocked,
            self.vessara.belief,
            self.kelmark.belief[1],
            self.line,
            self.zeal,
            self.precision,
            self.lethality,
        )
        self.effects: list[Effect] = []
        self.lessons: list[tuple[str, Actor, list[float]]] = []
        self.calendar()
        self.chance()

    def night(self) -> None:
        """What was decided is done, and seen; the day ends."""
        self.act_skippers()
        self.act(self.vessara)
        self.act(self.kelmark)
        self.learn()
        self.s = rules.evening(self.s, self.effects)
        self.keep()
        self.day += 1

    def happens(self, move: str, actor: Actor, likelihood: list[float]) -> None:
        self.effects += rules.EFFECTS[move]
        self.lessons.append((move, actor, likelihood))
        if move == "land":
            self.ready[move] = float("inf")
            self.seen["count(vessara.land)"] += 1.0
        elif move in rules.PAUSES:
            self.ready[move] = self.day + rules.PAUSES[move]
        if move == "blockade":
            self.seen["count(kelmark.blockade)"] += 1.0
        elif move == "board":
            first = self.seen["first(kelmark.board)"]
            self.seen["first(kelmark.board)"] = min(first, float(self.day))

    def calendar(self) -> None:
        s = self.s
        for arrives, move, actor, likelihood in self.underway:
            if arrives == self.day:
                self.happens(move, actor, likelihood)
        self.underway = [u for u in self.underway if u[0] > self.day]
        if s["season"] == 0.0:
            self.effects.append(("boats", "=", 300.0))
        if self.day == rules.DUE_STEP and s["accord"] < 4.0:
            self.effects += rules.STEPPING
        if s["arbitration"] == 0.0 and s["accord"] > 1.0:
            self.effects.append(("vg", "+", 0.5))
        if s["warning"] == 0.0:
            self.effects += [("pledge", "=", 0.0), ("standing", "+", -0.03)]
        if self.day == rules.ELECTION:
            chance = rules.logistic(-12.0 * (s["standing"] - 0.5))
            if self.throw("outcome kelmark.election") < chance:
                self.effects.append(("shared", "=", 1.0))
                self.seen["count(kelmark.election.moderates)"] += 1.0
            else:
                self.effects.append(("standing", "+", 0.03))
        if self.day == 21:
            blocs = ("crown", "harbour", "free_list")
            z = [self.normal(f"vote kelmark.assembly.ships {bloc}") for bloc in blocs]
            if rules.ships_carried(s, (z[0], z[1], z[2])):
                self.effects.append(("funded", "=", 1.0))
                self.seen["count(kelmark.assembly.ships.carried)"] += 1.0
            else:
                self.effects.append(("standing", "+", -0.02))
        if self.day == 41:
            willing = self.throw("vote league.observers willing")
            wavering = self.normal("vote league.observers wavering")
            veto = self.throw("veto league.observers kelmark")
            if rules.observers_carried(willing, wavering, veto):
                self.effects.append(("watch", "=", 1.0))

    def chance(self) -> None:
        s = self.s
        if self.throw("hazard fog") < 1.0 - rules.exp(-0.008 * s["boats"] / 100.0):
            self.effects.append(("kg", "+", 0.2))
            if self.throw("outcome fog") < 0.05:
                self.effects += [("kg", "+", 2.5), ("dead", "+", 1.0), ("harm", ">=", 2.0)]
        war = 1.0 - rules.exp(-rules.war_rate(s))
        if not self.seen["count(naval_war)"] and self.throw("hazard naval_war") < war:
            self.effects.append(("rung", ">=", 5.0))
            self.seen["count(naval_war)"] = 1.0

    def act(self, actor: Actor) -> None:
        move = actor.move
        if move is None:
            return
        if move == "land" and not self.consented():
            return
        likelihood = actor.likelihoods(move)
        lead = {"land": 2, "send_ships": 7}.get(move)
        if lead is None:
            self.happens(move, actor, likelihood)
        else:
            self.underway.append((self.day + lead, move, actor, likelihood))

    def consented(self) -> bool:
        """Whether the General Staff goes along; a refused opening is spent."""
        return self.throw("consent staff vessara.land") < rules.staff_accepts(self.s)

    def act_skippers(self) -> None:
        if self.skippers.move == "swarm":
            self.seen["count(swarm)"] += 1.0
            self.effects += rules.SWARM
            die = self.throw("outcome swarm")
            if die < 0.08:
                self.effects += rules.INJURY
            elif die < 0.08 + self.lethality:
                self.effects += rules.DEATH
                self.seen["count(swarm.death)"] += 1.0
        elif self.skippers.move == "cable":
            c = rules.clarity(self.s)
            points = self.throw("signature cable_cut") < 0.5 * (1.0 + c)
            self.effects += rules.cable_effects(0.5 * (1.0 + c) if points else 0.5 * (1.0 - c))
            self.ready["cable"] = self.day + rules.PAUSES["cable"]

    def learn(self) -> None:
        answered = False
        for move, actor, likelihood in self.lessons:
            if actor is self.kelmark:
                self.vessara.belief = rules.learned(self.vessara.belief, likelihood)
                answered = answered or move in ("board", "blockade")
            elif move != "let_loose" and (move != "hold_back" or self.s["line_open"]):
                self.kelmark.belief = rules.learned(self.kelmark.belief, likelihood)
        self.vessara.watch(answered)

    def keep(self) -> None:
        self.seen["highest(accord)"] = max(self.seen["highest(accord)"], self.s["accord"])
        self.bins.append(tuple(bin_of(name, self.s[NAMES.get(name, name)]) for name in SHOWN))


def gathered(models: Iterable[Strait], worlds: int) -> Worlds:
    """What is kept of some worlds that have been lived."""
    atoms = np.zeros((worlds, len(ATOMS)))
    bands = {name: np.zeros((DAYS, bins), np.int64) for name, (_, _, bins) in SHOWN.items()}
    for number, model in enumerate(models):
        model.seen["final(sailors_dead)"] = model.s["dead"]
        atoms[number] = [model.seen[name] for name in ATOMS]
        for day, row in enumerate(model.bins):
            for name, where in zip(SHOWN, row, strict=True):
                bands[name][day, where] += 1
    return Worlds(atoms, bands)

"""The tutorial's rules as plain Python functions, for the agent frameworks.

Whoever models this crisis in Mesa or AgentPy writes such functions once and calls them from agents.
A state is a dict of quantities; an effect is (quantity, operator, amount). Nothing here draws.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, floor, log
from typing import Literal

State = dict[str, float]
Effect = tuple[str, Literal["=", "+", ">=", "<="], float]
Policy = dict[str, float]

START: State = {
    "rung": 1.0,
    "harm": 0.0,
    "kg": 0.8,
    "vg": 0.3,
    "anger": 0.5,
    "control": 0.0,
    "order": 1.0,
    "boats": 90.0,
    "season": 39.0,
    "escorts": 4.0,
    "trade": 0.9,
    "standing": 0.52,
    "funded": 0.0,
    "occupied": 0.0,
    "shared": 0.0,
    "watch": 0.0,
    "dead": 0.0,
    "accord": 1.0,
    "next": -1.0,
    "arbitration": -1.0,
    "pledge": 0.0,
    "warning": -1.0,
    "line_open": 1.0,
}
HIGH: State = {
    "rung": 5.0,
    "harm": 3.0,
    "kg": 8.0,
    "vg": 8.0,
    "anger": 1.0,
    "control": 1.0,
    "order": 2.0,
    "boats": 400.0,
    "escorts": 12.0,
    "trade": 1.2,
    "standing": 1.0,
    "accord": 4.0,
    "pledge": 1.0,
}
CLOCKS = ("season", "next", "arbitration", "warning")
FADES = {  # resting value, and what is left after a day
    "rung": (1.0, 2.0 ** (-1 / 5)),
    "harm": (0.0, 2.0 ** (-1 / 14)),
    "kg": (0.0, 2.0 ** (-1 / 14)),
    "vg": (0.0, 2.0 ** (-1 / 14)),
    "anger": (0.3, 2.0 ** (-1 / 30)),
    "trade": (0.9, 2.0 ** (-1 / 20)),
    "standing": (0.52, 2.0 ** (-1 / 25)),
}
RANK = {"=": 0, "+": 1, ">=": 2, "<=": 3}
TYPES_LINE = (3.0, 2.0, 1.0, 0.0)  # never fights, after a death, an injury, a trifle
TYPES_ZEAL = (-0.4, 0.8)  # bargaining, grabbing
DUE_STEP, ELECTION = 19, 68


@dataclass
class Mind:
    """What a morning fixes besides the quantities."""

    day: int
    blocked: set[str]
    afraid: list[float]  # Vessara about Kelmark
    wild: float  # Kelmark about Vessara: that it is grabbing
    line: float
    zeal: float
    precision: float
    lethality: float


def logistic(x: float) -> float:
    return 1.0 / (1.0 + exp(-x))


def nearest(x: float) -> float:
    return floor(x + 0.5)


def loss_averse(z: float) -> float:
    return z if z >= 0.0 else 2.0 * z


# ---- what moves do -----------------------------------------------------------------------

LANDING: list[Effect] = [
    ("occupied", "=", 1.0),
    ("kg", "+", 2.5),
    ("rung", ">=", 4.0),
    ("harm", ">=", 1.0),
]
STEPPING: list[Effect] = [("next", "=", 30.0), ("accord", "+", 1.0), ("kg", "+", 0.2)]
EFFECTS: dict[str, list[Effect]] = {
    "hold_back": [("order", "=", 0.0)],
    "let_loose": [("order", "+", 1.0)],
    "inspect": [("vg", "+", -1.0), ("kg", "+", 0.8), ("trade", "+", -0.05), ("rung", ">=", 2.0)],
    "land": LANDING,
    "step": STEPPING,
    "undo": [("accord", "+", -1.0)],
    "board": [
        ("kg", "+", -1.0),
        ("vg", "+", 0.6),
        ("anger", "+", 0.15),
        ("control", "+", -0.05),
        ("standing", "+", 0.01),
        ("rung", ">=", 2.0),
    ],
    "blockade": [
        ("harm", "=", 0.0),
        ("line_open", "=", 0.0),
        ("pledge", "=", 0.0),
        ("warning", "=", -1.0),
        ("kg", "+", -5.0),
        ("vg", "+", 2.5),
        ("trade", "+", -0.3),
        ("standing", "+", 0.03),
        ("rung", ">=", 3.0),
    ],
    "send_ships": [("escorts", "+", 4.0)],
    "arbitrate": [("arbitration", "=", 30.0), ("standing", "+", 0.01)],
    "warn": [("warning", "=", 21.0), ("pledge", "+", 0.6), ("standing", "+", 0.03)],
}
PAUSES = {"inspect": 5, "board": 3, "blockade": 30, "cable": 14}
SWARM: list[Effect] = [("kg", "+", 0.4), ("anger", "+", -0.1), ("rung", ">=", 1.0)]
INJURY: list[Effect] = [("kg", "+", 1.2), ("harm", ">=", 1.0)]
DEATH: list[Effect] = [("kg", "+", 3.0), ("dead", "+", 1.0), ("harm", ">=", 2.0)]


def applied(s: State, effects: list[Effect]) -> State:
    """The state after some effects, which are in order."""
    after = dict(s)
    for name, operator, amount in effects:
        if operator == "+":
            after[name] += amount
        elif operator == "=":
            after[name] = amount
        elif operator == ">=":
            after[name] = max(after[name], amount)
        else:
            after[name] = min(after[name], amount)
    for name, _, _ in effects:
        if name in HIGH:
            after[name] = min(max(after[name], 0.0), HIGH[name])
    return after


def evening(s: State, effects: list[Effect]) -> State:
    """The day's end: old values fade, and all effects come in whole."""
    after = dict(s)
    for name, (rest, left) in FADES.items():
        after[name] = rest + (s[name] - rest) * left
    return applied(after, sorted(effects, key=lambda e: RANK[e[1]]))


def tick(s: State) -> None:
    """Clocks count a day down; the day after they ring they are off."""
    for clock in CLOCKS:
        s[clock] = s[clock] - 1.0 if s[clock] > 0.0 else -1.0


# ---- what actors want --------------------------------------------------------------------


def war_rate(s: State) -> float:
    calmer = 1.0 - 0.5 * s["line_open"]
    return 0.00005 * s["boats"] / 90.0 * exp(1.1 * s["rung"]) * calmer


def vessara_utility(s: State, zeal: float) -> float:
    return (
        (0.5 + 0.4 * zeal - 1.2 * s["pledge"]) * s["order"]
        + (2.0 + zeal) * s["occupied"]
        + 2.5 * s["shared"]
        - 0.9 * s["vg"]
        + 0.5 * s["accord"]
        - 280.0 * war_rate(s)
    )


def kelmark_utility(s: State, line: float) -> float:
    return (
        -2.0 * s["kg"] * (nearest(s["harm"]) >= line)
        - 0.3 * s["kg"]
        + 2.0 * loss_averse(s["trade"] - 1.0)
        - 3.0 * s["occupied"]
        + 8.0 * s["standing"]
        + 0.1 * s["escorts"]
        - 0.3 * s["accord"]
        - s["pledge"]
        - 280.0 * war_rate(s)
    )


def skippers_utility(s: State) -> float:
    return -2.0 * s["anger"] + 0.5 * s["kg"]


def staff_accepts(s: State) -> float:
    """The probability that the General Staff consents to a landing."""
    after = applied(s, LANDING)
    rung, islet = after["rung"] - s["rung"], after["occupied"] - s["occupied"]
    return logistic(1.5 * (-0.5 * rung + 1.2 * islet))


# ---- what they may do, and at what cost --------------------------------------------------


def vessara_options(s: State, m: Mind) -> list[str]:
    free = []
    if s["order"] > 0.0:
        free.append("hold_back")
    if s["order"] < 2.0:
        free.append("let_loose")
    if s["vg"] >= 0.5 and "inspect" not in m.blocked:
        free.append("inspect")
    if not s["occupied"] and m.afraid[0] >= 0.2 and "land" not in m.blocked:
        free.append("land")
    if s["accord"] < 4.0 and s["next"] <= 0.0 and m.day > DUE_STEP:
        free.append("step")
    if s["accord"] > 0.0 and s["shared"]:
        free.append("undo")
    return free


def vessara_cost(move: str, s: State, m: Mind) -> float:
    if move == "land":
        foreclosed = 1.25 * (1.0 - s["shared"]) if m.day < ELECTION else 0.0
        return 1.0 + 0.1 * s["escorts"] + foreclosed
    return {"hold_back": 0.1, "let_loose": 0.3, "inspect": 0.8, "step": 0.4, "undo": 0.1}[move]


def kelmark_options(s: State, m: Mind) -> list[str]:
    free = [move for move in ("board", "blockade") if move not in m.blocked]
    if s["funded"] and s["escorts"] <= 8.0 and "send_ships" not in m.blocked:
        free.append("send_ships")
    if s["arbitration"] <= 0.0 and s["accord"] >= 2.0:
        free.append("arbitrate")
    if s["warning"] <= 0.0:
        free.append("warn")
    return free


def kelmark_cost(move: str, m: Mind) -> float:
    if move == "send_ships":
        return 0.4 - m.wild  # ships against a landing
    return {"board": 0.7, "blockade": 4.0, "arbitrate": 0.2, "warn": 0.1}[move]


# ---- how they choose ---------------------------------------------------------------------


def softmax(odds: Policy) -> Policy:
    weights = {move: exp(x) for move, x in odds.items()}
    total = 1.0 + sum(weights.values())
    return {move: w / total for move, w in weights.items()}


def ahead(s: State, moves: list[str]) -> dict[str, State]:
    """The states that some moves lead to."""
    return {move: applied(s, EFFECTS[move]) for move in moves}


def vessara_types(s: State, m: Mind) -> list[Policy]:
    """Without foresight, as each type."""
    after = ahead(s, vessara_options(s, m))
    costs = {move: vessara_cost(move, s, m) for move in after}
    policies = []
    for zeal in TYPES_ZEAL:
        now = vessara_utility(s, zeal)
        odds = {
            move: 1.2 * (vessara_utility(y, zeal) - now - costs[move]) for move, y in after.items()
        }
        policies.append(softmax(odds))
    return policies


def kelmark_types(s: State, m: Mind) -> list[Policy]:
    """Without foresight, as each type."""
    after = ahead(s, kelmark_options(s, m))
    costs = {move: kelmark_cost(move, m) for move in after}
    policies = []
    for line in TYPES_LINE:
        precision = 1.6 if line == 0.0 else m.precision
        now = kelmark_utility(s, line)
        odds = {
            move: precision * (kelmark_utility(y, line) - now - costs[move])
            for move, y in after.items()
        }
        policies.append(softmax(odds))
    return policies


def mixed(policies: list[Policy], weights: list[float]) -> Policy:
    return {
        move: sum(w * p[move] for w, p in zip(weights, policies, strict=True))
        for move in policies[0]
    }


def vessara_choice(s: State, m: Mind, mood: float) -> Policy:
    """With one reaction foreseen."""
    now = vessara_utility(s, m.zeal)
    before = mixed(kelmark_types(s, m), m.afraid)
    odds = {}
    for move in vessara_options(s, m):
        y = applied(s, EFFECTS[move])
        there = vessara_utility(y, m.zeal)
        worth = there - now
        if move not in ("hold_back", "let_loose"):  # an order to the boats is not seen
            then = mixed(kelmark_types(y, m), m.afraid)
            for answer in {**before, **then}:
                shift = then.get(answer, 0.0) - before.get(answer, 0.0)
                z = vessara_utility(applied(y, EFFECTS[answer]), m.zeal)
                worth += shift * (z - there)
        odds[move] = 1.2 * (worth - vessara_cost(move, s, m)) + mood
    return softmax(odds)


def kelmark_choice(s: State, m: Mind, mood: float) -> Policy:
    """With one reaction foreseen."""
    now = kelmark_utility(s, m.line)
    beliefs = [1.0 - m.wild, m.wild]
    before = mixed(vessara_types(s, m), beliefs)
    odds = {}
    for move in kelmark_options(s, m):
        y = applied(s, EFFECTS[move])
        there = kelmark_utility(y, m.line)
        worth = there - now
        if move != "arbitrate":  # a suit moves nobody
            then = mixed(vessara_types(y, m), beliefs)
            for answer in {**before, **then}:
                if answer in ("hold_back", "let_loose"):
                    continue  # worth nothing to Kelmark itself
                shift = then.get(answer, 0.0) - before.get(answer, 0.0)
                z = kelmark_utility(applied(y, EFFECTS[answer]), m.line)
                worth += shift * (z - there)
        odds[move] = m.precision * (worth - kelmark_cost(move, m)) + mood
    return softmax(odds)


def clarity(s: State) -> float:
    return 1.0 - (0.7 - 0.3 * s["watch"]) / (1.0 + s["line_open"])


def cable_effects(guilty: float) -> list[Effect]:
    """What a cut cable does if the skippers look so guilty, and Vessara for the rest."""
    return [("kg", "+", 0.5 * guilty + 1.5 * (1.0 - guilty))]


def skippers_choice(s: State, m: Mind) -> Policy:
    now, hold = skippers_utility(s), s["control"]
    duty = 2.0 * hold
    ways = (
        (0.08, SWARM + INJURY),
        (m.lethality, SWARM + DEATH),
        (0.92 - m.lethality, SWARM),
    )
    gain = sum(p * (skippers_utility(applied(s, way)) - now) for p, way in ways)
    cost = 0.1 + 0.02 * s["escorts"]
    own = (1.0 - hold) * (gain - cost) + (duty if s["order"] >= 1.0 else -duty)
    odds = {"swarm": 1.5 * own}
    if "cable" not in m.blocked:
        c = clarity(s)
        guilty = (0.5 * (1.0 + c)) ** 2 + (0.5 * (1.0 - c)) ** 2
        gain = skippers_utility(applied(s, cable_effects(guilty))) - now
        own = (1.0 - hold) * (gain - 0.4) + (duty if s["order"] >= 2.0 else -duty)
        odds["cable"] = 1.5 * own
    return softmax(odds)


def drawn(policy: Policy, die: float) -> str | None:
    """The move that a die picks; None for doing nothing."""
    total = 0.0
    for move, p in policy.items():
        total += p
        if die < total:
            return move
    return None


# ---- how they learn ----------------------------------------------------------------------


def learned(weights: list[float], likelihood: list[float]) -> list[float]:
    """Bayes, at a learning rate of 0.7."""
    new = [w * exp(0.7 * log(p)) for w, p in zip(weights, likelihood, strict=True)]
    total = sum(new)
    return [w / total for w in new]


def silence(s: State, m: Mind) -> list[float]:
    """Per type of Kelmark, the probability of no answer at an opening."""
    return [
        max(1e-12, 1.0 - p.get("board", 0.0) - p.get("blockade", 0.0)) for p in kelmark_types(s, m)
    ]


# ---- votes -------------------------------------------------------------------------------


def ships_carried(s: State, z: tuple[float, float, float]) -> bool:
    crown, harbour, free_list = z
    yes = (
        48.0 * logistic(4.0 + 0.9 * crown)
        + 42.0 * logistic(-4.0 + 0.9 * harbour)
        + 28.5 * logistic(0.2 + 0.3 * s["rung"] + 0.9 * free_list)
    )
    return yes > 118.5 / 2.0


def observers_carried(willing: float, wavering: float, veto: float) -> bool:
    yes = (3.0 if willing < logistic(2.0) else 0.0) + 2.0 * logistic(0.8 * wavering)
    return yes >= 3.0 and veto >= logistic(0.4)


def share(low: float, high: float, z: float) -> float:
    """A logit-normal number with 10% and 90% points low and high."""
    a, b = log(low / (1.0 - low)), log(high / (1.0 - high))
    return logistic((a + b) / 2.0 + z / 2.5631031310892007 * (b - a))

"""The tutorial crisis over arrays of worlds, as a good NumPy user would write it.

A day is one pass over arrays of worlds. Who has an opening is a small part, so choices are worked
out for those worlds alone, by index. Utilities are written as differences, and exp(1.1 * rung) is
kept (`heat`), since an imagined event only ever lifts the rung to a level.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from bench.rivals.common import DAYS, SHOWN, Fed, Worlds, merged
from offramp.engine.elementary import normal_quantile  # for fed dice alone

Array = NDArray[np.float64]
Index = NDArray[np.int64]
State = dict[str, Array]
Throw = Callable[[str, int, Index | None], Array]
Normal = Callable[[str, int], Array]

CHUNK = 4096  # worlds at a time: arrays that stay in the second-level cache

HEAT = [float(np.exp(1.1 * level)) for level in range(6)]
FADE = {days: 2.0 ** (-1.0 / days) for days in (5, 14, 20, 25, 30)}
FADES = {  # half-life and resting value
    "rung": (5, 1.0),
    "harm": (14, 0.0),
    "kg": (14, 0.0),
    "vg": (14, 0.0),
    "anger": (30, 0.3),
    "trade": (20, 0.9),
    "standing": (25, 0.52),
}
BOUNDS = {
    "rung": (0.0, 5.0),
    "harm": (0.0, 3.0),
    "kg": (0.0, 8.0),
    "vg": (0.0, 8.0),
    "anger": (0.0, 1.0),
    "control": (0.0, 1.0),
    "order": (0.0, 2.0),
    "escorts": (0.0, 12.0),
    "trade": (0.0, 1.2),
    "standing": (0.0, 1.0),
    "accord": (0.0, 4.0),
    "pledge": (0.0, 1.0),
}
START = {
    "rung": 1.0,
    "harm": 0.0,
    "kg": 0.8,
    "vg": 0.3,
    "anger": 0.5,
    "order": 1.0,
    "boats": 90.0,
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
SEASON, DUE_STEP, SHIPS_VOTE, OBSERVERS_VOTE, ELECTION = 39, 19, 21, 41, 68
TYPES_LINE = np.array([[3.0], [2.0], [1.0], [0.0]])  # never, death, injury, trifle
TYPES_ZEAL = np.array([[-0.4], [0.8]])  # bargaining, grabbing
HOLD, LOOSE, INSPECT, LAND, STEP, UNDO = range(6)  # Vessara's moves
BOARD, BLOCKADE, SEND, ARBITRATE, WARN = range(5)  # Kelmark's
NEVER = 1e9


def run(worlds: int, seed: int, fed: Fed | None = None) -> Worlds:
    """Worlds of the tutorial, with dice of their own or fed ones."""
    rng = np.random.default_rng(seed)
    parts = []
    for first in range(0, worlds, CHUNK):
        n = min(CHUNK, worlds - first)
        parts.append(_Chunk(n, *_dice(rng, n, fed, first)).live())
    return merged(parts)


def _dice(rng: np.random.Generator, n: int, fed: Fed | None, first: int) -> tuple[Throw, Normal]:
    """Uniform numbers for some or all worlds, and standard normal ones for all."""
    if fed is None:
        return (
            lambda name, day, index: rng.random(n if index is None else len(index)),
            lambda name, day: rng.standard_normal(n),
        )
    rows = {name: table[:, first : first + n] for name, table in fed.items()}
    return (
        lambda name, day, index: rows[name][day] if index is None else rows[name][day, index],
        lambda name, day: np.array([normal_quantile(u) for u in rows[name][day].tolist()]),
    )


def logistic(x: Array) -> Array:
    return np.asarray(1.0 / (1.0 + np.exp(-x)))


def loss_averse(trade: Array) -> Array:
    z = trade - 1.0
    return np.where(z >= 0.0, z, 2.0 * z)


def changed(s: State, **new: Array) -> State:
    return {**s, **new}


def policy(odds: Array, free: Array) -> Array:
    """Probabilities (moves, ..., worlds) from log-odds; doing nothing has the rest."""
    weights = np.exp(odds) * free
    return np.asarray(weights / (1.0 + weights.sum(axis=0)))


# ---- the war that all fear ---------------------------------------------------------------


def war(s: State, level: int | None = None, line_open: Array | None = None) -> Array:
    """The daily rate of war, as it is or with the rung lifted to a level."""
    heat = s["heat"] if level is None else np.maximum(s["heat"], HEAT[level])
    line = s["line_open"] if line_open is None else line_open
    return np.asarray(0.00005 / 90.0 * s["boats"] * heat * (1.0 - 0.5 * line))


def imagined_board(s: State) -> State:
    return changed(
        s,
        kg=np.maximum(s["kg"] - 1.0, 0.0),
        vg=np.minimum(s["vg"] + 0.6, 8.0),
        heat=np.maximum(s["heat"], HEAT[2]),
        standing=np.minimum(s["standing"] + 0.01, 1.0),
    )


def imagined_blockade(s: State) -> State:
    zero = np.zeros_like(s["kg"])
    return changed(
        s,
        kg=np.maximum(s["kg"] - 5.0, 0.0),
        level=zero,
        vg=np.minimum(s["vg"] + 2.5, 8.0),
        heat=np.maximum(s["heat"], HEAT[3]),
        trade=np.maximum(s["trade"] - 0.3, 0.0),
        standing=np.minimum(s["standing"] + 0.03, 1.0),
        line_open=zero,
        pledge=zero,
        warning=zero - 1.0,
    )


def imagined_send(s: State) -> State:
    return changed(s, escorts=np.minimum(s["escorts"] + 4.0, 12.0))


def imagined_warn(s: State) -> State:
    return changed(
        s,
        pledge=np.minimum(s["pledge"] + 0.6, 1.0),
        warning=np.full_like(s["kg"], 21.0),
        standing=np.minimum(s["standing"] + 0.03, 1.0),
    )


def imagined_inspect(s: State) -> State:
    return changed(
        s,
        vg=np.maximum(s["vg"] - 1.0, 0.0),
        kg=np.minimum(s["kg"] + 0.8, 8.0),
        trade=np.maximum(s["trade"] - 0.05, 0.0),
        heat=np.maximum(s["heat"], HEAT[2]),
    )


def imagined_land(s: State) -> State:
    return changed(
        s,
        occupied=np.ones_like(s["kg"]),
        heat=np.maximum(s["heat"], HEAT[4]),
        kg=np.minimum(s["kg"] + 2.5, 8.0),
        level=np.maximum(s["level"], 1.0),
    )


def imagined_step(s: State) -> State:
    return changed(
        s,
        accord=np.minimum(s["accord"] + 1.0, 4.0),
        next=np.full_like(s["kg"], 30.0),
        kg=np.minimum(s["kg"] + 0.2, 8.0),
    )


def imagined_undo(s: State) -> State:
    return changed(s, accord=np.maximum(s["accord"] - 1.0, 0.0))


# ---- Kelmark -----------------------------------------------------------------------------


def kelmark_gains(s: State, line: Array) -> list[Array]:
    """What each of its own moves brings Kelmark; with `line` (types, worlds) or (worlds,)."""
    over = s["level"] >= line
    hurt = 2.0 * over + 0.3
    less = np.maximum(s["kg"] - 1.0, 0.0)
    far_less = np.maximum(s["kg"] - 5.0, 0.0)
    now = war(s)
    firmer = 8.0 * (np.minimum(s["standing"] + 0.03, 1.0) - s["standing"])
    firm = 8.0 * (np.minimum(s["standing"] + 0.01, 1.0) - s["standing"])
    ports = 2.0 * (loss_averse(np.maximum(s["trade"] - 0.3, 0.0)) - loss_averse(s["trade"]))
    risk = 280.0 * (war(s, 3, np.zeros_like(now)) - now)
    return [
        hurt * (s["kg"] - less) + firm - 280.0 * (war(s, 2) - now),
        hurt * s["kg"]
        - (2.0 * (line <= 0.0) + 0.3) * far_less
        + (ports + firmer + s["pledge"] - risk),
        0.1 * (np.minimum(s["escorts"] + 4.0, 12.0) - s["escorts"]),
        firm,
        firmer - (np.minimum(s["pledge"] + 0.6, 1.0) - s["pledge"]),
    ]


def kelmark_free(s: State) -> Array:
    """Which of its moves Kelmark may make, as 0 and 1, (moves, worlds)."""
    return np.stack(
        [
            s["board_free"],
            s["blockade_free"],
            s["send_free"] * s["funded"] * (s["escorts"] <= 8.0),
            (s["arbitration"] <= 0.0) & (s["accord"] >= 2.0),
            s["warning"] <= 0.0,
        ]
    )


def kelmark_values(gains: list[Array], s: State) -> list[Array]:
    return [
        gains[BOARD] - 0.7,
        gains[BLOCKADE] - 4.0,
        gains[SEND] - 0.4 + s["grabbing"],
        gains[ARBITRATE] - 0.2,
        gains[WARN] - 0.1,
    ]


def kelmark_by_type(s: State) -> Array:
    """Kelmark's policy without foresight for each type: (moves, types, worlds)."""
    precision = np.repeat(s["precision"][None], 4, axis=0)
    precision[3] = 1.6
    values = kelmark_values(kelmark_gains(s, TYPES_LINE), s)
    odds = np.stack([precision * v for v in values])
    return policy(odds, kelmark_free(s)[:, None, :])


def kelmark_expected(s: State) -> Array:
    """What Vessara expects of Kelmark: (moves, worlds)."""
    return np.asarray((kelmark_by_type(s) * s["belief"]).sum(axis=1))


def kelmark_choice(s: State) -> Array:
    """The policy Kelmark acts on: one reaction foreseen, and its mood."""
    worth = kelmark_gains(s, s["line"])
    before = vessara_expected(s)
    for move, imagine in (
        (BOARD, imagined_board),
        (BLOCKADE, imagined_blockade),
        (SEND, imagined_send),
        (WARN, imagined_warn),
    ):
        y = imagine(s)
        shift = vessara_expected(y) - before
        worth[move] = worth[move] + vessara_moves_to_kelmark(y, shift)
    values = np.stack(kelmark_values(worth, s))
    return policy(s["precision"] * values + s["mood_k"], kelmark_free(s))


def vessara_moves_to_kelmark(s: State, shift: Array) -> Array:
    """The worth to Kelmark of a shift of Vessara's policy."""
    hurt = 2.0 * (s["level"] >= s["line"]) + 0.3
    now = war(s)
    inspect = (
        -hurt * (np.minimum(s["kg"] + 0.8, 8.0) - s["kg"])
        + 2.0 * (loss_averse(np.maximum(s["trade"] - 0.05, 0.0)) - loss_averse(s["trade"]))
        - 280.0 * (war(s, 2) - now)
    )
    landed = 2.0 * (np.maximum(s["level"], 1.0) >= s["line"]) + 0.3
    land = (
        hurt * s["kg"]
        - landed * np.minimum(s["kg"] + 2.5, 8.0)
        - 3.0 * (1.0 - s["occupied"])
        - 280.0 * (war(s, 4) - now)
    )
    step = -hurt * (np.minimum(s["kg"] + 0.2, 8.0) - s["kg"]) - 0.3 * (
        np.minimum(s["accord"] + 1.0, 4.0) - s["accord"]
    )
    undo = 0.3 * (s["accord"] - np.maximum(s["accord"] - 1.0, 0.0))
    return np.asarray(
        shift[INSPECT] * inspect + shift[LAND] * land + shift[STEP] * step + shift[UNDO] * undo
    )


# ---- Vessara -----------------------------------------------------------------------------


def vessara_gains(s: State, zeal: Array) -> list[Array]:
    """What each of its own moves brings Vessara."""
    boats = 0.5 + 0.4 * zeal - 1.2 * s["pledge"]
    now = war(s)
    return [
        -boats * s["order"],
        boats * (np.minimum(s["order"] + 1.0, 2.0) - s["order"]),
        0.9 * (s["vg"] - np.maximum(s["vg"] - 1.0, 0.0)) - 280.0 * (war(s, 2) - now),
        (2.0 + zeal) * (1.0 - s["occupied"]) - 280.0 * (war(s, 4) - now),
        0.5 * (np.minimum(s["accord"] + 1.0, 4.0) - s["accord"]),
        0.5 * (np.maximum(s["accord"] - 1.0, 0.0) - s["accord"]),
    ]


def vessara_free(s: State) -> Array:
    """Which of its moves Vessara may make."""
    return np.stack(
        [
            s["order"] > 0.0,
            s["order"] < 2.0,
            s["inspect_free"] * (s["vg"] >= 0.5),
            s["land_free"] * (s["occupied"] == 0.0) * (s["belief"][0] >= 0.2),
            (s["accord"] < 4.0) & (s["next"] <= 0.0) & (s["day"] > DUE_STEP),
            (s["accord"] > 0.0) & (s["shared"] > 0.0),
        ]
    )


def vessara_values(gains: list[Array], s: State) -> list[Array]:
    foreclosed = np.where(s["day"] < ELECTION, 1.25 * (1.0 - s["shared"]), 0.0)
    return [
        gains[HOLD] - 0.1,
        gains[LOOSE] - 0.3,
        gains[INSPECT] - 0.8,
        gains[LAND] - (1.0 + 0.1 * s["escorts"]) - foreclosed,
        gains[STEP] - 0.4,
        gains[UNDO] - 0.1,
    ]


def vessara_by_type(s: State) -> Array:
    """Vessara's policy without foresight for each type: (moves, types, worlds)."""
    values = vessara_values(vessara_gains(s, TYPES_ZEAL), s)
    odds = 1.2 * np.stack([np.broadcast_to(v, (2, len(s["kg"]))) for v in values])
    return policy(odds, vessara_free(s)[:, None, :])


def vessara_expected(s: State) -> Array:
    """What Kelmark expects of Vessara."""
    by_type = vessara_by_type(s)
    return np.asarray(by_type[:, 0] * (1.0 - s["grabbing"]) + by_type[:, 1] * s["grabbing"])


def vessara_choice(s: State, day: int) -> Array:
    """The policy Vessara acts on."""
    worth = vessara_gains(s, s["zeal"])
    before = kelmark_expected(s)
    reacting = [(INSPECT, imagined_inspect), (LAND, imagined_land)]
    if day > DUE_STEP:
        reacting.append((STEP, imagined_step))
    if day > ELECTION:
        reacting.append((UNDO, imagined_undo))
    for move, imagine in reacting:
        y = imagine(s)
        shift = kelmark_expected(y) - before
        worth[move] = worth[move] + kelmark_moves_to_vessara(y, shift)
    values = np.stack(vessara_values(worth, s))
    return policy(1.2 * values + s["mood_v"], vessara_free(s))


def kelmark_moves_to_vessara(s: State, shift: Array) -> Array:
    """The worth to Vessara of a shift of Kelmark's policy."""
    now = war(s)
    board = -0.9 * (np.minimum(s["vg"] + 0.6, 8.0) - s["vg"]) - 280.0 * (war(s, 2) - now)
    blockade = (
        1.2 * s["pledge"] * s["order"]
        - 0.9 * (np.minimum(s["vg"] + 2.5, 8.0) - s["vg"])
        - 280.0 * (war(s, 3, np.zeros_like(now)) - now)
    )
    warn = -1.2 * (np.minimum(s["pledge"] + 0.6, 1.0) - s["pledge"]) * s["order"]
    return np.asarray(shift[BOARD] * board + shift[BLOCKADE] * blockade + shift[WARN] * warn)


# ---- the skippers ------------------------------------------------------------------------


def clarity_of(s: State) -> Array:
    return np.asarray(1.0 - (1.0 - (0.3 + 0.3 * s["watch"])) / (1.0 + s["line_open"]))


def skippers_choice(s: State) -> Array:
    """No foresight, no mood; the patron's order counts as far as its hold goes."""
    kg, will = s["kg"], 1.0 - s["control"]
    death, injury = s["lethality"], 0.08
    louder = 0.5 * (
        injury * np.minimum(kg + 1.6, 8.0)
        + death * np.minimum(kg + 3.4, 8.0)
        + (1.0 - injury - death) * np.minimum(kg + 0.4, 8.0)
        - kg
    )
    calmer = 2.0 * (s["anger"] - np.maximum(s["anger"] - 0.1, 0.0))
    cost = 0.1 + 0.02 * s["escorts"]
    c = clarity_of(s)
    guilty = (0.5 * (1.0 + c)) ** 2 + (0.5 * (1.0 - c)) ** 2
    noticed = 0.5 * (np.minimum(kg + 0.5 * guilty + 1.5 * (1.0 - guilty), 8.0) - kg)
    duty = 2.0 * s["control"]
    swarm = will * (calmer + louder - cost) + np.where(s["order"] >= 1.0, duty, -duty)
    cable = will * (noticed - 0.4) + np.where(s["order"] >= 2.0, duty, -duty)
    free = np.stack([np.ones_like(kg), s["cable_free"]])
    return policy(1.5 * np.stack([swarm, cable]), free)


# ---- a day -------------------------------------------------------------------------------


def drawn(probabilities: Array, die: Array) -> Index:
    """The number of the move that a die picks; the number of moves for doing nothing."""
    return np.asarray((die >= np.cumsum(probabilities, axis=0)).sum(axis=0))


class _Chunk:
    """Some worlds from the first day to the last."""

    def __init__(self, n: int, throw: Throw, normal: Normal) -> None:
        self.n, self.throw, self.normal = n, throw, normal
        self.s: State = {name: np.full(n, x) for name, x in START.items()}
        z = {
            name: normal(f"unknown {name}", 0) / 2.5631031310892007
            for name in ("steering", "lethality", "tempo", "vessara.zeal")
        }
        ends = np.array([0.05, 0.45, 0.90])
        line = np.searchsorted(ends, throw("unknown kelmark.line", 0, None), side="right")
        between = throw("unknown kelmark.precision", 0, None)
        self.s["control"] = share(0.15, 0.4, z["steering"])
        self.fixed: State = {
            "line": line.astype(np.float64),
            "lethality": share(0.01, 0.06, z["lethality"]),
            "tempo": np.exp(np.log(0.6 * 1.7) / 2.0 + z["tempo"] * np.log(1.7 / 0.6)),
            "zeal": 1.2 * z["vessara.zeal"],
            "precision": 0.8 + 0.8 * between,
            "mood_v": 0.3 * normal("mood vessara", 0),
            "mood_k": 0.4 * normal("mood kelmark", 0),
        }
        self.belief = np.repeat(np.array([[0.33], [0.37], [0.20], [0.10]]), n, axis=1)
        self.grabbing = np.full(n, 0.3)
        self.opened, self.scored = np.full(n, NEVER), np.zeros(n, bool)
        self.silence = np.ones((4, n))
        names = ("board", "blockade", "inspect", "cable", "land", "send", "war")
        self.ready = {name: np.zeros(n) for name in names}  # first day it may be done again
        self.land_at, self.send_at = np.full(n, NEVER), np.full(n, NEVER)
        self.land_lesson, self.send_lesson = np.ones((2, n)), np.ones((4, n))
        self.seen = {
            name: np.zeros(n)
            for name in ("blockade", "death", "land", "war", "ships", "moderates", "swarm")
        }
        self.top, self.first = np.ones(n), np.full(n, float(DAYS))
        self.bands = {name: np.zeros((DAYS, k), np.int64) for name, (_, _, k) in SHOWN.items()}

    def live(self) -> Worlds:
        for day in range(DAYS):
            self.day(day)
        seen = self.seen
        atoms = np.stack(
            [
                seen["blockade"],
                seen["death"],
                seen["land"],
                seen["war"],
                self.s["dead"],
                seen["ships"],
                self.top,
                seen["moderates"],
                seen["swarm"],
                self.first,
            ],
            axis=1,
        )
        return Worlds(atoms, self.bands)

    def morning(self, day: int, index: Index) -> State:
        """The snapshot of some worlds, with what their choices read."""
        part = {name: x[index] for name, x in self.s.items()}
        part |= {name: x[index] for name, x in self.fixed.items()}
        part["day"] = np.full(len(index), float(day))
        part["belief"] = self.belief[:, index]
        part["grabbing"] = self.grabbing[index]
        part["heat"], part["level"] = self.heat[index], self.level[index]
        for name, free in self.free.items():
            part[f"{name}_free"] = free[index].astype(np.float64)
        return part

    def day(self, day: int) -> None:
        s, n = self.s, self.n
        if day > 0:
            for clock in ("next", "arbitration", "warning"):
                s[clock] = np.where(s[clock] > 0.0, s[clock] - 1.0, -1.0)
        self.heat, self.level = np.exp(1.1 * s["rung"]), np.floor(s["harm"] + 0.5)
        self.free = {name: ready <= day for name, ready in self.ready.items()}
        add: State = {name: np.zeros(n) for name in ("kg", "vg", "anger", "control", "standing")}
        lift = {name: np.zeros(n) for name in ("rung", "harm")}
        after = dict(s)
        for name, (half, rest) in FADES.items():
            after[name] = rest + (s[name] - rest) * FADE[half]
        lessons: list[tuple[str, Index, Array]] = []
        answered = np.zeros(n, bool)

        self.calendar(day, after, add, lift, lessons)
        self.chance(day, after, add, lift)
        self.skippers(day, after, add, lift)
        self.vessara(day, after, add, lift, lessons)
        self.kelmark(day, after, add, lift, lessons, answered)

        for name, x in add.items():
            after[name] = after[name] + x
        for name, x in lift.items():
            after[name] = np.maximum(after[name], x)
        for name, (low, high) in BOUNDS.items():
            after[name] = np.clip(after[name], low, high)
        self.learn(day, lessons, answered)
        self.s = after
        self.keep(day)

    def calendar(
        self,
        day: int,
        after: State,
        add: State,
        lift: State,
        lessons: list[tuple[str, Index, Array]],
    ) -> None:
        s, throw = self.s, self.throw
        landed = np.flatnonzero(self.land_at == day)
        if len(landed):
            self.land_at[landed] = NEVER
            self.ready["land"][landed] = NEVER
            self.seen["land"][landed] += 1.0
            after["occupied"] = after["occupied"].copy()
            after["occupied"][landed] = 1.0
            add["kg"][landed] += 2.5
            lift["rung"][landed] = 4.0
            lift["harm"][landed] = 1.0
            lessons.append(("vessara", landed, self.land_lesson[:, landed]))
        came = np.flatnonzero(self.send_at == day)
        if len(came):
            self.send_at[came] = NEVER
            self.ready["send"][came] = day + 1.0  # this morning it was still under way
            after["escorts"] = after["escorts"].copy()
            after["escorts"][came] += 4.0
            lessons.append(("kelmark", came, self.send_lesson[:, came]))
        if day == SEASON:
            after["boats"] = np.full(self.n, 300.0)
        if day == DUE_STEP:
            due = s["accord"] < 4.0
            after["accord"] = s["accord"] + due
            after["next"] = np.where(due, 30.0, s["next"])
            add["kg"] += 0.2 * due
        if day == ELECTION:
            chance = logistic(-12.0 * (s["standing"] - 0.5))
            won = throw("outcome kelmark.election", day, None) < chance
            after["shared"] = won.astype(np.float64)
            add["standing"] += 0.03 * ~won
            self.seen["moderates"] += won
        add["vg"] += 0.5 * ((s["arbitration"] == 0.0) & (s["accord"] > 1.0))
        lapsed = s["warning"] == 0.0
        after["pledge"] = np.where(lapsed, 0.0, s["pledge"])
        add["standing"] -= 0.03 * lapsed
        if day == SHIPS_VOTE:
            yes = np.zeros(self.n)
            blocs = (
                ("crown", 48.0, np.full(self.n, 4.0)),
                ("harbour", 42.0, np.full(self.n, -4.0)),
                ("free_list", 30.0 * 0.95, 0.2 + 0.3 * s["rung"]),
            )
            for bloc, seats, odds in blocs:
                z = self.normal(f"vote kelmark.assembly.ships {bloc}", day)
                yes += seats * logistic(odds + 0.9 * z)
            carried = yes > (48.0 + 42.0 + 28.5) / 2.0
            after["funded"] = carried.astype(np.float64)
            add["standing"] -= 0.02 * ~carried
            self.seen["ships"] += carried
        if day == OBSERVERS_VOTE:
            z = self.normal("vote league.observers wavering", day)
            willing = throw("vote league.observers willing", day, None) < logistic(np.array(2.0))
            enough = 3.0 * willing + 2.0 * logistic(0.8 * z) >= 3.0
            veto = throw("veto league.observers kelmark", day, None) < logistic(np.array(0.4))
            after["watch"] = (enough & ~veto).astype(np.float64)

    def chance(self, day: int, after: State, add: State, lift: State) -> None:
        s, throw = self.s, self.throw
        fog = np.flatnonzero(
            throw("hazard fog", day, None) < -np.expm1(-0.008 / 100.0 * s["boats"])
        )
        add["kg"][fog] += 0.2
        dead = fog[throw("outcome fog", day, fog) < 0.05]
        self.deaths(dead, 2.5, after, add, lift)
        rate = war({"heat": self.heat, **s})
        hit = throw("hazard naval_war", day, None) < -np.expm1(-rate)
        begun = np.flatnonzero(hit & self.free["war"])
        self.ready["war"][begun] = NEVER
        self.seen["war"][begun] += 1.0
        lift["rung"][begun] = 5.0

    @staticmethod
    def deaths(index: Index, grief: float, after: State, add: State, lift: State) -> None:
        add["kg"][index] += grief
        lift["harm"][index] = np.maximum(lift["harm"][index], 2.0)
        after["dead"] = after["dead"].copy()
        after["dead"][index] += 1.0

    def skippers(self, day: int, after: State, add: State, lift: State) -> None:
        s, throw = self.s, self.throw
        pace = 0.12 * self.fixed["tempo"] * (0.5 + s["anger"]) * (1.0 + s["boats"] / 300.0)
        index = np.flatnonzero(throw("opening skippers", day, None) < -np.expm1(-pace))
        part = self.morning(day, index)
        move = drawn(skippers_choice(part), throw("choice skippers", day, index))
        swarm = index[move == 0]
        self.seen["swarm"][swarm] += 1.0
        add["kg"][swarm] += 0.4
        add["anger"][swarm] -= 0.1
        lift["rung"][swarm] = np.maximum(lift["rung"][swarm], 1.0)
        die = throw("outcome swarm", day, swarm)
        lethal = self.fixed["lethality"][swarm]
        hurt = swarm[die < 0.08]
        add["kg"][hurt] += 1.2
        lift["harm"][hurt] = np.maximum(lift["harm"][hurt], 1.0)
        dead = swarm[(die >= 0.08) & (die < 0.08 + lethal)]
        self.deaths(dead, 3.0, after, add, lift)
        self.seen["death"][dead] += 1.0
        cut = index[move == 1]
        self.ready["cable"][cut] = day + 14.0
        c = clarity_of({name: s[name][cut] for name in ("watch", "line_open")})
        true = throw("signature cable_cut", day, cut) < 0.5 * (1.0 + c)
        guilty = np.where(true, 0.5 * (1.0 + c), 0.5 * (1.0 - c))
        add["kg"][cut] += 0.5 * guilty + 1.5 * (1.0 - guilty)

    def vessara(
        self,
        day: int,
        after: State,
        add: State,
        lift: State,
        lessons: list[tuple[str, Index, Array]],
    ) -> None:
        s, throw = self.s, self.throw
        pace = np.where(s["vg"] >= 1.0, -np.expm1(-0.25), -np.expm1(-0.10))
        index = np.flatnonzero(throw("opening vessara", day, None) < pace)
        part = self.morning(day, index)
        move = drawn(vessara_choice(part, day), throw("choice vessara", day, index))
        landing = np.flatnonzero(move == LAND)
        if len(landing):
            where = index[landing]
            rung, occupied = s["rung"][where], s["occupied"][where]
            worth = -0.5 * (np.maximum(rung, 4.0) - rung) + 1.2 * (1.0 - occupied)
            refused = throw("consent staff vessara.land", day, where) >= logistic(1.5 * worth)
            move[landing[refused]] = 6
        moved = np.flatnonzero(move < 6)
        likely = vessara_by_type({k: x[..., moved] for k, x in part.items()})
        index, move = index[moved], move[moved]
        likely = likely[move, :, np.arange(len(move))].T  # (types, worlds)

        hold, loose, inspect = (index[move == m] for m in (HOLD, LOOSE, INSPECT))
        after["order"] = s["order"].copy()
        after["order"][hold] = 0.0
        after["order"][loose] += 1.0
        self.ready["inspect"][inspect] = day + 5.0
        add["vg"][inspect] -= 1.0
        add["kg"][inspect] += 0.8
        after["trade"][inspect] -= 0.05
        lift["rung"][inspect] = np.maximum(lift["rung"][inspect], 2.0)
        land = index[move == LAND]
        self.ready["land"][land] = NEVER
        self.land_at[land] = day + 2.0
        self.land_lesson[:, land] = likely[:, move == LAND]
        step, undo = index[move == STEP], index[move == UNDO]
        if len(step) or len(undo):
            after["accord"] = after["accord"].copy()
            after["next"] = after["next"].copy()
            after["accord"][step] += 1.0
            after["next"][step] = 30.0
            add["kg"][step] += 0.2
            after["accord"][undo] -= 1.0
        shown = (move == HOLD) & (s["line_open"][index] > 0.0)
        shown |= (move == INSPECT) | (move == STEP) | (move == UNDO)
        lessons.append(("vessara", index[shown], likely[:, shown]))

    def kelmark(
        self,
        day: int,
        after: State,
        add: State,
        lift: State,
        lessons: list[tuple[str, Index, Array]],
        answered: NDArray[np.bool_],
    ) -> None:
        s, throw = self.s, self.throw
        over = self.level >= self.fixed["line"]
        pace = np.where(over, -np.expm1(-0.35), -np.expm1(-0.10))
        index = np.flatnonzero(throw("opening kelmark", day, None) < pace)
        part = self.morning(day, index)
        move = drawn(kelmark_choice(part), throw("choice kelmark", day, index))
        moved = np.flatnonzero(move < 5)
        likely = kelmark_by_type({k: x[..., moved] for k, x in part.items()})
        index, move = index[moved], move[moved]
        likely = likely[move, :, np.arange(len(move))].T

        board, blockade = index[move == BOARD], index[move == BLOCKADE]
        answered[board] = answered[blockade] = True
        self.first[board] = np.minimum(self.first[board], day)
        self.ready["board"][board] = day + 3.0
        add["kg"][board] -= 1.0
        add["vg"][board] += 0.6
        add["anger"][board] += 0.15
        add["control"][board] -= 0.05
        add["standing"][board] += 0.01
        lift["rung"][board] = np.maximum(lift["rung"][board], 2.0)
        self.seen["blockade"][blockade] += 1.0
        self.ready["blockade"][blockade] = day + 30.0
        add["kg"][blockade] -= 5.0
        after["harm"][blockade] = 0.0
        add["vg"][blockade] += 2.5
        lift["rung"][blockade] = np.maximum(lift["rung"][blockade], 3.0)
        after["trade"][blockade] -= 0.3
        add["standing"][blockade] += 0.03
        after["line_open"] = s["line_open"].copy()
        after["line_open"][blockade] = 0.0
        after["pledge"][blockade] = 0.0
        warn, arbitrate = index[move == WARN], index[move == ARBITRATE]
        after["warning"] = s["warning"].copy()
        after["warning"][blockade] = -1.0
        after["warning"][warn] = 21.0
        after["pledge"][warn] += 0.6
        add["standing"][warn] += 0.03
        after["arbitration"] = s["arbitration"].copy()
        after["arbitration"][arbitrate] = 30.0
        add["standing"][arbitrate] += 0.01
        sent = index[move == SEND]
        self.ready["send"][sent] = NEVER
        self.send_at[sent] = day + 7.0
        self.send_lesson[:, sent] = likely[:, move == SEND]
        lessons.append(("kelmark", index[move != SEND], likely[:, move != SEND]))

    def learn(
        self, day: int, lessons: list[tuple[str, Index, Array]], answered: NDArray[np.bool_]
    ) -> None:
        """Bayes at a learning rate of 0.7; silence is scored once a provocation."""
        provoked = self.s["kg"] >= 1.0
        ripe = np.flatnonzero((day - self.opened >= 10.0) & ~answered)
        lessons.append(("kelmark", ripe, self.silence[:, ripe]))
        begins = self.scored & provoked | answered
        begins[ripe] = True
        fresh = np.flatnonzero(
            provoked & ~begins & (self.opened == NEVER)
        )  # asked before beliefs move: policies read this morning's
        quiet = kelmark_by_type(self.morning(day, fresh))[:2].sum(axis=0)
        for about, index, likely in lessons:
            if about == "kelmark":
                new = self.belief[:, index] * np.exp(0.7 * np.log(likely))
                self.belief[:, index] = new / new.sum(axis=0)
            else:
                wild = self.grabbing[index] * np.exp(0.7 * np.log(likely[1]))
                mild = (1.0 - self.grabbing[index]) * np.exp(0.7 * np.log(likely[0]))
                self.grabbing[index] = wild / (wild + mild)
        over = answered.copy()
        over[ripe] = True
        self.opened[over] = NEVER
        self.scored = np.where(over, True, self.scored) & provoked
        self.opened[fresh] = day
        self.silence[:, fresh] = np.maximum(1e-12, 1.0 - quiet)

    def keep(self, day: int) -> None:
        """What the questions watch, and the histogram of this evening."""
        self.top = np.maximum(self.top, self.s["accord"])
        names = {"kelmark.grievance": "kg"}
        for name, (low, high, bins) in SHOWN.items():
            value = (self.s[names.get(name, name)] - low) / (high - low)
            where = np.floor(value * (bins - 1) + 0.5).astype(np.int64)
            self.bands[name][day] = np.bincount(where, minlength=bins)


def share(low: float, high: float, z: Array) -> Array:
    """The logit-normal with 10% and 90% points low and high; z in widths between them."""
    a, b = np.log(low / (1.0 - low)), np.log(high / (1.0 - high))
    return logistic((a + b) / 2.0 + z * (b - a))

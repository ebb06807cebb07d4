"""From a plan to the text of a Python module: constants and formulas of one crisis, then the rules
that all share (`runtime.py`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from importlib import resources

from offramp.engine.formulas import Layout
from offramp.engine.noise import site
from offramp.engine.plan import Occurrence, Plan
from offramp.language.crisis import Event
from offramp.language.expressions import Claim
from offramp.language.kinds import constant

CARRIED, LOST = 90, 91  # branches of a vote that has no effects for them
LEVELS = 5  # situations in the imagination at once: foresight 2 needs four, and this morning
KINDS = {"between": 0, "share": 1, "scale": 2, "normal": 3, "among": 4}

_HEADER = '''"""{title}: the model as code, written by Offramp {version}.

Do not edit this; edit the crisis file. F and I are a world's memory; s, u, g, y are places in it:
quantities, unknowns, guilt of suspects, an outcome.
"""

import math
from types import FunctionType

import numpy as np

from offramp.engine import elementary, formulas
'''

_COMPILED = """
from numba import njit

kernel = njit(nogil=True, fastmath=False, error_model="numpy")
entry = njit(nogil=True, fastmath=False, error_model="numpy", cache=True)

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
M1 = np.uint64(0xBF58476D1CE4E5B9)
M2 = np.uint64(0x94D049BB133111EB)
WORLD = np.uint64(0xD1342543DE82EF95)


@kernel
def memory():
    return np.zeros(FLOATS), np.zeros(INTEGERS, np.int64)


@kernel
def mix(z):
    z = (z ^ (z >> np.uint64(30))) * M1
    z = (z ^ (z >> np.uint64(27))) * M2
    return z ^ (z >> np.uint64(31))


@kernel
def wrapped(a, b):
    return a + b


@kernel
def counter(day):
    return mix((np.uint64(day) * np.uint64(1024) + np.uint64(1)) * GOLDEN)


@kernel
def scaled(z):
    return (np.float64(z >> np.uint64(12)) + 0.5) * 2.0**-52


@kernel
def world_key(seed, number):
    start = mix(np.uint64(seed) + GOLDEN)
    return mix(start ^ (np.uint64(number) * WORLD + np.uint64(1)))
"""

_PLAIN = """
MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


def kernel(function):
    return function


entry = kernel


def memory():
    return [0.0] * FLOATS, [0] * INTEGERS


def mix(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def wrapped(a, b):
    return (a + b) & MASK


def counter(day):
    return mix(((day * 1024 + 1) * GOLDEN) & MASK)


def scaled(z):
    return ((z >> 12) + 0.5) * 2.0**-52


def world_key(seed, number):
    start = mix((seed + GOLDEN) & MASK)
    return mix(start ^ ((int(number) * 0xD1342543DE82EF95 + 1) & MASK))
"""


_LIBRARY = """
_ours = elementary.compiled(kernel)
exp, exp2, expm1, log = (_ours[name] for name in ("exp", "exp2", "expm1", "log"))
logistic, standard_normal = _ours["logistic"], _ours["normal_quantile"]
nearest, clip, prospect, divide, power = (
    kernel(FunctionType(f.__code__, {"math": math, "exp": exp, "log": log}, f.__name__))
    for f in formulas.SHARED
)


@kernel
def tempered(p, eta):
    return p if eta == 1.0 else exp(eta * log(p))


WIDTH = 2.0 * elementary.normal_quantile(0.9)


@kernel
def quantile(kind, a, b, p):
    if kind == 0:  # between
        return a + (b - a) * p
    z = standard_normal(p) / WIDTH
    if kind == 3:  # normal
        return (a + b) / 2.0 + z * (b - a)
    if kind == 2:  # scale
        return exp((log(a) + log(b)) / 2.0 + z * log(b / a))
    low, high = log(a / (1.0 - a)), log(b / (1.0 - b))
    return logistic((low + high) / 2.0 + z * (high - low))


"""


def emit(plan: Plan, version: str, compiled: bool = True) -> str:
    """The module's text. `compiled`: for Numba; else for plain Python, the same functions."""
    text = _HEADER.format(title=plan.crisis.title.replace('"', "'"), version=version)
    text += _COMPILED if compiled else _PLAIN
    text += _LIBRARY
    text += _Emitter(plan, compiled).text()
    text += _runtime(max((m.foresight for m in plan.minds), default=0))
    return text


def _runtime(deepest: int) -> str:
    """The shared rules, with the depth-dependent ones written out for each depth in use."""
    text = resources.files(__package__).joinpath("runtime.py").read_text(encoding="utf-8")
    text = text[text.index("@kernel") :]
    before, rest = text.split("# {{ depth", 1)
    block, after = rest.split("# }} depth", 1)
    out = "\n\n" + before
    for depth in range(deepest + 1):
        out += _at_depth(block, depth)
    return out + _by_depth(deepest) + after


def _by_depth(deepest: int) -> str:
    """What an actor or observer asks this morning, at its own depth."""
    out = "\n\n@kernel\ndef worth(F, I, actor, e, depth):\n"
    for depth in range(deepest):
        out += f"    if depth == {depth}:\n        return worth_{depth}(F, I, actor, e, 0, 0)\n"
    out += f"    return worth_{deepest}(F, I, actor, e, 0, 0)\n"
    out += "\n\n@kernel\ndef morning_policy(F, I, depth, slot):\n"
    for depth in range(deepest):
        out += f"    if depth == {depth}:\n        policy_{depth}(F, I, 0, slot)\n        return\n"
    return out + f"    policy_{deepest}(F, I, 0, slot)\n"


def _at_depth(block: str, depth: int) -> str:
    for words, keep in (("only above 0", depth > 0), ("only at 0", depth == 0)):
        pattern = re.compile(rf" *# {words}\n(.*?) *# end\n", re.DOTALL)
        block = pattern.sub(r"\1" if keep else "", block)
    block = block.replace("_D(", f"_{depth}(").replace("_B(", f"_{depth - 1}(")
    block = block.replace("other, D - 1]", f"other, {depth - 1}]")
    return re.sub(r"\bD\b", str(depth), block)


class _Emitter:
    """Writes constants as arrays and formulas as functions that branch on an index."""

    def __init__(self, plan: Plan, compiled: bool) -> None:
        self.plan, self.compiled = plan, compiled
        offsets, total = [], 0
        for opinion in plan.opinions:
            offsets.append(total)
            total += len(opinion.priors)
        self.offsets, self.types = offsets, total
        self.layout = replace(
            plan.layout, quantity="F[s + {}]", unknown="F[u + {}]", suspect="F[g + {}]",
            day="F[DAY]", flat=tuple(offsets),
        )  # fmt: skip
        self.lines: list[str] = []

    def text(self) -> str:
        self.sizes()
        self.tables()
        self.sites()
        self.formulas()
        return "\n".join(self.lines) + "\n"

    # ---- constants -----------------------------------------------------------------------

    def put(self, name: str, values: Iterable[object], kind: str) -> None:
        items = list(values)
        if not self.compiled and not (items and isinstance(items[0], list | tuple)):
            self.lines.append(f"{name} = {items!r}")
            return
        self.lines.append(f"{name} = np.array({items!r}, np.{kind})")

    def ranges(self, name: str, groups: Sequence[Sequence[object]]) -> list[object]:
        """Start indices of groups laid end to end; the flat list."""
        starts, flat = [0], list[object]()
        for group in groups:
            flat += group
            starts.append(len(flat))
        self.put(f"{name}_START", starts, "int64")
        return flat

    def sizes(self) -> None:
        p = self.plan
        widest = max((len(t) for m in p.minds for t in m.touched.values()), default=0)
        sizes = {
            "NQ": len(p.quantities), "NU": len(p.priors), "NA": len(p.minds), "NE": len(p.events),
            "TYPES": self.types, "BELIEFS": len(p.opinions), "DAYS": p.crisis.days,
            "LEVELS": LEVELS, "MAX_TOUCHED": widest + 1,
            "MAX_MOVES": max((len(m.moves) for m in p.minds), default=0) + 1,
            "MAX_BRANCHES": max((len(e.branches) for e in p.events), default=0) + 1,
            "MAX_SUSPECTS": max(
                (len(e.suspicion.suspects) for e in p.events if e.suspicion), default=0
            ) + 1,
            "MAX_OPTIONS": max((len(x.chances) for x in p.priors), default=0) + 1,
        }  # fmt: skip
        self.width = sizes["MAX_BRANCHES"]
        self.suspects = sizes["MAX_SUSPECTS"]
        self.lines += [f"{name} = {value}" for name, value in sizes.items()]
        self.places(sizes)

    def places(self, n: dict[str, int]) -> None:
        """Where each part of a world's memory begins, in its floats and in its integers."""
        slots, wide, busy = n["NA"] + n["TYPES"], n["TYPES"] + 1, 2 * n["NE"]
        room = slots * n["MAX_MOVES"]
        floats = {
            "AT": LEVELS * n["NQ"], "U": (1 + n["TYPES"]) * n["NU"], "B": wide, "DAY": 1,
            "ODDS": LEVELS * 3 * room, "POLICY": LEVELS * 3 * room,
            "TERMS": LEVELS * n["MAX_TOUCHED"], "CHANCES": LEVELS * n["MAX_BRANCHES"],
            "SCRATCH": 3 * LEVELS * (2 * n["MAX_MOVES"] + n["MAX_BRANCHES"]),
            "SIGNS": n["MAX_SUSPECTS"], "POSTERIOR": n["MAX_SUSPECTS"],
            "EXPECTED": n["MAX_SUSPECTS"], "READY": n["NE"], "LESSONS": n["NE"] * wide,
            "MOOD": n["NA"], "GUILT": busy * n["MAX_SUSPECTS"], "LESSON": busy * wide,
            "AFTER": n["NQ"], "WEIGHTS": wide, "FRESH": wide, "QUIET": wide, "LIKELY": wide,
            "PICKED": max(n["MAX_MOVES"], n["MAX_OPTIONS"]),
        }  # fmt: skip
        integers = {
            "GROWN": LEVELS, "STAMP": LEVELS, "KNOWN": LEVELS * 3 * slots, "BLOCKED": n["NE"],
            "UNDERWAY": n["NE"], "ORDER": n["NE"] + 1, "EVENT": busy, "BRANCH": busy,
            "TAUGHT": busy, "SORTED": busy, "SEEN": n["NQ"], "COLLIDE": n["NQ"],
            "OPENED": n["BELIEFS"], "SCORED": n["BELIEFS"],
        }  # fmt: skip
        self.lines += [f"SLOTS = {slots}", f"ROOM = {room}", f"WIDE = {wide}"]
        for parts, total in ((floats, "FLOATS"), (integers, "INTEGERS")):
            at = 0
            for name, size in parts.items():
                self.lines.append(f"{name} = {at}")
                at += size
            self.lines.append(f"{total} = {at + 1}")

    def tables(self) -> None:
        p = self.plan
        na, ne = range(len(p.minds)), range(len(p.events))
        self.put("LOW", [q.low for q in p.quantities], "float64")
        self.put("HIGH", [q.high for q in p.quantities], "float64")
        tall = [(s.low, 100.0 if s.kind in ("count", "clock") else s.high)
                for s in p.crisis.states]  # fmt: skip
        self.put("BAND_LOW", [low for low, _ in tall], "float64")
        self.put("BAND_HIGH", [high for _, high in tall], "float64")
        self.put("IS_CLOCK", [q.clock for q in p.quantities], "bool_")
        self.put("MOVES", self.ranges("MOVE", [m.moves for m in p.minds]), "int64")
        self.put("WEIGHS", self.ranges("WEIGH", [m.weighs for m in p.minds]), "int64")
        first, total = [], 0
        for m in p.minds:
            first.append(total)
            total += len(m.terms)
        self.first_term = first
        groups = [[first[a] + k for k in p.minds[a].touched[e]] for a in na for e in ne]
        self.put("TOUCHED", self.ranges("TOUCH", groups), "int64")
        provokes = [[[p.provokes(e, a, d) for d in (0, 1)] for a in na] for e in ne]
        self.put("PROVOKES", provokes, "bool_")
        self.put("SWAYS", p.sways, "bool_")
        about = [[m.belief_about.get(j, -1) for j in na] for m in p.minds]
        self.put("BELIEF_ABOUT", about, "int64")
        types = [(k, t) for k, o in enumerate(p.opinions) for t in range(len(o.priors))]
        self.put("SLOT_ACTOR", [*na, *(p.opinions[k].about for k, _ in types)], "int64")
        self.put("SLOT_ROW", [*(0 for _ in na), *range(1, len(types) + 1)], "int64")
        self.put("TYPE_PRIOR", [*self.ranges("TYPE", [o.priors for o in p.opinions]), 0.0],
                 "float64")  # fmt: skip
        self.put("BELIEF_OF", [*(o.about for o in p.opinions), -1], "int64")
        self.put("BELIEF_HOLDER", [*(o.holder for o in p.opinions), -1], "int64")
        self.put("LEARNS", [*(o.learns for o in p.opinions), 0.0], "float64")
        self.put("HAS_SILENCE", [*(o.after is not None for o in p.opinions), False], "bool_")
        self.put("SILENCE_LASTS", [*(o.lasts for o in p.opinions), 0.0], "float64")
        answers = [[e in o.answers for e in ne] for o in p.opinions] + [[False for _ in ne]]
        self.put("ANSWERS", answers, "bool_")
        self.put("FORESIGHT", [m.foresight for m in p.minds], "int64")
        self.put("HAS_PACE", [m.pace is not None for m in p.minds], "bool_")
        self.put("HAS_MOOD", [m.mood is not None for m in p.minds], "bool_")
        self.events()
        self.ballots()
        self.waits()
        self.put("PRIOR_KIND", [*(KINDS[x.kind] for x in p.priors), 0], "int64")
        self.put("PRIOR_A", [*(x.a for x in p.priors), 0.0], "float64")
        self.put("PRIOR_B", [*(x.b for x in p.priors), 0.0], "float64")
        self.put("OPTIONS", [*self.ranges("OPTION", [x.chances for x in p.priors]), 0.0], "float64")

    def events(self) -> None:
        es = self.plan.events
        self.put("MOVER", [-1 if e.mover is None else e.mover for e in es], "int64")
        self.put("BRANCHES", [len(e.branches) for e in es], "int64")
        self.put("NAMED", [sum(b.chance is not None for b in e.branches) for e in es], "int64")
        self.put("ONCE", [e.event.once for e in es], "bool_")
        self.put("PRIVATE", [e.event.private for e in es], "bool_")
        self.put("CONSENT", [-1 if e.consent is None else e.consent for e in es], "int64")
        self.put("HAS_PAUSE", [e.pause is not None for e in es], "bool_")
        self.put("HAS_TAKES", [e.takes is not None for e in es], "bool_")
        self.put("HAS_RATE", [e.rate is not None for e in es], "bool_")
        self.put("CLOCK", [-1 if e.clock is None else e.clock for e in es], "int64")
        self.put("DATES", [*self.ranges("DATE", [sorted(e.dates) for e in es]), -1], "int64")
        groups = [
            sorted({c.quantity for c in e.branches[k].changes}) if k < len(e.branches) else []
            for e in es
            for k in range(self.width)
        ]
        self.put("CHANGED", [*self.ranges("CHANGED", groups), 0], "int64")
        suspicion = [e.suspicion for e in es]
        self.put("SUSPECTS", [len(x.suspects) if x else 0 for x in suspicion], "int64")
        self.put(
            "TRUE_SUSPECT",
            [x.suspects.index(e.mover) if x and e.mover in x.suspects else -1
             for e, x in zip(es, suspicion, strict=True)], "int64",
        )  # fmt: skip
        padded = [
            [*(x.suspects if x else ()), *[-1] * self.suspects][: self.suspects] for x in suspicion
        ]
        self.put("SUSPECT_ACTOR", padded, "int64")
        names = [e.event.name for e in es]
        forecloses = [[n in e.event.forecloses for n in names] for e in es]
        self.put("FORECLOSES", forecloses, "bool_")
        self.put("FORECLOSES_ANY", [any(row) for row in forecloses], "bool_")

    def ballots(self) -> None:
        es = self.plan.events
        ballots = [e.ballot for e in es]
        self.put("HAS_BALLOT", [b is not None for b in ballots], "bool_")
        self.put("HELD_DATE", [b.date if b and b.date is not None else -1 for b in ballots],
                 "int64")  # fmt: skip
        self.put("HELD_CLOCK", [b.clock if b and b.clock is not None else -1 for b in ballots],
                 "int64")  # fmt: skip
        self.put("QUORUM", [b.quorum if b else 0.0 for b in ballots], "float64")
        self.put("QUOTA", [b.quota if b and b.quota is not None else 0.0 for b in ballots],
                 "float64")  # fmt: skip
        self.put("HALF", [b is not None and b.quota is None for b in ballots], "bool_")
        seats = self.ranges("SEAT", [[s.seats for s in b.seats] if b else [] for b in ballots])
        self.put("SEATS", [*seats, 0.0], "float64")
        self.put("WHOLE", [*(s.whole for b in ballots if b for s in b.seats), False], "bool_")
        self.ranges("VETO", [list(b.vetoes) if b else [] for b in ballots])
        codes = [branch_codes(e) for e in es]
        self.put("CARRIED", [c.get("carried", CARRIED) for c in codes], "int64")
        self.put("LOST", [c.get("lost", LOST) for c in codes], "int64")

    def waits(self) -> None:
        minds = self.plan.minds
        flat = self.ranges("WAIT", [list(m.waits) for m in minds])
        waits = [w for m in minds for w in m.waits]
        assert len(flat) == len(waits)
        self.put("WAIT_EVENT", [*(w.event for w in waits), -1], "int64")
        self.put("WAIT_UNTIL", [*(w.until for w in waits), -1], "int64")
        branches = self.ranges("ODDS", [[b for b, _ in w.odds] for w in waits] or [[]])
        self.put("ODDS_BRANCH", [*branches, -1], "int64")

    def sites(self) -> None:
        p = self.plan

        def put(name: str, words: Iterable[str]) -> None:
            self.put(f"SITE_{name}", [*(site(w) for w in words), 0], "uint64")

        put("OPENING", (f"opening {m.dice}" for m in p.minds))
        put("CHOICE", (f"choice {m.dice}" for m in p.minds))
        put("MOOD", (f"mood {m.dice}" for m in p.minds))
        put("HAZARD", (f"hazard {e.dice}" for e in p.events))
        put("OUTCOME", (f"outcome {e.dice}" for e in p.events))
        put("SIGNATURE", (f"signature {e.dice}" for e in p.events))
        put("CONSENT", (
            f"consent {p.minds[e.consent].dice} {e.dice}" if e.consent is not None else ""
            for e in p.events
        ))  # fmt: skip
        ballots = [(e, e.ballot) for e in p.events if e.ballot]
        put("SEAT", (f"vote {e.dice} {s.name}" for e, b in ballots for s in b.seats))
        put("VETO", (f"veto {e.dice} {actor}" for e, b in ballots for actor, _ in b.vetoes))
        put("UNKNOWN", (f"unknown {x.dice}" for x in p.priors))

    # ---- formulas ------------------------------------------------------------------------

    def cases(
        self, name: str, index: str, arguments: str, entries: Iterable[tuple[int, str, str]],
        default: str,
    ) -> None:  # fmt: skip
        """A function that returns, for an index, its formula; the names stand in comments."""
        self.lines += ["", "", "@kernel", f"def {name}({index}, {arguments}):"]
        for i, formula, comment in entries:
            self.lines += [f"    if {index} == {i}:  # {comment}", f"        return {formula}"]
        self.lines.append(f"    return {default}")

    def src(self, claim: Claim | None, layout: Layout | None = None) -> str:
        assert claim is not None
        return (layout or self.layout).source(claim.expression)

    def number(self, claim: Claim | None) -> str:
        return f"float({self.src(claim)})"

    def formulas(self) -> None:
        p, crisis = self.plan, self.plan.crisis
        common = "F, s, u"
        actors, events = list(enumerate(crisis.actors)), list(enumerate(crisis.events))
        self.cases("term", "k", common, self.terms(), "0.0")
        for name, default in (("pace", "0.0"), ("precision", "0.0"), ("will", "1.0"),
                              ("mood", "0.0")):  # fmt: skip
            self.cases(name, "k", common, (
                (i, self.number(getattr(a, name)), a.name) for i, a in actors
                if getattr(a, name) is not None
            ), default)  # fmt: skip
        self.cases("when", "k", common, (
            (i, f"bool({self.src(e.when)})", _at(e)) for i, e in events if e.when is not None
        ), "True")  # fmt: skip
        for name in ("cost", "urge", "rate", "pause", "takes"):
            self.cases(name, "k", common, (
                (i, self.number(getattr(e, name)), _at(e)) for i, e in events
                if getattr(e, name) is not None
            ), "0.0")  # fmt: skip
        self.cases("chance", "key", f"branch, {common}", (
            (i, self.select("branch", [self.number(o.chance) for o in e.outcomes]), _at(e))
            for i, e in events if e.vote is None and e.outcomes
        ), "0.0")  # fmt: skip
        self.cases("clarity", "k", common, (
            (i, self.number(e.unclaimed.clarity), _at(e)) for i, e in events if e.unclaimed
        ), "0.0")  # fmt: skip
        self.cases("suspect_rate", "key", f"k, {common}", (
            (i, self.select("k", [self.number(c) for _, c in e.unclaimed.suspects]), _at(e))
            for i, e in events if e.unclaimed
        ), "0.0")  # fmt: skip
        self.cases("shown", "key", f"actor, {common}", (
            (i, " or ".join(f"(actor == {a} and bool({self.src(c)}))" for a, (_, c) in
                            zip([a for a, _ in p.events[i].shown], e.shown, strict=True)), _at(e))
            for i, e in events if e.shown
        ), "False")  # fmt: skip
        self.votes(common)
        self.cases("wait_odds", "k", common, self.odds(), "0.0")
        self.cases("after_", "k", common, (
            (i, f"bool({self.src(x.silence.after)})", x.holder)
            for i, x in enumerate(crisis.beliefs) if x.silence
        ), "False")  # fmt: skip
        self.changes()
        self.fades()
        self.begin()

    def select(self, index: str, formulas: Sequence[str]) -> str:
        out = "0.0"
        for i, formula in reversed(list(enumerate(formulas))):
            out = f"({formula} if {index} == {i} else {out})"
        return out

    def terms(self) -> Iterable[tuple[int, str, str]]:
        for i, actor in enumerate(self.plan.crisis.actors):
            k = self.first_term[i]
            for want in actor.wants:
                yield k, self.number(want.value), f"{actor.name}: {want.name}"
                k += 1
            for fear in actor.fears:
                event = next(e for e in self.plan.crisis.events if e.name == fear.event)
                parts = [fear.weight, event.rate, fear.lasts]
                text = " * ".join(f"({self.src(c)})" for c in parts) if event.rate else "0.0"
                yield k, f"float({text})", f"{actor.name}: dread of {fear.event}"
                k += 1

    def votes(self, common: str) -> None:
        votes = [e.vote for e in self.plan.crisis.events if e.vote]
        blocs = list(enumerate(x for v in votes for x in v.blocs))
        self.cases("yes", "k", common, ((i, self.number(x.yes), x.name) for i, x in blocs), "0.0")
        self.cases("spread", "k", common, (
            (i, self.number(x.spread), x.name) for i, x in blocs if x.spread), "0.0")  # fmt: skip
        self.cases("attends", "k", common, (
            (i, self.number(x.attends), x.name) for i, x in blocs if x.attends), "1.0")  # fmt: skip
        vetoes = enumerate(x for v in votes for x in v.vetoes)
        self.cases("veto", "k", common, (
            (i, self.number(x.log_odds), x.actor) for i, x in vetoes), "0.0")  # fmt: skip
        self.cases("held_when", "k", common, (
            (i, f"bool({self.src(e.vote.when)})", _at(e))
            for i, e in enumerate(self.plan.crisis.events) if e.vote and e.vote.when
        ), "False")  # fmt: skip

    def odds(self) -> Iterable[tuple[int, str, str]]:
        k = 0
        for actor in self.plan.crisis.actors:
            for wait in actor.awaits:
                for option in wait.odds:
                    yield k, self.number(option.chance), f"{actor.name}: {option.name}"
                    k += 1

    def changes(self) -> None:
        """Effects as rows: quantity, rank, sign and amount, or the number of a formula.

        As code, some 450 effects took a minute to compile, since every caller is optimised with
        all that it calls; as rows they take none, and only amounts that read something are code.
        """
        rows: list[list[tuple[int, int, float, float, int]]] = []
        formulas: list[tuple[int, str, str]] = []
        ranks = {"=": 0, "+": 1, "-": 1, ">=": 2, "<=": 3}
        for e in self.plan.crisis.events:
            layout = self.layout
            if e.unclaimed:
                layout = replace(layout, suspects=tuple(n for n, _ in e.unclaimed.suspects))
            branches = [e.does + o.does for o in e.outcomes]
            if e.vote is None:
                branches.append(e.does)
            branches += [()] * (self.width - len(branches))
            for effects in branches:
                group = []
                for x in sorted(effects, key=lambda x: ranks[x.operator]):
                    value, formula = constant(x.amount.expression), -1
                    if value is None:
                        formula = len(formulas)
                        source = f"float({self.src(x.amount, layout)})"
                        formulas.append((formula, source, f"{_at(e)}: {x.quantity} {x.operator}"))
                    sign = -1.0 if x.operator == "-" else 1.0
                    quantity = layout.states[x.quantity]
                    group.append((quantity, ranks[x.operator], sign, value or 0.0, formula))
                rows.append(group)
        flat = [row for group in rows for row in group]
        self.ranges("CHANGE", rows)
        empty = (0, 0, 0.0, 0.0, -1)
        for i, (name, kind) in enumerate((("QUANTITY", "int64"), ("RANK", "int64"),
                                          ("SIGN", "float64"), ("AMOUNT", "float64"),
                                          ("FORMULA", "int64"))):  # fmt: skip
            self.put(f"CHANGE_{name}", [row[i] for row in [*flat, empty]], kind)
        self.cases("amount", "k", "F, s, u, g", formulas, "0.0")

    def fades(self) -> None:
        self.lines += ["", "", "@kernel", "def faded(F, s, u, y):"]
        for q, state in enumerate(self.plan.crisis.states):
            if state.fades is None:
                continue
            rest = self.number(state.rest) if state.rest else repr(float(state.low))
            self.lines += [
                f"    rest = {rest}  # {state.name}",
                f"    F[y + {q}] = rest + (F[s + {q}] - rest) * "
                f"exp2(-1.0 / max(1e-9, {self.number(state.fades)}))",
            ]
        self.lines.append("    return")

    def begin(self) -> None:
        self.lines += ["", "", "@kernel", "def begin(F, s, u):"]
        for q, state in enumerate(self.plan.crisis.states):
            if state.start is not None:
                value = self.number(state.start)
            else:
                value = "-1.0" if state.kind == "clock" else repr(max(0.0, float(state.low)))
            self.lines.append(
                f"    F[s + {q}] = clip({value}, {float(state.low)!r}, {float(state.high)!r})"
                f"  # {state.name}"
            )
        self.lines += ["", "", "@kernel", "def settings(t, F, s, u, own):"]
        t = 0
        for belief in self.plan.crisis.beliefs:
            for kind in belief.types:
                self.lines.append(
                    f"    if t == {t}:  # {belief.holder} about {belief.about}: {kind.name}"
                )
                for name, claim in kind.settings:
                    index = self.layout.unknowns[name]
                    self.lines.append(f"        F[own + {index}] = {self.number(claim)}")
                self.lines.append("        return")
                t += 1
        self.lines.append("    return")


def branch_codes(event: Occurrence) -> dict[str, int]:
    """The number of each outcome by its name, as the kernel counts branches."""
    codes = {b.name: i for i, b in enumerate(event.branches)}
    if event.ballot is not None:
        codes.setdefault("carried", CARRIED)
        codes.setdefault("lost", LOST)
    return codes


def _at(event: Event) -> str:
    return f"{event.name} (line {event.span.line})"

"""After the game: what was decided and how likely that was, what the sides did not know of each
other, who came out on top by whose weights, and what became of the questions.

How far a seat's play lies from the model's own: the log-probability of a decision has, when the
model decides, the mean Σ p ln p and the variance Σ p ln² p - (Σ p ln p)²; what differs from these
means adds up to a martingale over the game. `Distance.apart` is the sum over its standard
deviation: within two either way a seat played as the model might; far below, as it would not.
"""

from __future__ import annotations

import datetime as dt
import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from offramp.answers.forecast import Forecast, Watch, in_each, watches
from offramp.case.case import Case
from offramp.engine.choice import Moment
from offramp.engine.ensemble import Ensemble
from offramp.engine.monitors import Monitor
from offramp.engine.noise import Dice
from offramp.engine.plan import Mind, Plan, plan
from offramp.engine.world import Today, thrown
from offramp.explain.motives import Part, parts_of
from offramp.language.crisis import cited, elements
from offramp.language.expressions import Call, Number, Operation
from offramp.language.questions import Question
from offramp.play.asking import Ask
from offramp.play.game import NOTHING, Beginning, Game, replayed, told
from offramp.play.game_log import Record
from offramp.play.injected import Changed
from offramp.play.instead import Instead, instead
from offramp.play.rank import Rank, ranks
from offramp.play.sight import LATE, countable
from offramp.play.spoken_to import Spoken, spoken_to

LEAST = 3  # the least expected decisions
LEAST_CHANCE = sys.float_info.min  # a move that is open has a chance, if only below all numbers
DRAWN = 256  # of an author's unknowns, for what a game was worth by its weights


@dataclass(frozen=True, kw_only=True)
class Decided:
    """A decision of a seat.

    event       what was done; '' for nothing. Of a `consent`, what was asked, and `yes`
    p_model     the probability that the model gave it, words included, the opening given
    likeliest   what the model held most likely of that morning (`nothing` too), with its
                probability, words apart; `second`: what it held most likely of the rest, '' where
                there was nothing else
    refused     who did not consent to it, so that it was not done
    parts       what spoke for and against the deed, or, where nothing was done, for the likeliest
                move: parts of its log-odds against doing nothing, the largest first
    """

    day: int
    date: dt.date
    seat: str
    about: str
    event: str
    words: tuple[str, ...]
    consent: bool
    yes: bool
    why: str
    by: str
    p_model: float
    likeliest: tuple[str, float]
    second: str
    refused: tuple[str, ...] = ()
    parts: tuple[Part, ...]

    @property
    def done(self) -> tuple[str, ...]:
        """The moves and words that came of it."""
        own = self.event and not self.consent and not self.refused
        return (self.event, *self.words) if own else ()


@dataclass(frozen=True)
class Distance:
    """The joint log-probability of a seat's own decisions, beside the mean and the standard
    deviation that it has where the model decides on the same mornings. What others answered in its
    place is not counted."""

    seat: str
    decisions: int
    log_p: float
    mean: float
    sd: float

    @property
    def apart(self) -> float | None:
        """How far it lies from the model's own, in standard deviations; None where there is no
        choice in it."""
        return (self.log_p - self.mean) / self.sd if self.sd > 0.0 else None


@dataclass(frozen=True)
class Unknown:
    """What a seat was not told. `by`: who did it; `seen`: it saw that it happened, and not by
    whom."""

    day: int
    event: str
    outcome: str
    by: str
    seen: bool


@dataclass(frozen=True)
class Worth:
    """What the game was worth to an actor by an author's weights: the change of its utility from
    the morning on which the seats took over to the last evening, mean and sd over draws of what
    that author leaves open; by the case's own world, `sd` is 0, and `wants` has the change of each
    want, the largest first."""

    actor: str
    author: str
    change: float
    sd: float
    wants: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Came:
    """What a question whose window the game has lived came to: whether its condition was met, and
    `value` as in `answers.columns`. `early`: it was decided while its window was still open."""

    question: str
    met: bool
    value: float
    early: bool = False


@dataclass(frozen=True, kw_only=True)
class Review:
    """`series`: by the name of each quantity that the case shows, its evenings from the case's
    first day on. `unknown`: by seat. `open`: questions that the game has not decided. `spoken`:
    claims whose cause came about. `expected`: what the model answers without players, from the
    case's first day, where somebody asked it; `instead`: the least expected decisions, with what
    the model held most likely of the rest in their place.
    """

    case: str
    begins: Beginning
    over: bool
    days: int
    decided: tuple[Decided, ...]
    changed: tuple[Changed, ...]
    distances: tuple[Distance, ...]
    unknown: Mapping[str, tuple[Unknown, ...]]
    worth: tuple[Worth, ...]
    came: tuple[Came, ...]
    open: tuple[str, ...]
    series: Mapping[str, tuple[float, ...]]
    log: tuple[tuple[int, str, str], ...]
    unknowns: tuple[float, ...]
    spoken: tuple[Spoken, ...]
    expected: Forecast | None = None
    instead: tuple[Instead, ...] = ()
    ranks: tuple[Rank, ...] = ()

    @property
    def least(self) -> tuple[Decided, ...]:
        """The least expected decisions, the least first."""
        return tuple(sorted(self.decided, key=lambda d: d.p_model)[:LEAST])

    def but_for(self, d: Decided) -> Instead | None:
        """What would have come of another decision in the place of this one, where it was asked."""
        place = self.decided.index(d)
        return next((i for i in self.instead if i.decision == place), None)

    def rank(self, actor: str) -> Rank | None:
        """How it came out for an actor beside the model's own games, where that was asked."""
        return next((k for k in self.ranks if k.actor == actor), None)

    def __repr__(self) -> str:
        state = "over" if self.over else "not over"
        return f"<Review of a game of {self.case}: {len(self.decided)} decisions, {state}>"


def review(case: Case, records: tuple[Record, ...]) -> Review:
    """The review of a game by its log, as far as it has come. Raises Broken, Mistake."""
    laid = plan(case.crisis)
    asked, monitors = watches(case, case.crisis.first)
    shown = [laid.layout.states[name] for name in case.crisis.show]
    needed = {m.quantity for m in monitors if m.quantity is not None}
    watched = sorted({*shown, *range(len(laid.quantities)), *needed})
    table = {name: cited(e) for name, e in elements(case.crisis)}
    decided, chances = list[Decided](), list[tuple[str, float, list[float]]]()

    def look(game: Game, record: Record) -> None:
        name, done, _ = told(record)
        ask = next((a for a in game.owes if a.id == name), None)
        if ask is None:
            return  # replaying it says what is wrong
        odds = game.odds(ask)
        decided.append(_decided(case, game, ask, record, odds, table))
        if done in odds and not record.get("by"):
            chances.append((ask.seat, odds[done], list(odds.values())))

    game = replayed(case, records, watched=watched, look=look)
    days = len(game.series[watched[0]])
    came = tuple(_came(laid, game, asked, monitors, days))
    log = tuple((h.day, laid.events[h.event].event.name, h.outcome) for h in game.world.log)
    return Review(
        case=case.id,
        begins=game.begins,
        over=game.over,
        days=days - (game.begins.first - case.crisis.first).days,
        decided=tuple(_with_refusals(game, decided)),
        changed=game.changed,
        distances=tuple(_distance(s.actor, chances) for s in game.begins.seats if s.asked),
        unknown={s.actor: _unknown(game, s.actor) for s in game.begins.seats if s.asked},
        worth=tuple(_worth(case, game)),
        came=came,
        open=tuple(
            w.question.id
            for w in asked
            if not w.question.supposes and w.question.id not in {c.question for c in came}
        ),
        series={case.crisis.states[i].name: tuple(game.series[i]) for i in shown},
        log=log,
        unknowns=tuple(game.world.unknowns),
        spoken=spoken_to(case, log),
    )


def futures(case: Case, records: tuple[Record, ...], r: Review, worlds: int) -> Review:
    """The review with what would have come of others in place of the least expected decisions."""
    last = (r.begins.last - case.crisis.first).days
    found = [
        instead(case, records, r.decided.index(d), d.second, worlds)
        for d in r.least
        if d.day < last and d.second
    ]
    return replace(r, instead=tuple(found))


def ranked(case: Case, r: Review, worlds: int) -> Review:
    """The review with what so many of the model's own games were worth."""
    own = {w.actor: w.change for w in r.worth if w.author == "case"}
    if r.changed or not own:  # another crisis, or no evening yet
        return r
    return replace(r, ranks=ranks(case, r.begins, r.days, own, worlds))


def _with_refusals(game: Game, decided: list[Decided]) -> list[Decided]:
    refused = {(day, event): who for day, event, who in game.refused}
    return [
        d if d.consent else replace(d, refused=refused.get((d.day, d.event), ())) for d in decided
    ]


def _decided(
    case: Case,
    game: Game,
    ask: Ask,
    record: Record,
    odds: Mapping[str, float],
    table: dict[str, tuple[str, ...]],
) -> Decided:
    consent, done = bool(ask.consent), told(record)[1]
    best = max(odds, key=lambda name: odds[name])
    rest = {name: p for name, p in odds.items() if name != done}
    deed = record["event"]
    about = deed or max((n for n in odds if n != NOTHING), key=lambda n: odds[n], default="")
    parts: tuple[Part, ...] = ()
    if about and not consent:
        mind = game.minds[ask.seat]
        parts = parts_of(case, mind.actor, [game.spoke(ask, about)], table)
    return Decided(
        day=game.world.day,
        date=game.day,
        seat=ask.seat,
        about=ask.about,
        event=deed,
        words=tuple(record.get("words", ())),
        consent=consent,
        yes=bool(record.get("yes")),
        why=record.get("why", ""),
        by=record.get("by", ""),
        p_model=record["p_model"],
        likeliest=(best, odds[best]),
        second=max((n for n in rest if rest[n] > 0.0), key=rest.__getitem__, default=""),
        parts=parts,
    )


def _distance(seat: str, chances: list[tuple[str, float, list[float]]]) -> Distance:
    own = [(p, odds) for who, p, odds in chances if who == seat]
    log_p, mean, variance = 0.0, 0.0, 0.0
    for p, odds in own:
        log_p += math.log(max(p, LEAST_CHANCE))
        first = sum(x * math.log(x) for x in odds if x > 0.0)
        mean += first
        variance += sum(x * math.log(x) ** 2 for x in odds if x > 0.0) - first * first
    return Distance(seat, len(own), log_p, mean, math.sqrt(variance) if variance > 1e-12 else 0.0)


def _unknown(game: Game, actor: str) -> tuple[Unknown, ...]:
    """What happened that the actor did not see, or saw without knowing whose it was."""
    view = game.view(actor)
    seen = {(s.day, s.event): s for s in view.happened if s.how != LATE}
    found = []
    for day, t in game.happened:
        event, mover = t.event.event, _mover(game, t)
        if mover == actor or event.daily:
            continue
        sight = seen.get((day, event.name))
        if sight is None or (mover and not sight.by):
            found.append(Unknown(day, event.name, t.outcome, mover, sight is not None))
    return tuple(found)


def _mover(game: Game, t: Today) -> str:
    if t.event.mover is None:
        return ""
    return game.world.plan.minds[t.event.mover].actor.name


def _worth(case: Case, game: Game) -> list[Worth]:
    """By the weights of the world that was played, and by each author's."""
    start = (game.begins.first - case.crisis.first).days
    n = len(game.world.plan.quantities)
    if len(game.series[0]) <= start:
        return []
    before = [game.series[i][start - 1] if start else game.starts[i] for i in range(n)]
    after = [game.series[i][-1] for i in range(n)]
    day = float(len(game.series[0]) - 1)
    out = []
    minds = [m for m in game.world.plan.minds if m.actor.wants and m.agendas]
    for mind in minds:
        changes = _changes(mind, before, after, game.world.unknowns, float(start), day)
        wants = tuple(sorted(changes.items(), key=lambda pair: -abs(pair[1])))
        out.append(Worth(mind.actor.name, "case", sum(changes.values()), 0.0, wants))
    for author in case.assessments:
        laid = plan(case.under(author).crisis)
        drawn = [thrown(laid, Dice(game.begins.seed, k)).unknowns for k in range(DRAWN)]
        for mind in minds:
            own = laid.minds[mind.index]
            totals = np.array(
                [sum(_changes(own, before, after, u, float(start), day).values()) for u in drawn]
            )
            out.append(
                Worth(mind.actor.name, author, float(totals.mean()), float(totals.std(ddof=1)))
            )
    return out


def _changes(
    mind: Mind, before: list[float], after: list[float], unknowns: list[float], a: float, b: float
) -> dict[str, float]:
    """Of each want that reads no belief."""
    found = {}
    for term in countable(mind):
        then = float(term.value(after, unknowns, Moment(b, [])))
        found[term.name] = then - float(term.value(before, unknowns, Moment(a, [])))
    return found


def grows(q: Question) -> bool:
    """Whether a question of yes or no, once yes, stays so: more than some number of events."""
    e = q.asks.expression
    return (
        q.kind_of == "binary"
        and q.given is None
        and isinstance(e, Operation)
        and e.operator in (">", ">=")
        and isinstance(e.operands[0], Call)
        and e.operands[0].function == "count"
        and isinstance(e.operands[1], Number)
    )


def dates(q: Question) -> bool:
    """Whether a question asks for the first day of something, which stays that day."""
    e = q.asks.expression
    return q.kind_of == "date" and q.given is None and isinstance(e, Call) and e.function == "first"


def _came(
    laid: Plan, game: Game, asked: list[Watch], monitors: tuple[Monitor, ...], days: int
) -> list[Came]:
    """Of the questions without an `if:` whose window the game has lived, or that have come out yes
    already, whatever is still to come."""
    log = game.world.log
    row = [
        m.of_log(log)
        if m.quantity is None
        else 0.0
        if m.last >= days
        else m.of_series(game.starts[m.quantity], game.series[m.quantity])
        for m in monitors
    ]
    crisis = game.case.crisis
    one = Ensemble(
        first=crisis.first,
        days=days,
        seed=game.begins.seed,
        numbers=(game.begins.number,),
        bands={},
        stories=(),
        atoms=np.array([row]).reshape(1, len(monitors)),
        unknowns=np.array([game.world.unknowns]),
        counts=np.zeros((1, len(laid.events)), np.int64),
        collisions=(),
    )
    found = []
    for w in asked:
        if w.question.supposes:
            continue
        lived = (w.last - crisis.first).days < days
        if not lived and not (grows(w.question) or dates(w.question)):
            continue
        met, value = in_each(laid, w, one)
        came = value[0] < days if dates(w.question) else value[0] != 0.0
        if not lived and not came:
            continue  # it may still come
        found.append(Came(w.question.id, bool(met[0]), float(value[0]), not lived))
    return found

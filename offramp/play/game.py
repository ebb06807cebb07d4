"""A game: a world in which some decide who are not the model.

There is one rule set. A day is the engine's (`engine/world.py`), with what the seats chose in place
of the model's draws on their agendas; openings, consents of those who have no seat, chance, votes
and outcomes are thrown with the dice of the world. So a game is (seed, number of the world,
choices), a seat that draws as the model does gives the free world to the byte, and a game replays.

A morning's decisions are sealed: all are made on the same morning, nobody is told of another's, and
the day is lived when the last is in. Consent comes after the moves, to those who are asked for it.
Days on which no person and no program owes a decision run on by themselves.

`Game` owns its world and moves on by `answer`; what it gives out (`View`, `Ask`, records) are
values. `watched`: quantities whose evenings are kept, from the first day of the case on (`series`;
`starts` has them before it). Whoever keeps a log is given each record before the game goes on.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from offramp.case.case import Case
from offramp.engine.choice import Mindset
from offramp.engine.plan import Agenda, Mind, Occurrence, plan
from offramp.engine.world import (
    Decision,
    Today,
    World,
    accepted,
    along,
    create,
    dated,
    daytime,
    draws,
    evening,
    live,
    morning,
    next_morning,
    opens,
    said_with,
    takes_over,
    tick,
)
from offramp.errors import Mistake
from offramp.explain.motives import taken_apart
from offramp.play import sight
from offramp.play.asking import Ask, about_agenda, about_consent
from offramp.play.game_log import SCHEMA, Broken, Record
from offramp.play.injected import Changed, edits_of, injected
from offramp.play.seats import Consent, Deed, Preset, Seat, consenting, preset, read_seats
from offramp.text import plain_json
from offramp.version import __version__

NOTHING = "nothing"  # how an answer names it


@dataclass(frozen=True, kw_only=True)
class Beginning:
    """What a game begins with.

    first, last  the morning on which the seats take over, and the last day; the model lives the
                 days before
    number       which of the worlds of `seed` is played
    """

    case: str
    model_sha256: str
    seed: int
    number: int
    seats: tuple[Seat, ...]
    first: dt.date
    last: dt.date

    def record(self) -> Record:
        return {
            "kind": "begin",
            "schema": SCHEMA,
            "offramp": __version__,
            "case": self.case,
            "model_sha256": self.model_sha256,
            "seed": self.seed,
            "world": self.number,
            "seats": [{"actor": s.actor, "held": s.held, "by": s.by} for s in self.seats],
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
        }

    @classmethod
    def of(cls, record: Record) -> Beginning:
        """Raises KeyError, TypeError, ValueError where it is no such record."""
        return cls(
            case=record["case"],
            model_sha256=record["model_sha256"],
            seed=record["seed"],
            number=record["world"],
            seats=tuple(Seat(**s) for s in record["seats"]),
            first=dt.date.fromisoformat(record["first"]),
            last=dt.date.fromisoformat(record["last"]),
        )


def beginning(
    case: Case,
    seats: tuple[Seat, ...],
    *,
    seed: int,
    number: int,
    first: dt.date | None = None,
    days: int | None = None,
) -> Beginning:
    """A beginning that fits the case: from its first day and over all of its days, unless said
    otherwise. Raises Mistake."""
    crisis = case.crisis
    for name, whole_number in (("seed", seed), ("world", number)):
        if type(whole_number) is not int or not 0 <= whole_number < 2**63:
            raise Mistake(f"the {name} of a game is a whole number from 0 on", name)
    start = first or crisis.first
    if not crisis.first <= start <= crisis.last:
        span = f"{crisis.first} to {crisis.last}"
        raise Mistake(f"{case.id} lasts from {span}: no game begins on {start}", "first")
    left = (crisis.last - start).days + 1
    if days is not None and not 1 <= days <= left:
        raise Mistake(f"a game from {start} has 1 to {left} days, not {days}", "days")
    last = start + dt.timedelta((days or left) - 1)
    return Beginning(
        case=case.id,
        model_sha256=case.model_sha256,
        seed=seed,
        number=number,
        seats=seats,
        first=start,
        last=last,
    )


@dataclass
class _Dawn:
    """A morning that is being decided: what seats do about each agenda, by its index; whom it is
    still to hear; and the consents that seats gave, by event and actor. `late`: who decided in the
    place of a seat, by agenda; `done`: what was decided, move or word, with whoever decided it in
    the place of its seat ('' for itself). `sealed`: what each seat has decided, in order."""

    m: Mindset
    deeds: dict[int, Deed]
    owed: dict[str, Ask]
    agreed: dict[tuple[int, int], bool]
    sealed: dict[str, list[tuple[Ask, str, tuple[str, ...]]]] = field(default_factory=dict)
    late: dict[int, str] = field(default_factory=dict)
    done: dict[str, str] = field(default_factory=dict)


class Game:
    """A game on one of its mornings, or over. `keep` is given each record as it is made."""

    def __init__(
        self,
        case: Case,
        begins: Beginning,
        keep: Callable[[Record], None] | None = None,
        watched: Iterable[int] = (),
    ) -> None:
        self.case, self.begins = case, begins
        self.keep_in(keep or (lambda record: None))
        self.world: World = create(plan(case.crisis), begins.seed, begins.number)
        self._seated()
        self._visible = {s.actor: sight.sees(case, self.minds[s.actor]) for s in begins.seats}
        self._sights: dict[str, tuple[sight.Sight, ...]] = {s.actor: () for s in begins.seats}
        self._before: list[float] | None = None
        self._worths: dict[str, list[float]] = {}
        self._decided: dict[str, list[int]] = {s.actor: [] for s in begins.seats}
        self._changed: list[Changed] = []
        self._ordered: dict[str, str] = {}  # moves under way, as `done` of the morning they began
        self.over = False
        self._dawn: _Dawn
        self.happened: list[tuple[int, Today]] = []  # since the seats took over
        self.refused: list[tuple[int, str, tuple[str, ...]]] = []  # moves, and who did not consent
        self.starts = {i: evening(self.world, i, lived=False) for i in watched}
        self.series: dict[int, list[float]] = {i: [] for i in self.starts}
        start = (begins.first - case.crisis.first).days
        for _ in live(self.world, start):
            self._note()
        self._last = (begins.last - case.crisis.first).days
        self._wake(start)
        self._run_on()

    def _seated(self) -> None:
        """Who plays by the crisis as it is now."""
        laid, case = self.world.plan, self.case
        self.minds: dict[str, Mind] = {m.actor.name: m for m in laid.minds}
        self._events: dict[str, Occurrence] = {e.event.name: e for e in laid.events}
        self._presets: dict[int, Preset] = {
            self.minds[s.actor].index: preset(case, s, self.world)
            for s in self.begins.seats
            if not s.asked
        }
        self._consenting: dict[int, Consent] = {
            self.minds[s.actor].index: consenting(case, s, self.world)
            for s in self.begins.seats
            if not s.asked
        }
        self._asked = {self.minds[s.actor].index for s in self.begins.seats if s.asked}

    def keep_in(
        self, keep: Callable[[Record], None], close: Callable[[], None] = lambda: None
    ) -> None:
        """Gives the records that are still to be made to another, who is told by `close` when there
        are no more."""
        self._keep, self._close = keep, close

    def close(self) -> None:
        """Lets go of the game's file, if it has one: another may take it up then."""
        self._close()

    # ---- what it shows -------------------------------------------------------------------

    @property
    def day(self) -> dt.date:
        return self.case.crisis.first + dt.timedelta(self.world.day)

    @property
    def owes(self) -> tuple[Ask, ...]:
        """The decisions that are still to be made this morning."""
        return () if self.over else tuple(self._dawn.owed.values())

    @property
    def changed(self) -> tuple[Changed, ...]:
        """What a facilitator has changed, in order."""
        return tuple(self._changed)

    def sealed(self, actor: str) -> tuple[tuple[Ask, str, tuple[str, ...]], ...]:
        """What a seat has decided this morning: what it was asked, the deed ('' for nothing) or its
        answer, and the words."""
        return tuple(self._dawn.sealed.get(actor, ()))

    def decided(self, actor: str) -> tuple[int, ...]:
        """The days on which a seat has decided something, in order."""
        return tuple(self._decided[actor])

    def view(self, actor: str) -> sight.View:
        """What a seat sees this morning. Raises Mistake for who has no seat."""
        if actor not in self._sights:
            have = ", ".join(self._sights) or "nobody has one"
            raise Mistake(f"“{actor}” has no seat in this game ({have})", "actor")
        mind, m = self.minds[actor], self._dawn.m
        before = self._worths.get(actor)
        return sight.View(
            actor=actor,
            title=mind.actor.title,
            day=self.world.day,
            date=self.day,
            last=self.begins.last,
            over=self.over,
            happened=self._sights[actor],
            readings=sight.readings(
                self.world.plan, self._visible[actor], list(m.now.s), self._before
            ),
            wants=tuple(
                sight.Wanted(w.name, now, None if before is None else before[k])
                for k, (w, now) in enumerate(
                    zip(mind.actor.wants, sight.worths(m, mind), strict=True)
                )
            ),
            beliefs=sight.held(self.world, mind),
            coming=sight.coming(self.world, mind),
            owes=tuple(a for a in self.owes if a.seat == actor),
        )

    # ---- how it goes on ------------------------------------------------------------------

    @property
    def untouched(self) -> bool:
        """Whether nobody has decided anything this morning, so that the crisis can be changed."""
        return not self.over and not self._dawn.sealed

    def answer(
        self,
        ask: str,
        deed: str,
        words: tuple[str, ...] | None = (),
        why: str = "",
        by: str = "",
        prompt_sha256: str = "",
    ) -> None:
        """Seals a decision that is owed: `deed` is a move's name or `nothing`; `yes` or `no` to a
        question of consent. `words` go along with it; None says them as the model would. `why` is
        kept with it, `by` says who answered for the seat where it was not its own holder,
        `prompt_sha256` is the hash of what a language model was asked. Lives the day when it was
        the last, and those after it on which nobody is asked. Raises Mistake, and nothing is
        changed."""
        owed = {} if self.over else self._dawn.owed
        if ask not in owed:
            still = ", ".join(owed) or ("the game is over" if self.over else "nobody is asked")
            raise Mistake(f"“{ask}” owes no decision on {self.day}: {still}", "ask")
        asked = owed[ask]
        if words is None:
            words = self._said(asked, deed)
        beside = {"why": why, "by": by, "prompt_sha256": prompt_sha256}
        record = self._sealed(asked, deed, words, {k: whole(v) for k, v in beside.items() if v})
        self._keep(record)
        sealed = ("" if deed == NOTHING else deed), words
        self._dawn.sealed.setdefault(asked.seat, []).append((asked, *sealed))
        if by:
            self._late(asked, deed, by)
        if asked.consent:
            key = (self._event(asked.consent).index, self.minds[asked.seat].index)
            self._dawn.agreed[key] = deed == "yes"
        else:
            agenda = self._agenda(asked)
            self._dawn.deeds[agenda.index] = Deed("" if deed == NOTHING else deed, words)
            self._dawn.late[agenda.index] = by
        del owed[ask]
        self._decided[asked.seat].append(self.world.day)
        self._run_on()

    def _late(self, asked: Ask, deed: str, by: str) -> None:
        """A seat is told that another answered for it, where no event tells it."""
        if not asked.consent and deed != NOTHING:
            return
        event = self._event(asked.consent).event if asked.consent else None
        told = sight.Sight(
            day=self.world.day,
            event=event.name if event else "",
            title=event.title if event else "",
            outcome="",
            by=deed if event else "",
            how=sight.LATE,
            stead=by,
        )
        self._sights[asked.seat] = (*self._sights[asked.seat], told)

    def _said(self, asked: Ask, deed: str) -> tuple[str, ...]:
        """The words that the model's dice say with a deed; none with one that is not open."""
        if asked.consent or deed not in {o.event for o in asked.open}:
            return ()
        said = said_with(self.world, self._dawn.m, self._event(deed))
        return tuple(w.event.name for w in said)

    def inject(self, do: Mapping[str, Any]) -> None:
        """The facilitator changes the crisis from this morning on: `do` is what would stand under
        `do:` in a policy, as {"rate": {"swarm": "3 ? a hard winter"}}. Actors know the crisis as
        it is then. Raises CaseError for what the case lacks, Mistake where somebody has decided
        this morning already, where the game is over, or for what cannot begin in the middle."""
        if self.over:
            raise Mistake("the game is over: nothing comes of an edit", "do")
        if not self.untouched:
            raise Mistake(
                f"on {self.day} somebody has decided already, on the morning as it was: change the "
                "crisis before the first decision of a morning",
                "do",
            )
        edits = edits_of(self.case, do)
        case = injected(self.case, edits, self.day)
        laid = plan(case.crisis)
        self._keep({"kind": "inject", "day": self.world.day, "do": dict(do)})
        self._changed.append(Changed(self.world.day, self.day, edits))
        self.case = case
        takes_over(self.world, laid)
        self._seated()
        self._dawn = self._look()
        self._run_on()

    def stand_in(self, asked: Ask) -> tuple[str, tuple[str, ...]]:
        """What the model's dice say to a decision that is owed: the deed and its words."""
        world, m = self.world, self._dawn.m
        if asked.consent:
            event, actor = self._event(asked.consent), self.minds[asked.seat].index
            return ("yes" if accepted(world, m, event, actor) else "no"), ()
        event_drawn = draws(world, m, self._agenda(asked))
        if event_drawn is None:
            return NOTHING, ()
        return event_drawn.event.name, self._said(asked, event_drawn.event.name)

    def odds(self, asked: Ask) -> dict[str, float]:
        """The probability that the model gives to each answer, its opening given; for who may see
        everything."""
        m = self._dawn.m
        if asked.consent:
            yes = m.consents(self.minds[asked.seat].index, self._event(asked.consent))
            return {"yes": yes, "no": 1.0 - yes}
        agenda = self._agenda(asked)
        policy = m.choice(agenda, self.world.moods[agenda.mind])
        names = (self.world.plan.events[e].event.name for e in agenda.moves)
        return {NOTHING: max(0.0, 1.0 - sum(policy)), **dict(zip(names, policy, strict=True))}

    def spoke(self, asked: Ask, move: str) -> dict[tuple[str, str], float]:
        """What speaks for and against a move that is open, by the model: the parts of its log-odds
        against doing nothing, by kind and name (`explain/motives.py`)."""
        mind = self.minds[asked.seat]
        mood = None if mind.mood is None else self.world.moods[mind.index]
        return dict(taken_apart(self._dawn.m, mind, self._event(move), mood))

    def _sealed(
        self, asked: Ask, deed: str, words: tuple[str, ...], beside: Mapping[str, str]
    ) -> dict[str, Any]:
        """The record of a decision. Raises Mistake for one that cannot be made."""
        record: dict[str, Any] = {"day": self.world.day, "seat": asked.seat, **beside}
        odds = self.odds(asked)
        if asked.consent:
            if deed not in odds or words:
                raise Mistake(f"{asked.id}: yes or no, not “{deed}”", "deed")
            return {
                "kind": "consent",
                **record,
                "event": asked.consent,
                "yes": deed == "yes",
                "p_model": odds[deed],
            }
        options = {o.event: o for o in asked.open}
        if deed != NOTHING and deed not in options:
            raise Mistake(
                f"{asked.id} cannot do “{deed}” on {self.day}: open are "
                f"{', '.join((*options, NOTHING))}",
                "deed",
            )
        may = options[deed].words if deed != NOTHING else ()
        if strange := [w for w in words if w not in may] or [
            w for w in words if words.count(w) > 1
        ]:
            have = ", ".join(may) or "nothing"
            raise Mistake(f"{asked.id}: “{strange[0]}” does not go along ({have} may)", "words")
        p = odds[deed]
        for name in may:
            said = along(self._dawn.m, self._event(deed), self._event(name))
            p *= said if name in words else 1.0 - said
        return {
            "kind": "choice",
            **record,
            "about": asked.about,
            "event": "" if deed == NOTHING else deed,
            "words": list(words),
            "p_model": p,
        }

    def _run_on(self) -> None:
        """Lives days until a decision is owed or the last is over."""
        while not self.over and not self._dawn.owed:
            if consents := self._consents():
                self._dawn.owed.update((a.id, a) for a in consents)
                return
            today = daytime(self.world, self._dawn.m, self._decide)
            self._evening(today)
            if self.world.day == self._last:
                self._keep({"kind": "end", "day": self.world.day})
                self.over = True
                self._dawn = _Dawn(next_morning(self.world, lived=True), {}, {}, {})
            else:
                self._wake(self.world.day + 1)

    def _wake(self, day: int) -> None:
        """The morning of a day."""
        self.world.day = day
        if day > 0:
            tick(self.world)
        self._dawn = self._look()

    def _look(self) -> _Dawn:
        """The morning as it is: what presets decided, and whom it asks."""
        m = morning(self.world)
        dawn = _Dawn(m, {}, {}, {})
        for mind in self.world.plan.minds:
            for agenda in mind.agendas:
                if dated(self.world, m, agenda) is not None:
                    continue
                if mind.index in self._asked and opens(self.world, m, agenda):
                    ask = about_agenda(self.world, m, agenda)
                    if ask.open:
                        dawn.owed[ask.id] = ask
                elif mind.index in self._presets:
                    dawn.deeds[agenda.index] = (
                        self._presets[mind.index](self.world, m, agenda) or Deed()
                    )
        return dawn

    def _drawn(
        self, mind: Mind, agenda: Agenda
    ) -> tuple[Occurrence | None, tuple[str, ...] | None]:
        """The move about an agenda, before anybody is asked for consent; its words, or None where
        the model says which go along."""
        if mind.index in self._asked or mind.index in self._presets:
            deed = self._dawn.deeds.get(agenda.index, Deed())
            return (self._event(deed.event) if deed.event else None), deed.words
        return draws(self.world, self._dawn.m, agenda), None

    def _consents(self) -> list[Ask]:
        """What seats are asked to consent to, once all moves are in."""
        asks = list[Ask]()
        for mind in self.world.plan.minds:
            for agenda in mind.agendas:
                if dated(self.world, self._dawn.m, agenda) is not None:
                    continue
                event, _ = self._drawn(mind, agenda)
                if event is not None:
                    asks += [
                        about_consent(self.world, actor, event)
                        for actor in event.consent
                        if actor in self._asked and (event.index, actor) not in self._dawn.agreed
                    ]
        return asks

    def _decide(self, world: World, m: Mindset) -> Iterator[Decision]:
        """Who does what, in the order of `engine.world.chosen`."""
        for mind in world.plan.minds:
            for agenda in mind.agendas:
                fixed = dated(world, m, agenda)
                if fixed is not None:
                    yield Decision(agenda, fixed, said_with(world, m, fixed))
                    continue
                event, words = self._drawn(mind, agenda)
                if event is None:
                    continue
                refused = [a for a in event.consent if not self._agrees(world, m, event, a)]
                if refused:
                    names = tuple(world.plan.minds[a].actor.name for a in refused)
                    self.refused.append((world.day, event.event.name, names))
                    continue
                said = (
                    said_with(world, m, event)
                    if words is None
                    else tuple(self._event(w) for w in words)
                )
                by = self._dawn.late.get(agenda.index, "")
                self._dawn.done |= {e.event.name: by for e in (event, *said)}
                yield Decision(agenda, event, said)

    def _agrees(self, world: World, m: Mindset, event: Occurrence, actor: int) -> bool:
        """Whether an actor consents: as its seat said, as its preset does, as the model draws."""
        said = self._dawn.agreed.get((event.index, actor))
        if said is not None:
            return said
        return self._consenting.get(actor, accepted)(world, m, event, actor)

    def _evening(self, today: list[Today]) -> None:
        world, m = self.world, self._dawn.m
        self._ordered |= self._dawn.done
        for actor, before in self._sights.items():
            seen = sight.seen(world.plan, m, self.minds[actor], today, world.day)
            new = (replace(s, stead=self._stead(s)) for s in seen)
            told = (
                sight.Sight(day, name, self._events[name].event.title, "", who, sight.REFUSED)
                for day, name, refusers in self.refused
                if day == world.day and self._events[name].event.by == actor
                for who in refusers
            )
            self._sights[actor] = (*before, *new, *told)
            self._worths[actor] = sight.worths(m, self.minds[actor])
        for t in today:
            self._ordered.pop(t.event.event.name, None)
        self._before = list(m.now.s)
        self.happened += [(world.day, t) for t in today]
        self._note()
        happened = sorted((t.event.event.name, t.outcome) for t in today)
        self._keep(
            {
                "kind": "day",
                "day": world.day,
                "happened": [list(h) for h in happened],
                "state_sha256": state_sha256(world),
            }
        )

    def _stead(self, s: sight.Sight) -> str:
        """Who decided what is a seat's own, where not the seat did; of others, whether it was
        changed. What was decided days ago may arrive today; what was not decided came of its
        day."""
        if s.event in self._ordered:
            return self._ordered[s.event] if s.how == sight.OWN else ""
        forced = {e.target for c in self._changed for e in c.edits if e.verb == "force"}
        if s.event in forced:
            return sight.CHANGED
        return sight.CALENDAR if s.how == sight.OWN else ""

    def _note(self) -> None:
        """The evening of what is watched: quantities, and what is read of the world."""
        for i, values in self.series.items():
            values.append(evening(self.world, i))

    def _event(self, name: str) -> Occurrence:
        return self._events[name]

    def _agenda(self, asked: Ask) -> Agenda:
        return next(a for a in self.minds[asked.seat].agendas if a.name == asked.about)


def whole(text: str) -> str:
    """A text that can be written: halves of characters, as a terminal or a program may give, are
    replaced."""
    return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)


def state_sha256(world: World) -> str:
    """A hash of a world's state in the evening: quantities, beliefs and what awaits an answer,
    what is under way or may not happen again yet, to the last bit."""
    state = {
        "day": world.day,
        "quantities": [x.hex() for x in world.s],
        "beliefs": [
            [
                [w.hex() for w in learner.weights],
                None
                if learner.episode is None
                else [learner.episode.opened, *(x.hex() for x in learner.episode.silence)],
                learner.scored,
            ]
            for learner in world.learners
        ],
        "ready": sorted([event, float(day).hex()] for event, day in world.ready.items()),
        "underway": sorted([u.event.index, u.arrives] for u in world.underway),
    }
    return hashlib.sha256(plain_json.text(state, ordered=True).encode()).hexdigest()


def replayed(
    case: Case,
    records: tuple[Record, ...],
    keep: Callable[[Record], None] | None = None,
    watched: Iterable[int] = (),
    look: Callable[[Game, Record], None] = lambda game, record: None,
) -> Game:
    """The game that a log tells, on the morning that it had come to. Its days are lived again, and
    each must come to the state that is in the log. `look` is shown the game before each decision
    that is made again. Raises Broken, Mistake."""
    made: list[Record] = []
    try:
        begins = _checked(case, Beginning.of(records[0]))
        game = Game(case, begins, made.append, watched)
        followed = [r for r in records[1:] if r["kind"] != "branch"]
        for number, record in enumerate(followed):
            if record["kind"] in ("choice", "consent") and number == len(made):
                look(game, record)
                _again(game, record)
            elif record["kind"] == "inject" and number == len(made):
                game.inject(record["do"])
            if number >= len(made) or not _same(made[number], record):
                where = f"day {record.get('day', '?')}: a record of “{record['kind']}”"
                raise Broken(f"the game does not replay. {where} is not what its choices lead to")
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
        if isinstance(error, Broken):
            raise
        raise Broken(
            f"the game does not replay: a record is not what one looks like ({error})"
        ) from None
    for record in made[len(followed) :]:  # a day that was lived when the game was killed
        if keep:
            keep(record)
    game.keep_in(keep or (lambda record: None))
    return game


def _checked(case: Case, begins: Beginning) -> Beginning:
    """A beginning as one that fits the case. Raises Broken for one of another model, Mistake,
    TypeError."""
    if begins.model_sha256 != case.model_sha256:
        raise Broken(
            f"the game was begun with another model of {begins.case} "
            f"({begins.model_sha256[:12]}) than this one ({case.model_sha256[:12]}): "
            "it is taken up with the files as they were then"
        )
    days = (begins.last - begins.first).days + 1
    seats = read_seats(case, [str(s) for s in begins.seats])
    again = beginning(
        case, seats, seed=begins.seed, number=begins.number, first=begins.first, days=days
    )
    return replace(again, case=begins.case)


def told(record: Record) -> tuple[str, str, tuple[str, ...]]:
    """What the record of a decision answers, as `Game.answer` takes it: the ask, the deed and its
    words. Raises KeyError where it is none."""
    seat = record["seat"]
    if record["kind"] == "consent":
        return f"{seat} consent {record['event']}", "yes" if record["yes"] else "no", ()
    about = record["about"]
    return f"{seat}.{about}" if about else seat, record["event"] or NOTHING, tuple(record["words"])


def _again(game: Game, record: Mapping[str, Any]) -> None:
    try:
        beside = {k: record[k] for k in ("why", "by", "prompt_sha256") if k in record}
        game.answer(*told(record), **beside)
    except (KeyError, Mistake) as error:
        raise Broken(f"the game does not replay: {error}") from None


def _same(made: Record, told: Record) -> bool:
    return plain_json.text(dict(made), ordered=True) == plain_json.text(dict(told), ordered=True)

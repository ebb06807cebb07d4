"""Why an actor chose as it did: the value of each of its moves on a day, taken apart.

The decision rule (docs/meaning.md, equations 1 to 5) is a sum, so the log-odds of a move against
doing nothing fall into parts without remainder: what it changes in each want and dread, what the
answers of each other actor are worth, and each word that may go along (3'), its cost, what it gives
up, and its urge, all times the actor's precision. The parts are averaged over worlds conditioned on
the reports up to that day.

On the day of a dated choice (`as: choice`) its agenda has no other opening: it is done, and how
likely it was among the moves of that agenda is equation (7), here at the actor's own unknowns and
foresight. The mood does not enter that.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from offramp.answers.wording import day as written
from offramp.answers.wording import percent
from offramp.case.case import Case
from offramp.engine.choice import NO_TYPE, Mindset
from offramp.engine.plan import Agenda, Mind, Occurrence, Plan
from offramp.engine.reported import Reported
from offramp.engine.world import World, acts, along, dated, opening
from offramp.explain.decided import chosen
from offramp.filter.impossible import on_the_morning
from offramp.filter.islands import shares
from offramp.filter.posterior import Posterior, draw
from offramp.filter.simulator import Particles
from offramp.language.crisis import Actor, Crisis, cited, elements

MOVES, PARTS = 5, 6  # that a reader is shown
CITED = 4  # passages of a part
SEEN = 0.05  # log-odds below which a part is not shown
LOOKED_AT = 64  # worlds simulated again by the reference interpreter


@dataclass(frozen=True)
class Part:
    """One part of the log-odds of a move: a want, dread, answer, word, cost, loss, urge or the
    mood; its mean over worlds, and the sd between them."""

    kind: str  # want, dread, answer, word, cost, forgone, urge, mood
    name: str
    title: str
    mean: float
    sd: float
    passages: tuple[str, ...]


@dataclass(frozen=True)
class Word:
    """What may go along with a move, and the probability that it does, in view of the move."""

    event: str
    title: str
    chance: float


@dataclass(frozen=True)
class Move:
    """A move on that morning.

    agenda      the matters among which it is chosen; "" where the actor has one pace for all
    opening     probability that the actor decides about these at all that day; 0 where a dated
                choice takes the opening, and of that choice the share of worlds in which it does
    available   share of worlds in which it could be chosen; the rest is over those
    odds        log-odds against doing nothing, the sum of its parts; `odds_error` its standard
                error, as of so many independent worlds
    chosen      probability of choosing it, given an opening; where there is a dated choice, among
                the moves of its agenda and that (7); `error` its standard error, as of so many
                independent worlds
    today       probability of doing it by itself on the day: with an opening, and accepted
    words       what may go along with it
    parts       the largest first
    reported    whether the record has it: done on that day, or decided on it and done on `done`
    dated       whether it is a dated choice of that day: done whatever its odds
    """

    event: str
    title: str
    available: float
    odds: float
    chosen: float
    today: float
    parts: tuple[Part, ...]
    reported: bool
    cites: tuple[str, ...]
    agenda: str
    opening: float
    words: tuple[Word, ...]
    done: dt.date | None = None
    dated: bool = False
    error: float = math.inf
    odds_error: float = math.inf

    @property
    def made(self) -> bool:
        """Whether it is what the actor did or decided that day, by the record or by its date."""
        return self.reported or self.dated


@dataclass(frozen=True)
class Choice:
    """`opening`: the probability that the actor decides about anything that day, a dated choice
    included; `nothing`: that it does nothing."""

    case: str
    assessment: str
    model_sha256: str
    actor: str
    title: str
    date: dt.date
    seed: int
    worlds: int
    of: int  # worlds conditioned on the reports; `worlds` of them are taken apart
    opening: float
    precision: float
    nothing: float
    mc_error: float  # of `nothing`, as of so many independent worlds
    moves: tuple[Move, ...]
    paraphrases: dict[str, str]
    asked_on: dt.date | None = None  # the day asked for, where `date` is that of a decision before
    note: str = ""  # why these differ, what was decided on another day, what has its date
    as_of: dt.date | None = None  # the last day whose reports count

    def __repr__(self) -> str:
        return (
            f"<Choice of {self.actor} on {self.date}: {len(self.moves)} moves, "
            f"{self.worlds:,} worlds>"
        )


def choice(
    case: Case,
    p: Posterior,
    actor: str,
    date: dt.date,
    seed: int,
    assessment: str = "case",
    worlds: int = LOOKED_AT,
    lived: list[tuple[Reported, Mindset]] | None = None,
) -> Choice:
    """The moves of an actor on the morning of a day, in worlds of the day's cloud: those that lived
    the reports of the day itself too, so that what was seen counts for who these actors are.

    A deed with a lead time was decided earlier: of a day on which the record has nothing else of
    the actor, the day of the decision is looked at (`explain/decided.py`). `lived`:
    the worlds on that very morning, where they are at hand (`mornings_of`). Raises ValueError where
    the posterior has kept no worlds of that day."""
    f, crisis = p.filter, case.crisis
    asked = (date - crisis.first).days
    at = chosen(f.plan, f.schedule, actor, asked)
    day, asked_on = at.day, date if at.day != asked else None
    date = crisis.first + dt.timedelta(day)
    mind = next(m for m in f.plan.minds if m.actor.name == actor)
    mornings = lived or mornings_of(p, day, worlds)
    # Of a deed that had a lead time the decision is what was seen of that day.
    seen = {
        s.event: r.dates[s.id]
        for s in f.schedule.sightings
        for r, _ in mornings[:1]
        if r.dates[s.id] - f.schedule.lead(s.event) == day
    }
    met = [(r.world, m) for r, m in mornings]
    found = faces(case, f.plan, mind, met, day, seen)
    moves, notes = found.moves, [*([at.note] if at.note else []), *found.notes]
    ids = {
        q
        for x in most_informative(moves)
        for part in x.parts[:PARTS]
        for q in part.passages[:CITED]
        if abs(part.mean) >= SEEN
    }
    return Choice(
        case=case.id,
        assessment=assessment,
        model_sha256=case.model_sha256,
        actor=actor,
        title=mind.actor.title,
        date=date,
        seed=seed,
        worlds=len(mornings),
        of=p.worlds,
        opening=found.opening,
        precision=found.precision,
        nothing=found.nothing,
        mc_error=found.mc_error,
        moves=moves,
        paraphrases={q: case.passages[q].paraphrase for q in sorted(ids) if q in case.passages},
        asked_on=asked_on,
        note=" ".join(notes),
        as_of=p.days[-1].date,
    )


def mornings_of(p: Posterior, day: int, worlds: int) -> list[tuple[Reported, Mindset]]:
    """Worlds of a day's cloud on its morning, drawn as they count. Raises ValueError where the
    posterior has kept none of that day."""
    return [on_the_morning(p.filter, cloud, n, day) for cloud, n in drawn_of(p, day, worlds)]


def drawn_of(p: Posterior, day: int, worlds: int) -> list[tuple[Particles, int]]:
    """Worlds of a day's clouds, drawn as they count: the cloud of each, and its number there.
    Raises ValueError where the posterior has kept none of that day."""
    whole = [i.clouds[day] for i in p.islands if day in i.clouds]
    if not whole:
        date = p.filter.plan.crisis.first + dt.timedelta(day)
        raise ValueError(
            f"no worlds of {date} were kept: name it among the days to keep when conditioning"
        )
    parts = shares(np.array([c.log_evidence for c in whole]))
    found = zip(whole, draw(p.filter, whole, parts, worlds, day), strict=True)
    return [(cloud, int(n)) for cloud, which in found for n in which]


@dataclass(frozen=True)
class Faces:
    """What an actor may do on one morning, over some worlds; as in `Choice`, of which this is the
    middle. `notes` tell of dated choices."""

    actor: str
    title: str
    opening: float
    precision: float
    nothing: float
    mc_error: float
    moves: tuple[Move, ...]
    notes: tuple[str, ...] = ()


def faces(
    case: Case,
    laid: Plan,
    mind: Mind,
    mornings: list[tuple[World, Mindset]],
    day: int,
    seen: dict[int, int],
) -> Faces:
    """The moves of an actor on the morning of a day, in these worlds. `seen`: by the number of an
    event, the day on which the record has it, for what was decided that morning."""
    crisis, date = case.crisis, case.crisis.first + dt.timedelta(day)
    table = {name: cited(e) for name, e in elements(crisis)}
    faced = [[facing(w, m, agenda) for agenda in mind.agendas] for w, m in mornings]
    precisions = [m.precision(mind, m.now, NO_TYPE) for _, m in mornings]
    moves, notes = list[Move](), list[str]()
    quiet = np.ones((len(mornings), len(mind.agendas)))
    placed = [
        (n, i, laid.events[index])
        for n, agenda in enumerate(mind.agendas)
        for i, index in enumerate(agenda.all)
    ]
    for n, i, event in placed:
        index, fixed = event.index, event.event.as_choice
        if fixed and day not in event.dates:
            continue
        here = [of[n] for of in faced]
        today, picked = [on.today[i] for on in here], [on.chosen[i] for on in here]
        rows = [
            dict(taken_apart(m, mind, event, on.mood))
            for (_, m), on in zip(mornings, here, strict=True)
            if (on.fixed is event if fixed else m.available(event, m.now, NO_TYPE))
        ]
        quiet[:, n] -= today
        if fixed and rows:
            notes.append(on_its_date(event, mind.agendas[n], date, float(np.mean(today))))
        named = parts_of(case, mind.actor, rows, table)
        moves.append(
            Move(
                event=event.event.name,
                title=event.event.title,
                available=len(rows) / len(mornings),
                odds=sum(part.mean for part in named),
                chosen=float(np.mean(picked)),
                today=float(np.mean(today)),
                parts=named,
                reported=index in seen,
                cites=cited(event.event),
                agenda=mind.agendas[n].name,
                opening=float(np.mean(today if fixed else [on.opening for on in here])),
                words=tuple(
                    Word(
                        event=w.event.name,
                        title=w.event.title,
                        chance=float(np.mean([along(m, event, w) for _, m in mornings])),
                    )
                    for w in (laid.events[index] for index in event.words)
                ),
                done=crisis.first + dt.timedelta(seen[index])
                if seen.get(index, day) > day
                else None,
                dated=fixed,
                error=of_mean(np.array(picked)),
                odds_error=of_mean(np.array([sum(row.values()) for row in rows])),
            )
        )
    idle = np.prod(quiet, axis=1)
    closed = np.array([[0.0 if on.fixed else 1.0 - on.opening for on in of] for of in faced])
    moves.sort(key=lambda x: (-x.made, -x.today))
    return Faces(
        actor=mind.actor.name,
        title=mind.actor.title,
        opening=float(np.mean(1.0 - np.prod(closed, axis=1))),
        precision=float(np.mean(precisions)),
        nothing=float(idle.mean()),
        mc_error=of_mean(idle),
        moves=tuple(moves),
        notes=tuple(notes),
    )


def of_mean(values: NDArray[np.float64]) -> float:
    """The standard error of the mean of a value over so many independent worlds."""
    return float(values.std(ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else math.inf


@dataclass(frozen=True)
class Faced:
    """An agenda on one morning of one world.

    fixed     the dated choice that takes its opening, if there is one
    opening   the probability of an opening for its other moves
    chosen    the probability, given an opening, of each move and dated choice (`Agenda.all`)
    today     that of doing it on the day
    mood      what is added to the log-odds of its moves; None where nothing is
    """

    fixed: Occurrence | None
    opening: float
    chosen: list[float]
    today: list[float]
    mood: float | None


def facing(world: World, m: Mindset, agenda: Agenda) -> Faced:
    """What the actor may do about an agenda: by equation (5), or, with a dated choice, by (7)."""
    mind, fixed, today = m.plan.minds[agenda.mind], dated(world, m, agenda), acts(world, m, agenda)
    if fixed is None:
        mood = world.moods[mind.index]
        policy = m.choice(agenda, mood) + [0.0] * len(agenda.dated)
        free = opening(m, agenda) if agenda.moves else 0.0
        return Faced(None, free, policy, today, None if mind.mood is None else mood)
    own = m.would_have(agenda, fixed, mind.foresight, NO_TYPE)
    policy = [(1.0 - own) * p for p in m.choice(agenda, 0.0)]
    policy += [own if index == fixed.index else 0.0 for index in agenda.dated]
    return Faced(fixed, 0.0, policy, today, None)


def on_its_date(event: Occurrence, agenda: Agenda, date: dt.date, share: float) -> str:
    """What is said of a dated choice; `share`: of the worlds, in which it takes place."""
    whose = f"agenda “{agenda.name}” has" if agenda.name else "actor has"
    where = f" in {percent(share)} of the worlds" if share < 1.0 else ""
    return (
        f"“{event.event.title}” is a dated choice of {written(date)}: it is done{where} whatever "
        f"its odds, and the {whose} no other opening that day{' there' if where else ''}."
    )


def most_informative(moves: tuple[Move, ...]) -> tuple[Move, ...]:
    """The moves that tell most: what was done that day, what would have served the same end (has
    most of the part that spoke most for it), and the likeliest others."""
    possible = [x for x in moves if x.available > 0]
    done = [x for x in possible if x.made]
    shown = list(done)
    for x in done:
        end = next((part for part in x.parts if part.mean > 0), None)
        if end is not None:

            def serves(move: Move, kind: str = end.kind, name: str = end.name) -> float:
                same = (q.mean for q in move.parts if (q.kind, q.name) == (kind, name))
                return next(same, 0.0)

            others = sorted((y for y in possible if y not in shown), key=serves, reverse=True)
            shown += [y for y in others[:2] if serves(y) > SEEN]
    shown += [x for x in possible if x not in shown]
    return tuple(shown[: max(MOVES, len(done))])


Key = tuple[str, str]  # kind and name of a part


def taken_apart(
    m: Mindset, mind: Mind, event: Occurrence, mood: float | None = None
) -> list[tuple[Key, float]]:
    """The parts of the log-odds of an available move in one world; what the engine's `choice` uses
    is their sum. `mood` is a part of its own, None where none enters."""
    out: dict[Key, float] = {}
    now, u = m.now, m.unknowns
    for k in mind.touched[event.index]:
        term, before = mind.terms[k], m.term(mind, k, now, NO_TYPE)
        kind = "dread" if term.name.startswith("dread of ") else "want"
        for p, after in m.branches(event, now):
            gain = p * (m.term(mind, k, after, NO_TYPE) - before)
            out[kind, term.name] = out.get((kind, term.name), 0.0) + gain
    for other, worth in answers(m, mind, event):
        out["answer", m.plan.minds[other].actor.name] = worth
    if mind.foresight > 0:
        for word in event.words:  # (3'), a word at a time
            alone, name = replace(event, words=(word,)), m.plan.events[word].event.name
            out["word", name] = m.added_words(mind, alone, now, mind.foresight - 1, NO_TYPE)
    if event.cost is not None:
        out["cost", event.event.name] = -float(event.cost(now.s, u, m.moment))
    if event.event.forecloses:
        out["forgone", event.event.name] = -m.foreclosed(mind, event, now, NO_TYPE)
    if mind.will is not None:
        will = float(mind.will(now.s, u, m.moment))
        out = {key: will * x for key, x in out.items()}
    if event.urge is not None:
        out["urge", event.event.name] = float(event.urge(now.s, u, m.moment))
    precision = m.precision(mind, now, NO_TYPE)
    parts = [(key, precision * x) for key, x in out.items()]
    return parts if mood is None else [*parts, (("mood", mind.actor.name), mood)]


def answers(m: Mindset, mind: Mind, event: Occurrence) -> list[tuple[int, float]]:
    """What the change in each other actor's policy is worth (equation 3)."""
    depth, out = mind.foresight, []
    if depth == 0:
        return []
    for other in mind.weighs:
        if not m.plan.provokes(event.index, other, depth - 1):
            continue
        moves, total = m.plan.minds[other].moves, 0.0
        before = m.response(mind, other, m.now, depth - 1)
        for p, after in m.branches(event, m.now):
            then = m.response(mind, other, after, depth - 1)
            for i, move in enumerate(moves):
                shift = then[i] - before[i]
                if shift != 0.0:
                    reply = m.plan.events[move]
                    total += p * shift * m.worth(mind, reply, after, depth - 1, NO_TYPE)
        out.append((other, total))
    return out


def want_title(crisis: Crisis, name: str) -> str:
    """What a want is called, for people: the event that its name may end with by its title."""
    lead, _, last = name.rpartition(" ")
    event = next((e for e in crisis.events if "." in last and e.name == last), None)
    return name.replace("_", " ") if event is None else f"{lead} “{event.title}”"


def parts_of(
    case: Case, actor: Actor, rows: list[dict[Key, float]], passages: dict[str, tuple[str, ...]]
) -> tuple[Part, ...]:
    """The means of the parts over worlds, the largest first. Wants and fears are the actor's own:
    another may have one of the same name, on other passages."""
    titles = {a.name: a.title for a in case.crisis.actors}
    events = {e.name: e.title for e in case.crisis.events}
    wants = {w.name: w.value.passages for w in actor.wants}
    fears = {f"dread of {x.event}": cited(x) for x in actor.fears}
    marks = {
        (kind, e.name): claim.passages
        for e in case.crisis.events
        for kind, claim in (("cost", e.cost), ("urge", e.urge))
        if claim is not None
    }
    out = []
    for key in dict.fromkeys(key for row in rows for key in row):
        kind, name = key
        values = np.array([row.get(key, 0.0) for row in rows])
        if kind == "want":
            title, own = want_title(case.crisis, name), wants.get(name, ())
        elif kind == "dread":
            event = name.removeprefix("dread of ")
            title, own = f"dread: {events.get(event, event)}", fears.get(name, ())
        elif kind == "answer":
            title, own = f"how {titles.get(name, name)} would answer", passages[f"actor {name}"]
        elif kind == "word":
            title = f"what it may say with it: {events.get(name, name)}"
            own = passages[f"event {name}"]
        else:
            what = {
                "cost": "its own price",
                "forgone": "what it gives up",
                "urge": "its urge",
                "mood": "the actor's mood",
            }
            title, own = what[kind], marks.get((kind, name), ())
        out.append(
            Part(
                kind=kind,
                name=name,
                title=title,
                mean=float(values.mean()),
                sd=float(values.std()),
                passages=own,
            )
        )
    return tuple(sorted(out, key=lambda part: -abs(part.mean)))

"""Why an actor chose as it did: the value of each of its moves on a day, taken apart.

The decision rule (docs/meaning.md, equations 1 to 5) is a sum, so the log-odds of a move against
doing nothing fall into parts without remainder: what it changes in each want and dread, what the
answers of each other actor are worth, what each word adds that may go along with it, its cost, what
it gives up, and its urge, all times the actor's precision. The parts are averaged over worlds
conditioned on the reports up to that day.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, replace

import numpy as np

from offramp.case.case import Case
from offramp.engine.choice import NO_TYPE, Mindset
from offramp.engine.plan import Mind, Occurrence
from offramp.engine.world import along, opening
from offramp.explain.decided import chosen
from offramp.filter.impossible import on_the_morning
from offramp.filter.islands import shares
from offramp.filter.posterior import Posterior, draw
from offramp.language.crisis import Actor, cited, elements

MOVES, PARTS = 5, 6  # that a reader is shown
CITED = 4  # passages of a part
SEEN = 0.05  # log-odds below which a part is not shown
LOOKED_AT = 64  # worlds simulated again by the reference interpreter


@dataclass(frozen=True)
class Part:
    """One part of the log-odds of a move: a want, dread, answer, word, cost, loss or urge; its mean
    over worlds, and the sd between them."""

    kind: str  # want, dread, answer, word, cost, forgone, urge
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
    opening     probability that the actor decides about these at all that day
    available   share of worlds in which it could be chosen; the rest is over those
    odds        log-odds against doing nothing, the sum of its parts
    chosen      probability of choosing it, given an opening
    today       probability of doing it by itself on the day: with an opening, and accepted
    words       what may go along with it
    parts       the largest first
    reported    whether the record has it: done on that day, or decided on it and done on `done`
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


@dataclass(frozen=True)
class Choice:
    """`opening`: the probability that the actor decides about anything that day; `nothing`: that
    it does nothing."""

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
    note: str = ""  # why these differ, or what of that day was decided on another
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
) -> Choice:
    """The moves of an actor on the morning of a day, in worlds of the day's cloud: those that lived
    the reports of the day itself too, so that what was seen counts for who these actors are.

    A deed with a lead time was decided earlier: of a day on which the record has nothing else of
    the actor, the day of the decision is looked at (`explain/decided.py`). Raises ValueError where
    the posterior has kept no worlds of that day."""
    f, crisis = p.filter, case.crisis
    asked = (date - crisis.first).days
    at = chosen(f.plan, f.schedule, actor, asked)
    day, asked_on = at.day, date if at.day != asked else None
    date = crisis.first + dt.timedelta(day)
    mind = next(m for m in f.plan.minds if m.actor.name == actor)
    whole = [i.clouds[day] for i in p.islands if day in i.clouds]
    if not whole:
        raise ValueError(
            f"no worlds of {date} were kept: name it among the days to keep when conditioning"
        )
    parts = shares(np.array([c.log_evidence for c in whole]))
    mornings = []
    for cloud, which in zip(whole, draw(f, whole, parts, worlds, day), strict=True):
        mornings += [on_the_morning(f, cloud, int(n), day) for n in which]
    table = {name: cited(e) for name, e in elements(crisis)}
    # Of a deed that had a lead time the decision is what was seen of that day.
    seen = {
        s.event: r.dates[s.id]
        for s in f.schedule.sightings
        for r, _ in mornings[:1]
        if r.dates[s.id] - f.schedule.lead(s.event) == day
    }
    policies, openings, precisions, moves = [], [], [], []
    quiet = np.ones((len(mornings), len(mind.agendas)))
    for r, m in mornings:
        mood = r.world.moods[mind.index]
        policies.append([m.choice(agenda, mood) for agenda in mind.agendas])
        openings.append([opening(m, agenda) for agenda in mind.agendas])
        precisions.append(m.precision(mind, m.now, NO_TYPE))
    placed = [(n, i) for n, agenda in enumerate(mind.agendas) for i in range(len(agenda.moves))]
    for n, i in placed:
        index = mind.agendas[n].moves[i]
        event = f.plan.events[index]
        rows = []
        today, taken = [], []
        for k, (r, m) in enumerate(mornings):
            accepts = m.agreed(event, 1.0)
            taken.append(policies[k][n][i])
            today.append(openings[k][n] * policies[k][n][i] * accepts)
            if m.available(event, m.now, NO_TYPE):
                rows.append(dict(taken_apart(m, mind, event, r.world.moods[mind.index])))
        quiet[:, n] -= today
        named = parts_of(case, mind.actor, rows, table)
        moves.append(
            Move(
                event=event.event.name,
                title=event.event.title,
                available=len(rows) / len(mornings),
                odds=sum(part.mean for part in named),
                chosen=float(np.mean(taken)),
                today=float(np.mean(today)),
                parts=named,
                reported=index in seen,
                cites=cited(event.event),
                agenda=mind.agendas[n].name,
                opening=float(np.mean([of[n] for of in openings])),
                words=tuple(
                    Word(
                        event=w.event.name,
                        title=w.event.title,
                        chance=float(np.mean([along(m, event, w) for _, m in mornings])),
                    )
                    for w in (f.plan.events[index] for index in event.words)
                ),
                done=crisis.first + dt.timedelta(seen[index])
                if seen.get(index, day) > day
                else None,
            )
        )
    idle = np.prod(quiet, axis=1)
    error = float(idle.std(ddof=1)) / math.sqrt(len(idle)) if len(idle) > 1 else math.inf
    moves.sort(key=lambda x: (-x.reported, -x.today))
    ids = {
        q
        for x in most_informative(tuple(moves))
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
        opening=float(np.mean(1.0 - np.prod(1.0 - np.array(openings), axis=1))),
        precision=float(np.mean(precisions)),
        nothing=float(idle.mean()),
        mc_error=error,
        moves=tuple(moves),
        paraphrases={q: case.passages[q].paraphrase for q in sorted(ids) if q in case.passages},
        asked_on=asked_on,
        note=at.note,
        as_of=p.days[-1].date,
    )


def most_informative(moves: tuple[Move, ...]) -> tuple[Move, ...]:
    """The moves that tell most: what was done that day, what would have served the same end (has
    most of the part that spoke most for it), and the likeliest others."""
    possible = [x for x in moves if x.available > 0]
    done = [x for x in possible if x.reported]
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


def taken_apart(m: Mindset, mind: Mind, event: Occurrence, mood: float) -> list[tuple[Key, float]]:
    """The parts of the log-odds of an available move in one world; what `choice` uses is their
    sum."""
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
    for word in event.words if mind.foresight > 0 else ():
        alone = replace(event, words=(word,))
        added = m.added_words(mind, alone, now, mind.foresight - 1, NO_TYPE)
        out["word", m.plan.events[word].event.name] = added
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
    return [*parts, (("mood", mind.actor.name), mood)] if mind.mood is not None else parts


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
            title, own = name.replace("_", " "), wants.get(name, ())
        elif kind == "dread":
            event = name.removeprefix("dread of ")
            title, own = f"dread: {events.get(event, event)}", fears.get(name, ())
        elif kind == "word":
            title, own = f"what would be added: {events.get(name, name)}", passages[f"event {name}"]
        elif kind == "answer":
            title, own = f"how {titles.get(name, name)} would answer", passages[f"actor {name}"]
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

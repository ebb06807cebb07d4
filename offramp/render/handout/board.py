"""What the moderator keeps: the board, the calendar, and what nobody chooses."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from offramp.case.case import Case
from offramp.language.crisis import Bloc, Crisis, Event, State, Unknown, Vote
from offramp.language.expressions import Date, Ref, walk
from offramp.language.kinds import constant
from offramp.render.brief.milestones import milestones
from offramp.render.handout.said import (
    Line,
    capital,
    chance_words,
    cites,
    drawn_in,
    joined,
    plain,
    states_in,
    tells_later,
)
from offramp.render.pages.phrases import Speaker, amount, level_words


@dataclass(frozen=True)
class Mark:
    """Something of the calendar. `lane`: the actor whose it is, '' for nobody's."""

    number: int
    day: dt.date
    title: str
    lane: str


def readers(crisis: Crisis) -> dict[str, list[str]]:
    """The quantities that sheets read, each with the actors whose sheets do: those of wants, of
    lines, and of the conditions of moves. None of them: those that only chance and votes read."""
    found: dict[str, list[str]] = {}
    for a in crisis.actors:
        values = [w.value for w in a.wants] + [g.pace for g in a.agendas]
        own = [e for e in crisis.events if e.by == a.name and (e.chosen or e.as_choice)]
        values += [e.when for e in own if e.when is not None]
        for name in dict.fromkeys(r.name for v in values for r in states_in(v.expression)):
            found.setdefault(name, []).append(a.title)
    for e in crisis.events:
        if not _by_chance(e):
            continue
        values = [v for v in (e.rate, e.when) if v is not None]
        for name in (r.name for v in values for r in states_in(v.expression)):
            found.setdefault(name, [])
        if e.clock:
            found.setdefault(e.clock, [])
    return found


def board(
    crisis: Crisis, speaker: Speaker, read: Mapping[str, Sequence[str]]
) -> tuple[list[Line], list[Line]]:
    """The quantities that all may see, and those that the moderator keeps: whatever else a sheet
    reads, and what begins from a draw."""
    board, kept = list[Line](), list[Line]()
    for s in sorted(crisis.states, key=lambda s: _place(crisis, s)):
        if s.name not in crisis.show and s.name not in read:
            continue
        title = speaker.titles[f"state {s.name}"]
        more = (plain(speaker.scale(s)), _begins(crisis, speaker, s))
        if s.name in crisis.show and not starts_drawn(s):
            board.append(Line(title, tuple(x for x in more if x)))
            continue
        readers = read.get(s.name, ())
        whose = f"tell {joined(readers)}" if readers else "for you alone"
        kept.append(Line(title, tuple(x for x in (*more, whose) if x)))
    return board, kept


def _place(crisis: Crisis, s: State) -> int:
    return crisis.show.index(s.name) if s.name in crisis.show else len(crisis.show)


def starts_drawn(s: State) -> bool:
    """Whether a quantity begins from what nobody knows."""
    parts = () if s.start is None else walk(s.start.expression)
    return any(isinstance(x, Ref) and x.what == "unknown" for x in parts)


def _begins(crisis: Crisis, speaker: Speaker, s: State) -> str:
    """Where it stands at the start: of what is drawn, from what."""
    if s.start is None:
        return ""
    drawn = drawn_in(s.start.expression, crisis)
    if not drawn:
        return f"at the start {plain(speaker.start(s))}"
    if isinstance(s.start.expression, Ref):
        return f"at the start drawn before the game, {_odds(speaker, drawn[0])}"
    of = joined([f"“{u.title}” drawn before the game, {_odds(speaker, u)}" for u in drawn])
    return f"at the start {plain(speaker.start(s))}, with {of}"


def _odds(speaker: Speaker, u: Unknown) -> str:
    """From what an unknown is drawn."""
    if u.options:
        odds = (f"{level_words(o.name)} {chance_words(speaker, o.chance)}" for o in u.options)
        return f"as one of {', '.join(odds)}"
    if u.interval is not None:
        low, high = u.interval
        return f"{u.phrase}: mostly {amount(low)} to {amount(high)}"
    ends = " to ".join(plain(speaker.words(c)) for c in (u.low, u.high) if c is not None)
    return f"anywhere from {ends}" if u.prior == "between" else f"mostly {ends}"


def calendar(crisis: Crisis) -> tuple[Mark, ...]:
    """Dated events and votes within the course, and clocks that run from the start, in order."""
    lanes = {e.title: e.by for e in crisis.events if e.by}
    titles = {a.name: a.title for a in crisis.actors}
    rings = {
        q.name: crisis.first + dt.timedelta(round(days))
        for q in crisis.states
        if q.kind == "clock" and q.start is not None
        if (days := constant(q.start.expression)) is not None and days > 0
    }
    clocked = [
        (rings[e.clock], f"{e.title} (unless its clock is stopped or set anew)")
        for e in crisis.events
        if e.clock in rings
    ]
    dated = sorted((d, t) for d, t in (*milestones(crisis), *clocked) if d <= crisis.shown_last)
    return tuple(
        Mark(k, d, t, titles.get(lanes.get(t) or "", "")) for k, (d, t) in enumerate(dated, 1)
    )


def _by_chance(e: Event) -> bool:
    """What nobody chooses, but for what the calendar alone brings."""
    return not (e.chosen or e.as_choice or (e.dates and not e.vote))


def chance(case: Case, speaker: Speaker, last: dt.date) -> Iterable[Line]:
    """What nobody chooses: by chance, by vote, when a clock rings; no vote after the last day."""
    first, known = case.crisis.first, {m.day for m in calendar(case.crisis)}
    for e in case.crisis.events:
        if not _by_chance(e):
            continue
        if e.vote is not None:
            held = e.vote.date
            day = held.expression if held is not None else None
            if isinstance(day, Date) and day.value > last:
                continue
            why = _voted(speaker, e.vote)
            if e.when is not None:
                why.append(f"only if {plain(speaker.words(e.when))}")
        else:
            why = plain(speaker.why(e)).split("; ")
        said = tuple(p for p in why if not tells_later(p, first, known))
        yield Line(capital(e.title), said, cites(case, e))


def _voted(speaker: Speaker, v: Vote) -> list[str]:
    """A vote: when, the seats of each party and how it leans, and what carries it."""
    held = (
        f" on {plain(speaker.words(v.date))}"
        if v.date
        else f" when the clock “{speaker.titles[f'state {v.clock}']}” rings"
        if v.clock
        else f" whenever {plain(speaker.words(v.when))}"
        if v.when
        else ""
    )
    said = [f"a vote{held}"]
    for b in v.blocs:
        seats = re.sub(r"^1 seats$", "1 seat", plain(speaker.words(b.seats)))
        said.append(f"{capital(level_words(b.name))} has {seats} and {_leans(speaker, b)}")
    if v.quorum is not None:
        said.append(f"quorum {plain(speaker.words(v.quorum))}")
    quota = None if v.quota is None else plain(speaker.words(v.quota))
    said.append(f"carried by {quota}" if quota else "carried by more than half of those present")
    if v.vetoes:
        said.append(f"veto of {joined([speaker.titles[f'actor {x.actor}'] for x in v.vetoes])}")
    return said


def _leans(speaker: Speaker, b: Bloc) -> str:
    low, high = speaker.signs.range(b.yes.expression)
    if low >= 0.0 and high > 0.0:
        return "leans to yes"
    return "leans to no" if high <= 0.0 and low < 0.0 else "may go either way"

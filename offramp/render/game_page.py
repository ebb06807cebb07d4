"""A game as its pages are told it, as plain values: a seat's morning, and the facilitator's table.

A seat is told its view (`play/sight.py`) and the sentences for it, and nothing else of the game:
how likely anything was held, the number of the world and its seed are in neither.
"""

from __future__ import annotations

from typing import Any

from offramp.answers.wording import percent
from offramp.case.case import Case
from offramp.language.crisis import State
from offramp.language.edits import UNBOUND
from offramp.play.asking import Ask, Option
from offramp.play.game import Game
from offramp.play.game_log import Record
from offramp.play.kept_games import lived
from offramp.play.programs import plain
from offramp.play.seats import AUTHOR, ENDPOINT, PERSON, PROGRAM, Seat, players
from offramp.play.sight import Held, View
from offramp.render.edit_said import edit_said
from offramp.render.game_said import Told
from offramp.render.pages.phrases import level_words

HELD = {
    PERSON: "a person",
    PROGRAM: "a program",
    ENDPOINT: "a language model",
    "model": "the model",
    "nothing": "never does anything",
    "likeliest": "does what the model holds most likely",
    "any": "each open move alike",
}


def seat_page(game: Game, actor: str) -> dict[str, Any]:
    """A seat's morning. `waiting`: how many other seats still decide; `sealed`: whether this one
    has decided this morning; `since`: the day of its last decision before, since which what
    happened is new to it, None where there is none. Raises Mistake for who has no seat."""
    says, view = Told(game.case), game.view(actor)
    days = game.decided(actor)
    before = [d for d in days if view.over or d < view.day]
    return {
        "view": plain(view),
        "said": _said(says, view),
        "since": before[-1] if before else None,
        "sealed": not view.over and view.day in days,
        "done": [_done(says, a, deed, words) for a, deed, words in game.sealed(actor)],
        "alone": set(players(game.case)) <= {s.actor for s in game.begins.seats},
        "first": game.begins.first.isoformat(),
        "waiting": len({a.seat for a in game.owes} - {actor}),
        "seats": [
            {"title": says.titles[s.actor], "person": s.asked, "own": s.actor == actor}
            for s in game.begins.seats
        ],
    }


def _done(says: Told, asked: Ask, deed: str, words: tuple[str, ...]) -> str:
    """A decision that the seat has sealed this morning."""
    about = f", {level_words(asked.about)}" if asked.about else ""
    if asked.consent:
        return f"Your answer to “{says.events[asked.consent].title}”: {deed}."
    names = " with ".join(f"“{says.events[n].title}”" for n in (deed, *words) if n)
    return f"You decided{about}: {names or 'nothing'}."


def _said(says: Told, view: View) -> dict[str, Any]:
    """The sentences for a view, each in the place of what it is about."""
    return {
        "happened": [says.happened(s) for s in view.happened],
        "readings": [says.reading(r) for r in view.readings],
        "wants": [[says.speaker.plain(w.name), says.worth(w)] for w in view.wants],
        "beliefs": [_belief(says, h) for h in view.beliefs],
        "coming": [says.coming(c) for c in view.coming],
        "owes": [
            {
                "id": a.id,
                "asked": says.asked(a),
                "yes": says.consented(a) if a.consent else "",
                "options": [_option(says, o) for o in a.options],
            }
            for a in view.owes
        ],
    }


def _belief(says: Told, h: Held) -> dict[str, Any]:
    types = [[level_words(name), percent(weight)] for name, weight in h.types]
    return {"about": says.titles[h.about], "types": types}


def _option(says: Told, o: Option) -> dict[str, Any]:
    return {
        "told": says.barred(o) if o.closed else says.does(says.events[o.event]),
        "words": [says.events[w].title for w in o.words],
    }


def facilitator_page(game: Game, records: tuple[Record, ...]) -> dict[str, Any]:
    """A game as who runs it is told it: who sits where, who still owes a decision this morning,
    what was changed, the morning from which it is a `branch`, and the days that are over. What was
    sealed this morning is told when the morning is over; why, and which world it is, when the game
    is."""
    says, owing = Told(game.case), {a.seat for a in game.owes}
    daily = game.case.crisis.daily
    decided = {str(r["seat"]) for r in records if r.get("day") == game.world.day and "seat" in r}
    return {
        "date": game.day.isoformat(),
        "first": game.begins.first.isoformat(),
        "last": game.begins.last.isoformat(),
        "over": game.over,
        "world": [game.begins.number, game.begins.seed] if game.over else None,
        "seats": [
            {
                "actor": s.actor,
                "title": says.titles[s.actor],
                "held": held_words(game, s),
                "person": s.held == PERSON,
                "owes": s.actor in owing,
                "sealed": s.actor in decided - owing and not game.over,
            }
            for s in game.begins.seats
        ],
        "changed": [
            {"date": says.date(c.day), "said": [edit_said(game.case.crisis, e) for e in c.edits]}
            for c in game.changed
        ],
        "untouched": game.untouched,
        "branch": next((says.date(r["day"]) for r in records[::-1] if r["kind"] == "branch"), ""),
        "changeable": _changeable(game.case),
        "days": [
            {
                "date": says.date(day),
                "decided": [_decided(says, r, game.over) for r in rows[:-1]],
                "happened": [
                    *(_happened(says, *h) for h in rows[-1]["happened"] if h[0] not in daily),
                    *(_refused(says, event, who) for d, event, who in game.refused if d == day),
                ],
            }
            for day, rows in lived(records)
            if len(rows) > 1
            or {h[0] for h in rows[-1]["happened"]} - daily
            or day in {d for d, _, _ in game.refused}
        ],
    }


def _changeable(case: Case) -> dict[str, Any]:
    """What the edits of a facilitator may be of: events with the verbs that fit, quantities."""
    return {
        "events": [
            {
                "name": e.name,
                "title": e.title,
                "verbs": [
                    *("never", "force"),
                    *(("rate",) if e.rate is not None else ()),
                    *(("cost", "urge") if e.chosen else ()),
                ],
            }
            for e in case.crisis.events
        ],
        "quantities": [
            {"name": s.name, "title": s.title, "levels": _levels(s)}
            for s in case.crisis.states
            if s.kind not in UNBOUND
        ],
    }


def _levels(s: State) -> list[str]:
    """The values that have names, as a change is written."""
    return ["no", "yes"] if s.kind == "flag" else list(s.levels)


def held_words(game: Game, seat: Seat) -> str:
    """Who holds a seat."""
    if seat.held == AUTHOR:
        return f"by the premises of “{game.case.assessments[seat.by].title}”"
    return HELD[seat.held]


def _decided(says: Told, record: Record, over: bool) -> str:
    """A decision of a morning that is over."""
    about = record.get("about")
    who = says.titles[record["seat"]] + (f" ({level_words(about)})" if about else "")
    if record["kind"] == "consent":
        gave = "consents to" if record["yes"] else "refuses consent to"
        said = f"{who} {gave}: {says.events[record['event']].title}"
    elif not record["event"]:
        said = f"{who}: nothing"
    else:
        names = (record["event"], *record["words"])
        said = f"{who}: {', with '.join(says.events[n].title for n in names)}"
    if record.get("by"):
        said += f" (answered by {record['by']})"
    return f"{said}. Why: {record['why']}" if over and record.get("why") else said


def _refused(says: Told, event: str, who: tuple[str, ...]) -> str:
    names = " and ".join(says.titles[a] for a in who)
    return f"not done, for {names} did not consent: {says.events[event].title}"


def _happened(says: Told, event: str, outcome: str) -> str:
    own = says.events[event]
    said = f"{own.title} ({level_words(outcome)})" if outcome else own.title
    return f"{said}, by {says.titles[own.by]}" if own.by else said

"""The games of a class in one view, as a leaflet."""

from __future__ import annotations

from collections.abc import Iterable

from offramp.answers.wording import coarse
from offramp.answers.wording import day as written
from offramp.case.case import Case
from offramp.play.folded import Folded, Often
from offramp.play.rank import Rank
from offramp.render.brief.points import Point
from offramp.render.sheet.leaflet import Leaflet, Section
from offramp.render.sheet.review_words import chance, lead, picture, played
from offramp.text.diagnostics import counted

READING = (
    "Worlds without players begin on the case's first day and know no report. Of few games no "
    "share is told: beside the model's stands in how many something came about. Games of one world "
    "share their fog, openings and votes, so that they are less than so many independent ones. "
    "Better is by the actor's own wants, among games that the model plays alone from the same "
    "morning of that world: one draw of the dice each."
)


def folded_leaflet(case: Case, f: Folded) -> Leaflet:
    """What a class played."""
    questions = {q.id: lead(q.text, q.where) for q in case.questions}
    events = {e.name: lead(e.title) for e in case.crisis.events}
    parts = (
        ("The questions", [_often(questions[o.what], o, "yes") for o in f.questions]),
        ("What seats did", [_often(events[o.what], o, "done") for o in f.deeds]),
        ("Each game", list(_games(case, f))),
    )
    worlds = {(g.begins.seed, g.begins.number) for g in f.games}
    return Leaflet(
        title=f"{case.crisis.title}, played",
        kicker=f"{case.crisis.title} · {counted(len(f.games), 'game')} in "
        f"{counted(len(worlds), 'world')}",
        headline=f"{counted(len(f.games), 'game')}, side by side",
        sections=tuple(Section(title, tuple(points)) for title, points in parts if points),
        reading=READING,
        command="offramp review games/*.jsonl -o class.html",
        picture=picture(f.expected, f.games),
    )


def _often(title: str, o: Often, how: str) -> Point:
    beside = ""
    if o.model is not None:
        beside = (
            f"; without players the model gives {coarse(o.model, o.error)} over the whole course"
        )
    still = f", not decided yet in {o.open}" if o.open else ""
    said = f"{how[:1].upper()}{how[1:]} in {o.games} of {counted(o.of, 'game')}{still}{beside}."
    return Point(title, said)


def share_below(k: Rank) -> str:
    return f"{coarse(k.below, k.mc_error)} of the model's own games"


def _games(case: Case, f: Folded) -> Iterable[Point]:
    titles = {a.name: a.title for a in case.crisis.actors}
    events = {e.name: e.title for e in case.crisis.events}
    for name, g in zip(f.names, f.games, strict=True):
        said = []
        for d in g.distances:
            apart = "" if d.apart is None else f", {played(d.apart)}"
            rank = g.rank(d.seat)
            better = "" if rank is None else f", came out better than {share_below(rank)}"
            said.append(f"{titles[d.seat]} {counted(d.decisions, 'decision')}{apart}{better}")
        for least in g.least[:1]:
            deed = f"“{events[least.event]}”" if least.event else "to do nothing"
            said.append(f"least expected: {titles[least.seat]}, {deed}, {chance(least.p_model)}")
        for c in g.changed[:1]:
            said.append(f"its crisis was changed, from {written(c.date, year=False)} on")
        state = "" if g.over else ", not over"
        lead = f"{name}, world {g.begins.number}, {counted(g.days, 'day')}{state}:"
        yield Point(lead, f"{'; '.join(said)}.")

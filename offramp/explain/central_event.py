"""But for the central event of a case: which event that is, by rule, and the answers without it.

The rule, in this order: a choice that the case itself dates (`as: choice`); else, as of a day, an
event that is reported; else one that happens in most worlds. Of several the one without which most
of the answers change beyond their errors, and of these the one without which they change most. No
event that one of the questions asks about: without it the answer would be known without a model.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from offramp.answers.forecast import Forecast, Support, Watch
from offramp.case.case import Case
from offramp.case.record import Days, Report
from offramp.engine.run import Progress
from offramp.explain.butfor import ButFor, but_for
from offramp.explain.main_actors import asked_about
from offramp.filter.posterior import Posterior
from offramp.language.crisis import Event
from offramp.language.edits import Edit

MOST = 0.5  # share of worlds in which it happens
MANY = 4  # events that are tried, the nearest to the first question in the chain of influences
TRIED = 512  # pairs of worlds of each


@dataclass(frozen=True, kw_only=True)
class Held:
    """An event to be held off, on its days or (none) altogether. `why`: dated, reported, usual."""

    event: Event
    days: tuple[dt.date, ...]
    why: str

    @property
    def edit(self) -> Edit:
        return Edit("never", self.event.name, dates=self.days)

    def morning(self, first: dt.date) -> dt.date:
        """From which on it is held off: its first day, or the first of all."""
        return min((*self.days, *self.event.days), default=first)


@dataclass(frozen=True, kw_only=True)
class Central:
    """The central event, and how the questions are answered without it. `tried`: among how many
    events it was chosen by what the answers do; 1 where there was no other."""

    held: Held
    tried: int
    found: ButFor


def candidates(
    case: Case,
    f: Forecast,
    asked: Sequence[Watch],
    reports: Sequence[Report],
    spared: Collection[str] = (),
) -> tuple[Held, ...]:
    """The events that may be the central one, at most `MANY`, the nearest to the first question
    first. `reports`: those known by the day of the forecast; `spared`: events left out."""
    if not asked:
        return ()
    near = {name: k for k, name in enumerate(Support(case).behind(asked[0].question))}
    known = {name for w in asked for name in asked_about(w)} | set(spared)
    lived = dict[str, set[dt.date]]()
    for r in reports:
        if r.kind == "event":
            lived.setdefault(r.what, set()).update(d for when in r.when for d in _days(when))
    found = list[Held]()
    for k, event in enumerate(case.crisis.events):
        often = float((f.ensemble.counts[:, k] > 0).mean())
        by_chance = event.rate is not None
        if event.private or event.name in known or f"event {event.name}" not in near:
            continue
        begun = f.as_of is None or min(event.days, default=f.last) <= f.as_of
        if event.as_choice and often > MOST and begun:
            found.append(Held(event=event, days=(), why="dated"))
        elif f.as_of is not None and event.name in lived and (event.chosen or by_chance):
            days = tuple(sorted(lived[event.name]))
            found.append(Held(event=event, days=days, why="reported"))
        elif f.as_of is None and often > MOST and (event.chosen or by_chance):
            found.append(Held(event=event, days=(), why="usual"))
    dated = [h for h in found if h.why == "dated"]
    found = sorted(dated or found, key=lambda h: near[f"event {h.event.name}"])
    return tuple(found[:MANY])


def _days(when: Days) -> list[dt.date]:
    """All days that a reading leaves open."""
    return [when.first + dt.timedelta(n) for n in range((when.last - when.first).days + 1)]


def central(
    case: Case,
    p: Posterior,
    found: Sequence[Held],
    asked: Sequence[Watch],
    seed: int,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Central | None:
    """The central event among some, and the answers without it in all worlds of the posterior; None
    where there is none, or where several were tried and no answer changes without any of them."""

    def without(h: Held, worlds: int | None = None) -> ButFor:
        first, until = case.crisis.first, case.crisis.first + dt.timedelta(p.last)
        names = [w.question.id for w in asked]
        return but_for(
            case,
            p,
            (h.edit,),
            h.morning(first),
            until,
            seed,
            threads=threads,
            progress=progress,
            asked=names,
            worlds=worlds,
        )

    if len(found) > 1:
        moved = [(moves(without(h, min(p.worlds, TRIED))), h) for h in found]
        most, held = max(moved, key=lambda x: x[0])
        if most[0] == 0:
            return None
    elif found:
        held = found[0]
    else:
        return None
    return Central(held=held, tried=len(found), found=without(held))


def moves(b: ButFor) -> tuple[int, float]:
    """How many answers change beyond their error, and by how much in all."""
    changed = [abs(c.difference) for c in b.questions if c.distinct]
    return len(changed), sum(changed)

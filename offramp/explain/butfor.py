"""But for X: the worlds conditioned on the reports, and the same worlds without it.

Abduction, action, prediction (Pearl 2009): `history/twins.py` lives the worlds, this file reads
what differs. The coupling of choices across worlds is an assumption that no data identify
(Lorberbom, Johnson, Maddison, Tarlow and Hazan 2021), so each result stands beside the one with
dice of its own, and says where the two part.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from offramp.answers.forecast import Watch, happened, outcomes, unsupposed, watches
from offramp.answers.sampling import paired
from offramp.case.case import Case
from offramp.engine.ensemble import Ensemble, Story
from offramp.engine.monitors import Monitor
from offramp.engine.plan import plan
from offramp.engine.run import Progress, RunSpec
from offramp.explain.decided import placed
from offramp.filter.counterfactual import Twins, twins
from offramp.filter.posterior import FEWEST, Posterior
from offramp.language.edits import Edit, edited
from offramp.language.identity import model_sha256
from offramp.sources.passages import sides

APART = 3.0  # Monte Carlo errors by which arms differ to be called different


@dataclass(frozen=True)
class Contrast:
    """One thing as it was and but for the edit: a probability, or a mean number.

    difference   but for it less as it was, under the Gumbel coupling, and its standard error
    renewed, independent   with new noise from the day on, as it is and but for it, and the error of
                 their difference
    worlds       that count (a question's condition must be met in both)
    """

    id: str
    text: str
    kind: str  # event, quantity, binary, number
    actual: float
    but_for: float
    difference: float
    mc_error: float
    renewed: float
    independent: float
    independent_error: float
    worlds: int
    cites: tuple[str, ...]
    happened: int = 0  # how often it is in the record (events only)
    given: str = ""  # a question's condition in words: both shares are of worlds that meet it

    @property
    def distinct(self) -> bool:
        return abs(self.difference) > APART * self.mc_error

    @property
    def hangs_on_coupling(self) -> bool:
        """Whether the difference can be seen under the Gumbel coupling alone: with new noise there
        is none of that sign beyond its error."""
        apart = self.independent - self.renewed
        seen = abs(apart) > APART * self.independent_error and apart * self.difference > 0
        return self.distinct and not seen


@dataclass(frozen=True)
class ButFor:
    """`past` is counted from the day of the edit to `as_of`, `future` from then to the end;
    `quantities` are values on the day `as_of`. `day` and the days of `edit` are those of decisions:
    earlier than the days asked for, with `notes` saying so, where a move had a lead time."""

    case: str
    assessment: str
    model_sha256: str
    edited_sha256: str
    edit: tuple[Edit, ...]
    first: dt.date
    day: dt.date
    as_of: dt.date
    last: dt.date
    seed: int
    worlds: int
    effective: float
    past: tuple[Contrast, ...]
    future: tuple[Contrast, ...]
    quantities: tuple[Contrast, ...]
    questions: tuple[Contrast, ...]
    passages: dict[str, str]
    stories: tuple[tuple[Story, Story], ...]
    notes: tuple[str, ...] = ()  # what was changed to speak of the day of a decision

    def __repr__(self) -> str:
        return f"<ButFor of {self.case} from {self.day}: {self.worlds:,} worlds and their twins>"


def but_for(
    case: Case,
    p: Posterior,
    edits: tuple[Edit, ...],
    day: dt.date,
    as_of: dt.date,
    seed: int,
    assessment: str = "case",
    threads: int | None = None,
    progress: Progress | None = None,
    asked: Collection[str] | None = None,
    worlds: int | None = None,
) -> ButFor:
    """What would have been but for the edit, of worlds conditioned on the reports up to `as_of`.

    `p` is the posterior of the case as of that day; `day` the morning on which the edit takes over;
    `worlds` how many of them live (None: as many as there are);
    `asked` the questions that are wanted, all where None: worlds live until the last of them is
    decided, and the counts of `future` are then up to that day. Of a move with a lead time the
    decision is undone, on its own day (`explain/decided.py`). Raises ChangesNothing where an event
    is taken away on a day on which the record does not have it.
    """
    crisis = case.crisis
    at = placed(p.filter.plan, p.filter.schedule, edits, (day - crisis.first).days)
    edits, day = at.edits, crisis.first + dt.timedelta(at.day)
    changed = edited(crisis, edits)
    plain = unsupposed(case)
    last = max(as_of, crisis.shown_last)
    if asked is not None:
        plain = replace(plain, questions=tuple(q for q in plain.questions if q.id in asked))
        last = max([as_of + dt.timedelta(1), *(q.last for q in plain.questions)])
        crisis = crisis.until(last)
    watched, monitors = watches(plain, crisis.first)
    place = {d: (d - crisis.first).days for d in (day, as_of, last)}
    counts = tuple(
        Monitor(function="count", event=i, outcome=None, quantity=None, first=a, last=b)
        for i in range(len(crisis.events))
        for a, b in ((place[day], place[as_of]), (place[as_of] + 1, place[last]))
    )
    ends = tuple(
        Monitor(
            function="final",
            event=None,
            outcome=None,
            quantity=i,
            first=place[as_of],
            last=place[as_of],
        )
        for i in range(len(crisis.states))
    )
    job = RunSpec(crisis, (*monitors, *counts, *ends), seed)
    arms = twins(p, changed, job, place[day], worlds, threads, progress)
    first = len(monitors)
    reported = {
        crisis.events[s.event].name: sum(x.event == s.event for x in p.filter.schedule.sightings)
        for s in p.filter.schedule.sightings
    }
    past, future = (
        [
            contrast(
                arms,
                column(arms, first + 2 * i + k),
                e.name,
                e.title,
                "event",
                e.cites,
                reported.get(e.name, 0) if k == 0 else 0,
            )
            for i, e in enumerate(crisis.events)
        ]
        for k in (0, 1)
    )
    quantities = [
        contrast(arms, column(arms, first + len(counts) + i), s.name, s.title, "quantity", s.cites)
        for i, s in enumerate(crisis.states)
    ]
    questions = [c for w in watched if (c := _question(case, arms, w)) is not None]
    cited = [q for e in edits for q in _cites(case, e)]
    known = sides(dict.fromkeys(cited), case.passages)
    digest = model_sha256(changed, case.questions, case.documents.values(), case.passages.values())
    return ButFor(
        case=case.id,
        assessment=assessment,
        model_sha256=case.model_sha256,
        edited_sha256=digest,
        edit=edits,
        first=crisis.first,
        day=day,
        as_of=as_of,
        last=last,
        seed=seed,
        worlds=arms.actual.worlds,
        effective=arms.actual.effective or float(arms.actual.worlds),
        past=tuple(sorted(past, key=_size)),
        future=tuple(sorted(future, key=_size)),
        quantities=tuple(sorted(quantities, key=_prominence)),
        questions=tuple(sorted(questions, key=_prominence)),
        passages={x: case.passages[x].paraphrase for x in known if x in case.passages},
        stories=tuple(zip(arms.actual.stories, arms.coupled.stories, strict=True)),
        notes=at.notes,
    )


def _size(c: Contrast) -> float:
    return -abs(c.difference)


def _prominence(c: Contrast) -> tuple[bool, float]:
    return not c.distinct, -abs(c.difference) / c.mc_error


def _cites(case: Case, edit: Edit) -> tuple[str, ...]:
    own = next((e.cites for e in case.crisis.events if e.name == edit.target), ())
    return (*own, *edit.passages)


Arms = tuple[NDArray[np.float64], ...]  # a column each of actual, coupled, renewed, independent


def four(arms: Twins) -> tuple[Ensemble, ...]:
    return arms.actual, arms.coupled, arms.renewed, arms.independent


def column(arms: Twins, k: int) -> Arms:
    return tuple(arm.atoms[:, k] for arm in four(arms))


def contrast(
    arms: Twins,
    values: Arms,
    id: str,
    text: str,
    kind: str,
    cites: tuple[str, ...],
    in_record: int = 0,
    keep: NDArray[np.bool_] | None = None,
    given: str = "",
) -> Contrast:
    """The means of the four arms and the errors of their differences."""
    worlds = arms.actual
    if keep is not None:
        values = tuple(x[keep] for x in values)
        worlds = _only(worlds, keep)
    actual, coupled, renewed, alone = values
    difference, error = paired(coupled, actual, worlds)
    _, apart = paired(alone, renewed, worlds)
    return Contrast(
        id=id,
        text=text,
        kind=kind,
        actual=float(actual.mean()),
        but_for=float(coupled.mean()),
        difference=difference,
        mc_error=error,
        renewed=float(renewed.mean()),
        independent=float(alone.mean()),
        independent_error=apart,
        worlds=len(actual),
        cites=cites,
        happened=in_record,
        given=given,
    )


def _only(e: Ensemble, keep: NDArray[np.bool_]) -> Ensemble:
    share = float(keep.mean())
    return replace(
        e,
        numbers=tuple(np.array(e.numbers)[keep].tolist()),
        islands=None if e.islands is None else e.islands[keep],
        effective=None if e.effective is None else e.effective * share,
    )


def _question(case: Case, arms: Twins, w: Watch) -> Contrast | None:
    """A question of yes or no, or a number, in worlds where all arms meet its condition."""
    laid, q = plan(case.crisis), w.question
    if q.kind_of not in ("binary", "number"):
        return None
    found = []
    keep = np.ones(arms.actual.worlds, bool)
    for arm in four(arms):
        met, _ = happened(laid, w, arm)
        keep &= np.array(met, bool)
        found.append(np.array(outcomes(laid, w, q.asks, arm.atoms), float))
    if keep.sum() < FEWEST:
        return None
    return contrast(
        arms,
        tuple(found),
        q.id,
        q.text,
        q.kind_of,
        q.cites,
        0,
        None if keep.all() else keep,
        q.where,
    )

"""What the studies of the front door share: a case from its name, its days, its authors, steps."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from offramp.case.case import Case, load
from offramp.case.record import History
from offramp.errors import Mistake, Needs, Unanswerable
from offramp.text.diagnostics import suggestion

if TYPE_CHECKING:
    from offramp.filter.posterior import Posterior

Progress = Callable[[int, int | None], None]
Named = Case | str | Path | Mapping[str, str]
Day = dt.date | str
FINE = 1000  # steps of a bar that a study in a row has


def case_of(case: Named) -> Case:
    """The case, read if it is given by its name, its folder or its texts."""
    return case if isinstance(case, Case) else load(case)


class Steps:
    """Counts steps of any thread for whoever watches."""

    def __init__(self, progress: Progress | None, total: int | None) -> None:
        self.progress, self.total, self.done = progress, total, 0
        self.lock = threading.Lock()

    def __call__(self, n: int = 1) -> None:
        if self.progress is None:
            return
        with self.lock:
            self.done += n
            done = self.done
        self.progress(done, self.total)


class Parts:
    """One bar for several studies in a row, each of which counts its own steps: they share it
    evenly."""

    def __init__(self, progress: Progress | None, parts: int) -> None:
        self.progress, self.parts, self.begun = progress, parts, 0

    def next(self) -> Progress | None:
        """What the next study tells its steps."""
        if self.progress is None:
            return None
        watcher, before, self.begun = self.progress, self.begun, self.begun + 1

        def told(done: int, total: int | None) -> None:
            share = min(1.0, done / total) if total else 0.0
            watcher(round(FINE * (before + share)), FINE * self.parts)

        return told


def day_of(day: Day, case: Case, argument: str) -> dt.date:
    """A day of the crisis. Raises Mistake for any other."""
    first, last = case.crisis.first, case.crisis.last
    if isinstance(day, str):
        try:
            day = dt.datetime.strptime(day, "%Y-%m-%d").date()
        except ValueError:
            raise Mistake(
                f"'{day}' is not a date; write year-month-day, as in {first}", argument
            ) from None
    if not first <= day <= last:
        raise Mistake(f"{day} is outside the crisis ({first} to {last})", argument)
    return day


def reports_of(case: Case) -> History:
    """The reports of a case. Raises Unanswerable where it has none."""
    history = case.history
    if not history.reports:
        raise Unanswerable(
            f"{case.id} has no reports in a history.csv: there is nothing to condition on"
        )
    return history


def authored(case: Case, name: str) -> Case:
    """The case under one of its assessments; 'case' is the case as it was given. Raises
    Unanswerable."""
    known = case.assessments if name != "case" else {}
    if name != "case" and name not in known:
        help = suggestion(name, known, "assessments") or f"{case.id} has no assessments"
        raise Unanswerable(f"{case.id} has no assessment '{name}': {help}")
    return case.under(name)


def fast(what: str = "conditioning on reports") -> None:
    """Makes the machine ready, where worlds are simulated by it alone. Raises Needs."""
    from offramp.engine.blocks import machinery

    if not machinery.available():
        raise Needs(f"{what} needs Numba: pip install 'numba>=0.61,<0.70'")
    machinery.machine()


def last_written(case: Case) -> dt.date:
    """The day until which the latest document knew; that of the last report where all documents
    precede the crisis; that of the course where there are neither."""
    first, last = case.crisis.first, case.crisis.shown_last
    written = max([d.knew for d in case.documents.values()], default=last)
    if written < first:
        known = [r.known_since for r in case.history.reports if r.kind in ("event", "quantity")]
        written = max(known, default=last)
    return min(case.crisis.last, max(first, written))


def island_days(case: Case, worlds: int, day: dt.date) -> int:
    """How many days are simulated by how many islands, of worlds up to a day."""
    from offramp.answers.conditioned import island_layout

    return island_layout(worlds)[0] * ((day - case.crisis.first).days + 1)


def lived(
    case: Case,
    history: History,
    day: dt.date,
    worlds: int,
    seed: int,
    threads: int | None,
    progress: Progress | None,
    kept: tuple[int, ...] = (),
) -> Posterior:
    """Worlds conditioned on the reports known by a day; `kept`: earlier days, counted from the
    first, of which the worlds are wanted too. Raises Unanswerable if too few are left."""
    from offramp.answers.conditioned import island_layout
    from offramp.engine.plan import plan
    from offramp.filter.known import schedule
    from offramp.filter.store import posterior, prepare

    fast()
    laid = plan(case.crisis)
    islands, size = island_layout(worlds)
    f = prepare(laid, schedule(laid, history, day, False, ()), seed)
    days = sorted({*kept, (day - case.crisis.first).days})
    steps = Steps(progress, island_days(case, worlds, day))
    p = posterior(f, islands, size, days, threads, steps)
    if p.refusal():
        raise Unanswerable(p.refusal())
    return p

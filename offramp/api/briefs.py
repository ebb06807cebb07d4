"""The brief, and what stands in it beside the forecast."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from offramp.api.common import Named, Progress, case_of
from offramp.api.hindsight import replied
from offramp.errors import Mistake

if TYPE_CHECKING:
    from offramp.answers.forecast import Forecast
    from offramp.case.case import Case
    from offramp.render.brief.content import More

RETOLD = 4096  # worlds conditioned on reports for the documents' own questions
ENDINGS = (".html", ".pdf")


def brief(
    case: Named,
    forecast: Forecast,
    output: str | Path | None = None,
    *,
    quick: bool = True,
    threads: int | None = None,
    progress: Progress | None = None,
) -> str:
    """The brief of a case as one self-contained HTML page; also written to `output`, a file ending
    in .html or .pdf, whole or not at all.

    forecast  what `forecast` gave, or `known_forecast` for a brief as of a day
    quick     leave out what takes minutes: the documents' own questions that need worlds
              conditioned on the reports

    Raises OSError, before the work, for a file that cannot be written.
    """
    from offramp.render.brief.page import brief_html
    from offramp.text.files import check_writable, write_whole

    read = case_of(case)
    if output is not None and Path(output).suffix not in ENDINGS:
        raise Mistake(f"'{output}' ends neither in {' nor in '.join(ENDINGS)}", "output")
    if output is not None:
        check_writable(Path(output))  # before the work, and not after
    more = beside(read, forecast, 0 if quick else RETOLD, threads, progress)
    if output is not None:
        write_whole(Path(output), written(read, forecast, more, Path(output).suffix))
    return brief_html(forecast, read.passages, read.documents, _milestones(read), more)


def written(case: Case, forecast: Forecast, more: More, ending: str) -> bytes:
    """The brief as the bytes of a file with this ending."""
    from offramp.render.brief.page import brief_html
    from offramp.render.brief.paper import brief_pdf

    parts = (forecast, case.passages, case.documents, _milestones(case), more)
    return brief_html(*parts).encode("utf-8") if ending == ".html" else brief_pdf(*parts)


def _milestones(case: Case) -> tuple[tuple[dt.date, str], ...]:
    from offramp.render.brief.milestones import milestones

    return tuple(milestones(case.crisis))


def beside(
    case: Case,
    f: Forecast,
    worlds: int,
    threads: int | None = None,
    progress: Progress | None = None,
) -> More:
    """What a brief has beside the forecast: the documents' own questions, answered, and what of
    them is left out. With `worlds` 0 no world is conditioned on reports for it."""
    from offramp.explain.coverage import coverage
    from offramp.explain.open_questions import replies
    from offramp.render.brief.content import More
    from offramp.sources.faults import all_beside

    questions = case.asked
    if worlds:
        found = replied(case, f, questions, f.as_of, worlds, f.seed, threads, progress)
    else:
        found = replies(case, questions, f, None, f.seed)
    errs = all_beside(case, case.passages)
    carried = coverage(case) if questions else None
    return More(found, carried, errs, bool(questions) and not worlds, *_known(case, f.as_of))


def _known(
    case: Case, as_of: dt.date | None
) -> tuple[tuple[tuple[dt.date, dt.date], ...], dict[str, str]]:
    """The days of the reports lived by a day (of each reading, where they are disputed), and
    which questions had been decided by then."""
    from offramp.answers.resolve import already

    if as_of is None:
        return (), {}
    history = case.history
    known = [r for r in history.known_by(as_of) if r.kind in ("event", "quantity")]
    decided = {id: f"{o.already}: {o.briefly}" for id, o in already(case, history, as_of).items()}
    return tuple((d.first, d.last) for r in known for d in r.when), decided

"""What studies found, as documents: HTML or PDF, as bytes or as a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from offramp.api.common import Named, case_of
from offramp.errors import Mistake

if TYPE_CHECKING:
    from offramp.answers.forecast import Forecast
    from offramp.case.case import Case
    from offramp.explain.diagnosticity import Diagnosticity
    from offramp.explain.essentials import Essentials
    from offramp.explain.key_assumptions import Assumptions
    from offramp.explain.scenarios import Scenarios
    from offramp.explain.signposts import Signposts
    from offramp.explain.today import Today
    from offramp.play.folded import Folded
    from offramp.play.review import Review
    from offramp.render.brief.content import More
    from offramp.render.handout.roles import Handout
    from offramp.render.sheet.leaflet import Leaflet

    Told = Today | Signposts | Assumptions | Diagnosticity | Scenarios | Review | Folded

ENDINGS = (".html", ".pdf")


@dataclass(frozen=True)
class Briefed:
    """What a brief is made of: a forecast, and what stands beside it."""

    forecast: Forecast
    more: More


if TYPE_CHECKING:
    Found = Essentials | Told | Briefed | Handout | None


def document(case: Named, found: Found = None, ending: str = ".html") -> bytes:
    """What a study found, as the bytes of a document: one self-contained HTML page (UTF-8), or a
    PDF. The same that `page`, `brief` and `handout` write.

    found   what `essentials`, `today`, `watch`, `assumptions`, `evidence`, `scenarios`, `briefed`
            `review_game` or `fold_games` gave; None for what is of the case alone, its handout
    ending  .html or .pdf

    Raises Mistake for another ending, and TooLong where the words do not fit on one page.
    """
    read = case_of(case)
    _known(ending, f"'{ending}' is", "ending")
    made = _set(read, found, ending == ".pdf")
    return made.encode("utf-8") if isinstance(made, str) else made


def ready(output: str | Path | None) -> None:
    """Looks before the work whether a document can be written there. Raises Mistake for another
    ending, OSError for a file that cannot be written."""
    from offramp.text.files import check_writable

    if output is not None:
        _known(Path(output).suffix, f"'{output}' ends", "output")
        check_writable(Path(output))


def kept(case: Case, found: Found, output: str | Path | None) -> str:
    """The document as HTML; also written to `output`, whole or not at all."""
    from offramp.text.files import write_whole

    html = document(case, found)
    if output is not None:
        pdf = Path(output).suffix == ".pdf"
        write_whole(Path(output), document(case, found, ".pdf") if pdf else html)
    return html.decode("utf-8")


def _known(ending: str, what: str, argument: str) -> None:
    if ending not in ENDINGS:
        raise Mistake(f"{what} neither in {' nor in '.join(ENDINGS)}", argument)


def _set(case: Case, found: Found, pdf: bool) -> str | bytes:
    """The document as a page, or as a PDF."""
    from offramp.explain.essentials import Essentials
    from offramp.render.handout.roles import Handout, handout

    if found is None or isinstance(found, Handout):
        from offramp.render.handout.sheets_page import handout_html
        from offramp.render.handout.sheets_paper import handout_pdf

        roles = handout(case) if found is None else found
        return handout_pdf(roles) if pdf else handout_html(roles)
    if isinstance(found, Briefed):
        from offramp.render.brief.milestones import milestones
        from offramp.render.brief.page import brief_html
        from offramp.render.brief.paper import brief_pdf

        dated = tuple(milestones(case.crisis))
        parts = (found.forecast, case.passages, case.documents, dated, found.more)
        return brief_pdf(*parts) if pdf else brief_html(*parts)
    if isinstance(found, Essentials):
        from offramp.render.sheet.sheet_set import sheet_html, sheet_pdf
        from offramp.render.sheet.sheet_words import sheet

        words = sheet(found, case.passages)
        return sheet_pdf(words) if pdf else sheet_html(words)
    from offramp.render.sheet.leaflet import leaflet_html, leaflet_pdf

    said = _leaflet(case, found)
    return leaflet_pdf(said) if pdf else leaflet_html(said)


def _leaflet(case: Case, found: Told) -> Leaflet:
    from offramp.explain.diagnosticity import Diagnosticity
    from offramp.explain.key_assumptions import Assumptions
    from offramp.explain.scenarios import Scenarios
    from offramp.explain.today import Today
    from offramp.play.folded import Folded
    from offramp.play.review import Review
    from offramp.render.sheet.assumption_words import assumptions_leaflet
    from offramp.render.sheet.day_words import day_leaflet
    from offramp.render.sheet.evidence_words import evidence_leaflet
    from offramp.render.sheet.folded_words import folded_leaflet
    from offramp.render.sheet.review_words import review_leaflet
    from offramp.render.sheet.scenario_words import scenarios_leaflet
    from offramp.render.sheet.watch_words import watch_leaflet

    title = case.crisis.title
    if isinstance(found, Today):
        return day_leaflet(found, title)
    if isinstance(found, Assumptions):
        return assumptions_leaflet(found, title, case.passages)
    if isinstance(found, Diagnosticity):
        return evidence_leaflet(found, title)
    if isinstance(found, Scenarios):
        return scenarios_leaflet(found, case)
    if isinstance(found, Review):
        return review_leaflet(case, found)
    if isinstance(found, Folded):
        return folded_leaflet(case, found)
    return watch_leaflet(found, title)

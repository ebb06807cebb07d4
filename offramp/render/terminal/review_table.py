"""Games, looked back on, in a terminal: what their document says, line by line."""

from __future__ import annotations

from rich.markup import escape

from offramp.case.case import Case
from offramp.play.folded import Folded
from offramp.play.review import Review
from offramp.render.sheet.folded_words import folded_leaflet
from offramp.render.sheet.review_words import review_leaflet
from offramp.render.terminal.forecast_table import console


def print_leaflet(case: Case, found: Review | Folded) -> None:
    said = review_leaflet(case, found) if isinstance(found, Review) else folded_leaflet(case, found)
    out = console()
    out.print(f"[bold]{escape(said.headline)}[/]\n{escape(said.kicker)}")
    for section in said.sections:
        out.print(f"\n[bold]{escape(section.title)}[/]")
        for point in section.points:
            out.print(f"  {escape(f'{point.lead} {point.text}'.strip())}")
    out.print(f"\n{escape(said.reading)}")

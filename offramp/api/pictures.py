"""Pictures of a forecast, drawn without a network: SVG with a description in words."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from offramp.errors import Mistake
from offramp.text.diagnostics import suggestion

if TYPE_CHECKING:
    from offramp.answers.forecast import Forecast
    from offramp.case.case import Case


@dataclass(frozen=True)
class Picture:
    """A picture as SVG, and what it shows in words, for those who do not see it. A notebook shows
    the picture."""

    svg: str
    words: str

    def __repr__(self) -> str:
        return f"<Picture {self.words[:80]}...>"

    def _repr_svg_(self) -> str:
        return self.svg

    def save(self, path: str | Path) -> None:
        """Writes the SVG, whole or not at all."""
        from offramp.text.files import write_whole

        write_whole(Path(path), self.svg.encode("utf-8"))


def picture(
    forecast: Forecast, of: str = "fan", *, case: Case | None = None, width: int = 860
) -> Picture:
    """A picture of what a forecast's worlds did.

    of     'fan': the ladder over time, the median and the central 50 to 98% of worlds; 'shares':
           the share of worlds on each level, day by day; or the id of a question of a number or a
           date: twenty dots, each one world in twenty
    case   marks the case's dated events on a fan
    width  in pixels

    Raises Mistake for a question that the forecast lacks.
    """
    from offramp.render.brief import bands, charts
    from offramp.render.brief.milestones import milestones

    e, as_of = forecast.ensemble, forecast.as_of
    numbers = {q.id: q for q in forecast.quantities}
    if of in ("fan", "shares") and not bands.climbs(e):
        raise Mistake(f"no quantity that is shown has levels, and '{of}' is of these", "of")
    if of == "fan":
        dated = tuple(milestones(case.crisis)) if case is not None else ()
        chart = charts.fan(e, dated, width, 430, as_of)
    elif of == "shares":
        chart = charts.shares(e, width, 220, as_of)
    elif of in numbers:
        chart = charts.dotplot(numbers[of], forecast.worlds)
    else:
        known = ("fan", "shares", *numbers)
        raise Mistake(f"there is no picture of '{of}': {suggestion(of, known, 'pictures')}", "of")
    return Picture(charts.to_svg(chart), str(chart.description))

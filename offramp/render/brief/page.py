"""The brief as one HTML file: inline pictures, no script, nothing fetched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from importlib.resources import files
from typing import TYPE_CHECKING

import jinja2
from markupsafe import Markup

from offramp.render.brief import bands, charts, theme
from offramp.render.brief.content import More, anchor, content

if TYPE_CHECKING:
    import altair as alt

    from offramp.answers.forecast import Forecast
    from offramp.sources import Document, Passage

_WIDE, _NARROW = 940, 360


def brief_html(
    forecast: Forecast,
    passages: Mapping[str, Passage],
    documents: Mapping[str, Document],
    milestones: Sequence[tuple[date, str]] = (),
    more: More | None = None,
) -> str:
    """The brief as a self-contained page. Pictures of time come wide and narrow; CSS chooses."""
    ensemble, spans = forecast.ensemble, more.lived if more else ()
    climbs = bands.climbs(ensemble)
    return _template().render(
        brief=content(forecast, passages, documents, milestones, more),
        theme=theme,
        place=lambda name: anchor(name.split(" ", 1)[-1]),
        fan=[
            _inline(charts.fan(ensemble, milestones, width, height, forecast.as_of, spans))
            for width, height in ((_WIDE, 430), (_NARROW, 330))
            if climbs
        ],
        shares=[
            _inline(charts.shares(ensemble, width, 210, forecast.as_of))
            for width in (_WIDE, _NARROW)
            if climbs
        ],
        dots=[_inline(charts.dotplot(q, forecast.worlds)) for q in forecast.quantities],
    )


def _inline(chart: alt.LayerChart) -> Markup:
    """The picture as an element of the page: HTML knows what namespace an svg is in."""
    return Markup(charts.to_svg(chart).replace(' xmlns="http://www.w3.org/2000/svg"', ""))


def _template() -> jinja2.Template:
    text = files("offramp.render.brief").joinpath("brief.html.j2").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    return environment.from_string(text)

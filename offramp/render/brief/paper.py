"""The brief as a tagged PDF (PDF/UA-1), set by typst from a template and the brief's words.

The words travel as JSON and are set as strings, so nothing in them is read as markup. No date
is written: the same forecast gives the same bytes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import date
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import typst

from offramp.render.brief import bands, charts, theme
from offramp.render.brief.content import More, content
from offramp.text import plain_json

if TYPE_CHECKING:
    import altair as alt

    from offramp.answers.forecast import Forecast
    from offramp.sources import Document, Passage

_WIDTH = 700


def brief_pdf(
    forecast: Forecast,
    passages: Mapping[str, Passage],
    documents: Mapping[str, Document],
    milestones: Sequence[tuple[date, str]] = (),
    more: More | None = None,
) -> bytes:
    """The brief as a PDF for print and for readers of screens."""
    ensemble, spans = forecast.ensemble, more.lived if more else ()
    climbs = bands.climbs(ensemble)
    data = {
        "brief": dataclasses.asdict(content(forecast, passages, documents, milestones, more)),
        "fan": _figure(charts.fan(ensemble, milestones, _WIDTH, 320, forecast.as_of, spans))
        if climbs
        else None,
        "shares": _figure(charts.shares(ensemble, _WIDTH, 180, forecast.as_of)) if climbs else None,
        "dots": [_figure(charts.dotplot(q, forecast.worlds)) for q in forecast.quantities],
        "theme": {
            "ink": theme.INK,
            "muted": theme.MUTED,
            "line": theme.LINE,
            "rust": theme.RUST,
            "dot": theme.DOT,
            "band": theme.FAN[2][1],
        },
    }
    template = files("offramp.render.brief").joinpath("brief.typ").read_bytes()
    return set_in_type(template, plain_json.text(data))


def set_in_type(template: bytes, data: str) -> bytes:
    """A typst template as an accessible PDF; it reads its words, JSON, from `sys.inputs.data`."""
    values = {"data": data}
    try:
        return typst.compile(template, format="pdf", pdf_standards=["ua-1"], sys_inputs=values)
    except typst.TypstError as error:
        if "could not be displayed with font" not in str(error):
            raise
        # No font of this computer has some letter; a page with a box in its place is still a page,
        # though no longer one that the standard for accessible files lets pass.
        return typst.compile(template, format="pdf", sys_inputs=values)


def _figure(chart: alt.LayerChart) -> dict[str, Any]:
    return {"svg": charts.to_svg(chart, theme.SERIF), "alt": str(chart.description)}

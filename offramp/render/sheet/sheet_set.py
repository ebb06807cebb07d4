"""The one page as a tagged PDF on one side of A4, and as one HTML file that prints on one."""

from __future__ import annotations

import dataclasses
from importlib.resources import files

import jinja2
import typst

from offramp.errors import OfframpError
from offramp.render.brief import theme
from offramp.render.brief.paper import set_in_type
from offramp.render.sheet.sheet_words import Sheet
from offramp.text import plain_json

SCALES = (
    1.12,
    1.06,
    1.0,
    0.96,
    0.92,
    0.88,
    0.84,
    0.8,
    0.76,
)  # of the letters, the first that fits; 7.3 points


class TooLong(OfframpError):
    """What a page says does not fit on one."""


def sheet_pdf(sheet: Sheet) -> bytes:
    """One side of A4, tagged (PDF/UA-1). Raises TooLong."""
    return set_in_type(_template("sheet.typ"), _data(sheet, fitting(sheet)))


def sheet_html(sheet: Sheet) -> str:
    """A self-contained page: no script, nothing fetched. Raises TooLong."""
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    template = environment.from_string(_template("sheet.html.j2").decode("utf-8"))
    return template.render(sheet=sheet, theme=theme, scale=fitting(sheet))


def fitting(sheet: Sheet) -> float:
    """The largest of `SCALES` with which the page is one side of A4. Raises TooLong."""
    for scale in SCALES:
        pages = typst.compile(
            _template("sheet.typ"), format="svg", sys_inputs={"data": _data(sheet, scale)}
        )
        if not isinstance(pages, list) or len(pages) == 1:
            return scale
    raise TooLong(
        "the page does not fit on one side of A4: shorten the texts of its questions or the titles "
        "of its unknowns, or write the brief, which takes as many as it needs"
    )


def _data(sheet: Sheet, scale: float) -> str:
    data = {
        "sheet": dataclasses.asdict(sheet),
        "scale": scale,
        "theme": {
            "ink": theme.INK,
            "muted": theme.MUTED,
            "line": theme.LINE,
            "rust": theme.RUST,
            "dot": theme.DOT,
            "band": theme.FAN[2][1],
        },
    }
    return plain_json.text(data)


def _template(name: str) -> bytes:
    return files("offramp.render.sheet").joinpath(name).read_bytes()

"""A few pages of sentences under headings, as HTML or PDF: what a day brought, say."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from importlib.resources import files

import jinja2

from offramp.render.brief import theme
from offramp.render.brief.paper import set_in_type
from offramp.render.brief.points import Point
from offramp.text import plain_json


@dataclass(frozen=True)
class Section:
    """A heading and the sentences below it."""

    title: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Picture:
    """A drawing, as SVG, and what it shows in words."""

    svg: str
    alt: str


@dataclass(frozen=True)
class Leaflet:
    """Top to bottom; `reading` says how to read it, `command` makes it again. The picture stands
    below the headline."""

    title: str
    kicker: str
    headline: str
    sections: tuple[Section, ...]
    reading: str
    command: str
    picture: Picture | None = None

    @property
    def passages(self) -> tuple[tuple[str, str], ...]:
        """The passages that sentences cite, each once with what it says, in their order."""
        return tuple(
            dict.fromkeys(c for s in self.sections for p in s.points for c in p.cites if c[1])
        )


def leaflet_html(leaflet: Leaflet) -> str:
    """A self-contained page: no script, nothing fetched."""
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    template = environment.from_string(_template("leaflet.html.j2").decode("utf-8"))
    return template.render(leaflet=leaflet, theme=theme)


def leaflet_pdf(leaflet: Leaflet) -> bytes:
    """A tagged PDF (PDF/UA-1) with page numbers."""
    data = {
        "leaflet": dataclasses.asdict(leaflet) | {"passages": leaflet.passages},
        "theme": {"ink": theme.INK, "muted": theme.MUTED, "line": theme.LINE},
    }
    return set_in_type(_template("leaflet.typ"), plain_json.text(data))


def _template(name: str) -> bytes:
    return files("offramp.render.sheet").joinpath(name).read_bytes()

"""The handout as one HTML file for print: A4, a page a role, nothing fetched, no script."""

from __future__ import annotations

from importlib.resources import files

import jinja2
from markupsafe import Markup

from offramp.answers.wording import day
from offramp.render.handout.roles import RULES, TALK, Handout
from offramp.render.handout.turns_map import turns_map


def handout_html(h: Handout) -> str:
    """The page. Everything that a person wrote is shown as it is written."""
    text = files("offramp.render.handout").joinpath("handout.html.j2").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    return environment.from_string(text).render(
        h=h, day=day, rules=RULES, talk=TALK, map=Markup(turns_map(h))
    )

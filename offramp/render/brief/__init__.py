"""The last link of the chain: a forecast as pictures, a web page and a paper that cite it."""

from offramp.render.brief.page import brief_html
from offramp.render.brief.paper import brief_pdf

__all__ = ["brief_html", "brief_pdf"]

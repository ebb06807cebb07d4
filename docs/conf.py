"""The site: Sphinx reads this (`make site`; docs/decisions/24). Everything that a page of it loads
lies beside the page."""

from __future__ import annotations

import re
from typing import Any

import offramp

project = "Offramp"
author = "The Offramp authors"
copyright = author
release = version = offramp.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["**.py", "**.ipynb"]

html_theme = "furo"
html_title = f"Offramp {release}"
html_copy_source = html_show_sourcelink = html_show_copyright = False
html_theme_options = {  # fonts of the reader's computer
    "light_css_variables": {"font-stack": "system-ui, sans-serif"},
}

myst_heading_anchors = 3
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 80
suppress_warnings = [
    "misc.highlighting_failure",  # a file of a case is nearly YAML
    "myst.xref_missing",  # pages outside of docs/; tests/test_docs.py follows all links
]

ROW = re.compile(r"^(\w+(?:, \w+)*) {2,}(\S.*)$")
CODE = re.compile(r"(?<!`)`([^`]+)`(?!`)")


def as_markup(text: str) -> str:
    """A docstring of ours as reStructuredText: rows of a name and what it is become a list, an
    indented paragraph is code, and so is what stands between backticks."""
    out = []
    for paragraph in re.split(r"\n\s*\n", text.strip("\n")):
        lines = paragraph.split("\n")
        if all(line.startswith("    ") for line in lines):
            out.append("\n".join(["::", "", *lines]))
            continue
        made = []
        for line in (CODE.sub(r"``\1``", line) for line in lines):
            row = ROW.match(line)
            if row:
                made += [f"``{row[1]}``", f"    {row[2]}"]
            else:
                made.append(f"    {line.strip()}" if line.startswith("  ") else line)
        out.append("\n".join(made))
    return "\n\n".join(out)


def marked(app: Any, what: str, name: str, value: Any, options: Any, lines: list[str]) -> None:
    lines[:] = [*as_markup("\n".join(lines)).split("\n"), ""]


def plain(app: Any, what: str, *_: Any) -> tuple[str, None] | None:
    """Nobody but a function of ours makes its values: of a class only the name is shown."""
    return ("", None) if what == "class" else None


def setup(app: Any) -> None:
    app.connect("autodoc-process-docstring", marked)
    app.connect("autodoc-process-signature", plain)

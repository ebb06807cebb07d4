"""The documents hold: links lead somewhere. What pages print is tried by `test_pages.py`."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [*DOCS.rglob("*.md"), *ROOT.glob("*.md")]


@pytest.mark.parametrize("page", sorted(p.name for p in DOCS.glob("*.md")))
def test_links_between_pages_lead_somewhere(page: str) -> None:
    text = (DOCS / page).read_text("utf-8")
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        assert (DOCS / target).exists(), target


@pytest.mark.parametrize("page", sorted(str(p.relative_to(ROOT)) for p in PAGES))
def test_what_a_sentence_announces_stands_behind_it(page: str) -> None:
    """A paragraph that ends in a colon leads to an example, a table, a list or a quotation."""
    inside, lines = False, (ROOT / page).read_text("utf-8").split("\n")
    for i, line in enumerate(lines):
        inside ^= line.startswith("```")
        if not inside and line.endswith(":"):
            following = next((x for x in lines[i + 1 :] if x.strip()), "")
            assert re.match(r"```|[|>] ?|[-*] |\d+\. |<!--|!\[", following), f"{page}:{i + 1}"


def test_the_citation_and_the_changelog_agree() -> None:
    from offramp.version import __version__

    citation = (ROOT / "CITATION.cff").read_text("utf-8")
    newest = re.search(r"^## (\S+) \((.*)\)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert newest is not None
    assert newest[1] == __version__
    assert f"\nversion: {__version__}\n" in citation
    released = re.search(r"^date-released: (.*)$", citation, re.M)
    assert (released[1] if released else "unreleased") == newest[2]


def test_docstrings_of_values_name_fields_that_exist() -> None:
    """In a list of fields (`name   what it is`) and behind `name[i]`."""
    for path in sorted((ROOT / "offramp").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.ClassDef):
                continue
            own = [x.target for x in node.body if isinstance(x, ast.AnnAssign)]
            fields = {x.id for x in own if isinstance(x, ast.Name)}
            if not fields:
                continue
            fields |= {x.name for x in node.body if isinstance(x, ast.FunctionDef)}  # properties
            text = ast.get_docstring(node) or ""
            named = re.findall(r"`([a-z_]+)\[", text)
            for line in text.split("\n"):
                row = re.match(r"([a-z_]+(?:, [a-z_]+)*) {2,}\S", line)
                named += row[1].split(", ") if row else []
            assert set(named) <= fields, f"{path.name}, {node.name}: {set(named) - fields}"


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "llms.txt"])
def test_links_of_the_first_pages_lead_somewhere(page: str) -> None:
    root = DOCS.parent
    text = (root / page).read_text("utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (root / target).exists(), target

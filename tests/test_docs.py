"""The documents hold: the Python page runs, and links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent / "docs"


def examples(page: str) -> list[str]:
    text = (DOCS / page).read_text("utf-8")
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


def test_the_python_page_runs_from_top_to_bottom() -> None:
    code = "\n".join(examples("python.md"))
    assert "explain" in code
    scope: dict[str, object] = {}
    exec(compile(code.replace("worlds=200", "worlds=6").replace("worlds=100", "worlds=6"),
                 "python.md", "exec"), scope)  # fmt: skip
    assert scope["html"]


@pytest.mark.parametrize("page", sorted(p.name for p in DOCS.glob("*.md")))
def test_links_between_pages_lead_somewhere(page: str) -> None:
    text = (DOCS / page).read_text("utf-8")
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        assert (DOCS / target).exists(), target


def test_links_of_the_readme_lead_somewhere() -> None:
    root = DOCS.parent
    text = (root / "README.md").read_text("utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (root / target).exists(), target

"""The site names every page, shows every public name, and loads nothing from elsewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import offramp

DOCS = Path(__file__).parent.parent / "docs"


def test_every_page_is_named_once() -> None:
    text = (DOCS / "index.rst").read_text("utf-8")
    named = re.findall(r"^   ([\w/][^:\s]*)$", text, re.M)
    found = [p for name in named for p in DOCS.glob(f"{name}.*") if p.suffix in (".md", ".rst")]
    pages = {*DOCS.rglob("*.md"), *DOCS.rglob("*.rst")} - {DOCS / "index.rst"}
    assert sorted(found) == sorted(pages)


def test_the_site_is_made_without_a_warning_and_is_whole(tmp_path: Path) -> None:
    pytest.importorskip("sphinx")
    pytest.importorskip("myst_parser")
    pytest.importorskip("furo")
    command = ["-m", "sphinx", "-W", "-q", "-b", "html", "-d", str(tmp_path / "trees")]
    made = tmp_path / "site"
    done = subprocess.run(
        [sys.executable, *command, str(DOCS), str(made)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    reference = (made / "reference.html").read_text("utf-8")
    for name in offramp.__all__:
        assert f'id="offramp.{name}"' in reference, name
    assert "title-reference" not in reference
    for page in made.rglob("*.html"):
        text = page.read_text("utf-8")
        fetched = re.findall(r"<(?:script|img|iframe|link)\b[^>]*(?:src|href)=\"([^\"]*)", text)
        assert [x for x in fetched if re.match(r"\w+:|//", x) and not x.startswith("data:")] == []
    for style in made.rglob("*.css"):
        assert not re.search(r"url\(['\"]?(?:https?:)?//|@import", style.read_text("utf-8")), style

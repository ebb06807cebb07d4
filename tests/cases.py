"""Cases made of parts of others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from offramp.case.case import Case
from offramp.case.texts import of_folder
from offramp.language.build import build
from offramp.language.forms import expand
from offramp.sources.estimative import Phrases
from offramp.text.diagnostics import Diagnostics
from offramp.text.tree import Mapping
from offramp.text.yaml import parse


def with_crisis(case: Case, text: str, **changes: Any) -> Case:
    """The case with another crisis in it, whatever its passages."""
    found = Diagnostics()
    root = parse(text, "crisis.yaml", found)
    assert isinstance(root, Mapping)
    expanded = expand(root, found)
    crisis, readers = build(expanded, found, None, Phrases({}))
    assert crisis is not None, found.ordered()
    return replace(case, crisis=crisis, expanded=expanded, declared=readers.declared, **changes)


def beside(case: Case, folder: Path) -> Case:
    """The case with the files of another folder beside its crisis."""
    return replace(case, texts=of_folder(folder))

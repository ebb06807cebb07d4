"""Kept what-ifs: changed ranges with a name and a reason, a file each in the case's `whatif/`.

The library reads them (`offramp.whatifs`, offramp/case/kept.py has the form of a file), so that
`offramp diff CASE CASE#NAME` knows them too; here they are written.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import offramp
from offramp import Case, Mistake, Unanswerable
from offramp.text.changed import MOST
from offramp.text.files import write_whole
from offramp.web.editing import inside

FOLDER = "whatif"
KEYS = ("because", "ranges", "model")
OPTIONAL = ("author", "as_of")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")


def kept(case: Case) -> list[dict[str, Any]]:
    """The what-ifs of a case by name; a file that is none is left out."""
    return [asdict(w) for w in offramp.whatifs(case)]


def keep(
    case: Case, name: str, because: str, ranges: str, author: str = "", as_of: str = ""
) -> None:
    """Writes one, of the case under an author's premises, conditioned on the reports until a day.
    Raises Mistake for a name that is none or taken, for a day that is none, or without a reason."""
    if not NAME.fullmatch(name):
        raise Mistake("a name has small letters, digits, - and _, as in `bold-militias`", "name")
    if not because.strip():
        raise Mistake("say in a few words why: the reason is kept with it", "because")
    if not ranges.strip() or len(ranges) > MOST:
        raise Mistake("no range is changed: there is nothing to keep", "ranges")
    if as_of and not DAY.fullmatch(as_of):
        raise Mistake("a day has the form 2020-01-31", "as_of")
    path = inside(case, _folder(case) / f"{name}.yaml")
    if path.exists():
        raise Mistake(f"there is a what-if '{name}' already", "name")
    path.parent.mkdir(exist_ok=True)
    values = (because.strip(), ranges.strip(), case.model_sha256)
    # A string of JSON is one of YAML.
    pairs = [*zip(KEYS, values, strict=True), *zip(OPTIONAL, (author, as_of), strict=True)]
    lines = [f"{k}: {json.dumps(v, ensure_ascii=False)}" for k, v in pairs]
    write_whole(path, ("\n".join(lines) + "\n").encode("utf-8"), durable=True)


def _folder(case: Case) -> Path:
    if case.folder is None:
        raise Unanswerable("the case is in memory alone")
    return case.folder / FOLDER

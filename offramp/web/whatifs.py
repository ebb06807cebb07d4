"""Kept what-ifs: changed ranges with a name and a reason, a file each in the case's `whatif/`.

A file says what the address of the view says, so that the same numbers come of it on any machine
with the same model: ranges, under whose premises they were changed (`author`, an assessment, ""
for the case as it is), and until which day reports were known (`as_of`, "" for none). `model` is
the hash of the model under which it was kept.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from offramp import Case, Mistake, Unanswerable
from offramp.text.diagnostics import Diagnostics
from offramp.text.files import read_regular, write_whole
from offramp.text.tree import Mapping, Text
from offramp.text.yaml import parse
from offramp.web.editing import inside

FOLDER = "whatif"
KEYS = ("because", "ranges", "model")
OPTIONAL = ("author", "as_of")  # files of an earlier version lack one or both
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")


def kept(case: Case) -> list[dict[str, Any]]:
    """The what-ifs of a case by name; a file that is none is left out."""
    folder = _folder(case)
    out = []
    for path in sorted(folder.glob("*.yaml")) if folder.is_dir() else ():
        found = Diagnostics()
        try:
            tree = parse(read_regular(path).decode("utf-8"), path.name, found)
        except (OSError, UnicodeDecodeError):
            continue
        values = {k: tree.get(k) for k in KEYS} if isinstance(tree, Mapping) else {}
        if not found.errors and all(isinstance(values.get(k), Text) for k in KEYS):
            told = {k: v.value for k, v in values.items() if isinstance(v, Text)}
            out.append({"name": path.stem, **{k: _said(tree, k) for k in OPTIONAL}, **told})
    return out


def _said(tree: object, key: str) -> str:
    value = tree.get(key) if isinstance(tree, Mapping) else None
    return value.value if isinstance(value, Text) else ""


def keep(
    case: Case, name: str, because: str, ranges: str, author: str = "", as_of: str = ""
) -> None:
    """Writes one, of the case under an author's premises, conditioned on the reports until a day.
    Raises Mistake for a name that is none or taken, for a day that is none, or without a reason."""
    if not NAME.fullmatch(name):
        raise Mistake("a name has small letters, digits, - and _, as in `bold-militias`", "name")
    if not because.strip():
        raise Mistake("say in a few words why: the reason is kept with it", "because")
    if not ranges.strip() or len(ranges) > 4000:
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

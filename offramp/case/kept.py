"""Kept what-ifs of a case: changed ranges with a name and a reason, a file each in `whatif/`.

A file says what the address of the workbench's view said, so that the same numbers come of it on
any machine with the same model: ranges, under whose premises they were changed (`author`, an
assessment, "" for the case as it is), and until which day reports were known (`as_of`, "" for
none). `model` is the hash of the model under which it was kept.
"""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass, replace
from pathlib import Path

from offramp.case.case import Case
from offramp.errors import Unanswerable
from offramp.language.crisis import Unknown
from offramp.language.expressions import Basis, Number, SourcedValue
from offramp.text.changed import ranges_of
from offramp.text.diagnostics import Diagnostics, Source, Span, suggestion
from offramp.text.tree import Mapping, Text
from offramp.text.yaml import parse, read_text

FOLDER = "whatif"


@dataclass(frozen=True)
class WhatIf:
    """One of them; `ranges` as they are kept (`text/changed.py` reads them)."""

    name: str
    because: str
    ranges: str
    model: str
    author: str = ""
    as_of: str = ""


def whatifs(case: Case) -> tuple[WhatIf, ...]:
    """Those of a case by name; a file that is none is left out. Nothing for a case in memory."""
    if case.folder is None or not (case.folder / FOLDER).is_dir():
        return ()
    paths = sorted((case.folder / FOLDER).glob("*.yaml"))
    return tuple(kept for path in paths if (kept := _read(path)) is not None)


def _read(path: Path) -> WhatIf | None:
    found = Diagnostics()
    text = read_text(path, path.name, found)
    tree = None if text is None else parse(text, path.name, found)
    if found.errors or not isinstance(tree, Mapping):
        return None
    said = {key.value: value.value for key, value in tree if isinstance(value, Text)}
    if not {"because", "ranges", "model"} <= said.keys():
        return None  # files of an earlier version lack an author, a day, or both
    return WhatIf(
        name=path.stem,
        because=said["because"],
        ranges=said["ranges"],
        model=said["model"],
        author=said.get("author", ""),
        as_of=said.get("as_of", ""),
    )


def under(case: Case, name: str) -> tuple[Case, WhatIf]:
    """The case under the premises and the ranges of a kept what-if. Raises Unanswerable for one
    that the case lacks, or that does not fit it any more."""
    known = {w.name: w for w in whatifs(case)}
    if name not in known:
        help = suggestion(name, known, "what-ifs") or f"none is kept in its folder {FOLDER}/"
        raise Unanswerable(f"{case.id} has no what-if '{name[:80]}': {help}")
    kept = known[name]
    if kept.author and kept.author not in case.assessments:
        raise Unanswerable(f"what-if '{name}' is of '{kept.author}', of whom there is nothing now")
    own = case.under(kept.author or "case")
    try:
        return ranged(own, ranges_of(kept.ranges), kept), kept
    except ValueError as error:
        raise Unanswerable(f"what-if '{name}': {error}") from None


def ranged(case: Case, ranges: Map[str, tuple[float, ...]], kept: WhatIf) -> Case:
    """The case with other ranges of some unknowns. Raises ValueError for what it cannot have."""
    known = {u.name: u for u in case.crisis.unknowns}
    span = Span(Source(f"{FOLDER}/{kept.name}.yaml"), 1, 1)
    basis = Basis("assumed", (), kept.because, span)
    changed = dict[str, Unknown]()
    for name, numbers in ranges.items():
        if name not in known:
            raise ValueError(f"the case has no unknown '{name[:80]}'")
        changed[name] = _changed(known[name], numbers, basis)
    unknowns = tuple(changed.get(u.name, u) for u in case.crisis.unknowns)
    return case.with_crisis(replace(case.crisis, unknowns=unknowns))


def _changed(old: Unknown, numbers: tuple[float, ...], basis: Basis) -> Unknown:
    def value(x: float, like: SourcedValue | None) -> SourcedValue:
        before = like.expression if like is not None else None
        unit = before.unit if isinstance(before, Number) else ""
        return SourcedValue(Number(x, unit, basis, basis.span), (basis,), f"{x:g}", basis.span)

    if old.options:
        if len(numbers) != len(old.options) or min(numbers) < 0 or not sum(numbers):
            raise ValueError(f"'{old.name}' has {len(old.options)} options: as many chances")
        shares = [x / sum(numbers) for x in numbers]
        pairs = zip(old.options, shares, strict=True)
        return replace(old, options=tuple(replace(o, chance=value(x, o.chance)) for o, x in pairs))
    if len(numbers) != 2 or numbers[0] >= numbers[1]:
        raise ValueError(f"'{old.name}' has a range: a low end and a high end")
    low, high = numbers
    if old.prior == "says":
        return replace(old, interval=(low, high), bases=(basis,))
    return replace(old, low=value(low, old.low), high=value(high, old.high))

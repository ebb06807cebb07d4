"""What a model is known to get wrong, kept: it hangs on the model alone, and takes minutes."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from offramp.api.common import Named, Parts, Progress, case_of

if TYPE_CHECKING:
    from offramp.case.case import Case
    from offramp.explain.failings import Failings

WORLDS = 1024  # an arm
ROOMS = ("text", "sources", "language", "case", "engine", "answers", "explain")  # that find them
ASKED = ("facts.yaml", "claims/", "assessments/")  # files beside the crisis that it follows from


def failings(
    case: Named,
    *,
    worlds: int = WORLDS,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Failings:
    """The facts of a case that the model has outside their bounds, and its authors' claims of cause
    that fail in it (`facts`, `claims`). Kept by the model and what is asked of it: the next call
    reads it."""
    from offramp.api.cases import claims, facts
    from offramp.engine.blocks import cache
    from offramp.explain.failings import failings as failing

    read = case_of(case)
    path = cache.folder() / "findings" / f"{_key(read, worlds, seed)}.finding"
    kept = cache.read_bytes(path) if cache.most() else None
    if kept is not None:
        return _of(kept)
    parts = Parts(progress, bool(read.facts) + bool(read.claims))
    tried, tests = None, None
    if read.facts:
        tried = facts(read, worlds=worlds, seed=seed, threads=threads, progress=parts.next())
    if read.claims:
        tests = claims(read, worlds=worlds, seed=seed, threads=threads, progress=parts.next())
    made = failing(tried, tests)
    if cache.most():
        cache.write_bytes(path, _written(made))
    return made


def _key(case: Case, worlds: int, seed: int) -> str:
    """A hash of all that the findings follow from: the model, the files that ask, the program."""
    digest = hashlib.sha256(f"{case.model_sha256} {worlds} {seed}".encode())
    for name, text in sorted(case.texts.texts.items()):
        if name.startswith(ASKED):
            digest.update(f"\n{name}\n{text}".encode())
    package = Path(__file__).parent.parent
    for path in sorted(p for room in ROOMS for p in (package / room).rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:32]


def _written(found: Failings) -> bytes:
    from offramp.text.plain_json import text

    return text(dataclasses.asdict(found)).encode("utf-8")


def _of(kept: bytes) -> Failings:
    from offramp.explain.failings import Failing, Failings
    from offramp.text.plain_json import parsed

    told = parsed(kept)
    of = {
        key: tuple(
            Failing(x["says"], x["how"], x["detail"], tuple(x["passages"])) for x in told[key]
        )
        for key in ("wrong", "failed")
    }
    return Failings(facts=told["facts"], claims=told["claims"], **of)

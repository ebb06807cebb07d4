"""`check --json`: everything that was found in a case's files, with its place."""

from __future__ import annotations

from typing import Annotated, TypedDict

from offramp.case.check import Check
from offramp.render.json.envelope import Envelope, envelope
from offramp.text.diagnostics import Diagnostic

SCHEMA = "offramp.check/1"


class DiagnosticJson(TypedDict):
    """One finding. Lines and columns count from 1."""

    file: str
    line: int
    column: int
    length: int
    severity: Annotated[str, "error or warning"]
    code: Annotated[str, "stable; `offramp explain CODE` tells of it"]
    message: str
    help: Annotated[str, "what would have worked"]


class CheckJson(Envelope):
    """Whether a case can be used, and all that is wrong with it."""

    ok: bool
    language: Annotated[int | None, "the version of the language; null where that is unknown"]
    diagnostics: list[DiagnosticJson]


def plain(c: Check) -> CheckJson:
    return {
        **envelope(SCHEMA, c.id, c.case.model_sha256 if c.case else None),
        "ok": c.ok,
        "language": c.case.crisis.language if c.case else None,
        "diagnostics": [diagnostic(d) for d in c.found],
    }


def diagnostic(d: Diagnostic) -> DiagnosticJson:
    return {
        "file": str(d.span.file),
        "line": d.span.line,
        "column": d.span.column,
        "length": d.span.length,
        "severity": d.severity,
        "code": d.code,
        "message": d.message,
        "help": d.help,
    }

"""`migrate --json`: what brings a case to the last version of the language."""

from __future__ import annotations

from typing import Annotated, TypedDict

from offramp.case.migration import Migration
from offramp.render.json.envelope import Envelope, envelope

SCHEMA = "offramp.migrate/1"


class RereadJson(TypedDict):
    """An edit that means something else in the last version. Lines and columns count from 1."""

    file: str
    line: int
    column: int
    of: Annotated[
        str,
        "whose edit: `policy T27`, `claim T3 (high)`, `claim T3 (beside, low)`, `asked Q10`, "
        "`fact calm (do)`, `question war (if)`",
    ]
    edit: str
    says: Annotated[str, "what differs, in a sentence or two"]


class RewrittenJson(TypedDict):
    """A file that changes."""

    file: str
    diff: Annotated[str, "unified, with three lines around what changes"]


class MigrateJson(Envelope):
    """What a case needs to be in the last version of the language, and what that changes."""

    old: Annotated[int, "the version of the language that the case is in"]
    new: Annotated[int, "the last one"]
    model_after: Annotated[str, "the hash of the model brought over"]
    written: Annotated[bool, "whether the files were written (`--write`)"]
    files: Annotated[list[RewrittenJson], "none where nothing is to be done"]
    edits: list[RereadJson]


def plain(m: Migration) -> MigrateJson:
    return {
        **envelope(SCHEMA, m.case, m.model_sha256),
        "old": m.old,
        "new": m.new,
        "model_after": m.model_after,
        "written": m.written,
        "files": [{"file": f.file, "diff": f.diff} for f in m.files],
        "edits": [
            {
                "file": str(e.span.file),
                "line": e.span.line,
                "column": e.span.column,
                "of": e.of,
                "edit": e.edit,
                "says": e.says,
            }
            for e in m.edits
        ],
    }

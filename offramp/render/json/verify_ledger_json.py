"""`ledger verify --json`: whether a ledger's entries hold."""

from __future__ import annotations

from typing import Annotated, TypedDict

from offramp.answers.ledger import Verdict
from offramp.render.json.envelope import Envelope, envelope

SCHEMA = "offramp.verify-ledger/1"


class BrokenJson(TypedDict):
    """The first entry that does not hold."""

    entry: int
    what: str


class LedgerJson(Envelope):
    """A ledger's chain of entries, checked."""

    ok: bool
    entries: int
    head: str
    broken: BrokenJson | None
    biased: Annotated[list[int], "entries of the filter of revision 1, whose evidence was biased"]


def plain(v: Verdict) -> LedgerJson:
    return {
        **envelope(SCHEMA, None, None),
        "ok": v.ok,
        "entries": v.entries,
        "head": v.head,
        "broken": {"entry": v.broken[0], "what": v.broken[1]} if v.broken else None,
        "biased": list(v.biased),
    }

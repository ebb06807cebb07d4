"""What every JSON output begins with, and the small types that its fields are made of.

An output is a TypedDict: one definition, which mypy holds the code that fills it to, and of which
`shapes.py` makes the JSON Schema.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, TypedDict

from offramp.version import __version__


@dataclass(frozen=True)
class Format:
    """A string's format in JSON Schema."""

    name: str


Date = Annotated[str, Format("date")]
Number = int | float


class Envelope(TypedDict):
    """Where the output is from. What an output has not is null."""

    schema: Annotated[str, "the output's name and the revision of its fields"]
    version: Annotated[str, "of Offramp"]
    case: str | None
    model_sha256: Annotated[str | None, "of the model; with several authors, of the case itself"]
    seed: int | None
    worlds: Annotated[int | None, "simulated worlds, before any weighing"]
    as_of: Annotated[Date | None, "the last day whose reports count; null without reports"]


def envelope(
    schema: str,
    case: str | None,
    model_sha256: str | None,
    seed: int | None = None,
    worlds: int | None = None,
    as_of: dt.date | None = None,
) -> Envelope:
    return {
        "schema": schema,
        "version": __version__,
        "case": case,
        "model_sha256": model_sha256,
        "seed": seed,
        "worlds": worlds,
        "as_of": day(as_of),
    }


def day(date: dt.date | None) -> str | None:
    return None if date is None else date.isoformat()

"""JSON, written and read in one place: what is no number never leaves as one, and never comes in.

Python writes NaN and Infinity, which JSON has not, so that other readers stop, or read them as
they like. Here they are an error that says where in the value they stand. A figure that is merely
not known (the error of a single world) is null: see `known`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

DIGITS = 10  # significant digits of figures whose last bits depend on the processor
PLACES = 12  # decimal places of the same: what is left of a difference of equals is 0


class NoNumber(ValueError):
    """A value holds what is no number; the message says where."""


def known(x: float | None) -> float | None:
    """The figure, or None where there is none: not a number, or beyond all."""
    return x if x is not None and math.isfinite(x) else None


def text(value: object, *, indent: int | None = None, ordered: bool = False) -> str:
    """The value as JSON. `ordered`: canonical, keys sorted and without spaces, so one string for
    one value. Raises NoNumber."""
    try:
        return json.dumps(
            value,
            ensure_ascii=False,
            allow_nan=False,
            indent=indent,
            sort_keys=ordered,
            separators=(",", ":") if ordered else None,
        )
    except ValueError:
        place = strange(value)
        if place is None:
            raise
        raise NoNumber(f"{place} is not a number, and JSON has none for it") from None


def parsed(content: str | bytes) -> Any:
    """The value of a JSON text. Raises ValueError for what is not JSON: NaN and Infinity too."""
    try:
        return json.loads(content, parse_constant=_refused)
    except RecursionError:
        raise ValueError("nested more deeply than can be read") from None


def _refused(name: str) -> float:
    raise ValueError(f"{name} is not a number of JSON")


def strange(value: object, place: str = "") -> str | None:
    """Where the first number that is none stands, as in `answers[2].probability`."""
    if isinstance(value, float):
        return None if math.isfinite(value) else f"{place or 'the value'} ({value})"
    parts: list[tuple[str, object]] = []
    if isinstance(value, Mapping):
        parts = [(f"{place}.{k}" if place else str(k), v) for k, v in value.items()]
    elif isinstance(value, list | tuple):
        parts = [(f"{place}[{i}]", v) for i, v in enumerate(value)]
    return next((found for p, v in parts if (found := strange(v, p)) is not None), None)


def rounded(value: object) -> object:
    """The value with every fraction at DIGITS significant digits and PLACES decimal places.

    Sums over worlds are added in an order that the processor's vector units choose, so their last
    bits are the processor's and not the model's. What is left here is the same on any, but where a
    figure lies on the very edge between two roundings.
    """
    if isinstance(value, float):
        return round(float(f"{value:.{DIGITS}g}"), PLACES) + 0.0 if math.isfinite(value) else value
    if isinstance(value, Mapping):
        return {k: rounded(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(v) for v in value]
    return value


def told(value: object) -> object:
    """The value with null for each error that is not known: one world has no standard error, and
    Python calls it infinite. Any other number that is none stays, for `text` to refuse."""
    if isinstance(value, Mapping):
        return {k: _error(v) if str(k).endswith(ERRORS) else told(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [told(v) for v in value]
    return value


ERRORS = ("error", "sd", "error_by_day")  # how the keys of standard errors end


def _error(value: object) -> object:
    if isinstance(value, float):
        return known(value)
    if isinstance(value, Mapping):
        return {k: _error(v) for k, v in value.items()}
    return told(value)

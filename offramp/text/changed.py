"""Changed ranges as an address of the workbench and a kept what-if have them."""

from __future__ import annotations

import math

MOST = 4000  # characters


def ranges_of(text: str) -> dict[str, tuple[float, ...]]:
    """`tempo:0.8~1.6,line:.2~.8`: of each unknown its two ends, or the chances of its options.
    Raises ValueError with what is no range."""
    out = dict[str, tuple[float, ...]]()
    for part in text.split(",") if text else ():
        name, _, numbers = part.partition(":")
        try:
            values = tuple(float(x) for x in numbers.split("~"))
        except ValueError:
            values = ()
        if not name.strip() or not values or not all(map(math.isfinite, values)):
            raise ValueError(f"'{part[:80]}' is no range")
        out[name.strip()] = values
    return out

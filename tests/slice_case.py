"""The slice: a small crisis in a folder beside the tests, as text with the foresight one asks for.

For tests and benchmarks: nine moves, a belief over four types, foresight 1 or 2.
"""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parent / "slice"


def slice_text(foresight: int | None = None, belief: bool = True) -> str:
    """The crisis with that foresight for every actor (as written: 1 for the United States, 2 for
    Iran), and with or without Iran's belief about American red lines."""
    text = (FOLDER / "crisis.yaml").read_text("utf-8")
    if foresight is not None:
        text = re.sub(r"foresight: \d", f"foresight: {foresight}", text)
    return text if belief else text[: text.index("\nbelief:") + 1]

"""How much of a source's wording a text repeats.

A case may say what a source says, not in the source's words: the rule of this project is at most
six consecutive words. Words are compared without regard to case and punctuation, and counted as
people count them: "all-out" and "Iran's" are one word each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

LONGEST = 6

_WORD = re.compile(r"[^\W_]+")
_WITHIN = re.compile(r"(?<=[^\W_])['\u2019\u2010\u2011-](?=[^\W_])")  # Apostrophes and hyphens.


def words(text: str) -> list[str]:
    """The words of a text as they are compared."""
    return _WORD.findall(_WITHIN.sub("", text.casefold()))


def runs(text: str, length: int = LONGEST + 1) -> Iterator[tuple[str, ...]]:
    """All runs of `length` consecutive words."""
    found = words(text)
    return (tuple(found[i : i + length]) for i in range(len(found) - length + 1))


def repeated(text: str, sources: Iterable[str], longest: int = LONGEST) -> list[str]:
    """The runs of more than `longest` words that `text` shares with a source, each cut there."""
    known = {run for source in sources for run in runs(source, longest + 1)}
    return [" ".join(run) for run in runs(text, longest + 1) if run in known]

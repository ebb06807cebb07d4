"""Words of estimative probability: from an analyst's phrase to a distribution, and back.

Kent (1964) first gave intelligence phrases numbers; ICD 203 (2015) prescribes seven bands;
Mosteller and Youtz (1990) measured how modifiers move a phrase; Wintle et al. (2019) find that
readers differ widely and that a number printed beside the word is what helps. So the table is
data, can be replaced by case and by author, and whoever prints a phrase should print its interval.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from offramp.text.diagnostics import Diagnostics
from offramp.text.tree import plain
from offramp.text.yaml import parse

_Z90 = 1.2815515655446004  # The standard normal's 90% point.

# ICD 203 leaves the borders open. We give each to the word nearer to even chance, so that the
# words for p and for 1 - p always mirror each other. Below 1% and above 99% it has no words; we
# keep the outermost, since "impossible" is not what a share of simulated worlds can show.
_BELOW_EVEN = ((0.05, "almost no chance"), (0.20, "very unlikely"), (0.45, "unlikely"))
_ABOVE_EVEN = ((0.95, "almost certain"), (0.80, "very likely"), (0.55, "likely"))
_EVEN = "roughly even chance"
KEYS = ("low", "high", "source")  # of an entry of phrases.yaml


@dataclass(frozen=True)
class Interval:
    """The 80% interval of the probability that a phrase conveys, and the source of the mapping."""

    low: float
    high: float
    source: str


@dataclass(frozen=True)
class Phrases:
    """A table of phrases. Case and spacing do not matter."""

    table: Mapping[str, Interval]

    @staticmethod
    def standard() -> Phrases:
        """The table that ships with the package."""
        return _standard()

    def lookup(self, phrase: str) -> Interval:
        """The interval of a phrase.

        Raises LookupError, with near spellings, for a phrase that is not in the table: a guess
        here would become a number that nobody stated.
        """
        key = _key(phrase)
        if key in self.table:
            return self.table[key]
        near = difflib.get_close_matches(key, self.table, n=3)
        near += [known for known in self.table if known in key.split() and known not in near]
        hint = f"did you mean {' or '.join(repr(word) for word in near)}? Or " if near else ""
        raise LookupError(
            f"'{phrase}' is not in the table of estimative words; {hint}add it to the case's "
            "phrases.yaml with low, high and source"
        )

    def overlay(self, other: Phrases) -> Phrases:
        """This table with the other's entries added, the other's winning."""
        return Phrases({**self.table, **other.table})


def phrases_from(entries: Mapping[str, object]) -> Phrases:
    """A table from the mapping under `phrases:` of a phrases.yaml.

    Raises ValueError naming the entry, what is wrong, and what would have worked.
    """
    table: dict[str, Interval] = {}
    for phrase, entry in entries.items():
        key = _key(phrase)
        if key in table:
            raise ValueError(f"phrase '{phrase}' stands twice (case and spacing do not count)")
        if not isinstance(entry, Mapping) or set(entry) != set(KEYS):
            raise ValueError(f"phrase '{phrase}': give it exactly the keys low, high and source")
        try:
            low, high = float(entry["low"]), float(entry["high"])
        except (TypeError, ValueError):
            raise ValueError(f"phrase '{phrase}': low and high are numbers such as 0.2") from None
        if not 0 < low < high < 1:
            raise ValueError(
                f"phrase '{phrase}': {low} .. {high} is not an interval of a probability; "
                "write 0 < low < high < 1"
            )
        if not isinstance(entry["source"], str) or not entry["source"].strip():
            raise ValueError(f"phrase '{phrase}': say in source where the interval comes from")
        table[key] = Interval(low, high, entry["source"].strip())
    return Phrases(table)


def words(p: float) -> str:
    """The ICD 203 words for a probability, e.g. 0.7 -> 'likely'. Print the number beside them."""
    if not 0 <= p <= 1:
        raise ValueError(f"{p} is not a probability; it must lie from 0 to 1")
    for border, word in _BELOW_EVEN:
        if p < border:
            return word
    for border, word in _ABOVE_EVEN:
        if p > border:
            return word
    return _EVEN


def logit_normal(low: float, high: float) -> tuple[float, float]:
    """(mu, sigma) of the normal on the log-odds whose 10% and 90% points are at `low` and `high`.

    With logit(p) = log(p / (1 - p)), mu = (logit(low) + logit(high)) / 2 and
    sigma = (logit(high) - logit(low)) / (2 z), z the standard normal's 90% point.
    """
    if not 0 < low < high < 1:
        raise ValueError(f"{low} .. {high} is not an 80% interval of a share; 0 < low < high < 1")
    below, above = (math.log(p) - math.log1p(-p) for p in (low, high))
    return (below + above) / 2, (above - below) / (2 * _Z90)


def _key(phrase: str) -> str:
    return " ".join(phrase.casefold().split())


@cache
def _standard() -> Phrases:
    text = resources.files("offramp.sources").joinpath("phrases.yaml").read_text("utf-8")
    listing = plain(parse(text, "phrases.yaml", Diagnostics()))
    assert isinstance(listing, dict)
    return phrases_from(listing["phrases"])

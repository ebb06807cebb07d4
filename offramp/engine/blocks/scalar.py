"""The words of emitted code, on single numbers: what `emit.py` writes, plain Python can run."""

from __future__ import annotations

from math import inf, nan

from offramp.engine.blocks.graph import MEANING
from offramp.engine.elementary import exp, exp2, expm1, log, logistic, normal_quantile
from offramp.engine.formulas import clip, nearest
from offramp.language.equality import at_most, below, same

divided, choose = MEANING["div"], MEANING["select"]
both, either, negated = MEANING["and"], MEANING["or"], MEANING["not"]
larger, smaller = MEANING["max"], MEANING["min"]
truth = float

__all__ = [
    "at_most",
    "below",
    "both",
    "choose",
    "clip",
    "divided",
    "either",
    "exp",
    "exp2",
    "expm1",
    "inf",
    "larger",
    "log",
    "logistic",
    "nan",
    "nearest",
    "negated",
    "normal_quantile",
    "same",
    "smaller",
    "truth",
]

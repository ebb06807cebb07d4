"""What Offramp raises for a reason that its user can mend: one family, each with words that say
what would have worked."""

from __future__ import annotations


class OfframpError(Exception):
    """The base of all: `except offramp.OfframpError` catches whatever a case, an argument or a
    study can get wrong, and nothing that is a fault of ours."""


class Unanswerable(OfframpError):
    """A study cannot be carried out, or its result would mean nothing (too few worlds, say)."""


class Mistake(OfframpError, ValueError):
    """An argument that does not fit the case; `argument` is its name."""

    def __init__(self, message: str, argument: str = "") -> None:
        super().__init__(message)
        self.argument = argument


class Needs(OfframpError, ImportError):
    """A package is missing that only some studies need; the message says how to install it."""

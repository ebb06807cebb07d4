"""The clock of a game's mornings: how long a round of decisions may take, and who makes them then.

A clock is a value; each change gives the next. `now` is in seconds, from where does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from offramp import Mistake

STAND_INS = ("model", "nothing")
LONGEST = 86_400  # seconds
GRACE = 2.0  # seconds after the end in which a page may still send what was chosen on it


@dataclass(frozen=True)
class Clock:
    """How long the decisions of a round may take.

    seconds   None for as long as anybody likes
    stand_in  who decides for a seat whose time has run out: the `model`, or `nothing` (which
              refuses what it is asked for)
    since     when this round began, pauses taken out
    stopped_at  since when the game is paused; None where it goes on
    """

    seconds: int | None = None
    stand_in: str = "model"
    since: float = 0.0
    stopped_at: float | None = None

    @property
    def paused(self) -> bool:
        return self.stopped_at is not None

    def left(self, now: float) -> float | None:
        """Seconds that are left of this round; None without an end."""
        if self.seconds is None:
            return None
        at = now if self.stopped_at is None else self.stopped_at
        return max(0.0, self.seconds - (at - self.since))

    def over(self, now: float) -> bool:
        """Whether the time has run out, the grace too."""
        if self.seconds is None or self.paused:
            return False
        return now - self.since > self.seconds + GRACE

    def begun(self, now: float) -> Clock:
        """A new round, with its whole time."""
        return replace(self, since=now, stopped_at=now if self.paused else None)

    def set(self, seconds: int | None, stand_in: str, now: float) -> Clock:
        """With another length, and a round that begins anew. Raises Mistake."""
        if seconds is not None and not 1 <= seconds <= LONGEST:
            raise Mistake(f"a morning takes 1 to {LONGEST:,} seconds", "seconds")
        if stand_in not in STAND_INS:
            raise Mistake(f"in place of who is late decides {' or '.join(STAND_INS)}", "stand_in")
        return replace(self, seconds=seconds, stand_in=stand_in).begun(now)

    def stopped(self, now: float) -> Clock:
        return self if self.paused else replace(self, stopped_at=now)

    def going_on(self, now: float) -> Clock:
        if self.stopped_at is None:
            return self
        return replace(self, since=self.since + now - self.stopped_at, stopped_at=None)

    def told(self, now: float) -> dict[str, Any]:
        """As the pages are told it."""
        return {
            "left": self.left(now),
            "seconds": self.seconds,
            "stand_in": self.stand_in,
            "paused": self.paused,
        }

"""What the crisis file itself dates: the thin verticals of the fan."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from offramp.language.expressions import Date

if TYPE_CHECKING:
    from offramp.language.crisis import Crisis


def milestones(crisis: Crisis) -> tuple[tuple[date, str], ...]:
    """Public events fixed ahead, with their dates: what is certain to come up, if not how."""
    dated = [
        (claim.expression.value, event.title)
        for event in crisis.events
        if not event.private
        for claim in (*event.dates, *((event.vote.date,) if event.vote and event.vote.date else ()))
        if isinstance(claim.expression, Date)
    ]
    return tuple(sorted(dated))

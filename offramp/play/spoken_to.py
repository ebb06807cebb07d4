"""Which causal claims of the documents a game speaks to: whether what is said to cause something
came about in it, and whether the effect followed.

Only claims whose cause is an event that the test makes happen (`high: {force: ...}`) and whose
effect is whether an event happens. One game neither confirms nor breaks a claim about what causes
what: it had other causes too, and no twin. `offramp claims` puts the claim to the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from offramp.case.case import Case
from offramp.case.causal import CausalClaim

Logged = tuple[int, str, str]  # day, event, outcome


@dataclass(frozen=True)
class Spoken:
    """A claim and what became of it in a game: the day on which its cause first came, the day on
    which the effect first followed (that day or later; None for never), and the event of each.
    `sign` as in the claim."""

    claim: str
    author: str
    says: str
    sign: str
    cause: str
    came: int
    effect: str
    followed: int | None


def spoken_to(case: Case, log: Sequence[Logged]) -> tuple[Spoken, ...]:
    """The claims whose cause came about, in the order of the case."""
    found = (_spoken(claim, log) for claim in case.claims.values())
    return tuple(s for s in found if s is not None)


def _spoken(claim: CausalClaim, log: Sequence[Logged]) -> Spoken | None:
    effects = () if claim.question is None else claim.question.atoms
    causes = [_name(e.target, e.outcome) for e in claim.high if e.verb == "force"]
    if len(effects) != 1 or not causes or claim.beside is not None:
        return None
    function, effect = next(iter(effects))
    if function not in ("count", "first"):
        return None
    came = min(((d, c) for c in causes if (d := _first(c, log)) is not None), default=None)
    if came is None:
        return None
    day, cause = came
    followed = _first(effect, [h for h in log if h[0] >= day])
    return Spoken(claim.id, claim.author, claim.says, claim.sign, cause, day, effect, followed)


def _name(event: str, outcome: str) -> str:
    return f"{event}.{outcome}" if outcome else event


def _first(name: str, log: Sequence[Logged]) -> int | None:
    days = (d for d, event, outcome in log if name in (event, f"{event}.{outcome}"))
    return min(days, default=None)

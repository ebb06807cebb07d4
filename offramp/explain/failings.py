"""What a model is known to get wrong: facts outside their bounds, and authors' claims that fail."""

from __future__ import annotations

import math
from dataclasses import dataclass

from offramp.answers.wording import value
from offramp.case.facts import Fact
from offramp.explain.claim_tests import Examination
from offramp.explain.plausibility import Plausibility

FAILS = {
    "structure": "not so in the model",
    "size": "not by so much in the model",
    "untold": "too little in the model to tell from nothing",
    "": "not in the model",
}


@dataclass(frozen=True)
class Failing:
    """A statement in our words that the model does not bear out, how it fails, in plain words and
    with its numbers (`detail`), and the passages that make it."""

    says: str
    how: str
    detail: str
    passages: tuple[str, ...]


@dataclass(frozen=True)
class Failings:
    """Of so many facts and claims, those that fail. Facts with hindsight are not counted."""

    facts: int
    wrong: tuple[Failing, ...]
    claims: int
    failed: tuple[Failing, ...]


def failings(facts: Plausibility | None, claims: Examination | None) -> Failings:
    """None where a case has none of these."""
    tried = facts.counted if facts else ()
    tests = claims.tests if claims else ()
    return Failings(
        facts=len(tried),
        wrong=tuple(
            Failing(
                t.fact.says,
                f"the model has {value(t.value, '')}, {t.fact.bounded_by} gives {_bounds(t.fact)}",
                f"standard error {value(t.error or 0.0, '')}",
                t.fact.cites,
            )
            for t in tried
            if t.verdict == "wrong" and t.value is not None
        ),
        claims=len(tests),
        failed=tuple(
            Failing(t.claim.says, FAILS[t.by], t.reason, t.passages)
            for t in tests
            if t.status == "fails"
        ),
    )


def _bounds(f: Fact) -> str:
    """`0.3 to 0.7`; of bounds that are open on one side the other."""
    if math.isinf(f.low):
        return f"at most {value(f.high, '')}"
    if math.isinf(f.high):
        return f"at least {value(f.low, '')}"
    return f"{value(f.low, '')} to {value(f.high, '')}"

"""What was drafted of a document by rule: the candidates, and what was looked for."""

from __future__ import annotations

from dataclasses import dataclass

from offramp.sources.candidates import Candidate


@dataclass(frozen=True, kw_only=True)
class Drafts:
    """What was found in a document of a case.

    sentences   how many there are within its bounds
    actors      the titles that were looked for; none where the case has no valid crisis.yaml yet
    """

    case: str
    model_sha256: str | None
    document: str
    sentences: int
    actors: tuple[str, ...]
    candidates: tuple[Candidate, ...]

    def __repr__(self) -> str:
        return (
            f"<Drafts of {self.document} in {self.case}: {len(self.candidates)} candidates in "
            f"{self.sentences} sentences>"
        )

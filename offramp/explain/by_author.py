"""What a study gives of each of a case's authors, with the case and the run that all share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar, overload

from offramp.case.case import Case

T = TypeVar("T", covariant=True)


@dataclass(frozen=True)
class ByAuthor(Sequence[T]):
    """A sequence of results. `of` is the name of their type; `worlds` as they were asked for."""

    of: str
    case: Case
    seed: int
    worlds: int
    results: tuple[T, ...]

    @overload
    def __getitem__(self, i: int) -> T: ...
    @overload
    def __getitem__(self, i: slice) -> tuple[T, ...]: ...
    def __getitem__(self, i: int | slice) -> T | tuple[T, ...]:
        return self.results[i]

    def __len__(self) -> int:
        return len(self.results)

    def __repr__(self) -> str:
        return f"<{len(self)} of {self.of}: {', '.join(map(repr, self.results[:6]))}>"

"""What `check` finds in a case's files."""

from __future__ import annotations

from dataclasses import dataclass

from offramp.case.case import Case
from offramp.text.diagnostics import Diagnostic


@dataclass(frozen=True)
class Check:
    """All that was found in a case's files. `case` is None where an error makes it unusable; `id`
    is the name that it was asked for by, None for texts without one."""

    case: Case | None
    found: tuple[Diagnostic, ...]
    id: str | None = None

    @property
    def ok(self) -> bool:
        return self.case is not None

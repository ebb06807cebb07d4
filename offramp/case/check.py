"""What `check` finds in a case's files."""

from __future__ import annotations

from dataclasses import dataclass

from offramp.case.case import Case
from offramp.case.texts import comes_with_offramp
from offramp.language.keys import VERSIONS
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

    @property
    def older(self) -> str:
        """A note, and no error, that the case is in an older version of the language; '' where it
        is in the last, or comes with Offramp and is not its reader's to bring over."""
        case = self.case
        if case is None or case.crisis.language == VERSIONS[-1]:
            return ""
        if case.folder is not None and comes_with_offramp(case.folder):
            return ""
        return (
            f"written in version {case.crisis.language} of the language; `offramp migrate CASE` "
            f"shows what version {VERSIONS[-1]} would change"
        )

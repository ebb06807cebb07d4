"""When a document was written, and until when its author knew.

The two differ: a weekly printed on the 27th may have closed on the 26th, and what happened on the
27th was news to its author. Whatever judges an author (which reports count against the author,
which day a forecast is of) goes by the day until which the author knew; what a reader is shown is
the date. Where only the month is known both are its last day, so that nobody is charged with not
foreseeing what may have been known.
"""

from __future__ import annotations

import calendar
import datetime
import re
from dataclasses import dataclass

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")


@dataclass(frozen=True)
class Dating:
    """`date` is the day, or a month's last; `knew_until` is that day where nobody says otherwise.

    precision   'day'; 'month' where only that is printed; 'inferred' where the document bears no
                date; 'ours' where an assessment has a date of its own
    """

    date: datetime.date
    precision: str
    knew_until: datetime.date
    by_month: bool = False

    @property
    def words(self) -> str:
        """`2020-01-27, knew until 2020-01-26`; `2020-01, inferred`."""
        said = f"{self.date:%Y-%m}" if self.by_month else str(self.date)
        said += ", inferred" if self.precision == "inferred" else ""
        return said + self.until

    @property
    def until(self) -> str:
        """`, knew until 2020-01-26`; '' where that is the date itself."""
        return f", knew until {self.knew_until}" if self.knew_until != self.date else ""


def day_or_month(text: str) -> tuple[datetime.date, bool]:
    """A day, or of a month its last day, and whether it was a month.

    Raises ValueError for any other text, and for days that no calendar has.
    """
    if _DAY.fullmatch(text):
        return datetime.date.fromisoformat(text), False
    if not _MONTH.fullmatch(text):
        raise ValueError(f"'{text}' is neither a day nor a month")
    first = datetime.date.fromisoformat(f"{text}-01")
    return first.replace(day=calendar.monthrange(first.year, first.month)[1]), True

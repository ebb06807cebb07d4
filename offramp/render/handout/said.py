"""What sheets are made of: a line, and words for what it says."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from offramp.answers.wording import LONG_MONTHS, MONTHS, percent
from offramp.case.case import Case
from offramp.language.crisis import Crisis, Unknown, cited
from offramp.language.expressions import Expression, Ref, SourcedValue, walk
from offramp.language.kinds import constant
from offramp.render.pages.phrases import Speaker
from offramp.sources.passages import sides

SIZES = ((0.6, "above all"), (0.3, "much"), (0.1, "somewhat"), (0.0, "a little"))
PRICES = ((0.66, "dear"), (0.33, "at some cost"), (0.0, "cheap"))
_MARKDOWN = re.compile(r"\\(.)|\*\*|.", re.S)
_MONTH = "|".join((*LONG_MONTHS, *MONTHS))
_DATE = re.compile(
    rf"\b(\d{{4}})-(\d\d)-(\d\d)\b|\b(\d{{1,2}}) ({_MONTH})\b(?: (\d{{4}}))?"
    rf"|\b({_MONTH})(?: (\d{{1,2}}),?)? (\d{{4}})\b"
)


@dataclass(frozen=True)
class Line:
    """A sentence of a sheet, what is to be added, and the passages that it rests on."""

    words: str
    more: tuple[str, ...] = ()
    passages: tuple[str, ...] = ()


def plain(markdown: str) -> str:
    """Words of `Speaker` without markdown: titles, set in italics there, stand in quotes."""
    out, quoted = list[str](), False
    for m in _MARKDOWN.finditer(markdown.replace("<br>", "; ")):
        if m[0] == "*":
            out.append("”" if quoted else "“")
            quoted = not quoted
        elif m[0] != "**":
            out.append(m[1] or m[0])
    return "".join(out).replace("&lt;", "<")


def tells_later(words: str, first: dt.date, known: Collection[dt.date] = ()) -> bool:
    """Whether words name a day after the first that is not `known`, as the calendar's are. A day of
    a month alone is of the first day's year."""
    for m in _DATE.finditer(words):
        try:
            if m[1]:
                found = dt.date(int(m[1]), int(m[2]), int(m[3]))
            elif m[5]:
                month = _month(m[5])
                found = dt.date(int(m[6] or first.year), month, int(m[4]))
            else:
                found = dt.date(int(m[9]), _month(m[7]), int(m[8] or 1))
        except ValueError:
            continue
        if found > first and found not in known:
            return True
    return False


def _month(name: str) -> int:
    return MONTHS.index(name[:3]) + 1


def before(words: str, first: dt.date) -> str:
    """The words, or nothing where they name a later day."""
    return "" if tells_later(words, first) else words


def size_words(size: float, largest: float, steps: Sequence[tuple[float, str]] = SIZES) -> str:
    """A size beside the largest, in words; nothing where either is not bounded."""
    if not (math.isfinite(size) and math.isfinite(largest)) or largest <= 0:
        return ""
    return next(words for least, words in steps if size >= least * largest)


def chance_words(speaker: Speaker, chance: SourcedValue) -> str:
    value = constant(chance.expression)
    return plain(speaker.words(chance)) if value is None else percent(value)


def capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def cites(case: Case, *values: object) -> tuple[str, ...]:
    ids = [p for v in values if v is not None for p in cited(v)]
    return tuple(p for p in sides(dict.fromkeys(ids), case.passages) if p in case.passages)


def joined(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def either(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def drawn_in(e: Expression, crisis: Crisis) -> list[Unknown]:
    names = {x.name for x in walk(e) if isinstance(x, Ref) and x.what == "unknown"}
    return [u for u in crisis.unknowns if u.name in names]


def states_in(e: Expression) -> list[Ref]:
    return [x for x in walk(e) if isinstance(x, Ref) and x.what == "state"]

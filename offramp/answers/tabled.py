"""The answers of a session as one table, a row a question (of a choice: an option), each with all
that it is an answer under: its condition, whose premises, which ranges were changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import TypedDict

from offramp.answers.forecast import LEVELS, Forecast, QuantityAnswer, quantile
from offramp.answers.session import Session, Weighed
from offramp.engine.plan import Prior
from offramp.errors import Mistake

Ranges = Mapping[str, tuple[float, ...]]


class Row(TypedDict):
    """`answer`: a probability, or the median of a number; of a date `date` is the median, None
    where it lies beyond the window. `low_90`, `high_90`: of a yes-or-no question, what the number
    of worlds leaves to chance; `low_80`, `high_80`: between which 80 of 100 worlds have a number.
    `by_your_change`: by how much a probability differs from that of the case's own ranges."""

    id: str
    question: str
    kind: str  # binary, number, date, choice
    option: str
    condition: str
    supposes: str
    premises: str
    ranges: str
    first: dt.date
    last: dt.date
    answer: float | None
    date: dt.date | None
    unit: str
    low_90: float | None
    high_90: float | None
    low_80: float | None
    high_80: float | None
    by_your_change: float | None
    case: str
    model_sha256: str
    worlds: int
    seed: int


def tabled(session: Session, ranges: Ranges, premises: str) -> list[Row]:
    """The rows. Raises Unanswerable where the worlds do not tell, Mistake for ranges that none of
    the case's unknowns can have."""
    plain = session.forecast
    found: Forecast | Weighed = session.weighed(_priors(session, ranges)) if ranges else plain
    blank = Row(
        id="",
        question="",
        kind="",
        option="",
        condition="",
        supposes="",
        premises=premises,
        ranges=", ".join(f"{n}: {' ~ '.join(f'{x:g}' for x in v)}" for n, v in ranges.items()),
        first=session.case.crisis.first,
        last=session.case.crisis.last,
        answer=None,
        date=None,
        unit="probability",
        low_90=None,
        high_90=None,
        low_80=None,
        high_80=None,
        by_your_change=None,
        case=session.case.id,
        model_sha256=session.case.model_sha256,
        worlds=session.worlds,
        seed=session.seed,
    )
    out = list[Row]()
    before = {a.id: a.probability for a in plain.answers}
    for a in found.answers:
        row = _asked(blank, a.id, a.text, "binary", a.given, a.supposes, a.window)
        row["answer"] = a.probability
        row["low_90"], row["high_90"] = a.interval or (None, None)
        row["by_your_change"] = _change(a.probability, before[a.id]) if ranges else None
        out.append(row)
    for q in found.quantities:
        kind = "date" if q.unit == "date" else "number"
        row = _asked(blank, q.id, q.text, kind, q.given, q.supposes, q.window)
        row["unit"] = q.unit
        _quantiles(row, q)
        out.append(row)
    options = {(c.id, o): p for c in plain.choices for o, p in _shares(c.options, c.probabilities)}
    for c in found.choices:
        for option, share in _shares(c.options, c.probabilities):
            row = _asked(blank, c.id, c.text, "choice", c.given, c.supposes, c.window)
            row["option"], row["answer"] = option, share
            row["by_your_change"] = _change(share, options[c.id, option]) if ranges else None
            out.append(row)
    return out


def _asked(
    blank: Row,
    id: str,
    text: str,
    kind: str,
    given: str,
    supposes: tuple[str, ...],
    window: tuple[dt.date, dt.date],
) -> Row:
    """A row with what is asked and no answer yet."""
    row = blank.copy()
    row["id"], row["question"], row["kind"] = id, text, kind
    row["condition"] = f"in the worlds in which {given}" if given else ""
    row["supposes"] = "; ".join(supposes)
    row["first"], row["last"] = window
    return row


def _shares(options: tuple[str, ...], shares: tuple[float, ...]) -> list[tuple[str, float]]:
    return list(zip(options, shares, strict=True))


def _change(now: float | None, before: float | None) -> float | None:
    return None if now is None or before is None else now - before


def _quantiles(row: Row, q: QuantityAnswer) -> None:
    if not q.values:
        return
    low, middle, high = (quantile(q.values, p) for p in LEVELS)
    if q.unit != "date":
        row["low_80"], row["answer"], row["high_80"] = low, middle, high
    elif middle <= q.window[1].toordinal():
        row["date"] = dt.date.fromordinal(int(middle))


def _priors(session: Session, ranges: Ranges) -> dict[str, Prior]:
    """The changed priors: two ends of a range each, or the chances of an unknown's options."""
    laid = session.plan
    out = dict[str, Prior]()
    for name, numbers in ranges.items():
        place = laid.layout.unknowns.get(name)
        if place is None:
            raise Mistake(f"the case has no unknown '{name[:80]}'", "ranges")
        old = laid.priors[place]
        if old.kind == "among":
            if len(numbers) != len(old.chances) or min(numbers) < 0 or not sum(numbers):
                n = len(old.chances)
                raise Mistake(f"'{name}' has {n} options: give as many chances", "ranges")
            out[name] = replace(old, chances=tuple(x / sum(numbers) for x in numbers))
        else:
            if len(numbers) != 2 or numbers[0] >= numbers[1]:
                raise Mistake(f"'{name}' has a range: give its low end and its high end", "ranges")
            out[name] = replace(old, a=numbers[0], b=numbers[1])
    return out

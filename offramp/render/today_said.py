"""What has changed since the last time, in words: for a terminal and for a document."""

from __future__ import annotations

import math

from offramp.answers.wording import day, percent
from offramp.case.record import Report
from offramp.explain.log_odds import LEVEL
from offramp.explain.split import Part
from offramp.explain.today import Change, Surprise, Today
from offramp.filter.islands import bound

READING = (
    "±: Monte Carlo error, in points. odds x: by how much the odds were multiplied, with the 99% "
    "interval of that error; a change whose interval holds 1 is no news. Both days are answered by "
    "the model of today. The parts of a change multiply to it: silence comes first, then each "
    "report in place of silence about it, its mean over the orders in which they may be told. "
    "nats: a report that was known at once is surprising by that too, where reports may be late, "
    "and the next day gives that back."
)


def report(r: Report) -> str:
    """A row of the record with its days."""
    when = day(r.first) if r.first == r.last else f"{day(r.first, False)} to {day(r.last)}"
    return f"{r.id} ({when}): {r.report}"


def share(x: float | None, error: float) -> str:
    """A probability and its Monte Carlo error in points."""
    points = 100 * error
    return f"{percent(x or 0.0)} ±{'<1' if points < 0.5 else f'{points:.0f}'}"


def asked(c: Change) -> str:
    """The question, with its option and its condition."""
    what = f"{c.id}: {c.text}" + (f" - {c.option}" if c.option else "")
    return what + (f" (in worlds in which {c.given})" if c.given else "")


def by(t: Today, p: Part) -> str:
    """What did a part of a change."""
    when = "" if (t.as_of - t.then).days == 1 else f" ({day(p.day, False)})"
    return f"{', '.join(p.ids)}{': ' * bool(p.ids)}{p.words}{when}"


def briefly(t: Today, p: Part) -> str:
    """A part that moved nothing: the ids of its reports, or silence and its day."""
    if p.kind == "report":
        return ", ".join(p.ids)
    if p.kind == "together":
        return "their being of one day"
    return "silence" + ("" if (t.as_of - t.then).days == 1 else f" of {day(p.day, False)}")


def factor(t: Today, log_odds: float, error: float, sure: bool = False) -> str:
    """`1.6 (1.4 to 1.8)`: a factor of the odds and its 99% interval; where an answer is `sure`, in
    no world or in all, only how large it is at least, since there its size is nobody's."""
    half = bound(error, len(t.known.posterior.islands), LEVEL)
    low, middle, high = (math.exp(max(-700.0, min(700.0, log_odds + k * half))) for k in (-1, 0, 1))
    if sure:
        return f"{_size(low)} or more" if log_odds > 0 else f"{_size(high)} or less"
    return f"{_size(middle)} ({_size(low)} to {_size(high)})"


def _size(x: float) -> str:
    return f"{x:,.0f}" if x >= 10 else f"{x:.1f}" if x >= 1 else f"{x:.2f}"


def surprise(s: Surprise) -> str:
    """`0.2 ± 0.01 (E4)`"""
    told = ", ".join(r.id for r in s.reports) or "nothing was reported of it"
    error = f" ± {s.error:.2f}" if math.isfinite(s.error) else ", its error cannot be told"
    return f"{s.nats:.1f}{error} ({told})"


def wear(t: Today) -> str:
    """Where the day's worlds come from, and what they are worth."""
    w = t.wear
    if w.gone_on is None:
        said = f"started anew: {w.why}"
    else:
        since = f"; not from a later one, since {w.why}" if w.why else ""
        said = f"went on from the evening of {day(w.gone_on)}; they began on {day(w.began)}{since}"
    if not w.unknown:
        return said
    worth = f"is worth {w.worth:.0f} independent worlds"
    if math.isinf(w.worth):
        worth = "is worth all of its worlds"
    fresh = f" ({w.fresh:.0f} when they began)" if math.isfinite(w.fresh) else ""
    return f"{said}\n  the posterior of “{w.title}”, estimated worst, {worth}{fresh}; {w.rule}"

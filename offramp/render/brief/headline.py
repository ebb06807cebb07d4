"""The finding as one or two plain sentences, and the paragraph under it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING

from offramp.answers.wording import LONG_MONTHS, day, futures, interval, odds, percent
from offramp.render.brief import bands
from offramp.render.brief.points import share_of

if TYPE_CHECKING:
    from offramp.answers.forecast import Answer, Forecast
    from offramp.engine.ensemble import Ensemble

_LONGEST = 120
_SUMMED_UP = 3


def finding(forecast: Forecast) -> str:
    """Where most futures end, if they climb anything, then the answer to the question that matters
    most; the title of a case that has neither."""
    answers = headline_answers(forecast.answers)
    where = [_where(forecast.ensemble)] if bands.climbs(forecast.ensemble) else []
    sentences = [*where, *(_answered(a) for a in answers[:1])]
    return " ".join(sentences).rstrip(".") or forecast.title


def summary(forecast: Forecast) -> str:
    """The same with numbers: each headline answer's percent, odds, interval and words."""
    sentences = [_ends(forecast.ensemble)] if bands.climbs(forecast.ensemble) else []
    sentences += [_numbers(a) for a in headline_answers(forecast.answers)[:_SUMMED_UP]]
    return " ".join(sentences)


def headline_answers(answers: Iterable[Answer]) -> list[Answer]:
    """The answers marked as headline, or where none is, the first."""
    known = list(answers)
    return [a for a in known if a.headline] or known[:1]


def _where(ensemble: Ensemble) -> str:
    _, band = bands.ladder(ensemble)
    first, last = bands.rung_shares(band)[[0, -1]]
    start = int(first.argmax())
    low, high = _most(last.tolist())
    by = f"by {_by(ensemble.first + timedelta(ensemble.days - 1))}"
    if low == high:
        verb = {-1: "ease to", 0: "stand at", 1: "climb to"}[(low > start) - (low < start)]
        return f"Most futures {verb} {band.levels[low]} {by}."
    joint = "at {} or {}" if high == low + 1 else "between {} and {}"
    return f"Most futures stand {joint.format(band.levels[low], band.levels[high])} {by}."


def _most(shares: list[float]) -> tuple[int, int]:
    """The fewest neighbouring rungs that hold more than half of the worlds."""
    runs = [(i, j) for i in range(len(shares)) for j in range(i, len(shares))]
    held = {(i, j): sum(shares[i : j + 1]) for i, j in runs}
    return min((r for r in runs if held[r] > 0.5), key=lambda r: (r[1] - r[0], -held[r]))


def _answered(answer: Answer) -> str:
    of = f" of those in which {answer.given}" if answer.given else ""
    if answer.clause and answer.probability is not None:
        return f"{_capital(answer.clause)} in {futures(answer.probability)}{of}."
    text = textwrap.shorten(answer.text, _LONGEST, placeholder=" …").rstrip(".")
    asked = text if text.endswith("?") else f"{text}:"
    if answer.probability is None:
        return f"{asked} no world met the condition{_which(answer)}."
    share = futures(answer.probability) + of
    return f"{asked} {share if asked.endswith(':') else share[0].upper() + share[1:]}."


def _ends(ensemble: Ensemble) -> str:
    _, band = bands.ladder(ensemble)
    last = bands.rung_shares(band)[-1]
    final = ensemble.first + timedelta(ensemble.days - 1)
    common, top = int(last.argmax()), len(band.levels) - 1
    share = percent(float(last[common]))
    most = (
        f"Of {ensemble.worlds:,} simulated worlds, {share} stand at {band.levels[common]} "
        f"on {day(final)}"
    )
    if common != top:
        most = f"{most}, and {percent(float(last[top]))} at {band.levels[top]} that day"
    return f"{most}. {_peak(ensemble)}"


def _peak(ensemble: Ensemble) -> str:
    """When worlds stand highest on the ladder, and where they then are."""
    _, band = bands.ladder(ensemble)
    at = bands.peak(band)
    if at == ensemble.days - 1:
        return "No day before it stands higher on the ladder."
    shares = bands.rung_shares(band)[at]
    common, top = int(shares.argmax()), len(band.levels) - 1
    words = (
        f"They stand highest on {day(ensemble.first + timedelta(at))}: "
        f"{percent(float(shares[common]))} at {band.levels[common]}"
    )
    if common == top:
        return f"{words}."
    above = float(shares[common + 1 :].sum())
    most = "" if common == top - 1 else f", {percent(float(shares[top]))} at {band.levels[top]}"
    return f"{words} and {percent(above)} above it{most}."


def _which(answer: Answer) -> str:
    return f": {answer.given}" if answer.given else ""


def _capital(clause: str) -> str:
    return clause[:1].upper() + clause[1:]


def _numbers(answer: Answer) -> str:
    if answer.clause and answer.probability is not None and answer.interval is not None:
        sampling = interval(answer.interval)
        details = [answer.words, odds(answer.probability, answer.worlds)]
        details.append(f"sampling interval {sampling}")
        of = f"the {answer.worlds:,} worlds in which {answer.given}" if answer.given else "worlds"
        share = f"{share_of(answer)} of {of}"
        return f"{_capital(answer.clause)} in {share} ({'; '.join(d for d in details if d)})."
    text = answer.text.strip().rstrip(".")
    asked = text if text.endswith("?") else f"{text}:"
    if answer.probability is None:
        return f"{asked} no world met the condition{_which(answer)}."
    of = f" of the {answer.worlds:,} worlds in which {answer.given}" if answer.given else ""
    details = [odds(answer.probability, answer.worlds)]
    if answer.interval is not None:
        details.append(f"sampling interval {interval(answer.interval)}")
    words = f", {answer.words}" if answer.words else ""
    return f"{asked} {share_of(answer)}{of}{words} ({'; '.join(details)})."


def _by(final: date) -> str:
    late = (final + timedelta(6)).month != final.month
    month = LONG_MONTHS[final.month - 1]
    return f"the end of {month}" if late else f"{final.day} {month}"

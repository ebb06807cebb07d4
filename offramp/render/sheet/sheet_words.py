"""The words of the one page: typed values in, sentences out. HTML and PDF only set them."""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from offramp.answers.wording import coarse, day, interval, odds, span
from offramp.render.brief import bands
from offramp.render.brief.points import (
    Point,
    dissent,
    leaning,
    points,
    share_of,
    signs,
    unseen,
    widest,
)
from offramp.text.diagnostics import counted

if TYPE_CHECKING:
    from offramp.answers.forecast import Answer, Forecast
    from offramp.engine.ensemble import Ensemble
    from offramp.explain.essentials import Essentials, Line
    from offramp.sources import Passage

WRONG = 2  # failings of a kind
SIGNS = 1  # of an answer
REPORTS = 3


@dataclass(frozen=True)
class Mark:
    """An answer on the strip of a row: whose, and where from 0 to 1."""

    who: str
    at: float


@dataclass(frozen=True)
class Asked:
    """A row of the page. `low`, `middle`, `high` as shares; `since` is '' where nobody asked."""

    number: int
    text: str
    window: str
    percent: str
    words: str
    detail: str
    low: float
    middle: float
    high: float
    since: str
    rivals: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Sheet:
    """The page, top to bottom. Empty parts are left out."""

    title: str
    kicker: str
    bottom: tuple[str, ...]
    asked: tuple[Asked, ...]
    rule: str
    authors: str
    now: str
    before: str
    leans: tuple[Point, ...]
    change: tuple[Point, ...]
    dissent: tuple[Point, ...]
    reports: tuple[Point, ...]
    dates: tuple[tuple[str, str], ...]
    unseen: tuple[Point, ...]
    reading: str
    command: str


def sheet(e: Essentials, passages: Mapping[str, Passage]) -> Sheet:
    """The words of a page."""
    f = e.forecast
    numbers = {line.answer.id: n for n, line in enumerate(e.lines, 1)}
    return Sheet(
        title=f.title,
        kicker=_kicker(f),
        bottom=tuple(_bottom(e)),
        asked=tuple(_asked(n, line, e) for n, line in enumerate(e.lines, 1)),
        rule=_rule(e),
        authors="; ".join(f"{name}: {title}" for name, title in e.authors.items()),
        now=day(f.as_of, False) if f.as_of else "answer",
        before=day(e.before, False) if e.before else "",
        leans=tuple(_leans(e, numbers, passages)),
        change=tuple(signs(e, numbers, SIGNS)),
        dissent=(*dissent(e, 1, passages), *widest(e, numbers)),
        reports=tuple(_reported(e)),
        dates=tuple((day(when, False), what) for when, what in e.dates),
        unseen=tuple(unseen(e, passages, WRONG)),
        reading=_reading(f),
        command=_command(e),
    )


def _kicker(f: Forecast) -> str:
    known = f"as reported by {day(f.as_of)}" if f.as_of else "without later reports"
    return f"{f.title} · {span(f.first, f.last)} · {known}"


# ---- the bottom line -------------------------------------------------------------------------


def _bottom(e: Essentials) -> list[str]:
    """What the first answer is, and where the worlds stand in the end, if they climb anything."""
    none = "No question of the case is open any more."
    first = _answered(e.lines[0].answer, e.forecast) if e.lines else none
    ensemble = e.forecast.ensemble
    return [first, _ends(ensemble)] if bands.climbs(ensemble) else [first]


def _answered(a: Answer, f: Forecast) -> str:
    """`Unlikely: X between A and B in 27% of simulated worlds (1 in 4; sampling 25–28%).`"""
    assert a.interval is not None
    assert a.probability is not None
    known = f" given the reports up to {day(f.as_of)}" if f.as_of else ""
    worlds = f"the {a.worlds:,} worlds in which {a.given}" if a.given else "simulated worlds"
    sure = f"sampling {interval(a.interval)}"
    if 0.0 < a.probability < 1.0:
        share, sure = _spoken(share_of(a)), f"{odds(a.probability, a.worlds)}; {sure}"
    else:
        share = "none" if a.probability == 0.0 else "all"
        worlds = worlds if a.given else f"{a.worlds:,} simulated worlds"
    by = f" between {day(a.window[0])} and {day(a.window[1])}" if a.clause else ""
    said = a.clause or f"the answer to “{a.text}” is yes"
    lead = f"{_capital(a.words)}: {said}" if a.words else _capital(said)
    return f"{lead}{by} in {share} of {worlds}{known} ({sure})."


def _spoken(percent: str) -> str:
    return percent.replace("<", "fewer than ").replace(">", "more than ")


def _ends(ensemble: Ensemble) -> str:
    """Where on the ladder most worlds stand on the last day, and how many higher and lower."""
    _, band = bands.ladder(ensemble)
    shares = bands.rung_shares(band)
    last = shares[-1]
    common = int(last.argmax())
    worth = ensemble.effective or ensemble.worlds
    p = float(last[common])
    error = (p * (1 - p) / worth) ** 0.5
    on = day(ensemble.first + dt.timedelta(ensemble.days - 1))
    sides = []
    for q, words in (
        (float(last[common + 1 :].sum()), "higher"),
        (float(last[:common].sum()), "lower"),
    ):
        if q:
            sides.append(f"{_spoken(coarse(q, (q * (1 - q) / worth) ** 0.5))} {words}")
    others = f"; {', '.join(sides)}" if sides else ""
    return (
        f"On {on} {_spoken(coarse(p, error))} of worlds stand at “{band.levels[common]}”, rung "
        f"{common + 1} of {len(band.levels)}{others}."
    )


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


# ---- the rows --------------------------------------------------------------------------------


def _asked(number: int, line: Line, e: Essentials) -> Asked:
    a = line.answer
    assert a.probability is not None
    assert a.interval is not None
    of = f", of the {a.worlds:,} worlds in which {a.given}" if a.given else ""
    marks = [
        Mark(who, r.probability) for who, r in line.rivals.items() if r.probability is not None
    ]
    return Asked(
        number=number,
        text=a.text,
        window=span(*a.window),
        percent=share_of(a),
        words=a.words,
        detail=f"{interval(a.interval)}{of}",
        low=a.interval[0],
        middle=a.probability,
        high=a.interval[1],
        since=_since(line, e),
        rivals=_rivals(line),
        marks=tuple(sorted(marks, key=lambda m: m.at)),
    )


def _since(line: Line, e: Essentials) -> str:
    if e.before is None:
        return ""
    if line.since is None:
        return "not asked"
    old = coarse(line.since.before, line.since.error)
    if not line.since.news:
        return f"{old}, no clear change"
    return f"{old}, {points(line.since.difference, line.since.error)}"


def _rivals(line: Line) -> str:
    """What the model gives under the authors' premises, from the lowest to the highest. Both ends
    are told as finely as the less certain of them, so that they stand in their order; where that
    makes them one, as one."""
    found = [(who, a.probability, a) for who, a in line.rivals.items() if a.probability is not None]
    if not found:
        return ""
    known = sorted(found, key=lambda r: r[1])
    if len(known) == 1:
        return f"{known[0][0]} {share_of(known[0][2])}"
    (low, least, a), (high, most, b) = known[0], known[-1]
    error = max(a.mc_error or 0.0, b.mc_error or 0.0)
    ends = coarse(least, error), coarse(most, error)
    alike = "both" if len(known) == 2 else f"all {len(known)}"
    if ends[0] == ends[1]:
        return f"{alike} {ends[0]}"
    return f"{low} {ends[0]} to {high} {ends[1]}"


def _rule(e: Essentials) -> str:
    if not e.lines:
        return ""
    named = f"{e.marked} that the case marks as its headline" if e.marked else ""
    if e.marked < e.headlines:
        named = (
            f"the first {e.marked}, in the case’s order, of the {e.headlines} that it marks as its "
            "headline"
        )
    rest = len(e.lines) - e.marked
    more = f"{rest} that most passages raise" if rest else ""
    return f"Chosen by rule, of the open questions: {' and '.join(x for x in (named, more) if x)}."


def _leans(
    e: Essentials, numbers: Mapping[str, int], passages: Mapping[str, Passage]
) -> list[Point]:
    """What the answers lean on; that the first one leans on nothing, where that is so."""
    first = e.lines[0].answer.id if e.lines else ""
    none = first and all(x.question != first for x in e.leans)
    said = [Point("Answer 1", "is moved clearly by no single unknown.")] if none else []
    return [*said, *(leaning(x, numbers[x.question], passages) for x in e.leans)]


def _reported(e: Essentials) -> list[Point]:
    """What became known since the day before."""
    if e.before is None:
        return []
    out = [Point("", f"{r.report} ({r.source}).") for r in e.reports[:REPORTS]]
    more = len(e.reports) - len(out)
    if more:
        out.append(Point("", f"And {counted(more, 'report')} more: `offramp today` has all."))
    return out or [Point("", "Nothing.")]


# ---- the small print ---------------------------------------------------------------------------


def _reading(f: Forecast) -> str:
    worth = f.ensemble.effective or f.worlds
    conditioned = (
        f" that live through the {f.reports} reports known by {day(f.as_of)}, for every unknown "
        f"worth {worth:,.0f} independent ones or more"
        if f.as_of
        else ""
    )
    return (
        f"A percentage is a share of {f.worlds:,} simulated worlds{conditioned}; an interval is "
        "90%, for sampling alone: what the model leaves out is in none. A change or difference is "
        "told where it is beyond three standard errors. "
        f"Model {f.model_sha256[:12]}, seed {f.seed}, Offramp {f.version}."
    )


def _command(e: Essentials) -> str:
    f = e.forecast
    words = ["offramp", "page", f.case, "--worlds", str(f.worlds), "--seed", str(f.seed)]
    words += ["--as-of", f.as_of.isoformat()] if f.as_of else []
    words += ["--quick"] if e.failings is None else []
    return shlex.join(words)

"""Why the main actors choose, and what would be but for the central event, in words.

Each section is a value whose sentences the page and the paper set; a caption says by which rule
it is about these choices and this event.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from offramp.answers.forecast import among
from offramp.answers.sampling import mc_error
from offramp.answers.wording import coarse, day, number
from offramp.explain.main_actors import ACTORS
from offramp.explain.motives import PARTS, SEEN
from offramp.render.brief.points import named
from offramp.text.diagnostics import counted

if TYPE_CHECKING:
    from offramp.answers.forecast import Answer
    from offramp.explain.butfor import ButFor, Contrast
    from offramp.explain.central_event import Central
    from offramp.explain.essentials import Line
    from offramp.explain.main_actors import Apart
    from offramp.explain.motives import Move, Part
    from offramp.sources import Passage

CITED = 2  # passages of a part
LOOSE = (
    "* With new noise from that morning on no change of this sign is seen beyond its error: it may "
    "hang on how the two worlds share their noise."
)
MUTE = "Not told, since these suppose something or too few worlds meet their condition"
DOUBLED = "+0.7 doubles the odds against doing nothing, −0.7 halves them"

Cites = tuple[tuple[str, str], ...]  # `inss B23`, with what it says in our words


@dataclass(frozen=True)
class Weight:
    """One part of a choice: its size in words, and its bar, from `start` to `end` of a line from 0
    to 1 with nothing in its middle."""

    title: str
    size: str
    start: float
    end: float
    cites: Cites


@dataclass(frozen=True)
class Reason:
    """A choice taken apart: whose and what, of which worlds, why it is told, and its parts."""

    title: str
    how: str
    sentences: tuple[str, ...]
    parts: tuple[Weight, ...]
    rest: str
    cites: Cites


@dataclass(frozen=True)
class Reasons:
    """Why the main actors choose, and by which rule it is about these choices."""

    rule: str
    choices: tuple[Reason, ...]


@dataclass(frozen=True)
class Changed:
    """An answer of the page as it is and but for the central event."""

    number: int
    text: str
    actual: str
    but_for: str
    change: str


@dataclass(frozen=True)
class Without:
    """The answers of the page but for the central event."""

    event: str
    rule: str
    sentences: tuple[str, ...]
    rows: tuple[Changed, ...]
    notes: tuple[str, ...]
    cites: Cites


def _picked_by(as_of: date | None) -> str:
    """By which rule choices are taken apart, and how to read their parts."""
    morning = (
        "of the first month the one with the most openings for it"
        if as_of is None
        else f"that of {day(as_of)}"
    )
    return (
        f"One choice each of at most {number(ACTORS)} actors. Which move: the one that parts the "
        "worlds of an answer most by how often it is made, beyond three errors, the first answer "
        "going first; that tells where to look, not what causes what. Which morning: "
        f"{morning}, if most worlds can choose it then. A part of {DOUBLED}; ± is a standard error "
        "over worlds."
    )


def reasons(
    found: Sequence[Apart],
    numbers: Mapping[str, int],
    as_of: date | None,
    passages: Mapping[str, Passage],
) -> Reasons | None:
    """Why the main actors choose, in words; `numbers` are those of the answers. None of nobody."""
    told = tuple(_reason(x, numbers, as_of, passages) for x in found)
    return Reasons(_picked_by(as_of), told) if told else None


def _reason(
    x: Apart, numbers: Mapping[str, int], as_of: date | None, passages: Mapping[str, Passage]
) -> Reason:
    c, m = x.choice, x.move
    shown = _shown(m)
    free = round(m.available * c.worlds)
    largest = max((abs(p.mean) for p in shown), default=1.0)
    left = sum(p.mean for p in m.parts if p not in shown)
    small = len(m.parts) - len(shown)
    of = f"the reports up to {day(as_of)}" if as_of else "no report"
    return Reason(
        title=f"{c.title}: “{m.title}”",
        how=f"{day(c.date)} · {c.worlds} of {c.of:,} worlds that know {of}",
        sentences=(
            _turns(x, numbers[x.turning.question]),
            f"It could be chosen in {free} of the {c.worlds} worlds that morning; given an "
            f"opening it is, with probability {_sure(m.chosen, m.error)}.",
            f"Where it can be chosen, its log-odds against doing nothing are "
            f"{_signed(m.odds, m.odds_error)}, the sum of:",
        ),
        parts=tuple(_weight(p, free, largest, passages) for p in shown),
        rest=f"{counted(small, 'smaller part')}: {left:+.2f}".replace("-", "−") if small else "",
        cites=named(m.cites[:CITED], passages),
    )


def _shown(m: Move) -> tuple[Part, ...]:
    return tuple(p for p in m.parts if abs(p.mean) >= SEEN)[:PARTS]


def _turns(x: Apart, place: int) -> str:
    """Why this move: what the answer has to do with it."""
    t, s = x.turning, x.turning.shift
    if t.asked:
        return f"Answer {place} asks about it."
    often = "at all" if t.times == 0 else f"more than {counted(t.times, 'time')}"
    low, high = (coarse(p, s.error) for p in (s.before, s.after))
    return f"Answer {place} is {high} in worlds in which this happens {often}, {low} elsewhere."


def _weight(p: Part, worlds: int, largest: float, passages: Mapping[str, Passage]) -> Weight:
    """The bar ends at the edge for the largest part."""
    reach = 0.5 + 0.5 * p.mean / largest
    return Weight(
        title=f"{p.title[:1].upper()}{p.title[1:]}",
        size=_signed(p.mean, p.sd / math.sqrt(max(1, worlds - 1))),
        start=min(0.5, reach),
        end=max(0.5, reach),
        cites=named(p.passages[:CITED], passages),
    )


def _signed(x: float, error: float) -> str:
    """`+0.47 ± 0.02`"""
    return f"{x:+.2f} ± {max(error, 0.01):.2f}".replace("-", "−")


def _sure(p: float, error: float) -> str:
    """A probability and its error in points: `26% (± 2 points)`."""
    return f"{coarse(p, error)} (± {_points(error)})"


def _points(error: float) -> str:
    """`1.2 points`, with a figure or two that tell something; never 0."""
    e = max(0.01, 100.0 * error)
    return f"{e:.{_digits(e)}f} points"


def _digits(points: float) -> int:
    return 0 if points >= 2.0 else 1 if points >= 0.1 else 2


def without(
    x: Central,
    lines: Sequence[Line],
    numbers: Mapping[str, int],
    as_of: date | None,
    passages: Mapping[str, Passage],
) -> Without:
    """The answers of the page, `lines`, as they are and but for the central event."""
    b = x.found
    rows = {c.id: c for c in b.questions}
    answers = [line.answer for line in lines]
    told = [(a, rows[a.id]) for a in answers if a.id in rows]
    gone = [str(numbers[a.id]) for a in answers if a.id not in rows]
    loose = any(c.hangs_on_coupling for _, c in told)
    return Without(
        event=x.held.event.title,
        rule=_rule(x, as_of),
        sentences=(_held(x, as_of), *b.notes),
        rows=tuple(_changed(a, c, b, numbers[a.id]) for a, c in told),
        notes=(*((LOOSE,) if loose else ()), *((f"{MUTE}: {', '.join(gone)}.",) if gone else ())),
        cites=named(x.held.event.cites[:CITED], passages),
    )


def _rule(x: Central, as_of: date | None) -> str:
    why = {
        "dated": "a choice that the case itself dates",
        "reported": f"an event that was reported by {day(as_of)}" if as_of else "",
        "usual": "an event that happens in most worlds",
    }[x.held.why]
    most = f"; of {x.tried} such the one without which most answers change" if x.tried > 1 else ""
    return f"The central event is {why}{most}, and none that the answers ask about."


def _held(x: Central, as_of: date | None) -> str:
    b, title = x.found, f"“{x.held.event.title}”"
    if x.held.days:
        when = (
            " or ".join(map(day, x.held.days))
            if len(x.held.days) < 4
            else (f"its {len(x.held.days)} reported days from {day(x.held.days[0])} on")
        )
        off = f"{title} is held off on {when}, and may come on other days"
    elif x.held.event.days:
        off = f"{title} is held off, from the morning of {day(b.day)} on"
    else:
        off = f"{title} is held off on every day from {day(b.day)} on"
    of = (
        f"that know the reports up to {day(as_of)}"
        if as_of
        else "that know no report, drawn apart from those of the answers above"
    )
    return (
        f"Without it: {off}. The other events and choices keep their noise (Gumbel coupling), in "
        f"{b.worlds:,} pairs of worlds {of}."
    )


def _changed(a: Answer, c: Contrast, b: ButFor, number: int) -> Changed:
    worth = b.effective * c.worlds / b.worlds
    actual, but_for = (coarse(p, mc_error(p * worth, worth)) for p in (c.actual, c.but_for))
    of = f" ({among(c.worlds, b.worlds, a.given)} either way)" if a.given else ""
    return Changed(number, f"{a.text}{of}", actual, but_for, change(c))


def change(c: Contrast) -> str:
    """`−17.3 ± 0.9 points`; one within its error is none."""
    if not c.distinct:
        return f"none beyond its error (± {_points(c.mc_error)})"
    size = f"{100.0 * c.difference:+.{_digits(100.0 * c.mc_error)}f}".replace("-", "−")
    return f"{size} ± {_points(c.mc_error)}{'*' if c.hangs_on_coupling else ''}"


def passages_of(choices: Sequence[Apart], x: Central | None) -> Iterator[str]:
    """The passages that both sections name."""
    for one in choices:
        yield from one.move.cites[:CITED]
        for part in _shown(one.move):
            yield from part.passages[:CITED]
    if x is not None:
        yield from x.held.event.cites[:CITED]

"""What to watch for, in words: for a terminal and for a document."""

from __future__ import annotations

from collections.abc import Iterable

from offramp.answers.wording import day, percent
from offramp.explain.information import Worth
from offramp.explain.signposts import Collect, Signpost, Watchlist, points, told_share

LEGEND = (
    "A sign is judged among the worlds in which the question is still open on its evening; the "
    "answer there is what becomes another. Drop: of the expected Brier score, by watching for the "
    "sign alone, and beside the signs above it; corrected for luck. Useful from: the first evening "
    "looked at on which it is worth four fifths of that. ±: one Monte Carlo error, of answers in "
    "points."
)


def figures(s: Signpost, w: Watchlist, number: int) -> str:
    beside = f", {size(s.beyond)} beside those above" if number > 1 else ""
    say = f"Drop {size(s.drop)}{beside}; useful from {day(s.useful_from, year=False)}"
    if not s.alarm:
        return f"{say}; no alarm."
    when = "by its silence" if s.by_silence else "when it is first seen"
    return (
        f"{say}. As an alarm {when}, raised in {told_share(s.raised)} of worlds: "
        f"{percent(1.0 - s.then.value)} ± {points(s.then.error)} of them false, and of the yeses "
        f"{told_share(s.warned)} warned of."
    )


def alarm(w: Watchlist) -> str:
    """`Alarm: an answer above 40%.`: what answer of a world with a sign counts as one."""
    return f"Alarm: an answer above {level(w.level)}."


def level(p: float) -> str:
    """A level of alarm, no coarser than somebody would give it: 0.4%, 40%, 99.5%."""
    return f"{100 * p:.2g}%" if p < 0.99 else f"{100 * p:.3g}%"


def no_sign(why: str, titles: Iterable[str], more: int = 0) -> str:
    """What cannot be a sign, and why; `more` that are not named."""
    named = ", ".join(f"“{title}”" for title in titles)
    return f"No sign ({why}): {named}{f' and {more} more' if more else ''}."


def size(w: Worth) -> str:
    return f"{figure(w.drop)} ± {figure(w.error)}"


def figure(x: float) -> str:
    """`.0091`"""
    return f"{x:.4f}".replace("0.", ".", 1)


def collected(c: Collect, w: Watchlist) -> str:
    """What an unknown is worth to know, now and after the signs, and where it stands."""
    cites = f" [{', '.join(c.passages)}]" if c.passages else ""
    left = f", after the signs {size(c.left)}" if w.signs else ""
    return f"{c.title} ({c.unknown}): known now it is worth {size(c.drop)}{left}{cites}"

"""One event reported twice: rows that say so, and rows that look like it.

Two papers on one strike are one strike. A row says by `same_as:` of which other row it tells the
same; a run, a count and a resolution then see one report (`reports.together`). Rows that nobody has
compared are counted as events of their own, so those that may be doubles are warned of.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from offramp.case.record import Days, Report, common_days, together
from offramp.text.diagnostics import Diagnostics, suggestion

DAY = dt.timedelta(days=1)
ANOTHER = "no"  # in same_as: it looks like another row's event, and is one of its own


def doubles(reports: list[Report], found: Diagnostics) -> list[Report]:
    """The reports without those whose `same_as:` cannot hold; each of these is an error."""
    known = {r.id: r for r in reports if not r.same_as}
    told: dict[str, list[Report]] = {}
    kept = []
    for r in reports:
        first = known.get(r.same_as)
        if not r.same_as:
            kept.append(r)
        elif first is None:
            chain = next((x for x in reports if x.id == r.same_as), None)
            found.error(
                r.span,
                "same-as",
                f"'{r.id}' tells of the same as '{r.same_as}', "
                + (
                    f"which itself tells of the same as '{chain.same_as}'"
                    if chain
                    else "and there is no such report"
                ),
                f"name the first of them, '{chain.same_as}'"
                if chain
                else suggestion(r.same_as[:40], known, "reports"),
            )
        elif wrong := _differs([first, *told.get(first.id, [])], r):
            found.error(
                r.span,
                "same-as",
                f"'{r.id}' cannot tell of the same as '{first.id}': {wrong[0]}",
                wrong[1],
            )
        else:
            told.setdefault(first.id, []).append(r)
            kept.append(r)
    return kept


def _differs(others: list[Report], r: Report) -> tuple[str, str] | None:
    """What a report has otherwise than those of which it is to be one, and what to do."""
    first, one = others[0], together(others)
    if r.kind != first.kind or r.what != first.what:
        return (
            f"'{first.what}' ({first.kind}) there, '{r.what}' ({r.kind}) here",
            "leave same_as empty: these are two things",
        )
    if r.actor and one.actor and r.actor != one.actor:
        return f"'{one.actor}' did it there, '{r.actor}' here", "leave same_as empty, or mend one"
    if r.kind == "quantity" and (r.relation, r.value, r.error) != (
        first.relation,
        first.value,
        first.error,
    ):
        return (
            "their values or errors differ",
            "two measurements are two reports: leave same_as empty",
        )
    if r.outcome and one.outcome and r.outcome != one.outcome:
        return (
            f"'{one.outcome}' came of it there, '{r.outcome}' here",
            f"write '{r.what}' without an outcome where the sources disagree",
        )
    if not common_days(one.when, r.when):
        return (
            f"they have no day in common ({shown(one.when)} there, {shown(r.when)} here)",
            "where the sources give different days, write all of them in both rows, as in "
            f"{first.first}|{r.first}",
        )
    return None


def lookalikes(reports: list[Report], distinct: Collection[str], found: Diagnostics) -> None:
    """Warns of rows of the same event (or value of a quantity) and actor by different sources,
    any days of which, alternative ones included, overlap or touch. A source that tells of both
    tells them apart; `distinct` are the rows that say they are no other's event."""
    sources: dict[str, set[str]] = {}
    for r in reports:
        sources.setdefault(r.about, set()).add(r.source)
    before: dict[tuple[str, str], list[Report]] = {}
    for b in reports:
        earlier = before.setdefault((b.kind, b.what), [])
        alike = (
            a
            for a in earlier
            if a.source != b.source
            and a.about != b.about
            and sources[a.about].isdisjoint(sources[b.about])
            and _alike(a, b)
        )
        a = None if b.kind == "outside" or b.id in distinct else next(alike, None)
        if a is not None:
            found.warning(
                b.span,
                "double",
                f"'{b.id}' looks like '{a.id}' of line {a.span.line} told by another source "
                f"('{b.what}', {shown(a.when)} there, {shown(b.when)} here): they count as two",
                f"if they are one, write `{a.about}` under same_as, an optional last column; if "
                f"not, write `{ANOTHER}` there",
            )
        earlier.append(b)


def _alike(a: Report, b: Report) -> bool:
    """Of one event or quantity: whether nothing that they say speaks against their being one."""
    if a.actor and b.actor and a.actor != b.actor:
        return False
    if a.kind == "event" and a.first == b.last and not (a.disputed or b.disputed):
        return False  # an event happens once a day: that is an error already
    if a.kind == "quantity" and (a.relation, a.value) != (b.relation, b.value):
        return False
    if a.outcome and b.outcome and a.outcome != b.outcome:
        return False
    return any(x.first <= y.last + DAY and y.first <= x.last + DAY for x in a.when for y in b.when)


def shown(when: tuple[Days, ...]) -> str:
    """The readings of a date as history.csv writes them, without their chances."""
    return "|".join(str(d.first) if d.first == d.last else f"{d.first}/{d.last}" for d in when)

"""What the record would show: reporting.yaml, each mistake with its place."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterator

from offramp.case.core import Core
from offramp.case.record import Coverage, History
from offramp.language.crisis import Event
from offramp.language.equality import HALF
from offramp.language.expressions import Number, Operation, walk
from offramp.language.kinds import DAYS, NUMBER, constant
from offramp.language.readers import Readers
from offramp.text.csv import short
from offramp.text.diagnostics import Diagnostics, Span, suggestion
from offramp.text.tree import Mapping, Node, Text

FILE = "reporting.yaml"
TOP = ("reporting", "until", "delay", "prompt")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def read_reporting(case: Core, found: Diagnostics) -> History:
    """A record without reports: how surely each event would be reported from which day on, the end
    of the record, and how late reports are. Without the file nothing is followed."""
    nothing = History((), ())
    if not case.texts.has(FILE):
        return nothing
    before = len(found.errors)
    root = case.texts.tree(FILE, found)
    if root is None:
        if len(found.errors) == before:
            found.error(
                Span(case.texts.source(FILE), 1, 1), "empty", "the file is empty", _REPORTING
            )
        return nothing
    readers = Readers(found, frozenset(case.passages), case.phrases)
    readers.known(root, TOP, "a file of reporting")
    node = root.get("reporting")
    if not isinstance(node, Mapping):
        place = root.span if node is None else node.span
        found.error(place, "missing", "there is nothing under `reporting:`", _REPORTING)
        return nothing
    events = {e.name: e for e in case.crisis.events}
    entries = [
        coverage
        for key, value in node
        if _listed(key, events, found)
        for coverage in _entry(key, value, case, readers)
    ]
    coverage = tuple(sorted(entries, key=lambda c: (c.event, c.since)))
    until = _until(root.get("until"), case, found)
    delay = _delay(root.get("delay"), readers)
    return History((), coverage, until, delay, _prompt(root.get("prompt"), delay, root, readers))


def _delay(node: Node | None, readers: Readers) -> int:
    """`delay:`, a whole number of days with its basis; without it reports come the same day."""
    if node is None:
        return 0
    claim = readers.claim(node, "the delay of reports", DAYS, marked=True)
    days = constant(claim.expression) if claim is not None else None
    if days is None:
        return 0
    if days != int(days) or not 0 <= days <= 60:
        readers.found.error(
            node.span,
            "delay",
            "a delay is a whole number of days, 60 at most",
            "as in `delay: 1d ? the press had it by the next day`",
        )
        return 0
    return int(days)


def _prompt(node: Node | None, delay: int, root: Mapping, readers: Readers) -> float:
    """`prompt:`, the share of reports that are known before the delay is over, with its basis."""
    example = "as in `prompt: .8 ? four reports in five were known on the day itself`"
    if node is None:
        if delay > 0:
            readers.found.error(
                root.span,
                "prompt",
                "a file with `delay:` says which share of the reports is known earlier than that",
                example,
            )
        return 1.0
    claim = readers.claim(node, "the share of prompt reports", NUMBER, marked=True, share=True)
    share = constant(claim.expression) if claim is not None else None
    if share is not None and share == 0.0:
        readers.found.error(node.span, "prompt", "some reports are prompt", example)
        return 1.0
    return 1.0 if share is None else share


def _until(node: Node | None, case: Core, found: Diagnostics) -> dt.date:
    """`until:`, the last day of the record; without it the record goes on."""
    if node is None:
        return dt.date.max
    day = day_of(node) if isinstance(node, Text) else None
    if day is None or day < case.crisis.first:
        found.error(
            node.span,
            "dates",
            "`until:` is the last day of the record",
            f"a date from {case.crisis.first} on, as in {case.crisis.last}",
        )
        return dt.date.max
    return day


_REPORTING = "as in `reporting:` and below it `  rocket: .9 ? the press counted each`"


def _listed(key: Text, events: dict[str, Event], found: Diagnostics) -> bool:
    event = events.get(key.value)
    if event is None:
        found.error(
            key.span,
            "unknown-event",
            f"there is no event '{short(key.value)}'",
            suggestion(key.value[:80], events, "events"),
        )
    elif event.private and not event.shown:
        found.error(
            key.span,
            "private",
            f"'{event.name}' is private: no report of it is possible",
            "leave it out, or give it `shown:` in the crisis",
        )
    elif event.takes is not None and lead_of(event) is None:
        found.error(
            key.span,
            "lead-time",
            f"'{event.name}' has a lead time that is not a "
            "constant, so silence cannot be dated to a decision",
            "write `takes:` as a number of days, or leave it out here",
        )
    else:
        return True
    return False


def _entry(key: Text, value: Node, case: Core, readers: Readers) -> Iterator[Coverage]:
    """One chance from the first day on, or one from each of several days on."""
    first, last = case.crisis.first, case.crisis.last
    if not isinstance(value, Mapping):
        yield from _chance(key, value, first, readers)
        return
    for day, chance in value:
        since = day_of(day)
        if since is None:
            readers.found.error(
                day.span,
                "not-a-date",
                f"'{short(day.value)}' is not a date",
                f"as in {{{first}: .9 ? why}}",
            )
        elif not first <= since <= last:
            readers.found.error(
                day.span,
                "dates",
                f"{since} lies outside the crisis",
                f"the crisis runs from {first} to {last}",
            )
        else:
            yield from _chance(key, chance, since, readers)


def day_of(day: Text) -> dt.date | None:
    try:
        return dt.date.fromisoformat(day.value) if DAY.fullmatch(day.value) else None
    except ValueError:
        return None


def _chance(key: Text, value: Node, since: dt.date, readers: Readers) -> Iterator[Coverage]:
    what = f"the chance that '{key.value}' is reported"
    before = len(readers.found.errors)
    claim = readers.claim(value, what, NUMBER, marked=True, share=True)
    if claim is None or len(readers.found.errors) > before:
        return
    chance = constant(claim.expression)
    parts = walk(claim.expression)
    basis = next((p.basis for p in parts if isinstance(p, Number) and p.basis), None)
    if chance is None or basis is None or isinstance(claim.expression, Operation):
        readers.found.error(
            claim.span, "not-fixed", f"{what} is a single number", "as in .9 ? listed by the press"
        )
        return
    yield Coverage(key.value, since, chance, basis, claim.span)


def lead_of(event: Event) -> int | None:
    """Days from the decision to the event; None where that is not a constant."""
    if event.takes is None:
        return 0
    value = constant(event.takes.expression)
    return None if value is None else math.floor(value + HALF)  # as in the engine

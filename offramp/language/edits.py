"""Edits of a crisis: what a policy does, what a but-for takes away, what a causal claim turns.

The do of Pearl (2009, Causality): a mechanism is replaced, everything else stays, the dice too.
Seven verbs (docs/language.md, Edits):

    never:   [us.withdraw]                  it does not happen
    force:   {us.assure: [2020-03-01]}      it happens on these days, and on no other; who sees a
                                            move forced takes it for a choice, and learns from it
                                            (of two of one agenda that share a day, from the
                                            first only)
    outcome: {iran.missiles: killed}        whenever it happens, it turns out so
    set:     {c: .9 ~A94, alert: 0 ? why}   an unknown is this, a quantity starts here
    hold:    {us_home: .2 ? why}            a quantity stays here, whatever happens
    cost:    {us.strike: 2 ? why}           so much more (or less) does it cost who chooses it
    urge:    {us.assure: 3 ? why}           so much more is it wanted, on the scale of log-odds
    rate:    {airliner: 2 ? why}            so many times as often does chance bring it

`from:` lets never, cost, urge and rate begin on a later day. A new number is ours or its own
passages': an edit never inherits the citation of what it replaces.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from offramp.language.crisis import Crisis, Event, Option, Outcome, State, Unknown
from offramp.language.expressions import (
    Basis,
    Date,
    Expression,
    Number,
    Operation,
    Ref,
    SourcedValue,
    parse_claim,
)
from offramp.language.kinds import NUMBER, constant
from offramp.language.readers import Readers
from offramp.text.diagnostics import Diagnostics, Span
from offramp.text.tree import Node, Sequence, Text

Verb = Literal["never", "force", "outcome", "set", "hold", "cost", "urge", "rate"]
VERBS: tuple[Verb, ...] = ("never", "force", "outcome", "set", "hold", "cost", "urge", "rate")
KEYS = ("from", *VERBS)
LATER: tuple[Verb, ...] = ("never", "cost", "urge", "rate")  # what `from:` can put off
UNBOUND = ("clock", "count")  # kinds of quantity that count by themselves and cannot be held


@dataclass(frozen=True)
class Edit:
    """One intervention: what is done to which event, quantity or unknown.

    outcome   the outcome that is forced, or the named value that an unknown is set to
    dates     of `force`; for `never`, the only days on which it does not happen (none: always)
    marks     the basis of each of the dates, in their order; none where nobody wrote one
    amount    of set, hold, cost, urge and rate
    start     first day of the edit; None for the crisis's first
    """

    verb: Verb
    target: str
    outcome: str = ""
    dates: tuple[dt.date, ...] = ()
    marks: tuple[Basis | None, ...] = ()
    amount: SourcedValue | None = None
    start: dt.date | None = None
    span: Span = Span("edit", 1, 1)  # noqa: RUF009 (immutable)

    @property
    def passages(self) -> tuple[str, ...]:
        """The passages that the new number or the dates cite."""
        own = self.amount.passages if self.amount else ()
        return tuple(dict.fromkeys([*own, *(p for b in self.marks if b for p in b.passages)]))

    @property
    def words(self) -> str:
        """`never us.withdraw`, `set c = .9 ~A94`: one line for a table."""
        since = f" from {self.start}" if self.start else ""
        if self.verb == "never":
            days = f" on {', '.join(map(str, self.dates))}" if self.dates else ""
            return f"never {self.target}{days}{since}"
        if self.verb == "force":
            which = f"{self.target}.{self.outcome}" if self.outcome else self.target
            return f"force {which} on {', '.join(map(str, self.dates))}"
        value = self.amount.text if self.amount else self.outcome
        sign = {"cost": "+", "urge": "+", "rate": "x"}.get(self.verb, "=")
        return f"{self.verb} {self.target} {sign} {value}{since}"


def read_edits(
    node: Node | None,
    crisis: Crisis,
    readers: Readers,
    one_of_two: bool = False,
    key: str = "do",
) -> tuple[Edit, ...]:
    """The edits under a `do:`, or another `key`. `readers` know the crisis; findings go to theirs,
    and an edit with an error is left out. An edit that changes nothing is an error, unless it is
    `one_of_two`: the one of two arms that are compared may say in words how things are."""
    root = readers.mapping(node, f"'{key}:'", node.span if node else Span("edit", 1, 1))
    readers.known(root, KEYS, f"{'an' if key == 'if' else 'a'} `{key}:`")
    reader = _Reader(crisis, readers)
    began = reader.date(root.get("from"), "`from:`") if root.get("from") else None
    start = began.value if began else None
    if start is not None and not crisis.first <= start <= crisis.last:
        readers.found.error(
            (root.key("from") or Text("", root.span)).span,
            "dates",
            f"{start} is outside the crisis",
            f"a day from {crisis.first} to {crisis.last}",
        )
    made = []
    for name, value in root:
        if name.value not in VERBS:
            continue
        verb = name.value
        if start is not None and verb not in LATER:
            readers.found.error(
                name.span,
                "later",
                f"`{verb}:` cannot begin on a later day",
                f"`from:` goes with {', '.join(LATER)}; `force:` has its own dates",
            )
            continue
        for target, amount in reader.targets(verb, value):
            edit = reader.edit(verb, target, amount)
            if edit is not None:
                made.append(replace(edit, start=start))
    check_together(tuple(made), readers.found)
    for edit in () if one_of_two else made:
        why = idle(edit, crisis, crisis.first)
        if why is not None:
            readers.found.error(edit.span, "moot", *why)
    return tuple(made)


class _Reader:
    def __init__(self, crisis: Crisis, readers: Readers) -> None:
        self.readers, self.found = readers, readers.found
        self.events = {e.name: e for e in crisis.events}
        self.states = {s.name: s for s in crisis.states}
        self.unknowns = {u.name: u for u in crisis.unknowns}
        self.first, self.last = crisis.first, crisis.last

    def targets(self, verb: Verb, value: Node) -> Iterator[tuple[Text, Node]]:
        if verb == "never":
            for name in self.readers.names(value, "never"):
                yield name, name
            return
        yield from self.readers.mapping(value, f"'{verb}:'", value.span)

    def edit(self, verb: Verb, target: Text, value: Node) -> Edit | None:
        if verb in ("set", "hold"):
            return self.value(verb, target, value)
        name, dot, outcome = target.value, "", ""
        if verb == "force" and name not in self.events:
            name, dot, outcome = name.rpartition(".")
        event = self.events.get(name)
        if event is None or (dot and not outcome):
            self.readers.unknown_name(target, self.events, "event")
            return None
        if verb == "never":
            return Edit(verb, name, span=target.span)
        if verb == "force":
            return self.force(event, outcome, target, value)
        if verb == "outcome":
            if event.vote is not None:
                self.found.error(
                    target.span,
                    "edit",
                    f"'{name}' is a vote: its members decide",
                    f"`force: {{{name}.carried: a date}}`",
                )
                return None
            text = self.readers.text(value, f"outcome of '{name}'")
            if text is None or not self.turns_out(event, text.value, text.span):
                return None
            return Edit(verb, name, text.value, span=target.span)
        if verb == "rate" and event.rate is None:
            self.found.error(
                target.span,
                "edit",
                f"'{name}' does not come by chance: no rate",
                "`urge:` or `cost:` for what somebody chooses",
            )
            return None
        if verb in ("cost", "urge") and not event.chosen:
            self.found.error(
                target.span,
                "edit",
                f"no actor chooses '{name}', so it has no {verb}",
                "rate, for what chance brings; or never, force",
            )
            return None
        amount = self.readers.claim(value, f"{verb} of '{name}'", NUMBER)
        times = constant(amount.expression) if amount is not None and verb == "rate" else None
        if amount is not None and times is not None and times < 0:
            self.found.error(
                amount.span,
                "bounds",
                f"'{name}' cannot come {amount.text} times as often",
                "0 or more; below 1 is less often",
            )
            return None
        return None if amount is None else Edit(verb, name, amount=amount, span=target.span)

    def force(self, event: Event, outcome: str, target: Text, value: Node) -> Edit | None:
        if outcome and not self.turns_out(event, outcome, target.span):
            return None
        if event.vote is not None and not outcome:
            self.found.error(
                target.span,
                "edit",
                f"'{event.name}' is a vote: force how it ends",
                f"{event.name}.carried or {event.name}.lost",
            )
            return None
        items = value.items if isinstance(value, Sequence) else (value,)
        dates = [self.date(item, f"force '{event.name}'") for item in items]
        for k, (item, date) in enumerate(zip(items, dates, strict=True)):
            if date is not None and date.value in [d.value for d in dates[:k] if d is not None]:
                self.found.error(
                    item.span, "twice", f"{date.value} stands twice", "an event happens once a day"
                )
        for item, date in zip(items, dates, strict=True):
            if date is not None and not self.first <= date.value <= self.last:
                self.found.error(
                    item.span,
                    "dates",
                    f"{date.value} is outside the crisis",
                    f"a day from {self.first} to {self.last}",
                )
        if not dates:
            self.found.error(
                value.span,
                "dates",
                f"'{event.name}' is forced on no day",
                f"a list of days, or `never: [{event.name}]`",
            )
        if not dates or None in dates:
            return None
        marks = {d.value: d.basis for d in dates if d is not None}
        days = tuple(sorted(marks))
        return Edit(
            "force", event.name, outcome, days, tuple(marks[d] for d in days), span=target.span
        )

    def turns_out(self, event: Event, outcome: str, span: Span) -> bool:
        names = outcomes(event)
        if outcome in names:
            return True
        what = f"'{event.name}' cannot turn out '{outcome}'"
        self.found.error(span, "unknown-outcome", what, ", ".join(names) or "it has no outcomes")
        return False

    def value(self, verb: Verb, target: Text, value: Node) -> Edit | None:
        name = target.value
        unknown, state = self.unknowns.get(name), self.states.get(name)
        if unknown is not None and verb == "set":
            return self.unknown(unknown, target, value)
        if state is None:
            known = {**self.states, **(self.unknowns if verb == "set" else {})}
            self.readers.unknown_name(target, known, "quantity")
            return None
        if verb == "hold" and state.kind in UNBOUND:
            self.found.error(
                target.span,
                "edit",
                f"the {state.kind} '{name}' cannot be held",
                "only what does not count by itself can",
            )
            return None
        kind, before = self.readers.scope.states[name], len(self.found.errors)
        amount = self.readers.claim(value, f"{verb} '{name}'", kind, marked=True)
        if amount is None or len(self.found.errors) > before:
            return None
        number = constant(amount.expression)
        if number is None or not state.low <= number <= state.high:
            where = "a number" if number is None else f"from {state.low:g} to {state.high:g}"
            self.found.error(amount.span, "bounds", f"'{name}' cannot be {amount.text}", where)
            return None
        return Edit(verb, name, amount=amount, span=target.span)

    def unknown(self, unknown: Unknown, target: Text, value: Node) -> Edit | None:
        text = self.readers.text(value, f"set '{unknown.name}'")
        claim = parse_claim(text, self.found) if text is not None else None
        if claim is None or text is None:
            return None
        if unknown.options:
            names = [o.name for o in unknown.options]
            name = getattr(claim.expression, "name", "")
            if name not in names:
                self.found.error(
                    text.span,
                    "edit",
                    f"'{unknown.name}' has no value '{text.value}'",
                    f"one of {', '.join(names)}",
                )
                return None
            self.readers.bases(claim.bases)
            return Edit("set", unknown.name, name, amount=claim, span=target.span)
        before = len(self.found.errors)
        checked = self.readers.check(claim, f"set '{unknown.name}'", NUMBER, marked=True)
        if checked is None or len(self.found.errors) > before:
            return None
        number = constant(checked.expression)
        share = unknown.prior in ("share", "says")
        low = constant(unknown.low.expression) if unknown.low is not None else None
        wanted, fits = "a number", number is not None
        if number is not None and share:
            wanted, fits = "a number from 0 to 1", 0 <= number <= 1
        elif number is not None and unknown.prior == "scale":
            wanted, fits = "a number above 0", number > 0
        elif number is not None and low is not None and unknown.prior == "between" and low >= 0:
            wanted, fits = "0 or more", number >= 0
        if not fits:
            self.found.error(
                text.span, "bounds", f"'{unknown.name}' cannot be {text.value}", wanted
            )
            return None
        return Edit("set", unknown.name, amount=checked, span=target.span)

    def date(self, node: Node | None, what: str) -> Date | None:
        """A date with its basis, if it has one."""
        text = self.readers.text(node, what)
        claim = parse_claim(text, self.found) if text is not None else None
        if claim is None or text is None:
            return None
        if not isinstance(claim.expression, Date):
            self.found.error(text.span, "kind", f"{what} wants a date", "as in 2020-02-21")
            return None
        self.readers.bases(claim.bases)
        return claim.expression


def outcomes(event: Event) -> tuple[str, ...]:
    """The names of the ways in which an event may turn out."""
    return ("carried", "lost") if event.vote else tuple(o.name for o in event.outcomes)


def check_together(edits: tuple[Edit, ...], found: Diagnostics) -> None:
    """Two edits of one thing are a mistake where the one undoes the other: by one verb, an event
    both forced and forbidden, a quantity both started and held; and what never happens, or only
    when it is forced, has no rate, cost or urge to change."""
    seen: dict[tuple[str, str], Edit] = {}
    for e in edits:
        group = _GROUPS.get(e.verb, e.verb)
        other = seen.setdefault((group, e.target), e)
        if other is not e:
            found.error(
                e.span,
                "twice",
                f"'{e.target}' is edited twice: {other.words}; {e.words}",
                "keep one of the two",
            )
    for e in edits:
        whole = seen.get(("event", e.target))
        if whole is None or e.verb not in ("outcome", "cost", "urge", "rate"):
            continue
        if e.verb == "outcome" and whole.verb == "force" and not whole.outcome:
            continue
        why = {"never": "it never happens", "force": "it is forced"}[whole.verb]
        turn = e.verb == "outcome" and whole.verb == "force"
        found.error(
            e.span,
            "moot",
            f"`{e.words}` does nothing: {why} ({whole.words})",
            f"say how it turns out in one of the two: {e.target}.{e.outcome}"
            if turn
            else "keep one of the two",
        )


def idle(edit: Edit, crisis: Crisis, begins: dt.date) -> tuple[str, str] | None:
    """Why an edit that takes over on the morning of `begins` changes nothing, or not what it says,
    and what would; None where nothing of the kind can be told from the file. A forced day that is
    past by then would silently forbid the event instead."""
    event = next((e for e in crisis.events if e.name == edit.target), None)
    words = f"`{edit.words}`"
    if edit.verb in ("set", "hold"):
        return _stays(edit, crisis)
    if event is None:
        return None
    if edit.verb == "force":
        past = [d for d in edit.dates if d < begins]
        if past:
            gone = ", ".join(map(str, past))
            return (
                f"{words} cannot be done: worlds stay as they were until {begins}, and {gone} "
                f"{'is' if len(past) == 1 else 'are'} before that",
                f"days from {begins} on, or an earlier beginning",
            )
        if not edit.outcome and event.when is None and set(edit.dates) == set(own_days(event)):
            return f"{words} does nothing: it comes on those days anyway", "other days"
        return None
    if event.when is not None and constant(event.when.expression) == 0.0:
        return f"{words} does nothing: '{event.name}' can never happen", "take it out"
    own = own_days(event)
    since = max(begins, edit.start) if edit.start else begins
    if own and max(own) < since:
        gone = ", ".join(map(str, own))
        return (
            f"{words} does nothing: '{event.name}' has its day on {gone}, and the edit begins "
            f"on {since}",
            "an earlier day to begin on",
        )
    if edit.verb == "outcome":
        sure = next((o.chance for o in event.outcomes if o.name == edit.outcome), None)
        if sure is not None and (constant(sure.expression) or 0.0) >= 1.0:
            return f"{words} does nothing: it turns out so anyway", "another outcome"
    value = constant(edit.amount.expression) if edit.amount is not None else None
    if edit.verb in ("cost", "urge") and value == 0.0:
        return f"{words} does nothing: it adds 0", "a number above 0, or below"
    if edit.verb == "rate" and value == 1.0:
        return f"{words} does nothing: once as often is as often as before", "2 is twice as often"
    return None


def own_days(event: Event) -> tuple[dt.date, ...]:
    """The days on which an event comes by the calendar, where these are all that it has."""
    dated = event.dates
    if event.vote is not None:
        dated = (event.vote.date,) if event.vote.date is not None else ()
    days = [c.expression.value for c in dated if isinstance(c.expression, Date)]
    return tuple(sorted(days)) if len(days) == len(dated) else ()


def _stays(edit: Edit, crisis: Crisis) -> tuple[str, str] | None:
    """Of a quantity that already starts there, or is held where nothing moves it."""
    state = next((s for s in crisis.states if s.name == edit.target), None)
    if state is None or state.start is None or edit.amount is None:
        return None
    value = constant(edit.amount.expression)
    if value is None or constant(state.start.expression) != value:
        return None
    if edit.verb == "set":
        return f"`{edit.words}` does nothing: '{state.name}' starts there", "another value"
    moved = (
        state.fades is not None
        or state.kind in UNBOUND
        or any(
            x.quantity == state.name
            for e in crisis.events
            for x in (*e.does, *(x for o in e.outcomes for x in o.does))
        )
    )
    if moved:
        return None
    return f"`{edit.words}` does nothing: '{state.name}' stays there anyway", "another value"


_GROUPS = {"never": "event", "force": "event", "set": "value", "hold": "value"}


# ---- doing it ----------------------------------------------------------------------------


def edited(crisis: Crisis, edits: tuple[Edit, ...]) -> Crisis:
    """The crisis after the edits. The order and names of all elements stay, and with them the dice.

    A held quantity leaves the list of what is shown, since it has no course to show.
    """
    for edit in edits:
        crisis = _DO[edit.verb](crisis, edit)
    return crisis


def _event(crisis: Crisis, edit: Edit, change: Callable[[Event], Event]) -> Crisis:
    events = tuple(change(e) if e.name == edit.target else e for e in crisis.events)
    return replace(crisis, events=events)


def _never(crisis: Crisis, edit: Edit) -> Crisis:
    def change(e: Event) -> Event:
        if edit.dates:
            allowed: Expression = _no(edit)
            for day in edit.dates:
                other = Operation("!=", (_today(edit), Date(day, None, edit.span)), edit.span)
                allowed = (
                    other
                    if isinstance(allowed, Ref)
                    else Operation("and", (allowed, other), edit.span)
                )
        else:
            allowed = _before(edit) if edit.start else _no(edit)
        if e.when is None:
            return replace(e, when=SourcedValue(allowed, (), edit.words, edit.span))
        if isinstance(allowed, Ref):  # never at all: the condition goes, and its marks with it
            return replace(e, when=SourcedValue(allowed, (), edit.words, edit.span))
        both = Operation("and", (e.when.expression, allowed), edit.span)
        return replace(e, when=replace(e.when, expression=both))

    return _event(crisis, edit, change)


TEACHES = 2  # the version of the language from which a forced move is seen as a choice


def _force(crisis: Crisis, edit: Edit) -> Crisis:
    marks = edit.marks or (None,) * len(edit.dates)
    dates = tuple(
        SourcedValue(Date(d, mark, edit.span), (mark,) if mark else (), str(d), edit.span)
        for d, mark in zip(edit.dates, marks, strict=True)
    )

    own = next(e for e in crisis.events if e.name == edit.target)
    teaches = own.as_choice or (crisis.language >= TEACHES and own.alone)
    # An agenda has one dated choice a day. A move that is forced on the day of another happens as
    # a plain date, on all of its days: an event is one thing or the other.
    seen = teaches and not any(_same_morning(e, own, edit.dates) for e in crisis.events)

    def change(e: Event) -> Event:
        forced = _turned_out(e, edit) if edit.outcome else e
        again = SourcedValue(Number(0.0, "d", None, edit.span), (), "0d", edit.span)
        return replace(
            forced,
            dates=dates,
            as_choice=seen,
            takes=None if teaches else e.takes,
            when=None,
            rate=None,
            clock=None,
            vote=None,
            consent=(),
            once=False,
            pause=again if e.once or e.pause is not None else None,
        )

    events = (
        replace(e, words=tuple(w for w in e.words if w != edit.target)) for e in crisis.events
    )
    return _event(replace(crisis, events=tuple(events)), edit, change)


def _same_morning(other: Event, own: Event, days: Iterable[dt.date]) -> bool:
    """Whether another dated choice of the same agenda falls on one of the days."""
    return (
        other.as_choice
        and other.name != own.name
        and (other.by, other.agenda) == (own.by, own.agenda)
        and not set(days).isdisjoint(other.days)
    )


def _outcome(crisis: Crisis, edit: Edit) -> Crisis:
    return _event(crisis, edit, lambda e: _turned_out(e, edit))


def _turned_out(e: Event, edit: Edit) -> Event:
    def chance(o: Outcome) -> SourcedValue:
        value = 1.0 if o.name == edit.outcome else 0.0
        return SourcedValue(Number(value, "", None, edit.span), (), f"{value:g}", edit.span)

    return replace(e, outcomes=tuple(replace(o, chance=chance(o)) for o in e.outcomes))


def _set(crisis: Crisis, edit: Edit) -> Crisis:
    def unknown(u: Unknown) -> Unknown:
        if u.name != edit.target:
            return u
        if u.options:
            options = tuple(
                Option(
                    o.name,
                    SourcedValue(
                        Number(float(o.name == edit.outcome), "", None, edit.span),
                        (),
                        "set",
                        edit.span,
                    ),
                )
                for o in u.options
            )
            return replace(u, options=options, bases=_bases(edit), cites=())
        return replace(
            u,
            prior="between",
            low=edit.amount,
            high=edit.amount,
            phrase="",
            interval=None,
            bases=(),
            cites=(),
        )

    def state(s: State) -> State:
        return replace(s, start=edit.amount) if s.name == edit.target else s

    return replace(
        crisis,
        unknowns=tuple(map(unknown, crisis.unknowns)),
        states=tuple(map(state, crisis.states)),
    )


def _hold(crisis: Crisis, edit: Edit) -> Crisis:
    assert edit.amount is not None
    value = constant(edit.amount.expression) or 0.0

    def state(s: State) -> State:
        if s.name != edit.target:
            return s
        return replace(s, start=edit.amount, low=value, high=value, fades=None, rest=None)

    return replace(
        crisis,
        states=tuple(map(state, crisis.states)),
        show=tuple(n for n in crisis.show if n != edit.target),
    )


def _cost(crisis: Crisis, edit: Edit) -> Crisis:
    return _event(crisis, edit, lambda e: replace(e, cost=_more(e.cost, edit)))


def _urge(crisis: Crisis, edit: Edit) -> Crisis:
    return _event(crisis, edit, lambda e: replace(e, urge=_more(e.urge, edit)))


def _rate(crisis: Crisis, edit: Edit) -> Crisis:
    def change(e: Event) -> Event:
        assert e.rate is not None
        assert edit.amount is not None
        times = _since(edit, edit.amount.expression, 1.0)
        product = Operation("*", (e.rate.expression, times), edit.span)
        bases = (*e.rate.bases, *edit.amount.bases)
        return replace(e, rate=SourcedValue(product, bases, edit.words, edit.span))

    return _event(crisis, edit, change)


def _more(old: SourcedValue | None, edit: Edit) -> SourcedValue:
    assert edit.amount is not None
    added = _since(edit, edit.amount.expression, 0.0)
    if old is None:
        return SourcedValue(added, edit.amount.bases, edit.words, edit.span)
    total = Operation("+", (old.expression, added), edit.span)
    return SourcedValue(total, (*old.bases, *edit.amount.bases), edit.words, edit.span)


def _since(edit: Edit, amount: Expression, before: float) -> Expression:
    """The amount from the edit's first day on, and `before` until then."""
    if edit.start is None:
        return amount
    span = edit.span
    on = Operation(">=", (_today(edit), Date(edit.start, None, span)), span)
    if before == 0.0:
        return Operation("*", (on, amount), span)
    off = Operation("not", (on,), span)
    kept = Operation("*", (off, Number(before, "", None, span)), span)
    return Operation("+", (Operation("*", (on, amount), span), kept), span)


def _before(edit: Edit) -> Expression:
    assert edit.start is not None
    return Operation("<", (_today(edit), Date(edit.start, None, edit.span)), edit.span)


def _today(edit: Edit) -> Ref:
    return Ref("today", "today", 0.0, edit.span)


def _no(edit: Edit) -> Ref:
    return Ref("flag", "no", 0.0, edit.span)


def _bases(edit: Edit) -> tuple[Basis, ...]:
    return edit.amount.bases if edit.amount else ()


_DO: dict[Verb, Callable[[Crisis, Edit], Crisis]] = {
    "never": _never,
    "force": _force,
    "outcome": _outcome,
    "set": _set,
    "hold": _hold,
    "cost": _cost,
    "urge": _urge,
    "rate": _rate,
}

"""Events of a crisis file: why they happen, what they change, how votes are counted."""

from __future__ import annotations

from dataclasses import replace

from offramp.language import crisis as c
from offramp.language.expressions import Date, Name, SourcedValue, parse_arrow, parse_claim
from offramp.language.keys import KEYS, NO_AGENDA
from offramp.language.kinds import DATE, DAYS, FLAG, NUMBER, Kind, Scope, constant
from offramp.language.readers import Readers, title_of
from offramp.text.diagnostics import Span, suggestion
from offramp.text.tree import Mapping, Node, Sequence, Text


def outcome_names(node: Mapping) -> list[str]:
    outcomes = node.get("outcomes")
    return outcomes.keys() if isinstance(outcomes, Mapping) else []


def read_event(r: Readers, key: Text, node: Mapping) -> c.Event:
    what = f"event '{key.value}'"
    r.name_ok(key)
    r.known(node, KEYS["event"], what)
    by = r.decider(node, "by", what)
    rate = r.rate(node, "rate", what)
    dates, clock = _on(r, node.get("on"), what)
    as_choice = _as_choice(r, node, what, by, dates)
    vote = _vote(r, node.get("vote"), what) if node.get("vote") is not None else None
    reasons = [k for k in ("rate", "on", "vote") if node.key(k)]
    if len(reasons) > 1 or (node.key("by") and ("rate" in reasons or "vote" in reasons)):
        both = [*(["by"] if node.key("by") else []), *reasons]
        r.found.error(
            key.span,
            "reason",
            f"{what} has two reasons to happen: {' and '.join(both)}",
            "keep one of by, rate, on, vote",
        )
    elif not reasons and not node.key("by"):
        r.found.error(
            key.span,
            "reason",
            f"{what} has no reason to happen",
            "add one of `by:` (chosen), `rate:` (chance), `on:` (dated), `vote:`",
        )
    elif reasons and not node.key("as"):
        _no_choice(r, node, what, reasons[0])
    unclaimed = _unclaimed(r, node.get("unclaimed"), what)
    suspects = tuple(s for s, _ in unclaimed.suspects) if unclaimed else None
    scope = replace(r.scope, suspects=suspects)
    forecloses = []
    for text in r.names(node.get("forecloses"), "forecloses"):
        if text.value in r.declared.events:
            forecloses.append(text.value)
        else:
            r.unknown_name(text, r.declared.events, "event")
    return c.Event(
        name=key.value,
        title=r.words(node, "name", title_of(key.value)),
        about=r.words(node, "about"),
        cites=r.cites(node),
        by=by,
        agenda=_agenda(r, key, node, what, by, as_choice),
        rate=rate,
        dates=dates,
        clock=clock,
        as_choice=as_choice,
        vote=vote,
        when=r.claim(node.get("when"), f"{what}, when", FLAG, condition=True),
        does=_effects(r, node.get("does"), what, scope),
        outcomes=_outcomes(r, node, what, scope, vote is not None),
        cost=r.claim(node.get("cost"), f"{what}, cost", NUMBER),
        urge=r.claim(node.get("urge"), f"{what}, urge", NUMBER),
        once=r.flag(node, "once"),
        pause=r.days(node, "pause", what),
        takes=r.days(node, "takes", what),
        consent=r.deciders(node, "consent", what, by),
        words=_words(r, node, what),
        private=r.flag(node, "private"),
        shown=_shown(r, node, what, key.span),
        unclaimed=unclaimed,
        forecloses=tuple(forecloses),
        dice=r.words(node, "dice", key.value),
        span=key.span,
    )


OF_A_CHOICE = ("cost", "urge", "takes", "consent")
UNCHOSEN = {"rate": "comes by chance", "on": "has its day", "vote": "is decided by a vote"}


def _no_choice(r: Readers, node: Mapping, what: str, reason: str) -> None:
    """Nothing that bears on a choice stands on what nobody chooses, where nobody would read it."""
    for key in OF_A_CHOICE:
        place = node.key(key)
        if place is not None:
            r.found.error(
                place.span,
                "reason",
                f"{what} {UNCHOSEN[reason]}: nobody chooses it, and its `{key}:` would do nothing",
                f"take `{key}:` out, or let somebody choose the event: `by:` an actor in place of "
                f"`{reason}:`",
            )


def _as_choice(
    r: Readers, node: Mapping, what: str, by: str | None, dates: tuple[SourcedValue, ...]
) -> bool:
    """Whether a dated move is seen as a choice (docs/meaning.md, 7)."""
    written = r.text(node.get("as"), f"{what}, as")
    if written is None:
        return False
    if written.value != "choice":
        r.found.error(written.span, "as-choice", f"{what} is `as: {written.value}`", "as: choice")
        return False
    wrong = (
        "no dated move of an actor"
        if by is None or not dates
        else "asks for consent"
        if node.key("consent")
        else "has a lead time"
        if node.key("takes")
        else ""
    )
    if wrong:
        r.found.error(
            written.span,
            "as-choice",
            f"{what} is `as: choice` and {wrong}",
            "it has `by:` an actor and `on:` the dates on which it is done, and asks nobody",
        )
        return False
    return True


def _agenda(
    r: Readers, key: Text, node: Mapping, what: str, by: str | None, as_choice: bool
) -> str:
    """The agenda of its mover on which it is chosen; "" where one pace serves for everything."""
    written = r.text(node.get("agenda"), f"{what}, agenda")
    chosen = as_choice or not (node.key("on") or node.key("rate") or node.key("vote"))
    if by is None or not chosen:
        if written is not None and chosen is False:
            r.found.error(
                written.span, "agenda", f"nobody chooses {what}: it has no agenda", "take it out"
            )
        return ""
    known = r.declared.agendas.get(by)
    if written is None:
        if known:
            r.found.error(key.span, "agenda", f"{what} has no agenda", f"one of {', '.join(known)}")
        return ""
    if written.value == NO_AGENDA:
        return NO_AGENDA
    if known is None:
        r.found.error(
            written.span,
            "agenda",
            f"{what} has an agenda, and '{by}' has one pace for everything",
            "write `pace:` by agenda, or take this out",
        )
        return ""
    if written.value not in known:
        r.found.error(
            written.span,
            "agenda",
            f"'{by}' has no agenda '{written.value}'",
            suggestion(written.value, known, "agendas"),
        )
        return ""
    return written.value


def _words(r: Readers, node: Mapping, what: str) -> tuple[str, ...]:
    """What the mover may say along with it: other moves, each once."""
    out: list[str] = []
    for text in r.names(node.get("with"), f"{what}, with"):
        if text.value not in r.declared.events:
            r.unknown_name(text, r.declared.events, "event")
        elif text.value in out:
            r.found.error(text.span, "with", f"{what}: '{text.value}' stands twice", "once")
        else:
            out.append(text.value)
    return tuple(out)


MOST_WORDS = 3  # that go with the deeds of one agenda: a day weighs every subset of them


def carriers(r: Readers, crisis: c.Crisis) -> None:
    """A word goes along with deeds of its own mover, on one agenda; it asks nobody and takes no
    time, and neither does the deed take any. Where it is drawn by itself, on that agenda or on
    another, no deed of that other carries words, and all words of that other go with deeds of one
    agenda: so a day's reports are weighed agenda by agenda, a carrier with those of its words.
    """
    events = {e.name: e for e in crisis.events}
    by_word: dict[str, c.Event] = {}
    for deed in crisis.events:
        for name in deed.words:
            word, other = events[name], by_word.setdefault(name, deed)
            wrong, hint = _no_word(deed, word, other)
            if wrong:
                r.found.error(deed.span, "with", wrong, hint)
    carrying: dict[tuple[str | None, str], list[str]] = {}
    drawn: dict[tuple[str | None, str], tuple[str, str]] = {}  # agenda of words: of which deeds
    for name, deed in by_word.items():
        carrying.setdefault((deed.by, deed.agenda), []).append(name)
        spoken = events[name].agenda
        agenda, other_word = drawn.setdefault((deed.by, spoken), (deed.agenda, name))
        if spoken != NO_AGENDA and agenda != deed.agenda:
            r.found.error(
                events[name].span,
                "with",
                f"'{name}' goes with deeds of {deed.by} on agenda '{deed.agenda}', and "
                f"'{other_word}' of the same agenda '{spoken}' with deeds on '{agenda}'",
                "an agenda of its own for one of them, or `agenda: none`",
            )
    for (by, agenda), names in carrying.items():
        first = by_word[names[0]]
        here = f"the deeds of {by}" + (f" on agenda '{agenda}'" if agenda else "")
        if len(names) > MOST_WORDS:
            what = f"{here} carry {len(names)} words"
            r.found.error(first.span, "with", what, f"{MOST_WORDS} at most")
        for name in names:
            own = (by, events[name].agenda)
            if own != (by, agenda) and own in carrying:
                r.found.error(
                    events[name].span,
                    "with",
                    f"'{name}' goes with {here}, and deeds on its own agenda carry words too",
                    "an agenda of its own for the words, or `agenda: none`",
                )
    for event in crisis.events:
        if event.agenda == NO_AGENDA and event.name not in by_word:
            r.found.error(
                event.span,
                "agenda",
                f"'{event.name}' is on no agenda and goes with no deed, so it never happens",
                "an agenda of its mover, or `with:` of a deed",
            )


def _no_word(deed: c.Event, word: c.Event, other: c.Event) -> tuple[str, str]:
    """Why a word cannot go with a deed, and what would do; `other` is the first that carries it."""
    if not (deed.chosen or deed.as_choice) or deed.takes is not None:
        return (
            f"'{deed.name}' is no choice that happens at once, so no word goes with it",
            "a move with `by:` and without `takes:`",
        )
    if word.by != deed.by:
        return (
            f"'{word.name}' is no move of {deed.by}: a word goes with a deed of its mover",
            f"an event with `by: {deed.by}`",
        )
    if not word.chosen:
        return (
            f"'{word.name}' comes on its date, so it cannot go along with a deed",
            "a word is chosen, without `on:`",
        )
    if word is deed:
        return f"'{word.name}' goes along with itself", "another move"
    if word.words:
        return f"'{word.name}' goes along and carries words itself", "words that go with the deed"
    if word.consent or word.takes is not None:
        return (
            f"'{word.name}' asks for consent or takes time, so it cannot go along with a deed",
            "a word is sent at once, by its mover alone",
        )
    if other.agenda != deed.agenda:
        return (
            f"'{word.name}' goes with deeds on two agendas, {other.agenda} and {deed.agenda}",
            "a word of its own for each",
        )
    return "", ""


def _on(r: Readers, node: Node | None, what: str) -> tuple[tuple[SourcedValue, ...], str | None]:
    dates: list[SourcedValue] = []
    items = node.items if isinstance(node, Sequence) else (node,) if node else ()
    if node is not None and not items:
        r.found.error(node.span, "missing", f"{what}, on, names no date", "2020-02-21 @S2")
    for item in items:
        text = r.text(item, f"{what}, on")
        claim = parse_claim(text, r.found) if text else None
        if claim is None or text is None:
            continue
        if isinstance(claim.expression, Name):
            name = claim.expression
            if r.scope.states.get(name.name) == DAYS:
                return (), name.name
            clocks = [k for k, v in r.scope.states.items() if v == DAYS]
            r.unknown_name(name, clocks, "clock")
            continue
        checked = r.check(claim, f"{what}, date", DATE, marked=True)
        if checked and isinstance(claim.expression, Date):
            dates.append(checked)
            r.in_crisis(claim.expression, what)
    return tuple(dates), None


def _effects(r: Readers, node: Node | None, what: str, scope: Scope) -> tuple[c.Effect, ...]:
    effects = []
    for text in r.names(node, f"{what}, effects"):
        arrow = parse_arrow(text, r.found)
        if arrow is None:
            continue
        kind = scope.states.get(arrow.target.name)
        if kind is None:
            r.unknown_name(arrow.target, scope.states, "quantity")
            r.bases(arrow.amount.bases)
            continue
        label = f"{what}, effect on '{arrow.target.name}'"
        wanted = kind
        if kind.what == "ladder" and arrow.operator in "+-":
            wanted = NUMBER
        if kind.what == "flag" and arrow.operator != "=":
            r.found.error(
                arrow.target.span,
                "kind",
                f"{label}: a flag is set by '='",
                "as in expelled = yes",
            )
        amount = r.check(arrow.amount, label, wanted, scope=scope, marked=True)
        if kind == DAYS:
            r.whole_number(amount, label, "a clock counts whole days", "as in = 30d")
        if amount is not None:
            effects.append(c.Effect(arrow.target.name, arrow.operator, amount))
    return tuple(effects)


def _outcomes(
    r: Readers, node: Mapping, what: str, scope: Scope, vote: bool
) -> tuple[c.Outcome, ...]:
    outcomes = []
    total = 0.0
    span = node.span
    for key, entry in r.mapping(node.get("outcomes"), f"{what}, outcomes", span):
        label = f"{what}, outcome '{key.value}'"
        inner = r.mapping(entry, label, key.span)
        r.known(inner, KEYS["outcome"], label)
        chance = r.claim(inner.get("chance"), f"{label}, chance", NUMBER, share=True)
        if vote and key.value not in ("carried", "lost"):
            r.found.error(key.span, "outcome", "a vote is `carried` or `lost`")
        if not vote and chance is None and inner.get("chance") is None:
            r.found.error(key.span, "missing", f"{label} has no `chance:`")
        value = constant(chance.expression) if chance else None
        total += value if value is not None and 0 <= value <= 1 else 0.0
        outcomes.append(c.Outcome(key.value, chance, _effects(r, inner.get("does"), label, scope)))
    if total > 1 + 1e-9:
        r.found.error(
            node.key("outcomes").span,  # type: ignore[union-attr]
            "probability",
            f"the chances of the outcomes of {what} sum to {total:g}",
            "they may sum to 1 at most",
        )
    return tuple(outcomes)


def _vote(r: Readers, node: Node | None, what: str) -> c.Vote | None:
    span = node.span if node else Span("", 1, 1)
    entry = r.mapping(node, f"{what}, vote", span)
    r.known(entry, KEYS["vote"], f"{what}, vote")
    date, clock, when = _held(r, entry.get("held"), what, span)
    quota_text = r.text(entry.get("quota"), f"{what}, quota")
    half = quota_text is None or quota_text.value.split(" ")[0] == "half"
    blocs = []
    for key, value in r.mapping(entry.get("blocs"), f"{what}, blocs", span):
        bloc = r.mapping(value, f"bloc '{key.value}'", key.span)
        label = f"{what}, bloc '{key.value}'"
        r.known(bloc, KEYS["bloc"], label)
        count = _seats(r, bloc.get("seats"), f"{label}, seats")
        yes = r.claim(bloc.get("yes"), f"{label}, yes", NUMBER, marked=True)
        if count is None or yes is None:
            if not bloc.get("seats") or not bloc.get("yes"):
                r.found.error(key.span, "missing", f"{label} needs `seats:` and `yes:`")
            continue
        blocs.append(
            c.Bloc(
                name=key.value,
                seats=count,
                yes=yes,
                spread=r.rate(bloc, "spread", label),
                attends=r.claim(bloc.get("attends"), f"{label}, attends", NUMBER, share=True),
                whole=r.flag(bloc, "whole"),
            )
        )
    listed = entry.get("blocs")
    if not blocs and (listed is None or (isinstance(listed, Mapping) and not listed.entries)):
        r.found.error(span, "missing", f"{what}, vote has no `blocs:`")
    vetoes = []
    for key, value in r.mapping(entry.get("veto"), f"{what}, veto", span):
        if key.value not in r.declared.actors:
            r.unknown_name(key, r.declared.actors, "actor")
        odds = r.claim(value, f"{what}, veto of '{key.value}'", NUMBER, marked=True)
        if odds is not None:
            vetoes.append(c.Veto(key.value, odds))
    quorum = _seats(r, entry.get("quorum"), f"{what}, quorum")
    quota = None if half else _seats(r, quota_text, f"{what}, quota")
    house = sum(constant(b.seats.expression) or 0.0 for b in blocs)
    for claim, name in ((quorum, "quorum"), (quota, "quota")):
        needed = constant(claim.expression) if claim else None
        if claim is not None and blocs and needed is not None and needed > house:
            r.found.error(
                claim.expression.span,
                "seats",
                f"the {name} of {what} is {needed:g} seats, and its blocs have {house:g}",
                "no vote could ever carry",
            )
    return c.Vote(
        date=date,
        clock=clock,
        when=when,
        quorum=quorum,
        quota=quota,
        blocs=tuple(blocs),
        vetoes=tuple(vetoes),
    )


def _seats(r: Readers, node: Node | None, what: str) -> SourcedValue | None:
    """A number of seats, the same in every world."""
    scope = replace(r.scope, units=r.scope.units | {"seats"})
    claim = r.claim(node, what, Kind("number", (("seats", 1),)), scope=scope)
    r.whole_number(claim, what, "a seat is whole", "as in 118 seats")
    return r.fixed(r.not_negative(claim, what), what)


def _held(
    r: Readers, node: Node | None, what: str, span: Span
) -> tuple[SourcedValue | None, str | None, SourcedValue | None]:
    text = r.text(node, f"{what}, held")
    if text is None:
        r.found.error(
            span, "missing", f"{what}, vote has no `held:`", "a date, a clock, or a condition"
        )
        return None, None, None
    claim = parse_claim(text, r.found)
    if claim is None:
        return None, None, None
    if isinstance(claim.expression, Date):
        r.in_crisis(claim.expression, what)
        return r.check(claim, f"{what}, held", DATE, marked=True), None, None
    name = claim.expression.name if isinstance(claim.expression, Name) else ""
    if r.scope.states.get(name) == DAYS:
        return None, name, None
    return None, None, r.check(claim, f"{what}, held", FLAG, condition=True)


def _shown(
    r: Readers, node: Mapping, what: str, span: Span
) -> tuple[tuple[str, SourcedValue], ...]:
    shown = []
    for key, value in r.mapping(node.get("shown"), f"{what}, shown", span):
        if key.value not in r.declared.actors:
            r.unknown_name(key, r.declared.actors, "actor")
        claim = r.claim(value, f"{what}, shown to '{key.value}'", FLAG, condition=True)
        if claim is not None:
            shown.append((key.value, claim))
    return tuple(shown)


def _unclaimed(r: Readers, node: Node | None, what: str) -> c.Unclaimed | None:
    if node is None:
        return None
    entry = r.mapping(node, f"{what}, unclaimed", node.span)
    r.known(entry, KEYS["unclaimed"], f"{what}, unclaimed")
    observer = r.decider(entry, "observer", what)
    suspects = []
    for key, value in r.mapping(entry.get("suspects"), f"{what}, suspects", node.span):
        if key.value not in r.declared.actors:
            r.unknown_name(key, r.declared.actors, "actor")
        label = f"{what}, expected rate of '{key.value}'"
        claim = r.not_negative(r.claim(value, label, NUMBER), label)
        if claim is not None:
            suspects.append((key.value, claim))
    clarity = r.claim(entry.get("clarity"), f"{what}, clarity", NUMBER, marked=False, share=True)
    if observer is None or clarity is None or len(suspects) < 2:
        r.found.error(
            node.span,
            "unclaimed",
            f"{what}: `unclaimed:` needs an observer, two suspects or more, and clarity",
        )
        return None
    return c.Unclaimed(observer, tuple(suspects), clarity)

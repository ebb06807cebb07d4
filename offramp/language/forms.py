"""The written forms and their rewriting into the five nouns, tree to tree.

A form is admitted only with a rewriting that can be printed (`offramp expand`); the printed tree
is a valid crisis file with the same results, draw for draw. The literature behind each form is in
docs/meaning.md. Values keep their marks and places; `_inner` makes a value fit inside another.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from offramp.language.readers import entries, known, lacks, texts, unknown_name
from offramp.text.diagnostics import Diagnostics, Span, suggestion
from offramp.text.tree import Mapping, Node, Sequence, Text

_LABELS = ("name", "about", "cites")
KEYS: dict[str, tuple[str, ...]] = {  # what a form may say, or what it may say beside an event's
    "body": (*_LABELS, "quorum", "blocs", "votes"),
    "body vote": (
        *_LABELS,
        "held",
        "quota",
        "quorum",
        "yes",
        "spread",
        "veto",
        "carried",
        "lost",
        "once",
        "pause",
        "when",
    ),
    "pact": (*_LABELS, "party", "stages", "now", "step", "undo", "remedies"),
    "step": ("due", "every"),
    "remedy": ("runs", "then", "stopped when"),
    "proxy": (*_LABELS, "of", "control", "order", "discipline", "obeys"),
    "obeys": ("tolerated", "demanded"),
    "threat": ("pledge", "lapses", "kept by", "audience cost", "backing down"),
    "channel": (*_LABELS, "between", "mediator", "open", "carries", "calms", "by", "clears"),
}
NEEDS: dict[str, tuple[str, ...]] = {
    "body": ("blocs", "votes"),
    "pact": ("party", "stages", "now", "step"),
    "remedy": ("by", "runs"),
    "proxy": ("of", "control", "order", "discipline"),
    "threat": ("by", "pledge", "lapses", "audience cost"),
    "channel": ("between", "open"),
}


def expand(root: Mapping, found: Diagnostics) -> Mapping:
    """The crisis with every form rewritten; a file without forms comes back unchanged."""
    if _proxy_cycles(root, found):
        return root.without(*(form for form, _ in _REWRITES))
    for form, rewrite in _REWRITES:
        node = root.get(form)
        if node is None:
            continue
        root = root.without(form)
        if not isinstance(node, Mapping):
            found.error(node.span, "shape", f"'{form}:' wants entries", f"{form}: {{name: ...}}")
            continue
        for key, entry in node:
            if isinstance(entry, Mapping):
                root = rewrite(root, key, entry, found)
            else:
                found.error(key.span, "shape", f"{form} '{key.value}' wants keys and values")
    return root


# ---- tree helpers ------------------------------------------------------------------------


def _text(span: Span, *pieces: Text | str | None) -> Text:
    """A value put together from written ones, each keeping its places, and words of the form."""
    words: list[str] = []
    places: list[tuple[int, int]] = []
    for piece in pieces:
        if isinstance(piece, Text):
            words.append(piece.value)
            spans = (piece.at(i) for i in range(len(piece.value)))
            places += [(s.line, s.column) for s in spans]
        elif piece is not None:
            words.append(piece)
            places += [(span.line, span.column)] * len(piece)
    return Text("".join(words), span, tuple(places))


def _part(text: Text, start: int, end: int) -> Text:
    return Text(text.value[start:end], text.at(start), text.places[start:end])


def _squeezed(node: Node | None) -> Text:
    """A value on one line, with single spaces."""
    if not isinstance(node, Text):
        return Text("", node.span if node is not None else Span("", 1, 1))
    words = [_part(node, m.start(), m.end()) for m in re.finditer(r"\S+", node.value)]
    spaced = [piece for word in words for piece in (" ", word)][1:]
    return _text(node.span, *spaced)


def _map(span: Span, **entries: Node | None) -> Mapping:
    """A mapping from keyword arguments; None is left out."""
    kept = [(k, v) for k, v in entries.items() if v is not None]
    return Mapping(tuple((Text(k, v.span), v) for k, v in kept), span)


def _list(span: Span, *items: Node | None) -> Sequence:
    flat: list[Node] = []
    for item in items:
        if isinstance(item, Sequence):
            flat.extend(item.items)
        elif item is not None:
            flat.append(item)
    return Sequence(tuple(flat), span)


def _labels(entry: Mapping) -> dict[str, Node | None]:
    return {key: entry.get(key) for key in _LABELS}


def _add(root: Mapping, section: str, name: str, entry: Mapping, found: Diagnostics) -> Mapping:
    """The tree with a new element; a name that is taken is an error."""
    node = root.get(section)
    if node is not None and not isinstance(node, Mapping):
        found.error(node.span, "shape", f"'{section}:' wants keys and values")
    known = node if isinstance(node, Mapping) else Mapping((), entry.span)
    if known.key(name) is not None:
        found.error(
            entry.span,
            "name-clash",
            f"the form makes {section} '{name}', which exists already",
            "rename one of them",
        )
        return root
    return root.plus(
        section, Mapping((*known.entries, (Text(name, entry.span), entry)), known.span)
    )


def _change(
    root: Mapping, section: str, name: str, change: Callable[[Mapping], Mapping]
) -> Mapping:
    node = root.get(section)
    assert isinstance(node, Mapping)
    entry = node.get(name)
    assert isinstance(entry, Mapping)
    return root.plus(section, node.plus(name, change(entry)))


def _has(root: Mapping, section: str, text: Text, found: Diagnostics) -> bool:
    """Whether the section has that element; if not, an error at the place that names it."""
    node = root.get(section)
    if isinstance(node, Mapping) and isinstance(node.get(text.value), Mapping):
        return True
    unknown_name(text, node.keys() if isinstance(node, Mapping) else (), section, found)
    return False


def _need(entry: Mapping, keys: tuple[str, ...], key: Text, what: str, found: Diagnostics) -> bool:
    missing = [k for k in keys if entry.get(k) is None]
    if missing:
        lacks(key.span, what, missing, "see docs/language.md, The forms", found)
    return not missing


def _lists(entry: Mapping, keys: tuple[str, ...], what: str, found: Diagnostics) -> None:
    """Reports keys and values where a name or a list of names is wanted."""
    for key in keys:
        node = entry.get(key)
        if isinstance(node, Mapping):
            found.error(node.span, "shape", f"{what}: `{key}:` wants a list", "as in [a, b]")


def _word(node: Node | None) -> str:
    return node.value.strip() if isinstance(node, Text) else ""


def _inner(node: Node | None) -> Text:
    """A value made fit to stand inside a larger one: in parentheses, its reason in brackets."""
    value = _squeezed(node)
    plain = re.match(r"^(.*?)(?<!\[)\?\s*(.*)$", value.value)
    if plain is None:
        return _text(value.span, "(", value, ")")
    claim = _part(value, 0, len(plain.group(1).rstrip()))
    reason = _part(value, plain.start(2), plain.end(2))
    reason = replace(reason, value=reason.value.replace("[", "(").replace("]", ")"))
    return _text(value.span, "(", claim, " [? ", reason, "])")


def _marks(node: Node | None) -> Text | None:
    """The marks of a value, to stand behind what that value alone decides."""
    value = _squeezed(node)
    match = re.search(r"(?:[@~]\s*\w|\[?\?).*$", value.value)
    return _part(value, match.start(), match.end()) if match else None


def _named(entry: Mapping, title: str, span: Span) -> Mapping:
    """The entry with a name for people, its own if it has one."""
    return entry if entry.get("name") is not None else entry.plus("name", _text(span, title))


# ---- the forms ---------------------------------------------------------------------------


def _hazard(root: Mapping, key: Text, entry: Mapping, found: Diagnostics) -> Mapping:
    """A chance event."""
    if entry.get("rate") is None:
        found.error(key.span, "missing", f"hazard '{key.value}' needs `rate:`", "a rate per day")
    return _add(root, "event", key.value, replace(entry, span=key.span), found)


def _body(root: Mapping, key: Text, entry: Mapping, found: Diagnostics) -> Mapping:
    """A chamber: one vote event a motion, the blocs shared."""
    what = f"body '{key.value}'"
    known(entry, KEYS["body"], what, found)
    title = entry.get("name")
    if title is not None and not isinstance(title, Text):
        found.error(title.span, "shape", f"{what}: `name:` wants words")
    blocs, votes = entry.get("blocs"), entry.get("votes")
    if not _need(entry, NEEDS["body"], key, what, found):
        return root
    assert blocs is not None
    assert votes is not None
    if not isinstance(blocs, Mapping) or not isinstance(votes, Mapping):
        found.error(key.span, "shape", f"{what}: `blocs:` and `votes:` want entries")
        return root
    for motion, vote in votes:
        label = f"{what}, vote '{motion.value}'"
        if not isinstance(vote, Mapping):
            found.error(motion.span, "shape", f"{label} wants keys and values")
            continue
        known(vote, KEYS["body vote"], label, found)
        yes = vote.get("yes")
        seats = []
        for bloc, shape in blocs:
            own = shape if isinstance(shape, Mapping) else Mapping((), bloc.span)
            stance = yes.get(bloc.value) if isinstance(yes, Mapping) else None
            if stance is None:
                found.error(motion.span, "missing", f"{label}: no `yes:` for bloc '{bloc.value}'")
                continue
            full = own.plus("yes", stance)
            if vote.get("spread") is not None and own.get("spread") is None:
                full = full.plus("spread", vote.get("spread"))  # type: ignore[arg-type]
            seats.append((bloc, full))
        if isinstance(yes, Mapping):
            for bloc, _ in yes:
                if blocs.get(bloc.value) is None:
                    found.error(
                        bloc.span,
                        "unknown-bloc",
                        f"{what} has no bloc '{bloc.value}'",
                        suggestion(bloc.value, blocs.keys(), "blocs"),
                    )
        span = motion.span
        event = _map(
            span,
            **_labels(vote),
            when=vote.get("when"),
            once=vote.get("once"),
            pause=vote.get("pause"),
            vote=_map(
                span,
                held=vote.get("held"),
                quorum=vote.get("quorum") or entry.get("quorum"),
                quota=vote.get("quota"),
                blocs=Mapping(tuple(seats), span),
                veto=vote.get("veto"),
            ),
            outcomes=_map(
                span,
                carried=_map(span, does=vote.get("carried")),
                lost=_map(span, does=vote.get("lost")),
            ),
        )
        if event.get("name") is None:
            chamber = _word(entry.get("name")) or key.value
            title = _text(span, f"{chamber}: {motion.value.replace('_', ' ')}")
            event = event.plus("name", title)
        root = _add(root, "event", f"{key.value}.{motion.value}", event, found)
    return root


def _pact(root: Mapping, key: Text, entry: Mapping, found: Diagnostics) -> Mapping:
    """A ladder of stages, a step (dated, then chosen), an undo, and others' remedy clocks."""
    what, name = f"pact '{key.value}'", key.value
    known(entry, KEYS["pact"], what, found)
    if not _need(entry, NEEDS["pact"], key, what, found):
        return root
    stages = [t.value for t in texts(entry.get("stages"))]
    party, step = entry.get("party"), entry.get("step")
    if not isinstance(step, Mapping) or not stages:
        found.error(key.span, "shape", f"{what}: `stages:` is a list and `step:` has keys")
        return root
    span = key.span
    ladder = _map(span, **_labels(entry), ladder=entry.get("stages"), now=entry.get("now"))
    root = _add(root, "state", name, ladder, found)
    clock = _map(span, name=_text(span, f"{name}: days to the next step"), clock=_text(span, "off"))
    root = _add(root, "state", f"{name}.next", clock, found)
    label = _word(entry.get("name")) or name
    step = _named(step, f"{label}: a further step", span)
    root = _pact_steps(root=root, key=key, step=step, stages=stages, party=party, found=found)
    undo = entries(entry.get("undo"), f"{what}, undo", found, "see docs/language.md")
    if undo is not None:
        undo = _named(undo, f"{label}: a step taken back", span)
        when = undo.get("when")
        condition = _text(span, f"{name} > {stages[0]}", *_and(when))
        down = _text(span, f"{name} - 1 ? a step taken back is one stage, by the form pact")
        moves = replace(undo, span=span).plus("by", party or down).plus("when", condition)
        moves = moves.plus("does", _list(span, down, undo.get("does")))
        root = _add(root, "event", f"{name}.undo", moves, found)
    for title, node in (
        entries(entry.get("remedies"), f"{what}, remedies", found, "see docs/language.md") or ()
    ):
        remedy = entries(node, f"remedy '{name}.{title.value}'", found, "see docs/language.md")
        if remedy is not None:
            root = _remedy(root, name, title, remedy, found)
    return root


def _pact_steps(
    root: Mapping,
    key: Text,
    step: Mapping,
    stages: list[str],
    party: Node | None,
    found: Diagnostics,
) -> Mapping:
    what, name, span = f"pact '{key.value}', step", key.value, key.span
    every = step.get("every")
    if every is None:
        found.error(key.span, "missing", f"{what} needs `every:`", "as in `every: 60d ? why`")
        return root
    # What a form adds of its own is no passage's claim, and borrows no mark.
    up = _text(span, f"{name} + 1 ? a step is one stage, by the form pact")
    wait = _text(span, f"{name}.next = ", _squeezed(every))
    does = _list(span, up, wait, step.get("does"))
    below = f"{name} < {stages[-1]}"
    plain = replace(step, span=span).without(*KEYS["step"], "does", "when")
    if step.get("due") is not None:
        due = plain.without("cost", "consent", "urge", "takes").plus("by", party or up)
        due = due.plus("on", step.get("due") or up).plus("when", _text(span, below))
        root = _add(root, "event", f"{name}.due_step", due.plus("does", does), found)
    condition = _text(span, f"{below} and not running({name}.next)", *_and(step.get("when")))
    if step.get("due") is not None:
        due_date = _squeezed(step.get("due"))
        date = _part(due_date, 0, len(due_date.value.split(" ")[0]))
        condition = _text(span, condition, " and today > ", date)
    chosen = plain.plus("by", party or up).plus("when", condition)
    return _add(root, "event", f"{name}.step", chosen.plus("does", does), found)


def _and(condition: Node | None) -> tuple[Text | str, ...]:
    """A further condition, where there is one."""
    return (" and ", _inner(condition)) if condition is not None else ()


def _remedy(root: Mapping, pact: str, title: Text, remedy: Mapping, found: Diagnostics) -> Mapping:
    name, span = f"{pact}.{title.value}", title.span
    what = f"remedy '{name}'"
    if not _need(remedy, NEEDS["remedy"], title, what, found):
        return root
    clock = f"{name}.clock"
    running = _map(span, name=_text(span, f"{name}: days left"), clock=_text(span, "off"))
    root = _add(root, "state", clock, running, found)
    free = _text(span, f"not running({clock})", *_and(remedy.get("when")))
    start = _text(span, f"{clock} = ", _squeezed(remedy.get("runs")))
    opens = replace(remedy, span=span).without(*KEYS["remedy"]).plus("when", free)
    opens = opens.plus("does", _list(span, start, remedy.get("does")))
    root = _add(root, "event", name, opens, found)
    stopped = remedy.get("stopped when")
    label = _word(remedy.get("name")) or title.value.replace("_", " ")
    ends = _map(
        span,
        name=_text(span, f"{label}: time runs out"),
        cites=remedy.get("cites"),
        on=_text(span, clock),
        when=_text(span, "not ", _inner(stopped)) if stopped else None,
        does=_list(span, remedy.get("then")),
    )
    return _add(root, "event", f"{name}.run_out", ends, found)


def _proxy(root: Mapping, key: Text, entry: Mapping, found: Diagnostics) -> Mapping:
    """Own value times 1 - control, plus control times obeying (Salehyan 2010)."""
    what = f"proxy '{key.value}'"
    known(entry, KEYS["proxy"], what, found)
    if not _need(entry, NEEDS["proxy"], key, what, found):
        return root
    patron = entry.get("of")
    if not _has(root, "actor", key, found):
        return root
    if not isinstance(patron, Text):
        found.error(key.span, "shape", f"{what}: `of:` wants an actor", "of: iran")
        return root
    if not _has(root, "actor", patron, found):
        return root
    control = _inner(entry.get("control"))
    root = _change(
        root,
        "actor",
        key.value,
        lambda actor: actor.plus("will", _text(key.span, "1 - ", control)),
    )
    obeys = entry.get("obeys")
    order, discipline = _squeezed(entry.get("order")), _inner(entry.get("discipline"))
    for move, level in entries(obeys, f"{what}, obeys", found, "see docs/language.md") or ():
        levels = _levels(root, order, level, f"{what}, obeys '{move.value}'", found)
        if levels is None or not _has(root, "event", move, found):
            continue
        tolerated, demanded = levels
        weight = _text(level.span, " * ", control, " * ", discipline)
        # One level: from there on it is demanded, and below it forbidden.
        duty = _text(level.span, "((", order, " >= ", _level(tolerated), ") - (", order, " < ")
        duty = _text(level.span, duty, _level(tolerated), "))", weight, " ", _marks(tolerated))
        if demanded is None:
            duty = _text(level.span, "0 - (", order, " < ", _level(tolerated), ")", weight)
            duty = _text(level.span, duty, " ", _marks(tolerated))
        elif demanded is not tolerated:
            duty = _text(level.span, "(", order, " >= ", _level(demanded), ")", weight)
            duty = _text(level.span, duty, " ", _bracketed(demanded), " - (", order, " < ")
            duty = _text(level.span, duty, _level(tolerated), ")", weight, " ", _marks(tolerated))

        def obey(event: Mapping, duty: Text = duty) -> Mapping:
            own = event.get("urge")
            return event.plus("urge", _text(duty.span, _inner(own), " + ", duty) if own else duty)

        root = _change(root, "event", move.value, obey)
    return root


def _levels(
    root: Mapping, order: Text, node: Node, what: str, found: Diagnostics
) -> tuple[Text, Text | None] | None:
    """From which level of the order on a move is tolerated, and from which it is demanded (None:
    never). A single level is both."""
    if isinstance(node, Text):
        return node, node
    if not isinstance(node, Mapping):
        found.error(node.span, "shape", f"{what} wants a level")
        return None
    known(node, KEYS["obeys"], what, found)
    tolerated, demanded = node.get("tolerated"), node.get("demanded")
    if not isinstance(tolerated, Text) or not isinstance(demanded, Text | None):
        found.error(
            node.span, "missing", f"{what} has no `tolerated:`", "the lowest level that allows it"
        )
        return None
    ladder = _ladder(root, order.value)
    low, high = (_level(x).value for x in (tolerated, demanded or tolerated))
    if {low, high} <= set(ladder) and ladder.index(high) < ladder.index(low):
        span = demanded.span if demanded else node.span
        found.error(
            span,
            "level",
            f"{what}: demanded '{high}' lies below tolerated '{low}'",
            "what is demanded is tolerated too",
        )
        return None
    return tolerated, demanded


def _ladder(root: Mapping, name: str) -> list[str]:
    """The levels of a quantity, where it is written as a ladder."""
    states = root.get("state")
    entry = states.get(name) if isinstance(states, Mapping) else None
    levels = entry.get("ladder") if isinstance(entry, Mapping) else None
    return [t.value for t in texts(levels)]


def _level(node: Text) -> Text:
    """A level without its marks."""
    word = _squeezed(node)
    return _part(word, 0, len(re.split(r"\s*[@~?]", word.value, maxsplit=1)[0].rstrip()))


def _bracketed(node: Text) -> Text | None:
    """The marks of a value, to stand in the middle of a sum: a reason in brackets."""
    marks = _marks(node)
    if marks is None or not marks.value.startswith("?"):
        return marks
    return _text(marks.span, "[", marks, "]")


def _threat(root: Mapping, key: Text, entry: Mapping, found: Diagnostics) -> Mapping:
    """A public pledge that lapses, is discharged by carrying it out, and binds (Fearon 1994)."""
    what, name, span = f"threat '{key.value}'", key.value, key.span
    if not _need(entry, NEEDS["threat"], key, what, found):
        return root
    by, lapses = entry.get("by"), entry.get("lapses")
    if not isinstance(by, Text) or not _has(root, "actor", by, found):
        return root
    _lists(entry, ("kept by",), what, found)
    pledge, clock = f"{name}.pledge", f"{name}.clock"
    title = _word(entry.get("name")) or name
    root = _add(
        root,
        "state",
        pledge,
        _map(
            span,
            name=_text(span, f"{title}: pledge"),
            share=_text(span, "0 ? nothing is pledged at the start"),
        ),
        found,
    )
    root = _add(
        root,
        "state",
        clock,
        _map(span, name=_text(span, f"{title}: days left"), clock=_text(span, "off")),
        found,
    )
    raise_ = _text(span, f"{pledge} + ", _squeezed(entry.get("pledge")))
    start = _text(span, f"{clock} = ", _squeezed(lapses))
    warn = replace(entry, span=span)
    warn = warn.without(*KEYS["threat"])
    warn = warn.plus("does", _list(span, raise_, start, entry.get("does")))
    root = _add(root, "event", name, warn, found)
    gone = "? a pledge that was kept or lapsed is gone, by the form threat"
    free = _text(span, f"{pledge} = 0 {gone}")
    lapse = _map(
        span,
        name=_text(span, f"{title}: lapses unkept"),
        on=_text(span, clock),
        does=_list(span, free, entry.get("backing down")),
    )
    root = _add(root, "event", f"{name}.lapse", lapse, found)
    cost = _text(span, "-", _inner(entry.get("audience cost")), f" * {pledge}")

    def bind(actor: Mapping) -> Mapping:
        wants = actor.get("wants")
        known = wants if isinstance(wants, Mapping) else Mapping((), actor.span)
        return actor.plus("wants", known.plus(f"audience cost of {name}", cost))

    root = _change(root, "actor", by.value, bind)
    stop = _text(span, f"{clock} = off {gone}")
    for move in texts(entry.get("kept by")):
        if _has(root, "event", move, found):
            root = _change(
                root,
                "event",
                move.value,
                lambda event: event.plus("does", _list(span, event.get("does"), free, stop)),
            )
    return root


def _channel(root: Mapping, key: Text, entry: Mapping, found: Diagnostics) -> Mapping:
    """A line of talk: private assurances seen, accidents rarer, culprits clearer (Kydd 2003)."""
    what, name, span = f"channel '{key.value}'", key.value, key.span
    known(entry, KEYS["channel"], what, found)
    if not _need(entry, NEEDS["channel"], key, what, found):
        return root
    _lists(entry, ("mediator", "carries", "calms", "clears"), what, found)
    ends = texts(entry.get("between"))
    if len(ends) != 2:
        found.error(key.span, "shape", f"{what} runs between two actors", "between: [us, iran]")
        return root
    for end in [*ends, *texts(entry.get("mediator"))]:
        _has(root, "actor", end, found)
    flag = f"{name}.open"
    root = _add(root, "state", flag, _map(span, **_labels(entry), flag=entry.get("open")), found)
    for move in texts(entry.get("carries")):
        if not _has(root, "event", move, found):
            continue

        def show(event: Mapping) -> Mapping:
            mover = _word(event.get("by"))
            others = [e.value for e in ends if e.value != mover]
            shown = event.get("shown")
            known = shown if isinstance(shown, Mapping) else Mapping((), span)
            for other in others:
                own = known.get(other)
                seen = (_inner(own), " or ", flag) if own else (flag,)
                known = known.plus(other, _text(span, *seen))
            return event.plus("shown", known)

        root = _change(root, "event", move.value, show)
    factor = _inner(entry.get("by"))
    for hazard in texts(entry.get("calms")):
        if not _has(root, "event", hazard, found):
            continue
        if entry.get("by") is None:
            found.error(hazard.span, "missing", f"{what} needs `by:`, the factor of what it calms")
            break

        def calm(event: Mapping, hazard: Text = hazard) -> Mapping:
            rate = event.get("rate")
            if rate is None:
                found.error(hazard.span, "rate", f"'{hazard.value}' is not a chance event")
                return event
            calmed = _text(span, _inner(rate), f" * (1 - {flag} * (1 - ", factor, "))")
            return event.plus("rate", calmed)

        root = _change(root, "event", hazard.value, calm)
    for attack in texts(entry.get("clears")):
        if not _has(root, "event", attack, found):
            continue

        def clear(event: Mapping, attack: Text = attack) -> Mapping:
            unclaimed = event.get("unclaimed")
            if not isinstance(unclaimed, Mapping):
                found.error(attack.span, "unclaimed", f"'{attack.value}' is not an unclaimed event")
                return event
            clarity = _inner(unclaimed.get("clarity"))
            doubt = _text(span, "1 - (1 - ", clarity, f") / (1 + {flag})")
            return event.plus("unclaimed", unclaimed.plus("clarity", doubt))

        root = _change(root, "event", attack.value, clear)
    return root


def _proxy_cycles(root: Mapping, found: Diagnostics) -> bool:
    """Whether some actor is, through others, a proxy of itself."""
    node = root.get("proxy")
    if not isinstance(node, Mapping):
        return False
    patron = {k.value: _word(e.get("of")) for k, e in node if isinstance(e, Mapping)}
    for key, _ in node:
        chain, here = [key.value], patron.get(key.value, "")
        while here and here not in chain:
            chain.append(here)
            here = patron.get(here, "")
        if here == key.value:
            found.error(
                key.span,
                "form-cycle",
                "proxies in a circle: " + " of ".join([*chain, here]),
                "some patron must have no patron",
            )
            return True
    return False


Rewrite = Callable[[Mapping, Text, Mapping, Diagnostics], Mapping]
_REWRITES: tuple[tuple[str, Rewrite], ...] = (
    ("hazard", _hazard),
    ("body", _body),
    ("pact", _pact),
    ("threat", _threat),
    ("proxy", _proxy),
    ("channel", _channel),
)

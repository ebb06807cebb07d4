"""A treaty left in steps, with the remedies of the others."""

from __future__ import annotations

from dataclasses import replace

from offramp.language.forms.grafts import (
    added,
    further,
    has_all,
    inside,
    joined,
    labels_of,
    listed,
    made,
    part,
    squeezed,
    titled,
    word_of,
)
from offramp.language.keys import FORM_KEYS, FORM_NEEDS
from offramp.language.readers import entries, known, texts
from offramp.text.diagnostics import Diagnostics
from offramp.text.tree import Mapping, Node, Text


def pact(root: Mapping, key: Text, entry: Mapping, found: Diagnostics) -> Mapping:
    """A ladder of stages, a step (dated, then chosen), an undo, and others' remedy clocks."""
    what, name = f"pact '{key.value}'", key.value
    known(entry, FORM_KEYS["pact"], what, found)
    if not has_all(entry, FORM_NEEDS["pact"], key, what, found):
        return root
    stages = [t.value for t in texts(entry.get("stages"))]
    party, step = entry.get("party"), entry.get("step")
    if not isinstance(step, Mapping) or not stages:
        found.error(key.span, "shape", f"{what}: `stages:` is a list and `step:` has keys")
        return root
    span = key.span
    ladder = made(span, **labels_of(entry), ladder=entry.get("stages"), now=entry.get("now"))
    root = added(root, "state", name, ladder, found)
    clock = made(
        span, name=joined(span, f"{name}: days to the next step"), clock=joined(span, "off")
    )
    root = added(root, "state", f"{name}.next", clock, found)
    label = word_of(entry.get("name")) or name
    root = _steps(
        root=root, key=key, step=step, label=label, stages=stages, party=party, found=found
    )
    undo = entries(entry.get("undo"), f"{what}, undo", found, "see docs/language.md")
    if undo is not None:
        undo = titled(undo, f"{label}: a step taken back", span)
        when = undo.get("when")
        condition = joined(span, f"{name} > {stages[0]}", *further(when))
        down = joined(span, f"{name} - 1 ? a step taken back is one stage, by the form pact")
        moves = replace(undo, span=span).plus("by", party or down).plus("when", condition)
        moves = moves.plus("does", listed(span, down, undo.get("does")))
        root = added(root, "event", f"{name}.undo", moves, found)
    for title, node in (
        entries(entry.get("remedies"), f"{what}, remedies", found, "see docs/language.md") or ()
    ):
        remedy = entries(node, f"remedy '{name}.{title.value}'", found, "see docs/language.md")
        if remedy is not None:
            root = _remedy(root, name, title, remedy, found)
    return root


def _steps(
    root: Mapping,
    key: Text,
    step: Mapping,
    label: str,
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
    up = joined(span, f"{name} + 1 ? a step is one stage, by the form pact")
    wait = joined(span, f"{name}.next = ", squeezed(every))
    does = listed(span, up, wait, step.get("does"))
    below = f"{name} < {stages[-1]}"
    plain = replace(step, span=span).without(*FORM_KEYS["step"], "does", "when")
    if step.get("due") is not None:
        due = plain.without("cost", "consent", "urge", "takes", "needs", "agenda").plus(
            "by", party or up
        )
        due = titled(due, f"{label}: the step that falls due", span)
        due = due.plus("on", step.get("due") or up).plus("when", joined(span, below))
        root = added(root, "event", f"{name}.due_step", due.plus("does", does), found)
    condition = joined(span, f"{below} and not running({name}.next)", *further(step.get("when")))
    if step.get("due") is not None:
        due_date = squeezed(step.get("due"))
        date = part(due_date, 0, len(due_date.value.split(" ")[0]))
        condition = joined(span, condition, " and today > ", date)
    chosen = titled(plain, f"{label}: a further step", span)
    chosen = chosen.plus("by", party or up).plus("when", condition)
    return added(root, "event", f"{name}.step", chosen.plus("does", does), found)


def _remedy(root: Mapping, pact: str, title: Text, remedy: Mapping, found: Diagnostics) -> Mapping:
    name, span = f"{pact}.{title.value}", title.span
    what = f"remedy '{name}'"
    if not has_all(remedy, FORM_NEEDS["remedy"], title, what, found):
        return root
    clock, own = f"{name}.clock", word_of(remedy.get("name"))
    running = made(span, name=joined(span, f"{own or name}: days left"), clock=joined(span, "off"))
    root = added(root, "state", clock, running, found)
    free = joined(span, f"not running({clock})", *further(remedy.get("when")))
    start = joined(span, f"{clock} = ", squeezed(remedy.get("runs")))
    opens = replace(remedy, span=span).without(*FORM_KEYS["remedy"]).plus("when", free)
    opens = opens.plus("does", listed(span, start, remedy.get("does")))
    root = added(root, "event", name, opens, found)
    stopped = remedy.get("stopped when")
    label = own or title.value.replace("_", " ")
    ends = made(
        span,
        name=joined(span, f"{label}: time runs out"),
        cites=remedy.get("cites"),
        on=joined(span, clock),
        when=joined(span, "not ", inside(stopped)) if stopped else None,
        does=listed(span, remedy.get("then")),
    )
    return added(root, "event", f"{name}.run_out", ends, found)

"""A chamber whose blocs vote on several motions."""

from __future__ import annotations

from offramp.language.forms.grafts import added, has_all, joined, labels_of, made, word_of
from offramp.language.keys import FORM_KEYS, FORM_NEEDS
from offramp.language.readers import known
from offramp.text.diagnostics import Diagnostics, suggestion
from offramp.text.tree import Mapping, Text


def body(root: Mapping, key: Text, entry: Mapping, found: Diagnostics) -> Mapping:
    """A chamber: one vote event a motion, the blocs shared."""
    what = f"body '{key.value}'"
    known(entry, FORM_KEYS["body"], what, found)
    title = entry.get("name")
    if title is not None and not isinstance(title, Text):
        found.error(title.span, "shape", f"{what}: `name:` wants words")
    blocs, votes = entry.get("blocs"), entry.get("votes")
    if not has_all(entry, FORM_NEEDS["body"], key, what, found):
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
        known(vote, FORM_KEYS["body vote"], label, found)
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
        event = made(
            span,
            **labels_of(vote),
            when=vote.get("when"),
            once=vote.get("once"),
            pause=vote.get("pause"),
            vote=made(
                span,
                held=vote.get("held"),
                quorum=vote.get("quorum") or entry.get("quorum"),
                quota=vote.get("quota"),
                blocs=Mapping(tuple(seats), span),
                veto=vote.get("veto"),
            ),
            outcomes=made(
                span,
                carried=made(span, does=vote.get("carried")),
                lost=made(span, does=vote.get("lost")),
            ),
        )
        if event.get("name") is None:
            chamber = word_of(entry.get("name")) or key.value
            title = joined(span, f"{chamber}: {motion.value.replace('_', ' ')}")
            event = event.plus("name", title)
        root = added(root, "event", f"{key.value}.{motion.value}", event, found)
    return root

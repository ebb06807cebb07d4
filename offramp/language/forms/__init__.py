"""The written forms and their rewriting into the five nouns, tree to tree, a module each.

A form is admitted only with a rewriting that can be printed (`offramp expand`); the printed tree
is a valid crisis file with the same results, draw for draw. The literature behind each form is in
docs/meaning.md. Values keep their marks and places (`grafts`).
"""

from __future__ import annotations

from collections.abc import Callable

from offramp.language.forms.body import body
from offramp.language.forms.calls import calls
from offramp.language.forms.channel import channel
from offramp.language.forms.hazard import hazard
from offramp.language.forms.needs import needs
from offramp.language.forms.pact import pact
from offramp.language.forms.phase import phase
from offramp.language.forms.proxy import in_circles, proxy
from offramp.language.forms.since import since
from offramp.language.forms.successor import successor
from offramp.language.forms.threat import threat
from offramp.text.diagnostics import Diagnostics
from offramp.text.tree import Mapping, Text

Rewrite = Callable[[Mapping, Text, Mapping, Diagnostics], Mapping]
_REWRITES: tuple[tuple[str, Rewrite], ...] = (
    ("hazard", hazard),
    ("body", body),
    ("pact", pact),
    ("threat", threat),
    ("proxy", proxy),
    ("successor", successor),  # before phases, which add to the pace of whoever is in office
    ("phase", phase),
    ("channel", channel),
)


def expand(root: Mapping, found: Diagnostics) -> Mapping:
    """The crisis with every form rewritten; a file without forms comes back unchanged."""
    if in_circles(root, found):
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
    # `since` comes last: it stands in values that others made.
    return since(needs(calls(root, found), found), found)

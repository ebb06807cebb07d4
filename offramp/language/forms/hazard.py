"""A chance event."""

from __future__ import annotations

from dataclasses import replace

from offramp.language.forms.grafts import added
from offramp.text.diagnostics import Diagnostics
from offramp.text.tree import Mapping, Text


def hazard(root: Mapping, key: Text, entry: Mapping, found: Diagnostics) -> Mapping:
    """A chance event."""
    if entry.get("rate") is None:
        found.error(key.span, "missing", f"hazard '{key.value}' needs `rate:`", "a rate per day")
    return added(root, "event", key.value, replace(entry, span=key.span), found)

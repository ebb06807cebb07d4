"""A tree as YAML text, in a spelling that the reader reads back to the same values."""

from __future__ import annotations

import re

from offramp.text import plain_json
from offramp.text.tree import Mapping, Node, Sequence, Text

_PLAIN = re.compile(r"^[A-Za-z0-9_.(\-][^\n\t#:\[\]{}\",'&*!|>%`]*$")


def to_yaml(node: Node, indent: int = 0) -> str:
    pad = "  " * indent
    if isinstance(node, Text):
        return scalar(node.value)
    if isinstance(node, Sequence):
        if not node.items:
            return "[]"
        return "".join(f"\n{pad}- {to_yaml(item, indent + 1).lstrip()}" for item in node.items)
    if not node.entries:
        return "{}"
    lines = []
    for key, value in node:
        inner = to_yaml(value, indent + 1)
        lines.append(
            f"\n{pad}{scalar(key.value)}:{inner if inner.startswith(chr(10)) else ' ' + inner}"
        )
    return "".join(lines)


def scalar(value: str) -> str:
    if _PLAIN.match(value) and value == value.strip() and value not in ("-", "..."):
        return value
    return plain_json.text(value)


def document(node: Mapping) -> str:
    return to_yaml(node).lstrip("\n") + "\n"

"""What a notebook shows of a value that a cell ends in: a short table as HTML, which is escaped,
runs nothing, fetches nothing, and takes its looks from the notebook."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

MOST = 12  # rows
SHORT = 12  # letters


def table(
    caption: str, headings: Sequence[str], rows: Sequence[Sequence[str]], whole: str = ""
) -> str:
    """The first rows of a table; `whole` is where the rest is, for a line below."""
    head = "".join(_cell("th", h) for h in headings)
    body = "".join(f"<tr>{''.join(_cell('td', c) for c in row)}</tr>" for row in rows[:MOST])
    left = len(rows) - MOST
    more = f"<p>and {left} more: <code>{escape(whole)}</code></p>" if left > 0 else ""
    return (
        f"<p>{escape(caption)}</p><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
        f"</table>{more}"
    )


def _cell(kind: str, text: str) -> str:
    """Short ones, a date say, in one line."""
    whole = ";white-space:nowrap" if len(text) <= SHORT else ""
    return f'<{kind} style="text-align:left{whole}">{escape(text)}</{kind}>'

"""Passages that a language model proposed, in a terminal: each with the command that would make a
passage of it. That has the exact words, for whoever accepts them is to read them."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Iterable

import click

from offramp.sources.proposing import Proposal, Proposed
from offramp.text.diagnostics import counted

WIDTH = 100


def print_proposed(p: Proposed, command: Iterable[str]) -> None:
    """`command`: what adds a passage to the case, up to the words."""
    _said(f"{p.document}: {counted(len(p.candidates), 'candidate')}, {p.mark}")
    for c in p.candidates:
        click.echo()
        there = f" ({', '.join(c.passages)} there already)" if c.passages else ""
        why = f": {c.reason}" if c.reason else ""
        _said(f"{c.place.start}-{c.place.end}  proposed, {c.kind}{there}{why}")
        click.echo(f"  {shlex.join(command)} {_words(c)}")
    click.echo()
    for d in p.dropped:
        _said(f"dropped, {d.count}: {d.why}")
    if p.unread:
        _said(f"no list of quotations came back for {p.unread} of {counted(p.pieces, 'piece')}")
    _said(
        "Nothing was written. The words are the document's, byte for byte; that they are worth a "
        "passage, and why, the model says. A command above adds one, once you have read it and "
        "said it in words of your own."
    )


def _words(c: Proposal) -> str:
    """As one argument, also where it begins with a dash."""
    dash = "-- " if c.quotation.startswith("-") else ""
    return dash + shlex.quote(c.quotation)


def _said(text: str) -> None:
    click.echo(textwrap.fill(text, WIDTH, subsequent_indent="    "))

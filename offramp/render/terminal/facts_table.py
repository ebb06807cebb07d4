"""Stylised facts in a terminal: what the model gives beside the bounds."""

from __future__ import annotations

import math

from rich.markup import escape
from rich.table import Table

from offramp.case.facts import Fact
from offramp.explain.plausibility import Plausibility, Tried
from offramp.render.terminal.forecast_table import console
from offramp.text.diagnostics import counted

FEW = 5  # facts of which each is told in full
SHOWN = {"fits": "fits", "near": "near", "wrong": "[bold red]wrong[/]", "too few": "too few"}


def print_facts(p: Plausibility) -> None:
    """Each fact with its statistic, then the counts; facts with hindsight stand apart."""
    out = console()
    out.print(
        f"[bold]{escape(p.case)}[/]: {counted(len(p.facts), 'fact')}, {p.worlds:,} worlds"
        f"{f' in each of {p.arms} arms' if p.arms > 1 else ''}, seed {p.seed}, without reports"
    )
    _table(p.counted)
    later = [t for t in p.facts if t.fact.hindsight]
    if later:
        out.print("\nWith hindsight: shown beside, and not counted")
        _table(later)
    for t in p.facts:
        if t.verdict in ("wrong", "near") or len(p.facts) <= FEW:
            f = t.fact
            out.print(f"\n[bold]{escape(f.id)}[/]: {escape(f.says)}")
            out.print(f"  {escape(f.words)}", highlight=False)
            told = f"bounds by {f.rests_on}: {f.because}"
            out.print(f"  {escape(told)}", highlight=False)
    fit = [t for t in p.facts if t.verdict == "fits"]
    if fit and len(p.facts) > FEW:
        out.print(
            f"\nWhat stands behind one that fits: `offramp facts {escape(p.case)} {fit[0].fact.id}`"
        )
    out.print(
        f"\nOf {counted(len(p.counted), 'fact')} without hindsight {p.count('fits')} fit, "
        f"{p.count('near')} are within two errors of their bounds, {p.count('wrong')} are wrong, "
        f"of {p.count('too few')} too little was seen."
    )


def _table(facts: tuple[Tried, ...] | list[Tried]) -> None:
    table = Table(box=None, pad_edge=False)
    for head in ("fact", "model", "error", "bounds", "by", ""):
        table.add_column(head, justify="right" if head in ("model", "error") else "left")
    for t in facts:
        table.add_row(
            escape(t.fact.id),
            "" if t.value is None else f"{t.value:.3g}",
            "" if t.error is None else f"{t.error:.2g}",
            bounds(t.fact),
            t.fact.bounded_by,
            SHOWN[t.verdict],
        )
    console().print(table)


def bounds(f: Fact) -> str:
    """`.1 .. .4`, with open ends left out."""
    low, high = ("" if math.isinf(x) else f"{x:g}" for x in (f.low, f.high))
    return f"{low} .. {high}".strip()

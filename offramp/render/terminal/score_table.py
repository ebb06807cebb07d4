"""Scores in a terminal."""

from __future__ import annotations

import datetime as dt
import math

from rich.markup import escape
from rich.table import Table

from offramp.answers.scores import Score
from offramp.answers.scoring import WARNING, Scored
from offramp.answers.wording import MONTHS
from offramp.filter.islands import DECISIVE, MEASURED, bound, tells
from offramp.render.terminal.forecast_table import console

ACROSS = 8  # days side by side in a terminal


def mean(scores: list[Score]) -> str:
    """`.110/43`: the mean over 43 questions."""
    if not scores:
        return ""
    return f"{sum(s.value for s in scores) / len(scores):.3f}/{len(scores)}".removeprefix("0")


def print_scored(s: Scored) -> None:
    out = console()
    out.print(
        f"[bold]{escape(s.case)}[/], {s.worlds} worlds an author, seed {s.seed}, model "
        f"{s.model_sha256[:16]}\n{WARNING}\n"
    )
    names = list(dict.fromkeys(x.assessment for x in s.scores))
    for rule in ("brier", "log", "rps", "crps_scaled"):
        rows = [x for x in s.scores if x.rule == rule]
        if not rows:
            continue
        out.print(f"[bold]{rule}[/]: mean/questions; lower is better")
        shown = [n for n in names if any(x.assessment == n for x in rows)]
        days = [d for d in s.as_of if any(x.as_of == d for x in rows)]
        for a in range(0, len(days), ACROSS):
            table = Table(box=None, pad_edge=False, header_style="bold")
            table.add_column("as of")
            for day in days[a : a + ACROSS]:
                table.add_column(f"{day.day} {MONTHS[day.month - 1]}", justify="right")
            for name in shown:
                own = [
                    mean([x for x in rows if x.assessment == name and x.as_of == day])
                    for day in days[a : a + ACROSS]
                ]
                if any(own):
                    table.add_row(name.removeprefix("baseline:"), *own)
            out.print(table)
            out.print()
    print_differences(s)
    out.print("[bold]Calibration[/], questions past their scheduled end")
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("assessment", "given", "forecasts", "questions", "mean", "came true"):
        table.add_column(name, justify="left" if name == "assessment" else "right")
    for name, bins in s.calibration.items():
        for b in bins:
            if b.forecasts:
                table.add_row(
                    name.removeprefix("baseline:"),
                    f"{b.low:.0%}–{b.high:.0%}",
                    str(b.forecasts),
                    str(b.questions),
                    f"{b.mean or 0:.0%}",
                    f"{b.came_true or 0:.0%}",
                )
    out.print(table)
    print_fates(s)
    print_evidence(s)
    refused = sum(1 for i in s.issued if i.refused)
    if refused:
        out.print(f"{refused} forecasts were refused: fewer than 100 worlds stand behind them.")
    for finding in s.disagreements:
        out.print(f"reports and resolution disagree: {escape(str(finding))}")


def print_fates(s: Scored) -> None:
    """Which questions were scored and which not, each with the reason."""
    out = console()
    scored = sum(f.scored > 0 for f in s.fates)
    out.print(
        f"\n[bold]Questions[/]: {scored} scored, {len(s.fates) - scored} not; "
        "forecasts of the case and its rivals"
    )
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("question", "answer", "decided", "scored"):
        table.add_column(name, justify="right" if name == "scored" else "left")
    table.add_column("not scored, and why", ratio=1)
    for f in sorted(s.fates, key=lambda f: f.scored == 0):
        o = f.outcome
        how = f" ({o.how})" if o.decided else ""
        why = "; ".join(f"{n}: {why}" if n else why for why, n in f.unscored)
        table.add_row(
            escape(f"{o.question} (in worlds in which {o.given})" if o.given else o.question),
            escape((o.answer or "open") + how),
            f"by {o.on}" if o.by else str(o.on or ""),
            str(f.scored),
            escape(why),
        )
    out.print(table)


def print_differences(s: Scored) -> None:
    """Against each baseline on the questions that both answer: the only fair means."""
    out = console()
    out.print("[bold]Brier against baselines[/] on the questions both answer (below 0: better)")
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("as of", "assessment", "against", "difference", "error", "questions"):
        table.add_column(
            name, justify="right" if name in ("difference", "error", "questions") else "left"
        )
    last: dt.date | None = None
    for d in sorted(s.differences, key=lambda d: (d.as_of, d.assessment, d.reference)):
        if d.rule != "brier" or d.assessment.startswith("baseline:"):
            continue
        day = "" if d.as_of == last else str(d.as_of)
        last = d.as_of
        table.add_row(
            day,
            d.assessment,
            d.reference.removeprefix("baseline:"),
            f"{d.mean:+.3f}",
            "" if d.error is None else f"{d.error:.3f}",
            str(d.questions),
        )
    out.print(table)
    out.print("Questions of one crisis are correlated: each error is a lower bound.\n")


def print_evidence(s: Scored) -> None:
    """Log evidence after a common day; nobody is ranked within a nat or two errors."""
    out = console()
    if not s.evidence:
        return
    common = max(e.after for e in s.evidence)
    rows = sorted((e for e in s.evidence if e.after == common), key=lambda e: -e.log)
    out.print(f"\n[bold]Evidence[/] of the reports after {common}, later than any document scored")
    for e in rows:
        out.print(f"  {e.assessment}: log evidence {e.log:.1f} (Monte Carlo error {e.error:.1f})")
    if len(rows) > 1:
        ahead, last = rows[0], rows[-1]
        gap, error = ahead.log - last.log, math.hypot(ahead.error, last.error)
        unmixed = [e for e in rows if e.unmixed]
        if unmixed:
            for e in unmixed:
                out.print(f"  {escape(e.assessment)}: {escape(e.unmixed)}.")
            out.print("  No author is ranked.")
        elif error > MEASURED:
            out.print(
                f"  First and last differ by {gap:.1f} nats with a Monte Carlo error of "
                f"{error:.1f}, above {MEASURED:g}: too few worlds to compare them. Nobody is "
                "ranked."
            )
        elif not tells(gap, error, ahead.islands):
            out.print("  The reports cannot separate them: no author is ranked.")
        else:
            out.print(
                f"  First and last differ by {gap:.1f} nats; differences below {DECISIVE:g}, or "
                f"below {bound(error, ahead.islands):.1f} (their 95% bound), rank no author."
            )

"""Rival assessments in a terminal: what parts them, whether each hangs together, who was right."""

from __future__ import annotations

from rich.markup import escape
from rich.table import Table

from offramp.answers.conditioned import Conditioned
from offramp.answers.forecast import told
from offramp.answers.wording import percent
from offramp.case.assessments import Assessment
from offramp.explain.assess import Coherence
from offramp.explain.compare import Comparison, quoted, reason, sentence, sides
from offramp.explain.postmortem import Postmortem
from offramp.render.terminal.forecast_table import console
from offramp.text.diagnostics import counted


def dated(a: Assessment) -> str:
    return f"{a.title} ({a.document or 'no document'}, {a.dating.words})"


def print_comparison(c: Comparison) -> None:
    out = console()
    out.print(
        f"[bold]{escape(c.first.id)} and {escape(c.second.id)}[/] on {c.case}, both knowing the "
        f"reports of {c.as_of}; {c.worlds} worlds each, seed {c.seed}\n"
        f"  {c.first.id}: {escape(dated(c.first))}\n  {c.second.id}: {escape(dated(c.second))}\n"
    )
    if not c.partings:
        out.print("On no question do their answers differ by more than the Monte Carlo error.")
    for p in c.partings:
        out.print(f"[bold]{escape(sentence(c, p))}[/]")
        out.print(
            f"  they differ by {100 * p.difference:+.0f} points (error {100 * p.error:.0f}); no "
            f"single unknown explains {100 * p.rest + 0.0:+.0f} of them"
        )
        for x in p.carriers[:4]:
            out.print(f"  - {escape(reason(c, x))}")
            for line in sides(c, x):
                out.print(f"      {escape(line)}")
        out.print()
    if c.alike:
        more = counted(len(c.alike), "more answer")
        differs = "differs" if len(c.alike) == 1 else "differ"
        out.print(f"{more} {differs} by no more than the Monte Carlo error.\n")
    if c.factor is not None:
        out.print(c.factor.words(c.first.id, c.second.id) + "\n")
    if c.disagreements:
        out.print("[bold]Where the documents disagree[/]")
    for d in c.disagreements:
        carried = ", ".join(d.carried_by) if d.carried_by else f"left: {d.left}"
        out.print(f"  {d.id} {escape(d.topic)} ({escape(carried)})")
        for side in d.sides:
            if side.document in (c.first.document, c.second.document):
                said = "; ".join(quoted(c, p) for p in side.passages)
                out.print(f"      {side.document}: {escape(said)}")
    out.print(
        "\npoints: percentage points of the answer, by one logistic regression over the worlds of "
        "both and how differently the two set each parameter; shares need not add up."
    )


def print_coherence(a: Assessment, c: Conditioned, rows: tuple[Coherence, ...]) -> None:
    out = console()
    last = c.posterior.days[-1]
    out.print(
        f"[bold]{escape(a.id)}[/]: {escape(dated(a))}, with the reports known by {c.as_of}; "
        f"{c.posterior.worlds} worlds, log evidence {last.log_evidence:.1f} (error "
        f"{last.mc_error:.1f})"
    )
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("", "judged", "premises give", "verdict", "nats"):
        table.add_column(name, justify="left" if name in ("", "verdict") else "right")
    table.add_column("judgement, and what it rests on", ratio=1)
    for r in rows:
        j = r.judgement
        judged = "" if j.low is None or j.high is None else f"{j.low:.0%}–{j.high:.0%}"
        implied = "" if r.implied is None else f"{r.implied:.0%} ±{r.mc_error or 0:.0%}"
        words = told(r.text, r.given)
        if r.rests_on:
            words += " Rests on " + "; ".join(
                f"{x.unknown}{f' = {x.value}' if x.value else ''} {x.before:.2f} to {x.after:.2f}"
                for x in r.rests_on
            )
        elif r.cost is not None:
            words += " No unknown moves by a tenth of its spread."
        if r.note:
            words += f" ({r.note})"
        cost = "" if r.cost is None else f"{r.cost:.2f}"
        table.add_row(j.passage, judged, implied, r.verdict, cost, escape(words))
    out.print(table)
    out.print(
        "±: one standard error. coherent: within the judged interval, or nearer to it than the 95% "
        "bound of its error; below, above: the premises give less, or more, than was judged. nats: "
        "what it costs the premises to give the middle of the judged interval.\n"
    )


def print_postmortem(p: Postmortem) -> None:
    out = console()
    o = p.outcome
    how = f"by rule from {', '.join(o.rows[:6])}" if o.how == "rule" else escape(o.source)
    out.print(
        f"[bold]{escape(told(p.text, p.given))}[/]\n{o.answer}"
        f"{f', {o.when}' if o.on else ''} ({how}); forecasts as of {p.as_of}\n"
    )
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("author")
    for name in ("gave what happened", "error", "earned (nats)"):
        table.add_column(name, justify="right")
    for a in sorted(p.authors, key=lambda a: -a.earned):
        table.add_row(a.assessment, percent(a.probability), f"{a.mc_error:.1%}", f"{a.earned:+.2f}")
    out.print(table)
    out.print("\n[bold]Parameters[/]: the half of their values that gave it more probability")
    if not p.parameters:
        out.print("  none stands out from the Monte Carlo error, or one outcome is too rare")
    for x in p.parameters[:8]:
        by = f"; set by {', '.join(x.moved_by)}" if x.moved_by else ""
        out.print(
            f"  {x.nats:+.2f} nats (error {x.error:.2f})  {escape(x.title)}: {escape(x.half)} "
            f"({' '.join(x.passages) or 'ours'}{by})"
        )
    out.print("\n[bold]Passages[/]")
    for q, words in p.paraphrases.items():
        out.print(f"  {q}: {escape(words)}")

"""Policies in a terminal: a table a loss, then what the ranking turns on."""

from __future__ import annotations

from rich.markup import escape
from rich.table import Table

from offramp.case.agenda import AS_IT_IS, Loss
from offramp.explain.regret import TIE
from offramp.explain.robustness import Compared
from offramp.explain.turns import together
from offramp.language.supposed import unmarked
from offramp.render.terminal.forecast_table import console

SHOWN = 12  # flips a loss


def number(x: float) -> str:
    """With two digits that mean something, and a sign."""
    if abs(x) >= 99.5:
        return f"{x:+.0f}"
    return f"{x + 0.0:+.1f}" if abs(x) >= 9.95 else f"{x + 0.0:+.2f}"


def print_compared(c: Compared) -> None:
    out = console()
    when = (
        f"conditioned on the reports of {c.as_of}, edited from the day after"
        if c.as_of
        else "free of reports, edited from the first day"
    )
    out.print(
        f"[bold]Policies in {c.case}[/], {when}; {c.worlds} worlds an author, seed {c.seed}\n"
        f"losses count {c.begins} to {c.last}; differences from {AS_IT_IS}, below 0 is better\n"
    )
    for name, why in c.left_out:
        out.print(f"left out: {escape(name)}: {escape(why)}")
    print_policies(c)
    for loss in c.agenda.losses:
        print_loss(c, loss)
    print_turns(c)
    print_flips(c)
    out.print(
        f"\n±: error of the paired difference, Monte Carlo alone; a tie is within {TIE:g} of it. "
        "max regret: by how much the policy is worse than the best one, under the author "
        "where that is most (Savage 1951). near best: the share of authors under whom it is the "
        "best or tied with it (Starr 1962). No author is weighted by how likely the premises are."
    )


def print_policies(c: Compared) -> None:
    out = console()
    names = [p.id for p in c.rows]
    out.print("[bold]What is compared[/]")
    for i, p in enumerate(c.rows):
        if not p.edits:
            continue
        same = f" (as {names[c.groups[i]]})" if c.groups[i] != i else ""
        cited = f" [{' '.join(p.cites)}]" if p.cites and p.cites != (p.id,) else ""
        words = "; ".join(unmarked(e) for e in p.edits)
        out.print(escape(f"  {p.id}  {p.name}{cited}{same}"), soft_wrap=True)
        if not same:
            out.print(f"      [dim]{escape(words)}[/]", soft_wrap=True)
        if p.note:
            out.print(f"      [dim]{escape(p.note)}[/]", soft_wrap=True)
    for p in c.agenda.policies:
        if p.inexpressible:
            out.print(
                escape(f"  {p.id}  {p.name}: not expressible: {p.inexpressible}"), soft_wrap=True
            )
    out.print()


def print_loss(c: Compared, loss: Loss) -> None:
    """Rows that are one program stand in one row."""
    out = console()
    out.print(f"[bold]{escape(loss.id)}: {escape(loss.name)}[/]. {escape(loss.about)}")
    out.print(f"[dim]{escape('; '.join(f'{t.name}: {t.amount.text}' for t in loss.terms))}[/]")
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    table.add_column("policy", no_wrap=True)
    for name, _, _ in c.assessments:
        table.add_column(name[:6], justify="right", no_wrap=True)
    table.add_column("max regret", justify="right")
    table.add_column("near best", justify="right")
    stands = {s.policy: s for s in c.of(loss.id)}
    names = [p.id for p in c.rows]
    for i, p in enumerate(c.rows):
        if c.groups[i] != i:
            continue
        alike = [names[k] for k, first in enumerate(c.groups) if first == i and k != i]
        s = stands[p.id]
        cells = [c.cell(loss.id, p.id, a) for a, _, _ in c.assessments]
        values = (
            [f"{x.mean:.2f}" for x in cells]
            if not p.edits
            else [f"{number(x.difference)}\n[dim]±{x.mc_error:.2f}[/]" for x in cells]
        )
        mark = " *" if s.minimax else " =" if s.tied else ""
        label = escape("\n".join([p.id, *alike])) if p.edits else "as it is"
        table.add_row(
            label,
            *values,
            f"{s.max_regret:.2f}{mark}\n[dim]{escape(s.at[:6])}[/]",
            f"{s.near_best_share:.0%}",
        )
    out.print(table)
    best = c.minimax(loss.id)
    tied = [s.policy for s in c.of(loss.id) if s.tied and not s.minimax]
    out.print(
        f"* minimax regret: {escape(best.policy)} ({best.max_regret:.2f} at {escape(best.at)})"
        + (f"; = tied with it: {escape(', '.join(tied))}" if tied else "")
    )
    own = [s for s in c.own if s.loss == loss.id]
    if own:
        takes = next(s for s in own if s.minimax)
        alike = [s.policy for s in own if s.tied and not s.minimax]
        out.print(
            f"  among what {escape(', '.join(loss.of))} can do, alone or with others: "
            f"{escape(takes.policy)} ({takes.max_regret:.2f} at {escape(takes.at)})"
            + (f"; tied: {escape(', '.join(alike))}" if alike else "")
        )
    print_carriers(c, loss)
    out.print()


def print_carriers(c: Compared, loss: Loss) -> None:
    """Of each policy that is told from as it is: the terms that carry most of the difference."""
    out = console()
    said = []
    for i, p in enumerate(c.rows):
        cells = [c.cell(loss.id, p.id, a) for a, _, _ in c.assessments]
        d, e = together([(x.difference, x.mc_error) for x in cells])
        if c.groups[i] != i or abs(d) <= TIE * e:
            continue
        means = [
            (t.name, sum(x.parts[k].difference for x in cells) / len(cells))
            for k, t in enumerate(loss.terms)
        ]
        largest = sorted(means, key=lambda m: -abs(m[1]))[:2]
        said.append(f"{p.id} {number(d)} ({', '.join(f'{n} {number(m)}' for n, m in largest)})")
    if said:
        out.print(f"  [dim]mean over authors, and what makes it up: {escape('; '.join(said))}[/]")


def print_turns(c: Compared) -> None:
    out = console()
    out.print("[bold]Is it about the loss or about the world?[/]")
    for o in c.priceless:
        out.print(f"  - {escape(o.words)}", soft_wrap=True)
    for t in c.turns:
        out.print(f"  - {escape(t.words)}", soft_wrap=True)


def print_flips(c: Compared) -> None:
    out = console()
    out.print("\n[bold]Unknowns that reverse a ranking[/], in the worlds of all assessments")
    for loss in c.agenda.losses:
        found = [f for f in c.search.flips if f.loss == loss.id]
        for f in found[:SHOWN]:
            firm = "firm: " if f.firm else ""
            out.print(
                f"  - {escape(loss.id)}: {firm}{escape(f.words)} (by {number(f.low)} "
                f"±{f.low_error:.2f} and {number(f.high)} ±{f.high_error:.2f})",
                soft_wrap=True,
            )
        if len(found) > SHOWN:
            out.print(f"    and {len(found) - SHOWN} more (--json)")
    none = "none; " if not c.search.flips else ""
    out.print(
        f"  {none}{c.search.splits} splits were looked at. Where a policy makes no difference at "
        f"all, one in a thousand would pass by chance; where it makes one in one half only, one in "
        "forty of those. firm: passes also when all splits are allowed for (Bonferroni)."
    )

"""What answers depend on, and which judgements a model can hold, in 80 columns."""

from __future__ import annotations

import datetime as dt
import textwrap

from rich.markup import escape
from rich.table import Table

from offramp.answers.forecast import told
from offramp.answers.wording import percent
from offramp.case.assessments import Assessment
from offramp.case.case import Case
from offramp.explain.reach import Reach, counts_of
from offramp.explain.sensitivity import CHANCE, Dependence, Index, OneAtATime, Sensitivity, words_of
from offramp.render.terminal.forecast_table import console

WIDTH = 80
SHOWN = 5  # factors of a question
BAR = 16  # characters for the whole variance


def wrapped(text: str, indent: str = "") -> str:
    return textwrap.fill(
        " ".join(text.split()),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_on_hyphens=False,
    )


def print_sensitivity(s: Sensitivity) -> None:
    out = console()
    say = [
        f"{s.case.crisis.title}: what each answer depends on. {s.worlds} worlds, seed {s.seed}: "
        f"{s.free} free ones, {s.rows} rows of {len(s.factors) + 3} for the shares, {s.at_each} "
        "at each value at which an unknown is held."
    ]
    for text in say:
        out.print(escape(wrapped(text)))
    for d in s.answers:
        out.print()
        _print_one(d, s)
    out.print()
    out.print(
        escape(
            wrapped(
                "alone: share of the answer's variance that would go if this one were known (# in "
                "the bar); with others: share that stays as long as it alone is not known (# and "
                "-), chance included: it acts through others, or through luck. ±: 95%. *: "
                "distinguishable from 0 by three errors. held at: the answer with this one unknown "
                "at its 10% and 90% points (or at two of its named values), all else as drawn, "
                "with the same noise; ±: one error of the difference."
            )
        )
    )
    out.print(wrapped("A share is an estimate: it may come out below 0 or above 100%."))
    shown = {name for d in s.answers for name, _, _ in leading(d, s)}
    if shown:
        out.print("\n[bold]Unknowns[/], and the values at which they were held")
    for f in s.factors:
        if f.name in shown:
            out.print(escape(wrapped(f"{f.name}: {f.title} ({_values(s, f.name)})", "  ")))


def _values(s: Sensitivity, name: str) -> str:
    """The values at which a factor was held, each once, in order."""
    pairs = [(h.at_low, h.at_high) for d in s.answers for h in d.held if h.factor == name]
    return ", ".join(dict.fromkeys(value for pair in pairs for value in pair))


def _print_one(d: Dependence, s: Sensitivity) -> None:
    out = console()
    value = percent(d.value) if d.question.binary else _number(d)
    asked = told(d.question.text, d.question.where)
    out.print(f"[bold]{escape(wrapped(f'{d.question.id}: {asked}  {value}'))}[/]")
    if d.rare:
        say = (
            f"Rare: {d.true} of {d.counted} free worlds{_where(d)}. Only large effects can be "
            "told; an effect without * may be there all the same."
        )
        out.print(escape(wrapped(say, "  ")))
    if d.note:
        out.print(escape(wrapped(d.note[0].upper() + d.note[1:] + ".", "  ")))
    rows = leading(d, s)
    if rows:
        table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
        table.add_column("  unknown", no_wrap=True, max_width=20)
        for name in ("alone", "with others"):
            table.add_column(name, justify="right", no_wrap=True)
        table.add_column("", no_wrap=True)
        table.add_column("held at", no_wrap=True)
        for name, index, held in rows:
            table.add_row(escape(f"  {name}"), *_shares(index), escape(_held(held, d)))
        out.print(table)
    chance = d.chance
    if chance is not None and d.settled is not None:
        known = _bounded(d.settled, chance.total_conf)
        out.print(
            escape(
                wrapped(
                    f"All unknowns together settle {known} of it; chance by itself "
                    f"{_points(chance.first)} (±{_points(chance.first_conf)}); the rest is chance "
                    "and unknowns together.",
                    "  ",
                )
            )
        )
    alone = sum(i.told for i in d.indices if i.factor != CHANCE)
    if d.indices:
        turning = len({h.factor for h in d.held if h.told})
        moving = sum(i.matters for i in d.indices if i.factor != CHANCE)
        out.print(
            escape(
                wrapped(
                    f"Beyond three errors: of {len(d.indices) - 1} unknowns {moving} have a share "
                    f"with others, {alone} alone, and {turning} move the answer where they are "
                    "held.",
                    "  ",
                )
            )
        )
    if d.box is not None:
        out.print(escape(wrapped(words_of(d, s.factors), "  ")))


def _where(d: Dependence) -> str:
    return f" in which {d.question.where}" if d.question.where else ""


def leading(d: Dependence, s: Sensitivity) -> list[tuple[str, Index | None, OneAtATime | None]]:
    """The factors that matter, by what they do alone and with others, with the widest of the
    pairs of values at which each was held."""
    indices = {i.factor: i for i in d.indices}
    widest: dict[str, OneAtATime] = {}
    for h in d.held:
        if h.factor not in widest or abs(h.difference) > abs(widest[h.factor].difference):
            widest[h.factor] = h
    named = [f.name for f in s.factors if f.name in indices or f.name in widest]

    def weight(name: str) -> tuple[bool, float]:
        i, h = indices.get(name), widest.get(name)
        sure = (i is not None and i.told) or (h is not None and h.told)
        return sure, (i.first + i.total) if i else abs(h.difference) if h else 0.0

    order = sorted(named, key=weight, reverse=True)[:SHOWN]
    return [(name, indices.get(name), widest.get(name)) for name in order]


def _shares(i: Index | None) -> tuple[str, str, str]:
    if i is None:
        return "", "", ""
    first = f"{_points(i.first)} ±{_points(i.first_conf)}{'*' if i.told else ' '}"
    total = f"{_points(i.total)} ±{_points(i.total_conf)}{'*' if i.matters else ' '}"
    return first, total, bar(i)


def bar(i: Index) -> str:
    alone = round(BAR * min(1.0, max(0.0, i.first)))
    whole = round(BAR * min(1.0, max(0.0, i.total, i.first)))
    return "#" * alone + "-" * (whole - alone)


def _points(x: float) -> str:
    return f"{100 * x:.0f}%" if round(100 * x) else "0%"


def _bounded(x: float, half: float) -> str:
    if x < half:
        return f"at most {_points(min(1.0, max(0.0, x) + half))}"
    return f"{_points(x)} (±{_points(half)})"


def _held(h: OneAtATime | None, d: Dependence) -> str:
    if h is None:
        return ""
    star = "*" if h.told else ""
    if d.question.binary:
        return f"{percent(h.low)} to {percent(h.high)} ±{_points(h.error)}{star}"
    if d.question.kind_of == "date":
        return f"{h.difference:+.0f} ±{h.error:.0f} days{star}"
    return f"{h.low:.3g} to {h.high:.3g} ±{h.error:.2g}{star}"


def _number(d: Dependence) -> str:
    if d.value != d.value:
        return ""
    if d.question.kind_of == "date":
        return f"(mean {dt.date.fromordinal(round(d.value))}, the day after the window if never)"
    return f"(mean {d.value:.3g})"


def print_reach(
    case: Case, rows: tuple[Reach, ...], worlds: int, seed: int, of: dict[str, Assessment]
) -> None:
    out = console()
    written = [r for r in rows if of[r.assessment].document]
    kinds = ", ".join(f"{n} {status}" for status, n in counts_of(written).items())
    other = (
        f" ({len(rows) - len(written)} more of no document.)" if len(rows) > len(written) else ""
    )
    say = (
        f"{case.crisis.title}: can the model give what the authors judge? {len(written)} "
        f"judgements of documents: {kinds}.{other} {worlds} worlds at each setting reported, seed "
        f"{seed}."
    )
    out.print(escape(wrapped(say)))
    where = {q.id: q.where for q in case.questions}
    for name in dict.fromkeys(r.assessment for r in rows):
        out.print(f"\n[bold]{escape(name)}[/]")
        for r in rows:
            if r.assessment == name:
                for line in reach_lines(r, where.get(r.judgement.question or "", "")):
                    out.print(escape(line))
    out.print()
    out.print(
        escape(
            wrapped(
                "reachable: at the setting named, unknowns at their quantiles and all others at "
                "their medians, the probability lies inside the judged interval (? within two "
                "errors of its edge); that a setting exists does not say that the author's "
                "premises lead there. out of reach: none was found by the search, with the range "
                "that was attained (? within two errors of the interval)."
            )
        )
    )


def reach_lines(r: Reach, where: str = "") -> list[str]:
    """A judgement in lines; `where` is its question's condition in words."""
    j = r.judgement
    if j.low is None or j.high is None:
        indent = " " * (len(j.passage) + 3)
        return [f"  {j.passage} {wrapped(f'{r.status}: {r.reason}', indent).lstrip()}"]
    head = f"  {j.passage:<5} {r.status:<12} {j.question}, judged {j.low:.3g} to {j.high:.3g}"
    doubt = "" if r.clear or r.range is None else "?"
    if r.status == "reachable":
        at = ", ".join(f"{x.unknown} {x.value} ({x.quantile:.2f})" for x in r.setting)
        tail = f"{percent(r.probability or 0.0)} ±{_points(r.mc_error or 0.0)}{doubt} "
        tail += f"with {at}" if at else r.reason
    else:
        span = "" if r.range is None else f" ({percent(r.range[0])} to {percent(r.range[1])})"
        tail = f"{r.reason}{span}{doubt}"
    if where:
        tail += f", of worlds in which {where}"
    return [head, wrapped(tail, " " * 8)]

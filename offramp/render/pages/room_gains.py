"""Who gained, by each author's own weights: a section of the page on what everybody wants.

The worlds are free ones, none kept or dropped for what was reported; `offramp gains` asks the same
of worlds conditioned on the reports.
"""

from __future__ import annotations

from offramp.answers.wording import day
from offramp.case.case import Case, under
from offramp.engine.blocks import machinery
from offramp.engine.blocks import worlds as blocks
from offramp.engine.plan import plan
from offramp.engine.run import Progress, RunSpec, simulate_all
from offramp.explain.gains import Gain, Gains, monitors_of, read
from offramp.render.pages.pages import Section
from offramp.render.pages.phrases import Markdown, escaped

SIGNS = {"gained": "+", "lost": "−", "even": "≈"}
MOST = 1024
"""Worlds under each assessment: a sign wants three errors, for which few suffice."""


def who_gained(
    case: Case, worlds: int, seed: int, threads: int | None = None, progress: Progress | None = None
) -> Section:
    """The change of every actor's utility over the whole crisis, under the case and each rival
    assessment, with the same noise."""
    rivals = {"case": case} | {n: under(case, a) for n, a in case.assessments.items()}
    titles = {"case": "the case"} | {n: a.title for n, a in case.assessments.items()}
    last = case.crisis.shown_days - 1
    laid = {name: plan(each.crisis) for name, each in rivals.items()}
    jobs = tuple(RunSpec(e.crisis, monitors_of(laid[n], last), seed) for n, e in rivals.items())
    run_all = blocks.simulate_all if machinery.available() else simulate_all
    lived = run_all(jobs, min(worlds, MOST), threads, progress, None)
    found = [
        read(each, laid[name], ensemble, last, seed, name)
        for (name, each), ensemble in zip(rivals.items(), lived, strict=True)
    ]
    return Section(
        "Who gained, by each author's own weights",
        _words(case, found[0]),
        ("actor", *(escaped(titles[g.assessment]) for g in found)),
        _rows(found),
    )


def _words(case: Case, g: Gains) -> str:
    last = day(case.crisis.shown_last)
    said = (
        f"How each actor's own utility changes from before {day(case.crisis.first)} to the evening "
        f"of {last}, in {g.worlds:,} free worlds under each author's premises. "
        "+ gained, − lost, ≈ within three Monte Carlo errors of no change; in brackets the share "
        "of worlds in which the actor ends better off. Every actor has a scale of its own: compare "
        "along a row, never down a column. `offramp gains` asks the same of worlds conditioned "
        "on the reports."
    )
    left = "; ".join(escaped(term) for term in g.left)
    more = f" Not counted, since they rest on beliefs: {left}." if left else ""
    return Markdown(said + more)


def _rows(found: list[Gains]) -> tuple[tuple[str, ...], ...]:
    by = [{x.actor: x for x in g.gains} for g in found]
    return tuple(
        (f"**{escaped(x.title)}**", *(_cell(row.get(x.actor)) for row in by))
        for x in found[0].gains
    )


def _cell(g: Gain | None) -> str:
    if g is None:
        return ""
    return f"{SIGNS[g.verdict]} {abs(g.change):.1f} ({g.better_off:.0%})"

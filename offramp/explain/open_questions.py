"""The documents' own questions, answered in words and numbers.

Each kind of answer has its home elsewhere (forecast, posterior, choice, but for, gains); here they
are put into sentences, with the passages on which each rests.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from offramp.answers.conditioned import Learned, learned
from offramp.answers.forecast import Forecast, among
from offramp.answers.forecast import told as asked_in_words
from offramp.answers.spread import spread
from offramp.answers.wording import day as dated
from offramp.answers.wording import interval, percent
from offramp.case.asked import Asked
from offramp.case.assessments import Assessment
from offramp.case.case import Case, under
from offramp.case.record import History
from offramp.engine.ensemble import Band
from offramp.engine.formulas import nearest
from offramp.engine.plan import plan
from offramp.engine.run import Progress
from offramp.explain.butfor import Contrast, but_for
from offramp.explain.decided import chosen
from offramp.explain.gains import Gains, gains
from offramp.explain.motives import CITED, SEEN, Choice, choice, most_informative
from offramp.filter.known import schedule
from offramp.filter.posterior import Posterior
from offramp.filter.store import posterior, prepare


@dataclass(frozen=True)
class Sentence:
    """A sentence of an answer and the passages that it rests on."""

    text: str
    passages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reply:
    """A document's question and its answer; `how` says from which worlds."""

    passage: str
    question: str
    sentences: tuple[Sentence, ...]
    how: str
    note: str


@dataclass(frozen=True)
class Answered:
    """The documents' own questions, answered: from free worlds, and where one needs it from worlds
    conditioned on the reports of `as_of`."""

    case: Case
    forecast: Forecast
    replies: tuple[Reply, ...]
    as_of: dt.date | None

    def __repr__(self) -> str:
        return f"<Answered {len(self.replies)} questions of the documents of {self.case.id}>"


@dataclass(frozen=True)
class Retold:
    """What the answers share: worlds conditioned on the reports, under each assessment."""

    as_of: dt.date
    worlds: int
    posteriors: Mapping[str, Posterior]
    cases: Mapping[str, Case]


def retold(
    case: Case,
    history: History,
    assessments: Mapping[str, Assessment],
    questions: tuple[Asked, ...],
    as_of: dt.date,
    worlds: int,
    seed: int,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Retold:
    """Lives the reports up to `as_of` once for the case, and once for each assessment, in half of
    the islands, if some question asks who gained. Raises `Impossible` where no world can live
    them."""
    from offramp.answers.conditioned import LEAST_ISLANDS, island_layout

    cases = {"case": case}
    if any(q.gains for q in questions):
        cases |= {name: under(case, a) for name, a in assessments.items()}
    islands, size = island_layout(worlds)
    first = case.crisis.first
    choices = [q.choice for q in questions if q.choice and q.choice[1] <= as_of]
    kept = {(day - first).days for day in (as_of, *(on for _, on in choices))}
    posteriors = {}
    for name, assessed in cases.items():
        laid = plan(assessed.crisis)
        f = prepare(laid, schedule(laid, history, as_of, False, ()), seed)
        if name == "case":
            kept |= {chosen(laid, f.schedule, who, (on - first).days).day for who, on in choices}
        days = sorted(kept) if name == "case" else [(as_of - first).days]
        own = islands if name == "case" else max(LEAST_ISLANDS, islands // 2)
        posteriors[name] = posterior(f, own, size, days, threads, progress)
    return Retold(as_of, islands * size, posteriors, cases)


def replies(
    case: Case,
    questions: tuple[Asked, ...],
    f: Forecast,
    r: Retold | None,
    seed: int,
    threads: int | None = None,
    one_more: Callable[[], None] | None = None,
) -> tuple[Reply, ...]:
    """An answer to each. Without `r` the parts that need worlds of the reports say so."""
    out = []
    found = _weighed(r, seed, threads) if r and any(q.gains for q in questions) else ()
    texts = {q.id: q.text for q in case.questions}
    for q in questions:
        sentences = [*_answers(q, f, texts), *_courses(q, f)]
        how = [f"{f.worlds:,} worlds" + (f" as of {f.as_of}" if f.as_of else "")]
        if q.needs_reports and r is None:
            sentences.append(Sentence("The rest needs worlds conditioned on the reports."))
        elif q.needs_reports and r is not None:
            p = r.posteriors["case"]
            if p.refusal():
                sentences.append(Sentence(f"No more can be said: {p.refusal()}."))
            else:
                sentences += _learned(q, case, p)
                sentences += _choice(q, case, p, r.as_of, seed)
                sentences += _without(q, case, p, r.as_of, seed, threads)
                sentences += _gains(q, case, found)
                sentences += _refused(q, r)
            how.append(f"{r.worlds:,} worlds conditioned on the reports up to {r.as_of}")
        out.append(Reply(q.passage, q.question, tuple(sentences), "; ".join(how), q.note))
        if one_more:
            one_more()
    return tuple(out)


def _answers(q: Asked, f: Forecast, texts: Mapping[str, str]) -> list[Sentence]:
    out = []
    for name in q.questions:
        a = next((a for a in f.answers if a.id == name), None)
        c = next((c for c in f.choices if c.id == name), None)
        n = next((n for n in f.quantities if n.id == name), None)
        if a is not None and a.probability is not None and a.interval is not None:
            words = f", {a.words}" if a.words else ""
            sure = f"{percent(a.probability)} ({interval(a.interval)}{words})"
            of = f" {among(a.worlds, f.worlds, a.given)}" if a.given else ""
            out.append(Sentence(f"{sure}{of}: {a.text}", a.rests_on[:CITED]))
        elif a is not None:
            none = f"No world met the condition of: {a.text} ({a.given})"
            out.append(Sentence(none, a.cites))
        elif c is not None and c.worlds:
            parts = [
                f"{o.replace('_', ' ')} {percent(p)}"
                for o, p in zip(c.options, c.probabilities, strict=True)
            ]
            of = f", {among(c.worlds, f.worlds, c.given)}" if c.given else ""
            out.append(Sentence(f"{c.text} {', '.join(parts)}{of}.", c.cites))
        elif c is not None:
            out.append(Sentence(f"No world met the condition of: {c.text} ({c.given})", c.cites))
        elif n is not None:
            out.append(Sentence(f"{n.text}: {spread(n, f.worlds)}"))
        else:
            late = next((str(u) for u in f.unasked if u.id == name), "")
            gone = f"No longer open as of {f.as_of}: {texts[name]}"
            out.append(Sentence(f"{late}." if late else gone))
    return out


def _courses(q: Asked, f: Forecast) -> list[Sentence]:
    out = []
    for name, days in q.courses:
        band = f.ensemble.bands.get(name)
        if band is None:
            continue
        parts = []
        for day in days:
            low, middle, high = points(band, (day - f.first).days)
            parts.append(f"{middle} on {dated(day)} (eight in ten: {low} to {high})")
        out.append(Sentence(f"{band.title}: {'; '.join(parts)}."))
    return out


def points(band: Band, day: int) -> tuple[str, str, str]:
    """The 10, 50 and 90% points of a quantity at the end of a day, as words."""
    counts = band.counts[day]
    total, n = np.cumsum(counts), int(counts.sum())
    out = []
    for share in (0.1, 0.5, 0.9):
        place = min(int(np.searchsorted(total, share * n, side="right")), len(counts) - 1)
        x = band.low + (band.high - band.low) * place / (len(counts) - 1)
        if band.levels:
            out.append(band.levels[min(len(band.levels) - 1, int(nearest(x)))].replace("_", " "))
        else:
            out.append(f"{x:,.0f}" if band.high > 50 else f"{x:.2f}")
    return out[0], out[1], out[2]


def _learned(q: Asked, case: Case, p: Posterior) -> list[Sentence]:
    by = {u.name: u for u in learned(case, p)} if q.unknowns else {}
    cites = {u.name: u.cites for u in case.crisis.unknowns}
    return [Sentence(moved(by[name]), cites[name][:CITED]) for name in q.unknowns]


def moved(u: Learned) -> str:
    """What the reports say of an unknown, in a sentence."""
    if u.options:
        parts = [
            f"{name.replace('_', ' ')} {percent(b)} before, {percent(a)} after the reports"
            for name, b, a in zip(u.options, u.before, u.after, strict=True)
        ]
        return f"{u.title}: {'; '.join(parts)}."
    before, after = (f"{x[1]:.2g} ({x[0]:.2g} to {x[2]:.2g})" for x in (u.before, u.after))
    return f"{u.title}: {before} before the reports, {after} after."


def _choice(q: Asked, case: Case, p: Posterior, as_of: dt.date, seed: int) -> list[Sentence]:
    if q.choice is None:
        return []
    if q.choice[1] > as_of:
        return [not_lived(q.choice[1], as_of)]
    return told(choice(case, p, q.choice[0], q.choice[1], seed))


def not_lived(day: dt.date, as_of: dt.date) -> Sentence:
    """What is said of a day beyond the reports."""
    return Sentence(
        f"The rest of the answer needs worlds conditioned on the reports up to {day}; these use "
        f"those up to {as_of}."
    )


def told(c: Choice) -> list[Sentence]:
    """A choice taken apart, in sentences: the deed, then what else would have served."""
    out = [Sentence(c.note)] if c.note else []
    out += [
        Sentence(
            f"On {dated(c.date)} {c.title} had an opening to act with probability "
            f"{percent(c.opening)}; it would do nothing with {percent(c.nothing)}."
        )
    ]
    for x in most_informative(c.moves):
        if not (x.made or abs(x.odds) > 1):
            continue
        parts = [part for part in x.parts if abs(part.mean) >= 2 * SEEN][:5]
        words = ", ".join(f"{part.title} {part.mean:+.1f}" for part in parts)
        passages = dict.fromkeys(p for part in parts for p in part.passages[:2])
        deed = "It did: " if x.made else "It did not: "
        how = f"chosen at {percent(x.chosen)} of openings"
        if x.dated:
            how = f"on its date, at {percent(x.chosen)} had it been an opening"
        out.append(
            Sentence(
                f"{deed}{x.title} (log-odds {x.odds:+.1f} against doing nothing, {how}). Of that: "
                f"{words}.",
                tuple(passages),
            )
        )
    return out


def _without(
    q: Asked, case: Case, p: Posterior, as_of: dt.date, seed: int, threads: int | None
) -> list[Sentence]:
    if not q.without:
        return []
    day = q.on or case.crisis.first
    if day > as_of:
        return [not_lived(day, as_of)]
    asked = [name for noun, name in q.reads if noun == "question"]
    b = but_for(case, p, q.without, day, as_of, seed, threads=threads, asked=asked)
    words = "; ".join(e.words for e in q.without)
    out = [
        Sentence(
            f"With this change ({words}, from {dated(day)}), in the same worlds with the same "
            "noise (Gumbel coupling):"
        )
    ]
    out += [Sentence(note) for note in b.notes]
    named = {"question": b.questions, "event": b.past, "quantity": b.quantities}
    rows = {(noun, c.id): c for noun, group in named.items() for c in group}
    for noun, name in q.reads:
        row = rows.get((noun, name))
        if row is not None:
            out.append(Sentence(contrasted(row, b.as_of), row.cites[:CITED]))
    return out


def contrasted(c: Contrast, as_of: dt.date) -> str:
    """A difference in a sentence; without one, that none can be told."""
    when = {"event": f", times up to {dated(as_of)}", "quantity": f", on {dated(as_of)}"}
    text = asked_in_words(c.text, c.given) + when.get(c.kind, "")
    if not c.distinct:
        return f"{text}: no difference larger than the error ({c.but_for:.2f} and {c.actual:.2f})."
    tail = ""
    if c.hangs_on_coupling:
        dice = f"{c.renewed:.2f} and {c.independent:.2f}"
        tail = f"; with new noise {dice}, so this depends on the coupling"
    return f"{text}: {c.but_for:.2f} instead of {c.actual:.2f} (error {c.mc_error:.2f}{tail})."


def _weighed(r: Retold, seed: int, threads: int | None) -> tuple[Gains, ...]:
    return tuple(
        gains(r.cases[name], p, r.as_of, seed, name, min(r.worlds, 1024), threads)
        for name, p in r.posteriors.items()
        if not p.refusal()
    )


def _gains(q: Asked, case: Case, found: tuple[Gains, ...]) -> list[Sentence]:
    out = []
    for actor in q.gains:
        rows = [(g.assessment, x) for g in found for x in g.gains if x.actor == actor]
        if not rows:
            continue
        parts = [f"{x.verdict} under {name} ({x.change:+.1f})" for name, x in rows]
        terms = [t for t in rows[0][1].terms if abs(t.change) > 3 * t.mc_error][:3]
        why = ", ".join(f"{t.name} {t.change:+.1f}" for t in terms)
        passages = tuple(dict.fromkeys(p for t in terms for p in t.passages[:2]))
        tail = f" What moved most in the case: {why}." if why else ""
        out.append(Sentence(f"{rows[0][1].title}: {', '.join(parts)}.{tail}", passages))
    return out


def _refused(q: Asked, r: Retold) -> list[Sentence]:
    """The assessments under which too few worlds agree with the reports: who gained is not said."""
    names = [name for name, p in r.posteriors.items() if p.refusal()] if q.gains else []
    return [Sentence(f"Left out, with too few worlds: {', '.join(names)}.")] if names else []

"""A game, looked back on, as a leaflet for a class."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from offramp.answers.forecast import told
from offramp.answers.sampling import mc_error
from offramp.answers.wording import coarse, percent, span
from offramp.answers.wording import day as written
from offramp.case.case import Case
from offramp.explain.motives import want_title
from offramp.play.game import NOTHING
from offramp.play.injected import Changed
from offramp.play.instead import Instead
from offramp.play.rank import Rank
from offramp.play.review import Came, Decided, Distance, Review, Unknown, Worth
from offramp.play.spoken_to import Spoken
from offramp.render.brief import bands, charts
from offramp.render.brief.points import Point, points, share_of
from offramp.render.edit_said import edit_said
from offramp.render.pages.phrases import level_words
from offramp.render.sheet.leaflet import Leaflet, Picture, Section
from offramp.text.diagnostics import counted

if TYPE_CHECKING:
    from offramp.answers.forecast import Forecast
    from offramp.sources import Passage

FEW = 0.005  # a probability below this is said to be below it
SPOKE = 3  # parts that are told of a decision
APART = 3.0  # errors beyond which another decision would have made a difference
OPEN = 12  # questions that a game has not decided
MOVED = 3  # answers that are told of it
NEAR, FAR = 2.0, 3.0  # standard deviations from the model's own play
SAME = 2.0  # times an author's sd within which a change has no sign
STILL = 0.005  # of a want's worth, below which it is not told
NOT_RANKED = (
    "It is not set beside games of the model alone, since the crisis was changed in the middle."
)
READING = (
    "Blue: the middle 50, 80, 90 and 98% of worlds without players, from the case's first day and "
    "without reports. Probabilities of decisions are what the model gave them on that morning, "
    "with an opening; the players were not told. The model is no judge: a decision that it held "
    "unlikely may be the better one. One game neither confirms nor breaks a claim about what "
    "causes what. Worth is that of wants, without dreads and wants that read a belief; it is each "
    "actor's own, and not compared between actors. Beside games of the model alone, a game is one "
    "draw: its dice and what others decided count as much as what a seat did."
)


def review_leaflet(case: Case, r: Review) -> Leaflet:
    """The review of a game."""
    said, free = _Said(case, bool(r.changed)), r.expected
    held = [s.actor for s in r.begins.seats if s.asked]
    start = (r.begins.first - case.crisis.first).days
    who = " and ".join(said.titles[a] for a in held) or "Nobody"
    last = r.begins.first + dt.timedelta(max(0, r.days - 1))
    parts = (
        ("What was changed in the middle", [said.changed(c) for c in r.changed]),
        (
            "What happened",
            [said.happened(*h) for h in r.log if h[0] >= start and h[1] not in case.crisis.daily],
        ),
        ("The least expected decisions", [said.decided(d, r.but_for(d)) for d in r.least]),
        ("How far from the model's own play", [said.distance(d) for d in r.distances]),
        *(
            (f"What {said.titles[a]} was not told", [said.unknown(u) for u in r.unknown[a]])
            for a in held
        ),
        ("What this world had drawn", list(said.drawn(r, free))),
        ("What it was worth, by whose weights", list(said.worth(r, held))),
        ("What became of the questions", [said.came(c, free) for c in r.came]),
        ("Questions that the game has not decided", list(said.open(r, free))),
        ("Claims whose cause came about", [said.claim(s) for s in r.spoken]),
        ("All decisions", [said.briefly(d) for d in r.decided]),
    )
    state = "" if r.over else ", not over yet"
    return Leaflet(
        title=f"{case.crisis.title}, played",
        kicker=f"{case.crisis.title} · world {r.begins.number} of seed {r.begins.seed} · "
        f"{span(r.begins.first, last)}{state}",
        headline=f"{who}: {counted(len(r.decided), 'decision')} in {counted(r.days, 'day')}",
        sections=tuple(Section(title, tuple(points)) for title, points in parts if points),
        reading=READING,
        command="offramp review GAME.jsonl -o review.html",
        picture=None if free is None else picture(free, [r]),
    )


def picture(free: Forecast, games: Sequence[Review]) -> Picture | None:
    """Games as dark lines among what the model expected, to the last day of any; None where it has
    no ladder, and before the first evening."""
    if not any(band.levels for band in free.ensemble.bands.values()):
        return None
    key, _ = bands.ladder(free.ensemble)
    lines = [g.series[key] for g in games if g.series[key]]
    if not lines:
        return None
    lived = free.ensemble.until(max(map(len, lines)))
    chart = charts.fan(lived, width=700, height=320, games=lines)
    return Picture(charts.to_svg(chart), str(chart.description))


class _Said:
    def __init__(self, case: Case, changed: bool = False) -> None:
        self.case = case
        self.without = "Without players and without the changes" if changed else "Without players"
        self.titles = {a.name: a.title for a in case.crisis.actors}
        self.by_name = {e.name: e for e in case.crisis.events}
        self.events = {e.name: e.title for e in case.crisis.events}
        self.questions = {q.id: q for q in case.questions}
        self.passages: Mapping[str, Passage] = case.passages

    def deed(self, d: Decided) -> str:
        if d.consent:
            return f"{'consented to' if d.yes else 'refused'} “{self.events[d.event]}”"
        if not d.event:
            return "did nothing"
        words = "".join(f", with “{self.events[w]}”" for w in d.words)
        deed = f"“{self.events[d.event]}”{words}"
        return f"wanted {deed}" if d.refused else deed

    def briefly(self, d: Decided) -> Point:
        by = f" (answered by {d.by})" if d.by else ""
        who = " and ".join(self.titles[a] for a in d.refused)
        refused = f" {who} did not consent." if who else ""
        why = f" Their reason: “{d.why}”." if d.why else ""
        lead = f"{written(d.date, year=False)}, {self.titles[d.seat]}:"
        return Point(lead, f"{self.deed(d)}{by}, {chance(d.p_model)}.{refused}{why}")

    def happened(self, day: int, event: str, outcome: str) -> Point:
        """Something that came about, whoever saw it."""
        own = self.by_name[event]
        said = f"{own.title} ({level_words(outcome)})" if outcome else own.title
        by = f", by {self.titles[own.by]}" if own.by else ""
        lead = f"{written(self.case.crisis.first + dt.timedelta(day), year=False)}:"
        return Point(lead, f"{said}{by}.")

    def drawn(self, r: Review, free: Forecast | None) -> Iterable[Point]:
        """The unknowns of the world that was played, once it is over, beside those of others."""
        if not r.over or free is None:
            return
        for k, u in enumerate(self.case.crisis.unknowns):
            value, others = r.unknowns[k], free.ensemble.unknowns[:, k]
            if u.options:
                name = level_words(u.options[int(value)].name)
                yield Point(
                    f"{u.title}:",
                    f"{name}, as in {percent(float((others == value).mean()))} of worlds.",
                )
            else:
                below = percent(float((others < value).mean()))
                number = f"{value:.3g}".replace("-", "−")
                yield Point(f"{u.title}:", f"{number}, more than in {below} of worlds.")

    def changed(self, c: Changed) -> Point:
        """What the facilitator did to the crisis; who played was not told."""
        said = "; ".join(edit_said(self.case.crisis, e) for e in c.edits)
        return Point(f"From {written(c.date, year=False)} on, by who ran the game:", f"{said}.")

    def decided(self, d: Decided, other: Instead | None) -> Point:
        name, p = d.likeliest
        what = {NOTHING: "to do nothing", "yes": "yes", "no": "no"}.get(name)
        likeliest = f"It held {what or f'“{self.events[name]}”'} most likely ({percent(p)})."
        if name == d.event and d.p_model < p:
            likeliest = (
                f"The move alone, whatever is said with it, was the likeliest ({percent(p)})."
            )
        elif name == (d.event or NOTHING) or (d.consent and name == ("yes" if d.yes else "no")):
            likeliest = "It held nothing else likelier."
        spoke = self.spoke(d)
        own = self.briefly(d)
        cites = tuple(
            (c, self.passages[c].paraphrase if c in self.passages else "")
            for c in dict.fromkeys(x for part in d.parts[:SPOKE] for x in part.passages)
        )
        came = "" if other is None else self.instead(d, other)
        text = " ".join(x for x in (own.text, likeliest, spoke, came) if x)
        return Point(own.lead, text, cites=cites)

    def instead(self, d: Decided, other: Instead) -> str:
        """What would have come of another decision, as far as it is beyond the errors."""
        what = {NOTHING: "nothing", "yes": "consent", "no": "a refusal"}.get(other.other)
        deed = what or f"“{self.events[other.other]}”"
        lead = f"With {deed} in its place, and the model playing on"
        said = []
        if abs(other.worth.change) > APART * other.worth.error:
            way = "more" if other.worth.change > 0 else "less"
            size = f"{abs(other.worth.change):.2f} (± {other.worth.error:.2f})"
            said.append(f"its wants would be worth {size} {way} on the last day")
        moved = [c for c in other.answers if abs(c.change) > APART * c.error]
        for c in sorted(moved, key=lambda c: -abs(c.change))[:MOVED]:
            made = coarse(c.made, mc_error(c.made * other.worlds, other.worlds))
            way = points(c.change, c.error)
            said.append(f"“{self.questions[c.what].text}” would go {way} from {made}")
        if not said:
            return f"{lead}, nothing would differ beyond the errors of {other.worlds:,} pairs."
        return f"{lead}: {'; '.join(said)} ({other.worlds:,} pairs)."

    def spoke(self, d: Decided) -> str:
        """What spoke for and against the deed, the largest parts first."""
        told = d.parts[:SPOKE]
        sides = (
            ("for", [p.title for p in told if p.mean > 0.0]),
            ("against", [p.title for p in told if p.mean < 0.0]),
        )
        said = "; ".join(f"{way} it spoke {', '.join(names)}" for way, names in sides if names)
        if not said:
            return ""
        if d.event:
            return f"{said[:1].upper()}{said[1:]}."
        return f"Of the likeliest move: {said}."

    def distance(self, d: Distance) -> Point:
        lead = f"{self.titles[d.seat]}:"
        if not d.decisions:
            return Point(lead, "no decision of its own yet.")
        if d.apart is None:
            return Point(lead, "the model would have decided so for certain.")
        number = f"{d.apart:+.1f}".replace("-", "−")
        together = (
            "its one decision lies"
            if d.decisions == 1
            else f"its {d.decisions} decisions together lie"
        )
        return Point(
            lead,
            f"{played(d.apart)}: {together} {number} standard deviations from what the model's own "
            "play would give.",
        )

    def unknown(self, u: Unknown) -> Point:
        lead = f"{written(self.case.crisis.first + dt.timedelta(u.day), year=False)}:"
        outcome = f" ({level_words(u.outcome)})" if u.outcome else ""
        by = f"by {self.titles[u.by]}" if u.by else "by nobody"
        tail = f"seen, and not that it was {by}" if u.seen else by
        return Point(lead, f"{self.events[u.event]}{outcome}, {tail}.")

    def worth(self, r: Review, held: list[str]) -> Iterable[Point]:
        """Each seat, by all weights."""
        for actor in held:
            rows = [w for w in r.worth if w.actor == actor]
            if not rows:
                continue
            said = "; ".join(f"by {self.whose(w)} {signed(w)}" for w in rows)
            moved = [(name, x) for w in rows for name, x in w.wants if abs(x) >= STILL][:MOVED]
            wants = ", ".join(f"{want_title(self.case.crisis, n)} {minus(x)}" for n, x in moved)
            most = f" What changed it most: {wants}." if wants else ""
            rank = r.rank(actor)
            beside = "" if rank is None else f" {beside_the_model(rank)}"
            changed = f" {NOT_RANKED}" if r.changed else ""
            yield Point(f"{self.titles[actor]}:", f"{said}.{most}{beside}{changed}")

    def whose(self, w: Worth) -> str:
        if w.author == "case":
            return "the weights of this world"
        return f"those of “{self.case.assessments[w.author].title}”"

    def came(self, c: Came, free: Forecast | None) -> Point:
        q = self.questions[c.question]
        if not c.met:
            return Point(lead(q.text), f"Its condition was not met ({q.where}).")
        if q.kind_of == "choice":
            names = q.names
            came = level_words(names[int(c.value)]) if c.value < len(names) else "none of these"
        elif q.kind_of == "number":
            came = f"{c.value:.4g}"
        elif q.kind_of == "date":
            when = self.case.crisis.first + dt.timedelta(int(c.value))
            came = written(when) if when <= q.last else "not within its window"
        else:
            came = "yes already" if c.early else "yes" if c.value else "no"
        said = f"{came[:1].upper()}{came[1:]}.{self.expected(c.question, free)}"
        return Point(lead(q.text, q.where), said)

    def claim(self, s: Spoken) -> Point:
        """What became of a claim's cause and effect; one game neither confirms nor breaks it."""
        first = self.case.crisis.first
        cause, effect = (self.happening(n) for n in (s.cause, s.effect))
        came = written(first + dt.timedelta(s.came), year=False)
        if s.followed is None:
            tail = f"“{effect}” did not follow"
        else:
            tail = f"“{effect}” came on {written(first + dt.timedelta(s.followed), year=False)}"
        author = self.case.assessments.get(s.author)
        whose = "the case" if author is None else f"“{author.title}”"
        cites = ((s.claim, self.passages[s.claim].paraphrase),) if s.claim in self.passages else ()
        return Point(f"{s.says} ({whose}):", f"“{cause}” came on {came}; {tail}.", cites=cites)

    def happening(self, name: str) -> str:
        """The title of an event, or of one of its outcomes."""
        if name in self.events:
            return self.events[name]
        event, _, outcome = name.rpartition(".")
        return f"{self.events.get(event, event)}: {level_words(outcome)}"

    def open(self, r: Review, free: Forecast | None) -> Iterable[Point]:
        """The first of the questions that are still open, and how many more there are."""
        yield from (self.still(q, free) for q in r.open[:OPEN])
        if len(r.open) > OPEN:
            yield Point("", f"And {len(r.open) - OPEN} more.")

    def still(self, question: str, free: Forecast | None) -> Point:
        q = self.questions[question]
        ends = f"Its window ends on {written(q.last)}."
        return Point(lead(q.text, q.where), f"{ends}{self.expected(question, free)}")

    def expected(self, question: str, free: Forecast | None) -> str:
        """What the model gave without players, no finer than its error."""
        answers = () if free is None else free.answers
        found = next((a for a in answers if a.id == question and a.probability is not None), None)
        return "" if found is None else f" {self.without} the model gave yes {share_of(found)}."


def lead(text: str, where: str = "") -> str:
    """A question before what became of it, with its condition."""
    said = told(text, where)
    return said if said.endswith("?") else f"{said}:"


def chance(p: float) -> str:
    """`to which the model gave 12%`."""
    return f"to which the model gave {percent(p) if p >= FEW else 'less than 1%'}"


def played(apart: float) -> str:
    """How a seat played, by its standard deviations from the model's own play."""
    if abs(apart) <= NEAR:
        return "as the model might have played"
    if apart > 0:
        return "closer to what the model holds most likely than it plays itself"
    return "not as the model plays" if apart < -FAR else "hardly as the model plays"


def beside_the_model(k: Rank) -> str:
    """How the game came out beside those of the model alone."""
    return (
        f"Of {k.worlds:,} games that the model plays alone from the same morning of this world, "
        f"{coarse(k.below, k.mc_error)} came out worse for it by this world's "
        f"weights (on average {minus(k.mean)})."
    )


def minus(x: float) -> str:
    """`+0.31`, `−0.29`."""
    return f"{x:+.2f}".replace("-", "−")


def signed(w: Worth) -> str:
    number = minus(w.change)
    if w.sd == 0.0:
        return number
    sure = "" if abs(w.change) > SAME * w.sd else ", either way by what it leaves open"
    return f"{number} (± {w.sd:.2f}{sure})"

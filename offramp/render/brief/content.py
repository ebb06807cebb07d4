"""What a brief says, as plain text and numbers: the page and the paper only set it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from offramp.answers.spread import spread
from offramp.answers.wording import LONG_MONTHS, coarse, day, interval, odds, percent, span
from offramp.render.brief import bands, headline
from offramp.render.brief.points import Point, advice, dissent, leaning, share_of, signs, unseen
from offramp.render.brief.reasons import Reasons, Without, passages_of, reasons, without

if TYPE_CHECKING:
    from offramp.answers.forecast import Answer, ChoiceAnswer, Forecast, QuantityAnswer
    from offramp.explain.central_event import Central
    from offramp.explain.coverage import Coverage
    from offramp.explain.essentials import Essentials
    from offramp.explain.main_actors import Apart
    from offramp.explain.open_questions import Reply
    from offramp.explain.robustness import Compared
    from offramp.sources import Document, Passage

SIGNS = 4  # of an answer
FAILING = 8  # facts and claims told of those that fail, of each
MISSING = "no world met the condition"


@dataclass(frozen=True)
class Cite:
    """A passage's name in the text; `place` is its anchor, empty where the passage is unknown."""

    name: str
    place: str
    paraphrase: str
    document: str = ""  # where it stands, by its id


@dataclass(frozen=True)
class Row:
    """One question and its answer."""

    number: int
    text: str
    window: str
    percent: str
    odds: str
    of: str
    words: str
    interval: str
    low: float | None
    middle: float | None
    high: float | None
    basis: tuple[int, int, int]
    reported: str
    cites: tuple[Cite, ...]
    rests: tuple[Cite, ...]
    note: str
    headline: bool
    resolves: str  # what counts, in the case's words


@dataclass(frozen=True)
class Option:
    """One option of a choice, its share of the worlds that meet the condition."""

    name: str
    percent: str
    share: float


@dataclass(frozen=True)
class Picked:
    """A question of which of several, or how far, and the share of each."""

    text: str
    window: str
    of: str
    options: tuple[Option, ...]
    note: str
    reported: str
    resolves: str
    cites: tuple[Cite, ...]


@dataclass(frozen=True)
class Beside:
    """A question and what the case and each author answer; '–' where one gives none."""

    number: int
    text: str
    answers: tuple[str, ...]


@dataclass(frozen=True)
class Authors:
    """Answers side by side. `names` are the columns, the case first."""

    names: tuple[str, ...]
    titles: tuple[tuple[str, str], ...]
    rows: tuple[Beside, ...]
    dissent: tuple[Point, ...]


@dataclass(frozen=True)
class Quantity:
    """One quantity in words; its dotplot stands above them."""

    text: str
    window: str
    words: str


@dataclass(frozen=True)
class Cited:
    """One passage that answers rest on; `rows` are the questions that it raises. `on_paper`: it is
    named above, and not only one step behind an answer."""

    name: str
    place: str
    where: str
    paraphrase: str
    phrase: str
    rows: tuple[int, ...]
    err: str
    on_paper: bool


@dataclass(frozen=True)
class Source:
    """A document and what is cited from it."""

    title: str
    byline: str
    passages: tuple[Cited, ...]


@dataclass(frozen=True)
class Said:
    """A sentence of an answer and what it rests on."""

    text: str
    cites: tuple[Cite, ...]


@dataclass(frozen=True)
class Opened:
    """A question that a document asks and leaves open, and its answer."""

    question: str
    who: str
    cite: Cite
    sentences: tuple[Said, ...]
    note: str
    how: str


@dataclass(frozen=True)
class Carried:
    """How much of what the documents say is carried by the model, and what is not."""

    summary: str
    left: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class More:
    """What a brief may have beside the forecast."""

    replies: tuple[Reply, ...] = ()
    coverage: Coverage | None = None
    errs: Mapping[str, str] = field(default_factory=dict)  # by passage: what the record says
    quick: bool = False  # answers that need worlds of the reports are left open
    lived: tuple[tuple[date, date], ...] = ()  # first and last day of each reading of the reports
    decided: Mapping[str, str] = field(default_factory=dict)  # by question: what had decided it
    rules: Mapping[str, str] = field(default_factory=dict)  # by question: what counts
    essentials: Essentials | None = None
    policies: Compared | None = None
    apart: tuple[Apart, ...] = ()
    central: Central | None = None


@dataclass(frozen=True)
class Content:
    """All words of a brief, top to bottom."""

    title: str
    kicker: str
    headline: str
    summary: str
    about: str
    ladder: str
    lived: str
    milestones: tuple[str, ...]
    leans: tuple[Point, ...]
    signs: tuple[Point, ...]
    authors: Authors | None
    reasons: Reasons | None
    without: Without | None
    advice: tuple[Point, ...]
    unseen: tuple[Point, ...]
    rows: tuple[Row, ...]
    picked: tuple[Picked, ...]
    quantities: tuple[Quantity, ...]
    opened: tuple[Opened, ...]
    carried: Carried | None
    sources: tuple[Source, ...]
    reading: tuple[tuple[str, str], ...]
    limits: tuple[tuple[str, str], ...]
    footer: tuple[tuple[str, str], ...]
    command: str


def content(
    forecast: Forecast,
    passages: Mapping[str, Passage],
    documents: Mapping[str, Document],
    milestones: Sequence[tuple[date, str]],
    more: More | None = None,
) -> Content:
    """Everything that the brief says about the forecast, and `more` where there is more."""
    more = more or More()
    ladder = bands.ladder(forecast.ensemble)[1].title if bands.climbs(forecast.ensemble) else ""
    numbers = {a.id: n for n, a in enumerate(forecast.answers, 1)}
    found = more.essentials
    return Content(
        title=forecast.title,
        kicker=_kicker(forecast),
        headline=headline.finding(forecast),
        summary=headline.summary(forecast),
        about=forecast.about,
        ladder=ladder,
        lived=_lived(forecast, bool(more.lived)),
        milestones=tuple(
            f"{day(when)}: {what}"
            for when, what in sorted(milestones, key=lambda m: m[0])
            if forecast.first <= when <= forecast.last
        ),
        leans=tuple(leaning(x, numbers[x.question], passages) for x in found.leans)
        if found
        else (),
        signs=tuple(signs(found, numbers, SIGNS)) if found else (),
        authors=_authors(found, numbers, passages) if found and found.authors else None,
        reasons=reasons(more.apart, numbers, forecast.as_of, passages),
        without=without(more.central, found.lines, numbers, forecast.as_of, passages)
        if found and more.central
        else None,
        advice=tuple(advice(more.policies, passages)) if more.policies else (),
        unseen=tuple(unseen(found, passages, FAILING, detail=True))
        if found and found.failings
        else (),
        rows=tuple(_row(i, a, passages, forecast, more) for i, a in enumerate(forecast.answers, 1)),
        picked=tuple(_picked(c, passages, forecast, more) for c in forecast.choices),
        quantities=tuple(
            _quantity(q, forecast.worlds, more.decided.get(q.id, "")) for q in forecast.quantities
        ),
        opened=tuple(_opened(r, passages, documents) for r in more.replies),
        carried=_carried(more.coverage),
        sources=_sources(forecast, passages, documents, more),
        reading=tuple(x for x in _READING if ladder or x[0] != _FAN),
        limits=_limits(forecast, documents, more.quick),
        footer=(
            ("Case", forecast.case),
            ("Model", forecast.model_sha256),
            ("Seed", str(forecast.seed)),
            ("Worlds", f"{forecast.worlds:,}"),
            ("Version", f"Offramp {forecast.version}"),
        ),
        command=_command(forecast, more.quick),
    )


def anchor(name: str) -> str:
    """A passage's name as an id that HTML and URLs take; different names stay different."""
    return "p-" + re.sub(r"[^A-Za-z0-9.-]", lambda m: f"_{ord(m[0]):x}_", name)


def _kicker(forecast: Forecast) -> str:
    later = forecast.start_from != forecast.first
    parts = (
        forecast.title,
        span(forecast.first, forecast.last),
        f"counted from {day(forecast.start_from)}" if later else "",
        f"{forecast.worlds:,} worlds",
        f"seed {forecast.seed}",
        *([f"as reported by {day(forecast.as_of)}"] if forecast.as_of else []),
    )
    return " · ".join(p for p in parts if p)


def _lived(forecast: Forecast, marks: bool) -> str:
    """What stands under the fan of conditioned worlds."""
    if forecast.as_of is None:
        return ""
    marked = (
        f" Marks at the foot: the days of the {forecast.reports} reports used; bars, where the "
        "day is not certain."
    )
    line = f"Whole line: {day(forecast.as_of)}, up to which reports are used."
    return line + (marked if marks else "")


def _row(
    number: int, a: Answer, passages: Mapping[str, Passage], forecast: Forecast, more: More
) -> Row:
    p = a.probability
    low, high = a.interval or (None, None)
    return Row(
        number=number,
        text=a.text,
        window=span(*a.window),
        percent="–" if p is None else share_of(a),
        odds=_odds(a),
        of=f"of the {a.worlds:,} worlds in which {a.given}" if a.given and p is not None else "",
        words=a.words,
        interval=interval(a.interval) if a.interval else "",
        low=low,
        middle=p,
        high=high,
        basis=(a.near.stated, a.near.sized, a.near.assumed),
        reported=_reported(forecast, a),
        cites=tuple(_cite(name, passages) for name in a.cites),
        rests=tuple(_cite(name, passages) for name in a.rests_on if name not in a.cites),
        note="; ".join(n for n in (more.decided.get(a.id, ""), a.note, _later(a)) if n),
        headline=a.headline,
        resolves=more.rules.get(a.id, ""),
    )


def _picked(
    c: ChoiceAnswer, passages: Mapping[str, Passage], forecast: Forecast, more: More
) -> Picked:
    options = [
        Option(name, coarse(p, error), p)
        for name, p, error in zip(c.options, c.probabilities, c.mc_errors, strict=True)
    ]
    if c.none > 0.0:
        options.append(Option("none of these", percent(c.none), c.none))
    return Picked(
        text=c.text,
        window=span(*c.window),
        of=f"of the {c.worlds:,} worlds in which {c.given}" if c.given else "",
        options=tuple(options),
        note=more.decided.get(c.id, ""),
        reported=_reported(forecast, c),
        resolves=more.rules.get(c.id, ""),
        cites=tuple(_cite(name, passages) for name in c.cites),
    )


def _authors(e: Essentials, numbers: Mapping[str, int], passages: Mapping[str, Passage]) -> Authors:
    """The answers of the page as the case and each author have them."""

    def shown(a: Answer | None) -> str:
        return "–" if a is None or a.probability is None else share_of(a)

    names = tuple(e.authors)
    first = numbers[e.lines[0].answer.id] if e.lines else 0
    return Authors(
        names=("case", *names),
        titles=tuple(e.authors.items()),
        rows=tuple(
            Beside(
                numbers[line.answer.id],
                line.answer.text,
                tuple(map(shown, (line.answer, *(line.rivals.get(n) for n in names)))),
            )
            for line in e.lines
        ),
        dissent=tuple(dissent(e, first, passages)),
    )


def _odds(a: Answer) -> str:
    """Natural frequencies; where there is a condition, with the worlds that they are of."""
    if a.probability is None:
        return f"{MISSING}: {a.given}" if a.given else MISSING
    words = odds(a.probability, a.worlds)
    return f"{words} of {a.worlds:,} worlds" if a.given and 0 < a.probability < 1 else words


def _later(a: Answer) -> str:
    if a.written_later is None:
        return ""
    return f"asked after the fact: a document that raises it speaks as of {day(a.written_later)}"


def _reported(forecast: Forecast, a: Answer | ChoiceAnswer) -> str:
    """What happened; as of a day nothing that was decided later, unless it was asked for."""
    told = forecast.recorded(a)
    if told is None:
        return ""
    when = f", {day(told.on)}" if told.on else ""
    return f"{told.answer}{when} ({told.source})"


def _cite(name: str, passages: Mapping[str, Passage]) -> Cite:
    known = passages.get(name)
    if known is None:
        return Cite(name, "", "")
    return Cite(name, anchor(name), known.paraphrase, known.document)


def _quantity(q: QuantityAnswer, worlds: int, decided: str) -> Quantity:
    words = spread(q, worlds)
    return Quantity(q.text, span(*q.window), f"{_sentence(decided)} {words}" if decided else words)


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."


def _opened(r: Reply, passages: Mapping[str, Passage], documents: Mapping[str, Document]) -> Opened:
    known = passages.get(r.passage)
    document = documents.get(known.document) if known else None
    return Opened(
        question=r.question,
        who=_author(document) if document else "",
        cite=_cite(r.passage, passages),
        sentences=tuple(
            Said(s.text, tuple(_cite(p, passages) for p in s.passages if p in passages))
            for s in r.sentences
        ),
        note=r.note,
        how=r.how,
    )


def _author(document: Document) -> str:
    """Who wrote it; the publisher where the file does not say."""
    return document.publisher if document.author.startswith("not named") else document.author


def _carried(c: Coverage | None) -> Carried | None:
    if c is None:
        return None
    dead = f" {len(c.dead)} elements that nothing reads count for nothing." if c.dead else ""
    summary = (
        f"{c.carried} of the {len(c.rows)} things that the documents were found to say are carried "
        f"by the model ({percent(c.share)}): by an element that a run reads, a question, a "
        f"judgement, a test, a policy or a report. Of these, {c.only_listed} are only named by an "
        f"element and move no number of their own.{dead}"
    )
    return Carried(summary, tuple((row.id, row.reason) for row in c.left_out))


def _sources(
    forecast: Forecast,
    passages: Mapping[str, Passage],
    documents: Mapping[str, Document],
    more: More,
) -> tuple[Source, ...]:
    rows: dict[str, list[int]] = {}
    for number, a in enumerate(forecast.answers, 1):
        for name in a.cites:
            rows.setdefault(name, []).append(number)
    named = set(rows).union(_named(forecast, more))
    for name in (*named, *(name for a in forecast.answers for name in a.rests_on)):
        rows.setdefault(name, [])
    by_document: dict[str, list[Passage]] = {}
    for name in rows:
        if name in passages:
            by_document.setdefault(passages[name].document, []).append(passages[name])
    # Nobody dated what the record says beside a passage: as of a day it may be news.
    shown = forecast.as_of is None or forecast.with_record
    errs = more.errs if shown else {}
    return tuple(
        _source(documents.get(key), key, sorted(found, key=lambda p: p.start), rows, errs, named)
        for key, found in sorted(by_document.items())
    )


def _named(forecast: Forecast, more: More) -> Iterator[str]:
    """The passages that sentences name beside the questions': of choices, of the documents' own
    questions, of why actors choose, of the central event, of what the answers lean on, of what
    carries a difference or fails."""
    yield from (p for c in forecast.choices for p in c.cites)
    for r in more.replies:
        yield from (r.passage, *(p for s in r.sentences for p in s.passages))
    if more.policies is not None:
        yield from (p for row in more.policies.rows for p in row.cites)
    yield from passages_of(more.apart, more.central)
    e = more.essentials
    if e is not None:
        yield from (p for x in e.leans for p in x.passages)
        yield from (p for d in e.dissents for c in d.carriers for p in c.first)
        yield from (x.judgement.passage for own in e.judged.values() for x in own)
        if e.failings is not None:
            yield from (p for x in (*e.failings.wrong, *e.failings.failed) for p in x.passages)


def _source(
    document: Document | None,
    key: str,
    found: list[Passage],
    rows: dict[str, list[int]],
    errs: Mapping[str, str],
    named: Collection[str],
) -> Source:
    cited = tuple(
        Cited(
            name=p.id,
            place=anchor(p.id),
            where=f"characters {p.start:,}–{p.end:,}",
            paraphrase=p.paraphrase,
            phrase=p.phrase or "",
            rows=tuple(dict.fromkeys(rows[p.id])),
            err=errs.get(p.id, ""),
            on_paper=p.id in named,
        )
        for p in found
    )
    if document is None:
        return Source(key, "a document that the case does not describe", cited)
    byline = ", ".join(x for x in (document.author, document.publisher, _dated(document)) if x)
    return Source(document.title, byline, cited)


def _dated(document: Document) -> str:
    """The document's date; one that it does not bear itself is marked so."""
    by = document.dating
    said = f"{LONG_MONTHS[by.date.month - 1]} {by.date.year}" if by.by_month else day(by.date)
    said += " (date inferred)" if by.precision == "inferred" else ""
    return said + (f", knew until {day(by.knew_until)}" if by.until else "")


def _command(forecast: Forecast, quick: bool) -> str:
    words = ["offramp", "brief", forecast.case]
    words += ["--worlds", str(forecast.worlds), "--seed", str(forecast.seed)]
    if forecast.start_from != forecast.first:
        words += ["--from", forecast.start_from.isoformat()]
    if forecast.as_of is not None:
        words += ["--as-of", forecast.as_of.isoformat()]
    if forecast.with_record:
        words.append("--with-record")
    if quick:
        words.append("--quick")
    return shlex.join(words)


_FAN = "The fan"
_READING = (
    (
        "A probability is a share of worlds.",
        "The model draws what is not known, then simulates the crisis day by day; 5%, or 1 in 20, "
        "means that one such world in twenty meets the question's condition.",
    ),
    (
        "The interval is sampling alone.",
        "It is the 90% interval that comes from having drawn a finite number of worlds. More "
        "worlds narrow it; they do not make the model better.",
    ),
    (
        "Words follow the number.",
        "Readers differ widely on what “unlikely” means, so the words never stand without it.",
    ),
    (
        _FAN,
        "shows, for each day, the rungs between which 50, 80, 90 and 98% of worlds lie. A world "
        "does not follow a band: the thin lines are single worlds.",
    ),
    (
        "A dot is one world in twenty.",
        "Count the dots beyond a value to read the chance of going beyond it.",
    ),
)


_QUICK = (
    "What the answers lean on, signs, authors, recommendations, why the main actors choose, what "
    "would be but for the central event, what the model gets wrong: without --quick they are in."
)


def _limits(
    forecast: Forecast, documents: Mapping[str, Document], quick: bool
) -> tuple[tuple[str, str], ...]:
    stated, sized, assumed = (
        max((getattr(a.basis, grade) for a in forecast.answers), default=0)
        for grade in ("stated", "sized", "assumed")
    )
    return (
        (
            "These are the model’s probabilities, not the world’s.",
            f"An answer rests on up to {stated} numbers that a source states, {sized} that a "
            f"source supports and we sized, and {assumed} that we assumed.",
        ),
        _reports(forecast, documents),
        *((("Left out for speed.", _QUICK),) if quick else ()),
        *(("About this case.", limit) for limit in forecast.limits),
        *(
            ("Not asked.", f"{u.text} (in worlds in which {u.given}): {u.why}.")
            for u in forecast.unasked
        ),
        (
            "The error shown is the small part.",
            "What the model leaves out, and numbers that are wrong, are not in any interval here.",
        ),
    )


def _reports(forecast: Forecast, documents: Mapping[str, Document]) -> tuple[str, str]:
    """What the worlds know of the record."""
    if forecast.as_of is not None:
        worth = forecast.ensemble.effective or forecast.worlds
        return (
            f"Worlds are conditioned on the reports up to {day(forecast.as_of)}, and on nothing "
            "later.",
            f"{forecast.reports} reports were made to happen in every world, each world weighed by "
            f"how probable they were in it; {forecast.worlds} worlds are worth about {worth:.0f} "
            "independent ones. A report may be wrong; the model takes it as it stands."
            + _read_later(forecast.as_of, documents)
            + (
                " What was decided later is shown beside the answers."
                if forecast.with_record
                else ""
            ),
        )
    later = (
        " But the documents were written later than that, and already describe some of what is "
        "asked; such questions are marked, and are no test of foresight."
    )
    return (
        "Worlds are not adjusted to later reports.",
        f"They begin on {day(forecast.first)}, and none is kept or dropped for agreeing with what "
        "was reported after that day."
        + (later if any(a.written_later for a in forecast.answers) else ""),
    )


def _read_later(as_of: date, documents: Mapping[str, Document]) -> str:
    """That the model itself rests on documents of later days, where it does."""
    late = [d for d in documents.values() if d.knew > as_of]
    if not late:
        return ""
    latest = max(d.knew for d in late)
    return (
        f" But the model rests on {len(late)} of {len(documents)} documents that were written "
        f"later, up to {day(latest)}: what their authors already knew is in its numbers."
    )

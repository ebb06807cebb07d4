"""The page of a room: what the mechanism is, how the model does it, what a run gives.

Content is plain values; `room.md.j2` sets them as markdown that GitHub shows, with two pictures
beside it. Nothing on a page but the paragraph at its head is written by hand.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files

import jinja2
import numpy as np

from offramp.answers.forecast import Forecast, among, answered, supposed, watches
from offramp.answers.spread import known, spread
from offramp.answers.wording import day, interval, percent, span
from offramp.case.case import Case
from offramp.case.rooms import Room
from offramp.engine.blocks import machinery
from offramp.engine.blocks import worlds as blocks
from offramp.engine.by_value import ByValue
from offramp.engine.ensemble import Ensemble
from offramp.engine.monitors import Monitor
from offramp.engine.run import Progress, Run, RunSpec, simulate
from offramp.language.crisis import Crisis, State, cited, claims, elements
from offramp.language.kinds import unit_words
from offramp.language.questions import Resolution
from offramp.render.brief.bands import Floats
from offramp.render.pages.diagram import diagram, titles_of
from offramp.render.pages.multiples import Counted, Course, course, months, multiples, sampled, told
from offramp.render.pages.phrases import Markdown, Speaker, escaped, level_words, marks
from offramp.render.pages.signs import DOWN, UP
from offramp.sources.passages import sides
from offramp.text.diagnostics import counted as several
from offramp.version import __version__

Row = tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Lived(ByValue):
    """One run for all rooms: the forecast, bands of every quantity that some room plots, and for
    each counted event the share of worlds in which it happened, by month. `weekly` holds the values
    themselves, an array (worlds, weeks), of the quantities for which a band is too coarse."""

    forecast: Forecast
    ensemble: Ensemble
    weekly: Mapping[str, Floats]
    by_month: Mapping[str, tuple[float, ...]]
    ever: Mapping[str, float]


@dataclass(frozen=True)
class Section:
    """A part of a page that another module computes: a heading, words, and a table of markdown."""

    title: str
    words: str
    heads: Row
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Page:
    """What the template sets, top to bottom. Rows are cells in markdown."""

    number: int
    slug: str
    title: str
    about: str
    case: str
    caption: str
    events: tuple[Row, ...]
    quantities: tuple[Row, ...]
    wants: tuple[Row, ...]
    unknowns: tuple[Row, ...]
    beliefs: tuple[tuple[str, str, tuple[Row, ...]], ...]
    questions: tuple[Row, ...]
    passages: tuple[Row, ...]
    shared: tuple[Row, ...]
    sections: tuple[Section, ...]
    limits: tuple[str, ...]
    provenance: str
    command: str
    plotted: bool
    before: tuple[str, str] | None
    after: tuple[str, str] | None


def live(
    case: Case,
    rooms: Sequence[Room],
    worlds: int,
    seed: int,
    threads: int | None = None,
    progress: Progress | None = None,
    run: Run | None = None,
) -> Lived:
    """Lives the worlds once, keeping what the rooms show. Same case, seed, worlds: same values."""
    crisis = case.crisis
    shown = dict.fromkeys([*crisis.show[:1], *(q for room in rooms for q in room.plots)])
    watched, asked = watches(case, crisis.first)
    at = {e.name: i for i, e in enumerate(crisis.events)}
    states = {s.name: s for s in crisis.states}
    counted = tuple(dict.fromkeys(e for room in rooms for e in room.counts))
    spans = months(crisis.first, crisis.shown_days)
    windows = [*spans, (0, crisis.shown_days - 1)]
    monthly = tuple(
        Monitor(function="count", event=event, outcome=outcome, quantity=None, first=a, last=b)
        for event, outcome in (_which(at, name) for name in counted)
        for a, b in windows
    )
    coarse = tuple(q for q in shown if _coarse(states[q]))
    weeks = _weeks(crisis.shown_days)
    place = {s.name: i for i, s in enumerate(crisis.states)}
    ends = tuple(
        Monitor(function="final", event=None, outcome=None, quantity=place[q], first=d, last=d)
        for q in coarse
        for d in weeks
    )
    run = run or (blocks.simulate if machinery.available() else simulate)
    job = RunSpec(replace(crisis, show=tuple(shown)), (*asked, *monthly, *ends), seed)
    e = run(job, worlds, threads, progress, None)
    others = supposed(watched, RunSpec(crisis, asked, seed), worlds, run, threads)
    kept = np.split(e.atoms, [len(asked), len(asked) + len(monthly)], axis=1)
    happened = (kept[1] >= 1).mean(axis=0).reshape(len(counted), len(windows))
    rows = dict(zip(counted, happened.tolist(), strict=True))
    return Lived(
        answered(case, watched, e, crisis.first, others),
        e,
        dict(
            zip(
                coarse,
                kept[2].reshape(e.worlds, len(coarse), len(weeks)).swapaxes(0, 1),
                strict=True,
            )
        ),
        {name: tuple(row[:-1]) for name, row in rows.items()},
        {name: row[-1] for name, row in rows.items()},
    )


def _coarse(state: State) -> bool:
    """Whether the hundred bins of a band are too wide: a stock counted in persons or days has
    bounds with room that worlds seldom use."""
    return state.kind == "stock" and bool(state.unit)


def _weeks(days: int) -> tuple[int, ...]:
    return (*range(0, days - 1, 7), days - 1)


def _which(at: Mapping[str, int], name: str) -> tuple[int, str | None]:
    """An event by its place, and the outcome that is counted, if one is."""
    if name in at:
        return at[name], None
    event, _, outcome = name.rpartition(".")
    return at[event], outcome


def _counted(crisis: Crisis, name: str) -> str:
    """`Binding law on foreign forces: carried`."""
    titles = titles_of(crisis)
    event, _, outcome = name.rpartition(".")
    whole = titles.get(f"event {name}")
    return whole or f"{titles[f'event {event}']}: {level_words(outcome)}"


def slug(number: int, room: Room) -> str:
    """`01-ladder`: the page's name, and the beginning of its pictures' names."""
    return f"{number:02d}-{room.id.replace('_', '-')}"


def files_of(
    case: Case, rooms: Sequence[Room], room: Room, lived: Lived, sections: Sequence[Section] = ()
) -> dict[str, str]:
    """The page and its pictures, by file name. `sections` stand behind the run."""
    page = content(case, rooms, room, lived, sections)
    out = {
        f"{page.slug}.md": _template("room.md.j2").render(page=page),
        f"{page.slug}.svg": diagram(case.crisis, room.diagram, room.wants, page.caption),
    }
    if page.plotted:
        out[f"{page.slug}-run.svg"] = pictures(case.crisis, room, lived)
    return out


def index(case: Case, rooms: Sequence[Room], lived: Lived) -> str:
    """The page that leads to the rooms."""
    rows = tuple(
        (
            str(i),
            f"[{escaped(r.title)}]({slug(i, r)}.md)",
            several(len(r.elements), "element"),
            several(len(r.questions), "question"),
        )
        for i, r in enumerate(rooms, 1)
    )
    return _template("rooms.md.j2").render(
        title=case.crisis.title,
        rows=rows,
        authors=authors(case),
        provenance=provenance(case, lived),
        command=command(case, lived),
    )


def pictures(crisis: Crisis, room: Room, lived: Lived) -> str:
    """The run of a room: courses of quantities, bars of events."""
    states = {s.name: s for s in crisis.states}
    courses = list[Course]()
    for name in room.plots:
        state = states[name]
        unit = unit_words(state.unit) if state.unit else ""
        if name in lived.weekly:
            days = _weeks(crisis.shown_days)
            drawn = sampled(state.title, unit, lived.weekly[name], days)
        else:
            drawn = course(lived.ensemble.bands[name], state.kind, unit)
        courses.append(replace(drawn, bounds=(state.low, state.high)))
    counted = [Counted(_counted(crisis, n), lived.by_month[n], lived.ever[n]) for n in room.counts]
    words = (
        f"{room.title} in {lived.ensemble.worlds:,} simulated worlds: "
        + "; ".join(told(c, crisis.first) for c in courses)
        + ("; and the share of worlds, by month, in which each event happened: " if counted else "")
        + "; ".join(f"{c.title} {percent(c.ever)} in all" for c in counted)
    )
    return multiples(courses, counted, crisis.first, crisis.shown_days, words)


def content(
    case: Case, rooms: Sequence[Room], room: Room, lived: Lived, sections: Sequence[Section] = ()
) -> Page:
    """Everything that a page says."""
    crisis, number = case.crisis, list(rooms).index(room) + 1
    speaker = Speaker(crisis)
    return Page(
        number=number,
        slug=slug(number, room),
        title=escaped(room.title),
        about=escaped(room.about),
        case=escaped(crisis.title),
        caption=_caption(speaker, room),
        events=_events(crisis, speaker, room),
        quantities=_quantities(crisis, speaker, room),
        wants=_wants(crisis, speaker, room),
        unknowns=_unknowns(crisis, speaker, room),
        beliefs=_beliefs(crisis, speaker, room),
        questions=_questions(lived.forecast, room),
        passages=_passages(case, room),
        shared=_shared(speaker, rooms, room),
        sections=tuple(sections),
        limits=tuple(escaped(limit) for limit in crisis.limits),
        provenance=provenance(case, lived),
        command=command(case, lived),
        plotted=bool(room.plots or room.counts),
        before=_neighbour(rooms, number - 1),
        after=_neighbour(rooms, number + 1),
    )


def _neighbour(rooms: Sequence[Room], number: int) -> tuple[str, str] | None:
    if not 1 <= number <= len(rooms):
        return None
    return slug(number, rooms[number - 1]), escaped(rooms[number - 1].title)


def _caption(speaker: Speaker, room: Room) -> str:
    """What the diagram shows, for a reader who does not see it."""
    quantities = [speaker.titles[a] for a in room.diagram if a.startswith("state ")]
    events = sum(a.startswith("event ") for a in room.diagram)
    moved = f"{several(events, 'event')} and " if events else "what the actors want and "
    return (
        f"Diagram of {room.title}: arrows between {moved}{len(quantities)} quantities, among them "
        f"{', '.join(quantities[:3])}; the tables below say the same in words"
    )


def _events(crisis: Crisis, speaker: Speaker, room: Room) -> tuple[Row, ...]:
    own = set(room.named("event"))
    return tuple(
        (
            f"**{escaped(e.title)}**",
            speaker.why(e),
            speaker.does(e, room.named("state")),
            marks("", e),
        )
        for e in crisis.events
        if e.name in own
    )


def _quantities(crisis: Crisis, speaker: Speaker, room: Room) -> tuple[Row, ...]:
    own, inside = set(room.named("state")), set(room.named("event"))
    rows = []
    for s in crisis.states:
        if s.name not in own:
            continue
        moved: dict[str, list[str]] = {"raises": [], "lowers": [], "moves": []}
        elsewhere = 0
        for e in crisis.events:
            signs = speaker.signs.moves(e).get(s.name)
            if signs is None:
                continue
            if e.name not in inside:
                elsewhere += 1
                continue
            key = "raises" if signs == UP else "lowers" if signs == DOWN else "moves"
            moved[key].append(f"event {e.name}")
        signed = zip("↑↓↕", moved.values(), strict=True)
        by = [f"{sign}: {speaker.named(names)}" for sign, names in signed if names]
        if elsewhere:
            by.append(f"and {several(elsewhere, 'event')} of other rooms")
        begins = "; ".join(w for w in (speaker.start(s), speaker.fades(s)) if w)
        rows.append(
            (
                f"**{escaped(speaker.titles[f'state {s.name}'])}**",
                speaker.scale(s),
                begins,
                "; ".join(by) or "nothing",
                marks("", s),
            )
        )
    return tuple(rows)


def _wants(crisis: Crisis, speaker: Speaker, room: Room) -> tuple[Row, ...]:
    """Terms of the deciders' utility that read a quantity of the room."""
    actors, states = set(room.named("actor")), {f"state {n}" for n in room.named("state")}
    rows = []
    for a in crisis.actors:
        if a.name not in actors:
            continue
        who = f"**{escaped(a.title)}**"
        for w in a.wants:
            if states & set(speaker.signs.names(w.value)):
                named = escaped(speaker.plain(w.name))
                rows.append((who, named, speaker.words(w.value), _places(w.value.passages)))
        for f in a.fears:
            if f.event in room.named("event"):
                named = escaped(f"dread: {speaker.titles[f'event {f.event}'].lower()}")
                weight, lasts = speaker.words(f.weight), speaker.words(f.lasts)
                term = f"{weight} × the change of its rate × {lasts}"
                rows.append((who, named, term, _places(f.weight.passages)))
    return tuple(rows)


def _places(passages: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(passages)) or "ours"


def _unknowns(crisis: Crisis, speaker: Speaker, room: Room) -> tuple[Row, ...]:
    own = set(room.named("unknown"))
    return tuple(
        (
            f"**{escaped(u.title)}**",
            escaped(u.about),
            speaker.prior(u),
            _places(cited(u)),
        )
        for u in crisis.unknowns
        if u.name in own
    )


def _beliefs(
    crisis: Crisis, speaker: Speaker, room: Room
) -> tuple[tuple[str, str, tuple[Row, ...]], ...]:
    own, out = set(room.named("belief")), []
    for b in crisis.beliefs:
        if f"{b.holder} about {b.about}" not in own:
            continue
        learns = f"learns at {speaker.words(b.learns)} of what Bayes' rule says" if b.learns else ""
        silence = ""
        if b.silence is not None:
            silence = (
                f"an answer missing for {speaker.words(b.silence.lasts)} after "
                f"{speaker.words(b.silence.after)} counts as restraint"
            )
        rows = tuple(
            (
                escaped(level_words(t.name)),
                speaker.words(t.prior),
                "; ".join(
                    f"{speaker.name(f'unknown {n}')} is {speaker.words(c)}" for n, c in t.settings
                ),
                _places(p for c in claims(t) for p in c.passages),
            )
            for t in b.types
        )
        title = escaped(
            f"{speaker.titles[f'actor {b.holder}']} about {speaker.titles[f'actor {b.about}']}"
        )
        out.append((title, "; ".join(w for w in (learns, silence) if w), rows))
    return tuple(out)


def _questions(f: Forecast, room: Room) -> tuple[Row, ...]:
    """Text, window, what the run says, what happened."""
    rows: dict[str, Row] = {}
    for a in f.answers:
        of = f" {escaped(a.note)}" if a.given else ""
        said = (
            f"no world meets its condition: {escaped(a.given)}"
            if a.probability is None
            else (
                f"**{percent(a.probability)}** ({interval(a.interval)}){of}" if a.interval else ""
            )
        )
        rows[a.id] = (escaped(a.text), span(*a.window), said, _record(a.resolved))
    for c in f.choices:
        odds = "; ".join(
            f"{escaped(n)} **{percent(p)}**"
            for n, p in zip(c.options, c.probabilities, strict=True)
        )
        if c.given:
            odds = (
                f"{odds}, {escaped(among(c.worlds, f.worlds, c.given))}"
                if c.worlds
                else (f"no world meets its condition: {escaped(c.given)}")
            )
        rows[c.id] = (escaped(c.text), span(*c.window), odds, _record(c.resolved))
    for q in f.quantities:
        said = spread(q, f.worlds) if known(q) or q.given else "no world gives a value"
        rows[q.id] = (escaped(q.text), span(*q.window), escaped(said), "")
    return tuple(rows[name] for name in room.questions if name in rows)


def _record(r: Resolution | None) -> str:
    if r is None:
        return "open"
    return escaped(r.answer) + (f", {day(r.on)}" if isinstance(r.on, dt.date) else "")


def _passages(case: Case, room: Room) -> tuple[Row, ...]:
    """The passages that the room's elements and questions cite, by document and place."""
    found = dict(elements(case.crisis))
    ids = [p for a in room.elements for p in cited(found[a])]
    ids += [p for q in case.questions if q.id in room.questions for p in q.cites]
    listed = [
        case.passages[p] for p in sides(dict.fromkeys(ids), case.passages) if p in case.passages
    ]
    order = {name: i for i, name in enumerate(case.documents)}
    listed.sort(key=lambda p: (order.get(p.document, len(order)), p.start, p.id))
    by = {
        d.id: next((x for x in (d.author, d.publisher) if x and not x.startswith("not ")), d.title)
        for d in case.documents.values()
    }  # where nobody is named, who published it, or what it is called
    return tuple((p.id, escaped(by[p.document]), escaped(p.paraphrase)) for p in listed)


def _shared(speaker: Speaker, rooms: Sequence[Room], room: Room) -> tuple[Row, ...]:
    """Where this room touches others: quantities and events that stand in both."""
    rows = []
    for i, other in enumerate(rooms, 1):
        both = [
            a
            for a in room.elements
            if a in other.elements and a.split(" ")[0] in ("state", "event")
        ]
        if other is not room and both:
            rows.append((f"[{escaped(other.title)}]({slug(i, other)}.md)", speaker.named(both)))
    return tuple(rows)


def authors(case: Case) -> list[tuple[str, ...]]:
    """A row an assessment: its name, title, who wrote it and where, and when."""
    out: list[tuple[str, ...]] = []
    for name, a in case.assessments.items():
        d = case.documents.get(a.document or "")
        by = (
            "no author: rates of the past"
            if d is None
            else ", ".join(x for x in (d.author, d.publisher) if not x.startswith("not named"))
        )
        by = by or "not named in the file"
        out.append((f"`{name.replace('`', '')}`", escaped(a.title), escaped(by), a.dating.words))
    return out


def provenance(case: Case, lived: Lived) -> Markdown:
    return Markdown(
        f"Model `{case.model_sha256}`, seed {lived.ensemble.seed}, "
        f"{lived.ensemble.worlds:,} worlds, Offramp {__version__}"
    )


def command(case: Case, lived: Lived) -> Markdown:
    """As code, in which nothing is escaped and only a backtick could end it."""
    e = lived.ensemble
    name = " ".join(case.id.replace("`", "'").split())
    return Markdown(f"`offramp rooms {name} -o DIR --worlds {e.worlds} --seed {e.seed}`")


def _template(name: str) -> jinja2.Template:
    text = files("offramp.render.pages").joinpath(name).read_text(encoding="utf-8")
    environment = jinja2.Environment(
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        finalize=_set,
    )
    environment.filters["md"] = lambda words: Markdown(words)
    environment.filters["cells"] = cells
    environment.globals["table"] = table
    return environment.from_string(text)


def _set(value: object) -> object:
    """What a template shows is escaped, unless it is Markdown: there is no other way in."""
    return escaped(value) if isinstance(value, str) and not isinstance(value, Markdown) else value


def cells(row: Row) -> Markdown:
    """A row of a table; its cells are markdown, each made by who knows what is in it."""
    return Markdown(" | ".join(row))


def table(heads: Row, rows: Iterable[Row]) -> Markdown:
    """A table; its heads are words, unless they are Markdown."""
    named = tuple(str(_set(head)) for head in heads)
    lines = [cells(named), *(cells(row) for row in rows)]
    lines.insert(1, Markdown("|".join("---" for _ in heads)))
    edges = [("| ", " |"), ("|", "|"), *[("| ", " |")] * (len(lines) - 2)]
    return Markdown("".join(f"{a}{x}{b}\n" for (a, b), x in zip(edges, lines, strict=True)))

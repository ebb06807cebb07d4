"""What a handout says: from the case alone, and nothing that anyone learnt after its first day.

A role may be played by who knows nothing of what came. So no row of the record is read, only
documents whose authors knew no later day than the first one speak, and of the others a sheet says
no more than where they are cited. Dates after the first day stand in the calendar and in the
windows of questions alone.

Sizes are in words. A want is as large as it could at most move between its worst and its best
(interval arithmetic over the bounds of what it reads), beside the largest of the same actor: how
much an actor wants something cannot be compared with another's.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from offramp.answers.wording import LONG_MONTHS, MONTHS, percent, span
from offramp.answers.wording import day as written
from offramp.case.case import Case
from offramp.language.crisis import Actor, Belief, Crisis, Effect, Event, Unknown, cited, claims
from offramp.language.expressions import Expression, Operation, Ref, SourcedValue, walk
from offramp.language.kinds import constant
from offramp.render.brief.milestones import milestones
from offramp.render.pages.phrases import Speaker, level_words
from offramp.render.pages.signs import DOWN, UP
from offramp.sources.passages import sides
from offramp.text.diagnostics import counted

TURNS = 16  # at most, in one lesson
PACES = ((1, "a day"), (7, "a week"), (14, "a fortnight"), (30, "a month"))
ASKED = 16  # questions to answer before and after; the case has the rest
SIZES = ((0.6, "above all"), (0.3, "much"), (0.1, "somewhat"), (0.0, "a little"))
PRICES = ((0.66, "dear"), (0.33, "at some cost"), (0.0, "cheap"))
RULES = (
    "Say what the calendar brings, and throw for what nobody chooses (below).",
    "Each role writes down one move, or none, without seeing what the others write. All decide on "
    "the same morning: nobody reacts within a turn.",
    "Moves that ask for consent go to who must consent; votes are taken.",
    "Carry out what was decided, in any order. What takes days arrives in the turn in which they "
    "are over.",
    "Tell all players what is public. What the others are not told, tell the mover alone; of what "
    "nobody claims, tell that it happened.",
    "Bring the board up to date, and begin the next turn.",
)
TALK = (
    "On which turn was the course set? What would have had to be different on that morning?",
    "Which move would you take back, and what did you expect of it then?",
    "Whom did you take for something else than they were? Which of their moves misled you, and "
    "which silence?",
    "What happened that nobody wanted? Was it chance, or the order of the moves?",
    "What did your role want that its sheet does not say? What would you want to know before you "
    "trusted the sheet?",
)
_MARKDOWN = re.compile(r"\\(.)|\*\*|.", re.S)
_COMPARED = (">=", ">", "<=", "<")
_MONTH = "|".join((*LONG_MONTHS, *MONTHS))
_DATE = re.compile(
    rf"\b(\d{{4}})-(\d\d)-(\d\d)\b|\b(\d{{1,2}}) ({_MONTH})\b(?: (\d{{4}}))?"
    rf"|\b({_MONTH})(?: (\d{{1,2}}),?)? (\d{{4}})\b"
)


@dataclass(frozen=True)
class Line:
    """A sentence of a sheet, what is to be added, and the passages that it rests on."""

    words: str
    more: tuple[str, ...] = ()
    passages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """A passage: its id, its document and where it stands there, and our paraphrase; '' where its
    author knew more than the first day."""

    id: str
    document: str
    where: str
    paraphrase: str


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A role. One without moves of its own has no `moves`, and shares a page with others."""

    actor: str
    title: str
    about: str
    wants: tuple[Line, ...]
    lines: tuple[Line, ...]
    moves: tuple[Line, ...]
    asked: tuple[Line, ...]
    knows: tuple[Line, ...]
    passages: tuple[Source, ...]

    @property
    def told(self) -> tuple[Source, ...]:
        """The passages whose words it may know."""
        return tuple(s for s in self.passages if s.paraphrase)

    @property
    def places(self) -> str:
        """Where the others stand: `inss: A1 (page 3), A2 (page 4); ...`."""
        by: dict[str, list[str]] = {}
        for s in self.passages:
            if not s.paraphrase:
                by.setdefault(s.document, []).append(f"{s.id} ({s.where})")
        return "; ".join(f"{d}: {', '.join(own)}" for d, own in by.items())

    @property
    def plays(self) -> bool:
        return bool(self.moves or self.wants or self.asked)


@dataclass(frozen=True)
class Mark:
    """Something of the calendar. `lane`: the actor whose it is, '' for nobody's."""

    number: int
    day: dt.date
    title: str
    lane: str


@dataclass(frozen=True)
class Asked:
    """A question of the case, with its window."""

    text: str
    first: dt.date
    last: dt.date

    @property
    def window(self) -> str:
        return written(self.last) if self.first == self.last else span(self.first, self.last)


@dataclass(frozen=True, kw_only=True)
class Handout:
    """`lanes`: (title, how many moves stand open to it without a condition, how many have one);
    `withheld`: documents that knew a later day than the first, and so do not speak."""

    title: str
    first: dt.date
    last: dt.date
    turn: str
    turns: int
    track: tuple[Line, ...]
    sheets: tuple[Sheet, ...]
    voices: tuple[Sheet, ...]
    lanes: tuple[tuple[str, int, int], ...]
    calendar: tuple[Mark, ...]
    chance: tuple[Line, ...]
    questions: tuple[Asked, ...]
    more_questions: int
    forks: tuple[str, ...]
    unknowns: tuple[Line, ...]
    documents: tuple[str, ...]
    withheld: tuple[str, ...]

    @property
    def silent(self) -> str:
        """Why some documents do not speak; '' where all do."""
        if not self.withheld:
            return ""
        return (
            f"The texts {', '.join(self.withheld)} know of days after the first one. So the sheets "
            "say where they are cited, and not what they say; nor do their disagreements and "
            "claims stand among the questions at the end."
        )


def handout(case: Case) -> Handout:
    """Everything that a handout says."""
    crisis, speaker = case.crisis, Speaker(case.crisis)
    heard = {d.id for d in case.documents.values() if d.knew <= crisis.first}
    sheets = tuple(_sheet(case, speaker, a, heard) for a in crisis.actors)
    length, turn = next(
        ((n, words) for n, words in PACES if crisis.shown_days <= TURNS * n), PACES[-1]
    )
    asked = sorted(case.questions, key=lambda q: not q.headline)
    return Handout(
        title=crisis.title,
        first=crisis.first,
        last=crisis.shown_last,
        turn=turn,
        turns=-(-crisis.shown_days // length),
        track=tuple(_tracked(crisis, speaker)),
        sheets=tuple(s for s in sheets if s.plays),
        voices=tuple(s for s in sheets if not s.plays),
        lanes=tuple(_lanes(crisis)),
        calendar=_calendar(crisis),
        chance=tuple(_chance(case, speaker)),
        questions=tuple(Asked(q.text, q.first, q.last) for q in asked[:ASKED]),
        more_questions=max(0, len(asked) - ASKED),
        forks=_forks(case, heard),
        unknowns=tuple(_unknown(u, speaker, crisis.first, case) for u in crisis.unknowns),
        documents=tuple(f"{d.title} ({d.id})" for d in case.documents.values() if d.id in heard),
        withheld=tuple(d.id for d in case.documents.values() if d.id not in heard),
    )


# ---- words --------------------------------------------------------------------------------


def plain(markdown: str) -> str:
    """Words of `Speaker` without markdown: titles, set in italics there, stand in quotes."""
    out, quoted = list[str](), False
    for m in _MARKDOWN.finditer(markdown.replace("<br>", "; ")):
        if m[0] == "*":
            out.append("”" if quoted else "“")
            quoted = not quoted
        elif m[0] != "**":
            out.append(m[1] or m[0])
    return "".join(out).replace("&lt;", "<")


def tells_later(words: str, first: dt.date, known: Collection[dt.date] = ()) -> bool:
    """Whether words name a day after the first that is not `known`, as the calendar's are. A day of
    a month alone is of the first day's year."""
    for m in _DATE.finditer(words):
        try:
            if m[1]:
                found = dt.date(int(m[1]), int(m[2]), int(m[3]))
            elif m[5]:
                month = _month(m[5])
                found = dt.date(int(m[6] or first.year), month, int(m[4]))
            else:
                found = dt.date(int(m[9]), _month(m[7]), int(m[8] or 1))
        except ValueError:
            continue
        if found > first and found not in known:
            return True
    return False


def _month(name: str) -> int:
    return MONTHS.index(name[:3]) + 1


def _before(words: str, first: dt.date) -> str:
    """The words, or nothing where they name a later day."""
    return "" if tells_later(words, first) else words


def size_words(size: float, largest: float, steps: Sequence[tuple[float, str]] = SIZES) -> str:
    """A size beside the largest, in words; nothing where either is not bounded."""
    if not (math.isfinite(size) and math.isfinite(largest)) or largest <= 0:
        return ""
    return next(words for least, words in steps if size >= least * largest)


def _chance_words(speaker: Speaker, chance: SourcedValue) -> str:
    value = constant(chance.expression)
    return plain(speaker.words(chance)) if value is None else percent(value)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


# ---- a role -------------------------------------------------------------------------------


def _sheet(case: Case, speaker: Speaker, a: Actor, heard: set[str]) -> Sheet:
    crisis = case.crisis
    own = [e for e in crisis.events if e.by == a.name and (e.chosen or e.as_choice)]
    wants = _wants(speaker, a, case)
    moves = tuple(_moves(speaker, crisis, a, own, case))
    asked = tuple(_asked(speaker, crisis, a, case))
    knows = tuple(_knows(speaker, crisis, a, case))
    lines = tuple(_red_lines(speaker, a, case))
    named = [p for part in (wants, lines, moves, asked, knows) for x in part for p in x.passages]
    ids = sides(dict.fromkeys([*a.cites, *named]), case.passages)
    return Sheet(
        actor=a.name,
        title=a.title,
        about=_before(a.about, crisis.first),
        wants=wants,
        lines=lines,
        moves=moves,
        asked=asked,
        knows=knows,
        passages=tuple(_source(case, p, heard) for p in ids if p in case.passages),
    )


def _cites(case: Case, *values: object) -> tuple[str, ...]:
    ids = [p for v in values if v is not None for p in cited(v)]
    return tuple(p for p in sides(dict.fromkeys(ids), case.passages) if p in case.passages)


def _source(case: Case, id: str, heard: set[str]) -> Source:
    p = case.passages[id]
    d = case.documents[p.document]
    page = d.page_of(p.start)
    where = f"page {page}" if page else f"at {p.start}"
    return Source(id, p.document, where, p.paraphrase if p.document in heard else "")


def _wants(speaker: Speaker, a: Actor, case: Case) -> tuple[Line, ...]:
    """What it wants and dreads, the largest first."""
    found: list[tuple[float, Line]] = []
    for want in a.wants:
        low, high = speaker.signs.range(want.value.expression)
        name = _capital(plain(speaker.plain(want.name)))
        ways = _ways(speaker, want.value)
        found.append((high - low, Line(name, ways, _cites(case, want))))
    for wait in a.awaits:
        odds = ", ".join(
            f"{level_words(o.name)} {_chance_words(speaker, o.chance)}" for o in wait.odds
        )
        title = speaker.titles[f"event {wait.event}"]
        line = Line(f"You wait for: {title}", (f"you expect {odds}",), _cites(case, wait))
        found.append((-1.0, line))
    largest = max((size for size, _ in found if math.isfinite(size)), default=0.0)
    ordered = sorted(found, key=lambda x: -x[0] if math.isfinite(x[0]) else math.inf)
    lines = [
        Line(
            line.words,
            tuple(w for w in (size_words(size, largest), *line.more) if w),
            line.passages,
        )
        if size >= 0
        else line
        for size, line in ordered
    ]
    for fear in a.fears:
        title = speaker.titles[f"event {fear.event}"]
        low, high = speaker.signs.range(fear.weight.expression)
        words = "You would welcome" if low > 0 else "You dread"
        lines.insert(0, Line(f"{words}: {title}", (), _cites(case, fear)))
    return tuple(lines)


def _ways(speaker: Speaker, value: SourcedValue) -> tuple[str, ...]:
    """`the more “Trade” the better`, by direction; what has none is named."""
    up, down, other = list[str](), list[str](), list[str]()
    for name in speaker.signs.names(value):
        if not name.startswith("state "):
            continue
        signs = speaker.signs.slope(value.expression, name)
        (up if signs == UP else down if signs == DOWN else other).append(
            f"“{speaker.titles[name]}”"
        )
    said = []
    if up:
        said.append(f"the more {_and(up)}, the better")
    if down:
        said.append(f"the less {_and(down)}, the better")
    if other:
        said.append(f"depends on {_and(other)}")
    return tuple(said)


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _red_lines(speaker: Speaker, a: Actor, case: Case) -> Iterable[Line]:
    """Comparisons within its wants and within how often it decides; a threshold that nobody knows
    is drawn by the player."""
    seen = set[str]()
    where = [("counts once", w.value) for w in a.wants]
    where += [("you turn to it more, or less, while", g.pace) for g in a.agendas]
    for what, value in where:
        for e in walk(value.expression):
            if not isinstance(e, Operation) or e.operator not in _COMPARED:
                continue
            said = plain(speaker.expression(e))
            if said in seen or not any(isinstance(x, Ref) and x.what == "state" for x in walk(e)):
                continue
            seen.add(said)
            draws = tuple(_draw(u) for u in _drawn(e, case.crisis))
            yield Line(f"{_capital(what)} {said}", draws, _cites(case, value))


def _drawn(e: Expression, crisis: Crisis) -> list[Unknown]:
    names = {x.name for x in walk(e) if isinstance(x, Ref) and x.what == "unknown"}
    return [u for u in crisis.unknowns if u.name in names]


def _draw(u: Unknown) -> str:
    """How a player comes by a threshold: lots of named values, else a choice of its own."""
    chances = [constant(o.chance.expression) for o in u.options]
    if not u.options or any(c is None for c in chances):
        return f"“{u.title}” is yours to choose before the first turn: write it down, tell nobody"
    lots = ", ".join(
        f"{level_words(o.name)} {percent(c)}"
        for o, c in zip(u.options, chances, strict=True)
        if c is not None
    )
    return f"draw “{u.title}” by lot before the first turn, and tell nobody: {lots}"


def _moves(
    speaker: Speaker, crisis: Crisis, a: Actor, events: Sequence[Event], case: Case
) -> Iterable[Line]:
    """What it can do: what that moves, when it may, and at what notice."""
    middles = {e.name: _middle(speaker, e.cost) for e in events}
    dearest = max((m for m in middles.values() if math.isfinite(m)), default=0.0)
    titles = speaker.titles
    near = {r.name for w in a.wants for r in _states(w.value.expression)}
    for e in events:
        said = _does(speaker, e.does, near | set(crisis.show))
        if e.outcomes:
            said.append(f"may turn out: {', '.join(level_words(o.name) for o in e.outcomes)}")
        if e.when is not None:
            when = plain(speaker.words(e.when))
            known = {m.day for m in _calendar(crisis)}
            later = tells_later(when, crisis.first, known)
            said.append("only later in the course" if later else f"only if {when}")
        if e.consent:
            said.append(f"with the consent of {_and([titles[f'actor {c}'] for c in e.consent])}")
        if e.words:
            said.append(f"you may add: {_and([titles[f'event {w}'] for w in e.words])}")
        if e.days:
            said.append(f"on {_and([written(d) for d in e.days])}")
        takes = plain(speaker.words(e.takes)) if e.takes is not None else ""
        said.append(f"arrives after {takes}" if takes else "at once")
        if e.once:
            said.append("once in the game")
        elif e.pause is not None:
            said.append(f"again after {plain(speaker.words(e.pause))}")
        if e.unclaimed is not None:
            said.append("nobody is told who did it")
        elif e.private and e.shown:
            said.append(
                f"not public; {_and([titles[f'actor {a}'] for a, _ in e.shown])} may see it"
            )
        elif e.private:
            said.append("the others are not told")
        price = size_words(middles[e.name], dearest, PRICES)
        yield Line(_capital(e.title), tuple(w for w in (*said, price) if w), _cites(case, e))


def _states(e: Expression) -> list[Ref]:
    return [x for x in walk(e) if isinstance(x, Ref) and x.what == "state"]


def _does(speaker: Speaker, effects: Sequence[Effect], near: Collection[str]) -> list[str]:
    """What a move does to what its actor wants or the board shows, and how much else it moves."""
    kept = [e for e in effects if e.quantity in near]
    rest = len({e.quantity for e in effects} - {e.quantity for e in kept})
    if not kept:
        kept, rest = list(effects), 0
    said = [plain(speaker.changes(kept))] if kept else []
    return [*said, f"and moves {counted(rest, 'thing')} more"] if rest else said


def _middle(speaker: Speaker, cost: SourcedValue | None) -> float:
    """Half way between the least and the most that a move can cost."""
    low, high = (0.0, 0.0) if cost is None else speaker.signs.range(cost.expression)
    return max(0.0, (low + high) / 2) if math.isfinite(low) and math.isfinite(high) else math.inf


def _asked(speaker: Speaker, crisis: Crisis, a: Actor, case: Case) -> Iterable[Line]:
    """Where others need it: consent, and a veto in a vote."""
    for e in crisis.events:
        by = speaker.titles[f"actor {e.by}"] if e.by else ""
        if a.name in e.consent:
            yield Line(f"{by} needs your consent: {e.title}", (), ())
        if e.vote is not None and any(v.actor == a.name for v in e.vote.vetoes):
            yield Line(f"You have a veto: {e.title}", (), _cites(case, e.vote))


def _knows(speaker: Speaker, crisis: Crisis, a: Actor, case: Case) -> Iterable[Line]:
    """What it takes the others for, and what it is not told."""
    for b in crisis.beliefs:
        if b.holder == a.name:
            yield _doubt(speaker, b, case)
    for e in crisis.events:
        if e.unclaimed is not None and e.unclaimed.observer == a.name:
            who = [speaker.titles[f"actor {name}"] for name, _ in e.unclaimed.suspects]
            words = f"Nobody claims it when it happens: {e.title}"
            yield Line(words, (f"it may be {_or(who)}",), _cites(case, e.unclaimed))


def _or(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _doubt(speaker: Speaker, b: Belief, case: Case) -> Line:
    said = []
    for t in b.types:
        settings = "; ".join(
            f"“{speaker.titles[f'unknown {n}']}” is {plain(speaker.words(c))}"
            for n, c in t.settings
        )
        said.append(
            f"{level_words(t.name)}, {_chance_words(speaker, t.prior)}"
            + (f" ({settings})" if settings else "")
        )
    other = speaker.titles[f"actor {b.about}"]
    return Line(
        f"You do not know {other}, and take it to be one of these", tuple(said), _cites(case, b)
    )


# ---- the game -----------------------------------------------------------------------------


def _tracked(crisis: Crisis, speaker: Speaker) -> Iterable[Line]:
    states = {s.name: s for s in crisis.states}
    for name in crisis.show:
        s = states[name]
        more = [plain(speaker.scale(s))]
        if s.start is not None:
            more.append(f"at the start {plain(speaker.start(s))}")
        yield Line(s.title, tuple(more))


def _lanes(crisis: Crisis) -> Iterable[tuple[str, int, int]]:
    for a in crisis.actors:
        own = [e for e in crisis.events if e.by == a.name and e.chosen]
        if own:
            free = sum(e.when is None for e in own)
            yield a.title, free, len(own) - free


def _calendar(crisis: Crisis) -> tuple[Mark, ...]:
    """Dated events and votes within the course, and clocks that run from the start, in order."""
    lanes = {e.title: e.by for e in crisis.events if e.by}
    titles = {a.name: a.title for a in crisis.actors}
    rings = {
        q.name: crisis.first + dt.timedelta(round(days))
        for q in crisis.states
        if q.kind == "clock" and q.start is not None
        if (days := constant(q.start.expression)) is not None and days > 0
    }
    clocked = [
        (rings[e.clock], f"{e.title} (unless its clock is stopped or set anew)")
        for e in crisis.events
        if e.clock in rings
    ]
    dated = sorted((d, t) for d, t in (*milestones(crisis), *clocked) if d <= crisis.shown_last)
    return tuple(
        Mark(k, d, t, titles.get(lanes.get(t) or "", "")) for k, (d, t) in enumerate(dated, 1)
    )


def _chance(case: Case, speaker: Speaker) -> Iterable[Line]:
    """What nobody chooses: by chance, by vote, when a clock rings."""
    first, known = case.crisis.first, {m.day for m in _calendar(case.crisis)}
    for e in case.crisis.events:
        if e.chosen or e.as_choice or (e.dates and not e.vote):
            continue
        why = [p for p in plain(speaker.why(e)).split("; ") if not tells_later(p, first, known)]
        yield Line(_capital(e.title), tuple(why), _cites(case, e))


def _unknown(u: Unknown, speaker: Speaker, first: dt.date, case: Case) -> Line:
    about = _before(u.about, first)
    return Line(u.title, (about,) if about else (), _cites(case, *claims(u)))


def _forks(case: Case, heard: set[str]) -> tuple[str, ...]:
    """What documents of before the first day differ on, ask, and claim."""
    first, out = case.crisis.first, list[str]()
    for d in case.disagreements:
        if all(s.document in heard for s in d.sides):
            out.append(f"The authors differ: {d.topic}. Which of them does your game bear out?")
    for a in case.asked:
        if case.passages[a.passage].document in heard:
            out.append(f"A document asks: {a.question}")
    for c in case.claims.values():
        if c.id in case.passages and case.passages[c.id].document in heard:
            out.append(f"A document claims: {c.says}. Was it so in your game?")
    return tuple(x for x in out if not tells_later(x, first))

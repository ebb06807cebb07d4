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

from offramp.answers.wording import day as written
from offramp.answers.wording import percent, span
from offramp.case.case import Case
from offramp.errors import Mistake
from offramp.language.crisis import (
    Actor,
    Agenda,
    Belief,
    Crisis,
    Effect,
    Event,
    Unknown,
    claims,
)
from offramp.language.expressions import Operation, SourcedValue, walk
from offramp.language.kinds import constant, unit_words
from offramp.language.questions import Question
from offramp.render.handout.board import Mark, board, calendar, chance, readers, starts_drawn
from offramp.render.handout.said import (
    PRICES,
    Line,
    before,
    capital,
    chance_words,
    cites,
    drawn_in,
    either,
    joined,
    plain,
    size_words,
    states_in,
    tells_later,
)
from offramp.render.pages.phrases import Speaker, level_words
from offramp.render.pages.signs import DOWN, UP
from offramp.sources.passages import sides
from offramp.text.diagnostics import counted

ITS, THEIR = "its answer", "their answer"
PROBABLE = "how probable is yes, in %"
TURNS = 16  # at most, in one lesson
PACES = ((1, "a day"), (7, "a week"), (14, "a fortnight"), (30, "a month"))
ASKED = 16  # questions to answer before and after; the case has the rest
DECIDED = ("binary", "choice")  # of these a short game is asked
OWN = 4  # questions that a short game decides, or room for as many of the class's own
FEW = 6  # moves that a sentence names
DRAWN_BY_THE_WORLD = (
    "at a computer the world has drawn it and tells nobody, and the review says it once the game "
    "is over"
)
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
_SENTENCE = re.compile(r"(?<=[.!?]) +")
_COMPARED = (">=", ">", "<=", "<")


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
class Asked:
    """A question of the case, with its window, and in what it is answered."""

    text: str
    first: dt.date
    last: dt.date
    answer: str = PROBABLE

    @property
    def window(self) -> str:
        return written(self.last) if self.first == self.last else span(self.first, self.last)


@dataclass(frozen=True, kw_only=True)
class Handout:
    """All that is printed.

    situation       what the crisis is, on top of the moderator's sheet and of every role's
    last, shorter   the last day that the class plays; whether the case has later ones
    board, kept     quantities that all may see, and the rest, each with whom it is told
    lanes           who moves: title, how many moves without a condition, how many with one
    more_questions  how many are left out; `late` of them since their windows end after `last`
    blank           room for questions of the class's own
    withheld        documents that knew a later day than the first, and so do not speak
    """

    title: str
    situation: str
    first: dt.date
    last: dt.date
    turn: str
    turns: int
    shorter: bool
    board: tuple[Line, ...]
    kept: tuple[Line, ...]
    sheets: tuple[Sheet, ...]
    voices: tuple[Sheet, ...]
    lanes: tuple[tuple[str, int, int], ...]
    calendar: tuple[Mark, ...]
    chance: tuple[Line, ...]
    questions: tuple[Asked, ...]
    more_questions: int
    late: int
    blank: int
    forks: tuple[str, ...]
    unknowns: tuple[Line, ...]
    documents: tuple[str, ...]
    withheld: tuple[str, ...]

    @property
    def who(self) -> str:
        """How many sheets there are, and which of them are needed only if somebody plays them."""
        n, m = len(self.sheets), len(self.voices)
        said = f"{counted(n, 'role')} {'has a sheet' if n == 1 else 'have a sheet each'}"
        if m:
            own = "has no move of its own and shares a page" if m == 1 else ""
            said += f"; {m} more {own or 'have no move of their own and share pages'}"
        still = [s.title for s in self.sheets if not s.moves] + [s.title for s in self.voices]
        whose = f" ({joined(still)})" if 0 < len(still) <= FEW else ""
        only = f" Who never moves{whose} needs a sheet only if somebody plays it." if still else ""
        return f"{said}.{only}"

    @property
    def left_out(self) -> str:
        """Which questions of the case are not asked; '' where all are."""
        n = self.more_questions
        if not n:
            return ""
        if not self.shorter:
            return f"The case asks {n} more."
        own = f", or {ITS if n == 1 else THEIR} is a number or a day" if self.late < n else ""
        return (
            f"{counted(n, 'question')} of the case {'is' if n == 1 else 'are'} left out: a game "
            f"that ends on {written(self.last)} need not decide {'it' if n == 1 else 'them'}{own}."
        )

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


def handout(case: Case, days: int | None = None) -> Handout:
    """Everything that a handout says. `days`: how many the class plays, from the first on; None for
    all that the case shows. Raises Mistake where it has not so many."""
    crisis, speaker = case.crisis, Speaker(case.crisis)
    if days is not None and not 1 <= days <= crisis.shown_days:
        raise Mistake(f"the case has 1 to {crisis.shown_days} days, not {days}", "days")
    played = days or crisis.shown_days
    last, shorter = crisis.first + dt.timedelta(played - 1), played < crisis.shown_days
    heard = {d.id for d in case.documents.values() if d.knew <= crisis.first}
    read = readers(crisis)
    sheets = tuple(_sheet(case, speaker, a, heard, read) for a in crisis.actors)
    length, turn = next(((n, words) for n, words in PACES if played <= TURNS * n), PACES[-1])
    can = [q for q in case.questions if not shorter or (q.last <= last and q.kind_of in DECIDED)]
    asked = sorted(can, key=lambda q: not q.headline)[:ASKED]
    shown, kept = board(crisis, speaker, read)
    return Handout(
        title=crisis.title,
        situation=_situation(case, speaker),
        first=crisis.first,
        last=last,
        turn=turn,
        turns=-(-played // length),
        shorter=shorter,
        board=tuple(shown),
        kept=tuple(kept),
        sheets=tuple(s for s in sheets if s.plays),
        voices=tuple(s for s in sheets if not s.plays),
        lanes=tuple(_lanes(crisis)),
        calendar=tuple(m for m in calendar(crisis) if m.day <= last),
        chance=tuple(chance(case, speaker, last)),
        questions=tuple(Asked(q.text, q.first, q.last, _answer(q)) for q in asked),
        more_questions=len(case.questions) - len(asked),
        late=sum(q.last > last for q in case.questions),
        blank=max(0, OWN - len(asked)) if shorter else 0,
        forks=_forks(case, heard),
        unknowns=tuple(_unknown(u, speaker, crisis.first, case) for u in crisis.unknowns),
        documents=tuple(f"{d.title} ({d.id})" for d in case.documents.values() if d.id in heard),
        withheld=tuple(d.id for d in case.documents.values() if d.id not in heard),
    )


# ---- the crisis, and what is asked ---------------------------------------------------------


def _situation(case: Case, speaker: Speaker) -> str:
    """What the crisis is: in the case's own sentences, without those that name a later day; where
    it has none, who plays it, how high it can go, and from when to when."""
    first = case.crisis.first
    own = " ".join(s for s in _SENTENCE.split(case.about) if not tells_later(s, first))
    return own or _derived(case.crisis, speaker)


def _derived(crisis: Crisis, speaker: Speaker) -> str:
    movers = {e.by for e in crisis.events if e.by and (e.chosen or e.as_choice)}
    consenting = {c for e in crisis.events for c in e.consent} - movers
    decide = [a.title for a in crisis.actors if a.name in movers]
    asked = [a.title for a in crisis.actors if a.name in consenting]
    said = [f"{crisis.title}: it begins on {written(crisis.first)}."]
    if decide:
        said.append(f"{joined(decide)} {'decides' if len(decide) == 1 else 'decide'}.")
    if asked:
        said.append(f"{joined(asked)} must consent to some of it.")
    ladders = [s for name in crisis.show if (s := speaker.states[name]).kind == "ladder"]
    for s in ladders[:1]:
        low, high = level_words(s.levels[0]), level_words(s.levels[-1])
        now = "" if starts_drawn(s) else f", and stands at {plain(speaker.start(s))}"
        said.append(f"“{s.title}” can go from {low} to {high}{now}.")
    return " ".join(said)


def _answer(q: Question) -> str:
    """In what a question is answered: what is no probability, in its own unit."""
    if q.kind_of == "choice":
        return f"how probable is each, in %: {'; '.join(level_words(n) for n in q.names)}"
    if q.kind_of == "date":
        return "which day, or never"
    if q.kind_of == "number":
        unit = unit_words(q.kind.unit) if q.kind.unit else ""
        return f"how many {unit}" if unit else "a number"
    return PROBABLE


# ---- a role -------------------------------------------------------------------------------


def _sheet(case: Case, speaker: Speaker, a: Actor, heard: set[str], read: Collection[str]) -> Sheet:
    crisis = case.crisis
    own = [e for e in crisis.events if e.by == a.name and (e.chosen or e.as_choice)]
    wants = _wants(speaker, a, case)
    moves = tuple(_moves(speaker, crisis, own, case, {*read, *crisis.show}))
    asked = tuple(_asked(speaker, crisis, a, case))
    knows = tuple(_knows(speaker, crisis, a, case))
    lines = tuple(_red_lines(speaker, crisis, a, case))
    named = [p for part in (wants, lines, moves, asked, knows) for x in part for p in x.passages]
    ids = sides(dict.fromkeys([*a.cites, *named]), case.passages)
    return Sheet(
        actor=a.name,
        title=a.title,
        about=before(a.about, crisis.first),
        wants=wants,
        lines=lines,
        moves=moves,
        asked=asked,
        knows=knows,
        passages=tuple(_source(case, p, heard) for p in ids if p in case.passages),
    )


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
        name = capital(plain(speaker.plain(want.name)))
        ways = _ways(speaker, want.value)
        found.append((high - low, Line(name, ways, cites(case, want))))
    for wait in a.awaits:
        odds = ", ".join(
            f"{level_words(o.name)} {chance_words(speaker, o.chance)}" for o in wait.odds
        )
        title = speaker.titles[f"event {wait.event}"]
        line = Line(f"You wait for: {title}", (f"you expect {odds}",), cites(case, wait))
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
        lines.insert(0, Line(f"{words}: {title}", (), cites(case, fear)))
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
        said.append(f"the more {joined(up)}, the better")
    if down:
        said.append(f"the less {joined(down)}, the better")
    if other:
        said.append(f"depends on {joined(other)}")
    return tuple(said)


def _red_lines(speaker: Speaker, crisis: Crisis, a: Actor, case: Case) -> Iterable[Line]:
    """Comparisons within its wants and within how often it decides, each once, with all that hangs
    on it; a threshold that nobody knows is drawn by the player in a game on paper."""
    hangs: dict[str, list[str]] = {}
    draws: dict[str, tuple[str, ...]] = {}
    resting: dict[str, list[str]] = {}
    where = [(f"“{capital(plain(speaker.plain(w.name)))}” counts", w.value) for w in a.wants]
    where += [("", g.pace) for g in a.agendas]
    of = {id(g.pace): g for g in a.agendas}
    for what, value in where:
        for e in walk(value.expression):
            if not isinstance(e, Operation) or e.operator not in _COMPARED or not states_in(e):
                continue
            said = plain(speaker.expression(e))
            own = what or _paced(speaker, crisis, a, of[id(value)], e)
            if own not in hangs.setdefault(said, []):
                hangs[said].append(own)
            resting.setdefault(said, []).extend(cites(case, value))
            draws[said] = tuple(_draw(u) for u in drawn_in(e, crisis))
    for said, all_of_it in hangs.items():
        passages = tuple(dict.fromkeys(resting[said]))
        yield Line(f"While {said}", (*all_of_it, *draws[said]), passages)


def _paced(speaker: Speaker, crisis: Crisis, a: Actor, agenda: Agenda, e: Operation) -> str:
    """`you decide on “Blockade” more often`: what a comparison within an agenda's pace does."""
    ways = set[str]()
    for r in states_in(e):
        name = f"state {r.name}"
        met, pace = speaker.signs.slope(e, name), speaker.signs.slope(agenda.pace.expression, name)
        one = met in (UP, DOWN) and pace in (UP, DOWN)
        ways.add("" if not one else "more often" if met == pace else "less often")
    how = (ways.pop() if len(ways) == 1 else "") or "more often, or less"
    if not agenda.name:
        return f"you decide {how}, on whichever of your moves"
    moves = [
        f"“{capital(m.title)}”"
        for m in crisis.events
        if m.by == a.name and m.chosen and m.agenda == agenda.name
    ]
    named = moves[:FEW]
    if len(moves) > FEW:
        named.append(f"{len(moves) - FEW} more")
    return f"you decide {how} on {either(named)}" if named else f"you decide {how}"


def _draw(u: Unknown) -> str:
    """How a player comes by a threshold: in a game on paper by lots of named values, else by a
    choice of its own; a computer has drawn it."""
    chances = [constant(o.chance.expression) for o in u.options]
    if not u.options or any(c is None for c in chances):
        paper = f"choose “{u.title}” before the first turn, write it down, and tell nobody"
        return f"in a game on paper, {paper}; {DRAWN_BY_THE_WORLD}"
    lots = ", ".join(
        f"{level_words(o.name)} {percent(c)}"
        for o, c in zip(u.options, chances, strict=True)
        if c is not None
    )
    return (
        f"in a game on paper, draw “{u.title}” by lot before the first turn, and tell nobody "
        f"({lots}); {DRAWN_BY_THE_WORLD}"
    )


def _moves(
    speaker: Speaker, crisis: Crisis, events: Sequence[Event], case: Case, board: Collection[str]
) -> Iterable[Line]:
    """What it can do: what that moves on the board, when it may, and at what notice."""
    middles = {e.name: _middle(speaker, e.cost) for e in events}
    dearest = max((m for m in middles.values() if math.isfinite(m)), default=0.0)
    titles = speaker.titles
    for e in events:
        said = _does(speaker, e.does, board)
        if e.outcomes:
            said.append(f"may turn out: {', '.join(level_words(o.name) for o in e.outcomes)}")
        if e.when is not None:
            when = plain(speaker.words(e.when))
            known = {m.day for m in calendar(crisis)}
            later = tells_later(when, crisis.first, known)
            said.append("only later in the course" if later else f"only if {when}")
        if e.consent:
            said.append(f"with the consent of {joined([titles[f'actor {c}'] for c in e.consent])}")
        if e.words:
            said.append(f"you may add: {joined([titles[f'event {w}'] for w in e.words])}")
        if e.days:
            said.append(f"on {joined([written(d) for d in e.days])}")
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
                f"not public; {joined([titles[f'actor {a}'] for a, _ in e.shown])} may see it"
            )
        elif e.private:
            said.append("the others are not told")
        price = size_words(middles[e.name], dearest, PRICES)
        yield Line(capital(e.title), tuple(w for w in (*said, price) if w), cites(case, e))


def _does(speaker: Speaker, effects: Sequence[Effect], board: Collection[str]) -> list[str]:
    """What a move does to what the moderator keeps, and how much else it moves."""
    kept = [e for e in effects if e.quantity in board]
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
            yield Line(f"You have a veto: {e.title}", (), cites(case, e.vote))


def _knows(speaker: Speaker, crisis: Crisis, a: Actor, case: Case) -> Iterable[Line]:
    """What it takes the others for, and what it is not told."""
    for b in crisis.beliefs:
        if b.holder == a.name:
            yield _doubt(speaker, b, case)
    for e in crisis.events:
        if e.unclaimed is not None and e.unclaimed.observer == a.name:
            who = [speaker.titles[f"actor {name}"] for name, _ in e.unclaimed.suspects]
            words = f"Nobody claims it when it happens: {e.title}"
            yield Line(words, (f"it may be {either(who)}",), cites(case, e.unclaimed))


def _doubt(speaker: Speaker, b: Belief, case: Case) -> Line:
    said = []
    for t in b.types:
        settings = "; ".join(
            f"“{speaker.titles[f'unknown {n}']}” is {plain(speaker.words(c))}"
            for n, c in t.settings
        )
        said.append(
            f"{level_words(t.name)}, {chance_words(speaker, t.prior)}"
            + (f" ({settings})" if settings else "")
        )
    other = speaker.titles[f"actor {b.about}"]
    return Line(
        f"You do not know {other}, and take it to be one of these", tuple(said), cites(case, b)
    )


# ---- the game -----------------------------------------------------------------------------


def _lanes(crisis: Crisis) -> Iterable[tuple[str, int, int]]:
    for a in crisis.actors:
        own = [e for e in crisis.events if e.by == a.name and e.chosen]
        if own:
            free = sum(e.when is None for e in own)
            yield a.title, free, len(own) - free


def _unknown(u: Unknown, speaker: Speaker, first: dt.date, case: Case) -> Line:
    about = before(u.about, first)
    return Line(u.title, (about,) if about else (), cites(case, *claims(u)))


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

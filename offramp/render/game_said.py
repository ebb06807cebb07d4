"""What a seat is told, in words: for the terminal and for the page."""

from __future__ import annotations

import datetime as dt

from offramp.answers.wording import day as written
from offramp.answers.wording import percent
from offramp.case.case import Case
from offramp.language.crisis import Event
from offramp.language.expressions import reads
from offramp.language.kinds import unit_words
from offramp.play.asking import CONDITION, ONCE, PAUSING, Ask, Option
from offramp.play.sight import (
    CALENDAR,
    CHANGED,
    LATE,
    OWN,
    REFUSED,
    SHOWN,
    Coming,
    Held,
    Reading,
    Sight,
    Wanted,
)
from offramp.render.handout.said import plain
from offramp.render.pages.phrases import Speaker, amount, level_words

FIXED = " (fixed by the calendar)"
STILL = 0.005  # of a quantity's bounds (at most 100), below which it is said to stand still


class Told:
    """Speaks to the players of one case."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.speaker = Speaker(case.crisis)
        self.events: dict[str, Event] = {e.name: e for e in case.crisis.events}
        self.titles = {a.name: a.title for a in case.crisis.actors}

    def date(self, day: int) -> str:
        return written(self.case.crisis.first + dt.timedelta(day))

    def happened(self, s: Sight) -> str:
        """`3 Apr: Swarm at the anchorage (injury), by The Skippers' League`."""
        said = f"{self.date(s.day)}: {s.title}"
        if s.how == LATE:
            answer = f", your answer: {s.by}" if s.event else "nothing"
            return f"{said}{answer}; decided for you by {s.stead}"
        if s.outcome:
            said += f" ({level_words(s.outcome)})"
        if s.how == REFUSED:
            return f"{said}: not done, for {self.titles[s.by]} did not consent"
        if self.events[s.event].as_choice and s.stead != CHANGED:  # whoever has the seat
            said += FIXED
        if s.how == OWN:
            return said + self.own(s)
        if s.by:
            said += f", by {self.titles[s.by]}"
        if s.how == SHOWN:
            said += ", as you are shown"
        if s.guilt:
            who = (f"{self.titles[name]} {percent(p)}" for name, p in s.guilt)
            said += f"; nobody claims it. You suspect {', '.join(who)}"
        elif self.events[s.event].unclaimed is not None:
            said += "; nobody claims it"
        return said

    def own(self, s: Sight) -> str:
        """Whose decision it was that the seat's own actor did something."""
        if not s.stead:
            return ", by you"
        if s.stead == CALENDAR:
            fixed = "" if self.events[s.event].as_choice else FIXED
            return f"{fixed}, in your name"
        if s.stead == CHANGED:
            return f" (brought about by {s.stead}), in your name"
        return f", decided for you by {s.stead}"

    def reading(self, r: Reading) -> str:
        """How a quantity stands, and whether it has moved since yesterday."""
        state = self.speaker.states[r.name]
        if r.kind == "flag":
            stands = "yes" if r.value >= 0.5 else "no"
        elif r.kind == "clock":
            stands = "off" if r.value < 0 else amount(r.value, "d")
        elif r.kind == "ladder":
            stands = level_words(r.level)
        elif r.kind == "share":
            stands = percent(r.value)
        else:
            stands = amount(round(r.value, 2), unit_words(state.unit) if state.unit else "")
        return f"{r.title}: {stands}{self.moved(r, state.high - state.low)}"

    def moved(self, r: Reading, width: float) -> str:
        """Whether it has moved; of what is on or off its state tells all."""
        still = r.before is None or abs(r.value - r.before) <= STILL * min(width, 100.0)
        if still or r.before is None or r.kind in ("flag", "clock"):
            return ""
        up, down = ("rising", "falling") if r.kind == "ladder" else ("up", "down")
        return f" ({up})" if r.value > r.before else f" ({down})"

    def want(self, w: Wanted) -> str:
        return f"{self.speaker.plain(w.name)}: {self.worth(w)}"

    def worth(self, w: Wanted) -> str:
        """What a want is worth as things stand, and how that has changed."""
        text = _signed(w.worth)
        if w.before is None or abs(w.worth - w.before) < STILL:
            return text
        return f"{text} ({_signed(w.worth - w.before)} since yesterday)"

    def belief(self, h: Held) -> str:
        types = (f"{level_words(name)} {percent(w)}" for name, w in h.types)
        return f"You take {self.titles[h.about]} to be: {', '.join(types)}"

    def coming(self, c: Coming) -> str:
        return f"{c.title}: arrives on {self.date(c.arrives)}"

    def asked(self, a: Ask) -> str:
        """What a decision is about."""
        if a.consent:
            event = self.events[a.consent]
            mover = self.titles[event.by or ""]
            return f"{mover} wants your consent: {event.title}. Do you give it?"
        about = f", {level_words(a.about)}" if a.about else ""
        return f"{self.titles[a.seat]}{about}: what do you do today?"

    def consented(self, a: Ask) -> str:
        """What comes of a yes to a question of consent."""
        does = self.does(self.events[a.consent])
        return f"it may be done: {does}" if does else "it may be done"

    def option(self, o: Option) -> str:
        """A move that is open: what it is, and at what notice and price it comes."""
        does = self.does(self.events[o.event])
        return f"{o.title}: {does}" if does else o.title

    def does(self, event: Event) -> str:
        """The same without its title; '' where there is nothing to say."""
        said = list[str]()
        if event.does:
            said.append(plain(self.speaker.changes(event.does)))
        if event.outcomes:
            said.append(f"may turn out: {', '.join(level_words(x.name) for x in event.outcomes)}")
        if event.takes is not None:
            said.append(f"takes {plain(self.speaker.words(event.takes))}")
        if event.consent:
            said.append(f"if {' and '.join(self.titles[c] for c in event.consent)} consents")
        if event.once:
            said.append("once in the game")
        if event.unclaimed is not None:
            said.append("nobody is told that it was you")
        elif event.private and event.shown:
            shown = " and ".join(self.titles[actor] for actor, _ in event.shown)
            said.append(f"not public; {shown} may be shown it")
        elif event.private:
            said.append("the others are not told")
        return "; ".join(said)

    def closed(self, o: Option) -> str:
        """A move that is closed, and why."""
        return f"{o.title}: {self.barred(o)}"

    def barred(self, o: Option) -> str:
        """Why a move cannot be made this morning."""
        event = self.events[o.event]
        if o.closed == CONDITION:
            assert event.when is not None
            if not reads(event.when) and self.speaker.words(event.when) == "no":
                return "it cannot be done"
            return f"only if {plain(self.speaker.words(event.when))}"
        if o.closed == ONCE:
            return "it was done, and is done once"
        assert o.until is not None
        if o.closed == PAUSING:
            return f"again from {self.date(o.until)}"
        return f"under way, arrives on {self.date(o.until)}"


def _signed(x: float) -> str:
    """`+0.40`, `−1.02`; nothing has no sign."""
    return f"{x:+.2f}".replace("-", "−") if abs(x) >= STILL else "0.00"

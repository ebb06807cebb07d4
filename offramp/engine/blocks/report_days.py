"""The day among reports as a program: `engine/reported.py` over nodes, for the machine.

The slots of an ordinary program come first and keep their places, so that worlds that lived the
reported days by this program live the rest by the ordinary one, in the same memory.
"""

from __future__ import annotations

from dataclasses import dataclass

from offramp.engine.blocks.days import Program, Section, Writer, branch_codes
from offramp.engine.blocks.graph import Graph, Node
from offramp.engine.elementary import log
from offramp.engine.plan import Agenda, Occurrence, Plan
from offramp.engine.reported import log_of
from offramp.engine.schedule import ANY, FARTHEST, NO_CHANCE, Schedule, Sighting

SOME = 99  # in place of a branch: reported, but not how it turned out


@dataclass(frozen=True)
class ReportedProgram:
    """The program, the slot of a world's log weight, the slots that the caller fills before the
    first morning (by the name of the die, the uniform number that it shows), and those of the day
    on which a disputed report falls, by its id."""

    program: Program
    log_weight: int
    given: dict[str, int]
    dates: dict[str, int]


def program(plan: Plan, schedule: Schedule) -> ReportedProgram:
    """Pure: the same plan and schedule give the same program."""
    writer = ReportedWriter(plan, schedule)
    return ReportedProgram(writer.program(), writer.log_weight, writer.given, writer.date)


@dataclass(frozen=True)
class Case:
    """As `reported.Case`: the place of the move among those of its agenda (0: nothing), the words
    that went along, its probability, and that of just the reports that there are."""

    place: int
    words: tuple[int, ...]
    chance: Node
    told: Node

    def term(self, graph: Graph) -> Node:
        return graph.mul(self.chance, self.told)


class ReportedWriter(Writer):
    def __init__(self, plan: Plan, schedule: Schedule) -> None:
        super().__init__(plan)
        self.schedule = schedule
        sighted = sorted({s.event for s in schedule.sightings})
        names = {e: plan.events[e].event.name for e in sighted}
        self.seen = {e: self.slots.some([f"{names[e]} is reported"])[0] for e in sighted}
        self.announced = {
            e: self.slots.some([f"{names[e]} is decided, it is reported"])[0]
            for e in sighted
            if schedule.lead(e) > 0
        }
        self.last_daily = len(self.slots.names)
        self.log_weight = self.slots.some(["log weight"])[0]
        self.waiting = {
            stop: self.slots.some([f"waits for reports on their way on day {stop}"])[0]
            for _, stop in schedule.fresh()
            if stop < schedule.last
        }
        self.disputed = [s for s in schedule.sightings if s.day is None]
        dice = [f"unknown {x.dice}" for x in plan.priors]
        dice += [f"mood {m.dice}" for m in plan.minds if m.mood is not None]
        dice += [f"date {s.id}" for s in self.disputed]
        self.given = {name: self.slots.some([f"quantile of {name}"])[0] for name in dice}
        self.date = {s.id: self.slots.some([f"day of {s.id}"])[0] for s in self.disputed}

    # ---- helpers -------------------------------------------------------------------------

    def first_die(self, name: str) -> Node:
        return self.slot(self.given[name])

    def weighed(self, factors: list[Node]) -> list[tuple[int, Node]]:
        """The log weight with some factors more."""
        if not factors:
            return []
        total = self.slot(self.log_weight)
        for factor in factors:
            total = self.graph.add(total, factor)
        return [(self.log_weight, total)]

    def log(self, x: Node) -> Node:
        """The logarithm of a probability, NO_CHANCE for 0."""
        some = self.lt(self.c(0.0), x)
        return self.graph.select(some, self.graph.op("log", x), self.c(NO_CHANCE))

    def is_seen(self, event: int) -> Node:
        if event not in self.seen:
            return self.c(0.0)
        return self.graph.op("ne", self.slot(self.seen[event]), self.c(0.0))

    def known_decision(self, event: int) -> Node:
        """The chance that a move decided today is reported and known, as far as that is weighed
        today."""
        return self.straddled(event, self.known(event, self.schedule.lead(event)))

    def known(self, event: int, ahead: int = 0) -> Node:
        """The chance that an event is reported and known, if it happens so many days ahead."""
        g, out, share = self.graph, self.steps(event, ahead), self.c(1.0)
        for first, last in self.schedule.fresh():
            from_, to = self.c(first - ahead), self.c(last - ahead)
            inside = self.both(self.le(from_, g.today()), self.le(g.today(), to))
            share = g.select(inside, self.c(self.schedule.prompt), share)
        return g.mul(out, share)

    def straddled(self, event: int, chance: Node) -> Node:
        """Nothing for a decision that is not weighed today."""
        lead, g = self.schedule.lead(event), self.graph
        for stop in (*self.schedule.stops, self.schedule.last) if lead else ():
            straddles = self.both(
                self.le(g.today(), self.c(stop)), self.lt(self.c(stop - lead), g.today())
            )
            chance = g.select(straddles, self.c(0.0), chance)
        return chance

    def steps(self, event: int, ahead: int) -> Node:
        """The chance of a report so many days ahead."""
        out, today = self.c(0.0), self.graph.today()
        for since, chance in self.schedule.steps(event):
            if since <= ahead:
                out = self.c(chance)
            else:
                later = self.le(self.c(since - ahead), today)
                out = self.graph.select(later, self.c(chance), out)
        return out

    def concerns(self, event: Occurrence) -> bool:
        return self.schedule.follows(event.index) or event.index in self.seen

    def bars(self, event: Occurrence) -> Node:
        """Whether the event, unreported today, would bar a later report of it."""
        g, today, out = self.graph, self.graph.today(), self.c(0.0)
        guided = self.schedule.guided and not self.schedule.per_episode
        if not guided or event.takes is not None or event.index not in self.ready:
            return out
        ready = self.ready_again(event)
        for s in self.schedule.sightings:
            if s.event == event.index:
                date = self.c(s.day) if s.day is not None else self.slot(self.date[s.id])
                ahead = self.both(self.lt(today, date), self.le(date, self.horizon()))
                out = g.op("or", out, self.both(ahead, self.lt(date, ready)))
        return out

    def horizon(self) -> Node:
        """The last day whose reports may be foreseen today."""
        out = self.c(self.schedule.last)
        for stop in sorted(self.schedule.stops, reverse=True):
            out = self.graph.select(self.le(self.graph.today(), self.c(stop)), self.c(stop), out)
        return out

    def unless_barring(self, event: Occurrence, known: Node) -> Node:
        """The chance of silence's telling, 1 for an event that may not happen unreported."""
        return self.graph.select(self.bars(event), self.c(1.0), known)

    def share(self, part: Node, whole: Node) -> Node:
        return self.graph.select(
            self.lt(self.c(0.0), whole), self.graph.op("div", part, whole), self.c(0.0)
        )

    # ---- the first morning, and what is reported today ------------------------------------

    def begin(self) -> tuple[Section, ...]:
        (first,) = super().begin()
        out = list(first.outputs)
        for s in self.disputed:
            die, total, sums = self.first_die(f"date {s.id}"), 0.0, []
            for day, p in s.days():
                total += p
                sums.append((day, total))
            node = self.c(sums[-1][0])
            for day, most in reversed(sums):
                node = self.graph.select(self.lt(die, self.c(most)), self.c(day), node)
            out.append((self.date[s.id], node))
        return (Section(first.name, tuple(out)),)

    def code(self, s: Sighting) -> int:
        """What its `seen` slot holds: 1 + the branch, or SOME."""
        event = self.plan.events[s.event]
        if s.outcome == ANY:
            return SOME
        if event.ballot is not None:
            return branch_codes(event)[("carried", "lost")[s.outcome]] + 1
        return s.outcome + 1

    def morning(self) -> None:
        super().morning()
        by_day: dict[int, list[tuple[int, Node]]] = {}
        for s in self.schedule.sightings:
            if s.day is not None:
                by_day.setdefault(s.day, []).append((self.seen[s.event], self.c(self.code(s))))
                if s.event in self.announced:
                    decided = s.day - self.schedule.lead(s.event)
                    by_day.setdefault(decided, []).append((self.announced[s.event], self.c(1.0)))
        for stop, slot in self.waiting.items():
            out = self.weighed([self.slot(slot)])
            self.section(f"what had been on its way on day {stop}", out, days=(stop + 1,))
        for day, out in sorted(by_day.items()):
            self.section(f"what is reported of day {day}", out, days=(day,))
        for s in self.disputed:
            self.maybe(s, self.seen[s.event], self.code(s), 0)
            if s.event in self.announced:
                self.maybe(s, self.announced[s.event], 1, self.schedule.lead(s.event))

    def maybe(self, s: Sighting, slot: int, code: int, ahead: int) -> None:
        """A report of a disputed day, where today is that day; not twice in one day."""
        g = self.graph
        day = g.sub(self.slot(self.date[s.id]), self.c(ahead))
        hit = g.op("eq", g.today(), day)
        clash = self.both(hit, g.op("ne", self.slot(slot), self.c(0.0)))
        out = [(slot, g.select(hit, self.c(code), self.slot(slot)))]
        out += self.weighed([g.select(clash, self.c(NO_CHANCE), self.c(0.0))])
        days = tuple(sorted({day - ahead for day, _ in s.days() if day >= ahead}))
        self.section(f"whether {s.id} is of today", out, days=days)

    # ---- what is not chosen ---------------------------------------------------------------

    def dated(self) -> None:
        super().dated()
        self.straddling()
        factors = [
            self.tally(event, self.slot(self.fires[event.index]))
            for event in self.plan.events
            if (event.dates or event.clock is not None)
            and not event.event.as_choice
            and self.concerns(event)
        ]
        self.section("what was due, and the record", self.weighed(factors))

    def straddling(self) -> None:
        """Deeds that were not weighed when they were decided."""
        schedule, g = self.schedule, self.graph
        for event in self.plan.events:
            lead = schedule.lead(event.index)
            if lead == 0 or not schedule.follows(event.index):
                continue
            days = [
                d
                for d in range(lead, schedule.last + 1)
                if schedule.straddles(event.index, d - lead)
            ]
            done = self.slot(self.fires[event.index])
            untold = self.both(done, self.negated(self.is_seen(event.index)))
            silent = self.log(g.sub(self.c(1.0), self.known(event.index)))
            factor = g.select(untold, silent, self.c(0.0))
            if days:
                name = f"{event.event.name} is done, and the record"
                self.section(name, self.weighed([factor]), days=tuple(days))

    def tally(self, event: Occurrence, happens: Node, other: Node | None = None) -> Node:
        """The factor of what is not up to chance: it happens, or not, or otherwise (`other`)."""
        g = self.graph
        as_told = happens if other is None else self.both(happens, self.negated(other))
        told = g.select(as_told, self.log(self.known(event.index)), self.c(NO_CHANCE))
        unknown = g.sub(self.c(1.0), self.known(event.index))
        untold = g.select(happens, self.log(unknown), self.c(0.0))
        return g.select(self.is_seen(event.index), told, untold)

    def hazards(self) -> None:
        g, out, factors = self.graph, list[tuple[int, Node]](), list[Node]()
        for event in self.plan.events:
            if event.rate is None:
                continue
            die, may = self.die(f"hazard {event.dice}"), self.possible(event)
            if not self.schedule.follows(event.index):
                strikes = self.both(may, self.strikes(die, self.rate(event)))
                out.append((self.fires[event.index], strikes))
                continue
            p = g.select(may, self.once(self.rate(event)), self.c(0.0))
            seen = self.is_seen(event.index)
            known = self.unless_barring(event, self.known(event.index))
            silent = g.sub(self.c(1.0), g.mul(p, known))
            told = g.mul(p, self.known(event.index))
            factors.append(self.log(g.select(seen, told, silent)))
            unseen = self.share(g.mul(p, g.sub(self.c(1.0), known)), silent)
            out.append((self.fires[event.index], g.op("or", seen, self.lt(die, unseen))))
        self.section("hazards, and the record", out + self.weighed(factors))

    def turns_out(self, event: Occurrence) -> list[tuple[int, Node]]:
        """A reported outcome is taken, with its probability."""
        out = super().turns_out(event)
        told = sorted(
            {
                s.outcome
                for s in self.schedule.sightings
                if s.event == event.index and s.outcome != ANY
            }
        )
        if not told or event.ballot is not None:
            return out
        g, (slot, drawn) = self.graph, out[0]
        chances = [p for _, p in self.rules.chances(event, self.rules.now)]
        factor, taken, seen = self.c(0.0), drawn, self.slot(self.seen[event.index])
        for k in told:
            here = g.op("eq", seen, self.c(k + 1))
            factor = g.select(here, self.log(chances[k]), factor)
            taken = g.select(here, self.c(k + 1), taken)
        return [(slot, taken), *self.weighed([factor])]

    def bodies(self) -> None:
        super().bodies()
        g, factors = self.graph, []
        for event in self.plan.events:
            if event.ballot is not None and self.concerns(event):
                result = self.slot(self.happened[event.index])
                held = g.op("ne", result, self.c(0.0))
                other = self.c(0.0)
                if event.index in self.seen:
                    told = self.slot(self.seen[event.index])
                    other = self.both(g.op("ne", told, self.c(SOME)), g.op("ne", told, result))
                factors.append(self.tally(event, held, other))
        self.section("votes, and the record", self.weighed(factors))

    # ---- what is chosen -------------------------------------------------------------------

    def decide(self, group: tuple[Agenda, ...]) -> None:
        """What was reported, or something that would not have been, or nothing."""
        events = [e for agenda in group for e in (*agenda.all, *agenda.words)]
        if not any(self.schedule.follows(e) for e in events):
            super().decide(group)
            return
        g, first, others = self.graph, group[0], group[1:]
        cases = self.cases(first, ())
        terms, once = [], []
        for case, opened in zip(cases, self.cases(first, (), True), strict=True):
            said = case.words
            terms.append(g.mul(case.term(g), self.product([self.cases(a, said) for a in others])))
            apart = [self.cases(a, said, True) for a in others]
            once.append(g.mul(opened.term(g), self.product(apart)))
        total = g.total(terms)
        factor = self.log(total)
        if self.schedule.per_episode:
            heard = self.c(0.0)
            for e in dict.fromkeys(events):
                heard = g.op("or", heard, self.hit(e))
            factor = g.select(heard, factor, self.silence(tuple(events), g.total(once)))
        shares = [self.share(term, total) for term in terms]
        drawn = self.pick(self.die(f"choice {first.dice}"), shares[:-1], len(shares))
        slot, zero = self.chosen[first.index], self.c(0.0)
        place = zero
        said_now: dict[tuple[int, int], Node] = {}
        for k, case in enumerate(cases[:-1]):
            here = g.op("eq", drawn, self.c(k + 1))
            place = g.select(here, self.c(case.place), place)
            for word in case.words:
                key = (first.all[case.place - 1], word)
                said_now[key] = g.op("or", said_now.get(key, zero), here)
        out = [(slot, place), *((self.said[key], node) for key, node in said_now.items())]
        self.section(f"{first.title} and the record", [*out, *self.weighed([factor])])
        for agenda in others:
            chosen = zero
            for said in dict.fromkeys(case.words for case in cases):
                options = self.cases(agenda, said)
                parts = [option.term(g) for option in options]
                whole = g.total(parts)
                shares = [self.share(part, whole) for part in parts]
                drawn = self.pick(self.die(f"choice {agenda.dice}"), shares[:-1], 0)
                chosen = g.select(self.just(first, said), drawn, chosen)
            name = f"{agenda.title} and the record"
            self.section(name, [(self.chosen[agenda.index], chosen)])
        for agenda in group:
            self.decision_waits(agenda, self.chosen[agenda.index])

    def just(self, agenda: Agenda, said: tuple[int, ...]) -> Node:
        """Whether these words of the agenda's deeds went along today, and no others."""
        out = self.c(1.0)
        for word in agenda.words:
            went = self.went_along(word)
            out = self.both(out, went if word in said else self.negated(went))
        return out

    def product(self, others: list[list[Case]]) -> Node:
        """The factors of agendas, each summed over its cases."""
        out = self.c(1.0)
        for cases in others:
            out = self.graph.mul(out, self.graph.total([c.term(self.graph) for c in cases]))
        return out

    def cases(self, agenda: Agenda, said: tuple[int, ...], open_: bool = False) -> list[Case]:
        """As `reported.cases_of`: the last is to do nothing."""
        g, zero, one = self.graph, self.c(0.0), self.c(1.0)
        acts = self.acts(agenda, open_)
        own = self.own_words(agenda)
        hits = {e: self.hit(e) for e in (*agenda.all, *own) if e in self.seen and e not in said}
        out = []
        for i, (index, chance) in enumerate(zip(agenda.all, acts, strict=True)):
            for words, p in self.sayings(self.plan.events[index]):
                told = one if index in said else self.told_of(index)
                for word in words:
                    told = g.mul(told, self.told_of(word))
                unmet = zero
                for e, hit in hits.items():
                    if e != index and e not in words:
                        unmet = g.op("or", unmet, hit)
                told = g.select(unmet, zero, told)
                out.append(Case(i + 1, words, g.mul(chance, p), told))
        unmet = zero
        for hit in hits.values():
            unmet = g.op("or", unmet, hit)
        nothing = self.rules.at_least_0(g.sub(one, g.total(acts)))
        out.append(Case(0, (), nothing, g.select(unmet, zero, one)))
        return out

    def own_words(self, agenda: Agenda) -> tuple[int, ...]:
        """The words of an agenda's deeds that cannot have been drawn on another."""
        agendas = self.plan.minds[agenda.mind].agendas
        others = {e for a in agendas if a is not agenda for e in a.moves}
        return tuple(w for w in agenda.words if w not in others)

    def sayings(self, deed: Occurrence) -> list[tuple[tuple[int, ...], Node]]:
        """Each set of words that may go along with a deed, with its probability."""
        g = self.graph
        out: list[tuple[tuple[int, ...], Node]] = [((), self.c(1.0))]
        for word in deed.words:
            p = self.along(deed, word)
            q = g.sub(self.c(1.0), p)
            out = [
                *((words, g.mul(x, q)) for words, x in out),
                *(((*words, word), g.mul(x, p)) for words, x in out),
            ]
        return out

    def told_of(self, event: int) -> Node:
        """The chance of the report that there is of an event of today, or that there is none."""
        noted = self.known_decision(event)
        known = self.unless_barring(self.plan.events[event], noted)
        untold = self.graph.sub(self.c(1.0), known)
        return self.graph.select(self.hit(event), noted, untold)

    def hit(self, event: int) -> Node:
        """Whether there is a report by which it was decided today."""
        if event not in self.seen:
            return self.c(0.0)
        slot = self.announced.get(event, self.seen[event])
        return self.graph.op("ne", self.slot(slot), self.c(0.0))

    def silence(self, moves: tuple[int, ...], untold: Node) -> Node:
        """An episode of silence as one opening, its mean day."""
        g, today, spread = self.graph, self.graph.today(), self.c(1.0)
        for first, last in self.schedule.episodes(moves):
            inside = self.both(self.le(self.c(first), today), self.le(today, self.c(last)))
            spread = g.select(inside, self.c(1.0 / (last - first + 1)), spread)
        return g.mul(spread, self.log(untold))

    # ---- reports on their way -------------------------------------------------------------

    def waits(self) -> None:
        """As `reported.waits`, for every event of the days of which reports may be on their way."""
        g, zero = self.graph, self.c(0.0)
        for event in self.plan.events:
            lead, seen = self.schedule.lead(event.index), self.is_seen(event.index)
            for day in range(self.schedule.last):
                if lead == 0:
                    happened = g.op("ne", self.slot(self.happened[event.index]), zero)
                    self.wait(event, day, day, happened, seen)
                elif self.schedule.straddles(event.index, day - lead):
                    done = g.op("ne", self.slot(self.fires[event.index]), zero)
                    self.wait(event, day, day, self.both(done, self.negated(seen)), zero)

    def decision_waits(self, agenda: Agenda, slot: int) -> None:
        """As `waits`, for moves that take time: on the day of their decision."""
        g, zero = self.graph, self.c(0.0)
        for place, move in enumerate(agenda.moves):
            lead, event = self.schedule.lead(move), self.plan.events[move]
            for day in range(lead, self.schedule.last) if lead else ():
                if not self.schedule.straddles(move, day - lead):
                    chosen = g.op("eq", self.slot(slot), self.c(place + 1))
                    announced = self.announced.get(move)
                    told = zero if announced is None else g.op("ne", self.slot(announced), zero)
                    self.wait(event, day, day - lead, chosen, told)

    def wait(self, event: Occurrence, day: int, at: int, happens: Node, told: Node) -> None:
        """What waits of an event of a day, weighed on the day `at`, if it happens."""
        stop, chance = self.schedule.awaited(day), self.schedule.reported(event.index, day)
        if stop is None or stop == self.schedule.last or chance == 0.0:
            return
        g, slot, fresh = self.graph, self.waiting[stop], self.schedule.known(event.index, day)
        untold = log_of(1.0 - chance) - log(1.0 - fresh)
        later = g.select(told, self.c(log(chance / fresh)), self.c(untold))
        total = g.add(self.slot(slot), g.select(happens, later, self.c(0.0)))
        self.section(f"{event.event.name} may be on its way", [(slot, total)], days=(at,))

    # ---- soft facts -----------------------------------------------------------------------

    def learn(self) -> None:
        super().learn()
        self.waits()
        g = self.graph
        for fact in self.schedule.facts:
            x = self.slot(self.after[fact.quantity])
            z = g.op("div", g.sub(x, self.c(fact.value)), self.c(fact.error))
            if fact.relation == "=":
                square = g.mul(self.c(-0.5), g.mul(z, z))
                found = square
            else:
                side = z if fact.relation == ">=" else g.sub(self.c(0.0), z)
                found = g.op("log", g.op("logistic", side))
            near = self.le(self.c(FARTHEST), found)
            factor = g.select(near, found, self.c(NO_CHANCE))
            self.section(f"soft fact {fact.id}", self.weighed([factor]), days=(fact.day,))

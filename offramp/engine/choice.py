"""How an actor decides: the decision rule, equations (1) to (5) of docs/meaning.md.

A `Mindset` is one world on one morning. All choices of the day read it, so policies and imagined
situations are computed once and shared by all who ask (actors, observers, beliefs).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from offramp.engine.elementary import added, exp, logistic
from offramp.engine.formulas import clip
from offramp.engine.plan import Agenda, Branch, Change, Mind, Occurrence, Plan
from offramp.language.kinds import MOST

NO_TYPE: tuple[int, int] = (-1, -1)
TypeKey = tuple[int, int]  # (belief, type) whose settings replace unknowns, or NO_TYPE


@dataclass
class Moment:
    """What expressions may read besides quantities and unknowns: the day and the beliefs."""

    day: float
    beliefs: list[list[float]]


class Situation:
    """Quantities at one instant, real or imagined, with what was already worked out about it.

    An imagined one remembers what it grew out of, and by which event.
    """

    __slots__ = ("after", "event", "odds", "parent", "policies", "s", "terms")

    def __init__(self, s: list[float], parent: Situation | None = None, event: int = -1) -> None:
        self.s, self.parent, self.event = s, parent, event
        self.after: dict[int, list[tuple[float, Situation]]] = {}
        self.terms: dict[tuple[int, int, TypeKey], float] = {}
        self.odds: dict[tuple[int, int, TypeKey], list[float | None]] = {}
        self.policies: dict[tuple[int, int, TypeKey], list[float]] = {}


@dataclass
class Mindset:
    """A morning: the plan, the world's unknowns, what the day forbids, and who might be whom."""

    plan: Plan
    unknowns: list[float]
    types: list[list[list[float]]]  # types[belief][type]: the unknowns as that type has them
    moment: Moment
    blocked: frozenset[int]  # events done for good, pausing, or under way
    now: Situation = field(init=False)
    quantities: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.now = Situation(self.quantities)

    def unknowns_of(self, key: TypeKey) -> list[float]:
        return self.unknowns if key == NO_TYPE else self.types[key[0]][key[1]]

    # ---- what a move does ----------------------------------------------------------------

    def branches(self, event: Occurrence, at: Situation) -> list[tuple[float, Situation]]:
        """The outcome states of an event with their probabilities. The tail matters, so
        branches are averaged over, never their mean state."""
        known = at.after.get(event.index)
        if known is None:
            guilt = self.expected_guilt(event, at)
            known = [
                (p, Situation(self.applied(branch.changes, at.s, guilt), at, event.index))
                for branch, p in self.chances(event, at.s)
                if p > 0.0
            ]
            at.after[event.index] = known
        return known

    def chances(self, event: Occurrence, s: list[float]) -> list[tuple[Branch, float]]:
        """Each branch with its probability; the plain one has what named outcomes leave over."""
        named = [
            (b, clip(float(b.chance(s, self.unknowns, self.moment)), 0.0, 1.0))
            for b in event.branches
            if b.chance is not None
        ]
        total = added(p for _, p in named)
        if total > 1.0:
            named = [(b, p / total) for b, p in named]
        rest = [(b, max(0.0, 1.0 - total)) for b in event.branches if b.chance is None]
        return named + rest

    def applied(
        self, changes: tuple[Change, ...], s: list[float], guilt: tuple[float, ...]
    ) -> list[float]:
        """The quantities after some effects that all read `s`; nothing fades in the imagination."""
        after = list(s)
        for change in changes:
            amount = float(change.amount(s, self.unknowns, self.moment, guilt))
            apply(after, change.quantity, change.operator, amount)
        for change in changes:
            q = self.plan.quantities[change.quantity]
            after[change.quantity] = clip(after[change.quantity], q.low, q.high)
        return after

    # ---- guilt for unclaimed events ------------------------------------------------------

    def posterior_guilt(
        self, event: Occurrence, s: list[float], signature: int
    ) -> tuple[float, ...]:
        """The observer's guilt of each suspect, given whom the signature points at.

        Posterior on c is proportional to S(signature | c) times the rate expected of c (Baliga,
        Bueno de Mesquita and Wolitzky 2020).
        """
        suspicion = event.suspicion
        assert suspicion is not None
        n = len(suspicion.suspects)
        clarity = clip(float(suspicion.clarity(s, self.unknowns, self.moment)), 0.0, 1.0)
        weights = [
            ((clarity if i == signature else 0.0) + (1.0 - clarity) / n)
            * max(0.0, float(rate(s, self.unknowns, self.moment)))
            for i, rate in enumerate(suspicion.rates)
        ]
        total = added(weights)
        if total <= 0.0:
            return tuple(1.0 / n for _ in range(n))
        return tuple(w / total for w in weights)

    def signatures(self, event: Occurrence, s: list[float]) -> list[float]:
        """The probability that the signature points at each suspect, the true culprit known."""
        suspicion = event.suspicion
        assert suspicion is not None
        n = len(suspicion.suspects)
        clarity = clip(float(suspicion.clarity(s, self.unknowns, self.moment)), 0.0, 1.0)
        if event.mover not in suspicion.suspects:
            return [1.0 / n] * n
        true = suspicion.suspects.index(event.mover)
        return [(clarity if i == true else 0.0) + (1.0 - clarity) / n for i in range(n)]

    def expected_guilt(self, event: Occurrence, at: Situation) -> tuple[float, ...]:
        """What the mover expects the observer to conclude, over possible signatures."""
        if event.suspicion is None:
            return ()
        total = [0.0] * len(event.suspicion.suspects)
        for signature, p in enumerate(self.signatures(event, at.s)):
            for i, guilt in enumerate(self.posterior_guilt(event, at.s, signature)):
                total[i] += p * guilt
        return tuple(total)

    # ---- what it is worth ----------------------------------------------------------------

    def term(self, mind: Mind, k: int, at: Situation, key: TypeKey) -> float:
        value = at.terms.get((mind.index, k, key))
        if value is None:
            value = float(mind.terms[k].value(at.s, self.unknowns_of(key), self.moment))
            at.terms[(mind.index, k, key)] = value
        return value

    def gain(
        self,
        mind: Mind,
        event: Occurrence,
        at: Situation,
        key: TypeKey,
        only: int | None = None,
    ) -> float:
        """(1) and (2): the expected change of the actor's own utility, dread included; with `only`
        that of one of its terms.

        Only terms that the event can touch are compared; the others cancel.
        """
        touched = mind.touches(event.index, only)
        if not touched:
            return 0.0
        before = [self.term(mind, k, at, key) for k in touched]
        total = 0.0
        for p, after in self.branches(event, at):
            change = 0.0
            for k, old in zip(touched, before, strict=True):
                change += self.term(mind, k, after, key) - old
            total += p * change
        return total

    def worth(
        self,
        mind: Mind,
        event: Occurrence,
        at: Situation,
        depth: int,
        key: TypeKey,
        only: int | None = None,
    ) -> float:
        """(3): own gain plus what the change in others' behaviour is worth, to a depth.

        The reaction term weighs the *change* in the other's policy, so a move that provokes
        nothing has none (truncated noisy introspection, Goeree and Holt 2004). It is linear in the
        actor's terms, given who does what: `only` leaves the part of one of them, everybody
        deciding by all of theirs.
        """
        total = self.gain(mind, event, at, key, only)
        if depth == 0:
            return total
        if event.mover == mind.index and event.words:
            total += self.added_words(mind, event, at, depth - 1, key, only)
        for other in mind.weighs:
            if not self.plan.provokes(event.index, other, depth - 1):
                continue
            moves = self.plan.minds[other].moves
            before = self.response(mind, other, at, depth - 1)
            for p, after in self.branches(event, at):
                then = self.response(mind, other, after, depth - 1)
                for i, move in enumerate(moves):
                    shift = then[i] - before[i]
                    if shift != 0.0:
                        answer = self.plan.events[move]
                        own = self.worth(mind, answer, after, depth - 1, key, only)
                        total += p * shift * own
        return total

    def added_words(
        self,
        mind: Mind,
        event: Occurrence,
        at: Situation,
        depth: int,
        key: TypeKey,
        only: int | None = None,
    ) -> float:
        """(3'): what the mover's own words along with a deed are worth, as likely as it would say
        them. A word that is worth nothing adds nothing. Its price is no part of a term."""
        total = 0.0
        for p, after in self.branches(event, at):
            for word in event.words:
                w = self.plan.events[word]
                worth = self.worth(mind, w, after, depth, key, only)
                if w.cost is not None and only is None:
                    worth -= float(w.cost(after.s, self.unknowns_of(key), self.moment))
                total += p * self.says(mind, w, after, depth, key) * worth
        return total

    def says(
        self, mind: Mind, word: Occurrence, after: Situation, depth: int, key: TypeKey
    ) -> float:
        """Yes or no to a word, in one evening that the deed may bring: a quantal response."""
        odds = self.odds(mind, word, after, depth, key)
        return 0.0 if odds is None else logistic(odds)

    def goes_along(
        self, mind: Mind, deed: Occurrence, word: Occurrence, depth: int, key: TypeKey
    ) -> float:
        """(6): the probability that a word goes along with a deed, whose outcome nobody knows."""
        total = 0.0
        for p, after in self.branches(deed, self.now):
            total += p * self.says(mind, word, after, depth, key)
        return total

    def response(self, mind: Mind, other: int, at: Situation, depth: int) -> list[float]:
        """(4): the other's policy as this actor expects it, averaged over the types it believes."""
        belief = mind.belief_about.get(other)
        if belief is None:
            return self.policy(other, at, depth, NO_TYPE)
        weights = self.moment.beliefs[belief]
        total = [0.0] * len(self.plan.minds[other].moves)
        for t, weight in enumerate(weights):
            if weight > 0.0:
                for i, p in enumerate(self.policy(other, at, depth, (belief, t))):
                    total[i] += weight * p
        return total

    def inclination(self, mind: Mind, event: Occurrence) -> float:
        """precision * Q of a move this morning, possible or not, at the actor's own foresight and
        without its mood, within MOST either way."""
        q = self.value(mind, event, self.now, mind.foresight, NO_TYPE)
        return 0.0 + clip(self.precision(mind, self.now, NO_TYPE) * q, -MOST, MOST)

    def motive(self, mind: Mind, event: Occurrence, term: int) -> float:
        """The part of a want or dread in what a move is worth (3), over the sizes of all parts."""
        depth = mind.foresight
        parts = [
            self.worth(mind, event, self.now, depth, NO_TYPE, k) for k in range(len(mind.terms))
        ]
        size = added(abs(x) for x in parts)
        return 0.0 + parts[term] / size if size > 0.0 else 0.0

    def value(
        self, mind: Mind, event: Occurrence, at: Situation, depth: int, key: TypeKey
    ) -> float:
        """Q: worth less cost and what is foreclosed, scaled by own will, plus any urge."""
        u = self.unknowns_of(key)
        own = self.worth(mind, event, at, depth, key)
        if event.cost is not None:
            own -= float(event.cost(at.s, u, self.moment))
        if event.event.forecloses:
            own -= self.foreclosed(mind, event, at, key)
        if mind.will is not None:
            own *= float(mind.will(at.s, u, self.moment))
        if event.urge is not None:
            own += float(event.urge(at.s, u, self.moment))
        return own

    def foreclosed(self, mind: Mind, event: Occurrence, at: Situation, key: TypeKey) -> float:
        """The continuation value of awaited events that the move gives up."""
        total = 0.0
        for wait in mind.waits:
            awaited = self.plan.events[wait.event]
            if awaited.event.name not in event.event.forecloses or self.moment.day >= wait.until:
                continue
            hope = 0.0
            for branch, odds in wait.odds:
                changes = awaited.branches[branch].changes
                after = Situation(self.applied(changes, at.s, ()))
                change = added(
                    self.term(mind, k, after, key) - self.term(mind, k, at, key)
                    for k in mind.touched[wait.event]
                )
                hope += float(odds(at.s, self.unknowns, self.moment)) * change
            total += max(0.0, hope)
        return total

    def sees(self, event: Occurrence, actor: int) -> bool:
        """Whether the actor sees the event, if it happens today."""
        if not event.event.private:
            return True
        return any(
            who == actor and bool(condition(self.now.s, self.unknowns, self.moment))
            for who, condition in event.shown
        )

    # ---- the policy ----------------------------------------------------------------------

    def available(self, event: Occurrence, at: Situation, key: TypeKey) -> bool:
        if event.index in self.blocked:
            return False
        return event.when is None or bool(event.when(at.s, self.unknowns_of(key), self.moment))

    def policy(self, actor: int, at: Situation, depth: int, key: TypeKey) -> list[float]:
        """(5): the probability of each of the actor's moves, given an opening on its agenda; the
        rest is to do nothing. The quantal response of McKelvey and Palfrey (1998) at a finite
        depth."""
        known = at.policies.get((actor, depth, key))
        if known is None:
            mind = self.plan.minds[actor]
            odds, known = self.log_odds(mind, at, depth, key), [0.0] * len(mind.moves)
            for agenda in mind.agendas:
                chances = softmax([odds[i] for i in agenda.places], 0.0)
                for i, p in zip(agenda.places, chances, strict=True):
                    known[i] = p
            at.policies[(actor, depth, key)] = known
        return known

    def would_have(self, agenda: Agenda, event: Occurrence, depth: int, key: TypeKey) -> float:
        """(7): the probability that a dated choice would have been made at an opening of that
        morning, among the moves of its agenda."""
        mind = self.plan.minds[agenda.mind]
        others = self.log_odds(mind, self.now, depth, key)
        own = self.precision(mind, self.now, key) * self.value(mind, event, self.now, depth, key)
        return softmax([own, *(others[i] for i in agenda.places)], 0.0)[0]

    def log_odds(self, mind: Mind, at: Situation, depth: int, key: TypeKey) -> list[float | None]:
        """precision * Q of each move against doing nothing; None where it is not available."""
        known = at.odds.get((mind.index, depth, key))
        if known is None:
            events = [self.plan.events[m] for m in mind.moves]
            if depth == 0 and at.parent is not None:
                before = self.log_odds(mind, at.parent, 0, key)
                swayed = self.plan.sways[at.event]
                known = [
                    self.odds(mind, event, at, 0, key) if swayed[event.index] else old
                    for event, old in zip(events, before, strict=True)
                ]
            else:
                known = [self.odds(mind, event, at, depth, key) for event in events]
            at.odds[(mind.index, depth, key)] = known
        return known

    def odds(
        self, mind: Mind, event: Occurrence, at: Situation, depth: int, key: TypeKey
    ) -> float | None:
        if not self.available(event, at, key):
            return None
        return self.precision(mind, at, key) * self.value(mind, event, at, depth, key)

    def precision(self, mind: Mind, at: Situation, key: TypeKey) -> float:
        assert mind.precision is not None
        return max(0.0, float(mind.precision(at.s, self.unknowns_of(key), self.moment)))

    def choice(self, agenda: Agenda, mood: float) -> list[float]:
        """The policy that the actor itself acts on, on an agenda: its own foresight, and its mood.
        A probability a move of the agenda."""
        mind = self.plan.minds[agenda.mind]
        odds = self.log_odds(mind, self.now, mind.foresight, NO_TYPE)
        return softmax([odds[i] for i in agenda.places], mood)

    def agreed(self, event: Occurrence, chosen: float) -> float:
        """The probability that a move is chosen, times that everybody who is asked accepts it."""
        for actor in event.consent:
            chosen *= self.consents(actor, event)
        return chosen

    def consents(self, actor: int, event: Occurrence) -> float:
        """The probability that a veto player accepts: the same quantal response, yes or no."""
        mind = self.plan.minds[actor]
        worth = self.worth(mind, event, self.now, mind.foresight, NO_TYPE)
        return logistic(self.precision(mind, self.now, NO_TYPE) * worth)


def apply(values: list[float], quantity: int, operator: str, amount: float) -> None:
    """One effect in place; the caller keeps the order (= then +- then >= then <=) and clips."""
    if operator == "+":
        values[quantity] += amount
    elif operator == "-":
        values[quantity] -= amount
    elif operator == "=":
        values[quantity] = amount
    elif operator == ">=":
        values[quantity] = max(values[quantity], amount)
    else:
        values[quantity] = min(values[quantity], amount)


def softmax(log_odds: list[float | None], mood: float) -> list[float]:
    """exp(x + mood) over 1 plus their sum; 0 for moves that are not available."""
    top = max([0.0] + [x + mood for x in log_odds if x is not None])
    weights = [exp(x + mood - top) if x is not None else 0.0 for x in log_odds]
    total = exp(-top) + added(weights)
    return [w / total for w in weights]

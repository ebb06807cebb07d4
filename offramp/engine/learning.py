"""Beliefs: Bayes with the same choice model that moves the observed actor (docs/meaning.md, 7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from offramp.engine.choice import Mindset
from offramp.engine.elementary import added, exp, log
from offramp.engine.plan import Agenda, Occurrence, Opinion, Plan
from offramp.language.equality import at_most


@dataclass
class Episode:
    """A provocation awaiting an answer: since when, and what silence would say of each type."""

    opened: float
    silence: list[float]


@dataclass
class Learner:
    """One belief in one world: the weights of the types, and the episode that is open."""

    opinion: Opinion
    weights: list[float]
    episode: Episode | None = None
    scored: bool = False  # this provocation was scored; a new one must begin first


def depth(plan: Plan, opinion: Opinion) -> int:
    """An observer thinks one step less of the other than of itself."""
    return max(0, plan.minds[opinion.holder].foresight - 1)


def lessons_of(
    m: Mindset,
    learners: Iterable[Learner],
    agenda: Agenda,
    event: Occurrence,
    words: tuple[Occurrence, ...],
) -> dict[int, list[float]]:
    """What a choice teaches every belief about its mover, by the belief's index."""
    return {
        learner.opinion.index: likelihoods(m, learner.opinion, agenda, event, words)
        for learner in learners
        if learner.opinion.about == agenda.mind
    }


def likelihoods(
    m: Mindset,
    opinion: Opinion,
    agenda: Agenda,
    event: Occurrence,
    words: tuple[Occurrence, ...],
) -> list[float]:
    """Pr(move | opening, type) per type, times that of the words that went along, and of those that
    did not, as far as the holder would see them.

    A move that every type would have made has a flat likelihood and teaches nothing.
    """
    mind, d, out = m.plan.minds[opinion.about], depth(m.plan, opinion), []
    for t in range(len(opinion.priors)):
        key = (opinion.index, t)
        if event.event.as_choice:
            p = m.would_have(agenda, event, d, key)
        else:
            p = m.policy(opinion.about, m.now, d, key)[mind.moves.index(event.index)]
        for index in event.words:
            word = m.plan.events[index]
            if m.sees(word, opinion.holder):
                said = m.goes_along(mind, event, word, d, key)
                p *= said if word in words else 1.0 - said
        out.append(p)
    return out


def update(learner: Learner, likelihood: list[float]) -> None:
    """mu <- mu * likelihood^eta, normalised; an impossible observation changes nothing."""
    eta = learner.opinion.learns
    new = [
        w * tempered(p, eta) if p > 0.0 else 0.0
        for w, p in zip(learner.weights, likelihood, strict=True)
    ]
    total = added(new)
    if total > 0.0:
        learner.weights[:] = [w / total for w in new]


def tempered(p: float, eta: float) -> float:
    """p^eta: below 1, a holder who learns slowly (Jervis 1976)."""
    return p if eta == 1.0 else exp(eta * log(p))


def watch(learner: Learner, mindset: Mindset, answered: bool) -> None:
    """Silence is scored once per provocation, not daily: daily errors are not independent."""
    opinion = learner.opinion
    if opinion.after is None:
        return
    day = mindset.moment.day
    provoked = bool(opinion.after(mindset.now.s, mindset.unknowns, mindset.moment))
    if answered:
        learner.episode, learner.scored = None, True
    elif learner.episode is not None and at_most(opinion.lasts, day - learner.episode.opened):
        update(learner, learner.episode.silence)
        learner.episode, learner.scored = None, True
    if not provoked:
        learner.scored = False
    elif learner.episode is None and not learner.scored:
        learner.episode = Episode(day, silence(mindset, opinion))


def silence(mindset: Mindset, opinion: Opinion) -> list[float]:
    """Per type, the probability of no public answer at an opening now on each agenda."""
    mind = mindset.plan.minds[opinion.about]
    d = depth(mindset.plan, opinion)
    quiet = []
    for t in range(len(opinion.priors)):
        policy = mindset.policy(opinion.about, mindset.now, d, (opinion.index, t))
        silent = 1.0
        for agenda in mind.agendas:
            chances = ((mind.moves[i], policy[i]) for i in agenda.places)
            silent *= 1.0 - added(p for move, p in chances if move in opinion.answers)
        quiet.append(max(1e-12, silent))
    return quiet

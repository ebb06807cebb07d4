"""Twenty games of a class in one view: how often what came about, beside what the model expects
without players."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from offramp.answers.forecast import Forecast
from offramp.answers.sampling import mc_error
from offramp.case.case import Case
from offramp.errors import Mistake
from offramp.play.review import Review


@dataclass(frozen=True)
class Often:
    """Something that came about in `games` of the `of` that could show it, `open` of which have not
    decided it yet; `model`: the share of worlds without players, with its Monte Carlo error, None
    where it is not known."""

    what: str
    games: int
    of: int
    open: int
    model: float | None
    error: float | None = None


@dataclass(frozen=True, kw_only=True)
class Folded:
    """`questions`: those of yes or no that some game has decided, by their ids; games in which
    their condition was not met are left out. `deeds`: what seats that somebody held decided to do,
    by the games in which they did; the model's share is told where these games lasted its whole
    course."""

    case: str
    games: tuple[Review, ...]
    names: tuple[str, ...]
    questions: tuple[Often, ...]
    deeds: tuple[Often, ...]
    expected: Forecast

    def __repr__(self) -> str:
        return f"<Folded of {len(self.games)} games of {self.case}>"


def folded(case: Case, named: Sequence[tuple[str, Review]], expected: Forecast) -> Folded:
    """Games of one case and model, each with its name. Raises Mistake where they are of several."""
    games = tuple(g for _, g in named)
    if len({g.begins.model_sha256 for g in games}) > 1:
        raise Mistake("these games were begun with different models: fold those of one", "path")
    answers = {a.id: a for a in expected.answers}
    questions = []
    for q in case.questions:
        came = [c for g in games for c in g.came if c.question == q.id]
        met = [c for c in came if c.met]
        if q.id in answers and met:
            yes, of = sum(c.value != 0.0 for c in met), len(games) - (len(came) - len(met))
            a = answers[q.id]
            questions.append(Often(q.id, yes, of, of - len(met), a.probability, a.mc_error))
    return Folded(
        case=case.id,
        games=games,
        names=tuple(name for name, _ in named),
        questions=tuple(questions),
        deeds=tuple(_deeds(case, games, expected)),
        expected=expected,
    )


def _deeds(case: Case, games: Sequence[Review], expected: Forecast) -> list[Often]:
    """The moves of seats, those that came about in most games first."""
    found = []
    for place, event in enumerate(case.crisis.events):
        held = [g for g in games if event.by in {s.actor for s in g.begins.seats if s.asked}]
        done = sum(any(event.name in d.done for d in g.decided) for g in held)
        if done:
            course = all(g.days == expected.ensemble.days for g in held)
            happened = int((expected.ensemble.counts[:, place] > 0).sum())
            n = expected.ensemble.worlds
            share = (happened / n, mc_error(happened, n)) if course else (None, None)
            found.append(Often(event.name, done, len(held), 0, *share))
    return sorted(found, key=lambda o: -o.games)

"""Naive forecasts of the same questions, stated beforehand, from what was known by the day.

A model that does not beat these has shown nothing. All give `Issued` values
under the names `baseline:...`, so that one scorer scores all.

- base_rate: how often the like happened in a class of past cases (baselines.yaml).
- persistence: what the preceding span of equal length would have answered, smoothed.
- climatology: events go on at their own past rate, by chance and independently.
- phrases: the middle of an author's own words on the question.
- crowd: what a forecasting platform said, where it asked the same (crowd.csv).

Persistence and climatology read reports of the case, the past before its first day included, and
take silence there for absence; they answer only questions that count events which the history
follows and which neither the calendar nor a vote brings, and none with an `if:`.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from offramp.answers.forecast import valued
from offramp.answers.issued import Issued, from_samples
from offramp.case.base_rates import Crowd, Rate
from offramp.case.case import Case
from offramp.case.record import History, Report
from offramp.engine.formulas import Layout
from offramp.engine.noise import uniforms, world_keys
from offramp.language.expressions import SourcedValue
from offramp.language.questions import Question
from offramp.sources.estimative import logit_normal

DRAWS = 4000  # worlds of the climatology
SEED = 0
HALF = 0.5  # Jeffreys' prior for a Poisson rate adds half an event
DAY = dt.timedelta(days=1)


def base_rate(case: Case, as_of: dt.date, rates: Sequence[Rate]) -> tuple[Issued, ...]:
    """The class's rate, whatever the day: it knows nothing of the crisis."""
    given = {r.question: r.probability for r in rates}
    return tuple(
        _plain(case, q, as_of, "baseline:base_rate", given[q.id])
        for q in _open(case, as_of)
        if q.id in given
    )


# ---- from the case's own past -------------------------------------------------------------------


def persistence(case: Case, history: History, as_of: dt.date) -> tuple[Issued, ...]:
    """What is left of the window goes as the same number of days up to `as_of` went.

    One past span is one observation: yes-or-no gets (o + 1)/3, so 1/3 or 2/3, and of K options the
    one that came gets 2/(K + 1), each other 1/(K + 1) (Laplace). Numbers and dates are issued as
    one point. Silent where the span reaches back before the first report. A condition (`given:`)
    is taken as met.
    """
    past = _Past(case, history, as_of)
    made = []
    for q in _open(case, as_of):
        days = past.left(q)
        if (
            not past.asks_of_events(q)
            or past.start is None
            or past.start > past.heard - days * DAY + DAY
        ):
            continue
        atoms = np.array([[past.again(q, f, name, days) for f, name in q.atoms]])
        value = float(_values(q, q.asks, atoms)[0])
        name = "baseline:persistence"
        if q.binary:
            made.append(_plain(case, q, as_of, name, (value + 1) / 3))
        elif q.kind_of == "choice":
            many = len(q.names)
            if value < many:
                shares = tuple((1 + (k == int(value))) / (many + 1) for k in range(many))
                made.append(_issued(case, q, as_of, name, options=q.names, probabilities=shares))
        else:
            made.append(_issued(case, q, as_of, name, values=(value,), weights=(1.0,)))
    return tuple(made)


def climatology(case: Case, history: History, as_of: dt.date) -> tuple[Issued, ...]:
    """What is asked of goes on at its own rate: Poisson, independent, what came already counted.

    The rate of an event is (reports of it up to `as_of` + its part of half an event) over the days
    since the first report of any; the half (Jeffreys) is the question's, shared by its events, so
    that a question over six rare events is not given three. From DRAWS worlds. Events of one
    question are drawn apart even where one is an outcome of another.
    """
    past = _Past(case, history, as_of)
    made = []
    for q in _open(case, as_of):
        if not past.asks_of_events(q) or past.start is None:
            continue
        names = dict.fromkeys(name for _, name in q.atoms)
        drawn = {name: past.drawn(q, name, HALF / len(names)) for name in names}
        atoms = np.array([drawn[name][function == "first"] for function, name in q.atoms]).T
        values = _values(q, q.asks, atoms)
        if q.given is not None:
            values = values[_values(q, q.given, atoms) != 0]
        made.append(
            from_samples(
                q,
                as_of,
                "baseline:climatology",
                values,
                model_sha256=case.model_sha256,
                seed=SEED,
            )
        )
    return tuple(made)


class _Past:
    """The reports known by a day, those from before the case's first day included. After the end
    of the record (`heard` at the latest) silence is no absence: those days are still to come."""

    def __init__(self, case: Case, history: History, as_of: dt.date) -> None:
        self.history, self.as_of = history, as_of
        self.events = {e.name: e for e in case.crisis.events}
        self.known = [r for r in history.known_by(as_of) if r.kind in ("event", "past")]
        self.heard = min(as_of, history.until)
        self.start = min((r.first for r in self.known if r.last <= self.heard), default=None)

    def asks_of_events(self, q: Question) -> bool:
        """Whether it counts only events that are followed and that chance or choice brings. The
        past tells nothing of what a question supposes."""
        if q.supposes:
            return False
        for function, name in q.atoms:
            event = self.events.get(self.event(name))
            if function not in ("count", "first") or event is None:
                return False
            if event.dates or event.clock or event.vote:
                return False
            if not self.history.reported(event.name, self.as_of):
                return False
        return bool(q.atoms)

    def event(self, name: str) -> str:
        return name if name in self.events else name.rpartition(".")[0]

    def days(self, name: str) -> list[dt.date]:
        """The days on which it was reported; of a disputed day the last reading."""
        event = self.event(name)
        outcome = name.removeprefix(event).removeprefix(".")
        return sorted(r.last for r in self.known if _is(r, event, outcome))

    def heard_of(self, name: str) -> list[dt.date]:
        """Those within the record, on whose days silence would have been absence."""
        return [d for d in self.days(name) if d <= self.heard]

    def left(self, q: Question) -> int:
        """The days of the window that are still to come, or of which the record does not tell."""
        return (q.last - max(self.heard, q.first - DAY)).days

    def came(self, q: Question, name: str) -> list[dt.date]:
        return [d for d in self.days(name) if q.first <= d]

    def again(self, q: Question, function: str, name: str, days: int) -> float:
        """The atom if the last `days` days came once more."""
        came = self.came(q, name)
        back = self.heard - days * DAY
        recent = [d for d in self.heard_of(name) if d > back]
        if function == "count":
            return float(len(came) + len(recent))
        opens = max(self.heard, q.first - DAY)
        mirrored = [opens + (d - back) for d in recent]
        return float(min([*came, *mirrored], default=q.last + DAY).toordinal())

    def drawn(
        self, q: Question, name: str, half: float
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Per world how often it comes within the window, and first on which day."""
        assert self.start is not None
        days, came = self.left(q), self.came(q, name)
        rate = (len(self.heard_of(name)) + half) / ((self.heard - self.start).days + 1)
        keys = world_keys(SEED, range(DRAWS))
        more = poisson(rate * days, uniforms(keys, f"climatology {q.id} count {name}"))
        # Of k events spread evenly over the days to come, the first has this law.
        u = uniforms(keys, f"climatology {q.id} first {name}")
        opens = max(self.heard, q.first - DAY).toordinal()
        wait = np.ceil(days * (1 - (1 - u) ** (1 / np.maximum(more, 1))))
        first = np.where(more > 0, opens + np.clip(wait, 1, days), q.last.toordinal() + 1)
        if came:
            first = np.full(DRAWS, came[0].toordinal())
        return more + len(came), first.astype(float)


def _is(r: Report, event: str, outcome: str) -> bool:
    return r.what == event and outcome in ("", r.outcome)


def poisson(mean: float, u: NDArray[np.float64]) -> NDArray[np.float64]:
    """Poisson numbers by inversion of uniform ones."""
    most = int(mean + 12 * math.sqrt(mean) + 30)
    logs = [k * math.log(mean) - mean - math.lgamma(k + 1) for k in range(most)] if mean else [0.0]
    return np.searchsorted(np.cumsum(np.exp(logs)), u).astype(float)


def _values(q: Question, claim: SourcedValue, atoms: NDArray[np.float64]) -> NDArray[np.float64]:
    """A proposition in each world; days are ordinals."""
    places = {atom: k for k, atom in enumerate(q.atoms)}
    ask = Layout({}, {}, {}, frozenset(), atoms=places).proposition(claim)
    kinds, kind = np.unique(atoms, axis=0, return_inverse=True)
    return valued(ask, kinds.tolist(), claim)[kind.reshape(-1)]


# ---- what others said ---------------------------------------------------------------------------

Said = tuple[str, float, float, dt.date]  # assessment, 10% and 90% points, the day it was written


def phrases(case: Case, as_of: dt.date, judged: Mapping[str, Sequence[Said]]) -> tuple[Issued, ...]:
    """The middle, on the log-odds scale, of each author's own interval, from the day it was
    written: `baseline:phrases:` and the assessment. Of two judgements the later counts."""
    made = []
    for q in _open(case, as_of):
        said = [s for s in judged.get(q.id, ()) if s[3] <= as_of and q.binary]
        for who, low, high, _ in {s[0]: s for s in sorted(said, key=lambda s: s[3])}.values():
            middle = 1 / (1 + math.exp(-logit_normal(low, high)[0]))
            made.append(_plain(case, q, as_of, f"baseline:phrases:{who}", middle))
    return tuple(made)


def crowd(case: Case, as_of: dt.date, rows: Sequence[Crowd]) -> tuple[Issued, ...]:
    """The latest number of each platform that was out by the day."""
    made = []
    for q in _open(case, as_of):
        out = sorted(
            (r for r in rows if r.question == q.id and r.as_of <= as_of), key=lambda r: r.as_of
        )
        for platform, row in {r.platform: r for r in out}.items():
            made.append(_plain(case, q, as_of, f"baseline:crowd:{platform}", row.probability))
    return tuple(made)


def baselines(
    case: Case,
    history: History,
    as_of: dt.date,
    rates: Sequence[Rate] = (),
    judged: Mapping[str, Sequence[Said]] | None = None,
    rows: Sequence[Crowd] = (),
) -> tuple[Issued, ...]:
    """All of them as of a day."""
    return (
        *base_rate(case, as_of, rates),
        *persistence(case, history, as_of),
        *climatology(case, history, as_of),
        *phrases(case, as_of, judged or {}),
        *crowd(case, as_of, rows),
    )


def _open(case: Case, as_of: dt.date) -> list[Question]:
    return [q for q in case.questions if as_of < q.last]


def _plain(case: Case, q: Question, as_of: dt.date, name: str, probability: float) -> Issued:
    return _issued(case, q, as_of, name, probability=probability)


def _issued(
    case: Case,
    q: Question,
    as_of: dt.date,
    name: str,
    probability: float | None = None,
    options: tuple[str, ...] = (),
    probabilities: tuple[float, ...] = (),
    values: tuple[float, ...] = (),
    weights: tuple[float, ...] = (),
) -> Issued:
    """A forecast that was not sampled."""
    return Issued(
        question=q.id,
        kind=q.kind_of,
        as_of=as_of,
        assessment=name,
        model_sha256=case.model_sha256,
        seed=SEED,
        worlds=0,
        mc_error=None,
        probability=probability,
        options=options,
        probabilities=probabilities,
        values=values,
        weights=weights,
        given=q.where,
    )

"""Forecasts as they were issued, frozen, and their scores once the questions have resolved."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from offramp.answers import scores as rules
from offramp.answers.forecast import Forecast
from offramp.answers.resolve import Outcome
from offramp.answers.scores import Score
from offramp.case.case import Case
from offramp.language.questions import Question

LEAST = 100  # effective worlds below which no number is issued: a share of 1% would be one world
MOST = 1000  # distinct values kept of a number; above that, as many equally weighted quantiles
KINDS = ("binary", "choice", "number", "date")


@dataclass(frozen=True)
class Issued:
    """One forecast of one question, as of a day.

    assessment  `case`, an assessment's id, or `baseline:` and the baseline's name
    worlds      how many worlds stand behind it (the effective number, if they are weighted);
                0 where it was not sampled
    mc_error    sd of the sampling error of the probability; of a choice, the largest of its options
    probability of a binary question; `options`, `probabilities` of a choice; `values`, `weights`
                (which sum to 1) of a number, or of a date as ordinals of days
    refused     why no number was issued; '' where one was
    given       the question's condition in words: the numbers are of worlds that meet it

    Raises ValueError where the parts do not fit its kind.
    """

    question: str
    kind: str
    as_of: dt.date
    assessment: str
    model_sha256: str
    seed: int
    worlds: int
    mc_error: float | None = None
    probability: float | None = None
    options: tuple[str, ...] = ()
    probabilities: tuple[float, ...] = ()
    values: tuple[float, ...] = ()
    weights: tuple[float, ...] = ()
    refused: str = ""
    given: str = ""

    def __post_init__(self) -> None:
        wrong = self._wrong()
        if wrong:
            raise ValueError(f"the forecast of '{self.question}' {wrong}")

    def _wrong(self) -> str:
        numbers = (
            self.probability,
            self.mc_error,
            *self.probabilities,
            *self.values,
            *self.weights,
        )
        if self.worlds < 0:
            return f"stands on {self.worlds} worlds"
        if self.kind not in KINDS:
            return f"is of no kind: {self.kind!r}"
        if not all(n is None or math.isfinite(n) for n in numbers):
            return "holds something that is not a number"
        if self.refused:
            return "is refused and has numbers" if self.numbers else ""
        if not self.numbers:
            return "has neither numbers nor a reason for having none"
        if self.kind == "binary":
            p = self.probability or 0.0
            return "" if 0 <= p <= 1 else f"has a probability of {p:g}"
        if self.kind == "choice":
            return _no_distribution("option", self.options, self.probabilities)
        return _no_distribution("value", self.values, self.weights)

    @property
    def numbers(self) -> bool:
        """Whether it says anything of its kind."""
        said: Mapping[str, object] = {
            "binary": self.probability is not None,
            "choice": self.probabilities,
        }
        return bool(said.get(self.kind, self.values))

    def to_dict(self) -> dict[str, object]:
        """As plain values for JSON; what a kind does not have is left out."""
        out = {k: v for k, v in asdict(self).items() if v not in (None, (), "")}
        out["as_of"] = self.as_of.isoformat()
        return {k: list(v) if isinstance(v, tuple) else v for k, v in out.items()}

    @staticmethod
    def from_dict(data: Mapping[str, object]) -> Issued:
        """The forecast from `to_dict`'s values. Raises ValueError, saying what is wrong."""
        known = {f.name for f in fields(Issued)}
        strange = sorted(set(data) - known)
        if strange:
            raise ValueError(f"a forecast has no field '{strange[0]}'")
        values: dict[str, object] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in data.items()
        }
        try:
            values["as_of"] = dt.date.fromisoformat(str(data.get("as_of")))
        except ValueError:
            raise ValueError(f"a forecast's as_of is a date, not {data.get('as_of')!r}") from None
        for name, kind in TYPES.items():
            if name in values and type(values[name]) not in kind:
                raise ValueError(f"a forecast's {name} is not {values[name]!r:.40}")
        for name in ("values", "weights", "probabilities"):
            if any(type(x) not in (int, float) for x in _listed(values.get(name, ()))):
                raise ValueError(f"a forecast's {name} are numbers")
        if any(type(x) is not str for x in _listed(values.get("options", ()))):
            raise ValueError("a forecast's options are words")
        try:
            return Issued(**values)  # type: ignore[arg-type]
        except TypeError as error:
            raise ValueError(f"this is not a forecast: {error}") from None


TYPES: Mapping[str, tuple[type, ...]] = {
    **dict.fromkeys(("question", "kind", "assessment", "model_sha256", "refused", "given"), (str,)),
    **dict.fromkeys(("seed", "worlds"), (int,)),
    **dict.fromkeys(("probability", "mc_error"), (int, float)),
}


def _listed(value: object) -> tuple[object, ...]:
    if not isinstance(value, tuple):
        raise ValueError(f"a forecast has a list where it has {value!r:.40}")
    return value


def _no_distribution(what: str, names: Sequence[object], weights: Sequence[float]) -> str:
    if len(names) != len(weights):
        return f"has {len(names)} {what}s and {len(weights)} weights"
    if min(weights) < 0 or abs(sum(weights) - 1) > 1e-9:
        return f"has weights that sum to {sum(weights):g}"
    return ""


def effective(weights: ArrayLike) -> float:
    """The effective number of weighted worlds, (sum w)^2 / sum w^2 (Kong 1992)."""
    w = np.asarray(weights, float)
    return float(w.sum() ** 2 / (w**2).sum()) if w.sum() > 0 else 0.0


def from_samples(
    question: Question,
    as_of: dt.date,
    assessment: str,
    values: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    model_sha256: str,
    seed: int,
    worth: float | None = None,
) -> Issued:
    """A forecast from one value a world: 1 or 0 of a binary question, the option's place of a
    choice, the number, the ordinal of the day. Only worlds that meet the question's condition;
    `worth` independent ones, by default as many as their weights say."""
    x = np.asarray(values, float)
    w = np.ones(len(x)) if weights is None else np.asarray(weights, float)
    if len(w) != len(x):
        raise ValueError(f"{len(x)} values and {len(w)} weights of '{question.id}'")
    n = effective(w) if worth is None else worth
    made = Issued(
        question=question.id,
        kind=question.kind_of,
        as_of=as_of,
        assessment=assessment,
        model_sha256=model_sha256,
        seed=seed,
        worlds=int(n + 1e-6),
        refused="not yet said",
        given=question.where,
    )
    if n < LEAST:
        return replace(made, refused=f"an effective sample of {n:.0f} worlds; {LEAST} are needed")
    if not np.isfinite(x).all():
        return replace(made, refused="some worlds give no value")
    w = w / w.sum()
    if question.kind_of == "binary":
        p = min(1.0, math.fsum(w[x != 0]))
        return replace(made, probability=p, mc_error=_error(p, n), refused="")
    if question.kind_of == "choice":
        ps = np.bincount(x.astype(int), w, minlength=len(question.names))
        if len(ps) > len(question.names):
            return replace(made, refused=_none(float(ps[-1])))
        return replace(
            made,
            options=question.names,
            probabilities=tuple(float(p) for p in ps),
            mc_error=max(_error(float(p), n) for p in ps),
            refused="",
        )
    points, mass = distribution(x, w)
    return replace(made, values=points, weights=mass, refused="")


def from_forecast(
    forecast: Forecast, case: Case, as_of: dt.date, assessment: str = "case"
) -> tuple[Issued, ...]:
    """What a run answered, as issued forecasts in the order of the questions."""
    made: dict[str, Issued] = {}
    asked = {q.id: q for q in case.questions}

    def frame(id: str, worlds: int) -> Issued:
        few = f"an effective sample of {worlds} worlds; {LEAST} are needed"
        why = few if worlds < LEAST else "not yet said"
        return Issued(
            question=id,
            kind=asked[id].kind_of,
            as_of=as_of,
            assessment=assessment,
            model_sha256=forecast.model_sha256,
            seed=forecast.seed,
            worlds=worlds,
            refused=why,
            given=asked[id].where,
        )

    for a in forecast.answers:
        made[a.id] = frame(a.id, int(a.worth))
        if int(a.worth) >= LEAST:
            made[a.id] = replace(
                made[a.id], probability=a.probability, mc_error=a.mc_error, refused=""
            )
    for u in forecast.unasked:
        made[u.id] = replace(frame(u.id, 0), refused=u.why)
    for c in forecast.choices:
        made[c.id] = frame(c.id, int(c.worth))
        if int(c.worth) >= LEAST:
            made[c.id] = (
                replace(made[c.id], refused=_none(c.none))
                if c.none
                else replace(
                    made[c.id],
                    options=c.options,
                    probabilities=c.probabilities,
                    mc_error=max(c.mc_errors),
                    refused="",
                )
            )
    for q in forecast.quantities:
        made[q.id] = from_samples(
            asked[q.id],
            as_of,
            assessment,
            q.values,
            model_sha256=forecast.model_sha256,
            seed=forecast.seed,
            worth=q.worth,
        )
    return tuple(made[q.id] for q in case.questions if q.id in made)


def _none(share: float) -> str:
    return f"in a share of {share:.3g} of the worlds no option holds; end the options with `else`"


def _error(p: float, n: float) -> float:
    """As answers.mc_error, for an effective number of worlds."""
    a, b = p * n + 0.5, (1 - p) * n + 0.5
    return math.sqrt(a * b / ((a + b) ** 2 * (a + b + 1)))


def distribution(
    values: ArrayLike, weights: ArrayLike, most: int = MOST
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Distinct values, ascending, and their weights; of more than `most`, the quantiles at the
    middles of `most` equal steps, which moves no quantile by more than 1/(2 most) in rank.
    Raises ValueError where nothing has a weight, or something is no number."""
    x, place = np.unique(np.asarray(values, float), return_inverse=True)
    w = np.bincount(place.reshape(-1), np.asarray(weights, float)).astype(float)
    x, w = x[w > 0], w[w > 0]
    if len(x) == 0 or not np.isfinite(x).all() or not np.isfinite(w).all():
        raise ValueError("a distribution is of numbers, one of them at least with a weight above 0")
    w = w / w.sum()
    if len(x) > most:
        steps = quantiles(x, w, (np.arange(most) + 0.5) / most)
        x, counts = np.unique(steps, return_counts=True)
        w = counts.astype(float) / most
    return tuple(float(v) for v in x), tuple(float(v) for v in w)


def quantiles(values: ArrayLike, weights: ArrayLike, levels: ArrayLike) -> NDArray[np.float64]:
    """The least value with at least so much weight at or below it; `values` ascending."""
    x, up = np.asarray(values, float), np.cumsum(np.asarray(weights, float))
    return x[np.minimum(np.searchsorted(up / up[-1], np.asarray(levels) - 1e-12), len(x) - 1)]


# ---- scores ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Unscored:
    """A forecast that gets no score, and why."""

    question: str
    as_of: dt.date
    assessment: str
    why: str


def score(issued: Iterable[Issued], outcomes: Mapping[str, Outcome]) -> tuple[Score, ...]:
    """The scores of forecasts whose questions are past their scheduled end and decided."""
    found: list[Score] = []
    for i in issued:
        o = outcomes.get(i.question)
        if o is not None and not excluded(i, o):
            found += _scores(i, o)
    return tuple(found)


def unscored(issued: Iterable[Issued], outcomes: Mapping[str, Outcome]) -> tuple[Unscored, ...]:
    """The other forecasts, each with the reason."""
    found = []
    for i in issued:
        o = outcomes.get(i.question)
        why = excluded(i, o) if o else "there is no such question"
        if why:
            found.append(Unscored(i.question, i.as_of, i.assessment, why))
    return tuple(found)


def excluded(i: Issued, o: Outcome) -> str:
    """Why a forecast is not scored; '' where it is."""
    if o.kind != i.kind or (i.options and i.options != o.options):
        return "the question has changed its type or its options since"
    if not o.decided:
        return undecided(o)
    # Those that resolved early are mostly a yes: scoring them before the rest would be a bias.
    if o.cut_off:
        return (
            f"it resolved early, {o.when}, and the record ends on {o.record}, not after its "
            f"window ({o.last}): had it not, it would be open still"
        )
    if not o.closed:
        return f"its scheduled end is {o.last}"
    if o.kind in ("number", "date") and o.value is None:
        return f"resolved as {o.answer}, which has no place on a scale"
    if o.on is not None and i.as_of >= o.on:
        return f"issued when it had resolved, {o.when}"
    return f"refused: {i.refused}" if i.refused else ""


def undecided(o: Outcome) -> str:
    """Why an outcome decides nothing."""
    if o.answer:
        return f"resolved as {o.answer}"
    return f"not resolved: {o.why}" if o.why else "not resolved"


def _scores(i: Issued, o: Outcome) -> list[Score]:
    def one(rule: str, value: float, floored: bool = False) -> Score:
        return Score(
            question=i.question,
            as_of=i.as_of,
            assessment=i.assessment,
            rule=rule,
            value=value,
            outcome=o.answer,
            resolved_on=o.on or o.last,
            late=i.as_of >= o.first,
            floored=floored,
        )

    least = rules.floor(i.worlds)
    if i.kind == "binary":
        p, yes = i.probability or 0.0, o.answer == "yes"
        return [
            one("brier", rules.brier(p, yes)),
            one("log", *rules.log_score(p if yes else 1 - p, least)),
        ]
    if i.kind == "choice":
        place = o.options.index(o.answer)
        made = [
            one("brier", rules.brier_of_choice(i.probabilities, place)),
            one("log", *rules.log_score(i.probabilities[place], least)),
        ]
        return [*made, one("rps", rules.rps(i.probabilities, place))] if o.ordered else made
    assert o.value is not None  # else it is excluded
    low, high = o.scale or (-math.inf, math.inf)
    x = np.clip(i.values, low, high)
    made = [one("crps", rules.crps(x, i.weights, min(max(o.value, low), high)))]
    if o.scale:
        made.append(one("crps_scaled", made[0].value / (high - low)))
    return made


@dataclass(frozen=True)
class Bin:
    """Yes-or-no forecasts from `low` up to `high` (the last bin takes 1 in).

    mean  the mean probability given. came_true  the share that resolved yes; both None if empty.
    forecasts, questions  how many of each: forecasts of one question on several days hang together
    """

    low: float
    high: float
    forecasts: int
    questions: int
    mean: float | None
    came_true: float | None


def reliability(
    issued: Iterable[Issued], outcomes: Mapping[str, Outcome], bins: int = 10
) -> tuple[Bin, ...]:
    """How often what was given a probability came true, for the forecasts that `score` scores:
    only of questions past their scheduled end. Counting what resolved early as well would show
    too many a yes, since a yes can come early and a no cannot."""
    counted = [
        i
        for i in issued
        if i.kind == "binary" and i.question in outcomes and not excluded(i, outcomes[i.question])
    ]
    table = []
    for k in range(bins):
        own = [i for i in counted if min(int((i.probability or 0) * bins), bins - 1) == k]
        came = [outcomes[i.question].answer == "yes" for i in own]
        table.append(
            Bin(
                low=k / bins,
                high=(k + 1) / bins,
                forecasts=len(own),
                questions=len({i.question for i in own}),
                mean=sum(i.probability or 0 for i in own) / len(own) if own else None,
                came_true=sum(came) / len(own) if own else None,
            )
        )
    return tuple(table)

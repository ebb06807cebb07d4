"""From a case to answered questions: probability, Monte Carlo error, and what it rests on."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from offramp.answers.sampling import evenly, of_quantiles, of_share, share
from offramp.answers.wording import interval, percent, value
from offramp.case.case import Case
from offramp.engine.blocks import machinery
from offramp.engine.blocks import worlds as blocks
from offramp.engine.ensemble import Ensemble
from offramp.engine.formulas import Beyond, Formula
from offramp.engine.monitors import Monitor
from offramp.engine.plan import Plan, plan
from offramp.engine.run import Progress, Run, RunSpec, simulate
from offramp.language.chain import behind, element_of, influences
from offramp.language.crisis import cited, data, elements
from offramp.language.edits import Edit, edited
from offramp.language.expressions import SourcedValue
from offramp.language.kinds import DATE, unit_words
from offramp.language.questions import Question, Resolution
from offramp.language.supposed import alike
from offramp.sources.estimative import words
from offramp.sources.passages import sides
from offramp.text.cells import table
from offramp.text.diagnostics import CaseError, Diagnostic
from offramp.text.diagnostics import counted as many
from offramp.version import __version__

FEW = 20  # worlds below which no words are put to a share
LEVELS = (0.1, 0.5, 0.9)  # of the quantiles that are given
BEHIND = "stated, sized, assumed numbers near it"
NEAR = 2  # steps: what is asked, who moves it and what they read, and what moves those


@dataclass(frozen=True)
class Basis:
    """How many numbers behind an answer are stated by a passage, sized by us, or assumed."""

    stated: int
    sized: int
    assumed: int

    @property
    def total(self) -> int:
        return self.stated + self.sized + self.assumed


@dataclass(frozen=True)
class Answer:
    """`probability` is None where no world met the question's condition.

    `basis` counts the numbers of every element that can move the answer (in a crisis where all
    hangs together, nearly all), `near` those within two steps of what is asked. `cites` are the
    passages that raise the question, `rests_on` those one step behind it: what it asks of, who
    moves that, and what they want and read. `written_later` is the day until which the
    latest document that raises the question knew, if after its window opens: its author may have
    known.

    `mc_error` is the standard error that comes from the finite number of worlds: the posterior sd
    of a share under Jeffreys' prior, which is above 0 even when every world agrees. `interval` is
    the 90% interval of the same sampling error (Wilson 1927), which keeps within 0 and 1. `worth`
    is how many independent worlds the share is worth (`sampling.py`).
    """

    id: str
    text: str
    probability: float | None
    mc_error: float | None
    interval: tuple[float, float] | None
    worlds: int
    window: tuple[dt.date, dt.date]
    basis: Basis
    near: Basis
    cites: tuple[str, ...]
    rests_on: tuple[str, ...]
    headline: bool
    resolved: Resolution | None
    words: str
    note: str
    clause: str = ""
    written_later: dt.date | None = None
    given: str = ""  # the condition in words: it is a share of the worlds in which this holds
    worth: float = 0.0
    supposes: tuple[str, ...] = ()  # the edits of its `if:`; `given` says them in words


@dataclass(frozen=True)
class QuantityAnswer:
    """One value a world, sorted; `unit` 'date' means ordinals of days. Where the question has a
    condition, `given` is it in words, and the values are of the `worlds` that meet it. `worth` is
    how many independent worlds the quantiles of `LEVELS` are worth, `errors` the standard error of
    each in the unit (of a date in days), None where it cannot be told."""

    id: str
    text: str
    window: tuple[dt.date, dt.date]
    values: tuple[float, ...]
    unit: str
    given: str = ""
    worlds: int | None = None  # that meet the condition; None without one: all
    worth: float = 0.0
    errors: tuple[float | None, ...] = ()
    supposes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChoiceAnswer:
    """The share of worlds in which each option is the first true one, among the `worlds` that meet
    the question's condition. They sum to 1 unless some worlds (`none`) are in no option.
    `mc_errors`, `given` and `supposes` as in Answer, `worth` the least over options."""

    id: str
    text: str
    window: tuple[dt.date, dt.date]
    options: tuple[str, ...]
    ordered: bool
    probabilities: tuple[float, ...]
    mc_errors: tuple[float, ...]
    none: float
    worlds: int
    cites: tuple[str, ...]
    resolved: Resolution | None
    given: str = ""
    worth: float = 0.0
    supposes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unasked:
    """A question whose `if:` these worlds cannot answer, what it supposes in words, and why."""

    id: str
    text: str
    given: str
    why: str

    def __str__(self) -> str:
        return f"{self.id}: {told(self.text, self.given)}: {self.why}"


@dataclass(frozen=True)
class Forecast:
    """`ensemble` are the worlds as they are, `supposed` those of the questions that suppose
    something, by the question's id: as many on the same dice, under the edits."""

    case: str
    title: str
    about: str
    model_sha256: str
    seed: int
    worlds: int
    version: str
    first: dt.date
    last: dt.date
    start_from: dt.date
    answers: tuple[Answer, ...]
    quantities: tuple[QuantityAnswer, ...]
    ensemble: Ensemble
    limits: tuple[str, ...] = ()
    choices: tuple[ChoiceAnswer, ...] = ()
    as_of: dt.date | None = None  # the day up to which its worlds use reports
    reports: int = 0
    with_record: bool = False  # whether what was known after `as_of` only may be shown
    supposed: Mapping[str, Ensemble] = field(default_factory=dict)
    unasked: tuple[Unasked, ...] = ()

    def worlds_of(self, question: str) -> Ensemble:
        """The worlds of which a question is asked."""
        return self.supposed.get(question, self.ensemble)

    @property
    def largest_error(self) -> float:
        """Of the probabilities that are asked of all worlds. One under a condition is a share of
        the worlds that meet it, and these may be too few at any number of worlds."""
        shares = [a.mc_error for a in self.answers if a.worlds == self.worlds]
        shares += [e for c in self.choices if c.worlds == self.worlds for e in c.mc_errors]
        return max((e for e in shares if e is not None), default=0.0)

    def recorded(self, a: Answer | ChoiceAnswer) -> Resolution | None:
        """What the question resolved to, as far as it may be shown: as of a day nothing that was
        decided later, unless somebody asked for the record."""
        if a.resolved is None or self.as_of is None or self.with_record:
            return a.resolved
        return a.resolved if (a.resolved.on or a.window[1]) <= self.as_of else None

    def __repr__(self) -> str:
        return (
            f"<Forecast of {self.case}{f' as of {self.as_of}' if self.as_of else ''}: "
            f"{len(self.answers)} answers from {self.worlds:,} worlds, seed {self.seed}>"
        )

    def _repr_html_(self) -> str:
        known = f"as of {self.as_of}, " if self.as_of else ""
        caption = f"{self.title}: {known}{self.worlds:,} worlds, seed {self.seed}"
        rows = [
            (
                told(a.text, a.given),
                "" if a.probability is None else percent(a.probability),
                interval(a.interval) if a.interval else "",
                f"{a.near.stated}, {a.near.sized}, {a.near.assumed}",
            )
            for a in self.answers
        ]
        for c in self.choices:
            shares = zip(c.options, c.probabilities, strict=True)
            said = "; ".join(f"{name} {percent(p)}" for name, p in shares)
            rows.append((told(c.text, c.given), said, "", ""))
        for q in self.quantities:
            points = [_shown(q, quantile(q.values, p)) for p in LEVELS if q.values]
            rows.append((told(q.text, q.given), " / ".join(points), "", ""))
        headings = ("question", "answer (of numbers 10 / 50 / 90% points)", "sampling, 90%", BEHIND)
        return table(caption, headings, rows, ".answers, .choices, .quantities")


@dataclass(frozen=True)
class Watch:
    """A question with its window (cut by `--from`) and where its atoms stand in the run."""

    question: Question
    first: dt.date
    last: dt.date
    atoms: dict[tuple[str, str], int]


@dataclass(frozen=True)
class Arm:
    """The edits of one `if:`, and the questions that have it: they share their worlds."""

    edits: tuple[Edit, ...]
    questions: tuple[str, ...]


def arms_of(questions: Iterable[Question]) -> tuple[Arm, ...]:
    """One arm for each distinct `if:`, in the order of the questions; none for those without."""
    found: dict[tuple[str, ...], Arm] = {}
    for q in questions:
        if q.supposes:
            arm = found.setdefault(alike(q.supposes), Arm(q.supposes, ()))
            found[alike(q.supposes)] = replace(arm, questions=(*arm.questions, q.id))
    return tuple(found.values())


def unsupposed(case: Case) -> Case:
    """The case with the questions that suppose nothing, for studies of the worlds as they are."""
    return replace(case, questions=tuple(q for q in case.questions if not q.supposes))


def watches(case: Case, start_from: dt.date) -> tuple[list[Watch], tuple[Monitor, ...]]:
    """What to watch for the case's questions from a day on; questions closed by then are left.
    Those that suppose something are to be asked of their own worlds (`arms_of`)."""
    crisis = case.crisis
    states = {s.name: i for i, s in enumerate(crisis.states)}
    states |= {name: len(states) + k for k, name in enumerate(crisis.readings)}
    events = {e.name: i for i, e in enumerate(crisis.events)}
    monitors: dict[Monitor, int] = {}
    out = []
    for q in case.questions:
        first = max(q.first, start_from)
        if first > q.last:
            continue
        atoms = {}
        for function, name in q.atoms:
            event, outcome, quantity = None, None, None
            if function in ("count", "first"):
                whole, _, tail = name.rpartition(".")
                event = events.get(name)
                if event is None:
                    event, outcome = events[whole], tail
            else:
                quantity = states[name]
            days = [(d - crisis.first).days for d in (first, q.last)]
            m = Monitor(
                function=function,
                event=event,
                outcome=outcome,
                quantity=quantity,
                first=days[0],
                last=days[1],
            )
            atoms[function, name] = monitors.setdefault(m, len(monitors))
        out.append(Watch(q, first, q.last, atoms))
    return out, tuple(monitors)


def forecast(
    case: Case,
    worlds: int,
    seed: int,
    start_from: dt.date | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
    seconds: float | None = None,
    run: Run | None = None,
) -> Forecast:
    """Runs the case and answers its questions. `run` simulates the worlds: `engine.run.simulate` in
    the reference interpreter, `engine.blocks.worlds.simulate` through compiled code, which is
    what happens if nobody says (and Numba is there). Both give the same bytes.

    `start_from` lets questions count only what happens from that day on; nothing reported before
    it is used (that is what conditioning is for), and the worlds still begin on the first day.
    """
    crisis = case.crisis
    start = start_from or crisis.first
    watched, monitors = watches(case, start)
    run = run or (blocks.simulate if machinery.available() else simulate)
    share = None if seconds is None else seconds / (1 + len(arms_of(w.question for w in watched)))
    job = RunSpec(crisis, monitors, seed)
    ensemble = run(job, worlds, threads, progress, share)
    others = supposed(watched, job, ensemble.worlds, run, threads, progress)
    return answered(case, watched, ensemble, start, others)


def supposed(
    watched: Iterable[Watch],
    job: RunSpec,
    worlds: int,
    run: Run,
    threads: int | None = None,
    progress: Progress | None = None,
) -> dict[str, Ensemble]:
    """The worlds of the questions that suppose something, from the first day on and on the same
    dice as those of `job`; by the question's id. They live no longer than these are open: of
    later windows of other questions they show the beginning."""
    found = dict[str, Ensemble]()
    for arm, own in arm_jobs(tuple(watched), job):
        found |= dict.fromkeys(arm.questions, run(own, worlds, threads, progress, None))
    return found


def arm_jobs(watched: Sequence[Watch], job: RunSpec) -> list[tuple[Arm, RunSpec]]:
    """What is to be simulated for each arm beside the worlds as they are: no course is shown of
    it, so it lives to the last day of its own questions."""
    out = []
    for arm in arms_of(w.question for w in watched):
        latest = max(w.last for w in watched if w.question.id in arm.questions)
        end = (latest - job.crisis.first).days
        monitors = tuple(
            replace(m, first=min(m.first, end), last=min(m.last, end)) for m in job.monitors
        )
        crisis = replace(edited(job.crisis, arm.edits).until(latest), show=())
        out.append((arm, replace(job, crisis=crisis, monitors=monitors)))
    return out


def answered(
    case: Case,
    watched: list[Watch],
    ensemble: Ensemble,
    start: dt.date,
    others: Mapping[str, Ensemble] | None = None,
    rest: Support | None = None,
    known: Mapping[str, InEach] | None = None,
) -> Forecast:
    """The answers that some worlds give; `others` are those of questions that suppose something,
    by their id. `rest`: what the case's answers rest on, where it is at hand; `known`: what each
    question comes to in each world, by its id, likewise."""
    crisis, laid, rest, others = case.crisis, plan(case.crisis), rest or Support(case), others or {}
    pairs = [(w, others.get(w.question.id, ensemble)) for w in watched]
    own = known or {w.question.id: in_each(laid, w, e) for w, e in pairs}
    rows = [(w.question.kind_of, w, e, own[w.question.id]) for w, e in pairs]
    answers = tuple(_answer(w, e, rest, x) for kind, w, e, x in rows if kind == "binary")
    quantities = tuple(quantity(laid, w, e, x) for kind, w, e, x in rows if kind in _NUMBERS)
    choices = tuple(choice(w, e, x) for kind, w, e, x in rows if kind == "choice")
    return Forecast(
        case=case.id,
        title=crisis.title,
        about=about(case),
        model_sha256=case.model_sha256,
        seed=ensemble.seed,
        worlds=ensemble.worlds,
        version=__version__,
        first=crisis.first,
        last=crisis.shown_last,
        start_from=start,
        answers=answers,
        quantities=quantities,
        ensemble=ensemble,
        limits=crisis.limits,
        choices=choices,
        supposed=others,
    )


def about(case: Case) -> str:
    documents, passages = len(case.documents), len(case.passages)
    c = case.crisis
    return (
        f"{many(len(c.actors), 'actor')}, {many(len(c.states), 'quantity')}, "
        f"{many(len(c.events), 'event')} and {many(len(c.unknowns), 'unknown')}, "
        f"from {many(passages, 'passage')} of {many(documents, 'document')}"
    )


def outcomes(laid: Plan, w: Watch, claim: SourcedValue, atoms: NDArray[np.float64]) -> list[float]:
    """The proposition's value in each world. Raises CaseError, with the place, where it is no
    number in one of them."""
    columns = sorted(set(w.atoms.values()))
    places = {name: columns.index(column) for name, column in w.atoms.items()}
    ask = replace(laid.layout, atoms=places).proposition(claim)
    # Most worlds are alike in what one question watches: each kind is asked once.
    if not columns:
        return [float(valued(ask, [()], claim)[0])] * len(atoms)
    kinds, kind = np.unique(atoms[:, columns], axis=0, return_inverse=True)
    values = valued(ask, kinds.tolist(), claim)
    return [float(x) for x in values[kind.reshape(-1)]]


def valued(
    ask: Formula, rows: Sequence[Sequence[float]], claim: SourcedValue
) -> NDArray[np.float64]:
    """What a proposition gives for each row of its atoms. Raises CaseError where that is beyond
    any number: a share of worlds in which nothing can be compared is no answer."""
    try:
        return np.array([float(ask(row)) for row in rows])
    except Beyond:
        raise CaseError(
            [
                Diagnostic(
                    claim.span,
                    "no-number",
                    "in some world this is beyond any number that a computer holds (1.8e308)",
                    "divide its parts by something of their size, or ask for a logarithm",
                )
            ]
        ) from None


def happened(laid: Plan, w: Watch, ensemble: Ensemble) -> tuple[list[bool], list[bool]]:
    """Per world: whether the condition was met, and whether the question came true."""
    true = [bool(x) for x in outcomes(laid, w, w.question.asks, ensemble.atoms)]
    given = w.question.given
    if given is None:
        return [True] * len(true), true
    return [bool(x) for x in outcomes(laid, w, given, ensemble.atoms)], true


InEach = tuple[NDArray[np.bool_], NDArray[np.float64]]
_NUMBERS = ("number", "date")


def in_each(laid: Plan, w: Watch, ensemble: Ensemble) -> InEach:
    """Of a question in each world: whether its condition is met, and what it comes to. Raises
    CaseError as `outcomes`."""
    q = w.question
    met = np.ones(ensemble.worlds, bool)
    if q.given is not None:
        met = np.array(outcomes(laid, w, q.given, ensemble.atoms), bool)
    return met, np.array(outcomes(laid, w, q.asks, ensemble.atoms), float)


def answer(laid: Plan, w: Watch, ensemble: Ensemble, rest: Support) -> Answer:
    """What some worlds say to a question of yes or no."""
    return _answer(w, ensemble, rest, in_each(laid, w, ensemble))


def _answer(w: Watch, ensemble: Ensemble, rest: Support, found: InEach) -> Answer:
    q, (met, values) = w.question, found
    true, n = (values != 0.0).astype(float), int(met.sum())
    probability = share(true, met, ensemble)
    worth, error, interval = 0.0, None, None
    if probability is not None:
        worth, error, interval = of_share(true, met, ensemble)
    enough = n if ensemble.weights is None else worth
    notes = []
    if q.where:
        if 0 < enough < FEW:
            notes.append("too few worlds to say")
        notes.append(among(n, ensemble.worlds, q.where))
    if w.first > q.first:
        notes.append(f"counted from {w.first}")
    return Answer(
        id=q.id,
        text=q.text,
        probability=probability,
        mc_error=error,
        interval=interval,
        worlds=n,
        window=(w.first, w.last),
        basis=rest.basis(q),
        near=rest.basis(q, NEAR),
        cites=sides(q.cites, rest.known),
        rests_on=sides(rest.passages(q, 1), rest.known),
        headline=q.headline,
        resolved=q.resolution,
        words=words(probability) if probability is not None and enough >= FEW else "",
        note="; ".join(notes),
        clause=q.clause,
        written_later=rest.written_later(q),
        given=q.where,
        worth=worth,
        supposes=tuple(e.words for e in q.supposes),
    )


def among(n: int, worlds: int, given: str) -> str:
    """What a conditional share is a share of, in words."""
    return f"of the {n:,} worlds in {worlds:,} in which {given}"


def told(text: str, given: str) -> str:
    """What is asked, and its condition; for sentences in which the text stands beside a share."""
    return f"{text} (in worlds in which {given})" if given else text


def quantity(laid: Plan, w: Watch, ensemble: Ensemble, found: InEach) -> QuantityAnswer:
    q, (met, values) = w.question, found
    unit = "" if not q.kind.unit else unit_words(q.kind.unit)
    if q.kind == DATE:
        unit = "date"
        values = values + laid.layout.dates_from
    worth, errors = of_quantiles(values, met, ensemble, LEVELS)
    ordered = tuple(evenly(values, met, ensemble).tolist())
    worlds = len(ordered) if q.where else None
    return QuantityAnswer(
        id=q.id,
        text=q.text,
        window=(w.first, w.last),
        values=ordered,
        unit=unit,
        given=q.where,
        worlds=worlds,
        worth=worth,
        errors=errors,
        supposes=tuple(e.words for e in q.supposes),
    )


def choice(w: Watch, ensemble: Ensemble, found: InEach) -> ChoiceAnswer:
    q, (met, places) = w.question, found
    n, options = int(met.sum()), range(len(q.options))
    parts = [share(places == k, met, ensemble) for k in (*options, len(options))]
    shares = [of_share(places == k, met, ensemble) for k in options] if parts[0] is not None else []
    return ChoiceAnswer(
        id=q.id,
        text=q.text,
        window=(w.first, w.last),
        options=q.names,
        ordered=q.ordered,
        probabilities=tuple(p or 0.0 for p in parts[:-1]),
        mc_errors=tuple(error for _, error, _ in shares) or tuple(0.0 for _ in options),
        none=parts[-1] or 0.0,
        worlds=n,
        cites=q.cites,
        resolved=q.resolution,
        given=q.where,
        worth=min((own for own, _, _ in shares), default=0.0),
        supposes=tuple(e.words for e in q.supposes),
    )


class Support:
    """What an answer rests on: the elements behind it, their numbers and their passages. None of
    that hangs on worlds, so what was found for a question is kept."""

    def __init__(self, case: Case) -> None:
        self.bases: dict[tuple[Question, int | None], Basis] = {}
        self.cited: dict[tuple[Question, int | None], tuple[str, ...]] = {}
        self.known = case.passages
        self.documents = case.documents
        self.crisis = case.crisis
        self.edges = influences(case.crisis)
        self.elements = dict(elements(case.crisis))
        self.numbers = {name: tuple(data(name, e)) for name, e in self.elements.items()}

    def behind(self, q: Question, steps: int | None = None) -> tuple[str, ...]:
        """The elements that can move the answer, nearest first; within `steps` if given."""
        roots = [element_of(function, name, self.crisis) for function, name in q.atoms]
        return behind(self.edges, roots, steps)

    def basis(self, q: Question, steps: int | None = None) -> Basis:
        """The grades of the numbers behind the answer, the question's own included."""
        if (q, steps) not in self.bases:
            self.bases[q, steps] = self._basis(q, steps)
        return self.bases[q, steps]

    def _basis(self, q: Question, steps: int | None) -> Basis:
        found = [datum for name in self.behind(q, steps) for datum in self.numbers[name]]
        found += data(f"question {q.id}", q.claims)
        # A form may use a number in several elements; it was written, and counts, once.
        written = {datum.span: datum for datum in found}
        grades = Counter(d.basis.grade if d.basis else "assumed" for d in written.values())
        return Basis(grades["stated"], grades["sized"], grades["assumed"])

    def written_later(self, q: Question) -> dt.date | None:
        """Until when the latest document that raises it knew, if later than its first day."""
        raised = [self.known[p] for p in sides(q.cites, self.known) if p in self.known]
        latest = max((self.documents[p.document].knew for p in raised), default=q.first)
        return latest if latest > q.first else None

    def passages(self, q: Question, steps: int | None = None) -> tuple[str, ...]:
        """The passages behind the answer, nearest first, the question's own before all."""
        if (q, steps) not in self.cited:
            self.cited[q, steps] = self._passages(q, steps)
        return self.cited[q, steps]

    def _passages(self, q: Question, steps: int | None) -> tuple[str, ...]:
        ids = list(q.cites)
        for name in self.behind(q, steps):
            ids += cited(self.elements[name])
        return tuple(dict.fromkeys(ids))


def quantile(values: tuple[float, ...], p: float) -> float:
    """The p-quantile of sorted values: one of them, since a count of 2.5 attacks is none."""
    return values[min(len(values) - 1, int(p * len(values)))]


def _shown(q: QuantityAnswer, x: float) -> str:
    """A value in words."""
    beyond = q.unit == "date" and x > q.window[1].toordinal()
    return "not in the window" if beyond else value(x, q.unit)

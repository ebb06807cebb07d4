"""What a question reads of a world besides its quantities: what it is worth to an actor, and the
seats of a vote were it held."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from crises import crises
from hypothesis import HealthCheck, given, settings

import offramp
from offramp.answers.conditioned import condition
from offramp.answers.forecast import Support, forecast, watches
from offramp.case.case import Case, load, read_crisis
from offramp.case.texts import of_folder, shipped
from offramp.engine.blocks import machinery, worlds
from offramp.engine.ensemble import Ensemble
from offramp.engine.monitors import Monitor
from offramp.engine.plan import Plan, plan
from offramp.engine.run import RunSpec, run_chunk, simulate
from offramp.explain.gains import monitors_of, read
from offramp.filter.posterior import futures
from offramp.language.kinds import COURSE
from offramp.runs.manifest import describe

needs_numba = pytest.mark.skipif(not machinery.available(), reason="Numba is not installed")
slowly = settings(
    deadline=None,
    derandomize=True,
    max_examples=20,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
D = dt.date
AS_OF = D(2031, 4, 20)

# ---- both engines -----------------------------------------------------------------------------


def watched(text: str) -> RunSpec:
    """A random crisis with each actor's worth and the ballot's seats, over two windows."""
    crisis = read_crisis(text)[0]
    readings = [f"worth({a.name})" for a in crisis.actors]
    readings += ["votes(ballot, yes)", "votes(ballot, present)"]
    crisis = replace(crisis, readings=tuple(readings))
    monitors = tuple(
        Monitor(
            function=f,
            event=None,
            outcome=None,
            quantity=len(crisis.states) + k,
            first=first,
            last=9,
        )
        for k in range(len(readings))
        for f in COURSE
        for first in (0, 3)
    )
    return RunSpec(crisis, monitors, 11)


@needs_numba
@slowly
@given(crises())
def test_both_engines_read_the_same_bytes(text: str) -> None:
    job = watched(text)
    laid = plan(job.crisis)
    expected = run_chunk(laid, job, range(3))
    found = worlds.block(worlds.load(laid, keep=False), job, (0, 1, 2))
    assert worlds.same(expected, found)
    assert len(np.unique(expected.atoms)) > 4, "they differ, or the comparison says nothing"


@needs_numba
@slowly
@given(crises())
def test_to_read_a_world_leaves_it_as_it_is(text: str) -> None:
    job = watched(text)
    plain = replace(job, crisis=replace(job.crisis, readings=()), monitors=())
    for run in (simulate, worlds.simulate):
        read, unread = (run(j, 4, 1, None, None) for j in (job, plain))
        assert (read.counts == unread.counts).all()
        assert (read.unknowns == unread.unknowns).all()


# ---- what they mean ---------------------------------------------------------------------------

ACTORS = ("vessara", "kelmark", "skippers", "staff")
MORE = "".join(
    f"""
  worth_of_{name}:
    text: What the spring brings to {name}
    window: 2031-04-01 .. 2031-06-29
    asks: final(worth({name})) - initial(worth({name}))"""
    for name in ACTORS
)
VOTE = "kelmark.assembly.ships"


@cache
def reading() -> Case:
    texts = dict(of_folder(shipped()["tutorial"]).texts)
    more = f"""{MORE}
  mood:
    text: Seats for more ships at the end of April
    window: 2031-04-01 .. 2031-04-30
    asks: final(votes({VOTE}, yes))
"""
    texts["questions.yaml"] = texts["questions.yaml"].replace(
        "quantities:\n", f"quantities:{more}", 1
    )
    return load(texts)


def changes(case: Case, laid: Plan, e: Ensemble, day: int) -> dict[str, float]:
    """What `gains` says of worlds that were watched for it."""
    found = read(case, laid, e, day, 1, "case")
    assert not found.left, "the tutorial's wants read no beliefs"
    return {g.actor: g.change for g in found.gains}


def asked(case: Case, e: Ensemble, name: str) -> float:
    (w,) = (w for w in watches(case, case.crisis.first)[0] if w.question.id == f"worth_of_{name}")
    columns = {f: e.atoms[:, k] for (f, _), k in w.atoms.items()}
    return float((columns["final"] - columns["initial"]).mean())


def test_a_change_of_worth_is_what_gains_adds_up() -> None:
    case = reading()
    laid, last = plan(case.crisis), case.crisis.days - 1
    own = watches(case, case.crisis.first)[1]
    e = simulate(RunSpec(case.crisis, own, 5), 12, 1, None, None)
    other = simulate(RunSpec(case.crisis, monitors_of(laid, last), 5), 12, 1, None, None)
    expected = changes(case, laid, other, last)
    for name in ACTORS:
        assert asked(case, e, name) == pytest.approx(expected[name], abs=1e-9)
        assert expected[name] != 0.0


@needs_numba
def test_among_reports_it_is_read_in_the_worlds_of_the_posterior() -> None:
    case = reading()
    c = condition(case, case.history, AS_OF, 2048, 3)
    assert c.forecast is not None
    laid, last = plan(case.crisis), case.crisis.days - 1
    job = RunSpec(case.crisis, monitors_of(laid, last), 3)
    expected = changes(case, laid, futures(c.posterior, job), last)
    for name in ACTORS:
        found = asked(case, c.forecast.ensemble, name)
        assert found == pytest.approx(expected[name], abs=1e-9)


@needs_numba
def test_it_is_read_in_the_worlds_of_an_if_too() -> None:
    """What is held changes nothing any more: with trade held, Kelmark's trade has one worth."""
    texts = dict(reading().texts.texts)
    one = "    asks: final(worth(kelmark)) - initial(worth(kelmark))"
    texts["questions.yaml"] = texts["questions.yaml"].replace(
        one, f"    if: {{hold: {{trade: .5 ? half}}}}\n{one}"
    )
    case = load(texts)
    c = condition(case, case.history, AS_OF, 2048, 3)
    assert c.forecast is not None
    under, free = c.forecast.worlds_of("worth_of_kelmark"), c.forecast.ensemble
    assert asked(case, under, "kelmark") < asked(case, free, "kelmark") - 0.1


SENATE = """crisis: a senate
from: 2030-01-01
to: 2030-01-10
state: {heat: {stock: 0 .. 9 ? room, now: 1 ? start}}
unknown:
  lean: {between: -1.5 .. 1.5 ? wide}
event:
  bill:
    vote:
      held: 2030-01-05 ? the calendar
      blocs:
        left: {seats: 40 seats ? a count, yes: lean + .1 ? as a whole, spread: 1 ? some}
        right: {seats: 60 seats ? a count, yes: -.2 ? against, attends: .9 ? some are away}
    outcomes:
      carried: {does: [heat + 1 ? it heats]}
"""


def test_seats_are_those_that_the_vote_is_decided_by() -> None:
    """Nothing moves here before the vote, so that what is read that evening is what was counted."""
    crisis = replace(read_crisis(SENATE)[0], readings=("votes(bill, yes)", "votes(bill, present)"))
    final = [
        Monitor(function="final", event=None, outcome=None, quantity=k, first=4, last=4)
        for k in (1, 2)
    ]
    carried = Monitor(function="count", event=0, outcome="carried", quantity=None, first=0, last=9)
    monitors = (*final, carried)
    e = run_chunk(plan(crisis), RunSpec(crisis, monitors, 3), range(200))
    yes, present, passed = e.atoms.T
    assert present == pytest.approx(np.full(200, 94.0))
    assert ((yes > present / 2) == (passed == 1)).all()
    assert 0 < passed.mean() < 1


# ---- what is told of them ---------------------------------------------------------------------


def test_a_number_of_seats_has_its_unit() -> None:
    case = reading()
    f = forecast(case, 16, 1, threads=1)
    units = {q.id: q.unit for q in f.quantities}
    assert units["mood"] == "seats"
    assert units["worth_of_kelmark"] == ""


def test_a_condition_has_words() -> None:
    texts = dict(of_folder(shipped()["tutorial"]).texts)
    texts["questions.yaml"] = texts["questions.yaml"].replace(
        "    given: count(swarm.death) >= 1",
        f"    given: final(votes({VOTE}, yes)) >= 50 seats ? half, roughly",
    )
    q = next(q for q in load(texts).questions if q.given)
    title = next(e.title for e in load(texts).crisis.events if e.name == VOTE)
    assert q.where == f"the vote for “{title}” ends at 50 seats or above"


def test_what_stands_behind_it_is_the_actor_and_the_vote() -> None:
    case = reading()
    rest = Support(case)
    asked = {q.id: q for q in case.questions}
    assert rest.behind(asked["worth_of_staff"], 0) == ("actor staff",)
    assert rest.behind(asked["mood"], 0) == (f"event {VOTE}",)
    assert "state occupied" in rest.behind(asked["worth_of_staff"], 1)


def test_a_run_on_disk_names_its_columns() -> None:
    case = reading()
    job = RunSpec(case.crisis, watches(case, case.crisis.first)[1], 1)
    m = describe(case, job, 8, (1, 1), ())
    (k,) = (k for k, name in enumerate(m.atoms) if name.startswith(f"final(votes({VOTE}, yes))"))
    assert m.words.atom_units[k] == "seats"
    assert m.words.questions[k] == "mood"


@pytest.mark.parametrize(
    ("asks", "code"),
    [
        ("worth(kelmark) > 0", "undated"),
        ("final(worth(kelmarck)) > 0", "unknown-actor"),
        ("final(worth(league)) > 0", "no-wants"),
        ("final(worth(kelmark, vessara)) > 0", "arguments"),
        (f"final(votes({VOTE})) > 0", "arguments"),
        (f"final(votes({VOTE}, no)) > 0", "arguments"),
        ("final(votes(swarm, yes)) > 0", "not-a-vote"),
        (f"final(votes({VOTE}, yes)) > 3 ? some", "unit"),
        ("count(worth(kelmark)) > 0", "arguments"),
        ("final(worht(kelmark)) > 0", "arguments"),
    ],
)
def test_mistakes_are_told(asks: str, code: str) -> None:
    texts = dict(of_folder(shipped()["tutorial"]).texts)
    texts["questions.yaml"] = texts["questions.yaml"].replace(
        "asks: count(kelmark.blockade) >= 1", f"asks: {asks}", 1
    )
    found = offramp.check(texts).found
    assert code in {d.code for d in found if d.severity == "error"}


def test_a_crisis_cannot_read_them_itself() -> None:
    texts = dict(of_folder(shipped()["tutorial"]).texts)
    texts["crisis.yaml"] = texts["crisis.yaml"].replace(
        "the islands: -3 ~T3 * occupied", "the islands: -3 ~T3 * worth(vessara)"
    )
    assert "unknown-function" in {d.code for d in offramp.check(texts).found}


CLAIM = """claims:
  T32:
    says: What the season's opening costs Kelmark
    high: {}
    low: {never: [season_opens]}
    effect: final(worth(kelmark))
    window: 2031-05-10 .. 2031-06-29
    sign: "-"
    strength: weak
    because: the note counts more mishaps
"""


@needs_numba
def test_a_causal_claim_and_a_fact_may_ask_for_it() -> None:
    texts = dict(of_folder(shipped()["tutorial"]).texts)
    texts["claims/case.yaml"] = CLAIM
    texts["facts.yaml"] += FACT
    case = load(texts)
    tested = next(t for t in offramp.claims(case, "case", worlds=64).tests if t.claim.id == "T32")
    assert tested.effect is not None
    assert tested.effect.difference != 0.0
    (fact,) = offramp.facts(case, "kelmark_is_worse_off", worlds=64).facts
    assert fact.value != 0.0


FACT = """
  kelmark_is_worse_off:
    says: Kelmark is worse off on average than before the spring
    asks: mean(worth(kelmark))
    between: -50 .. 5
    bounded by: sense
    because: the spring is no good to it
"""

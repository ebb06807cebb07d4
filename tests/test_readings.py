"""What a question reads of a world besides its quantities: what it is worth to an actor, the seats
of a vote were it held, and how an actor sees a move of its own."""

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
from offramp.engine import reported
from offramp.engine.blocks import machinery, worlds
from offramp.engine.blocks.days import program
from offramp.engine.blocks.tape import tape
from offramp.engine.choice import NO_TYPE
from offramp.engine.ensemble import Ensemble
from offramp.engine.monitors import Monitor
from offramp.engine.plan import Plan, plan
from offramp.engine.run import RunSpec, run_chunk, simulate
from offramp.engine.world import create, evening, live, next_morning
from offramp.explain.gains import monitors_of, read
from offramp.explain.motives import taken_apart
from offramp.filter.impossible import on_the_morning
from offramp.filter.islands import shares
from offramp.filter.posterior import draw, futures
from offramp.language.crisis import Actor, Crisis, Event
from offramp.language.kinds import COURSE, spelt
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


def moves(crisis: Crisis) -> list[tuple[Actor, Event]]:
    """What each actor chooses, words and dated choices among it."""
    actors = {a.name: a for a in crisis.actors}
    return [(actors[e.by], e) for e in crisis.events if e.by and (e.chosen or e.as_choice)]


def motives(actor: Actor, event: Event) -> list[str]:
    return [f"motive({actor.name}, {event.name}, {spelt(term)})" for term in actor.terms]


def believed(crisis: Crisis) -> tuple[str, ...]:
    return tuple(
        f"believes({b.holder}, {b.about}, {t.name})" for b in crisis.beliefs for t in b.types
    )


def watched(text: str) -> RunSpec:
    """A random crisis with each actor's worth and beliefs, the ballot's seats, and of each move the
    inclination to it and all its motives, over two windows."""
    crisis = read_crisis(text)[0]
    readings = [f"worth({a.name})" for a in crisis.actors]
    readings += believed(crisis)
    readings += ["votes(ballot, yes)", "votes(ballot, present)"]
    for actor, event in moves(crisis):
        readings.append(f"inclines({actor.name}, {event.name})")
        readings += motives(actor, event)
    crisis = replace(crisis, readings=tuple(dict.fromkeys(readings)))
    monitors = tuple(
        Monitor(
            function=f,
            event=None,
            outcome=None,
            quantity=len(crisis.states) + k,
            first=first,
            last=9,
        )
        for k in range(len(crisis.readings))
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


@needs_numba
def test_a_belief_is_read_as_it_stands_on_that_evening() -> None:
    crisis = load("tutorial").crisis
    types = [(k, t) for k, b in enumerate(crisis.beliefs) for t in range(len(b.types))]
    crisis = replace(crisis, readings=believed(crisis))
    days, end = (0, 20, 60), len(crisis.states)
    monitors = tuple(
        Monitor(function="final", event=None, outcome=None, quantity=end + k, first=0, last=day)
        for day in days
        for k in range(len(types))
    )
    found = worlds.simulate(RunSpec(crisis, monitors, 5), 12, 1).atoms
    for number, row in enumerate(found):
        world, told = create(plan(crisis), 5, number), list[float]()
        for day, _ in enumerate(live(world, days[-1] + 1)):
            if day in days:
                told += [world.learners[k].weights[t] for k, t in types]
        assert row.tolist() == told
    assert len(np.unique(found)) > 2 * len(types), "it moves, or the comparison says nothing"


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
  temper:
    text: How near is Kelmark to boarding boats on the evening of 20 April?
    window: 2031-04-01 .. 2031-04-20
    asks: final(inclines(kelmark, kelmark.board))
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


ONE_MOVE = """crisis: a choice
from: 2030-01-01
to: 2030-01-05
state:
  heat: {stock: 0 .. 9 ? room, now: 1 ? start}
  pride: {stock: -9 .. 9 ? room, now: 0 ? start}
actor:
  north:
    pace: 9999 ? always at it
    precision: 1.5 ? middling
    foresight: 0 ? looks no further
    wants:
      calm: -.4 * heat ? a wish
      a good name: .9 * pride ? another
event:
  north.push:
    by: north
    cost: .2 ? a price
    does: [heat + 1 ? it heats, pride + 2 ? they cheer]
"""


def test_an_inclination_is_the_log_odds_of_the_move_against_nothing() -> None:
    """With one move and an opening every day, by brute force over first days."""
    crisis = replace(read_crisis(ONE_MOVE)[0], readings=("inclines(north, north.push)",))
    laid = plan(crisis)
    before = Monitor(function="initial", event=None, outcome=None, quantity=2, first=0, last=0)
    done = Monitor(function="count", event=0, outcome=None, quantity=None, first=0, last=0)
    e = run_chunk(laid, RunSpec(crisis, (before, done), 7), range(4000))
    said, (share) = e.atoms[:, 0], float(e.atoms[:, 1].mean())
    assert said == pytest.approx(np.full(4000, 1.5 * (-0.4 + 0.9 * 2 - 0.2)))
    error = float(np.sqrt(share * (1 - share) / 4000))
    assert abs(share - 1 / (1 + np.exp(-said[0]))) < 3 * error


def test_a_reading_is_worked_out_on_the_evenings_alone_on_which_it_is_watched() -> None:
    """An initial value on the eve of its window, a final one at its end, a mean on all days."""
    crisis = replace(
        read_crisis(ONE_MOVE)[0], readings=("worth(north)", "inclines(north, north.push)")
    )
    laid = plan(crisis)
    made, first = tape(program(laid)), len(laid.quantities)

    def days(*asked: tuple[str, int, int, int]) -> list[list[int]]:
        watching = tuple(
            Monitor(function=f, event=None, outcome=None, quantity=q, first=a, last=z)
            for f, q, a, z in asked
        )
        told = made.instructions(worlds.watched(laid, RunSpec(crisis, watching, 1)))
        rows = [row for row in told.sections[made.begins :] if row[6] >= 0]
        return [told.days[a:b].tolist() for _, _, _, _, a, b, _ in rows]

    assert days() == [[-1], [-1]]  # never
    assert days(("initial", first + 1, 2, 4), ("final", first + 1, 1, 3)) == [[-1], [1, 3]]
    assert days(("mean", first, 1, 3), ("initial", first, 0, 3)) == [[1, 2, 3], [-1]]


def test_motives_are_parts_of_what_a_move_is_worth() -> None:
    crisis = read_crisis(ONE_MOVE)[0]
    ((north, push),) = moves(crisis)
    crisis = replace(crisis, readings=tuple(motives(north, push)))
    calm, name = (evening(create(plan(crisis), 1, 0), k, lived=False) for k in (2, 3))
    assert calm == pytest.approx(-0.4 / (0.4 + 1.8))
    assert name == pytest.approx(1.8 / (0.4 + 1.8))


@slowly
@given(crises())
def test_they_are_what_a_choice_of_the_next_morning_is_taken_apart_into(text: str) -> None:
    """`offramp choice` gives an actor's wants and dreads what a move does to them itself, and
    others by how they answer. Of all wants together these are the same log-odds."""
    crisis = read_crisis(text)[0]
    laid = plan(crisis)
    for world in live(create(laid, 3, 1)):
        if world.day not in (2, 5):
            continue
        m = next_morning(world, lived=True)
        for actor, event in moves(crisis):
            mind = next(x for x in laid.minds if x.actor is actor)
            move = next(o for o in laid.events if o.event is event)
            parts = dict(taken_apart(m, mind, move, 0.0))
            odds = m.precision(mind, m.now, NO_TYPE) * m.value(
                mind, move, m.now, mind.foresight, NO_TYPE
            )
            assert m.inclination(mind, move) == pytest.approx(max(-20, min(20, odds)), abs=1e-9)
            speaks = move.words and mind.foresight > 0
            assert sum(parts.values()) == pytest.approx(odds, abs=1e-9)
            whole = m.worth(mind, move, m.now, mind.foresight, NO_TYPE)
            terms = range(len(mind.terms))
            own = [m.worth(mind, move, m.now, mind.foresight, NO_TYPE, k) for k in terms]
            if not speaks:  # the price of a word is no part of a want
                assert sum(own) == pytest.approx(whole, abs=1e-12)
            found = [m.motive(mind, move, k) for k in terms]
            assert sum(map(abs, found)) == pytest.approx(1.0 if any(own) else 0.0)
            assert all(a * b >= 0 for a, b in zip(own, found, strict=True))
            if mind.foresight == 0 and any(own):
                seen = {n: x for (kind, n), x in parts.items() if kind in ("want", "dread")}
                size = sum(map(abs, seen.values()))
                expected = [seen.get(t.name, 0.0) / size for t in mind.terms]
                assert found == pytest.approx(expected)


@needs_numba
def test_among_reports_both_engines_read_the_same_inclination() -> None:
    """Worlds of the posterior, lived again by the reference interpreter."""
    case, day = reading(), (AS_OF - reading().crisis.first).days
    c = condition(case, case.history, AS_OF, 1024, 3)
    assert c.forecast is not None
    (w,) = (w for w in watches(case, case.crisis.first)[0] if w.question.id == "temper")
    found = c.forecast.ensemble.atoms[:, next(iter(w.atoms.values()))]
    f, clouds = c.posterior.filter, [i.clouds[day] for i in c.posterior.islands]
    drawn = draw(f, clouds, shares(np.array([x.log_evidence for x in clouds])), 1024, day)
    lived_again = [
        (cloud, int(n)) for cloud, which in zip(clouds, drawn, strict=True) for n in which
    ]
    at = len(f.plan.quantities) + case.crisis.readings.index("inclines(kelmark, kelmark.board)")
    expected = []
    for cloud, n in lived_again[::64]:
        r = on_the_morning(f, cloud, n, day)[0]
        reported.one_day(r)
        expected.append(evening(r.world, at))
    assert found[::64].tolist() == expected
    assert len(set(expected)) > 4, "they differ, or the comparison says nothing"


def test_among_reports_a_morning_is_read_as_a_choice_sees_it() -> None:
    """In the worlds of a posterior, lived again up to a morning, the evening before says what that
    morning's choice has."""
    case = reading()
    c = condition(case, case.history, AS_OF, 1024, 3)
    f, day = c.posterior.filter, (AS_OF - case.crisis.first).days
    cloud = next(i.clouds[day] for i in c.posterior.islands if day in i.clouds)
    mind = next(x for x in f.plan.minds if x.actor.name == "kelmark")
    move = next(o for o in f.plan.events if o.event.name == "kelmark.board")
    before = on_the_morning(f, cloud, 0, day - 1)[0]
    reported.one_day(before)
    r, m = on_the_morning(f, cloud, 0, day)
    parts = dict(taken_apart(m, mind, move, r.world.moods[mind.index]))
    mood = parts.pop(("mood", "kelmark"))
    assert mood != 0.0
    expected = sum(parts.values())
    at = case.crisis.readings.index("inclines(kelmark, kelmark.board)")
    found = evening(before.world, len(f.plan.quantities) + at)
    assert found == pytest.approx(expected, abs=1e-9)


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


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (
            "final(inclines(kelmark, kelmark.board)) >= 1 ? some",
            "the inclination of “Kelmark” to “League boats boarded and held” ends at 1 or above",
        ),
        (
            "final(motive(kelmark, kelmark.board, dread_of_naval_war)) >= .5 ? half",
            "the part of the dread of “War at sea” in what “League boats boarded and held” is "
            "worth to “Kelmark” ends at 0.5 or above",
        ),
    ],
)
def test_an_inclination_and_a_motive_have_words(given: str, words: str) -> None:
    texts = dict(of_folder(shipped()["tutorial"]).texts)
    texts["questions.yaml"] = texts["questions.yaml"].replace(
        "    given: count(swarm.death) >= 1", f"    given: {given}"
    )
    q = next(q for q in load(texts).questions if q.given)
    assert q.where == words


def test_what_stands_behind_it_is_the_actor_the_vote_and_the_move() -> None:
    case = reading()
    rest = Support(case)
    asked = {q.id: q for q in case.questions}
    assert rest.behind(asked["worth_of_staff"], 0) == ("actor staff",)
    assert rest.behind(asked["mood"], 0) == (f"event {VOTE}",)
    assert rest.behind(asked["temper"], 0) == ("event kelmark.board",)
    assert "actor kelmark" in rest.behind(asked["temper"], 1)
    assert "state occupied" in rest.behind(asked["worth_of_staff"], 1)


def test_a_run_on_disk_names_its_columns() -> None:
    case = reading()
    job = RunSpec(case.crisis, watches(case, case.crisis.first)[1], 1)
    m = describe(case, job, 8, (1, 1), ())
    (k,) = (k for k, name in enumerate(m.atoms) if name.startswith(f"final(votes({VOTE}, yes))"))
    assert m.words.atom_units[k] == "seats"
    assert m.words.questions[k] == "mood"
    names = dict(zip(m.atoms, m.words.atom_units, strict=True))
    assert names["final(inclines(kelmark, kelmark.board)) 2031-04-01..2031-04-20"] == "log-odds"


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
        ("final(inclines(kelmark)) > 0", "arguments"),
        ("final(inclines(kelmarck, kelmark.board)) > 0", "unknown-actor"),
        ("final(inclines(kelmark, kelmark.bord)) > 0", "unknown-event"),
        ("final(inclines(kelmark, vessara.land)) > 0", "not-a-move"),
        ("final(inclines(kelmark, kelmark.election)) > 0", "not-a-move"),
        ("final(inclines(kelmark, fog)) > 0", "not-a-move"),
        ("final(motive(kelmark, kelmark.board)) > 0", "arguments"),
        ("final(motive(kelmark, kelmark.board, the_isles)) > 0", "unknown-want"),
        ("final(motive(league, kelmark.board, the_islands)) > 0", "no-wants"),
        ("inclines(kelmark, kelmark.board) > 0", "undated"),
        ("final(worth(kelmark)) > final(inclines(kelmark, kelmark.board))", "unit"),
        (
            "final(inclines(kelmark, kelmark.board))"
            " - mean(motive(kelmark, kelmark.board, the_islands)) > 0",
            "unit",
        ),
        (
            "max(final(inclines(kelmark, kelmark.board)),"
            " final(motive(kelmark, kelmark.board, the_islands))) > 0",
            "unit",
        ),
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


@pytest.mark.parametrize(
    "asks",
    ["motive(kelmark, kelmark.board, the_islands)) > 2", "inclines(kelmark, kelmark.board)) > 30"],
)
def test_what_a_reading_can_never_be_is_told(asks: str) -> None:
    texts = dict(of_folder(shipped()["tutorial"]).texts)
    texts["questions.yaml"] = texts["questions.yaml"].replace(
        "asks: count(kelmark.blockade) >= 1", f"asks: final({asks} ? too much", 1
    )
    assert "settled" in {d.code for d in offramp.check(texts).found}


def test_two_wants_of_one_spelling_are_not_taken_for_each_other() -> None:
    crisis = ONE_MOVE.replace(
        "    wants:\n", "    wants:\n      as-is: .1 ? x\n      as is: .1 ? x\n"
    )
    question = """questions:
  near:
    text: Is it near?
    window: 2030-01-01 .. 2030-01-02
    asks: final(motive(north, north.push, as_is)) > 0
"""
    found = offramp.check({"crisis.yaml": crisis, "questions.yaml": question}).found
    assert "unknown-want" in {d.code for d in found}


def test_a_move_of_another_is_told_with_who_chooses_it() -> None:
    texts = dict(of_folder(shipped()["tutorial"]).texts)
    texts["questions.yaml"] = texts["questions.yaml"].replace(
        "asks: count(kelmark.blockade) >= 1", "asks: final(inclines(kelmark, vessara.land)) > 0", 1
    )
    (found,) = (d for d in offramp.check(texts).found if d.code == "not-a-move")
    assert found.message == "vessara.land is no move of kelmark"
    assert found.help == "'vessara' chooses it: inclines(vessara, vessara.land)"


def test_who_decides_about_nothing_inclines_to_nothing() -> None:
    """A dated choice of an actor without a precision has no log-odds."""
    crisis = ONE_MOVE.replace(
        "    cost: .2 ? a price\n", "    on: 2030-01-03 ? its day\n    as: choice\n"
    )
    for line in (
        "pace: 9999 ? always at it",
        "precision: 1.5 ? middling",
        "foresight: 0 ? looks no further",
    ):
        crisis = crisis.replace(f"    {line}\n", "")
    question = """questions:
  near:
    text: Is it near?
    window: 2030-01-01 .. 2030-01-02
    asks: final(inclines(north, north.push)) > 0
"""
    found = offramp.check({"crisis.yaml": crisis, "questions.yaml": question}).found
    told = {d.code: d.help for d in found if d.severity == "error"}
    assert set(told) == {"missing", "not-a-move"}
    assert told["not-a-move"] == "a move is what an actor with a `precision:` chooses (`by:`)"


def test_an_unknown_want_is_told_with_the_nearest() -> None:
    texts = dict(of_folder(shipped()["tutorial"]).texts)
    texts["questions.yaml"] = texts["questions.yaml"].replace(
        "asks: count(kelmark.blockade) >= 1",
        "asks: final(motive(kelmark, kelmark.board, dread_of_naval_wars)) > 0",
        1,
    )
    (found,) = (d for d in offramp.check(texts).found if d.code == "unknown-want")
    assert found.help == "did you mean 'dread_of_naval_war'?"


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

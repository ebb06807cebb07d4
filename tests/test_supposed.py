"""What a question supposes (`if:`): its own worlds on the same dice, and a condition never lost."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner
from crises import crises
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import offramp
from offramp.answers.conditioned import condition
from offramp.answers.forecast import Forecast, arms_of, forecast, unsupposed, watches
from offramp.answers.issued import from_forecast, unscored
from offramp.answers.resolve import already, resolve
from offramp.answers.scoring import scored
from offramp.case.case import Case, load
from offramp.case.record import Coverage, Days, History, Report
from offramp.case.texts import of_folder, shipped
from offramp.cli import main
from offramp.engine.blocks import machinery
from offramp.engine.blocks import worlds as blocks
from offramp.engine.run import RunSpec, simulate
from offramp.explain.assess import coherence
from offramp.explain.policy_worlds import error_of_mean, groupings_of
from offramp.explain.reach import reach
from offramp.filter.counterfactual import twins
from offramp.language.edits import edited
from offramp.language.expressions import Basis
from offramp.language.supposed import alike, supposition
from offramp.runs.stored import forecast_from
from offramp.text.diagnostics import Span

needs_numba = pytest.mark.skipif(not machinery.available(), reason="Numba is not installed")
slowly = settings(
    deadline=None,
    derandomize=True,
    max_examples=12,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
D = dt.date

# ---- worlds from the first day on ------------------------------------------------------------

IFS = (
    "{never: [actor_0.move_0]}",
    "{force: {accident: [2020-01-03, 2020-01-05]}}",
    "{hold: {stock_0: 2 ? a test}}",
    "{rate: {accident: 9 ? a test}}",
    "{urge: {actor_1.move_0: 3 ? a test}, from: 2020-01-04}",
    "{cost: {actor_1.move_0: 3 ? a test}, never: [fixed]}",
)
WINDOW = "window: 2020-01-02 .. 2020-01-10"


def questions(supposed: str) -> str:
    """The same three questions twice: plain, and under an `if:`."""
    parts = {"questions": [], "choices": [], "quantities": []}
    for name, if_ in (("plain", ""), ("under", f"    if: {supposed}\n")):
        head = f"    text: Asked\n    {WINDOW}\n{if_}"
        parts["questions"].append(f"  {name}_yes:\n{head}    asks: count(accident) >= 1\n")
        parts["choices"].append(
            f"  {name}_which:\n{head}    options: {{early: first(accident) <= 2020-01-04, "
            "late: else}\n"
        )
        parts["quantities"].append(f"  {name}_much:\n{head}    asks: mean(stock_0)\n")
    return "".join(f"{key}:\n{''.join(rows)}" for key, rows in parts.items())


def answers(f: Forecast, name: str) -> tuple[object, ...]:
    """What is said of the three questions of a name, but for their condition."""
    (a,) = (a for a in f.answers if a.id == f"{name}_yes")
    (c,) = (c for c in f.choices if c.id == f"{name}_which")
    (q,) = (q for q in f.quantities if q.id == f"{name}_much")
    return a.probability, a.mc_error, a.worlds, c.probabilities, q.values, q.errors


@slowly
@given(crises(), st.sampled_from(IFS))
def test_it_is_the_plain_question_of_the_edited_crisis(text: str, supposed: str) -> None:
    case = load({"crisis.yaml": text, "questions.yaml": questions(supposed)})
    (arm,) = arms_of(case.questions)
    assert len(arm.questions) == 3, "one arm serves all that suppose the same"
    runs = [simulate] + [blocks.simulate] * machinery.available()
    for run in runs:
        f = forecast(case, 24, 5, threads=1, run=run)
        other = replace(case, crisis=edited(case.crisis, arm.edits))
        assert answers(f, "under") == answers(forecast(other, 24, 5, threads=1, run=run), "plain")
        alone = forecast(unsupposed(case), 24, 5, threads=1, run=run)
        assert answers(f, "plain") == answers(alone, "plain"), "the worlds as they are stay"


@needs_numba
@slowly
@given(crises(), st.sampled_from(IFS))
def test_both_engines_give_the_same_bytes(text: str, supposed: str) -> None:
    case = load({"crisis.yaml": text, "questions.yaml": questions(supposed)})
    a, b = (forecast(case, 24, 5, threads=1, run=run) for run in (simulate, blocks.simulate))
    assert a.supposed.keys() == b.supposed.keys() == {"under_yes", "under_which", "under_much"}
    for name in a.supposed:
        assert blocks.same(a.worlds_of(name), b.worlds_of(name))


def test_questions_with_equal_edits_share_their_worlds_however_they_are_written() -> None:
    texts = with_questions(
        """
  one: {text: A?, if: {never: [kelmark.board], rate: {fog: 2 ? twice}}, ASKED}
  same: {text: B?, if: {rate: {fog: 2 ? another reason}, never: [kelmark.board]}, ASKED}
  other: {text: C?, if: {rate: {fog: 3 ? thrice}, never: [kelmark.board]}, ASKED}
"""
    )
    case = load(texts)
    assert [arm.questions for arm in arms_of(case.questions)] == [("one", "same"), ("other",)]
    one, same, other = (q for q in case.questions if q.supposes)
    assert alike(one.supposes) == alike(same.supposes) != alike(other.supposes)


# ---- a case with questions that suppose something --------------------------------------------

ASKED = "window: 2031-04-01 .. 2031-06-29, asks: count(swarm) >= 1"
AS_OF = D(2031, 4, 20)


def with_questions(more: str) -> dict[str, str]:
    """The tutorial with more questions of yes or no."""
    texts = dict(of_folder(shipped()["tutorial"]).texts)
    own = more.replace("ASKED", ASKED).strip("\n")
    texts["questions.yaml"] = texts["questions.yaml"].replace(
        "questions:\n", f"questions:\n{own}\n", 1
    )
    return texts


MORE = """
  forced:
    text: A landing, if Kelmark boards on 1 May?
    window: 2031-04-01 .. 2031-06-29
    if: {force: {kelmark.board: 2031-05-01}}
    asks: count(kelmark.board) == 1
    headline: yes
    clause: Kelmark boards once
  blockaded:
    text: A landing, if Kelmark never blockades and a sailor dies?
    window: 2031-04-01 .. 2031-06-29
    if: {never: [kelmark.blockade]}
    given: count(swarm) >= 1
    asks: count(vessara.land) >= 1
  before:
    text: Swarms by the day of the reports, if Kelmark never blockades?
    window: 2031-04-01 .. 2031-06-29
    if: {never: [kelmark.blockade]}
    asks: first(swarm) <= 2031-04-20
  early:
    text: Swarms, if Kelmark boards on 10 April?
    window: 2031-04-01 .. 2031-06-29
    if: {force: {kelmark.board: 2031-04-10}}
    asks: count(swarm) >= 3 ? a few
"""


@cache
def supposing() -> Case:
    return load(with_questions(MORE))


def test_the_words_say_that_something_is_done_to_the_worlds() -> None:
    case = supposing()
    titles = {e.name: e.title for e in case.crisis.events}
    words = {q.id: q.where for q in case.questions if q.supposes}
    assert words["forced"] == f"“{titles['kelmark.board']}” is made to happen on 1 May 2031"
    assert words["blockaded"] == (
        f"“{titles['kelmark.blockade']}” is kept from happening and “{titles['swarm']}” happens"
    )


def test_every_verb_has_words() -> None:
    more = """
  verbs:
    text: All?
    if:
      outcome: {swarm: death}
      hold: {trade: .5 ? half}
      cost: {kelmark.board: 2 ? dear}
      urge: {vessara.land: 1 ? wanted}
      rate: {fog: 2 ? twice}
    ASKED
""".replace("ASKED", ASKED.replace(", ", "\n    "))
    case = load(with_questions(more))
    q = next(q for q in case.questions if q.id == "verbs")
    said = supposition(q.supposes, case.crisis)
    for words in (
        "death” is made its only outcome",
        "” is held at .5",
        "” is made to cost 2 more",
        "” is made worth 1 more to who chooses it",
        "” is made to come 2 times as often",
    ):
        assert words in said


# ---- among reports ---------------------------------------------------------------------------


@needs_numba
def test_among_reports_it_begins_on_the_morning_after() -> None:
    case = supposing()
    c = condition(case, case.history, AS_OF, 2048, 3)
    assert c.forecast is not None
    f = c.forecast
    by = {a.id: a for a in f.answers}
    assert by["forced"].probability == pytest.approx(0.0), "boarded on 8 or 9 April, and again"
    column = {w.question.id: w for w in watches(case, case.crisis.first)[0]}
    (first,) = column["before"].atoms.values()
    own, free = (e.atoms[:, first] for e in (f.worlds_of("before"), f.ensemble))
    place = (AS_OF - case.crisis.first).days
    assert (own[free <= place] == free[free <= place]).all(), "reported days are as they were"
    assert (own[free > place] > place).all()
    # The plain questions are answered as if nothing else had been asked.
    alone = condition(unsupposed(case), case.history, AS_OF, 2048, 3).forecast
    assert alone is not None
    plain = {a.id: a.probability for a in f.answers if not a.supposes}
    assert plain == {a.id: a.probability for a in alone.answers}


@needs_numba
def test_it_agrees_with_twins_of_the_worlds() -> None:
    """Another way to the same law: the twins of the reported worlds from the morning after on."""
    case = supposing()
    c = condition(case, case.history, AS_OF, 2048, 3)
    assert c.forecast is not None
    watched, monitors = watches(case, case.crisis.first)
    (w,) = (w for w in watched if w.question.id == "blockaded")
    land = w.atoms["count", "vessara.land"]
    (q,) = (q for q in case.questions if q.id == "blockaded")
    own = edited(case.crisis, q.supposes)
    day = (AS_OF - case.crisis.first).days + 1
    arms = twins(c.posterior, own, RunSpec(case.crisis, monitors, 3), day)
    a, b = (e.atoms[:, land] >= 1 for e in (c.forecast.worlds_of("blockaded"), arms.coupled))
    error = error_of_mean(a - b.astype(float), *groupings_of(arms.coupled))
    assert abs(a.mean() - b.mean()) < 4 * error + 1e-9
    assert 0.02 < a.mean() < 0.98, "or the comparison says nothing"


@needs_numba
def test_what_can_no_longer_begin_is_not_asked_and_says_so() -> None:
    case = supposing()
    c = condition(case, case.history, AS_OF, 2048, 3)
    assert c.forecast is not None
    (late,) = c.forecast.unasked
    assert late.id == "early"
    assert "2031-04-10 is before that" in late.why
    assert "10 Apr 2031" in str(late)
    assert "early" not in {a.id for a in c.forecast.answers}
    (issued,) = (i for i in from_forecast(c.forecast, case, AS_OF) if i.question == "early")
    assert issued.refused == late.why
    outcome = resolve(case.questions[3], case, case.history, D(2031, 7, 1))
    (why,) = unscored([issued], {"early": outcome})
    assert why.why


# ---- no number loses its condition -----------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    at = tmp_path_factory.mktemp("cases") / "supposing"
    at.mkdir()
    for name, text in with_questions(MORE).items():
        (at / name).parent.mkdir(parents=True, exist_ok=True)
        (at / name).write_text(text, "utf-8")
    return at


def run(*arguments: str) -> str:
    result = CliRunner().invoke(main, list(arguments))
    assert result.exit_code == 0, result.output
    return result.stdout


def flat(text: str) -> str:
    return " ".join(text.split())


FORCED = "is made to happen on 1 May 2031"
KEPT = "is kept from happening"


def test_the_forecast_says_it_in_the_table_and_in_json(folder: Path) -> None:
    options = ("forecast", str(folder), "--worlds", "200")
    table = flat(run(*options))
    # A column of the table cuts its words into lines of its own.
    assert all(word in table for word in f"in which “ {FORCED} {KEPT}".split())
    made = json.loads(run(*options, "--json"))
    by = {a["id"]: a for a in made["answers"]}
    assert by["forced"]["if"] == ["force kelmark.board on 2031-05-01"]
    assert FORCED in by["forced"]["given"]
    assert FORCED in by["forced"]["note"]
    assert by["landing"]["if"] == []
    assert by["landing"]["given"] == ""
    assert made["unasked"] == []


def test_the_brief_says_it_in_the_headline_and_beside_the_answer(folder: Path) -> None:
    case = load(folder)
    page = offramp.brief(case, offramp.forecast(case, worlds=200))
    text = flat(re.sub(r"<[^>]+>", " ", page))
    assert re.search(rf"Kelmark boards once in [^.]*{FORCED}", text)
    assert text.count(FORCED) >= 3, "the finding, the summary, the row"


@needs_numba
def test_scores_and_the_sealed_ledger_say_it(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "ledger.jsonl"
    run("condition", str(folder), "--as-of", str(AS_OF), "--worlds", "2048", "--ledger", str(file))
    entries = [json.loads(line)["forecast"] for line in file.read_text("utf-8").splitlines()]
    given = {e["question"]: e.get("given", "") for e in entries}
    assert FORCED in given["forced"]
    assert KEPT in given["blockaded"]
    assert "10 Apr 2031" in given["early"], "a refusal says of what"
    assert given["landing"] == ""
    assert run("ledger", "verify", str(file))


@needs_numba
def test_what_the_record_does_not_decide_is_left_out_of_a_score_and_told() -> None:
    """Worlds of such an `if:` could get no score; those of the others are as they were."""
    case = supposing()
    found = scored(case, case.history, {}, ("case",), (AS_OF,), 2048, 3)
    plain = unsupposed(case)
    assert found.scores == scored(plain, case.history, {}, ("case",), (AS_OF,), 2048, 3).scores
    named = {q.id for q in case.questions if q.supposes}
    assert named
    assert named.isdisjoint(i.question for i in found.issued if i.assessment == "case")
    told = {u.question: u.why for u in found.unscored if u.question in named}
    assert set(told) == named
    assert all("not simulated" in why for why in told.values())


# ---- how it resolves -------------------------------------------------------------------------

CRISIS = """crisis: raids
from: 2030-01-01
to: 2030-03-31
state:
  troops: {stock: 0 .. 900 persons ? room, now: 200 persons ? start}
event:
  raid:
    rate: .1 ? chance
    does: [troops + 1 persons ? more]
    outcomes:
      death: {chance: .2 ? some, does: [troops + 1 persons ? more]}
  strike:
    rate: .1 ? chance
    does: [troops + 1 persons ? more]
"""
RAIDS = """questions:
  forced:
    text: Struck, if raided on 10 February?
    window: 2030-02-01 .. 2030-02-28
    if: {force: {raid: [2030-02-10]}}
    asks: count(strike) >= 1
  fatally:
    text: Struck, if raided fatally on 10 February?
    window: 2030-02-01 .. 2030-02-28
    if: {force: {raid.death: [2030-02-10]}}
    asks: count(strike) >= 1
  never:
    text: Struck, if never raided?
    window: 2030-02-01 .. 2030-02-28
    if: {never: [raid]}
    asks: count(strike) >= 1
  always_fatal:
    text: Struck, if raids kill?
    window: 2030-02-01 .. 2030-02-28
    if: {outcome: {raid: death}}
    asks: count(strike) >= 1
  oftener:
    text: Struck, if raided more often?
    window: 2030-02-01 .. 2030-02-28
    if: {rate: {raid: 2 ? twice}}
    asks: count(strike) >= 1
  before:
    text: Struck, if raided in January?
    window: 2030-02-01 .. 2030-02-28
    if: {force: {raid: [2030-01-10]}}
    asks: count(strike) >= 1
"""
HERE = Span("test", 1, 1)


@cache
def raids() -> Case:
    return load({"crisis.yaml": CRISIS, "questions.yaml": RAIDS})


def event(id: str, what: str, day: D, outcome: str = "none") -> Report:
    return Report(
        id=id,
        kind="event",
        what=what,
        outcome=outcome,
        actor="",
        when=(Days(day, day, 1.0),),
        known_since=day,
        grade="verified",
        relation="=",
        value=0.0,
        error=0.0,
        report=id,
        source=f"source of {id}",
        url="",
        note="",
        span=HERE,
    )


def record(*reports: Report, chance: float = 1.0) -> History:
    ours = Basis("assumed", (), "a test", HERE)
    covered = tuple(Coverage(n, D(2030, 1, 1), chance, ours, HERE) for n in ("raid", "strike"))
    return History(reports, covered)


STRUCK = event("S", "strike", D(2030, 2, 12))


@pytest.mark.parametrize(
    ("question", "reports", "answer", "on"),
    [
        ("forced", (event("R", "raid", D(2030, 2, 10)), STRUCK), "yes", D(2030, 2, 12)),
        ("forced", (STRUCK,), "annulled", D(2030, 2, 10)),
        ("forced", (event("R", "raid", D(2030, 2, 11)), STRUCK), "annulled", D(2030, 2, 10)),
        ("fatally", (event("R", "raid", D(2030, 2, 10), "death"), STRUCK), "yes", D(2030, 2, 12)),
        ("fatally", (event("R", "raid", D(2030, 2, 10)), STRUCK), "annulled", D(2030, 2, 10)),
        ("fatally", (event("R", "raid", D(2030, 2, 10), ""), STRUCK), "", None),
        ("never", (STRUCK,), "yes", D(2030, 2, 28)),
        ("never", (event("R", "raid", D(2030, 2, 20)), STRUCK), "annulled", D(2030, 2, 20)),
        ("never", (event("R", "raid", D(2030, 1, 20)), STRUCK), "yes", D(2030, 2, 28)),
        ("always_fatal", (event("R", "raid", D(2030, 2, 5)), STRUCK), "annulled", D(2030, 2, 28)),
        ("oftener", (STRUCK,), "annulled", D(2030, 2, 28)),
        ("before", (event("R", "raid", D(2030, 1, 10)), STRUCK), "yes", D(2030, 2, 12)),
        ("before", (STRUCK,), "annulled", D(2030, 2, 1)),
    ],
)
def test_it_resolves_only_where_the_record_shows_what_it_supposes(
    question: str, reports: tuple[Report, ...], answer: str, on: D | None
) -> None:
    case = raids()
    (q,) = (q for q in case.questions if q.id == question)
    found = resolve(q, case, record(*reports), D(2030, 4, 30))
    assert (found.answer, found.on) == (answer, on)
    assert found.given == q.where
    if answer == "yes":
        named = {r.id for r in reports if r.first >= D(2030, 2, 1) or question == "before"}
        assert set(found.rows) == named, "what was supposed is among the reports that decided it"
    if not answer:
        assert "does not show yet what it supposes" in found.why


def test_nothing_is_decided_before_the_record_can_show_it() -> None:
    case = raids()
    known = already(case, record(STRUCK), D(2030, 2, 9))
    assert "forced" not in known
    assert known["before"].answer == "annulled"
    assert already(case, record(STRUCK), D(2030, 2, 14))["forced"].answer == "annulled"


def test_a_record_that_may_miss_it_leaves_it_open() -> None:
    case = raids()
    (q,) = (q for q in case.questions if q.id == "forced")
    assert resolve(q, case, record(STRUCK, chance=0.5), D(2030, 4, 30)).answer == ""


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("if: {}", "if-empty"),
        ("if: {set: {risk: .3 ? low}}", "if-set"),
        ("if: {force: {raid: 2030-03-10}}", "moot"),
        ("if: {from: 2030-03-10, never: [raid]}", "moot"),
        ("if: {never: [riad]}", "unknown-event"),
        ("if: {often: [raid]}", "unknown-key"),
        ("if: never", "shape"),
    ],
)
def test_mistakes_are_told(written: str, code: str) -> None:
    text = RAIDS.replace("if: {never: [raid]}", written)
    crisis = CRISIS.replace("event:\n", "unknown:\n  risk: {share: .1 .. .4 ? wide}\nevent:\n")
    found = offramp.check({"crisis.yaml": crisis, "questions.yaml": text}).found
    assert code in {d.code for d in found if d.severity == "error"}


def test_the_hash_of_a_model_holds_what_is_supposed() -> None:
    """Two models that differ in an `if:` alone are two; its marks and their words count as ever."""
    one = raids().model_sha256
    other = RAIDS.replace("if: {never: [raid]}", "if: {never: [strike]}")
    assert load({"crisis.yaml": CRISIS, "questions.yaml": other}).model_sha256 != one


# ---- the other studies -----------------------------------------------------------------------


def test_why_is_of_the_worlds_that_are_asked() -> None:
    case = supposing()
    found = offramp.why(case, "blockaded", worlds=128, seed=2)
    expected = next(a for a in forecast(case, 128, 2).answers if a.id == "blockaded")
    assert found.answer.probability == expected.probability
    assert KEPT in found.answer.given
    assert found.model_sha256 == case.model_sha256


@cache
def judged() -> Case:
    """An author judges what he would expect if Kelmark never blockaded."""
    texts = with_questions(MORE)
    own = texts["assessments/ilvane.yaml"]
    texts["assessments/ilvane.yaml"] = own.replace("question: landing", "question: blockaded")
    return load(texts)


@needs_numba
def test_a_judgement_that_supposes_something_is_held_against_those_worlds() -> None:
    case = judged()
    author = case.assessments["ilvane"]
    own = case.under("ilvane")
    c = condition(own, case.history, AS_OF, 2048, 3, assessment="ilvane")
    assert c.forecast is not None
    rows = {r.judgement.passage: r for r in coherence(own, author, c, {})}
    expected = next(a for a in c.forecast.answers if a.id == "blockaded")
    assert rows["T9"].implied == pytest.approx(expected.probability)
    assert KEPT in rows["T9"].given


@needs_numba
def test_reach_looks_for_it_in_the_edited_crisis() -> None:
    """With what is asked forbidden by the `if:` itself, no setting of the unknowns reaches it."""
    texts = with_questions(MORE.replace("never: [kelmark.blockade]", "never: [vessara.land]"))
    own = texts["assessments/ilvane.yaml"]
    texts["assessments/ilvane.yaml"] = own.replace("question: landing", "question: blockaded")
    author = load(texts)
    found = {
        r.judgement.passage: r
        for r in reach(author.under("ilvane"), author.assessments["ilvane"], 128, 1)
    }
    assert found["T9"].range == (0.0, 0.0)
    assert found["T9"].status == "out of reach"


def test_worlds_on_disk_are_as_they_are_and_leave_it_out(tmp_path: Path) -> None:
    pytest.importorskip("zarr")
    case, where = supposing(), tmp_path / "worlds"
    offramp.run(case, 64, out=where, seed=7)
    f = forecast_from(case, where)
    assert {u.id for u in f.unasked} == {q.id for q in case.questions if q.supposes}
    assert not any(a.supposes for a in f.answers)
    assert f.answers == forecast(unsupposed(case), 64, 7).answers


def test_sensitivity_says_that_it_varies_the_worlds_as_they_are() -> None:
    with pytest.raises(offramp.OfframpError, match="'forced' has an `if:`"):
        offramp.sensitivity(supposing(), "forced")


@needs_numba
def test_twins_of_an_edit_are_asked_what_supposes_nothing() -> None:
    case = supposing()
    found = offramp.counterfactual(case, without="vessara.land", as_of=AS_OF, worlds=2048)
    assert "landing" in {q.id for q in found.questions}
    assert not {"forced", "blockaded", "before", "early"} & {q.id for q in found.questions}

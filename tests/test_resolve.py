"""Questions of four types as the language reads them, and what they resolve to by a day."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.answers.resolve import CERTAIN, already, by_rule, disagreements, resolve, resolve_all
from offramp.case.case import Case, examine, load
from offramp.case.record import Coverage, Days, History, Report
from offramp.language.expressions import Basis
from offramp.language.questions import Resolution
from offramp.language.ranges import Range, ranges
from offramp.text.diagnostics import Span

HERE = Span("test", 1, 1)
OURS = Basis("assumed", (), "a test", HERE)
D = dt.date

CRISIS = """crisis: raids
from: 2030-01-01
to: 2030-03-31
show: [rung]
state:
  rung:
    ladder: [low, middle, high]
    now: low ? start
  troops:
    stock: 0 .. 900 persons ? room
    now: 200 persons ? start
event:
  raid:
    rate: .1 ? chance
    does:
      - rung >= middle ? up
    outcomes:
      death:
        chance: .2 ? some
        does:
          - rung >= high ? up
  strike:
    rate: .1 ? chance
    does:
      - rung >= high ? up
"""
QUESTIONS = """questions:
  any_raid:
    text: A raid?
    window: 2030-02-01 .. 2030-02-28
    asks: count(raid) >= 1
  three:
    text: Three?
    window: 2030-02-01 .. 2030-02-28
    asks: count(raid) + count(strike) >= 3 ? a few
  quiet:
    text: Quiet?
    window: 2030-02-01 .. 2030-02-28
    asks: count(raid) == 0
    resolved:
      answer: no
      on: 2030-02-28
      source: the press
  deadly:
    text: Deadly?
    window: 2030-02-01 .. 2030-02-28
    asks: count(raid.death) >= 1
  early:
    text: By the tenth?
    window: 2030-02-01 .. 2030-02-28
    asks: first(raid) <= 2030-02-10
  answered:
    text: Struck, if raided?
    window: 2030-02-01 .. 2030-02-28
    asks: count(strike) >= 1
    given: count(raid) >= 1
  high:
    text: High?
    window: 2030-02-01 .. 2030-02-28
    asks: highest(rung) >= high
    resolved:
      answer: yes
      on: 2030-02-14
      source: the press
choices:
  worst:
    text: What is the worst?
    window: 2030-02-01 .. 2030-02-28
    ordered: yes
    options:
      a strike: count(strike) >= 1
      a raid: count(raid) >= 1
      nothing: else
quantities:
  raids:
    text: Raids
    window: 2030-02-01 .. 2030-02-28
    asks: count(raid)
    bounds: 0 .. 2 ? room
    open: above
  first_raid:
    text: The first raid
    window: 2030-02-01 .. 2030-02-28
    asks: first(raid)
  troops:
    text: Troops
    window: 2030-02-01 .. 2030-02-28
    asks: final(troops)
    bounds: 0 .. 900 persons ? the stock's
    resolved:
      answer: 250 persons
      on: 2030-02-28
      source: the ministry
"""
AFTER = D(2030, 3, 5)


def made(folder: Path, questions: str = QUESTIONS, crisis: str = CRISIS) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "crisis.yaml").write_text(crisis)
    (folder / "questions.yaml").write_text(questions)
    return folder


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return load(made(tmp_path_factory.mktemp("cases") / "raids"))


def event(
    what: str,
    day: D,
    *,
    until: D | None = None,
    known: D | None = None,
    grade: str = "verified",
    outcome: str = "none",
) -> Report:
    days = (Days(day, until or day, 1.0),)
    return Report(
        id=f"{what}-{day:%d}",
        kind="event",
        what=what,
        outcome=outcome,
        actor="",
        when=days,
        known_since=known or until or day,
        grade=grade,
        relation="=",
        value=0,
        error=0,
        report="it happened",
        source="press",
        url="",
        note="",
        span=HERE,
    )


def record(*reports: Report, raid: float = 1.0, strike: float = 1.0) -> History:
    first = D(2030, 1, 1)
    pairs = (("raid", raid), ("strike", strike))
    return History(
        reports, tuple(Coverage(name, first, chance, OURS, HERE) for name, chance in pairs)
    )


def said(case: Case, id: str, history: History, day: D = AFTER) -> tuple[str, str, D | None]:
    (question,) = (q for q in case.questions if q.id == id)
    o = resolve(question, case, history, day)
    return o.answer, o.how, o.on


OPEN = ("", "open", None)
LAST = D(2030, 2, 28)


# ---- by rule ------------------------------------------------------------------------------------


def test_one_report_is_enough_for_one_whatever_the_coverage(case: Case) -> None:
    h = record(event("raid", D(2030, 2, 5)), raid=0.1)
    assert said(case, "any_raid", h, D(2030, 2, 5)) == ("yes", "rule", D(2030, 2, 5))
    assert said(case, "any_raid", h, D(2030, 2, 4)) == OPEN


def test_no_needs_a_closed_window_and_a_record_that_would_tell(case: Case) -> None:
    assert said(case, "any_raid", record()) == ("no", "rule", LAST)
    assert said(case, "any_raid", record(), LAST) == OPEN
    assert said(case, "any_raid", record(raid=CERTAIN)) == ("no", "rule", LAST)
    assert said(case, "any_raid", record(raid=CERTAIN - 0.01)) == OPEN
    assert said(case, "any_raid", History((), ())) == OPEN


def test_after_the_end_of_the_record_silence_says_nothing(case: Case) -> None:
    h = record(raid=CERTAIN)
    short = replace(h, until=LAST)
    assert said(case, "any_raid", h) == ("no", "rule", LAST)
    assert said(case, "any_raid", short) == OPEN


def test_coverage_counts_on_each_day_of_the_window(case: Case) -> None:
    h = record()
    lapse = Coverage("raid", D(2030, 2, 28), 0.5, OURS, HERE)
    assert said(case, "any_raid", replace(h, coverage=(*h.coverage, lapse))) == OPEN
    late = replace(lapse, since=D(2030, 3, 1))
    assert said(case, "any_raid", replace(h, coverage=(*h.coverage, late)))[0] == "no"


def test_a_report_that_became_known_later_does_not_exist_yet(case: Case) -> None:
    h = record(event("raid", D(2030, 2, 5), known=D(2030, 2, 9)), raid=0.5)
    assert said(case, "any_raid", h, D(2030, 2, 8)) == OPEN
    # Known on the ninth, but it was decided on the fifth: no forecast from then on is scored.
    assert said(case, "any_raid", h, D(2030, 2, 9)) == ("yes", "rule", D(2030, 2, 5))


def test_an_unchecked_report_decides_nothing_and_leaves_doubt(case: Case) -> None:
    h = record(event("raid", D(2030, 2, 5), grade="recalled"))
    assert said(case, "any_raid", h) == OPEN


def test_a_disputed_day_counts_where_all_its_readings_do(case: Case) -> None:
    within = event("raid", D(2030, 2, 5), until=D(2030, 2, 6))
    across = event("raid", D(2030, 1, 30), until=D(2030, 2, 2))
    assert said(case, "any_raid", record(within)) == ("yes", "rule", D(2030, 2, 6))
    assert said(case, "any_raid", record(across)) == OPEN
    assert said(case, "any_raid", record(event("raid", D(2030, 1, 31))))[0] == "no"
    assert said(case, "any_raid", record(event("raid", D(2030, 3, 1))))[0] == "no"


def test_a_sum_is_decided_on_the_day_of_its_last_part(case: Case) -> None:
    days = [D(2030, 2, 5), D(2030, 2, 9), D(2030, 2, 20)]
    h = record(event("raid", days[0]), event("strike", days[1]), event("raid", days[2]), raid=0.5)
    assert said(case, "three", h) == ("yes", "rule", days[2])
    (question,) = (q for q in case.questions if q.id == "three")
    assert resolve(question, case, h, AFTER).rows == ("raid-05", "strike-09", "raid-20")
    assert said(case, "three", record(*h.reports[:2])) == ("no", "rule", LAST)
    assert said(case, "three", record(*h.reports[:2], raid=0.5)) == OPEN


def test_that_nothing_happened_is_known_at_the_end(case: Case) -> None:
    assert said(case, "quiet", record(), LAST) == OPEN
    assert said(case, "quiet", record()) == ("yes", "rule", LAST)


def test_what_happened_decides_a_no_on_its_day_as_it_does_a_yes(case: Case) -> None:
    """A forecast of the twentieth that knows of the raid must not be scored as foresight."""
    h = record(event("raid", D(2030, 2, 5)))
    assert said(case, "quiet", h, D(2030, 2, 4)) == OPEN
    assert said(case, "quiet", h, D(2030, 2, 20)) == ("no", "rule", D(2030, 2, 5))
    assert said(case, "quiet", h) == ("no", "rule", D(2030, 2, 5))


def test_an_outcome_that_was_not_reported_is_not_known(case: Case) -> None:
    assert said(case, "deadly", record(event("raid", D(2030, 2, 5), outcome="death")))[0] == "yes"
    assert said(case, "deadly", record(event("raid", D(2030, 2, 5), outcome="none")))[0] == "no"
    assert said(case, "deadly", record(event("raid", D(2030, 2, 5), outcome=""))) == OPEN


def test_a_first_day_by_a_date(case: Case) -> None:
    assert said(case, "early", record(event("raid", D(2030, 2, 10)), raid=0.5))[0] == "yes"
    assert said(case, "early", record(event("raid", D(2030, 2, 11))))[0] == "no"
    assert said(case, "early", record(event("raid", D(2030, 2, 11)), raid=0.5)) == OPEN


def test_a_condition_that_was_not_met_annuls(case: Case) -> None:
    raid, strike = event("raid", D(2030, 2, 5)), event("strike", D(2030, 2, 9))
    assert said(case, "answered", record(strike)) == ("annulled", "rule", LAST)
    assert said(case, "answered", record(strike, raid=0.5)) == OPEN
    assert said(case, "answered", record(strike), D(2030, 2, 20)) == OPEN
    assert said(case, "answered", record(raid, strike)) == ("yes", "rule", D(2030, 2, 9))
    assert said(case, "answered", record(raid)) == ("no", "rule", LAST)


def test_of_options_the_first_that_is_true(case: Case) -> None:
    raid, strike = event("raid", D(2030, 2, 5)), event("strike", D(2030, 2, 9))
    assert said(case, "worst", record(raid, strike)) == ("a strike", "rule", D(2030, 2, 9))
    assert said(case, "worst", record(raid)) == ("a raid", "rule", LAST)
    assert said(case, "worst", record()) == ("nothing", "rule", LAST)
    assert said(case, "worst", record(raid), LAST) == OPEN  # a strike may still come
    assert said(case, "worst", record(raid, strike=0.5)) == OPEN


def test_numbers_and_dates_have_values_or_lie_beyond(case: Case) -> None:
    three = [event("raid", D(2030, 2, d)) for d in (5, 9, 20)]
    two, four = by(case, "raids", record(*three[:2])), by(case, "raids", record(*three))
    assert (two.answer, two.value) == ("2", 2)
    assert (four.answer, four.value, four.on) == ("above", 2, D(2030, 2, 20))
    first = by(case, "first_raid", record(*three))
    assert (first.answer, first.value) == ("2030-02-05", D(2030, 2, 5).toordinal())
    assert first.on == D(2030, 2, 5)
    never = by(case, "first_raid", record())
    assert (never.answer, never.value) == ("above", D(2030, 3, 1).toordinal())
    assert said(case, "first_raid", record(*three, raid=0.5)) == OPEN  # an earlier one, unseen


def by(case: Case, id: str, history: History):  # type: ignore[no-untyped-def]
    (question,) = (q for q in case.questions if q.id == id)
    return resolve(question, case, history, AFTER)


def test_a_report_counts_on_whatever_day_it_became_known(case: Case) -> None:
    """Told after the record's end, of a day inside the window: it happened all the same."""
    late = event("raid", LAST, known=D(2030, 3, 3))
    h = replace(record(late), until=D(2030, 3, 1))
    assert said(case, "any_raid", h, D(2030, 3, 2)) == ("no", "rule", LAST)
    assert said(case, "any_raid", h, D.max) == ("yes", "rule", LAST)
    recalled = replace(h, reports=(replace(late, grade="recalled"),))
    assert said(case, "any_raid", recalled, D.max) == OPEN  # it decides nothing and leaves doubt


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 9), st.integers(0, 12), st.integers(0, 12))
def test_silence_tells_only_where_no_report_can_be_on_its_way(
    case: Case, delay: int, ends: int, later: int
) -> None:
    """Of the window's last day, by the day of resolving and by the end of the record."""
    day = LAST + dt.timedelta(later)
    h = replace(record(), delay=delay, until=LAST + dt.timedelta(ends))
    told = min(ends, later) >= max(1, delay)
    assert said(case, "any_raid", h, day) == (("no", "rule", LAST) if told else OPEN)


def test_an_answer_has_the_day_on_which_silence_decided_it(case: Case) -> None:
    """No raid up to the tenth: a forecast of the twentieth foresees nothing."""
    assert said(case, "early", record()) == ("no", "rule", D(2030, 2, 10))
    later = record(event("raid", D(2030, 2, 20)))
    assert said(case, "early", later) == ("no", "rule", D(2030, 2, 10))
    assert said(case, "early", later, D(2030, 2, 10)) == OPEN
    assert said(case, "early", later, D(2030, 2, 11)) == ("no", "rule", D(2030, 2, 10))


def test_alternative_days_outside_the_window_leave_no_doubt_about_it(case: Case) -> None:
    before, after = Days(D(2030, 1, 5), D(2030, 1, 6), 0.5), Days(D(2030, 3, 2), D(2030, 3, 2), 0.5)
    disputed = replace(event("raid", D(2030, 1, 5)), when=(before, after))
    assert said(case, "any_raid", record(disputed)) == ("no", "rule", LAST)


@pytest.mark.parametrize(
    ("h", "words"),
    [
        (record(raid=0.5), "'raid' on 2030-02-01 with a chance of 0.5 only"),
        (History((), ()), "does not follow 'raid'"),
        (replace(record(), until=D(2030, 2, 20)), "record ends on 2030-02-20"),
        (replace(record(), until=D(2030, 2, 20), delay=3), "says nothing after 2030-02-17"),
        (replace(record(), delay=9), "the last 9 days may be on their way"),
        (record(event("raid", D(2030, 2, 5), grade="recalled")), "raid-05 is recalled"),
        (record(event("raid", D(2030, 1, 30), until=D(2030, 2, 2))), "raid-30 falls into"),
    ],
)
def test_an_open_question_says_what_keeps_it_open(case: Case, h: History, words: str) -> None:
    o = by(case, "any_raid", h)
    assert (o.answer, o.on) == ("", None)
    assert words in o.why


def test_what_a_quantity_was_keeps_a_question_open(case: Case) -> None:
    (question,) = (q for q in case.questions if q.id == "high")
    o = resolve(replace(question, resolution=None), case, record(), AFTER)
    assert "do not settle highest(rung)" in o.why


def test_early_answers_are_treated_alike_typed_or_reported(case: Case) -> None:
    """The same yes and the same no, by a report or by hand: the same days, the same scoring."""
    raid = D(2030, 2, 5)
    (quiet,) = (q for q in case.questions if q.id == "quiet")
    (any_raid,) = (q for q in case.questions if q.id == "any_raid")
    full, short = record(event("raid", raid)), replace(record(), until=D(2030, 2, 20))
    for question, answer in ((quiet, "no"), (any_raid, "yes")):
        typed = replace(question, resolution=Resolution(answer, raid, "the press"))
        for history in (full, replace(full, until=short.until)):
            for day in (D(2030, 2, 4), raid, D(2030, 2, 20), AFTER, D.max):
                told = resolve(replace(question, resolution=None), case, history, day)
                cited = resolve(typed, case, replace(history, reports=(), coverage=()), day)
                same = ("answer", "on", "closed", "decided", "cut_off")
                assert [getattr(told, k) for k in same] == [getattr(cited, k) for k in same]
    # In a window that outlasts the record a no could never be seen: the yes is not scored either.
    assert by(case, "any_raid", full).closed
    assert not by(case, "any_raid", replace(full, until=short.until)).closed


def test_what_was_known_by_a_day_had_decided_needs_no_forecast(case: Case) -> None:
    """Of reports of any grade, since worlds live them all."""
    h = record(event("raid", D(2030, 2, 5), grade="recalled"))
    assert said(case, "any_raid", h) == OPEN
    found = already(case, h, D(2030, 2, 20))
    assert found["any_raid"].answer == "yes"
    assert found["any_raid"].already == "already decided by the reports"
    assert found["any_raid"].briefly == "yes, on 2030-02-05 (raid-05)"
    # Of a report that leaves its day open nothing says that it was the last of them.
    span = record(event("raid", D(2030, 2, 3), until=D(2030, 2, 5), grade="recalled"))
    told = already(case, span, D(2030, 2, 20))["any_raid"]
    assert (told.on, told.by) == (D(2030, 2, 5), True)
    assert told.briefly.startswith("yes, by 2030-02-05 (")
    assert found["high"].already == "already decided"  # as cited, on the fourteenth
    assert "any_raid" not in already(case, h, D(2030, 2, 4))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["raid", "strike"]),
            st.integers(1, 59),
            st.integers(0, 5),
            st.sampled_from(["verified", "recalled"]),
        ),
        max_size=7,
    ),
    st.integers(0, 64),
    st.integers(0, 20),
)
def test_what_a_rule_has_settled_stays(
    case: Case, rows: list[tuple[str, int, int, str]], by_day: int, later: int
) -> None:
    """A settled answer changes only if a report of an earlier day becomes known later, after the
    record was taken to be full: with reports known on their day it never does."""
    start = D(2030, 1, 1)
    reports = [
        event(what, start + dt.timedelta(day), grade=grade)
        for what, day, _, grade in {(r[0], r[1]): r for r in rows}.values()
    ]
    h, day = record(*reports), start + dt.timedelta(by_day)
    for q in case.questions:
        now, then = by_rule(q, case, h, day), by_rule(q, case, h, day + dt.timedelta(later))
        if now is not None:
            assert then is not None
            assert (then.answer, then.on) == (now.answer, now.on)


# ---- as cited -----------------------------------------------------------------------------------


def test_where_no_rule_reaches_the_citation_counts_from_its_day(case: Case) -> None:
    assert said(case, "high", record(), D(2030, 2, 13)) == OPEN
    assert said(case, "high", record(), D(2030, 2, 14)) == ("yes", "cited", D(2030, 2, 14))
    assert said(case, "troops", record(), LAST) == OPEN
    assert said(case, "troops", record()) == ("250 persons", "cited", LAST)
    assert by(case, "troops", record()).value == 250


def test_where_rule_and_citation_differ_that_is_a_finding(case: Case) -> None:
    (found,) = disagreements(case, record(), AFTER)
    assert (found.question, found.rule.answer, found.cited.answer) == ("quiet", "yes", "no")
    assert "the press" in str(found)
    assert disagreements(case, record(event("raid", D(2030, 2, 5))), AFTER) == ()
    assert disagreements(case, record(raid=0.1), AFTER) == ()


def test_the_case_and_its_record_agree() -> None:
    case = load("us-iran-2020")
    history = case.history
    end = D(2021, 1, 10)
    assert [str(d) for d in disagreements(case, history, end)] == []
    outcomes = resolve_all(case, history, end)
    ways = {
        how: [o.question for o in outcomes.values() if o.how == how]
        for how in ("rule", "cited", "open")
    }
    assert len(ways["rule"]) > len(ways["cited"]) > 0
    # Nothing is known of the year on its first day; nothing later reaches February.
    assert not any(o.answer for o in resolve_all(case, history, D(2020, 1, 3)).values())
    february = resolve_all(case, history, D(2020, 2, 1))
    assert all(o.on is None or o.on <= D(2020, 2, 1) for o in february.values())
    assert february["iran_answers_openly"].answer == "yes"
    assert february["us_strikes_again"].answer == ""


# ---- the language of questions ------------------------------------------------------------------


def findings(tmp_path: Path, questions: str) -> list[tuple[str, int]]:
    _, found = examine(made(tmp_path / "wrong", questions))
    return [(d.code, d.span.line) for d in found if d.severity == "error"]


CHOICE = """choices:
  worst:
    text: The worst?
    window: 2030-02-01 .. 2030-02-28
    options:
"""
NUMBER = """quantities:
  n:
    text: How many?
    window: 2030-02-01 .. 2030-02-28
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CHOICE + "      a: count(raid) >= 1\n", [("option", 5)]),
        (CHOICE + "      a: else\n      b: count(raid) >= 1\n", [("option", 6)]),
        (CHOICE + "      a: count(raid)\n      b: else\n", [("kind", 6)]),
        (
            CHOICE + "      a: count(rade) >= 1\n      b: highest(rung) >= hi\n",
            [("unknown-event", 6), ("unknown-level", 7)],
        ),
        (CHOICE + "      annulled: count(raid) >= 1\n      b: else\n", [("option", 6)]),
        (
            CHOICE + "      a: count(raid) >= 1\n      b: else\n"
            "    resolved: {answer: c, source: s}\n",
            [("answer", 8)],
        ),
        (
            CHOICE.replace("    options:\n", "    asks: count(raid) >= 1\n"),
            [("missing", 2), ("unknown-key", 5)],
        ),
        (
            NUMBER + "    asks: count(raid)\n"
            "    resolved: {answer: 2, on: 2030-03-03, source: s}\n",
            [("dates", 6)],
        ),
        (
            NUMBER + "    asks: count(raid)\n"
            "    resolved: {answer: 2, on: 2030-01-31, source: s}\n",
            [("dates", 6)],
        ),
        (
            NUMBER + "    asks: count(raid)\n    resolved: {answer: 2, on: 5, source: s}\n",
            [("dates", 6)],
        ),
        (
            NUMBER + "    asks: first(raid)\n"
            "    resolved: {answer: 2030-02-07, on: 2030-02-06, source: s}\n",
            [("dates", 6)],
        ),
        (
            CHOICE + "      a: count(raid) >= 1\n      b: else\n"
            "    resolved: {answer: a, on: 2030-03-01, source: s}\n",
            [("dates", 8)],
        ),
        (
            NUMBER + "    asks: count(raid)\n    bounds: 0 .. 5\n    open: above\n",
            [("no-basis", 6)],
        ),
        (NUMBER + "    asks: count(raid)\n    bounds: 0 .. 5 ? few\n", [("bounds", 6)]),
        (
            NUMBER + "    asks: count(raid)\n    bounds: 2 .. 5 ? few\n    open: above\n",
            [("bounds", 6)],
        ),
        (
            NUMBER + "    asks: count(raid)\n    bounds: 5 .. 0 ? few\n    open: both\n",
            [("bounds", 6)],
        ),
        (NUMBER + "    asks: count(raid)\n    open: sideways\n", [("open", 6)]),
        (NUMBER + "    asks: final(troops)\n    bounds: 0 .. 900 ? all\n", [("unit", 6)]),
        (
            NUMBER + "    asks: final(troops)\n    bounds: 0 .. 900 persons ? all\n"
            "    resolved: {answer: 950 persons, source: s}\n",
            [("answer", 7)],
        ),
        (
            NUMBER + "    asks: final(troops)\n    bounds: 0 .. 900 persons ? all\n"
            "    resolved: {answer: above, source: s}\n",
            [("answer", 7)],
        ),
        (
            NUMBER + "    asks: count(raid)\n    resolved: {answer: few, source: s}\n",
            [("answer", 6)],
        ),
        (NUMBER + "    asks: first(raid)\n    bounds: 3 .. 5 ? days\n", [("bounds", 6)]),
        (NUMBER + "    asks: first(raid)\n    bounds: 2030-02-03 .. 2030-02-28\n", [("bounds", 6)]),
        (NUMBER + "    asks: count(raid)\n    options: {a: else}\n", [("unknown-key", 6)]),
        (
            QUESTIONS + "  any_raid:\n    text: Again\n    window: 2030-02-01 .. 2030-02-02\n"
            "    asks: count(raid)\n",
            [("duplicate-key", 68)],
        ),
    ],
)
def test_mistakes_in_questions_are_placed(
    tmp_path: Path, text: str, expected: list[tuple[str, int]]
) -> None:
    assert findings(tmp_path, text) == expected


def test_questions_have_types_scales_and_options(case: Case) -> None:
    asked = {q.id: q for q in case.questions}
    assert {q.kind_of for q in asked.values()} == {"binary", "choice", "number", "date"}
    assert asked["any_raid"].binary
    assert not asked["worst"].binary
    assert asked["worst"].names == ("a strike", "a raid", "nothing")
    assert asked["raids"].bounds == (0, 2)
    window = (D(2030, 2, 1).toordinal(), D(2030, 2, 28).toordinal())
    assert (asked["first_raid"].bounds, asked["first_raid"].open) == (window, "above")
    assert set(asked["worst"].atoms) == {("count", "strike"), ("count", "raid")}


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("a raid: count(raid) >= 1", "a small raid: count(raid) >= 1", False),
        ("a raid: count(raid) >= 1", "a raid: count(raid.death) >= 1", False),
        ("ordered: yes", "ordered: no", False),
        ("0 .. 2 ? room", "0 .. 3 ? room", False),
        ("open: above", "open: both", False),
        ("text: What is the worst?", "text: Which is the worst?", True),
        ("source: the press", "source: the radio", True),
    ],
)
def test_what_a_question_offers_is_in_the_hash(
    case: Case, tmp_path: Path, old: str, new: str, same: bool
) -> None:
    assert old in QUESTIONS
    changed = load(made(tmp_path / "raids", QUESTIONS.replace(old, new)))
    assert (changed.model_sha256 == case.model_sha256) == same


def test_ranges_hold_what_the_expression_gives(case: Case) -> None:
    """Every value within the ranges of the atoms gives a value within the range of the whole."""
    (question,) = (q for q in case.questions if q.id == "worst")
    for strikes in (0, 1, 2):
        for raids in (0, 1, 2):

            def exact(_: str, name: str, s: int = strikes, r: int = raids) -> Range:
                return Range(s, s) if name == "strike" else Range(r, r)

            place = 0 if strikes else 1 if raids else 2
            assert ranges(question.asks.expression, exact) == Range(place, place)
    wide = ranges(question.asks.expression, lambda *_: Range(0, 2))
    assert (wide.low, wide.high) == (0, 2)

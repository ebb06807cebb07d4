"""What is said of a number is true: whose share it is, whose passage, which day, which edit."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from offramp import to_dict
from offramp.answers.export import Hub, hub_files
from offramp.answers.forecast import Forecast, forecast
from offramp.answers.issued import Issued
from offramp.answers.spread import spread
from offramp.case.agenda import begin_on
from offramp.case.asked import Asked
from offramp.case.case import Case, load, read_crisis
from offramp.cli import main
from offramp.engine.blocks import machinery
from offramp.engine.plan import plan
from offramp.engine.run import simulate
from offramp.explain.butfor import Contrast
from offramp.explain.compare import AnswerDifference, sentence
from offramp.explain.decided import ChangesNothing, chosen, placed
from offramp.explain.motives import parts_of
from offramp.explain.open_questions import _answers, contrasted
from offramp.explain.why import explain
from offramp.filter.known import schedule
from offramp.language.build import build
from offramp.language.crisis import cited, elements
from offramp.language.edits import Edit, edited, idle, read_edits
from offramp.language.supposed import unmarked
from offramp.render.brief import describe, headline
from offramp.render.brief.content import content
from offramp.render.brief.page import brief_html
from offramp.render.pages.diagram import by_name, titles_of
from offramp.render.pages.multiples import Course, told
from offramp.render.pages.pages import content as room_page
from offramp.render.pages.pages import live
from offramp.text.diagnostics import CaseError, Diagnostics, counted, plural
from offramp.text.yaml import parse

compiled = pytest.mark.skipif(not machinery.available(), reason="needs Numba")
TUTORIAL = load("tutorial").folder

CRISIS = """
crisis: A landing that takes time
from: 2030-01-01
to: 2030-01-20
show: [x]
state:
  x: {name: Heat, ladder: [calm, tense, war], now: calm ? start, fades: 3d ? soon}
  storm: {name: Wind, stock: 0 .. 5 ? room, now: 1 ? some}
  lit: {name: Lamp, flag: no}
actor:
  chance:
    name: The Chancellor
    pace: .4 ? often
    precision: 1 ? some
    foresight: 0 ? plain
    wants:
      a debt: -1 ~T5 * storm
  blue:
    pace: .4 ? often
    precision: 1 ? some
    foresight: 0 ? plain
    wants:
      a debt: -.5 ~T13 * storm
event:
  chance.land:
    name: A landing
    by: chance
    takes: 4d ? ships
    cost: .3 ? dear
    does: [x >= war ? up, storm - .5 ? paid]
  chance.shout: {name: A shout, by: chance, cost: .1 ? cheap, does: [storm - .2 ? a little]}
  blue.answer:
    name: An answer
    by: blue
    when: x >= tense
    does: [storm - .3 ? paid]
    outcomes:
      hard: {chance: .5 ? even, does: [lit = yes ? so]}
      soft: {chance: .5 ? even}
  storm: {name: A storm, rate: .1 ? some, does: [storm + .3 ? a bit]}
  fair: {name: A fair, on: 2030-01-04 ? then, does: [storm + .1 ? a bit]}
"""
QUESTIONS = """
questions:
  answered:
    text: Does blue answer?
    window: 2030-01-01 .. 2030-01-20
    asks: count(blue.answer) >= 1
    given: count(chance.land) >= 1
    headline: yes
    clause: blue answers
choices:
  how:
    text: How does it answer?
    window: 2030-01-01 .. 2030-01-20
    given: count(chance.land) >= 1
    options:
      hard: count(blue.answer.hard) >= 1
      otherwise: else
quantities:
  when:
    text: The day of the answer
    window: 2030-01-01 .. 2030-01-20
    given: count(chance.land) >= 1
    asks: first(blue.answer)
"""
HISTORY = """id,kind,what,actor,date,known_since,grade,value,error,report,source,url,note
R1,event,chance.land,chance,2030-01-12,2030-01-13,verified,,,A landing,A paper,,
R2,event,storm,,2030-01-05,2030-01-05,verified,,,A storm,A paper,,
R3,event,blue.answer,blue,2030-01-14/2030-01-15,2030-01-16,verified,,,An answer,A paper,,two papers
"""
REPORTING = """
reporting:
  chance.land: 1 ? seen
  blue.answer: 1 ? seen
  storm: .8 ? seen
"""
WHERE = "“A landing” happens"


def said(*words: object) -> Result:
    return CliRunner().invoke(main, [str(w) for w in words])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("cases") / "landing"
    out.mkdir()
    for name in ("sources.yaml", "passages.yaml"):
        shutil.copy(TUTORIAL / name, out / name)
    for name, text in (
        ("crisis.yaml", CRISIS),
        ("questions.yaml", QUESTIONS),
        ("history.csv", HISTORY),
        ("reporting.yaml", REPORTING),
    ):
        (out / name).write_text(text, "utf-8")
    return out


@pytest.fixture(scope="module")
def case(folder: Path) -> Case:
    return load(str(folder))


@pytest.fixture(scope="module")
def lived(case: Case) -> Forecast:
    return forecast(case, 120, 3, threads=1, run=simulate)


def flat(text: str) -> str:
    return " ".join(text.split())


# ---- a conditional share is no share of all worlds ----------------------------------------


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("count(chance.land) >= 1", "“A landing” happens"),
        ("count(chance.land) > 0", "“A landing” happens"),
        ("1 <= count(chance.land)", "“A landing” happens"),
        ("count(blue.answer.hard) == 0", "“An answer: hard” does not happen"),
        ("not count(storm) >= 1", "“A storm” does not happen"),
        ("count(storm) >= 3 ? many", "“A storm” happens at least 3 times"),
        ("count(storm) + count(fair) >= 1", "“A storm” or “A fair” happens"),
        ("count(storm) + count(fair) == 0", "none of “A storm” or “A fair” happens"),
        (
            "count(storm) + count(fair) >= 2 ? both",
            "“A storm” and “A fair” together happen at least 2 times",
        ),
        (
            "count(blue.answer.hard) + count(blue.answer.soft) + count(fair) >= 1",
            "“An answer: hard or soft” or “A fair” happens",
        ),
        ("highest(x) >= war", "“Heat” reaches war"),
        ("highest(x) < war", "“Heat” stays below war"),
        ("lowest(storm) <= .5 ? low", "“Wind” falls to 0.5"),
        ("final(storm) == initial(storm)", "“Wind” ends as it began"),
        ("final(storm) > initial(storm)", "“Wind” ends higher than it began"),
        ("mean(storm) >= .5 ? windy", "“Wind” averages 0.5 or more"),
        ("mean(lit) > .25 ? dim", "“Lamp” holds on more than 0.25 of the days"),
        ("final(lit)", "“Lamp” holds at the end"),
        ("not highest(lit)", "“Lamp” never holds"),
        ("first(storm) <= 2030-01-05", "“A storm” happens by 5 Jan 2030"),
        ("highest(x) >= war and count(storm) >= 1", "“Heat” reaches war and “A storm” happens"),
        ("count(storm) / 2 >= 1 ? half", "`count(storm) / 2 >= 1` holds"),
        ("count(storm) >= 2 [? so] * count(fair)", "`count(storm) >= 2 * count(fair)` holds"),
    ],
)
def test_a_condition_has_words(tmp_path: Path, folder: Path, given: str, words: str) -> None:
    shutil.copytree(folder, tmp_path / "c")
    text = QUESTIONS.replace(
        "given: count(chance.land) >= 1\n    headline", f"given: {given}\n    headline"
    )
    (tmp_path / "c" / "questions.yaml").write_text(text, "utf-8")
    assert load(str(tmp_path / "c")).questions[0].where == words


def test_without_a_condition_nothing_is_said_of_one() -> None:
    f = forecast(load("tutorial"), 40, 7, threads=1)
    for a in f.answers:
        assert bool(a.given) == (a.id == "blockade_after_death")
    assert "in which" not in headline.finding(f) + headline.summary(f)


def test_every_sentence_of_an_answer_carries_its_condition(case: Case, lived: Forecast) -> None:
    a = lived.answers[0]
    met = a.worlds
    assert 0 < met < lived.worlds
    assert a.probability is not None
    assert f"of those in which {WHERE}" in headline.finding(lived)
    assert f"of the {met} worlds in which {WHERE}" in headline.summary(lived)
    assert a.note == f"of the {met} worlds in {lived.worlds} in which {WHERE}"
    row = content(lived, {}, {}, ()).rows[0]
    assert WHERE in row.note
    assert WHERE in row.of
    assert row.odds.endswith(f"of {met} worlds")
    page = brief_html(lived, {}, {}, ())
    for label in re.findall(r'<svg class="bar"[^>]*aria-label="([^"]*)"', page):
        assert WHERE in label
    q = lived.quantities[0]
    assert q.worlds == met
    assert spread(q, lived.worlds).startswith(f"Of the {met} worlds in {lived.worlds} in which")
    assert WHERE in describe.dotplot(q, lived.worlds)
    plain = to_dict(lived)
    for kind in ("answers", "choices", "quantities"):
        (entry,) = plain[kind]  # type: ignore[misc]
        assert (entry["given"], entry["worlds"]) == (WHERE, met)
    asked = Asked(
        passage="T5",
        question="?",
        questions=("answered", "how", "when"),
        courses=(),
        unknowns=(),
        choice=None,
        without=(),
        on=None,
        reads=(),
        gains=(),
        note="",
        span=case.questions[0].span,
    )
    for told_ in _answers(asked, lived, {}):
        assert WHERE in told_.text
    parting = AnswerDifference(
        question="answered",
        text=a.text,
        first=0.9,
        second=0.5,
        error=0.01,
        carriers=(),
        rest=0.0,
        given=a.given,
    )
    side = type("Side", (), {"id": "us"})()
    compared = type("C", (), {"first": side, "second": side})()
    assert WHERE in sentence(compared, parting)
    c = Contrast(
        id="answered",
        text=a.text,
        kind="binary",
        actual=0.9,
        but_for=0.4,
        difference=-0.5,
        mc_error=0.01,
        renewed=0.9,
        independent=0.4,
        independent_error=0.01,
        worlds=met,
        cites=(),
        happened=0,
        given=a.given,
    )
    assert WHERE in contrasted(c, case.crisis.last)
    issued = Issued(
        question="answered",
        kind="binary",
        as_of=case.crisis.first,
        assessment="case",
        model_sha256="0" * 64,
        seed=3,
        worlds=400,
        mc_error=0.01,
        probability=0.9,
    )
    tasks = hub_files([issued], case.questions, {}, Hub())["hub-config/tasks.json"]
    assert WHERE in tasks.decode()


def test_tables_of_a_terminal_carry_it_too(folder: Path) -> None:
    for words in (("forecast", folder), ("why", folder, "answered")):
        out = said(*words, "--worlds", 120, "--seed", 3, "--reference", "--threads", 1)
        assert out.exit_code == 0, out.output
        assert WHERE in flat(out.stdout), words


def test_where_no_world_meets_the_condition_it_is_named(case: Case, lived: Forecast) -> None:
    a = replace(lived.answers[0], probability=None, interval=None, mc_error=None, worlds=0)
    q = replace(lived.quantities[0], values=(), worlds=0)
    f = replace(lived, answers=(a,), quantities=(q,))
    assert f"no world met the condition: {WHERE}" in headline.finding(f)
    assert f"no world met the condition: {WHERE}" in headline.summary(f)
    assert content(f, {}, {}, ()).rows[0].odds == f"no world met the condition: {WHERE}"
    assert spread(q, f.worlds) == f"No world met the condition: {WHERE}."


def test_a_story_that_came_true_or_not_is_of_a_world_that_meets_the_condition(case: Case) -> None:
    found = explain(case, "answered", 40, 3, threads=1)
    assert found.stories
    for _, lines in found.stories:
        assert any("A landing" in line for line in lines)


def test_a_room_tells_the_condition(tmp_path: Path) -> None:
    read = load("tutorial")
    rooms = read.rooms
    lived = live(read, rooms, 60, 7, threads=1)
    room = next(r for r in rooms if "blockade_after_death" in r.questions)
    said_ = {row[0]: row[2] for row in room_page(read, rooms, room, lived).questions}
    told_ = next(v for k, v in said_.items() if k.startswith("If League boats kill"))
    assert "in which “Swarm at the anchorage: death” happens" in told_


# ---- the peak of the ladder -----------------------------------------------------------------


def test_a_summary_names_the_peak_of_the_ladder_and_not_only_its_last_day(
    lived: Forecast,
) -> None:
    band = lived.ensemble.bands["x"]
    counts = np.zeros_like(band.counts)
    worlds = lived.worlds
    counts[:, 0] = worlds  # calm, but on the seventh day three in four at war
    counts[6, 0], counts[6, -1] = worlds // 4, worlds - worlds // 4
    e = replace(lived.ensemble, bands={"x": replace(band, counts=counts)})
    summary = headline.summary(replace(lived, ensemble=e))
    assert "100% stand at calm on 20 Jan 2030" in summary
    assert "They stand highest on 7 Jan 2030: 75% at war." in summary
    assert "Worlds stand highest on 7 Jan 2030: the median at war" in describe.fan(e)
    assert "war 0% to 0%, most on 7 Jan 2030 (75%)" in describe.shares(e)
    course = Course(
        title="Heat",
        unit="",
        kind="ladder",
        levels=("calm", "war"),
        quantiles=None,
        shares=np.array([[1.0, 0.0], [0.2, 0.8], [1.0, 0.0]]),
        days=(0, 1, 2),
    )
    assert "war 0% to 0%, most on 2 Jan 2030 (80%)" in told(course, dt.date(2030, 1, 1))


# ---- names that are not unique --------------------------------------------------------------


def test_a_want_is_told_with_its_own_actors_passages() -> None:
    """Five names of wants are shared by several actors of the US-Iran case."""
    read = load("us-iran-2020")
    table = {name: cited(e) for name, e in elements(read.crisis)}
    shared = 0
    for actor in read.crisis.actors:
        for want in actor.wants:
            (part,) = parts_of(read, actor, [{("want", want.name): 1.0}], table)
            assert part.passages == want.value.passages
            others = [
                w.value.passages
                for a in read.crisis.actors
                for w in a.wants
                if w.name == want.name and a.name != actor.name
            ]
            shared += any(x != part.passages for x in others)
        for fear in actor.fears:
            (part,) = parts_of(read, actor, [{("dread", f"dread of {fear.event}"): 1.0}], table)
            assert part.passages == cited(fear)
    assert shared >= 2
    us = next(a for a in read.crisis.actors if a.name == "us")
    (debt,) = parts_of(read, us, [{("want", "unpaid debt"): 1.0}], table)
    assert debt.passages == ("B10", "B44")


def test_an_actor_called_chance_does_not_name_what_comes_by_chance(case: Case) -> None:
    from offramp.render.pages.diagram import diagram

    picture = diagram(case.crisis, ["state storm", "event storm", "event chance.land"], (), "words")
    assert "By chance" in picture
    assert "The Chancellor" in picture


def test_a_name_of_two_elements_stands_for_neither_title(case: Case) -> None:
    titles = titles_of(case.crisis)
    assert titles["event storm"] != titles["state storm"]
    assert "storm" not in by_name(titles)
    assert by_name(titles)["chance.land"] == "A landing"


def asked_case(folder: Path, target: Path, text: str) -> Case:
    shutil.copytree(folder, target)
    (target / "asked.yaml").write_text(text, "utf-8")
    return load(str(target))


def test_what_is_read_of_twin_worlds_says_of_two_namesakes_which(
    folder: Path, tmp_path: Path
) -> None:
    text = (
        "asked:\n  T29:\n    question: What did the landing change?\n"
        "    without: {{never: [chance.land]}}\n    reads: [{0}]\n"
    )
    with pytest.raises(CaseError, match="the name of an event and of a quantity"):
        _ = asked_case(folder, tmp_path / "a", text.format("storm")).asked
    both = asked_case(folder, tmp_path / "b", text.format("event storm, quantity storm, answered"))
    assert both.asked[0].reads == (
        ("event", "storm"),
        ("quantity", "storm"),
        ("question", "answered"),
    )


def test_policies_that_begin_on_different_days_are_not_the_same() -> None:
    one, other = (
        read("urge:\n  kelmark.board: 2 ? clearly\nfrom: " + day)
        for day in ("2031-05-01", "2031-06-01")
    )
    assert unmarked(one) != unmarked(other)
    assert unmarked(one) == "urge kelmark.board + 2 from 2031-05-01"


# ---- lead times -------------------------------------------------------------------------------


def days_of(case: Case, as_of: dt.date | None = None) -> tuple[object, object]:
    laid = plan(case.crisis)
    return laid, schedule(laid, case.history, as_of or case.crisis.last)


def test_but_for_a_deed_with_a_lead_time_goes_to_the_day_of_its_decision(case: Case) -> None:
    laid, record = days_of(case)
    done = dt.date(2030, 1, 12)
    at = placed(laid, record, (Edit("never", "chance.land", dates=(done,)),), 11)
    assert at.day == 7
    assert at.edits[0].dates == (dt.date(2030, 1, 8),)
    assert any("was decided on 8 Jan 2030, 4 days before" in note for note in at.notes)
    # Without dates, from a morning between decision and deed on: the decision is undone too.
    for verb, dates in (("never", ()), ("force", (dt.date(2030, 1, 18),))):
        at = placed(laid, record, (Edit(verb, "chance.land", dates=dates),), 9)
        assert at.day == 7
        assert at.edits[0].start is None
    # What has no lead time stays where it is, and another edit still begins on its own day.
    assert placed(laid, record, (Edit("never", "storm", dates=(dt.date(2030, 1, 5),)),), 4).day == 4
    both = (Edit("never", "chance.land"), Edit("never", "storm"))
    assert placed(laid, record, both, 9).edits[1].start == dt.date(2030, 1, 10)


def test_but_for_on_a_day_without_the_event_names_the_days_that_have_it(case: Case) -> None:
    laid, record = days_of(case)
    for name, day, wanted in (
        ("chance.land", 13, "it has one on 2030-01-12"),
        ("blue.answer", 10, "it has one on 2030-01-14 or 2030-01-15"),
        ("chance.shout", 10, "nor on any other day"),
    ):
        edit = Edit("never", name, dates=(dt.date(2030, 1, day),))
        with pytest.raises(ChangesNothing, match=wanted):
            placed(laid, record, (edit,), day - 1)
    # What was not known yet is not in the record of that day.
    laid, early = days_of(case, dt.date(2030, 1, 12))
    with pytest.raises(ChangesNothing, match="nor on any other day"):
        placed(laid, early, (Edit("never", "chance.land", dates=(dt.date(2030, 1, 12),)),), 11)


def test_where_the_record_leaves_the_day_open_that_is_said(case: Case) -> None:
    laid, record = days_of(case)
    edit = Edit("never", "blue.answer", dates=(dt.date(2030, 1, 14),))
    (note,) = placed(laid, record, (edit,), 13).notes
    assert "2030-01-15; it stays there" in note


def test_a_choice_is_that_of_the_day_of_the_decision(case: Case) -> None:
    laid, record = days_of(case)
    at = chosen(laid, record, "chance", 11)
    assert (at.day, at.deeds) == (7, ("R1",))
    assert "done on 12 Jan 2030 and decided on 8 Jan 2030" in at.note
    assert chosen(laid, record, "blue", 13).day == 13
    assert chosen(laid, record, "chance", 3).note == ""


@compiled
def test_the_commands_speak_of_the_day_of_the_decision(folder: Path, tmp_path: Path) -> None:
    out = said(
        "butfor",
        folder,
        "--without",
        "chance.land",
        "--on",
        "2030-01-12",
        "--worlds",
        128,
        "--json",
    )
    assert out.exit_code == 0, out.output
    found = json.loads(out.stdout)
    assert (found["day"], len(found["notes"])) == ("2030-01-08", 2)
    landing = next(c for c in found["past"] if c["id"] == "chance.land")
    assert landing["distinct"]
    assert landing["actual"] - landing["but_for"] > 0.1
    out = said("choice", folder, "chance", "--on", "2030-01-12", "--worlds", 128, "--json")
    assert out.exit_code == 0, out.output
    found = json.loads(out.stdout)
    assert (found["date"], found["asked_on"]) == ("2030-01-08", "2030-01-12")
    landing = next(m for m in found["moves"] if m["event"] == "chance.land")
    assert landing["reported"]
    assert landing["done"] == "2030-01-12"
    assert landing["available"] > 0
    assert landing["today"] > 0
    out = said("condition", folder, "--worlds", 128)
    assert out.exit_code == 0, out.output
    assert "decided, and done on 2030-01-12: A landing [R1]" in flat(out.stdout)
    out = said("butfor", folder, "--without", "chance.land", "--on", "2030-01-13")
    assert out.exit_code == 2
    assert "it has one on 2030-01-12" in flat(out.output)


@compiled
def test_a_documents_question_looks_at_the_decision(folder: Path, tmp_path: Path) -> None:
    text = (
        "asked:\n  T29:\n    question: What did the landing change?\n"
        "    without: {never: [chance.land]}\n    on: 2030-01-12\n    reads: [chance.land]\n"
        "    choice: {actor: chance, on: 2030-01-12}\n"
    )
    asked_case(folder, tmp_path / "a", text)
    out = said("asked", tmp_path / "a", "--worlds", 128, "--as-of", "2030-01-20", "--json")
    assert out.exit_code == 0, out.output
    told_ = " ".join(s["text"] for s in json.loads(out.stdout)["asked"][0]["answer"])
    assert "this is the choice of that day" in told_
    assert "On 8 Jan 2030 The Chancellor had an opening" in told_
    assert "was decided on 8 Jan 2030" in told_
    assert re.search(r"A landing, times up to 20 Jan 2030: 0\.\d+ instead of 1\.0", told_)


# ---- edits that change nothing ------------------------------------------------------------------


def reading(text: str, of: Case | None = None) -> tuple[tuple[Edit, ...], Diagnostics]:
    of, found = of or load("tutorial"), Diagnostics()
    crisis, readers = build(of.expanded, found, frozenset(of.passages), of.own_phrases)
    assert crisis is not None
    return read_edits(parse(text, "do", found), crisis, readers), found


def read(text: str) -> Edit:
    (edit,), found = reading(text)
    assert not found.errors, found.errors
    return edit


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("rate:\n  storm: 1 ? as often", "as often as before"),
        ("cost:\n  chance.land: 0 ? none", "adds 0"),
        ("urge:\n  chance.land: 0 ? none", "adds 0"),
        ("set:\n  storm: 1 ? as now", "starts there"),
        ("force:\n  fair: 2030-01-04", "comes on those days anyway"),
        ("from: 2030-01-05\nnever: [fair]", "has its day on 2030-01-04"),
        ("hold:\n  still: 2 ? as it is", "stays there anyway"),
        ("outcome:\n  sure: so", "turns out so anyway"),
        ("never: [ghost]", "can never happen"),
    ],
)
def test_an_edit_that_changes_nothing_is_an_error(case: Case, text: str, why: str) -> None:
    more = (
        "  sure: {name: Sure, rate: .1 ? some, outcomes: {so: {chance: 1 ? sure}, "
        "not_so: {chance: 0 ? never}}}\n"
        "  ghost: {name: Ghost, rate: .1 ? some, when: no, does: [storm + .1 ? a bit]}\n"
    )
    still = "  still: {name: Still, stock: 0 .. 5 ? room, now: 2 ? some}\n"
    crisis, tree = read_crisis(CRISIS.replace("  lit:", still + "  lit:") + more)
    _, found = reading(text, replace(case, crisis=crisis, expanded=tree))
    assert [d.code for d in found.errors] == ["moot"], found.errors
    assert why in found.errors[0].message


def test_a_day_that_is_forced_twice_is_an_error() -> None:
    _, found = reading("force:\n  fog: [2031-05-01 ? a, 2031-05-01 ? b]")
    assert [d.code for d in found.errors] == ["twice"]


def test_what_is_forced_on_days_that_are_past_is_refused_and_not_forbidden() -> None:
    crisis = load("tutorial").crisis
    begins = dt.date(2031, 5, 1)
    past = Edit("force", "kelmark.board", dates=(dt.date(2031, 4, 8),))
    both = replace(past, dates=(dt.date(2031, 4, 8), begins))
    for edit in (past, both):
        why = idle(edit, crisis, begins)
        assert why is not None
        assert "2031-04-08 is before that" in why[0]
    assert idle(replace(past, dates=(begins,)), crisis, begins) is None
    assert idle(past, crisis, crisis.first) is None
    # The fault itself: of a forced event nothing is left but its days.
    (event,) = [e for e in edited(crisis, (past,)).events if e.name == "kelmark.board"]
    assert (event.when, event.rate, event.chosen) == (None, None, False)


def test_policies_whose_days_are_past_are_refused_with_their_place(tmp_path: Path) -> None:
    target = tmp_path / "case"
    shutil.copytree(TUTORIAL, target)
    path = target / "policies.yaml"
    old = "do: {never: [kelmark.blockade]}"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, "do: {force: {kelmark.warn: 2031-04-08}}"), "utf-8")
    agenda, crisis = load(str(target)).agenda, load("tutorial").crisis
    begin_on(agenda, crisis, dt.date(2031, 4, 8))
    with pytest.raises(CaseError, match="no_blockade"):
        begin_on(agenda, crisis, dt.date(2031, 4, 9))
    if machinery.available():
        out = said("policies", target, "--as-of", "2031-04-10", "--worlds", 64)
        assert out.exit_code == 1
        assert "error[moot]" in out.output
        assert "policies.yaml:" in out.output


def test_a_claims_help_and_every_other_says_what_its_worlds_do() -> None:
    """Only of commands that live reports does the help say so."""
    live_none = ("claims", "sensitivity", "reach", "rooms", "forecast", "why", "run", "demo")
    for name in live_none:
        out = flat(said(name, "--help").output)
        worlds = out[out.index("--worlds") :].split(" --")[1]
        assert not re.search(r"live the reports|lived? reports\b(?! are)", worlds), name
    assert "reports" in flat(said("condition", "--help").output)
    for name, command in main.commands.items():
        for option in command.params:
            if getattr(option, "is_flag", False):
                assert getattr(option, "help", ""), f"{name} {option.name} says nothing"


# ---- words ---------------------------------------------------------------------------------------


def test_plurals_are_english() -> None:
    nouns = ("quantity", "actor of the room", "belief", "day", "class", "body", "policy")
    assert [plural(n) for n in nouns] == [
        "quantities",
        "actors of the room",
        "beliefs",
        "days",
        "classes",
        "bodies",
        "policies",
    ]
    assert (counted(1, "belief"), counted(0, "policy")) == ("1 belief", "0 policies")


def test_a_room_lists_quantities(tmp_path: Path) -> None:
    target = tmp_path / "case"
    shutil.copytree(TUTORIAL, target)
    path = target / "rooms.yaml"
    text = re.sub(r"plots: \[\w+", "plots: [nothing_like_it", path.read_text("utf-8"), count=1)
    path.write_text(text, "utf-8")
    out = said("check", target)
    assert "there is no quantity 'nothing_like_it'" in out.output
    assert "quantitys" not in out.output

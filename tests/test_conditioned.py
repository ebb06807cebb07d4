"""Reports at the front door: as of a day, nothing later; refusals; rivals; scores; the ledger."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.answers.conditioned import condition, island_layout, sweep, together
from offramp.case.case import load
from offramp.case.texts import shipped
from offramp.cli import main
from offramp.engine.plan import plan
from offramp.explain.meld import centre, tilt
from offramp.filter.known import schedule

AS_OF = dt.date(2031, 4, 20)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def said(*arguments: str) -> dict:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture
def tutorial(tmp_path: Path) -> Path:
    return Path(shutil.copytree(shipped()["tutorial"], tmp_path / "tutorial"))


# ---- nothing later reaches an answer --------------------------------------------------------


def test_a_later_row_changes_no_byte(tutorial: Path) -> None:
    options = ("--as-of", str(AS_OF), "--worlds", "2048", "--seed", "3")
    before = said("condition", str(tutorial), *options)
    file = tutorial / "history.csv"
    lines = file.read_text("utf-8").splitlines(keepends=True)
    later = [i for i, line in enumerate(lines) if ".carried" in line]
    assert len(later) == 1
    lines[later[0]] = lines[later[0]].replace("ships.carried", "ships.lost").replace("votes", "no")
    file.write_text("".join(lines), "utf-8")
    assert said("condition", str(tutorial), *options) == before
    assert (
        said(
            "condition", str(tutorial), "--as-of", "2031-04-22", "--worlds", "2048", "--seed", "3"
        )["log_evidence"]
        != before["log_evidence"]
    )


@settings(max_examples=30, deadline=None)
@given(st.dates(dt.date(2020, 1, 3), dt.date(2020, 12, 31)), st.data())
def test_later_rows_never_enter_a_schedule(as_of: dt.date, data: st.DataObject) -> None:
    """On the US-Iran case, rows that became known later are dropped or moved: the same schedule."""
    _, history, laid = US_IRAN
    kept = [
        r
        for r in history.reports
        if (r.known_since <= as_of and r.last <= as_of) or data.draw(st.booleans())
    ]
    spoilt = tuple(
        r if r.known_since <= as_of and r.last <= as_of else replace(r, outcome="", what=r.what)
        for r in kept
    )
    assert schedule(laid, replace(history, reports=spoilt), as_of) == schedule(laid, history, as_of)


_case = load("us-iran-2020")
US_IRAN = (_case, _case.history, plan(_case.crisis))


def test_a_sweep_gives_what_single_days_give_where_it_may_share_a_filter() -> None:
    """Days share a filter only where each used the same reports; evidence agrees in its error.
    (With a delay a shared filter leaves out the silences just before its earlier days too.)"""
    case = load("tutorial")
    history = replace(case.history, delay=0)
    days = (dt.date(2031, 4, 12), dt.date(2031, 4, 20))
    swept = sweep(case, history, days, 2048, 1)
    for day, c in zip(days, swept, strict=True):
        alone = condition(case, history, day, 2048, 2)
        assert [r.id for r in c.reports] == [r.id for r in alone.reports]
        a, b = c.posterior.days[-1], alone.posterior.days[-1]
        assert a.date == b.date == day
        assert abs(a.log_evidence - b.log_evidence) < 5 * (a.mc_error + b.mc_error) + 0.05


def test_days_between_an_event_and_its_report_have_a_filter_of_their_own() -> None:
    history = load("tutorial").history
    days = (dt.date(2031, 4, 16), dt.date(2031, 4, 20))  # N3 is of the 15th, known on the 17th
    assert [group for _, group in together(history, days, {})] == [days[:1], days[1:]]


def test_silence_of_days_whose_reports_may_be_on_their_way_says_less() -> None:
    """N2, the boarding of the 8th or 9th, became known on the 10th. As of the 9th silence says only
    as much as reports are prompt; without a delay it would say all."""
    case, day = load("tutorial"), dt.date(2031, 4, 8)
    history = case.history
    laid = plan(case.crisis)
    names = {e.event.name: e.index for e in laid.events}
    board = names["kelmark.board"]
    late, prompt = (schedule(laid, replace(history, delay=d, prompt=0.5), day) for d in (1, 0))
    assert late.known(board, 7) == 0.95 / 2
    assert late.known(board, 6) == prompt.known(board, 7) == 0.95


def test_a_report_still_on_its_way_when_the_record_ends_never_comes() -> None:
    """So of its last days silence says as little long after as it did on the last; and a day looked
    at on the way there is weighed for good on the first day that the record cannot be behind on."""
    case, end = load("tutorial"), dt.date(2031, 4, 20)
    laid, history = plan(case.crisis), replace(load("tutorial").history, delay=2, prompt=0.5)
    board = next(e.index for e in laid.events if e.event.name == "kelmark.board")
    day = (end - case.crisis.first).days
    as_of = [schedule(laid, replace(history, until=end), end + dt.timedelta(k)) for k in (0, 1, 9)]
    for s in as_of:
        assert [s.known(board, day - k) for k in (0, 1, 2)] == [0.95 / 2, 0.95 / 2, 0.95]
        assert s.known(board, day + 1) == 0.0 or s.last == day
    passing = schedule(laid, replace(history, until=end), end + dt.timedelta(9), stops=(end,))
    assert passing.awaited(day) == passing.last
    before = schedule(laid, history, end + dt.timedelta(9), stops=(end,))
    assert before.awaited(day) == day


def test_after_the_end_of_the_record_silence_has_no_weight() -> None:
    case = load("tutorial")
    history = case.history
    last = condition(case, history, dt.date(2031, 6, 29), 256, 1).posterior.days
    assert all(d.surprise == pytest.approx(0.0, abs=1e-12) for d in last if d.date > history.until)


# ---- what is said, and refused ----------------------------------------------------------------


def test_condition_says_what_it_must() -> None:
    found = said("condition", "tutorial", "--as-of", str(AS_OF), "--worlds", "512")
    assert set(found) >= {
        "log_evidence",
        "mc_error",
        "ess_by_day",
        "most_surprising_day",
        "answers",
        "refused",
    }
    assert len(found["ess_by_day"]) == 20
    assert found["most_surprising_day"]["reports"] == ["N1"]
    assert 0 < found["mc_error"] < 1
    assert all(0 <= a["probability"] <= 1 for a in found["answers"] if a["worlds"])
    assert all(dt.date.fromisoformat(a["window"][1]) > AS_OF for a in found["answers"])


def test_too_few_effective_worlds_refuse_a_posterior() -> None:
    result = run("condition", "tutorial", "--as-of", str(AS_OF), "--worlds", "64", "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert found["answers"] == []
    assert "below 100" in found["refused"]


def test_the_table_reads() -> None:
    result = run("condition", "tutorial", "--as-of", str(AS_OF), "--worlds", "512")
    assert result.exit_code == 0
    assert "log evidence" in result.stdout
    assert "surprised the model most" in result.stdout
    assert "[N1]" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("condition", "tutorial", "--as-of", "2031-13-01"), "is not a date"),
        (("condition", "tutorial", "--as-of", "2032-01-01"), "outside the crisis"),
        (("condition", "tutorial", "--worlds", "3"), "64"),
        (("condition", "tutorial", "--author", "ilvanne"), "did you mean 'ilvane'"),
        (("compare", "tutorial", "ilvane", "ilvane"), "two different"),
        (("compare", "tutorial", "ilvane", "nobody"), "no assessment 'nobody'"),
        (("postmortem", "tutorial", "blokade"), "did you mean 'blockade'"),
        (("postmortem", "tutorial", "blockade"), "has not resolved"),
        (("ledger", "verify", "nowhere.jsonl"), "there is no ledger"),
        (("export", "tutorial", "-o", "no/such/folder"), "no folder"),
    ],
)
def test_mistakes_teach(arguments: tuple[str, ...], words: str) -> None:
    result = run(*arguments)
    assert result.exit_code in (1, 2)
    assert words in result.output
    assert "Traceback" not in result.output


def test_an_impossible_report_is_named(tutorial: Path) -> None:
    file = tutorial / "history.csv"
    row = (
        "N9,event,season_opens,,2031-04-03,2031-04-03,verified,,,The season opens early,"
        "invented,,\n"
    )
    file.write_text(file.read_text("utf-8") + row, "utf-8")
    reporting = tutorial / "reporting.yaml"
    reporting.write_text(reporting.read_text("utf-8") + "  season_opens: 1 ? announced\n", "utf-8")
    result = run("condition", str(tutorial), "--as-of", str(AS_OF), "--worlds", "256")
    assert result.exit_code == 1
    assert "2031-04-03 season_opens (report N9)" in result.output
    assert "its own day" in result.output


def test_silence_by_episodes_is_another_weight() -> None:
    options = ("condition", "tutorial", "--as-of", str(AS_OF), "--worlds", "512")
    daily, episode = said(*options), said(*options, "--silence", "episode")
    assert (daily["silence"], episode["silence"]) == ("daily", "episode")
    assert daily["log_evidence"] < episode["log_evidence"]


def test_islands_have_at_least_the_worlds_asked_for() -> None:
    for worlds in (64, 1000, 4096, 5000, 20_000):
        islands, size = island_layout(worlds)
        assert islands >= 4
        assert size <= 1024
        assert worlds <= islands * size < worlds + islands


# ---- rivals, scores, ledger --------------------------------------------------------------------


def test_compare_names_what_carries_a_difference() -> None:
    found = said("compare", "tutorial", "ilvane", "tass", "--worlds", "1024")
    assert found["disagreements"] == []
    assert found["log_bayes_factor"]["mc_error"] > 0
    for parting in found["differences"]:
        assert abs(parting["difference"]) > 3 * parting["mc_error"]
        for carrier in parting["carried_by"]:
            assert set(carrier["passages"]) == {"ilvane", "tass"}


def test_assess_judges_each_judgement() -> None:
    found = said("assess", "tutorial", "--worlds", "512")["assessments"]
    assert [a["assessment"] for a in found] == ["ilvane", "tass"]
    rows = {row["id"]: row for a in found for row in a["judgements"]}
    judged = [row for row in rows.values() if row["interval"] is not None]
    assert {r["id"] for r in judged} >= {"T5", "T9", "T14"}
    for row in judged:
        (low, high), p, two = row["interval"], row["implied"], 2 * row["mc_error"]
        side = "below" if p + two < low else "above" if p - two > high else "coherent"
        assert row["verdict"] == side, row["id"]
    assert rows["T14"]["verdict"] == "below"  # of a war Ilvane says more than the premises give
    assert rows["T6"]["verdict"] == "premise"
    assert rows["T11"]["verdict"] == "inexpressible"
    assert "carried by unknown vessara.zeal" in rows["T6"]["note"]


def test_a_tilt_costs_what_the_odds_of_its_worlds_cost() -> None:
    """Worlds at 20% and at 80%, half of each. Their mean is 65% where three of four weigh on the
    second, which is odds of 3 over a gap of .6, and a relative entropy of
    3/4 log(3/2) + 1/4 log(1/2)."""
    p = np.array([0.2, 0.8] * 50)
    t = tilt(p, 0.65)
    assert t.reached
    assert t.weights.sum() == pytest.approx(1)
    assert (t.weights * p).sum() == pytest.approx(0.65)
    assert t.beta == pytest.approx(math.log(3) / 0.6)
    assert t.cost == pytest.approx(0.75 * math.log(1.5) + 0.25 * math.log(0.5))
    assert tilt(p, 0.5).cost == pytest.approx(0, abs=1e-12)
    assert not tilt(p, 0.81).reached


def test_assess_prints_the_cost_of_the_tilt_to_the_middle_of_what_was_judged() -> None:
    found = said("assess", "tutorial", "ilvane", "--worlds", "1024")["assessments"]
    costed = [r for r in found[0]["judgements"] if r["cost_nats"] is not None]
    assert [r["id"] for r in costed] == ["T5"]
    for row in costed:
        middle, p = centre(*row["interval"]), row["implied"]
        # No weights of worlds reach that mean more cheaply than weights that know what each
        # world came to: the relative entropy of two coins.
        coins = middle * math.log(middle / p) + (1 - middle) * math.log((1 - middle) / (1 - p))
        assert row["cost_nats"] > 0.9 * coins > 0, row["id"]
        assert row["rests_on"]


def test_assess_passes_no_verdict_on_what_had_happened(tutorial: Path) -> None:
    """A judge of 12 April knows of the boarding."""
    (tutorial / "assessments" / "late.yaml").write_text(
        "assessment: Late\ndate: 2031-04-12 ? after the boarding\njudges:\n"
        "  a: {question: boarded, interval: .1 .. .3 ? a guess}\n"
        "  b: {question: blockade, interval: .1 .. .3 ? a guess}\n"
    )
    text = (tutorial / "questions.yaml").read_text()
    asked = (
        "questions:\n  boarded:\n    text: A boarding?\n    window: 2031-04-01 .. 2031-06-29\n"
        "    asks: count(kelmark.board) >= 1\n"
    )
    (tutorial / "questions.yaml").write_text(text.replace("questions:\n", asked, 1))
    (late,) = said("assess", str(tutorial), "late", "--worlds", "1024")["assessments"]
    verdicts = {j["id"]: (j["verdict"], j["implied"], j["note"]) for j in late["judgements"]}
    assert verdicts["a"] == ("already decided by the reports", None, "yes, by 2031-04-09 (N2)")
    assert verdicts["b"][0] in ("coherent", "below", "above")
    found = said("condition", str(tutorial), "--as-of", "2031-04-12", "--worlds", "1024")
    assert found["already_decided"]["boarded"]["rows"] == ["N2"]


RESOLVED = "    resolved: {answer: yes, on: 2031-05-05, source: the Courier of May}\n"


def test_as_of_a_day_the_record_is_not_shown_unless_asked_for(tutorial: Path) -> None:
    path = tutorial / "questions.yaml"
    line = "    clause: Kelmark blockades Vessara's northern ports\n"
    path.write_text(path.read_text().replace(line, line + RESOLVED, 1))
    options = (str(tutorial), "--worlds", "256", "--as-of")

    def told(*more: str) -> object:
        found = said("condition", *options, *more)
        return next(a for a in found["answers"] if a["id"] == "blockade")["resolved"]

    assert told("2031-04-20") is None
    assert told("2031-05-04") is None
    assert told("2031-05-05")["answer"] == "yes"
    assert told("2031-04-20", "--with-record")["source"] == "the Courier of May"
    plain = run("condition", *options, "2031-04-20").stdout
    row = next(x for x in plain.splitlines() if "blockade:" in x)
    assert not row.rstrip().endswith("yes")
    shown = run("condition", *options, "2031-04-20", "--with-record").stdout
    assert next(x for x in shown.splitlines() if "blockade:" in x).rstrip().endswith("yes")


STRIKE = {
    "crisis.yaml": "crisis: Resolution\nfrom: 2030-01-01\nto: 2030-03-31\nshow: [r]\n"
    "state:\n  r: {ladder: [calm, tense], now: calm ? ours}\n"
    "event:\n  strike: {rate: .05 ? rare, does: [r >= tense ? ours]}\n",
    "questions.yaml": "questions:\n"
    "  feb: {text: In February?, window: 2030-02-01 .. 2030-02-28, asks: count(strike) >= 1}\n"
    "  march: {text: In March?, window: 2030-03-01 .. 2030-03-31, asks: count(strike) >= 1}\n"
    "  first: {text: On day one?, window: 2030-01-01 .. 2030-01-01, asks: count(strike) >= 1}\n",
    "reporting.yaml": "until: 2030-03-01\nreporting:\n  strike: 1 ? all reported\n",
    "history.csv": "id,kind,what,actor,date,known_since,grade,value,error,report,source,url,note\n"
    "Z,event,strike,,2030-01-10,2030-01-10,verified,,,Earlier strike,Press,,\n"
    "A,event,strike,,2030-02-28,2030-03-03,verified,,,Strike at night,Press,,\n",
}


def test_score_says_of_each_question_whether_it_was_scored_and_why_not(tmp_path: Path) -> None:
    """A strike told after the record's end is a yes; what the record cannot tell is open."""
    for name, text in STRIKE.items():
        (tmp_path / name).write_text(text)
    found = said("score", str(tmp_path), "--worlds", "200")
    told = {q["question"]: q for q in found["questions"]}
    assert list(told) == ["feb", "march", "first"]
    assert (told["feb"]["answer"], told["feb"]["on"], told["feb"]["scored"]) == (
        "yes",
        "2030-02-28",
        1,
    )
    assert told["feb"]["unscored"] == []
    assert (told["march"]["answer"], told["march"]["scored"]) == ("", 0)
    (why,) = told["march"]["unscored"]
    assert "the record ends on 2030-03-01" in why["why"]
    (why,) = told["first"]["unscored"]
    assert "its window ended on 2030-01-01" in why["why"]
    text = " ".join(run("score", str(tmp_path), "--worlds", "200").stdout.split())
    assert "Questions: 1 scored, 2 not" in text
    assert "feb yes (rule) 2030-02-28 1" in text
    assert "the record ends on 2030-03-01" in text
    assert {r["question"]: r["why"] for r in found["resolutions"]}["march"] != ""


def test_score_has_scores_and_baselines() -> None:
    found = said("score", "tutorial", "--worlds", "512")
    assert set(found) >= {"scores", "baselines", "calibration", "evidence", "warning"}
    assert found["scores"] == []  # an invented crisis whose record ends in April


def test_a_ledger_is_appended_and_a_tampered_one_names_its_entry(tmp_path: Path) -> None:
    file = tmp_path / "ledger.jsonl"
    options = ("condition", "tutorial", "--as-of", str(AS_OF), "--worlds", "512")
    assert run(*options, "--ledger", str(file)).exit_code == 0
    assert run(*options, "--ledger", str(file), "--seed", "2").exit_code == 0
    good = run("ledger", "verify", str(file))
    assert good.exit_code == 0
    assert "entries hold" in good.output
    lines = file.read_text("utf-8").splitlines(keepends=True)
    lines[3] = lines[3].replace('"seed":1', '"seed":7')
    file.write_text("".join(lines), "utf-8")
    bad = run("ledger", "verify", str(file))
    assert bad.exit_code == 1
    assert "entry 4" in bad.output
    assert run(*options, "--ledger", str(file)).exit_code == 1
    assert file.read_text("utf-8") == "".join(lines)


def test_export_as_lines_and_as_a_hub(tmp_path: Path) -> None:
    lines, hub = tmp_path / "issued.jsonl", tmp_path / "hub"
    for output in (lines, hub):
        assert run("export", "tutorial", "-o", str(output), "--worlds", "512").exit_code == 0
    assert json.loads(lines.read_text("utf-8").splitlines()[0])["assessment"] == "case"
    assert (hub / "hub-config" / "tasks.json").is_file()
    assert run("export", "tutorial", "-o", str(hub), "--worlds", "512").exit_code == 2


def test_export_says_what_was_refused_and_writes_nothing_of_baselines_alone(
    tmp_path: Path,
) -> None:
    def exported(name: str, worlds: str, *who: str) -> Result:
        given = [word for x in who for word in ("--author", x)]
        return run("export", "tutorial", "-o", str(tmp_path / name), "--worlds", worlds, *given)

    for name in ("hub", "issued.jsonl"):
        nothing = exported(name, "64", "case")
        assert nothing.exit_code == 1
        assert re.search(r"refused: (\d+) of \1 of case \(blockade as of", nothing.stderr)
        assert "below 100" in nothing.stderr
        assert "baselines alone are left" in nothing.stderr
        assert not (tmp_path / name).exists()
    some = exported("hub", "256", "case")
    assert some.exit_code == 0
    counted = re.search(r"refused: (\d+) of (\d+) of case", some.stderr)
    assert counted is not None
    assert 0 < int(counted[1]) < int(counted[2])
    assert exported("issued.jsonl", "256", "case").exit_code == 0
    rows = [json.loads(x) for x in (tmp_path / "issued.jsonl").read_text("utf-8").splitlines()]
    of_case = [row for row in rows if row["assessment"] == "case"]
    assert len(of_case) == int(counted[2])
    assert sum("refused" in row for row in of_case) == int(counted[1])

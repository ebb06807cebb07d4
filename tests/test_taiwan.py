"""The second case is blind: nothing in it is later than its last paper, and what is sealed is what
the crisis file says."""

from __future__ import annotations

import csv
import itertools
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import offramp
from offramp.answers import ledger
from offramp.cli import main
from offramp.sources import State, texts, verify

FOLDER = Path(offramp.__file__).parent / "cases" / "taiwan-1958"
LAST = "1958-09-19"  # of the papers
ENTRIES: list[dict[str, Any]] = [
    json.loads(line) for line in (FOLDER / "sealed.jsonl").read_text("utf-8").splitlines()
]
MOVED: frozenset[tuple[str, str]] = frozenset()  # (author, question) that docs/taiwan.md lists


@pytest.fixture(scope="module")
def case() -> offramp.Case:
    return offramp.load("taiwan-1958")


def test_nothing_in_the_record_is_later_than_the_last_paper(case: offramp.Case) -> None:
    with (FOLDER / "history.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert row["known_since"] <= LAST
            assert max(re.findall(r"\d{4}-\d\d-\d\d", row["date"])) <= LAST
            if row["date"] >= "1958-08-25" and row["kind"] != "outside":
                assert row["grade"] == "document"  # what the papers themselves give
    assert not [q.id for q in case.questions if q.resolution is not None]
    assert {d.date.isoformat() for d in case.documents.values()} <= {
        f"1958-{day}" for day in ("08-25", "08-26", "09-03", "09-04", "09-16", "09-18", "09-19")
    }


def test_what_its_authors_knew_stands_under_its_limits(case: offramp.Case) -> None:
    assert any("Who wrote it knew in outline" in str(limit) for limit in case.crisis.limits)


def test_the_seal_holds_and_is_of_this_crisis_file(case: offramp.Case) -> None:
    verdict = ledger.verify(FOLDER / "sealed.jsonl")
    assert (verdict.ok, verdict.entries) == (True, len(ENTRIES))
    forecasts = [e["forecast"] for e in ENTRIES]
    own = {a: case.under(a).model_sha256 for a in case.assessments}
    assert {(f["assessment"], f["model_sha256"]) for f in forecasts} == {
        ("case", case.model_sha256),
        *own.items(),
    }
    assert {f["as_of"] for f in forecasts} == {LAST}


@pytest.mark.slow
def test_sealed_answers_come_out_again(case: offramp.Case, tmp_path: Path) -> None:
    """Of the case and of every author, of every kind. Where a change of the engine moves one, MOVED
    and docs/taiwan.md list it."""
    again = tmp_path / "again.jsonl"
    for author in ("case", *case.assessments):
        words = ["condition", "taiwan-1958", "--as-of", LAST, "--ledger", str(again)]
        words += [] if author == "case" else ["--assessment", author]
        assert CliRunner().invoke(main, words).exit_code == 0
    now = {(e.forecast.assessment, e.forecast.question): e.forecast for e in ledger.read(again)}
    sealed = ledger.read(FOLDER / "sealed.jsonl")
    assert len(now) == len(sealed)
    moved = set()
    for f in (e.forecast for e in sealed):
        own = now[f.assessment, f.question]
        for name in ("probability", "probabilities", "values", "weights"):
            was = getattr(f, name)
            if was is not None and getattr(own, name) != pytest.approx(was, rel=1e-6, abs=1e-6):
                moved.add((f.assessment, f.question))
    assert moved == MOVED


def test_its_passages_stand_in_their_papers(case: offramp.Case) -> None:
    named = os.environ.get("OFFRAMP_SOURCES", "")
    folder = Path(named).parent.parent / "taiwan-1958" / "sources"
    if not named or not folder.is_dir():
        pytest.skip("the documents are not at hand: OFFRAMP_SOURCES names no folder")
    held = texts(case.documents, folder)
    found = verify(case.passages.values(), case.documents, held)
    assert [f.state for f in found] == [State.EXACT] * len(case.passages)
    runs = {
        tuple(words[k : k + 7])
        for words in (re.findall(r"[\w']+", text.lower()) for text in held.values())
        for k in range(len(words) - 6)
    }
    for file in sorted({*FOLDER.rglob("*.yaml")} - {FOLDER / "sources.yaml"}):  # their titles
        words = re.findall(r"[\w']+", file.read_text("utf-8").lower())
        same = [words[k : k + 7] for k in range(len(words) - 6) if tuple(words[k : k + 7]) in runs]
        assert not same, (file.name, same[:3])


def test_what_comes_every_day_stands_once_in_a_story(case: offramp.Case) -> None:
    told = offramp.replay(case, 1, 0)
    daily = {e.name for e in case.crisis.events if e.daily}
    own = {"day", "day_under_fire", "day_of_interdiction", "quiet_day"}
    assert daily == {*own, "hostilities.war.day"}
    folded = told.folded(daily)
    days = [e.day for e in told.log if e.event == "day_of_interdiction"]
    runs = [(e.day, until) for e, until in folded if e.event == "day_of_interdiction"]
    assert sorted(d for first, last in runs for d in range(first, last + 1)) == days
    assert all(b[0] > a[1] + 1 for a, b in itertools.pairwise(runs))
    assert [e for e, _ in folded if e.event not in daily] == [
        e for e in told.log if e.event not in daily
    ]
    why = offramp.why(case, "assault", worlds=128)
    lines = [line for _, told in why.stories for line in told]
    assert lines
    assert len([line for line in lines if "A day on Quemoy" in line]) <= 2 * len(why.stories)
    assert any("each day until" in line for line in lines)


def test_a_seat_is_not_told_every_morning_that_a_day_has_passed() -> None:
    game = offramp.start_game("taiwan-1958", ["us"], world=3, days=20)
    while not game.over:
        game.answer(game.owes[0].id, "no" if game.owes[0].consent else "nothing")
    seen = {s.event for s in game.view("us").happened}
    assert seen
    assert not seen & {"day", "day_under_fire", "day_of_interdiction", "quiet_day"}

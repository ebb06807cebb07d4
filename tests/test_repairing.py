"""A text that changed: what is provably the same moves, and nothing else does."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import offramp
from offramp import Mistake
from offramp.case.case import cited_by
from offramp.case.texts import shipped
from offramp.cli import main
from offramp.sources.documents import digest
from offramp.sources.passages import Passage
from offramp.sources.repairing import repaired

CITED = cited_by("tutorial")
TASS = CITED.documents["tass"]
OWN = [p for p in CITED.passages.values() if p.document == "tass"]
TEXT = (shipped()["tutorial"] / "documents" / "tass.txt").read_text("utf-8")


@pytest.fixture
def case(tmp_path: Path) -> Path:
    shutil.copytree(shipped()["tutorial"], tmp_path / "mine")
    return tmp_path / "mine"


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def change(case: Path, old: str, new: str) -> str:
    path = case / "documents" / "tass.txt"
    text = path.read_text("utf-8")
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new, 1), "utf-8", newline="\n")
    return path.read_text("utf-8")


@settings(deadline=None)
@given(st.integers(0, len(TEXT)), st.integers(0, 300), st.text("ab. \n", max_size=40))
def test_what_moves_is_the_same_text_and_no_other_passage_is_placed(
    start: int, length: int, new: str
) -> None:
    text = TEXT[:start] + new + TEXT[start + length :]
    assume(text.strip())
    done = repaired(TASS, CITED.passages.values(), text)
    old = {p.id: TEXT[p.start : p.end] for p in OWN}
    for p in done.placed:
        assert text[p.start : p.end] == old[p.id]
        assert done.document.start <= p.start < p.end <= done.document.end
    assert {p.id for p in done.placed} | {o.passage.id for o in done.open} == set(old)
    for left in done.open:
        assert text.count(old[left.passage.id]) != 1
    assert done.document.sha256 == digest(text)


def test_a_text_that_did_not_change_needs_nothing(case: Path) -> None:
    done = repaired(TASS, OWN, TEXT)
    assert not done.needed
    assert done.placed == tuple(OWN)
    assert "16 stand where they stood" in run("sources", "repair", case, "tass", "--apply").output


def test_of_several_places_none_is_taken_unless_both_neighbours_say_so() -> None:
    text = "one two three. likely. four five six. likely. seven eight nine."
    cited = [
        Passage("A", "tass", 0, 13, digest("one two three"), "x"),
        Passage("B", "tass", 15, 21, digest("likely"), "x"),
        Passage("C", "tass", 23, 36, digest("four five six"), "x"),
    ]
    moved = repaired(TASS, cited, "Now: " + text)
    assert [(p.id, p.start) for p in moved.placed] == [("A", 5), ("B", 20), ("C", 28)]
    torn = repaired(TASS, cited, text.replace("likely. four", "likely. And so four"))
    (left,) = torn.open
    assert left.passage.id == "B"
    assert [place.start for place in left.near] == [15, 45]


def test_a_repair_is_shown_then_written_then_taken_back(case: Path) -> None:
    gone = OWN[3]
    change(case, "\n", "\nBy our reporter on the islands.\n")
    text = change(case, TEXT[gone.start : gone.end], "Somebody said something else entirely.")
    before = {p: p.read_bytes() for p in case.glob("*.yaml")}
    shown = run("sources", "repair", case, "tass")
    assert shown.exit_code == 1  # something is open
    assert f"{gone.id}: open, its text stands nowhere any more" in shown.output
    assert "nothing was written" in shown.output
    assert {p: p.read_bytes() for p in case.glob("*.yaml")} == before
    written = run("sources", "repair", case, "tass", "--apply")
    assert "written to the case" in written.output
    after = cited_by(case)
    assert after.documents["tass"].sha256 == digest(text)
    for p in after.passages.values():
        if p.document == "tass" and p.id != gone.id:
            old = CITED.passages[p.id]
            assert text[p.start : p.end] == TEXT[old.start : old.end]
    assert after.passages[gone.id] == gone
    lines = [
        (a, b)
        for name in ("sources.yaml", "passages.yaml")
        for a, b in zip(
            before[case / name].decode().split("\n"),
            (case / name).read_text("utf-8").split("\n"),
            strict=True,
        )
        if a != b
    ]
    assert {a.split(":")[0].strip() for a, _ in lines} == {"start", "end", "sha256"}
    assert run("undo", case).exit_code == 0
    assert {p: p.read_bytes() for p in case.glob("*.yaml")} == before


def test_an_open_passage_is_placed_by_hand(case: Path) -> None:
    gone = next(p for p in OWN if p.phrase == "may well")
    words = TEXT[gone.start : gone.end]
    text = change(case, words, words.replace("may well", "may very well indeed, as may well be,"))
    at = f"{gone.start}:{gone.start + len(words)}"
    assert run("sources", "repair", case, "tass", "--apply").exit_code == 1
    for wrong, says in (
        ("T1=1:2", "no passage of this document"),
        (f"{gone.id}=1:2", "phrase of"),
        (f"{gone.id}=5:99999", "not within the text"),
        (f"{gone.id}=5", "PASSAGE=OFFSET:OFFSET"),
        ("T16=5:9", "stands exactly"),
    ):
        result = run("sources", "repair", case, "tass", "--orphan", wrong)
        assert result.exit_code == 2
        assert says in " ".join(result.output.split())
    at = f"{gone.start}:{gone.start + len(words) + 29}"
    result = run("sources", "repair", case, "tass", "--orphan", f"{gone.id}={at}", "--apply")
    assert result.exit_code == 0, result.output
    placed = cited_by(case).passages[gone.id]
    assert placed.sha256 == digest(text[placed.start : placed.end])
    assert run("sources", "verify", case).exit_code == 0


def test_bounds_may_be_said(case: Path) -> None:
    change(case, "\n", "\nA new first line.\n")
    assert "(look at them: --start, --end)" in run("sources", "repair", case, "tass").output
    made = offramp.repair_source(case, "tass", start=5)
    assert (made.document.start, made.document.end > made.before.end) == (5, True)
    with pytest.raises(Mistake, match="would stand outside"):
        offramp.repair_source(case, "tass", end=300)


def test_nothing_that_the_author_wrote_before_the_first_passage_is_lost() -> None:
    at = OWN[0].start - 5
    longer = repaired(TASS, OWN, TEXT[:at] + "very " + TEXT[at:])
    assert (longer.document.start, longer.document.end) == (TASS.start, TASS.end + 5)
    inner = replace(TASS, start=20)
    assert repaired(inner, OWN, TEXT[:at] + "very " + TEXT[at:]).document.start == 20
    assert repaired(inner, OWN, TEXT[4:]).document.start == 16


def test_pages_of_the_text_before_are_dropped(case: Path) -> None:
    path = case / "sources.yaml"
    text = path.read_text("utf-8")
    path.write_text(
        text.replace("      end: 1789\n", "      end: 1789\n    pages: [0, 900]\n"), "utf-8"
    )
    change(case, "\n", "\nA new first line.\n")
    assert offramp.repair_source(case, "tass", apply=True).document.pages == ()
    assert "pages" not in path.read_text("utf-8")

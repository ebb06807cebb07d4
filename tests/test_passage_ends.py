"""The ends of a passage moved: what is written, what is refused, and the way back."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

import offramp
from offramp import Mistake, Unanswerable
from offramp.case.texts import shipped
from offramp.cli import main
from offramp.sources.citing import cite, moved
from offramp.sources.documents import digest
from offramp.sources.passages import Passage
from offramp.text.journal import JOURNAL

TUTORIAL = shipped()["tutorial"]
PASSAGES = "passages.yaml"
ILVANE = offramp.load("tutorial").documents["ilvane"]
T18 = offramp.load("tutorial").passages["T18"]  # of tass; its phrase is 'low to medium'


@pytest.fixture
def case(tmp_path: Path) -> Path:
    shutil.copytree(TUTORIAL, tmp_path / "mine")
    return tmp_path / "mine"


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def text_of(document: str) -> str:
    return offramp.source_text("tutorial", document)


def test_a_passage_moves_and_nothing_else_of_the_file_does(case: Path) -> None:
    before = (case / PASSAGES).read_text("utf-8").splitlines()
    result = run("passages", "move", case, "T18", T18.start - 9, T18.end)
    assert result.exit_code == 0, result.output
    new = offramp.load(case).passages["T18"]
    assert f"T18: characters {new.start} to {new.end} of tass" in result.output
    assert (new.start, new.end, new.phrase) == (T18.start - 9, T18.end, T18.phrase)
    assert new.sha256 == digest(text_of("tass")[new.start : new.end])
    after = (case / PASSAGES).read_text("utf-8").splitlines()
    changed = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
    assert [b.split(":")[0].strip() for _, b in changed] == ["start", "sha256"]
    assert offramp.check(case).ok
    assert run("undo", case).output == "taken back: passage T18 moved (passages.yaml)\n"
    assert (case / PASSAGES).read_text("utf-8").splitlines() == before


def test_a_passage_that_moved_is_the_one_that_would_be_made_there(case: Path) -> None:
    """Its hash, its trimmed ends and its paraphrase are those of `add_passage`."""
    text = text_of("tass")
    start, end = 807, 969
    new = offramp.move_passage(case, "T19", start - 1, end, paraphrase="Voters matter to it")
    made = offramp.add_passage(case, "tass", text[start:end], paraphrase="Voters matter to it")
    assert (new.start, new.end, new.sha256) == (made.start, made.end, made.sha256)
    assert offramp.load(case).passages["T19"] == new
    assert offramp.check(case).ok  # two passages of one stretch, and what was there before


WRONG = [
    (("T18", 900, 900), "no stretch of 'tass'"),
    (("T18", 900, 800), "no stretch of 'tass'"),
    (("T18", 0, 10**9), "what the author wrote goes from"),
    (("T18", -5, 600), "no stretch of 'tass'"),
    (("T18", T18.start, T18.start + 9), "'low to medium'"),
    (("T18", T18.start, T18.end), "already"),
]


@pytest.mark.parametrize(("given", "says"), WRONG)
def test_what_does_not_fit_is_told_and_nothing_is_written(
    case: Path, given: tuple[str, int, int], says: str
) -> None:
    before = (case / PASSAGES).read_bytes()
    with pytest.raises(Mistake, match=says) as told:
        offramp.move_passage(case, *given)
    assert told.value.argument == "ends"
    assert (case / PASSAGES).read_bytes() == before
    assert not (case / JOURNAL).exists()


def test_the_command_line_says_which_of_its_arguments_is_wrong(case: Path) -> None:
    result = run("passages", "move", case, "T18", 900, 800)
    assert result.exit_code == 2
    assert "Invalid value for START END: 900 to 800 is no stretch of 'tass'" in result.output


def test_the_rule_of_six_words_holds_again(case: Path) -> None:
    words = " ".join(text_of("tass")[T18.start :].split()[:9])
    with pytest.raises(Mistake, match="more than 6 words in a row") as told:
        offramp.move_passage(case, "T18", T18.start - 9, T18.end, paraphrase=words)
    assert told.value.argument == "paraphrase"
    path = case / PASSAGES
    path.write_text(path.read_text("utf-8").replace(T18.paraphrase, words), "utf-8")
    with pytest.raises(Mistake, match="more than 6 words in a row"):
        offramp.move_passage(case, "T18", T18.start - 9, T18.end)


def test_a_paraphrase_alone_may_change(case: Path) -> None:
    new = offramp.move_passage(case, "T18", T18.start, T18.end, paraphrase="Hardly any hold")
    assert offramp.load(case).passages["T18"] == new
    assert (new.start, new.end, new.sha256) == (T18.start, T18.end, T18.sha256)


def test_a_disagreement_is_moved_side_by_side(case: Path) -> None:
    path = case / PASSAGES
    text = path.read_text("utf-8").replace("  T18:\n", "  D1.1:\n")
    path.write_text(text.replace("  T19:\n", "  D1.2:\n"), "utf-8")
    with pytest.raises(Unanswerable, match=r"D1 is a row of 2 sides \(D1.1, D1.2\)"):
        offramp.move_passage(case, "D1", T18.start, T18.end)
    new = offramp.move_passage(case, "D1.1", T18.start - 9, T18.end)
    assert (new.id, new.start) == ("D1.1", T18.start - 9)
    with pytest.raises(Unanswerable, match=r"no passage 'T17x': did you mean 'T17'"):
        offramp.move_passage(case, "T17x", 1, 2)


def test_what_is_of_the_page_around_a_text_stays_free_of_its_bounds() -> None:
    text = "Menu | Home\nThe note says so.\nAll rights reserved."
    document = replace(
        offramp.load("tutorial").documents["tass"], start=12, end=29, sha256=digest(text)
    )
    around = Passage("P1", "tass", 0, 4, digest("Menu"), "a menu", None, True)
    assert moved(document, text, around, 7, 11).sha256 == digest("Home")
    assert moved(document, text, around, 30, 50).boilerplate
    own = cite(document, text, "The note says so.", id="P2", paraphrase="so it is")
    with pytest.raises(Mistake, match="goes from 12 to 29"):
        moved(document, text, own, 7, 29)


@given(st.text("ab \n\U0001f600\u05d0", min_size=1, max_size=40), st.data())
def test_ends_are_those_of_the_words_between_them(text: str, data: st.DataObject) -> None:
    document = replace(ILVANE, start=0, end=len(text), sha256=digest(text))
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    old = Passage("P1", "ilvane", 0, 1, "", "x")
    if not text[start:end].strip():
        with pytest.raises(Mistake, match="white space"):
            moved(document, text, old, start, end)
        return
    new = moved(document, text, old, start, end)
    assert text[new.start : new.end] == text[start:end].strip()
    assert new.sha256 == digest(text[new.start : new.end])
    assert start <= new.start < new.end <= end


def test_what_comes_with_offramp_and_what_is_not_at_hand_is_refused(case: Path) -> None:
    with pytest.raises(Unanswerable, match="comes with Offramp"):
        offramp.move_passage("tutorial", "T18", T18.start - 9, T18.end)
    (case / "documents" / "tass.txt").unlink()
    with pytest.raises(Unanswerable, match="not at hand"):
        offramp.move_passage(case, "T18", T18.start - 9, T18.end)
    result = run("passages", "move", case, "T18", "x", "9")
    assert result.exit_code == 2
    assert "Traceback" not in result.output

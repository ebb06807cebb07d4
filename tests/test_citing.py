"""Passages made from the exact words of a document, written into a case and taken back."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

import offramp
from offramp import Mistake, Unanswerable
from offramp.case.adding import with_passage
from offramp.case.case import cited_by
from offramp.case.texts import shipped
from offramp.cli import main
from offramp.sources.citing import Several, cite, found, next_id
from offramp.sources.documents import digest, texts
from offramp.text.journal import JOURNAL, Changed

TUTORIAL = shipped()["tutorial"]
PASSAGES = "passages.yaml"


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """The tutorial, to be written."""
    shutil.copytree(TUTORIAL, tmp_path / "mine")
    return tmp_path / "mine"


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def header(text: str) -> str:
    return text[: text.index("passages:")]


# ---- the tutorial, again -------------------------------------------------------------------------


def test_the_forty_passages_of_the_tutorial_are_made_again_byte_for_byte(case: Path) -> None:
    shown = (TUTORIAL / PASSAGES).read_text("utf-8")
    (case / PASSAGES).write_text(header(shown), "utf-8")
    cited = cited_by(TUTORIAL)
    of = texts(cited.documents, TUTORIAL / "documents")
    for number, p in enumerate(cited.passages.values()):
        words = of[p.document][p.start : p.end]
        phrase = {"phrase": p.phrase} if p.phrase else {}
        if number:
            made = offramp.add_passage(
                case,
                p.document,
                words,
                paraphrase=p.paraphrase,
                id=p.id if number == 0 else None,
                **phrase,
            )
            assert made == p
        else:  # through the command line
            more = ("--paraphrase", p.paraphrase, "--id", "T1")
            result = run("passages", "add", case, p.document, words, *more)
            assert result.exit_code == 0, result.output
            assert "T1: characters 235 to 359 of ilvane" in result.output
    assert (case / PASSAGES).read_text("utf-8") == shown
    assert offramp.check(case).ok


def test_the_words_of_any_shipped_passage_are_that_passage() -> None:
    """Also those of the US-Iran case, where its documents are at hand."""
    for name in ("tutorial", "quarantine", "taiwan-1958", "us-iran-2020"):
        cited = cited_by(name)
        assert cited.folder is not None
        folder = Path(os.environ.get("OFFRAMP_SOURCES", cited.folder / "documents"))
        own = cited.folder / "documents"
        of = texts(cited.documents, own if own.is_dir() else folder)
        for p in cited.passages.values():
            if p.document in of and not p.boilerplate:
                words = of[p.document][p.start : p.end]
                made = cite(
                    cited.documents[p.document],
                    of[p.document],
                    words,
                    id=p.id,
                    paraphrase=p.paraphrase,
                    phrase=p.phrase,
                    at=p.start,
                )
                assert made == p


# ---- finding words -------------------------------------------------------------------------------


@given(st.text("ab \n'\u2019-x\u05d0\u0301", min_size=1, max_size=30), st.data())
def test_what_is_found_is_what_was_typed_but_for_space_and_marks(
    text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    exact = text[start : data.draw(st.integers(start + 1, len(text)))]
    places = found(text, exact)
    assert bool(places) == bool(exact.strip())
    for a, b in places:
        assert plain(text[a:b]) == plain(exact)
        assert text[a:b] == text[a:b].strip()


def plain(text: str) -> str:
    return " ".join(text.replace("\u2019", "'").split())


def test_words_are_whole_words_where_they_stand_as_such() -> None:
    text = "It is unlikely, not likely."
    assert found(text, "likely") == [(20, 26)]
    assert found(text, "unlike") == [(6, 12)]  # nowhere as a word
    assert found("\u6230\u722d\u4e0d\u6703\u767c\u751f", "\u4e0d\u6703") == [(2, 4)]


def test_offsets_count_code_points() -> None:
    text = "\U0001d504 \u05e9\u05dc\u05d5\u05dd \u202bwar\u202c e\u0301t\u00e9"
    for words in ("\u05e9\u05dc\u05d5\u05dd", "war", "e\u0301t\u00e9"):
        ((a, b),) = found(text, words)
        assert text[a:b] == words


def test_what_is_typed_plainly_finds_what_is_printed() -> None:
    text = "He said \u201cVessara\u2019s fleet\u201d was\nthe half\u2011built one."
    ((a, b),) = found(text, '"Vessara\'s fleet" was the half-built')
    assert text[a:b] == text[8:-5]
    assert found(text, "vessara") == []  # letters and their case are the author's


@pytest.mark.parametrize(
    ("known", "after"),
    [
        ([], "P1"),
        (["T1", "T13"], "T14"),
        (["A1", "A9", "N1", "N2"], "N3"),
        (["p001"], "p002"),
        (["p099"], "p100"),
        (["one"], "P1"),
        (["D1", "D1.1", "D1.2"], "D2"),
        (["T9", "T2"], "T10"),
    ],
)
def test_the_next_id_goes_by_the_cases_own_pattern(known: list[str], after: str) -> None:
    assert next_id(known) == after


# ---- what is refused -----------------------------------------------------------------------------


def test_words_in_several_places_are_listed_and_one_is_taken(case: Path) -> None:
    text = (case / "documents" / "ilvane.txt").read_text("utf-8")
    starts = [m.start() for m in re.finditer(r"\bKelmark\b", text)]
    assert len(starts) > 1
    result = run("passages", "add", case, "ilvane", "Kelmark", "--paraphrase", "x")
    assert result.exit_code == 2
    for start in starts:
        assert f"{start} to {start + 7}: " in result.output
    with pytest.raises(Several) as told:
        offramp.find_passage(case, "ilvane", "Kelmark")
    assert [p.start for p in told.value.places] == starts
    assert all(len(p.words.split()) <= 6 for p in told.value.places)
    said = ("--paraphrase", "A country", "--from", str(starts[1]))
    assert run("passages", "add", case, "ilvane", "Kelmark", *said).exit_code == 0
    assert cited_by(case).passages["T41"].start == starts[1]


WRONG = [
    (("Kelmark", "--from", "3"), "do not begin at 3, but at"),
    (("no such words at all here",), "do not stand in 'ilvane'"),
    ((" ",), "the words are empty"),
    (("Four Kelmark patrol vessels", "--id", "T1"), "'T1' is taken"),
    (("has stopped two League boats", "--phrase", "three boats"), "not in the passage"),
]


@pytest.mark.parametrize(("words", "says"), WRONG)
def test_what_is_wrong_is_told_and_nothing_is_written(
    case: Path, words: tuple[str, ...], says: str
) -> None:
    words = (sample(case), *words[1:]) if "League" in words[0] or "Four" in words[0] else words
    before = (case / PASSAGES).read_bytes()
    result = run("passages", "add", case, "ilvane", *words, "--paraphrase", "Ours")
    assert result.exit_code != 0
    assert says in " ".join(result.output.split())
    assert "Traceback" not in result.output
    assert (case / PASSAGES).read_bytes() == before
    assert not (case / JOURNAL).exists()


def sample(case: Path, document: str = "ilvane", length: int = 12) -> str:
    """Twelve words of a document, from where its first passage begins."""
    text = (case / "documents" / f"{document}.txt").read_text("utf-8")
    return " ".join(text[235:].split()[:length])


def test_a_paraphrase_repeats_six_words_and_no_seventh(case: Path) -> None:
    words = sample(case).split()
    six, seven = (" ".join(["They say that", *words[:n], "as ever"]) for n in (6, 7))
    with pytest.raises(Mistake, match="more than 6 words in a row") as told:
        offramp.add_passage(case, "ilvane", sample(case), paraphrase=seven)
    assert told.value.argument == "paraphrase"
    assert offramp.add_passage(case, "ilvane", sample(case), paraphrase=six).paraphrase == six
    offramp.undo(case)
    with pytest.raises(Mistake, match="at most 6 are quoted"):
        offramp.add_passage(
            case, "ilvane", sample(case), paraphrase="x", phrase=" ".join(words[:7])
        )
    made = offramp.add_passage(
        case, "ilvane", sample(case), paraphrase="x", phrase=" ".join(words[:6])
    )
    assert made.phrase == " ".join(words[:6])


@pytest.mark.parametrize("said", ["", "two\nlines", "a\u2028b", "a\x1bb"])
def test_a_paraphrase_is_one_line(case: Path, said: str) -> None:
    with pytest.raises(Mistake, match="one line"):
        offramp.add_passage(case, "ilvane", sample(case), paraphrase=said)


def test_what_stands_outside_the_authors_text_is_no_passage(case: Path) -> None:
    path = case / "sources.yaml"
    path.write_text(path.read_text("utf-8").replace("end: 1886", "end: 1000"), "utf-8")
    words = (case / "documents" / "ilvane.txt").read_text("utf-8")[1437:1506]
    (case / PASSAGES).unlink()
    with pytest.raises(Mistake, match="outside what the author wrote"):
        offramp.add_passage(case, "ilvane", words, paraphrase="x")


def test_a_text_that_is_not_the_one_that_was_cited_is_refused(case: Path) -> None:
    path = case / "documents" / "tass.txt"
    path.write_text("x" + path.read_text("utf-8"), "utf-8")
    with pytest.raises(Unanswerable, match="sources repair CASE tass"):
        offramp.add_passage(case, "tass", "cable", paraphrase="x")
    path.unlink()
    with pytest.raises(Unanswerable, match="not at hand"):
        offramp.add_passage(case, "tass", "cable", paraphrase="x")
    with pytest.raises(Unanswerable, match="did you mean 'tass'"):
        offramp.add_passage(case, "tas", "cable", paraphrase="x")


def test_what_comes_with_offramp_is_not_written() -> None:
    with pytest.raises(Unanswerable, match="comes with Offramp"):
        offramp.add_passage("tutorial", "tass", "cable", paraphrase="x")
    assert "comes with Offramp" in run("undo", "tutorial").output


def test_without_a_terminal_the_option_is_named(case: Path) -> None:
    result = run("passages", "add", case, "ilvane", sample(case))
    assert result.exit_code == 2
    assert "--paraphrase" in result.output


def test_markup_and_other_alphabets_are_kept_as_they_are(case: Path) -> None:
    said = 'A: "<b>x</b>" # \u05e9\u05dc\u05d5\u05dd \u0645\u06cc\u200c\u062e\u0648'
    made = offramp.add_passage(case, "ilvane", sample(case), paraphrase=said)
    assert cited_by(case).passages[made.id] == made
    assert made.paraphrase == said
    assert made.sha256 == digest(sample(case))


def test_line_ends_and_comments_of_the_file_stay(case: Path) -> None:
    path = case / PASSAGES
    old = path.read_text("utf-8").replace("passages:\n", "passages:  # all\n") + "# the end\n"
    path.write_bytes(old.replace("\n", "\r\n").encode())
    made = offramp.add_passage(case, "ilvane", sample(case), paraphrase="x")
    new = path.read_bytes()
    assert new.startswith(old.replace("\n", "\r\n").encode()[:-11])
    assert new.count(b"\n") == new.count(b"\r\n")
    assert with_passage(old, made).replace("\n", "\r\n").encode() == new


# ---- undo ----------------------------------------------------------------------------------------


def test_a_passage_is_taken_back_and_the_one_before_it(case: Path) -> None:
    before = (case / PASSAGES).read_bytes()
    offramp.add_passage(case, "ilvane", sample(case), paraphrase="x")
    middle = (case / PASSAGES).read_bytes()
    offramp.add_passage(case, "ilvane", sample(case, length=9), paraphrase="y")
    assert "taken back: passage T42 added (passages.yaml)" in run("undo", case).output
    assert (case / PASSAGES).read_bytes() == middle
    assert offramp.undo(case).reason == "passage T41 added"
    assert (case / PASSAGES).read_bytes() == before
    result = run("undo", case)
    assert result.exit_code == 1
    assert "nothing was written" in result.output


def test_what_was_changed_since_is_not_taken_back(case: Path) -> None:
    offramp.add_passage(case, "ilvane", sample(case), paraphrase="x")
    path = case / PASSAGES
    path.write_text(path.read_text("utf-8") + "# mine\n", "utf-8")
    before = path.read_bytes()
    with pytest.raises(Changed, match="since"):
        offramp.undo(case)
    assert path.read_bytes() == before


def test_the_first_passage_of_a_case_is_taken_back_with_its_file(case: Path) -> None:
    (case / PASSAGES).unlink()
    assert offramp.add_passage(case, "ilvane", sample(case), paraphrase="x").id == "P1"
    assert offramp.undo(case).files == {PASSAGES: None}
    assert not (case / PASSAGES).exists()


@pytest.mark.parametrize(
    "name",
    [
        "../x.yaml",
        "documents/../x.txt",
        "documents/.x.txt",
        "assessments/.a.yaml",
        "x.yaml",
        "documents/a.py",
    ],
)
def test_a_journal_of_others_leads_nowhere_else(case: Path, name: str) -> None:
    outside = case / name
    outside.parent.mkdir(exist_ok=True)
    outside.write_text("as it was", "utf-8")
    entry = {"kind": "write", "at": "1", "reason": "", "files": []}
    entry["files"] = [{"file": name, "old": "theirs", "after": digest("as it was")}]
    (case / JOURNAL).parent.mkdir()
    (case / JOURNAL).write_text(json.dumps(entry) + "\n", "utf-8")
    with pytest.raises(Unanswerable):
        offramp.undo(case)
    assert outside.read_text("utf-8") == "as it was"


def test_a_journal_grows_and_a_line_that_a_crash_left_half_is_passed_over(case: Path) -> None:
    offramp.add_passage(case, "ilvane", sample(case), paraphrase="x")
    first = (case / JOURNAL).read_bytes()
    (case / JOURNAL).write_bytes(first + b'{"kind": "wri')
    offramp.add_passage(case, "ilvane", sample(case, length=9), paraphrase="y")
    assert (case / JOURNAL).read_bytes().startswith(first + b'{"kind": "wri\n')
    assert offramp.undo(case).reason == "passage T42 added"
    assert offramp.undo(case).reason == "passage T41 added"


# ---- suggest -------------------------------------------------------------------------------------


def test_sentences_without_a_passage_are_listed_in_order(case: Path) -> None:
    reading = offramp.suggest_passages(case, "tass")
    starts = [s.start for s in reading.untouched]
    assert starts == sorted(starts)
    assert starts
    result = run("passages", "suggest", case, "tass")
    assert [int(line.split()[0]) for line in result.output.splitlines()[:-1]] == starts
    text = (case / "documents" / "tass.txt").read_text("utf-8")
    first = reading.untouched[0]
    offramp.add_passage(case, "tass", text[first.start : first.end], paraphrase="x")
    assert offramp.suggest_passages(case, "tass").untouched == reading.untouched[1:]

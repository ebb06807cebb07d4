"""Documents, passages and words of estimative probability."""

from __future__ import annotations

import datetime
import math
import os
import re
import statistics
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from offramp.sources import (
    Document,
    Interval,
    Passage,
    Phrases,
    State,
    documents_from,
    faults_from,
    in_context,
    logit_normal,
    normalise,
    passages_from,
    read,
    texts,
    verify,
    words,
)
from offramp.sources.documents import digest
from offramp.sources.estimative import phrases_from
from offramp.sources.quotation import repeated

ROOT = Path(__file__).resolve().parent.parent
CASE = ROOT / "offramp" / "cases" / "us-iran-2020"


def load(path: Path) -> dict[str, dict]:
    return YAML(typ="base", pure=True).load(path.read_text("utf-8"))


@pytest.fixture(scope="module")
def documents() -> dict[str, Document]:
    return documents_from(load(CASE / "sources.yaml")["documents"])


@pytest.fixture(scope="module")
def passages() -> dict[str, Passage]:
    return passages_from(load(CASE / "passages.yaml")["passages"])


@pytest.fixture(scope="module")
def at_hand(documents) -> dict[str, str]:
    folder = os.environ.get("OFFRAMP_SOURCES", "")
    if not folder or not Path(folder).is_dir():
        pytest.skip("the documents are not at hand: OFFRAMP_SOURCES names no folder")
    found = texts(documents, Path(folder))
    if not found:
        pytest.skip("the documents are not at hand: OFFRAMP_SOURCES names a folder without them")
    return found


def document(text: str, id: str = "d") -> Document:
    return Document(
        id=id,
        title="A title",
        author="somebody",
        publisher="somewhere",
        date=datetime.date(2020, 1, 17),
        precision="day",
        dated_by="printed",
        file="d.txt",
        sha256=digest(text),
        licence="ours",
        start=0,
        end=max(1, len(text)),
    )


def passage(text: str, start: int, end: int, id: str = "p") -> Passage:
    return Passage(id, "d", start, end, digest(text[start:end]), "what it says")


def of_passages(findings):
    return [finding for finding in findings if finding.passage is not None]


# --- random documents ---------------------------------------------------------------------------

letters = st.characters(codec="utf-8", exclude_characters="\r\ufeff")


@st.composite
def cited(draw):
    """A text and some passages of it."""
    text = draw(st.text(letters, min_size=1, max_size=300))
    spans = st.tuples(st.integers(0, len(text) - 1), st.integers(1, 60))
    places = draw(st.lists(spans, max_size=12))
    found = [
        passage(text, start, min(len(text), start + length), f"p{n}")
        for n, (start, length) in enumerate(places)
    ]
    return text, found


@given(cited())
def test_what_was_cited_stands_there(case):
    text, found = case
    findings = verify(found, {"d": document(text)}, {"d": text})
    assert [f.state for f in findings] == [State.EXACT] * len(found)


@given(cited(), st.data())
def test_one_changed_letter_touches_exactly_the_passages_that_contain_it(case, data):
    text, found = case
    at = data.draw(st.integers(0, len(text) - 1))
    new = data.draw(letters.filter(lambda c: c != text[at]))
    changed = text[:at] + new + text[at + 1 :]
    findings = verify(found, {"d": document(text)}, {"d": changed})
    assert findings[0].passage is None
    assert findings[0].state is State.CHANGED
    for p, finding in zip(found, of_passages(findings), strict=True):
        if not p.start <= at < p.end:
            assert finding.state is State.EXACT
        elif text[p.start : p.end] in changed:
            assert finding.state is State.MOVED  # The same words, elsewhere in the document.
        else:
            assert finding.state is State.ORPHANED


@given(cited(), st.data())
def test_an_insertion_moves_what_follows(case, data):
    text, found = case
    at = data.draw(st.integers(0, len(text)))
    new = data.draw(st.text(letters, min_size=1, max_size=20))
    changed = text[:at] + new + text[at:]
    for p, f in zip(
        found,
        of_passages(verify(found, {"d": document(text)}, {"d": changed})),
        strict=True,
    ):
        exact = text[p.start : p.end]
        if changed[p.start : p.end] == exact:
            assert f.state is State.EXACT
        elif exact in changed:
            assert f.state is State.MOVED
            assert changed[f.start : f.start + len(exact)] == exact
            if changed.count(exact) == 1 and p.start >= at:
                assert f.start == p.start + len(new)
        else:
            assert f.state is State.ORPHANED
            assert f.start is None


@given(cited(), st.integers(0, 50))
def test_context_is_the_text_around(case, around):
    text, found = case
    for p in found:
        before, exact, after = in_context(p, text, around)
        assert digest(exact) == p.sha256
        assert before + exact + after in text
        assert len(before) <= around
        assert len(after) <= around


def test_context_never_shows_another_text():
    p = passage("one two three", 4, 7)
    with pytest.raises(ValueError, match="does not stand at 4"):
        in_context(p, "one six three")


def test_a_missing_document_is_never_valid():
    text = "one two three"
    findings = verify([passage(text, 0, 3)], {"d": document(text)}, {})
    assert [f.state for f in findings] == [State.MISSING, State.MISSING]
    assert not any(f.valid for f in findings)
    assert "nothing was checked" in str(findings[1])
    (unknown,) = verify([replace(passage(text, 0, 3), document="e")], {}, {"e": text})
    assert unknown.state is State.MISSING


def test_bounds_hold_except_for_boilerplate():
    text = "menu The text itself. subscribe"
    bounded = replace(document(text), start=5, end=21)
    outside, inside = passage(text, 0, 4), passage(text, 5, 8)
    across = passage(text, 10, 25)
    marked = replace(outside, boilerplate=True)
    states = [
        f.state for f in verify([outside, inside, across, marked], {"d": bounded}, {"d": text})
    ]
    assert states == [State.OUT_OF_BOUNDS, State.EXACT, State.OUT_OF_BOUNDS, State.EXACT]


def test_a_moved_passage_goes_with_its_neighbours():
    text = "alpha Iran beta. gamma Iran delta."
    second = passage(text, text.rindex("Iran"), text.rindex("Iran") + 4, "second")
    neighbour = passage(text, text.index("gamma"), text.index("gamma") + 5, "neighbour")
    changed = "A longer beginning: " + text
    findings = of_passages(verify([second, neighbour], {"d": document(text)}, {"d": changed}))
    assert [f.start for f in findings] == [changed.rindex("Iran"), changed.index("gamma")]


# --- reading documents --------------------------------------------------------------------------


@given(st.text(letters), st.sampled_from(["\r\n", "\r", "\n"]), st.booleans())
def test_saving_on_another_machine_changes_nothing(text, line_end, mark):
    data = text.replace("\n", line_end).encode()
    assert normalise(b"\xef\xbb\xbf" + data if mark else data) == text


def test_normalising_keeps_what_an_author_may_have_written():
    assert normalise("a\u00a0b \u2019 e\u0301  \t".encode()) == "a\u00a0b \u2019 e\u0301  \t"
    with pytest.raises(UnicodeDecodeError):
        normalise(b"caf\xe9")


def test_a_document_is_found_by_name_and_otherwise_by_its_hash(tmp_path):
    text = "one two"
    assert read(document(text), tmp_path) is None
    assert read(document(text), tmp_path / "nowhere") is None
    (tmp_path / "b.txt").write_bytes(b"\xff not text")
    (tmp_path / "c.txt").write_bytes(b"\xef\xbb\xbfone two")
    assert read(document(text), tmp_path) == text
    (tmp_path / "d.txt").write_text("changed", "utf-8")
    assert read(document(text), tmp_path) == "changed"
    (tmp_path / "d.txt").write_bytes(b"caf\xe9")
    with pytest.raises(ValueError, match=r"byte 3 of d\.txt is not UTF-8"):
        read(document(text), tmp_path)


# --- entries ------------------------------------------------------------------------------------

ENTRY = {"document": "d", "start": 3, "end": "9", "sha256": "0" * 64, "paraphrase": "It says so"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"start": "9"}, "passage 'J1': start 9 is not before end 9"),
        ({"start": "-1"}, "'-1' is not a count of characters; write a whole number"),
        ({"start": "³"}, "is not a count of characters"),
        ({"sha256": "ABC"}, "sha256 'ABC' is not a hash; it has 64 digits"),
        ({"paraphrase": " "}, "paraphrase is empty; write one line"),
        ({"paraphrase": "a\nb"}, "paraphrase runs over several lines"),
        ({"paraphrase": ["a"]}, "paraphrase is not a plain text"),
        ({"phrase": "one two three four five six seven"}, "has 7 words of the source; at most 6"),
        ({"boilerplate": "true"}, "boilerplate is 'true'; write yes or no"),
        ({"paraphase": "x"}, "unknown key 'paraphase'; did you mean 'paraphrase'?"),
    ],
)
def test_a_wrong_passage_is_explained(change, message):
    with pytest.raises(ValueError, match=re.escape(message)) as error:
        passages_from({"J1": {**ENTRY, **change}})
    assert "J1" in str(error.value)


def test_a_passage_is_read():
    assert passages_from({"J1": ENTRY})["J1"] == Passage("J1", "d", 3, 9, "0" * 64, "It says so")
    with pytest.raises(ValueError, match="passage 'J1' is not a mapping"):
        passages_from({"J1": "text"})
    with pytest.raises(ValueError, match="passage 'J1' has no 'end'"):
        passages_from({"J1": {k: v for k, v in ENTRY.items() if k != "end"}})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"date": "January 2020"}, "date 'January 2020' is not a day; write it as 2020-01-17"),
        ({"precision": "about"}, "write day, month or inferred"),
        ({"date": "2020-01"}, "write precision: month"),
        ({"precision": "month"}, "write the month alone, as in 2020-01"),
        ({"date": "2020-13", "precision": "month"}, "write it as 2020-01-17, or as 2020-01"),
        ({"knew_until": "2020-01-18"}, "after its date (2020-01-17)"),
        ({"knew_until": "soon"}, "knew_until 'soon' is not a day"),
        ({"file": "../d.txt"}, "not a plain file name"),
        ({"text": {"start": "5", "end": "2"}}, "start 5 is not before end 2"),
    ],
)
def test_a_wrong_document_is_explained(change, message):
    entry = load(CASE / "sources.yaml")["documents"]["issi"]
    with pytest.raises(ValueError, match="document 'issi'") as error:
        documents_from({"issi": {**entry, **change}})
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("change", "date", "knew", "words"),
    [
        ({}, "2020-01-17", "2020-01-17", "2020-01-17"),
        (
            {"knew_until": "2020-01-16"},
            "2020-01-17",
            "2020-01-16",
            "2020-01-17, knew until 2020-01-16",
        ),
        ({"date": "2020-02", "precision": "month"}, "2020-02-29", "2020-02-29", "2020-02"),
        (
            {"date": "2020-02", "precision": "inferred"},
            "2020-02-29",
            "2020-02-29",
            "2020-02, inferred",
        ),
        (
            {"date": "2020-02", "precision": "month", "knew_until": "2020-01"},
            "2020-02-29",
            "2020-01-31",
            "2020-02, knew until 2020-01-31",
        ),
    ],
)
def test_a_document_says_when_it_was_written_and_until_when_its_author_knew(
    change, date, knew, words
):
    entry = load(CASE / "sources.yaml")["documents"]["issi"]
    found = documents_from({"issi": {**entry, **change}})["issi"]
    assert (str(found.date), str(found.knew), found.dating.words) == (date, knew, words)


# --- the first case -----------------------------------------------------------------------------


def test_the_case_is_complete(documents, passages):
    assert list(documents) == ["issi", "inss", "khafaji", "arabcenter", "deadheat"]
    sides = [id for id in passages if "." in id]
    assert len(passages) - len(sides) == 589
    assert {id.split(".")[0] for id in sides} == {f"D{n}" for n in range(1, 40)}
    assert {p.document for p in passages.values()} == set(documents)
    faults = faults_from(load(CASE / "sources.yaml")["faults"])
    assert len(faults) == 10
    for fault in faults:
        assert set(fault.documents) <= set(documents)
        assert set(fault.passages) <= set(passages)


def test_paraphrases_differ():
    """Two places may say alike, but a paraphrase should tell its place from the others."""
    entries = load(CASE / "passages.yaml")["passages"].values()
    paraphrases = [entry["paraphrase"] for entry in entries]
    assert len(set(paraphrases)) == len(paraphrases)


def test_every_passage_stands_in_its_document(documents, passages, at_hand):
    if missing := set(documents) - set(at_hand):
        pytest.fail(f"some of the documents are at hand, but not {', '.join(sorted(missing))}")
    wrong = [str(f) for f in verify(passages.values(), documents, at_hand) if not f.valid]
    assert not wrong


def test_phrases_are_words_of_their_passages(passages, at_hand):
    for p in passages.values():
        if p.phrase is not None:
            exact = at_hand[p.document][p.start : p.end]
            plain = " ".join(exact.replace("\u2019", "'").casefold().split())
            assert p.phrase.casefold() in plain, p.id


def test_an_edit_of_a_real_document_is_followed_quickly(documents, passages, at_hand):
    changed = {id: "A new beginning.\n" + text for id, text in at_hand.items()}
    began = time.perf_counter()
    findings = of_passages(verify(passages.values(), documents, changed))
    assert time.perf_counter() - began < 20
    for p, f in zip(passages.values(), findings, strict=True):
        assert (f.state, f.start) == (State.MOVED, p.start + 17), p.id


def test_no_file_of_the_project_repeats_a_source(at_hand):
    skipped = {".git", ".venv", "venv", "node_modules", "build", "dist"}
    wrong = []
    for path in sorted(ROOT.rglob("*")):
        inside = path.relative_to(ROOT).parts
        if not path.is_file() or any(p in skipped or p.endswith("cache__") for p in inside):
            continue
        if any(part.startswith(".") and part.endswith("_cache") for part in inside):
            continue
        try:
            text = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            continue  # Not a text.
        found = repeated(text, at_hand.values())
        wrong += [f"{path.relative_to(ROOT)}: {run}" for run in found]
    assert not wrong


def test_repetition_is_seen_through_case_and_punctuation():
    source = "The old man\u2019s boat was red, and the sea was blue."
    assert repeated("the OLD mans boat - was red and", [source]) == [
        "the old mans boat was red and"
    ]
    assert repeated("the old man's boat was red", [source]) == []
    assert repeated("a well-known old man's boat was", ["a well-known old man's boat was"]) == []


# --- words of estimative probability ------------------------------------------------------------


@given(st.floats(0.001, 0.998), st.floats(0.0005, 0.99))
def test_a_tenth_lies_on_either_side(low, width):
    high = low + width
    assume(high < 0.999)
    mu, sigma = logit_normal(low, high)
    normal = statistics.NormalDist(mu, sigma)
    inside = normal.cdf(_logit(high)) - normal.cdf(_logit(low))
    assert inside == pytest.approx(0.8, abs=1e-9)
    assert normal.cdf(_logit(low)) == pytest.approx(0.1, abs=1e-9)


def _logit(p: float) -> float:
    return math.log(p / (1 - p))


def test_logit_normal_refuses_what_is_no_interval():
    for low, high in [(0, 0.5), (0.5, 1), (0.6, 0.4), (0.5, 0.5)]:
        with pytest.raises(ValueError, match="not an 80% interval"):
            logit_normal(low, high)


def test_a_phrase_is_found_whatever_its_case_and_spacing():
    phrases = Phrases.standard()
    found = phrases.lookup("  Low  to\nMEDIUM ")
    assert (found.low, found.high) == (0.15, 0.40)
    for phrase, interval in phrases.table.items():
        assert 0 < interval.low < interval.high < 1, phrase
        assert interval.source, phrase


def test_an_unknown_phrase_is_not_guessed():
    with pytest.raises(LookupError, match="did you mean 'highly likely'"):
        Phrases.standard().lookup("hihgly likely")
    with pytest.raises(LookupError, match=r"phrases\.yaml"):
        Phrases.standard().lookup("xyzzy")


def test_an_overlay_wins():
    standard = Phrases.standard()
    mine = phrases_from({"May": {"low": ".2", "high": ".3", "source": "this author"}})
    both = standard.overlay(mine)
    assert both.lookup("may") == Interval(0.2, 0.3, "this author")
    assert both.lookup("will") == standard.lookup("will")
    assert standard.lookup("may").low == 0.10


@pytest.mark.parametrize(
    "entry",
    [
        {"low": ".3", "high": ".2", "source": "x"},
        {"low": "0", "high": ".2", "source": "x"},
        {"low": "a", "high": ".2", "source": "x"},
        {"low": ".1", "high": ".2"},
        {"low": ".1", "high": ".2", "source": " "},
        "0.1 .. 0.2",
    ],
)
def test_a_wrong_phrase_is_explained(entry):
    with pytest.raises(ValueError, match="phrase 'maybe'"):
        phrases_from({"maybe": entry})


def test_words_are_those_of_icd_203():
    said = {0: "almost no chance", 0.1: "very unlikely", 0.3: "unlikely", 0.7: "likely"}
    said |= {0.5: "roughly even chance", 0.9: "very likely", 1: "almost certain"}
    assert {p: words(p) for p in said} == said
    assert words(0.05) == "very unlikely"
    assert words(0.95) == "very likely"
    with pytest.raises(ValueError, match="not a probability"):
        words(1.01)


@given(st.floats(0, 1))
def test_the_words_lie_in_their_own_band(p):
    band = Phrases.standard().lookup(words(p) if words(p) != "unlikely" else "improbable")
    assert band.low <= p <= band.high or p < 0.01 or p > 0.99

"""A new text beside the documents of a case: what it repeats, what differs, what is new; and the
two commands about first drafts. The tutorial's documents are ours; other sentences are
invented."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

import offramp
from offramp.cli import main
from offramp.sources.alike import NEAR, SHORTEST, TextCompared, share_of, shingles
from offramp.sources.quotation import repeated, words

CASE = "tutorial"
TEXTS = {id: offramp.source_text(CASE, id) for id in ("ilvane", "tass", "quillon")}


def compared(text: str) -> TextCompared:
    return offramp.compare_text(CASE, text)


def said(text: str, sentence: object) -> str:
    return text[sentence.start : sentence.end]  # type: ignore[attr-defined]


# ---- what is repeated ---------------------------------------------------------------------------


@pytest.mark.parametrize("id", TEXTS)
def test_a_document_of_the_case_is_known_by_its_hash(id: str) -> None:
    assert compared(TEXTS[id]).same == id
    assert compared(TEXTS[id] + "\nAnd more.").same is None


def test_a_sentence_that_stands_in_a_document_is_no_second_source() -> None:
    """Though nobody names the document, and a word is another."""
    text = "The wire has it. A blockade would cost Kelmark's own traders another third, traffic "
    text += "through the strait is a tenth below last year's. Nothing else is known to us today."
    (found,) = compared(text).standing
    assert found.document == "tass"
    assert said(text, found.sentence).startswith("A blockade")
    assert NEAR <= found.share < 1
    (passage,) = compared(text).passages
    assert passage.passage == "T28"


def test_our_own_words_about_the_same_repeat_nothing() -> None:
    text = "Merchants of Kelmark would lose a third of their trade if the ports were closed off."
    found = compared(text)
    assert found.standing == ()
    assert found.passages == ()


@given(st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_one_changed_word_hides_nothing_and_all_changed_words_are_no_repeat(seed: int) -> None:
    """A sentence of sixteen words and more, with any one word replaced, is still found."""
    draw = random.Random(seed)
    own = [f"word{k}" for k in range(draw.randint(16, 40))]
    known = shingles(" ".join(own))
    one = list(own)
    one[draw.randrange(len(own))] = "another"
    assert (share_of(" ".join(one), known) or 0) >= NEAR
    assert share_of(" ".join(f"x{w}" for w in own), known) == 0


def test_short_stretches_are_not_judged_and_counted() -> None:
    text = "A naval war remains unlikely."
    assert len(words(text)) < SHORTEST
    found = compared(text)
    assert found.standing == ()
    assert found.unjudged[0] == 1


# ---- what differs -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind", "here", "there", "passage"),
    [
        ("Kelmark keeps six patrol ships near the islands.", "number", "6", "4", "T3"),
        ("The Orrin League votes on 14 May on observers.", "date", "05-14", "05-12", "T26"),
        (
            "We judge a landing this spring very likely.",
            "estimate",
            "very likely",
            "unlikely",
            "T9",
        ),
    ],
)
def test_another_value_of_the_same_thing_is_a_reason_to_look(
    text: str, kind: str, here: str, there: str, passage: str
) -> None:
    found = [d for d in compared(text).differences if d.kind == kind]
    assert [(d.here, d.there) for d in found] == [(here, there)]
    assert passage in found[0].passages
    why, sentence = compared(text).look[0]
    assert said(text, sentence) == text
    assert why.endswith("the same thing?")
    assert "contradict" not in why


@pytest.mark.parametrize(
    "text",
    [
        "Kelmark keeps four patrol ships near the islands.",  # the same number
        "Kelmark keeps six patrol planes near the islands.",  # of something else
        "Half of the merchants of Kelmark say that a blockade would cost traffic.",  # of what?
        "Norland keeps six patrol ships at home.",  # no actor of the case, and other words
        "The Orrin League votes on 12 May 2031 on observers.",  # the same day, more exactly
    ],
)
def test_what_is_no_difference(text: str) -> None:
    assert compared(text).differences == ()


def test_a_reported_value_is_said_to_be_another_s() -> None:
    text = "Officials say that Kelmark keeps six patrol ships near the islands."
    (found,) = compared(text).differences
    assert found.voice == "another"


# ---- what is new --------------------------------------------------------------------------------


def test_what_is_new_is_in_sentences_that_repeat_nothing() -> None:
    old = "Traffic through the strait is a tenth below last year's, and a blockade would cost "
    old += "Kelmark's own merchants another third."
    new = "If the tolls rise, Kelmark should pay 200 sailors."
    found = compared(f"{old} {new}")
    assert {c.kind for c in found.new} == {"number", "conditional", "recommendation", "actor"}
    assert {c.sentence.start for c in found.new} == {len(old) + 1}
    reasons = [why for why, _ in found.look]
    assert reasons[0].startswith("stands in tass (100%)")
    assert [why.split(":")[0] for why in reasons[1:]] == [
        "new, number",
        "new, conditional",
        "new, recommendation",
    ]


def test_nothing_at_hand_is_said(tmp_path: Path) -> None:
    found = offramp.compare_text("us-iran-2020", "A landing is likely.", sources=tmp_path)
    assert found.against == ()
    assert len(found.missing) == 5


@pytest.mark.parametrize("text", ["", " \n ", "a" * 500_001])
def test_a_text_that_is_none_or_too_long_is_refused(text: str) -> None:
    with pytest.raises(offramp.Mistake):
        compared(text)


# ---- drafts from the front door -----------------------------------------------------------------


def test_drafts_of_a_document_are_places_in_its_text() -> None:
    found = offramp.drafts(CASE, "tass", kinds=["estimate"])
    assert found.sentences > len({c.sentence for c in found.candidates}) > 3
    assert {c.kind for c in found.candidates} == {"estimate"}
    (reported,) = [c for c in found.candidates if c.voice == "another"]
    assert reported.signs[0].value == "low to medium"
    assert "Kelmark" in found.actors


def test_a_wrong_kind_or_document_says_what_would_have_worked() -> None:
    with pytest.raises(offramp.Mistake, match="did you mean 'estimate'"):
        offramp.drafts(CASE, "tass", kinds=["estimat"])
    with pytest.raises(offramp.Unanswerable, match="no document 'tas'"):
        offramp.drafts(CASE, "tas")


def test_a_case_without_a_crisis_can_be_drafted_from(tmp_path: Path) -> None:
    """That is when drafts are wanted: no actors are known then, and it is said."""
    texts = offramp.load(CASE).texts.texts
    for name in ("sources.yaml", "passages.yaml"):
        (tmp_path / name).write_text(texts[name], "utf-8")
    (tmp_path / "documents").mkdir()
    for id, text in TEXTS.items():
        (tmp_path / "documents" / f"{id}.txt").write_text(text, "utf-8")
    found = offramp.drafts(tmp_path, "tass")
    assert found.model_sha256 is None
    assert found.actors == ()
    assert {c.kind for c in found.candidates} >= {"estimate", "number", "date"}
    shown = invoke("sources", "draft", str(tmp_path), "tass")
    assert "No actors were looked for" in shown.output


# ---- the commands -------------------------------------------------------------------------------


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def test_the_table_fits_a_terminal_and_shows_at_most_six_words() -> None:
    shown = invoke("sources", "draft", CASE, "tass")
    assert shown.exit_code == 0
    assert max(map(len, shown.output.split("\n"))) <= 100
    assert repeated(shown.output, [TEXTS["tass"]]) == []


def test_json_has_every_candidate_and_its_signs() -> None:
    shown = invoke("sources", "draft", CASE, "tass", "--json")
    plain = json.loads(shown.output)
    assert plain == offramp.to_dict(offramp.drafts(CASE, "tass"))
    assert plain["schema"] == "offramp.drafts/1"
    first = plain["candidates"][0]
    assert first["signs"][0]["band"]
    rows = invoke("sources", "draft", CASE, "tass", "--csv", "candidates")
    assert rows.output.split("\n")[0].startswith("start,end,words")


def test_a_new_file_is_set_beside_the_documents(tmp_path: Path) -> None:
    new = tmp_path / "new.txt"
    new.write_text("Kelmark keeps six patrol ships near the islands.\n", "utf-8")
    shown = invoke("sources", "compare", CASE, str(new))
    assert shown.exit_code == 0
    assert "ilvane, T3: 4" in shown.output
    assert "What a person should look at" in shown.output
    plain = json.loads(invoke("sources", "compare", CASE, str(new), "--json").output)
    assert plain == offramp.to_dict(compared(new.read_text("utf-8")))


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    bad = tmp_path / "bad.txt"
    bad.write_bytes(b"caf\xe9 is open")
    for file, why in (
        (tmp_path / "none.txt", "No such file"),
        (bad, "byte 3 of"),
        (tmp_path, "cannot be read"),
    ):
        shown = invoke("sources", "compare", CASE, str(file))
        assert shown.exit_code == 1
        assert why in shown.output

"""First drafts by rule: what is picked from a text, why, and whose statement it is.

All sentences here are invented.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.sources.candidates import Candidate, candidates
from offramp.sources.cues import BANDS, KINDS
from offramp.sources.estimative import Interval, Phrases

ROOT = Path(__file__).parent.parent
ACTORS = ("Vessara", "The Skippers' League", "United Isles", "Ada Merrow", "Norland and Sudland")


def picked(text: str, phrases: Phrases | None = None) -> list[Candidate]:
    return list(candidates(text, 0, len(text), ACTORS, phrases or Phrases.standard()))


def of_kind(text: str, kind: str) -> list[Candidate]:
    return [c for c in picked(text) if c.kind == kind]


def words(text: str, kind: str) -> list[str]:
    return [text[s.start : s.end] for c in of_kind(text, kind) for s in c.signs]


# ---- whose statement it is ----------------------------------------------------------------------

OTHERS = """
Officials say it is likely that the port will close.
It is likely, officials say, that the port will close.
The port will likely close, said the harbour master.
According to the ministry, a landing is very unlikely.
A landing is very unlikely, according to the ministry.
The admiral believes that war is almost certain.
Two diplomats I spoke to think a blockade likely.
In the view of the general staff, war is improbable.
In the ministry's view a blockade is probable.
The minister warned that the boats might swarm the anchorage.
The minister has warned that the boats might swarm the anchorage.
"A landing is likely," the colonel told reporters.
The colonel called it “very likely” and left.
It is reported that a landing is likely this spring.
A landing is said to be likely.
The blockade is widely believed to be unlikely to hold.
War is seen as likely by the islanders.
The assessment of the navy that a landing is unlikely has not changed.
Rumours in the capital that war is probable drove prices up.
Nobody in the ministry expects that a landing is likely.
The opposition insists that a deal is possible.
Reportedly a landing is likely.
Vessara's ministers would like foreigners to believe that a deal is likely.
Analysts, who rarely agree, predict that a blockade is probable.
Some in the assembly fear that a collision could start a war.
The League claims that its boats will probably stay in harbour.
The navy suggests that a landing is unlikely.
The king vowed that there would likely be a price to pay.
The harbour master puts the chance of a storm as low to medium.
Critics doubt that the talks will probably resume.
To the skippers' minds a seizure is likely.
Officials in both capitals privately concede that a landing is likely.
The ministry sees a landing as unlikely.
A landing, the ministry holds, is unlikely.
The general was quoted as saying that war is likely.
The skippers are convinced that a seizure is likely.
He is sure that a landing is unlikely.
The foreign minister was blunt: 'A landing is likely.'
Sources close to the palace describe a landing as likely.
Lloyd's rates a blockade as unlikely.
A landing was likely, in Merrow's telling.
Asked whether a landing was likely, the minister shrugged.
The prevailing wisdom in the capital is that a landing is unlikely.
They would have us believe that war is likely.
We are told that a landing is likely.
I am told that a landing is likely.
We asked officials, who said that a landing was likely.
As the minister put it, a landing is likely.
The minister called a landing likely.
Prices reflect a belief in the market that a blockade is probable.
The harbour master gives a landing a slim chance.
""".strip().split("\n")

OWN = """
A landing is likely this spring.
We judge that a landing is very unlikely.
I think it likely that force would be used.
This paper argues that a blockade is probable.
We believe the ministers: a blockade would very likely follow.
The evidence suggests that a landing is unlikely.
Officials are likely to say that nothing happened.
The raids predicted by the press are unlikely to come.
Our view is that a deal is possible.
In our view a deal is possible.
I am convinced that a landing is likely.
We are confident that a landing is unlikely.
The skippers' boats and the ministers' ships will likely collide.
Officials say that all is calm; a landing is nevertheless likely.
The ministers say that war is near, but a landing is unlikely.
The ministers see no danger, but we judge a landing likely.
It is fair to say that a landing is unlikely.
A landing can be expected before the summer.
The League will probably announce the second step tomorrow.
The ministry announced the second step, which is unlikely to be the last.
""".strip().split("\n")


@pytest.mark.parametrize("sentence", OTHERS)
def test_a_hedge_of_somebody_else_is_not_the_authors(sentence: str) -> None:
    found = of_kind(sentence, "estimate")
    assert found
    assert {c.voice for c in found} == {"another"}
    assert all(c.reason.endswith("said by another") for c in found)


@pytest.mark.parametrize("sentence", OWN)
def test_a_judgement_of_the_author_is_the_authors(sentence: str) -> None:
    assert "author" in {c.voice for c in of_kind(sentence, "estimate")}


def test_what_the_rules_cannot_see_is_taken_for_the_authors() -> None:
    """The limits that the documentation names: views that are reported without a word for it."""
    for unseen in (
        "For the ministers a landing is likely.",
        "The minister is gloomy. War is likely.",
        "The verdict of the admiral was short: a landing is likely.",
    ):
        assert {c.voice for c in of_kind(unseen, "estimate")} == {"author"}


def test_a_sentence_in_two_voices_is_two_candidates() -> None:
    text = "Officials say that war is likely, but a landing is unlikely."
    assert [(c.voice, c.signs[0].value) for c in of_kind(text, "estimate")] == [
        ("author", "unlikely"),
        ("another", "likely"),
    ]


# ---- estimates ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A landing is not likely.", "not likely"),
        ("A landing isn't very likely.", "not very likely"),
        ("A landing is no longer probable.", "not probable"),
        ("We do not think that a landing is likely.", "not likely"),
        ("The boats may not return.", "not may"),
        ("A landing is anything but likely.", "not likely"),
        ("A landing is less likely now.", "less likely"),
        ("It is hardly possible to hold the port.", "not possible"),
    ],
)
def test_a_denied_phrase_keeps_no_interval(text: str, value: str) -> None:
    found = of_kind(text, "estimate")
    denied = [s for c in found for s in c.signs if s.value == value]
    assert len(denied) == 1
    assert "the table's interval is not meant" in denied[0].reason


def test_as_likely_as_not_is_no_likely() -> None:
    (found,) = of_kind("A landing is about as likely as not.", "estimate")
    assert found.strongest.value == "as likely as not"


def test_not_only_denies_nothing() -> None:
    (found,) = of_kind("A landing is not only likely but near.", "estimate")
    assert found.strongest.value == "likely"
    assert "0.55 to 0.80" in found.reason


@pytest.mark.parametrize(
    "text",
    [
        "They met in May near the cape.",
        "The will of the people was clear.",
        "It broke the political will of the isles.",
        "They withdrew as soon as possible.",
        "A remote island lies there.",
        "He appeared before the court, and they appear daily.",
        "She won a slim majority.",
    ],
)
def test_words_that_are_no_estimate_there(text: str) -> None:
    assert of_kind(text, "estimate") == []


def test_the_longest_phrase_counts_and_the_table_of_the_case_with_it() -> None:
    assert words("War is almost certainly not near.", "estimate") == ["almost certainly not"]
    own = Phrases.standard().overlay(Phrases({"on the cards": Interval(0.5, 0.9, "ours")}))
    text = "A landing is on the cards."
    (found,) = [c for c in picked(text, own) if c.kind == "estimate"]
    assert found.reason == "'on the cards': 0.50 to 0.90 in the table"


def test_an_estimate_in_a_question_is_weak() -> None:
    (found,) = of_kind("Is a landing likely?", "estimate")
    assert found.band == "weak"


# ---- the other kinds ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value", "of", "band"),
    [
        ("They sent 5,200 more troops.", "5200", "troop", "strong"),
        ("Three hundred boats left.", "300", "boat", "strong"),
        ("Trade fell by 12.5 per cent.", "12.5", "%", "strong"),
        ("It cost $3 billion.", "3e+09", "$", "strong"),
        ("Seven lanterns were lit.", "7", "lantern", "fair"),
        ("The two sides met.", "2", "side", "weak"),
        ("Of these 48 agreed.", "48", "", "weak"),
        ("One in ten fears it.", "one in ten", "share", "strong"),
        ("Half of the crew fled.", "half of", "share", "strong"),
    ],
)
def test_numbers_come_with_what_they_count(text: str, value: str, of: str, band: str) -> None:
    (found,) = of_kind(text, "number")
    assert (found.strongest.value, found.strongest.of, found.band) == (value, of, band)


@pytest.mark.parametrize(
    "text",
    [
        "It rests on Article 5 of the treaty.",
        "They met on 3 March 2031.",
        "The shots were heard at sea.<sup>7</sup>",
        "No one came.",
    ],
)
def test_numbers_that_count_nothing(text: str) -> None:
    assert of_kind(text, "number") == []


@pytest.mark.parametrize(
    ("text", "value", "of", "band"),
    [
        ("It ends on 10 May.", "05-10", "day", "strong"),
        ("On January 3, 2031, it began.", "2031-01-03", "day", "strong"),
        ("It began on 2031-01-03.", "2031-01-03", "day", "strong"),
        ("It began in late December 2030.", "2030-12", "month", "fair"),
        ("They have met since February.", "02", "month", "fair"),
        ("It must end by July.", "07", "month", "strong"),
        ("In 1996 it was settled.", "1996", "year", "fair"),
        ("They come next spring.", "", "", "weak"),
    ],
)
def test_dates_say_how_exact_they_are(text: str, value: str, of: str, band: str) -> None:
    (found,) = of_kind(text, "date")
    assert (found.strongest.value, found.strongest.of, found.band) == (value, of, band)


@pytest.mark.parametrize(
    ("kind", "text", "band"),
    [
        ("conditional", "If a sailor dies, the port would be closed.", "strong"),
        ("conditional", "Unless it rains, they sail.", "strong"),
        ("conditional", "Should a sailor die, the port would be closed.", "strong"),
        ("conditional", "Even if they sail, it will hold.", "fair"),
        ("conditional", "In the event of a storm they wait.", "fair"),
        ("cause", "Seizures lead to anger.", "strong"),
        ("cause", "A warning would deter the boats.", "strong"),
        ("cause", "It compelled them to leave.", "strong"),
        ("cause", "Debts weaken the ministry.", "fair"),
        ("cause", "They left because of the storm.", "fair"),
        ("recommendation", "The isles should lift the ban.", "strong"),
        ("recommendation", "We recommend a truce.", "strong"),
        ("recommendation", "The fleet must wait.", "fair"),
        ("open question", "Who cut the cable?", "strong"),
        ("open question", "It remains to be seen whether they return.", "strong"),
        ("open question", "Nobody knows who cut it.", "strong"),
        ("actor", "Vessara warned the Skippers' League.", "strong"),
        ("actor", "Vessara waits.", "fair"),
    ],
)
def test_each_kind_has_its_words_and_a_band(kind: str, text: str, band: str) -> None:
    assert [c.band for c in of_kind(text, kind)][:1] == [band]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("conditional", "They asked if it was over."),
        ("conditional", "It looked as if it was over."),
        ("cause", "The air force to the north sleeps."),
        ("cause", "The cause of the isles is just."),
        ("recommendation", "Should a sailor die, the port would be closed."),
        ("recommendation", "He must have known."),
        ("open question", "They asked for bread."),
        ("actor", "The isles are calm."),
    ],
)
def test_and_near_words_are_not_taken_for_it(kind: str, text: str) -> None:
    assert of_kind(text, kind) == []


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("The Vessaran fleet left.", "Vessara"),
        ("The U.S. of this tale is a UI, the UI.", "United Isles"),
        ("Sudland agreed.", "Norland and Sudland"),
        ("The Skippers’ League agreed.", "The Skippers' League"),
        ("Ada Merrow spoke. Then Merrow left.", "Ada Merrow"),
    ],
)
def test_actors_are_found_by_their_titles(text: str, title: str) -> None:
    found = of_kind(text, "actor")
    assert {s.value for c in found for s in c.signs} == {title}
    assert found[-1].sentence.end == len(text)


# ---- the rules as they were measured -----------------------------------------------------------


def test_the_figures_are_of_these_rules() -> None:
    """Whoever changes a rule runs bench/reader.py again, and says in decision 37 what came of it:
    then the documents of the test are no test any more."""
    rules = ("cues.py", "voices.py", "candidates.py", "phrases.yaml")
    read = b"".join((ROOT / "offramp" / "sources" / name).read_bytes() for name in rules)
    frozen = hashlib.sha256(read).hexdigest()
    assert frozen in (ROOT / "docs" / "decisions" / "37-drafts-by-rule.md").read_text("utf-8")
    assert frozen in (ROOT / "bench" / "reader.py").read_text("utf-8")


# ---- the whole ----------------------------------------------------------------------------------


def test_references_are_left_out_and_headings_are_weak() -> None:
    text = (
        "Why War Is Likely\n\nWar is likely.\n\n"
        "<sup>1</sup> The Courier, 3 May 2031.\nSee https://example.org/2031 for 40 ships.\n"
    )
    found = [(c.kind, c.band) for c in picked(text)]
    assert found == [("estimate", "weak"), ("estimate", "strong")]


WORDS = (
    *("likely", "unlikely", "not", "may", "if", "would", "will", "12", "ships", "3", "May", "2031"),
    *("should", "because", "said", "officials", "we", "believe", "that", "Vessara", "whether"),
    *("must", "lead", "to", "half", "of", "ten", "in", ",", ".", "?", ";", "“", "”", '"', "\n"),
)
ALPHABET = st.sampled_from(WORDS)


@given(st.lists(ALPHABET, max_size=40))
def test_whatever_the_text_every_candidate_has_a_place_a_kind_a_band_and_a_reason(
    parts: list[str],
) -> None:
    text = " ".join(parts)
    for c in picked(text):
        assert 0 <= c.sentence.start < c.sentence.end <= len(text)
        assert c.kind in KINDS
        assert c.band in BANDS
        assert c.reason
        assert c.signs
        assert len(re.findall(r"\w+", c.sentence.words)) <= 6
        for s in c.signs:
            assert c.sentence.start <= s.start < s.end <= c.sentence.end
            assert s.kind == c.kind
            assert BANDS.index(s.band) >= BANDS.index(c.band)
    assert len({(c.sentence, c.kind, c.voice) for c in picked(text)}) == len(picked(text))


def test_of_a_sentence_without_an_end_only_the_beginning_is_read() -> None:
    """Otherwise a table that was pasted as one line would be read for minutes."""
    text = "A landing is likely. " + "officials say " * 20_000 + "that war is unlikely."
    assert words(text, "estimate") == ["likely"]

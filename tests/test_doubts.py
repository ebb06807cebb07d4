"""Nonsense does not pass in silence: what `check` says of a case that is valid and means little."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from offramp.case import scaffold
from offramp.case.case import examine
from offramp.case.texts import shipped
from offramp.cli import main
from offramp.language.doubts import formula

NAMES = frozenset(("tension", "rung", "debt", "border.risk", "today"))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OFFRAMP_SOURCES", raising=False)
    scaffold.write_case(tmp_path / "a")
    return tmp_path


def offramp(*arguments: str) -> Result:
    result = CliRunner().invoke(main, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def change(here: Path, old: str, new: str, file: str = "crisis.yaml") -> None:
    path = here / "a" / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def found(here: Path) -> list[tuple[str, str, str]]:
    out = json.loads(offramp("check", "a", "--json").stdout)
    return [(d["severity"], d["code"], d["message"]) for d in out["diagnostics"]]


def test_a_case_that_makes_sense_is_not_doubted(here: Path) -> None:
    assert found(here) == []


# ---- a reason that swallowed a formula ---------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "part"),
    [
        ("most weeks * (1 + height(rung))", "height(rung...)"),
        ("twice as much + .5 * tension", ".5 * tension"),
        ("as in tension - 2", "tension - 2"),
        ("debt / 3", "debt / 3"),
        ("so long as debt > 2", "debt > 2"),
        ("grows with exp(debt)", "exp(debt...)"),
        ("grows with exp(-.5)", "exp(-..."),
        ("border.risk*2", "border.risk*2"),
    ],
)
def test_a_reason_that_holds_a_formula(reason: str, part: str) -> None:
    assert part in formula(reason, NAMES) or formula(reason, NAMES) in part


@pytest.mark.parametrize(
    "reason",
    [
        "most weeks",
        "tension dies down in a month or so",
        "and/or",
        "24/7 watch",
        "war - or worse",
        "one in 3 - 4 days",
        "see Smith (1999), 3-4",
        "tension and debt",
        "a third/half of it",
        "min. tension (as before)",
        "the day + the night",
        "tension (ours)",
        "10-15 days",
        "Iran's answer - tension rises",
        "c. 2 < 3 attacks",
        "height of the quarrel",
    ],
)
def test_a_reason_in_words_is_left_alone(reason: str) -> None:
    assert formula(reason, NAMES) == ""


def test_check_warns_of_arithmetic_behind_a_reason(here: Path) -> None:
    change(
        here,
        "rate: .01 ? about once in a hundred days",
        "rate: .01 ? most weeks * (1 + height(tension))",
    )
    ((severity, code, message),) = found(here)
    assert (severity, code) == ("warning", "formula")
    assert "nothing behind the `?` is worked out" in message
    change(here, "? most weeks", "[? most weeks]")
    assert found(here) == []


def test_a_reason_of_a_question_and_of_a_bracket_too(here: Path) -> None:
    change(here, ">= 1", ">= 2 ? twice * (1 + tension)", "questions.yaml")
    assert [code for _, code, _ in found(here)] == ["formula"]
    change(here, "? twice", "[? twice * tension] ? twice", "questions.yaml")
    assert {code for _, code, _ in found(here)} == {"formula"}


# ---- always so -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("(tension >= crisis)", "(tension >= calm)", "always true"),
        ("(tension >= crisis)", "(tension > crisis)", "always false"),
        ("(tension >= crisis)", "(tension <= crisis)", "always true"),
        ("(tension >= crisis)", "(height(tension) < 3 [? x])", "always true"),
        ("(tension >= crisis)", "(border.risk <= 1)", "always true"),
        ("    by: north\n", "    by: north\n    when: today >= 2029-01-01 ? x\n", "always true"),
        ("    by: north\n", "    by: north\n    when: today > 2030-06-30 ? x\n", "always false"),
        ("    by: north\n", "    by: north\n    when: no ? x\n", "always false"),
        ("    by: north\n", "    by: north\n    when: yes ? x\n", "always true"),
    ],
)
def test_a_condition_that_cannot_come_out_otherwise(
    here: Path, old: str, new: str, words: str
) -> None:
    change(here, old, new)
    (one,) = found(here)
    assert one[:2] == ("warning", "settled")
    assert words in one[2]


@pytest.mark.parametrize(
    ("asks", "words"),
    [
        ("count(border_incident) >= 0", "always true"),
        ("highest(tension) > crisis", "always false"),
        ("first(border_incident) < 2030-01-01", "always false"),
    ],
)
def test_a_question_whose_answer_is_known(here: Path, asks: str, words: str) -> None:
    change(here, "count(border_incident) >= 1", asks, "questions.yaml")
    (one,) = found(here)
    assert one[:2] == ("warning", "settled")
    assert words in one[2]


@given(st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), st.integers(-2, 4), st.booleans())
def test_what_is_said_to_be_always_so_is_so(operator: str, level: int, turned: bool) -> None:
    """Against all that a ladder of three levels can be."""
    from offramp.case.case import read_crisis
    from offramp.language.doubts import Bounds, settled
    from offramp.text.diagnostics import Diagnostics

    text = f"{level} {operator} height(s)" if turned else f"height(s) {operator} {level}"
    crisis, _ = read_crisis(
        "crisis: x\nfrom: 2030-01-01\nto: 2030-01-09\nshow: [s]\n"
        "state: {s: {ladder: [a, b, c], now: a ? x}}\n"
        f"event: {{e: {{rate: .1 ? x, when: {text} ? x, does: [s + 1 ? x]}}}}\n"
    )
    quiet = Diagnostics()
    when = crisis.events[0].when
    assert when is not None
    settled([when], Bounds(crisis), quiet)
    values = {bool(eval(text.replace("height(s)", str(h / 4)))) for h in range(9)}
    assert bool(quiet.found) == (len(values) == 1)
    if quiet.found:
        assert f"always {str(values.pop()).lower()}" in quiet.found[0].message


# ---- out of bounds ---------------------------------------------------------------------------

PRIOR = "unknown:\n  w:\n    {}\n"


@pytest.mark.parametrize(
    ("prior", "old", "new", "words"),
    [
        ("normal: .1 .. 2 ? x", "precision: 1", "precision: w + 0", "can be below 0"),
        (
            "between: -1.5 .. 2 ? x",
            "precision: 1",
            "precision: w + 0",
            "below 0 in some world (-1.5)",
        ),
        ("normal: -1.5 .. 2 ? x", "pace: .1", "pace: w + 0", "can be below 0"),
        ("scale: .5 .. 2 ? x", "chance: border.risk", "chance: .6 [? x] * w", "can be above 1"),
        ("share: .2 .. .8 ? x", "chance: border.risk", "chance: .6 [? x] + w", "can be above 1"),
        ("between: .1 .. .9 ? x", "rate: .01", "rate: .3 [? x] - w", "can be below 0"),
    ],
)
def test_a_value_that_can_leave_its_bounds(
    here: Path, prior: str, old: str, new: str, words: str
) -> None:
    change(here, "unknown:\n", PRIOR.format(prior))
    change(here, old, new)
    messages = [m for s, c, m in found(here) if c == "beyond"]
    assert len(messages) == 1
    assert words in messages[0]


@pytest.mark.parametrize(
    ("prior", "old", "new"),
    [
        ("scale: .1 .. 2 ? x", "precision: 1", "precision: w + 0"),
        ("share: .2 .. .8 ? x", "chance: border.risk", "chance: .6 [? x] * w"),
        ("share: .01 .. .05 ? x", "chance: border.risk", "chance: w + border.risk * 0"),
        ("normal: 5 .. 6 ? x", "precision: 1", "precision: w + 0"),
    ],
)
def test_a_value_that_stays_is_not_doubted(here: Path, prior: str, old: str, new: str) -> None:
    change(here, "unknown:\n", PRIOR.format(prior))
    change(here, old, new)
    assert [c for _, c, _ in found(here) if c == "beyond"] == []


def test_a_guess_of_another_actor_counts(here: Path) -> None:
    change(here, "unknown:\n", PRIOR.format("share: .2 .. .8 ? x"))
    change(here, "precision: 1", "precision: w + 0")
    path = here / "a" / "crisis.yaml"
    path.write_text(
        path.read_text("utf-8")
        + "\nbelief:\n  south about north:\n    types:\n      mild: {prior: .5 ? x, w: .5 ? x}\n"
        "      wild: {prior: .5 ? x, w: -2 ? x}\n",
        "utf-8",
    )
    change(here, "actor:\n", "actor:\n  south: {role: audience}\n")
    assert any("below 0 in some world (-2)" in m for _, c, m in found(here) if c == "beyond")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("pause: 10d", "pause: 2.5d", "2.5, and worlds are simulated by whole days"),
        ("    by: north\n", "    by: north\n    takes: .4d ? x\n", "0.4, and worlds are simulated"),
        ("  tension:\n", "  c: {clock: 2.5d ? x}\n  tension:\n", "a clock counts whole days"),
    ],
)
def test_a_part_of_a_day_is_none(here: Path, old: str, new: str, words: str) -> None:
    change(here, old, new)
    assert any(s == "error" and words in m for s, c, m in found(here) if c == "whole")


@pytest.mark.parametrize(
    "part", ["seats: 10.5 seats ? x", "quorum: 5.5 seats ? x", "quota: 5.5 seats ? x"]
)
def test_a_seat_is_whole(here: Path, part: str) -> None:
    inner = part if part.startswith("seats") else "seats: 10 seats ? x"
    outer = "" if part.startswith("seats") else f"      {part}\n"
    change(
        here,
        "hazard:\n",
        "event:\n  bill:\n    vote:\n      held: 2030-02-01 ? x\n"
        + outer
        + f"      blocs:\n        one: {{{inner}, yes: .5 ? x}}\n    outcomes:\n"
        "      carried: {does: [tension + .1 ? x]}\nhazard:\n",
    )
    path = here / "a" / "crisis.yaml"
    text = path.read_text("utf-8").replace("\nevent:\n  north.protest", "\nmoves:\n  north.protest")
    text = text.replace("event:\n  bill:", "event:\n  bill:")
    protest = text[text.index("moves:\n") + len("moves:\n") : text.index("event:\n  bill")]
    text = text.replace("moves:\n" + protest, "").replace("event:\n", "event:\n" + protest, 1)
    path.write_text(text, "utf-8")
    assert any("a seat is whole" in m for s, c, m in found(here) if c == "whole")


# ---- documents at hand -----------------------------------------------------------------------


def test_check_says_when_a_passage_no_longer_stands(here: Path) -> None:
    path = here / "a" / "documents" / "note.txt"
    text = path.read_text("utf-8")
    path.write_text("More. " + text.replace("Neither", "No"), "utf-8")
    said = found(here)
    assert {(s, c) for s, c, _ in said} == {("error", "text")}
    words = " ".join(m for _, _, m in said)
    assert "the hash differs" in words
    assert "has moved" in words
    assert "stands nowhere" in words
    assert offramp("check", "a").exit_code == 1


def test_check_says_when_a_passage_lies_outside_its_text(here: Path) -> None:
    change(here, "text: {start: 0, end: 180}", "text: {start: 60, end: 180}", "sources.yaml")
    assert any("outside the text" in m for _, _, m in found(here))


def test_check_without_the_documents_says_nothing_of_them(here: Path) -> None:
    shutil.rmtree(here / "a" / "documents")
    assert found(here) == []


def test_a_document_that_cannot_be_read_is_a_finding(here: Path) -> None:
    (here / "a" / "documents" / "note.txt").write_bytes(b"\xff\xfe\xfa")
    ((severity, code, message),) = found(here)
    assert (severity, code) == ("error", "text")
    assert "is not UTF-8" in message


def test_a_stated_number_stands_in_its_passage(here: Path) -> None:
    change(here, ".5 ? a note stirs things up", ".5 @P1")
    ((severity, code, message),) = found(here)
    assert (severity, code) == ("warning", "no-number")
    assert "P1" in message
    shutil.rmtree(here / "a" / "documents")  # nothing can be said of a text that is away
    assert found(here) == []


def test_a_stated_number_beside_the_crisis_stands_in_its_passage_too(here: Path) -> None:
    (here / "a" / "reporting.yaml").write_text("reporting:\n  border_incident: .9 @P3\n", "utf-8")
    assert [(s, c) for s, c, _ in found(here)] == [("warning", "no-number")]


def test_a_number_in_words_is_a_number(here: Path) -> None:
    change(here, ".5 ? a note stirs things up", ".5 @P3")  # "Neither government wants a war"
    assert [c for _, c, _ in found(here)] == ["no-number"]
    from offramp.case.at_hand import _NUMBER

    for words in ("some twelve boats", "Half of them", "in March", "5,200", "twice", "a third"):
        assert _NUMBER.search(words)
    for words in ("low to medium", "several boats", "onerous", "secondary", "likely"):
        assert not _NUMBER.search(words)


def test_documents_elsewhere_are_looked_at_too(here: Path) -> None:
    shutil.move(here / "a" / "documents", here / "texts")
    (here / "texts" / "note.txt").write_text("gone", "utf-8")
    assert offramp("check", "a").exit_code == 0
    assert offramp("check", "a", "--sources", "texts").exit_code == 1


@pytest.mark.parametrize("crisis", ["crisis: [\n", "crisis: x\n", None])
def test_sources_are_verified_before_there_is_a_model(here: Path, crisis: str | None) -> None:
    path = here / "a" / "crisis.yaml"
    path.unlink() if crisis is None else path.write_text(crisis)
    result = offramp("sources", "verify", "a")
    assert result.exit_code == 0
    assert "3 of 3 passages stand" in result.stdout
    (here / "a" / "documents" / "note.txt").write_text("gone", "utf-8")
    assert offramp("sources", "verify", "a").exit_code == 1
    if crisis is not None:
        shown = offramp("sources", "show", "a", "P1")
        assert "what uses it is not known" in shown.stdout
        assert "does not stand there" in shown.stderr


# ---- what nobody reads -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("question.yaml", "questions.yaml"),
        ("Questions.yaml", "questions.yaml"),
        ("rooms.yml", "rooms.yaml"),
        ("historys.csv", "history.csv"),
        ("assessment.yaml", "assessments/NAME.yaml"),
        ("assessment/", "assessments"),
        ("Claims/", "claims"),
        ("document/", "documents"),
        ("claims/me.yml", "claims/NAME.yaml"),
        ("assessments/old/", "assessments/NAME.yaml"),
    ],
)
def test_what_is_named_nearly_right_is_told(here: Path, name: str, meant: str) -> None:
    path = here / "a" / name
    path.parent.mkdir(exist_ok=True)
    path.mkdir() if name.endswith("/") else path.touch()
    out = json.loads(offramp("check", "a", "--json").stdout)["diagnostics"]
    assert [(d["severity"], d["code"], d["file"]) for d in out] == [
        ("warning", "stray", name.rstrip("/"))
    ]
    assert f"'{meant}'" in out[0]["help"]


@pytest.mark.parametrize(
    "name",
    ["README.md", "notes.yaml", "pictures/", "Makefile", ".git/", "data.csv", "claims/README.md"],
)
def test_what_is_the_users_own_is_left_alone(here: Path, name: str) -> None:
    path = here / "a" / name
    path.parent.mkdir(exist_ok=True)
    path.mkdir() if name.endswith("/") else path.touch()
    assert found(here) == []


def test_a_file_in_place_of_the_documents_is_told(here: Path) -> None:
    shutil.rmtree(here / "a" / "documents")
    (here / "a" / "documents").touch()
    assert [(s, c) for s, c, _ in found(here)] == [("error", "unreadable")]


# ---- baselines -------------------------------------------------------------------------------


def test_check_and_score_read_the_baselines_before_a_world_is_lived(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(shipped()["tutorial"], "a")
    Path("a/baselines.yaml").write_text("base_rates: {war: {class: x}}\n")
    Path("a/crowd.csv").write_text("question,probability\nwar,7\n")
    said = {(c, d) for d, c, _ in found(tmp_path)}
    assert said == {("missing", "error"), ("crowd", "error")}

    def never(*_: object, **__: object) -> None:
        raise AssertionError("worlds were lived")

    monkeypatch.setattr("offramp.answers.scoring.scored", never)
    result = offramp("score", "a", "--worlds", "64")
    assert result.exit_code == 1
    assert "baselines.yaml" in result.stderr


def test_the_shipped_cases_are_not_doubted() -> None:
    for path in shipped().values():
        assert examine(path)[1] == []
        assert offramp("check", str(path)).stderr == ""

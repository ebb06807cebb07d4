"""What looks the same and is not: the message says what the difference is, and what to type."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from offramp.case import scaffold
from offramp.case.case import load
from offramp.cli import main
from offramp.language.crisis import elements
from offramp.text.diagnostics import suggestion
from offramp.text.spelling import alike, keyed, oddities

COMPOSED, APART = "caf\u00e9", "cafe\u0301"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    scaffold.write_case(tmp_path / "a")
    return tmp_path


def said(*arguments: str) -> str:
    result = CliRunner().invoke(main, arguments)
    assert isinstance(result.exception, SystemExit | None)
    assert result.exit_code == 1
    return " ".join(result.stderr.split())


def change(here: Path, file: str, old: str, new: str) -> None:
    path = here / "a" / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


@pytest.mark.parametrize(
    ("known", "typed"),
    [
        (COMPOSED, APART),
        (APART, COMPOSED),
        ("note", "no\u00adte"),
        ("note", "n\u043ete"),
        ("it's", "it\u2019s"),
        ("t-1", "t\u20121"),
        ("note", "note\u200b"),
    ],
)
def test_a_name_that_looks_like_a_known_one_is_told_apart(known: str, typed: str) -> None:
    words = suggestion(typed, ["other", known])
    assert "only looks the same" in words
    place = next(
        (i for i, (a, b) in enumerate(zip(known, typed, strict=False)) if a != b),
        min(len(known), len(typed)),
    )
    odd = typed[place] if place < len(typed) else known[place]
    assert f"U+{ord(odd):04X}" in words


def test_one_accented_name_in_two_spellings(here: Path) -> None:
    change(here, "questions.yaml", "incident:", f"{COMPOSED}:")
    words = said("why", "a", APART)
    assert "U+00E9 (latin small letter e with acute)" in words
    assert "U+0301 (combining acute accent)" in words


def test_two_names_that_look_the_same_stand_in_no_file(here: Path) -> None:
    path = here / "a" / "questions.yaml"
    text = path.read_text("utf-8")
    entry = text.removeprefix("questions:\n")
    for one, two in ((COMPOSED, APART), ("incident", "\u0456ncident"), ("ab", "a\u00adb")):
        both = "".join(entry.replace("incident:", f"{name}:", 1) for name in (one, two))
        path.write_text("questions:\n" + both, "utf-8")
        words = said("check", "a")
        assert "error[alike]" in words
        assert "in line 2" in words


@pytest.mark.parametrize(
    ("file", "old", "new", "character", "help"),
    [
        ("crisis.yaml", "-1 ~P3", "\u22121 ~P3", "U+2212 (minus sign)", "type -"),
        ("crisis.yaml", "rate: .01", "rate: .0\u06611", "U+0661 (arabic-indic digit one)", "1"),
        (
            "crisis.yaml",
            "(tension >= crisis)",
            "(tension \u2265 crisis)",
            "U+2265 (greater-than or equal to)",
            "type >=",
        ),
        (
            "crisis.yaml",
            ".5 * height",
            ".5 \u00d7 height",
            "U+00D7 (multiplication sign)",
            "type *",
        ),
        (
            "crisis.yaml",
            "from: 2030-01-01",
            "from: 2030\u201301\u201301",
            "U+2013 (en dash)",
            "type -",
        ),
        ("crisis.yaml", "tension + .5", "ten\u00adsion + .5", "U+00AD (soft hyphen)", "remove it"),
        ("crisis.yaml", "border.risk:", "bord\u00e9r.risk\u0301:", "U+0301", "one character"),
        (
            "crisis.yaml",
            "height(tension)",
            "height(t\u0435nsion)",
            "U+0435 (cyrillic small letter ie)",
            "type e",
        ),
        ("questions.yaml", "2030-01-01 ..", "2030-01\u201101 ..", "U+2011", "type -"),
    ],
)
def test_what_only_looks_like_a_character_of_the_keyboard(
    here: Path, file: str, old: str, new: str, character: str, help: str
) -> None:
    change(here, file, old, new)
    words = said("check", "a")
    assert character in words
    assert help in words


def test_a_date_and_a_number_of_a_table_too(here: Path) -> None:
    change(here, "crisis.yaml", "to: 2030-06-30", "to: 2030-06-30")
    from offramp.case.reports import HEADER

    row = dict.fromkeys(HEADER, "x") | {
        "date": "2030\u201301\u201308",
        "kind": "event",
        "what": "border_incident",
    }
    (here / "a" / "history.csv").write_text(
        ",".join(HEADER) + "\n" + ",".join(row.values()) + "\n", "utf-8"
    )
    assert "U+2013 (en dash): type -" in said("check", "a")


def test_typographic_words_where_they_belong_are_nobodys_fault(here: Path) -> None:
    change(
        here,
        "crisis.yaml",
        "name: Northland",
        "name: Northland\u2019s \u201crulers\u201d \u2013 all",
    )
    change(here, "crisis.yaml", "? pride", "? pride \u2013 it\u2019s theirs")
    assert CliRunner().invoke(main, ["check", "a"]).exit_code == 0
    change(here, "questions.yaml", "[P2]", "[P9]")
    assert "U+20" not in said("check", "a")


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=30))
def test_typing_again_changes_nothing_more(words: str) -> None:
    assert keyed(keyed(words)) == keyed(words)
    assert alike(unicodedata.normalize("NFD", words)) == alike(words)


@given(st.text(st.characters(max_codepoint=127), max_size=30))
def test_what_a_keyboard_types_is_not_odd(words: str) -> None:
    assert keyed(words) == words
    assert oddities(f"'{words}'") == ""


# ---- where a finding stands ------------------------------------------------------------------


@pytest.mark.parametrize("file", ["crisis.yaml", "passages.yaml", "assessments/me.yaml"])
def test_a_file_is_named_within_its_case_wherever_that_lies(
    here: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    path = here / "a" / file
    path.parent.mkdir(exist_ok=True)
    path.write_text("nonsense:\n\tx: 1\n", "utf-8")
    (here / "far" / "away").mkdir(parents=True)
    told = []
    for stand, name in ((here, "a"), (here / "far" / "away", str(here / "a")), (here / "a", ".")):
        monkeypatch.chdir(stand)
        result = CliRunner().invoke(main, ["check", name, "--json"])
        told.append([d["file"] for d in json.loads(result.stdout)["diagnostics"]])
        shown = CliRunner().invoke(main, ["check", name]).stderr
        where = file if name == "." else f"{name}/{file}"
        assert f"{where}:" in shown
        assert "x: 1" in shown  # the line is found and shown
    assert told[0] == told[1] == told[2]
    assert set(told[0]) == {file}


def test_no_span_of_a_shipped_case_is_absolute() -> None:
    case = load("tutorial")
    spans = {e.span.file for _, e in elements(case.crisis) if hasattr(e, "span")}
    spans |= {q.span.file for q in case.questions}
    assert spans <= {"crisis.yaml", "questions.yaml"}
    assert spans

"""Every code of a diagnostic stands in the table, and its example gives it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import errors_page
import pytest
from click.testing import CliRunner, Result

import offramp
from offramp.case import scaffold
from offramp.case.texts import shipped
from offramp.cli import main
from offramp.text.codes import CODES, Code
from offramp.text.diagnostics import Diagnostic

ROOT = Path(__file__).parent.parent


# ---- the source and the table ------------------------------------------------------------------

# Where a call passes its code: behind the place, or, of a row of history.csv, behind the column.
CALLS = {"error": 1, "warning": 1, "Diagnostic": 1, "Slip": 1, "wrong": 2}

# Codes that are put together or chosen where they are given, expanded by hand. The nouns of
# `unknown_name` and `is_there` are those of their calls, and a test reads them there; those of an
# assessment are its `kind` without the s, those of a disagreement the nouns that may carry one.
COMPUTED = {
    ("language/readers.py", "f'unknown-{what}'"): (
        "unknown-actor",
        "unknown-belief",
        "unknown-clock",
        "unknown-document",
        "unknown-event",
        "unknown-quantity",
        "unknown-question",
        "unknown-unknown",
    ),
    ("case/assessments.py", "f'unknown-{kind[:-1]}'"): ("unknown-option", "unknown-type"),
    ("case/disagreements.py", "f'unknown-{kind}'"): (
        "unknown-actor",
        "unknown-belief",
        "unknown-event",
        "unknown-history",
        "unknown-state",
        "unknown-unknown",
    ),
    ("language/questions.py", "'option' if 'option' in what else 'name'"): ("option", "name"),
    ("language/quantities.py", "code"): ("probability", "bounds"),  # of a start or a rest
    ("case/reports.py", "code"): (),  # `wrong` hands it on
    ("case/cited.py", "slip.code"): (),  # a Slip hands it on
    ("text/diagnostics.py", "code"): (),  # `error` and `warning` themselves
}
KINDS = {"asked.py": ("question", "unknown", "actor")}  # `kinds[0]`, of its calls


def calls() -> Iterator[tuple[str, str, list[ast.expr]]]:
    """Every call of the package: in which file, of what, and what is passed."""
    folder = ROOT / "offramp"
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", "") or getattr(node.func, "id", "")
                hidden = name in CALLS and any(k.arg == "code" for k in node.keywords)
                assert not hidden, "a code is passed by place, or it would not be seen"
                yield path.relative_to(folder).as_posix(), name, node.args


def given() -> tuple[dict[str, set[str]], set[tuple[str, str]]]:
    """The codes that stand in the source with the calls that give them, and what is computed."""
    literal: dict[str, set[str]] = {}
    computed = set()
    for file, name, arguments in calls():
        place = CALLS.get(name)
        if place is None or len(arguments) <= place:
            continue
        code = arguments[place]
        if isinstance(code, ast.Constant) and isinstance(code.value, str):
            literal.setdefault(code.value, set()).add(name)
        elif not isinstance(code, ast.Constant):
            computed.add((file, ast.unparse(code)))
    return literal, computed


def test_every_code_of_the_source_stands_in_the_table_and_no_other() -> None:
    literal, computed = given()
    assert computed == set(COMPUTED)
    expanded = {code for codes in COMPUTED.values() for code in codes}
    here = set(literal) | expanded
    assert here - set(CODES) == set(), "a new code is explained in offramp/text/codes.py"
    assert set(CODES) - here == set(), "nothing gives this code any more"


def test_the_nouns_of_unknown_names_are_those_of_the_calls() -> None:
    nouns = set[str]()
    for file, name, arguments in calls():
        place = {"unknown_name": 2, "is_there": 1}.get(name)
        if place is None:
            continue
        noun = arguments[place]
        if isinstance(noun, ast.Constant):
            nouns.add(str(noun.value))
        elif ast.unparse(noun) == "kinds[0]":
            nouns |= set(KINDS[Path(file).name])
        else:
            assert ast.unparse(noun) in ("what", "section")  # a call within hands it on
    expanded = COMPUTED["language/readers.py", "f'unknown-{what}'"]
    assert {f"unknown-{noun}" for noun in nouns} == set(expanded)


def test_warnings_are_marked_as_warnings() -> None:
    literal, _ = given()
    warned = {code for code, names in literal.items() if "warning" in names}
    only = {code for code in warned if literal[code] == {"warning"}}
    assert {code for code, x in CODES.items() if x.level == "warning"} == only
    assert {code for code, x in CODES.items() if x.level == "either"} == warned - only


def test_the_table_is_in_order_and_says_something() -> None:
    assert list(CODES) == sorted(CODES)
    for code, entry in CODES.items():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code)
        assert len(entry.short) < 120, code
        assert entry.means.endswith("."), code
        assert entry.example != entry.worked, code
        lines = f"{entry.example}\n{entry.worked}".split("\n")
        assert max(map(len, lines)) <= 100, code


# ---- the examples ------------------------------------------------------------------------------

# Of these no text of a file gives the code: they are of folders, bytes, documents at hand, of the
# names of files, of two files together, of a command other than check, or of a very long text.
NOT_TRIED = (
    "ambiguous",
    "cited-note",
    "encoding",
    "faulty-fact",
    "no-case",
    "no-file",
    "no-number",
    "no-such-premise",
    "stale",
    "stray",
    "text",
    "too-large",
    "too-long",
    "too-many",
    "unknown-assessment",
    "unreadable",
)
TRIED = sorted(code for code, entry in CODES.items() if entry.file)


# Where one mistake leads to others: the example gives these codes too.
FOLLOWED = {
    "constant-want": {"formula", "missing"},
    "foreign-judgement": {"unknown-assessment"},
    "form-cycle": {"unknown-event", "unknown-name", "unknown-quantity"},
    "judgement": {"unknown-assessment"},
    "not-binary": {"unknown-assessment"},
    "open": {"bounds"},
    "shape": {"reason"},
    "state-kind": {"bounds"},
    "stated-start": {"unknown-assessment"},
    "too-deep": {"shape"},
    "unknown-belief": {"unknown-assessment"},
    "unknown-document": {"foreign-passage"},
    "unset-premise": {"unknown-assessment"},
}


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """The texts of the two cases that the examples go with."""
    new = tmp_path_factory.mktemp("cases") / "new"
    scaffold.write_case(new)
    folders = {"new": new, "tutorial": shipped()["tutorial"]}
    return {
        name: {
            path.relative_to(folder).as_posix(): path.read_text("utf-8")
            for path in sorted(folder.rglob("*"))
            if path.suffix in (".yaml", ".csv")
        }
        for name, folder in folders.items()
    }


def parts(text: str, head: str) -> dict[str, str]:
    """A text cut where a line begins as `head` says, by those beginnings; '' is what stands before
    the first."""
    out, key = {"": ""}, ""
    for line in text.rstrip("\n").split("\n"):
        match = re.match(head, line)
        key = match[1] if match else key
        out[key] = out.get(key, "") + line + "\n"
    return out


def beside(whole: str, part: str) -> str:
    """A file with an example in it: its entries beside what is there under their headings, or in
    place of an entry of the same name."""
    sections = parts(whole, r"(\w[^:]*):")
    for name, text in parts(part, r"(\w[^:]*):").items():
        old = sections.get(name, "")
        if old.count("\n") > 1 and text.count("\n") > 1 and not re.search(r"^  - ", text, re.M):
            entries = parts(old, r"  (\w[^:]*):") | {"": ""}
            added = parts(text, r"  (\w[^:]*):")
            top = added.pop("")
            entries |= added
            sections[name] = top + "".join(entries.values())
        else:
            sections[name] = text
    return "".join(sections.values())


def found(entry: Code, text: str, cases: dict[str, dict[str, str]]) -> tuple[Diagnostic, ...]:
    """All that is said of the case with the text in its place."""
    texts = dict(cases[entry.case])
    if entry.file == "crisis.yaml":
        texts.pop("rooms.yaml", None)  # it would want to know of what is new
    old = texts.get(entry.file, "")
    texts[entry.file] = text + "\n" if entry.file.endswith(".csv") else beside(old, text)
    return offramp.check(texts).found


def test_those_not_tried_are_known() -> None:
    assert tuple(code for code, entry in CODES.items() if not entry.file) == NOT_TRIED
    assert len(TRIED) > 130


def test_the_cases_themselves_are_right(cases: dict[str, dict[str, str]]) -> None:
    for texts in cases.values():
        assert offramp.check(texts).found == ()


@pytest.mark.parametrize("code", TRIED)
def test_the_example_gives_its_code_and_the_corrected_text_nothing(
    code: str, cases: dict[str, dict[str, str]]
) -> None:
    entry = CODES[code]
    said = found(entry, entry.example, cases)
    assert {d.code for d in said} == {code} | FOLLOWED.get(code, set())
    assert {d.severity for d in said if d.code == code} <= (
        {"error", "warning"} if entry.level == "either" else {entry.level}
    )
    assert [(d.code, d.message) for d in found(entry, entry.worked, cases)] == []


# ---- the page and the command ------------------------------------------------------------------


def test_the_page_is_what_its_script_makes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert errors_page.PAGE.read_text("utf-8") == errors_page.page()
    assert errors_page.main(["--check"]) == 0
    other = tmp_path / "errors.md"
    assert errors_page.main(["--check"], other) == 1
    assert not other.exists()
    assert errors_page.main([], other) == 0
    assert other.read_text("utf-8") == errors_page.page()
    assert errors_page.main(["--check"], other) == 0
    assert "is not what the table gives" in capsys.readouterr().out


def test_the_page_has_a_section_and_a_link_for_every_code() -> None:
    page = errors_page.page()
    assert re.findall(r"^## (.*)$", page, re.M) == sorted(CODES)
    assert re.findall(r"\]\(#([a-z-]+)\)", page) == sorted(CODES)


def explained(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["explain", *arguments])


@pytest.mark.parametrize("code", CODES)
def test_a_code_is_explained(code: str) -> None:
    result = explained(code)
    assert result.exit_code == 0
    entry = CODES[code]
    said = " ".join(result.stdout.split())
    for words in (code, entry.means, entry.example, entry.worked):
        assert " ".join(words.split()) in said


def test_what_is_a_warning_is_called_one() -> None:
    assert explained("idle").stdout.startswith("idle: a warning\n")
    assert explained("weighs").stdout.startswith("weighs: an error or a warning\n")
    assert explained("no-basis").stdout.startswith("no-basis: an error\n")


@pytest.mark.parametrize(
    ("code", "help"),
    [("no-basi", "did you mean 'no-basis'"), ("xyzzy", "`offramp explain` lists them all")],
)
def test_a_code_that_is_not_there_is_told_with_a_near_one(code: str, help: str) -> None:
    result = explained(code)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert f"there is no code '{code}': {help}" in result.stderr


def test_the_list_has_every_code_in_eighty_columns() -> None:
    result = explained()
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert [line.split()[0] for line in lines if not line.startswith(" ")] == list(CODES)
    assert max(map(len, lines)) < 80

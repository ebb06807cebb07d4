"""Figures of the pages come from commands: the marks, how they are filled in, and their drift."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import figure_tables
import figures
import pytest
from conftest import TAKES_LONG
from figure_marks import Failure, Page, Run, at, printed, read, same, told

CHECK = "<!-- run: ck = offramp check tutorial -->\n"
WAR = "<!-- run: fo = offramp forecast tutorial --worlds 8 --json -->\n"
OUT = {
    "answers": [
        {"id": "war", "probability": 0.034, "interval_90": [0.028, 0.042], "note": None},
        {"id": "landing", "probability": 0.12, "interval_90": [0.1, 0.13], "note": "x"},
    ],
    "by_day": {"2031-04-08": -11.61},
    "worlds": 4096,
    "free": True,
    "on": "2031-04-08",
}


@pytest.fixture
def page(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str, name: str = "page.md") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode("utf-8"))
        return path

    return write


def ask(run: Run) -> str:
    return json.dumps(OUT) if run.json else "tutorial: 252 rows, 92 events (19 of disputed days)\n"


# ---- what a mark says --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("worlds", 4096),
        ("answers[0].probability", 0.034),
        ("answers[-1].id", "landing"),
        ("answers[id=war].interval_90[1]", 0.042),
        ("answers[note=null][id=war].probability", 0.034),
        ("by_day[2031-04-08]", -11.61),
        ("#answers", 2),
        ("#answers[note=x]", 1),
        ("#answers[id=peace]", 0),
        ("#answers[id=war].interval_90", 2),
    ],
)
def test_a_path_leads_to_one_value_or_counts(path: str, value: object) -> None:
    assert at(OUT, path) == value


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("world", "there is no 'world'; there are answers, by_day, worlds"),
        ("answers[7]", r"there is no \[7\]: the list has 2"),
        ("answers[id=peace].probability", "nothing has id=peace"),
        ("answers[id=war].probability.x", "'x' is no part of 0.034"),
        ("answers.id", r"'id' is no part of \["),
        ("worlds[id=war]", "selects from a list"),
        ("#worlds", "counts a list"),
    ],
)
def test_a_path_that_leads_nowhere_says_where_it_ends(path: str, words: str) -> None:
    with pytest.raises(Failure, match=words):
        at(OUT, path)


def test_of_several_selected_none_is_meant() -> None:
    with pytest.raises(Failure, match="2 are selected, and one is meant"):
        at({"x": [{"a": 1, "b": 1}, {"a": 1, "b": 2}]}, "x[a=1].b")


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (0.034, ".0%", "3%"),
        (0.034, "%", "3%"),
        (0.001, "%", "<1%"),
        (0.034, ".1p", "3.4"),
        (4096, ",", "4,096"),
        (4096, "", "4096"),
        (-11.606, ".2f", "-11.61"),
        (0.5, "+.2f", "+0.50"),
        (-0.2, "|.0p", "20"),
        (-0.001, ".1f", "0.0"),
        ("2031-04-08", "day", "8 April"),
        ("ilvane", "", "ilvane"),
        ("1,234", ".1f", "1234.0"),
    ],
)
def test_a_format_writes_a_figure(value: object, form: str, text: str) -> None:
    assert printed(value, form) == text


@pytest.mark.parametrize(
    ("value", "form"),
    [(0.5, ""), (0.5, "x"), (None, ".2f"), (True, ""), ([1], ""), ("war", "day"), ("war", ".2f")],
)
def test_what_is_no_figure_or_has_no_format_is_refused(value: object, form: str) -> None:
    with pytest.raises(Failure):
        printed(value, form)


def test_words_find_the_number_that_stands_among_them() -> None:
    text = "252 rows, 92 events (19\n   of disputed days); 74 of 123 events followed, 1,024 worlds"
    assert told(text, '"# rows"') == "252"
    assert told(text, '"# of disputed days"') == "19"
    assert told(text, '"# of ... events followed"') == "74"
    assert told(text, '"# worlds"') == "1,024"
    with pytest.raises(Failure, match="several times, with 123 and 92"):
        told(text, '"# events"')
    with pytest.raises(Failure, match="nowhere"):
        told(text, '"# columns"')


# ---- reading a page ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (CHECK + '\nso <!-- ck: "# rows" -->252 rows', 3, "is not closed"),
        (CHECK + '\nso <!-- ck: "# rows" -->2, <!-- ck: "# rows" -->2<!-- / -->', 3, "not closed"),
        (CHECK + "\nso 252<!-- / -->", 3, "without a mark before it"),
        (CHECK + '\nso <!-- kc: "# rows" -->2<!-- / -->', 3, "named 'kc'; there are ck"),
        ('\nso <!-- ck: "# rows" -->2<!-- / -->', 2, "named 'ck'; name it, <!-- run:"),
        (CHECK + '\nso <!-- ck: "rows" -->2<!-- / -->', 3, "one # stands for the number"),
        (CHECK + "\nso <!-- ck: rows -->2<!-- / -->", 3, "has no --json"),
        (WAR + "\nso <!-- fo: answers[0 -->2<!-- / -->", 3, "is no mark"),
        (WAR + "\nso <!-- fo: answers..x -->2<!-- / -->", 3, "is no path"),
        (WAR + "\nso <!-- fo: worlds .q -->2<!-- / -->", 3, "'.q' is no format"),
        (WAR + "\nso <!-- fo: verdict() -->2<!-- / -->", 3, "no such function; there are"),
        (WAR + "\n- <!-- fo: worlds -->2<!-- / --> worlds", 3, "may not begin a line"),
        (CHECK + "\nnothing", 1, "no figure of the page comes from 'ck'"),
        (CHECK + CHECK, 2, "'ck' names a command already"),
        ("<!-- run: offramp check tutorial -->", 1, "names no command"),
        ("<!-- run: ck = rm -r offramp -->", 1, "is no command of offramp"),
        ("<!-- run: ck = offramp chek tutorial -->", 1, "there is no command 'chek'"),
        ("<!-- run: ck = offramp sources -->", 1, "which command of sources"),
        ("<!-- run: ck = offramp check tutorial --jason -->", 1, "No such option"),
        ("<!-- run: ck = offramp forecast tutorial --worlds many -->", 1, "not a valid int"),
        ("<!-- run: ck = offramp check no-case -->", 1, "no case 'no-case' is shipped"),
    ],
)
def test_a_mark_that_cannot_be_read_is_named_with_its_line(
    page: Callable[[str], Path], text: str, line: int, words: str
) -> None:
    path = page(text)
    with pytest.raises(Failure, match=re.escape(words)) as found:
        read(path)
    assert str(found.value).startswith(f"{path}:{line}: ")


def test_all_mistakes_come_at_once(page: Callable[[str], Path]) -> None:
    with pytest.raises(Failure) as found:
        read(page(CHECK + "a <!-- x: y -->1<!-- / --> b <!-- z: y -->2<!-- / --> 3<!-- / -->"))
    assert len(str(found.value).splitlines()) == 3


def test_code_and_other_comments_are_no_marks(page: Callable[[str], Path]) -> None:
    text = "<!-- append: x -->\n`<!-- a: b -->`\n```\n<!-- c: d -->\n<!-- / -->\n```\n"
    assert read(page(text)).marks == ()
    assert len(read(page(CHECK + text + 'x <!-- ck: "# rows" -->1<!-- / -->')).marks) == 1


# ---- filling and checking ----------------------------------------------------------------

TEXT = (
    CHECK + WAR + '\nOf <!-- ck: "# rows" -->251<!-- / --> rows war has '
    "<!-- fo: answers[id=war].probability .1% -->9.9%<!-- / -->; é stays.\r\n"
)
NOW = TEXT.replace(">251<", ">252<").replace(">9.9%<", ">3.4%<")


def test_a_page_is_filled_in_and_nothing_else_of_it_changes(page: Callable[[str], Path]) -> None:
    path = page(TEXT)
    assert figures.main([str(path)], ask) == 0
    assert path.read_bytes() == NOW.encode("utf-8")
    assert figures.main(["--check", str(path)], ask) == 0


def test_a_wrong_figure_is_found_with_place_and_both_values(
    page: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path = page(TEXT)
    assert figures.main(["--check", str(path)], ask) == 1
    out = capsys.readouterr().out
    assert f'{path}:4: ck: "# rows": the page has 251, the command gives 252' in out
    assert "the page has 9.9%, the command gives 3.4%" in out
    assert path.read_bytes() == TEXT.encode("utf-8")


def test_a_table_stands_between_lines_and_its_wrong_line_is_named(
    page: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(figure_tables.FUNCTIONS, "two", lambda out, n: f"| a |\n|---|\n| {n} |")
    path = page(WAR + "\n<!-- fo: two(7) -->\n<!-- / -->\n\nafter")
    assert figures.main([str(path)], ask) == 0
    assert "-->\n| a |\n|---|\n| 7 |\n<!-- / -->\n\nafter" in path.read_text("utf-8")
    path.write_text(path.read_text("utf-8").replace("| 7 |", "| 8 |"), "utf-8")
    assert figures.main(["--check", str(path)], ask) == 1
    assert "line 6: the page has | 8 |, the command gives | 7 |" in capsys.readouterr().out


def test_each_distinct_command_runs_once(page: Callable[[str], Path]) -> None:
    seen: list[str] = []

    def counted(run: Run) -> str:
        seen.append(run.command)
        return ask(run)

    paths = [
        str(page(TEXT)),
        str(page(TEXT.replace("ck =", "kc =").replace("ck:", "kc:"), "other.md")),
    ]
    assert figures.main(paths, counted) == 0
    assert seen == ["offramp check tutorial", "offramp forecast tutorial --worlds 8 --json"]


def test_only_some_commands_are_run_and_other_figures_stay(page: Callable[[str], Path]) -> None:
    path = page(TEXT)
    assert figures.main(["--only", "check", str(path)], ask) == 0
    assert path.read_bytes() == TEXT.replace(">251<", ">252<").encode("utf-8")


def test_a_command_that_fails_is_named_and_no_page_is_written(
    page: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = page(TEXT), page(WAR + "x <!-- fo: worlds -->1<!-- / -->", "second.md")

    def failing(run: Run) -> str:
        if run.json:
            raise Failure(f"'{run.command}' fails (exit status 1): no worlds")
        return ask(run)

    assert figures.main([str(first), str(second)], failing) == 1
    error = capsys.readouterr().err
    assert f"{first}:2: 'offramp forecast tutorial --worlds 8 --json' fails" in error
    assert error.endswith("no worlds\nnothing was written\n")
    assert first.read_bytes() == TEXT.encode("utf-8")


def test_a_figure_that_is_not_there_is_named_and_no_page_is_written(
    page: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    first = page(TEXT)
    second = page(WAR + "x <!-- fo: answers[id=peace].probability % -->1<!-- / -->", "second.md")
    assert figures.main([str(first), str(second)], ask) == 1
    error = capsys.readouterr().err
    assert f"{second}:2: fo: answers[id=peace].probability %: nothing has id=peace" in error
    assert first.read_bytes() == TEXT.encode("utf-8")
    assert sorted(p.name for p in first.parent.iterdir()) == ["page.md", "second.md"]


def test_what_commands_print_can_be_kept(page: Callable[[str], Path], tmp_path: Path) -> None:
    path, kept = page(TEXT), tmp_path / "kept"
    assert figures.main(["--keep", str(kept), str(path)], ask) == 0

    def none(run: Run) -> str:
        raise AssertionError(run.command)

    assert figures.main(["--check", "--keep", str(kept), str(path)], none) == 0


@pytest.mark.parametrize(
    ("shown", "now", "loose", "holds"),
    [
        ("3.4%", "3.5%", False, True),
        ("3.4%", "3.6%", False, False),
        ("14%", "15%", False, True),
        ("252", "253", False, False),
        ("634", "635", True, True),
        ("634", "636", True, False),
        ("-0.01", "0.01", True, False),
        ("8 April", "9 April", False, False),
        ("| 2031-04-08 | 0.110 |", "| 2031-04-09 | 0.110 |", False, False),
        ("| 2031-04-08 | 0.110 |", "| 2031-04-08 | 0.111 |", False, True),
        ("0.5", "0.50", True, False),
        ("12 to 17", "12 to 17 and", False, False),
        ("1,024", "1,025", True, True),
        ("+0.01", "-0.01", False, False),
    ],
)
def test_the_last_digit_of_a_fraction_may_be_off_by_one(
    shown: str, now: str, loose: bool, holds: bool
) -> None:
    assert same(shown, now, loose) is holds


def test_a_real_command_answers_and_fails_in_its_own_words() -> None:
    assert "22 events" in figures.answer(Run("ck", ("offramp", "check", "tutorial"), 1))
    with pytest.raises(
        Failure, match=r"'offramp check nowhere' fails \(exit status 1\): .*nowhere"
    ):
        figures.answer(Run("ck", ("offramp", "check", "nowhere"), 1))


# ---- tables of what takes long -----------------------------------------------------------


def score(who: str, question: str, as_of: str, value: float) -> dict[str, object]:
    return {
        "rule": "brier",
        "assessment": who,
        "question": question,
        "as_of": as_of,
        "value": value,
    }


SCORED = {
    "as_of_days": ["2031-04-01", "2031-05-01"],
    "scores": [
        score("case", "war", "2031-04-01", 0.1),
        score("case", "landing", "2031-04-01", 0.3),
        score("ilvane", "war", "2031-04-01", 0.2),
        score("case", "war", "2031-05-01", 0.04),
        {**score("case", "war", "2031-05-01", 9.0), "rule": "log"},
    ],
    "baselines": [score("baseline:phrases:ilvane", "war", "2031-04-01", 0.5)],
    "against": [
        {
            "rule": "brier",
            "as_of": "2031-05-01",
            "assessment": "case",
            "error": 0.045,
            "reference": "baseline:climatology",
            "mean": -0.25,
            "questions": 31,
        },
    ],
    "calibration": {
        "case": [
            {"low": 0.0, "high": 0.1, "forecasts": 0, "mean": None, "came_true": None},
            {"low": 0.1, "high": 0.2, "forecasts": 3, "mean": 0.1, "came_true": 0.0},
            {
                "low": 0.2,
                "high": 0.30000000000000004,
                "forecasts": 1,
                "mean": 0.3,
                "came_true": 1.0,
            },
        ]
    },
    "evidence": [
        {"assessment": "case", "after": "2031-04-01", "log_evidence": -1.0, "mc_error": 9.0},
        {"assessment": "case", "after": "2031-04-02", "log_evidence": -2.0, "mc_error": 0.1},
        {"assessment": "ilvane", "after": "2031-04-02", "log_evidence": -1.5, "mc_error": 0.3},
    ],
}


def test_means_of_scores_are_over_the_questions_that_all_of_a_day_share() -> None:
    lines = figure_tables.briers(SCORED, "case", "ilvane").splitlines()
    assert lines[2:] == ["| 2031-04-01 | 1 | 0.100 | 0.200 |", "| 2031-05-01 | 1 | 0.040 | |"]


def test_other_figures_of_scores() -> None:
    t = figure_tables
    assert t.against(SCORED, "case", "climatology", "persistence").splitlines()[2:] == [
        "| 2031-05-01 | -0.250 ± 0.045 (31) | |"
    ]
    assert t.phrases(SCORED, "ilvane") == "ilvane 0.500 against 0.200 on 1"
    assert t.calibrated(SCORED, "case", "0.1", "0.3", "forecasts") == 4
    assert t.calibrated(SCORED, "case", "0.1", "0.3", "mean") == pytest.approx(0.15)
    left = [
        {**e, "unmixed": f"8 islands of worlds are worth {w}, fewer than half"}
        for e, w in zip(SCORED["evidence"], ("9.9", "3.7", "2.0"), strict=True)
    ]
    assert t.islands_left({**SCORED, "evidence": left}) == "2.0 to 3.7"
    with pytest.raises(ValueError, match="say it"):
        t.islands_left(SCORED)


# ---- the shipped pages -------------------------------------------------------------------


def shipped_pages() -> list[Page]:
    try:
        return figures.read_all(figures.pages())
    except Failure:  # the first test below names what is wrong
        return []


COMMANDS = list(dict.fromkeys(m.run.command for page in shipped_pages() for m in page.marks))


def test_every_mark_and_every_command_of_the_pages_can_be_read() -> None:
    found = figures.read_all(figures.pages())
    assert {"README.md", "docs/evidence.md", "docs/tutorial.md"} <= {page.name for page in found}


LONG = (  # four minutes and more on two cores
    *(
        f"offramp {what} us-iran-2020 --json"
        for what in ("score", "policies", "sensitivity", "reach", "assess")
    ),
    "offramp compare us-iran-2020 inss deadheat --json",
)


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_no_figure_has_drifted_from_its_command(command: str) -> None:
    if command in LONG and not os.environ.get("OFFRAMP_LONG"):
        pytest.skip(f"{TAKES_LONG}: OFFRAMP_LONG=1 makes this check")
    read_pages = [
        Page(page.path, page.text, tuple(m for m in page.marks if m.run.command == command))
        for page in shipped_pages()
    ]
    found = figures.computed(read_pages)
    assert found
    assert [line for page in read_pages for line in figures.drifts(page, found)] == []

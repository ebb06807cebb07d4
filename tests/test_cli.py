"""The front door: exit statuses, the shape of the JSON, outputs whole or not at all."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from offramp.case import scaffold
from offramp.cli import main
from offramp.cli.output import write_whole

QUICK = ("--worlds", "2", "--threads", "1")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to stand in, with the case `a` that `offramp new` writes."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OFFRAMP_SOURCES", raising=False)
    scaffold.write_case(tmp_path / "a")
    return tmp_path


def offramp(*arguments: str) -> Result:
    result = CliRunner().invoke(main, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception  # a user's mistake is never answered by a traceback
    return result


def change(here: Path, file: str, old: str, new: str) -> None:
    path = here / "a" / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


# ---- exit statuses -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "a"),
        ("check", "a/crisis.yaml"),
        ("check", "a", "--json"),
        ("expand", "a"),
        ("schema",),
        ("sources", "verify", "a"),
        ("sources", "show", "a", "P1"),
        ("forecast", "a", *QUICK),
        ("forecast", "a", *QUICK, "--json"),
        ("forecast", "a", *QUICK, "--from", "2030-02-01"),
        ("forecast", "a", *QUICK, "--reference"),
        ("why", "a", "incident", *QUICK, "--reference"),
        ("compile", "a", "--show"),
        ("compile", "a"),
        ("why", "a", "incident", *QUICK),
        ("why", "a", "incident", *QUICK, "--json"),
        ("--version",),
        ("--help",),
        ("completion", "bash"),
    ],
    ids=" ".join,
)
def test_status_0_when_done(here: Path, arguments: tuple[str, ...]) -> None:
    result = offramp(*arguments)
    assert result.exit_code == 0, result.output
    assert result.stdout


def test_the_reference_and_compiled_worlds_answer_alike(here: Path) -> None:
    ask = ("--worlds", "30", "--json")
    assert (
        offramp("forecast", "a", *ask).stdout
        == offramp("forecast", "a", *ask, "--reference").stdout
    )
    ask = ("incident", "--worlds", "16", "--json")
    assert offramp("why", "a", *ask).stdout == offramp("why", "a", *ask, "--reference").stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("check", "nope"), "there is no case 'nope'"),
        (("check", "tutoral"), "did you mean 'tutorial'?"),
        (("check", "x" * 5000), "cannot be opened"),
        (("check", "."), "has no crisis.yaml"),
        (("expand", "nope"), "there is no case"),
        (("forecast", "nope"), "there is no case"),
        (("why", "a", "incidnt"), "did you mean 'incident'?"),
        (("sources", "show", "a", "P9"), "no passage 'P9'"),
        (("sources", "verify", "a", "--sources", "nope"), "there is no folder 'nope'"),
        (("new", "a"), "exists already"),
    ],
)
def test_status_1_when_the_case_cannot_be_used(
    here: Path, arguments: tuple[str, ...], words: str
) -> None:
    result = offramp(*arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert words in result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Usage"),
        (("bogus",), "No such command"),
        (("check",), "Missing argument"),
        (("new", ""), "folder's name"),
        (("new", "a\nb"), "folder's name"),
        (("forecast", "a", "--worlds", "0"), "at least 1"),
        (("forecast", "a", "--worlds", "-1"), "at least 1"),
        (("forecast", "a", "--worlds", "abc"), "not a valid integer"),
        (("forecast", "a", "--worlds", "9999999999"), "at most"),
        (("forecast", "a", "--seed", "-1"), "range"),
        (("forecast", "a", "--seconds", "nan"), "seconds"),
        (("forecast", "a", "--seconds", "0"), "range"),
        (("forecast", "a", "--threads", "0"), "range"),
        (("forecast", "a", "--threads", "99999"), "range"),
        (("forecast", "a", *QUICK, "--from", "soon"), "year-month-day"),
        (("forecast", "a", *QUICK, "--from", ""), "year-month-day"),
        (("forecast", "a", *QUICK, "--from", "2030-02-30"), "year-month-day"),
        (("forecast", "a", *QUICK, "--from", "2029-12-31"), "outside the crisis"),
        (("why", "a", "incident", "--stories", "99"), "range"),
        (("brief", "a", "-o", "brief"), "ends neither in .html nor in .pdf"),
        (("brief", "a", "-o", "brief.doc"), "ends neither in .html nor in .pdf"),
        (("brief", "a", "-o", "nowhere/brief.html"), "there is no folder 'nowhere'"),
        (("brief", "a", "-o", "folder.html"), "is a folder"),
        (("completion", "tcsh"), "is not one of"),
    ],
)
def test_status_2_for_wrong_usage(here: Path, arguments: tuple[str, ...], words: str) -> None:
    (here / "folder.html").mkdir()
    before = sorted(here.rglob("*"))
    result = offramp(*arguments)
    assert result.exit_code == 2
    assert words in result.stderr
    assert sorted(here.rglob("*")) == before


# ---- what is wrong, and where ------------------------------------------------------------


def test_diagnostics_for_people(here: Path) -> None:
    change(here, "crisis.yaml", "cost: .3 ? effort", "cost: .3*tensoin ? effort")
    result = offramp("check", "a")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines()[:4] == [
        "a/crisis.yaml:35:14: error[unknown-name]: unknown quantity 'tensoin'",
        "        cost: .3*tensoin ? effort",
        "                 ^^^^^^^",
        "  = did you mean 'tension'?",
    ]


def test_diagnostics_for_programs(here: Path) -> None:
    change(here, "crisis.yaml", "cost: .3 ? effort", "cost: .3")
    result = offramp("check", "a", "--json")
    out = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (out["schema"], out["ok"], out["model_sha256"]) == ("offramp.check/1", False, None)
    [error] = out["diagnostics"]
    assert set(error) == {
        "file",
        "line",
        "column",
        "length",
        "severity",
        "code",
        "message",
        "help",
    }
    assert (error["line"], error["column"], error["code"]) == (35, 11, "no-basis")


def test_a_missing_case_is_json_too(here: Path) -> None:
    out = json.loads(offramp("check", "nope", "--json").stdout)
    assert [d["code"] for d in out["diagnostics"]] == ["no-case"]


def test_a_file_named_as_a_case_is_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "page\x1b[31m.html"
    path.write_bytes(b"<!DOCTYPE html>\x1b[31m\x07 raw\n\xff\x00")
    for command in ("today", "page", "check"):
        result = CliRunner().invoke(main, [command, str(path)])
        assert result.exit_code == 1
        assert "error[no-case]: there is no case" in result.output
        assert "DOCTYPE" not in result.output
        assert not set(result.output) & {"\x1b", "\x07", "\x00"}


def test_a_good_case_has_a_hash(here: Path) -> None:
    out = json.loads(offramp("check", "a", "--json").stdout)
    assert out["ok"] is True
    assert re.fullmatch(r"[0-9a-f]{64}", out["model_sha256"])


LATIN = "caf\u00e9: x".encode("latin-1")


@pytest.mark.parametrize(
    ("file", "content", "code", "line", "column"),
    [
        ("crisis.yaml", b"", "empty", 1, 1),
        ("crisis.yaml", b"# a\nb: \xc3\xa9\xe9\n", "encoding", 2, 5),
        ("crisis.yaml", "crisis: x".encode("utf-16"), "encoding", 1, 1),
        ("crisis.yaml", "crisis: x".encode("utf-16-le"), "character", 1, 2),
        ("crisis.yaml", b"#" * 10_000_000, "too-large", 1, 1),
        ("questions.yaml", b"- a", "shape", 1, 1),
        ("questions.yaml", b"a: [", "yaml", 1, 5),
        ("questions.yaml", LATIN, "encoding", 1, 4),
        ("questions.yaml", b"questions:\n  q:\n    asks: count()", "arguments", 3, 11),
        ("questions.yaml", b"quantities:\n  q:\n    asks: first()", "arguments", 3, 11),
        ("questions.yaml", b"questions:\n  q:\n    asks: today > 2030-02-01", "undated", 3, 11),
        ("questions.yaml", b"questions:\n  q:\n    asks: tension >= crisis", "undated", 3, 11),
        (
            "questions.yaml",
            b"questions:\n  q:\n    window: 2029-01-01 .. 2030-01-02",
            "dates",
            3,
            13,
        ),
        ("questions.yaml", b"questions:\n  q:\n    window: 2030-02-01", "syntax", 3, 22),
        ("sources.yaml", b"", "empty", 1, 1),
        ("sources.yaml", b"documents:\n  note: 3\n", "entry", 2, 3),
        ("passages.yaml", LATIN, "encoding", 1, 4),
        ("passages.yaml", b"passages: [a]", "shape", 1, 1),
        ("passages.yaml", b"passages:\n  P1:\n    start: x\n    zzz: 1\n", "entry", 4, 5),
        ("phrases.yaml", b"likely: {low: .1}", "shape", 1, 1),
        ("phrases.yaml", b"phrases:\n  a: {low: .9, high: .1, source: x}", "entry", 2, 3),
    ],
)
def test_files_of_a_case(
    here: Path, file: str, content: bytes, code: str, line: int, column: int
) -> None:
    (here / "a" / file).write_bytes(content)
    result = offramp("check", "a", "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)["diagnostics"]
    at = [(Path(d["file"]).name, d["code"], d["line"], d["column"]) for d in found]
    assert (file, code, line, column) in at
    for command in (("forecast", "a"), ("expand", "a"), ("why", "a", "incident")):
        assert offramp(*command).exit_code == 1
    cited = file in ("sources.yaml", "passages.yaml")  # which are verified before there is a model
    assert offramp("sources", "verify", "a").exit_code == cited


@pytest.mark.parametrize(
    "file", ["questions.yaml", "sources.yaml", "passages.yaml", "phrases.yaml"]
)
def test_a_folder_in_place_of_a_file(here: Path, file: str) -> None:
    (here / "a" / file).unlink(missing_ok=True)
    (here / "a" / file).mkdir()
    result = offramp("check", "a")
    assert result.exit_code == 1
    assert f"a/{file}:1:1: error[unreadable]" in result.stderr


def test_without_sources_every_citation_is_reported(here: Path) -> None:
    (here / "a" / "sources.yaml").unlink()
    (here / "a" / "passages.yaml").unlink()
    result = offramp("check", "a", "--json")
    found = json.loads(result.stdout)["diagnostics"]
    assert {d["code"] for d in found} == {"unknown-passage"}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all")
def test_a_file_that_may_not_be_read(here: Path) -> None:
    (here / "a" / "crisis.yaml").chmod(0)
    result = offramp("check", "a")
    assert result.exit_code == 1
    assert "error[unreadable]" in result.stderr


def test_a_document_that_is_not_utf8(here: Path) -> None:
    (here / "a" / "documents" / "note.txt").write_bytes(LATIN)
    for command in (("verify", "a"), ("show", "a", "P1")):
        result = offramp("sources", *command)
        assert result.exit_code == 1
        assert "is not UTF-8" in result.stderr


def test_a_document_that_changed_fails_the_check(here: Path) -> None:
    (here / "a" / "documents" / "note.txt").write_text("something else", "utf-8")
    result = offramp("sources", "verify", "a", "--json")
    out = json.loads(result.stdout)
    assert result.exit_code == 1
    assert out["schema"] == "offramp.verify/1"
    assert out["findings"]


# ---- outputs -----------------------------------------------------------------------------


def test_forecast_as_json(here: Path) -> None:
    out = json.loads(offramp("forecast", "a", *QUICK, "--json").stdout)
    assert (out["schema"], out["worlds"], out["seed"]) == ("offramp.forecast/1", 2, 1)
    assert [a["id"] for a in out["answers"]] == ["incident"]


def test_why_as_json(here: Path) -> None:
    out = json.loads(offramp("why", "a", "incident", *QUICK, "--json").stdout)
    assert (out["schema"], out["case"], out["as_of"]) == ("offramp.why/1", "a", None)


def test_why_says_that_it_uses_no_report(here: Path) -> None:
    out = " ".join(offramp("why", "a", "incident", *QUICK).stdout.split())
    assert " 2 worlds without reports, seed 1; numbers were turned on " in out
    assert "No report is used: the answer as of a day is another." in out
    stories = out.count("A world in which it ")
    assert stories
    assert stories == out.count("came true, without reports") + out.count(
        "did not come true, without reports"
    )


def test_the_expansion_is_a_case_itself(here: Path) -> None:
    printed = offramp("expand", "a").stdout
    (here / "a" / "crisis.yaml").write_text(printed, "utf-8")
    assert offramp("check", "a").exit_code == 0
    assert offramp("expand", "a").stdout == printed


def test_the_brief_is_written_whole(here: Path) -> None:
    assert offramp("brief", "a", *QUICK, "-o", "b.html").exit_code == 0
    assert (here / "b.html").read_text("utf-8").rstrip().endswith("</html>")
    assert sorted(p.name for p in here.iterdir()) == ["a", "b.html"]


def test_a_failed_write_leaves_the_old_file(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = here / "b.html"
    target.write_text("old", "utf-8")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(Exception, match="No space left"):
        write_whole(target, b"new")
    assert target.read_text("utf-8") == "old"
    assert sorted(p.name for p in here.iterdir()) == ["a", "b.html"]


def test_an_interrupted_write_leaves_nothing(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_whole(here / "b.html", b"new")
    monkeypatch.setattr(Path, "rename", interrupt)
    with pytest.raises(KeyboardInterrupt):
        scaffold.write_case(here / "b")
    assert [p.name for p in here.iterdir()] == ["a"]


# ---- real processes ----------------------------------------------------------------------

ROOT = Path(__file__).resolve().parent.parent
COMMAND = [sys.executable, "-m", "offramp"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
posix = pytest.mark.skipif(os.name != "posix", reason="pipes and signals of POSIX")


@posix
@pytest.mark.parametrize("arguments", [("expand", "us-iran-2020"), ("forecast", "a", *QUICK)])
def test_a_reader_that_leaves_early_is_no_error(here: Path, arguments: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.run(
        [*COMMAND, *arguments], stdout=writing, stderr=subprocess.PIPE, env=ENVIRONMENT, timeout=60
    )
    os.close(writing)
    assert (process.returncode, process.stderr) == (0, b"")


@posix
def test_a_terminal_without_the_characters_is_no_error(here: Path) -> None:
    change(here, "crisis.yaml", "crisis: A border quarrel", "crisis: Ein Gr\u00e4nzstreit")
    environment = {**ENVIRONMENT, "PYTHONIOENCODING": "ascii"}
    process = subprocess.run(
        [*COMMAND, "expand", "a"], capture_output=True, env=environment, timeout=60
    )
    assert (process.returncode, process.stderr) == (0, b"")


def worked(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Waits until a process has had so many seconds of a processor: on a busy machine it may not
    even have begun after as many by the clock."""
    stat = Path(f"/proc/{process.pid}/stat")
    if not stat.exists():
        time.sleep(2 * seconds)
        return
    ticks, used, until = os.sysconf("SC_CLK_TCK"), 0.0, time.monotonic() + 120
    while used < seconds and time.monotonic() < until:
        time.sleep(0.1)
        after = stat.read_text().rpartition(")")[2].split()
        used = (int(after[11]) + int(after[12])) / ticks  # user and system time


@posix
@pytest.mark.parametrize("threads", ["1", "2"])
def test_ctrl_c_ends_a_run_at_once_and_leaves_nothing(here: Path, threads: str) -> None:
    arguments = ["brief", "us-iran-2020", "--worlds", "5000", "--threads", threads, "-o", "b.html"]
    process = subprocess.Popen(
        [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT
    )
    worked(process, 4.0)
    sent = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == b""
    assert err.startswith(b"interrupted; nothing was written\n")
    assert time.monotonic() - sent < 30  # of the minutes that it would have taken
    assert [p.name for p in here.iterdir()] == ["a"]


def test_every_command_stands_under_a_heading_with_a_line_that_is_not_cut() -> None:
    shown = CliRunner().invoke(main, ["--help"], terminal_width=80).output
    lines = {name: line for rows in main.headings.values() for name, line in rows}
    assert set(lines) == set(main.commands)
    for name, line in lines.items():
        assert len(line) <= 55, name
        assert re.search(rf"^  {name} +{re.escape(line)}$", shown, re.M), name


def test_no_line_of_help_is_cut_at_80_columns() -> None:
    """Click cuts what a group says of its commands, and prints ranges that nobody reads."""
    groups = [(), *((name,) for name in main.commands)]
    groups += [
        (name, sub) for name, c in main.commands.items() for sub in getattr(c, "commands", ())
    ]
    for words in groups:
        shown = CliRunner().invoke(main, [*words, "--help"], terminal_width=80).output
        lines = shown.splitlines()
        assert max(map(len, lines)) <= 80, words
        assert not [line for line in lines if line.rstrip().endswith("...") and "Usage" not in line]
        assert "9223372036854775807" not in shown, words


def options() -> list[tuple[str, click.Option]]:
    """All options of all commands, with the command's name."""
    found = []
    for name, command in main.commands.items():
        for c in getattr(command, "commands", {"": command}).values():
            found += [(name, p) for p in c.params if isinstance(p, click.Option)]
    return found


def test_an_option_has_one_spelling_and_one_text_everywhere() -> None:
    shown = [(name, p) for name, p in options() if not p.hidden]
    spelled = {o for _, p in shown for o in p.opts}
    assert not spelled & {"--assessment", "--out"}
    for _, p in shown:
        assert ("-o" in p.opts) == ("--output" in p.opts)
        assert p.help, p.opts
    for one in ("--json", "--seed", "--sources", "--with-record", "--reference", "--parquet"):
        assert len({p.help for _, p in shown if one in p.opts}) == 1, one


def test_authors_are_named_in_one_way_wherever_there_are_some() -> None:
    several = (
        *("assess", "claims", "compare", "evidence", "export", "gains", "policies", "reach"),
        "score",
    )
    one = ("butfor", "choice", "condition", "watch", "scenarios", "today")
    named = {name: p.multiple for name, p in options() if "--author" in p.opts}
    assert not named.pop("sources")  # the author of a document that is taken in
    assert named == {**dict.fromkeys(several, True), **dict.fromkeys(one, False)}


@pytest.mark.parametrize(
    ("new", "old", "option"),
    [
        (("condition", "tutorial", "--author", "x"), "--assessment", "--author"),
        (("score", "tutorial", "--author", "ilvane", "--author", "x"), "--assessment", "--author"),
        (("merge", "nowhere", "--output", "x"), "--out", "--output"),
    ],
)
def test_old_spellings_of_options_work_with_a_word(
    here: Path, new: tuple[str, ...], old: str, option: str
) -> None:
    before = offramp(*(old if word == option else word for word in new))
    after = offramp(*new)
    word = f"{old} is called {option} now; the next release drops it\n"
    assert before.stderr == word + after.stderr
    assert (before.exit_code, before.stdout) == (after.exit_code, after.stdout)
    assert word not in after.stderr


def test_authors_stand_after_the_case_or_behind_the_option(here: Path) -> None:
    ways = (
        ("assess", "tutorial", "ilvane", "x"),
        ("assess", "tutorial", "--author", "ilvane", "--author", "x"),
        ("assess", "tutorial", "--author", "x", "ilvane"),
    )
    told = {offramp(*way).stderr for way in ways}
    assert len(told) == 1
    assert "no assessment 'x'" in told.pop()


@pytest.mark.parametrize(
    ("given", "told"),
    [((), "given: none"), (("ilvane",), "given: ilvane"), (("tass", "tass"), "given: tass")],
)
def test_a_comparison_is_of_two_different_authors(
    here: Path, given: tuple[str, ...], told: str
) -> None:
    result = offramp("compare", "tutorial", *given)
    assert result.exit_code == 2
    assert "two different authors, as in `offramp compare tutorial A B`" in result.stderr
    assert told in result.stderr


# ---- completion --------------------------------------------------------------------------


def completed(*words: str) -> list[str]:
    """What a shell would offer for the last word, as bash asks for it."""
    environment = {
        "_OFFRAMP_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(["offramp", *words]),
        "COMP_CWORD": str(len(words)),
    }
    runner = CliRunner(env=environment)
    result = runner.invoke(main, [], prog_name="offramp", complete_var="_OFFRAMP_COMPLETE")
    assert result.stderr == ""
    return [line.split(",", 1)[1] for line in result.stdout.splitlines() if line]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("conditi",), ["condition"]),
        (("check", "tut"), ["tutorial"]),
        (("check", ""), ["quarantine", "taiwan-1958", "tutorial", "us-iran-2020", "a", "deep/b"]),
        (("check", "de"), ["deep/b"]),
        (("check", "deep/"), ["deep/b"]),
        (("check", "./"), ["./a", "./deep/b"]),
        (("why", "a", ""), ["incident"]),
        (("postmortem", "tutorial", "chi"), []),
        (("choice", "tutorial", ""), ["kelmark", "skippers", "vessara"]),
        (("choice", "tutorial", "k"), ["kelmark"]),
        (("condition", "tutorial", "--author", ""), ["case", "ilvane", "tass"]),
        (("condition", "tutorial", "--author", "t"), ["tass"]),
        (("compare", "tutorial", "ilvane", ""), ["tass"]),
        (("assess", "tutorial", ""), ["ilvane", "tass"]),
        (("score", "tutorial", "--author", "case", "--author", "c"), []),
        (("rooms", "tutorial", "--only", "cap"), ["capitals"]),
        (("asked", "us-iran-2020", "Q2"), ["Q2"]),
        (("explain", "no-bas"), ["no-basis"]),
        (("claims", "tutorial", "--only", "T3"), ["T31", "T30"]),
        (("butfor", "tutorial", "--without", "kelmark.bo"), ["kelmark.board"]),
        (("butfor", "us-iran-2020", "--without", "us.warn_iran."), ["us.warn_iran.lapse"]),
    ],
    ids=lambda words: " ".join(words),
)
def test_a_shell_is_offered_names_of_the_case_on_the_line(
    here: Path, words: tuple[str, ...], offered: list[str]
) -> None:
    scaffold.write_case(here / "deep" / "b")
    (here / "empty").mkdir()
    assert completed(*words) == offered


@pytest.mark.parametrize(
    "words",
    [
        ("why", "nope", ""),
        ("why", "broken", ""),
        ("why", "empty", ""),
        ("choice", "broken", ""),
        ("choice", "x" * 5000, ""),
        ("check", "nowhere/at/all"),
        ("condition", "--author", ""),
        ("assess", "broken", ""),
        ("claims", "broken", "--only", ""),
        ("sources", "show", "broken", ""),
    ],
    ids=lambda words: " ".join(words)[:40],
)
def test_a_shell_is_offered_nothing_where_there_is_nothing(
    here: Path, words: tuple[str, ...]
) -> None:
    (here / "broken" / "claims").mkdir(parents=True)
    (here / "empty").mkdir()
    for name in ("crisis.yaml", "questions.yaml", "claims/x.yaml"):
        (here / "broken" / name).write_bytes(b"a: [\xff")
    assert completed(*words) == []

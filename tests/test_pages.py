"""The pages hold: every command, file and output on them is taken from the page and tried.

What a page prints is played in order in an empty folder (`docs/pages.py`); figures within sentences
are the business of `docs/figures.py`. Pages that take longer than some seconds are slow.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import click
import pages
import pytest
from figure_marks import ROOT, Failure
from pages import Block, blocks, play

from offramp.answers.forecast import forecast
from offramp.answers.wording import percent
from offramp.case.case import load
from offramp.case.texts import shipped
from offramp.cli import main
from offramp.render.brief.headline import finding

TUTORIAL = ROOT / "docs" / "tutorial.md"
SLOW = {
    "docs/learning.md",
    *("README.md", "docs/coverage.md", "docs/policies.md", "docs/runs.md", "docs/scenarios.md"),
    "docs/tutorial.md",
}
NAMES = [pages.named(path) for path in pages.pages()]

# How many blocks of a page are not run, each with a reason in its source.
NOT_RUN = {"README.md": 3, "docs/gpu.md": 3, "docs/runs.md": 4, "docs/workbench.md": 1}


# ---- the pages ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", [n for n in NAMES if n not in SLOW])
def test_a_page_does_what_it_prints(name: str, tmp_path: Path) -> None:
    play(ROOT / name, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(SLOW))
def test_a_page_that_takes_its_time_does_what_it_prints(name: str, tmp_path: Path) -> None:
    play(ROOT / name, tmp_path, minutes=True)


def test_the_tutorial_does_what_it_prints_up_to_the_first_mistakes(tmp_path: Path) -> None:
    play(TUTORIAL, tmp_path, until="## 7. The whole case")
    assert (tmp_path / "strait" / "crisis.yaml").is_file()


def test_what_is_not_run_says_why_and_is_counted() -> None:
    found = {
        name: [b for b in blocks(ROOT / name) if b.mark("not run") is not None] for name in NAMES
    }
    assert {name: len(of) for name, of in found.items() if of} == NOT_RUN
    for block in (b for of in found.values() for b in of):
        assert len(str(block.mark("not run"))) > 10, block.place


def test_what_takes_minutes_is_in_the_readme_alone() -> None:
    found = [b.page for name in NAMES for b in blocks(ROOT / name) if "minutes" in b.marks]
    assert found == ["README.md"]


def test_the_command_of_the_readme_is_the_one_that_ci_begins_with() -> None:
    """`.ci/run` takes it from below the comment `tests`."""
    marked = [b for b in blocks(ROOT / "README.md") if "tests" in b.marks]
    assert [b.body.count("pytest") for b in marked] == [1]
    assert "<!-- tests -->" in (ROOT / ".ci" / "run").read_text("utf-8")


# ---- commands within sentences -----------------------------------------------------------


def spoken(text: str) -> list[str]:
    """Commands of offramp in backticks, outside of blocks and comments."""
    bare = re.sub(r"<!--.*?-->", "", pages.FENCE.sub("", text), flags=re.S)
    return [x for x in re.findall(r"`(offramp [^`\n]+)`", bare) if not x.startswith("offramp.")]


def fault(command: str) -> str:
    """What is wrong with a command that a sentence names; names in capitals stand for anything."""
    words = pages.shlex.split(command)[1:]
    found: click.Command | None = main
    while isinstance(found, click.Group) and words and not words[0].startswith("-"):
        found = found.get_command(click.Context(found), words.pop(0))
    if found is None:
        return "there is no such command"
    known = {"--help", *(o for p in found.params for o in p.opts)}
    if unknown := [w for w in words if w.startswith("--") and w not in known]:
        return f"there is no option {unknown[0]}"
    return ""


SPOKEN = sorted(
    {
        (pages.named(path), command)
        for path in [*pages.pages(), *(ROOT / "docs").rglob("*.md"), ROOT / "CONTRIBUTING.md"]
        for command in spoken(path.read_text("utf-8"))
    }
)


def test_every_command_that_a_sentence_names_is_there() -> None:
    assert len({command for _, command in SPOKEN}) > 20
    wrong = [f"{page}: `{command}`: {fault(command)}" for page, command in SPOKEN if fault(command)]
    assert not wrong


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("offramp forcast", "no such command"),
        ("offramp sources look", "no such command"),
        ("offramp condition CASE --as-off DATE", "no option --as-off"),
    ],
)
def test_a_command_that_is_not_there_is_found(command: str, words: str) -> None:
    assert words in fault(command)


# ---- what the tutorial has outside of blocks -----------------------------------------------


VARIANTS = re.findall(
    r"^\| (.+?) \| `(.+?)` \| (\d+%) <!-- variant", TUTORIAL.read_text("utf-8"), re.M
)


@pytest.mark.slow
@pytest.mark.parametrize(("copy", "line", "share"), VARIANTS, ids=[v[0] for v in VARIANTS])
def test_a_copy_with_another_line_gives_the_share_of_the_table(
    copy: str, line: str, share: str, tmp_path: Path
) -> None:
    """The reader replaces what begins likewise, to the end of the line or to its bracket."""
    folder = tmp_path / "copy"
    pages.shutil.copytree(shipped()["tutorial"], folder)
    file = folder / "crisis.yaml"
    old = r"among: \{trifle.*\}" if line.startswith("among:") else r"says: [^}]*"
    text, changes = re.subn(old, line, file.read_text("utf-8"))
    assert changes == 1
    file.write_text(text, "utf-8")
    answers = {a.id: a for a in forecast(load(folder), worlds=2000, seed=1).answers}
    assert percent(answers["blockade"].probability or 0) == share


def test_the_tutorial_has_four_copies() -> None:
    assert [v[0] for v in VARIANTS] == [
        "as shipped",
        "Ilvane's red line",
        "Tass's red line",
        "Ilvane's steering",
    ]


def test_the_headline_of_the_brief_is_the_one_that_the_tutorial_quotes() -> None:
    quoted = re.search(r"<!-- brief: headline -->\n> (.*)", TUTORIAL.read_text("utf-8"))
    assert quoted is not None
    assert finding(forecast(load("tutorial"), worlds=2000, seed=1)) == quoted[1]


# ---- the player ----------------------------------------------------------------------------


@pytest.fixture
def page(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "page.md"
        path.write_text(text, "utf-8")
        return path

    return write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "folder"
    made.mkdir()
    return made


def console(body: str, above: str = "") -> str:
    return f"{above}```console\n{body}```\n"


COUNT = "$ printf 'one\\ntwo\\nthree\\nfour\\n'\n"


@pytest.mark.parametrize(
    "body",
    [
        COUNT + "one\ntwo\nthree\nfour\n",
        COUNT + "one\n...\n",
        COUNT + "...\ntwo\nthree\n...\n",
        COUNT + "...\nfour\n",
        COUNT + "one\n...\nthree\nfour\n",
        COUNT + "...\n",
        "$ true\n",
        "$ echo a\na\n$ echo b\nb\n",
        "$ echo wrong >&2\nwrong\n",
    ],
)
def test_an_output_holds_with_lines_left_out_where_the_page_says_so(
    body: str, page: Callable[[str], Path], folder: Path
) -> None:
    assert play(page(console(body)), folder) == {}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (COUNT + "one\ntwo\nthree\n", "it goes on with 'four'"),
        (COUNT + "two\n...\n", "the page has 'two'"),
        (COUNT + "...\nthree\n", "it goes on with 'four'"),
        (COUNT + "one\n...\nfour\nfive\n", "it prints    'nothing more'"),
        (COUNT + "one\ntwo\nthree\nfor\n", "it prints    'four'"),
        (COUNT + "three\n...\none\n", "the page has 'three'"),
        (COUNT, "the page has no output"),
        ("$ false\n", "ends with 1, and the page says 0"),
        ("hello\n", "begins with a command"),
    ],
)
def test_an_output_that_is_another_is_told_with_both_lines(
    body: str, words: str, page: Callable[[str], Path], folder: Path
) -> None:
    with pytest.raises(Failure, match=re.escape(words)):
        play(page(console(body)), folder)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("```sh\nfalse\n```\n", "page.md:1: exit status 1"),
        ("```sh\nfalse | true\n```\n", "exit status 1"),
        ("```\nofframp check tutorial\n```\n", "is a command"),
        ("```text\n  pip install x\n```\n", "is a command"),
        ("```toml\na = 1\n```\n", "nobody knows what to do"),
        ("```python\n\n1 / 0\n```\n", "page.md:1: ZeroDivisionError"),
        ("```yaml\na: [\n```\n", "page.md:"),
        ("<!-- exit status 1 -->\n```console\n$ true\n```\n", "the page says 1"),
        ("```sh\necho a\n```\n<!-- printed -->\n```\nb\n```\n", "the block before it prints"),
        (
            "<!-- file: x -->\n```yaml\na: 1\n```\n<!-- delete: x: b -->\n```sh\ntrue\n```\n",
            "'b' begins 0 lines of x",
        ),
        (
            "<!-- file: x -->\n```yaml\na: 1\n```\n<!-- replace: x: b => c -->\n```yaml\nc\n```\n",
            "'b' stands 0 times in x",
        ),
    ],
)
def test_what_cannot_be_done_as_printed_is_a_fault_with_its_place(
    text: str, words: str, page: Callable[[str], Path], folder: Path
) -> None:
    with pytest.raises(Failure, match=re.escape(words)):
        play(page(text), folder)


def test_files_are_written_changed_and_put_back_as_the_page_says(
    page: Callable[[str], Path], folder: Path
) -> None:
    text = (
        "<!-- file: x.yaml -->\n```yaml\na: 1\n```\n"
        "<!-- append: x.yaml -->\n```yaml\nb: 2\nc: 3\n```\n"
        "<!-- replace: x.yaml: b: 2 => b: two -->\n```yaml\nb: two\n```\n"
        + console("$ cat x.yaml\na: 1\nb: two\nc: 3\n")
        + "<!-- delete: x.yaml: c -->\n"
        + console("$ cat x.yaml\na: 1\nb: 2\n")
        + "<!-- not run: for a reason -->\n```sh\nrm x.yaml\n```\n"
    )
    play(page(text), folder)
    assert (folder / "x.yaml").read_text("utf-8") == "a: 1\nb: 2\n"


def test_blocks_of_python_share_their_names_and_are_in_the_folder(
    page: Callable[[str], Path], folder: Path
) -> None:
    text = "```python\nn = 41\n```\n```python\nopen('n', 'w').write(str(n + 1))\n```\n"
    play(page(text), folder)
    assert (folder / "n").read_text("utf-8") == "42"


def test_what_takes_minutes_is_run_only_where_they_may_be_spent(
    page: Callable[[str], Path], tmp_path: Path
) -> None:
    written = page("<!-- minutes -->\n```sh\ntouch done   # at last\n```\n")
    for name, minutes in (("a", False), ("b", True)):
        (tmp_path / name).mkdir()
        play(written, tmp_path / name, minutes=minutes)
        assert (tmp_path / name / "done").exists() is minutes


def test_numbers_among_reports_may_round_otherwise_and_no_others() -> None:
    among = pages.Shown("offramp condition x", (("evidence -11.61, 3290 worlds",),), (False, False))
    assert pages.located(among, "evidence -11.62, 3290 worlds\n") == [(0, 1)]
    for printed in ("evidence -11.63, 3290 worlds\n", "evidence -11.61, 3290 wards\n"):
        with pytest.raises(Failure):
            pages.located(among, printed)
    free = pages.Shown("offramp forecast x", among.stretches, among.open)
    with pytest.raises(Failure):
        pages.located(free, "evidence -11.62, 3290 worlds\n")


def test_changed_outputs_are_filled_in_where_their_first_line_is_found() -> None:
    body = "$ offramp why x\n...\nb 17%  x\nold\n...\n"
    block = Block("page.md", 1, "console", body, (), 0, 0)
    [wanted] = pages.shown(block)
    assert pages.refilled(wanted, "a\nb 3%  x\nnew\nc\n") == ["...", "b 3%  x", "new", "..."]
    with pytest.raises(Failure, match="no line looks like 'b 17%  x'"):
        pages.refilled(wanted, "a\nc\n")

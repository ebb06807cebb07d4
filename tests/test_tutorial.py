"""The tutorial is what its commands print: every output on the page is run again.

Comments before a block of the page say where it comes from: `output: COMMAND ; OPTIONS`, `file:`
and `append:` for files that the reader writes, `replace: FILE: OLD => NEW` for a mistake made on
purpose, which the next `check` shows and the reader then takes back.

Worlds among reports are the same for any number of threads, but sums over them may round
differently on another processor: there only the words are compared.
"""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from offramp.cli import main
from offramp.language.case import shipped

PAGE = (Path(__file__).parent.parent / "docs" / "tutorial.md").read_text("utf-8")
BLOCKS = re.compile(r"<!-- (output|file|append|replace): (.*?) -->\n```\w*\n(.*?)```", re.S)


def part(output: str, options: list[str]) -> str:
    """The lines of an output that the page shows: `from LINE`, `until WORDS`, `lines A-B`."""
    lines = output.splitlines()
    for option in options:
        word, _, rest = option.partition(" ")
        if word == "from":
            lines = lines[next(i for i, x in enumerate(lines) if x.strip() == rest.strip()) :]
        elif word == "until":
            lines = lines[: next(i for i, x in enumerate(lines) if rest in x)]
        else:
            first, last = rest.split("-")
            lines = lines[int(first) - 1 : int(last)]
    return "\n".join(lines)


def stripped(text: str, command: str) -> list[str]:
    """Tables are padded with blanks; a page is not."""
    if command.split()[1] in ("condition", "assess", "compare"):
        return re.sub(r"[-+]?[\d.]+", "#", " ".join(text.split())).split()
    return [line.rstrip() for line in text.rstrip().splitlines()]


@pytest.mark.slow
def test_every_output_on_the_page_is_what_the_command_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)
    strait = Path(shutil.copytree(shipped()["tutorial"], "strait"))
    for name in ("history.csv", "reporting.yaml", "policies.yaml", "rooms.yaml"):
        (strait / name).unlink()
    for name in ("assessments", "claims"):
        shutil.rmtree(strait / name)
    mistakes: list[tuple[Path, str]] = []
    seen = 0
    for kind, argument, body in BLOCKS.findall(PAGE):
        if kind == "output":
            command, *options = (x.strip() for x in argument.split(" ; "))
            printed = CliRunner().invoke(main, shlex.split(command)[1:]).output
            shown = part(printed, options)
            assert stripped(shown, command) == stripped(body, command), command
            seen += 1
            if mistakes and "check" in command:
                file, before = mistakes.pop()
                file.write_text(before, "utf-8")
        elif kind == "replace":
            file, change = argument.split(": ", 1)
            old, new = change.split(" => ")
            before = Path(file).read_text("utf-8")
            assert old in before
            mistakes.append((Path(file), before))
            Path(file).write_text(before.replace(old, new), "utf-8")
        else:
            before = Path(argument).read_text("utf-8") if kind == "append" else ""
            Path(argument).write_text(before + body, "utf-8")
    assert seen >= 10

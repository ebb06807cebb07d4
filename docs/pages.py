"""Does what a page tells its reader to do, exactly as it is printed, in an empty folder.

    python docs/pages.py [PAGE ...]             plays the pages, and says what does not hold
    python docs/pages.py --write [PAGE ...]     fills outputs in that have changed, and goes on
    python docs/pages.py --minutes [PAGE ...]   also what takes minutes

Blocks between fences are taken in order, by what stands behind the fence:

    ```sh        is run by bash, as it stands; a command that fails is a fault
    ```console   a command behind `$ `, and below it what it prints. A line `...` stands for lines
                 that are left out
    ```python    is run; all blocks of a page share their names
    ```yaml, ```csv   with a mark (below) is a file that the reader writes; other YAML is read
    ```          (and ```text) is only looked at; it may hold no command

A mark is a comment in the line above the fence, which renderers drop:

    <!-- file: strait/crisis.yaml -->              the block is this file
    <!-- append: strait/crisis.yaml -->            the block is added at its end
    <!-- replace: FILE: OLD => NEW -->             a mistake on purpose; the next command shows it,
                                                   then the reader puts the line back
    <!-- delete: FILE: LINE -->                    the reader deletes the line; above any block
    <!-- printed -->                               the block is what the one before it printed
    <!-- exit status 1 -->                         the command ends with it
    <!-- minutes -->                               only run where minutes may be spent
    <!-- not run: REASON -->                       never run

The folder is an empty one with a copy of `offramp/cases` in it, where the repository's would be,
and an environment `.venv` to switch on. Sums over worlds among reports may round otherwise on
another processor: there (`LOOSE`) a number may be off by one in its last digit.

Figures within sentences are filled in by `docs/figures.py`.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from figure_marks import ROOT, Failure, named, read, same
from figures import write_all

from offramp.text.diagnostics import Diagnostics
from offramp.text.yaml import parse

LOOSE = ("condition", "today", "assess", "compare")
FENCE = re.compile(
    r"^(?P<mark>`{3,})(?P<language>\w*)[ \t]*\n(?P<body>.*?)^(?P=mark)[ \t]*$", re.M | re.S
)
MARK = re.compile(r"<!--\s*(.*?)\s*-->")
COMMAND = re.compile(r"^\s*(\$ |offramp |python3? |pip |dask |bash )", re.M)
LEFT_OUT = "..."


@dataclass(frozen=True)
class Block:
    """A block between fences.

    line        of its opening fence
    marks       the comments in the lines above it
    start, end  where in the page its body stands
    """

    page: str
    line: int
    language: str
    body: str
    marks: tuple[str, ...]
    start: int
    end: int

    def mark(self, name: str) -> str | None:
        """What a mark of this name says; "" for one that says no more."""
        for text in self.marks:
            if text == name:
                return ""
            if text.startswith(f"{name}: "):
                return text.removeprefix(f"{name}: ")
        return None

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def status(self) -> int:
        found = next((m for m in self.marks if m.startswith("exit status ")), "0")
        return int(found.split()[-1])


def pages() -> list[Path]:
    """All pages that speak to a user."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(path: Path) -> list[Block]:
    text = path.read_bytes().decode("utf-8")
    out = []
    for m in FENCE.finditer(text):
        above, marks = text[: m.start()].split("\n")[:-1], list[str]()
        while above and (found := MARK.fullmatch(above[-1].strip())):
            marks.insert(0, found[1])
            above.pop()
        line = text.count("\n", 0, m.start()) + 1
        out.append(
            Block(
                named(path),
                line,
                m["language"],
                m["body"],
                tuple(marks),
                m.start("body"),
                m.end("body"),
            )
        )
    return out


# ---- what a command printed, and what a page shows of it -----------------------------------


@dataclass(frozen=True)
class Shown:
    """A command and what the page has of its output: stretches of lines with gaps between them.

    open    whether lines are left out before the first stretch, and after the last
    """

    command: str
    stretches: tuple[tuple[str, ...], ...]
    open: tuple[bool, bool]


def shown(block: Block) -> list[Shown]:
    """The commands of a console block, each with its output."""
    out: list[tuple[str, list[str]]] = []
    for line in block.body.splitlines():
        if line.startswith("$ "):
            out.append((line[2:], []))
        elif not out:
            raise Failure(f"{block.place}: a console block begins with a command, `$ offramp ...`")
        else:
            out[-1][1].append(line.rstrip())
    return [_shown(command, lines) for command, lines in out]


def _shown(command: str, lines: list[str]) -> Shown:
    stretches: list[list[str]] = [[]]
    for line in lines:
        if line == LEFT_OUT:
            stretches.append([])
        else:
            stretches[-1].append(line)
    gaps = (lines[:1] == [LEFT_OUT], lines[-1:] == [LEFT_OUT])
    return Shown(command, tuple(tuple(s) for s in stretches if s), gaps)


def loose(command: str) -> bool:
    words = command.split()
    return words[0] == "offramp" and words[1] in LOOSE


def located(wanted: Shown, printed: str) -> list[tuple[int, int]]:
    """Where each stretch stands in the lines of an output; Failure where one does not.

    Numbers that may round otherwise are compared as `figure_marks.same` does. A last line ends
    with the output, unless the page says that lines are left out behind it.
    """
    lines = [line.rstrip() for line in printed.rstrip("\n").split("\n")]
    close = loose(wanted.command)

    def alike(a: str, b: str) -> bool:
        return a == b or (close and same(a, b, True))

    places, at = [], 0
    for n, stretch in enumerate(wanted.stretches):
        anchored = n == 0 and not wanted.open[0]
        last = n == len(wanted.stretches) - 1 and not wanted.open[1]
        starts = [0] if anchored else range(at, len(lines))
        best, most = at if not anchored else 0, -1
        for i in starts:
            agree = 0
            while (
                agree < len(stretch)
                and i + agree < len(lines)
                and alike(stretch[agree], lines[i + agree])
            ):
                agree += 1
            if agree > most:
                best, most = i, agree
            if agree == len(stretch) and (not last or i + agree == len(lines)):
                break
        if most < len(stretch):
            there = lines[best + most] if best + most < len(lines) else "nothing more"
            raise Failure(
                f"`{wanted.command}`\n    the page has {stretch[most]!r}\n"
                f"    it prints    {there!r}"
            )
        at = best + len(stretch)
        if last and at != len(lines):
            raise Failure(f"`{wanted.command}`\n    it goes on with {lines[at]!r}")
        places.append((best, at))
    if not wanted.stretches and printed.strip() and wanted.open == (False, False):
        raise Failure(f"`{wanted.command}`\n    the page has no output\n    it prints {lines[0]!r}")
    return places


def refilled(wanted: Shown, printed: str) -> list[str]:
    """The stretches with what is printed now. A stretch begins where the line does that looks like
    its first one, figures apart, and has as many lines as before; one to the end goes to it."""
    lines = [line.rstrip() for line in printed.rstrip("\n").split("\n")]

    def bare(text: str) -> str:
        return " ".join(re.sub(r"[-+]?\d[\d.,]*|[0-9a-f]{16,}", "#", text).split())

    out, at = [LEFT_OUT] if wanted.open[0] else [], 0
    for n, stretch in enumerate(wanted.stretches):
        found = [i for i in range(at, len(lines)) if bare(lines[i]) == bare(stretch[0])]
        if n == 0 and not wanted.open[0]:
            found = [0]
        if not found:
            raise Failure(f"`{wanted.command}`: no line looks like {stretch[0]!r}")
        whole = n == len(wanted.stretches) - 1 and not wanted.open[1]
        at = len(lines) if whole else found[0] + len(stretch)
        out += lines[found[0] : at]
        if n < len(wanted.stretches) - 1 or wanted.open[1]:
            out.append(LEFT_OUT)
    return out


# ---- playing a page ------------------------------------------------------------------------


@dataclass
class Play:
    """A page that is being played in a folder."""

    folder: Path
    minutes: bool = False
    write: bool = False
    last: str = ""  # what a block printed
    names: dict[str, Any] = field(default_factory=dict)
    taken_back: list[tuple[Path, str]] = field(default_factory=list)
    new: dict[Block, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        shutil.copytree(
            ROOT / "offramp" / "cases",
            self.folder / "offramp" / "cases",
            ignore=shutil.ignore_patterns("__pycache__"),
        )
        tools = self.folder / ".venv" / "bin"
        tools.mkdir(parents=True)
        (tools / "offramp").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m offramp "$@"\n')
        (tools / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        for name in ("offramp", "python"):
            (tools / name).chmod(0o755)
        (tools / "activate").write_text(f"PATH={shlex.quote(str(tools))}:$PATH\n")
        left = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "OFFRAMP_SOURCES")}
        self.environment = left | {
            "PATH": f"{tools}{os.pathsep}{left.get('PATH', '')}",
            "PYTHONPATH": str(ROOT),
            "PYTHONIOENCODING": "utf-8",
        }

    def bash(self, command: str) -> tuple[int, str]:
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", command],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        return done.returncode, done.stdout

    def block(self, block: Block) -> None:
        """Does what a block says; Failure with the place of what does not hold."""
        if block.mark("not run") is not None:
            return
        for text in block.marks:
            if text.startswith("delete: "):
                self.delete(block, text.removeprefix("delete: "))
        if block.mark("printed") is not None:
            self.printed(block)
            return
        for name in ("file", "append", "replace"):
            if (what := block.mark(name)) is not None:
                getattr(self, name)(block, what)
                return
        match block.language:
            case "sh":
                self.sh(block)
            case "console":
                self.console(block)
            case "python":
                self.python(block)
            case "yaml":
                readable(block)
            case "" | "text":
                if found := COMMAND.search(block.body):
                    raise Failure(
                        f"{block.place}: '{found[0].strip()} ...' is a command: make it "
                        "```sh or ```console, or mark it"
                    )
            case _:
                raise Failure(f"{block.place}: nobody knows what to do with ```{block.language}")

    def file(self, block: Block, name: str) -> None:
        (self.folder / name).write_text(block.body, "utf-8")

    def append(self, block: Block, name: str) -> None:
        path = self.folder / name
        path.write_text(path.read_text("utf-8") + block.body, "utf-8")

    def replace(self, block: Block, what: str) -> None:
        name, change = what.split(": ", 1)
        old, new = change.split(" => ")
        path = self.folder / name
        before = path.read_text("utf-8")
        if before.count(old) != 1:
            raise Failure(f"{block.place}: '{old}' stands {before.count(old)} times in {name}")
        if block.body.strip() != new:
            raise Failure(f"{block.place}: the block is not '{new}'")
        self.taken_back.append((path, before))
        path.write_text(before.replace(old, new), "utf-8")

    def delete(self, block: Block, what: str) -> None:
        name, line = what.split(": ", 1)
        path = self.folder / name
        lines = path.read_text("utf-8").split("\n")
        there = [i for i, text in enumerate(lines) if text.strip().startswith(line)]
        if len(there) != 1:
            raise Failure(f"{block.place}: '{line}' begins {len(there)} lines of {name}")
        path.write_text("\n".join(lines[: there[0]] + lines[there[0] + 1 :]), "utf-8")

    def sh(self, block: Block) -> None:
        body = block.body
        if block.mark("minutes") is not None:
            # A figure of a page comes from the same command: docs/figures.py runs it.
            kept = [x for x in body.splitlines() if self.minutes and bare(x) not in figures()]
            body = "\n".join(kept)
        status, printed = self.bash(body)
        if status != block.status:
            raise Failure(f"{block.place}: exit status {status}\n{printed[-2000:]}")

        self.last = printed

    def printed(self, block: Block) -> None:
        if self.write and block.body != self.last:
            self.new[block] = self.last
        elif block.body != self.last:
            raise Failure(f"{block.place}: the block before it prints\n{self.last}")

    def console(self, block: Block) -> None:
        new = list[str]()
        for wanted in shown(block):
            status, printed = self.bash(wanted.command)
            if status != block.status:
                raise Failure(
                    f"{block.place}: `{wanted.command}` ends with {status}, and the "
                    f"page says {block.status}\n{printed[-2000:]}"
                )
            if self.write:
                new += [f"$ {wanted.command}", *refilled(wanted, printed)]
            else:
                try:
                    located(wanted, printed)
                except Failure as fault:
                    raise Failure(f"{block.place}: {fault}") from None
        if self.write and (text := "\n".join(new) + "\n") != block.body:
            self.new[block] = text
        while self.taken_back:
            path, before = self.taken_back.pop()
            path.write_text(before, "utf-8")

    def python(self, block: Block) -> None:
        with contextlib.chdir(self.folder):
            try:
                exec(compile("\n" * block.line + block.body, block.page, "exec"), self.names)
            except Exception as error:
                raise Failure(f"{block.place}: {type(error).__name__}: {error}") from error


def readable(block: Block) -> None:
    found = Diagnostics()
    parse(block.body, block.page, found)
    if errors := [d for d in found.found if d.severity == "error"]:
        raise Failure(f"{block.page}:{block.line + errors[0].span.line}: {errors[0].message}")


def bare(line: str) -> str:
    """A command without its comment and `--json`."""
    words = shlex.split(line, comments=True)
    return shlex.join(w for w in words if w != "--json")


def figures() -> set[str]:
    """The commands that the figures of pages come from."""
    every = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return {bare(mark.run.command) for path in every for mark in read(path).marks}


def play(
    path: Path, folder: Path, *, minutes: bool = False, until: str = "", write: bool = False
) -> dict[Block, str]:
    """Plays a page in an empty folder, to its end or to a heading. Gives the outputs that are new
    where they are to be written. Raises Failure at the first thing that does not hold."""
    text = path.read_bytes().decode("utf-8")
    end = text.index(f"\n{until}") if until else len(text)
    playing = Play(folder, minutes, write)
    for block in blocks(path):
        if block.start < end:
            playing.block(block)
    return playing.new


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("pages", nargs="*", type=Path, metavar="PAGE", help="default: all pages")
    parser.add_argument("--minutes", action="store_true", help="also what takes minutes")
    parser.add_argument("--write", action="store_true", help="fill changed outputs in")
    given = parser.parse_args(arguments)
    wrong, texts = 0, {}
    for path in [p.resolve() for p in given.pages] or pages():
        with tempfile.TemporaryDirectory() as folder:
            try:
                new = play(path, Path(folder), minutes=given.minutes, write=given.write)
            except Failure as error:
                wrong += 1
                print(error, file=sys.stderr)
                continue
        text = path.read_bytes().decode("utf-8")
        for block, body in sorted(new.items(), key=lambda x: -x[0].start):
            text = text[: block.start] + body + text[block.end :]
        if new:
            texts[path] = text
        print(f"{named(path)}: {len(blocks(path))} blocks hold, {len(new)} are new")
    write_all(texts)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

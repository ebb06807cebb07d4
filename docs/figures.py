"""Fills in the figures of the pages from the commands that print them, or says where they drift.

    python docs/figures.py [PAGE ...]              refills the pages (all of them by default)
    python docs/figures.py --check [PAGE ...]      changes nothing; exit status 1 if a figure drifts
    python docs/figures.py --only compare          only commands in which the word stands
    python docs/figures.py --keep DIR              keeps what commands print in DIR, and takes what
                                                   is there; empty DIR when the code changes

A page names its commands, and behind each name stands what the command prints:

    <!-- run: ev = offramp condition tutorial --as-of 2031-04-20 --json -->

A figure stands between a mark and `<!-- / -->`. Both are invisible on the rendered page:

    the evidence is <!-- ev: log_evidence .2f -->-11.61<!-- / -->, and

A mark is the name of a command, what of its output is meant, and how that is written.

What is meant is one of
- a place in the JSON: `answers[id=war].probability`. `[2]` is an element of a list, `[id=war]`
  those of which a value reads so (exactly one where the path goes on or ends), `[2020-01-08]` a
  member of an object whose name is no plain word, `#` in front how many there are;
- words of a text: `"# rows"` is the number in the place of `#`; `...` stands for any one word;
- a function of `docs/figure_tables.py`: `verdicts()`, `surprise(2)`. It may make a table: then
  mark and end stand on lines of their own.

How it is written: a format of Python for numbers (`.2f`, `,`, `+.3f`, `.0%`), `.0p` for percent
without the sign, `%` for a percent as the tables of commands have it, `day` for 8 January; `|` in
front leaves out plus and minus. Whole numbers and words need none.

`--check` compares texts. A figure with a fraction may differ by one in its last printed digit,
since sums may round otherwise on another processor; words, counts and dates may not differ.

Pages are written only when every command has succeeded and every mark was found: all or none.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from figure_marks import ROOT, Failure, Mark, Page, Run, figure, read, same


def pages() -> list[Path]:
    """All pages that may have figures."""
    return [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def answer(run: Run) -> str:
    """What a command prints; Failure with its own words if it fails."""
    environment = {k: v for k, v in os.environ.items() if k != "COLUMNS"}
    done = subprocess.run(
        [sys.executable, "-m", "offramp", *run.words[1:]],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        env=environment | {"PYTHONIOENCODING": "utf-8"},
    )
    if done.returncode:
        words = (done.stderr.strip() or done.stdout.strip())[-600:]
        raise Failure(f"'{run.command}' fails (exit status {done.returncode}): {words}")
    return done.stdout


def kept(folder: Path, ask: Callable[[Run], str]) -> Callable[[Run], str]:
    """`ask`, but what was printed is kept in a folder and taken from there."""

    def asked(run: Run) -> str:
        file = folder / f"{hashlib.sha256(run.command.encode()).hexdigest()[:16]}.txt"
        if file.exists():
            return file.read_text("utf-8")
        output = ask(run)
        folder.mkdir(parents=True, exist_ok=True)
        write_all({file: output})
        return output

    return asked


def computed(
    read_pages: list[Page], only_commands: Iterable[str] = (), ask: Callable[[Run], str] = answer
) -> dict[tuple[Path, Mark], tuple[str, bool]]:
    """Each mark's text now. Every distinct command is run once, in the order of the pages."""
    only_commands = tuple(only_commands)
    chosen = [
        (page, mark)
        for page in read_pages
        for mark in page.marks
        if not only_commands or any(word in mark.run.command for word in only_commands)
    ]
    first: dict[str, tuple[Page, Run]] = {}
    for page, mark in chosen:
        first.setdefault(mark.run.command, (page, mark.run))
    outputs: dict[str, str] = {}
    for n, (command, (page, run)) in enumerate(first.items(), 1):
        print(f"[{n}/{len(first)}] {command}", end="", file=sys.stderr, flush=True)
        began = time.monotonic()
        try:
            outputs[command] = ask(run)
        except Failure as error:
            print(file=sys.stderr)
            raise Failure(f"{page.name}:{run.line}: {error}") from None
        print(f"  {time.monotonic() - began:.0f} s", file=sys.stderr)
    found, wrong = {}, []
    for page, mark in chosen:
        try:
            found[page.path, mark] = figure(mark, outputs[mark.run.command])
        except Failure as error:
            wrong.append(f"{page.name}:{mark.line}: {mark}: {error}")
    if wrong:
        raise Failure("\n".join(wrong))
    return found


def filled(page: Page, found: dict[tuple[Path, Mark], tuple[str, bool]]) -> str:
    """The page with the figures of now."""
    out, last = [], 0
    for mark in page.marks:
        if (page.path, mark) in found:
            out += [page.text[last : mark.start], within(page, mark, found[page.path, mark][0])]
            last = mark.end
    return "".join([*out, page.text[last:]])


def within(page: Page, mark: Mark, text: str) -> str:
    """A figure as it stands between mark and end: a table has both on lines of their own."""
    return f"\n{text}\n" if page.shown(mark).startswith("\n") else text


def drifts(page: Page, found: dict[tuple[Path, Mark], tuple[str, bool]]) -> list[str]:
    """Where a page and its commands disagree, a line each."""
    out = []
    for mark in page.marks:
        if (page.path, mark) not in found:
            continue
        text, loose = found[page.path, mark]
        shown, now = page.shown(mark), within(page, mark, text)
        if same(shown, now, loose):
            continue
        there = f"{page.name}:{mark.line}: {mark}"
        if "\n" not in now:
            out.append(f"{there}: the page has {shown}, the command gives {now}")
            continue
        ours, theirs = shown.strip("\n").split("\n"), now.strip("\n").split("\n")
        if len(ours) != len(theirs):
            out.append(f"{there}: the page has {len(ours)} lines, the command {len(theirs)}")
            continue
        for n, (a, b) in enumerate(zip(ours, theirs, strict=True), 1):
            if not same(a, b, loose):
                where = f"{there}, line {mark.line + n}"
                out.append(f"{where}: the page has {a}, the command gives {b}")
    return out


def write_all(texts: dict[Path, str]) -> None:
    """All files or none: each beside its target first, then renamed over it."""
    made: list[tuple[str, Path]] = []
    try:
        for path, text in texts.items():
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
            made.append((name, path))
            with os.fdopen(handle, "wb") as file:
                file.write(text.encode("utf-8"))
            os.chmod(name, 0o644)
        while made:
            os.replace(*made[0])
            made.pop(0)
    finally:
        for name, _ in made:
            Path(name).unlink(missing_ok=True)


def read_all(paths: list[Path]) -> list[Page]:
    """Every page with figures; Failure with the mistakes of all pages."""
    out, wrong = [], []
    for path in paths:
        try:
            out.append(read(path))
        except Failure as error:
            wrong.append(str(error))
        except (OSError, UnicodeDecodeError) as error:
            wrong.append(f"{path}: cannot be read: {error}")
    if wrong:
        raise Failure("\n".join(wrong))
    return [page for page in out if page.marks]


def main(arguments: list[str] | None = None, ask: Callable[[Run], str] = answer) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("pages", nargs="*", type=Path, metavar="PAGE", help="default: all pages")
    parser.add_argument("--check", action="store_true", help="change nothing; report drift")
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="WORDS",
        help="only commands in which these words stand (repeat it)",
    )
    parser.add_argument(
        "--keep",
        type=Path,
        metavar="DIR",
        help="keep what commands print there, and take what is there",
    )
    given = parser.parse_args(arguments)
    try:
        read_pages = read_all([p.resolve() for p in given.pages] or pages())
        found = computed(read_pages, given.only, kept(given.keep, ask) if given.keep else ask)
    except Failure as error:
        print(error, file=sys.stderr)
        if not given.check:
            print("nothing was written", file=sys.stderr)
        return 1
    if given.check:
        out = [line for page in read_pages for line in drifts(page, found)]
        print("\n".join([*out, f"{len(found)} figures checked, {len(out)} drifts"]))
        return 1 if out else 0
    texts = {page.path: filled(page, found) for page in read_pages}
    changed = {p.path: texts[p.path] for p in read_pages if texts[p.path] != p.text}
    write_all(changed)
    for page in read_pages:
        n = sum(filled(page, {key: now}) != page.text for key, now in found.items())
        if n:
            print(f"{page.name}: {n} of {len(page.marks)} figures are new")
    print(f"{len(found)} figures filled in, {len(changed)} pages written")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Writes docs/errors.md from the table of codes, or says whether the page is up to date.

python docs/errors_page.py             writes the page
python docs/errors_page.py --check     changes nothing; exit status 1 if the page is another
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from figure_marks import ROOT
from figures import write_all

from offramp.text.codes import CODES, LEVELS, Code

PAGE = ROOT / "docs" / "errors.md"

HEAD = """\
# What a message means

Everything that `offramp check CASE` finds has a place, a sentence, mostly a help, and a code, as in `crisis.yaml:41:11: error[no-basis]: ...`. The code stays the same from version to version. This page has all {count} of them: what each means, a text that gives it, and one that works. `offramp explain no-basis` prints the same on a terminal, and `offramp explain` lists them all.

An error must be mended before the case can be used; a warning need not. An example is a part of one file. It goes with the case that `offramp new NAME` writes, or with the shipped case `tutorial`: what it has under a heading comes beside what is there, and replaces an entry of the same name. A table (.csv), and a file that the case lacks, are whole. With a crisis.yaml of the tutorial its rooms.yaml is left aside, which would ask for a room for whatever is new. The examples are tried, except those in words.

<!-- This page is written by docs/errors_page.py from offramp/text/codes.py. -->

{index}
"""  # noqa: E501


def section(code: str, entry: Code) -> str:
    """One code; its heading is its anchor."""
    said = entry.means.replace("*", "\\*")
    return "\n".join(
        [
            f"## {code}",
            "",
            f"*{LEVELS[entry.level].capitalize()}.* {said}",
            "",
            f"This gives it ({entry.place}):",
            "",
            "```",
            entry.example,
            "```",
            "",
            "This works:",
            "",
            "```",
            entry.worked,
            "```",
            "",
        ]
    )


def page() -> str:
    """The whole page."""
    index = ", ".join(f"[{code}](#{code})" for code in sorted(CODES))
    head = HEAD.format(count=len(CODES), index=index)
    return "\n".join([head, *(section(code, CODES[code]) for code in sorted(CODES))])


def main(arguments: list[str] | None = None, path: Path = PAGE) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--check", action="store_true", help="change nothing; say if it is another")
    given = parser.parse_args(arguments)
    now, there = page(), path.read_bytes().decode("utf-8") if path.exists() else ""
    if given.check:
        print(f"{path.name} is " + ("up to date" if now == there else "not what the table gives"))
        return int(now != there)
    if now != there:
        write_all({path: now})
    print(f"{len(CODES)} codes, {path.name} " + ("written" if now != there else "was up to date"))
    return 0


if __name__ == "__main__":
    sys.exit(main())

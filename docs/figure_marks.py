"""The marks of pages: which figures come from which command, and what its output says they are.

`docs/figures.py` says how a mark is written.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from figure_tables import FUNCTIONS

from offramp.answers.wording import LONG_MONTHS, percent
from offramp.case.texts import shipped
from offramp.cli.app import main as offramp

ROOT = Path(__file__).parent.parent
COMMENT = re.compile(r"<!--\s*(.*?)\s*-->", re.S)
CODE = re.compile(r"^([ \t]*)(```+|~~~+).*?^\1\2[ \t]*$|(`+)(?!`).+?(?<!`)\3(?!`)", re.S | re.M)
OTHERS = "run|file|append|replace|delete|variant|brief"  # all but `run` belong to docs/pages.py
NUMBER = r"(?<![\d.,])[-+]?(?:\d[\d,]*)?\.?\d+"


class Failure(Exception):
    """Marks that cannot be read, a command that fails, or a figure that is not there."""


@dataclass(frozen=True)
class Run:
    """A command of a page: its name there and its words."""

    name: str
    words: tuple[str, ...]
    line: int

    @property
    def command(self) -> str:
        return shlex.join(self.words)

    @property
    def json(self) -> bool:
        return "--json" in self.words


@dataclass(frozen=True)
class Mark:
    """A figure of a page.

    what    a path, words in quotation marks, or a function with arguments
    format  how it is written; "" for as it is
    start, end  where in the page the figure stands, marks excluded
    """

    run: Run
    what: str
    format: str
    line: int
    start: int
    end: int

    def __str__(self) -> str:
        return " ".join(x for x in (f"{self.run.name}:", self.what, self.format) if x)


@dataclass(frozen=True)
class Page:
    path: Path
    text: str
    marks: tuple[Mark, ...]

    @property
    def name(self) -> str:
        return named(self.path)

    def shown(self, mark: Mark) -> str:
        return self.text[mark.start : mark.end]


def named(path: Path) -> str:
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)


# ---- reading the marks -------------------------------------------------------------------


def read(path: Path) -> Page:
    """The page with its marks; Failure with every mistake, each with its line.

    Code is no mark. A page without a `run:` and without an end `<!-- / -->` has no figures, and
    comments there may say what they like.
    """
    text = path.read_bytes().decode("utf-8")
    blank = CODE.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)
    found = list(COMMENT.finditer(blank))
    if not any(m[1] == "/" or m[1].startswith("run:") for m in found):
        return Page(path, text, ())
    wrong: list[str] = []
    runs: dict[str, Run] = {}
    marks: list[Mark] = []
    opened: re.Match[str] | None = None

    def line(m: re.Match[str]) -> int:
        return text.count("\n", 0, m.start()) + 1

    def say(m: re.Match[str], words: str) -> None:
        wrong.append(f"{named(path)}:{line(m)}: {words}")

    for m in found:
        if m[1].startswith("run:"):
            try:
                run = run_of(m[1], line(m))
                if run.name in runs:
                    raise Failure(f"'{run.name}' names a command already; choose another name")
                runs[run.name] = run
            except Failure as error:
                say(m, str(error))
    for m in found:
        if m[1] == "/":
            if opened is None:
                say(m, "an end <!-- / --> without a mark before it")
            else:
                try:
                    marks.append(mark_of(text, opened, m, runs, line(opened)))
                except Failure as error:
                    say(opened, str(error))
            opened = None
        elif re.match(rf"(?!(?:{OTHERS}):)\w+:\s", m[1]):
            if opened is not None:
                say(opened, f"the mark '{opened[1]}' is not closed; write <!-- / --> behind it")
            opened = m
    if opened is not None:
        say(opened, f"the mark '{opened[1]}' is not closed; write <!-- / --> behind it")
    used = {mark.run.name for mark in marks}
    if not wrong:
        wrong += [
            f"{named(path)}:{run.line}: no figure of the page comes from '{name}'; take it out"
            for name, run in runs.items()
            if name not in used
        ]
    if wrong:
        raise Failure("\n".join(wrong))
    return Page(path, text, tuple(marks))


def run_of(comment: str, line: int) -> Run:
    found = re.fullmatch(r"run:\s+(\w+)\s+=\s+(.+)", comment, re.S)
    if not found:
        raise Failure(f"'{comment}' names no command; as in run: ev = offramp check tutorial")
    try:
        words = tuple(shlex.split(found[2]))
    except ValueError as error:
        raise Failure(f"'{found[2]}' cannot be read: {error}") from None
    if words[0] != "offramp":
        raise Failure(f"'{found[2]}' is no command of offramp")
    if fault := fault_of(words[1:]):
        raise Failure(f"'{found[2]}': {fault}")
    return Run(found[1], words, line)


def fault_of(words: tuple[str, ...]) -> str:
    """What is wrong with a command line, without running it; "" if nothing."""
    command: click.Command | None = offramp
    context = click.Context(offramp, info_name="offramp")
    rest = list(words)
    while isinstance(command, click.Group):
        if not rest:
            return f"which command of {command.name or 'offramp'}?"
        name, group = rest.pop(0), command
        command = group.get_command(context, name)
    if command is None:
        return f"there is no command '{name}'"
    try:
        context = command.make_context(name, rest, parent=context)
    except click.ClickException as error:
        return error.format_message()
    except click.exceptions.Exit:
        return "it prints its help only"
    case = context.params.get("case")
    if case is not None and case not in shipped():
        return f"no case '{case}' is shipped; there are {', '.join(sorted(shipped()))}"
    return ""


def mark_of(
    text: str, m: re.Match[str], end: re.Match[str], runs: dict[str, Run], line: int
) -> Mark:
    name, what = m[1].split(":", 1)
    if name not in runs:
        there = f"there are {', '.join(runs)}" if runs else "name it, <!-- run: NAME = COMMAND -->"
        raise Failure(f"no command of this page is named '{name}'; {there}")
    found = re.fullmatch(
        r"\s*(\"[^\"]+\"|\w+\([^()]*\)|(?:[^\s\"()[\]]|\[[^\]]*\])+)(?:\s+(\S+))?\s*", what
    )
    if not found:
        raise Failure(f"'{m[1]}' is no mark; as in {name}: answers[id=war].probability .0%")
    what, form = found[1], found[2] or ""
    try:
        if what.startswith('"'):
            wanted(what)
        elif what.endswith(")"):
            call_of(what)
        else:
            steps(what)
            if not runs[name].json:
                raise Failure('the command has no --json; write words, as in "# rows"')
        if form and form not in ("%", "day"):
            printed(0.5, form)
    except Failure as error:
        raise Failure(f"'{what}' {form}: {error}".replace("' :", "':")) from None
    before = text[text.rfind("\n", 0, m.start()) + 1 : m.start()]
    alone = text[m.end() : m.end() + 1] == "\n"
    if not alone and re.fullmatch(r"\s*(?:(?:[-*+>]|\d+[.)])\s*)*", before):
        raise Failure(
            "a mark may not begin a line, where Markdown takes the line for HTML: put a word "
            "before it, or, for a table, mark and end on lines of their own"
        )
    return Mark(runs[name], what, form, line, m.end(), end.start())


def steps(path: str) -> list[tuple[str, str, str]]:
    """A path as steps: ('', name, ''), ('at', text, '') or ('is', key, value)."""
    step = r"\.?(\w+)|\[(\w+)=([^\]]*)\]|\[([^\]=]+)\]"
    body = path.removeprefix("#")
    if not re.fullmatch(r"(?:\w+|\[[^\]]+\])(?:\.\w+|\[[^\]]+\])*", body):
        raise Failure("is no path; as in answers[id=war].interval_90[0]")
    out = []
    for name, key, value, at in re.findall(step, body):
        out.append(("", name, "") if name else ("is", key, value) if key else ("at", at, ""))
    return out


# ---- figures -----------------------------------------------------------------------------


def figure(mark: Mark, output: str) -> tuple[str, bool]:
    """A mark's text, from what its command printed, and whether its last digit may be off by one
    on another processor."""
    if mark.what.startswith('"'):
        value: Any = told(output, mark.what)
    else:
        parsed = json.loads(output) if mark.run.json else output
        if mark.what.endswith(")"):
            name, arguments = call_of(mark.what)
            try:
                value = FUNCTIONS[name](parsed, *arguments)
            except (KeyError, IndexError, StopIteration, TypeError, ValueError) as error:
                raise Failure(f"{type(error).__name__}: {error}") from None
        else:
            value = at(parsed, mark.what)
    return printed(value, mark.format), isinstance(value, float)


def call_of(what: str) -> tuple[str, list[str]]:
    """A function's name and its arguments."""
    name, _, rest = what[:-1].partition("(")
    arguments = [x.strip() for x in rest.split(",")] if rest.strip() else []
    if name not in FUNCTIONS:
        raise Failure(f"there is no such function; there are {', '.join(sorted(FUNCTIONS))}")
    return name, arguments


def at(value: Any, path: str) -> Any:
    """The value at a path; Failure says which step is not there, and what is."""
    several = False  # whether `value` is what a selection left, of which one is meant
    for kind, name, wanted_value in steps(path):
        if several and kind != "is":
            value, several = only(value), False
        if kind == "is":
            if not isinstance(value, list):
                raise Failure(f"[{name}={wanted_value}] selects from a list, and there is none")
            value = [
                x
                for x in value
                if isinstance(x, dict) and name in x and plain(x[name]) == wanted_value
            ]
            several = True
            if not value and not path.startswith("#"):
                raise Failure(f"nothing has {name}={wanted_value}")
        elif isinstance(value, dict):
            if name not in value:
                near = ", ".join(list(value)[:12])
                raise Failure(f"there is no '{name}'; there are {near or 'no members'}")
            value = value[name]
        elif isinstance(value, list) and kind == "at" and re.fullmatch(r"-?\d+", name):
            if not -len(value) <= int(name) < len(value):
                raise Failure(f"there is no [{name}]: the list has {len(value)}")
            value = value[int(name)]
        else:
            raise Failure(f"'{name}' is no part of {plain(value)[:40]}")
    if path.startswith("#"):
        if not isinstance(value, list | dict):
            raise Failure(f"# counts a list, and {plain(value)[:40]} is none")
        return len(value)
    return only(value) if several else value


def only(found: list[Any]) -> Any:
    if len(found) != 1:
        raise Failure(f"{len(found)} are selected, and one is meant; select further")
    return found[0]


def plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def wanted(words: str) -> re.Pattern[str]:
    """The pattern of a number among words."""
    body = " ".join(words.strip('"').split())
    if body.count("#") != 1:
        raise Failure('one # stands for the number, as in "# rows"')
    return re.compile(re.escape(body).replace(r"\.\.\.", r"\S+").replace(r"\#", f"({NUMBER})"))


def told(output: str, words: str) -> str:
    found = set(wanted(words).findall(" ".join(output.split())))
    if len(found) != 1:
        what = "several times, with " + " and ".join(sorted(found)) if found else "nowhere"
        raise Failure(f"the output has these words {what}")
    return str(found.pop())


def printed(value: Any, form: str) -> str:
    """A value as a page has it."""
    if isinstance(value, str):
        if form == "day":
            try:
                day = dt.date.fromisoformat(value)
            except ValueError:
                raise Failure(f"'{value}' is no date") from None
            return f"{day.day} {LONG_MONTHS[day.month - 1]}"
        if form:
            try:
                return printed(float(value.replace(",", "")), form)
            except ValueError:
                raise Failure(f"'{value}' is no number, and {form} formats one") from None
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Failure(f"{plain(value)[:60]} is no figure")
    if form.startswith("|"):
        return printed(abs(value), form[1:])
    if form == "%":
        return percent(float(value))
    if not form:
        if isinstance(value, float):
            raise Failure("a number with a fraction wants a format, as in .2f")
        return str(value)
    try:
        text = f"{100 * value:{form[:-1]}f}" if form.endswith("p") else f"{value:{form}}"
    except ValueError:
        raise Failure(f"'{form}' is no format; as in .2f or .0% or day") from None
    return text if re.search("[1-9]", text) else text.replace("-", "")  # no minus nothing


def same(shown: str, now: str, loose: bool) -> bool:
    """Whether two texts are the same but for one unit in the last digit of numbers with a
    fraction: those with a point or a percent sign, or all if `loose`."""
    number = rf"({NUMBER})"
    ours, theirs = re.split(number, shown), re.split(number, now)
    if len(ours) != len(theirs) or ours[::2] != theirs[::2]:
        return False
    for i in range(1, len(ours), 2):
        a, b = ours[i].replace(",", ""), theirs[i].replace(",", "")
        digits = [len(x.partition(".")[2]) for x in (a, b)]
        fraction = loose or "." in a or ours[i + 1].startswith("%")
        off = abs(float(a) - float(b))
        if digits[0] != digits[1] or off > (fraction and 1.001 * 10 ** -digits[0]):
            return False
    return True

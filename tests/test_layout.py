"""The layout shows the chain: rooms import only from rooms before them, and no circle."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import offramp

PACKAGE = Path(offramp.__file__).parent
ROOT = PACKAGE.parent
ROOMS = (
    "version",
    "errors",
    "extras",
    "text",
    "sources",
    "language",
    "case",
    "engine",
    "filter",
    "answers",
    "explain",
    "runs",
    "play",
    "render",
    "api",
    "web",
    "cli",
)


WIDE = 6  # arguments by place from which on a reader has to count
MOST_WIDE = 0.01  # of all calls; a swap of neighbours of one type would pass every check


def modules() -> dict[str, Path]:
    """The files of the package by their dotted names."""
    return {
        ".".join(("offramp", *p.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(
            ".__init__"
        ): p
        for p in sorted(PACKAGE.rglob("*.py"))
    }


def imported(path: Path, known: dict[str, Path]) -> set[str]:
    """The modules that a file imports, anywhere in it, also for the type checker alone."""
    out = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{a.name}" for a in node.names]
            out |= {name if name in known else node.module for name in names}
        elif isinstance(node, ast.Import):
            out |= {a.name for a in node.names}
    return {name for name in out if name in known}


def arrows() -> dict[str, set[str]]:
    known = modules()
    return {name: imported(path, known) - {name} for name, path in known.items()}


def room(name: str) -> str:
    return name.split(".")[1] if "." in name else ""


def test_no_room_imports_from_a_later_one() -> None:
    between = Counter((room(a), room(b)) for a, names in arrows().items() for b in names)
    between = Counter({(a, b): n for (a, b), n in between.items() if a and b and a != b})
    assert {r for pair in between for r in pair} - {"__main__"} == set(ROOMS)
    place = {r: k for k, r in enumerate((*ROOMS, "__main__"))}
    print("\n".join(f"{a} -> {b}: {n}" for (a, b), n in sorted(between.items())))
    assert [(a, b) for a, b in between if place[a] < place[b]] == []


def test_no_circle_of_imports() -> None:
    """Modules are taken away as long as one is left that imports none of the rest."""
    left = {a: names - {"offramp"} for a, names in arrows().items() if a != "offramp"}
    while ready := {a for a, names in left.items() if not names & left.keys()}:
        left = {a: names for a, names in left.items() if a not in ready}
    assert left == {}


def test_only_the_command_line_and_the_workbench_use_the_front_door() -> None:
    """What stands behind it must not go round by it; and the workbench has no other way in."""
    users = {a for a, names in arrows().items() if "offramp" in names}
    assert {room(a) for a in users} <= {"cli", "web"}
    beyond = {
        (a, b)
        for a, b in run_time_arrows()
        if room(a) == "web" and room(b) not in ("web", "text", "")
    }
    assert beyond == set()


def run_time_arrows() -> set[tuple[str, str]]:
    """What is imported when a file is run, and not for the type checker alone."""
    known, out = modules(), set()
    for name, path in known.items():
        tree = ast.parse(path.read_text("utf-8"))
        typed = [
            x
            for node in ast.walk(tree)
            if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
            for x in node.body
        ]
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module and node not in typed:
                out |= {(name, x) for x in (f"{node.module}.{a.name}" for a in node.names)}
                out |= {(name, node.module)}
    return {(a, b) for a, b in out if b in known}


def test_a_module_name_stands_once() -> None:
    names = Counter(
        n.rsplit(".", 1)[-1] for n, p in modules().items() if p.name not in ("__init__.py",)
    )
    assert {n for n, k in names.items() if k > 1} <= {"case", "pages"}  # a room's own idea


def test_few_calls_take_many_arguments_by_place() -> None:
    calls = {
        f"{path.relative_to(ROOT)}:{node.lineno}: {len(node.args)} to {ast.unparse(node.func)}": (
            len(node.args)
        )
        for path in modules().values()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
    }
    wide = sorted((call for call, n in calls.items() if n >= WIDE), key=lambda c: -calls[c])
    print("\n".join(wide[:30]))
    assert len(wide) <= MOST_WIDE * len(calls), f"{len(wide)} of {len(calls)} calls are wide"


def test_the_layout_of_contributing_is_the_layout() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    listed = re.findall(r"^\| `offramp/(\w+)(?:/|\.py)`", text, re.M)
    assert listed == [*ROOMS, "cases"]
    for line in text.split("\n"):
        folder = re.match(r"\| `(offramp/\w+/)` \|(.*)", line)
        for name in re.findall(r"`(\w+)`", folder.group(2)) if folder else ():
            places = [ROOT / folder.group(1) / f"{name}.py", ROOT / folder.group(1) / name]
            inside = list((ROOT / folder.group(1)).rglob(f"{name}.py"))
            assert inside or any(p.exists() for p in places), f"{folder.group(1)} has no {name}"

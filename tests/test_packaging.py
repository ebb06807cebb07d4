"""What the package promises about where it can be installed, held against its own files."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
PINS = ("run", "test", "oldest")
NODE = "node"  # a package alone, for the build of the page
TRIED = ("3.11", "3.12", "3.13")


def number(version: str) -> tuple[int, ...]:
    """A version as numbers; 2.0 and 2.0.0 are the same."""
    parts = [int(x) for x in re.findall(r"\d+", version)]
    while parts and parts[-1] == 0:
        parts.pop()
    return tuple(parts)


def named(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name.split("[")[0]).lower()


def pins(of: str) -> dict[str, list[str]]:
    """The versions of each package that a file of pins has; several where markers choose."""
    out: dict[str, list[str]] = {}
    text = (ROOT / "requirements" / f"{of}.txt").read_text("utf-8")
    for name, version in re.findall(r"^([\w.\[\]-]+)==([\w.]+)", text, re.M):
        out.setdefault(named(name), []).append(version)
    return out


def bounds(*extras: str) -> dict[str, tuple[str, str]]:
    """The lower and upper bound of every direct dependency."""
    wanted = [*PROJECT["dependencies"]]
    for extra in extras:
        wanted += PROJECT["optional-dependencies"][extra]
    found = (re.match(r"([\w.-]+)(?:\[\w+\])?>=([\w.]+),<([\w.]+)", x) for x in wanted)
    return {named(m[1]): (m[2], m[3]) for m in found if m}


def test_every_dependency_has_a_lower_and_an_upper_bound() -> None:
    extras = PROJECT["optional-dependencies"]
    every = [*PROJECT["dependencies"], *(x for of in extras.values() for x in of)]
    assert [x for x in every if not re.match(r"[\w.\[\]-]+>=[\d.]+,<[\d.]+", x)] == []


def test_one_package_has_the_same_bounds_wherever_it_is_named() -> None:
    extras = PROJECT["optional-dependencies"]
    of: dict[str, set[str]] = {}
    for x in [*PROJECT["dependencies"], *(x for named in extras.values() for x in named)]:
        name, rest = re.match(r"([\w.\[\]-]+)([^;]*)", x).groups()  # type: ignore[union-attr]
        of.setdefault(name, set()).add(rest)
    assert {name: found for name, found in of.items() if len(found) > 1} == {}


@pytest.mark.parametrize("of", [*PINS, NODE])
def test_pins_have_hashes_and_name_no_host(of: str) -> None:
    text = (ROOT / "requirements" / f"{of}.txt").read_text("utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*--(?!hash=sha256:[0-9a-f]{64})", text, re.M)
    entries = re.split(r"^(?=\S)", text, flags=re.M)[1:]
    assert len(entries) == 1 if of == NODE else len(entries) > 20
    assert [e.split()[0] for e in entries if "--hash=sha256:" not in e] == []


@pytest.mark.parametrize("of", PINS)
def test_pins_are_within_the_bounds_and_complete(of: str) -> None:
    found = pins(of)
    for name, (low, high) in bounds("build", *(["test"] if of != "run" else [])).items():
        assert found[name]
        for version in found[name]:
            assert number(low) <= number(version) < number(high), f"{name} {version}"


def test_the_oldest_pins_are_the_lower_bounds() -> None:
    """So a lower bound that nobody tries cannot stand."""
    found = pins("oldest")
    for name, (low, _) in bounds("build", "test").items():
        assert [number(v) for v in found[name]] == [number(low)], name


def test_what_is_installed_to_run_is_what_is_tested() -> None:
    tested = pins("test")
    assert {name: tested[name] for name in pins("run")} == pins("run")


@pytest.mark.parametrize("of", ["test", "oldest"])
def test_pytest_finds_what_it_needs_on_windows(of: str) -> None:
    text = (ROOT / "requirements" / f"{of}.txt").read_text("utf-8")
    assert re.search(r"^colorama==\S+ ; sys_platform == 'win32'", text, re.M)


def test_the_pythons_that_are_promised_are_those_that_ci_tries() -> None:
    ci = re.search(r"^for version in (.*); do$", (ROOT / ".ci" / "portable").read_text(), re.M)
    assert ci is not None
    assert tuple(ci[1].split()) == TRIED
    assert PROJECT["requires-python"] == f">={TRIED[0]}"
    head = "Programming Language :: Python :: 3."
    assert tuple(x[-4:] for x in PROJECT["classifiers"] if x.startswith(head)) == TRIED
    assert "Python 3.11, 3.12 and 3.13" in (ROOT / "README.md").read_text("utf-8")


def test_the_part_that_is_tried_everywhere_is_there() -> None:
    part = (ROOT / "tests" / "portable.txt").read_text("utf-8").split()
    assert len(part) > 5
    assert [x for x in part if not (ROOT / x.split("::")[0]).is_file()] == []
    for name in part:
        if "::" in name:
            assert f"def {name.split('::')[1]}(" in (ROOT / name.split("::")[0]).read_text("utf-8")


TEXTS = [
    path
    for folder in ("offramp", "docs", "bench", ".ci", "requirements")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.is_file() and path.suffix in (".py", ".md", ".yaml", ".txt", ".sh", "")
] + sorted(ROOT.glob("*.md"))


def test_nobody_is_told_to_ask_a_registry_for_our_name() -> None:
    """The name is free there: anybody can take it. Extras are installed from the repository."""
    assert len(TEXTS) > 200
    asks = re.compile(r"pip3? install(?! -)[^\n`]*\bofframp\b(?!/)(?!'s)")
    read = [(p.relative_to(ROOT), p.read_text("utf-8")) for p in TEXTS]
    assert [f"{path}: {m[0]}" for path, text in read for m in asks.finditer(text)] == []


def test_the_source_distribution_has_what_the_readme_names(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    [made] = tmp_path.glob("*.tar.gz")
    with tarfile.open(made) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    readme = (ROOT / "README.md").read_text("utf-8")
    links = [x for x in re.findall(r"\]\(([^)#:]+)", readme) if x]
    files = re.findall(r"-r (requirements/\S+)", readme)
    assert {"requirements/run.txt", "requirements/test.txt"} <= set(files)
    assert "bench/README.md" in links
    sources = {"hatch_build.py", "web/package-lock.json", "web/src/main.ts"}
    for wanted in {*links, *files, *sources, ".ci/run", "tests/test_gpu.py", "bench/gpu.py"}:
        there = wanted in inside or any(x.startswith(wanted.rstrip("/") + "/") for x in inside)
        assert there, wanted
    stray = re.compile(r"__pycache__|^\.venv|node_modules|/\.static-")
    assert [x for x in inside if stray.search(x)] == []

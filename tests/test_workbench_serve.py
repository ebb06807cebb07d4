"""`open` and `serve`: what is said before anything is served, where the server listens, how it
ends. Each server is a process of its own, started as from a terminal."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
from click.testing import CliRunner
from hostile_case import IMAGE, write_hostile
from test_blocks import needs_numba
from workbench import Served, until

import offramp
from offramp.cli import main, workbench
from offramp.web import desk
from offramp.web.desk import Desk
from offramp.web.guard import Keys
from offramp.web.serve import _listening

pytestmark = needs_numba
posix = pytest.mark.skipif(os.name != "posix", reason="pipes and signals of POSIX")
ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)/-/in\?token=([\w-]{32})&to=(\S+)")
# A page stands in for the built one, so that no test needs the one that is built.
STARTED = """
import pathlib, sys
from offramp.web import addresses, desk
folder = pathlib.Path(sys.argv.pop(1))
desk.page_folder = addresses.page_folder = lambda: folder
from offramp.cli import main
main()
"""


class Process:
    """An `offramp` that was started, and what it says."""

    def __init__(self, page: Path, *arguments: str) -> None:
        self.started = time.monotonic()
        ran = [sys.executable, "-c", STARTED, str(page), *arguments]
        self.process = subprocess.Popen(
            ran, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.said = list[str]()
        assert self.process.stdout is not None
        self.reader = threading.Thread(target=lambda: self.said.extend(self.process.stdout))
        self.reader.start()

    def address(self) -> re.Match[str]:
        until(lambda: self.said or self.process.poll() is not None)
        found = ADDRESS.match("".join(self.said))
        assert found is not None, (self.said, self.process.poll())
        return found

    def served(self) -> Served:
        """The server, entered by its address."""
        found = self.address()
        keys = Keys(found[2], "")
        served = Served(Desk(()), keys, int(found[1]))
        into = served.raw("GET", f"/-/in?token={found[2]}&to={found[3]}", [served.host])
        assert into.status == 303
        keys.session = into.header("set-cookie").split(";")[0].partition("=")[2]
        return served

    def ended(self, how: int) -> tuple[int, float, str]:
        """The status after a signal, how long it took, and all that went to stderr."""
        start = time.monotonic()
        self.process.send_signal(how)
        status = self.process.wait(30)
        took = time.monotonic() - start
        assert self.process.stderr is not None
        return status, took, self.process.stderr.read()


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("static")
    (folder / "index.html").write_text("<title>a page</title>", "utf-8")
    (folder / "assets").mkdir()
    return folder


@contextlib.contextmanager
def started(page: Path, *arguments: str) -> Iterator[Process]:
    made = Process(page, *arguments)
    try:
        yield made
    finally:
        made.process.kill()
        made.process.wait()
        made.reader.join()
        for stream in (made.process.stdout, made.process.stderr):
            assert stream is not None
            stream.close()


# ---- it is up ------------------------------------------------------------------------------------


@posix
def test_it_serves_at_the_address_that_it_prints_and_ends_by_ctrl_c(page: Path) -> None:
    with started(page, "serve", "tutorial") as own:
        served = own.served()
        print(f"entered {time.monotonic() - own.started:.2f} s after its start")
        assert unquote(own.address()[3]) == "/c/tutorial/forecast"
        assert served.ask("/").status == 200
        assert served.ask("/api/c/tutorial").json["id"] == "tutorial"
        assert served.ask("/api/c/tutorial/study/coverage").status == 200
        status, took, errors = own.ended(signal.SIGINT)
        assert (status, errors) == (0, "")
        assert took < 3.0
        assert "".join(own.said).count(own.address()[2]) == 1


@posix
@pytest.mark.parametrize("study", ["why?question=war", "claims"])
def test_ctrl_c_does_not_wait_for_what_runs(page: Path, study: str) -> None:
    with started(page, "serve", "tutorial") as own:
        served = own.served()
        with served.reading(f"/api/c/tutorial/study/{study}") as reader:
            assert reader.recv(100)
            time.sleep(0.5)
            status, took, errors = own.ended(signal.SIGINT)
        print(f"ended {took:.2f} s after ctrl-c in {study}")
        assert (status, errors) == (0, "")
        assert took < 8.0  # `why` alone goes on for ten


@posix
def test_a_port_is_free_again_at_once(page: Path) -> None:
    with started(page, "serve", "tutorial") as first:
        served = first.served()
        left = served.reading("/api/cases")  # its connection ends with the server
        left.recv(100)
        first.ended(signal.SIGINT)
        left.close()
    with started(page, "serve", "tutorial", "--port", str(served.port)) as again:
        assert int(again.address()[1]) == served.port


@posix
@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="pipes and signals of POSIX")
def test_nothing_listens_but_on_the_loopback_address(page: Path) -> None:
    with started(page, "serve", "tutorial") as own:
        served = own.served()
        assert listening(own.process.pid) == {("0100007F", served.port)}
        with pytest.raises(OSError, match=r"refused|unreachable|cannot assign|not supported"):
            socket.create_connection(("::1", served.port), timeout=2)


def listening(pid: int) -> set[tuple[str, int]]:
    """Where the sockets of a process listen, as Linux writes it."""
    links = [os.readlink(p) for p in Path(f"/proc/{pid}/fd").iterdir()]
    own = {link[8:-1] for link in links if link.startswith("socket:[")}
    out = set[tuple[str, int]]()
    for table in ("tcp", "tcp6", "udp", "udp6"):
        path = Path(f"/proc/{pid}/net/{table}")
        rows = path.read_text().splitlines()[1:] if path.exists() else []
        for row in (line.split() for line in rows):
            if row[9] in own and (row[3] == "0A" or table.startswith("udp")):
                address, _, port = row[1].partition(":")
                out.add((address, int(port, 16)))
    return out


@posix
def test_a_browser_is_opened_at_the_address(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}\n')
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", f"{browser} %s")
    with started(page, "open", "tutorial") as own:
        until(lambda: opened.exists() and opened.read_text().endswith("\n"))
        assert opened.read_text().strip() == own.address()[0]
    opened.unlink()
    with started(page, "open", "tutorial", "--no-browser") as own:
        own.served()
        time.sleep(0.6)
        assert not opened.exists()


@posix
def test_an_odd_name_of_a_folder_survives_the_address(page: Path, tmp_path: Path) -> None:
    folder = write_hostile(tmp_path / f"a &to=b#c? {IMAGE}")
    with started(page, "serve", str(folder)) as own:
        found = own.address()
        served = Served(Desk(()), Keys(), int(found[1]))
        into = served.raw("GET", f"/-/in?token={found[2]}&to={found[3]}", [served.host])
        assert unquote(into.header("location")) == f"/c/{folder.name}/forecast"
        assert into.header("location") == f"/c/{quote(folder.name)}/forecast"


# ---- it is not -----------------------------------------------------------------------------------


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the page were built."""
    monkeypatch.setattr(desk, "page_missing", lambda: "")


def refused(*arguments: str) -> tuple[int, str]:
    """The status, and what is said; no address is printed, and nothing listens."""
    found = CliRunner().invoke(main, arguments)
    assert "http://" not in found.output
    assert "Traceback" not in found.output
    return found.exit_code, found.output


@pytest.mark.usefixtures("built")
def test_a_port_that_is_taken_is_said() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen(1)
        port = str(other.getsockname()[1])
        status, words = refused("serve", "tutorial", "--port", port)
    assert status == 2
    assert f"port {port} cannot be had" in words
    assert "without --port a free one is taken" in words


def test_without_a_port_any_that_is_free_will_do() -> None:
    with _listening(None) as first, _listening(None) as second:
        hosts = {s.getsockname()[0] for s in (first, second)}
        assert hosts == {"127.0.0.1"}
        assert first.getsockname()[1] != second.getsockname()[1]


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("port", ["0", "65536", "-1", "x"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    assert refused("serve", "tutorial", "--port", port)[0] == 2


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    ("file", "text", "code"),
    [
        ("crisis.yaml", "crisis: [", "yaml"),
        ("questions.yaml", "questions:\n  q: {asks: count(nothing)}\n", "unknown"),
        ("policies.yaml", "policies: 3\n", "shape"),
        ("assessments/tass.yaml", "assessment: 3\nnothing: 4\n", "unknown"),
    ],
)
def test_a_case_that_cannot_be_shown_is_diagnosed(
    tmp_path: Path, file: str, text: str, code: str
) -> None:
    """Before anything is served, also where another case could be."""
    folder = write_hostile(tmp_path / "case")
    (folder / file).write_text(text, "utf-8")
    status, words = refused("serve", "tutorial", str(folder))
    assert status == 1
    assert re.search(rf"{file}:\d+:\d+: error\[{code}", words)


@pytest.mark.usefixtures("built")
def test_a_case_that_is_not_there_is_said() -> None:
    status, words = refused("serve", "tutoriel")
    assert status == 1
    assert "did you mean 'tutorial'?" in words


@pytest.mark.usefixtures("built")
def test_two_cases_of_one_name_are_refused(tmp_path: Path) -> None:
    """An address names a case by it."""
    folder = write_hostile(tmp_path / "tutorial")
    status, words = refused("serve", "tutorial", str(folder))
    assert status == 2
    assert "two cases are called 'tutorial'" in words
    assert list(Desk(("tutorial", "tutorial")).cases) == ["tutorial"]


def test_without_a_page_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(desk, "page_folder", lambda: tmp_path)
    for command in ("open", "serve"):
        status, words = refused(command, "tutorial")
        assert status == 1
        assert "not built" in words
        assert "pip install" in words
    (tmp_path / "missing.txt").write_text("there was no Node\n", "utf-8")
    assert "there was no Node" in refused("serve", "tutorial")[1]


def test_the_shipped_cases_are_told_by_where_they_lie(tmp_path: Path) -> None:
    """A copy of one may have its name, and is its reader's to change."""
    link = tmp_path / "link"
    link.symlink_to(Path(offramp.__file__).parent / "cases" / "quarantine")
    own = Desk((str(write_hostile(tmp_path / "tutorial")), str(link)))
    assert {name: own.writable(name) for name in own.cases} == {
        "tutorial": True,
        "quarantine": False,
    }
    assert own.shipped == {"quarantine"}


def test_commands_have_no_way_to_listen_elsewhere() -> None:
    for command in (workbench.open_, workbench.serve):
        assert not {"host", "bind", "address"} & {p.name for p in command.params}

"""A server of the workbench for a test: real, on a loopback port, stopped by itself; and requests
to it that are spelt out byte by byte, for no client would send some of them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import offramp
from offramp.engine.blocks import cache, machinery
from offramp.web import addresses
from offramp.web.desk import Desk
from offramp.web.guard import HEADERS, Keys
from offramp.web.serve import server

Header = tuple[str, str]
PAGE = b"<!doctype html><title>a page</title>"
NOT_TOLD = ("Traceback", "site-packages", str(Path(offramp.__file__).parent), str(Path.home()))


@dataclass(frozen=True)
class Answer:
    status: int
    headers: tuple[Header, ...]  # names in small letters
    body: bytes

    def header(self, name: str) -> str:
        """Its value; '' where there is none."""
        return next((value for found, value in self.headers if found == name), "")

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Those of a run."""
        return [json.loads(line) for line in self.body.splitlines()]

    @property
    def guarded(self) -> bool:
        """Whether it has all the headers that every answer has."""
        return all(self.header(name) == value for name, value in HEADERS.items())


@dataclass(frozen=True)
class Served:
    """A server that runs."""

    desk: Desk
    keys: Keys
    port: int

    @property
    def host(self) -> Header:
        return "Host", f"127.0.0.1:{self.port}"

    @property
    def origin(self) -> Header:
        return "Origin", f"http://127.0.0.1:{self.port}"

    @property
    def cookie(self) -> Header:
        return "Cookie", f"offramp-{self.port}={self.keys.session}"

    def ask(self, target: str, *more: Header, method: str = "GET", body: bytes = b"") -> Answer:
        """What our own page would be answered."""
        return self.raw(method, target, [self.host, self.cookie, *more], body)

    def post(self, target: str, value: object) -> Answer:
        """The same for what it sends."""
        content = value if isinstance(value, bytes) else json.dumps(value).encode()
        own = [self.origin, ("Content-Type", "application/json")]
        length = ("Content-Length", str(len(content)))
        return self.ask(target, *own, length, method="POST", body=content)

    def raw(self, method: str, target: str, headers: list[Header], body: bytes = b"") -> Answer:
        """What is answered to exactly these headers."""
        lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers)]
        head = "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1")
        return self.bytes(head + body)

    def bytes(self, content: bytes) -> Answer:
        with self.connected() as s:
            with contextlib.suppress(ConnectionError):  # it may have had enough
                s.sendall(content)
            found = b""
            with contextlib.suppress(ConnectionError):
                while part := s.recv(65536):
                    found += part
        return parsed(found)

    def connected(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def reading(self, target: str) -> socket.socket:
        """The socket of somebody who asked for a run and does not read it yet."""
        s = self.connected()
        lines = [f"GET {target} HTTP/1.1", *(": ".join(h) for h in (self.host, self.cookie))]
        s.sendall("\r\n".join([*lines, "", ""]).encode())
        return s


def parsed(content: bytes) -> Answer:
    head, _, body = content.partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(": ") for line in rest)
    headers = tuple((name.lower(), value) for name, _, value in pairs)
    if ("transfer-encoding", "chunked") in headers:
        body = _unchunked(body)
    return Answer(int(first.split()[1]), headers, body)


def _unchunked(content: bytes) -> bytes:
    out = b""
    while content:
        size, _, content = content.partition(b"\r\n")
        out, content = out + content[: int(size, 16)], content[int(size, 16) + 2 :]
    return out


@contextlib.contextmanager
def serving(*names: str, sources: Path | None = None) -> Iterator[Served]:
    """A server of some cases, with a page of its own that takes no building; `sources`: a folder
    with their documents."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        desk, keys, port = Desk(names, sources), Keys(), listening.getsockname()[1]
        running = server(desk, keys, port)
        thread = threading.Thread(target=lambda: asyncio.run(running.serve([listening])))
        thread.start()
        try:
            until(lambda: running.started)
            yield Served(desk, keys, port)
        finally:
            running.should_exit = True
            thread.join(20)
            assert not thread.is_alive(), "the server does not end"


@contextlib.contextmanager
def page_in(folder: Path) -> Iterator[Path]:
    """A page in the place of the one that is built, and beside it what nobody may read."""
    assets = folder / "static" / "assets"
    assets.mkdir(parents=True)
    (folder / "static" / "index.html").write_bytes(PAGE)
    (folder / "static" / "LICENSES.txt").write_text("licences", "utf-8")
    (assets / "page.js").write_text("run()", "utf-8")
    (folder / "secret.txt").write_text("nobody may read this", "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(addresses, "page_folder", lambda: folder / "static")
        yield folder


@contextlib.contextmanager
def cache_in(folder: Path) -> Iterator[Path]:
    """A cache of its own, empty but for the compiled machine; gives its folder of looks."""
    machinery.machine()
    machine = machinery.cache_folder() / f"machine-{machinery.key()}"
    cache.make(folder / "looks")
    if machine.is_dir():
        (folder / machine.name).symlink_to(machine)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OFFRAMP_CACHE", str(folder))
        yield folder / "looks"


def until(holds: Any, seconds: float = 60.0) -> None:
    """Waits until something holds; fails after so many seconds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.005)

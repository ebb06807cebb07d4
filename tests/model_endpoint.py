"""A model's endpoint on this machine's own address, for tests: it answers what it is told to, keeps
what it was asked, and ends with the test."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Served:
    """`asked`: the paths, heads and bodies of the requests, in order."""

    address: str = ""
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    @property
    def host(self) -> str:
        return self.address.removeprefix("http://").removesuffix("/v1")

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(body) for _, _, body in self.asked]


Answer = Callable[[BaseHTTPRequestHandler, bytes], None]


def plainly(data: bytes, status: int = 200, head: dict[str, str] | None = None) -> Answer:
    """An answer of these bytes."""

    def answer(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        handler.send_response(status)
        for name, value in (head or {}).items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    return answer


def said(content: object) -> Answer:
    """What a chat completion has around a model's words; what is no text is told as JSON."""
    words = content if isinstance(content, str) else json.dumps(content)
    return plainly(json.dumps({"choices": [{"message": {"content": words}}]}).encode())


@contextlib.contextmanager
def serving(answer: Answer) -> Iterator[Served]:
    served = Served()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            served.asked.append((self.path, dict(self.headers), body))
            with contextlib.suppress(OSError):
                answer(self, body)

        do_GET = do_POST

        def log_message(self, *what: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        served.address = f"http://127.0.0.1:{server.server_port}/v1"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield served
        finally:
            server.shutdown()
            thread.join()

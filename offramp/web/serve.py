"""Starts the server on this machine's loopback address, and says where."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import webbrowser
from collections.abc import Callable
from urllib.parse import quote

import uvicorn

from offramp import Mistake
from offramp.web.addresses import app
from offramp.web.desk import Desk
from offramp.web.guard import ENTRY, Keys

PORT = 8417


def serve(
    names: tuple[str, ...],
    port: int | None,
    browser: bool,
    say: Callable[[str], None],
) -> None:
    """Serves some cases until it is interrupted. Raises OfframpError for a case that cannot be
    used or a port that is taken, before anything is served."""
    desk, keys = Desk(names), Keys()
    with _listening(port) as listening:
        own = listening.getsockname()[1]
        to = f"/c/{quote(next(iter(desk.cases)))}/forecast" if len(desk.cases) == 1 else "/"
        address = f"http://127.0.0.1:{own}{ENTRY}?token={keys.token}&to={quote(to)}"
        config = uvicorn.Config(
            app(desk, keys, own), log_level="error", lifespan="off", ws="none", server_header=False
        )
        server = uvicorn.Server(config)
        say(f"{address}\n(this address opens once; ctrl-c ends it)")
        if browser:
            threading.Timer(0.3, webbrowser.open, [address]).start()
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(server.serve(sockets=[listening]))


def _listening(port: int | None) -> socket.socket:
    """A socket of the loopback address: the wanted port; where none is named the usual one, or any
    that is free. Raises Mistake for a wanted one that is taken."""
    tries = [port] if port is not None else [PORT, 0]
    for number in tries:
        s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            s.bind(("127.0.0.1", number))
            s.listen(64)
            return s
        except OSError as error:
            s.close()
            why = error.strerror
    raise Mistake(f"port {port} cannot be had ({why}); without --port a free one is taken", "port")

"""Starts the server on this machine's loopback address, and says where."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import multiprocessing
import os
import socket
import threading
import webbrowser
from collections.abc import Callable
from pathlib import Path
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
    sources: Path | None = None,
) -> None:
    """Serves some cases until it is interrupted; `sources`: the folder with the texts of their
    documents. Raises OfframpError for a case that cannot be used or a port that is taken, before
    anything is served."""
    desk, keys = Desk(names, sources), Keys()
    # What is open stays for long, and a check at every key makes much that does not: with Python's
    # own thresholds the collector took a third of it, going through what stays again and again.
    gc.freeze()
    gc.set_threshold(700, 20, 100)
    with _listening(port) as listening:
        own = listening.getsockname()[1]
        to = f"/c/{quote(next(iter(desk.cases)))}/forecast" if len(desk.cases) == 1 else "/"
        address = f"http://127.0.0.1:{own}{ENTRY}?token={keys.token}&to={quote(to)}"
        say(f"{address}\n(this address opens once; ctrl-c ends it)")
        if browser:
            threading.Timer(0.3, webbrowser.open, [address]).start()
        try:
            with contextlib.suppress(KeyboardInterrupt):
                asyncio.run(server(desk, keys, own).serve(sockets=[listening]))
        finally:  # processes of runs would finish their worlds first
            for child in multiprocessing.active_children():
                child.terminate()


def server(desk: Desk, keys: Keys, port: int) -> uvicorn.Server:
    """The server of a desk, which serves the sockets that it is given."""
    config = uvicorn.Config(
        app(desk, keys, port),
        http="h11",  # whatever else is installed: it is strict, and bounds what a head may be
        ws="none",
        lifespan="off",
        log_level="critical",  # faults are told by the guard, once
        server_header=False,
        proxy_headers=False,  # there is no proxy, and nobody may play one
        timeout_graceful_shutdown=1,  # a run that goes on does not keep ctrl-c waiting
    )
    return uvicorn.Server(config)


def _listening(port: int | None) -> socket.socket:
    """A socket of the loopback address: the wanted port; where none is named the usual one, or any
    that is free. Raises Mistake for a wanted one that is taken."""
    tries = [port] if port is not None else [PORT, 0]
    for number in tries:
        s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if os.name == "posix":  # else a server that has just ended keeps its port for a minute
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind(("127.0.0.1", number))
            s.listen(64)
            return s
        except OSError as error:
            s.close()
            why = error.strerror
    if port is None:
        raise Mistake(f"no port of 127.0.0.1 can be had ({why})")
    raise Mistake(f"port {port} cannot be had ({why}); without --port a free one is taken", "port")

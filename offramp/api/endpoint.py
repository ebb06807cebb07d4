"""A model endpoint that the user names: the one place of Offramp that sends anything to another
machine.

It goes to the host that was named and to no other: no redirect is followed, and no proxy of the
environment is used. It goes encrypted, or stays on this machine. What comes back is bounded in time
and size. No word of an endpoint's own stands in an error, since it may repeat the key.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from offramp.errors import Mistake, Unanswerable
from offramp.version import __version__

MOST_BYTES = 2_000_000  # of a reply
CHAT = "/chat/completions"

_ADDRESS = re.compile(r"[!-~]{1,2000}")
_EXAMPLE = "as in https://api.example.org/v1, or http://127.0.0.1:11434/v1 on this machine"


@dataclass(frozen=True)
class Endpoint:
    """An address that was looked at. `path` is that of its chat completions."""

    secure: bool
    name: str
    port: int | None
    path: str

    @property
    def host(self) -> str:
        """The host, with its port where that is not the usual one."""
        name = f"[{self.name}]" if ":" in self.name else self.name
        return name if self.port is None else f"{name}:{self.port}"


def endpoint(address: str) -> Endpoint:
    """The endpoint at an address. Raises Mistake for any that is not https, or http of this
    machine; and for one with a name, a password or a query in it, where keys are put."""
    if not _ADDRESS.fullmatch(address):
        raise _wrong(f"the address is not one, without spaces: {_EXAMPLE}")
    try:
        parts = urlsplit(address)
        name, port = parts.hostname or "", parts.port
    except ValueError:
        raise _wrong(f"the address has no host and port that can be read: {_EXAMPLE}") from None
    if parts.scheme not in ("http", "https"):
        raise _wrong(f"the address begins neither with https:// nor with http://: {_EXAMPLE}")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise _wrong(
            "the address has a name, a password, a ? or a # in it: give it without, and the key by "
            "the name of an environment variable (--key-from)"
        )
    if not re.fullmatch(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+", name):
        raise _wrong(f"the address names no host: {_EXAMPLE}")
    if parts.scheme == "http" and not _of_this_machine(name):
        raise _wrong(
            f"http:// would send the text to {name} without encryption: only https:// leaves this "
            "machine (or a tunnel to it, as in `ssh -L 11434:localhost:11434 HOST`)"
        )
    path = parts.path.rstrip("/")
    return Endpoint(
        parts.scheme == "https", name, port, path if path.endswith(CHAT) else path + CHAT
    )


def _of_this_machine(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


def key_of(key: str | None) -> str | None:
    """The key as it is sent. Raises Mistake, without the key, for one that is no key."""
    if key is None:
        return None
    bare = key.strip()
    if not re.fullmatch(r"[!-~]+", bare):
        raise Mistake("the key is empty, or has spaces or other than plain characters", "key")
    return bare


def post(to: Endpoint, body: bytes, key: str | None, seconds: float) -> bytes:
    """What an endpoint answers to a JSON text. Raises Unanswerable with a sentence: nobody listens,
    another status than 200, too slow (from the first byte to the last), too large."""
    headers = {
        "Content-Type": "application/json",
        "Accept": "application/json",
        "User-Agent": f"offramp/{__version__}",
    }
    if key is not None:
        headers["Authorization"] = f"Bearer {key}"
    connection: http.client.HTTPConnection
    if to.secure:
        trusted = ssl.create_default_context()
        connection = http.client.HTTPSConnection(to.name, to.port, timeout=seconds, context=trusted)
    else:
        connection = http.client.HTTPConnection(to.name, to.port, timeout=seconds)
    ends = time.monotonic() + seconds
    late = f"{to.host} did not answer within {seconds:g} seconds: --timeout gives it more"
    try:
        connection.connect()
        with _ended(connection.sock, ends):
            connection.request("POST", to.path, body, headers)
            answer = connection.getresponse()
            data = answer.read(MOST_BYTES + 1) if answer.status == 200 else b""
            if len(data) <= MOST_BYTES and answer.status == 200 and answer.length:
                raise http.client.IncompleteRead(data, answer.length)
    except (OSError, http.client.HTTPException, ValueError) as error:
        why = late if time.monotonic() >= ends else _broken(error, to, late)
        raise Unanswerable(why) from None
    finally:
        connection.close()
    if time.monotonic() >= ends:
        raise Unanswerable(late)
    if answer.status != 200:
        raise Unanswerable(_refused(answer.status, to, key is not None))
    if len(data) > MOST_BYTES:
        raise Unanswerable(
            f"{to.host} answered with more than {MOST_BYTES:,} bytes: that is no list of "
            "quotations, and was not read"
        )
    return data


@contextlib.contextmanager
def _ended(sock: socket.socket, ends: float) -> Iterator[None]:
    """Ends whatever waits for the other side when the time is up, however slowly it goes on."""

    def end() -> None:
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(max(0.0, ends - time.monotonic()), end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()


def _broken(error: Exception, to: Endpoint, late: str) -> str:
    match error:
        case TimeoutError():
            return late
        case ConnectionRefusedError():
            return (
                f"nobody listens at {to.host}: is the model's server running, and the port right?"
            )
        case ssl.SSLCertVerificationError():
            return f"{to.host} has no certificate that this machine trusts: nothing was sent"
        case socket.gaierror() | UnicodeError():
            return f"no host is known by the name {to.name}"
        case http.client.IncompleteRead() | http.client.RemoteDisconnected():
            return f"{to.host} ended the connection before it had answered: try again"
        case http.client.HTTPException() | ssl.SSLError():
            return f"what {to.host} speaks is not {'HTTPS' if to.secure else 'HTTP'}"
        case OSError():
            return f"the connection to {to.host} broke: {error.strerror or type(error).__name__}"
    return f"{to.host} could not be asked ({type(error).__name__})"


def _refused(status: int, to: Endpoint, with_key: bool) -> str:
    said = f"{to.host} answered {status}"
    match status:
        case 401 | 403 if with_key:
            return f"{said}: it does not take this key, or not for this model"
        case 401 | 403:
            return (
                f"{said}: it wants a key: put it into an environment variable, and name that one "
                "with --key-from"
            )
        case 404:
            return (
                f"{said}: it has no such model, or nothing at {to.path}; the address often ends "
                "in /v1"
            )
        case 429:
            return f"{said}: too many requests, or nothing left to spend; try again later"
        case 400 | 413 | 422:
            return f"{said}: it does not take this request; does the model exist, and is it a chat?"
        case _ if 300 <= status < 400:
            return (
                f"{said}: it sends you to another address, which is not followed; if you mean "
                "that one, name it"
            )
        case _ if status >= 500:
            return f"{said}: it failed on its own side; try again later"
    return f"{said}, and no reply"


def _wrong(message: str) -> Mistake:
    return Mistake(message, "endpoint")
